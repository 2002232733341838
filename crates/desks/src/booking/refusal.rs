//! Refusal: why a booking says no.

use grammar::prelude::*;

use super::{Basis, Booking};

/// Why it says no. The sentences are in `words.*.toml`, under the same names.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(tag = "code", rename_all = "kebab-case")]
pub enum Refusal {
    MayHoldSecrets,
    NotInService,
    NotOpenToYou,
    PermitNeeded,
    PermitNotValid,
    InThePast { from: Moment },
    TooSoon { hours: i64 },
    TooFarAhead { days: i64 },
    TooShort { least: i64 },
    TooLong { most: i64 },
    NotInSteps { step: i64 },
    OutsideHours { from: Moment, until: Moment },
    NobodyToRunIt { from: Moment, until: Moment },
    NoSuchCharge { basis: Basis },
    SamplesNeeded,
    SeriesOverlaps { days: i64 },
    NothingFits { asked: usize },
    OneTimeOnly,
    WaitsInOneWeek,
    NotDisplaced,
    NotAnAmount { amount: Money },
    MoreThanAgreed { most: Money },
    MoreThanOwed { left: Money },
    OperatorNeeded,
    AnotherInstrument,
    NoSuchSitting,
    TooLateToMove { hours: i64 },
    TooEarlyToStart { from: Moment },
    WrongCode,
    NotInTheWay { booking: Ref<Booking> },
    NoSuchExtra { name: Text<60> },
    NotSoMany { name: Text<60>, stock: i64 },
    MoreThanAsked { name: Text<60>, most: i64 },
    CompanionNeeded { from: Moment },
    CompanionIsYou,
    NotLicensed,
    NoSuchSetup { most: usize },
    InvoicedAlready { number: Text<40> },
    NoSuchInvoice { number: Text<40> },
    CreditedAlready { title: Text<200> },
    OnALaterDay { on: Day },
}
