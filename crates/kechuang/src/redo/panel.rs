//! Panel: repeats the draw of a panel's experts from the panel's own facts, given to those who may see them.
//!
//! The list of who may be drawn for what, and a promise of chance, stand in one fact; the secret, the anchor and the order in a
//! later one. Facts behind the draw are not in the file: nothing of a score is needed for it.

use chain::Verifier;
use desks::panel::{Eligible, Event, Lots, lots};
use grammar::{lot::hex, words::Locale};
use serde_json::{Value, json};

use super::{anchored, facts, read, receipts, wrong};
use crate::speech::{Trouble, say};

/// What the facts of a panel say of its draw.
struct Told {
    lots: Lots,
    each: u32,
    candidates: usize,
    /// The place of the panel's last fact before the draw, and that of the draw.
    places: (u64, u64),
    order: Vec<Eligible>,
}

/// The events in an order that a panel can have, up to the draw.
fn told(events: Vec<(u64, Event)>) -> Result<Told, Trouble> {
    let order = || wrong("redo-order");
    let (mut each, mut candidates, mut fixed, mut before) = (None, 0, None::<Lots>, 0);
    for (place, event) in events {
        match event {
            Event::Opened { each: number, .. } if each.is_none() => each = Some(number),
            _ if each.is_none() => return Err(order()),
            Event::CandidatesAdmitted { entries } => candidates += entries.len(),
            Event::CandidateDropped { .. } => candidates = candidates.saturating_sub(1),
            Event::ListFixed { lots, .. } if fixed.is_none() => fixed = Some(*lots),
            Event::ListFixed { .. } => return Err(order()),
            Event::LotsDrawn { drawn, order: said } => {
                let lots = fixed.ok_or_else(order)?;
                let lots = Lots { drawn: Some(drawn), ..lots };
                let each = each.ok_or_else(order)?;
                return Ok(Told { lots, each, candidates, places: (before, place), order: said });
            }
            _ => {}
        }
        before = place;
    }
    let status = if fixed.is_some() { "closed" } else { "open" };
    Err(Trouble::new("redo-not-drawn", json!({ "status": status })))
}

/// Checks the whole record and draws again.
pub(super) fn redo(text: &str, keys: &[Verifier]) -> Result<Value, Trouble> {
    let dossier = read(text)?;
    let proven = receipts(&dossier, keys)?;
    let told = told(facts::<Event>(&dossier, &proven, "panel")?)?;
    let Some(drawn) = &told.lots.drawn else { return Err(wrong("redo-order")) };
    if !told.lots.lot.is_of(&drawn.secret) {
        return Err(wrong("redo-secret"));
    }
    let (before, at) = told.places;
    let between = anchored(&dossier, before, (&drawn.anchor, at), keys, &proven)?;
    let seed = drawn.seed([dossier.record.as_str()]).ok_or_else(|| wrong("redo-secret"))?;
    let each = usize::try_from(told.each).map_err(|_| wrong("redo-terms"))?;
    // Panels from before this stood in the fact took one of each unit: a third of three.
    let unit_most = told.lots.unit_most.and_then(|most| usize::try_from(most).ok()).unwrap_or(1);
    let order = lots::draw(&told.lots, each, unit_most, seed);
    let off = order.iter().zip(&told.order).find(|(ours, said)| ours != said);
    if off.is_some() || order.len() != told.order.len() {
        let candidate = off.map(|(ours, _)| ours.candidate.to_string()).unwrap_or_default();
        return Err(Trouble::new("redo-panel-result", json!({ "candidate": candidate })));
    }
    let name = |place: &u32| {
        usize::try_from(*place).ok().and_then(|place| told.lots.known.get(place)).map(|known| known.expert)
    };
    let drawn_for = |one: &Eligible| {
        let experts: Vec<_> = one.experts.iter().filter_map(name).collect();
        let taken = experts.iter().take(each).copied().collect::<Vec<_>>();
        json!({ "candidate": one.candidate, "taken": taken, "spare": experts.len().saturating_sub(each) })
    };
    let receipt = dossier.receipts.first();
    let is_given = proven.first().is_some_and(|proven| proven.trust == chain::receipt::Trust::Given);
    Ok(json!({
        "valid": true, "record": dossier.record, "candidates": told.candidates, "experts": told.lots.known.len(),
        "each": told.each, "unit_most": unit_most, "draws": order.iter().map(drawn_for).collect::<Vec<_>>(),
        "secret": drawn.secret, "anchor": drawn.anchor, "between": between, "seed": hex(&seed),
        "size": receipt.map(|receipt| receipt.size), "origin": receipt.map(|receipt| &receipt.origin),
        "key": receipt.map(|receipt| &receipt.key), "trust": if is_given { "given-key" } else { "embedded-key" },
    }))
}

pub(super) fn as_text(again: &Value, locale: Locale) -> String {
    let line = |key: &str| say(locale, "redo", key, again);
    let mut lines = vec![line("panel-good"), String::new()];
    for draw in again.get("draws").and_then(Value::as_array).into_iter().flatten() {
        let text = |value: &Value| value.as_str().unwrap_or("").to_owned();
        let taken: Vec<String> =
            draw.get("taken").and_then(Value::as_array).into_iter().flatten().map(text).collect();
        let facts = json!({ "candidate": draw.get("candidate"), "taken": taken.join(" "), "spare": draw.get("spare") });
        lines.push(format!("  {}", say(locale, "redo", "panel-draw", &facts)));
    }
    lines.extend([String::new(), line("why")]);
    let why = ["complete", "panel-fixed", "promised", "panel-anchored", "panel-drawn"];
    lines.extend(why.iter().map(|key| format!("  · {}", line(key))));
    lines.extend([String::new(), line("not-proved")]);
    let is_given = again.get("trust").and_then(Value::as_str) == Some("given-key");
    let open = [(!is_given, "no-key"), (true, "operator"), (true, "truth")];
    lines.extend(open.iter().filter(|(so, _)| *so).map(|(_, key)| format!("  · {}", line(key))));
    lines.join("\n")
}
