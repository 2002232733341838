//! A call: for applicants whether they may apply, what is due when and what became of their applications; for its
//! office how many came how far and which checks wait. The same page, as far as each may see.

mod check;
mod office;

use std::collections::BTreeMap;

use desks::call::{Guide, Topic};
use grammar::{
    clerk::Clerk,
    kinds::{Id, Moment},
};
use maud::{Markup, html};
use registry::{Broken, Filter, Listed, Record};
use serde_json::{Value, json};

use super::reviews::{hundredths, left};
use crate::{
    denied::Trouble,
    guest::Guest,
    parts::{self, Column, Fact, Link, Row, Section, Table},
    plain,
    ways::Answer,
};

/// The way of a call that is known to others.
const WAY: [&str; 3] = ["published", "open", "closed"];
/// The same where a brief comes first.
const WAY_OF_TWO: [&str; 5] = ["published", "open", "deciding", "completing", "closed"];
/// Own applications shown.
const OWN_SHOWN: u32 = 20;
/// Questions shown at once.
const QUESTIONS_SHOWN: usize = 10;
/// What comes after the closing: the formal check, a re-examination and its answer.
const CLOCKS: [&str; 3] = ["PG-R02", "PG-R06", "PG-R06-REPLY"];

/// Where a brief comes first: time for the full text, an answer to each brief, what counts once.
const CLOCKS_OF_TWO: [&str; 3] = ["PG-P20", "PG-P21", "PG-P23"];

/// A call under someone's eyes.
struct Room<'a> {
    guest: &'a Guest<'a>,
    clerk: &'a dyn Clerk,
    record: &'a Record,
    guide: Guide,
}

/// The page of a call.
///
/// # Errors
/// When there is none for this guest's eyes, or the store cannot be read.
pub fn call(guest: &Guest, clerk: &dyn Clerk, id: Id) -> Answer {
    let record = guest.look.record(id)?.filter(|record| record.desk == "call").ok_or(Trouble::NotFound)?;
    let guide = record.state.get("guide").cloned().unwrap_or_default();
    let guide: Guide = serde_json::from_value(guide).map_err(Broken::from)?;
    let room = Room { guest, clerk, record: &record, guide };
    let section = |id: &str, key: &'static str, body: Markup| {
        parts::section(&Section { id: id.into(), title: guest.word(key).into(), beside: html! {}, body })
    };
    let title = guest.pick(&record.card.title_zh, &record.card.title_en).to_owned();
    let is_office = ["programme-office", "auditor"]
        .iter()
        .any(|office| guest.look.viewer.holds(office, record.card.scope()));
    let main = html! {
        (plain::heading(guest, clerk, &record))
        (plain::done(guest)?)
        (room.way())
        (section("apply", "call-apply", room.apply()))
        @if !guest.look.viewer.organisations.is_empty() { (section("mine", "call-mine", room.mine()?)) }
        div.two-thirds {
            div {
                @if is_office { (section("funnel", "call-funnel", room.funnel()?)) (section("checks", "call-checks", room.checks()?)) }
                (section("topics", "call-topics", room.topics()))
                @if !is_office { (section("eligible", "call-eligible", room.eligible()?)) }
                (section("questions", "call-questions", room.questions()))
            }
            aside {
                (section("clocks", "call-clocks", room.clocks()))
                (plain::actions(guest, clerk, &record)?)
                @if guest.look.viewer.holds("programme-office", record.card.scope()) {
                    p { a.button href={ "/call/new/draft?like=" (record.id) } { (guest.word("call-like")) } }
                    p.note { (guest.word("call-like-note")) }
                }
            }
        }
        (plain::history(guest, clerk, &record)?)
        (plain::proofs(guest, clerk, &record)?)
    };
    let crumbs = vec![Link::new("/call", guest.desk_word(clerk.name(), "desk", "many"))];
    Ok(guest.page(&title, crumbs, main))
}

impl Room<'_> {
    fn field(&self, key: &str) -> String {
        self.clerk.words(self.guest.locale).get("field", key).to_owned()
    }

    fn choice(&self, key: &str) -> String {
        self.clerk.words(self.guest.locale).get("choice", key).to_owned()
    }

    fn both<const N: usize>(&self, text: &grammar::kinds::Bilingual<N>) -> String {
        let (zh, en) = (text.zh.as_deref(), text.en.as_deref());
        self.guest.pick(zh.or(en).unwrap_or(""), en.or(zh).unwrap_or("")).to_owned()
    }

    fn way(&self) -> Markup {
        let status = self.record.card.status.as_str();
        let known = if self.guide.brief_closes.is_some() { &WAY_OF_TWO[..] } else { &WAY[..] };
        let before = (!known.contains(&status)).then_some(status);
        let way: Vec<&str> = before.into_iter().chain(known.iter().copied()).collect();
        plain::progress(self.guest, self.clerk, self.record, &way)
    }

    fn until(&self, moment: Moment) -> Markup {
        html! { time datetime=(moment.to_string()) { (self.guest.moment(moment)) } }
    }

    /// What it is about, until when, and the one button.
    fn apply(&self) -> Markup {
        let (guest, guide) = (self.guest, &self.guide);
        let now = guest.house.registry.now();
        let closes = guide.first_closes();
        let is_open = self.record.card.status == "open" && guide.opens <= now && now < closes;
        let two = guide.brief_closes.zip(guide.full_opens);
        let applies = guest.session.is_some() && !guest.look.viewer.organisations.is_empty();
        html! {
            p { (self.both(&guide.about)) }
            @if is_open {
                p.lead { (guest.word(if two.is_some() { "call-briefs-until" } else { "call-open-until" })) " " (self.until(closes)) " " (left(guest, closes.day())) }
                @if two.is_some() { p { (guest.word("call-two-stages")) } }
                div.row {
                    @if applies { a.button.main href={ "/application/new/draft?call=" (self.record.id) } { (guest.word(if two.is_some() { "call-write-brief" } else { "call-write" })) } }
                    @else if guest.session.is_none() { a.button.main href={ "/sign-in?back=/call/" (self.record.id) } { (guest.word("call-sign-in")) } }
                    a.button href="#eligible" { (guest.word("call-check-first")) }
                }
                @if guest.session.is_some() && !applies { p.note { (guest.word("call-no-unit")) } }
            } @else if now < guide.opens {
                p.lead { (guest.word("call-opens-on")) " " (self.until(guide.opens)) " " (left(guest, guide.opens.day())) }
            } @else if let Some((_, full)) = two.filter(|(_, full)| now < *full) {
                p.lead { (guest.word("call-deciding-until")) " " (self.until(full)) " " (left(guest, full.day())) }
            } @else if two.is_some() && now < guide.closes {
                p.lead { (guest.word("call-full-until")) " " (self.until(guide.closes)) " " (left(guest, guide.closes.day())) }
                p.note { (guest.word("call-only-invited")) }
            } @else { p.lead { (guest.word("call-is-closed")) " " (self.until(guide.closes)) } }
        }
    }

    fn topics(&self) -> Markup {
        let (guest, guide) = (self.guest, &self.guide);
        let versions: BTreeMap<String, u32> = self
            .record
            .card
            .read::<Vec<(String, u32)>>("topic_versions")
            .unwrap_or_default()
            .into_iter()
            .collect();
        let money = |topic: &Topic| guest.money(topic.ceiling);
        html! {
            @for topic in guide.topics.iter() {
                details.sheet.topic open[guide.topics.len() <= 2] {
                    summary {
                        b { (topic.code) } " " (self.both(&topic.title)) " "
                        @if let Some(version) = versions.get(&*topic.code).filter(|version| **version > 1) { small { (guest.say("call-version", &json!({ "version": version }))) } }
                    }
                    p { (self.both(&topic.goals)) }
                    (parts::facts(&[
                        Fact { label: self.field("ceiling"), value: html! { (money(topic)) }, note: self.choice(&grammar::desk::plain_word(&topic.funding)) },
                        Fact::new(self.field("places"), &topic.places.get().to_string()),
                        Fact::new(self.field("months"), &topic.months.get().to_string()),
                    ]))
                }
            }
        }
    }

    /// What is due when: the call's own moments, then what the rules say.
    fn clocks(&self) -> Markup {
        let (guest, guide) = (self.guest, &self.guide);
        let moments = [
            ("opens", Some(guide.opens)),
            ("brief_closes", guide.brief_closes),
            ("full_opens", guide.full_opens),
            ("closes", Some(guide.closes)),
        ];
        let fact = |(key, at): (&str, Option<Moment>)| {
            at.map(|at| Fact { label: self.field(key), value: self.until(at), note: String::new() })
        };
        let of_two = CLOCKS_OF_TWO.iter().filter(|_| guide.brief_closes.is_some());
        let facts: Vec<Fact> = moments.into_iter().filter_map(fact).collect();
        html! {
            (parts::facts(&facts))
            p.note { (guest.word("call-clock-note")) }
            @for rule in of_two.chain(&CLOCKS) { @if let Some(article) = guest.article(rule) { (parts::article(&article)) } }
            @if let Some(most) = guide.per_unit { p { (self.field("per_unit")) (guest.pick("：", ": ")) b { (most.get()) } } }
            p { (self.field("contact")) (guest.pick("：", ": ")) (self.both(&guide.contact)) }
        }
    }

    fn applications(
        &self,
        status: Option<&str>,
        is_mine: bool,
        limit: u32,
    ) -> Result<registry::Page, Trouble> {
        let filter = Filter {
            desk: "application".into(),
            party: Some(self.record.id),
            status: status.map(str::to_owned),
            is_mine,
            limit,
            ..Filter::default()
        };
        Ok(self.guest.look.list(&filter)?)
    }

    /// The guest's own applications to this call, and what happened to each.
    fn mine(&self) -> Result<Markup, Trouble> {
        let guest = self.guest;
        let page = self.applications(None, true, OWN_SHOWN)?;
        if page.rows.is_empty() {
            return Ok(html! { p.note { (guest.word("call-mine-none")) } });
        }
        let rows = page.rows.iter().map(|listed| self.own(listed)).collect::<Result<Vec<_>, _>>()?;
        let columns =
            ["call-title", "call-state", "call-news"].map(|key| Column::new(guest.word(key))).into();
        let caption = guest.word("call-mine").into();
        Ok(parts::table(&Table { id: "own".into(), caption, columns, rows, ..Table::default() }))
    }

    fn own(&self, listed: &Listed) -> Result<Row, Trouble> {
        let (guest, card) = (self.guest, &listed.card);
        let state = guest.look.record(listed.id)?.map(|record| record.state).unwrap_or_default();
        let remark = state.get("remark").and_then(Value::as_str).unwrap_or("").to_owned();
        let is_invited = state.get("invited").is_some_and(|day| !day.is_null());
        let (score, rank): (Option<u32>, Option<u32>) = (card.read("score"), card.read("rank"));
        let news = html! {
            @match card.status.as_str() {
                "draft" | "unit-confirmed" => {
                    (guest.word("call-news-draft")) " " (left(guest, if is_invited { self.guide.closes } else { self.guide.first_closes() }.day()))
                }
                "invited" => { (guest.word("call-news-invited")) " " (left(guest, self.guide.closes.day())) }
                "brief" | "brief-ok" | "brief-reviewed" => { @if let Some(day) = card.until { (guest.word("call-news-answer")) " " (guest.day(day)) } }
                "brief-in-review" => { (guest.word("call-news-review")) }
                "submitted" => { @if let Some(day) = card.until { (guest.word("call-news-check")) " " (guest.day(day)) } }
                "formal-failed" | "not-approved" | "withdrawn" | "not-invited" | "lapsed" => { (remark) }
                "in-review" => { (guest.word("call-news-review")) }
                _ => { @if let Some(score) = score { (guest.word("review-score")) " " b { (hundredths(score)) } @if let Some(rank) = rank { " · " (guest.say("call-rank", &json!({ "rank": rank }))) } } }
            }
        };
        Ok(Row::new(vec![
            html! { a href={ "/application/" (listed.id) } { (guest.pick(&card.title_zh, &card.title_en)) } },
            guest.status_badge("application", &card.status),
            news,
        ]))
    }

    fn questions(&self) -> Markup {
        let guest = self.guest;
        let all = self.record.state.get("questions").and_then(Value::as_array);
        let text =
            |value: &Value, path: &str| value.pointer(path).and_then(Value::as_str).unwrap_or("").to_owned();
        let all: Vec<&Value> = all.into_iter().flatten().collect();
        let one = |question: &Value| {
            let answer = text(question, "/answer/1");
            html! {
                dt { b { (question.get("number").map(ToString::to_string).unwrap_or_default()) } ". " (text(question, "/text")) }
                dd { @if answer.is_empty() { span.soft { (guest.word("call-unanswered")) } } @else { (answer) } }
            }
        };
        html! {
            @if all.is_empty() { p.note { (guest.word("call-no-questions")) } }
            @else {
                dl.questions { @for question in all.iter().take(QUESTIONS_SHOWN) { (one(question)) } }
                @if all.len() > QUESTIONS_SHOWN { details.article { summary { (guest.say("panel-see-all", &json!({ "count": all.len() }))) } dl.questions { @for question in all.iter().skip(QUESTIONS_SHOWN) { (one(question)) } } } }
            }
        }
    }
}
