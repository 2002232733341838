//! Words for people: labels, help, refusals and events in Chinese and English.
//!
//! Each desk has `words.zh.toml` and `words.en.toml`; what several desks share lies in `grammar/words`. A
//! sentence may hold placeholders with the kind of their value: `{left:money}`, `{until:day}`, `{who:ref}`; and words
//! that follow a count: `{count} {count|thing|things}`.

use std::{collections::BTreeMap, sync::LazyLock};

use serde_json::Value;

use crate::kinds::{Day, Id, Moment, Money, Region};

/// A reader's language.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default)]
pub enum Locale {
    #[default]
    Zh,
    En,
}

impl Locale {
    pub const BOTH: [Self; 2] = [Self::Zh, Self::En];

    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Zh => "zh",
            Self::En => "en",
        }
    }

    /// The one of two texts that is in this language; the other when it is empty.
    #[must_use]
    pub fn pick<'a>(self, zh: &'a str, en: &'a str) -> &'a str {
        match (self, zh.is_empty(), en.is_empty()) {
            (Self::Zh, false, _) | (Self::En, _, true) => zh,
            _ => en,
        }
    }
}

type Sections = BTreeMap<String, BTreeMap<String, String>>;

/// The words of one desk in one language, over the shared ones.
#[derive(Clone, Debug, Default)]
pub struct Words {
    own: Sections,
    locale: Locale,
}

static SHARED: LazyLock<[Sections; 2]> = LazyLock::new(|| {
    let read = |text| toml::from_str(text).unwrap_or_default();
    [read(include_str!("../words/zh.toml")), read(include_str!("../words/en.toml"))]
});

/// The shared words of a language.
#[must_use]
pub fn shared(locale: Locale) -> Words {
    Words { own: Sections::new(), locale }
}

impl Words {
    /// # Errors
    /// What is wrong with the text, for developers.
    pub fn read(locale: Locale, text: &str) -> Result<Self, String> {
        toml::from_str(text).map(|own| Self { own, locale }).map_err(|error| error.to_string())
    }

    /// Reads several texts as one; a key that two of them have is taken from the later one.
    ///
    /// # Errors
    /// What is wrong with a text, for developers.
    pub fn read_all(locale: Locale, texts: &[&str]) -> Result<Self, String> {
        let mut all = Self { own: Sections::new(), locale };
        for text in texts {
            for (section, words) in Self::read(locale, text)?.own {
                all.own.entry(section).or_default().extend(words);
            }
        }
        Ok(all)
    }

    #[must_use]
    pub fn locale(&self) -> Locale {
        self.locale
    }

    /// The word, if this desk or the shared words have it.
    #[must_use]
    pub fn find(&self, section: &str, key: &str) -> Option<&str> {
        let [zh, en] = &*SHARED;
        let shared = if self.locale == Locale::Zh { zh } else { en };
        let own = self.own.get(section).and_then(|words| words.get(key));
        own.or_else(|| shared.get(section).and_then(|words| words.get(key))).map(String::as_str)
    }

    /// The word; its key when there is none, which a test forbids.
    #[must_use]
    pub fn get<'a>(&'a self, section: &str, key: &'a str) -> &'a str {
        self.find(section, key).unwrap_or(key)
    }

    /// The same as it stands over something or alone: in English with a capital.
    #[must_use]
    pub fn headed(&self, section: &str, key: &str) -> String {
        let mut signs = self.get(section, key).chars();
        signs.next().map_or_else(String::new, |first| first.to_uppercase().chain(signs).collect())
    }

    /// The desk's own sections and keys.
    pub fn keys(&self) -> impl Iterator<Item = (&str, &str)> {
        self.own
            .iter()
            .flat_map(|(section, words)| words.keys().map(move |key| (section.as_str(), key.as_str())))
    }

    /// A sentence with its placeholders filled from `facts`. `name` gives the title of a record.
    #[must_use]
    pub fn sentence(&self, section: &str, key: &str, facts: &Value, name: &dyn Fn(Id) -> String) -> String {
        self.fill(self.get(section, key), facts, name)
    }

    /// Fills the placeholders of a template.
    #[must_use]
    pub fn fill(&self, template: &str, facts: &Value, name: &dyn Fn(Id) -> String) -> String {
        let mut told = String::new();
        let mut rest = template;
        while let Some((before, more)) = rest.split_once('{') {
            let Some((placeholder, after)) = more.split_once('}') else { break };
            told.push_str(before);
            let end = placeholder.find([':', '|']).unwrap_or(placeholder.len());
            let (path, kind) = placeholder.split_at_checked(end).unwrap_or((placeholder, ""));
            let value = path.split('.').try_fold(facts, |value, step| value.get(step));
            let value = value.unwrap_or(&Value::Null);
            match kind.strip_prefix('|').and_then(|words| words.split_once('|')) {
                Some((one, many)) => told.push_str(if is_one(value) { one } else { many }),
                None => told.push_str(&self.show(kind.trim_start_matches(':'), value, name)),
            }
            rest = after;
        }
        told.push_str(rest);
        told
    }

    /// A value as people write it. Kinds: money, day, moment, region, regions (two, as `310000-330000`), ref, choice, list of refs.
    #[must_use]
    pub fn show(&self, kind: &str, value: &Value, name: &dyn Fn(Id) -> String) -> String {
        let text = match value {
            Value::Null => return "—".into(),
            Value::String(text) => text.clone(),
            Value::Array(values) => {
                let each: Vec<String> = values.iter().map(|v| self.show(kind, v, name)).collect();
                return each.join(self.locale.pick("、", ", "));
            }
            Value::Bool(yes) => return self.get("page", if *yes { "yes" } else { "no" }).to_owned(),
            Value::Object(both) if both.contains_key("zh") || both.contains_key("en") => {
                let side = |key| both.get(key).and_then(Value::as_str).unwrap_or("");
                return self.locale.pick(side("zh"), side("en")).to_owned();
            }
            other => other.to_string(),
        };
        match kind {
            "money" => text.parse().map_or(text, |money| self.money(money)),
            "day" => text.parse().map_or(text, |day| self.day(day)),
            "moment" => text.parse().map_or(text, |moment| self.moment(moment)),
            "region" => self.region(&text),
            "regions" => {
                let each: Vec<String> = text.split('-').map(|region| self.region(region)).collect();
                each.join(self.locale.pick("与", " and "))
            }
            "ref" => text.parse().map_or(text, name),
            "choice" => self.get("choice", &text).to_owned(),
            _ => text,
        }
    }

    fn region(&self, text: &str) -> String {
        let name = |region: Region| self.locale.pick(region.zh(), region.en()).to_owned();
        text.parse().map_or_else(|_| text.to_owned(), name)
    }

    /// `¥300,000.00`.
    #[must_use]
    pub fn money(&self, money: Money) -> String {
        let grouped = money.grouped();
        grouped.strip_prefix('-').map_or_else(|| format!("¥{grouped}"), |rest| format!("-¥{rest}"))
    }

    /// `2031年6月30日`, `30 June 2031`.
    #[must_use]
    pub fn day(&self, day: Day) -> String {
        const MONTHS: [&str; 12] = [
            "January",
            "February",
            "March",
            "April",
            "May",
            "June",
            "July",
            "August",
            "September",
            "October",
            "November",
            "December",
        ];
        match self.locale {
            Locale::Zh => format!("{}年{}月{}日", day.year(), day.month(), day.day_of_month()),
            Locale::En => {
                let month = usize::try_from(day.month() - 1).ok().and_then(|m| MONTHS.get(m)).unwrap_or(&"");
                format!("{} {month} {}", day.day_of_month(), day.year())
            }
        }
    }

    /// The day and the time in China.
    #[must_use]
    pub fn moment(&self, moment: Moment) -> String {
        format!("{} {}", self.day(moment.day()), moment.clock())
    }
}

/// Whether a count is one, as a number or as a text.
fn is_one(count: &Value) -> bool {
    count.as_i64() == Some(1) || count.as_str() == Some("1")
}

/// The facts that a sentence tells, whatever form they take; words that follow a count tell none of their own.
pub fn placeholders(sentence: &str) -> impl Iterator<Item = &str> {
    let braced = sentence.split('{').skip(1).filter_map(|rest| rest.split_once('}'));
    braced.map(|(placeholder, _)| placeholder).filter(|placeholder| !placeholder.contains('|'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_follow_their_count() {
        let words = Words::default();
        let says = |count: &Value| {
            let facts = serde_json::json!({ "count": count });
            words.fill("{count} {count|thing|things} cannot be done", &facts, &|id| id.to_string())
        };
        let one = ["1 thing cannot be done"; 2];
        assert_eq!([says(&serde_json::json!(1)), says(&serde_json::json!("1"))], one);
        assert_eq!(says(&serde_json::json!(0)), "0 things cannot be done");
        assert_eq!(says(&serde_json::json!(21)), "21 things cannot be done");
        assert_eq!(placeholders("{a} {b:money} {a|x|}").collect::<Vec<_>>(), ["a", "b:money"]);
    }

    #[test]
    fn sentences_show_values_in_the_readers_language() {
        let words = |locale| {
            Words::read(locale, "[refusal]\nx = \"{left:money} / {until:day} / {who:ref}\"").unwrap()
        };
        let facts = serde_json::json!({ "left": "1234567.50", "until": "2031-06-30", "who": "team-1" });
        let name = |id: Id| format!("<{id}>");
        assert_eq!(
            words(Locale::Zh).sentence("refusal", "x", &facts, &name),
            "¥1,234,567.50 / 2031年6月30日 / <team-1>"
        );
        assert_eq!(
            words(Locale::En).sentence("refusal", "x", &facts, &name),
            "¥1,234,567.50 / 30 June 2031 / <team-1>"
        );
    }
}
