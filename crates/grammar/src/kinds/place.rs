//! Places: latitude and longitude in degrees (WGS 84).

use std::{fmt, str::FromStr};

use super::{Unreadable, half_width, string_kind};

/// A point on the earth, written `31.22222,121.45806`: latitude first.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Place {
    latitude: f64,
    longitude: f64,
}

impl Place {
    /// `None` when there is no such point.
    #[must_use]
    pub fn new(latitude: f64, longitude: f64) -> Option<Self> {
        let on_earth = latitude.abs() <= 90.0 && longitude.abs() <= 180.0;
        on_earth.then_some(Self { latitude, longitude })
    }

    #[must_use]
    pub fn latitude(self) -> f64 {
        self.latitude
    }

    #[must_use]
    pub fn longitude(self) -> f64 {
        self.longitude
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{},{}", self.latitude, self.longitude)
    }
}

impl FromStr for Place {
    type Err = Unreadable;
    fn from_str(text: &str) -> Result<Self, Unreadable> {
        let plain = half_width(text);
        let (latitude, longitude) = plain.split_once([',', ' ']).ok_or(Unreadable("not-a-place"))?;
        match (latitude.trim().parse(), longitude.trim().parse()) {
            (Ok(latitude), Ok(longitude)) => Self::new(latitude, longitude).ok_or(Unreadable("not-a-place")),
            _ => Err(Unreadable("not-a-place")),
        }
    }
}

string_kind!(Place, "place");
