//! Permitted: whether whoever books may run the instrument alone.

use grammar::prelude::*;

use super::{Refusal, Refusal::*, Request};
use crate::instrument::Using;

/// Whoever runs the instrument alone has shown to be able to: by a permit for it, or for another of its unit's group.
pub(super) fn is_permitted(using: &Using, request: &Request, ctx: &Ctx) -> Result<(), No<Refusal>> {
    if !using.needs_permit {
        return Ok(());
    }
    let Some(permit) = request.permit else { return Err(PermitNeeded.into()) };
    let (card, instrument) = (ctx.see(permit), ctx.see(request.instrument));
    let is_own = card.holders("person").any(|person| ctx.by.is_itself(person));
    let is_its = card.holders("instrument").any(|id| id == request.instrument.id());
    let is_unit = card.holders("unit").any(|unit| unit == instrument.the("unit"));
    let is_group = using.permit_group.is_some() && card.read("group") == using.permit_group;
    let lasts = card.until.is_none_or(|until| request.from.day() <= until);
    let opens = is_its || (is_unit && is_group);
    Ok(ensure(is_own && opens && card.status == "valid" && lasts, PermitNotValid)?)
}
