//! Alike: an officer has the house look for works like an application, lays some beside it and decides, all by pages. The
//! applicant learns that a check waits and how it was decided, never with whom; the other applicant learns nothing.

use super::{
    judged::{HOUR, application, ask, call, later, officer, someone},
    *,
};

/// Two applications of two universities, written in nearly the same words; both are formally in order.
fn two_alike(town: &Town) -> [Id; 2] {
    let offices = ["programme-office"];
    let (office, second) = (officer(town, "office", &offices), officer(town, "second", &offices));
    let call = call(town, (office, second));
    later(town, 24 * HOUR);
    let teams = ["ann", "ben"].map(|login| someone(town, login, "university", "310115"));
    let both = [(teams[0], "deep sea sound"), (teams[1], "tidal glass")]
        .map(|(team, title)| application(town, call, team, title));
    later(town, 20 * 24 * HOUR);
    for application in both {
        ask(
            town,
            office,
            "application",
            Some(application),
            json!({ "verb": "check-formally", "passed": true }),
        );
    }
    both
}

#[test]
fn an_officer_finds_what_is_alike_lays_it_side_by_side_and_decides() {
    let town = town();
    let [ours, other] = two_alike(&town);
    let office = sign_in(&town, "office", "en");
    let page = format!("/application/{ours}");
    let search = format!("{page}?alike=yes");
    assert!(office.get(&page).1.contains(&format!("href=\"{search}#alike\"")), "the way to the search");
    let found = office.get(&search).1;
    let row = found.split("id=\"alike-table-caption\"").nth(1).unwrap().split("</table>").next().unwrap();
    assert!(
        row.contains(other.as_str()) && row.contains("tidal glass") && !row.contains(ours.as_str()),
        "{row}"
    );

    let (first, with) = (ours.to_string(), other.to_string());
    let nothing = office.send(&search, "/comparison/new/open", &[("application", &first)]);
    assert!(nothing.status != 303, "nothing is laid beside nothing");
    let itself = [("application", first.as_str()), ("with.1", first.as_str())];
    assert!(office.send(&search, "/comparison/new/open", &itself).status != 303, "nor beside itself");
    let open = [("application", first.as_str()), ("with.1", with.as_str())];
    let to = location(&office.send(&search, "/comparison/new/open", &open));
    let comparison = to.split(['?', '#']).next().unwrap().to_owned();
    assert!(comparison.starts_with("/comparison/comparison-"), "{to}");
    let shown = office.get(&comparison).1;
    assert!(
        shown.contains("tidal glass") && text_of(&shown).contains("waits for a decision"),
        "{}",
        text_of(&shown)
    );
    assert!(office.get("/inbox").1.contains(&comparison), "it waits for the office");

    nobody_else_learns_with_whom(&town, (&page, &comparison), &with);
    decided_by_a_person(&town, &comparison);
    let told = sign_in(&town, "ann", "en").get(&page).1;
    assert!(text_of(&told).contains("Formally in order") && !told.contains(&with), "{}", text_of(&told));
    nobody_else_learns_with_whom(&town, (&page, &comparison), &with);
}

/// By the page, the lists, the program's way in: the comparison is not there, and the other work stands nowhere.
fn nobody_else_learns_with_whom(town: &Town, (page, comparison): (&str, &str), with: &str) {
    let applicant = sign_in(town, "ann", "en");
    let own = applicant.get(page).1;
    assert!(
        !own.contains(with) && !own.contains("tidal glass") && !own.contains(comparison),
        "{}",
        text_of(&own)
    );
    let rival = sign_in(town, "ben", "en");
    let theirs = rival.get(&format!("/application/{with}")).1;
    assert!(!theirs.contains("deep sea sound") && !theirs.contains(comparison), "{}", text_of(&theirs));
    assert!(text_of(&theirs).contains("Formally in order"), "nothing changed for the other");
    for visitor in [&applicant, &rival, &sign_in(town, "firm", "en")] {
        assert_eq!(
            [comparison.to_owned(), format!("{comparison}/decide")].map(|path| visitor.get(&path).0),
            [404; 2]
        );
        assert!(!visitor.get("/comparison").1.contains(comparison));
        assert!(
            !visitor.get("/api/v1/comparison").1.contains("comparison-"),
            "lists are made from what may be seen"
        );
    }
}

/// Not without a reason, and once.
fn decided_by_a_person(town: &Town, comparison: &str) {
    let office = sign_in(town, "office", "en");
    let form = format!("{comparison}/decide");
    let without = office.send(&form, &form, &[("duplicate", "no")]);
    assert_eq!(without.status, 400, "a reason is owed");
    let said = [("duplicate", "no"), ("reason", "only the array is the same")];
    location(&office.send(&form, &form, &said));
    let shown = office.get(comparison).1;
    assert!(
        text_of(&shown).contains("found different") && shown.contains("only the array is the same"),
        "{}",
        text_of(&shown)
    );
    assert!(!office.get("/inbox").1.contains(comparison), "nothing waits any more");
    let again = office.send(comparison, &form, &said);
    assert!(again.status != 303, "decided once");
}
