//! Forms: the one description that pages, the API, sheets, the command line and agents are made from.
//!
//! A form is read once from the schema that `schemars` derives for a desk's commands; nothing else in the
//! code reads a schema. Untyped input becomes a command value, or a list of faults beside their fields.

mod read;
mod sample;
mod schema;

pub use read::{Fault, Flat};
pub use sample::Dice;

use serde_json::Value;

/// One thing that can be asked of a desk.
#[derive(Clone, Debug, PartialEq)]
pub struct Verb {
    pub name: String,
    pub form: Form,
}

#[derive(Clone, Debug, PartialEq, Default)]
pub struct Form {
    pub fields: Vec<Field>,
}

#[derive(Clone, Debug, PartialEq)]
pub struct Field {
    pub name: String,
    pub kind: Kind,
    pub needed: bool,
}

/// What a value means. Every kind can be shown, read, described and sampled.
#[derive(Clone, Debug, PartialEq)]
pub enum Kind {
    Text {
        max: u32,
    },
    Bilingual {
        max: u32,
    },
    Number {
        min: i64,
        max: i64,
    },
    Money,
    Share,
    Day,
    Moment,
    Region,
    Uscc,
    Place,
    YesNo,
    Choice(Vec<String>),
    /// A record of this desk; of any desk when the name is empty.
    Ref(String),
    File,
    Personal(Box<Self>),
    Sealed(Box<Self>),
    List(Box<Self>, u32),
    Group(Form),
}

impl Verb {
    /// The verbs of a command type, in the order in which it names them.
    ///
    /// # Errors
    /// A type in it that no kind describes, for developers.
    pub fn all<C: schemars::JsonSchema>() -> Result<Vec<Self>, String> {
        let settings =
            schemars::generate::SchemaSettings::draft2020_12().with(|s| s.inline_subschemas = true);
        schema::verbs(settings.into_generator().into_root_schema_for::<C>().as_value())
    }
}

impl Form {
    #[must_use]
    pub fn field(&self, name: &str) -> Option<&Field> {
        self.fields.iter().find(|field| field.name == name)
    }

    /// Calls `visit` for every leaf of `value` that the form describes, with its path and kind.
    pub fn walk(&self, value: &mut Value, visit: &mut dyn FnMut(&str, &Kind, &mut Value)) {
        self.walk_at(&mut String::new(), value, visit);
    }

    fn walk_at(&self, path: &mut String, value: &mut Value, visit: &mut dyn FnMut(&str, &Kind, &mut Value)) {
        for field in &self.fields {
            if let Some(inner) = value.get_mut(&field.name).filter(|inner| !inner.is_null()) {
                step_in(path, &field.name, |path| field.kind.walk_at(path, inner, visit));
            }
        }
    }

    /// Puts samples of commitments where personal and sealed values stand in a sample. The registry does so
    /// with real ones before anyone decides.
    pub fn cover(&self, command: &mut Value) {
        self.walk(command, &mut |_, kind, leaf| {
            if let Kind::Personal(_) | Kind::Sealed(_) = kind {
                *leaf = crate::kinds::commitment(&[7; 32], leaf).into();
            }
        });
    }

    /// Every record that `value` names.
    #[must_use]
    pub fn refs(&self, value: &Value) -> Vec<(String, crate::kinds::Id)> {
        let mut found = Vec::new();
        self.walk(&mut value.clone(), &mut |_, kind, leaf| {
            if let (Kind::Ref(desk), Some(Ok(id))) = (kind, leaf.as_str().map(str::parse)) {
                found.push((desk.clone(), id));
            }
        });
        found
    }
}

impl Kind {
    fn walk_at(&self, path: &mut String, value: &mut Value, visit: &mut dyn FnMut(&str, &Self, &mut Value)) {
        match self {
            Self::Group(form) => form.walk_at(path, value, visit),
            Self::List(each, _) => {
                for (index, inner) in value.as_array_mut().into_iter().flatten().enumerate() {
                    step_in(path, &(index + 1).to_string(), |path| each.walk_at(path, inner, visit));
                }
            }
            leaf => visit(path, leaf, value),
        }
    }

    /// Whether something in it stays closed until its time.
    #[must_use]
    pub fn has_sealed(&self) -> bool {
        match self {
            Self::Sealed(_) => true,
            Self::Personal(inner) | Self::List(inner, _) => inner.has_sealed(),
            Self::Group(form) => form.fields.iter().any(|field| field.kind.has_sealed()),
            _ => false,
        }
    }

    /// The word for this kind in `[kind]` of the shared words.
    #[must_use]
    pub fn name(&self) -> &'static str {
        match self {
            Self::Text { .. } => "text",
            Self::Bilingual { .. } => "bilingual",
            Self::Number { .. } => "number",
            Self::Money => "money",
            Self::Share => "share",
            Self::Day => "day",
            Self::Moment => "moment",
            Self::Region => "region",
            Self::Uscc => "uscc",
            Self::Place => "place",
            Self::YesNo => "yes-no",
            Self::Choice(_) => "choice",
            Self::Ref(_) => "ref",
            Self::File => "file",
            Self::Personal(_) => "personal",
            Self::Sealed(_) => "sealed",
            Self::List(..) => "list",
            Self::Group(_) => "group",
        }
    }
}

/// Goes on with a path that is one step longer, and comes back.
fn step_in(path: &mut String, step: &str, go_on: impl FnOnce(&mut String)) {
    let length = path.len();
    if length > 0 {
        path.push('.');
    }
    path.push_str(step);
    go_on(path);
    path.truncate(length);
}

/// Whether `path` is `at` or lies in it: `indicators.1` lies in `indicators`.
#[must_use]
pub fn lies_in(path: &str, at: &str) -> bool {
    path.strip_prefix(at).is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
}

/// A path with one more step: `indicators`, `1` → `indicators.1`.
#[must_use]
pub fn join(path: &str, step: &str) -> String {
    if path.is_empty() { step.to_owned() } else { format!("{path}.{step}") }
}
