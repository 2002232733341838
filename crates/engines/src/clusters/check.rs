//! Check: whether an answer is the partition that its question has, by other means than it was found.
//!
//! [`check_links`] takes linear time and needs no search: links and anchors prove that every cluster hangs
//! together and that every border point touches its cluster. [`check`] also counts the weight around every
//! point, in plain squares of degrees, and so proves who is core, who is noise, and that no two clusters touch.

use std::collections::BTreeMap;

use super::{
    Answer, Fault, Question, is_sound,
    sphere::{Point, are_near, chord, degrees},
};

/// Why an answer does not hold. Points are counted from 0.
#[derive(Clone, Copy, PartialEq, Debug, thiserror::Error)]
pub enum Wrong {
    #[error("{0}")]
    Question(Fault),
    #[error("there are not as many labels as points")]
    Shape,
    #[error("point {point} has a label that it cannot have")]
    Label { point: usize },
    #[error("link {link} is none")]
    Link { link: usize },
    #[error("cluster {cluster} does not hang together")]
    Apart { cluster: u32 },
    #[error("point {point} is anchored to nothing of its cluster")]
    Anchor { point: usize },
    #[error("clusters are not numbered by their first core points")]
    Order,
    #[error("point {point} is wrongly called core, or not")]
    Core { point: usize },
    #[error("points {one} and {other} are core points within the radius and of two clusters")]
    Divided { one: usize, other: usize },
}

/// What can be checked without any search, in linear time.
///
/// # Errors
/// The first thing that is wrong.
pub fn check_links(question: &Question, answer: &Answer) -> Result<(), Wrong> {
    is_sound(question).map_err(Wrong::Question)?;
    let count = question.places.len();
    if answer.labels.len() != count || answer.is_core.len() != count {
        return Err(Wrong::Shape);
    }
    let label = |point: usize| answer.labels.get(point).copied().flatten();
    let is_core = |point: usize| answer.is_core.get(point).copied().unwrap_or(false);
    numbered(answer)?;
    // Every link joins two parts of a cluster that were apart, so as many links as cores less clusters do.
    let mut parents: Vec<u32> = (0..count as u32).collect();
    for (link, (one, other)) in answer.links.iter().enumerate() {
        let (one, other) = (*one as usize, *other as usize);
        let fits = is_core(one) && is_core(other) && label(one) == label(other);
        if !fits || !are_near(question, one, other) {
            return Err(Wrong::Link { link });
        }
        let (one, other) = (root(&mut parents, one as u32), root(&mut parents, other as u32));
        parents.get_mut(one.max(other) as usize).into_iter().for_each(|slot| *slot = one.min(other));
    }
    let mut roots = vec![None; answer.clusters as usize];
    for point in (0..count).filter(|point| is_core(*point)) {
        let Some(cluster) = label(point) else { return Err(Wrong::Label { point }) };
        let root = root(&mut parents, point as u32);
        let known = roots.get_mut(cluster as usize).ok_or(Wrong::Label { point })?;
        if known.replace(root).is_some_and(|known| known != root) {
            return Err(Wrong::Apart { cluster });
        }
    }
    let mut is_anchored = vec![false; count];
    for (point, anchor) in &answer.anchors {
        let (point, anchor) = (*point as usize, *anchor as usize);
        let fits = !is_core(point) && is_core(anchor) && label(point) == label(anchor);
        if !fits || !are_near(question, point, anchor) {
            return Err(Wrong::Anchor { point });
        }
        is_anchored.get_mut(point).into_iter().for_each(|slot| *slot = true);
    }
    let loose = |point: &usize| {
        let is_anchored = is_anchored.get(*point).copied().unwrap_or(false);
        label(*point).is_some() && !is_core(*point) && !is_anchored
    };
    (0..count).find(loose).map_or(Ok(()), |point| Err(Wrong::Anchor { point }))
}

/// Clusters are numbered from 0 by their first core points.
fn numbered(answer: &Answer) -> Result<(), Wrong> {
    let mut next = 0;
    for (label, _) in answer.labels.iter().zip(&answer.is_core).filter(|(_, is_core)| **is_core) {
        match label {
            Some(label) if *label == next => next += 1,
            Some(label) if *label < next => {}
            _ => return Err(Wrong::Order),
        }
    }
    if next == answer.clusters { Ok(()) } else { Err(Wrong::Order) }
}

fn root(parents: &mut [u32], mut point: u32) -> u32 {
    loop {
        let parent = parents.get(point as usize).copied().unwrap_or(point);
        if parent == point {
            return point;
        }
        let above = parents.get(parent as usize).copied().unwrap_or(parent);
        parents.get_mut(point as usize).into_iter().for_each(|slot| *slot = above);
        point = above;
    }
}

/// Everything: what [`check_links`] checks, and who is core, at a border, and noise. Takes time in proportion
/// to the pairs of points that lie in the same or neighbouring squares.
///
/// # Errors
/// The first thing that is wrong.
pub fn check(question: &Question, answer: &Answer) -> Result<(), Wrong> {
    check_links(question, answer)?;
    let points: Vec<Point> = question.places.iter().map(super::Place::point).collect();
    let squares = Squares::new(question);
    let square = chord(question.km) * chord(question.km);
    for (one, point) in points.iter().enumerate() {
        let (mut sum, mut lowest, mut divided) = (0_u64, None, None);
        let own = answer.labels.get(one).copied().flatten();
        squares.near(one, &mut |other| {
            if !points.get(other).is_some_and(|far| point.square_to(far) <= square) {
                return;
            }
            sum += question.weights.get(other).copied().unwrap_or(1);
            let label = answer.labels.get(other).copied().flatten();
            if answer.is_core.get(other) == Some(&true) {
                lowest = [lowest, label].into_iter().flatten().min();
                if label != own {
                    divided = Some(other);
                }
            }
        });
        let is_core = sum >= question.least;
        if answer.is_core.get(one) != Some(&is_core) {
            return Err(Wrong::Core { point: one });
        }
        match divided {
            Some(other) if is_core => return Err(Wrong::Divided { one, other }),
            _ if own != lowest => return Err(Wrong::Label { point: one }),
            _ => {}
        }
    }
    Ok(())
}

/// Points by squares of degrees of latitude and longitude, at least as high and as wide as the radius.
struct Squares {
    by_square: BTreeMap<(i64, i64), Vec<u32>>,
    homes: Vec<(i64, i64)>,
    /// By row, how many columns go round the earth.
    height: f64,
    degrees: f64,
}

impl Squares {
    fn new(question: &Question) -> Self {
        let degrees = degrees(question.km);
        let mut squares =
            Self { by_square: BTreeMap::new(), homes: Vec::new(), height: degrees * 1.001, degrees };
        for (place, number) in question.places.iter().zip(0_u32..) {
            let row = (place.latitude / squares.height).floor() as i64;
            let home = (row, squares.column(row, place.longitude));
            squares.by_square.entry(home).or_default().push(number);
            squares.homes.push(home);
        }
        squares
    }

    /// How many columns a row has: each as wide as the radius where the row is nearest to a pole.
    fn columns(&self, row: i64) -> i64 {
        let edge = ((row as f64 * self.height).abs()).max(((row + 1) as f64 * self.height).abs());
        let (_, cosine) = crate::elementary::sin_cos_of_degrees((edge + self.degrees).min(90.0));
        ((360.0 * cosine / (self.degrees * 1.3)) as i64).max(1)
    }

    fn column(&self, row: i64, longitude: f64) -> i64 {
        let columns = self.columns(row);
        (((longitude + 180.0) / 360.0 * columns as f64).floor() as i64).rem_euclid(columns)
    }

    fn near(&self, point: usize, each: &mut dyn FnMut(usize)) {
        let Some((row, column)) = self.homes.get(point).copied() else { return };
        for other in row - 1..=row + 1 {
            let columns = self.columns(other);
            // The same part of the way round, and one column more to either side on the narrower row.
            let own = self.columns(row);
            let low = (column as f64 / own as f64 * columns as f64).floor() as i64 - 2;
            let high = ((column + 1) as f64 / own as f64 * columns as f64).ceil() as i64 + 1;
            let span = if high - low >= columns { 0..columns } else { low..high + 1 };
            for place in span {
                let found = self.by_square.get(&(other, place.rem_euclid(columns)));
                found.into_iter().flatten().for_each(|point| each(*point as usize));
            }
        }
    }
}
