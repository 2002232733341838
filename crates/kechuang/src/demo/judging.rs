//! Judging: two panels for the applications to a call. One has come to its result, twice for one of them; one is at work, with a tie found late, a
//! reviewer who declined, one who kept silent, and one who was asked in the last days.

use grammar::kinds::Id;
use registry::{Ask, Asker};
use serde_json::{Value, json};

use super::{
    applications::{AT_WORK, JUDGED, Way},
    asks::{Founding, invented},
    experts::Expert,
    houses::Town,
    names::dice,
    rejudging::{self, Again},
    texts::both,
};

/// Days before the founding.
const ACCEPTED: i32 = 9;
const SIGNED: i32 = 7;
const CONCLUDED: i32 = 4;
const AGAIN: i32 = 3;
const LATE: i32 = 2;
const EACH: usize = 3;
const CRITERIA: [(&str, &str, i64); 5] = [
    ("创新性", "novelty", 30),
    ("技术路线", "technical route", 25),
    ("研究基础", "foundation", 20),
    ("实施计划与预算", "plan and budget", 15),
    ("应用前景", "prospects of use", 10),
];

/// What reviewers write to those they judge.
const OPEN: [&str; 3] = [
    "问题提得准，方法有原创性，数据和平台条件具备。\nA well-posed question, an original method, data and facilities at hand.",
    "总体可行，建议补充与现有方法的定量比较。\nFeasible as a whole; a quantitative comparison with known methods is advised.",
    "创新点不够集中，时间安排偏紧。\nThe novelty is spread thin and the schedule is tight.",
];

/// A review of the story: place of the application, place among the chosen experts.
type Seat = (usize, usize);

/// Who reviews what in the panel at work: nine experts, two each; the first place of the third application is
/// given to the first expert, late.
fn seats_at_work() -> Vec<Seat> {
    (0..AT_WORK).flat_map(|c| (0..EACH).map(move |s| (c, (c + 3 * s + c / 3) % 9))).collect()
}

/// A panel as its office speaks of it.
pub struct Panel {
    key: &'static str,
    id: Id,
    officer: Id,
}

impl Panel {
    fn open(
        f: &mut Founding,
        officer: Id,
        key: &'static str,
        title: Value,
        call: Id,
    ) -> Result<Self, String> {
        let criteria: Vec<Value> = CRITERIA
            .iter()
            .map(|(zh, en, weight)| json!({ "criterion": both(zh, en), "weight": weight }))
            .collect();
        let terms = json!({
            "verb": "open", "title": title, "region": "310000", "about": call, "criteria": criteria, "each": EACH,
            "load_max": 6, "answer_days": 5, "review_days": 21, "fee_level": "middle", "pass_share": null,
        });
        let by = Asker::Person(officer);
        let made =
            f.ask_all("panels", vec![invented(format!("panel/{key}/open"), by, "panel", None, terms)])?;
        Ok(Self { key, id: *made.first().ok_or("no panel")?, officer })
    }

    pub fn asks(&self, name: &str, command: Value) -> Ask {
        let key = format!("panel/{}/{name}", self.key);
        invented(key, Asker::Person(self.officer), "panel", Some(self.id), command)
    }

    pub fn ask(&self, f: &mut Founding, name: &str, command: Value) -> Result<(), String> {
        f.ask_all("panels", vec![self.asks(name, command)]).map(drop)
    }

    pub fn propose(&self, f: &mut Founding, name: &str, pairs: &[(Id, Id)]) -> Result<(), String> {
        let pairs: Vec<Value> = pairs
            .iter()
            .map(|(candidate, expert)| json!({ "candidate": candidate, "expert": expert }))
            .collect();
        self.ask(f, name, json!({ "verb": "propose", "pairs": pairs }))
    }

    /// The review of an expert for a candidate, as the office sees it.
    pub fn review(&self, f: &Founding, (candidate, expert): (Id, Id)) -> Result<Id, String> {
        let state = f.record(self.officer, self.id)?.state;
        let is =
            |seat: &&Value, name: &str, id: Id| seat.get(name).and_then(Value::as_str) == Some(id.as_str());
        let seats = state.get("seats").and_then(Value::as_array).into_iter().flatten();
        let mut found = seats.filter(|seat| is(seat, "candidate", candidate) && is(seat, "expert", expert));
        let review = found.next().and_then(|seat| seat.get("review")?.as_str()?.parse().ok());
        review.ok_or_else(|| "no such seat".to_owned())
    }
}

fn opinion(worth: i64, n: usize) -> Value {
    let mut dice = dice("application-opinion", n);
    let marks: Vec<Value> = (1..=CRITERIA.len())
        .map(|place| {
            let off = i64::try_from(dice.below(9)).unwrap_or(0) - 4;
            json!({ "place": place, "score": (worth + off).clamp(0, 100) })
        })
        .collect();
    let at = match worth {
        82.. => 0,
        70.. => 1,
        _ => 2,
    };
    let open = OPEN.get(at).copied().unwrap_or("");
    json!({ "verb": "sign", "marks": marks, "open": open, "closed": null })
}

/// How a review goes: when it is accepted and signed, if it is, and with what worth.
#[derive(Clone, Copy)]
enum Goes {
    Signs(i64),
    Accepts,
    Declines,
    Silent,
    /// Asked in the last days only.
    Late,
}

fn goes(seat: Seat) -> Goes {
    match seat {
        // The first expert has two to do, and one more that was asked for late.
        (0 | 5, 0) => Goes::Accepts,
        (0, 3) => Goes::Signs(86),
        (0, _) => Goes::Signs(79),
        (1, 1) => Goes::Signs(91),
        (1, 4) => Goes::Signs(84),
        (1, _) => Goes::Signs(88),
        (2, 2) => Goes::Late,
        (2, 5) => Goes::Signs(64),
        (3, 4) => Goes::Signs(72),
        (3, 7) => Goes::Declines,
        (4, 5) => Goes::Signs(58),
        (4, 8) => Goes::Silent,
        (5, 6) => Goes::Signs(49),
        (5, _) => Goes::Signs(87),
        (_, n) if n % 2 == 0 => Goes::Accepts,
        _ => Goes::Signs(75),
    }
}

/// Both panels, day by day.
///
/// # Errors
/// The first ask that was denied.
pub fn judged(
    f: &mut Founding,
    town: &Town,
    (ways, experts): (&[Way], &[Expert]),
    call: Id,
) -> Result<(), String> {
    let officer = town.officers.id("panel-1")?;
    let title = |zh: &str, en: &str| {
        both(&format!("示例基础研究计划{zh}评审组"), &format!("Panel for {en} of the Sample Programme"))
    };
    let work = Panel::open(f, officer, "ai", title("智能科学方向", "AI for Science"), call)?;
    let done = Panel::open(f, officer, "facilities", title("大科学装置方向", "Large Facilities"), call)?;
    let ids = |range: std::ops::Range<usize>| -> Vec<Id> {
        ways.iter().filter(|w| range.contains(&w.n)).map(|w| w.id).collect()
    };
    work.ask(f, "admit", json!({ "verb": "admit-candidates", "candidates": ids(0..AT_WORK) }))?;
    done.ask(f, "admit", json!({ "verb": "admit-candidates", "candidates": ids(AT_WORK..JUDGED) }))?;
    let pair = |(way, expert): Seat| Some((ways.get(way)?.id, experts.get(expert)?.id));
    let at_work = seats_at_work();
    let is_late = |seat: &Seat| matches!(goes(*seat), Goes::Late);
    let early: Vec<Seat> = at_work.iter().copied().filter(|seat| !is_late(seat)).collect();
    let finished: Vec<Seat> =
        (AT_WORK..JUDGED).flat_map(|way| [0, 4, 8].map(|expert| (way, expert))).collect();
    work.propose(f, "propose", &early.iter().filter_map(|seat| pair(*seat)).collect::<Vec<_>>())?;
    done.propose(f, "propose", &finished.iter().filter_map(|seat| pair(*seat)).collect::<Vec<_>>())?;
    let mut all = Vec::new();
    for (panel, seats) in [(&work, &early), (&done, &finished)] {
        for seat in seats {
            let review = panel.review(f, pair(*seat).ok_or("no seat")?)?;
            let how = if panel.id == done.id {
                Goes::Signs(70 + 5 * i64::try_from(seat.0 % 3).unwrap_or(0))
            } else {
                goes(*seat)
            };
            all.push((*seat, review, how));
        }
    }
    answered(f, experts, &all)?;
    f.wait(CONCLUDED)?;
    let reviews: Vec<Id> =
        all.iter().filter(|((way, _), ..)| *way >= AT_WORK).map(|(_, review, _)| *review).collect();
    done.ask(f, "close", json!({ "verb": "close-scores", "reviews": reviews }))?;
    done.ask(f, "conclude", json!({ "verb": "conclude" }))?;
    // The office finds out that a reviewer has worked with an applicant; the first expert is asked in someone's place.
    let tied = (experts.get(3).ok_or("no expert")?, ways.first().ok_or("no application")?);
    let note = json!({
        "verb": "note-relation", "bond": "co-work", "with": tied.1.lead.signer, "since": f.today.plus_days(-300),
        "until": null, "note": "共同发表论文（示例） / a joint paper (sample)",
    });
    let by = town.officers.by("expert-1")?;
    f.ask_all("panels", vec![invented("expert/tie/late".into(), by, "expert", Some(tied.0.id), note)])?;
    f.wait(AGAIN)?;
    let twice = ways.iter().find(|way| way.n == rejudging::APPLICATION).ok_or("no application")?;
    let again = Again::begins(f, town, &done, (twice.id, experts))?;
    f.wait(LATE)?;
    again.ends(f, &done)?;
    let late: Vec<(Id, Id)> =
        at_work.iter().filter(|s| is_late(s)).filter_map(|(way, _)| pair((*way, 0))).collect();
    work.propose(f, "propose-late", &late)
}

fn answered(f: &mut Founding, experts: &[Expert], all: &[(Seat, Id, Goes)]) -> Result<(), String> {
    let by = |(_, expert): Seat| experts.get(expert).map(Expert::by).ok_or("no expert");
    let ask = |n: usize, name: &str, seat: Seat, review: Id, command: Value| {
        Ok::<_, String>(invented(
            format!("panel/review/{n}/{name}"),
            by(seat)?,
            "review",
            Some(review),
            command,
        ))
    };
    f.wait(ACCEPTED)?;
    let mut asks = Vec::new();
    for (n, (seat, review, how)) in all.iter().enumerate() {
        let command = match how {
            Goes::Signs(_) | Goes::Accepts => {
                json!({ "verb": "accept", "no_conflict": true, "in_person": true })
            }
            Goes::Declines => json!({ "verb": "decline", "ground": "not-my-field", "note": null }),
            Goes::Silent | Goes::Late => continue,
        };
        asks.push(ask(n, "answer", *seat, *review, command)?);
    }
    f.ask_all("panels", asks)?;
    f.wait(SIGNED)?;
    let mut asks = Vec::new();
    for (n, (seat, review, how)) in all.iter().enumerate() {
        if let Goes::Signs(worth) = how {
            asks.push(ask(n, "sign", *seat, *review, opinion(*worth, n))?);
        }
    }
    f.ask_all("panels", asks).map(drop)
}
