//! Check: whether an answer follows from its question, each step from the one before it as it is claimed.
//!
//! Every step takes time linear in the values, except that Copeland's mean compares all pairs of units and
//! weights by components are turned out anew from the correlations, whose size is that of a group.

use super::{Answer, Columns, Fault, Question, aggregate, fill, normalise, ranks::ranks, treat, weigh};

/// Why an answer does not hold. Places are counted from 0.
#[derive(Clone, PartialEq, Debug, thiserror::Error)]
pub enum Wrong {
    #[error("{0}")]
    Question(Fault),
    #[error("it is of another edition")]
    Edition,
    #[error("step `{step}`, column {column}: it does not follow from the step before")]
    Step { step: &'static str, column: usize },
    #[error("the weights of group {group} are others")]
    Weights { group: usize },
    #[error("the ranks do not follow from the scores")]
    Ranks,
}

/// Follows an answer from step to step.
///
/// # Errors
/// The first step that does not follow.
pub fn check(question: &Question, answer: &Answer) -> Result<(), Wrong> {
    question.is_sound().map_err(Wrong::Question)?;
    if answer.edition != question.edition {
        return Err(Wrong::Edition);
    }
    let method = &question.method;
    let denominated = fill::denominated(question).map_err(Wrong::Question)?;
    same("denominated", &denominated, &answer.denominated)?;
    same("filled", &fill::filled(&answer.denominated, method.fill, &question.peers), &answer.filled)?;
    let (treated, treatments) =
        treat::all(question, &answer.filled, method.treat).map_err(Wrong::Question)?;
    same("treated", &treated, &answer.treated)?;
    let differs = |(a, b): (&treat::Treatment, &treat::Treatment)| {
        a.steps != b.steps || a.changed != b.changed || a.transform != b.transform
    };
    let other = treatments.iter().zip(&answer.treatments).position(differs);
    if let Some(column) = other.or((treatments.len() != answer.treatments.len()).then_some(0)) {
        return Err(Wrong::Step { step: "treatments", column });
    }
    let normalised = normalise::all(question, &answer.treated, method.scale).map_err(Wrong::Question)?;
    same("normalised", &normalised, &answer.normalised)?;
    groups(question, answer)?;
    let last = answer.scores.last().map_or_else(Vec::new, |scores| ranks(scores));
    if last == answer.ranks { Ok(()) } else { Err(Wrong::Ranks) }
}

fn groups(question: &Question, answer: &Answer) -> Result<(), Wrong> {
    let count = question.groups.len();
    if answer.weights.len() != count || answer.scores.len() != count {
        return Err(Wrong::Step { step: "scores", column: count.min(answer.scores.len()) });
    }
    let claimed = answer.weights.iter().zip(&answer.scores);
    for (group, (children, (weights, scores))) in question.children().iter().zip(claimed).enumerate() {
        let columns = aggregate::columns(children, &answer.normalised, &answer.scores);
        let right = weigh::of_group(question, group, children, &columns).map_err(Wrong::Question)?;
        if right != *weights {
            return Err(Wrong::Weights { group });
        }
        let mean = question.groups.get(group).and_then(|own| own.mean).unwrap_or(question.method.mean);
        let again = aggregate::of_group(&columns, weights, mean, question.method.least)
            .map_err(|unit| Wrong::Question(Fault::NotPositive { group, unit }))?;
        if !same_column(&again, scores) {
            return Err(Wrong::Step { step: "scores", column: group });
        }
    }
    Ok(())
}

fn same(step: &'static str, right: &Columns, claimed: &Columns) -> Result<(), Wrong> {
    let differs = right.iter().zip(claimed).position(|(a, b)| !same_column(a, b));
    let lengths = (right.len(), claimed.len());
    match differs.or((lengths.0 != lengths.1).then(|| lengths.0.min(lengths.1))) {
        Some(column) => Err(Wrong::Step { step, column }),
        None => Ok(()),
    }
}

/// To the last bit; what is missing is missing in both.
fn same_column(right: &[f64], claimed: &[f64]) -> bool {
    let same = |(a, b): (&f64, &f64)| a == b || (a.is_nan() && b.is_nan());
    right.len() == claimed.len() && right.iter().zip(claimed).all(same)
}
