//! Round: a facility's call for proposals: shifts on offer and what is kept back, who has time, where the line lies and what
//! is left. The same page for all; how much of it each sees follows from the record.

use desks::{
    proposal::Kind,
    round::{Back, Entered, Line, Marked, Outcome, Plan, Turn, Urgent, mark_text},
};
use grammar::{
    clerk::Clerk,
    kinds::{Id, Ref},
};
use maud::{Markup, html};
use registry::{Broken, Filter, Record};
use serde_json::{Value, json};

use crate::{
    denied::Trouble,
    guest::Guest,
    parts::{self, Align, Column, Empty, Link, Row, Section, Stat, Table, Tone},
    plain,
    ways::Answer,
};

mod turns;

/// The usual way of a round.
const WAY: [&str; 5] = ["announced", "open", "closed", "allocated", "over"];
/// Proposals shown before “see all”, and own ones.
const SHOWN: usize = 60;
const OWN_SHOWN: u32 = 20;

/// A round as this guest may read it.
struct Room<'a> {
    guest: &'a Guest<'a>,
    clerk: &'a dyn Clerk,
    record: &'a Record,
    plan: Plan,
    entries: Vec<Entered>,
    marks: Vec<Marked>,
    outcomes: Vec<Outcome>,
    lines: Vec<Line>,
    urgent: Vec<Urgent>,
    back: Vec<Back>,
    turns: Vec<Turn>,
    is_inside: bool,
    is_reviewer: bool,
}

fn part<T: serde::de::DeserializeOwned>(state: &Value, name: &str) -> Result<T, Trouble> {
    Ok(serde_json::from_value(state.get(name).cloned().unwrap_or_default()).map_err(Broken::from)?)
}

/// The page of a round.
///
/// # Errors
/// When there is none for this guest's eyes, or the store cannot be read.
pub fn round(guest: &Guest, clerk: &dyn Clerk, id: Id) -> Answer {
    let record = guest.look.record(id)?.filter(|record| record.desk == "round").ok_or(Trouble::NotFound)?;
    let state = &record.state;
    let viewer = &guest.look.viewer;
    let room = Room {
        guest,
        clerk,
        plan: part(state, "plan")?,
        entries: part(state, "entries")?,
        marks: part(state, "marks")?,
        outcomes: part(state, "outcomes")?,
        lines: part(state, "lines")?,
        urgent: part(state, "urgent")?,
        back: part(state, "back")?,
        turns: part(state, "turns")?,
        is_inside: viewer.is_inside(&record.card),
        is_reviewer: record.card.holders("reviewer").any(|person| viewer.is_itself(person)),
        record: &record,
    };
    let section = |id: &str, key: &'static str, beside: Markup, body: Markup| {
        parts::section(&Section { id: id.into(), title: guest.word(key).into(), beside, body })
    };
    let all = html! { a href={ "/proposal?party=" (id) } { (guest.word("see-all")) } };
    let title = guest.pick(&record.card.title_zh, &record.card.title_en).to_owned();
    let main = html! {
        (plain::heading(guest, clerk, &record))
        (plain::done(guest)?)
        (plain::progress(guest, clerk, &record, &WAY))
        (parts::stats(&room.stats()))
        (room.apply())
        (section("shifts", "round-shifts", html! {}, room.pools()))
        (section("time", room.list_title(), all, room.proposals()))
        @if !room.urgent.is_empty() { (section("urgent", "round-urgent", html! {}, room.urgent())) }
        @if !room.turns.is_empty() || !room.back.is_empty() { (section("turns", "round-turns", html! {}, turns::turns(&room))) }
        @if guest.session.is_some() { (section("own", "round-own", html! {}, room.own()?)) }
        div.two-thirds {
            div {
                (section("rules", "round-rules", html! {}, room.rules()))
                (plain::history(guest, clerk, &record)?)
            }
            aside { (plain::actions(guest, clerk, &record)?) (plain::proofs(guest, clerk, &record)?) }
        }
    };
    let crumbs = vec![Link::new("/round", guest.desk_word(clerk.name(), "desk", "many"))];
    Ok(guest.page(&title, crumbs, main))
}

impl Room<'_> {
    fn field(&self, key: &str) -> String {
        self.clerk.words(self.guest.locale).get("field", key).to_owned()
    }

    fn kind(&self, kind: Kind) -> String {
        self.clerk.words(self.guest.locale).get("choice", &grammar::desk::plain_word(&kind)).to_owned()
    }

    fn given(&self) -> i64 {
        let urgent: i64 = self.urgent.iter().map(|one| one.shifts).sum();
        self.lines.iter().map(|line| line.given).sum::<i64>() + urgent
    }

    fn stats(&self) -> Vec<Stat> {
        let guest = self.guest;
        let offered: i64 = self.plan.offers.iter().map(|offer| offer.shifts.get()).sum();
        let back: i64 = self.plan.offers.iter().map(|offer| self.plan.commissioning(offer)).sum();
        let stat = |value: i64, key: &'static str| Stat {
            value: value.to_string(),
            unit: guest.word("round-unit").into(),
            label: guest.word(key).into(),
            ..Stat::default()
        };
        let mut stats = vec![stat(offered, "round-offered"), stat(self.given(), "round-given")];
        // What those who pay have is known to the facility alone.
        if self.is_inside {
            stats.push(stat(offered - back - self.given(), "round-left"));
        }
        let until = guest.say("round-until", &json!({ "day": guest.day(self.plan.closes) }));
        stats.push(Stat { value: until, label: self.field("closes"), ..Stat::default() });
        let time = format!("{} – {}", guest.day(self.plan.use_from), guest.day(self.plan.use_until));
        stats.push(Stat { value: time, label: guest.word("round-use").into(), ..Stat::default() });
        stats
    }

    /// The next step for whoever wants time.
    fn apply(&self) -> Markup {
        let guest = self.guest;
        let label = guest.desk_word("proposal", "verb", "submit");
        let status = self.record.card.status.as_str();
        let of = |more: &str| format!("/proposal/new/submit?round={}{more}", self.record.id);
        html! {
            @match status {
                "open" => { p { a.button.primary href=(of("")) { (label) } } }
                "closed" | "allocated" => { p { a.button href=(of("&kind=urgent")) { (label) " · " (self.kind(Kind::Urgent)) } } }
                _ => {}
            }
        }
    }

    /// By beamline and kind: shifts, asked for, given, left, and where the line lies.
    fn pools(&self) -> Markup {
        let guest = self.guest;
        let mut rows = Vec::new();
        for offer in self.plan.offers.iter() {
            for kind in Kind::ALL {
                let shifts = self.plan.pool(offer, kind);
                let line = self.lines.iter().find(|l| l.instrument == offer.instrument && l.kind == kind);
                let urgent = self.urgent.iter().filter(|one| one.instrument == offer.instrument);
                let given = match kind {
                    Kind::Urgent => Some(urgent.map(|one| one.shifts).sum()),
                    _ => line.map(|line| line.given),
                };
                let mut cells =
                    vec![guest.link(offer.instrument.id()), html! { (self.kind(kind)) }, html! { (shifts) }];
                if self.is_inside {
                    cells.push(number(line.map(|line| line.asked.to_string())));
                }
                cells.push(number(given.map(|given: i64| given.to_string())));
                cells.push(number(given.map(|given| (shifts - given).to_string())));
                if self.is_inside {
                    cells.push(number(line.and_then(|line| line.mark).map(mark_text)));
                }
                rows.push(Row::new(cells));
            }
            let mut cells = vec![
                guest.link(offer.instrument.id()),
                html! { (self.field("commissioning")) },
                html! { (self.plan.commissioning(offer)) },
            ];
            cells.resize_with(if self.is_inside { 7 } else { 5 }, || number(None));
            rows.push(Row::new(cells));
        }
        let mut heads = vec![self.field("instrument"), self.field("kind"), self.field("shifts")];
        if self.is_inside {
            heads.push(self.field("asked"));
        }
        heads.extend([self.field("given"), self.field("left")]);
        if self.is_inside {
            heads.push(self.field("lines"));
        }
        parts::table(&Table {
            id: "pools".into(),
            caption: guest.word("round-shifts").into(),
            columns: columns(heads, 2),
            rows,
            scrolls: false,
            ..Table::default()
        })
    }

    fn list_title(&self) -> &'static str {
        if self.is_inside || self.is_reviewer { "round-reviewed" } else { "round-granted" }
    }

    /// Those in review in their order, or who has time.
    fn proposals(&self) -> Markup {
        let guest = self.guest;
        // Who is offered time has none yet: the offer stands with those that came back.
        let is_shown = |entry: &Entered| self.is_inside || self.is_reviewer || self.outcome(entry).is_some();
        let mut order: Vec<(usize, &Entered)> =
            self.entries.iter().enumerate().filter(|(_, entry)| is_shown(entry)).collect();
        order.sort_by_key(|(_, entry)| {
            let outcome = self.outcome(entry);
            (entry.instrument, entry.kind, outcome.map_or(0, |outcome| outcome.rank))
        });
        let rows = order.iter().take(SHOWN).map(|(place, entry)| self.row(*place + 1, entry)).collect();
        let heads = match (self.is_inside, self.is_reviewer) {
            (true, _) => {
                vec!["number", "proposal", "applicant", "kind", "shifts", "marks", "mark", "rank", "given"]
            }
            (_, true) => vec!["number", "proposal", "applicant", "kind", "shifts", "marks"],
            _ => vec!["proposal", "applicant", "instrument", "kind", "given"],
        };
        let from = heads.iter().position(|head| *head == "kind").unwrap_or(0) + 1;
        let heads = heads.into_iter().map(|head| self.field(head)).collect();
        html! {
            (parts::table(&Table {
                id: "proposals".into(), caption: guest.word(self.list_title()).into(), columns: columns(heads, from), rows, scrolls: false,
                empty: Empty { title: guest.word("round-none").into(), text: guest.word("round-none-text").into(), links: vec![] },
            }))
            @if order.len() > SHOWN { p.note { (guest.say("figures-more", &json!({ "count": order.len() - SHOWN }))) } }
        }
    }

    fn outcome(&self, entry: &Entered) -> Option<&Outcome> {
        self.outcomes.iter().find(|one| one.proposal == entry.proposal)
    }

    fn row(&self, place: usize, entry: &Entered) -> Row {
        let guest = self.guest;
        let title = guest.pick(entry.title.zh(), entry.title.en()).to_owned();
        let outcome = self.outcome(entry);
        let kind = html! { (self.kind(entry.kind)) };
        let applicant = guest.link(entry.applicant.id());
        if !self.is_inside && !self.is_reviewer {
            let given = outcome.map(|one| one.given.to_string());
            let title = self.linked(entry.proposal, &title);
            return Row::new(vec![title, applicant, guest.link(entry.instrument.id()), kind, number(given)]);
        }
        let marks: Vec<&Marked> = self.marks.iter().filter(|one| one.proposal == entry.proposal).collect();
        let mut cells = vec![html! { (place) }];
        if self.is_inside {
            cells.push(self.linked(entry.proposal, &title));
        } else {
            // Reviewers read the proposal here, for its own record is not theirs.
            cells.push(html! { b { (title) } @if let Some(summary) = &entry.summary { details { summary { (self.field("summary")) } p { (summary.to_string()) } } } });
        }
        cells.extend([applicant, kind, html! { (entry.shifts) }]);
        if self.is_inside {
            cells.push(html! { (marks.len()) });
            cells.push(number(outcome.map(|one| mark_text(one.even))));
            cells.push(number(outcome.map(|one| format!("{} / {}", one.rank, one.of))));
            cells.push(self.answer(outcome));
        } else {
            let own = marks.first().map(|one| mark_text(one.marks.mean()));
            let is_open = ["open", "closed"].contains(&self.record.card.status.as_str());
            let href = format!("/round/{}/mark?number={place}", self.record.id);
            let label = self.clerk.words(guest.locale).get("verb", "mark");
            cells.push(
                html! { @if let Some(own) = own { (own) " " } @if is_open { a href=(href) { (label) } } },
            );
        }
        Row::new(cells)
    }

    fn linked(&self, proposal: Ref<desks::proposal::Proposal>, title: &str) -> Markup {
        html! { a href={ "/proposal/" (proposal) } { (title) } }
    }

    /// In or out, and why, in words and colour.
    fn answer(&self, outcome: Option<&Outcome>) -> Markup {
        let guest = self.guest;
        match outcome {
            None => html! { span.soft { "—" } },
            Some(one) if one.given > 0 => parts::badge(Tone::Good, &one.given.to_string()),
            Some(one) if one.is_low => parts::badge(Tone::Bad, guest.word("round-low")),
            Some(_) => parts::badge(Tone::Warn, guest.word("round-below")),
        }
    }

    fn urgent(&self) -> Markup {
        let guest = self.guest;
        let row = |one: &Urgent| {
            Row::new(vec![
                guest.link(one.proposal.id()),
                guest.link(one.instrument.id()),
                html! { (one.shifts) },
            ])
        };
        let heads = ["proposal", "instrument", "shifts"].map(|head| self.field(head)).into();
        parts::table(&Table {
            id: "urgent-time".into(),
            caption: guest.word("round-urgent").into(),
            columns: columns(heads, 2),
            rows: self.urgent.iter().take(SHOWN).map(row).collect(),
            ..Table::default()
        })
    }

    /// The guest's own proposals of this round, and how they stand.
    fn own(&self) -> Result<Markup, Trouble> {
        let guest = self.guest;
        let filter = Filter {
            desk: "proposal".into(),
            party: Some(self.record.id),
            is_mine: true,
            limit: OWN_SHOWN,
            ..Filter::default()
        };
        let listed = guest.look.list(&filter)?;
        let row = |one: &registry::Listed| {
            let title = guest.pick(&one.card.title_zh, &one.card.title_en);
            Row::new(vec![
                html! { a href={ "/proposal/" (one.id) } { (title) } },
                guest.status_badge("proposal", &one.card.status),
            ])
        };
        let heads = vec![self.field("proposal"), guest.word("status").to_owned()];
        Ok(parts::table(&Table {
            id: "own-proposals".into(),
            caption: guest.word("round-own").into(),
            columns: columns(heads, 9),
            rows: listed.rows.iter().map(row).collect(),
            scrolls: false,
            empty: Empty { title: guest.word("round-own-none").into(), ..Empty::default() },
        }))
    }

    fn rules(&self) -> Markup {
        let guest = self.guest;
        html! {
            @if let Some(notes) = &self.plan.notes { p { (notes.to_string()) } }
            p { (guest.word("round-rules-text")) }
            @for rule in ["IN-R30", "IN-R30-N", "IN-R31-U", "IN-P32", "IN-P35", "IN-R33", "IN-P33", "IN-R32", "IN-P36"] {
                @if let Some(article) = guest.article(rule) { (parts::article(&article)) }
            }
        }
    }
}

fn number(value: Option<String>) -> Markup {
    html! { @match value { Some(value) => (value), None => span.soft { "—" } } }
}

/// Columns of which those from a place on are figures.
fn columns(heads: Vec<String>, figures_from: usize) -> Vec<Column> {
    let mut columns: Vec<Column> = heads.iter().map(Column::new).collect();
    columns.iter_mut().skip(figures_from).for_each(|column| column.align = Align::End);
    columns
}
