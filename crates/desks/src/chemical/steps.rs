//! Steps: what a chemical decides when something is asked of it.

use std::collections::BTreeSet;

use grammar::prelude::*;

use super::{
    Chemical,
    Command::{self, *},
    Control, Entry,
    Event::{self, *},
    FirstEntry, Kind, Moved, Movement, OFFICE, Portion,
    Refusal::{self, *},
    Status, Waiting,
    cas::is_cas,
    fields::lead,
};
use crate::{cupboard, laboratory::Laboratory, person::Person};

/// Two persons receive, hand out and keep what is highly toxic.
const BY_TWO: Rule<bool> = rule("CM-R02");
/// The same for all else that is controlled.
const ALL_BY_TWO: Rule<bool> = rule("CM-P01");
/// For how many years a safety data sheet is good.
const SHEET_YEARS: Rule<i64> = rule("CM-R03");
/// Whoever counts says why it differs.
const DIFFERENCE_EXPLAINED: Rule<bool> = rule("CM-P02");
/// What is controlled is not shown to others.
const CONTROLLED_UNSEEN: Rule<bool> = rule("CM-P03");

type Said = Decision<Chemical>;
type Refused<T> = Result<T, No<Refusal>>;

pub fn begin(command: &Command, ctx: &Ctx) -> Said {
    let Enter(first_entry) = command.clone() else { return not_now() };
    let FirstEntry { entry, at_hand, batch, expires } = *first_entry;
    is_sound(&entry, ctx)?;
    let card = ctx.see(entry.laboratory);
    ensure(card.status != "delisted", LaboratoryGone)?;
    let ((lead, region), sheet_until, on) = (lead(card), sheet_until(&entry, ctx), ctx.today());
    ensure(at_hand.is_some() || (batch.is_none() && expires.is_none()), NoAmount)?;
    let first = at_hand.map(|amount| Movement {
        kind: Kind::Received,
        amount: amount.get(),
        batch,
        expires,
        what: None,
        booking: None,
    });
    let arranged = arranged(&entry, ctx);
    let entered = Entered { on, entry: Box::new(entry), lead, region, sheet_until };
    let begun = Chemical::begun(&entered);
    let script = say(entered);
    let script = match first {
        Some(movement) => script.say(begun.is_moved(movement, ctx)?),
        None => script,
    };
    Ok(script.and(arranged))
}

/// The cupboard of the laboratory looks at where it stands now, and beside what.
fn arranged(entry: &Entry, ctx: &Ctx) -> Tell {
    let command = cupboard::Command::Arrange {
        laboratory: entry.laboratory,
        chemical: ctx.me.r(),
        together: entry.together.clone(),
    };
    tell(cupboard::name(entry.laboratory), &command).about("place".into())
}

fn sheet_until(entry: &Entry, ctx: &Ctx) -> Option<Day> {
    let years = i32::try_from(ctx.rule(SHEET_YEARS)).unwrap_or(i32::MAX);
    entry.safety_sheet.as_ref().map(|sheet| sheet.issued.plus_months(years.saturating_mul(12)))
}

/// What is said of it can be, and what is controlled is kept as it must be.
fn is_sound(entry: &Entry, ctx: &Ctx) -> Refused<()> {
    ensure(!entry.name.is_empty(), NoName)?;
    if let Some(cas) = &entry.cas {
        ensure(is_cas(cas), NotACas { cas: cas.to_string() })?;
    }
    let mut seen = BTreeSet::new();
    if let Some(hazard) = entry.hazards.iter().find(|hazard| !seen.insert(hazard.word())) {
        return Err(NamedTwice { hazard: *hazard }.into());
    }
    if let Some(sheet) = &entry.safety_sheet {
        ensure(sheet.issued <= ctx.today(), IssuedLater { issued: sheet.issued })?;
    }
    if entry.control.is_controlled() {
        ensure(entry.place.is_some(), NoPlace)?;
        ensure(!entry.is_offered, ControlledNotOffered).by(CONTROLLED_UNSEEN)?;
        let custodians = entry.custodians_apart();
        let is_kept = ensure(custodians >= 2, CustodiansNeeded { custodians });
        match entry.control {
            Control::HighlyToxic => is_kept.by(BY_TWO)?,
            _ => is_kept.by(ALL_BY_TWO)?,
        }
    }
    Ok(())
}

impl Chemical {
    pub(super) fn goes_on(&self, command: &Command, ctx: &Ctx) -> Said {
        let on = ctx.today();
        // The office can still be answered when nothing more is kept.
        if let LookInto { finding } = command.clone() {
            return if self.missing.is_empty() { not_now() } else { Ok(say(LookedInto { on, finding })) };
        }
        if self.status == Status::Closed {
            return not_now();
        }
        match command.clone() {
            Enter(_) | LookInto { .. } => not_now(),
            Amend(entry) => self.amends(entry, ctx),
            Receive(delivery) => {
                let super::Delivery { amount, batch, expires, what } = delivery;
                self.moves_by(Kind::Received, (amount.get(), batch), what, |m| m.expires = expires, ctx)
            }
            Use(usage) => {
                let super::Usage { amount, batch, purpose, booking } = usage;
                if let Some(booking) = booking {
                    let card = ctx.see(booking);
                    let mut sides = card.holders("buyer").chain(card.holders("provider"));
                    ensure(sides.any(|side| ctx.by.is(side)), NotYourBooking)?;
                }
                self.moves_by(Kind::Used, (amount.get(), batch), Some(purpose), |m| m.booking = booking, ctx)
            }
            Dispose(disposal) => {
                let super::Disposal { amount, batch, how } = disposal;
                self.moves_by(Kind::Disposed, (amount.get(), batch), Some(how), |_| (), ctx)
            }
            Confirm => self.confirms(ctx),
            Decline { reason } if self.waiting.is_some() => Ok(say(Declined { on, reason })),
            Count { counted, batch, reason } => {
                let counted = counted.get();
                let (difference, portions) = self.stock.counted(counted, batch.as_ref())?;
                ensure(difference == 0 || reason.is_some(), WhyDiffers { difference })
                    .by(DIFFERENCE_EXPLAINED)?;
                let left = self.stock.left() + difference;
                Ok(say(Counted { on, batch, counted, difference, portions, left, reason }))
            }
            ReportLoss { amount, batch, what, police } => {
                let amount = amount.get();
                let portions = self.stock.takes(amount, batch.as_ref(), None)?;
                let left = self.stock.left() - amount;
                Ok(say(Lost { on, batch, amount, portions, left, what, police }))
            }
            Close { laboratory, reason } => self.closes(laboratory, reason, ctx),
            Note if self.next_day().is_some_and(|day| day < on) => Ok(say(Noted { on })),
            Decline { .. } | Note => not_now(),
        }
    }

    /// What moved stays as it was counted, and only the office makes a controlled chemical one that is not, or another.
    fn amends(&self, entry: Box<Entry>, ctx: &Ctx) -> Said {
        let ours = &self.entry;
        ensure(entry.laboratory == ours.laboratory, AnotherLaboratory)?;
        let may_relax = !ours.control.is_controlled() || ctx.by.holds(OFFICE, self.region);
        ensure(entry.control == ours.control || may_relax, OnlyTheOffice).by(self.two())?;
        let has_moved = self.stock != super::Stock::default() || self.waiting.is_some();
        ensure(entry.unit == ours.unit || !has_moved, UnitChanges)?;
        is_sound(&entry, ctx)?;
        let ((lead, region), sheet_until) = (lead(ctx.see(entry.laboratory)), sheet_until(&entry, ctx));
        let arranged = arranged(&entry, ctx);
        Ok(say(Amended { on: ctx.today(), entry, lead, region, sheet_until }).and(arranged))
    }

    /// The rule by which two persons see to it.
    fn two(&self) -> Rule<bool> {
        if self.entry.control == Control::HighlyToxic { BY_TWO } else { ALL_BY_TWO }
    }

    fn moves_by(
        &self,
        kind: Kind,
        (amount, batch): (i64, Option<super::BatchNo>),
        what: Option<Text<300>>,
        more: impl FnOnce(&mut Movement),
        ctx: &Ctx,
    ) -> Said {
        let mut movement = Movement { kind, amount, batch, expires: None, what, booking: None };
        more(&mut movement);
        self.is_moved(movement, ctx).map(say)
    }

    /// It moves at once, or waits for a second custodian where it is controlled; either kind only as far as there is room or stock for it.
    fn is_moved(&self, movement: Movement, ctx: &Ctx) -> Refused<Event> {
        let portions = self.parts_of(&movement, ctx)?;
        if !self.entry.control.is_controlled() {
            return Ok(self.moved(movement, portions, None, ctx));
        }
        ensure(self.waiting.is_none(), WaitsAlready)?;
        let mut custodians = self.entry.custodians.iter();
        let Some(first) = custodians.find(|custodian| ctx.by.is_itself(custodian.id())).copied() else {
            return Err(No::Because(OnlyCustodians, Some(self.two().id())));
        };
        Ok(Asked(Waiting { on: ctx.today(), movement, first }))
    }

    fn parts_of(&self, movement: &Movement, ctx: &Ctx) -> Result<Vec<Portion>, Refusal> {
        let Movement { kind, amount, batch, expires, .. } = movement.clone();
        match kind {
            Kind::Received => {
                self.stock.gains(Portion { batch, expires, amount }, self.entry.most.map(Between::get))
            }
            Kind::Used => self.stock.takes(amount, batch.as_ref(), Some(ctx.today())),
            Kind::Disposed => self.stock.takes(amount, batch.as_ref(), None),
        }
    }

    fn moved(
        &self,
        movement: Movement,
        portions: Vec<Portion>,
        first: Option<Ref<Person>>,
        ctx: &Ctx,
    ) -> Event {
        let (kind, left) = (movement.kind, self.stock.left());
        let left = if kind == Kind::Received { left + movement.amount } else { left - movement.amount };
        let moved = Moved { on: ctx.today(), movement, portions, left, first };
        match kind {
            Kind::Received => Received(moved),
            Kind::Used => Used(moved),
            Kind::Disposed => Disposed(moved),
        }
    }

    /// The second custodian: what was asked is looked at once more, as things stand now.
    fn confirms(&self, ctx: &Ctx) -> Said {
        let Some(waiting) = self.waiting.clone() else { return not_now() };
        let first = waiting.first;
        ensure(!ctx.by.is_touched(first.id()), NotByTheSame).by(self.two())?;
        let portions = self.parts_of(&waiting.movement, ctx)?;
        Ok(say(self.moved(waiting.movement, portions, Some(first), ctx)))
    }

    fn closes(&self, laboratory: Ref<Laboratory>, reason: Text<500>, ctx: &Ctx) -> Said {
        ensure(laboratory == self.entry.laboratory, AnotherLaboratory)?;
        let left = self.stock.left();
        ensure(left == 0, NotEmpty { left })?;
        ensure(self.waiting.is_none(), WaitsAlready)?;
        let arranged = arranged(&self.entry, ctx);
        Ok(say(Closed { on: ctx.today(), reason }).and(arranged))
    }
}
