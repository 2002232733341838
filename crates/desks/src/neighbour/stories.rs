//! What a neighbour does, told as stories.

use chain::{Cosigner, Signer};
use grammar::story::*;

use super::{Command::*, Refusal::*, *};

fn line(name: &str, seed: u8) -> Text<300> {
    Signer::from_seed(name, [seed; 32]).unwrap().verifier().to_string().parse().unwrap()
}

fn entry() -> Entry {
    Entry {
        region: Region::code(310_000),
        other: Region::code(330_000),
        title: Bilingual { zh: Text::read("浙江平台"), en: Text::read("Zhejiang's house") },
        ours: line("sh.example/border", 1),
        theirs: line("zj.example/border", 2),
        basis: "letter of 1 March".parse().unwrap(),
    }
}

fn named() -> Story<Neighbour> {
    let mut story = Story::<Neighbour>::new("2026-03-02");
    story.showing(&["status"]).when(Name(entry()));
    story
}

fn follow(size: i64) -> Command {
    Follow { size: Between::new(size).unwrap(), root: "ab".repeat(32).parse().unwrap() }
}

#[test]
fn a_key_is_named_trusted_followed_and_ended() {
    let mut story = named();
    story.not_now(follow(3));
    story.when(Trust).not_now(Trust);
    story.when(follow(3)).when(follow(5));
    story.refuses(follow(4), Forgotten { size: 5 });
    assert_eq!(story.record().card().read::<Seen>("seen").unwrap().size, 5);
    story.when(End { reason: "their key was lost".parse().unwrap() });
    story.not_now(follow(6)).not_now(Trust);
    story.expect(&expect![[r#"
        2026-03-02  name      said named  status named
        2026-03-02  trust     said trusted  status trusted
        2026-03-02  follow    said followed  status trusted
        2026-03-02  follow    said followed  status trusted
        2026-03-02  refuses   Because(Forgotten { size: 5 }, None)  status trusted
        2026-03-02  end       said ended  status ended
    "#]]);
}

#[test]
fn two_persons_trust_and_two_end() {
    assert!(matches!(Neighbour::who(&Trust), Who::Two(_)));
    assert!(matches!(Neighbour::who(&End { reason: "x".parse().unwrap() }), Who::Two(_)));
}

#[test]
fn only_keys_of_two_logs_are_named() {
    let mut story = Story::<Neighbour>::new("2026-03-02");
    let scrap = Entry { ours: "sh.example+00000000+AAAA".parse().unwrap(), ..entry() };
    let found = Neighbour::sensible(&scrap).err().map(|no| format!("{no:?}"));
    assert!(found.is_some_and(|found| found.contains("NotAKeyOfOurs")));
    for odd in ["\u{7}+00000000+AAAA".to_owned(), format!("{} x+1+AAAA", "n".repeat(290))] {
        let odd = Entry { theirs: Text::read(&odd).unwrap_or_else(|| "+".parse().unwrap()), ..entry() };
        let found = Neighbour::sensible(&odd).err().map(|no| format!("{no:?}"));
        assert!(
            found.is_some_and(|found| found.contains("NotAKeyOfTheirs")),
            "whatever is typed, an answer comes"
        );
    }
    let witness = Cosigner::from_seed("zj.example/border", [3; 32]).unwrap().verifier().to_string();
    let witness = Entry { theirs: witness.parse().unwrap(), ..entry() };
    story.refuses(Name(witness), NotAKeyOfTheirs { why: "a witness's key signs no log".parse().unwrap() });
    let same = Entry { theirs: line("sh.example/border", 2), ..entry() };
    story.refuses(Name(same), SameName { name: why_name() });
    let home = Entry { other: Region::code(310_000), ..entry() };
    story.refuses(Name(home), SameRegion { region: Region::code(310_000) });
}

fn why_name() -> Text<300> {
    "sh.example/border".parse().unwrap()
}

#[test]
fn whoever_does_not_settle_knows_nothing_of_it() {
    let story = named();
    let sight = |viewer: &Viewer| story.record().clone().veil(viewer);
    let office = |region| Viewer {
        offices: vec![("clearing-office".into(), Region::code(region))],
        ..Viewer::default()
    };
    assert_eq!(sight(&Viewer::public()), Sight::Hidden);
    assert_eq!((sight(&office(310_000)), sight(&office(330_000))), (Sight::Seen, Sight::Hidden));
}
