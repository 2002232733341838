//! Need (需求): what a firm cannot solve alone, brought by its region's office before the whole country.
//!
//! draft → submitted → screened → condensed → confirmed → published → soliciting → reviewing → matched |
//! unmatched → closed. The screener may return it; the owner may withdraw it; what finds no answer is
//! solicited again, or expires and is renewed. Always: nobody outside reads a need before it is published,
//! nor its confidential part ever.

use grammar::prelude::*;

use crate::organisation::Organisation;

mod answers;
mod beside;
mod changes;
mod fields;
mod nda;
mod past;
mod preference;
mod sight;
mod steps;
#[cfg(test)]
mod stories;
#[cfg(test)]
mod together;

pub use fields::{ChainPosition, Fields, Indicator, Indicators, IpOwnership};
use nda::NDAS_MAX;
pub use nda::Nda;
pub use past::{Round, Status, Version};
use preference::PREFERRED_MAX;
pub use preference::Preference;

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
    #[serde(default)]
    ndas: List<Nda, NDAS_MAX>,
    #[serde(default)]
    preferred: Option<Preference>,
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
        /// How many solutions may be chosen: more than one for a horse race.
        #[serde(default)]
        places: Option<Between<1, 10>>,
    },
    EndSolicitation,
    Answer {
        solution: Id,
        owners: List<Ref<Organisation>, 31>,
        paid: List<Ref<Organisation>, 21>,
    },
    SignNda {
        organisation: Ref<Organisation>,
        purpose: Text<500>,
        document: Option<FileRef>,
    },
    GrantNda {
        organisation: Ref<Organisation>,
    },
    EndNda {
        organisation: Ref<Organisation>,
        reason: Text<500>,
    },
    Prefer {
        solutions: List<Id, PREFERRED_MAX>,
        reason: Text<1000>,
    },
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
    Preferred(Preference),
    Matched { with: List<Id, 10> },
    Unmatched { tried: Text<1000>, expires: Day },
    Learnt { tried: Text<1000> },
    Closed { remark: Text<1000> },
    Renewed { expires: Day },
    Expired,
    Withdrawn { remark: Text<1000> },
    NdaSigned { nda: Nda },
    NdaGranted { organisation: Ref<Organisation>, on: Day },
    NdaEnded { organisation: Ref<Organisation>, on: Day, reason: Text<500> },
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
    NotOnTheShortlist { solution: Id },
    PreferredTwice { solution: Id },
    NothingMatched,
    TooEarlyToRenew { from: Day },
    TooLateToRenew { until: Day },
    NoMoreRenewals { max: i64 },
    AnswersAreClosed,
    AffiliateIsPaid { organisation: Ref<Organisation> },
    TooManyMatched { places: i64 },
    NotYoursToSign { organisation: Ref<Organisation> },
    OwnersNeedNone,
    AlreadySigned { organisation: Ref<Organisation> },
    NotSigned { organisation: Ref<Organisation> },
    AlreadyGranted { organisation: Ref<Organisation> },
    TooManyNdas { max: usize },
}

use Command::*;

impl Desk for Need {
    const NAME: &'static str = "need";
    const OPENS: &'static [&'static str] = &["draft"];
    const WORDS: [&'static str; 2] = [include_str!("words.zh.toml"), include_str!("words.en.toml")];
    const RULES: &'static str = include_str!("rules.toml");
    const BESIDE: &'static [(&'static str, &'static str)] = beside::BESIDE;
    type Command = Command;
    type Event = Event;
    type Refusal = Refusal;

    fn who(command: &Command) -> Who {
        match command {
            Draft(_) | Amend(_) => Who::Party("owner"),
            Submit | Renew | Prefer { .. } | Withdraw { .. } => Who::Signatory("owner"),
            Screen { .. } | Return { .. } => Who::Office("screening"),
            Join { .. } | Leave { .. } => Who::Desk("need"),
            EndSolicitation | Expire => Who::Clock,
            Answer { .. } => Who::Desk("solution"),
            SignNda { .. } => Who::Member,
            GrantNda { .. } | EndNda { .. } => {
                Who::Either(&[Who::Signatory("owner"), Who::Office("joint-office")])
            }
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
            Answer { owners, paid, .. } => n.answered(owners, paid, ctx),
            Prefer { solutions, reason } => n.prefers(solutions, reason, ctx),
            SignNda { .. } | GrantNda { .. } | EndNda { .. } => n.confides(command, ctx),
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
        self.front()
    }

    fn veil(&mut self, viewer: &Viewer) -> Sight {
        self.hide_from(viewer)
    }

    fn veil_event(this: &Self, event: Event, viewer: &Viewer) -> Option<Event> {
        this.event_for(event, viewer)
    }

    fn check(&self) {
        assert!(self.fields.no_secrets && !self.fields.title.is_empty());
        assert!((self.status == Status::CondensedInto) == self.into.is_some());
        assert!(self.published.is_some() == self.expires.is_some());
        assert!(self.joined.len() <= JOINED_MAX && self.co_owners.len() <= JOINED_MAX);
        assert!(!self.co_owners.contains(&self.fields.owner));
    }
}
