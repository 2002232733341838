//! Incident (报修与求助): something is wrong at an instrument: it is broken, unsafe, or someone needs help.
//!
//! open → taken → resolved ⇄ reopened (open again), or withdrawn while open. Pictures can stand beside each word of it. Whoever reported it,
//! the keeper, and the office read it; the whole story of an instrument's repairs is the list of its incidents.

use grammar::prelude::*;

use crate::{
    instrument::{self, Instrument},
    organisation::Organisation,
};

#[cfg(test)]
mod stories;

/// Words that are kept of one incident.
const REMARKS_MAX: usize = 100;
const PICTURES_MAX: usize = 10;
const OFFICE: &str = "instrument-office";

pub type Pictures = List<FileRef, PICTURES_MAX>;

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
#[schemars(inline)]
pub enum Trouble {
    Breakdown,
    Safety,
    Help,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Status {
    Open,
    Taken,
    Resolved,
    Withdrawn,
}

/// What was said of it later.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Remark {
    pub at: Moment,
    pub by: Option<Id>,
    pub text: Text<1000>,
    pub pictures: Pictures,
}

/// What is reported.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Entry {
    pub instrument: Ref<Instrument>,
    pub reporter: Ref<Organisation>,
    pub trouble: Trouble,
    pub what: Text<1000>,
    #[serde(default)]
    pub pictures: Pictures,
}

/// An incident as it stands now.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Incident {
    title: Bilingual<200>,
    unit: Ref<Organisation>,
    region: Region,
    entry: Entry,
    by: Option<Id>,
    reported: Moment,
    status: Status,
    /// When the keeper expects it to be over.
    expected: Option<Day>,
    remarks: Vec<Remark>,
    resolved: Option<Moment>,
    cost: Option<Money>,
}

/// What can be asked of it.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "verb", rename_all = "kebab-case")]
pub enum Command {
    Report(Entry),
    TakeUp {
        text: Option<Text<1000>>,
        expected: Option<Day>,
    },
    /// The same, and the instrument is out of service until then.
    TakeOut {
        instrument: Ref<Instrument>,
        expected: Option<Day>,
    },
    Remark {
        text: Text<1000>,
        #[serde(default)]
        pictures: Pictures,
    },
    Resolve {
        text: Text<1000>,
        #[serde(default)]
        pictures: Pictures,
        cost: Option<Money>,
    },
    Reopen {
        text: Text<1000>,
    },
    Withdraw {
        text: Text<1000>,
    },
}

/// What can have happened to it. Additions only: these words stay in the log for good.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "event", rename_all = "kebab-case")]
pub enum Event {
    Reported {
        title: Bilingual<200>,
        unit: Ref<Organisation>,
        region: Region,
        entry: Entry,
        by: Option<Id>,
        at: Moment,
    },
    TakenUp {
        expected: Option<Day>,
        is_out: bool,
    },
    Remarked(Remark),
    Resolved {
        at: Moment,
        cost: Option<Money>,
    },
    Reopened,
    Withdrawn,
}

/// Why it says no. The sentences are in `words.*.toml`, under the same names.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(tag = "code", rename_all = "kebab-case")]
pub enum Refusal {
    ExpectedInThePast { expected: Day },
    AnotherInstrument,
    NotAnAmount { amount: Money },
    TooManyRemarks { max: usize },
}

use {Command::*, Event::*, Refusal::*};

impl Incident {
    fn remarks(&self, text: Text<1000>, pictures: Pictures, ctx: &Ctx) -> Result<Script<Event>, No<Refusal>> {
        ensure(self.remarks.len() < REMARKS_MAX, TooManyRemarks { max: REMARKS_MAX })?;
        Ok(say(Remarked(self::Remark { at: ctx.now, by: ctx.by.person, text, pictures })))
    }

    fn goes_on(&self, command: &Command, ctx: &Ctx) -> Decision<Self> {
        let none = Pictures::default;
        match (self.status, command.clone()) {
            (Status::Open, TakeUp { text, expected }) => {
                may_be_expected(expected, ctx)?;
                let taken = TakenUp { expected, is_out: false };
                match text {
                    Some(text) => Ok(self.remarks(text, none(), ctx)?.say(taken)),
                    None => Ok(say(taken)),
                }
            }
            (Status::Open, TakeOut { instrument, expected }) => {
                may_be_expected(expected, ctx)?;
                ensure(instrument == self.entry.instrument, AnotherInstrument)?;
                let reason: String = self.entry.what.chars().take(500).collect();
                let reason = Text::read(&reason).unwrap_or_else(|| impossible(&"a text cut to nothing"));
                let suspend = instrument::Command::Suspend { reason, back: expected };
                Ok(say(TakenUp { expected, is_out: true }).and(tell(instrument, &suspend)))
            }
            (Status::Open | Status::Taken, Command::Remark { text, pictures }) => {
                self.remarks(text, pictures, ctx)
            }
            (Status::Open | Status::Taken, Resolve { text, pictures, cost }) => {
                let amount = cost.unwrap_or_default();
                ensure(amount >= Money::ZERO, NotAnAmount { amount })?;
                Ok(self.remarks(text, pictures, ctx)?.say(Resolved { at: ctx.now, cost }))
            }
            (Status::Resolved, Reopen { text }) => Ok(self.remarks(text, none(), ctx)?.say(Reopened)),
            (Status::Open, Withdraw { text }) => Ok(self.remarks(text, none(), ctx)?.say(Withdrawn)),
            _ => not_now(),
        }
    }
}

fn may_be_expected(expected: Option<Day>, ctx: &Ctx) -> Result<(), Refusal> {
    let past = expected.filter(|expected| *expected < ctx.today());
    ensure(past.is_none(), ExpectedInThePast { expected: past.unwrap_or(ctx.today()) })
}

impl Desk for Incident {
    const NAME: &'static str = "incident";
    const OPENS: &'static [&'static str] = &["report"];
    const WORDS: [&'static str; 2] = [include_str!("words.zh.toml"), include_str!("words.en.toml")];
    const RULES: &'static str = include_str!("rules.toml");
    const BESIDE: &'static [(&'static str, &'static str)] = &[
        ("expected-in-the-past", "expected"),
        ("another-instrument", "instrument"),
        ("not-an-amount", "cost"),
        ("too-many-remarks", "text"),
    ];
    type Command = Command;
    type Event = Event;
    type Refusal = Refusal;

    fn who(command: &Command) -> Who {
        match command {
            Report(_) | Reopen { .. } | Withdraw { .. } => Who::Party("reporter"),
            TakeUp { .. } | TakeOut { .. } | Resolve { .. } => Who::Party("unit"),
            Command::Remark { .. } => {
                Who::Either(&[Who::Party("unit"), Who::Party("reporter"), Who::Office(OFFICE)])
            }
        }
    }

    fn decide(this: Option<&Self>, command: &Command, ctx: &Ctx) -> Decision<Self> {
        let Some(i) = this else {
            let Report(entry) = command.clone() else { return not_now() };
            let card = ctx.see(entry.instrument);
            let title = Bilingual { zh: Text::read(&card.title_zh), en: Text::read(&card.title_en) };
            let (unit, region) = (card.the("unit").r(), card.scope());
            let (by, at) = (ctx.by.person, ctx.now);
            return Ok(say(Reported { title, unit, region, entry, by, at }));
        };
        i.goes_on(command, ctx)
    }

    fn apply(this: Option<Self>, event: &Event) -> Self {
        let Some(mut i) = this else {
            let Reported { title, unit, region, entry, by, at: reported } = event.clone() else {
                impossible(event)
            };
            let (status, expected, remarks, resolved, cost) = (Status::Open, None, vec![], None, None);
            return Self {
                title,
                unit,
                region,
                entry,
                by,
                reported,
                status,
                expected,
                remarks,
                resolved,
                cost,
            };
        };
        match event.clone() {
            Reported { .. } => impossible(event),
            TakenUp { expected, .. } => (i.status, i.expected) = (Status::Taken, expected),
            Remarked(remark) => i.remarks.push(remark),
            Resolved { at, cost } => (i.status, i.resolved, i.cost) = (Status::Resolved, Some(at), cost),
            Reopened => (i.status, i.resolved) = (Status::Open, None),
            Withdrawn => i.status = Status::Withdrawn,
        }
        i
    }

    fn card(&self) -> Card {
        let entry = &self.entry;
        Card::new()
            .title(&self.title)
            .status(&grammar::desk::plain_word(&self.status))
            .region(self.region)
            .from(self.reported.day())
            .party("instrument", entry.instrument.id())
            .party("unit", self.unit.id())
            .party("reporter", entry.reporter.id())
            .inside("unit")
            .inside("reporter")
            .inside_office(OFFICE)
            .inside_office("auditor")
            .facet("trouble", grammar::desk::plain_word(&entry.trouble))
            .text(&entry.what)
    }

    /// Who uses an instrument can be read from it, so it is for both sides and the office.
    fn veil(&mut self, viewer: &Viewer) -> Sight {
        if viewer.is_inside(&self.card()) { Sight::Seen } else { Sight::Hidden }
    }

    fn veil_event(this: &Self, event: Event, viewer: &Viewer) -> Option<Event> {
        viewer.is_inside(&this.card()).then_some(event)
    }

    fn check(&self) {
        assert_eq!(self.status == Status::Resolved, self.resolved.is_some());
        assert!(self.remarks.len() <= REMARKS_MAX);
    }
}
