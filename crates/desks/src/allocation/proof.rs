//! Proof: a proposal is read and checked against the question, without searching; then its prices say why.

use engines::allocation::{self as engine, Doubt, Explorer};
use grammar::prelude::*;

use super::{
    Allocation, Event, PROPOSAL_MAX, Proposed,
    Refusal::{self, *},
    Status, Weight, Why,
};

/// The proposal carries the proof of its worth.
const PROVED: Rule<bool> = rule("AL-R01");
/// Rules named in one reason.
const WEIGHTS_SHOWN: usize = 3;

impl Allocation {
    pub fn is_proposed(&self, text: &Text<PROPOSAL_MAX>, ctx: &Ctx) -> Decision<Self> {
        if !matches!(self.status, Status::Gathering | Status::Proposed) {
            return not_now();
        }
        ensure(!self.entries.is_empty(), NobodyThere)?;
        let read = serde_json::from_str::<engine::Proposal>(text).ok();
        let proposal = read.ok_or(Unreadable)?;
        let question = self.question();
        engine::check(&question, &proposal).map_err(|doubt| self.doubted(&doubt))?;
        let explorer = Explorer::new(&question, &proposal).map_err(|_| QuestionWrong)?;
        let gap = i128::from(proposal.bound - proposal.value) * 1_000_000;
        let gap = i64::try_from(gap / i128::from(proposal.bound.max(1))).unwrap_or(i64::MAX);
        let proposed = Proposed {
            on: ctx.today(),
            value: proposal.value,
            bound: proposal.bound,
            gap: gap.max(0),
            chosen: self.choices(&proposal.awards),
            whys: explorer.reasons().iter().filter_map(|reason| self.why(reason)).collect(),
        };
        Ok(say(Event::Proposed { proposal: Box::new(proposed), certificate: text.clone() }))
    }

    fn why(&self, reason: &engine::Reason) -> Option<Why> {
        let candidate = |place: u32| {
            let entry = self.entries.get(usize::try_from(place).ok()?)?;
            Some(entry.candidate)
        };
        let weighs = reason.weights().filter(|(_, points)| *points != 0).take(WEIGHTS_SHOWN);
        let weighs = weighs.map(|(rule, points)| Weight { rule: self.name_of(rule), points });
        Some(Why {
            candidate: candidate(reason.candidate)?,
            is_chosen: reason.level.is_some(),
            margin: reason.points(),
            weighs: weighs.collect(),
            beaten_by: reason.beaten_by.and_then(candidate),
            loses: reason.loses,
        })
    }

    /// A doubt of the check, as a refusal that names what is wrong.
    pub(super) fn doubted(&self, doubt: &Doubt) -> No<Refusal> {
        let named = |rule: &engine::Rule| match rule {
            engine::Rule::Pots { .. } => BudgetExceeded { name: self.name_of(rule) },
            engine::Rule::Quota(_) => QuotaBroken { name: self.name_of(rule) },
            engine::Rule::Exclusive(_) => TwoForOneNeed,
            engine::Rule::Must(place) => {
                let entry = usize::try_from(*place).ok().and_then(|place| self.entries.get(place));
                entry.map_or(QuestionWrong, |entry| Promised { candidate: entry.candidate })
            }
            engine::Rule::Needs(_) | engine::Rule::Linked(_) => QuestionWrong,
        };
        let refusal = match doubt {
            Doubt::Broken(rule) => named(rule),
            Doubt::Value(value) => ValueWrong { value: *value },
            Doubt::Certificate | Doubt::Bound => {
                return No::Because(NotProved, Some(PROVED.id()));
            }
            Doubt::Question(_) | Doubt::Award(_) => QuestionWrong,
            Doubt::Paid(_) => Unreadable,
        };
        refusal.into()
    }
}
