//! Works: what came of a booking, as its buyer tells it: data, papers, patents, and whether they name the instrument.

use grammar::prelude::*;

use super::{
    Booking,
    Event::Credited,
    Refusal::{CreditedAlready, OnALaterDay},
    Status,
};

/// Works of one booking.
const WORKS_MAX: usize = 30;

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
#[schemars(inline)]
pub enum WorkKind {
    DataSet,
    Paper,
    Patent,
    Standard,
    Thesis,
    OtherWork,
}

/// One of them. Where it lies is told by a DOI, a number or an address.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Work {
    pub work: WorkKind,
    pub title: Text<200>,
    #[serde(default)]
    pub identifier: Option<Text<200>>,
    #[serde(default)]
    pub on: Option<Day>,
    /// It says that the instrument was used.
    pub names_instrument: bool,
}

impl Booking {
    /// Whoever used it may tell of it, and each work once.
    pub(super) fn credit(&self, work: Work, ctx: &Ctx) -> Decision<Self> {
        let was_used = matches!(self.status, Status::Used | Status::Reported | Status::Paid | Status::Rated);
        if !was_used || self.works.len() >= WORKS_MAX {
            return not_now();
        }
        let is_same = |other: &Work| match (&work.identifier, &other.identifier) {
            (Some(one), Some(other)) => one == other,
            _ => work.title == other.title,
        };
        let is_new = !self.works.iter().any(is_same);
        ensure(is_new, CreditedAlready { title: work.title.clone() })?;
        if let Some(on) = work.on {
            ensure(on <= ctx.today(), OnALaterDay { on })?;
        }
        Ok(say(Credited(work)))
    }
}
