//! Proof: what a receipt, a case file or a check code shows and what not; and a room where anyone can have them checked.

mod case;
mod certificate;
mod coded;
mod receipt;

use chain::{Verifier, casefile, code::Code};
use maud::{Markup, html};
use qrcode::{Color, EcLevel, QrCode};
use serde_json::json;

use crate::{
    denied::Trouble,
    guest::Guest,
    parts::{self, Notice, Section, Tone},
    rooms::keys,
    ways::Answer,
};

pub use case::case_file;
pub use certificate::certificate;
pub use coded::status as code_status;
pub use receipt::{known as known_receipt, receipt};

/// The keys that the house itself trusts at a size of its log. When they cannot be read, none: a receipt then
/// stands on its own key, and the page says so.
fn own_keys(guest: &Guest, size: u64) -> Vec<Verifier> {
    keys::trusted(guest, size).unwrap_or_default()
}

/// The room, empty or with the answer to a check code in the address.
///
/// # Errors
/// When the store cannot be read.
pub fn proof_room(guest: &Guest) -> Answer {
    match guest.visit.asked("code") {
        Some(code) => coded::answer(guest, code),
        None => room(guest, 200, html! {}, &Typed::default()),
    }
}

/// What stands behind `/proof/…`: the place of a fact, or a check code.
///
/// # Errors
/// When there is no such fact for this guest, or the store cannot be read.
pub fn proof(guest: &Guest, named: &str) -> Answer {
    match named.parse::<u64>() {
        Ok(position) => receipt::page(guest, position),
        Err(_) => coded::answer(guest, named),
    }
}

/// Checks a receipt or a case file that someone brings.
///
/// # Errors
/// When the store cannot be read.
pub fn check_receipt(guest: &Guest) -> Answer {
    let text = guest
        .visit
        .uploads
        .get("receipt")
        .map(|(_, bytes)| String::from_utf8_lossy(bytes).into_owned())
        .unwrap_or_default();
    let (is_good, answer) = if casefile::is_case_file(&text) {
        case::checked(guest, &text)
    } else {
        receipt::checked(guest, &text)
    };
    room(guest, if is_good { 200 } else { 422 }, answer, &Typed::default())
}

/// What stands in the field for the check code, and what is wrong with it.
#[derive(Default)]
struct Typed<'a> {
    code: &'a str,
    fault: Option<&'a str>,
}

fn room(guest: &Guest, status: u16, answer: Markup, typed: &Typed) -> Answer {
    let checkpoint = guest.house.registry.checkpoint()?;
    let has_fault = typed.fault.is_some();
    let main = html! {
        (parts::heading(&parts::Heading { title: guest.word("proof-room").into(), lead: guest.word("proof-room-lead").into(), ..Default::default() }))
        (answer)
        div.checks {
            form.form method="get" action="/proof" {
                div class={ "field" @if has_fault { " wrong" } } {
                    label for="code" { (guest.word("check-code")) }
                    p.help #code-help { (guest.word("check-code-help")) }
                    @if let Some(fault) = typed.fault { p.error #code-error { (fault) } }
                    input.code #code name="code" value=(typed.code) maxlength="80" autocomplete="off" autocapitalize="characters" spellcheck="false"
                        aria-invalid=[has_fault.then_some("true")] aria-describedby=(if has_fault { "code-help code-error" } else { "code-help" });
                }
                div.row { button.main type="submit" { (guest.word("check-status")) } }
            }
            form.form method="post" action="/proof" enctype="multipart/form-data" {
                @for (name, value) in guest.hidden() { input type="hidden" name=(name) value=(value); }
                div.field {
                    label for="receipt" { (guest.word("receipt-file")) }
                    p.help #receipt-help { (guest.word("receipt-file-help")) }
                    input #receipt type="file" name="receipt" accept=".json,application/json" aria-describedby="receipt-help";
                }
                div.row { button.main type="submit" { (guest.word("check")) } }
            }
        }
        p { a href="/report-check" { (guest.word("report-check")) } }
        @if let Some((size, note)) = checkpoint {
            (parts::section(&Section { id: "log".into(), title: guest.word("log").into(), beside: html! {}, body: html! {
                p { (guest.say("log-size", &json!({ "size": size }))) }
                pre { (note) }
            } }))
            (keys::section(guest)?)
        }
    };
    Ok(guest.page_with(status, guest.word("proof-room"), vec![], main))
}

/// A file or code that was refused: why, in words, and the exact cause behind it.
fn refused(title: &str, text: &str, cause: &str) -> Markup {
    alert(title, html! { p { (text) } @if !cause.is_empty() { p.soft lang="en" { (cause) } } })
}

/// Why there is no good answer to what someone has brought.
pub fn alert(title: &str, body: Markup) -> Markup {
    html! { div role="alert" { (parts::notice(&Notice { tone: Tone::Bad, title: title.into(), body, links: vec![] })) } }
}

/// The address at which anyone can look a code up.
fn address(guest: &Guest, code: &Code) -> String {
    format!("{}/proof/{code}", guest.house.options.public_url)
}

/// The code, its address and the QR code of the address: what one hands on.
#[must_use]
pub fn code_card(guest: &Guest, code: &Code) -> Markup {
    let address = address(guest, code);
    html! {
        div.code-card {
            (qr(&address, guest.word("qr-label")))
            div {
                p.note { (guest.word("check-code")) }
                p.code { (code) }
                p.note { a href={ "/proof/" (code) } { (address) } }
            }
        }
    }
}

/// The QR code of an address; nothing when it is too long for one.
pub fn qr(address: &str, label: &str) -> Markup {
    let Ok(code) = QrCode::with_error_correction_level(address, EcLevel::M) else { return html! {} };
    let side = code.width();
    let colors = code.to_colors();
    let rows = colors.chunks(side.max(1)).map(|row| row.iter().map(|color| *color == Color::Dark).collect());
    parts::qr(&rows.collect::<Vec<Vec<bool>>>(), label)
}

/// The code of a fact, for whoever may have the fact whole.
///
/// # Errors
/// When the store cannot be read.
pub fn code_of(guest: &Guest, position: u64) -> Result<Option<Code>, Trouble> {
    Ok(guest.look.open_fact(position)?.map(|fact| fact.code))
}
