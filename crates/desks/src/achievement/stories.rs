//! What an achievement does, told as stories. `UPDATE_EXPECT=1 cargo test -p desks` rewrites them.

use grammar::story::*;

use super::{Command::*, Refusal::*, *};

const INSTITUTE: Id = Id::named("organisation-institute");

fn entry(more: &str) -> Entry {
    let text = format!(
        r#"{{"owner":"organisation-institute","title":{{"zh":"碳化硅外延设备"}},"kind":"product",
        "field":"integrated-circuits","summary":{{"zh":"八英寸外延"}},"no_secrets":true {more}}}"#
    );
    serde_json::from_str(&text).unwrap()
}

fn drafted(more: &str) -> Story<Achievement> {
    let mut story = Story::<Achievement>::new("2026-03-02");
    story.showing(&["status", "published", "reason"]);
    story.given(INSTITUTE, Card::new().region(Region::code(310_115)));
    story.when(Draft(entry(more)));
    story
}

fn why(text: &str) -> Text<500> {
    text.parse().unwrap()
}

fn public(achievement: &Achievement) -> Option<Achievement> {
    let mut seen = achievement.clone();
    (seen.veil(&Viewer::public()) == Sight::Seen).then_some(seen)
}

#[test]
fn the_public_reads_what_was_published_and_no_revision() {
    let mut story = drafted(r#","modes":["licence"],"price":"2000000""#);
    assert!(public(story.record()).is_none() && !story.record().card().is_offer);
    story.on("2026-03-09").when(Publish);
    assert!(story.record().card().is_offer);
    story.refuses(Publish, NothingNew);
    story.on("2026-04-01").when(Amend(entry(r#","modes":["licence","equity"],"price":"3000000""#)));
    let seen = public(story.record()).unwrap();
    assert_eq!((seen.entry.price, seen.revision), (Some(yuan(2_000_000)), None));
    story.on("2026-04-02").when(Publish);
    assert_eq!(story.record().card().amount, Some(yuan(3_000_000)));
    story.expect(&expect![[r#"
        2026-03-02  draft     said drafted  status draft  published -  reason -
        2026-03-09  publish   said published  status published  published 2026-03-09  reason -
        2026-03-09  refuses   Because(NothingNew, None)  status published  published 2026-03-09  reason -
        2026-04-01  amend     said amended  status published  published 2026-03-09  reason -
        2026-04-02  publish   said published  status published  published 2026-04-02  reason -
    "#]]);
}

#[test]
fn of_a_withdrawn_achievement_the_title_stays_until_it_is_published_again() {
    let mut story = drafted(r#","modes":["service"],"trl":6"#);
    story.when(Publish).when(Withdraw { reason: why("exclusive licence given") });
    story.not_now(Withdraw { reason: why("twice") });
    let seen = public(story.record()).unwrap();
    assert_eq!(
        (seen.entry.title.zh(), seen.entry.trl, seen.card().is_offer),
        ("碳化硅外延设备", None, false)
    );
    let full = story.record().entry.clone();
    let first = Event::Published { on: day("2026-03-02"), entry: full.clone() };
    let read = |a: &Achievement| Achievement::veil_event(a, first.clone(), &Viewer::public());
    let blanked = Event::Published { on: day("2026-03-02"), entry: full.tombstone() };
    assert_eq!(read(story.record()), Some(blanked.clone()));
    story.on("2026-06-01").when(Amend(entry(r#","modes":["licence"]"#))).when(Publish);
    assert_eq!(read(story.record()), Some(blanked), "the first publication does not come back");
    let mut renamed = first.clone();
    if let Event::Published { entry, .. } = &mut renamed {
        entry.title = Bilingual { zh: "另一个标题".parse().ok(), en: None };
    }
    let seen = Achievement::veil_event(story.record(), renamed, &Viewer::public());
    assert_eq!(seen, None, "neither the old title nor today's in its place");
    story.expect(&expect![[r#"
        2026-03-02  draft     said drafted  status draft  published -  reason -
        2026-03-02  publish   said published  status published  published 2026-03-02  reason -
        2026-03-02  withdraw  said withdrawn  status withdrawn  published 2026-03-02  reason exclusive licence given
        2026-06-01  amend     said amended  status withdrawn  published 2026-03-02  reason exclusive licence given
        2026-06-01  publish   said published  status published  published 2026-06-01  reason -
    "#]]);
}

#[test]
fn a_draft_is_seen_by_its_owner_and_its_history_too() {
    let story = drafted("");
    let member = Viewer { organisations: vec![INSTITUTE], ..Viewer::default() };
    assert_eq!(story.record().clone().veil(&member), Sight::Seen);
    let event = Drafted { region: Region::code(310_115), entry: entry("") };
    assert!(Achievement::veil_event(story.record(), event.clone(), &member).is_some());
    assert!(Achievement::veil_event(story.record(), event, &Viewer::public()).is_none());
}

#[test]
fn nothing_classified_is_taken_in() {
    let mut story = drafted("");
    let mut open = entry("");
    open.no_secrets = false;
    story.refuses(Amend(open), MayHoldSecrets);
    story.refuses(Publish, NoMode);
}

#[test]
fn a_system_is_as_ready_as_its_weakest_part() {
    let mut story = drafted("");
    let parts = r#","elements":[{"name":"chamber","trl":7},{"name":"heater","trl":5}]"#;
    story.refuses(Amend(entry(&format!(r#"{parts},"trl":6"#))), AboveItsWeakestPart { weakest: 5 });
    story.when(Amend(entry(&format!(r#"{parts},"trl":5"#))));
    assert_eq!(story.record().card().trl, Some(5));
}

#[test]
fn an_entry_makes_sense() {
    let mut story = drafted("");
    story.refuses(Amend(entry(r#","price":"-1""#)), NotAnAmount { price: yuan(-1) });
    story.refuses(
        Amend(entry(r#","completed":"2026-03-03""#)),
        CompletedLater { completed: day("2026-03-03") },
    );
    let mut other = entry("");
    other.owner = Id::named("organisation-other").r();
    story.refuses(Amend(other), OwnerChanges);
    let nothing = Bilingual { zh: None, en: None };
    let (mut untitled, mut silent) = (entry(""), entry(""));
    (untitled.title, silent.summary) = (nothing.clone(), Bilingual { zh: None, en: None });
    story.refuses(Amend(untitled), NoTitle);
    story.refuses(Amend(silent), NoSummary);
}
