//! Draws: one that is drawn while a visitor looks, and one whose list anyone may still add a word to.

use serde_json::{Value, json};

use super::{
    asks::{Founding, invented},
    houses::Town,
    texts::both,
};

/// When the first draw closes, in milliseconds after it was opened, which the founding does last.
const SOON: i64 = 300_000;
/// When the second one does, after the founding: in five days.
const LATER: i64 = 5 * 86_400_000;
/// Sample orders from which some are looked at.
const ORDERS: usize = 24;
/// Sample experts for a meeting.
const EXPERTS: usize = 18;

fn terms(purpose: Value, list: &str, take: usize, closes: grammar::kinds::Moment) -> Value {
    json!({
        "verb": "open", "region": "310000", "purpose": purpose, "about": null,
        "basis": "示例数据：演示用的抽签办法 / demo: rules of a draw for demonstration",
        "list": list, "take": take, "spare": 2, "quotas": [], "closes": closes, "outside": null, "again": null,
    })
}

/// Opens both.
///
/// # Errors
/// The first ask that was denied.
pub fn draws(f: &mut Founding, town: &Town) -> Result<usize, String> {
    let (office, now) = (town.officers.by("voucher-1")?, f.founded);
    let orders: Vec<String> = (1..=ORDERS).map(|n| format!("示例订单 {n:02}")).collect();
    let experts: Vec<String> = (1..=EXPERTS)
        .map(|n| format!("示例专家 {n:02}; {}", if n % 3 == 0 { "财务 finance" } else { "技术 technology" }))
        .collect();
    let sample = both("科技创新券兑付材料抽查（示例数据）", "Voucher orders to be looked at (demo)");
    let mut sample = terms(sample, &orders.join("\n"), 3, f.came_to("draws")?.plus_millis(SOON));
    let panel = both("评审专家抽取（示例数据）", "Experts for a panel (demo)");
    let mut panel = terms(panel, &experts.join("\n"), 5, now.plus_millis(LATER));
    if let (Some(sample), Some(panel)) = (sample.as_object_mut(), panel.as_object_mut()) {
        sample.insert("spare".into(), 0.into());
        panel.insert("quotas".into(), json!([{ "group": "财务 finance", "at_least": 1, "at_most": 2 }]));
    }
    let asks = [("orders", sample), ("panel", panel)];
    let asks = asks.map(|(name, command)| invented(format!("draw/{name}"), office, "draw", None, command));
    f.ask_all("draws", asks.into()).map(|ids| ids.len())
}
