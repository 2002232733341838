//! Fees: what a panel must be made up of and whether it is; what each expert is paid, by which rule, also as a sheet for
//! the treasurer.

use desks::panel::{FeeLine, Finding, Met, Panel};
use grammar::kinds::{Id, Money};
use maud::{Markup, html};
use registry::Broken;
use serde_json::json;

use super::Room;
use crate::{
    denied::Trouble,
    guest::Guest,
    parts::{self, Column, Row, Table, Tone},
    rooms::person_name,
    ways::{
        Answer,
        sheet::{
            self,
            write::{Column as SheetColumn, Shape},
        },
    },
};

/// Lines shown at once; the sheet has all.
const SHOWN: usize = 100;
/// The table of fees, and what is not paid twice.
const RULES: [&str; 6] = ["EP-F01", "EP-F03", "EP-F04", "EP-F05", "EP-F07", "EP-F08"];

/// Half days as days, in a page's language.
fn days(guest: &Guest, half_days: u32) -> String {
    let half = if half_days % 2 == 1 { ".5" } else { "" };
    guest.say("panel-days", &json!({ "days": format!("{}{half}", half_days / 2) }))
}

impl Room<'_> {
    /// Each rule of composition, whether it is met, and by which numbers.
    pub(super) fn composition(&self, panel: &Panel) -> Markup {
        let guest = self.guest;
        let one = |found: &Finding| {
            let (tone, key) = match found.met {
                Met::Yes => (Tone::Good, "panel-rule-met"),
                Met::No => (Tone::Bad, "panel-rule-broken"),
                Met::Open => (Tone::Warn, "panel-rule-open"),
            };
            let numbers = json!({ "has": found.has, "asked": found.asked });
            let key_of = format!("panel-rule-{}", found.rule.to_lowercase());
            html! {
                li {
                    (parts::badge(tone, guest.word(key))) " " (guest.say(&key_of, &numbers))
                    @if let Some(article) = guest.article(found.rule) { (parts::article(&article)) }
                }
            }
        };
        html! { ul.bare { @for found in panel.composed() { (one(&found)) } } }
    }

    pub(super) fn fees(&self, panel: &Panel) -> Markup {
        let guest = self.guest;
        let lines = panel.fees();
        let sum: Money = lines.iter().map(|line| line.total).sum();
        let row = |line: &FeeLine| {
            Row::new(vec![
                html! { (person_name(guest, line.person)) @if line.is_staff { " " (parts::badge(parts::Tone::Info, guest.word("panel-staff"))) } },
                html! { @if line.half_days > 0 { (days(guest, line.half_days)) } },
                html! { (guest.money(line.meetings)) },
                html! { (line.by_post) @if line.covered > 0 { " " small { (guest.say("panel-covered", &json!({ "count": line.covered }))) } } },
                html! { (guest.money(line.post)) },
                html! { b { (guest.money(line.total)) } },
            ])
        };
        let mut rows: Vec<Row> = lines.iter().take(SHOWN).map(row).collect();
        let mut last = vec![html! { (guest.word("sum")) }];
        last.extend((0..4).map(|_| html! {}));
        last.push(html! { (guest.money(sum)) });
        rows.push(Row { cells: last, strong: true });
        let at = format!("/panel/{}/fees", self.record.id);
        html! {
            p.note { (guest.word("panel-fees-note")) }
            (parts::table(&Table {
                id: "fees-table".into(),
                caption: guest.word("panel-fees").into(),
                columns: heads(guest).into_iter().zip([false, true, true, true, true, true]).map(|(head, end)| if end { Column::end(head) } else { Column::new(head) }).collect(),
                rows,
                scrolls: true,
                ..Table::default()
            }))
            @if lines.len() > SHOWN { p.note { (guest.say("panel-see-all", &json!({ "count": lines.len() }))) } }
            p.row { a.button href={ (at) ".xlsx" } { (guest.word("panel-fees-take")) " xlsx" } a.button href={ (at) ".csv" } { "csv" } }
            @for rule in RULES { @if let Some(article) = guest.article(rule) { (parts::article(&article)) } }
        }
    }
}

fn heads<'a>(guest: &'a Guest) -> [&'a str; 6] {
    [
        "panel-expert",
        "panel-met-days",
        "panel-fee-meetings",
        "panel-by-post",
        "panel-fee-post",
        "panel-fee-total",
    ]
    .map(|key| guest.word(key))
}

/// The list for the treasurer: one line an expert. For those who may know who sat in the panel.
///
/// # Errors
/// When there is none for this guest's eyes, or the store cannot be read.
pub fn fees_sheet(guest: &Guest, id: Id, is_csv: bool) -> Answer {
    let record = guest.look.record(id)?.filter(|record| record.desk == "panel").ok_or(Trouble::NotFound)?;
    if !guest.look.viewer.is_inside(&record.card) {
        return Err(Trouble::NotFound);
    }
    let panel: Panel = serde_json::from_value(record.state).map_err(Broken::from)?;
    let shapes = [Shape::Text, Shape::Text, Shape::Money, Shape::Number, Shape::Money, Shape::Money];
    let columns: Vec<SheetColumn> = heads(guest)
        .into_iter()
        .zip(shapes)
        .map(|(head, shape)| SheetColumn { label: head.to_owned(), shape })
        .collect();
    let line = |line: &FeeLine| {
        vec![
            person_name(guest, line.person),
            days(guest, line.half_days),
            line.meetings.to_string(),
            line.by_post.to_string(),
            line.post.to_string(),
            line.total.to_string(),
        ]
    };
    let rows = panel.fees().iter().map(line).collect::<Vec<_>>().into_iter();
    sheet::file(guest, &format!("{id} fees"), is_csv, &columns, rows)
}
