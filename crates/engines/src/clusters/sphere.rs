//! Sphere: places in degrees, as points in space. A distance along the sphere is at most the radius when the
//! straight line between the two points is at most the chord of the radius.

use super::Question;
use crate::elementary::sin_cos_of_degrees;

/// The mean radius of the earth (IUGG), in km.
pub const EARTH_KM: f64 = 6_371.008_8;

/// A place on the earth, in degrees.
#[derive(Clone, Copy, PartialEq, PartialOrd, Debug)]
pub struct Place {
    pub latitude: f64,
    pub longitude: f64,
}

impl Place {
    /// Whether there is such a place: from −90 to 90 and from −180 to 180 degrees.
    #[must_use]
    pub fn is_somewhere(&self) -> bool {
        (-90.0..=90.0).contains(&self.latitude) && (-180.0..=180.0).contains(&self.longitude)
    }

    /// The point on the unit sphere.
    #[must_use]
    pub fn point(&self) -> Point {
        let (z, flat) = sin_cos_of_degrees(self.latitude);
        let (y, x) = sin_cos_of_degrees(self.longitude);
        Point([flat * x, flat * y, z])
    }
}

/// A point in space.
#[derive(Clone, Copy, PartialEq, Debug, Default)]
pub struct Point(pub [f64; 3]);

impl Point {
    /// The square of the straight distance.
    #[inline(always)]
    #[must_use]
    pub fn square_to(&self, other: &Self) -> f64 {
        let (Self([a, b, c]), Self([x, y, z])) = (self, other);
        let (u, v, w) = (a - x, b - y, c - z);
        u * u + v * v + w * w
    }
}

/// The radius in degrees of a great circle.
#[must_use]
pub fn degrees(km: f64) -> f64 {
    km / EARTH_KM * (180.0 / std::f64::consts::PI)
}

/// The straight line that belongs to a radius along the sphere.
#[must_use]
pub fn chord(km: f64) -> f64 {
    2.0 * sin_cos_of_degrees(degrees(km) / 2.0).0
}

/// Whether two points of a question lie within its radius of each other.
#[must_use]
pub fn are_near(question: &Question, one: usize, other: usize) -> bool {
    let (one, other) = (question.places.get(one), question.places.get(other));
    let (Some(one), Some(other)) = (one, other) else { return false };
    let chord = chord(question.km);
    one.point().square_to(&other.point()) <= chord * chord
}
