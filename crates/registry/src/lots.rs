//! Lots: all that a stranger needs to repeat what was drawn at a record.

use chain::{Hash, Receipt, proof};
use grammar::kinds::Id;
use serde::{Deserialize, Serialize};

use crate::{Broken, Registry, seal::Nodes, store::cells};

/// The only version of dossiers so far.
pub const VERSION: u8 = 1;
/// Facts of a record that go into a dossier: those of a draw with all its words and substitutes are fewer.
const FACTS_MAX: u32 = 2_000;
/// How often a dossier is begun anew because the log was sealed meanwhile.
const TRIES_MAX: u32 = 5;

/// Every fact of one record with its proof, and a proof that the checkpoint its draw was anchored at is an
/// earlier state of the same log.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Dossier {
    pub v: u8,
    pub record: Id,
    /// All facts of the record so far, in their order, proven in one state of the log.
    pub receipts: Vec<Receipt>,
    /// The signed note of the anchor; nothing when the record is not anchored yet.
    pub anchor: Option<String>,
    /// That the anchor's tree begins the one of the receipts (RFC 6962).
    pub consistency: Vec<Hash>,
}

impl Registry {
    /// The dossier of a record whose draw was anchored at a state of the log. `None` when no checkpoint covers all of
    /// it yet, or no such state was signed. The caller answers for who may read it.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn dossier(&self, record: Id, anchor: Option<u64>) -> Result<Option<Dossier>, Broken> {
        let positions: Vec<u64> = self.read(|link| {
            link.all(
                "SELECT position FROM facts WHERE record = $1 ORDER BY sequence LIMIT $2",
                cells![record, FACTS_MAX],
                |row| row.get(0),
            )
        })?;
        for _ in 0..TRIES_MAX {
            let proven = positions.iter().map(|position| self.proof(*position));
            let Some(receipts) = proven.collect::<Result<Option<Vec<Receipt>>, Broken>>()? else {
                return Ok(None);
            };
            let Some(size) = receipts.first().map(|receipt| receipt.size) else { return Ok(None) };
            if receipts.iter().any(|receipt| receipt.size != size) {
                continue;
            }
            let Some((note, consistency)) = self.anchored(anchor, size)? else { return Ok(None) };
            return Ok(Some(Dossier { v: VERSION, record, receipts, anchor: note, consistency }));
        }
        Ok(None)
    }

    #[expect(
        clippy::type_complexity,
        reason = "two answers of one question: no anchor is asked for, or it is not there"
    )]
    fn anchored(
        &self,
        anchor: Option<u64>,
        size: u64,
    ) -> Result<Option<(Option<String>, Vec<Hash>)>, Broken> {
        let Some(anchor) = anchor else { return Ok(Some((None, Vec::new()))) };
        self.read(|link| {
            let note: Option<String> =
                link.one("SELECT note FROM checkpoints WHERE size = $1", cells![anchor])?;
            let Some(note) = note else { return Ok(None) };
            let consistency = proof::consistency(anchor, size, &Nodes(link))
                .map_err(|missing| Broken(format!("the log's tree: {missing}")))?;
            Ok(Some((Some(note), consistency)))
        })
    }
}
