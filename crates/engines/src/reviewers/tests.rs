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
