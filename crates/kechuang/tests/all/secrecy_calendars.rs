//! Secrecy of calendars: what others booked, and what asks for facility time before it has any, shows in no answer to a
//! calendar program: methods, depths and reports of `/dav/`, files by name, and what is put there.

use grammar::kinds::Moment;
use serde_json::{Value, json};

use crate::{
    eyes::Eyes,
    secrecy::two_worlds,
    worlds::{By, Step, World, town},
};

const SIGNER: By = By::Person("signer");
const STRANGER: By = By::Person("stranger");

fn at(text: &str) -> Moment {
    text.parse().unwrap()
}

fn secret(zh: &str) -> Value {
    json!({ "zh": format!("{zh}机密 XQ-77"), "en": format!("{zh} XQ-77") })
}

fn booking(buyer: &str, from: &str) -> Value {
    json!({
        "verb": "request", "instrument": "@microscope", "buyer": buyer, "from": at(from), "minutes": 60, "basis": "by-hour",
        "samples": 3, "purpose": "research", "detail": "样品来源机密 XQ-77", "no_secrets": true,
    })
}

/// A firm's instrument with its own booking and one of the stranger, and a round in which the firm asks for time.
fn steps() -> Vec<Step> {
    let report = json!({
        "verb": "report", "code": "I-1", "name": { "zh": "透射电镜", "en": "microscope" }, "category": "analysis",
        "unit": "@firm", "region": "310115", "value": "5000000.00", "fiscal": false, "functions": { "zh": "成像", "en": "imaging" },
        "terms": { "sharing": "external", "charges": "公开" },
    });
    let using = json!({
        "openings": [], "confirmation": "at-once", "buffer_minutes": 0, "is_supervised": false, "needs_permit": false,
        "charges": { "outside_hour": "200.00", "inside_hour": "100.00", "outside_shift": "20000.00" }, "related": [],
    });
    let round = json!({
        "verb": "announce", "title": { "zh": "第一轮", "en": "first" }, "region": "310000",
        "offers": [{ "instrument": "@microscope", "shifts": 40 }],
        "reserves": { "urgent": 10, "key": 0, "proprietary": 10, "commissioning": 0 },
        "closes": "2026-03-31", "use_from": "2026-05-01", "use_until": "2026-07-31",
    });
    let proposal = json!({
        "verb": "submit", "round": "@round", "instrument": "@microscope", "applicant": "@firm", "leader": "@signer",
        "kind": "general", "title": secret("课题"), "summary": "实验内容 XQ-77", "shifts": 6, "least": 3,
        "samples": [{ "name": "样品 XQ-77", "amount": "10 mg", "hazard": "none" }], "no_secrets": true,
    });
    vec![
        Step::new("microscope", SIGNER, "instrument", "", report),
        Step::new(
            "using",
            SIGNER,
            "instrument",
            "microscope",
            json!({ "verb": "set-using", "using": using }),
        ),
        Step::new("booking", SIGNER, "booking", "", booking("@firm", "2026-03-03 09:00")),
        Step::new("other", STRANGER, "booking", "", booking("@elsewhere", "2026-03-04 09:00")),
        Step::new("round", SIGNER, "round", "", round),
        Step::new("proposal", SIGNER, "proposal", "", proposal),
    ]
}

#[test]
fn what_others_booked_and_what_asks_for_time_shows_in_no_calendar() {
    let hidden = [
        "booking.samples",
        "booking.detail",
        "proposal.title",
        "proposal.summary",
        "proposal.shifts",
        "proposal.least",
        "proposal.samples",
    ];
    two_worlds("calendar", steps(), &hidden);
}

#[test]
fn a_program_of_the_two_worlds_really_reads_its_calendars() {
    let mut steps_all = town();
    steps_all.extend(steps());
    let world = World::play(&steps_all).unwrap();
    world.registry.seal_now().unwrap();
    let asked = crate::eyes::Asked::of(&world.registry);
    let program = Eyes::new(&world, Some("stranger")).program().unwrap();
    let told: Vec<(String, u16, String)> = asked
        .programs()
        .iter()
        .map(|visit| {
            let reply = program.put(visit);
            (
                format!("{} {}", visit.method, visit.path),
                reply.status,
                String::from_utf8_lossy(&reply.body).into_owned(),
            )
        })
        .collect();
    let good = told.iter().filter(|(_, status, _)| [200, 207].contains(status)).count();
    assert!(good > 20, "{good} of {}: too little was seen to tell anything", told.len());
    let own = world.records["other"].to_string();
    assert!(
        told.iter().any(|(_, _, body)| body.contains(&own) && body.contains("XQ-77")),
        "its own it reads whole"
    );
    let others = world.records["booking"].to_string();
    let shown: Vec<&str> = told
        .iter()
        .filter(|(asked, status, body)| {
            *status < 300 && body.contains(&others) && !asked.starts_with("REPORT")
        })
        .map(|(asked, ..)| asked.as_str())
        .collect();
    assert!(shown.is_empty(), "{shown:?}");
}
