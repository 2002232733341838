//! Steps: what a solution decides, by who asks: the hands that write it, the lead's signatory, offices and panels.

use grammar::prelude::*;

use super::{
    Amendment,
    Command::{self, *},
    Event::{self, *},
    Fields,
    Refusal::{self, *},
    Remarks, Seen, Solution, Status, TALKS_MAX, Talk,
    fields::{adds_up, crossing, sensible},
};
use crate::{
    candidate::{Member, Outcome, Role, SCORE_MAX, TEAM_MAX},
    need::{self, Need},
    person::{self, Engaging, Family, Person, Stage},
};

/// Who writes a draft: any member of the team and of its organisations.
pub(super) const HANDS: [Who; 4] =
    [Who::Party("lead"), Who::Party("partner"), Who::Party("leader"), Who::Party("member")];

/// How many of the home provinces the team has at least, and which those are.
const REGIONS_LEAST: Rule<i64> = rule("NJ-R04");
const HOME_REGIONS: Rule<Vec<String>> = rule("NJ-R04-OF");
/// The part of the whole that is expected not to be public money.
const OWN_SHARE: Rule<Share> = rule("NJ-R05-OWN");
/// Each province pays its own partners: crossing payments are remarked on.
const OWN_PARTNERS: Rule<bool> = rule("NJ-R06");
/// The solver answers for the indicators; age, degree and title of the leader are no conditions.
const COMMITMENT: Rule<bool> = rule("NJ-R08");
/// A formal check that fails says why.
const REASONED: Rule<bool> = rule("NJ-P05");
/// What is granted is neither more than was asked nor less than makes sense.
const GRANT: Rule<bool> = rule("NJ-P06");

/// How long an answer that waits for its result occupies its leader at most.
const ANSWER_MONTHS: i32 = 12;
/// Needs that take no answers any more.
const ENDED: [&str; 5] = ["condensed-into", "matched", "closed", "expired", "withdrawn"];

type Said = Decision<Solution>;

pub(super) fn begin(command: &Command, ctx: &Ctx) -> Said {
    let Draft(fields) = command.clone() else { return not_now() };
    // One may prepare an answer to whatever need one may read; the need itself says when it takes answers in.
    let is_over = ENDED.contains(&ctx.see(fields.need).status.as_str());
    ensure(!is_over, NotSoliciting)?;
    let seen = Seen::of(&fields, ctx);
    sensible(&fields, &seen, ctx)?;
    Ok(say(Drafted { itself: ctx.me.r(), fields, seen }))
}

impl Solution {
    pub(super) fn hands_ask(&self, command: &Command, ctx: &Ctx) -> Said {
        if self.status != Status::Draft {
            return not_now();
        }
        match command.clone() {
            Amend(amendment) => {
                let (fields, seen) = self.amended(amendment, ctx)?;
                Ok(say(Amended { fields, seen }))
            }
            AddMember(member) => {
                self.may_join(&member, ctx)?;
                Ok(say(MemberAdded(member)))
            }
            RemoveMember { person } => {
                let known = self.team.iter().any(|member| member.person == person);
                ensure(known, NotOfTheTeam { person })?;
                Ok(say(MemberRemoved { person }))
            }
            _ => not_now(),
        }
    }

    /// The new fields, when nobody has written since they were read.
    fn amended(&self, amendment: Amendment, ctx: &Ctx) -> Result<(Fields, Seen), No<Refusal>> {
        let Amendment { version, fields } = amendment;
        ensure(version == self.version, WrittenMeanwhile { version: self.version })?;
        ensure(fields.need == self.fields.need, NeedChanges)?;
        ensure(fields.lead == self.fields.lead, LeadChanges)?;
        let seen = Seen::of(&fields, ctx);
        sensible(&fields, &seen, ctx)?;
        let gone = self.team.iter().find(|m| fields.organisations().all(|other| other != m.organisation));
        let organisation = gone.map_or(fields.lead, |member| member.organisation);
        ensure(gone.is_none(), NotInTheTeam { organisation })?;
        Ok((fields, seen))
    }

    fn may_join(&self, member: &Member, ctx: &Ctx) -> Result<(), Refusal> {
        let &Member { person, organisation, role, .. } = member;
        let with = ctx.see(person).holders("affiliation").any(|id| id == organisation.id());
        let again = self.team.iter().any(|other| other.person == person);
        let led = self.team.iter().any(|other| other.role == Role::Leader);
        ensure(
            self.fields.organisations().any(|other| other == organisation),
            NotInTheTeam { organisation },
        )?;
        ensure(with, NotWithThem { person, organisation })?;
        ensure(!again, AlreadyInTheTeam { person })?;
        ensure(role == Role::Member || !led, SecondLeader)?;
        ensure(self.team.len() < TEAM_MAX, TeamIsFull { max: TEAM_MAX })
    }

    pub(super) fn lead_asks(&self, command: &Command, ctx: &Ctx) -> Said {
        match (self.status, command.clone()) {
            (Status::Draft, Submit) => {
                complete(&self.fields, &self.seen, &self.team, ctx)?;
                let (own_share, remarks) = remarks(&self.fields, &self.seen, ctx);
                let submitted = Submitted { at: ctx.now, version: self.version, own_share, remarks };
                let answered = say(submitted).and(answer(&self.fields, &self.seen, ctx));
                Ok(answered.and(self.leads(Stage::Applied, ctx)?))
            }
            (Status::Submitted, Revise(amendment)) => {
                let (fields, seen) = self.amended(amendment, ctx)?;
                complete(&fields, &seen, &self.team, ctx)?;
                let (_, remarks) = remarks(&fields, &seen, ctx);
                let answer = answer(&fields, &seen, ctx);
                Ok(say(Revised { at: ctx.now, fields, seen, remarks }).and(answer))
            }
            (status, Withdraw { reason }) if status.can_end() => {
                Ok(self.ends(Event::Withdrawn { on: ctx.today(), reason }, ctx))
            }
            _ => not_now(),
        }
    }

    pub(super) fn others_ask(&self, command: &Command, ctx: &Ctx) -> Said {
        let on = ctx.today();
        match (self.status, command.clone()) {
            (Status::Submitted, CheckFormally { passed: true, grounds, .. }) => {
                ensure(grounds.is_empty(), GroundsButPassed)?;
                Ok(say(FormallyPassed { on }))
            }
            (Status::Submitted, CheckFormally { grounds, reason, .. }) => {
                let Some(reason) = reason.filter(|_| !grounds.is_empty()) else {
                    return Err(No::Because(NoReason, Some(REASONED.id())));
                };
                Ok(self.ends(FormallyFailed { on, grounds, reason }, ctx))
            }
            (Status::FormalOk, BeginReview { panel }) => Ok(say(ReviewBegun { panel })),
            // The same panel looks again: what it found rested on a violation (EP-R18).
            (Status::Reviewed, BeginReview { panel }) if self.panel == Some(panel) => {
                Ok(say(ReviewBegun { panel }))
            }
            (Status::InReview, TakeResult { panel, score, spread, rank, comments }) => {
                ensure(self.panel == Some(panel), NotThisPanel { panel })?;
                ensure(score <= SCORE_MAX, NotAScore { score })?;
                Ok(say(Event::Reviewed { outcome: Outcome { panel, on, score, spread, rank, comments } }))
            }
            (Status::Reviewed, Shortlist) => Ok(say(Event::Shortlisted { on })),
            (Status::Shortlisted | Status::Negotiated, Negotiate { record, public_money }) => {
                ensure(self.talks.len() < TALKS_MAX, TooManyTalks { max: TALKS_MAX })?;
                public_money.map_or(Ok(()), |money| self.can_grant(money))?;
                Ok(say(Event::Negotiated { talk: Talk { on, record, public_money } }))
            }
            (status, Select { project, public_money }) if status.is_judged() => {
                self.can_grant(public_money)?;
                let selected = say(Event::Selected { on, project, public_money });
                Ok(selected.and(self.leads(Stage::Running, ctx)?))
            }
            (status, Reject { reason }) if status.is_judged() || status == Status::FormalOk => {
                Ok(self.ends(Event::Rejected { on, reason }, ctx))
            }
            _ => not_now(),
        }
    }

    fn leader(&self) -> Option<Ref<Person>> {
        self.team.iter().find(|member| member.role == Role::Leader).map(|member| member.person)
    }

    /// Tells the leader, whose running projects are counted. Those applied for are not: one may answer many needs.
    fn leads(&self, stage: Stage, ctx: &Ctx) -> Result<Tell, Refusal> {
        let leader = self.leader().ok_or(NoLeader)?;
        let months = i32::try_from(self.fields.months.get()).unwrap_or(0);
        let until = ctx.today().plus_months(if stage == Stage::Running { months } else { ANSWER_MONTHS });
        let (record, role, family) = (ctx.me, Role::Leader, Family::JointResearch);
        let engaging = Engaging { record, role, family, senior: false, stage, until };
        Ok(tell(leader, &person::Command::Engage(engaging)))
    }

    /// It comes to nothing: its leader is free of it, if it was ever submitted.
    fn ends(&self, event: Event, ctx: &Ctx) -> Script<Event> {
        let leader = self.leader().filter(|_| self.submitted.is_some());
        let free = person::Command::Disengage { record: ctx.me };
        leader.into_iter().fold(say(event), |all, leader| all.and(tell(leader, &free)))
    }

    fn can_grant(&self, public_money: Money) -> Result<(), No<Refusal>> {
        let minimum = self.fields.minimum.unwrap_or(Money::ZERO);
        ensure(
            public_money <= self.fields.public_money,
            MoreThanAsked { public_money: self.fields.public_money },
        )
        .by(GRANT)?;
        ensure(minimum <= public_money, LessThanMinimum { minimum }).by(GRANT)
    }
}

impl Status {
    /// Whether the lead may still take it back.
    pub(super) fn can_end(self) -> bool {
        !matches!(self, Self::FormalFailed | Self::Selected | Self::Rejected | Self::Withdrawn)
    }

    pub(super) fn is_judged(self) -> bool {
        matches!(self, Self::Reviewed | Self::Shortlisted | Self::Negotiated)
    }
}

/// What a submission needs: route, promises, commitment, a leader, partners from several provinces, sums.
fn complete(fields: &Fields, seen: &Seen, team: &[Member], ctx: &Ctx) -> Result<(), No<Refusal>> {
    let least = ctx.rule(REGIONS_LEAST);
    let home: Vec<Region> = ctx.rule(HOME_REGIONS).iter().filter_map(|code| code.parse().ok()).collect();
    let is = seen.homes(fields).provinces().iter().filter(|province| home.contains(province)).count();
    let is = i64::try_from(is).unwrap_or(i64::MAX);
    ensure(fields.route.is_some(), NoRoute)?;
    ensure(!fields.promises.is_empty(), NoPromises)?;
    ensure(fields.commitment, NoCommitment).by(COMMITMENT)?;
    ensure(team.iter().any(|member| member.role == Role::Leader), NoLeader)?;
    ensure(least <= is, TooFewRegions { least, is }).by(REGIONS_LEAST)?;
    adds_up(fields)
}

fn remarks(fields: &Fields, seen: &Seen, ctx: &Ctx) -> (Share, Remarks) {
    let own_share = ctx.rule(OWN_SHARE);
    let own_share_ok = fields.total - fields.public_money >= own_share.of(fields.total);
    let watched = ctx.rule(OWN_PARTNERS);
    let crossing = if watched { crossing(fields, seen) } else { Money::ZERO };
    (own_share, Remarks { own_share_ok, crossing })
}

/// Asks the need whether it is open at this moment, and whether its owner's affiliates are paid.
fn answer(fields: &Fields, seen: &Seen, ctx: &Ctx) -> Tell {
    let paid = List::new(fields.paid().into_iter().collect()).unwrap_or_default();
    let answer = need::Command::Answer { solution: ctx.me, owners: seen.owners.clone(), paid };
    tell::<Need>(fields.need, &answer)
}
