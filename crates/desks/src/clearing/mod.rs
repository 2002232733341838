//! Clearing (区域结算): what regions owe each other for vouchers, stated line by line, signed by both sides, netted, paid.
//!
//! open → stated ⇄ (signed, disputed line by line) → netted → settled | withdrawn. A line in dispute waits and disturbs no
//! other; a correction is a line of its own that names the one it corrects. Always: positions sum to nothing, and an order's
//! money stands in one run at a time.

use std::collections::BTreeMap;

use grammar::prelude::*;

use crate::{
    account::Account,
    paying::{Booking, Misfit, Reading, STATEMENT_MAX, Taken},
    voucher_order::VoucherOrder,
};

mod bank;
mod beside;
mod gather;
mod lines;
mod settle;
mod sight;
mod sign;
#[cfg(test)]
mod stories;

pub use bank::Instruction;
pub use lines::{Balance, Contested, Group, Line, Member, Moved, Netting, Pair, Sides, Signature, Status};
pub use settle::proposal;

/// Orders in one run.
const LINES_MAX: usize = 2_000;
/// Regions in one run.
const MEMBERS_MAX: usize = 34;

/// A run as it stands now.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Clearing {
    from: Day,
    until: Day,
    members: BTreeMap<Region, Member>,
    lines: BTreeMap<u32, Line>,
    /// What each pair owes, without lines in dispute.
    pairs: BTreeMap<String, Pair>,
    netting: Option<Netting>,
    status: Status,
    settled_on: Option<Day>,
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
        from: Day,
        until: Day,
    },
    Join {
        accounts: List<Ref<Account>, 34>,
    },
    Collect {
        orders: List<Ref<VoucherOrder>, 200>,
    },
    State,
    Sign {
        first: Region,
        second: Region,
    },
    Dispute {
        line: Between<1, 2000>,
        reason: Text<500>,
    },
    EndDispute {
        line: Between<1, 2000>,
        reason: Text<500>,
    },
    Strike {
        line: Between<1, 2000>,
        reason: Text<500>,
    },
    Net(Netting),
    /// The payments as the bank is to be told them, by the bank accounts named now.
    Instruct {
        accounts: List<Ref<Account>, 34>,
        on: Day,
    },
    /// The bank's statement, camt.053: all that bears a name of this run fits, or none is taken.
    Book {
        statement: Text<STATEMENT_MAX>,
    },
    Settle,
    Withdraw {
        reason: Text<500>,
    },
}

/// What can have happened to it. Additions only: these words stay in the log for good.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "event", rename_all = "kebab-case")]
pub enum Event {
    Opened { from: Day, until: Day },
    Joined { members: BTreeMap<Region, Member> },
    Collected { first: u32, lines: Vec<Line> },
    Stated { pairs: BTreeMap<String, Pair>, lines: usize },
    Signed { pair: String, sides: Sides, by: Option<Id>, on: Day, owed: Balance },
    Disputed { line: u32, by: Region, on: Day, reason: Text<500>, pair: String, owed: Balance },
    DisputeEnded { line: u32, reason: Text<500>, pair: String, owed: Balance },
    Struck { line: u32, reason: Text<500>, pair: String },
    Netted { netting: Netting, gross: Money, moved: Money, waiting: Vec<u32> },
    Settled { payments: usize, moved: Money, on: Day },
    Withdrawn { reason: Text<500> },
    Instructed { instruction: Instruction },
    Booked(Reading),
}

/// Why it says no. The sentences are in `words.*.toml`, under the same names.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(tag = "code", rename_all = "kebab-case")]
pub enum Refusal {
    EndsBeforeItBegins {
        from: Day,
        until: Day,
    },
    NotAClearingAccount {
        account: Ref<Account>,
    },
    JoinedTwice {
        region: Region,
    },
    NotAMember {
        region: Region,
    },
    NothingToClear {
        order: Ref<VoucherOrder>,
    },
    Twice {
        order: Ref<VoucherOrder>,
    },
    LaterThanThisRun {
        order: Ref<VoucherOrder>,
        until: Day,
    },
    TooManyLines {
        max: usize,
    },
    NoLines,
    NoSuchPair {
        first: Region,
        second: Region,
    },
    NotYourSide,
    SignedAlready,
    SamePerson,
    NoSuchLine {
        line: i64,
    },
    AlreadyDisputed {
        line: i64,
    },
    NotDisputed {
        line: i64,
    },
    OnlyTheOtherSide {
        region: Region,
    },
    NotAllSigned {
        first: Region,
        second: Region,
    },
    NotASettlement {
        why: Text<300>,
    },
    NoBankDetails {
        region: Region,
    },
    PaysInThePast {
        on: Day,
    },
    BookedAlready {
        payments: usize,
    },
    NotInstructed,
    #[serde(untagged)]
    Bank(Misfit),
}

use Command::*;

const OFFICE: Who = Who::Office("clearing-office");
const MEMBER: Who = Who::Signatory("member");

impl Desk for Clearing {
    const NAME: &'static str = "clearing";
    const OPENS: &'static [&'static str] = &["open"];
    const WORDS: [&'static str; 2] = [include_str!("words.zh.toml"), include_str!("words.en.toml")];
    const RULES: &'static str = include_str!("rules.toml");
    const BESIDE: &'static [(&'static str, &'static str)] = beside::BESIDE;
    /// Each line is an order; each payment two accounts.
    const STEPS_MAX: usize = 2 * LINES_MAX;
    type Command = Command;
    type Event = Event;
    type Refusal = Refusal;

    fn who(command: &Command) -> Who {
        match command {
            Open { .. } | Join { .. } | Collect { .. } | State | Net(_) | Instruct { .. } | Book { .. } => {
                OFFICE
            }
            Sign { .. } | Dispute { .. } | EndDispute { .. } | Strike { .. } => MEMBER,
            Settle | Withdraw { .. } => Who::Two(&OFFICE),
        }
    }

    fn decide(this: Option<&Self>, command: &Command, ctx: &Ctx) -> Decision<Self> {
        let Some(c) = this else { return gather::begin(command, ctx) };
        match command {
            Join { .. } | Collect { .. } | State | Withdraw { .. } => c.is_gathered(command, ctx),
            Net(_) | Settle => c.is_settled(command, ctx),
            Instruct { .. } | Book { .. } => c.is_at_the_bank(command, ctx),
            _ => c.is_signed(command, ctx),
        }
    }

    fn apply(this: Option<Self>, event: &Event) -> Self {
        let Some(mut c) = this else { return Self::begun(event) };
        c.goes_on(event);
        c
    }

    fn card(&self) -> Card {
        let mut card = Card::new()
            .titled(
                format!("区域结算 {} 至 {}", self.from, self.until),
                format!("Clearing between regions, {} to {}", self.from, self.until),
            )
            .status(&grammar::desk::plain_word(&self.status))
            .from(self.from)
            .until(self.until)
            .amount(self.netting.as_ref().map_or(Money::ZERO, Netting::moved))
            .fact("lines", self.lines.len())
            .inside("member")
            .inside_office("clearing-office")
            .inside_office("auditor");
        let members = self.members.values().map(|member| member.owner);
        card = self.tells_who_is_to_sign(members.fold(card, |card, owner| card.party("member", owner)));
        // One run for a period, unless it was withdrawn.
        let stands = self.status != Status::Withdrawn;
        if stands { card.key("clearing-run", &self.from.to_string()) } else { card }
    }

    /// The public reads the sums of each pair and what was paid, once all is settled: no orders, no persons.
    fn veil(&mut self, viewer: &Viewer) -> Sight {
        if viewer.is_inside(&self.card()) {
            self.hide_accounts(viewer);
            return Sight::Seen;
        }
        if self.status != Status::Settled {
            return Sight::Hidden;
        }
        self.lines.clear();
        (self.instruction, self.booked, self.statements) = (None, BTreeMap::new(), vec![]);
        for pair in self.pairs.values_mut() {
            pair.hide_persons();
        }
        Sight::Seen
    }

    fn veil_event(this: &Self, event: Event, viewer: &Viewer) -> Option<Event> {
        let is_public = matches!(event, Event::Opened { .. } | Event::Netted { .. } | Event::Settled { .. });
        let is_seen = is_public && this.status == Status::Settled;
        let is_seen = is_seen || viewer.is_inside(&this.card());
        is_seen.then(|| this.hide_from_history(event, viewer))
    }

    fn check(&self) {
        assert!(
            self.from <= self.until && self.lines.len() <= LINES_MAX && self.members.len() <= MEMBERS_MAX
        );
        if self.status == Status::Stated {
            for (name, pair) in &self.pairs {
                assert_eq!(self.owed(name), pair.owed, "{name}");
            }
        }
        if let Some(netting) = &self.netting {
            let all: Money = netting.positions.iter().map(|position| position.amount).sum();
            assert_eq!(all, Money::ZERO, "positions that do not sum to nothing");
        }
    }
}
