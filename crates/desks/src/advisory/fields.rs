//! Fields: members, topics, sessions, opinions and answers of a committee.

use grammar::prelude::*;

use super::{Advisory, OPINIONS_MAX};
use crate::{organisation::Organisation, person::Person};

/// What a member stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
#[schemars(inline)]
pub enum Category {
    Scientist,
    Entrepreneur,
    Investor,
    PolicyScholar,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Member {
    pub person: Ref<Person>,
    pub category: Category,
    pub unit: Text<200>,
    pub country: Option<Text<60>>,
    pub since: Day,
    pub left: Option<Day>,
}

/// What the committee is asked about, by whom, and what became of it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Topic {
    pub number: u32,
    pub title: Bilingual<200>,
    pub question: Text<4000>,
    pub authority: Ref<Organisation>,
    pub public: bool,
    pub put: Day,
    /// Who declared, and the interest that bars them.
    pub declared: Vec<(Ref<Person>, Option<Text<500>>)>,
    pub opinions: Vec<Opinion>,
    /// The last session that had it.
    pub session: Option<u32>,
    pub advice: Option<Advice>,
    pub answered: Option<Answered>,
    pub late: bool,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Session {
    pub number: u32,
    pub on: Day,
    pub topics: Vec<u32>,
    pub attended: Vec<Ref<Person>>,
    pub minutes: FileRef,
}

/// What one member thinks.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Opinion {
    pub person: Ref<Person>,
    pub on: Day,
    pub text: Text<4000>,
    pub public: bool,
}

/// What the committee says, by which vote.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Advice {
    pub on: Day,
    pub text: Bilingual<4000>,
    pub public: bool,
    pub votes_for: i64,
    pub votes_against: i64,
    pub document: FileRef,
    pub answer_until: Day,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
#[schemars(inline)]
pub enum Response {
    Taken,
    TakenInPart,
    NotTaken,
}

/// What the authority makes of it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Answered {
    pub on: Day,
    pub response: Response,
    pub text: Text<4000>,
}

/// How far a topic is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stage {
    Asked,
    Discussed,
    Advised,
    Answered,
}

impl Topic {
    pub fn stage(&self) -> Stage {
        match (&self.answered, &self.advice, self.session) {
            (Some(_), ..) => Stage::Answered,
            (_, Some(_), _) => Stage::Advised,
            (_, _, Some(_)) => Stage::Discussed,
            _ => Stage::Asked,
        }
    }

    /// Whether someone declared an interest; nothing when there is no declaration.
    pub fn interest_of(&self, person: Ref<Person>) -> Option<bool> {
        let declared = self.declared.iter().find(|(own, _)| *own == person);
        declared.map(|(_, interest)| interest.is_some())
    }

    /// Whether everyone may read what the committee said.
    pub fn shows_advice(&self) -> bool {
        self.public && self.advice.as_ref().is_some_and(|advice| advice.public)
    }

    /// The last day of the authority's answer, while it is awaited and not yet late.
    pub fn answer_until(&self) -> Option<Day> {
        let waits = self.stage() == Stage::Advised && !self.late;
        self.advice.as_ref().filter(|_| waits).map(|advice| advice.answer_until)
    }

    pub fn is_full(&self) -> bool {
        self.opinions.len() >= OPINIONS_MAX
    }
}

impl Advisory {
    pub(super) fn hide_from(&mut self, viewer: &Viewer) {
        self.sessions.clear();
        self.topics.retain(|topic| topic.public || viewer.is(topic.authority.id()));
        for topic in &mut self.topics {
            topic.declared.clear();
            (topic.session, topic.late) = (None, false);
            topic.opinions.retain(|opinion| opinion.public);
            if !topic.shows_advice() && !viewer.is(topic.authority.id()) {
                (topic.advice, topic.answered) = (None, None);
            }
        }
    }
}
