//! Question: indicators in a tree, their values, and a method; and why these cannot be asked.

use super::{Columns, Scale, Treat};

/// Units of one index: countries, cities, institutions.
pub const UNITS_MAX: usize = 1_000_000;
pub const INDICATORS_MAX: usize = 1_000;
pub const GROUPS_MAX: usize = 500;
/// Experts of one budget.
pub const EXPERTS_MAX: usize = 1_000;

/// What is to be worked out.
#[derive(Clone, Debug)]
pub struct Question {
    /// Which edition the values are of.
    pub edition: String,
    pub units: usize,
    /// By indicator.
    pub values: Columns,
    pub denominators: Columns,
    /// The peer group of each unit, for filling by it; empty where there are none.
    pub peers: Vec<u32>,
    pub indicators: Vec<Indicator>,
    /// From the lowest level to the highest: a group stands before the one it belongs to, the index is last.
    pub groups: Vec<Group>,
    pub method: Method,
}

/// One indicator.
#[derive(Clone, Debug, Default)]
pub struct Indicator {
    pub code: String,
    /// The place of its group.
    pub group: usize,
    pub weight: f64,
    pub less_is_better: bool,
    /// The place of what it is divided by.
    pub denominator: Option<usize>,
    /// Its target or standard, in the unit of its values.
    pub target: Option<f64>,
    /// The worst and the best value that count; the worst may be the larger one.
    pub goalposts: Option<(f64, f64)>,
    /// Otherwise as the method says.
    pub treat: Option<Treat>,
    pub scale: Option<Scale>,
}

/// Indicators or groups that come to one score.
#[derive(Clone, Debug, Default)]
pub struct Group {
    pub code: String,
    /// The place of the group it belongs to; only the last one belongs to none.
    pub group: Option<usize>,
    pub weight: f64,
    /// Otherwise as the method says.
    pub mean: Option<Mean>,
}

/// How it is worked out.
#[derive(Clone, Debug)]
pub struct Method {
    /// Which edition this is the method of.
    pub edition: String,
    pub fill: Fill,
    pub treat: Treat,
    pub scale: Scale,
    pub weights: Weights,
    pub mean: Mean,
    /// The part of a group's weight that must have a score for the group to have one.
    pub least: f64,
}

/// What is put where a value is missing.
#[derive(Clone, Copy, PartialEq, Debug)]
pub enum Fill {
    /// Nothing: means are taken over what is there.
    Nothing,
    Mean,
    Median,
    /// The mean of the unit's peers.
    PeerMean,
    PeerMedian,
    Constant(f64),
}

/// How weights are found.
#[derive(Clone, PartialEq, Debug)]
pub enum Weights {
    /// As indicators and groups say.
    Given,
    Equal,
    /// The first principal component of each group.
    Components,
    /// Points that experts have given.
    Budget(Budget),
}

/// Points by expert: first those for the indicators, then those for the groups.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct Budget {
    pub points: Vec<Vec<f64>>,
}

/// How the scores of a group become one.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Debug, Default)]
pub enum Mean {
    #[default]
    Arithmetic,
    /// Of scores above 0 only.
    Geometric,
    Harmonic,
    /// Outranking: the sum over all other units of the weights by which a unit is better, half of those by
    /// which it is equal.
    Copeland,
}

/// Why there is no index. Places are counted from 0.
#[derive(Clone, PartialEq, Debug, thiserror::Error)]
pub enum Fault {
    #[error("the method is of edition `{method}`, the values are of edition `{values}`")]
    Editions { method: String, values: String },
    #[error(
        "at most {UNITS_MAX} units, {INDICATORS_MAX} indicators, {GROUPS_MAX} groups and {EXPERTS_MAX} experts; one of each at least"
    )]
    Size,
    #[error("columns and units do not fit together")]
    Shape,
    #[error("the tree does not lead from every indicator to one index: group {group}")]
    Tree { group: usize },
    #[error("a weight has to be a number from 0, and those of group {group} more than 0 together")]
    Weight { group: usize },
    #[error("indicator {indicator}, unit {unit}: a number that is none")]
    Value { indicator: usize, unit: usize },
    #[error("indicator {indicator}, unit {unit}: the denominator is 0")]
    Denominator { indicator: usize, unit: usize },
    #[error("indicator {indicator} has no value that could be put on a scale")]
    NoValues { indicator: usize },
    #[error("indicator {indicator} has the same value everywhere")]
    AllEqual { indicator: usize },
    #[error("indicator {indicator}: a logarithm needs values above 0; unit {unit} has another")]
    Logarithm { indicator: usize, unit: usize },
    #[error("indicator {indicator} needs a target other than 0")]
    Target { indicator: usize },
    #[error("indicator {indicator} needs two different goalposts")]
    Goalposts { indicator: usize },
    #[error("the unit of reference is not there, or has no value of indicator {indicator}")]
    Reference { indicator: usize },
    #[error("group {group}: this mean needs scores above 0; unit {unit} has another")]
    NotPositive { group: usize, unit: usize },
    #[error("group {group}: its first component weighs child {child} at 0 or less; weigh it in another way")]
    Opposed { group: usize, child: usize },
    #[error("the method has a number that cannot be one: {what}")]
    Number { what: &'static str },
}

impl Question {
    /// Whether this can be asked at all.
    ///
    /// # Errors
    /// The first thing that cannot be.
    pub fn is_sound(&self) -> Result<(), Fault> {
        let method = &self.method;
        if method.edition != self.edition {
            let (method, values) = (method.edition.clone(), self.edition.clone());
            return Err(Fault::Editions { method, values });
        }
        let in_size = (1..=UNITS_MAX).contains(&self.units)
            && (1..=INDICATORS_MAX).contains(&self.indicators.len())
            && (1..=GROUPS_MAX).contains(&self.groups.len());
        if !in_size {
            return Err(Fault::Size);
        }
        let fits = |columns: &Columns| columns.iter().all(|column| column.len() == self.units);
        let is_shaped = self.values.len() == self.indicators.len()
            && fits(&self.values)
            && fits(&self.denominators)
            && (self.peers.is_empty() || self.peers.len() == self.units);
        if !is_shaped {
            return Err(Fault::Shape);
        }
        for (indicator, column) in self.values.iter().enumerate() {
            if let Some(unit) = column.iter().position(|value| value.is_infinite()) {
                return Err(Fault::Value { indicator, unit });
            }
        }
        if !(0.0..=1.0).contains(&method.least) {
            return Err(Fault::Number { what: "least" });
        }
        self.is_tree()?;
        self.is_weighed()
    }

    /// Every indicator and every group but the last belongs to a later group, and every group has children.
    fn is_tree(&self) -> Result<(), Fault> {
        let last = self.groups.len() - 1;
        let mut children = vec![0_usize; self.groups.len()];
        for indicator in &self.indicators {
            *children.get_mut(indicator.group).ok_or(Fault::Tree { group: indicator.group })? += 1;
        }
        for (group, own) in self.groups.iter().enumerate() {
            match own.group {
                Some(above) if above > group => {
                    *children.get_mut(above).ok_or(Fault::Tree { group })? += 1;
                }
                None if group == last => {}
                _ => return Err(Fault::Tree { group }),
            }
        }
        children.iter().position(|count| *count == 0).map_or(Ok(()), |group| Err(Fault::Tree { group }))
    }

    fn is_weighed(&self) -> Result<(), Fault> {
        let is_weight = |weight: f64| weight.is_finite() && weight >= 0.0;
        if let Weights::Budget(budget) = &self.method.weights {
            let nodes = self.indicators.len() + self.groups.len();
            if !(1..=EXPERTS_MAX).contains(&budget.points.len()) {
                return Err(Fault::Size);
            }
            if budget
                .points
                .iter()
                .any(|points| points.len() != nodes || !points.iter().copied().all(is_weight))
            {
                return Err(Fault::Number { what: "points of an expert" });
            }
        }
        for indicator in &self.indicators {
            if !is_weight(indicator.weight) {
                return Err(Fault::Weight { group: indicator.group });
            }
        }
        let heavy = self.groups.iter().position(|group| !is_weight(group.weight));
        heavy.map_or(Ok(()), |group| Err(Fault::Weight { group: self.above(group) }))
    }

    fn above(&self, group: usize) -> usize {
        self.groups.get(group).and_then(|own| own.group).unwrap_or(group)
    }

    /// The children of each group: first its indicators, then its groups, each in their order.
    #[must_use]
    pub fn children(&self) -> Vec<Vec<Child>> {
        let mut children = vec![Vec::new(); self.groups.len()];
        for (place, indicator) in self.indicators.iter().enumerate() {
            children.get_mut(indicator.group).into_iter().for_each(|list| list.push(Child::Indicator(place)));
        }
        for (place, group) in self.groups.iter().enumerate() {
            let above = group.group.and_then(|above| children.get_mut(above));
            above.into_iter().for_each(|list| list.push(Child::Group(place)));
        }
        children
    }
}

/// What stands below a group.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Child {
    Indicator(usize),
    Group(usize),
}
