//! The letter's numbers as a program reads them, by the interface alone: 399 opinions by sixty experts. Who is bound to whom is
//! worked out here anew, from what experts and solutions say of themselves, without the rules of the desks.

use super::*;

use serde_json::Value;

struct Program<'a> {
    house: &'a window::House,
    cookie: (String, String),
}

impl Program<'_> {
    fn get(&self, path: &str, query: &[(&str, &str)]) -> Value {
        let path = format!("/api/v1/{path}");
        let steps = path.split('/').filter(|step| !step.is_empty()).map(str::to_owned).collect();
        let query = query.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        let cookies = [self.cookie.clone()].into();
        let visit = Visit { path: path.clone(), steps, query, cookies, ..Visit::default() };
        let reply = window::answer(self.house, &visit);
        assert_eq!(reply.status, 200, "{path}: {}", String::from_utf8_lossy(&reply.body));
        serde_json::from_slice(&reply.body).unwrap()
    }

    /// Every record of a desk.
    fn all(&self, desk: &str) -> Vec<Value> {
        let (mut rows, mut after) = (Vec::new(), String::new());
        loop {
            let cursor = [("limit", "60"), ("cursor", &*after)];
            let page = self.get(desk, cursor.get(..if after.is_empty() { 1 } else { 2 }).unwrap());
            rows.extend(page["rows"].as_array().unwrap().iter().cloned());
            match page["next"].as_str() {
                Some(next) => after = next.to_owned(),
                None => return rows,
            }
        }
    }

    /// The same as they stand in full, by their names.
    fn whole(&self, desk: &str) -> BTreeMap<String, Value> {
        let full = |row: &Value| (id_of(row).to_owned(), self.get(&format!("{desk}/{}", id_of(row)), &[]));
        self.all(desk).iter().map(full).collect()
    }
}

fn id_of(record: &Value) -> &str {
    record["id"].as_str().unwrap()
}

fn parties<'v>(record: &'v Value, part: &str) -> BTreeSet<&'v str> {
    let all = record["card"]["parties"].as_array().unwrap().iter();
    all.filter(|pair| pair[0] == part).filter_map(|pair| pair[1].as_str()).collect()
}

/// Everyone behind a solution: lead, partners, team, the organisations of the team, and whose need it is.
fn behind(solution: &Value) -> BTreeSet<&str> {
    let team = solution["state"]["team"].as_array().unwrap();
    let of_team = team.iter().flat_map(|member| [&member["person"], &member["organisation"]]);
    let named = ["lead", "partner", "leader", "member", "owner"].map(|part| parties(solution, part));
    named.into_iter().flatten().chain(of_team.filter_map(Value::as_str)).collect()
}

/// The expert, where they work, and everyone they are bound to.
fn around(expert: &Value) -> BTreeSet<&str> {
    let state = &expert["state"];
    let own = [&state["person"], &state["unit"]].into_iter().filter_map(Value::as_str);
    let relations = state["own"]["relations"].as_array().into_iter().flatten();
    let bound = relations.filter(|one| one["ended"].is_null()).filter_map(|one| one["with"].as_str());
    let works = expert["card"]["facts"]["employers"].as_array().into_iter().flatten();
    own.chain(bound).chain(works.filter_map(|one| one["id"].as_str())).collect()
}

#[test]
fn no_conflict_slips_through_399_opinions_as_a_program_counts_them() {
    let region = empty();
    founded(&region, 1);
    let house = house_of(&region);
    let office = Program { house: &house, cookie: cookie(&region, &house, role(&region, "组")) };
    let (solutions, experts) = (office.whole("solution"), office.whole("expert"));
    let panels = office.whole("panel").into_values();
    let of_letter = panels.max_by_key(|panel| panel["state"]["seats"].as_array().unwrap().len()).unwrap();
    let seats = of_letter["state"]["seats"].as_array().unwrap();
    let judges: BTreeSet<&str> = seats.iter().map(|seat| seat["expert"].as_str().unwrap()).collect();
    let judged: BTreeSet<&str> = seats.iter().map(|seat| seat["candidate"].as_str().unwrap()).collect();
    assert_eq!((solutions.len(), seats.len(), judges.len(), judged.len()), (133, 399, 60, 133));
    let mut bound = 0;
    for seat in seats {
        let solution = &solutions[seat["candidate"].as_str().unwrap()];
        let expert = &experts[seat["expert"].as_str().unwrap()];
        let need = parties(solution, "need");
        let hit: Vec<&str> = behind(solution).intersection(&around(expert)).copied().collect();
        assert!(hit.is_empty(), "{seat} is bound by {hit:?}");
        // Nor does the expert's own house answer the same need.
        let rivals = solutions.values().filter(|other| parties(other, "need") == need);
        let unit = expert["state"]["unit"].as_str().unwrap();
        let competes = |other: &Value| parties(other, "lead").contains(unit);
        assert!(rivals.into_iter().all(|other| !competes(other)), "{seat}: a competing body judges");
        bound += usize::from(around(expert).len() > 2);
    }
    // The ties are there to be found: some experts are bound to someone, and were kept from what those ask for.
    assert!(bound > 0, "no expert is bound to anyone, so nothing was tested");
    let tied = experts.values().filter(|expert| {
        let around = around(expert);
        solutions.values().any(|solution| behind(solution).intersection(&around).next().is_some())
    });
    assert!(tied.count() >= 5, "nobody could have been barred");
}

#[test]
fn the_budget_binds_and_the_rest_is_counted_by_the_interface_too() {
    let region = empty();
    founded(&region, 1);
    let house = house_of(&region);
    let office = Program { house: &house, cookie: cookie(&region, &house, role(&region, "联")) };
    let of = |desk: &str, status: &str| {
        let page = office.get(desk, &[("status", status), ("limit", "1")]);
        page["total"].as_u64().unwrap()
    };
    assert_eq!(of("solution", "selected"), 15);
    let rows = office.all("allocation");
    let awarded = rows.iter().find(|row| row["card"]["status"] == "awarded").unwrap();
    let state = office.get(&format!("allocation/{}", id_of(awarded)), &[])["state"].clone();
    let fen = |value: &Value| {
        let (yuan, fen) = value.as_str().unwrap().split_once('.').unwrap();
        yuan.parse::<i64>().unwrap() * 100 + fen.parse::<i64>().unwrap()
    };
    let chosen: BTreeSet<&str> =
        state["chosen"].as_array().unwrap().iter().map(|one| one["candidate"].as_str().unwrap()).collect();
    let mut left: Vec<i64> =
        state["terms"]["budgets"].as_array().unwrap().iter().map(|budget| fen(&budget["money"])).collect();
    for paid in state["chosen"].as_array().unwrap().iter().flat_map(|one| one["paid"].as_array().unwrap()) {
        left[usize::try_from(paid["budget"].as_u64().unwrap()).unwrap()] -= fen(&paid["money"]);
    }
    assert!(chosen.len() == 15 && left.iter().all(|left| *left >= 0), "{left:?}");
    // Of those left out for needs that nobody was chosen for, some would be funded if a budget had more.
    let entries = state["entries"].as_array().unwrap();
    let met: BTreeSet<&str> = entries
        .iter()
        .filter(|entry| chosen.contains(entry["candidate"].as_str().unwrap()))
        .map(|entry| entry["need"].as_str().unwrap())
        .collect();
    let short = entries.iter().filter(|entry| !met.contains(entry["need"].as_str().unwrap()));
    let is_short = |entry: &Value| {
        entry["parts"].as_array().unwrap().iter().any(|part| {
            let asked = i128::from(fen(&entry["asked"])) * i128::from(part[1].as_i64().unwrap()) / 1_000_000;
            asked > i128::from(left[usize::try_from(part[0].as_u64().unwrap()).unwrap()])
        })
    };
    let short: Vec<bool> = short.map(is_short).collect();
    // Quotas keep out a few; most want more of some budget than is left of it.
    let kept_out = short.iter().filter(|is_short| **is_short).count();
    assert!(
        short.len() > 20 && kept_out * 4 > short.len() * 3,
        "{kept_out} of {}: budgets bind",
        short.len()
    );
}
