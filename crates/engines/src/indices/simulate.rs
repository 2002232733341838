//! Simulate: the index many times over, with other choices, other weights and noise, and what became of each
//! unit's rank.
//!
//! Every simulation is made of numbers that depend on the seed and on its own number alone ([`super::stream`]):
//! which choices it takes, the weights of each group, and noise. So any one of them can be made again by
//! [`replay`]. The bands are exact: they come from how often each unit had each rank.

use std::collections::BTreeMap;

use fearless_simd::Level;

use super::{
    Columns, Fault, Fill, Mean, Question, Scale, Treat, aggregate, fill,
    kernel::{self, Matrix, TOGETHER},
    normalise,
    question::Child,
    ranks::ranks,
    stream::{self, Purpose},
    treat,
};

/// Units of one simulation: their ranks are counted in a square.
pub const UNITS_MAX: usize = 4_096;
pub const DRAWS_MAX: u32 = 10_000_000;
/// Sets of choices.
pub const CHOICES_MAX: usize = 256;
/// Simulations between two looks at whether to go on.
const BLOCK: u32 = 384;

/// What is in doubt. An empty list leaves the method's own choice.
#[derive(Clone, PartialEq, Debug)]
pub struct Doubt {
    pub draws: u32,
    pub seed: u64,
    pub weights: Sway,
    pub fills: Vec<Fill>,
    pub treats: Vec<Treat>,
    pub scales: Vec<Scale>,
    pub means: Vec<Mean>,
    /// Every normalised value moves by at most so much to either side, each amount as likely.
    pub noise: f64,
}

/// How far weights are in doubt.
#[derive(Clone, Copy, PartialEq, Debug)]
pub enum Sway {
    Fixed,
    /// Each weight by at most this part of itself to either side, then made to sum to one again.
    Around(f64),
    /// Any weights of a group that sum to one, all as likely (Dirichlet's distribution with ones).
    Free,
}

/// One set of choices, as places in the lists of the doubt; 0 where a list is empty.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Choice {
    pub fill: usize,
    pub treat: usize,
    pub scale: usize,
    pub mean: usize,
}

/// What came of it.
#[derive(Clone, PartialEq, Debug)]
pub struct Bands {
    /// Simulations made: fewer than asked if someone ended it.
    pub draws: u32,
    /// By unit; a unit without a score in the index itself has none.
    pub bands: Vec<Option<Band>>,
    /// By set of choices: how often it was drawn, and the sum over its simulations and all units of how far
    /// ranks were from those of the index itself.
    pub choices: Vec<(Choice, u32, u64)>,
}

/// The ranks of one unit.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Band {
    pub best: u32,
    pub worst: u32,
    /// In hundredths of a rank, exact: one in twenty lies below, half, one in twenty above.
    pub low: u64,
    pub median: u64,
    pub high: u64,
    /// Divided by the draws, the mean rank.
    pub sum: u64,
    /// Simulations in which its rank was as in the index itself.
    pub same: u32,
}

/// All that the simulations of one doubt share.
pub struct Prepared<'a> {
    question: &'a Question,
    doubt: &'a Doubt,
    children: Vec<Vec<Child>>,
    /// The weights of the index itself.
    base: Vec<Vec<f64>>,
    nominal: Vec<u32>,
    /// Normalised columns by what was filled, treated and scaled.
    columns: Vec<(Choice, Columns)>,
    choices: Vec<(Choice, usize, Mean)>,
    /// For each choice, where scores are one sum over the indicators.
    matrices: Option<Vec<Matrix>>,
}

/// Simulates. `watch` is told the number of simulations made and may end it.
///
/// # Errors
/// What cannot be asked or worked out.
pub fn simulate(
    question: &Question,
    doubt: &Doubt,
    watch: &mut dyn FnMut(u32) -> bool,
) -> Result<Bands, Fault> {
    Ok(Prepared::new(question, doubt)?.run(watch))
}

/// The ranks of one simulation, made by itself, and the choices it took.
///
/// # Errors
/// As [`simulate`].
pub fn replay(question: &Question, doubt: &Doubt, simulation: u32) -> Result<(Choice, Vec<u32>), Fault> {
    let prepared = Prepared::new(question, doubt)?;
    let choice = prepared.choice(simulation);
    let (name, _, _) = prepared.choices.get(choice).copied().ok_or(Fault::Size)?;
    Ok((name, prepared.slowly(simulation, choice)))
}

impl<'a> Prepared<'a> {
    /// # Errors
    /// As [`simulate`].
    pub fn new(question: &'a Question, doubt: &'a Doubt) -> Result<Self, Fault> {
        question.is_sound()?;
        let is_sound = (1..=DRAWS_MAX).contains(&doubt.draws)
            && question.units <= UNITS_MAX
            && doubt.noise.is_finite()
            && doubt.noise >= 0.0
            && !matches!(doubt.weights, Sway::Around(part) if !(0.0..=1.0).contains(&part));
        if !is_sound {
            return Err(Fault::Number { what: "simulation" });
        }
        let answer = super::index(question)?;
        let mut prepared = Self {
            question,
            doubt,
            children: question.children(),
            base: answer.weights,
            nominal: answer.ranks,
            columns: Vec::new(),
            choices: Vec::new(),
            matrices: None,
        };
        prepared.choose(&answer.denominated)?;
        prepared.matrices = prepared.matrices();
        Ok(prepared)
    }

    /// The choices of one simulation, and the weights it gives the indicators in the whole.
    #[must_use]
    pub fn drawn(&self, simulation: u32) -> (Choice, Vec<f64>) {
        let own = self.choices.get(self.choice(simulation)).map(|(choice, ..)| *choice);
        let mut weights = Vec::new();
        Drawer::new(self).flat(self, simulation, &mut weights, Level::new());
        (own.unwrap_or(Choice { fill: 0, treat: 0, scale: 0, mean: 0 }), weights)
    }

    /// Works out the columns of every set of choices, and whether their means can be taken of them.
    fn choose(&mut self, denominated: &Columns) -> Result<(), Fault> {
        let (doubt, method) = (self.doubt, &self.question.method);
        let or = |count: usize| count.max(1);
        let sets = [doubt.fills.len(), doubt.treats.len(), doubt.scales.len(), doubt.means.len()].map(or);
        if sets.iter().product::<usize>() > CHOICES_MAX {
            return Err(Fault::Number { what: "choices" });
        }
        let [fills, treats, scales, means] = sets;
        for fill in 0..fills {
            let filled = fill::filled(
                denominated,
                doubt.fills.get(fill).copied().unwrap_or(method.fill),
                &self.question.peers,
            );
            for treat in 0..treats {
                let usual = doubt.treats.get(treat).copied().unwrap_or(method.treat);
                let (treated, _) = treat::all(self.question, &filled, usual)?;
                for scale in 0..scales {
                    let usual = doubt.scales.get(scale).copied().unwrap_or(method.scale);
                    let columns = normalise::all(self.question, &treated, usual)?;
                    let place = self.columns.len();
                    for mean in 0..means {
                        let choice = Choice { fill, treat, scale, mean };
                        let usual = doubt.means.get(mean).copied().unwrap_or(method.mean);
                        // Whether this mean can be taken is found out once, not in the middle of a run.
                        aggregate::with(self.question, &self.children, &self.base, &columns, usual)?;
                        self.choices.push((choice, place, usual));
                    }
                    self.columns.push((Choice { fill, treat, scale, mean: 0 }, columns));
                }
            }
        }
        Ok(())
    }

    /// Where every group takes the same mean and nothing is missing, a score goes with one sum over all
    /// indicators: of values, of their logarithms, or of their inverses.
    fn matrices(&self) -> Option<Vec<Matrix>> {
        let is_plain = self.doubt.noise == 0.0
            && self.question.groups.iter().all(|group| group.mean.is_none())
            && self.nominal.iter().all(|rank| *rank > 0);
        let is_whole = |columns: &Columns| columns.iter().flatten().all(|value| !value.is_nan());
        if !is_plain || !self.columns.iter().all(|(_, columns)| is_whole(columns)) {
            return None;
        }
        let matrix = |(_, place, mean): &(Choice, usize, Mean)| {
            let (_, columns) = self.columns.get(*place)?;
            let each: fn(f64) -> f64 = match mean {
                Mean::Arithmetic => |value| value,
                Mean::Geometric => crate::elementary::ln,
                Mean::Harmonic => |value| -1.0 / value,
                Mean::Copeland => return None,
            };
            let columns: Columns =
                columns.iter().map(|column| column.iter().copied().map(each).collect()).collect();
            // An indicator without any weight may have had a value that its mean cannot take.
            columns.iter().flatten().all(|value| value.is_finite()).then(|| Matrix::new(&columns))
        };
        self.choices.iter().map(matrix).collect()
    }

    /// The place of the choices that a simulation takes.
    fn choice(&self, simulation: u32) -> usize {
        let mut number = [0];
        stream::numbers(self.doubt.seed, simulation, Purpose::Choice, &mut number);
        let [number] = number;
        stream::one_of(self.choices.len(), number)
    }

    fn run(&self, watch: &mut dyn FnMut(u32) -> bool) -> Bands {
        let mut tally = Tally::new(self);
        let mut made = 0;
        while made < self.doubt.draws {
            let end = self.doubt.draws.min(made.saturating_add(BLOCK));
            match &self.matrices {
                Some(matrices) => self.block(made..end, matrices, &mut tally),
                None => {
                    for simulation in made..end {
                        let choice = self.choice(simulation);
                        tally.ranks(choice, &self.slowly(simulation, choice));
                    }
                }
            }
            made = end;
            if !watch(made) {
                break;
            }
        }
        tally.bands(self, made)
    }

    /// Simulations with the same choices go through the kernel together.
    fn block(&self, simulations: std::ops::Range<u32>, matrices: &[Matrix], tally: &mut Tally) {
        let mut by_choice: BTreeMap<usize, Vec<u32>> = BTreeMap::new();
        for simulation in simulations {
            by_choice.entry(self.choice(simulation)).or_default().push(simulation);
        }
        let level = Level::new();
        let mut bench = kernel::Bench::default();
        let mut drawer = Drawer::new(self);
        let mut weights: [Vec<f64>; TOGETHER] = Default::default();
        for (choice, simulations) in by_choice {
            let Some(matrix) = matrices.get(choice) else { continue };
            for some in simulations.chunks(TOGETHER) {
                for (simulation, weights) in some.iter().zip(&mut weights) {
                    drawer.flat(self, *simulation, weights, level);
                }
                let together: Vec<&[f64]> = weights.iter().take(some.len()).map(Vec::as_slice).collect();
                kernel::ranks(level, matrix, &together, &mut bench, &mut |_, order, tied| {
                    tally.order(choice, order, tied);
                });
            }
        }
    }

    /// One simulation by the plain way, which every other way must agree with.
    fn slowly(&self, simulation: u32, choice: usize) -> Vec<u32> {
        let Some((_, place, mean)) = self.choices.get(choice) else { return Vec::new() };
        let Some((_, columns)) = self.columns.get(*place) else { return Vec::new() };
        let mut drawer = Drawer::new(self);
        if let Some(matrix) = self.matrices.as_ref().and_then(|matrices| matrices.get(choice)) {
            let mut weights = Vec::new();
            drawer.flat(self, simulation, &mut weights, Level::new());
            return ranks(&matrix.scores(&weights));
        }
        let weights = drawer.weights(self, simulation, Level::new()).to_vec();
        let moved;
        let columns = if self.doubt.noise > 0.0 {
            moved = self.moved(columns, simulation);
            &moved
        } else {
            columns
        };
        // Noise may bring a value to where this mean cannot follow: such a unit has no score then.
        let scores = aggregate::lenient(self.question, &self.children, &weights, columns, *mean);
        ranks(&scores)
    }

    /// Columns with noise.
    fn moved(&self, columns: &Columns, simulation: u32) -> Columns {
        let mut numbers = vec![0; self.question.units * columns.len()];
        stream::numbers(self.doubt.seed, simulation, Purpose::Noise, &mut numbers);
        let by_column = columns.iter().zip(numbers.chunks(self.question.units));
        let moved = by_column.map(|(column, numbers)| {
            let each = |(value, number): (&f64, &u32)| {
                value + self.doubt.noise * (2.0 * stream::part(*number) - 1.0)
            };
            column.iter().zip(numbers).map(each).collect()
        });
        moved.collect()
    }
}

/// Draws weights; kept between simulations so that nothing is allocated.
struct Drawer {
    numbers: Vec<u32>,
    raw: Vec<f64>,
    weights: Vec<Vec<f64>>,
    /// By group: its weight in the whole.
    whole: Vec<f64>,
}

impl Drawer {
    fn new(prepared: &Prepared) -> Self {
        let nodes = prepared.question.indicators.len() + prepared.question.groups.len();
        let whole = vec![1.0; prepared.question.groups.len()];
        Self { numbers: vec![0; nodes], raw: vec![0.0; nodes], weights: prepared.base.clone(), whole }
    }

    /// The weights of each group's children. Number i of the stream is for indicator i, those behind for groups.
    fn weights(&mut self, prepared: &Prepared, simulation: u32, level: Level) -> &[Vec<f64>] {
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
    fn flat(&mut self, prepared: &Prepared, simulation: u32, flat: &mut Vec<f64>, level: Level) {
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

/// How often each unit had each rank.
struct Tally {
    units: usize,
    /// Unit by unit, from the first rank to the last.
    counts: Vec<u32>,
    nominal: Vec<u32>,
    /// By choice.
    drawn: Vec<(u32, u64)>,
    ranks: Vec<u32>,
}

impl Tally {
    fn new(prepared: &Prepared) -> Self {
        let units = prepared.question.units;
        let counts = vec![0; units * units];
        let drawn = vec![(0, 0); prepared.choices.len()];
        Self { units, counts, nominal: prepared.nominal.clone(), drawn, ranks: Vec::new() }
    }

    /// Counts a simulation from the order of its units.
    fn order(&mut self, choice: usize, order: &[u64], tied: &[u32]) {
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
    fn ranks(&mut self, choice: usize, ranks: &[u32]) {
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

    fn bands(mut self, prepared: &Prepared, draws: u32) -> Bands {
        self.ranks.clear();
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
