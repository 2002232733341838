//! What a cupboard does, told as stories. `UPDATE_EXPECT=1 cargo test -p desks` rewrites them.

use grammar::story::*;

use super::{Command::Arrange, *};

const LAB: Id = Id::named("laboratory-1");
const UNIT: Id = Id::named("organisation-institute");
const ETHANOL: Id = Id::named("chemical-ethanol");
const PEROXIDE: Id = Id::named("chemical-peroxide");
const CYANIDE: Id = Id::named("chemical-cyanide");
const ACID: Id = Id::named("chemical-acid");

fn arrange(chemical: Id, together: Option<&str>) -> Command {
    Arrange { laboratory: LAB.r(), chemical: chemical.r(), together: together.and_then(Text::read) }
}

fn card(place: Option<&str>, traits: &[&str]) -> Card {
    Card::new().status("kept").fact("place", place).fact("traits", traits)
}

fn world() -> Story<Cupboard> {
    let mut story = Story::<Cupboard>::new("2026-03-02");
    let laboratory = Card::new().titled("示例室", "Sample laboratory").party("lead", UNIT);
    story.given(LAB, laboratory.region(Region::code(310_115)));
    story.given(ETHANOL, card(Some("B2 / 1"), &["flammable"]));
    story.given(PEROXIDE, card(Some("b2/1"), &["oxidising", "corrosive"]));
    story.given(CYANIDE, card(Some("T1"), &["acutely-toxic", "acid-reactive"]));
    story.given(ACID, card(Some("T1"), &["corrosive", "acid"]));
    story
}

fn clash(other: Id, one: &str, with: &str) -> Refusal {
    DoesNotGoWith { other: other.r(), one: one.into(), with: with.into() }
}

#[test]
fn what_does_not_go_together_stands_in_one_place_only_with_a_reason() {
    let mut story = world();
    story.when(arrange(ETHANOL, None));
    story.refuses(arrange(PEROXIDE, None), clash(ETHANOL, "oxidising", "flammable"));
    story.when(arrange(PEROXIDE, Some("each in a tray of its own")));
    story.when(arrange(CYANIDE, None)).refuses(arrange(ACID, None), clash(CYANIDE, "acid", "acid-reactive"));
    story.given(ACID, card(Some("A1"), &["corrosive", "acid"])).when(arrange(ACID, None));
    // It moves to where nothing stands, and is told again without a change.
    story.given(PEROXIDE, card(Some("C1"), &["oxidising"])).when(arrange(PEROXIDE, None));
    story.when(arrange(PEROXIDE, None));
    story.given(ETHANOL, card(None, &["flammable"])).when(arrange(ETHANOL, None));
    story.given(ACID, card(Some("A1"), &["acid"]).status("closed")).when(arrange(ACID, None));
    assert_eq!(story.record().shelved.len(), 2);
    story.expect(&expect![[r#"
        2026-03-02  arrange   said opened said shelved
        2026-03-02  refuses   Because(DoesNotGoWith { other: chemical-ethanol, one: "oxidising", with: "flammable" }, None)
        2026-03-02  arrange   said shelved
        2026-03-02  arrange   said shelved
        2026-03-02  refuses   Because(DoesNotGoWith { other: chemical-cyanide, one: "acid", with: "acid-reactive" }, None)
        2026-03-02  arrange   said shelved
        2026-03-02  arrange   said shelved
        2026-03-02  arrange   
        2026-03-02  arrange   said taken-out
        2026-03-02  arrange   said taken-out
    "#]]);
}

#[test]
fn what_stands_where_is_for_those_who_keep_it() {
    let mut story = world();
    story.when(arrange(ETHANOL, None));
    let unit = Viewer { organisations: vec![UNIT], ..Viewer::default() };
    let sight = |story: &Story<Cupboard>, viewer: &Viewer| story.record().clone().veil(viewer);
    assert_eq!((sight(&story, &Viewer::public()), sight(&story, &unit)), (Sight::Hidden, Sight::Seen));
    let taken = TakenOut { chemical: ETHANOL.r() };
    assert_eq!(Cupboard::veil_event(story.record(), taken.clone(), &Viewer::public()), None);
    assert_eq!(Cupboard::veil_event(story.record(), taken.clone(), &unit), Some(taken));
    let other = Id::named("organisation-other");
    let laboratory = Card::new().titled("示例室", "Sample laboratory").party("lead", other);
    story.given(LAB, laboratory).when(arrange(CYANIDE, None));
    assert_eq!(sight(&story, &unit), Sight::Hidden, "it follows its laboratory");
}

#[test]
fn nothing_is_opened_for_what_stands_nowhere() {
    let mut story = world();
    story.given(ETHANOL, card(None, &["flammable"])).when(arrange(ETHANOL, None));
    story.expect(&expect![[r#"
        2026-03-02  arrange   
    "#]]);
}
