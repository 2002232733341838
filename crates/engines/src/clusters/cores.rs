//! Cores: which distinct places have enough weight within the radius of them.
//!
//! Whole cells decide first, then spots by the balls around them, and single points only where a ball lies
//! across the edge of another's radius.

use super::grid::{Grid, SLACK, Spot};

/// By distinct place, whether it is a core.
#[must_use]
pub fn cores(grid: &Grid, least: u64) -> Vec<bool> {
    let mut is_core = vec![false; grid.points.len()];
    let mut near: Vec<&Spot> = Vec::new();
    for (place, cell) in grid.cells.iter().enumerate() {
        if cell.weight >= least {
            // All of a cell lies within the radius of all of it.
            for spot in grid.spots_of(cell) {
                mark(&mut is_core, grid.range(spot));
            }
            continue;
        }
        let mut reachable = cell.weight;
        grid.near(place, &mut |other| reachable += grid.cells.get(other).map_or(0, |cell| cell.weight));
        if reachable < least {
            continue;
        }
        near.clear();
        grid.near(place, &mut |other| {
            near.extend(grid.cells.get(other).into_iter().flat_map(|cell| grid.spots_of(cell)));
        });
        for spot in grid.spots_of(cell) {
            let own = Edge::new(grid, spot, cell.weight, &near);
            if own.sure >= least {
                mark(&mut is_core, grid.range(spot));
            } else if own.sure + own.perhaps >= least {
                own.one_by_one(grid, spot, least, &mut is_core);
            }
        }
    }
    is_core
}

fn mark(is_core: &mut [bool], range: std::ops::Range<usize>) {
    is_core.get_mut(range).into_iter().flatten().for_each(|core| *core = true);
}

/// What lies around one spot: weight that is within the radius of all its points, and spots that are for some.
struct Edge<'a> {
    sure: u64,
    perhaps: u64,
    spots: Vec<&'a Spot>,
}

impl<'a> Edge<'a> {
    fn new(grid: &Grid, own: &Spot, cell_weight: u64, near: &[&'a Spot]) -> Self {
        let mut edge = Self { sure: cell_weight, perhaps: 0, spots: Vec::new() };
        for spot in near {
            match side(own.centre.square_to(&spot.centre), own.radius + spot.radius, grid.chord) {
                Side::Within => edge.sure += spot.weight,
                Side::Across => {
                    edge.perhaps += spot.weight;
                    edge.spots.push(spot);
                }
                Side::Beyond => {}
            }
        }
        edge
    }

    fn one_by_one(&self, grid: &Grid, own: &Spot, least: u64, is_core: &mut [bool]) {
        let square = grid.chord * grid.chord;
        for place in grid.range(own) {
            let Some(point) = grid.points.get(place) else { continue };
            let (mut sum, mut open) = (self.sure, self.perhaps);
            for spot in &self.spots {
                if sum >= least || sum + open < least {
                    break;
                }
                open -= spot.weight;
                match side(point.square_to(&spot.centre), spot.radius, grid.chord) {
                    Side::Within => sum += spot.weight,
                    Side::Across => {
                        let range = grid.range(spot);
                        let points = grid.points.get(range.clone()).unwrap_or(&[]);
                        let weights = grid.weights.get(range).unwrap_or(&[]);
                        let near = |(other, weight): (&_, &u64)| {
                            if point.square_to(other) <= square { *weight } else { 0 }
                        };
                        sum += points.iter().zip(weights).map(near).sum::<u64>();
                    }
                    Side::Beyond => {}
                }
            }
            is_core.get_mut(place).into_iter().for_each(|core| *core = sum >= least);
        }
    }
}

/// Where a ball lies, seen from a point or from all points of another ball.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Side {
    Within,
    Across,
    Beyond,
}

/// From the square of the distance between the centres and the radii together. What is too near to call is
/// across, so rounding decides nothing here.
#[inline(always)]
#[must_use]
pub fn side(square: f64, radii: f64, chord: f64) -> Side {
    let (inner, outer) = (chord - radii - SLACK, chord + radii + SLACK);
    if inner > 0.0 && square < inner * inner {
        Side::Within
    } else if square > outer * outer {
        Side::Beyond
    } else {
        Side::Across
    }
}
