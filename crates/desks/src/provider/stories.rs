//! What a provider does, told as stories. `UPDATE_EXPECT=1 cargo test -p desks` rewrites them.

use grammar::story::*;

use super::{Command::*, Refusal::*, *};

const LAB: Id = Id::named("organisation-lab");
const TILL: Id = Id::named("account-lab");

fn text<const N: usize>(text: &str) -> Text<N> {
    text.parse().unwrap()
}

fn apply(since: i64, honest: bool) -> Command {
    Apply {
        organisation: LAB.r(),
        serving_since: Between::new(since).unwrap(),
        staff: text("检测人员 12 名，均持证上岗。"),
        evidence: List::default(),
        no_dishonesty: honest,
    }
}

fn item(category: Category, price: i64) -> Item {
    Item {
        category,
        title: Bilingual { zh: Some(text("透射电镜分析")), en: None },
        per: text("小时"),
        price: yuan(price),
        instrument: None,
        ceiling: Some(yuan(1)),
    }
}

fn applied() -> Story<Provider> {
    let mut story = Story::new("2031-04-01");
    story.showing(&["status", "until", "region"]);
    story.given(LAB, Card::new().titled("示例实验室", "sample laboratory").region(Region::code(310_115)));
    story.given(TILL, Card::new().party("owner", LAB));
    story.when(apply(2030, true));
    story
}

fn recognised() -> Story<Provider> {
    let mut story = applied();
    story.when(Recognise { remark: text("符合条件") });
    story
}

#[test]
fn a_province_recognises_its_own_and_looks_again_each_year() {
    let mut story = recognised();
    story.when(Review { passed: true, remark: text("年度评审通过") });
    story.wait_until("2033-05-01");
    story.when(Review { passed: true, remark: text("补评通过") });
    story.when(Leave { reason: text("业务调整") });
    story.expect(&expect![[r#"
        2031-04-01  apply     said applied  status applied  until -  region 310000
        2031-04-01  recognise said recognised  status recognised  until 2032-04-01  region 310000
        2031-04-01  review    said reviewed  status recognised  until 2033-04-01  region 310000
        2033-04-02  clock     said went-overdue  status overdue  until 2033-04-01  region 310000
        2033-05-01  review    said reviewed  status recognised  until 2034-05-01  region 310000
        2033-05-01  leave     said left  status left  until 2034-05-01  region 310000
    "#]]);
}

#[test]
fn a_provider_has_served_for_a_year_honestly_and_is_paid_on_its_own_account() {
    let mut story = Story::<Provider>::new("2031-04-01");
    story.given(LAB, Card::new().region(Region::code(310_115)));
    story.given(TILL, Card::new().party("owner", LAB));
    story.refuses(apply(2030, false), Dishonest);
    story.given(TILL, Card::new().party("owner", Id::named("organisation-other")));
    story.when(apply(2030, true)).refuses(SetAccount { account: TILL.r() }, NotItsAccount);
    story.given(TILL, Card::new().party("owner", LAB)).when(SetAccount { account: TILL.r() });
    assert_eq!(story.record().card().the("account"), TILL);
    let mut young = Story::<Provider>::new("2031-04-01");
    young.given(LAB, Card::new().region(Region::code(310_115))).when(apply(2031, true));
    young.refuses(Recognise { remark: text("新设") }, ServedTooShortly { years: 1 });
    applied().not_now(AddService(item(Category::Training, 5)));
}

#[test]
fn what_it_lists_has_a_price_in_an_open_category_and_the_office_sets_the_ceiling() {
    let mut story = recognised();
    story.showing(&["items"]);
    story.when(AddService(item(Category::TestingAndAnalysis, 800)));
    story.when(ChangePrice { item: Between::new(1).unwrap(), price: yuan(900) });
    story.when(SetCeiling { item: Between::new(1).unwrap(), ceiling: Some(yuan(50_000)) });
    story.refuses(AddService(item(Category::Training, 0)), NotAnAmount { amount: yuan(0) });
    story.refuses(Unlist { item: Between::new(2).unwrap() }, NoSuchItem { item: 2 });
    story.when(Unlist { item: Between::new(1).unwrap() });
    story.expect(&expect![[r#"
        2031-04-01  apply     said applied  status applied  until -  region 310000
        2031-04-01  recognise said recognised  status recognised  until 2032-04-01  region 310000
        2031-04-01  add-service said listed  items {"1":{"category":"testing-and-analysis","title":{"zh":"透射电镜分析"},"per":"小时","price":"800.00","instrument":null,"ceiling":null}}
        2031-04-01  change-price said price-changed  items {"1":{"category":"testing-and-analysis","title":{"zh":"透射电镜分析"},"per":"小时","price":"900.00","instrument":null,"ceiling":null}}
        2031-04-01  set-ceiling said ceiling-set  items {"1":{"category":"testing-and-analysis","title":{"zh":"透射电镜分析"},"per":"小时","price":"900.00","instrument":null,"ceiling":"50000.00"}}
        2031-04-01  refuses   Because(NotAnAmount { amount: 0.00 }, None)  items {"1":{"category":"testing-and-analysis","title":{"zh":"透射电镜分析"},"per":"小时","price":"900.00","instrument":null,"ceiling":"50000.00"}}
        2031-04-01  refuses   Because(NoSuchItem { item: 2 }, None)  items {"1":{"category":"testing-and-analysis","title":{"zh":"透射电镜分析"},"per":"小时","price":"900.00","instrument":null,"ceiling":"50000.00"}}
        2031-04-01  unlist    said unlisted  items 0
    "#]]);
}

#[test]
fn only_a_recognised_provider_takes_orders() {
    recognised().when(Serve);
    let mut late = recognised();
    late.wait_until("2032-05-01").refuses(Serve, NotRecognised);
    applied().refuses(Serve, NotRecognised);
}

#[test]
fn whoever_is_excluded_does_not_apply_again() {
    let mut story = recognised();
    story.when(Exclude { reason: text("虚开发票") });
    assert_eq!(story.record().card().keys, ["provider:organisation-lab"]);
    story.not_now(Review { passed: true, remark: text("再议") });
    let mut left = recognised();
    left.when(Leave { reason: text("停业") });
    assert!(left.record().card().keys.is_empty());
}

#[test]
fn the_public_sees_services_and_prices_and_no_papers() {
    let mut p = recognised().record().clone();
    assert_eq!(p.veil(&Viewer::public()), Sight::Seen);
    assert!(p.evidence.is_empty() && p.remark.is_none());
    assert_eq!(applied().record().clone().veil(&Viewer::public()), Sight::Hidden);
}
