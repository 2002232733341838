//! Money: the firm's wallet of vouchers, a provider's batch on its way to payment, and what regions settle.

mod clearing;
mod redemption;
mod wallet;

use grammar::{clerk::Clerk, kinds::Money};
use registry::Record;
use serde_json::Value;

pub use clearing::{clearing, lines_sheet};
pub use redemption::redemption;
pub use wallet::wallet;

use crate::{
    guest::Guest,
    parts::{self, State, Step},
};

/// An amount of a record's state; nothing when it has none there.
fn money(state: &Value, at: &str) -> Money {
    state.pointer(at).and_then(Value::as_str).and_then(|text| text.parse().ok()).unwrap_or(Money::ZERO)
}

/// How far a record is on its usual way. A state off the way stands at the end.
fn steps(guest: &Guest, clerk: &dyn Clerk, record: &Record, way: &[&str]) -> maud::Markup {
    let status = record.card.status.as_str();
    let off = (!way.contains(&status)).then_some(status);
    let way: Vec<&str> = way.iter().copied().filter(|_| off.is_none()).chain(off).collect();
    let now = way.iter().position(|step| *step == status).unwrap_or(0);
    let step = |(place, name): (usize, &&str)| {
        let (state, reads) = match place.cmp(&now) {
            std::cmp::Ordering::Less => (State::Done, "step-done"),
            std::cmp::Ordering::Equal => (State::Current, "step-now"),
            std::cmp::Ordering::Greater => (State::Next, "step-next"),
        };
        let label = clerk.words(guest.locale).get("status", name).into();
        Step { label, note: String::new(), state, reads: guest.word(reads).into() }
    };
    parts::steps(guest.word("progress"), &way.iter().enumerate().map(step).collect::<Vec<_>>())
}
