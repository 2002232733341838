//! What must hold of the matching as a whole.

use super::files::{Match, Table, in_words};
use super::*;

const WORDS: &[&str] = &[
    "光刻胶",
    "晶圆",
    "清洗",
    "设备",
    "研制",
    "碳纤维",
    "复合材料",
    "电池",
    "隔膜",
    "检测",
    "平台",
    "wafer",
    "cleaning",
    "battery",
    "separator",
    "inspection",
    "laser",
    "系统",
    "5G",
    "基站",
    "天线",
    "水稻",
    "育种",
    "污水",
    "处理",
];

/// A fixed sequence instead of chance.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) as usize % sides
    }

    fn words(&mut self, count: usize) -> String {
        (0..count).map(|_| WORDS[self.roll(WORDS.len())]).collect::<Vec<_>>().join(" ")
    }

    fn offer(&mut self, number: usize) -> Offer {
        Offer {
            id: format!("o{number}"),
            kind: ["achievement", "laboratory", "instrument"][self.roll(3)].to_owned(),
            title: self.words(3),
            text: self.words(12),
            field: format!("F0{}", self.roll(4)),
            region: 310_000 + 100 * self.roll(3) as u32,
            readiness: self.roll(10) as u8,
            ..Offer::default()
        }
    }
}

fn needs() -> Vec<Need> {
    let mut dice = Dice(7);
    let mut needs: Vec<Need> = (0..12)
        .map(|_| Need { title: dice.words(2), text: dice.words(9), readiness: 5, ..Need::default() })
        .collect();
    // 绝密 and secrets stand only in closed offers.
    needs.push(Need { title: "晶圆清洗 绝密 secrets".to_owned(), ..Need::default() });
    needs.push(Need {
        title: "photoresist wafer".to_owned(),
        field: "F01".to_owned(),
        region: 310_100,
        only: Only { count: true, kinds: vec!["laboratory".to_owned()], ..Only::default() },
        ..Need::default()
    });
    needs
}

fn answers(index: &Index) -> Vec<Answer> {
    needs().iter().map(|need| find(index, need, 10, |audience| audience == 0)).collect()
}

#[test]
fn an_answer_does_not_depend_on_how_the_offers_came() {
    let mut dice = Dice(1);
    let offers: Vec<Offer> = (0..6_000).map(|number| dice.offer(number)).collect();
    let mut at_once = Index::new();
    assert_eq!(at_once.put_all(&offers), 6_000);
    let expected = answers(&at_once);
    assert!(expected.iter().all(|answer| answer.hits.len() == 10));

    let mut one_by_one = Index::new();
    for offer in offers.iter().rev() {
        assert!(one_by_one.put(offer));
    }
    assert_eq!(answers(&one_by_one), expected);

    let mut with_detours = Index::new();
    for number in 0..4_000 {
        with_detours.put(&dice.offer(number));
        with_detours.put(&dice.offer(number + 10_000));
    }
    for number in 10_000..14_000 {
        assert!(with_detours.remove(&format!("o{number}")));
    }
    with_detours.put_all(&offers);
    assert_eq!(with_detours.len(), 6_000);
    assert_eq!(answers(&with_detours), expected);

    let bytes = with_detours.snapshot();
    assert_eq!(answers(&Index::restore(&bytes).unwrap()), expected);
}

#[test]
fn a_closed_offer_changes_nothing_for_others() {
    let mut dice = Dice(2);
    let open: Vec<Offer> = (0..3_000).map(|number| dice.offer(number)).collect();
    let mut index = Index::new();
    index.put_all(&open);
    let expected = answers(&index);
    for number in 5_000..8_000 {
        let text = "绝密 secrets".to_owned();
        index.put(&Offer { audience: 7, keywords: text, ..dice.offer(number) });
    }
    assert_eq!(answers(&index), expected);
    let all = find(&index, &needs()[0], 200, |_| true);
    assert!(all.hits.iter().any(|hit| hit.id.len() == 5 && hit.id.as_str() >= "o5000"));
}

#[test]
fn a_chinese_need_finds_an_english_achievement_and_says_why() {
    let mut index = Index::new();
    let titles = ["Chemically amplified photoresist for ArF lithography", "Rice breeding", "水稻育种新方法"];
    for (title, id) in titles.iter().zip(["en", "rice", "zh"]) {
        index.put(&Offer { id: id.to_owned(), title: (*title).to_owned(), ..Offer::default() });
    }
    let answer =
        find(&index, &Need { title: "急需ArF光刻胶".to_owned(), ..Need::default() }, 5, |_| true);
    assert_eq!(answer.hits[0].id, "en");
    let through = Some(("光刻胶".to_owned(), "photoresist".to_owned()));
    let is_said = |r: &Reason| matches!(&r.why, Why::Term { through: t, .. } if *t == through);
    assert!(answer.hits[0].reasons.iter().any(is_said), "{}", in_words(&answer.hits[0].reasons));
    let answer = find(&index, &Need { title: "rice breeding".to_owned(), ..Need::default() }, 5, |_| true);
    assert_eq!(answer.hits.iter().map(|h| h.id.as_str()).collect::<Vec<_>>(), ["rice", "zh"]);
}

#[test]
fn a_name_is_found_in_latin_letters() {
    let mut index = Index::new();
    for (id, title) in
        [("f", "复旦大学"), ("z", "中国科学技术大学"), ("j", "上海交通大学"), ("t", "同济大学")]
    {
        let kind = "organisation".to_owned();
        index.put(&Offer { id: id.to_owned(), kind, title: title.to_owned(), ..Offer::default() });
    }
    let first = |typed: &str| {
        let answer = find(&index, &Need { title: typed.to_owned(), ..Need::default() }, 1, |_| true);
        answer.hits.first().map_or(String::new(), |hit| hit.id.clone())
    };
    assert_eq!(
        ["fudan", "Fu Dan", "zhongkeda", "中科大", "上交", "tongji"].map(first),
        ["f", "f", "z", "z", "j", "t"]
    );
}

#[test]
fn facts_speak_for_and_against_and_points_add_up() {
    let mut index = Index::new();
    let offer = |id: &str, readiness, region| Offer {
        id: id.to_owned(),
        title: "锂电池隔膜涂覆设备".to_owned(),
        readiness,
        region,
        until: Some(100),
        price: Some(500),
        ..Offer::default()
    };
    index.put_all(&[offer("far", 3, 440_300), offer("near", 7, 310_115)]);
    let need = Need {
        title: "锂电池隔膜".to_owned(),
        region: 310_104,
        readiness: 6,
        by: Some(200),
        budget: Some(400),
        ..Need::default()
    };
    let answer = find(&index, &need, 5, |_| true);
    assert_eq!(answer.hits.iter().map(|h| h.id.as_str()).collect::<Vec<_>>(), ["near", "far"]);
    for hit in &answer.hits {
        let sum: i32 = hit.reasons.iter().map(|r| r.points).sum();
        assert!((sum as f32 / 100.0 - hit.score).abs() < 0.05, "{sum} {}", hit.score);
    }
    let against = answer.hits[1].reasons.iter().filter(|r| r.points < 0).count();
    assert_eq!(against, 3, "{}", in_words(&answer.hits[1].reasons));
    let words = |r: &Reason| matches!(&r.why, Why::Term { term, .. } if term == "锂电池隔膜");
    assert!(answer.hits[0].reasons.iter().any(words));
}

#[test]
fn facets_count_what_may_be_seen_and_narrowing_narrows() {
    let mut dice = Dice(3);
    let mut index = Index::new();
    let offers: Vec<Offer> = (0..500).map(|n| Offer { audience: n as u32 % 2, ..dice.offer(n) }).collect();
    index.put_all(&offers);
    let mut need = Need { title: "晶圆清洗".to_owned(), ..Need::default() };
    need.only = Only { count: true, region: 3_101, field: "F02".to_owned(), ..Only::default() };
    let answer = find(&index, &need, 500, |audience| audience == 0);
    let fits = |o: &&Offer| o.audience == 0 && o.region == 310_100 && o.field == "F02";
    let has = |o: &&Offer| {
        ["晶圆", "清洗", "wafer", "cleaning"].iter().any(|w| format!("{} {}", o.title, o.text).contains(w))
    };
    let expected = offers.iter().filter(fits).filter(has).count() as u32;
    assert_eq!(answer.total, Some(expected));
    assert_eq!(answer.facets.kinds.values().sum::<u32>(), expected);
    assert_eq!(answer.facets.provinces, [(31, expected)].into());
    assert!(answer.hits.iter().all(|hit| offers.iter().filter(fits).any(|o| o.id == hit.id)));
}

#[test]
fn standing_words_wait_for_exactly_what_they_say() {
    let mut dice = Dice(4);
    let mut standing = Standing::new();
    let pick = |dice: &mut Dice, count: usize| -> Vec<String> { (0..count).map(|_| dice.words(1)).collect() };
    let watches: Vec<(String, Watch)> = (0..3_000)
        .map(|number| {
            let (all, any, none) = (1 + dice.roll(3), dice.roll(3), dice.roll(2));
            let watch =
                Watch { all: pick(&mut dice, all), any: pick(&mut dice, any), none: pick(&mut dice, none) };
            (format!("q{number}"), watch)
        })
        .collect();
    for (id, watch) in &watches {
        assert!(standing.add(id, watch));
    }
    for (id, _) in watches.iter().skip(1_400) {
        assert!(standing.remove(id));
    }
    assert_eq!(standing.len(), 1_400);
    let mut met = 0;
    for number in 0..200 {
        let offer = dice.offer(number);
        let text = format!(" {} {} ", offer.title, offer.text);
        let has = |word: &String| text.contains(&format!(" {word} "));
        let mut expected: Vec<&str> = watches[..1_400]
            .iter()
            .filter(|(_, w)| {
                w.all.iter().all(has)
                    && (w.any.is_empty() || w.any.iter().any(has))
                    && !w.none.iter().any(has)
            })
            .map(|(id, _)| id.as_str())
            .collect();
        expected.sort_unstable();
        met += expected.len();
        assert_eq!(standing.match_ids(&offer), expected);
    }
    assert!(met > 1_000);
    assert!(!standing.add("empty", &Watch::default()));
}

#[test]
fn a_standing_need_is_met_by_what_would_have_been_found() {
    let mut dice = Dice(5);
    let mut index = Index::new();
    index.put_all(&(0..2_000).map(|n| dice.offer(n)).collect::<Vec<_>>());
    let mut standing = Standing::new();
    for (need, number) in needs().iter().zip(0..) {
        assert!(standing.add_need(&format!("n{number}"), need, &index, Bar::Top(10)));
    }
    let mut met = 0;
    for number in 10_000..10_300 {
        let offer = dice.offer(number);
        for hit in standing.match_document(&offer, &index) {
            met += 1;
            assert!(hit.score > 0.0 && !hit.reasons.is_empty());
        }
    }
    assert!((5..400).contains(&met), "{met}");
    assert!(standing.remove("n0") && !standing.remove("n0"));
}

#[test]
fn a_damaged_snapshot_is_refused() {
    let mut index = Index::new();
    index.put(&Dice(6).offer(1));
    let bytes = index.snapshot();
    assert_eq!(Index::restore(b"nothing").err(), Some(Damaged::Foreign));
    for at in 4..bytes.len() {
        let mut damaged = bytes.clone();
        damaged[at] ^= 0x20;
        assert_eq!(Index::restore(&damaged).err(), Some(Damaged::Broken));
    }
    assert!(Index::restore(&bytes[..bytes.len() - 1]).is_err());
}

#[test]
fn sheets_are_read_by_the_names_of_their_columns() {
    let table = |header: &[&str], row: &[&str]| Table {
        header: header.iter().map(|h| (*h).to_owned()).collect(),
        rows: vec![row.iter().map(|c| (*c).to_owned()).collect()],
    };
    let needs = table(&["need", "标题", "说明", "地区"], &["n1", "锂电池隔膜", "耐高温", "310000"]);
    let offers = table(&["title_keywords", "id", "budget"], &["耐高温 电池 隔膜", "a1", "12"]);
    let matching = Match::of(needs.needs(), &offers.offers());
    let ranked: Vec<_> = matching.rank_all(3, |done, all| assert!(done <= all)).collect();
    assert_eq!((ranked[0].need.as_str(), ranked[0].offer.as_str(), ranked[0].rank), ("n1", "a1", 1));
    assert!(ranked[0].why.contains("耐高温"), "{}", ranked[0].why);
    let pairs = [("n1".to_owned(), "a1".to_owned()), ("n1".to_owned(), "none".to_owned())];
    let scores = matching.score_pairs(&pairs);
    assert!(scores[0] > 0.0 && scores[1] == 0.0);
}
