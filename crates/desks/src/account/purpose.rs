//! Purpose: what an account is for, and whether it may owe.

use grammar::prelude::*;

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
#[schemars(inline)]
pub enum Purpose {
    /// Money outside: a treasury, a bank. May owe.
    Source,
    Fund,
    /// Money of one record, such as a voucher. Only that record moves it.
    Wallet,
    /// What a region owes other regions, less what they owe it: the one account it settles by. May owe.
    Clearing,
}

impl Purpose {
    pub(super) fn may_owe(self) -> bool {
        matches!(self, Self::Source | Self::Clearing)
    }
}
