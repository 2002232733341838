//! Drawer: the weights of one simulation.

use fearless_simd::Level;

use super::{Doubt, Prepared, Sway};
use crate::indices::{
    question::Child,
    stream::{self, Purpose},
};

/// Draws weights; kept between simulations so that nothing is allocated.
pub struct Drawer {
    numbers: Vec<u32>,
    raw: Vec<f64>,
    weights: Vec<Vec<f64>>,
    /// By group: its weight in the whole.
    whole: Vec<f64>,
}

impl Drawer {
    pub fn new(prepared: &Prepared) -> Self {
        let nodes = prepared.question.indicators.len() + prepared.question.groups.len();
        let whole = vec![1.0; prepared.question.groups.len()];
        Self { numbers: vec![0; nodes], raw: vec![0.0; nodes], weights: prepared.base.clone(), whole }
    }

    /// The weights of each group's children. Number i of the stream is for indicator i, those behind for groups.
    pub fn weights(&mut self, prepared: &Prepared, simulation: u32, level: Level) -> &[Vec<f64>] {
        if prepared.doubt.weights == Sway::Fixed {
            return &self.weights;
        }
        fearless_simd::dispatch!(level, _simd => {
            draw(prepared.doubt, simulation, &mut self.numbers, &mut self.raw)
        });
        let indicators = prepared.question.indicators.len();
        for ((weights, base), children) in self.weights.iter_mut().zip(&prepared.base).zip(&prepared.children)
        {
            let is_free = prepared.doubt.weights == Sway::Free;
            for ((slot, base), child) in weights.iter_mut().zip(base).zip(children) {
                let place = match child {
                    Child::Indicator(place) => *place,
                    Child::Group(place) => indicators + place,
                };
                let raw = self.raw.get(place).copied().unwrap_or(0.0);
                *slot = if is_free { raw } else { base * raw };
            }
            let sum: f64 = weights.iter().sum();
            // Where all swayed to nothing, the weights are those of the index.
            match sum > 0.0 {
                true => weights.iter_mut().for_each(|weight| *weight /= sum),
                false => weights.clone_from(base),
            }
        }
        &self.weights
    }

    /// The weight of each indicator in the whole.
    pub fn flat(&mut self, prepared: &Prepared, simulation: u32, flat: &mut Vec<f64>, level: Level) {
        self.weights(prepared, simulation, level);
        flat.resize(prepared.question.indicators.len(), 0.0);
        let groups = self.weights.iter().zip(&prepared.children).enumerate().rev();
        for (group, (weights, children)) in groups {
            let whole = self.whole.get(group).copied().unwrap_or(1.0);
            for (weight, child) in weights.iter().zip(children) {
                let slot = match child {
                    Child::Indicator(place) => flat.get_mut(*place),
                    Child::Group(place) => self.whole.get_mut(*place),
                };
                slot.into_iter().for_each(|slot| *slot = whole * weight);
            }
        }
    }
}

/// What weights are multiplied with, or weights themselves where they are free.
#[inline(always)]
fn draw(doubt: &Doubt, simulation: u32, numbers: &mut [u32], raw: &mut [f64]) {
    stream::numbers(doubt.seed, simulation, Purpose::Weights, numbers);
    match doubt.weights {
        Sway::Free => {
            for (slot, number) in raw.iter_mut().zip(numbers) {
                *slot = -crate::elementary::ln_of_normal(stream::part(*number));
            }
        }
        Sway::Around(part) => {
            for (slot, number) in raw.iter_mut().zip(numbers) {
                *slot = 1.0 + part * (2.0 * stream::part(*number) - 1.0);
            }
        }
        Sway::Fixed => {}
    }
}
