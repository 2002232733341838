//! Refusals: why a voucher says no.

use grammar::prelude::*;

/// Why it says no. The sentences are in `words.*.toml`, under the same names.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(tag = "code", rename_all = "kebab-case")]
pub enum Refusal {
    NotAnAmount { amount: Money },
    EndsInThePast { until: Day },
    EndsInAnotherYear { until: Day },
    PastItsLastDay { until: Day },
    MoreThanItsShare { most: Money },
    NotEnoughLeft { left: Money },
    NotEnoughHeld { held: Money },
    NotTheProvidersAccount,
    NotEnoughGone { gone: Money },
    HolderOfAnotherRegion { region: Region },
    FundOfAnotherRegion { region: Region },
}
