//! Fields: what a test report says of itself, and what it looks like from outside.

use grammar::prelude::*;

use crate::{
    accreditation::{Accreditation, Mark},
    booking::Booking,
    person::Person,
    sample::Sample,
    voucher_order::VoucherOrder,
};

/// Results of one report, accreditations that it relies on, and samples that it is about.
pub const ITEMS_MAX: usize = 60;
pub const MARKS_MAX: usize = 3;
const SAMPLES_MAX: usize = 20;

/// One result: what was measured, and how. The figures stand in the report itself.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[schemars(inline)]
pub struct Item {
    pub what: Text<80>,
    /// The method, by the number of its standard.
    pub method: Text<80>,
    /// Another laboratory has done it.
    #[serde(default)]
    pub is_subcontracted: bool,
    /// The report says beside it that it is not within the scope of the mark.
    #[serde(default)]
    pub is_outside: bool,
}

/// What is drafted. It belongs to one booking or to one voucher order.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Draft {
    pub booking: Option<Ref<Booking>>,
    pub order: Option<Ref<VoucherOrder>>,
    pub number: Text<40>,
    pub title: Text<200>,
    #[serde(default)]
    pub samples: List<Ref<Sample>, SAMPLES_MAX>,
    /// First and last day of the work.
    pub begun: Day,
    pub done: Day,
    pub items: List<Item, ITEMS_MAX>,
    /// Under which marks it is issued.
    #[serde(default)]
    pub accreditations: List<Ref<Accreditation>, MARKS_MAX>,
    pub signatory: Ref<Person>,
    /// The report that it takes the place of.
    pub replaces: Option<Ref<super::TestReport>>,
}

/// A mark as the report bears it, with the number of its certificate.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Borne {
    pub mark: Mark,
    pub number: String,
}

/// A report as it was issued.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Issuance {
    pub on: Day,
    /// SHA-256 of the file, in hexadecimal.
    pub content: String,
    pub marks: Vec<Borne>,
    /// Until when records and report are kept.
    pub keep_until: Day,
    /// The file, for the two sides alone.
    pub file: Option<FileRef>,
}

/// What the client objects to, and the answer.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Objection {
    pub raised: Day,
    pub reason: Text<500>,
    pub answer: Option<Text<500>>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Status {
    Draft,
    Discarded,
    Issued,
    /// Another report has taken its place.
    Replaced,
    /// It does not hold any more.
    Withdrawn,
}
