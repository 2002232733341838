//! Drawer: the weights of some simulations, side by side, so that each sum over the weights of a group is made for
//! all of them in one go. What one simulation gets does not depend on those beside it.

use fearless_simd::Level;

use super::{Prepared, Sway};
use crate::indices::{
    kernel::TOGETHER,
    question::Child,
    stream::{self, Purpose},
};

/// A number of each simulation.
type Lanes<T> = [T; TOGETHER];

/// Draws weights; kept between simulations so that nothing is allocated. Nodes are the indicators, then the groups.
pub struct Drawer {
    indicators: usize,
    /// By group, the nodes below it.
    below: Vec<Vec<usize>>,
    room: Vec<u32>,
    numbers: Vec<Lanes<u32>>,
    /// By node.
    raw: Vec<Lanes<f64>>,
    /// By group and place below it.
    weights: Vec<Vec<Lanes<f64>>>,
    /// By node: its weight in the whole.
    whole: Vec<Lanes<f64>>,
}

impl Drawer {
    pub fn new(prepared: &Prepared) -> Self {
        let indicators = prepared.question.indicators.len();
        let nodes = indicators + prepared.question.groups.len();
        let node = |child: &Child| match child {
            Child::Indicator(place) => *place,
            Child::Group(place) => indicators + place,
        };
        let below = prepared.children.iter().map(|children| children.iter().map(node).collect());
        let alike = |weights: &Vec<f64>| weights.iter().map(|weight| [*weight; TOGETHER]).collect();
        Self {
            indicators,
            below: below.collect(),
            room: vec![0; nodes],
            numbers: vec![[0; TOGETHER]; nodes],
            raw: vec![[0.0; TOGETHER]; nodes],
            weights: prepared.base.iter().map(alike).collect(),
            whole: vec![[1.0; TOGETHER]; nodes],
        }
    }

    /// The weights of each group's children in one simulation. Number i of the stream is for indicator i, those
    /// behind for groups.
    pub fn weights(&mut self, prepared: &Prepared, simulation: u32, level: Level) -> Vec<Vec<f64>> {
        fearless_simd::dispatch!(level, _simd => self.draw(prepared, &[simulation]));
        let first = |lanes: &Lanes<f64>| lanes.first().copied();
        self.weights.iter().map(|weights| weights.iter().filter_map(first).collect()).collect()
    }

    /// The weight of each indicator in the whole, in up to [`TOGETHER`] simulations.
    pub fn flat(&mut self, prepared: &Prepared, simulations: &[u32], level: Level) -> &[Lanes<f64>] {
        fearless_simd::dispatch!(level, _simd => {
            self.draw(prepared, simulations);
            self.flatten();
        });
        self.whole.get(..self.indicators).unwrap_or_default()
    }

    /// The same of one simulation.
    pub fn flat_of_one(&mut self, prepared: &Prepared, simulation: u32, level: Level) -> Vec<f64> {
        let flat = self.flat(prepared, &[simulation], level);
        flat.iter().filter_map(|lanes| lanes.first()).copied().collect()
    }

    #[inline(always)]
    fn draw(&mut self, prepared: &Prepared, simulations: &[u32]) {
        let sway = prepared.doubt.weights;
        if sway == Sway::Fixed {
            return;
        }
        for (lane, simulation) in simulations.iter().enumerate() {
            stream::numbers(prepared.doubt.seed, *simulation, Purpose::Weights, &mut self.room);
            let slots = self.numbers.as_flattened_mut().iter_mut().skip(lane).step_by(TOGETHER);
            slots.zip(&self.room).for_each(|(slot, number)| *slot = *number);
        }
        let raw = self.raw.as_flattened_mut().iter_mut().zip(self.numbers.as_flattened());
        match sway {
            Sway::Around(part) => {
                raw.for_each(|(slot, number)| *slot = 1.0 + part * (2.0 * stream::part(*number) - 1.0));
            }
            _ => raw.for_each(|(slot, number)| {
                *slot = -crate::elementary::ln_of_normal(stream::part(*number));
            }),
        }
        let groups = self.weights.iter_mut().zip(&prepared.base).zip(&self.below);
        for ((weights, base), below) in groups {
            let mut sums = [0.0; TOGETHER];
            for ((slots, base), node) in weights.iter_mut().zip(base).zip(below) {
                let Some(raw) = self.raw.get(*node) else { continue };
                let factor = if sway == Sway::Free { 1.0 } else { *base };
                for ((slot, raw), sum) in slots.iter_mut().zip(raw).zip(&mut sums) {
                    *slot = factor * raw;
                    *sum += *slot;
                }
            }
            // Where all swayed to nothing, the weights are those of the index.
            for (lane, sum) in sums.iter_mut().enumerate().filter(|(_, sum)| **sum <= 0.0) {
                *sum = 1.0;
                let slots = weights.as_flattened_mut().iter_mut().skip(lane).step_by(TOGETHER);
                slots.zip(base).for_each(|(slot, base)| *slot = *base);
            }
            for slots in weights.iter_mut() {
                slots.iter_mut().zip(&sums).for_each(|(slot, sum)| *slot /= sum);
            }
        }
    }

    #[inline(always)]
    fn flatten(&mut self) {
        for (group, (weights, below)) in self.weights.iter().zip(&self.below).enumerate().rev() {
            let whole = self.whole.get(self.indicators + group).copied().unwrap_or([1.0; TOGETHER]);
            for (weights, node) in weights.iter().zip(below) {
                let Some(slots) = self.whole.get_mut(*node) else { continue };
                let lanes = slots.iter_mut().zip(&whole).zip(weights);
                lanes.for_each(|((slot, whole), weight)| *slot = whole * weight);
            }
        }
    }
}
