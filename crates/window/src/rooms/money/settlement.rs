//! Settlement: what was settled with a region that runs a house of its own: what each owes, the lines, what waits, and the note that both
//! sides have signed.

use desks::settlement::{Claim, Statement};
use grammar::{
    clerk::Clerk,
    kinds::{Id, Money},
};
use maud::{Markup, html};
use registry::Record;
use serde_json::{Value, json};

use super::{compared, money, steps};
use crate::{
    denied::Trouble,
    guest::Guest,
    parts::{self, Align, Column, Empty, Fact, Link, Row, Section, Stat, Table},
    plain,
    visit::Reply,
    ways::Answer,
};

const WAY: [&str; 2] = ["entered", "paid"];
/// Lines shown.
const SHOWN: usize = 60;

fn read(guest: &Guest, id: Id) -> Result<(Record, Statement), Trouble> {
    let record =
        guest.look.record(id)?.filter(|record| record.desk == "settlement").ok_or(Trouble::NotFound)?;
    let statement = record.state.get("statement").cloned().unwrap_or_default();
    let statement = serde_json::from_value(statement).map_err(|_| Trouble::NotFound)?;
    Ok((record, statement))
}

/// The page of a settlement.
///
/// # Errors
/// When there is none for this guest's eyes, or the store cannot be read.
pub fn settlement(guest: &Guest, clerk: &dyn Clerk, id: Id) -> Answer {
    let (record, statement) = read(guest, id)?;
    let title = guest.pick(&record.card.title_zh, &record.card.title_en).to_owned();
    let section = |id: &str, title: &str, body: Markup| {
        parts::section(&Section { id: id.into(), title: title.into(), beside: html! {}, body })
    };
    let stat = |value: String, label: String, href: &str| Stat {
        value,
        label,
        href: href.into(),
        ..Stat::default()
    };
    let findings = compared::findings(guest, &record, &statement)?;
    let exchange = record.card.holders("exchange").next();
    let field = |name: &str| clerk.words(guest.locale).get("field", name).to_owned();
    let main = html! {
        (plain::heading(guest, clerk, &record))
        (plain::done(guest)?)
        (steps(guest, clerk, &record, &WAY))
        (parts::stats(&[
            stat(guest.money(money(&record.state, "/we_owe")), field("we_owe"), "#lines"),
            stat(guest.money(money(&record.state, "/they_owe")), field("they_owe"), "#lines"),
            stat(statement.counting.len().to_string(), field("counting"), "#lines"),
            stat(statement.waiting.len().to_string(), field("waiting"), "#waiting"),
            stat(if findings.1 { findings.0.len().to_string() } else { "—".into() }, guest.word("differs").to_owned(), "#findings"),
        ]))
        div.two-thirds {
            div.stack {
                (section("about", guest.word("about"), parts::facts(&facts(guest, clerk, &record))))
                (section("findings", guest.word("differs"), compared::table(guest, &record, &findings)))
                @if let Some(contested) = compared::contested(guest, &record) { (section("disputes", &field("disputes"), contested)) }
                (section("lines", guest.word("run-lines"), lines(guest, &statement)))
                @if !statement.waiting.is_empty() {
                    (section("waiting", &field("waiting"), html! {
                        p.note { (guest.word("settlement-waits")) }
                        ul { @for order in statement.waiting.iter().take(SHOWN) { li { code { (order) } } } }
                        @if statement.waiting.len() > SHOWN { p.note { (guest.word("settlement-more")) } }
                    }))
                }
                (section("note", &field("note"), html! {
                    p { (guest.word(if exchange.is_some() { "settlement-by-exchange" } else { "settlement-note" })) @if let Some(exchange) = exchange { " " (guest.link(exchange)) } }
                    p { a.button href={ "/settlement/" (id) "/note.txt" } download { (guest.word("settlement-take")) } }
                }))
                (plain::history(guest, clerk, &record)?)
            }
            aside { (plain::actions(guest, clerk, &record)?) (plain::proofs(guest, clerk, &record)?) }
        }
    };
    let crumbs = vec![Link::new("/settlement", guest.desk_word(clerk.name(), "desk", "many"))];
    Ok(guest.page(&title, crumbs, main))
}

/// With whom, since when, how it was paid, and how far the other's log was seen.
fn facts(guest: &Guest, clerk: &dyn Clerk, record: &Record) -> Vec<Fact> {
    let mut rest = record.state.clone();
    if let Some(fields) = rest.as_object_mut() {
        fields.retain(|name, _| {
            !["statement", "note", "we_owe", "they_owe", "seen", "other", "disputes", "kept_back", "exchange"]
                .contains(&name.as_str())
        });
    }
    let mut facts = plain::values(guest, clerk, &rest);
    let other = record.state.get("other").and_then(Value::as_str).and_then(|code| code.parse().ok());
    if let Some(other) = other {
        let label = clerk.words(guest.locale).get("field", "other").to_owned();
        facts.push(Fact::new(label, &guest.region(other)));
    }
    let size = record.state.pointer("/seen/size").and_then(Value::as_u64).unwrap_or(0);
    let label = clerk.words(guest.locale).get("field", "seen").to_owned();
    facts.push(Fact::new(label, &guest.say("settlement-seen", &json!({ "count": size }))));
    facts
}

fn lines(guest: &Guest, statement: &Statement) -> Markup {
    let row = |claim: &Claim| {
        Row::new(vec![
            html! { code { (claim.order) } },
            html! { span.nowrap { (guest.region(claim.debtor)) " → " (guest.region(claim.creditor)) } },
            html! { (guest.money(Money::fen(claim.fen))) },
            html! { (claim.effective) },
            html! { (claim.corrects) },
        ])
    };
    let heads = ["order", "who-owes-whom", "amount", "effective-on", "corrects"];
    let mut columns: Vec<Column> = heads.map(|head| Column::new(guest.word(head))).into();
    if let Some(amount) = columns.get_mut(2) {
        amount.align = Align::End;
    }
    html! {
        (parts::table(&Table {
            id: "lines".into(),
            caption: guest.say("settlement-lines", &json!({ "count": statement.counting.len() })),
            columns,
            rows: statement.counting.iter().take(SHOWN).map(row).collect(),
            scrolls: true,
            empty: Empty { title: guest.word("no-lines").into(), ..Empty::default() },
        }))
        @if statement.counting.len() > SHOWN { p.note { (guest.word("settlement-more")) } }
    }
}

/// The note as it was signed, for whoever wants to check it with other means.
///
/// # Errors
/// When there is no such settlement for this guest.
pub fn settlement_note(guest: &Guest, id: Id) -> Answer {
    let (record, _) = read(guest, id)?;
    let note = record.state.get("note").and_then(Value::as_str).unwrap_or_default();
    Ok(Reply::file("text/plain; charset=utf-8", &format!("{id}.txt"), note.as_bytes().to_vec()))
}
