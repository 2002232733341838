//! Review (评审意见): one expert judges one candidate, alone, and signs.
//!
//! invited → accepted | declined | expired; accepted → signed ⇄ discussing → locked; and at any time before that
//! replaced | barred. It is opened by a panel and known to its reviewer and the panel office, to nobody else: not to the
//! applicant, not to other reviewers. What may be read of the candidate is copied into it, so that nothing else of the
//! candidate need be shown. Always: what is locked does not change.

use grammar::prelude::*;

use crate::{
    expert::{Expert, TitleLevel},
    person::Person,
};

mod fee;
mod sheet;
mod steps;
#[cfg(test)]
mod stories;

pub use fee::{Managing, Rates, is_staff, meeting_day, meeting_fee};
pub use sheet::{Criteria, Criterion, Mark, Marks, from_rule, weights};
pub(crate) use steps::{avoided, behind};
pub use steps::{paid, signed};

/// Nobody reviews for another; what is learnt stays secret.
const PLEDGE: Rule<bool> = rule("EP-R17");

/// What a panel opens it with.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Terms {
    pub panel: Id,
    pub candidate: Id,
    pub expert: Ref<Expert>,
    pub region: Region,
    pub criteria: Criteria,
    /// The last day to accept or decline, and to sign.
    pub answer_until: Day,
    pub until: Day,
    pub rates: Rates,
    /// Bodies that manage the projects: their staff are not paid.
    #[serde(default)]
    pub managing: Managing,
}

/// How far a review has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Status {
    Invited,
    Accepted,
    Declined,
    Expired,
    Signed,
    Discussing,
    Locked,
    Replaced,
    Barred,
}

/// Why someone declines.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
#[schemars(inline)]
pub enum Ground {
    Busy,
    NotMyField,
    Conflict,
    OtherGround,
}

/// What a reviewer has signed.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Opinion {
    pub on: Day,
    pub marks: Marks,
    /// The weighted score in hundredths, 0 to 10,000.
    pub total: u32,
    /// For the applicant, without a name.
    pub open: Text<4000>,
    /// For the office.
    pub closed: Option<Text<4000>>,
}

/// A second look, knowing what the others found but not who they are.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Discussion {
    /// The others' scores in hundredths, the lowest first.
    pub others: List<u32, 15>,
    pub until: Day,
}

/// A review as it stands now.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Review {
    itself: Ref<Review>,
    terms: Terms,
    reviewer: Ref<Person>,
    level: TitleLevel,
    title: Bilingual<200>,
    /// What the reviewer reads of the candidate.
    material: serde_json::Value,
    #[serde(default)]
    is_staff: bool,
    status: Status,
    answered: Option<Day>,
    remark: Option<Text<500>>,
    /// One for each round; the last one counts.
    opinions: Vec<Opinion>,
    discussion: Option<Discussion>,
    fee: Option<Money>,
}

/// What can be asked of it.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "verb", rename_all = "kebab-case")]
pub enum Command {
    Open(Box<Terms>),
    Accept { no_conflict: bool, in_person: bool },
    Decline { ground: Ground, note: Option<Text<500>> },
    Sign { marks: Marks, open: Text<4000>, closed: Option<Text<4000>> },
    Discuss { others: List<u32, 15>, until: Day },
    Keep,
    Clear { reason: Text<500> },
    Bar { reason: Text<500> },
    Lock { expert: Ref<Expert> },
    Replace { reason: Text<500> },
    Expire,
}

/// What can have happened to it. Additions only: these words stay in the log for good.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "event", rename_all = "kebab-case")]
pub enum Event {
    Invited {
        itself: Ref<Review>,
        terms: Box<Terms>,
        reviewer: Ref<Person>,
        level: TitleLevel,
        title: Bilingual<200>,
        material: serde_json::Value,
        #[serde(default)]
        is_staff: bool,
    },
    Accepted {
        on: Day,
    },
    Declined {
        on: Day,
        ground: Ground,
        note: Option<Text<500>>,
    },
    Signed {
        opinion: Box<Opinion>,
        fee: Money,
    },
    Discussed {
        discussion: Discussion,
    },
    Kept {
        on: Day,
    },
    LetStand {
        reason: Text<500>,
    },
    Barred {
        reason: Text<500>,
    },
    Locked {
        on: Day,
    },
    Replaced {
        reason: Text<500>,
    },
    Expired {
        on: Day,
    },
}

/// Why it says no. The sentences are in `words.*.toml`, under the same names.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(tag = "code", rename_all = "kebab-case")]
pub enum Refusal {
    NoPledge,
    MarksDoNotFit { criteria: usize },
    ShowsPersonalNumbers,
    NotSigned { review: Ref<Review>, status: Status },
    ConflictWaits { review: Ref<Review>, expert: Ref<Expert> },
    NotAnExpertOfThePool { expert: Ref<Expert> },
    TeamTooLarge { max: usize },
}

use Command::*;

impl Desk for Review {
    const NAME: &'static str = "review";
    const OPENS: &'static [&'static str] = &["open"];
    const WORDS: [&'static str; 2] = [include_str!("words.zh.toml"), include_str!("words.en.toml")];
    const RULES: &'static str = include_str!("rules.toml");
    type Command = Command;
    type Event = Event;
    type Refusal = Refusal;

    fn who(command: &Command) -> Who {
        match command {
            Open(_) | Discuss { .. } | Lock { .. } | Replace { .. } => Who::Desk("panel"),
            Accept { .. } | Decline { .. } | Sign { .. } | Keep => Who::Party("reviewer"),
            Clear { .. } | Bar { .. } => Who::Office("panel-office"),
            Expire => Who::Clock,
        }
    }

    fn decide(this: Option<&Self>, command: &Command, ctx: &Ctx) -> Decision<Self> {
        let Some(r) = this else { return steps::open(command, ctx) };
        match command {
            Accept { .. } | Decline { .. } | Sign { .. } | Keep => r.reviewer_asks(command, ctx),
            _ => r.others_ask(command, ctx),
        }
    }

    fn apply(this: Option<Self>, event: &Event) -> Self {
        match (this, event.clone()) {
            (None, Event::Invited { itself, terms, reviewer, level, title, material, is_staff }) => Self {
                itself,
                terms: *terms,
                reviewer,
                level,
                title,
                material,
                is_staff,
                status: Status::Invited,
                answered: None,
                remark: None,
                opinions: vec![],
                discussion: None,
                fee: None,
            },
            (Some(review), event) => review.after(event),
            (None, other) => impossible(&other),
        }
    }

    fn due(&self) -> Option<Due<Command>> {
        let until = match self.status {
            Status::Invited => Some(self.terms.answer_until),
            Status::Accepted => Some(self.terms.until),
            Status::Discussing => self.discussion.as_ref().map(|discussion| discussion.until),
            _ => None,
        };
        until.map(|day| Due::after(day, Expire))
    }

    fn card(&self) -> Card {
        // The day by which the reviewer is to do the next thing.
        let until = match (self.status, &self.discussion) {
            (Status::Invited, _) => self.terms.answer_until,
            (Status::Discussing, Some(discussion)) => discussion.until,
            _ => self.terms.until,
        };
        let card = Card::new()
            .title(&self.title)
            .status(&grammar::desk::plain_word(&self.status))
            .region(self.terms.region)
            .until(until)
            .party("itself", self.itself.id())
            .party("panel", self.terms.panel)
            .party("candidate", self.terms.candidate)
            .party("reviewer", self.reviewer.id())
            .party("expert", self.terms.expert.id())
            .inside("reviewer")
            .inside_office("panel-office");
        let Some(opinion) = self.opinions.last() else { return card };
        card.fact("total", opinion.total)
            .fact("marks", &opinion.marks)
            .fact("open", &opinion.open)
            .fact("signed_on", opinion.on)
            .fact("fee", self.fee)
    }

    /// Hidden from everyone but its reviewer and the panel office.
    fn veil(&mut self, viewer: &Viewer) -> Sight {
        if viewer.is_inside(&self.card()) { Sight::Seen } else { Sight::Hidden }
    }

    /// That the office let a reviewer go on in spite of a tie would tell them whose candidate it is.
    fn veil_event(this: &Self, event: Event, viewer: &Viewer) -> Option<Event> {
        let is_office = viewer.holds("panel-office", this.terms.region) || viewer.is_clock;
        let is_inside = viewer.is_inside(&this.card());
        (is_inside && (is_office || !matches!(event, Event::LetStand { .. }))).then_some(event)
    }

    fn check(&self) {
        assert!(self.terms.answer_until <= self.terms.until);
        let is_signed = matches!(self.status, Status::Signed | Status::Discussing | Status::Locked);
        assert!(!is_signed || !self.opinions.is_empty());
        assert_eq!(self.opinions.is_empty(), self.fee.is_none(), "a fee for what was signed");
        assert!(self.opinions.iter().all(|opinion| opinion.total <= 10_000));
    }
}
