//! The letter's own case in one house, small: needs, solutions, an allocation with proof, its notice, projects, money.

use engines::allocation::{self as engine, Outcome, Wish};
use grammar::{
    case::Shelf,
    fuzz::World,
    kinds::{REGION_ALL, commitment},
    prelude::*,
};
use serde_json::{Value, json};

use super::Allocation;
use crate::DESKS;

struct House {
    world: World,
    by: Viewer,
    told: Viewer,
}

fn file() -> String {
    format!("{}:paper.pdf", "e".repeat(64))
}

impl House {
    fn new() -> Self {
        let offices =
            ["registrar", "screening", "joint-office", "integrity-office", "notice-office", "treasurer"];
        let offices = offices.map(|office| (office.to_owned(), REGION_ALL)).to_vec();
        let by = Viewer { person: Some(Id::named("person-x")), offices, ..Viewer::default() };
        let told = Viewer { told_by: Some("panel"), ..by.clone() };
        Self { world: World::new(&DESKS, "2026-03-02".parse().unwrap()), by, told }
    }

    fn ask(&mut self, desk: &str, record: Option<Id>, command: &Value) -> Result<Id, String> {
        self.world.ask(desk, record, command, &self.by).map_err(|refused| format!("{refused:?}"))
    }

    fn on(&mut self, day: &str) {
        self.world.now = day.parse::<Day>().unwrap().begins();
    }

    fn firm(&mut self, name: &str, region: &str, kind: &str) -> Id {
        let entry = json!({ "verb": "register", "name": { "zh": name }, "kind": kind, "region": region });
        let firm = self.ask("organisation", None, &entry).unwrap();
        self.by.organisations.push(firm);
        self.by.signs_for.push(firm);
        firm
    }

    fn person(&mut self, firm: Id, name: &str) -> Id {
        let name = commitment(&[7; 32], &json!(name));
        let entry = json!({ "verb": "register", "name": name, "region": "310000", "public": false });
        let person = self.ask("person", None, &entry).unwrap();
        let claim = json!({ "verb": "claim-affiliation", "organisation": firm, "role": "researcher", "may_sign": false,
                            "from": "2026-01-01" });
        let confirm = json!({ "verb": "confirm-affiliation", "organisation": firm });
        [claim, confirm].iter().for_each(|ask| drop(self.ask("person", Some(person), ask)));
        person
    }

    fn need(&mut self, owner: Id, title: &str) -> Id {
        let aim = json!([{ "name": "impurities", "unit": "ppb", "threshold": "≤ 1" }]);
        let draft = json!({
            "verb": "draft", "owner": owner, "title": { "zh": title }, "summary": { "zh": "共性技术" },
            "field": "integrated-circuits", "deadline_months": 24, "budget": "4000000.00", "co_funding": true,
            "indicators": aim, "cross_region": "resin", "ip_ownership": "jointly", "no_secrets": true
        });
        let need = self.ask("need", None, &draft).unwrap();
        let condense = json!({ "verb": "condense", "title": { "zh": title }, "summary": { "zh": "共性" }, "reason": "one",
                               "indicators": aim });
        let remark = |verb: &str| json!({ "verb": verb, "remark": "real" });
        let plain = |verb: &str| json!({ "verb": verb });
        for ask in [
            plain("submit"),
            remark("screen"),
            condense,
            remark("confirm"),
            plain("publish"),
            plain("solicit"),
        ] {
            self.ask("need", Some(need), &ask).unwrap();
        }
        need
    }

    /// A solution with a leader, half of whose money each of two provinces pays.
    fn solution(&mut self, need: Id, lead: Id, partner: Id, leader: Id, public: i64) -> Id {
        let (half, whole) = (format!("{public}"), format!("{}", public * 2));
        let draft = json!({
            "verb": "draft", "need": need, "lead": lead, "title": { "zh": "两步提纯" }, "summary": { "zh": "先精馏" },
            "route": "先精馏，再去除金属", "months": 24, "total": whole, "public_money": whole, "commitment": true,
            "no_secrets": true, "promises": [{ "indicator": "impurities", "promised": "≤ 0.8 ppb" }],
            "partners": [{ "organisation": partner, "role": "中试" }],
            "budget": [
                { "source": "province", "payer": "310000", "organisation": lead, "amount": half },
                { "source": "province", "payer": "330000", "organisation": partner, "amount": half }
            ],
            "milestones": []
        });
        let solution = self.ask("solution", None, &draft).unwrap();
        let member = json!({ "verb": "add-member", "person": leader, "organisation": lead, "role": "leader", "task": "all",
                             "months_a_year": 6 });
        for ask in [member, json!({ "verb": "submit" })] {
            self.ask("solution", Some(solution), &ask).unwrap();
        }
        solution
    }

    fn reviewed(&mut self, solution: Id, score: u32) {
        let check = json!({ "verb": "check-formally", "passed": true });
        self.ask("solution", Some(solution), &check).unwrap();
        let panel = self.by.organisations.first().copied().unwrap();
        let begin = json!({ "verb": "begin-review", "panel": panel });
        let result = json!({ "verb": "take-result", "panel": panel, "score": score, "spread": 0 });
        for ask in [begin, result] {
            self.world.ask("solution", Some(solution), &ask, &self.told).unwrap();
        }
    }

    fn status(&self, record: Id) -> String {
        self.world.stored(record).unwrap().standing.card.status.clone()
    }

    fn state(&self, record: Id) -> Value {
        self.world.stored(record).unwrap().standing.state.into_plain()
    }
}

/// Three million would do for the first and third, but each province has a million and a half only.
fn terms() -> Value {
    json!({
        "verb": "open", "title": { "zh": "第一批" }, "region": "310000", "basis": "joint plan", "one_per_need": true,
        "months": 36, "budgets": [
            { "name": { "zh": "上海" }, "region": "310000", "money": "1500000" },
            { "name": { "zh": "浙江" }, "region": "330000", "money": "1500000" }
        ]
    })
}

#[test]
fn from_needs_to_projects_with_proof_notice_and_money_of_two_provinces() {
    let mut house = House::new();
    let owner = house.firm("苏州某某公司", "320500", "enterprise");
    let lead = house.firm("某某研究院有限", "310115", "university");
    let partner = house.firm("某某材料有限公司", "330106", "enterprise");
    let leaders = ["林", "吴", "周"].map(|name| house.person(lead, name));
    let needs = ["光刻胶", "高纯气体"].map(|title| house.need(owner, title));
    let [first, second, third] = leaders;
    let solutions = [
        house.solution(needs[0], lead, partner, first, 1_000_000),
        house.solution(needs[0], lead, partner, second, 500_000),
        house.solution(needs[1], lead, partner, third, 2_000_000),
    ];
    house.on("2026-05-06");
    for need in needs {
        let end = json!({ "verb": "end-solicitation" });
        house.world.ask("need", Some(need), &end, &Viewer::clock()).unwrap();
    }
    for (solution, score) in solutions.into_iter().zip([9_000, 8_000, 7_000]) {
        house.reviewed(solution, score);
    }
    let allocation = house.ask("allocation", None, &terms()).unwrap();
    let go = |house: &mut House, command: Value| house.ask("allocation", Some(allocation), &command);
    go(&mut house, json!({ "verb": "admit", "candidates": solutions })).unwrap();
    let record: Allocation = serde_json::from_value(house.state(allocation)).unwrap();
    let Outcome::Proposed(proposal) =
        engine::propose(&record.question(), Wish::default(), &mut |_| true).unwrap()
    else {
        panic!("a proposal")
    };
    let proposal = serde_json::to_string(&proposal).unwrap();
    go(&mut house, json!({ "verb": "propose", "proposal": proposal })).unwrap();
    go(
        &mut house,
        json!({ "verb": "attest", "candidates": solutions, "clear": true, "remark": "looked up" }),
    )
    .unwrap();
    go(&mut house, json!({ "verb": "adopt", "minutes": file(), "contact": { "zh": "科技处" } })).unwrap();
    let notice: Id = serde_json::from_value(house.state(allocation)["notice"].clone()).unwrap();
    let award = json!({ "verb": "award", "notice": notice, "candidates": solutions, "needs": needs, "reason": "scores" });
    assert!(go(&mut house, award.clone()).is_err(), "the notice still runs");
    house.on("2026-05-14");
    house.world.ask("notice", Some(notice), &json!({ "verb": "conclude" }), &Viewer::clock()).unwrap();
    go(&mut house, award).unwrap();
    assert_eq!(house.status(allocation), "awarded");
    assert_eq!(solutions.map(|solution| house.status(solution)), ["selected", "rejected", "rejected"]);
    assert_eq!(needs.map(|need| house.status(need)), ["matched", "unmatched"]);
    let project = house.world.stored(solutions[0]).unwrap().standing.card.the("project");
    let card = house.world.stored(project).unwrap().standing.card;
    assert_eq!((card.status.as_str(), card.amount), ("plan", Some(Money::yuan(2_000_000))));
    assert_eq!((card.the("user"), card.the("partner"), card.the("leader")), (owner, partner, first));
    let opening = house.state(project)["opening"].clone();
    let payers =
        json!([{ "region": "310000", "money": "1000000.00" }, { "region": "330000", "money": "1000000.00" }]);
    assert_eq!(opening["by_region"], payers);
}
