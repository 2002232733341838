//! Samples: what comes to the instruments of the demonstration for bookings ahead: some to be accepted, some on the way, some here,
//! and some of which the rest is to be sent back.

use registry::Ask;
use serde_json::{Value, json};

use super::{
    super::asks::{Founding, invented},
    Booked, Bookings,
    kept::visited,
};

const STAGE: &str = "bookings";
/// What is sent, its hazards, and how many steps it has come.
const SENT: [(&str, &[&str], usize); 8] = [
    ("正极粉末 / cathode powder", &["irritant"], 0),
    ("乙醇分散的催化剂 / catalyst in ethanol", &["flammable"], 2),
    ("聚合物薄膜 / polymer films", &[], 1),
    ("陶瓷切片 / ceramic sections", &[], 3),
    ("合金样块 / alloy blocks", &[], 5),
    ("电解液 / electrolyte", &["flammable", "corrosive"], 3),
    ("玻璃纤维 / glass fibre", &[], 2),
    ("光刻胶涂片 / coated wafers", &[], 0),
];

/// What is asked, one after another, and whether by the keeper.
fn steps(carriage: &str) -> [(&'static str, bool, Value); 5] {
    let note = "到一楼收样室（示例数据） / to the desk on floor 1 (demo)";
    [
        ("accept", true, json!({ "verb": "accept", "note": note })),
        (
            "send",
            false,
            json!({ "verb": "send", "carriage": carriage, "carrier": "示例物流", "tracking": "SL20260001" }),
        ),
        ("receive", true, json!({ "verb": "receive", "condition": "good", "counted": 6, "note": null })),
        ("begin", true, json!({ "verb": "begin" })),
        ("finish", true, json!({ "verb": "finish", "left": 4, "note": null })),
    ]
}

/// Declares some for bookings in which one of those whom a visitor becomes has a part, and lets each go as far as it has come. `sent` are
/// there already; gives how many more are.
///
/// # Errors
/// The first ask that was denied.
pub fn come(f: &mut Founding, bookings: &Bookings, booked: &[Booked], sent: usize) -> Result<usize, String> {
    let keeper = visited(&bookings.kept).map(|kept| kept.keeper.id);
    let firm = bookings.bookers.first().map(|firm| firm.id);
    let is_shown = |each: &&Booked| {
        !each.is_inside && (firm == Some(each.buyer.id) || keeper == Some(each.kept.keeper.id))
    };
    let coming = || booked.iter().filter(is_shown).zip(SENT.iter().zip(0_usize..).skip(sent));
    let mut asks: Vec<Ask> = Vec::new();
    for (each, ((what, hazards, _), n)) in coming() {
        let handling = "通风橱内戴手套操作（示例数据） / gloves, in the hood (demo)";
        let command = json!({
            "verb": "declare", "booking": each.id, "order": null, "instrument": each.kept.id,
            "what": format!("{what}（示例数据）"), "count": 6, "marks": "S1–S6", "hazards": hazards,
            "handling": (!hazards.is_empty()).then_some(handling), "safety_sheet": null,
            "storage": if n % 2 == 0 { "dry" } else { "room" }, "rest": "send-back", "keep_days": null,
            "back_to": "收发室（示例数据） / mail room (demo)", "is_complete": true,
        });
        asks.push(invented(format!("sample/{n}/declare"), each.buyer.by(), "sample", None, command));
    }
    let ids = f.ask_all(STAGE, asks)?;
    let count = ids.len();
    let mut asks: Vec<Ask> = Vec::new();
    for ((each, ((_, hazards, far), n)), id) in coming().zip(ids) {
        let carriage = if hazards.is_empty() { "post" } else { "licensed-carrier" };
        for (verb, is_keeper, command) in steps(carriage).into_iter().take(*far) {
            let by = if is_keeper { each.kept.keeper.by() } else { each.buyer.by() };
            asks.push(invented(format!("sample/{n}/{verb}"), by, "sample", Some(id), command));
        }
    }
    f.ask_all(STAGE, asks)?;
    Ok(count)
}
