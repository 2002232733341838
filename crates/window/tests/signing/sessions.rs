//! Sessions: where one is signed in, how sessions end, and who sees what happened.

use window::SignIn;

use crate::town::{HOUR, MINUTE, PASSWORD, Town, between, header, page};

#[test]
fn sessions_are_listed_and_ended_one_by_one_or_all() {
    let town = Town::new();
    town.person("owner");
    town.person("stranger");
    let mut here = town.signed_in("owner");
    let mut phone = town.browser("198.51.100.4");
    phone.agent = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0) Safari/604.1";
    phone.sign_in("owner", PASSWORD);
    let mut third = town.signed_in("owner");
    let list = page(&here.get("/my/sessions"));
    assert!(list.contains("Safari · iPhone") && list.contains("198.51.100.4") && list.contains("this one"));
    let row = list.split("Safari · iPhone").nth(1).unwrap();
    let end = between(row, "action=\"", "\"").unwrap();
    let mut stranger = town.signed_in("stranger");
    assert_eq!(stranger.send("/my/sessions", &end, &[]).status, 404, "another's session is not touched");
    assert!(phone.is_in());
    assert_eq!(here.send("/my/sessions", &end, &[]).status, 303);
    assert!(!phone.is_in() && here.is_in() && third.is_in());
    here.send("/my/sessions", "/my/sessions/end", &[]);
    assert!(!third.is_in() && here.is_in() && stranger.is_in());
    here.send("/my/sessions", "/sign-out", &[]);
    assert!(!here.is_in());
}

#[test]
fn a_session_ends_after_rest_and_after_its_longest_time() {
    let town =
        Town::with("http://127.0.0.1:1", SignIn { idle_minutes: 30, session_hours: 2, ..SignIn::default() });
    town.person("owner");
    let mut rests = town.signed_in("owner");
    let mut works = rests.clone();
    works.sign_in("owner", PASSWORD);
    let mut rests_elsewhere = town.signed_in("owner");
    assert!(!rests.is_in(), "signing in again ended the session this browser had");
    for _ in 0..7 {
        town.wait(15 * MINUTE);
        assert!(works.is_in());
    }
    assert!(!rests_elsewhere.is_in());
    town.wait(16 * MINUTE);
    assert!(!works.is_in(), "two hours are over");
    rests = town.signed_in("owner");
    town.wait(31 * MINUTE);
    assert!(!rests.is_in());
}

#[test]
fn a_session_is_new_with_each_signing_in_and_its_cookie_bound_to_the_house() {
    let town = Town::with("https://region.example", SignIn::default());
    town.person("owner");
    let mut browser = town.browser("192.0.2.1");
    browser.cookies.insert("__Host-kechuang".into(), "planted".into());
    let reply = browser.sign_in("owner", PASSWORD);
    let cookie = header(&reply, "set-cookie");
    for part in
        ["__Host-kechuang=", "; Path=/", "; HttpOnly", "; SameSite=Lax", "; Secure", "; Max-Age=43200"]
    {
        assert!(cookie.contains(part), "{cookie}");
    }
    assert!(!cookie.contains("Domain") && browser.cookies["__Host-kechuang"] != "planted" && browser.is_in());
    let value = browser.cookies.remove("__Host-kechuang").unwrap();
    browser.cookies.insert("kechuang".into(), value);
    assert!(!browser.is_in(), "over https only the bound cookie counts");
}

#[test]
fn whoever_is_erased_or_halted_is_out_at_once() {
    let town = Town::new();
    let gone = town.person("gone");
    let halted = town.person("halted");
    town.officer("security", "security-admin");
    let mut browser = town.signed_in("gone");
    assert!(browser.is_in());
    let erase = browser.send(
        &format!("/person/{gone}/erase"),
        &format!("/person/{gone}/erase"),
        &[("ground", "asked")],
    );
    assert_eq!(erase.status, 303, "{}", page(&erase));
    assert!(!browser.is_in());

    let mut browser = town.signed_in("halted");
    let mut security = town.signed_in("security");
    let who = halted.to_string();
    let people = "/security/people?person=halted";
    let unreasoned = security.send(people, "/security/halt", &[("person", &who)]);
    assert!(unreasoned.status == 422 && page(&unreasoned).contains("Give the reason"));
    security.send(people, "/security/halt", &[("person", &who), ("reason", "lost laptop")]);
    assert!(!browser.is_in());
    let reply = browser.sign_in("halted", PASSWORD);
    assert!(reply.status == 422 && page(&reply).contains("stopped for now"));
    assert!(page(&security.get("/security")).contains("lost laptop"));
    security.send(people, "/security/resume", &[("person", &who)]);
    assert_eq!(browser.sign_in("halted", PASSWORD).status, 303);
}

#[test]
fn security_events_are_for_the_security_administrator_and_the_auditor_only() {
    let town = Town::new();
    town.person("owner");
    for (login, office) in [("system", "system-admin"), ("security", "security-admin"), ("audit", "auditor")]
    {
        town.officer(login, office);
    }
    let mut wrong = town.browser("203.0.113.8");
    for _ in 0..3 {
        wrong.sign_in("owner", "my secret typed in haste");
        wrong.sign_in("my secret typed as a name", "x");
    }
    town.wait(HOUR);
    for login in ["security", "audit"] {
        let page = page(&town.signed_in(login).get("/security"));
        assert!(
            page.contains("wrong password") && page.contains("203.0.113.8") && page.contains("3 times"),
            "{page}"
        );
        assert!(!page.contains("my secret"), "what was typed is never written down");
    }
    assert_eq!(town.signed_in("system").get("/security").status, 403);
    assert_eq!(town.signed_in("owner").get("/security").status, 403);
    assert_eq!(town.signed_in("owner").get("/security/people").status, 403);
    assert_eq!(town.browser("192.0.2.2").get("/security").status, 303);
    let mut audit = town.signed_in("audit");
    assert_eq!(audit.get("/security/people").status, 403, "the auditor changes nothing");
    let other = audit.get("/security?day=2020-01-01");
    assert!(page(&other).contains("No events"));
}

#[test]
fn visits_that_come_too_often_are_told_when_to_come_again() {
    let town = Town::new();
    let mut visitor = town.browser("203.0.113.8");
    let first = (0..2_000).map(|_| visitor.get("/find?q=battery")).find(|reply| reply.status != 200).unwrap();
    assert_eq!((first.status, header(&first, "retry-after")), (429, "1"));
    assert!(page(&first).contains("Too many requests"));
    assert_eq!(town.browser("203.0.113.9").get("/find?q=battery").status, 200);
    let mut program = town.browser("203.0.113.10");
    let first =
        (0..5_000).map(|_| program.get("/api/v1/checkpoint")).find(|reply| reply.status == 429).unwrap();
    let body: serde_json::Value = serde_json::from_slice(&first.body).unwrap();
    assert_eq!((body["code"].as_str(), body["facts"]["seconds"].as_u64()), (Some("too-often"), Some(1)));
}
