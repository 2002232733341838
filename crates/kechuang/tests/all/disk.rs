//! Disk: full, read-only, damaged, shared by two: a clear word and no damage.

pub mod layer;
pub mod power;
