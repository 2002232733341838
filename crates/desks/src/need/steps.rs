//! Steps: what a need decides when it is asked, and what it is afterwards, by who asks: the owner, the
//! offices, other needs.

use grammar::prelude::*;

use super::{
    Command::{self, *},
    Event::{self, *},
    JOINED_MAX, Need, ROUNDS_MAX,
    Refusal::{self, *},
    Round, Status, VERSIONS_MAX, Version,
    fields::sensible,
};
use crate::organisation::{self, Organisation};

/// The fields that joint research is open to.
const OPEN_FIELDS: Rule<Vec<String>> = rule("NJ-R01");
/// The longest time a solution may take, in months; it must need more than one region.
const HORIZON: Rule<i64> = rule("NJ-R02");
/// The regions whose enterprises may put a need.
const HOME_REGIONS: Rule<Vec<String>> = rule("NJ-R03");
/// The part of the budget that the owner is expected to pay.
const OWN_SHARE: Rule<Share> = rule("NJ-R05");
/// How long answers are taken in: by default, at least and at most, in calendar days.
pub(super) const WINDOW: Rule<Period> = rule("NJ-R07");
const WINDOW_LEAST: Rule<i64> = rule("NJ-R07-LEAST");
const WINDOW_MOST: Rule<i64> = rule("NJ-R07-MOST");
/// How long a published need stands, in months; how often and how near its end it can be renewed.
/// One need takes one solution, or in a horse race as many as there are places.
const PLACES: Rule<i64> = rule("NJ-R15");
const TERM: Rule<i64> = rule("NJ-P01");
const RENEWALS: Rule<i64> = rule("NJ-P02");
const RENEW_WITHIN: Rule<i64> = rule("NJ-P03");

type Said = Decision<Need>;

/// What the owner's entry says of it: the region, and whether it is an enterprise.
fn standing(owner: Ref<Organisation>, ctx: &Ctx) -> (Region, bool) {
    let card = ctx.see(owner);
    let kind = card.read::<organisation::Kind>("kind");
    (card.scope(), kind == Some(organisation::Kind::Enterprise))
}

fn count(number: i64) -> i32 {
    i32::try_from(number).unwrap_or(i32::MAX)
}

pub fn begin(command: &Command, ctx: &Ctx) -> Said {
    let Draft(fields) = command.clone() else { return not_now() };
    sensible(&fields)?;
    let (region, is_enterprise) = standing(fields.owner, ctx);
    Ok(say(Drafted { itself: ctx.me.r(), region, is_enterprise, fields }))
}

impl Need {
    pub fn owner_asks(&self, command: &Command, ctx: &Ctx) -> Said {
        let is_open = matches!(self.status, Status::Draft | Status::Returned);
        match command.clone() {
            Amend(fields) if is_open => {
                ensure(fields.owner == self.fields.owner, OwnerChanges)?;
                sensible(&fields)?;
                let (region, is_enterprise) = standing(fields.owner, ctx);
                Ok(say(Amended { region, is_enterprise, fields }))
            }
            Submit if is_open => {
                self.can_be_submitted(ctx)?;
                let own_share = ctx.rule(OWN_SHARE);
                let own = self.fields.own_funds.unwrap_or(Money::ZERO);
                let own_share_ok = own >= own_share.of(self.fields.budget);
                Ok(say(Submitted { on: ctx.today(), own_share, own_share_ok }))
            }
            Renew => self.renew(ctx),
            Withdraw { remark } if self.status.can_end() => {
                let apart = say(Withdrawn { remark });
                Ok(self.joined.iter().fold(apart, |all, need| all.and(tell(*need, &leave(ctx)))))
            }
            _ => not_now(),
        }
    }

    fn can_be_submitted(&self, ctx: &Ctx) -> Result<(), No<Refusal>> {
        let (region, field) = (self.region, self.fields.field);
        let (months, max) = (self.fields.deadline_months.get(), ctx.rule(HORIZON));
        let home = ctx.rule(HOME_REGIONS);
        let is_home = home.iter().any(|code| code.parse().is_ok_and(|home: Region| home.covers(region)));
        ensure(self.is_enterprise, NotAnEnterprise).by(HOME_REGIONS)?;
        ensure(is_home, OutsideTheDelta { region }).by(HOME_REGIONS)?;
        ensure(ctx.rule(OPEN_FIELDS).contains(&field.word()), FieldNotOpen { field }).by(OPEN_FIELDS)?;
        ensure(months <= max, TooFarAhead { months, max }).by(HORIZON)?;
        ensure(self.fields.cross_region.is_some(), NoCrossRegionReason).by(HORIZON)?;
        Ok(ensure(!self.fields.indicators.is_empty(), NoIndicators)?)
    }

    fn renew(&self, ctx: &Ctx) -> Said {
        let renewable = matches!(self.status, Status::Published | Status::Unmatched | Status::Expired);
        let Some(expires) = self.expires.filter(|_| renewable) else { return not_now() };
        let (max, within) = (ctx.rule(RENEWALS), count(ctx.rule(RENEW_WITHIN)));
        let (from, until) = (expires.plus_days(-within), expires.plus_days(within));
        ensure(i64::from(self.renewals) < max, NoMoreRenewals { max }).by(RENEWALS)?;
        ensure(from <= ctx.today(), TooEarlyToRenew { from }).by(RENEW_WITHIN)?;
        ensure(ctx.today() <= until, TooLateToRenew { until }).by(RENEW_WITHIN)?;
        Ok(say(Renewed { expires: expires.max(ctx.today()).plus_months(count(ctx.rule(TERM))) }))
    }

    pub fn office_asks(&self, command: &Command, ctx: &Ctx) -> Said {
        match (self.status, command.clone()) {
            (Status::Submitted, Screen { remark }) => Ok(say(Screened { remark })),
            (Status::Submitted, Return { remark }) => Ok(say(Returned { remark })),
            (Status::Condensed, Confirm { remark }) => Ok(say(Confirmed { remark })),
            (Status::Confirmed, Publish) => {
                let expires = ctx.today().plus_months(count(ctx.rule(TERM)));
                Ok(say(Published { on: ctx.today(), expires }))
            }
            (Status::Published | Status::Unmatched, Solicit { days, places }) => {
                self.solicit(days, places, ctx)
            }
            (Status::Soliciting, EndSolicitation) if self.window_is_over(ctx) => Ok(say(SolicitationEnded)),
            (Status::Reviewing | Status::Unmatched, MarkMatched { with })
                if self.status == Status::Reviewing || ctx.by.told_by == Some("allocation") =>
            {
                let places = i64::from(self.places());
                ensure(!with.is_empty(), NothingMatched)?;
                ensure(i64::try_from(with.len()).is_ok_and(|n| n <= places), TooManyMatched { places })
                    .by(PLACES)?;
                Ok(say(Event::Matched { with }))
            }
            (_, MarkUnmatched { tried }) if ctx.by.told_by == Some("project") => {
                // A project failed. The need stands again once nothing that was matched is left; what was tried is
                // kept in any case.
                let is_answered = matches!(self.status, Status::Matched | Status::Closed);
                let is_last =
                    usize::try_from(self.failed + 1).is_ok_and(|failed| failed >= self.matched.len());
                Ok(if is_answered && is_last { self.unmatched(tried, ctx) } else { say(Learnt { tried }) })
            }
            (Status::Reviewing, MarkUnmatched { tried }) => Ok(self.unmatched(tried, ctx)),
            (Status::Matched | Status::Unmatched, Close { remark }) => Ok(say(Closed { remark })),
            (Status::Published | Status::Unmatched, Expire) if self.expires < Some(ctx.today()) => {
                Ok(say(Event::Expired))
            }
            _ => not_now(),
        }
    }

    /// How many solutions the last round may choose.
    pub fn places(&self) -> u32 {
        self.rounds.last().map_or(1, |round| round.places)
    }

    /// However long it took, the owner can still renew.
    fn unmatched(&self, tried: Text<1000>, ctx: &Ctx) -> Script<Event> {
        let least = ctx.today().plus_days(count(ctx.rule(RENEW_WITHIN)));
        say(Event::Unmatched { tried, expires: self.expires.unwrap_or(least).max(least) })
    }

    pub(super) fn window_is_over(&self, ctx: &Ctx) -> bool {
        self.rounds.last().is_none_or(|round| round.until < ctx.today())
    }

    fn solicit(&self, days: Option<Between<1, 365>>, places: Option<Between<1, 10>>, ctx: &Ctx) -> Said {
        let (least, most) = (ctx.rule(WINDOW_LEAST), ctx.rule(WINDOW_MOST));
        let mut window = ctx.rule(WINDOW);
        if let Some(days) = days.map(Between::get) {
            ensure(least <= days, WindowTooShort { least }).by(WINDOW_LEAST)?;
            ensure(days <= most, WindowTooLong { most }).by(WINDOW_MOST)?;
            window.days = u16::try_from(days).unwrap_or(window.days);
        }
        ensure(self.rounds.len() < ROUNDS_MAX, TooManyRounds { max: ROUNDS_MAX })?;
        let until = ctx.calendar().last_day(ctx.today(), window);
        let usual = ctx.rule(PLACES);
        let places = u32::try_from(places.map_or(usual, Between::get)).unwrap_or(1);
        Ok(say(Solicited { round: Round { opened: ctx.today(), until, tried: None, places } }))
    }

    pub fn needs_meet(&self, command: &Command, ctx: &Ctx) -> Said {
        match (self.status, command.clone()) {
            (Status::Screened | Status::Condensed, Condense { with, title, summary, indicators, reason }) => {
                self.can_be_joined_by(&with, ctx)?;
                ensure(!title.is_empty() && !summary.is_empty(), NoTitle)?;
                ensure(!indicators.is_empty(), NoIndicators)?;
                let office = ctx
                    .by
                    .offices
                    .iter()
                    .find(|(name, place)| name == "joint-office" && place.covers(self.region));
                let (number, on) = (u32::try_from(self.versions.len().max(1)).unwrap_or(0) + 1, ctx.today());
                let (office_region, reason) = (office.map(|(_, place)| *place), Some(reason));
                let co_owners = self.new_co_owners(&with, ctx);
                let joined = with.clone();
                let version =
                    Version { number, on, office_region, title, summary, indicators, reason, joined };
                let condensed = say(Condensed { version, co_owners });
                let join = Join { into: ctx.me.r() };
                Ok(with.iter().fold(condensed, |all, need| all.and(tell(*need, &join))))
            }
            (Status::Screened, Join { into }) => Ok(say(Joined { into })),
            (Status::CondensedInto, Leave { from }) if self.into == Some(from) => Ok(say(Left { from })),
            _ => not_now(),
        }
    }

    fn can_be_joined_by(&self, with: &[Ref<Self>], ctx: &Ctx) -> Result<(), No<Refusal>> {
        for (place, need) in with.iter().copied().enumerate() {
            let twice = with.iter().take(place).any(|other| *other == need);
            ensure(need.id() != ctx.me, JoinsItself)?;
            ensure(!twice, JoinedTwice { need })?;
            ensure(ctx.see(need).status == "screened", NotReadyToJoin { need })?;
        }
        ensure(self.joined.len() + with.len() <= JOINED_MAX, TooManyJoined { max: JOINED_MAX })?;
        Ok(ensure(self.versions.len() + 2 <= VERSIONS_MAX, TooManyVersions { max: VERSIONS_MAX })?)
    }

    /// The owners of the joining needs who have no part in this one yet.
    fn new_co_owners(&self, with: &[Ref<Self>], ctx: &Ctx) -> List<Ref<Organisation>, 10> {
        let mut firms = List::default();
        for firm in with.iter().map(|need| ctx.see(*need).the("owner").r()) {
            let known = firm == self.fields.owner || self.co_owners.contains(&firm) || firms.contains(&firm);
            let _is_full = !known && !firms.push(firm);
        }
        firms
    }

    /// The last day of what is open now: the window, or the need itself.
    pub fn open_until(&self) -> Option<Day> {
        let window = self.rounds.last().map(|round| round.until);
        if self.status == Status::Soliciting { window } else { self.expires }
    }
}

fn leave(ctx: &Ctx) -> Command {
    Leave { from: ctx.me.r() }
}
