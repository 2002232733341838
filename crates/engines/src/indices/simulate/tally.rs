//! Tally: how often each unit had each rank, and the bands that come of it.

use super::{Band, Bands, Prepared};
use crate::indices::kernel;

/// Simulations whose ranks are kept before they are counted: then each unit's row of counts is walked once for
/// all of them, while it lies near the processor.
const KEPT: usize = 48;

/// How often each unit had each rank.
pub struct Tally {
    units: usize,
    /// Unit by unit, from the first rank to the last.
    counts: Vec<u32>,
    nominal: Vec<u32>,
    /// Places of the simulations that are not counted yet: simulation by simulation, in each unit by unit.
    kept: Vec<u16>,
    /// By choice.
    drawn: Vec<(u32, u64)>,
}

impl Tally {
    pub fn new(prepared: &Prepared) -> Self {
        let units = prepared.question.units;
        let counts = vec![0; units * units];
        let drawn = vec![(0, 0); prepared.choices.len()];
        Self { units, counts, nominal: prepared.nominal.clone(), kept: Vec::new(), drawn }
    }

    /// Counts a simulation from the order of its units.
    #[expect(clippy::cast_possible_truncation, reason = "there are at most `UNITS_MAX` places")]
    pub fn order(&mut self, choice: usize, order: &[u32], tied: &[u32]) {
        let begin = self.kept.len();
        self.kept.resize(begin + self.units, 0);
        let places = self.kept.get_mut(begin..).unwrap_or_default();
        let mut put = |entry: &u32, place: u32| {
            places.get_mut(kernel::unit_of(*entry)).into_iter().for_each(|slot| *slot = place as u16);
        };
        order.iter().zip(0..).for_each(|(entry, place)| put(entry, place));
        // Equals take the rank of the first of them.
        let mut shared = (u32::MAX, 0);
        for place in tied {
            let first = if shared.0 == place - 1 { shared.1 } else { place - 1 };
            shared = (*place, first);
            order.get(*place as usize).into_iter().for_each(|entry| put(entry, first));
        }
        let away = places.iter().zip(&self.nominal);
        let away: u32 = away.map(|(place, nominal)| (u32::from(*place) + 1).abs_diff(*nominal)).sum();
        self.add(choice, u64::from(away));
        if self.kept.len() >= KEPT * self.units {
            self.count();
        }
    }

    /// Counts what is kept.
    fn count(&mut self) {
        for (unit, counts) in self.counts.chunks_exact_mut(self.units.max(1)).enumerate() {
            for place in self.kept.iter().skip(unit).step_by(self.units.max(1)) {
                counts.get_mut(usize::from(*place)).into_iter().for_each(|slot| *slot += 1);
            }
        }
        self.kept.clear();
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

    pub fn bands(mut self, prepared: &Prepared, draws: u32) -> Bands {
        self.count();
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
