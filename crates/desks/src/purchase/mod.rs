//! Purchase: an instrument that a unit wants to buy with public money, reviewed before it is bought.
//!
//! planned → approved | refused | vetoed; approved → purchased → accepted → reported, or overdue until it is. If
//! instruments shared nearby meet the need, the purchase is refused, with the list of them and a budget for using
//! them (IN-R07). Who has not reported an earlier instrument may be refused a new one (IN-R06).

use grammar::prelude::*;

use crate::{
    field::Field,
    instrument::{Category, Instrument},
    organisation::Organisation,
};

mod beside;
mod steps;
#[cfg(test)]
mod stories;

/// Shared instruments that one review may name.
pub const EQUIVALENTS_MAX: usize = 10;
const OVERDUE_MAX: usize = 5;
pub const OFFICE: &str = "instrument-office";

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Status {
    Planned,
    Approved,
    Refused,
    Vetoed,
    Purchased,
    Accepted,
    Overdue,
    Reported,
}

/// What is promised of sharing, in the four points the review looks at.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[schemars(inline)]
pub struct Promise {
    pub feasibility: Text<1000>,
    /// Hours a year for units outside.
    pub outside_hours: Between<0, 8_784>,
    pub scope: Text<500>,
    pub way: Text<500>,
}

/// What is said of a purchase (rulebook 6.3).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Plan {
    pub name: Bilingual<200>,
    pub category: Category,
    pub field: Option<Field>,
    pub unit: Ref<Organisation>,
    pub region: Region,
    pub value: Money,
    pub need: Text<2000>,
    pub promise: Promise,
    pub no_secrets: bool,
}

/// What a review found.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Finding {
    pub equivalents: List<Ref<Instrument>, EQUIVALENTS_MAX>,
    pub opinion: Text<1000>,
    /// What the project may spend on using others' instruments, when it may not buy.
    pub use_budget: Option<Money>,
    pub on: Day,
}

/// A purchase as it stands now.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Purchase {
    itself: Ref<Purchase>,
    status: Status,
    plan: Plan,
    finding: Option<Finding>,
    price: Option<Money>,
    purchased: Option<Day>,
    accepted: Option<Day>,
    report_until: Option<Day>,
    instrument: Option<Ref<Instrument>>,
}

/// What can be asked of it.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "verb", rename_all = "kebab-case")]
pub enum Command {
    Propose(Plan),
    Amend(Plan),
    Review {
        /// Shared instruments nearby that do what is needed.
        #[serde(default)]
        equivalents: List<Ref<Instrument>, EQUIVALENTS_MAX>,
        they_meet_the_need: bool,
        opinion: Text<1000>,
        use_budget: Option<Money>,
    },
    Veto {
        overdue: List<Ref<Purchase>, OVERDUE_MAX>,
        opinion: Text<1000>,
    },
    Buy {
        on: Day,
        price: Money,
    },
    Accept {
        on: Day,
    },
    MarkOverdue,
    MarkReported {
        instrument: Ref<Instrument>,
    },
}

/// What can have happened to it. Additions only: these words stay in the log for good.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "event", rename_all = "kebab-case")]
pub enum Event {
    Proposed { itself: Ref<Purchase>, plan: Plan },
    Amended { plan: Plan },
    Approved { finding: Finding },
    Refused { finding: Finding },
    Vetoed { overdue: List<Ref<Purchase>, OVERDUE_MAX>, opinion: Text<1000>, on: Day },
    Purchased { on: Day, price: Money },
    Accepted { on: Day, report_until: Option<Day> },
    WasOverdue { since: Day },
    WasReported { instrument: Ref<Instrument>, on: Day },
}

/// Why it says no. The sentences are in `words.*.toml`, under the same names.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(tag = "code", rename_all = "kebab-case")]
pub enum Refusal {
    NoName,
    MayHoldSecrets,
    NotAnAmount { amount: Money },
    NeedsNoReview { least: Money },
    UnitChanges,
    NotShared { instrument: Ref<Instrument> },
    NotNearby { instrument: Ref<Instrument>, region: Region },
    OwnInstrument { instrument: Ref<Instrument> },
    NothingNamed,
    NoUseBudget,
    NotOverdue { purchase: Ref<Purchase> },
    OnALaterDay { on: Day },
    BeforeTheReview { on: Day },
    MoreThanReviewed { most: Money },
}

use {Command::*, Event::*};

impl Desk for Purchase {
    const NAME: &'static str = "purchase";
    const OPENS: &'static [&'static str] = &["propose"];
    const WORDS: [&'static str; 2] = [include_str!("words.zh.toml"), include_str!("words.en.toml")];
    /// The values from which and the days within which are those of instruments.
    const RULES: &'static str = include_str!("rules.toml");
    const BESIDE: &'static [(&'static str, &'static str)] = beside::BESIDE;
    type Command = Command;
    type Event = Event;
    type Refusal = Refusal;

    fn who(command: &Command) -> Who {
        match command {
            Propose(_) | Amend(_) | Buy { .. } | Accept { .. } => Who::Signatory("unit"),
            // The science office decides together with the finance office: two persons.
            Review { .. } | Veto { .. } => Who::Two(&Who::Office(OFFICE)),
            MarkOverdue => Who::Clock,
            MarkReported { .. } => Who::Desk("instrument"),
        }
    }

    fn decide(this: Option<&Self>, command: &Command, ctx: &Ctx) -> Decision<Self> {
        steps::decide(this, command, ctx)
    }

    fn apply(this: Option<Self>, event: &Event) -> Self {
        let Some(mut p) = this else {
            let Proposed { itself, plan } = event.clone() else { impossible(event) };
            let (status, finding, price, purchased) = (Status::Planned, None, None, None);
            let (accepted, report_until, instrument) = (None, None, None);
            return Self {
                itself,
                status,
                plan,
                finding,
                price,
                purchased,
                accepted,
                report_until,
                instrument,
            };
        };
        match event.clone() {
            Proposed { .. } => impossible(event),
            Amended { plan } => p.plan = plan,
            Approved { finding } => (p.status, p.finding) = (Status::Approved, Some(finding)),
            Refused { finding } => (p.status, p.finding) = (Status::Refused, Some(finding)),
            Vetoed { opinion, on, .. } => {
                let (equivalents, use_budget) = (List::default(), None);
                p.finding = Some(Finding { equivalents, opinion, use_budget, on });
                p.status = Status::Vetoed;
            }
            Purchased { on, price } => {
                (p.status, p.purchased, p.price) = (Status::Purchased, Some(on), Some(price));
            }
            Accepted { on, report_until } => {
                (p.status, p.accepted, p.report_until) = (Status::Accepted, Some(on), report_until);
            }
            WasOverdue { .. } => p.status = Status::Overdue,
            WasReported { instrument, .. } => (p.status, p.instrument) = (Status::Reported, Some(instrument)),
        }
        p
    }

    fn due(&self) -> Option<Due<Command>> {
        let until = self.report_until.filter(|_| self.status == Status::Accepted)?;
        Some(Due::after(until, MarkOverdue))
    }

    fn card(&self) -> Card {
        let plan = &self.plan;
        let mut card = Card::new()
            .title(&plan.name)
            .status(&grammar::desk::plain_word(&self.status))
            .region(plan.region)
            .amount(self.price.unwrap_or(plan.value))
            .party("itself", self.itself.id())
            .party("unit", plan.unit.id())
            .inside("unit")
            .inside_office(OFFICE)
            .inside_office("auditor")
            .text(&plan.need)
            .facet("category", grammar::desk::plain_word(&plan.category));
        if let Some(field) = plan.field {
            card = card.field(&field.word());
        }
        for equivalent in self.finding.iter().flat_map(|finding| finding.equivalents.iter()) {
            card = card.party("equivalent", equivalent.id());
        }
        if let Some(instrument) = self.instrument {
            card = card.party("instrument", instrument.id());
        }
        if let Some(until) = self.report_until {
            card = card.until(until);
        }
        card
    }

    /// Before the review only the unit and the offices know of it; then everyone does, for it is public money.
    fn veil(&mut self, viewer: &Viewer) -> Sight {
        if self.finding.is_some() || viewer.is_inside(&self.card()) { Sight::Seen } else { Sight::Hidden }
    }

    fn veil_event(this: &Self, event: Event, viewer: &Viewer) -> Option<Event> {
        (this.finding.is_some() || viewer.is_inside(&this.card())).then_some(event)
    }

    fn check(&self) {
        let is_judged = !matches!(self.status, Status::Planned);
        assert_eq!(is_judged, self.finding.is_some());
        assert!(self.price.is_none_or(|price| price <= self.plan.value));
    }
}
