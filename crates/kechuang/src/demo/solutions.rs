//! Solutions: a hundred and thirty-three answers to the twenty needs of the first batch, the popular needs the more,
//! by teams from the whole country. All invented.

use std::collections::{BTreeMap, BTreeSet};

use grammar::{form::Dice, kinds::Id};
use registry::Asker;
use serde_json::{Value, json};

use super::{
    asks::{Founding, invented},
    experts::FAR_SOLVERS,
    houses::{House, INSTITUTES, Town, UNIVERSITIES},
    names::dice,
    needs::Posed,
    people::PROVINCES,
    texts::{ROUTES, both, rows},
};

/// Answers by need, the most wanted first: the letter's 133.
pub const ANSWERS: [usize; 20] = [14, 12, 11, 10, 9, 9, 8, 8, 7, 7, 6, 6, 5, 5, 4, 4, 3, 2, 2, 1];
/// Firms that own written needs come first and answer nothing.
const OWNERS: usize = 28;
/// Firms that answer.
const FIRMS: usize = 20;
/// Days before the founding on which answers come in, from first to last.
const FIRST: i32 = 192;
const LAST: i32 = 168;

/// A team's answer to a need.
pub struct Answer {
    pub id: Id,
    /// The place of its need in the batch.
    pub need: usize,
    pub lead: House,
    pub partners: Vec<House>,
    /// How good it is, of a hundred: what experts find, each in their own way.
    pub worth: f64,
    pub field: String,
    /// Public money by province (nobody's: the whole country's), in ten thousand yuan; the lead's first.
    pub public: Vec<(Option<u32>, usize)>,
}

/// A way to reach the aim of a need.
struct Route {
    title: [&'static str; 2],
    text: [&'static str; 2],
}

fn routes() -> Result<BTreeMap<&'static str, Vec<Route>>, String> {
    let mut routes: BTreeMap<&str, Vec<Route>> = BTreeMap::new();
    for [need, title_zh, title_en, zh, en] in rows(ROUTES)? {
        routes.entry(need).or_default().push(Route { title: [title_zh, title_en], text: [zh, en] });
    }
    Ok(routes)
}

/// What else a route dwells on, so that no two titles are the same.
const EMPHASES: [[&str; 2]; 6] = [
    ["", ""],
    ["：侧重量产验证", ": towards volume production"],
    ["：侧重测试方法", ": with emphasis on test methods"],
    ["：侧重供应链配套", ": with its supply chain"],
    ["：侧重寿命与可靠性", ": with emphasis on reliability"],
    ["：侧重成本", ": with emphasis on cost"],
];

/// Who answers.
fn solvers(town: &Town) -> Vec<House> {
    let firms = town.firms.iter().skip(OWNERS).take(FIRMS);
    let far = town.far.iter().take(FAR_SOLVERS);
    // Those of scale 1, so that a larger region changes none of it.
    let universities = town.universities.iter().take(UNIVERSITIES);
    let institutes = town.institutes.iter().take(INSTITUTES);
    universities.chain(institutes).chain(far).chain(firms).copied().collect()
}

fn is_home(house: &House) -> bool {
    PROVINCES.contains(&house.spot.province())
}

/// The best team of each need takes three that no other best team has, of at least two provinces of the delta.
struct Stars(Vec<House>);

impl Stars {
    fn take(&mut self, fits: impl Fn(&House) -> bool) -> Option<House> {
        let place = self.0.iter().position(fits)?;
        Some(self.0.remove(place))
    }

    fn team(&mut self) -> Option<(House, Vec<House>)> {
        let lead = self.take(|_| true)?;
        let second = self.take(is_home)?;
        let third = self.take(|house| is_home(house) && house.spot.province() != second.spot.province())?;
        Some((lead, vec![second, third]))
    }
}

/// Any other team: a lead that has not answered this need yet, and one to three partners.
fn team(all: &[House], taken: &BTreeSet<Id>, dice: &mut Dice) -> Option<(House, Vec<House>)> {
    for _ in 0..400 {
        let lead = *dice.one_of(all)?;
        let wanted = 1 + dice.below(3);
        let mut partners: Vec<House> = Vec::new();
        for _ in 0..wanted {
            let partner = *dice.one_of(all)?;
            if partner.id != lead.id && partners.iter().all(|other| other.id != partner.id) {
                partners.push(partner);
            }
        }
        let provinces: BTreeSet<u32> = std::iter::once(&lead)
            .chain(&partners)
            .filter(|house| is_home(house))
            .map(|house| house.spot.province())
            .collect();
        if provinces.len() >= 2 && !taken.contains(&lead.id) {
            return Some((lead, partners));
        }
    }
    None
}

/// A number better or worse than the threshold by a factor; the text around it stays.
pub fn promise(threshold: &str, better: f64) -> String {
    let digits = |c: char| c.is_ascii_digit() || c == '.';
    let Some((start, end)) = threshold.find(digits).map(|start| {
        let rest = threshold.get(start..).unwrap_or("");
        (start, start + rest.find(|c| !digits(c)).unwrap_or(rest.len()))
    }) else {
        return threshold.to_owned();
    };
    let (head, rest) = threshold.split_at(start);
    let (number, tail) = rest.split_at(end - start);
    let factor = match head.trim() {
        "≤" => 1.0 / better,
        "≥" => better,
        _ => return threshold.to_owned(),
    };
    let Ok(value) = number.parse::<f64>() else { return threshold.to_owned() };
    let decimals = number.split_once('.').map_or(0, |(_, after)| after.len()) + usize::from(value < 100.0);
    let bound = if tail.trim_start().starts_with('%') || head.trim() == "≥" && (90.0..100.0).contains(&value)
    {
        (value * factor).min(99.9)
    } else {
        value * factor
    };
    let tail = tail.split(" (").next().unwrap_or("");
    format!("{head}{bound:.decimals$}{tail}")
}

fn wan(amount: usize) -> String {
    format!("{amount}0000.00")
}

/// Amounts in ten thousand yuan: the whole, and public money for the lead and for each partner.
struct Sums {
    total: usize,
    lead: usize,
    partners: Vec<usize>,
}

impl Sums {
    fn of(posed: &Posed, partners: usize, dice: &mut Dice) -> Self {
        let total = posed.text.budget as usize * (80 + dice.below(21)) / 100;
        let public = total * (30 + dice.below(15)) / 100;
        let each = public * 3 / 10 / partners.max(1);
        Self { total, lead: public - each * partners, partners: vec![each; partners] }
    }

    fn public(&self) -> usize {
        self.lead + self.partners.iter().sum::<usize>()
    }
}

fn budget(lead: &House, partners: &[House], sums: &Sums) -> Vec<Value> {
    let own = sums.total - sums.public();
    let line = |source: &str, payer: Option<u32>, house: &House, amount: usize| {
        json!({
            "source": source, "payer": payer.map(|code| format!("{code:06}")), "organisation": house.id,
            "amount": wan(amount),
        })
    };
    let mut lines = vec![line("central-guidance", None, lead, sums.lead)];
    for (partner, amount) in partners.iter().zip(&sums.partners) {
        let (source, payer) = if is_home(partner) {
            ("province", Some(partner.spot.province()))
        } else {
            ("central-guidance", None)
        };
        lines.push(line(source, payer, partner, *amount));
    }
    lines.push(line("need-owner", None, lead, own / 2));
    lines.push(line("own-funds", None, lead, own - own / 2));
    lines
}

fn milestones(months: usize, public: usize) -> Vec<Value> {
    let parts = [
        ("关键技术验证 / Key technology shown", "第三方检测报告 / third-party test report", 3, 4),
        ("样品达到指标 / Samples meet the targets", "样品与测试记录 / samples and test records", 4, 2),
        ("用户现场测试通过 / User's test passed", "用户测试报告 / the user's test report", 3, 1),
    ];
    let first = public * 3 / 10;
    let second = public * 4 / 10;
    let pays = [first, second, public - first - second];
    let of = |((title, evidence, _, divisor), pays): ((&str, &str, usize, usize), usize)| json!({ "month": (months / divisor).max(1), "title": title, "evidence": evidence, "pays": wan(pays) });
    parts.into_iter().zip(pays).map(of).collect()
}

/// A solution before it has a name in the house.
struct Plan {
    key: String,
    need: usize,
    lead: House,
    partners: Vec<House>,
    worth: f64,
    public: Vec<(Option<u32>, usize)>,
    draft: Value,
}

fn plan(
    batch: &[Posed],
    (need, n): (usize, usize),
    team: (House, Vec<House>),
    route: (&Route, usize),
) -> Option<Plan> {
    let posed = batch.get(need)?;
    let (lead, partners) = team;
    let mut dice = dice(&format!("answer-{}", posed.text.key), n);
    let worth = if n == 0 { 84.0 + dice.below(8) as f64 } else { 58.0 + dice.below(26) as f64 };
    let sums = Sums::of(posed, partners.len(), &mut dice);
    let months = posed.text.months as usize - dice.below(4) as usize;
    let better = 0.94 + worth / 500.0;
    let promises: Vec<Value> = posed
        .indicators()
        .into_iter()
        .map(|(name, threshold)| {
            let better = better + dice.below(10) as f64 / 100.0 - 0.05;
            json!({ "indicator": name, "promised": promise(&threshold, better), "evidence": "前期小试数据与文献对比 / earlier trials compared with the literature" })
        })
        .collect();
    let [emphasis_zh, emphasis_en] = EMPHASES.get(route.1).copied()?;
    let ([title_zh, title_en], [zh, en]) = (route.0.title, route.0.text);
    let roles = [
        "中试与工程化 / pilot and engineering",
        "测试与可靠性 / tests and reliability",
        "材料与部件 / materials and parts",
    ];
    let draft = json!({
        "verb": "draft", "need": posed.id, "lead": lead.id,
        "title": both(&format!("{title_zh}{emphasis_zh}"), &format!("{title_en}{emphasis_en}")),
        "route": format!("{zh}\n{en}"),
        "foundation": "已完成小试，关键指标接近目标；具备中试条件。\nBench trials are done and near the targets; pilot lines are at hand.",
        "risk": "批次稳定性与供应链为主要风险，设有备选路线。\nBatch stability and supply are the main risks; another route is kept ready.",
        "promises": promises, "trl_now": 4 + dice.below(2), "trl_target": 7, "months": months,
        "milestones": milestones(months, sums.public()),
        "summary": both(
            &format!("{zh}分三步完成技术验证、样品达标和用户现场测试。"),
            &format!("{en} In three steps: technology shown, samples on target, user's test."),
        ),
        "partners": partners.iter().zip(roles).map(|(house, role)| json!({ "organisation": house.id, "role": role })).collect::<Vec<_>>(),
        "total": wan(sums.total), "public_money": wan(sums.public()), "minimum": wan(sums.public() * 8 / 10),
        "budget": budget(&lead, &partners, &sums),
        "ip_background": ["团队已有发明专利（示例） / earlier patents of the team (sample)"],
        "ip_terms": "背景知识产权各自所有，新产生的按贡献共有。/ Background rights stay; new ones are shared by contribution.",
        "keywords": [], "commitment": true, "no_secrets": true,
    });
    let key = format!("{}/{n}", posed.text.key);
    let payer = |house: &House| is_home(house).then(|| house.spot.province());
    let partly = partners.iter().zip(&sums.partners).map(|(house, amount)| (payer(house), *amount));
    let public = std::iter::once((payer(&lead), sums.lead)).chain(partly).collect();
    Some(Plan { key, need, lead, partners, worth, public, draft })
}

fn plans(town: &Town, batch: &[Posed]) -> Result<Vec<Plan>, String> {
    let (all, routes) = (solvers(town), routes()?);
    let mut shuffled = all.clone();
    let mut order = dice("stars", 0);
    for place in (1..shuffled.len()).rev() {
        shuffled.swap(place, order.below(place + 1));
    }
    let mut stars = Stars(shuffled);
    let mut plans = Vec::new();
    for (need, (posed, count)) in batch.iter().zip(ANSWERS).enumerate() {
        let ways = routes.get(posed.text.key.as_str()).ok_or("routes.tsv: a need without a route")?;
        let mut taken = BTreeSet::new();
        for n in 0..count {
            let mut dice = dice(&format!("team-{need}"), n);
            let team = if n == 0 { stars.team() } else { team(&all, &taken, &mut dice) };
            let team = team.ok_or("no team for a solution")?;
            taken.insert(team.0.id);
            let route = (ways.get(n % ways.len()).ok_or("no route")?, n / ways.len());
            plans.push(plan(batch, (need, n), team, route).ok_or("too many answers to one need")?);
        }
    }
    Ok(plans)
}

fn ask(key: &str, verb: &str, by: Asker, id: Id, command: Value) -> registry::Ask {
    invented(format!("solution/{key}/{verb}"), by, "solution", Some(id), command)
}

/// Writes, completes and submits all answers while the needs' windows are open, then has them checked formally.
///
/// # Errors
/// The first ask that was denied.
pub fn solutions(f: &mut Founding, town: &Town, batch: &[Posed]) -> Result<Vec<Answer>, String> {
    let plans = plans(town, batch)?;
    let days = usize::try_from(FIRST - LAST).unwrap_or(1);
    let mut answers = Vec::new();
    for (turn, some) in plans.chunks(plans.len().div_ceil(days).max(1)).enumerate() {
        f.stand(FIRST - i32::try_from(turn).unwrap_or(0));
        let drafts = some.iter().map(|plan| {
            invented(
                format!("solution/{}/draft", plan.key),
                plan.lead.by(),
                "solution",
                None,
                plan.draft.clone(),
            )
        });
        let ids = f.ask_all("solutions", drafts.collect())?;
        let leader = |(plan, id): (&Plan, &Id)| {
            let command = json!({
                "verb": "add-member", "person": plan.lead.signer, "organisation": plan.lead.id, "role": "leader",
                "task": "总体技术负责 / overall lead", "months_a_year": 6,
            });
            ask(&plan.key, "leader", plan.lead.by(), *id, command)
        };
        f.ask_all("solutions", some.iter().zip(&ids).map(leader).collect())?;
        let submit = some.iter().zip(&ids);
        let submit = submit
            .map(|(plan, id)| ask(&plan.key, "submit", plan.lead.by(), *id, json!({ "verb": "submit" })));
        f.ask_all("solutions", submit.collect())?;
        answers.extend(ids);
    }
    f.wait(LAST - 5)?;
    let joint = town.officers.by("joint-1")?;
    let check = plans.iter().zip(&answers).map(|(plan, id)| {
        ask(
            &plan.key,
            "check",
            joint,
            *id,
            json!({ "verb": "check-formally", "passed": true, "grounds": [], "reason": null }),
        )
    });
    f.ask_all("solutions", check.collect())?;
    let field = |need: usize| batch.get(need).map_or(String::new(), |posed| posed.text.field.clone());
    let answer = |(plan, id): (Plan, Id)| Answer {
        id,
        need: plan.need,
        field: field(plan.need),
        lead: plan.lead,
        partners: plan.partners,
        worth: plan.worth,
        public: plan.public,
    };
    Ok(plans.into_iter().zip(answers).map(answer).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_promise_keeps_the_form_of_its_target() {
        assert_eq!(promise("≤ 3.5 (3σ)", 1.0), "≤ 3.50");
        assert_eq!(promise("≤ 2×10¹¹", 2.0), "≤ 1.0×10¹¹");
        assert_eq!(promise("≥ 97", 1.1), "≥ 99.9");
        assert_eq!(promise("30–50", 1.1), "30–50");
        assert_eq!(promise("0", 1.1), "0");
    }

    #[test]
    fn the_letter_counts_a_hundred_and_thirty_three() {
        assert_eq!(ANSWERS.iter().sum::<usize>(), 133);
        let routes = routes().unwrap();
        assert_eq!(routes.len(), 20);
        assert!(routes.values().all(|ways| (3..=4).contains(&ways.len())));
    }
}
