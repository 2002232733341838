//! Steps: what a call decides when it is asked, and what it is after each event.

use grammar::prelude::*;

use super::{
    Call,
    Command::{self, *},
    Event::{self, *},
    Guide,
    Refusal::*,
    Status, Topic, VERSIONS_MAX, Version,
    guide::{Funding, lawful, sensible},
};
use crate::{
    candidate::are_affiliated,
    programme::{self, Programme},
};

/// A topic is changed only while applicants have so many days left to answer the change.
const REVISED_BEFORE: Rule<i64> = rule("PG-P03");
/// A call closes at its moment: what counts is the order in which the house received.
const WINDOW: Rule<bool> = rule("PG-P06");
/// Nobody asks for more than the guide allows.
const CEILING: Rule<bool> = rule("PG-P08");

/// Co-funders and their affiliates do not carry out what they pay for.
const BARRED: Rule<bool> = rule("PG-R33-BAR");

type Said = Decision<Call>;

pub(super) fn begin(command: &Command, ctx: &Ctx) -> Said {
    let Draft(guide) = command.clone() else { return not_now() };
    sensible(&guide)?;
    let card = ctx.see(guide.programme);
    let co_funders = List::new(card.holders("co-funder").map(Id::r).collect()).unwrap_or_default();
    let (region, kind) = (card.scope(), card.read("kind"));
    Ok(say(Drafted { itself: ctx.me.r(), region, kind, co_funders, guide }))
}

impl Call {
    pub(super) fn office_asks(&self, command: &Command, ctx: &Ctx) -> Said {
        let on = ctx.today();
        match (self.status, command.clone()) {
            (Status::Draft | Status::Consulted, Amend(guide)) => {
                sensible(&guide)?;
                ensure(guide.programme == self.guide.programme, ProgrammeChanges)?;
                Ok(say(Amended { guide }))
            }
            (Status::Draft, Consult { summary }) => Ok(say(Event::Consulted { on, summary })),
            (Status::Draft | Status::Consulted, Publish) => {
                lawful(&self.guide, self.kind, ctx)?;
                let embargo = self.guide.embargo.filter(|until| ctx.now < *until);
                let published = embargo.map_or(Event::Published { on }, |until| Event::Embargoed { until });
                let carry = programme::Command::Carry { call: ctx.me };
                Ok(say(published).and(tell::<Programme>(self.guide.programme, &carry)))
            }
            (Status::Published | Status::Open, ReviseTopic { topic, reason }) => {
                self.can_revise(&topic, ctx)?;
                Ok(say(TopicRevised { on, topic, reason }))
            }
            (Status::Published | Status::Open, ExtendBriefs { brief_closes, reason }) => {
                self.can_extend_briefs(brief_closes, ctx)?;
                Ok(say(BriefsExtended { on, brief_closes, reason }))
            }
            (
                Status::Published | Status::Open | Status::Deciding | Status::Completing,
                Extend { closes, reason },
            ) => {
                ensure(ctx.now < self.guide.closes, ClosedAlready { closes: self.guide.closes })
                    .by(WINDOW)?;
                ensure(self.guide.closes < closes, NotLater { closes: self.guide.closes })?;
                Ok(say(Extended { on, closes, reason }))
            }
            _ => not_now(),
        }
    }

    /// Later than before, and still before the full texts are taken: whoever is invited loses no day by it.
    fn can_extend_briefs(&self, to: Moment, ctx: &Ctx) -> Result<(), No<super::Refusal>> {
        let (closes, full_opens) = self.guide.brief_closes.zip(self.guide.full_opens).ok_or(NoBriefs)?;
        ensure(ctx.now < closes, ClosedAlready { closes }).by(WINDOW)?;
        ensure(closes < to, NotLater { closes })?;
        Ok(ensure(to <= full_opens, BriefsIntoFull { full_opens })?)
    }

    fn can_revise(&self, topic: &Topic, ctx: &Ctx) -> Result<(), No<super::Refusal>> {
        let (days, left) =
            (ctx.rule(REVISED_BEFORE), ctx.today().days_until(self.guide.first_closes().day()));
        let code = topic.code.clone();
        let known = self.guide.topics.iter().any(|other| other.code == code);
        ensure(known, NoSuchTopic { topic: code })?;
        ensure(topic.ceiling.is_positive(), NotAnAmount { amount: topic.ceiling })?;
        ensure(days <= i64::from(left), TooLateToRevise { days }).by(REVISED_BEFORE)?;
        ensure(self.versions.len() < VERSIONS_MAX, TooManyVersions { max: VERSIONS_MAX })?;
        let topics = self.guide.topics.iter().map(|t| if t.code == topic.code { topic } else { t });
        let guide =
            Guide { topics: List::new(topics.cloned().collect()).unwrap_or_default(), ..self.guide.clone() };
        // The revised guide is as lawful as the first: a pool's topic does not become directed now.
        let directed = topic.directed && self.kind == Some(programme::Kind::CoFundedPool);
        ensure(!directed, DirectedTopic { topic: topic.code.clone() })?;
        sensible(&guide)
    }

    pub(super) fn time_asks(&self, command: &Command, ctx: &Ctx) -> Said {
        match (self.status, command) {
            (Status::Embargoed, LiftEmbargo) if self.guide.embargo <= Some(ctx.now) => {
                Ok(say(Event::Published { on: ctx.today() }))
            }
            (Status::Published, Open) if self.guide.opens <= ctx.now => Ok(say(Opened)),
            (Status::Open, CloseBriefs) if self.guide.brief_closes.is_some_and(|at| at <= ctx.now) => {
                Ok(say(BriefsClosed))
            }
            (Status::Deciding, OpenFull) if self.guide.full_opens <= Some(ctx.now) => Ok(say(FullOpened)),
            (Status::Open | Status::Completing, Close) if self.guide.closes <= ctx.now => {
                Ok(say(Event::Closed))
            }
            _ => not_now(),
        }
    }

    /// Whether an application comes in time, to a topic of this call, for no more than the topic gives. The call
    /// keeps nothing of it.
    pub(super) fn receives(&self, command: &Command, ctx: &Ctx) -> Said {
        let Receive { topic, public_money, team, co_funders, stage, .. } = command else { return not_now() };
        let public_money = *public_money;
        if self.status < Status::Published {
            return not_now();
        }
        let (opens, closes) = self.guide.window(*stage).ok_or(AnotherStage)?;
        ensure(opens <= ctx.now, NotOpenYet { opens }).by(WINDOW)?;
        ensure(ctx.now < closes && self.status != Status::Closed, ClosedAlready { closes }).by(WINDOW)?;
        let found = self.guide.topics.iter().find(|known| known.code == *topic);
        let item = found.ok_or(NoSuchTopic { topic: topic.clone() })?;
        let ceiling = item.ceiling;
        ensure(public_money <= ceiling, MoreThanTheCeiling { ceiling }).by(CEILING)?;
        let is_fixed = item.funding == Funding::Fixed;
        ensure(!is_fixed || public_money == ceiling, NotTheFixedSum { ceiling }).by(CEILING)?;
        if !self.co_funders.iter().all(|co_funder| co_funders.contains(co_funder)) {
            return not_now();
        }
        for organisation in team.iter().copied() {
            let barred = self.co_funders.iter().any(|funder| are_affiliated(*funder, organisation, ctx));
            ensure(!barred, CoFunderTakesPart { organisation }).by(BARRED)?;
        }
        Ok(Script::silent())
    }

    /// The version of each topic: 1, and one more for each change.
    pub(super) fn topic_versions(&self) -> Vec<(Text<24>, u32)> {
        self.guide.topics.iter().map(|topic| (topic.code.clone(), self.version_of(&topic.code))).collect()
    }

    fn version_of(&self, code: &Text<24>) -> u32 {
        let latest = self.versions.iter().filter(|version| version.code == *code).map(|v| v.number).max();
        latest.map_or(1, |number| number + 1)
    }

    pub(super) fn begun(event: &Event) -> Self {
        let Drafted { itself, region, kind, co_funders, guide } = event.clone() else { impossible(event) };
        let (versions, questions) = (List::default(), List::default());
        let (status, consultation, published) = (Status::Draft, None, None);
        Self { itself, status, region, kind, co_funders, guide, consultation, versions, questions, published }
    }

    pub(super) fn goes_on(&mut self, event: &Event) {
        match event.clone() {
            Drafted { .. } => impossible(event),
            Amended { guide } => self.guide = guide,
            Event::Consulted { summary, .. } => {
                (self.status, self.consultation) = (Status::Consulted, Some(summary));
            }
            Event::Embargoed { .. } => self.status = Status::Embargoed,
            Event::Published { on } => (self.status, self.published) = (Status::Published, Some(on)),
            Opened => self.status = Status::Open,
            BriefsClosed => self.status = Status::Deciding,
            FullOpened => self.status = Status::Completing,
            Event::Closed => self.status = Status::Closed,
            BriefsExtended { brief_closes, .. } => self.guide.brief_closes = Some(brief_closes),
            TopicRevised { on, topic, reason } => self.is_revised(on, topic, reason),
            Extended { closes, .. } => self.guide.closes = closes,
            Asked { .. } | Answered { .. } => self.question_changes(event.clone()),
        }
    }

    fn is_revised(&mut self, on: Day, topic: Topic, reason: Text<500>) {
        let number = self.version_of(&topic.code);
        let place = self.guide.topics.iter_mut().find(|other| other.code == topic.code);
        let place = place.unwrap_or_else(|| impossible(&("no such topic", &topic.code)));
        let before = std::mem::replace(place, topic.clone());
        self.keep(|c| c.versions.push(Version { code: topic.code, number, on, before, reason }));
    }

    /// `decide` has looked at the limit of the list before.
    pub(super) fn keep(&mut self, push: impl FnOnce(&mut Self) -> bool) {
        if !push(self) {
            impossible("a full list")
        }
    }
}
