//! An instrument is reported, opened for booking and booked from its calendar; what each may see of it, as a page and as a
//! calendar file.

use super::*;

/// Terms of an instrument that is free on Tuesday mornings, for so much an hour.
pub fn using(price: &str) -> [(&str, &str); 9] {
    [
        ("using.confirmation", "at-once"),
        ("using.openings.1.weekday", "tuesday"),
        ("using.openings.1.opens", "09:00"),
        ("using.openings.1.shuts", "12:00"),
        ("using.step_minutes", "30"),
        ("using.buffer_minutes", "0"),
        ("using.is_supervised", "no"),
        ("using.needs_permit", "no"),
        ("using.charges.outside_hour", price),
    ]
}

/// What is said of an instrument of this unit.
pub fn entry(unit: &str) -> [(&str, &str); 12] {
    [
        ("code", "I-1"),
        ("name.zh", "透射电镜"),
        ("name.en", "Electron microscope"),
        ("category", "analysis"),
        ("unit", unit),
        ("region", "310115"),
        ("value", "500万"),
        ("fiscal", "no"),
        ("functions.zh", "成像"),
        ("functions.en", "Imaging"),
        ("terms.sharing", "external"),
        ("terms.charges", "每小时 200 元"),
    ]
}

/// Its keeper reports an instrument and sets its terms. Gives its address.
pub fn instrument(town: &Town, keeper: &Browser) -> String {
    let unit = town.institute.to_string();
    let report = entry(&unit);
    let made = location(&keeper.send("/instrument/new/report", "/instrument/new/report", &report));
    let at = made.split('?').next().unwrap().to_owned();
    let action = format!("{at}/set-using");
    location(&keeper.send(&action, &action, &using("200")));
    at
}

/// The first way from a free place to the booking form, with its words unescaped.
pub fn first_free(page: &str) -> String {
    let link = page
        .split("/booking/new/request?")
        .nth(1)
        .unwrap_or_else(|| panic!("nothing is free: {}", text_of(page)));
    format!(
        "/booking/new/request?{}",
        link.split('"').next().unwrap().replace("&amp;", "&").replace("%3A", ":")
    )
}

/// Books the free place that the link names. Gives the booking's address.
pub fn book(browser: &Browser, buyer: &str, link: &str) -> String {
    let named: Vec<(&str, &str)> =
        link.split('?').nth(1).unwrap().split('&').filter_map(|pair| pair.split_once('=')).collect();
    let more = [("buyer", buyer), ("detail", "两个样品"), ("no_secrets", "yes")];
    let typed: Vec<(&str, &str)> = named.into_iter().chain(more).collect();
    let made = location(&browser.send(link, "/booking/new/request", &typed));
    made.split('?').next().unwrap().to_owned()
}

/// The keeper, the firm that has booked the first free time, the public, and the instrument's address.
fn booked(town: &Town) -> (Browser<'_>, Browser<'_>, Browser<'_>, String) {
    let (keeper, firm) = (sign_in(town, "scientist", "en"), sign_in(town, "firm", "en"));
    let public = Browser { town, cookies: BTreeMap::new(), language: "en" };
    let at = instrument(town, &keeper);
    let link = first_free(&firm.get(&format!("{at}/calendar")).1);
    book(&firm, &town.firm.to_string(), &link);
    (keeper, firm, public, at)
}

#[test]
fn a_free_place_of_the_calendar_becomes_a_booking_that_others_see_without_names() {
    let town = town();
    let (keeper, firm) = (sign_in(&town, "scientist", "en"), sign_in(&town, "firm", "en"));
    let public = Browser { town: &town, cookies: BTreeMap::new(), language: "en" };
    let at = instrument(&town, &keeper);
    // The house's day is Monday, 2 March 2026; the instrument opens on Tuesdays.
    let week = format!("{at}/calendar");
    let (status, page) = public.get(&week);
    assert_eq!(status, 200);
    assert!(page.contains("UTC+8") && text_of(&page).contains("09:00–12:00"), "{}", text_of(&page));
    let link = first_free(&page);
    assert!(link.contains("from=2026-03-03T09:00") && link.contains("minutes=60"), "{link}");
    // The form comes with everything filled in that the place tells.
    let (_, form) = firm.get(&link);
    assert!(form.contains("value=\"2026-03-03T09:00\"") && form.contains("value=\"60\""));
    let booking = book(&firm, &town.firm.to_string(), &link);

    let (_, after) = public.get(&week);
    assert!(text_of(&after).contains("10:00–12:00"), "{}", text_of(&after));
    assert!(!after.contains("Sample Firm") && !after.contains(&booking), "who has it is for the keeper");
    assert_eq!(public.get(&booking).0, 404);
    assert!(keeper.get(&week).1.contains("Sample Firm"));
    assert!(firm.get(&week).1.contains("ours"));
    assert!(
        first_free(&firm.get("/free?day=2026-03-03").1).contains("T10:00"),
        "the same, among all instruments"
    );
    assert!(!public.get("/free?day=2026-03-04").1.contains("/booking/new/request"), "closed on Wednesdays");
}

#[test]
fn a_day_has_half_hours_a_list_and_its_neighbours_and_narrow_screens_get_it_first() {
    let town = town();
    let (keeper, _, public, at) = booked(&town);
    let page = public.get(&format!("{at}/calendar?day=2026-03-03&view=day")).1;
    let text = text_of(&page);
    assert!(
        page.contains("rowspan=\"2\"") && text.contains("10:30") && text.contains("09:00–10:00"),
        "{text}"
    );
    assert!(page.contains("day=2026-03-02&amp;view=day") && page.contains("day=2026-03-04&amp;view=day"));
    assert!(!page.contains("by-week") && !page.contains("Sample Firm"));
    // Unless one is asked for, the page holds both and the style shows the one that fits.
    let both = public.get(&format!("{at}/calendar?day=2026-03-03")).1;
    assert!(both.contains("view-by-width") && both.contains("by-day") && both.contains("by-week"));
    assert!(!public.get(&format!("{at}/calendar?day=2026-03-03&view=week")).1.contains("by-day"));
    assert!(keeper.get(&format!("{at}/calendar?day=2026-03-03&view=day")).1.contains("Sample Firm"));
}

#[test]
fn the_keepers_day_has_who_comes_and_what_waits() {
    let town = town();
    let (keeper, firm) = (sign_in(&town, "scientist", "en"), sign_in(&town, "firm", "en"));
    let public = Browser { town: &town, cookies: BTreeMap::new(), language: "en" };
    let at = instrument(&town, &keeper);
    let link = first_free(&firm.get(&format!("{at}/calendar")).1);
    let booking = book(&firm, &town.firm.to_string(), &link);
    assert!(text_of(&keeper.get("/keeper").1).contains("Nobody comes today"));
    // Tuesday, half past nine: it should have begun.
    let half_past_nine: Moment = "2026-03-03T09:30".parse().unwrap();
    town.clock.0.store(half_past_nine.in_millis(), Ordering::Relaxed);
    let keeper = sign_in(&town, "scientist", "en");
    let day = keeper.get("/keeper").1;
    assert!(day.contains("Sample Firm") && day.contains("late"), "{}", text_of(&day));
    let start = format!("{booking}/start");
    let instrument = at.rsplit('/').next().unwrap();
    assert!(day.contains(&start));
    location(&keeper.send(&start, &start, &[("instrument", instrument), ("code", "1")]));
    location(&keeper.send("/keeper", &format!("{booking}/stop"), &[]));
    let report = format!("{booking}/report");
    assert!(keeper.get("/keeper").1.contains(&report));
    location(&keeper.send(&report, &report, &[("summary", "done")]));
    // Half an hour late: nothing ran, but the use is on record and counted for its keeper alone.
    assert!(keeper.get("/figures").1.contains("Electron microscope"));
    assert!(keeper.get(&at).1.contains("Effective hours"));
    assert!(!public.get(&at).1.contains("Effective hours"));
    let firms = sign_in(&town, "firm", "en");
    assert!(text_of(&firms.get("/keeper").1).contains("keeps no instrument"));
    let sheet = answer(&town.house, &keeper.visit("/figures.csv?by=unit"));
    let sheet = String::from_utf8(sheet.body).unwrap();
    assert!(
        sheet.contains("Sample Institute") && sheet.contains("poor"),
        "the sheet has the grade of the page"
    );
    // The unit's own people read grade and reward, each with its bookings; others do not.
    let unit = town.institute.to_string();
    let assessed = keeper.get(&format!("/figures?by=unit&unit={unit}")).1;
    assert!(
        assessed.contains("Yearly assessment")
            && assessed.contains(&format!("/figures?by=unit&amp;year=2026&amp;of={unit}#uses")),
        "{}",
        text_of(&assessed)
    );
    let uses = keeper.get(&format!("/figures?by=unit&year=2026&of={unit}")).1;
    assert!(uses.contains(&booking) && text_of(&assessed).contains("shared"), "{}", text_of(&uses));
    let others = sign_in(&town, "firm", "en").get(&format!("/figures?by=unit&of={unit}")).1;
    assert!(text_of(&others).contains("No unit to assess") && !others.contains("poor"));
    for closed in ["/keeper", "/wallet", "/figures", "/my/calendars"] {
        assert!(
            !text_of(&public.get(closed).1).contains("Sample"),
            "{closed} is for people who have signed in"
        );
    }
}

#[test]
fn calendar_files_tell_everyone_when_and_only_its_person_who() {
    let town = town();
    let (keeper, firm, public, at) = booked(&town);
    let file = format!("/calendar/{}.ics", at.rsplit('/').next().unwrap());
    let (status, everyones) = public.get(&file);
    assert_eq!(status, 200);
    assert!(everyones.contains("DTSTART:20260303T010000Z") && everyones.contains("DTEND:20260303T020000Z"));
    assert!(!everyones.contains("Sample Firm") && !everyones.contains("booking-"), "{everyones}");
    assert_eq!(keeper.get(&file).1, everyones, "the same file for whoever asks");
    assert!(public.get(&format!("{file}?as=freebusy")).1.contains("FREEBUSY;FBTYPE=BUSY:20260303T010000Z/"));
    let entries = engines::booking::ical::read(&everyones);
    assert!(entries.is_ok(), "our own reader takes it");

    let address = |browser: &Browser, typed: &[(&str, &str)]| {
        let reply = browser.send("/my/calendars", "/my/calendars", typed);
        let page = String::from_utf8(reply.body).unwrap();
        page.split("/feed/").nth(1).map(|rest| format!("/feed/{}.ics", rest.split(".ics").next().unwrap()))
    };
    let own = address(&firm, &[("team", ""), ("do", "renew")]).unwrap();
    let mine = public.get(&own);
    assert!(
        mine.0 == 200 && mine.1.contains("SUMMARY:Electron microscope") && mine.1.contains("Sample Firm")
    );
    let unit = town.institute.to_string();
    let team = address(&keeper, &[("team", &unit), ("do", "renew")]).unwrap();
    assert!(public.get(&team).1.contains("Sample Firm"), "the keeper's team sees who comes");
    assert!(address(&firm, &[("team", &unit), ("do", "renew")]).is_none(), "not a member of that team");
    // A new address makes the old one void; an ended one too.
    let renewed = address(&firm, &[("team", ""), ("do", "renew")]).unwrap();
    assert_eq!((public.get(&own).0, public.get(&renewed).0), (404, 200));
    address(&firm, &[("team", ""), ("do", "end")]);
    assert_eq!(public.get(&renewed).0, 404);
}

/// One's own time leads to the form that moves it; strangers see no such way. Whoever signs in finds the free place again.
#[test]
fn an_own_booking_is_moved_from_its_calendar_and_a_chosen_place_survives_signing_in() {
    let town = town();
    let (_, firm, public, at) = booked(&town);
    let week = format!("{at}/calendar?day=2026-03-03");
    let page = firm.get(&week).1.replace("&amp;", "&");
    let own = page.split("data-own=\"").nth(1).unwrap().split('"').next().unwrap().to_owned();
    assert!(own.ends_with("/move?sitting=2026-03-03T09%3A00"), "{own}");
    assert!(page.contains("data-begins=\"2026-03-03T09:00\" data-ends=\"2026-03-03T10:00\""));
    let seen = public.get(&week).1;
    assert!(!seen.contains("data-own"), "a stranger moves nothing");
    let form = firm.get(&own.replace("%3A", ":")).1;
    assert!(
        form.contains("value=\"2026-03-03T09:00\"") && form.contains("Electron microscope"),
        "named by its title"
    );
    let action = own.split('?').next().unwrap().to_owned();
    let instrument = at.rsplit('/').next().unwrap();
    let to = [
        ("instrument", instrument),
        ("sitting", "2026-03-03T09:00"),
        ("from", "2026-03-03T10:30"),
        ("minutes", "90"),
    ];
    let moved = location(&firm.send(&action, &action, &to));
    let page = text_of(&firm.get(&moved).1);
    assert!(page.contains("10:30–12:00") && page.contains("Still owed"), "{page}");

    let board = public.get("/board").1;
    assert!(board.contains("Electron microscope") && text_of(&board).contains("not open"), "on a Monday");
    let link = first_free(&seen).replace("%3A", ":");
    let asked = location(&answer(&town.house, &public.visit(&link)));
    assert!(
        asked.starts_with("/sign-in?back=%2Fbooking%2Fnew%2Frequest%3F") && asked.contains("minutes%3D60"),
        "{asked}"
    );
}
