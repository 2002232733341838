//! Attended: whether anybody is free to run the instrument for a user, and what a use takes from its shelf.

use grammar::prelude::*;

use super::{Booking, Refusal::*, Request, SITTINGS_MAX, Terms, fields::Report};
use crate::{
    calendar::Times,
    instrument::{self, Stock, Stocks, Unattended},
};

/// The first of the times in which none of its operators can run it; none where the user runs it.
pub(super) fn unattended(request: &Request, terms: &Terms, all: &[Times], ctx: &Ctx) -> Option<Times> {
    if !terms.is_supervised {
        return None;
    }
    let busy = ctx.see(request.instrument).read::<Unattended>("unattended")?;
    let meets = |times: &&Times| busy.iter().any(|one| one.from < times.until && times.from < one.until);
    all.iter().take(SITTINGS_MAX).find(meets).copied()
}

/// Somebody can run it at all of the times.
pub(super) fn is_attended(
    request: &Request,
    terms: &Terms,
    all: &[Times],
    ctx: &Ctx,
) -> Result<(), No<super::Refusal>> {
    match unattended(request, terms, all, ctx) {
        Some(Times { from, until }) => Err(NobodyToRunIt { from, until }.into()),
        None => Ok(()),
    }
}

impl Booking {
    /// What its use took of consumables: what the report says, else what was asked for.
    pub(super) fn takes_from_stock(&self, report: &Report) -> Option<Tell> {
        let asked = self.terms.extras.iter().filter(|extra| extra.is_used_up);
        let took = asked.filter_map(|extra| {
            let said = report.used.iter().find(|wanted| wanted.name == extra.name);
            let count = said.map_or(extra.count, |wanted| wanted.count.get());
            let count = Between::new(count).filter(|_| count > 0)?;
            Some(Stock { name: extra.name.clone(), count })
        });
        let at_end = self.counted_at_end();
        let at_end = at_end
            .iter()
            .filter_map(|extra| Some(Stock { name: extra.name.clone(), count: Between::new(extra.count)? }));
        let took = took.chain(at_end);
        let used = Stocks::new(took.collect()).filter(|used| !used.is_empty())?;
        Some(tell(self.request.instrument, &instrument::Command::UseUp { used }))
    }
}
