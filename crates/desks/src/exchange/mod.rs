//! Exchange (往来对账): what two houses say to each other about one run, carried as files by people.
//!
//! open → agreed, and then a settlement stands by itself. What we say stands in our log, and its receipt is the message: signed by our log's key, proven, numbered, addressed. What the
//! other has said is heard only when its own receipt verifies by the key that two persons trust at `neighbour`. The side with the smaller
//! code signs a statement first; the other signs just that one, once. Always: two sides that have heard each other come to the same statement.

use std::collections::BTreeMap;

use chain::Seen;
use grammar::prelude::*;

use crate::{
    neighbour::Neighbour,
    settlement::{Claim, ORDER_MAX, Settlement, Statement, lay::Why},
};

mod conclude;
mod hear;
mod speak;
#[cfg(test)]
mod stories;

pub use hear::Message;

/// Lines that one side may claim in a run.
pub const LINES_MAX: usize = 200;
/// Messages of one side.
const MESSAGES_MAX: u32 = 500;
/// Letters of a message: the receipt of one fact.
pub const FILE_MAX: usize = 400_000;
const OFFICE: Who = Who::Office("clearing-office");

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Status {
    Open,
    Agreed,
}

/// What one side has said so far.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Side {
    pub messages: u32,
    pub claims: Option<BTreeMap<String, Claim>>,
    pub disputes: BTreeMap<String, String>,
    /// Texts of statements, in order.
    pub signed: Vec<String>,
}

/// An exchange as it stands now.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Exchange {
    pub neighbour: Ref<Neighbour>,
    pub region: Region,
    pub other: Region,
    /// The names of both logs.
    pub ours: String,
    pub theirs: String,
    pub run: Text<60>,
    pub here: Side,
    pub there: Side,
    pub status: Status,
    pub statement: Option<Statement>,
    /// How far the other's log had been seen when it was heard last.
    #[serde(default)]
    pub seen: Option<Seen>,
    /// Where what both have signed is disputed and paid.
    #[serde(default)]
    pub settlement: Option<Ref<Settlement>>,
}

/// What one side has in its books for an order that both know by this name.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[schemars(inline)]
pub struct Owed {
    pub order: Text<ORDER_MAX>,
    pub debtor: Region,
    pub creditor: Region,
    pub amount: Money,
    pub effective: Option<Day>,
    pub corrects: Option<Text<100>>,
}

/// What can be asked of it.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "verb", rename_all = "kebab-case")]
pub enum Command {
    Open {
        neighbour: Ref<Neighbour>,
        run: Text<60>,
    },
    /// Our lines; they take the place of those said before.
    State {
        lines: List<Owed, LINES_MAX>,
    },
    Dispute {
        order: Text<ORDER_MAX>,
        reason: Text<500>,
    },
    EndDispute {
        order: Text<ORDER_MAX>,
        reason: Text<500>,
    },
    /// We sign the statement that both sides' words come to.
    Agree,
    Hear {
        neighbour: Ref<Neighbour>,
        file: Text<FILE_MAX>,
    },
    /// What was agreed before settlements were opened by themselves becomes one.
    Conclude,
}

/// What can have happened to it. Additions only: these words stay in the log for good, and in other houses.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "event", rename_all = "kebab-case")]
pub enum Event {
    Opened {
        neighbour: Ref<Neighbour>,
        region: Region,
        other: Region,
        ours: String,
        theirs: String,
        run: Text<60>,
    },
    Spoke {
        message: Box<Message>,
    },
    /// With the other's receipt: whoever reads this fact can verify it again.
    Heard {
        message: Box<Message>,
        receipt: String,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        seen: Option<Seen>,
    },
    Concluded {
        settlement: Ref<Settlement>,
    },
}

/// Why it says no. The sentences are in `words.*.toml`, under the same names.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(tag = "code", rename_all = "kebab-case")]
pub enum Refusal {
    NotTrusted { neighbour: Ref<Neighbour> },
    NotAWord { run: Text<60> },
    NotPlain { order: Text<ORDER_MAX> },
    NotBetweenUs { order: Text<ORDER_MAX> },
    NotAnAmount { amount: Money },
    Twice { order: Text<ORDER_MAX> },
    NoSuchLine { order: Text<ORDER_MAX> },
    AlreadyDisputed { order: Text<ORDER_MAX> },
    NotDisputed { order: Text<ORDER_MAX> },
    TooManyMessages { max: u32 },
    NotBothClaimed,
    SignedAlready,
    OtherFirst { region: Region },
    Unreadable { why: Text<200> },
    UntrustedKey { name: Text<200> },
    DoesNotVerify { why: Text<200> },
    NotAMessage,
    ForAnother { name: Text<200> },
    OfAnotherRun { run: Text<200> },
    HeardAlready { number: u32 },
    HeardTooSoon { number: u32, next: u32 },
}

use {Command::*, Event::*};

impl Desk for Exchange {
    const NAME: &'static str = "exchange";
    const OPENS: &'static [&'static str] = &["open"];
    const WORDS: [&'static str; 2] = [include_str!("words.zh.toml"), include_str!("words.en.toml")];
    const RULES: &'static str = include_str!("rules.toml");
    const BESIDE: &'static [(&'static str, &'static str)] = &[
        ("not-trusted", "neighbour"),
        ("not-a-word", "run"),
        ("not-plain", "lines"),
        ("not-between-us", "lines"),
        ("not-an-amount", "lines"),
        ("twice", "lines"),
        ("no-such-line", "order"),
        ("already-disputed", "order"),
        ("not-disputed", "order"),
        ("unreadable", "file"),
        ("untrusted-key", "file"),
        ("does-not-verify", "file"),
        ("not-a-message", "file"),
        ("for-another", "file"),
        ("of-another-run", "file"),
        ("heard-already", "file"),
        ("heard-too-soon", "file"),
    ];
    type Command = Command;
    type Event = Event;
    type Refusal = Refusal;

    fn who(_command: &Command) -> Who {
        OFFICE
    }

    fn decide(this: Option<&Self>, command: &Command, ctx: &Ctx) -> Decision<Self> {
        match (this, command) {
            (None, Open { neighbour, run }) => Self::begin(*neighbour, run, ctx),
            (Some(e), Hear { neighbour, file }) if e.status == Status::Open => e.hear(*neighbour, file, ctx),
            (Some(e), Conclude) if e.settlement.is_none() => e.conclude_late(ctx),
            (Some(e), _) if e.status == Status::Open => e.speak(command, ctx),
            _ => not_now(),
        }
    }

    fn apply(this: Option<Self>, event: &Event) -> Self {
        let Some(mut e) = this else {
            let Opened { neighbour, region, other, ours, theirs, run } = event.clone() else {
                impossible(event)
            };
            let (here, there) = (Side::default(), Side::default());
            let (status, statement, seen, settlement) = (Status::Open, None, None, None);
            return Self {
                neighbour,
                region,
                other,
                ours,
                theirs,
                run,
                here,
                there,
                status,
                statement,
                seen,
                settlement,
            };
        };
        match event {
            Opened { .. } => impossible(event),
            Spoke { message } => e.here.takes(message),
            Heard { message, seen, .. } => {
                e.there.takes(message);
                e.seen = seen.or(e.seen);
            }
            Concluded { settlement } => e.settlement = Some(*settlement),
        }
        e.settle_down();
        e
    }

    fn card(&self) -> Card {
        let run = &self.run;
        Card::new()
            .titled(format!("往来对账 {run}"), format!("Exchange {run}"))
            .status(&grammar::desk::plain_word(&self.status))
            .region(self.region)
            .party("neighbour", self.neighbour.id())
            .key("exchange", &format!("{}-{}-{run}", self.region, self.other))
            .inside_office("clearing-office")
            .inside_office("auditor")
    }

    /// What two regions owe each other, order by order, is for those who settle.
    fn veil(&mut self, viewer: &Viewer) -> Sight {
        if viewer.is_inside(&self.card()) { Sight::Seen } else { Sight::Hidden }
    }

    fn veil_event(this: &Self, event: Event, viewer: &Viewer) -> Option<Event> {
        viewer.is_inside(&this.card()).then_some(event)
    }

    fn check(&self) {
        assert_eq!(self.status == Status::Agreed, self.statement.is_some());
        assert!([&self.here, &self.there].iter().all(|side| side.messages <= MESSAGES_MAX));
    }
}

impl Exchange {
    /// Lines that wait, and why, as far as both have said what is in their books.
    #[must_use]
    pub fn waiting(&self) -> BTreeMap<String, Why> {
        self.laid().map(|(_, waiting)| waiting).unwrap_or_default()
    }
}
