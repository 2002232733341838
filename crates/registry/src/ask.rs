//! What is asked, and what comes back.

use grammar::{
    case::Refused,
    kinds::{Id, Moment},
};
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// Who asks.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Asker {
    Person(Id),
    /// Someone who has not signed in.
    Public,
    Clock,
    /// The one who sets a region up, at the machine itself. Never reachable through a way in.
    Founder,
}

/// One command for one record.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Ask {
    /// The same ask under the same key always gets the same receipt, and happens once; another one is denied.
    /// At most 200 characters.
    pub key: String,
    pub by: Asker,
    /// Whom the asker, a person, acts for. Then it is asked with the rights that both have, and the fact
    /// names both.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub acting_for: Option<Id>,
    pub desk: String,
    /// `None` for a command that opens a new record.
    pub record: Option<Id>,
    /// As read by a `Verb`: canonical, with personal values still in it.
    pub command: Value,
    /// The number of events the asker had seen; refused when there are more now.
    pub seen: Option<u32>,
    /// Marks a new record as a demonstration. In a demo region everything is, unless it is real and public.
    pub is_demo: bool,
}

impl Ask {
    /// An ask by a person.
    #[must_use]
    pub fn new(key: impl Into<String>, by: Asker, desk: &str, record: Option<Id>, command: Value) -> Self {
        Self {
            key: key.into(),
            by,
            acting_for: None,
            desk: desk.into(),
            record,
            command,
            seen: None,
            is_demo: false,
        }
    }
}

/// What the asker holds in hand: durable when it is given.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Receipt {
    pub case: u64,
    pub record: Id,
    /// How many events the record has had.
    pub sequence: u32,
    pub at: Moment,
    /// The place in the log of the case's first fact.
    pub position: u64,
    /// How many facts the case wrote.
    pub facts: u64,
    /// When a second person must endorse first: the name of what waits. Nothing has happened yet.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pending: Option<Id>,
    /// The key had been answered before; this is the same receipt again.
    #[serde(default)]
    pub is_repeat: bool,
}

impl Receipt {
    /// For an ask that wrote no fact: what waits for a second person, or was sent away.
    pub(crate) fn without_facts(record: Id, at: Moment, pending: Option<Id>) -> Self {
        Self { case: 0, record, sequence: 0, at, position: 0, facts: 0, pending, is_repeat: false }
    }
}

/// Why an ask came to nothing.
#[derive(Clone, PartialEq, Debug)]
pub enum Denied {
    Refused(Refused),
    /// The record has changed since the asker looked; how many events it has now.
    Changed {
        sequence: u32,
    },
    /// Something else was asked under this key, or by someone else.
    KeyUsed,
    /// The same person cannot be both pairs of eyes.
    SamePerson,
    /// Too many asks wait.
    Busy,
    /// Our fault; what happened is in the operator's log under this text.
    Broken(String),
}

impl Denied {
    /// Whether it came to nothing because the disk is full: the same ask may succeed when there is room again.
    #[must_use]
    pub fn is_no_room(&self) -> bool {
        let Self::Broken(what) = self else { return false };
        // As SQLite words it, and as the system does for files.
        ["disk is full", "No space left on device"].iter().any(|words| what.contains(words))
    }
}

impl From<Refused> for Denied {
    fn from(refused: Refused) -> Self {
        Self::Refused(refused)
    }
}

impl From<grammar::form::Fault> for Denied {
    fn from(fault: grammar::form::Fault) -> Self {
        Self::Refused(Refused::Unreadable(vec![fault]))
    }
}

impl From<crate::Broken> for Denied {
    fn from(broken: crate::Broken) -> Self {
        Self::Broken(broken.0)
    }
}
