//! Kernel: scores of many simulations at once, in half the precision, and ranks that are right all the same.
//!
//! A score here is Σ wₖ·xₖ over the indicators in their order, in 64 bits. It is worked out in 32 bits for
//! a block of simulations, with a bound on how far off that can be; where two scores lie nearer than twice the
//! bound, both are worked out in 64 bits. So ranks never depend on how wide a machine computes.

use fearless_simd::{Level, dispatch, f32x16, prelude::*};

/// Units in a tile: one register of the widest machines.
const TILE: usize = 16;
/// Simulations that go through a tile together.
pub const TOGETHER: usize = 6;
/// Indicators whose products are added before they go into the sum: shorter sums have smaller errors.
const CHUNK: usize = 16;
/// What one rounding in 32 bits can be off, as a part.
const ROUNDING: f64 = 1.0 / 16_777_216.0;

/// Normalised values of one set of choices, ready to be multiplied.
pub struct Matrix {
    units: usize,
    indicators: usize,
    /// Tile by tile, in each indicator by indicator, less the indicator's mean.
    wide: Vec<f32>,
    /// Unit by unit, in each indicator by indicator.
    exact: Vec<f64>,
    /// By indicator: the largest distance from the mean, and the largest value.
    farthest: Vec<(f64, f64)>,
}

impl Matrix {
    /// From columns in which nothing is missing.
    #[must_use]
    #[expect(clippy::cast_possible_truncation, reason = "the rounding is counted in the bound")]
    pub fn new(columns: &[Vec<f64>]) -> Self {
        let units = columns.first().map_or(0, Vec::len);
        let indicators = columns.len();
        let tiles = units.div_ceil(TILE);
        let means: Vec<f64> = columns.iter().map(|c| c.iter().sum::<f64>() / units.max(1) as f64).collect();
        let value = |k: usize, unit: usize| columns.get(k).and_then(|c| c.get(unit)).copied().unwrap_or(0.0);
        let mut wide = Vec::with_capacity(tiles * TILE * indicators);
        for tile in 0..tiles {
            for (k, mean) in means.iter().enumerate() {
                // Room that is left repeats the last unit, so that it changes no extreme.
                let lane = |lane: usize| (value(k, (tile * TILE + lane).min(units - 1)) - mean) as f32;
                wide.extend((0..TILE).map(lane));
            }
        }
        let exact = (0..units).flat_map(|unit| (0..indicators).map(move |k| (k, unit)));
        let exact = exact.map(|(k, unit)| value(k, unit)).collect();
        let far = |(column, mean): (&Vec<f64>, &f64)| {
            let most = |of: &dyn Fn(f64) -> f64| column.iter().map(|v| of(*v).abs()).fold(0.0, f64::max);
            (most(&|v| v - mean), most(&|v| v))
        };
        let farthest = columns.iter().zip(&means).map(far).collect();
        Self { units, indicators, wide, exact, farthest }
    }

    /// Room for the scores of one simulation.
    fn room(&self) -> usize {
        self.units.div_ceil(TILE) * TILE
    }

    /// The score in 64 bits.
    fn exact(&self, unit: usize, weights: &[f64]) -> f64 {
        let values = self.exact.iter().skip(unit * self.indicators);
        values.zip(weights).fold(0.0, |sum, (value, weight)| sum + value * weight)
    }

    /// The scores of all units in 64 bits.
    #[must_use]
    pub fn scores(&self, weights: &[f64]) -> Vec<f64> {
        (0..self.units).map(|unit| self.exact(unit, weights)).collect()
    }

    /// How far a score in 32 bits, less what it is for every unit alike, can be from the one in 64 bits.
    fn bound(&self, weights: &[f64]) -> f64 {
        let pairs = self.farthest.iter().zip(weights);
        let (near, far) = pairs.fold((0.0, 0.0), |(near, far), ((away, value), weight)| {
            (near + weight * away, far + weight * value)
        });
        // Two factors and a product rounded, at most CHUNK sums in a chunk and one for each chunk.
        let roundings = (3 + CHUNK + self.indicators.div_ceil(CHUNK)) as f64;
        1.001 * roundings * ROUNDING * near + 4.0 * self.indicators as f64 * f64::EPSILON * far
    }
}

/// What is needed between two simulations; kept so that nothing is allocated in the loop.
#[derive(Default)]
pub struct Bench {
    narrow: Vec<f32>,
    scores: Vec<f32>,
    heights: Vec<u32>,
    aside: Vec<u32>,
    order: Vec<u64>,
    sorted: Vec<f32>,
    close: Vec<u8>,
    run: Vec<(f64, u32)>,
}

/// What is done with each simulation: its place among those given, its units in order, and the places of
/// units that share the rank of the one before them.
pub type Each<'a> = &'a mut dyn FnMut(usize, &[u64], &[u32]);

/// Works out the ranks of up to [`TOGETHER`] simulations and gives each, unit by unit, to `each`.
pub fn ranks(level: Level, matrix: &Matrix, weights: &[&[f64]], bench: &mut Bench, each: Each) {
    dispatch!(level, simd => ranked(simd, matrix, weights, bench, each));
}

#[inline(always)]
fn ranked<S: Simd>(simd: S, matrix: &Matrix, weights: &[&[f64]], bench: &mut Bench, each: Each) {
    multiply(simd, matrix, weights, bench);
    let scores = std::mem::take(&mut bench.scores);
    let room = matrix.room();
    for ((place, weights), scores) in weights.iter().enumerate().zip(scores.chunks_exact(room)) {
        sort(simd, matrix, scores, bench);
        let bound = matrix.bound(weights);
        let tied = resolve(matrix, weights, bound, bench);
        each(place, &bench.order, &tied);
    }
    bench.scores = scores;
}

/// Scores of all units in all these simulations, in 32 bits.
#[inline(always)]
#[expect(clippy::cast_possible_truncation, reason = "the rounding is counted in the bound")]
fn multiply<S: Simd>(simd: S, matrix: &Matrix, weights: &[&[f64]], bench: &mut Bench) {
    let indicators = matrix.indicators;
    bench.narrow.clear();
    bench.narrow.resize(indicators * TOGETHER, 0.0);
    for (lane, weights) in weights.iter().take(TOGETHER).enumerate() {
        let slots = bench.narrow.iter_mut().skip(lane).step_by(TOGETHER);
        slots.zip(*weights).for_each(|(slot, weight)| *slot = *weight as f32);
    }
    let room = matrix.room();
    bench.scores.resize(room * TOGETHER, 0.0);
    let (narrow, _) = bench.narrow.as_chunks::<TOGETHER>();
    for (tile, rows) in matrix.wide.chunks_exact(TILE * indicators.max(1)).enumerate() {
        let zero = f32x16::splat(simd, 0.0);
        let mut sums = [zero; TOGETHER];
        for (rows, weights) in rows.chunks(TILE * CHUNK).zip(narrow.chunks(CHUNK)) {
            let [mut a, mut b, mut c, mut d, mut e, mut f] = [zero; TOGETHER];
            for (row, [u, v, w, x, y, z]) in rows.chunks_exact(TILE).zip(weights) {
                let row = f32x16::from_slice(simd, row);
                a = row.mul_add(f32x16::splat(simd, *u), a);
                b = row.mul_add(f32x16::splat(simd, *v), b);
                c = row.mul_add(f32x16::splat(simd, *w), c);
                d = row.mul_add(f32x16::splat(simd, *x), d);
                e = row.mul_add(f32x16::splat(simd, *y), e);
                f = row.mul_add(f32x16::splat(simd, *z), f);
            }
            let [s, t, p, q, g, h] = sums;
            sums = [s + a, t + b, p + c, q + d, g + e, h + f];
        }
        for (scores, sum) in bench.scores.chunks_exact_mut(room).zip(sums) {
            let place = scores.chunks_exact_mut(TILE).nth(tile);
            place.into_iter().for_each(|slots| sum.store_slice(slots));
        }
    }
}

/// Puts the units in the order of their scores, the highest first: by sixteen bits of their height, eight at a
/// time, then the few that share all of them by insertion.
#[inline(always)]
fn sort<S: Simd>(simd: S, matrix: &Matrix, scores: &[f32], bench: &mut Bench) {
    /// Adding it makes the whole part of a small number its last bits.
    const MAGIC: f32 = 8_388_608.0;
    let (mut low, mut high) = (f32x16::splat(simd, f32::INFINITY), f32x16::splat(simd, f32::NEG_INFINITY));
    for part in scores.chunks_exact(TILE) {
        let part = f32x16::from_slice(simd, part);
        low = low.min(part);
        high = high.max(part);
    }
    let lanes = |vector: f32x16<S>| <[f32; TILE]>::from(vector);
    let low = lanes(low).into_iter().fold(f32::INFINITY, f32::min);
    let high = lanes(high).into_iter().fold(f32::NEG_INFINITY, f32::max);
    // Scores that are all alike have one height.
    let scale = if high - low > 1e-30 { 65_535.0 / (high - low) } else { 0.0 };
    let height = |score: f32| ((high - score) * scale + MAGIC).to_bits() << 16;
    bench.heights.clear();
    let scores = scores.get(..matrix.units).unwrap_or(scores);
    bench.heights.extend(scores.iter().zip(0_u32..).map(|(score, unit)| height(*score) | unit));
    let (mut lows, mut highs) = ([0_u32; 256], [0_u32; 256]);
    for entry in &bench.heights {
        let [_, _, low, high] = entry.to_le_bytes();
        bump(&mut lows, low);
        bump(&mut highs, high);
    }
    bench.aside.resize(matrix.units, 0);
    scatter(&bench.heights, &mut bench.aside, &mut lows, |[_, _, low, _]| low);
    scatter(&bench.aside, &mut bench.heights, &mut highs, |[_, _, _, high]| high);
    bench.order.clear();
    bench.order.extend(bench.heights.iter().map(|entry| {
        let unit = entry & 0xffff;
        packed(scores.get(unit as usize).copied().unwrap_or(0.0), unit)
    }));
    insertion(&mut bench.order);
}

/// Counts one more of this digit, and says how many there were before.
#[inline(always)]
fn bump(counts: &mut [u32; 256], digit: u8) -> u32 {
    counts.get_mut(usize::from(digit)).map_or(0, |slot| std::mem::replace(slot, *slot + 1))
}

/// Moves entries to the places of their digits, of which `counts` says how many there are; equals keep their
/// order.
#[inline(always)]
fn scatter(from: &[u32], to: &mut [u32], counts: &mut [u32; 256], digit: impl Fn([u8; 4]) -> u8) {
    let mut begin = 0;
    for slot in counts.iter_mut() {
        begin += std::mem::replace(slot, begin);
    }
    for entry in from {
        let place = bump(counts, digit(entry.to_le_bytes())) as usize;
        if let Some(slot) = to.get_mut(place) {
            *slot = *entry;
        }
    }
}

/// A score and its unit as one number that is smaller when the score is higher.
#[inline(always)]
fn packed(score: f32, unit: u32) -> u64 {
    let bits = score.to_bits();
    let falls = if bits >> 31 == 0 { !(bits | 0x8000_0000) } else { bits };
    (u64::from(falls) << 32) | u64::from(unit)
}

#[inline(always)]
fn score_of(packed: u64) -> f32 {
    let falls = (packed >> 32) as u32;
    f32::from_bits(if falls >> 31 == 0 { !falls & 0x7fff_ffff } else { falls })
}

/// The unit of a packed score.
#[inline(always)]
#[must_use]
pub fn unit_of(packed: u64) -> usize {
    (packed & 0xffff_ffff) as usize
}

/// Sorts what is nearly sorted.
#[inline(always)]
fn insertion(order: &mut [u64]) {
    let mut last = 0;
    for place in 0..order.len() {
        let Some(own) = order.get(place).copied() else { return };
        if own >= last {
            last = own;
            continue;
        }
        let mut at = place;
        while at > 0
            && let Some(before) = order.get(at - 1).copied()
            && before > own
        {
            order.get_mut(at).into_iter().for_each(|slot| *slot = before);
            at -= 1;
        }
        order.get_mut(at).into_iter().for_each(|slot| *slot = own);
    }
}

/// Orders units anew whose scores lie too near each other for 32 bits. Gives the places of units that share
/// the rank of the unit before them.
#[inline(always)]
fn resolve(matrix: &Matrix, weights: &[f64], bound: f64, bench: &mut Bench) -> Vec<u32> {
    let mut tied = Vec::new();
    let near = (2.0 * bound) as f32 * 1.001;
    bench.sorted.clear();
    bench.sorted.extend(bench.order.iter().map(|entry| score_of(*entry)));
    let pairs = bench.sorted.iter().zip(bench.sorted.iter().skip(1));
    bench.close.clear();
    bench.close.extend(pairs.map(|(a, b)| u8::from(a - b <= near)));
    let mut place = 0;
    while let Some(begin) = next_close(&bench.close, place) {
        let length = bench.close.iter().skip(begin).take_while(|is_close| **is_close == 1).count();
        reorder(matrix, weights, (begin, length + 1), bench, &mut tied);
        place = begin + length + 1;
    }
    tied
}

/// The first place, from `from` on, whose unit lies near the next one.
#[inline(always)]
fn next_close(close: &[u8], from: usize) -> Option<usize> {
    let rest = close.get(from..)?;
    let (wide, _) = rest.as_chunks::<16>();
    let far = 16 * wide.iter().take_while(|chunk| u128::from_ne_bytes(**chunk) == 0).count();
    rest.iter().skip(far).position(|is_close| *is_close == 1).map(|at| from + far + at)
}

/// Orders `count` units from `begin` on by their scores in 64 bits.
fn reorder(
    matrix: &Matrix,
    weights: &[f64],
    (begin, count): (usize, usize),
    bench: &mut Bench,
    tied: &mut Vec<u32>,
) {
    bench.run.clear();
    let members = bench.order.iter().skip(begin).take(count);
    let exact = members.map(|entry| (matrix.exact(unit_of(*entry), weights), (*entry & 0xffff_ffff) as u32));
    bench.run.extend(exact);
    bench.run.sort_unstable_by(|a, b| b.0.total_cmp(&a.0).then(a.1.cmp(&b.1)));
    let slots = bench.order.iter_mut().skip(begin);
    let mut last = f64::NAN;
    for ((slot, (score, unit)), at) in slots.zip(&bench.run).zip(begin..) {
        *slot = u64::from(*unit);
        if *score == last {
            tied.push(at as u32);
        }
        last = *score;
    }
}
