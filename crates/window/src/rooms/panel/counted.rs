//! Counted: how a ballot came out, for whoever may know: the sums, every ballot under its voter's own word, and where the
//! count stands in the log.

use desks::panel::{Choice, Counted, Opened, Panel};
use grammar::{clerk::Clerk, kinds::Id};
use maud::{Markup, html};
use registry::Line;
use serde_json::{Value, json};

use super::Room;
use crate::{
    guest::Guest,
    parts::{self, Column, Row, Table, Tone},
};

/// Ballots on one candidate, and candidates, shown at once.
const BALLOTS_SHOWN: usize = 200;
const SHOWN: usize = 60;

/// Counts and who looks at them.
pub struct Counts<'a> {
    pub guest: &'a Guest<'a>,
    pub clerk: &'a dyn Clerk,
    pub counts: &'a [Counted],
    pub lines: &'a [Line],
    /// How a candidate is shown: who may open it gets a link.
    pub name: &'a dyn Fn(Id) -> Markup,
}

/// Carried or not, and if not for want of voters.
pub fn verdict(guest: &Guest, clerk: &dyn Clerk, counted: &Counted) -> Markup {
    let (tone, word) = if counted.is_carried {
        (Tone::Good, clerk.words(guest.locale).get("field", "is_carried"))
    } else {
        (Tone::Bad, guest.word("panel-not-carried"))
    };
    html! { (parts::badge(tone, word)) @if !counted.has_quorum { " " small { (guest.word("panel-no-quorum")) } } }
}

fn of(counted: &Counted, choice: Option<Choice>) -> usize {
    counted.ballots.iter().filter(|ballot| ballot.choice == choice).count()
}

impl Counts<'_> {
    /// The sums in a table, then every ballot, then the proof.
    pub fn show(&self) -> Markup {
        let guest = self.guest;
        let is_open = self.counts.iter().any(|counted| !counted.ballots.is_empty());
        html! {
            @if is_open { p.note { (guest.word("panel-ballot-note")) } }
            (self.table(is_open))
            @for counted in self.counts.iter().filter(|counted| !counted.ballots.is_empty()).take(SHOWN) { (self.ballots(counted)) }
            @let at = self.counted_at();
            @if !at.is_empty() {
                p { (guest.word("booth-count-proof")) @for position in &at { " " a href={ "/proof/" (position) } { (guest.word("proof")) " " (position) } } }
            }
        }
    }

    /// Where the counts stand in the log.
    fn counted_at(&self) -> Vec<u64> {
        let is_it = |line: &&Line| line.event.get("event").and_then(Value::as_str) == Some("ballots-counted");
        self.lines.iter().filter(is_it).map(|line| line.position).collect()
    }

    fn table(&self, is_open: bool) -> Markup {
        let (guest, words) = (self.guest, self.clerk.words(self.guest.locale));
        let row = |counted: &Counted| {
            let mut cells =
                vec![(self.name)(counted.candidate), html! { (counted.yes) }, html! { (counted.no) }];
            if is_open {
                cells.push(html! { (of(counted, Some(Choice::Abstain))) });
                cells.push(html! { (of(counted, None)) });
                cells.push(html! { (counted.ballots.len()) " / " (counted.voters) });
            }
            cells.push(verdict(guest, self.clerk, counted));
            Row::new(cells)
        };
        let mut columns = vec![
            Column::new(words.get("field", "candidate")),
            Column::end(words.get("choice", "yes")),
            Column::end(words.get("choice", "no")),
        ];
        if is_open {
            columns.push(Column::end(words.get("choice", "abstain")));
            columns.push(Column::end(guest.word("booth-spoilt")));
            columns.push(Column::end(guest.word("panel-cast")));
        }
        columns.push(Column::new(guest.word("panel-verdict")));
        parts::table(&Table {
            id: "counts".into(),
            caption: guest.word("panel-ballot").into(),
            columns,
            rows: self.counts.iter().map(row).collect(),
            scrolls: true,
            ..Table::default()
        })
    }

    /// Every ballot on one candidate, as it was published: sorted by word.
    fn ballots(&self, counted: &Counted) -> Markup {
        let (guest, words) = (self.guest, self.clerk.words(self.guest.locale));
        let all = counted.ballots.len();
        let shown = if guest.visit.asked("all").is_some() { all } else { BALLOTS_SHOWN };
        let row = |one: &Opened| {
            let choice = match one.choice {
                Some(Choice::Yes) => words.get("choice", "yes"),
                Some(Choice::No) => words.get("choice", "no"),
                Some(Choice::Abstain) => words.get("choice", "abstain"),
                None => guest.word("booth-spoilt"),
            };
            Row::new(vec![html! { (one.word.as_deref().unwrap_or("—")) }, html! { (choice) }])
        };
        let table = parts::table(&Table {
            id: format!("ballots-{}", counted.candidate),
            caption: guest.say("booth-every", &json!({ "count": all })),
            columns: vec![Column::new(words.get("field", "word")), Column::new(words.get("field", "choice"))],
            rows: counted.ballots.iter().take(shown).map(row).collect(),
            ..Table::default()
        });
        html! {
            details.article {
                summary { (guest.say("booth-every", &json!({ "count": all }))) (guest.pick("：", ": ")) ((self.name)(counted.candidate)) }
                (table)
                @if all > shown { p { a.button href="?all=yes" { (guest.say("panel-see-all", &json!({ "count": all }))) } } }
            }
        }
    }
}

impl Room<'_> {
    /// The ballot for the office: while it is open how many have voted on what, never who or how; then the count.
    pub(super) fn ballot(&self, panel: &Panel, lines: &[Line]) -> Option<Markup> {
        let (guest, vote) = (self.guest, self.state.vote.as_ref()?);
        let name = |candidate: Id| guest.link(candidate);
        let counts = Counts { guest, clerk: self.clerk, counts: &self.state.counts, lines, name: &name };
        let dissents = panel.dissents();
        Some(html! {
            @if !vote.is_counted { (self.turnout(panel, vote)) }
            @if !self.state.counts.is_empty() { (counts.show()) }
            @if !dissents.is_empty() {
                h3 { (self.field("dissents")) }
                ul { @for one in dissents.iter().take(SHOWN) { li { (guest.link(one.candidate)) (guest.pick("：", ": ")) span.prose { (one.text) } } } }
            }
        })
    }

    fn turnout(&self, panel: &Panel, vote: &desks::panel::Vote) -> Markup {
        let guest = self.guest;
        let turnout = panel.turnout();
        let cast: u32 = turnout.iter().map(|(_, cast, _)| *cast).sum();
        let row = |(candidate, cast, voters): &(Id, u32, u32)| {
            Row::new(vec![guest.link(*candidate), html! { (cast) " / " (voters) }])
        };
        let columns = vec![Column::new(self.field("candidate")), Column::end(guest.word("panel-cast"))];
        html! {
            p { (guest.say("panel-ballot-open", &json!({ "cast": cast, "closes": vote.closes }))) }
            p.note { (guest.word("booth-office")) }
            (parts::table(&Table {
                id: "turnout".into(), caption: guest.word("panel-cast").into(), columns,
                rows: turnout.iter().map(row).collect(), ..Table::default()
            }))
        }
    }
}
