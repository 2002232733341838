//! Proof: what a receipt proves and what not; and a place where anyone can have one checked.

use chain::receipt::{self, Receipt, Trust};
use maud::{Markup, html};
use serde_json::{Value, json};

use crate::{
    denied::Trouble,
    guest::Guest,
    parts::{self, Link, Notice, Section, Tone},
    rooms::keys,
    visit::Reply,
    ways::Answer,
};

/// The fact at a place in the log, if this guest may read it: the record's own desk decides.
fn known(guest: &Guest, position: &str) -> Result<Receipt, Trouble> {
    let position: u64 = position.parse().map_err(|_| Trouble::NotFound)?;
    let registry = &guest.house.registry;
    if position < registry.size() && registry.checkpoint()?.is_none_or(|(size, _)| position >= size) {
        registry.seal_now()?;
    }
    let receipt = registry.proof(position)?.ok_or(Trouble::NotFound)?;
    let fact: Value = serde_json::from_str(&receipt.fact).map_err(|_| Trouble::NotFound)?;
    let record =
        fact.get("record").and_then(Value::as_str).and_then(|id| id.parse().ok()).ok_or(Trouble::NotFound)?;
    let lines = guest.look.history(record)?;
    let line = lines.iter().find(|line| line.position == position).ok_or(Trouble::NotFound)?;
    // A line that is veiled for this guest must not come out through its own bytes.
    if fact.get("event") == Some(&line.event) { Ok(receipt) } else { Err(Trouble::NotFound) }
}

/// The receipt as a file.
///
/// # Errors
/// When there is no such fact for this guest.
pub fn receipt(guest: &Guest, position: &str) -> Answer {
    let receipt = known(guest, position)?;
    let json = serde_json::to_vec_pretty(&receipt).map_err(|error| Trouble::Unreadable(error.to_string()))?;
    Ok(Reply::file("application/json", &format!("receipt-{position}.json"), json))
}

/// The page of one fact's proof.
///
/// # Errors
/// When there is no such fact for this guest.
pub fn proof(guest: &Guest, position: &str) -> Answer {
    let receipt = known(guest, position)?;
    let fact: Value = serde_json::from_str(&receipt.fact).unwrap_or_default();
    let record = fact.get("record").and_then(Value::as_str).and_then(|id| id.parse().ok());
    let main = html! {
        (parts::heading(&parts::Heading { title: guest.say("proof-of", &json!({ "position": receipt.index })), lead: guest.word("proof-lead").into(), ..Default::default() }))
        p.row {
            a.button.main href={ "/proof/" (receipt.index) "/receipt.json" } { (guest.word("take-receipt")) }
            @if let Some(id) = record { span { (guest.link(id)) } }
        }
        (checked(guest, &receipt, true))
        (parts::section(&Section { id: "offline".into(), title: guest.word("check-yourself").into(), beside: html! {}, body: html! {
            p { (guest.word("check-yourself-text")) }
            pre { "kechuang verify receipt-" (receipt.index) ".json --key '" (guest.house.registry.log_key()) "'" }
        } }))
    };
    Ok(guest.page(
        &guest.say("proof-of", &json!({ "position": receipt.index })),
        vec![Link::new("/proof", guest.word("proof"))],
        main,
    ))
}

/// What checking a receipt says.
fn checked(guest: &Guest, receipt: &Receipt, is_ours: bool) -> Markup {
    let trusted = keys::trusted(guest, receipt.size).unwrap_or_default();
    let proven = match receipt::verify(receipt, &trusted) {
        Ok(proven) => proven,
        Err(error) => {
            let body = html! { p { (guest.word("proof-fails-text")) } p.soft lang="en" { (error) } };
            return parts::notice(&Notice {
                tone: Tone::Bad,
                title: guest.word("proof-fails").into(),
                body,
                links: vec![],
            });
        }
    };
    let facts = json!({ "origin": proven.origin, "index": proven.index, "size": proven.size });
    let fact: Value = serde_json::from_str(&proven.fact).unwrap_or_default();
    let text = serde_json::to_string_pretty(&fact).unwrap_or_else(|_| proven.fact.clone());
    let verdict = if proven.trust == Trust::Given {
        parts::badge(Tone::Good, guest.word("proof-holds"))
    } else {
        parts::badge(Tone::Warn, guest.word("proof-own-key"))
    };
    let salt = chain::Hash(receipt.salt).to_string();
    let mut proves = vec![
        guest.say("proves-in-log", &facts),
        guest.word("proves-bytes").into(),
        guest.word("proves-signed").into(),
    ];
    proves.extend(keys::witnessed(guest, &proven.signatures));
    html! {
        (parts::proof(&parts::Proof {
            title: guest.word("what-it-proves").into(),
            verdict,
            proves_label: guest.word("proves").into(),
            proves,
            not_label: guest.word("proves-not").into(),
            not: vec![guest.word("proves-not-truth").into(), guest.word("proves-not-latest").into()],
            hashes: vec![(guest.word("salt").into(), salt), (guest.word("root").into(), proven.root.to_string())],
            checkpoint_label: guest.word("checkpoint").into(),
            checkpoint: receipt.checkpoint.clone(),
            qr: html! {},
            links: vec![],
        }))
        @if is_ours { details.article { summary { (guest.word("fact-bytes")) } pre { (text) } } }
        @else { pre { (text) } }
    }
}

/// The room where anyone has a receipt checked.
///
/// # Errors
/// When the store cannot be read.
pub fn proof_room(guest: &Guest, answer: Option<Markup>) -> Answer {
    let checkpoint = guest.house.registry.checkpoint()?;
    let main = html! {
        (parts::heading(&parts::Heading { title: guest.word("proof-room").into(), lead: guest.word("proof-room-lead").into(), ..Default::default() }))
        @if let Some(answer) = answer { (answer) }
        form.form method="post" enctype="multipart/form-data" {
            @for (name, value) in guest.hidden() { input type="hidden" name=(name) value=(value); }
            div.field { label for="receipt" { (guest.word("receipt-file")) } input #receipt type="file" name="receipt" accept=".json,application/json"; }
            div.row { button.main type="submit" { (guest.word("check")) } }
        }
        @if let Some((size, note)) = checkpoint {
            (parts::section(&Section { id: "log".into(), title: guest.word("log").into(), beside: html! {}, body: html! {
                p { (guest.say("log-size", &json!({ "size": size }))) }
                pre { (note) }
            } }))
            (keys::section(guest)?)
        }
    };
    Ok(guest.page(guest.word("proof-room"), vec![], main))
}

/// Checks a receipt that someone brings.
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
    let answer = match receipt::parse(&text) {
        Ok(receipt) => checked(guest, &receipt, false),
        Err(error) => {
            let body = html! { p { (guest.word("no-receipt-text")) } p.soft lang="en" { (error) } };
            parts::notice(&Notice {
                tone: Tone::Bad,
                title: guest.word("no-receipt").into(),
                body,
                links: vec![],
            })
        }
    };
    proof_room(guest, Some(answer))
}
