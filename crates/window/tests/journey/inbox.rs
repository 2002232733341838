//! Inbox: whoever is to take the next step finds the record there, and nobody else does.

use super::{money::officer, *};

/// The lines of what waits, each as its markup.
fn waiting(browser: &Browser) -> Vec<String> {
    let page = browser.get("/inbox").1;
    let lists = page.split("<ol class=\"inbox\"").skip(1).filter_map(|list| list.split("</ol>").next());
    lists.flat_map(|list| list.split("<li").skip(1)).map(str::to_owned).collect()
}

/// The number beside the link to the inbox, on a page.
fn count(browser: &Browser, page: &str) -> Option<String> {
    let html = browser.get(page).1;
    let link = html.split("href=\"/inbox\"").nth(1)?.split("</a>").next()?.to_owned();
    Some(link.split("class=\"count\">").nth(1)?.split('<').next()?.to_owned())
}

#[test]
fn many_that_wait_for_one_step_are_begun_and_the_rest_is_one_press_away() {
    let town = town();
    let firm = sign_in(&town, "firm", "en");
    let owner = town.firm.to_string();
    let titles: Vec<String> = (1..=10).map(|n| format!("Need number {n}")).collect();
    let mut needs = Vec::new();
    for title in &titles {
        let mut typed: Vec<(&str, &str)> =
            NEED.iter().filter(|(name, _)| *name != "title.en").copied().collect();
        typed.extend([("owner", owner.as_str()), ("title.en", title.as_str())]);
        let draft = location(&firm.send("/need/new/draft", "/need/new/draft", &typed));
        needs.push(draft.split('?').next().unwrap().to_owned());
    }
    let screener = sign_in(&town, "screener", "en");
    let own = waiting(&firm);
    assert!(own.len() == 8 && own.iter().all(|one| one.contains("Submit to the region")), "{own:?}");
    assert!(waiting(&screener).is_empty(), "a draft is its firm's own");
    assert_eq!((count(&firm, "/"), count(&screener, "/")), (Some("10".into()), None));

    for need in &needs {
        town.clock.0.fetch_add(60_000, Ordering::Relaxed);
        location(&firm.send(need, &format!("{need}/submit"), &[]));
    }
    assert_eq!((count(&firm, "/need"), count(&screener, "/need")), (None, Some("10".into())));
    assert!(waiting(&firm).is_empty(), "nothing is left to be done by the firm");
    let shown = waiting(&screener);
    assert!(shown.len() == 8 && shown.iter().all(|one| one.contains("Pass the screening")), "{shown:?}");
    assert!(shown.first().is_some_and(|first| first.contains("Need number 1")), "the oldest comes first");
    let page = screener.get("/inbox").1;
    let all = page.split("See all 10").next().and_then(|before| before.rsplit("href=\"").next()).unwrap();
    let all = screener.get(all.split('"').next().unwrap());
    assert!(all.0 == 200 && titles.iter().all(|title| all.1.contains(title.as_str())));

    officer(&town, "elsewhere", &["screening"], "330000");
    assert!(waiting(&sign_in(&town, "elsewhere", "en")).is_empty(), "each region screens its own");
    assert!(waiting(&sign_in(&town, "scientist", "en")).is_empty());
}

#[test]
fn who_says_that_they_belong_to_a_unit_waits_for_those_who_confirm_it() {
    let town = town();
    officer(&town, "registrar", &["registrar"], "310000");
    let newcomer = officer(&town, "newcomer", &[], "310000");
    let [registrar, firm, scientist] =
        ["registrar", "firm", "scientist"].map(|login| sign_in(&town, login, "en"));
    assert!(waiting(&registrar).is_empty(), "who claims nothing waits for nothing");
    let claim = json!({ "verb": "claim-affiliation", "organisation": town.firm, "role": "engineer", "may_sign": false, "from": "2026-03-02" });
    founded(&town.house.registry, "claim/newcomer", "person", Some(newcomer), claim);
    let at = format!("/person/{newcomer}\"");
    for confirms in [&registrar, &firm] {
        let shown = waiting(confirms);
        assert!(shown.len() == 1 && shown[0].contains(&at), "{shown:?}");
    }
    assert!(waiting(&scientist).is_empty(), "another unit has nothing to confirm");
    let confirm = json!({ "verb": "confirm-affiliation", "organisation": town.firm });
    founded(&town.house.registry, "confirm/newcomer", "person", Some(newcomer), confirm);
    assert_eq!(count(&registrar, "/need"), Some("1".into()), "what others did may be behind for a minute");
    town.clock.0.fetch_add(60_000, Ordering::Relaxed);
    assert_eq!(count(&registrar, "/need"), None);
    assert!(waiting(&registrar).is_empty() && waiting(&firm).is_empty());
}
