//! What an accreditation goes through, told as stories. `UPDATE_EXPECT=1 cargo test -p desks` rewrites them.

use grammar::story::*;

use super::*;

const UNIT: Id = Id::named("organisation-institute");
const OTHER: Id = Id::named("organisation-other");
const LI: Id = Id::named("person-li");

fn covered(method: &str, what: Option<&str>) -> Covered {
    Covered { method: method.parse().unwrap(), what: what.and_then(Text::read) }
}

fn entry(scope: &[Covered]) -> Entry {
    Entry {
        holder: UNIT.r(),
        mark: Mark::Cnas,
        number: "CNAS L1234".parse().unwrap(),
        body: "CNAS".parse().unwrap(),
        from: day("2026-01-01"),
        until: day("2026-06-30"),
        scope: List::new(scope.to_vec()).unwrap(),
        signatories: List::new(vec![LI.r()]).unwrap(),
        certificate: None,
    }
}

fn lead() -> Entry {
    entry(&[covered("GB/T 5009.12-2023", Some("铅 / lead"))])
}

fn why(text: &str) -> Text<500> {
    text.parse().unwrap()
}

fn entered() -> Story<Accreditation> {
    let mut story = Story::<Accreditation>::new("2026-03-02");
    story.given(UNIT, Card::new().region(Region::code(310_115)));
    story.showing(&["status", "confirmed", "reason"]).when(Command::Enter(Box::new(lead())));
    story
}

#[test]
fn it_counts_once_confirmed_and_a_change_once_confirmed_again() {
    let mut story = entered();
    assert_eq!(story.record().clone().veil(&Viewer::public()), Sight::Hidden);
    assert!(story.record().card().keys.is_empty(), "what is not confirmed is in nobody's way");
    story.when(Command::Reject { reason: why("the number is wrong") });
    story.when(Command::Amend(Box::new(lead()))).when(Command::Confirm { note: None });
    let wider = entry(&[covered("GB/T 5009.12-2023", None), covered("GB/T 5009.15-2023", None)]);
    story.refuses(Command::Amend(Box::new(lead())), Refusal::NothingChanged);
    let renamed = Entry { number: "CNAS L9".parse().unwrap(), ..lead() };
    story.refuses(Command::Amend(Box::new(renamed)), Refusal::AnotherCertificate);
    story.when(Command::Amend(Box::new(wider.clone())));
    assert_eq!(story.record().entry, lead(), "what is in force stays");
    story.when(Command::Reject { reason: why("not in the annex") });
    assert!(story.record().proposed.is_none());
    story.when(Command::Amend(Box::new(wider.clone()))).when(Command::Confirm { note: None });
    assert_eq!(story.record().entry, wider);
    story.when(Command::Suspend { reason: why("site check") });
    story.when(Command::Resume { reason: why("mended") });
    story.not_now(Command::Resume { reason: why("twice") });
    story.on("2026-07-01").not_now(Command::Amend(Box::new(lead())));
    story.expect(&expect![[r#"
        2026-03-02  enter     said entered  status entered  confirmed -  reason -
        2026-03-02  reject    said rejected  status rejected  confirmed -  reason the number is wrong
        2026-03-02  amend     said amended  status entered  confirmed -  reason -
        2026-03-02  confirm   said confirmed  status confirmed  confirmed 2026-03-02  reason -
        2026-03-02  refuses   Because(NothingChanged, None)  status confirmed  confirmed 2026-03-02  reason -
        2026-03-02  refuses   Because(AnotherCertificate, None)  status confirmed  confirmed 2026-03-02  reason -
        2026-03-02  amend     said proposed  status confirmed  confirmed 2026-03-02  reason -
        2026-03-02  reject    said rejected  status confirmed  confirmed 2026-03-02  reason not in the annex
        2026-03-02  amend     said proposed  status confirmed  confirmed 2026-03-02  reason not in the annex
        2026-03-02  confirm   said confirmed  status confirmed  confirmed 2026-03-02  reason -
        2026-03-02  suspend   said suspended  status suspended  confirmed 2026-03-02  reason site check
        2026-03-02  resume    said resumed  status confirmed  confirmed 2026-03-02  reason mended
        2026-07-01  clock     said ran-out  status over  confirmed 2026-03-02  reason mended
    "#]]);
}

#[test]
fn what_does_not_hold_together_is_not_entered() {
    let mut story = Story::<Accreditation>::new("2026-03-02");
    story.given(UNIT, Card::new()).given(OTHER, Card::new());
    let mut refuses = |entry: Entry, refusal| {
        story.refuses(Command::Enter(Box::new(entry)), refusal);
    };
    refuses(entry(&[]), Refusal::NoScope);
    let twice = [covered("GB/T 1-2020", None), covered("gb/t1—2020", None)];
    refuses(entry(&twice), Refusal::CoveredTwice { method: "gb/t1—2020".into() });
    refuses(Entry { signatories: List::default(), ..lead() }, Refusal::NoSignatory);
    refuses(Entry { until: day("2025-12-31"), ..lead() }, Refusal::EndsBeforeItBegins);
    let past = Entry { from: day("2025-01-01"), until: day("2026-03-01"), ..lead() };
    refuses(past, Refusal::EndsInThePast { until: day("2026-03-01") });
    let mut story = entered();
    story.refuses(Command::Amend(Box::new(Entry { holder: OTHER.r(), ..lead() })), Refusal::AnotherHolder);
}

#[test]
fn the_public_reads_the_scope_and_not_who_signs() {
    let mut story = entered();
    story.when(Command::Confirm { note: Some(why("seen")) });
    let mut seen = story.record().clone();
    assert_eq!(seen.veil(&Viewer::public()), Sight::Seen);
    assert!(seen.entry.signatories.is_empty() && seen.reason.is_none());
    assert_eq!(seen.entry.scope, lead().scope);
    assert_eq!(story.record().card().keys, ["accreditation:cnas/cnasl1234"]);
    assert!(!seen.card().parties.iter().any(|(_, id)| *id == LI));
    let confirmed = Event::Confirmed { on: day("2026-03-02"), note: Some(why("seen")) };
    assert!(Accreditation::veil_event(story.record(), confirmed, &Viewer::public()).is_none());
}

#[test]
fn a_method_is_known_however_it_is_written() {
    let lead = covered("GB/T 5009.12-2023", Some("铅 / Lead"));
    assert!(lead.covers("gb/t5009.12—2023", "铅/lead"));
    assert!(!lead.covers("GB/T 5009.12-2010", "铅 / Lead") && !lead.covers("GB/T 5009.12-2023", "镉"));
    assert!(covered("GB/T 5009.12-2023", None).covers("GB/T 5009.12-2023", "镉"));
}
