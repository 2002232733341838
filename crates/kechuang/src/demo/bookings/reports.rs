//! Test reports: some units are accredited, and issue reports for what was measured: one to be signed, one that its client objects to,
//! one that another has taken the place of.

use std::collections::BTreeMap;

use grammar::kinds::Id;
use registry::Ask;
use serde_json::{Value, json};

use super::{
    super::asks::{Founding, invented},
    Booked, Kept, Town,
};

const STAGE: &str = "bookings";
/// Units that are accredited, and reports of one day.
const UNITS: usize = 6;
const OF_DAY: usize = 2;
/// What their scope covers: method, and what is measured.
const COVERED: [(&str, Option<&str>); 3] = [
    ("GB/T 16594-2008", None),
    ("GB/T 17359-2023", Some("元素含量 / elements")),
    ("ISO 25178-2:2021", Some("表面粗糙度 / roughness")),
];

/// Enters and confirms an accreditation of some units. Gives them by unit.
///
/// # Errors
/// The first ask that was denied.
pub fn accredit(f: &mut Founding, town: &Town, kept: &[Kept]) -> Result<BTreeMap<Id, Id>, String> {
    // The unit whose keeper a visitor becomes stands first.
    let mut units: Vec<&Kept> = Vec::new();
    for each in kept {
        if units.len() < UNITS && units.iter().all(|other| other.keeper.id != each.keeper.id) {
            units.push(each);
        }
    }
    let from = f.founded.day().plus_days(-400);
    let scope: Vec<Value> =
        COVERED.iter().map(|(method, what)| json!({ "method": method, "what": what })).collect();
    let enter = |(n, each): (usize, &&Kept)| {
        let entry = json!({
            "verb": "enter", "holder": each.keeper.id, "mark": if n.is_multiple_of(2) { "cma" } else { "cnas" },
            "number": format!("示例资质 DEMO-{n:03}"), "body": "示例发证机构 / demo body", "from": from,
            "until": from.plus_months(72), "scope": scope, "signatories": [each.keeper.signer], "certificate": null,
        });
        invented(format!("accreditation/{n}/enter"), each.keeper.by(), "accreditation", None, entry)
    };
    let ids = f.ask_all("sharing", units.iter().enumerate().map(enter).collect())?;
    let office = town.officers.by("instruments-1")?;
    // One waits for the office.
    let confirm = |(n, id): (usize, &Id)| {
        let command = json!({ "verb": "confirm", "note": null });
        invented(format!("accreditation/{n}/confirm"), office, "accreditation", Some(*id), command)
    };
    let confirmed = ids.len().saturating_sub(1);
    f.ask_all("sharing", ids.iter().take(confirmed).enumerate().map(confirm).collect())?;
    Ok(units.iter().map(|each| each.keeper.id).zip(ids).take(confirmed).collect())
}

/// Keeps the text of a report as its file.
fn file(f: &Founding, number: &str) -> Result<String, String> {
    let text = format!("检测报告 {number}（示例数据）\nTest report {number} (demo data)\n");
    let hash = f.registry().put_file(text.as_bytes()).map_err(|fault| format!("{number}: {fault:?}"))?;
    Ok(format!("{hash}:{number}.txt"))
}

/// One report that is being made.
struct Made<'a> {
    n: usize,
    booked: &'a Booked,
    number: String,
    id: Id,
}

impl Made<'_> {
    fn ask(&self, verb: &str, is_buyer: bool, command: Value) -> Ask {
        let by = if is_buyer { self.booked.buyer.by() } else { self.booked.kept.keeper.by() };
        invented(format!("report/{}/{verb}", self.number), by, "test-report", Some(self.id), command)
    }

    fn is_issued(&self, f: &mut Founding, accredited: &BTreeMap<Id, Id>) -> Result<(), String> {
        let under: Vec<&Id> = accredited.get(&self.booked.kept.keeper.id).into_iter().collect();
        let issue = json!({ "verb": "issue", "file": file(f, &self.number)?, "accreditations": under });
        f.ask_all(STAGE, vec![self.ask("issue", false, issue)]).map(drop)
    }
}

/// Drafts reports for what was measured on a day, and issues most. `made` are there already; gives how many are now.
///
/// # Errors
/// The first ask that was denied, or when a file cannot be kept.
pub fn issue(
    f: &mut Founding,
    accredited: &BTreeMap<Id, Id>,
    days_before: i32,
    reported: &[(&Booked, bool)],
    made: usize,
) -> Result<usize, String> {
    let is_due =
        |(booked, _): &&(&Booked, bool)| !booked.is_inside && accredited.contains_key(&booked.kept.keeper.id);
    let mut due: Vec<&Booked> = reported.iter().filter(is_due).map(|(booked, _)| *booked).collect();
    // The keeper whom a visitor becomes has instruments that are never closed.
    due.sort_by_key(|booked| !booked.kept.is_always_open);
    let mut all: Vec<Made> = Vec::new();
    for (booked, n) in due.into_iter().take(OF_DAY).zip(made..) {
        let number = format!("SL-{days_before:03}-{n:02}");
        let id = draft(f, booked, accredited, (&number, None))?;
        all.push(Made { n, booked, number, id });
    }
    for one in &all {
        // Of the last days some still wait for whoever signs.
        if days_before <= 4 && one.n.is_multiple_of(2) {
            continue;
        }
        one.is_issued(f, accredited)?;
        goes_on(f, accredited, one)?;
    }
    Ok(made + all.len())
}

fn draft(
    f: &mut Founding,
    booked: &Booked,
    accredited: &BTreeMap<Id, Id>,
    (number, replaces): (&str, Option<Id>),
) -> Result<Id, String> {
    let keeper = &booked.kept.keeper;
    let under: Vec<&Id> = accredited.get(&keeper.id).into_iter().collect();
    let command = json!({
        "verb": "draft", "booking": booked.id, "order": null, "number": number,
        "title": "样品形貌与成分 / morphology and composition of samples", "samples": [],
        "begun": f.today, "done": f.today,
        "items": [
            { "what": "形貌 / morphology", "method": "GB/T 16594-2008" },
            { "what": "元素含量 / elements", "method": "GB/T 17359-2023" },
            { "what": "硬度 / hardness", "method": "企业方法 / in-house method", "is_outside": true },
        ],
        "accreditations": under, "signatory": keeper.signer, "replaces": replaces,
    });
    let ask = invented(format!("report/{number}/draft"), keeper.by(), "test-report", None, command);
    f.ask_all(STAGE, vec![ask])?.first().copied().ok_or_else(|| format!("{number} was not drafted"))
}

/// What becomes of some: an objection, answered or not; another report in their place.
fn goes_on(f: &mut Founding, accredited: &BTreeMap<Id, Id>, one: &Made) -> Result<(), String> {
    let object = json!({ "verb": "object", "reason": "硬度值与复测不一致，请复核（示例数据） / hardness differs from our own (demo)" });
    match one.n % 4 {
        1 => f.ask_all(STAGE, vec![one.ask("object", true, object)]).map(drop),
        2 => {
            let number = format!("{}-A", one.number);
            let id = draft(f, one.booked, accredited, (&number, Some(one.id)))?;
            Made { number, id, ..*one }.is_issued(f, accredited)
        }
        _ => Ok(()),
    }
}
