//! Proxy: an ascending auction in which every bidder names a limit and the house bids for it, one increment
//! above the second limit and never above its own. Of equal limits the earlier leads.

use super::{Offer, Outcome};

/// From this price on (in fen) the increment is this much; the first entry is for everything below the next.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Increment {
    pub from: i64,
    pub fen: i64,
}

/// What was announced.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Terms {
    /// The lowest limit that is taken, and the price while there is only one bidder, in fen.
    pub start: i64,
    /// By price, ascending.
    pub increments: Vec<Increment>,
}

impl Terms {
    /// The increment at a price, in fen.
    #[must_use]
    pub fn increment(&self, fen: i64) -> i64 {
        self.increments.iter().rev().find(|step| step.from <= fen).map_or(1, |step| step.fen)
    }
}

/// A session as it stands: the two highest limits of different bidders.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Session {
    terms: Terms,
    first: Option<Offer>,
    second: Option<i64>,
}

impl Session {
    #[must_use]
    pub fn new(terms: Terms) -> Self {
        Self { terms, first: None, second: None }
    }

    /// Takes a limit; a limit below the start, or no higher than the bidder's own, changes nothing.
    pub fn limit(&mut self, offer: Offer) {
        if offer.fen < self.terms.start {
            return;
        }
        match self.first {
            Some(first) if first.bidder == offer.bidder => {
                self.first = Some(if offer.fen > first.fen { offer } else { first });
            }
            Some(first) if offer.fen > first.fen => {
                self.second = Some(first.fen);
                self.first = Some(offer);
            }
            Some(_) => self.second = Some(self.second.map_or(offer.fen, |second| second.max(offer.fen))),
            None => self.first = Some(offer),
        }
    }

    /// The price now, in fen; `None` before the first limit.
    #[must_use]
    pub fn price(&self) -> Option<i64> {
        let first = self.first?;
        Some(self.second.map_or(self.terms.start, |second| {
            second.saturating_add(self.terms.increment(second)).min(first.fen)
        }))
    }

    /// Who has it, at which price, if the session ended now.
    #[must_use]
    pub fn outcome(&self) -> Outcome {
        match (self.first, self.price()) {
            (Some(first), Some(fen)) => Outcome::Won { bidder: first.bidder, fen },
            _ => Outcome::NoOffer,
        }
    }
}
