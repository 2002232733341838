//! Visits: two laboratories of the demonstration with safety notes and a limit of people inside; at one of them somebody is inside when
//! the region is founded, somebody is expected and somebody asks to come; at the other one visit is over and one has notes to confirm.

use grammar::kinds::{Id, Moment};
use registry::Ask;
use serde_json::{Value, json};

use super::{
    asks::{Founding, at, invented},
    houses::House,
    offers::Laboratory,
    texts::both,
};

const STAGE: &str = "bookings";
/// The evening before the founding, in minutes of that day.
const EVENING: i64 = 1_140;
const HOUR: i64 = 3_600_000;
/// People at once in a laboratory.
const MOST: i64 = 40;
const NAMES: [&str; 3] = ["示例来访人甲", "示例来访人乙", "示例来访人丙"];

/// A visit that is inside once the story has come to the founding.
pub struct Coming {
    id: Id,
    laboratory: Laboratory,
}

/// How far a visit has come on the evening before.
#[derive(Clone, Copy, PartialEq, PartialOrd)]
enum Far {
    Announced,
    Accepted,
    Confirmed,
    /// Everybody came in that evening; all but one went out again.
    Been,
}

/// At which laboratory and of which firm, its times, how many come, and how far it has come.
struct Told {
    laboratory: usize,
    firm: usize,
    from: Moment,
    until: Moment,
    people: usize,
    far: Far,
}

fn told(f: &Founding) -> [Told; 5] {
    let evening = at(f.founded.day().plus_days(-1), EVENING);
    let after = |hours: i64| f.founded.plus_millis(hours * HOUR);
    let one =
        |laboratory, firm, from, until, people, far| Told { laboratory, firm, from, until, people, far };
    [
        one(0, 1, evening, after(8), 3, Far::Confirmed),
        one(0, 0, after(1), after(9), 2, Far::Confirmed),
        one(0, 2, after(48), after(56), 2, Far::Announced),
        one(1, 3, evening, evening.plus_millis(HOUR), 2, Far::Been),
        one(1, 0, after(24), after(30), 1, Far::Accepted),
    ]
}

/// Announces them on the evening before the founding. Gives those who come in as the region is founded.
///
/// # Errors
/// The first ask that was denied.
pub fn announce(
    f: &mut Founding,
    laboratories: &[Laboratory],
    firms: &[House],
) -> Result<Vec<Coming>, String> {
    let Some(first) = laboratories.first().copied() else { return Ok(vec![]) };
    let other = laboratories.iter().take(12).find(|laboratory| laboratory.lead.id != first.lead.id);
    let both_of: Vec<Laboratory> = std::iter::once(first).chain(other.copied()).collect();
    keep(f, &both_of)?;
    let mut coming = Vec::new();
    for (n, told) in (1..).zip(told(f)) {
        let (Some(laboratory), Some(firm)) = (both_of.get(told.laboratory), firms.get(told.firm)) else {
            continue;
        };
        let names: Vec<Value> = NAMES.iter().take(told.people).map(|name| json!({ "name": name })).collect();
        let command = json!({
            "verb": "announce", "laboratory": laboratory.id, "visiting": firm.id, "from": told.from, "until": told.until,
            "purpose": "观摩并调试样品台（示例数据） / to see the set-up and adjust the stage (demo)",
            "booking": null, "proposal": null, "order": null, "visitors": names,
        });
        let asked = invented(format!("visit/{n}/announce"), firm.by(), "visit", None, command);
        let Some(id) = f.ask_all(STAGE, vec![asked])?.first().copied() else { continue };
        goes_on(f, n, id, (laboratory, firm), told.far)?;
        if n == 1 {
            coming.push(Coming { id, laboratory: *laboratory });
        }
    }
    Ok(coming)
}

/// Both laboratories say what visitors are to know, and how many may be inside.
fn keep(f: &mut Founding, laboratories: &[Laboratory]) -> Result<(), String> {
    let notes = both(
        "进入前更换实验服，佩戴护目镜；不得饮食；未经接待人同意不得触碰设备；听到警报即从最近的出口离开（示例数据）。",
        "Lab coat and goggles; no food or drink; touch nothing without your host; when the alarm sounds leave by the nearest exit (demo).",
    );
    let mut asks: Vec<Ask> = Vec::new();
    for (n, laboratory) in (1..).zip(laboratories) {
        let mut ask = |name: &str, command: Value| {
            let key = format!("visit/laboratory/{n}/{name}");
            asks.push(invented(key, laboratory.lead.by(), "laboratory", Some(laboratory.id), command));
        };
        ask("occupancy", json!({ "verb": "set-occupancy", "most": MOST }));
        ask("safety", json!({ "verb": "set-safety", "notes": notes }));
    }
    f.ask_all(STAGE, asks).map(drop)
}

fn goes_on(
    f: &mut Founding,
    n: i32,
    id: Id,
    (laboratory, firm): (&Laboratory, &House),
    far: Far,
) -> Result<(), String> {
    let (lead, at) = (laboratory.lead, laboratory.id);
    let conditions = "在一楼前台登记（示例数据） / report to the desk on floor 1 (demo)";
    let steps = [
        (
            Far::Accepted,
            "accept",
            lead,
            json!({ "verb": "accept", "host": lead.signer, "conditions": conditions }),
        ),
        (
            Far::Confirmed,
            "confirm",
            *firm,
            json!({ "verb": "confirm-safety", "laboratory": at, "version": 1 }),
        ),
        (Far::Been, "arrive", lead, json!({ "verb": "arrive", "laboratory": at, "visitor": null })),
        (Far::Been, "leave", lead, json!({ "verb": "leave", "visitor": 1 })),
    ];
    let asks = steps.into_iter().filter(|(step, ..)| *step <= far).map(|(_, name, by, command)| {
        invented(format!("visit/{n}/{name}"), by.by(), "visit", Some(id), command)
    });
    f.ask_all(STAGE, asks.collect()).map(drop)
}

/// They come in, once the story has come to the founding: two of three.
///
/// # Errors
/// The first ask that was denied.
pub fn begin(f: &mut Founding, coming: &[Coming]) -> Result<(), String> {
    let mut asks: Vec<Ask> = Vec::new();
    for Coming { id, laboratory } in coming {
        for visitor in [1, 2] {
            let command = json!({ "verb": "arrive", "laboratory": laboratory.id, "visitor": visitor });
            let key = format!("visit/inside/{visitor}");
            asks.push(invented(key, laboratory.lead.by(), "visit", Some(*id), command));
        }
    }
    f.ask_all(STAGE, asks).map(drop)
}
