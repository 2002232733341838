//! Plain pages: the list, the record and the form that every desk has without another line.

mod form;
mod list;
mod record;
mod values;

pub use form::{form, submit};
pub use list::{found_in, list};
pub use record::{actions, card_facts, done, file, heading, history, proofs, record};
pub use values::values;
