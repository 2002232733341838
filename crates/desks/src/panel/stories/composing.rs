//! Who a panel is made up of, who meets and is paid for it, and what others read of its results, told as stories.

use super::*;
use crate::expert::conflict::Body;

#[test]
fn an_odd_number_votes_and_no_unit_has_more_than_a_third() {
    let mut story = scored();
    let at = closes("2026-03-09");
    story.refuses(put_excusing(&[A, B], at, &[]), EvenVoters { voters: 6 });
    story.refuses(put_excusing(&[A, B], at, &[7]), NotAReviewer { person: id("person", 7).r() });
    let PutToVote(putting) = put_excusing(&[A, B], at, &[6]) else { panic!("a vote") };
    story.refuses(PutToVote(Putting { reason: None, ..putting }), ExcusedWithoutReason);
    let of = |panel: &Panel| -> Vec<(&'static str, Met, i64)> {
        panel.composed().iter().map(|found| (found.rule, found.met, found.has)).collect()
    };
    let before = [("EP-R24-LEAST", Met::Yes, 6), ("EP-R24-ODD", Met::Open, 6), ("EP-R24", Met::Yes, 1)];
    assert_eq!(of(story.record()), before);
    story.when(put_excusing(&[A, B], at, &[6]));
    assert_eq!(of(story.record())[1], ("EP-R24-ODD", Met::Yes, 5));
    let mut one_unit = opened();
    one_unit.when(AdmitCandidates { candidates: list(&[A, B]) });
    for n in [1, 2, 4] {
        one_unit.given(id("expert", n), of_unit(n, 1));
    }
    // No two of one unit for one candidate, but three of the five who vote.
    let twice = UnitHasItsPart { expert: id("expert", 4).r(), candidate: B, max: 1 };
    one_unit.refuses(pairs(&[(B, 2), (B, 4)]), twice);
    one_unit.when(pairs(&[(A, 1), (A, 3), (A, 5), (B, 2), (B, 6), (B, 7)]));
    let reviews = reviewed(&mut one_unit, &[8_000, 7_000, 6_000, 8_000, 8_000, 8_000]);
    one_unit.when(close(&reviews));
    one_unit
        .refuses(put_excusing(&[A], at, &[6]), UnitOverItsPart { unit: id("organisation", 1).r(), most: 1 });
}

fn of_unit(n: usize, unit: usize) -> Card {
    let mut card = expert(n);
    card.parties.retain(|(part, _)| part != "unit");
    card.party("unit", id("organisation", unit))
}

fn opened_with(more: serde_json::Value) -> Story<Panel> {
    let mut other = Story::<Panel>::new("2026-03-02");
    other.showing(&["each"]).with_rules_of::<Expert>();
    other.given(A, solution("甲方案", FIRM, "person-a")).given(B, solution("乙方案", LAB, "person-b"));
    other.given(FIRM, Card::new()).given(LAB, Card::new());
    for n in 1..=8 {
        other.given(id("expert", n), expert(n).fact("kinds", ["technical"]));
    }
    other.when(Open(terms(more))).when(AdmitCandidates { candidates: list(&[A]) });
    other
}

#[test]
fn joint_research_is_judged_by_technology_industry_and_finance() {
    let mut story = opened_with(json!({ "composition": "joint-research" }));
    story.given(id("expert", 2), expert(2).fact("kinds", ["industry"]));
    story.when(pairs(&[(A, 1), (A, 2), (A, 3)]));
    let reviews = reviewed(&mut story, &[8_000, 7_000, 6_000]);
    story.when(close(&reviews)).refuses(Conclude, KindMissing { kind: Kind::Finance });
    let found =
        |story: &Story<Panel>| story.record().composed().pop().map(|one| (one.met, one.has, one.asked));
    assert_eq!(found(&story), Some((Met::Open, 2, 3)));
    let mut whole = opened_with(json!({ "composition": "joint-research" }));
    whole.given(id("expert", 2), expert(2).fact("kinds", ["industry"]));
    whole.given(id("expert", 3), expert(3).fact("kinds", ["finance"]));
    whole.when(pairs(&[(A, 1), (A, 2), (A, 3)]));
    let reviews = reviewed(&mut whole, &[8_000, 7_000, 6_000]);
    whole.when(close(&reviews)).when(Conclude);
    assert_eq!(found(&whole), Some((Met::Yes, 3, 3)));
    let mut budgets = opened_with(json!({ "composition": "with-finance" }));
    budgets.when(pairs(&[(A, 1), (A, 2), (A, 3)]));
    let reviews = reviewed(&mut budgets, &[8_000, 7_000, 6_000]);
    budgets.when(close(&reviews)).refuses(Conclude, KindMissing { kind: Kind::Finance });
}

#[test]
fn whoever_sits_on_one_topic_a_third_year_is_a_finding_and_not_refused() {
    let served = |n, years: &[i32]| {
        let served: Vec<_> = years.iter().map(|year| json!(["2026-IC-01", year])).collect();
        expert(n).fact("served", served)
    };
    let mut story = opened_with(json!({ "topic": "2026-IC-01" }));
    story.given(id("expert", 1), served(1, &[2024, 2025])).given(id("expert", 2), served(2, &[2023, 2025]));
    let found =
        |story: &Story<Panel>| story.record().composed().pop().map(|one| (one.rule, one.met, one.has));
    assert_eq!(found(&story), Some(("EP-R24-YEARS", Met::Yes, 0)));
    story.when(pairs(&[(A, 2), (A, 3), (A, 1)]));
    assert_eq!(found(&story), Some(("EP-R24-YEARS", Met::No, 1)), "told, and kept with the seat");
    let reviews = reviewed(&mut story, &[8_000, 7_000, 6_000]);
    story.when(close(&reviews)).when(Conclude);
    story.expect(&expect![[r#"
        2026-03-02  open      said opened  each 3
        2026-03-02  admit-candidates said candidates-admitted | note-bodies panel: bodies ["organisation-firm"] | begin-review solution-a: panel panel  each 3
        2026-03-02  propose   said assigned | open review-new-1: panel panel, candidate solution-a, expert expert-2, region 310000, criteria [{"criterion":{"zh":"指标覆盖","en":"indicator coverage"},"weight":35},{"criterion":{"zh":"可行性","en":"feasibility"},"weight":25},{"criterion":{"zh":"团队","en":"team"},"weight":15},{"criterion":{"zh":"成本","en":"cost"},"weight":10},{"criterion":{"zh":"知识产权","en":"intellectual property"},"weight":10},{"criterion":{"zh":"跨区域价值","en":"cross-region value"},"weight":5}], answer_until 2026-03-07, until 2026-03-17, rates senior_day=1950+other_day=1200+mail_share=7/20, managing [] | open review-new-2: panel panel, candidate solution-a, expert expert-3, region 310000, criteria [{"criterion":{"zh":"指标覆盖","en":"indicator coverage"},"weight":35},{"criterion":{"zh":"可行性","en":"feasibility"},"weight":25},{"criterion":{"zh":"团队","en":"team"},"weight":15},{"criterion":{"zh":"成本","en":"cost"},"weight":10},{"criterion":{"zh":"知识产权","en":"intellectual property"},"weight":10},{"criterion":{"zh":"跨区域价值","en":"cross-region value"},"weight":5}], answer_until 2026-03-07, until 2026-03-17, rates senior_day=1950+other_day=1200+mail_share=7/20, managing [] | open review-new-3: panel panel, candidate solution-a, expert expert-1, region 310000, criteria [{"criterion":{"zh":"指标覆盖","en":"indicator coverage"},"weight":35},{"criterion":{"zh":"可行性","en":"feasibility"},"weight":25},{"criterion":{"zh":"团队","en":"team"},"weight":15},{"criterion":{"zh":"成本","en":"cost"},"weight":10},{"criterion":{"zh":"知识产权","en":"intellectual property"},"weight":10},{"criterion":{"zh":"跨区域价值","en":"cross-region value"},"weight":5}], answer_until 2026-03-07, until 2026-03-17, rates senior_day=1950+other_day=1200+mail_share=7/20, managing []  each 3
        2026-03-02  close-scores said scores-taken | lock review-new-1: expert expert-2 | lock review-new-2: expert expert-3 | lock review-new-3: expert expert-1  each 3
        2026-03-02  conclude  said concluded | take-result solution-a: panel panel, score 7000, spread 2000, rank 1, comments ["comment 6000","comment 7000","comment 8000"] | serve expert-1: topic 2026-IC-01, year 2026 | serve expert-2: topic 2026-IC-01, year 2026 | serve expert-3: topic 2026-IC-01, year 2026  each 3
    "#]]);
}

#[test]
fn where_a_draw_is_prescribed_nobody_is_named() {
    let mut story = opened_with(json!({ "by_lot": true }));
    story.refuses(pairs(&[(A, 1)]), MustBeDrawn);
    story.when(Fix { experts: list(&[1, 2, 3, 4].map(|n| id("expert", n).r())) });
    story.refuses(pairs(&[(A, 1)]), MustBeDrawn).on("2026-03-03");
    story.when(Invite { candidates: list(&[A]) });
}

#[test]
fn what_rested_on_a_violation_is_judged_again() {
    let mut story = scored();
    story.when(Conclude);
    let first = story.record().seats[0].review;
    let again = |review| ReReview { reviews: list(&[review]), reason: words("the reviewer concealed a tie") };
    let other: Ref<Review> = Id::named("review-other").r();
    story.refuses(again(other), NotTaken { review: other }).when(again(first));
    story.refuses(Conclude, TooFewReviews { candidate: A, least: 3 });
    story.when(pairs(&[(A, 7)]));
    let seat = story.record().seats.last().unwrap().review;
    let card = Card::new().fact("total", 5_000).fact("marks", json!([{ "place": 1, "score": 50 }]));
    story.given(seat.id(), card.fact("open", "once more")).when(close(&[seat])).when(Conclude);
    let outcome = &story.record().outcomes[0];
    assert_eq!((outcome.candidate, outcome.reviews, outcome.mean), (A, 3, 6_000));
    story.expect(&expect![[r#"
        2026-03-02  open      said opened  each 3
        2026-03-02  admit-candidates said candidates-admitted | note-bodies panel: bodies ["organisation-firm","organisation-lab"] | begin-review solution-a: panel panel | begin-review solution-b: panel panel  each 3
        2026-03-02  propose   said assigned | open review-new-1: panel panel, candidate solution-a, expert expert-1, region 310000, criteria [{"criterion":{"zh":"指标覆盖","en":"indicator coverage"},"weight":35},{"criterion":{"zh":"可行性","en":"feasibility"},"weight":25},{"criterion":{"zh":"团队","en":"team"},"weight":15},{"criterion":{"zh":"成本","en":"cost"},"weight":10},{"criterion":{"zh":"知识产权","en":"intellectual property"},"weight":10},{"criterion":{"zh":"跨区域价值","en":"cross-region value"},"weight":5}], answer_until 2026-03-07, until 2026-03-17, rates senior_day=1950+other_day=1200+mail_share=7/20, managing [] | open review-new-2: panel panel, candidate solution-a, expert expert-2, region 310000, criteria [{"criterion":{"zh":"指标覆盖","en":"indicator coverage"},"weight":35},{"criterion":{"zh":"可行性","en":"feasibility"},"weight":25},{"criterion":{"zh":"团队","en":"team"},"weight":15},{"criterion":{"zh":"成本","en":"cost"},"weight":10},{"criterion":{"zh":"知识产权","en":"intellectual property"},"weight":10},{"criterion":{"zh":"跨区域价值","en":"cross-region value"},"weight":5}], answer_until 2026-03-07, until 2026-03-17, rates senior_day=1950+other_day=1200+mail_share=7/20, managing [] | open review-new-3: panel panel, candidate solution-a, expert expert-3, region 310000, criteria [{"criterion":{"zh":"指标覆盖","en":"indicator coverage"},"weight":35},{"criterion":{"zh":"可行性","en":"feasibility"},"weight":25},{"criterion":{"zh":"团队","en":"team"},"weight":15},{"criterion":{"zh":"成本","en":"cost"},"weight":10},{"criterion":{"zh":"知识产权","en":"intellectual property"},"weight":10},{"criterion":{"zh":"跨区域价值","en":"cross-region value"},"weight":5}], answer_until 2026-03-07, until 2026-03-17, rates senior_day=1950+other_day=1200+mail_share=7/20, managing [] | open review-new-4: panel panel, candidate solution-b, expert expert-4, region 310000, criteria [{"criterion":{"zh":"指标覆盖","en":"indicator coverage"},"weight":35},{"criterion":{"zh":"可行性","en":"feasibility"},"weight":25},{"criterion":{"zh":"团队","en":"team"},"weight":15},{"criterion":{"zh":"成本","en":"cost"},"weight":10},{"criterion":{"zh":"知识产权","en":"intellectual property"},"weight":10},{"criterion":{"zh":"跨区域价值","en":"cross-region value"},"weight":5}], answer_until 2026-03-07, until 2026-03-17, rates senior_day=1950+other_day=1200+mail_share=7/20, managing [] | open review-new-5: panel panel, candidate solution-b, expert expert-5, region 310000, criteria [{"criterion":{"zh":"指标覆盖","en":"indicator coverage"},"weight":35},{"criterion":{"zh":"可行性","en":"feasibility"},"weight":25},{"criterion":{"zh":"团队","en":"team"},"weight":15},{"criterion":{"zh":"成本","en":"cost"},"weight":10},{"criterion":{"zh":"知识产权","en":"intellectual property"},"weight":10},{"criterion":{"zh":"跨区域价值","en":"cross-region value"},"weight":5}], answer_until 2026-03-07, until 2026-03-17, rates senior_day=1950+other_day=1200+mail_share=7/20, managing [] | open review-new-6: panel panel, candidate solution-b, expert expert-6, region 310000, criteria [{"criterion":{"zh":"指标覆盖","en":"indicator coverage"},"weight":35},{"criterion":{"zh":"可行性","en":"feasibility"},"weight":25},{"criterion":{"zh":"团队","en":"team"},"weight":15},{"criterion":{"zh":"成本","en":"cost"},"weight":10},{"criterion":{"zh":"知识产权","en":"intellectual property"},"weight":10},{"criterion":{"zh":"跨区域价值","en":"cross-region value"},"weight":5}], answer_until 2026-03-07, until 2026-03-17, rates senior_day=1950+other_day=1200+mail_share=7/20, managing []  each 3
        2026-03-02  close-scores said scores-taken | lock review-new-1: expert expert-1 | lock review-new-2: expert expert-2 | lock review-new-3: expert expert-3 | lock review-new-4: expert expert-4 | lock review-new-5: expert expert-5 | lock review-new-6: expert expert-6  each 3
        2026-03-02  conclude  said concluded | take-result solution-a: panel panel, score 7000, spread 2000, rank 2, comments ["comment 6000","comment 7000","comment 8000"] | take-result solution-b: panel panel, score 8000, spread 0, rank 1, comments ["comment 8000","comment 8000","comment 8000"]  each 3
        2026-03-02  refuses   Because(NotTaken { review: review-other }, None)  each 3
        2026-03-02  re-review said re-reviewed | begin-review solution-a: panel panel  each 3
        2026-03-02  refuses   Because(TooFewReviews { candidate: solution-a, least: 3 }, None)  each 3
        2026-03-02  propose   said assigned | open review-new-1: panel panel, candidate solution-a, expert expert-7, region 310000, criteria [{"criterion":{"zh":"指标覆盖","en":"indicator coverage"},"weight":35},{"criterion":{"zh":"可行性","en":"feasibility"},"weight":25},{"criterion":{"zh":"团队","en":"team"},"weight":15},{"criterion":{"zh":"成本","en":"cost"},"weight":10},{"criterion":{"zh":"知识产权","en":"intellectual property"},"weight":10},{"criterion":{"zh":"跨区域价值","en":"cross-region value"},"weight":5}], answer_until 2026-03-07, until 2026-03-17, rates senior_day=1950+other_day=1200+mail_share=7/20, managing []  each 3
        2026-03-02  close-scores said scores-taken | lock review-new-1: expert expert-7  each 3
        2026-03-02  conclude  said concluded | take-result solution-a: panel panel, score 6000, spread 2000, rank 2, comments ["once more"]  each 3
    "#]]);
}

#[test]
fn a_users_representative_votes_on_fit_and_not_on_money() {
    let mut story = scored();
    let (user, need) = (id("person", 90).r(), NEED.r());
    story.given(NEED, Card::new().party("owner", FIRM));
    let name = |person, need| NameUser { person, need };
    story
        .given(user.id(), Card::new().party("affiliation", LAB))
        .refuses(name(user, need), NotOfTheOwner { person: user, need });
    story.given(user.id(), Card::new().party("affiliation", FIRM)).when(name(user, need));
    story.refuses(name(user, need), SitsAlready { person: user });
    let strange = Id::named("need-2");
    story.given(strange, Card::new().party("owner", FIRM));
    story.given(id("person", 91), Card::new().party("affiliation", FIRM));
    story.refuses(name(id("person", 91).r(), strange.r()), NoCandidateOfNeed { need: strange.r() });
    let mut money = story.record().clone();
    assert_eq!(money.veil(&member(90)), Sight::Hidden);
    let at = closes("2026-03-09");
    let (candidates, matter) = (list(&[A]), Matter::Fit);
    // Six have judged and the user makes seven.
    story.when(PutToVote(Putting { candidates, closes: at, matter, excused: List::default(), reason: None }));
    story.by(member(90)).when(cast(A, "user")).on("2026-03-10");
    let PutToVote(putting) = put_excusing(&[B], closes("2026-03-20"), &[6]) else { panic!("a vote") };
    story.refuses(
        PutToVote(Putting { candidates: list(&[A]), ..putting.clone() }),
        CountedAlready { candidate: A },
    );
    story.when(PutToVote(putting));
    story.by(member(90)).refuses(cast(B, "user"), NotVotedOn { candidate: B });
}

fn attends(day_of: &str, present: &[(usize, i64)]) -> Command {
    let one = |(n, halves): &(usize, i64)| Present {
        expert: id("expert", *n).r(),
        half_days: Between::new(*halves).unwrap(),
    };
    RecordAttendance { day: day(day_of), present: List::new(present.iter().map(one).collect()).unwrap() }
}

/// EP-F08: staff of the body that manages the projects, of what it became and of its branches sit in it unpaid.
#[test]
fn staff_of_those_who_manage_the_projects_are_not_paid() {
    let (agency, branch) = (Id::named("organisation-agency"), Id::named("organisation-branch"));
    let mut story = scored_with(json!({ "managing": [agency] }));
    story.with_rules_of::<Review>().on("2026-03-12");
    let of = |n: usize, unit: Id, parent: Option<Id>| {
        expert(n).fact("employers", [Body { id: unit, parent, successor: None }])
    };
    story.given(id("expert", 2), of(2, branch, Some(agency))).given(id("expert", 3), of(3, branch, None));
    story.when(attends("2026-03-09", &[(1, 2), (2, 2), (3, 2)]));
    let paid =
        |n: usize| story.record().fees().into_iter().find(|line| line.expert == id("expert", n)).unwrap();
    assert_eq!((paid(1).meetings, paid(1).is_staff), (yuan(1_950), false));
    assert_eq!((paid(2).meetings, paid(2).is_staff), (Money::ZERO, true));
    assert_eq!((paid(3).meetings, paid(3).is_staff), (yuan(1_950), false), "of another body");
}

/// EP-F03 to EP-F05: a senior title at the middle of the table has 1,950 yuan a day.
#[test]
fn meetings_are_paid_by_the_day_and_opinions_of_that_day_are_not_paid_again() {
    let mut story = scored();
    story.with_rules_of::<Review>();
    story.refuses(attends("2026-03-03", &[(1, 2)]), NotHeldYet { day: day("2026-03-03") });
    story.on("2026-03-12").refuses(attends("2026-03-09", &[]), NothingNamed);
    story.refuses(attends("2026-03-09", &[(8, 2)]), NotOfThePanel { expert: id("expert", 8).r() });
    story.refuses(attends("2026-03-09", &[(1, 2), (1, 1)]), NamedTwice { expert: id("expert", 1).r() });
    story.given(id("expert", 2), expert(2).fact("title_level", "academician"));
    story.given(id("expert", 3), expert(3).fact("title_level", "other-title"));
    story.when(attends("2026-03-09", &[(1, 2), (2, 2)])).when(attends("2026-03-10", &[(1, 2), (3, 1)]));
    story.refuses(attends("2026-03-09", &[(1, 1)]), DaysInOrder { day: day("2026-03-10") });
    story.when(attends("2026-03-11", &[(1, 2)])).when(attends("2026-03-11", &[(1, 1)]));
    let fees: Vec<_> =
        story.record().fees().into_iter().map(|f| (f.expert, f.half_days, f.meetings)).collect();
    let of = |n| {
        fees.iter().find(|(expert, ..)| *expert == id("expert", n)).map(|(_, halves, sum)| (*halves, *sum))
    };
    // Two whole days, and of the third, which is paid half, 60 per cent for half of it.
    assert_eq!(of(1), Some((5, yuan(1_950 * 2 + 585))));
    assert_eq!(of(2), Some((2, yuan(2_925))), "half as much again for an academician");
    assert_eq!(of(3), Some((1, yuan(720))));
}

#[test]
fn an_opinion_signed_on_a_day_of_the_meeting_is_covered_by_it() {
    let mut story = opened();
    story.with_rules_of::<Review>();
    story.when(AdmitCandidates { candidates: list(&[A]) }).when(pairs(&[(A, 1), (A, 2), (A, 3)]));
    let reviews: Vec<Ref<Review>> = story.record().seats.iter().map(|seat| seat.review).collect();
    for (review, signed) in reviews.iter().zip(["2026-03-09", "2026-03-08", "2026-03-09"]) {
        let card = Card::new().fact("total", 7_000).fact("marks", json!([{ "place": 1, "score": 70 }]));
        story.given(review.id(), card.fact("open", "c").fact("signed_on", signed).fact("fee", yuan(682)));
    }
    story.on("2026-03-10").when(close(&reviews)).when(attends("2026-03-09", &[(1, 2), (2, 2)]));
    let lines: Vec<_> =
        story.record().fees().iter().map(|f| (f.by_post, f.covered, f.post, f.total)).collect();
    let expected =
        [(0, 1, yuan(0), yuan(1_950)), (1, 0, yuan(682), yuan(1_950 + 682)), (1, 0, yuan(682), yuan(682))];
    assert_eq!(lines, expected);
}

#[test]
fn the_offices_that_allocate_read_what_it_came_to_and_nothing_of_one_reviewer() {
    let mut story = scored();
    story.when(put(&[A, B], closes("2026-03-09"))).by(member(1)).when(cast(A, "red")).on("2026-03-10");
    story.by(member(2)).when(Dissent { candidate: words(A.as_str()), text: words("too early") });
    let hidden = |story: &Story<Panel>| story.record().clone().veil(&office("joint-office")) == Sight::Hidden;
    assert!(hidden(&story), "nothing before the end");
    story.when(Conclude);
    let mut seen = story.record().clone();
    assert_eq!(seen.veil(&office("joint-office")), Sight::Seen);
    assert_eq!((seen.outcomes[0].mean, seen.outcomes[0].spread, seen.outcomes[0].median), (7_000, 2_000, 0));
    assert_eq!((seen.counts[0].yes, seen.counts[0].ballots.len(), seen.dissents.len()), (0, 0, 1));
    let text = serde_json::to_string(&(seen.clone(), seen.card())).unwrap();
    for name in ["person-", "expert-", "review-", "organisation-", "red"] {
        assert!(!text.contains(name), "{name}: {text}");
    }
    let lines = [
        Event::ScoresTaken { taken: story.record().taken.clone() },
        Event::Assigned { seats: story.record().seats.clone(), apart: vec![] },
        Event::BallotCast(story.record().ballots[0].clone()),
        Event::VoteOpened { vote: story.record().vote.clone().unwrap() },
    ];
    for line in lines {
        assert_eq!(Panel::veil_event(story.record(), line, &office("joint-office")), None);
    }
    let mut elsewhere = story.record().clone();
    let far = Viewer { offices: vec![("joint-office".into(), Region::code(440_000))], ..Viewer::default() };
    assert_eq!(elsewhere.veil(&far), Sight::Hidden);
}
