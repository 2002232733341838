use super::*;

const BARS: Bars = Bars { title: 8_000, summary: 6_000, text: 7_000, promises: 1, lines: 2 };
const ROUTE: &str = "先以精馏去除低沸点杂质，再以离子交换树脂去除金属离子。最后在惰性气氛下灌装。";

fn set(all: &[&str]) -> BTreeSet<String> {
    all.iter().map(ToString::to_string).collect()
}

fn like(one: &Work, other: &Work) -> Alike {
    alike(&Sheet::of(one.clone()), &Sheet::of(other.clone()))
}

fn titled(title: &str) -> Work {
    Work { title: title.into(), ..Work::default() }
}

#[test]
fn a_text_in_another_order_is_nearly_the_same() {
    let text = |text: &str| Work { text: text.into(), ..Work::default() };
    let turned = "最后在惰性气氛下灌装。再以离子交换树脂去除金属离子，先以精馏去除低沸点杂质";
    let other = "以大模型对临床影像作分割与标注，在三家医院开展前瞻性验证，形成注册申报材料。";
    assert_eq!(like(&text(ROUTE), &text(ROUTE)).text, SAME);
    assert!(like(&text(ROUTE), &text(turned)).text > 7_000);
    assert!(like(&text(ROUTE), &text(other)).text < 1_000);
    assert_eq!((like(&text(""), &text("")).text, like(&text(""), &text(ROUTE)).text), (0, 0));
    assert_eq!(like(&text("High-Purity RESIN"), &text("high purity resin")).text, SAME);
}

#[test]
fn titles_are_alike_by_what_they_mean_and_not_by_what_all_titles_say() {
    let one = titled("基于混合键合的先进封装互连关键技术研究");
    let again = titled("面向先进封装的混合键合互连方法研究与应用");
    let other = titled("基于大模型的临床影像分割关键技术研究及应用示范");
    assert!(like(&one, &again).title >= 8_000, "{}", like(&one, &again).title);
    assert!(like(&one, &other).title < 1_500, "{}", like(&one, &other).title);
    let english = titled("Research on hybrid bonding interconnects for advanced packaging");
    let spelt = titled("A novel method: Hybrid Bonding Interconnect, Advanced Packages");
    assert!(like(&english, &spelt).title >= 8_000, "{}", like(&english, &spelt).title);
    let both = titled(
        "基于混合键合的先进封装互连关键技术研究\nResearch on hybrid bonding interconnects for advanced packaging",
    );
    assert_eq!(
        (like(&both, &one).title, like(&both, &english).title),
        (SAME, SAME),
        "either language is enough"
    );
    assert_eq!(like(&titled("关键技术研究"), &titled("关键技术研究")).title, 0, "it says nothing");
    assert!(like(&titled("積體電路先進封裝"), &titled("积体电路先进封装")).title == SAME);
}

#[test]
fn the_same_promise_money_or_team_alone_is_nothing_but_together_they_are() {
    let promise = || vec!["键合间距不大于三微米".to_owned(), "良率不低于百分之九十五".to_owned()];
    let one = Work { promises: promise(), people: set(&["lin"]), units: set(&["east"]), ..Work::default() };
    let team = Work { people: set(&["lin"]), units: set(&["east"]), ..Work::default() };
    let strangers =
        Work { promises: promise(), people: set(&["wu"]), units: set(&["west"]), ..Work::default() };
    let again = Work { promises: promise(), units: set(&["east"]), ..Work::default() };
    assert!(!like(&one, &team).is_near(BARS) && !like(&one, &strangers).is_near(BARS));
    let found = like(&one, &again);
    assert_eq!(found.promises, [(0, 0, SAME), (1, 1, SAME)]);
    assert!(found.is_near(BARS) && found.units == ["east"]);
    let paid = |lines: &[&str]| Work { lines: set(lines), units: set(&["east"]), ..Work::default() };
    assert!(!like(&paid(&["a", "b"]), &paid(&["a", "c"])).is_near(BARS), "one line may be chance");
    assert!(like(&paid(&["a", "b"]), &paid(&["a", "b"])).is_near(BARS));
    let filed = Work { files: set(&["digest"]), ..Work::default() };
    assert!(like(&filed, &filed).is_near(BARS), "the same file");
}

#[test]
fn the_sentences_that_stand_in_both_are_shown() {
    let here = sentences(
        "本项目开展研究。先以精馏去除低沸点杂质，再以离子交换树脂去除金属离子。误差为 0.5 nm. Next one is here!",
    );
    assert_eq!(here.len(), 4, "{here:?}");
    assert!(here.concat().ends_with("nm. Next one is here!"));
    let there = sentences("其他。再以离子交换树脂去除金属离子，先以精馏去除了低沸点杂质。完。");
    let found = twins(&here, &there);
    assert_eq!(found.iter().map(|twin| (twin.here, twin.there)).collect::<Vec<_>>(), [(1, 1)]);
    assert!(twins(&[], &there).is_empty() && sentences("").is_empty());
}

/// A linear congruential generator (Knuth): the same works on every machine.
struct Chance(u64);

impl Chance {
    fn below(&mut self, end: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) as usize % end
    }

    fn text(&mut self, letters: usize) -> String {
        (0..letters).map(|_| char::from_u32(0x4e00 + self.below(300) as u32).unwrap()).collect()
    }

    /// A work that takes some of its parts from another one, with some letters changed.
    fn work(&mut self, from: Option<&Work>) -> Work {
        let fresh = Work {
            title: self.text(12),
            summary: self.text(60),
            text: self.text(1 + from.map_or(200, |_| 1_700)),
            promises: (0..3).map(|_| self.text(10)).collect(),
            people: set(&[&self.below(30).to_string()]),
            units: set(&[&self.below(10).to_string()]),
            lines: (0..3).map(|_| self.below(40).to_string()).collect(),
            files: set(&[&self.below(2_000).to_string()]),
        };
        let Some(other) = from else { return fresh };
        let part = [0, 3, 6, 9, 15][self.below(5)];
        let mut spoilt = |text: &str, part: usize| -> String {
            text.chars().map(|sign| if self.below(100) < part { '中' } else { sign }).collect()
        };
        Work {
            title: spoilt(&other.title, part),
            summary: spoilt(&other.summary, 2 * part),
            text: spoilt(&other.text, part),
            promises: other.promises.iter().map(|text| spoilt(text, part)).collect(),
            ..fresh
        }
    }
}

#[test]
fn the_index_finds_exactly_what_comparing_everything_finds() {
    let mut chance = Chance(2_026);
    let mut works: Vec<Work> = (0..120).map(|_| chance.work(None)).collect();
    for at in 0..100 {
        let other = works[chance.below(works.len() - at)].clone();
        works.push(chance.work((at % 2 == 0).then_some(&other)));
        let long = chance.work(Some(&other));
        works.push(Work { text: long.text, ..chance.work(None) });
    }
    let sheets: Vec<Sheet> = works.into_iter().map(Sheet::of).collect();
    let index = Index::of(sheets.clone(), BARS);
    let mut all = Vec::new();
    for (at, one) in sheets.iter().enumerate() {
        for (place, other) in sheets.iter().enumerate().skip(at + 1) {
            let found = alike(one, other);
            assert_eq!(found.text, alike(other, one).text);
            all.extend(found.is_near(BARS).then_some((at, place, found)));
        }
    }
    let kinds = |pick: fn(&Alike) -> bool| all.iter().filter(|(.., found)| pick(found)).count();
    assert!(
        kinds(|a| a.title >= 8_000) > 20
            && kinds(|a| a.summary >= 6_000) > 20
            && kinds(|a| a.text >= 7_000) > 20
    );
    assert!(kinds(|a| a.is_ours() && a.lines.len() >= 2) > 3 && kinds(|a| !a.files.is_empty()) > 3);
    assert_eq!(index.pairs(), all);
    let near: Vec<usize> = index.near(&sheets[0]).into_iter().map(|(place, _)| place).collect();
    let of_first: Vec<usize> = all.iter().filter(|(at, ..)| *at == 0).map(|(_, place, _)| *place).collect();
    assert_eq!(near, [vec![0], of_first].concat(), "itself, and those it is like");
}

#[test]
fn a_work_is_all_that_it_is_itself() {
    let mut chance = Chance(7);
    for _ in 0..50 {
        let work = chance.work(None);
        let found = like(&work, &work);
        assert_eq!((found.title, found.summary, found.text), (SAME, SAME, SAME));
        assert_eq!((found.promises.len(), found.people.len(), found.lines.len()), (3, 1, work.lines.len()));
    }
}
