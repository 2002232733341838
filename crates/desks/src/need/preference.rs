//! Preference: whom the owner of a need would rather work with, among the solutions on the shortlist, first to last. The
//! offices that choose read it and are not bound by it; those who answered never do.

use grammar::prelude::*;

use super::{
    Need,
    Refusal::{NotOnTheShortlist, PreferredTwice},
    Status,
};

pub(super) const PREFERRED_MAX: usize = 10;

/// What the owner said last.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Preference {
    pub on: Day,
    /// First to last.
    pub solutions: List<Id, PREFERRED_MAX>,
    pub reason: Text<1000>,
}

impl Need {
    pub(super) fn prefers(
        &self,
        solutions: &List<Id, PREFERRED_MAX>,
        reason: &Text<1000>,
        ctx: &Ctx,
    ) -> Decision<Self> {
        if self.status != Status::Reviewing || solutions.is_empty() {
            return not_now();
        }
        for (place, solution) in solutions.iter().copied().enumerate() {
            let card = ctx.seen.get(solution);
            let answers = card.holders("need").any(|need| need == ctx.me);
            let is_listed = answers && matches!(card.status.as_str(), "shortlisted" | "negotiated");
            ensure(is_listed, NotOnTheShortlist { solution })?;
            let is_twice = solutions.iter().take(place).any(|other| *other == solution);
            ensure(!is_twice, PreferredTwice { solution })?;
        }
        let (on, solutions, reason) = (ctx.today(), solutions.clone(), reason.clone());
        Ok(say(super::Event::Preferred(Preference { on, solutions, reason })))
    }
}
