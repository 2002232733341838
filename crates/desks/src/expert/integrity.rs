//! Integrity (科研诚信): what bars an expert for a time, how it ends, and how it is contested.
//!
//! A ground is an act. That a project failed is none (XX-R12), so there is no such word. What is over or repaired is
//! hidden, never deleted (PG-R54).

use grammar::prelude::*;

use super::{
    Command::{self, *},
    Event::*,
    Expert,
    Refusal::{self, *},
};

const SANCTIONS_MAX: usize = 20;

/// Levels and their longest times in months (PG-R52).
const SERIOUS_MOST: Rule<i64> = rule("PG-R52");
const GRAVE_MOST: Rule<i64> = rule("PG-R52-GRAVE");
/// Working days for an objection.
const APPEAL: Rule<Period> = rule("PG-R52-APPL");
/// How long an expired record can still be read by those in charge, in months.
const WINDOW: Rule<i64> = rule("PG-R54");
/// Working days until a repaired or lifted record is no longer shown.
const REMOVAL: Rule<Period> = rule("PG-R54-GONE");

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
#[schemars(inline)]
pub enum Level {
    /// A warning or a talk; bars nothing.
    Warning,
    Serious,
    Grave,
    VeryGrave,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
#[schemars(inline)]
pub enum Ground {
    DidNotWithdraw,
    ReviewedForAnother,
    BrokeSecrecy,
    TookAdvantage,
    JudgedUnfairly,
    Plagiarism,
    Fabrication,
    Falsification,
    FalseStatements,
    BoughtPapers,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Contest {
    pub on: Day,
    pub text: Text<2000>,
    /// Whether it was upheld; nothing until it is decided.
    pub upheld: Option<bool>,
    pub answer: Option<Text<2000>>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Penalty {
    /// 1 for the first.
    pub number: u32,
    pub level: Level,
    pub ground: Ground,
    pub from: Day,
    /// Nothing: for life.
    pub until: Option<Day>,
    pub document: Text<200>,
    pub appeal_until: Day,
    pub appeal: Option<Contest>,
    /// Over, repaired or lifted.
    pub ended: Option<Day>,
    /// The last day on which the record shows it; then only the log has it.
    pub shown_until: Option<Day>,
}

impl Penalty {
    /// Whether it keeps the expert from reviewing.
    #[must_use]
    pub fn bars(&self) -> bool {
        self.ended.is_none() && self.level != Level::Warning
    }

    /// The day after which something happens to it by itself.
    fn next(&self) -> Option<Day> {
        if self.ended.is_some() { self.shown_until } else { self.until }
    }
}

fn months(number: i64) -> i32 {
    i32::try_from(number).unwrap_or(i32::MAX)
}

impl Expert {
    pub(super) fn integrity(&self, command: &Command, ctx: &Ctx) -> Decision<Self> {
        match command.clone() {
            Sanction { level, from, until, ground, document } => {
                self.fits(level, from, until, ctx)?;
                ensure(self.own().sanctions.len() < SANCTIONS_MAX, TooMany { max: SANCTIONS_MAX })?;
                let number = self.own().sanctions_had + 1;
                let appeal_until = ctx.calendar().last_day(ctx.today(), ctx.rule(APPEAL));
                let (appeal, ended, shown_until) = (None, None, None);
                let sanction = Penalty {
                    number,
                    level,
                    ground,
                    from,
                    until,
                    document,
                    appeal_until,
                    appeal,
                    ended,
                    shown_until,
                };
                let bars = sanction.bars();
                let said = say(Sanctioned(Box::new(sanction)));
                Ok(if bars { self.alarm_all(said, super::Why::Sanctioned, ctx) } else { said })
            }
            Appeal { sanction, text } => {
                let held = self.sanction(sanction)?;
                let last = held.appeal_until;
                ensure(held.appeal.is_none(), AppealedAlready { sanction })?;
                ensure(ctx.today() <= last, TooLateToAppeal { last }).by(APPEAL)?;
                Ok(say(Appealed { sanction, on: ctx.today(), text }))
            }
            DecideAppeal { sanction, upheld, answer } => {
                let waits = self.sanction(sanction)?.appeal.as_ref().is_some_and(|a| a.upheld.is_none());
                ensure(waits, NothingAppealed { sanction })?;
                let shown_until = ctx.calendar().last_day(ctx.today(), ctx.rule(REMOVAL));
                Ok(say(AppealDecided { shown_until, sanction, on: ctx.today(), upheld, answer }))
            }
            Repair { sanction, reason } => {
                let held = self.sanction(sanction)?;
                ensure(held.ended.is_none(), SanctionIsOver { sanction })?;
                let shown_until = ctx.calendar().last_day(ctx.today(), ctx.rule(REMOVAL));
                Ok(say(Repaired { sanction, on: ctx.today(), shown_until, reason }))
            }
            EndSanction => {
                let due = self.own().sanctions.iter().find(|s| s.next().is_some_and(|day| day < ctx.today()));
                let Some(sanction) = due else { return not_now() };
                let number = sanction.number;
                if sanction.ended.is_some() {
                    return Ok(say(SanctionHidden { sanction: number }));
                }
                let on = sanction.until.unwrap_or(ctx.today());
                let shown_until = on.plus_months(months(ctx.rule(WINDOW)));
                Ok(say(SanctionEnded { sanction: number, on, shown_until }))
            }
            _ => not_now(),
        }
    }

    fn sanction(&self, number: u32) -> Result<&Penalty, Refusal> {
        self.own().sanctions.iter().find(|s| s.number == number).ok_or(NoSuchSanction { sanction: number })
    }

    fn fits(&self, level: Level, from: Day, until: Option<Day>, ctx: &Ctx) -> Result<(), No<Refusal>> {
        ensure(from <= ctx.today(), BeginsLater { from })?;
        ensure(until.is_none_or(|until| until >= ctx.today()), EndsInThePast)?;
        let (serious, grave) = (ctx.rule(SERIOUS_MOST), ctx.rule(GRAVE_MOST));
        let (third, fifth) = (from.plus_months(months(serious)), from.plus_months(months(grave)));
        let fits = match (level, until) {
            (Level::Warning, _) => true,
            (Level::Serious, Some(until)) => until <= third,
            (Level::Grave, Some(until)) => third < until && until <= fifth,
            (Level::VeryGrave, Some(until)) => fifth < until,
            (Level::VeryGrave, None) => true,
            (Level::Serious | Level::Grave, None) => false,
        };
        ensure(fits, LengthDoesNotFit { serious, grave }).by(SERIOUS_MOST)
    }

    /// The next day after which a sanction ends or is hidden by itself.
    pub(super) fn next_end(&self) -> Option<Day> {
        let own = self.own.as_ref()?;
        own.sanctions.iter().filter_map(Penalty::next).min()
    }
}
