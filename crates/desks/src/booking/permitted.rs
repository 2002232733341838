//! Permitted: whether whoever books may run the instrument alone.

use grammar::prelude::*;

use super::{Refusal, Refusal::*, Request};
use crate::{
    instrument::{Instrument, Using},
    permit::Permit,
};

/// Whoever runs the instrument alone has shown to be able to: by a permit for it, or for another of its unit's group.
pub(super) fn is_permitted(using: &Using, request: &Request, ctx: &Ctx) -> Result<(), No<Refusal>> {
    if !using.needs_permit {
        return Ok(());
    }
    let Some(permit) = request.permit else { return Err(PermitNeeded.into()) };
    Ok(ensure(may_run(using, permit, request.instrument, request.from.day(), ctx), PermitNotValid)?)
}

/// Whether this permit is the asker's own, and opens the instrument on that day.
pub fn may_run(using: &Using, permit: Ref<Permit>, instrument: Ref<Instrument>, on: Day, ctx: &Ctx) -> bool {
    let (card, its) = (ctx.see(permit), ctx.see(instrument));
    let is_own = card.holders("person").any(|person| ctx.by.is_itself(person));
    let is_its = card.holders("instrument").any(|id| id == instrument.id());
    let is_unit = card.holders("unit").any(|unit| unit == its.the("unit"));
    let is_group = using.permit_group.is_some() && card.read("group") == using.permit_group;
    let lasts = card.until.is_none_or(|until| on <= until);
    is_own && (is_its || (is_unit && is_group)) && card.status == "valid" && lasts
}
