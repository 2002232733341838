//! Applications in one house with the people, units, programmes and calls they concern: limits are counted on what
//! happened, whatever was taken back.

use grammar::{
    case::{Refused, Shelf},
    fuzz::World,
    kinds::REGION_ALL,
    prelude::*,
};
use serde_json::{Value, json};

use crate::DESKS;

/// A city with a university, a professor, a programme and as many calls as wanted.
struct City {
    world: World,
    everyone: Viewer,
    unit: Id,
    professor: Id,
    programme: Id,
}

impl City {
    fn new() -> Self {
        let mut world = World::new(&DESKS, "2026-03-02".parse().unwrap());
        let offices = ["registrar", "programme-office", "joint-office", "screening"];
        let offices = offices.map(|office| (office.to_owned(), REGION_ALL)).to_vec();
        let clerk = Viewer { person: Some(Id::named("person-clerk")), offices, ..Viewer::default() };
        let entry = json!({ "verb": "register", "name": { "zh": "东江大学" }, "kind": "university", "region": "310115" });
        let unit = world.ask("organisation", None, &entry, &clerk).unwrap();
        let everyone = Viewer { organisations: vec![unit], signs_for: vec![unit], ..clerk };
        let person = json!({ "verb": "register", "name": "ab", "region": "310115", "public": true, "display_name": { "zh": "林教授" } });
        let professor = world.ask("person", None, &person, &everyone).unwrap();
        let claim = json!({ "verb": "claim-affiliation", "organisation": unit, "role": "教授", "may_sign": false, "from": "2020-01-01" });
        world.ask("person", Some(professor), &claim, &everyone).unwrap();
        let confirm = json!({ "verb": "confirm-affiliation", "organisation": unit });
        world.ask("person", Some(professor), &confirm, &everyone).unwrap();
        let programme = json!({
            "verb": "draft", "kind": "ordinary", "region": "310000", "title": { "zh": "计划" }, "about": { "zh": "说明" },
            "from": "2026-01-01", "until": "2028-12-31", "years": [{ "year": 2026, "amount": "1亿" }],
            "funders": [{ "organisation": unit, "role": "city", "share": "1/1" }]
        });
        let programme = world.ask("programme", None, &programme, &everyone).unwrap();
        world.ask("programme", Some(programme), &json!({ "verb": "adopt" }), &everyone).unwrap();
        Self { world, everyone, unit, professor, programme }
    }

    fn ask(&mut self, record: Id, command: &Value) -> Result<Id, Refused> {
        let by = self.everyone.clone();
        self.world.ask(record.desk().split('-').next().unwrap(), Some(record), command, &by)
    }

    fn call(&mut self, family: &str, per_unit: Option<u32>) -> Id {
        let by = self.everyone.clone();
        let words = json!({ "zh": "申报" });
        let guide = json!({
            "verb": "draft", "programme": self.programme, "title": words, "about": words, "contact": words,
            "family": family, "opens": "2026-04-10 09:00", "closes": "2026-06-30 16:30", "per_unit": per_unit,
            "for_foreign_invested": false, "topics": [{
                "code": "A", "title": words, "goals": words, "field": "ocean", "funding": "up-to",
                "ceiling": "200万", "places": 5, "months": 36, "directed": false
            }]
        });
        let call = self.world.ask("call", None, &guide, &by).unwrap();
        self.ask(call, &json!({ "verb": "publish" })).unwrap();
        call
    }

    /// A call that asks for a brief until the end of April, and for the full text from 10 May on.
    fn call_in_two_stages(&mut self, family: &str, per_unit: Option<u32>) -> Id {
        let by = self.everyone.clone();
        let words = json!({ "zh": "申报" });
        let guide = json!({
            "verb": "draft", "programme": self.programme, "title": words, "about": words, "contact": words,
            "family": family, "opens": "2026-04-10 09:00", "brief_closes": "2026-04-30 16:30",
            "full_opens": "2026-05-20 09:00", "closes": "2026-06-30 16:30", "per_unit": per_unit,
            "for_foreign_invested": false, "topics": [{
                "code": "A", "title": words, "goals": words, "field": "ocean", "funding": "up-to",
                "ceiling": "200万", "places": 5, "months": 36, "directed": false
            }]
        });
        let call = self.world.ask("call", None, &guide, &by).unwrap();
        self.ask(call, &json!({ "verb": "publish" })).unwrap();
        call
    }

    fn at(&mut self, moment: &str) {
        self.world.now = moment.parse().unwrap();
    }

    /// Drafted, certified by the professor and confirmed by the unit.
    fn confirmed(&mut self, call: Id) -> Id {
        let (by, unit, professor) = (self.everyone.clone(), self.unit, self.professor);
        let draft = json!({
            "verb": "draft", "call": call, "topic": "A", "lead": unit, "title": { "zh": "深海声学" }, "summary": { "zh": "摘要" },
            "brief": "以阵列反演定位", "route": "阵列反演", "indicators": ["定位误差"], "months": 24, "total": "100万", "public_money": "100万",
            "budget": [{ "source": "province", "organisation": unit, "amount": "100万" }], "no_secrets": true
        });
        let application = self.world.ask("application", None, &draft, &by).unwrap();
        let leader = json!({ "verb": "add-member", "person": professor, "organisation": unit, "role": "leader", "task": "总体", "months_a_year": 6 });
        let facts = json!({ "verb": "state-leader", "age": 50, "title": "senior", "degree": "doctor", "recommenders": 0 });
        self.ask(application, &leader).unwrap();
        self.ask(application, &facts).unwrap();
        let himself = Viewer { person: Some(professor), ..Viewer::default() };
        self.world.ask("application", Some(application), &json!({ "verb": "certify" }), &himself).unwrap();
        self.ask(application, &json!({ "verb": "confirm-by-unit" })).unwrap();
        application
    }

    /// How many engagements of the professor are not over.
    fn engagements(&self) -> usize {
        let card = self.world.stored(self.professor).unwrap().standing.card;
        let all: Vec<Value> = card.read("engagements").unwrap_or_default();
        all.iter().filter(|engagement| engagement["ended"].is_null()).count()
    }

    fn submit(&mut self, application: Id) -> Result<Id, String> {
        self.ask(application, &json!({ "verb": "submit" })).map_err(|refused| match refused {
            Refused::Because(refusal) => format!("{} {}", refusal.code, refusal.rule.unwrap_or_default()),
            other => format!("{other:?}"),
        })
    }
}

#[test]
fn a_call_closes_at_its_moment_for_everyone() {
    let mut city = City::new();
    let call = city.call("uncounted", None);
    let [early, first, last, late] = [(); 4].map(|()| city.confirmed(call));
    assert_eq!(city.submit(early), Err("not-open-yet PG-P06".into()));
    city.at("2026-04-10 09:00");
    assert!(city.submit(first).is_ok());
    city.at("2026-06-30 16:29:59.999");
    assert!(city.submit(last).is_ok());
    city.at("2026-06-30 16:30");
    assert_eq!(city.submit(late), Err("closed-already PG-P06".into()));
    let revise = json!({ "verb": "withdraw", "reason": "x" });
    assert!(city.ask(last, &revise).is_ok(), "taking back is no answer to the call");
}

#[test]
fn what_was_taken_back_counts_in_its_year_and_a_revision_counts_once() {
    let mut city = City::new();
    let (one, two) = (city.call("natural-science-fund", None), city.call("natural-science-fund", None));
    let [first, second, third] = [one, two, two].map(|call| city.confirmed(call));
    city.at("2026-04-20 10:00");
    assert!(city.submit(first).is_ok() && city.submit(second).is_ok());
    assert_eq!(city.submit(third), Err("over-the-limit PG-R11".into()));
    city.ask(first, &json!({ "verb": "withdraw", "reason": "改投" })).unwrap();
    assert_eq!(city.submit(third), Err("over-the-limit PG-R11".into()), "it still counts this year");
    let other = city.call("uncounted", None);
    let free = city.confirmed(other);
    assert!(city.submit(free).is_ok(), "programmes that are counted elsewhere");
}

#[test]
fn who_leads_two_running_projects_does_not_apply_as_leader() {
    let mut city = City::new();
    let call = city.call("municipal", None);
    let all: Vec<Id> = (0..4).map(|_| city.confirmed(call)).collect();
    let [first, second, third, fourth] = all.as_slice() else { panic!("four applications") };
    city.at("2026-04-20 10:00");
    assert!(
        all.iter().take(3).all(|application| city.submit(*application).is_ok()),
        "applying is not limited"
    );
    let told = |desk: &'static str| Viewer { told_by: Some(desk), ..Viewer::default() };
    for application in [first, second] {
        city.ask(*application, &json!({ "verb": "check-formally", "passed": true })).unwrap();
        let begin = json!({ "verb": "begin-review", "panel": first });
        let result = json!({ "verb": "take-result", "panel": first, "score": 9000, "spread": 100 });
        let select = json!({ "verb": "select", "project": second, "public_money": "90万" });
        for (desk, command) in [("panel", begin), ("panel", result), ("allocation", select)] {
            city.world.ask("application", Some(*application), &command, &told(desk)).unwrap();
        }
    }
    assert_eq!(city.submit(*fourth), Err("over-the-limit PG-R15".into()));
    assert_eq!(city.engagements(), 3, "two run, one waits");
    let end = json!({ "verb": "disengage", "record": first });
    city.world.ask("person", Some(city.professor), &end, &told("project")).unwrap();
    assert!(city.submit(*fourth).is_ok(), "one has ended");
    assert!(city.ask(*third, &json!({ "verb": "withdraw", "reason": "x" })).is_ok());
}

#[test]
fn a_unit_hands_in_no_more_than_the_call_says() {
    let mut city = City::new();
    let call = city.call("uncounted", Some(2));
    let [first, second, third] = [(); 3].map(|()| city.confirmed(call));
    city.at("2026-04-20 10:00");
    assert!(city.submit(first).is_ok() && city.submit(second).is_ok());
    city.ask(first, &json!({ "verb": "withdraw", "reason": "x" })).unwrap();
    assert_eq!(city.submit(third), Err("over-the-limit PG-P05".into()));
}

/// CAL-03: one application over both stages, counted once for the unit and once for its people.
#[test]
fn a_brief_and_its_full_text_count_once() {
    let mut city = City::new();
    let call = city.call_in_two_stages("natural-science-fund", Some(2));
    let [first, second, third] = [(); 3].map(|()| city.confirmed(call));
    city.at("2026-04-20 10:00");
    assert!(city.submit(first).is_ok() && city.submit(second).is_ok());
    assert_eq!(city.submit(third), Err("over-the-limit PG-P05".into()));
    assert_eq!(city.engagements(), 2);
    city.at("2026-05-10 10:00");
    city.ask(first, &json!({ "verb": "check-formally", "passed": true })).unwrap();
    city.ask(first, &json!({ "verb": "invite" })).unwrap();
    city.ask(second, &json!({ "verb": "withdraw", "reason": "改投" })).unwrap();
    city.ask(first, &json!({ "verb": "confirm-by-unit" })).unwrap();
    assert_eq!(city.submit(first), Err("not-open-yet PG-P06".into()), "the second window has not begun");
    city.at("2026-05-20 09:00");
    assert!(city.submit(first).is_ok(), "the full text is no further application");
    assert_eq!(city.engagements(), 1, "the one that was withdrawn is free, its year still counts it");
    assert!(city.submit(third).is_err());
}
