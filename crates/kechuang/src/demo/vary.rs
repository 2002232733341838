//! Vary: further achievements and needs for a larger region, put together from word lists. Each says in its
//! numbers and words something else; all are invented and marked like the rest.

use super::{
    names::dice,
    texts::{Lists, NeedText, variations},
};

/// Fields in which joint research takes needs, as in the written ones.
const NEED_FIELDS: [&str; 3] = ["integrated-circuits", "artificial-intelligence", "biomedicine"];

/// An achievement's words, as written or as put together.
#[derive(Clone)]
pub struct AchievementText {
    pub field: String,
    pub kind: String,
    pub trl: u32,
    pub title: [String; 2],
    pub summary: [String; 2],
    pub scenario: [String; 2],
    pub keywords: String,
}

/// A word of a list in both languages.
type Word<'a> = [&'a str; 2];

/// Four words that make a text: of what, by what, to what end, where.
struct Words<'a> {
    object: Word<'a>,
    method: Word<'a>,
    aim: Word<'a>,
    scene: Word<'a>,
}

/// The word lists of every field.
pub struct Variations(Vec<Lists>);

fn word(list: &[String], at: usize) -> Word<'_> {
    let entry = list.get(at % list.len().max(1)).map_or("", String::as_str);
    entry.split_once('|').map_or([entry, entry], |(zh, en)| [zh, en])
}

impl Lists {
    /// The `n`th combination: the first list turns fastest, so that neighbours differ in what they are about.
    fn words(&self, n: usize) -> Words<'_> {
        let (objects, methods) = (self.objects.len().max(1), self.methods.len().max(1));
        let turn = n / objects;
        let later = turn / methods;
        Words {
            object: word(&self.objects, n),
            method: word(&self.methods, turn + n),
            aim: word(&self.aims, later + n),
            scene: word(&self.scenes, later + turn + n),
        }
    }
}

impl Variations {
    /// # Errors
    /// What is wrong with the file.
    pub fn read() -> Result<Self, String> {
        variations().map(Self)
    }

    /// The `n`th further achievement.
    ///
    /// # Errors
    /// When there are no word lists.
    pub fn achievement(&self, n: usize) -> Result<AchievementText, String> {
        let fields = self.0.len().max(1);
        let lists = self.0.get(n % fields).ok_or("variations.toml: empty")?;
        let Words { object, method, aim, scene } = lists.words(n / fields);
        let mut dice = dice("achievement-words", n);
        let kinds = ["process", "product", "software", "patent-technology"];
        let (groups, gain, hours) = (20 + dice.below(180), 8 + dice.below(40), 200 + 100 * dice.below(28));
        let zh = format!(
            "针对{}中的{}，采用{}实现{}。在 {groups} 组样品上试验，主要指标较现有做法改善 {gain}%，连续运行 {hours} 小时性能稳定，可提供工艺窗口和测试报告。",
            scene[0], object[0], method[0], aim[0]
        );
        let en = format!(
            "For {} in {}, {} brings {}. Over {groups} samples the main measure improved by {gain}% and held for {hours} hours; the working window and test reports are available.",
            object[1], scene[1], method[1], aim[1]
        );
        Ok(AchievementText {
            field: lists.name.clone(),
            kind: dice.one_of(&kinds).copied().unwrap_or("process").to_owned(),
            trl: u32::try_from(3 + dice.below(6)).unwrap_or(5),
            title: [
                format!("基于{}的{}{}技术", method[0], object[0], aim[0]),
                capital(&format!("{} of {} by {}", aim[1], object[1], method[1])),
            ],
            summary: [zh, en],
            scenario: [scene[0].to_owned(), capital(scene[1])],
            keywords: format!("{},{},{},{}", object[0], method[0], object[1], method[1]),
        })
    }

    /// The `n`th further need, put in a province.
    ///
    /// # Errors
    /// When a field has no word lists.
    pub fn need(&self, n: usize, province: u32) -> Result<NeedText, String> {
        let field = NEED_FIELDS.get(n % NEED_FIELDS.len()).copied().unwrap_or("biomedicine");
        let lists =
            self.0.iter().find(|lists| lists.name == field).ok_or("variations.toml: no such field")?;
        let Words { object, method, aim, scene } = lists.words(n / NEED_FIELDS.len());
        let mut dice = dice("need-words", n);
        let mut number = |least: usize, more: usize| u32::try_from(least + dice.below(more)).unwrap_or(1);
        let (budget, gain, hours, batches) =
            (number(300, 2_200), number(10, 40), number(100, 900), number(3, 9));
        Ok(NeedText {
            key: format!("more-{n}"),
            state: if n % 4 == 3 { "published" } else { "soliciting" }.to_owned(),
            province,
            field: field.to_owned(),
            chain: ["upstream", "midstream", "downstream"]
                .get(n % 3)
                .copied()
                .unwrap_or("midstream")
                .to_owned(),
            title_zh: format!("{}用{}{}", scene[0], object[0], aim[0]),
            title_en: capital(&format!("{} of {} for {}", aim[1], object[1], scene[1])),
            summary_zh: format!(
                "{}在{}中的{}尚不能满足量产要求，现有做法依赖人工经验。征集以{}或其他路线实现{}的方案，并在现场验证。",
                object[0], scene[0], aim[0], method[0], aim[0]
            ),
            summary_en: format!(
                "For {} in {}, {} does not yet meet production and rests on experience. We seek {} or another way, verified on site.",
                object[1], scene[1], aim[1], method[1]
            ),
            detail: format!("现有水平需改善约 {gain}%；可提供 {batches} 批样品和现场数据。"),
            indicators: vec![
                format!(
                    "{} / {} | % | ≥ {gain} | 与现状同口径比较，连续 {batches} 批 / against today, {batches} batches",
                    aim[0], aim[1]
                ),
                format!("连续运行 / Continuous operation | h | ≥ {hours} | 现场记录 / site records"),
            ],
            domestic: "国内同类产品可用，稳定性不足。\nDomestic products work but are not stable enough."
                .to_owned(),
            foreign: "国际已有量产应用。\nIn volume use abroad.".to_owned(),
            months: 12 + number(0, 24),
            budget,
            own: budget * 11 / 20,
            rnd: budget * 4,
            scenario_zh: scene[0].to_owned(),
            scenario_en: capital(scene[1]),
            purchase: "达到指标后优先采购。/ Preferred purchase once the indicators are met.".to_owned(),
            ip: ["jointly", "need-owner", "by-agreement"].get(n % 3).copied().unwrap_or("jointly").to_owned(),
            cross: "研究力量与应用现场分处不同省市。/ Research and users lie in different provinces."
                .to_owned(),
            trl: number(5, 4),
            keywords: format!("{},{},{},{}", object[0], method[0], object[1], method[1]),
            joins: None,
            remark_zh: None,
            remark_en: None,
        })
    }
}

fn capital(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}
