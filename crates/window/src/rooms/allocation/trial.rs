//! Trial: other budgets and quotas, or the other way for one candidate, answered by the engine within a bound of
//! time. Nothing is kept.

use desks::allocation::{Entry, Measure};
use engines::allocation::{self as engine, Explorer, Outcome, Progress, Wish};
use grammar::kinds::{Id, Money};
use maud::{Markup, html};
use serde_json::{Value, json};

use super::{Asked, Sheet, of_state, points, tables::MOVES};
use crate::parts::{self, Notice, Tone};

/// A trial is over after so many cases looked at, or so long: then it is said how good the answer is by then.
const WISH: Wish = Wish { gap_ppm: 0, nodes: 20_000 };
const WAIT_MS: i64 = 5_000;
/// Names in one line of an answer.
const NAMES_SHOWN: usize = 30;

/// What was changed for a trial: name, before, after.
type Changed = Vec<(String, String, String)>;

impl Sheet<'_> {
    /// Says whether the engine may go on.
    pub(super) fn watch(&self) -> impl FnMut(Progress) -> bool + use<'_> {
        let registry = &self.guest.house.registry;
        let until = registry.now().in_millis() + WAIT_MS;
        move |_| registry.now().in_millis() < until
    }

    /// Answers to what the address asks.
    pub(super) fn answers(&self, asked: &Asked, explorer: Option<&Explorer>) -> Markup {
        let why = self.guest.visit.asked("why").and_then(|id| id.parse::<Id>().ok());
        html! {
            @if let (Some(candidate), Some(explorer), Some(proof)) = (why, explorer, &asked.proof) {
                (self.turned(candidate, explorer, proof.value))
            }
            @if self.guest.visit.asked("try") == Some("yes") { (self.tried(asked)) }
        }
    }

    fn answer(&self, tone: Tone, title: String, body: Markup) -> Markup {
        let body = html! { (body) p.note { (self.word("alloc-trial-only")) } };
        html! { div #answer { (parts::notice(&Notice { tone, title, body, links: vec![] })) } }
    }

    pub(super) fn names(&self, label: &str, places: &[u32]) -> Markup {
        let entries: Vec<&Entry> = places.iter().filter_map(|place| self.place(*place)).collect();
        html! {
            @if !entries.is_empty() {
                p { b { (label) } }
                ul {
                    @for entry in entries.iter().take(NAMES_SHOWN) {
                        li { (self.named(entry)) " · " (points(entry.score.into())) " · " (self.guest.money(entry.asked)) }
                    }
                    @if entries.len() > NAMES_SHOWN { li { "… +" (entries.len() - NAMES_SHOWN) } }
                }
            }
        }
    }

    /// The best choice with one that is out, or without one that is in.
    fn turned(&self, candidate: Id, explorer: &Explorer, value: i64) -> Markup {
        let place = self.entries.iter().position(|entry| entry.candidate == candidate);
        let Some(place) = place.and_then(|place| u32::try_from(place).ok()) else { return html! {} };
        let Some(entry) = self.place(place) else { return html! {} };
        let change = explorer.turned(place, WISH, &mut self.watch());
        let title =
            self.guest.say("alloc-turned", &json!({ "title": self.guest.pick(&entry.zh, &entry.en) }));
        let Some(then) = change.value else {
            return self.answer(Tone::Warn, title, html! { p { (self.word("alloc-turned-never")) } });
        };
        let facts = json!({ "value": points(value), "then": points(then), "loses": points(value - then) });
        self.answer(
            Tone::Info,
            title,
            html! {
                p { (self.guest.say("alloc-turned-costs", &facts)) " " @if change.bound <= then { (self.word("alloc-best-then")) } @else { (self.proved(then, change.bound)) } }
                (self.names(self.word("alloc-comes"), &change.comes))
                (self.names(self.word("alloc-goes"), &change.goes))
            },
        )
    }

    /// A number the address gives: `Ok(None)` when it is not named, `Err` when it cannot be read.
    fn given<T: std::str::FromStr>(&self, name: &str) -> Result<Option<Option<T>>, String> {
        let Some(text) = self.guest.visit.query.get(name) else { return Ok(None) };
        let plain = text.trim().replace([',', '¥', ' '], "");
        if plain.is_empty() {
            return Ok(Some(None));
        }
        plain.parse().map(|value| Some(Some(value))).map_err(|_| text.clone())
    }

    /// The terms as the address changes them, and what is changed.
    fn other_terms(&self) -> Result<(Value, Changed), String> {
        let mut state = self.record.state.clone();
        let mut changed = Changed::new();
        let none = || self.word("alloc-no-bound").to_owned();
        for (budget, place) in self.terms.budgets.iter().zip(0_usize..) {
            let Some(Some(money)) = self.given::<Money>(&format!("b{place}"))? else { continue };
            if money != budget.money && money >= Money::ZERO {
                let name = self.guest.pick(budget.name.zh(), budget.name.en()).to_owned();
                changed.push((name, self.guest.money(budget.money), self.guest.money(money)));
                put(&mut state, &format!("/terms/budgets/{place}/money"), json!(money));
            }
        }
        for (quota, place) in self.terms.quotas.iter().zip(0_usize..) {
            let name = self.guest.pick(quota.name.zh(), quota.name.en());
            let is_money = quota.measure == Measure::Money;
            for (end, word) in [("least", "alloc-least"), ("most", "alloc-most")] {
                let at = format!("/terms/quotas/{place}/{end}{}", if is_money { "_money" } else { "" });
                let before = state.pointer(&at).cloned().unwrap_or_default();
                let parameter = format!("q{place}-{end}");
                let after = if is_money {
                    self.given::<Money>(&parameter)?.map(|money| json!(money))
                } else {
                    self.given::<u16>(&parameter)?.map(|number| json!(number.map(|number| number.min(1000))))
                };
                let Some(after) = after.filter(|after| *after != before) else { continue };
                let show = |bound: &Value| match bound {
                    Value::Null => none(),
                    Value::String(text) => text.parse().map_or(text.clone(), |money| self.guest.money(money)),
                    other => self.guest.say(word, &json!({ "bound": other.to_string() })),
                };
                changed.push((name.to_owned(), show(&before), show(&after)));
                put(&mut state, &at, after);
            }
        }
        self.other_ties(&mut state, &mut changed)?;
        Ok((state, changed))
    }

    /// One for each need; so many of one lead.
    fn other_ties(&self, state: &mut Value, changed: &mut Changed) -> Result<(), String> {
        let yes_or_no = |yes: bool| self.word(if yes { "yes" } else { "no" }).to_owned();
        let is_one = self.guest.visit.asked("one-per-need").map(|word| word == "yes");
        if let Some(is_one) = is_one.filter(|is_one| *is_one != self.terms.one_per_need) {
            changed.push((self.word("alloc-one-per-need").to_owned(), yes_or_no(!is_one), yes_or_no(is_one)));
            put(state, "/terms/one_per_need", json!(is_one));
        }
        let before = self.terms.per_lead_max.map(|most| most.get());
        let after = self.given::<u8>("per-lead")?.map(|most| most.map(|most| i64::from(most.clamp(1, 20))));
        if let Some(after) = after.filter(|after| *after != before) {
            let show = |most: Option<i64>| {
                most.map_or(self.word("alloc-no-bound").to_owned(), |most| most.to_string())
            };
            changed.push((self.word("alloc-per-lead-label").to_owned(), show(before), show(after)));
            put(state, "/terms/per_lead_max", json!(after));
        }
        Ok(())
    }

    /// The answer of the engine under other terms, beside the choice that stands.
    fn tried(&self, asked: &Asked) -> Markup {
        let title = self.word("alloc-tried").to_owned();
        let (state, changed) = match self.other_terms() {
            Ok(other) => other,
            Err(text) => {
                let no = self.guest.say("alloc-not-a-number", &json!({ "text": text }));
                return self.answer(Tone::Warn, title, html! { p { (no) } });
            }
        };
        let Ok(other) = of_state(&state) else {
            return self.answer(Tone::Warn, title, html! { p { (self.word("alloc-cannot-ask")) } });
        };
        let question = other.question();
        let outcome = engine::propose(&question, WISH, &mut self.watch());
        let body = match outcome {
            Ok(Outcome::Proposed(proposal)) => self.compared(asked, &proposal),
            Ok(Outcome::Impossible) => self.impossible(&question),
            Ok(Outcome::Unfinished(_)) => html! { p { (self.word("alloc-unfinished")) } },
            Err(_) => html! { p { (self.word("alloc-cannot-ask")) } },
        };
        self.answer(Tone::Info, title, html! {
            @if changed.is_empty() { p { (self.word("alloc-nothing-changed")) } }
            ul { @for (name, before, after) in &changed { li { (name) (self.guest.pick("：", ": ")) (before) " → " b { (after) } } } }
            (body)
        })
    }

    fn compared(&self, asked: &Asked, then: &engine::Proposal) -> Markup {
        let in_now: Vec<u32> = match &asked.proof {
            Some(proof) => proof.awards.iter().map(|award| award.candidate).collect(),
            None => vec![],
        };
        let in_then: Vec<u32> = then.awards.iter().map(|award| award.candidate).collect();
        let comes: Vec<u32> = in_then.iter().copied().filter(|place| !in_now.contains(place)).collect();
        let goes: Vec<u32> = in_now.iter().copied().filter(|place| !in_then.contains(place)).collect();
        let money = |proposal: &engine::Proposal| {
            Money::fen(proposal.awards.iter().flat_map(|award| &award.paid).map(|paid| paid.money).sum())
        };
        let before = asked.proof.as_ref().map(|proof| (proof.awards.len(), money(proof), proof.value));
        let line = |label: &str, before: Option<String>, after: String| {
            html! { li { (label) (self.guest.pick("：", ": ")) @if let Some(before) = before { (before) " → " } b { (after) } } }
        };
        html! {
            ul {
                (line(self.word("alloc-count"), before.map(|(count, ..)| count.to_string()), in_then.len().to_string()))
                (line(self.word("alloc-value"), before.map(|(.., value)| points(value)), points(then.value)))
                (line(self.word("alloc-money"), before.map(|(_, money, _)| self.guest.money(money)), self.guest.money(money(then))))
            }
            p { (self.proved(then.value, then.bound)) }
            @if comes.is_empty() && goes.is_empty() { p { (self.word("alloc-same-choice")) } }
            (self.names(self.word("alloc-comes"), &comes))
            (self.names(self.word("alloc-goes"), &goes))
        }
    }

    /// Which limits cannot be kept together.
    pub(super) fn impossible(&self, question: &engine::Question) -> Markup {
        let mut watch = self.watch();
        let mut goes_on = || watch(Progress { nodes: 0, value: None, bound: 0 });
        let conflict = engine::conflict(question, &mut goes_on);
        let named = |rule: &engine::Rule| match rule {
            engine::Rule::Pots { pots, .. } => {
                let budget = pots.first().and_then(|pot| self.terms.budgets.get(usize::try_from(*pot).ok()?));
                budget.map(|budget| self.guest.pick(budget.name.zh(), budget.name.en()).to_owned())
            }
            engine::Rule::Quota(place) => {
                let quota = self.terms.quotas.get(usize::try_from(*place).ok()?);
                Some(quota.map_or(self.word("alloc-per-lead-label").to_owned(), |quota| {
                    self.guest.pick(quota.name.zh(), quota.name.en()).to_owned()
                }))
            }
            engine::Rule::Exclusive(_) => Some(self.word("alloc-one-per-need").to_owned()),
            engine::Rule::Must(place) => {
                self.place(*place).map(|entry| self.guest.pick(&entry.zh, &entry.en).to_owned())
            }
            engine::Rule::Needs(_) | engine::Rule::Linked(_) => None,
        };
        let rules = conflict.map(|conflict| conflict.rules).unwrap_or_default();
        let mut names: Vec<String> = rules.iter().filter_map(named).collect();
        names.dedup();
        html! {
            p { b { (self.word("alloc-impossible")) } }
            ul { @for name in names { li { (name) } } }
        }
    }

    /// Budgets and quotas as controls.
    pub(super) fn trial_form(&self, has_proof: bool) -> Markup {
        let typed = |name: &str, own: String| self.guest.visit.query.get(name).cloned().unwrap_or(own);
        let field = |name: String, label: String, own: String| {
            html! {
                div.field {
                    label for=(name) { (label) }
                    input.short type="text" inputmode="decimal" autocomplete="off" id=(name) name=(name) value=(typed(&name, own)) maxlength="20";
                }
            }
        };
        let optional = |number: Option<i64>| number.map(|number| number.to_string()).unwrap_or_default();
        let money = |money: Option<Money>| money.map(|money| money.to_string()).unwrap_or_default();
        let one = typed("one-per-need", if self.terms.one_per_need { "yes" } else { "no" }.into());
        html! {
            p.note { (self.word("alloc-trial-note")) }
            form.form method="get" action={ (self.guest.visit.path) "#answer" } {
                input type="hidden" name="try" value="yes";
                div.pair {
                    @for (budget, place) in self.terms.budgets.iter().zip(0..) {
                        (field(format!("b{place}"), self.guest.say("alloc-yuan", &json!({ "name": self.guest.pick(budget.name.zh(), budget.name.en()) })), budget.money.to_string()))
                    }
                    @for (quota, place) in self.terms.quotas.iter().zip(0..) {
                        @let name = self.guest.pick(quota.name.zh(), quota.name.en());
                        @let is_money = quota.measure == Measure::Money;
                        @let least = if is_money { money(quota.least_money) } else { optional(quota.least.map(|bound| bound.get())) };
                        @let most = if is_money { money(quota.most_money) } else { optional(quota.most.map(|bound| bound.get())) };
                        (field(format!("q{place}-least"), self.guest.say("alloc-field-least", &json!({ "name": name })), least))
                        (field(format!("q{place}-most"), self.guest.say("alloc-field-most", &json!({ "name": name })), most))
                    }
                    (field("per-lead".into(), self.word("alloc-per-lead-label").into(), optional(self.terms.per_lead_max.map(|most| most.get()))))
                    div.field {
                        label for="one-per-need" { (self.word("alloc-one-per-need")) }
                        select.short id="one-per-need" name="one-per-need" {
                            @for word in ["yes", "no"] { option value=(word) selected[one == word] { (self.word(word)) } }
                        }
                    }
                    (field("moves".into(), self.word("alloc-moves").into(), points(MOVES)))
                }
                div.row { button.main type="submit" { (self.word("alloc-run")) } a.button href={ (self.guest.visit.path) "#trial" } { (self.word("alloc-reset")) } }
            }
            @if has_proof { (self.firm()) }
        }
    }

    /// How far the choice stands when scores move a little.
    fn firm(&self) -> Markup {
        let facts = json!({
            "points": points(self.moves()), "near": self.may_flip.len(),
            "firm": self.entries.len().saturating_sub(self.may_flip.len()),
        });
        html! {
            h3 { (self.word("alloc-firm")) }
            p { (self.guest.say("alloc-firm-text", &facts)) }
            (self.names(self.word("alloc-may-flip"), &self.may_flip))
        }
    }
}

/// Puts a value where there is one already.
fn put(state: &mut Value, at: &str, value: Value) {
    if let Some(place) = state.pointer_mut(at) {
        *place = value;
    }
}
