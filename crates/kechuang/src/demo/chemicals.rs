//! Chemicals: what two laboratories keep: real substances with invented amounts. One is controlled and waits for its second custodian,
//! one batch has expired, one data sheet is old, and two stand together that should not, with a reason.

use grammar::kinds::Id;
use registry::Ask;
use serde_json::{Value, json};

use super::{
    asks::{Founding, invented},
    houses::Town,
    offers::Laboratory,
    people::{self, Place, Series},
};

const STAGE: &str = "chemicals";
/// In which the first chemicals stand, and how many of them the first laboratory has.
const OF_FIRST: usize = 7;
/// Days since a data sheet was issued; of every fifth one so many that it is to be renewed.
const ISSUED: i32 = 400;
const OLD: i32 = 2_000;
const STAFF: Series = Series { key: "custodian", zh: "示例保管人", en: "Sample Custodian" };

/// A substance as it is kept.
struct Kept {
    zh: &'static str,
    en: &'static str,
    cas: Option<&'static str>,
    hazards: &'static [&'static str],
    group: &'static str,
    unit: &'static str,
    place: &'static str,
    at_hand: i64,
}

const fn kept(
    (zh, en, cas): (&'static str, &'static str, Option<&'static str>),
    hazards: &'static [&'static str],
    (group, unit): (&'static str, &'static str),
    (place, at_hand): (&'static str, i64),
) -> Kept {
    Kept { zh, en, cas, hazards, group, unit, place, at_hand }
}

const ALL: [Kept; 12] = [
    kept(
        ("乙醇", "ethanol", Some("64-17-5")),
        &["flammable", "irritant"],
        ("other", "millilitre"),
        ("B1-1", 4_500),
    ),
    kept(
        ("异丙醇", "isopropanol", Some("67-63-0")),
        &["flammable", "irritant"],
        ("other", "millilitre"),
        ("B1-2", 2_000),
    ),
    kept(
        ("过碳酸钠", "sodium percarbonate", Some("15630-89-4")),
        &["oxidising", "irritant"],
        ("other", "gram"),
        ("B1-2", 500),
    ),
    kept(
        ("乙酸", "acetic acid", Some("64-19-7")),
        &["flammable", "corrosive"],
        ("acid", "millilitre"),
        ("A1", 1_000),
    ),
    kept(
        ("氢氧化钠", "sodium hydroxide", Some("1310-73-2")),
        &["corrosive"],
        ("base", "gram"),
        ("A2", 1_500),
    ),
    kept(("氯化钠", "sodium chloride", Some("7647-14-5")), &[], ("other", "gram"), ("C1", 5_000)),
    kept(("pH 7 缓冲液", "buffer solution, pH 7", None), &[], ("other", "millilitre"), ("C2", 750)),
    kept(
        ("乙酸乙酯", "ethyl acetate", Some("141-78-6")),
        &["flammable", "irritant"],
        ("other", "millilitre"),
        ("1", 2_500),
    ),
    kept(
        ("正己烷", "n-hexane", Some("110-54-3")),
        &["flammable", "irritant", "health-hazard", "environmental"],
        ("other", "millilitre"),
        ("1", 4_000),
    ),
    kept(("甘油", "glycerol", Some("56-81-5")), &[], ("other", "millilitre"), ("3", 1_000)),
    kept(("二甲基亚砜", "dimethyl sulfoxide", Some("67-68-5")), &[], ("other", "millilitre"), ("3", 500)),
    kept(("液氮", "liquid nitrogen", Some("7727-37-9")), &["gas"], ("other", "millilitre"), ("4", 50_000)),
];

/// The buffer solution, of which a batch has expired; and the one beside which another should not stand.
const EXPIRED: usize = 6;
const TOGETHER: usize = 2;

/// Keeps the text of a safety data sheet as its file.
fn sheet(f: &Founding, kept: &Kept, n: usize) -> Result<Value, String> {
    let text =
        format!("{}：安全技术说明书（示例数据）\nSafety data sheet of {} (demo data)\n", kept.zh, kept.en);
    let hash = f.registry().put_file(text.as_bytes()).map_err(|fault| format!("{}: {fault:?}", kept.en))?;
    let days = if n % 5 == 4 { OLD } else { ISSUED };
    Ok(
        json!({ "file": format!("{hash}:{}.txt", kept.en), "language": "zh", "issued": f.today.plus_days(-days) }),
    )
}

fn entry(f: &Founding, kept: &Kept, n: usize, laboratory: Id) -> Result<Value, String> {
    let together =
        "各置于带盖的防漏盘内，间隔半米（示例数据） / each in a covered tray, half a metre apart (demo)";
    let is_expired = n == EXPIRED;
    Ok(json!({
        "verb": "enter", "laboratory": laboratory, "name": { "zh": kept.zh, "en": kept.en }, "cas": kept.cas,
        "grade": "AR", "hazards": kept.hazards, "control": "not-controlled", "unit": kept.unit, "most": kept.at_hand * 2,
        "place": kept.place, "group": kept.group, "together": (n == TOGETHER).then_some(together), "custodians": [],
        "safety_sheet": sheet(f, kept, n)?, "is_offered": n % 3 != 2, "at_hand": kept.at_hand,
        "batch": format!("DEMO-{n:02}"), "expires": f.today.plus_days(if is_expired { -10 } else { 300 }),
    }))
}

/// Enters what two laboratories of different units keep. Gives how many chemicals, and how many persons came for them.
///
/// # Errors
/// The first ask that was denied, or when a file cannot be kept.
pub fn keep(f: &mut Founding, town: &Town, laboratories: &[Laboratory]) -> Result<(usize, usize), String> {
    let first = laboratories.first().ok_or("no laboratory")?;
    let second = laboratories.iter().find(|other| other.lead.id != first.lead.id).unwrap_or(first);
    let takes = json!({ "verb": "set-hazards", "hazards": ["flammable", "irritant", "corrosive"], "only_these_hazards": true });
    let takes = invented(format!("{STAGE}/takes"), first.lead.by(), "laboratory", Some(first.id), takes);
    f.ask_all(STAGE, vec![takes])?;
    let mut asks: Vec<Ask> = Vec::new();
    for (n, kept) in ALL.iter().enumerate() {
        let of = if n < OF_FIRST { first } else { second };
        let command = entry(f, kept, n, of.id)?;
        asks.push(invented(format!("{STAGE}/{n}/enter"), of.lead.by(), "chemical", None, command));
    }
    let ids = f.ask_all(STAGE, asks)?;
    let goes_on = |n: usize, verb: &str, command: Value| {
        let of = if n < OF_FIRST { first } else { second };
        invented(format!("{STAGE}/{n}/{verb}"), of.lead.by(), "chemical", ids.get(n).copied(), command)
    };
    let asks = vec![
        goes_on(
            0,
            "use",
            json!({ "verb": "use", "amount": 350, "purpose": "清洗样品台（示例数据） / cleaning the stage (demo)" }),
        ),
        goes_on(
            0,
            "count",
            json!({ "verb": "count", "counted": 4_130, "reason": "挥发（示例数据） / evaporated (demo)" }),
        ),
        goes_on(
            7,
            "use",
            json!({ "verb": "use", "amount": 500, "purpose": "萃取（示例数据） / extraction (demo)" }),
        ),
    ];
    f.ask_all(STAGE, asks)?;
    controlled(f, town, first)?;
    Ok((ids.len() + 1, 1))
}

/// Potassium permanganate, kept by two: what is there is confirmed, some was used, and some waits for whom a visitor becomes.
fn controlled(f: &mut Founding, town: &Town, laboratory: &Laboratory) -> Result<(), String> {
    let (registrar, lead) = (town.officers.by("registrar-1")?, laboratory.lead);
    let register = vec![people::registration(STAFF, 1, lead.spot.region, registrar)];
    let other = f.ask_all(STAGE, register)?.first().copied().ok_or("no custodian")?;
    let (key, role) = ("person/custodian/1".to_owned(), "化学品保管人 / custodian of chemicals");
    let place = Place { key, person: other, organisation: lead.id, role, may_sign: false };
    people::settle(f, &[place], registrar)?;
    let by_other = registry::Asker::Person(other);
    let enter = json!({
        "verb": "enter", "laboratory": laboratory.id, "name": { "zh": "高锰酸钾", "en": "potassium permanganate" },
        "cas": "7722-64-7", "grade": "AR", "hazards": ["oxidising", "irritant", "environmental"],
        "control": "drug-precursor-three", "unit": "gram", "most": 1_000, "place": "T1（双锁） / T1, two locks",
        "custodians": [lead.signer, other], "at_hand": 500, "batch": "DEMO-T1",
    });
    let entered =
        f.ask_all(STAGE, vec![invented(format!("{STAGE}/t/enter"), by_other, "chemical", None, enter)])?;
    let id = entered.first().copied();
    let takes = |amount: i64| json!({ "verb": "use", "amount": amount, "purpose": "水样滴定（示例数据） / titration of water (demo)" });
    let ask = |n: usize, by, command: Value| invented(format!("{STAGE}/t/{n}"), by, "chemical", id, command);
    let confirm = || json!({ "verb": "confirm" });
    let asks = vec![
        ask(1, lead.by(), confirm()),
        ask(2, lead.by(), takes(40)),
        ask(3, by_other, confirm()),
        ask(4, by_other, takes(25)),
    ];
    f.ask_all(STAGE, asks).map(drop)
}
