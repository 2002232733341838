//! Office: how many applications came how far, and which formal checks wait, the most urgent first.

use maud::{Markup, html};
use serde_json::json;

use super::Room;
use crate::{
    denied::Trouble,
    parts::{self, Behind, Column, Funnel, Row, Stage, Table},
    rooms::reviews::{hundredths, left},
};

/// Checks shown.
const CHECKS_SHOWN: u32 = 30;
/// What waits for the office of a call, and the verb that answers it; the first two only where a brief comes first.
const WAITING: [(&str, &str); 4] = [
    ("brief", "check-formally"),
    ("brief-ok", "invite"),
    ("brief-reviewed", "invite"),
    ("submitted", "check-formally"),
];
/// How far a state is on the way. Those who left it count as far as they had come for certain.
const STAGES: [(&str, &[&str]); 8] = [
    ("draft", &["draft", "unit-confirmed", "withdrawn"]),
    ("brief", &["brief", "brief-ok", "brief-in-review", "brief-reviewed", "not-invited"]),
    ("invited", &["invited", "lapsed"]),
    ("submitted", &["submitted", "formal-failed"]),
    ("formal-ok", &["formal-ok", "duplicate-check"]),
    ("in-review", &["in-review"]),
    ("reviewed", &["reviewed", "not-approved", "shortlisted", "publicised"]),
    ("approved", &["approved"]),
];

impl Room<'_> {
    /// How many came how far; each leads to them.
    pub(super) fn funnel(&self) -> Result<Markup, Trouble> {
        let guest = self.guest;
        let page = self.applications(None, false, 1)?;
        let counts: Vec<(String, u64)> = page
            .facets
            .iter()
            .find(|(name, _)| *name == "status")
            .map(|(_, counts)| counts.clone())
            .unwrap_or_default();
        let count = |states: &[&str]| -> u64 {
            counts.iter().filter(|(state, _)| states.contains(&state.as_str())).map(|(_, count)| count).sum()
        };
        let two = self.guide.brief_closes.is_some();
        let stages: Vec<_> =
            STAGES.iter().filter(|(key, _)| two || !matches!(*key, "brief" | "invited")).collect();
        let here: Vec<u64> = stages.iter().map(|(_, states)| count(states)).collect();
        let reached = |place: usize| here.iter().skip(place).sum::<u64>();
        let whole = reached(0);
        let word = |key: &str| guest.desk_word("application", "status", key);
        let stage = |(place, (key, _)): (usize, &&(&str, &[&str]))| Stage {
            label: word(key),
            #[expect(clippy::cast_precision_loss, reason = "a count far below 2^53")]
            value: reached(place) as f64,
            text: reached(place).to_string(),
            share: (reached(place) * 100)
                .checked_div(whole)
                .map_or(String::new(), |share| format!("{share}%")),
            href: String::new(),
        };
        let columns = ["panel-step", "count", "panel-share"].map(|key| guest.word(key).to_owned()).into();
        let funnel = Funnel {
            id: "call-funnel".into(),
            title: guest.say("call-applications", &json!({ "count": whole })),
            note: guest.word("call-funnel-note").into(),
            stages: stages.iter().enumerate().map(stage).collect(),
            behind: Behind { summary: guest.word("as-table").into(), columns },
            source: String::new(),
        };
        let at = format!("/application?party={}", self.record.id);
        Ok(html! {
            (parts::funnel(&funnel))
            p.row {
                @for (state, count) in &counts { a href={ (at) "&status=" (state) } { (word(state)) " " b { (count) } } }
            }
        })
    }

    /// What waits for the office, each with its last day.
    pub(super) fn checks(&self) -> Result<Markup, Trouble> {
        let guest = self.guest;
        let (mut waiting, mut rest) = (Vec::new(), Vec::new());
        for (status, verb) in WAITING {
            let page = self.applications(Some(status), false, CHECKS_SHOWN)?;
            if page.total > u64::from(CHECKS_SHOWN) {
                rest.push((status, page.total));
            }
            waiting.extend(page.rows.into_iter().map(|listed| (listed, verb)));
        }
        waiting.sort_by_key(|(listed, _)| listed.card.until);
        let row = |(listed, verb): &(registry::Listed, &str)| {
            let card = &listed.card;
            let score: Option<u32> = card.read("brief_score");
            Row::new(vec![
                html! { a href={ "/application/" (listed.id) } { (guest.pick(&card.title_zh, &card.title_en)) } },
                html! { @for lead in card.holders("lead") { (guest.link(lead)) } },
                html! { (guest.status_badge("application", &card.status)) @if let Some(score) = score { " " (hundredths(score)) } },
                html! { @if let Some(day) = card.until { (guest.day(day)) " " (left(guest, day)) } },
                html! { a.button href={ "/application/" (listed.id) "/" (verb) } { (guest.desk_word("application", "verb", verb)) } },
            ])
        };
        if waiting.is_empty() {
            return Ok(html! { p.note { (guest.word("call-no-checks")) } });
        }
        let columns = ["call-title", "call-lead", "call-state", "review-due", "call-do"]
            .map(|key| Column::new(guest.word(key)))
            .into();
        Ok(html! {
            (parts::table(&Table {
                id: "waiting".into(), caption: guest.word("call-checks").into(), columns, rows: waiting.iter().map(row).collect(), ..Table::default()
            }))
            @for (status, total) in &rest {
                p { a href={ "/application?status=" (status) "&party=" (self.record.id) } { (guest.desk_word("application", "status", status)) " " (total) " · " (guest.word("see-all")) } }
            }
        })
    }
}
