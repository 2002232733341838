//! Grid: distinct places in cells, and the cells' points in small spots with a ball around each.
//!
//! Rows are bands of latitude, columns of a row are as wide as they may be where the row is closest to the
//! equator. Always: any two points of a cell lie within the radius of each other.

use super::{
    Question,
    lattice::{Home, Lattice, REACH},
    sphere::{Place, Point, chord},
};

/// What rounding may make of a distance on the unit sphere; balls are larger by this.
pub const SLACK: f64 = 1e-13;

/// Distinct places, cell by cell and spot by spot.
pub struct Grid {
    pub cells: Vec<Cell>,
    /// The western edge of each cell, in degrees: packed, since it is searched.
    wests: Vec<f64>,
    pub spots: Vec<Spot>,
    pub points: Vec<Point>,
    pub weights: Vec<u64>,
    /// Which points of the question lie at each distinct place: a range of `members`.
    begins: Vec<u32>,
    members: Vec<u32>,
    /// The first cell of each row, from the lowest row on.
    rows: Vec<u32>,
    lowest: i64,
    pub chord: f64,
    lattice: Lattice,
}

/// A cell; its spots are a range.
pub struct Cell {
    row: i64,
    pub begin: u32,
    pub end: u32,
    pub weight: u64,
}

/// A part of a cell: a range of points, and a ball around them.
pub struct Spot {
    pub begin: u32,
    pub end: u32,
    pub weight: u64,
    pub centre: Point,
    pub radius: f64,
}

impl Grid {
    #[must_use]
    pub fn new(question: &Question) -> Self {
        let lattice = Lattice::new(question.km);
        let homes = {
            let each = |(place, number): (&Place, u32)| (lattice.home(place), Bits::of(place), number);
            sorted(question.places.iter().zip(0_u32..).map(each).collect())
        };
        let mut grid = Self {
            cells: Vec::new(),
            wests: Vec::new(),
            spots: Vec::new(),
            points: Vec::new(),
            weights: Vec::new(),
            begins: Vec::new(),
            members: Vec::new(),
            rows: Vec::new(),
            lowest: 0,
            chord: chord(question.km),
            lattice,
        };
        grid.lay(homes, question);
        grid.index();
        grid
    }

    /// Lays points out in the order of their homes; equal places become one.
    fn lay(&mut self, homes: Vec<(Home, Bits, u32)>, question: &Question) {
        let mut last: Option<(Home, Bits)> = None;
        self.members.reserve(homes.len());
        for (home, bits, number) in homes {
            let weight = question.weights.get(number as usize).copied().unwrap_or(1);
            if last != Some((home, bits)) {
                let point = bits.place().point();
                self.open(home, last.map(|(home, _)| home));
                self.begins.push(self.members.len() as u32);
                self.points.push(point);
                self.weights.push(0);
                let end = self.points.len() as u32;
                self.spots.last_mut().into_iter().for_each(|spot| spot.end = end);
            }
            last = Some((home, bits));
            self.members.push(number);
            self.weights.last_mut().into_iter().for_each(|sum| *sum += weight);
            self.spots.last_mut().into_iter().for_each(|spot| spot.weight += weight);
            self.cells.last_mut().into_iter().for_each(|cell| cell.weight += weight);
        }
        self.begins.push(self.members.len() as u32);
        let points = &self.points;
        for spot in &mut self.spots {
            let own = points.iter().skip(spot.begin as usize).take((spot.end - spot.begin) as usize);
            (spot.centre, spot.radius) = ball(own);
        }
    }

    /// Opens a cell or a spot where the home is another than the last.
    fn open(&mut self, home: Home, last: Option<Home>) {
        if last == Some(home) {
            return;
        }
        let spot = self.spots.len() as u32;
        if last.is_none_or(|last| !last.is_same_cell(home)) {
            let row = home.row();
            let west = home.column() as f64 * self.lattice.width(row) - 180.0;
            self.wests.push(west);
            self.cells.push(Cell { row, begin: spot, end: spot, weight: 0 });
        }
        let begin = self.points.len() as u32;
        self.spots.push(Spot { begin, end: begin, weight: 0, centre: Point::default(), radius: 0.0 });
        self.cells.last_mut().into_iter().for_each(|cell| cell.end = spot + 1);
    }

    /// Notes where each row begins.
    fn index(&mut self) {
        let (Some(first), Some(last)) = (self.cells.first(), self.cells.last()) else { return };
        self.lowest = first.row;
        let rows = usize::try_from(last.row - first.row + 1).unwrap_or(0);
        let mut counts = vec![0_u32; rows + 1];
        for cell in &self.cells {
            let place = usize::try_from(cell.row - self.lowest + 1).unwrap_or(0);
            counts.get_mut(place).into_iter().for_each(|count| *count += 1);
        }
        let mut sum = 0;
        for count in &mut counts {
            sum += *count;
            *count = sum;
        }
        self.rows = counts;
    }

    /// The points of the question at a distinct place.
    pub fn members(&self, place: usize) -> &[u32] {
        let at = |place: usize| self.begins.get(place).copied().unwrap_or(0) as usize;
        self.members.get(at(place)..at(place + 1)).unwrap_or(&[])
    }

    /// The points of a spot.
    pub fn range(&self, spot: &Spot) -> std::ops::Range<usize> {
        spot.begin as usize..spot.end as usize
    }

    /// The spots of a cell.
    pub fn spots_of(&self, cell: &Cell) -> &[Spot] {
        self.spots.get(cell.begin as usize..cell.end as usize).unwrap_or(&[])
    }

    /// Gives all other cells in which something may lie within the radius of something in this one.
    pub fn near(&self, place: usize, each: &mut dyn FnMut(usize)) {
        let (Some(cell), Some(west)) = (self.cells.get(place), self.wests.get(place)) else { return };
        let own_width = self.lattice.width(cell.row);
        for row in cell.row - REACH..=cell.row + REACH {
            let Ok(index) = usize::try_from(row - self.lowest) else { continue };
            let (Some(begin), Some(end)) = (self.rows.get(index), self.rows.get(index + 1)) else { continue };
            let reach = self.lattice.reach(cell.row, row);
            let (low, high) = (west - reach - self.lattice.width(row), west + own_width + reach);
            // Over the edge of the map the columns go on at its other side.
            for turn in [0.0, 360.0, -360.0] {
                self.columns((*begin, *end), low + turn, high + turn, &mut |other| {
                    if other != place {
                        each(other);
                    }
                });
                if low >= -180.0 && high <= 180.0 || reach >= 360.0 {
                    break;
                }
            }
        }
    }

    fn columns(&self, row: (u32, u32), low: f64, high: f64, each: &mut dyn FnMut(usize)) {
        let (begin, end) = (row.0 as usize, row.1 as usize);
        let wests = self.wests.get(begin..end).unwrap_or(&[]);
        let first = wests.partition_point(|west| *west < low);
        for (west, place) in wests.iter().zip(begin..).skip(first) {
            if *west > high {
                break;
            }
            each(place);
        }
    }
}

/// The bits of a place, to tell equal places.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Bits(u64, u64);

impl Bits {
    fn of(place: &Place) -> Self {
        // Adding nothing makes −0 into 0.
        Self((place.latitude + 0.0).to_bits(), (place.longitude + 0.0).to_bits())
    }

    fn place(self) -> Place {
        Place { latitude: f64::from_bits(self.0), longitude: f64::from_bits(self.1) }
    }
}

/// In the order of homes, then of places, then of points.
fn sorted(mut homes: Vec<(Home, Bits, u32)>) -> Vec<(Home, Bits, u32)> {
    homes.sort_unstable();
    homes
}

/// A ball that holds these points.
fn ball<'a>(points: impl Iterator<Item = &'a Point> + Clone) -> (Point, f64) {
    let (mut low, mut high) = ([f64::INFINITY; 3], [f64::NEG_INFINITY; 3]);
    for Point(point) in points.clone() {
        for ((low, high), value) in low.iter_mut().zip(&mut high).zip(point) {
            *low = low.min(*value);
            *high = high.max(*value);
        }
    }
    let [a, b, c] = low;
    let [x, y, z] = high;
    let centre = Point([(a + x) / 2.0, (b + y) / 2.0, (c + z) / 2.0]);
    let square = points.map(|point| point.square_to(&centre)).fold(0.0, f64::max);
    (centre, square.sqrt() + SLACK)
}
