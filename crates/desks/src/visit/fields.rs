//! Fields: why and when somebody comes, who it is, and how it stands with each of them.

use grammar::prelude::*;

use crate::{
    booking::Booking, laboratory::Laboratory, organisation::Organisation, person::Person, proposal::Proposal,
    voucher_order::VoucherOrder,
};

/// Those who come together in one visit.
pub const VISITORS_MAX: usize = 20;

/// One of them, counted from 1.
pub type Number = Between<1, 20>;
pub type Numbers = List<Number, VISITORS_MAX>;

/// To which laboratory, of which unit, why and when; and what it is for, where that stands in this house: at most one of three.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Occasion {
    pub laboratory: Ref<Laboratory>,
    pub visiting: Ref<Organisation>,
    pub purpose: Text<500>,
    pub from: Moment,
    pub until: Moment,
    pub booking: Option<Ref<Booking>>,
    pub proposal: Option<Ref<Proposal>>,
    pub order: Option<Ref<VoucherOrder>>,
}

/// Somebody who comes: a name, and nothing more.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[schemars(inline)]
pub struct Visitor {
    pub name: Personal<Text<60>>,
}

/// What hides behind a commitment is not compared, the commitments are.
impl PartialEq for Visitor {
    fn eq(&self, other: &Self) -> bool {
        self.name.commitment() == other.name.commitment()
    }
}

pub type Visitors = List<Visitor, VISITORS_MAX>;

#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
pub struct Announcement {
    #[serde(flatten)]
    pub occasion: Occasion,
    pub visitors: Visitors,
}

#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
pub struct Invitation {
    #[serde(flatten)]
    pub occasion: Occasion,
    /// Who looks after them: someone of the lead unit.
    pub host: Ref<Person>,
    pub conditions: Option<Text<1000>>,
}

/// What is otherwise than was announced. Without visitors, those who were named stay.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
pub struct Change {
    pub purpose: Text<500>,
    pub from: Moment,
    pub until: Moment,
    #[serde(default)]
    pub visitors: Visitors,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Standing {
    Expected,
    Inside,
    Left,
    /// Did not sign out before the visit was over: the clock did.
    SignedOut,
}

/// One of those who come; nobody is named once the visit is forgotten.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Comer {
    pub name: Option<Personal<Text<60>>>,
    pub standing: Standing,
    /// When they last came in, and went out.
    pub came: Option<Moment>,
    pub left: Option<Moment>,
}

/// Which safety notes were confirmed, by whom and when.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Confirmed {
    pub version: i64,
    pub by: Option<Id>,
    pub at: Moment,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Status {
    Announced,
    /// The visiting unit is to say who comes.
    Invited,
    /// Nobody is inside.
    Accepted,
    Inside,
    Over,
    Declined,
    Withdrawn,
    /// Nobody answered before its time was over.
    Lapsed,
}

impl Status {
    /// It is still to come, or takes place.
    #[must_use]
    pub fn is_open(self) -> bool {
        matches!(self, Self::Announced | Self::Invited | Self::Accepted | Self::Inside)
    }
}
