//! A firm announces who comes to a laboratory; they are accepted, told how to be safe, signed in at the door, counted with whoever sits
//! at a booking, and signed out; and nobody begins alone where nobody else is.

use super::{
    access::{at, between},
    money::officer,
    sharing::{book, entry, first_free, instrument, using},
    *,
};

/// A laboratory that the institute leads, for so many at once, with safety notes. Gives its name.
fn laboratory(town: &Town, keeper: &Browser, most: &str) -> String {
    officer(town, "catalogue", &["laboratory-office"], "310000");
    let office = sign_in(town, "catalogue", "en");
    let lead = town.institute.to_string();
    let entry = [
        ("platform_no", "L-1"),
        ("name.zh", "示例实验室"),
        ("name.en", "Sample Laboratory"),
        ("kind", "municipal-key-laboratory"),
        ("tier", "provincial"),
        ("field", "new-materials"),
        ("region", "310115"),
        ("lead", &lead),
    ];
    let made = location(&office.send("/laboratory/new/enrol", "/laboratory/new/enrol", &entry));
    let laboratory = made.split('?').next().unwrap().to_owned();
    for (verb, typed) in [
        ("set-occupancy", vec![("most", most)]),
        ("set-safety", vec![("notes.zh", "佩戴护目镜"), ("notes.en", "Wear goggles")]),
    ] {
        let action = format!("{laboratory}/{verb}");
        location(&keeper.send(&action, &action, &typed));
    }
    laboratory.rsplit('/').next().unwrap().to_owned()
}

fn announced(firm: &Browser, laboratory: &str, more: &[(&str, &str)]) -> Reply {
    let (page, visiting) = (format!("/laboratory/{laboratory}"), firm.town.firm.to_string());
    let form = format!("/visit/new/announce?laboratory={laboratory}&amp;visiting={visiting}");
    assert!(firm.get(&page).1.contains(&form), "the laboratory leads to it: {}", text_of(&firm.get(&page).1));
    let mut typed = BTreeMap::from([
        ("laboratory", laboratory),
        ("visiting", visiting.as_str()),
        ("purpose", "to adjust the stage"),
        ("from", "2026-03-03T09:00"),
        ("until", "2026-03-03T18:00"),
        ("visitors.1.name", "赵访客"),
        ("visitors.2.name", "钱访客"),
    ]);
    typed.extend(more.iter().copied());
    let typed: Vec<(&str, &str)> = typed.into_iter().filter(|(_, value)| !value.is_empty()).collect();
    firm.send("/visit/new/announce", "/visit/new/announce", &typed)
}

fn said(reply: &Reply) -> String {
    text_of(&String::from_utf8_lossy(&reply.body))
}

/// The short code of a visit, as its page shows it.
fn code(visit: &str) -> String {
    visit.rsplit('-').next().unwrap().chars().take(6).collect::<String>().to_uppercase()
}

/// Types a code at the door.
fn door(keeper: &Browser, laboratory: &str, code: &str) -> Reply {
    let page = format!("/visits/{laboratory}");
    keeper.send(&page, &page, &[("code", code)])
}

/// Announced, refused where it makes no sense, accepted by who hosts them, and the notes confirmed. Gives the visit's address.
fn accepted(town: &Town, laboratory: &str) -> String {
    let (keeper, firm) = (sign_in(town, "scientist", "en"), sign_in(town, "firm", "en"));
    for (more, wanted) in [
        (("from", "2026-03-01T09:00"), "is past"),
        (("until", "2026-04-20T09:00"), "at most 31 days"),
        (("visitors.1.name", ""), "Please fill this in"),
        (("visiting", town.institute.to_string().as_str()), ""),
    ] {
        let nobody = if more.0.starts_with("visitors") { ("visitors.2.name", "") } else { more };
        let reply = announced(&firm, laboratory, &[more, nobody]);
        assert!(
            reply.status >= 400 && said(&reply).contains(wanted),
            "{wanted}: {} {}",
            reply.status,
            said(&reply)
        );
    }
    let visit = location(&announced(&firm, laboratory, &[])).split('?').next().unwrap().to_owned();
    assert!(sign_in(town, "scientist", "en").get("/inbox").1.contains(&visit), "the laboratory is to answer");
    let page = keeper.get(&visit).1;
    let host = between(&page, "/accept?host=", "\"").to_owned();
    let accept = format!("{visit}/accept");
    let stranger = between(&firm.get("/account").1, "/person/", "\"").to_owned();
    let wrong = keeper.send(&accept, &accept, &[("host", &stranger)]);
    assert!(said(&wrong).contains("someone of the laboratory's lead unit"), "{}", said(&wrong));
    location(&keeper.send(&accept, &accept, &[("host", &host), ("conditions", "closed shoes")]));
    visit
}

#[test]
fn visitors_are_announced_accepted_told_signed_in_and_out() {
    let town = town();
    let keeper = sign_in(&town, "scientist", "en");
    let laboratory = laboratory(&town, &keeper, "3");
    let visit = accepted(&town, &laboratory);
    let public = Browser { town: &town, cookies: BTreeMap::new(), language: "en" };
    assert_eq!(public.get(&visit).0, 404, "who comes is for the two sides");
    let firm = sign_in(&town, "firm", "en");
    assert_eq!(firm.get(&format!("/visits/{laboratory}")).0, 404, "the door list is for the lead unit");
    assert!(firm.get("/inbox").1.contains(&visit), "the notes are to be confirmed");

    at(&town, "2026-03-03T09:00");
    let (keeper, firm) = (sign_in(&town, "scientist", "en"), sign_in(&town, "firm", "zh-CN"));
    let short = code(&visit);
    let first = format!("{short}-1");
    let early = door(&keeper, &laboratory, &first);
    assert!(
        early.status == 422 && said(&early).contains("has not confirmed the safety notes"),
        "{}",
        said(&early)
    );
    let own = text_of(&firm.get(&visit).1);
    for told in ["佩戴护目镜", "赵访客", "钱访客", &first, "来访单位确认后才能进入"] {
        assert!(own.contains(told), "{told}: {own}");
    }
    let confirm = format!("{visit}/confirm-safety");
    location(&firm.send(&visit, &confirm, &[("laboratory", &laboratory), ("version", "1")]));
    assert!(text_of(&firm.get(&visit).1).contains("已确认第 1 版"));
    assert_eq!(said(&door(&keeper, &laboratory, &first)).matches("Signed in").count(), 1);
    let unknown = door(&keeper, &laboratory, &format!("{short}-7"));
    assert!(
        unknown.status == 422 && said(&unknown).contains("No visitor has this code"),
        "{}",
        said(&unknown)
    );
    let list = text_of(&keeper.get(&format!("/visits/{laboratory}")).1);
    assert!(
        list.contains("1 inside, 1 still expected today") && list.contains("1 counted inside, at most 3"),
        "{list}"
    );
    let paper = text_of(&keeper.get(&format!("/visits/{laboratory}/inside")).1);
    assert!(
        paper.contains("赵访客") && !paper.contains("钱访客") && paper.contains("Sample Firm"),
        "{paper}"
    );

    // The notes change: whoever is still outside is told again first.
    let set = format!("/laboratory/{laboratory}/set-safety");
    location(&keeper.send(&set, &set, &[("notes.en", "Wear goggles and gloves")]));
    let second = door(&keeper, &laboratory, &format!("{short}-2"));
    assert!(said(&second).contains("now version 2"), "{}", said(&second));
    assert!(said(&door(&keeper, &laboratory, &first)).contains("Signed out"));
    at(&town, "2026-03-03T18:01");
    let firm = sign_in(&town, "firm", "en");
    assert!(text_of(&firm.get(&visit).1).contains("over"));
    at(&town, "2026-04-04T00:01");
    let firm = sign_in(&town, "firm", "en");
    let own = text_of(&firm.get(&visit).1);
    assert!(!own.contains("赵访客") && own.contains("name kept no longer"), "{own}");
    assert!(!firm.get("/my/data").1.contains("赵访客"), "and the house has it nowhere");
}

/// The keeper's instrument stands in the laboratory, and has staff in the morning of Tuesday alone.
fn staffed(town: &Town, keeper: &Browser, laboratory: &str, staffed: &[(&str, &str)]) -> String {
    let made = instrument(town, keeper);
    let unit = town.institute.to_string();
    let amend = format!("{made}/amend");
    let amended: Vec<(&str, &str)> = entry(&unit).into_iter().chain([("laboratory", laboratory)]).collect();
    location(&keeper.send(&amend, &amend, &amended));
    let set = format!("{made}/set-using");
    let terms: Vec<(&str, &str)> = using("200").into_iter().chain(staffed.iter().copied()).collect();
    location(&keeper.send(&set, &set, &terms));
    made
}

#[test]
fn nobody_begins_alone_and_whoever_visits_for_it_is_counted_once() {
    let town = town();
    let keeper = sign_in(&town, "scientist", "en");
    let laboratory = laboratory(&town, &keeper, "2");
    let hours = [
        ("using.staffed.1.weekday", "tuesday"),
        ("using.staffed.1.opens", "10:00"),
        ("using.staffed.1.shuts", "12:00"),
    ];
    let made = staffed(&town, &keeper, &laboratory, &hours);
    let id = made.rsplit('/').next().unwrap().to_owned();
    let firm = sign_in(&town, "firm", "en");
    let link = first_free(&firm.get(&format!("{made}/calendar")).1);
    let other = between(&keeper.get("/account").1, "/person/", "\"").to_owned();
    let link = format!("{link}&companion={other}");
    let booking = book(&firm, &town.firm.to_string(), &link);
    let booking_id = booking.rsplit('/').next().unwrap().to_owned();
    let page = firm.get(&booking).1;
    assert!(page.contains(&format!("/visit/new/announce?booking={booking_id}")), "{}", text_of(&page));
    let visit =
        location(&announced(&firm, &laboratory, &[("booking", &booking_id), ("visitors.2.name", "")]));
    let visit = visit.split('?').next().unwrap().to_owned();
    let page = keeper.get(&visit).1;
    let host = between(&page, "/accept?host=", "\"").to_owned();
    let accept = format!("{visit}/accept");
    location(&keeper.send(&accept, &accept, &[("host", &host)]));
    let confirm = format!("{visit}/confirm-safety");
    location(&firm.send(&visit, &confirm, &[("laboratory", &laboratory), ("version", "1")]));

    at(&town, "2026-03-03T09:00");
    let (keeper, firm) = (sign_in(&town, "scientist", "en"), sign_in(&town, "firm", "en"));
    assert_eq!(door(&keeper, &laboratory, &code(&visit)).status, 200, "whoever comes alone needs no number");
    let start = format!("{booking}/start");
    let alone = keeper.send(&start, &start, &[("instrument", &id), ("code", "-")]);
    assert!(alone.status == 422 && said(&alone).contains("nobody works alone"), "{}", said(&alone));
    let own = keeper.send(&start, &start, &[("instrument", &id), ("code", "-"), ("with_companion", "yes")]);
    assert!(said(&own).contains("someone else than you"), "{}", said(&own));
    let me = between(&firm.get("/account").1, "/person/", "\"").to_owned();
    let with = [("instrument", id.as_str()), ("code", "-"), ("with_companion", "yes"), ("companion", &me)];
    location(&keeper.send(&start, &start, &with));
    let list = text_of(&keeper.get(&format!("/visits/{laboratory}")).1);
    assert!(list.contains("2 counted inside, at most 2"), "one visits and sits, one is there too: {list}");
    let paper = text_of(&keeper.get(&format!("/visits/{laboratory}/inside")).1);
    assert!(paper.contains("赵访客") && paper.contains("Electron microscope"), "{paper}");
    let late = location(&announced(&firm, &laboratory, &[])).split('?').next().unwrap().to_owned();
    let accept = format!("{late}/accept");
    location(&keeper.send(&accept, &accept, &[("host", &host)]));
    let confirm = format!("{late}/confirm-safety");
    location(&firm.send(&late, &confirm, &[("laboratory", &laboratory), ("version", "1")]));
    let full = door(&keeper, &laboratory, &format!("{}-1", code(&late)));
    assert!(
        full.status == 422 && said(&full).contains("2 people are inside, at most 2 may be"),
        "{}",
        said(&full)
    );
}
