//! What a round does by the clock, told as stories. `UPDATE_EXPECT=1 cargo test -p desks` rewrites them.

use grammar::story::*;

use super::{Command::*, Refusal::*, *};

const UNIT: Id = Id::named("organisation-light");
const BEAMLINE: Id = Id::named("instrument-saxs");

fn percent(number: i64) -> Option<Between<0, 100>> {
    Between::new(number)
}

fn plan() -> Plan {
    let shifts = Between::new(100).unwrap();
    Plan {
        title: Bilingual { zh: Text::read("第一轮"), en: Text::read("first round") },
        region: Region::code(310_000),
        offers: List::new(vec![Offer { instrument: BEAMLINE.r(), shifts }]).unwrap(),
        reserves: Reserves {
            urgent: percent(10),
            key: percent(20),
            proprietary: percent(10),
            commissioning: percent(5),
        },
        opens: Some(day("2026-03-09")),
        closes: day("2026-03-31"),
        use_from: day("2026-05-01"),
        use_until: day("2026-07-31"),
        notes: None,
    }
}

fn begun() -> Story<Round> {
    let mut story = Story::<Round>::new("2026-03-02");
    story.given(UNIT, Card::new());
    story.given(BEAMLINE, Card::new().titled("小角散射", "scattering").party("unit", UNIT));
    story.showing(&["status"]);
    story
}

#[test]
fn a_round_opens_closes_and_ends_by_the_clock() {
    let mut story = begun();
    story.refuses(Announce(Plan { offers: List::default(), ..plan() }), NothingOffered);
    story.refuses(Announce(Plan { closes: day("2026-05-01"), ..plan() }), NotInOrder);
    let kept = Reserves { key: percent(21), ..plan().reserves };
    story.refuses(Announce(Plan { reserves: kept, ..plan() }), MoreReserved { most: 20 });
    story.when(Announce(plan()));
    story.when(Amend(Plan { notes: Text::read("请先联系线站"), ..plan() }));
    story.on("2026-04-01").not_now(Amend(plan()));
    story.refuses(Allocate, NothingToAllocate);
    story.on("2026-08-01");
    story.expect(&expect![[r#"
        2026-03-02  refuses   Because(NothingOffered, None)  status -
        2026-03-02  refuses   Because(NotInOrder, None)  status -
        2026-03-02  refuses   Because(MoreReserved { most: 20 }, None)  status -
        2026-03-02  announce  said announced | call-in instrument-saxs: round round, year 2026  status announced
        2026-03-02  amend     said amended | call-in instrument-saxs: round round, year 2026  status announced
        2026-03-09  clock     said opened  status open
        2026-04-01  clock     said closed  status closed
        2026-04-01  refuses   Because(NothingToAllocate, None)  status closed
        2026-08-01  clock     said over  status over
    "#]]);
}

#[test]
fn what_is_kept_back_and_what_is_for_all_is_the_whole() {
    use crate::proposal::Kind;
    let plan = plan();
    let offer = plan.offers[0];
    let pools =
        [Kind::General, Kind::Key, Kind::Proprietary, Kind::Urgent].map(|kind| plan.pool(&offer, kind));
    assert_eq!((pools, plan.commissioning(&offer)), ([55, 20, 10, 10], 5));
    // Of nine shifts a tenth is none: it stays with the general ones.
    let small = Offer { shifts: Between::new(9).unwrap(), ..offer };
    assert_eq!((plan.pool(&small, Kind::Urgent), plan.pool(&small, Kind::General)), (0, 8));
}
