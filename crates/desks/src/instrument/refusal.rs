//! Refusal: why an instrument says no.

use grammar::prelude::*;

use super::{Instrument, Purchase};
use crate::{organisation::Kind, person::Person};

/// Why it says no. The sentences are in `words.*.toml`, under the same names.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(tag = "code", rename_all = "kebab-case")]
pub enum Refusal {
    NoName,
    NotAnAmount { value: Money },
    NegativeCharge { charge: Money },
    DoorTooShort { least: usize },
    CodeChanges,
    UnitChanges,
    AcceptedLater { accepted: Day },
    AcceptedBeforePurchase { purchased: Day, accepted: Day },
    SharesDoNotSum,
    NoReasonNotToShare,
    NoChargeStandard,
    BackInThePast { back: Day },
    NotThisPurchase { purchase: Ref<Purchase> },
    NoOpening { opens: Text<5>, shuts: Text<5> },
    HoursOverlap { opens: Text<5>, shuts: Text<5> },
    ShortestIsLonger,
    NoCharge,
    EndsBeforeItBegins,
    ClosedInThePast,
    ClosedTooLong { most: i32 },
    SameUnit,
    NamedTwice { name: Text<60> },
    HoursWithoutShare,
    OperatorTwice { person: Ref<Person> },
    LicenceOver { person: Ref<Person>, until: Day },
    EnoughRounds { instrument: Ref<Instrument>, year: i64, most: i64 },
    NoSuchConsumable { name: Text<60> },
    CountedTwice { name: Text<60> },
    EmptyQuestion { row: usize },
    NoBounds { row: usize },
    NoChoices { row: usize },
    PersonalInWords { row: usize },
    CostWithoutBound { row: usize },
    ClassTwice { class: Kind },
    LineNeedsNobody,
}
