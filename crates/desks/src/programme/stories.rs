//! What a programme does, told as stories. `UPDATE_EXPECT=1 cargo test -p desks` rewrites them.

use grammar::story::*;
use serde_json::{Value, json};

use super::{Command::*, Refusal::*, *};

const CITY: Id = Id::named("organisation-city");
const FUND: Id = Id::named("organisation-fund");
const FIRM: Id = Id::named("organisation-firm");
const FUDAN: Id = Id::named("organisation-fudan");

fn funder(organisation: Id, role: &str, share: &str) -> Value {
    json!({ "organisation": organisation, "role": role, "share": share })
}

fn terms(kind: &str, until: &str, funders: &[Value], more: Value) -> Terms {
    let mut terms = json!({
        "kind": kind, "region": "310000", "title": { "zh": "计划" }, "about": { "zh": "说明" },
        "from": "2026-01-01", "until": until, "funders": funders,
        "years": [{ "year": 2026, "amount": "2000万" }, { "year": 2027, "amount": "1000.01" }]
    });
    for (name, value) in more.as_object().unwrap() {
        terms[name] = value.clone();
    }
    serde_json::from_value(terms).unwrap()
}

fn story(terms: Terms) -> Story<Programme> {
    let mut story = Story::<Programme>::new("2025-12-01");
    story.showing(&["status", "renewed"]);
    story.by(Viewer { signs_for: vec![FIRM, FUDAN], ..Viewer::default() });
    story.when(Draft(terms));
    story
}

fn five_years(kind: &str, funders: &[Value]) -> Terms {
    terms(kind, "2030-12-31", funders, json!({}))
}

fn half() -> Share {
    "50%".parse().unwrap()
}

fn renewal() -> Command {
    Renew {
        evaluation: "优秀".parse().unwrap(),
        document: serde_json::from_value(json!(format!("{:064x}:a.pdf", 7))).unwrap(),
        years: serde_json::from_value(json!([{ "year": 2031, "amount": "2000万" }])).unwrap(),
    }
}

#[test]
fn a_zone_runs_five_years_and_five_more_and_its_unit_pays_as_much_again() {
    let zone = [funder(CITY, "city", "1/2"), funder(FUDAN, "unit", "1/2")];
    let mut story = story(five_years("basic-research-zone", &zone));
    story.refuses(Adopt, NotConfirmed { funder: FUDAN.r() });
    story
        .when(Confirm { funder: FUDAN.r() })
        .refuses(Confirm { funder: FUDAN.r() }, AlreadyConfirmed { funder: FUDAN.r() });
    story.when(Adopt);
    let review =
        |year| Command::Review { year: Between::new(year).unwrap(), text: "稳步推进".parse().unwrap() };
    story.on("2027-01-10").when(review(2026)).refuses(review(2026), AlreadyReviewed { year: 2026 });
    story.refuses(review(2028), NotAYearOfIt { year: 2028 });
    story.refuses(renewal(), TooEarlyToRenew { from: day("2029-12-31") });
    story.on("2030-06-01").when(renewal()).refuses(renewal(), AlreadyRenewed);
    assert_eq!(story.record().terms.until, day("2035-12-31"));
    story.when(Close { reason: "到期".parse().unwrap() });
    story.expect(&expect![[r#"
        2025-12-01  draft     said drafted  status draft  renewed false
        2025-12-01  refuses   Because(NotConfirmed { funder: organisation-fudan }, None)  status draft  renewed false
        2025-12-01  confirm   said confirmed  status draft  renewed false
        2025-12-01  refuses   Because(AlreadyConfirmed { funder: organisation-fudan }, None)  status draft  renewed false
        2025-12-01  adopt     said adopted  status adopted  renewed false
        2027-01-10  review    said reviewed  status adopted  renewed false
        2027-01-10  refuses   Because(AlreadyReviewed { year: 2026 }, None)  status adopted  renewed false
        2027-01-10  refuses   Because(NotAYearOfIt { year: 2028 }, None)  status adopted  renewed false
        2027-01-10  refuses   Because(TooEarlyToRenew { from: Day(2029-12-31) }, None)  status adopted  renewed false
        2030-06-01  renew     said renewed  status adopted  renewed true
        2030-06-01  refuses   Because(AlreadyRenewed, None)  status adopted  renewed true
        2030-06-01  close     said closed  status closed  renewed true
    "#]]);
}

#[test]
fn a_zone_of_other_length_or_with_a_stingy_unit_is_not_adopted() {
    let zone = |unit: &str, city: &str| [funder(CITY, "city", city), funder(FUDAN, "unit", unit)];
    let short = terms("basic-research-zone", "2029-12-31", &zone("1/2", "1/2"), json!({}));
    story(short).refuses(Adopt, NotTheTerm { years: 5 });
    let stingy = five_years("basic-research-zone", &zone("1/3", "2/3"));
    story(stingy).refuses(Adopt, UnitPaysTooLittle { least: half() });
    story(five_years("basic-research-zone", &[funder(CITY, "city", "1/1")])).refuses(Adopt, NoUnit);
    let mut ordinary = story(five_years("ordinary", &[funder(CITY, "city", "1/1")]));
    ordinary.when(Adopt).on("2030-06-01").refuses(renewal(), NotAZone);
}

/// Three to one is local to national, easily inverted.
#[test]
fn a_joint_fund_is_three_to_one_with_regions_and_four_to_one_with_enterprises() {
    let with = |role: &str, other: &str, national: &str| {
        five_years("joint-fund", &[funder(FIRM, role, other), funder(FUND, "national-fund", national)])
    };
    story(with("city", "3/4", "1/4")).when(Adopt);
    story(with("city", "1/4", "3/4")).refuses(Adopt, NotTheRatio { national: "1/4".parse().unwrap() });
    story(with("enterprise", "4/5", "1/5")).when(Confirm { funder: FIRM.r() }).when(Adopt);
    story(with("enterprise", "3/4", "1/4")).refuses(Adopt, NotTheRatio { national: "1/5".parse().unwrap() });
    story(five_years("joint-fund", &[funder(CITY, "city", "1/1")])).refuses(Adopt, NoNationalFund);
    let short = terms(
        "joint-fund",
        "2028-12-31",
        &[funder(CITY, "city", "3/4"), funder(FUND, "national-fund", "1/4")],
        json!({}),
    );
    story(short).refuses(Adopt, NotTheTerm { years: 5 });
}

#[test]
fn a_co_funder_pays_three_million_in_every_year_it_confirmed() {
    let pool = [funder(CITY, "city", "1/2"), funder(FIRM, "co-funder", "1/2")];
    let small = CoFunderPaysTooLittle { funder: FIRM.r(), year: 2027, least: yuan(3_000_000) };
    story(five_years("co-funded-pool", &pool)).refuses(Adopt, small);
    let enough = json!({ "years": [{ "year": 2026, "amount": "600万" }] });
    let mut story = story(terms("co-funded-pool", "2030-12-31", &pool, enough.clone()));
    story.refuses(Adopt, NotConfirmed { funder: FIRM.r() }).when(Confirm { funder: FIRM.r() }).when(Adopt);
    assert_eq!(story.record().card().holders("co-funder").collect::<Vec<_>>(), [FIRM]);
    self::story(terms("co-funded-pool", "2030-12-31", &[funder(CITY, "city", "1/1")], enough))
        .refuses(Adopt, NoCoFunder);
}

#[test]
fn a_race_has_heats_that_grow_smaller() {
    let heats = |teams: &[i64]| {
        let heats: Vec<_> =
            teams.iter().map(|teams| json!({ "teams": teams, "each": "50万", "months": 6 })).collect();
        terms("horse-race", "2027-12-31", &[funder(CITY, "city", "1/1")], json!({ "heats": heats }))
    };
    story(heats(&[4, 2, 1])).when(Adopt);
    story(heats(&[4, 4])).refuses(Adopt, HeatsGrow);
    story(heats(&[4])).refuses(Adopt, NoHeats);
    let mut other = story(heats(&[4, 2]));
    other.refuses(Amend(Terms { kind: Kind::Ordinary, ..heats(&[4, 2]) }), HeatsOnlyInARace);
}

/// 1,000.01 yuan by thirds: not a fen is lost.
#[test]
fn the_shares_make_one_whole_and_each_year_is_split_to_the_fen() {
    let thirds =
        [funder(CITY, "city", "1/3"), funder(FUND, "central", "1/3"), funder(FIRM, "district", "1/3")];
    let mut story = story(five_years("ordinary", &thirds));
    story.when(Adopt);
    let of_2027 = story.record().terms.by_year().pop().unwrap();
    assert_eq!(of_2027, (2027, vec![Money::fen(33_334), Money::fen(33_334), Money::fen(33_333)]));
    self::story(five_years("ordinary", thirds.get(..2).unwrap())).refuses(Adopt, SharesDoNotSum);
    self::story(five_years("ordinary", &[])).refuses(Adopt, NoFunders);
    let none = terms("ordinary", "2030-12-31", &thirds, json!({ "years": [] }));
    self::story(none).refuses(Adopt, NoMoney);
}

#[test]
fn a_draft_makes_sense_and_what_was_confirmed_is_the_pact_as_it_stands() {
    let pool = [funder(CITY, "city", "1/2"), funder(FIRM, "co-funder", "1/2")];
    let mut story = story(five_years("co-funded-pool", &pool));
    story.refuses(Confirm { funder: FUND.r() }, NotAFunder { funder: FUND.r() });
    story.refuses(Confirm { funder: CITY.r() }, NotYoursToConfirm { funder: CITY.r() });
    let change = |more| Amend(terms("co-funded-pool", "2030-12-31", &pool, more));
    let year =
        |year| json!({ "years": [{ "year": year, "amount": "600万" }, { "year": 2026, "amount": "-1" }] });
    story.refuses(change(year(2026)), NotAnAmount { amount: yuan(-1) });
    story.refuses(change(year(2031)), YearOutside { year: 2031 });
    let twice = json!({ "years": [{ "year": 2026, "amount": "1" }, { "year": 2026, "amount": "1" }] });
    story.refuses(change(twice), YearTwice { year: 2026 });
    story.refuses(
        change(json!({ "until": "2025-12-31" })),
        EndsBeforeItBegins { from: day("2026-01-01"), until: day("2025-12-31") },
    );
    story.refuses(change(json!({ "title": {} })), NoTitle);
    story.refuses(
        Amend(five_years("ordinary", &[pool[0].clone(), pool[0].clone()])),
        FunderTwice { funder: CITY.r() },
    );
    story
        .when(Confirm { funder: FIRM.r() })
        .when(change(json!({ "years": [{ "year": 2026, "amount": "800万" }] })));
    story.refuses(Adopt, NotConfirmed { funder: FIRM.r() });
    story.refuses(Carry { call: Id::named("call-1") }, CarriesNoCalls);
    let outside = Viewer { organisations: vec![FUDAN], ..Viewer::default() };
    assert_eq!(story.record().clone().veil(&outside), Sight::Hidden);
    assert_eq!(
        story.record().clone().veil(&Viewer { organisations: vec![FIRM], ..Viewer::default() }),
        Sight::Seen
    );
    story.when(Confirm { funder: FIRM.r() }).when(Adopt).when(Carry { call: Id::named("call-1") });
    assert_eq!(story.record().clone().veil(&outside), Sight::Seen);
}
