//! Reckon: what two logs come to for one run: which lines count, which wait and why, and whether both sides have signed.
//!
//! Both sides reckon by themselves and come to the same text, because it depends on nothing but both logs.

use std::collections::{BTreeMap, BTreeSet};

use chain::note;
use desks::settlement::{
    Proof, Statement,
    lay::{Why, lay},
};
use grammar::kinds::Region;
use serde_json::json;

use super::book::{Book, Claim, Log, Peer, Said};
use crate::speech::Trouble;

/// A key of `[border]`.
pub fn word(why: &Why) -> &'static str {
    match why {
        Why::OnlyHere => "only-here",
        Why::OnlyThere => "only-there",
        Why::Differs => "differs",
        Why::Disputed(_) => "disputed",
    }
}

pub fn reason(why: &Why) -> &str {
    if let Why::Disputed(reason) = why { reason } else { "" }
}

/// A run between us and another.
pub struct Pair {
    /// The smaller code first.
    pub first: Region,
    pub second: Region,
    pub counting: Vec<Claim>,
    pub waiting: BTreeMap<String, Why>,
    pub first_owes: i128,
    pub second_owes: i128,
    /// The note with both signatures, once the same text has both.
    pub signed: Option<String>,
    /// Both have said what is in their books.
    is_stated: bool,
    text: String,
    /// What we have signed already.
    ours: Vec<String>,
}

/// What one side has said about a run.
#[derive(Default)]
struct Side {
    claims: Option<BTreeMap<String, Claim>>,
    disputes: BTreeMap<String, String>,
    /// Signed notes for the other side, in order.
    notes: Vec<String>,
}

impl Side {
    fn of(log: &Log, run: &str, pair: [Region; 2], with: &str) -> Self {
        let mut side = Self::default();
        for said in log.said() {
            match said {
                Said::Claims { run: of, lines } if of == run => {
                    let here = |claim: &Claim| {
                        claim.is_plain() && pair.contains(&claim.debtor) && pair.contains(&claim.creditor)
                    };
                    let lines = lines.into_iter().filter(here).map(|claim| (claim.order.clone(), claim));
                    side.claims = Some(lines.collect());
                }
                Said::Disputes { run: of, order, reason } if of == run => {
                    drop(side.disputes.insert(order, reason))
                }
                Said::Ends { run: of, order, .. } if of == run => drop(side.disputes.remove(&order)),
                Said::Signs { run: of, with: to, note } if of == run && to == with => side.notes.push(note),
                _ => {}
            }
        }
        side
    }
}

/// The runs that either has claims for.
///
/// # Errors
/// A log cannot be read.
pub fn runs(book: &Book, peer: &Peer) -> Result<BTreeSet<String>, Trouble> {
    let mut runs = BTreeSet::new();
    for log in [book.log()?, book.copy(peer)?] {
        runs.extend(log.said().filter_map(|said| match said {
            Said::Claims { run, .. } => Some(run),
            _ => None,
        }));
    }
    Ok(runs)
}

/// What both logs come to.
///
/// # Errors
/// A log cannot be read.
pub fn pair(book: &Book, peer: &Peer, run: &str) -> Result<Pair, Trouble> {
    let (name, regions) = (book.signer.verifier().name().to_owned(), [book.region, peer.region]);
    let ours = Side::of(&book.log()?, run, regions, peer.key.name());
    let theirs = Side::of(&book.copy(peer)?, run, regions, &name);
    let (first, second) = (book.region.min(peer.region), book.region.max(peer.region));
    let is_stated = ours.claims.is_some() && theirs.claims.is_some();
    let (here, there) = (ours.claims.unwrap_or_default(), theirs.claims.unwrap_or_default());
    let dispute = |order: &str| ours.disputes.get(order).or(theirs.disputes.get(order));
    let (counting, waiting) = lay(&here, &there, &dispute);
    let names = if book.region == first { [&*name, peer.key.name()] } else { [peer.key.name(), &*name] };
    let statement = Statement {
        run: run.to_owned(),
        first: (first, names[0].to_owned()),
        second: (second, names[1].to_owned()),
        counting: counting.clone(),
        waiting: waiting.keys().cloned().collect(),
    };
    let (first_owes, second_owes) = (statement.owes(first), statement.owes(second));
    let text = statement.text();
    let signed = final_note(book, peer, &ours.notes, &theirs.notes);
    let ours =
        ours.notes.iter().filter_map(|note| note::unchecked_text(note).ok()).map(str::to_owned).collect();
    Ok(Pair { first, second, counting, waiting, first_owes, second_owes, signed, is_stated, text, ours })
}

/// The first text that both have signed, under both signatures. Before we sign another text we see all that they had signed, so
/// there is never a second one.
fn final_note(book: &Book, peer: &Peer, ours: &[String], theirs: &[String]) -> Option<String> {
    let text = |note: &String| {
        let keys = [book.signer.verifier().clone(), peer.key.clone()];
        note::open(note, &keys).ok().map(|opened| opened.text.to_owned())
    };
    let both = theirs.iter().find_map(|note| {
        let opened = note::open(note, std::slice::from_ref(&peer.key)).ok()?;
        let is_ours = ours.iter().filter_map(text).any(|ours| ours == opened.text);
        is_ours.then_some(note)
    })?;
    note::sign_also(both, &book.signer).ok()
}

impl Pair {
    /// The note we have yet to put into our log: `None` while the other has not stated its lines, when all is final, or when
    /// we have signed just this.
    ///
    /// # Errors
    /// The key cannot sign.
    pub fn to_sign(&self, book: &Book) -> Result<Option<String>, Trouble> {
        if !self.is_stated || self.signed.is_some() || self.ours.contains(&self.text) {
            return Ok(None);
        }
        let broken =
            |error: note::NoteError| Trouble::new("broken", json!({ "error": format!("{error:?}") }));
        note::sign(&self.text, &book.signer).map(Some).map_err(broken)
    }
}

/// What our own house needs to take in a run that is final: the line of the other's log in which it signs, with its proofs, and our own
/// signature. `since` is how much of that log the house has seen.
///
/// # Errors
/// The run is not final yet, less was seen, or a log cannot be read.
pub fn proof(book: &Book, peer: &Peer, run: &str, since: u64) -> Result<Proof, Trouble> {
    let refuse =
        |code| Trouble::new(code, json!({ "run": run, "peer": peer.key.name(), "since": since })).of_input();
    let note = pair(book, peer, run)?.signed.ok_or_else(|| refuse("border-not-final"))?;
    // Our own line is the last one: it was put below the other's.
    let ours = note.lines().next_back().unwrap_or_default().to_owned();
    let name = book.signer.verifier().name();
    let lines = book.copy(peer)?.lines;
    let signs = |line: &String| match serde_json::from_str(line) {
        Ok(Said::Signs { run: of, with, note: told }) => of == run && with == name && note.starts_with(&told),
        _ => false,
    };
    let index = lines.iter().position(signs).ok_or_else(|| refuse("border-not-final"))?;
    let theirs = book.excerpt(peer, index, since)?.ok_or_else(|| refuse("border-not-seen"))?;
    Ok(Proof { theirs, ours })
}

/// Whether a person may still dispute a line of a run, or end a dispute of our own.
///
/// # Errors
/// There is no such line, all of its pair is final, or there is no such dispute.
pub fn may_judge(book: &Book, run: &str, order: &str, ends: bool) -> Result<(), Trouble> {
    let refuse = |code| Err(Trouble::new(code, json!({ "run": run, "order": order })).of_input());
    let log = book.log()?;
    for peer in book.peers()? {
        let side = Side::of(&log, run, [book.region, peer.region], peer.key.name());
        let pair = pair(book, &peer, run)?;
        let is_here =
            pair.waiting.contains_key(order) || pair.counting.iter().any(|claim| claim.order == order);
        if is_here {
            return match (pair.signed.is_some(), ends && !side.disputes.contains_key(order)) {
                (true, _) => refuse("border-final"),
                (_, true) => refuse("border-no-dispute"),
                _ => Ok(()),
            };
        }
    }
    refuse("border-no-line")
}
