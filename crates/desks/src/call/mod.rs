//! Call (项目申报通知): what is asked of applicants, by whom, until when.
//!
//! draft → consulted → embargoed → published → open → closed; where a brief (预申报书) is asked first, between open and
//! closed: deciding (whom to invite), then completing (the full text of those invited). Always: what stands in a published guide is changed by a
//! new version of a topic with a reason; whether an application is in time is decided by the order in which the house
//! received it, not by the word `open`.

use grammar::prelude::*;

use crate::organisation::Organisation;

mod beside;
pub mod eligible;
mod guide;
mod questions;
mod steps;
#[cfg(test)]
mod stories;
mod terms;

pub use guide::{FULL_FOR, Funding, Guide, Topic};
pub use questions::Question;
pub use terms::{Event, Refusal};

const VERSIONS_MAX: usize = 40;

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Status {
    Draft,
    Consulted,
    Embargoed,
    Published,
    /// Applications are taken, or briefs where these come first.
    Open,
    /// Briefs are judged.
    Deciding,
    /// Those invited hand in the full text.
    Completing,
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

/// As what something is handed in: the whole at once, or a brief first and then the full text of those invited.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
#[schemars(inline)]
pub enum Stage {
    #[default]
    Whole,
    Brief,
    Full,
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
    CloseBriefs,
    OpenFull,
    Close,
    ReviseTopic {
        topic: Topic,
        reason: Text<500>,
    },
    Extend {
        closes: Moment,
        reason: Text<500>,
    },
    ExtendBriefs {
        brief_closes: Moment,
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
        #[serde(default)]
        stage: Stage,
    },
}

use Command::*;

impl Desk for Call {
    const NAME: &'static str = "call";
    const OPENS: &'static [&'static str] = &["draft"];
    const WORDS: [&'static str; 2] = [include_str!("words.zh.toml"), include_str!("words.en.toml")];
    const RULES: &'static str = include_str!("rules.toml");
    const BESIDE: &'static [(&'static str, &'static str)] = beside::BESIDE;
    type Command = Command;
    type Event = Event;
    type Refusal = Refusal;

    fn who(command: &Command) -> Who {
        match command {
            Draft(_) | Amend(_) | Consult { .. } | AnswerQuestion { .. } => Who::Office("programme-office"),
            Publish | ReviseTopic { .. } | Extend { .. } | ExtendBriefs { .. } => {
                Who::Two(&Who::Office("programme-office"))
            }
            LiftEmbargo | Open | CloseBriefs | OpenFull | Close => Who::Clock,
            AskQuestion { .. } => Who::Member,
            Receive { .. } => Who::Desk("application"),
        }
    }

    fn decide(this: Option<&Self>, command: &Command, ctx: &Ctx) -> Decision<Self> {
        let Some(c) = this else { return steps::begin(command, ctx) };
        match command {
            AskQuestion { .. } | AnswerQuestion { .. } => c.questioned(command, ctx),
            Receive { .. } => c.receives(command, ctx),
            LiftEmbargo | Open | CloseBriefs | OpenFull | Close => c.time_asks(command, ctx),
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
            Status::Open => Some(
                self.guide
                    .brief_closes
                    .map_or(Due::at(self.guide.closes, Close), |at| Due::at(at, CloseBriefs)),
            ),
            Status::Deciding => self.guide.full_opens.map(|at| Due::at(at, OpenFull)),
            Status::Completing => Some(Due::at(self.guide.closes, Close)),
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
            .fact("brief_closes", guide.brief_closes)
            .fact("full_opens", guide.full_opens)
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
        let changes = matches!(
            event,
            Event::TopicRevised { .. } | Event::Extended { .. } | Event::BriefsExtended { .. }
        );
        let is_public = changes
            || matches!(event, Event::Published { .. } | Event::Opened | Event::Closed)
            || matches!(event, Event::BriefsClosed | Event::FullOpened)
            || matches!(event, Event::Answered { .. });
        (is_public && this.status >= Status::Published).then_some(event)
    }

    fn check(&self) {
        assert!(self.guide.opens < self.guide.closes && !self.guide.title.is_empty());
        assert!(self.guide.brief_closes.is_some() == self.guide.full_opens.is_some());
        assert!((self.status >= Status::Published) == self.published.is_some());
        assert!(self.status < Status::Embargoed || !self.guide.topics.is_empty());
    }
}
