//! One-time links, and who may hand them out to whom.

use crate::town::{Browser, DAY, PASSWORD, Town, between, page};

const NEW: &str = "vK7 pe2Lqx9s mumu";

fn link(admin: &mut Browser, person: &str) -> String {
    let made = page(&admin.send("/security/people", "/security/reset", &[("person", person)]));
    between(&made, "http://127.0.0.1:1/reset/", "<")
        .map(|secret| format!("/reset/{secret}"))
        .unwrap_or_else(|| panic!("{made}"))
}

#[test]
fn a_link_counts_once_and_only_when_its_button_is_pressed() {
    let town = Town::new();
    town.officer("system", "system-admin");
    let owner = town.person("owner").to_string();
    let mut admin = town.signed_in("system");
    let mut lost = town.signed_in("owner");
    let old = link(&mut admin, &owner);
    let link = link(&mut admin, &owner);
    let mut mail = town.browser("203.0.113.1");
    assert_eq!(mail.get(&old).status, 404, "a newer link takes its place");
    for _ in 0..3 {
        assert_eq!(mail.get(&link).status, 200, "robots may look");
    }
    assert!(lost.is_in());
    let weak = mail.send(&link, &link, &[("password", "owner123456"), ("again", "owner123456")]);
    assert!(weak.status == 422 && page(&weak).contains("password-error"));
    let done = mail.send(&link, &link, &[("password", NEW), ("again", NEW)]);
    assert!(page(&done).contains("The password is set"), "{}", page(&done));
    assert!(!lost.is_in(), "whoever was signed in is out");
    assert_eq!(mail.send(&link, &link, &[("password", PASSWORD), ("again", PASSWORD)]).status, 404);
    assert_eq!(mail.sign_in("owner", NEW).status, 303);
}

#[test]
fn a_link_is_over_after_a_day_and_gives_a_first_name_to_sign_in_with() {
    let town = Town::new();
    town.officer("system", "system-admin");
    let fresh = town.registered("fresh").to_string();
    let mut admin = town.signed_in("system");
    let over = link(&mut admin, &fresh);
    town.wait(DAY);
    let mut visitor = town.browser("203.0.113.1");
    assert_eq!(visitor.get(&over).status, 404);
    let mut admin = town.signed_in("system");
    let link = link(&mut admin, &fresh);
    let taken = visitor.send(&link, &link, &[("login", "system"), ("password", NEW), ("again", NEW)]);
    assert!(taken.status == 422 && page(&taken).contains("login-error"));
    visitor.send(&link, &link, &[("login", "fresh.one"), ("password", NEW), ("again", NEW)]);
    assert_eq!(visitor.sign_in("fresh.one", NEW).status, 303);
}

#[test]
fn the_three_administrators_are_looked_after_by_another_of_the_security_office() {
    let town = Town::new();
    let system = town.officer("system", "system-admin").to_string();
    let security = town.officer("security", "security-admin").to_string();
    let audit = town.officer("audit", "auditor").to_string();
    let second = town.officer("second", "security-admin").to_string();
    let owner = town.person("owner").to_string();
    for (who, whom, may) in [
        ("system", &owner, true),
        ("system", &audit, false),
        ("system", &security, false),
        ("system", &system, false),
        ("security", &audit, true),
        ("security", &system, true),
        ("security", &second, true),
        ("security", &security, false),
        ("security", &owner, false),
        ("audit", &owner, false),
        ("owner", &owner, false),
    ] {
        let reply = town.signed_in(who).send("/security/people", "/security/reset", &[("person", whom)]);
        assert_eq!(reply.status, if may { 200 } else { 403 }, "{who} for {whom}");
    }
}
