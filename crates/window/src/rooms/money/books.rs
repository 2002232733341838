//! Books: what a guest may see of accounts and vouchers, as a journal for hledger.

use grammar::kinds::{Id, Money};
use registry::{Filter, Record};
use serde_json::{Value, json};

use super::{bank, money, wallet};
use crate::{
    denied::Trouble,
    guest::Guest,
    visit::Reply,
    ways::{
        Answer,
        journal::{Books, movement, voucher_movement},
    },
};

/// Accounts of one file.
const ACCOUNTS_MAX: u32 = 200;

/// The accounts by which the regions of a run settle, with all that ever moved on them.
///
/// # Errors
/// When there is no such run with lines for this guest, or the store cannot be read.
pub fn run_books(guest: &Guest, id: Id) -> Answer {
    let record =
        guest.look.record(id)?.filter(|record| record.desk == "clearing").ok_or(Trouble::NotFound)?;
    if !guest.look.viewer.is_inside(&record.card) {
        return Err(Trouble::NotFound);
    }
    let mut books = Books::default();
    for (_, account) in bank::members(&record) {
        keep(guest, account, &mut books)?;
    }
    file(&id.to_string(), &books)
}

/// A guest's own accounts and vouchers.
///
/// # Errors
/// When one has not signed in, or the store cannot be read.
pub fn own_books(guest: &Guest) -> Answer {
    if guest.session.is_none() {
        return Err(Trouble::SignIn);
    }
    let mut books = Books::default();
    let filter = Filter { desk: "account".into(), is_mine: true, limit: ACCOUNTS_MAX, ..Filter::default() };
    for listed in guest.look.list(&filter)?.rows {
        if listed.card.holders("owner").any(|owner| guest.look.viewer.is(owner)) {
            keep(guest, listed.id, &mut books)?;
        }
    }
    for voucher in wallet::vouchers(guest)? {
        let fund = voucher.state.get("fund").and_then(Value::as_str).unwrap_or_default().to_owned();
        let balance = money(&voucher.state, "/face") - money(&voucher.state, "/gone");
        let of = |id: &str, line: &Value| voucher_movement(id, &fund, line);
        all(guest, &voucher, balance, &of, &mut books)?;
    }
    file("books", &books)
}

/// An account that this guest sees whole; of another, not even its name goes into the file.
fn keep(guest: &Guest, account: Id, books: &mut Books) -> Result<(), Trouble> {
    let seen = guest.look.record(account)?.filter(|record| guest.look.viewer.is_inside(&record.card));
    let Some(record) = seen else { return Ok(()) };
    let balance = money(&record.state, "/balance");
    all(guest, &record, balance, &movement, books)
}

type Reading<'a> = &'a dyn Fn(&str, &Value) -> Option<(String, crate::ways::journal::Move)>;

/// All that moved on a record. Its balance is said only when its whole history was shown.
fn all(
    guest: &Guest,
    record: &Record,
    balance: Money,
    of: Reading,
    books: &mut Books,
) -> Result<(), Trouble> {
    let id = record.id.to_string();
    let lines = guest.look.history(record.id)?;
    for line in &lines {
        let told = json!({ "at": line.at, "sequence": line.sequence, "event": line.event });
        let Some((key, each)) = of(&id, &told) else { continue };
        books.keep(key, each).map_err(|max| Trouble::TooLarge { max })?;
    }
    if u32::try_from(lines.len()).ok() == Some(record.sequence) {
        books.states(&id, guest.pick(&record.card.title_zh, &record.card.title_en), balance);
    }
    Ok(())
}

fn file(name: &str, books: &Books) -> Answer {
    Ok(Reply::file("text/plain; charset=utf-8", &format!("{name}.journal"), books.text().into_bytes()))
}
