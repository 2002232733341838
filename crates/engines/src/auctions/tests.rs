use super::*;

const YUAN: i64 = 100;

/// Milliseconds of a time of day, `09:10:00.000`.
fn at(text: &str) -> i64 {
    let (clock, millis) = text.split_once('.').unwrap_or((text, "0"));
    let parts = clock.split(':').map(|part| part.parse::<i64>().unwrap());
    let seconds = parts.fold(0, |seconds, part| seconds * 60 + part);
    seconds * 1_000 + millis.parse::<i64>().unwrap()
}

fn terms() -> open::Terms {
    open::Terms {
        start: 5_000_000 * YUAN,
        step: 50_000 * YUAN,
        reserve: None,
        opens: at("09:00:00"),
        free_until: at("10:00:00"),
        timed: 300_000,
        priorities: vec![Priority { bidder: 9, rank: 1 }],
        admitted: vec![1, 2, 9],
    }
}

fn offer(bidder: u32, yuan: i64, time: &str) -> Offer {
    Offer::new(bidder, yuan * YUAN, at(time))
}

#[test]
fn the_worked_example_of_multiple_offers() {
    let offers = [
        offer(1, 5_000_000, "09:10:00"),
        offer(2, 5_150_000, "09:58:00"),
        offer(1, 5_200_000, "10:04:58.200"),
        offer(9, 5_200_000, "10:07:10"),
        offer(2, 5_225_000, "10:08:00"),
        offer(1, 5_250_000, "10:12:10.001"),
    ];
    let (course, session) = open::replay(terms(), &offers).unwrap();
    let end = |place: usize| course[place].unwrap().end;
    assert_eq!(end(1), at("10:05:00"));
    assert_eq!(end(2), at("10:09:58.200"));
    assert_eq!((end(3), course[3].unwrap().is_match), (at("10:12:10"), true));
    assert_eq!(course[4], Err(Refused::NotWholeStep { above: 5_200_000 * YUAN }));
    assert_eq!(course[5], Err(Refused::TooLate { end: at("10:12:10") }));
    assert_eq!(session.outcome(at("10:12:10")), None, "an offer could still enter in this millisecond");
    let won = Outcome::Won { bidder: 9, fen: 5_200_000 * YUAN };
    assert_eq!(session.outcome(at("10:12:10.001")), Some(won));
}

#[test]
fn an_offer_is_a_whole_number_of_steps_above_the_highest() {
    let mut session = open::Session::new(terms()).unwrap();
    assert_eq!(session.offer(offer(1, 4_950_000, "09:01:00")), Err(Refused::TooLow { least: 500_000_000 }));
    assert_eq!(
        session.offer(offer(1, 5_020_000, "09:01:00")),
        Err(Refused::NotWholeStep { above: 500_000_000 })
    );
    assert!(session.offer(offer(1, 5_100_000, "09:02:00")).is_ok());
    assert_eq!(session.offer(offer(1, 5_150_000, "09:03:00")), Err(Refused::AlreadyLeads));
    assert_eq!(session.offer(offer(2, 5_100_000, "09:03:00")), Err(Refused::TooLow { least: 515_000_000 }));
    assert_eq!(session.offer(offer(5, 5_150_000, "09:03:00")), Err(Refused::NotAdmitted));
    assert_eq!(session.offer(offer(2, 5_150_000, "09:01:59")), Err(Refused::OutOfOrder));
    assert_eq!(session.offer(offer(2, 0, "09:03:00")), Err(Refused::NotAPrice));
    assert_eq!(
        open::Session::new(terms()).unwrap().offer(offer(1, 5_000_000, "08:00:00")),
        Err(Refused::TooEarly)
    );
}

#[test]
fn of_two_holders_the_better_rank_keeps_the_price() {
    let mut with_two = terms();
    with_two.priorities.push(Priority { bidder: 2, rank: 2 });
    let mut session = open::Session::new(with_two).unwrap();
    session.offer(offer(1, 5_000_000, "09:10:00")).unwrap();
    assert!(session.offer(offer(2, 5_000_000, "09:11:00")).unwrap().is_match);
    assert!(session.offer(offer(9, 5_000_000, "09:12:00")).unwrap().is_match);
    assert_eq!(session.offer(offer(2, 5_000_000, "09:13:00")), Err(Refused::TooLow { least: 505_000_000 }));
    assert_eq!(session.leader().unwrap().bidder, 9);
}

#[test]
fn below_the_reserve_the_highest_offer_has_no_effect() {
    let mut reserved = terms();
    reserved.reserve = Some(5_500_000 * YUAN);
    let (_, session) = open::replay(reserved, &[offer(1, 5_450_000, "09:10:00")]).unwrap();
    assert_eq!(session.outcome(at("10:05:00.001")), Some(Outcome::BelowReserve { highest: 545_000_000 }));
    let (_, session) = open::replay(terms(), &[]).unwrap();
    assert_eq!(session.outcome(at("10:05:00.001")), Some(Outcome::NoOffer));
}

#[test]
fn terms_that_cannot_be_are_named() {
    let bad = |change: &dyn Fn(&mut open::Terms)| {
        let mut bad = terms();
        change(&mut bad);
        open::Session::new(bad).unwrap_err()
    };
    assert_eq!(bad(&|terms| terms.start = 0), BadTerms::Price);
    assert_eq!(bad(&|terms| terms.step = 0), BadTerms::Step);
    assert_eq!(bad(&|terms| terms.timed = 0), BadTerms::Times);
    assert_eq!(bad(&|terms| terms.free_until = i64::MAX), BadTerms::Times);
    assert_eq!(bad(&|terms| terms.reserve = Some(1)), BadTerms::Reserve);
    assert_eq!(
        bad(&|terms| terms.priorities = vec![Priority { bidder: 1, rank: 1 }; 101]),
        BadTerms::Priorities
    );
}

/// However offers come, the course obeys its own law: prices rise by whole steps or stay for a better rank,
/// no gap in the timed period is longer than the period, and the last one taken wins.
#[test]
fn random_courses_obey_the_law() {
    let mut state = 5_u64;
    let mut below = |end: u64| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        i64::try_from((state >> 33) % end).unwrap()
    };
    for _ in 0..300 {
        let mut now = at("09:30:00");
        let mut offers = Vec::new();
        for _ in 0..60 {
            now += below(200_000);
            let bidder = [1, 2, 9, 5][usize::try_from(below(4)).unwrap()];
            offers.push(Offer::new(bidder, 500_000_000 + 2_500_000 * below(80), now));
        }
        let (course, session) = open::replay(terms(), &offers).unwrap();
        assert_eq!(open::replay(terms(), &offers).unwrap().1, session, "the same offers, the same session");
        let taken: Vec<Offer> =
            offers.iter().zip(&course).filter(|(_, each)| each.is_ok()).map(|(offer, _)| *offer).collect();
        for pair in taken.windows(2) {
            let rise = pair[1].fen - pair[0].fen;
            assert!(rise % 5_000_000 == 0 && (rise > 0 || (rise == 0 && pair[1].bidder == 9)));
            assert!(pair[1].at() - pair[0].at().max(at("10:00:00")) <= 300_000);
            assert_ne!(pair[0].bidder, pair[1].bidder);
        }
        let won = taken.last().map(|offer| Outcome::Won { bidder: offer.bidder, fen: offer.fen });
        assert_eq!(session.outcome(i64::MAX), Some(won.unwrap_or(Outcome::NoOffer)));
    }
}

fn sealed_terms() -> sealed::Terms {
    let priorities = vec![Priority { bidder: 9, rank: 1 }, Priority { bidder: 8, rank: 2 }];
    sealed::Terms { start: 100, reserve: None, closes: 1_000, priorities, matched: vec![] }
}

#[test]
fn sealed_offers_are_opened_once() {
    let opened = |offers: &[Offer]| sealed::open(&sealed_terms(), offers).unwrap();
    let won = |bidder, fen| sealed::Opening::Over(Outcome::Won { bidder, fen });
    assert_eq!(opened(&[]), sealed::Opening::Over(Outcome::NoOffer));
    assert_eq!(opened(&[Offer::new(1, 150, 5), Offer::new(2, 160, 6)]), won(2, 160));
    // Too late, too low, and a second offer of the same bidder do not count.
    let offers =
        [Offer::new(1, 150, 5), Offer::new(2, 900, 1_001), Offer::new(3, 99, 5), Offer::new(1, 800, 7)];
    assert_eq!(opened(&offers), won(1, 150));
    let tie = [Offer::new(2, 200, 9), Offer::new(1, 200, 5)];
    assert_eq!(opened(&tie), sealed::Opening::Tied { bidders: vec![1, 2], fen: 200 });
    assert_eq!(opened(&[tie[0], Offer::new(8, 200, 30)]), won(8, 200));
    let matched = sealed::Terms { matched: vec![8, 9], ..sealed_terms() };
    assert_eq!(sealed::open(&matched, &tie).unwrap(), won(9, 200));
    let reserved = sealed::Terms { reserve: Some(300), ..sealed_terms() };
    let below = sealed::Opening::Over(Outcome::BelowReserve { highest: 200 });
    assert_eq!(sealed::open(&reserved, &tie).unwrap(), below);
}

#[test]
fn weights_are_summed_exactly_and_ties_go_to_the_price_then_the_time() {
    let terms = weighted::Terms { start: 100, price_weight: 6_000, weights: vec![3_000, 1_000] };
    let bid = |bidder, fen, at, scores: [u32; 2]| weighted::Bid {
        offer: Offer::new(bidder, fen, at),
        scores: scores.to_vec(),
    };
    let bids = [
        bid(1, 300, 1, [8_000, 5_000]),
        bid(2, 200, 2, [10_000, 10_000]),
        bid(3, 300, 0, [8_000, 5_000]),
        bid(4, 99, 0, [10_000, 10_000]),
        bid(5, 300, 0, [10_001, 0]),
    ];
    let ranked = weighted::rank(&terms, &bids).unwrap();
    let order: Vec<u32> = ranked.iter().map(|ranked| ranked.offer.bidder).collect();
    assert_eq!(order, [3, 1, 2]);
    // 60 % of 100 points, 30 % of 80 and 10 % of 50: 89 points; 60 % of 66.6…, and 40: exactly 80.
    assert_eq!(ranked[0].sum, 8_900 * ranked[0].of);
    assert_eq!(ranked[2].sum, 8_000 * ranked[2].of);
    let bad = weighted::Terms { price_weight: 5_999, ..terms };
    assert_eq!(weighted::rank(&bad, &bids), Err(BadTerms::Weights));
}

#[test]
fn the_price_falls_until_someone_takes_it() {
    let terms = dutch::Terms { start: 1_000, floor: 650, step: 100, every: 60, opens: 100 };
    let prices: Vec<Option<i64>> =
        [99, 100, 159, 160, 220, 280, 340, 399, 400].map(|at| terms.price(at)).to_vec();
    let expected =
        [None, Some(1_000), Some(1_000), Some(900), Some(800), Some(700), Some(650), Some(650), None];
    assert_eq!(prices, expected);
    let offers = [Offer::new(1, 900, 120), Offer::new(2, 950, 170), Offer::new(3, 1_000, 171)];
    let (refused, outcome) = dutch::play(&terms, &offers).unwrap();
    assert_eq!(refused, [Refused::TooLow { least: 1_000 }]);
    assert_eq!(outcome, Outcome::Won { bidder: 2, fen: 900 });
    let late = dutch::play(&terms, &[Offer::new(1, 900, 400)]).unwrap();
    assert_eq!(late, (vec![Refused::TooLate { end: 400 }], Outcome::NoOffer));
    let upside_down = dutch::Terms { floor: 2_000, ..terms };
    assert_eq!(dutch::play(&upside_down, &[]), Err(BadTerms::Price));
}

#[test]
fn a_limit_bids_by_itself() {
    let increments = vec![proxy::Increment { from: 0, fen: 5 }, proxy::Increment { from: 100, fen: 25 }];
    let mut session = proxy::Session::new(proxy::Terms { start: 50, increments });
    let mut price = |bidder, fen| {
        session.limit(Offer::new(bidder, fen, 0));
        (session.price(), session.outcome())
    };
    assert_eq!(price(1, 49), (None, Outcome::NoOffer));
    assert_eq!(price(1, 200), (Some(50), Outcome::Won { bidder: 1, fen: 50 }));
    assert_eq!(price(2, 90).0, Some(95));
    assert_eq!(price(2, 190), (Some(200), Outcome::Won { bidder: 1, fen: 200 }));
    assert_eq!(
        price(2, 200),
        (Some(200), Outcome::Won { bidder: 1, fen: 200 }),
        "of equal limits the earlier leads"
    );
    assert_eq!(price(2, 500), (Some(225), Outcome::Won { bidder: 2, fen: 225 }));
    assert_eq!(
        price(2, 600),
        (Some(225), Outcome::Won { bidder: 2, fen: 225 }),
        "nobody bids against himself"
    );
}
