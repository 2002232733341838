//! Worlds: small regions founded by the same steps, so that two can differ in one value and nothing else.

use std::{collections::BTreeMap, path::Path, sync::Arc};

use desks::DESKS;
use grammar::kinds::Id;
use registry::{Ask, Asker, Registry};
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::open::{self, MONDAY, Still};

/// Who asks a step.
#[derive(Clone, Copy, PartialEq)]
pub enum By {
    Founder,
    /// The person registered by this step.
    Person(&'static str),
}

/// One ask. In its command, `@key` stands for the record that the step of that key made.
#[derive(Clone)]
pub struct Step {
    pub key: &'static str,
    pub by: By,
    pub desk: &'static str,
    /// The step that made the record; empty for a new one.
    pub of: &'static str,
    pub command: Value,
}

impl Step {
    pub fn new(key: &'static str, by: By, desk: &'static str, of: &'static str, command: Value) -> Self {
        Self { key, by, desk, of, command }
    }
}

/// A region after all its steps.
pub struct World {
    pub registry: Arc<Registry>,
    pub records: BTreeMap<&'static str, Id>,
    folder: TempDir,
}

impl World {
    /// Plays the steps in a new region, or says which of them is refused and why.
    pub fn play(steps: &[Step]) -> Result<Self, String> {
        Self::play_in(TempDir::new().unwrap(), Still::at(MONDAY), steps)
    }

    /// The same in this folder, with a clock that the test sets.
    pub fn play_in(folder: TempDir, clock: Arc<Still>, steps: &[Step]) -> Result<Self, String> {
        let registry = open::registry_at(folder.path(), "kechuang.example/worlds", clock);
        let mut world = Self { registry, records: BTreeMap::new(), folder };
        world.go_on(steps)?;
        Ok(world)
    }

    /// More steps in the same region, whatever its clock says by now.
    pub fn go_on(&mut self, steps: &[Step]) -> Result<(), String> {
        steps.iter().try_for_each(|step| self.step(step).map_err(|why| format!("{}: {why}", step.key)))
    }

    /// The reviews of a panel, each with its reviewer, in the order of the seats.
    pub fn seats(&self, panel: &str) -> Vec<(Id, Id)> {
        let look = self.registry.look(Some(self.records["officer"])).unwrap();
        let state = look.record(self.records[panel]).unwrap().unwrap().state;
        let id = |value: &Value| value.as_str().unwrap().parse::<Id>().ok().unwrap();
        let seats = state["seats"].as_array().unwrap().iter();
        seats.map(|seat| (id(&seat["review"]), id(&seat["person"]))).collect()
    }

    /// Every review of a panel is accepted and signed by its reviewer, with one score for all; the office takes the scores and
    /// concludes.
    pub fn judges(&self, panel: &'static str, score: i64) {
        let seats = self.seats(panel);
        let marks: Vec<Value> = (1..=6).map(|place| json!({ "place": place, "score": score })).collect();
        let sign = json!({ "marks": marks, "open": "可行", "closed": "仅供管理机构" });
        for (review, person) in &seats {
            self.ask(
                *person,
                ("review", *review),
                "accept",
                &json!({ "no_conflict": true, "in_person": true }),
            );
            self.ask(*person, ("review", *review), "sign", &sign);
        }
        let reviews: Vec<Id> = seats.into_iter().map(|(review, _)| review).collect();
        let (officer, panel) = (self.records["officer"], self.records[panel]);
        self.ask(officer, ("panel", panel), "close-scores", &json!({ "reviews": reviews }));
        self.ask(officer, ("panel", panel), "conclude", &json!({}));
    }

    fn ask(&self, person: Id, (desk, record): (&str, Id), name: &str, fields: &Value) {
        let verb = DESKS.find(desk).unwrap().verb(name).unwrap();
        let command = verb.read_json(fields).unwrap_or_else(|faults| panic!("{faults:?}"));
        let key = format!("{record}/{name}");
        let ask = Ask::new(key, Asker::Person(person), desk, Some(record), command);
        self.registry.run(ask).unwrap_or_else(|denied| panic!("{desk} {name}: {denied:?}"));
    }

    /// Where all that the region keeps lies.
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    fn step(&mut self, step: &Step) -> Result<(), String> {
        let mut command = step.command.clone();
        self.name(&mut command);
        let clerk = DESKS.find(step.desk).unwrap();
        let verb = clerk.verb(command["verb"].as_str().unwrap()).unwrap();
        command.as_object_mut().unwrap().remove("verb");
        let command = verb.read_json(&command).map_err(|faults| format!("{faults:?}"))?;
        let by = match step.by {
            By::Founder => Asker::Founder,
            By::Person(key) => Asker::Person(self.records[key]),
        };
        let record = (!step.of.is_empty()).then(|| self.records[step.of]);
        let ask = Ask::new(step.key, by, step.desk, record, command);
        let receipt = self.registry.run(ask).map_err(|denied| format!("{denied:?}"))?;
        assert!(receipt.pending.is_none(), "{} waits for a second person", step.key);
        self.records.insert(step.key, receipt.record);
        Ok(())
    }

    /// Puts records where `@key` stands.
    fn name(&self, value: &mut Value) {
        match value {
            Value::String(text) => {
                if let Some(key) = text.strip_prefix('@') {
                    *text = self.records[key].to_string();
                }
            }
            Value::Array(values) => values.iter_mut().for_each(|value| self.name(value)),
            Value::Object(fields) => fields.values_mut().for_each(|value| self.name(value)),
            _ => {}
        }
    }

    /// Every record of the region, told ones too.
    pub fn all(&self) -> Vec<(String, Id)> {
        let facts =
            (0..self.registry.size()).map(|position| self.registry.proof(position).unwrap().unwrap().fact);
        let mut found: Vec<(String, Id)> = facts
            .map(|fact| {
                let fact: Value = serde_json::from_str(&fact).unwrap();
                (
                    fact["desk"].as_str().unwrap().to_owned(),
                    fact["record"].as_str().unwrap().parse().ok().unwrap(),
                )
            })
            .collect();
        found.sort();
        found.dedup();
        found
    }
}

impl Drop for World {
    fn drop(&mut self) {
        self.registry.close();
    }
}

/// Offices of the region's officer, and the same of the officer far away.
const OFFICES: [(&str, &str); 4] = [
    ("treasurer", "far/treasurer"),
    ("voucher-office", "far/voucher-office"),
    ("screening", "far/screening"),
    ("joint-office", "far/joint-office"),
];

/// Three firms, someone who signs for the first and a colleague who does not, a stranger who signs
/// for the last, an officer of the whole country, one of another province, and an auditor.
pub fn town() -> Vec<Step> {
    let mut steps = Vec::new();
    for (key, zh) in [("firm", "示例企业"), ("provider", "示例服务机构"), ("elsewhere", "示例旁观单位")]
    {
        let command = json!({ "verb": "register", "name": { "zh": zh, "en": key }, "kind": "enterprise", "region": "310115" });
        steps.push(Step::new(key, By::Founder, "organisation", "", command));
    }
    let people = [
        ("signer", "企业人员"),
        ("colleague", "企业同事"),
        ("stranger", "旁观人员"),
        ("officer", "工作人员"),
        ("far", "外地工作人员"),
        ("auditor", "审计人员"),
    ];
    for (key, zh) in people {
        let command = json!({ "verb": "register", "name": zh, "region": "310000", "public": true, "display_name": { "zh": zh, "en": key } });
        steps.push(Step::new(key, By::Founder, "person", "", command));
    }
    let belongs = [
        ("signer", "firm", true, ["signer/claim", "signer/confirm"]),
        ("colleague", "firm", false, ["colleague/claim", "colleague/confirm"]),
        ("stranger", "elsewhere", true, ["stranger/claim", "stranger/confirm"]),
    ];
    for (person, firm, may_sign, [claim, confirm]) in belongs {
        let firm = format!("@{firm}");
        let claimed = json!({ "verb": "claim-affiliation", "organisation": firm, "role": "director", "may_sign": may_sign, "from": "2026-01-01" });
        let confirmed = json!({ "verb": "confirm-affiliation", "organisation": firm });
        steps.push(Step::new(claim, By::Founder, "person", person, claimed));
        steps.push(Step::new(confirm, By::Founder, "person", person, confirmed));
    }
    for (office, far) in OFFICES {
        let appointed = |holder, region| json!({ "verb": "appoint", "holder": holder, "office": office, "region": region, "from": "2026-03-02", "document": "test 1" });
        steps.push(Step::new(office, By::Founder, "office", "", appointed("@officer", "000000")));
        steps.push(Step::new(far, By::Founder, "office", "", appointed("@far", "340000")));
    }
    let audits = json!({ "verb": "appoint", "holder": "@auditor", "office": "auditor", "region": "310000", "from": "2026-03-02", "document": "test 1" });
    steps.push(Step::new("auditor/office", By::Founder, "office", "", audits));
    steps
}
