//! The input of a field, by the kind of its value.

use grammar::form::Kind;
use maud::{Markup, html};

use super::{Choice, FieldView, FieldWords, field};
use crate::parts::some;

/// Texts longer than this get a box of several lines.
const LINE_MAX: u32 = 200;
/// Texts up to this length get a box of half the width.
const SHORT_MAX: u32 = 60;

/// Texts longer than this nobody types: they come as a file, or are pasted.
const TYPED_MAX: u32 = 100_000;

/// Whether such a value may come as a file of text.
pub fn comes_as_file(kind: &Kind) -> bool {
    matches!(kind, Kind::Text { max } if *max > TYPED_MAX)
}

/// What a one-line input is like.
#[derive(Default)]
struct Line {
    kind: &'static str,
    mode: Option<&'static str>,
    class: Option<&'static str>,
    max: Option<u32>,
}

pub(super) fn input(view: &FieldView, words: &FieldWords) -> Markup {
    match view.bare_kind() {
        kind @ Kind::Text { max } if comes_as_file(kind) => whole(view, words, *max),
        Kind::Text { max } if *max > LINE_MAX => area(view, Some(*max), view.described_by()),
        Kind::Text { max } => {
            let class = (*max <= SHORT_MAX).then_some("middle");
            line(view, &Line { max: Some(*max), class, ..text() })
        }
        Kind::Number { min, .. } => {
            let mode = Some(if *min < 0 { "text" } else { "numeric" });
            line(view, &Line { mode, class: Some("short"), ..text() })
        }
        Kind::Money => money(view, words),
        Kind::Share => line(view, &Line { class: Some("short"), ..text() }),
        Kind::Day => line(view, &dated(view, "date", 10)),
        Kind::Moment => line(view, &dated(view, "datetime-local", 16)),
        Kind::Place => line(view, &Line { class: Some("middle code"), max: Some(60), ..text() }),
        Kind::Uscc => line(view, &Line { class: Some("middle code"), max: Some(40), ..text() }),
        Kind::Region | Kind::Ref(_) => suggested(view),
        Kind::YesNo => yes_no(view, words),
        Kind::Choice(_) => choice(view, words),
        Kind::File => file(view, words),
        Kind::Bilingual { .. } => html! {
            div.pair { @for part in &view.parts { (field(part, words)) } }
        },
        Kind::Group(_) => html! { @for part in &view.parts { (field(part, words)) } },
        Kind::List(each, max) => list(view, each, *max, words),
        // `bare_kind` has taken these off.
        Kind::Personal(_) | Kind::Sealed(_) => html! {},
    }
}

const fn text() -> Line {
    Line { kind: "text", mode: None, class: None, max: None }
}

/// A day or a moment as browsers keep it. A value that is not one is shown as text, so that it is not lost.
fn dated(view: &FieldView, kind: &'static str, length: usize) -> Line {
    let plain = view.value.is_empty()
        || (view.value.len() == length
            && view.value.bytes().all(|b| b.is_ascii_digit() || b"-T:".contains(&b)));
    Line { kind: if plain { kind } else { "text" }, class: Some("short"), ..text() }
}

fn line(view: &FieldView, line: &Line) -> Markup {
    html! {
        input #(view.id) type=(line.kind) name=(view.name) value=(view.value) inputmode=[line.mode]
            class=[line.class] maxlength=[line.max] required[view.needed] aria-describedby=[view.described_by()]
            aria-invalid=[invalid(view)] autocomplete="off";
    }
}

fn invalid(view: &FieldView) -> Option<&'static str> {
    (!view.error.is_empty()).then_some("true")
}

fn area(view: &FieldView, max: Option<u32>, described_by: Option<String>) -> Markup {
    // As much room as people will want to fill; it grows with what is typed.
    let rows = match max {
        Some(..=300) => "2",
        Some(..=1000) => "3",
        _ => "5",
    };
    html! {
        textarea #(view.id) name=(view.name) rows=(rows) maxlength=[max] required[view.needed]
            aria-describedby=[described_by] aria-invalid=[invalid(view)] { (view.value) }
    }
}

/// A whole file of text: chosen, or pasted below.
fn whole(view: &FieldView, words: &FieldWords, max: u32) -> Markup {
    let pasted = FieldView { id: format!("{}-pasted", view.id), needed: false, ..view.clone() };
    html! {
        input #(view.id) type="file" name=(view.name) accept=".json,.txt,.xml,.csv,.tsv,.xlsx,.ics"
            aria-describedby=[view.described_by()] aria-invalid=[invalid(view)];
        label.help for=(pasted.id) { (words.or_paste) }
        (area(&pasted, Some(max), view.described_by()))
    }
}

/// The script writes the amount out in full beside it: people type 30万.
fn money(view: &FieldView, words: &FieldWords) -> Markup {
    html! {
        div.with-unit data-money {
            (line(view, &Line { mode: Some("text"), class: Some("short"), max: Some(40), ..text() }))
            span { (words.yuan) }
            output for=(view.id) {}
        }
    }
}

/// A record or a region by its id, with its name below: nobody knows ids by heart.
fn suggested(view: &FieldView) -> Markup {
    let list = format!("{}-list", view.id);
    let named = view.choices.iter().find(|choice| choice.value == view.value && choice.label != choice.value);
    html! {
        input.middle #(view.id) type="text" name=(view.name) value=(view.value) list=(list) required[view.needed]
            data-lookup=[some(&view.lookup)] maxlength="200" autocomplete="off" spellcheck="false"
            aria-describedby=[view.described_by()] aria-invalid=[invalid(view)];
        datalist #(list) {
            @for choice in &view.choices { option value=(choice.value) { (choice.label) } }
        }
        output.named for=(view.id) { @if let Some(named) = named { (named.label) } }
    }
}

fn yes_no(view: &FieldView, words: &FieldWords) -> Markup {
    let choice =
        |value: &str, label: &str| Choice { value: value.into(), label: label.into(), help: String::new() };
    html! {
        div.choices.across {
            (radio(view, &choice("yes", &words.yes)))
            (radio(view, &choice("no", &words.no)))
        }
    }
}

fn radio(view: &FieldView, choice: &Choice) -> Markup {
    html! {
        label.choice {
            input type="radio" name=(view.name) value=(choice.value) checked[view.value == choice.value]
                required[view.needed];
            span {
                (choice.label)
                @if !choice.help.is_empty() { small { (choice.help) } }
            }
        }
    }
}

fn choice(view: &FieldView, words: &FieldWords) -> Markup {
    html! {
        @if view.is_radios() {
            div.choices { @for choice in &view.choices { (radio(view, choice)) } }
        } @else {
            select.middle #(view.id) name=(view.name) required[view.needed]
                aria-describedby=[view.described_by()] aria-invalid=[invalid(view)] {
                option value="" { (words.choose) }
                @for choice in &view.choices {
                    option value=(choice.value) selected[view.value == choice.value] { (choice.label) }
                }
            }
        }
    }
}

/// A file that is already there travels along under the same name, before the input: whoever reads the form
/// takes the last part that is not empty.
fn file(view: &FieldView, words: &FieldWords) -> Markup {
    let kept = view.value.split_once(':').map(|(_, name)| name);
    html! {
        @if let Some(name) = kept {
            input type="hidden" name=(view.name) value=(view.value);
            p.help { (words.kept_file) " " b { (name) } }
        }
        input #(view.id) type="file" name=(view.name) required[view.needed && kept.is_none()]
            aria-describedby=[view.described_by()] aria-invalid=[invalid(view)];
    }
}

/// A list: boxes to tick, numbered rows, or one value a line.
fn list(view: &FieldView, each: &Kind, max: u32, words: &FieldWords) -> Markup {
    if view.is_ticks() {
        return ticks(view);
    }
    if view.parts.is_empty() {
        return area(view, None, view.described_by());
    }
    let class = if matches!(each, Kind::Group(_)) { "bare rows" } else { "bare rows lines" };
    html! {
        ol class=(class) data-add=[some(&words.add)] data-max=(max) {
            @for part in &view.parts {
                li data-blank[part.is_blank()] { (field(part, words)) }
            }
        }
    }
}

fn ticks(view: &FieldView) -> Markup {
    html! {
        div.choices {
            @for (place, choice) in view.choices.iter().enumerate() {
                label.choice {
                    input type="checkbox" name={ (view.name) "." (place + 1) } value=(choice.value)
                        checked[view.value.lines().any(|line| line == choice.value)];
                    span {
                        (choice.label)
                        @if !choice.help.is_empty() { small { (choice.help) } }
                    }
                }
            }
        }
    }
}
