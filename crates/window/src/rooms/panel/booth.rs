//! Booth: where a member votes in secret. Each candidate by its title, its choices as radios, a word of the voter's own;
//! what has been cast is shown as cast and never as what. After the count: the count, every ballot by its word, dissent.
//!
//! The forms send what the plain form of `cast` sends, to the same address. They do not say what their page had seen:
//! else every ballot of another member would turn this one back.

use desks::panel::{Ballot, Counted, Dissenting, Entry, Outcome, Vote};
use grammar::{clerk::Clerk, form::Flat, kinds::Id};
use maud::{Markup, html};
use registry::{Broken, Line, Listed, Record};
use serde::Deserialize;
use serde_json::{Value, json};

use super::counted::{self, Counts};
use crate::{
    denied::Trouble,
    guest::Guest,
    parts::{self, Fact, Link, Section, Tone},
    plain,
    rooms::reviews::{hundredths, left},
    visit::Reply,
    ways::Answer,
};

const CHOICES: [&str; 3] = ["yes", "no", "abstain"];
/// The longest word of a voter's own, and the longest dissent.
const WORD_MAX: u32 = 40;
const DISSENT_MAX: u32 = 2000;
/// Open votes of one person that are looked at.
const PANELS_MAX: usize = 40;
/// What a ballot must be to count: so many vote, so many of these agree, in secret until then.
const RULES: [&str; 3] = ["EP-S03", "EP-S04", "EP-R25"];

/// What a member is shown of the panel.
#[derive(Deserialize)]
struct State {
    candidates: Vec<Entry>,
    outcomes: Vec<Outcome>,
    vote: Option<Vote>,
    ballots: Vec<Ballot>,
    counts: Vec<Counted>,
    dissents: Vec<Dissenting>,
}

/// The ballot under the eyes of one member.
pub struct Booth<'a> {
    guest: &'a Guest<'a>,
    clerk: &'a dyn Clerk,
    record: &'a Record,
    me: Id,
    state: State,
    vote: Vote,
    lines: Vec<Line>,
}

/// A ballot that was not taken: for which candidate, what was typed, and what is wrong with it.
#[derive(Default)]
struct Spoilt {
    candidate: String,
    typed: Flat,
    faults: Vec<(String, String)>,
}

/// How far the ballot on one candidate is for this member.
enum Stage<'a> {
    Counted(&'a Counted),
    Cast,
    Open,
    Over,
    NotAVoter,
}

impl<'a> Booth<'a> {
    /// The booth of a member who came in their own name, once something was put to the vote.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn of(guest: &'a Guest, clerk: &'a dyn Clerk, record: &'a Record) -> Result<Option<Self>, Trouble> {
        let me = guest.session.as_ref().filter(|_| guest.acting_for.is_none()).map(|session| session.person);
        let Some(me) = me.filter(|me| record.card.holders("member").any(|id| id == *me)) else {
            return Ok(None);
        };
        let state: State = serde_json::from_value(record.state.clone()).map_err(Broken::from)?;
        let Some(vote) = state.vote.clone() else { return Ok(None) };
        let lines = guest.look.history(record.id)?;
        Ok(Some(Self { guest, clerk, record, me, state, vote, lines }))
    }

    /// Candidates on which this member has still to vote.
    #[must_use]
    pub fn waiting(&self) -> usize {
        let is_open = |id: &&Id| matches!(self.stage(**id), Stage::Open);
        self.vote.candidates.iter().filter(is_open).count()
    }

    fn stage(&self, candidate: Id) -> Stage<'_> {
        let counted = self.state.counts.iter().find(|counted| counted.candidate == candidate);
        match counted {
            Some(counted) => Stage::Counted(counted),
            None if self.vote.voters.iter().all(|voter| voter.id() != self.me) => Stage::NotAVoter,
            None if self.has_cast(candidate) => Stage::Cast,
            None if self.guest.house.registry.now() < self.vote.closes => Stage::Open,
            None => Stage::Over,
        }
    }

    fn field(&self, key: &str) -> String {
        self.clerk.words(self.guest.locale).get("field", key).to_owned()
    }

    fn page(&self, status: u16, notice: Markup, spoilt: &Spoilt) -> Answer {
        let (guest, clerk, record) = (self.guest, self.clerk, self.record);
        let title = guest.pick(&record.card.title_zh, &record.card.title_en).to_owned();
        let section = |id: &str, key: &'static str, body: Markup| {
            parts::section(&Section { id: id.into(), title: guest.word(key).into(), beside: html! {}, body })
        };
        let main = html! {
            (plain::heading_with(guest, clerk, record, self.facts()))
            (plain::done(guest)?)
            (notice)
            (section("ballot", "panel-ballot", self.votes(spoilt)))
            @if let Some(counts) = self.counts() { (section("counted", "booth-counted", html! { (counts) (self.dissents()) })) }
            (section("ballot-rules", "booth-rules", self.rules()))
            @if !self.lines.is_empty() { (plain::history_of(guest, clerk, self.lines.clone())) }
            (plain::proofs(guest, clerk, record)?)
        };
        let crumbs = vec![Link::new("/panel", guest.desk_word(clerk.name(), "desk", "many"))];
        Ok(guest.page_with(status, &title, crumbs, main))
    }

    /// Until when, and how much is left to do.
    fn facts(&self) -> Vec<Fact> {
        let guest = self.guest;
        let closes = self.vote.closes;
        let is_open = !self.vote.is_counted && guest.house.registry.now() < closes;
        let value = html! {
            (parts::moment(&closes.to_string(), &guest.day(closes.day())))
            @if is_open { " " (left(guest, closes.day())) }
        };
        let all = self.vote.candidates.len();
        let cast = self.vote.candidates.iter().filter(|id| self.has_cast(**id)).count();
        let mut facts = vec![Fact { label: self.field("closes"), value, note: String::new() }];
        if self.vote.voters.iter().any(|voter| voter.id() == self.me) {
            facts.push(Fact::new(guest.word("booth-done"), &format!("{cast} / {all}")));
        }
        facts
    }

    fn has_cast(&self, candidate: Id) -> bool {
        self.state.ballots.iter().any(|one| one.person.id() == self.me && one.candidate == candidate)
    }

    /// What is secret and what can be counted, in a line; then each candidate.
    fn votes(&self, spoilt: &Spoilt) -> Markup {
        let guest = self.guest;
        let is_over = self.vote.is_counted;
        let is_voter = self.vote.voters.iter().any(|voter| voter.id() == self.me);
        let matter = self.clerk.words(guest.locale).get("choice", matter(&self.vote));
        html! {
            p.lead { (guest.say(if is_over { "booth-lead-counted" } else { "booth-lead" }, &json!({ "closes": self.vote.closes }))) }
            p.note { (guest.word("booth-matter")) (guest.pick("：", ": ")) (matter) }
            @if !is_voter { p.note { (guest.word("booth-not-a-voter")) } }
            ol.ballots.bare {
                @for (place, candidate) in self.vote.candidates.iter().enumerate() { li #{ "vote-" (place + 1) } { (self.one(place + 1, *candidate, spoilt)) } }
            }
        }
    }

    fn title_of(&self, candidate: Id) -> String {
        let entry = self.state.candidates.iter().find(|entry| entry.candidate == candidate);
        let title = entry.map(|entry| {
            let (zh, en) = (entry.title.zh.as_deref(), entry.title.en.as_deref());
            self.guest.pick(zh.or(en).unwrap_or(""), en.or(zh).unwrap_or("")).to_owned()
        });
        title.unwrap_or_else(|| self.guest.name(candidate))
    }

    fn one(&self, place: usize, candidate: Id, spoilt: &Spoilt) -> Markup {
        let guest = self.guest;
        let outcome = self.state.outcomes.iter().find(|outcome| outcome.candidate == candidate);
        let title = self.title_of(candidate);
        let stage = self.stage(candidate);
        let badge = match stage {
            Stage::Counted(counted) => Some(counted::verdict(guest, self.clerk, counted)),
            Stage::Cast => Some(parts::badge(Tone::Good, guest.word("booth-cast"))),
            Stage::Over => Some(parts::badge(Tone::Plain, guest.word("booth-over"))),
            Stage::Open | Stage::NotAVoter => None,
        };
        html! {
            h3 #{ "vote-" (place) "-title" } { (title) " " @if let Some(badge) = badge { (badge) } }
            @if let Some(outcome) = outcome {
                p.note { (guest.say("booth-scored", &json!({ "mean": hundredths(outcome.mean), "rank": outcome.rank }))) }
            }
            @if matches!(stage, Stage::Cast) {
                p.note { (guest.word("booth-cast-note")) @if let Some(at) = self.cast_at(candidate) { " " (proof(guest, at)) } }
            }
            @if matches!(stage, Stage::Open) { (self.form(place, candidate, spoilt)) }
        }
    }

    /// The place in the log of this member's own ballot on a candidate.
    fn cast_at(&self, candidate: Id) -> Option<u64> {
        let is_it = |line: &&Line| {
            let text = |key: &str| line.event.get(key).and_then(Value::as_str);
            text("event") == Some("ballot-cast") && text("candidate") == Some(candidate.as_str())
        };
        self.lines.iter().rfind(is_it).map(|line| line.position)
    }

    fn form(&self, place: usize, candidate: Id, spoilt: &Spoilt) -> Markup {
        let (guest, words) = (self.guest, self.clerk.words(self.guest.locale));
        let is_it = spoilt.candidate == candidate.as_str();
        let typed = |name: &str| spoilt.typed.get(name).filter(|_| is_it).map_or("", String::as_str);
        let error = |name: &str| {
            spoilt.faults.iter().find(|(field, _)| is_it && field == name).map(|(_, said)| said.as_str())
        };
        let id = |name: &str| format!("f-{place}-{name}");
        let help = |name: &str| words.find("help", name).unwrap_or("");
        html! {
            form.form method="post" action={ "/panel/" (self.record.id) "/cast" } aria-labelledby={ "vote-" (place) "-title" } data-once {
                (parts::hidden(&guest.hidden()))
                input type="hidden" name="candidate" value=(candidate);
                fieldset class={ "field" @if error("choice").is_some() { " wrong" } } aria-describedby=(id("choice-help")) {
                    legend { (words.get("field", "choice")) span.needed { (guest.word("needed")) } }
                    p.help id=(id("choice-help")) { (help("choice")) }
                    (wrong(&id("choice"), error("choice")))
                    div.choices.across { @for value in CHOICES {
                        label.choice {
                            input type="radio" name="choice" value=(value) checked[typed("choice") == value] required;
                            span { (words.get("choice", value)) }
                        }
                    } }
                }
                div class={ "field" @if error("word").is_some() { " wrong" } } {
                    label for=(id("word")) { (words.get("field", "word")) span.needed { (guest.word("needed")) } }
                    p.help id=(id("word-help")) { (help("word")) }
                    (wrong(&id("word"), error("word")))
                    input.middle type="text" id=(id("word")) name="word" value=(typed("word")) maxlength=(WORD_MAX) required
                        autocomplete="off" spellcheck="false" aria-describedby=(id("word-help")) aria-invalid=[error("word").map(|_| "true")];
                }
                div.row { button.main type="submit" { (words.get("verb", "cast")) } }
            }
        }
    }

    /// The count of everything that was counted, and where it stands in the log.
    fn counts(&self) -> Option<Markup> {
        let name = |candidate: Id| html! { (self.title_of(candidate)) };
        let counts = Counts {
            guest: self.guest,
            clerk: self.clerk,
            counts: &self.state.counts,
            lines: &self.lines,
            name: &name,
        };
        (!self.state.counts.is_empty()).then(|| counts.show())
    }

    /// What someone holds against it, without names; and the form for whoever has not said so yet.
    fn dissents(&self) -> Markup {
        let (guest, words) = (self.guest, self.clerk.words(self.guest.locale));
        let is_mine = |one: &Dissenting| one.person.is_some_and(|person| person.id() == self.me);
        let said =
            |candidate: Id| self.state.dissents.iter().any(|one| is_mine(one) && one.candidate == candidate);
        let is_voter = self.vote.voters.iter().any(|voter| voter.id() == self.me);
        let may = self.record.card.status == "voted" && is_voter;
        let open: Vec<Id> = self.vote.candidates.iter().copied().filter(|id| may && !said(*id)).collect();
        html! {
            @if !self.state.dissents.is_empty() {
                h3 { (self.field("dissents")) }
                ul { @for one in &self.state.dissents { li {
                    b { (self.title_of(one.candidate)) } (guest.pick("：", ": ")) span.prose { (one.text) }
                    @if is_mine(one) { " " (parts::badge(Tone::Plain, guest.word("booth-mine"))) }
                } } }
            }
            @for (place, candidate) in open.iter().enumerate() {
                details.article {
                    summary { (words.get("verb", "dissent")) (guest.pick("：", ": ")) (self.title_of(*candidate)) }
                    form.form method="post" action={ "/panel/" (self.record.id) "/dissent" } data-once {
                        (parts::hidden(&guest.hidden()))
                        input type="hidden" name="candidate" value=(candidate);
                        div.field {
                            label for={ "f-dissent-" (place + 1) } { (words.get("field", "text")) span.needed { (guest.word("needed")) } }
                            p.help id={ "f-dissent-" (place + 1) "-help" } { (words.find("help", "text").unwrap_or("")) }
                            textarea id={ "f-dissent-" (place + 1) } name="text" rows="4" maxlength=(DISSENT_MAX) required aria-describedby={ "f-dissent-" (place + 1) "-help" } {}
                        }
                        div.row { button type="submit" { (words.get("verb", "dissent")) } }
                    }
                }
            }
        }
    }

    fn rules(&self) -> Markup {
        let facts = json!({ "quorum": self.vote.quorum.to_string(), "passes": self.vote.passes.to_string() });
        html! {
            p { (self.guest.say("booth-needs", &facts)) }
            @for rule in RULES { @if let Some(article) = self.guest.article(rule) { (parts::article(&article)) } }
        }
    }
}

fn matter(vote: &Vote) -> &'static str {
    match vote.matter {
        desks::panel::Matter::Money => "money",
        desks::panel::Matter::Fit => "fit",
    }
}

fn wrong(id: &str, error: Option<&str>) -> Markup {
    html! { @if let Some(error) = error { p.error id={ (id) "-error" } { (parts::icon(parts::Icon::Cross)) span { (error) } } } }
}

fn proof(guest: &Guest, at: u64) -> Markup {
    html! { a href={ "/proof/" (at) } { (guest.word("proof")) } }
}

/// The page of a panel for one of its members.
///
/// # Errors
/// When the store cannot be read.
pub fn page(booth: &Booth) -> Answer {
    booth.page(200, html! {}, &Spoilt::default())
}

/// Casts a ballot. What is wrong with it is said beside its field, on the same page; whoever has no booth gets the plain
/// form.
///
/// # Errors
/// When there is none for this guest's eyes, or the store cannot be read or written.
pub fn cast(guest: &Guest, clerk: &dyn Clerk, id: Id) -> Answer {
    let record = guest.look.record(id)?.filter(|record| record.desk == "panel").ok_or(Trouble::NotFound)?;
    let verb = clerk.verb("cast").ok_or(Trouble::NotFound)?;
    let Some(booth) = Booth::of(guest, clerk, &record)? else {
        return plain::submit(guest, clerk, Some(id), "cast");
    };
    let wrong = match plain::press(guest, clerk, Some(&record), verb)? {
        plain::Pressed::Done(receipt) => return Ok(Reply::go(plain::after(clerk, &receipt))),
        plain::Pressed::Drafted => return Ok(Reply::go(format!("/panel/{id}"))),
        plain::Pressed::Told(reply) => return Ok(reply),
        plain::Pressed::Wrong(wrong) => *wrong,
    };
    let notice = plain::refusal(guest, wrong.no, &format!("/panel/{id}"));
    let status = if notice.0.is_empty() { 400 } else { 409 };
    let candidate = wrong.typed.get("candidate").cloned().unwrap_or_default();
    booth.page(status, notice, &Spoilt { candidate, typed: wrong.typed, faults: wrong.faults })
}

/// The same page where the form of a ballot would be.
///
/// # Errors
/// When there is none for this guest's eyes, or the store cannot be read.
pub fn form(guest: &Guest, clerk: &dyn Clerk, id: Id) -> Answer {
    let record = guest.look.record(id)?.filter(|record| record.desk == "panel").ok_or(Trouble::NotFound)?;
    match Booth::of(guest, clerk, &record)? {
        Some(booth) => page(&booth),
        None => plain::form(guest, clerk, Some(id), "cast"),
    }
}

/// Panels that wait for a ballot of this guest. Their lists are secret even from their members, so they are found by what
/// names the member: a seat, or, while fit is voted on, being sent by a need's owner.
///
/// # Errors
/// When the store cannot be read.
pub fn waiting(guest: &Guest) -> Result<Vec<Listed>, Trouble> {
    let me = guest.session.as_ref().filter(|_| guest.acting_for.is_none()).map(|session| session.person);
    let (Some(me), Some(clerk)) = (me, guest.desk("panel")) else { return Ok(vec![]) };
    let mut panels = guest.look.naming("panel", ("member", me))?;
    panels.retain(|panel| panel.card.status == "voting");
    let mut waiting = Vec::new();
    for panel in panels.iter().take(PANELS_MAX) {
        if Booth::of(guest, clerk, panel)?.is_some_and(|booth| booth.waiting() > 0) {
            waiting.extend(guest.look.cards(&[panel.id])?);
        }
    }
    Ok(waiting)
}
