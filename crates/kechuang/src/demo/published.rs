//! Published: four figures of the letter as the joint office's own act, each by two people: needs, solutions, projects,
//! units. One was provisional at first, and corrected.

use std::collections::BTreeSet;

use grammar::kinds::Id;
use registry::Asker;
use serde_json::{Value, json};

use super::{
    asks::{Founding, invented},
    houses::Town,
    solutions::Answer,
    texts::both,
};

/// What is counted, its name and unit in both languages.
const FIGURES: [(&str, [&str; 4]); 4] = [
    ("needs", ["首批企业需求", "Needs of the first batch", "项", "needs"]),
    ("solutions", ["首批需求收到的解决方案", "Solutions to the first batch", "项", "solutions"]),
    ("projects", ["首批联合攻关项目", "Projects of the first joint plan", "项", "projects"]),
    ("units", ["首批项目的合作单位", "Units in the first joint plan", "家", "units"]),
];
const SOURCE: &str = "示例联合办公室：首批联合攻关计划（示例数据） / sample joint office (demo)";

/// Defines and publishes them, on the day after the award.
///
/// # Errors
/// The first ask that was denied.
pub fn figures(
    f: &mut Founding,
    town: &Town,
    (needs, solutions): (usize, usize),
    chosen: &[(&Answer, Id)],
) -> Result<(), String> {
    let (by, second) = (Asker::Person(town.officers.id("joint-1")?), town.officers.by("joint-2")?);
    let units: BTreeSet<Id> = chosen
        .iter()
        .flat_map(|(answer, _)| answer.partners.iter().chain([&answer.lead]).map(|house| house.id))
        .collect();
    let values = [needs, solutions, chosen.len(), units.len()];
    let define = FIGURES.iter().map(|(counts, [zh, en, unit_zh, unit_en])| {
        let definition = json!({
            "verb": "define", "title": both(zh, en), "unit": both(unit_zh, unit_en), "region": "310000", "decimals": 0,
            "about": both(&format!("{zh}，按批次统计。（示例数据）"), &format!("{en}, counted by batch. (demo)")),
            "counts": counts,
        });
        invented(format!("indicator/{counts}/define"), by, "indicator", None, definition)
    });
    let ids = f.ask_all("figures", define.collect())?;
    let today = f.today;
    let publish = |value: usize, provisional: bool| -> Value {
        json!({
            "verb": "publish", "value": value.to_string(), "as_of": today, "edition": "第一批 / first batch",
            "source": SOURCE, "document": null, "provisional": provisional,
        })
    };
    let asks = FIGURES.iter().zip(&ids).zip(values).map(|(((counts, _), id), value)| {
        // The first count of units took the lead of each twice.
        let (value, provisional) =
            if *counts == "units" { (value + chosen.len(), true) } else { (value, false) };
        invented(
            format!("indicator/{counts}/publish"),
            by,
            "indicator",
            Some(*id),
            publish(value, provisional),
        )
    });
    f.ask_two("figures", asks.collect(), second)?;
    let id = *ids.last().ok_or("no indicator")?;
    let correct = json!({
        "verb": "correct", "number": 1, "value": units.len().to_string(), "source": SOURCE, "provisional": false,
        "reason": "牵头单位重复计入，已剔除。/ Leads had been counted twice.",
    });
    f.ask_two(
        "figures",
        vec![invented("indicator/units/correct".into(), by, "indicator", Some(id), correct)],
        second,
    )
}
