//! Visits in one house with laboratories and bookings: who is inside is counted once, however they came in.

use grammar::{
    case::{Refused, Shelf},
    fuzz::World,
    prelude::*,
};
use serde_json::{Value, json};

use crate::DESKS;

struct House {
    world: World,
    laboratory: Id,
    instrument: Id,
    firm: Id,
    host: Id,
    keeper: Viewer,
}

fn member(of: Id, person: Id) -> Viewer {
    Viewer { person: Some(person), organisations: vec![of], signs_for: vec![of], ..Viewer::default() }
}

fn office(office: &str) -> Viewer {
    Viewer { offices: vec![(office.into(), grammar::kinds::REGION_ALL)], ..Viewer::default() }
}

/// A laboratory for so many people, an instrument in it for several at once, a firm and a host.
fn house(most: i64) -> House {
    let mut world = World::new(&DESKS, "2026-03-02".parse().unwrap());
    let mut organisation = |kind: &str, name: &str| {
        let entry = json!({ "verb": "register", "name": { "zh": name }, "kind": kind, "region": "310115" });
        world.ask("organisation", None, &entry, &office("registrar")).unwrap()
    };
    let (unit, firm) = (organisation("institute", "示例研究院"), organisation("enterprise", "示例企业"));
    let host = json!({ "verb": "sign-up", "name": "c0ffee", "region": "310115", "public": true, "display_name": { "zh": "示例接待" } });
    let host = world.ask("person", None, &host, &office("registrar")).unwrap();
    let claim = json!({ "verb": "claim-affiliation", "organisation": unit, "role": "staff", "may_sign": false, "from": "2026-01-01" });
    let confirm = json!({ "verb": "confirm-affiliation", "organisation": unit });
    for command in [claim, confirm] {
        world.ask("person", Some(host), &command, &office("registrar")).unwrap();
    }
    let entry = json!({
        "verb": "enrol", "platform_no": "SKL-1", "name": { "zh": "示例实验室" }, "kind": "municipal-key-laboratory",
        "tier": "provincial", "field": "new-materials", "region": "310115", "lead": unit
    });
    let laboratory = world.ask("laboratory", None, &entry, &office("laboratory-office")).unwrap();
    let keeper = member(unit, host);
    let mut tells =
        |desk: &str, id: Option<Id>, command: &Value| world.ask(desk, id, command, &keeper).unwrap();
    tells("laboratory", Some(laboratory), &json!({ "verb": "set-occupancy", "most": most }));
    let notes = json!({ "verb": "set-safety", "notes": { "zh": "戴护目镜" } });
    tells("laboratory", Some(laboratory), &notes);
    let entry = json!({
        "verb": "report", "code": "SH-TEM-1", "name": { "zh": "透射电子显微镜" }, "category": "analysis",
        "region": "310115", "unit": unit, "laboratory": laboratory, "value": "3200000.00", "fiscal": false,
        "functions": { "zh": "成像" }, "terms": { "sharing": "external", "charges": "公开" }
    });
    let instrument = tells("instrument", None, &entry);
    let using = json!({
        "openings": [], "confirmation": "at-once", "buffer_minutes": 0, "is_supervised": false, "places": 3,
        "needs_permit": false, "charges": { "outside_hour": "600.00", "inside_hour": "200.00" }
    });
    tells("instrument", Some(instrument), &json!({ "verb": "set-using", "using": using }));
    House { world, laboratory, instrument, firm, host, keeper }
}

impl House {
    fn firm(&self) -> Viewer {
        member(self.firm, Id::named("person-firm"))
    }

    fn at(&mut self, moment: &str) {
        self.world.now = moment.parse().unwrap();
    }

    fn books(&mut self, from: &str) -> Id {
        let (from, by): (Moment, _) = (from.parse().unwrap(), self.firm());
        let wish = json!({
            "verb": "request", "instrument": self.instrument, "buyer": self.firm, "from": from, "minutes": 60,
            "basis": "by-hour", "purpose": "research", "detail": "two samples", "no_secrets": true
        });
        self.world.ask("booking", None, &wish, &by).unwrap()
    }

    fn starts(&mut self, booking: Id) -> Result<Id, Refused> {
        let (start, by) =
            (json!({ "verb": "start", "instrument": self.instrument, "code": "-" }), self.keeper.clone());
        self.world.ask("booking", Some(booking), &start, &by)
    }

    fn stops(&mut self, booking: Id) {
        let by = self.keeper.clone();
        self.world.ask("booking", Some(booking), &json!({ "verb": "stop" }), &by).unwrap();
    }

    /// A visit of so many on the whole day, accepted and confirmed.
    fn visit(&mut self, people: usize, booking: Option<Id>) -> Id {
        let [from, until] =
            ["2026-03-03 09:00", "2026-03-03 18:00"].map(|text| text.parse::<Moment>().unwrap());
        let by = self.firm();
        let announce = json!({
            "verb": "announce", "laboratory": self.laboratory, "visiting": self.firm, "purpose": "to see it run",
            "from": from, "until": until, "booking": booking, "visitors": vec![json!({ "name": "c0ffee" }); people]
        });
        let visit = self.world.ask("visit", None, &announce, &by).unwrap();
        self.lead(visit, &json!({ "verb": "accept", "host": self.host })).unwrap();
        let confirm = json!({ "verb": "confirm-safety", "laboratory": self.laboratory, "version": 1 });
        self.world.ask("visit", Some(visit), &confirm, &by).unwrap()
    }

    fn lead(&mut self, visit: Id, command: &Value) -> Result<Id, Refused> {
        let by = self.keeper.clone();
        self.world.ask("visit", Some(visit), command, &by)
    }

    fn arrives(&mut self, visit: Id, visitor: Option<i64>) -> Result<Id, Refused> {
        self.lead(visit, &json!({ "verb": "arrive", "laboratory": self.laboratory, "visitor": visitor }))
    }

    fn leaves(&mut self, visit: Id, visitor: Option<i64>) {
        self.lead(visit, &json!({ "verb": "leave", "visitor": visitor })).unwrap();
    }

    fn people(&self) -> i64 {
        let card = self.world.stored(self.laboratory).unwrap().standing.card;
        card.read("people").unwrap_or(0)
    }
}

fn why(refused: Result<Id, Refused>) -> String {
    match refused {
        Err(Refused::Because(refusal)) => {
            format!("{}/{} {}", refusal.desk, refusal.code, refusal.about.unwrap_or_default())
        }
        other => format!("{other:?}"),
    }
}

#[test]
fn whoever_visits_for_a_booking_and_begins_it_is_counted_once() {
    let mut house = house(3);
    let booking = house.books("2026-03-03 10:00");
    let visit = house.visit(2, Some(booking));
    house.at("2026-03-03 09:45");
    house.arrives(visit, None).unwrap();
    assert_eq!(house.people(), 2);
    let other = house.visit(2, None);
    house.arrives(other, Some(1)).unwrap();
    house.at("2026-03-03 10:00");
    house.starts(booking).unwrap();
    assert_eq!(house.people(), 3, "the laboratory is full, and whoever begins was inside already");
    assert_eq!(why(house.arrives(other, Some(2))), "laboratory/full visitor");
    house.leaves(visit, None);
    assert_eq!(house.people(), 2, "the sitting runs on");
    house.arrives(other, Some(2)).unwrap();
    house.stops(booking);
    assert_eq!(house.people(), 2);
}

#[test]
fn whoever_sits_at_another_booking_takes_a_place_and_a_full_laboratory_says_so() {
    let mut house = house(2);
    let (one, two) = (house.books("2026-03-03 10:00"), house.books("2026-03-03 10:00"));
    let visit = house.visit(1, Some(one));
    house.at("2026-03-03 10:00");
    house.arrives(visit, None).unwrap();
    house.starts(two).unwrap();
    assert_eq!(house.people(), 2);
    house.starts(one).unwrap();
    assert_eq!(house.people(), 2);
    let late = house.visit(3, None);
    assert_eq!(why(house.arrives(late, None)), "laboratory/full visitor");
    house.stops(two);
    assert_eq!(why(house.arrives(late, None)), "laboratory/full visitor", "three do not come in as one");
    house.arrives(late, Some(3)).unwrap();
    assert_eq!(house.people(), 2);
}

#[test]
fn the_clock_empties_a_laboratory_when_a_visit_is_over() {
    let mut house = house(5);
    let visit = house.visit(2, None);
    house.at("2026-03-03 09:00");
    house.arrives(visit, None).unwrap();
    assert_eq!(house.people(), 2);
    for status in ["over", "over"] {
        let due = house.world.stored(visit).unwrap().standing.due.unwrap();
        house.world.now = due.at;
        house.world.ask("visit", Some(visit), &due.command, &Viewer::clock()).unwrap();
        assert_eq!(house.world.stored(visit).unwrap().standing.card.status, status);
    }
    assert_eq!(house.people(), 0);
    let state = house.world.stored(visit).unwrap().standing.state.into_plain();
    assert_eq!(state["coming"][0]["name"], Value::Null, "and some days later nobody is named");
    assert_eq!(state["coming"][0]["standing"], "signed-out");
}
