//! Passwords: which are taken, who is locked out, and how they are changed.

use window::visit::Visit;

use crate::town::{HOUR, MINUTE, PASSWORD, Town, header, page};

#[test]
fn a_password_that_is_guessed_soon_is_refused_beside_its_field() {
    let town = Town::new();
    let mut visitor = town.browser("192.0.2.9");
    for (password, says) in [
        ("woaini1314520", "guessed soon"),
        ("Shanghai2026!", "guessed soon"),
        ("xqvortakul2024", "your name"),
        ("short", "at least 10"),
    ] {
        let typed =
            [("name", "Xqvortakul"), ("region", "310000"), ("login", "xqvortakul"), ("password", password)];
        let reply = visitor.send("/sign-up", "/sign-up", &typed);
        let page = page(&reply);
        assert_eq!(reply.status, 422, "{password}");
        assert!(page.contains("id=\"password-error\"") && page.contains(says), "{password}: {page}");
        assert!(
            page.contains("value=\"Xqvortakul\"") && !page.contains(password),
            "what was typed stays, but the password"
        );
    }
    let typed =
        [("name", "Xqvortakul"), ("region", "310000"), ("login", "xqvortakul"), ("password", PASSWORD)];
    assert_eq!(visitor.send("/sign-up", "/sign-up", &typed).status, 303);
    assert!(visitor.is_in());
}

#[test]
fn whoever_guesses_waits_and_the_owner_does_not() {
    let town = Town::new();
    town.person("owner");
    town.person("other");
    let mut home = town.signed_in("owner");
    let mut guesser = town.browser("198.51.100.1");
    let answers: Vec<u16> = (0..12).map(|n| guesser.sign_in("owner", &format!("wrong {n}")).status).collect();
    assert_eq!(answers, [[422; 8].as_slice(), &[429; 4]].concat());
    let waits = guesser.sign_in("owner", PASSWORD);
    assert_eq!(waits.status, 429, "the right one does not help either");
    assert!(page(&waits).contains("Please wait 2 minutes") && header(&waits, "retry-after") == "76");

    home.get("/account");
    home.cookies.retain(|name, _| name == "kechuang-device");
    assert_eq!(home.sign_in("owner", PASSWORD).status, 303, "a device that is known does not wait");
    let mut neighbour = town.browser("198.51.100.1");
    assert_eq!(neighbour.sign_in("other", PASSWORD).status, 303, "nor does somebody else behind the address");
    town.wait(2 * MINUTE);
    assert_eq!(guesser.sign_in("owner", PASSWORD).status, 303, "turns come back");
}

#[test]
fn guessing_from_everywhere_stops_new_devices_for_minutes_and_known_ones_never() {
    let town = Town::new();
    town.person("owner");
    let mut home = town.signed_in("owner");
    let addresses: Vec<&'static str> =
        (0..60).map(|n| &*Box::leak(format!("203.0.113.{n}").into_boxed_str())).collect();
    let refused = addresses.iter().filter(|from| town.browser(from).sign_in("owner", "wrong").status == 429);
    assert_eq!(refused.count(), 20, "one name has forty wrong tries at once, from wherever they come");
    home.cookies.retain(|name, _| name == "kechuang-device");
    assert_eq!(home.sign_in("owner", PASSWORD).status, 303);
    town.wait(2 * MINUTE);
    assert_eq!(town.browser("192.0.2.77").sign_in("owner", PASSWORD).status, 303, "not for ever");
}

#[test]
fn one_address_tries_many_names_slowly_and_is_never_shut_out_for_good() {
    let town = Town::new();
    town.person("someone");
    let mut sprayer = town.browser("198.51.100.1");
    let tries = (0..70).map(|n| sprayer.sign_in(&format!("name-{n}"), "wrong").status);
    assert_eq!(tries.filter(|status| *status == 429).count(), 10);
    town.wait(11_000);
    assert_eq!(town.browser("198.51.100.1").sign_in("someone", PASSWORD).status, 303);
}

#[test]
fn changing_the_password_asks_for_the_old_one_and_ends_the_other_sessions() {
    let town = Town::new();
    town.person("owner");
    let (mut here, mut there) = (town.signed_in("owner"), town.signed_in("owner"));
    let change = |old: &str, new: &str, again: &str| {
        let typed =
            [("old", old), ("password", new), ("again", again)].map(|(n, v)| (n.to_owned(), v.to_owned()));
        typed.to_vec()
    };
    let new = "vK7 pe2Lqx9s mumu";
    for (typed, says) in [
        (change("not it", new, new), "This is not your password"),
        (change(PASSWORD, new, "else"), "not the same"),
        (change(PASSWORD, "password1234", "password1234"), "guessed soon"),
        (change(PASSWORD, PASSWORD, PASSWORD), "your password already"),
    ] {
        let typed: Vec<(&str, &str)> = typed.iter().map(|(n, v)| (n.as_str(), v.as_str())).collect();
        let reply = here.send("/my/password", "/my/password", &typed);
        assert!(reply.status == 422 && page(&reply).contains(says), "{says}: {}", page(&reply));
    }
    assert!(there.is_in());
    let done =
        here.send("/my/password", "/my/password", &[("old", PASSWORD), ("password", new), ("again", new)]);
    assert!(page(&done).contains("Your password is changed"));
    assert!(here.is_in() && !there.is_in());
    assert_eq!(town.browser("192.0.2.5").sign_in("owner", PASSWORD).status, 422);
    assert_eq!(town.browser("192.0.2.5").sign_in("owner", new).status, 303);
    let forged = Visit { is_post: true, ..here.visit("/my/password") };
    assert_eq!(here.go(&forged).status, 403, "a form of another page changes nothing");
    town.wait(HOUR);
}
