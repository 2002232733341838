//! Redemption: a provider's batch: its lines, the sample with its draw that anyone repeats, the notice, the payment.

use grammar::{
    clerk::Clerk,
    kinds::{Day, Id},
};
use maud::{Markup, html};
use registry::Record;
use serde_json::{Value, json};

use super::{money, pay_out, steps};
use crate::{
    denied::Trouble,
    guest::Guest,
    parts::{self, Align, Column, Empty, Link, Row, Section, Stat, Table, Tone},
    plain,
    ways::Answer,
};

/// The usual way of a batch.
const WAY: [&str; 5] = ["open", "submitted", "sampled", "published", "paid"];
/// Lines shown.
const SHOWN: usize = 60;

/// The page of a batch.
///
/// # Errors
/// When there is none for this guest's eyes, or the store cannot be read.
pub fn redemption(guest: &Guest, clerk: &dyn Clerk, id: Id) -> Answer {
    let record =
        guest.look.record(id)?.filter(|record| record.desk == "redemption").ok_or(Trouble::NotFound)?;
    let title = guest.pick(&record.card.title_zh, &record.card.title_en).to_owned();
    let section = |id: &str, title: &str, body: Markup| {
        parts::section(&Section { id: id.into(), title: title.into(), beside: html! {}, body })
    };
    let main = html! {
        (plain::heading(guest, clerk, &record))
        (plain::done(guest)?)
        (steps(guest, clerk, &record, &WAY))
        (parts::stats(&stats(guest, &record)))
        div.two-thirds {
            div.stack {
                (section("lines", guest.word("batch-lines"), lines(guest, &record)?))
                (section("sample", guest.word("batch-sample"), sample(guest, &record)))
                (section("paying", guest.word("batch-payment"), paying(guest, &record)))
                @if pay_out::may_pay(guest, &record) { (section("bank", guest.word("bank"), pay_out::section(guest, &record)?)) }
                (plain::history(guest, clerk, &record)?)
            }
            aside { (plain::actions(guest, clerk, &record)?) (plain::proofs(guest, clerk, &record)?) }
        }
    };
    let crumbs = vec![Link::new("/redemption", guest.desk_word(clerk.name(), "desk", "many"))];
    Ok(guest.page(&title, crumbs, main))
}

fn of<'s>(state: &'s Value, name: &str) -> impl Iterator<Item = &'s Value> + use<'s> {
    state.get(name).and_then(Value::as_array).into_iter().flatten()
}

fn day(state: &Value, name: &str) -> Option<Day> {
    state.get(name).and_then(Value::as_str).and_then(|day| day.parse().ok())
}

fn stats(guest: &Guest, record: &Record) -> Vec<Stat> {
    let (all, sample) = (of(&record.state, "lines").count(), of(&record.state, "sample").count());
    let examined =
        of(&record.state, "lines").filter(|line| line.get("finding").is_some_and(|f| !f.is_null())).count();
    let stat = |value: String, label: &'static str, href: &str| Stat {
        value,
        unit: String::new(),
        label: guest.word(label).into(),
        href: href.into(),
        source: String::new(),
    };
    vec![
        stat(
            record.card.amount.map_or_else(String::new, |amount| guest.money(amount)),
            "batch-total",
            "#lines",
        ),
        stat(all.to_string(), "batch-orders", "#lines"),
        stat(format!("{examined}/{sample}"), "batch-examined", "#sample"),
        stat(
            day(&record.state, "pay_from").map_or_else(|| "—".to_owned(), |day| guest.day(day)),
            "pay-from",
            "#paying",
        ),
    ]
}

fn is_sampled(state: &Value, order: &str) -> bool {
    of(state, "sample").any(|id| id.as_str() == Some(order))
}

fn lines(guest: &Guest, record: &Record) -> Result<Markup, Trouble> {
    let mut rows = Vec::new();
    for line in of(&record.state, "lines").take(SHOWN) {
        let order = line.get("order").and_then(Value::as_str).unwrap_or("");
        let Ok(id) = order.parse::<Id>() else { continue };
        let buyer = guest.look.record(id)?.and_then(|order| order.card.holders("buyer").next());
        let home = line.get("home").and_then(Value::as_str).and_then(|region| region.parse().ok());
        rows.push(Row::new(vec![
            html! { (guest.link(id)) },
            html! { @if let Some(buyer) = buyer { (guest.link(buyer)) } },
            html! { @if let Some(home) = home { span.nowrap { (guest.region(home)) } } },
            html! { (guest.money(money(line, "/amount"))) },
            html! { @if is_sampled(&record.state, order) { (parts::badge(Tone::Info, guest.word("in-sample"))) } },
            finding(guest, line),
        ]));
    }
    let heads = ["order", "for-whom", "home-region", "voucher-pays", "in-sample", "finding"];
    let mut columns: Vec<Column> = heads.map(|head| Column::new(guest.word(head))).into();
    if let Some(amount) = columns.get_mut(3) {
        amount.align = Align::End;
    }
    let count = of(&record.state, "lines").count();
    Ok(html! {
        (parts::table(&Table {
            id: "lines".into(), caption: guest.say("batch-lines-caption", &json!({ "count": count })), columns, rows,
            scrolls: false, empty: Empty { title: guest.word("no-lines").into(), ..Empty::default() },
        }))
        @if count > SHOWN { p { a href={ "/voucher-order?party=" (record.card.the("listing")) } { (guest.word("see-all")) } } }
    })
}

fn finding(guest: &Guest, line: &Value) -> Markup {
    let Some(found) = line.get("finding").filter(|found| !found.is_null()) else { return html! {} };
    let passed = found.get("passed").and_then(Value::as_bool).unwrap_or(false);
    let (tone, word) = if passed { (Tone::Good, "passed") } else { (Tone::Bad, "failed") };
    html! { (parts::badge(tone, guest.word(word))) " " small { (found.get("text").and_then(Value::as_str).unwrap_or("")) } }
}

/// Which orders the lot took, and how anyone repeats it.
fn sample(guest: &Guest, record: &Record) -> Markup {
    let Some(draw) = record.card.holders("draw").next() else {
        return html! { p.note { (guest.word("sample-later")) } };
    };
    let taken: Vec<Id> =
        of(&record.state, "sample").filter_map(Value::as_str).filter_map(|id| id.parse().ok()).collect();
    html! {
        p { (guest.word("sample-text")) }
        @if !taken.is_empty() { ul { @for order in &taken { li { (guest.link(*order)) } } } }
        p.row {
            a.button href={ "/draw/" (draw) } { (guest.word("see-draw")) }
            a href={ "/draw/" (draw) "/record.json" } { (guest.word("draw-take-record")) }
        }
    }
}

/// The notice, the quarter, and what was paid.
fn paying(guest: &Guest, record: &Record) -> Markup {
    let notice = record.card.holders("notice").next();
    html! {
        @if let Some(notice) = notice { p { (guest.desk_word("notice", "desk", "one")) (guest.pick("：", ": ")) (guest.link(notice)) } }
        @else { p.note { (guest.word("notice-later")) } }
        @match (day(&record.state, "paid_on"), day(&record.state, "pay_from")) {
            (Some(paid), _) => p { (guest.say("paid-on", &json!({ "day": paid }))) },
            (None, Some(from)) => p { (guest.say("paid-from", &json!({ "day": from }))) " " a href="/rulebook#VC-R07" { "VC-R07" } },
            (None, None) => {},
        }
    }
}
