//! A receipt: the page of one fact's proof, the file, and what checking one says.

use chain::{
    code::Code,
    receipt::{self, Receipt, Trust},
};
use maud::{Markup, html};
use serde_json::{Value, json};

use super::{code_card, own_keys, refused};
use crate::{
    denied::Trouble,
    guest::Guest,
    parts::{self, Link, Section, Tone},
    rooms::keys,
    visit::Reply,
    ways::Answer,
};

/// The fact at a place in the log, if this guest may have its bytes: the record's own desk decides.
///
/// # Errors
/// When there is no such fact for this guest, or the log cannot be signed now.
pub fn known(guest: &Guest, position: u64) -> Result<(Receipt, grammar::kinds::Id), Trouble> {
    let registry = &guest.house.registry;
    let open = guest.look.open_fact(position)?.ok_or(Trouble::NotFound)?;
    if registry.checkpoint()?.is_none_or(|(size, _)| position >= size) {
        registry.seal_now()?;
    }
    Ok((registry.proof(position)?.ok_or(Trouble::NotFound)?, open.record))
}

/// The receipt as a file.
///
/// # Errors
/// When there is no such fact for this guest.
pub fn receipt(guest: &Guest, position: &str) -> Answer {
    let position = position.parse().map_err(|_| Trouble::NotFound)?;
    let (receipt, _) = known(guest, position)?;
    let json = serde_json::to_vec_pretty(&receipt).map_err(|error| Trouble::Unreadable(error.to_string()))?;
    Ok(Reply::file("application/json", &format!("receipt-{position}.json"), json))
}

/// The page of one fact's proof.
pub fn page(guest: &Guest, position: u64) -> Answer {
    let (receipt, record) = known(guest, position)?;
    let title = guest.say("proof-of", &json!({ "position": position }));
    let main = html! {
        (parts::heading(&parts::Heading { title: title.clone(), lead: guest.word("proof-lead").into(), ..Default::default() }))
        p.row {
            a.button.main href={ "/proof/" (position) "/receipt.json" } { (guest.word("take-receipt")) }
            span { (guest.link(record)) }
        }
        (verdict(guest, &receipt, true))
        (parts::section(&Section { id: "offline".into(), title: guest.word("check-yourself").into(), beside: html! {}, body: html! {
            p { (guest.word("check-yourself-text")) }
            pre { "kechuang verify receipt-" (position) ".json --key '" (guest.house.registry.log_key()) "'" }
        } }))
    };
    Ok(guest.page(&title, vec![Link::new("/proof", guest.word("proof"))], main))
}

/// What checking a text says that should be a receipt, and whether it is good.
pub fn checked(guest: &Guest, text: &str) -> (bool, Markup) {
    match receipt::parse(text) {
        Ok(receipt) => (
            receipt::verify(&receipt, &own_keys(guest, receipt.size)).is_ok(),
            verdict(guest, &receipt, false),
        ),
        Err(error) => {
            let cause = if text.is_empty() { String::new() } else { error.to_string() };
            (false, refused(guest.word("no-receipt"), guest.word("no-receipt-text"), &cause))
        }
    }
}

/// What a receipt proves and what not.
fn verdict(guest: &Guest, receipt: &Receipt, is_ours: bool) -> Markup {
    let proven = match receipt::verify(receipt, &own_keys(guest, receipt.size)) {
        Ok(proven) => proven,
        Err(error) => {
            return refused(guest.word("proof-fails"), guest.word("proof-fails-text"), &error.to_string());
        }
    };
    let facts = json!({ "origin": proven.origin, "index": proven.index, "size": proven.size });
    let fact: Value = serde_json::from_str(&proven.fact).unwrap_or_default();
    let text = serde_json::to_string_pretty(&fact).unwrap_or_else(|_| proven.fact.clone());
    let badge = if proven.trust == Trust::Given {
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
            verdict: badge,
            proves_label: guest.word("proves").into(),
            proves,
            not_label: guest.word("proves-not").into(),
            not: ["proves-not-truth", "proves-not-latest", "proves-not-others"].map(|key| guest.word(key).into()).into(),
            hashes: vec![(guest.word("salt").into(), salt), (guest.word("root").into(), proven.root.to_string())],
            checkpoint_label: guest.word("checkpoint").into(),
            checkpoint: receipt.checkpoint.clone(),
            qr: if is_ours { code_card(guest, &Code::of(receipt.index, &receipt.salt)) } else { html! {} },
            links: vec![],
        }))
        @if is_ours { details.article { summary { (guest.word("fact-bytes")) } pre { (text) } } }
        @else { pre { (text) } }
    }
}
