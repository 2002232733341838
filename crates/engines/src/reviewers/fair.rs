//! Fair: raises the paper served worst while the sum stays within a part of its maximum, and proves what no
//! assignment can raise it beyond.
//!
//! The floor is raised by bisection, each trial going on from the best assignment so far. The bound: if papers'
//! scores count with any weights, the worst paper gets no more than the largest weighted sum divided by all weights.

use serde::{Deserialize, Serialize};

use super::check::{self, Doubt, Prices, Proposal};
use super::exchange::{Board, Ways};
use super::flow::Flow;
use super::network::Network;
use super::places::Places;
use super::question::Question;
use super::solve::solve;

/// What all weights add up to, about.
const WEIGHTS: f64 = 1_048_576.0;
/// Weights are tried so often.
const ROUNDS: usize = 60;
/// So many papers, those served worst, may count; others never decide how far the worst can be raised.
const COUNTED_MAX: usize = 400;

/// Why the paper served worst cannot be served better than with so much.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Floor {
    /// No assignment serves every paper with more than this.
    pub bound: i64,
    /// How often the scores of each paper count.
    pub weights: Vec<u32>,
    /// Prices for scores that count so often.
    pub prices: Prices,
}

/// Whether a floor's bound is proved: one pass over the pairs.
///
/// # Errors
/// [`Doubt::Prices`] or [`Doubt::Bound`].
pub fn check_floor(question: &Question, floor: &Floor) -> Result<(), Doubt> {
    let all: i128 = floor.weights.iter().map(|weight| i128::from(*weight)).sum();
    if all <= 0 || floor.weights.len() != question.papers.len() {
        return Err(Doubt::Prices);
    }
    let bound =
        check::bound(question, &|paper| floor.weights.at(paper).into(), &floor.prices)?.div_euclid(all);
    if bound > i128::from(floor.bound) { Err(Doubt::Bound(bound)) } else { Ok(()) }
}

/// Raises the worst-served paper of a proposal as far as is found, losing at most `loss_ppm` millionths of its bound.
/// `watch` is told the floor so far and says whether to go on.
pub fn raise(
    question: &Question,
    proposal: &Proposal,
    loss_ppm: u32,
    watch: &mut dyn FnMut(i64) -> bool,
) -> Proposal {
    let loss = i128::from(proposal.bound.max(0)) * i128::from(loss_ppm) / 1_000_000;
    let lowest = proposal.value.min(proposal.bound - i64::try_from(loss).unwrap_or(0));
    let mut board = Board::of(question, &proposal.prices, &proposal.pairs);
    let mut ways = Ways::default();
    let worst = |board: &Board| board.sums.iter().copied().min().unwrap_or(0);
    let (mut low, mut high) = (worst(&board), alone(question).bound);
    while low < high && watch(low) {
        let target = low + (high - low + 1) / 2;
        let mut trial = board.clone();
        let mut under: Vec<u32> = (0..question.papers.len() as u32)
            .filter(|paper| trial.sums.at(*paper as usize) < target)
            .collect();
        under.sort_by_key(|paper| (trial.sums.at(*paper as usize), *paper));
        let is_raised = under.iter().all(|paper| lift(&mut trial, &mut ways, *paper, target, lowest));
        if is_raised {
            low = worst(&trial);
            board = trial;
        } else {
            high = target - 1;
        }
    }
    let pairs = board.pairs();
    let (value, worst) = (board.total, worst(&board));
    Proposal { pairs, value, worst, ..proposal.clone() }
}

/// Raises one paper to a target, if need be by several exchanges.
fn lift(board: &mut Board, ways: &mut Ways, paper: u32, target: i64, lowest: i64) -> bool {
    loop {
        let sum = board.sums.at(paper as usize);
        if sum >= target {
            return true;
        }
        // The whole way at once if it can be, else half of it, and so on down to the smallest gain.
        let mut step = target - sum;
        loop {
            if board.raise(ways, paper, sum + step, lowest) {
                break;
            }
            if step <= 1 {
                return false;
            }
            step = if step < 8 { 1 } else { step / 3 };
        }
    }
}

/// What the paper that can be served least could have if it were alone: the sum of its best pairs. Where few can
/// judge a paper, this is often all there is to say.
fn alone(question: &Question) -> Floor {
    let mut least: Option<(i64, usize, i64)> = None;
    for (paper, own) in question.papers.iter().enumerate() {
        let possible = question
            .pairs_of(paper)
            .iter()
            .filter(|pair| question.conflicts.binary_search(&(paper as u32, pair.reviewer)).is_err());
        let mut scores: Vec<i64> = possible.map(|pair| i64::from(pair.score)).collect();
        scores.sort_unstable_by_key(|score| std::cmp::Reverse(*score));
        let best = scores.get(..own.demand as usize).unwrap_or(&scores);
        let (sum, last) = (best.iter().sum::<i64>(), best.last().copied().unwrap_or(0));
        if least.is_none_or(|(bound, ..)| sum < bound) {
            least = Some((sum, paper, last));
        }
    }
    let (papers, reviewers) = (question.papers.len(), question.reviewers.len());
    let (bound, paper, price) = least.unwrap_or_default();
    let prices = Prices { papers: vec![0; papers], reviewers: vec![0; reviewers], ..Prices::default() };
    let mut floor = Floor { bound, weights: vec![0; papers], prices };
    floor.weights.put(paper, 1);
    floor.prices.papers.put(paper, price);
    floor
}

/// Proves how far the worst-served paper can be raised, beginning with an assignment that is fair already. `watch` is
/// told the bound so far and says whether to go on.
pub fn bound_floor(question: &Question, fair: &Proposal, watch: &mut dyn FnMut(i64) -> bool) -> Floor {
    let mut best = alone(question);
    if best.bound <= fair.worst || question.papers.is_empty() {
        return best;
    }
    let sums = check::served(question, &fair.pairs);
    let mut counted: Vec<u32> = (0..question.papers.len() as u32).collect();
    counted.sort_by_key(|paper| (sums.at(*paper as usize), *paper));
    counted.truncate(COUNTED_MAX);
    counted.sort_unstable();
    let part = part(question, &counted);
    let (mut network, _) = Network::of(&part);
    let scores: Vec<i64> = network.arcs.iter().map(|arc| arc.worth).collect();
    let mut logs = vec![0.0; counted.len()];
    for _ in 0..ROUNDS {
        if best.bound <= fair.worst || !watch(best.bound) {
            break;
        }
        let weights = weights(&logs);
        for arc in 0..scores.len() {
            let paper = network.paper_of(network.tail.at(arc) as usize);
            let worth = scores.at(arc) * i64::from(weights.at(paper));
            network.arcs.get_mut(arc).into_iter().for_each(|own| own.worth = worth);
        }
        let mut flow = Flow::empty(&network, Vec::new());
        super::auction::bid(&network, &mut flow);
        if solve(&network, &mut flow, &mut |_| true).is_err() {
            break;
        }
        let prices = super::prices(&part, &network, &flow);
        let all: i128 = weights.iter().map(|weight| i128::from(*weight)).sum();
        let Ok(bound) = check::bound(&part, &|paper| weights.at(paper).into(), &prices) else { break };
        let bound = i64::try_from(bound.div_euclid(all.max(1))).unwrap_or(i64::MAX);
        if bound < best.bound {
            best = whole(question, &counted, Floor { bound, weights, prices });
        }
        let sums = check::served(&part, &super::pairs(&part, &network, &flow));
        further(&mut logs, &sums, bound, fair.worst);
    }
    best
}

/// The question of some papers alone; nobody must take more than they may.
pub fn part(question: &Question, counted: &[u32]) -> Question {
    let mut part = Question {
        reviewers: question.reviewers.clone(),
        unit_part: question.unit_part,
        ..Question::default()
    };
    part.reviewers.iter_mut().for_each(|own| own.least = 0);
    part.first.push(0);
    for (number, paper) in (0..).zip(counted) {
        part.papers.push(question.papers.get(*paper as usize).copied().unwrap_or_default());
        part.pairs.extend_from_slice(question.pairs_of(*paper as usize));
        part.first.push(part.pairs.len() as u32);
        let from = question.conflicts.partition_point(|pair| pair.0 < *paper);
        let own =
            question.conflicts.get(from..).unwrap_or_default().iter().take_while(|pair| pair.0 == *paper);
        part.conflicts.extend(own.map(|pair| (number, pair.1)));
    }
    part
}

/// What is proved of some papers, said of all.
fn whole(question: &Question, counted: &[u32], part: Floor) -> Floor {
    let mut papers = vec![0; question.papers.len()];
    let mut weights = vec![0; question.papers.len()];
    for (number, paper) in counted.iter().enumerate() {
        papers.put(*paper as usize, part.prices.papers.at(number));
        weights.put(*paper as usize, part.weights.at(number));
    }
    let of = |number: &u32| counted.at(*number as usize);
    let units = part.prices.units.iter().map(|(number, unit, price)| (of(number), *unit, *price)).collect();
    let seniors = part.prices.seniors.iter().map(|(number, price)| (of(number), *price)).collect();
    Floor {
        bound: part.bound,
        weights,
        prices: Prices { papers, reviewers: part.prices.reviewers, units, seniors },
    }
}

/// Moves weight from papers that are served well to those that are not, as far as the bound may still fall (Polyak).
fn further(logs: &mut [f64], sums: &[i64], bound: i64, floor: i64) {
    let over = |sum: i64| (sum - bound) as f64;
    let widest = sums.iter().map(|sum| over(*sum).abs()).fold(1.0, f64::max);
    let step = (bound - floor).max(1) as f64 / (widest * widest);
    logs.iter_mut().zip(sums).for_each(|(log, sum)| *log -= 2.0 * step * over(*sum));
}

fn weights(logs: &[f64]) -> Vec<u32> {
    let highest = logs.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    let parts: Vec<f64> = logs.iter().map(|log| power(log - highest)).collect();
    let all: f64 = parts.iter().sum();
    parts.iter().map(|part| (part / all.max(1.0) * WEIGHTS).round() as u32).collect()
}

/// About e to this power, by multiplication alone: the same on every machine.
fn power(log: f64) -> f64 {
    let mut power = (1.0 + log / 1_024.0).max(0.0);
    (0..10).for_each(|_| power *= power);
    power
}
