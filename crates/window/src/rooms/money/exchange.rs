//! Exchange: what two houses say to each other about a run: our messages to take to the other, theirs to bring here, both sides'
//! lines beside each other, and whose turn it is.

use std::collections::BTreeSet;

use desks::{
    exchange::{Exchange, Message},
    settlement::{Claim, Said, lay::Why},
};
use grammar::{
    clerk::Clerk,
    kinds::{Id, Money},
};
use maud::{Markup, html};
use registry::{Line, Record};
use serde_json::{Value, json};

use super::{own_lines, steps};
use crate::{
    denied::Trouble,
    guest::Guest,
    parts::{self, Align, Column, Empty, Link, Press, Row, Section, Stat, Table, Tone},
    plain,
    visit::Reply,
    ways::Answer,
};

const WAY: [&str; 2] = ["open", "agreed"];
/// Lines and messages shown.
const SHOWN: usize = 200;

fn read(guest: &Guest, id: Id) -> Result<(Record, Exchange), Trouble> {
    let record =
        guest.look.record(id)?.filter(|record| record.desk == "exchange").ok_or(Trouble::NotFound)?;
    let exchange = serde_json::from_value(record.state.clone()).map_err(|_| Trouble::NotFound)?;
    Ok((record, exchange))
}

/// The page of an exchange.
///
/// # Errors
/// When there is none for this guest's eyes, or the store cannot be read.
pub fn exchange(guest: &Guest, clerk: &dyn Clerk, id: Id) -> Answer {
    let (record, exchange) = read(guest, id)?;
    let history = guest.look.history(id)?;
    let title = guest.pick(&record.card.title_zh, &record.card.title_en).to_owned();
    let section = |id: &str, title: &str, body: Markup| {
        parts::section(&Section { id: id.into(), title: title.into(), beside: html! {}, body })
    };
    let main = html! {
        (plain::heading(guest, clerk, &record))
        (plain::done(guest)?)
        (steps(guest, clerk, &record, &WAY))
        (parts::stats(&stats(guest, &exchange)))
        div.two-thirds {
            div.stack {
                (section("next", guest.word("exchange-next"), next(guest, &record, &exchange)))
                @if let Some(own) = own_lines::section(guest, &record, &exchange)? { (section("own", guest.word("own-lines"), own)) }
                (section("messages", guest.word("exchange-messages"), messages(guest, &record, &history)))
                (section("lines", guest.word("exchange-lines"), lines(guest, &record, &exchange)))
                @if let Some(statement) = &exchange.statement {
                    (section("statement", guest.word("exchange-statement"), html! { pre.wide { (statement.text()) } }))
                }
            }
            aside { (plain::actions(guest, clerk, &record)?) (plain::proofs(guest, clerk, &record)?) }
        }
    };
    let crumbs = vec![Link::new("/exchange", guest.desk_word(clerk.name(), "desk", "many"))];
    Ok(guest.page(&title, crumbs, main))
}

fn stats(guest: &Guest, exchange: &Exchange) -> Vec<Stat> {
    let statement = exchange.statement.clone().or_else(|| exchange.draft());
    let owes = |region| {
        let owed = statement.as_ref().and_then(|statement| statement.owed_by(region));
        owed.map_or_else(|| "—".to_owned(), |owed| guest.money(owed))
    };
    let stat = |value: String, label: &'static str| Stat {
        value,
        label: guest.word(label).into(),
        href: "#lines".into(),
        ..Stat::default()
    };
    vec![
        stat(owes(exchange.region), "exchange-we-owe"),
        stat(owes(exchange.other), "exchange-they-owe"),
        stat(exchange.waiting().len().to_string(), "exchange-waiting"),
    ]
}

/// Whose turn it is, in a sentence, with its form.
fn next(guest: &Guest, record: &Record, exchange: &Exchange) -> Markup {
    let at = format!("/exchange/{}", record.id);
    let label = |verb: &str| guest.desk_word("exchange", "verb", verb);
    let bring =
        || html! { a.button href={ (at) "/hear?neighbour=" (exchange.neighbour) } { (label("hear")) } };
    let sign = || {
        let mut hidden = guest.hidden();
        hidden.push(("seen".into(), record.sequence.to_string()));
        Press { action: format!("{at}/agree"), hidden, label: label("agree") }.show("main")
    };
    if exchange.statement.is_some() {
        let conclude = || {
            let mut hidden = guest.hidden();
            hidden.push(("seen".into(), record.sequence.to_string()));
            Press { action: format!("{at}/conclude"), hidden, label: label("conclude") }.show("main")
        };
        return html! {
            p { (guest.word("exchange-agreed")) }
            @match exchange.settlement {
                Some(settlement) => p { (guest.word("exchange-settled")) " " a.button href={ "/settlement/" (settlement) } { (guest.word("exchange-to-settlement")) } },
                None => (conclude()),
            }
        };
    }
    let (word, step) = match exchange.draft() {
        _ if exchange.here.claims.is_none() => {
            ("exchange-claim-first", html! { a.button href={ (at) "/state" } { (label("state")) } })
        }
        None => ("exchange-bring-theirs", bring()),
        Some(draft) => {
            let text = draft.text();
            if exchange.here.signed.contains(&text) {
                ("exchange-take-signature", bring())
            } else if exchange.is_second() && !exchange.there.signed.contains(&text) {
                ("exchange-other-first", bring())
            } else {
                ("exchange-sign", html! { (sign()) (bring()) })
            }
        }
    };
    html! { p { (guest.word(word)) } div.row { (step) } }
}

fn spoken(line: &Line) -> Option<(bool, Message)> {
    let is_ours = match line.event.get("event").and_then(Value::as_str)? {
        "spoke" => true,
        "heard" => false,
        _ => return None,
    };
    let message = serde_json::from_value(line.event.get("message")?.clone()).ok()?;
    Some((is_ours, message))
}

/// Every message, the newest first: ours to be taken to the other house.
fn messages(guest: &Guest, record: &Record, history: &[Line]) -> Markup {
    let row = |line: &Line| {
        let (is_ours, message) = spoken(line)?;
        let kind = match &message.word {
            Said::Claims { .. } => "claims",
            Said::Disputes { .. } => "disputes",
            Said::Ends { .. } => "ends",
            Said::Signs { .. } => "signs",
        };
        let number = message.number;
        Some(Row::new(vec![
            html! { (guest.say(if is_ours { "exchange-ours" } else { "exchange-theirs" }, &json!({ "number": number }))) },
            html! { (guest.desk_word("exchange", "choice", kind)) },
            html! { span.nowrap { (guest.moment(line.at)) } },
            html! {
                @if is_ours { a href={ "/exchange/" (record.id) "/message/" (number) } download { (guest.word("exchange-take")) } }
                @else { a href={ "/proof/" (line.position) } { (guest.word("exchange-proof")) } }
            },
        ]))
    };
    let heads = ["exchange-message", "exchange-what", "exchange-when", "exchange-file"];
    parts::table(&Table {
        id: "messages".into(),
        caption: guest.word("exchange-messages-caption").into(),
        columns: heads.map(|head| Column::new(guest.word(head))).into(),
        rows: history.iter().rev().filter_map(row).take(SHOWN).collect(),
        scrolls: false,
        empty: Empty { title: guest.word("exchange-silent").into(), ..Empty::default() },
    })
}

/// Both sides' lines, order by order.
fn lines(guest: &Guest, record: &Record, exchange: &Exchange) -> Markup {
    let (here, there) = (exchange.here.claims.as_ref(), exchange.there.claims.as_ref());
    let orders: BTreeSet<&String> = here.into_iter().chain(there).flat_map(|claims| claims.keys()).collect();
    let waiting = exchange.waiting();
    let is_laid = here.is_some() && there.is_some();
    let is_open = exchange.statement.is_none();
    let amount = |claim: Option<&Claim>| {
        html! {
            @match claim {
                None => "—",
                Some(claim) => { span.nowrap { (guest.region(claim.debtor)) " → " (guest.region(claim.creditor)) } br; (guest.money(Money::fen(claim.fen))) },
            }
        }
    };
    let state = |order: &String| {
        let (tone, word, reason) = match waiting.get(order) {
            None if is_laid => (Tone::Good, "exchange-counts", ""),
            None => (Tone::Plain, "exchange-not-laid", ""),
            Some(Why::OnlyHere) => (Tone::Warn, "exchange-only-here", ""),
            Some(Why::OnlyThere) => (Tone::Warn, "exchange-only-there", ""),
            Some(Why::Differs) => (Tone::Bad, "exchange-differs", ""),
            Some(Why::Disputed(reason)) => (Tone::Bad, "in-dispute", reason.as_str()),
        };
        html! { (parts::badge(tone, guest.word(word))) @if !reason.is_empty() { " " small { (reason) } } }
    };
    let step = |order: &String| {
        let verb = if exchange.here.disputes.contains_key(order) { "end-dispute" } else { "dispute" };
        let href = format!("/exchange/{}/{verb}?order={}", record.id, crate::visit::escape(order));
        html! { @if is_open { a href=(href) { (guest.desk_word("exchange", "verb", verb)) } } }
    };
    let row = |order: &&String| {
        let of = |claims: Option<&std::collections::BTreeMap<String, Claim>>| {
            amount(claims.and_then(|claims| claims.get(*order)))
        };
        Row::new(vec![html! { code { (order) } }, of(here), of(there), state(order), step(order)])
    };
    let heads = ["order", "exchange-here", "exchange-there", "how-it-is", "next-step"];
    let mut columns: Vec<Column> = heads.map(|head| Column::new(guest.word(head))).into();
    columns.iter_mut().skip(1).take(2).for_each(|column| column.align = Align::End);
    parts::table(&Table {
        id: "lines".into(),
        caption: guest.say("exchange-lines-caption", &json!({ "count": orders.len() })),
        columns,
        rows: orders.iter().take(SHOWN).map(row).collect(),
        scrolls: false,
        empty: Empty { title: guest.word("no-lines").into(), ..Empty::default() },
    })
}

/// A message of ours: the receipt of the fact in which we said it.
///
/// # Errors
/// When there is none for this guest's eyes, or the log has not been signed since.
pub fn message(guest: &Guest, id: Id, number: &str) -> Answer {
    let (record, exchange) = read(guest, id)?;
    let number: u32 = number.parse().map_err(|_| Trouble::NotFound)?;
    let history = guest.look.history(record.id)?;
    let is_it = |line: &&Line| spoken(line).is_some_and(|(is_ours, said)| is_ours && said.number == number);
    let line = history.iter().find(is_it).ok_or(Trouble::NotFound)?;
    let (receipt, _) = crate::rooms::known_receipt(guest, line.position)?;
    let json = serde_json::to_vec_pretty(&receipt).map_err(|error| Trouble::Unreadable(error.to_string()))?;
    let name = format!("{} {number} {}.json", exchange.run, exchange.region);
    Ok(Reply::file("application/json", &name, json))
}
