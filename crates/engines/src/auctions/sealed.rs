//! Sealed: single-offer bidding (一次报价). Offers stay closed until the end; the highest valid one wins, and
//! equal highest ones go on in an open session from the price they share (EX-R27).

use super::{BadTerms, Offer, Outcome, PRIORITIES_MAX, Priority, is_price, rank};

/// What was announced with the listing.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Terms {
    /// The lowest valid offer, in fen.
    pub start: i64,
    /// Below this, in fen, the highest offer has no effect.
    pub reserve: Option<i64>,
    /// The last millisecond in which an offer is taken.
    pub closes: i64,
    pub priorities: Vec<Priority>,
    /// Holders of a priority who have said, once the offers were open, that they take it at the highest price.
    pub matched: Vec<u32>,
}

/// How the opening went.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Opening {
    Over(Outcome),
    /// These bidders, in order, share the highest price: they go on in an open session that starts there.
    Tied {
        bidders: Vec<u32>,
        fen: i64,
    },
}

/// Opens the offers. A bidder's first valid offer counts, further ones do not: an offer cannot be withdrawn
/// or bettered (EX-R25).
///
/// # Errors
/// What is wrong with the terms.
pub fn open(terms: &Terms, offers: &[Offer]) -> Result<Opening, BadTerms> {
    if !is_price(terms.start) || terms.reserve.is_some_and(|reserve| !is_price(reserve)) {
        return Err(BadTerms::Price);
    }
    if terms.priorities.len() > PRIORITIES_MAX || terms.matched.len() > PRIORITIES_MAX {
        return Err(BadTerms::Priorities);
    }
    let valid = valid(terms, offers);
    let Some(fen) = valid.iter().map(|offer| offer.fen).max() else {
        return Ok(Opening::Over(Outcome::NoOffer));
    };
    if terms.reserve.is_some_and(|reserve| fen < reserve) {
        return Ok(Opening::Over(Outcome::BelowReserve { highest: fen }));
    }
    let highest: Vec<u32> = valid.iter().filter(|offer| offer.fen == fen).map(|offer| offer.bidder).collect();
    let preferred = highest.iter().chain(&terms.matched);
    let ranked = preferred
        .enumerate()
        .filter_map(|(place, bidder)| rank(&terms.priorities, *bidder).map(|rank| (rank, place, *bidder)));
    Ok(match (ranked.min(), highest.as_slice()) {
        (Some((_, _, bidder)), _) => Opening::Over(Outcome::Won { bidder, fen }),
        (None, [bidder]) => Opening::Over(Outcome::Won { bidder: *bidder, fen }),
        (None, _) => Opening::Tied { bidders: highest, fen },
    })
}

fn valid(terms: &Terms, offers: &[Offer]) -> Vec<Offer> {
    let mut seen = std::collections::BTreeSet::new();
    let is_valid =
        |offer: &&Offer| offer.at() <= terms.closes && is_price(offer.fen) && offer.fen >= terms.start;
    let mut valid: Vec<Offer> =
        offers.iter().filter(is_valid).filter(|offer| seen.insert(offer.bidder)).copied().collect();
    valid.sort_by_key(Offer::at);
    valid
}
