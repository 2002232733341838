//! What a review does, told as stories. `UPDATE_EXPECT=1 cargo test -p desks` rewrites them.

use grammar::story::*;
use serde_json::json;

use super::{Command::*, Refusal::*, *};

const ALI: Id = Id::named("person-ali");
const EXPERT: Id = Id::named("expert-ali");
const PANEL: Id = Id::named("panel-1");
const SOLUTION: Id = Id::named("solution-1");
const ITSELF: Id = Id::named("review");

fn terms() -> Box<Terms> {
    let criteria = json!([
        { "criterion": { "zh": "指标覆盖" }, "weight": 60 }, { "criterion": { "zh": "可行性" }, "weight": 40 }
    ]);
    let rates = json!({ "senior_day": "1500", "other_day": "900", "mail_share": "20%" });
    let terms = json!({
        "panel": PANEL, "candidate": SOLUTION, "expert": EXPERT, "region": "310000", "criteria": criteria,
        "answer_until": "2026-03-09", "until": "2026-03-20", "rates": rates,
    });
    Box::new(serde_json::from_value(terms).unwrap())
}

fn expert(alarmed: &[Id]) -> Card {
    Card::new().party("person", ALI).fact("title_level", "academician").fact("alarmed", alarmed)
}

fn words<const N: usize>(text: &str) -> Text<N> {
    text.parse().unwrap()
}

fn invited() -> Story<Review> {
    invited_by(Id::named("organisation-lab"), &[])
}

/// For a panel whose projects these bodies manage.
fn invited_by(employer: Id, managing: &[Id]) -> Story<Review> {
    let mut story = Story::<Review>::new("2026-03-02");
    story
        .showing(&["status", "fee"])
        .given(
            EXPERT,
            expert(&[]).fact("employers", [json!({ "id": employer, "parent": null, "successor": null })]),
        )
        .given(PANEL, Card::new())
        .given(ALI, Card::new());
    let solution = Card::new().titled("高纯光刻胶", "").party("lead", Id::named("organisation-lab"));
    let solution = solution.party("leader", Id::named("person-lead")).text("route");
    story.given(SOLUTION, solution.fact("avoid", [ALI]).fact("blind", json!({ "route": "resin" })));
    let mut terms = terms();
    terms.managing = List::new(managing.iter().map(|id| id.r()).collect()).unwrap();
    for id in managing {
        story.given(*id, Card::new());
    }
    story.when(Open(terms));
    story
}

fn accept() -> Command {
    Accept { no_conflict: true, in_person: true }
}

fn sign(scores: &[(i64, i64)]) -> Command {
    let mark = |(place, score): &(i64, i64)| Mark {
        place: Between::new(*place).unwrap(),
        score: Between::new(*score).unwrap(),
    };
    let marks = List::new(scores.iter().map(mark).collect()).unwrap();
    Sign { marks, open: words("clear, but the yield is not shown"), closed: Some(words("weak team")) }
}

fn signed() -> Story<Review> {
    let mut story = invited();
    story.on("2026-03-05").when(accept()).when(sign(&[(2, 90), (1, 75)]));
    story
}

#[test]
fn an_expert_is_invited_accepts_signs_and_is_locked() {
    let mut story = signed();
    assert_eq!(story.record().opinions[0].total, 75 * 60 + 90 * 40);
    story.not_now(sign(&[(1, 1), (2, 1)])).on("2026-04-01").when(Lock { expert: EXPERT.r() });
    story.not_now(Replace { reason: words("too late") }).not_now(Bar { reason: words("too late") });
    story.expect(&expect![[r#"
        2026-03-02  open      said invited | engage expert-ali: review review, candidate solution-1, person person-ali, barred ["organisation-lab","person-lead"], avoid ["person-ali"], until 2026-03-20  status invited  fee -
        2026-03-05  accept    said accepted | attest expert-ali: review review, person person-ali  status accepted  fee -
        2026-03-05  sign      said signed | attest expert-ali: review review, person person-ali  status signed  fee 450
        2026-04-01  lock      said locked | disengage expert-ali: review review, reason review-locked  status locked  fee 450
    "#]]);
}

#[test]
fn who_cannot_give_the_pledges_declines() {
    let mut story = invited();
    story.refuses(Accept { no_conflict: true, in_person: false }, NoPledge);
    story.refuses(Accept { no_conflict: false, in_person: true }, NoPledge);
    story.when(Decline { ground: Ground::Conflict, note: None });
    story.not_now(accept());
    story.when(Replace { reason: words("another is asked") });
    story.expect(&expect![[r#"
        2026-03-02  open      said invited | engage expert-ali: review review, candidate solution-1, person person-ali, barred ["organisation-lab","person-lead"], avoid ["person-ali"], until 2026-03-20  status invited  fee -
        2026-03-02  refuses   Because(NoPledge, None)  status invited  fee -
        2026-03-02  refuses   Because(NoPledge, None)  status invited  fee -
        2026-03-02  decline   said declined | disengage expert-ali: review review, reason review-declined  status declined  fee -
        2026-03-02  replace     status declined  fee -
    "#]]);
}

#[test]
fn every_criterion_has_one_mark_and_the_comment_shows_no_personal_number() {
    let mut story = invited();
    story.when(accept());
    for marks in [&[(1, 50)][..], &[(1, 50), (1, 60)], &[(1, 50), (3, 60)], &[(1, 50), (2, 60), (2, 60)]] {
        story.refuses(sign(marks), MarksDoNotFit { criteria: 2 });
    }
    let Sign { marks, .. } = sign(&[(1, 50), (2, 60)]) else { panic!("a signature") };
    let open = words("call 13800138000");
    story.refuses(Sign { marks, open, closed: None }, ShowsPersonalNumbers);
    story.not_now(Lock { expert: Id::named("expert-other").r() });
    let refused = NotSigned { review: ITSELF.r(), status: Status::Accepted };
    story.refuses(Lock { expert: EXPERT.r() }, refused);
}

#[test]
fn an_answer_that_does_not_come_expires_and_so_does_an_opinion() {
    let mut story = invited();
    story.on("2026-03-09").not_now(Expire).on("2026-03-10");
    story.expect(&expect![[r#"
        2026-03-02  open      said invited | engage expert-ali: review review, candidate solution-1, person person-ali, barred ["organisation-lab","person-lead"], avoid ["person-ali"], until 2026-03-20  status invited  fee -
        2026-03-10  clock     said expired | disengage expert-ali: review review, reason review-expired  status expired  fee -
    "#]]);
    let mut story = invited();
    story.when(accept()).on("2026-03-21");
    story.expect(&expect![[r#"
        2026-03-02  open      said invited | engage expert-ali: review review, candidate solution-1, person person-ali, barred ["organisation-lab","person-lead"], avoid ["person-ali"], until 2026-03-20  status invited  fee -
        2026-03-02  accept    said accepted | attest expert-ali: review review, person person-ali  status accepted  fee -
        2026-03-21  clock     said expired | disengage expert-ali: review review, reason review-expired  status expired  fee -
    "#]]);
}

/// EP-F08: whoever works for the body that manages the projects judges without a fee.
#[test]
fn staff_of_those_who_manage_the_projects_sign_unpaid() {
    let agency = Id::named("organisation-agency");
    let signed_by = |employer: Id| {
        let mut story = invited_by(employer, &[agency]);
        story.when(accept()).when(sign(&[(1, 75), (2, 90)]));
        story.record().fee
    };
    assert_eq!(signed_by(agency), Some(Money::ZERO));
    assert_eq!(signed_by(Id::named("organisation-other")), Some(yuan(450)));
}

#[test]
fn a_conflict_that_waits_keeps_the_score_out_until_it_is_decided() {
    let mut story = signed();
    story.given(EXPERT, expert(&[ITSELF]));
    story.refuses(Lock { expert: EXPERT.r() }, ConflictWaits { review: ITSELF.r(), expert: EXPERT.r() });
    story.when(Clear { reason: words("they met once") });
    story.given(EXPERT, expert(&[])).when(Lock { expert: EXPERT.r() });
    let mut story = signed();
    story.when(Bar { reason: words("a tie came to light") });
    story.refuses(Lock { expert: EXPERT.r() }, NotSigned { review: ITSELF.r(), status: Status::Barred });
    story.not_now(Clear { reason: words("x") });
}

#[test]
fn a_discussion_shows_scores_without_names_and_lets_one_sign_again_or_keep() {
    let others = || List::new(vec![3_000, 4_100]).unwrap();
    let discuss = || Discuss { others: others(), until: day("2026-03-25") };
    let mut story = invited();
    story.refuses(discuss(), NotSigned { review: ITSELF.r(), status: Status::Invited });
    let mut story = signed();
    story.not_now(Keep);
    story.when(discuss()).when(sign(&[(1, 60), (2, 60)]));
    assert_eq!(story.record().card().read::<u32>("total"), Some(6_000));
    story.when(discuss()).when(Keep).when(discuss()).on("2026-03-26");
    story.expect(&expect![[r#"
        2026-03-02  open      said invited | engage expert-ali: review review, candidate solution-1, person person-ali, barred ["organisation-lab","person-lead"], avoid ["person-ali"], until 2026-03-20  status invited  fee -
        2026-03-05  accept    said accepted | attest expert-ali: review review, person person-ali  status accepted  fee -
        2026-03-05  sign      said signed | attest expert-ali: review review, person person-ali  status signed  fee 450
        2026-03-05  discuss   said discussed  status discussing  fee 450
        2026-03-05  sign      said signed | attest expert-ali: review review, person person-ali  status signed  fee 450
        2026-03-05  discuss   said discussed  status discussing  fee 450
        2026-03-05  keep      said kept  status signed  fee 450
        2026-03-05  discuss   said discussed  status discussing  fee 450
        2026-03-26  clock     said kept  status signed  fee 450
    "#]]);
}

#[test]
fn nobody_else_knows_of_it_and_the_reviewer_not_of_a_tie_that_was_let_stand() {
    let story = signed();
    let review = story.record();
    let sees = |viewer: &Viewer| review.clone().veil(viewer) == Sight::Seen;
    let office =
        |name: &str| Viewer { offices: vec![(name.into(), Region::code(310_000))], ..Viewer::default() };
    let person = |id: Id| Viewer { person: Some(id), ..Viewer::default() };
    let lab = Viewer { organisations: vec![Id::named("organisation-lab")], ..Viewer::default() };
    assert!(sees(&office("panel-office")) && sees(&person(ALI)));
    for viewer in
        [Viewer::public(), lab, person(Id::named("person-lead")), office("auditor"), office("expert-office")]
    {
        assert!(!sees(&viewer), "{viewer:?}");
        let locked = Event::Locked { on: day("2026-04-01") };
        assert_eq!(Review::veil_event(review, locked, &viewer), None);
    }
    let deputy =
        Viewer { person: Some(Id::named("person-deputy")), acting_for: Some(ALI), ..Viewer::default() };
    assert!(!sees(&deputy), "nobody reviews on another's behalf");
    let stands = Event::LetStand { reason: words("x") };
    assert_eq!(Review::veil_event(review, stands.clone(), &person(ALI)), None);
    assert!(Review::veil_event(review, stands, &office("panel-office")).is_some());
    let own = serde_json::to_string(review).unwrap();
    assert!(!own.contains("organisation-lab") && !own.contains("person-lead"), "blind: {own}");
}

#[test]
fn an_entry_without_person_cannot_be_invited() {
    let mut story = Story::<Review>::new("2026-03-02");
    story.given(EXPERT, Card::new()).given(PANEL, Card::new()).given(SOLUTION, Card::new());
    story.refuses(Open(terms()), NotAnExpertOfThePool { expert: EXPERT.r() });
}

#[test]
fn nobody_behind_a_large_team_is_left_out_unseen() {
    let mut story = Story::<Review>::new("2026-03-02");
    story.given(EXPERT, expert(&[])).given(PANEL, Card::new());
    let many = (0..81).map(|n| format!("person-{n}").parse().unwrap());
    story.given(SOLUTION, many.fold(Card::new(), |card, person| card.party("member", person)));
    story.refuses(Open(terms()), TeamTooLarge { max: 80 });
}
