//! Dutch: the price falls by a step at a time, and the first who takes it has it.

use super::{BadTerms, Offer, Outcome, Refused, is_price};

/// What was announced with the listing.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Terms {
    /// The first price, in fen.
    pub start: i64,
    /// The last one; nothing is sold below it.
    pub floor: i64,
    /// By how much the price falls, in fen.
    pub step: i64,
    /// How long each price stands, in milliseconds.
    pub every: i64,
    /// When the first price begins.
    pub opens: i64,
}

impl Terms {
    /// What is wrong with the terms.
    ///
    /// # Errors
    /// See there.
    pub fn are_sound(&self) -> Result<(), BadTerms> {
        if !is_price(self.start) || !is_price(self.floor) || self.floor > self.start {
            Err(BadTerms::Price)
        } else if self.step <= 0 {
            Err(BadTerms::Step)
        } else if self.every <= 0 || self.end().is_none() {
            Err(BadTerms::Times)
        } else {
            Ok(())
        }
    }

    /// How many times the price falls: the last fall ends at the floor.
    fn falls(&self) -> i64 {
        let height = self.start - self.floor;
        height / self.step + i64::from(height % self.step != 0)
    }

    /// The first millisecond in which nothing is sold any more.
    fn end(&self) -> Option<i64> {
        self.every.checked_mul(self.falls() + 1)?.checked_add(self.opens)
    }

    /// The price at a moment, in fen; `None` before the opening and after the last price.
    #[must_use]
    pub fn price(&self, at: i64) -> Option<i64> {
        let is_open = at >= self.opens && self.end().is_some_and(|end| at < end);
        let falls = at.checked_sub(self.opens)?.checked_div(self.every)?;
        is_open.then(|| self.start.saturating_sub(falls.saturating_mul(self.step)).max(self.floor))
    }
}

/// Plays the session: the first offer of at least the price of its moment wins at that price. What an offer
/// says above the price is not paid.
///
/// # Errors
/// What is wrong with the terms.
pub fn play(terms: &Terms, offers: &[Offer]) -> Result<(Vec<Refused>, Outcome), BadTerms> {
    terms.are_sound()?;
    let mut refused = Vec::new();
    let mut last = i64::MIN;
    for offer in offers {
        let fault = match terms.price(offer.at()) {
            _ if offer.at() < last => Refused::OutOfOrder,
            None if offer.at() < terms.opens => Refused::TooEarly,
            None => Refused::TooLate { end: terms.end().unwrap_or(terms.opens) },
            Some(least) if offer.fen < least => Refused::TooLow { least },
            Some(fen) => return Ok((refused, Outcome::Won { bidder: offer.bidder, fen })),
        };
        last = last.max(offer.at());
        refused.push(fault);
    }
    Ok((refused, Outcome::NoOffer))
}
