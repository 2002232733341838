//! Shortlisting: one need of the first batch is not settled with the others. Its answers wait in a supplementary allocation; the
//! three best are on the shortlist, and the need's owner has still to say whom they prefer.

use grammar::kinds::Id;
use registry::Asker;
use serde_json::{Value, json};

use super::{
    asks::{Founding, invented},
    awards,
    houses::Town,
    needs::Posed,
    solutions::Answer,
    texts::both,
};

/// The need, by the key of its text: one that the first allocation would leave without an answer.
const NEED: &str = "lung-lnp";
/// How many of its answers are on the shortlist.
const LISTED: usize = 3;
/// Days before the founding.
const OPENED: i32 = 115;

/// The place of this need in the first batch.
pub fn held(batch: &[Posed]) -> Option<usize> {
    batch.iter().position(|posed| posed.text.key == NEED)
}

/// Gathers its answers and puts the best on the shortlist. Gives the need's owner.
///
/// # Errors
/// The first ask that was denied.
pub fn shortlist(f: &mut Founding, town: &Town, batch: &[Posed], answers: &[Answer]) -> Result<Id, String> {
    let place = held(batch).ok_or("no such need")?;
    let own: Vec<&Answer> = answers.iter().filter(|answer| answer.need == place).collect();
    let officer = town.officers.id("joint-1")?;
    f.wait(OPENED)?;
    let one = |f: &mut Founding, name: &str, record: Option<Id>, command: Value| {
        let key = format!("allocation/supplement/{name}");
        let ask = invented(key, Asker::Person(officer), "allocation", record, command);
        f.ask_all("shortlist", vec![ask]).map(|ids| ids.first().copied())
    };
    let title =
        both("首批联合攻关计划补充立项（示例数据）", "Supplement to the first joint research plan (demo)");
    let mut terms = awards::terms(answers);
    if let Some(fields) = terms.as_object_mut() {
        fields.insert("title".into(), title);
    }
    let id = one(f, "open", None, terms)?.ok_or("no allocation")?;
    let all: Vec<Id> = own.iter().map(|answer| answer.id).collect();
    one(f, "admit", Some(id), json!({ "verb": "admit", "candidates": all, "young": [] }))?;
    let mut best = Vec::new();
    for answer in &all {
        let card = f.record(officer, *answer)?.card;
        best.push((std::cmp::Reverse(card.read::<u32>("score")), *answer));
    }
    best.sort_by_key(|(score, _)| *score);
    let listed: Vec<Id> = best.into_iter().take(LISTED).map(|(_, answer)| answer).collect();
    one(f, "shortlist", Some(id), json!({ "verb": "shortlist", "candidates": listed }))?;
    batch.get(place).map(|posed| posed.owner.signer).ok_or_else(|| "no owner".to_owned())
}
