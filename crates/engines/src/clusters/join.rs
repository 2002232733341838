//! Join: core points within the radius of each other become clusters, and others join the clusters they touch.

use super::{
    Answer,
    cores::{Side, side},
    grid::{Cell, Grid},
};

/// From which places are cores to labels for all points of the question.
#[must_use]
pub fn join(grid: &Grid, is_core: &[bool], points: usize) -> Answer {
    let mut join = Join { grid, is_core, first: Vec::new(), parents: Vec::new(), links: Vec::new() };
    join.first = grid.cells.iter().map(|cell| join.first_core(cell)).collect();
    join.parents = (0..grid.cells.len() as u32).collect();
    join.cells();
    join.pairs();
    join.label(points)
}

struct Join<'a> {
    grid: &'a Grid,
    is_core: &'a [bool],
    /// By cell, its first core place.
    first: Vec<Option<u32>>,
    /// Of each cell, in the forest of cells with cores.
    parents: Vec<u32>,
    /// Between distinct places.
    links: Vec<(u32, u32)>,
}

impl Join<'_> {
    fn places(&self, cell: &Cell) -> std::ops::Range<usize> {
        let spots = self.grid.spots_of(cell);
        let begin = spots.first().map_or(0, |spot| spot.begin as usize);
        begin..spots.last().map_or(begin, |spot| spot.end as usize)
    }

    fn is_core(&self, place: usize) -> bool {
        self.is_core.get(place).copied().unwrap_or(false)
    }

    fn first_core(&self, cell: &Cell) -> Option<u32> {
        self.places(cell).find(|place| self.is_core(*place)).map(|place| place as u32)
    }

    /// All core places of a cell hang on its first one.
    fn cells(&mut self) {
        for (cell, first) in self.grid.cells.iter().zip(&self.first) {
            let Some(first) = *first else { continue };
            let others = self.places(cell).skip_while(|place| *place as u32 <= first);
            let links: Vec<_> =
                others.filter(|place| self.is_core(*place)).map(|place| (first, place as u32)).collect();
            self.links.extend(links);
        }
    }

    /// Cells are joined by two of their core places.
    fn pairs(&mut self) {
        let mut near = Vec::new();
        for cell in 0..self.grid.cells.len() {
            if self.first.get(cell).copied().flatten().is_none() {
                continue;
            }
            near.clear();
            self.grid.near(cell, &mut |other| near.push(other));
            for other in near.iter().copied().filter(|other| *other > cell) {
                if self.first.get(other).copied().flatten().is_none() {
                    continue;
                }
                let (one, two) = (self.root(cell as u32), self.root(other as u32));
                if one == two {
                    continue;
                }
                if let Some(link) = self.touch(cell, other) {
                    self.links.push(link);
                    self.parents.get_mut(one.max(two) as usize).into_iter().for_each(|p| *p = one.min(two));
                }
            }
        }
    }

    fn root(&mut self, mut cell: u32) -> u32 {
        loop {
            let parent = self.parents.get(cell as usize).copied().unwrap_or(cell);
            if parent == cell {
                return cell;
            }
            let above = self.parents.get(parent as usize).copied().unwrap_or(parent);
            self.parents.get_mut(cell as usize).into_iter().for_each(|slot| *slot = above);
            cell = above;
        }
    }

    /// Two core places of two cells within the radius of each other.
    fn touch(&self, one: usize, other: usize) -> Option<(u32, u32)> {
        let (one, other) = (self.grid.cells.get(one)?, self.grid.cells.get(other)?);
        for spot in self.grid.spots_of(one) {
            for far in self.grid.spots_of(other) {
                let square = spot.centre.square_to(&far.centre);
                if side(square, spot.radius + far.radius, self.grid.chord) == Side::Beyond {
                    continue;
                }
                for place in self.grid.range(spot).filter(|place| self.is_core(*place)) {
                    if let Some(found) = self.core_near(place, self.grid.range(far)) {
                        return Some((place as u32, found as u32));
                    }
                }
            }
        }
        None
    }

    /// A core place of a range within the radius of a place.
    fn core_near(&self, place: usize, range: std::ops::Range<usize>) -> Option<usize> {
        let point = self.grid.points.get(place)?;
        let square = self.grid.chord * self.grid.chord;
        let points = self.grid.points.get(range.clone())?.iter().zip(range);
        let mut near = points.filter(|(other, at)| self.is_core(*at) && point.square_to(other) <= square);
        near.next().map(|(_, at)| at)
    }

    fn label(mut self, points: usize) -> Answer {
        let numbers = self.numbers();
        let by_cell: Vec<Option<u32>> = (0..self.grid.cells.len() as u32)
            .map(|cell| {
                let root = self.root(cell);
                self.first.get(cell as usize).copied().flatten()?;
                numbers.get(root as usize).copied().flatten()
            })
            .collect();
        let mut answer = Answer {
            labels: vec![None; points],
            is_core: vec![false; points],
            clusters: numbers.iter().flatten().max().map_or(0, |last| last + 1),
            links: Vec::with_capacity(self.links.len()),
            anchors: Vec::new(),
        };
        let mut near = Vec::new();
        for (cell, number) in by_cell.iter().enumerate() {
            let own = self.grid.cells.get(cell);
            let Some(own) = own else { continue };
            let places = self.places(own);
            let has_border = places.clone().any(|place| !self.is_core(place));
            near.clear();
            if has_border {
                self.grid.near(cell, &mut |other| {
                    let number = by_cell.get(other).copied().flatten();
                    near.extend(number.map(|number| (number, other)));
                });
                // A cell's own cores lie within the radius; else the lowest number that does.
                near.extend(number.map(|number| (number, cell)));
                near.sort_unstable();
            }
            for place in places {
                if self.is_core(place) {
                    self.set(&mut answer, place, *number, None);
                } else if let Some((number, anchor)) = self.border(place, &near) {
                    self.set(&mut answer, place, Some(number), Some(anchor));
                }
            }
        }
        self.all_links(&mut answer);
        answer
    }

    /// The number of each root's cluster: by the first of its core points in the order of the question.
    fn numbers(&mut self) -> Vec<Option<u32>> {
        let mut firsts: Vec<Option<u32>> = vec![None; self.grid.cells.len()];
        for cell in 0..self.grid.cells.len() {
            let root = self.root(cell as u32) as usize;
            let Some(own) = self.grid.cells.get(cell) else { continue };
            let cores = self.places(own).filter(|place| self.is_core(*place));
            let first = cores.flat_map(|place| self.grid.members(place)).min().copied();
            if let (Some(first), Some(slot)) = (first, firsts.get_mut(root)) {
                *slot = Some(slot.map_or(first, |known| known.min(first)));
            }
        }
        let mut order: Vec<(u32, usize)> =
            firsts.iter().enumerate().filter_map(|(root, first)| first.map(|first| (first, root))).collect();
        order.sort_unstable();
        let mut numbers = vec![None; firsts.len()];
        for ((_, root), number) in order.into_iter().zip(0..) {
            numbers.get_mut(root).into_iter().for_each(|slot| *slot = Some(number));
        }
        numbers
    }

    /// The lowest number of a cluster that a place touches, and a core place by which it does.
    fn border(&self, place: usize, near: &[(u32, usize)]) -> Option<(u32, u32)> {
        let point = self.grid.points.get(place)?;
        for (number, cell) in near {
            let cell = self.grid.cells.get(*cell)?;
            for spot in self.grid.spots_of(cell) {
                if side(point.square_to(&spot.centre), spot.radius, self.grid.chord) == Side::Beyond {
                    continue;
                }
                if let Some(found) = self.core_near(place, self.grid.range(spot)) {
                    return Some((*number, found as u32));
                }
            }
        }
        None
    }

    /// Labels all points at a place.
    fn set(&self, answer: &mut Answer, place: usize, number: Option<u32>, anchor: Option<u32>) {
        let anchor = anchor.and_then(|anchor| self.grid.members(anchor as usize).first());
        for point in self.grid.members(place) {
            answer.labels.get_mut(*point as usize).into_iter().for_each(|label| *label = number);
            answer.is_core.get_mut(*point as usize).into_iter().for_each(|core| *core = anchor.is_none());
            answer.anchors.extend(anchor.map(|anchor| (*point, *anchor)));
        }
    }

    /// Links between points: those between places, and one from each further point at a place to its first.
    fn all_links(&self, answer: &mut Answer) {
        let first = |place: u32| self.grid.members(place as usize).first().copied().unwrap_or(0);
        answer.links.extend(self.links.iter().map(|(one, other)| (first(*one), first(*other))));
        for place in (0..self.grid.points.len()).filter(|place| self.is_core(*place)) {
            let members = self.grid.members(place);
            let own = members.first().copied().unwrap_or(0);
            answer.links.extend(members.iter().skip(1).map(|other| (own, *other)));
        }
    }
}
