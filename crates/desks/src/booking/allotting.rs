//! Allotting: shifts that a proposal was granted become a booking, at once and beside the instrument's usual terms.
//!
//! How far ahead, how long and how often others may book does not hold for it, its quotas do not count, and safety has
//! been looked at with the proposal. Opening hours and whatever is taken already hold for it as for everyone.

use engines::booking::HOUR;
use grammar::prelude::*;

use super::{
    Basis, Booking,
    Event::*,
    Purpose, Refusal,
    Refusal::*,
    Request,
    asking::{in_hours, takes, terms_of},
    fields, turns,
};
use crate::{
    calendar::Times,
    instrument::{Confirmation, Instrument},
    organisation::Organisation,
    proposal::Proposal,
};

/// One shift, in hours; time is given in whole ones.
const SHIFT_HOURS: Rule<i64> = rule("IN-R34");
/// Whoever keeps the results pays the full cost; whoever makes them public pays nothing.
const OWN_RESULTS_PAY: Rule<bool> = rule("IN-R33");
/// Shifts of one booking: two weeks without a pause.
pub const SHIFTS_MAX: i64 = 42;

/// What a proposal asks the instrument for.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Allotment {
    pub proposal: Ref<Proposal>,
    pub instrument: Ref<Instrument>,
    pub buyer: Ref<Organisation>,
    pub from: Moment,
    pub shifts: Between<1, SHIFTS_MAX>,
    pub detail: Text<1000>,
    /// Results that are made public cost nothing.
    pub is_free: bool,
}

impl Allotment {
    /// When it begins and ends, in whole shifts of so many hours.
    #[must_use]
    pub fn times(from: Moment, shifts: i64, hours: i64) -> Times {
        Times { from, until: from.plus_millis(shifts * hours * HOUR) }
    }
}

pub(super) fn allot(a: &Allotment, ctx: &Ctx) -> Decision<Booking> {
    // The proposal and the booking are of one region, so both count the same hours.
    let region = ctx.see(a.instrument).scope();
    let hours = ctx.rules.value(SHIFT_HOURS, region, ctx.today());
    let times = Allotment::times(a.from, a.shifts.get(), hours);
    let Some(minutes) = Between::new(a.shifts.get() * hours * 60) else { return not_now() };
    let request = Request {
        instrument: a.instrument,
        buyer: a.buyer,
        from: a.from,
        minutes,
        every: None,
        basis: Basis::ByShift,
        samples: None,
        purpose: Purpose::Research,
        project: Text::read(a.proposal.id().as_str()),
        detail: a.detail.clone(),
        permit: None,
        instead_of: None,
        way: None,
        accessories: List::default(),
        consumables: List::default(),
        setups: List::default(),
        wants_operator: false,
        companion: None,
        answers: List::default(),
        agreement: None,
        no_secrets: true,
    };
    let (using, mut terms) = terms_of(a.instrument, &request, ctx)?;
    (terms.daily, terms.weekly, terms.confirmation) = (None, None, Confirmation::AtOnce);
    if a.is_free {
        terms.questions.iter_mut().for_each(|posed| posed.each = Money::ZERO);
    }
    ensure(ctx.now < a.from, InThePast { from: a.from })?;
    in_hours(&using, times)?;
    let full = fields::price(&using, &request, terms.unit_charge, times);
    let price = match (a.is_free, full) {
        (true, _) => Money::ZERO,
        (false, Some(full)) => full,
        (false, None) => return no_charge(),
    };
    let (itself, booker) = (ctx.me.r(), ctx.by.person);
    let said = say(Allotted {
        itself,
        request: request.clone(),
        terms: terms.clone(),
        booker,
        price,
        proposal: a.proposal,
    });
    let taken = takes(itself, &request, &terms, &[times]).into_iter().fold(said, Script::and);
    Ok(turns::then_line(using.mode, a.instrument, taken.say(Scheduled { operator: None })))
}

fn no_charge() -> Decision<Booking> {
    let refused: Result<(), No<Refusal>> =
        ensure(false, NoSuchCharge { basis: Basis::ByShift }).by(OWN_RESULTS_PAY);
    refused.and_then(|()| not_now())
}
