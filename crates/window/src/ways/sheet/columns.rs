//! Columns: a verb's form laid flat, so that each field is one column of a sheet.
//!
//! `name` in two languages is the columns `name.zh` and `name.en`; a list of plain values is one column,
//! its values divided by `;`; a list of groups is numbered: `parts.1.name`, `parts.2.name`.

use std::collections::BTreeMap;

use grammar::{
    clerk::Clerk,
    form::{Form, Kind, Verb, join},
    words::{Locale, Words},
};

use super::table::fold;

/// The column that says of which record a verb is asked. No field has a hyphen in its name.
pub const RECORD: &str = "record-id";
/// How many numbered groups of a list a template has; more can be added by hand.
pub const NUMBERED_IN_TEMPLATE: u32 = 3;
/// Numbered places of a list whose labels are known. Paths are known up to the list's own limit.
const NUMBERED_LABELS: u32 = 30;
/// Columns a form may be laid out to.
const COLUMNS_MAX: usize = 2_000;

/// One column: a field that holds one text.
#[derive(Clone, Debug, PartialEq)]
pub struct SheetColumn {
    /// The path of the field in the form: `name.zh`.
    pub path: String,
    pub kind: Kind,
    /// Whether a row cannot do without it.
    pub needed: bool,
}

/// The columns of a verb, the record first when the verb needs one. Lists of groups have `numbered` places.
#[must_use]
pub fn columns(clerk: &dyn Clerk, verb: &Verb, numbered: u32) -> Vec<SheetColumn> {
    let mut columns = Vec::new();
    if !opens(clerk, verb) {
        let kind = Kind::Ref(clerk.name().to_owned());
        columns.push(SheetColumn { path: RECORD.to_owned(), kind, needed: true });
    }
    lay(&verb.form, "", true, numbered, &mut columns);
    columns.truncate(COLUMNS_MAX);
    columns
}

/// Whether the verb makes a new record.
#[must_use]
pub fn opens(clerk: &dyn Clerk, verb: &Verb) -> bool {
    clerk.opens().contains(&verb.name.as_str())
}

fn lay(form: &Form, path: &str, needed: bool, numbered: u32, columns: &mut Vec<SheetColumn>) {
    for field in &form.fields {
        lay_kind(&field.kind, &join(path, &field.name), needed && field.needed, numbered, columns);
    }
}

fn lay_kind(kind: &Kind, path: &str, needed: bool, numbered: u32, columns: &mut Vec<SheetColumn>) {
    if columns.len() >= COLUMNS_MAX {
        return;
    }
    match kind {
        Kind::Personal(inner) | Kind::Sealed(inner) => lay_kind(inner, path, needed, numbered, columns),
        Kind::Group(form) => lay(form, path, needed, numbered, columns),
        Kind::Bilingual { max } => {
            // Either language is enough, so neither column is needed by itself.
            for side in ["zh", "en"] {
                let kind = Kind::Text { max: *max };
                columns.push(SheetColumn { path: join(path, side), kind, needed: false });
            }
        }
        Kind::List(each, max) if !is_one_text(each) => {
            for index in 1..=numbered.min(*max) {
                lay_kind(each, &join(path, &index.to_string()), false, numbered, columns);
            }
        }
        _ => columns.push(SheetColumn { path: path.to_owned(), kind: kind.clone(), needed }),
    }
}

/// Whether a value of this kind is one text in one cell.
pub(super) fn is_one_text(kind: &Kind) -> bool {
    match kind {
        Kind::Personal(inner) | Kind::Sealed(inner) => is_one_text(inner),
        Kind::Group(_) | Kind::Bilingual { .. } | Kind::List(..) => false,
        _ => true,
    }
}

/// The kind of the value at a path that may hold one text; `None` when the form has no such place.
/// Numbered places are found up to the limit of their list.
#[must_use]
pub fn kind_at<'a>(form: &'a Form, path: &str) -> Option<&'a Kind> {
    let (name, rest) = path.split_once('.').map_or((path, None), |(name, rest)| (name, Some(rest)));
    within(&form.field(name)?.kind, rest)
}

fn within<'a>(kind: &'a Kind, rest: Option<&str>) -> Option<&'a Kind> {
    match (kind, rest) {
        (Kind::Personal(inner) | Kind::Sealed(inner), _) => within(inner, rest),
        (Kind::Group(form), Some(rest)) => kind_at(form, rest),
        (Kind::Bilingual { .. }, None | Some("zh" | "en")) => Some(kind),
        (Kind::List(each, max), Some(rest)) => {
            let (index, rest) = rest.split_once('.').map_or((rest, None), |(i, rest)| (i, Some(rest)));
            let index: u32 = index.parse().ok()?;
            (1..=*max).contains(&index).then(|| within(each, rest)).flatten()
        }
        (Kind::List(each, _), None) if is_one_text(each) => Some(kind),
        (Kind::Group(_) | Kind::List(..), None) | (_, Some(_)) => None,
        (_, None) => Some(kind),
    }
}

/// The kind of one value in a cell: of each value, where a cell holds several.
#[must_use]
pub fn plain_kind(kind: &Kind) -> &Kind {
    match kind {
        Kind::Personal(inner) | Kind::Sealed(inner) | Kind::List(inner, _) => plain_kind(inner),
        _ => kind,
    }
}

/// What people read above a column: `单位名称（中文）`, `Parts 2 · Name`.
#[must_use]
pub fn label(words: &Words, path: &str) -> String {
    if path == RECORD {
        return words.get("kind", "ref").to_owned();
    }
    let mut label = String::new();
    for step in path.split('.') {
        let word = words.get("field", step);
        match step {
            "zh" | "en" if !label.is_empty() => {
                label.push_str(words.locale().pick("（", " ("));
                label.push_str(word);
                label.push_str(words.locale().pick("）", ")"));
            }
            _ if label.is_empty() => label.push_str(word),
            index if index.bytes().all(|b| b.is_ascii_digit()) => {
                label.push(' ');
                label.push_str(index);
            }
            _ => {
                label.push_str(" · ");
                label.push_str(word);
            }
        }
    }
    label
}

/// Labels of columns in one language, each different: where two fields share a word, or the word is the
/// path of another field, the path follows.
#[must_use]
pub fn labels(clerk: &dyn Clerk, verb: &Verb, columns: &[SheetColumn], locale: Locale) -> Vec<String> {
    let words = clerk.words(locale);
    let plain: Vec<String> = columns.iter().map(|column| label(words, &column.path)).collect();
    let mut times = BTreeMap::<String, u32>::new();
    for label in &plain {
        *times.entry(fold(label)).or_default() += 1;
    }
    let is_clear = |label: &str, path: &str| {
        let folded = fold(label);
        let is_alone = times.get(&folded).is_none_or(|times| *times == 1);
        is_alone && (folded == path || kind_at(&verb.form, &folded).is_none())
    };
    let each = plain.iter().zip(columns);
    each.map(|(label, column)| match is_clear(label, &column.path) {
        true => label.clone(),
        false => format!("{label} [{}]", column.path),
    })
    .collect()
}

/// Labels in both languages, folded, with their paths; `None` where one stands for two fields.
pub(super) fn names(clerk: &dyn Clerk, verb: &Verb) -> BTreeMap<String, Option<String>> {
    let columns = columns(clerk, verb, NUMBERED_LABELS);
    let mut found = BTreeMap::<String, Option<String>>::new();
    for locale in Locale::BOTH {
        for (label, column) in labels(clerk, verb, &columns, locale).iter().zip(&columns) {
            let path = found.entry(fold(label)).or_insert_with(|| Some(column.path.clone()));
            if path.as_ref() != Some(&column.path) {
                *path = None;
            }
        }
    }
    // One column for both languages; its letters tell which it is.
    for column in &columns {
        let both = column.path.strip_suffix(".zh").filter(|path| kind_at(&verb.form, path).is_some());
        for (path, locale) in both.into_iter().flat_map(|path| Locale::BOTH.map(|locale| (path, locale))) {
            let label = fold(&label(clerk.words(locale), path));
            found.entry(label).or_insert_with(|| Some(path.to_owned()));
        }
    }
    found
}

/// The path that a header cell names: the path itself first, then labels.
pub(super) fn find(
    names: &BTreeMap<String, Option<String>>,
    form: &Form,
    opens: bool,
    name: &str,
) -> Option<String> {
    let folded = fold(name);
    if folded == RECORD {
        return (!opens).then(|| RECORD.to_owned());
    }
    match kind_at(form, &folded) {
        Some(_) => Some(folded),
        None => names.get(&folded).cloned().flatten(),
    }
}
