//! Calendars: the examples of RFC 5545, odd files, and whatever chance makes of them.

use jiff::civil::DateTime;

use super::*;
use crate::booking::{DAY, HOUR, Span, Spans};

fn civil(text: &str) -> DateTime {
    value::date_time(text).unwrap().0
}

/// The rows of a table of recurrences: beginning, rule, the first wall times it gives.
fn rows(table: &str) -> impl Iterator<Item = (DateTime, Rule, Vec<DateTime>)> + '_ {
    table.lines().filter(|line| !line.starts_with("start\t")).map(|line| {
        let cells: Vec<&str> = line.split('\t').collect();
        let rule = cells[1].parse().unwrap_or_else(|why: String| panic!("{line}: {why}"));
        let times = cells.get(2).copied().unwrap_or("").split_whitespace().map(civil).collect();
        (civil(cells[0]), rule, times)
    })
}

fn agree(table: &str) -> usize {
    let mut count = 0;
    for (start, rule, times) in rows(table) {
        let ours: Vec<DateTime> = Dates::new(&rule, start).take(times.len().max(1)).collect();
        assert_eq!(ours, times, "{rule} from {start}");
        count += 1;
    }
    count
}

#[test]
fn recurrences_are_those_of_the_standards_examples() {
    assert_eq!(agree(include_str!("recurrences.tsv")), 47);
}

/// `KECHUANG_RECURRENCES=FILE` compares with a table that another program made.
#[test]
fn recurrences_are_those_of_another_program() {
    match std::env::var("KECHUANG_RECURRENCES").ok().map(std::fs::read_to_string) {
        Some(table) => println!("{} rules agree", agree(&table.unwrap())),
        None => println!("skipped: KECHUANG_RECURRENCES names no table"),
    }
}

#[test]
fn rules_are_written_as_they_were_read() {
    for (_, rule, _) in rows(include_str!("recurrences.tsv")) {
        assert_eq!(rule.to_string().parse(), Ok(rule.clone()), "{rule}");
    }
}

#[test]
fn impossible_rules_end_and_wrong_ones_are_refused() {
    for text in [
        "FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30",
        "FREQ=SECONDLY;BYMONTH=2;BYMONTHDAY=30",
        "FREQ=MINUTELY;INTERVAL=7;BYMONTH=4;BYMONTHDAY=31;BYHOUR=3",
        "FREQ=DAILY;BYYEARDAY=366;BYMONTH=6",
        "FREQ=MONTHLY;BYMONTHDAY=1;BYSETPOS=5",
        "FREQ=DAILY;BYSECOND=60",
        "FREQ=SECONDLY;INTERVAL=4000000000;BYSECOND=1",
    ] {
        let rule: Rule = text.parse().unwrap();
        let found = Dates::new(&rule, civil("20260101T000000")).take(3).count();
        assert!(found == 0 || text.contains("4000000000"), "{text}: {found}");
    }
    for text in [
        "",
        "COUNT=3",
        "FREQ=FORTNIGHTLY",
        "FREQ=DAILY;INTERVAL=0",
        "FREQ=DAILY;INTERVAL=-1",
        "FREQ=DAILY;COUNT=x",
        "FREQ=DAILY;COUNT=1;COUNT=2",
        "FREQ=DAILY;BYMONTH=13",
        "FREQ=DAILY;BYMONTHDAY=0",
        "FREQ=DAILY;BYDAY=XX",
        "FREQ=DAILY;BYDAY=54MO",
        "FREQ=DAILY;UNTIL=20260230",
        "FREQ=DAILY;BYEASTER=0",
        "FREQ",
        "FREQ=DAILY;BYDAY=é",
    ] {
        assert!(text.parse::<Rule>().is_err(), "{text}");
    }
}

fn read_one(text: &str) -> Agenda {
    let text = format!("BEGIN:VCALENDAR\r\n{}\r\nEND:VCALENDAR\r\n", text.trim().replace('\n', "\r\n"));
    agenda(read(&text).unwrap().first().unwrap())
}

fn window(from: &str, until: &str) -> Span {
    let utc = Zone::utc();
    Span::new(utc.instant(civil(from)), utc.instant(civil(until))).unwrap()
}

fn told(agenda: &Agenda, window: Span, zone: &Zone) -> Vec<String> {
    let (found, _) = agenda.occurrences(window, zone);
    let at = |instant| zone.civil(instant).strftime("%m-%d %H:%M").to_string();
    found.iter().map(|one| format!("{} – {} {}", at(one.from), at(one.until), one.summary)).collect()
}

#[test]
fn nine_o_clock_stays_nine_o_clock_when_the_clock_changes() {
    let weekly = read_one(
        "BEGIN:VEVENT
UID:1
SUMMARY:beam
DTSTART;TZID=America/New_York:20260302T090000
DTEND;TZID=America/New_York:20260302T100000
RRULE:FREQ=WEEKLY;UNTIL=20260316T130000Z
END:VEVENT",
    );
    let seen = told(&weekly, window("20260301T000000", "20260401T000000"), &Zone::utc());
    assert_eq!(
        seen,
        [
            "03-02 14:00 – 03-02 15:00 beam",
            "03-09 13:00 – 03-09 14:00 beam",
            "03-16 13:00 – 03-16 14:00 beam"
        ]
    );
}

#[test]
fn hours_that_are_not_there_or_are_there_twice_have_one_meaning() {
    let zone = Zone::named("Europe/Berlin").unwrap();
    let instant = |text: &str| zone.instant(civil(text));
    // In March 02:30 is read with the offset before the change and so is 03:30 by the new one.
    assert_eq!(instant("20260329T023000"), instant("20260329T033000"));
    // In October 02:30 is the first of two.
    assert_eq!(instant("20261025T023000"), instant("20261025T013000") + HOUR);
    assert_eq!(instant("20261025T033000"), instant("20261025T023000") + 2 * HOUR);
}

const VIENNA: &str = "BEGIN:VTIMEZONE
TZID:House of Vienna
BEGIN:DAYLIGHT
DTSTART:19810329T020000
TZOFFSETFROM:+0100
TZOFFSETTO:+0200
RRULE:FREQ=YEARLY;BYMONTH=3;BYDAY=-1SU
END:DAYLIGHT
BEGIN:STANDARD
DTSTART:19961027T030000
TZOFFSETFROM:+0200
TZOFFSETTO:+0100
RRULE:FREQ=YEARLY;BYMONTH=10;BYDAY=-1SU
END:STANDARD
END:VTIMEZONE";

#[test]
fn a_zone_that_a_calendar_describes_is_the_one_it_means() {
    let calendar = format!("BEGIN:VCALENDAR\n{VIENNA}\nEND:VCALENDAR\n");
    let zones = Zones::of(read(&calendar).unwrap().first().unwrap()).unwrap();
    let (own, world) = (zones.find("House of Vienna").unwrap(), Zone::named("Europe/Vienna").unwrap());
    let mut instant = world.instant(civil("20260101T000000"));
    for _ in 0..4_000 {
        assert_eq!(own.civil(instant), world.civil(instant));
        let wall = world.civil(instant);
        assert_eq!(own.instant(wall), world.instant(wall), "{wall}");
        instant += 7 * HOUR / 2;
    }
    for wall in
        ["20260329T020000", "20260329T025959", "20261025T020000", "20261025T025959", "20261025T030000"]
    {
        assert_eq!(own.instant(civil(wall)), world.instant(civil(wall)), "{wall}");
    }
}

#[test]
fn zones_are_found_under_the_names_that_programs_write() {
    let zones = Zones::default();
    for name in [
        "Asia/Shanghai",
        "asia/shanghai",
        "/mozilla.org/20070129_1/Asia/Shanghai",
        "/freeassociation.sourceforge.net/Tzfile/Asia/Shanghai",
        "China Standard Time",
        "posix/Asia/Shanghai",
    ] {
        let at = zones.find(name).map(|zone| zone.instant(civil("20260701T080000")));
        assert_eq!(at, Some(Zone::utc().instant(civil("20260701T000000"))), "{name}");
    }
    assert!(zones.find("House of Vienna").is_none() && zones.find("").is_none());
}

#[test]
fn changed_and_removed_occurrences_are_followed() {
    let series = read_one(
        "BEGIN:VEVENT
UID:a
SUMMARY:old
DTSTART;TZID=Asia/Shanghai:20260302T090000
DURATION:PT2H
RRULE:FREQ=DAILY;COUNT=5
EXDATE;TZID=Asia/Shanghai:20260303T090000
RDATE;VALUE=PERIOD;TZID=Asia/Shanghai:20260310T080000/PT30M
END:VEVENT
BEGIN:VEVENT
UID:a
SUMMARY:new
RECURRENCE-ID;TZID=Asia/Shanghai:20260304T090000
DTSTART;TZID=Asia/Shanghai:20260304T140000
DURATION:PT1H
END:VEVENT
BEGIN:VEVENT
UID:a
RECURRENCE-ID:20260305T010000Z
DTSTART;TZID=Asia/Shanghai:20260305T090000
STATUS:CANCELLED
END:VEVENT",
    );
    let zone = Zone::named("Asia/Shanghai").unwrap();
    let seen = told(&series, window("20260301T000000", "20260401T000000"), &zone);
    assert_eq!(
        seen,
        [
            "03-02 09:00 – 03-02 11:00 old",
            "03-04 14:00 – 03-04 15:00 new",
            "03-06 09:00 – 03-06 11:00 old",
            "03-10 08:00 – 03-10 08:30 old"
        ]
    );
    assert_eq!(series.busy(window("20260301T000000", "20260401T000000"), &zone).length(), 11 * HOUR / 2);
}

#[test]
fn whole_days_are_days_of_the_one_who_reads() {
    let days =
        read_one("BEGIN:VEVENT\nUID:d\nDTSTART;VALUE=DATE:20260328\nDTEND;VALUE=DATE:20260330\nEND:VEVENT");
    let berlin = Zone::named("Europe/Berlin").unwrap();
    let busy = days.busy(window("20260301T000000", "20260401T000000"), &berlin);
    assert_eq!(busy.length(), 47 * HOUR);
    assert!(days.faults.is_empty());
}

#[test]
fn what_is_wrong_with_one_event_leaves_the_others() {
    let some = read_one(
        "BEGIN:VEVENT
UID:bad
DTSTART;TZID=Moon/Tranquility:20260302T090000
END:VEVENT
BEGIN:VEVENT
UID:worse
DTSTART:20260302T090000Z
RRULE:FREQ=NEVER
END:VEVENT
BEGIN:VEVENT
UID:good
DTSTART:20260302T090000Z
DTEND:20260302T100000Z
an odd line
END:VEVENT",
    );
    // The first time of a series stands, though nobody knows when it comes again.
    let names: Vec<&str> = some.events.iter().map(|event| event.uid.as_str()).collect();
    assert_eq!(names, ["worse", "good"]);
    let lines: Vec<usize> = some.faults.iter().map(|fault| fault.line).collect();
    assert_eq!(lines, [4, 9, 15]);
    assert!(some.faults.iter().any(|fault| fault.to_string().contains("Moon/Tranquility")));
}

#[test]
fn texts_that_are_no_calendar_are_refused_with_their_line() {
    for (text, line) in [
        ("hello", 1),
        ("BEGIN:VEVENT\nUID:1\n", 1),
        ("BEGIN:VCALENDAR\nBEGIN:VEVENT\nEND:VTODO", 3),
        ("END:VCALENDAR", 1),
        ("BEGIN:VCALENDAR\nX;A=\"b:c\nEND:VCALENDAR", 2),
        ("UID:1", 1),
    ] {
        assert_eq!(read(text).map_err(|fault| fault.line), Err(line), "{text}");
    }
    for text in
        ["BEGIN:VCALENDAR\nBEGIN:VEVENT\nUID:1\nEND:VCALENDAR", "BEGIN:VCALENDAR\nBEGIN:VEVENT\nUID:1"]
    {
        let cut = read(text).unwrap();
        assert!(cut[0].inside.is_empty() && !agenda(&cut[0]).faults.is_empty(), "{text}");
    }
    let deep = "BEGIN:A\n".repeat(DEPTH_MAX + 1);
    assert_eq!(read(&deep).map_err(|fault| fault.why), Err(Why::TooDeep));
}

fn feed() -> Feed {
    let entry = |n: u32| {
        Shown {
        uid: format!("booking-{n}@kechuang.example"),
        span: Span::new(1_772_416_800_000, 1_772_424_000_000).unwrap(),
        summary: "透射电子显微镜，样品甲；第一次使用，请提前十五分钟到，并带好自己的样品杆 and a long English part, too".into(),
        description: "line one\nline two; with, signs \\ and “quotes”".into(),
        location: String::new(),
        is_tentative: n == 2,
        is_free: n == 1,
        is_cancelled: n == 3,
        sequence: n,
        changed: 1_772_000_000_000,
    }
    };
    Feed { name: "仪器日历".into(), entries: (1..=3).map(entry).collect() }
}

#[test]
fn what_is_written_is_read_again() {
    let text = feed_text(&feed());
    assert!(text.split("\r\n").all(|line| line.len() <= 75), "{text}");
    let parts = read(&text).unwrap();
    let agenda = agenda(&parts[0]);
    assert_eq!((agenda.events.len(), agenda.faults.len()), (3, 0));
    let event = &agenda.events[0];
    assert_eq!(event.summary, feed().entries[0].summary);
    assert_eq!(plain(&parts[0].inside[0].line("DESCRIPTION").unwrap().value), feed().entries[0].description);
    let all = window("20260101T000000", "20270101T000000");
    assert_eq!(agenda.occurrences(all, &Zone::utc()).0.len(), 2);
    assert_eq!(super::text(&parts), text);
}

#[test]
fn busy_time_is_given_out_without_names() {
    let busy: Spans = [Span::new(0, HOUR).unwrap(), Span::new(DAY, 2 * DAY).unwrap()].into_iter().collect();
    let whole = Span::new(0, 9 * DAY).unwrap();
    let text = busy_text(&busy, whole, "instrument-1@kechuang.example", 0);
    let again = agenda(&read(&text).unwrap()[0]).busy(whole, &Zone::utc());
    assert_eq!(again, busy);
    assert!(!text.contains("SUMMARY"));
}

#[test]
fn an_endless_event_is_cut_and_says_so() {
    let often = read_one(
        "BEGIN:VEVENT\nUID:s\nDTSTART:20260101T000000Z\nDURATION:PT1S\nRRULE:FREQ=SECONDLY\nEND:VEVENT",
    );
    let (found, faults) = often.occurrences(window("20260101T000000", "20270101T000000"), &Zone::utc());
    assert_eq!(found.len(), OCCURRENCES_MAX);
    assert!(faults.iter().any(|fault| fault.why == Why::TooOften));
}

/// SplitMix64: replayable.
fn roll(state: &mut u64, below: usize) -> usize {
    *state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let mut z = *state;
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    usize::try_from((z ^ (z >> 31)) % (below.max(1) as u64)).unwrap()
}

const SIGNS: [&str; 24] = [
    "\r\n",
    "\n ",
    ":",
    ";",
    ",",
    "\"",
    "=",
    "BEGIN:VEVENT\r\n",
    "END:VEVENT\r\n",
    "RRULE:FREQ=SECONDLY\r\n",
    "T",
    "Z",
    "-",
    "99999999999999999999",
    "P",
    "\u{0}",
    "é",
    "\\",
    "^",
    "/",
    "DTSTART:99991231T235959Z\r\n",
    "RDATE:",
    "+2359",
    "RRULE:FREQ=YEARLY;INTERVAL=4294967295;BYWEEKNO=-53\r\n",
];

fn spoil(letters: &[char], state: &mut u64) -> String {
    let mut spoiled = letters.to_vec();
    for _ in 0..=roll(state, 3) {
        let at = roll(state, spoiled.len() + 1);
        match roll(state, 4) {
            0 => spoiled.truncate(at.max(40)),
            1 => drop(spoiled.drain(at..(at + roll(state, 30)).min(spoiled.len()))),
            2 => drop(spoiled.splice(at..at, SIGNS[roll(state, SIGNS.len())].chars())),
            _ => {
                if let Some(letter) = spoiled.get_mut(at) {
                    *letter = char::from(u8::try_from(32 + roll(state, 95)).unwrap());
                }
            }
        }
    }
    spoiled.into_iter().collect()
}

/// `FUZZ_ROUNDS=1000000` goes further.
#[test]
fn spoiled_calendars_are_read_or_refused_and_never_stop_the_program() {
    let rounds = std::env::var("FUZZ_ROUNDS").ok().and_then(|n| n.parse().ok()).unwrap_or(3_000);
    let whole = format!(
        "BEGIN:VCALENDAR\r\n{}\r\nBEGIN:VEVENT\r\nUID:1\r\nDTSTART;TZID=House of Vienna:20260302T090000\r\nDTEND;TZID=\"Europe/Berlin\":20260302T100000\r\nRRULE:FREQ=MONTHLY;BYDAY=MO,-1FR;BYSETPOS=1,-1;UNTIL=20270101T000000Z\r\nEXDATE:20260302\r\nRDATE;VALUE=PERIOD:20260302T090000Z/PT3H\r\nEND:VEVENT\r\nBEGIN:VFREEBUSY\r\nFREEBUSY:20260302T090000Z/P1DT2H\r\nEND:VFREEBUSY\r\nEND:VCALENDAR\r\n{}",
        VIENNA.replace('\n', "\r\n"),
        feed_text(&feed())
    );
    let letters: Vec<char> = whole.chars().collect();
    let (mut state, mut readable) = (5, 0);
    let year = window("20260101T000000", "20270101T000000");
    for _ in 0..rounds {
        let text = spoil(&letters, &mut state);
        for part in read(&text).iter().flatten() {
            readable += 1;
            let agenda = agenda(part);
            let (found, _) = agenda.occurrences(year, &Zone::utc());
            assert!(found.windows(2).all(|two| two[0].from <= two[1].from));
            let busy = agenda.busy(year, &Zone::fixed(8));
            assert!(busy.length() <= year.length());
            assert_eq!(read(&super::text(std::slice::from_ref(part))).map(|again| again.len()), Ok(1));
        }
    }
    assert!(readable > rounds / 4, "{readable} of {rounds}");
}

/// `KECHUANG_SHARED=DIR` reads the open set of odd calendars: each is read or refused as its list says.
#[test]
fn odd_calendars_of_the_open_set_are_read_or_refused_as_known() {
    let Ok(shared) = std::env::var("KECHUANG_SHARED") else {
        println!("skipped: KECHUANG_SHARED names no folder");
        return;
    };
    let folder = format!("{shared}/data/icalendar");
    let list = std::fs::read_to_string(format!("{folder}/manifest.tsv")).unwrap();
    let (mut same, mut other) = (0, Vec::new());
    for line in list.lines().skip(1) {
        let cells: Vec<&str> = line.split('\t').collect();
        let bytes = std::fs::read(format!("{folder}/calendars/{}", cells[0])).unwrap();
        let text = String::from_utf8_lossy(&bytes);
        let parts = read(&text);
        let agendas: Vec<Agenda> = parts.iter().flatten().map(agenda).collect();
        for agenda in &agendas {
            let _ = agenda.occurrences(window("20000101T000000", "20300101T000000"), &Zone::fixed(8));
        }
        let zones = parts.iter().flatten().try_for_each(|part| Zones::of(part).map(drop));
        let events = |part: &Component| part.parts("VEVENT").count() + usize::from(part.name == "VEVENT");
        let count: usize = parts.iter().flatten().map(events).sum();
        let ours = (parts.is_ok() && zones.is_ok(), count);
        let theirs = (cells[2] == "1", cells[3].parse().unwrap());
        // Of a calendar that is cut off we keep what was whole; the list counts nothing.
        let is_cut = parts.iter().flatten().any(|part| !part.faults.is_empty());
        if ours == theirs || !(ours.0 || theirs.0) || (ours.0 && theirs.0 && is_cut) {
            same += 1;
        } else {
            let fault = parts.err().or(zones.err());
            other.push(format!("{}: ours {ours:?}, theirs {theirs:?}, {fault:?}", cells[0]));
        }
    }
    println!("{same} as known\n{}", other.join("\n"));
    assert!(same >= 161, "{same} as known\n{}", other.join("\n"));
}
