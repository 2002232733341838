//! Every choice of small questions is tried, and nothing better may be found; and what is claimed is checked.

use super::check::check_bound;
use super::lower::Lowered;
use super::model::Row;
use super::*;

/// Numbers without pattern, the same in every run.
pub struct Dice(u64);

impl Dice {
    pub fn new(seed: u64) -> Self {
        Self(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) ^ 0x1234_5678)
    }

    /// From 0 to below `sides`.
    pub fn below(&mut self, sides: i64) -> i64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut word = self.0;
        word = (word ^ (word >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        word = (word ^ (word >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((word ^ (word >> 31)) % sides as u64) as i64
    }

    pub fn is(&mut self, of_hundred: i64) -> bool {
        self.below(100) < of_hundred
    }

    fn some(&mut self, all: usize, of_hundred: i64) -> Vec<u32> {
        (0..all as u32).filter(|_| self.is(of_hundred)).collect()
    }
}

fn payers(dice: &mut Dice, pots: u32) -> Vec<Payer> {
    match dice.below(3) {
        0 => vec![Payer { pot: dice.below(i64::from(pots)) as u32, least: WHOLE, most: WHOLE }],
        1 if pots > 1 => vec![
            Payer { pot: 0, least: 333_333, most: 333_333 },
            Payer { pot: 1, least: 666_667, most: 666_667 },
        ],
        _ => (0..pots)
            .map(|pot| Payer {
                pot,
                least: if pot == 0 { 100_000 } else { 0 },
                most: 700_000 + u32::from(pots == 1) * 300_000,
            })
            .collect(),
    }
}

/// A small question with every kind of rule.
pub fn small(seed: u64) -> Question {
    let mut dice = Dice::new(seed);
    let (count, pots, years) =
        (3 + dice.below(6) as usize, 1 + dice.below(3) as u32, 1 + dice.below(2) as usize);
    let mut question = Question::default();
    for number in 0..count {
        let levels =
            if dice.is(25) { vec![Level { part: 600_000, score: 1 + dice.below(30) }] } else { Vec::new() };
        let standing = match dice.below(20) {
            0 => Standing::Must,
            1 => Standing::Never,
            _ => Standing::Open,
        };
        question.candidates.push(Candidate {
            id: format!("c{number}"),
            money: (0..years).map(|_| dice.below(50)).collect(),
            score: dice.below(60) - 3,
            levels,
            payers: payers(&mut dice, pots),
            standing,
        });
    }
    let carries = dice.is(30) && together_is_plain(&question);
    for number in 0..pots {
        let money = (0..years).map(|_| dice.below(60) * count as i64 / i64::from(pots)).collect();
        question.pots.push(Pot { name: format!("p{number}"), money, carries });
    }
    for number in 0..dice.below(4) {
        let measure = [Measure::Count, Measure::Money, Measure::ShareOfCount, Measure::ShareOfMoney]
            [dice.below(4) as usize];
        let size = match measure {
            Measure::Count => 4,
            Measure::Money => 120,
            Measure::ShareOfCount | Measure::ShareOfMoney => i64::from(WHOLE),
        };
        let (a, b) = (dice.below(size), dice.below(size));
        let (least, most) = match dice.below(3) {
            0 => (Some(a / 2), None),
            1 => (None, Some(a)),
            _ => (Some(a.min(b) / 2), Some(a.max(b))),
        };
        question.quotas.push(Quota {
            name: format!("q{number}"),
            members: dice.some(count, 50),
            measure,
            least,
            most,
        });
    }
    for _ in 0..dice.below(3) {
        question.exclusive.push(dice.some(count, 35));
    }
    if dice.is(40) {
        question.needs.push((0, 1 + dice.below(count as i64 - 1) as u32));
    }
    if dice.is(25) {
        question.linked.push(dice.some(count, 30));
    }
    question
}

fn together_is_plain(question: &Question) -> bool {
    question.candidates.iter().flat_map(|candidate| &candidate.payers).all(|payer| payer.least == payer.most)
}

/// The best of all choices, by trying each: what can be paid is tried by paying.
pub fn brute(question: &Question) -> Option<i64> {
    let mut best: Option<i64> = None;
    let mut levels: Vec<u32> = vec![0; question.candidates.len()];
    loop {
        let awards = levels.iter().zip(0..).filter(|(level, _)| **level > 0);
        let mut awards: Vec<Award> = awards
            .map(|(level, candidate)| Award { candidate, level: level - 1, paid: Vec::new() })
            .collect();
        pay(question, &mut awards);
        let value = awards.iter().map(|a| question.candidates[a.candidate as usize].score_at(a.level)).sum();
        let proposal = Proposal { awards, value, bound: i64::MAX, certificate: Certificate::default() };
        if check(question, &proposal).is_ok() {
            best = best.max(Some(value));
        }
        let mut place = 0;
        loop {
            let Some(level) = levels.get_mut(place) else { return best };
            *level += 1;
            if *level as usize <= 1 + question.candidates[place].levels.len() {
                break;
            }
            *level = 0;
            place += 1;
        }
    }
}

#[test]
fn nothing_better_is_found_by_trying_everything() {
    let (mut proposed, mut impossible, mut faulty) = (0, 0, 0);
    for seed in 0..1_500 {
        let question = small(seed);
        let outcome = match propose(&question, Wish::default(), &mut |_| true) {
            Err(fault) => {
                assert!(matches!(fault.wrong, Wrong::Crossed), "{seed}: {fault:?}");
                faulty += 1;
                continue;
            }
            Ok(outcome) => outcome,
        };
        match (outcome, brute(&question)) {
            (Outcome::Proposed(proposal), Some(best)) => {
                assert_eq!((proposal.value, proposal.bound), (best, best), "{seed}: {question:#?}");
                assert_eq!(check(&question, &proposal), Ok(()), "{seed}");
                proposed += 1;
            }
            (Outcome::Impossible, None) => impossible += 1,
            (outcome, best) => panic!("{seed}: {outcome:?} against {best:?}\n{question:#?}"),
        }
    }
    assert!(proposed > 500 && impossible > 100, "{proposed} {impossible} {faulty}");
}

/// A question of the shape that offices have: several budgets, quotas, groups.
pub fn wide(seed: u64, count: usize) -> Question {
    let mut dice = Dice::new(seed);
    let mut question = Question::default();
    for number in 0..count {
        let money = 2_000_000 + 100_000 * dice.below(180);
        let pot = dice.below(4) as u32;
        let payers = vec![Payer { pot, least: WHOLE, most: WHOLE }];
        let score = 300 + dice.below(400) + money / 50_000;
        question.candidates.push(Candidate {
            id: format!("c{number}"),
            money: vec![money],
            score,
            payers,
            ..Candidate::default()
        });
    }
    let asked: i64 = question.candidates.iter().map(|candidate| candidate.money[0]).sum();
    for number in 0..4 {
        question.pots.push(Pot { name: format!("p{number}"), money: vec![asked / 16], carries: false });
    }
    for number in 0..5 {
        let members = dice.some(count, 15);
        let least = Some(members.len() as i64 * 3 / 10);
        question.quotas.push(Quota {
            name: format!("q{number}"),
            members,
            measure: Measure::Count,
            least,
            most: None,
        });
    }
    let members: Vec<u32> = (0..count as u32 / 5).collect();
    question.exclusive = members.chunks(3).map(<[u32]>::to_vec).collect();
    question
}

fn proposed(question: &Question, wish: Wish) -> Proposal {
    match propose(question, wish, &mut |_| true).unwrap() {
        Outcome::Proposed(proposal) => proposal,
        outcome => panic!("{outcome:?}"),
    }
}

#[test]
fn a_wide_question_is_solved_to_the_end_and_proved() {
    for seed in 0..4 {
        let question = wide(seed, 40);
        let proposal = proposed(&question, Wish::default());
        assert_eq!(proposal.value, proposal.bound);
        assert_eq!(check(&question, &proposal), Ok(()));
        assert_eq!(
            proposal,
            proposed(&question, Wish::default()),
            "the same question gives the same proposal"
        );
    }
}

#[test]
fn a_search_that_is_stopped_says_how_good_it_is() {
    let question = wide(1, 150);
    let mut asked = 0;
    let mut watch = |_: Progress| {
        asked += 1;
        asked < 3
    };
    let Outcome::Proposed(proposal) = propose(&question, Wish::default(), &mut watch).unwrap() else {
        panic!("a choice was there before it was stopped")
    };
    assert!(proposal.bound > proposal.value);
    assert_eq!(check(&question, &proposal), Ok(()));
    // What is told on the way is never more than was found, and no bound is below what there is.
    for question in (1..4).map(|seed| wide(seed, 150)) {
        let mut told = Vec::new();
        let mut watch = |progress: Progress| {
            told.push(progress);
            true
        };
        let Outcome::Proposed(best) = propose(&question, Wish::default(), &mut watch).unwrap() else {
            panic!("there is a choice")
        };
        let is_true = |progress: &Progress| {
            let value = progress.value.unwrap_or(i64::MIN);
            value <= best.value && progress.bound.max(value) >= best.value
        };
        assert!(!told.is_empty() && told.iter().all(is_true), "{told:?}");
    }
    let enough = proposed(&question, Wish { gap_ppm: 5_000, ..Wish::default() });
    assert!(enough.bound - enough.value <= enough.bound / 200);
    assert_eq!(check(&question, &enough), Ok(()));
}

#[test]
fn a_false_claim_is_not_believed() {
    // The first question whose proof needs cuts as well as cases.
    let needs_both = |seed| {
        let question = wide(seed, 60);
        let honest = proposed(&question, Wish::default());
        let certificate = &honest.certificate;
        (certificate.tree.len() > 1 && !certificate.cuts.is_empty()).then_some((question, honest))
    };
    let (question, honest) = (2..20).find_map(needs_both).unwrap();
    let doubt = |change: &dyn Fn(&mut Proposal)| {
        let mut proposal = honest.clone();
        change(&mut proposal);
        check(&question, &proposal).unwrap_err()
    };
    assert_eq!(doubt(&|p| p.value += 1), Doubt::Value(honest.value));
    assert_eq!(doubt(&|p| p.bound -= 1), Doubt::Bound);
    assert_eq!(doubt(&|p| p.awards[0].candidate = 1_000), Doubt::Award(0));
    assert_eq!(doubt(&|p| p.awards[0].level = 1), Doubt::Award(0));
    assert_eq!(doubt(&|p| p.awards[1] = p.awards[0].clone()), Doubt::Award(1));
    assert_eq!(doubt(&|p| p.awards[0].paid[0].money -= 1), Doubt::Paid(0));
    assert_eq!(doubt(&|p| p.awards[0].paid[0].pot ^= 1), Doubt::Paid(0));
    // Someone with the better score is let in beyond the budget.
    let all = |p: &mut Proposal| {
        for candidate in 0..60 {
            if p.awards.iter().all(|award| award.candidate != candidate) {
                p.awards.push(Award { candidate, level: 0, paid: Vec::new() });
            }
        }
        p.awards.iter_mut().for_each(|award| award.paid.clear());
        for award in &mut p.awards {
            let own = &question.candidates[award.candidate as usize];
            award.paid = vec![Paid { pot: own.payers[0].pot, year: 0, money: own.money[0] }];
        }
    };
    assert!(matches!(doubt(&all), Doubt::Broken(Rule::Pots { .. })));
    // A certificate without its prices, its tree, or with a branch on nothing.
    let lowered = Lowered::of(&question, &|_| true).unwrap();
    let bare = Certificate::default();
    assert!(check_bound(&lowered, honest.bound, &bare).is_err());
    let certificate = &honest.certificate;
    let mut cut = certificate.clone();
    cut.tree.pop();
    assert_eq!(check_bound(&lowered, honest.bound, &cut), Err(Doubt::Certificate));
    let mut astray = certificate.clone();
    astray.tree[0] = Step::Branch(9_999);
    assert_eq!(check_bound(&lowered, honest.bound, &astray), Err(Doubt::Certificate));
    // Or without a cut, or with one that was made otherwise than its prices suppose.
    let mut uncut = certificate.clone();
    uncut.cuts.pop();
    assert_eq!(check_bound(&lowered, honest.bound, &uncut), Err(Doubt::Certificate));
    let mut other = certificate.clone();
    other.cuts.iter_mut().for_each(|cut| cut.of.clear());
    assert_eq!(check_bound(&lowered, honest.bound, &other), Err(Doubt::Certificate));
    let mut bold = certificate.clone();
    bold.tree.iter_mut().for_each(|step| {
        if let Step::Bound(prices) = step {
            prices.of.clear();
        }
    });
    assert_eq!(check_bound(&lowered, honest.bound, &bold), Err(Doubt::Bound));
}

#[test]
fn a_question_that_cannot_be_asked_says_where() {
    let base = wide(3, 10);
    let fault = |change: &dyn Fn(&mut Question)| {
        let mut question = base.clone();
        change(&mut question);
        question.check().unwrap_err()
    };
    let at = |at, wrong| Fault { at, wrong };
    assert_eq!(fault(&|q| q.candidates.clear()), at(At::Whole, Wrong::Nothing));
    assert_eq!(fault(&|q| q.candidates[3].id = "c2".into()), at(At::Id(3), Wrong::Twice));
    assert_eq!(fault(&|q| q.candidates[3].money[0] = -1), at(At::Money(3), Wrong::Negative));
    assert_eq!(
        fault(&|q| q.candidates[3].money[0] = MONEY_MAX + 1),
        at(At::Money(3), Wrong::TooLarge(MONEY_MAX))
    );
    assert_eq!(fault(&|q| q.candidates[3].score = i64::MAX), at(At::Score(3), Wrong::TooLarge(SCORE_MAX)));
    assert_eq!(fault(&|q| q.candidates[3].payers.clear()), at(At::Payers(3), Wrong::Empty));
}

#[test]
fn money_is_split_to_the_fen() {
    let thirds = |pot| Payer { pot, least: 333_333, most: 333_334 };
    let mut question = Question {
        candidates: vec![Candidate {
            id: "a".into(),
            money: vec![100],
            score: 1,
            payers: vec![thirds(0), thirds(1), thirds(2)],
            ..Candidate::default()
        }],
        pots: (0..3).map(|pot| Pot { name: pot.to_string(), money: vec![34], carries: false }).collect(),
        ..Question::default()
    };
    let paid = |question: &Question| {
        proposed(question, Wish::default()).awards[0].paid.iter().map(|p| p.money).collect::<Vec<_>>()
    };
    assert_eq!(paid(&question), [34, 33, 33]);
    question.pots[0].money[0] = 33;
    assert_eq!(paid(&question), [33, 34, 33]);
    question.candidates[0].payers = vec![
        Payer { pot: 0, least: 333_333, most: 333_333 },
        Payer { pot: 1, least: 333_333, most: 333_333 },
        Payer { pot: 2, least: 333_334, most: 333_334 },
    ];
    assert_eq!(paid(&question), [33, 33, 34], "fixed parts: the largest remainder gets the odd fen");
}

/// The fewest rules that cannot be obeyed together, by trying all sets.
fn smallest_conflict(question: &Question) -> usize {
    let lowered = Lowered::of(question, &|_| true).unwrap();
    let mut rules: Vec<Rule> = lowered.rules;
    rules.extend((0..question.exclusive.len() as u32).map(Rule::Exclusive));
    rules.sort();
    rules.dedup();
    assert!(rules.len() <= 12, "too many to try");
    let mut fewest = usize::MAX;
    for mask in 0_u32..1 << rules.len() {
        if mask.count_ones() as usize >= fewest {
            continue;
        }
        let keeps = |rule: &Rule| rules.binary_search(rule).map_or(true, |place| mask & (1 << place) != 0);
        let lowered = Lowered::of(question, &keeps).unwrap();
        if solve::solve(&lowered.model, &[], Wish::default(), &mut |_| true).best.is_none() {
            fewest = mask.count_ones() as usize;
        }
    }
    fewest
}

#[test]
fn the_smallest_conflict_is_found() {
    let mut seen = 0;
    for seed in 0..1_500 {
        let question = small(seed);
        if question.check().is_err() || seen == 40 {
            continue;
        }
        let found = conflict(&question, &mut || true).unwrap();
        match brute(&question) {
            Some(_) => assert_eq!(found, Conflict::default(), "{seed}"),
            None => {
                let rows = Lowered::of(&question, &|_| true).unwrap().rules.len();
                if rows + question.exclusive.len() <= 11 {
                    assert_eq!(
                        found.rules.len(),
                        smallest_conflict(&question),
                        "{seed}: {found:?}\n{question:#?}"
                    );
                    assert!(found.is_smallest);
                    seen += 1;
                }
            }
        }
    }
    assert!(seen > 20, "{seen}");
}

#[test]
fn what_is_said_of_a_candidate_is_true() {
    for seed in 0..12 {
        let question = wide(seed, 24);
        let proposal = proposed(&question, Wish::default());
        let explorer = Explorer::new(&question, &proposal).unwrap();
        for reason in explorer.reasons() {
            let turned = explorer.turned(reason.candidate, Wish::default(), &mut |_| true);
            let mut other = question.clone();
            let own = &mut other.candidates[reason.candidate as usize];
            own.standing = if reason.level.is_some() { Standing::Never } else { Standing::Must };
            let value = match propose(&other, Wish::default(), &mut |_| true).unwrap() {
                Outcome::Proposed(proposal) => Some(proposal.value),
                _ => None,
            };
            assert_eq!(turned.value, value, "{seed}: {reason:?}");
            let lost = value.map_or(i64::MAX, |value| proposal.value - value);
            assert!(reason.loses <= lost, "{seed}: {reason:?} loses {lost}");
            let is_turned = if reason.level.is_some() { &turned.goes } else { &turned.comes };
            assert!(value.is_none() || is_turned.contains(&reason.candidate));
        }
        for pressure in explorer.pressures() {
            let is_kept = Row { least: pressure.least, most: pressure.most }.holds(i128::from(pressure.used));
            assert!(is_kept, "{pressure:?}");
        }
    }
}

#[test]
fn whoever_cannot_flip_does_not() {
    let mut stayed = 0;
    for seed in 0..10 {
        let question = wide(seed, 24);
        let proposal = proposed(&question, Wish::default());
        let explorer = Explorer::new(&question, &proposal).unwrap();
        let points = 2;
        let may = explorer.may_flip(points);
        stayed += 24 - may.len();
        for shake in 0..10 {
            let mut dice = Dice::new(seed * 100 + shake);
            let mut shaken = question.clone();
            shaken.candidates.iter_mut().for_each(|own| own.score += dice.below(2 * points + 1) - points);
            let change = explorer.compared(&shaken, Wish::default(), &mut |_| true).unwrap();
            let flipped: Vec<u32> = change.comes.into_iter().chain(change.goes).collect();
            assert!(flipped.iter().all(|one| may.contains(one)), "{seed}: {flipped:?} of {may:?}");
        }
    }
    assert!(stayed > 3, "{stayed}");
}

#[test]
fn a_lot_settles_ties_and_keeps_every_rule() {
    let mut question = wide(5, 40);
    question
        .candidates
        .iter_mut()
        .for_each(|own| (own.score, own.money) = (500 + own.score / 100, vec![4_000_000]));
    let proposal = proposed(&question, Wish::default());
    let near: Vec<u32> = (0..40).collect();
    let mut winners = std::collections::BTreeSet::new();
    for seed in 0..4 {
        let entries = near.iter().map(|own| crate::draw::Entry {
            key: format!("c{own:02}"),
            weight: 1,
            stratum: String::new(),
        });
        let draw = crate::draw::Question {
            entries: entries.collect(),
            take: 40,
            spare: 0,
            quotas: std::collections::BTreeMap::new(),
        };
        let ready = draw.ready().unwrap();
        let answer =
            crate::draw::draw(&ready, &crate::draw::Seed::of_text(&seed.to_string()), "near the line");
        let place = |place: &u32| ready.entry(*place).unwrap().key.trim_start_matches('c').parse().unwrap();
        let order: Vec<u32> = answer.taken.iter().map(place).collect();
        let (drawn, factor) = drawn(&question, &order).unwrap();
        let chosen = proposed(&drawn, Wish { gap_ppm: 0, ..Wish::default() });
        assert_eq!(check(&drawn, &chosen), Ok(()));
        assert_eq!(chosen.awards.len(), proposal.awards.len());
        assert!(chosen.value / factor <= proposal.value);
        winners.insert(chosen.awards.iter().map(|award| award.candidate).collect::<Vec<_>>());
    }
    assert!(winners.len() > 1, "another seed favours others");
}
