//! Steps: what a visit decides before anybody comes, and when it ends.

use engines::booking::DAY;
use grammar::prelude::*;

use super::{
    Change,
    Command::{self, *},
    Confirmed,
    Event::*,
    Occasion,
    Refusal::{self, *},
    Standing, Status, Visit, Visitors,
};
use crate::{laboratory::Laboratory, person::Person};

/// A registration is for days on which somebody comes, not for months.
const MOST_DAYS: Rule<i64> = rule("VS-P01");
/// So many days after it is over, nobody is named any more.
const NAMES_DAYS: Rule<i64> = rule("VS-P03");

pub(super) type Said = Decision<Visit>;
pub(super) type Refused<T> = Result<T, No<Refusal>>;

pub fn begin(command: &Command, ctx: &Ctx) -> Said {
    match command.clone() {
        Announce(announcement) => {
            let occasion = announcement.occasion;
            is_sound(&occasion, ctx)?;
            let visitors = named(announcement.visitors)?;
            let Lab { title, lead, region, notes } = Lab::of(&occasion, ctx)?;
            Ok(say(Announced { occasion, title, lead, region, notes, visitors }))
        }
        Invite(invitation) => {
            let (occasion, host, conditions) = (invitation.occasion, invitation.host, invitation.conditions);
            is_sound(&occasion, ctx)?;
            let Lab { title, lead, region, notes } = Lab::of(&occasion, ctx)?;
            is_host(host, lead, ctx)?;
            Ok(say(Invited { occasion, title, lead, region, notes, host, conditions }))
        }
        _ => not_now(),
    }
}

/// What is kept of the laboratory.
struct Lab {
    title: Bilingual<200>,
    lead: Ref<crate::organisation::Organisation>,
    region: Region,
    notes: Option<i64>,
}

impl Lab {
    /// It stands, and whoever comes is of another unit.
    fn of(occasion: &Occasion, ctx: &Ctx) -> Refused<Self> {
        let card = ctx.see(occasion.laboratory);
        ensure(card.status == "listed", NotListed)?;
        let lead = card.the("lead");
        ensure(lead != occasion.visiting.id(), NotAVisitor)?;
        let title = Bilingual { zh: Text::read(&card.title_zh), en: Text::read(&card.title_en) };
        Ok(Self { title, lead: lead.r(), region: card.scope(), notes: notes_of(occasion.laboratory, ctx) })
    }
}

/// The version of the safety notes that are to be confirmed now.
pub(super) fn notes_of(laboratory: Ref<Laboratory>, ctx: &Ctx) -> Option<i64> {
    ctx.see(laboratory).read("safety")
}

fn is_sound(occasion: &Occasion, ctx: &Ctx) -> Refused<()> {
    is_in_time(occasion.from, occasion.until, ctx)?;
    let Occasion { booking, proposal, order, .. } = *occasion;
    let of = [booking.is_some(), proposal.is_some(), order.is_some()];
    ensure(of.into_iter().filter(|is_it| *is_it).count() <= 1, OneOnly)?;
    let has_part =
        |card: &Card, parts: &[&str]| parts.iter().any(|part| card.holders(part).any(|who| ctx.by.is(who)));
    let is_ours = booking.is_none_or(|booking| has_part(ctx.see(booking), &["buyer", "provider"]));
    ensure(is_ours, NotYourBooking)?;
    let is_ours =
        proposal.is_none_or(|proposal| has_part(ctx.see(proposal), &["applicant", "leader", "unit"]));
    ensure(is_ours, NotYourProposal)?;
    let is_ours = order.is_none_or(|order| has_part(ctx.see(order), &["buyer", "provider"]));
    Ok(ensure(is_ours, NotYourOrder)?)
}

/// It is not over, does not begin on an earlier day, and lasts no longer than a visit.
fn is_in_time(from: Moment, until: Moment, ctx: &Ctx) -> Refused<()> {
    ensure(from < until, EndsBeforeItBegins)?;
    ensure(ctx.today() <= from.day() && ctx.now < until, InThePast { from })?;
    let days = ctx.rule(MOST_DAYS);
    ensure(until.in_millis() - from.in_millis() <= days * DAY, TooLong { days }).by(MOST_DAYS)
}

fn named(visitors: Visitors) -> Refused<Visitors> {
    ensure(!visitors.is_empty(), NobodyNamed)?;
    Ok(visitors)
}

/// The host is someone of the lead unit.
fn is_host(host: Ref<Person>, lead: Ref<crate::organisation::Organisation>, ctx: &Ctx) -> Refused<()> {
    let is_theirs = ctx.see(host).holders("affiliation").any(|unit| unit == lead.id());
    Ok(ensure(is_theirs, HostNotTheirs)?)
}

impl Visit {
    pub(super) fn goes_on(&self, command: &Command, ctx: &Ctx) -> Said {
        use Status::{Accepted as Agreed, Announced as New, Inside, Invited as Asked};
        match (self.status, command.clone()) {
            (Asked, FillIn { visitors }) => Ok(say(FilledIn { visitors: named(visitors)? })),
            (New | Agreed, Amend(change)) => self.amends(change, ctx),
            (New, Accept { host, conditions }) => {
                is_host(host, self.lead, ctx)?;
                Ok(say(Accepted { host, conditions }))
            }
            (New | Asked | Agreed, Decline { reason }) if self.nobody_came() => {
                Ok(say(Declined { reason, at: ctx.now, names_until: names_until(ctx) }))
            }
            (New | Asked | Agreed, Withdraw { reason }) if self.nobody_came() => {
                Ok(say(Withdrawn { reason, at: ctx.now, names_until: names_until(ctx) }))
            }
            (status, ConfirmSafety { laboratory, version }) if status.is_open() => {
                self.confirms(laboratory, version.get(), ctx)
            }
            (Agreed | Inside, Arrive { laboratory, visitor }) => self.come_in(laboratory, visitor, ctx),
            (Inside, Leave { visitor }) => self.go_out(visitor, ctx),
            (New | Asked, Lapse) if self.occasion.until <= ctx.now => {
                Ok(say(Lapsed { at: ctx.now, names_until: names_until(ctx) }))
            }
            (Agreed | Inside, End) if self.occasion.until <= ctx.now => Ok(self.ends(names_until(ctx), ctx)),
            (status, Forget) if !status.is_open() && self.is_named() => Ok(say(Forgotten)),
            _ => not_now(),
        }
    }

    fn amends(&self, change: Change, ctx: &Ctx) -> Said {
        let Change { purpose, from, until, visitors } = change;
        if !self.nobody_came() {
            return not_now();
        }
        is_in_time(from, until, ctx)?;
        Ok(say(Amended { purpose, from, until, visitors }))
    }

    /// The notes as they are now, and no others.
    fn confirms(&self, laboratory: Ref<Laboratory>, version: i64, ctx: &Ctx) -> Said {
        ensure(laboratory == self.occasion.laboratory, AnotherLaboratory)?;
        let Some(now) = notes_of(laboratory, ctx) else { return Err(NothingToConfirm.into()) };
        ensure(version == now, AnotherVersion { version: now })?;
        let before = self.confirmed.map(|confirmed| confirmed.version);
        ensure(before != Some(now), ConfirmedAlready { version: now })?;
        Ok(say(SafetyConfirmed(Confirmed { version, by: ctx.by.person, at: ctx.now })))
    }

    fn nobody_came(&self) -> bool {
        self.coming.iter().all(|comer| comer.standing == Standing::Expected)
    }

    pub(super) fn is_named(&self) -> bool {
        self.coming.iter().any(|comer| comer.name.is_some())
    }
}

fn names_until(ctx: &Ctx) -> Day {
    let days = i32::try_from(ctx.rule(NAMES_DAYS)).unwrap_or(i32::MAX);
    ctx.today().plus_days(days)
}
