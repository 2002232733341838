//! Schemas: reading the one that `schemars` derives, and writing the one we publish.

use serde_json::{Map, Value, json};

use super::{Field, Form, Kind, Verb};

/// Deepest nesting of groups and lists in a command.
const DEPTH_MAX: u8 = 4;

pub(super) fn verbs(root: &Value) -> Result<Vec<Verb>, String> {
    let variants =
        root.get("oneOf").and_then(Value::as_array).map_or_else(|| std::slice::from_ref(root), Vec::as_slice);
    variants.iter().map(verb).collect()
}

fn verb(variant: &Value) -> Result<Verb, String> {
    let name = variant.pointer("/properties/verb/const").and_then(Value::as_str);
    let name = name.ok_or_else(|| format!("a command without `verb`: {variant}"))?;
    Ok(Verb { name: name.to_owned(), form: form(variant, 0)? })
}

fn form(object: &Value, depth: u8) -> Result<Form, String> {
    if depth > DEPTH_MAX {
        return Err("a command nested too deep".into());
    }
    let needed = |name: &str| {
        let required = object.get("required").and_then(Value::as_array);
        required.is_some_and(|names| names.iter().any(|n| n.as_str() == Some(name)))
    };
    let properties = object.get("properties").and_then(Value::as_object).into_iter().flatten();
    let properties = properties.filter(|(name, _)| *name != "verb");
    let field = |(name, schema): (&String, &Value)| {
        let kind = kind(schema, depth).map_err(|error| format!("`{name}`: {error}"))?;
        Ok(Field { name: name.clone(), kind, needed: needed(name) })
    };
    Ok(Form { fields: properties.map(field).collect::<Result<_, String>>()? })
}

fn number(schema: &Value, key: &str) -> Option<i64> {
    schema.get(key).and_then(Value::as_i64)
}

/// The whole numbers that a type can hold, by the format that its schema names: what a field takes, its desk can read.
fn reach(schema: &Value) -> (i64, i64) {
    match schema.get("format").and_then(Value::as_str) {
        Some("uint8") => (0, u8::MAX.into()),
        Some("uint16") => (0, u16::MAX.into()),
        Some("uint32") => (0, u32::MAX.into()),
        Some("int8") => (i8::MIN.into(), i8::MAX.into()),
        Some("int16") => (i16::MIN.into(), i16::MAX.into()),
        Some("int32") => (i32::MIN.into(), i32::MAX.into()),
        Some("uint" | "uint64") => (0, i64::MAX),
        _ => (i64::MIN, i64::MAX),
    }
}

fn kind(schema: &Value, depth: u8) -> Result<Kind, String> {
    if let Some(options) = schema.get("anyOf").and_then(Value::as_array) {
        let some = options.iter().find(|option| option.get("type").and_then(Value::as_str) != Some("null"));
        return kind(some.ok_or("nothing but null")?, depth);
    }
    let max = number(schema, "maxLength").and_then(|n| u32::try_from(n).ok()).unwrap_or(1000);
    let inner = || schema.get("items").ok_or("a list without items").map_err(str::to_owned);
    let marked = schema.get("x-kind").and_then(Value::as_str).unwrap_or("");
    Ok(match marked {
        "text" => Kind::Text { max },
        "bilingual" => {
            let max = schema.pointer("/properties/zh/maxLength").and_then(Value::as_u64);
            Kind::Bilingual { max: max.and_then(|n| u32::try_from(n).ok()).unwrap_or(1000) }
        }
        "money" => Kind::Money,
        "share" => Kind::Share,
        "day" => Kind::Day,
        "moment" => Kind::Moment,
        "region" => Kind::Region,
        "uscc" => Kind::Uscc,
        "place" => Kind::Place,
        "file" => Kind::File,
        "ref" => Kind::Ref(schema.get("x-desk").and_then(Value::as_str).unwrap_or("").to_owned()),
        "personal" => Kind::Personal(Box::new(kind(inner()?, depth)?)),
        "sealed" => Kind::Sealed(Box::new(kind(inner()?, depth)?)),
        "list" => {
            let max = number(schema, "maxItems").and_then(|n| u32::try_from(n).ok()).unwrap_or(0);
            Kind::List(Box::new(kind(inner()?, depth + 1)?), max)
        }
        _ => plain_kind(schema, depth)?,
    })
}

/// Kinds that need no mark: numbers, yes or no, choices, groups.
fn plain_kind(schema: &Value, depth: u8) -> Result<Kind, String> {
    let types: Vec<&str> = match schema.get("type") {
        Some(Value::String(one)) => vec![one],
        Some(Value::Array(some)) => some.iter().filter_map(Value::as_str).collect(),
        _ => vec![],
    };
    if let Some(choices) = choices(schema) {
        return Ok(Kind::Choice(choices));
    }
    if types.contains(&"integer") {
        let (least, most) = reach(schema);
        let [min, max] = ["minimum", "maximum"].map(|bound| number(schema, bound));
        return Ok(Kind::Number { min: min.map_or(least, |min| min.max(least)), max: max.unwrap_or(most) });
    }
    if types.contains(&"boolean") {
        return Ok(Kind::YesNo);
    }
    if types.contains(&"object") {
        return Ok(Kind::Group(form(schema, depth + 1)?));
    }
    Err(format!("no kind describes {schema}"))
}

fn choices(schema: &Value) -> Option<Vec<String>> {
    let listed = schema.get("enum").and_then(Value::as_array);
    let documented = schema.get("oneOf").and_then(Value::as_array);
    let word = |value: &Value| value.get("const").unwrap_or(value).as_str().map(str::to_owned);
    match (listed, documented) {
        (Some(values), _) => Some(values.iter().filter(|v| !v.is_null()).filter_map(word).collect()),
        (None, Some(values)) => values
            .iter()
            .flat_map(|value| choices(value).unwrap_or_else(|| word(value).into_iter().collect()))
            .map(Some)
            .collect(),
        _ => None,
    }
}

impl Form {
    /// The JSON Schema (2020-12) of this form, as the API publishes it.
    #[must_use]
    pub fn schema(&self) -> Value {
        let mut properties = Map::new();
        for field in &self.fields {
            let schema = field.kind.schema();
            let schema = if field.needed { schema } else { or_nothing(schema) };
            properties.insert(field.name.clone(), schema);
        }
        let needed: Vec<&str> = self.fields.iter().filter(|f| f.needed).map(|f| f.name.as_str()).collect();
        json!({ "type": "object", "properties": properties, "required": needed, "additionalProperties": false })
    }
}

/// The same, or null: who leaves a field out may also say that it is nothing.
fn or_nothing(mut schema: Value) -> Value {
    let Some(fields) = schema.as_object_mut() else { return schema };
    if let Some(one) = fields.get_mut("type") {
        *one = json!([one, "null"]);
    }
    if let Some(choices) = fields.get_mut("enum").and_then(Value::as_array_mut) {
        choices.push(Value::Null);
    }
    schema
}

impl Kind {
    /// The JSON Schema of a value of this kind.
    #[must_use]
    pub fn schema(&self) -> Value {
        match self {
            // Blanks alone are no text.
            Self::Text { max } => {
                json!({ "type": "string", "minLength": 1, "maxLength": max, "pattern": "\\S" })
            }
            Self::Bilingual { max } => {
                let side = or_nothing(Self::Text { max: *max }.schema());
                let one =
                    |name: &str| json!({ "properties": { name: { "type": "string" } }, "required": [name] });
                json!({ "type": "object", "properties": { "zh": side, "en": side }, "anyOf": [one("zh"), one("en")], "additionalProperties": false })
            }
            Self::Number { min, max } => json!({ "type": "integer", "minimum": min, "maximum": max }),
            Self::Money => {
                json!({ "type": "string", "pattern": "^-?[0-9]{1,13}(\\.[0-9]{1,2})?$", "description": "yuan" })
            }
            Self::Share => json!({ "type": "string", "pattern": "^([0-9]{1,9}/[0-9]{1,9}|[0-9.]{1,7}%)$" }),
            Self::Day => json!({ "type": "string", "format": "date" }),
            Self::Moment => json!({ "type": "string", "format": "date-time" }),
            Self::Region => json!({ "type": "string", "pattern": "^[0-9]{6}$", "description": "GB/T 2260" }),
            Self::Uscc => {
                json!({ "type": "string", "pattern": "^[0-9A-HJ-NPQRTUWXY]{18}$", "description": "GB 32100-2015" })
            }
            Self::Place => {
                json!({ "type": "string", "description": "latitude,longitude in degrees (WGS 84)" })
            }
            Self::YesNo => json!({ "type": "boolean" }),
            Self::Choice(choices) => json!({ "type": "string", "enum": choices }),
            Self::Ref(desk) if desk.is_empty() => json!({ "type": "string", "pattern": "^[a-z0-9-]{1,47}$" }),
            Self::Ref(desk) => {
                json!({ "type": "string", "pattern": "^[a-z0-9-]{1,47}$", "description": format!("a record of `{desk}`") })
            }
            Self::File => {
                json!({ "type": "string", "pattern": "^[0-9a-f]{64}:.{1,120}$", "description": "SHA-256 and name of an uploaded file" })
            }
            Self::Personal(inner) | Self::Sealed(inner) => inner.schema(),
            Self::List(each, max) => json!({ "type": "array", "items": each.schema(), "maxItems": max }),
            Self::Group(form) => form.schema(),
        }
    }
}
