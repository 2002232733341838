use super::super::{Agenda, Fault, Why, Zone, agenda, read};
use crate::booking::Span;

/// The events of a calendar, each as its lines; further lines of the calendar itself stand first.
fn calendar(head: &str, events: &[&str]) -> Agenda {
    let events: String = events.iter().map(|event| format!("BEGIN:VEVENT\n{event}\nEND:VEVENT\n")).collect();
    let text = format!("BEGIN:VCALENDAR\n{head}{events}END:VCALENDAR\n").replace('\n', "\r\n");
    agenda(&read(&text).unwrap()[0])
}

fn instant(text: &str) -> i64 {
    Zone::utc().instant(text.parse().unwrap())
}

/// When what happens in 2024 begins and ends, in UTC, as someone in UTC sees it.
fn shown(agenda: &Agenda) -> Vec<String> {
    let window = Span::new(instant("2024-01-01T00:00"), instant("2025-01-01T00:00")).unwrap();
    let at = |instant| Zone::utc().civil(instant).strftime("%m-%d %H:%M").to_string();
    let found = agenda.occurrences(window, &Zone::utc()).0;
    found.iter().map(|one| format!("{} – {}", at(one.from), at(one.until))).collect()
}

const WEEKLY: &str = "UID:1\nDTSTART:20240902T080000Z\nDTEND:20240902T100000Z\nRRULE:FREQ=WEEKLY;COUNT=4";

#[test]
fn a_change_is_one_occurrence_whatever_recurrence_stands_in_it() {
    let change = "UID:1\nRECURRENCE-ID:20240909T080000Z\nDTSTART:20240910T090000Z\nDTEND:20240910T100000Z\nRRULE:FREQ=WEEKLY";
    let expected = [
        "09-02 08:00 – 09-02 10:00",
        "09-10 09:00 – 09-10 10:00",
        "09-16 08:00 – 09-16 10:00",
        "09-23 08:00 – 09-23 10:00",
    ];
    assert_eq!(shown(&calendar("", &[WEEKLY, change])), expected);
}

#[test]
fn what_a_series_excepts_is_gone_changed_or_not() {
    let change = "UID:1\nRECURRENCE-ID:20240909T080000Z\nDTSTART:20240910T090000Z\nDTEND:20240910T100000Z";
    let series = format!("{WEEKLY}\nEXDATE:20240909T080000Z,20240916T080000Z");
    let expected = ["09-02 08:00 – 09-02 10:00", "09-23 08:00 – 09-23 10:00"];
    assert_eq!(shown(&calendar("", &[&series, change])), expected);
}

#[test]
fn an_older_change_for_which_a_series_has_no_place_any_more_is_a_remnant() {
    let change = |sequence: u8, place: &str| {
        format!(
            "UID:1\nSEQUENCE:{sequence}\nRECURRENCE-ID:{place}T080000Z\nDTSTART:20241005T080000Z\nDTEND:20241005T090000Z\nRRULE:FREQ=WEEKLY"
        )
    };
    let series = format!("{WEEKLY}\nSEQUENCE:2");
    let moved = "10-05 08:00 – 10-05 09:00".to_owned();
    let has = |change: &str| shown(&calendar("", &[&series, change])).contains(&moved);
    assert!(has(&change(1, "20240909")), "its place is there");
    assert!(!has(&change(1, "20240911")), "nobody has it");
    assert!(has(&change(3, "20240911")), "it is newer than the series");
}

#[test]
fn a_change_from_one_on_moves_and_stretches_what_follows() {
    let from_then = "UID:1\nRECURRENCE-ID;RANGE=THISANDFUTURE:20240909T080000Z\nDTSTART:20240908T070000Z\nDTEND:20240908T100000Z";
    let one = "UID:1\nRECURRENCE-ID:20240916T080000Z\nDTSTART:20240917T120000Z\nDTEND:20240917T130000Z";
    let expected = [
        "09-02 08:00 – 09-02 10:00",
        "09-08 07:00 – 09-08 10:00",
        "09-17 12:00 – 09-17 13:00",
        "09-22 07:00 – 09-22 10:00",
    ];
    assert_eq!(shown(&calendar("", &[WEEKLY, from_then, one])), expected);
    let ended = format!("{from_then}\nSTATUS:CANCELLED");
    assert_eq!(shown(&calendar("", &[WEEKLY, &ended])), expected[..1]);
}

#[test]
fn what_moves_into_the_window_from_behind_it_is_found() {
    let series = "UID:1\nDTSTART:20241202T080000Z\nDTEND:20241202T090000Z\nRRULE:FREQ=WEEKLY;COUNT=8";
    let earlier = "UID:1\nRECURRENCE-ID;RANGE=THISANDFUTURE:20250106T080000Z\nDTSTART:20241216T150000Z\nDTEND:20241216T160000Z";
    let found = shown(&calendar("", &[series, earlier]));
    let moved: Vec<&String> = found.iter().filter(|one| one.contains("15:00")).collect();
    assert_eq!(
        moved,
        ["12-16 15:00 – 12-16 16:00", "12-23 15:00 – 12-23 16:00", "12-30 15:00 – 12-30 16:00"]
    );
}

#[test]
fn of_whole_days_that_one_is_meant_on_whose_day_a_time_falls() {
    let days = "UID:1\nDTSTART;VALUE=DATE:20240902\nDTEND;VALUE=DATE:20240903\nRRULE:FREQ=DAILY;COUNT=4\nEXDATE;TZID=Europe/London:20240904T000000";
    let change = "UID:1\nRECURRENCE-ID;TZID=Europe/London:20240903T000000\nDTSTART;VALUE=DATE:20240920\nDTEND;VALUE=DATE:20240921";
    let expected = ["09-02 00:00 – 09-03 00:00", "09-05 00:00 – 09-06 00:00", "09-20 00:00 – 09-21 00:00"];
    assert_eq!(shown(&calendar("", &[days, change])), expected);
}

#[test]
fn periods_among_the_further_times_have_ends_of_their_own() {
    let event = "UID:1\nDTSTART;TZID=America/Vancouver:20240920T120000\nDTEND;TZID=America/Vancouver:20240920T140000\nRDATE;VALUE=PERIOD;TZID=America/Vancouver:20241213T120000/20241213T150000,20241214T120000/PT30M\nRDATE;VALUE=DATE:20241215";
    let expected = [
        "09-20 19:00 – 09-20 21:00",
        "12-13 20:00 – 12-13 23:00",
        "12-14 20:00 – 12-14 20:30",
        "12-15 08:00 – 12-15 10:00",
    ];
    assert_eq!(shown(&calendar("", &[event])), expected);
}

#[test]
fn a_series_cut_off_before_its_first_occurrence_has_none() {
    let event =
        "UID:1\nDTSTART;VALUE=DATE:20241002\nDTEND;VALUE=DATE:20241009\nRRULE:FREQ=WEEKLY;UNTIL=20241001";
    assert!(shown(&calendar("", &[event])).is_empty());
    let with_more = format!("{event}\nRDATE;VALUE=DATE:20241105");
    assert_eq!(shown(&calendar("", &[&with_more])), ["11-05 00:00 – 11-12 00:00"]);
}

fn faults(agenda: &Agenda) -> Vec<&Why> {
    agenda.faults.iter().map(|Fault { why, .. }| why).collect()
}

#[test]
fn what_is_wrong_is_said_and_the_rest_stands() {
    let swapped = calendar("", &["UID:1\nDTSTART:20240304T073000Z\nDTEND:20240304T070000Z"]);
    assert_eq!(
        (shown(&swapped), faults(&swapped)),
        (vec!["03-04 07:00 – 03-04 07:30".to_owned()], vec![&Why::EndsEarly])
    );
    let ruleless = calendar("", &["UID:1\nDTSTART;VALUE=DATE:20240101\nRRULE:"]);
    assert_eq!(shown(&ruleless), ["01-01 00:00 – 01-02 00:00"]);
    assert!(matches!(faults(&ruleless)[..], [Why::BadRule(_)]));
    let mistyped = calendar("BEGIN:VTODO\nUID:2\nEND:VTOOD\n", &["UID:1\nDTSTART;VALUE=DATE:20240101"]);
    assert_eq!(shown(&mistyped), ["01-01 00:00 – 01-02 00:00"]);
    let bare = agenda(&read("BEGIN:VEVENT\nDTSTART;VALUE=DATE:20240101\nEND:VEVENT\n").unwrap()[0]);
    assert_eq!(shown(&bare), ["01-01 00:00 – 01-02 00:00"]);
}

#[test]
fn a_calendar_may_say_once_where_its_times_are() {
    let event = "UID:1\nDTSTART:20240916T210000\nDTEND:20240916T224500";
    assert_eq!(shown(&calendar("X-WR-TIMEZONE:Europe/Brussels\n", &[event])), ["09-16 19:00 – 09-16 20:45"]);
    assert_eq!(shown(&calendar("", &[event])), ["09-16 21:00 – 09-16 22:45"]);
}

#[test]
fn endless_series_with_changes_take_no_more_than_is_asked() {
    let event = "UID:1\nDTSTART:19700101T000000Z\nDURATION:PT1M\nRRULE:FREQ=MINUTELY;INTERVAL=30";
    let change = "UID:1\nRECURRENCE-ID:20240101T000000Z\nDTSTART:20240101T001500Z\nDURATION:PT1M";
    let found = shown(&calendar("", &[event, change]));
    assert_eq!((found[0].as_str(), found.len()), ("01-01 00:15 – 01-01 00:16", super::OCCURRENCES_MAX + 1));
}

#[test]
fn what_recurs_without_end_is_worked_out_near_the_window_alone() {
    let seconds = "UID:1\nDTSTART:19700101T000000Z\nDURATION:PT1S\nRRULE:FREQ=SECONDLY;INTERVAL=3600";
    let found = calendar("", &[seconds]);
    let (from, until) = (instant("2024-01-01T00:00"), instant("2024-01-01T03:00"));
    let (hours, faults) = found.occurrences(Span::new(from, until).unwrap(), &Zone::utc());
    assert_eq!((hours.len(), faults), (3, vec![]));
    // Where each time counts, all are looked at, but not for ever, however many such events there are.
    let counted =
        |uid: usize| format!("UID:{uid}\nDTSTART:19700101T000000Z\nRRULE:FREQ=SECONDLY;COUNT=4000000000");
    let many: Vec<String> = (0..50).map(counted).collect();
    let many: Vec<&str> = many.iter().map(String::as_str).collect();
    let found = calendar("", &many);
    let (none, faults) = found.occurrences(Span::new(from, until).unwrap(), &Zone::utc());
    assert!(none.is_empty() && faults.len() == 50, "{} {}", none.len(), faults.len());
    assert!(faults.iter().all(|fault| fault.why == Why::TooMuch));
    // Nor where there is nothing to be found.
    let never =
        |uid: usize| format!("UID:{uid}\nDTSTART:20200101T000000Z\nRRULE:FREQ=DAILY;BYMONTH=2;BYMONTHDAY=30");
    let many: Vec<String> = (0..5_000).map(never).collect();
    let many: Vec<&str> = many.iter().map(String::as_str).collect();
    let (none, faults) = calendar("", &many).occurrences(Span::new(from, until).unwrap(), &Zone::utc());
    assert!(none.is_empty() && faults.len() > 4_000, "{} {}", none.len(), faults.len());
}

#[test]
fn an_occurrence_that_began_long_before_the_window_is_in_it() {
    let long = "UID:1\nDTSTART:20230101T000000Z\nDTEND:20230401T000000Z\nRRULE:FREQ=MONTHLY;INTERVAL=4";
    assert_eq!(
        shown(&calendar("", &[long])),
        ["01-01 00:00 – 03-31 00:00", "05-01 00:00 – 07-30 00:00", "09-01 00:00 – 11-30 00:00"]
    );
    let across = "UID:1\nDTSTART:20230901T000000Z\nDURATION:P130D\nRRULE:FREQ=YEARLY";
    assert_eq!(shown(&calendar("", &[across])), ["09-01 00:00 – 01-09 00:00", "09-01 00:00 – 01-09 00:00"]);
}

#[test]
fn zones_that_change_by_too_many_rules_are_refused() {
    let part = "BEGIN:STANDARD\nDTSTART:19700101T000000\nTZOFFSETFROM:+0000\nTZOFFSETTO:+0100\nRRULE:FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30\nEND:STANDARD\n";
    let zone = format!("BEGIN:VTIMEZONE\nTZID:own\n{}END:VTIMEZONE\n", part.repeat(401));
    assert!(faults(&calendar(&zone, &[])).contains(&&Why::TooManyZones));
}
