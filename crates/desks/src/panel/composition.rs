//! Composition: who a panel must be made up of. Thresholds are fixed when it is opened, so that its page can say at any
//! time which of them are met; what is not met is refused where it would count: at the vote and at the conclusion.

use std::collections::BTreeMap;

use grammar::prelude::*;

use super::{
    Composition,
    Event::{self, *},
    Matter, Panel, Refusal,
    Refusal::*,
    Terms,
    assigning::UNIT_PART,
};
use crate::{
    expert::{self, Expert, Kind},
    need::Need,
    organisation::Organisation,
    person::Person,
};

/// An odd number votes.
const ODD: Rule<bool> = rule("EP-R24-ODD");
const LEAST: Rule<i64> = rule("EP-R24-LEAST");
/// Budgets are judged with someone of finance.
const FINANCE: Rule<bool> = rule("EP-R24-FIN");
/// So many years in a row on one topic, then somebody else.
const YEARS: Rule<i64> = rule("EP-R24-YEARS");
/// Joint research is judged by technology, industry and finance; the users' representatives have a voice on fit.
const JOINT: Rule<Vec<String>> = rule("NJ-R11");

const USERS_MAX: usize = 40;

/// What a panel must be made up of, as the rules said when it was opened.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Frame {
    pub least: i64,
    /// What one unit may have of the voters, at most.
    pub unit_part: Share,
    pub kinds: Vec<Kind>,
    pub years: i64,
}

impl Default for Frame {
    fn default() -> Self {
        let unit_part = Share::new(1, 3).unwrap_or_else(|| impossible("a third"));
        Self { least: 5, unit_part, kinds: vec![], years: 2 }
    }
}

impl Frame {
    pub(super) fn of(terms: &Terms, ctx: &Ctx) -> Self {
        let named = |words: Vec<String>| {
            let kinds = words.into_iter().map(serde_json::Value::from);
            kinds.filter_map(|kind| serde_json::from_value(kind).ok()).collect()
        };
        let kinds = match terms.composition {
            None => vec![],
            Some(Composition::WithFinance) => vec![Kind::Finance],
            Some(Composition::JointResearch) => named(ctx.rule(JOINT)),
        };
        let (least, unit_part, years) = (ctx.rule(LEAST), ctx.rule(UNIT_PART), ctx.rule(YEARS));
        Self { least, unit_part, kinds, years }
    }

    /// How many of so many voters one unit may have.
    fn unit_most(&self, voters: usize) -> usize {
        let all = Money::fen(i64::try_from(voters).unwrap_or(0));
        usize::try_from(self.unit_part.of(all).in_fen()).unwrap_or(1).max(1)
    }
}

/// Someone the owner of a need sends, with a voice on fit.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct User {
    pub person: Ref<Person>,
    pub need: Ref<Need>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Met {
    Yes,
    No,
    /// Cannot be said yet.
    Open,
}

/// What one rule comes to for a panel, with the numbers it was judged by.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Finding {
    pub rule: &'static str,
    pub met: Met,
    pub has: i64,
    pub asked: i64,
}

fn number(count: usize) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}

impl Panel {
    /// Those who have judged, without those excused, and on fit the users' representatives.
    pub(super) fn voters(
        &self,
        matter: Matter,
        excused: &[Ref<Person>],
        has_reason: bool,
    ) -> Result<Vec<Ref<Person>>, Refusal> {
        ensure(excused.is_empty() || has_reason, ExcusedWithoutReason)?;
        let judged: std::collections::BTreeSet<Id> = self.taken.iter().map(|taken| taken.person).collect();
        for person in excused.iter().copied() {
            ensure(judged.contains(&person.id()), NotAReviewer { person })?;
        }
        let votes = judged.into_iter().map(Id::r).filter(|person| !excused.contains(person));
        let users = self.users.iter().filter(|_| matter == Matter::Fit).map(|user| user.person);
        Ok(votes.chain(users).collect())
    }

    /// How many voters each unit has, the most first.
    fn by_unit(&self, voters: &[Ref<Person>]) -> Vec<(Ref<Organisation>, usize)> {
        let mut units: BTreeMap<Id, usize> = BTreeMap::new();
        for voter in voters {
            let seat = self.seats.iter().find(|seat| seat.person == *voter);
            if let Some(unit) = seat.and_then(|seat| seat.unit) {
                *units.entry(unit.id()).or_default() += 1;
            }
        }
        let mut all: Vec<_> = units.into_iter().map(|(unit, count)| (unit.r(), count)).collect();
        all.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
        all
    }

    pub(super) fn is_fit_to_vote(&self, voters: &[Ref<Person>], ctx: &Ctx) -> Result<(), No<Refusal>> {
        let is_odd = !ctx.rule(ODD) || voters.len() % 2 == 1;
        ensure(is_odd, EvenVoters { voters: voters.len() }).by(ODD)?;
        let most = self.frame.unit_most(voters.len());
        if let Some((unit, count)) = self.by_unit(voters).first().copied() {
            ensure(count <= most, UnitOverItsPart { unit, most: number(most) }).by(UNIT_PART)?;
        }
        self.is_made_up()
    }

    fn has_kind(&self, kind: Kind) -> bool {
        self.seats.iter().any(|seat| seat.ended.is_none() && seat.kinds.contains(&kind))
    }

    /// Every kind of expert that is asked for sits in it.
    pub(super) fn is_made_up(&self) -> Result<(), No<Refusal>> {
        let Some(kind) = self.frame.kinds.iter().copied().find(|kind| !self.has_kind(*kind)) else {
            return Ok(());
        };
        let joint = self.terms.composition == Some(Composition::JointResearch);
        Err(No::Because(KindMissing { kind }, Some(if joint { JOINT.id() } else { FINANCE.id() })))
    }

    /// Whether someone has sat on this topic for as many years in a row as the rule allows. A measure of our own: the office is
    /// told and may have them stay.
    pub(super) fn stays_on(&self, card: &Card, ctx: &Ctx) -> bool {
        let Some(topic) = &self.terms.topic else { return false };
        let served: Vec<(Text<60>, i32)> = card.read("served").unwrap_or_default();
        let (year, years) = (i32::from(ctx.today().year()), self.frame.years);
        (1..=years).all(|ago| {
            served.iter().any(|(on, in_year)| on == topic && i64::from(*in_year) == i64::from(year) - ago)
        })
    }

    /// Tells each of those who judged that this was a year on its topic.
    pub(super) fn rotation(&self, ctx: &Ctx) -> Vec<grammar::desk::Tell> {
        let Some(topic) = self.terms.topic.clone() else { return vec![] };
        let Some(year) = Between::new(i64::from(ctx.today().year())) else { return vec![] };
        let judged = |seat: &&super::Seat| self.taken.iter().any(|taken| taken.review == seat.review.id());
        let experts: std::collections::BTreeSet<Id> =
            self.seats.iter().filter(judged).map(|seat| seat.expert.id()).collect();
        let serve = expert::Command::Serve { topic, year };
        experts.into_iter().map(|expert| tell::<Expert>(expert.r(), &serve)).collect()
    }

    pub(super) fn names_user(&self, person: Ref<Person>, need: Ref<Need>, ctx: &Ctx) -> Decision<Self> {
        let owners: Vec<Id> = ctx.see(need).holders("owner").collect();
        let is_of_owner = ctx.see(person).holders("affiliation").any(|unit| owners.contains(&unit));
        ensure(is_of_owner, NotOfTheOwner { person, need }).by(JOINT)?;
        let judged = self.candidates.iter().any(|entry| entry.matter == Some(need.id()));
        ensure(judged, NoCandidateOfNeed { need })?;
        let sits = self.seats.iter().any(|seat| seat.person == person);
        let known = self.users.iter().any(|user| user.person == person);
        ensure(!sits && !known, SitsAlready { person })?;
        ensure(self.users.len() < USERS_MAX, TooMany { max: USERS_MAX })?;
        Ok(say::<Event>(UserNamed(User { person, need })))
    }

    /// What each rule of composition comes to, for the panel's page.
    #[must_use]
    pub fn composed(&self) -> Vec<Finding> {
        let live = self.seats.iter().filter(|seat| seat.ended.is_none());
        let sitting: std::collections::BTreeSet<Id> = live.map(|seat| seat.person.id()).collect();
        let voters: Vec<Ref<Person>> = match &self.vote {
            Some(vote) => vote.voters.clone(),
            None => sitting.into_iter().map(Id::r).collect(),
        };
        let met = |holds: bool| match (holds, self.vote.is_some()) {
            (true, _) => Met::Yes,
            (false, true) => Met::No,
            (false, false) => Met::Open,
        };
        let count = voters.len();
        let most = self.frame.unit_most(count);
        let largest = self.by_unit(&voters).first().map_or(0, |(_, count)| *count);
        let mut all = vec![
            Finding {
                rule: LEAST.id(),
                met: met(number(count) >= self.frame.least),
                has: number(count),
                asked: self.frame.least,
            },
            Finding { rule: ODD.id(), met: met(count % 2 == 1), has: number(count), asked: 1 },
            Finding {
                rule: UNIT_PART.id(),
                met: met(largest <= most),
                has: number(largest),
                asked: number(most),
            },
        ];
        if !self.frame.kinds.is_empty() {
            let has = self.frame.kinds.iter().filter(|kind| self.has_kind(**kind)).count();
            let joint = self.terms.composition == Some(Composition::JointResearch);
            let rule = if joint { JOINT.id() } else { FINANCE.id() };
            let (has, asked) = (number(has), number(self.frame.kinds.len()));
            let is_over = self.concluded.is_some() || self.vote.is_some();
            let met = if has == asked {
                Met::Yes
            } else if is_over {
                Met::No
            } else {
                Met::Open
            };
            all.push(Finding { rule, met, has, asked });
        }
        if self.terms.topic.is_some() {
            let live = self.seats.iter().filter(|seat| seat.ended.is_none() && seat.stays_on);
            let staying: std::collections::BTreeSet<Id> = live.map(|seat| seat.person.id()).collect();
            let met = if staying.is_empty() { Met::Yes } else { Met::No };
            all.push(Finding { rule: YEARS.id(), met, has: number(staying.len()), asked: self.frame.years });
        }
        all
    }
}
