//! What an organisation does, told as stories. `UPDATE_EXPECT=1 cargo test -p desks` rewrites them.

use grammar::story::*;

use super::{Command::*, Refusal::*, *};

fn entry(json: &str) -> Entry {
    serde_json::from_str(json).unwrap()
}

fn registered() -> Story<Organisation> {
    let mut story = Story::<Organisation>::new("2026-03-02");
    story.showing(&["successor", "closed"]);
    story.when(Register(entry(
        r#"{"name":{"zh":"示例企业","en":"Sample Firm"},"kind":"enterprise","region":"310115","uscc":"91350100M000100Y43"}"#,
    )));
    story
}

#[test]
fn an_old_name_stays_as_an_alias_and_the_id_outlives_a_merger() {
    let mut story = registered();
    story.when(Amend(entry(
        r#"{"name":{"zh":"示例科技"},"kind":"enterprise","region":"310115","uscc":"91350100M000100Y43"}"#,
    )));
    assert!(story.record().card().text.contains("示例企业"));
    let heir = Id::named("organisation-heir");
    story.given(heir, Card::new().status("active"));
    story.on("2026-05-04").when(MergeInto { successor: heir.r(), reason: "merger".parse().unwrap() });
    story.not_now(Close { on: day("2026-05-04"), reason: "x".parse().unwrap() });
    story.expect(&expect![[r#"
        2026-03-02  register  said registered  successor -  closed -
        2026-03-02  amend     said amended  successor -  closed -
        2026-05-04  merge-into said merged-into  successor organisation-heir  closed -
    "#]]);
}

#[test]
fn the_code_of_a_legal_entity_never_changes() {
    let mut story = registered();
    story.refuses(
        Amend(entry(r#"{"name":{"zh":"示例企业"},"kind":"enterprise","region":"310115"}"#)),
        CodeChanges,
    );
    story.refuses(
        MergeInto { successor: Id::named("organisation").r(), reason: "x".parse().unwrap() },
        SuccessorIsItself,
    );
}

#[test]
fn a_label_holds_once_at_a_time() {
    let mut story = registered();
    let label = |from: &str, until: &str| Label {
        label: FirmLabel::HighTechEnterprise,
        from: day(from),
        until: day(until),
        source: "notice 12".parse().unwrap(),
    };
    story.when(label("2026-01-01", "2028-12-31"));
    story.refuses(
        label("2028-06-01", "2030-01-01"),
        AlreadyLabelled { label: FirmLabel::HighTechEnterprise, until: day("2028-12-31") },
    );
    story.when(label("2029-01-01", "2031-12-31"));
    story.refuses(
        label("2033-01-01", "2032-01-01"),
        EndsBeforeItBegins { from: day("2033-01-01"), until: day("2032-01-01") },
    );
}
