//! Expert (专家库): someone who may be asked to judge, with fields, load, ties and integrity.
//!
//! applied → recommended → in-pool ⇄ dormant | sanctioned → removed; applied | recommended → declined. Whether one may
//! judge a candidate is a pure function (`conflict.rs`), asked when engaged and again when a fact changes; what it finds
//! later is an alarm on the engagement. Always: no failed project feeds the integrity of its leader.

use grammar::prelude::*;

use crate::{organisation::Organisation, person::Person};

mod beside;
mod changes;
pub mod conflict;
mod engaging;
mod fields;
mod integrity;
mod pool;
mod refusal;
mod sight;
#[cfg(test)]
mod stories;

pub use conflict::{Bond, Hit, Judge, Judged, Relation, Why};
pub(crate) use engaging::joint_work_months;
pub use fields::{Alarm, Engagement, Fields, Freed, Kind, Own, TitleLevel};
pub use integrity::{Contest, Ground, Level, Penalty};

/// Months for which joint work bars.
const JOINT_WORK: Rule<i64> = rule("EP-R11");

const OFFICE: Who = Who::Office("expert-office");
const INTEGRITY: Who = Who::Office("integrity-office");

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Standing {
    Applied,
    Recommended,
    Declined,
    InPool,
    Removed,
}

/// An expert as it stands now. `None` is not for this viewer.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Expert {
    itself: Ref<Expert>,
    region: Region,
    standing: Standing,
    kinds: List<Kind, 4>,
    fields: List<crate::field::Field, 6>,
    named: bool,
    person: Option<Ref<Person>>,
    unit: Option<Ref<Organisation>>,
    own: Option<Box<Own>>,
}

/// What can be asked of it.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "verb", rename_all = "kebab-case")]
pub enum Command {
    Apply(Box<Fields>),
    Amend(Box<Fields>),
    Recommend {
        opinion: Text<1000>,
    },
    Admit,
    Decline {
        reason: Text<1000>,
    },
    Remove {
        reason: Text<1000>,
    },
    Rest {
        from: Day,
        until: Day,
        reason: Option<Text<300>>,
    },
    ConfirmYearly {
        person: Ref<Person>,
    },
    FallAsleep,
    Declare {
        bond: Bond,
        with: Id,
        since: Option<Day>,
        until: Option<Day>,
        note: Option<Text<300>>,
    },
    NoteRelation {
        bond: Bond,
        with: Id,
        since: Option<Day>,
        until: Option<Day>,
        note: Option<Text<300>>,
    },
    WithdrawRelation {
        relation: u32,
    },
    StrikeRelation {
        relation: u32,
        reason: Text<500>,
    },
    Except {
        relation: u32,
        reason: Text<500>,
    },
    LookAgain {
        person: Ref<Person>,
    },
    NoteEmployers {
        employers: List<Ref<Organisation>, 20>,
    },
    Sanction {
        level: Level,
        from: Day,
        until: Option<Day>,
        ground: Ground,
        document: Text<200>,
    },
    Appeal {
        sanction: u32,
        text: Text<2000>,
    },
    DecideAppeal {
        sanction: u32,
        upheld: bool,
        answer: Text<2000>,
    },
    Repair {
        sanction: u32,
        reason: Text<1000>,
    },
    EndSanction,
    Engage {
        review: Id,
        candidate: Id,
        person: Ref<Person>,
        /// Persons and organisations behind the candidate.
        barred: List<Id, 80>,
        avoid: List<Id, 10>,
        until: Day,
    },
    Disengage {
        review: Id,
        reason: Freed,
    },
    Attest {
        review: Id,
        person: Ref<Person>,
    },
    Settle {
        review: Id,
        stands: bool,
    },
    /// A panel has concluded: another year on this topic.
    Serve {
        topic: Text<60>,
        year: Between<1900, 9999>,
    },
}

/// What can have happened to it. Additions only: these words stay in the log for good.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "event", rename_all = "kebab-case")]
pub enum Event {
    Applied { itself: Ref<Expert>, region: Region, fields: Box<Fields> },
    Amended { region: Region, fields: Box<Fields> },
    Recommended { opinion: Text<1000> },
    Admitted { on: Day, confirmed_until: Day },
    Declined { reason: Text<1000> },
    Removed { on: Day, reason: Text<1000> },
    Rested { from: Day, until: Day, reason: Option<Text<300>> },
    Confirmed { on: Day, confirmed_until: Day },
    FellAsleep { on: Day },
    Declared(Relation),
    Noted(Relation),
    RelationEnded { relation: u32, on: Day, reason: Option<Text<500>> },
    Excepted { relation: u32, reason: Text<500> },
    EmployersNoted { on: Day, employers: Vec<conflict::Body> },
    Sanctioned(Box<Penalty>),
    Appealed { sanction: u32, on: Day, text: Text<2000> },
    AppealDecided { sanction: u32, on: Day, upheld: bool, shown_until: Day, answer: Text<2000> },
    Repaired { sanction: u32, on: Day, shown_until: Day, reason: Text<1000> },
    SanctionEnded { sanction: u32, on: Day, shown_until: Day },
    SanctionHidden { sanction: u32 },
    Engaged(Box<Engagement>),
    Disengaged { review: Id, reason: Freed },
    Alarmed { review: Id, alarm: Alarm },
    Settled { review: Id, stands: bool },
    Served { topic: Text<60>, year: i32 },
}

use Command::*;
pub use refusal::Refusal;

impl Desk for Expert {
    const NAME: &'static str = "expert";
    const OPENS: &'static [&'static str] = &["apply"];
    const WORDS: [&'static str; 2] = [include_str!("words.zh.toml"), include_str!("words.en.toml")];
    const RULES: &'static str = include_str!("rules.toml");
    const BESIDE: &'static [(&'static str, &'static str)] = beside::BESIDE;
    /// An engagement is an event: who saw one come could tell when somebody was asked to review.
    const IS_QUIET: bool = true;
    type Command = Command;
    type Event = Event;
    type Refusal = Refusal;

    fn who(command: &Command) -> Who {
        match command {
            Apply(_) | Amend(_) | Rest { .. } | ConfirmYearly { .. } => Who::Party("person"),
            Declare { .. } | WithdrawRelation { .. } | Appeal { .. } => Who::Party("person"),
            Recommend { .. } => Who::Signatory("unit"),
            Admit | Decline { .. } | Remove { .. } | NoteRelation { .. } => OFFICE,
            StrikeRelation { .. } | Except { .. } => OFFICE,
            Sanction { .. } | DecideAppeal { .. } | Repair { .. } => Who::Two(&INTEGRITY),
            LookAgain { .. } => Who::Either(&[Who::Clock, OFFICE, Who::Office("panel-office")]),
            FallAsleep | EndSanction => Who::Clock,
            NoteEmployers { .. } => Who::Desk("expert"),
            Engage { .. } | Disengage { .. } | Attest { .. } | Settle { .. } => Who::Desk("review"),
            Serve { .. } => Who::Desk("panel"),
        }
    }

    fn decide(this: Option<&Self>, command: &Command, ctx: &Ctx) -> Decision<Self> {
        let Some(e) = this else { return pool::begin(command, ctx) };
        match command {
            Declare { .. } | NoteRelation { .. } | WithdrawRelation { .. } => e.ties(command, ctx),
            StrikeRelation { .. } | Except { .. } => e.ties(command, ctx),
            LookAgain { person } if Some(*person) == e.person => {
                Ok(Script::silent().and(pool::note_employers(ctx.see(*person), ctx)))
            }
            NoteEmployers { employers } => e.employed(employers, ctx),
            Sanction { .. } | Appeal { .. } | DecideAppeal { .. } | Repair { .. } | EndSanction
                if matches!(e.standing, Standing::InPool | Standing::Removed) =>
            {
                e.integrity(command, ctx)
            }
            Engage { .. } | Disengage { .. } | Attest { .. } | Settle { .. } => e.is_engaged_by(command, ctx),
            Serve { topic, year } => Ok(e.serves(topic, year.get())),
            _ => e.stands_in_pool(command, ctx),
        }
    }

    fn apply(this: Option<Self>, event: &Event) -> Self {
        match (this, event.clone()) {
            (None, Event::Applied { itself, region, fields }) => Self::begun(itself, region, *fields),
            (Some(expert), event) => expert.after(event),
            (None, other) => impossible(&other),
        }
    }

    fn due(&self) -> Option<Due<Command>> {
        let person = self.person?;
        let asleep = self.falls_asleep().map(|day| Due::after(day, FallAsleep));
        let ends = self.next_end().map(|day| Due::after(day, EndSanction));
        let looks = self.looks_again().map(|day| Due::after(day, LookAgain { person }));
        [asleep, ends, looks].into_iter().flatten().min_by_key(|due| due.at)
    }

    fn card(&self) -> Card {
        self.front()
    }

    fn veil(&mut self, viewer: &Viewer) -> Sight {
        self.hide_from(viewer)
    }

    fn veil_event(this: &Self, event: Event, viewer: &Viewer) -> Option<Event> {
        this.event_for(event, viewer)
    }

    fn check(&self) {
        let own = self.own();
        let open = own.engagements.as_deref().unwrap_or_default();
        assert!(!self.kinds.is_empty() && !self.fields.is_empty());
        assert!(own.admitted.is_some() || open.is_empty(), "engaged before being admitted");
        let reviews: std::collections::BTreeSet<Id> = open.iter().map(|e| e.review).collect();
        assert_eq!(reviews.len(), open.len(), "one engagement for each review");
    }
}
