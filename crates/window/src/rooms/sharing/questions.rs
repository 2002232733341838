//! Questions: what keepers ask, as fields of the forms for booking and for the end of a run, and the answers as those who
//! see the booking read them. In the forms each question is a field of its kind, in a row of the list of answers.

use desks::{
    booking::{Posed, Told, range},
    instrument::{AnsweredBy, Asked, QUESTIONS_MAX, Question, Questions},
};
use grammar::{
    card::Card,
    form::{Flat, Form, Kind, lies_in},
    kinds::{Bilingual, Id, Money},
};
use maud::{Markup, html};
use registry::Record;
use serde_json::json;

use super::times;
use crate::{
    guest::Guest,
    parts::{self, Choice, Fact, FieldView, Notice, Section, Tone},
    plain::personal_text,
};

/// The field of the forms that holds the answers.
const ANSWERS: &str = "answers";

/// A question with its number and what one of its number costs.
struct Shown {
    number: usize,
    question: Question,
    each: Money,
}

/// What a form asks: of a new booking its instrument's questions at booking, of one that stands those of its end.
fn shown(guest: &Guest, record: Option<&Record>, (at, values): (&str, &Flat)) -> Vec<Shown> {
    let (asked, all) = match record {
        Some(record) => (Asked::AtEnd, posed(record)),
        None => {
            let named =
                values.get(&format!("{at}instrument")).and_then(|text| text.trim().parse::<Id>().ok());
            // An instrument that cannot be read is told of when the form is pressed.
            let instrument = named.and_then(|id| guest.look.record(id).ok().flatten());
            (Asked::AtBooking, instrument.map_or_else(Vec::new, |instrument| of_card(&instrument.card)))
        }
    };
    let numbered = (1..).zip(all).map(|(number, Posed { question, each })| Shown { number, question, each });
    numbered.filter(|shown| shown.question.asked == asked).collect()
}

fn posed(record: &Record) -> Vec<Posed> {
    let told = record.state.pointer("/terms/questions").cloned().unwrap_or_default();
    serde_json::from_value(told).unwrap_or_default()
}

/// An instrument's questions with the charges of today.
fn of_card(card: &Card) -> Vec<Posed> {
    let (using, asked) = (times::using(card), card.read::<Questions>("questions").unwrap_or_default());
    let each = |question: &Question| {
        let is_its = |name: &str| question.consumable.as_deref() == Some(name);
        let charge = using.consumables.iter().find(|consumable| is_its(&consumable.name));
        let each = charge.and_then(|consumable| consumable.charge).unwrap_or_default();
        Posed { question: question.clone(), each }
    };
    asked.iter().map(each).collect()
}

/// The consumables that its questions count: these are not asked for apart.
pub fn counted(card: &Card) -> Vec<String> {
    let names = of_card(card).into_iter().filter_map(|posed| posed.question.consumable);
    names.map(|name| name.to_string()).collect()
}

/// Puts the questions in the place of the list of answers: a field each, with what was typed and what is wrong.
///
/// `at` is the part of a form that asks for several bookings, `picks.2.`; empty where all of it is one. Gives what the form carries
/// along unseen: which question stands in which row.
pub fn ask(
    guest: &Guest,
    record: Option<&Record>,
    at: &str,
    (values, faults): (&Flat, &[(String, String)]),
    fields: &mut Vec<FieldView>,
) -> Vec<(String, String)> {
    let answers = format!("{at}{ANSWERS}");
    let Some(place) = fields.iter().position(|field| field.name == answers) else { return vec![] };
    let shown = shown(guest, record, (at, values));
    let mut hidden = Vec::new();
    let mut parts = Vec::new();
    for (row, shown) in (1..).zip(&shown) {
        let number = shown.number.to_string();
        let is_row = |row: &usize| values.get(&format!("{answers}.{row}.question")) == Some(&number);
        let typed = (1..=QUESTIONS_MAX).find(is_row);
        hidden.push((format!("{answers}.{row}.question"), number));
        let at = format!("{answers}.{row}");
        let mut view = view(guest, shown, &at);
        let side = if shown.question.is_personal { "personal" } else { "text" };
        let value = typed.and_then(|typed| values.get(&format!("{answers}.{typed}.{side}")));
        // What stands for a personal value is none.
        let is_kept =
            |text: &&String| shown.question.is_personal && guest.visit.form.is_empty() && text.len() == 64;
        view.value = value.filter(|text| !is_kept(text)).cloned().unwrap_or_default();
        let its = faults.iter().find(|(path, _)| lies_in(path, &at));
        view.error = its.map_or_else(String::new, |(_, no)| no.clone());
        parts.push(view);
    }
    if parts.is_empty() {
        fields.remove(place);
        return vec![];
    }
    let mut group = FieldView::new(Kind::Group(Form { fields: vec![] }), answers, guest.word("keeper-asks"));
    group.parts = parts;
    fields.splice(place..=place, [group]);
    hidden
}

fn view(guest: &Guest, Shown { question, each, .. }: &Shown, at: &str) -> FieldView {
    let text = |max: u32| Kind::Text { max };
    let mut choices = Vec::new();
    let kind = match question.answered_by {
        AnsweredBy::Words if question.is_personal => Kind::Personal(Box::new(text(200))),
        AnsweredBy::Words => text(500),
        AnsweredBy::Number => text(20),
        AnsweredBy::YesOrNo => Kind::YesNo,
        AnsweredBy::OneOf => {
            let value = |choice: &Bilingual<60>| {
                [choice.zh(), choice.en()]
                    .into_iter()
                    .find(|text| !text.is_empty())
                    .unwrap_or_default()
                    .to_owned()
            };
            choices = question
                .choices
                .iter()
                .map(|choice| Choice {
                    value: value(choice),
                    label: said(guest, choice),
                    help: String::new(),
                })
                .collect();
            Kind::Choice(choices.iter().map(|choice| choice.value.clone()).collect())
        }
    };
    let side = if question.is_personal { "personal" } else { "text" };
    let mut view = FieldView::new(kind, format!("{at}.{side}"), label(guest, question));
    (view.choices, view.needed, view.help) = (choices, question.is_needed, help(guest, question, *each));
    view
}

/// A text in the guest's language, or in the one that there is.
fn said<const N: usize>(guest: &Guest, text: &Bilingual<N>) -> String {
    let (zh, en) = (text.zh(), text.en());
    let (own, other) = (guest.pick(zh, en), guest.pick(en, zh));
    if own.is_empty() { other } else { own }.to_owned()
}

fn label(guest: &Guest, question: &Question) -> String {
    let text = said(guest, &question.question);
    match question.measure.as_deref().filter(|_| question.answered_by == AnsweredBy::Number) {
        Some(measure) => format!("{text}{}", guest.pick(&format!("（{measure}）"), &format!(" ({measure})"))),
        None => text,
    }
}

/// Bounds, and what the number costs.
fn help(guest: &Guest, question: &Question, each: Money) -> String {
    let mut help: Vec<String> = vec![range(question)];
    if let Some(name) = question.consumable.as_ref() {
        help.push(guest.say("counts-consumable", &json!({ "name": name, "amount": guest.money(each) })));
    }
    help.retain(|text| !text.is_empty());
    help.join(guest.pick("；", "; "))
}

/// What an instrument's keeper asks, for its page.
pub fn listed(guest: &Guest, card: &Card) -> Markup {
    let all = of_card(card);
    if all.is_empty() {
        return html! {};
    }
    let word = |key: &'static str| guest.word(key);
    html! {
        h3 { (word("keeper-asks")) }
        ol.questions { @for Posed { question, each } in &all {
            @let more = help(guest, question, *each);
            li {
                (label(guest, question))
                small {
                    (guest.desk_word("instrument", "choice", if question.asked == Asked::AtEnd { "at-end" } else { "at-booking" }))
                    @if question.is_needed { " · " (guest.desk_word("instrument", "field", "is_needed")) }
                    @if question.is_personal { " · " (guest.desk_word("instrument", "field", "is_personal")) }
                    @if !more.is_empty() { " · " (more) }
                }
            }
        } }
    }
}

/// The answer in words; what is about a person is masked where it travels.
fn answer(guest: &Guest, Told { question, answer }: &Told, is_masked: bool) -> String {
    if let Some(personal) = &answer.personal {
        return personal_text(guest, personal.commitment(), is_masked)
            .unwrap_or_else(|| guest.word("erased").into());
    }
    let text = answer.text.as_deref().unwrap_or_default();
    match question.answered_by {
        AnsweredBy::YesOrNo => guest.word(if text == "yes" { "yes" } else { "no" }).to_owned(),
        AnsweredBy::OneOf => {
            question.choice(text).map_or_else(|| text.to_owned(), |choice| said(guest, choice))
        }
        AnsweredBy::Words | AnsweredBy::Number => text.to_owned(),
    }
}

fn told(card: &Card) -> Vec<Told> {
    card.read(ANSWERS).unwrap_or_default()
}

/// Questions and answers of a booking; those about a person are marked so.
fn facts(guest: &Guest, card: &Card) -> Vec<Fact> {
    let one = |told: &Told| {
        let label = label(guest, &told.question);
        let note = if told.question.is_personal {
            guest.desk_word("instrument", "field", "is_personal")
        } else {
            String::new()
        };
        let text = answer(guest, told, false);
        Fact { label, value: html! { (text) }, note }
    };
    told(card).iter().map(one).collect()
}

/// The same in a line, for a sheet.
pub fn line(guest: &Guest, card: &Card) -> String {
    let one = |told: &Told| {
        format!("{}{}{}", label(guest, &told.question), guest.pick("：", ": "), answer(guest, told, true))
    };
    told(card).iter().map(one).collect::<Vec<_>>().join(guest.pick("；", "; "))
}

/// The same folded, for the keeper's day; and the way to what is still to be answered.
pub fn folded(guest: &Guest, id: Id, card: &Card) -> Markup {
    let facts = facts(guest, card);
    html! {
        @if card.read::<usize>("unanswered").is_some_and(|open| open > 0) {
            " " a href={ "/booking/" (id) "/answer" } { (guest.word("to-answer")) }
        }
        @if !facts.is_empty() {
            details.folded {
                summary { (guest.say("answers-count", &json!({ "count": facts.len() }))) }
                (parts::facts(&facts))
            }
        }
    }
}

/// What was asked and answered of a booking, and the way to what is still to be answered.
pub fn led(guest: &Guest, record: &Record) -> Markup {
    let answered = facts(guest, &record.card);
    let open = record.card.read::<usize>("unanswered").unwrap_or(0);
    html! {
        @if open > 0 {
            (parts::notice(&Notice {
                tone: Tone::Warn, title: guest.word("to-answer").into(),
                body: html! { p { (guest.say("unanswered-text", &json!({ "count": open }))) } },
                links: vec![parts::Link::new(format!("/booking/{}/answer", record.id), guest.desk_word("booking", "verb", "answer"))],
            }))
        }
        @if !answered.is_empty() {
            (parts::section(&Section { id: "answers".into(), title: guest.word("keeper-asks").into(), beside: html! {}, body: parts::facts(&answered) }))
        }
    }
}
