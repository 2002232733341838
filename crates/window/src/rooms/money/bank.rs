//! Bank: what of a run is paid through a bank: the file for it, and its statement read back, line by line. Seen by those who may pay.

use desks::clearing::{Booking, Clearing, Command, STATEMENT_MAX, misfit};
use engines::bank::{Laid, Payment, laid, read_statement};
use grammar::{
    clerk::Clerk,
    desk::Desk,
    kinds::{Id, Money, Text},
};
use maud::{Markup, html};
use registry::Record;
use serde::Serialize;
use serde_json::{Value, json};

use crate::{
    denied::Trouble,
    guest::Guest,
    parts::{self, Align, Column, Empty, Row, Table, Tone},
    plain,
    visit::Reply,
    ways::Answer,
};

/// Lines of a statement shown.
const SHOWN: usize = 200;

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
        (table(guest, &payments, &|number| booked.get(&number)))
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

fn table<'b>(guest: &Guest, payments: &[Payment], booked: &dyn Fn(u32) -> Option<&'b Booking>) -> Markup {
    let row = |(payment, number): (&Payment, u32)| {
        let side = |side: &engines::bank::Side| html! { (side.name) br; small.nowrap { (side.account) } };
        Row::new(vec![
            html! { code.nowrap { (payment.id) } },
            side(&payment.payer),
            side(&payment.payee),
            html! { (guest.money(Money::fen(payment.fen))) },
            html! {
                @match booked(number) {
                    None => (parts::badge(Tone::Warn, guest.word("bank-waits"))),
                    Some(booking) => {
                        (parts::badge(Tone::Good, guest.word("bank-booked")))
                        @if let Some(day) = booking.booked.or(booking.value_day) { " " small { (guest.day(day)) } }
                    },
                }
            },
        ])
    };
    let heads = ["bank-id", "payer", "payee", "amount", "how-it-is"];
    let mut columns: Vec<Column> = heads.map(|head| Column::new(guest.word(head))).into();
    if let Some(amount) = columns.get_mut(3) {
        amount.align = Align::End;
    }
    parts::table(&Table {
        id: "bank-payments".into(),
        caption: guest.word("bank-payments").into(),
        columns,
        rows: payments.iter().zip(1..).map(row).collect(),
        scrolls: false,
        empty: Empty { title: guest.word("no-lines").into(), ..Empty::default() },
    })
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
        run.map_or_else(|| html! {}, |run| lines(guest, id, &run))
    };
    plain::submit_with(guest, clerk, Some(id), "book", &more)
}

/// The text that was chosen as a file, or pasted, as the desk reads it.
fn statement(guest: &Guest) -> Option<Text<STATEMENT_MAX>> {
    let chosen = guest.visit.uploads.get("statement").map(|(_, bytes)| bytes.as_slice());
    let chosen =
        chosen.and_then(|bytes| std::str::from_utf8(bytes).ok()).filter(|text| !text.trim().is_empty());
    Text::read(chosen.unwrap_or_else(|| guest.visit.typed("statement")))
}

fn lines(guest: &Guest, id: Id, run: &Clearing) -> Markup {
    let entries = statement(guest).and_then(|text| read_statement(&text).ok()).unwrap_or_default();
    if entries.is_empty() {
        return html! {};
    }
    let payments = run.transfers(id);
    let before = |name: &str| {
        let number = payments.iter().zip(1..).find(|(payment, _)| payment.id == name).map(|(_, n)| n);
        number.is_some_and(|number| run.booked().contains_key(&number))
    };
    let row = |laid: &Laid| {
        let entry = laid.entry;
        let why = laid.wrong.as_ref().map(|bad| sentence(guest, &misfit(bad)));
        let is_old = why.is_none() && before(&entry.id);
        Row::new(vec![
            html! { (entry.line) },
            html! { code { (entry.id) } },
            html! { (guest.money(Money::fen(entry.fen))) },
            html! {
                @if let Some(why) = why { (parts::badge(Tone::Bad, guest.word("bank-misfit"))) " " (why) }
                @else if is_old { (parts::badge(Tone::Bad, guest.word("bank-misfit"))) " " (guest.word("bank-before")) }
                @else { (parts::badge(Tone::Good, guest.word("bank-fits"))) }
            },
        ])
    };
    let all = laid(&payments, &entries);
    let wrong = all.iter().filter(|laid| laid.wrong.is_some() || before(&laid.entry.id)).count();
    let mut sorted: Vec<&Laid> = all.iter().collect();
    sorted.sort_by_key(|laid| (laid.wrong.is_none() && !before(&laid.entry.id), laid.entry.line));
    let heads = ["bank-line", "bank-id", "amount", "how-it-is"];
    let mut columns: Vec<Column> = heads.map(|head| Column::new(guest.word(head))).into();
    if let Some(amount) = columns.get_mut(2) {
        amount.align = Align::End;
    }
    html! {
        h2 { (guest.say("bank-report", &json!({ "wrong": wrong, "count": all.len() }))) }
        p { (guest.word("bank-nothing-taken")) }
        (parts::table(&Table {
            id: "bank-report".into(), caption: guest.word("bank-report-caption").into(), columns,
            rows: sorted.into_iter().take(SHOWN).map(row).collect(), scrolls: false, empty: Empty::default(),
        }))
    }
}

/// A refusal of the desk, in the reader's language.
fn sentence(guest: &Guest, refusal: &impl Serialize) -> String {
    let facts = serde_json::to_value(refusal).unwrap_or_default();
    let code = facts.get("code").and_then(Value::as_str).unwrap_or_default();
    let Some(clerk) = guest.desk("clearing") else { return String::new() };
    clerk.words(guest.locale).sentence("refusal", code, &facts, &|id| guest.name(id))
}
