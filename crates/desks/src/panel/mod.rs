//! Panel (评审组): candidates, who judges each of them, what the scores come to, and a secret ballot.
//!
//! open → reviewing → scored → voting → voted → concluded. Experts come to it by a checked proposal or by lots from a list
//! fixed before the seed (EP-R23). Known to the panel office, and to its members as far as they take part; never to applicants.
//! Always: no score counts while a conflict of its reviewer waits, and nobody is shown a candidate they are barred from.

use grammar::prelude::*;

use crate::{
    expert::{Expert, conflict::Body},
    organisation::Organisation,
    review::{Rates, Review},
};

mod assigning;
mod ballot;
mod candidate;
mod changes;
mod lots;
mod means;
mod scoring;
mod sight;
#[cfg(test)]
mod stories;
mod terms;
#[cfg(test)]
mod together;

pub use ballot::{Ballot, Choice, Counted, Dissenting, Opened, Vote};
pub use means::{Mildness, Outcome, mildness, outcomes};
pub use terms::{Apart, Entry, FeeLevel, Lots, Pair, Seat, Slot, Taken, Terms};

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
}

/// What can be asked of it.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "verb", rename_all = "kebab-case")]
pub enum Command {
    Open(Box<Terms>),
    AdmitCandidates { candidates: List<Id, 50> },
    NoteBodies { bodies: List<Ref<Organisation>, 1050> },
    Propose { pairs: List<Pair, 200> },
    Fix { experts: List<Ref<Expert>, 300> },
    DrawLots,
    Invite { candidates: List<Id, 50> },
    Pass { candidate: Id, expert: Ref<Expert>, reason: Text<500> },
    Replace { review: Ref<Review>, expert: Option<Ref<Expert>>, reason: Text<500> },
    Discuss { reviews: List<Ref<Review>, 15>, days: Between<1, 60> },
    CloseScores { reviews: List<Ref<Review>, 600> },
    PutToVote { candidates: List<Id, 100>, closes: Moment },
    Cast { candidate: Id, choice: Sealed<Choice>, word: Sealed<Text<40>> },
    Count,
    Dissent { candidate: Id, text: Text<2000> },
    SetSlots { slots: List<Slot, 200> },
    DropCandidate { candidate: Id, reason: Text<500> },
    Conclude,
}

/// What can have happened to it. Additions only: these words stay in the log for good.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "event", rename_all = "kebab-case")]
pub enum Event {
    Opened { itself: Ref<Panel>, terms: Box<Terms>, each: u32, rates: Rates },
    CandidatesAdmitted { entries: Vec<Entry> },
    BodiesNoted { bodies: Vec<Body> },
    Assigned { seats: Vec<Seat>, apart: Vec<Apart> },
    ListFixed { lots: Box<Lots>, apart: Vec<Apart> },
    LotsDrawn { drawn: Drawn, order: Vec<terms::Eligible> },
    PassedOver(Passed),
    Released { review: Ref<Review>, reason: Text<500> },
    Discussed { candidate: Id, until: Day },
    ScoresTaken { taken: Vec<Taken> },
    VoteOpened { vote: Vote },
    BallotCast(Ballot),
    BallotsCounted { counts: Vec<Counted> },
    Dissented(Dissenting),
    SlotsSet { slots: Vec<Slot> },
    CandidateDropped { candidate: Id, reason: Text<500> },
    Concluded { on: Day, outcomes: Vec<Outcome> },
}

/// Why it says no. The sentences are in `words.*.toml`, under the same names.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(tag = "code", rename_all = "kebab-case")]
pub enum Refusal {
    NoTitle,
    WeightsDoNotSum { sum: i64 },
    NotACandidate { candidate: Id },
    AdmittedAlready { candidate: Id },
    NoSuchCandidate { candidate: Id },
    TooMany { max: usize },
    NothingNamed,
    NamedTwice { expert: Ref<Expert> },
    NotAvailable { expert: Ref<Expert>, status: String },
    ReviewsIt { expert: Ref<Expert>, candidate: Id },
    LoadFull { expert: Ref<Expert>, max: i64 },
    UnitHasItsPart { expert: Ref<Expert>, candidate: Id, max: usize },
    PairInConflict { expert: Ref<Expert>, candidate: Id, why: crate::expert::Why, with: Id },
    DrawnByLot { candidate: Id },
    NobodyLeft { candidate: Id },
    NotDrawn { expert: Ref<Expert>, candidate: Id },
    NotASeat { review: Ref<Review> },
    NotSignedYet { review: Ref<Review> },
    ReviewsOfOthers { candidate: Id },
    ReviewsMissing { candidate: Id, missing: usize },
    TooFewReviews { candidate: Id, least: u32 },
    SpreadTooWide { candidate: Id, spread: u32 },
    NotScored { candidate: Id },
    TooFewVoters { least: i64 },
    ClosesTooSoon { now: Moment },
    VotedAlready { candidate: Id },
    VoteIsOver { closes: Moment },
    NotVotedOn { candidate: Id },
    DissentedAlready { candidate: Id },
    SlotsOverlap { candidate: Id },
}

use Command::*;

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
            _ => OFFICE,
        }
    }

    fn decide(this: Option<&Self>, command: &Command, ctx: &Ctx) -> Decision<Self> {
        let Some(p) = this else { return assigning::open(command, ctx) };
        match command {
            _ if p.concluded.is_some() => not_now(),
            Open(_) => not_now(),
            AdmitCandidates { .. } | NoteBodies { .. } | Propose { .. } | Fix { .. } | DrawLots => {
                p.assigns(command, ctx)
            }
            Invite { .. } | Pass { .. } | Replace { .. } => p.assigns(command, ctx),
            PutToVote { .. } | Cast { .. } | Count | Dissent { .. } => p.votes(command, ctx),
            Discuss { .. } | CloseScores { .. } | SetSlots { .. } => p.scores(command, ctx),
            DropCandidate { .. } | Conclude => p.scores(command, ctx),
        }
    }

    fn apply(this: Option<Self>, event: &Event) -> Self {
        match (this, event.clone()) {
            (None, Event::Opened { itself, terms, each, rates }) => Self::begun(itself, *terms, each, rates),
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
