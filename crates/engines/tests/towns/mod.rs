//! Reads points of organisations and the clusters that another program has found among them.

use std::{collections::HashMap, io::Read, path::Path};

use engines::clusters::Place;

use super::sets::Result;

/// A point with the label and the flag that were found for it.
pub struct Town {
    pub place: Place,
    pub label: i64,
    pub is_core: bool,
}

pub fn unpacked(path: &Path) -> Result<String> {
    let packed = std::fs::File::open(path)?;
    let mut text = String::new();
    ruzstd::decoding::StreamingDecoder::new(packed)?.read_to_string(&mut text)?;
    Ok(text)
}

/// The labelled points, in the order of the labels.
pub fn towns(data: &Path, labels: &str) -> Result<Vec<Town>> {
    let points = unpacked(&data.join("ror/ror-points.tsv.zst"))?;
    let mut lines = points.lines();
    let header: Vec<&str> = lines.next().ok_or("no header")?.split('\t').collect();
    let place = |names: &[&str]| header.iter().position(|name| names.contains(name)).ok_or("no such column");
    let (id, lat, lng) = (place(&["ror_id", "id"])?, place(&["lat", "latitude"])?, place(&["lng", "lon"])?);
    let mut places = HashMap::new();
    for line in lines {
        let cells: Vec<&str> = line.split('\t').collect();
        let cell = |at: usize| cells.get(at).copied().unwrap_or_default();
        let place = Place { latitude: cell(lat).parse()?, longitude: cell(lng).parse()? };
        places.insert(cell(id).to_owned(), place);
    }
    let text = unpacked(&data.join("dbscan-clusters").join(labels))?;
    let mut towns = Vec::new();
    for line in text.lines().skip(1) {
        let mut cells = line.split('\t');
        let mut next = || cells.next().unwrap_or_default();
        let place = *places.get(next()).ok_or("a label without a point")?;
        towns.push(Town { place, label: next().parse()?, is_core: ["1", "True", "true"].contains(&next()) });
    }
    Ok(towns)
}
