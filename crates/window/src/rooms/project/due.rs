//! Due: who owes what by when, and what waits for someone without a day.

use desks::project::{Asked, Debt, Notch};
use grammar::kinds::{Day, Id, Region};
use maud::{Markup, html};
use serde_json::json;

use super::{SHOWN, Sheet, read};
use crate::{
    denied::Trouble,
    parts::{self, Column, Empty, Row, Table, Tone},
};

/// Days before a duty is said to be near.
const SOON: i32 = 30;

impl Sheet<'_> {
    /// Who owes what by when: what is late first, then the next.
    pub(super) fn duties(&self) -> Result<Markup, Trouble> {
        let today = self.guest.house.registry.now().day();
        let late: Vec<(Debt, Day)> = read(&self.record.state, "late")?;
        let mut duties: Vec<(Debt, Day)> = late.into_iter().chain(self.project.debts()).collect();
        duties.sort_by_key(|(_, day)| *day);
        let rows: Vec<Row> = duties.iter().take(SHOWN).map(|duty| self.duty(duty, today)).collect();
        let more = duties.len().saturating_sub(SHOWN);
        let empty = Empty { title: self.word("project-no-duties").into(), ..Empty::default() };
        let columns = ["project-by", "project-what", "project-who"].map(|key| Column::new(self.word(key)));
        let caption = self.word("project-duties-caption").into();
        let table = Table {
            id: "duties-table".into(),
            caption,
            columns: columns.into(),
            rows,
            scrolls: false,
            empty,
        };
        Ok(html! {
            @for line in self.waiting()? { p { b { (line) } } }
            (parts::table(&table))
            @if more > 0 { p.note { (self.guest.say("project-more", &json!({ "count": more }))) } }
        })
    }

    fn duty(&self, (debt, day): &(Debt, Day), today: Day) -> Row {
        let is_late = *day < today;
        let is_soon = !is_late && *day <= today.plus_days(SOON);
        let what = match debt {
            Debt::Plan => self.word("project-owes-plan").to_owned(),
            Debt::Money => self.word("project-owes-money").to_owned(),
            Debt::Milestone { number } => {
                let title = self.plan.as_ref().and_then(|plan| {
                    let place = usize::try_from(*number).ok()?.checked_sub(1)?;
                    plan.milestones.get(place).map(|milestone| milestone.title.to_string())
                });
                let facts = json!({ "number": number, "title": title.unwrap_or_default() });
                self.guest.say("project-owes-milestone", &facts)
            }
            Debt::Annual { year } => self.guest.say("project-owes-annual", &json!({ "year": year })),
            Debt::Final => self.word("project-owes-final").to_owned(),
            Debt::Acceptance => self.word("project-owes-acceptance").to_owned(),
        };
        let who = match debt {
            Debt::Money => html! { (self.word("project-payers")) },
            _ => self.guest.link(self.opening.lead.id()),
        };
        let by = html! {
            (self.guest.day(*day))
            @if is_late { " " (parts::badge(Tone::Bad, self.word("project-late"))) }
            @if is_soon { " " (parts::badge(Tone::Warn, self.word("project-soon"))) }
        };
        Row::new(vec![by, html! { (what) }, who])
    }

    /// What waits for someone without a day: provinces' approvals, signatures, judgements, changes.
    fn waiting(&self) -> Result<Vec<String>, Trouble> {
        let state = &self.record.state;
        let notches: Vec<Notch> = read(state, "notches")?;
        let waits = |(notch, _): &(&Notch, u32)| notch.delivered.is_some() && notch.passed.is_none();
        let waiting = notches.iter().zip(1_u32..).filter(waits);
        let mut lines: Vec<String> = waiting
            .map(|(_, number)| self.guest.say("project-to-judge", &json!({ "number": number })))
            .collect();
        let submitted: Option<Day> = read(state, "submitted")?;
        if self.status() == "plan" && submitted.is_some() {
            let approved: Vec<Region> = read(state, "approved")?;
            let missing: Vec<&Region> =
                self.record.card.also.iter().filter(|region| !approved.contains(region)).collect();
            lines.push(self.guest.say("project-to-approve", &json!({ "regions": missing })));
        }
        if self.status() == "publicised" {
            let signed: Vec<Id> = read(state, "signed")?;
            let units =
                ["lead", "partner", "user"].into_iter().flat_map(|part| self.record.card.holders(part));
            let missing: Vec<Id> = units.filter(|unit| !signed.contains(unit)).collect();
            let key = if missing.is_empty() { "project-to-countersign" } else { "project-to-sign" };
            lines.push(self.guest.say(key, &json!({ "units": missing })));
        }
        let asked: Vec<Asked> = read(state, "asked")?;
        if asked.iter().any(|asked| asked.granted.is_none()) {
            lines.push(self.word("project-to-decide").to_owned());
        }
        Ok(lines)
    }
}
