//! Cluster: a file of places becomes clusters: which point is in which, and how large each cluster is.

use std::{
    collections::{BTreeMap, HashMap},
    path::{Path, PathBuf},
};

use clap::{Arg, ArgMatches, Command, value_parser};
use engines::clusters::{self, Answer, Fault, Place, Question};
use grammar::words::Locale;
use serde_json::json;

use crate::{
    allocating::{decimal, refused},
    book::{self, Cell, Sheet},
    columns::{self, Column, Reading},
    speech::{Trouble, say, words},
    tables,
};

/// Points of one file: each becomes a row of the result, which is held as a whole.
const POINTS_MAX: usize = 5_000_000;
const KINDS_MAX: usize = 100;
const ID_MAX: usize = 200;
/// Digits of a weight behind the point.
const DIGITS: usize = 6;
/// One, in the engine's whole parts.
const ONE: u64 = 1_000_000;
/// The largest weight of one point, in whole parts: a thousand million.
const WEIGHT_MAX: i64 = 1_000_000_000_000_000;

const LATITUDE: Column = Column { name: "lat", names: &["lat", "latitude", "纬度"] };
const LONGITUDE: Column = Column { name: "lon", names: &["lon", "lng", "long", "longitude", "经度"] };
const ID: Column = Column { name: "id", names: &["id", "编号"] };
const WEIGHT: Column = Column { name: "weight", names: &["weight", "权重"] };
const KIND: Column = Column { name: "kind", names: &["kind", "类别"] };

pub fn command(locale: Locale) -> Command {
    let help = |key: &'static str| words(locale).get("help", key);
    let file = value_parser!(PathBuf);
    let points = Arg::new("points").required(true).value_name("FILE").value_parser(file.clone());
    let number = |name: &'static str, key| Arg::new(name).long(name).value_name("N").help(help(key));
    let out = Arg::new("out").long("out").required(true).value_name("FILE").value_parser(file);
    Command::new("cluster")
        .about(help("cluster"))
        .arg(points.help(help("cluster-points")))
        .arg(number("km", "cluster-km").value_name("KM").required(true))
        .arg(number("least", "cluster-least").required(true))
        .arg(number("place-least", "cluster-place-least"))
        .arg(out.help(help("cluster-out")))
}

/// The points of a file.
#[derive(Default)]
struct Points {
    places: Vec<Place>,
    /// In whole parts; empty when the file has no weights.
    weights: Vec<u64>,
    ids: Vec<String>,
    lines: Vec<u64>,
    kinds: Vec<String>,
    /// Of each point, where the file has kinds.
    kind: Vec<u8>,
}

/// Clusters a file.
///
/// # Errors
/// What cannot be read, with its row and column; or written.
pub fn run(matches: &ArgMatches, locale: Locale) -> Result<(), Trouble> {
    let path = |name: &str| matches.get_one::<PathBuf>(name).map_or(Path::new(""), PathBuf::as_path);
    let text = |name: &str| matches.get_one::<String>(name).map(String::as_str);
    let number = |name: &'static str, digits: usize| {
        let value = text(name).unwrap_or("0");
        let read = decimal(value, digits).filter(|number| *number >= 0);
        read.ok_or_else(|| refused("allocate-number", json!({ "flag": name, "value": value })))
    };
    book::is_known(path("out"))?;
    let km = number("km", 6)? as f64 / 1e6;
    let least = number("least", DIGITS)?.unsigned_abs();
    let place_least = number("place-least", DIGITS)?.unsigned_abs();
    let mut points = read(path("points"), locale)?;
    let dropped = if place_least > 0 { points.drop_sparse(place_least) } else { 0 };
    eprintln!("{}", say(locale, "cluster", "begun", &json!({ "points": points.places.len() })));
    // Where every point counts one, the least is rounded up to whole points.
    let least = if points.weights.is_empty() { least.div_ceil(ONE) } else { least };
    let question = Question { places: &points.places, weights: &points.weights, km, least };
    let answer = clusters::cluster(&question).map_err(|fault| points.unfit(path("points"), &fault))?;
    clusters::check_links(&question, &answer)
        .map_err(|wrong| Trouble::new("broken", json!({ "error": wrong.to_string() })))?;
    let cores = answer.is_core.iter().filter(|core| **core).count();
    let noise = answer.labels.iter().filter(|label| label.is_none()).count();
    let made = book::write(path("out"), &points.sheets(&answer, locale))?;
    let facts = json!({
        "points": points.places.len(), "clusters": answer.clusters, "cores": cores, "noise": noise, "dropped": dropped,
        "path": made.iter().map(|path| path.display().to_string()).collect::<Vec<_>>().join(", "),
    });
    eprintln!("{}", say(locale, "cluster", "done", &facts));
    if dropped > 0 {
        eprintln!("{}", say(locale, "cluster", "dropped", &facts));
    }
    Ok(())
}

fn read(path: &Path, locale: Locale) -> Result<Points, Trouble> {
    let mut points = Points::default();
    let mut seen: HashMap<String, u64> = HashMap::new();
    let mut reading = Reading::new(path, locale);
    tables::read(path, &mut |row| {
        if columns::is_empty(&row) {
            return Ok(());
        }
        reading.row();
        if points.places.len() >= POINTS_MAX {
            return Err(tables::bad(path, row.line, "too-many-rows", json!({ "max": POINTS_MAX })));
        }
        let degrees = |column: &Column, most: f64| {
            let place = column.place(path, &row)?;
            let read = columns::number(columns::text(&row, place)).filter(|degrees| degrees.abs() <= most);
            read.ok_or_else(|| columns::wrong(path, &row, place))
        };
        let place = Place { latitude: degrees(&LATITUDE, 90.0)?, longitude: degrees(&LONGITUDE, 180.0)? };
        if let Some(place) = ID.find(&row) {
            let id = columns::text(&row, place);
            if id.is_empty() || id.len() > ID_MAX {
                return Err(columns::wrong(path, &row, place));
            }
            if let Some(first) = seen.insert(id.to_owned(), row.line) {
                let column = row.header.get(place).map_or("", String::as_str);
                let facts = json!({ "id": id, "column": column, "first": first });
                return Err(tables::bad(path, row.line, "id-again", facts));
            }
            points.ids.push(id.to_owned());
        }
        if let Some(place) = WEIGHT.find(&row) {
            let weight = decimal(columns::text(&row, place), DIGITS);
            let weight = weight.filter(|weight| (0..=WEIGHT_MAX).contains(weight));
            let weight = weight.ok_or_else(|| columns::wrong(path, &row, place))?;
            points.weights.push(weight.unsigned_abs());
        }
        if let Some(place) = KIND.find(&row) {
            points.kind(columns::text(&row, place)).ok_or_else(|| columns::wrong(path, &row, place))?;
        }
        points.places.push(place);
        points.lines.push(row.line);
        Ok(())
    })?;
    reading.finish()?;
    // A list of objects may name a column in some of its rows only.
    let is_whole = |count: usize| count == 0 || count == points.places.len();
    let counts = [(points.ids.len(), "id"), (points.weights.len(), "weight"), (points.kind.len(), "kind")];
    if let Some((_, name)) = counts.into_iter().find(|(count, _)| !is_whole(*count)) {
        let facts = json!({ "path": path.display().to_string(), "name": name });
        return Err(refused("column-gaps", facts));
    }
    Ok(points)
}

impl Points {
    /// Notes the kind of the next point; `None` when there are too many or it is empty.
    fn kind(&mut self, name: &str) -> Option<()> {
        let known = self.kinds.iter().position(|known| known == name);
        let place = known.unwrap_or(self.kinds.len());
        if name.is_empty() || name.len() > ID_MAX || place >= KINDS_MAX {
            return None;
        }
        if known.is_none() {
            self.kinds.push(name.to_owned());
        }
        self.kind.push(u8::try_from(place).ok()?);
        Some(())
    }

    fn weight(&self, point: usize) -> u64 {
        if self.weights.is_empty() { ONE } else { self.weights.get(point).copied().unwrap_or(0) }
    }

    /// Leaves out places whose records come to less than so much in all, and says how many points that were.
    fn drop_sparse(&mut self, least: u64) -> usize {
        let key = |place: &Place| ((place.latitude + 0.0).to_bits(), (place.longitude + 0.0).to_bits());
        let mut sums: BTreeMap<(u64, u64), u64> = BTreeMap::new();
        for (point, place) in self.places.iter().enumerate() {
            let sum = sums.entry(key(place)).or_default();
            *sum = sum.saturating_add(self.weight(point));
        }
        let keep: Vec<bool> =
            self.places.iter().map(|place| sums.get(&key(place)).is_some_and(|sum| *sum >= least)).collect();
        let before = self.places.len();
        fn only<T>(list: &mut Vec<T>, keep: &[bool]) {
            let mut kept = keep.iter();
            list.retain(|_| kept.next().copied().unwrap_or(true));
        }
        only(&mut self.places, &keep);
        only(&mut self.weights, &keep);
        only(&mut self.ids, &keep);
        only(&mut self.lines, &keep);
        only(&mut self.kind, &keep);
        before - self.places.len()
    }

    fn unfit(&self, path: &Path, fault: &Fault) -> Trouble {
        let shown = path.display().to_string();
        match fault {
            Fault::Radius => {
                let facts = json!({ "low": clusters::KM_MIN, "high": clusters::KM_MAX });
                refused("cluster-radius", facts)
            }
            Fault::Least => refused("cluster-least", json!({})),
            fault => refused("cannot-cluster", json!({ "path": shown, "error": fault.to_string() })),
        }
    }

    /// Each point with its cluster, and each cluster with its size.
    fn sheets(&self, answer: &Answer, locale: Locale) -> Vec<Sheet> {
        let word = |key: &str| say(locale, "cluster", key, &json!({}));
        let parts = ["core", "border", "noise"].map(word);
        let [core, border, noise] = &parts;
        let label = |label: Option<u32>| label.map_or_else(String::new, |label| (label + 1).to_string());
        let mut rows = Vec::with_capacity(self.places.len());
        for (point, (place, found)) in self.places.iter().zip(&answer.labels).enumerate() {
            let is_core = answer.is_core.get(point) == Some(&true);
            let part = if is_core {
                core
            } else if found.is_some() {
                border
            } else {
                noise
            };
            let line = self.lines.get(point).map_or_else(String::new, u64::to_string);
            rows.push(vec![
                Cell::Text(line),
                self.ids.get(point).map_or("", String::as_str).into(),
                Cell::Number(place.latitude),
                Cell::Number(place.longitude),
                Cell::Text(label(*found)),
                part.as_str().into(),
            ]);
        }
        let header = ["line", "id", "lat", "lon", "cluster", "part"].map(word).to_vec();
        let points = Sheet { name: "points", title: word("points"), header, rows };
        vec![points, self.clusters(answer, locale)]
    }

    /// Clusters by size: the mean over the kinds of the cluster's share in all points of the kind.
    fn clusters(&self, answer: &Answer, locale: Locale) -> Sheet {
        let word = |key: &str| say(locale, "cluster", key, &json!({}));
        let kinds = self.kinds.len().max(1);
        let kind = |point: usize| self.kind.get(point).map_or(0, |kind| usize::from(*kind));
        let mut towns = vec![Town::new(kinds); answer.clusters as usize];
        let mut all = vec![0_u128; kinds];
        for (point, (place, label)) in self.places.iter().zip(&answer.labels).enumerate() {
            let weight = u128::from(self.weight(point));
            all.get_mut(kind(point)).into_iter().for_each(|sum| *sum += weight);
            let town = label.and_then(|label| towns.get_mut(label as usize));
            if let Some(town) = town {
                town.add(place, kind(point), weight, answer.is_core.get(point) == Some(&true));
            }
        }
        let share = |own: u128, all: u128| if all > 0 { own as f64 / all as f64 } else { 0.0 };
        let size = |town: &Town| {
            let shares = town.weights.iter().zip(&all).map(|(own, all)| share(*own, *all));
            shares.sum::<f64>() / kinds as f64
        };
        let mut order: Vec<(usize, f64)> = towns.iter().map(size).enumerate().collect();
        order.sort_by(|a, b| b.1.total_cmp(&a.1).then(a.0.cmp(&b.0)));
        let mut header = ["cluster", "rank", "size"].map(word).to_vec();
        header.extend(["points", "cores", "weight", "lat", "lon"].map(word));
        for name in &self.kinds {
            header.push(say(locale, "cluster", "share-of", &json!({ "kind": name })));
        }
        let mut rows = Vec::new();
        for ((number, size), rank) in order.into_iter().zip(1_u32..) {
            let Some(town) = towns.get(number) else { continue };
            let (latitude, longitude) = town.middle();
            let mut row = vec![
                Cell::Text((number + 1).to_string()),
                Cell::Text(rank.to_string()),
                Cell::Number(rounded(size, 1e8)),
                Cell::Text(town.points.to_string()),
                Cell::Text(town.cores.to_string()),
                Cell::Number(town.weights.iter().sum::<u128>() as f64 / ONE as f64),
                Cell::Number(rounded(latitude, 1e5)),
                Cell::Number(rounded(longitude, 1e5)),
            ];
            if !self.kinds.is_empty() {
                let shares = town.weights.iter().zip(&all);
                row.extend(shares.map(|(own, all)| Cell::Number(rounded(share(*own, *all), 1e8))));
            }
            rows.push(row);
        }
        Sheet { name: "clusters", title: word("clusters"), header, rows }
    }
}

fn rounded(number: f64, unit: f64) -> f64 {
    (number * unit).round() / unit
}

/// What one cluster comes to.
#[derive(Clone)]
struct Town {
    points: usize,
    cores: usize,
    /// By kind, in whole parts.
    weights: Vec<u128>,
    /// The first point, and the sums of the distances from it in degrees.
    first: Option<Place>,
    away: (f64, f64),
}

impl Town {
    fn new(kinds: usize) -> Self {
        Self { points: 0, cores: 0, weights: vec![0; kinds], first: None, away: (0.0, 0.0) }
    }

    fn add(&mut self, place: &Place, kind: usize, weight: u128, is_core: bool) {
        let first = *self.first.get_or_insert(*place);
        // The short way round the earth.
        let mut east = place.longitude - first.longitude;
        if east > 180.0 {
            east -= 360.0;
        } else if east < -180.0 {
            east += 360.0;
        }
        self.away = (self.away.0 + place.latitude - first.latitude, self.away.1 + east);
        self.points += 1;
        self.cores += usize::from(is_core);
        self.weights.get_mut(kind).into_iter().for_each(|sum| *sum += weight);
    }

    fn middle(&self) -> (f64, f64) {
        let Some(first) = self.first else { return (0.0, 0.0) };
        let count = self.points.max(1) as f64;
        let east = first.longitude + self.away.1 / count;
        let east = if east > 180.0 {
            east - 360.0
        } else if east < -180.0 {
            east + 360.0
        } else {
            east
        };
        (first.latitude + self.away.0 / count, east)
    }
}
