//! Terms: what can have happened to a call, and why it says no.

use grammar::prelude::*;

use super::{Call, Guide, Question, Topic, eligible};
use crate::organisation::Organisation;

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
    /// The first window is longer now.
    BriefsExtended {
        on: Day,
        brief_closes: Moment,
        reason: Text<500>,
    },
    /// No more briefs are taken.
    BriefsClosed,
    /// Those invited hand in the full text from now on.
    FullOpened,
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
    OneBriefDate,
    BriefDatesOutOfOrder,
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
    NoBriefs,
    BriefsIntoFull { full_opens: Moment },
    AnotherStage,
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
