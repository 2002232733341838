//! Check: whether payments settle the obligations, in time linear in both. Needs no trust in who made them.

use super::{Fault, Proposal, Question, positions};

/// What a checked proposal comes to.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Verdict {
    /// The sum of all obligations that are not in dispute, in fen.
    pub gross: i128,
    /// What is paid. No settlement moves less: it is the sum of what is to be received.
    pub moved: i64,
    pub payments: usize,
    /// No settlement has fewer payments than this: every party with a position takes part in one.
    pub at_least: usize,
}

/// Why a proposal is no settlement.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub enum Wrong {
    #[error("{0}")]
    Question(Fault),
    #[error("the position of party {party} is not what its lines add up to")]
    Position { party: usize },
    #[error("payment {payment} is not from one who owes to one who is owed")]
    Payment { payment: usize },
    #[error("after all payments party {party} is not settled")]
    NotSettled { party: usize },
    #[error("group {group} does not settle among itself")]
    Group { group: usize },
    #[error("there are more payments than the groups need")]
    TooManyPayments,
}

/// Checks a proposal against its question.
///
/// # Errors
/// The first thing that is wrong with it.
pub fn check(question: &Question, proposal: &Proposal) -> Result<Verdict, Wrong> {
    let right = positions(question).map_err(Wrong::Question)?;
    if right.len() != proposal.positions.len() {
        return Err(Wrong::Position { party: right.len().min(proposal.positions.len()) });
    }
    if let Some(party) = right.iter().zip(&proposal.positions).position(|(a, b)| a != b) {
        return Err(Wrong::Position { party });
    }
    let of = |party: u32| right.get(party as usize).copied().unwrap_or(0);
    let mut open: Vec<i128> = right.iter().copied().map(i128::from).collect();
    for (payment, each) in proposal.payments.iter().enumerate() {
        if each.fen <= 0 || of(each.from) >= 0 || of(each.to) <= 0 {
            return Err(Wrong::Payment { payment });
        }
        for (party, fen) in [(each.from, i128::from(each.fen)), (each.to, -i128::from(each.fen))] {
            open.get_mut(party as usize).into_iter().for_each(|position| *position += fen);
        }
    }
    if let Some(party) = open.iter().position(|position| *position != 0) {
        return Err(Wrong::NotSettled { party });
    }
    grouped(proposal, &right)?;
    let count = |sign: i64| right.iter().filter(|position| position.signum() == sign).count();
    let undisputed = question.obligations.iter().filter(|line| !line.is_disputed);
    Ok(Verdict {
        gross: undisputed.map(|line| i128::from(line.fen)).sum(),
        moved: right.iter().filter(|position| **position > 0).sum(),
        payments: proposal.payments.len(),
        at_least: count(1).max(count(-1)),
    })
}

/// Every party with a position stands in one group, each group sums to nothing, and all payments stay inside
/// their groups and are no more than these need.
fn grouped(proposal: &Proposal, positions: &[i64]) -> Result<(), Wrong> {
    let mut home: Vec<Option<usize>> = vec![None; positions.len()];
    let mut needed = 0;
    for (group, parties) in proposal.groups.iter().enumerate() {
        let mut sum = 0_i128;
        for party in parties {
            let position = positions.get(*party as usize).copied().unwrap_or(0);
            match home.get_mut(*party as usize) {
                Some(home @ None) if position != 0 => *home = Some(group),
                _ => return Err(Wrong::Group { group }),
            }
            sum += i128::from(position);
        }
        if sum != 0 || parties.len() < 2 {
            return Err(Wrong::Group { group });
        }
        needed += parties.len() - 1;
    }
    let homeless = |(position, home): (&i64, &Option<usize>)| *position != 0 && home.is_none();
    if positions.iter().zip(&home).any(homeless) {
        return Err(Wrong::Group { group: proposal.groups.len() });
    }
    for payment in &proposal.payments {
        let of = |party: u32| home.get(party as usize).copied().flatten();
        if of(payment.from) != of(payment.to) {
            return Err(Wrong::Group { group: of(payment.from).unwrap_or(0) });
        }
    }
    if proposal.payments.len() > needed { Err(Wrong::TooManyPayments) } else { Ok(()) }
}
