use super::{simulate::*, *};

/// A linear congruential generator (Knuth): the same numbers on every machine.
struct Dice(u64);

impl Dice {
    fn part(&mut self) -> f64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 11) as f64 / (1_u64 << 53) as f64
    }
}

fn method() -> Method {
    Method {
        edition: "2026".into(),
        fill: Fill::Nothing,
        treat: Treat::Nothing,
        scale: Scale::MinMax { low: 1.0, high: 100.0 },
        weights: Weights::Given,
        mean: Mean::Arithmetic,
        least: 0.0,
    }
}

/// Two groups of indicators below one index.
fn question(dice: &mut Dice, units: usize, indicators: usize) -> Question {
    let group = |code: &str, above, weight| Group { code: code.into(), group: above, weight, mean: None };
    let own = |place: usize, dice: &mut Dice| Indicator {
        code: format!("i{place}"),
        group: place % 2,
        weight: 0.5 + dice.part(),
        less_is_better: place % 5 == 3,
        ..Indicator::default()
    };
    Question {
        edition: "2026".into(),
        units,
        values: (0..indicators).map(|_| (0..units).map(|_| dice.part() * 9.0 + 1.0).collect()).collect(),
        denominators: vec![],
        peers: vec![],
        indicators: (0..indicators).map(|place| own(place, dice)).collect(),
        groups: vec![group("a", Some(2), 2.0), group("b", Some(2), 1.0), group("index", None, 1.0)],
        method: method(),
    }
}

/// One column, one indicator, one index.
fn single(values: &[f64], method: Method) -> Question {
    Question {
        edition: "2026".into(),
        units: values.len(),
        values: vec![values.to_vec()],
        denominators: vec![],
        peers: vec![],
        indicators: vec![Indicator { weight: 1.0, ..Indicator::default() }],
        groups: vec![Group { weight: 1.0, ..Group::default() }],
        method,
    }
}

#[test]
fn an_index_is_worked_out_by_hand() {
    let mut question = question(&mut Dice(1), 3, 2);
    question.values = vec![vec![10.0, 20.0, 30.0], vec![5.0, 5.0, 1.0]];
    question.method.scale = Scale::MinMax { low: 0.0, high: 100.0 };
    let answer = index(&question).unwrap();
    assert_eq!(answer.normalised, [vec![0.0, 50.0, 100.0], vec![100.0, 100.0, 0.0]]);
    let third = 100.0 / 3.0;
    let near = |a: f64, b: f64| (a - b).abs() < 1e-12;
    assert!(
        near(answer.scores[2][0], third) && near(answer.scores[2][1], 2.0 * third),
        "{:?}",
        answer.scores
    );
    assert_eq!(answer.ranks, [3, 1, 1], "equals share a rank");
    assert_eq!(check(&question, &answer), Ok(()));
}

#[test]
fn editions_are_never_mixed() {
    let mut question = question(&mut Dice(1), 4, 4);
    question.method.edition = "2025".into();
    let fault = index(&question).unwrap_err();
    assert_eq!(fault, Fault::Editions { method: "2025".into(), values: "2026".into() });
    question.method.edition = "2026".into();
    let mut answer = index(&question).unwrap();
    answer.edition = "2025".into();
    assert_eq!(check(&question, &answer), Err(Wrong::Edition));
}

#[test]
fn scales_are_those_of_the_handbook() {
    let x = [4.0, 1.0, f64::NAN, 3.0, 1.0];
    let on = |scale, target, less| {
        let mut question = single(&x, Method { scale, ..method() });
        question.indicators[0].target = target;
        question.indicators[0].goalposts = Some((2.0, 4.0));
        question.indicators[0].less_is_better = less;
        let column = index(&question).unwrap().normalised.remove(0);
        assert!(column[2].is_nan());
        // To twelve digits, so that the expected values may be written down.
        [column[0], column[1], column[3], column[4]].map(|v| (v * 1e12).round() / 1e12)
    };
    let third = |thirds: f64| (thirds / 3.0 * 1e12).round() / 1e12;
    assert_eq!(on(Scale::MinMax { low: 0.0, high: 100.0 }, None, false), [100.0, 0.0, third(200.0), 0.0]);
    assert_eq!(on(Scale::MinMax { low: 0.0, high: 1.0 }, None, true), [0.0, 1.0, third(1.0), 1.0]);
    // Mean 2.25, squares 3.0625 + 1.5625 + 0.5625 + 1.5625 = 6.75, divided by 3: deviation 1.5.
    let z = on(Scale::ZScore { mean: 10.0, deviation: 3.0 }, None, false);
    assert_eq!(z, [13.5, 7.5, 11.5, 7.5]);
    assert_eq!(on(Scale::Scaled { less: 1.0, by: 2.0 }, None, false), [1.5, 0.0, 1.0, 0.0]);
    assert_eq!(on(Scale::Rank, None, false), [4.0, 1.5, 3.0, 1.5]);
    assert_eq!(on(Scale::Borda, None, true), [0.0, 2.5, 1.0, 2.5]);
    assert_eq!(on(Scale::PercentRank, None, false), [1.0, 0.0, third(2.0), 0.0]);
    assert_eq!(on(Scale::OfLargest, None, false), [1.0, 0.25, 0.75, 0.25]);
    assert_eq!(on(Scale::Target, Some(3.0), false), [1.0, third(1.0), 1.0, third(1.0)]);
    assert_eq!(on(Scale::FromLargest, None, false), [1.0, 0.0, third(2.0), 0.0]);
    assert_eq!(on(Scale::Reference(3), None, false)[2], 1.0);
    assert_eq!(on(Scale::Goalposts { low: 0.0, high: 10.0 }, None, false), [10.0, 0.0, 5.0, 0.0]);
    assert_eq!(on(Scale::Standard { high: 100.0 }, Some(2.0), false), [100.0, 50.0, 100.0, 50.0]);
    assert_eq!(on(Scale::Standard { high: 100.0 }, Some(2.0), true), [50.0, 100.0, third(200.0), 100.0]);
}

#[test]
fn outliers_are_drawn_in_one_step_at_a_time() {
    let mut x: Vec<f64> = (0..30).map(f64::from).collect();
    (x[3], x[4]) = (900.0, 800.0);
    let treat = Treat::Winsorise { most: None, skew: 2.0, kurtosis: 3.5, otherwise: Transform::ShiftedLog };
    let answer = index(&single(&x, Method { treat, ..method() })).unwrap();
    let treatment = answer.treatments[0];
    assert_eq!((treatment.steps, treatment.changed, treatment.transform), (2, 2, Transform::Nothing));
    assert_eq!((answer.treated[0][3], answer.treated[0][4]), (29.0, 29.0));
    assert!(treatment.skew.0 > 2.0 && treatment.skew.1 < 2.0);
    // Where a step is not enough, the whole column is put on another scale.
    let treat =
        Treat::Winsorise { most: Some(1), skew: 2.0, kurtosis: 3.5, otherwise: Transform::ShiftedLog };
    let answer = index(&single(&x, Method { treat, ..method() })).unwrap();
    assert_eq!((answer.treatments[0].steps, answer.treatments[0].transform), (0, Transform::ShiftedLog));
    assert!((answer.treated[0][0] - 9_f64.ln()).abs() < 1e-14, "ln(0 − 0 + 0.01 · 900)");
    let log = Treat::Transform(Transform::Log);
    let fault = index(&single(&[1.0, 0.0, 3.0], Method { treat: log, ..method() })).unwrap_err();
    assert_eq!(fault, Fault::Logarithm { indicator: 0, unit: 1 });
    // The low side: mirrored, the same is done.
    let low: Vec<f64> = x.iter().map(|v| -v).collect();
    let treat = Treat::Winsorise { most: None, skew: 2.0, kurtosis: 3.5, otherwise: Transform::Nothing };
    let answer = index(&single(&low, Method { treat, ..method() })).unwrap();
    assert_eq!((answer.treated[0][3], answer.treatments[0].steps), (-29.0, 2));
}

#[test]
fn what_is_missing_is_filled_or_left_out() {
    let mut question = question(&mut Dice(4), 4, 4);
    question.values[0] = vec![1.0, f64::NAN, 5.0, 9.0];
    question.peers = vec![0, 0, 1, 1];
    let filled = |fill| {
        let mut question = question.clone();
        question.method.fill = fill;
        index(&question).unwrap().filled[0][1]
    };
    assert_eq!(
        [Fill::Mean, Fill::Median, Fill::PeerMean, Fill::Constant(7.0)].map(filled),
        [5.0, 5.0, 1.0, 7.0]
    );
    assert!(filled(Fill::Nothing).is_nan());
    // Half of the weight of group a is there, of the index more than that.
    question.indicators.iter_mut().for_each(|own| own.weight = 1.0);
    question.method.least = 0.6;
    let answer = index(&question).unwrap();
    assert!(answer.scores[0][1].is_nan() && answer.scores[2][1].is_nan());
    assert_eq!(answer.ranks[1], 0);
    question.method.least = 0.3;
    let answer = index(&question).unwrap();
    assert_eq!(answer.scores[0][1], answer.normalised[2][1]);
    assert_eq!(check(&question, &answer), Ok(()));
}

#[test]
fn means_are_means() {
    let columns: [&[f64]; 2] = [&[1.0, 4.0], &[4.0, 4.0]];
    let mean = |mean| aggregate::of_group(&columns, &[0.5, 0.5], mean, 0.0).unwrap();
    assert_eq!(mean(Mean::Arithmetic), [2.5, 4.0]);
    assert!((mean(Mean::Geometric)[0] - 2.0).abs() < 1e-15 && (mean(Mean::Harmonic)[0] - 1.6).abs() < 1e-15);
    // The second is better in one and equal in the other: ¾ of the weights for it.
    assert_eq!(mean(Mean::Copeland), [0.25, 0.75]);
    assert_eq!(aggregate::of_group(&[&[1.0, 0.0]], &[1.0], Mean::Geometric, 0.0), Err(1));
}

#[test]
fn experts_and_components_weigh() {
    let mut question = question(&mut Dice(9), 6, 4);
    // Group a has indicators 0 and 2, group b 1 and 3.
    let points = vec![vec![3.0, 1.0, 1.0, 1.0, 1.0, 1.0, 0.0], vec![1.0, 0.0, 1.0, 2.0, 3.0, 1.0, 0.0]];
    question.method.weights = Weights::Budget(Budget { points });
    let weights = index(&question).unwrap().weights;
    assert_eq!(weights, [vec![0.625, 0.375], vec![0.25, 0.75], vec![0.625, 0.375]]);
    // Two columns that move together alike share the weight; three of them by how much they follow.
    question.method.weights = Weights::Components;
    question.values[2] = question.values[0].iter().map(|v| v * 2.0 + 1.0).collect();
    question.values[3] = question.values[1].iter().map(|v| 11.0 - v).collect();
    question.groups.pop();
    question.groups[1].group = None;
    question.groups[0].group = Some(1);
    question.groups[1].code = "index".into();
    question.indicators.iter_mut().for_each(|own| own.group = 0);
    question.indicators[1].group = 1;
    question.indicators[3].group = 1;
    match index(&question) {
        Ok(answer) => {
            assert!((answer.weights[0][0] - 0.5).abs() < 1e-12, "{:?}", answer.weights);
            assert!(answer.weights[1].iter().all(|weight| *weight > 0.0));
            assert_eq!(check(&question, &answer), Ok(()));
        }
        Err(fault) => assert!(matches!(fault, Fault::Opposed { group: 1, .. }), "{fault}"),
    }
    question.indicators[3].less_is_better = false;
    let opposed = index(&question).unwrap_err();
    assert!(matches!(opposed, Fault::Opposed { group: 1, .. }), "{opposed}");
}

#[test]
fn the_first_component_stretches_most() {
    let mut dice = Dice(3);
    let base: Vec<f64> = (0..50).map(|_| dice.part()).collect();
    let columns: Vec<Vec<f64>> =
        (0..6).map(|_| base.iter().map(|v| v + 0.8 * dice.part()).collect()).collect();
    let slices: Vec<&[f64]> = columns.iter().map(Vec::as_slice).collect();
    let loadings = components::first(&slices, 0).unwrap();
    let matrix = components::correlations(&slices).unwrap();
    // By brute force: the power method.
    let mut vector = vec![1.0; 6];
    for _ in 0..2_000 {
        let next: Vec<f64> =
            matrix.iter().map(|row| row.iter().zip(&vector).map(|(a, b)| a * b).sum()).collect();
        let length = next.iter().map(|v: &f64| v * v).sum::<f64>().sqrt();
        vector = next.iter().map(|v| v / length).collect();
    }
    assert!(loadings.iter().zip(&vector).all(|(a, b)| (a - b).abs() < 1e-9), "{loadings:?} {vector:?}");
}

#[test]
fn a_spoiled_answer_does_not_pass() {
    let question = question(&mut Dice(5), 12, 7);
    let good = index(&question).unwrap();
    let spoil = |change: &dyn Fn(&mut Answer)| {
        let mut bad = good.clone();
        change(&mut bad);
        check(&question, &bad).unwrap_err()
    };
    let step = |step, column| Wrong::Step { step, column };
    assert_eq!(spoil(&|bad| bad.denominated[1][0] += 1.0), step("denominated", 1));
    assert_eq!(spoil(&|bad| bad.filled[1][0] += 1.0), step("filled", 1));
    assert_eq!(spoil(&|bad| bad.treated[2][3] += 1e-12), step("treated", 2));
    assert_eq!(spoil(&|bad| bad.treatments[2].steps = 1), step("treatments", 2));
    assert_eq!(spoil(&|bad| bad.normalised[6][3] = 0.0), step("normalised", 6));
    assert_eq!(spoil(&|bad| bad.weights[0][0] = 0.5), Wrong::Weights { group: 0 });
    assert_eq!(spoil(&|bad| bad.scores[1][0] += 1e-9), step("scores", 1));
    assert_eq!(spoil(&|bad| bad.ranks.swap(0, 1)), Wrong::Ranks);
    assert_eq!(spoil(&|bad| drop(bad.scores.pop())), step("scores", 2));
}

#[test]
fn what_cannot_be_asked_is_named() {
    let bad = |change: &dyn Fn(&mut Question)| {
        let mut bad = question(&mut Dice(5), 5, 6);
        change(&mut bad);
        index(&bad).unwrap_err()
    };
    assert_eq!(bad(&|q| q.units = 4), Fault::Shape);
    assert_eq!(bad(&|q| q.groups[0].group = Some(0)), Fault::Tree { group: 0 });
    assert_eq!(bad(&|q| q.groups[2].group = Some(1)), Fault::Tree { group: 2 });
    assert_eq!(bad(&|q| q.indicators.iter_mut().for_each(|own| own.group = 0)), Fault::Tree { group: 1 });
    assert_eq!(bad(&|q| q.indicators[1].weight = f64::NAN), Fault::Weight { group: 1 });
    assert_eq!(bad(&|q| q.groups[0].weight = -1.0), Fault::Weight { group: 2 });
    assert_eq!(bad(&|q| q.values[1][2] = f64::INFINITY), Fault::Value { indicator: 1, unit: 2 });
    assert_eq!(bad(&|q| q.values[1] = vec![3.0; 5]), Fault::AllEqual { indicator: 1 });
    assert_eq!(bad(&|q| q.values[1] = vec![f64::NAN; 5]), Fault::NoValues { indicator: 1 });
    assert_eq!(bad(&|q| q.method.scale = Scale::Target), Fault::Target { indicator: 0 });
    assert_eq!(
        bad(&|q| q.indicators[0].scale = Some(Scale::Reference(9))),
        Fault::Reference { indicator: 0 }
    );
    assert_eq!(
        bad(&|q| q.method.scale = Scale::MinMax { low: 1.0, high: 1.0 }),
        Fault::Number { what: "scale" }
    );
    let zero = |q: &mut Question| {
        q.method.scale = Scale::MinMax { low: 0.0, high: 1.0 };
        q.method.mean = Mean::Geometric;
    };
    assert!(matches!(bad(&zero), Fault::NotPositive { group: 0, .. }));
    let below = |q: &mut Question| {
        q.denominators = vec![vec![1.0, 2.0, 0.0, 1.0, 1.0]];
        q.indicators[2].denominator = Some(0);
    };
    assert_eq!(bad(&below), Fault::Denominator { indicator: 2, unit: 2 });
}

fn doubt(draws: u32) -> Doubt {
    Doubt {
        draws,
        seed: 2_026,
        weights: Sway::Free,
        fills: vec![],
        treats: vec![],
        scales: vec![Scale::MinMax { low: 1.0, high: 100.0 }, Scale::ZScore { mean: 50.0, deviation: 5.0 }],
        means: vec![Mean::Arithmetic, Mean::Geometric, Mean::Harmonic],
        noise: 0.0,
    }
}

/// Bands by brute force: every simulation by itself, all ranks kept and sorted.
fn slowly(question: &Question, doubt: &Doubt) -> Vec<Option<Band>> {
    let nominal = index(question).unwrap().ranks;
    let all: Vec<Vec<u32>> = (0..doubt.draws).map(|n| replay(question, doubt, n).unwrap().1).collect();
    let band = |unit: usize| {
        let mut ranks: Vec<u64> = all.iter().map(|ranks| u64::from(ranks[unit])).filter(|r| *r > 0).collect();
        if ranks.is_empty() {
            return None;
        }
        let same = ranks.iter().filter(|rank| **rank == u64::from(nominal[unit])).count() as u32;
        let sum = ranks.iter().sum();
        ranks.sort_unstable();
        let part = |p: usize| {
            let (place, rest) = (p * (ranks.len() - 1) / 100, (p * (ranks.len() - 1) % 100) as u64);
            let high = ranks.get(place + 1).unwrap_or(&0);
            ranks[place] * (100 - rest) + if rest > 0 { high * rest } else { 0 }
        };
        let ends = (ranks[0] as u32, ranks[ranks.len() - 1] as u32);
        Some(Band { best: ends.0, worst: ends.1, low: part(5), median: part(50), high: part(95), sum, same })
    };
    (0..question.units).map(band).collect()
}

#[test]
fn bands_are_those_of_all_simulations_one_by_one() {
    let mut dice = Dice(11);
    for (units, indicators, draws) in [(2, 2, 50), (17, 9, 400), (40, 33, 300), (100, 5, 130)] {
        let mut question = question(&mut dice, units, indicators);
        // Twins in everything share every rank.
        let twin: Vec<f64> = question.values.iter().map(|column| column[0]).collect();
        question.values.iter_mut().zip(twin).for_each(|(column, value)| column[units - 1] = value);
        if units == 2 {
            question.values = vec![vec![1.0, 2.0], vec![4.0, 3.0]];
        }
        for weights in [Sway::Free, Sway::Around(0.3), Sway::Fixed] {
            let doubt = Doubt { weights, ..doubt(draws) };
            let bands = simulate(&question, &doubt, &mut |_| true).unwrap();
            assert_eq!(bands.bands, slowly(&question, &doubt), "{units} units, {weights:?}");
            assert_eq!(bands.choices.iter().map(|(_, drawn, _)| drawn).sum::<u32>(), draws);
            assert_eq!(bands.choices.len(), 6);
        }
        let means = vec![Mean::Arithmetic, Mean::Copeland];
        let noisy = Doubt { noise: 2.0, means, draws: 60, ..doubt(60) };
        let bands = simulate(&question, &noisy, &mut |_| true).unwrap();
        assert_eq!(bands.bands, slowly(&question, &noisy), "{units} units with noise");
    }
}

/// Scores that differ by less than 32 bits can tell are put in the right order all the same.
#[test]
fn near_ties_are_decided_in_full_precision() {
    let mut question = question(&mut Dice(21), 64, 24);
    for unit in 0..64 {
        // The same to nine digits; the first indicator differs in the tenth.
        question.values.iter_mut().for_each(|column| column[unit] = column[0]);
        question.values[0][unit] += 1e-9 * ((unit * 37) % 64) as f64;
    }
    question.values.iter_mut().for_each(|column| column[63] += 5.0);
    question.values[0][63] = question.values[0][5];
    let doubt = Doubt { scales: vec![], means: vec![], ..doubt(200) };
    let bands = simulate(&question, &doubt, &mut |_| true).unwrap();
    assert_eq!(bands.bands, slowly(&question, &doubt));
}

/// Values so small or so large that 32 bits hold few places of them, or none, are ranked as in 64 bits; so are
/// those of which one lies far from all others.
#[test]
fn no_size_of_values_spoils_the_order() {
    for (seed, factor) in [(51, 1e-41), (52, 1e-30), (53, 1e25), (54, 1e36), (55, 1.0)] {
        let mut question = question(&mut Dice(seed), 90, 12);
        question.values.iter_mut().flatten().for_each(|value| *value *= factor);
        question.values.iter_mut().for_each(|column| column[7] *= 1e6);
        let scales = vec![Scale::Nothing, Scale::MinMax { low: 0.0, high: factor }];
        let doubt = Doubt { scales, means: vec![], ..doubt(150) };
        let bands = simulate(&question, &doubt, &mut |_| true).unwrap();
        assert_eq!(bands.bands, slowly(&question, &doubt), "times {factor}");
    }
}

/// The plain tree of means, weighed by drawn weights, gives the order that one long sum gives.
#[test]
fn one_sum_over_all_indicators_stands_for_the_tree() {
    let question = question(&mut Dice(31), 30, 12);
    for mean in [Mean::Arithmetic, Mean::Geometric, Mean::Harmonic] {
        let fixed = Doubt { weights: Sway::Fixed, scales: vec![], means: vec![mean], ..doubt(1) };
        let mut other = question.clone();
        other.method.mean = mean;
        assert_eq!(replay(&question, &fixed, 0).unwrap().1, index(&other).unwrap().ranks, "{mean:?}");
    }
}

#[test]
fn a_run_can_be_ended_and_the_seed_matters() {
    let question = question(&mut Dice(41), 20, 8);
    let short = simulate(&question, &doubt(5_000), &mut |made| made < 700).unwrap();
    assert_eq!(short.draws, 768, "two blocks");
    assert_eq!(short, simulate(&question, &doubt(768), &mut |_| true).unwrap());
    let other = simulate(&question, &Doubt { seed: 2, ..doubt(768) }, &mut |_| true).unwrap();
    assert_ne!(short.bands, other.bands);
    let bad = |bad: Doubt| simulate(&question, &bad, &mut |_| true).unwrap_err();
    assert_eq!(bad(doubt(0)), Fault::Number { what: "simulation" });
    assert_eq!(bad(Doubt { weights: Sway::Around(1.5), ..doubt(1) }), Fault::Number { what: "simulation" });
    assert_eq!(bad(Doubt { noise: f64::NAN, ..doubt(1) }), Fault::Number { what: "simulation" });
    let zscores = vec![Scale::ZScore { mean: 0.0, deviation: 1.0 }];
    assert!(matches!(bad(Doubt { scales: zscores, ..doubt(1) }), Fault::NotPositive { .. }));
}
