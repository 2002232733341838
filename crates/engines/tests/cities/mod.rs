//! Reads the open set of city budgets by vote, as the cities recorded them.

use std::path::Path;

use engines::allocation::ballots::Ballots;

use crate::sets::Result;

/// One city's ballot.
pub struct City {
    pub file: String,
    pub rule: String,
    /// Greedy by score gives what the city chose.
    pub is_greedy: bool,
    pub ballots: Ballots,
    /// Points where the file has them, else votes.
    pub scores: Vec<i64>,
    /// What the city chose, in the file's order.
    pub selected: Vec<u32>,
}

/// All ballots that the set lists.
pub fn all(data: &Path) -> Result<Vec<City>> {
    let index = std::fs::read_to_string(data.join("pabulib/index.tsv"))?;
    let mut cities = Vec::new();
    for line in index.lines().skip(1) {
        let cells: Vec<&str> = line.split('\t').collect();
        let cell = |place: usize| cells.get(place).copied().unwrap_or_default();
        let text = std::fs::read_to_string(data.join("pabulib/pb").join(cell(0)))?;
        let mut city = read(&text)?;
        (city.file, city.rule, city.is_greedy) = (cell(0).to_owned(), cell(3).to_owned(), cell(9) == "1");
        cities.push(city);
    }
    Ok(cities)
}

/// Hundredths of a unit of money.
fn hundredths(text: &str) -> Result<i64> {
    Ok((text.trim().replace(',', ".").parse::<f64>()? * 100.0).round() as i64)
}

fn read(text: &str) -> Result<City> {
    let ballots = Ballots { budget: 0, costs: Vec::new(), votes: Vec::new() };
    let (file, rule) = (String::new(), String::new());
    let mut city = City { file, rule, is_greedy: false, ballots, scores: Vec::new(), selected: Vec::new() };
    let (mut section, mut header, mut ids) = (String::new(), Vec::new(), Vec::new());
    for line in text.trim_start_matches('\u{feff}').lines() {
        if ["META", "PROJECTS", "VOTES"].contains(&line.trim()) {
            (section, header) = (line.trim().to_owned(), Vec::new());
            continue;
        }
        let cells: Vec<String> = line.split(';').map(|cell| cell.trim_matches('"').to_owned()).collect();
        if header.is_empty() {
            header = cells;
            continue;
        }
        let cell = |name: &str| {
            let place = header.iter().position(|known| known == name)?;
            // A name may hold the sign between cells; what stands behind it is counted from the end.
            let from_end = header.len() - place;
            let is_behind = header.iter().position(|known| known == "name").is_some_and(|at| at < place);
            if is_behind {
                cells.len().checked_sub(from_end).and_then(|at| cells.get(at))
            } else {
                cells.get(place)
            }
        };
        match section.as_str() {
            "META" if cells.first().is_some_and(|key| key == "budget") => {
                city.ballots.budget = hundredths(cells.get(1).ok_or("no budget")?)?;
            }
            "PROJECTS" => {
                if cell("selected").is_some_and(|selected| selected == "1") {
                    city.selected.push(ids.len() as u32);
                }
                ids.push(cell("project_id").ok_or("no id")?.clone());
                city.ballots.costs.push(hundredths(cell("cost").ok_or("no cost")?)?);
                let score = cell("score").or(cell("votes")).ok_or("no votes")?;
                city.scores.push(score.parse::<f64>()? as i64);
            }
            "VOTES" => {
                let vote = cell("vote").map(String::as_str).unwrap_or_default();
                let place = |id: &str| ids.iter().position(|known| known == id).map(|place| place as u32);
                city.ballots.votes.push(vote.split(',').filter_map(place).collect());
            }
            _ => {}
        }
    }
    Ok(city)
}
