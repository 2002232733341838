//! Answers: whether a need takes a solution in at this moment, and whom it must not pay.
//!
//! It keeps nothing of a solution: how many came in before the window closed is nobody's to read here.

use grammar::prelude::*;

use super::{Need, Refusal, Refusal::*, Status, steps::WINDOW};
use crate::{candidate::are_affiliated, organisation::Organisation};

/// Affiliates of a need's owner are not paid for solving it (NJ-R12, by analogy with co-funders).
const AFFILIATES: Rule<bool> = rule("NJ-R12");

impl Need {
    /// # Errors
    /// The window is shut, or someone who is to be paid is an owner or affiliated with one.
    pub fn answered(
        &self,
        owners: &[Ref<Organisation>],
        paid: &[Ref<Organisation>],
        ctx: &Ctx,
    ) -> Decision<Self> {
        let is_open = self.status == Status::Soliciting && !self.window_is_over(ctx);
        ensure(is_open, AnswersAreClosed).by(WINDOW)?;
        let mut own = std::iter::once(&self.fields.owner).chain(self.co_owners.iter());
        if !own.all(|owner| owners.contains(owner)) {
            return not_now();
        }
        for organisation in paid.iter().copied() {
            self.may_be_paid(organisation, owners, ctx)?;
        }
        Ok(Script::silent())
    }

    fn may_be_paid(
        &self,
        organisation: Ref<Organisation>,
        owners: &[Ref<Organisation>],
        ctx: &Ctx,
    ) -> Result<(), No<Refusal>> {
        let is_close = owners.iter().any(|owner| are_affiliated(*owner, organisation, ctx));
        ensure(!is_close, AffiliateIsPaid { organisation }).by(AFFILIATES)
    }
}
