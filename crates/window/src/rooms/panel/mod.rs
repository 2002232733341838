//! A panel, for its office: candidates and their reviews in one table, means as they are and as if all reviewers were
//! equally strict, what is apart, and the one step that comes next. A member votes in the booth, and sees otherwise what the
//! plain page shows.

mod booth;
mod counted;
mod fees;
mod next;
mod state;
mod tables;
mod ties;

use desks::panel::Panel;
use grammar::{clerk::Clerk, kinds::Id};
use maud::{Markup, html};
use registry::{Broken, Record};
use serde_json::json;

use self::state::State;
use crate::{
    denied::Trouble,
    guest::Guest,
    parts::{self, Behind, Fact, Link, Section, Stage},
    plain,
    ways::Answer,
};

pub use booth::{cast as panel_cast, form as panel_ballot, waiting as ballots};
pub use fees::fees_sheet;

/// The way of a panel; one without a ballot passes over two of them.
const WAY: [&str; 6] = ["open", "reviewing", "scored", "voting", "voted", "concluded"];

/// A panel under the eyes of its office.
struct Room<'a> {
    guest: &'a Guest<'a>,
    clerk: &'a dyn Clerk,
    record: &'a Record,
    state: State,
}

/// The page of a panel.
///
/// # Errors
/// When there is none for this guest's eyes, or the store cannot be read.
pub fn panel(guest: &Guest, clerk: &dyn Clerk, id: Id) -> Answer {
    let record = guest.look.record(id)?.filter(|record| record.desk == "panel").ok_or(Trouble::NotFound)?;
    let booth = booth::Booth::of(guest, clerk, &record)?;
    if !guest.look.viewer.is_inside(&record.card) {
        return booth.map_or_else(|| plain::record(guest, clerk, id), |booth| booth::page(&booth));
    }
    let state = State::of(guest, &record)?;
    let room = Room { guest, clerk, record: &record, state };
    let section = |id: &str, key: &'static str, body: Markup| {
        parts::section(&Section { id: id.into(), title: guest.word(key).into(), beside: html! {}, body })
    };
    let title = guest.pick(&record.card.title_zh, &record.card.title_en).to_owned();
    let whole: Panel = serde_json::from_value(record.state.clone()).map_err(Broken::from)?;
    let lines = guest.look.history(id)?;
    let (alarms, apart, lots) = (room.alarms()?, room.apart()?, room.lots());
    let ballot = room.ballot(&whole, &lines);
    let main = html! {
        (room.heading(&title))
        (plain::done(guest)?)
        (room.way())
        @if let Some(alarms) = alarms { (section("alarms", "panel-alarms", alarms)) }
        (section("next", "panel-next", room.next()))
        (section("table", "panel-table", html! { div.candidates { (room.table()) } }))
        div.two-thirds {
            div { (section("progress", "panel-progress", room.progress())) (section("reviewers", "panel-reviewers", room.reviewers())) }
            aside { (section("made-up", "panel-made-up", room.composition(&whole))) (section("terms", "panel-terms", room.terms())) (plain::actions(guest, clerk, &record)?) }
        }
        @if let Some(apart) = apart { (section("ties", "panel-apart", apart)) }
        @if let Some(lots) = lots { (section("lots", "panel-lots", lots)) }
        @if !whole.fees().is_empty() { (section("fees", "panel-fees", room.fees(&whole))) }
        @if let Some(ballot) = ballot { (section("ballot", "panel-ballot", ballot)) }
        (plain::history_of(guest, clerk, lines))
        (plain::proofs(guest, clerk, &record)?)
    };
    let crumbs = vec![Link::new("/panel", guest.desk_word(clerk.name(), "desk", "many"))];
    Ok(guest.page(&title, crumbs, main))
}

impl Room<'_> {
    fn field(&self, key: &str) -> String {
        self.clerk.words(self.guest.locale).get("field", key).to_owned()
    }

    /// About what, and the two numbers that say how far it is.
    fn heading(&self, title: &str) -> Markup {
        let (guest, record, state) = (self.guest, self.record, &self.state);
        let also = guest.pick(&record.card.title_en, &record.card.title_zh);
        let signed = state.live().filter(|seat| state.score(seat).is_some()).count();
        let mut facts: Vec<Fact> = Vec::new();
        if let Some(about) = state.terms.about {
            facts.push(Fact { label: self.field("about"), value: guest.link(about), note: String::new() });
        }
        facts.push(Fact::new(self.field("candidates"), &state.candidates.len().to_string()));
        let wanted = state.candidates.len() * state.each as usize;
        facts.push(Fact::new(guest.word("panel-signed"), &format!("{signed} / {wanted}")));
        let mut badges = vec![guest.status_badge("panel", &record.card.status)];
        if record.is_demo {
            badges.push(guest.demo_badge());
        }
        let over = vec![
            html! { (self.clerk.words(guest.locale).get("desk", "one")) },
            html! { code { (record.id) } },
        ];
        parts::heading(&parts::Heading {
            over,
            title: title.to_owned(),
            also: if also == title { String::new() } else { also.to_owned() },
            also_lang: guest.pick("en", "zh-CN").into(),
            badges,
            facts,
            ..Default::default()
        })
    }

    fn way(&self) -> Markup {
        let has_vote = self.state.vote.is_some();
        let way: Vec<&str> =
            WAY.into_iter().filter(|step| has_vote || !matches!(*step, "voting" | "voted")).collect();
        plain::progress(self.guest, self.clerk, self.record, &way)
    }

    /// How many reviews are asked for, accepted, signed and taken.
    fn progress(&self) -> Markup {
        let (guest, state) = (self.guest, &self.state);
        let wanted = state.candidates.len() * state.each as usize;
        let live = || state.live();
        let count = |wanted: &[&str]| live().filter(|seat| wanted.contains(&state.status(seat))).count();
        let done = ["signed", "discussing", "locked"];
        let stages = [
            ("panel-wanted", wanted),
            ("panel-asked", live().count()),
            ("panel-accepted", count(&["accepted", "signed", "discussing", "locked"])),
            ("panel-signed", count(&done)),
            ("panel-taken", state.taken.len()),
        ];
        let stage = |(key, count): (&'static str, usize)| Stage {
            label: guest.word(key).into(),
            #[expect(clippy::cast_precision_loss, reason = "a count far below 2^53")]
            value: count as f64,
            text: count.to_string(),
            share: match (count * 100).checked_div(wanted) {
                Some(share) => format!("{share}%"),
                None => String::new(),
            },
            href: String::new(),
        };
        let columns = ["panel-step", "count", "panel-share"].map(|key| guest.word(key).to_owned()).into();
        parts::funnel(&parts::Funnel {
            id: "panel-funnel".into(),
            title: guest.word("panel-reviews").into(),
            note: guest.say("panel-each", &json!({ "each": state.each })),
            stages: stages.map(stage).into(),
            behind: Behind { summary: guest.word("as-table").into(), columns },
            source: String::new(),
        })
    }

    /// What the panel was set up with: about what, the sheet, loads and days.
    fn terms(&self) -> Markup {
        let terms = &self.state.terms;
        let guest = self.guest;
        let both = |zh: Option<&str>, en: Option<&str>| {
            guest.pick(zh.or(en).unwrap_or(""), en.or(zh).unwrap_or("")).to_owned()
        };
        let mut facts: Vec<Fact> = Vec::new();
        if let Some(about) = terms.about {
            facts.push(Fact { label: self.field("about"), value: guest.link(about), note: String::new() });
        }
        facts.push(Fact::new(self.field("each"), &self.state.each.to_string()));
        facts.push(Fact::new(self.field("load_max"), &terms.load_max.get().to_string()));
        html! {
            (parts::facts(&facts))
            h3 { (self.field("criteria")) }
            ul.plain-weights {
                @for one in terms.criteria.iter() {
                    li { (both(one.criterion.zh.as_deref(), one.criterion.en.as_deref())) " " b { (one.weight.get()) "%" } }
                }
            }
        }
    }
}
