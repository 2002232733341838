//! Notice (公示): a matter is made public for a period in which anyone signed in may object.
//!
//! running ⇄ objected → concluded | withdrawn. A change restarts the period. Always: nothing is concluded
//! before its last day is over, nor while an objection waits for its answer or an upheld one for a change.

use grammar::prelude::*;

use crate::person::Person;

mod beside;
mod masking;
mod objection;
#[cfg(test)]
mod stories;

pub(crate) use masking::shows_personal_numbers;
pub use objection::{Objection, Reply};

/// Objections to one notice.
const OBJECTIONS_MAX: usize = 300;
/// Objections of one person to one notice.
const EACH_MAX: usize = 5;

/// Period, contact and log of objections; the period restarts when a material term changes.
const PUBLICITY: Rule<bool> = rule("XX-R05");
/// Numbers of identity documents and telephones are masked.
const MASKED: Rule<bool> = rule("PL-R12");

/// Who may publish and change: the office, or a desk on behalf of its record.
const PUBLISHERS: Who = Who::Either(&[
    Who::Office("notice-office"),
    Who::Desk("voucher"),
    Who::Desk("redemption"),
    Who::Desk("achievement"),
    Who::Desk("laboratory"),
    Who::Desk("instrument"),
    Who::Desk("need"),
    Who::Desk("allocation"),
]);

/// What is made public: about which record, in which words, for how long, and on what it rests.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Terms {
    pub about: Id,
    pub region: Region,
    pub title: Bilingual<120>,
    pub text: Bilingual<4000>,
    pub contact: Bilingual<200>,
    pub basis: Text<300>,
    pub days: Between<1, 400>,
    pub unit: DayUnit,
    /// Documents that the notice rests on.
    #[serde(default)]
    pub attachments: List<FileRef, 5>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum End {
    Concluded,
    Withdrawn,
}

/// A notice as it stands now.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Notice {
    terms: Terms,
    started: Day,
    last: Day,
    /// How often the period has begun: 1, and one more for each change.
    round: u32,
    objections: Vec<Objection>,
    ended: Option<(Day, End)>,
}

/// What can be asked of it.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "verb", rename_all = "kebab-case")]
pub enum Command {
    Publish(Terms),
    Object { text: Text<2000>, named: bool },
    Answer { objection: u32, text: Text<2000>, upheld: bool },
    Change { text: Bilingual<4000>, reason: Text<500> },
    Withdraw { reason: Text<500> },
    Conclude,
}

/// What can have happened to it. Additions only: these words stay in the log for good.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "event", rename_all = "kebab-case")]
pub enum Event {
    Published { terms: Terms, started: Day, last: Day },
    Objected { number: u32, by: Option<Ref<Person>>, named: bool, on: Day, text: Text<2000> },
    Answered { number: u32, on: Day, upheld: bool, text: Text<2000> },
    Changed { text: Bilingual<4000>, reason: Text<500>, started: Day, last: Day },
    Withdrawn { on: Day, reason: Text<500> },
    Concluded { on: Day },
}

/// Why it says no. The sentences are in `words.*.toml`, under the same names.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(tag = "code", rename_all = "kebab-case")]
pub enum Refusal {
    NothingToRead,
    ShowsPersonalNumbers,
    NothingChanged,
    PeriodIsOver { last: Day },
    TooManyObjections { max: usize },
    EnoughFromYou { max: usize },
    NoSuchObjection { objection: u32 },
    AlreadyAnswered { objection: u32 },
    OwnObjection,
}

use {Command::*, Event::*, Refusal::*};

impl Terms {
    /// The last day of a period that begins with being published `today` (XX-R01 to XX-R04).
    fn last_day(&self, ctx: &Ctx) -> Day {
        let days = u16::try_from(self.days.get()).unwrap_or(u16::MAX);
        ctx.calendar().last_day(ctx.today(), Period { days, unit: self.unit })
    }
}

fn readable<const N: usize>(words: &Bilingual<N>) -> Result<(), No<Refusal>> {
    ensure(!words.is_empty(), NothingToRead)?;
    ensure(!shows_personal_numbers(&words.joined()), ShowsPersonalNumbers).by(MASKED)
}

impl Notice {
    fn is_open(&self) -> bool {
        self.ended.is_none()
    }

    /// Whether an objection waits for its answer, or an upheld one for a change.
    fn is_blocked(&self) -> bool {
        self.objections.iter().any(|objection| objection.blocks(self.round))
    }

    fn status(&self) -> &'static str {
        match self.ended {
            Some((_, End::Concluded)) => "concluded",
            Some((_, End::Withdrawn)) => "withdrawn",
            None if self.is_blocked() => "objected",
            None => "running",
        }
    }

    fn may_object(&self, by: Ref<Person>, ctx: &Ctx) -> Result<(), No<Refusal>> {
        let own = self.objections.iter().filter(|objection| objection.by == Some(by)).count();
        ensure(ctx.today() <= self.last, PeriodIsOver { last: self.last }).by(PUBLICITY)?;
        ensure(own < EACH_MAX, EnoughFromYou { max: EACH_MAX })?;
        Ok(ensure(self.objections.len() < OBJECTIONS_MAX, TooManyObjections { max: OBJECTIONS_MAX })?)
    }

    fn may_answer(&self, number: u32, ctx: &Ctx) -> Result<(), Refusal> {
        let found = self.objections.iter().find(|objection| objection.number == number);
        let objection = found.ok_or(NoSuchObjection { objection: number })?;
        let own = objection.by.is_some_and(|by| ctx.by.is_touched(by.id()));
        ensure(!own, OwnObjection)?;
        ensure(objection.answer.is_none(), AlreadyAnswered { objection: number })
    }
}

impl Desk for Notice {
    const NAME: &'static str = "notice";
    const OPENS: &'static [&'static str] = &["publish"];
    const WORDS: [&'static str; 2] = [include_str!("words.zh.toml"), include_str!("words.en.toml")];
    const RULES: &'static str = include_str!("rules.toml");
    const BESIDE: &'static [(&'static str, &'static str)] = beside::BESIDE;
    type Command = Command;
    type Event = Event;
    type Refusal = Refusal;

    fn who(command: &Command) -> Who {
        match command {
            Publish(_) | Change { .. } | Withdraw { .. } => PUBLISHERS,
            Object { .. } => Who::Member,
            Answer { .. } => Who::Office("notice-office"),
            Conclude => Who::Clock,
        }
    }

    fn decide(this: Option<&Self>, command: &Command, ctx: &Ctx) -> Decision<Self> {
        match (this.filter(|n| n.is_open()), command.clone()) {
            (None, Publish(terms)) if this.is_none() => {
                readable(&terms.title)?;
                readable(&terms.text)?;
                ensure(!terms.contact.is_empty(), NothingToRead)?;
                let last = terms.last_day(ctx);
                Ok(say(Published { terms, started: ctx.today(), last }))
            }
            (Some(n), Object { text, named }) => {
                let Some(by) = ctx.by.person.map(Id::r) else { return not_now() };
                n.may_object(by, ctx)?;
                ensure(!shows_personal_numbers(&text), ShowsPersonalNumbers).by(MASKED)?;
                let number = n.objections.last().map_or(1, |last| last.number + 1);
                Ok(say(Objected { number, by: Some(by), named, on: ctx.today(), text }))
            }
            (Some(n), Answer { objection, text, upheld }) => {
                n.may_answer(objection, ctx)?;
                ensure(!shows_personal_numbers(&text), ShowsPersonalNumbers).by(MASKED)?;
                Ok(say(Answered { number: objection, on: ctx.today(), upheld, text }))
            }
            (Some(n), Change { text, reason }) => {
                readable(&text)?;
                ensure(text != n.terms.text, NothingChanged)?;
                let last = n.terms.last_day(ctx);
                Ok(say(Changed { text, reason, started: ctx.today(), last }))
            }
            (Some(_), Withdraw { reason }) => Ok(say(Withdrawn { on: ctx.today(), reason })),
            (Some(n), Conclude) if n.last < ctx.today() && !n.is_blocked() => {
                Ok(say(Concluded { on: ctx.today() }))
            }
            _ => not_now(),
        }
    }

    fn apply(this: Option<Self>, event: &Event) -> Self {
        let Some(mut n) = this else {
            let Published { terms, started, last } = event.clone() else { impossible(event) };
            return Self { terms, started, last, round: 1, objections: vec![], ended: None };
        };
        match event.clone() {
            Published { .. } => impossible(event),
            Objected { number, by, named, on, text } => {
                n.objections.push(Objection { number, by, named, on, text, answer: None });
            }
            Answered { number, on, upheld, text } => {
                let answer = Reply { on, upheld, round: n.round, text };
                let answered = n.objections.iter_mut().find(|objection| objection.number == number);
                answered.unwrap_or_else(|| impossible(event)).answer = Some(answer);
            }
            Changed { text, started, last, .. } => {
                n.terms.text = text;
                (n.started, n.last) = (started, last);
                n.round += 1;
            }
            Withdrawn { on, .. } => n.ended = Some((on, End::Withdrawn)),
            Concluded { on } => n.ended = Some((on, End::Concluded)),
        }
        n
    }

    fn due(&self) -> Option<Due<Command>> {
        (self.is_open() && !self.is_blocked()).then(|| Due::after(self.last, Conclude))
    }

    fn card(&self) -> Card {
        Card::new()
            .title(&self.terms.title)
            .status(self.status())
            .region(self.terms.region)
            .from(self.started)
            .until(self.last)
            .text(&self.terms.text.joined())
            .source(&self.terms.basis)
            .party("about", self.terms.about)
            .fact("objections", self.objections.len())
            .inside_office("notice-office")
            .inside_office("auditor")
    }

    /// Who objected is for the office and for the objector, unless the objector wished to be named.
    fn veil(&mut self, viewer: &Viewer) -> Sight {
        if !viewer.is_inside(&self.card()) {
            for objection in &mut self.objections {
                objection.by = objection::named_for(objection.by, objection.named, viewer);
            }
        }
        Sight::Seen
    }

    fn veil_event(this: &Self, event: Event, viewer: &Viewer) -> Option<Event> {
        match event {
            Objected { number, by, named, on, text } if !viewer.is_inside(&this.card()) => {
                Some(Objected { number, by: objection::named_for(by, named, viewer), named, on, text })
            }
            other => Some(other),
        }
    }

    fn check(&self) {
        assert!(self.started < self.last && self.objections.len() <= OBJECTIONS_MAX);
        if let Some((on, End::Concluded)) = self.ended {
            assert!(self.last < on && !self.is_blocked(), "concluded too early");
        }
    }
}
