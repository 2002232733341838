//! What a draw does, told as stories. `UPDATE_EXPECT=1 cargo test -p desks` rewrites them.

use grammar::{lot::hex, story::*};

use super::*;

const ALI: Id = Id::named("person-ali");
const BO: Id = Id::named("person-bo");
const EARLIER: Id = Id::named("draw-earlier");

fn words<const N: usize>(text: &str) -> Text<N> {
    text.parse().unwrap()
}

fn terms(list: &str, take: i64) -> Terms {
    let text = serde_json::json!({
        "region": "310000", "purpose": { "zh": "评审专家抽取" }, "basis": "EP", "list": list, "take": take,
        "spare": 1, "closes": "2026-09-18T00:30:00Z",
    });
    serde_json::from_value(text).unwrap()
}

const LIST: &str = "A01; finance\nA02; technical; 2\nA03\ttechnical\nA04；technical\nA05";

fn opened(terms: Terms) -> Story<Draw> {
    let mut story = Story::<Draw>::new("2026-09-16");
    story.showing(&["anchor", "number"]).given(EARLIER, Card::new().status("withdrawn"));
    story.when(Open(Box::new(terms)));
    story
}

fn person(id: Id) -> Viewer {
    Viewer { person: Some(id), ..Viewer::default() }
}

fn taken(story: &Story<Draw>) -> (Vec<String>, Vec<String>) {
    let Some(End::Drawn { taken, spare, .. }) = story.record().ended.clone() else { panic!("not drawn") };
    (taken, spare)
}

fn quota(group: &str, at_least: Option<i64>, at_most: Option<i64>) -> List<GroupQuota, 50> {
    let quota = GroupQuota {
        group: words(group),
        at_least: at_least.and_then(Between::new),
        at_most: at_most.and_then(Between::new),
    };
    List::new(vec![quota]).unwrap()
}

#[test]
fn a_draw_is_fixed_closed_anchored_and_shown() {
    let mut story = opened(terms(LIST, 2));
    story.by(person(ALI)).when(Add { word: words("红") }).by(person(BO)).when(Add { word: words("blue") });
    story.not_now(Close).not_now(Bind).not_now(Reveal);
    story.wait_until("2026-09-19");
    let (taken, spare) = taken(&story);
    assert_eq!((taken.len(), spare.len()), (2, 1));
    story.not_now(Withdraw { reason: words("we do not like it") }).not_now(Add { word: words("late") });
    story.expect(&expect![[r#"
        2026-09-16  open      said opened  anchor -  number -
        2026-09-16  add       said added  anchor -  number -
        2026-09-16  add       said added  anchor -  number -
        2026-09-18  clock     said closed  anchor -  number -
        2026-09-18  clock     said anchored  anchor {"size":1,"root":"0808080808080808080808080808080808080808080808080808080808080808"}  number -
        2026-09-18  clock     said revealed  anchor {"size":1,"root":"0808080808080808080808080808080808080808080808080808080808080808"}  number -
    "#]]);
}

#[test]
fn anyone_can_do_it_again_from_what_is_public() {
    let mut story = opened(Terms { quotas: quota("finance", Some(1), None), ..terms(LIST, 2) });
    story.by(person(ALI)).when(Add { word: words("红") });
    story.wait_until("2026-09-19");
    let draw = story.record();
    let Some(End::Drawn { secret, taken, .. }) = &draw.ended else { panic!("not drawn") };
    assert!(draw.lot.is_of(secret));
    let drawn = Drawn { secret: secret.clone(), anchor: draw.anchor.clone().unwrap() };
    let ready = draw.terms.ready().unwrap();
    let again = super::draw(&ready, Id::named("draw"), drawn.seed(["红"]).unwrap());
    assert_eq!(ready.keys(&again.taken), *taken);
    assert!(taken.contains(&"A01".to_owned()), "the quota is kept");
    let without_word = super::draw(&ready, Id::named("draw"), drawn.seed([]).unwrap());
    assert_ne!(again.order, without_word.order, "a word changes the draw");
}

#[test]
fn a_public_number_is_mixed_in_or_the_draw_fails() {
    let outside = Some(Bilingual { zh: Some(words("双色球 2026110 期开奖号码")), en: None });
    let waiting = || {
        let mut story = opened(Terms { outside: outside.clone(), ..terms(LIST, 2) });
        story.on("2026-09-19").not_now(Reveal);
        assert_eq!(story.record().status(), "anchored");
        story
    };
    let mut story = waiting();
    story.when(Announce { number: words("01 02 03 04 05 06 + 07") });
    story.wait_until("2026-09-20").not_now(Announce { number: words("another") });
    story.expect(&expect![[r#"
        2026-09-16  open      said opened  anchor -  number -
        2026-09-18  clock     said closed  anchor -  number -
        2026-09-18  clock     said anchored  anchor {"size":1,"root":"0808080808080808080808080808080808080808080808080808080808080808"}  number -
        2026-09-19  announce  said announced  anchor {"size":1,"root":"0808080808080808080808080808080808080808080808080808080808080808"}  number 01 02 03 04 05 06 + 07
        2026-09-19  clock     said revealed  anchor {"size":1,"root":"0808080808080808080808080808080808080808080808080808080808080808"}  number 01 02 03 04 05 06 + 07
    "#]]);
    let mut other = waiting();
    other.when(Announce { number: words("07 02 03 04 05 06 + 01") }).wait_until("2026-09-20");
    assert_ne!(taken(&story), taken(&other));

    let mut late = waiting();
    late.not_now(Fail).wait_until("2026-11-01").not_now(Announce { number: words("late") });
    late.expect(&expect![[r#"
        2026-09-16  open      said opened  anchor -  number -
        2026-09-18  clock     said closed  anchor -  number -
        2026-09-18  clock     said anchored  anchor {"size":1,"root":"0808080808080808080808080808080808080808080808080808080808080808"}  number -
        2026-10-19  clock     said failed  anchor {"size":1,"root":"0808080808080808080808080808080808080808080808080808080808080808"}  number -
    "#]]);
    let mut plain = opened(terms(LIST, 2));
    plain.on("2026-09-19").not_now(Announce { number: words("nobody asked") });
}

#[test]
fn who_cannot_take_part_is_replaced_in_the_drawn_order() {
    let mut story = opened(terms(LIST, 2));
    story.wait_until("2026-09-19");
    let (first, spare) = taken(&story);
    let replace = |name: &str| Replace { name: words(name), reason: words("ill") };
    story.refuses(replace("nobody"), NotDrawn { name: words("nobody") });
    story.refuses(replace(&spare[0]), NotDrawn { name: words(&spare[0]) });
    story.when(replace(&first[0]));
    let (second, _) = taken(&story);
    assert_eq!(second, [first[1].clone(), spare[0].clone()]);
    story.refuses(replace(&first[0]), NotDrawn { name: words(&first[0]) });
    for _ in 0..2 {
        let (now, _) = taken(&story);
        story.when(replace(&now[0]));
    }
    let (now, _) = taken(&story);
    let demand = |zh: &str, en: &str| Bilingual { zh: Some(words(zh)), en: Some(words(en)) };
    let demands = vec![demand("抽取 2 个", "2 are to be drawn"), demand("名单共 1 个", "the list has 1")];
    story.refuses(replace(&now[0]), Impossible { demands });
}

#[test]
fn a_list_that_cannot_be_drawn_from_is_refused_before_it_is_fixed() {
    let mut story = Story::<Draw>::new("2026-09-16");
    let mut refused = |terms: Terms, reason: Refusal| {
        story.refuses(Open(Box::new(terms)), reason);
    };
    refused(terms("A; x; many", 1), BadLine { line: 1 });
    refused(terms("A; x; 0", 1), BadLine { line: 1 });
    refused(terms("A\n; x", 1), BadLine { line: 2 });
    refused(terms("A; x; 1; more", 1), BadLine { line: 1 });
    refused(terms("A\nB\nA", 1), Twice { key: words("A") });
    refused(terms(&"长".repeat(200), 1), EntryTooLong);
    refused(terms(";", 1), BadLine { line: 1 });
    let many: Vec<String> = (0..=5_000).map(|n| n.to_string()).collect();
    refused(terms(&many.join("\n"), 1), TooMany { max: 5_000 });
    refused(terms("13800138000", 1), ShowsPersonalNumbers);
    let demand = |zh: &str, en: &str| Bilingual { zh: Some(words(zh)), en: Some(words(en)) };
    let demands = vec![
        demand("“x”组至少 2 个", "at least 2 of the group “x”"),
        demand("“x”组共 1 个", "the group “x” has 1"),
    ];
    let quotas = quota("x", Some(2), None);
    refused(Terms { quotas: quotas.clone(), ..terms("A; x\nB", 1) }, Impossible { demands });
    let twice = List::new([quotas.to_vec(), quotas.to_vec()].concat()).unwrap();
    refused(Terms { quotas: twice, ..terms("A; x\nB", 1) }, QuotaTwice { group: words("x") });
    let nothing = Bilingual { zh: None, en: None };
    refused(Terms { purpose: nothing, ..terms("A", 1) }, NothingToRead);
    refused(Terms { outside: Some(Bilingual { zh: None, en: None }), ..terms("A", 1) }, NothingToRead);
}

#[test]
fn it_closes_later_and_not_too_late() {
    let mut story = Story::<Draw>::new("2026-09-18");
    let now = day("2026-09-18").begins().plus_millis(9 * 3_600_000);
    story.refuses(Open(Box::new(Terms { closes: now, ..terms("A", 1) })), ClosesTooSoon { now });
    let late = day("2027-09-20").begins();
    story.refuses(Open(Box::new(Terms { closes: late, ..terms("A", 1) })), ClosesTooLate { days: 366 });
}

#[test]
fn everyone_adds_one_word_and_there_is_an_end_to_them() {
    let mut story = opened(terms("A", 1));
    story.by(Viewer::public()).not_now(Add { word: words("who am I") });
    story.by(person(ALI)).when(Add { word: words("red") });
    story.refuses(Add { word: words("blue") }, OneWordEach);
    story.by(person(BO)).refuses(Add { word: words("13800138000") }, ShowsPersonalNumbers);
    for n in 1..500 {
        story.by(person(format!("person-{n}").parse().unwrap())).when(Add { word: words("x") });
    }
    story.by(person(BO)).refuses(Add { word: words("x") }, TooManyWords { max: 500 });
}

#[test]
fn a_second_draw_for_one_purpose_names_the_first_and_its_end() {
    let again = |draw: Id| Some(Again { draw: draw.r(), reason: words("two of five were ill") });
    let first = opened(terms("A", 1)).record().card();
    let same = opened(Terms {
        purpose: Bilingual { zh: Some(words(" 评审专家 抽取")), en: None },
        ..terms("B", 1)
    });
    assert_eq!(first.keys, same.record().card().keys, "the same purpose in other spacing");
    let second = opened(Terms { again: again(EARLIER), ..terms("A", 1) });
    assert_ne!(first.keys, second.record().card().keys);
    let running = Id::named("draw-running");
    let mut story = Story::<Draw>::new("2026-09-16");
    story.given(running, Card::new().status("anchored"));
    story.refuses(Open(Box::new(Terms { again: again(running), ..terms("A", 1) })), NotOver);
}

#[test]
fn a_withdrawn_draw_stays_and_shows_no_seed() {
    let mut story = opened(terms("A", 1));
    story.when(Withdraw { reason: words("the call was cancelled") });
    story.not_now(Add { word: words("x") });
    assert!(story.record().due().is_none());
    let state = serde_json::to_string(story.record()).unwrap();
    assert!(!state.contains(&hex(&[7; 32])), "the secret of the story's world");
    story.expect(&expect![[r#"
        2026-09-16  open      said opened  anchor -  number -
        2026-09-16  withdraw  said withdrawn  anchor -  number -
    "#]]);
}
