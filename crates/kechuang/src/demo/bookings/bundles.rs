//! Bundles: the firm that a visitor becomes has booked three instruments of several provinces in one press, for one morning.

use serde_json::{Value, json};

use super::{Bookings, Kept};
use crate::demo::asks::{Founding, at, invented};

/// How many instruments, and on the first working day after so many days.
const TIMES: usize = 3;
const AFTER: i32 = 6;
/// Between the sittings of the day, with room for what is kept clear around them.
const NOON: i64 = 720;

/// Books them.
///
/// # Errors
/// The ask that was denied.
pub fn book(f: &mut Founding, bookings: &mut Bookings) -> Result<(), String> {
    let Some(firm) = bookings.bookers.first().copied() else { return Ok(()) };
    let Some(days) = (AFTER..AFTER + 7).find(|days| Bookings::is_working(f, -days)) else { return Ok(()) };
    let day = f.founded.day().plus_days(days);
    let mut provinces: Vec<u32> = Vec::new();
    let mut is_new = |kept: &&Kept| {
        let province = kept.keeper.spot.province();
        let is_new = !kept.by_quote && !kept.needs_permit && !provinces.contains(&province);
        provinces.extend(is_new.then_some(province));
        is_new
    };
    let chosen: Vec<Kept> = bookings.kept.iter().filter(|kept| is_new(kept)).take(TIMES).copied().collect();
    let pick = |kept: &Kept| json!({ "instrument": kept.id, "from": at(day, NOON), "minutes": 30, "basis": "by-hour", "samples": null, "permit": null, "agreement": null });
    let picks: Vec<Value> = chosen.iter().map(pick).collect();
    bookings.count += picks.len();
    let command = json!({
        "verb": "book", "picks": picks, "buyer": firm.id, "purpose": "research", "project": null,
        "detail": "同一批样品在三地比对（示例数据） / one batch compared at three places (demo)", "no_secrets": true,
    });
    f.ask_all("bookings", vec![invented("bundle/1".into(), firm.by(), "bundle", None, command)]).map(drop)
}
