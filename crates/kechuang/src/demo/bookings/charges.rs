//! Charges: keepers look at what is owed, adjust some of it, and firms object to some.

use registry::Ask;
use serde_json::json;

use super::{Booked, Founding};

/// From this day before the founding on nothing is looked at yet.
const LATEST: i32 = 3;

/// What is asked about the charge of the `n`th booking of a day that was reported.
fn asks(each: &Booked, n: usize, is_paid: bool) -> Vec<Ask> {
    let (keeper, buyer) = (each.kept.keeper.by(), each.buyer.by());
    let check = each.ask("check-charge", keeper, json!({ "verb": "check-charge" }));
    let adjust = |cause: &str, minutes: Option<i64>, reason: &str| {
        let command = json!({
            "verb": "adjust", "part": "price", "cause": cause, "charged_minutes": minutes, "unit_charge": null,
            "amount": null, "reason": reason,
        });
        each.ask("adjust", keeper, command)
    };
    match (is_paid, n % 4) {
        // Not looked at yet.
        (false, 0) => vec![],
        (false, 1) => {
            let reason = "仪器中途重启，十二分钟未能使用（示例数据） / the instrument restarted, twelve minutes were lost (demo)";
            vec![adjust("other-minutes", Some(each.minutes - 12), reason)]
        }
        (false, 2) => {
            let reason =
                "制冷系统故障，结果不可用（示例数据） / cooling failed, results cannot be used (demo)";
            vec![adjust("waived", None, reason)]
        }
        (false, _) if !each.is_inside => {
            let reason = "实际只使用一小时（示例数据） / it was used for an hour only (demo)";
            vec![check, each.ask("contest", buyer, json!({ "verb": "contest", "reason": reason }))]
        }
        _ => vec![check],
    }
}

/// The keepers' day with what a day of the story came to; `reported` with whether each was paid.
///
/// # Errors
/// The first ask that was denied.
pub fn look_at(f: &mut Founding, days_before: i32, reported: &[(&Booked, bool)]) -> Result<(), String> {
    if days_before <= LATEST {
        return Ok(());
    }
    let all = reported.iter().zip(0_usize..).flat_map(|((each, is_paid), n)| asks(each, n, *is_paid));
    f.ask_all("bookings", all.collect()).map(drop)
}
