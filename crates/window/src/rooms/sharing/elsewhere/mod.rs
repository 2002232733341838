//! Elsewhere: time of an instrument that other calendars call busy, brought as files. Each event closes the instrument for
//! its time; what is booked here already stays, and the keeper is told. The same file again changes nothing, a changed
//! one replaces what it had brought. Calendars of those who run it say when nobody can (`own.rs`). Nothing is fetched from a network: a keeper, or a keeper's program, brings it.

mod own;
mod page;
mod read;
mod settle;
#[cfg(test)]
mod tests;

pub use own::{own_busy, own_busy_json, own_busy_post, own_busy_send};
pub use page::{busy, busy_json, busy_post, busy_send};
pub use settle::bring;

use grammar::kinds::Id;
use registry::Record;

use crate::{denied::Trouble, guest::Guest};

/// An instrument whose keeper or office this guest is.
///
/// # Errors
/// When it is not there, or this guest does not keep it.
pub(super) fn kept(guest: &Guest, id: Id) -> Result<Record, Trouble> {
    if guest.session.is_none() {
        return Err(Trouble::SignIn);
    }
    let record = guest.look.record(id)?.filter(|record| record.desk == "instrument");
    let record = record.ok_or(Trouble::NotFound)?;
    let viewer = &guest.look.viewer;
    let keeps = viewer.is(record.card.the("unit")) || viewer.holds("instrument-office", record.card.scope());
    if keeps { Ok(record) } else { Err(Trouble::NotFound) }
}
