//! Samples go from a firm to an instrument and their rest comes back; at each step the inbox of whoever is next knows.

use super::{
    sharing::{book, first_free, instrument, using},
    *,
};

/// What is typed to declare six samples of a booking, with these hazards.
fn declared<'a>(booking: &'a str, instrument: &'a str, hazards: &[&'a str]) -> Vec<(&'a str, &'a str)> {
    let names = ["hazards.1", "hazards.2", "hazards.3"];
    let mut typed = vec![
        ("booking", booking),
        ("instrument", instrument),
        ("what", "cathode powder"),
        ("count", "6"),
        ("marks", "A1 to A6"),
        ("handling", "gloves, in the hood"),
        ("storage", "dry"),
        ("rest", "send-back"),
        ("back_to", "Sample Firm, Road 1"),
        ("is_complete", "yes"),
    ];
    typed.extend(names.iter().zip(hazards).map(|(name, hazard)| (*name, *hazard)));
    typed
}

/// Whether the inbox of someone who signs in anew has this step of these samples.
fn waits(town: &Town, login: &str, samples: &str, verb: &str) -> bool {
    let page = sign_in(town, login, "en").get("/inbox").1;
    let lists = page.split("<ol class=\"inbox\"").skip(1).filter_map(|list| list.split("</ol>").next());
    lists.flat_map(|list| list.split("<li").skip(1)).any(|line| line.contains(samples) && line.contains(verb))
}

/// A booking at an instrument that takes what is irritant or flammable and nothing else; and both their names.
fn booked(town: &Town) -> (String, String) {
    let (keeper, firm) = (sign_in(town, "scientist", "en"), sign_in(town, "firm", "en"));
    let at = instrument(town, &keeper);
    let set = format!("{at}/set-using");
    let terms = [
        ("using.hazards.1", "irritant"),
        ("using.hazards.2", "flammable"),
        ("using.only_these_hazards", "yes"),
    ];
    let terms: Vec<(&str, &str)> = using("200").into_iter().chain(terms).collect();
    location(&keeper.send(&set, &set, &terms));
    let booking = book(&firm, &town.firm.to_string(), &first_free(&firm.get(&format!("{at}/calendar")).1));
    (booking, at)
}

#[test]
fn samples_are_declared_accepted_sent_taken_in_and_their_rest_comes_back() {
    let town = town();
    let (booking, at) = booked(&town);
    let name = |at: &str| at.rsplit('/').next().unwrap().to_owned();
    let (booking_id, instrument_id) = (name(&booking), name(&at));
    let firm = sign_in(&town, "firm", "en");
    let page = firm.get(&booking).1;
    let form = format!("/sample/new/declare?booking={booking_id}&amp;instrument={instrument_id}");
    assert!(page.contains(&form), "the booking leads to it: {}", text_of(&page));
    let new = "/sample/new/declare";
    let toxic = firm.send(new, new, &declared(&booking_id, &instrument_id, &["acutely-toxic"]));
    let said = text_of(&String::from_utf8_lossy(&toxic.body));
    assert!(toxic.status == 422 && said.contains("takes no samples with the hazard"), "{said}");
    let made = firm.send(new, new, &declared(&booking_id, &instrument_id, &["flammable", "irritant"]));
    let samples = location(&made).split('?').next().unwrap().to_owned();
    assert!(firm.get(&booking).1.contains(&samples), "the booking names them");

    let public = Browser { town: &town, cookies: BTreeMap::new(), language: "en" };
    for closed in [&samples, &format!("{samples}/label")] {
        assert_eq!(public.get(closed).0, 404, "{closed} is for the two sides");
    }
    let does = |login: &str, verb: &str, typed: &[(&str, &str)]| {
        let who = sign_in(&town, login, "en");
        who.send(&samples, &format!("{samples}/{verb}"), typed)
    };
    assert!(waits(&town, "scientist", &samples, "Accept the samples"));
    location(&does("scientist", "accept", &[("note", "ring at the gate")]));
    assert!(!waits(&town, "scientist", &samples, "Accept") && waits(&town, "firm", &samples, "Send"));

    let label = firm.get(&format!("{samples}/label")).1;
    let code = name(&samples).chars().skip("sample-".len()).take(6).collect::<String>().to_uppercase();
    for told in ["<svg", &code, "GHS02", "Dry", "A1 to A6", "Sample Institute", "gloves"] {
        assert!(label.contains(told), "{told}: {}", text_of(&label));
    }
    let go = |carriage: &'static str| [("carriage", carriage), ("carrier", "SF"), ("tracking", "SF123")];
    let posted = does("firm", "send", &go("post"));
    let said = String::from_utf8_lossy(&posted.body).into_owned();
    assert!(posted.status == 422 && said.contains("may not be sent by post"), "{}", text_of(&said));
    assert!(said.contains("禁止寄递物品管理规定"), "the article stands beside it: {}", text_of(&said));
    location(&does("firm", "send", &go("licensed-carrier")));
    assert!(waits(&town, "scientist", &samples, "Take in"));

    let day = text_of(&sign_in(&town, "scientist", "en").get("/keeper").1);
    assert!(day.contains("cathode powder") && day.contains("on the way"), "{day}");
    let spilt = [("condition", "leaking"), ("counted", "6")];
    assert_eq!(does("scientist", "receive", &spilt).status, 422, "what leaked is said");
    let came = [spilt[0], spilt[1], ("note", "one lid is loose")];
    location(&does("scientist", "receive", &came));
    assert!(waits(&town, "scientist", &samples, "Begin work"));
    location(&does("scientist", "begin", &[]));
    assert!(waits(&town, "scientist", &samples, "Work is done"));
    location(&does("scientist", "finish", &[("left", "4")]));
    assert!(waits(&town, "scientist", &samples, "Send the rest back"));
    assert_eq!(does("scientist", "destroy", &[("how", "burnt")]).status, 422, "they are to come back");
    location(&does("scientist", "send-back", &go("licensed-carrier")));
    assert!(waits(&town, "firm", &samples, "Confirm that they are back"));
    location(&does("firm", "take-back", &[]));
    for login in ["firm", "scientist"] {
        assert!(!sign_in(&town, login, "en").get("/inbox").1.contains(&samples), "nothing is left to do");
    }
    let told = text_of(&firm.get(&samples).1);
    for line in ["Leaking", "one lid is loose", "SF123", "back with the sender"] {
        assert!(told.contains(line), "{line}: {told}");
    }
}
