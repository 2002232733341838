//! At the instrument: people are trained and given permits, and a controller asks whether it may be on.

use super::{
    sharing::{book, first_free, instrument, using},
    *,
};

pub(super) fn at(town: &Town, time: &str) {
    town.clock.0.store(time.parse::<Moment>().unwrap().in_millis(), Ordering::Relaxed);
    town.house.registry.tick().unwrap();
}

/// What stands between two texts of a page.
pub(super) fn between<'a>(page: &'a str, from: &str, to: &str) -> &'a str {
    let rest = page.split(from).nth(1).unwrap_or_else(|| panic!("no {from}: {}", text_of(page)));
    rest.split(to).next().unwrap()
}

fn announce(keeper: &Browser, instrument: &str, from: &str) -> String {
    let form = keeper.get(&format!("/training/new/announce?instruments={instrument}")).1;
    assert!(form.contains(instrument), "the instrument is filled in");
    let me = between(&keeper.get("/account").1, "/person/", "\"").to_owned();
    let typed = [
        ("instruments.1", instrument),
        ("from", from),
        ("minutes", "90"),
        ("room", "B-204"),
        ("seats", "1"),
        ("teacher", &me),
    ];
    let page = "/training/new/announce";
    location(&keeper.send(page, page, &typed)).split('?').next().unwrap().to_owned()
}

#[test]
fn whoever_passes_a_session_has_a_permit_and_renews_it_at_the_next() {
    let town = town();
    let (keeper, firm) = (sign_in(&town, "scientist", "en"), sign_in(&town, "firm", "en"));
    let made = instrument(&town, &keeper);
    let id = made.rsplit('/').next().unwrap();
    let session = announce(&keeper, id, "2026-03-04T09:00");
    assert!(firm.get(&made).1.contains(&session), "the instrument leads to its next session");
    let join = format!("{session}/join");
    location(&firm.send(&join, &join, &[]));
    assert!(text_of(&firm.get(&session).1).contains("You have a seat"));
    assert!(text_of(&firm.get("/inbox").1).contains("You have a seat"));
    let public = Browser { town: &town, cookies: BTreeMap::new(), language: "en" };
    let other = text_of(&public.get(&session).1);
    assert!(other.contains("1 of 1 seat taken") && !other.contains("Who comes"), "{other}");

    at(&town, "2026-03-04T11:00");
    let keeper = sign_in(&town, "scientist", "en");
    assert!(keeper.get("/inbox").1.contains(&session), "the teacher is to sign off");
    let page = keeper.get(&session).1;
    let person = between(&page, "name=\"passed.1\" value=\"", "\"").to_owned();
    let sign = format!("{session}/sign-off");
    let none = keeper.send(&session, &sign, &[("until", "2026-06-30")]);
    assert_eq!(none.status, 400, "someone is to be ticked");
    location(&keeper.send(&session, &sign, &[("passed.1", &person), ("until", "2026-06-30")]));
    let firm = sign_in(&town, "firm", "en");
    assert!(text_of(&firm.get(&session).1).contains("You passed"));
    let permits = firm.get("/permit").1;
    let permit = format!("permit-{}", between(&permits, "/permit/permit-", "\""));
    assert!(text_of(&firm.get(&format!("/permit/{permit}")).1).contains("valid"));

    at(&town, "2026-06-15T09:00");
    let (keeper, firm) = (sign_in(&town, "scientist", "en"), sign_in(&town, "firm", "en"));
    let ends = firm.get("/inbox").1;
    assert!(text_of(&ends).contains("Your permit ends soon"), "{}", text_of(&ends));
    let next = announce(&keeper, id, "2026-06-20T09:00");
    let renew = format!("{next}/join?permit={permit}");
    assert!(firm.get("/inbox").1.contains(&renew), "the inbox leads to the next session");
    location(&firm.send(&renew, &format!("{next}/join"), &[("permit", &permit)]));
    at(&town, "2026-06-21T09:00");
    let keeper = sign_in(&town, "scientist", "en");
    let sign = format!("{next}/sign-off");
    location(&keeper.send(&next, &sign, &[("passed.1", &person), ("until", "2027-06-30")]));
    let firm = sign_in(&town, "firm", "en");
    assert!(!text_of(&firm.get("/inbox").1).contains("Your permit ends soon"));
    assert!(text_of(&firm.get(&format!("/permit/{permit}")).1).contains("2027"));
}

/// A controller with its token.
fn asks(town: &Town, secret: &str, path: &str) -> (u16, Value) {
    let headers = BTreeMap::from([("authorization".to_owned(), format!("Bearer {secret}"))]);
    let steps = path.split('/').filter(|step| !step.is_empty()).map(str::to_owned).collect();
    let visit = Visit { path: path.into(), steps, headers, from: "127.0.0.1".into(), ..Visit::default() };
    let reply = answer(&town.house, &visit);
    (reply.status, serde_json::from_slice(&reply.body).unwrap_or_default())
}

#[test]
fn a_controller_is_told_on_while_someone_is_at_the_instrument_and_nothing_else() {
    let town = town();
    let (keeper, firm) = (sign_in(&town, "scientist", "en"), sign_in(&town, "firm", "en"));
    let made = instrument(&town, &keeper);
    let id = made.rsplit('/').next().unwrap();
    let booking = book(&firm, &town.firm.to_string(), &first_free(&firm.get(&format!("{made}/calendar")).1));
    let page = format!("{made}/interlock");
    assert_eq!(firm.get(&page).0, 404, "it is for those who keep it");
    assert_eq!(keeper.send(&page, &page, &[("name", "")]).status, 422);
    let shown = String::from_utf8(keeper.send(&page, &page, &[("name", "relay")]).body).unwrap();
    let secret = between(&shown, "Authorization: Bearer ", "<").to_owned();
    let address = format!("/api/v1/instrument/{id}/interlock");
    let said = |time: &str| {
        at(&town, time);
        let (status, told) = asks(&town, &secret, &address);
        assert_eq!(status, 200, "{told}");
        assert!(!told.to_string().contains("firm"), "{told}");
        (told["on"].clone(), told["why"].as_str().unwrap().to_owned(), told["until"].clone())
    };
    assert_eq!(said("2026-03-03T09:05"), (json!(false), "nobody-began".into(), Value::Null));
    for other in
        ["/api/v1/booking", "/api/v1/instrument", "/api/v1/rules", "/account", &format!("{made}/interlock")]
    {
        assert_eq!(asks(&town, &secret, other).0, 403, "{other}");
    }
    let keeper = sign_in(&town, "scientist", "en");
    let start = format!("{booking}/start");
    location(&keeper.send(&start, &start, &[("instrument", id), ("code", "-")]));
    let (on, why, until) = said("2026-03-03T09:06");
    assert_eq!((on, why.as_str()), (json!(true), "in-use"));
    let ends: Moment = until.as_str().unwrap().parse().unwrap();
    assert_eq!(ends, "2026-03-03T10:10".parse().unwrap(), "ten minutes longer than booked");
    assert_eq!(said("2026-03-03T10:12").1, "time-over");
    location(&keeper.send(&booking, &format!("{booking}/stop"), &[]));
    assert_eq!(said("2026-03-03T10:13").1, "nobody-began");
    let seen = text_of(&keeper.get(&page).1);
    assert!(seen.contains("In use") && seen.contains("Nobody has begun"), "{seen}");
    assert!(!text_of(&keeper.get("/keeper").1).contains("silent"));
    at(&town, "2026-03-03T10:40");
    assert!(text_of(&keeper.get("/keeper").1).contains("controller silent for 27 minutes"));
    let close = format!("{made}/close");
    let typed =
        [("times.from", "2026-03-03T13:00"), ("times.until", "2026-03-03T15:00"), ("why", "maintenance")];
    location(&keeper.send(&close, &close, &typed));
    assert_eq!(said("2026-03-03T13:30").1, "kept-closed");
    let keeper = sign_in(&town, "scientist", "en");
    let tokens = keeper.get("/my/tokens").1;
    assert!(text_of(&tokens).contains("Asks about power and door only"));
    let end = format!("/my/tokens/{}/end", between(&tokens, "/my/tokens/", "/end"));
    location(&keeper.send("/my/tokens", &end, &[]));
    assert_eq!(asks(&town, &secret, &address).0, 401, "a token that was revoked is none");
}

/// A browser keeps what it is told to keep.
fn keeps(browser: &mut Browser, reply: &Reply) {
    for (_, cookie) in reply.headers.iter().filter(|(name, _)| *name == "set-cookie") {
        let (name, value) = cookie.split(';').next().unwrap().split_once('=').unwrap();
        browser.cookies.insert(name.into(), value.into());
    }
}

#[test]
fn the_history_of_a_week_does_not_say_who_booked() {
    let town = town();
    let (keeper, firm) = (sign_in(&town, "scientist", "en"), sign_in(&town, "firm", "en"));
    let made = instrument(&town, &keeper);
    book(&firm, &town.firm.to_string(), &first_free(&firm.get(&format!("{made}/calendar")).1));
    let me = between(&firm.get("/account").1, "/person/", "\"").to_owned();
    let public = Browser { town: &town, cookies: BTreeMap::new(), language: "en" };
    let weeks = public.get("/api/v1/calendar").1;
    let week = format!("calendar-{}", between(&weeks, "\"id\":\"calendar-", "\""));
    let told = public.get(&format!("/api/v1/calendar/{week}/history")).1;
    assert!(told.contains("taken") && !told.contains(&me), "{told}");
    assert!(firm.get(&format!("/api/v1/calendar/{week}/history")).1.contains(&me), "its own booker reads it");
}

#[test]
fn a_tablet_begins_and_ends_a_sitting_by_its_code_and_keeps_nobody_signed_in() {
    let town = town();
    let (keeper, firm) = (sign_in(&town, "scientist", "en"), sign_in(&town, "firm", "en"));
    let made = instrument(&town, &keeper);
    let always: Vec<_> = using("200").into_iter().filter(|(name, _)| !name.contains("openings")).collect();
    let set = format!("{made}/set-using");
    location(&keeper.send(&set, &set, &always));
    let id = made.rsplit('/').next().unwrap();
    let link =
        "/booking/new/request?instrument=ID&from=2026-03-03T22:00&minutes=480&basis=by-hour&purpose=research";
    let booking = book(&firm, &town.firm.to_string(), &link.replace("ID", id));
    let page = format!("{made}/kiosk");
    assert_eq!(firm.get(&page).0, 404, "a tablet is made by those who keep it");
    assert!(!text_of(&firm.get(&booking).1).contains("Arrival code"), "no tablet, no code");
    let mut tablet = sign_in(&town, "scientist", "en");
    let reply = tablet.send(&page, &page, &[]);
    assert_eq!(location(&reply), page);
    keeps(&mut tablet, &reply);
    assert_ne!(tablet.get("/keeper").0, 200, "its keeper is signed out");

    let mine = firm.get(&booking).1;
    let code = between(&mine, "Arrival code: <b><code>", "<").to_owned();
    let press = |code: &str| {
        let reply = tablet.send(&page, &page, &[("code", code)]);
        assert_eq!(reply.status, 200);
        text_of(&String::from_utf8(reply.body).unwrap())
    };
    assert!(press("AAAAAA").contains("No booking with this code"));
    assert!(!press(&code).contains("Begun"), "a day too early");
    at(&town, "2026-03-03T22:01");
    let shown = text_of(&tablet.get(&page).1);
    assert!(!shown.contains("Sample Firm") && shown.contains("not begun"), "{shown}");
    let begun = press(&code.to_lowercase());
    assert!(begun.contains("Begun") && begun.contains("In use") && !begun.contains("Sample Firm"), "{begun}");
    at(&town, "2026-03-04T00:30");
    let night = text_of(&tablet.get(&page).1);
    assert!(night.contains("In use"), "what runs over midnight is still now: {night}");
    assert!(press(&code).contains("Ended"));
    // Whoever signs in on the tablet is signed out by its page.
    let reply = tablet.send("/sign-in", "/sign-in", &[("login", "firm"), ("password", PASSWORD)]);
    keeps(&mut tablet, &reply);
    assert_eq!(tablet.get("/inbox").0, 200);
    let gone = answer(&town.house, &tablet.visit(&page));
    keeps(&mut tablet, &gone);
    assert_eq!(gone.status, 303);
    assert_ne!(tablet.get("/inbox").0, 200);
}
