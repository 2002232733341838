//! Operators: whoever schedules a booking is shown which operators are busy at its times, from the calendars that these have
//! brought: that they are busy, and nothing else. Only the managing unit is shown it.

use desks::{calendar::Times, instrument::Operators};
use engines::booking::Span;
use registry::{Broken, Record};
use serde_json::json;

use super::attending::brought;
use crate::{
    guest::Guest,
    parts::{Choice, FieldView},
};

/// Puts the instrument's operators among the choices of the form, and says which of them are busy.
pub fn choose(guest: &Guest, record: Option<&Record>, fields: &mut [FieldView]) {
    let Some((record, field)) = record.zip(fields.iter_mut().find(|field| field.name == "operator")) else {
        return;
    };
    // Without the calendars the form is as it is: whom to name is for whoever schedules.
    let Ok(all) = operators(guest, record) else { return };
    if all.is_empty() {
        return;
    }
    let choice = |(id, name, is_busy): &(String, String, bool)| {
        let label =
            if *is_busy { guest.say("operator-busy", &json!({ "name": name })) } else { name.clone() };
        Choice { value: id.clone(), label, help: String::new() }
    };
    field.choices = all.iter().map(choice).collect();
    let busy: Vec<&str> =
        all.iter().filter(|(_, _, is_busy)| *is_busy).map(|(_, name, _)| name.as_str()).collect();
    if !busy.is_empty() {
        field.help = guest.say("operators-busy", &json!({ "names": busy.join(guest.pick("、", ", ")) }));
    }
}

/// Each operator of the instrument, with whether a calendar of theirs is busy at one of the booking's times.
fn operators(guest: &Guest, record: &Record) -> Result<Vec<(String, String, bool)>, Broken> {
    let is_keeper = super::is_side(guest, &record.card, "provider");
    let Some(instrument) = guest.look.record(record.card.the("instrument"))?.filter(|_| is_keeper) else {
        return Ok(vec![]);
    };
    let sittings: Vec<Times> = record.card.read("sittings").unwrap_or_default();
    let spans: Vec<Span> = sittings.iter().copied().filter_map(desks::calendar::span_of).collect();
    let all: Operators = instrument.card.read("operators").unwrap_or_default();
    let mut told = Vec::new();
    for operator in all.iter() {
        let person = operator.person.id();
        let own = brought(&guest.house.registry, person)?;
        let mut busy =
            own.iter().flat_map(|(_, one)| &one.busy).filter_map(|(from, until)| Span::new(*from, *until));
        let is_busy = busy.any(|busy| spans.iter().any(|span| span.overlaps(busy)));
        told.push((person.to_string(), guest.name(person), is_busy));
    }
    Ok(told)
}
