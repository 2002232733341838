//! Field views from a form: what an asker knows of each path is put beside its field.

use grammar::form::{Field, Flat, Form, Kind, join};

use super::{Choice, FieldView, FieldWords};

/// Rows offered beyond those that are filled, so that a list can grow without scripts.
const ROWS_MORE: usize = 2;
/// Rows that one list may show at once; longer lists come from a sheet.
const ROWS_MAX: usize = 60;

/// What a page knows of a form: its words, what was typed, what is wrong.
pub trait Asker {
    /// What was typed, by path.
    fn values(&self) -> &Flat;
    /// The label of a field; `field` is the last step of `path`.
    fn label(&self, path: &str, field: &str) -> String;
    /// A sentence of help; may be empty.
    fn help(&self, path: &str, field: &str) -> String;
    /// The sentence that says what is wrong at a path; empty when nothing is.
    fn error(&self, path: &str) -> String;
    /// The choices of a `Choice`, worded; suggestions for a `Region` or a `Ref`.
    fn choices(&self, path: &str, kind: &Kind) -> Vec<Choice>;
    /// Where the script finds more suggestions for a `Ref` or a `Region`; may be empty.
    fn lookup(&self, path: &str, kind: &Kind) -> String;
    fn words(&self) -> &FieldWords;
    /// Before each id, when a page has several forms: `bid`.
    fn prefix(&self) -> String {
        "f".into()
    }
}

/// The fields of a form as they are shown.
#[must_use]
pub fn views(form: &Form, asker: &dyn Asker) -> Vec<FieldView> {
    within(form, "", asker)
}

fn within(form: &Form, at: &str, asker: &dyn Asker) -> Vec<FieldView> {
    form.fields.iter().map(|field| one(field, at, asker)).collect()
}

fn one(field: &Field, at: &str, asker: &dyn Asker) -> FieldView {
    let path = join(at, &field.name);
    let mut view = leaf(&field.kind, &path, asker.label(&path, &field.name), asker);
    view.help = asker.help(&path, &field.name);
    view.needed = field.needed;
    // Whether one language or two must be there is decided by reading, not by the browser.
    view
}

/// A view of a kind at a path; with its parts.
fn leaf(kind: &Kind, path: &str, label: String, asker: &dyn Asker) -> FieldView {
    let mut view = FieldView::new(kind.clone(), path, label);
    view.id = format!("{}-{path}", asker.prefix());
    view.error = asker.error(path);
    view.value = asker.values().get(path).cloned().unwrap_or_default();
    match view.bare_kind().clone() {
        Kind::Bilingual { max } => view.parts = both(max, path, asker),
        Kind::Group(form) => view.parts = within(&form, path, asker),
        Kind::List(each, max) => rows(&mut view, &each, max, asker),
        kind @ (Kind::Choice(_) | Kind::Region | Kind::Ref(_)) => {
            view.choices = asker.choices(path, &kind);
            view.lookup = asker.lookup(path, &kind);
        }
        _ => {}
    }
    view
}

/// The two languages of a text. What was typed without a language stands in the first.
fn both(max: u32, path: &str, asker: &dyn Asker) -> Vec<FieldView> {
    let words = asker.words();
    let mut sides: Vec<FieldView> = [("zh", &words.zh), ("en", &words.en)]
        .into_iter()
        .map(|(side, label)| leaf(&Kind::Text { max }, &join(path, side), label.clone(), asker))
        .collect();
    let untold = asker.values().get(path).filter(|_| sides.iter().all(FieldView::is_blank));
    if let (Some(one), Some(first)) = (untold, sides.first_mut()) {
        first.value.clone_from(one);
    }
    sides
}

/// A list of plain values is typed one a line; others are numbered rows, with some empty ones.
fn rows(view: &mut FieldView, each: &Kind, max: u32, asker: &dyn Asker) {
    let path = view.name.clone();
    let numbered = (1..=ROWS_MAX).filter(|n| touches(asker.values(), &join(&path, &n.to_string())));
    let last = numbered.max().unwrap_or(0);
    if matches!(each, Kind::Choice(_)) {
        view.choices = asker.choices(&path, each);
        if view.is_ticks() {
            return ticked(view, last, asker);
        }
    }
    if is_line(each) {
        return lines(view, last, asker);
    }
    let most = usize::try_from(max).unwrap_or(ROWS_MAX).min(ROWS_MAX);
    for number in 1..=(last + ROWS_MORE).min(most) {
        let label = asker.words().row.replace('#', &number.to_string());
        view.parts.push(leaf(each, &join(&path, &number.to_string()), label, asker));
    }
}

/// The ticked choices, one a line, wherever in the list they were.
fn ticked(view: &mut FieldView, last: usize, asker: &dyn Asker) {
    lines(view, last.max(view.choices.len()), asker);
    view.value = view.value.split(['\n', ';', '；']).map(str::trim).collect::<Vec<_>>().join("\n");
}

/// What came as numbered paths is shown one a line.
fn lines(view: &mut FieldView, last: usize, asker: &dyn Asker) {
    let numbered = (1..=last).map(|n| join(&view.name, &n.to_string()));
    let mut lines: Vec<String> =
        Some(view.value.clone()).into_iter().filter(|line| !line.is_empty()).collect();
    for path in numbered {
        lines.extend(asker.values().get(&path).filter(|line| !line.is_empty()).cloned());
    }
    view.value = lines.join("\n");
    if view.error.is_empty() {
        let errors = (1..=ROWS_MAX).map(|n| asker.error(&join(&view.name, &n.to_string())));
        view.error = errors.filter(|error| !error.is_empty()).take(3).collect::<Vec<_>>().join(" ");
    }
}

/// Kinds that are typed as one line of a list.
fn is_line(each: &Kind) -> bool {
    matches!(
        each,
        Kind::Text { .. } | Kind::Number { .. } | Kind::Money | Kind::Share | Kind::Uscc | Kind::Place
    )
}

/// Whether anything was typed at a path or inside it.
fn touches(values: &Flat, at: &str) -> bool {
    let inside = format!("{at}.");
    values.get(at).is_some_and(|text| !text.trim().is_empty())
        || values
            .range(inside.clone()..)
            .take_while(|(path, _)| path.starts_with(&inside))
            .any(|(_, text)| !text.trim().is_empty())
}
