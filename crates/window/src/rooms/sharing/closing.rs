//! Closing: whoever keeps an instrument and comes to book a time of it may have meant to close it then.

use grammar::{
    form::Flat,
    kinds::{Id, Moment},
};
use maud::{Markup, html};
use registry::Record;

use super::{is_side, moving::cancelling, times::local};
use crate::{guest::Guest, visit::escape};

/// What is said over a form of a booking before it is filled.
#[must_use]
pub fn form_lead(guest: &Guest, asked: (&str, &str), record: Option<&Record>, values: &Flat) -> Markup {
    match (asked, record) {
        (("booking", _), None) => instead(guest, values),
        (("booking", "cancel"), Some(record)) => cancelling(guest, record),
        _ => html! {},
    }
}

/// The way from the form of a booking to the form that closes the same time; nothing for others, or before the time is known.
fn instead(guest: &Guest, values: &Flat) -> Markup {
    way(guest, values).map_or_else(
        || html! {},
        |href| html! { p { (guest.word("close-instead")) " " a href=(href) { (guest.desk_word("instrument", "verb", "close")) } } },
    )
}

fn way(guest: &Guest, values: &Flat) -> Option<String> {
    let id: Id = values.get("instrument")?.parse().ok()?;
    let from: Moment = values.get("from")?.parse().ok()?;
    let minutes: i64 =
        values.get("minutes")?.parse().ok().filter(|minutes| (1..=100_000).contains(minutes))?;
    let record = guest.look.record(id).ok()?.filter(|record| is_side(guest, &record.card, "unit"))?;
    let [from, until] = [from, from.plus_millis(minutes * 60_000)].map(|at| escape(&local(at.in_millis())));
    Some(format!("/instrument/{}/close?times.from={from}&times.until={until}&why=maintenance", record.id))
}
