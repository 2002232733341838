//! State: a record as it stands, in plain values as it lies in the store, and as its desk's own type once that has
//! been read: a record that is asked many things is read once.

use std::{
    any::Any,
    fmt,
    ops::Deref,
    sync::{Arc, OnceLock},
};

use serde::Deserialize;
use serde_json::Value;

use crate::desk::{Desk, impossible};

/// What a desk keeps of a record. Equal when the plain values are.
#[derive(Clone, Deserialize)]
#[serde(from = "Value")]
pub struct State {
    plain: Value,
    typed: OnceLock<Arc<dyn Any + Send + Sync>>,
}

impl State {
    /// The state of a record that one has as its own type.
    pub(crate) fn of<D: Desk>(record: D) -> Self {
        let plain = serde_json::to_value(&record).unwrap_or_else(|error| impossible(&error));
        Self { plain, typed: OnceLock::from(Arc::new(record) as Arc<dyn Any + Send + Sync>) }
    }

    /// The record as its desk's own type. Believed to be one: only that desk has ever written it.
    pub(crate) fn typed<D: Desk>(&self) -> &D {
        let read = || {
            let record = D::deserialize(&self.plain);
            Arc::new(record.unwrap_or_else(|error| impossible(&(error.to_string(), &self.plain)))) as Arc<_>
        };
        let record = self.typed.get_or_init(read).downcast_ref();
        record.unwrap_or_else(|| impossible(&("a state of another desk than", D::NAME)))
    }

    #[must_use]
    pub fn into_plain(self) -> Value {
        self.plain
    }
}

impl From<Value> for State {
    fn from(plain: Value) -> Self {
        Self { plain, typed: OnceLock::new() }
    }
}

impl Deref for State {
    type Target = Value;

    fn deref(&self) -> &Value {
        &self.plain
    }
}

impl PartialEq for State {
    fn eq(&self, other: &Self) -> bool {
        self.plain == other.plain
    }
}

impl fmt::Debug for State {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.plain.fmt(f)
    }
}
