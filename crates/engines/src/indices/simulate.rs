//! Simulate: the index many times over, with other choices, other weights and noise, and what became of each
//! unit's rank.
//!
//! Every simulation is made of numbers that depend on the seed and on its own number alone ([`super::stream`]):
//! which choices it takes, the weights of each group, and noise. So any one of them can be made again by
//! [`replay`]. The bands are exact: they come from how often each unit had each rank.

mod drawer;
mod tally;

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
use drawer::Drawer;
use tally::Tally;

/// Units of one simulation: their ranks are counted in a square.
pub const UNITS_MAX: usize = 4_096;
pub const DRAWS_MAX: u32 = 10_000_000;
/// Sets of choices.
pub const CHOICES_MAX: usize = 256;
/// Values from here on are not worked with in 32 bits.
const LARGE: f64 = 1e30;
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
        let weights = Drawer::new(self).flat_of_one(self, simulation, Level::new());
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
            columns.iter().flatten().all(|value| value.abs() < LARGE).then(|| Matrix::new(&columns))
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
        for (choice, simulations) in by_choice {
            let Some(matrix) = matrices.get(choice) else { continue };
            for some in simulations.chunks(TOGETHER) {
                let weights = (drawer.flat(self, some, level), some.len());
                kernel::ranks(level, matrix, weights, &mut bench, &mut |order, tied| {
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
            let weights = drawer.flat_of_one(self, simulation, Level::new());
            return ranks(&matrix.scores(&weights));
        }
        let weights = drawer.weights(self, simulation, Level::new());
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
