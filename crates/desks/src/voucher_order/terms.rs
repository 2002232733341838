//! Terms: what is asked, quoted and agreed, and what an order can be.

use grammar::prelude::*;

use crate::{
    account::Account, booking::Booking, organisation::Organisation, provider::Provider, voucher::Voucher,
};

/// What the buyer looks for.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Wish {
    pub buyer: Ref<Organisation>,
    pub provider: Ref<Provider>,
    /// Its number on the provider's list; none when something else is asked for.
    #[serde(default)]
    pub item: Option<Between<1, 30>>,
    pub quantity: Between<1, 100_000>,
    pub project: Text<200>,
    #[serde(default)]
    pub detail: Option<Text<2000>>,
    pub no_secrets: bool,
}

/// An order as it begins: who asks whom, and what their entries said then.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Begun {
    pub wish: Wish,
    pub buyer_group: Option<Id>,
    /// The provider's organisation.
    pub seller: Ref<Organisation>,
    pub seller_group: Option<Id>,
    /// Whose quota and rules hold, and who pays.
    pub home: Region,
    /// Where the provider is recognised and redeemed.
    pub away: Region,
    pub list_price: Option<Money>,
    pub ceiling: Option<Money>,
}

/// What the provider wants for it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Quote {
    pub price: Money,
    pub until: Day,
    pub text: Text<1000>,
}

/// What the service is for. Those from certification on are not paid for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
#[schemars(inline)]
pub enum Use {
    ResearchAndDevelopment,
    ProductImprovement,
    StatutoryCertification,
    LawEnforcementInspection,
    CommercialAcceptance,
    CommercialFilming,
    MedicalService,
    TelecomBilling,
    MassInspection,
    ProductionTesting,
}

/// What the buyer signs: the contract, and how much of it the voucher is to pay.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Deal {
    pub voucher: Ref<Voucher>,
    pub number: Text<60>,
    pub signed: Day,
    pub contract: Money,
    #[serde(default)]
    pub paper: Option<FileRef>,
    /// The booking whose bill this is.
    #[serde(default)]
    pub booking: Option<Ref<Booking>>,
    pub purpose: Use,
    /// Buyer and provider belong together: same controller, a share of a quarter or more, same legal representative.
    pub related: bool,
    /// Other public money already pays for it.
    pub subsidised: bool,
    /// Less than the voucher could pay, if the buyer wishes.
    #[serde(default)]
    pub wanted: Option<Money>,
}

/// A deal with what was worked out for it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Placed {
    pub terms: Deal,
    /// What the voucher pays.
    pub amount: Money,
    /// The share of the contract, by the rule the voucher was born under.
    pub share: Share,
    /// What was left on the voucher then.
    pub left: Money,
    pub placed: Day,
    /// The last day on which the provider can claim the money.
    pub claim_until: Day,
}

/// What a person must look at.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
#[schemars(inline)]
pub enum Doubt {
    Related,
    SameGroup,
    PriceOutlier,
    NotListed,
    Subsidised,
    Circular,
    Other,
}

/// The accounts by which an order is paid.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Route {
    /// The provider's.
    pub till: Ref<Account>,
    /// Across regions, those by which the buyer's home and the provider's region settle.
    #[serde(default)]
    pub home_settles: Option<Ref<Account>>,
    #[serde(default)]
    pub away_settles: Option<Ref<Account>>,
}

/// A line of a clearing run that this order stands in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Cleared {
    pub run: Id,
    pub line: i64,
    /// Below nothing when it corrects an earlier line.
    pub amount: Money,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Status {
    Asked,
    Quoted,
    Placed,
    Accepted,
    Allotted,
    Delivered,
    Confirmed,
    Claimed,
    Paid,
    ClawedBack,
    Declined,
    Rejected,
    Cancelled,
    Lapsed,
}

impl Status {
    /// Whether the voucher's money is locked for it.
    pub fn is_locked(self) -> bool {
        matches!(
            self,
            Self::Placed
                | Self::Accepted
                | Self::Allotted
                | Self::Delivered
                | Self::Confirmed
                | Self::Claimed
        )
    }

    /// Whether its contract is taken.
    pub fn stands(self) -> bool {
        self.is_locked() || matches!(self, Self::Paid | Self::ClawedBack)
    }
}
