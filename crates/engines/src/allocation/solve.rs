//! Solve: from a model to the best choice with the proof how good it is.
//!
//! Prices first, then a choice from the columns that earn next to nothing either way; then cuts bring the bound
//! down, a choice is looked for next to the bound, and everything that prices cannot decide (reduced-cost fixing) is
//! searched to the end.

use super::bound::{Bound, Fate, Prices, decide};
use super::check::Certificate;
use super::core::Core;
use super::model::Model;
use super::places::Places;
use super::relax::relax;
use super::search::{Aim, Found, NODES_MAX, Search, Step};
use super::separate::{Tight, tighten};

/// What is asked of a solver.
#[derive(Debug, Clone, Copy)]
pub struct Wish {
    /// Enough when bound − value is at most this many millionths of the bound.
    pub gap_ppm: u32,
    /// At most so many nodes in one tree.
    pub nodes: usize,
}

impl Default for Wish {
    fn default() -> Self {
        Self { gap_ppm: 0, nodes: NODES_MAX }
    }
}

/// Where a solver stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Progress {
    /// Nodes looked at.
    pub nodes: u64,
    /// The best choice so far.
    pub value: Option<i64>,
    /// No choice is worth more.
    pub bound: i64,
}

/// A choice and its proof.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Solved {
    /// The best choice found, and its worth.
    pub best: Option<(Vec<bool>, i64)>,
    /// No choice is worth more.
    pub bound: i64,
    /// The proof of it.
    pub proof: Certificate,
    /// Nothing was left unsearched within the gap that was wished for.
    pub is_whole: bool,
    /// Nodes looked at in all.
    pub nodes: u64,
}

/// Finds the best choice under given fates. `watch` is told now and then and says whether to go on.
pub fn solve(model: &Model, fates: &[Fate], wish: Wish, watch: &mut dyn FnMut(Progress) -> bool) -> Solved {
    Solver { model, fates, wish, step: model.step(), watch, best: None, nodes: 0, is_stopped: false }.run()
}

struct Solver<'a> {
    model: &'a Model,
    fates: &'a [Fate],
    wish: Wish,
    step: i64,
    watch: &'a mut dyn FnMut(Progress) -> bool,
    best: Option<(Vec<bool>, i64)>,
    nodes: u64,
    is_stopped: bool,
}

impl Solver<'_> {
    fn run(mut self) -> Solved {
        let relaxed = relax(self.model, self.fates);
        if relaxed.is_empty && self.is_proved_empty(&relaxed.prices) {
            let tree = vec![Step::Empty(relaxed.prices)];
            let proof = Certificate { floor: i64::MIN, tree, ..Certificate::default() };
            return Solved { best: None, bound: i64::MIN, proof, is_whole: true, nodes: 0 };
        }
        let prices = if relaxed.is_empty { Prices::default() } else { relaxed.prices };
        let model = self.model;
        let root = self.points(model, &prices);
        self.try_near(model, &prices, root);
        let mut proof = Certificate { prices, ..Certificate::default() };
        let is_tried = self.best.is_some() && !self.is_enough(root) && !self.is_stopped;
        let tight = if is_tried { self.tighten(root) } else { None };
        let bound = match tight {
            Some(tight) => {
                let root = self.points(&tight.model, &tight.prices);
                self.guess(&tight.model, &tight.prices, root);
                let bound = self.prove(&tight.model, &tight.prices, root, &mut proof);
                (proof.cuts, proof.tight) = (tight.cuts, Some(tight.prices));
                bound
            }
            None => {
                let prices = proof.prices.clone();
                self.prove(model, &prices, root, &mut proof)
            }
        };
        let is_whole = self.is_enough(bound);
        Solved { best: self.best, bound, proof, is_whole, nodes: self.nodes }
    }

    /// Brings the bound down by cuts.
    fn tighten(&mut self, root: i64) -> Option<Tight> {
        let (nodes, value) = (self.nodes, self.value());
        let (watch, is_stopped) = (&mut self.watch, &mut self.is_stopped);
        let mut go_on = || {
            *is_stopped |= !watch(Progress { nodes, value: Some(value), bound: root });
            !*is_stopped
        };
        let tight = tighten(self.model, self.fates, value, &mut go_on)?;
        // Cuts whose prices do not bring the bound down, or whose sums are too large, are left alone.
        (self.points(&tight.model, &tight.prices) < root).then_some(tight)
    }

    /// Looks for a choice next to the bound: little is open there. What is looked for falls until something is found.
    fn guess(&mut self, model: &Model, prices: &Prices, root: i64) {
        let mut less = self.step.saturating_mul(2);
        while !self.is_stopped && !self.is_enough(root) && root.saturating_sub(less) > self.value() {
            let target = root.saturating_sub(less);
            less = less.saturating_mul(2);
            let Some(fates) = decide(model, prices, self.fates, target) else { continue };
            let core = Core::of(model, &fates);
            let floor = target.saturating_sub(self.step);
            let nodes = GUESS_NODES.min(self.wish.nodes);
            let found = self.search_above((floor, root), &core, prices, nodes, false);
            if self.keep(model, &core, &fates, &found) {
                break;
            }
        }
    }

    /// Searches what the prices leave open until nothing better is left or it is enough; the bound that is proved.
    fn prove(&mut self, model: &Model, prices: &Prices, root: i64, proof: &mut Certificate) -> i64 {
        let mut bound = root;
        proof.floor = i64::MIN;
        while !self.is_enough(bound) && !self.is_stopped {
            let floor = self.value();
            let target = floor.saturating_add(self.step);
            let Some(fates) = decide(model, prices, self.fates, target) else {
                proof.floor = floor;
                bound = floor;
                break;
            };
            let core = Core::of(model, &fates);
            let known = (self.value(), i64::MIN);
            let found = self.search_above(known, &core, prices, self.wish.nodes, true);
            let is_better = self.keep(model, &core, &fates, &found);
            bound = found.bound.max(self.value()).min(root);
            proof.floor = floor;
            if !is_better || self.is_enough(bound) || found.bound <= self.value() {
                proof.tree = outwards(&core, found.tree);
                break;
            }
        }
        bound
    }

    fn is_proved_empty(&self, ray: &Prices) -> bool {
        let bound = Bound::of(self.model, ray, self.fates, false);
        bound.is_some_and(|bound| bound.total.is_none_or(|total| total < 0))
    }

    fn value(&self) -> i64 {
        self.best.as_ref().map_or(i64::MIN, |(_, value)| *value)
    }

    fn is_enough(&self, bound: i64) -> bool {
        bound <= enough(self.value(), self.wish.gap_ppm)
    }

    fn points(&self, model: &Model, prices: &Prices) -> i64 {
        let bound = Bound::of(model, prices, self.fates, true);
        let points = bound.and_then(|bound| bound.points(prices.shift)).unwrap_or(i64::MAX);
        points.div_euclid(self.step).saturating_mul(self.step)
    }

    /// Looks for a choice worth more than `floor`. Where the core leaves out choices that may be better, whoever watches is told
    /// of no bound below `least`; what is only looked for is not told as found.
    fn search_above(
        &mut self,
        (floor, least): (i64, i64),
        core: &Core,
        prices: &Prices,
        nodes: usize,
        is_restless: bool,
    ) -> Found {
        let (before, known) = (self.nodes, self.value());
        let gap = self.wish.gap_ppm;
        let watch = &mut self.watch;
        let mut tell = |nodes, bound: i64, value: i64| {
            let best = if value > floor { value } else { known };
            let value = (best > i64::MIN).then_some(best);
            watch(Progress { nodes: before + nodes, value, bound: bound.max(least) })
        };
        let aim = Aim {
            floor,
            step: self.step,
            enough: &|value| enough(value, gap),
            nodes,
            watch: &mut tell,
            is_restless,
        };
        let found = Search::new(core, core.inwards(prices)).run(aim);
        self.nodes += found.nodes;
        self.is_stopped |= found.is_stopped;
        found
    }

    /// Keeps a search's choice; whether it was better.
    fn keep(&mut self, model: &Model, core: &Core, fates: &[Fate], found: &Found) -> bool {
        let Some((taken, value)) = &found.best else { return false };
        let mut whole: Vec<bool> = fates.iter().map(|fate| *fate == Fate::In).collect();
        for (column, is_taken) in core.columns.iter().zip(taken) {
            whole.put(*column as usize, *is_taken);
        }
        let is_better = *value > self.value() && model.value(&whole) == Ok(*value);
        if is_better {
            self.best = Some((whole, *value));
        }
        is_better
    }

    /// Looks for a first choice among the columns that earn least either way; more of them until one is found.
    fn try_near(&mut self, model: &Model, prices: &Prices, root: i64) {
        let Some(bound) = Bound::of(model, prices, self.fates, true) else { return };
        let mut losses: Vec<(i128, u32)> = Vec::new();
        let mut leans = self.fates.to_vec();
        leans.resize(model.columns(), Fate::Open);
        for (column, fate) in leans.iter_mut().enumerate().filter(|(_, fate)| **fate == Fate::Open) {
            let (with, without) = bound.forced(model, column);
            let (with, without) = (with.unwrap_or(i128::MIN), without.unwrap_or(i128::MIN));
            *fate = if with > without { Fate::In } else { Fate::Out };
            losses.push((with.max(without) - with.min(without).max(i128::MIN / 4), column as u32));
        }
        losses.sort_unstable();
        let mut width = (model.rows.len() * 4).clamp(64, 256);
        while !self.is_stopped {
            let mut fates = leans.clone();
            losses.iter().take(width).for_each(|(_, column)| fates.put(*column as usize, Fate::Open));
            let core = Core::of(model, &fates);
            let known = (self.value(), root);
            let found = self.search_above(known, &core, prices, NEAR_NODES, false);
            self.keep(model, &core, &fates, &found);
            if self.best.is_some() || width >= losses.len() || self.is_enough(root) {
                break;
            }
            width *= 4;
        }
    }
}

/// Nodes of a first try.
const NEAR_NODES: usize = 2_000;
/// Nodes of a guess.
const GUESS_NODES: usize = 100_000;

fn enough(value: i64, gap_ppm: u32) -> i64 {
    let slack = (i128::from(value) * i128::from(gap_ppm) / 1_000_000).max(0);
    value.saturating_add(i64::try_from(slack).unwrap_or(0))
}

/// The tree with columns and rows of the whole model.
fn outwards(core: &Core, tree: Vec<Step>) -> Vec<Step> {
    let step = |step| match step {
        Step::Branch(column) => Step::Branch(core.columns.at(column as usize)),
        Step::Bound(prices) => Step::Bound(core.outwards(&prices)),
        Step::Empty(prices) => Step::Empty(core.outwards(&prices)),
    };
    tree.into_iter().map(step).collect()
}
