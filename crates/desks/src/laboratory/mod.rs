//! Laboratory: a laboratory, centre, incubator or new research institute in the region's catalogue, as a
//! unit below the organisation that leads it.
//!
//! listed ⇄ suspended, either → delisted; its id then lives on and may point to a successor. The authority
//! decides on its kind, tier and standing; the lead unit keeps the rest up to date, writes the safety notes that visitors
//! confirm, and may say how many people may be in it at once: then who uses its instruments or visits it is counted as they come and
//! go. Who is in it is for the lead unit alone.

use grammar::prelude::*;

use crate::{booking::Booking, visit::Visit};

mod beside;
mod entry;
mod kinds;
mod occupancy;
mod safety;
mod takes;

#[cfg(test)]
mod stories;

pub use entry::Entry;
use entry::sensible;
pub use kinds::{Kind, Tier};
pub use occupancy::{Admission, Inside, Occupancy, People};
pub use safety::Safety;
pub use takes::Takes;

/// The authority in charge approves, adjusts and withdraws.
const AUTHORITY_DECIDES: Rule<bool> = rule("LB-R02");
const OFFICE: &str = "laboratory-office";

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Status {
    Listed,
    Suspended,
    Delisted,
}

/// A laboratory as it stands now.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Laboratory {
    itself: Ref<Laboratory>,
    status: Status,
    entry: Entry,
    reason: Option<Text<500>>,
    successor: Option<Ref<Laboratory>>,
    /// How many may be in it at once, and who is; `None` where nobody ever counted.
    #[serde(default)]
    occupancy: Option<Occupancy>,
    /// Which hazards of samples it takes; `None` where nobody has said.
    #[serde(default)]
    takes: Option<Takes>,
    /// What visitors confirm before they come in.
    #[serde(default)]
    safety: Option<Safety>,
}

/// What can be asked of it.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "verb", rename_all = "kebab-case")]
pub enum Command {
    Enrol(Entry),
    Amend(Entry),
    Suspend {
        reason: Text<500>,
    },
    Resume {
        reason: Text<500>,
    },
    Delist {
        reason: Text<500>,
        successor: Option<Ref<Laboratory>>,
    },
    /// How many people may be in it at once; nothing ends the counting.
    SetOccupancy {
        most: Option<Between<1, 1_000>>,
    },
    /// Which hazards of samples it takes.
    SetHazards(Takes),
    /// A sitting begins at an instrument that stands in it.
    Enter {
        booking: Ref<Booking>,
        people: People,
    },
    GoOut {
        booking: Ref<Booking>,
    },
    /// Visitors come in.
    Admit(Admission),
    SeeOut {
        visit: Ref<Visit>,
        people: Between<1, 20>,
    },
    /// What visitors are to know before they come in; nothing when they need not confirm any more.
    SetSafety {
        notes: Option<Bilingual<4000>>,
    },
}

/// What can have happened to it. Additions only: these words stay in the log for good.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "event", rename_all = "kebab-case")]
pub enum Event {
    Enrolled { itself: Ref<Laboratory>, entry: Entry },
    Amended { entry: Entry },
    Suspended { reason: Text<500> },
    Resumed { reason: Text<500> },
    Delisted { reason: Text<500>, successor: Option<Ref<Laboratory>> },
    OccupancySet { most: Option<Between<1, 1_000>> },
    HazardsSet(Takes),
    Entered(Inside),
    WentOut { booking: Ref<Booking> },
    Admitted(Admission),
    SeenOut { visit: Ref<Visit>, people: Between<1, 20> },
    SafetySet { safety: Safety },
}

/// Why it says no. The sentences are in `words.*.toml`, under the same names.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(tag = "code", rename_all = "kebab-case")]
pub enum Refusal {
    NoName,
    NumberChanges,
    TierDoesNotFit { kind: Kind, tier: Tier },
    LeadIsPartner,
    PartOfItself,
    ApprovedLater { approved: Day },
    EvaluatedBeforeApproval { approved: Day, next_evaluation: Day },
    OnlyTheAuthority,
    SuccessorIsItself,
    SuccessorIsGone { successor: Ref<Laboratory> },
    Full { most: i64, inside: i64 },
    NamedTwice { hazard: crate::hazard::Hazard },
    NoNotes,
    SameNotes,
}

use {Command::*, Event::*, Refusal::*};

impl Desk for Laboratory {
    const NAME: &'static str = "laboratory";
    const OPENS: &'static [&'static str] = &["enrol"];
    const WORDS: [&'static str; 2] = [include_str!("words.zh.toml"), include_str!("words.en.toml")];
    const RULES: &'static str = include_str!("rules.toml");
    const BESIDE: &'static [(&'static str, &'static str)] = beside::BESIDE;
    type Command = Command;
    type Event = Event;
    type Refusal = Refusal;

    fn who(command: &Command) -> Who {
        match command {
            SetOccupancy { .. } | SetSafety { .. } | SetHazards(_) => {
                Who::Either(&[Who::Office(OFFICE), Who::Party("lead")])
            }
            Enter { .. } | GoOut { .. } => Who::Desk("booking"),
            Admit(_) | SeeOut { .. } => Who::Desk("visit"),
            Amend(_) => Who::Either(&[Who::Office(OFFICE), Who::Signatory("lead")]),
            Enrol(_) | Suspend { .. } | Resume { .. } | Delist { .. } => Who::Office(OFFICE),
        }
    }

    fn decide(this: Option<&Self>, command: &Command, ctx: &Ctx) -> Decision<Self> {
        match (this, command.clone()) {
            (None, Enrol(entry)) => {
                sensible(&entry, ctx)?;
                Ok(say(Enrolled { itself: ctx.me.r(), entry }))
            }
            (Some(l), SetOccupancy { .. } | Enter { .. } | GoOut { .. } | Admit(_) | SeeOut { .. }) => {
                l.people_change(command)
            }
            (Some(l), SetSafety { notes }) if l.status != Status::Delisted => l.sets_safety(notes),
            (Some(l), SetHazards(takes)) if l.status != Status::Delisted => Self::sets_hazards(takes),
            (Some(l), Amend(entry)) if l.status != Status::Delisted => {
                ensure(entry.platform_no == l.entry.platform_no, NumberChanges)?;
                ensure(l.may_amend(&entry, ctx), OnlyTheAuthority).by(AUTHORITY_DECIDES)?;
                sensible(&entry, ctx)?;
                Ok(say(Amended { entry }))
            }
            (Some(l), Suspend { reason }) if l.status == Status::Listed => Ok(say(Suspended { reason })),
            (Some(l), Resume { reason }) if l.status == Status::Suspended => Ok(say(Resumed { reason })),
            (Some(l), Delist { reason, successor }) if l.status != Status::Delisted => {
                if let Some(successor) = successor {
                    ensure(successor.id() != ctx.me, SuccessorIsItself)?;
                    ensure(ctx.see(successor).status != "delisted", SuccessorIsGone { successor })?;
                }
                Ok(say(Delisted { reason, successor }))
            }
            _ => not_now(),
        }
    }

    fn apply(this: Option<Self>, event: &Event) -> Self {
        let Some(mut l) = this else {
            let Enrolled { itself, entry } = event.clone() else { impossible(event) };
            let (reason, successor, occupancy, takes, safety) = (None, None, None, None, None);
            return Self {
                itself,
                status: Status::Listed,
                entry,
                reason,
                successor,
                occupancy,
                takes,
                safety,
            };
        };
        match event.clone() {
            Enrolled { .. } => impossible(event),
            OccupancySet { .. } | Entered(_) | WentOut { .. } | Admitted(_) | SeenOut { .. } => {
                l.counts_people(event);
            }
            SafetySet { safety } => l.safety = Some(safety),
            Amended { entry } => l.entry = entry,
            HazardsSet(takes) => l.takes = Some(takes),
            Suspended { reason } => (l.status, l.reason) = (Status::Suspended, Some(reason)),
            Resumed { .. } => (l.status, l.reason) = (Status::Listed, None),
            Delisted { reason, successor } => {
                (l.status, l.reason, l.successor) = (Status::Delisted, Some(reason), successor);
            }
        }
        l
    }

    fn card(&self) -> Card {
        let entry = &self.entry;
        let (kind, tier) = (grammar::desk::plain_word(&entry.kind), grammar::desk::plain_word(&entry.tier));
        let mut card = Card::new()
            .title(&entry.name)
            .status(&grammar::desk::plain_word(&self.status))
            .region(entry.region)
            .key("platform", &entry.platform_no)
            .party("itself", self.itself.id())
            .party("lead", entry.lead.id())
            .field(&entry.field.word())
            .facet("kind", &kind)
            .facet("tier", &tier)
            .fact("kind", &kind)
            .fact("tier", &tier)
            .keywords(entry.keywords.iter().map(ToString::to_string).collect::<Vec<_>>().join(" "))
            .source(entry.source.as_deref().unwrap_or(""));
        for partner in entry.partners.iter() {
            card = card.party("partner", partner.id());
        }
        for text in entry.services.iter().chain(&entry.open_topics) {
            card = card.text(&text.joined());
        }
        for (part, other) in [("parent", entry.parent), ("successor", self.successor)] {
            card = other.map_or(card.clone(), |other| card.party(part, other.id()));
        }
        if let Some(place) = entry.place {
            card = card.place(place.latitude(), place.longitude());
        }
        if let Some(approved) = entry.approved {
            card = card.from(approved);
        }
        if let Some(next) = entry.next_evaluation {
            card = card.fact("next_evaluation", next);
        }
        if let Some(takes) = &self.takes {
            card = card.fact("takes", takes);
        }
        card = self.counted(self.with_safety(card));
        card.offer_if(self.status == Status::Listed)
    }

    fn is_certificate(&self) -> bool {
        self.status != Status::Delisted
    }

    fn veil(&mut self, viewer: &Viewer) -> Sight {
        let is_inside = viewer.is_inside(&self.card());
        if let Some(occupancy) = self.occupancy.as_mut().filter(|_| !is_inside) {
            (occupancy.inside, occupancy.visits) = (List::default(), List::default());
        }
        Sight::Seen
    }

    fn veil_event(this: &Self, event: Event, viewer: &Viewer) -> Option<Event> {
        let is_inner = matches!(event, Entered(_) | WentOut { .. } | Admitted(_) | SeenOut { .. });
        (!is_inner || viewer.is_inside(&this.card())).then_some(event)
    }

    fn check(&self) {
        assert!(!self.entry.name.is_empty());
        assert!(self.successor.is_none() || self.status == Status::Delisted);
        assert!((self.status == Status::Listed) == self.reason.is_none());
    }
}
