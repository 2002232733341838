//! Indices: many indicators of many units become scores, level by level, and ranks.
//!
//! The steps are those of the handbook of composite indicators: divide by a denominator, fill what is missing,
//! treat outliers, bring all on one scale, weigh, and take means up the tree. Every step stands in the
//! [`Answer`], so that [`check`] can follow from one to the next. [`simulate`] asks how much the ranks rest
//! on the choices made.
//!
//! Always: method and values are of one edition (rulebook ID-R02); ranks are made before anything is rounded;
//! sums run in the order of the units and of the tree, so that every machine gets the same bits.

mod aggregate;
mod check;
mod components;
mod fill;
mod kernel;
mod normalise;
mod question;
mod ranks;
pub mod simulate;
pub mod stream;
#[cfg(test)]
mod tests;
mod treat;
mod weigh;

pub use check::{Wrong, check};
pub use normalise::Scale;
pub use question::{
    Budget, Child, Fault, Fill, GROUPS_MAX, Group, INDICATORS_MAX, Indicator, Mean, Method, Question,
    UNITS_MAX, Weights,
};
pub use ranks::ranks;
pub use treat::{Transform, Treat, Treatment, skew_and_kurtosis};

/// Columns of numbers, one for each indicator or group, each as long as there are units. What is missing is
/// no number (`NaN`).
pub type Columns = Vec<Vec<f64>>;

/// Every step, and the ranks at the end.
#[derive(Clone, Debug)]
pub struct Answer {
    /// Of method and values alike.
    pub edition: String,
    pub denominated: Columns,
    pub filled: Columns,
    pub treated: Columns,
    /// What was done to each indicator.
    pub treatments: Vec<Treatment>,
    pub normalised: Columns,
    /// By group, one for each of its children in their order; they sum to one.
    pub weights: Vec<Vec<f64>>,
    /// By group.
    pub scores: Columns,
    /// By the score of the last group: 1 is the best, equals share a rank, 0 stands for no score.
    pub ranks: Vec<u32>,
}

/// Works out an index.
///
/// # Errors
/// What of the question cannot be one.
pub fn index(question: &Question) -> Result<Answer, Fault> {
    question.is_sound()?;
    let method = &question.method;
    let denominated = fill::denominated(question)?;
    let filled = fill::filled(&denominated, method.fill, &question.peers);
    let (treated, treatments) = treat::all(question, &filled, method.treat)?;
    let normalised = normalise::all(question, &treated, method.scale)?;
    let (weights, scores) = aggregate::all(question, &normalised, method.mean)?;
    let ranks = scores.last().map_or_else(Vec::new, |scores| ranks(scores));
    Ok(Answer {
        edition: question.edition.clone(),
        denominated,
        filled,
        treated,
        treatments,
        normalised,
        weights,
        scores,
        ranks,
    })
}
