//! Check: whether shares add up to the works they are shares of, in one pass over works and places.

use super::{Answer, Fault, Question, Sum, share};

/// Why shares do not hold. Places are counted from 0.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub enum Wrong {
    #[error("{0}")]
    Question(Fault),
    #[error("place {place} has another count or share")]
    Place { place: usize },
    #[error("the shares do not come to the number of works")]
    Sum,
}

/// Counts again, and adds all shares up.
///
/// # Errors
/// The first thing that is wrong.
pub fn check(question: &Question, answer: &Answer) -> Result<(), Wrong> {
    let right = share(question).map_err(Wrong::Question)?;
    let claimed = answer.counts.iter().zip(&answer.shares);
    let same = right.counts.iter().zip(&right.shares).zip(claimed).position(|(a, b)| a != b);
    if let Some(place) = same {
        return Err(Wrong::Place { place });
    }
    if answer.shares.len() != right.shares.len() || answer.counts.len() != right.counts.len() {
        return Err(Wrong::Place { place: answer.shares.len().min(answer.counts.len()) });
    }
    let mut all = answer.nowhere.clone();
    answer.shares.iter().for_each(|sum: &Sum| all.add_all(sum));
    if all.whole() == Some(question.works.len() as u128) { Ok(()) } else { Err(Wrong::Sum) }
}
