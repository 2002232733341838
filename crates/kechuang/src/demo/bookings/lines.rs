//! Lines: the keeper whom a visitor becomes has an instrument for which people only stand in line, one of them at it, and one that is
//! booked and stood in line for.

use grammar::kinds::Id;
use serde_json::{Value, json};

use super::{Bookings, Kept, kept::visited};
use crate::demo::{
    asks::{Founding, invented},
    houses::House,
};

const STAGE: &str = "bookings";
/// Minutes of whoever is at it, and of those who wait.
const LONG: i64 = 480;
const WANTED: [i64; 3] = [60, 30, 90];

/// The instrument of this keeper for which people only stand in line.
pub fn queued(kept: &[Kept]) -> Option<Kept> {
    let keeper = visited(kept)?.keeper.id;
    let may =
        |one: &&Kept| one.keeper.id == keeper && !one.is_always_open && !one.by_quote && !one.needs_permit;
    kept.iter().rfind(may).copied()
}

fn using(kept: &Kept, mode: &str) -> Value {
    let mut using = kept.using();
    if let Some(using) = using.as_object_mut() {
        using.insert("openings".into(), json!([]));
        using.insert("mode".into(), mode.into());
    }
    using
}

fn joins(kept: &Kept, house: &House, minutes: i64) -> Value {
    json!({
        "verb": "join", "instrument": kept.id, "buyer": house.id, "minutes": minutes, "basis": "by-hour", "samples": null,
        "purpose": "research", "project": null, "detail": "现场送检样品（示例数据） / samples brought along (demo)",
        "permit": null, "agreement": null, "no_secrets": true,
    })
}

/// Opens both, and lets people join; at the first of them one has begun already.
///
/// # Errors
/// The first ask that was denied.
pub fn stand(f: &mut Founding, bookings: &Bookings) -> Result<(), String> {
    let Some((queued, both)) = queued(&bookings.kept).zip(visited(&bookings.kept).copied()) else {
        return Ok(());
    };
    let lined = [(queued, "queue"), (both, "hybrid")];
    let set = lined.iter().map(|(kept, mode)| {
        let command = json!({ "verb": "set-using", "using": using(kept, mode) });
        invented(format!("line/{}/using", kept.n), kept.keeper.by(), "instrument", Some(kept.id), command)
    });
    f.ask_all(STAGE, set.collect())?;
    // The firm that a visitor becomes stands behind another.
    let Some(([first, other, second], begins)) = bookings.bookers.first_chunk().zip(bookings.bookers.get(3))
    else {
        return Ok(());
    };
    begun(f, &queued, begins)?;
    let mut asks = Vec::new();
    for (kept, _) in &lined {
        for (house, minutes) in [other, first, second].into_iter().zip(WANTED) {
            let key = format!("line/{}/{}", kept.n, asks.len());
            asks.push(invented(key, house.by(), "line", Some(line(kept)), joins(kept, house, minutes)));
        }
    }
    f.ask_all(STAGE, asks).map(drop)
}

fn line(kept: &Kept) -> Id {
    desks::line::name(kept.id.r()).id()
}

/// Joins, is called, takes the turn and begins.
fn begun(f: &mut Founding, kept: &Kept, house: &House) -> Result<(), String> {
    let key = |verb: &str| format!("line/{}/{verb}", kept.n);
    let join = invented(key("join"), house.by(), "line", Some(line(kept)), joins(kept, house, LONG));
    f.ask_all(STAGE, vec![join])?;
    let take = json!({
        "verb": "take-turn", "instrument": kept.id, "line": line(kept), "turn": 1, "buyer": house.id, "minutes": null,
        "permit": null, "agreement": null,
    });
    let taken = f.ask_all(STAGE, vec![invented(key("take"), house.by(), "booking", None, take)])?;
    let start = json!({ "verb": "start", "instrument": kept.id, "code": kept.door() });
    f.ask_all(STAGE, vec![invented(key("start"), house.by(), "booking", taken.first().copied(), start)])
        .map(drop)
}
