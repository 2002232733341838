//! Fields: what is declared of samples, how they go and come, and in what condition.

use grammar::prelude::*;

use crate::{
    booking::Booking, hazard::Hazards, instrument::Instrument, laboratory::Laboratory,
    voucher_order::VoucherOrder,
};

/// At what temperature, and in what, they are kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
#[schemars(inline)]
pub enum Storage {
    Room,
    Cool,
    Frozen,
    DeepFrozen,
    LiquidNitrogen,
    Dry,
    Inert,
}

/// What becomes of what is left.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
#[schemars(inline)]
pub enum Rest {
    SendBack,
    Destroy,
    /// Kept for some days, then destroyed.
    Keep,
}

/// What becomes of what is left, with what that needs.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[schemars(inline)]
pub struct Remains {
    pub rest: Rest,
    /// For how many days, where they are kept.
    pub keep_days: Option<Between<1, 3_650>>,
    /// Where to, when they are sent back.
    pub back_to: Option<Text<300>>,
}

/// What is declared. What becomes of the rest is as in [`Remains`]. They belong to one booking or to one voucher order.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Declaration {
    pub booking: Option<Ref<Booking>>,
    pub order: Option<Ref<VoucherOrder>>,
    /// The one that is booked: its keeper has said which hazards it takes.
    pub instrument: Option<Ref<Instrument>>,
    /// Where they are examined when no instrument says which hazards it takes: then the laboratory does.
    #[serde(default)]
    pub laboratory: Option<Ref<Laboratory>>,
    pub what: Text<200>,
    pub count: Between<1, 10_000>,
    /// As they are written on the vessels.
    pub marks: Option<Text<1000>>,
    #[serde(default)]
    pub hazards: Hazards,
    /// How they are handled: needed where there is any hazard.
    pub handling: Option<Text<1000>>,
    /// The safety data sheet.
    pub safety_sheet: Option<FileRef>,
    pub storage: Storage,
    pub rest: Rest,
    pub keep_days: Option<Between<1, 3_650>>,
    pub back_to: Option<Text<300>>,
    /// Every hazard that is known is named.
    pub is_complete: bool,
}

impl Declaration {
    pub(super) fn remains(&self) -> Remains {
        Remains { rest: self.rest, keep_days: self.keep_days, back_to: self.back_to.clone() }
    }

    pub(super) fn leaves(&mut self, remains: Remains) {
        (self.rest, self.keep_days, self.back_to) = (remains.rest, remains.keep_days, remains.back_to);
    }
}

/// How they travel.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
#[schemars(inline)]
pub enum Carriage {
    /// The post, or an express carrier.
    Post,
    /// A carrier licensed for dangerous goods.
    LicensedCarrier,
    ByHand,
}

/// One way of them.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[schemars(inline)]
pub struct Parcel {
    pub carriage: Carriage,
    pub carrier: Option<Text<60>>,
    pub tracking: Option<Text<60>>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
#[schemars(inline)]
pub enum Condition {
    Good,
    Damaged,
    Leaking,
    WrongTemperature,
    NotAsDeclared,
}

/// How they came.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[schemars(inline)]
pub struct Arrival {
    pub condition: Condition,
    pub counted: Between<0, 10_000>,
    /// Needed where the condition is not good, or not all came.
    pub note: Option<Text<500>>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Status {
    Declared,
    Refused,
    Accepted,
    Sent,
    Received,
    InUse,
    /// What is left waits for what was agreed.
    Left,
    Kept,
    /// On the way back.
    Returning,
    Returned,
    Destroyed,
    UsedUp,
    Withdrawn,
}

impl Status {
    /// They are with the keeper.
    pub(super) fn is_there(self) -> bool {
        matches!(self, Self::Received | Self::InUse | Self::Left | Self::Kept)
    }
}
