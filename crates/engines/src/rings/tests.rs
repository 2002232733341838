use std::convert::Infallible;

use super::*;

const REACH: Reach = Reach { length: 4, days: 365 };

/// Trades as id, buyer, seller, day.
fn trades(all: &[(u32, u32, u32, i64)]) -> Vec<Trade<u32>> {
    all.iter().map(|&(id, buyer, seller, day)| Trade { id, buyer, seller, day }).collect()
}

fn found(all: &[Trade<u32>], first: usize, reach: Reach) -> Option<Vec<u32>> {
    let bought =
        |trader| Ok::<_, Infallible>(all.iter().copied().filter(|trade| trade.buyer == trader).collect());
    let ring = ring(all[first], reach, bought).unwrap();
    if let Some(ring) = &ring {
        assert!(check(all[first], reach, ring), "{ring:?}");
    }
    ring.map(|ring| ring.iter().map(|trade| trade.id).collect())
}

#[test]
fn the_shortest_way_back_is_found() {
    let all = trades(&[(1, 10, 20, 0), (2, 20, 30, 5), (3, 30, 10, 9), (4, 20, 40, 1), (5, 40, 30, 2)]);
    assert_eq!(found(&all, 0, REACH), Some(vec![2, 3]));
    let direct = trades(&[(1, 10, 20, 0), (2, 20, 30, 5), (3, 30, 10, 9), (4, 20, 10, 300)]);
    assert_eq!(found(&direct, 0, REACH), Some(vec![4]));
}

#[test]
fn what_is_too_long_ago_too_long_or_leads_elsewhere_is_no_ring() {
    let old = trades(&[(1, 10, 20, 1_000), (2, 20, 10, 634)]);
    assert_eq!(found(&old, 0, REACH), None);
    assert_eq!(found(&trades(&[(1, 10, 20, 1_000), (2, 20, 10, 635)]), 0, REACH), Some(vec![2]));
    let long = trades(&[(1, 1, 2, 0), (2, 2, 3, 0), (3, 3, 4, 0), (4, 4, 5, 0), (5, 5, 1, 0)]);
    assert_eq!(found(&long, 0, REACH), None);
    assert_eq!(found(&long, 0, Reach { length: 5, ..REACH }), Some(vec![2, 3, 4, 5]));
    let open = trades(&[(1, 1, 2, 0), (2, 2, 3, 0), (3, 3, 2, 0)]);
    assert_eq!(found(&open, 0, REACH), None, "a ring elsewhere is none of this trade");
    assert_eq!(found(&open, 1, REACH), Some(vec![3]));
}

#[test]
fn every_ring_of_small_markets_is_found_and_nothing_else() {
    // All markets of up to four trades between three traders, against every order of the other trades.
    for number in 0_u32..9_u32.pow(4) {
        let pair = |place: u32| {
            let code = number / 9_u32.pow(place) % 9;
            (code / 3, code % 3)
        };
        let all: Vec<Trade<u32>> = (0..4)
            .map(|place| Trade { id: place, buyer: pair(place).0, seller: pair(place).1, day: 0 })
            .filter(|trade| trade.buyer != trade.seller)
            .collect();
        let Some(first) = all.first().copied() else { continue };
        let others = all.get(1..).unwrap_or_default();
        let mut closes = others.iter().any(|one| check(first, REACH, &[*one]));
        for one in others {
            closes |= others.iter().any(|two| one.id != two.id && check(first, REACH, &[*one, *two]));
        }
        assert_eq!(found(&all, 0, REACH).is_some(), closes, "{all:?}");
    }
}
