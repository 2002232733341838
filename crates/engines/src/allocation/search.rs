//! Search: branch and bound over the core, best bound first, diving from each node until nothing is left below.
//!
//! Floating point chooses where to look; a node is closed only by prices whose bound was added up in whole
//! numbers. So the tree of closed nodes is a proof that anyone can repeat without searching.
//! Always: the answer depends on the question and on the number of steps allowed, never on time or machine.

use std::collections::BinaryHeap;

use super::bound::{Bound, Fate, Prices};
use super::core::Core;
use super::model::NONE;
use super::places::Places;
use super::relax::nudged;
use super::simplex::{End, Simplex};

/// Nodes of one tree.
pub const NODES_MAX: usize = 400_000;
/// Pivots at one node.
const PIVOTS_MAX: usize = 5_000;
/// Fractional columns that are tried at a node.
const TRIED_MAX: usize = 12;
/// Farther from a whole number is fractional.
const WHOLE: f64 = 1e-6;
/// The watcher is asked after so many nodes.
const WATCH: u64 = 64;

/// One step of a tree of cases: a branch, or why a case is closed.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub enum Step {
    /// First the tree where the column is taken, then the one where it is not.
    Branch(u32),
    /// Under these prices nothing here is worth more than the bound.
    Bound(Prices),
    /// Under these prices nothing here obeys the rows.
    Empty(Prices),
}

#[derive(Debug, Clone)]
struct Node {
    parent: u32,
    column: u32,
    is_taken: bool,
    /// No choice below is worth more, in points.
    bound: i64,
    why: Step,
    children: [u32; 2],
}

/// What a search is allowed and what it is to beat.
pub struct Aim<'a> {
    /// Only choices worth more than this, in points of the core, are of interest.
    pub floor: i64,
    /// Values are multiples of this, counted from the core's base.
    pub step: i64,
    /// The search may end when its bound is not above this.
    pub enough: &'a dyn Fn(i64) -> i64,
    /// At most so many nodes.
    pub nodes: usize,
    /// Told now and then: nodes, best bound, best value; says whether to go on.
    pub watch: &'a mut dyn FnMut(u64, i64, i64) -> bool,
    /// End early when the value has risen so that a new core would be smaller.
    pub is_restless: bool,
}

/// What a search found.
#[derive(Debug, Clone)]
pub struct Found {
    /// The best choice in the core and its worth, if better than the floor.
    pub best: Option<(Vec<bool>, i64)>,
    /// No choice in the core is worth more than the greater of this and the value.
    pub bound: i64,
    /// The tree in the order that [`Step::Branch`] says, columns of the core.
    pub tree: Vec<Step>,
    /// Nodes looked at.
    pub nodes: u64,
    /// The watcher said stop.
    pub is_stopped: bool,
}

pub struct Search<'a> {
    core: &'a Core,
    lp: Simplex,
    nodes: Vec<Node>,
    heap: BinaryHeap<(i64, std::cmp::Reverse<u32>)>,
    fates: Vec<Fate>,
    best: Option<Vec<bool>>,
    floor: i64,
    step: i64,
}

impl<'a> Search<'a> {
    /// A search in a core whose root is bounded by prices.
    pub fn new(core: &'a Core, prices: Prices) -> Self {
        let model = &core.model;
        let profit = (0..model.columns()).map(|column| nudged(model.score.at(column), column)).collect();
        let mut rows = Vec::new();
        for (terms, bounds) in model.by_row().into_iter().zip(&model.rows) {
            let terms = terms.into_iter().map(|(column, coef)| (column, coef as f64)).collect();
            let least = bounds.least.map_or(f64::NEG_INFINITY, |least| least as f64);
            let most = bounds.most.map_or(f64::INFINITY, |most| most as f64);
            rows.push((terms, least, most));
        }
        for members in &model.groups {
            rows.push((members.iter().map(|column| (*column, 1.0)).collect(), f64::NEG_INFINITY, 1.0));
        }
        let root = Node {
            parent: NONE,
            column: NONE,
            is_taken: false,
            bound: i64::MAX,
            why: Step::Bound(prices),
            children: [NONE; 2],
        };
        Self {
            core,
            lp: Simplex::new(profit, &rows),
            nodes: vec![root],
            heap: BinaryHeap::from([(i64::MAX, std::cmp::Reverse(0))]),
            fates: vec![Fate::Open; model.columns()],
            best: None,
            floor: i64::MIN,
            step: 1,
        }
    }

    /// Searches until nothing better is left, or it is enough.
    pub fn run(mut self, aim: Aim) -> Found {
        (self.floor, self.step) = (aim.floor, aim.step);
        let (mut seen, mut is_stopped) = (0_u64, false);
        let first = self.floor;
        'all: while let Some((bound, std::cmp::Reverse(top))) = self.heap.peek().copied() {
            // A new core pays when at least a quarter of the gap is closed.
            let closed = i128::from(self.floor) - i128::from(first);
            let is_new = closed > 0 && closed * 4 >= i128::from(bound) - i128::from(first);
            if bound <= (aim.enough)(self.floor) || (aim.is_restless && is_new) {
                break;
            }
            self.heap.pop();
            self.go_to(top);
            let mut at = Some(top);
            while let Some(node) = at {
                seen += 1;
                let is_told = seen.is_multiple_of(WATCH);
                if self.nodes.len() + 2 > aim.nodes || (is_told && !(aim.watch)(seen, bound, self.floor)) {
                    is_stopped = self.nodes.len() + 2 <= aim.nodes;
                    self.heap.push((
                        self.nodes.get(node as usize).map_or(bound, |node| node.bound),
                        std::cmp::Reverse(node),
                    ));
                    break 'all;
                }
                at = self.visit(node);
            }
        }
        let bound = self.heap.peek().map_or(self.floor, |(bound, _)| (*bound).max(self.floor));
        let best = self.best.take().map(|taken| (taken, self.floor));
        Found { best, bound, tree: self.tree(), nodes: seen, is_stopped }
    }

    /// Sets the fates and limits of a node's path.
    fn go_to(&mut self, node: u32) {
        self.fates.fill(Fate::Open);
        let mut at = node;
        while let Some(place) = self.nodes.get(at as usize).filter(|place| place.column != NONE) {
            let (column, is_taken, parent) = (place.column, place.is_taken, place.parent);
            self.set(column, is_taken);
            at = parent;
        }
        for column in 0..self.fates.len() {
            self.limit(column);
        }
        self.lp.settle();
    }

    fn set(&mut self, column: u32, is_taken: bool) {
        self.fates.put(column as usize, if is_taken { Fate::In } else { Fate::Out });
        let group = self.core.model.group.at(column as usize);
        if is_taken && group != NONE && self.core.model.group.get(column as usize).is_some() {
            for other in self.core.model.groups.get(group as usize).into_iter().flatten() {
                if self.fates.at(*other as usize) == Fate::Open {
                    self.fates.put(*other as usize, Fate::Out);
                }
            }
        }
    }

    fn limit(&mut self, column: usize) {
        let (low, high) = match self.fates.at(column) {
            Fate::Open => (0.0, 1.0),
            Fate::In => (1.0, 1.0),
            Fate::Out => (0.0, 0.0),
        };
        self.lp.limit(column, low, high);
    }

    /// Bounds a node; the child to dive into, if there is one.
    fn visit(&mut self, node: u32) -> Option<u32> {
        // A nudge may lift the objective by a little; a point is never missed for it.
        let floor = self.floor.saturating_add(self.step).saturating_sub(self.core.base) as f64 - 0.5;
        let floor = if self.floor == i64::MIN { f64::NEG_INFINITY } else { floor };
        for floor in [floor, f64::NEG_INFINITY] {
            let end = self.lp.run(PIVOTS_MAX, floor);
            match end {
                End::Empty => {
                    let ray = self.exact(&self.lp.ray());
                    if Bound::of(&self.core.model, &ray, &self.fates, false)
                        .is_some_and(|b| b.total.is_none_or(|t| t < 0))
                    {
                        self.close(node, Step::Empty(ray));
                        return None;
                    }
                    self.lp.refresh();
                }
                End::Best | End::Low | End::Lost => {
                    let bound = self.tighten(node, &self.lp.prices());
                    if bound <= self.floor {
                        return None;
                    }
                }
            }
            if end == End::Best {
                break;
            }
        }
        self.meet();
        if self.nodes.get(node as usize)?.bound <= self.floor {
            return None;
        }
        self.branch(node)
    }

    fn exact(&self, prices: &[f64]) -> Prices {
        let pairs: Vec<(u32, f64)> =
            (0..).zip(prices.iter().copied()).take(self.core.model.rows.len()).collect();
        Prices::nearest(&self.core.model.rows, &pairs)
    }

    fn close(&mut self, node: u32, why: Step) {
        if let Some(node) = self.nodes.get_mut(node as usize) {
            node.why = why;
            node.bound = i64::MIN;
        }
    }

    /// The best bound known for a node after trying these prices.
    fn tighten(&mut self, node: u32, prices: &[f64]) -> i64 {
        let prices = self.exact(prices);
        let bound = self.points(&prices);
        let Some(node) = self.nodes.get_mut(node as usize) else { return i64::MAX };
        if bound < node.bound {
            (node.bound, node.why) = (bound, Step::Bound(prices));
        }
        node.bound
    }

    /// What no choice under the fates can exceed, by prices.
    fn points(&self, prices: &Prices) -> i64 {
        match Bound::of(&self.core.model, prices, &self.fates, true) {
            Some(Bound { total: None, .. }) => i64::MIN,
            Some(bound) => bound.points(prices.shift).map_or(i64::MAX, |points| {
                points.div_euclid(self.step).saturating_mul(self.step).saturating_add(self.core.base)
            }),
            None => i64::MAX,
        }
    }

    /// Keeps the relaxation's choice if it is whole, obeys the rows and is better.
    fn meet(&mut self) {
        let mut taken = Vec::with_capacity(self.fates.len());
        for column in 0..self.fates.len() {
            let value = self.lp.value(column);
            if (value - value.round()).abs() > WHOLE {
                return;
            }
            taken.push(value > 0.5);
        }
        if let Ok(value) = self.core.model.value(&taken) {
            let value = value.saturating_add(self.core.base);
            if value > self.floor {
                (self.floor, self.best) = (value, Some(taken));
            }
        }
    }

    fn branch(&mut self, node: u32) -> Option<u32> {
        let column = self.choose().or_else(|| {
            let open = self.fates.iter().position(|fate| *fate == Fate::Open)?;
            Some(open as u32)
        })?;
        let parent = self.nodes.get(node as usize)?.clone();
        let mut children = [NONE; 2];
        for (is_taken, slot) in [true, false].into_iter().zip(&mut children) {
            *slot = self.nodes.len() as u32;
            self.nodes.push(Node {
                parent: node,
                column,
                is_taken,
                bound: parent.bound,
                why: parent.why.clone(),
                children: [NONE; 2],
            });
        }
        let own = self.fates.clone();
        for (child, is_taken) in children.into_iter().zip([true, false]) {
            self.set(column, is_taken);
            self.foresee(child, column as usize, if is_taken { 1.0 } else { 0.0 });
            self.fates.clone_from(&own);
        }
        if let Some(node) = self.nodes.get_mut(node as usize) {
            (node.why, node.children) = (Step::Branch(column), children);
        }
        let bound = |child: u32| self.nodes.get(child as usize).map_or(i64::MIN, |child| child.bound);
        let [yes, no] = children;
        let value = self.lp.value(column as usize);
        let (first, second) = if (bound(yes), value) >= (bound(no), 0.5) { (yes, no) } else { (no, yes) };
        if bound(second) > self.floor {
            self.heap.push((bound(second), std::cmp::Reverse(second)));
        }
        if bound(first) <= self.floor {
            return None;
        }
        self.set(column, first == yes);
        for column in 0..self.fates.len() {
            match self.fates.at(column) {
                fate if fate == own.at(column) => {}
                Fate::In => self.lp.fix(column, 1.0),
                _ => self.lp.fix(column, 0.0),
            }
        }
        Some(first)
    }

    /// Bounds a child by the first dual step towards it.
    fn foresee(&mut self, child: u32, column: usize, to: f64) {
        let (fall, step) = self.lp.push(column, to);
        if fall.is_infinite() {
            let ray = self.exact(&self.lp.direction(column, to));
            if Bound::of(&self.core.model, &ray, &self.fates, false)
                .is_some_and(|b| b.total.is_none_or(|t| t < 0))
            {
                self.close(child, Step::Empty(ray));
                return;
            }
        }
        let prices = self.lp.prices_after(column, step);
        self.tighten(child, &prices);
    }

    /// The fractional column whose two children fall most.
    fn choose(&mut self) -> Option<u32> {
        let mut broken: Vec<(u64, u32)> = Vec::new();
        for column in 0..self.fates.len() {
            let value = self.lp.value(column);
            let distance = (value - value.round()).abs();
            if distance > WHOLE && self.fates.at(column) == Fate::Open {
                broken.push((distance.to_bits(), column as u32));
            }
        }
        broken.sort_unstable_by_key(|(distance, column)| (std::cmp::Reverse(*distance), *column));
        let mut best = (f64::NEG_INFINITY, None);
        for (_, column) in broken.into_iter().take(TRIED_MAX) {
            let (down, up) = self.lp.lean(column as usize);
            let gain = (down.min(1e15) + 1e-3) * (up.min(1e15) + 1e-3);
            if gain > best.0 {
                best = (gain, Some(column));
            }
        }
        best.1
    }

    /// The tree, the taken child of each branch first.
    fn tree(&self) -> Vec<Step> {
        let (mut tree, mut stack) = (Vec::with_capacity(self.nodes.len()), vec![0_u32]);
        while let Some(node) = stack.pop().and_then(|node| self.nodes.get(node as usize)) {
            tree.push(node.why.clone());
            if let (Step::Branch(_), [yes, no]) = (&node.why, node.children) {
                stack.extend([no, yes]);
            }
        }
        tree
    }
}
