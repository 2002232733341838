//! Redemption (创新券兑付): a provider's batch of confirmed orders, looked into by lot, made public, and paid.
//!
//! open → submitted (a draw takes the sample) → sampled → published (a notice runs) → paid | withdrawn. A line that does not
//! pass goes back to its order, and then every line is looked into. Always: a batch is paid once, and only after its notice.

use std::collections::BTreeMap;

use grammar::prelude::*;

use crate::{
    account::Account,
    draw::Draw,
    notice::Notice,
    organisation::Organisation,
    paying::{Booking, Misfit, Reading, STATEMENT_MAX, Taken},
    provider::Provider,
    voucher_order::VoucherOrder,
};

mod bank;
mod batch;
mod beside;
mod money;
#[cfg(test)]
mod stories;

pub use bank::Instruction;
pub use batch::{Finding, Line, Status};

/// Orders of one batch.
const LINES_MAX: usize = 500;

/// A batch as it stands now.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Redemption {
    provider: Ref<Provider>,
    claimant: Ref<Organisation>,
    title: [String; 2],
    /// The province that recognised the provider, and redeems it.
    region: Region,
    lines: Vec<Line>,
    status: Status,
    draw: Option<Ref<Draw>>,
    sample: Vec<Id>,
    notice: Option<Ref<Notice>>,
    /// The first day on which it is paid.
    pay_from: Option<Day>,
    paid_on: Option<Day>,
    remark: Option<Text<500>>,
    /// What the bank was told last.
    #[serde(default)]
    instruction: Option<Instruction>,
    /// By number of the payment: what the bank says that it has booked.
    #[serde(default)]
    booked: BTreeMap<u32, Booking>,
    /// The last statements that were taken in.
    #[serde(default)]
    statements: Vec<Taken>,
}

/// What can be asked of it.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "verb", rename_all = "kebab-case")]
pub enum Command {
    Open {
        provider: Ref<Provider>,
    },
    Add {
        orders: List<Ref<VoucherOrder>, 100>,
    },
    Remove {
        order: Ref<VoucherOrder>,
        reason: Text<500>,
    },
    Submit,
    DrawAgain {
        draw: Ref<Draw>,
        reason: Text<500>,
    },
    TakeSample {
        draw: Ref<Draw>,
    },
    Examine {
        order: Ref<VoucherOrder>,
        passed: bool,
        finding: Text<500>,
    },
    Publish {
        contact: Bilingual<200>,
    },
    Pay {
        notice: Ref<Notice>,
        till: Ref<Account>,
        #[serde(default)]
        through: List<Ref<Account>, 34>,
    },
    /// The payment as the bank is to be told it, by the bank accounts named now.
    Instruct {
        notice: Ref<Notice>,
        payer: Ref<Account>,
        till: Ref<Account>,
        on: Day,
    },
    /// The bank's statement, camt.053: all that bears the name of this batch fits, or none is taken.
    Book {
        statement: Text<STATEMENT_MAX>,
    },
    Withdraw {
        reason: Text<500>,
    },
}

/// What can have happened to it. Additions only: these words stay in the log for good.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "event", rename_all = "kebab-case")]
pub enum Event {
    Opened { provider: Ref<Provider>, claimant: Ref<Organisation>, title: [String; 2], region: Region },
    Added { lines: Vec<Line> },
    Removed { order: Ref<VoucherOrder>, reason: Text<500> },
    Submitted { draw: Ref<Draw>, pay_from: Day },
    DrawnAgain { draw: Ref<Draw>, reason: Text<500> },
    SampleTaken { sample: Vec<Id> },
    Examined { order: Ref<VoucherOrder>, finding: Finding },
    Published { notice: Ref<Notice> },
    Paid { total: Money, across: Money, on: Day },
    Withdrawn { reason: Text<500> },
    Instructed { instruction: Instruction },
    Booked(Reading),
}

/// Why it says no. The sentences are in `words.*.toml`, under the same names.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(tag = "code", rename_all = "kebab-case")]
pub enum Refusal {
    NotConfirmed {
        order: Ref<VoucherOrder>,
    },
    OfAnotherProvider {
        order: Ref<VoucherOrder>,
    },
    Twice {
        order: Ref<VoucherOrder>,
    },
    TooManyLines {
        max: usize,
    },
    NotInThisBatch {
        order: Ref<VoucherOrder>,
    },
    NothingInIt,
    AnotherDraw,
    NotDrawnYet,
    StillDrawing,
    AlreadyExamined {
        order: Ref<VoucherOrder>,
    },
    NotAllExamined {
        left: usize,
    },
    NoticeStillRuns,
    NotTheProvidersAccount,
    NoClearingAccount {
        region: Region,
    },
    PaidQuarterly {
        from: Day,
    },
    PaysInThePast {
        on: Day,
    },
    BookedAlready,
    NotAPayingAccount {
        account: Ref<Account>,
    },
    NoBankDetails {
        account: Ref<Account>,
    },
    PayerWithoutBank {
        account: Ref<Account>,
    },
    NotTheInstructedAccount {
        account: Ref<Account>,
    },
    NotInstructed,
    #[serde(untagged)]
    Bank(Misfit),
}

use Command::*;

const OFFICE: Who = Who::Office("voucher-office");

impl Desk for Redemption {
    const NAME: &'static str = "redemption";
    const OPENS: &'static [&'static str] = &["open"];
    const WORDS: [&'static str; 2] = [include_str!("words.zh.toml"), include_str!("words.en.toml")];
    const RULES: &'static str = include_str!("rules.toml");
    const BESIDE: &'static [(&'static str, &'static str)] = beside::BESIDE;
    /// Each line is an order, its voucher, and two accounts.
    const STEPS_MAX: usize = 5 * LINES_MAX;
    type Command = Command;
    type Event = Event;
    type Refusal = Refusal;

    fn who(command: &Command) -> Who {
        match command {
            Open { .. } | Add { .. } => Who::Party("claimant"),
            Remove { .. } | Withdraw { .. } => Who::Either(&[Who::Party("claimant"), OFFICE]),
            Submit => Who::Signatory("claimant"),
            DrawAgain { .. } | TakeSample { .. } | Examine { .. } | Publish { .. } => OFFICE,
            Instruct { .. } | Book { .. } => OFFICE,
            Pay { .. } => Who::Two(&OFFICE),
        }
    }

    fn decide(this: Option<&Self>, command: &Command, ctx: &Ctx) -> Decision<Self> {
        let Some(r) = this else { return batch::begin(command, ctx) };
        match command {
            Add { .. } | Remove { .. } | Submit | Withdraw { .. } => r.is_gathered(command, ctx),
            Publish { .. } | Pay { .. } => r.is_paid_out(command, ctx),
            Instruct { .. } | Book { .. } => r.is_at_the_bank(command, ctx),
            _ => r.is_looked_into(command, ctx),
        }
    }

    fn apply(this: Option<Self>, event: &Event) -> Self {
        let Some(mut r) = this else { return Self::begun(event) };
        r.goes_on(event);
        r
    }

    fn card(&self) -> Card {
        let [zh, en] = &self.title;
        let card = Card::new()
            .titled(format!("{zh}兑付批次"), format!("Redemption batch of {en}"))
            .status(&grammar::desk::plain_word(&self.status))
            .region(self.region)
            .amount(self.total())
            .party("claimant", self.claimant.id())
            .party("listing", self.provider.id())
            .fact("orders", self.standing().count())
            .inside("claimant")
            .inside_office("voucher-office")
            .inside_office("auditor");
        let card = self.draw.iter().fold(card, |card, draw| card.party("draw", draw.id()));
        self.notice.iter().fold(card, |card, notice| card.party("notice", notice.id()))
    }

    /// Who bought what stays with the provider and the office; the notice tells the public the sums.
    fn veil(&mut self, viewer: &Viewer) -> Sight {
        if !viewer.is_inside(&self.card()) {
            return Sight::Hidden;
        }
        if !self.pays_out(viewer) {
            Self::hide_payer(&mut self.instruction);
        }
        Sight::Seen
    }

    fn veil_event(this: &Self, event: Event, viewer: &Viewer) -> Option<Event> {
        let event = match event {
            Event::Instructed { instruction } if !this.pays_out(viewer) => {
                let mut instruction = Some(instruction);
                Self::hide_payer(&mut instruction);
                Event::Instructed { instruction: instruction? }
            }
            other => other,
        };
        viewer.is_inside(&this.card()).then_some(event)
    }

    fn check(&self) {
        assert!(self.lines.len() <= LINES_MAX);
        assert!(self.status != Status::Paid || (self.notice.is_some() && self.paid_on >= self.pay_from));
        assert!(self.lines.iter().all(|line| line.amount.is_positive()));
    }
}
