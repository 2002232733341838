//! Incidents: what is wrong at a few instruments: one resolved, one taken up, two open.

use registry::Ask;
use serde_json::{Value, json};

use super::{
    asks::{Founding, invented},
    bookings::Kept,
    houses::House,
};

/// What was reported, in both languages, and how far the keeper has come.
const ALL: [(&str, &str, u8); 4] = [
    ("breakdown", "真空度下降，抽气一小时仍不达标（示例数据） / vacuum does not come back (demo)", 2),
    ("help", "样品杆卡住，请管理人到场（示例数据） / sample holder is stuck, please come (demo)", 1),
    ("safety", "排风扇异响，气味明显（示例数据） / extractor fan is noisy, there is a smell (demo)", 0),
    ("breakdown", "成像有横纹，重启无效（示例数据） / stripes in the image, restart does not help (demo)", 0),
];
const STAGE: &str = "incidents";

/// Reports them for `reporter`, and lets the keepers answer.
///
/// # Errors
/// The first ask that was denied.
pub fn incidents(f: &mut Founding, kept: &[Kept], reporter: &House) -> Result<usize, String> {
    let all: Vec<(usize, &Kept, &(&str, &str, u8))> =
        kept.iter().zip(&ALL).enumerate().map(|(n, (kept, told))| (n, kept, told)).collect();
    let report = |(n, kept, (trouble, what, _)): &(usize, &Kept, &(&str, &str, u8))| {
        let command = json!({
            "verb": "report", "instrument": kept.id, "reporter": reporter.id, "trouble": trouble, "what": what,
            "pictures": [],
        });
        invented(format!("{STAGE}/{n}/report"), reporter.by(), "incident", None, command)
    };
    let ids = f.ask_all(STAGE, all.iter().map(report).collect())?;
    let mut asks: Vec<Ask> = Vec::new();
    for ((n, kept, (.., far)), id) in all.iter().zip(&ids) {
        let ask = |verb: &str, command: Value| {
            invented(format!("{STAGE}/{n}/{verb}"), kept.keeper.by(), "incident", Some(*id), command)
        };
        let text = "已到场查看（示例数据） / looked at on site (demo)";
        if *far > 0 {
            asks.push(ask("take-up", json!({ "verb": "take-up", "text": text, "expected": null })));
        }
        if *far > 1 {
            let text = "更换密封圈，恢复正常（示例数据） / seal replaced, works again (demo)";
            let command = json!({ "verb": "resolve", "text": text, "pictures": [], "cost": "650.00" });
            asks.push(ask("resolve", command));
        }
    }
    f.ask_all(STAGE, asks)?;
    Ok(ids.len())
}
