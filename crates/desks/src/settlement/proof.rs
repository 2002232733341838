//! Proof: what makes a settlement true for this house: the statement bears both sides' signatures, and the other's own log
//! says so, in a line that stands there for good.

use chain::{Excerpt, Seen, Verifier, note};
use grammar::prelude::*;

use crate::neighbour::said;

use super::{
    Refusal::{self, *},
    said::Said,
    statement::Statement,
};

/// The file that the program at the border writes for its house.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Proof {
    /// The line of the other's log in which it signs.
    pub theirs: Excerpt,
    /// The line of our own signature under the same text.
    pub ours: String,
}

/// What a neighbour's record tells.
pub struct Trusted {
    pub ours: Verifier,
    pub theirs: Verifier,
    pub region: Region,
    pub other: Region,
    pub seen: Seen,
}

impl Trusted {
    pub(crate) fn of(card: &Card) -> Option<Self> {
        let key = |name: &str| card.read::<String>(name)?.parse().ok();
        let (ours, theirs) = (key("ours")?, key("theirs")?);
        Some(Self {
            ours,
            theirs,
            region: card.scope(),
            other: card.read("other")?,
            seen: card.read("seen")?,
        })
    }
}

/// What was proven: the statement, the note with both signatures, the line of the other's log, and how far that has been seen.
#[derive(Debug, PartialEq, Eq)]
pub struct Proven {
    pub statement: Statement,
    pub note: String,
    pub theirs: Excerpt,
    pub seen: Seen,
}

/// Verifies a proof against what is known of the neighbour.
///
/// # Errors
/// The first thing that is wrong with it.
pub fn prove(file: &str, trusted: &Trusted) -> Result<Proven, Refusal> {
    let Trusted { ours, theirs, region, other, seen } = trusted;
    let read = serde_json::from_str(file).map_err(|error| Unreadable { why: said(&error) })?;
    let Proof { theirs: excerpt, ours: our_line } = read;
    let seen = excerpt.verify(theirs, *seen).map_err(|error| NotInItsLog { why: said(&error) })?;
    let line = serde_json::from_str(&excerpt.line);
    let Ok(Said::Signs { run, with, note }) = line else { return Err(NoSignature) };
    ensure(with == ours.name(), ForAnother { name: said(&with) })?;
    // The other's note, and our line below it: one note with both signatures.
    let note = format!("{note}{}\n", our_line.trim_end());
    let both = [ours.clone(), theirs.clone()];
    let opened = note::open(&note, &both).map_err(|error| NotSigned { why: said(&error) })?;
    let is_missing = |key: &&Verifier| opened.signatures.iter().all(|signature| signature.key != **key);
    if let Some(missing) = both.iter().find(is_missing) {
        return Err(SignedByOne { name: said(&missing.name()) });
    }
    let statement = Statement::read(opened.text).ok_or(NoStatement)?;
    let mut sides = [(*region, ours.name().to_owned()), (*other, theirs.name().to_owned())];
    sides.sort_unstable();
    let is_pair = sides == [statement.first.clone(), statement.second.clone()] && statement.run == run;
    ensure(is_pair, OfAnotherPair)?;
    Ok(Proven { statement, note, theirs: excerpt, seen })
}
