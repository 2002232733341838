//! What an instrument's entry does, told as stories. `UPDATE_EXPECT=1 cargo test -p desks` rewrites them.

use grammar::story::*;

use super::{Command::*, Refusal::*, *};
use crate::person::Person;

fn entry(value: &str, region: &str, more: &str) -> Entry {
    let text = format!(
        r#"{{"code":"SH-TEM-1","name":{{"zh":"透射电子显微镜"}},"category":"analysis","region":"{region}",
        "unit":"organisation-institute","value":"{value}","functions":{{"zh":"原子分辨成像"}},
        "terms":{{"sharing":"external","charges":"800 yuan an hour"}} {more}}}"#
    );
    serde_json::from_str(&text).unwrap()
}

fn microscope(more: &str) -> Entry {
    entry("3200000", "310115", more)
}

fn paid(accepted: &str) -> String {
    format!(r#","fiscal":true,"accepted":"{accepted}""#)
}

fn reported_on(today: &str, entry: Entry) -> Story<Instrument> {
    let mut story = Story::<Instrument>::new(today);
    story.by(Viewer { offices: vec![(OFFICE.into(), Region::code(310_000))], ..Viewer::default() });
    story.when(Report(entry));
    story
}

fn duty_of(today: &str, entry: Entry) -> Duty {
    reported_on(today, entry).record().duty.clone()
}

fn why(text: &str) -> Text<500> {
    text.parse().unwrap()
}

fn terms(sharing: Sharing, reason: Option<&str>, charges: Option<&str>) -> Terms {
    let (reason, charges) = (reason.and_then(Text::read), charges.and_then(Text::read));
    Terms { sharing, reason, charges }
}

#[test]
fn an_instrument_is_offered_while_it_works_and_is_open_to_others() {
    let mut story = reported_on("2026-03-02", microscope(r#","fiscal":false"#));
    story.showing(&["status", "reason", "back"]);
    assert!(story.record().card().is_offer);
    story.when(Suspend { reason: why("new filament"), back: Some(day("2026-03-20")) });
    assert!(!story.record().card().is_offer);
    story.not_now(Suspend { reason: why("again"), back: None });
    story.on("2026-03-18").when(Resume).not_now(Resume);
    story.refuses(
        Suspend { reason: why("x"), back: Some(day("2026-03-17")) },
        BackInThePast { back: day("2026-03-17") },
    );
    story.when(SetSharing { terms: terms(Sharing::Internal, None, None) });
    assert!(!story.record().card().is_offer);
    story.when(Scrap { reason: why("worn out") }).not_now(Amend(microscope(r#","fiscal":false"#)));
    story.expect(&expect![[r#"
        2026-03-02  report    said reported
        2026-03-02  suspend   said suspended  status repair  reason new filament  back 2026-03-20
        2026-03-18  resume    said resumed  status normal  reason -  back -
        2026-03-18  refuses   Because(BackInThePast { back: Day(2026-03-17) }, None)  status normal  reason -  back -
        2026-03-18  set-sharing said sharing-set  status normal  reason -  back -
        2026-03-18  scrap     said scrapped  status scrapped  reason worn out  back -
    "#]]);
}

/// Accepted on 2 March 2026: thirty days end on 1 April.
#[test]
fn a_late_report_is_taken_in_and_stays_on_record() {
    let in_time = duty_of("2026-04-01", microscope(&paid("2026-03-02")));
    assert_eq!((in_time.report_until, in_time.reported_late), (Some(day("2026-04-01")), false));
    let mut story = reported_on("2026-04-02", microscope(&paid("2026-03-02")));
    assert!(story.record().duty.reported_late);
    assert_eq!(story.record().card().read::<bool>("reported_late"), Some(true));
    story.on("2026-06-01").when(Amend(microscope(&paid("2026-03-20"))));
    assert!(!story.record().duty.reported_late, "a mended day of acceptance counts from the day of report");
}

#[test]
fn each_region_has_its_own_value_and_period() {
    let (shanghai, hangzhou) = ("310115", "330106");
    let accepted = paid("2026-03-02");
    let at = |value, region| duty_of("2026-03-03", entry(value, region, &accepted));
    let shown = |duty: Duty| (duty.in_region_scope, duty.in_national_scope, duty.report_until);
    let none = (false, false, None);
    assert_eq!(shown(at("299999.99", shanghai)), none);
    assert_eq!(shown(at("300000", shanghai)), (true, false, Some(day("2026-04-01"))));
    assert_eq!(shown(at("499999", hangzhou)), none);
    assert_eq!(shown(at("500000", hangzhou)), (true, true, Some(day("2026-04-14"))));
    let before = duty_of("2024-03-04", entry("300000", shanghai, &paid("2024-03-01")));
    assert_eq!(before.report_until, Some(day("2024-03-18")), "fifteen days end on a Saturday");
}

#[test]
fn only_fiscal_money_obliges_to_report() {
    let own = duty_of("2026-03-03", microscope(r#","fiscal":false,"accepted":"2020-03-02""#));
    assert!(!own.must_report && !own.reported_late && own.in_region_scope);
}

#[test]
fn outside_use_needs_a_published_charge_and_no_sharing_a_reason() {
    let mut story = reported_on("2026-03-02", microscope(r#","fiscal":true"#));
    story.refuses(SetSharing { terms: terms(Sharing::External, None, None) }, NoChargeStandard);
    story.refuses(SetSharing { terms: terms(Sharing::NotShared, None, None) }, NoReasonNotToShare);
    story.when(SetSharing { terms: terms(Sharing::NotShared, Some("radioactive samples only"), None) });
    story.when(Amend(microscope(r#","fiscal":true"#)));
    assert_eq!(story.record().entry.terms.sharing, Sharing::NotShared, "who amends does not set sharing");
}

#[test]
fn an_entry_makes_sense() {
    let mut story = reported_on("2026-03-02", microscope(r#","fiscal":true"#));
    let free = Amend(entry("0", "310115", r#","fiscal":true"#));
    story.refuses(free, NotAnAmount { value: Money::ZERO });
    let accepted = day("2026-03-03");
    story.refuses(Amend(microscope(&paid("2026-03-03"))), AcceptedLater { accepted });
    story.refuses(
        Amend(microscope(&format!(r#"{},"purchased":"2026-02-02""#, paid("2026-02-01")))),
        AcceptedBeforePurchase { purchased: day("2026-02-02"), accepted: day("2026-02-01") },
    );
    let shares = |one: &str, two: &str| {
        let list = format!(r#"[{{"source":"city","share":"{one}"}},{{"source":"own","share":"{two}"}}]"#);
        Amend(microscope(&format!(r#","fiscal":true,"funding":{list}"#)))
    };
    story.refuses(shares("1/3", "1/3"), SharesDoNotSum);
    story.when(shares("1/3", "2/3"));
    let (mut recoded, mut moved, mut nameless) =
        (microscope(r#","fiscal":true"#), microscope(r#","fiscal":true"#), microscope(r#","fiscal":true"#));
    recoded.code = "SH-TEM-2".parse().unwrap();
    moved.unit = Id::named("organisation-other").r();
    nameless.name = Bilingual { zh: None, en: None };
    story.refuses(Amend(recoded), CodeChanges);
    story.refuses(Amend(moved), UnitChanges);
    story.refuses(Amend(nameless), NoName);
}

fn using(more: &str) -> Using {
    let text = format!(
        r#"{{"confirmation":"at-once","buffer_minutes":15,"is_supervised":false,"needs_permit":false {more}}}"#
    );
    serde_json::from_str(&text).unwrap()
}

const CHARGED: &str = r#","charges":{"outside_hour":"800.00"}"#;

#[test]
fn terms_of_booking_make_sense() {
    let mut story = reported_on("2026-03-02", microscope(r#","fiscal":false"#));
    story.refuses(SetUsing { using: using(r#","charges":{"inside_hour":"1.00"}"#) }, NoCharge);
    let below = using(r#","charges":{"outside_hour":"-1.00"}"#);
    story.refuses(SetUsing { using: below }, NegativeCharge { charge: Money::fen(-100) });
    let lengths = |shortest: i64, longest: i64| {
        using(&format!(r#"{CHARGED},"shortest_minutes":{shortest},"longest_minutes":{longest}"#))
    };
    story.refuses(SetUsing { using: lengths(61, 60) }, ShortestIsLonger);
    story.when(SetUsing { using: lengths(60, 60) });
    let opening = |opens: &str, shuts: &str| {
        let list = format!(r#"[{{"weekday":"tuesday","opens":"{opens}","shuts":"{shuts}"}}]"#);
        using(&format!(r#"{CHARGED},"openings":{list}"#))
    };
    for (opens, shuts) in [("17:00", "09:00"), ("9", "17:00"), ("09:00", "24:01"), ("09:60", "17:00")] {
        let (opens, shuts): (Text<5>, Text<5>) = (opens.parse().unwrap(), shuts.parse().unwrap());
        story.refuses(SetUsing { using: opening(&opens, &shuts) }, NoOpening { opens, shuts });
    }
    story.when(SetUsing { using: opening("09:00", "24:00") });
    let hours = story.record().card().read::<Using>("using").unwrap().hours();
    assert_eq!(
        hours.0.iter().map(|shift| (shift.weekday, shift.from, shift.until)).collect::<Vec<_>>(),
        [(2, 540, 1_440)]
    );
    let days = r#"[{"weekday":"workdays","opens":"08:00","shuts":"12:00"},{"weekday":"every-day","opens":"13:00","shuts":"17:00"}]"#;
    story.when(SetUsing { using: using(&format!(r#"{CHARGED},"openings":{days}"#)) });
    let hours = story.record().card().read::<Using>("using").unwrap().hours();
    assert_eq!(
        hours.0.iter().map(|shift| shift.weekday).collect::<Vec<_>>(),
        [1, 2, 3, 4, 5, 1, 2, 3, 4, 5, 6, 7]
    );
    let twice = r#"[{"weekday":"workdays","opens":"08:00","shuts":"12:00"},{"weekday":"friday","opens":"11:00","shuts":"17:00"}]"#;
    let (opens, shuts) = ("11:00".parse().unwrap(), "17:00".parse().unwrap());
    story.refuses(
        SetUsing { using: using(&format!(r#"{CHARGED},"openings":{twice}"#)) },
        HoursOverlap { opens, shuts },
    );
    story.when(SetSharing { terms: terms(Sharing::Internal, None, None) });
    story.when(SetUsing { using: using(r#","charges":{}"#) });
}

#[test]
fn it_is_closed_on_every_week_the_time_touches() {
    let mut story = reported_on("2026-03-02", microscope(r#","fiscal":false"#));
    let times =
        |from: &str, until: &str| Times { from: from.parse().unwrap(), until: until.parse().unwrap() };
    let close = |times| Close { times, why: Why::Maintenance };
    story.refuses(close(times("2026-03-05 10:00", "2026-03-05 10:00")), EndsBeforeItBegins);
    story.refuses(close(times("2026-02-05 10:00", "2026-02-05 12:00")), ClosedInThePast);
    story.refuses(close(times("2026-03-05 10:00", "2027-03-07 12:00")), ClosedTooLong { most: 366 });
    story.when(close(times("2026-03-07 10:00", "2026-03-10 12:00")));
    story.when(Reopen { times: times("2026-03-07 10:00", "2026-03-10 12:00") });
    story.expect(&expect![[r#"
        2026-03-02  report    said reported
        2026-03-02  refuses   Because(EndsBeforeItBegins, None)
        2026-03-02  refuses   Because(ClosedInThePast, None)
        2026-03-02  refuses   Because(ClosedTooLong { most: 366 }, None)
        2026-03-02  close     said closed | close calendar-instrumentx20260302: instrument instrument, monday 2026-03-02, times from=2026-03-07T02:00:00.000Z+until=2026-03-10T04:00:00.000Z, why maintenance | close calendar-instrumentx20260309: instrument instrument, monday 2026-03-09, times from=2026-03-07T02:00:00.000Z+until=2026-03-10T04:00:00.000Z, why maintenance
        2026-03-02  reopen    said reopened | reopen calendar-instrumentx20260302: times from=2026-03-07T02:00:00.000Z+until=2026-03-10T04:00:00.000Z, may_be_open false | reopen calendar-instrumentx20260309: times from=2026-03-07T02:00:00.000Z+until=2026-03-10T04:00:00.000Z, may_be_open false
    "#]]);
}

#[test]
fn another_unit_takes_it_over_when_it_agrees() {
    let (unit, other) = (Id::named("organisation-institute").r(), Id::named("organisation-other").r());
    let mut story = reported_on("2026-03-02", microscope(r#","fiscal":false"#));
    story.not_now(Receive);
    story.refuses(Transfer { to: unit, reason: why("x") }, SameUnit);
    story.refuses(SetDoor { door: "123".parse().unwrap() }, DoorTooShort { least: 4 });
    story.when(SetDoor { door: "7731".parse().unwrap() });
    story.when(Transfer { to: other, reason: why("moved to the new campus") });
    assert_eq!(story.record().card().the("unit"), unit.id());
    story.when(Receive);
    assert_eq!((story.record().card().the("unit"), story.record().door.is_none()), (other.id(), true));
}

#[test]
fn the_code_at_the_instrument_is_for_its_keepers() {
    let mut story = reported_on("2026-03-02", microscope(r#","fiscal":false"#));
    story.when(SetDoor { door: "7731".parse().unwrap() });
    let told = |viewer: &Viewer| {
        let mut seen = story.record().clone();
        assert_eq!(seen.veil(viewer), Sight::Seen);
        let event = DoorSet { door: "7731".parse().unwrap() };
        (seen.door.is_some(), Instrument::veil_event(story.record(), event, viewer).is_some())
    };
    let keeper = Viewer { organisations: vec![Id::named("organisation-institute")], ..Viewer::default() };
    assert_eq!((told(&Viewer::public()), told(&keeper)), ((false, false), (true, true)));
}

#[test]
fn a_report_completes_the_purchase_of_the_same_unit() {
    let bought = Id::named("purchase-1");
    let entry = || microscope(r#","fiscal":true,"purchase":"purchase-1""#);
    let mut story = Story::<Instrument>::new("2026-03-02");
    story.given(bought, Card::new().party("unit", Id::named("organisation-other")));
    story.refuses(Report(entry()), NotThisPurchase { purchase: bought.r() });
    story.given(bought, Card::new().party("unit", Id::named("organisation-institute")));
    story.when(Report(entry()));
    story.expect(&expect![[r#"
        2026-03-02  refuses   Because(NotThisPurchase { purchase: purchase-1 }, None)
        2026-03-02  report    said reported | mark-reported purchase-1: instrument instrument
    "#]]);
}

#[test]
fn accessories_consumables_and_cheaper_hours_make_sense() {
    let mut story = reported_on("2026-03-02", microscope(r#","fiscal":false"#));
    let set = |more: &str| SetUsing { using: using(&format!("{CHARGED}{more}")) };
    let holder = |charge: &str| format!(r#"{{"name":"holder","stock":1,"charge":"{charge}"}}"#);
    let one = holder("1.00");
    story.refuses(
        set(&format!(r#","accessories":[{one}],"consumables":[{{"name":"holder"}}]"#)),
        NamedTwice { name: "holder".parse().unwrap() },
    );
    let below = set(&format!(r#","accessories":[{}]"#, holder("-1.00")));
    story.refuses(below, NegativeCharge { charge: Money::fen(-100) });
    let evening = r#"[{"weekday":"monday","opens":"18:00","shuts":"24:00"}]"#;
    story.refuses(set(&format!(r#","off_peak":{evening}"#)), HoursWithoutShare);
    story.refuses(set(r#","off_peak_share":"50%""#), HoursWithoutShare);
    let (opens, shuts): (Text<5>, Text<5>) = ("18:00".parse().unwrap(), "08:00".parse().unwrap());
    let night = r#","staffed":[{"weekday":"monday","opens":"18:00","shuts":"08:00"}]"#;
    story.refuses(set(night), NoOpening { opens, shuts });
    story.when(set(&format!(r#","off_peak":{evening},"off_peak_share":"50%","accessories":[{one}]"#)));
}

#[test]
fn operators_have_licences_that_last_and_only_keepers_read_who_they_are() {
    let mut story = reported_on("2026-03-02", microscope(r#","fiscal":false"#));
    let person: Ref<Person> = Id::named("person-li").r();
    let one = |until: &str| Operator { person, licence: Text::read("A-17"), until: Some(day(until)) };
    let list = |all: Vec<Operator>| SetOperators { operators: List::new(all).unwrap() };
    story.refuses(list(vec![one("2027-01-01"), one("2028-01-01")]), OperatorTwice { person });
    story.refuses(list(vec![one("2026-03-01")]), LicenceOver { person, until: day("2026-03-01") });
    story.when(list(vec![one("2026-03-02")]));
    let operator = one("2026-03-02");
    assert!(operator.is_licensed(day("2026-03-02")) && !operator.is_licensed(day("2026-03-03")));
    let told = |viewer: &Viewer| {
        let mut seen = story.record().clone();
        assert_eq!(seen.veil(viewer), Sight::Seen);
        let event = OperatorsSet { operators: List::new(vec![operator.clone()]).unwrap() };
        (seen.operators.len(), Instrument::veil_event(story.record(), event, viewer).is_some())
    };
    let keeper = Viewer { organisations: vec![Id::named("organisation-institute")], ..Viewer::default() };
    assert_eq!((told(&Viewer::public()), told(&keeper)), ((0, false), (1, true)));
    assert!(story.record().card().facts.contains_key("operators"));
    story.when(Transfer { to: Id::named("organisation-other").r(), reason: why("moved") }).when(Receive);
    assert!(story.record().operators.is_empty(), "another unit has its own people");
}
