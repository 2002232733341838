//! What a panel does, told as stories. `UPDATE_EXPECT=1 cargo test -p desks` rewrites them.

use grammar::story::*;
use serde_json::json;

use super::{Command::*, Refusal::*, *};
use crate::expert::{Kind, Why};

mod composing;

const A: Id = Id::named("solution-a");
const B: Id = Id::named("solution-b");
const NEED: Id = Id::named("need-1");
const FIRM: Id = Id::named("organisation-firm");
const LAB: Id = Id::named("organisation-lab");

fn words<const N: usize>(text: &str) -> Text<N> {
    text.parse().unwrap()
}

fn terms(more: serde_json::Value) -> Box<Terms> {
    let mut terms = json!({
        "title": { "zh": "联合攻关评审" }, "region": "310000", "load_max": 2, "answer_days": 5,
        "review_days": 10, "fee_level": "middle",
    });
    terms.as_object_mut().unwrap().extend(more.as_object().cloned().unwrap_or_default());
    Box::new(serde_json::from_value(terms).unwrap())
}

fn solution(zh: &str, lead: Id, leader: &str) -> Card {
    let card = Card::new().titled(zh, "").party("need", NEED).party("lead", lead);
    card.party("leader", leader.parse().unwrap()).fact("field", "biomedicine").status("formal-ok")
}

fn id(desk: &str, n: usize) -> Id {
    format!("{desk}-{n}").parse().unwrap()
}

/// Expert `n` of unit `n`, free for five reviews.
fn expert(n: usize) -> Card {
    Card::new()
        .status("in-pool")
        .party("person", id("person", n))
        .party("unit", id("organisation", n))
        .party("employer", id("organisation", n))
        .fact("fields", ["biomedicine"])
        .fact("title_level", "senior")
        .fact("open", 0)
        .fact("load_max", 5)
        .fact("employers", [json!({ "id": id("organisation", n), "parent": null, "successor": null })])
        .fact("relations", json!([]))
        .fact("resting", json!([]))
}

fn opened() -> Story<Panel> {
    opened_with(json!({}))
}

fn opened_with(more: serde_json::Value) -> Story<Panel> {
    let mut story = Story::<Panel>::new("2026-03-02");
    story.showing(&["each"]).with_rules_of::<Expert>();
    story.given(A, solution("甲方案", FIRM, "person-a")).given(B, solution("乙方案", LAB, "person-b"));
    story.given(FIRM, Card::new()).given(LAB, Card::new());
    story.given(Id::named("organisation-agency"), Card::new());
    for n in 1..=8 {
        story.given(id("expert", n), expert(n));
    }
    story.when(Open(terms(more)));
    story
}

fn list<T: Clone, const N: usize>(some: &[T]) -> List<T, N> {
    List::new(some.to_vec()).unwrap()
}

fn admitted() -> Story<Panel> {
    let mut story = opened();
    story.when(AdmitCandidates { candidates: list(&[A, B]) });
    story.when(NoteBodies { bodies: list(&[FIRM.r(), LAB.r()]) });
    story
}

fn pairs(some: &[(Id, usize)]) -> Command {
    let pair = |(candidate, n): &(Id, usize)| Pair { candidate: *candidate, expert: id("expert", *n).r() };
    Propose { pairs: List::new(some.iter().map(pair).collect()).unwrap() }
}

/// What the cards of the reviews say once they are signed. A story names the first of each step `review-new-1` and so on.
fn reviewed(story: &mut Story<Panel>, totals: &[u32]) -> Vec<Ref<Review>> {
    let reviews: Vec<Ref<Review>> =
        story.record().seats.iter().filter(|s| s.ended.is_none()).map(|seat| seat.review).collect();
    for (review, total) in reviews.iter().zip(totals) {
        let marks = json!([{ "place": 1, "score": total / 100 }]);
        let open = format!("comment {total}");
        let card = Card::new().status("signed").fact("total", total).fact("marks", marks).fact("open", open);
        story.given(review.id(), card);
    }
    reviews
}

fn close(reviews: &[Ref<Review>]) -> Command {
    CloseScores { reviews: list(reviews) }
}

fn member(n: usize) -> Viewer {
    Viewer { person: Some(id("person", n)), ..Viewer::default() }
}

fn office(name: &str) -> Viewer {
    Viewer { offices: vec![(name.into(), Region::code(310_000))], ..Viewer::default() }
}

#[test]
fn a_panel_is_set_up_with_the_usual_sheet_and_fee_or_its_own() {
    let story = opened();
    let panel = story.record();
    let names: Vec<&str> = panel.terms.criteria.iter().map(|one| one.criterion.zh()).collect();
    assert_eq!(names, ["指标覆盖", "可行性", "团队", "成本", "知识产权", "跨区域价值"]);
    assert_eq!((panel.rates.senior_day, panel.rates.other_day), (yuan(1_950), yuan(1_200)));
    let mut story = Story::<Panel>::new("2026-03-02");
    let criteria = json!([{ "criterion": { "zh": "创新" }, "weight": 60 }]);
    story.refuses(Open(terms(json!({ "criteria": criteria }))), WeightsDoNotSum { sum: 60 });
    story.refuses(Open(terms(json!({ "title": {} }))), NoTitle);
    story.when(Open(terms(json!({ "each": 5, "fee_level": "highest" }))));
    assert_eq!((story.record().each, story.record().rates.senior_day), (5, yuan(2_400)));
}

#[test]
fn candidates_are_admitted_once_and_their_bodies_noted() {
    let mut story = opened();
    story.given(NEED, Card::new());
    story.refuses(AdmitCandidates { candidates: list(&[NEED]) }, NotACandidate { candidate: NEED });
    story.refuses(AdmitCandidates { candidates: List::default() }, NothingNamed);
    story.refuses(AdmitCandidates { candidates: list(&[A, A]) }, AdmittedAlready { candidate: A });
    story.when(AdmitCandidates { candidates: list(&[A, B]) });
    story.given(LAB, Card::new().party("parent", FIRM));
    story.when(NoteBodies { bodies: list(&[FIRM.r(), LAB.r()]) });
    assert_eq!(story.record().candidates[1].judged.bodies[0].parent, Some(FIRM));
    story.refuses(AdmitCandidates { candidates: list(&[B]) }, AdmittedAlready { candidate: B });
    story.expect(&expect![[r#"
        2026-03-02  open      said opened  each 3
        2026-03-02  refuses   Because(NotACandidate { candidate: need-1 }, None)  each 3
        2026-03-02  refuses   Because(NothingNamed, None)  each 3
        2026-03-02  refuses   Because(AdmittedAlready { candidate: solution-a }, None)  each 3
        2026-03-02  admit-candidates said candidates-admitted | note-bodies panel: bodies ["organisation-firm","organisation-lab"] | begin-review solution-a: panel panel | begin-review solution-b: panel panel  each 3
        2026-03-02  note-bodies said bodies-noted  each 3
        2026-03-02  refuses   Because(AdmittedAlready { candidate: solution-b }, None)  each 3
    "#]]);
}

#[test]
fn an_assignment_is_checked_pair_by_pair() {
    let mut story = admitted();
    let expert_of = |n| id("expert", n).r();
    let other = Id::named("solution-other");
    story.refuses(pairs(&[(other, 1)]), NoSuchCandidate { candidate: other });
    story.refuses(pairs(&[(A, 1), (A, 1)]), ReviewsIt { expert: expert_of(1), candidate: A });
    let tie = json!([{ "number": 3, "bond": "teacher-student", "with": "person-a", "since": null, "until": null,
        "note": null, "is_noted": false, "excepted": null, "ended": null }]);
    story.given(id("expert", 1), expert(1).fact("relations", tie));
    let barred = |n, candidate, why, with| PairInConflict { expert: expert_of(n), candidate, why, with };
    story.refuses(pairs(&[(A, 1)]), barred(1, A, Why::TeacherStudent, Id::named("person-a")));
    let employed = |at: Id| json!([{ "id": at, "parent": null, "successor": null }]);
    story.given(id("expert", 2), expert(2).fact("employers", employed(FIRM)));
    story.refuses(pairs(&[(A, 2)]), barred(2, A, Why::SameLegalPerson, FIRM));
    story.refuses(pairs(&[(B, 2)]), barred(2, B, Why::BodyCompetes, FIRM));
    let mut own = expert(3);
    own.parties = vec![("person".into(), Id::named("person-b")), ("unit".into(), id("organisation", 3))];
    story.given(id("expert", 3), own);
    story.refuses(pairs(&[(A, 3)]), barred(3, A, Why::OwnCandidate, Id::named("person-b")));
    story.given(id("expert", 4), expert(4).status("dormant"));
    story.refuses(pairs(&[(A, 4)]), NotAvailable { expert: expert_of(4), status: "dormant".into() });
    let mut same_unit = expert(6);
    same_unit.parties = vec![("person".into(), id("person", 6)), ("unit".into(), id("organisation", 5))];
    story.given(id("expert", 6), same_unit);
    let part = UnitHasItsPart { expert: expert_of(6), candidate: A, max: 1 };
    story.refuses(pairs(&[(A, 5), (A, 6)]), part);
    story.when(pairs(&[(A, 5), (B, 5), (A, 7)]));
    assert_eq!(story.record().seats.len(), 3);
    let third = Id::named("solution-c");
    story.given(third, solution("丙方案", Id::named("organisation-c"), "person-c"));
    story.when(AdmitCandidates { candidates: list(&[third]) });
    story.refuses(pairs(&[(third, 5)]), LoadFull { expert: expert_of(5), max: 2 });
}

/// Experts 1 to 8 are on the list; 1 may know nothing of the first solution.
fn fixed() -> Story<Panel> {
    let mut story = admitted();
    let employed = json!([{ "id": FIRM, "parent": null, "successor": null }]);
    story.given(id("expert", 1), expert(1).fact("employers", employed));
    story.given(id("expert", 8), expert(8).fact("fields", ["new-energy"]));
    story.given(id("expert", 7), expert(7).fact("open", 5));
    let all: Vec<Ref<Expert>> = (1..=8).map(|n| id("expert", n).r()).collect();
    story.when(Fix { experts: list(&all) });
    story
}

fn drawn_for(panel: &Panel, candidate: Id) -> Vec<u32> {
    let order = panel.lots.as_ref().unwrap().order.iter().find(|one| one.candidate == candidate);
    order.map(|one| one.experts.iter().map(|place| place + 1).collect()).unwrap_or_default()
}

#[test]
fn the_list_is_fixed_before_the_seed_and_holds_only_who_may_judge() {
    let mut story = fixed();
    let lots = story.record().lots.clone().unwrap();
    let eligible = |candidate| {
        let one = lots.eligible.iter().find(|one| one.candidate == candidate).unwrap();
        one.experts.iter().map(|place| place + 1).collect::<Vec<u32>>()
    };
    assert_eq!((eligible(A), eligible(B)), (vec![2, 3, 4, 5, 6], vec![2, 3, 4, 5, 6]));
    let all: Vec<Ref<Expert>> = (1..=8).map(|n| id("expert", n).r()).collect();
    story.not_now(Fix { experts: list(&all) }).not_now(DrawLots);
    story.not_now(Invite { candidates: list(&[A]) });
    story.wait_until("2026-03-03");
    let (a, b) = (drawn_for(story.record(), A), drawn_for(story.record(), B));
    assert_eq!((a.len(), b.len()), (5, 5));
    assert!(a[..3].iter().filter(|n| b[..3].contains(n)).count() <= 1, "the load is balanced: {a:?} {b:?}");
    story.when(Invite { candidates: list(&[A, B]) });
    story.refuses(Invite { candidates: list(&[A]) }, NothingNamed);
    let asked: Vec<u32> = story
        .record()
        .live(A)
        .filter_map(|s| s.expert.id().as_str().strip_prefix("expert-")?.parse().ok())
        .collect();
    assert_eq!(asked, a[..3]);
}

#[test]
fn nobody_is_named_where_lots_are_drawn_and_substitutes_follow_in_order() {
    let mut story = fixed();
    story.wait_until("2026-03-03");
    let order = drawn_for(story.record(), A);
    let expert_at = |place: usize| id("expert", usize::try_from(order[place]).unwrap()).r::<Expert>();
    story.refuses(pairs(&[(A, 2)]), DrawnByLot { candidate: A });
    let pass = |expert| Pass { candidate: A, expert, reason: words("abroad until May") };
    story.refuses(pass(id("expert", 8).r()), NotDrawn { expert: id("expert", 8).r(), candidate: A });
    story.when(pass(expert_at(0)));
    story.refuses(pass(expert_at(0)), NotDrawn { expert: expert_at(0), candidate: A });
    story.when(Invite { candidates: list(&[A]) });
    let asked = |story: &Story<Panel>| story.record().live(A).map(|seat| seat.expert).collect::<Vec<_>>();
    assert_eq!(asked(&story), [expert_at(1), expert_at(2), expert_at(3)]);
    let gone = story.record().seats[0].review;
    story.given(gone.id(), Card::new().status("declined")).given(Id::named("review-foreign"), Card::new());
    let reason = words("declined");
    let named = Replace { review: gone, expert: Some(id("expert", 8).r()), reason: words("declined") };
    story.refuses(named, DrawnByLot { candidate: A });
    story.when(Replace { review: gone, expert: None, reason });
    assert!(asked(&story).contains(&expert_at(4)));
    let foreign = Id::named("review-foreign").r();
    story
        .refuses(Replace { review: foreign, expert: None, reason: words("x") }, NotASeat { review: foreign });
    let all: Vec<Ref<Review>> = story.record().live(A).map(|seat| seat.review).collect();
    story.given(all[0].id(), Card::new());
    story.when(Replace { review: all[0], expert: None, reason: words("ill") });
    story.refuses(Invite { candidates: list(&[A]) }, NobodyLeft { candidate: A });
    story.when(pairs(&[(A, 8)]));
}

fn assigned(each: usize) -> Story<Panel> {
    let mut story = opened();
    story.when(AdmitCandidates { candidates: list(&[A]) });
    let some: Vec<(Id, usize)> = (1..=each).map(|n| (A, n)).collect();
    story.when(pairs(&some));
    story
}

#[test]
fn scores_are_taken_together_when_all_are_signed() {
    let mut story = assigned(3);
    let reviews = reviewed(&mut story, &[8_000, 7_000, 6_000]);
    story.refuses(close(&reviews[..2]), ReviewsMissing { candidate: A, missing: 1 });
    story.refuses(close(&[reviews[0], reviews[0]]), NotASeat { review: reviews[0] });
    story.given(reviews[2].id(), Card::new().status("accepted"));
    story.refuses(close(&reviews), NotSignedYet { review: reviews[2] });
    reviewed(&mut story, &[8_000, 7_000, 6_000]);
    story.not_now(Conclude);
    story.when(close(&reviews));
    story.refuses(close(&reviews), NotASeat { review: reviews[0] });
    story.when(Conclude).not_now(Conclude);
    story.expect(&expect![[r#"
        2026-03-02  open      said opened  each 3
        2026-03-02  admit-candidates said candidates-admitted | note-bodies panel: bodies ["organisation-firm"] | begin-review solution-a: panel panel  each 3
        2026-03-02  propose   said assigned | open review-new-1: panel panel, candidate solution-a, expert expert-1, region 310000, criteria [{"criterion":{"zh":"指标覆盖","en":"indicator coverage"},"weight":35},{"criterion":{"zh":"可行性","en":"feasibility"},"weight":25},{"criterion":{"zh":"团队","en":"team"},"weight":15},{"criterion":{"zh":"成本","en":"cost"},"weight":10},{"criterion":{"zh":"知识产权","en":"intellectual property"},"weight":10},{"criterion":{"zh":"跨区域价值","en":"cross-region value"},"weight":5}], answer_until 2026-03-07, until 2026-03-17, rates senior_day=1950+other_day=1200+mail_share=7/20, managing [] | open review-new-2: panel panel, candidate solution-a, expert expert-2, region 310000, criteria [{"criterion":{"zh":"指标覆盖","en":"indicator coverage"},"weight":35},{"criterion":{"zh":"可行性","en":"feasibility"},"weight":25},{"criterion":{"zh":"团队","en":"team"},"weight":15},{"criterion":{"zh":"成本","en":"cost"},"weight":10},{"criterion":{"zh":"知识产权","en":"intellectual property"},"weight":10},{"criterion":{"zh":"跨区域价值","en":"cross-region value"},"weight":5}], answer_until 2026-03-07, until 2026-03-17, rates senior_day=1950+other_day=1200+mail_share=7/20, managing [] | open review-new-3: panel panel, candidate solution-a, expert expert-3, region 310000, criteria [{"criterion":{"zh":"指标覆盖","en":"indicator coverage"},"weight":35},{"criterion":{"zh":"可行性","en":"feasibility"},"weight":25},{"criterion":{"zh":"团队","en":"team"},"weight":15},{"criterion":{"zh":"成本","en":"cost"},"weight":10},{"criterion":{"zh":"知识产权","en":"intellectual property"},"weight":10},{"criterion":{"zh":"跨区域价值","en":"cross-region value"},"weight":5}], answer_until 2026-03-07, until 2026-03-17, rates senior_day=1950+other_day=1200+mail_share=7/20, managing []  each 3
        2026-03-02  refuses   Because(ReviewsMissing { candidate: solution-a, missing: 1 }, None)  each 3
        2026-03-02  refuses   Because(NotASeat { review: review-new-1 }, None)  each 3
        2026-03-02  refuses   Because(NotSignedYet { review: review-new-3 }, None)  each 3
        2026-03-02  close-scores said scores-taken | lock review-new-1: expert expert-1 | lock review-new-2: expert expert-2 | lock review-new-3: expert expert-3  each 3
        2026-03-02  refuses   Because(NotASeat { review: review-new-1 }, None)  each 3
        2026-03-02  conclude  said concluded | take-result solution-a: panel panel, score 7000, spread 2000, rank 1, comments ["comment 6000","comment 7000","comment 8000"]  each 3
    "#]]);
    let outcome = &story.record().outcomes[0];
    assert_eq!((outcome.mean, outcome.median, outcome.spread, outcome.rank), (7_000, 7_000, 2_000, 1));
    assert!(
        story.record().taken.iter().all(|taken| taken.open.is_none()),
        "the comments are the applicant's now"
    );
}

#[test]
fn too_few_reviews_or_scores_far_apart_are_not_taken() {
    let mut story = assigned(2);
    let reviews = reviewed(&mut story, &[8_000, 7_000]);
    story.refuses(close(&reviews), TooFewReviews { candidate: A, least: 3 });
    let mut story = assigned(3);
    let reviews = reviewed(&mut story, &[9_000, 7_000, 5_900]);
    story.refuses(close(&reviews), SpreadTooWide { candidate: A, spread: 31 });
    let discuss = |some: &[Ref<Review>]| Discuss { reviews: list(some), days: Between::new(7).unwrap() };
    story.refuses(discuss(&reviews[..2]), ReviewsMissing { candidate: A, missing: 1 });
    story.refuses(discuss(&[]), NothingNamed);
    story.when(discuss(&reviews)).when(close(&reviews));
    let mut story = assigned(4);
    let reviews = reviewed(&mut story, &[9_000, 7_000, 5_900, 8_000]);
    story.when(close(&reviews));
    assert_eq!(story.record().card().status, "scored", "a further reviewer settles it too");
}

fn scored() -> Story<Panel> {
    scored_with(json!({}))
}

fn scored_with(more: serde_json::Value) -> Story<Panel> {
    let mut story = opened_with(more);
    story.when(AdmitCandidates { candidates: list(&[A, B]) });
    let some = [(A, 1), (A, 2), (A, 3), (B, 4), (B, 5), (B, 6)];
    // Expert 4 has studied with the leader of the first solution.
    let tie = json!([{ "number": 1, "bond": "teacher-student", "with": "person-a", "since": null, "until": null,
        "note": null, "is_noted": false, "excepted": null, "ended": null }]);
    story.given(id("expert", 4), expert(4).fact("relations", tie));
    story.when(pairs(&some));
    let reviews = reviewed(&mut story, &[8_000, 7_000, 6_000, 8_000, 8_000, 8_000]);
    story.when(close(&reviews));
    story
}

fn cast(candidate: Id, word: &str) -> Command {
    let sealed =
        json!({ "verb": "cast", "candidate": candidate, "choice": format!("{word}-1"), "word": word });
    serde_json::from_value(sealed).unwrap()
}

/// Six have judged, and an odd number votes: the sixth is excused.
fn put(candidates: &[Id], at: Moment) -> Command {
    put_excusing(candidates, at, &[6])
}

fn put_excusing(candidates: &[Id], at: Moment, excused: &[usize]) -> Command {
    let persons: Vec<Ref<Person>> = excused.iter().map(|n| id("person", *n).r()).collect();
    let reason = (!excused.is_empty()).then(|| words("unable to attend"));
    let (candidates, matter) = (list(candidates), Matter::Money);
    PutToVote(Putting { candidates, closes: at, matter, excused: list(&persons), reason })
}

fn closes(at: &str) -> Moment {
    day(at).begins()
}

#[test]
fn members_vote_once_in_secret_on_what_they_may_know() {
    let mut story = scored();
    let put = |at| put(&[A, B], at);
    story.refuses(
        put(closes("2026-03-01")),
        ClosesTooSoon { now: closes("2026-03-02").plus_millis(9 * 3_600_000) },
    );
    story.by(member(1)).not_now(cast(A, "x"));
    story.when(put(closes("2026-03-09")));
    story.by(member(1)).when(cast(A, "red"));
    story.refuses(cast(A, "blue"), VotedAlready { candidate: A });
    story.by(member(4)).refuses(cast(A, "green"), NotVotedOn { candidate: A });
    story.when(cast(B, "green"));
    story.by(member(7)).refuses(cast(A, "x"), NotVotedOn { candidate: A });
    story.by(member(2)).not_now(Dissent { candidate: words(A.as_str()), text: words("too early") });
    story.on("2026-03-09");
    story.refuses(cast(A, "late"), VoteIsOver { closes: closes("2026-03-09") });
    let counts = story.record().counts.clone();
    let told: Vec<_> = counts.iter().map(|one| (one.voters, one.ballots.len(), one.has_quorum)).collect();
    assert_eq!(told, [(4, 1, false), (5, 1, false)]);
    let dissent = || Dissent { candidate: words(A.as_str()), text: words("the yield is not shown") };
    story.by(member(2)).when(dissent()).refuses(dissent(), DissentedAlready { candidate: A });
    story.when(Conclude);
    let mut auditor = story.record().clone();
    assert_eq!(auditor.veil(&office("auditor")), Sight::Seen);
}

#[test]
fn a_vote_needs_scores_and_five_voters() {
    let mut story = assigned(3);
    let put = || put(&[A], closes("2026-03-09"));
    story.refuses(put(), NotScored { candidate: A });
    let reviews = reviewed(&mut story, &[8_000, 7_000, 6_000]);
    story.when(close(&reviews));
    story.refuses(put_excusing(&[A], closes("2026-03-09"), &[]), TooFewVoters { least: 5 });
    story.refuses(put_excusing(&[], closes("2026-03-09"), &[]), NothingNamed);
}

#[test]
fn defences_do_not_overlap() {
    let mut story = admitted();
    let slot = |candidate, hour: i64, place: &str| Slot {
        candidate,
        begins: closes("2026-03-09").plus_millis(hour * 3_600_000),
        minutes: Between::new(60).unwrap(),
        place: words(place),
        recording: true,
    };
    let clash = SetSlots { slots: list(&[slot(A, 9, "hall"), slot(B, 9, "hall")]) };
    story.refuses(clash, SlotsOverlap { candidate: B });
    story.when(SetSlots { slots: list(&[slot(A, 9, "hall"), slot(B, 9, "online"), slot(B, 10, "hall")]) });
}

#[test]
fn a_member_learns_nothing_of_who_else_sits_or_of_what_they_are_barred_from() {
    let mut story = scored();
    story.when(put(&[A, B], closes("2026-03-09")));
    story.by(member(1)).when(cast(A, "red")).by(member(5)).when(cast(B, "blue"));
    let panel = story.record().clone();
    let text = |viewer: &Viewer| {
        let mut seen = panel.clone();
        let is_seen = seen.veil(viewer) == Sight::Seen;
        is_seen.then(|| serde_json::to_string(&(seen.clone(), seen.card())).unwrap())
    };
    assert!(text(&office("panel-office")).unwrap().contains("person-6"));
    for viewer in [Viewer::public(), office("auditor"), office("expert-office"), member(8)] {
        assert_eq!(text(&viewer), None, "{viewer:?}");
    }
    let applicant =
        Viewer { person: Some(Id::named("person-a")), organisations: vec![FIRM], ..Viewer::default() };
    assert_eq!(text(&applicant), None);
    let fourth = text(&member(4)).unwrap();
    for hidden in
        ["solution-a", "person-1", "person-5", "expert-5", "organisation-lab", "person-b", "甲方案", "red-1"]
    {
        assert!(!fourth.contains(hidden), "{hidden}: {fourth}");
    }
    assert!(fourth.contains("乙方案") && fourth.contains("solution-b"));
    let lines = [
        Event::ScoresTaken { taken: panel.taken.clone() },
        Event::Assigned { seats: panel.seats.clone(), apart: panel.apart.clone() },
        Event::VoteOpened { vote: panel.vote.clone().unwrap() },
        Event::BallotCast(panel.ballots[0].clone()),
    ];
    for line in lines {
        assert_eq!(Panel::veil_event(&panel, line, &member(4)), None);
    }
}

#[test]
fn a_candidate_that_was_withdrawn_is_dropped_and_the_rest_goes_on() {
    let drop = |candidate| DropCandidate { candidate, reason: words("withdrawn by the applicant") };
    let mut story = admitted();
    story.when(pairs(&[(A, 1), (A, 2), (A, 3), (B, 4)]));
    let other = Id::named("solution-other");
    story.given(other, Card::new());
    story.refuses(drop(other), NoSuchCandidate { candidate: other });
    story.when(drop(B)).refuses(pairs(&[(B, 5)]), NoSuchCandidate { candidate: B });
    let reviews = reviewed(&mut story, &[8_000, 7_000, 6_000]);
    story.when(close(&reviews)).when(Conclude);
    assert_eq!(story.record().outcomes.len(), 1);
}
