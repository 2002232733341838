//! What an indicator does, told as stories. `UPDATE_EXPECT=1 cargo test -p desks` rewrites them.

use grammar::story::*;
use serde_json::{Value, json};

use super::{Command::*, Refusal::*, *};

fn defined(decimals: u32) -> Story<Indicator> {
    let mut story = Story::<Indicator>::new("2023-05-20");
    let definition = json!({
        "title": { "zh": "联合攻关解决方案", "en": "Solutions" }, "unit": { "zh": "项", "en": "solutions" },
        "about": { "zh": "第一批需求收到的解决方案", "en": "Answers to the first batch" }, "region": "310000",
        "decimals": decimals, "counts": "solutions"
    });
    story.when(Define(serde_json::from_value(definition).unwrap()));
    story
}

fn publish(value: &str, as_of: &str, more: Value) -> Command {
    let mut figure = json!({
        "value": value, "as_of": as_of, "edition": "第一批", "source": "三省一市联合办公室", "document": null,
        "provisional": true
    });
    figure.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    Publish(serde_json::from_value(figure).unwrap())
}

fn correct(number: u32, value: &str) -> Command {
    let (value, source) = (value.parse().unwrap(), "三省一市联合办公室".parse().unwrap());
    Correct { number, value, source, provisional: false, reason: "重复计入一项".parse().unwrap() }
}

#[test]
fn a_figure_is_published_corrected_and_settled_and_nothing_is_overwritten() {
    let mut story = defined(0);
    story.when(publish("134", "2023-05-15", json!({})));
    assert_eq!(story.record().card().status, "provisional");
    story.when(correct(1, "133")).refuses(correct(1, "132"), CorrectedAlready { number: 1, by: 2 });
    story.refuses(Settle { number: 1 }, CorrectedAlready { number: 1, by: 2 });
    story.refuses(Settle { number: 2 }, SettledAlready { number: 2 });
    story.refuses(Settle { number: 3 }, NoSuchFigure { number: 3 });
    story.refuses(correct(2, "133"), NothingChanged);
    let card = story.record().card();
    assert_eq!((card.status.as_str(), card.read::<String>("value").as_deref()), ("final", Some("133")));
    assert_eq!(story.record().figures.len(), 2, "what was published stays");
    let mut other = defined(0);
    other.when(publish("20", "2023-05-15", json!({}))).when(Settle { number: 1 });
    assert_eq!(other.record().card().status, "final");
    story.expect(&expect![[r#"
        2023-05-20  define    said defined
        2023-05-20  publish   said published
        2023-05-20  correct   said corrected
        2023-05-20  refuses   Because(CorrectedAlready { number: 1, by: 2 }, None)
        2023-05-20  refuses   Because(CorrectedAlready { number: 1, by: 2 }, None)
        2023-05-20  refuses   Because(SettledAlready { number: 2 }, None)
        2023-05-20  refuses   Because(NoSuchFigure { number: 3 }, None)
        2023-05-20  refuses   Because(NothingChanged, None)
    "#]]);
}

#[test]
fn a_figure_says_as_of_when_and_from_where() {
    let mut story = defined(0);
    story.refuses(publish("133", "2023-05-21", json!({})), InTheFuture { as_of: day("2023-05-21") });
    story.refuses(publish("133.5", "2023-05-15", json!({})), NotANumber { decimals: 0 });
    story.when(publish("133", "2023-05-15", json!({})));
    story.refuses(publish("140", "2023-05-15", json!({})), NotLater { as_of: day("2023-05-15") });
}

#[test]
fn editions_are_not_mixed() {
    let mut story = defined(1);
    story.when(publish("4.1", "2021-12-31", json!({ "edition": "2020" })));
    story.when(publish("4.2", "2022-12-31", json!({ "edition": "2022" })));
    let old = publish("4.3", "2023-01-31", json!({ "edition": "2020" }));
    story.refuses(old, EditionIsOver { edition: "2020".parse().unwrap() });
    // What was wrong in the old edition is still put right, in that edition.
    story.when(correct(1, "4.0"));
    assert_eq!(story.record().figures.last().map(|figure| &*figure.edition), Some("2020"));
}

#[test]
fn an_indicator_is_named_and_two_publish_what_everyone_reads() {
    let mut story = Story::<Indicator>::new("2023-05-20");
    let nameless = json!({
        "title": {}, "unit": { "zh": "项" }, "about": { "zh": "说明" }, "region": "310000", "decimals": 0, "counts": null
    });
    story.refuses(Define(serde_json::from_value(nameless).unwrap()), NoTitle);
    let publishes = publish("1", "2023-05-15", json!({}));
    assert!(
        matches!(Indicator::who(&publishes), Who::Two(_))
            && matches!(Indicator::who(&correct(1, "2")), Who::Two(_))
    );
    assert_eq!(defined(0).record().clone().veil(&Viewer::public()), Sight::Seen);
}
