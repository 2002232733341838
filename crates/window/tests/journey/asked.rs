//! What a keeper asks stands in the booking form as fields of their kind; what is wrong stands beside its question; answers are
//! read by both sides, those about a person lie outside the log. And several at once at one instrument.

use super::{
    sharing::{book, first_free, instrument, using},
    *,
};

/// The pairs of a link to the booking form, with who books and that nothing is secret.
fn typed<'a>(link: &'a str, buyer: &'a str) -> Vec<(&'a str, &'a str)> {
    let named = link.split('?').nth(1).unwrap().split('&').filter_map(|pair| pair.split_once('='));
    named.chain([("buyer", buyer), ("detail", "two samples"), ("no_secrets", "yes")]).collect()
}

const QUESTIONS: [(&str, &str); 19] = [
    ("questions.1.question.en", "Voltage"),
    ("questions.1.asked", "at-booking"),
    ("questions.1.answered_by", "number"),
    ("questions.1.is_needed", "yes"),
    ("questions.1.least", "1"),
    ("questions.1.most", "200"),
    ("questions.1.measure", "kV"),
    ("questions.2.question.en", "Coating"),
    ("questions.2.asked", "at-booking"),
    ("questions.2.answered_by", "one-of"),
    ("questions.2.choices.1.zh", "金"),
    ("questions.2.choices.1.en", "gold"),
    ("questions.2.choices.2.en", "carbon"),
    ("questions.3.question.en", "Call in an emergency"),
    ("questions.3.asked", "at-booking"),
    ("questions.3.answered_by", "words"),
    ("questions.3.is_personal", "yes"),
    ("questions.4.question.en", "Was it clean"),
    ("questions.4.asked", "at-end"),
];

#[test]
fn a_keepers_questions_are_fields_and_what_is_wrong_stands_beside_them() {
    let town = town();
    let (keeper, firm) = (sign_in(&town, "scientist", "en"), sign_in(&town, "firm", "en"));
    let public = Browser { town: &town, cookies: BTreeMap::new(), language: "en" };
    let at = instrument(&town, &keeper);
    let action = format!("{at}/set-questions");
    let all = QUESTIONS
        .into_iter()
        .chain([("questions.4.answered_by", "yes-or-no"), ("questions.4.is_needed", "yes")]);
    let all: Vec<(&str, &str)> = all.collect();
    let bad: Vec<(&str, &str)> =
        all.iter().copied().filter(|(name, _)| !name.contains("choices.2")).collect();
    let refused = keeper.send(&action, &action, &bad);
    let page = String::from_utf8(refused.body).unwrap();
    assert!(refused.status == 422 && page.contains("f-questions.2-error"), "{}", text_of(&page));
    location(&keeper.send(&action, &action, &all));
    assert!(text_of(&public.get(&at).1).contains("Voltage (kV)"));

    let (link, buyer) = (first_free(&firm.get(&format!("{at}/calendar")).1), town.firm.to_string());
    let form = firm.get(&link).1;
    assert!(form.contains("name=\"answers.1.text\"") && form.contains("name=\"answers.3.personal\""));
    assert!(form.contains("1 – 200 kV") && !form.contains("Was it clean"), "that is asked at the end");
    let answers = |voltage| {
        let rows = [
            ("answers.1.question", "1"),
            ("answers.1.text", voltage),
            ("answers.2.question", "2"),
            ("answers.2.text", "金"),
        ];
        let personal = [("answers.3.question", "3"), ("answers.3.personal", "13800138000")];
        typed(&link, &buyer).into_iter().chain(rows).chain(personal).collect::<Vec<_>>()
    };
    for wrong in ["900", "", "high"] {
        let refused = firm.send(&link, "/booking/new/request", &answers(wrong));
        let page = String::from_utf8(refused.body).unwrap();
        assert_eq!(refused.status, 422, "{}", text_of(&page));
        assert!(page.contains("f-answers.1.text-error") && !page.contains("f-answers.2.text-error"));
        assert!(page.contains("value=\"13800138000\""), "what was typed stays");
    }
    let booking = location(&firm.send(&link, "/booking/new/request", &answers("120")));
    let booking = booking.split('?').next().unwrap().to_owned();
    for reader in [&firm, &keeper] {
        let text = text_of(&reader.get(&booking).1);
        assert!(text.contains("Voltage (kV)") && text.contains("120") && text.contains("gold"), "{text}");
        assert!(text.contains("13800138000"), "it was said for them");
    }
    let sheet = keeper.get("/booking/export.csv").1;
    assert!(sheet.contains("Voltage (kV): 120") && sheet.contains("138****8000"), "{sheet}");
    let case = keeper.get(&format!("{booking}/case.json")).1;
    assert!(case.contains("requested") && !case.contains("13800138000"));
    assert_eq!(public.get(&booking).0, 404);
    let again = format!("/booking/new/request?like={}", booking.rsplit('/').next().unwrap());
    let alike = firm.get(&again).1;
    assert!(alike.contains("value=\"120\"") && !alike.contains("13800138000"));

    it_ends(&town, (&at, &booking));
}

/// The use is over, the keeper is reminded, and answers for the user.
fn it_ends(town: &Town, (at, booking): (&str, &str)) {
    let nine: Moment = "2026-03-03T09:00".parse().unwrap();
    town.clock.0.store(nine.in_millis(), Ordering::Relaxed);
    let keeper = sign_in(town, "scientist", "en");
    let start = format!("{booking}/start");
    let named = at.rsplit('/').next().unwrap();
    location(&keeper.send(&start, &start, &[("instrument", named), ("code", "-")]));
    let day = keeper.get("/keeper").1;
    assert!(text_of(&day).contains("Voltage (kV)") && day.contains("3 answers"), "{}", text_of(&day));
    location(&keeper.send(booking, &format!("{booking}/stop"), &[]));
    let page = keeper.get(booking).1;
    assert!(text_of(&page).contains("Questions to answer") && page.contains(&format!("{booking}/answer")));
    let report = format!("{booking}/report");
    let early = keeper.send(&report, &report, &[("summary", "done")]);
    assert_eq!(early.status, 422, "{}", text_of(&String::from_utf8(early.body).unwrap()));
    let answer = format!("{booking}/answer");
    let page = keeper.get(&answer).1;
    // What was answered before stands folded over the form.
    let form = page.rsplit("</details>").next().unwrap();
    assert!(
        form.contains("Was it clean")
            && !form.contains("Voltage")
            && form.contains("name=\"answers.1.text\"")
    );
    location(&keeper.send(&answer, &answer, &[("answers.1.question", "4"), ("answers.1.text", "no")]));
    location(&keeper.send(&report, &report, &[("summary", "done")]));
    assert!(text_of(&keeper.get(booking).1).contains("13800138000"), "answers at booking stay");
}

#[test]
fn a_time_is_free_while_a_place_is_left() {
    let town = town();
    let (keeper, firm) = (sign_in(&town, "scientist", "en"), sign_in(&town, "firm", "en"));
    let public = Browser { town: &town, cookies: BTreeMap::new(), language: "en" };
    let at = instrument(&town, &keeper);
    let action = format!("{at}/set-using");
    let two: Vec<(&str, &str)> = using("200").into_iter().chain([("using.places", "2")]).collect();
    location(&keeper.send(&action, &action, &two));
    let (week, buyer) = (format!("{at}/calendar"), town.firm.to_string());
    let link = first_free(&firm.get(&week).1);
    let file = format!("/calendar/{}.ics", at.rsplit('/').next().unwrap());
    let one = book(&firm, &buyer, &link);
    let page = public.get(&week).1;
    assert!(text_of(&page).contains("1 of 2 taken") && !page.contains("Sample Firm"), "{}", text_of(&page));
    assert_eq!(first_free(&firm.get(&week).1), link, "there is room");
    assert!(public.get(&file).1.contains("TRANSP:TRANSPARENT"));
    assert!(!public.get(&format!("{file}?as=freebusy")).1.contains("\nFREEBUSY"), "one place is left");
    let two = book(&firm, &buyer, &link);
    let page = public.get(&week).1;
    assert!(text_of(&page).contains("2 of 2 taken") && !page.contains(&one) && !page.contains(&two));
    assert!(first_free(&firm.get("/free?day=2026-03-03").1).contains("T10:00"));
    assert!(public.get(&file).1.contains("SUMMARY:2 of 2 taken"));
    assert!(public.get(&format!("{file}?as=freebusy")).1.contains("\nFREEBUSY"));
    let third = firm.send(&link, "/booking/new/request", &typed(&link, &buyer));
    let told = String::from_utf8(third.body).unwrap();
    assert!(third.status == 422 && told.contains("All 2 places are taken"), "{}", text_of(&told));
    let day = keeper.get(&format!("{week}?day=2026-03-03&view=day")).1;
    assert!(day.contains(&one) && day.contains(&two) && text_of(&day).contains("Place 2"), "side by side");
}
