//! Tally: how often each unit had each rank, and the bands that come of it.

use super::{Band, Bands, Prepared};
use crate::indices::kernel;

/// How often each unit had each rank.
pub struct Tally {
    units: usize,
    /// Unit by unit, from the first rank to the last.
    counts: Vec<u32>,
    nominal: Vec<u32>,
    /// By choice.
    drawn: Vec<(u32, u64)>,
}

impl Tally {
    pub fn new(prepared: &Prepared) -> Self {
        let units = prepared.question.units;
        let counts = vec![0; units * units];
        let drawn = vec![(0, 0); prepared.choices.len()];
        Self { units, counts, nominal: prepared.nominal.clone(), drawn }
    }

    /// Counts a simulation from the order of its units.
    pub fn order(&mut self, choice: usize, order: &[u64], tied: &[u32]) {
        let (mut away, mut tied) = (0_u64, tied.iter().peekable());
        let mut shared = 0;
        for (entry, place) in order.iter().zip(0_u32..) {
            // Equals take the rank of the first of them.
            let is_tied = tied.next_if(|at| **at == place).is_some();
            shared = if is_tied { shared } else { place };
            let unit = kernel::unit_of(*entry);
            if let Some(slot) = self.counts.get_mut(unit * self.units + shared as usize) {
                *slot += 1;
            }
            let nominal = self.nominal.get(unit).copied().unwrap_or(0);
            away += u64::from((shared + 1).abs_diff(nominal));
        }
        self.add(choice, away);
    }

    /// Counts a simulation from its ranks.
    pub fn ranks(&mut self, choice: usize, ranks: &[u32]) {
        let mut away = 0;
        for (unit, (rank, nominal)) in ranks.iter().zip(&self.nominal).enumerate() {
            if *rank == 0 || *nominal == 0 {
                continue;
            }
            let place = unit * self.units + (*rank as usize - 1);
            self.counts.get_mut(place).into_iter().for_each(|slot| *slot += 1);
            away += u64::from(rank.abs_diff(*nominal));
        }
        self.add(choice, away);
    }

    fn add(&mut self, choice: usize, away: u64) {
        if let Some((drawn, sum)) = self.drawn.get_mut(choice) {
            *drawn += 1;
            *sum += away;
        }
    }

    pub fn bands(self, prepared: &Prepared, draws: u32) -> Bands {
        let rows = self.counts.chunks(self.units.max(1)).zip(&self.nominal);
        let bands = rows.map(|(counts, nominal)| band(counts, *nominal)).collect();
        let choices = prepared.choices.iter().zip(&self.drawn);
        let choices = choices.map(|((choice, _, _), (drawn, sum))| (*choice, *drawn, *sum)).collect();
        Bands { draws, bands, choices }
    }
}

/// The band of one unit from how often it had each rank; none if it never had any.
fn band(counts: &[u32], nominal: u32) -> Option<Band> {
    let total: u64 = counts.iter().copied().map(u64::from).sum();
    let first = counts.iter().position(|count| *count > 0)?;
    let last = counts.iter().rposition(|count| *count > 0)?;
    let at = |place: u64| {
        let mut before = 0;
        let found = counts.iter().zip(1_u64..).find(|(count, _)| {
            before += u64::from(**count);
            before > place
        });
        found.map_or(0, |(_, rank)| rank)
    };
    // Between two simulations the rank is taken in proportion.
    let part = |hundredths: u64| {
        let place = hundredths * (total - 1);
        let (low, rest) = (at(place / 100), place % 100);
        let high = if rest == 0 { low } else { at(place / 100 + 1) };
        low * 100 + rest * (high - low)
    };
    let sum = counts.iter().zip(1_u64..).map(|(count, rank)| u64::from(*count) * rank).sum();
    let same = usize::try_from(nominal).ok().and_then(|rank| counts.get(rank.checked_sub(1)?)).copied();
    Some(Band {
        best: u32::try_from(first + 1).unwrap_or(u32::MAX),
        worst: u32::try_from(last + 1).unwrap_or(u32::MAX),
        low: part(5),
        median: part(50),
        high: part(95),
        sum,
        same: same.unwrap_or(0),
    })
}
