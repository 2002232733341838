//! What a visit goes through, told as stories. `UPDATE_EXPECT=1 cargo test -p desks` rewrites them.

use grammar::story::*;

use super::{Command::*, Refusal::*, *};

const LAB: Id = Id::named("laboratory-materials");
const OTHER: Id = Id::named("laboratory-closed");
const LEAD: Id = Id::named("organisation-university");
const FIRM: Id = Id::named("organisation-firm");
const HOST: Id = Id::named("person-host");
const STRANGER: Id = Id::named("person-stranger");
const BOOKING: Id = Id::named("booking-1");
const PROPOSAL: Id = Id::named("proposal-1");
const ORDER: Id = Id::named("voucher-order-1");

fn laboratory(notes: Option<i64>) -> Card {
    let card = Card::new().titled("示例材料实验室", "materials").status("listed").party("lead", LEAD);
    notes.map_or(card.clone(), |version| card.fact("safety", version))
}

fn firm() -> Viewer {
    Viewer { person: Some(Id::named("person-1")), organisations: vec![FIRM], ..Viewer::default() }
}

fn lead() -> Viewer {
    Viewer { person: Some(HOST), organisations: vec![LEAD], ..Viewer::default() }
}

fn moment(text: &str) -> Moment {
    text.parse().unwrap()
}

fn visitors(names: &[&str]) -> Visitors {
    let named = |name: &&str| serde_json::from_value(serde_json::json!({ "name": name })).unwrap();
    List::new(names.iter().map(named).collect()).unwrap()
}

fn occasion() -> Occasion {
    Occasion {
        laboratory: LAB.r(),
        visiting: FIRM.r(),
        purpose: "to set up the stage".parse().unwrap(),
        from: moment("2026-03-02 09:00"),
        // Stories have one hour a day: what is due is asked at nine.
        until: moment("2026-03-04 09:00"),
        booking: None,
        proposal: None,
        order: None,
    }
}

fn announce(change: impl FnOnce(&mut Occasion)) -> Command {
    let mut occasion = occasion();
    change(&mut occasion);
    Announce(Announcement { occasion, visitors: visitors(&["c0ffee", "decade"]) })
}

fn accept() -> Command {
    Accept { host: HOST.r(), conditions: Text::read("closed shoes") }
}

fn confirm(version: i64) -> Command {
    ConfirmSafety { laboratory: LAB.r(), version: Between::new(version).unwrap() }
}

fn arrive(visitor: Option<i64>) -> Command {
    Arrive { laboratory: LAB.r(), visitor: visitor.and_then(Between::new) }
}

fn leave(visitor: Option<i64>) -> Command {
    Leave { visitor: visitor.and_then(Between::new) }
}

fn why(text: &str) -> Text<500> {
    text.parse().unwrap()
}

/// The laboratory has safety notes of this version, or none.
fn begun(notes: Option<i64>) -> Story<Visit> {
    let mut story = Story::<Visit>::new("2026-03-02");
    let of = |one: Id, other: Id| Card::new().party("buyer", one).party("provider", other);
    story
        .given(LAB, laboratory(notes))
        .given(OTHER, Card::new().status("suspended").party("lead", LEAD))
        .given(FIRM, Card::new())
        .given(LEAD, Card::new())
        .given(HOST, Card::new().party("affiliation", LEAD))
        .given(STRANGER, Card::new().party("affiliation", FIRM).party("claimed", LEAD))
        .given(BOOKING, of(FIRM, LEAD))
        .given(ORDER, of(STRANGER, LEAD))
        .given(
            PROPOSAL,
            Card::new().party("applicant", STRANGER).party("leader", STRANGER).party("unit", LEAD),
        );
    story.showing(&["status"]).by(firm());
    story
}

fn accepted(notes: Option<i64>) -> Story<Visit> {
    let mut story = begun(notes);
    story.when(announce(|_| {})).by(lead()).when(accept());
    story
}

/// How it stands with each of them.
fn standings(story: &Story<Visit>) -> Vec<Standing> {
    story.record().coming.iter().map(|comer| comer.standing).collect()
}

#[test]
fn visitors_come_go_come_again_and_the_clock_signs_out_who_did_not() {
    let mut story = accepted(Some(1));
    story.by(firm()).when(confirm(1)).by(lead());
    story.when(arrive(Some(2))).refuses(arrive(Some(2)), InsideAlready);
    story.when(arrive(None)).refuses(arrive(None), NobodyExpected);
    story.refuses(arrive(Some(3)), NoSuchVisitor { most: 2 });
    story.when(leave(Some(1))).refuses(leave(Some(1)), NotInside).when(arrive(Some(1)));
    story.when(leave(None)).not_now(leave(None));
    story.on("2026-03-03").refuses(arrive(None), NobodyExpected).when(arrive(Some(1)));
    story.on("2026-03-05").not_now(arrive(Some(2)));
    assert_eq!(standings(&story), [Standing::SignedOut, Standing::Left]);
    assert_eq!(story.record().ended, Some(moment("2026-03-04 09:00")));
    story.expect(&expect![[r#"
        2026-03-02  announce  said announced  status announced
        2026-03-02  accept    said accepted  status accepted
        2026-03-02  confirm-safety said safety-confirmed  status accepted
        2026-03-02  arrive    said arrived | admit laboratory-materials: visit visit, booking -, people 1  status inside
        2026-03-02  refuses   Because(InsideAlready, None)  status inside
        2026-03-02  arrive    said arrived | admit laboratory-materials: visit visit, booking -, people 1  status inside
        2026-03-02  refuses   Because(NobodyExpected, None)  status inside
        2026-03-02  refuses   Because(NoSuchVisitor { most: 2 }, None)  status inside
        2026-03-02  leave     said left | see-out laboratory-materials: visit visit, people 1  status inside
        2026-03-02  refuses   Because(NotInside, None)  status inside
        2026-03-02  arrive    said arrived | admit laboratory-materials: visit visit, booking -, people 1  status inside
        2026-03-02  leave     said left | see-out laboratory-materials: visit visit, people 2  status accepted
        2026-03-03  refuses   Because(NobodyExpected, None)  status accepted
        2026-03-03  arrive    said arrived | admit laboratory-materials: visit visit, booking -, people 1  status inside
        2026-03-04  clock     said ended | see-out laboratory-materials: visit visit, people 1  status over
    "#]]);
}

#[test]
fn nobody_is_named_when_the_days_are_over() {
    let mut story = accepted(None);
    story.when(arrive(None));
    story.on("2026-04-03");
    assert!(story.record().coming.iter().all(|comer| comer.name.is_some()));
    story.on("2026-04-05");
    assert!(story.record().coming.iter().all(|comer| comer.name.is_none()));
    assert_eq!(standings(&story), [Standing::SignedOut, Standing::SignedOut]);
    assert!(story.record().due().is_none());
    story.expect(&expect![[r#"
        2026-03-02  announce  said announced  status announced
        2026-03-02  accept    said accepted  status accepted
        2026-03-02  arrive    said arrived | admit laboratory-materials: visit visit, booking -, people 2  status inside
        2026-03-04  clock     said ended | see-out laboratory-materials: visit visit, people 2  status over
        2026-04-04  clock     said forgotten  status over
    "#]]);
}

#[test]
fn nobody_comes_in_before_the_notes_as_they_are_now_were_confirmed() {
    let mut story = accepted(Some(1));
    story.refuses(arrive(None), SafetyNotConfirmed { version: 1 });
    story.by(firm()).refuses(confirm(2), AnotherVersion { version: 1 }).when(confirm(1));
    story.refuses(confirm(1), ConfirmedAlready { version: 1 });
    story.given(LAB, laboratory(Some(2)));
    story.by(lead()).refuses(arrive(None), SafetyChanged { confirmed: 1, version: 2 });
    story.by(firm()).when(confirm(2)).by(lead()).when(arrive(Some(1)));
    // Whoever is inside when they change stays; whoever comes later confirms again.
    story.given(LAB, laboratory(Some(3)));
    story.refuses(arrive(Some(2)), SafetyChanged { confirmed: 2, version: 3 }).when(leave(Some(1)));
    story.given(LAB, laboratory(None)).by(firm()).refuses(confirm(3), NothingToConfirm);
    story.by(lead()).when(arrive(Some(2)));
    assert_eq!(story.record().confirmed.unwrap().version, 2);
}

#[test]
fn a_visit_makes_sense_before_anybody_is_asked() {
    let mut story = begun(None);
    story.refuses(announce(|o| o.laboratory = OTHER.r()), NotListed);
    story.refuses(announce(|o| o.visiting = LEAD.r()), NotAVisitor);
    let from = moment("2026-03-01 09:00");
    story.refuses(announce(|o| o.from = from), InThePast { from });
    let early = moment("2026-03-02 08:00");
    let both = |o: &mut Occasion| (o.from, o.until) = (early, moment("2026-03-02 08:30"));
    story.refuses(announce(both), InThePast { from: early });
    story.refuses(announce(|o| o.until = o.from), EndsBeforeItBegins);
    story.refuses(announce(|o| o.until = moment("2026-04-02 09:01")), TooLong { days: 31 });
    story.refuses(announce(|o| o.proposal = Some(PROPOSAL.r())), NotYourProposal);
    story.refuses(announce(|o| o.order = Some(ORDER.r())), NotYourOrder);
    story.refuses(announce(|o| (o.booking, o.order) = (Some(BOOKING.r()), Some(ORDER.r()))), OneOnly);
    let nobody = Announce(Announcement { occasion: occasion(), visitors: visitors(&[]) });
    story.refuses(nobody, NobodyNamed);
    let stranger = Viewer { organisations: vec![Id::named("organisation-x")], ..Viewer::default() };
    story.by(stranger).refuses(announce(|o| o.booking = Some(BOOKING.r())), NotYourBooking);
    story.by(firm()).when(announce(|o| {
        (o.booking, o.until) = (Some(BOOKING.r()), moment("2026-04-02 09:00"));
    }));
    assert_eq!(story.record().clone().veil(&Viewer::public()), Sight::Hidden);
    let other = Visit::veil_event(story.record(), Event::Forgotten, &Viewer::public());
    assert_eq!(other, None);
}

#[test]
fn who_was_invited_says_who_comes() {
    let mut story = begun(None);
    let invite = |host: Id| Invite(Invitation { occasion: occasion(), host: host.r(), conditions: None });
    story.by(lead()).refuses(invite(STRANGER), HostNotTheirs).when(invite(HOST));
    story.not_now(accept()).not_now(arrive(None));
    story.by(firm()).refuses(FillIn { visitors: visitors(&[]) }, NobodyNamed);
    story
        .when(FillIn { visitors: visitors(&["c0ffee"]) })
        .not_now(FillIn { visitors: visitors(&["decade"]) });
    story.by(lead()).refuses(Arrive { laboratory: OTHER.r(), visitor: None }, AnotherLaboratory);
    story.when(arrive(None)).not_now(Withdraw { reason: None });
    story.expect(&expect![[r#"
        2026-03-02  refuses   Because(HostNotTheirs, None)  status -
        2026-03-02  invite    said invited  status invited
        2026-03-02  refuses   Because(NobodyNamed, None)  status invited
        2026-03-02  fill-in   said filled-in  status accepted
        2026-03-02  refuses   Because(AnotherLaboratory, None)  status accepted
        2026-03-02  arrive    said arrived | admit laboratory-materials: visit visit, booking -, people 1  status inside
    "#]]);
}

#[test]
fn what_is_changed_is_looked_at_again_and_what_is_over_for_one_side_is_over() {
    let change = |names: &[&str]| {
        let (from, until) = (moment("2026-03-03 09:00"), moment("2026-03-03 18:00"));
        Amend(Change { purpose: why("to fetch the stage"), from, until, visitors: visitors(names) })
    };
    let mut story = begun(None);
    story.when(announce(|_| {})).by(lead());
    story.refuses(Accept { host: STRANGER.r(), conditions: None }, HostNotTheirs).when(accept());
    story.by(firm()).when(change(&[])).by(lead()).not_now(arrive(None));
    assert_eq!(story.record().coming.len(), 2, "those who were named stay");
    story.when(accept()).by(firm()).when(change(&["facade"])).by(lead()).when(accept());
    assert_eq!(story.record().coming.len(), 1);
    let from = moment("2026-03-03 08:30");
    story.refuses(arrive(None), TooEarly { from });
    story.on("2026-03-03").when(arrive(None));
    story.by(firm()).not_now(change(&[])).by(lead()).not_now(Decline { reason: why("full") });
    story.expect(&expect![[r#"
        2026-03-02  announce  said announced  status announced
        2026-03-02  refuses   Because(HostNotTheirs, None)  status announced
        2026-03-02  accept    said accepted  status accepted
        2026-03-02  amend     said amended  status announced
        2026-03-02  accept    said accepted  status accepted
        2026-03-02  amend     said amended  status announced
        2026-03-02  accept    said accepted  status accepted
        2026-03-02  refuses   Because(TooEarly { from: Moment(1772497800000) }, None)  status accepted
        2026-03-03  arrive    said arrived | admit laboratory-materials: visit visit, booking -, people 1  status inside
    "#]]);

    let mut story = accepted(None);
    story.when(Decline { reason: why("the stage is broken") }).not_now(arrive(None));
    story.by(firm()).not_now(confirm(1)).not_now(Withdraw { reason: None });
    let mut story = begun(None);
    story.when(announce(|_| {})).when(Withdraw { reason: Some(why("ill")) }).by(lead()).not_now(accept());
    let mut story = begun(None);
    story.when(announce(|_| {})).on("2026-03-05");
    assert_eq!(story.record().status, Status::Lapsed);
}
