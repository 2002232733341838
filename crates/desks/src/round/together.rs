//! A round in one house with its instrument, bookings and track records: from the announcement to overdue reports.

use grammar::{
    case::{Refused, Shelf},
    fuzz::World,
    kinds::REGION_ALL,
    prelude::*,
};
use serde_json::{Value, json};

use crate::DESKS;

#[path = "stories/turns.rs"]
mod turns;

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

struct House {
    world: World,
    office: Viewer,
    facility: Someone,
    teams: Vec<Someone>,
    reviewers: Vec<Someone>,
    instrument: Id,
    round: Id,
}

type Answer = Result<Id, String>;

fn why(refused: Refused) -> String {
    match refused {
        Refused::Because(refusal) => {
            format!(
                "{}/{}{}",
                refusal.desk,
                refusal.code,
                refusal.rule.map(|r| format!(" {r}")).unwrap_or_default()
            )
        }
        other => format!("{other:?}"),
    }
}

impl House {
    fn new(shifts: i64) -> Self {
        let offices = vec![("registrar".to_owned(), REGION_ALL)];
        let office = Viewer { person: Some(Id::named("person-office")), offices, ..Viewer::default() };
        let world = World::new(&DESKS, "2026-03-02".parse().unwrap());
        let nobody = Someone { person: Id::named("none"), organisation: Id::named("none") };
        let (instrument, round) = (nobody.person, nobody.person);
        let (teams, reviewers, facility) = (vec![], vec![], nobody);
        let mut house = Self { world, office, facility, teams, reviewers, instrument, round };
        house.facility = house.someone("光源");
        house.teams = (0..5).map(|n| house.someone(&format!("课题组 {n}"))).collect();
        house.reviewers = (0..3).map(|n| house.someone(&format!("评审单位 {n}"))).collect();
        let report = json!({
            "verb": "report", "code": "SSRF-BL1", "name": { "zh": "小角散射线站" }, "category": "analysis",
            "region": "310115", "unit": house.facility.organisation, "value": "3200000.00", "fiscal": false,
            "functions": { "zh": "成像" }, "terms": { "sharing": "external", "charges": "公开" }
        });
        let keeper = house.facility;
        house.instrument = house.must(keeper, "instrument", None, &report);
        let using = json!({
            "openings": [], "confirmation": "by-quote", "buffer_minutes": 0, "is_supervised": false, "needs_permit": false,
            "daily_minutes": 480, "charges": { "outside_shift": "20000.00" }
        });
        let instrument = house.instrument;
        house.must(keeper, "instrument", Some(instrument), &json!({ "verb": "set-using", "using": using }));
        house.round = house.must(keeper, "round", None, &house.plan(shifts, 10));
        house
    }

    fn plan(&self, shifts: i64, urgent: i64) -> Value {
        json!({
            "verb": "announce", "title": { "zh": "二〇二六年第一轮" }, "region": "310000",
            "offers": [{ "instrument": self.instrument, "shifts": shifts }],
            "reserves": { "urgent": urgent, "key": 0, "proprietary": 10, "commissioning": 10 },
            "opens": "2026-03-02", "closes": "2026-03-31", "use_from": "2026-05-01", "use_until": "2026-07-31"
        })
    }

    fn ask(&mut self, by: &Viewer, desk: &str, record: Option<Id>, command: &Value) -> Answer {
        self.world.ask(desk, record, command, by).map_err(why)
    }

    fn must(&mut self, by: Someone, desk: &str, record: Option<Id>, command: &Value) -> Id {
        self.ask(&by.viewer(), desk, record, command).unwrap_or_else(|why| panic!("{command}\n{why}"))
    }

    fn someone(&mut self, name: &str) -> Someone {
        let office = self.office.clone();
        let mut ask = |desk: &str, record: Option<Id>, command: Value| {
            self.world.ask(desk, record, &command, &office).unwrap_or_else(|r| panic!("{command}\n{r:?}"))
        };
        let entry =
            json!({ "verb": "register", "name": { "zh": name }, "kind": "institute", "region": "310115" });
        let organisation = ask("organisation", None, entry);
        let person = json!({ "verb": "register", "name": name, "region": "310115", "public": true, "display_name": { "zh": name } });
        let person = ask("person", None, person);
        let claim = json!({ "verb": "claim-affiliation", "organisation": organisation, "role": "x", "may_sign": true, "from": "2020-01-01" });
        ask("person", Some(person), claim);
        ask("person", Some(person), json!({ "verb": "confirm-affiliation", "organisation": organisation }));
        Someone { person, organisation }
    }

    fn wish(&self, team: usize, kind: &str, shifts: i64, more: &Value) -> Value {
        let team = self.teams[team];
        let mut wish = json!({
            "verb": "submit", "round": self.round, "instrument": self.instrument, "applicant": team.organisation,
            "leader": team.person, "kind": kind, "title": { "zh": "纳米颗粒的结晶" }, "summary": "原位测量",
            "shifts": shifts, "samples": [{ "name": "二氧化钛", "amount": "10 mg", "hazard": "none" }], "no_secrets": true
        });
        for (name, value) in more.as_object().unwrap() {
            wish[name] = value.clone();
        }
        wish
    }

    fn submits(&mut self, team: usize, kind: &str, shifts: i64, more: &Value) -> Answer {
        let (wish, by) = (self.wish(team, kind, shifts, more), self.teams[team].viewer());
        self.ask(&by, "proposal", None, &wish)
    }

    /// A proposal that passed the check.
    fn checked(&mut self, team: usize, kind: &str, shifts: i64) -> Id {
        let more =
            if kind == "urgent" { json!({ "urgency": "事故样品只能保存三天" }) } else { json!({}) };
        let proposal = self.submits(team, kind, shifts, &more).unwrap();
        self.facility_asks("proposal", proposal, &json!({ "verb": "check", "verdict": "passed" })).unwrap();
        proposal
    }

    fn facility_asks(&mut self, desk: &str, record: Id, command: &Value) -> Answer {
        let by = self.facility.viewer();
        self.ask(&by, desk, Some(record), command)
    }

    fn marks(&mut self, reviewer: usize, number: usize, mark: i64) -> Answer {
        let marks = json!({ "significance": mark, "feasibility": mark, "expected_results": mark, "need_for_time": mark, "earlier_use": mark });
        let command = json!({ "verb": "mark", "number": number, "marks": marks });
        let by = self.reviewers[reviewer].viewer();
        let round = self.round;
        self.ask(&by, "round", Some(round), &command)
    }

    fn status(&self, record: Id) -> String {
        self.world.stored(record).unwrap().standing.card.status.clone()
    }

    fn state(&self, record: Id) -> Value {
        self.world.stored(record).unwrap().standing.state.into_plain()
    }

    /// What time asks of a record next, at its moment.
    fn clock(&mut self, desk: &str, record: Id) {
        let due = self.world.stored(record).unwrap().standing.due.unwrap();
        self.world.now = self.world.now.max(due.at);
        self.ask(&Viewer::clock(), desk, Some(record), &due.command).unwrap();
    }

    fn seen(&self, id: Id, viewer: &Viewer) -> Option<String> {
        let stored = self.world.stored(id).unwrap();
        let clerk = DESKS.find(stored.desk).unwrap();
        clerk.veil(&stored.standing.state, viewer).map(|(state, card)| format!("{state}{card:?}"))
    }

    /// The facility clears the samples of a proposal and places three of its shifts from a moment on.
    pub fn places(&mut self, proposal: Id, from: &str) {
        self.facility_asks("proposal", proposal, &json!({ "verb": "clear-samples" })).unwrap();
        let from: Moment = from.parse().unwrap();
        let place = json!({ "verb": "schedule", "instrument": self.instrument, "from": from, "shifts": 3 });
        self.facility_asks("proposal", proposal, &place).unwrap();
    }

    /// Four general proposals, marked 5, 4, 3 and 2 by everyone, in a round of so many shifts.
    fn allocated(shifts: i64) -> (Self, Vec<Id>) {
        Self::allocated_to(shifts, [0, 1, 2, 3])
    }

    fn allocated_to(shifts: i64, teams: [usize; 4]) -> (Self, Vec<Id>) {
        let mut house = Self::new(shifts);
        let proposals: Vec<Id> = teams.into_iter().map(|team| house.checked(team, "general", 6)).collect();
        let (round, reviewers) =
            (house.round, house.reviewers.iter().map(|one| one.person).collect::<Vec<_>>());
        house.facility_asks("round", round, &json!({ "verb": "seat", "reviewers": reviewers })).unwrap();
        house.facility_asks("round", round, &json!({ "verb": "admit", "proposals": proposals })).unwrap();
        for reviewer in 0..3 {
            for number in 1..=4 {
                house.marks(reviewer, number, 6 - i64::try_from(number).unwrap()).unwrap();
            }
        }
        house.clock("round", round);
        house.facility_asks("round", round, &json!({ "verb": "allocate" })).unwrap();
        (house, proposals)
    }
}

#[test]
fn shifts_go_by_rank_and_whoever_gets_none_is_told_where_the_line_was() {
    // Of twenty shifts two each are kept for urgent, paying and commissioning: fourteen are left.
    let (house, proposals) = House::allocated(20);
    let states: Vec<String> = proposals.iter().map(|id| house.status(*id)).collect();
    assert_eq!(states, ["granted", "granted", "rejected", "rejected"]);
    let round = house.state(house.round);
    assert_eq!(round["lines"][0]["shifts"], 14);
    assert_eq!((&round["lines"][0]["given"], &round["lines"][0]["asked"]), (&json!(12), &json!(24)));
    assert_eq!(house.state(proposals[2])["place"], json!({ "rank": 3, "of": 4, "mark": "3.00" }));
    let outcomes = round["outcomes"].as_array().unwrap();
    assert_eq!((&outcomes[2]["left"], &outcomes[3]["is_low"]), (&json!(2), &json!(true)));
}

#[test]
fn a_proposal_is_refused_for_what_is_missing() {
    let mut house = House::new(20);
    let refused = |house: &mut House, kind: &str, more: Value| house.submits(0, kind, 6, &more).unwrap_err();
    let dangerous = json!([{ "name": "氢气", "amount": "1 L", "hazard": "flammable" }]);
    assert_eq!(
        refused(&mut house, "general", json!({ "no_secrets": false })),
        "proposal/may-hold-secrets IN-P10"
    );
    assert_eq!(refused(&mut house, "general", json!({ "samples": [] })), "proposal/no-samples IN-P34");
    assert_eq!(
        refused(&mut house, "general", json!({ "samples": dangerous })),
        "proposal/no-measures IN-P34"
    );
    assert_eq!(refused(&mut house, "general", json!({ "least": 7 })), "proposal/more-least-than-asked");
    assert_eq!(refused(&mut house, "urgent", json!({})), "proposal/no-urgency");
    let other = house.teams[1];
    assert_eq!(refused(&mut house, "general", json!({ "leader": other.person })), "proposal/not-yourself");
    assert_eq!(
        refused(&mut house, "general", json!({ "applicant": other.organisation })),
        "proposal/not-your-unit"
    );
    let mut junior = house.teams[0].viewer();
    junior.signs_for.clear();
    let wish = house.wish(0, "proprietary", 6, &json!({}));
    assert_eq!(house.ask(&junior, "proposal", None, &wish).unwrap_err(), "proposal/may-not-sign IN-R33");
    let proposal = house.submits(0, "general", 6, &json!({})).unwrap();
    let fails = json!({ "verb": "check", "verdict": "failed" });
    assert_eq!(house.facility_asks("proposal", proposal, &fails).unwrap_err(), "proposal/note-needed IN-P34");
    house.clock("round", house.round);
    assert_eq!(refused(&mut house, "general", json!({})), "proposal/round-not-open");
    assert!(
        house.submits(0, "urgent", 2, &json!({ "urgency": "x" })).is_ok(),
        "an urgent one can come later"
    );
}

#[test]
fn a_round_keeps_back_no_more_than_the_rules_allow_and_is_reviewed_from_outside() {
    let mut house = House::new(20);
    let keeper = house.facility.viewer();
    let wants = |house: &mut House, plan: &Value| house.ask(&keeper, "round", None, plan).unwrap_err();
    let too_much = house.plan(20, 11);
    assert_eq!(wants(&mut house, &too_much), "round/more-reserved IN-R31-U");
    let mut late = house.plan(20, 10);
    late["use_from"] = json!("2026-03-31");
    assert_eq!(wants(&mut house, &late), "round/not-in-order");
    let (stranger, plan) = (house.teams[0].viewer(), house.plan(20, 10));
    let foreign = house.ask(&stranger, "round", None, &plan).unwrap_err();
    assert_eq!(foreign, "NotAllowed([\"signatory:unit\"])");
    let (round, own) = (house.round, house.facility.person);
    let seat = json!({ "verb": "seat", "reviewers": [own] });
    assert_eq!(house.facility_asks("round", round, &seat).unwrap_err(), "round/from-the-house IN-R30");
    let proposal = house.checked(0, "general", 6);
    let admit = json!({ "verb": "admit", "proposals": [proposal] });
    house.facility_asks("round", round, &admit).unwrap();
    assert_eq!(house.facility_asks("round", round, &admit).unwrap_err(), "round/admitted-already");
    // The leader of the proposal among the reviewers stands aside.
    let leader = house.teams[0];
    let mut reviewers: Vec<Id> = house.reviewers.iter().map(|one| one.person).collect();
    reviewers.push(leader.person);
    house.facility_asks("round", round, &json!({ "verb": "seat", "reviewers": reviewers })).unwrap();
    house.reviewers.push(leader);
    assert_eq!(house.marks(3, 1, 5).unwrap_err(), "round/conflict IN-R30");
    assert_eq!(house.marks(0, 2, 5).unwrap_err(), "round/no-such-number");
    house.marks(0, 1, 4).unwrap();
    house.marks(0, 1, 5).unwrap();
    house.clock("round", round);
    let allocate = json!({ "verb": "allocate" });
    assert_eq!(house.facility_asks("round", round, &allocate).unwrap_err(), "round/marks-missing IN-R30");
}

#[test]
fn the_directors_reserve_serves_urgent_ones_until_it_is_used() {
    let mut house = House::new(30);
    let (first, second) = (house.checked(0, "urgent", 2), house.checked(1, "urgent", 2));
    let general = house.checked(2, "general", 2);
    let round = house.round;
    let grant = |id: Id| json!({ "verb": "grant-urgent", "proposal": id, "shifts": 2 });
    assert_eq!(house.facility_asks("round", round, &grant(general)).unwrap_err(), "round/not-urgent");
    house.facility_asks("round", round, &grant(first)).unwrap();
    assert_eq!(
        house.facility_asks("round", round, &grant(second)).unwrap_err(),
        "round/reserve-too-small IN-R31-U"
    );
    let refuse = json!({ "verb": "refuse-urgent", "proposal": second, "reason": "可随下轮征集" });
    house.facility_asks("round", round, &refuse).unwrap();
    assert_eq!([first, second].map(|id| house.status(id)), ["granted", "rejected"]);
}

#[test]
fn granted_shifts_become_bookings_and_two_never_have_the_same_time() {
    let (mut house, proposals) = House::allocated(20);
    let instrument = house.instrument;
    let place = |from: &str, shifts: i64| {
        let from: Moment = from.parse().unwrap();
        json!({ "verb": "schedule", "instrument": instrument, "from": from, "shifts": shifts })
    };
    let first = proposals[0];
    let asks = |house: &mut House, id: Id, command: &Value| house.facility_asks("proposal", id, command);
    let early = asks(&mut house, first, &place("2026-05-11 08:00", 3)).unwrap_err();
    assert!(early.ends_with("not-now"), "samples first: {early}");
    let clear = json!({ "verb": "clear-samples" });
    for id in &proposals[..2] {
        asks(&mut house, *id, &clear).unwrap();
    }
    assert_eq!(
        asks(&mut house, first, &place("2026-05-11 08:00", 7)).unwrap_err(),
        "proposal/more-than-granted"
    );
    assert_eq!(
        asks(&mut house, first, &place("2026-04-30 20:00", 3)).unwrap_err(),
        "proposal/outside-the-period"
    );
    asks(&mut house, first, &place("2026-05-11 08:00", 3)).unwrap();
    let clash = asks(&mut house, proposals[1], &place("2026-05-12 00:00", 1)).unwrap_err();
    assert_eq!(clash, "calendar/taken-then");
    // A whole day and more: the daily quota of others does not count for it.
    asks(&mut house, proposals[1], &place("2026-05-12 08:00", 6)).unwrap();
    let state = house.state(first);
    assert_eq!((house.status(first).as_str(), &state["report_until"]), ("scheduled", &json!("2026-07-13")));
    let booking: Id = state["placed"][0]["booking"].as_str().unwrap().parse().unwrap();
    assert_eq!(
        (house.status(booking).as_str(), &house.state(booking)["price"]),
        ("scheduled", &json!("0.00"))
    );
    // What was cancelled can be placed again.
    let release = json!({ "verb": "release", "booking": booking });
    assert_eq!(asks(&mut house, first, &release).unwrap_err(), "proposal/booking-stands IN-P36");
    house.must(house.teams[0], "booking", Some(booking), &json!({ "verb": "cancel" }));
    asks(&mut house, first, &release).unwrap();
    assert_eq!(house.status(first), "cleared");
    asks(&mut house, first, &place("2026-05-11 08:00", 3)).unwrap();
}

#[test]
fn whoever_keeps_the_results_pays_the_full_cost() {
    let mut house = House::new(30);
    let proposal = house.checked(0, "proprietary", 3);
    let (round, reviewers) = (house.round, house.reviewers.iter().map(|one| one.person).collect::<Vec<_>>());
    house.facility_asks("round", round, &json!({ "verb": "seat", "reviewers": reviewers })).unwrap();
    house.facility_asks("round", round, &json!({ "verb": "admit", "proposals": [proposal] })).unwrap();
    for reviewer in 0..3 {
        house.marks(reviewer, 1, 4).unwrap();
    }
    house.clock("round", round);
    house.facility_asks("round", round, &json!({ "verb": "allocate" })).unwrap();
    house.places(proposal, "2026-06-01 08:00");
    let booking: Id = house.state(proposal)["placed"][0]["booking"].as_str().unwrap().parse().unwrap();
    assert_eq!(house.state(booking)["price"], "60000.00");
    // And is named nowhere: not to the public, not to other applicants.
    for viewer in [Viewer::public(), house.teams[1].viewer()] {
        assert!(house.seen(proposal, &viewer).is_none());
        assert!(!house.seen(round, &viewer).unwrap().contains(proposal.as_str()));
    }
}

#[test]
fn an_overdue_report_blocks_its_scientist_until_it_is_there() {
    let (mut house, proposals) = House::allocated(20);
    let first = proposals[0];
    house.places(first, "2026-05-11 08:00");
    let report = |works: Value, named: bool| json!({ "verb": "report", "summary": "晶核在三秒内出现", "works": works, "acknowledged": named });
    let leader = house.teams[0].viewer();
    let early = house.ask(&leader, "proposal", Some(first), &report(json!([]), false)).unwrap_err();
    assert_eq!(early, "proposal/still-to-come");
    house.clock("proposal", first);
    assert_eq!(
        (house.status(first).as_str(), house.world.now.day()),
        ("overdue", "2026-07-14".parse().unwrap())
    );
    let urgent = json!({ "urgency": "x" });
    assert_eq!(house.submits(0, "urgent", 1, &urgent).unwrap_err(), "track-record/report-overdue IN-R32");
    assert!(house.submits(1, "urgent", 1, &urgent).is_ok(), "another may");
    let unnamed =
        house.ask(&leader, "proposal", Some(first), &report(json!(["Nature 1"]), false)).unwrap_err();
    assert_eq!(unnamed, "proposal/not-acknowledged IN-R32");
    house.ask(&leader, "proposal", Some(first), &report(json!(["Nature 1"]), true)).unwrap();
    assert!(house.submits(0, "urgent", 1, &urgent).is_ok());
    let record = crate::track_record::name(house.teams[0].person.r()).id();
    let state = house.state(record);
    assert_eq!((&state["late"], &state["in_time"], &state["works"]), (&json!(1), &json!(0), &json!(1)));
    house.facility_asks("proposal", first, &json!({ "verb": "evaluate", "mark": 4 })).unwrap();
    assert_eq!(house.status(first), "evaluated");
}

#[test]
fn nobody_learns_who_reviewed_nor_who_came_away_without_time() {
    let (house, proposals) = House::allocated(20);
    let (round, rejected) = (house.round, proposals[2]);
    for viewer in [Viewer::public(), house.teams[2].viewer()] {
        let seen = house.seen(round, &viewer).unwrap();
        assert!(house.reviewers.iter().all(|one| !seen.contains(one.person.as_str())));
        assert!(seen.contains(proposals[0].as_str()) && !seen.contains(rejected.as_str()));
    }
    let own = house.seen(rejected, &house.teams[2].viewer()).unwrap();
    assert!(house.reviewers.iter().all(|one| !own.contains(one.person.as_str())));
    assert!(house.seen(rejected, &Viewer::public()).is_none());
    let reviewer = house.seen(round, &house.reviewers[0].viewer()).unwrap();
    assert!(reviewer.contains(rejected.as_str()) && !reviewer.contains(house.reviewers[1].person.as_str()));
}
