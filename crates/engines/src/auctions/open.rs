//! Open: multiple-offer bidding (多次报价). A free period, then a timed one that every offer starts anew; the
//! session ends when one whole timed period has passed without an offer (EX-R21). A holder of a priority
//! bids inside the session and may match the highest price (EX-R31).

use super::{BadTerms, OFFERS_MAX, Offer, Outcome, PRIORITIES_MAX, Priority, Refused, is_price, rank};

/// What was announced with the listing.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Terms {
    /// The lowest first offer, in fen.
    pub start: i64,
    /// Every offer lies a whole number of steps above the one before, in fen.
    pub step: i64,
    /// Below this, in fen, the highest offer has no effect.
    pub reserve: Option<i64>,
    /// When offers are taken, in milliseconds of the server's clock.
    pub opens: i64,
    /// When the free period ends.
    pub free_until: i64,
    /// How long the timed period lasts, in milliseconds; 300,000 by default (EX-R22).
    pub timed: i64,
    pub priorities: Vec<Priority>,
    /// Who may bid; everyone if none are named.
    pub admitted: Vec<u32>,
}

impl Terms {
    fn fault(&self) -> Option<BadTerms> {
        if !is_price(self.start) || self.reserve.is_some_and(|reserve| !is_price(reserve)) {
            Some(BadTerms::Price)
        } else if self.step <= 0 {
            Some(BadTerms::Step)
        } else if self.opens > self.free_until
            || self.timed <= 0
            || self.free_until.checked_add(self.timed).is_none()
        {
            Some(BadTerms::Times)
        } else if self.reserve.is_some_and(|reserve| reserve < self.start) {
            Some(BadTerms::Reserve)
        } else {
            (self.priorities.len() > PRIORITIES_MAX).then_some(BadTerms::Priorities)
        }
    }
}

/// A session as it stands.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Session {
    terms: Terms,
    leader: Option<Offer>,
    last: i64,
    end: i64,
    taken: usize,
}

/// What an offer that was taken has changed.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Taken {
    /// The highest price now, in fen.
    pub fen: i64,
    /// When the session will be over if nobody offers more.
    pub end: i64,
    /// The price is not higher; a holder of a priority has matched it.
    pub is_match: bool,
}

impl Session {
    /// A session that nobody has offered in.
    ///
    /// # Errors
    /// What is wrong with the terms.
    pub fn new(terms: Terms) -> Result<Self, BadTerms> {
        if let Some(fault) = terms.fault() {
            return Err(fault);
        }
        let end = terms.free_until + terms.timed;
        Ok(Self { leader: None, last: terms.opens, end, taken: 0, terms })
    }

    /// When the session is over if nobody offers more, in milliseconds.
    #[must_use]
    pub fn end(&self) -> i64 {
        self.end
    }

    /// The highest offer so far.
    #[must_use]
    pub fn leader(&self) -> Option<Offer> {
        self.leader
    }

    /// The least that would be taken now from one without priority, in fen.
    #[must_use]
    pub fn least(&self) -> i64 {
        self.leader.map_or(self.terms.start, |leader| leader.fen.saturating_add(self.terms.step))
    }

    /// Takes an offer, or says why not. Offers come in the order of the server's log.
    ///
    /// # Errors
    /// Why it is not taken; nothing has changed then.
    pub fn offer(&mut self, offer: Offer) -> Result<Taken, Refused> {
        self.is_in_time(&offer)?;
        if !self.terms.admitted.is_empty() && !self.terms.admitted.contains(&offer.bidder) {
            return Err(Refused::NotAdmitted);
        }
        if !is_price(offer.fen) {
            return Err(Refused::NotAPrice);
        }
        if self.leader.is_some_and(|leader| leader.bidder == offer.bidder) {
            return Err(Refused::AlreadyLeads);
        }
        let is_match = self.leader.is_some_and(|leader| self.may_match(&leader, &offer));
        if !is_match {
            self.is_whole_step(&offer)?;
        }
        self.last = offer.at;
        self.end = self.end.max(offer.at.saturating_add(self.terms.timed));
        self.leader = Some(offer);
        self.taken += 1;
        Ok(Taken { fen: offer.fen, end: self.end, is_match })
    }

    /// An offer that enters at the very end is in time; one millisecond later is not.
    fn is_in_time(&self, offer: &Offer) -> Result<(), Refused> {
        if offer.at < self.terms.opens {
            Err(Refused::TooEarly)
        } else if offer.at < self.last {
            Err(Refused::OutOfOrder)
        } else if offer.at > self.end {
            Err(Refused::TooLate { end: self.end })
        } else if self.taken >= OFFERS_MAX {
            Err(Refused::TooMany)
        } else {
            Ok(())
        }
    }

    /// The same price, from one whose rank is better than the leader's. Of equal ranks the earlier offer stays.
    fn may_match(&self, leader: &Offer, offer: &Offer) -> bool {
        let ours = rank(&self.terms.priorities, offer.bidder);
        let theirs = rank(&self.terms.priorities, leader.bidder);
        offer.fen == leader.fen && ours.is_some_and(|ours| theirs.is_none_or(|theirs| ours < theirs))
    }

    fn is_whole_step(&self, offer: &Offer) -> Result<(), Refused> {
        let above = self.leader.map_or(self.terms.start, |leader| leader.fen);
        let is_enough = if self.leader.is_some() { offer.fen > above } else { offer.fen >= above };
        if !is_enough {
            Err(Refused::TooLow { least: self.least() })
        } else if (offer.fen - above) % self.terms.step != 0 {
            Err(Refused::NotWholeStep { above })
        } else {
            Ok(())
        }
    }

    /// How the session ended; `None` while an offer could still come.
    #[must_use]
    pub fn outcome(&self, now: i64) -> Option<Outcome> {
        if now <= self.end {
            return None;
        }
        Some(match (self.leader, self.terms.reserve) {
            (None, _) => Outcome::NoOffer,
            (Some(leader), Some(reserve)) if leader.fen < reserve => {
                Outcome::BelowReserve { highest: leader.fen }
            }
            (Some(leader), _) => Outcome::Won { bidder: leader.bidder, fen: leader.fen },
        })
    }
}

/// Plays a whole course: what became of each offer, in order, and the session at its end.
///
/// # Errors
/// What is wrong with the terms.
pub fn replay(terms: Terms, offers: &[Offer]) -> Result<(Vec<Result<Taken, Refused>>, Session), BadTerms> {
    let mut session = Session::new(terms)?;
    let course = offers.iter().map(|offer| session.offer(*offer)).collect();
    Ok((course, session))
}
