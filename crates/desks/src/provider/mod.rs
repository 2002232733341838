//! Provider (服务机构): a body that sells research services for vouchers, recognised once by its own province.
//!
//! applied → recognised ⇄ overdue → left | excluded; or declined at once. Its recognition runs from review to review.
//! Always: what it lists belongs to a published category, and every region of the delta takes its own province's word.

use std::collections::BTreeMap;

use grammar::prelude::*;

use crate::{account::Account, organisation::Organisation};

mod beside;
mod entry;
mod steps;
#[cfg(test)]
mod stories;

pub use entry::{Category, Item, Rating, Status};

/// Services that one provider lists.
const ITEMS_MAX: usize = 30;

/// A provider as it stands now.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Provider {
    organisation: Ref<Organisation>,
    /// The head of its group, as its entry said when it applied.
    group: Option<Id>,
    title: [String; 2],
    /// The province that recognises it.
    region: Region,
    account: Option<Ref<Account>>,
    serving_since: Between<1900, 2200>,
    staff: Text<2000>,
    evidence: List<FileRef, 5>,
    status: Status,
    /// The last day of its recognition.
    until: Option<Day>,
    items: BTreeMap<u32, Item>,
    rating: Rating,
    remark: Option<Text<500>>,
}

/// What can be asked of it.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "verb", rename_all = "kebab-case")]
pub enum Command {
    Apply {
        organisation: Ref<Organisation>,
        serving_since: Between<1900, 2200>,
        staff: Text<2000>,
        #[serde(default)]
        evidence: List<FileRef, 5>,
        no_dishonesty: bool,
    },
    SetAccount {
        account: Ref<Account>,
    },
    Recognise {
        remark: Text<500>,
    },
    Decline {
        reason: Text<500>,
    },
    AddService(Item),
    ChangePrice {
        item: Between<1, 30>,
        price: Money,
    },
    SetCeiling {
        item: Between<1, 30>,
        ceiling: Option<Money>,
    },
    Unlist {
        item: Between<1, 30>,
    },
    Review {
        passed: bool,
        remark: Text<500>,
    },
    Overdue,
    Leave {
        reason: Text<500>,
    },
    Exclude {
        reason: Text<500>,
    },
    /// Whether it may take an order now.
    Serve,
    Rate {
        stars: Between<1, 5>,
    },
}

/// What can have happened to it. Additions only: these words stay in the log for good.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "event", rename_all = "kebab-case")]
pub enum Event {
    Applied {
        organisation: Ref<Organisation>,
        group: Option<Id>,
        title: [String; 2],
        region: Region,
        serving_since: Between<1900, 2200>,
        staff: Text<2000>,
        evidence: List<FileRef, 5>,
    },
    AccountSet {
        account: Ref<Account>,
    },
    Recognised {
        until: Day,
        remark: Text<500>,
    },
    Declined {
        reason: Text<500>,
    },
    Listed {
        number: u32,
        item: Item,
    },
    PriceChanged {
        item: u32,
        price: Money,
        before: Money,
    },
    CeilingSet {
        item: u32,
        ceiling: Option<Money>,
    },
    Unlisted {
        item: u32,
    },
    Reviewed {
        until: Day,
        remark: Text<500>,
    },
    WentOverdue {
        on: Day,
    },
    Left {
        reason: Text<500>,
    },
    Excluded {
        reason: Text<500>,
    },
    Rated {
        stars: i64,
    },
}

/// Why it says no. The sentences are in `words.*.toml`, under the same names.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(tag = "code", rename_all = "kebab-case")]
pub enum Refusal {
    NotItsAccount,
    ServedTooShortly { years: i64 },
    Dishonest,
    CategoryNotOpen { category: Category },
    NotAnAmount { amount: Money },
    TooManyItems { max: usize },
    NoSuchItem { item: i64 },
    NothingToRead,
    NotRecognised,
}

use {Command::*, Event::*};

const OFFICE: Who = Who::Office("voucher-office");

impl Desk for Provider {
    const NAME: &'static str = "provider";
    const OPENS: &'static [&'static str] = &["apply"];
    const WORDS: [&'static str; 2] = [include_str!("words.zh.toml"), include_str!("words.en.toml")];
    const RULES: &'static str = include_str!("rules.toml");
    const BESIDE: &'static [(&'static str, &'static str)] = beside::BESIDE;
    type Command = Command;
    type Event = Event;
    type Refusal = Refusal;

    fn who(command: &Command) -> Who {
        match command {
            Apply { .. } | SetAccount { .. } | Leave { .. } => Who::Signatory("organisation"),
            AddService(_) | ChangePrice { .. } | Unlist { .. } => Who::Party("organisation"),
            Decline { .. } | SetCeiling { .. } | Review { .. } => OFFICE,
            Recognise { .. } | Exclude { .. } => Who::Two(&OFFICE),
            Serve | Rate { .. } => Who::Desk("voucher-order"),
            Overdue => Who::Clock,
        }
    }

    fn decide(this: Option<&Self>, command: &Command, ctx: &Ctx) -> Decision<Self> {
        let Some(p) = this else { return steps::begin(command, ctx) };
        match command {
            AddService(_) | ChangePrice { .. } | SetCeiling { .. } | Unlist { .. } => {
                p.keeps_its_list(command, ctx)
            }
            _ => p.is_judged(command, ctx),
        }
    }

    fn apply(this: Option<Self>, event: &Event) -> Self {
        let Some(mut p) = this else { return Self::begun(event) };
        p.goes_on(event);
        p
    }

    fn due(&self) -> Option<Due<Command>> {
        self.until.filter(|_| self.status == Status::Recognised).map(|until| Due::after(until, Overdue))
    }

    fn card(&self) -> Card {
        let [zh, en] = &self.title;
        let mut card = Card::new()
            .titled(zh, en)
            .status(&grammar::desk::plain_word(&self.status))
            .region(self.region)
            .party("organisation", self.organisation.id())
            .fact("items", &self.items)
            .fact("rating", self.rating)
            .inside("organisation")
            .inside_office("voucher-office")
            .inside_office("auditor");
        if let Some(account) = self.account {
            card = card.party("account", account.id());
        }
        if let Some(group) = self.group {
            card = card.party("group", group);
        }
        if let Some(until) = self.until {
            card = card.until(until);
        }
        for item in self.items.values() {
            card =
                card.text(&item.title.joined()).facet("category", grammar::desk::plain_word(&item.category));
        }
        // Recognised once: whoever left or was declined may apply again.
        let stands =
            matches!(self.status, Status::Applied | Status::Recognised | Status::Overdue | Status::Excluded);
        let card = if stands { card.key("provider", self.organisation.id().as_str()) } else { card };
        card.offer_if(self.status == Status::Recognised)
    }

    /// What it sells is public once it is recognised; its papers and its account are for the office.
    fn veil(&mut self, viewer: &Viewer) -> Sight {
        if viewer.is_inside(&self.card()) {
            return Sight::Seen;
        }
        if matches!(self.status, Status::Applied | Status::Declined) {
            return Sight::Hidden;
        }
        self.hide_papers();
        Sight::Seen
    }

    fn veil_event(this: &Self, event: Event, viewer: &Viewer) -> Option<Event> {
        let is_public = !matches!(event, Applied { .. } | AccountSet { .. } | Declined { .. } | Left { .. });
        let is_seen = is_public && !matches!(this.status, Status::Applied | Status::Declined);
        (is_seen || viewer.is_inside(&this.card())).then_some(event)
    }

    fn check(&self) {
        assert!(self.items.len() <= ITEMS_MAX);
        assert!(self.items.values().all(|item| item.price.is_positive()));
        assert!(
            self.until.is_some() || matches!(self.status, Status::Applied | Status::Declined | Status::Left)
        );
    }
}
