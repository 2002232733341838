//! What a version of a rule does, told as stories. `UPDATE_EXPECT=1 cargo test -p desks` rewrites them.

use grammar::{rules::Rules, story::*};

use super::{Command::*, Refusal::*, *};

/// A version of a rule that the desk's own `rules.toml` has, whose value is `yes`.
fn parameter(kind: &str, value: &str) -> Parameter {
    let text = format!(
        r#"{{"rule":"RB-R01","title":{{"en":"Rules take effect later"}},"kind":"{kind}","value":"{value}","region":"310000","from":"2026-05-01","source":"document 9","article":"article 4","confidence":"found"}}"#
    );
    serde_json::from_str(&text).unwrap()
}

fn proposed(parameter: Parameter) -> Story<Rulebook> {
    let mut story = Story::<Rulebook>::new("2026-03-02");
    story.showing(&["former", "adopted", "withdrawn"]);
    story.when(Propose(parameter));
    story
}

fn adopt() -> Command {
    Adopt { decision: "decision 3 of 2026".parse().unwrap() }
}

#[test]
fn a_version_is_adopted_and_ends_the_earlier_one_on_its_first_day() {
    let mut story = proposed(parameter("yes-no", "no"));
    assert!(!story.record().card().facts.contains_key("version"));
    story.on("2026-04-30").when(adopt());
    let card = story.record().card();
    assert_eq!(
        (card.status.as_str(), card.keys),
        ("adopted", vec!["rule:RB-R01:310000:2026-05-01".to_owned()])
    );
    let version: Version = serde_json::from_value(card.facts["version"].clone()).unwrap();
    let mut rules = Rules::default();
    rules.read("rulebook", Rulebook::RULES).unwrap();
    rules.adopt(version);
    let rule_on = |place: u32, date: &str| rules.value(EFFECTIVE_LATER, Region::code(place), day(date));
    assert!(rule_on(310_115, "2026-04-30") && !rule_on(310_115, "2026-05-01"));
    assert!(rule_on(320_500, "2026-05-01"), "other regions keep their version");
    story.not_now(adopt()).not_now(Withdraw { reason: "x".parse().unwrap() });
    story.expect(&expect![[r#"
        2026-03-02  propose   said proposed  former value=yes+region=000000+from=2023-05-15  adopted -  withdrawn -
        2026-04-30  adopt     said adopted  former value=yes+region=000000+from=2023-05-15  adopted on=2026-04-30+decision=decision 3 of 2026+desk=rulebook  withdrawn -
    "#]]);
}

#[test]
fn a_version_takes_effect_after_the_day_of_its_adoption() {
    let mut story = proposed(parameter("yes-no", "no"));
    story.on("2026-05-01").refuses(adopt(), TakesEffectTooSoon { from: day("2026-05-01") });
    story.when(Withdraw { reason: "too late".parse().unwrap() });
    story.not_now(adopt());
    story.expect(&expect![[r#"
        2026-03-02  propose   said proposed  former value=yes+region=000000+from=2023-05-15  adopted -  withdrawn -
        2026-05-01  refuses   Because(TakesEffectTooSoon { from: Day(2026-05-01) }, None)  former value=yes+region=000000+from=2023-05-15  adopted -  withdrawn -
        2026-05-01  withdraw  said withdrawn  former value=yes+region=000000+from=2023-05-15  adopted -  withdrawn 2026-05-01
    "#]]);
}

#[test]
fn an_adopted_version_cites_its_article_unless_it_is_our_own_choice() {
    let uncited = |confidence| Parameter { article: None, confidence, ..parameter("yes-no", "no") };
    for confidence in [Confidence::Found, Confidence::Memory, Confidence::MemoryLow] {
        proposed(uncited(confidence)).refuses(adopt(), NoArticle);
    }
    let mut story = proposed(uncited(Confidence::Design));
    story.when(adopt());
    assert_eq!(story.record().card().facets["verified"], "no");
    assert_eq!(proposed(parameter("yes-no", "no")).record().card().facets["verified"], "yes");
}

#[test]
fn a_rule_that_no_desk_has_is_proposed_but_never_adopted() {
    let rule: Text<12> = "VC-R99".parse().unwrap();
    let mut story = proposed(Parameter { rule: rule.clone(), ..parameter("money", "30万") });
    story.refuses(adopt(), NoSuchRule { rule });
}

#[test]
fn a_value_reads_as_its_kind_and_as_the_former_value_did() {
    let mut story = Story::<Rulebook>::new("2026-03-02");
    let value: Text<200> = "maybe".parse().unwrap();
    let kind = ValueKind::YesNo;
    story.refuses(Propose(parameter("yes-no", "maybe")), NotOfItsKind { value: value.clone(), kind });
    let unlike = NotLikeTheFormer { value, former: "yes".into(), kind };
    story.refuses(Propose(parameter("words", "maybe")), unlike);
    let days = Parameter { until: Some(day("2026-04-01")), ..parameter("yes-no", "no") };
    let (from, until) = (day("2026-05-01"), day("2026-04-01"));
    story.refuses(Propose(days), EndsBeforeItBegins { from, until });
    let title = Bilingual { zh: None, en: None };
    story.refuses(Propose(Parameter { title, ..parameter("yes-no", "no") }), NoTitle);
}

#[test]
fn every_kind_reads_its_own_values_and_nothing_else() {
    use ValueKind::*;
    let cases = [
        ("yes", YesNo),
        ("15", Number),
        ("15 calendar-days", Period),
        ("50%", Share),
        ("2031-06-30", Day),
        ("30万", Money),
        ("chips, vaccines", Words),
    ];
    for (text, kind) in cases {
        assert_eq!(ValueKind::of(text), kind, "{text}");
        assert!(kind.reads(text));
    }
    for (text, kind) in [
        ("true", YesNo),
        ("1.5", Number),
        ("15 days", Period),
        ("150%", Share),
        ("soon", Day),
        ("a lot", Money),
        ("chips,,vaccines", Words),
    ] {
        assert!(!kind.reads(text), "{text}");
    }
}

#[test]
fn every_rule_the_house_is_delivered_with_can_be_proposed_again_as_it_is() {
    for version in crate::DESKS.rules().unwrap().all() {
        let kind = ValueKind::of(&version.value);
        assert!(kind.reads(&version.value) && version.id.len() <= 12, "{}", version.id);
        assert!(version.source.chars().count() <= 300 && version.zh.chars().count() <= 300, "{}", version.id);
    }
}
