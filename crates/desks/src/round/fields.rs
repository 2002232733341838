//! Fields: what a round offers, what it keeps back, what it knows of each proposal, and the marks of its reviewers.

use grammar::prelude::*;

use crate::{
    instrument::Instrument,
    organisation::Organisation,
    person::Person,
    proposal::{Kind, Proposal},
};

pub const OFFERS_MAX: usize = 20;
pub const REVIEWERS_MAX: usize = 40;
pub const ENTRIES_MAX: usize = 300;

/// Shifts of one beamline or instrument.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[schemars(inline)]
pub struct Offer {
    pub instrument: Ref<Instrument>,
    pub shifts: Between<1, 3_000>,
}

/// Percent of every instrument's shifts that the round keeps back. Parts of a shift go to the general pool.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[schemars(inline)]
pub struct Reserves {
    /// The director's reserve.
    pub urgent: Option<Between<0, 100>>,
    pub key: Option<Between<0, 100>>,
    /// For whoever pays and keeps the results.
    pub proprietary: Option<Between<0, 100>>,
    pub commissioning: Option<Between<0, 100>>,
}

/// What is said of a round.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Plan {
    pub title: Bilingual<200>,
    pub region: Region,
    pub offers: List<Offer, OFFERS_MAX>,
    pub reserves: Reserves,
    /// At once, when it is left out.
    pub opens: Option<Day>,
    pub closes: Day,
    pub use_from: Day,
    pub use_until: Day,
    pub notes: Option<Text<2000>>,
}

impl Plan {
    /// Shifts of one instrument for proposals of one kind.
    #[must_use]
    pub fn pool(&self, offer: &Offer, kind: Kind) -> i64 {
        let part = |percent: Option<Between<0, 100>>| part(offer, percent);
        let kept = &self.reserves;
        match kind {
            Kind::Urgent => part(kept.urgent),
            Kind::Key => part(kept.key),
            Kind::Proprietary => part(kept.proprietary),
            Kind::General => {
                let back =
                    part(kept.urgent) + part(kept.key) + part(kept.proprietary) + self.commissioning(offer);
                (offer.shifts.get() - back).max(0)
            }
        }
    }

    #[must_use]
    pub fn commissioning(&self, offer: &Offer) -> i64 {
        part(offer, self.reserves.commissioning)
    }

    #[must_use]
    pub fn offer(&self, instrument: Ref<Instrument>) -> Option<&Offer> {
        self.offers.iter().find(|offer| offer.instrument == instrument)
    }
}

fn part(offer: &Offer, percent: Option<Between<0, 100>>) -> i64 {
    offer.shifts.get() * percent.map_or(0, Between::get) / 100
}

/// A proposal as its reviewers read it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Entered {
    pub proposal: Ref<Proposal>,
    pub instrument: Ref<Instrument>,
    pub kind: Kind,
    pub title: Bilingual<200>,
    pub applicant: Ref<Organisation>,
    pub leader: Ref<Person>,
    pub shifts: i64,
    pub fewest: i64,
    pub summary: Option<Text<2000>>,
}

/// One to five on each criterion.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Marks {
    pub significance: Between<1, 5>,
    pub feasibility: Between<1, 5>,
    pub expected_results: Between<1, 5>,
    pub need_for_time: Between<1, 5>,
    pub earlier_use: Between<1, 5>,
}

impl Marks {
    /// The mean of the five, in thousandths.
    #[must_use]
    pub fn mean(&self) -> i64 {
        let all = [
            self.significance,
            self.feasibility,
            self.expected_results,
            self.need_for_time,
            self.earlier_use,
        ];
        all.map(Between::get).iter().sum::<i64>() * 200
    }
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Marked {
    pub proposal: Ref<Proposal>,
    pub reviewer: Id,
    pub marks: Marks,
    pub comment: Option<Text<1000>>,
}

/// What a proposal came to.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Outcome {
    pub proposal: Ref<Proposal>,
    /// Plain mean of the marks, and as if all reviewers were equally strict; in thousandths.
    pub plain: i64,
    pub even: i64,
    /// Among those of its kind at its instrument.
    pub rank: u32,
    pub of: u32,
    pub given: i64,
    /// What was left when its turn came.
    pub left: i64,
    pub is_low: bool,
}

/// Where the line lies at one instrument for one kind.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Line {
    pub instrument: Ref<Instrument>,
    pub kind: Kind,
    pub shifts: i64,
    pub asked: i64,
    pub given: i64,
    /// The mark of the last that was given time.
    pub mark: Option<i64>,
}

/// Urgent time, from the director's reserve.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Urgent {
    pub proposal: Ref<Proposal>,
    pub instrument: Ref<Instrument>,
    pub shifts: i64,
    #[serde(default)]
    pub leader: Option<Ref<Person>>,
}

/// Time that a proposal had and has not any more.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Back {
    pub proposal: Ref<Proposal>,
    pub instrument: Ref<Instrument>,
    pub kind: Kind,
    pub shifts: i64,
    pub reason: Option<Text<500>>,
}

/// An offer of what came back, to one below the line.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Turn {
    pub proposal: Ref<Proposal>,
    pub leader: Ref<Person>,
    pub instrument: Ref<Instrument>,
    pub kind: Kind,
    pub shifts: i64,
    pub until: Day,
    pub took: Option<bool>,
}

/// Thousandths as people read marks: `4.13`.
#[must_use]
pub fn mark_text(thousandths: i64) -> String {
    let hundredths = (thousandths + 5).div_euclid(10);
    format!("{}.{:02}", hundredths.div_euclid(100), hundredths.rem_euclid(100))
}
