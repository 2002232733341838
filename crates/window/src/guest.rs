//! Guest: a visitor with language, eyes and, when signed in, a name. Pages are made for a guest.

use grammar::{
    clerk::Clerk,
    kinds::{Day, Id, Moment, Money, Region},
    rules::{Confidence, Version},
    words::{Locale, Words},
};
use maud::{Markup, html};
use registry::{Ask, Asker, Broken, Look};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use crate::{
    House,
    parts::{self, Account, DemoStrip, Link, NavLink, Press, Search, Shell, Switch, Tone},
    rooms,
    session::{self, Session},
    visit::{Reply, Visit, escape},
};

/// The languages' own names, shown in their own language.
const LANGUAGES: [(Locale, &str, &str); 2] = [(Locale::Zh, "中文", "zh-CN"), (Locale::En, "English", "en")];

/// Where the menu leads, for everyone.
const NAV: &str = "find need funnel achievement laboratory instrument free round organisation notice";
/// The source of rules that are nobody's law.
const OWN_POLICY: &str = "本平台约定";

pub struct Guest<'a> {
    pub house: &'a House,
    pub visit: &'a Visit,
    pub locale: Locale,
    pub session: Option<Session>,
    /// Whom this guest acts for; then `look` shows what both may see.
    pub acting_for: Option<Id>,
    pub look: Look<'a>,
    words: &'a Words,
}

impl<'a> Guest<'a> {
    /// # Errors
    /// When the store cannot be read.
    pub fn of(house: &'a House, visit: &'a Visit) -> Result<Self, Broken> {
        let mut session = session::of(house, visit)?;
        let mut look = house.registry.look(session.as_ref().map(|session| session.person))?;
        // Whoever is erased or may no longer sign in is nobody from this moment on.
        if let Some(gone) = session.take_if(|_| look.viewer.person.is_none()) {
            session::end_everything(house, gone.person)?;
            look = house.registry.look(None)?;
        }
        let acting_for = session.as_ref().and_then(|_| rooms::asked_to_act_for(visit));
        if let (Some(session), Some(other)) = (&session, acting_for) {
            look = house.registry.look_for(session.person, other)?;
        }
        let locale = locale(visit);
        Ok(Self { house, visit, locale, session, acting_for, look, words: house.words(locale) })
    }

    /// A word of the pages.
    #[must_use]
    pub fn word(&self, key: &'a str) -> &'a str {
        self.words.get("page", key)
    }

    /// A sentence of the pages with its placeholders filled.
    #[must_use]
    pub fn say(&self, key: &str, facts: &Value) -> String {
        self.words.sentence("page", key, facts, &|id| self.name(id))
    }

    /// A word of another section of the pages' words, if there is one.
    #[must_use]
    pub fn find(&self, section: &str, key: &str) -> Option<&'a str> {
        self.words.find(section, key)
    }

    #[must_use]
    pub fn pick<'t>(&self, zh: &'t str, en: &'t str) -> &'t str {
        self.locale.pick(zh, en)
    }

    #[must_use]
    pub fn lang(&self) -> &'static str {
        if self.locale == Locale::Zh { "zh-CN" } else { "en" }
    }

    /// The title of a record; a general word when the guest may not know it.
    #[must_use]
    pub fn name(&self, id: Id) -> String {
        match self.look.title(id) {
            Some((_, zh, en)) => self.pick(&zh, &en).to_owned(),
            None => self.word("someone").to_owned(),
        }
    }

    /// A link to a record with its title, or the general word.
    #[must_use]
    pub fn link(&self, id: Id) -> Markup {
        match self.look.title(id) {
            Some((desk, zh, en)) => html! { a href={ "/" (desk) "/" (id) } { (self.pick(&zh, &en)) } },
            None => html! { span.soft { (self.word("someone")) } },
        }
    }

    #[must_use]
    pub fn desk(&self, name: &str) -> Option<&'static dyn Clerk> {
        self.house.registry.desks().find(name)
    }

    /// A word of a desk, with the shared words behind it.
    #[must_use]
    pub fn desk_word(&self, desk: &str, section: &str, key: &str) -> String {
        match self.desk(desk) {
            Some(clerk) if key == "many" => clerk.words(self.locale).headed(section, key),
            Some(clerk) => clerk.words(self.locale).get(section, key).to_owned(),
            None => key.to_owned(),
        }
    }

    #[must_use]
    pub fn money(&self, money: Money) -> String {
        self.words.money(money)
    }

    #[must_use]
    pub fn day(&self, day: Day) -> String {
        self.words.day(day)
    }

    #[must_use]
    pub fn moment(&self, moment: Moment) -> String {
        self.words.moment(moment)
    }

    #[must_use]
    pub fn region(&self, region: Region) -> String {
        let own = self.pick(region.zh(), region.en());
        let province = region.province();
        if province == region || region.number() == 0 {
            return own.to_owned();
        }
        let (zh, en) = (format!("{}{own}", province.zh()), format!("{own}, {}", province.en()));
        self.pick(&zh, &en).to_owned()
    }

    /// Who asks when this guest asks.
    #[must_use]
    pub fn asker(&self) -> Asker {
        self.session.as_ref().map_or(Asker::Public, |session| Asker::Person(session.person))
    }

    /// An ask of this guest, made once for a press of a button.
    #[must_use]
    pub fn ask(&self, key: &str, desk: &str, record: Option<Id>, command: Value) -> Ask {
        let who = self.session.as_ref().map_or("public".to_owned(), |session| session.person.to_string());
        let other = self.acting_for.map_or(String::new(), |other| format!(" {other}"));
        let key = Sha256::digest(format!("{key}{other}"));
        let key: String = key.iter().take(20).map(|byte| format!("{byte:02x}")).collect();
        let ask = Ask::new(format!("web/{who}/{key}"), self.asker(), desk, record, command);
        Ask { acting_for: self.acting_for, ..ask }
    }

    /// What every form carries: the token against forgery and the key of this press.
    #[must_use]
    pub fn hidden(&self) -> Vec<(String, String)> {
        let key = chain_hex(self.house.registry.chance().bytes());
        let token = self.session.as_ref().map_or(String::new(), |session| session.token.clone());
        vec![("csrf".into(), token), ("key".into(), key)]
    }

    /// Whether a POST comes from one of our own forms.
    #[must_use]
    pub fn is_own_form(&self) -> bool {
        let site = self.visit.header("sec-fetch-site");
        let origin = self.visit.header("origin");
        let host = self.visit.header("host");
        let same_site = site.is_empty() || site == "same-origin" || site == "none";
        let same_origin = origin.is_empty() || origin.split_once("://").is_some_and(|(_, at)| at == host);
        let token = self.session.as_ref().is_none_or(|session| session.token == self.visit.typed("csrf"));
        same_site && same_origin && token
    }

    #[must_use]
    pub fn status_badge(&self, desk: &str, status: &str) -> Markup {
        let tone = match status {
            "published" | "soliciting" | "in-force" | "adopted" | "open" | "active" | "listed" | "normal"
            | "confirmed" | "issued" | "matched" | "completing" | "invited" | "inside" => Tone::Good,
            "objected" | "returned" | "suspended" | "repair" | "pending" | "proposed" => Tone::Warn,
            "withdrawn" | "expired" | "closed" | "scrapped" | "delisted" | "erased" | "declined" => Tone::Bad,
            _ => Tone::Info,
        };
        parts::badge(tone, &self.desk_word(desk, "status", status))
    }

    #[must_use]
    pub fn demo_badge(&self) -> Markup {
        parts::demo_badge(self.word("demo"), self.word("demo-explains"))
    }

    /// A rule as it is shown where it matters.
    #[must_use]
    pub fn article(&self, id: &str) -> Option<parts::Article> {
        let rules = self.house.registry.rules();
        let version = rules.versions(id).last()?.clone();
        Some(parts::Article {
            summary: self.say("rule-named", &json!({ "id": id })),
            text: self.pick(&version.zh, &version.en).to_owned(),
            source: self.rule_source(&version),
            confidence: self.confidence(&version),
            link: Some(Link::new(format!("/rulebook#{id}"), self.word("to-rulebook"))),
        })
    }

    #[must_use]
    pub fn rule_source(&self, version: &Version) -> String {
        let from = self.say("in-force-from", &json!({ "from": version.from }));
        let article =
            if version.article.is_empty() { String::new() } else { format!(" {}", version.article) };
        format!("{}{article}{}{from}", self.source(&version.source), self.pick("；", "; "))
    }

    /// A source as it is cited: official titles stay in Chinese, what is the platform's own is translated.
    #[must_use]
    pub fn source<'t>(&'t self, source: &'t str) -> &'t str {
        match source.strip_prefix(OWN_POLICY) {
            Some("") => self.word("own-policy"),
            _ => source,
        }
    }

    #[must_use]
    pub fn confidence(&self, version: &Version) -> Markup {
        let (tone, key) = match version.confidence {
            Confidence::Found => (Tone::Good, "confidence-found"),
            Confidence::Memory => (Tone::Info, "confidence-memory"),
            Confidence::MemoryLow => (Tone::Warn, "confidence-memory-low"),
            Confidence::Design => (Tone::Plain, "confidence-design"),
        };
        parts::badge(tone, self.word(key))
    }

    /// The page around `main`.
    #[must_use]
    pub fn page(&self, title: &str, crumbs: Vec<Link>, main: Markup) -> Reply {
        self.page_with(200, title, crumbs, main)
    }

    #[must_use]
    pub fn page_with(&self, status: u16, title: &str, crumbs: Vec<Link>, main: Markup) -> Reply {
        let has_own_search = self.visit.path == "/" || self.visit.path == "/find";
        let search = (!has_own_search).then(|| self.search(""));
        Reply::page(
            status,
            parts::shell(&Shell {
                lang: self.lang().into(),
                title: title.into(),
                description: self.word("tagline").into(),
                product: self.word("product").into(),
                tagline: self.word("tagline").into(),
                style: concat!("/style.css?v=", env!("CARGO_PKG_VERSION")).into(),
                script: concat!("/script.js?v=", env!("CARGO_PKG_VERSION")).into(),
                icon: "/favicon.svg".into(),
                theme: self.choice("theme", &["light", "dark"]),
                text: self.choice("text", &["large"]),
                skip: self.word("skip").into(),
                menu: self.word("menu").into(),
                nav_label: self.word("nav").into(),
                nav: self.nav(),
                account: self.account(),
                switches_label: self.word("switches").into(),
                switches: self.switches(),
                demo: self.house.registry.settings().is_demo.then(|| DemoStrip {
                    badge: self.word("demo").into(),
                    text: self.word("demo-strip").into(),
                    link: Some(Link::new("/demo", self.word("demo-become"))),
                }),
                search,
                crumbs_label: self.word("crumbs").into(),
                crumbs,
                main: html! { (rooms::acting_strip(self)) (main) },
                footer: vec![html! { (self.word("footer")) }],
                footer_links: ["proof", "rulebook", "desks", "api"]
                    .map(|key| Link::new(format!("/{key}"), self.word(key)))
                    .into(),
            }),
        )
    }

    /// The search box, with what was asked in it.
    #[must_use]
    pub fn search(&self, value: &str) -> Search {
        Search {
            action: "/find".into(),
            name: "q".into(),
            value: value.into(),
            label: self.word("find-label").into(),
            placeholder: self.word("find-placeholder").into(),
            button: self.word("find-button").into(),
            hidden: vec![],
            id: "search".into(),
        }
    }

    fn choice(&self, name: &str, known: &[&str]) -> String {
        let chosen = self.visit.cookies.get(name).map_or("", String::as_str);
        known.iter().find(|word| **word == chosen).copied().unwrap_or("").to_owned()
    }

    fn nav(&self) -> Vec<NavLink> {
        let waiting = if self.session.is_some() { crate::rooms::waiting_count(self) } else { 0 };
        let mut links: Vec<&str> = NAV.split(' ').collect();
        links.extend(self.session.as_ref().map(|_| "inbox"));
        let link = |key: &&'a str| NavLink {
            href: format!("/{key}"),
            label: self.words.find("nav", key).unwrap_or(key).to_owned(),
            current: self.visit.steps.first().map(String::as_str) == Some(key),
            count: if *key == "inbox" { waiting } else { 0 },
        };
        links.iter().map(link).collect()
    }

    fn account(&self) -> Account {
        match &self.session {
            None => Account::Out(Link::new(
                format!("/sign-in?back={}", escape(&self.visit.path)),
                self.word("sign-in"),
            )),
            Some(session) => {
                let organisation =
                    self.look.viewer.organisations.first().map_or(String::new(), |id| self.name(*id));
                let acting = match self.acting_for {
                    Some(other) => {
                        self.say("acting-for-person", &json!({ "name": rooms::person_name(self, other) }))
                    }
                    None => organisation,
                };
                let press = Press {
                    action: "/sign-out".into(),
                    hidden: self.hidden(),
                    label: self.word("sign-out").into(),
                };
                Account::In {
                    me: Link::new("/account", rooms::person_name(self, session.person)),
                    acting_for: acting,
                    sign_out: press,
                }
            }
        }
    }

    fn switches(&self) -> Vec<Switch> {
        let here = escape(&crate::visit::address(&self.visit.path, &self.visit.query));
        let mut switches: Vec<Switch> = LANGUAGES
            .iter()
            .filter(|(locale, ..)| *locale != self.locale)
            .map(|(locale, label, lang)| Switch {
                href: format!("/look?lang={}&back={here}", locale.code()),
                label: (*label).into(),
                lang: (*lang).into(),
            })
            .collect();
        let theme = if self.choice("theme", &["dark"]).is_empty() {
            ("dark", "theme-dark")
        } else {
            ("light", "theme-light")
        };
        let text = if self.choice("text", &["large"]).is_empty() {
            ("large", "text-large")
        } else {
            ("normal", "text-normal")
        };
        for (name, (value, key)) in [("theme", theme), ("text", text)] {
            switches.push(Switch {
                href: format!("/look?{name}={value}&back={here}"),
                label: self.word(key).into(),
                lang: String::new(),
            });
        }
        switches
    }
}

pub(crate) fn chain_hex(bytes: [u8; 32]) -> String {
    bytes.iter().take(16).map(|byte| format!("{byte:02x}")).collect()
}

/// The reader's choice, else the first language the browser asks for that we have, else Chinese.
fn locale(visit: &Visit) -> Locale {
    let chosen = visit.query.get("lang").or(visit.cookies.get("lang")).map(String::as_str);
    let asked = visit.header("accept-language").split(',').filter_map(|one| one.split([';', '-']).next());
    let all = chosen.into_iter().chain(asked).map(str::trim);
    all.filter_map(|code| match code {
        "zh" => Some(Locale::Zh),
        "en" => Some(Locale::En),
        _ => None,
    })
    .next()
    .unwrap_or_default()
}
