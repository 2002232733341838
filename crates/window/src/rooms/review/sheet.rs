//! The sheet: criteria with their weights, the running total, both comments; and the same as it was signed, with its
//! fee.

use grammar::kinds::Money;
use maud::{Markup, html};
use serde_json::{Value, json};

use super::{Paper, number};
use crate::{
    parts::{self, Fact, Link, Notice, Tone},
    plain::draft,
    rooms::reviews::hundredths,
};

/// The longest comments.
const COMMENT_MAX: u32 = 4000;
/// By which rules a fee is worked out: reviews by post, and what the highly known get more.
const FEE_RULES: [&str; 2] = ["EP-F06", "EP-F03"];

/// A criterion of the sheet: its place, its name, its weight.
struct Criterion {
    place: usize,
    name: String,
    weight: i64,
}

impl Paper<'_> {
    fn criteria(&self) -> Vec<Criterion> {
        let all = self.record.state.pointer("/terms/criteria").and_then(Value::as_array);
        let one = |(place, one): (usize, &Value)| {
            let word = |side: &str| one.pointer(&format!("/criterion/{side}")).and_then(Value::as_str);
            let (zh, en) = (word("zh"), word("en"));
            let name = self.guest.pick(zh.or(en)?, en.or(zh)?).to_owned();
            Some(Criterion { place: place + 1, name, weight: number(one, "weight")? })
        };
        all.into_iter().flatten().enumerate().filter_map(one).collect()
    }

    fn value(&self, path: &str) -> &str {
        self.values.get(path).map_or("", String::as_str)
    }

    fn error(&self, path: &str) -> Option<&str> {
        self.faults.iter().find(|(field, _)| field == path).map(|(_, sentence)| sentence.as_str())
    }

    /// The weighted total of what stands in the form so far, when every criterion has a score.
    fn total(&self, criteria: &[Criterion]) -> Option<u32> {
        let score = |one: &Criterion| {
            let score: i64 = self.value(&format!("marks.{}.score", one.place)).trim().parse().ok()?;
            (0..=100).contains(&score).then_some(score * one.weight)
        };
        criteria.iter().map(score).sum::<Option<i64>>().and_then(|sum| u32::try_from(sum).ok())
    }

    /// The sheet. Keeping stands first, so that Enter never signs.
    pub(super) fn form(&self, known: &str) -> Markup {
        let (guest, record) = (self.guest, self.record);
        let words = self.clerk.words(guest.locale);
        let criteria = self.criteria();
        let total = self.total(&criteria).map_or("—".to_owned(), hundredths);
        let mut hidden = guest.hidden();
        hidden.push(("seen".into(), record.sequence.to_string()));
        hidden.push((draft::KNOWN.into(), known.to_owned()));
        let faults: Vec<Link> =
            self.faults.iter().map(|(path, said)| Link::new(format!("#f-{path}"), said)).collect();
        html! {
            (parts::error_summary(&guest.say("faults", &json!({ "count": faults.len() })), &faults))
            form.form method="post" action={ "/review/" (record.id) "/sign" } novalidate data-once data-keep=(guest.word("draft-not-kept")) data-weighted {
                (parts::hidden(&hidden))
                p.help #marks-help { (words.find("help", "marks").unwrap_or("")) }
                table.marks aria-describedby="marks-help" {
                    caption.unseen { (guest.word("review-marks")) }
                    thead { tr { th scope="col" { (words.get("field", "criterion")) } th.number scope="col" { (words.get("field", "weight")) } th.number scope="col" { (words.get("field", "score")) } } }
                    tbody { @for one in &criteria { (self.mark(one)) } }
                    tfoot { tr { th scope="row" { (guest.word("review-total")) } td.number { "100" } td.number { output data-total { (total) } } } }
                }
                (self.comment("open", true))
                (self.comment("closed", false))
                p.note { (guest.word("review-sign-note")) }
                div.row {
                    button type="submit" name=(draft::PRESS) value="keep" { (guest.word("draft-keep")) }
                    button.main type="submit" { (words.get("verb", "sign")) }
                    @if record.card.status == "accepted" { a href={ "/review/" (record.id) "/decline" } { (words.get("verb", "decline")) } }
                    output.note data-kept {}
                }
                p.note { (guest.word("review-keys")) }
            }
            @if record.card.status == "discussing" { (self.keep()) }
        }
    }

    /// After a discussion: the opinion stays as it was signed.
    fn keep(&self) -> Markup {
        let mut hidden = self.guest.hidden();
        hidden.push(("seen".into(), self.record.sequence.to_string()));
        let label = self.clerk.words(self.guest.locale).get("verb", "keep").to_owned();
        parts::Press { action: format!("/review/{}/keep", self.record.id), hidden, label }.show("")
    }

    fn mark(&self, one: &Criterion) -> Markup {
        let path = format!("marks.{}.score", one.place);
        let error = self.error(&path).or(self.error(&format!("marks.{}", one.place)));
        html! {
            tr {
                th scope="row" {
                    label for={ "f-" (path) } { (one.name) }
                    @if let Some(error) = error { p.error #{ "f-" (path) "-error" } { (parts::icon(parts::Icon::Cross)) span { (error) } } }
                }
                td.number { (one.weight) "%" }
                td.number {
                    input type="hidden" name={ "marks." (one.place) ".place" } value=(one.place);
                    input.score #{ "f-" (path) } type="number" name=(path) value=(self.value(&path)) min="0" max="100" step="1" inputmode="numeric"
                        autocomplete="off" required data-weight=(one.weight) aria-invalid=[error.map(|_| "true")] aria-describedby=[error.map(|_| format!("f-{path}-error"))];
                }
            }
        }
    }

    fn comment(&self, name: &str, needed: bool) -> Markup {
        let words = self.clerk.words(self.guest.locale);
        let error = self.error(name);
        let described =
            format!("f-{name}-help{}", error.map_or(String::new(), |_| format!(" f-{name}-error")));
        html! {
            div class={ "field" @if error.is_some() { " wrong" } } {
                label for={ "f-" (name) } {
                    (words.get("field", name))
                    @if needed { span.needed { (self.guest.word("needed")) } }
                }
                p.help #{ "f-" (name) "-help" } { (words.find("help", name).unwrap_or("")) }
                @if let Some(error) = error { p.error #{ "f-" (name) "-error" } { (parts::icon(parts::Icon::Cross)) span { (error) } } }
                textarea #{ "f-" (name) } name=(name) rows=(if needed { "5" } else { "2" }) maxlength=(COMMENT_MAX) required[needed]
                    aria-describedby=(described) aria-invalid=[error.map(|_| "true")] { (self.value(name)) }
            }
        }
    }

    /// What the others found, without names, when the panel asks for a second look.
    pub(super) fn discussion(&self) -> Markup {
        let others = self.record.state.pointer("/discussion/others").and_then(Value::as_array);
        let Some(others) = others.filter(|_| self.record.card.status == "discussing") else {
            return html! {};
        };
        let scores: Vec<String> = others
            .iter()
            .filter_map(Value::as_u64)
            .filter_map(|n| u32::try_from(n).ok())
            .map(hundredths)
            .collect();
        let body = html! { p { (self.guest.say("review-others", &json!({ "scores": scores.join(self.guest.pick("、", ", ")) }))) } };
        let title = self.guest.word("review-discussing").into();
        parts::notice(&Notice { tone: Tone::Info, title, body, links: vec![] })
    }

    /// What was signed last, and the fee for it.
    pub(super) fn opinion(&self) -> Markup {
        let (guest, state) = (self.guest, &self.record.state);
        let words = self.clerk.words(guest.locale);
        let criteria = self.criteria();
        if state.get("opinions").and_then(Value::as_array).is_none_or(Vec::is_empty) {
            return html! { p.note { (guest.word("review-unsigned")) } };
        }
        let total = self.total(&criteria).map_or("—".to_owned(), hundredths);
        let level = state.get("level").and_then(Value::as_str).unwrap_or_default();
        let is_highly_known = matches!(level, "academician" | "nationally-known");
        let fee: Option<Money> = state.get("fee").and_then(|fee| serde_json::from_value(fee.clone()).ok());
        html! {
            table.marks {
                caption.unseen { (guest.word("review-opinion")) }
                thead { tr { th scope="col" { (words.get("field", "criterion")) } th.number scope="col" { (words.get("field", "weight")) } th.number scope="col" { (words.get("field", "score")) } } }
                tbody { @for one in &criteria { tr { th scope="row" { (one.name) } td.number { (one.weight) "%" } td.number { (self.value(&format!("marks.{}.score", one.place))) } } } }
                tfoot { tr { th scope="row" { (guest.word("review-total")) } td.number { "100" } td.number { b { (total) } } } }
            }
            @for name in ["open", "closed"] {
                @if !self.value(name).is_empty() { h3 { (words.get("field", name)) } p.prose { (self.value(name)) } }
            }
            @if let Some(fee) = fee {
                (parts::facts(&[Fact::new(words.get("field", "fee"), &guest.money(fee))]))
                @for rule in FEE_RULES.iter().filter(|rule| is_highly_known || **rule != "EP-F03") { @if let Some(article) = guest.article(rule) { (parts::article(&article)) } }
            }
        }
    }
}
