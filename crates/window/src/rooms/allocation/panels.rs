//! Panels: what the panels found of those gathered here, for the offices that allocate: means, as they are and corrected
//! for strict and mild reviewers, spread, rank, votes and dissents; never who sat there or what one gave (decision 021).

use std::collections::{BTreeMap, BTreeSet};

use desks::panel::{Counted, Dissenting, Outcome};
use grammar::kinds::Id;
use maud::{Markup, html};
use registry::Record;
use serde_json::json;

use super::{Sheet, read};
use crate::{
    denied::Trouble,
    parts::{self, Column, Row, Table, Tone},
    rooms::reviews::hundredths,
};

/// Panels opened from one allocation, and rows of each.
const PANELS_MAX: usize = 6;
const SHOWN: usize = 60;

impl Sheet<'_> {
    /// The results of the panels that judged the candidates; nothing for other eyes.
    pub(super) fn panels(&self) -> Result<Option<Markup>, Trouble> {
        if !self.is_inside || self.entries.is_empty() {
            return Ok(None);
        }
        let guest = self.guest;
        let mut panels: BTreeMap<Id, Record> = BTreeMap::new();
        let mut seen = BTreeSet::new();
        for entry in &self.entries {
            if panels.len() >= PANELS_MAX {
                break;
            }
            if panels.values().any(|panel| panel.card.holders("candidate").any(|id| id == entry.candidate)) {
                continue;
            }
            let state = guest.look.record(entry.candidate)?.map(|record| record.state).unwrap_or_default();
            let panel = state.pointer("/outcome/panel").and_then(|id| id.as_str()?.parse::<Id>().ok());
            let Some(panel) = panel.filter(|panel| seen.insert(*panel)) else { continue };
            if let Some(record) = guest.look.record(panel)? {
                panels.insert(panel, record);
            }
        }
        if panels.is_empty() {
            return Ok(None);
        }
        let all = panels.values().map(|panel| self.panel(panel)).collect::<Result<Vec<_>, _>>()?;
        Ok(Some(html! { p.note { (guest.word("alloc-panels-note")) } @for one in all { (one) } }))
    }

    fn panel(&self, panel: &Record) -> Result<Markup, Trouble> {
        let guest = self.guest;
        let mut outcomes: Vec<Outcome> = read(panel, "outcomes")?;
        let counts: Vec<Counted> = read(panel, "counts")?;
        let dissents: Vec<Dissenting> = read(panel, "dissents")?;
        outcomes.retain(|outcome| self.entry(outcome.candidate).is_some());
        outcomes.sort_by_key(|outcome| (std::cmp::Reverse(outcome.mean), outcome.candidate));
        let has_votes = !counts.is_empty();
        let is_all = guest.visit.asked("all").is_some();
        let row = |outcome: &Outcome| {
            let vote = counts.iter().find(|count| count.candidate == outcome.candidate);
            let against = dissents.iter().filter(|dissent| dissent.candidate == outcome.candidate);
            let corrected = u32::try_from(outcome.corrected).unwrap_or(0);
            let mut cells = vec![
                html! { (guest.link(outcome.candidate)) @for dissent in against { div.note { (guest.word("alloc-dissent")) (guest.pick("：", ": ")) (dissent.text) } } },
                html! { b { (hundredths(outcome.mean)) } },
                html! { (hundredths(corrected)) },
                html! { (hundredths(outcome.spread)) },
                html! { (outcome.rank) },
            ];
            if has_votes {
                cells.push(
                    html! { @if let Some(vote) = vote { (voted(self, vote)) } @else { span.soft { "–" } } },
                );
            }
            Row::new(cells)
        };
        let shown = if is_all { outcomes.len() } else { SHOWN };
        let rows = outcomes.iter().take(shown).map(row).collect();
        let mut columns = vec![Column::new(guest.word("call-title"))];
        columns.extend(
            ["panel-mean", "panel-corrected", "panel-spread"].map(|key| Column::end(guest.word(key))),
        );
        columns.push(Column::end(guest.desk_word("panel", "field", "rank")));
        if has_votes {
            columns.push(Column::new(guest.word("alloc-votes")));
        }
        let title = guest.pick(&panel.card.title_zh, &panel.card.title_en).to_owned();
        Ok(html! {
            details open[outcomes.len() <= 20] {
                summary { (title) " · " (guest.say("alloc-panel-count", &json!({ "count": outcomes.len() }))) }
                (parts::table(&Table {
                    id: format!("results-{}", panel.id), caption: title.clone(), columns, rows, scrolls: true, ..Table::default()
                }))
                @if outcomes.len() > shown { p { a href={ (guest.visit.path) "?all=yes#panels" } { (guest.say("panel-see-all", &json!({ "count": outcomes.len() }))) } } }
            }
        })
    }
}

fn voted(sheet: &Sheet, vote: &Counted) -> Markup {
    let guest = sheet.guest;
    let (tone, key) =
        if vote.is_carried { (Tone::Good, "alloc-carried") } else { (Tone::Bad, "panel-not-carried") };
    html! {
        (parts::badge(tone, guest.word(key))) " "
        (guest.say("alloc-votes-of", &json!({ "yes": vote.yes, "no": vote.no, "voters": vote.voters })))
        @if !vote.has_quorum { " " small { (guest.word("panel-no-quorum")) } }
    }
}
