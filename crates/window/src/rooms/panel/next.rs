//! Next: the one step that brings a panel on, as one button; what else waits stands under it.

use maud::{Markup, html};
use serde_json::json;

use super::{Room, state::Lacks};
use crate::{
    parts::{self, Press},
    visit::escape,
};

/// Reviews and candidates that one command takes.
const REVIEWS_MAX: usize = 600;
const CANDIDATES_MAX: usize = 50;

/// What could be done, the most useful first.
struct Choice {
    title: String,
    why: String,
    way: Way,
}

enum Way {
    /// At once, with these fields.
    Press { verb: &'static str, fields: Vec<(String, String)> },
    /// A form with these fields in it.
    Form { verb: &'static str, fields: Vec<(String, String)> },
    /// Nothing to press: one waits.
    Wait,
}

fn numbered(name: &str, ids: impl Iterator<Item = String>) -> Vec<(String, String)> {
    ids.enumerate().map(|(n, id)| (format!("{name}.{}", n + 1), id)).collect()
}

impl Room<'_> {
    fn choice(&self, key: &str, count: usize, way: Way) -> Choice {
        let verb = match &way {
            Way::Press { verb, .. } | Way::Form { verb, .. } => {
                self.clerk.words(self.guest.locale).get("verb", verb).to_owned()
            }
            Way::Wait => self.guest.word("panel-wait").to_owned(),
        };
        Choice { title: verb, why: self.guest.say(key, &json!({ "count": count })), way }
    }

    /// Every step that is open, in the order of their use.
    fn choices(&self) -> Vec<Choice> {
        let state = &self.state;
        let form = |verb, fields| Way::Form { verb, fields };
        if state.candidates.is_empty() {
            return vec![self.choice("panel-next-admit", 0, form("admit-candidates", vec![]))];
        }
        match self.record.card.status.as_str() {
            "concluded" => return vec![],
            "voting" => return vec![self.choice("panel-next-ballot", 0, Way::Wait)],
            "scored" | "voted" => {
                let mut choices = vec![self.choice(
                    "panel-next-conclude",
                    0,
                    Way::Press { verb: "conclude", fields: vec![] },
                )];
                if state.vote.is_none() {
                    let ids = state.candidates.iter().map(|entry| entry.candidate.to_string());
                    choices.push(self.choice(
                        "panel-next-vote",
                        0,
                        form("put-to-vote", numbered("candidates", ids)),
                    ));
                }
                return choices;
            }
            _ => {}
        }
        let mut choices = self.of_candidates();
        if choices.is_empty() {
            let waiting = state
                .live()
                .filter(|seat| matches!(state.status(seat), "invited" | "accepted" | "discussing"));
            choices.push(self.choice("panel-next-wait", waiting.count(), Way::Wait));
        }
        choices
    }

    fn of_candidates(&self) -> Vec<Choice> {
        let state = &self.state;
        let lacking = |wanted: fn(Lacks) -> bool| {
            state.candidates.iter().map(|entry| entry.candidate).filter(move |id| wanted(state.lacks(*id)))
        };
        let mut choices = Vec::new();
        let ready: Vec<_> = lacking(|lacks| lacks == Lacks::Taking).collect();
        let reviews = ready.iter().flat_map(|id| state.of_candidate(*id)).map(|seat| seat.review.to_string());
        if !ready.is_empty() {
            let fields = numbered("reviews", reviews.take(REVIEWS_MAX));
            choices.push(self.choice(
                "panel-next-take",
                ready.len(),
                Way::Press { verb: "close-scores", fields },
            ));
        }
        if let Some(candidate) = lacking(|lacks| lacks == Lacks::Talk).next() {
            let count = lacking(|lacks| lacks == Lacks::Talk).count();
            let reviews = state.of_candidate(candidate).into_iter().map(|seat| seat.review.to_string());
            let mut fields = numbered("reviews", reviews);
            fields.push(("days".into(), "7".into()));
            choices.push(self.choice("panel-next-talk", count, Way::Form { verb: "discuss", fields }));
        }
        let gone =
            |seat: &&desks::panel::Seat| matches!(state.status(seat), "declined" | "expired" | "barred");
        let open = |seat: &&desks::panel::Seat| !state.is_taken(seat.candidate);
        if let Some(seat) = state.live().filter(gone).find(open) {
            let count = state.live().filter(gone).filter(open).count();
            let fields = vec![("review".to_owned(), seat.review.to_string())];
            choices.push(self.choice("panel-next-replace", count, Way::Form { verb: "replace", fields }));
        }
        let empty: Vec<_> = lacking(|lacks| matches!(lacks, Lacks::Reviewers(_))).collect();
        if !empty.is_empty() {
            choices.push(self.assigns(&empty));
        }
        choices
    }

    /// How reviewers come to those who lack them: by the draw, once there is one, else by a proposal.
    fn assigns(&self, empty: &[grammar::kinds::Id]) -> Choice {
        let candidates =
            || numbered("candidates", empty.iter().take(CANDIDATES_MAX).map(ToString::to_string));
        match &self.state.lots {
            Some(lots) if lots.drawn.is_some() => {
                let way = Way::Press { verb: "invite", fields: candidates() };
                self.choice("panel-next-invite", empty.len(), way)
            }
            Some(_) => self.choice("panel-draw-waits", 0, Way::Wait),
            None => {
                let pairs = empty.iter().take(CANDIDATES_MAX).enumerate();
                let fields =
                    pairs.map(|(n, id)| (format!("pairs.{}.candidate", n + 1), id.to_string())).collect();
                self.choice("panel-next-assign", empty.len(), Way::Form { verb: "propose", fields })
            }
        }
    }

    /// The first step as one button, the others as links.
    pub(super) fn next(&self) -> Markup {
        let guest = self.guest;
        let may_act = guest.look.viewer.holds("panel-office", self.record.card.scope());
        let choices = self.choices();
        if choices.is_empty() || !may_act {
            let key = if self.record.card.status == "concluded" {
                "panel-next-nothing"
            } else {
                "panel-next-office"
            };
            return html! { p { (guest.word(key)) } };
        }
        html! {
            ol.next-steps.bare {
                @for (place, choice) in choices.iter().enumerate() {
                    li { p { (choice.why) } (self.button(choice, place == 0)) }
                }
            }
        }
    }

    fn button(&self, choice: &Choice, is_first: bool) -> Markup {
        let at = format!("/panel/{}", self.record.id);
        match &choice.way {
            Way::Wait => parts::badge(parts::Tone::Info, &choice.title),
            Way::Press { verb, fields } => {
                let mut hidden = self.guest.hidden();
                hidden.push(("seen".into(), self.record.sequence.to_string()));
                hidden.extend(fields.clone());
                let press = Press { action: format!("{at}/{verb}"), hidden, label: choice.title.clone() };
                press.show(if is_first { "main" } else { "" })
            }
            Way::Form { verb, fields } => {
                let query: Vec<String> = fields
                    .iter()
                    .map(|(name, value)| format!("{}={}", escape(name), escape(value)))
                    .collect();
                let href = if query.is_empty() {
                    format!("{at}/{verb}")
                } else {
                    format!("{at}/{verb}?{}", query.join("&"))
                };
                html! { a.button.main[is_first] href=(href) { (choice.title) } }
            }
        }
    }
}
