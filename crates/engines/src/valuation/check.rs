//! Check: whether a value follows from its method, step by step.

use super::{Fault, Method, Value, value};

/// Why a value does not hold.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub enum Wrong {
    #[error("{0}")]
    Method(Fault),
    #[error("step {step} is another")]
    Step { step: usize },
    #[error("the value is not what the steps come to")]
    Value,
}

/// Values again and compares every step.
///
/// # Errors
/// The first step that is not the same.
pub fn check(method: &Method, claimed: &Value) -> Result<(), Wrong> {
    let right = value(method).map_err(Wrong::Method)?;
    let differs = right.steps.iter().zip(&claimed.steps).position(|(a, b)| a != b);
    let lengths = (right.steps.len(), claimed.steps.len());
    if let Some(step) = differs.or((lengths.0 != lengths.1).then(|| lengths.0.min(lengths.1))) {
        return Err(Wrong::Step { step });
    }
    if right.fen == claimed.fen && right.range == claimed.range { Ok(()) } else { Err(Wrong::Value) }
}
