//! Steps: what an application decides, asked by the hands that write it, by its unit, and by desks below.

use grammar::prelude::*;

use super::{
    Amendment, Application,
    Command::{self, *},
    Counts,
    Event::{self, *},
    Fields,
    Refusal::{self, *},
    Seen, Status,
    fields::{adds_up, sensible},
};
use crate::{
    call::{self, Call},
    candidate::{Member, Outcome, Role, SCORE_MAX, TEAM_MAX},
    organisation::{self, Organisation},
    person::{self, Engaging, Person, Stage},
};

/// Who writes a draft: any member of the team and of its organisations.
pub(super) const HANDS: [Who; 4] =
    [Who::Party("lead"), Who::Party("partner"), Who::Party("leader"), Who::Party("member")];
/// How long an application that waits for its result occupies its people at most, in months.
const WAITING_MONTHS: i32 = 12;

/// Everyone named agrees to it themselves.
const CERTIFIED: Rule<bool> = rule("PG-P11");
/// Whoever is to be avoided is named with reasons in an official letter of the unit.
const AVOIDED_BY_LETTER: Rule<bool> = rule("PG-R16");
/// What is granted is neither more than was asked nor less than makes sense.
const GRANT: Rule<bool> = rule("PG-P12");

type Said = Decision<Application>;

pub(super) fn begin(command: &Command, ctx: &Ctx) -> Said {
    let Draft(fields) = command.clone() else { return not_now() };
    sensible(&fields, ctx)?;
    let seen = Seen::of(&fields, ctx);
    Ok(say(Drafted { itself: ctx.me.r(), fields, seen }))
}

impl Application {
    pub(super) fn hands_ask(&self, command: &Command, ctx: &Ctx) -> Said {
        match command.clone() {
            Certify if self.is_written_on() || self.status == Status::UnitConfirmed => self.certifies(ctx),
            _ if !self.is_written_on() => not_now(),
            Amend(amendment) => {
                let (fields, seen) = self.amended(amendment, ctx)?;
                Ok(say(Amended { fields, seen }))
            }
            AddMember(member) => {
                self.may_join(&member, ctx)?;
                let leads = member.role == Role::Leader;
                let counts = leads.then(|| Counts::of(ctx.see(member.person), ctx.today()));
                Ok(say(MemberAdded { member, counts }))
            }
            RemoveMember { person } => {
                ensure(self.has(person), NotOfTheTeam { person })?;
                self.leaves_team(person, ctx)
            }
            StateLeader(facts) => {
                self.leader().ok_or(NoLeader)?;
                Ok(say(LeaderStated { facts }))
            }
            _ => not_now(),
        }
    }

    /// For oneself and nobody else: a deputy cannot take part in somebody's place.
    fn certifies(&self, ctx: &Ctx) -> Said {
        let own = self.team.iter().map(|member| member.person).find(|person| ctx.by.is_itself(person.id()));
        let Some(person) = own else { return not_now() };
        ensure(!self.certified.contains(&person), AlreadyCertified)?;
        Ok(say(Certified { person }))
    }

    fn has(&self, person: Ref<Person>) -> bool {
        self.team.iter().any(|member| member.person == person)
    }

    pub(super) fn leader(&self) -> Option<Ref<Person>> {
        self.team.iter().find(|member| member.role == Role::Leader).map(|member| member.person)
    }

    /// The new fields, when nobody has written since they were read.
    fn amended(&self, amendment: Amendment, ctx: &Ctx) -> Result<(Fields, Seen), No<Refusal>> {
        let Amendment { version, fields } = amendment;
        ensure(version == self.version, WrittenMeanwhile { version: self.version })?;
        ensure(fields.call == self.fields.call, CallChanges)?;
        ensure(fields.lead == self.fields.lead, LeadChanges)?;
        self.keeps_topic(&fields)?;
        sensible(&fields, ctx)?;
        let gone = self.team.iter().find(|m| fields.organisations().all(|other| other != m.organisation));
        let organisation = gone.map_or(fields.lead, |member| member.organisation);
        ensure(gone.is_none(), NotInTheTeam { organisation })?;
        let seen = Seen::of(&fields, ctx);
        Ok((fields, seen))
    }

    fn may_join(&self, member: &Member, ctx: &Ctx) -> Result<(), Refusal> {
        let &Member { person, organisation, role, .. } = member;
        let with = ctx.see(person).holders("affiliation").any(|id| id == organisation.id());
        ensure(
            self.fields.organisations().any(|other| other == organisation),
            NotInTheTeam { organisation },
        )?;
        ensure(with, NotWithThem { person, organisation })?;
        ensure(!self.has(person), AlreadyInTheTeam { person })?;
        ensure(role == Role::Member || self.leader().is_none(), SecondLeader)?;
        ensure(self.team.len() < TEAM_MAX, TeamIsFull { max: TEAM_MAX })
    }

    pub(super) fn unit_asks(&self, command: &Command, ctx: &Ctx) -> Said {
        match (self.status, command.clone()) {
            (Status::Draft | Status::Invited, ConfirmByUnit { letter }) => {
                self.complete(&self.fields)?;
                let named = !self.fields.avoid.is_empty();
                ensure(!named || letter.is_some(), LetterMissing).by(AVOIDED_BY_LETTER)?;
                Ok(say(ConfirmedByUnit { on: ctx.today(), letter }))
            }
            (Status::UnitConfirmed, ReturnToDraft { reason }) => Ok(say(ReturnedToDraft { reason })),
            (Status::UnitConfirmed, Submit) => {
                self.is_certified()?;
                let submitted = say(self.submission(ctx)).and(self.hands_in(&self.fields, ctx));
                let counted = self.is_counted(submitted);
                Ok(self.engages(counted.and(self.asks_itself(ctx)?), Stage::Applied, ctx))
            }
            (Status::Submitted | Status::Brief, Revise(amendment)) => {
                let (fields, seen) = self.amended(amendment, ctx)?;
                self.complete(&fields)?;
                let named = !fields.avoid.is_empty();
                ensure(!named || self.letter.is_some(), LetterMissing).by(AVOIDED_BY_LETTER)?;
                let handed_in = self.hands_in(&fields, ctx);
                Ok(say(Revised { at: ctx.now, fields, seen }).and(handed_in).and(self.asks_itself(ctx)?))
            }
            (status, Withdraw { reason }) if status.can_end() => {
                Ok(self.ends(Event::Withdrawn { on: ctx.today(), reason }, ctx))
            }
            _ => not_now(),
        }
    }

    /// What a unit can only confirm when it is there: route, indicators, leader, sums (PG-R10).
    fn complete(&self, fields: &Fields) -> Result<(), No<Refusal>> {
        if self.is_brief() {
            return self.brief_is_complete(fields);
        }
        ensure(fields.route.is_some(), NoRoute)?;
        ensure(!fields.indicators.is_empty(), NoIndicators)?;
        ensure(self.leader().is_some(), NoLeader)?;
        ensure(self.leader_facts.is_some(), LeaderNotStated)?;
        adds_up(fields)
    }

    fn is_certified(&self) -> Result<(), No<Refusal>> {
        for person in self.team.iter().map(|member| member.person) {
            ensure(self.certified.contains(&person), NotCertified { person }).by(CERTIFIED)?;
        }
        Ok(())
    }

    /// Asks the call whether it is open at this moment and gives as much, and whether a co-funder takes part.
    fn hands_in(&self, fields: &Fields, ctx: &Ctx) -> Tell {
        let (topic, public_money) = (fields.topic.clone(), fields.public_money);
        let team = List::new(fields.organisations().collect()).unwrap_or_default();
        let co_funders = self.seen.co_funders.clone();
        let (application, stage) = (ctx.me, self.stage());
        let receive = call::Command::Receive { application, topic, public_money, team, co_funders, stage };
        tell::<Call>(fields.call, &receive)
    }

    fn asks_itself(&self, ctx: &Ctx) -> Result<Tell, Refusal> {
        let leader = self.leader().ok_or(NoLeader)?;
        let weigh = Weigh { call: self.fields.call, lead: self.fields.lead, leader };
        Ok(tell::<Self>(ctx.me.r(), &weigh))
    }

    /// Counted once for the unit, where the call limits it; neither a revision nor the full text behind a brief is a
    /// further application.
    fn is_counted(&self, script: Script<Event>) -> Script<Event> {
        let Some(max) = self.seen.per_unit.filter(|_| self.invited.is_none()) else { return script };
        let engage = organisation::Command::Engage { call: self.fields.call.id(), max };
        script.and(tell::<Organisation>(self.fields.lead, &engage))
    }

    /// Tells everyone of the team, each of whom has limits of their own.
    fn engages(&self, script: Script<Event>, stage: Stage, ctx: &Ctx) -> Script<Event> {
        let months = i32::try_from(self.fields.months.get()).unwrap_or(0);
        let until = ctx.today().plus_months(if stage == Stage::Running { months } else { WAITING_MONTHS });
        let senior = self.leader_facts.as_ref().is_some_and(|facts| facts.title.is_senior());
        self.team.iter().fold(script, |all, member| {
            let (record, family, role) = (ctx.me, self.seen.family, member.role);
            let senior = (role == Role::Leader && senior) || member.senior == Some(true);
            let engaging = Engaging { record, role, family, senior, stage, until };
            all.and(tell(member.person, &person::Command::Engage(engaging)))
        })
    }

    /// It comes to nothing: its people are free of it, if it was ever handed in. The year still counts it.
    pub(super) fn ends(&self, event: Event, ctx: &Ctx) -> Script<Event> {
        let team = self.team.iter().filter(|_| self.submitted.is_some());
        let free = person::Command::Disengage { record: ctx.me };
        team.fold(say(event), |all, member| all.and(tell(member.person, &free)))
    }

    pub(super) fn desks_ask(&self, command: &Command, ctx: &Ctx) -> Said {
        let on = ctx.today();
        match (self.status, command.clone()) {
            (Status::FormalOk | Status::BriefOk, BeginReview { panel }) => Ok(say(ReviewBegun { panel })),
            // The same panel looks again: what it found rested on a violation (EP-R18).
            (Status::Reviewed | Status::BriefReviewed, BeginReview { panel })
                if self.panel == Some(panel) =>
            {
                Ok(say(ReviewBegun { panel }))
            }
            (
                Status::InReview | Status::BriefInReview,
                TakeResult { panel, score, spread, rank, comments },
            ) => {
                ensure(self.panel == Some(panel), NotThisPanel { panel })?;
                ensure(score <= SCORE_MAX, NotAScore { score })?;
                let outcome = Outcome { panel, on, score, spread, rank, comments };
                let of_brief = self.status == Status::BriefInReview;
                Ok(say(if of_brief { BriefReviewed { outcome } } else { Event::Reviewed { outcome } }))
            }
            (Status::Reviewed, Shortlist) => Ok(say(Event::Shortlisted { on })),
            (status, Publicise { notice }) if status.is_judged() => Ok(say(Publicised { on, notice })),
            (status, Select { project, public_money }) if status.is_judged() => {
                let minimum = self.fields.minimum.unwrap_or(Money::ZERO);
                let asked = self.fields.public_money;
                ensure(public_money <= asked, MoreThanAsked { public_money: asked }).by(GRANT)?;
                ensure(minimum <= public_money, LessThanMinimum { minimum }).by(GRANT)?;
                Ok(self.engages(say(Approved { on, project, public_money }), Stage::Running, ctx))
            }
            (status, Reject { reason }) if status.is_judged() || status == Status::FormalOk => {
                Ok(self.ends(NotApproved { on, reason }, ctx))
            }
            _ => not_now(),
        }
    }
}
