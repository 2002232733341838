//! Money: the firm's wallet of vouchers, a provider's batch on its way to payment, and what regions settle.

mod bank;
mod books;
mod clearing;
mod compared;
mod exchange;
mod old_book;
mod order;
mod own_lines;
mod pay_out;
mod paying;
mod redemption;
mod settlement;
mod uptake;
mod wallet;

use grammar::{clerk::Clerk, kinds::Money};
use registry::Record;
use serde_json::Value;

pub use bank::{bank_file, book};
pub use books::{own_books, run_books};
pub use clearing::{clearing, lines_sheet};
pub use exchange::{exchange, message as exchange_message};
pub use old_book::{bring_in, old_book, old_journal, old_sheet};
pub use order::order;
pub use pay_out::{batch_file, book_batch};
pub use paying::unread;
pub use redemption::redemption;
pub use settlement::{settlement, settlement_note};
pub use uptake::{may_see as may_see_uptake, uptake};
pub use wallet::wallet;

use crate::{guest::Guest, plain};

/// An amount of a record's state; nothing when it has none there.
fn money(state: &Value, at: &str) -> Money {
    state.pointer(at).and_then(Value::as_str).and_then(|text| text.parse().ok()).unwrap_or(Money::ZERO)
}

/// How far a record is on its usual way. One that has left it shows its state alone.
fn steps(guest: &Guest, clerk: &dyn Clerk, record: &Record, way: &[&str]) -> maud::Markup {
    let is_off = !way.contains(&record.card.status.as_str());
    plain::progress(guest, clerk, record, if is_off { &[] } else { way })
}
