//! Briefs: a third call, in two stages, in its first days: of five units one is invited to the full text, one waits to be,
//! one waits for its formal check, one was not invited and knows why, one still writes.

use grammar::kinds::Id;
use serde_json::{Value, json};

use super::{
    applications::{self, Way, afternoon, guide},
    asks::{Founding, invented},
    houses::{House, Town},
    texts::{APPLICATIONS, both, rows},
};

/// Days before the founding, and after it.
const OPENED: i32 = 3;
const BRIEFS_FOR: i32 = 14;
const FULL_FROM: i32 = 25;
const CLOSES_IN: i32 = 60;
/// Units that write a brief.
const BRIEFS: usize = 5;
/// Numbers of these applications, behind those of the other calls.
const FROM: usize = 100;
/// Those that a panel judges: units and texts by their place, all of the first topic.
const FOR_PANEL: [usize; 2] = [9, 11];

fn draft(call: Id, lead: &House, [topic, title_zh, title_en, zh, en]: [&str; 5]) -> Value {
    json!({
        "verb": "draft", "call": call, "topic": topic, "lead": lead.id,
        "title": both(&format!("{title_zh}（续）"), &format!("{title_en}, continued")),
        "brief": format!("{zh}\n{en}"), "route": null, "foundation": null,
        "indicators": ["关键指标较现有方法提高一倍 / twice as good as known methods"], "months": 36, "milestones": [],
        "summary": both(zh, en), "partners": [], "total": "900000.00", "public_money": "800000.00", "minimum": null,
        "budget": [], "differences": null, "declared": {}, "avoid": [], "keywords": [], "no_secrets": true,
    })
}

/// The call and its briefs. Gives their number, and the call.
///
/// # Errors
/// The first ask that was denied.
pub fn briefs(f: &mut Founding, town: &Town, programme: Id) -> Result<(usize, Id), String> {
    let title =
        both("示例基础研究计划重点项目（两阶段申报）", "Key Projects of the Sample Programme, in Two Stages");
    let mut terms = guide(f, programme, title, (OPENED, CLOSES_IN));
    if let Some(fields) = terms.as_object_mut() {
        fields.insert("brief_closes".into(), afternoon(f, BRIEFS_FOR).into());
        fields.insert("full_opens".into(), afternoon(f, FULL_FROM).into());
    }
    let call = applications::call(f, town, "two-stages", terms)?;
    let texts = rows::<5>(APPLICATIONS)?;
    let leads: Vec<House> = town.universities.iter().skip(2).take(BRIEFS).copied().collect();
    let drafts = leads.iter().zip(&texts).zip(FROM..).map(|((lead, text), n)| {
        invented(format!("application/{n}/draft"), lead.by(), "application", None, draft(call, lead, *text))
    });
    let ids = f.ask_all("briefs", drafts.collect())?;
    let ways: Vec<Way> =
        leads.into_iter().zip(ids).zip(FROM..).map(|((lead, id), n)| Way { n, id, lead }).collect();
    let mut asks = Vec::new();
    for way in ways.iter().take(BRIEFS - 1) {
        asks.extend(handed_in(way));
    }
    let office = town.officers.by("programme-1")?;
    let passed = json!({ "verb": "check-formally", "passed": true, "grounds": [], "reason": null });
    let not =
        "创新点与在研项目相近，本次名额有限。\nThe idea is close to a running project, and places are few.";
    for (place, way) in ways.iter().enumerate() {
        if matches!(place, 0 | 1 | 3) {
            asks.push(way.ask("check", office, passed.clone()));
        }
        match place {
            0 => asks.push(way.ask("invite", office, json!({ "verb": "invite" }))),
            3 => asks.push(way.ask("turn-down", office, json!({ "verb": "turn-down", "reason": not }))),
            _ => {}
        }
    }
    f.ask_all("briefs", asks)?;
    Ok((ways.len(), call))
}

/// Two more, handed in and checked, for a panel to judge.
///
/// # Errors
/// The first ask that was denied.
pub fn for_panel(f: &mut Founding, town: &Town, call: Id) -> Result<Vec<Way>, String> {
    let texts = rows::<5>(APPLICATIONS)?;
    let mut ways = Vec::new();
    let office = town.officers.by("programme-1")?;
    for (n, place) in FOR_PANEL.into_iter().zip(FROM + BRIEFS..).map(|(place, n)| (n, place)) {
        let (lead, text) = (town.universities.get(place), texts.get(place));
        let (Some(lead), Some(text)) = (lead.copied(), text) else {
            return Err("too few universities".to_owned());
        };
        let draft = draft(call, &lead, *text);
        let draft = invented(format!("application/{n}/draft"), lead.by(), "application", None, draft);
        let id = f.ask_all("briefs", vec![draft])?.first().copied().ok_or("no brief")?;
        let way = Way { n, id, lead };
        let passed = json!({ "verb": "check-formally", "passed": true, "grounds": [], "reason": null });
        let mut asks = handed_in(&way);
        asks.push(way.ask("check", office, passed));
        f.ask_all("briefs", asks)?;
        ways.push(way);
    }
    Ok(ways)
}

/// From its leader to its submission.
fn handed_in(way: &Way) -> Vec<registry::Ask> {
    let leader = json!({
        "verb": "add-member", "person": way.lead.signer, "organisation": way.lead.id, "role": "leader",
        "task": "总体负责 / overall lead", "months_a_year": 6,
    });
    let facts = json!({
        "verb": "state-leader", "age": 45, "is_woman": null, "title": "senior", "degree": "doctor", "recommenders": 0,
    });
    vec![
        way.ask("leader", way.lead.by(), leader),
        way.ask("facts", way.lead.by(), facts),
        way.ask("certify", way.lead.by(), json!({ "verb": "certify" })),
        way.ask("confirm", way.lead.by(), json!({ "verb": "confirm-by-unit", "letter": null })),
        way.ask("submit", way.lead.by(), json!({ "verb": "submit" })),
    ]
}
