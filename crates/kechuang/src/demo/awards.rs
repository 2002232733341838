//! Awards: the engine's choice with its proof, adopted by a meeting, made public for five working days, awarded: fifteen of
//! the twenty needs, as the letter says. Then task books, signatures, and the first milestones.

use desks::allocation::Allocation;
use engines::allocation::{self as engine, Outcome, Wish};
use grammar::kinds::Id;
use registry::Asker;
use serde_json::{Value, json};

use super::{
    asks::{Founding, invented},
    houses::Town,
    needs::Posed,
    people::PROVINCES,
    shortlisting,
    solutions::Answer,
    texts::both,
};

/// The letter's projects in the first joint plan.
pub const PROJECTS: usize = 15;
/// What fits into one command.
const CANDIDATES: usize = 130;
/// Public money that may be given, of what the best answers ask together: it binds.
const PART: usize = 76;
/// Days before the founding.
const OPENED: i32 = 132;
const ADOPTED: i32 = 128;
const AWARDED: i32 = 116;

const BASIS: &str = "长三角科技创新共同体联合攻关计划实施办法（试行）";

fn wan(amount: usize) -> String {
    format!("{amount}0000.00")
}

/// What the best answer to each need asks of each purse, in ten thousand yuan: the whole country's, then the provinces'.
fn asked(answers: &[Answer]) -> [usize; 5] {
    let mut sums = [0; 5];
    let mut seen = std::collections::BTreeSet::new();
    for answer in answers.iter().filter(|answer| seen.insert(answer.need)) {
        for (payer, amount) in &answer.public {
            let place = PROVINCES.iter().position(|province| Some(*province) == *payer).map_or(0, |n| n + 1);
            if let Some(sum) = sums.get_mut(place) {
                *sum += amount;
            }
        }
    }
    sums
}

pub fn terms(answers: &[Answer]) -> Value {
    let names = [
        ["中央引导地方科技发展资金", "Central guidance funds"],
        ["上海市财政科技资金", "Shanghai's funds"],
        ["江苏省财政科技资金", "Jiangsu's funds"],
        ["浙江省财政科技资金", "Zhejiang's funds"],
        ["安徽省财政科技资金", "Anhui's funds"],
    ];
    let regions = std::iter::once(None).chain(PROVINCES.into_iter().map(Some));
    let budget = |((name, region), asked): (([&str; 2], Option<u32>), usize)| {
        json!({
            "name": both(name[0], name[1]), "region": region.map(|code| format!("{code:06}")),
            "money": wan(asked * PART / 100),
        })
    };
    let budgets: Vec<Value> = names.into_iter().zip(regions).zip(asked(answers)).map(budget).collect();
    let count = json!({
        "name": both("首批不超过十五项", "At most fifteen in the first batch"), "over": "all", "quota_region": null,
        "field": null, "institution": null, "measure": "count", "least": null, "most": PROJECTS,
        "least_money": null, "most_money": null,
    });
    json!({
        "verb": "open", "title": both("首批联合攻关计划立项（示例数据）", "First joint research plan (demo)"),
        "region": "310000", "about": null, "basis": BASIS, "budgets": budgets, "quotas": [count],
        "one_per_need": true, "per_lead_max": 2, "months": 30,
    })
}

/// One ask of an officer about one record.
fn one(
    f: &mut Founding,
    key: &str,
    by: Asker,
    (desk, id): (&str, Option<Id>),
    command: Value,
) -> Result<Id, String> {
    let ids = f.ask_all("awards", vec![invented(key.to_owned(), by, desk, id, command)])?;
    ids.first().copied().ok_or_else(|| format!("{key}: nothing came of it"))
}

/// The allocation as its office sees it.
fn seen(f: &Founding, officer: Id, id: Id) -> Result<Allocation, String> {
    serde_json::from_value(f.record(officer, id)?.state).map_err(|error| error.to_string())
}

/// The engine's answer to the question the record asks.
fn proposed(allocation: &Allocation) -> Result<String, String> {
    let question = allocation.question();
    let found =
        engine::propose(&question, Wish::default(), &mut |_| true).map_err(|fault| format!("{fault:?}"))?;
    let Outcome::Proposed(proposal) = found else { return Err("no choice obeys the budgets".to_owned()) };
    serde_json::to_string(&proposal).map_err(|error| error.to_string())
}

/// Admits, attests, proposes, adopts, waits for the notice, awards. Gives the chosen answers.
///
/// # Errors
/// The first ask that was denied.
pub fn awards<'a>(
    f: &mut Founding,
    town: &Town,
    (batch, answers): (&[Posed], &'a [Answer]),
) -> Result<Vec<(&'a Answer, Id)>, String> {
    let (officer, second) = (town.officers.id("joint-1")?, town.officers.by("joint-2")?);
    let by = Asker::Person(officer);
    f.wait(OPENED)?;
    let id = one(f, "allocation/first/open", by, ("allocation", None), terms(answers))?;
    let at = ("allocation", Some(id));
    // One need is settled later: its answers are gathered by a supplementary allocation.
    let held = shortlisting::held(batch);
    let now = answers.iter().filter(|answer| Some(answer.need) != held);
    let all: Vec<Id> = now.map(|answer| answer.id).collect();
    let integrity = town.officers.by("integrity-1")?;
    for (n, some) in all.chunks(CANDIDATES).enumerate() {
        let admit = json!({ "verb": "admit", "candidates": some, "young": [] });
        one(f, &format!("allocation/first/admit/{n}"), by, at, admit)?;
        let attest = json!({
            "verb": "attest", "candidates": some, "clear": true, "document": null,
            "remark": "未查到有效期内的失信记录。/ No dishonesty record in force.",
        });
        one(f, &format!("allocation/first/attest/{n}"), integrity, at, attest)?;
    }
    let proposal = proposed(&seen(f, officer, id)?)?;
    one(f, "allocation/first/propose", by, at, json!({ "verb": "propose", "proposal": proposal }))?;
    f.wait(ADOPTED)?;
    let minutes =
        file(f, "示例会议纪要 第 1 号（示例数据）\nSample minutes no. 1 (demo)\n", "minutes-1.txt")?;
    let adopt = json!({
        "verb": "adopt", "departures": [], "minutes": minutes,
        "contact": both("示例联合办公室，通过本平台“提出异议”", "sample joint office, by an objection on this platform"),
    });
    f.ask_two(
        "awards",
        vec![invented("allocation/first/adopt".into(), by, "allocation", Some(id), adopt)],
        second,
    )?;
    f.wait(AWARDED)?;
    let notice = notice_of(f, officer, id)?;
    let needs = batch.iter().enumerate().filter(|(place, _)| Some(*place) != held);
    let needs: Vec<Id> = needs.map(|(_, posed)| posed.id).collect();
    let award = json!({
        "verb": "award", "notice": notice, "candidates": all, "needs": needs,
        "reason": "经评审择优，本批资金未能覆盖。/ Others ranked higher; the money of this batch did not reach.",
    });
    f.ask_two(
        "awards",
        vec![invented("allocation/first/award".into(), by, "allocation", Some(id), award)],
        second,
    )?;
    chosen(f, officer, answers)
}

/// Keeps a text as a file, and names it as records do.
pub fn file(f: &Founding, text: &str, name: &str) -> Result<String, String> {
    let hash = f.registry().put_file(text.as_bytes()).map_err(|fault| format!("{fault:?}"))?;
    Ok(format!("{hash}:{name}"))
}

fn notice_of(f: &Founding, officer: Id, id: Id) -> Result<Id, String> {
    f.record(officer, id)?
        .card
        .holders("notice")
        .next()
        .ok_or_else(|| "the choice was not made public".to_owned())
}

/// The answers that were selected, each with its project.
fn chosen<'a>(f: &Founding, officer: Id, answers: &'a [Answer]) -> Result<Vec<(&'a Answer, Id)>, String> {
    let mut chosen = Vec::new();
    for answer in answers {
        let record = f.record(officer, answer.id)?;
        chosen.extend(record.card.holders("project").next().map(|project| (answer, project)));
    }
    Ok(chosen)
}
