//! Advisory (战略咨询委员会): one term of a committee that advises the authorities, with its topics.
//!
//! serving → ended. A topic is asked → discussed → advised → answered. Members declare their interest in each topic before
//! they speak of it. Always: nobody speaks or votes on what they have an interest in, and each opinion is answered, or
//! its lateness is noted.

use grammar::prelude::*;

use crate::{organisation::Organisation, person::Person};

mod changes;
mod fields;
mod steps;
#[cfg(test)]
mod stories;

pub use fields::{Advice, Answered, Category, Member, Opinion, Response, Session, Stage, Topic};

const MEMBERS_MAX: usize = 60;
const TOPICS_MAX: usize = 100;
const SESSIONS_MAX: usize = 100;
/// Opinions of members on one topic.
const OPINIONS_MAX: usize = 120;

const OFFICE: Who = Who::Office("advisory-office");

/// A term of the committee as it stands now.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Advisory {
    itself: Ref<Advisory>,
    title: Bilingual<120>,
    region: Region,
    basis: Text<300>,
    from: Day,
    until: Day,
    members: Vec<Member>,
    topics: Vec<Topic>,
    sessions: Vec<Session>,
    ended: bool,
}

/// What can be asked of it.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "verb", rename_all = "kebab-case")]
pub enum Command {
    Form {
        title: Bilingual<120>,
        region: Region,
        basis: Text<300>,
        from: Day,
        years: Between<1, 20>,
    },
    Appoint {
        person: Ref<Person>,
        category: Category,
        unit: Text<200>,
        country: Option<Text<60>>,
    },
    Dismiss {
        person: Ref<Person>,
        reason: Text<500>,
    },
    PutTopic {
        title: Bilingual<200>,
        question: Text<4000>,
        authority: Ref<Organisation>,
        public: bool,
        no_secrets: bool,
    },
    Declare {
        topic: Between<1, 100>,
        interest: Option<Text<500>>,
    },
    Meet {
        topics: List<Between<1, 100>, 10>,
        on: Day,
        attended: List<Ref<Person>, 60>,
        minutes: FileRef,
    },
    Opine {
        topic: Between<1, 100>,
        text: Text<4000>,
        public: bool,
        no_secrets: bool,
    },
    Advise {
        topic: Between<1, 100>,
        text: Bilingual<4000>,
        public: bool,
        votes_for: Between<0, 60>,
        votes_against: Between<0, 60>,
        document: FileRef,
    },
    Respond {
        topic: Between<1, 100>,
        response: Response,
        text: Text<4000>,
    },
    Disclose {
        topic: Between<1, 100>,
    },
    Remind,
    End,
}

/// What can have happened to it. Additions only: these words stay in the log for good.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "event", rename_all = "kebab-case")]
pub enum Event {
    Formed {
        itself: Ref<Advisory>,
        title: Bilingual<120>,
        region: Region,
        basis: Text<300>,
        from: Day,
        until: Day,
    },
    Appointed {
        member: Member,
    },
    Dismissed {
        person: Ref<Person>,
        on: Day,
        reason: Text<500>,
    },
    TopicPut {
        topic: Box<Topic>,
    },
    Declared {
        topic: u32,
        person: Ref<Person>,
        interest: Option<Text<500>>,
    },
    Met {
        session: Session,
    },
    Opined {
        topic: u32,
        opinion: Opinion,
    },
    Advised {
        topic: u32,
        advice: Advice,
    },
    Responded {
        topic: u32,
        answered: Answered,
    },
    Disclosed {
        topic: u32,
    },
    Late {
        topics: Vec<u32>,
        on: Day,
    },
    Ended {},
}

/// Why it says no. The sentences are in `words.*.toml`, under the same names.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(tag = "code", rename_all = "kebab-case")]
pub enum Refusal {
    NoTitle,
    TermTooShort { least: i64 },
    TermTooLong { most: i64 },
    TermIsOver { until: Day },
    MemberAlready,
    NotAMember { person: Ref<Person> },
    TooMany { max: usize },
    MayHoldSecrets,
    NoSuchTopic { topic: i64 },
    DeclaredAlready,
    NotDeclared,
    HasAnInterest,
    NoTopics,
    NotYet { on: Day },
    NoQuorum { needed: i64, present: i64 },
    NotDiscussed,
    MoreVotesThanPresent { present: i64 },
    NotCarried { needed: i64 },
    NotYourTopic,
    PublicAlready,
}

use Command::*;

impl Desk for Advisory {
    const NAME: &'static str = "advisory";
    const OPENS: &'static [&'static str] = &["form"];
    const WORDS: [&'static str; 2] = [include_str!("words.zh.toml"), include_str!("words.en.toml")];
    const RULES: &'static str = include_str!("rules.toml");
    type Command = Command;
    type Event = Event;
    type Refusal = Refusal;

    fn who(command: &Command) -> Who {
        match command {
            Form { .. } | PutTopic { .. } | Meet { .. } | Disclose { .. } => OFFICE,
            Appoint { .. } | Dismiss { .. } | Advise { .. } => Who::Two(&OFFICE),
            Declare { .. } | Opine { .. } => Who::Party("member"),
            Respond { .. } => Who::Signatory("authority"),
            Remind | End => Who::Clock,
        }
    }

    fn decide(this: Option<&Self>, command: &Command, ctx: &Ctx) -> Decision<Self> {
        let Some(a) = this else { return steps::form(command, ctx) };
        match command {
            Appoint { .. } | Dismiss { .. } | PutTopic { .. } | Meet { .. } => a.is_kept(command, ctx),
            _ => a.advises(command, ctx),
        }
    }

    fn apply(this: Option<Self>, event: &Event) -> Self {
        match this {
            None => Self::begun(event),
            Some(mut a) => {
                a.becomes(event);
                a
            }
        }
    }

    /// What waits for an answer first, then the end of the term.
    fn due(&self) -> Option<Due<Command>> {
        let open = self.topics.iter().filter_map(Topic::answer_until).min();
        let end = (!self.ended).then(|| Due::after(self.until, End));
        match (open.map(|day| Due::after(day, Remind)), end) {
            (Some(remind), Some(end)) => Some(if end.at < remind.at { end } else { remind }),
            (remind, end) => remind.or(end),
        }
    }

    fn card(&self) -> Card {
        let waiting = self.topics.iter().filter(|topic| topic.stage() == Stage::Advised).count();
        let mut card = Card::new()
            .title(&self.title)
            .status(if self.ended { "ended" } else { "serving" })
            .region(self.region)
            .from(self.from)
            .until(self.until)
            .source(&self.basis)
            .party("itself", self.itself.id())
            .fact("members", self.members.len())
            .fact("topics", self.topics.len())
            .fact("waiting", waiting)
            .inside("member")
            .inside_office("advisory-office")
            .inside_office("auditor");
        for member in self.members.iter().filter(|member| member.left.is_none()) {
            card = card.party("member", member.person.id());
        }
        let mut authorities: Vec<Id> = self.topics.iter().map(|topic| topic.authority.id()).collect();
        authorities.sort();
        authorities.dedup();
        authorities.into_iter().fold(card, |card, authority| card.party("authority", authority))
    }

    /// Who sits on it is public, and so are the topics, opinions and answers that were made so. The rest is for members and
    /// the office; an authority reads what it asked about.
    fn veil(&mut self, viewer: &Viewer) -> Sight {
        if !viewer.is_inside(&self.card()) {
            self.hide_from(viewer);
        }
        Sight::Seen
    }

    fn veil_event(this: &Self, event: Event, viewer: &Viewer) -> Option<Event> {
        if viewer.is_inside(&this.card()) {
            return Some(event);
        }
        let number = match &event {
            Event::Formed { .. } | Event::Appointed { .. } | Event::Ended {} => return Some(event),
            Event::Dismissed { .. } | Event::Declared { .. } | Event::Met { .. } | Event::Late { .. } => None,
            Event::TopicPut { topic } => Some(topic.number),
            Event::Advised { topic, .. } | Event::Responded { topic, .. } | Event::Disclosed { topic } => {
                Some(*topic)
            }
            Event::Opined { topic, opinion } => opinion.public.then_some(*topic),
        };
        let topic = this.topics.iter().find(|topic| Some(topic.number) == number)?;
        let is_shown = match &event {
            Event::TopicPut { .. } => topic.public,
            Event::Advised { .. } | Event::Responded { .. } | Event::Disclosed { .. } => topic.shows_advice(),
            _ => topic.public,
        };
        (is_shown || viewer.is(topic.authority.id())).then_some(event)
    }

    fn check(&self) {
        assert!(self.members.len() <= MEMBERS_MAX && self.topics.len() <= TOPICS_MAX);
        for topic in &self.topics {
            let barred = |opinion: &Opinion| topic.interest_of(opinion.person) != Some(false);
            assert!(
                !topic.opinions.iter().any(barred),
                "someone spoke with an interest, or without a declaration"
            );
        }
    }
}
