//! Two people stand in line for an instrument that is not booked ahead: one begins and stops, the other is called and begins.

use super::{
    sharing::{instrument, using},
    *,
};

/// A second firm with someone of its own.
fn second(town: &Town) -> (Browser<'_>, Id) {
    let registry = &town.house.registry;
    let unit = json!({ "verb": "register", "name": { "zh": "另一企业", "en": "Other Firm" }, "kind": "enterprise", "region": "310115" });
    let unit = founded(registry, "other", "organisation", None, unit);
    let display = json!({ "verb": "register", "name": "另一人员", "region": "310000", "public": true, "display_name": { "zh": "另一人员", "en": "other" } });
    let person = founded(registry, "person/other", "person", None, display);
    window::set_password(registry, "other", PASSWORD, person).unwrap().unwrap();
    let claim = json!({ "verb": "claim-affiliation", "organisation": unit, "role": "manager", "may_sign": true, "from": "2026-01-01" });
    founded(registry, "claim/other", "person", Some(person), claim);
    let confirm = json!({ "verb": "confirm-affiliation", "organisation": unit });
    founded(registry, "confirm/other", "person", Some(person), confirm);
    (sign_in(town, "other", "en"), unit)
}

/// Joins by the form that the page leads to.
fn joins(browser: &Browser, at: &str, buyer: Id) -> String {
    let page = browser.get(at).1;
    let link = page
        .split("href=\"")
        .skip(1)
        .filter_map(|rest| rest.split('"').next())
        .find(|to| to.contains("/join?"));
    let link =
        link.unwrap_or_else(|| panic!("no way into the line: {}", text_of(&page))).replace("&amp;", "&");
    let named: Vec<(&str, &str)> =
        link.split('?').nth(1).unwrap().split('&').filter_map(|pair| pair.split_once('=')).collect();
    let buyer = buyer.to_string();
    let more = [("buyer", buyer.as_str()), ("detail", "两个样品"), ("no_secrets", "yes")];
    let typed: Vec<(&str, &str)> = named.into_iter().chain(more).collect();
    let action = link.split('?').next().unwrap().to_owned();
    location(&browser.send(&link, &action, &typed));
    action.trim_end_matches("/join").to_owned()
}

/// Presses the form of a page that goes there, with what it carries unseen.
fn presses(browser: &Browser, page: &str, action: &str) -> String {
    let html = browser.get(page).1;
    let form = html.split("<form").skip(1).find(|form| form.contains(&format!("action=\"{action}\"")));
    let form = form
        .unwrap_or_else(|| panic!("no form to {action}: {}", text_of(&html)))
        .split("</form>")
        .next()
        .unwrap();
    let attribute = |tag: &str, name: &str| {
        tag.split(&format!("{name}=\"")).nth(1).and_then(|rest| rest.split('"').next()).map(str::to_owned)
    };
    let inputs = form.split("<input").skip(1).filter_map(|rest| rest.split('>').next());
    let form = inputs.filter_map(|tag| Some((attribute(tag, "name")?, attribute(tag, "value")?))).collect();
    let reply = answer(&browser.town.house, &Visit { is_post: true, form, ..browser.visit(action) });
    location(&reply).split('?').next().unwrap().to_owned()
}

#[test]
fn two_stand_in_line_and_the_next_is_called_when_the_first_stops() {
    let town = town();
    let (keeper, firm) = (sign_in(&town, "scientist", "en"), sign_in(&town, "firm", "en"));
    let (other, other_unit) = second(&town);
    let public = Browser { town: &town, cookies: BTreeMap::new(), language: "en" };
    let at = instrument(&town, &keeper);
    let id = at.rsplit('/').next().unwrap().to_owned();
    let set = format!("{at}/set-using");
    let mut terms: Vec<(&str, &str)> =
        using("200").into_iter().filter(|(name, _)| !name.contains("openings")).collect();
    terms.push(("using.mode", "queue"));
    location(&keeper.send(&set, &set, &terms));
    assert!(!public.get("/free?day=2026-03-03").1.contains(&id), "nothing of it is booked ahead");
    let calendar = text_of(&public.get(&format!("{at}/calendar")).1);
    assert!(calendar.contains("first come, first served"), "{calendar}");

    let line = joins(&firm, &at, town.firm);
    joins(&other, &at, other_unit);
    let own = text_of(&other.get(&at).1);
    assert!(own.contains("You have number 2; 1 ahead of you, about 60 minutes"), "{own}");
    let inbox = text_of(&firm.get("/inbox").1);
    assert!(inbox.contains("Take the turn"), "{inbox}");
    assert!(text_of(&other.get("/inbox").1).contains("You have number 2"));
    let turn = text_of(&firm.get(&line).1);
    assert!(turn.contains("It is your turn, number 1: begin before"), "{turn}");
    for page in [at.as_str(), &line, "/board"] {
        let page = public.get(page).1;
        let text = text_of(&page);
        assert!(text.contains("Number 1 is called, 1 waits"), "{text}");
        assert!(!page.contains("Other Firm") && !page.contains(&other_unit.to_string()), "never who: {text}");
    }
    let day = text_of(&keeper.get("/keeper").1);
    assert!(day.contains("Other Firm") && day.contains("Skip a turn"), "{day}");

    // One press, then the keeper begins it for them: the instrument has no code.
    let booking = presses(&firm, &line, "/booking/new/take-turn");
    let own = text_of(&firm.get(&booking).1);
    assert!(own.contains("Your turn: Start, until"), "{own}");
    assert!(text_of(&firm.get(&line).1).contains("1 waits"));
    let start = format!("{booking}/start");
    location(&keeper.send(&start, &start, &[("instrument", &id), ("code", "-")]));
    presses(&keeper, &booking, &format!("{booking}/stop"));
    let turn = text_of(&other.get(&line).1);
    assert!(turn.contains("It is your turn, number 2"), "the first has stopped: {turn}");
    let second = presses(&other, &line, "/booking/new/take-turn");
    assert!(text_of(&other.get(&second).1).contains("Electron microscope"));
    assert_eq!(firm.get(&second).0, 404);
}
