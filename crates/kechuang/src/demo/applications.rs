//! Applications: one programme, a call that has closed with twelve applications in their several states, and one that
//! is open.

use grammar::kinds::{Day, Id, Moment};
use registry::{Ask, Asker};
use serde_json::{Value, json};

use super::{
    asks::{Founding, invented},
    comparing,
    experts::Expert,
    houses::{House, Town},
    judging, rejudging,
    texts::{APPLICATIONS, both, rows},
};

/// Days before the founding.
const PUBLISHED: i32 = 29;
const OPENS: i32 = 28;
const SUBMITTED: i32 = 24;
const CLOSES: i32 = 12;
const CHECKED: i32 = 11;
const NOW_OPEN: i32 = 10;
/// The second call is open so many days after the founding.
const OPEN_FOR: i32 = 25;
/// Applications to the first call; those after them are drafts for the second.
const CLOSED: usize = 12;
/// The first ones are with the panel at work, those after with the one that has concluded.
pub const AT_WORK: usize = 6;
pub const JUDGED: usize = 9;

/// An application of the story.
pub struct Way {
    pub n: usize,
    pub id: Id,
    pub lead: House,
}

impl Way {
    pub fn ask(&self, name: &str, by: Asker, command: Value) -> Ask {
        let key = format!("application/{}/{name}", self.n);
        invented(key, by, "application", Some(self.id), command)
    }
}

fn topics() -> Value {
    let topic = |code: &str, title: Value, goals: Value, field: &str, places: u32| {
        json!({
            "code": code, "title": title, "goals": goals, "field": field, "funding": "up-to",
            "ceiling": "1000000.00", "places": places, "months": 36, "directed": false,
        })
    };
    json!([
        topic(
            "A",
            both("人工智能驱动的科学发现", "Scientific discovery driven by AI"),
            both(
                "面向物质、生命、能源和地球科学，建立可验证的智能发现方法。",
                "Methods of discovery that can be checked, for matter, life, energy and the earth."
            ),
            "artificial-intelligence",
            4,
        ),
        topic(
            "B",
            both("大科学装置的实验方法", "Methods for large facilities"),
            both(
                "发展同步辐射、自由电子激光和中子源的新实验方法。",
                "New methods at synchrotrons, free-electron lasers and neutron sources."
            ),
            "instruments-and-testing",
            2,
        ),
    ])
}

/// Half past four in the afternoon in China, so many days from the founding.
pub fn afternoon(f: &Founding, days: i32) -> String {
    let day: Day = f.founded.day().plus_days(days);
    Moment::from_millis(day.begins().in_millis() + 59_400_000).to_string()
}

pub fn guide(f: &Founding, programme: Id, title: Value, window: (i32, i32)) -> Value {
    let basis = "示例申报指南第三条（示例数据） / sample guide, article 3 (demo)";
    let condition =
        |looks: &str, number: Option<i64>| json!({ "looks": looks, "number": number, "basis": basis });
    let age = json!({ "looks": "age-at-most", "number": 55, "number_for_women": 58, "basis": basis });
    json!({
        "verb": "draft", "programme": programme, "title": title,
        "about": both(
            "资助科研人员围绕两个方向开展原创研究，每项不超过一百万元，期限三年。（示例数据）",
            "Original research in two directions, up to one million yuan each for three years. (demo)",
        ),
        "topics": topics(),
        "conditions": [
            age, condition("senior-doctor-or-recommended", Some(2)), condition("months-a-year-at-least", Some(4)),
            condition("unit-registered-years", Some(1)), condition("running-below", Some(2)),
        ],
        "family": "municipal", "per_unit": 4, "opens": afternoon(f, -window.0), "closes": afternoon(f, window.1),
        "embargo": null, "for_foreign_invested": false,
        "contact": both("示例项目管理处", "sample programme office"),
    })
}

/// A programme, adopted by two, under which both calls are published.
fn programme(f: &mut Founding, town: &Town) -> Result<Id, String> {
    let (by, second) = (town.officers.by("programme-1")?, town.officers.by("programme-2")?);
    let year = f.founded.day().year();
    let payer = town.authority(310_000)?;
    let draft = json!({
        "verb": "draft", "kind": "ordinary", "region": "310000",
        "title": both("示例基础研究计划", "Sample Programme of Basic Research"),
        "about": both("面向前沿交叉方向的自由探索与目标导向研究。（示例数据）", "Free and directed research across disciplines. (demo)"),
        "from": format!("{year}-01-01"), "until": format!("{}-12-31", year + 2),
        "funders": [{ "organisation": payer.id, "role": "city", "share": "1/1" }],
        "years": (0..3).map(|n| json!({ "year": year + n, "amount": "4000000.00" })).collect::<Vec<_>>(),
        "basis": "示例管理办法（示例数据）",
    });
    let made = f.ask_all("calls", vec![invented("programme/draft".into(), by, "programme", None, draft)])?;
    let programme = *made.first().ok_or("no programme")?;
    let adopt = json!({ "verb": "adopt" });
    f.ask_two(
        "calls",
        vec![invented("programme/adopt".into(), by, "programme", Some(programme), adopt)],
        second,
    )?;
    Ok(programme)
}

pub fn call(f: &mut Founding, town: &Town, key: &str, draft: Value) -> Result<Id, String> {
    let (by, second) = (town.officers.by("programme-1")?, town.officers.by("programme-2")?);
    let made = f.ask_all("calls", vec![invented(format!("call/{key}/draft"), by, "call", None, draft)])?;
    let call = *made.first().ok_or("no call")?;
    let publish = json!({ "verb": "publish" });
    f.ask_two(
        "calls",
        vec![invented(format!("call/{key}/publish"), by, "call", Some(call), publish)],
        second,
    )?;
    Ok(call)
}

fn draft(call: Id, lead: &House, [topic, title_zh, title_en, zh, en]: [&str; 5], n: usize) -> Value {
    let public = 60 + 5 * (n % 9);
    let wan = |amount: usize| format!("{amount}0000.00");
    json!({
        "verb": "draft", "call": call, "topic": topic, "lead": lead.id, "title": both(title_zh, title_en),
        "route": format!("{zh}\n{en}"),
        "foundation": "已有预研数据和原型程序，计算与实验条件具备。\nPreliminary data and a prototype exist; computing and laboratories are at hand.",
        "indicators": ["关键指标较现有方法提高一倍 / twice as good as known methods", "公开一套可复用的数据与程序 / reusable data and code made public"],
        "months": 36,
        "milestones": [
            { "month": 12, "title": "方法原型 / prototype of the method", "evidence": "测试报告 / test report", "pays": wan(public / 2) },
            { "month": 36, "title": "指标达到 / targets reached", "evidence": "第三方测试 / third-party test", "pays": wan(public - public / 2) },
        ],
        "summary": both(zh, en), "partners": [], "total": wan(public + 20), "public_money": wan(public), "minimum": wan(public * 8 / 10),
        "budget": [
            { "source": "province", "payer": "310000", "organisation": lead.id, "amount": wan(public) },
            { "source": "own-funds", "payer": null, "organisation": lead.id, "amount": "200000.00" },
        ],
        "differences": null, "declared": {}, "avoid": [], "keywords": [], "no_secrets": true,
    })
}

/// Drafts, names the leader, who certifies, and has the unit confirm.
fn written(
    f: &mut Founding,
    town: &Town,
    call: Id,
    range: std::ops::Range<usize>,
) -> Result<Vec<Way>, String> {
    let texts = rows::<5>(APPLICATIONS)?;
    let leads: Vec<House> = town.universities.iter().take(12).chain(&town.institutes).copied().collect();
    let plan = |n: usize| Some((n, *leads.get(n)?, *texts.get(n)?));
    let plans: Vec<_> = range.filter_map(plan).collect();
    let drafts = plans.iter().map(|(n, lead, text)| {
        let mut draft = draft(call, lead, *text, *n);
        if let Some([.., zh, en]) = texts.get(comparing::COPIED).filter(|_| *n == comparing::COPIES)
            && let Some(route) = draft.get_mut("route")
        {
            *route = json!(format!("{}\n{zh}\n{en}", route.as_str().unwrap_or_default()));
        }
        invented(format!("application/{n}/draft"), lead.by(), "application", None, draft)
    });
    let ids = f.ask_all("applications", drafts.collect())?;
    let ways: Vec<Way> =
        plans.iter().zip(ids).map(|((n, lead, _), id)| Way { n: *n, id, lead: *lead }).collect();
    let mut asks = Vec::new();
    for way in ways.iter().filter(|way| way.n != CLOSED) {
        let leader = json!({
            "verb": "add-member", "person": way.lead.signer, "organisation": way.lead.id, "role": "leader",
            "task": "总体负责 / overall lead", "months_a_year": 6,
        });
        let facts = json!({
            "verb": "state-leader", "age": 38 + way.n, "is_woman": way.n % 3 == 0, "title": "senior", "degree": "doctor",
            "recommenders": 0,
        });
        asks.push(way.ask("leader", way.lead.by(), leader));
        asks.push(way.ask("facts", way.lead.by(), facts));
        asks.push(way.ask("certify", way.lead.by(), json!({ "verb": "certify" })));
        asks.push(way.ask("confirm", way.lead.by(), json!({ "verb": "confirm-by-unit", "letter": null })));
    }
    f.ask_all("applications", asks)?;
    Ok(ways)
}

/// Submits the applications to the first call, and has them checked when it has closed; one is left over, one fails, one is
/// taken back.
fn checked(f: &mut Founding, town: &Town, ways: &[Way]) -> Result<(), String> {
    let submit = ways.iter().map(|way| way.ask("submit", way.lead.by(), json!({ "verb": "submit" })));
    f.ask_all("applications", submit.collect())?;
    f.wait(CHECKED)?;
    let office = town.officers.by("programme-1")?;
    let check = |way: &Way| match way.n {
        n if n < JUDGED => {
            let passed = json!({ "verb": "check-formally", "passed": true, "grounds": [], "reason": null });
            Some(way.ask("check", office, passed))
        }
        JUDGED => {
            let failed = json!({
                "verb": "check-formally", "passed": false, "grounds": ["outside-the-guide"],
                "reason": "研究内容不属于指南方向 A 的支持范围。\nThe work lies outside topic A of the guide.",
            });
            Some(way.ask("check", office, failed))
        }
        n if n == JUDGED + 1 => {
            let back =
                json!({ "verb": "withdraw", "reason": "项目负责人工作变动 / the leader changes posts" });
            Some(way.ask("withdraw", way.lead.by(), back))
        }
        _ => None,
    };
    f.ask_all("applications", ways.iter().filter_map(check).collect()).map(drop)
}

/// What is made here, counted.
pub struct Made {
    pub calls: usize,
    pub applications: usize,
    pub programme: Id,
    /// An expert with reviews to write.
    pub reviewer: Id,
    /// Whose application was judged again.
    pub applicant: Id,
}

/// The programme, its calls, their applications and panels, in the last days of the story.
///
/// # Errors
/// The first ask that was denied.
pub fn applications(f: &mut Founding, town: &Town, pool: &[Expert]) -> Result<Made, String> {
    f.wait(PUBLISHED)?;
    let programme = programme(f, town)?;
    let title = both("示例基础研究计划第一批项目", "First Call of the Sample Programme");
    let first = guide(f, programme, title, (OPENS, -CLOSES));
    let first = call(f, town, "first", first)?;
    f.wait(SUBMITTED)?;
    let ways = written(f, town, first, 0..CLOSED)?;
    checked(f, town, &ways)?;
    comparing::compared(f, town, &ways)?;
    f.wait(NOW_OPEN)?;
    let title = both("示例基础研究计划第二批项目", "Second Call of the Sample Programme");
    let second = guide(f, programme, title, (NOW_OPEN - 1, OPEN_FOR));
    let second = call(f, town, "second", second)?;
    // Of other units than those that apply, and without ties.
    let experts: Vec<Expert> =
        pool.iter().skip(12).filter(|expert| expert.tie.is_none()).take(9).copied().collect();
    judging::judged(f, town, (&ways, &experts), first)?;
    let drafts = written(f, town, second, CLOSED..CLOSED + 2)?;
    let reviewer = experts.first().ok_or("no expert")?.person;
    let twice = ways.iter().find(|way| way.n == rejudging::APPLICATION).ok_or("no application")?;
    let (applications, applicant) = (ways.len() + drafts.len(), twice.lead.signer);
    Ok(Made { calls: 2, applications, programme, reviewer, applicant })
}
