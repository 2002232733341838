//! A map of points drawn by ourselves: an equirectangular frame, no tiles from anywhere.
//!
//! One degree of longitude is drawn shorter by the cosine of the middle latitude, so that a region of China's
//! size has its usual shape. Points outside the frame are left out of the picture and stay in the table.

use maud::{Markup, html};

use super::{Behind, Link, charts::behind, some};

const WIDTH: f64 = 480.0;
/// Height over width, at most and at least.
const TALL: (f64, f64) = (0.45, 1.25);
/// Points and outline corners drawn at most; more belong into clusters.
const POINTS_MAX: usize = 2_000;
const CORNERS_MAX: usize = 5_000;

/// Degrees (WGS 84).
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Bounds {
    pub south: f64,
    pub west: f64,
    pub north: f64,
    pub east: f64,
}

impl Bounds {
    /// The frame around points (latitude, longitude), with a tenth of room; `None` without points.
    #[must_use]
    pub fn around(points: impl IntoIterator<Item = (f64, f64)>) -> Option<Self> {
        let around = points.into_iter().fold(None, |frame: Option<Self>, (lat, lon)| {
            let old = frame.unwrap_or(Self { south: lat, west: lon, north: lat, east: lon });
            Some(Self {
                south: old.south.min(lat),
                west: old.west.min(lon),
                north: old.north.max(lat),
                east: old.east.max(lon),
            })
        })?;
        let high = ((around.north - around.south) * 0.1).max(0.02);
        let wide = ((around.east - around.west) * 0.1).max(0.02);
        Some(Self {
            south: around.south - high,
            west: around.west - wide,
            north: around.north + high,
            east: around.east + wide,
        })
    }
}

/// A place, or several that lie together (`count` over 1). `colour` from 1 to 5 as in the legend.
#[derive(Clone, Debug, Default)]
pub struct Point {
    pub latitude: f64,
    pub longitude: f64,
    pub title: String,
    pub href: String,
    pub colour: u8,
    pub count: u32,
}

#[derive(Clone, Debug, Default)]
pub struct Map {
    /// Unique in the page.
    pub id: String,
    pub title: String,
    pub note: String,
    pub bounds: Bounds,
    pub points: Vec<Point>,
    /// Polygons of (latitude, longitude), drawn under the points.
    pub outlines: Vec<Vec<(f64, f64)>>,
    pub legend: Vec<(u8, String)>,
    /// Two columns: place, number.
    pub behind: Behind,
    pub source: String,
}

/// Where degrees lie in the picture.
struct Frame {
    bounds: Bounds,
    height: f64,
}

impl Frame {
    fn new(bounds: Bounds) -> Self {
        let wide = (bounds.east - bounds.west).abs().max(1e-6);
        let high = (bounds.north - bounds.south).abs().max(1e-6);
        let shorter = f64::midpoint(bounds.north, bounds.south).to_radians().cos().max(0.1);
        let ratio = (high / (wide * shorter)).clamp(TALL.0, TALL.1);
        Self { bounds, height: (WIDTH * ratio).round() }
    }

    fn at(&self, latitude: f64, longitude: f64) -> Option<(f64, f64)> {
        let b = &self.bounds;
        let x = (longitude - b.west) / (b.east - b.west) * WIDTH;
        let y = (b.north - latitude) / (b.north - b.south) * self.height;
        (x.is_finite() && y.is_finite()).then(|| (tenth(x), tenth(y)))
    }

    fn holds(&self, (x, y): (f64, f64)) -> bool {
        (0.0..=WIDTH).contains(&x) && (0.0..=self.height).contains(&y)
    }
}

fn tenth(value: f64) -> f64 {
    (value * 10.0).round() / 10.0
}

#[must_use]
pub fn map(map: &Map) -> Markup {
    let frame = Frame::new(map.bounds);
    html! {
        figure.chart.map {
            figcaption { (map.title) @if let Some(note) = some(&map.note) { small { (note) } } }
            svg viewBox={ "0 0 " (WIDTH) " " (frame.height) } role="group" aria-label=(map.title) {
                @for outline in map.outlines.iter().take(200) { (polygon(&frame, outline)) }
                (graticule(&frame))
                @for point in map.points.iter().take(POINTS_MAX) { (spot(&frame, point)) }
            }
            @if !map.legend.is_empty() {
                ul.legend {
                    @for (colour, label) in &map.legend {
                        li {
                            svg viewBox="0 0 10 10" aria-hidden="true" focusable="false" {
                                circle class={ "f" (colour.clamp(&1, &5)) } cx="5" cy="5" r="5" {}
                            }
                            (label)
                        }
                    }
                }
            }
            @let rows = map.points.iter().take(POINTS_MAX).map(|p| vec![p.title.clone(), p.count.max(1).to_string()]).collect();
            (behind(&map.id, &map.title, &map.behind, rows))
            @if let Some(source) = some(&map.source) { p.source { (source) } }
        }
    }
}

fn polygon(frame: &Frame, outline: &[(f64, f64)]) -> Markup {
    let corners = outline.iter().take(CORNERS_MAX).filter_map(|(lat, lon)| frame.at(*lat, *lon));
    let points = corners.map(|(x, y)| format!("{x},{y}")).collect::<Vec<_>>().join(" ");
    html! { polygon.outline points=(points) {} }
}

/// Lines at round degrees, named at the edge.
fn graticule(frame: &Frame) -> Markup {
    let b = &frame.bounds;
    let meridians = round_degrees(b.west, b.east);
    let parallels = round_degrees(b.south, b.north);
    html! {
        g aria-hidden="true" {
            @for longitude in &meridians {
                @if let Some((x, _)) = frame.at(b.north, *longitude) {
                    line.graticule x1=(x) x2=(x) y1="0" y2=(frame.height) {}
                    @if x < WIDTH - 36.0 { text.degree x=(x + 3.0) y=(frame.height - 4.0) { (longitude) "°E" } }
                }
            }
            @for latitude in &parallels {
                @if let Some((_, y)) = frame.at(*latitude, b.west) {
                    line.graticule x1="0" x2=(WIDTH) y1=(y) y2=(y) {}
                    text.degree x="4" y=(y - 3.0) { (latitude) "°N" }
                }
            }
        }
    }
}

/// Round degrees strictly inside a span: at most about six.
fn round_degrees(from: f64, to: f64) -> Vec<f64> {
    let steps = [0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0, 20.0, 45.0];
    let step = steps.into_iter().find(|step| (to - from) / step <= 6.0).unwrap_or(45.0);
    let first = (from / step).floor() * step;
    (1..=8)
        .map(|n| ((first + step * f64::from(n)) * 100.0).round() / 100.0)
        .filter(|degree| *degree > from && *degree < to)
        .collect()
}

/// A circle whose area grows with the count.
fn spot(frame: &Frame, point: &Point) -> Markup {
    let Some((x, y)) = frame.at(point.latitude, point.longitude).filter(|at| frame.holds(*at)) else {
        return html! {};
    };
    let many = point.count > 1;
    let radius = if many { tenth((7.0 + 2.0 * f64::from(point.count).sqrt()).min(34.0)) } else { 6.5 };
    let drawn = html! {
        circle class={ "point f" (point.colour.clamp(1, 5)) @if many { " many" } } cx=(x) cy=(y) r=(radius) {
            title { (point.title) }
        }
        @if many { text.many-text x=(x) y=(y + 4.5) aria-hidden="true" { (point.count) } }
    };
    html! {
        @if point.href.is_empty() { g { (drawn) } } @else {
            (link_in_picture(&Link::new(&point.href, &point.title), &drawn))
        }
    }
}

fn link_in_picture(link: &Link, drawn: &Markup) -> Markup {
    html! { a href=(link.href) aria-label=(link.label) { (drawn) } }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn north_is_up_and_east_is_right() {
        let frame = Frame::new(Bounds { south: 30.0, west: 120.0, north: 32.0, east: 122.0 });
        assert_eq!(frame.at(32.0, 120.0), Some((0.0, 0.0)));
        assert_eq!(frame.at(30.0, 122.0), Some((WIDTH, frame.height)));
        assert!(frame.height > WIDTH, "a degree of latitude is longer than one of longitude here");
    }

    #[test]
    fn a_frame_around_one_point_still_has_room() {
        let frame = Bounds::around([(31.2, 121.5)]).unwrap();
        assert!(frame.south < 31.2 && frame.north > 31.2 && frame.west < 121.5 && frame.east > 121.5);
        assert_eq!(Bounds::around([]), None);
    }

    #[test]
    fn a_point_outside_the_frame_is_not_drawn() {
        let frame = Frame::new(Bounds { south: 30.0, west: 120.0, north: 32.0, east: 122.0 });
        let far = Point { latitude: 40.0, longitude: 116.0, ..Point::default() };
        let near = Point { latitude: 31.0, longitude: 121.0, ..Point::default() };
        assert_eq!(spot(&frame, &far).into_string(), "");
        assert!(spot(&frame, &near).into_string().contains("circle"));
    }
}
