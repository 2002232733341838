//! Comparing: one application that takes over the route of another is laid beside it and waits for a person's judgement.

use serde_json::json;

use super::{
    applications::Way,
    asks::{Founding, invented},
    houses::Town,
};

/// Numbers of the application that was copied, and of the one that copies it.
pub const COPIED: usize = 2;
pub const COPIES: usize = 11;

/// The comparison of the two, still open.
///
/// # Errors
/// The ask was denied.
pub fn compared(f: &mut Founding, town: &Town, ways: &[Way]) -> Result<(), String> {
    let of = |n: usize| ways.iter().find(|way| way.n == n).map(|way| way.id);
    let (Some(application), Some(other)) = (of(COPIES), of(COPIED)) else {
        return Err("no applications to compare".into());
    };
    let by = town.officers.by("programme-1")?;
    let open = json!({ "verb": "open", "application": application, "with": [other] });
    f.ask_all("comparisons", vec![invented("comparison/1".into(), by, "comparison", None, open)]).map(drop)
}
