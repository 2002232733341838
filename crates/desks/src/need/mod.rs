//! Need (需求): what a firm cannot solve alone, brought by its region's office before the whole country.
//!
//! draft → submitted → screened → condensed → confirmed → published → soliciting → reviewing → matched |
//! unmatched → closed. The screener may return it; the owner may withdraw it; what finds no answer is
//! solicited again, or expires and is renewed. Always: nobody outside reads a need before it is published,
//! nor its confidential part ever.

use grammar::prelude::*;

use crate::organisation::Organisation;

mod changes;
mod fields;
mod past;
mod steps;
#[cfg(test)]
mod stories;
#[cfg(test)]
mod together;

pub use fields::{ChainPosition, Fields, Indicator, Indicators, IpOwnership};
pub use past::{Round, Status, Version};

/// Needs that may be condensed into one.
const JOINED_MAX: usize = 30;
const VERSIONS_MAX: usize = 20;
const ROUNDS_MAX: usize = 10;
/// Who says whether an answer was found: the office, the allocation that chose one, the project that failed.
const DECIDERS: Who =
    Who::Either(&[Who::Office("joint-office"), Who::Desk("allocation"), Who::Desk("project")]);

/// A need as it stands now.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Need {
    itself: Ref<Need>,
    /// The owner's region, as its entry states it.
    region: Region,
    is_enterprise: bool,
    status: Status,
    fields: Fields,
    submitted: Option<Day>,
    /// Whether the owner's funds reach the share that joint research expects. A remark, not a condition.
    own_share_ok: Option<bool>,
    /// Why it was returned, withdrawn or closed; what the screener or the experts said.
    remark: Option<Text<1000>>,
    co_owners: List<Ref<Organisation>, JOINED_MAX>,
    joined: List<Ref<Need>, JOINED_MAX>,
    into: Option<Ref<Need>>,
    versions: List<Version, VERSIONS_MAX>,
    rounds: List<Round, ROUNDS_MAX>,
    matched: List<Id, 10>,
    /// Of what was matched, how much has failed since.
    #[serde(default)]
    failed: u32,
    published: Option<Day>,
    expires: Option<Day>,
    renewals: u32,
}

/// What can be asked of it.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "verb", rename_all = "kebab-case")]
pub enum Command {
    Draft(Fields),
    Amend(Fields),
    Submit,
    Screen {
        remark: Text<1000>,
    },
    Return {
        remark: Text<1000>,
    },
    Condense {
        #[serde(default)]
        with: List<Ref<Need>, 10>,
        title: Bilingual<200>,
        summary: Bilingual<2000>,
        indicators: Indicators,
        reason: Text<500>,
    },
    Join {
        into: Ref<Need>,
    },
    Leave {
        from: Ref<Need>,
    },
    Confirm {
        remark: Text<1000>,
    },
    Publish,
    Solicit {
        days: Option<Between<1, 365>>,
    },
    EndSolicitation,
    MarkMatched {
        with: List<Id, 10>,
    },
    MarkUnmatched {
        tried: Text<1000>,
    },
    Close {
        remark: Text<1000>,
    },
    Renew,
    Expire,
    Withdraw {
        remark: Text<1000>,
    },
}

/// What can have happened to it. Additions only: these words stay in the log for good.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "event", rename_all = "kebab-case")]
pub enum Event {
    Drafted { itself: Ref<Need>, region: Region, is_enterprise: bool, fields: Fields },
    Amended { region: Region, is_enterprise: bool, fields: Fields },
    Submitted { on: Day, own_share: Share, own_share_ok: bool },
    Screened { remark: Text<1000> },
    Returned { remark: Text<1000> },
    Condensed { version: Version, co_owners: List<Ref<Organisation>, 10> },
    Joined { into: Ref<Need> },
    Left { from: Ref<Need> },
    Confirmed { remark: Text<1000> },
    Published { on: Day, expires: Day },
    Solicited { round: Round },
    SolicitationEnded,
    Matched { with: List<Id, 10> },
    Unmatched { tried: Text<1000>, expires: Day },
    Learnt { tried: Text<1000> },
    Closed { remark: Text<1000> },
    Renewed { expires: Day },
    Expired,
    Withdrawn { remark: Text<1000> },
}

/// Why it says no. The sentences are in `words.*.toml`, under the same names.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(tag = "code", rename_all = "kebab-case")]
pub enum Refusal {
    NoTitle,
    MayHoldSecrets,
    NotAnAmount { amount: Money },
    OwnerChanges,
    NotAnEnterprise,
    OutsideTheDelta { region: Region },
    FieldNotOpen { field: crate::field::Field },
    TooFarAhead { months: i64, max: i64 },
    NoCrossRegionReason,
    NoIndicators,
    JoinsItself,
    JoinedTwice { need: Ref<Need> },
    NotReadyToJoin { need: Ref<Need> },
    TooManyJoined { max: usize },
    TooManyVersions { max: usize },
    WindowTooShort { least: i64 },
    WindowTooLong { most: i64 },
    TooManyRounds { max: usize },
    NothingMatched,
    TooEarlyToRenew { from: Day },
    TooLateToRenew { until: Day },
    NoMoreRenewals { max: i64 },
}

use {Command::*, Event::*};

impl Desk for Need {
    const NAME: &'static str = "need";
    const OPENS: &'static [&'static str] = &["draft"];
    const WORDS: [&'static str; 2] = [include_str!("words.zh.toml"), include_str!("words.en.toml")];
    const RULES: &'static str = include_str!("rules.toml");
    type Command = Command;
    type Event = Event;
    type Refusal = Refusal;

    fn who(command: &Command) -> Who {
        match command {
            Draft(_) | Amend(_) => Who::Party("owner"),
            Submit | Renew | Withdraw { .. } => Who::Signatory("owner"),
            Screen { .. } | Return { .. } => Who::Office("screening"),
            Join { .. } | Leave { .. } => Who::Desk("need"),
            EndSolicitation | Expire => Who::Clock,
            MarkMatched { .. } | MarkUnmatched { .. } => DECIDERS,
            Condense { .. } | Confirm { .. } | Publish | Solicit { .. } | Close { .. } => {
                Who::Office("joint-office")
            }
        }
    }

    fn decide(this: Option<&Self>, command: &Command, ctx: &Ctx) -> Decision<Self> {
        let Some(n) = this else { return steps::begin(command, ctx) };
        match command {
            Amend(_) | Submit | Renew | Withdraw { .. } => n.owner_asks(command, ctx),
            Condense { .. } | Join { .. } | Leave { .. } => n.needs_meet(command, ctx),
            _ => n.office_asks(command, ctx),
        }
    }

    fn apply(this: Option<Self>, event: &Event) -> Self {
        match this {
            None => Self::begun(event),
            Some(mut n) => {
                n.goes_on(event);
                n
            }
        }
    }

    fn due(&self) -> Option<Due<Command>> {
        match self.status {
            Status::Soliciting => self.rounds.last().map(|round| Due::after(round.until, EndSolicitation)),
            Status::Published | Status::Unmatched => self.expires.map(|day| Due::after(day, Expire)),
            _ => None,
        }
    }

    fn card(&self) -> Card {
        let mut card = Card::new()
            .title(&self.fields.title)
            .status(&grammar::desk::plain_word(&self.status))
            .region(self.region)
            .party("itself", self.itself.id())
            .party("owner", self.fields.owner.id())
            .inside("owner")
            .inside("co-owner")
            .inside_office("screening")
            .inside_office("joint-office")
            .inside_office("auditor")
            .amount(self.fields.budget)
            .text(&self.fields.text())
            .keywords(self.fields.keywords.iter().map(ToString::to_string).collect::<Vec<_>>().join(" "))
            .field(&self.fields.field.word())
            .fact("deadline_months", self.fields.deadline_months)
            .fact("ip_ownership", self.fields.ip_ownership);
        for firm in self.co_owners.iter() {
            card = card.party("co-owner", firm.id());
        }
        if let Some(into) = self.into {
            card = card.party("into", into.id());
        }
        if let Some(trl) = self.fields.trl_wanted {
            card = card.fact("trl_wanted", trl).trl(u8::try_from(trl.get()).unwrap_or(0));
        }
        if let Some(ok) = self.own_share_ok {
            card = card.fact("own_share_ok", ok);
        }
        if let Some(published) = self.published {
            card = card.from(published);
        }
        if let Some(until) = self.open_until() {
            card = card.until(until);
        }
        card.need_if(self.status.stands())
    }

    /// Hidden before it is published. Then everyone reads the abstract; what the firm told in confidence,
    /// how it was judged and who wrote what stays with the insiders.
    fn veil(&mut self, viewer: &Viewer) -> Sight {
        if viewer.is_inside(&self.card()) {
            return Sight::Seen;
        }
        if self.published.is_none() {
            return Sight::Hidden;
        }
        self.fields.hide_confidential();
        (self.own_share_ok, self.submitted) = (None, None);
        if !matches!(self.status, Status::Closed | Status::Withdrawn) {
            self.remark = None;
        }
        (self.versions, self.joined) = (List::default(), List::default());
        Sight::Seen
    }

    /// The public history begins with publication: an earlier wording may hold what was moved to the
    /// confidential part later, so it is not blanked but left out.
    fn veil_event(this: &Self, event: Event, viewer: &Viewer) -> Option<Event> {
        if viewer.is_inside(&this.card()) {
            return Some(event);
        }
        let is_public = match event {
            Published { .. } | Solicited { .. } | SolicitationEnded | Event::Matched { .. } => true,
            Learnt { .. } | Event::Unmatched { .. } | Closed { .. } | Renewed { .. } | Event::Expired => true,
            Withdrawn { .. } => true,
            Drafted { .. } | Amended { .. } | Submitted { .. } | Screened { .. } | Returned { .. } => false,
            Condensed { .. } | Joined { .. } | Left { .. } | Confirmed { .. } => false,
        };
        (is_public && this.published.is_some()).then_some(event)
    }

    fn check(&self) {
        assert!(self.fields.no_secrets && !self.fields.title.is_empty());
        assert!((self.status == Status::CondensedInto) == self.into.is_some());
        assert!(self.published.is_some() == self.expires.is_some());
        assert!(self.joined.len() <= JOINED_MAX && self.co_owners.len() <= JOINED_MAX);
        assert!(!self.co_owners.contains(&self.fields.owner));
    }
}
