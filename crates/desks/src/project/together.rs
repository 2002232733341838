//! Projects in one house with the accounts that pay them: whole cases, and no fen lost or made.

use grammar::{case::Shelf, fuzz::World, kinds::REGION_ALL, prelude::*};
use serde_json::{Value, json};

use crate::DESKS;

struct House {
    world: World,
    by: Viewer,
    firms: Vec<Id>,
    accounts: Vec<Id>,
}

/// Two provinces with a fund each, two partners with an account each, and someone who may do everything for them.
fn house() -> House {
    let mut world = World::new(&DESKS, "2026-03-02".parse().unwrap());
    let offices = ["registrar", "screening", "joint-office", "treasurer"];
    let offices = offices.map(|office| (office.to_owned(), REGION_ALL)).to_vec();
    let mut by = Viewer { person: Some(Id::named("person-x")), offices, ..Viewer::default() };
    let mut firms = Vec::new();
    for region in ["310115", "320500"] {
        let entry =
            json!({ "verb": "register", "name": { "zh": region }, "kind": "enterprise", "region": region });
        firms.push(world.ask("organisation", None, &entry, &by).unwrap());
    }
    (by.organisations, by.signs_for) = (firms.clone(), firms.clone());
    let mut accounts = Vec::new();
    for (owner, purpose, region) in
        [(0, "source", "310000"), (1, "source", "320000"), (0, "fund", "310000"), (1, "fund", "320000")]
    {
        let open = json!({ "verb": "open", "title": { "zh": "户" }, "owner": firms.get(owner), "purpose": purpose,
                           "region": region });
        accounts.push(world.ask("account", None, &open, &by).unwrap());
    }
    House { world, by, firms, accounts }
}

impl House {
    fn ask(&mut self, project: Id, command: Value) -> Result<Id, String> {
        let asked = self.world.ask("project", Some(project), &command, &self.by);
        asked.map_err(|refused| format!("{refused:?}"))
    }

    fn file(&self) -> String {
        format!("{}:paper.pdf", "c".repeat(64))
    }

    fn status(&self, record: Id) -> String {
        self.world.stored(record).unwrap().standing.card.status.clone()
    }

    fn balance(&self, account: Id) -> Money {
        self.world.stored(account).unwrap().standing.card.amount.unwrap()
    }

    /// A need that was matched, and the project that answers it, signed.
    fn signed(&mut self) -> (Id, Id) {
        let (lead, lab) = (self.firms[0], self.firms[1]);
        let need = self.matched(lab);
        let told = Viewer { told_by: Some("allocation"), ..self.by.clone() };
        let open = json!({
            "verb": "open", "candidate": lead, "need": need, "title": { "zh": "光刻胶" }, "lead": lead,
            "lead_region": "310115", "partners": [{ "organisation": lab, "region": "320500", "role": "resin" }],
            "public_money": "1000.01", "own_money": "0", "months": 12
        });
        let project = self.world.ask("project", None, &open, &told).unwrap();
        let package = |organisation: Id, region: &str, money: &str| {
            json!({ "title": "part", "organisation": organisation, "region": region, "duties": "work",
                    "public_money": money, "own_money": "0" })
        };
        let stone = |month: u32, percent: u32| json!({ "title": "stone", "month": month, "evidence_wanted": "report", "percent": percent });
        let plan = json!({
            "verb": "draft", "goals": "below 1 ppb",
            "agreement": { "form": "consortium", "ip": "jointly", "ip_terms": "own", "risk": "shared", "breach": "law",
                           "benefits": [{ "organisation": lead, "share": "1/1" }] },
            "packages": [package(lead, "310115", "600"), package(lab, "320500", "400.01")],
            "milestones": [stone(0, 33), stone(6, 33), stone(12, 34)],
            "mode": "itemised", "budget": { "equipment": "0", "business": "1000.01", "labour": "0", "indirect": "0" },
            "is_pure_theory": false, "no_secrets": true
        });
        let mut asks = vec![plan, json!({ "verb": "submit" })];
        asks.extend(["310000", "320000"].map(|region| json!({ "verb": "approve", "region": region })));
        let sign = |firm: &Id| json!({ "verb": "sign", "organisation": firm, "commitment": true });
        asks.extend(self.firms.iter().map(sign));
        asks.push(json!({ "verb": "countersign" }));
        for ask in asks {
            self.ask(project, ask).unwrap();
        }
        (need, project)
    }

    fn matched(&mut self, owner: Id) -> Id {
        let draft = json!({
            "verb": "draft", "owner": owner, "title": { "zh": "光刻胶" }, "summary": { "zh": "用于二十八纳米" },
            "field": "integrated-circuits", "deadline_months": 24, "budget": "4000000.00", "co_funding": true,
            "indicators": [{ "name": "impurities", "threshold": "≤ 1 ppb" }], "cross_region": "resin",
            "ip_ownership": "jointly", "no_secrets": true
        });
        let need = self.world.ask("need", None, &draft, &self.by).unwrap();
        let condense = json!({ "verb": "condense", "title": { "zh": "光刻胶" }, "summary": { "zh": "共性" }, "reason": "one",
                               "indicators": [{ "name": "impurities", "threshold": "≤ 1 ppb" }] });
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
            self.world.ask("need", Some(need), &ask, &self.by).unwrap();
        }
        self.world.now = "2026-05-06".parse::<Day>().unwrap().begins();
        self.world.ask("need", Some(need), &plain("end-solicitation"), &Viewer::clock()).unwrap();
        let matched = json!({ "verb": "mark-matched", "with": [owner] });
        self.world.ask("need", Some(need), &matched, &self.by).unwrap();
        need
    }

    fn fund(&self, region: &str, from: usize, amount: &str) -> Value {
        json!({ "verb": "fund", "region": region, "source": "province", "from": self.accounts[from], "amount": amount })
    }

    fn pay(&self, package: u32, milestone: u32, to: usize) -> Value {
        json!({ "verb": "pay", "package": package, "milestone": milestone, "to": self.accounts[to] })
    }
}

#[test]
fn every_fen_comes_from_its_own_province_and_what_is_left_goes_home() {
    let mut house = house();
    let (need, project) = house.signed();
    let file = house.file();
    for ask in [house.fund("310000", 0, "600"), house.fund("320000", 1, "400.01")] {
        house.ask(project, ask).unwrap();
    }
    assert!(house.ask(project, house.pay(2, 1, 2)).is_err(), "the lead's account is not the laboratory's");
    house.ask(project, house.pay(1, 1, 2)).unwrap();
    house.ask(project, house.pay(2, 1, 3)).unwrap();
    // 33, 33 and 34 percent of 400.01: what rounding leaves goes to the largest remainders.
    assert_eq!(house.balance(house.accounts[3]), Money::fen(13_200));
    house
        .ask(project, json!({ "verb": "judge", "milestone": 2, "passed": false, "remark": "nothing came" }))
        .unwrap();
    house
        .ask(project, json!({ "verb": "file-diligence", "tried": "two resins", "records": [file] }))
        .unwrap();
    let end = json!({
        "verb": "conclude", "outcome": "terminated", "remark": "no way", "opinion": file,
        "finding": { "exploratory": true, "contract_kept": true, "honest": true }
    });
    house.ask(project, end).unwrap();
    assert_eq!((house.status(project), house.status(need)), ("terminated".into(), "unmatched".into()));
    let back = json!({ "verb": "repay", "package": 2, "from": house.accounts[3], "amount": "132" });
    house.ask(project, back).unwrap();
    let balances: Vec<String> =
        house.accounts.iter().map(|account| house.balance(*account).to_string()).collect();
    assert_eq!(balances, ["-198.00", "0.00", "198.00", "0.00"]);
}

#[test]
fn nobody_moves_a_purse_but_the_project_itself() {
    let mut house = house();
    let (_, project) = house.signed();
    house.ask(project, house.fund("310000", 0, "600")).unwrap();
    let stored = house.world.stored(project).unwrap();
    let wallet = stored.standing.state.pointer("/purses/0/wallet").and_then(Value::as_str).unwrap();
    let wallet: Id = wallet.parse().unwrap();
    assert_eq!(house.balance(wallet), Money::yuan(600));
    let take = json!({ "verb": "pay", "to": house.accounts[2], "amount": "1", "reason": "mine" });
    assert!(house.world.ask("account", Some(wallet), &take, &house.by).is_err());
    let more = house.fund("310000", 0, "0.01");
    assert!(house.ask(project, more).is_err(), "the province has set aside all it promised");
    let crossing = house.fund("320000", 0, "1");
    assert!(house.ask(project, crossing).is_err(), "Shanghai's fund pays nobody in Jiangsu");
}
