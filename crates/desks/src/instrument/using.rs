//! Using: on which terms an instrument can be booked, at what charge, and when it is closed.

use engines::booking::{Hours, Shift, Spans, ical::Zone};
use grammar::prelude::*;

use super::{
    Instrument, Refusal,
    Refusal::*,
    classes::{CLASSES_MAX, ClassCharge, sensible_classes},
    extras::{
        ACCESSORIES_MAX, Accessory, CONSUMABLES_MAX, Consumable, apart, sensible_extras, sensible_hours,
    },
};
use crate::{
    allowance::Limits,
    calendar::{self, Buffer, Places, Quota, Times, Why},
    hazard::Hazards,
    organisation::Organisation,
};

/// Charges are published and cover costs.
const CHARGES_OPEN: Rule<bool> = rule("IN-R16");
/// Two for each day of the week: before and after the hours that count.
pub const UNRESTRICTED_MAX: usize = 14;
/// Days that one closure may last: every week of it is a page.
pub const CLOSED_DAYS_MAX: i32 = 366;

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
#[schemars(inline)]
pub enum Weekday {
    Monday,
    Tuesday,
    Wednesday,
    Thursday,
    Friday,
    Saturday,
    Sunday,
    /// Monday to Friday, holidays or not.
    Workdays,
    EveryDay,
}

impl Weekday {
    /// Its days of the week, from 1 for Monday to 7.
    #[must_use]
    pub const fn days(self) -> std::ops::RangeInclusive<i8> {
        match self {
            Self::Workdays => 1..=5,
            Self::EveryDay => 1..=7,
            one => one as i8 + 1..=one as i8 + 1,
        }
    }
}

/// On a day of the week, or on several, from a time to another: `08:30` to `17:00`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[schemars(inline)]
pub struct Opening {
    pub weekday: Weekday,
    pub opens: Text<5>,
    pub shuts: Text<5>,
}

/// Whether a booking stands at once, or the keeper answers with a quote.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
#[schemars(inline)]
pub enum Confirmation {
    AtOnce,
    ByQuote,
}

/// How its time is given: booked ahead, to whoever stands in its line first, or both.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
#[schemars(inline)]
pub enum Mode {
    #[default]
    Booking,
    Queue,
    Hybrid,
}

impl Mode {
    /// Whether people stand in line for it.
    #[must_use]
    pub const fn has_line(self) -> bool {
        !matches!(self, Self::Booking)
    }
}

/// What it costs: by the hour, the sample and the shift of eight hours. What is not given is not offered.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[schemars(inline)]
pub struct Charges {
    pub outside_hour: Option<Money>,
    pub outside_sample: Option<Money>,
    pub outside_shift: Option<Money>,
    pub inside_hour: Option<Money>,
    pub inside_sample: Option<Money>,
    pub inside_shift: Option<Money>,
    /// For whoever runs it for a user, an hour.
    #[serde(default)]
    pub operator_hour: Option<Money>,
}

/// The terms on which it can be booked. Without opening hours it is open day and night.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[schemars(inline)]
pub struct Using {
    #[serde(default)]
    pub openings: List<Opening, 28>,
    pub confirmation: Confirmation,
    pub step_minutes: Option<Between<5, 1_440>>,
    pub shortest_minutes: Option<Between<5, 20_160>>,
    pub longest_minutes: Option<Between<5, 20_160>>,
    pub horizon_days: Option<Between<1, 730>>,
    pub notice_hours: Option<Between<0, 720>>,
    pub daily_minutes: Option<Quota>,
    pub weekly_minutes: Option<Quota>,
    /// What one buyer may have of it beyond the quotas.
    #[serde(default)]
    pub limits: Limits,
    pub buffer_minutes: Buffer,
    /// Cancelling later than this before the beginning costs the share below.
    pub late_hours: Option<Between<0, 720>>,
    pub late_share: Option<Share>,
    pub absent_share: Option<Share>,
    /// Whoever has not begun by then is absent, and the time is free for others.
    #[serde(default)]
    pub absent_minutes: Option<Between<5, 1_440>>,
    pub is_supervised: bool,
    pub needs_permit: bool,
    /// A permit for any instrument that this unit puts in the same group opens it too.
    #[serde(default)]
    pub permit_group: Option<Text<60>>,
    pub charges: Charges,
    /// Units related to the managing unit: their use is no sharing.
    #[serde(default)]
    pub related: List<Ref<Organisation>, 20>,
    #[serde(default)]
    pub accessories: List<Accessory, ACCESSORIES_MAX>,
    #[serde(default)]
    pub consumables: List<Consumable, CONSUMABLES_MAX>,
    /// Hours that cost a share of the hour's charge.
    #[serde(default)]
    pub off_peak: List<Opening, 14>,
    #[serde(default)]
    pub off_peak_share: Option<Share>,
    /// Outside of these nobody works alone.
    #[serde(default)]
    pub staffed: List<Opening, 14>,
    /// Whoever runs it needs a licence.
    #[serde(default)]
    pub needs_licence: bool,
    /// How many may use it at once.
    #[serde(default)]
    pub places: Option<Places>,
    /// Hours in which neither the longest time nor anybody's quota counts: nights and weekends mostly.
    #[serde(default)]
    pub unrestricted: List<Opening, UNRESTRICTED_MAX>,
    /// What units of one kind pay, where that is not what everyone outside does.
    #[serde(default)]
    pub classes: List<ClassCharge, CLASSES_MAX>,
    /// Hazards of samples that it is ready for.
    #[serde(default)]
    pub hazards: Hazards,
    /// Samples with any other hazard are not taken; else the keeper looks at each.
    #[serde(default)]
    pub only_these_hazards: bool,
    /// Booked ahead where nothing is said.
    #[serde(default)]
    pub mode: Mode,
}

/// The terms of an instrument whose keeper has set none: each booking is answered with a quote.
impl Default for Using {
    fn default() -> Self {
        Self {
            openings: List::default(),
            confirmation: Confirmation::ByQuote,
            step_minutes: None,
            shortest_minutes: None,
            longest_minutes: None,
            horizon_days: None,
            notice_hours: None,
            daily_minutes: None,
            weekly_minutes: None,
            limits: Limits::default(),
            buffer_minutes: Buffer::new(0).unwrap_or_else(|| impossible(&"no buffer at all")),
            late_hours: None,
            late_share: None,
            absent_share: None,
            absent_minutes: None,
            is_supervised: false,
            needs_permit: false,
            permit_group: None,
            charges: Charges::default(),
            related: List::default(),
            accessories: List::default(),
            consumables: List::default(),
            off_peak: List::default(),
            off_peak_share: None,
            staffed: List::default(),
            needs_licence: false,
            places: None,
            unrestricted: List::default(),
            classes: List::default(),
            hazards: List::default(),
            only_these_hazards: false,
            mode: Mode::Booking,
        }
    }
}

/// `08:30` in minutes; `24:00` is the end of the day.
pub(super) fn minute(text: &str) -> Option<u16> {
    let (hour, minute) = text.split_once(':')?;
    if hour.len() > 2 || minute.len() != 2 {
        return None;
    }
    let (hour, minute): (u16, u16) = (hour.parse().ok()?, minute.parse().ok()?);
    let whole = hour * 60 + minute;
    (minute < 60 && whole <= 1_440).then_some(whole)
}

impl Using {
    /// The opening hours as the engine reads them.
    #[must_use]
    pub fn hours(&self) -> Hours {
        Hours(shifts(&self.openings))
    }
}

/// What of a time lies in some hours of the week: nothing where there are none.
#[must_use]
pub fn within_hours(openings: &[Opening], times: Times, zone: &Zone) -> Spans {
    let span = calendar::span_of(times).filter(|_| !openings.is_empty());
    span.map_or_else(Spans::default, |span| Hours(shifts(openings)).open(span, zone))
}

pub(super) fn shifts(openings: &[Opening]) -> Vec<Shift> {
    let times = |opening: &Opening| minute(&opening.opens).zip(minute(&opening.shuts));
    let each = openings.iter().filter_map(|opening| Some((opening.weekday.days(), times(opening)?)));
    each.flat_map(|(days, (from, until))| days.map(move |weekday| Shift { weekday, from, until })).collect()
}

/// What makes sense in terms of use.
pub fn sensible_using(using: &Using, is_outside: bool) -> Result<(), No<Refusal>> {
    let hours = using.openings.iter().chain(using.off_peak.iter()).chain(using.staffed.iter());
    sensible_hours(hours.chain(using.unrestricted.iter()))?;
    let [shortest, longest] =
        [using.shortest_minutes, using.longest_minutes].map(|limit| limit.map(Between::get));
    let is_ordered = shortest.zip(longest).is_none_or(|(shortest, longest)| shortest <= longest);
    ensure(is_ordered, ShortestIsLonger)?;
    let charges = &using.charges;
    let outside = [charges.outside_hour, charges.outside_sample, charges.outside_shift];
    let inside = [charges.inside_hour, charges.inside_sample, charges.inside_shift];
    let all = outside.into_iter().chain(inside).chain([charges.operator_hour]);
    let below = all.flatten().find(|charge| *charge < Money::ZERO);
    ensure(below.is_none(), NegativeCharge { charge: below.unwrap_or_default() })?;
    apart(&using.openings)?;
    apart(&using.off_peak)?;
    // Whoever is called begins at once: nobody is there to quote or to be asked to run it.
    let needs_someone =
        using.confirmation == Confirmation::ByQuote || using.is_supervised || using.needs_licence;
    ensure(!using.mode.has_line() || !needs_someone, LineNeedsNobody)?;
    sensible_extras(using)?;
    sensible_classes(using)?;
    ensure(!is_outside || outside.iter().any(Option::is_some), NoCharge).by(CHARGES_OPEN)
}

impl Instrument {
    /// Closes or opens it on every page the time touches.
    pub(super) fn tell_pages(
        &self,
        times: Times,
        why: Option<Why>,
        ctx: &Ctx,
    ) -> Result<Vec<Tell>, No<Refusal>> {
        let days = times.from.day().days_until(times.until.day());
        ensure(times.from < times.until, EndsBeforeItBegins)?;
        ensure(why.is_none() || ctx.now <= times.until, ClosedInThePast)?;
        ensure(days <= CLOSED_DAYS_MAX, ClosedTooLong { most: CLOSED_DAYS_MAX })?;
        let instrument = self.itself;
        let page = |monday: Day| {
            let command = match why {
                Some(why) => calendar::Command::Close { instrument, monday, times, why },
                None => calendar::Command::Reopen { times, may_be_open: false },
            };
            tell(calendar::name(instrument, monday), &command)
        };
        Ok(calendar::pages(times, 0).into_iter().map(page).collect())
    }
}
