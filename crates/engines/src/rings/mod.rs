//! Rings: trades that lead back to where they began. A buys from B, B from C, C from A: then money may only go round.
//!
//! The search goes breadth first from the seller of one trade through what each seller bought itself, so that the ring
//! it gives is one of the shortest; within a window of days around the first trade and up to a length.

#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, BTreeSet, VecDeque};

/// Traders that one search looks at.
pub const TRADERS_MAX: usize = 2_000;

/// One trade; the day counted from any fixed day.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Trade<T> {
    pub id: T,
    pub buyer: T,
    pub seller: T,
    pub day: i64,
}

/// How far a search goes.
#[derive(Clone, Copy, Debug)]
pub struct Reach {
    /// Trades of a ring, the first included.
    pub length: usize,
    /// Days between the first trade and any other.
    pub days: i64,
}

/// The trades that lead from the first one's seller back to its buyer, in order; `None` when there are none within
/// reach. `bought` gives what someone bought.
pub fn ring<T: Copy + Ord, E>(
    first: Trade<T>,
    reach: Reach,
    mut bought: impl FnMut(T) -> Result<Vec<Trade<T>>, E>,
) -> Result<Option<Vec<Trade<T>>>, E> {
    // By whom each trader was reached: the trade in which they sold.
    let mut by: BTreeMap<T, Trade<T>> = BTreeMap::new();
    let mut seen = BTreeSet::from([first.seller]);
    let mut waiting = VecDeque::from([(first.seller, 1)]);
    while let Some((trader, length)) = waiting.pop_front() {
        if length >= reach.length {
            break;
        }
        let mut trades = bought(trader)?;
        trades.sort_unstable_by_key(|trade| (trade.day, trade.id));
        for trade in trades {
            let is_near = (trade.day - first.day).abs() <= reach.days;
            if trade.id == first.id || trade.buyer != trader || !is_near {
                continue;
            }
            if trade.seller == first.buyer {
                return Ok(Some(way(trade, &by)));
            }
            if seen.len() < TRADERS_MAX && seen.insert(trade.seller) {
                by.insert(trade.seller, trade);
                waiting.push_back((trade.seller, length + 1));
            }
        }
    }
    Ok(None)
}

/// The trades up to the last one, from the first seller on.
fn way<T: Copy + Ord>(last: Trade<T>, by: &BTreeMap<T, Trade<T>>) -> Vec<Trade<T>> {
    let mut way = vec![last];
    let mut trader = last.buyer;
    // Each trader was reached once, so this ends.
    while let Some(trade) = by.get(&trader) {
        way.push(*trade);
        trader = trade.buyer;
    }
    way.reverse();
    way
}

/// Whether these trades close a ring with the first, within reach: for whoever does not trust the search.
#[must_use]
pub fn check<T: Copy + Ord>(first: Trade<T>, reach: Reach, others: &[Trade<T>]) -> bool {
    let mut seller = first.seller;
    for trade in others {
        if trade.buyer != seller || trade.id == first.id || (trade.day - first.day).abs() > reach.days {
            return false;
        }
        seller = trade.seller;
    }
    !others.is_empty() && others.len() < reach.length && seller == first.buyer
}
