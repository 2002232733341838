//! Weighted: weighted bidding (权重报价). Weights of the price and of other items are announced with the listing;
//! the highest sum wins, then the higher price, then the earlier offer (EX-R28). Sums are exact.

use std::cmp::Ordering;

use super::{BadTerms, Offer, is_price};

/// What all weights sum to: parts of ten thousand.
pub const WHOLE: u32 = 10_000;
/// The best score of an item, in hundredths of a point: 100 points.
pub const BEST: u32 = 10_000;
/// Items beside the price.
pub const ITEMS_MAX: usize = 50;

/// What was announced with the listing.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Terms {
    /// The lowest valid price, in fen.
    pub start: i64,
    /// Of the price, in parts of [`WHOLE`].
    pub price_weight: u32,
    /// Of the other items, in their order.
    pub weights: Vec<u32>,
}

/// A bid: an offer and the published scores of its other items, in hundredths of a point, at most [`BEST`].
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Bid {
    pub offer: Offer,
    pub scores: Vec<u32>,
}

/// A bid with its sum.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Ranked {
    pub offer: Offer,
    /// The exact sum is `sum / of` hundredths of a point; `of` is the same for all bids of a session.
    pub sum: i128,
    pub of: i128,
}

/// All valid bids, the winner first. The price scores in proportion to the highest price: 100 points for it.
/// Bids below the start, or with scores that are none, do not count.
///
/// # Errors
/// What is wrong with the terms.
pub fn rank(terms: &Terms, bids: &[Bid]) -> Result<Vec<Ranked>, BadTerms> {
    let sum: u64 = terms.weights.iter().chain([&terms.price_weight]).map(|weight| u64::from(*weight)).sum();
    if sum != u64::from(WHOLE) || terms.weights.len() > ITEMS_MAX {
        return Err(BadTerms::Weights);
    }
    if !is_price(terms.start) {
        return Err(BadTerms::Price);
    }
    let is_valid = |bid: &&Bid| {
        is_price(bid.offer.fen)
            && bid.offer.fen >= terms.start
            && bid.scores.len() == terms.weights.len()
            && bid.scores.iter().all(|score| *score <= BEST)
    };
    let valid: Vec<&Bid> = bids.iter().filter(is_valid).collect();
    let highest = valid.iter().map(|bid| bid.offer.fen).max().map_or(1, i128::from);
    let mut ranked: Vec<Ranked> = valid.into_iter().map(|bid| score(terms, bid, highest)).collect();
    ranked.sort_by(order);
    Ok(ranked)
}

fn score(terms: &Terms, bid: &Bid, highest: i128) -> Ranked {
    let price = i128::from(terms.price_weight) * i128::from(BEST) * i128::from(bid.offer.fen);
    let pairs = terms.weights.iter().zip(&bid.scores);
    let items: i128 = pairs.map(|(weight, score)| i128::from(*weight) * i128::from(*score)).sum();
    Ranked { offer: bid.offer, sum: price + items * highest, of: i128::from(WHOLE) * highest }
}

fn order(one: &Ranked, other: &Ranked) -> Ordering {
    let better = other.sum.cmp(&one.sum).then(other.offer.fen.cmp(&one.offer.fen));
    better.then(one.offer.at().cmp(&other.offer.at()))
}
