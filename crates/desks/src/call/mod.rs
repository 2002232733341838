//! Call (项目申报通知): what is asked of applicants, by whom, until when.
//!
//! draft → consulted → embargoed → published → open → closed. Always: what stands in a published guide is changed by a
//! new version of a topic with a reason; whether an application is in time is decided by the order in which the house
//! received it, not by the word `open`.

use grammar::prelude::*;

use crate::organisation::Organisation;

pub mod eligible;
mod guide;
mod questions;
mod steps;
#[cfg(test)]
mod stories;

pub use guide::{Funding, Guide, Topic};
pub use questions::Question;

const VERSIONS_MAX: usize = 40;

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Status {
    Draft,
    Consulted,
    Embargoed,
    Published,
    Open,
    Closed,
}

/// A topic as it stood before it was changed, and why it was.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Version {
    pub code: Text<24>,
    pub number: u32,
    pub on: Day,
    pub before: Topic,
    pub reason: Text<500>,
}

/// A call as it stands now.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Call {
    itself: Ref<Call>,
    status: Status,
    region: Region,
    /// The programme's kind and co-funders, as its card said.
    kind: Option<crate::programme::Kind>,
    co_funders: List<Ref<Organisation>, 12>,
    guide: Guide,
    consultation: Option<Text<4000>>,
    versions: List<Version, VERSIONS_MAX>,
    questions: List<Question, { questions::QUESTIONS_MAX }>,
    published: Option<Day>,
}

/// What can be asked of it.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "verb", rename_all = "kebab-case")]
pub enum Command {
    Draft(Guide),
    Amend(Guide),
    /// Whom one asked about the guide, what they said, and what became of it.
    Consult {
        summary: Text<4000>,
    },
    Publish,
    LiftEmbargo,
    Open,
    Close,
    ReviseTopic {
        topic: Topic,
        reason: Text<500>,
    },
    Extend {
        closes: Moment,
        reason: Text<500>,
    },
    AskQuestion {
        text: Text<1000>,
    },
    AnswerQuestion {
        number: u32,
        text: Text<2000>,
    },
    /// An application asks whether it is in time.
    Receive {
        application: Id,
        topic: Text<24>,
        public_money: Money,
        team: List<Ref<Organisation>, 21>,
        co_funders: List<Ref<Organisation>, 12>,
    },
}

/// What can have happened to it. Additions only: these words stay in the log for good.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "event", rename_all = "kebab-case")]
pub enum Event {
    Drafted {
        itself: Ref<Call>,
        region: Region,
        kind: Option<crate::programme::Kind>,
        co_funders: List<Ref<Organisation>, 12>,
        guide: Guide,
    },
    Amended {
        guide: Guide,
    },
    Consulted {
        on: Day,
        summary: Text<4000>,
    },
    Embargoed {
        until: Moment,
    },
    Published {
        on: Day,
    },
    Opened,
    Closed,
    TopicRevised {
        on: Day,
        topic: Topic,
        reason: Text<500>,
    },
    Extended {
        on: Day,
        closes: Moment,
        reason: Text<500>,
    },
    Asked {
        question: Question,
    },
    Answered {
        number: u32,
        on: Day,
        text: Text<2000>,
    },
}

/// Why it says no. The sentences are in `words.*.toml`, under the same names.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(tag = "code", rename_all = "kebab-case")]
pub enum Refusal {
    NoTitle,
    ProgrammeChanges,
    ClosesBeforeItOpens,
    ClosesInThePast,
    EmbargoAfterOpening,
    CodeTwice { topic: Text<24> },
    TopicIsEmpty { topic: Text<24> },
    NotAnAmount { amount: Money },
    NoTopics,
    StandsTooShort { least: i64, days: i64 },
    WindowTooShort { least: i64, days: i64 },
    DirectedTopic { topic: Text<24> },
    NotBilingual,
    ConditionMissing { looks: eligible::Looks },
    NoSuchTopic { topic: Text<24> },
    TooLateToRevise { days: i64 },
    TooManyVersions { max: usize },
    NotLater { closes: Moment },
    TooManyQuestions { max: usize },
    NoSuchQuestion { number: u32 },
    AlreadyAnswered { number: u32 },
    ShowsPersonalNumbers,
    NotOpenYet { opens: Moment },
    ClosedAlready { closes: Moment },
    MoreThanTheCeiling { ceiling: Money },
    NotTheFixedSum { ceiling: Money },
    CoFunderTakesPart { organisation: Ref<Organisation> },
}

use Command::*;

impl Desk for Call {
    const NAME: &'static str = "call";
    const OPENS: &'static [&'static str] = &["draft"];
    const WORDS: [&'static str; 2] = [include_str!("words.zh.toml"), include_str!("words.en.toml")];
    const RULES: &'static str = include_str!("rules.toml");
    type Command = Command;
    type Event = Event;
    type Refusal = Refusal;

    fn who(command: &Command) -> Who {
        match command {
            Draft(_) | Amend(_) | Consult { .. } | AnswerQuestion { .. } => Who::Office("programme-office"),
            Publish | ReviseTopic { .. } | Extend { .. } => Who::Two(&Who::Office("programme-office")),
            LiftEmbargo | Open | Close => Who::Clock,
            AskQuestion { .. } => Who::Member,
            Receive { .. } => Who::Desk("application"),
        }
    }

    fn decide(this: Option<&Self>, command: &Command, ctx: &Ctx) -> Decision<Self> {
        let Some(c) = this else { return steps::begin(command, ctx) };
        match command {
            AskQuestion { .. } | AnswerQuestion { .. } => c.questioned(command, ctx),
            Receive { .. } => c.receives(command, ctx),
            LiftEmbargo | Open | Close => c.time_asks(command, ctx),
            _ => c.office_asks(command, ctx),
        }
    }

    fn apply(this: Option<Self>, event: &Event) -> Self {
        match this {
            None => Self::begun(event),
            Some(mut c) => {
                c.goes_on(event);
                c
            }
        }
    }

    fn due(&self) -> Option<Due<Command>> {
        match self.status {
            Status::Embargoed => self.guide.embargo.map(|at| Due::at(at, LiftEmbargo)),
            Status::Published => Some(Due::at(self.guide.opens, Open)),
            Status::Open => Some(Due::at(self.guide.closes, Close)),
            _ => None,
        }
    }

    fn card(&self) -> Card {
        let guide = &self.guide;
        let mut card = Card::new()
            .title(&guide.title)
            .status(&grammar::desk::plain_word(&self.status))
            .region(self.region)
            .party("itself", self.itself.id())
            .party("programme", guide.programme.id())
            .inside_office("programme-office")
            .inside_office("auditor")
            .from(guide.opens.day())
            .until(guide.closes.day())
            .text(&guide.about.joined())
            .fact("kind", self.kind)
            .fact("family", guide.family)
            .fact("opens", guide.opens)
            .fact("closes", guide.closes)
            .fact("conditions", &guide.conditions)
            .fact("topics", &guide.topics)
            .fact("topic_versions", self.topic_versions())
            .fact("per_unit", guide.per_unit);
        for co_funder in self.co_funders.iter() {
            card = card.party("co-funder", co_funder.id());
        }
        for topic in guide.topics.iter() {
            card = card.text(&topic.title.joined());
        }
        card
    }

    /// Under embargo and before, nobody outside knows of it.
    fn veil(&mut self, viewer: &Viewer) -> Sight {
        if viewer.is_inside(&self.card()) {
            return Sight::Seen;
        }
        self.consultation = None;
        self.questions.retain(|question| question.answer.is_some());
        self.questions.iter_mut().for_each(|question| question.by = None);
        if self.status < Status::Published { Sight::Hidden } else { Sight::Seen }
    }

    fn veil_event(this: &Self, event: Event, viewer: &Viewer) -> Option<Event> {
        if viewer.is_inside(&this.card()) {
            return Some(event);
        }
        let changes = matches!(event, Event::TopicRevised { .. } | Event::Extended { .. });
        let is_public = changes
            || matches!(event, Event::Published { .. } | Event::Opened | Event::Closed)
            || matches!(event, Event::Answered { .. });
        (is_public && this.status >= Status::Published).then_some(event)
    }

    fn check(&self) {
        assert!(self.guide.opens < self.guide.closes && !self.guide.title.is_empty());
        assert!((self.status >= Status::Published) == self.published.is_some());
        assert!(self.status < Status::Embargoed || !self.guide.topics.is_empty());
    }
}
