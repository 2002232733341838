//! Check: whether someone may apply, before anything is written. Nothing of what is typed here is kept: it stands in
//! the address, and the same pure function judges it that judges an application when it is handed in.

use desks::{
    application::Counts,
    call::eligible::{Condition, Degree, Finding, Looks, Met, Profile, Title, eligible},
};
use grammar::kinds::Id;
use maud::{Markup, html};
use serde_json::json;

use super::Room;
use crate::{
    denied::Trouble,
    parts::{self, Icon, Tone},
};

const TITLES: [&str; 5] = ["none", "junior", "middle", "associate-senior", "senior"];
const DEGREES: [&str; 4] = ["below", "bachelor", "master", "doctor"];
/// Questions to answer with yes or no, and the conditions that look at them.
const SAID: [(&str, Looks); 6] = [
    ("foreign", Looks::ForeignInvested),
    ("rights", Looks::RightsInTheCity),
    ("export", Looks::ExportChecked),
    ("data", Looks::DataChecked),
    ("genetic", Looks::GeneticResourcesChecked),
    ("ethics", Looks::EthicsReviewed),
];

impl Room<'_> {
    fn asked(&self, name: &str) -> Option<&str> {
        self.guest.visit.asked(name)
    }

    fn number(&self, name: &str) -> Option<i64> {
        self.asked(name).and_then(|text| text.parse().ok()).filter(|number| (0..=1000).contains(number))
    }

    fn said(&self, name: &str) -> Option<bool> {
        self.asked(name).map(|text| text == "yes")
    }

    /// The organisation for which the guest would apply: the chosen one of their own, else the first.
    fn unit(&self) -> Option<Id> {
        let own = &self.guest.look.viewer.organisations;
        let chosen = self.asked("unit").and_then(|id| id.parse::<Id>().ok());
        chosen.filter(|id| own.contains(id)).or(own.first().copied())
    }

    /// What is known: from the address, and from the guest's own records.
    fn profile(&self) -> Result<Profile, Trouble> {
        let guest = self.guest;
        let typed = |name: &str| serde_json::Value::from(self.asked(name).unwrap_or_default());
        let mut profile = Profile {
            age: self.number("age"),
            is_woman: self.said("woman"),
            title: serde_json::from_value::<Title>(typed("title")).ok(),
            degree: serde_json::from_value::<Degree>(typed("degree")).ok(),
            recommenders: self.number("recommenders").unwrap_or(0),
            months_a_year: self.number("months"),
            own_percent: self.number("own_percent"),
            foreign_invested: self.said("foreign"),
            rights_in_the_city: self.said("rights"),
            export_checked: self.said("export"),
            data_checked: self.said("data"),
            genetic_checked: self.said("genetic"),
            ethics_reviewed: self.said("ethics"),
            ..Profile::default()
        };
        if let Some(region) = self.asked("partner").and_then(|code| code.parse().ok()) {
            profile.partner_regions.push(region);
        }
        let unit = self.unit();
        if let Some(listed) = guest.look.cards(&unit.into_iter().collect::<Vec<_>>())?.first() {
            let card = &listed.card;
            profile.unit_region = Some(card.scope());
            profile.unit_kind = card.read("kind");
            let established: Option<i64> = card.read("established");
            profile.unit_years = established.map(|year| i64::from(self.guide.closes.day().year()) - year);
            let co_funds = self.record.card.holders("co-funder").any(|id| id == listed.id);
            profile.co_funder_affiliate = co_funds.then_some(true);
        }
        if let Some(me) = guest.session.as_ref().map(|session| session.person) {
            let counts = guest.look.cards(&[me])?;
            let today = guest.house.registry.now().day();
            let counts = counts.first().map(|listed| Counts::of(&listed.card, today)).unwrap_or_default();
            (profile.running, profile.led) = (counts.running, counts.led);
        }
        Ok(profile)
    }

    /// The conditions with what each comes to, and the questions that are still open.
    pub(super) fn eligible(&self) -> Result<Markup, Trouble> {
        let guest = self.guest;
        if self.guide.conditions.is_empty() {
            return Ok(html! { p { (guest.word("call-no-conditions")) } });
        }
        let mut findings = eligible(&self.profile()?, &self.guide.conditions);
        findings.iter_mut().filter(|finding| self.is_unknown(&finding.condition)).for_each(|finding| {
            (finding.met, finding.fact) = (Met::Unknown, None);
        });
        let count = |met: Met| findings.iter().filter(|finding| finding.met == met).count();
        let (missed, open) = (count(Met::No), count(Met::Unknown));
        let (tone, verdict) = match (missed, open) {
            (0, 0) => (Tone::Good, guest.word("call-eligible-yes").to_owned()),
            (0, open) => (Tone::Info, guest.say("call-eligible-open", &json!({ "count": open }))),
            (missed, _) => (Tone::Warn, guest.say("call-eligible-no", &json!({ "count": missed }))),
        };
        let links = vec![];
        Ok(html! {
            div role="status" { (parts::notice(&parts::Notice { tone, title: verdict, body: html! {}, links })) }
            ul.conditions.bare { @for finding in &findings { (self.finding(finding)) } }
            (self.form())
            @if let Some(article) = guest.article("PG-P04") { (parts::article(&article)) }
        })
    }

    /// What is counted from a person or from partners is not known before they are.
    fn is_unknown(&self, condition: &Condition) -> bool {
        match condition.looks {
            Looks::RunningBelow | Looks::NeverLed => self.guest.session.is_none(),
            Looks::PartnerInRegion => self.asked("partner").is_none(),
            _ => false,
        }
    }

    fn finding(&self, finding: &Finding) -> Markup {
        let guest = self.guest;
        let (class, icon, key) = match finding.met {
            Met::Yes => ("yes", Icon::Tick, "call-met"),
            Met::No => ("no", Icon::Cross, "call-missed"),
            Met::Unknown => ("open", Icon::Ring, "call-unknown"),
        };
        let fact = finding.fact.as_deref().map(|fact| self.fact(&finding.condition, fact));
        html! {
            li class=(class) {
                (parts::icon(icon))
                div {
                    b { (self.condition(&finding.condition)) } " "
                    span { (guest.word(key)) @if let Some(fact) = fact { (guest.pick("：", ": ")) (fact) } }
                    @if let Some(basis) = &finding.condition.basis { small { (basis) } }
                }
            }
        }
    }

    fn condition(&self, condition: &Condition) -> String {
        let guest = self.guest;
        let mut text = self.choice(&grammar::desk::plain_word(&condition.looks));
        let mut add = |more: String| {
            text.push(' ');
            text.push_str(&more);
        };
        if let Some(number) = condition.number {
            add(number.get().to_string())
        }
        if let Some(number) = condition.number_for_women {
            add(guest.say("call-for-women", &json!({ "number": number.get() })));
        }
        if let Some(region) = condition.region {
            add(guest.region(region))
        }
        if let Some(kind) = condition.unit_kind {
            add(self.choice(&grammar::desk::plain_word(&kind)))
        }
        text
    }

    fn fact(&self, condition: &Condition, fact: &str) -> String {
        let guest = self.guest;
        match condition.looks {
            Looks::UnitInRegion => {
                fact.parse().map_or_else(|_| fact.to_owned(), |region| guest.region(region))
            }
            Looks::UnitOfKind => self.choice(fact),
            _ => match fact {
                "yes" | "no" => guest.word(if fact == "yes" { "yes" } else { "no" }).to_owned(),
                word if DEGREES.contains(&word) => guest.desk_word("application", "choice", word),
                other => other.to_owned(),
            },
        }
    }

    fn looks(&self, wanted: &[Looks]) -> bool {
        self.guide.conditions.iter().any(|condition| wanted.contains(&condition.looks))
    }

    /// Only what the conditions look at is asked.
    fn form(&self) -> Markup {
        let guest = self.guest;
        let titled = [Looks::SeniorOrDoctor, Looks::SeniorDoctorOrRecommended];
        let degreed = [titled.as_slice(), &[Looks::DoctorAtLeast, Looks::MasterAtLeast]].concat();
        let own = &guest.look.viewer.organisations;
        html! {
            form.form.check method="get" action={ "/call/" (self.record.id) "#eligible" } {
                @if own.len() > 1 { (self.select("unit", &own.iter().map(|id| (id.to_string(), guest.name(*id))).collect::<Vec<_>>(), self.unit().map(|id| id.to_string()))) }
                @if self.looks(&[Looks::AgeAtMost]) {
                    (self.input("age"))
                    @if self.guide.conditions.iter().any(|condition| condition.number_for_women.is_some()) { (self.yes_no("woman")) }
                }
                @if self.looks(&titled) { (self.words("title", &TITLES)) }
                @if self.looks(&degreed) { (self.words("degree", &DEGREES)) }
                @if self.looks(&[Looks::SeniorDoctorOrRecommended]) { (self.input("recommenders")) }
                @if self.looks(&[Looks::MonthsAYearAtLeast]) { (self.input("months")) }
                @if self.looks(&[Looks::OwnMoneyPercent]) { (self.input("own_percent")) }
                @if self.looks(&[Looks::PartnerInRegion]) {
                    (self.select("partner", &["310000", "320000", "330000", "340000"].iter().filter_map(|code| Some(((*code).to_owned(), guest.region(code.parse().ok()?)))).collect::<Vec<_>>(), self.asked("partner").map(str::to_owned)))
                }
                @for (name, looks) in SAID { @if self.looks(&[looks]) { (self.yes_no(name)) } }
                div.row { button type="submit" { (guest.word("call-check")) } p.note { (guest.word("call-check-note")) } }
            }
        }
    }

    fn label(&self, name: &str) -> String {
        self.guest.find("check", name).unwrap_or(name).to_owned()
    }

    fn input(&self, name: &str) -> Markup {
        html! {
            div.field {
                label for={ "check-" (name) } { (self.label(name)) }
                input.short #{ "check-" (name) } type="text" inputmode="numeric" maxlength="4" name=(name) value=(self.asked(name).unwrap_or("")) autocomplete="off";
            }
        }
    }

    fn words(&self, name: &str, values: &[&str]) -> Markup {
        let worded: Vec<(String, String)> = values
            .iter()
            .map(|value| ((*value).to_owned(), self.guest.desk_word("application", "choice", value)))
            .collect();
        self.select(name, &worded, self.asked(name).map(str::to_owned))
    }

    fn yes_no(&self, name: &str) -> Markup {
        let worded = ["yes", "no"].map(|value| (value.to_owned(), self.guest.word(value).to_owned()));
        self.select(name, &worded, self.asked(name).map(str::to_owned))
    }

    fn select(&self, name: &str, values: &[(String, String)], chosen: Option<String>) -> Markup {
        html! {
            div.field {
                label for={ "check-" (name) } { (self.label(name)) }
                select.middle #{ "check-" (name) } name=(name) {
                    option value="" { (self.guest.word("choose")) }
                    @for (value, label) in values { option value=(value) selected[chosen.as_deref() == Some(value)] { (label) } }
                }
            }
        }
    }
}
