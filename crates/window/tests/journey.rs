//! A need goes from draft to published to a standing match to the inbox, through the pages alone.

#![expect(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "a test may stop")]

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{
        Arc,
        atomic::{AtomicI64, AtomicU64, Ordering},
    },
};

use desks::DESKS;
use grammar::{
    clerk::Desks,
    kinds::{Id, Moment},
    words::Locale,
};
use registry::{Ask, Asker, Chance, Clock, Registry, Settings};
use serde_json::{Value, json};
use tempfile::TempDir;
use window::{
    House, Options, answer,
    visit::{Reply, Visit},
};

struct TestClock(AtomicI64);
impl Clock for TestClock {
    fn now(&self) -> Moment {
        Moment::from_millis(self.0.load(Ordering::Relaxed))
    }
}

struct Numbered(AtomicU64);
impl Chance for Numbered {
    fn bytes(&self) -> [u8; 32] {
        let mut bytes = [0; 32];
        let number = self.0.fetch_add(1, Ordering::Relaxed).to_be_bytes();
        bytes.iter_mut().zip(number).for_each(|(place, byte)| *place = byte);
        bytes
    }
}

#[path = "journey/access.rs"]
mod access;
#[path = "journey/alike.rs"]
mod alike;
#[path = "journey/asked.rs"]
mod asked;
#[path = "journey/bank.rs"]
mod bank;
#[path = "journey/bundles.rs"]
mod bundles;
#[path = "journey/calendars.rs"]
mod calendars;
#[path = "journey/chemicals.rs"]
mod chemicals;
#[path = "journey/drafts.rs"]
mod drafts;
#[path = "journey/elsewhere.rs"]
mod elsewhere;
#[path = "journey/exchange.rs"]
mod exchange;
#[path = "journey/forms.rs"]
mod forms;
#[path = "journey/inbox.rs"]
mod inbox;
#[path = "journey/joint.rs"]
mod joint;
#[path = "journey/judged.rs"]
mod judged;
#[path = "journey/lines.rs"]
mod lines;
#[path = "journey/money.rs"]
mod money;
#[path = "journey/old_books.rs"]
mod old_books;
#[path = "journey/paid_batch.rs"]
mod paid_batch;
#[path = "journey/purchases.rs"]
mod purchases;
#[path = "journey/received.rs"]
mod received;
#[path = "journey/reports.rs"]
mod reports;
#[path = "journey/reserve.rs"]
mod reserve;
#[path = "journey/samples.rs"]
mod samples;
#[path = "journey/sealed.rs"]
mod sealed;
#[path = "journey/settled.rs"]
mod settled;
#[path = "journey/sharing.rs"]
mod sharing;
#[path = "journey/users.rs"]
mod users;
#[path = "journey/visits.rs"]
mod visits;
#[path = "journey/voucher.rs"]
mod voucher;
#[path = "journey/wrong.rs"]
mod wrong;

struct Town {
    house: Arc<House>,
    firm: Id,
    institute: Id,
    clock: Arc<TestClock>,
    _folder: TempDir,
}

const PASSWORD: &str = "a long enough password";

fn founded(registry: &Registry, key: &str, desk: &str, record: Option<Id>, command: Value) -> Id {
    let clerk = DESKS.find(desk).unwrap();
    let verb = clerk.verb(command["verb"].as_str().unwrap()).unwrap();
    let mut fields = command.clone();
    fields.as_object_mut().unwrap().remove("verb");
    let command = verb.read_json(&fields).unwrap();
    let ask = Ask::new(key, Asker::Founder, desk, record, command);
    registry.run(ask).unwrap_or_else(|denied| panic!("{key}: {denied:?}")).record
}

/// A firm in Shanghai with someone who signs for it, an institute with an achievement, and the officers.
fn town() -> Town {
    town_of(&DESKS)
}

/// The same with these desks, of which the region's first ones are some.
fn town_of(desks: &'static Desks) -> Town {
    town_named(desks, "kechuang.example/test", 7)
}

/// The same under another name, by other chance: another house with a log and a key of its own.
fn town_named(desks: &'static Desks, name: &str, chance: u64) -> Town {
    let folder = TempDir::new().unwrap();
    let settings = Settings::new(folder.path(), name);
    let clock = Arc::new(TestClock(AtomicI64::new(1_772_416_800_000)));
    let chance = Arc::new(Numbered(AtomicU64::new(chance)));
    let registry = Registry::open(settings, desks, clock.clone(), chance).unwrap();
    let organisation = |key: &str, zh: &str, kind: &str| {
        founded(
            &registry,
            key,
            "organisation",
            None,
            json!({ "verb": "register", "name": { "zh": zh, "en": key }, "kind": kind, "region": "310115" }),
        )
    };
    let firm = organisation("Sample Firm", "示例企业", "enterprise");
    let institute = organisation("Sample Institute", "示例研究院", "institute");
    let person = |login: &str, zh: &str| {
        let display = json!({ "verb": "register", "name": zh, "region": "310000", "public": true, "display_name": { "zh": zh, "en": login } });
        let id = founded(&registry, &format!("person/{login}"), "person", None, display);
        window::set_password(&registry, login, PASSWORD, id).unwrap().unwrap();
        id
    };
    let belongs = |login: &str, id: Id, to: Id| {
        let claim = json!({ "verb": "claim-affiliation", "organisation": to, "role": "manager", "may_sign": true, "from": "2026-01-01" });
        founded(&registry, &format!("claim/{login}"), "person", Some(id), claim);
        founded(
            &registry,
            &format!("confirm/{login}"),
            "person",
            Some(id),
            json!({ "verb": "confirm-affiliation", "organisation": to }),
        );
    };
    let office = |login: &str, id: Id, office: &str, region: &str| {
        let appoint = json!({ "verb": "appoint", "holder": id, "office": office, "region": region, "from": "2026-03-02", "document": "test 1" });
        founded(&registry, &format!("office/{login}/{office}"), "office", None, appoint);
    };
    belongs("firm", person("firm", "企业人员"), firm);
    belongs("scientist", person("scientist", "科研人员"), institute);
    office("screener", person("screener", "筛选人员"), "screening", "310000");
    office("joint", person("joint", "联合办公室人员"), "joint-office", "000000");
    office("noticer", person("noticer", "公示人员"), "notice-office", "310000");
    let options = Options {
        public_url: "http://127.0.0.1:1".into(),
        upload_max: 64 << 20,
        sign_in: Default::default(),
    };
    Town { house: House::new(registry, options).unwrap(), firm, institute, clock, _folder: folder }
}

/// One visitor with a browser.
struct Browser<'a> {
    town: &'a Town,
    cookies: BTreeMap<String, String>,
    language: &'static str,
}

impl Browser<'_> {
    fn visit(&self, path: &str) -> Visit {
        let (path, query) = path.split_once('?').unwrap_or((path, ""));
        let pairs = query.split('&').filter_map(|pair| pair.split_once('='));
        Visit {
            path: path.into(),
            steps: path.split('/').filter(|step| !step.is_empty()).map(str::to_owned).collect(),
            query: pairs.map(|(name, value)| (name.to_owned(), value.to_owned())).collect(),
            cookies: self.cookies.clone(),
            headers: BTreeMap::from([("accept-language".to_owned(), self.language.to_owned())]),
            from: "127.0.0.1".into(),
            ..Visit::default()
        }
    }

    fn get(&self, path: &str) -> (u16, String) {
        let reply = answer(&self.town.house, &self.visit(path));
        (reply.status, String::from_utf8(reply.body).unwrap())
    }

    /// Opens a page, fills its form and sends it, as a browser does.
    fn send(&self, page: &str, action: &str, typed: &[(&str, &str)]) -> Reply {
        let (_, html) = self.get(page);
        let mut form: BTreeMap<String, String> = BTreeMap::new();
        for name in ["csrf", "key", "seen", "drafted"] {
            let value = html
                .split(&format!("name=\"{name}\" value=\""))
                .nth(1)
                .and_then(|rest| rest.split('"').next());
            form.extend(value.map(|value| (name.to_owned(), value.to_owned())));
        }
        form.extend(typed.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())));
        answer(&self.town.house, &Visit { is_post: true, form, ..self.visit(action) })
    }
}

fn location(reply: &Reply) -> String {
    let found = reply.headers.iter().find(|(name, _)| *name == "location").map(|(_, to)| to.clone());
    found.unwrap_or_else(|| panic!("{} {}", reply.status, text_of(&String::from_utf8_lossy(&reply.body))))
}

fn sign_in<'a>(town: &'a Town, login: &str, language: &'static str) -> Browser<'a> {
    let mut browser = Browser { town, cookies: BTreeMap::new(), language };
    let reply = browser.send("/sign-in", "/sign-in", &[("login", login), ("password", PASSWORD)]);
    let cookie = reply.headers.iter().find(|(name, _)| *name == "set-cookie").unwrap();
    let (name, value) = cookie.1.split(';').next().unwrap().split_once('=').unwrap();
    browser.cookies.insert(name.into(), value.into());
    browser
}

/// The words of a page, without tags.
fn text_of(html: &str) -> String {
    let main = html.split("<main").nth(1).unwrap_or(html);
    main.split('<')
        .filter_map(|piece| piece.split_once('>'))
        .map(|(_, text)| text.trim())
        .filter(|text| !text.is_empty())
        .collect::<Vec<_>>()
        .join(" ")
}

const NEED: &[(&str, &str)] = &[
    ("title.zh", "28 纳米浸没式光刻胶国产化"),
    ("title.en", "Domestic photoresist for 28 nm immersion lithography"),
    ("field", "integrated-circuits"),
    ("summary.zh", "需要可用于 28 纳米制程的光刻胶及其检测方法。"),
    ("summary.en", "Photoresist for the 28 nm node, with test methods."),
    ("detail", "机密参数 XQ-77"),
    ("indicators.1.name", "分辨率"),
    ("indicators.1.unit", "nm"),
    ("indicators.1.threshold", "≤ 28"),
    ("indicators.1.test_method", "扫描电镜"),
    ("deadline_months", "24"),
    ("budget", "500万"),
    ("own_funds", "300万"),
    ("co_funding", "yes"),
    ("ip_ownership", "jointly"),
    ("cross_region", "长三角多地分工研发与验证"),
    ("no_secrets", "yes"),
];

#[test]
fn a_need_goes_from_draft_to_published_to_a_match_in_the_inbox() {
    let town = town();
    let firm = sign_in(&town, "firm", "zh-CN");
    let owner = town.firm.to_string();
    let mut typed = NEED.to_vec();
    typed.push(("owner", &owner));
    let draft = location(&firm.send("/need/new/draft", "/need/new/draft", &typed));
    let need = draft.split('?').next().unwrap().to_owned();
    let public = Browser { town: &town, cookies: BTreeMap::new(), language: "en" };
    assert_eq!(public.get(&need).0, 404, "nobody else knows of a draft");

    location(&firm.send(&need, &format!("{need}/submit"), &[]));
    let screener = sign_in(&town, "screener", "en");
    let step = |who: &Browser, verb: &str, typed: &[(&str, &str)]| {
        let action = format!("{need}/{verb}");
        location(&who.send(&action, &action, typed));
    };
    step(&screener, "screen", &[("remark", "fits the guide")]);
    let joint = sign_in(&town, "joint", "zh-CN");
    let condensed = [
        "title.zh",
        "title.en",
        "summary.zh",
        "summary.en",
        "indicators.1.name",
        "indicators.1.unit",
        "indicators.1.threshold",
        "indicators.1.test_method",
    ];
    let mut wording: Vec<(&str, &str)> =
        NEED.iter().filter(|(name, _)| condensed.contains(name)).copied().collect();
    wording.push(("reason", "共同凝练"));
    step(&joint, "condense", &wording);
    step(&joint, "confirm", &[("remark", "专家确认")]);
    location(&joint.send(&need, &format!("{need}/publish"), &[]));

    let (status, page) = public.get(&need);
    assert_eq!(status, 200);
    assert!(
        page.contains("Domestic photoresist") && !page.contains("XQ-77"),
        "the abstract is public, the detail is not"
    );
    assert!(firm.get(&need).1.contains("XQ-77"));

    an_offer_meets_it(&town, &firm, &public);
}

/// An institute publishes what the need asks for: its owner hears of it, everyone finds it, and a stranger
/// checks the receipt.
fn an_offer_meets_it(town: &Town, firm: &Browser, public: &Browser) {
    let scientist = sign_in(town, "scientist", "zh-CN");
    assert!(!scientist.get("/inbox").1.contains("28 纳米浸没式光刻胶国产化"));
    let institute = scientist
        .get("/account")
        .1
        .split("/organisation/")
        .nth(1)
        .unwrap()
        .split('"')
        .next()
        .unwrap()
        .to_owned();
    let achievement: &[(&str, &str)] = &[
        ("title.zh", "浸没式光刻胶树脂合成与检测方法"),
        ("title.en", "Synthesis and testing of immersion photoresist resin"),
        ("kind", "patent-technology"),
        ("field", "integrated-circuits"),
        ("trl", "6"),
        ("owner", &institute),
        ("summary.zh", "用于 28 纳米制程的光刻胶树脂，已完成中试。"),
        ("summary.en", "Photoresist resin for 28 nm, piloted."),
        ("modes.1", "licence"),
        ("no_secrets", "yes"),
    ];
    let made = scientist.send("/achievement/new/draft", "/achievement/new/draft", achievement);
    let offer = location(&made).split('?').next().unwrap().to_owned();
    location(&scientist.send(&offer, &format!("{offer}/publish"), &[]));

    assert!(
        firm.get("/inbox").1.contains("浸没式光刻胶树脂合成与检测方法"),
        "the new offer reaches the need's owner"
    );
    let found = public.get("/find?q=photoresist").1;
    assert!(found.contains("Synthesis and testing of immersion photoresist resin"));
    let (status, receipt) = public.get(&format!("/proof/{}/receipt.json", town.house.registry.size() - 1));
    assert_eq!(status, 200);
    let receipt = chain::receipt::parse(&receipt).unwrap();
    chain::receipt::verify(&receipt, &[town.house.registry.log_key().parse().unwrap()]).unwrap();
}

#[test]
fn a_file_is_kept_with_its_record_and_given_to_whoever_may_see_it() {
    let town = town();
    let officer = sign_in(&town, "noticer", "en");
    let about = town.firm.to_string();
    let typed: &[(&str, &str)] = &[
        ("about", &about),
        ("region", "310000"),
        ("title.en", "Notice of a provider"),
        ("text.en", "The firm is to be listed."),
        ("contact.en", "notice office"),
        ("basis", "article 8"),
        ("days", "5"),
        ("unit", "working-days"),
    ];
    let page = "/notice/new/publish";
    let nowhere = format!("{:064x}:minutes.pdf", 7);
    let unknown = [typed, &[("attachments.1", nowhere.as_str())]].concat();
    let refused = officer.send(page, page, &unknown);
    assert_eq!(refused.status, 400);
    assert!(String::from_utf8(refused.body).unwrap().contains("This file is not there"));

    let mut form: BTreeMap<String, String> =
        typed.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
    let html = officer.get(page).1;
    let csrf = html.split("name=\"csrf\" value=\"").nth(1).and_then(|rest| rest.split('"').next()).unwrap();
    form.insert("csrf".into(), csrf.to_owned());
    let uploads = BTreeMap::from([(
        "attachments.1".to_owned(),
        ("minutes.pdf".to_owned(), b"%PDF-1.7 minutes".to_vec()),
    )]);
    let sent = Visit { is_post: true, form, uploads, ..officer.visit(page) };
    let notice = location(&answer(&town.house, &sent)).split('?').next().unwrap().to_owned();
    let public = Browser { town: &town, cookies: BTreeMap::new(), language: "en" };
    let seen = public.get(&notice).1;
    let link = seen.split("href=\"").find(|rest| rest.starts_with(&format!("{notice}/file/"))).unwrap();
    let link = link.split('"').next().unwrap().to_owned();
    assert_eq!(public.get(&link), (200, "%PDF-1.7 minutes".to_owned()));
    assert_eq!(public.get(&link.replace(&notice, &format!("/organisation/{}", town.firm))).0, 404);
}

#[test]
fn a_search_is_followed_until_it_is_not() {
    let town = town();
    let firm = sign_in(&town, "firm", "en");
    let page = "/find?q=institute";
    assert!(firm.get("/inbox").1.contains("Follow a search on the find page"));
    location(&firm.send(page, "/follow", &[("words", "institute")]));
    let inbox = firm.get("/inbox").1;
    assert!(inbox.contains("/find?q=institute") && inbox.contains("nothing new"));
    location(&firm.send(page, "/unfollow", &[("words", "institute")]));
    assert!(!firm.get("/inbox").1.contains("/find?q=institute"));
    let public = Browser { town: &town, cookies: BTreeMap::new(), language: "en" };
    assert_eq!(public.send(page, "/follow", &[("words", "institute")]).status, 401);
}

#[test]
fn what_cannot_be_read_comes_back_beside_its_field_with_what_was_typed() {
    let town = town();
    let firm = sign_in(&town, "firm", "zh-CN");
    let reply = firm.send(
        "/need/new/draft",
        "/need/new/draft",
        &[("title.zh", "保留的文字"), ("budget", "很多钱"), ("deadline_months", "900")],
    );
    let page = String::from_utf8(reply.body).unwrap();
    assert_eq!(reply.status, 400);
    assert!(page.contains("保留的文字") && page.contains("很多钱"));
    assert!(page.contains("请填写金额") && page.contains("1 到 120"));
    let forged = answer(
        &town.house,
        &Visit {
            is_post: true,
            form: BTreeMap::from([("csrf".into(), "x".into())]),
            ..firm.visit("/need/new/draft")
        },
    );
    assert_eq!(forged.status, 403);
}

#[test]
fn every_page_speaks_the_readers_language_and_shows_no_raw_code() {
    let town = town();
    let raw = raw_words();
    for (language, other) in [("zh-CN", "Sign in"), ("en", "登录")] {
        let guest = sign_in(&town, "firm", language);
        let mut paths: Vec<String> = [
            "/",
            "/find",
            "/find?q=示例",
            "/inbox",
            "/rulebook",
            "/desks",
            "/proof",
            "/account",
            "/api",
            "/sign-in",
            "/sign-up",
        ]
        .map(str::to_owned)
        .into();
        for clerk in DESKS.iter() {
            paths.push(format!("/{}", clerk.name()));
            paths.extend(clerk.opens().iter().flat_map(|verb| {
                [format!("/{}/new/{verb}", clerk.name()), format!("/{}/import/{verb}", clerk.name())]
            }));
        }
        paths.push(format!("/organisation/{}", town.firm));
        for path in paths {
            let (status, page) = guest.get(&path);
            assert_eq!(status, 200, "{path}");
            let text = text_of(&page);
            assert!(!text.contains(other), "{path} in {language} says {other}");
            let bare = |word: &str| word.trim_matches(|c: char| !c.is_ascii_alphanumeric()).to_owned();
            let shown = without_code(&page);
            if let Some(word) = text_of(&shown).split_whitespace().map(bare).find(|word| raw.contains(word)) {
                panic!("{path} in {language} shows `{word}`\n{text}");
            }
        }
    }
}

/// The page without what it shows as code on purpose.
fn without_code(page: &str) -> String {
    let mut pieces = page.split("<code");
    let first = pieces.next().unwrap_or("").to_owned();
    first + &pieces.filter_map(|piece| piece.split_once("</code>")).map(|(_, rest)| rest).collect::<String>()
}

/// Keys that were never worded: those of every desk that are no words of any sentence themselves.
fn raw_words() -> BTreeSet<String> {
    let mut keys = BTreeSet::new();
    let mut sentences = String::new();
    for words in DESKS.iter().flat_map(|clerk| [clerk.words(Locale::Zh), clerk.words(Locale::En)]) {
        for (section, key) in words.keys() {
            keys.insert(key.to_owned());
            sentences.push_str(words.get(section, key));
        }
    }
    keys.retain(|key| key.contains(['-', '_']) && !sentences.contains(key.as_str()));
    assert!(keys.len() > 100);
    keys
}
