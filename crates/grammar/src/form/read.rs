//! Reading what people send: flat text from pages and sheets, or JSON, into one canonical command value.

use std::{collections::BTreeMap, str::FromStr};

use serde::Serialize;
use serde_json::{Map, Value, json};

use super::{Form, Kind, Verb, join, lies_in};
use crate::kinds::{Day, FileRef, Id, Moment, Money, Place, Region, Share, Text, Unreadable, Uscc};

/// What a page or a sheet sends: the path of a field and the text in it. `indicators.1.name`.
pub type Flat = BTreeMap<String, String>;

/// Longest text that any one cell or box may hold, before its own limit is looked at.
const TEXT_MAX: usize = 400_000;

/// What is wrong with one field. The sentence is in `[fault]` of the shared words.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Fault {
    pub field: String,
    pub code: String,
    pub facts: Value,
}

impl Fault {
    #[must_use]
    pub fn new(field: &str, code: &str) -> Self {
        Self { field: field.to_owned(), code: code.to_owned(), facts: json!({}) }
    }

    fn with(field: &str, code: &str, facts: Value) -> Self {
        Self { facts, ..Self::new(field, code) }
    }
}

impl Verb {
    /// Reads flat text.
    ///
    /// # Errors
    /// Every fault, each beside its field.
    pub fn read_flat(&self, flat: &Flat) -> Result<Value, Vec<Fault>> {
        let mut faults = Vec::new();
        let value = self.form.flat("", flat, &mut faults);
        self.finish(value, faults)
    }

    /// Reads JSON. Texts are read as leniently as those of a page; unknown fields are refused.
    ///
    /// # Errors
    /// Every fault, each beside its field.
    pub fn read_json(&self, json: &Value) -> Result<Value, Vec<Fault>> {
        let mut faults = Vec::new();
        let value = self.form.json("", json, &mut faults);
        self.finish(value, faults)
    }

    fn finish(&self, fields: Map<String, Value>, faults: Vec<Fault>) -> Result<Value, Vec<Fault>> {
        if !faults.is_empty() {
            return Err(faults);
        }
        let mut command = Map::from_iter([("verb".to_owned(), Value::from(self.name.as_str()))]);
        command.extend(fields);
        Ok(Value::Object(command))
    }
}

impl Form {
    fn flat(&self, path: &str, flat: &Flat, faults: &mut Vec<Fault>) -> Map<String, Value> {
        let mut values = Map::new();
        for field in &self.fields {
            let at = join(path, &field.name);
            match field.kind.flat(&at, flat, faults) {
                Some(value) => drop(values.insert(field.name.clone(), value)),
                None if field.needed && !faults.iter().any(|f| lies_in(&f.field, &at)) => {
                    faults.push(Fault::new(&at, "needed"));
                }
                None => {}
            }
        }
        values
    }

    fn json(&self, path: &str, json: &Value, faults: &mut Vec<Fault>) -> Map<String, Value> {
        let Some(object) = json.as_object() else {
            faults.push(Fault::new(path, "not-a-group"));
            return Map::new();
        };
        for name in object.keys().filter(|name| self.field(name).is_none()) {
            let short: String = name.chars().take(60).collect();
            faults.push(Fault::new(&join(path, &short), "unknown-field"));
        }
        let mut values = Map::new();
        for field in &self.fields {
            let at = join(path, &field.name);
            match object.get(&field.name).filter(|value| !value.is_null()) {
                Some(value) => {
                    if let Some(value) = field.kind.json(&at, value, faults) {
                        values.insert(field.name.clone(), value);
                    }
                }
                None if field.needed => faults.push(Fault::new(&at, "needed")),
                None => {}
            }
        }
        values
    }
}

impl Kind {
    fn flat(&self, at: &str, flat: &Flat, faults: &mut Vec<Fault>) -> Option<Value> {
        match self {
            Self::Personal(inner) | Self::Sealed(inner) => inner.flat(at, flat, faults),
            Self::Group(form) => {
                let touched = touches(flat, at);
                touched.then(|| Value::Object(form.flat(at, flat, faults)))
            }
            Self::Bilingual { .. } => self.flat_bilingual(at, flat, faults),
            Self::List(each, max) => each.flat_list(at, *max, flat, faults),
            _ => {
                let text = flat.get(at).map(|t| t.trim()).filter(|t| !t.is_empty())?;
                self.text(at, text, faults)
            }
        }
    }

    /// Two boxes, `title.zh` and `title.en`; or one, whose letters tell the language.
    fn flat_bilingual(&self, at: &str, flat: &Flat, faults: &mut Vec<Fault>) -> Option<Value> {
        let mut both = Map::new();
        for side in ["zh", "en"] {
            if let Some(text) = flat.get(&join(at, side)).map(|t| t.trim()).filter(|t| !t.is_empty()) {
                both.insert(side.to_owned(), text.into());
            }
        }
        if let Some(one) = flat.get(at).map(|t| t.trim()).filter(|t| both.is_empty() && !t.is_empty()) {
            let side = if one.chars().any(is_han) { "zh" } else { "en" };
            both.insert(side.to_owned(), one.into());
        }
        (!both.is_empty()).then(|| self.json(at, &Value::Object(both), faults)).flatten()
    }

    /// A list on a page or in a sheet: one thing a line (or divided by `;`), or numbered paths.
    fn flat_list(&self, at: &str, max: u32, flat: &Flat, faults: &mut Vec<Fault>) -> Option<Value> {
        let mut values = Vec::new();
        if let Some(text) = flat.get(at) {
            let lines = text.split(['\n', ';', '；']).map(str::trim).filter(|line| !line.is_empty());
            for (index, line) in lines.take(max as usize + 1).enumerate() {
                values.extend(self.text(&join(at, &(index + 1).to_string()), line, faults));
            }
        }
        for index in 1..=max.saturating_add(1) {
            let at = join(at, &index.to_string());
            if touches(flat, &at) {
                values.extend(self.flat(&at, flat, faults));
            }
        }
        if values.len() > max as usize {
            faults.push(Fault::with(at, "too-many", json!({ "max": max })));
        }
        (!values.is_empty()).then_some(Value::Array(values))
    }

    fn json(&self, at: &str, json: &Value, faults: &mut Vec<Fault>) -> Option<Value> {
        match (self, json) {
            (Self::Personal(inner) | Self::Sealed(inner), _) => inner.json(at, json, faults),
            (Self::Group(form), Value::Object(_)) => Some(Value::Object(form.json(at, json, faults))),
            (Self::Bilingual { max }, Value::Object(_)) => {
                Some(Value::Object(bilingual(*max, at, json, faults)))
            }
            (Self::List(each, max), Value::Array(values)) => {
                if values.len() > *max as usize {
                    faults.push(Fault::with(at, "too-many", json!({ "max": max })));
                    return None;
                }
                let numbered = values.iter().enumerate();
                let items = numbered
                    .filter_map(|(i, value)| each.json(&join(at, &(i + 1).to_string()), value, faults));
                Some(items.collect())
            }
            (Self::YesNo, Value::Bool(yes)) => Some(Value::Bool(*yes)),
            // `186.0` is a whole number too (JSON Schema 2020-12 §6.1.1).
            (Self::Number { .. }, Value::Number(number)) => {
                let text = number.to_string();
                self.text(at, text.strip_suffix(".0").unwrap_or(&text), faults)
            }
            (Self::Group(_) | Self::Bilingual { .. } | Self::List(..), _) => wrong_shape(at, faults),
            (_, Value::String(text)) => self.text(at, text, faults),
            _ => wrong_shape(at, faults),
        }
    }

    /// Reads one value from text, in its canonical form.
    fn text(&self, at: &str, text: &str, faults: &mut Vec<Fault>) -> Option<Value> {
        if text.len() > TEXT_MAX * 4 {
            faults.push(Fault::with(at, "too-long", json!({ "max": TEXT_MAX })));
            return None;
        }
        match self.value(text) {
            Ok(value) => Some(value),
            Err(Unreadable(code)) => {
                let facts = match self {
                    Self::Text { max } => json!({ "max": max, "is": text.chars().count() }),
                    Self::Number { min, max } => json!({ "min": min, "max": max }),
                    Self::Choice(choices) => json!({ "choices": choices }),
                    Self::Ref(desk) => json!({ "desk": desk }),
                    _ => json!({}),
                };
                faults.push(Fault::with(at, code, facts));
                None
            }
        }
    }

    fn value(&self, text: &str) -> Result<Value, Unreadable> {
        fn canonical<T: FromStr<Err = Unreadable> + Serialize>(text: &str) -> Result<Value, Unreadable> {
            let value: T = text.parse()?;
            serde_json::to_value(value).map_err(|_| Unreadable("wrong-shape"))
        }
        match self {
            Self::Text { max } => {
                let text: Text<TEXT_MAX> = text.parse()?;
                let fits = text.chars().count() <= *max as usize;
                if fits { Ok(Value::from(text.to_string())) } else { Err(Unreadable("too-long")) }
            }
            Self::Money => canonical::<Money>(text),
            Self::Share => canonical::<Share>(text),
            Self::Day => canonical::<Day>(text),
            Self::Moment => canonical::<Moment>(text),
            Self::Region => canonical::<Region>(text),
            Self::Uscc => canonical::<Uscc>(text),
            Self::Place => canonical::<Place>(text),
            Self::File => canonical::<FileRef>(text),
            Self::Ref(_) => canonical::<Id>(text),
            Self::Number { min, max } => {
                let number: i64 = crate::kinds::half_width(text)
                    .replace(',', "")
                    .parse()
                    .map_err(|_| Unreadable("not-a-number"))?;
                if (*min..=*max).contains(&number) {
                    Ok(number.into())
                } else {
                    Err(Unreadable("out-of-range"))
                }
            }
            Self::YesNo => match text.trim().to_lowercase().as_str() {
                "yes" | "true" | "1" | "y" | "on" | "是" => Ok(true.into()),
                "no" | "false" | "0" | "n" | "off" | "否" => Ok(false.into()),
                _ => Err(Unreadable("not-yes-or-no")),
            },
            Self::Choice(choices) => {
                let chosen = choices.iter().find(|choice| choice.eq_ignore_ascii_case(text.trim()));
                chosen.map(|c| Value::from(c.as_str())).ok_or(Unreadable("not-a-choice"))
            }
            Self::Personal(inner) | Self::Sealed(inner) => inner.value(text),
            Self::Bilingual { .. } | Self::List(..) | Self::Group(_) => Err(Unreadable("wrong-shape")),
        }
    }
}

fn wrong_shape(at: &str, faults: &mut Vec<Fault>) -> Option<Value> {
    faults.push(Fault::new(at, "wrong-shape"));
    None
}

fn bilingual(max: u32, at: &str, json: &Value, faults: &mut Vec<Fault>) -> Map<String, Value> {
    let side = |name: &str| super::Field { name: name.into(), kind: Kind::Text { max }, needed: false };
    let before = faults.len();
    let both = Form { fields: vec![side("zh"), side("en")] }.json(at, json, faults);
    if both.is_empty() && faults.len() == before {
        faults.push(Fault::new(at, "needed"));
    }
    both
}

fn touches(flat: &Flat, at: &str) -> bool {
    flat.range(at.to_owned()..)
        .take_while(|(path, _)| path.starts_with(at))
        .any(|(path, text)| lies_in(path, at) && !text.trim().is_empty())
}

fn is_han(c: char) -> bool {
    matches!(c, '\u{3400}'..='\u{9fff}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_whole_number_is_read_however_json_writes_it() {
        let kind = Kind::Number { min: 0, max: 9 };
        let form = Form { fields: vec![super::super::Field { name: "n".into(), kind, needed: false }] };
        let verb = Verb { name: "v".into(), form };
        let read = |text: &str| verb.read_json(&serde_json::from_str(text).unwrap_or_default());
        let nine = Ok(json!({ "verb": "v", "n": 9 }));
        assert_eq!((read(r#"{"n":9}"#), read(r#"{"n":9.0}"#)), (nine.clone(), nine));
        // What may be left out may be null, which says the same.
        assert_eq!(
            (read("{}"), read(r#"{"n":null}"#)),
            (Ok(json!({ "verb": "v" })), Ok(json!({ "verb": "v" })))
        );
        let refused = |text| read(text).map_err(|faults| faults.first().map(|fault| fault.code.clone()));
        assert_eq!(refused(r#"{"n":9.5}"#), Err(Some("not-a-number".into())));
        assert_eq!(refused(r#"{"n":10.0}"#), Err(Some("out-of-range".into())));
    }
}
