//! Lots: who is drawn for each candidate, from a list fixed before the seed was known (EP-R23).
//!
//! Candidates with the fewest eligible experts come first. For each, the seed shuffles its list; those with the fewest
//! reviews so far go ahead of the others, so that the load is balanced; from the front are taken as many as are needed, unless
//! an expert's room is used up or a unit has its part already. Everyone else follows as a substitute. The same list and seed give the
//! same answer on every machine.

use std::collections::BTreeMap;

use engines::draw::{Seed, Stream};

use super::{Eligible, Known, Lots};

/// For each candidate all eligible experts in drawn order, those taken first.
#[must_use]
pub fn draw(lots: &Lots, each: usize, unit_most: usize, seed: [u8; 32]) -> Vec<Eligible> {
    let mut queue: Vec<&Eligible> = lots.eligible.iter().collect();
    queue.sort_by_key(|one| (one.experts.len(), one.candidate));
    let mut loads: BTreeMap<u32, u32> = BTreeMap::new();
    let mut orders = Vec::new();
    for one in queue {
        let mut order = shuffled(&one.experts, seed, one.candidate.as_str());
        order.sort_by_key(|place| loads.get(place).copied().unwrap_or(0));
        let taken = taken(&order, &lots.known, each, unit_most, &loads);
        for place in &taken {
            *loads.entry(*place).or_default() += 1;
        }
        let rest = order.iter().copied().filter(|place| !taken.contains(place));
        let experts = taken.iter().copied().chain(rest).collect();
        orders.push(Eligible { candidate: one.candidate, experts });
    }
    orders.sort_by_key(|one| one.candidate);
    orders
}

/// Fisher–Yates from the front, with the engine's stream.
fn shuffled(experts: &[u32], seed: [u8; 32], label: &str) -> Vec<u32> {
    let mut stream = Stream::new(&Seed(seed), label);
    let mut order = experts.to_vec();
    for place in 0..order.len() {
        let left = u64::try_from(order.len() - place).unwrap_or(1);
        order.swap(place, place + usize::try_from(stream.below(left)).unwrap_or(0));
    }
    order
}

fn taken(
    order: &[u32],
    known: &[Known],
    each: usize,
    unit_most: usize,
    loads: &BTreeMap<u32, u32>,
) -> Vec<u32> {
    let of = |place: u32| usize::try_from(place).ok().and_then(|place| known.get(place));
    let mut taken: Vec<u32> = Vec::new();
    for place in order {
        let Some(expert) = of(*place) else { continue };
        let same = taken
            .iter()
            .filter(|other| of(**other).is_some_and(|o| o.unit.is_some() && o.unit == expert.unit));
        let has_room = loads.get(place).copied().unwrap_or(0) < expert.room;
        if taken.len() < each && has_room && same.count() < unit_most {
            taken.push(*place);
        }
    }
    taken
}

#[cfg(test)]
mod tests {
    use grammar::prelude::*;

    use super::*;

    fn lots(experts: u32, candidates: u32, room: u32) -> Lots {
        let id = |desk: &str, n: u32| -> Id { format!("{desk}-{n}").parse().unwrap() };
        let known = (0..experts).map(|n| Known {
            expert: id("expert", n).r(),
            person: id("person", n).r(),
            kinds: vec![],
            stays_on: false,
            unit: Some(id("organisation", n / 4).r()),
            room,
        });
        let all: Vec<u32> = (0..experts).collect();
        let eligible = (0..candidates)
            .map(|n| Eligible { candidate: id("solution", n), experts: all.clone() })
            .collect();
        let (lot, at) = (Lot::of(&[1; 32]), Moment::from_millis(0));
        Lots { lot, at, known: known.collect(), eligible, unit_most: Some(1), drawn: None, order: vec![] }
    }

    #[test]
    fn everyone_gets_three_from_three_units_and_the_load_is_balanced() {
        // The letter's case: 133 solutions, 399 reviews, 60 experts.
        let lots = lots(60, 133, 30);
        let orders = draw(&lots, 3, 1, [5; 32]);
        let mut loads: BTreeMap<u32, u32> = BTreeMap::new();
        for one in &orders {
            assert_eq!(one.experts.len(), 60, "everyone else is a substitute");
            let units: std::collections::BTreeSet<u32> = one.experts.iter().take(3).map(|n| n / 4).collect();
            assert_eq!(units.len(), 3);
            one.experts.iter().take(3).for_each(|n| *loads.entry(*n).or_default() += 1);
        }
        let (least, most) = (loads.values().min().unwrap(), loads.values().max().unwrap());
        assert_eq!((loads.values().sum::<u32>(), *least, *most), (399, 6, 7));
        assert_eq!(draw(&lots, 3, 1, [5; 32]), orders, "the same seed, the same draw");
        assert_ne!(draw(&lots, 3, 1, [6; 32]), orders);
    }

    #[test]
    fn nobody_is_drawn_beyond_their_room() {
        let lots = lots(8, 6, 2);
        let orders = draw(&lots, 3, 1, [5; 32]);
        let mut loads: BTreeMap<u32, u32> = BTreeMap::new();
        for one in &orders {
            let units: Vec<u32> = one.experts.iter().map(|n| n / 4).collect();
            assert_ne!(units.first(), units.get(1), "two units, so two are taken and the third is missing");
            one.experts.iter().take(2).for_each(|n| *loads.entry(*n).or_default() += 1);
        }
        assert!(loads.values().all(|load| *load <= 2), "{loads:?}");
    }

    #[test]
    fn whoever_has_the_fewest_to_choose_from_comes_first() {
        let mut lots = lots(4, 2, 1);
        lots.known.iter_mut().for_each(|known| known.unit = None);
        lots.eligible[1].experts = vec![2];
        for seed in 0..20 {
            let orders = draw(&lots, 1, 1, [seed; 32]);
            assert_eq!(orders[1].experts.first(), Some(&2));
            assert_ne!(orders[0].experts.first(), Some(&2), "seed {seed}");
        }
    }
}
