//! A panel in one house with needs, solutions and experts: from the draw to what the applicants read, and what they do not.

use grammar::{
    case::{Refused, Shelf},
    fuzz::World,
    kinds::REGION_ALL,
    prelude::*,
};
use serde_json::{Value, json};

use crate::DESKS;

struct House {
    world: World,
    office: Viewer,
}

/// A person with the organisation they may sign for.
#[derive(Clone, Copy)]
struct Someone {
    person: Id,
    organisation: Id,
}

impl Someone {
    fn viewer(self) -> Viewer {
        let (organisations, signs_for) = (vec![self.organisation], vec![self.organisation]);
        Viewer { person: Some(self.person), organisations, signs_for, ..Viewer::default() }
    }
}

impl House {
    fn new() -> Self {
        let offices = ["registrar", "screening", "joint-office", "expert-office", "panel-office"];
        let offices = offices.iter().map(|office| ((*office).to_owned(), REGION_ALL)).collect();
        let office = Viewer { person: Some(Id::named("person-office")), offices, ..Viewer::default() };
        Self { world: World::new(&DESKS, "2026-03-02".parse().unwrap()), office }
    }

    fn ask(&mut self, by: &Viewer, desk: &str, record: Option<Id>, command: Value) -> Id {
        let told = self.world.ask(desk, record, &command, by);
        told.unwrap_or_else(|refused| panic!("{desk}: {command}\n{refused:?}"))
    }

    fn office_asks(&mut self, desk: &str, record: Option<Id>, command: Value) -> Id {
        let office = self.office.clone();
        self.ask(&office, desk, record, command)
    }

    fn refused(&mut self, by: &Viewer, desk: &str, record: Id, command: Value) -> String {
        match self.world.ask(desk, Some(record), &command, by) {
            Err(Refused::Because(refusal)) => refusal.code,
            other => panic!("{desk}: {command}\n{other:?}"),
        }
    }

    fn someone(&mut self, name: &str, kind: &str) -> Someone {
        let entry = json!({ "verb": "register", "name": { "zh": name }, "kind": kind, "region": "310115" });
        let organisation = self.office_asks("organisation", None, entry);
        let person = json!({ "verb": "register", "name": name, "region": "310115", "public": false });
        let person = self.office_asks("person", None, person);
        let claim = json!({ "verb": "claim-affiliation", "organisation": organisation, "role": "x", "may_sign": true, "from": "2020-01-01" });
        self.office_asks("person", Some(person), claim);
        let confirm = json!({ "verb": "confirm-affiliation", "organisation": organisation });
        self.office_asks("person", Some(person), confirm);
        Someone { person, organisation }
    }

    fn need(&mut self, firm: Someone) -> Id {
        let indicators = json!([{ "name": "impurities", "threshold": "≤ 1 ppb" }]);
        let draft = json!({
            "verb": "draft", "owner": firm.organisation, "title": { "zh": "光刻胶" }, "summary": { "zh": "用于二十八纳米" },
            "field": "integrated-circuits", "deadline_months": 24, "budget": "4000000.00", "co_funding": true,
            "indicators": indicators, "cross_region": "resin", "ip_ownership": "jointly", "no_secrets": true
        });
        let by = firm.viewer();
        let need = self.ask(&by, "need", None, draft);
        self.ask(&by, "need", Some(need), json!({ "verb": "submit" }));
        let condense = json!({ "verb": "condense", "title": { "zh": "光刻胶" }, "summary": { "zh": "共性" }, "indicators": indicators, "reason": "alone" });
        for command in [
            json!({ "verb": "screen", "remark": "real" }),
            condense,
            json!({ "verb": "confirm", "remark": "five agree" }),
            json!({ "verb": "publish" }),
            json!({ "verb": "solicit" }),
        ] {
            self.office_asks("need", Some(need), command);
        }
        need
    }

    fn solution(&mut self, need: Id, team: Someone, partner: Id) -> Id {
        let lead = team.organisation;
        let draft = json!({
            "verb": "draft", "need": need, "lead": lead, "title": { "zh": "两步提纯" }, "summary": { "zh": "先精馏" },
            "route": "先精馏，再以离子交换去除", "months": 24, "total": "8000000.00", "public_money": "4000000.00",
            "minimum": "3000000.00", "commitment": true, "no_secrets": true,
            "promises": [{ "indicator": "impurities", "promised": "≤ 0.8 ppb" }],
            "partners": [{ "organisation": partner, "role": "pilot" }],
            "budget": [
                { "source": "central-guidance", "organisation": lead, "amount": "4000000.00" },
                { "source": "own-funds", "organisation": lead, "amount": "4000000.00" }
            ],
            "milestones": [{ "month": 24, "title": "pilot", "evidence": "report", "pays": "4000000.00" }]
        });
        let by = team.viewer();
        let solution = self.ask(&by, "solution", None, draft);
        let leader = json!({ "verb": "add-member", "person": team.person, "organisation": lead, "role": "leader", "task": "x", "months_a_year": 6 });
        self.ask(&by, "solution", Some(solution), leader);
        self.ask(&by, "solution", Some(solution), json!({ "verb": "submit" }));
        self.office_asks("solution", Some(solution), json!({ "verb": "check-formally", "passed": true }));
        solution
    }

    fn expert(&mut self, one: Someone) -> Id {
        let apply = json!({
            "verb": "apply", "person": one.person, "unit": one.organisation, "kinds": ["technical"],
            "title_level": "senior", "fields": ["integrated-circuits"], "load_max": 5, "named": false, "no_secrets": true
        });
        let expert = self.ask(&one.viewer(), "expert", None, apply);
        self.ask(&one.viewer(), "expert", Some(expert), json!({ "verb": "recommend", "opinion": "able" }));
        self.office_asks("expert", Some(expert), json!({ "verb": "admit" }));
        expert
    }

    fn card(&self, id: Id) -> Card {
        self.world.stored(id).unwrap().standing.card.as_ref().clone()
    }

    /// What the clock was asked for happens, a second later.
    fn tick(&mut self, desk: &str, record: Id) {
        self.world.now = self.world.now.plus_millis(1_000);
        let due = self.world.stored(record).unwrap().standing.due.unwrap();
        assert!(due.at <= self.world.now, "{due:?}");
        self.ask(&Viewer::clock(), desk, Some(record), due.command);
    }

    /// A record as someone sees it, as text.
    fn seen(&self, id: Id, viewer: &Viewer) -> Option<String> {
        let stored = self.world.stored(id).unwrap();
        let clerk = DESKS.find(stored.desk).unwrap();
        clerk.veil(&stored.standing.state, viewer).map(|(state, card)| format!("{state}{card:?}"))
    }
}

struct Round {
    house: House,
    teams: Vec<Someone>,
    solutions: Vec<Id>,
    experts: Vec<(Id, Someone)>,
    panel: Id,
}

/// Two rival solutions to one need, six experts, of whom one works for the first team, and lots drawn.
fn drawn() -> Round {
    let mut house = House::new();
    let firm = house.someone("firm", "enterprise");
    let need = house.need(firm);
    let far = json!({ "verb": "register", "name": { "zh": "far" }, "kind": "institute", "region": "330106" });
    let far = house.office_asks("organisation", None, far);
    let teams = vec![house.someone("first team", "university"), house.someone("second team", "university")];
    let solutions = teams.iter().map(|team| house.solution(need, *team, far)).collect::<Vec<_>>();
    let mut experts = Vec::new();
    for n in 0..6 {
        let one = house.someone(&format!("unit {n}"), "institute");
        experts.push((house.expert(one), one));
    }
    let colleague = house.someone("a colleague", "institute");
    let claim = json!({ "verb": "claim-affiliation", "organisation": teams[0].organisation, "role": "x", "may_sign": false, "from": "2020-01-01" });
    house.office_asks("person", Some(colleague.person), claim);
    let confirm = json!({ "verb": "confirm-affiliation", "organisation": teams[0].organisation });
    house.office_asks("person", Some(colleague.person), confirm);
    experts.push((house.expert(colleague), colleague));
    let open = json!({
        "verb": "open", "title": { "zh": "评审" }, "region": "310000", "load_max": 4, "answer_days": 5,
        "review_days": 10, "fee_level": "lowest"
    });
    let panel = house.office_asks("panel", None, open);
    house.office_asks("panel", Some(panel), json!({ "verb": "admit-candidates", "candidates": solutions }));
    let all: Vec<Id> = experts.iter().map(|(expert, _)| *expert).collect();
    house.office_asks("panel", Some(panel), json!({ "verb": "fix", "experts": all }));
    house.tick("panel", panel);
    Round { house, teams, solutions, experts, panel }
}

impl Round {
    fn office_asks(&mut self, command: Value) {
        self.house.office_asks("panel", Some(self.panel), command);
    }

    /// The panel's reviews with their candidate and reviewer.
    fn reviews(&self) -> Vec<(Id, Id, Someone)> {
        let state = self.house.world.stored(self.panel).unwrap().standing.state;
        let id = |value: &Value| value.as_str().unwrap().parse::<Id>().unwrap();
        let seats = state["seats"].as_array().unwrap().iter();
        let live = seats.filter(|seat| seat["ended"].is_null());
        let of = |seat: &Value| {
            let one = self.experts.iter().find(|(_, one)| one.person == id(&seat["person"])).unwrap();
            (id(&seat["review"]), id(&seat["candidate"]), one.1)
        };
        live.map(of).collect()
    }

    fn sign(&mut self, review: Id, by: Someone, score: i64) {
        let accept = json!({ "verb": "accept", "no_conflict": true, "in_person": true });
        self.house.ask(&by.viewer(), "review", Some(review), accept);
        let marks: Vec<Value> = (1..=6).map(|place| json!({ "place": place, "score": score })).collect();
        let sign = json!({ "verb": "sign", "marks": marks, "open": format!("comment with {score}"), "closed": "for the office" });
        self.house.ask(&by.viewer(), "review", Some(review), sign);
    }
}

#[test]
fn from_the_draw_to_what_the_applicants_read_and_what_they_do_not() {
    let mut round = drawn();
    let solutions = round.solutions.clone();
    round.office_asks(json!({ "verb": "invite", "candidates": solutions }));
    let reviews = round.reviews();
    assert_eq!(reviews.len(), 6);
    let colleague = round.experts[6].1;
    assert!(
        reviews.iter().all(|(.., one)| one.person != colleague.person),
        "of the first team, and a rival of the second"
    );
    for ((review, _, one), score) in reviews.iter().zip([80, 75, 70, 60, 62, 64]) {
        round.sign(*review, *one, score);
    }
    let (first, _, one) = reviews[0];
    let expert = round.experts.iter().find(|(_, other)| other.person == one.person).unwrap().0;
    let leader = round.teams[0].person;
    let tie = json!({ "verb": "note-relation", "bond": "teacher-student", "with": leader });
    round.house.office_asks("expert", Some(expert), tie);
    assert_eq!(round.house.card(expert).read::<Vec<Id>>("alarmed"), Some(vec![first]));
    let all: Vec<Id> = reviews.iter().map(|(review, ..)| *review).collect();
    let close = json!({ "verb": "close-scores", "reviews": all });
    let office = round.house.office.clone();
    assert_eq!(round.house.refused(&office, "panel", round.panel, close.clone()), "conflict-waits");
    let bar = json!({ "verb": "bar", "reason": "a tie came to light" });
    round.house.office_asks("review", Some(first), bar);
    assert_eq!(round.house.refused(&office, "panel", round.panel, close), "not-signed");
    round.office_asks(json!({ "verb": "replace", "review": first, "reason": "barred" }));
    let reviews = round.reviews();
    let (fresh, candidate, substitute) = *reviews.last().unwrap();
    assert_eq!(candidate, solutions[0]);
    round.sign(fresh, substitute, 90);
    let all: Vec<Id> = reviews.iter().map(|(review, ..)| *review).collect();
    round.office_asks(json!({ "verb": "close-scores", "reviews": all }));
    round.office_asks(json!({ "verb": "conclude" }));
    let told = |solution: Id| {
        let card = round.house.card(solution);
        (card.status.clone(), card.read::<u32>("score"), card.read::<u32>("rank"))
    };
    assert_eq!(told(solutions[0]), ("reviewed".into(), Some(7_833), Some(1)));
    assert_eq!(told(solutions[1]), ("reviewed".into(), Some(6_200), Some(2)));
    let applicant = round.teams[0].viewer();
    let own = round.house.seen(solutions[0], &applicant).unwrap();
    assert!(own.contains("comment with 75") && !own.contains("for the office"));
    let names = round.experts.iter().flat_map(|(expert, one)| [*expert, one.person, one.organisation]);
    for name in names.chain(all) {
        assert!(!own.contains(&format!("\"{name}\"")), "{name} stands in what the applicant reads");
    }
    let mut hidden = vec![round.panel, solutions[1]];
    hidden.extend(reviews.iter().map(|(review, ..)| *review));
    for id in hidden {
        assert_eq!(round.house.seen(id, &applicant), None, "{id} is not for the applicant");
    }
    for (expert, _) in &round.experts {
        assert_eq!(round.house.card(*expert).read::<usize>("open"), Some(0), "everyone is free again");
    }
}

#[test]
fn who_judges_reads_the_blind_part_and_not_whose_it_is() {
    let mut round = drawn();
    let solutions = round.solutions.clone();
    round.office_asks(json!({ "verb": "invite", "candidates": [solutions[0]] }));
    let team = round.teams[0];
    for (review, _, one) in round.reviews() {
        let viewer = one.viewer();
        let read = round.house.seen(review, &viewer).unwrap();
        assert!(read.contains("离子交换"), "{read}");
        let expert = round.experts.iter().find(|(_, other)| other.person == one.person).unwrap().0;
        let panel = round.house.seen(round.panel, &viewer).unwrap();
        for text in [read, panel, round.house.seen(expert, &viewer).unwrap()] {
            for name in [team.person, team.organisation, round.teams[1].person, solutions[1]] {
                assert!(
                    !text.contains(&format!("\"{name}\"")) && !text.contains(&format!("({name})")),
                    "{name}: {text}"
                );
            }
        }
        assert_eq!(round.house.seen(solutions[0], &viewer), None);
        let others = round.reviews().into_iter().filter(|(.., other)| other.person != one.person);
        for (other, ..) in others {
            assert_eq!(round.house.seen(other, &viewer), None, "nor what the others think");
        }
    }
}

#[test]
fn an_assignment_by_hand_is_refused_whole_when_one_pair_is_in_conflict() {
    let mut round = drawn();
    let open = json!({
        "verb": "open", "title": { "zh": "指派" }, "region": "310000", "load_max": 4, "answer_days": 5,
        "review_days": 10, "fee_level": "highest"
    });
    let by_hand = round.house.office_asks("panel", None, open);
    let firm = round.house.someone("another firm", "enterprise");
    let need = round.house.need(firm);
    let team = round.teams[0];
    let far = json!({ "verb": "register", "name": { "zh": "far" }, "kind": "institute", "region": "330106" });
    let far = round.house.office_asks("organisation", None, far);
    let solution = round.house.solution(need, team, far);
    let admit = json!({ "verb": "admit-candidates", "candidates": [solution] });
    round.house.office_asks("panel", Some(by_hand), admit);
    let pair = |n: usize| json!({ "candidate": solution, "expert": round.experts[n].0 });
    let (good, bad) = (json!([pair(0), pair(1), pair(2)]), json!([pair(0), pair(1), pair(6)]));
    let office = round.house.office.clone();
    let propose = |pairs: &Value| json!({ "verb": "propose", "pairs": pairs });
    assert_eq!(round.house.refused(&office, "panel", by_hand, propose(&bad)), "pair-in-conflict");
    assert_eq!(round.house.card(round.experts[0].0).read::<usize>("open"), Some(0));
    round.house.office_asks("panel", Some(by_hand), propose(&good));
    for (expert, _) in round.experts.iter().take(3) {
        assert_eq!(round.house.card(*expert).read::<usize>("open"), Some(1));
    }
}
