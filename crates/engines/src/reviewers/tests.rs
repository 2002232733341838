//! Every assignment of small questions is tried, and nothing better may be found; and what is claimed is checked.

use super::*;

/// Numbers without pattern, the same in every run.
pub struct Dice(u64);

impl Dice {
    pub fn new(seed: u64) -> Self {
        Self(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) ^ 0x1234_5678)
    }

    /// From 0 to below `sides`.
    pub fn below(&mut self, sides: u32) -> u32 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut word = self.0;
        word = (word ^ (word >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        word = (word ^ (word >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        u32::try_from((word ^ (word >> 31)) % u64::from(sides)).unwrap()
    }

    pub fn is(&mut self, of_hundred: u32) -> bool {
        self.below(100) < of_hundred
    }
}

/// What a question of the tests has beside loads and scores.
#[derive(Clone, Copy, Default)]
pub struct Spice {
    pub units: bool,
    pub seniors: bool,
    pub leasts: bool,
}

/// A small question.
pub fn small(seed: u64, spice: Spice) -> Question {
    let mut dice = Dice::new(seed);
    let (papers, reviewers) = (1 + dice.below(4), 2 + dice.below(4));
    let mut question = Question::default();
    for _ in 0..papers {
        let demand = 1 + dice.below(3);
        let seniors = if spice.seniors { dice.below(2) } else { 0 };
        question.papers.push(Paper { demand, seniors });
    }
    for _ in 0..reviewers {
        let least = if spice.leasts { dice.below(3) } else { 0 };
        question.reviewers.push(Reviewer {
            least,
            most: least + dice.below(4),
            unit: if dice.is(80) { dice.below(3) } else { NO_UNIT },
            is_senior: dice.is(40),
        });
    }
    question.unit_part = spice.units.then_some(2 + dice.below(2));
    let mut pairs = Vec::new();
    for paper in 0..papers {
        for reviewer in 0..reviewers {
            if dice.is(85) {
                let score = i32::try_from(dice.below(20)).unwrap() - 3;
                pairs.push((paper, Pair { reviewer, score }));
            }
            if dice.is(8) {
                question.conflicts.push((paper, reviewer));
            }
        }
    }
    question.put_pairs(pairs);
    question
}

/// What is done with each assignment.
type Each<'a> = &'a mut dyn FnMut(&[(u32, u32)]);

/// Calls `each` with every assignment that obeys every rule.
pub fn all(question: &Question, each: Each) {
    fn further(question: &Question, pairs: &mut Vec<(u32, u32)>, place: usize, each: Each) {
        let reviewers = question.reviewers.len();
        let (paper, reviewer) = (place / reviewers, place % reviewers);
        if paper == question.papers.len() {
            if rules(question, pairs).is_ok() {
                each(pairs);
            }
            return;
        }
        let (paper, reviewer) = (u32::try_from(paper).unwrap(), u32::try_from(reviewer).unwrap());
        let own = pairs.iter().filter(|pair| pair.0 == paper).count();
        let load = pairs.iter().filter(|pair| pair.1 == reviewer).count();
        let is_last = reviewer as usize + 1 == reviewers;
        let demand = question.papers[paper as usize].demand as usize;
        if question.score(paper, reviewer).is_some()
            && own < demand
            && load < question.reviewers[reviewer as usize].most as usize
        {
            pairs.push((paper, reviewer));
            if !is_last || own + 1 == demand {
                further(question, pairs, place + 1, each);
            }
            pairs.pop();
        }
        if !is_last || own == demand {
            further(question, pairs, place + 1, each);
        }
    }
    further(question, &mut Vec::new(), 0, each);
}

/// The largest sum, by trying everything.
pub fn brute(question: &Question) -> Option<i64> {
    let mut best = None;
    all(question, &mut |pairs| best = best.max(Some(served(question, pairs).iter().sum::<i64>())));
    best
}

pub fn proposed(question: &Question) -> Proposal {
    match propose(question, &mut |_| true).unwrap() {
        Outcome::Proposed(proposal) => proposal,
        outcome => panic!("{outcome:?}"),
    }
}

fn nothing_better(spice: Spice, seeds: u64) -> (usize, usize) {
    let (mut found, mut none) = (0, 0);
    for seed in 0..seeds {
        let question = small(seed, spice);
        match (propose(&question, &mut |_| true).unwrap(), brute(&question)) {
            (Outcome::Proposed(proposal), Some(best)) => {
                assert_eq!((proposal.value, proposal.bound), (best, best), "{seed}: {question:?}");
                assert_eq!(check(&question, &proposal), Ok(()), "{seed}: {question:?}");
                found += 1;
            }
            (Outcome::Impossible(_), None) => none += 1,
            (outcome, best) => panic!("{seed}: {outcome:?} against {best:?} of {question:?}"),
        }
    }
    (found, none)
}

#[test]
fn nothing_better_is_found_by_trying_everything() {
    let plain = nothing_better(Spice::default(), 1_500);
    let leasts = nothing_better(Spice { leasts: true, ..Spice::default() }, 1_500);
    let units = nothing_better(Spice { units: true, leasts: true, ..Spice::default() }, 1_500);
    let seniors = nothing_better(Spice { seniors: true, leasts: true, ..Spice::default() }, 1_500);
    for (found, none) in [plain, leasts, units, seniors] {
        assert!(found > 100 && none > 100, "{found} {none}");
    }
}

#[test]
fn a_false_claim_is_not_believed() {
    let question = (0..).map(|seed| small(seed, Spice { units: true, ..Spice::default() }));
    let is_wide = |question: &Question| question.papers.len() == 4 && brute(question).is_some();
    let question = question.into_iter().find(is_wide).unwrap();
    let honest = proposed(&question);
    let doubt = |change: &dyn Fn(&mut Proposal)| {
        let mut proposal = honest.clone();
        change(&mut proposal);
        check(&question, &proposal).unwrap_err()
    };
    assert_eq!(doubt(&|p| p.value += 1), Doubt::Value(honest.value));
    assert_eq!(doubt(&|p| p.worst += 1), Doubt::Worst(honest.worst));
    assert_eq!(doubt(&|p| p.bound -= 1), Doubt::Bound(honest.bound.into()));
    assert!(matches!(doubt(&|p| p.pairs.swap(0, 1)), Doubt::Pair { .. }));
    assert!(matches!(doubt(&|p| p.pairs[0].1 = 99), Doubt::Pair { .. }));
    assert!(matches!(doubt(&|p| p.pairs.truncate(p.pairs.len() - 1)), Doubt::Demand { paper: 3 }));
    assert!(matches!(doubt(&|p| p.prices.reviewers[0] -= 40), Doubt::Bound(_)));
    assert_eq!(doubt(&|p| p.prices.units.push((0, 0, -1))), Doubt::Prices);
    assert_eq!(doubt(&|p| p.prices.papers.clear()), Doubt::Prices);
}

#[test]
fn units_and_seniors_together_are_obeyed_and_the_gap_is_told() {
    let (mut exact, mut found, mut lost) = (0, 0, 0);
    for seed in 0..1_500 {
        let question = small(seed, Spice { units: true, seniors: true, ..Spice::default() });
        match (propose(&question, &mut |_| true).unwrap(), brute(&question)) {
            (Outcome::Proposed(proposal), Some(best)) => {
                assert_eq!(check(&question, &proposal), Ok(()), "{seed}: {question:?}");
                assert!(proposal.value <= best && best <= proposal.bound, "{seed}");
                found += 1;
                exact += usize::from(proposal.value == best);
            }
            (Outcome::Impossible(Stuck::Seniors(_)), Some(_)) => lost += 1,
            (Outcome::Impossible(_), None) => {}
            (outcome, best) => panic!("{seed}: {outcome:?} against {best:?} of {question:?}"),
        }
    }
    assert!(found > 300 && exact * 100 > found * 90 && lost * 50 < found, "{exact} {found} {lost}");
}

#[test]
fn the_worst_served_is_raised_as_far_as_trying_everything() {
    let (mut best_found, mut proved, mut all_seeds) = (0, 0, 0);
    for seed in 0..1_500 {
        let question = small(seed, Spice { units: seed % 2 == 0, ..Spice::default() });
        let Outcome::Proposed(proposal) = propose(&question, &mut |_| true).unwrap() else { continue };
        let loss = [0, 100_000, 1_000_000][seed as usize % 3];
        let fair = raise(&question, &proposal, loss, &mut |_| true);
        assert_eq!(check(&question, &fair), Ok(()), "{seed}");
        assert!(fair.worst >= proposal.worst, "{seed}");
        let lowest = proposal.bound - i64::from(loss) * proposal.bound.max(0) / 1_000_000;
        assert!(fair.value >= lowest.min(proposal.value), "{seed}: {} {lowest}", fair.value);
        let (mut floor, mut within) = (i64::MIN, i64::MIN);
        all(&question, &mut |pairs| {
            let sums = served(&question, pairs);
            let worst = sums.iter().copied().min().unwrap();
            floor = floor.max(worst);
            if sums.iter().sum::<i64>() >= lowest {
                within = within.max(worst);
            }
        });
        let bound = bound_floor(&question, &fair, &mut |_| true);
        assert_eq!(check_floor(&question, &bound), Ok(()), "{seed}");
        assert!(bound.bound >= floor && fair.worst <= within, "{seed}: {bound:?} {floor}");
        let bold = Floor { bound: floor - 1, ..bound.clone() };
        assert!(check_floor(&question, &bold).is_err(), "{seed}: nothing proves what is false");
        all_seeds += 1;
        best_found += usize::from(fair.worst == within);
        proved += usize::from(bound.bound == floor);
    }
    assert!(all_seeds > 300 && best_found * 100 > all_seeds * 85, "{best_found} of {all_seeds}");
    assert!(proved * 100 > all_seeds * 70, "{proved} of {all_seeds}");
}

#[test]
fn of_a_conflict_none_can_be_spared() {
    let (mut of_papers, mut of_units) = (0, 0);
    for seed in 0..800 {
        let question =
            small(seed, Spice { units: seed % 3 == 0, seniors: seed % 3 == 1, ..Spice::default() });
        let Outcome::Impossible(stuck) = propose(&question, &mut |_| true).unwrap() else { continue };
        let conflict = conflict(&question, &stuck);
        assert!(conflict.is_smallest && conflict.missing > 0, "{seed}: {conflict:?}");
        assert!(brute(&fair::part(&question, &conflict.papers)).is_none(), "{seed}: {conflict:?}");
        for spared in 0..conflict.papers.len() {
            let mut fewer = conflict.papers.clone();
            fewer.remove(spared);
            assert!(brute(&fair::part(&question, &fewer)).is_some(), "{seed}: {conflict:?}");
        }
        of_papers += 1;
        of_units += usize::from(conflict.units);
    }
    assert!(of_papers > 100 && of_units > 10, "{of_papers} {of_units}");
}

#[test]
fn after_a_withdrawal_the_sum_is_the_largest_and_little_changes() {
    for seed in 0..600 {
        let question = small(seed, Spice { units: seed % 2 == 0, leasts: seed % 3 == 0, ..Spice::default() });
        let Outcome::Proposed(old) = propose(&question, &mut |_| true).unwrap() else { continue };
        let Outcome::Proposed(same) = repair(&question, &old, &mut |_| true).unwrap() else {
            panic!("{seed}")
        };
        assert_eq!((same.pairs, same.bound), (old.pairs.clone(), old.bound), "{seed}: nothing has changed");
        let mut changed = question.clone();
        let gone = &mut changed.reviewers[seed as usize % 2];
        (gone.least, gone.most) = (0, 0);
        let new = match (repair(&changed, &old, &mut |_| true).unwrap(), brute(&changed)) {
            (Outcome::Proposed(new), Some(best)) => {
                assert_eq!((new.value, new.bound), (best, best), "{seed}");
                new
            }
            (Outcome::Impossible(_), None) => continue,
            (outcome, best) => panic!("{seed}: {outcome:?} {best:?}"),
        };
        assert_eq!(check(&changed, &new), Ok(()), "{seed}");
    }
    let question = wide(3, 200, 160);
    let old = proposed(&question);
    let mut changed = question.clone();
    changed.reviewers[7].most = 0;
    let lost = old.pairs.iter().filter(|pair| pair.1 == 7).count();
    let Outcome::Proposed(new) = repair(&changed, &old, &mut |_| true).unwrap() else { panic!("it can be") };
    assert_eq!(check(&changed, &new), Ok(()));
    assert_eq!(new.value, proposed(&changed).value);
    let changed = changes(&old.pairs, &new.pairs);
    assert!(lost > 0 && changed >= lost && changed <= lost * 8, "{lost} {changed}");
}

/// A question of the shape that conferences have.
fn wide(seed: u64, papers: u32, reviewers: u32) -> Question {
    let mut dice = Dice::new(seed);
    let mut question = Question {
        papers: vec![Paper { demand: 3, seniors: 0 }; papers as usize],
        reviewers: vec![Reviewer { most: 6, ..Reviewer::default() }; reviewers as usize],
        ..Question::default()
    };
    let mut pairs = Vec::new();
    for paper in 0..papers {
        for _ in 0..30 {
            let score = i32::try_from(dice.below(1_000)).unwrap();
            pairs.push((paper, Pair { reviewer: dice.below(reviewers), score }));
        }
    }
    question.put_pairs(pairs);
    question
}

#[test]
fn the_same_question_gives_the_same_proposal_and_can_be_ended() {
    let question = wide(1, 300, 220);
    let proposal = proposed(&question);
    assert_eq!(proposal, proposed(&question));
    assert_eq!(proposal.value, proposal.bound);
    assert_eq!(check(&question, &proposal), Ok(()));
    let mut grouped = question.clone();
    grouped.unit_part = Some(3);
    grouped.reviewers.iter_mut().zip(0..).for_each(|(own, number)| own.unit = number % 5);
    let narrow = proposed(&grouped);
    assert_eq!(check(&grouped, &narrow), Ok(()));
    let Outcome::Proposed(early) = propose(&grouped, &mut |_| false).unwrap() else {
        panic!("there is room for everyone")
    };
    assert_eq!(check(&grouped, &early), Ok(()));
    assert!(early.value <= narrow.value && narrow.value <= early.bound, "{} {}", early.value, early.bound);
    assert!(early.value < early.bound, "it was ended, and says so");
    assert!(narrow.value == narrow.bound && narrow.value < proposal.value);
}

#[test]
fn chances_are_kept_and_whatever_is_drawn_obeys_every_rule() {
    use crate::draw::Seed;
    let (mut drawn, mut split) = (0, 0);
    for seed in 0..800 {
        let question = small(seed, Spice { units: seed % 2 == 0, leasts: seed % 3 == 0, ..Spice::default() });
        let caps = Caps { all: [100, 70, 50][seed as usize % 3], less: vec![((0, 0), 30)] };
        let Ok(found) = chances(&question, &caps, &mut |_| true).unwrap() else { continue };
        assert_eq!(check_chances(&question, &caps, &found), Ok(()), "{seed}: {question:?}");
        assert_eq!(found.value, found.bound, "{seed}");
        let mut often = vec![0; found.parts.len()];
        const DRAWS: u32 = 200;
        for draw in 0..DRAWS {
            let pairs = decided(&question, &found, &Seed::of_text(&format!("{seed} {draw}")));
            assert_eq!(rules(&question, &pairs), Ok(()), "{seed} {draw}");
            for (place, (paper, reviewer, _)) in found.parts.iter().enumerate() {
                often[place] += u32::from(pairs.binary_search(&(*paper, *reviewer)).is_ok());
            }
        }
        for ((_, _, part), often) in found.parts.iter().zip(often) {
            // Five standard deviations.
            let (chance, often) = (f64::from(*part) / 100.0, f64::from(often) / f64::from(DRAWS));
            let within = 5.0 * (chance * (1.0 - chance) / f64::from(DRAWS)).sqrt() + 1e-9;
            assert!((often - chance).abs() <= within, "{seed}: {often} for {chance}");
            split += usize::from(*part < 100);
        }
        drawn += 1;
    }
    assert!(drawn > 50 && split > 100, "{drawn} {split}");
}
