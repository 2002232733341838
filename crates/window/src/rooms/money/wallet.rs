//! Wallet: a firm's vouchers, what is left of each and until when, and its orders with whose turn it is.

use grammar::kinds::{Day, Id, Money};
use maud::{Markup, html};
use registry::{Filter, Listed, Record};
use serde_json::{Value, json};

use super::money;
use crate::{
    denied::Trouble,
    guest::Guest,
    parts::{self, Align, Column, Empty, Link, Row, Section, Stat, Table},
    ways::Answer,
};

/// Vouchers and orders read, and shown.
const LOOKED_AT: u32 = 200;
const SHOWN: usize = 50;

/// The page.
///
/// # Errors
/// When one has not signed in, or the store cannot be read.
pub fn wallet(guest: &Guest) -> Answer {
    if guest.session.is_none() {
        return Err(Trouble::SignIn);
    }
    let vouchers = vouchers(guest)?;
    let (bought, sold) = (orders(guest, "buyer")?, orders(guest, "provider")?);
    let section = |id: &str, title: &str, beside: Markup, body: Markup| {
        parts::section(&Section { id: id.into(), title: title.into(), beside, body })
    };
    let apply = guest.desk("eligibility").map(|clerk| clerk.words(guest.locale).get("verb", "apply-as-firm"));
    let title = guest.word("wallet-title");
    let main = html! {
        (parts::heading(&parts::Heading { title: title.into(), lead: guest.word("wallet-lead").into(), ..Default::default() }))
        (parts::stats(&sums(guest, &vouchers)))
        (section("vouchers", &guest.desk_word("voucher", "desk", "many"), html! { a href="/wallet/books.journal" { (guest.word("books")) } }, voucher_table(guest, &vouchers)))
        (section("orders", guest.word("my-orders"), html! { a href="/provider" { (guest.word("order-now")) } }, order_table(guest, &bought, true)))
        @if !sold.is_empty() { (section("sold", guest.word("orders-to-me"), html! { a href="/redemption" { (guest.desk_word("redemption", "desk", "many")) } }, order_table(guest, &sold, false))) }
        (section("eligibility", &guest.desk_word("eligibility", "desk", "many"), html! { @if let Some(apply) = apply { a href="/eligibility/new/apply-as-firm" { (apply) } } }, eligibility(guest)?))
    };
    Ok(guest.page(title, vec![], main))
}

/// The vouchers that this guest's organisations hold, those that still have something first.
pub(super) fn vouchers(guest: &Guest) -> Result<Vec<Record>, Trouble> {
    let filter = Filter { desk: "voucher".into(), is_mine: true, limit: LOOKED_AT, ..Filter::default() };
    let mut vouchers = Vec::new();
    for listed in guest.look.list(&filter)?.rows {
        let is_held = listed.card.holders("holder").any(|holder| guest.look.viewer.is(holder));
        if is_held {
            vouchers.extend(guest.look.record(listed.id)?);
        }
    }
    let today = guest.house.registry.now().day();
    vouchers.sort_by_key(|record| {
        let is_over = record.card.until.is_some_and(|until| until < today);
        (is_over, std::cmp::Reverse(money(&record.state, "/left")))
    });
    Ok(vouchers)
}

/// What is held for orders and not paid yet.
fn held(record: &Record) -> Money {
    money(&record.state, "/face") - money(&record.state, "/left") - money(&record.state, "/gone")
}

fn sums(guest: &Guest, vouchers: &[Record]) -> Vec<Stat> {
    let today = guest.house.registry.now().day();
    let runs = |record: &&Record| record.card.until.is_none_or(|until| until >= today);
    let sum = |of: &dyn Fn(&Record) -> Money| vouchers.iter().map(of).sum::<Money>();
    let left: Money = vouchers.iter().filter(runs).map(|record| money(&record.state, "/left")).sum();
    let soonest: Option<Day> = vouchers.iter().filter(runs).filter_map(|record| record.card.until).min();
    let stat = |value: String, label: &'static str, source: String| Stat {
        value,
        unit: String::new(),
        label: guest.word(label).into(),
        href: "#vouchers".into(),
        source,
    };
    let until = soonest.map_or_else(String::new, |day| guest.say("until-day", &json!({ "until": day })));
    vec![
        stat(guest.money(left), "left-to-spend", until),
        stat(guest.money(sum(&held)), "held-for-orders", String::new()),
        stat(guest.money(sum(&|record| money(&record.state, "/gone"))), "paid-out", String::new()),
        stat(guest.money(sum(&|record| money(&record.state, "/face"))), "face-in-all", String::new()),
    ]
}

fn voucher_table(guest: &Guest, vouchers: &[Record]) -> Markup {
    let row = |record: &Record| {
        let state = &record.state;
        let share = state.get("share").and_then(Value::as_str).unwrap_or("");
        let issued = state.get("issued").and_then(Value::as_str).and_then(|day| day.parse::<Day>().ok());
        let born = issued.unwrap_or(record.born);
        Row::new(vec![
            html! { div { a href={ "/voucher/" (record.id) } { (guest.say("issued-on", &json!({ "day": born }))) } " " (guest.status_badge("voucher", &record.card.status)) } },
            html! { (guest.money(money(state, "/face"))) },
            html! { (guest.money(held(record))) },
            html! { (guest.money(money(state, "/gone"))) },
            html! { b { (guest.money(money(state, "/left"))) } },
            html! { @if let Some(until) = record.card.until { (guest.day(until)) } },
            html! { a href="/rulebook#VC-R05" { (guest.say("born-under", &json!({ "share": crate::rooms::share(share), "day": born }))) } },
        ])
    };
    let heads = ["voucher", "face", "held", "paid-out", "left", "until", "born-rule"];
    let mut columns: Vec<Column> = heads.map(|head| Column::new(guest.word(head))).into();
    columns.iter_mut().skip(1).take(4).for_each(|column| column.align = Align::End);
    html! {
        (parts::table(&Table {
            id: "vouchers".into(), caption: guest.word("vouchers-caption").into(), columns,
            rows: vouchers.iter().take(SHOWN).map(row).collect(), scrolls: false,
            empty: Empty { title: guest.word("no-vouchers").into(), text: guest.word("no-vouchers-text").into(), links: vec![Link::new("/eligibility/new/apply-as-firm", guest.desk_word("eligibility", "verb", "apply-as-firm"))] },
        }))
        @if vouchers.len() > SHOWN { p { a href="/voucher?mine=yes" { (guest.word("see-all")) } } }
    }
}

/// Orders in which this guest's organisations have this part.
fn orders(guest: &Guest, part: &str) -> Result<Vec<Listed>, Trouble> {
    let filter =
        Filter { desk: "voucher-order".into(), is_mine: true, limit: LOOKED_AT, ..Filter::default() };
    let mut rows = guest.look.list(&filter)?.rows;
    rows.retain(|listed| listed.card.holders(part).any(|who| guest.look.viewer.is(who)));
    let side = if part == "buyer" { Side::Buyer } else { Side::Provider };
    rows.sort_by_key(|listed| match next(&listed.card.status) {
        Some((turn, _)) if turn == side => 0,
        Some(_) => 1,
        None => 2,
    });
    Ok(rows)
}

/// Whose turn it is.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Side {
    Buyer,
    Provider,
    Centre,
}

/// Who moves an order on, and by what; `None` when it has come to its end.
pub(super) fn next(status: &str) -> Option<(Side, &'static str)> {
    Some(match status {
        "asked" => (Side::Provider, "quote"),
        "quoted" => (Side::Buyer, "place"),
        "placed" => (Side::Provider, "accept"),
        "accepted" => (Side::Centre, "allot"),
        "allotted" => (Side::Provider, "deliver"),
        "delivered" => (Side::Buyer, "confirm"),
        "confirmed" => (Side::Provider, "claim"),
        "claimed" => (Side::Centre, "pay"),
        _ => return None,
    })
}

/// The next step: the button for whoever it is the turn of, else who is waited for.
fn step(guest: &Guest, listed: &Listed, is_buyer: bool) -> Markup {
    let Some((turn, verb)) = next(&listed.card.status) else { return html! {} };
    let side = if is_buyer { Side::Buyer } else { Side::Provider };
    let label = guest.desk_word("voucher-order", "verb", verb);
    if turn == side && verb == "claim" {
        let listing = listed.card.the("listing");
        return html! { a.button href={ "/redemption/new/open?provider=" (listing) } { (guest.desk_word("redemption", "verb", "open")) } };
    }
    if turn == side {
        return html! { a.button href={ "/voucher-order/" (listed.id) "/" (verb) } { (label) } };
    }
    let who = match turn {
        Side::Buyer => "turn-buyer",
        Side::Provider => "turn-provider",
        Side::Centre => "turn-centre",
    };
    html! { span.soft { (guest.say(who, &json!({ "verb": label }))) } }
}

fn order_table(guest: &Guest, orders: &[Listed], is_buyer: bool) -> Markup {
    let other = if is_buyer { "provider" } else { "buyer" };
    let row = |listed: &Listed| {
        let card = &listed.card;
        let who: Option<Id> = card.holders(other).next();
        Row::new(vec![
            html! { a href={ "/voucher-order/" (listed.id) } { (guest.pick(&card.title_zh, &card.title_en)) } },
            html! { @if let Some(who) = who { (guest.link(who)) } },
            html! { @if let Some(amount) = card.amount.filter(|amount| amount.is_positive()) { (guest.money(amount)) } },
            html! { (guest.status_badge("voucher-order", &card.status)) },
            step(guest, listed, is_buyer),
        ])
    };
    let heads =
        ["order", if is_buyer { "from-whom" } else { "for-whom" }, "voucher-pays", "how-it-is", "next-step"];
    let mut columns: Vec<Column> = heads.map(|head| Column::new(guest.word(head))).into();
    if let Some(amount) = columns.get_mut(2) {
        amount.align = Align::End;
    }
    html! {
        (parts::table(&Table {
            id: if is_buyer { "orders".into() } else { "sold".into() }, caption: guest.word("orders-caption").into(), columns,
            rows: orders.iter().take(SHOWN).map(row).collect(), scrolls: false,
            empty: Empty { title: guest.word("no-orders").into(), text: String::new(), links: vec![Link::new("/provider", guest.word("order-now"))] },
        }))
        @if orders.len() > SHOWN { p { a href="/voucher-order?mine=yes" { (guest.word("see-all")) } } }
    }
}

/// The years' decisions, with what of the quota is still to be issued.
fn eligibility(guest: &Guest) -> Result<Markup, Trouble> {
    let filter = Filter { desk: "eligibility".into(), is_mine: true, limit: 20, ..Filter::default() };
    let row = |listed: Listed| {
        let card = &listed.card;
        Row::new(vec![
            html! { a href={ "/eligibility/" (listed.id) } { (guest.pick(&card.title_zh, &card.title_en)) } },
            html! { (guest.status_badge("eligibility", &card.status)) },
            html! { @if let Some(left) = card.amount { (guest.money(left)) } },
        ])
    };
    let mut columns: Vec<Column> =
        ["year", "how-it-is", "quota-left"].map(|head| Column::new(guest.word(head))).into();
    if let Some(last) = columns.last_mut() {
        last.align = Align::End;
    }
    Ok(parts::table(&Table {
        id: "eligibility".into(),
        caption: guest.word("eligibility-caption").into(),
        columns,
        rows: guest.look.list(&filter)?.rows.into_iter().map(row).collect(),
        scrolls: false,
        empty: Empty { title: guest.word("no-eligibility").into(), ..Empty::default() },
    }))
}
