//! Auctions: offers in the order of the server's log become a winner, the same on any machine.
//!
//! Each kind is a small machine of its own: [`open`] (多次报价, free and timed periods), [`sealed`] (一次报价),
//! [`weighted`] (权重报价), [`dutch`] (a falling price) and [`proxy`] (limits that bid by themselves). None knows
//! a clock: the time of an offer is the time it entered the server (rulebook EX-R24), and offers with the same
//! time are in the order of the log. The course of a session is its own certificate: whoever plays the same
//! offers by the same terms gets the same course.

pub mod dutch;
pub mod open;
pub mod proxy;
pub mod sealed;
#[cfg(test)]
mod tests;
pub mod weighted;

/// The largest price, in fen: ten thousand thousand million yuan. Prices below it never overflow.
pub const PRICE_MAX: i64 = 1_000_000_000_000_000;
/// Offers of one session.
pub const OFFERS_MAX: usize = 1_000_000;
/// Those who may match the highest price in one session.
pub const PRIORITIES_MAX: usize = 100;

/// One offer, as it entered the server.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Offer {
    /// Who: a number that says nothing about the person (EX-R29).
    pub bidder: u32,
    pub fen: i64,
    /// Milliseconds of the server's clock.
    at: i64,
}

impl Offer {
    /// An offer of `fen` at the server's time `at`, in milliseconds.
    #[must_use]
    pub fn new(bidder: u32, fen: i64, at: i64) -> Self {
        Self { bidder, fen, at }
    }

    /// Milliseconds of the server's clock.
    #[must_use]
    pub fn at(&self) -> i64 {
        self.at
    }
}

/// A right to be preferred under equal conditions (同等条件优先, EX-R30).
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Priority {
    pub bidder: u32,
    /// 1 comes before 2.
    pub rank: u32,
}

/// The rank of a bidder; smaller is better.
fn rank(priorities: &[Priority], bidder: u32) -> Option<u32> {
    priorities.iter().filter(|priority| priority.bidder == bidder).map(|priority| priority.rank).min()
}

/// Whether a price can be one.
fn is_price(fen: i64) -> bool {
    (1..=PRICE_MAX).contains(&fen)
}

/// Why an offer is not taken. It changes nothing.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub enum Refused {
    #[error("the session has not begun")]
    TooEarly,
    /// The session was over at this time, in milliseconds.
    #[error("the session was over at {end}")]
    TooLate { end: i64 },
    #[error("an offer from before the last one")]
    OutOfOrder,
    #[error("this bidder is not admitted")]
    NotAdmitted,
    #[error("not a price")]
    NotAPrice,
    /// The least that would be taken, in fen.
    #[error("at least {least} fen")]
    TooLow { least: i64 },
    /// Not a whole number of steps above `above` (EX-R23).
    #[error("not a whole number of steps above {above} fen")]
    NotWholeStep { above: i64 },
    /// Who leads cannot offer against itself.
    #[error("this bidder leads already")]
    AlreadyLeads,
    #[error("this bidder has made its one offer")]
    OfferedAlready,
    #[error("a session takes {OFFERS_MAX} offers")]
    TooMany,
}

/// Why terms cannot be those of a session.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub enum BadTerms {
    #[error("a price has to lie between 1 fen and {PRICE_MAX} fen")]
    Price,
    #[error("a step has to be more than nothing")]
    Step,
    #[error("the times of the session are not in order")]
    Times,
    #[error("the weights have to sum to {} and be none below nothing", weighted::WHOLE)]
    Weights,
    #[error("at most {PRIORITIES_MAX} may have priority")]
    Priorities,
    #[error("the reserve lies below the start")]
    Reserve,
}

/// How a session ended.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Outcome {
    /// Nobody offered.
    NoOffer,
    /// The highest offer has no effect: it lies below the reserve (EX-R26).
    BelowReserve {
        highest: i64,
    },
    Won {
        bidder: u32,
        fen: i64,
    },
}
