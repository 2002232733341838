//! What a chemical goes through, told as stories. `UPDATE_EXPECT=1 cargo test -p desks` rewrites them.

use grammar::story::*;

use super::{Command::*, Refusal::*, *};
use crate::{cupboard::Cupboard, hazard::Hazard};

const LAB: Id = Id::named("laboratory-1");
const OTHER_LAB: Id = Id::named("laboratory-2");
const GONE: Id = Id::named("laboratory-gone");
const UNIT: Id = Id::named("organisation-institute");
const FIRM: Id = Id::named("organisation-firm");
const LI: Id = Id::named("person-li");
const WANG: Id = Id::named("person-wang");
const BOOKING: Id = Id::named("booking-1");
const THEIRS: Id = Id::named("booking-2");

fn text<const N: usize>(text: &str) -> Text<N> {
    text.parse().unwrap()
}

fn amount(amount: i64) -> Amount {
    Between::new(amount).unwrap()
}

fn ethanol() -> Entry {
    Entry {
        laboratory: LAB.r(),
        name: Bilingual { zh: Text::read("乙醇"), en: Text::read("ethanol") },
        cas: Text::read("64-17-5"),
        grade: Text::read("AR"),
        hazards: List::new(vec![Hazard::Flammable, Hazard::Irritant]).unwrap(),
        control: Control::NotControlled,
        unit: Unit::Millilitre,
        most: Some(amount(5_000)),
        place: Text::read("B2 / 1"),
        group: None,
        together: None,
        custodians: List::default(),
        safety_sheet: Some(SafetySheet {
            file: format!("{}:ethanol.pdf", "a".repeat(64)).parse().unwrap(),
            language: Language::Zh,
            issued: day("2023-05-10"),
        }),
        is_offered: true,
    }
}

/// Kept by two.
fn azide() -> Entry {
    Entry {
        name: Bilingual { zh: Text::read("叠氮化钠"), en: None },
        cas: Text::read("26628-22-8"),
        hazards: List::new(vec![Hazard::AcutelyToxic]).unwrap(),
        control: Control::HighlyToxic,
        unit: Unit::Gram,
        most: Some(amount(100)),
        custodians: List::new(vec![LI.r(), WANG.r()]).unwrap(),
        safety_sheet: None,
        is_offered: false,
        ..ethanol()
    }
}

fn enter(entry: Entry, at_hand: Option<i64>) -> Command {
    let at_hand = at_hand.map(amount);
    Enter(Box::new(FirstEntry { entry, at_hand, batch: None, expires: None }))
}

fn receive(much: i64, batch: Option<&str>, expires: Option<&str>) -> Command {
    let (batch, expires) = (batch.and_then(Text::read), expires.map(day));
    Receive(Delivery { amount: amount(much), batch, expires, what: None })
}

fn take(much: i64, batch: Option<&str>, booking: Option<Id>) -> Command {
    let batch = batch.and_then(Text::read);
    Use(Usage { amount: amount(much), batch, purpose: text("washing"), booking: booking.map(Id::r) })
}

fn dispose(much: i64) -> Command {
    Dispose(Disposal { amount: amount(much), batch: None, how: text("to the licensed disposer") })
}

fn count(counted: i64, batch: Option<&str>, reason: Option<&str>) -> Command {
    let (batch, reason) = (batch.and_then(Text::read), reason.and_then(Text::read));
    Count { counted: Between::new(counted).unwrap(), batch, reason }
}

fn loss(much: i64) -> Command {
    ReportLoss { amount: amount(much), batch: None, what: text("a bottle is missing"), police: None }
}

fn close() -> Command {
    Close { laboratory: LAB.r(), reason: text("used up") }
}

fn person(id: Id) -> Viewer {
    Viewer { person: Some(id), organisations: vec![UNIT], ..Viewer::default() }
}

fn office() -> Viewer {
    Viewer { offices: vec![(OFFICE.into(), Region::code(310_115))], ..Viewer::default() }
}

fn world() -> Story<Chemical> {
    let mut story = Story::<Chemical>::new("2026-03-02");
    let of = |status: &str| Card::new().status(status).party("lead", UNIT).region(Region::code(310_115));
    let booking = |buyer: Id| Card::new().party("buyer", buyer).party("provider", FIRM);
    story.given(LAB, of("listed")).given(OTHER_LAB, of("listed")).given(GONE, of("delisted"));
    story.given(BOOKING, booking(UNIT)).given(THEIRS, booking(FIRM)).by(person(LI));
    for custodian in [LI, WANG] {
        story.given(custodian, Card::new());
    }
    story.showing(&["stock"]);
    story
}

fn kept(entry: Entry, at_hand: Option<i64>) -> Story<Chemical> {
    let mut story = world();
    story.when(enter(entry, at_hand));
    story
}

#[test]
fn what_comes_is_used_counted_and_thrown_away() {
    let mut story = kept(ethanol(), None);
    story.when(receive(2_500, Some("L1"), Some("2026-06-30"))).when(receive(1_000, Some("L2"), None));
    story.refuses(receive(1_501, None, None), OverTheLimit { most: 5_000, left: 3_500 });
    story.when(take(2_600, None, Some(BOOKING)));
    story.refuses(take(10, None, Some(THEIRS)), NotYourBooking);
    story.refuses(take(901, None, None), NotEnough { left: 900 });
    story.refuses(take(1, Some("L1"), None), NoSuchBatch { batch: "L1".into() });
    story.refuses(count(880, None, None), WhyDiffers { difference: -20 });
    story.when(count(880, None, Some("evaporated"))).when(count(880, Some("L2"), None));
    story.refuses(close(), NotEmpty { left: 880 });
    story.when(loss(80)).when(dispose(800));
    assert!(story.record().missing.is_empty(), "only what is controlled is for the office");
    story.when(close()).not_now(receive(1, None, None));
    assert!(story.record().card().keys.is_empty(), "its name is free again");
    story.expect(&expect![[r#"
        2026-03-02  enter     said entered | arrange cupboard-1: laboratory laboratory-1, chemical chemical, together -  stock {"batches":[],"received":0,"used":0,"disposed":0,"lost":0,"corrected":0}
        2026-03-02  receive   said received  stock {"batches":[{"batch":"L1","expires":"2026-06-30","left":2500}],"received":2500,"used":0,"disposed":0,"lost":0,"corrected":0}
        2026-03-02  receive   said received  stock {"batches":[{"batch":"L1","expires":"2026-06-30","left":2500},{"batch":"L2","expires":null,"left":1000}],"received":3500,"used":0,"disposed":0,"lost":0,"corrected":0}
        2026-03-02  refuses   Because(OverTheLimit { most: 5000, left: 3500 }, None)  stock {"batches":[{"batch":"L1","expires":"2026-06-30","left":2500},{"batch":"L2","expires":null,"left":1000}],"received":3500,"used":0,"disposed":0,"lost":0,"corrected":0}
        2026-03-02  use       said used  stock {"batches":[{"batch":"L2","expires":null,"left":900}],"received":3500,"used":2600,"disposed":0,"lost":0,"corrected":0}
        2026-03-02  refuses   Because(NotYourBooking, None)  stock {"batches":[{"batch":"L2","expires":null,"left":900}],"received":3500,"used":2600,"disposed":0,"lost":0,"corrected":0}
        2026-03-02  refuses   Because(NotEnough { left: 900 }, None)  stock {"batches":[{"batch":"L2","expires":null,"left":900}],"received":3500,"used":2600,"disposed":0,"lost":0,"corrected":0}
        2026-03-02  refuses   Because(NoSuchBatch { batch: "L1" }, None)  stock {"batches":[{"batch":"L2","expires":null,"left":900}],"received":3500,"used":2600,"disposed":0,"lost":0,"corrected":0}
        2026-03-02  refuses   Because(WhyDiffers { difference: -20 }, None)  stock {"batches":[{"batch":"L2","expires":null,"left":900}],"received":3500,"used":2600,"disposed":0,"lost":0,"corrected":0}
        2026-03-02  count     said counted  stock {"batches":[{"batch":"L2","expires":null,"left":880}],"received":3500,"used":2600,"disposed":0,"lost":0,"corrected":-20}
        2026-03-02  count     said counted  stock {"batches":[{"batch":"L2","expires":null,"left":880}],"received":3500,"used":2600,"disposed":0,"lost":0,"corrected":-20}
        2026-03-02  refuses   Because(NotEmpty { left: 880 }, None)  stock {"batches":[{"batch":"L2","expires":null,"left":880}],"received":3500,"used":2600,"disposed":0,"lost":0,"corrected":-20}
        2026-03-02  report-loss said lost  stock {"batches":[{"batch":"L2","expires":null,"left":800}],"received":3500,"used":2600,"disposed":0,"lost":80,"corrected":-20}
        2026-03-02  dispose   said disposed  stock {"batches":[],"received":3500,"used":2600,"disposed":800,"lost":80,"corrected":-20}
        2026-03-02  close     said closed | arrange cupboard-1: laboratory laboratory-1, chemical chemical, together -  stock {"batches":[],"received":3500,"used":2600,"disposed":800,"lost":80,"corrected":-20}
    "#]]);
}

#[test]
fn what_has_expired_is_used_only_when_its_batch_is_named() {
    let mut story = kept(ethanol(), None);
    story.showing(&["noted"]);
    story.when(receive(100, Some("old"), Some("2026-03-31"))).when(receive(
        50,
        Some("new"),
        Some("2027-03-31"),
    ));
    assert_eq!(story.record().card().read::<bool>("to_dispose"), Some(false));
    story.on("2026-04-01");
    assert_eq!(story.record().card().read::<bool>("to_dispose"), Some(true), "it stands in the inbox");
    story.refuses(take(51, None, None), OnlyExpired { fresh: 50 });
    story.when(take(1, Some("old"), None)).when(take(50, None, None)).when(dispose(99));
    assert_eq!(story.record().card().read::<bool>("to_dispose"), Some(false));
    story.expect(&expect![[r#"
        2026-03-02  enter     said entered | arrange cupboard-1: laboratory laboratory-1, chemical chemical, together -  stock {"batches":[],"received":0,"used":0,"disposed":0,"lost":0,"corrected":0}
        2026-03-02  receive   said received  noted 2026-03-02
        2026-03-02  receive   said received  noted 2026-03-02
        2026-04-01  clock     said noted  noted 2026-04-01
        2026-04-01  refuses   Because(OnlyExpired { fresh: 50 }, None)  noted 2026-04-01
        2026-04-01  use       said used  noted 2026-04-01
        2026-04-01  use       said used  noted 2026-04-01
        2026-04-01  dispose   said disposed  noted 2026-04-01
    "#]]);
}

#[test]
fn a_sheet_is_good_for_five_years() {
    let mut story = kept(ethanol(), None);
    assert_eq!(story.record().sheet_until, Some(day("2028-05-10")));
    story.on("2028-05-10");
    assert_eq!(story.record().card().read::<bool>("is_sheet_old"), Some(false));
    story.on("2028-05-11");
    assert_eq!(story.record().card().read::<bool>("is_sheet_old"), Some(true));
    let mut renewed = ethanol();
    renewed.safety_sheet =
        renewed.safety_sheet.map(|sheet| SafetySheet { issued: day("2028-05-11"), ..sheet });
    story.when(Amend(Box::new(renewed.clone())));
    assert_eq!(story.record().card().read::<bool>("is_sheet_old"), Some(false));
    renewed.safety_sheet =
        renewed.safety_sheet.map(|sheet| SafetySheet { issued: day("2028-05-12"), ..sheet });
    story.refuses(Amend(Box::new(renewed)), IssuedLater { issued: day("2028-05-12") });
}

#[test]
fn nothing_is_entered_that_does_not_hold_together() {
    let mut story = world();
    let mut refuses = |change: &dyn Fn(&mut Entry), refusal| {
        let mut entry = ethanol();
        change(&mut entry);
        story.refuses(enter(entry, None), refusal);
    };
    refuses(&|e| e.name = Bilingual { zh: None, en: None }, NoName);
    refuses(&|e| e.cas = Text::read("64-17-6"), NotACas { cas: "64-17-6".into() });
    let twice = List::new(vec![Hazard::Gas, Hazard::Gas]).unwrap();
    refuses(&|e| e.hazards = twice.clone(), NamedTwice { hazard: Hazard::Gas });
    refuses(&|e| e.laboratory = GONE.r(), LaboratoryGone);
    let mut first_entry =
        FirstEntry { entry: ethanol(), at_hand: None, batch: Text::read("L1"), expires: None };
    story.refuses(Enter(Box::new(first_entry.clone())), NoAmount);
    first_entry.at_hand = Between::new(5_001);
    story.refuses(Enter(Box::new(first_entry)), OverTheLimit { most: 5_000, left: 0 });
    let water = Entry { cas: Text::read("7732-18-5"), ..ethanol() };
    story.when(enter(water, Some(5_000)));
    assert_eq!(story.record().stock.left(), 5_000);
}

#[test]
fn what_is_controlled_has_a_place_two_custodians_and_is_shown_to_nobody() {
    let mut story = world();
    let one = List::new(vec![LI.r(), LI.r()]).unwrap();
    story.refuses(enter(Entry { place: None, ..azide() }, None), NoPlace);
    story.refuses(enter(Entry { is_offered: true, ..azide() }, None), ControlledNotOffered);
    story.refuses(
        enter(Entry { custodians: one.clone(), ..azide() }, None),
        CustodiansNeeded { custodians: 1 },
    );
    let precursor = Entry { control: Control::DrugPrecursorThree, custodians: one, ..azide() };
    story.refuses(enter(precursor, None), CustodiansNeeded { custodians: 1 });
    story.when(enter(azide(), None));
    assert_eq!(story.record().clone().veil(&Viewer::public()), Sight::Hidden);
    let free = || Entry { control: Control::NotControlled, ..azide() };
    story.refuses(Amend(Box::new(free())), OnlyTheOffice);
    story.by(office()).when(Amend(Box::new(free())));
}

#[test]
fn what_is_controlled_moves_when_a_second_custodian_confirms() {
    let mut story = kept(azide(), Some(50));
    story.showing(&["stock", "waiting"]);
    assert_eq!(story.record().stock.left(), 0, "what is there is counted once it is confirmed");
    assert_eq!(story.record().card().read::<Vec<Id>>("seconds"), Some(vec![WANG]));
    story.refuses(receive(1, None, None), WaitsAlready).refuses(Confirm, NotByTheSame);
    story.by(person(WANG)).when(Confirm);
    story.by(person(Id::named("person-zhao"))).refuses(take(5, None, None), OnlyCustodians);
    story.by(person(WANG)).when(take(5, None, None));
    story.refuses(close(), NotEmpty { left: 50 });
    story.by(person(LI)).when(Decline { reason: text("no date on it") });
    story.when(take(40, None, None)).by(person(WANG)).when(Confirm).not_now(Confirm);
    story.expect(&expect![[r#"
        2026-03-02  enter     said entered said asked | arrange cupboard-1: laboratory laboratory-1, chemical chemical, together -  stock {"batches":[],"received":0,"used":0,"disposed":0,"lost":0,"corrected":0}
        2026-03-02  refuses   Because(WaitsAlready, None)  stock {"batches":[],"received":0,"used":0,"disposed":0,"lost":0,"corrected":0}  waiting {"on":"2026-03-02","movement":{"kind":"received","amount":50,"batch":null,"expires":null,"what":null,"booking":null},"first":"person-li"}
        2026-03-02  refuses   Because(NotByTheSame, None)  stock {"batches":[],"received":0,"used":0,"disposed":0,"lost":0,"corrected":0}  waiting {"on":"2026-03-02","movement":{"kind":"received","amount":50,"batch":null,"expires":null,"what":null,"booking":null},"first":"person-li"}
        2026-03-02  confirm   said received  stock {"batches":[{"batch":null,"expires":null,"left":50}],"received":50,"used":0,"disposed":0,"lost":0,"corrected":0}  waiting -
        2026-03-02  refuses   Because(OnlyCustodians, None)  stock {"batches":[{"batch":null,"expires":null,"left":50}],"received":50,"used":0,"disposed":0,"lost":0,"corrected":0}  waiting -
        2026-03-02  use       said asked  stock {"batches":[{"batch":null,"expires":null,"left":50}],"received":50,"used":0,"disposed":0,"lost":0,"corrected":0}  waiting {"on":"2026-03-02","movement":{"kind":"used","amount":5,"batch":null,"expires":null,"what":"washing","booking":null},"first":"person-wang"}
        2026-03-02  refuses   Because(NotEmpty { left: 50 }, None)  stock {"batches":[{"batch":null,"expires":null,"left":50}],"received":50,"used":0,"disposed":0,"lost":0,"corrected":0}  waiting {"on":"2026-03-02","movement":{"kind":"used","amount":5,"batch":null,"expires":null,"what":"washing","booking":null},"first":"person-wang"}
        2026-03-02  decline   said declined  stock {"batches":[{"batch":null,"expires":null,"left":50}],"received":50,"used":0,"disposed":0,"lost":0,"corrected":0}  waiting -
        2026-03-02  use       said asked  stock {"batches":[{"batch":null,"expires":null,"left":50}],"received":50,"used":0,"disposed":0,"lost":0,"corrected":0}  waiting {"on":"2026-03-02","movement":{"kind":"used","amount":40,"batch":null,"expires":null,"what":"washing","booking":null},"first":"person-li"}
        2026-03-02  confirm   said used  stock {"batches":[{"batch":null,"expires":null,"left":10}],"received":50,"used":40,"disposed":0,"lost":0,"corrected":0}  waiting -
    "#]]);
}

#[test]
fn what_was_asked_is_looked_at_again_when_it_is_confirmed() {
    let mut story = kept(azide(), Some(50));
    story.by(person(WANG)).when(Confirm).when(take(50, None, None));
    story.by(person(LI)).when(loss(10)).refuses(Confirm, NotEnough { left: 40 });
    story.when(Decline { reason: text("it is not there") });
}

#[test]
fn what_is_missing_of_a_controlled_chemical_is_told_to_the_office() {
    let mut story = kept(azide(), Some(50));
    story.showing(&["stock", "missing"]);
    story.by(person(WANG)).when(Confirm).when(count(50, None, None));
    assert_eq!(story.record().card().read::<bool>("is_missing"), Some(false));
    story.when(count(49, None, Some("spilt"))).when(loss(9));
    assert_eq!(story.record().card().read::<bool>("is_missing"), Some(true));
    story.by(office()).when(LookInto { finding: text("found in the hood") });
    story.not_now(LookInto { finding: text("again") });
    story.by(person(LI)).when(count(49, None, Some("found again")));
    story.expect(&expect![[r#"
        2026-03-02  enter     said entered said asked | arrange cupboard-1: laboratory laboratory-1, chemical chemical, together -  stock {"batches":[],"received":0,"used":0,"disposed":0,"lost":0,"corrected":0}
        2026-03-02  confirm   said received  stock {"batches":[{"batch":null,"expires":null,"left":50}],"received":50,"used":0,"disposed":0,"lost":0,"corrected":0}  missing []
        2026-03-02  count     said counted  stock {"batches":[{"batch":null,"expires":null,"left":50}],"received":50,"used":0,"disposed":0,"lost":0,"corrected":0}  missing []
        2026-03-02  count     said counted  stock {"batches":[{"batch":null,"expires":null,"left":49}],"received":50,"used":0,"disposed":0,"lost":0,"corrected":-1}  missing [{"on":"2026-03-02","difference":-1,"what":"spilt","police":null}]
        2026-03-02  report-loss said lost  stock {"batches":[{"batch":null,"expires":null,"left":40}],"received":50,"used":0,"disposed":0,"lost":9,"corrected":-1}  missing [{"on":"2026-03-02","difference":-1,"what":"spilt","police":null},{"on":"2026-03-02","difference":-9,"what":"a bottle is missing","police":null}]
        2026-03-02  look-into said looked-into  stock {"batches":[{"batch":null,"expires":null,"left":40}],"received":50,"used":0,"disposed":0,"lost":9,"corrected":-1}  missing []
        2026-03-02  count     said counted  stock {"batches":[{"batch":null,"expires":null,"left":49}],"received":50,"used":0,"disposed":0,"lost":9,"corrected":8}  missing [{"on":"2026-03-02","difference":9,"what":"found again","police":null}]
    "#]]);
}

#[test]
fn others_read_only_what_is_offered_and_never_how_much() {
    let mut story = kept(ethanol(), Some(1_234));
    let mut seen = story.record().clone();
    assert_eq!(seen.veil(&Viewer::public()), Sight::Seen);
    let told = serde_json::to_string(&(&seen, seen.card())).unwrap();
    for hidden in ["1234", "B2", "5000", "2026-03-02", "to_dispose"] {
        assert!(!told.contains(hidden), "{hidden}: {told}");
    }
    assert!(told.contains("ethanol.pdf") && told.contains("flammable") && told.contains("64-17-5"));
    let noted = Event::Noted { on: day("2026-03-03") };
    assert_eq!(Chemical::veil_event(story.record(), noted.clone(), &Viewer::public()), None);
    assert_eq!(Chemical::veil_event(story.record(), noted.clone(), &person(WANG)), Some(noted));
    story.when(Amend(Box::new(Entry { is_offered: false, ..ethanol() })));
    assert_eq!(story.record().clone().veil(&Viewer::public()), Sight::Hidden);
    assert_eq!(story.record().clone().veil(&office()), Sight::Seen);
}

#[test]
fn a_chemical_stays_with_its_laboratory_and_its_unit() {
    let mut story = kept(ethanol(), Some(10));
    let moved = Entry { laboratory: OTHER_LAB.r(), ..ethanol() };
    story.refuses(Amend(Box::new(moved)), AnotherLaboratory);
    story.refuses(Amend(Box::new(Entry { unit: Unit::Gram, ..ethanol() })), UnitChanges);
    story.when(Amend(Box::new(Entry { most: Some(amount(5)), ..ethanol() })));
    assert_eq!(story.record().card().read::<bool>("is_above"), Some(true), "more is there than may be");
    story.refuses(Close { laboratory: OTHER_LAB.r(), reason: text("moved") }, AnotherLaboratory);
    let mut empty = kept(ethanol(), None);
    empty.when(Amend(Box::new(Entry { unit: Unit::Gram, ..ethanol() })));
    assert_eq!(Cupboard::NAME, crate::cupboard::name(LAB.r()).id().desk());
}
