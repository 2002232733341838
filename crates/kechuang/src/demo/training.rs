//! Training: three sessions at the instruments of the demonstration: one held, whose teacher has yet to sign off, one in a few
//! days that is full, one later for several instruments.

use grammar::kinds::Id;
use registry::Ask;
use serde_json::json;

use super::{
    asks::{Founding, at, invented},
    bookings::Kept,
    houses::House,
};

/// Days before the founding on which they are announced.
pub const ANNOUNCED: i32 = 6;
/// When each is, in days after the founding and minutes of the day; how many seats, and how many put their names down.
const SESSIONS: [(i32, i64, usize, usize); 3] = [(-2, 540, 6, 3), (5, 840, 3, 4), (12, 570, 20, 2)];
const STAGE: &str = "bookings";

/// Announces them, and lets people put their names down. `first` is the keeper whom a visitor becomes.
///
/// # Errors
/// The first ask that was denied.
pub fn sessions(f: &mut Founding, kept: &[Kept], first: &House, people: &[House]) -> Result<(), String> {
    let own: Vec<&Kept> = kept.iter().filter(|each| each.keeper.id == first.id).collect();
    let one = own.iter().take(1).copied().collect();
    let permitted = kept.iter().filter(|each| each.needs_permit).take(1).collect();
    let taught: [Vec<&Kept>; 3] = [one, permitted, own];
    let mut asks: Vec<Ask> = Vec::new();
    let mut joining = Vec::new();
    for (n, ((days, minute, seats, come), instruments)) in SESSIONS.iter().zip(&taught).enumerate() {
        let Some(keeper) = instruments.first().map(|each| each.keeper) else { continue };
        let ids: Vec<Id> = instruments.iter().map(|each| each.id).collect();
        let command = json!({
            "verb": "announce", "instruments": ids, "laboratory": null,
            "from": at(f.founded.day().plus_days(*days), *minute), "minutes": 150,
            "room": "仪器平台二楼（示例数据） / instrument hall, 2nd floor (demo)", "seats": seats, "teacher": keeper.signer,
            "detail": "开关机、样品安装、安全须知，随后上机考核（示例数据） / start-up, mounting samples, safety, then a test (demo)",
        });
        asks.push(invented(format!("training/{n}/announce"), keeper.by(), "training", None, command));
        joining.push((n, *come));
    }
    let ids = f.ask_all(STAGE, asks)?;
    let mut asks: Vec<Ask> = Vec::new();
    for ((n, come), id) in joining.into_iter().zip(ids) {
        for (person, house) in people.iter().take(come).enumerate() {
            let key = format!("training/{n}/join/{person}");
            let command = json!({ "verb": "join", "permit": null });
            asks.push(invented(key, house.by(), "training", Some(id), command));
        }
    }
    f.ask_all(STAGE, asks).map(drop)
}
