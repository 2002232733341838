//! Grid: distinct places in cells, and the cells' points in small spots with a ball around each.
//!
//! Rows are bands of latitude, columns of a row are as wide as they may be where the row is closest to the
//! equator. Always: any two points of a cell lie within the radius of each other.

use super::{
    Question,
    sphere::{Place, Point, chord, degrees},
};

/// Spots along the side of a cell.
const SPOTS: u64 = 8;
/// What rounding may make of a distance on the unit sphere; balls are larger by this.
pub const SLACK: f64 = 1e-13;
/// Rows to either side in which something may lie within the radius: a cell's side is the radius over √2.
const REACH: i64 = 2;

/// Distinct places, cell by cell and spot by spot.
pub struct Grid {
    pub cells: Vec<Cell>,
    pub spots: Vec<Spot>,
    pub points: Vec<Point>,
    pub weights: Vec<u64>,
    /// Which points of the question lie at each distinct place: a range of `members`.
    begins: Vec<u32>,
    members: Vec<u32>,
    /// The first cell of each row, from the lowest row on.
    rows: Vec<u32>,
    lowest: i64,
    /// The radius, as degrees and as a straight line.
    degrees: f64,
    pub chord: f64,
    side: f64,
}

/// A cell; its spots are a range.
pub struct Cell {
    row: i64,
    /// The western edge, in degrees.
    west: f64,
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

/// Where a point belongs: row and column of its cell, then the spot in the cell.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Home(u64);

impl Grid {
    #[must_use]
    pub fn new(question: &Question) -> Self {
        let degrees = degrees(question.km);
        // A hair less than the radius over √2, so that rounding cannot make a diagonal too long.
        let side = degrees / std::f64::consts::SQRT_2 * 0.999;
        let mut grid = Self {
            cells: Vec::new(),
            spots: Vec::new(),
            points: Vec::new(),
            weights: Vec::new(),
            begins: Vec::new(),
            members: Vec::new(),
            rows: Vec::new(),
            lowest: 0,
            degrees,
            chord: chord(question.km),
            side,
        };
        let homes: Vec<(Home, Bits, u32)> = {
            let each = |(place, number): (&Place, u32)| (grid.home(place), Bits::of(place), number);
            question.places.iter().zip(0_u32..).map(each).collect()
        };
        grid.lay(sorted(homes), question);
        grid.index();
        grid
    }

    /// The width of the columns of a row, in degrees of longitude.
    fn width(&self, row: i64) -> f64 {
        let (low, high) = (row as f64 * self.side, (row + 1) as f64 * self.side);
        let nearest = if low <= 0.0 && high >= 0.0 { 0.0 } else { low.abs().min(high.abs()) };
        let (_, cosine) = crate::elementary::sin_cos_of_degrees(nearest.min(90.0));
        // Near a pole a row has one column.
        (self.side / cosine.max(1e-9)).min(400.0)
    }

    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "rows and columns are few")]
    fn home(&self, place: &Place) -> Home {
        let row = (place.latitude / self.side).floor();
        let width = self.width(row as i64);
        let east = (place.longitude + 180.0) / width;
        let column = east.floor();
        let spot = |part: f64| ((part * SPOTS as f64) as u64).min(SPOTS - 1);
        let (up, right) = (spot(place.latitude / self.side - row), spot(east - column));
        // 28 bits for the row, 30 for the column, three each for the spot: a metre is the smallest radius.
        let row = (row as i64 + (1 << 27)) as u64;
        Home((row << 36) | ((column as u64) << 6) | (up * SPOTS + right))
    }

    /// Lays points out in the order of their homes; equal places become one.
    fn lay(&mut self, homes: Vec<(Home, Bits, u32)>, question: &Question) {
        let mut last: Option<(Home, Bits)> = None;
        self.members.reserve(homes.len());
        for (home, bits, number) in homes {
            let weight = question.weights.get(number as usize).copied().unwrap_or(1);
            if last != Some((home, bits)) {
                let point = question.places.get(number as usize).map_or_else(Point::default, Place::point);
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
        if last.is_none_or(|last| last.0 >> 6 != home.0 >> 6) {
            let row = (home.0 >> 36) as i64 - (1 << 27);
            let column = (home.0 >> 6) & ((1 << 30) - 1);
            let west = column as f64 * self.width(row) - 180.0;
            self.cells.push(Cell { row, west, begin: spot, end: spot, weight: 0 });
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
        let Some(cell) = self.cells.get(place) else { return };
        let own_width = self.width(cell.row);
        for row in cell.row - REACH..=cell.row + REACH {
            let Ok(index) = usize::try_from(row - self.lowest) else { continue };
            let (Some(begin), Some(end)) = (self.rows.get(index), self.rows.get(index + 1)) else { continue };
            let reach = self.reach(cell.row, row);
            let (low, high) = (cell.west - reach - self.width(row), cell.west + own_width + reach);
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

    /// The largest difference of longitude within the radius of a point in one row, seen from the other.
    fn reach(&self, one: i64, other: i64) -> f64 {
        let edges = [one, one + 1, other, other + 1].map(|row| (row as f64 * self.side).abs());
        let highest = edges.into_iter().fold(0.0, f64::max);
        // sin(difference) = sin(radius)/cos(latitude); with room for the pole, where all columns are near.
        let (sine, _) = crate::elementary::sin_cos_of_degrees(self.degrees);
        let (_, cosine) = crate::elementary::sin_cos_of_degrees(highest.min(90.0));
        let part = sine / cosine.max(1e-12);
        if part >= 0.5 {
            // Past half of the way to a quarter turn the arc grows fast: take the whole row.
            return 720.0;
        }
        // arcsin x ≤ x·(1 + x²/6·…); for x below a half a tenth more is always enough.
        part * (180.0 / std::f64::consts::PI) * 1.1
    }

    fn columns(&self, row: (u32, u32), low: f64, high: f64, each: &mut dyn FnMut(usize)) {
        let (begin, end) = (row.0 as usize, row.1 as usize);
        let cells = self.cells.get(begin..end).unwrap_or(&[]);
        let first = cells.partition_point(|cell| cell.west < low);
        for (cell, place) in cells.iter().zip(begin..).skip(first) {
            if cell.west > high {
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
