//! Drafts: what was typed stays with the person who typed it, and with nobody else, for as long as it is wanted.

use super::*;

const PAGE: &str = "/need/new/draft";
const DAY: i64 = 86_400_000;

/// An open tab: the hidden fields of the form it shows.
struct Tab(BTreeMap<String, String>);

impl Browser<'_> {
    fn tab(&self, page: &str) -> Tab {
        let html = self.get(page).1;
        let form = html.split("<form class=\"form\"").nth(1).unwrap_or_else(|| panic!("{}", text_of(&html)));
        let value = |name: &str| {
            let rest = form.split(&format!("name=\"{name}\" value=\"")).nth(1)?;
            Some((name.to_owned(), rest.split('"').next()?.to_owned()))
        };
        Tab(["csrf", "key", "seen", "drafted"].into_iter().filter_map(value).collect())
    }

    fn press(&self, tab: &Tab, action: &str, draft: &str, typed: &[(&str, &str)]) -> Reply {
        let mut form = tab.0.clone();
        form.extend(typed.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())));
        if !draft.is_empty() {
            form.insert("draft".into(), draft.into());
        }
        answer(&self.town.house, &Visit { is_post: true, form, ..self.visit(action) })
    }

    /// What is kept of this page's form, as the next page shows it.
    fn shows(&self, text: &str) -> bool {
        self.get(PAGE).1.contains(text)
    }
}

fn said(reply: &Reply) -> Value {
    serde_json::from_slice(&reply.body).unwrap()
}

fn kept(town: &Town, login: &str) -> Vec<(String, Value)> {
    let browser = sign_in(town, login, "en");
    let me =
        browser.get("/account").1.split("/person/").nth(1).unwrap().split('"').next().unwrap().to_owned();
    town.house.registry.kept_all("draft", &format!("{me}/"), 200).unwrap()
}

#[test]
fn a_draft_is_kept_without_scripts_shown_again_and_gone_when_the_form_is_sent() {
    let town = town();
    let firm = sign_in(&town, "firm", "en");
    let tab = firm.tab(PAGE);
    let reply =
        firm.press(&tab, PAGE, "keep", &[("title.en", "Half a thought"), ("indicators.1.name", "width")]);
    assert_eq!(location(&reply), PAGE);
    let html = firm.get(PAGE).1;
    assert!(html.contains("Half a thought") && html.contains("value=\"width\""));
    assert!(text_of(&html).contains("A draft kept at"), "{}", text_of(&html));
    assert!(firm.get("/inbox").1.contains(&format!("href=\"{PAGE}\"")), "the inbox lists it");
    assert!(firm.get("/my/data.json").1.contains("Half a thought"), "and so does the copy of one's data");

    let other = sign_in(&town, "scientist", "en");
    assert!(!other.shows("Half a thought") && !other.get("/inbox").1.contains(PAGE));
    let public = Browser { town: &town, cookies: BTreeMap::new(), language: "en" };
    assert_ne!(public.get(PAGE).0, 200);

    let owner = town.firm.to_string();
    let typed = [NEED, &[("owner", owner.as_str())]].concat();
    location(&firm.press(&firm.tab(PAGE), PAGE, "", &typed));
    assert!(!firm.shows("Half a thought") && kept(&town, "firm").is_empty());
    assert!(!firm.get("/inbox").1.contains(PAGE));
}

#[test]
fn a_field_emptied_in_a_draft_stays_empty_and_a_changed_record_is_said() {
    let town = town();
    let firm = sign_in(&town, "firm", "en");
    let owner = town.firm.to_string();
    let typed = [NEED, &[("owner", owner.as_str())]].concat();
    let need = location(&firm.press(&firm.tab(PAGE), PAGE, "", &typed)).split('?').next().unwrap().to_owned();
    let amend = format!("{need}/amend");
    let tab = firm.tab(&amend);
    let shorter: Vec<(&str, &str)> =
        typed.iter().map(|(name, value)| (*name, if *name == "title.en" { "" } else { *value })).collect();
    assert_eq!(location(&firm.press(&tab, &amend, "keep", &shorter)), amend);
    let html = firm.get(&amend).1;
    assert!(
        !html.contains("Domestic photoresist for 28 nm") || !html.contains("name=\"title.en\" value=\"Dom")
    );
    assert!(html.contains("28 纳米浸没式光刻胶国产化") && !text_of(&html).contains("has changed"));
    location(&firm.send(&need, &format!("{need}/submit"), &[]));
    assert!(text_of(&firm.get(&amend).1).contains("The record has changed since this draft was kept"));
    assert_eq!(location(&firm.press(&firm.tab(&amend), &amend, "discard", &[])), amend);
    assert!(kept(&town, "firm").is_empty());
}

#[test]
fn two_tabs_do_not_overwrite_each_other_and_an_old_one_brings_nothing_back() {
    let town = town();
    let firm = sign_in(&town, "firm", "en");
    let (mut first, second) = (firm.tab(PAGE), firm.tab(PAGE));
    let reply = firm.press(&first, PAGE, "quiet", &[("title.en", "From the first")]);
    assert_eq!(reply.status, 200);
    first.0.insert("drafted".into(), said(&reply)["drafted"].as_str().unwrap().into());
    let reply = firm.press(&second, PAGE, "quiet", &[("title.en", "From the second")]);
    assert_eq!(reply.status, 409);
    assert!(said(&reply)["said"].as_str().unwrap().starts_with("Another tab kept this form"));
    assert!(firm.shows("From the first") && !firm.shows("From the second"));
    // The first goes on, in the same moment.
    assert_eq!(firm.press(&first, PAGE, "quiet", &[("title.en", "First, longer")]).status, 200);
    assert!(firm.shows("First, longer"));
    // Who presses and is told of the other, and presses again, means it.
    let reply = firm.press(&second, PAGE, "keep", &[("title.en", "From the second")]);
    let html = String::from_utf8(reply.body).unwrap();
    assert!(
        reply.status == 409 && html.contains("From the second") && html.contains("The draft was not kept")
    );
    let known = html.split("name=\"drafted\" value=\"").nth(1).unwrap().split('"').next().unwrap().to_owned();
    let again = Tab(second
        .0
        .iter()
        .map(|(n, v)| (n.clone(), if n == "drafted" { known.clone() } else { v.clone() }))
        .collect());
    assert_eq!(location(&firm.press(&again, PAGE, "keep", &[("title.en", "From the second")])), PAGE);
    assert!(firm.shows("From the second"));
    // Sent in one tab, not brought back by the other.
    let owner = town.firm.to_string();
    location(&firm.press(&firm.tab(PAGE), PAGE, "", &[NEED, &[("owner", owner.as_str())]].concat()));
    let late = firm.press(&again, PAGE, "quiet", &[("title.en", "From the second")]);
    assert_eq!(late.status, 409);
    assert!(!firm.shows("From the second") && kept(&town, "firm").is_empty());
    // A form opened now knows that, and begins a new draft.
    assert_eq!(firm.press(&firm.tab(PAGE), PAGE, "quiet", &[("title.en", "Another need")]).status, 200);
}

#[test]
fn what_is_personal_never_lies_in_a_draft() {
    let town = town();
    let firm = sign_in(&town, "firm", "en");
    let me = firm.get("/account").1.split("/person/").nth(1).unwrap().split('"').next().unwrap().to_owned();
    let amend = format!("/person/{me}/amend");
    let typed =
        [("phone", "13812345678"), ("name", "Secret Name"), ("display_name.en", "Shown"), ("nonsense", "x")];
    assert_eq!(location(&firm.press(&firm.tab(&amend), &amend, "keep", &typed)), amend);
    let all = kept(&town, "firm");
    let text = format!("{all:?}");
    assert!(text.contains("Shown") && !text.contains("13812345678"), "{text}");
    assert!(!text.contains("Secret Name") && !text.contains("nonsense"), "{text}");
}

#[test]
fn drafts_are_bounded_in_number_size_and_time() {
    let town = town();
    let firm = sign_in(&town, "firm", "en");
    let long = "很".repeat(60_000);
    let reply = firm.press(&firm.tab(PAGE), PAGE, "quiet", &[("detail", &long)]);
    assert_eq!(reply.status, 409, "too long");
    let owner = town.firm.to_string();
    let typed = [NEED, &[("owner", owner.as_str())]].concat();
    let mut needs = Vec::new();
    for _ in 0..41 {
        needs.push(
            location(&firm.press(&firm.tab(PAGE), PAGE, "", &typed)).split('?').next().unwrap().to_owned(),
        );
    }
    let results: Vec<u16> = needs
        .iter()
        .map(|need| {
            let amend = format!("{need}/amend");
            firm.press(&firm.tab(&amend), &amend, "quiet", &[("title.en", "x")]).status
        })
        .collect();
    assert_eq!(results.iter().filter(|status| **status == 200).count(), 40);
    assert_eq!(results.last(), Some(&409), "the forty-first is refused, none is dropped for it");
    town.clock.0.fetch_add(30 * DAY + 1, Ordering::Relaxed);
    assert!(kept(&town, "firm").is_empty());
}

#[test]
fn drafts_go_with_the_person() {
    let town = town();
    let firm = sign_in(&town, "firm", "en");
    firm.press(&firm.tab(PAGE), PAGE, "keep", &[("title.en", "Half a thought")]);
    let all = kept(&town, "firm");
    assert_eq!(all.len(), 1);
    let me: Id = all[0].0.split('/').next().unwrap().parse().unwrap();
    founded(&town.house.registry, "erase", "person", Some(me), json!({ "verb": "erase", "ground": "asked" }));
    let left: Vec<(String, Value)> = town.house.registry.kept_all("draft", "", 200).unwrap();
    assert!(left.is_empty(), "{left:?}");
    let marks: Vec<(String, Value)> = town.house.registry.kept_all("draft-over", "", 200).unwrap();
    assert!(marks.is_empty());
}
