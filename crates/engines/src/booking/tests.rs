//! What the booking engine promises, tried at random and against the plainest way of doing it.

use super::{ical::Zone, *};

/// SplitMix64: replayable.
struct Dice(u64);
impl Dice {
    fn roll(&mut self, below: i64) -> i64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        i64::try_from((z ^ (z >> 31)) % below.unsigned_abs()).unwrap()
    }
}

fn span(from: i64, until: i64) -> Span {
    Span::new(from, until).unwrap()
}

fn shanghai() -> Zone {
    Zone::named("Asia/Shanghai").unwrap()
}

/// `BOOKING_TRIES=1000000` tries that often.
fn tries() -> usize {
    std::env::var("BOOKING_TRIES").ok().and_then(|n| n.parse().ok()).unwrap_or(1_000_000)
}

#[test]
fn a_million_random_tries_never_overlap() {
    let mut dice = Dice(7);
    let mut books: Vec<Book<usize>> = vec![Book::default(); 20];
    let (mut taken, mut refused, mut freed) = (0, 0, 0);
    let mut held: Vec<(usize, i64, usize)> = Vec::new();
    for attempt in 0..tries() {
        let instrument = usize::try_from(dice.roll(20)).unwrap();
        if dice.roll(10) == 0 && !held.is_empty() {
            let place = usize::try_from(dice.roll(i64::try_from(held.len()).unwrap())).unwrap();
            let (instrument, from, by) = held.swap_remove(place);
            assert!(books[instrument].free(from, by).is_some());
            freed += 1;
            continue;
        }
        let from = dice.roll(20_000) * 15;
        let wanted = span(from, from + 1 + dice.roll(240));
        let buffer = [0, 0, 5, 15][usize::try_from(dice.roll(4)).unwrap()];
        match books[instrument].take(wanted, buffer, attempt) {
            Ok(()) => {
                held.push((instrument, from, attempt));
                taken += 1;
            }
            Err(clash) => {
                assert!(clash.with.span.overlaps(wanted.wider(buffer.max(clash.with.buffer))));
                refused += 1;
            }
        }
    }
    println!("{taken} taken, {refused} refused, {freed} freed");
    assert!(taken > freed && refused > 0 && freed > 0);
    for book in &books {
        let list: Vec<Taken<usize>> = book.iter().copied().collect();
        assert_eq!(check(&list, None), Ok(()));
        // The plain way: every pair.
        for (place, one) in list.iter().enumerate().take(300) {
            for two in list.iter().skip(place + 1) {
                assert!(!one.span.overlaps(two.span.wider(one.buffer.max(two.buffer))));
            }
        }
    }
}

#[test]
fn a_book_refuses_exactly_what_the_plain_way_refuses() {
    let mut dice = Dice(11);
    for _ in 0..400 {
        let (mut book, mut plain) = (Book::default(), Vec::<Taken<usize>>::new());
        for by in 0..60 {
            let from = dice.roll(300);
            let (wanted, buffer) = (span(from, from + 1 + dice.roll(20)), dice.roll(6));
            let is_free = plain.iter().all(|each| !each.span.overlaps(wanted.wider(buffer.max(each.buffer))));
            assert_eq!(book.take(wanted, buffer, by).is_ok(), is_free);
            if is_free {
                plain.push(Taken::alone(wanted, buffer, by));
            }
            if dice.roll(5) == 0 && !plain.is_empty() {
                let gone = plain.swap_remove(0);
                assert_eq!(book.free(gone.span.from(), gone.by), Some(gone));
            }
        }
        assert_eq!(book.len(), plain.len());
    }
}

/// The plain way: how many are there at each of some moments.
fn depth(list: &[Taken<usize>], at: i64) -> usize {
    list.iter().filter(|each| each.span.from() <= at && at < each.span.until()).count()
}

#[test]
fn a_million_random_tries_never_take_more_than_the_places() {
    let mut dice = Dice(17);
    let places: [usize; 5] = [1, 2, 3, 7, 50];
    let mut books: Vec<Book<usize>> = places.map(Book::with_places).into();
    let (mut taken, mut refused, mut freed, mut closed) = (0, 0, 0, 0);
    let mut held: Vec<(usize, i64, usize)> = Vec::new();
    for attempt in 0..tries() {
        let instrument = usize::try_from(dice.roll(5)).unwrap();
        if dice.roll(10) == 0 && !held.is_empty() {
            let place = usize::try_from(dice.roll(i64::try_from(held.len()).unwrap())).unwrap();
            let (instrument, from, by) = held.swap_remove(place);
            assert!(books[instrument].free(from, by).is_some());
            freed += 1;
            continue;
        }
        let from = dice.roll(4_000) * 15;
        let wanted = span(from, from + 1 + dice.roll(240));
        let whole = dice.roll(200) == 0;
        let book = &mut books[instrument];
        match if whole { book.take_whole(wanted, attempt) } else { book.take(wanted, 5, attempt) } {
            Ok(()) => {
                held.push((instrument, from, attempt));
                (taken, closed) = (taken + 1, closed + usize::from(whole));
            }
            Err(clash) => {
                assert!(clash.with.span.overlaps(wanted.wider(5)));
                refused += 1;
            }
        }
    }
    println!("{taken} taken, {closed} of them whole, {refused} refused, {freed} freed");
    assert!(taken > freed && refused > 0 && freed > 0 && closed > 0);
    for (book, places) in books.iter().zip(places) {
        let list: Vec<Taken<usize>> = book.iter().copied().collect();
        assert_eq!(check(&list, None), Ok(()));
        for each in list.iter().take(2_000) {
            let there = depth(&list, each.span.from());
            assert!(there <= places, "{there} of {places}");
            assert!(!each.is_whole || there == 1);
        }
        let most = list.iter().map(|each| depth(&list, each.span.from())).max();
        assert!(most == Some(places) || tries() < 100_000, "all {places} are used at some time: {most:?}");
    }
}

#[test]
fn several_places_refuse_exactly_what_the_plain_way_refuses_and_free_says_the_same() {
    let mut dice = Dice(23);
    let (hours, zone, none) = (Hours(vec![]), shanghai(), Spans::default());
    for round in 0..200 {
        let (places, buffer) = (1 + usize::try_from(dice.roll(4)).unwrap(), dice.roll(4));
        let mut book = Book::with_places(places);
        let mut plain: Vec<Taken<usize>> = Vec::new();
        for by in 0..60 {
            let from = dice.roll(100);
            let wanted = span(from, from + 1 + dice.roll(20));
            // Everyone keeps a place for the buffer after the end; no moment of that may have more than all places.
            let kept = |each: Span| span(each.from(), each.until() + buffer);
            let all: Vec<Taken<usize>> =
                plain.iter().map(|each| Taken { span: kept(each.span), ..*each }).collect();
            let is_free = (kept(wanted).from()..kept(wanted).until()).all(|at| depth(&all, at) < places);
            let resource = Resource { hours: &hours, zone: &zone, closed: &none, book: &book, buffer };
            let whole = span(-100, 300);
            assert_eq!(free(&resource, whole).holds(wanted), is_free, "round {round}: {wanted:?}");
            assert_eq!(
                book.take(wanted, buffer, by).is_ok(),
                is_free,
                "round {round}: {wanted:?} in {plain:?}"
            );
            if is_free {
                plain.push(Taken { places, ..Taken::alone(wanted, buffer, by) });
            }
            if dice.roll(5) == 0 && !plain.is_empty() {
                let gone = plain.swap_remove(0);
                assert_eq!(book.free(gone.span.from(), gone.by), Some(gone));
            }
        }
    }
}

#[test]
fn fewer_places_leave_those_who_were_there_and_let_nobody_in() {
    let mut book = Book::with_places(3);
    for by in 0..3 {
        book.take(span(0, 10), 0, by).unwrap();
    }
    assert_eq!(book.take(span(5, 15), 0, 3).map_err(|clash| clash.only_buffer), Err(false));
    let mut fewer: Book<usize> = Book::with_places(1);
    book.iter().for_each(|taken| fewer.put(*taken));
    assert!(fewer.take(span(9, 12), 0, 4).is_err() && fewer.take(span(10, 12), 0, 4).is_ok());
    assert_eq!(check(&fewer.iter().copied().collect::<Vec<_>>(), None), Ok(()));
    let told: Vec<(i64, i64, usize)> = levels(&fewer.iter().copied().collect::<Vec<_>>())
        .iter()
        .map(|level| (level.span.from(), level.span.until(), level.count))
        .collect();
    assert_eq!(told, [(0, 10, 3), (10, 12, 1)]);
    let many = |count: usize| (0..count).map(|by| Taken { places: 2, ..Taken::alone(span(0, 10), 0, by) });
    assert_eq!(check(&many(3).collect::<Vec<_>>(), None), Err(Wrong::TooMany(2)));
    let closed = many(2).enumerate().map(|(n, taken)| Taken { is_whole: n == 1, ..taken });
    assert_eq!(check(&closed.collect::<Vec<_>>(), None), Err(Wrong::TooMany(1)));
}

#[test]
fn sets_of_spans_are_exact() {
    let mut dice = Dice(3);
    for _ in 0..2_000 {
        let mut some = |n: i64| -> Spans {
            (0..dice.roll(n))
                .map(|_| (dice.roll(40), 1 + dice.roll(9)))
                .map(|(f, l)| span(f, f + l))
                .collect()
        };
        let (a, b) = (some(7), some(7));
        let is_in = |set: &Spans, moment: i64| set.holds(span(moment, moment + 1));
        let (both, left) = (a.common(&b), a.without(&b));
        for moment in 0..60 {
            assert_eq!(is_in(&both, moment), is_in(&a, moment) && is_in(&b, moment));
            assert_eq!(is_in(&left, moment), is_in(&a, moment) && !is_in(&b, moment));
        }
        assert_eq!(both.length() + left.length(), a.length());
    }
}

#[test]
fn the_check_needs_no_trust() {
    let taken = |from, until, buffer| Taken::alone(span(from, until), buffer, ());
    assert_eq!(check(&[taken(0, 10, 0), taken(10, 20, 0)], None), Ok(()));
    assert_eq!(check(&[taken(0, 10, 5), taken(10, 20, 0)], None), Err(Wrong::Overlap(1)));
    assert_eq!(check(&[taken(0, 10, 0), taken(9, 20, 0)], None), Err(Wrong::Overlap(1)));
    assert_eq!(check(&[taken(10, 20, 0), taken(0, 5, 0)], None), Err(Wrong::Order(1)));
    let open = Spans::from_iter([span(0, 15)]);
    assert_eq!(check(&[taken(0, 10, 0), taken(10, 20, 0)], Some(&open)), Err(Wrong::Outside(1)));
}

fn workdays(from: u16, until: u16) -> Hours {
    Hours((1..=5).map(|weekday| Shift { weekday, from, until }).collect())
}

fn instant(zone: &Zone, text: &str) -> i64 {
    zone.instant(text.parse().unwrap())
}

#[test]
fn hours_follow_the_wall_clock_over_a_change_of_time() {
    let berlin = Zone::named("Europe/Berlin").unwrap();
    let night = Hours((1..=7).map(|weekday| Shift { weekday, from: 0, until: 240 }).collect());
    let lengths = |from: &str, until: &str| {
        let window = span(instant(&berlin, from), instant(&berlin, until));
        night.open(window, &berlin).iter().map(|open| open.length() / HOUR).collect::<Vec<_>>()
    };
    // Four hours by the clock on the wall are three in March and five in October.
    assert_eq!(lengths("2026-03-28T00:00", "2026-03-31T00:00"), [4, 3, 4]);
    assert_eq!(lengths("2026-10-24T00:00", "2026-10-27T00:00"), [4, 5, 4]);
}

#[test]
fn what_is_free_on_tuesday_over_many_instruments() {
    let zone = shanghai();
    let at = |text: &str| instant(&zone, text);
    let tuesday = span(at("2026-12-01T00:00"), at("2026-12-02T00:00"));
    let hours = workdays(540, 1_020);
    let (none, repair) =
        (Spans::default(), Spans::from_iter([span(at("2026-12-01T08:00"), at("2026-12-01T16:00"))]));
    let (mut busy, empty, mut full) = (Book::default(), Book::default(), Book::default());
    busy.take(span(at("2026-12-01T09:00"), at("2026-12-01T11:00")), 15 * MINUTE, 1).unwrap();
    full.take(span(at("2026-11-30T22:00"), at("2026-12-02T01:00")), 0, 2).unwrap();
    let with = |closed, book| Resource { hours: &hours, zone: &zone, closed, book, buffer: 0 };
    let all = [with(&none, &busy), with(&none, &empty), with(&none, &full), with(&repair, &empty)];
    let found = find(&all, tuesday, 2 * HOUR, 30 * MINUTE);
    let told: Vec<(usize, String)> =
        found.iter().map(|f| (f.resource, zone.civil(f.first.from()).time().to_string())).collect();
    assert_eq!(told, [(1, "09:00:00".to_owned()), (0, "11:30:00".to_owned())]);
    let one_hour = find(&all, tuesday, HOUR, 30 * MINUTE);
    assert_eq!(one_hour.last().map(|f| f.resource), Some(3));
    assert_eq!(free(&all[0], tuesday).length(), 8 * HOUR - 2 * HOUR - 15 * MINUTE);
}

#[test]
fn a_series_skips_what_clashes_and_says_why() {
    let mut book = Book::default();
    book.take(span(120, 130), 0, 9).unwrap();
    let open = Spans::from_iter([span(0, 300)]);
    let series = [span(20, 30), span(118, 124), span(25, 28), span(295, 305), span(200, 210)];
    let sorted = sort(&series, &open, &book, 2);
    assert_eq!(sorted.kept, [span(20, 30), span(200, 210)]);
    let why: Vec<(usize, SkipWhy)> = sorted.skipped.iter().map(|skip| (skip.place, skip.why)).collect();
    assert_eq!(why, [(1, SkipWhy::Taken), (2, SkipWhy::Itself), (3, SkipWhy::Closed)]);
}

#[test]
fn the_displaced_come_first_then_whoever_waited_longest() {
    let waiting = |by, from, was_displaced, since, arrival| Waiting {
        by,
        span: span(from, from + 10),
        was_displaced,
        since,
        arrival,
    };
    let mut line = vec![
        waiting("late", 50, false, 9, 4),
        waiting("early", 50, false, 3, 1),
        waiting("moved", 90, true, 8, 3),
    ];
    let open = Spans::from_iter([span(0, 100)]);
    let mut book: Book<u8> = Book::default();
    assert_eq!(next(&line, &open, &book, 0, 0).map(|w| w.by), Some("moved"));
    book.take(span(85, 95), 0, 1).unwrap();
    assert_eq!(next(&line, &open, &book, 0, 0).map(|w| w.by), Some("early"));
    assert_eq!(next(&line, &open, &book, 0, 50), None);
    order(&mut line);
    assert_eq!(line.iter().map(|w| w.by).collect::<Vec<_>>(), ["moved", "early", "late"]);
}

#[test]
fn terms_name_the_first_rule_that_is_broken() {
    let terms = Terms {
        horizon: Some(30 * DAY),
        notice: Some(HOUR),
        shortest: Some(HOUR),
        longest: Some(8 * HOUR),
        step: Some(30 * MINUTE),
        daily: Some(8 * HOUR),
        weekly: Some(20 * HOUR),
        late: Some(DAY),
    };
    let asked = |from: i64, length: i64, usage| against(&terms, span(from, from + length), 0, usage);
    let none = Usage::default();
    assert_eq!(against(&terms, span(-5, 5), 0, none), Some(Against::Past));
    assert_eq!(asked(HOUR - 1, HOUR, none), Some(Against::TooSoon { least: HOUR }));
    assert_eq!(asked(31 * DAY, HOUR, none), Some(Against::TooFarAhead { most: 30 * DAY }));
    assert_eq!(asked(DAY, HOUR - 1, none), Some(Against::TooShort { least: HOUR }));
    assert_eq!(asked(DAY, 9 * HOUR, none), Some(Against::TooLong { most: 8 * HOUR }));
    assert_eq!(asked(DAY, HOUR + 1, none), Some(Against::NotInSteps { step: 30 * MINUTE }));
    let used = |day, week| Usage { day: day * HOUR, week: week * HOUR };
    assert_eq!(asked(DAY, HOUR, used(9, 9)), Some(Against::DailyQuota { most: 8 * HOUR }));
    assert_eq!(asked(DAY, HOUR, used(8, 21)), Some(Against::WeeklyQuota { most: 20 * HOUR }));
    assert_eq!(asked(DAY, HOUR, used(8, 20)), None);
    assert!(is_late(&terms, span(DAY, 2 * DAY), 1) && !is_late(&terms, span(DAY, 2 * DAY), 0));
}
