//! Track record (用户档案): what one scientist has done with facility time, across all facilities of the region.
//!
//! It begins with the first proposal and is written by proposals alone. Whose report is overdue cannot hand in another
//! proposal until it is there (IN-R32). Known to that scientist, to the facilities they applied to, and to the office.

use grammar::prelude::*;

use crate::{organisation::Organisation, person::Person, proposal::Proposal};

#[cfg(test)]
mod stories;

/// Facilities one scientist may have applied to.
const UNITS_MAX: usize = 50;
/// Reports that may be overdue at once: proposals handed in before the first of them was.
const OVERDUE_MAX: usize = 50;
/// An overdue final report blocks the next proposal.
const REPORT_FIRST: Rule<bool> = rule("IN-R32");
const OFFICE: &str = "instrument-office";

/// The record of one scientist as it stands now.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct TrackRecord {
    person: Ref<Person>,
    region: Region,
    units: List<Ref<Organisation>, UNITS_MAX>,
    /// Proposals handed in.
    handed_in: u32,
    /// Experiments reported in time, and late.
    in_time: u32,
    late: u32,
    /// Papers and patents that came of them, as reported.
    works: u32,
    overdue: List<Ref<Proposal>, OVERDUE_MAX>,
}

/// What can be asked of it. Only by proposals.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "verb", rename_all = "kebab-case")]
pub enum Command {
    Enter {
        person: Ref<Person>,
        unit: Ref<Organisation>,
        region: Region,
    },
    MarkOverdue {
        proposal: Ref<Proposal>,
    },
    Settle {
        proposal: Ref<Proposal>,
        works: Between<0, 200>,
    },
    /// Shifts that never took place owe no report.
    Lift {
        proposal: Ref<Proposal>,
    },
    /// Says no while a report is overdue.
    Look,
}

/// What can have happened to it. Additions only: these words stay in the log for good.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "event", rename_all = "kebab-case")]
pub enum Event {
    Begun { person: Ref<Person>, region: Region },
    Entered { unit: Ref<Organisation> },
    WasOverdue { proposal: Ref<Proposal> },
    Settled { proposal: Ref<Proposal>, works: u32, was_late: bool },
    Lifted { proposal: Ref<Proposal> },
}

/// Why it says no. The sentences are in `words.*.toml`, under the same names.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(tag = "code", rename_all = "kebab-case")]
pub enum Refusal {
    ReportOverdue { proposal: Ref<Proposal>, count: usize },
    TooManyUnits { most: usize },
}

use {Command::*, Event::*, Refusal::*};

/// The record of a person: its name follows from theirs, so that nobody has to look for it.
#[must_use]
pub fn name(person: Ref<Person>) -> Ref<TrackRecord> {
    let id = person.id();
    let own = id.as_str().strip_prefix("person-").unwrap_or(id.as_str()).replace('-', "x");
    let name: String = format!("{}-{own}", TrackRecord::NAME).chars().take(47).collect();
    name.parse::<Id>().unwrap_or_else(|_| impossible(&name)).r()
}

impl TrackRecord {
    fn owes_nothing(&self) -> Result<(), No<Refusal>> {
        match self.overdue.first().copied() {
            Some(proposal) => {
                ensure(false, ReportOverdue { proposal, count: self.overdue.len() }).by(REPORT_FIRST)
            }
            None => Ok(()),
        }
    }
}

impl Desk for TrackRecord {
    const NAME: &'static str = "track-record";
    const OPENS: &'static [&'static str] = &["enter"];
    const WORDS: [&'static str; 2] = [include_str!("words.zh.toml"), include_str!("words.en.toml")];
    const RULES: &'static str = include_str!("rules.toml");
    type Command = Command;
    type Event = Event;
    type Refusal = Refusal;

    fn who(_: &Command) -> Who {
        Who::Desk("proposal")
    }

    fn decide(this: Option<&Self>, command: &Command, _: &Ctx) -> Decision<Self> {
        match (this, command.clone()) {
            (None, Enter { person, unit, region }) => Ok(say(Begun { person, region }).say(Entered { unit })),
            (Some(t), Enter { person, unit, .. }) if person == t.person => {
                t.owes_nothing()?;
                let is_new = !t.units.contains(&unit);
                ensure(!is_new || t.units.len() < UNITS_MAX, TooManyUnits { most: UNITS_MAX })?;
                Ok(say(Entered { unit }))
            }
            (Some(t), MarkOverdue { proposal })
                if !t.overdue.contains(&proposal) && t.overdue.len() < OVERDUE_MAX =>
            {
                Ok(say(WasOverdue { proposal }))
            }
            // More of them than fit block nobody less.
            (Some(_), MarkOverdue { .. }) => Ok(Script::silent()),
            (Some(t), Settle { proposal, works }) => {
                let works = u32::try_from(works.get()).unwrap_or(0);
                Ok(say(Settled { proposal, works, was_late: t.overdue.contains(&proposal) }))
            }
            (Some(_), Lift { proposal }) => Ok(say(Lifted { proposal })),
            (Some(t), Look) => t.owes_nothing().map(|()| Script::silent()),
            _ => not_now(),
        }
    }

    fn apply(this: Option<Self>, event: &Event) -> Self {
        let Some(mut t) = this else {
            let Begun { person, region } = event.clone() else { impossible(event) };
            let (handed_in, in_time, late, works) = (0, 0, 0, 0);
            let (units, overdue) = (List::default(), List::default());
            return Self { person, region, units, handed_in, in_time, late, works, overdue };
        };
        match event.clone() {
            Begun { .. } => impossible(event),
            Entered { unit } => {
                t.handed_in += 1;
                if !t.units.contains(&unit) {
                    t.units.push(unit);
                }
            }
            WasOverdue { proposal } => {
                t.overdue.push(proposal);
            }
            Settled { proposal, works, was_late } => {
                t.overdue.retain(|other| *other != proposal);
                t.works = t.works.saturating_add(works);
                if was_late { t.late += 1 } else { t.in_time += 1 }
            }
            Lifted { proposal } => t.overdue.retain(|other| *other != proposal),
        }
        t
    }

    fn card(&self) -> Card {
        let card = Card::new()
            .titled("机时用户档案", "track record with facility time")
            .status(if self.overdue.is_empty() { "clear" } else { "blocked" })
            .region(self.region)
            .party("person", self.person.id())
            .inside("person")
            .inside("unit")
            .inside_office(OFFICE)
            .inside_office("auditor")
            .fact("in_time", self.in_time)
            .fact("late", self.late)
            .fact("works", self.works);
        self.units.iter().fold(card, |card, unit| card.party("unit", unit.id()))
    }

    fn veil(&mut self, viewer: &Viewer) -> Sight {
        if viewer.is_inside(&self.card()) { Sight::Seen } else { Sight::Hidden }
    }

    fn veil_event(this: &Self, event: Event, viewer: &Viewer) -> Option<Event> {
        viewer.is_inside(&this.card()).then_some(event)
    }

    fn check(&self) {
        assert!(self.in_time + self.late <= self.handed_in);
        assert!(self.units.len() <= UNITS_MAX);
    }
}
