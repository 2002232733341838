//! Charter: who may ask what, as a table that a lawyer can read: every verb of every desk against everyone who
//! may ask it, and the same turned round, by person and office. `golden/charter.txt` is the text.

use std::collections::{BTreeMap, BTreeSet};

use desks::DESKS;
use grammar::{
    clerk::Clerk,
    form::{Dice, Verb},
    kinds::{Day, Id},
    viewer::Who,
    words::{Locale, Words},
};

use crate::golden::golden;

/// Samples by which we see who may ask a verb: for some it depends on what is asked.
const SAMPLES: u64 = 40;

/// Relations to a record, people before offices before desks before time: kind, English, Chinese.
const RELATIONS: [(&str, &str, &str); 7] = [
    ("anyone", "the public", "公众"),
    ("member", "signed in", "已登录"),
    ("party", "party", "当事方"),
    ("signatory", "signs for", "签署人"),
    ("office", "office", "岗位"),
    ("desk", "told by", "转告"),
    ("clock", "time", "到期"),
];

/// Who may ask a verb, and whether that depends on what is asked.
fn who_may(clerk: &dyn Clerk, verb: &Verb) -> BTreeMap<String, bool> {
    let day = Day::new(2026, 3, 2).unwrap();
    let record = |desk: &str, _: &mut Dice| -> Option<Id> {
        let desk = if desk.is_empty() { "organisation" } else { desk };
        format!("{desk}-7k3m9q2a").parse().ok()
    };
    let mut times = BTreeMap::<String, u64>::new();
    let mut asked = 0;
    for mut command in (1..=SAMPLES).filter_map(|seed| verb.sample(&mut Dice::new(seed), day, &record)) {
        verb.form.cover(&mut command);
        let Some(who) = clerk.who(&command) else { continue };
        asked += 1;
        let mut names = Who::names(who);
        names.sort();
        names.dedup();
        names.into_iter().for_each(|name| *times.entry(name).or_default() += 1);
    }
    assert!(asked > 0, "{}/{} has no sample", clerk.name(), verb.name);
    times.into_iter().map(|(name, times)| (name, times < asked)).collect()
}

/// A verb of a desk with all who may ask it: how, by whom.
struct Right {
    desk: &'static str,
    verb: String,
    opens: bool,
    /// By who it is: `✓`, `2` when a second person must agree, `?` when it depends on what is asked.
    who: BTreeMap<String, char>,
}

fn rights() -> Vec<Right> {
    let mut all = Vec::new();
    for clerk in DESKS.iter() {
        for verb in clerk.verbs() {
            let mut who = BTreeMap::new();
            for (name, depends) in who_may(clerk, verb) {
                let (plain, mark) = match name.strip_prefix("two:") {
                    Some(plain) => (plain, '2'),
                    None => (name.as_str(), '✓'),
                };
                who.insert(plain.to_owned(), if depends { '?' } else { mark });
            }
            let opens = clerk.opens().contains(&verb.name.as_str());
            all.push(Right { desk: clerk.name(), verb: verb.name.clone(), opens, who });
        }
    }
    all
}

fn rank(name: &str) -> (usize, String) {
    let kind = name.split(':').next().unwrap_or_default();
    let place = RELATIONS.iter().position(|(known, ..)| *known == kind).unwrap_or(RELATIONS.len());
    (place, name.to_owned())
}

/// The words of pages in a language.
struct Sayings([Words; 2]);

impl Sayings {
    fn read() -> Self {
        let of = |locale, text| Words::read(locale, text).unwrap();
        Self([
            of(Locale::En, include_str!("../../../window/words/en.toml")),
            of(Locale::Zh, include_str!("../../../window/words/zh.toml")),
        ])
    }

    /// `office the treasurer · 岗位 财务管理人员`; every name must be worded in both languages.
    fn who(&self, name: &str) -> String {
        let (kind, of) = name.split_once(':').unwrap_or((name, ""));
        let (_, en, zh) = RELATIONS.iter().find(|(known, ..)| *known == kind).unwrap();
        let of = |place: usize| match of {
            "" => String::new(),
            of => format!(
                ": {}",
                self.0[place].find(kind, of).unwrap_or_else(|| panic!("`{name}` has no words"))
            ),
        };
        format!("{en}{} · {zh}{}", of(0), of(1).replace(": ", "："))
    }
}

fn by_desk(clerk: &dyn Clerk, rights: &[Right], sayings: &Sayings) -> String {
    let rights: Vec<&Right> = rights.iter().filter(|right| right.desk == clerk.name()).collect();
    let names: BTreeSet<&String> = rights.iter().flat_map(|right| right.who.keys()).collect();
    let mut columns: Vec<&String> = names.into_iter().collect();
    columns.sort_by_key(|name| rank(name));
    let [zh, en] = Locale::BOTH.map(|locale| clerk.words(locale));
    let mut text = format!("{} · {} ({})\n", en.get("desk", "many"), zh.get("desk", "many"), clerk.name());
    for (column, number) in columns.iter().zip(1..) {
        text.push_str(&format!("  {number:>2} {}  [{column}]\n", sayings.who(column)));
    }
    let heads: String = (1..=columns.len()).map(|number| format!("{number:>3}")).collect();
    text.push_str(&format!("\n  {:<22}{heads}\n", ""));
    for right in rights {
        let ticks: String =
            columns.iter().map(|column| format!("  {}", right.who.get(*column).unwrap_or(&'·'))).collect();
        let opens = if right.opens { "+" } else { " " };
        let (zh, en) = (zh.get("verb", &right.verb), en.get("verb", &right.verb));
        text.push_str(&format!("{opens} {:<22}{ticks}   {en} · {zh}\n", right.verb));
    }
    text
}

/// What one relation or office may ask, of all desks.
fn by_who(name: &str, rights: &[Right], sayings: &Sayings) -> String {
    let mut text = format!("{}  [{name}]\n", sayings.who(name));
    for clerk in DESKS.iter() {
        let verbs: Vec<String> = rights
            .iter()
            .filter(|right| right.desk == clerk.name())
            .filter_map(|right| {
                let mark = match right.who.get(name)? {
                    '✓' => "",
                    '2' => " (2)",
                    _ => " (?)",
                };
                Some(format!("{}{mark}", right.verb))
            })
            .collect();
        if !verbs.is_empty() {
            text.push_str(&format!("    {:<14} {}\n", clerk.name(), verbs.join(", ")));
        }
    }
    text
}

#[test]
fn the_charter_is_what_it_was() {
    let (rights, sayings) = (rights(), Sayings::read());
    let mut text = String::from(
        "Who may ask what. ✓ may ask; 2 may ask, and a second person of the same kind must agree;\n\
         ? it depends on what is asked; · may not. + begins a new record. Nobody else may ask anything.\n\
         谁能办什么。✓ 可办；2 可办，须同类第二人复核；? 视内容而定；· 不可办；+ 新建记录。其他人一律不可办。\n\n\
         the public: anyone, signed in or not. party: whoever the record names so, or belongs to the organisation\n\
         it names. signs for: whoever signs for that organisation today. office: counts in its region and below.\n\
         told by: no person; only as a consequence of what was decided there. time: the house itself, when due.\n\
         Someone who acts for another has the rights that both have, each in each of these columns, and no others.\n\
         公众：任何人。当事方：记录写明的人，或所写单位的人员。签署人：当日可代表该单位签署的人。岗位：在所辖地区内有效。\n\
         转告：任何人不可直接办理，仅作为该业务裁决的结果。到期：由平台到期办理。代办时，仅有双方都具备的权限。\n\n\
         PART 1 · 第一部分  By desk · 按业务\n",
    );
    for clerk in DESKS.iter() {
        text.push('\n');
        text.push_str(&by_desk(clerk, &rights, &sayings));
    }
    text.push_str("\nPART 2 · 第二部分  By person and office · 按人员与岗位\n\n");
    let names: BTreeSet<&String> = rights.iter().flat_map(|right| right.who.keys()).collect();
    let mut names: Vec<&String> = names.into_iter().collect();
    names.sort_by_key(|name| rank(name));
    for name in names {
        text.push_str(&by_who(name, &rights, &sayings));
    }
    text.push_str("\nPART 3 · 第三部分  routes.txt: every address, and who reaches it · 各地址及可到达者\n");
    golden("charter.txt", &text);
}
