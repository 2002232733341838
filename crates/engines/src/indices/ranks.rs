//! Ranks: places by a score, before it is rounded.

/// The rank of each unit: 1 is the best, equals share a rank and leave the next ones out, 0 stands for no score.
#[must_use]
pub fn ranks(scores: &[f64]) -> Vec<u32> {
    let mut order: Vec<(usize, f64)> =
        scores.iter().copied().enumerate().filter(|(_, s)| !s.is_nan()).collect();
    order.sort_by(|a, b| b.1.total_cmp(&a.1));
    let mut ranks = vec![0; scores.len()];
    let (mut rank, mut last) = (0, f64::NAN);
    for ((unit, score), place) in order.into_iter().zip(1..) {
        // Zero below and above nothing are one score.
        if score != last {
            rank = place;
        }
        last = score;
        ranks.get_mut(unit).into_iter().for_each(|slot| *slot = rank);
    }
    ranks
}
