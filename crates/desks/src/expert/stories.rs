//! What an expert does, told as stories. `UPDATE_EXPECT=1 cargo test -p desks` rewrites them.

use grammar::story::*;

use super::{Command::*, Refusal::*, *};

const ME: Id = Id::named("person-me");
const OTHER: Id = Id::named("person-other");
const FUDAN: Id = Id::named("organisation-fudan");
const HOSPITAL: Id = Id::named("organisation-hospital");
const REVIEW: Id = Id::named("review-1");
const SOLUTION: Id = Id::named("solution-1");
const ITSELF: Id = Id::named("expert");

fn fields(more: &str) -> Box<Fields> {
    let text = format!(
        r#"{{"person":"person-me","unit":"organisation-fudan","kinds":["technical"],"title_level":"senior",
        "fields":["integrated-circuits"],"load_max":2,"named":false,"no_secrets":true{more}}}"#
    );
    serde_json::from_str(&text).unwrap()
}

fn words<const N: usize>(text: &str) -> Text<N> {
    text.parse().unwrap()
}

fn holder(office: &str) -> Viewer {
    Viewer { offices: vec![(office.into(), Region::code(310_000))], ..Viewer::default() }
}

fn me() -> Viewer {
    Viewer { person: Some(ME), ..Viewer::default() }
}

fn applied() -> Story<Expert> {
    let mut story = Story::<Expert>::new("2026-03-02");
    story.showing(&["standing"]);
    story.given(ME, Card::new().party("affiliation", FUDAN).party("affiliation", HOSPITAL));
    story.given(FUDAN, Card::new().region(Region::code(310_110)));
    story.given(HOSPITAL, Card::new().region(Region::code(310_110)).party("parent", FUDAN));
    story.given(OTHER, Card::new()).given(REVIEW, Card::new()).given(SOLUTION, Card::new());
    story.when(Apply(fields("")));
    story
}

fn employ(of: &[Id]) -> Command {
    NoteEmployers { employers: List::new(of.iter().map(|one| one.r()).collect()).unwrap() }
}

fn in_pool() -> Story<Expert> {
    let mut story = applied();
    story.when(employ(&[FUDAN])).when(Recommend { opinion: words("true and able") }).when(Admit);
    story
}

fn engage(review: Id, candidate: Id, barred: &[Id]) -> Command {
    let (barred, avoid) = (List::new(barred.to_vec()).unwrap(), List::default());
    Engage { review, candidate, person: ME.r(), barred, avoid, until: day("2026-05-01") }
}

fn declare(bond: Bond, with: Id) -> Command {
    Declare { bond, with, since: None, until: None, note: None }
}

fn conflict(why: Why, with: Id, relation: Option<u32>) -> Refusal {
    InConflict { expert: ITSELF.r(), why, with, relation }
}

fn seen_by(expert: &Expert, viewer: &Viewer) -> Option<Expert> {
    let mut seen = expert.clone();
    (seen.veil(viewer) == Sight::Seen).then_some(seen)
}

#[test]
fn one_applies_is_recommended_and_admitted_and_confirms_every_year() {
    let mut story = applied();
    story.not_now(Admit).not_now(declare(Bond::Kin, OTHER));
    story.when(Recommend { opinion: words("true and able") });
    story.refuses(Admit, NotWithUnit);
    story.when(employ(&[FUDAN])).when(Admit);
    story.on("2027-02-01").when(ConfirmYearly { person: ME.r() });
    story.on("2028-03-01");
    story.when(ConfirmYearly { person: ME.r() });
    story.expect(&expect![[r#"
        2026-03-02  apply     said applied | note-employers expert: employers ["organisation-fudan","organisation-hospital"]  standing applied
        2026-03-02  recommend said recommended  standing recommended
        2026-03-02  refuses   Because(NotWithUnit, None)  standing recommended
        2026-03-02  note-employers said employers-noted  standing recommended
        2026-03-02  admit     said admitted  standing in-pool
        2027-02-01  confirm-yearly said confirmed | note-employers expert: employers ["organisation-fudan","organisation-hospital"]  standing in-pool
        2028-02-02  clock     said fell-asleep  standing in-pool
        2028-03-01  confirm-yearly said confirmed | note-employers expert: employers ["organisation-fudan","organisation-hospital"]  standing in-pool
    "#]]);
}

#[test]
fn a_form_that_makes_no_sense_is_refused() {
    let mut story = Story::<Expert>::new("2026-03-02");
    story.given(ME, Card::new()).given(FUDAN, Card::new());
    let mut none = fields("");
    none.fields = List::default();
    story.refuses(Apply(none), NoKindOrField);
    let mut secret = fields("");
    secret.no_secrets = false;
    story.refuses(Apply(secret), MayHoldSecrets);
    let mut story = applied();
    let mut other = fields("");
    other.person = OTHER.r();
    story.refuses(Amend(other), PersonStays);
    story.when(Decline { reason: words("no time for it") });
    assert!(story.record().card().keys.is_empty(), "one who was declined may apply anew");
    story.not_now(Admit);
}

#[test]
fn who_is_dormant_resting_full_sanctioned_or_gone_takes_on_nothing() {
    let mut story = in_pool();
    let rest = |from: &str, until: &str| Rest { from: day(from), until: day(until), reason: None };
    story.refuses(rest("2026-02-01", "2026-03-01"), EndsInThePast);
    story.when(rest("2026-04-01", "2026-04-30"));
    story.refuses(engage(REVIEW, SOLUTION, &[]), Resting { expert: ITSELF.r(), until: day("2026-04-30") });
    story.on("2027-03-10");
    let asleep = NotInPool { expert: ITSELF.r(), status: "dormant".into() };
    story.refuses(engage(REVIEW, SOLUTION, &[]), asleep);

    let mut story = in_pool();
    for n in 1..=2 {
        let (review, solution) =
            (format!("review-{n}").parse().unwrap(), format!("solution-{n}").parse().unwrap());
        story.given(review, Card::new()).given(solution, Card::new()).when(engage(review, solution, &[]));
    }
    let third = engage(Id::named("review-3"), Id::named("solution-3"), &[]);
    story.refuses(third, LoadFull { expert: ITSELF.r(), max: 2 });
    story.when(Disengage { review: REVIEW, reason: Freed::ReviewLocked });
    story.when(Disengage { review: REVIEW, reason: Freed::ReviewLocked });
    story.refuses(engage(REVIEW, Id::named("solution-2"), &[]), EngagedAlready { expert: ITSELF.r() });

    let mut story = in_pool();
    story.when(Remove { reason: words("asked to leave") });
    let gone = NotInPool { expert: ITSELF.r(), status: "removed".into() };
    story.refuses(engage(REVIEW, SOLUTION, &[]), gone);
}

#[test]
fn a_conflict_bars_and_says_which_rule_and_which_fact() {
    let mut story = in_pool();
    story.refuses(engage(REVIEW, SOLUTION, &[FUDAN]), conflict(Why::SameLegalPerson, FUDAN, None));
    story.refuses(engage(REVIEW, SOLUTION, &[HOSPITAL]), conflict(Why::ParentBody, HOSPITAL, None));
    story.refuses(engage(REVIEW, SOLUTION, &[ME]), conflict(Why::Oneself, ME, None));
    story.when(declare(Bond::TeacherStudent, OTHER));
    story.refuses(engage(REVIEW, SOLUTION, &[OTHER]), conflict(Why::TeacherStudent, OTHER, Some(1)));
    story.when(WithdrawRelation { relation: 1 }).when(engage(REVIEW, SOLUTION, &[OTHER]));
    story.refuses(WithdrawRelation { relation: 1 }, NoSuchRelation { relation: 1 });
}

#[test]
fn joint_work_on_a_paper_of_very_many_is_excepted_by_the_office() {
    let mut story = in_pool();
    story.when(NoteRelation { bond: Bond::CoWork, with: OTHER, since: None, until: None, note: None });
    story.refuses(WithdrawRelation { relation: 1 }, NotedByOffice { relation: 1 });
    story.refuses(engage(REVIEW, SOLUTION, &[OTHER]), conflict(Why::CoWork, OTHER, Some(1)));
    story.when(Except { relation: 1, reason: words("one of 2,900 authors") });
    story.when(engage(REVIEW, SOLUTION, &[OTHER]));
    story.when(declare(Bond::Kin, HOSPITAL));
    story.refuses(Except { relation: 2, reason: words("x") }, OnlyJointWork);
    story.when(StrikeRelation { relation: 2, reason: words("a namesake") });
    story.refuses(declare(Bond::Kin, ME), WithOneself);
    story.refuses(declare(Bond::Kin, REVIEW), NeitherPersonNorOrganisation);
    let (since, until) = (Some(day("2026-01-02")), Some(day("2026-01-01")));
    let backwards = Declare { bond: Bond::CoWork, with: OTHER, since, until, note: None };
    story.refuses(backwards, EndsBeforeItBegins);
}

#[test]
fn a_fact_that_comes_later_raises_an_alarm_on_what_was_taken_on() {
    let mut story = in_pool();
    story.when(engage(REVIEW, SOLUTION, &[OTHER, HOSPITAL]).clone_for(OTHER));
    story.not_now(Settle { review: REVIEW, stands: true });
    story.when(declare(Bond::Kin, OTHER));
    assert_eq!(story.record().card().read::<Vec<Id>>("alarmed"), Some(vec![REVIEW]));
    story.when(declare(Bond::Kin, OTHER)).when(Settle { review: REVIEW, stands: false });
    assert_eq!(story.record().card().read::<usize>("alarms"), Some(0));
    story.expect(&expect![[r#"
        2026-03-02  apply     said applied | note-employers expert: employers ["organisation-fudan","organisation-hospital"]  standing applied
        2026-03-02  note-employers said employers-noted  standing applied
        2026-03-02  recommend said recommended  standing recommended
        2026-03-02  admit     said admitted  standing in-pool
        2026-03-02  engage    said engaged  standing in-pool
        2026-03-02  declare   said declared said alarmed  standing in-pool
        2026-03-02  declare   said declared  standing in-pool
        2026-03-02  settle    said settled  standing in-pool
    "#]]);
}

impl Command {
    /// The same engagement with one person only behind the candidate.
    fn clone_for(self, person: Id) -> Self {
        let Engage { review, candidate, .. } = self else { return self };
        engage(review, candidate, &[person])
    }
}

#[test]
fn a_new_employer_raises_an_alarm_and_employers_are_looked_at_every_week() {
    let mut story = in_pool();
    let firm = Id::named("organisation-firm");
    story.given(firm, Card::new());
    story.when(engage(REVIEW, SOLUTION, &[firm]));
    story.on("2026-03-05").when(employ(&[FUDAN])).when(employ(&[FUDAN]));
    assert_eq!(story.record().due().map(|due| due.at), Some(day("2026-03-12").ends()));
    story.when(employ(&[FUDAN, firm]));
    let alarm = story.record().own().engagements.as_ref().unwrap()[0].alarms[0].clone();
    assert_eq!(
        (alarm.hit.why, alarm.hit.rule.as_str(), alarm.hit.with),
        (Why::SameLegalPerson, "EP-R12", firm)
    );
    story.when(Attest { review: REVIEW, person: ME.r() });
    story.expect(&expect![[r#"
        2026-03-02  apply     said applied | note-employers expert: employers ["organisation-fudan","organisation-hospital"]  standing applied
        2026-03-02  note-employers said employers-noted  standing applied
        2026-03-02  recommend said recommended  standing recommended
        2026-03-02  admit     said admitted  standing in-pool
        2026-03-02  engage    said engaged  standing in-pool
        2026-03-05  note-employers said employers-noted  standing in-pool
        2026-03-05  note-employers   standing in-pool
        2026-03-05  note-employers said employers-noted said alarmed  standing in-pool
        2026-03-05  attest    | note-employers expert: employers ["organisation-fudan","organisation-hospital"]  standing in-pool
    "#]]);
}

fn sanction(level: Level, until: Option<&str>) -> Command {
    let (from, until) = (day("2026-03-02"), until.map(day));
    Sanction { level, from, until, ground: Ground::DidNotWithdraw, document: words("〔2026〕1号") }
}

#[test]
fn a_sanction_bars_alarms_ends_by_itself_and_is_hidden_later() {
    let mut story = in_pool();
    story.when(engage(REVIEW, SOLUTION, &[])).when(sanction(Level::Serious, Some("2028-03-01")));
    let status = |story: &Story<Expert>| story.record().card().status.clone();
    assert_eq!(status(&story), "sanctioned");
    assert_eq!(story.record().card().read::<Vec<Id>>("alarmed"), Some(vec![REVIEW]));
    story.refuses(engage(REVIEW, SOLUTION, &[]), IsSanctioned { expert: ITSELF.r() });
    story.when(Disengage { review: REVIEW, reason: Freed::ReviewReplaced });
    story.on("2027-02-01").when(ConfirmYearly { person: ME.r() });
    story.on("2028-01-20").when(ConfirmYearly { person: ME.r() }).on("2028-03-02");
    assert_eq!(status(&story), "in-pool");
    assert_eq!(story.record().own().sanctions[0].shown_until, Some(day("2033-03-01")));
    story.on("2033-03-02");
    assert!(story.record().own().sanctions.is_empty());
    let held = Event::SanctionEnded { sanction: 1, on: day("2028-03-01"), shown_until: day("2033-03-01") };
    let shown = |office: &str| Expert::veil_event(story.record(), held.clone(), &holder(office)).is_some();
    assert_eq!((shown("integrity-office"), shown("panel-office")), (true, false));
}

#[test]
fn levels_have_their_lengths_and_a_failed_project_is_no_ground() {
    let mut story = in_pool();
    let wrong = LengthDoesNotFit { serious: 36, grave: 60 };
    for (level, until) in [
        (Level::Serious, Some("2029-03-03")),
        (Level::Serious, None),
        (Level::Grave, Some("2029-03-02")),
        (Level::Grave, Some("2031-03-03")),
        (Level::VeryGrave, Some("2031-03-02")),
    ] {
        story.refuses(sanction(level, until), wrong.clone());
    }
    story.when(sanction(Level::Warning, None));
    assert_eq!(story.record().card().status, "in-pool", "a warning bars nothing");
    for (level, until) in [
        (Level::Serious, Some("2029-03-02")),
        (Level::Grave, Some("2031-03-02")),
        (Level::VeryGrave, Some("2031-03-03")),
        (Level::VeryGrave, None),
    ] {
        story.when(sanction(level, until));
    }
    let later = Sanction {
        level: Level::Warning,
        from: day("2026-03-03"),
        until: None,
        ground: Ground::BrokeSecrecy,
        document: words("2"),
    };
    story.refuses(later, BeginsLater { from: day("2026-03-03") });
    let failed = serde_json::from_str::<Ground>(r#""project-failed""#);
    assert!(failed.is_err(), "an honest failure is no word of this desk");
}

#[test]
fn a_sanction_is_contested_in_time_once_or_repaired() {
    let mut story = in_pool();
    story.when(sanction(Level::Serious, Some("2028-03-01")));
    let appeal = || Appeal { sanction: 1, text: words("I had said so") };
    let decide = |upheld| DecideAppeal { sanction: 1, upheld, answer: words("heard") };
    story.refuses(decide(true), NothingAppealed { sanction: 1 });
    story.refuses(Appeal { sanction: 2, text: words("x") }, NoSuchSanction { sanction: 2 });
    story.on("2026-03-24").refuses(appeal(), TooLateToAppeal { last: day("2026-03-23") });

    let mut story = in_pool();
    story.when(sanction(Level::Serious, Some("2028-03-01")));
    story.on("2026-03-23").when(appeal());
    story.refuses(appeal(), AppealedAlready { sanction: 1 });
    story.when(decide(true));
    assert_eq!(story.record().card().status, "in-pool");
    story.refuses(Repair { sanction: 1, reason: words("x") }, SanctionIsOver { sanction: 1 });
    story.on("2026-03-27");
    assert!(story.record().own().sanctions.is_empty(), "three working days later");

    let mut story = in_pool();
    story.when(sanction(Level::VeryGrave, None)).when(Repair { sanction: 1, reason: words("made good") });
    assert_eq!(story.record().card().status, "in-pool");
}

#[test]
fn nobody_but_the_panel_office_knows_who_reviews_what_and_not_even_the_expert_for_whom() {
    let mut story = in_pool();
    story.when(engage(REVIEW, SOLUTION, &[OTHER])).when(declare(Bond::Kin, OTHER));
    let expert = story.record();
    let text = |viewer: &Viewer| {
        seen_by(expert, viewer).map(|seen| serde_json::to_string(&(seen.clone(), seen.card())).unwrap())
    };
    let whole = text(&holder("panel-office")).unwrap();
    assert!(whole.contains("solution-1") && whole.contains("review-1"));
    let own = text(&me()).unwrap();
    assert!(own.contains("review-1") && !own.contains("solution-1") && !own.contains("alarms\":[{"), "{own}");
    assert_eq!(own.matches("person-other").count(), 2, "only the own tie, in record and card: {own}");
    for office in ["expert-office", "integrity-office", "auditor"] {
        let seen = text(&holder(office)).unwrap();
        assert!(
            !seen.contains("review-1") && !seen.contains("\"open\"") && !seen.contains("solution"),
            "{seen}"
        );
    }
    let public = text(&Viewer::public()).unwrap();
    assert!(
        !public.contains("person-me") && !public.contains("fudan") && !public.contains("\"kin\""),
        "{public}"
    );
    let engaged = Event::Engaged(Box::new(expert.engagement(REVIEW).unwrap().clone()));
    let line = |viewer: &Viewer| Expert::veil_event(expert, engaged.clone(), viewer);
    assert_eq!(line(&holder("expert-office")), None);
    assert!(!format!("{:?}", line(&me())).contains("person-other"));
    let alarmed = Event::Settled { review: REVIEW, stands: true };
    assert_eq!(Expert::veil_event(expert, alarmed, &me()), None);
}

#[test]
fn an_application_is_for_its_parties_and_a_sanction_does_not_show_in_public() {
    let waiting = applied();
    assert!(seen_by(waiting.record(), &Viewer::public()).is_none());
    assert!(seen_by(waiting.record(), &holder("integrity-office")).is_none());
    assert!(seen_by(waiting.record(), &Viewer { organisations: vec![FUDAN], ..Viewer::default() }).is_some());
    let mut one = in_pool();
    let before = serde_json::to_string(&seen_by(one.record(), &Viewer::public()).unwrap()).unwrap();
    one.when(sanction(Level::Serious, Some("2028-03-01")));
    let after = serde_json::to_string(&seen_by(one.record(), &Viewer::public()).unwrap()).unwrap();
    assert_eq!(before, after);
}
