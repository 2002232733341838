//! Fields: what is asked for, the sittings it comes to, and what is kept of the instrument's terms.

use engines::booking::{self as engine, HOUR};
use grammar::prelude::*;

use super::{
    Booking, Refusal, SITTINGS_MAX,
    agreed::Agreed,
    asking::china,
    extras::{self, Extras, Presence, SETUPS_MAX, WANTED_MAX, Wanted},
    questions::{self, AllPosed, Answers},
};
use crate::{
    agreement::Agreement,
    allowance::Limits,
    calendar::{Buffer, Places, Quota, Times, Unrestricted, length_of, span_of},
    instrument::{Confirmation, Instrument, Mode, Opening, UNRESTRICTED_MAX, Using, within_hours},
    organisation::Organisation,
    permit::Permit,
    person::Person,
};

/// Charged by the hour, by the sample, or by the shift of eight hours.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
#[schemars(inline)]
pub enum Basis {
    ByHour,
    BySample,
    ByShift,
}

/// What it is for. Sharing counts research and development alone (IN-R08).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
#[schemars(inline)]
pub enum Purpose {
    Research,
    Teaching,
    StatutoryCertification,
    EnforcementInspection,
    CommercialAcceptance,
    Filming,
    Medical,
    TelecomBilling,
    MassInspection,
}

/// A series: again after so many days, so many times in all.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[schemars(inline)]
pub struct Every {
    pub days: Between<1, 92>,
    pub times: Between<2, 52>,
}

/// What is asked for.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Request {
    pub instrument: Ref<Instrument>,
    pub buyer: Ref<Organisation>,
    pub from: Moment,
    pub minutes: Between<5, 20_160>,
    pub every: Option<Every>,
    pub basis: Basis,
    pub samples: Option<Between<1, 10_000>>,
    pub purpose: Purpose,
    pub project: Option<Text<60>>,
    /// Samples, method, accessories, dangers: for the keeper.
    pub detail: Text<1000>,
    pub permit: Option<Ref<Permit>>,
    /// The booking that an emergency displaced: then this one is first in line.
    pub instead_of: Option<Ref<Booking>>,
    #[serde(default)]
    pub way: Option<Presence>,
    #[serde(default)]
    pub accessories: List<Wanted, WANTED_MAX>,
    #[serde(default)]
    pub consumables: List<Wanted, WANTED_MAX>,
    /// What is to be ready before it begins.
    #[serde(default)]
    pub setups: List<Text<200>, SETUPS_MAX>,
    /// Someone of the unit is to run it.
    #[serde(default)]
    pub wants_operator: bool,
    /// Who is there too, outside the hours in which someone of the unit is.
    #[serde(default)]
    pub companion: Option<Ref<Person>>,
    /// To what its keeper asks.
    #[serde(default)]
    pub answers: Answers,
    /// At whose charge, or from whose hours, it is.
    #[serde(default)]
    pub agreement: Option<Ref<Agreement>>,
    pub no_secrets: bool,
}

impl Request {
    /// Every time it asks for.
    #[must_use]
    pub fn wished(&self) -> Vec<Times> {
        let (step, count) = self.every.map_or((0, 1), |every| (every.days.get(), every.times.get()));
        let at = |nth: i64| {
            let from = self.from.plus_millis(nth * step * engine::DAY);
            Times { from, until: from.plus_millis(self.minutes.get() * engine::MINUTE) }
        };
        (0..count).map(at).collect()
    }
}

/// What has become of one sitting.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Came {
    Planned,
    Running,
    Done,
    Missed,
    Displaced,
    Cancelled,
}

/// One time at the instrument.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Sitting {
    pub times: Times,
    pub came: Came,
    pub started: Option<Moment>,
    pub stopped: Option<Moment>,
}

impl Sitting {
    pub(super) fn planned(times: Times) -> Self {
        Self { times, came: Came::Planned, started: None, stopped: None }
    }

    /// When it really ran, in milliseconds.
    pub(super) fn span(&self) -> Option<(i64, i64)> {
        let (from, until) = self.started.zip(self.stopped)?;
        (from < until).then_some((from.in_millis(), until.in_millis()))
    }

    /// Minutes it really ran.
    #[must_use]
    pub fn ran(&self) -> i64 {
        let times = self.started.zip(self.stopped);
        times.map_or(0, |(from, until)| length_of(Times { from, until }).max(0))
    }
}

/// Why a time of a series was left out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum SkipWhy {
    Closed,
    Taken,
    TooFarAhead,
    /// None of its operators can.
    NobodyToRunIt,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Skipped {
    pub times: Times,
    pub why: SkipWhy,
}

pub type Sittings = List<Sitting, SITTINGS_MAX>;
pub type Skips = List<Skipped, SITTINGS_MAX>;

/// What is kept of the instrument and its terms, as they were when it was booked.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Terms {
    pub title: Bilingual<200>,
    pub provider: Ref<Organisation>,
    pub region: Region,
    /// The buyer is the managing unit itself.
    pub is_inside: bool,
    /// The buyer is related to it.
    pub is_related: bool,
    pub confirmation: Confirmation,
    pub is_supervised: bool,
    pub buffer: Buffer,
    pub daily: Option<Quota>,
    pub weekly: Option<Quota>,
    /// What one buyer may have beyond that.
    #[serde(default)]
    pub limits: Limits,
    pub late_hours: i64,
    pub late_share: Option<Share>,
    pub absent_share: Option<Share>,
    /// Whoever has not begun so many minutes after the beginning is absent.
    #[serde(default)]
    pub absent_minutes: Option<Between<5, 1_440>>,
    /// Whoever runs it needs a licence.
    #[serde(default)]
    pub needs_licence: bool,
    /// Accessories and consumables that were asked for, at the charge of that day.
    #[serde(default)]
    pub extras: Extras,
    /// What its keeper asks, and what a number costs.
    #[serde(default)]
    pub questions: AllPosed,
    /// How many may use it at once.
    #[serde(default)]
    pub places: Option<Places>,
    /// What an hour, a sample or a shift costs this buyer; none where the keeper quotes the price.
    #[serde(default)]
    pub unit_charge: Option<Money>,
    #[serde(default)]
    pub operator_hour: Option<Money>,
    /// Hours in which its quotas do not count.
    #[serde(default)]
    pub unrestricted: List<Opening, UNRESTRICTED_MAX>,
    /// The agreement it is under.
    #[serde(default)]
    pub agreed: Option<Agreed>,
    /// How the instrument's time was given then.
    #[serde(default)]
    pub mode: Mode,
}

impl Terms {
    /// Whether it is late to cancel a sitting of these times.
    #[must_use]
    pub fn is_late(&self, times: Times, now: Moment) -> bool {
        let terms = engine::Terms { late: Some(self.late_hours * HOUR), ..engine::Terms::default() };
        let is_near = |span| engine::is_late(&terms, span, now.in_millis());
        self.late_hours > 0 && span_of(times).is_some_and(is_near)
    }

    /// `kind` is what kind of unit the buyer is.
    pub(super) fn of(card: &Card, using: &Using, request: &Request, kind: &str) -> Result<Self, Refusal> {
        let (unit, buyer) = (card.the("unit"), request.buyer);
        let questions = questions::posed(card, using);
        let (is_inside, is_quoted) = (unit == buyer.id(), using.confirmation == Confirmation::ByQuote);
        Ok(Self {
            title: Bilingual { zh: Text::read(&card.title_zh), en: Text::read(&card.title_en) },
            provider: unit.r(),
            region: card.scope(),
            is_inside,
            is_related: using.related.contains(&buyer),
            confirmation: using.confirmation,
            is_supervised: using.is_supervised || using.needs_licence || request.wants_operator,
            buffer: using.buffer_minutes,
            daily: using.daily_minutes,
            weekly: using.weekly_minutes,
            limits: using.limits,
            late_hours: using.late_hours.map_or(0, Between::get),
            late_share: using.late_share,
            absent_share: using.absent_share,
            absent_minutes: using.absent_minutes,
            needs_licence: using.needs_licence,
            extras: extras::asked(using, request, questions::counted_at_booking(&questions, request))?,
            questions,
            places: using.places,
            unit_charge: unit_charge(using, request.basis, is_inside, kind),
            operator_hour: using.charges.operator_hour.filter(|_| !is_quoted),
            unrestricted: using.unrestricted.clone(),
            agreed: None,
            mode: using.mode,
        })
    }

    /// What of some times no quota counts. Where that is too much to be told, all of it counts.
    pub(super) fn uncounted(&self, all: &[Times]) -> Unrestricted {
        let at = Moment::from_millis;
        let of = |times: &Times| within_hours(&self.unrestricted, *times, &china());
        let spans = all.iter().map(of).collect::<Vec<_>>();
        let times = spans.iter().flat_map(|spans| spans.iter());
        let times = times.map(|span| Times { from: at(span.from()), until: at(span.until()) });
        List::new(times.collect()).unwrap_or_default()
    }

    /// Whether it stands as soon as it is asked for.
    pub(super) fn is_at_once(&self) -> bool {
        self.confirmation == Confirmation::AtOnce && !self.is_supervised
    }
}

/// What one hour, sample or shift costs; `None` when the instrument has no such charge.
fn unit_charge(using: &Using, basis: Basis, is_inside: bool, kind: &str) -> Option<Money> {
    let (charges, class) = (&using.charges, using.of_class(kind));
    let (inside, outside, class) = match basis {
        Basis::ByHour => (charges.inside_hour, charges.outside_hour, class.and_then(|one| one.class_hour)),
        Basis::BySample => {
            (charges.inside_sample, charges.outside_sample, class.and_then(|one| one.class_sample))
        }
        Basis::ByShift => {
            (charges.inside_shift, charges.outside_shift, class.and_then(|one| one.class_shift))
        }
    };
    inside.filter(|_| is_inside).or(class).or(outside)
}

/// What its time costs at so much for each: whole minutes of the hour's charge, of those that cost less the share, samples, or whole
/// shifts begun. `None` when the instrument has no such charge.
#[must_use]
pub fn price(using: &Using, request: &Request, each: Option<Money>, times: Times) -> Option<Money> {
    const SHIFT_MINUTES: i64 = 480;
    let minutes = length_of(times);
    match request.basis {
        Basis::ByHour => extras::by_hour(using, each?, times),
        Basis::BySample => {
            let samples = request.samples?.get();
            each?.times(samples, 1)
        }
        Basis::ByShift => {
            let shifts = (minutes + SHIFT_MINUTES - 1) / SHIFT_MINUTES;
            each?.times(shifts, 1)
        }
    }
}

/// What the keeper says when it is done.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[schemars(inline)]
pub struct Report {
    pub summary: Text<2000>,
    #[serde(default)]
    pub files: List<FileRef, 10>,
    pub samples_done: Option<Between<0, 10_000>>,
    /// Consumables that were used, when it is less than asked for.
    #[serde(default)]
    pub used: List<Wanted, WANTED_MAX>,
    /// What is to be paid, when it is less than agreed.
    pub price: Option<Money>,
}

/// How money came.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
#[schemars(inline)]
pub enum Means {
    Transfer,
    Voucher,
    InternalTransfer,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Rating {
    pub stars: Between<1, 5>,
    pub comment: Option<Text<500>>,
    /// What the provider says to it.
    #[serde(default)]
    pub answer: Option<Text<500>>,
}
