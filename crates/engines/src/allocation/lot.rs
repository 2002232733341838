//! Lot: who wins where the scores cannot tell.
//!
//! Candidates near the line are put in an order by [`crate::draw`], from a seed that was fixed before. Who is drawn
//! earlier is favoured by the smallest step that settles a tie, so that all budgets and quotas still hold.

use super::question::Question;

/// The question in which the lot decides among `near`: their scores become one, the mean of theirs rounded down, and
/// the order drawn adds less than a point between them. All other scores keep their worth beside them.
///
/// Scores are multiplied by the factor that is returned, so that the order fits between two of them. `None` if
/// the scores would grow too large.
pub fn drawn(question: &Question, order: &[u32]) -> Option<(Question, i64)> {
    let count = i64::try_from(order.len()).ok().filter(|count| *count > 0)?;
    // Even if all are funded, the order adds less than one point.
    let factor = count.checked_mul(count)?.checked_add(1)?;
    let mut sum = 0_i64;
    for candidate in order {
        sum = sum.checked_add(question.candidates.get(*candidate as usize)?.score)?;
    }
    let mean = sum.div_euclid(count);
    let mut drawn = question.clone();
    for (candidate, number) in drawn.candidates.iter_mut().zip(0_u32..) {
        let place = order.iter().position(|own| *own == number);
        let bonus = place.map_or(0, |place| count - place as i64 - 1);
        for level in &mut candidate.levels {
            let own = if place.is_some() { mean.min(level.score) } else { level.score };
            level.score = own.checked_mul(factor)?.checked_add(bonus)?;
        }
        let own = if place.is_some() { mean } else { candidate.score };
        candidate.score = own.checked_mul(factor)?.checked_add(bonus)?;
    }
    drawn.check().ok().map(|()| (drawn, factor))
}
