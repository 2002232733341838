//! Instrument: a large research instrument in the region's catalogue, who may use it and at what charge.
//!
//! normal ⇄ repair, either → scrapped. Instruments above a value that fiscal money paid for must be
//! reported within a period after acceptance. Late reports are taken in; the delay stays on record.

use grammar::prelude::*;

mod entry;
#[cfg(test)]
mod stories;

pub use entry::{Category, Entry, Funding, Sharing, Terms};
use entry::{sensible, sensible_terms};

/// From this value on, an instrument belongs to the region's catalogue.
const REGION_VALUE: Rule<Money> = rule("IN-R01");
/// From this value on, it belongs to the national evaluation.
const NATIONAL_VALUE: Rule<Money> = rule("IN-R02");
/// Fiscal money obliges to report.
const FISCAL_REPORTS: Rule<bool> = rule("IN-R03");
/// How long after acceptance.
const REPORT_WITHIN: Rule<Period> = rule("IN-R04");
/// Charges are published and cover costs.
const CHARGES_OPEN: Rule<bool> = rule("IN-R16");

const OFFICE: &str = "instrument-office";

/// What the rules of its day make of an instrument's value, money and dates.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Duty {
    in_region_scope: bool,
    in_national_scope: bool,
    must_report: bool,
    /// The last day for reporting, when it must be reported and has been accepted.
    report_until: Option<Day>,
    reported_late: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Status {
    Normal,
    Repair,
    Scrapped,
}

/// An instrument as it stands now.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Instrument {
    itself: Ref<Instrument>,
    status: Status,
    entry: Entry,
    duty: Duty,
    reported: Day,
    reason: Option<Text<500>>,
    /// When it is expected back from repair.
    back: Option<Day>,
}

/// What can be asked of it.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "verb", rename_all = "kebab-case")]
pub enum Command {
    Report(Entry),
    Amend(Entry),
    SetSharing { terms: Terms },
    Suspend { reason: Text<500>, back: Option<Day> },
    Resume,
    Scrap { reason: Text<500> },
}

/// What can have happened to it. Additions only: these words stay in the log for good.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "event", rename_all = "kebab-case")]
pub enum Event {
    Reported { itself: Ref<Instrument>, on: Day, entry: Entry, duty: Duty },
    Amended { entry: Entry, duty: Duty },
    SharingSet { terms: Terms },
    Suspended { reason: Text<500>, back: Option<Day> },
    Resumed,
    Scrapped { reason: Text<500> },
}

/// Why it says no. The sentences are in `words.*.toml`, under the same names.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(tag = "code", rename_all = "kebab-case")]
pub enum Refusal {
    NoName,
    NotAnAmount { value: Money },
    CodeChanges,
    UnitChanges,
    AcceptedLater { accepted: Day },
    AcceptedBeforePurchase { purchased: Day, accepted: Day },
    SharesDoNotSum,
    NoReasonNotToShare,
    NoChargeStandard,
    BackInThePast { back: Day },
}

use {Command::*, Event::*, Refusal::*};

/// The duty to report, by the rules of the instrument's own region, for a report made on `reported`.
fn duty(entry: &Entry, reported: Day, ctx: &Ctx) -> Duty {
    let (rules, here, born) = (ctx.rules, entry.region, ctx.born);
    let in_region_scope = entry.value >= rules.value(REGION_VALUE, here, born);
    let must_report = entry.fiscal && in_region_scope && rules.value(FISCAL_REPORTS, here, born);
    let within = rules.value(REPORT_WITHIN, here, born);
    let accepted = entry.accepted.filter(|_| must_report);
    let report_until = accepted.map(|day| ctx.calendar().last_day(day, within));
    Duty {
        in_region_scope,
        in_national_scope: entry.value >= rules.value(NATIONAL_VALUE, here, born),
        must_report,
        report_until,
        reported_late: report_until.is_some_and(|until| until < reported),
    }
}

impl Instrument {
    /// Whether units outside can use it now.
    #[must_use]
    fn is_open(&self) -> bool {
        self.status == Status::Normal && self.entry.terms.sharing == Sharing::External
    }
}

impl Desk for Instrument {
    const NAME: &'static str = "instrument";
    const OPENS: &'static [&'static str] = &["report"];
    const WORDS: [&'static str; 2] = [include_str!("words.zh.toml"), include_str!("words.en.toml")];
    const RULES: &'static str = include_str!("rules.toml");
    type Command = Command;
    type Event = Event;
    type Refusal = Refusal;

    fn who(command: &Command) -> Who {
        match command {
            Report(_) | Amend(_) | Suspend { .. } | Resume => {
                Who::Either(&[Who::Party("unit"), Who::Office(OFFICE)])
            }
            SetSharing { .. } | Scrap { .. } => Who::Either(&[Who::Signatory("unit"), Who::Office(OFFICE)]),
        }
    }

    fn decide(this: Option<&Self>, command: &Command, ctx: &Ctx) -> Decision<Self> {
        match (this, command.clone()) {
            (None, Report(entry)) => {
                let on = ctx.today();
                sensible(&entry, on)?;
                let duty = duty(&entry, on, ctx);
                Ok(say(Reported { itself: ctx.me.r(), on, entry, duty }))
            }
            (Some(i), Amend(mut entry)) if i.status != Status::Scrapped => {
                // How far it is shared is for those who may sign; whoever mends the rest leaves it as it is.
                entry.terms = i.entry.terms.clone();
                ensure(entry.code == i.entry.code, CodeChanges)?;
                ensure(entry.unit == i.entry.unit, UnitChanges)?;
                sensible(&entry, ctx.today())?;
                let duty = duty(&entry, i.reported, ctx);
                Ok(say(Amended { entry, duty }))
            }
            (Some(i), SetSharing { terms }) if i.status != Status::Scrapped => {
                sensible_terms(&terms)?;
                Ok(say(SharingSet { terms }))
            }
            (Some(i), Suspend { reason, back }) if i.status == Status::Normal => {
                let past = back.filter(|back| *back < ctx.today());
                ensure(past.is_none(), BackInThePast { back: past.unwrap_or(ctx.today()) })?;
                Ok(say(Suspended { reason, back }))
            }
            (Some(i), Resume) if i.status == Status::Repair => Ok(say(Resumed)),
            (Some(i), Scrap { reason }) if i.status != Status::Scrapped => Ok(say(Scrapped { reason })),
            _ => not_now(),
        }
    }

    fn apply(this: Option<Self>, event: &Event) -> Self {
        let Some(mut i) = this else {
            let Reported { itself, on, entry, duty } = event.clone() else { impossible(event) };
            let status = Status::Normal;
            return Self { itself, status, entry, duty, reported: on, reason: None, back: None };
        };
        match event.clone() {
            Reported { .. } => impossible(event),
            Amended { entry, duty } => (i.entry, i.duty) = (entry, duty),
            SharingSet { terms } => i.entry.terms = terms,
            Suspended { reason, back } => {
                (i.status, i.reason, i.back) = (Status::Repair, Some(reason), back);
            }
            Resumed => (i.status, i.reason, i.back) = (Status::Normal, None, None),
            Scrapped { reason } => (i.status, i.reason, i.back) = (Status::Scrapped, Some(reason), None),
        }
        i
    }

    fn card(&self) -> Card {
        let (entry, duty) = (&self.entry, &self.duty);
        let sharing = grammar::desk::plain_word(&entry.terms.sharing);
        let mut card = Card::new()
            .title(&entry.name)
            .status(&grammar::desk::plain_word(&self.status))
            .region(entry.region)
            .key("instrument", &entry.code)
            .amount(entry.value)
            .party("itself", self.itself.id())
            .party("unit", entry.unit.id())
            .text(&entry.functions.joined())
            .facet("category", grammar::desk::plain_word(&entry.category))
            .facet("sharing", &sharing)
            .fact("sharing", &sharing)
            .fact("must_report", duty.must_report)
            .fact("reported_late", duty.reported_late)
            .fact("in_national_scope", duty.in_national_scope)
            .keywords(entry.keywords.iter().map(ToString::to_string).collect::<Vec<_>>().join(" "))
            .source(entry.source.as_deref().unwrap_or(""));
        for text in entry.model.as_deref().into_iter().chain(entry.maker.as_deref()) {
            card = card.text(text);
        }
        if let Some(samples) = &entry.samples {
            card = card.text(&samples.joined());
        }
        if let Some(laboratory) = entry.laboratory {
            card = card.party("laboratory", laboratory.id());
        }
        if let Some(field) = entry.field {
            card = card.field(&field.word());
        }
        if let Some(place) = entry.place {
            card = card.place(place.latitude(), place.longitude());
        }
        if let Some(back) = self.back {
            card = card.until(back);
        }
        card.offer_if(self.is_open())
    }

    fn check(&self) {
        assert!(self.entry.value.is_positive() && !self.entry.name.is_empty());
        assert!((self.status == Status::Normal) == self.reason.is_none());
        assert!(self.entry.terms.sharing != Sharing::External || self.entry.terms.charges.is_some());
    }
}
