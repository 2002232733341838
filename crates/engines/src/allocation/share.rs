//! Share: which pot pays what.
//!
//! Where the parts of the payers are not fixed, a choice can be paid exactly if every set of pots can bear what
//! only it can bear (max-flow, min-cut): a row for each set of pots that hang together. So the split itself
//! needs no variables; it is made afterwards, by flow, in whole fen.

use std::collections::VecDeque;

use super::places::{Places, add};
use super::question::{At, Candidate, Fault, Question, SHARING_MAX, WHOLE, Wrong};

/// What one pot must and may pay of a sum.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Span {
    /// The pot.
    pub pot: u32,
    /// At least, in fen.
    pub least: i64,
    /// At most, in fen.
    pub most: i64,
}

/// What each payer must and may pay of a year's money. Fixed parts are rounded so that they add up: the largest
/// remainders first, then the first named.
pub fn spans(candidate: &Candidate, money: i64) -> Vec<Span> {
    let part = |part: u32| i128::from(money) * i128::from(part);
    let whole = i128::from(WHOLE);
    let payers = &candidate.payers;
    let is_fixed = payers.iter().all(|payer| payer.least == payer.most);
    let floor = |value: i128| i64::try_from(value.div_euclid(whole)).unwrap_or(i64::MAX);
    let mut spans: Vec<Span> = Vec::with_capacity(payers.len());
    for payer in payers {
        let least = floor(part(payer.least));
        let most = if is_fixed { least } else { floor(part(payer.most) + whole - 1) };
        spans.push(Span { pot: payer.pot, least, most });
    }
    if is_fixed {
        let mut rest = money - spans.iter().map(|span| span.least).sum::<i64>();
        let mut order: Vec<usize> = (0..spans.len()).collect();
        order.sort_by_key(|place| {
            std::cmp::Reverse(payers.get(*place).map_or(0, |payer| part(payer.least).rem_euclid(whole)))
        });
        for place in order {
            let Some(span) = spans.get_mut(place).filter(|_| rest > 0) else { break };
            (span.least, span.most, rest) = (span.least + 1, span.most + 1, rest - 1);
        }
    }
    spans
}

/// Pots that hang together because some candidate's cost may be split between them freely; each in order.
///
/// # Errors
/// Too many hang together, or one of them carries money over.
pub fn together(question: &Question) -> Result<Vec<Vec<u32>>, Fault> {
    let mut leader: Vec<usize> = (0..question.pots.len()).collect();
    let find = |leader: &[usize], mut pot: usize| {
        while leader.at(pot) != pot {
            pot = leader.at(pot);
        }
        pot
    };
    for candidate in &question.candidates {
        let free =
            candidate.payers.iter().filter(|payer| payer.least != payer.most).map(|payer| payer.pot as usize);
        let free: Vec<usize> = free.collect();
        for pair in free.windows(2) {
            let (one, other) = (find(&leader, pair.at(0)), find(&leader, pair.at(1)));
            leader.put(one.max(other), one.min(other));
        }
    }
    let mut sets: Vec<Vec<u32>> = vec![Vec::new(); question.pots.len()];
    for pot in 0..question.pots.len() {
        sets.get_mut(find(&leader, pot)).into_iter().for_each(|set| set.push(pot as u32));
    }
    sets.retain(|set| !set.is_empty());
    for set in sets.iter().filter(|set| set.len() > 1) {
        let at = At::Pot(set.at(0));
        if set.len() > SHARING_MAX {
            return Err(Fault { at, wrong: Wrong::SharesTooWide(SHARING_MAX) });
        }
        if set.iter().any(|pot| question.pots.get(*pot as usize).is_some_and(|pot| pot.carries)) {
            return Err(Fault { at, wrong: Wrong::CarriesAndShares });
        }
    }
    Ok(sets)
}

/// What a set of pots must bear of a sum at least, whatever the others do.
pub fn burden(spans: &[Span], money: i64, set: &[u32]) -> i64 {
    let (mut own, mut others, mut fixed) = (0, 0, 0);
    for span in spans {
        fixed += span.least;
        if set.contains(&span.pot) {
            own += span.least;
        } else {
            others += span.most - span.least;
        }
    }
    own + (money - fixed - others).max(0)
}

/// Splits sums among pots: for each sum what each of its payers gives, in the order of its spans. `room` is
/// what each pot has. `None` if it cannot be done.
pub fn split(sums: &[(i64, Vec<Span>)], room: &[i64]) -> Option<Vec<Vec<i64>>> {
    let mut given: Vec<Vec<i64>> =
        sums.iter().map(|(_, spans)| spans.iter().map(|span| span.least).collect()).collect();
    let mut room = room.to_vec();
    for span in sums.iter().flat_map(|(_, spans)| spans) {
        add(&mut room, span.pot as usize, -span.least);
    }
    if room.iter().any(|room| *room < 0) {
        return None;
    }
    for sum in 0..sums.len() {
        loop {
            let (money, spans) = sums.get(sum)?;
            let missing = money - given.get(sum)?.iter().sum::<i64>();
            if missing <= 0 {
                break;
            }
            let spare = |place: usize, span: &Span, given: &[Vec<i64>]| {
                span.most - given.get(sum).map_or(0, |own| own.at(place))
            };
            let direct = spans
                .iter()
                .enumerate()
                .find(|(place, span)| spare(*place, span, &given) > 0 && room.at(span.pot as usize) > 0);
            if let Some((place, span)) = direct {
                let more = missing.min(spare(place, span, &given)).min(room.at(span.pot as usize));
                add(given.get_mut(sum)?, place, more);
                add(&mut room, span.pot as usize, -more);
                continue;
            }
            make_room(sums, &mut given, &mut room, sum)?;
        }
    }
    Some(given)
}

/// Moves money of other sums between pots so that a pot which this sum can use gets room. `None` if none can.
fn make_room(sums: &[(i64, Vec<Span>)], given: &mut [Vec<i64>], room: &mut [i64], sum: usize) -> Option<()> {
    // Breadth first over pots: `from` says which pot could be relieved through which sum.
    let mut from: Vec<Option<(usize, usize, usize, usize)>> = vec![None; room.len()];
    let mut is_seen = vec![false; room.len()];
    let mut queue = VecDeque::new();
    for (place, span) in sums.get(sum)?.1.iter().enumerate() {
        if span.most > given.get(sum)?.at(place) {
            is_seen.put(span.pot as usize, true);
            queue.push_back(span.pot as usize);
        }
    }
    while let Some(pot) = queue.pop_front() {
        if room.at(pot) > 0 {
            return relieve(sums, given, room, &from, pot);
        }
        for (other, (_, spans)) in sums.iter().enumerate() {
            let here = spans.iter().position(|span| span.pot as usize == pot);
            let Some(here) = here.filter(|here| {
                spans
                    .get(*here)
                    .is_some_and(|span| given.get(other).is_some_and(|g| g.at(*here) > span.least))
            }) else {
                continue;
            };
            for (place, span) in spans.iter().enumerate() {
                let can_take = given.get(other).is_some_and(|own| own.at(place) < span.most);
                if can_take && !is_seen.at(span.pot as usize) {
                    is_seen.put(span.pot as usize, true);
                    if let Some(slot) = from.get_mut(span.pot as usize) {
                        *slot = Some((pot, other, here, place));
                    }
                    queue.push_back(span.pot as usize);
                }
            }
        }
    }
    None
}

fn relieve(
    sums: &[(i64, Vec<Span>)],
    given: &mut [Vec<i64>],
    room: &mut [i64],
    from: &[Option<(usize, usize, usize, usize)>],
    end: usize,
) -> Option<()> {
    let mut path = Vec::new();
    let (mut at, mut amount) = (end, room.at(end));
    while let Some(Some((pot, sum, here, there))) = from.get(at) {
        let spans = &sums.get(*sum)?.1;
        let own = given.get(*sum)?;
        amount =
            amount.min(own.at(*here) - spans.get(*here)?.least).min(spans.get(*there)?.most - own.at(*there));
        path.push((*sum, *here, *there));
        at = *pot;
        if path.len() > room.len() {
            return None;
        }
    }
    if amount <= 0 || path.is_empty() {
        return None;
    }
    for (sum, here, there) in path {
        let own = given.get_mut(sum)?;
        add(own, here, -amount);
        add(own, there, amount);
    }
    add(room, end, -amount);
    add(room, at, amount);
    Some(())
}
