//! Steps: who sits on the committee and what it is asked; then opinions, advice and answers.

use grammar::prelude::*;

use super::{
    Advice, Advisory, Answered,
    Command::{self, *},
    Event::*,
    MEMBERS_MAX, Member, Opinion,
    Refusal::{self, *},
    SESSIONS_MAX, Session, Stage, TOPICS_MAX, Topic,
};
use crate::{achievement::NO_SECRETS, person::Person};

/// A term lasts so many years, at least and at most.
const TERM_LEAST: Rule<i64> = rule("AV-R01-LEAST");
const TERM_MOST: Rule<i64> = rule("AV-R01-MOST");
/// The part of the members without an interest that must be there, and the part of them that must agree.
const QUORUM: Rule<Share> = rule("AV-R02");
const MAJORITY: Rule<Share> = rule("AV-R05");
/// The authority answers.
const ANSWER_WITHIN: Rule<Period> = rule("AV-R03");
/// Interests are declared before anyone speaks, and bar.
const DECLARED: Rule<bool> = rule("AV-R04");

type Said = Decision<Advisory>;

pub fn form(command: &Command, ctx: &Ctx) -> Said {
    let Form { title, region, basis, from, years } = command.clone() else { return not_now() };
    let (least, most, years) = (ctx.rule(TERM_LEAST), ctx.rule(TERM_MOST), years.get());
    let until = from.plus_months(i32::try_from(years).unwrap_or(0) * 12).plus_days(-1);
    ensure(!title.is_empty(), NoTitle)?;
    ensure(least <= years, TermTooShort { least }).by(TERM_LEAST)?;
    ensure(years <= most, TermTooLong { most }).by(TERM_MOST)?;
    ensure(ctx.today() <= until, TermIsOver { until })?;
    Ok(say(Formed { itself: ctx.me.r(), title, region, basis, from, until }))
}

/// So many of a whole, rounded up.
fn part_of(share: Share, whole: i64) -> i64 {
    let fen = share.of(Money::yuan(whole)).in_fen();
    fen.div_euclid(100) + i64::from(fen.rem_euclid(100) > 0)
}

fn count(number: usize) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

impl Advisory {
    fn member(&self, person: Ref<Person>) -> Option<&Member> {
        self.members.iter().find(|member| member.person == person && member.left.is_none())
    }

    fn topic(&self, topic: Between<1, 100>) -> Result<&Topic, Refusal> {
        let number = u32::try_from(topic.get()).unwrap_or(0);
        let found = self.topics.iter().find(|topic| topic.number == number);
        found.ok_or(NoSuchTopic { topic: topic.get() })
    }

    pub fn is_kept(&self, command: &Command, ctx: &Ctx) -> Said {
        if self.ended {
            return not_now();
        }
        match command.clone() {
            Appoint { person, category, unit, country } => {
                ensure(self.member(person).is_none(), MemberAlready)?;
                ensure(self.members.len() < MEMBERS_MAX, TooMany { max: MEMBERS_MAX })?;
                let since = ctx.today().max(self.from);
                let member = Member { person, category, unit, country, since, left: None };
                Ok(say(Appointed { member }))
            }
            Dismiss { person, reason } => {
                ensure(self.member(person).is_some(), NotAMember { person })?;
                Ok(say(Dismissed { person, on: ctx.today(), reason }))
            }
            PutTopic { title, question, authority, public, no_secrets } => {
                ensure(!title.is_empty(), NoTitle)?;
                ensure(no_secrets, MayHoldSecrets).by(NO_SECRETS)?;
                ensure(self.topics.len() < TOPICS_MAX, TooMany { max: TOPICS_MAX })?;
                let number = u32::try_from(self.topics.len()).unwrap_or(0) + 1;
                let topic = Topic {
                    number,
                    title,
                    question,
                    authority,
                    public,
                    put: ctx.today(),
                    declared: vec![],
                    opinions: vec![],
                    session: None,
                    advice: None,
                    answered: None,
                    late: false,
                };
                Ok(say(TopicPut { topic: Box::new(topic) }))
            }
            Meet { topics, on, attended, minutes } => self.meet(&topics, on, &attended, minutes, ctx),
            _ => not_now(),
        }
    }

    fn meet(
        &self,
        topics: &[Between<1, 100>],
        on: Day,
        attended: &[Ref<Person>],
        minutes: FileRef,
        ctx: &Ctx,
    ) -> Said {
        ensure(!topics.is_empty(), NoTopics)?;
        ensure(on <= ctx.today(), NotYet { on })?;
        ensure(self.sessions.len() < SESSIONS_MAX, TooMany { max: SESSIONS_MAX })?;
        if let Some(person) = attended.iter().copied().find(|person| self.member(*person).is_none()) {
            return Err(NotAMember { person }.into());
        }
        let mut numbers: Vec<u32> = Vec::new();
        for topic in topics {
            let topic = self.topic(*topic)?;
            ensure(topic.advice.is_none(), NoTopics)?;
            let present = self.present(topic, attended);
            let free = self.members.iter().filter(|member| member.left.is_none());
            let free = free.filter(|member| topic.interest_of(member.person) != Some(true)).count();
            let needed = part_of(ctx.rule(QUORUM), count(free)).max(1);
            ensure(present >= needed, NoQuorum { needed, present }).by(QUORUM)?;
            numbers.push(topic.number);
        }
        let number = u32::try_from(self.sessions.len()).unwrap_or(0) + 1;
        let mut attended = attended.to_vec();
        attended.sort();
        attended.dedup();
        Ok(say(Met { session: Session { number, on, topics: numbers, attended, minutes } }))
    }

    /// How many of them may speak of a topic: each once, without an interest, and only after saying so.
    fn present(&self, topic: &Topic, attended: &[Ref<Person>]) -> i64 {
        let mut free: Vec<Ref<Person>> =
            attended.iter().copied().filter(|person| topic.interest_of(*person) == Some(false)).collect();
        free.sort();
        free.dedup();
        count(free.len())
    }

    pub fn advises(&self, command: &Command, ctx: &Ctx) -> Said {
        match command.clone() {
            Declare { topic, interest } if !self.ended => {
                let (topic, person) = (self.topic(topic)?, self.speaker(ctx)?);
                ensure(topic.advice.is_none(), DeclaredAlready)?;
                // An interest may be found later; what was once declared is not taken back.
                let was = topic.interest_of(person);
                ensure(was.is_none() || (was == Some(false) && interest.is_some()), DeclaredAlready)?;
                let spoke = topic.opinions.iter().any(|opinion| opinion.person == person);
                ensure(!spoke, DeclaredAlready).by(DECLARED)?;
                Ok(say(Declared { topic: topic.number, person, interest }))
            }
            Opine { topic, text, public, no_secrets } if !self.ended => {
                let (topic, person) = (self.topic(topic)?, self.speaker(ctx)?);
                ensure(no_secrets, MayHoldSecrets).by(NO_SECRETS)?;
                ensure(topic.interest_of(person).is_some(), NotDeclared).by(DECLARED)?;
                ensure(topic.interest_of(person) == Some(false), HasAnInterest).by(DECLARED)?;
                ensure(!topic.is_full(), TooMany { max: super::OPINIONS_MAX })?;
                let opinion = Opinion { person, on: ctx.today(), text, public };
                Ok(say(Opined { topic: topic.number, opinion }))
            }
            Advise { topic, text, public, votes_for, votes_against, document } => {
                self.advise(topic, text, public, [votes_for, votes_against], document, ctx)
            }
            Respond { topic, response, text } => {
                let topic = self.topic(topic)?;
                ensure(ctx.by.signs_for.contains(&topic.authority.id()), NotYourTopic)?;
                if topic.stage() != Stage::Advised {
                    return not_now();
                }
                let answered = Answered { on: ctx.today(), response, text };
                Ok(say(Responded { topic: topic.number, answered }))
            }
            Disclose { topic } => {
                let topic = self.topic(topic)?;
                ensure(!topic.shows_advice(), PublicAlready)?;
                if topic.advice.is_some() { Ok(say(Disclosed { topic: topic.number })) } else { not_now() }
            }
            Remind => {
                let over = |topic: &&Topic| topic.answer_until().is_some_and(|day| day < ctx.today());
                let topics: Vec<u32> = self.topics.iter().filter(over).map(|topic| topic.number).collect();
                if topics.is_empty() { not_now() } else { Ok(say(Late { topics, on: ctx.today() })) }
            }
            End if !self.ended && self.until < ctx.today() => Ok(say(Ended {})),
            _ => not_now(),
        }
    }

    /// The member who asks, for nobody else.
    fn speaker(&self, ctx: &Ctx) -> Result<Ref<Person>, No<Refusal>> {
        let person = ctx.by.person.map(Id::r).ok_or(No::NotNow)?;
        ensure(ctx.by.is_itself(person.id()) && self.member(person).is_some(), NotAMember { person })?;
        Ok(person)
    }

    fn advise(
        &self,
        topic: Between<1, 100>,
        text: Bilingual<4000>,
        public: bool,
        votes: [Between<0, 60>; 2],
        document: FileRef,
        ctx: &Ctx,
    ) -> Said {
        let topic = self.topic(topic)?;
        if topic.advice.is_some() {
            return not_now();
        }
        let session = self.sessions.iter().find(|session| Some(session.number) == topic.session);
        let session = session.ok_or(NotDiscussed)?;
        let [votes_for, votes_against] = votes.map(Between::get);
        let present = self.present(topic, &session.attended);
        let needed = part_of(ctx.rule(MAJORITY), present).max(1);
        ensure(!text.is_empty(), NoTitle)?;
        ensure(votes_for + votes_against <= present, MoreVotesThanPresent { present })?;
        ensure(votes_for >= needed && votes_for > votes_against, NotCarried { needed }).by(MAJORITY)?;
        let answer_until = ctx.calendar().last_day(ctx.today(), ctx.rule(ANSWER_WITHIN));
        let on = ctx.today();
        let advice = Advice { on, text, public, votes_for, votes_against, document, answer_until };
        Ok(say(Advised { topic: topic.number, advice }))
    }
}
