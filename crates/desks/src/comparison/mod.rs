//! Comparison (相似性比对): one application laid beside other applications, solutions and projects of whatever programme, earlier
//! and running ones (PG-R19).
//!
//! begun → clear, or waiting → different | duplicate. Always: every likeness says what is alike, how much, and from where
//! on it counts; a person decides with a reason, never the machine. The applicant learns that a check waits and how it was
//! decided, not with whom: that is why it is a record of its own, which only the offices know of.

use grammar::prelude::*;

use crate::{
    application::{self, Application},
    expert::conflict::Body,
    organisation::Organisation,
};

mod measure;
#[cfg(test)]
mod stories;

pub use measure::{Hit, Likeness, Sign, Thresholds, heads, work_of};

/// People judge, whatever was measured.
const JUDGED: Rule<Share> = rule("PG-R19");
/// Works that are laid beside one at once.
pub const WORKS_MAX: usize = 20;
/// Organisations behind them, each with its group.
const BODIES_MAX: usize = 500;
/// Whose applications can be compared: handed in, and not yet reviewed.
const COMPARED: [&str; 3] = ["submitted", "formal-ok", "duplicate-check"];
const OFFICE: &str = "programme-office";

/// What a person found.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Verdict {
    pub on: Day,
    pub duplicate: bool,
    pub reason: Text<1000>,
    pub note: Option<Text<1000>>,
}

/// A comparison as it stands now.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Comparison {
    itself: Ref<Comparison>,
    application: Ref<Application>,
    title: Bilingual<200>,
    region: Region,
    opened: Day,
    with: List<Id, WORKS_MAX>,
    thresholds: Option<Thresholds>,
    hits: Vec<Hit>,
    verdict: Option<Verdict>,
}

/// What can be asked of it.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "verb", rename_all = "kebab-case")]
pub enum Command {
    Open {
        application: Ref<Application>,
        with: List<Id, WORKS_MAX>,
    },
    /// Its own question to itself, with the cards of all the organisations.
    Measure {
        application: Ref<Application>,
        with: List<Id, WORKS_MAX>,
        bodies: List<Ref<Organisation>, BODIES_MAX>,
    },
    Decide {
        duplicate: bool,
        reason: Text<1000>,
        note: Option<Text<1000>>,
    },
}

/// What can have happened to it. Additions only: these words stay in the log for good.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "event", rename_all = "kebab-case")]
pub enum Event {
    Opened {
        itself: Ref<Comparison>,
        application: Ref<Application>,
        title: Bilingual<200>,
        region: Region,
        on: Day,
        with: List<Id, WORKS_MAX>,
    },
    Measured {
        thresholds: Thresholds,
        hits: Vec<Hit>,
        near: u32,
    },
    Decided(Verdict),
}

/// Why it says no. The sentences are in `words.*.toml`, under the same names.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(tag = "code", rename_all = "kebab-case")]
pub enum Refusal {
    NothingToCompare,
    ComparedWithItself,
    NamedTwice { record: Id },
    NotAWork { record: Id },
    NotToBeCompared { application: Ref<Application> },
    TooManyOrganisations { max: usize },
}

use {Command::*, Event::*, Refusal::*};

impl Comparison {
    fn status(&self) -> &'static str {
        match (&self.verdict, self.thresholds.is_some(), self.near() > 0) {
            (Some(verdict), ..) if verdict.duplicate => "duplicate",
            (Some(_), ..) => "different",
            (None, true, false) => "clear",
            (None, true, true) => "waiting",
            (None, false, _) => "begun",
        }
    }

    fn near(&self) -> usize {
        self.hits.iter().filter(|hit| hit.is_near).count()
    }

    fn measures(&self, bodies: &[Ref<Organisation>], ctx: &Ctx) -> Decision<Self> {
        let bodies: Vec<Body> = bodies.iter().map(|body| Body::of(body.id(), ctx.see(*body))).collect();
        let thresholds = Thresholds::now(ctx);
        let hits = measure::hits(self.application.id(), &self.with, thresholds, &heads(&bodies), ctx);
        let near = hits.iter().filter(|hit| hit.is_near).count();
        let told = application::Command::AwaitCheck { comparison: self.itself.id() };
        let said = say(Measured { thresholds, hits, near: u32::try_from(near).unwrap_or(0) });
        Ok(if near > 0 { said.and(tell(self.application, &told)) } else { said })
    }
}

fn open(application: Ref<Application>, with: &List<Id, WORKS_MAX>, ctx: &Ctx) -> Decision<Comparison> {
    let card = ctx.see(application);
    ensure(!with.is_empty(), NothingToCompare)?;
    ensure(!with.contains(&application.id()), ComparedWithItself)?;
    let unfit = NotToBeCompared { application };
    ensure(COMPARED.contains(&card.status.as_str()), unfit).by(JUDGED)?;
    for (place, record) in with.iter().copied().enumerate() {
        ensure(!with.iter().take(place).any(|other| *other == record), NamedTwice { record })?;
        ensure(measure::is_work(ctx.see::<()>(record.r())), NotAWork { record })?;
    }
    let all = std::iter::once(application.id()).chain(with.iter().copied());
    let bodies: std::collections::BTreeSet<Id> =
        all.flat_map(|record| measure::organisations(ctx.see::<()>(record.r()))).collect();
    let bodies = List::new(bodies.into_iter().map(Id::r).collect());
    let bodies = bodies.ok_or(TooManyOrganisations { max: BODIES_MAX })?;
    let title = Bilingual { zh: Text::read(&card.title_zh), en: Text::read(&card.title_en) };
    let (itself, region, on) = (ctx.me.r(), card.scope(), ctx.today());
    let measure = Measure { application, with: with.clone(), bodies };
    let opened = Opened { itself, application, title, region, on, with: with.clone() };
    Ok(say(opened).and(tell::<Comparison>(itself, &measure)))
}

impl Desk for Comparison {
    const NAME: &'static str = "comparison";
    const OPENS: &'static [&'static str] = &["open"];
    const WORDS: [&'static str; 2] = [include_str!("words.zh.toml"), include_str!("words.en.toml")];
    const RULES: &'static str = include_str!("rules.toml");
    type Command = Command;
    type Event = Event;
    type Refusal = Refusal;

    fn who(command: &Command) -> Who {
        match command {
            Open { .. } | Decide { .. } => Who::Office(OFFICE),
            Measure { .. } => Who::Desk("comparison"),
        }
    }

    fn decide(this: Option<&Self>, command: &Command, ctx: &Ctx) -> Decision<Self> {
        match (this, command) {
            (None, Open { application, with }) => open(*application, with, ctx),
            (Some(c), Measure { bodies, .. }) if c.thresholds.is_none() => c.measures(bodies, ctx),
            (Some(c), Decide { duplicate, reason, note }) if c.status() == "waiting" => {
                let (on, duplicate) = (ctx.today(), *duplicate);
                let comparison = c.itself.id();
                let told =
                    application::Command::DecideDuplicates { comparison, duplicate, reason: reason.clone() };
                let verdict = Verdict { on, duplicate, reason: reason.clone(), note: note.clone() };
                Ok(say(Decided(verdict)).and(tell(c.application, &told)))
            }
            _ => not_now(),
        }
    }

    fn apply(this: Option<Self>, event: &Event) -> Self {
        match (this, event.clone()) {
            (None, Opened { itself, application, title, region, on, with }) => {
                let (thresholds, hits, verdict) = (None, vec![], None);
                Self { itself, application, title, region, opened: on, with, thresholds, hits, verdict }
            }
            (Some(c), Measured { thresholds, hits, .. }) => Self { thresholds: Some(thresholds), hits, ..c },
            (Some(c), Decided(verdict)) => Self { verdict: Some(verdict), ..c },
            (_, other) => impossible(&other),
        }
    }

    fn card(&self) -> Card {
        let most = self.hits.iter().filter(|hit| hit.is_near).map(Hit::most).max();
        Card::new()
            .title(&self.title)
            .status(self.status())
            .region(self.region)
            .party("application", self.application.id())
            .from(self.opened)
            .fact("near", self.near())
            .fact("most", most)
            .inside_office(OFFICE)
            .inside_office("auditor")
    }

    /// Known to the offices only: not even the applicant learns with whom.
    fn veil(&mut self, viewer: &Viewer) -> Sight {
        if viewer.is_inside(&self.card()) { Sight::Seen } else { Sight::Hidden }
    }

    fn veil_event(this: &Self, event: Event, viewer: &Viewer) -> Option<Event> {
        viewer.is_inside(&this.card()).then_some(event)
    }

    fn check(&self) {
        assert!(self.thresholds.is_some() || self.hits.is_empty());
        assert!(self.verdict.is_none() || self.near() > 0, "nothing is decided that nobody had to look at");
        assert!(self.hits.iter().all(|hit| self.with.contains(&hit.record)));
    }
}
