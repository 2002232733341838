//! Keys: on whose word the log stands: its own keys, those of before, and the witnesses.

use chain::{Verifier, key::Signature};
use grammar::kinds::Moment;
use maud::{Markup, html};
use registry::{Broken, LogKey};
use serde_json::json;

use crate::{
    guest::Guest,
    parts::{self, Column, Row, Section, Table},
};

/// The keys that the house itself takes for good at a size of its log: its own of that time, and its witnesses'.
///
/// # Errors
/// When the store cannot be read.
pub fn trusted(guest: &Guest, size: u64) -> Result<Vec<Verifier>, Broken> {
    guest.house.registry.trusted_keys(size)
}

/// A sentence for each witness that has cosigned.
pub fn witnessed(guest: &Guest, signatures: &[Signature]) -> Vec<String> {
    let sentence = |signature: &Signature| {
        let seconds = i64::try_from(signature.time?).ok()?;
        let at = guest.moment(Moment::from_millis(seconds.checked_mul(1000)?));
        Some(guest.say("witnessed-by", &json!({ "name": signature.key.name(), "at": at })))
    };
    signatures.iter().filter_map(sentence).collect()
}

/// All keys of the log and its witnesses, and where a stranger fetches the log.
///
/// # Errors
/// When the store cannot be read.
pub fn section(guest: &Guest) -> Result<Markup, Broken> {
    let word = |key: &str| guest.word(key).to_owned();
    let (keys, witnesses) = (guest.house.registry.log_keys(), guest.house.registry.cosignings()?);
    let cosigned = witnesses.iter().map(|one| {
        let at = guest.moment(one.at);
        Row::new(vec![
            parts::hash(&one.witness.to_string()),
            html! { (one.size) },
            parts::moment(&one.at.to_string(), &at),
        ])
    });
    let witnesses = Table {
        id: "witnesses".into(),
        caption: word("witnesses"),
        columns: vec![
            Column::new(word("witness-key")),
            Column::end(word("witnessed-size")),
            Column::new(word("witnessed-at")),
        ],
        rows: cosigned.collect(),
        ..Table::default()
    };
    let keys = Table {
        id: "keys".into(),
        caption: word("log-keys"),
        columns: vec![
            Column::new(word("log-key")),
            Column::new(word("key-kind")),
            Column::new(word("key-signs")),
        ],
        rows: keys.iter().map(|key| row(guest, key)).collect(),
        ..Table::default()
    };
    let body = html! {
        (parts::table(&keys))
        @if witnesses.rows.is_empty() { p { (guest.word("no-witnesses")) } } @else { (parts::table(&witnesses)) }
        p { (guest.word("log-files")) " "
            a href="/log/checkpoint" { "/log/checkpoint" } " " a href="/log/tile/0/000.p/1" { "/log/tile/…" } " "
            a href="/log/keys" { "/log/keys" } }
    };
    let (id, title) = ("log-keys".to_owned(), word("who-signs"));
    Ok(parts::section(&Section { id, title, beside: html! {}, body }))
}

fn row(guest: &Guest, key: &LogKey) -> Row {
    let kind = guest.word(if key.algorithm == "sm2" { "key-sm2" } else { "key-ed25519" });
    let signs = match key.until {
        None => guest.say("key-signs-from", &json!({ "from": key.from })),
        Some(until) => guest.say("key-signed-until", &json!({ "from": key.from, "until": until })),
    };
    Row::new(vec![parts::hash(&key.key), html! { (kind) }, html! { (signs) }])
}
