//! Reviews: one panel, three opinions on each of the 133 solutions, 399 in all, by experts without a conflict. The
//! assignment is the engine's: the best fit there is within every load, with its proof checked.

use std::collections::{BTreeMap, BTreeSet};

use engines::reviewers::{self, Outcome, Pair, Paper, Question, Reviewer};
use grammar::{form::Dice, kinds::Id};
use registry::Asker;
use serde_json::{Value, json};

use super::{
    asks::{Founding, invented},
    balloting,
    experts::Expert,
    houses::Town,
    names::dice,
    needs::Posed,
    solutions::Answer,
    texts::both,
};

/// Reviews of each solution, and of each expert at most.
const EACH: u32 = 3;
const LOAD: u32 = 7;
/// What fits into one command.
const CANDIDATES: usize = 45;
const PAIRS: usize = 130;
/// Criteria of the usual sheet (NJ-R13).
const CRITERIA: usize = 6;
/// Days before the founding.
const OPENED: i32 = 160;
const ACCEPTED: i32 = 157;
const SIGNED: i32 = 148;
const CLOSED: i32 = 138;

/// One seat of the panel.
struct Seat {
    review: Id,
    candidate: Id,
    expert: Id,
}

/// What reviewers write to those they judge, from the best to the weakest.
const OPEN: [[&str; 2]; 4] = [
    [
        "路线清晰，指标承诺有数据支撑，团队互补性强，跨省分工合理。",
        "A clear route, promises backed by data, a team that complements itself across provinces.",
    ],
    [
        "总体可行，个别指标余量偏小，建议补充批次数据。",
        "Feasible as a whole; little margin on one target, more batch data advised.",
    ],
    [
        "创新性一般，工程化路径需要进一步说明。",
        "Ordinary in novelty; the way to production needs more detail.",
    ],
    ["关键指标的依据不足，风险应对措施偏弱。", "Key targets are not well founded and risks are weakly met."],
];

/// Whether an expert may judge an answer: not of a body that answers the same need, or that owns it, nor tied to a
/// leader. The panel looks again, with everything it knows.
fn is_barred(expert: &Expert, answer: &Answer, batch: &[Posed], rivals: &BTreeSet<Id>) -> bool {
    let owner = batch.get(answer.need).map(|posed| posed.owner.id);
    rivals.contains(&expert.unit.id)
        || owner == Some(expert.unit.id)
        || expert.tie == Some(answer.lead.signer)
}

/// How well an expert fits: chief field, second field, finance for the rest.
fn fit(expert: &Expert, answer: &Answer, dice: &mut Dice) -> i32 {
    let known = expert.fields.iter().position(|field| *field == answer.field);
    let base = match known {
        Some(0) => 900,
        Some(_) => 600,
        None if expert.is_finance => 300,
        None => 100,
    };
    base + i32::try_from(dice.below(90)).unwrap_or(0)
}

fn question(experts: &[Expert], answers: &[Answer], batch: &[Posed]) -> Question {
    let mut bodies: BTreeMap<usize, BTreeSet<Id>> = BTreeMap::new();
    for answer in answers {
        let team = answer.partners.iter().chain([&answer.lead]).map(|house| house.id);
        bodies.entry(answer.need).or_default().extend(team);
    }
    let units: BTreeMap<Id, u32> = experts.iter().map(|expert| expert.unit.id).zip(0..).collect();
    let reviewer = |expert: &Expert| Reviewer {
        least: LOAD - 1,
        most: LOAD,
        unit: units.get(&expert.unit.id).copied().unwrap_or(reviewers::NO_UNIT),
        is_senior: false,
    };
    let mut pairs = Vec::new();
    for (answer, paper) in answers.iter().zip(0..) {
        let rivals = bodies.get(&answer.need).cloned().unwrap_or_default();
        for (expert, reviewer) in experts.iter().zip(0..) {
            let mut dice = dice("fit", paper as usize * experts.len() + reviewer as usize);
            if !is_barred(expert, answer, batch, &rivals) {
                pairs.push((paper, Pair { reviewer, score: fit(expert, answer, &mut dice) }));
            }
        }
    }
    let mut question = Question {
        papers: vec![Paper { demand: EACH, seniors: 0 }; answers.len()],
        reviewers: experts.iter().map(reviewer).collect(),
        unit_part: Some(EACH),
        ..Question::default()
    };
    question.put_pairs(pairs);
    question
}

/// The engine's assignment, its proof checked.
fn assignment(experts: &[Expert], answers: &[Answer], batch: &[Posed]) -> Result<Vec<(Id, Id)>, String> {
    let question = question(experts, answers, batch);
    let outcome = reviewers::propose(&question, &mut |_| true).map_err(|fault| fault.to_string())?;
    let Outcome::Proposed(proposal) = outcome else { return Err("no assignment of reviewers".to_owned()) };
    reviewers::check(&question, &proposal).map_err(|doubt| format!("{doubt:?}"))?;
    let pair = |(paper, reviewer): &(u32, u32)| {
        Some((answers.get(*paper as usize)?.id, experts.get(*reviewer as usize)?.id))
    };
    Ok(proposal.pairs.iter().filter_map(pair).collect())
}

fn opened(f: &mut Founding, by: Asker, answers: &[Answer]) -> Result<Id, String> {
    let terms = json!({
        "verb": "open", "title": both("首批联合攻关解决方案评审组", "Panel for the solutions of the first batch"),
        "region": "310000", "about": null, "criteria": [], "each": EACH, "load_max": LOAD, "answer_days": 5,
        "review_days": 25, "fee_level": "middle", "pass_share": null, "composition": "joint-research",
    });
    let panel = f.ask_all("panel", vec![invented("panel/first/open".into(), by, "panel", None, terms)])?;
    let panel = *panel.first().ok_or("no panel")?;
    let ids: Vec<Id> = answers.iter().map(|answer| answer.id).collect();
    let admit = |(n, some): (usize, &[Id])| {
        let command = json!({ "verb": "admit-candidates", "candidates": some });
        invented(format!("panel/first/admit/{n}"), by, "panel", Some(panel), command)
    };
    f.ask_all("panel", ids.chunks(CANDIDATES).enumerate().map(admit).collect())?;
    Ok(panel)
}

/// The seats as the panel office sees them.
fn seats(f: &Founding, officer: Id, panel: Id) -> Result<Vec<Seat>, String> {
    let record = f.record(officer, panel)?;
    let seats = record.state.get("seats").and_then(Value::as_array).ok_or("a panel without seats")?;
    let id = |seat: &Value, name: &str| seat.get(name).and_then(Value::as_str).and_then(|id| id.parse().ok());
    let seat = |seat: &Value| {
        Some(Seat {
            review: id(seat, "review")?,
            candidate: id(seat, "candidate")?,
            expert: id(seat, "expert")?,
        })
    };
    Ok(seats.iter().filter_map(seat).collect())
}

/// What an expert finds: the worth, the expert's own mildness, and what one sees and another does not.
fn opinion(worth: f64, mild: i64, dice: &mut Dice) -> Value {
    let marks: Vec<Value> = (1..=CRITERIA)
        .map(|place| {
            #[expect(clippy::cast_possible_truncation, reason = "a mark of at most a hundred")]
            let score = worth.round() as i64 + mild + i64::try_from(dice.below(9)).unwrap_or(0) - 4;
            json!({ "place": place, "score": score.clamp(0, 100) })
        })
        .collect();
    let at = if worth > 82.0 {
        0
    } else if worth > 74.0 {
        1
    } else if worth > 66.0 {
        2
    } else {
        3
    };
    let [zh, en] = OPEN.get(at).copied().unwrap_or(["", ""]);
    json!({ "verb": "sign", "marks": marks, "open": format!("{zh}\n{en}"), "closed": null })
}

/// Opens the panel, assigns, has every review accepted and signed, takes the scores and concludes.
///
/// # Errors
/// The first ask that was denied, or no assignment without conflicts.
pub fn reviews(
    f: &mut Founding,
    town: &Town,
    (batch, answers, experts): (&[Posed], &[Answer], &[Expert]),
) -> Result<Id, String> {
    let officer = town.officers.id("panel-1")?;
    let by = Asker::Person(officer);
    f.wait(OPENED)?;
    let panel = opened(f, by, answers)?;
    let pairs = assignment(experts, answers, batch)?;
    let propose = |(n, some): (usize, &[(Id, Id)])| {
        let pairs: Vec<Value> = some
            .iter()
            .map(|(candidate, expert)| json!({ "candidate": candidate, "expert": expert }))
            .collect();
        let command = json!({ "verb": "propose", "pairs": pairs });
        invented(format!("panel/first/propose/{n}"), by, "panel", Some(panel), command)
    };
    f.ask_all("panel", pairs.chunks(PAIRS).enumerate().map(propose).collect())?;
    let seats = seats(f, officer, panel)?;
    signed(f, (answers, experts), &seats)?;
    f.wait(CLOSED)?;
    let reviews: Vec<Id> = seats.iter().map(|seat| seat.review).collect();
    let close = json!({ "verb": "close-scores", "reviews": reviews });
    f.ask_all("panel", vec![invented("panel/first/close".into(), by, "panel", Some(panel), close)])?;
    balloting::ballot(f, (officer, panel), experts, CLOSED)?;
    let conclude = json!({ "verb": "conclude" });
    f.ask_all("panel", vec![invented("panel/first/conclude".into(), by, "panel", Some(panel), conclude)])?;
    Ok(panel)
}

fn signed(
    f: &mut Founding,
    (answers, experts): (&[Answer], &[Expert]),
    seats: &[Seat],
) -> Result<(), String> {
    let worth: BTreeMap<Id, f64> = answers.iter().map(|answer| (answer.id, answer.worth)).collect();
    let places: BTreeMap<Id, usize> = experts.iter().enumerate().map(|(n, expert)| (expert.id, n)).collect();
    let by = |seat: &Seat| {
        let expert = places.get(&seat.expert).and_then(|n| experts.get(*n)).ok_or("an unknown expert")?;
        Ok::<_, String>(expert.by())
    };
    f.wait(ACCEPTED)?;
    let accept = |(n, seat): (usize, &Seat)| {
        let command = json!({ "verb": "accept", "no_conflict": true, "in_person": true });
        Ok(invented(format!("review/{n}/accept"), by(seat)?, "review", Some(seat.review), command))
    };
    f.ask_all("reviews", seats.iter().enumerate().map(accept).collect::<Result<_, String>>()?)?;
    f.wait(SIGNED)?;
    let sign = |(n, seat): (usize, &Seat)| {
        let place = places.get(&seat.expert).copied().unwrap_or(0);
        let mild = i64::try_from(dice("mild", place).below(9)).unwrap_or(0) - 4;
        let worth = worth.get(&seat.candidate).copied().unwrap_or(60.0);
        let command = opinion(worth, mild, &mut dice("opinion", n));
        Ok(invented(format!("review/{n}/sign"), by(seat)?, "review", Some(seat.review), command))
    };
    f.ask_all("reviews", seats.iter().enumerate().map(sign).collect::<Result<_, String>>()?).map(drop)
}
