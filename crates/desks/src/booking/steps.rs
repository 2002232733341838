//! Steps: which part of the rules answers a command.

use grammar::prelude::*;

use super::{
    Booking,
    Command::{self, *},
    allotting, asking, turns,
};

pub(super) fn decide(this: Option<&Booking>, command: &Command, ctx: &Ctx) -> Decision<Booking> {
    let Some(b) = this else {
        return match command {
            Allot(allotment) => allotting::allot(allotment, ctx),
            TakeTurn(taken) => turns::take_turn(taken, ctx),
            _ => asking::begin(command, ctx),
        };
    };
    match command {
        Plan { .. } | Move { .. } => b.times_change(command, ctx),
        Offer | OfferNext { .. } | TakeUp | PreEmpt { .. } | Displace { .. } => b.others_wait(command, ctx),
        Prepare { .. } | Command::Invoice(_) | VoidInvoice { .. } | Command::Answer { .. } => {
            b.comes_with(command, ctx)
        }
        CheckCharge
        | Adjust(_)
        | ApproveAdjustment { .. }
        | RefuseAdjustment { .. }
        | Contest { .. }
        | Uphold { .. }
        | Refund { .. } => b.charge_step(command, ctx),
        Split { .. } | AgreeToShare | DeclineShare { .. } => b.split_step(command, ctx),
        Credit(work) => b.credit(work.clone(), ctx),
        Cancel { .. } | TurnDown { .. } | Miss | Lapse | StopByItself => b.ends(command, ctx),
        _ => b.goes_its_way(command, ctx),
    }
}
