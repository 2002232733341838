//! What every desk uses.

pub use schemars::JsonSchema;
pub use serde::{Deserialize, Serialize};

pub use crate::{
    calendar::{Calendar, DayUnit, Period},
    card::{Card, Sight},
    desk::{By, Ctx, Decision, Desk, Due, No, Script, Tell, ensure, impossible, not_now, say, tell},
    kinds::{
        Between, Bilingual, Day, FileRef, Id, List, Moment, Money, Personal, Place, Pots, Ref, Region,
        Sealed, Share, Text, Uscc,
    },
    lot::{Anchor, Drawn, Lot},
    rules::{Rule, rule},
    viewer::{Viewer, Who},
};
