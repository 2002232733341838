//! Settlement (跨平台结算单): the final statement with a region whose house is another program, taken in with its proof.
//!
//! entered → paid; lines that our books do not bear out are disputed one by one. Nobody's word is believed: the statement bears the
//! keys of both sides as two persons have trusted them at `neighbour`, and the other's log, which may only have grown since it was
//! last seen, holds its signature; or the exchange tells it, which has heard and proven what both have said. Always: one settlement for a run and a pair; the sums are those of its lines.

use chain::Seen;
use grammar::prelude::*;

use crate::{neighbour::Neighbour, voucher_order::VoucherOrder};

mod dispute;
mod enter;
pub mod lay;
pub mod proof;
pub mod said;
pub mod statement;
#[cfg(test)]
mod stories;

pub use dispute::{Contested, ORDER_MAX};
pub use proof::Proof;
pub use said::{Claim, Said};
pub use statement::Statement;

/// Letters of one file: the lines of two thousand orders.
pub const FILE_MAX: usize = 600_000;
const OFFICE: Who = Who::Office("clearing-office");

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Status {
    Entered,
    Paid,
}

/// How money went between the two.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[schemars(inline)]
pub struct Payment {
    pub on: Day,
    pub reference: Text<60>,
}

/// A settlement as it stands now.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Settlement {
    neighbour: Ref<Neighbour>,
    region: Region,
    other: Region,
    statement: Statement,
    we_owe: Money,
    they_owe: Money,
    /// The statement under both signatures; without them where the exchange has them.
    note: String,
    /// How far the other's log had been seen.
    seen: Seen,
    entered: Day,
    status: Status,
    payment: Option<Payment>,
    #[serde(default)]
    disputes: Vec<Contested>,
    /// Orders whose line was in dispute when it was paid.
    #[serde(default)]
    kept_back: Vec<Text<ORDER_MAX>>,
    /// The exchange in which both have signed it.
    #[serde(default)]
    exchange: Option<Id>,
}

/// What can be asked of it.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "verb", rename_all = "kebab-case")]
pub enum Command {
    Enter {
        neighbour: Ref<Neighbour>,
        /// The file that the program at the border wrote.
        file: Text<FILE_MAX>,
    },
    /// What both sides of an exchange have signed.
    Conclude {
        neighbour: Ref<Neighbour>,
        /// The statement, as it was signed.
        note: Text<FILE_MAX>,
        /// How far the other's log had been seen.
        size: Between<0, 9_000_000_000_000>,
        root: Text<64>,
    },
    Pay(Payment),
    /// A line that our books do not bear out.
    Dispute {
        order: Text<ORDER_MAX>,
        reason: Text<500>,
    },
    /// An order of ours that the statement lacks.
    Miss {
        order: Ref<VoucherOrder>,
        reason: Text<500>,
    },
    EndDispute {
        order: Text<ORDER_MAX>,
        reason: Text<500>,
    },
}

/// What was proven when it was taken in.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Arrival {
    pub neighbour: Ref<Neighbour>,
    pub region: Region,
    pub other: Region,
    pub run: String,
    pub statement: Statement,
    pub we_owe: Money,
    pub they_owe: Money,
    /// The statement under both signatures, and the line of the other's log: whoever reads this fact can verify it again.
    pub note: String,
    pub theirs: String,
    pub seen: Seen,
    pub on: Day,
    /// The exchange that told it: then it has the proofs, and `theirs` is empty.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub exchange: Option<Id>,
}

/// What can have happened to it. Additions only: these words stay in the log for good.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "event", rename_all = "kebab-case")]
pub enum Event {
    Entered(Box<Arrival>),
    Paid(Payment),
    Disputed(Contested),
    DisputeEnded { order: Text<ORDER_MAX>, reason: Text<500> },
}

/// Why it says no. The sentences are in `words.*.toml`, under the same names.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(tag = "code", rename_all = "kebab-case")]
pub enum Refusal {
    NotTrusted { neighbour: Ref<Neighbour> },
    Unreadable { why: Text<300> },
    NotInItsLog { why: Text<300> },
    NoSignature,
    ForAnother { name: Text<300> },
    NotSigned { why: Text<300> },
    SignedByOne { name: Text<300> },
    NoStatement,
    OfAnotherPair,
    PaidLater { on: Day },
    NoSuchLine { order: Text<ORDER_MAX> },
    NotBetweenThem { order: Ref<VoucherOrder> },
    StandsInIt { order: Ref<VoucherOrder> },
    AlreadyDisputed { order: Text<ORDER_MAX> },
    NotDisputed { order: Text<ORDER_MAX> },
}

use {Command::*, Event::*, Refusal::*};

impl Desk for Settlement {
    const NAME: &'static str = "settlement";
    const OPENS: &'static [&'static str] = &["enter", "conclude"];
    const WORDS: [&'static str; 2] = [include_str!("words.zh.toml"), include_str!("words.en.toml")];
    const RULES: &'static str = include_str!("rules.toml");
    const BESIDE: &'static [(&'static str, &'static str)] = &[
        ("not-trusted", "neighbour"),
        ("unreadable", "file"),
        ("not-in-its-log", "file"),
        ("no-signature", "file"),
        ("for-another", "file"),
        ("not-signed", "file"),
        ("signed-by-one", "file"),
        ("no-statement", "file"),
        ("of-another-pair", "file"),
        ("paid-later", "on"),
        ("no-such-line", "order"),
        ("not-between-them", "order"),
        ("stands-in-it", "order"),
        ("already-disputed", "order"),
        ("not-disputed", "order"),
    ];
    type Command = Command;
    type Event = Event;
    type Refusal = Refusal;

    fn who(command: &Command) -> Who {
        match command {
            Enter { .. } | Dispute { .. } | Miss { .. } | EndDispute { .. } => OFFICE,
            Conclude { .. } => Who::Desk("exchange"),
            Pay(_) => Who::Two(&OFFICE),
        }
    }

    fn decide(this: Option<&Self>, command: &Command, ctx: &Ctx) -> Decision<Self> {
        match (this, command) {
            (None, Enter { neighbour, file }) => Self::enter(*neighbour, file, ctx),
            (None, Conclude { .. }) => Self::conclude(command, ctx),
            (Some(s), Pay(payment)) if s.status == Status::Entered => {
                ensure(payment.on <= ctx.today(), PaidLater { on: payment.on })?;
                Ok(say(Paid(payment.clone())))
            }
            (Some(s), Dispute { .. } | Miss { .. } | EndDispute { .. }) => s.is_contested(command, ctx),
            _ => not_now(),
        }
    }

    fn apply(this: Option<Self>, event: &Event) -> Self {
        let Some(mut s) = this else {
            let Entered(arrival) = event.clone() else { impossible(event) };
            let Arrival { neighbour, region, other, statement, we_owe, they_owe, note, seen, .. } = *arrival;
            let (on, exchange) = (arrival.on, arrival.exchange);
            let (status, payment, entered) = (Status::Entered, None, on);
            return Self {
                neighbour,
                region,
                other,
                statement,
                we_owe,
                they_owe,
                note,
                seen,
                entered,
                status,
                payment,
                disputes: vec![],
                kept_back: vec![],
                exchange,
            };
        };
        s.contests(event);
        s
    }

    fn card(&self) -> Card {
        let run = &self.statement.run;
        let card = self.exchange.iter().fold(Card::new(), |card, exchange| card.party("exchange", *exchange));
        card.titled(format!("跨平台结算 {run}"), format!("Settlement {run}"))
            .status(&grammar::desk::plain_word(&self.status))
            .region(self.region)
            .from(self.entered)
            .amount(self.we_owe.max(self.they_owe))
            .party("neighbour", self.neighbour.id())
            .key("settlement", &format!("{}-{}-{run}", self.region, self.other))
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
        let owes = |region| self.statement.owed_by(region);
        assert_eq!((owes(self.region), owes(self.other)), (Some(self.we_owe), Some(self.they_owe)));
        assert_eq!(self.status == Status::Paid, self.payment.is_some());
        let (we_owe, they_owe) = self.undisputed();
        assert!(we_owe >= Money::ZERO && they_owe >= Money::ZERO);
    }
}
