//! Agreed: a booking under an agreement: at its charge for the hour, or from hours paid ahead; and what it takes from the
//! agreement as it is booked, moved, used, adjusted or given up.

use engines::booking::MINUTE;
use grammar::{desk::Step, prelude::*};

use super::{
    Basis, Booking, Came, Event,
    Event::{Queued, Requested},
    Refusal::{self, *},
    Request, Status, Terms,
    asking::china,
};
use crate::{
    agreement::{self, Agreement},
    calendar::{Times, length_of, span_of},
    instrument::{Opening, Using},
};

/// What is kept of the agreement that a booking names.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Agreed {
    pub agreement: Ref<Agreement>,
    /// Its hours are paid already.
    pub is_prepaid: bool,
    /// Hours that weigh less, and how much.
    pub off_peak: List<Opening, 14>,
    pub off_peak_share: Option<Share>,
}

impl Agreed {
    /// Minutes that a time draws from hours paid ahead: those that cost less count their share, rounded down.
    fn weighs(&self, times: Times) -> i64 {
        let (off_peak, off_peak_share) = (self.off_peak.clone(), self.off_peak_share);
        let using = Using { off_peak, off_peak_share, ..Using::default() };
        let all = length_of(times);
        let Some(((hours, share), span)) = using.cheap_hours().zip(span_of(times)) else { return all };
        let cheap = hours.open(span, &china()).length() / MINUTE;
        all - cheap + share.of(Money::fen(cheap)).in_fen()
    }
}

/// What an hour under it costs: nothing where its hours are paid already.
pub(super) fn charge_of(card: &Card) -> Option<Money> {
    if card.read::<bool>("is_prepaid").unwrap_or(false) { Some(Money::ZERO) } else { card.read("hour") }
}

/// The agreement that a request names is for this buyer, instrument and time; its charge takes the place of the usual one.
pub(super) fn applies(
    terms: &mut Terms,
    using: &Using,
    request: &Request,
    ctx: &Ctx,
) -> Result<(), No<Refusal>> {
    let Some(agreement) = request.agreement else { return Ok(()) };
    let card = ctx.see(agreement);
    let names = |part: &str, id: Id| card.holders(part).any(|one| one == id);
    let is_its = names("buyer", request.buyer.id()) && names("instrument", request.instrument.id());
    ensure(is_its, NotItsAgreement)?;
    ensure(card.status == "in-force", AgreementNotInForce)?;
    let first = request.from.day();
    let last = request.wished().last().map_or(first, |times| times.until.plus_millis(-1).day());
    let holds = card.from.is_none_or(|from| from <= first) && card.until.is_none_or(|until| last <= until);
    ensure(holds, AgreementNotThen)?;
    ensure(request.basis == Basis::ByHour, AgreementByHour)?;
    let is_prepaid = card.read::<bool>("is_prepaid").unwrap_or(false);
    terms.unit_charge = charge_of(card);
    terms.agreed = Some(Agreed {
        agreement,
        is_prepaid,
        off_peak: using.off_peak.clone(),
        off_peak_share: using.off_peak_share,
    });
    Ok(())
}

/// What a booking takes from its agreement.
type Takes = (Ref<Agreement>, Money, i64);

impl Booking {
    fn takes_of_agreement(&self) -> Option<Takes> {
        let agreed = self.terms.agreed.as_ref()?;
        let is_held =
            !matches!(self.status, Status::Planning | Status::Waiting | Status::TurnedDown | Status::Lapsed);
        if !is_held {
            return Some((agreed.agreement, Money::ZERO, 0));
        }
        if !agreed.is_prepaid {
            return Some((agreed.agreement, self.price, 0));
        }
        let counts = |came| matches!(came, Came::Planned | Came::Running | Came::Done);
        let sittings = self.sittings.iter().filter(|sitting| counts(sitting.came));
        Some((agreed.agreement, Money::ZERO, sittings.map(|sitting| agreed.weighs(sitting.times)).sum()))
    }
}

/// Tells the agreement what the booking takes in all, where a script changes that.
pub(super) fn settles(this: Option<&Booking>, script: Script<Event>) -> Script<Event> {
    let steps = script.steps();
    let is_agreed = this.map_or_else(
        || match steps.first() {
            Some(Step::Say(
                Requested { terms, .. } | Queued { terms, .. } | Event::TookTurn { terms, .. },
            )) => terms.agreed.is_some(),
            _ => false,
        },
        |booking| booking.terms.agreed.is_some(),
    );
    let mut after = this.cloned().filter(|_| is_agreed);
    let mut script = Script::silent();
    for step in steps {
        script = match step {
            Step::Say(event) => {
                after = is_agreed.then(|| Booking::apply(after, &event));
                script.say(event)
            }
            Step::Tell(tell) => script.and(tell),
        };
    }
    let sums = |(_, amount, minutes): Takes| (amount, minutes);
    let before = this.and_then(Booking::takes_of_agreement).map_or((Money::ZERO, 0), sums);
    let Some((agreement, amount, minutes)) = after.as_ref().and_then(Booking::takes_of_agreement) else {
        return script;
    };
    let Some(count) = Between::new(minutes).filter(|_| before != (amount, minutes)) else { return script };
    let Some(booking) = after.as_ref().map(|booking| booking.itself) else { return script };
    script.and(tell(agreement, &agreement::Command::Take { booking, amount, minutes: count }))
}
