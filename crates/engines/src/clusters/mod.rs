//! Clusters: places that lie densely together on the sphere, by DBSCAN, exactly.
//!
//! A point is a core point when the weights within the radius of it, its own included, come to the least that
//! is asked. Core points within the radius of each other are of one cluster; a point that is no core point but
//! lies within the radius of one is at the border of a cluster; all others are noise. This is how the world's
//! science clusters are found (rulebook §13.2: 15 km, addresses of inventors and authors, weights in
//! fractions), and nothing is sampled or rounded on the way: the partition is the one that comparing all pairs
//! would give.
//!
//! Always: clusters are numbered by their first core point in the order of the points, and a border point
//! belongs to the lowest number it could belong to. So an answer does not depend on how it was found.

mod check;
mod cores;
mod grid;
mod join;
mod lattice;
mod sphere;
#[cfg(test)]
mod tests;

pub use check::{Wrong, check, check_links};
pub use sphere::{EARTH_KM, Place};

/// Points of one run.
pub const POINTS_MAX: usize = 20_000_000;
/// The largest radius: beyond it cells would be as large as countries.
pub const KM_MAX: f64 = 500.0;
/// The smallest radius: a metre.
pub const KM_MIN: f64 = 0.001;

/// What is to be clustered.
#[derive(Clone, Copy, Debug)]
pub struct Question<'a> {
    pub places: &'a [Place],
    /// By point, in whole parts such as millionths; every point counts one where this is empty.
    pub weights: &'a [u64],
    pub km: f64,
    /// What the weights within the radius must come to, in the same parts.
    pub least: u64,
}

/// Clusters, with what makes them easy to check.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Answer {
    /// By point; none for noise.
    pub labels: Vec<Option<u32>>,
    pub is_core: Vec<bool>,
    /// How many clusters there are.
    pub clusters: u32,
    /// Pairs of core points within the radius of each other: one fewer than a cluster has core points for
    /// each cluster, and enough to hold it together.
    pub links: Vec<(u32, u32)>,
    /// For each point at a border, a core point of its cluster within the radius.
    pub anchors: Vec<(u32, u32)>,
}

/// Why nothing can be clustered. Points are counted from 0.
#[derive(Clone, Copy, PartialEq, Debug, thiserror::Error)]
pub enum Fault {
    #[error("more than {POINTS_MAX} points")]
    TooManyPoints,
    #[error("there are not as many weights as points")]
    Shape,
    #[error("point {point} is nowhere on the sphere")]
    Nowhere { point: usize },
    #[error("a radius has to lie between {KM_MIN} and {KM_MAX} km")]
    Radius,
    #[error("the least weight has to be more than nothing")]
    Least,
    #[error("the weights are too large to add up")]
    TooMuch,
}

/// Finds the clusters.
///
/// Equal places are merged; cells so small that all their points lie within the radius of each other decide
/// most of the rest without looking at single points.
///
/// # Errors
/// What of the question cannot be one.
pub fn cluster(question: &Question) -> Result<Answer, Fault> {
    is_sound(question)?;
    let grid = grid::Grid::new(question);
    let is_core = cores::cores(&grid, question.least);
    Ok(join::join(&grid, &is_core, question.places.len()))
}

fn is_sound(question: &Question) -> Result<(), Fault> {
    if question.places.len() > POINTS_MAX {
        return Err(Fault::TooManyPoints);
    }
    if !question.weights.is_empty() && question.weights.len() != question.places.len() {
        return Err(Fault::Shape);
    }
    if !(KM_MIN..=KM_MAX).contains(&question.km) {
        return Err(Fault::Radius);
    }
    if question.least == 0 {
        return Err(Fault::Least);
    }
    let nowhere = question.places.iter().position(|place| !place.is_somewhere());
    if let Some(point) = nowhere {
        return Err(Fault::Nowhere { point });
    }
    let sum = question.weights.iter().try_fold(0_u64, |sum, weight| sum.checked_add(*weight));
    sum.map(drop).ok_or(Fault::TooMuch)
}
