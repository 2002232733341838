//! Texts: the files of the demo region, carried inside the program, read into rows.

use serde::Deserialize;
use serde_json::{Value, json};

/// Real organisations (see `demo/ORIGIN.md`).
pub const ORGANISATIONS: &str = include_str!("../../../../demo/organisations.tsv");
pub const PLACES: &str = include_str!("../../../../demo/places.tsv");
pub const ACHIEVEMENTS: &str = include_str!("../../../../demo/achievements.tsv");
pub const LABORATORIES: &str = include_str!("../../../../demo/laboratories.tsv");
pub const INSTRUMENTS: &str = include_str!("../../../../demo/instruments.tsv");
pub const APPLICATIONS: &str = include_str!("../../../../demo/applications.tsv");
pub const ROUTES: &str = include_str!("../../../../demo/routes.tsv");
const NEEDS: &str = include_str!("../../../../demo/needs.toml");
const OFFICE: &str = include_str!("../../../../demo/office.toml");
const VARIATIONS: &str = include_str!("../../../../demo/variations.toml");

/// The rows of a table whose first line names its `N` columns.
///
/// # Errors
/// The line that has another number of columns.
pub fn rows<const N: usize>(table: &'static str) -> Result<Vec<[&'static str; N]>, String> {
    let read = |(number, line): (usize, &'static str)| {
        let cells: Vec<&str> = line.split('\t').collect();
        let found = cells.len();
        cells.try_into().map_err(|_| format!("demo table: line {}: {found} columns, not {N}", number + 1))
    };
    table.lines().enumerate().skip(1).map(read).collect()
}

/// The same words in two languages, as a command carries them.
pub fn both(zh: &str, en: &str) -> Value {
    match (zh.is_empty(), en.is_empty()) {
        (true, _) => json!({ "en": en }),
        (_, true) => json!({ "zh": zh }),
        _ => json!({ "zh": zh, "en": en }),
    }
}

/// Words between commas, as a list.
pub fn words(text: &str) -> Value {
    text.split(',').map(str::trim).filter(|word| !word.is_empty()).collect()
}

/// A need as written in `needs.toml`.
#[derive(Clone, Deserialize)]
pub struct NeedText {
    pub key: String,
    pub state: String,
    pub province: u32,
    pub field: String,
    pub chain: String,
    pub title_zh: String,
    pub title_en: String,
    pub summary_zh: String,
    pub summary_en: String,
    pub detail: String,
    pub indicators: Vec<String>,
    pub domestic: String,
    pub foreign: String,
    pub months: u32,
    /// Ten thousand yuan, like the two amounts below.
    pub budget: u32,
    pub own: u32,
    pub rnd: u32,
    pub scenario_zh: String,
    pub scenario_en: String,
    pub purchase: String,
    pub ip: String,
    pub cross: String,
    pub trl: u32,
    pub keywords: String,
    /// The key of the need into which this one is condensed.
    pub joins: Option<String>,
    pub remark_zh: Option<String>,
    pub remark_en: Option<String>,
}

#[derive(Deserialize)]
struct Needs {
    need: Vec<NeedText>,
}

/// Every need that was written by hand.
///
/// # Errors
/// What is wrong with the file.
pub fn needs() -> Result<Vec<NeedText>, String> {
    toml::from_str::<Needs>(NEEDS).map(|needs| needs.need).map_err(|error| format!("needs.toml: {error}"))
}

/// A notice, and what happens to it at once.
#[derive(Deserialize)]
pub struct NoticeText {
    pub about: String,
    pub title_zh: String,
    pub title_en: String,
    pub text_zh: String,
    pub text_en: String,
    pub basis: String,
    pub days: u32,
    pub unit: String,
    #[serde(default)]
    pub step: Vec<StepText>,
}

/// An objection, an answer, a change or a withdrawal. `text` is what is said, or the reason.
#[derive(Default, Deserialize)]
#[serde(default)]
pub struct StepText {
    pub by: String,
    pub verb: String,
    pub text: String,
    pub text_zh: String,
    pub text_en: String,
    pub named: bool,
    pub upheld: bool,
}

/// A change of a rule, and how far it is to go.
#[derive(Deserialize)]
pub struct RuleText {
    pub rule: String,
    pub state: String,
    pub title_zh: String,
    pub title_en: String,
    pub kind: String,
    pub value: String,
    pub unit: String,
    pub region: u32,
    /// Days until it takes effect.
    pub after: i32,
}

/// Whom a visitor can become. The sign is one Chinese character.
#[derive(Deserialize)]
pub struct RoleText {
    pub who: String,
    pub sign: String,
    pub part_zh: String,
    pub part_en: String,
    pub does_zh: String,
    pub does_en: String,
}

/// What the offices of the region have to do.
#[derive(Deserialize)]
pub struct Office {
    pub notice: Vec<NoticeText>,
    pub rule: Vec<RuleText>,
    pub role: Vec<RoleText>,
}

/// # Errors
/// What is wrong with the file.
pub fn office() -> Result<Office, String> {
    toml::from_str(OFFICE).map_err(|error| format!("office.toml: {error}"))
}

/// The words of one field from which further texts are put together; each is `Chinese|English`.
#[derive(Deserialize)]
pub struct Lists {
    pub name: String,
    pub objects: Vec<String>,
    pub methods: Vec<String>,
    pub aims: Vec<String>,
    pub scenes: Vec<String>,
}

#[derive(Deserialize)]
struct Variations {
    field: Vec<Lists>,
}

/// The word lists, a set for each field.
///
/// # Errors
/// What is wrong with the file.
pub fn variations() -> Result<Vec<Lists>, String> {
    let read = toml::from_str::<Variations>(VARIATIONS);
    read.map(|lists| lists.field).map_err(|error| format!("variations.toml: {error}"))
}

/// What a field of technology is called, in Chinese and in English, within names of invented organisations.
pub fn field_words(field: &str) -> [&'static str; 2] {
    match field {
        "integrated-circuits" => ["集成电路", "integrated circuits"],
        "artificial-intelligence" => ["人工智能", "artificial intelligence"],
        "biomedicine" => ["生物医药", "biomedicine"],
        "future-industries" => ["未来产业", "future industries"],
        "new-materials" => ["新材料", "new materials"],
        "new-energy" => ["新能源", "new energy"],
        "advanced-manufacturing" => ["先进制造", "advanced manufacturing"],
        "information" => ["信息技术", "information technology"],
        "environment" => ["环境", "environment"],
        "agriculture" => ["农业", "agriculture"],
        "ocean" => ["海洋", "ocean"],
        "aerospace" => ["航空航天", "aerospace"],
        "instruments-and-testing" => ["仪器与检测", "instruments and testing"],
        _ => ["综合", "general"],
    }
}
