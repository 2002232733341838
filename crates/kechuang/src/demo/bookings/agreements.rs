//! Agreements: the firm that a visitor becomes has hours paid ahead at one instrument and a charge of its own at another, books
//! under both, and shares the cost of a booking with other firms.

use grammar::kinds::Id;
use registry::Ask;
use serde_json::{Value, json};

use super::{super::houses::House, Booked, Bookings, Founding, Kept, at, invented};

/// From which minute of a day the bookings under agreements are: nobody else comes in the evening.
const EVENING: i64 = 19 * 60;
/// How many days ahead they are.
const AHEAD: [i32; 2] = [5, 6];

fn offer(f: &Founding, kept: &Kept, firm: &House, more: &Value) -> Value {
    let day = f.founded.day();
    let mut entry = json!({
        "verb": "offer", "number": format!("示例协议 DEMO-{:02}", kept.n), "provider": kept.keeper.id, "buyer": firm.id,
        "instruments": [kept.id], "from": day.plus_days(-super::FIRST), "until": day.plus_days(340),
        "hour": null, "cap": null, "hours": null, "price": null, "paper": null,
    });
    if let (Some(entry), Some(more)) = (entry.as_object_mut(), more.as_object()) {
        entry.extend(more.clone());
    }
    entry
}

/// Offers and agrees to them, and books under them in the days ahead.
///
/// # Errors
/// The first ask that was denied.
pub fn set(f: &mut Founding, bookings: &Bookings) -> Result<(), String> {
    let Some(firm) = bookings.bookers.first().copied() else { return Ok(()) };
    let open = bookings.kept.iter().filter(|kept| kept.is_always_open && kept.keeper.id != firm.id);
    let open: Vec<Kept> = open.take(AHEAD.len()).copied().collect();
    let terms = |n: usize, kept: &Kept| match n {
        0 => json!({ "hours": 40, "price": format!("{}.00", kept.hour * 36) }),
        _ => json!({ "hour": format!("{}.00", kept.hour * 8 / 10), "cap": "60000.00" }),
    };
    for ((kept, ahead), n) in open.iter().zip(AHEAD).zip(0_usize..) {
        let key = |verb: &str| format!("agreement/{}/{verb}", kept.n);
        let ask = |verb: &str, by, id: Option<Id>, command| invented(key(verb), by, "agreement", id, command);
        let entry = offer(f, kept, &firm, &terms(n, kept));
        let ids = f.ask_all("bookings", vec![ask("offer", kept.keeper.by(), None, entry)])?;
        let Some(id) = ids.first().copied() else { continue };
        let mut asks: Vec<Ask> = vec![ask("agree", firm.by(), Some(id), json!({ "verb": "agree" }))];
        if n == 0 {
            let receive =
                json!({ "verb": "receive", "amount": format!("{}.00", kept.hour * 36), "reference": null });
            asks.push(ask("receive", kept.keeper.by(), Some(id), receive));
        }
        let from = at(f.founded.day().plus_days(ahead), EVENING);
        let booking = json!({
            "verb": "request", "instrument": kept.id, "buyer": firm.id, "from": from, "minutes": 120, "every": null,
            "basis": "by-hour", "samples": null, "project": null, "purpose": "research",
            "detail": "协议用户夜间测试（示例数据） / evening measurement under an agreement (demo)",
            "permit": null, "instead_of": null, "agreement": id, "no_secrets": true,
        });
        asks.push(invented(format!("booking/{}/agreement", kept.n), firm.by(), "booking", None, booking));
        f.ask_all("bookings", asks)?;
    }
    Ok(())
}

/// Two bookings of a day ahead are paid by two firms; the second of these has not answered yet.
///
/// # Errors
/// The first ask that was denied.
pub fn share(f: &mut Founding, bookings: &Bookings, booked: &[Booked]) -> Result<(), String> {
    let mut asks = Vec::new();
    let outside = booked.iter().filter(|each| !each.is_inside && !each.kept.by_quote);
    for (each, n) in outside.take(2).zip(0_usize..) {
        let Some(other) = bookings.bookers.iter().find(|firm| firm.id != each.buyer.id) else { continue };
        let payers = json!([
            { "payer": each.buyer.id, "project": "示例项目 A / demo project A", "share": "2/3" },
            { "payer": other.id, "project": null, "share": "1/3" },
        ]);
        asks.push(each.ask("split", each.buyer.by(), json!({ "verb": "split", "payers": payers })));
        if n == 0 {
            asks.push(each.ask("agree-to-share", other.by(), json!({ "verb": "agree-to-share" })));
        }
    }
    f.ask_all("bookings", asks).map(drop)
}
