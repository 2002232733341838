//! What a laboratory's entry does, told as stories. `UPDATE_EXPECT=1 cargo test -p desks` rewrites them.

use grammar::story::*;

use super::{Command::*, Event::*, Refusal::*, *};

fn entry(more: &str) -> Entry {
    let text = format!(
        r#"{{"platform_no":"SKL-07","name":{{"zh":"示例材料实验室"}},"field":"new-materials",
        "region":"310115","lead":"organisation-university" {more}}}"#
    );
    serde_json::from_str(&text).unwrap()
}

fn key_laboratory(more: &str) -> Entry {
    entry(&format!(r#","kind":"municipal-key-laboratory","tier":"provincial" {more}"#))
}

fn why(text: &str) -> Text<500> {
    text.parse().unwrap()
}

fn officer() -> Viewer {
    Viewer { offices: vec![(OFFICE.into(), Region::code(310_000))], ..Viewer::default() }
}

fn listed() -> Story<Laboratory> {
    let mut story = Story::<Laboratory>::new("2026-03-02");
    story.showing(&["status", "reason", "successor"]);
    story.by(officer()).when(Enrol(key_laboratory("")));
    story
}

#[test]
fn an_entry_outlives_what_it_describes() {
    let mut story = listed();
    assert!(story.record().card().is_offer);
    story.on("2026-05-06").when(Suspend { reason: why("rectifying") });
    assert!(!story.record().card().is_offer);
    story.not_now(Suspend { reason: why("again") });
    story.on("2026-08-03").when(Resume { reason: why("rectified") });
    let heir = Id::named("laboratory-heir");
    story.given(heir, Card::new().status("listed"));
    story.when(Delist { reason: why("merged"), successor: Some(heir.r()) });
    story.not_now(Amend(key_laboratory("")));
    story.expect(&expect![[r#"
        2026-03-02  enrol     said enrolled  status listed  reason -  successor -
        2026-05-06  suspend   said suspended  status suspended  reason rectifying  successor -
        2026-08-03  resume    said resumed  status listed  reason -  successor -
        2026-08-03  delist    said delisted  status delisted  reason merged  successor laboratory-heir
    "#]]);
}

#[test]
fn the_lead_unit_updates_all_but_what_the_authority_decides() {
    let mut story = listed();
    let university = Id::named("organisation-university");
    story.by(Viewer { signs_for: vec![university], ..Viewer::default() });
    story.when(Amend(key_laboratory(r#","staff":80,"services":{"zh":"电镜"}"#)));
    let upgraded = || entry(r#","kind":"national-key-laboratory","tier":"national""#);
    story.refuses(Amend(upgraded()), OnlyTheAuthority);
    story.refuses(Amend(key_laboratory(r#","next_evaluation":"2031-01-01""#)), OnlyTheAuthority);
    story.by(officer()).when(Amend(upgraded()));
    assert_eq!(story.record().card().facets.get("tier").map(String::as_str), Some("national"));
}

#[test]
fn the_kind_fixes_the_tier() {
    let mut story = listed();
    let (kind, tier) = (Kind::NationalLaboratory, Tier::District);
    story.refuses(
        Amend(entry(r#","kind":"national-laboratory","tier":"district""#)),
        TierDoesNotFit { kind, tier },
    );
    story.when(Amend(entry(r#","kind":"incubator","tier":"district""#)));
}

#[test]
fn an_entry_makes_sense() {
    let mut story = listed();
    let mut renumbered = key_laboratory("");
    renumbered.platform_no = "SKL-08".parse().unwrap();
    story.refuses(Amend(renumbered), NumberChanges);
    let mut nameless = key_laboratory("");
    nameless.name = Bilingual { zh: None, en: None };
    story.refuses(Amend(nameless), NoName);
    story.refuses(Amend(key_laboratory(r#","partners":["organisation-university"]"#)), LeadIsPartner);
    story.refuses(Amend(key_laboratory(r#","parent":"laboratory""#)), PartOfItself);
    let approved = day("2026-03-03");
    story.refuses(Amend(key_laboratory(r#","approved":"2026-03-03""#)), ApprovedLater { approved });
    story.refuses(
        Amend(key_laboratory(r#","approved":"2020-01-01","next_evaluation":"2019-01-01""#)),
        EvaluatedBeforeApproval { approved: day("2020-01-01"), next_evaluation: day("2019-01-01") },
    );
}

#[test]
fn a_successor_is_another_laboratory_that_stands() {
    let mut story = listed();
    let gone = Id::named("laboratory-gone");
    story.given(gone, Card::new().status("delisted"));
    story.refuses(
        Delist { reason: why("x"), successor: Some(gone.r()) },
        SuccessorIsGone { successor: gone.r() },
    );
    story.refuses(
        Delist { reason: why("x"), successor: Some(Id::named("laboratory").r()) },
        SuccessorIsItself,
    );
}

#[test]
fn no_more_are_inside_than_its_lead_unit_says() {
    let mut story = listed();
    let university = Id::named("organisation-university");
    let booking = |name: &str| name.parse::<Id>().unwrap().r::<Booking>();
    let enter = |name: &str, people| Enter { booking: booking(name), people: Between::new(people).unwrap() };
    story.showing(&["occupancy"]);
    story.by(Viewer { organisations: vec![university], ..Viewer::default() });
    story.when(enter("booking-0", 1)).when(SetOccupancy { most: Between::new(2) });
    story.when(GoOut { booking: booking("booking-0") });
    story.when(enter("booking-1", 1)).refuses(enter("booking-2", 2), Full { most: 2, inside: 1 });
    story.when(enter("booking-3", 1)).refuses(enter("booking-2", 1), Full { most: 2, inside: 2 });
    let mut seen = story.record().clone();
    seen.veil(&Viewer::public());
    assert!(seen.occupancy.unwrap().inside.is_empty() && seen.reason.is_none());
    let entered = Entered(Inside { booking: booking("booking-1"), people: Between::new(1).unwrap() });
    assert_eq!(Laboratory::veil_event(story.record(), entered, &Viewer::public()), None);
    story.when(GoOut { booking: booking("booking-1") }).when(enter("booking-2", 1));
    story
        .when(SetOccupancy { most: Between::new(1) })
        .refuses(enter("booking-4", 1), Full { most: 1, inside: 2 });
    story.when(SetOccupancy { most: None }).when(enter("booking-4", 1));
    story.expect(&expect![[r#"
        2026-03-02  enrol     said enrolled  status listed  reason -  successor -
        2026-03-02  enter       occupancy -
        2026-03-02  set-occupancy said occupancy-set  occupancy {"most":2,"inside":[],"visits":[]}
        2026-03-02  go-out      occupancy {"most":2,"inside":[],"visits":[]}
        2026-03-02  enter     said entered  occupancy {"most":2,"inside":[{"booking":"booking-1","people":1}],"visits":[]}
        2026-03-02  refuses   Because(Full { most: 2, inside: 1 }, None)  occupancy {"most":2,"inside":[{"booking":"booking-1","people":1}],"visits":[]}
        2026-03-02  enter     said entered  occupancy {"most":2,"inside":[{"booking":"booking-1","people":1},{"booking":"booking-3","people":1}],"visits":[]}
        2026-03-02  refuses   Because(Full { most: 2, inside: 2 }, None)  occupancy {"most":2,"inside":[{"booking":"booking-1","people":1},{"booking":"booking-3","people":1}],"visits":[]}
        2026-03-02  go-out    said went-out  occupancy {"most":2,"inside":[{"booking":"booking-3","people":1}],"visits":[]}
        2026-03-02  enter     said entered  occupancy {"most":2,"inside":[{"booking":"booking-3","people":1},{"booking":"booking-2","people":1}],"visits":[]}
        2026-03-02  set-occupancy said occupancy-set  occupancy {"most":1,"inside":[{"booking":"booking-3","people":1},{"booking":"booking-2","people":1}],"visits":[]}
        2026-03-02  refuses   Because(Full { most: 1, inside: 2 }, None)  occupancy {"most":1,"inside":[{"booking":"booking-3","people":1},{"booking":"booking-2","people":1}],"visits":[]}
        2026-03-02  set-occupancy said occupancy-set  occupancy {"most":null,"inside":[{"booking":"booking-3","people":1},{"booking":"booking-2","people":1}],"visits":[]}
        2026-03-02  enter       occupancy {"most":null,"inside":[{"booking":"booking-3","people":1},{"booking":"booking-2","people":1}],"visits":[]}
    "#]]);
}

#[test]
fn who_visits_and_sits_at_the_same_booking_is_counted_once() {
    let mut story = listed();
    let booking = |name: &str| name.parse::<Id>().unwrap().r::<Booking>();
    let visit = |name: &str| name.parse::<Id>().unwrap().r::<Visit>();
    let enter = |name: &str, people| Enter { booking: booking(name), people: Between::new(people).unwrap() };
    let admit = |name: &str, of: Option<&str>, people| {
        let people = Between::new(people).unwrap();
        Admit(Admission { visit: visit(name), booking: of.map(booking), people })
    };
    let out = |name: &str, people| SeeOut { visit: visit(name), people: Between::new(people).unwrap() };
    let people = |story: &Story<Laboratory>| story.record().card().read::<i64>("people").unwrap_or(0);
    story.when(admit("visit-0", None, 20)).when(SetOccupancy { most: Between::new(4) });
    story.when(out("visit-0", 20));
    assert_eq!(people(&story), 0, "whoever came before the counting is not counted out");
    story.when(admit("visit-1", Some("booking-1"), 2)).when(admit("visit-1", Some("booking-1"), 1));
    story.when(enter("booking-1", 1));
    assert_eq!(people(&story), 3, "whoever sits there is one of the three");
    story.when(admit("visit-2", None, 1)).refuses(admit("visit-3", None, 1), Full { most: 4, inside: 4 });
    story.refuses(enter("booking-2", 1), Full { most: 4, inside: 4 });
    story.when(out("visit-1", 3));
    assert_eq!(people(&story), 2, "one still sits, one visits");
    story.when(enter("booking-3", 2)).when(admit("visit-4", Some("booking-3"), 1));
    assert_eq!(people(&story), 4, "a visitor of those who sit takes no place");
    story.refuses(admit("visit-4", Some("booking-3"), 2), Full { most: 4, inside: 4 });
    story.when(SetOccupancy { most: Between::new(1) }).when(admit("visit-4", Some("booking-3"), 1));
    let mut seen = story.record().clone();
    seen.veil(&Viewer::public());
    assert!(seen.occupancy.unwrap().visits.is_empty());
}

#[test]
fn each_change_of_the_safety_notes_has_a_number() {
    let mut story = listed();
    let notes = |zh: &str| SetSafety { notes: Some(Bilingual { zh: Text::read(zh), en: None }) };
    story.showing(&["safety"]);
    story.when(notes("戴护目镜")).refuses(notes("戴护目镜"), SameNotes);
    story.refuses(SetSafety { notes: Some(Bilingual { zh: None, en: None }) }, NoNotes);
    story.when(notes("戴护目镜，不得饮食"));
    assert_eq!(story.record().card().read::<i64>("safety"), Some(2));
    story.when(SetSafety { notes: None }).refuses(SetSafety { notes: None }, SameNotes);
    assert_eq!(story.record().card().read::<i64>("safety"), None);
    story.when(notes("戴护目镜"));
    story.expect(&expect![[r#"
        2026-03-02  enrol     said enrolled  status listed  reason -  successor -
        2026-03-02  set-safety said safety-set  safety {"version":1,"notes":{"zh":"戴护目镜"}}
        2026-03-02  refuses   Because(SameNotes, None)  safety {"version":1,"notes":{"zh":"戴护目镜"}}
        2026-03-02  refuses   Because(NoNotes, None)  safety {"version":1,"notes":{"zh":"戴护目镜"}}
        2026-03-02  set-safety said safety-set  safety {"version":2,"notes":{"zh":"戴护目镜，不得饮食"}}
        2026-03-02  set-safety said safety-set  safety {"version":3,"notes":null}
        2026-03-02  refuses   Because(SameNotes, None)  safety {"version":3,"notes":null}
        2026-03-02  set-safety said safety-set  safety {"version":4,"notes":{"zh":"戴护目镜"}}
    "#]]);
}

#[test]
fn its_lead_unit_says_which_hazards_of_samples_it_takes() {
    use crate::hazard::Hazard;

    let mut story = listed();
    let takes = |hazards: &[Hazard], only_these_hazards| Takes {
        hazards: List::new(hazards.to_vec()).unwrap(),
        only_these_hazards,
    };
    let twice = [Hazard::Gas, Hazard::Gas];
    story.refuses(SetHazards(takes(&twice, true)), NamedTwice { hazard: Hazard::Gas });
    assert!(story.record().card().read::<Takes>("takes").is_none(), "nobody has said");
    story.when(SetHazards(takes(&[Hazard::Irritant], true)));
    let said = story.record().card().read::<Takes>("takes").unwrap();
    assert_eq!(said.stops(&[Hazard::Irritant, Hazard::Flammable]), Some(Hazard::Flammable));
    assert_eq!(said.stops(&[Hazard::Irritant]), None);
    assert_eq!(takes(&[], false).stops(&[Hazard::Infectious]), None, "they look at each");
    story.when(Delist { reason: why("merged"), successor: None });
    story.not_now(SetHazards(takes(&[], true)));
}
