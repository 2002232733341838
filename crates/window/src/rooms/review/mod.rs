//! A review: what the expert may read of the candidate, the sheet of criteria with its running total, both comments,
//! on one page and by keyboard. Names nobody: neither the candidate's people nor other reviewers.

mod sheet;

use grammar::{
    clerk::Clerk,
    form::Flat,
    kinds::{Day, Id},
};
use maud::{Markup, html};
use registry::Record;
use serde_json::Value;

use super::reviews;
use crate::{
    denied::Trouble,
    guest::Guest,
    parts::{self, Fact, Link, Notice, Section, Tone},
    plain::{
        self,
        draft::{self, Draft, Place},
    },
    visit::Reply,
    ways::Answer,
};

/// A review as its page shows it.
struct Paper<'a> {
    guest: &'a Guest<'a>,
    clerk: &'a dyn Clerk,
    record: &'a Record,
    /// What stands in the form, and what is wrong with it.
    values: Flat,
    faults: Vec<(String, String)>,
}

/// The page of a review.
///
/// # Errors
/// When there is none for this guest's eyes, or the store cannot be read.
pub fn review(guest: &Guest, clerk: &dyn Clerk, id: Id) -> Answer {
    let record = of(guest, id)?;
    let (draft, known) = kept(guest, clerk, &record)?;
    let values = match &draft {
        Some(draft) => draft.typed.clone(),
        None => signed_values(&record.state),
    };
    let paper = Paper { guest, clerk, record: &record, values, faults: vec![] };
    let notice = match (&draft, verb(clerk)) {
        (Some(draft), Some(verb)) => {
            Place { guest, desk: "review", id: Some(id), verb }.notice(draft, Some(record.sequence))
        }
        _ => html! {},
    };
    paper.page(200, html! { (plain::done(guest)?) (notice) }, &known)
}

/// Signs, or keeps what was typed; what is wrong is shown on the same page.
///
/// # Errors
/// When there is none for this guest's eyes, or the store cannot be read or written.
pub fn review_sign(guest: &Guest, clerk: &dyn Clerk, id: Id) -> Answer {
    let record = of(guest, id)?;
    let verb = verb(clerk).ok_or(Trouble::NotFound)?;
    if guest.session.is_none() {
        return Err(Trouble::SignIn);
    }
    let wrong = match plain::press(guest, clerk, Some(&record), verb)? {
        plain::Pressed::Done(receipt) => return Ok(Reply::go(plain::after(clerk, &receipt))),
        plain::Pressed::Drafted => return Ok(Reply::go(format!("/review/{id}"))),
        plain::Pressed::Told(reply) => return Ok(reply),
        plain::Pressed::Wrong(wrong) => *wrong,
    };
    let (_, known) = kept(guest, clerk, &record)?;
    let said = wrong.not_kept.map(|why| why.sentence(guest));
    let known = if said.is_some() { known } else { guest.visit.typed(draft::KNOWN).to_owned() };
    let notice = html! {
        @if let Some(said) = said {
            div role="alert" { (parts::notice(&Notice { tone: Tone::Warn, title: guest.word("draft-not-kept").into(), body: html! { p { (said) } }, links: vec![] })) }
        }
        (plain::refusal(guest, wrong.no, "/reviews"))
    };
    let status = if notice.0.is_empty() { 400 } else { 409 };
    let paper = Paper { guest, clerk, record: &record, values: wrong.typed, faults: wrong.faults };
    paper.page(status, notice, &known)
}

fn of(guest: &Guest, id: Id) -> Result<Record, Trouble> {
    guest.look.record(id)?.filter(|record| record.desk == "review").ok_or(Trouble::NotFound)
}

fn verb(clerk: &dyn Clerk) -> Option<&grammar::form::Verb> {
    clerk.verb("sign")
}

/// The draft of the opinion while one may be signed, and what its form knows.
fn kept(guest: &Guest, clerk: &dyn Clerk, record: &Record) -> Result<(Option<Draft>, String), Trouble> {
    let Some(verb) = verb(clerk).filter(|_| is_mine(guest, record) && may_sign(record)) else {
        return Ok((None, String::new()));
    };
    let place = Place { guest, desk: "review", id: Some(record.id), verb };
    let draft = place.kept()?;
    let known = place.known(draft.as_ref())?;
    Ok((draft, known))
}

fn is_mine(guest: &Guest, record: &Record) -> bool {
    let me = guest.session.as_ref().map(|session| session.person);
    guest.acting_for.is_none() && record.card.holders("reviewer").any(|id| Some(id) == me)
}

fn may_sign(record: &Record) -> bool {
    matches!(record.card.status.as_str(), "accepted" | "discussing")
}

/// The opinion signed last, as the form would hold it.
fn signed_values(state: &Value) -> Flat {
    let mut values = Flat::new();
    let Some(last) = state.get("opinions").and_then(Value::as_array).and_then(|all| all.last()) else {
        return values;
    };
    for mark in last.get("marks").and_then(Value::as_array).into_iter().flatten() {
        if let (Some(place), Some(score)) = (number(mark, "place"), number(mark, "score")) {
            values.insert(format!("marks.{place}.score"), score.to_string());
        }
    }
    for name in ["open", "closed"] {
        if let Some(text) = last.get(name).and_then(Value::as_str) {
            values.insert(name.into(), text.into());
        }
    }
    values
}

fn number(value: &Value, name: &str) -> Option<i64> {
    value.get(name).and_then(Value::as_i64)
}

impl Paper<'_> {
    fn page(&self, status: u16, notice: Markup, known: &str) -> Answer {
        let (guest, record) = (self.guest, self.record);
        let title = guest.pick(&record.card.title_zh, &record.card.title_en).to_owned();
        let is_mine = is_mine(guest, record);
        let signs = is_mine && may_sign(record);
        let steps = if is_mine {
            reviews::steps(guest, &reviews::neighbours(guest, record.id)?)
        } else {
            html! {}
        };
        let main = html! {
            (self.heading(&title))
            (steps)
            (notice)
            div.judging {
                (self.section("material", guest.word("review-material"), self.material()))
                div {
                    @if is_mine && record.card.status == "invited" { (self.section("answer", guest.word("review-answer"), self.invited())) }
                    @else if signs { (self.section("sheet", guest.word("review-marks"), html! { (self.discussion()) (self.form(known)) })) }
                    @else { (self.section("opinion", guest.word("review-opinion"), self.opinion())) }
                    (self.section("criteria-rest", guest.word("review-rules"), self.rules()))
                }
            }
            // What the reviewer can do stands beside the material already.
            @if !is_mine { (plain::actions(guest, self.clerk, record)?) }
            (plain::history(guest, self.clerk, record)?)
            @if is_mine { (plain::proofs(guest, self.clerk, record)?) }
        };
        let over = if is_mine {
            Link::new("/reviews", guest.word("reviews"))
        } else {
            Link::new("/review", self.guest.desk_word(self.clerk.name(), "desk", "many"))
        };
        Ok(guest.page_with(status, &title, vec![over], main))
    }

    fn section(&self, id: &str, title: &str, body: Markup) -> Markup {
        parts::section(&Section { id: id.into(), title: title.into(), beside: html! {}, body })
    }

    /// No parties: neither who stands behind the candidate nor, for the office's eyes on paper, who judges.
    fn heading(&self, title: &str) -> Markup {
        let (guest, record) = (self.guest, self.record);
        let day = |name: &str| -> Option<Day> {
            record
                .state
                .pointer(&format!("/terms/{name}"))
                .and_then(Value::as_str)
                .and_then(|day| day.parse().ok())
        };
        let due = match record.card.status.as_str() {
            "invited" => day("answer_until").map(|day| ("review-answer-by", day)),
            "accepted" => day("until").map(|day| ("review-sign-by", day)),
            "discussing" => {
                let until = record.state.pointer("/discussion/until").and_then(Value::as_str);
                until.and_then(|day| day.parse().ok()).map(|day| ("review-sign-by", day))
            }
            _ => None,
        };
        let mut facts: Vec<Fact> = Vec::new();
        if let Some((key, day)) = due {
            let value =
                html! { (parts::moment(&day.to_string(), &guest.day(day))) " " (reviews::left(guest, day)) };
            facts.push(Fact { label: guest.word(key).into(), value, note: String::new() });
        }
        if let Some(panel) = record.card.holders("panel").next() {
            let label = self.clerk.words(guest.locale).get("field", "panel").to_owned();
            facts.push(Fact { label, value: guest.link(panel), note: String::new() });
        }
        if !is_mine(guest, record) {
            for part in ["candidate", "reviewer"] {
                let label = self.clerk.words(guest.locale).get("field", part).to_owned();
                let of_it = record.card.holders(part).next();
                facts.extend(of_it.map(|id| Fact { label, value: guest.link(id), note: String::new() }));
            }
        }
        let mut badges = vec![guest.status_badge("review", &record.card.status)];
        if record.is_demo {
            badges.push(guest.demo_badge());
        }
        let over = vec![
            html! { (self.clerk.words(guest.locale).get("desk", "one")) },
            html! { code { (record.id) } },
        ];
        parts::heading(&parts::Heading { over, title: title.into(), badges, facts, ..Default::default() })
    }

    fn material(&self) -> Markup {
        let material = self.record.state.get("material").cloned().unwrap_or_default();
        // In the words of the desk that it was copied from.
        let candidate = self.record.card.holders("candidate").next();
        let clerk = candidate.and_then(|id| self.guest.desk(id.desk())).unwrap_or(self.clerk);
        html! {
            p.note { (self.guest.word("review-material-note")) }
            (parts::facts(&plain::values(self.guest, clerk, &material)))
        }
    }

    /// The invitation: what one promises, or a way to decline.
    fn invited(&self) -> Markup {
        let (guest, id) = (self.guest, self.record.id);
        let words = self.clerk.words(guest.locale);
        let mut hidden = guest.hidden();
        hidden.push(("seen".into(), self.record.sequence.to_string()));
        html! {
            form.form method="post" action={ "/review/" (id) "/accept" } data-once {
                (parts::hidden(&hidden))
                @for name in ["no_conflict", "in_person"] {
                    label.choice {
                        input type="checkbox" name=(name) value="yes" required aria-describedby={ (name) "-help" };
                        span { (words.get("field", name)) small #{ (name) "-help" } { (words.find("help", name).unwrap_or("")) } }
                    }
                }
                div.row {
                    button.main type="submit" { (words.get("verb", "accept")) }
                    a.button href={ "/review/" (id) "/decline" } { (words.get("verb", "decline")) }
                }
            }
        }
    }

    /// What binds whoever judges.
    fn rules(&self) -> Markup {
        html! { @for rule in ["EP-R17", "EP-R11"] { @if let Some(article) = self.guest.article(rule) { (parts::article(&article)) } } }
    }
}
