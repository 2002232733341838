//! Tokens of programs: scopes, expiry, revoking.

use serde_json::{Value, json};

use crate::town::{Browser, DAY, Town, between, page};

fn make(browser: &mut Browser, typed: &[(&str, &str)]) -> String {
    let made = page(&browser.send("/my/tokens", "/my/token", typed));
    let secret = made.split("kc_").nth(1).unwrap_or_else(|| panic!("{made}"));
    format!("kc_{}", secret.split(|c: char| !c.is_ascii_hexdigit()).next().unwrap())
}

fn json_of(reply: &window::visit::Reply) -> Value {
    serde_json::from_slice(&reply.body).unwrap()
}

#[test]
fn a_token_does_what_its_scopes_say_and_never_more() {
    let town = Town::new();
    town.person("owner");
    let mut browser = town.signed_in("owner");
    let reads = make(&mut browser, &[("name", "reader"), ("access", "read")]);
    let drafts = make(
        &mut browser,
        &[("name", "drafter"), ("access", "act"), ("desks", "need"), ("verbs", "need/draft")],
    );
    assert_eq!(town.api(&reads, false, "/api/v1/inbox", &json!({})).status, 200);
    let refused = town.api(&reads, true, "/api/v1/need/draft", &json!({}));
    let body = json_of(&refused);
    assert_eq!(
        (refused.status, body["code"].as_str(), body["facts"]["needs"].as_str()),
        (403, Some("out-of-scope"), Some("act"))
    );
    assert!(body["message"].as_str().unwrap().contains("the scope act"));
    assert_eq!(
        town.api(&drafts, true, "/api/v1/need/draft", &json!({})).status,
        400,
        "it may ask; what it asks has faults"
    );
    assert_eq!(town.api(&drafts, true, "/api/v1/achievement/draft", &json!({})).status, 403);
    assert_eq!(town.api(&drafts, false, "/api/v1/voucher", &json!({})).status, 403);
    for (path, is_post) in
        [("/account", false), ("/my/token", true), ("/my/password", true), ("/need/new/draft", true)]
    {
        assert_eq!(town.api(&drafts, is_post, path, &json!({})).status, 403, "{path}");
    }
    let all = make(&mut browser, &[("name", "all"), ("access", "act")]);
    let appoint = json!({ "holder": "person-x", "office": "registrar" });
    let denied = town.api(&all, true, "/api/v1/office/appoint", &appoint);
    assert!([400, 403].contains(&denied.status), "never more than its person");
}

#[test]
fn a_token_is_named_listed_shown_once_revoked_and_over_in_time() {
    let town = Town::new();
    town.person("owner");
    town.person("stranger");
    let mut browser = town.signed_in("owner");
    let nameless = browser.send("/my/tokens", "/my/token", &[("access", "read")]);
    assert!(nameless.status == 422 && page(&nameless).contains("id=\"name-error\""));
    let unknown = browser.send("/my/tokens", "/my/token", &[("name", "x"), ("verbs", "need/fly")]);
    assert!(unknown.status == 422 && page(&unknown).contains("There is no action need/fly"));
    let token = make(&mut browser, &[("name", "night export"), ("access", "read"), ("days", "7")]);
    let list = page(&browser.get("/my/tokens"));
    assert!(list.contains("night export") && list.contains(">never<") && !list.contains(&token));
    assert_eq!(town.api(&token, false, "/api/v1/inbox", &json!({})).status, 200);
    assert!(!page(&browser.get("/my/tokens")).contains(">never<"), "its use is seen");
    let end = between(&list, "action=\"/my/tokens/", "\"").unwrap();
    let end = format!("/my/tokens/{end}");
    assert_eq!(town.signed_in("stranger").send("/my/tokens", &end, &[]).status, 404);
    browser.send("/my/tokens", &end, &[]);
    assert_eq!(town.api(&token, false, "/api/v1/inbox", &json!({})).status, 401);
    let week = make(&mut browser, &[("name", "week"), ("access", "read"), ("days", "7")]);
    town.wait(6 * DAY);
    assert_eq!(town.api(&week, false, "/api/v1/inbox", &json!({})).status, 200);
    town.wait(DAY);
    assert_eq!(town.api(&week, false, "/api/v1/inbox", &json!({})).status, 401);
}
