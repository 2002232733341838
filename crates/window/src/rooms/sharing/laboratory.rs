//! Laboratory: its entry in the catalogue, with its visits and safety notes, the way to its chemicals, and what samples it takes.

use grammar::{clerk::Clerk, kinds::Id};
use maud::html;

use super::{chemicals, visits};
use crate::{guest::Guest, plain, ways::Answer};

/// What stands above already.
const SHOWN_ABOVE: [&str; 2] = ["safety", "takes"];

/// The page of a laboratory.
///
/// # Errors
/// When there is none for this guest's eyes, or the store cannot be read.
pub fn laboratory(guest: &Guest, clerk: &dyn Clerk, id: Id) -> Answer {
    let record = plain::known(guest, clerk, id)?;
    let lead = html! { (visits::of_laboratory(guest, &record)?) (chemicals::of_laboratory(guest, &record)?) };
    plain::record_page(guest, clerk, &record, &SHOWN_ABOVE, &lead)
}
