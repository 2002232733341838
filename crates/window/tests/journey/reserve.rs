//! Reserve: who was not chosen waits in a recorded order; two awards are declined, and the next in line moves up by two hands,
//! is made public and awarded. And a call that is drafted like an earlier one.

use super::{
    joint::{Joint, adopt, agree, ask, names_row, reviewed, value_of},
    *,
};

const DAY: i64 = 86_400_000;

/// What the form of an address would send, with nothing typed.
fn filled(html: &str, action: &str) -> Vec<(String, String)> {
    let form =
        html.split(&format!("action=\"{action}\"")).nth(1).unwrap_or_else(|| panic!("no form {action}"));
    let inputs = form.split("</form>").next().unwrap().split("name=\"").skip(1);
    let pair = |rest: &str| {
        let value = rest.split("value=\"").nth(1)?.split('"').next()?;
        Some((rest.split('"').next()?.to_owned(), value.to_owned()))
    };
    inputs
        .filter_map(pair)
        .filter(|(name, _)| !["csrf", "key", "seen", "reason"].contains(&name.as_str()))
        .collect()
}

fn passes(town: &Joint, days: i64) {
    town.clock.0.fetch_add(days * DAY, Ordering::Relaxed);
    town.house.registry.tick().unwrap();
}

/// Whoever waits for their answer is told, by the button of the page.
fn awarded(town: &Joint, page: &str) {
    passes(town, 20);
    let joint = sign_in(town, "joint", "en");
    let action = format!("{page}/award");
    let mut fields = filled(&joint.get(page).1, &action);
    fields.push(("reason".into(), "others ranked higher".into()));
    let fields: Vec<(&str, &str)> =
        fields.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    location(&joint.send(page, &action, &fields));
    agree(town);
}

/// The second and third are chosen; the first waits in reserve.
fn with_reserve() -> (Joint, [Id; 3], String) {
    let (town, _, solutions, allocation) = reviewed();
    let page = format!("/allocation/{allocation}");
    let joint = sign_in(&town, "joint", "en");
    let proposal = value_of(&joint.get(&format!("{page}?make=yes")).1, "proposal").replace("&quot;", "\"");
    location(&joint.send(&page, &format!("{page}/propose"), &[("proposal", &proposal)]));
    let attest = json!({ "verb": "attest", "candidates": solutions, "clear": true, "remark": "looked up" });
    ask(&town, "allocation", Some(allocation), attest);
    adopt(&town, &joint, &format!("{page}/adopt"));
    agree(&town);
    let html = joint.get(&page).1;
    assert!(text_of(&html).contains("Put candidates on the list"), "{}", text_of(&html));
    let mut fields = filled(&html, &format!("{page}/reserve"));
    assert_eq!(fields.len(), 1, "the one that was not chosen: {fields:?}");
    fields.push(("until".into(), "2027-03-01".into()));
    let fields: Vec<(&str, &str)> =
        fields.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    location(&joint.send(&page, &format!("{page}/reserve"), &fields));
    (town, solutions, page)
}

/// Projects, by the solution each came from.
fn project_of(town: &Joint, solution: Id) -> Id {
    let look = town.house.registry.look(Some(town.officer)).unwrap();
    look.record(solution).unwrap().unwrap().card.the("project")
}

#[test]
fn the_next_in_reserve_moves_up_when_awards_are_declined() {
    let (town, [first, second, third], page) = with_reserve();
    awarded(&town, &page);
    let joint = sign_in(&town, "joint", "en");
    let html = joint.get(&page).1;
    assert!(
        names_row(&html, "out-table", first) && text_of(&html).contains("in reserve, place 1"),
        "{}",
        text_of(&html)
    );
    let public = Browser { town: &town, cookies: BTreeMap::new(), language: "en" };
    assert!(!public.get(&page).1.contains(first.as_str()), "who waits is nobody's business");
    window::set_password(&town.house.registry, "hand", PASSWORD, town.hand).unwrap().unwrap();
    let own = text_of(&sign_in(&town, "hand", "zh-CN").get(&page).1);
    assert!(own.contains("候补名单") && own.contains("候补第 1 位"), "{own}");
    // Without the third alone, the first is still beaten for its need; without both it is next.
    let decline = json!({ "verb": "decline", "reason": "the line was sold" });
    ask(&town, "project", Some(project_of(&town, third)), decline.clone());
    ask(&town, "project", Some(project_of(&town, second)), decline);
    let html = joint.get(&page).1;
    let text = text_of(&html);
    assert!(text.contains("Awards that came to nothing") && text.contains("declined"), "{text}");
    let link = html.split(&format!("href=\"{page}/move-up?candidate={first}")).nth(1).unwrap();
    let query = link.split('"').next().unwrap().replace("&amp;", "&");
    let form = format!("{page}/move-up?candidate={first}{query}");
    let shown = joint.get(&form).1;
    assert!(shown.contains(first.as_str()) && shown.contains("projects.2"), "the form is filled in");
    adopt_like(&town, &joint, &form);
    agree(&town);
    let text = text_of(&joint.get(&page).1);
    assert!(text.contains("moved up from the reserve"), "{text}");
    assert!(names_row(&joint.get(&page).1, "in-table", first));
    assert!(names_row(&public.get(&page).1, "in-table", first), "a notice of its own makes it public");
    awarded(&town, &page);
    let look = town.house.registry.look(Some(town.officer)).unwrap();
    let status = |id: Id| look.record(id).unwrap().unwrap().card.status;
    assert_eq!([first, project_of(&town, first)].map(status), ["selected", "plan"]);
    let allocation: Id = page.rsplit('/').next().unwrap().parse().unwrap();
    assert_eq!(look.record(allocation).unwrap().unwrap().card.status, "awarded");
    if let Ok(folder) = std::env::var("KECHUANG_PAGES") {
        std::fs::write(format!("{folder}/moved.html"), joint.get(&page).1).unwrap();
    }
}

/// Sends the form of an address with everything that stands in it, and the minutes.
fn adopt_like(town: &Joint, joint: &Browser, form: &str) {
    let html = joint.get(form).1;
    let action = form.split('?').next().unwrap();
    let hidden = ["csrf", "key", "seen"].map(|name| (name.to_owned(), value_of(&html, name).to_owned()));
    let mut fields: BTreeMap<String, String> = hidden.into();
    let query = form.split('?').nth(1).unwrap().split('&').filter_map(|pair| pair.split_once('='));
    fields.extend(query.map(|(name, value)| (name.to_owned(), value.to_owned())));
    fields.insert("contact.en".into(), "joint office".into());
    let minutes = ("minutes.pdf".to_owned(), b"%PDF-1.7 minutes of the second meeting".to_vec());
    let uploads = BTreeMap::from([("minutes".to_owned(), minutes)]);
    let sent = Visit { is_post: true, form: fields, uploads, ..joint.visit(action) };
    location(&answer(&town.house, &sent));
}

#[test]
fn a_call_is_drafted_like_an_earlier_one_with_everything_but_its_days() {
    let town = town();
    let offices = ["programme-office"];
    let (office, second) =
        (judged::officer(&town, "office", &offices), judged::officer(&town, "second", &offices));
    let earlier = judged::call(&town, (office, second));
    let visitor = sign_in(&town, "office", "en");
    let page = visitor.get(&format!("/call/{earlier}")).1;
    let link = format!("/call/new/draft?like={earlier}");
    assert!(page.contains(&link), "{}", text_of(&page));
    let form = visitor.get(&link).1;
    let look = town.house.registry.look(Some(office)).unwrap();
    let guide = look.record(earlier).unwrap().unwrap().state["guide"].clone();
    let title = guide["title"]["en"].as_str().unwrap();
    assert!(
        form.contains(&format!("value=\"{title}\"")) && form.contains("name=\"topics.1.code\""),
        "{form}"
    );
    assert!(form.contains(guide["programme"].as_str().unwrap()) && form.contains("2000000"));
    for moment in ["opens", "closes"] {
        let field = form.split(&format!("name=\"{moment}\"")).nth(1).unwrap().split('>').next().unwrap();
        assert!(!field.contains("value=\"2"), "{moment} is set anew: {field}");
    }
    // Whoever may not see a record takes nothing over from it.
    assert_eq!(visitor.get("/call/new/draft?like=call-unknown").0, 404);
}
