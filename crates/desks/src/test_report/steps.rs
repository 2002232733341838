//! Steps: what a report decides when something is asked of it, and what it is after each event.

use grammar::prelude::*;

use super::{
    Borne,
    Command::{self, *},
    Draft as Drafting,
    Event::{self, *},
    Issuance, Item, Objection,
    Refusal::{self, *},
    Status, TestReport,
};
use crate::{
    accreditation::{Accreditation, Covered, Mark},
    organisation::Organisation,
};

/// A report is signed by whoever may, within what the laboratory is able to do.
const SIGNED_WITHIN: Rule<bool> = rule("TR-R01");
/// For how long records and reports are kept.
const KEPT: Rule<i64> = rule("TR-R02");
/// A mark needs at least one result within its scope, and the others are marked as outside.
const MARKED_OUTSIDE: Rule<bool> = rule("TR-R03");
/// What was issued changes only by another report.
const BY_ANOTHER: Rule<bool> = rule("TR-R04");
/// In which status a booking or a voucher order has had work done for it.
pub const DONE: [&str; 9] =
    ["running", "used", "reported", "paid", "rated", "allotted", "delivered", "confirmed", "claimed"];

type Said = Decision<TestReport>;
type Refused<T> = Result<T, No<Refusal>>;

pub fn begin(command: &Command, ctx: &Ctx) -> Said {
    let Draft(draft) = command.clone() else { return not_now() };
    let (buyer, provider, region) = belongs(&draft, ctx)?;
    is_sound(&draft, provider, ctx)?;
    Ok(say(Drafted { draft, buyer, provider, region }))
}

/// For whom it is and who has worked on it: both sides of the booking or order.
fn belongs(draft: &Drafting, ctx: &Ctx) -> Refused<(Ref<Organisation>, Ref<Organisation>, Region)> {
    let card = match (draft.booking, draft.order) {
        (Some(booking), None) => ctx.see(booking),
        (None, Some(order)) => ctx.see(order),
        (None, None) => return Err(OfWhat.into()),
        (Some(_), Some(_)) => return Err(OfBoth.into()),
    };
    ensure(DONE.contains(&card.status.as_str()), NothingDone)?;
    Ok((card.the("buyer").r(), card.the("provider").r(), card.scope()))
}

/// It names results of work that is done, samples that came for it, and a report of the same unit that it replaces.
fn is_sound(draft: &Drafting, provider: Ref<Organisation>, ctx: &Ctx) -> Refused<()> {
    ensure(!draft.items.is_empty(), NoItem)?;
    ensure(draft.begun <= draft.done, DoneBeforeBegun)?;
    ensure(draft.done <= ctx.today(), DoneLater { done: draft.done })?;
    for sample in draft.samples.iter() {
        let card = ctx.see(*sample);
        let mut of = card.holders("booking").chain(card.holders("order"));
        let ours = draft.booking.map(|booking| booking.id()).or(draft.order.map(|order| order.id()));
        ensure(of.any(|id| Some(id) == ours), AnotherSample { sample: sample.id() })?;
    }
    if let Some(replaced) = draft.replaces {
        let card = ctx.see(replaced);
        let is_theirs = card.the("provider") == provider.id() && card.status == "issued";
        ensure(is_theirs, NotAReport).by(BY_ANOTHER)?;
        let number = card.read::<String>("number").unwrap_or_default();
        ensure(number != *draft.number, NumberOfTheOther).by(BY_ANOTHER)?;
    }
    Ok(())
}

/// Under each accreditation that it names: in force, of this unit, with this signatory, and for what was done.
fn marks(draft: &Drafting, provider: Ref<Organisation>, ctx: &Ctx) -> Refused<Vec<Borne>> {
    draft.accreditations.iter().map(|accreditation| mark(draft, provider, *accreditation, ctx)).collect()
}

fn mark(
    draft: &Drafting,
    provider: Ref<Organisation>,
    accreditation: Ref<Accreditation>,
    ctx: &Ctx,
) -> Refused<Borne> {
    let (card, today) = (ctx.see(accreditation), ctx.today());
    let number: String = card.read("number").unwrap_or_default();
    let scope: Vec<Covered> = card.read("scope").unwrap_or_default();
    ensure(card.the("holder") == provider.id(), AnotherUnit { number: number.clone() })?;
    let has_begun = card.from.is_none_or(|from| from <= today);
    let is_in_force =
        card.status == "confirmed" && has_begun && card.until.is_none_or(|until| until >= today);
    ensure(is_in_force, NotInForce { number: number.clone() }).by(SIGNED_WITHIN)?;
    let may_sign = card.holders("signatory").any(|person| person == draft.signatory.id());
    ensure(may_sign, MayNotSign { number: number.clone() }).by(SIGNED_WITHIN)?;
    let has_one = draft.items.iter().any(|item| is_within(item, &scope));
    ensure(has_one, NothingWithin { number: number.clone() }).by(MARKED_OUTSIDE)?;
    if let Some(open) = draft.items.iter().find(|item| !item.is_outside && !is_within(item, &scope)) {
        ensure(false, NotMarked { what: open.what.to_string(), number: number.clone() })
            .by(MARKED_OUTSIDE)?;
    }
    Ok(Borne { mark: card.read("mark").unwrap_or(Mark::Other), number })
}

fn is_within(item: &Item, scope: &[Covered]) -> bool {
    !item.is_subcontracted && scope.iter().any(|covered| covered.covers(&item.method, &item.what))
}

impl TestReport {
    pub(super) fn goes_on(&self, command: &Command, ctx: &Ctx) -> Said {
        use Status::{Draft as Open, Issued as Stands};
        match (self.status, command.clone()) {
            (Open, Amend(draft)) => {
                let is_same = self
                    .draft
                    .as_ref()
                    .is_some_and(|ours| ours.booking == draft.booking && ours.order == draft.order);
                ensure(is_same, AnotherBooking)?;
                is_sound(&draft, self.provider, ctx)?;
                Ok(say(Amended { draft }))
            }
            (Open, Discard) => Ok(say(Discarded)),
            (Open, Issue { file, accreditations }) => self.is_issued(file, &accreditations, ctx),
            (Stands, Withdraw { reason }) => Ok(say(Withdrawn { on: ctx.today(), reason: Some(reason) })),
            (Stands, Object { reason }) if self.objection.as_ref().is_none_or(|one| one.answer.is_some()) => {
                Ok(say(Objected { on: ctx.today(), reason }))
            }
            (_, Answer { text }) if self.objection.as_ref().is_some_and(|one| one.answer.is_none()) => {
                Ok(say(Answered { text }))
            }
            (Stands, Replace { by }) => Ok(say(Replaced { on: ctx.today(), by })),
            _ => not_now(),
        }
    }

    /// What the draft relies on is named again, as it stands now.
    fn is_issued(&self, file: FileRef, under: &[Ref<Accreditation>], ctx: &Ctx) -> Said {
        let Some(draft) = &self.draft else { return not_now() };
        ensure(*under == *draft.accreditations, OtherAccreditations)?;
        let marks = marks(draft, self.provider, ctx)?;
        let on = ctx.today();
        let content = file.hash().to_owned();
        let years = i32::try_from(ctx.rule(KEPT)).unwrap_or(i32::MAX);
        let keep_until = on.plus_months(years.saturating_mul(12));
        let script = say(Issued(Issuance { on, content, marks, keep_until, file: Some(file) }));
        Ok(match draft.replaces {
            Some(replaced) => script.and(tell(replaced, &Replace { by: ctx.me.r() })),
            None => script,
        })
    }
}

impl TestReport {
    pub(super) fn begun(event: &Event) -> Self {
        let Drafted { draft, buyer, provider, region } = event.clone() else { impossible(event) };
        Self {
            status: Status::Draft,
            provider,
            number: draft.number.clone(),
            region,
            buyer: Some(buyer),
            draft: Some(draft),
            issued: None,
            objection: None,
            replaced_by: None,
            ended: None,
            reason: None,
        }
    }

    pub(super) fn changes(&mut self, event: &Event) {
        match event.clone() {
            Drafted { .. } => impossible(event),
            Amended { draft } => (self.number, self.draft) = (draft.number.clone(), Some(draft)),
            Discarded => self.status = Status::Discarded,
            Issued(issue) => (self.status, self.issued) = (Status::Issued, Some(issue)),
            Withdrawn { on, reason } => {
                (self.status, self.ended, self.reason) = (Status::Withdrawn, Some(on), reason);
            }
            Objected { on, reason } => self.objection = Some(Objection { raised: on, reason, answer: None }),
            Answered { text } => {
                if let Some(objection) = &mut self.objection {
                    objection.answer = Some(text);
                }
            }
            Replaced { on, by } => {
                (self.status, self.ended, self.replaced_by) = (Status::Replaced, Some(on), Some(by));
            }
        }
    }

    /// What the front says to the two sides: for whom, on what, and who signs.
    pub(super) fn of_both_sides(&self, mut card: Card) -> Card {
        if let Some(buyer) = self.buyer {
            card = card.party("buyer", buyer.id());
        }
        let Some(draft) = &self.draft else { return card };
        let [zh, en] =
            ["检测报告", "Test report"].map(|kind| format!("{kind} {} {}", &*self.number, &*draft.title));
        card = card.titled(zh, en).party("signatory", draft.signatory.id());
        if let Some(booking) = draft.booking {
            card = card.party("booking", booking.id());
        }
        if let Some(order) = draft.order {
            card = card.party("order", order.id());
        }
        if let Some(replaced) = draft.replaces {
            card = card.party("replaces", replaced.id());
        }
        draft.samples.iter().fold(card, |card, sample| card.party("sample", sample.id()))
    }
}
