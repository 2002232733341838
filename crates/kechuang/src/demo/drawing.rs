//! Drawing: a panel of which nobody is named by anyone (EP-R21, EP-R23). The list is fixed and sealed, then drawn from the
//! house's own draw; experts are invited in drawn order, one is passed over with a reason; all have judged, and a secret
//! ballot is open for some days after the founding.

use std::collections::BTreeSet;

use desks::panel::{Entry, Lots, Seat};
use grammar::kinds::Id;
use registry::Asker;
use serde::Deserialize;
use serde_json::{Value, json};

use super::{
    applications::Way,
    asks::{Founding, at, invented},
    experts::Expert,
    houses::Town,
    texts::both,
};

/// Minutes of the last day before the founding.
const OPENED: i64 = 1_150;
const DRAWN: i64 = 1_155;
const ACCEPTED: i64 = 1_170;
const SIGNED: i64 = 1_260;
const VOTED: i64 = 1_290;
/// The ballot closes so many days after the founding, at half past four.
const CLOSES_IN: i32 = 5;
/// Experts on the list, each of another unit; what they know, as the call's first topic asks.
const LISTED: usize = 15;
const FIELD: &str = "artificial-intelligence";
const EACH: u32 = 3;
const CRITERIA: [(&str, &str, i64); 3] =
    [("创新性", "novelty", 50), ("可行性", "feasibility", 30), ("团队基础", "team and foundation", 20)];
const OPEN: [&str; 2] = [
    "问题清楚，建议邀请提交正式申报书。\nA clear question; the full text should be invited.",
    "想法可取，数据来源还需说明。\nA good idea; where the data come from needs a word.",
];

/// What the panel's office reads of it.
#[derive(Deserialize)]
struct State {
    candidates: Vec<Entry>,
    seats: Vec<Seat>,
    lots: Option<Lots>,
}

struct Panel {
    id: Id,
    officer: Id,
}

impl Panel {
    fn ask(&self, f: &mut Founding, name: &str, command: Value) -> Result<(), String> {
        let by = Asker::Person(self.officer);
        f.ask_all(
            "drawing",
            vec![invented(format!("panel/drawn/{name}"), by, "panel", Some(self.id), command)],
        )
        .map(drop)
    }

    fn state(&self, f: &Founding) -> Result<State, String> {
        serde_json::from_value(f.record(self.officer, self.id)?.state).map_err(|error| error.to_string())
    }
}

/// Fifteen of the field, of as many units, none of them one that applies.
fn listed(pool: &[Expert], ways: &[Way]) -> Vec<Id> {
    let mut units: BTreeSet<Id> = ways.iter().map(|way| way.lead.id).collect();
    let fits = |expert: &&Expert| expert.tie.is_none() && expert.fields.contains(&FIELD);
    let fresh = pool.iter().filter(fits).filter(|expert| units.insert(expert.unit.id));
    fresh.take(LISTED).map(|expert| expert.id).collect()
}

fn opened(f: &mut Founding, town: &Town, call: Id) -> Result<Panel, String> {
    let officer = town.officers.id("panel-1")?;
    let criterion =
        |(zh, en, weight): (&str, &str, i64)| json!({ "criterion": both(zh, en), "weight": weight });
    let terms = json!({
        "verb": "open", "title": both("两阶段预申报评审组（随机抽取专家）", "Panel for the briefs, drawn by lot"),
        "region": "310000", "about": call, "criteria": CRITERIA.map(criterion), "each": EACH, "load_max": 3,
        "answer_days": 5, "review_days": 21, "fee_level": "lowest", "pass_share": null, "by_lot": true,
    });
    let open = invented("panel/drawn/open".into(), Asker::Person(officer), "panel", None, terms);
    let id = f.ask_all("drawing", vec![open])?.first().copied().ok_or("no panel")?;
    Ok(Panel { id, officer })
}

/// The panel from its list to its open ballot. Gives a voter who has not voted.
///
/// # Errors
/// The first ask that was denied, or nothing was drawn.
pub fn drawn(
    f: &mut Founding,
    town: &Town,
    (pool, ways): (&[Expert], &[Way]),
    call: Id,
) -> Result<Id, String> {
    f.wait_until(1, OPENED)?;
    let panel = opened(f, town, call)?;
    let candidates: Vec<Id> = ways.iter().map(|way| way.id).collect();
    panel.ask(f, "admit", json!({ "verb": "admit-candidates", "candidates": candidates }))?;
    panel.ask(f, "fix", json!({ "verb": "fix", "experts": listed(pool, ways) }))?;
    // The seed is bound to the first signed state of the log behind the list.
    f.registry().seal_now().map_err(|broken| broken.to_string())?;
    f.wait_until(1, DRAWN)?;
    let lots = panel.state(f)?.lots.filter(|lots| lots.drawn.is_some()).ok_or("nothing was drawn")?;
    let first = candidates.first().copied().ok_or("no candidate")?;
    let order = lots.order.iter().find(|one| one.candidate == first).ok_or("no order")?;
    let place =
        order.experts.first().and_then(|place| usize::try_from(*place).ok()).ok_or("nobody was drawn")?;
    let passed = lots.known.get(place).ok_or("nobody was drawn")?.expert;
    let reason = "专家所在单位来函，评审期间在境外执行任务（示例） / the unit writes that the expert is abroad until then (sample)";
    panel.ask(
        f,
        "pass",
        json!({ "verb": "pass", "candidate": first, "expert": passed, "reason": reason }),
    )?;
    panel.ask(f, "invite", json!({ "verb": "invite", "candidates": candidates }))?;
    let seats: Vec<Seat> = panel.state(f)?.seats;
    judged(f, &seats, &candidates)?;
    let reviews: Vec<_> = seats.iter().map(|seat| seat.review).collect();
    panel.ask(f, "close", json!({ "verb": "close-scores", "reviews": reviews }))?;
    ballot(f, &panel, &seats, &candidates)
}

/// Everyone accepts and signs; nobody is far from the others.
fn judged(f: &mut Founding, seats: &[Seat], candidates: &[Id]) -> Result<(), String> {
    let ask = |n: usize, name: &str, seat: &Seat, command: Value| {
        let by = Asker::Person(seat.person.id());
        invented(format!("panel/drawn/review/{n}/{name}"), by, "review", Some(seat.review.id()), command)
    };
    let accept = json!({ "verb": "accept", "no_conflict": true, "in_person": true });
    f.wait_until(1, ACCEPTED)?;
    let accepts = seats.iter().enumerate().map(|(n, seat)| ask(n, "accept", seat, accept.clone()));
    f.ask_all("drawing", accepts.collect())?;
    f.wait_until(1, SIGNED)?;
    let sign = |(n, seat): (usize, &Seat)| {
        let worth = if candidates.first() == Some(&seat.candidate) { 84 } else { 73 };
        let marks = (0..CRITERIA.len()).map(|k| json!({ "place": k + 1, "score": worth + (n + 2 * k) % 7 }));
        let open = OPEN.get(n % OPEN.len()).copied().unwrap_or("");
        let command =
            json!({ "verb": "sign", "marks": marks.collect::<Vec<_>>(), "open": open, "closed": null });
        ask(n, "sign", seat, command)
    };
    f.ask_all("drawing", seats.iter().enumerate().map(sign).collect()).map(drop)
}

/// An odd number votes; one has voted on both, one on the first.
fn ballot(f: &mut Founding, panel: &Panel, seats: &[Seat], candidates: &[Id]) -> Result<Id, String> {
    f.wait_until(1, VOTED)?;
    let mut seen = BTreeSet::new();
    let mut voters: Vec<Id> =
        seats.iter().map(|seat| seat.person.id()).filter(|id| seen.insert(*id)).collect();
    let excused: Vec<Id> =
        if voters.len().is_multiple_of(2) { voters.pop().into_iter().collect() } else { vec![] };
    let reason = (!excused.is_empty()).then_some("因出差不能参加表决（示例） / travelling (sample)");
    let put = json!({
        "verb": "put-to-vote", "candidates": candidates, "closes": at(f.founded.day().plus_days(CLOSES_IN), 990),
        "matter": "money", "excused": excused, "reason": reason,
    });
    panel.ask(f, "put-to-vote", put)?;
    let [first, second, third, ..] = voters.as_slice() else { return Err("too few voters".to_owned()) };
    let entries = panel.state(f)?.candidates;
    let mut asks = Vec::new();
    for (n, entry) in entries.iter().enumerate() {
        for voter in [first, second].into_iter().take(2 - n.min(1)) {
            let cast = json!({ "verb": "cast", "candidate": entry.candidate, "choice": "yes", "word": format!("示例暗语 {n}") });
            let key = format!("panel/drawn/cast/{n}/{}", asks.len());
            asks.push(invented(key, Asker::Person(*voter), "panel", Some(panel.id), cast));
        }
    }
    f.ask_all("drawing", asks)?;
    Ok(*third)
}
