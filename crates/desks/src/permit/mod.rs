//! Permit (上机资格): that a person has been trained on an instrument and may run it, until a day.
//!
//! asked → trained → valid → expired, or withdrawn. The keeper may also grant one at once, and whoever passes a training session
//! is given one. Time ends it by itself; shortly before that it says so, and the keeper or the next session can renew it.
//! Where the instrument's unit puts several in one group, a permit for one opens them all.

use grammar::prelude::*;

use crate::{instrument::Instrument, organisation::Organisation, person::Person};

mod beside;
mod passing;
#[cfg(test)]
mod stories;

use passing::group_of;
pub use passing::name;

/// How long before its end a permit says that it ends, in days.
const WARN_DAYS: Rule<i64> = rule("BK-P20");
/// The longest time for which one is granted, in months.
const MONTHS_MOST: Rule<i64> = rule("BK-P21");
const OFFICE: &str = "instrument-office";

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Status {
    Asked,
    Trained,
    Valid,
    Expired,
    Withdrawn,
}

/// A permit as it stands now.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Permit {
    instrument: Ref<Instrument>,
    title: Bilingual<200>,
    unit: Ref<Organisation>,
    region: Region,
    person: Ref<Person>,
    status: Status,
    trained: Option<Day>,
    until: Option<Day>,
    warned: bool,
    warn_from: Option<Day>,
    reason: Option<Text<500>>,
    /// The unit's group of instruments that it opens.
    #[serde(default)]
    group: Option<Text<60>>,
}

/// What can be asked of it.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "verb", rename_all = "kebab-case")]
pub enum Command {
    Ask {
        instrument: Ref<Instrument>,
        person: Ref<Person>,
    },
    Grant {
        instrument: Ref<Instrument>,
        person: Ref<Person>,
        trained: Day,
        until: Day,
    },
    Train {
        on: Day,
    },
    SignOff {
        until: Day,
    },
    Renew {
        until: Day,
    },
    Withdraw {
        reason: Text<500>,
    },
    /// The person passed a training session.
    Pass {
        instrument: Ref<Instrument>,
        person: Ref<Person>,
        trained: Day,
        until: Day,
    },
    Warn,
    Expire,
}

/// What can have happened to it. Additions only: these words stay in the log for good.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "event", rename_all = "kebab-case")]
pub enum Event {
    Asked {
        instrument: Ref<Instrument>,
        title: Bilingual<200>,
        unit: Ref<Organisation>,
        region: Region,
        person: Ref<Person>,
        #[serde(default)]
        group: Option<Text<60>>,
    },
    Trained {
        on: Day,
    },
    Granted {
        until: Day,
        warn_from: Day,
    },
    /// The group has been set or changed since it was asked for.
    Grouped {
        group: Option<Text<60>>,
    },
    Withdrawn {
        reason: Text<500>,
    },
    Warned,
    Expired,
}

/// Why it says no. The sentences are in `words.*.toml`, under the same names.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(tag = "code", rename_all = "kebab-case")]
pub enum Refusal {
    TrainedLater { on: Day },
    EndsInThePast { until: Day },
    TooLong { months: i64 },
}

use {Command::*, Event::*, Refusal::*};

impl Desk for Permit {
    const NAME: &'static str = "permit";
    const OPENS: &'static [&'static str] = &["ask", "grant", "pass"];
    const WORDS: [&'static str; 2] = [include_str!("words.zh.toml"), include_str!("words.en.toml")];
    const RULES: &'static str = include_str!("rules.toml");
    const BESIDE: &'static [(&'static str, &'static str)] = beside::BESIDE;
    type Command = Command;
    type Event = Event;
    type Refusal = Refusal;

    fn who(command: &Command) -> Who {
        match command {
            Ask { .. } => Who::Party("person"),
            Grant { .. } | Train { .. } | SignOff { .. } | Renew { .. } | Withdraw { .. } => {
                Who::Party("unit")
            }
            Pass { .. } => Who::Desk("training"),
            Warn | Expire => Who::Clock,
        }
    }

    fn decide(this: Option<&Self>, command: &Command, ctx: &Ctx) -> Decision<Self> {
        let Some(p) = this else { return begin(command, ctx) };
        match (p.status, command.clone()) {
            (Status::Asked, Train { on }) => {
                ensure(on <= ctx.today(), TrainedLater { on })?;
                Ok(say(Trained { on }))
            }
            (Status::Trained, SignOff { until }) | (Status::Valid | Status::Expired, Renew { until }) => {
                Ok(say(granted(until, ctx)?))
            }
            (_, Pass { instrument, person, trained, until }) => {
                p.passes((instrument, person), trained, until, ctx)
            }
            (Status::Asked | Status::Trained | Status::Valid, Withdraw { reason }) => {
                Ok(say(Withdrawn { reason }))
            }
            (Status::Valid, Warn) if !p.warned => Ok(say(Warned)),
            (Status::Valid, Expire) if p.until.is_some_and(|until| until < ctx.today()) => Ok(say(Expired)),
            _ => not_now(),
        }
    }

    fn apply(this: Option<Self>, event: &Event) -> Self {
        let Some(mut p) = this else {
            let Event::Asked { instrument, title, unit, region, person, group } = event.clone() else {
                impossible(event)
            };
            let (status, trained, until, warned) = (Status::Asked, None, None, false);
            let (warn_from, reason) = (None, None);
            return Self {
                instrument,
                title,
                unit,
                region,
                person,
                status,
                trained,
                until,
                warned,
                warn_from,
                reason,
                group,
            };
        };
        match event.clone() {
            Event::Asked { .. } => impossible(event),
            Event::Trained { on } => (p.status, p.trained) = (Status::Trained, Some(on)),
            Granted { until, warn_from } => {
                (p.status, p.until, p.warn_from, p.warned) =
                    (Status::Valid, Some(until), Some(warn_from), false);
                p.reason = None;
            }
            Grouped { group } => p.group = group,
            Event::Withdrawn { reason } => (p.status, p.reason) = (Status::Withdrawn, Some(reason)),
            Warned => p.warned = true,
            Event::Expired => p.status = Status::Expired,
        }
        p
    }

    fn due(&self) -> Option<Due<Command>> {
        let (until, warn_from) = self.until.zip(self.warn_from).filter(|_| self.status == Status::Valid)?;
        Some(if self.warned { Due::after(until, Expire) } else { Due::at(warn_from.begins(), Warn) })
    }

    fn card(&self) -> Card {
        let mut card = Card::new()
            .titled(format!("上机资格：{}", self.title.zh()), format!("permit: {}", self.title.en()))
            .status(&grammar::desk::plain_word(&self.status))
            .region(self.region)
            .party("instrument", self.instrument.id())
            .party("unit", self.unit.id())
            .party("person", self.person.id())
            .inside("unit")
            .inside("person")
            .inside_office(OFFICE)
            .inside_office("auditor")
            .fact("ends_soon", self.warned);
        if let Some(until) = self.until {
            card = card.until(until);
        }
        if let Some(group) = &self.group {
            card = card.fact("group", group);
        }
        card
    }

    fn is_certificate(&self) -> bool {
        self.status == Status::Valid
    }

    /// Who may run what is for the keeper and the person.
    fn veil(&mut self, viewer: &Viewer) -> Sight {
        if viewer.is_inside(&self.card()) { Sight::Seen } else { Sight::Hidden }
    }

    fn veil_event(this: &Self, event: Event, viewer: &Viewer) -> Option<Event> {
        viewer.is_inside(&this.card()).then_some(event)
    }

    fn check(&self) {
        assert!(self.status != Status::Valid || self.until.is_some());
        assert_eq!(self.until.is_some(), self.warn_from.is_some());
    }
}

fn begin(command: &Command, ctx: &Ctx) -> Decision<Permit> {
    let (Ask { instrument, person } | Grant { instrument, person, .. } | Pass { instrument, person, .. }) =
        command.clone()
    else {
        return not_now();
    };
    let card = ctx.see(instrument);
    let title = Bilingual { zh: Text::read(&card.title_zh), en: Text::read(&card.title_en) };
    let (unit, region) = (card.the("unit").r(), card.scope());
    let group = group_of(instrument, ctx);
    let asked = say(Event::Asked { instrument, title, unit, region, person, group });
    let (Grant { trained, until, .. } | Pass { trained, until, .. }) = *command else { return Ok(asked) };
    ensure(trained <= ctx.today(), TrainedLater { on: trained })?;
    Ok(asked.say(Event::Trained { on: trained }).say(granted(until, ctx)?))
}

/// Granted until a day that is neither over nor too far away.
fn granted(until: Day, ctx: &Ctx) -> Result<Event, No<Refusal>> {
    let months = ctx.rule(MONTHS_MOST);
    let last = ctx.today().plus_months(i32::try_from(months).unwrap_or(i32::MAX));
    ensure(ctx.today() <= until, EndsInThePast { until })?;
    ensure(until <= last, TooLong { months }).by(MONTHS_MOST)?;
    let warn = i32::try_from(ctx.rule(WARN_DAYS)).unwrap_or(0);
    Ok(Granted { until, warn_from: until.plus_days(-warn).max(ctx.today()) })
}
