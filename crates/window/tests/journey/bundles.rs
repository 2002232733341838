//! Several instruments of several units are ticked, seen together and booked in one press: all of them, or none.

use super::{
    sharing::{book, first_free, instrument, using},
    *,
};

/// A second unit with an instrument of its own. Gives its keeper, and the instrument's address.
fn second<'t>(town: &'t Town, price: &[(&'static str, &'static str)]) -> (Browser<'t>, String) {
    let registry = &town.house.registry;
    let unit = json!({ "verb": "register", "name": { "zh": "示例学院", "en": "Sample College" }, "kind": "university", "region": "340100" });
    let unit = founded(registry, "college", "organisation", None, unit);
    let display = json!({ "verb": "register", "name": "学院人员", "region": "340000", "public": true, "display_name": { "zh": "学院人员", "en": "keeper" } });
    let person = founded(registry, "person/keeper", "person", None, display);
    window::set_password(registry, "keeper", PASSWORD, person).unwrap().unwrap();
    let claim = json!({ "verb": "claim-affiliation", "organisation": unit, "role": "manager", "may_sign": true, "from": "2026-01-01" });
    founded(registry, "claim/keeper", "person", Some(person), claim);
    let confirm = json!({ "verb": "confirm-affiliation", "organisation": unit });
    founded(registry, "confirm/keeper", "person", Some(person), confirm);
    let keeper = sign_in(town, "keeper", "en");
    let unit = unit.to_string();
    let report = [
        ("code", "AH-1"),
        ("name.zh", "衍射仪"),
        ("name.en", "Diffractometer"),
        ("category", "analysis"),
        ("unit", &unit),
        ("region", "340100"),
        ("value", "100万"),
        ("fiscal", "no"),
        ("functions.zh", "物相"),
        ("functions.en", "Phases"),
        ("terms.sharing", "external"),
        ("terms.charges", "每小时 300 元"),
    ];
    let made = location(&keeper.send("/instrument/new/report", "/instrument/new/report", &report));
    let at = made.split('?').next().unwrap().to_owned();
    let action = format!("{at}/set-using");
    let terms: Vec<(&str, &str)> = using("300").into_iter().chain(price.iter().copied()).collect();
    location(&keeper.send(&action, &action, &terms));
    (keeper, at)
}

/// The value of the box of an instrument at a time.
fn tick(page: &str, instrument: &str, time: &str) -> String {
    let id = instrument.rsplit('/').next().unwrap();
    let value = page.split("name=\"pick\" value=\"").skip(1).filter_map(|rest| rest.split('"').next());
    value
        .filter(|value| value.starts_with(id) && value.contains(time))
        .map(str::to_owned)
        .next()
        .unwrap_or_else(|| panic!("no box: {}", text_of(page)))
}

/// What a browser would send of the hidden and filled fields of a form.
fn filled(page: &str) -> Vec<(String, String)> {
    let attribute = |tag: &str, name: &str| {
        tag.split(&format!(" {name}=\"")).nth(1).and_then(|rest| rest.split('"').next()).map(str::to_owned)
    };
    let inputs = page.split("<input").skip(1).filter_map(|rest| rest.split('>').next());
    let picks = inputs.filter_map(|tag| Some((attribute(tag, "name")?, attribute(tag, "value")?)));
    picks.filter(|(name, _)| name.starts_with("picks.")).collect()
}

fn query(path: &str) -> String {
    path.replace("&amp;", "&").replace("%3A", ":").replace("%20", " ")
}

/// The form of both ticks, as the firm comes to it.
fn together(firm: &Browser, ticks: &[String]) -> (String, String) {
    let chosen = Visit {
        query: BTreeMap::from([("pick".to_owned(), ticks.join("\n"))]),
        ..firm.visit("/bundle/new/book")
    };
    let to = query(&location(&answer(&firm.town.house, &chosen)));
    let page = firm.get(&to).1;
    (to, page)
}

#[test]
fn what_was_ticked_is_booked_in_one_press_and_each_keeper_knows_their_own() {
    let town = town();
    let (scientist, firm) = (sign_in(&town, "scientist", "en"), sign_in(&town, "firm", "en"));
    let near = instrument(&town, &scientist);
    let (keeper, far) = second(&town, &[("using.confirmation", "by-quote")]);
    assert!(firm.get("/free?day=2026-03-03").1.contains("several=yes"), "the way to picking several");
    let page = firm.get("/free?day=2026-03-03&several=yes").1;
    assert!(!page.contains("/booking/new/request"), "a box to tick in the place of a way to the form");
    let ticks = [tick(&page, &near, "T09:00"), tick(&page, &far, "T10:00")];

    // What was ticked stays ticked on another day.
    let kept = Visit {
        query: BTreeMap::from([
            ("several".to_owned(), "yes".to_owned()),
            ("to".to_owned(), "2026-03-10".to_owned()),
            ("day".to_owned(), "2026-03-03".to_owned()),
            ("pick".to_owned(), ticks.join("\n")),
        ]),
        ..firm.visit("/free")
    };
    let other = String::from_utf8(answer(&town.house, &kept).body).unwrap();
    assert!(other.contains(&ticks[0]) && text_of(&other).contains("Ticked already"), "{}", text_of(&other));

    let (_, form) = together(&firm, &ticks);
    let text = text_of(&form);
    assert!(text.contains("2 times together") && text.contains("Together ¥200"), "{text}");
    assert!(text.contains("its keeper quotes") && text.contains("1 price to be quoted"), "{text}");
    let buyer = town.firm.to_string();
    let mut typed = filled(&form);
    typed.extend(
        [("buyer", buyer.as_str()), ("detail", "两地比对"), ("purpose", "research"), ("no_secrets", "yes")]
            .map(|(name, value)| (name.to_owned(), value.to_owned())),
    );
    let typed: Vec<(&str, &str)> =
        typed.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    let made = location(&firm.send("/bundle/new/book", "/bundle/new/book", &typed));
    let bundle = made.split('?').next().unwrap().to_owned();
    let page = firm.get(&bundle).1;
    let bookings: BTreeSet<String> = page
        .split("/booking/booking-")
        .skip(1)
        .map(|rest| format!("/booking/booking-{}", rest.split(['"', '/']).next().unwrap()))
        .collect();
    assert_eq!(bookings.len(), 2, "{}", text_of(&page));
    assert!(
        text_of(&page).contains("scheduled") && text_of(&page).contains("requested"),
        "{}",
        text_of(&page)
    );

    // Each keeper knows their own, and neither of the other.
    for (keeper, own) in [(&scientist, &near), (&keeper, &far)] {
        assert_eq!(keeper.get(&bundle).0, 404);
        let seen: Vec<&String> = bookings.iter().filter(|booking| keeper.get(booking).0 == 200).collect();
        assert_eq!(seen.len(), 1);
        assert!(keeper.get(seen[0]).1.contains(own.as_str()));
    }
    let theirs = bookings.iter().find(|booking| keeper.get(booking).0 == 200).unwrap();
    assert!(keeper.get("/inbox").1.contains(theirs.as_str()), "a price is to be quoted");
    let quote = format!("{theirs}/quote");
    location(&keeper.send(&quote, &quote, &[("price", "900")]));
    assert!(firm.get("/inbox").1.contains(theirs.as_str()), "and the firm is to accept it");
    assert!(firm.get(theirs).1.contains(&bundle), "a booking leads to those it was booked with");

    both_are_given_back(&firm, &bundle, &bookings);
}

/// Several are cancelled in one press too.
fn both_are_given_back(firm: &Browser, bundle: &str, bookings: &BTreeSet<String>) {
    let cancel = format!("{bundle}/cancel");
    let none = firm.send(bundle, &cancel, &[("reason", "样品未到")]);
    assert!([400, 422].contains(&none.status), "something is to be ticked");
    let ids: Vec<&str> = bookings.iter().map(|booking| booking.rsplit('/').next().unwrap()).collect();
    let both = [("bookings.1", ids[0]), ("bookings.2", ids[1]), ("reason", "样品未到")];
    location(&firm.send(bundle, &cancel, &both));
    for booking in bookings {
        assert!(text_of(&firm.get(booking).1).contains("cancelled"));
    }
    assert!(first_free(&firm.get("/free?day=2026-03-03").1).contains("T09:00"), "it is free again");
}

#[test]
fn when_one_does_not_go_nothing_is_booked_and_each_reason_stands_beside_its_time() {
    let town = town();
    let (scientist, firm) = (sign_in(&town, "scientist", "en"), sign_in(&town, "firm", "en"));
    let near = instrument(&town, &scientist);
    let (_, far) = second(&town, &[("using.longest_minutes", "60")]);
    let page = firm.get("/free?day=2026-03-03&several=yes").1;
    let ticks = [tick(&page, &near, "T09:00"), tick(&page, &far, "T09:00"), tick(&page, &far, "T11:00")];
    let (_, form) = together(&firm, &ticks);
    let buyer = town.firm.to_string();
    // Meanwhile someone else books one of them.
    let other = town.institute.to_string();
    book(&scientist, &other, &first_free(&scientist.get(&format!("{near}/calendar")).1));
    let with = |minutes: &str| {
        let mut typed = filled(&form);
        for (name, value) in &mut typed {
            if name == "picks.3.minutes" {
                minutes.clone_into(value);
            }
        }
        typed.extend(
            [("buyer", buyer.as_str()), ("detail", "比对"), ("purpose", "research"), ("no_secrets", "yes")]
                .map(|(name, value)| (name.to_owned(), value.to_owned())),
        );
        let typed: Vec<(&str, &str)> =
            typed.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        firm.send("/bundle/new/book", "/bundle/new/book", &typed)
    };
    let refused = with("90");
    let page = String::from_utf8(refused.body).unwrap();
    let text = text_of(&page);
    assert_eq!(refused.status, 422, "{text}");
    assert!(text.contains("Nothing was booked"), "{text}");
    assert!(text.contains("is booked. Choose"), "the first is taken: {text}");
    assert!(text.contains("at most 60 minutes"), "and the third too long: {text}");
    let is_beside = |n: &usize| page.contains(&format!("id=\"f-picks.{n}.from-error\""));
    assert_eq!((1..=3).filter(is_beside).count(), 1, "beside its field: {text}");
    assert!(first_free(&firm.get(&format!("{far}/calendar")).1).contains("T09:00"), "what went was not kept");
    assert!(!text_of(&firm.get("/bundle").1).contains("more"), "nothing is there");

    // A way leaves out the one that does not go; the others are booked then.
    let ways = page.split("href=\"/bundle/new/book?").skip(1);
    let ways = ways.map(|rest| query(&format!("/bundle/new/book?{}", rest.split('"').next().unwrap())));
    let left = ways.into_iter().find(|way| !way.contains(near.rsplit('/').next().unwrap())).unwrap();
    let form = firm.get(&left).1;
    let mut typed = filled(&form);
    assert!(typed.iter().any(|(name, value)| name.ends_with(".minutes") && value == "90"));
    typed
        .iter_mut()
        .filter(|(name, _)| name == "picks.2.minutes")
        .for_each(|(_, value)| "60".clone_into(value));
    typed.extend(
        [("buyer", buyer.as_str()), ("detail", "比对"), ("purpose", "research"), ("no_secrets", "yes")]
            .map(|(name, value)| (name.to_owned(), value.to_owned())),
    );
    let typed: Vec<(&str, &str)> =
        typed.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    location(&firm.send(&left, "/bundle/new/book", &typed));
}

#[test]
fn eleven_are_too_many_and_none_is_no_form() {
    let town = town();
    let (scientist, firm) = (sign_in(&town, "scientist", "en"), sign_in(&town, "firm", "en"));
    let near = instrument(&town, &scientist);
    let id = near.rsplit('/').next().unwrap();
    let ticks: Vec<String> = (0..11).map(|n| format!("{id} 2026-03-03T09:{n:02} 30")).collect();
    let chosen = Visit {
        query: BTreeMap::from([("pick".to_owned(), ticks.join("\n"))]),
        ..firm.visit("/bundle/new/book")
    };
    let back = location(&answer(&town.house, &chosen));
    assert!(back.starts_with("/free?several=yes"), "{back}");
    let kept = Visit {
        query: BTreeMap::from([("several".into(), "yes".into()), ("pick".into(), ticks.join("\n"))]),
        ..firm.visit("/free")
    };
    let text = text_of(&String::from_utf8(answer(&town.house, &kept).body).unwrap());
    assert!(text.contains("you ticked 11"), "{text}");
    let none = firm.get("/bundle/new/book").1;
    assert!(text_of(&none).contains("No time is picked yet"), "{}", text_of(&none));
}
