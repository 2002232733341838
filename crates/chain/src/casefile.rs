//! Case files: every fact of one record under one checkpoint, and that none is left out.
//!
//! Each step stands in the log (inclusion proof); steps count 1, 2, 3 …; each fact names the entry of the one before;
//! and the map of heads in the checkpoint says which step is the last. A step whose bytes the reader may not have is
//! closed: its entry, its number and its place in the log are there, what it says is not. That a closed step is of this
//! record rests on the next open fact that names it, else on the signed word of the log alone.
//! Nothing in a case file is true before `verify` says so; keys are trusted as in `receipt`.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::Verifier;
use crate::checkpoint::{self, Checkpoint, CheckpointError};
use crate::heads::{self, HeadError, HeadProof};
use crate::key::{KeyError, Signature};
use crate::leaf::{Hash, entry, leaf_hash};
use crate::proof::{ProofError, verify_inclusion};
use crate::receipt::Trust;

/// The only version of case files so far.
pub const VERSION: u8 = 1;
/// The longest case file that is read.
pub const BYTES_MAX: usize = 32 << 20;
/// The most steps a case file holds.
pub const STEPS_MAX: usize = 10_000;

/// The JSON of a case file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CaseFile {
    pub v: u8,
    pub origin: String,
    /// The name of the record.
    pub record: String,
    /// How many leaves the tree of the checkpoint has.
    pub size: u64,
    /// The note text of the checkpoint.
    pub checkpoint: String,
    /// The log's verifier key: a hint.
    pub key: String,
    pub head: Ending,
    pub steps: Vec<Step>,
}

/// Where the case ends, by the map of heads.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Ending {
    /// How many facts the record has.
    pub sequence: u64,
    /// The entry of the last one.
    pub entry: Hash,
    pub blind: Hash,
    pub proof: HeadProof,
}

/// One fact of the record.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Step {
    pub sequence: u64,
    pub index: u64,
    pub entry: Hash,
    /// The fact, byte for byte as it was hashed; `None` when it is closed to whom the file was made for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fact: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub salt: Option<Hash>,
    /// Who acted, for readers who may know: the fact itself holds commitments.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub actors: Vec<Opening>,
    pub proof: Vec<Hash>,
}

/// Opens a commitment SHA-256(salt ‖ "value" in quotes) that stands in a fact.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Opening {
    pub salt: Hash,
    pub value: String,
}

impl Opening {
    /// The commitment it opens.
    pub fn commitment(&self) -> Hash {
        entry(&self.salt.0, format!("\"{}\"", self.value).as_bytes())
    }
}

/// What a case file proves.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Proven {
    pub record: String,
    pub steps: Vec<Step>,
    /// How many steps are closed.
    pub closed: usize,
    pub size: u64,
    pub root: Hash,
    pub origin: String,
    pub signatures: Vec<Signature>,
    pub trust: Trust,
}

/// Why a case file was refused. Steps are named by their sequence.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CaseError {
    TooLong {
        bytes: usize,
    },
    NotJson(String),
    UnknownVersion(u8),
    BadKey(KeyError),
    Checkpoint(CheckpointError),
    OtherOrigin {
        file: String,
        checkpoint: String,
    },
    OtherSize {
        file: u64,
        checkpoint: u64,
    },
    NoSteps,
    TooManySteps {
        steps: usize,
    },
    /// The bytes are not those that the entry commits to.
    Spoiled {
        step: u64,
    },
    /// The entry is not in the log where the step says.
    NotInLog {
        step: u64,
        error: ProofError,
    },
    /// The bytes are in the log, but are no fact of this house.
    NotAFact {
        step: u64,
    },
    OtherRecord {
        step: u64,
        record: String,
    },
    /// The step claims a number or a place that its own fact does not have.
    OtherNumber {
        step: u64,
    },
    /// Steps between these two are missing; after 0: from the first on.
    Gap {
        after: u64,
        next: u64,
    },
    /// A step stands after one that is later, or twice.
    Reordered {
        after: u64,
        next: u64,
    },
    /// The fact names another one as its predecessor.
    Unlinked {
        step: u64,
    },
    /// Who is said to have acted is not whom the fact commits to.
    OtherActor {
        step: u64,
    },
    /// The checkpoint carries no map of heads, so that nobody knows where the case ends.
    NoHeads,
    Head(HeadError),
    /// The map says something else of the record's end than this file.
    OtherHead,
    /// The last steps are missing: so many are shown of so many.
    TailMissing {
        shown: u64,
        all: u64,
    },
    /// More steps are shown than the record had at this checkpoint.
    BeyondHead {
        shown: u64,
        all: u64,
    },
    /// The last step is not the one in the map.
    OtherLast,
}

/// Whether a JSON text wants to be a case file rather than a receipt.
pub fn is_case_file(json: &str) -> bool {
    #[derive(Deserialize)]
    struct Shape {
        #[serde(rename = "steps")]
        _steps: Vec<serde::de::IgnoredAny>,
    }
    json.len() <= BYTES_MAX && serde_json::from_str::<Shape>(json).is_ok()
}

/// Reads the JSON of a case file. An unknown field is refused: a reader could take it for proven.
pub fn parse(json: &str) -> Result<CaseFile, CaseError> {
    #[derive(Deserialize)]
    struct Version {
        v: u8,
    }
    if json.len() > BYTES_MAX {
        return Err(CaseError::TooLong { bytes: json.len() });
    }
    let not_json = |error: serde_json::Error| CaseError::NotJson(error.to_string());
    let Version { v } = serde_json::from_str(json).map_err(not_json)?;
    if v != VERSION {
        return Err(CaseError::UnknownVersion(v));
    }
    serde_json::from_str(json).map_err(not_json)
}

/// Checks that the file holds every fact of its record up to its checkpoint, on the word of the `trusted` keys.
///
/// Without any, on that of the key it carries: then the answer says `Trust::EmbeddedKey`.
pub fn verify(file: &CaseFile, trusted: &[Verifier]) -> Result<Proven, CaseError> {
    if file.v != VERSION {
        return Err(CaseError::UnknownVersion(file.v));
    }
    let (trust, keys) = match trusted.is_empty() {
        true => (Trust::EmbeddedKey, vec![file.key.parse().map_err(CaseError::BadKey)?]),
        false => (Trust::Given, trusted.to_vec()),
    };
    let opened = Checkpoint::open(&file.checkpoint, &keys).map_err(CaseError::Checkpoint)?;
    let checkpoint::Opened { checkpoint, extensions, signatures, .. } = opened;
    let Checkpoint { origin, size, root, .. } = checkpoint;
    if file.origin != origin {
        return Err(CaseError::OtherOrigin { file: file.origin.clone(), checkpoint: origin });
    }
    if file.size != size {
        return Err(CaseError::OtherSize { file: file.size, checkpoint: size });
    }
    steps(file, root)?;
    ending(file, &extensions)?;
    let closed = file.steps.iter().filter(|step| step.fact.is_none()).count();
    let (record, steps) = (file.record.clone(), file.steps.clone());
    Ok(Proven { record, steps, closed, size, root, origin, signatures, trust })
}

/// Every step is in the log, of this record, and follows the one before it.
fn steps(file: &CaseFile, root: Hash) -> Result<(), CaseError> {
    if file.steps.len() > STEPS_MAX {
        return Err(CaseError::TooManySteps { steps: file.steps.len() });
    }
    let (mut after, mut place, mut previous) = (0, None, None);
    for step in &file.steps {
        let number = step.sequence;
        let fact = open(step)?;
        verify_inclusion(step.index, file.size, leaf_hash(&step.entry.0), &step.proof, root)
            .map_err(|error| CaseError::NotInLog { step: number, error })?;
        if let Some(fact) = &fact {
            if fact.record != file.record {
                return Err(CaseError::OtherRecord { step: number, record: fact.record.clone() });
            }
            ensure(
                (fact.sequence, fact.position) == (number, step.index),
                CaseError::OtherNumber { step: number },
            )?;
        }
        ensure(number > after, CaseError::Reordered { after, next: number })?;
        ensure(number - after == 1, CaseError::Gap { after, next: number })?;
        ensure(place < Some(step.index), CaseError::Reordered { after, next: number })?;
        if let Some(fact) = &fact {
            ensure(fact.previous == previous, CaseError::Unlinked { step: number })?;
            let fits = |opening: &Opening| {
                let commitment = opening.commitment().to_string();
                [&fact.by, &fact.endorsed, &fact.acting_for]
                    .into_iter()
                    .any(|who| who.actor() == Some(&commitment))
            };
            ensure(step.actors.iter().all(fits), CaseError::OtherActor { step: number })?;
        }
        (after, place, previous) = (number, Some(step.index), Some(step.entry));
    }
    ensure(after > 0, CaseError::NoSteps)
}

/// The map of heads says that the last step is the last.
fn ending(file: &CaseFile, extensions: &[String]) -> Result<(), CaseError> {
    let root = heads::of(extensions).ok_or(CaseError::NoHeads)?;
    let value = file.head.proof.value(&file.record, &root).map_err(CaseError::Head)?;
    let Ending { sequence: all, entry, blind, .. } = &file.head;
    ensure(value == heads::value(blind, *all, entry), CaseError::OtherHead)?;
    let Some(last) = file.steps.last() else { return Err(CaseError::NoSteps) };
    ensure(last.sequence >= *all, CaseError::TailMissing { shown: last.sequence, all: *all })?;
    ensure(last.sequence == *all, CaseError::BeyondHead { shown: last.sequence, all: *all })?;
    ensure(last.entry == *entry, CaseError::OtherLast)
}

/// What a fact says of its own place. The house writes more; that is for its readers.
#[derive(Deserialize)]
struct Fact {
    position: u64,
    record: String,
    sequence: u64,
    previous: Option<Hash>,
    #[serde(default)]
    by: Who,
    #[serde(default)]
    endorsed: Who,
    #[serde(default)]
    acting_for: Who,
}

#[derive(Default, Deserialize)]
#[serde(untagged)]
enum Who {
    Actor {
        actor: String,
    },
    Other(serde::de::IgnoredAny),
    #[default]
    Nobody,
}

impl Who {
    fn actor(&self) -> Option<&String> {
        if let Self::Actor { actor } = self { Some(actor) } else { None }
    }
}

/// The fact of an open step, once its bytes are known to be those of its entry.
fn open(step: &Step) -> Result<Option<Fact>, CaseError> {
    let number = step.sequence;
    match (&step.fact, &step.salt) {
        (None, None) => ensure(step.actors.is_empty(), CaseError::OtherActor { step: number }).map(|()| None),
        (Some(fact), Some(salt)) => {
            ensure(entry(&salt.0, fact.as_bytes()) == step.entry, CaseError::Spoiled { step: number })?;
            serde_json::from_str(fact).map(Some).map_err(|_| CaseError::NotAFact { step: number })
        }
        _ => Err(CaseError::Spoiled { step: number }),
    }
}

fn ensure(holds: bool, error: CaseError) -> Result<(), CaseError> {
    if holds { Ok(()) } else { Err(error) }
}

impl fmt::Display for CaseError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::TooLong { bytes } => {
                write!(f, "the case file has `{bytes}` bytes, more than `{BYTES_MAX}`")
            }
            Self::NotJson(reason) => write!(f, "the case file is not the JSON of one: {reason}"),
            Self::UnknownVersion(v) => write!(f, "the case file is of the unknown version `{v}`"),
            Self::BadKey(_) => f.write_str("the key in the case file cannot be read"),
            Self::Checkpoint(_) => f.write_str("the case file's checkpoint was refused"),
            Self::OtherOrigin { file, checkpoint } => {
                write!(f, "the case file is of the log `{file}`, its checkpoint of `{checkpoint}`")
            }
            Self::OtherSize { file, checkpoint } => {
                write!(f, "the case file is for a log of `{file}` leaves, its checkpoint for `{checkpoint}`")
            }
            Self::NoSteps => f.write_str("the case file has no steps"),
            Self::TooManySteps { steps } => {
                write!(f, "the case file has `{steps}` steps, more than `{STEPS_MAX}`")
            }
            Self::Spoiled { step } => write!(f, "the bytes of step `{step}` are not those of its entry"),
            Self::NotInLog { step, .. } => write!(f, "step `{step}` is not in the log where the file says"),
            Self::NotAFact { step } => write!(f, "step `{step}` is in the log, but is no fact"),
            Self::OtherRecord { step, record } => {
                write!(f, "step `{step}` is a fact of another record, `{record}`")
            }
            Self::OtherNumber { step } => {
                write!(f, "step `{step}` has another number or place than its own fact")
            }
            Self::Gap { after, next } => write!(f, "steps are missing between `{after}` and `{next}`"),
            Self::Reordered { after, next } => write!(f, "step `{next}` stands after step `{after}`"),
            Self::Unlinked { step } => write!(f, "step `{step}` names another predecessor"),
            Self::OtherActor { step } => write!(f, "step `{step}` commits to another person"),
            Self::NoHeads => f.write_str("the checkpoint carries no map of heads"),
            Self::Head(_) => f.write_str("the record's head is not in the map of the checkpoint"),
            Self::OtherHead => f.write_str("the map of the checkpoint holds another end of this case"),
            Self::TailMissing { shown, all } => {
                write!(f, "the case has `{all}` steps, the file ends with `{shown}`")
            }
            Self::BeyondHead { shown, all } => {
                write!(f, "the case has `{all}` steps, the file holds `{shown}`")
            }
            Self::OtherLast => f.write_str("the last step is not the one in the map of heads"),
        }
    }
}

impl std::error::Error for CaseError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::BadKey(error) => Some(error),
            Self::Checkpoint(error) => Some(error),
            Self::NotInLog { error, .. } => Some(error),
            Self::Head(error) => Some(error),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::heads::{Heads, Last, blind};
    use crate::key::Signer;
    use crate::proof::inclusion;
    use crate::tree::{Memory, root};

    const ORIGIN: &str = "region.example/log";
    const RECORD: &str = "voucher-7k3m9q2a";
    const OTHER: &str = "need-7k3m9q2a";

    fn signer() -> Signer {
        Signer::from_seed(ORIGIN, [1; 32]).unwrap()
    }

    /// A log in which facts of two records alternate.
    struct Log {
        tree: Memory,
        heads: Heads,
        facts: Vec<(String, u64, String, [u8; 32], Hash)>,
    }

    fn log(facts: u64) -> Log {
        let mut log = Log { tree: Memory::default(), heads: Heads::default(), facts: Vec::new() };
        for position in 0..facts {
            let record = if position % 2 == 0 { RECORD } else { OTHER };
            let before = log.facts.iter().rev().find(|fact| fact.0 == record);
            let sequence = before.map_or(1, |fact| fact.1 + 1);
            let previous = before.map(|fact| fact.4);
            let salt = [position as u8; 32];
            let actor = opening(position).commitment();
            let by = serde_json::json!({ "actor": actor });
            let fact = serde_json::json!({ "position": position, "record": record, "sequence": sequence, "previous": previous, "by": by, "endorsed": null, "event": { "amount": position } });
            let fact = fact.to_string();
            let entry = entry(&salt, fact.as_bytes());
            log.tree.push(leaf_hash(&entry.0));
            log.heads.put(&Last { record, sequence, entry, salt });
            log.facts.push((record.to_owned(), sequence, fact, salt, entry));
        }
        log
    }

    fn opening(position: u64) -> Opening {
        Opening { salt: Hash([position as u8 + 1; 32]), value: format!("person-{position}") }
    }

    fn file_of(log: &mut Log, record: &str) -> CaseFile {
        let size = log.tree.size();
        let checkpoint = Checkpoint { origin: ORIGIN.into(), size, root: root(size, &log.tree).unwrap() };
        let line = heads::line(&log.heads.root());
        let of_record = |(fact, index): (&(String, u64, String, [u8; 32], Hash), u64)| Step {
            sequence: fact.1,
            index,
            entry: fact.4,
            fact: Some(fact.2.clone()),
            salt: Some(Hash(fact.3)),
            actors: vec![opening(index)],
            proof: inclusion(index, size, &log.tree).unwrap(),
        };
        let steps: Vec<Step> =
            log.facts.iter().zip(0..).filter(|(fact, _)| fact.0 == record).map(of_record).collect();
        let last = steps.last().unwrap();
        let head = Ending {
            sequence: last.sequence,
            entry: last.entry,
            blind: blind(&last.salt.unwrap().0),
            proof: log.heads.proof(record),
        };
        let note = checkpoint.sign_with(&[line], &signer()).unwrap();
        let key = signer().verifier().to_string();
        CaseFile {
            v: VERSION,
            origin: ORIGIN.into(),
            record: record.into(),
            size,
            checkpoint: note,
            key,
            head,
            steps,
        }
    }

    fn file() -> CaseFile {
        file_of(&mut log(11), RECORD)
    }

    fn close(step: &mut Step) {
        (step.fact, step.salt) = (None, None);
        step.actors.clear();
    }

    fn refused(change: impl FnOnce(&mut CaseFile)) -> CaseError {
        let mut file = file();
        change(&mut file);
        verify(&file, &[]).unwrap_err()
    }

    #[test]
    fn a_whole_case_is_proven_and_says_on_whose_word() {
        let json = serde_json::to_string(&file()).unwrap();
        assert!(is_case_file(&json));
        let read = parse(&json).unwrap();
        assert_eq!(read, file());
        let proven = verify(&read, &[signer().verifier().clone()]).unwrap();
        assert_eq!((proven.steps.len(), proven.closed, proven.trust), (6, 0, Trust::Given));
        assert_eq!(verify(&read, &[]).unwrap().trust, Trust::EmbeddedKey);
        let forger = Signer::from_seed(ORIGIN, [66; 32]).unwrap();
        assert!(matches!(verify(&read, &[forger.verifier().clone()]), Err(CaseError::Checkpoint(_))));
    }

    #[test]
    fn closed_steps_are_counted_and_show_nothing() {
        let mut file = file();
        for place in [0, 2, 5] {
            close(&mut file.steps[place]);
        }
        let proven = verify(&file, &[]).unwrap();
        assert_eq!((proven.steps.len(), proven.closed), (6, 3));
        // The fact after a closed one names its entry: another entry of the log does not pass for it.
        let other = file_of(&mut log(11), OTHER).steps[1].clone();
        file.steps[2] = Step { sequence: 3, ..other };
        close(&mut file.steps[2]);
        assert!(matches!(verify(&file, &[]), Err(CaseError::Unlinked { step: 4 })));
    }

    #[test]
    fn a_gap_is_seen() {
        assert_eq!(refused(|file| drop(file.steps.remove(2))), CaseError::Gap { after: 2, next: 4 });
        assert_eq!(refused(|file| drop(file.steps.remove(0))), CaseError::Gap { after: 0, next: 2 });
        assert_eq!(refused(|file| file.steps.clear()), CaseError::NoSteps);
        // Closing the step after the gap and renumbering it hides nothing: the end does not fit.
        let renumbered = refused(|file| {
            file.steps.remove(2);
            for (step, number) in file.steps.iter_mut().zip(1..) {
                step.sequence = number;
                close(step);
            }
        });
        assert_eq!(renumbered, CaseError::TailMissing { shown: 5, all: 6 });
    }

    #[test]
    fn a_missing_tail_is_seen() {
        assert_eq!(refused(|file| drop(file.steps.pop())), CaseError::TailMissing { shown: 5, all: 6 });
        let claimed = refused(|file| {
            file.steps.pop();
            let last = file.steps.last().unwrap();
            (file.head.sequence, file.head.entry) = (5, last.entry);
            file.head.blind = blind(&last.salt.unwrap().0);
        });
        assert_eq!(claimed, CaseError::OtherHead);
        // An older map does not stand under the newer checkpoint.
        let older = file_of(&mut log(9), RECORD).head;
        assert_eq!(
            refused(|file| {
                file.steps.pop();
                file.head = older;
            }),
            CaseError::Head(HeadError::WrongRoot)
        );
        let without = refused(|file| {
            let checkpoint = Checkpoint::open(&file.checkpoint, &[signer().verifier().clone()]).unwrap();
            file.checkpoint = checkpoint.checkpoint.sign(&signer()).unwrap();
        });
        assert_eq!(without, CaseError::NoHeads);
    }

    #[test]
    fn spoiled_bytes_are_seen() {
        let spoil = |file: &mut CaseFile| {
            file.steps[1].fact = file.steps[1].fact.take().map(|fact| fact.replace("amount", "amounts"));
        };
        assert_eq!(refused(spoil), CaseError::Spoiled { step: 2 });
        assert_eq!(refused(|file| file.steps[1].salt = None), CaseError::Spoiled { step: 2 });
        // With an entry made to fit, the log does not hold it.
        let refitted = refused(|file| {
            spoil(file);
            let step = &mut file.steps[1];
            step.entry = entry(&step.salt.unwrap().0, step.fact.as_ref().unwrap().as_bytes());
        });
        assert_eq!(refitted, CaseError::NotInLog { step: 2, error: ProofError::WrongRoot });
        assert!(matches!(refused(|file| file.steps[1].index = 3), CaseError::NotInLog { step: 2, .. }));
    }

    #[test]
    fn a_fact_of_another_record_is_seen() {
        let other = file_of(&mut log(11), OTHER);
        let step = other.steps[2].clone();
        assert_eq!(
            refused(|file| file.steps[2] = step),
            CaseError::OtherRecord { step: 3, record: OTHER.into() }
        );
        assert!(matches!(refused(|file| file.record = OTHER.into()), CaseError::OtherRecord { step: 1, .. }));
    }

    #[test]
    fn a_reordered_file_is_seen() {
        assert_eq!(refused(|file| file.steps.swap(0, 1)), CaseError::Gap { after: 0, next: 2 });
        assert_eq!(
            refused(|file| {
                let step = file.steps[1].clone();
                file.steps.insert(3, step);
            }),
            CaseError::Reordered { after: 3, next: 2 }
        );
        assert_eq!(
            refused(|file| {
                let step = file.steps.remove(2);
                file.steps.insert(2, Step { sequence: 4, ..step });
            }),
            CaseError::OtherNumber { step: 4 }
        );
        // Closed steps in another order: their places in the log give it away.
        assert_eq!(
            refused(|file| {
                file.steps.iter_mut().for_each(close);
                file.steps.swap(1, 2);
                (file.steps[1].sequence, file.steps[2].sequence) = (2, 3);
            }),
            CaseError::Reordered { after: 2, next: 3 }
        );
    }

    #[test]
    fn another_person_cannot_be_named() {
        let other = Opening { value: "person-9".into(), ..opening(2) };
        assert_eq!(refused(|file| file.steps[1].actors = vec![other]), CaseError::OtherActor { step: 2 });
        assert_eq!(
            refused(|file| (file.steps[1].fact, file.steps[1].salt) = (None, None)),
            CaseError::OtherActor { step: 2 },
            "a closed step names nobody"
        );
    }

    #[test]
    fn the_frame_is_bound_to_the_checkpoint() {
        assert_eq!(refused(|file| file.v = 2), CaseError::UnknownVersion(2));
        assert_eq!(refused(|file| file.key.clear()), CaseError::BadKey(KeyError::NotThreeParts));
        assert!(matches!(refused(|file| file.origin.push('x')), CaseError::OtherOrigin { .. }));
        assert_eq!(refused(|file| file.size = 12), CaseError::OtherSize { file: 12, checkpoint: 11 });
        assert!(matches!(refused(|file| file.checkpoint.insert(0, 'x')), CaseError::Checkpoint(_)));
        let many = |file: &mut CaseFile| file.steps = vec![file.steps[0].clone(); STEPS_MAX + 1];
        assert_eq!(refused(many), CaseError::TooManySteps { steps: STEPS_MAX + 1 });
        let json = serde_json::to_string(&file()).unwrap();
        for bad in [json.replace("\"v\":1", "\"v\":1,\"amount\":0"), json.replace("\"blind\"", "\"blond\"")] {
            assert!(matches!(parse(&bad), Err(CaseError::NotJson(_))));
        }
        assert_eq!(parse(&json.replace("\"v\":1", "\"v\":3")), Err(CaseError::UnknownVersion(3)));
        assert!(!is_case_file("{}") && !is_case_file("") && parse("").is_err());
    }
}
