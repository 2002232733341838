//! Log: the public log as static files, after C2SP tlog-tiles. Read only, without sessions, the same for everyone.
//!
//! `/log/checkpoint`, `/log/tile/…` and `/log/tile/entries/…` are the standard's; `/log/checkpoint/witnessed` is the
//! newest checkpoint that a witness has cosigned, `/log/keys` who has signed and who has witnessed.

use chain::tile::Tile;
use registry::{Broken, Registry};
use serde_json::json;

use crate::visit::{Reply, Visit};

const TEXT: &str = "text/plain; charset=utf-8";
/// A checkpoint is true for ever, but soon there is a newer one.
const SOON: &str = "public, max-age=1";
/// A tile never changes.
const NEVER: &str = "public, max-age=31536000, immutable";

/// Answers a visit below `/log/`; nothing for other paths.
pub fn answer(registry: &Registry, visit: &Visit) -> Option<Reply> {
    let path = visit.path.strip_prefix("/log/")?;
    if visit.is_post {
        return Some(plain(405, "the log is read here and never written\n").with("allow", "GET, HEAD"));
    }
    let found = match path {
        "checkpoint" => registry.checkpoint().map(checkpoint),
        "checkpoint/witnessed" => registry.witnessed().map(checkpoint),
        "keys" => keys(registry).map(Some),
        _ => tile(registry, path),
    };
    let reply = found.map(|reply| reply.unwrap_or_else(|| plain(404, "no signed checkpoint covers this\n")));
    Some(reply.unwrap_or_else(|broken| {
        tracing::error!(%broken, "the log cannot be read");
        plain(503, "the log cannot be read; the operator's log says why\n")
    }))
}

fn checkpoint(found: Option<(u64, String)>) -> Option<Reply> {
    found.map(|(_, note)| public(TEXT, SOON, note.into_bytes()))
}

/// The path must be the one spelling of its tile: nothing is decoded or tidied.
fn tile(registry: &Registry, path: &str) -> Result<Option<Reply>, Broken> {
    let Ok(tile) = path.parse::<Tile>() else { return Ok(None) };
    Ok(registry.tile(tile)?.map(|bytes| public("application/octet-stream", NEVER, bytes)))
}

fn keys(registry: &Registry) -> Result<Reply, Broken> {
    let witnesses = registry.cosignings()?;
    let witnesses: Vec<_> = witnesses
        .iter()
        .map(|one| json!({ "key": one.witness.to_string(), "size": one.size, "at": one.at.to_string() }))
        .collect();
    let body =
        json!({ "origin": registry.settings().origin, "keys": registry.log_keys(), "witnesses": witnesses });
    Ok(public("application/json", SOON, body.to_string().into_bytes()))
}

/// Programs of other houses may read it from their pages.
fn public(kind: &'static str, keep: &str, body: Vec<u8>) -> Reply {
    let headers = vec![("cache-control", keep.to_owned()), ("access-control-allow-origin", "*".to_owned())];
    Reply { status: 200, kind, body, headers }
}

fn plain(status: u16, text: &str) -> Reply {
    Reply { status, kind: TEXT, body: text.as_bytes().to_vec(), headers: vec![] }
}
