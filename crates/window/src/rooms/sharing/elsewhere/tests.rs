//! Files as Outlook, Google and Apple write them, and what is left out of them.

use engines::booking::{HOUR, Span};

use super::read::{LONGEST_DAYS, TIMES_MAX, pieces, read};

/// 1 December 2026, 08:00 in China.
const NOW: i64 = 1_796_083_200_000;

/// Hours after [`NOW`] and lengths in hours.
fn told(text: &str) -> Vec<(i64, i64)> {
    let busy = read(text, NOW).unwrap();
    busy.spans.iter().map(|span| ((span.from() - NOW) / HOUR, span.length() / HOUR)).collect()
}

/// Outlook names zones as Windows does and describes them, and says in its own words whether one is free.
const OUTLOOK: &str = "BEGIN:VCALENDAR\r\nPRODID:-//Microsoft Corporation//Outlook 16.0 MIMEDIR//EN\r\nVERSION:2.0\r\nMETHOD:PUBLISH\r\n\
X-WR-CALNAME:Calendar\r\nBEGIN:VTIMEZONE\r\nTZID:China Standard Time\r\nBEGIN:STANDARD\r\nDTSTART:16010101T000000\r\n\
TZOFFSETFROM:+0800\r\nTZOFFSETTO:+0800\r\nEND:STANDARD\r\nEND:VTIMEZONE\r\n\
BEGIN:VEVENT\r\nCLASS:PUBLIC\r\nDESCRIPTION:\\n\r\nUID:040000008200E00074C5B7101A82E008\r\nDTSTART;TZID=\"China Standard Time\":20261201T090000\r\n\
DTEND;TZID=\"China Standard Time\":20261201T100000\r\nRRULE:FREQ=WEEKLY;COUNT=3;BYDAY=TU\r\n\
EXDATE;TZID=\"China Standard Time\":20261208T090000\r\nSUMMARY;LANGUAGE=zh-cn:组会\r\nTRANSP:OPAQUE\r\nX-MICROSOFT-CDO-BUSYSTATUS:BUSY\r\nEND:VEVENT\r\n\
BEGIN:VEVENT\r\nUID:040000008200E00074C5B7101A82E009\r\nDTSTART;VALUE=DATE:20261203\r\nDTEND;VALUE=DATE:20261204\r\nSUMMARY:生日\r\nTRANSP:TRANSPARENT\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n";

/// Google gives times in UTC, and zones by name without a description.
const GOOGLE: &str = "BEGIN:VCALENDAR\r\nPRODID:-//Google Inc//Google Calendar 70.9054//EN\r\nVERSION:2.0\r\nCALSCALE:GREGORIAN\r\nX-WR-TIMEZONE:Asia/Shanghai\r\n\
BEGIN:VEVENT\r\nDTSTART:20261201T020000Z\r\nDTEND:20261201T033000Z\r\nDTSTAMP:20261128T110000Z\r\nUID:3k2@google.com\r\nSTATUS:CONFIRMED\r\nSUMMARY:Beamline\r\nTRANSP:OPAQUE\r\nEND:VEVENT\r\n\
BEGIN:VEVENT\r\nDTSTART;TZID=America/New_York:20270312T200000\r\nDTEND;TZID=America/New_York:20270312T210000\r\nRRULE:FREQ=DAILY;COUNT=4\r\nUID:dst@google.com\r\nSUMMARY:Call across the change of clocks\r\nEND:VEVENT\r\n\
BEGIN:VEVENT\r\nDTSTART:20261202T020000Z\r\nDTEND:20261202T030000Z\r\nUID:gone@google.com\r\nSTATUS:CANCELLED\r\nSUMMARY:Off\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n";

/// Apple folds lines, and keeps changed occurrences beside the series.
const APPLE: &str = "BEGIN:VCALENDAR\nVERSION:2.0\nPRODID:-//Apple Inc.//macOS 15.1//EN\nX-APPLE-CALENDAR-COLOR:#1BADF8\n\
BEGIN:VEVENT\nUID:7A1C\nDTSTART;TZID=Asia/Shanghai:20261202T140000\nDTEND;TZID=Asia/Shanghai:20261202T16\n 0000\nRRULE:FREQ=DAILY;UNTIL=20261204T060000Z\nSUMMARY:维护保养\nEND:VEVENT\n\
BEGIN:VEVENT\nUID:7A1C\nRECURRENCE-ID;TZID=Asia/Shanghai:20261203T140000\nDTSTART;TZID=Asia/Shanghai:20261203T180000\nDTEND;TZID=Asia/Shanghai:20261203T190000\nSUMMARY:维护保养\nEND:VEVENT\n\
BEGIN:VEVENT\nUID:day\nDTSTART;VALUE=DATE:20261205\nSUMMARY:Whole day\nEND:VEVENT\nEND:VCALENDAR\n";

#[test]
fn files_of_outlook_google_and_apple_are_read_with_their_zones_and_changes() {
    // Tuesdays at nine, but for one; the birthday takes no time.
    assert_eq!(told(OUTLOOK), [(1, 1), (14 * 24 + 1, 1)]);
    // Eight in the evening in New York is nine in the morning here, and eight once clocks have changed there.
    let new_york: Vec<i64> =
        read(GOOGLE, NOW).unwrap().spans.iter().skip(1).map(|span| (span.from() / HOUR + 8) % 24).collect();
    assert_eq!(new_york, [9, 9, 8, 8]);
    assert_eq!(told(GOOGLE)[0], (2, 1));
    assert_eq!(told(APPLE), [(30, 2), (58, 1), (78, 2), (88, 24)]);
}

#[test]
fn what_cannot_be_read_is_told_by_line_and_event_and_the_rest_is_taken() {
    let text = "BEGIN:VCALENDAR\nVERSION:2.0\nBEGIN:VEVENT\nUID:a\nSUMMARY:Good\nDTSTART:20261202T010000Z\nDTEND:20261202T020000Z\nEND:VEVENT\n\
                BEGIN:VEVENT\nUID:b\nSUMMARY:坏的时间\nDTSTART:tomorrow\nEND:VEVENT\n\
                BEGIN:VEVENT\nUID:c\nSUMMARY:Backwards\nDTSTART:20261203T020000Z\nDTEND:20261203T010000Z\nEND:VEVENT\n\
                BEGIN:VEVENT\nUID:d\nSUMMARY:Long\nDTSTART;VALUE=DATE:20261210\nDTEND;VALUE=DATE:20270610\nEND:VEVENT\nEND:VCALENDAR\n";
    let busy = read(text, NOW).unwrap();
    // What ends before it begins is taken between its ends, and told.
    assert_eq!((busy.spans.len(), busy.events), (2, 3), "{busy:?}");
    let unread: Vec<(usize, &str)> = busy.unread.iter().map(|one| (one.line, one.event.as_str())).collect();
    assert_eq!(unread.len(), 3, "{unread:?}");
    assert!(unread.iter().any(|(line, event)| *event == "坏的时间" && (9..=13).contains(line)), "{unread:?}");
    assert!(
        unread.iter().any(|(line, event)| *event == "Backwards" && (14..=19).contains(line)),
        "{unread:?}"
    );
    assert!(busy.unread.iter().any(|one| one.event == "Long" && one.why.contains(&LONGEST_DAYS.to_string())));
    assert!(read("hello", NOW).is_err() && read("", NOW).is_err());
    let cut_off = read(text.rsplit_once("END:VCALENDAR").unwrap().0, NOW);
    assert!(cut_off.is_err(), "a file that was cut off is taken in no part: {cut_off:?}");
}

#[test]
fn no_more_times_are_taken_than_the_limit_and_none_beyond_the_horizon() {
    let event = |lines: &str| {
        format!("BEGIN:VCALENDAR\nVERSION:2.0\nBEGIN:VEVENT\nUID:u\n{lines}\nEND:VEVENT\nEND:VCALENDAR\n")
    };
    let often = event("DTSTART:20261202T010000Z\nDURATION:PT1H\nRRULE:FREQ=HOURLY;INTERVAL=4");
    let busy = read(&often, NOW).unwrap();
    assert!(busy.is_cut && busy.spans.len() == TIMES_MAX);
    assert!(told(&event("DTSTART:20290101T010000Z\nDURATION:PT1H")).is_empty(), "too far ahead");
    assert!(told(&event("DTSTART:20261101T010000Z\nDURATION:PT1H")).is_empty(), "over already");
}

#[test]
fn times_are_cut_around_what_others_have_and_nothing_is_closed_twice() {
    let span = |from: i64, until: i64| Span::new(NOW + from * HOUR, NOW + until * HOUR).unwrap();
    let cut = pieces(&[span(0, 8), span(6, 10), span(20, 21)], &[span(2, 3), span(21, 22)]);
    assert_eq!(cut, [span(0, 2), span(3, 8), span(8, 10), span(20, 21)]);
    assert_eq!(pieces(&[span(2, 3)], &[span(0, 24)]), []);
}
