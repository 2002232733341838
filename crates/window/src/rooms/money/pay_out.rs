//! Pay out: a batch's payment through a bank: the file for it, and its statement read back. Seen by those who pay.

use desks::redemption::Redemption;
use grammar::{clerk::Clerk, kinds::Id};
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

/// Whether this guest may pay the batch, and it is far enough for that.
pub fn may_pay(guest: &Guest, record: &Record) -> bool {
    let is_public = ["published", "paid"].contains(&record.card.status.as_str());
    is_public && guest.look.viewer.holds("voucher-office", record.card.scope())
}

fn read(record: &Record) -> Option<Redemption> {
    serde_json::from_value(record.state.clone()).ok()
}

/// The provider's accounts with the bank numbers named at them, or the file, what the bank has booked, and the way to its statement.
pub fn section(guest: &Guest, record: &Record) -> Result<Markup, Trouble> {
    let Some(batch) = read(record) else { return Ok(html! {}) };
    let at = format!("/redemption/{}", record.id);
    let label = |verb: &str| guest.desk_word("redemption", "verb", verb);
    let accounts = guest.look.naming("account", ("owner", record.card.the("claimant")))?;
    let instruct = instruct(guest, record, &accounts);
    let Some(instruction) = batch.instruction() else {
        return Ok(html! {
            p { (guest.word("bank-batch-first")) }
            (tills(guest, &accounts))
            p { a.button href=(instruct) { (label("instruct")) } }
        });
    };
    let (payments, booked) = (batch.transfers(record.id), batch.booked());
    let facts = json!({ "on": instruction.on, "booked": booked.len(), "count": payments.len() });
    Ok(html! {
        p { (guest.say("bank-instructed", &facts)) }
        (paying::table(guest, &payments, booked))
        (paying::statements(guest, batch.statements()))
        p.row {
            a.button href={ (at) "/pain.xml" } download { (guest.word("bank-take")) }
            @if booked.is_empty() { a.button href={ (at) "/book" } { (label("book")) } a href=(instruct) { (guest.word("bank-again")) } }
        }
    })
}

/// The form, with all that is known filled in.
fn instruct(guest: &Guest, record: &Record, accounts: &[Record]) -> String {
    let today = guest.house.registry.now().day();
    let from = record.state.get("pay_from").and_then(Value::as_str).and_then(|day| day.parse().ok());
    let on = from.map_or(today, |from| today.max(from));
    let notice = record.card.holders("notice").next().map(|notice| format!("notice={notice}&"));
    let till = match accounts {
        [only] => format!("till={}&", only.id),
        _ => String::new(),
    };
    format!("/redemption/{}/instruct?{}{till}on={on}", record.id, notice.unwrap_or_default())
}

fn tills(guest: &Guest, accounts: &[Record]) -> Markup {
    let row = |account: &Record| {
        let details = account.state.get("bank").cloned().unwrap_or_default();
        let text = |key: &str| details.get(key).and_then(Value::as_str).unwrap_or_default().to_owned();
        Row::new(vec![
            html! { (guest.link(account.id)) },
            html! { (text("holder")) },
            html! {
                @if details.is_null() { (parts::badge(Tone::Warn, guest.word("bank-none"))) " " a href={ "/account/" (account.id) "/name-bank" } { (guest.desk_word("account", "verb", "name-bank")) } }
                @else { code { (text("number")) } }
            },
        ])
    };
    let field = |name: &str| guest.desk_word("redemption", "field", name);
    parts::table(&Table {
        id: "bank-accounts".into(),
        caption: guest.word("bank-tills").into(),
        columns: [field("till"), field("holder"), field("number")].map(Column::new).into(),
        rows: accounts.iter().map(row).collect(),
        scrolls: false,
        empty: Empty { title: guest.word("bank-no-till").into(), ..Empty::default() },
    })
}

fn batch(guest: &Guest, id: Id) -> Result<Redemption, Trouble> {
    let record = guest.look.record(id)?.filter(|record| record.desk == "redemption");
    let record = record.filter(|record| may_pay(guest, record)).ok_or(Trouble::NotFound)?;
    read(&record).ok_or(Trouble::NotFound)
}

/// The file for the bank.
///
/// # Errors
/// When this guest may not pay, or the bank was not instructed yet.
pub fn batch_file(guest: &Guest, id: Id) -> Answer {
    let file = batch(guest, id)?.bank_file(id).ok_or(Trouble::NotFound)?;
    Ok(Reply::file("application/xml", &format!("{id} pain.001.xml"), file.into_bytes()))
}

/// Takes in a statement by the desk's own verb. One that is refused comes back with every line of ours.
///
/// # Errors
/// As of the form.
pub fn book_batch(guest: &Guest, clerk: &dyn Clerk, id: Id) -> Answer {
    let more = |record: Option<&Record>| {
        let batch = record.filter(|record| may_pay(guest, record)).and_then(read);
        batch
            .map_or_else(|| html! {}, |batch| paying::report(guest, id, &batch.transfers(id), batch.booked()))
    };
    plain::submit_with(guest, clerk, Some(id), "book", &more)
}
