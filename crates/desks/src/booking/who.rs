//! Who may ask a booking what: its buyer, its provider, and for a charge in which two must agree the office too.

use grammar::prelude::*;

use super::{
    Command::{self, *},
    OFFICE,
};

pub(super) fn who(command: &Command) -> Who {
    const BOTH: Who = Who::Either(&[Who::Party("buyer"), Who::Party("provider")]);
    // A bundle asks for several, and cancels several, for its own buyer.
    const BUYER: Who = Who::Either(&[Who::Party("buyer"), Who::Desk("bundle")]);
    match command {
        Request(_) | Cancel { .. } => BUYER,
        Queue(_)
        | TakeTurn(_)
        | Move { .. }
        | TakeUp
        | Rate { .. }
        | Credit(_)
        | Split { .. }
        | Contest { .. } => Who::Party("buyer"),
        AgreeToShare | DeclineShare { .. } => Who::Signatory("payer"),
        Accept { .. } => Who::Signatory("buyer"),
        Start(_) | Stop | Answer { .. } => BOTH,
        Quote { .. }
        | Schedule { .. }
        | Prepare { .. }
        | Invoice(_)
        | VoidInvoice { .. }
        | Report(_)
        | Pay { .. }
        | CheckCharge
        | Adjust(_)
        | Uphold { .. }
        | AnswerRating { .. }
        | Refund { .. }
        | TurnDown { .. } => Who::Party("provider"),
        // A unit may have nobody else who looks after an instrument.
        ApproveAdjustment { .. } | RefuseAdjustment { .. } => {
            Who::Either(&[Who::Party("provider"), Who::Office(OFFICE)])
        }
        PreEmpt { .. } => Who::Signatory("provider"),
        Plan { .. } | Displace { .. } | OfferNext { .. } | Offer => Who::Desk("booking"),
        Allot(_) => Who::Desk("proposal"),
        Miss | Lapse | StopByItself => Who::Clock,
    }
}
