//! Test reports: one report and whether it stands, those of a booking or a voucher order, and the room where anyone can have a copy
//! checked: by the file itself, by its fingerprint, or by the number printed on it.

use desks::test_report::{DONE, Issuance, MARKS_MAX};
use grammar::{card::Card, clerk::Clerk, kinds::Id};
use maud::{Markup, html};
use registry::{Filter, Listed, Record};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use crate::{
    denied::Trouble,
    guest::Guest,
    parts::{self, Column, Empty, Fact, Notice, Row, Section, Tone},
    plain,
    rooms::proof::{alert, qr},
    session::hex,
    visit::Reply,
    ways::Answer,
};

/// The way of a report, as far as it is the same for all.
const WAY: [&str; 2] = ["draft", "issued"];
/// Reports of one number that are shown, and of one booking or order.
const SHOWN: u32 = 20;
/// Characters of a fingerprint in hexadecimal.
const FINGERPRINT: usize = 64;
const SHOWN_ABOVE: [&str; 7] =
    ["issued.content", "issued.on", "issued.marks", "number", "provider", "replaced_by", "region"];

fn word(guest: &Guest, section: &str, key: &str) -> String {
    guest.desk_word("test-report", section, key)
}

/// The page of a report.
///
/// # Errors
/// When there is none for this guest's eyes, or the store cannot be read.
pub fn report(guest: &Guest, clerk: &dyn Clerk, id: Id) -> Answer {
    let record = &plain::known(guest, clerk, id)?;
    let lead = html! {
        @match issued(record) {
            Some(issued) => { (verdict(guest, record, &issued)) (outside(guest, record, &issued)) }
            None => {
                (plain::progress(guest, clerk, record, &WAY))
                @if record.card.status == "draft" { (to_print(guest, id)) }
            }
        }
    };
    plain::record_page(guest, clerk, record, &SHOWN_ABOVE, &lead)
}

fn issued(record: &Record) -> Option<Issuance> {
    serde_json::from_value(record.state.get("issued")?.clone()).ok()
}

/// What the record tells under a name; nothing where it is not for this guest.
fn told(record: &Record, name: &str) -> Value {
    record.state.get(name).cloned().unwrap_or_default()
}

/// Whether it stands, in one sentence, with the one that takes its place.
fn verdict(guest: &Guest, record: &Record, issued: &Issuance) -> Markup {
    let (tone, title, text) = match record.card.status.as_str() {
        "issued" => (Tone::Good, "report-stands", "report-stands-text"),
        "replaced" => (Tone::Warn, "report-replaced", "report-replaced-text"),
        _ => (Tone::Bad, "report-withdrawn", "report-withdrawn-text"),
    };
    let ended = told(record, "ended").as_str().and_then(|day| day.parse().ok());
    let said = json!({
        "who": guest.name(record.card.the("provider")),
        "on": guest.day(issued.on),
        "ended": ended.map(|day| guest.day(day)).unwrap_or_default(),
    });
    let by = record.card.holders("replaced-by").next();
    let is_objected = record.card.read::<bool>("is_objected") == Some(true);
    let body = html! {
        p { (guest.say(text, &said)) }
        @if is_objected && guest.look.viewer.is_inside(&record.card) { p { (guest.word("report-objected")) } }
        @if let Some(by) = by { p { (guest.link(by)) } }
    };
    let title = guest.word(title).to_owned();
    html! { div role="status" { (parts::notice(&Notice { tone, title, body, links: vec![] })) } }
}

/// What everyone may know of an issued report.
fn outside(guest: &Guest, record: &Record, issued: &Issuance) -> Markup {
    let choice = |mark| word(guest, "choice", &grammar::desk::plain_word(mark));
    let marks = html! {
        @if issued.marks.is_empty() { (guest.word("report-no-mark")) }
        @for borne in &issued.marks { (parts::badge(Tone::Info, &choice(&borne.mark))) " " (borne.number) " " }
    };
    let number = told(record, "number");
    let number = number.as_str().unwrap_or_default();
    let fact = |label: String, value: Markup| Fact { label, value, note: String::new() };
    parts::facts(&[
        fact(word(guest, "field", "number"), html! { b { (number) } }),
        fact(word(guest, "field", "on"), html! { (guest.day(issued.on)) }),
        fact(word(guest, "field", "marks"), marks),
        fact(word(guest, "field", "content"), html! { code { (issued.content) } }),
    ])
}

/// The address that goes into the report before it is final: whoever reads it there comes to this page.
fn to_print(guest: &Guest, id: Id) -> Markup {
    let address = format!("{}/test-report/{id}", guest.house.options.public_url);
    html! {
        div.code-card {
            (qr(&address, guest.word("report-qr")))
            div { p { (guest.word("report-to-print")) } p.note { a href={ "/test-report/" (id) } { (address) } } }
        }
    }
}

/// The reports of a booking or a voucher order, with the way to draft one for whoever has done the work; nothing where none come.
///
/// # Errors
/// When the store cannot be read.
pub fn of(guest: &Guest, record: &Record, part_of: &str) -> Result<Markup, Trouble> {
    let is_provider = super::is_side(guest, &record.card, "provider");
    let may_draft = is_provider && DONE.contains(&record.card.status.as_str());
    let filter =
        Filter { desk: "test-report".into(), party: Some(record.id), limit: SHOWN, ..Filter::default() };
    let all = guest.look.rows(&filter)?.0;
    if all.is_empty() && !may_draft {
        return Ok(html! {});
    }
    let form = if may_draft { form(guest, record, part_of)? } else { String::new() };
    let body = html! {
        @if !all.is_empty() { (table(guest, &all)) }
        @if may_draft { p { a href=(form) { (word(guest, "verb", "draft")) } } }
    };
    let title = word(guest, "desk", "many");
    Ok(parts::section(&Section { id: "reports".into(), title, beside: html! {}, body }))
}

/// The way to a draft under what the laboratory has, to be signed by whoever looks where they may.
fn form(guest: &Guest, record: &Record, part_of: &str) -> Result<String, Trouble> {
    let filter = Filter {
        desk: "accreditation".into(),
        status: Some("confirmed".into()),
        party: Some(record.card.the("provider")),
        part: Some("holder".into()),
        limit: u32::try_from(MARKS_MAX).unwrap_or(u32::MAX),
        ..Filter::default()
    };
    let mut form = format!("/test-report/new/draft?{part_of}={}", record.id);
    let under = guest.look.rows(&filter)?.0;
    for (one, n) in under.iter().zip(1..) {
        form += &format!("&accreditations.{n}={}", one.id);
    }
    let signatories = under.iter().flat_map(|one| one.card.holders("signatory"));
    let own = signatories.into_iter().find(|person| guest.look.viewer.is(*person));
    form += &own.map_or_else(String::new, |person| format!("&signatory={person}"));
    Ok(form)
}

fn table(guest: &Guest, all: &[Listed]) -> Markup {
    let row = |listed: &Listed| {
        let card = &listed.card;
        let by = card.holders("replaced-by").next();
        Row::new(vec![
            html! { a href={ "/test-report/" (listed.id) } { (guest.pick(&card.title_zh, &card.title_en)) } },
            html! { (guest.status_badge("test-report", &card.status)) @if let Some(by) = by { " " (guest.link(by)) } },
            html! { (guest.link(card.the("provider"))) },
            html! { @if let Some(on) = card.from { (guest.day(on)) } },
        ])
    };
    let heads = [
        word(guest, "desk", "one"),
        guest.word("how-it-is").to_owned(),
        word(guest, "field", "provider"),
        word(guest, "field", "on"),
    ];
    parts::table(&parts::Table {
        id: "reports".into(),
        caption: guest.word("reports-caption").into(),
        columns: heads.map(Column::new).into(),
        rows: all.iter().map(row).collect(),
        scrolls: false,
        empty: Empty::default(),
    })
}

/// The room, empty or with the answer to what the address asks: `q` is a fingerprint or a number.
///
/// # Errors
/// When the store cannot be read.
pub fn check(guest: &Guest) -> Answer {
    let asked = guest.visit.asked("q").map(str::trim).filter(|asked| !asked.is_empty());
    let Some(asked) = asked else { return room(guest, 200, html! {}, "") };
    let (status, answer) = match fingerprint(asked) {
        Some(content) => of_content(guest, &content, None)?,
        None => of_number(guest, asked)?,
    };
    room(guest, status, answer, asked)
}

/// A fingerprint as it is kept, however it was written; none where it is something else.
fn fingerprint(asked: &str) -> Option<String> {
    let plain: String = asked.chars().filter(|c| !c.is_whitespace() && *c != ':').collect();
    let is_one = plain.len() == FINGERPRINT && plain.bytes().all(|byte| byte.is_ascii_hexdigit());
    is_one.then(|| plain.to_ascii_lowercase())
}

/// How the report with this fingerprint stands, as JSON.
///
/// # Errors
/// When there is none, or the store cannot be read.
pub fn status(guest: &Guest, content: &str) -> Answer {
    let content = fingerprint(content).ok_or(Trouble::NotFound)?;
    let (record, issued) = with_content(guest, &content)?.ok_or(Trouble::NotFound)?;
    Ok(Reply::json(
        200,
        &json!({
            "id": record.id,
            "number": told(&record, "number"),
            "provider": record.card.the("provider"),
            "status": record.card.status,
            "on": issued.on,
            "marks": issued.marks,
            "ended": told(&record, "ended"),
            "replaced_by": told(&record, "replaced_by"),
        }),
    ))
}

/// Checks a copy that someone brings. It is looked at and not kept.
///
/// # Errors
/// When the store cannot be read.
pub fn check_file(guest: &Guest) -> Answer {
    let file = guest.visit.uploads.get("report").filter(|(_, bytes)| !bytes.is_empty());
    let Some((name, bytes)) = file else {
        let answer = alert(guest.word("report-no-file"), html! { p { (guest.word("report-no-file-text")) } });
        return room(guest, 422, answer, "");
    };
    let (status, answer) = of_content(guest, &hex(&Sha256::digest(bytes)), Some(name))?;
    room(guest, status, answer, "")
}

/// The report with this content, if there is one.
fn with_content(guest: &Guest, content: &str) -> Result<Option<(Record, Issuance)>, Trouble> {
    let id = guest.house.registry.with_key(&format!("report-content:{content}"))?;
    let found = match id {
        Some(id) => guest.look.record(id)?,
        None => None,
    };
    Ok(found.and_then(|record| {
        let issued = issued(&record)?;
        Some((record, issued))
    }))
}

fn of_content(guest: &Guest, content: &str, name: Option<&str>) -> Result<(u16, Markup), Trouble> {
    let Some((record, issued)) = with_content(guest, content)? else {
        let body = html! {
            p { (guest.word("report-unknown-text")) }
            @if let Some(name) = name { p.note { (name) } }
            p.note { code { (content) } }
        };
        return Ok((404, alert(guest.word("report-unknown"), body)));
    };
    let title = guest.pick(&record.card.title_zh, &record.card.title_en);
    let body = html! {
        (verdict(guest, &record, &issued))
        p { a href={ "/test-report/" (record.id) } { (title) } }
        (outside(guest, &record, &issued))
    };
    let section =
        Section { id: "answer".into(), title: guest.word("report-answer").into(), beside: html! {}, body };
    Ok((200, parts::section(&section)))
}

/// The reports with this number: several laboratories may use the same.
fn of_number(guest: &Guest, number: &str) -> Result<(u16, Markup), Trouble> {
    let filter =
        Filter { desk: "test-report".into(), words: number.to_owned(), limit: SHOWN, ..Filter::default() };
    let is_it = |card: &Card| card.read::<String>("number").is_some_and(|other| other == number);
    let mut all = guest.look.rows(&filter)?.0;
    all.retain(|listed| is_it(&listed.card) && listed.card.from.is_some());
    if all.is_empty() {
        let body = html! { p { (guest.say("report-no-number-text", &json!({ "number": number }))) } };
        return Ok((404, alert(guest.word("report-no-number"), body)));
    }
    let body = html! { p { (guest.word("report-by-number")) } (table(guest, &all)) };
    let section =
        Section { id: "answer".into(), title: guest.word("report-answer").into(), beside: html! {}, body };
    Ok((200, parts::section(&section)))
}

fn room(guest: &Guest, status: u16, answer: Markup, asked: &str) -> Answer {
    let main = html! {
        (parts::heading(&parts::Heading { title: guest.word("report-check").into(), lead: guest.word("report-check-lead").into(), ..Default::default() }))
        (answer)
        div.checks {
            form.form method="post" action="/report-check" enctype="multipart/form-data" {
                @for (name, value) in guest.hidden() { input type="hidden" name=(name) value=(value); }
                div.field {
                    label for="report" { (guest.word("report-copy")) }
                    p.help #report-help { (guest.word("report-copy-help")) }
                    input #report type="file" name="report" aria-describedby="report-help";
                }
                div.row { button.main type="submit" { (guest.word("report-check-copy")) } }
            }
            form.form method="get" action="/report-check" {
                div.field {
                    label for="q" { (guest.word("report-asked")) }
                    p.help #q-help { (guest.word("report-asked-help")) }
                    input #q name="q" value=(asked) maxlength="120" autocomplete="off" spellcheck="false" aria-describedby="q-help";
                }
                div.row { button.main type="submit" { (guest.word("report-look-up")) } }
            }
        }
    };
    Ok(guest.page_with(status, guest.word("report-check"), vec![], main))
}
