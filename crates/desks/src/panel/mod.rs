//! Panel (评审组): candidates, who judges each of them, what the scores come to, and a secret ballot.
//!
//! open → reviewing → scored → voting → voted → concluded. Experts come to it by a checked proposal or by lots from a list
//! fixed before the seed (EP-R23). Known to the panel office, and to its members as far as they take part; never to applicants.
//! Always: no score counts while a conflict of its reviewer waits, and nobody is shown a candidate they are barred from.

use grammar::prelude::*;

use crate::{
    expert::Expert,
    need::Need,
    organisation::Organisation,
    person::Person,
    review::{Rates, Review},
};

mod assigning;
mod ballot;
mod candidate;
mod changes;
mod composition;
pub mod lots;
mod means;
mod meetings;
mod past;
mod refusal;
mod scoring;
mod sight;
#[cfg(test)]
mod stories;
mod terms;
#[cfg(test)]
mod together;

pub use ballot::{Ballot, Choice, Counted, Dissenting, Matter, Opened, Putting, Vote};
pub use composition::{Finding, Frame, Met, User};
pub use means::{Mildness, Outcome, mildness, outcomes};
pub use meetings::{Attended, FeeLine, Meeting, Present};
pub use past::Event;
pub use terms::{Apart, Composition, Eligible, Entry, FeeLevel, Known, Lots, Pair, Seat, Slot, Taken, Terms};

const CANDIDATES_MAX: usize = 300;
const SEATS_MAX: usize = 2_000;

/// Whatever decides who judges is read by nobody but the office.
const OFFICE: Who = Who::Office("panel-office");

/// A candidate passed over for an expert, and why.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Passed {
    pub candidate: Id,
    pub expert: Id,
    pub reason: Text<500>,
}

/// A panel as it stands now.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Panel {
    itself: Ref<Panel>,
    terms: Terms,
    rates: Rates,
    each: u32,
    candidates: Vec<Entry>,
    seats: Vec<Seat>,
    apart: Vec<Apart>,
    lots: Option<Lots>,
    passed: Vec<Passed>,
    discussed: Vec<Id>,
    taken: Vec<Taken>,
    outcomes: Vec<Outcome>,
    mildness: Vec<Mildness>,
    vote: Option<Vote>,
    ballots: Vec<Ballot>,
    counts: Vec<Counted>,
    dissents: Vec<Dissenting>,
    slots: Vec<Slot>,
    concluded: Option<Day>,
    /// What it must be made up of, as the rules said when it was opened.
    #[serde(default)]
    frame: Frame,
    #[serde(default)]
    users: Vec<User>,
    #[serde(default)]
    meetings: Vec<Meeting>,
    /// Candidates that have had their result and are judged again.
    #[serde(default)]
    again: Vec<Id>,
}

/// What can be asked of it.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "verb", rename_all = "kebab-case")]
pub enum Command {
    Open(Box<Terms>),
    AdmitCandidates {
        candidates: List<Id, 50>,
    },
    NoteBodies {
        bodies: List<Ref<Organisation>, 1050>,
    },
    Propose {
        pairs: List<Pair, 200>,
    },
    Fix {
        experts: List<Ref<Expert>, 300>,
    },
    DrawLots,
    Invite {
        candidates: List<Id, 50>,
    },
    Pass {
        candidate: Id,
        expert: Ref<Expert>,
        reason: Text<500>,
    },
    Replace {
        review: Ref<Review>,
        expert: Option<Ref<Expert>>,
        reason: Text<500>,
    },
    Discuss {
        reviews: List<Ref<Review>, 15>,
        days: Between<1, 60>,
    },
    CloseScores {
        reviews: List<Ref<Review>, 600>,
    },
    NameUser {
        person: Ref<Person>,
        need: Ref<Need>,
    },
    PutToVote(Putting),
    /// By its id, not as a reference: a member knows of the candidate through the panel alone, and what a command refers to
    /// must be a record its asker may open.
    Cast {
        candidate: Text<80>,
        choice: Sealed<Choice>,
        word: Sealed<Text<40>>,
    },
    Count,
    Dissent {
        candidate: Text<80>,
        text: Text<2000>,
    },
    SetSlots {
        slots: List<Slot, 200>,
    },
    DropCandidate {
        candidate: Id,
        reason: Text<500>,
    },
    RecordAttendance {
        day: Day,
        present: List<Present, 100>,
    },
    Conclude,
    ReReview {
        reviews: List<Ref<Review>, 15>,
        reason: Text<500>,
    },
}

use Command::*;
pub use refusal::Refusal;

impl Desk for Panel {
    const NAME: &'static str = "panel";
    const OPENS: &'static [&'static str] = &["open"];
    const WORDS: [&'static str; 2] = [include_str!("words.zh.toml"), include_str!("words.en.toml")];
    const RULES: &'static str = include_str!("rules.toml");
    /// One assignment opens hundreds of reviews, each of which engages its expert.
    const STEPS_MAX: usize = 10_000;
    type Command = Command;
    type Event = Event;
    type Refusal = Refusal;

    fn who(command: &Command) -> Who {
        match command {
            Cast { .. } | Dissent { .. } => Who::Party("member"),
            NoteBodies { .. } => Who::Desk("panel"),
            DrawLots | Count => Who::Clock,
            ReReview { .. } => Who::Two(&OFFICE),
            _ => OFFICE,
        }
    }

    fn decide(this: Option<&Self>, command: &Command, ctx: &Ctx) -> Decision<Self> {
        let Some(p) = this else { return assigning::open(command, ctx) };
        match command {
            ReReview { reviews, reason } => p.looks_again(reviews, reason, ctx),
            RecordAttendance { day, present } => p.meets(*day, present, ctx),
            _ if p.concluded.is_some() => not_now(),
            Open(_) => not_now(),
            NameUser { person, need } => p.names_user(*person, *need, ctx),
            AdmitCandidates { .. } | NoteBodies { .. } | Propose { .. } | Fix { .. } | DrawLots => {
                p.assigns(command, ctx)
            }
            Invite { .. } | Pass { .. } | Replace { .. } => p.assigns(command, ctx),
            PutToVote(_) | Cast { .. } | Count | Dissent { .. } => p.votes(command, ctx),
            Discuss { .. } | CloseScores { .. } | SetSlots { .. } => p.scores(command, ctx),
            DropCandidate { .. } | Conclude => p.scores(command, ctx),
        }
    }

    fn apply(this: Option<Self>, event: &Event) -> Self {
        match (this, event.clone()) {
            (None, Event::Opened { itself, terms, each, rates, frame }) => {
                Self::begun(itself, *terms, (each, rates, frame))
            }
            (Some(panel), event) => panel.after(event),
            (None, other) => impossible(&other),
        }
    }

    fn due(&self) -> Option<Due<Command>> {
        if self.concluded.is_some() {
            return None;
        }
        let waiting = self.lots.as_ref().filter(|lots| lots.drawn.is_none());
        let drawn = waiting.map(|lots| Due::at(lots.at.plus_millis(1), DrawLots));
        let count = self.vote.as_ref().filter(|vote| !vote.is_counted);
        let count = count.map(|vote| Due::at(vote.closes, Count));
        drawn.into_iter().chain(count).min_by_key(|due| due.at)
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
        self.holds();
    }
}
