//! Purchase: how far the review of a purchase is, whose turn it is, and the shared instruments nearby that may do what is needed.

use desks::{
    instrument::Using,
    purchase::{Finding, Plan},
};
use grammar::{card::Card, clerk::Clerk, kinds::Id};
use maud::{Markup, html};
use registry::{Filter, Listed, Record};
use serde_json::json;

use super::part;
use crate::{
    denied::Trouble,
    guest::Guest,
    parts::{self, Column, Empty, Row, Section, Table},
    plain,
    rooms::turn,
    ways::Answer,
};

const WAY: [&str; 5] = ["planned", "approved", "purchased", "accepted", "reported"];
/// Instruments of the province that are looked at, and of which so many are shown.
const LOOKED_AT: u32 = 200;
const SHOWN: usize = 8;
/// Of these, so many are named in the form of the review.
const NAMED: usize = 5;

/// A way ends where nothing is bought.
fn way(status: &str) -> &'static [&'static str] {
    match status {
        "refused" => &["planned", "refused"],
        "vetoed" => &["planned", "vetoed"],
        "overdue" => &["planned", "approved", "purchased", "accepted", "overdue", "reported"],
        _ => &WAY,
    }
}

/// The page of a purchase.
///
/// # Errors
/// When there is none for this guest's eyes, or the store cannot be read.
pub fn purchase(guest: &Guest, clerk: &dyn Clerk, id: Id) -> Answer {
    let record = &plain::known(guest, clerk, id)?;
    let plan: Plan = part(record, "plan").ok_or(Trouble::NotFound)?;
    let found: Option<Finding> = part(record, "finding");
    let lead = html! {
        (plain::progress(guest, clerk, record, way(record.card.status.as_str())))
        (turn(guest, record))
        @match &found {
            Some(found) => (named(guest, found)?),
            None => (nearby(guest, record, &plan)?),
        }
    };
    plain::record_page(guest, clerk, record, &["finding.equivalents"], &lead)
}

fn word(guest: &Guest, section: &str, key: &str) -> String {
    guest.desk_word("purchase", section, key)
}

/// What the review named.
fn named(guest: &Guest, found: &Finding) -> Result<Markup, Trouble> {
    let all = found.equivalents.iter().map(|instrument| guest.look.record(instrument.id()));
    let rows: Vec<(Id, Card)> = all
        .collect::<Result<Vec<_>, _>>()?
        .into_iter()
        .flatten()
        .map(|record| (record.id, record.card))
        .collect();
    if rows.is_empty() {
        return Ok(html! {});
    }
    let budget =
        found.use_budget.map(|budget| guest.say("purchase-use-budget", &json!({ "budget": budget })));
    Ok(section(guest, budget.as_deref().unwrap_or_default(), &rows, html! {}))
}

/// What a search finds before the review, the most alike first.
fn nearby(guest: &Guest, record: &Record, plan: &Plan) -> Result<Markup, Trouble> {
    let filter = Filter {
        desk: "instrument".into(),
        status: Some("normal".into()),
        region: Some(plan.region.province()),
        limit: LOOKED_AT,
        ..Filter::default()
    };
    let category = grammar::desk::plain_word(&plan.category);
    let field = plan.field.map(|field| field.word());
    let is_of_its_kind = |card: &Card| {
        let same_field = field.is_some() && card.field == field;
        card.is_offer
            && card.the("unit") != plan.unit.id()
            && (card.facets.get("category") == Some(&category) || same_field)
    };
    let mut found: Vec<Listed> =
        guest.look.rows(&filter)?.0.into_iter().filter(|listed| is_of_its_kind(&listed.card)).collect();
    let wanted = pairs(&[plan.name.zh(), plan.name.en(), &plan.need]);
    let alike = |card: &Card| pairs(&[&card.title_zh, &card.title_en]).intersection(&wanted).count();
    found.sort_by_cached_key(|listed| (std::cmp::Reverse(alike(&listed.card)), listed.id));
    let rows: Vec<(Id, Card)> =
        found.into_iter().take(SHOWN).map(|listed| (listed.id, listed.card)).collect();
    let lead = if rows.is_empty() { "purchase-none-nearby" } else { "purchase-nearby-text" };
    let names = rows.iter().take(NAMED).zip(1..).map(|((id, _), n)| format!("equivalents.{n}={id}"));
    let review = format!("/purchase/{}/review?{}", record.id, names.collect::<Vec<_>>().join("&"));
    let press = html! {
        @if may_review(guest, record) && !rows.is_empty() {
            p { a.button href=(review) { (guest.word("purchase-review-with")) } }
        }
    };
    Ok(section(guest, guest.word(lead), &rows, press))
}

fn may_review(guest: &Guest, record: &Record) -> bool {
    record.card.region.is_some_and(|region| guest.look.viewer.holds(desks::purchase::OFFICE, region))
}

/// Pairs of neighbouring letters, by which names of either language are compared.
fn pairs(texts: &[&str]) -> std::collections::BTreeSet<(char, char)> {
    let letters =
        |text: &&str| text.to_lowercase().chars().filter(|c| c.is_alphanumeric()).collect::<Vec<_>>();
    let each = texts.iter().map(letters);
    each.flat_map(|text| text.iter().copied().zip(text.iter().copied().skip(1)).collect::<Vec<_>>()).collect()
}

fn section(guest: &Guest, lead: &str, rows: &[(Id, Card)], press: Markup) -> Markup {
    let heads = [
        guest.word("instrument").to_owned(),
        word(guest, "field", "unit"),
        guest.word("charge-hour").to_owned(),
    ];
    let row = |(id, card): &(Id, Card)| {
        let charge = card.read::<Using>("using").and_then(|using| using.charges.outside_hour);
        Row::new(vec![
            html! { a href={ "/instrument/" (id) } { (guest.pick(&card.title_zh, &card.title_en)) } },
            guest.link(card.the("unit")),
            html! { @if let Some(charge) = charge { (guest.say("per-hour", &json!({ "amount": charge }))) } },
        ])
    };
    let title = word(guest, "field", "equivalents");
    let table = parts::table(&Table {
        id: "equivalents".into(),
        caption: title.clone(),
        columns: heads.map(Column::new).into(),
        rows: rows.iter().map(row).collect(),
        scrolls: false,
        empty: Empty::default(),
    });
    let body = html! {
        @if !lead.is_empty() { p { (lead) } }
        @if !rows.is_empty() { (table) }
        (press)
    };
    parts::section(&Section { id: "nearby".into(), title, beside: html! {}, body })
}
