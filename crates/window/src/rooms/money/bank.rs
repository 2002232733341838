//! Bank: what of a run is paid through a bank: the file for it, and its statement read back. Seen by those who may pay.

use desks::clearing::{Clearing, Command};
use grammar::{clerk::Clerk, desk::Desk, kinds::Id};
use maud::{Markup, html};
use registry::Record;
use serde_json::{Value, json};

use super::paying;
use crate::{
    denied::Trouble,
    guest::Guest,
    parts::{self, Column, Empty, Row, Table, Tone},
    plain,
    visit::Reply,
    ways::Answer,
};

/// Whether this guest may pay what the run comes to.
pub fn may_pay(guest: &Guest, record: &Record) -> bool {
    let is_netted = ["netted", "settled"].contains(&record.card.status.as_str());
    is_netted && Clearing::who(&Command::Settle).allows(&guest.look.viewer, &record.card)
}

fn run(guest: &Guest, id: Id) -> Result<(Record, Clearing), Trouble> {
    let record = guest.look.record(id)?.filter(|record| record.desk == "clearing");
    let record = record.filter(|record| may_pay(guest, record)).ok_or(Trouble::NotFound)?;
    let run = read(&record).ok_or(Trouble::NotFound)?;
    Ok((record, run))
}

fn read(record: &Record) -> Option<Clearing> {
    serde_json::from_value(record.state.clone()).ok()
}

/// Which accounts have no bank account yet, or the file, what the bank has booked, and the way to its statement.
pub fn section(guest: &Guest, record: &Record) -> Result<Markup, Trouble> {
    let Some(run) = read(record) else { return Ok(html! {}) };
    let at = format!("/clearing/{}", record.id);
    let label = |verb: &str| guest.desk_word("clearing", "verb", verb);
    let Some(instruction) = run.instruction() else {
        return Ok(html! {
            p { (guest.word("bank-first")) }
            (accounts(guest, record)?)
            p { a.button href=(instruct(guest, record)) { (label("instruct")) } }
        });
    };
    let (payments, booked) = (run.transfers(record.id), run.booked());
    let facts = json!({ "on": instruction.on, "booked": booked.len(), "count": payments.len() });
    Ok(html! {
        p { (guest.say("bank-instructed", &facts)) }
        (paying::table(guest, &payments, booked))
        (paying::statements(guest, run.statements()))
        p.row {
            a.button href={ (at) "/pain.xml" } download { (guest.word("bank-take")) }
            @if booked.len() < payments.len() { a.button href={ (at) "/book" } { (label("book")) } }
            @if booked.is_empty() { a href=(instruct(guest, record)) { (guest.word("bank-again")) } }
        }
    })
}

/// The form, with all that this run needs filled in.
fn instruct(guest: &Guest, record: &Record) -> String {
    let accounts: String =
        members(record).zip(1..).map(|((_, account), n)| format!("accounts.{n}={account}&")).collect();
    format!("/clearing/{}/instruct?{accounts}on={}", record.id, guest.house.registry.now().day())
}

/// Regions that pay or are paid, with their accounts.
pub fn members(record: &Record) -> impl Iterator<Item = (String, Id)> + '_ {
    let all = record.state.get("members").and_then(Value::as_object).into_iter().flatten();
    all.filter_map(|(region, member)| Some((region.clone(), member.get("account")?.as_str()?.parse().ok()?)))
}

fn accounts(guest: &Guest, record: &Record) -> Result<Markup, Trouble> {
    let mut rows = Vec::new();
    for (region, account) in members(record) {
        let seen = guest.look.record(account)?;
        let details = seen.and_then(|account| account.state.get("bank").cloned()).unwrap_or_default();
        let text = |key: &str| details.get(key).and_then(Value::as_str).unwrap_or_default().to_owned();
        let region = region.parse().map_or(region, |region| guest.region(region));
        rows.push(Row::new(vec![
            html! { (region) },
            html! { (text("holder")) },
            html! {
                @if details.is_null() { (parts::badge(Tone::Warn, guest.word("bank-none"))) " " a href={ "/account/" (account) "/name-bank" } { (guest.desk_word("account", "verb", "name-bank")) } }
                @else { code { (text("number")) } }
            },
            html! { (text("bank")) },
        ]));
    }
    let field = |name: &str| guest.desk_word("clearing", "field", name);
    let columns = [guest.word("region").to_owned(), field("holder"), field("number"), field("bank")];
    Ok(parts::table(&Table {
        id: "bank-accounts".into(),
        caption: guest.word("bank-accounts").into(),
        columns: columns.map(Column::new).into(),
        rows,
        scrolls: false,
        empty: Empty { title: guest.word("no-lines").into(), ..Empty::default() },
    }))
}

/// The file for the bank.
///
/// # Errors
/// When this guest may not pay, or the bank was not instructed yet.
pub fn bank_file(guest: &Guest, id: Id) -> Answer {
    let (_, run) = run(guest, id)?;
    let file = run.bank_file(id).ok_or(Trouble::NotFound)?;
    Ok(Reply::file("application/xml", &format!("{id} pain.001.xml"), file.into_bytes()))
}

/// Takes in a statement by the desk's own verb. One that is refused comes back with every line: what fits, what does not, and why.
///
/// # Errors
/// As of the form.
pub fn book(guest: &Guest, clerk: &dyn Clerk, id: Id) -> Answer {
    let more = |record: Option<&Record>| {
        let run = record.filter(|record| may_pay(guest, record)).and_then(read);
        run.map_or_else(|| html! {}, |run| paying::report(guest, id, &run.transfers(id), run.booked()))
    };
    plain::submit_with(guest, clerk, Some(id), "book", &more)
}
