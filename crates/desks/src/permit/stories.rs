//! What a permit does, told as stories. `UPDATE_EXPECT=1 cargo test -p desks` rewrites them.

use grammar::story::*;

use super::{Command::*, Refusal::*, *};

const INSTRUMENT: Id = Id::named("instrument-tem");
const UNIT: Id = Id::named("organisation-institute");
const PERSON: Id = Id::named("person-1");

fn begun() -> Story<Permit> {
    let mut story = Story::<Permit>::new("2026-03-02");
    story
        .given(INSTRUMENT, Card::new().titled("电镜", "microscope").party("unit", UNIT))
        .given(PERSON, Card::new());
    story.showing(&["status", "until"]);
    story
}

#[test]
fn a_trained_person_may_run_it_until_a_day() {
    let mut story = begun();
    story.when(Ask { instrument: INSTRUMENT.r(), person: PERSON.r() });
    story.not_now(SignOff { until: day("2026-12-31") });
    story.refuses(Train { on: day("2026-03-03") }, TrainedLater { on: day("2026-03-03") });
    story.when(Train { on: day("2026-03-02") });
    story.refuses(SignOff { until: day("2026-03-01") }, EndsInThePast { until: day("2026-03-01") });
    story.refuses(SignOff { until: day("2029-03-03") }, TooLong { months: 36 });
    story.when(SignOff { until: day("2026-12-31") });
    assert!(story.record().is_certificate());
    story.on("2027-01-05").when(Renew { until: day("2027-06-30") });
    story.on("2027-07-10").not_now(Withdraw { reason: "left".parse().unwrap() });
    story.expect(&expect![[r#"
        2026-03-02  ask       said asked  status asked  until -
        2026-03-02  refuses   Because(TrainedLater { on: Day(2026-03-03) }, None)  status asked  until -
        2026-03-02  train     said trained  status trained  until -
        2026-03-02  refuses   Because(EndsInThePast { until: Day(2026-03-01) }, None)  status trained  until -
        2026-03-02  refuses   Because(TooLong { months: 36 }, None)  status trained  until -
        2026-03-02  sign-off  said granted  status valid  until 2026-12-31
        2026-12-01  clock     said warned  status valid  until 2026-12-31
        2027-01-01  clock     said expired  status expired  until 2026-12-31
        2027-01-05  renew     said granted  status valid  until 2027-06-30
        2027-05-31  clock     said warned  status valid  until 2027-06-30
        2027-07-01  clock     said expired  status expired  until 2027-06-30
    "#]]);
}

#[test]
fn the_keeper_grants_one_at_once_and_may_withdraw_it() {
    let mut story = begun();
    let (instrument, person) = (INSTRUMENT.r(), PERSON.r());
    story.when(Grant { instrument, person, trained: day("2026-03-01"), until: day("2026-12-31") });
    story.when(Withdraw { reason: "left the sample in".parse().unwrap() });
    story.not_now(Renew { until: day("2026-12-31") });
    assert_eq!(story.record().clone().veil(&Viewer::public()), Sight::Hidden);
}
