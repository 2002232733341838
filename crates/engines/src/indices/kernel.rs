//! Kernel: scores of many simulations at once, in half the precision, and ranks that are right all the same.
//!
//! A score here is Σ wₖ·xₖ over the indicators in their order, in 64 bits. It is worked out in 32 bits for
//! a block of simulations, with a bound on how far off that can be; where two scores lie nearer than twice the
//! bound, both are worked out in 64 bits. So ranks never depend on how wide a machine computes.

use fearless_simd::{Level, dispatch, f32x16, prelude::*};

/// Units in a tile: one register of the widest machines.
const TILE: usize = 16;
/// Simulations that go through a tile together.
pub const TOGETHER: usize = 8;
/// Indicators whose products are added before they go into the sum: shorter sums have smaller errors.
const CHUNK: usize = 16;
/// Numbers in 64 bits that are added side by side.
const LANES: usize = 8;
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
    farthest: Vec<[f64; 2]>,
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
            [most(&|v| v - mean), most(&|v| v)]
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

    /// The score in 64 bits, added up in another order, many times as fast.
    #[inline(always)]
    fn quick(&self, unit: usize, weights: &[f64]) -> f64 {
        let begin = unit * self.indicators;
        let values = self.exact.get(begin..begin + self.indicators).unwrap_or_default();
        let (values, last) = values.as_chunks::<LANES>();
        let (weights, of_last) = weights.as_chunks::<LANES>();
        let mut sums = [0.0; LANES];
        for (values, weights) in values.iter().zip(weights) {
            let lanes = sums.iter_mut().zip(values.iter().zip(weights));
            lanes.for_each(|(sum, (value, weight))| *sum += value * weight);
        }
        let last = last.iter().zip(of_last).map(|(value, weight)| value * weight);
        sums.into_iter().chain(last).sum()
    }

    /// The scores of all units in 64 bits.
    #[must_use]
    pub fn scores(&self, weights: &[f64]) -> Vec<f64> {
        (0..self.units).map(|unit| self.exact(unit, weights)).collect()
    }

    /// Of each simulation, how near two scores in 32 bits may be without saying which is the higher one, and the
    /// same of scores in 64 bits that were added up in different orders.
    #[inline(always)]
    fn doubts(&self, weights: &[[f64; TOGETHER]]) -> [(f64, f64); TOGETHER] {
        let (mut near, mut far) = ([0.0; TOGETHER], [0.0; TOGETHER]);
        for ([away, value], weights) in self.farthest.iter().zip(weights) {
            let lanes = near.iter_mut().zip(&mut far).zip(weights);
            lanes.for_each(|((near, far), weight)| {
                // A weight that is next to nothing holds fewer places in 32 bits.
                *near += (weight + f64::from(f32::MIN_POSITIVE)) * away;
                *far += weight * value;
            });
        }
        // Two factors and a product rounded, at most CHUNK sums in a chunk and one for each chunk.
        let roundings = (3 + CHUNK + self.indicators.div_ceil(CHUNK)) as f64;
        let sums = 8.0 * (self.indicators + LANES) as f64 * f64::EPSILON;
        let mut lanes = near.into_iter().zip(far);
        [(); TOGETHER].map(|()| {
            let (near, far) = lanes.next().unwrap_or_default();
            (2.003 * roundings * ROUNDING * near + sums * far, sums * far)
        })
    }
}

/// What is needed between two simulations; kept so that nothing is allocated in the loop.
#[derive(Default)]
pub struct Bench {
    narrow: Vec<f32>,
    scores: Vec<f32>,
    aside: Vec<u32>,
    order: Vec<u32>,
    sorted: Vec<f32>,
    marks: Vec<u8>,
    run: Vec<(f64, u32)>,
    /// Weights of one simulation.
    own: Vec<f64>,
}

/// What is done with each simulation: its units in order ([`unit_of`]), and the places of units that share the
/// rank of the one before them.
pub type Each<'a> = &'a mut dyn FnMut(&[u32], &[u32]);

/// Works out the ranks of the first `count` of [`TOGETHER`] simulations, whose weights stand side by side for
/// each indicator, and gives each, unit by unit, to `each`.
pub fn ranks(
    level: Level,
    matrix: &Matrix,
    (weights, count): (&[[f64; TOGETHER]], usize),
    bench: &mut Bench,
    each: Each,
) {
    dispatch!(level, simd => ranked(simd, matrix, (weights, count), bench, each));
}

#[inline(always)]
fn ranked<S: Simd>(
    simd: S,
    matrix: &Matrix,
    (weights, count): (&[[f64; TOGETHER]], usize),
    bench: &mut Bench,
    each: Each,
) {
    multiply(simd, matrix, weights, bench);
    let scores = std::mem::take(&mut bench.scores);
    let doubts = matrix.doubts(weights);
    let simulations = scores.chunks_exact(matrix.room()).zip(doubts).enumerate();
    for (lane, (scores, doubts)) in simulations.take(count) {
        sort(simd, matrix, scores, bench);
        mend(bench);
        let tied = resolve(matrix, (weights, lane), doubts, bench);
        each(&bench.order, &tied);
    }
    bench.scores = scores;
}

/// Scores of all units in all these simulations, in 32 bits.
#[inline(always)]
#[expect(clippy::cast_possible_truncation, reason = "the rounding is counted in the bound")]
fn multiply<S: Simd>(simd: S, matrix: &Matrix, weights: &[[f64; TOGETHER]], bench: &mut Bench) {
    let indicators = matrix.indicators;
    bench.narrow.clear();
    bench.narrow.extend(weights.as_flattened().iter().map(|weight| *weight as f32));
    let room = matrix.room();
    bench.scores.resize(room * TOGETHER, 0.0);
    let (narrow, _) = bench.narrow.as_chunks::<TOGETHER>();
    for (tile, rows) in matrix.wide.chunks_exact(TILE * indicators.max(1)).enumerate() {
        let zero = f32x16::splat(simd, 0.0);
        let mut sums = [zero; TOGETHER];
        for (rows, weights) in rows.chunks(TILE * CHUNK).zip(narrow.chunks(CHUNK)) {
            let [mut a, mut b, mut c, mut d, mut e, mut f, mut g, mut h] = [zero; TOGETHER];
            for (row, [s, t, u, v, w, x, y, z]) in rows.chunks_exact(TILE).zip(weights) {
                let row = f32x16::from_slice(simd, row);
                a = row.mul_add(f32x16::splat(simd, *s), a);
                b = row.mul_add(f32x16::splat(simd, *t), b);
                c = row.mul_add(f32x16::splat(simd, *u), c);
                d = row.mul_add(f32x16::splat(simd, *v), d);
                e = row.mul_add(f32x16::splat(simd, *w), e);
                f = row.mul_add(f32x16::splat(simd, *x), f);
                g = row.mul_add(f32x16::splat(simd, *y), g);
                h = row.mul_add(f32x16::splat(simd, *z), h);
            }
            let [s, t, u, v, w, x, y, z] = sums;
            sums = [s + a, t + b, u + c, v + d, w + e, x + f, y + g, z + h];
        }
        for (scores, sum) in bench.scores.chunks_exact_mut(room).zip(sums) {
            let place = scores.chunks_exact_mut(TILE).nth(tile);
            place.into_iter().for_each(|slots| sum.store_slice(slots));
        }
    }
}

/// Bits of a height by which units are ordered at a time; twice as many are looked at.
const DIGIT: u32 = 7;
const DIGITS: usize = 1 << DIGIT;
/// Where the height begins in an entry of the order, above the unit.
const HEIGHT: u32 = 16;

/// Puts the units in the order of their heights, the highest score first. The few that share a height stand in
/// the order of their numbers, whatever their scores.
#[inline(always)]
fn sort<S: Simd>(simd: S, matrix: &Matrix, scores: &[f32], bench: &mut Bench) {
    /// Adding it makes the whole part of a small number its last bits.
    const MAGIC: f32 = 8_388_608.0;
    const LARGEST: f32 = ((DIGITS * DIGITS) - 1) as f32;
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
    let scale = if high - low > 1e-30 { LARGEST / (high - low) } else { 0.0 };
    let height = |score: f32| ((high - score) * scale + MAGIC).to_bits() << HEIGHT;
    let scores = scores.get(..matrix.units).unwrap_or(scores);
    bench.order.clear();
    bench.order.extend(scores.iter().zip(0_u32..).map(|(score, unit)| height(*score) | unit));
    let (mut lows, mut highs) = ([0_u32; DIGITS], [0_u32; DIGITS]);
    for entry in &bench.order {
        bump(&mut lows, entry >> HEIGHT);
        bump(&mut highs, entry >> (HEIGHT + DIGIT));
    }
    bench.aside.resize(matrix.units, 0);
    scatter(&bench.order, &mut bench.aside, &mut lows, HEIGHT);
    scatter(&bench.aside, &mut bench.order, &mut highs, HEIGHT + DIGIT);
    bench.sorted.clear();
    let score = |entry: &u32| scores.get(unit_of(*entry)).copied().unwrap_or(0.0);
    bench.sorted.extend(bench.order.iter().map(score));
}

/// Counts one more of this digit, the last of the number, and says how many there were before.
#[inline(always)]
fn bump(counts: &mut [u32; DIGITS], number: u32) -> u32 {
    let digit = number as usize & (DIGITS - 1);
    counts.get_mut(digit).map_or(0, |slot| std::mem::replace(slot, *slot + 1))
}

/// Moves entries to the places of the digits that begin at a bit, of which `counts` says how many there are;
/// equals keep their order.
#[inline(always)]
fn scatter(from: &[u32], to: &mut [u32], counts: &mut [u32; DIGITS], at: u32) {
    let mut begin = 0;
    for slot in counts.iter_mut() {
        begin += std::mem::replace(slot, begin);
    }
    for entry in from {
        let place = bump(counts, entry >> at) as usize;
        if let Some(slot) = to.get_mut(place) {
            *slot = *entry;
        }
    }
}

/// The unit of an entry of the order.
#[inline(always)]
#[must_use]
pub fn unit_of(entry: u32) -> usize {
    (entry & 0xffff) as usize
}

/// Orders by their scores in 32 bits those that shared a height. Always: whoever was moved is looked at again
/// together with the next, who now has another before them.
#[inline(always)]
fn mend(bench: &mut Bench) {
    mark(bench, |a, b| a < b);
    let mut place = 0;
    while let Some(marked) = next_marked(&bench.marks, place) {
        place = marked + 1;
        while insert(bench, place) {
            place += 1;
        }
    }
}

/// Marks the places whose score stands so to the next one.
#[inline(always)]
fn mark(bench: &mut Bench, stands: impl Fn(f32, f32) -> bool) {
    let pairs = bench.sorted.iter().zip(bench.sorted.iter().skip(1));
    bench.marks.clear();
    bench.marks.extend(pairs.map(|(a, b)| u8::from(stands(*a, *b))));
}

/// Moves the unit at a place before those of lower scores; whether there were any.
#[inline(always)]
fn insert(bench: &mut Bench, place: usize) -> bool {
    let Some(own) = bench.sorted.get(place).copied() else { return false };
    let before = bench.sorted.get(..place).unwrap_or_default();
    let lower = before.iter().rev().take_while(|score| **score < own).count();
    if let Some(entries) = bench.order.get_mut(place - lower..=place) {
        entries.rotate_right(1);
    }
    if let Some(scores) = bench.sorted.get_mut(place - lower..=place) {
        scores.rotate_right(1);
    }
    lower > 0
}

/// Orders units anew whose scores lie too near each other for 32 bits. Gives the places of units that share
/// the rank of the unit before them.
#[inline(always)]
fn resolve(
    matrix: &Matrix,
    (weights, lane): (&[[f64; TOGETHER]], usize),
    (near, nearer): (f64, f64),
    bench: &mut Bench,
) -> Vec<u32> {
    let mut tied = Vec::new();
    // What is so small that 32 bits hold fewer places of it is near in any case.
    let near = near as f32 * 1.001 + f32::MIN_POSITIVE;
    mark(bench, |a, b| a - b <= near);
    if next_marked(&bench.marks, 0).is_some() {
        bench.own.clear();
        bench.own.extend(weights.iter().filter_map(|lanes| lanes.get(lane)));
    }
    let mut place = 0;
    while let Some(begin) = next_marked(&bench.marks, place) {
        let length = bench.marks.iter().skip(begin).take_while(|is_close| **is_close == 1).count();
        reorder(matrix, nearer, begin..begin + length + 1, bench, &mut tied);
        place = begin + length + 1;
    }
    tied
}

/// The first marked place from `from` on.
#[inline(always)]
fn next_marked(marks: &[u8], from: usize) -> Option<usize> {
    let rest = marks.get(from..)?;
    let (wide, _) = rest.as_chunks::<16>();
    let far = 16 * wide.iter().take_while(|chunk| u128::from_ne_bytes(**chunk) == 0).count();
    rest.iter().skip(far).position(|mark| *mark == 1).map(|at| from + far + at)
}

/// Orders the units at these places by their scores in 64 bits.
#[inline(always)]
fn reorder(
    matrix: &Matrix,
    nearer: f64,
    places: std::ops::Range<usize>,
    bench: &mut Bench,
    tied: &mut Vec<u32>,
) {
    let begin = places.start;
    let members = bench.order.get_mut(places).unwrap_or_default();
    let sort = |run: &mut Vec<(f64, u32)>| {
        run.sort_unstable_by(|a, b| b.0.total_cmp(&a.0).then(a.1.cmp(&b.1)));
    };
    bench.run.clear();
    for entry in members.iter() {
        bench.run.push((matrix.quick(unit_of(*entry), &bench.own), entry & 0xffff));
    }
    sort(&mut bench.run);
    let mut pairs = bench.run.iter().zip(bench.run.iter().skip(1));
    if pairs.any(|(a, b)| a.0 - b.0 <= nearer) {
        for (score, unit) in &mut bench.run {
            *score = matrix.exact(*unit as usize, &bench.own);
        }
        sort(&mut bench.run);
    }
    let mut last = f64::NAN;
    for ((slot, (score, unit)), at) in members.iter_mut().zip(&bench.run).zip(begin..) {
        *slot = *unit;
        if *score == last {
            tied.push(at as u32);
        }
        last = *score;
    }
}
