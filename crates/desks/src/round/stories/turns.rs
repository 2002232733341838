//! Turns: what becomes of time that comes back, how often a facility calls a year, and what is owed for shifts that never
//! took place.

use super::*;

impl House {
    fn leads(&mut self, team: usize, command: &Value) -> Answer {
        let (round, by) = (self.round, self.teams[team].viewer());
        self.ask(&by, "round", Some(round), command)
    }

    fn states(&self, proposals: &[Id]) -> Vec<String> {
        proposals.iter().map(|id| self.status(*id)).collect()
    }
}

fn back(proposal: Id) -> Value {
    json!({ "verb": "give-back", "proposal": proposal, "reason": "样品制备失败" })
}

fn answer(proposal: Id, accepts: bool) -> Value {
    json!({ "verb": "answer-turn", "proposal": proposal, "accepts": accepts })
}

#[test]
fn time_that_is_given_back_is_offered_to_the_first_below_the_line() {
    let (mut house, proposals) = House::allocated(20);
    let first = proposals[0];
    let leader = house.teams[0].viewer();
    let withdraw = json!({ "verb": "withdraw", "reason": "x" });
    let refused = house.ask(&leader, "proposal", Some(first), &withdraw).unwrap_err();
    assert_eq!(refused, "proposal/has-time IN-P35");
    assert_eq!(house.leads(1, &back(first)).unwrap_err(), "round/not-yours");
    house.leads(0, &back(first)).unwrap();
    assert_eq!(
        house.states(&proposals),
        ["withdrawn", "granted", "offered", "rejected"],
        "the last is too low"
    );
    let round = house.state(house.round);
    let turn = &round["turns"][0];
    let until: Day = "2026-04-08".parse().unwrap();
    assert_eq!((&turn["shifts"], &turn["until"]), (&json!(6), &json!(until)));
    assert_eq!(round["lines"][0]["given"], 6);
    let again = house.leads(0, &back(first)).unwrap_err();
    assert_eq!(again, "NotAllowed([\"party:leader\"])", "whoever has no time gives none back");
    let third = proposals[2];
    assert_eq!(house.leads(1, &answer(proposals[1], true)).unwrap_err(), "round/not-its-turn");
    house.leads(2, &answer(third, true)).unwrap();
    assert_eq!(house.status(third), "granted");
    assert_eq!(house.state(third)["place"]["rank"], 3);
    let round = house.state(house.round);
    assert_eq!((&round["lines"][0]["given"], &round["turns"][0]["took"]), (&json!(12), &json!(true)));
}

#[test]
fn a_turn_passes_on_when_its_days_are_over_or_its_leader_says_no() {
    // Ten general shifts: the second and the third fitted no more.
    let (mut house, proposals) = House::allocated(13);
    let round = house.round;
    assert_eq!(house.states(&proposals), ["granted", "rejected", "rejected", "rejected"]);
    let take = json!({ "verb": "take-back", "proposal": proposals[0], "reason": "样品安全审核未通过" });
    assert_eq!(house.leads(0, &take).unwrap_err(), "NotAllowed([\"signatory:unit\"])");
    house.facility_asks("round", round, &take).unwrap();
    assert_eq!(house.states(&proposals[..3]), ["withdrawn", "offered", "rejected"]);
    house.clock("round", round);
    assert_eq!(house.world.now.day(), "2026-04-09".parse().unwrap(), "seven days, then it passes");
    assert_eq!(house.states(&proposals[..3]), ["withdrawn", "rejected", "offered"]);
    house.leads(2, &answer(proposals[2], false)).unwrap();
    assert_eq!(house.states(&proposals[1..3]), ["rejected", "rejected"]);
    assert_eq!(house.state(round)["lines"][0]["given"], 0);
    house.clock("round", round);
    assert_eq!(house.status(round), "over");
}

#[test]
fn nobody_sees_an_offer_but_its_leader_and_the_facility() {
    let (mut house, proposals) = House::allocated(20);
    house.leads(0, &back(proposals[0])).unwrap();
    let third = proposals[2];
    let sees =
        |house: &House, viewer: &Viewer| house.seen(house.round, viewer).unwrap().contains(third.as_str());
    assert!(!sees(&house, &Viewer::public()) && !sees(&house, &house.teams[1].viewer()));
    assert!(sees(&house, &house.teams[2].viewer()) && sees(&house, &house.facility.viewer()));
    assert!(house.seen(third, &Viewer::public()).is_none());
}

#[test]
fn with_a_report_overdue_nobody_takes_what_others_gave_back() {
    // The same scientist leads the first and the third.
    let (mut house, proposals) = House::allocated_to(20, [0, 1, 0, 3]);
    let first = proposals[0];
    house.places(first, "2026-05-01 08:00");
    house.clock("proposal", first);
    assert_eq!(house.status(first), "overdue");
    house.leads(1, &back(proposals[1])).unwrap();
    assert_eq!(house.status(proposals[2]), "offered");
    let refused = house.leads(0, &answer(proposals[2], true)).unwrap_err();
    assert_eq!(refused, "track-record/report-overdue IN-R32");
    house.leads(0, &answer(proposals[2], false)).unwrap();
}

#[test]
fn shifts_that_never_took_place_owe_no_report() {
    let (mut house, proposals) = House::allocated(20);
    let first = proposals[0];
    house.places(first, "2026-05-11 08:00");
    let booking: Id = house.state(first)["placed"][0]["booking"].as_str().unwrap().parse().unwrap();
    house.must(house.teams[0], "booking", Some(booking), &json!({ "verb": "cancel" }));
    house.clock("proposal", first);
    let record = crate::track_record::name(house.teams[0].person.r()).id();
    assert_eq!((house.status(first), house.status(record)), ("overdue".into(), "blocked".into()));
    let release = json!({ "verb": "release", "booking": booking });
    house.facility_asks("proposal", first, &release).unwrap();
    assert_eq!((house.status(first), house.status(record)), ("cleared".into(), "clear".into()));
    assert_eq!(house.state(record)["late"], 0);
}

#[test]
fn a_beamline_is_called_for_twice_a_year() {
    let mut house = House::new(20);
    let keeper = house.facility;
    let plan = |house: &House, closes: &str, from: &str, until: &str| {
        let mut plan = house.plan(20, 10);
        (plan["opens"], plan["closes"]) = (json!("2026-03-10"), json!(closes));
        (plan["use_from"], plan["use_until"]) = (json!(from), json!(until));
        plan
    };
    let second = plan(&house, "2026-09-30", "2026-11-01", "2027-01-31");
    let second = house.must(keeper, "round", None, &second);
    let third = plan(&house, "2026-12-01", "2027-03-01", "2027-04-30");
    let refused = house.ask(&keeper.viewer(), "round", None, &third).unwrap_err();
    assert_eq!(refused, "instrument/enough-rounds IN-R30-N");
    // Closed in the next year it is the first of that year; the second, moved there, leaves room for the third.
    house.must(keeper, "round", None, &plan(&house, "2027-02-01", "2027-03-01", "2027-04-30"));
    let mut moved = plan(&house, "2027-01-15", "2027-05-01", "2027-06-30");
    moved["verb"] = json!("amend");
    house.must(keeper, "round", Some(second), &moved);
    house.must(keeper, "round", None, &third);
}
