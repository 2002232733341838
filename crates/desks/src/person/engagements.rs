//! Engagements: what a person has applied for and works on, whatever the programme, so that limits are counted on
//! what happened (限项).
//!
//! applied → running → ended. Always: one engagement a record; what was applied for in a year counts in that year,
//! taken back or not.

use grammar::prelude::*;

use super::{
    Command::{self, *},
    Event::{self, *},
    Person,
    Refusal::{self, *},
};
use crate::candidate::Role;

/// Engagements a record keeps. Applications of earlier years that came to nothing are dropped first.
pub(super) const ENGAGEMENTS_MAX: usize = 300;

/// A person of senior title: applied for and running together.
const NSFC_SENIOR: Rule<i64> = rule("PG-R11");
/// Others: as leader, and as member.
const NSFC_LEADER: Rule<i64> = rule("PG-R11-LEAD");
const NSFC_MEMBER: Rule<i64> = rule("PG-R11-PART");
/// National key research: as leader, applied for and running together.
const NATIONAL_KEY: Rule<i64> = rule("PG-R12-LEAD");
/// Running municipal projects with which one may not apply as leader.
const MUNICIPAL: Rule<i64> = rule("PG-R15");
/// Joint-research projects that one leads at a time.
const JOINT_RESEARCH: Rule<i64> = rule("NJ-R15-LEAD");

/// Programmes whose projects are counted together.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
#[schemars(inline)]
pub enum Family {
    NaturalScienceFund,
    NationalKey,
    Municipal,
    JointResearch,
    /// Counted nowhere.
    Uncounted,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
#[schemars(inline)]
pub enum Stage {
    Applied,
    Running,
}

/// What an application or a project tells its people.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[schemars(inline)]
pub struct Engaging {
    /// The candidate, also when it has become a project.
    pub record: Id,
    pub role: Role,
    pub family: Family,
    /// Whether the person has a senior title.
    pub senior: bool,
    pub stage: Stage,
    pub until: Day,
}

/// One engagement.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Engagement {
    pub record: Id,
    pub role: Role,
    pub family: Family,
    /// Whether the person had a senior title then.
    #[serde(default)]
    pub senior: bool,
    pub stage: Stage,
    /// The day of the application, or of the project that had none.
    pub since: Day,
    pub until: Day,
    pub ended: Option<Day>,
}

impl Engagement {
    fn is_open(&self, today: Day) -> bool {
        self.ended.is_none() && today <= self.until
    }

    fn is_running(&self, today: Day) -> bool {
        self.stage == Stage::Running && self.is_open(today)
    }

    /// Open, or applied for in this year.
    fn counts(&self, today: Day) -> bool {
        self.is_open(today) || self.since.year() == today.year()
    }
}

impl Person {
    pub(super) fn engages(&self, command: &Command, ctx: &Ctx) -> Decision<Self> {
        let on = ctx.today();
        match command.clone() {
            Engage(engaging) => {
                self.is_within_limits(&engaging, ctx)?;
                let room = self.engagement(engaging.record).is_some() || self.kept(on) < ENGAGEMENTS_MAX;
                ensure(room, TooManyEngagements { max: ENGAGEMENTS_MAX })?;
                Ok(say(Engaged { engaging, on }))
            }
            Disengage { record } => {
                let open = self.engagement(record).is_some_and(|engagement| engagement.ended.is_none());
                Ok(if open { say(Disengaged { record, on }) } else { Script::silent() })
            }
            _ => not_now(),
        }
    }

    fn engagement(&self, record: Id) -> Option<&Engagement> {
        self.engagements.iter().find(|engagement| engagement.record == record)
    }

    /// How many are left when those that no limit looks at any more are dropped.
    fn kept(&self, today: Day) -> usize {
        self.engagements.iter().filter(|e| e.stage == Stage::Running || e.counts(today)).count()
    }

    fn is_within_limits(&self, engaging: &Engaging, ctx: &Ctx) -> Result<(), No<Refusal>> {
        let today = ctx.today();
        let (leads, applies) = (engaging.role == Role::Leader, engaging.stage == Stage::Applied);
        let others = || {
            let same = |e: &&Engagement| e.record != engaging.record && e.family == engaging.family;
            self.engagements.iter().filter(same)
        };
        let led = |e: &&Engagement| e.role == Role::Leader;
        // A title once stated is not lost in another application.
        let senior = engaging.senior || self.engagements.iter().any(|e| e.senior);
        let counted = || others().filter(|e| e.counts(today));
        let running = || others().filter(led).filter(|e| e.is_running(today)).count();
        let (limit, is) = match engaging.family {
            Family::NaturalScienceFund if senior => (NSFC_SENIOR, counted().count()),
            Family::NaturalScienceFund if leads => (NSFC_LEADER, counted().filter(led).count()),
            Family::NaturalScienceFund => (NSFC_MEMBER, counted().filter(|e| !led(e)).count()),
            Family::NationalKey if leads => (NATIONAL_KEY, counted().filter(led).count()),
            Family::Municipal if leads && applies => (MUNICIPAL, running()),
            Family::JointResearch if leads => (JOINT_RESEARCH, running()),
            _ => return Ok(()),
        };
        let (max, is) = (ctx.rule(limit), i64::try_from(is).unwrap_or(i64::MAX));
        let (person, family, role) = (self.itself, engaging.family, engaging.role);
        ensure(is < max, OverTheLimit { person, family, role, is, max }).by(limit)
    }

    pub(super) fn engagement_changes(&mut self, event: &Event) {
        match event.clone() {
            Engaged { engaging, on } => {
                let Engaging { record, role, family, senior, stage, until } = engaging;
                let since = self.engagement(record).map_or(on, |engagement| engagement.since);
                self.engagements.retain(|e| e.record != record);
                if self.engagements.len() >= ENGAGEMENTS_MAX {
                    self.engagements.retain(|e| e.stage == Stage::Running || e.counts(on));
                }
                let ended = None;
                self.engagements.push(Engagement {
                    record,
                    role,
                    family,
                    senior,
                    stage,
                    since,
                    until,
                    ended,
                });
            }
            Disengaged { record, on } => {
                self.engagements.iter_mut().filter(|e| e.record == record).for_each(|e| e.ended = Some(on));
            }
            other => impossible(&other),
        }
    }
}
