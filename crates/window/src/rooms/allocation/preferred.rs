//! Preferred: whom the owners of the needs would rather work with, beside what came of it. For the eyes a need shows its
//! owner's preference to; it binds nobody, and those who answered never read it.

use std::collections::BTreeSet;

use desks::need::Preference;
use grammar::kinds::Id;
use maud::{Markup, html};
use serde_json::json;

use super::{Sheet, read};
use crate::{
    denied::Trouble,
    parts::{self, Column, Row, Table, Tone},
};

/// Needs of one allocation that are looked at.
const NEEDS_MAX: usize = 200;

impl Sheet<'_> {
    /// Each need whose owner said so, with the solutions from first to last; nothing for other eyes, or where nobody did.
    pub(super) fn preferred(&self) -> Result<Option<Markup>, Trouble> {
        if !self.is_inside {
            return Ok(None);
        }
        let needs: BTreeSet<Id> =
            self.entries.iter().filter_map(|entry| entry.need).map(|need| need.id()).collect();
        let mut rows = Vec::new();
        for need in needs.iter().take(NEEDS_MAX) {
            let Some(record) = self.guest.look.record(*need)? else { continue };
            let said: Option<Preference> = read(&record, "preferred")?;
            rows.extend(said.map(|said| self.preference(*need, &said)));
        }
        if rows.is_empty() {
            return Ok(None);
        }
        let columns = ["alloc-preferred-need", "alloc-preferred-order", "alloc-preferred-reason"];
        let table = parts::table(&Table {
            id: "preferred-table".into(),
            caption: self.guest.say("alloc-preferred-count", &json!({ "count": rows.len() })),
            columns: columns.map(|key| Column::new(self.word(key))).into(),
            rows,
            ..Table::default()
        });
        let cut = json!({ "most": NEEDS_MAX, "all": needs.len() });
        Ok(Some(html! {
            p.note { (self.word("compare-not-bound")) }
            (table)
            @if needs.len() > NEEDS_MAX { p.note { (self.guest.say("alloc-preferred-cut", &cut)) } }
        }))
    }

    fn preference(&self, need: Id, said: &Preference) -> Row {
        Row::new(vec![
            self.guest.link(need),
            html! { ol { @for solution in said.solutions.iter() { li { (self.preferred_one(*solution)) } } } },
            html! { span.prose { (said.reason) } div.note { (self.guest.day(said.on)) } },
        ])
    }

    /// One of them, and whether it stands among those chosen so far; of one that was not admitted here only its title.
    fn preferred_one(&self, solution: Id) -> Markup {
        let is_chosen = self.choice(solution).is_some();
        html! {
            @if let Some(entry) = self.entry(solution) {
                (self.named(entry)) " "
                @if is_chosen { (parts::badge(Tone::Good, self.word("alloc-preferred-in"))) }
                @else if !self.chosen.is_empty() { (parts::badge(Tone::Plain, self.word("alloc-preferred-out"))) }
            } @else { (self.guest.link(solution)) }
        }
    }
}
