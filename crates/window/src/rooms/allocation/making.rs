//! Making: the engine's choice is looked at and handed in; when the notice is over, everyone who waits is told. Both by
//! the forms of their verbs, with better controls.

use engines::allocation::{self as engine, Outcome, Wish};
use grammar::kinds::Id;
use maud::{Markup, html};
use serde_json::{Value, json};

use super::{Asked, Sheet, of_state, points};
use crate::parts;

/// What one award may name.
const NAMED_MAX: usize = 200;

impl Sheet<'_> {
    /// Where the office has proposed nothing yet: the engine's choice, to be looked at and handed in.
    pub(super) fn making(&self, asked: &Asked) -> Markup {
        let open = ["gathering", "proposed"].contains(&self.record.card.status.as_str());
        if !open || !self.may(&json!({ "verb": "propose", "proposal": "-" })) {
            return html! {};
        }
        if self.guest.visit.asked("make") != Some("yes") {
            let text = if self.proposed.is_some() { "alloc-make-again" } else { "alloc-make-text" };
            return self.part(
                "make",
                "alloc-make",
                &html! {
                    p { (self.word(text)) }
                    p { a.button.main href={ (self.guest.visit.path) "?make=yes#make" } { (self.word("alloc-make-run")) } }
                },
            );
        }
        let outcome = engine::propose(&asked.question, Wish::default(), &mut self.watch());
        let body = match outcome {
            Ok(Outcome::Proposed(proposal)) => self.made(&proposal),
            Ok(Outcome::Impossible) => self.impossible(&asked.question),
            Ok(Outcome::Unfinished(_)) => html! { p { (self.word("alloc-unfinished")) } },
            Err(_) => html! { p { (self.word("alloc-cannot-ask")) } },
        };
        self.part("make", "alloc-make", &body)
    }

    fn made(&self, proposal: &engine::Proposal) -> Markup {
        let Ok(text) = serde_json::to_string(proposal) else { return html! {} };
        let places: Vec<u32> = proposal.awards.iter().map(|award| award.candidate).collect();
        let facts =
            json!({ "count": places.len(), "all": self.entries.len(), "value": points(proposal.value) });
        html! {
            p { (self.guest.say("alloc-made", &facts)) " " (self.proved(proposal.value, proposal.bound)) }
            (self.names(self.word("alloc-in"), &places))
            (self.press("propose", &[("proposal".to_owned(), text)], &html! {}, self.word("alloc-hand-in")))
        }
    }

    /// When the notice is over: everyone who waits is told at once.
    pub(super) fn awarding(&self) -> Markup {
        let Ok(own) = of_state(&self.record.state) else { return html! {} };
        let (candidates, needs) = own.waiting();
        let notice = self.record.card.holders("notice").next();
        let is_due = self.record.card.status == "publicised" && !candidates.is_empty();
        let concluded = notice.and_then(|notice| self.guest.look.record(notice).ok().flatten());
        let is_over = concluded.is_some_and(|notice| notice.card.status == "concluded");
        let award =
            json!({ "verb": "award", "notice": notice, "candidates": [], "needs": [], "reason": "-" });
        let (Some(notice), true, true) = (notice, is_due && is_over, self.may(&award)) else {
            return html! {};
        };
        let mut hidden = vec![("notice".to_owned(), notice.to_string())];
        let numbered = |name: &str, ids: Vec<Id>| {
            let each = ids.into_iter().take(NAMED_MAX).zip(1..);
            each.map(|(id, number)| (format!("{name}.{number}"), id.to_string())).collect::<Vec<_>>()
        };
        hidden.extend(numbered("candidates", candidates.clone()));
        // Needs are answered once all their candidates are; in a first part of several they wait.
        let needs =
            if candidates.len() <= NAMED_MAX { needs.iter().map(|need| need.id()).collect() } else { vec![] };
        hidden.extend(numbered("needs", needs));
        let reason = html! {
            div.field {
                label for="reason" { (self.word("alloc-award-reason")) }
                textarea id="reason" name="reason" maxlength="1000" required {}
            }
        };
        let facts = json!({ "count": candidates.len() });
        self.part(
            "award",
            "alloc-award",
            &html! {
                p { (self.guest.say("alloc-award-text", &facts)) }
                (self.press("award", &hidden, &reason, self.word("alloc-award-now")))
            },
        )
    }

    /// The form of a verb with better controls: the same fields to the same address.
    pub(super) fn press(
        &self,
        verb: &str,
        values: &[(String, String)],
        fields: &Markup,
        label: &str,
    ) -> Markup {
        let mut hidden = self.guest.hidden();
        hidden.push(("seen".into(), self.record.sequence.to_string()));
        hidden.extend_from_slice(values);
        html! {
            form.form method="post" action={ (self.guest.visit.path) "/" (verb) } {
                (parts::hidden(&hidden))
                (fields)
                button.main type="submit" { (label) }
            }
        }
    }

    pub(super) fn may(&self, command: &Value) -> bool {
        let who = self.clerk.who(command).filter(|who| who.is_for_people());
        who.is_some_and(|who| who.allows(&self.guest.look.viewer, &self.record.card))
    }
}
