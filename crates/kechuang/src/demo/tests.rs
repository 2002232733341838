//! What the demo region promises, checked on a region founded in memory of a test.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{
        Arc,
        atomic::{AtomicI64, AtomicU64, Ordering},
    },
};

use grammar::kinds::{Id, Moment, Uscc};
use registry::{Chance, Clock, Filter, Listed, Registry, Settings};
use serde_json::json;
use tempfile::TempDir;
use window::visit::Visit;

use super::{StoryClock, Summary, found, names, texts};

mod conflicts;

/// 2 March 2026, eight in the morning in China.
const MORNING: i64 = 1_772_409_600_000;
const DAY: i64 = 86_400_000;

struct Hands(AtomicI64);
impl Clock for Hands {
    fn now(&self) -> Moment {
        Moment::from_millis(self.0.load(Ordering::Relaxed))
    }
}

pub struct Numbered(pub AtomicU64);
impl Chance for Numbered {
    fn bytes(&self) -> [u8; 32] {
        let mut bytes = [0; 32];
        let number = self.0.fetch_add(1, Ordering::Relaxed).to_be_bytes();
        bytes.iter_mut().zip(number).for_each(|(place, byte)| *place = byte);
        bytes
    }
}

struct Region {
    registry: Arc<Registry>,
    hands: Arc<Hands>,
    time: Arc<StoryClock>,
    _folder: TempDir,
}

/// An empty house that does not mark anything by itself: what is marked was marked by the founding.
fn empty() -> Region {
    let folder = TempDir::new().unwrap();
    let origin = "kechuang.example/demo".to_owned();
    let settings = Settings::new(folder.path(), origin);
    let hands = Arc::new(Hands(AtomicI64::new(MORNING)));
    let chance = Arc::new(Numbered(AtomicU64::new(1)));
    let time = Arc::new(StoryClock::begins(hands.clone()));
    let registry = Registry::open(settings, &desks::DESKS, time.clone(), chance).unwrap();
    Region { registry, hands, time, _folder: folder }
}

/// The auditor knows of no single review.
const NOTHING_YET: [&str; 1] = ["review"];

fn founded(region: &Region, scale: u32) -> Summary {
    found(&region.registry, &region.time, scale, &mut |_, _, _| {}).unwrap()
}

/// Every record of a desk that this person, or the public, may know of.
fn all(region: &Region, person: Option<Id>, desk: &str) -> Vec<Listed> {
    let look = region.registry.look(person).unwrap();
    let mut filter = Filter { desk: desk.into(), limit: 200, ..Filter::default() };
    let mut listed = Vec::new();
    loop {
        let page = look.list(&filter).unwrap();
        listed.extend(page.rows);
        filter.after = page.next;
        if filter.after.is_none() {
            return listed;
        }
    }
}

fn role(region: &Region, sign: &str) -> Id {
    let roles: Vec<(String, serde_json::Value)> = region.registry.kept_all("demo-role", "", 60).unwrap();
    let found = roles.iter().find(|(_, role)| role["sign"] == sign).unwrap();
    found.1["person"].as_str().unwrap().parse().unwrap()
}

fn tally<'a>(words: impl Iterator<Item = &'a str>) -> BTreeMap<&'a str, usize> {
    words.fold(BTreeMap::new(), |mut counts, word| {
        *counts.entry(word).or_default() += 1;
        counts
    })
}

#[test]
fn founding_twice_changes_nothing() {
    let region = empty();
    let first = founded(&region, 1);
    let (size, roles) = (region.registry.size(), role(&region, "企"));
    region.hands.0.fetch_add(3 * DAY, Ordering::Relaxed);
    let second = founded(&region, 1);
    assert_eq!(first.repeated, 0);
    assert_eq!(second, Summary { repeated: first.asked, ..first });
    assert_eq!((region.registry.size(), role(&region, "企")), (size, roles));
}

#[test]
fn a_larger_region_grows_out_of_a_smaller_one() {
    let region = empty();
    let (small, large) = (founded(&region, 1), founded(&region, 2));
    assert_eq!(large.repeated, small.asked);
    assert_eq!(large.achievements, 2 * small.achievements);
    assert_eq!((large.needs, large.laboratories), (small.needs + 26, 2 * small.laboratories));
    let fresh = empty();
    assert_eq!(founded(&fresh, 2), Summary { repeated: 0, ..large });
}

#[test]
fn the_numbers_are_as_promised() {
    let region = empty();
    let summary = founded(&region, 1);
    assert_eq!((summary.real_organisations, summary.real_laboratories), (507, 23));
    assert!(summary.achievements >= 120 && summary.instruments >= 150);
    assert_eq!(
        (summary.laboratories, summary.vouchers, summary.notices, summary.needs),
        (40, 210, 6, 28),
        "a hundred and fifty-two vouchers, and those of the new year that began within the story"
    );
    assert_eq!((summary.voucher_orders, summary.clearing_runs), (52, 2));
    assert_eq!((summary.settlements, summary.incidents, summary.chemicals), (1, 4, 13));
    assert!(summary.bookings >= 200, "{} bookings", summary.bookings);
    assert_eq!(summary.organisations, 4 + 60 + 20 + 12 + 8 + 36);
    let public = all(&region, None, "need");
    let fields = tally(public.iter().map(|need| need.card.field.as_deref().unwrap()));
    assert_eq!(
        (public.len(), fields["integrated-circuits"], fields["artificial-intelligence"]),
        (20, 8, 7),
        "the letter's first batch: {fields:?}"
    );
    let province = |need: &Listed| need.card.scope().province().number();
    let of = |code: u32| public.iter().filter(|need| province(need) == code).count();
    assert_eq!([310_000, 320_000, 330_000, 340_000].map(of), [8, 5, 5, 2]);
    let auditor = role(&region, "审");
    let needs = all(&region, Some(auditor), "need");
    let states = tally(needs.iter().map(|need| need.card.status.as_str()));
    for state in [
        "draft",
        "submitted",
        "returned",
        "screened",
        "condensed",
        "condensed-into",
        "confirmed",
        "matched",
        "unmatched",
    ] {
        assert!(states.contains_key(state), "no need is {state}");
    }
    let notices = all(&region, None, "notice");
    let states = tally(notices.iter().map(|notice| notice.card.status.as_str()));
    assert_eq!(states, BTreeMap::from([("concluded", 7), ("objected", 1), ("running", 4), ("withdrawn", 1)]));
    assert!(all(&region, None, "achievement").iter().filter(|a| a.card.status == "published").count() >= 120);
}

#[test]
fn the_letters_own_case_has_the_letters_own_numbers() {
    let region = empty();
    let summary = founded(&region, 1);
    assert_eq!((summary.solutions, summary.experts, summary.projects), (133, 60, 15));
    let auditor = Some(role(&region, "审"));
    let solutions = all(&region, auditor, "solution");
    let selected: Vec<&Listed> = solutions.iter().filter(|s| s.card.status == "selected").collect();
    assert_eq!((solutions.len(), selected.len()), (133, 15));
    let answered: BTreeSet<Id> = solutions.iter().map(|solution| solution.card.the("need")).collect();
    let chosen: BTreeSet<Id> = selected.iter().map(|solution| solution.card.the("need")).collect();
    assert_eq!((answered.len(), chosen.len()), (20, 15), "at most one for a need");
    let partners: BTreeSet<Id> = selected
        .iter()
        .flat_map(|s| s.card.holders("lead").chain(s.card.holders("partner")).collect::<Vec<_>>())
        .collect();
    assert!(partners.len() >= 41, "{} cooperating units", partners.len());
    let places: BTreeSet<u32> = all(&region, None, "organisation")
        .iter()
        .filter(|unit| partners.contains(&unit.id))
        .map(|unit| unit.card.scope().province().number())
        .collect();
    assert!([310_000, 320_000, 330_000, 340_000].iter().all(|province| places.contains(province)));
    let look = region.registry.look(auditor).unwrap();
    let panels = all(&region, auditor, "panel").into_iter();
    let states = panels.map(|panel| look.record(panel.id).unwrap().unwrap().state);
    // Those of the calls are small.
    let state = states.max_by_key(|state| state["seats"].as_array().unwrap().len()).unwrap();
    let seats = state["seats"].as_array().unwrap();
    let load = tally(seats.iter().map(|seat| seat["expert"].as_str().unwrap()));
    assert_eq!((seats.len(), state["taken"].as_array().unwrap().len()), (399, 399));
    assert!(load.len() == 60 && load.values().all(|load| (6..=7).contains(load)), "{load:?}");
}

#[test]
fn a_round_of_a_facility_has_its_line_its_reports_and_one_who_is_late() {
    let region = empty();
    founded(&region, 1);
    let auditor = Some(role(&region, "审"));
    let rounds = all(&region, None, "round");
    let states = tally(rounds.iter().map(|round| round.card.status.as_str()));
    assert_eq!(states, BTreeMap::from([("allocated", 1), ("open", 1)]));
    let last = rounds.iter().find(|round| round.card.status == "allocated").unwrap().id;
    let proposals = all(&region, auditor, "proposal");
    let of_last = proposals.iter().filter(|proposal| proposal.card.the("round") == last);
    let states = tally(of_last.map(|proposal| proposal.card.status.as_str()));
    let wants = [("evaluated", 4), ("offered", 1), ("overdue", 1), ("rejected", 1), ("scheduled", 2)];
    assert_eq!((proposals.len(), states), (11, BTreeMap::from(wants)));
    let look = region.registry.look(auditor).unwrap();
    let state = look.record(last).unwrap().unwrap().state;
    // Twenty shifts for general proposals at the first beamline, of which three were given eighteen, and one gave
    // three back: with the two that were left it is enough for the fourth.
    let line = &state["lines"][0];
    assert_eq!([&line["shifts"], &line["asked"], &line["given"]], [&json!(20), &json!(27), &json!(15)]);
    let low = state["outcomes"].as_array().unwrap().iter().filter(|one| one["is_low"] == true).count();
    let turn = &state["turns"][0];
    assert_eq!([&turn["shifts"], &turn["took"]], [&json!(5), &json!(null)]);
    assert_eq!(turn["leader"], role(&region, "束").to_string());
    assert_eq!((low, state["urgent"][0]["shifts"].as_i64()), (1, Some(2)));
    let blocked = all(&region, auditor, "track-record");
    let states = tally(blocked.iter().map(|one| one.card.status.as_str()));
    assert_eq!((states["blocked"], states["clear"]), (1, 8));
    let used = all(&region, auditor, "booking")
        .into_iter()
        .filter(|one| one.card.holders("proposal").next().is_some());
    let states: Vec<String> = used.map(|one| one.card.status).collect();
    let states = tally(states.iter().map(String::as_str));
    assert_eq!(states["paid"], 7, "{states:?}");
}

#[test]
fn purchases_are_refused_approved_reported_and_late_by_their_clocks() {
    let region = empty();
    founded(&region, 1);
    let auditor = Some(role(&region, "审"));
    let purchases = all(&region, auditor, "purchase");
    let states = tally(purchases.iter().map(|purchase| purchase.card.status.as_str()));
    assert_eq!(states, BTreeMap::from([("overdue", 1), ("planned", 1), ("refused", 1), ("reported", 1)]));
    let refused = purchases.iter().find(|purchase| purchase.card.status == "refused").unwrap();
    let instrument = refused.card.the("equivalent");
    let look = region.registry.look(None).unwrap();
    let public = look.record(refused.id).unwrap().unwrap();
    assert_eq!(public.state["finding"]["use_budget"], "160000.00", "everyone reads why");
    let shared = look.record(instrument).unwrap().unwrap();
    assert!(shared.card.is_offer && refused.card.scope().province().covers(shared.card.scope()));
    assert!(all(&region, None, "purchase").len() == 3, "what is not reviewed yet is not public");
}

/// A page of the house, as someone with this cookie sees it, without its tags.
fn page(house: &window::House, path: &str, cookie: Option<&(String, String)>) -> String {
    let steps = path.split('/').filter(|step| !step.is_empty()).map(str::to_owned).collect();
    let headers = BTreeMap::from([("accept-language".to_owned(), "en".to_owned())]);
    let cookies = cookie.cloned().into_iter().collect();
    let visit = Visit { path: path.into(), steps, headers, cookies, ..Visit::default() };
    let reply = window::answer(house, &visit);
    assert_eq!(reply.status, 200, "{path}");
    let html = String::from_utf8(reply.body).unwrap();
    let words = html.split('<').filter_map(|piece| piece.split_once('>')).map(|(_, text)| text.trim());
    words.filter(|text| !text.is_empty()).collect::<Vec<_>>().join(" ")
}

/// The house behind its pages.
fn house_of(region: &Region) -> Arc<window::House> {
    let options = window::Options {
        public_url: "http://127.0.0.1:1".into(),
        upload_max: 1 << 20,
        sign_in: window::SignIn { limits: false, ..window::SignIn::default() },
    };
    window::House::new(region.registry.clone(), options).unwrap()
}

/// The cookie of someone who signs in.
fn cookie(region: &Region, house: &window::House, person: Id) -> (String, String) {
    let (login, password) = (person.as_str(), "a long enough password");
    window::set_password(&region.registry, login, password, person).unwrap().unwrap();
    let form = BTreeMap::from([("login".into(), login.into()), ("password".into(), password.into())]);
    let (path, steps) = ("/sign-in".to_owned(), vec!["sign-in".to_owned()]);
    let became = window::answer(house, &Visit { is_post: true, path, steps, form, ..Visit::default() });
    let cookie = became.headers.iter().find(|(name, _)| *name == "set-cookie").unwrap();
    let (name, value) = cookie.1.split(';').next().unwrap().split_once('=').unwrap();
    (name.to_owned(), value.to_owned())
}

#[test]
fn the_funnel_shows_the_office_the_letters_numbers_and_the_public_its_own() {
    let region = empty();
    founded(&region, 1);
    let house = house_of(&region);
    let public = page(&house, "/funnel", None);
    for figure in [
        "Needs published 20",
        "Solutions 15",
        "Expert opinions not public",
        "Experts in the pool 60",
        "Joint projects 15",
        "Cooperating units 42",
    ] {
        assert!(public.contains(figure), "{figure}: {public}");
    }
    let office = cookie(&region, &house, role(&region, "联"));
    let office = page(&house, "/funnel", Some(&office));
    for figure in
        ["Solutions 133 6.7 for each need", "Expert opinions 399 3.0 for each solution", "Solutions 133 15"]
    {
        assert!(office.contains(figure), "{figure}: {office}");
    }
}

#[test]
fn twelve_applications_are_in_their_several_states() {
    let region = empty();
    let summary = founded(&region, 1);
    assert_eq!((summary.calls, summary.applications), (3, 21));
    let auditor = Some(role(&region, "审"));
    let calls = all(&region, None, "call");
    let states = tally(calls.iter().map(|call| call.card.status.as_str()));
    assert_eq!(states, BTreeMap::from([("closed", 1), ("open", 2)]));
    let closed = calls.iter().find(|call| call.card.status == "closed").unwrap().id;
    let all_of = all(&region, auditor, "application");
    let states =
        tally(all_of.iter().filter(|one| one.card.the("call") == closed).map(|one| one.card.status.as_str()));
    let wants =
        [("formal-failed", 1), ("in-review", 6), ("reviewed", 3), ("duplicate-check", 1), ("withdrawn", 1)];
    assert_eq!(states, BTreeMap::from(wants));
    let comparisons = all(&region, auditor, "comparison");
    let near: Vec<Option<u64>> = comparisons.iter().map(|one| one.card.read("near")).collect();
    assert_eq!((near, comparisons[0].card.status.as_str()), (vec![Some(1)], "waiting"));
    assert!(all(&region, None, "comparison").is_empty());
    let expert = region.registry.look(Some(role(&region, "评"))).unwrap();
    let filter = Filter { desk: "review".into(), is_mine: true, limit: 50, ..Filter::default() };
    let reviews = expert.list(&filter).unwrap().rows;
    let states = tally(reviews.iter().map(|review| review.card.status.as_str()));
    assert_eq!((states["accepted"], states["invited"]), (2, 1), "{states:?}");
}

#[test]
fn one_need_waits_on_a_shortlist_and_one_panel_was_drawn_by_lot() {
    let region = empty();
    founded(&region, 1);
    let auditor = Some(role(&region, "审"));
    let solutions = all(&region, auditor, "solution");
    let states = tally(solutions.iter().map(|solution| solution.card.status.as_str()));
    assert_eq!((states["selected"], states["shortlisted"]), (15, 3), "{states:?}");
    let listed: BTreeSet<Id> = solutions
        .iter()
        .filter(|one| one.card.status == "shortlisted")
        .map(|one| one.card.the("need"))
        .collect();
    let need = region.registry.look(auditor).unwrap().record(*listed.first().unwrap()).unwrap().unwrap();
    assert_eq!((listed.len(), need.card.status.as_str()), (1, "reviewing"));
    let owner = region.registry.look(Some(role(&region, "题"))).unwrap();
    assert_eq!(
        owner.naming("solution", ("need", need.id)).unwrap().len(),
        3,
        "the owner sees these and no other"
    );
    let panels = all(&region, Some(role(&region, "组")), "panel");
    let drawn = panels.iter().find(|panel| panel.card.status == "voting").unwrap();
    let look = region.registry.look(Some(role(&region, "组"))).unwrap();
    let state = look.record(drawn.id).unwrap().unwrap().state;
    let count = |key: &str| state[key].as_array().unwrap().len();
    assert_eq!((count("candidates"), count("seats"), count("passed"), count("ballots")), (2, 6, 1, 3));
    let voters = state["vote"]["voters"].as_array().unwrap();
    assert!(voters.len() >= 5 && voters.len() % 2 == 1 && !state["lots"]["drawn"].is_null());
    let voter = role(&region, "投");
    assert!(voters.iter().any(|id| id == voter.as_str()));
}

#[test]
fn the_real_and_the_invented_are_kept_apart() {
    let region = empty();
    let summary = founded(&region, 1);
    let auditor = role(&region, "审");
    let mut seen: Vec<Listed> =
        region.registry.desks().iter().flat_map(|desk| all(&region, Some(auditor), desk.name())).collect();
    // Who visits whom is for the two sides alone.
    assert!(seen.iter().all(|record| record.desk != "visit"));
    seen.extend(all(&region, Some(role(&region, "研")), "visit"));
    let (invented, real): (Vec<&Listed>, Vec<&Listed>) = seen.iter().partition(|record| record.is_demo);
    assert_eq!(real.len(), summary.real_organisations + summary.real_laboratories);
    let known: BTreeSet<Id> = real.iter().map(|record| record.id).collect();
    for record in &real {
        assert!(matches!(record.desk.as_str(), "organisation" | "laboratory"), "{}", record.id);
        assert!(record.card.source.starts_with("ROR v2.8 (CC0)"), "{}", record.id);
        assert!(record.card.parties.iter().all(|(_, id)| known.contains(id)), "{}", record.id);
    }
    for record in &invented {
        let real_party = record.card.parties.iter().find(|(_, id)| known.contains(id));
        assert_eq!(real_party, None, "{} names a real organisation", record.id);
    }
    let desks = tally(invented.iter().map(|record| record.desk.as_str()));
    let nothing: Vec<&str> = region
        .registry
        .desks()
        .iter()
        .map(grammar::clerk::Clerk::name)
        .filter(|desk| !desks.contains_key(desk))
        .collect();
    assert_eq!(nothing, NOTHING_YET, "every other desk has something to show: {desks:?}");
    assert!(desks["organisation"] == summary.organisations && desks["person"] == summary.persons);
}

#[test]
fn no_inbox_of_a_second_person_is_empty_and_time_goes_on() {
    let region = empty();
    founded(&region, 1);
    for sign in ["券", "财", "规", "登", "管"] {
        let look = region.registry.look(Some(role(&region, sign))).unwrap();
        let waiting = region.registry.pending(&look.viewer).unwrap();
        assert!(waiting.iter().any(|pending| pending.may_endorse), "nothing waits for {sign}");
    }
    assert_eq!(region.registry.tick().unwrap().refused, 0);
    region.hands.0.fetch_add(3 * DAY, Ordering::Relaxed);
    let tick = region.registry.tick().unwrap();
    assert!(
        tick.woken >= 2 && tick.refused == 0,
        "the notice of one day, and the draw that closes: {tick:?}"
    );
    region.hands.0.fetch_add(60 * DAY, Ordering::Relaxed);
    let tick = region.registry.tick().unwrap();
    assert!(tick.woken > 6 && tick.refused == 0, "{tick:?}");
}

#[test]
fn codes_pass_their_check_and_are_no_firms() {
    for n in [1, 9, 6_000, 50_123, 99_999] {
        let code = names::code(310_115, n).unwrap();
        assert!(code.parse::<Uscc>().is_ok() && code.starts_with("Y1310115DEM"), "{code}");
    }
    assert!(names::code(310_115, 100_000).is_err());
    assert_eq!([names::number_zh(1), names::number_zh(6_042)], ["〇〇一", "六〇四二"]);
}

#[test]
fn every_text_is_there_in_both_languages_and_once() {
    let chinese = |text: &str| text.chars().any(|c| ('\u{4e00}'..='\u{9fff}').contains(&c));
    let rows = texts::rows::<10>(texts::ACHIEVEMENTS).unwrap();
    let titles: BTreeSet<&str> = rows.iter().map(|row| row[3]).collect();
    assert_eq!(titles.len(), rows.len());
    for [_, _, _, title_zh, title_en, zh, en, _, scene_zh, scene_en] in rows {
        assert!([title_zh, zh, scene_zh].into_iter().all(chinese), "{title_zh}");
        assert!(![title_en, en, scene_en].into_iter().any(chinese), "{title_en}");
    }
    for need in texts::needs().unwrap() {
        assert!(chinese(&need.title_zh) && chinese(&need.summary_zh), "{}", need.key);
        assert!(!chinese(&need.title_en) && !chinese(&need.summary_en), "{}", need.key);
        assert!(need.indicators.iter().all(|line| line.split(" | ").count() == 4), "{}", need.key);
    }
}

#[test]
fn a_call_in_two_stages_a_secret_ballot_and_published_figures_are_there() {
    let region = empty();
    founded(&region, 1);
    let all_of = |who: Option<Id>, desk: &str| all(&region, who, desk);
    briefs_stand_where_they_are_told(&region);

    let auditor = all_of(Some(role(&region, "审")), "panel");
    let voted = auditor.iter().map(|panel| record_of(&region, role(&region, "审"), panel.id));
    // The panel drawn by lot still votes.
    let voted: Vec<serde_json::Value> = voted.filter(|state| state["vote"]["is_counted"] == true).collect();
    let counts = voted[0]["counts"].as_array().unwrap();
    assert_eq!((voted.len(), counts.len()), (1, 2));
    for count in counts {
        let ballots = count["ballots"].as_array().unwrap();
        let of = |choice: &str| ballots.iter().filter(|one| one["choice"] == choice).count();
        assert_eq!(
            (ballots.len(), count["has_quorum"].as_bool()),
            (44, Some(true)),
            "every ballot is published"
        );
        assert_eq!(
            (count["yes"].as_u64(), count["no"].as_u64()),
            (Some(of("yes") as u64), Some(of("no") as u64))
        );
        assert_eq!(count["is_carried"], true);
    }
    assert_eq!(voted[0]["dissents"].as_array().unwrap().len(), 1);
    assert_eq!(
        (
            voted[0]["meetings"].as_array().unwrap().len(),
            voted[0]["vote"]["voters"].as_array().unwrap().len()
        ),
        (2, 59)
    );

    let committee = all_of(None, "advisory");
    let topics = record_of(&region, role(&region, "审"), committee[0].id)["topics"].clone();
    let of = |n: usize, key: &str| topics[n][key].clone();
    assert_eq!((committee.len(), of(0, "answered")["response"].as_str()), (1, Some("taken-in-part")));
    assert!(of(1, "answered").is_null() && of(1, "late") == true, "{topics}");

    let figures = all_of(None, "indicator");
    let values: BTreeMap<String, String> =
        figures.iter().map(|f| (f.card.read("counts").unwrap(), f.card.read("value").unwrap())).collect();
    assert_eq!((&*values["needs"], &*values["solutions"], &*values["projects"]), ("20", "133", "15"));
    assert!(
        values["units"].parse::<u32>().unwrap() >= 41 && figures.iter().all(|f| f.card.status == "final")
    );
}

/// The applications of the call in two stages.
fn briefs_stand_where_they_are_told(region: &Region) {
    let calls = all(region, None, "call");
    let two = calls.iter().find(|call| call.card.facts["brief_closes"].is_string()).unwrap();
    let of_call = all(region, Some(role(region, "审")), "application");
    let of_two = of_call.iter().filter(|a| a.card.holders("call").any(|id| id == two.id));
    let states = tally(of_two.map(|a| a.card.status.as_str()));
    let wants = [
        ("brief", 1),
        ("brief-in-review", 2),
        ("brief-ok", 1),
        ("draft", 1),
        ("invited", 1),
        ("not-invited", 1),
    ];
    assert_eq!(states, BTreeMap::from(wants));
}

fn record_of(region: &Region, person: Id, id: Id) -> serde_json::Value {
    region.registry.look(Some(person)).unwrap().record(id).unwrap().unwrap().state
}
