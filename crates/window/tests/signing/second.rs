//! The second factor: set up, asked for, used up, lost, and needed by offices of high power.

use totp_rs::{Builder, Secret};

use crate::town::{Browser, DAY, MINUTE, PASSWORD, Town, between, page};

/// What an app for codes shows now.
fn code(town: &Town, secret: &str) -> String {
    let totp = Builder::new().with_secret(Secret::try_from_base32(secret).unwrap()).build().unwrap();
    totp.generate(town.now().in_millis() as u64 / 1_000).to_string()
}

/// Sets it up and gives the secret and the recovery codes.
fn set_up(browser: &mut Browser) -> (String, Vec<String>) {
    let begun = page(&browser.send("/my/second", "/my/second/begin", &[("old", PASSWORD)]));
    assert!(begun.contains("<svg class=\"qr\""), "{begun}");
    let secret = between(&begun, "Or type this secret into the app: <code>", "<").unwrap().replace(' ', "");
    let wrong = browser.send("/my/second", "/my/second/confirm", &[("code", "000000")]);
    assert!(wrong.status == 422 && page(&wrong).contains(&secret[..4]), "the same secret is shown again");
    let now = code(browser.town, &secret);
    let done = page(&browser.send("/my/second", "/my/second/confirm", &[("code", &now)]));
    let codes: Vec<String> =
        done.split("<li><code>").skip(1).map(|rest| rest.split('<').next().unwrap().to_owned()).collect();
    assert_eq!(codes.len(), 10, "{done}");
    (secret, codes)
}

#[test]
fn after_the_password_comes_a_code_and_each_counts_once() {
    let town = Town::new();
    town.person("owner");
    let mut browser = town.signed_in("owner");
    let refused = browser.send("/my/second", "/my/second/begin", &[("old", "not mine")]);
    assert!(refused.status == 422 && page(&refused).contains("not your password"));
    let (secret, recovery) = set_up(&mut browser);
    assert!(!page(&browser.get("/my/second")).contains(&recovery[0]), "shown once");

    let mut other = town.browser("203.0.113.4");
    assert!(other.sign_in("owner", PASSWORD).headers.iter().any(|(_, to)| to == "/sign-in/second"));
    assert!(!other.is_in(), "half in is not in");
    let used = code(&town, &secret);
    let again = other.send("/sign-in/second", "/sign-in/second", &[("code", &used)]);
    assert!(
        again.status == 422 && page(&again).contains("used already"),
        "the code of the set-up is used up"
    );
    town.wait(MINUTE / 2);
    let next = code(&town, &secret);
    assert_eq!(other.send("/sign-in/second", "/sign-in/second", &[("code", &next)]).status, 303);
    assert!(other.is_in());
    let mut thief = town.browser("203.0.113.5");
    thief.sign_in("owner", PASSWORD);
    assert_eq!(thief.send("/sign-in/second", "/sign-in/second", &[("code", &next)]).status, 422);
    town.wait(2 * MINUTE);
    assert_eq!(
        thief.send("/sign-in/second", "/sign-in/second", &[("code", &code(&town, &secret))]).status,
        303
    );
    let mut late = town.browser("203.0.113.6");
    late.sign_in("owner", PASSWORD);
    town.wait(6 * MINUTE);
    let late = late.send("/sign-in/second", "/sign-in/second", &[("code", &code(&town, &secret))]);
    assert!(late.headers.iter().any(|(_, to)| to == "/sign-in"), "five minutes are over");
}

#[test]
fn codes_cannot_be_guessed_and_recovery_codes_count_once() {
    let town = Town::new();
    town.person("owner");
    let (secret, recovery) = set_up(&mut town.signed_in("owner"));
    let mut thief = town.browser("203.0.113.5");
    thief.sign_in("owner", PASSWORD);
    let tries: Vec<String> = (0..8)
        .map(|n| page(&thief.send("/sign-in/second", "/sign-in/second", &[("code", &format!("12345{n}"))])))
        .collect();
    assert!(tries[7].contains("Too many tries"), "{}", tries[7]);
    town.wait(10 * MINUTE);
    let mut browser = town.browser("203.0.113.6");
    for (wants, message) in [(303, "a recovery code counts"), (422, "once")] {
        browser.sign_in("owner", PASSWORD);
        let typed = recovery[3].to_uppercase();
        assert_eq!(
            browser.send("/sign-in/second", "/sign-in/second", &[("code", &typed)]).status,
            wants,
            "{message}"
        );
    }
    town.wait(10 * MINUTE);
    browser.sign_in("owner", PASSWORD);
    browser.send("/sign-in/second", "/sign-in/second", &[("code", &code(&town, &secret))]);
    assert!(page(&browser.get("/my/second")).contains("<dd>9"), "{}", page(&browser.get("/my/second")));
    town.wait(MINUTE);
    let ended = browser.send("/my/second", "/my/second/end", &[("code-end", &code(&town, &secret))]);
    assert!(ended.status == 200 && page(&ended).contains("Set it up"));
    assert!(
        town.browser("203.0.113.7").sign_in("owner", PASSWORD).headers.iter().any(|(_, to)| to == "/inbox")
    );
}

#[test]
fn offices_of_high_power_need_one_after_the_days_of_grace() {
    let town = Town::new();
    town.officer("treasurer", "treasurer");
    town.officer("publisher", "publisher");
    let mut browser = town.browser("192.0.2.1");
    let entered = browser.sign_in("treasurer", PASSWORD);
    assert!(entered.headers.iter().any(|(_, to)| to == "/my/second"));
    assert!(page(&browser.get("/my/second")).contains("Please set it up before"));
    assert_eq!(browser.get("/inbox").status, 200);
    let token = page(&browser.send("/my/tokens", "/my/token", &[("name", "x"), ("access", "read")]));
    let token = format!("kc_{}", &token.split("kc_").nth(1).unwrap()[..64]);
    town.wait(15 * DAY);
    let mut browser = town.signed_in("treasurer");
    for path in ["/inbox", "/need", "/voucher"] {
        let reply = browser.get(path);
        assert!(reply.status == 403 && page(&reply).contains("Your office needs a second factor"), "{path}");
    }
    let refused = town.api(&token, false, "/api/v1/inbox", &serde_json::json!({}));
    assert!(refused.status == 403 && page(&refused).contains("second-needed"));
    set_up(&mut browser);
    assert_eq!(browser.get("/inbox").status, 200);
    assert_eq!(town.signed_in("publisher").get("/inbox").status, 200);
}

#[test]
fn a_lost_telephone_is_forgotten_by_a_link_that_says_so() {
    let town = Town::new();
    town.officer("system", "system-admin");
    let owner = town.person("owner").to_string();
    set_up(&mut town.signed_in("owner"));
    let mut admin = town.signed_in("system");
    for (forget, to) in [("", "/sign-in/second"), ("yes", "/inbox")] {
        let made = page(&admin.send(
            "/security/people",
            "/security/reset",
            &[("person", &owner), ("forget", forget)],
        ));
        let link = format!("/reset/{}", between(&made, "http://127.0.0.1:1/reset/", "<").unwrap());
        let password = format!("vK7 pe2Lqx9s mumu {to}");
        let mut browser = town.browser("203.0.113.7");
        browser.send(&link, &link, &[("password", &password), ("again", &password)]);
        let entered = browser.sign_in("owner", &password);
        assert!(entered.headers.iter().any(|(_, at)| at == to), "{forget}: {entered:?}");
    }
}
