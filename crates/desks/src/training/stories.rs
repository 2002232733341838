//! What a training session does, told as stories. `UPDATE_EXPECT=1 cargo test -p desks` rewrites them.

use grammar::story::*;

use super::{Command::*, Refusal::*, *};

const TEM: Id = Id::named("instrument-tem");
const SEM: Id = Id::named("instrument-sem");
const FAR: Id = Id::named("instrument-far");
const UNIT: Id = Id::named("organisation-institute");
const OTHER: Id = Id::named("organisation-other");
const HALL: Id = Id::named("laboratory-hall");
const TEACHER: Id = Id::named("person-t");

fn who(person: &'static str) -> Viewer {
    Viewer { person: person.parse().ok(), ..Viewer::default() }
}

fn instrument(unit: Id, group: Option<&str>) -> Card {
    let group = group.and_then(Text::read);
    let using = crate::instrument::Using { permit_group: group, ..crate::instrument::Using::default() };
    Card::new().titled("电镜", "microscope").party("unit", unit).fact("using", using)
}

fn plan(instruments: &[Id], from: &str, seats: i64) -> Plan {
    let instruments = List::new(instruments.iter().map(|id| id.r()).collect()).unwrap();
    Plan {
        instruments,
        laboratory: None,
        from: from.parse().unwrap(),
        minutes: Between::new(120).unwrap(),
        room: "B-204".parse().unwrap(),
        seats: Between::new(seats).unwrap(),
        teacher: TEACHER.r(),
        closes_instruments: false,
        detail: None,
    }
}

fn begun() -> Story<Training> {
    let mut story = Story::<Training>::new("2026-03-02");
    let people = ["person-1", "person-2", "person-3", "person-t"];
    for id in people {
        story.given(id.parse().unwrap(), Card::new());
    }
    story
        .given(TEM, instrument(UNIT, Some("electron")))
        .given(SEM, instrument(UNIT, Some("electron")))
        .given(FAR, instrument(OTHER, None).party("laboratory", HALL))
        .given(HALL, Card::new().party("lead", UNIT));
    story.showing(&["status"]);
    story
}

fn person(id: &str) -> Ref<Person> {
    id.parse::<Id>().unwrap().r()
}

fn passed(ids: &[&str]) -> Passed {
    List::new(ids.iter().map(|id| person(id)).collect()).unwrap()
}

#[test]
fn whoever_waits_moves_up_and_whoever_passes_is_given_a_permit() {
    let mut story = begun();
    let until = day("2027-03-31");
    story.when(Announce(plan(&[TEM, SEM], "2026-03-10 09:00", 2)));
    for id in ["person-1", "person-2", "person-3"] {
        story.by(who(id)).when(Join { permit: None });
    }
    story.refuses(Join { permit: None }, ListedAlready);
    assert_eq!((story.record().seated(), story.record().waiting()), (2, 1));
    story.by(who("person-1")).when(Leave).refuses(Leave, NotListed);
    story.not_now(SignOff { passed: passed(&["person-2"]), until });
    story.on("2026-03-11").by(who("person-t")).not_now(Join { permit: None });
    let none = Passed::default();
    story.refuses(SignOff { passed: none, until }, NobodyPassed);
    story.refuses(SignOff { passed: passed(&["person-1"]), until }, NoSeat { person: person("person-1") });
    let twice = SignOff { passed: passed(&["person-3", "person-3"]), until };
    story.refuses(twice, PassedAlready { person: person("person-3") });
    story.when(SignOff { passed: passed(&["person-3"]), until });
    story.refuses(Strike { person: person("person-3") }, PassedAlready { person: person("person-3") });
    story.on("2026-05-01").not_now(SignOff { passed: passed(&["person-2"]), until });
    story.expect(&expect![[r#"
        2026-03-02  announce  said announced  status announced
        2026-03-02  join      said listed  status announced
        2026-03-02  join      said listed  status announced
        2026-03-02  join      said listed  status announced
        2026-03-02  refuses   Because(ListedAlready, None)  status announced
        2026-03-02  leave     said left said moved-up  status announced
        2026-03-02  refuses   Because(NotListed, None)  status announced
        2026-03-10  clock     said begun  status begun
        2026-03-11  refuses   Because(NobodyPassed, None)  status begun
        2026-03-11  refuses   Because(NoSeat { person: person-1 }, None)  status begun
        2026-03-11  refuses   Because(PassedAlready { person: person-3 }, None)  status begun
        2026-03-11  sign-off  said signed-off | pass permit-3xtem: instrument instrument-tem, person person-3, trained 2026-03-10, until 2027-03-31  status begun
        2026-03-11  refuses   Because(PassedAlready { person: person-3 }, None)  status begun
        2026-04-09  clock     said closed  status held
    "#]]);
}

#[test]
fn a_permit_that_is_named_is_renewed() {
    let mut story = begun();
    let own = |person: &str, instrument: Id, group: &str| {
        let card = Card::new().party("person", person.parse().unwrap()).party("instrument", instrument);
        card.party("unit", UNIT).fact("group", group)
    };
    let (mine, sister, lost, hers): (Id, Id, Id, Id) = (
        Id::named("permit-mine"),
        Id::named("permit-sister"),
        Id::named("permit-lost"),
        Id::named("permit-hers"),
    );
    story.given(mine, own("person-1", TEM, "")).given(hers, own("person-2", TEM, ""));
    story.given(lost, own("person-1", FAR, "")).given(sister, own("person-1", SEM, "electron"));
    story.when(Announce(plan(&[TEM], "2026-03-10 09:00", 2)));
    story.refuses(Join { permit: Some(hers.r()) }, NotYourPermit);
    story.refuses(Join { permit: Some(lost.r()) }, OpensSomethingElse);
    story.when(Join { permit: Some(sister.r()) }).when(Leave).when(Join { permit: Some(mine.r()) });
    story.on("2026-03-11");
    story.when(SignOff { passed: passed(&["person-1"]), until: day("2027-03-31") });
    story.when(Close).not_now(Close);
    story.expect(&expect![[r#"
        2026-03-02  announce  said announced  status announced
        2026-03-02  refuses   Because(NotYourPermit, None)  status announced
        2026-03-02  refuses   Because(OpensSomethingElse, None)  status announced
        2026-03-02  join      said listed  status announced
        2026-03-02  leave     said left  status announced
        2026-03-02  join      said listed  status announced
        2026-03-10  clock     said begun  status begun
        2026-03-11  sign-off  said signed-off | pass permit-mine: instrument instrument-tem, person person-1, trained 2026-03-10, until 2027-03-31  status begun
        2026-03-11  close     said closed  status held
    "#]]);
}

#[test]
fn instruments_of_several_units_are_taught_by_the_laboratory_in_which_they_stand() {
    let mut story = begun();
    let at = "2026-03-10 09:00";
    story.refuses(Announce(plan(&[], at, 2)), NoInstrument);
    story.refuses(Announce(plan(&[TEM, TEM], at, 2)), InstrumentTwice { instrument: TEM.r() });
    story.refuses(Announce(plan(&[TEM, FAR], at, 2)), OfAnotherUnit { instrument: FAR.r() });
    let in_hall =
        |instruments: &[Id]| Announce(Plan { laboratory: Some(HALL.r()), ..plan(instruments, at, 2) });
    story.refuses(in_hall(&[FAR, TEM]), NotInLaboratory { instrument: TEM.r() });
    let past = "2026-03-01 09:00";
    story.refuses(Announce(plan(&[TEM], past, 2)), InThePast { from: past.parse().unwrap() });
    story.refuses(Announce(plan(&[TEM], "2027-03-03 09:00", 2)), TooFarAhead { days: 365 });
    story.when(in_hall(&[FAR]));
    assert_eq!(story.record().unit.id(), UNIT, "the laboratory's lead holds it");
}

#[test]
fn others_read_that_seats_are_taken_and_not_by_whom() {
    let mut story = begun();
    story.when(Announce(plan(&[TEM], "2026-03-10 09:00", 1)));
    story.by(who("person-2")).when(Join { permit: None });
    story.by(who("person-3")).when(Enlist { person: person("person-3") });
    let seen = |viewer: &Viewer| {
        let mut record = story.record().clone();
        let sight = record.veil(viewer);
        (sight, record.listed.iter().map(|seat| seat.person.map(|person| person.id())).collect::<Vec<_>>())
    };
    let named = |id: &str| id.parse::<Id>().ok();
    assert_eq!(seen(&Viewer::public()), (Sight::Seen, vec![None, None]));
    assert_eq!(seen(&who("person-2")), (Sight::Seen, vec![named("person-2"), None]));
    assert_eq!(seen(&who("person-t")).1, vec![named("person-2"), named("person-3")], "the teacher knows");
    let event = Event::Left { person: Some(person("person-2")) };
    let told = |viewer: &Viewer| Training::veil_event(story.record(), event.clone(), viewer);
    assert_eq!(told(&Viewer::public()), None, "who asked it stands beside a line");
    assert_eq!(told(&who("person-2")), Some(event.clone()));
    let deputy = Viewer { acting_for: named("person-1"), ..who("person-3") };
    story.by(deputy).refuses(Join { permit: None }, OnlyYourself);
}

#[test]
fn one_that_is_put_off_waits_for_its_new_day_and_one_that_is_called_off_says_why() {
    let mut story = begun();
    story.when(Announce(plan(&[TEM], "2026-03-10 09:00", 1)));
    let (from, room): (Moment, Text<200>) = ("2026-03-20 14:00".parse().unwrap(), "C-1".parse().unwrap());
    story.when(Postpone { from, room });
    assert_eq!(story.on("2026-03-15").record().status, Status::Announced);
    story.when(CallOff { reason: "the pump is broken".parse().unwrap() });
    story.on("2026-04-01").not_now(Join { permit: None }).not_now(Enlist { person: person("person-2") });
    story.expect(&expect![[r#"
        2026-03-02  announce  said announced  status announced
        2026-03-02  postpone  said postponed  status announced
        2026-03-15  call-off  said called-off  status called-off
    "#]]);
}
