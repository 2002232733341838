//! Balloting: the panel meets for two days and votes in secret on the two best solutions; one reviewer is excused, so that
//! an odd number votes; the clock opens all ballots at once; one member keeps a dissent.

use std::collections::BTreeSet;

use desks::panel::Panel;
use grammar::kinds::Id;
use registry::Asker;
use serde_json::{Value, json};

use super::asks::{Founding, at, invented};
use super::experts::Expert;

/// Candidates voted on, and ballots cast on each: more than two thirds.
const CANDIDATES: usize = 2;
const BALLOTS: usize = 44;
/// Experts who came on the first day, and on the second for half of it.
const FIRST_DAY: usize = 12;
const SECOND_DAY: usize = 8;

fn choice(n: usize) -> &'static str {
    match n % 11 {
        3 | 7 => "no",
        10 => "abstain",
        _ => "yes",
    }
}

/// The meeting and the ballot, from the day on which the scores are closed to the next.
///
/// # Errors
/// The first ask that was denied.
pub fn ballot(
    f: &mut Founding,
    (officer, panel): (Id, Id),
    experts: &[Expert],
    closed: i32,
) -> Result<(), String> {
    let by = Asker::Person(officer);
    let one = |f: &mut Founding, key: &str, by: Asker, command: Value| {
        let ask = invented(format!("panel/first/{key}"), by, "panel", Some(panel), command);
        f.ask_all("panel", vec![ask]).map(drop)
    };
    let whole: Panel =
        serde_json::from_value(f.record(officer, panel)?.state).map_err(|error| error.to_string())?;
    let mut best: Vec<_> = f.record(officer, panel)?.card.read::<Vec<Value>>("outcomes").unwrap_or_default();
    best.sort_by_key(|one| std::cmp::Reverse(one.get("mean").and_then(Value::as_u64)));
    let ids = best.iter().filter_map(|one| one.get("candidate")?.as_str()?.parse::<Id>().ok());
    let candidates: Vec<Id> = ids.take(CANDIDATES).collect();
    let present = |experts: &[Expert], half_days: u32| -> Value {
        experts.iter().map(|expert| json!({ "expert": expert.id, "half_days": half_days })).collect()
    };
    let meets = |day: i32, present: Value| json!({ "verb": "record-attendance", "day": f.founded.day().plus_days(-day), "present": present });
    let (first, second) = (experts.get(..FIRST_DAY), experts.get(..SECOND_DAY));
    let (Some(first), Some(second), Some(last)) = (first, second, experts.last()) else {
        return Err("too few experts for a meeting".to_owned());
    };
    let (first, second) = (meets(closed, present(first, 2)), meets(closed - 1, present(second, 1)));
    one(f, "attendance/1", by, first)?;
    let put = json!({
        "verb": "put-to-vote", "candidates": candidates, "closes": at(f.founded.day().plus_days(1 - closed), 60),
        "matter": "money", "excused": [last.person],
        "reason": "因出差不能参加表决（示例） / travelling (sample)",
    });
    one(f, "put-to-vote", by, put)?;
    let barred = apart(&whole)?;
    let mut asks = Vec::new();
    for (place, candidate) in candidates.iter().enumerate() {
        let may = |expert: &&Expert| !barred.contains(&(expert.person, *candidate)) && expert.id != last.id;
        for (n, expert) in experts.iter().filter(may).take(BALLOTS).enumerate() {
            let cast = json!({
                "verb": "cast", "candidate": candidate, "choice": choice(n + place), "word": format!("示例暗语 {place}-{n:02}"),
            });
            let key = format!("panel/first/cast/{place}/{n}");
            asks.push(invented(key, expert.by(), "panel", Some(panel), cast));
        }
    }
    f.ask_all("panel", asks)?;
    f.wait(closed - 1)?;
    one(f, "attendance/2", by, second)?;
    let candidate = *candidates.first().ok_or("no candidate")?;
    let dissents = |expert: &&Expert| !barred.contains(&(expert.person, candidate)) && expert.id != last.id;
    let member = experts.iter().find(dissents).ok_or("no member")?.by();
    let dissent = json!({
        "verb": "dissent", "candidate": candidate,
        "text": "量产良率的依据仍偏少，建议首个里程碑即安排第三方测试。（示例） / The yield in production rests on little; a third-party test belongs in the first milestone. (sample)",
    });
    one(f, "dissent", member, dissent)
}

/// Who may know nothing of which candidate.
fn apart(panel: &Panel) -> Result<BTreeSet<(Id, Id)>, String> {
    let state = serde_json::to_value(panel).map_err(|error| error.to_string())?;
    let all = state.get("apart").and_then(Value::as_array).cloned().unwrap_or_default();
    let id = |one: &Value, name: &str| one.get(name)?.as_str()?.parse::<Id>().ok();
    Ok(all.iter().filter_map(|one| Some((id(one, "person")?, id(one, "candidate")?))).collect())
}
