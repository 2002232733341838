use super::{simulate::*, *};

fn income(years: &[i64]) -> Income {
    Income { years: years.to_vec(), discount: 150_000, readiness: WHOLE }
}

#[test]
fn the_law_and_the_market_both_end_a_life() {
    assert_eq!(Protection::Invention.remaining(6, 10), 10);
    assert_eq!(Protection::Invention.remaining(15, 10), 5);
    assert_eq!(Protection::UtilityModel.remaining(12, 10), 0);
    assert_eq!(Protection::Design.remaining(5, 30), 10);
    assert_eq!(Protection::Unlimited.remaining(40, 7), 7);
}

#[test]
fn cost_is_what_it_takes_to_make_it_again_less_wear() {
    let value =
        value(&Method::Cost { replacement: 40_000_000, profit: 8_000_000, depreciation: 250_000 }).unwrap();
    assert_eq!(value.fen, 36_000_000);
    assert_eq!(value.steps, [Step::Remade { fen: 48_000_000 }, Step::WornOff { fen: 12_000_000 }]);
}

/// By hand: sales of 1,000,000 yuan in each of three years, 5 % royalty, 25 % tax, 15 % discount:
/// 37,500 · (1/1.15 + 1/1.15² + 1/1.15³) = 37,500 · 2.283225… = 85,620.94.
#[test]
fn royalties_saved_are_worth_their_present_value() {
    let years = [100_000_000; 3];
    let method = Method::Royalty { income: income(&years), rate: 50_000, tax: 250_000 };
    let full = value(&method).unwrap();
    assert_eq!(full.fen, 8_562_094);
    assert_eq!(check(&method, &full), Ok(()));
    let ready = Income { readiness: READINESS[5], ..income(&years) };
    let half = value(&Method::Royalty { income: ready, rate: 50_000, tax: 250_000 }).unwrap();
    assert_eq!(half.fen, 4_281_047);
    let split = value(&Method::SplitProfit { income: income(&years), share: 37_500 }).unwrap();
    assert_eq!(split.fen, full.fen, "the same part of the same money");
    let one = value(&Method::SplitProfit { income: Income { discount: 0, ..income(&[99]) }, share: 500_000 });
    assert_eq!(one.unwrap().fen, 50, "half a fen goes up");
}

#[test]
fn the_middle_of_adjusted_deals_counts() {
    let deal = |price, first| Comparable { price, adjustments: [first, WHOLE, WHOLE, WHOLE, WHOLE] };
    let method =
        Method::Market { comparables: vec![deal(300, 1_100_000), deal(100, WHOLE), deal(201, WHOLE)] };
    let three = value(&method).unwrap();
    assert_eq!((three.fen, three.range), (201, (100, 330)));
    let two = Method::Market { comparables: vec![deal(100, WHOLE), deal(201, WHOLE)] };
    assert_eq!(value(&two).unwrap().fen, 151);
    assert_eq!(beside(50, std::slice::from_ref(&three)), Beside::Within);
    assert_eq!(beside(49, std::slice::from_ref(&three)), Beside::FarBelow);
    assert_eq!(beside(661, &[three]), Beside::FarAbove);
}

#[test]
fn figures_that_cannot_be_are_named() {
    let royalty = |income, rate, tax| value(&Method::Royalty { income, rate, tax }).unwrap_err();
    assert_eq!(royalty(income(&[]), 0, 0), Fault::Years);
    assert_eq!(royalty(income(&[1; 101]), 0, 0), Fault::Years);
    assert_eq!(royalty(income(&[-1]), 0, 0), Fault::Amount);
    assert_eq!(royalty(income(&[1]), WHOLE + 1, 0), Fault::Part);
    assert_eq!(royalty(income(&[1]), 0, -1), Fault::Part);
    assert_eq!(royalty(Income { discount: -1, ..income(&[1]) }, 0, 0), Fault::Discount);
    assert_eq!(value(&Method::Market { comparables: vec![] }), Err(Fault::Comparables));
    let off = Comparable { price: 1, adjustments: [0, WHOLE, WHOLE, WHOLE, WHOLE] };
    assert_eq!(value(&Method::Market { comparables: vec![off] }), Err(Fault::Adjustment));
}

#[test]
fn a_spoiled_value_does_not_pass() {
    let method = Method::SplitProfit { income: income(&[500, 900]), share: 300_000 };
    let good = value(&method).unwrap();
    let mut bad = good.clone();
    bad.fen += 1;
    assert_eq!(check(&method, &bad), Err(Wrong::Value));
    let mut bad = good.clone();
    bad.steps.remove(0);
    assert_eq!(check(&method, &bad), Err(Wrong::Step { step: 0 }));
    let mut bad = good;
    bad.steps.push(Step::Sum { fen: 0.0 });
    assert_eq!(check(&method, &bad), Err(Wrong::Step { step: 4 }));
}

fn assumptions() -> Assumptions {
    let spread = |low, mode, high| Spread { low, mode, high };
    Assumptions {
        years: vec![100_000_000; 3],
        scale: spread(700_000, WHOLE, 1_300_000),
        discount: spread(120_000, 150_000, 200_000),
        rate: spread(30_000, 50_000, 70_000),
        tax: 250_000,
        readiness: spread(WHOLE, WHOLE, WHOLE),
    }
}

#[test]
fn a_simulation_is_the_same_on_every_machine_and_each_draw_can_be_made_again() {
    let range = simulate(&assumptions(), 2_026, 4_000).unwrap();
    assert_eq!(range, simulate(&assumptions(), 2_026, 4_000).unwrap());
    assert!(range.low < range.median && range.median < range.high, "{range:?}");
    // The middle of symmetric spreads is near the value of the modes.
    assert!((range.median - 8_562_094).abs() < 200_000, "{range:?}");
    let (method, fen) = replay(&assumptions(), 2_026, 3_999).unwrap();
    assert_eq!(value(&method).unwrap().fen, fen);
    assert_ne!(replay(&assumptions(), 2_027, 3_999).unwrap().1, fen);
    let certain = Assumptions { scale: Spread { low: WHOLE, mode: WHOLE, high: WHOLE }, ..assumptions() };
    let narrow = simulate(&certain, 1, 2_000).unwrap();
    assert!(narrow.high - narrow.low < range.high - range.low);
}

#[test]
fn draws_follow_their_distribution() {
    // Of a triangle from 0 over 3 to 10 (times a million), 30 % lie below the mode.
    let spread = Spread { low: 0, mode: 300_000, high: WHOLE };
    let with = Assumptions { rate: spread, ..assumptions() };
    let rates = (0..10_000).map(|number| match replay(&with, 5, number).unwrap().0 {
        Method::Royalty { rate, .. } => rate,
        _ => panic!("a royalty"),
    });
    let rates: Vec<i64> = rates.collect();
    let below = rates.iter().filter(|rate| **rate < 300_000).count();
    assert!((2_850..3_150).contains(&below), "{below} of 10,000 below the mode");
    let mean = rates.iter().sum::<i64>() / 10_000;
    assert!((423_000..444_000).contains(&mean), "mean {mean}, expected 433,333");
}

#[test]
fn what_cannot_be_drawn_is_named() {
    let bad = |change: &dyn Fn(&mut Assumptions)| {
        let mut bad = assumptions();
        change(&mut bad);
        simulate(&bad, 1, 10).unwrap_err()
    };
    assert_eq!(bad(&|with| with.rate.low = 60_000), CannotDraw::Spread);
    assert_eq!(bad(&|with| with.years.clear()), CannotDraw::Value(Fault::Years));
    assert_eq!(simulate(&assumptions(), 1, 0), Err(CannotDraw::Draws));
    assert_eq!(simulate(&assumptions(), 1, DRAWS_MAX + 1), Err(CannotDraw::Draws));
}
