//! Minutes: the decision on paper, whole: who gets what, who does not and why, the limits, the departures, the proof.

use engines::allocation as engine;
use maud::{Markup, html};
use serde_json::json;

use super::{Asked, Sheet};
use crate::parts;

impl Sheet<'_> {
    pub(super) fn minutes(&self, asked: Option<&Asked>) -> Markup {
        let guest = self.guest;
        let facts = json!({
            "id": self.record.id, "status": self.clerk.words(guest.locale).get("status", &self.record.card.status),
            "at": guest.house.registry.now(), "events": self.record.sequence,
        });
        html! {
            p.screen { a href=(guest.visit.path) { (self.word("alloc-back")) } " · " (self.word("alloc-print-note")) }
            (parts::heading(&parts::Heading {
                over: vec![html! { (self.word("alloc-minutes-of")) }, html! { code { (self.record.id) } }],
                title: self.title(),
                lead: guest.say("alloc-minutes-lead", &facts),
                ..Default::default()
            }))
            (self.verdict_on_paper(asked))
            (self.part("in", "alloc-in", &self.ins()))
            (self.part("limits", "alloc-limits", &self.limits(None)))
            (self.departed())
            @if self.has_out() { (self.part("out", "alloc-out", &self.outs(false))) }
            (self.part("signed", "alloc-signed", &html! {
                p { (self.word("alloc-sign-line")) }
                p.note { (guest.say("alloc-paper-proof", &json!({ "id": self.record.id }))) " " code { (guest.house.registry.log_key()) } }
            }))
        }
    }

    /// The proof in one line. It is checked again for each paper, without a search.
    fn verdict_on_paper(&self, asked: Option<&Asked>) -> Markup {
        let shown = self.proposed.as_ref().filter(|_| self.is_inside);
        let holds =
            asked.and_then(|asked| Some(engine::check(&asked.question, asked.proof.as_ref()?).is_ok()));
        html! {
            @if let Some(proposed) = shown {
                p { b { (self.proved(proposed.value, proposed.bound)) } " "
                    @if let Some(holds) = holds { (self.word(if holds { "alloc-checked" } else { "alloc-doubtful" })) } }
            }
        }
    }
}
