//! A unit wants to buy what others share nearby: the page names it, the review refuses the purchase and gives a budget for using it.

use super::{
    judged::officer,
    sharing::{first_free, instrument, using},
    *,
};

const PROPOSE: &str = "/purchase/new/propose";

fn typed<'a>(unit: &'a str, category: &'a str) -> Vec<(&'a str, &'a str)> {
    vec![
        ("name.zh", "电镜"),
        ("name.en", "Electron microscope for batteries"),
        ("category", category),
        ("unit", unit),
        ("region", "310115"),
        ("value", "600万"),
        ("need", "imaging of battery materials"),
        ("promise.feasibility", "open four days a week"),
        ("promise.outside_hours", "800"),
        ("promise.scope", "everyone"),
        ("promise.way", "bookings here"),
        ("no_secrets", "yes"),
    ]
}

#[test]
fn what_is_shared_nearby_is_named_before_it_is_bought_again() {
    let town = town();
    let keeper = sign_in(&town, "scientist", "en");
    let microscope = instrument(&town, &keeper);
    let id = microscope.rsplit('/').next().unwrap();
    let (firm, unit) = (sign_in(&town, "firm", "en"), town.firm.to_string());
    for login in ["first", "second"] {
        officer(&town, login, &["instrument-office"]);
    }

    let other = location(&firm.send(PROPOSE, PROPOSE, &typed(&unit, "laser")));
    let page = text_of(&firm.get(&other).1);
    assert!(page.contains("No instrument of the same category or field is open"), "{page}");

    // The unit is named by its title.
    let made = location(&firm.send(PROPOSE, PROPOSE, &typed("Sample Firm", "analysis")));
    let at = made.split('?').next().unwrap();
    let page = firm.get(at).1;
    let text = text_of(&page);
    assert!(page.contains(&microscope) && text.contains("200 an hour"), "{text}");
    assert!(text.contains("Waits for the instrument office: Record the review"), "{text}");
    assert!(!text.contains("naming these"), "only the office reviews");

    let officer = sign_in(&town, "first", "en");
    let page = officer.get(at).1;
    assert!(text_of(&page).contains("Your turn: Record the review"), "{}", text_of(&page));
    let review = format!("{at}/review?equivalents.1={id}");
    assert!(page.contains(&review), "{}", text_of(&page));
    assert!(officer.get(&review).1.contains(id), "the form names it");
    let found = [
        ("equivalents.1", id),
        ("they_meet_the_need", "yes"),
        ("opinion", "the microscope of the institute does it"),
        ("use_budget", "5万"),
    ];
    let action = format!("{at}/review");
    let no_budget = officer.send(&review, &action, &found[..3]);
    assert_eq!(no_budget.status, 422);
    location(&officer.send(&review, &action, &found));
    let second = sign_in(&town, "second", "en");
    let inbox = second.get("/inbox").1;
    let agree = inbox.split("action=\"").find(|rest| rest.contains("/agree\"")).unwrap();
    location(&second.send("/inbox", agree.split('"').next().unwrap(), &[]));

    let page = firm.get(at).1;
    let text = text_of(&page);
    assert!(
        text.contains("refused, use others' now") && text.contains("Budget for using them: ¥50,000"),
        "{text}"
    );
    assert!(page.contains(&microscope), "{text}");
}

#[test]
fn a_new_instrument_says_that_its_terms_are_still_to_be_set() {
    let town = town();
    let keeper = sign_in(&town, "scientist", "en");
    let unit = town.institute.to_string();
    let entry = super::sharing::entry(&unit);
    let made = location(&keeper.send("/instrument/new/report", "/instrument/new/report", &entry));
    let at = made.split('?').next().unwrap();
    let text = text_of(&keeper.get(at).1);
    assert!(text.contains("It cannot be booked yet") && text.contains("Tablet"), "{text}");
    assert!(!text_of(&sign_in(&town, "firm", "en").get(at).1).contains("It cannot be booked yet"));
    // People are suggested from one's own organisation first, oneself before all.
    let form = keeper.get("/training/new/announce").1;
    let people = form.split("<datalist").find(|list| list.contains("value=\"person-")).unwrap();
    let first = people.split("<option").nth(1).unwrap();
    assert!(first.contains("scientist"), "{first}");
    let action = format!("{at}/set-using");
    let whole: Vec<(&str, &str)> = using("200")
        .into_iter()
        .map(|(field, value)| if field.ends_with("weekday") { (field, "workdays") } else { (field, value) })
        .collect();
    location(&keeper.send(&action, &action, &whole));
    let text = text_of(&keeper.get(at).1);
    assert!(!text.contains("It cannot be booked yet") && text.contains("Mon–Fri 09:00–12:00"), "{text}");

    let free = first_free(&keeper.get(&format!("{at}/calendar")).1);
    let form = keeper.get(&free).1;
    let close = form.split('"').find(|part| part.contains("/close?times.from=")).unwrap();
    let form = keeper.get(&close.replace("&amp;", "&")).1;
    assert!(form.contains("value=\"2026-03-02T"), "the times are there: {}", text_of(&form));
    assert!(!sign_in(&town, "firm", "en").get(&free).1.contains("/close?times.from="));
}
