//! Office: an appointment. A person holds an office in a region from a day on, by a document.
//!
//! in-force → ended, by the appointing office or by the clock after the last day. The person's desk is told
//! of both, and refuses what one person must not be at the same time.

use grammar::{desk::plain_word, prelude::*};

use crate::person::{self, Person};

mod beside;
mod duty;
#[cfg(test)]
mod stories;

pub use duty::Duty;

/// An appointment names its document and does not reach back.
const NOT_BACKDATED: Rule<bool> = rule("OF-R01");

/// An appointment as it stands now. Always: once ended, it stays ended.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Office {
    holder: Ref<Person>,
    office: Duty,
    region: Region,
    from: Day,
    until: Option<Day>,
    document: Text<300>,
    ended: Option<Day>,
}

/// What can be asked of it.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "verb", rename_all = "kebab-case")]
pub enum Command {
    Appoint {
        holder: Ref<Person>,
        office: Duty,
        region: Region,
        from: Day,
        until: Option<Day>,
        document: Text<300>,
    },
    End {
        reason: Text<300>,
    },
    Lapse,
}

/// What can have happened to it. Additions only: these words stay in the log for good.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "event", rename_all = "kebab-case")]
pub enum Event {
    Appointed {
        holder: Ref<Person>,
        office: Duty,
        region: Region,
        from: Day,
        until: Option<Day>,
        document: Text<300>,
    },
    Ended {
        on: Day,
        reason: Text<300>,
    },
    Lapsed {
        on: Day,
    },
}

/// Why it says no. The sentences are in `words.*.toml`, under the same names.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(tag = "code", rename_all = "kebab-case")]
pub enum Refusal {
    HolderIsErased { holder: Ref<Person> },
    BeginsInThePast { from: Day },
    EndsBeforeItBegins { from: Day, until: Day },
}

use {Command::*, Event::*, Refusal::*};

impl Desk for Office {
    const NAME: &'static str = "office";
    const OPENS: &'static [&'static str] = &["appoint"];
    const WORDS: [&'static str; 2] = [include_str!("words.zh.toml"), include_str!("words.en.toml")];
    const RULES: &'static str = include_str!("rules.toml");
    const BESIDE: &'static [(&'static str, &'static str)] = beside::BESIDE;
    type Command = Command;
    type Event = Event;
    type Refusal = Refusal;

    fn who(command: &Command) -> Who {
        match command {
            Appoint { .. } => Who::Two(&Who::Office("system-admin")),
            End { .. } => Who::Office("system-admin"),
            Lapse => Who::Clock,
        }
    }

    fn decide(this: Option<&Self>, command: &Command, ctx: &Ctx) -> Decision<Self> {
        match (this.filter(|o| o.ended.is_none()), command.clone()) {
            (None, Appoint { holder, office, region, from, until, document }) if this.is_none() => {
                let last = until.unwrap_or(from);
                ensure(ctx.see(holder).status == "active", HolderIsErased { holder })?;
                ensure(ctx.today() <= from, BeginsInThePast { from }).by(NOT_BACKDATED)?;
                ensure(from <= last, EndsBeforeItBegins { from, until: last })?;
                let taking = person::Command::TakeOffice { appointment: ctx.me, office: word(office) };
                let appointed = Appointed { holder, office, region, from, until, document };
                Ok(say(appointed).and(tell(holder, &taking)))
            }
            (Some(o), End { reason }) => Ok(say(Ended { on: ctx.today(), reason }).and(o.leaving(ctx))),
            (Some(o), Lapse) if o.until.is_some_and(|until| until < ctx.today()) => {
                Ok(say(Lapsed { on: o.until.unwrap_or(ctx.today()) }).and(o.leaving(ctx)))
            }
            _ => not_now(),
        }
    }

    fn apply(this: Option<Self>, event: &Event) -> Self {
        let Some(mut o) = this else {
            let Appointed { holder, office, region, from, until, document } = event.clone() else {
                impossible(event)
            };
            return Self { holder, office, region, from, until, document, ended: None };
        };
        match *event {
            Appointed { .. } => impossible(event),
            Ended { on, .. } | Lapsed { on } => o.ended = Some(on),
        }
        o
    }

    fn due(&self) -> Option<Due<Command>> {
        self.until.filter(|_| self.ended.is_none()).map(|until| Due::after(until, Lapse))
    }

    /// The charter reads `holder`, the facet `office`, the region and the days; only `in-force` counts.
    fn card(&self) -> Card {
        let [zh, en] = self.office.names();
        let card = Card::new()
            .titled(format!("{}{zh}", self.region.zh()), format!("{en}, {}", self.region.en()))
            .status(if self.ended.is_none() { "in-force" } else { "ended" })
            .region(self.region)
            .party("holder", self.holder.id())
            .facet("office", plain_word(&self.office))
            .source(&self.document)
            .from(self.from);
        match self.ended.or(self.until) {
            Some(until) => card.until(until),
            None => card,
        }
    }
}

impl Office {
    fn leaving(&self, ctx: &Ctx) -> Tell {
        tell(self.holder, &person::Command::LeaveOffice { appointment: ctx.me })
    }
}

fn word(office: Duty) -> Text<40> {
    Text::read(&plain_word(&office)).unwrap_or_else(|| impossible(&office))
}
