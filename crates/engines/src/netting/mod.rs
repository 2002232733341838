//! Netting: obligations between parties become the few payments that keep every balance.
//!
//! A position is what a party is to receive less what it owes. Payments run only from parties whose position
//! is negative to parties whose position is positive, so that no more money moves than must. Parties are
//! split into as many groups as possible whose positions sum to nothing: a group of n needs n − 1 payments.
//! A line in dispute stays out and disturbs no other (rulebook VC-R15).

mod check;
mod fewest;
mod statement;
#[cfg(test)]
mod tests;

pub use check::{Verdict, Wrong, check};
pub use statement::{Statement, statements};

/// Parties of one run.
pub const PARTIES_MAX: u32 = 100_000;
/// Obligations of one run.
pub const OBLIGATIONS_MAX: usize = 20_000_000;

/// One line: the debtor owes the creditor so much.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Obligation {
    /// Counted from 0.
    pub debtor: u32,
    pub creditor: u32,
    /// More than nothing.
    pub fen: i64,
    /// In dispute: it waits for the next run.
    pub is_disputed: bool,
}

/// What is to be netted.
#[derive(Clone, Copy, Debug)]
pub struct Question<'a> {
    /// How many parties there are.
    pub parties: u32,
    pub obligations: &'a [Obligation],
}

/// One party pays another.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Payment {
    pub from: u32,
    pub to: u32,
    pub fen: i64,
}

/// What is to be paid, with what makes it easy to check.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Proposal {
    /// By party, in fen: above nothing it is to receive, below nothing it is to pay. They sum to nothing.
    pub positions: Vec<i64>,
    /// By payer, then by payee.
    pub payments: Vec<Payment>,
    /// Parties whose positions sum to nothing and who settle among themselves, one group after the other.
    pub groups: Vec<Vec<u32>>,
    /// No other set of payments has fewer of them: every way to group the parties was looked at.
    pub is_fewest: bool,
}

/// Why there is nothing to net.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub enum Fault {
    #[error("more than {PARTIES_MAX} parties")]
    TooManyParties,
    #[error("more than {OBLIGATIONS_MAX} obligations")]
    TooManyObligations,
    /// Lines are counted from 0.
    #[error("line {line} names a party that is not there")]
    NoSuchParty { line: usize },
    #[error("in line {line} a party owes itself")]
    OwesItself { line: usize },
    #[error("line {line} owes nothing, or less than nothing")]
    NotPositive { line: usize },
    #[error("the amounts are too large to add up")]
    TooMuch,
}

/// Nets the obligations.
///
/// Takes time linear in the obligations; in the parties, at most their square (where groups of three are
/// looked for) and, when no more than [`fewest::EXACT_MAX`] are left, two to their number.
///
/// # Errors
/// Which line cannot be netted, and why.
pub fn net(question: &Question) -> Result<Proposal, Fault> {
    let positions = positions(question)?;
    let (groups, is_fewest) = fewest::groups(&positions);
    let mut payments: Vec<Payment> = groups.iter().flat_map(|group| settle(group, &positions)).collect();
    payments.sort_unstable();
    Ok(Proposal { positions, payments, groups, is_fewest })
}

/// Every party's position, in fen.
///
/// # Errors
/// As [`net`].
pub fn positions(question: &Question) -> Result<Vec<i64>, Fault> {
    if question.parties > PARTIES_MAX {
        return Err(Fault::TooManyParties);
    }
    if question.obligations.len() > OBLIGATIONS_MAX {
        return Err(Fault::TooManyObligations);
    }
    let mut positions = vec![0_i64; question.parties as usize];
    for (line, each) in question.obligations.iter().enumerate() {
        if each.debtor == each.creditor {
            return Err(Fault::OwesItself { line });
        }
        if each.fen <= 0 {
            return Err(Fault::NotPositive { line });
        }
        let is_there = each.debtor.max(each.creditor) < question.parties;
        if !is_there {
            return Err(Fault::NoSuchParty { line });
        }
        if each.is_disputed {
            continue;
        }
        for (party, fen) in [(each.debtor, -each.fen), (each.creditor, each.fen)] {
            let position = positions.get_mut(party as usize).ok_or(Fault::NoSuchParty { line })?;
            *position = position.checked_add(fen).ok_or(Fault::TooMuch)?;
        }
    }
    // The sum of what is to be received must fit as well.
    let due = positions.iter().filter(|position| **position > 0);
    due.copied().try_fold(0_i64, i64::checked_add).ok_or(Fault::TooMuch)?;
    Ok(positions)
}

/// Settles one group: the largest debts with the largest claims. Needs at most one payment fewer than there
/// are parties, for each one settles a party whole, and the last one settles two.
fn settle(group: &[u32], positions: &[i64]) -> Vec<Payment> {
    let of = |party: &u32| positions.get(*party as usize).copied().unwrap_or(0);
    let side = |sign: i64| {
        let mut side: Vec<(i64, u32)> =
            group.iter().map(|party| (of(party) * sign, *party)).filter(|(fen, _)| *fen > 0).collect();
        side.sort_unstable_by_key(|(fen, party)| (std::cmp::Reverse(*fen), *party));
        side.into_iter()
    };
    let (mut debtors, mut creditors) = (side(-1), side(1));
    let (mut debtor, mut creditor) = (debtors.next(), creditors.next());
    let mut payments = Vec::with_capacity(group.len());
    while let (Some((owed, from)), Some((due, to))) = (debtor, creditor) {
        let fen = owed.min(due);
        payments.push(Payment { from, to, fen });
        debtor = if owed == fen { debtors.next() } else { Some((owed - fen, from)) };
        creditor = if due == fen { creditors.next() } else { Some((due - fen, to)) };
    }
    payments
}
