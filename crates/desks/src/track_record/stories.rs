//! What a track record does, told as stories. `UPDATE_EXPECT=1 cargo test -p desks` rewrites them.

use grammar::story::*;

use super::{Command::*, Refusal::*, *};

const PERSON: Id = Id::named("person-1");
const UNIT: Id = Id::named("organisation-light");
const ONE: Id = Id::named("proposal-1");
const TWO: Id = Id::named("proposal-2");

fn enter() -> Command {
    Enter { person: PERSON.r(), unit: UNIT.r(), region: Region::code(310_000) }
}

fn works(count: i64) -> Between<0, 200> {
    Between::new(count).unwrap()
}

#[test]
fn an_overdue_report_blocks_the_next_proposal_until_it_is_there() {
    let mut story = Story::<TrackRecord>::new("2026-03-02");
    story.given(PERSON, Card::new()).given(UNIT, Card::new());
    story.given(ONE, Card::new().status("overdue")).given(TWO, Card::new().status("scheduled"));
    story.showing(&["handed_in", "in_time", "late", "works"]);
    story.when(enter()).when(enter());
    story.when(Settle { proposal: TWO.r(), works: works(2) });
    story.when(MarkOverdue { proposal: ONE.r() });
    story.refuses(enter(), ReportOverdue { proposal: ONE.r(), count: 1 });
    story.when(Settle { proposal: ONE.r(), works: works(0) });
    story.when(enter());
    story.expect(&expect![[r#"
        2026-03-02  enter     said begun said entered  handed_in 1  in_time 0  late 0  works 0
        2026-03-02  enter     said entered  handed_in 2  in_time 0  late 0  works 0
        2026-03-02  settle    said settled  handed_in 2  in_time 1  late 0  works 2
        2026-03-02  mark-overdue said was-overdue  handed_in 2  in_time 1  late 0  works 2
        2026-03-02  refuses   Because(ReportOverdue { proposal: proposal-1, count: 1 }, None)  handed_in 2  in_time 1  late 0  works 2
        2026-03-02  settle    said settled  handed_in 2  in_time 1  late 1  works 2
        2026-03-02  enter     said entered  handed_in 3  in_time 1  late 1  works 2
    "#]]);
    assert_eq!(story.record().clone().veil(&Viewer::public()), Sight::Hidden);
}

#[test]
fn a_scientist_has_one_track_record_under_a_name_that_follows_from_theirs() {
    assert_eq!(name(PERSON.r()).id(), Id::named("track-record-1"));
    assert_eq!(name(Id::named("person-0a-b").r()).id(), Id::named("track-record-0axb"));
}
