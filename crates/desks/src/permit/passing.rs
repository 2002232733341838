//! Passing: what a training session gives whoever passes, and the group of instruments that a permit opens.

use grammar::prelude::*;

use super::{
    Event::{self, Grouped},
    Permit,
    Refusal::TrainedLater,
    Status, granted,
};
use crate::{
    instrument::{Instrument, Using},
    person::Person,
};

/// The permit that passing a session gives someone for an instrument: its name follows from both, so that passing again
/// renews it.
#[must_use]
pub fn name(person: Ref<Person>, instrument: Ref<Instrument>) -> Ref<Permit> {
    let own = |id: Id| id.as_str().rsplit_once('-').map_or("", |(_, own)| own).to_owned();
    let name = format!("permit-{}x{}", own(person.id()), own(instrument.id()));
    // An id has room for any names the registry makes; a longer one of a test keeps its beginning.
    let short: String = name.chars().take(47).collect();
    short.parse::<Id>().unwrap_or_else(|_| impossible(&name)).r()
}

impl Permit {
    /// Passing a session renews what the same person has for what is taught there. What holds longer already stays so long;
    /// what was withdrawn holds again: whoever teaches has seen them since.
    pub(super) fn passes(
        &self,
        (instrument, person): (Ref<Instrument>, Ref<Person>),
        trained: Day,
        until: Day,
        ctx: &Ctx,
    ) -> Decision<Self> {
        let group = group_of(instrument, ctx);
        let is_grouped = group.is_some() && group == self.group;
        if self.person != person || !(self.instrument == instrument || is_grouped) {
            return not_now();
        }
        ensure(trained <= ctx.today(), TrainedLater { on: trained })?;
        let longer = self.until.filter(|had| self.status == Status::Valid && until < *had);
        let granted = granted(longer.unwrap_or(until), ctx)?;
        let trained = say(Event::Trained { on: trained });
        let said = if group == self.group { trained } else { trained.say(Grouped { group }) };
        Ok(said.say(granted))
    }
}

/// The group that the terms of an instrument name.
pub(super) fn group_of(instrument: Ref<Instrument>, ctx: &Ctx) -> Option<Text<60>> {
    ctx.see(instrument).read::<Using>("using")?.permit_group
}
