//! What a purchase review does, told as stories. `UPDATE_EXPECT=1 cargo test -p desks` rewrites them.

use grammar::story::*;

use super::{Command::*, Refusal::*, *};

const UNIT: Id = Id::named("organisation-institute");
const NEAR: Id = Id::named("instrument-near");
const FAR: Id = Id::named("instrument-far");
const EARLIER: Id = Id::named("purchase-earlier");

fn plan(value: &str, more: &str) -> Plan {
    let text = format!(
        r#"{{"name":{{"zh":"透射电子显微镜"}},"category":"analysis","region":"310115","unit":"organisation-institute",
        "value":"{value}","need":"atoms","no_secrets":true,
        "promise":{{"feasibility":"one room","outside_hours":400,"scope":"all","way":"booking"}} {more}}}"#
    );
    serde_json::from_str(&text).unwrap()
}

fn shared(region: u32, unit: &str, open: bool) -> Card {
    Card::new().region(Region::code(region)).party("unit", unit.parse().unwrap()).offer_if(open)
}

fn proposed() -> Story<Purchase> {
    let mut story = Story::<Purchase>::new("2026-03-02");
    story.with_rules_of::<crate::instrument::Instrument>();
    story.showing(&["status"]);
    story.given(NEAR, shared(310_104, "organisation-other", true));
    story.given(FAR, shared(320_500, "organisation-other", true));
    story.given(EARLIER, Card::new().status("overdue").party("unit", UNIT));
    story.when(Propose(plan("3200000", "")));
    story
}

fn review(equivalents: &[Id], they_meet_the_need: bool, budget: Option<i64>) -> Command {
    let equivalents = List::new(equivalents.iter().map(|id| id.r()).collect()).unwrap();
    let opinion = "three experts agree".parse().unwrap();
    Review { equivalents, they_meet_the_need, opinion, use_budget: budget.map(yuan) }
}

#[test]
fn what_is_shared_nearby_is_not_bought_again() {
    let mut story = proposed();
    story.refuses(review(&[], true, Some(90_000)), NothingNamed);
    story.refuses(review(&[NEAR], true, None), NoUseBudget);
    story.refuses(
        review(&[FAR], true, Some(90_000)),
        NotNearby { instrument: FAR.r(), region: Region::code(320_500) },
    );
    story.when(review(&[NEAR], true, Some(90_000)));
    story.not_now(Buy { on: day("2026-03-02"), price: yuan(1) });
    assert!(story.record().card().holders("equivalent").eq([NEAR]));
    story.expect(&expect![[r#"
        2026-03-02  propose   said proposed  status planned
        2026-03-02  refuses   Because(NothingNamed, None)  status planned
        2026-03-02  refuses   Because(NoUseBudget, None)  status planned
        2026-03-02  refuses   Because(NotNearby { instrument: instrument-far, region: 320500 }, None)  status planned
        2026-03-02  review    said refused  status refused
    "#]]);
}

#[test]
fn an_instrument_that_nobody_may_use_stands_for_nothing() {
    let mut story = proposed();
    story.given(NEAR, shared(310_104, "organisation-other", false));
    story.refuses(review(&[NEAR], true, Some(90_000)), NotShared { instrument: NEAR.r() });
    story.given(NEAR, shared(310_104, "organisation-institute", true));
    story.refuses(review(&[NEAR], true, Some(90_000)), OwnInstrument { instrument: NEAR.r() });
}

#[test]
fn it_is_bought_after_the_review_and_reported_within_its_days() {
    let mut story = proposed();
    story.not_now(Buy { on: day("2026-03-02"), price: yuan(3_000_000) });
    story.on("2026-03-20").when(review(&[NEAR], false, None));
    let buy = |on: &str, price| Buy { on: day(on), price: yuan(price) };
    story.on("2026-04-01").refuses(buy("2026-03-19", 3_000_000), BeforeTheReview { on: day("2026-03-19") });
    story.refuses(buy("2026-04-02", 3_000_000), OnALaterDay { on: day("2026-04-02") });
    story.refuses(buy("2026-04-01", 3_200_001), MoreThanReviewed { most: yuan(3_200_000) });
    story.when(buy("2026-04-01", 3_100_000));
    story.on("2026-06-01").when(Accept { on: day("2026-06-01") });
    story.on("2026-07-03").when(MarkReported { instrument: NEAR.r() });
    story.expect(&expect![[r#"
        2026-03-02  propose   said proposed  status planned
        2026-03-20  review    said approved  status approved
        2026-04-01  refuses   Because(BeforeTheReview { on: Day(2026-03-19) }, None)  status approved
        2026-04-01  refuses   Because(OnALaterDay { on: Day(2026-04-02) }, None)  status approved
        2026-04-01  refuses   Because(MoreThanReviewed { most: 3200000.00 }, None)  status approved
        2026-04-01  buy       said purchased  status purchased
        2026-06-01  accept    said accepted  status accepted
        2026-07-02  clock     said was-overdue  status overdue
        2026-07-03  mark-reported said was-reported  status reported
    "#]]);
}

/// The regime of the day of acceptance holds: fifteen days before 15 October 2024, thirty since.
#[test]
fn the_period_is_that_of_the_day_of_acceptance() {
    let until = |today: &str, accepted: &str| {
        let mut story = Story::<Purchase>::new("2024-01-02");
        story.with_rules_of::<crate::instrument::Instrument>();
        story.when(Propose(plan("3200000", ""))).when(review(&[], false, None));
        story.when(Buy { on: day("2024-01-02"), price: yuan(3_000_000) });
        story.on(today).when(Accept { on: day(accepted) });
        story.record().report_until.unwrap().to_string()
    };
    assert_eq!(until("2024-03-04", "2024-03-01"), "2024-03-18");
    assert_eq!(until("2026-03-03", "2026-03-02"), "2026-04-01");
}

#[test]
fn who_has_not_reported_may_be_refused_a_new_one() {
    let veto = |overdue: &[Id]| Veto {
        overdue: List::new(overdue.iter().map(|id| id.r()).collect()).unwrap(),
        opinion: "report first".parse().unwrap(),
    };
    let mut story = proposed();
    story.refuses(veto(&[]), NothingNamed);
    story.given(EARLIER, Card::new().status("reported").party("unit", UNIT));
    story.refuses(veto(&[EARLIER]), NotOverdue { purchase: EARLIER.r() });
    story.given(EARLIER, Card::new().status("overdue").party("unit", UNIT));
    story.when(veto(&[EARLIER]));
    assert_eq!(story.record().status, Status::Vetoed);
}

#[test]
fn a_proposal_makes_sense_and_is_known_to_few_before_the_review() {
    let mut story = Story::<Purchase>::new("2026-03-02");
    story.with_rules_of::<crate::instrument::Instrument>();
    story.refuses(Propose(plan("299999.99", "")), NeedsNoReview { least: yuan(300_000) });
    let mut story = proposed();
    story.refuses(Amend(plan("0", "")), NotAnAmount { amount: Money::ZERO });
    let mut other = plan("3200000", "");
    other.unit = Id::named("organisation-other").r();
    story.refuses(Amend(other), UnitChanges);
    let mut secret = plan("3200000", "");
    secret.no_secrets = false;
    story.refuses(Amend(secret), MayHoldSecrets);
    story.when(Amend(plan("3300000", "")));
    let mut nameless = plan("3200000", "");
    nameless.name = Bilingual { zh: None, en: None };
    story.refuses(Amend(nameless), NoName);
    assert_eq!(story.record().clone().veil(&Viewer::public()), Sight::Hidden);
    story.when(review(&[], false, None));
    assert_eq!(story.record().clone().veil(&Viewer::public()), Sight::Seen);
}
