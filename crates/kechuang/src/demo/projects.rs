//! Projects: the task books of the first plan, signed by all, each province's money set aside, and the first part
//! paid in most of them.

use std::collections::BTreeMap;

use grammar::kinds::{Id, Money};
use registry::{Ask, Asker};
use serde_json::{Value, json};

use super::{
    asks::{Founding, invented},
    houses::{House, Town},
    needs::Posed,
    solutions::Answer,
    texts::both,
};

/// Days before the founding.
const PLANNED: i32 = 112;
const SIGNED: i32 = 104;
const DELIVERED: i32 = 30;
/// Projects whose first part is paid by now.
const SHOWN: usize = 11;

/// A project on its way.
struct Way<'a> {
    n: usize,
    id: Id,
    answer: &'a Answer,
    owner: House,
    opening: Value,
}

impl Way<'_> {
    fn ask(&self, key: &str, by: Asker, command: Value) -> Ask {
        invented(format!("project/{}/{key}", self.n), by, "project", Some(self.id), command)
    }

    fn houses(&self) -> impl Iterator<Item = &House> {
        std::iter::once(&self.answer.lead).chain(&self.answer.partners)
    }

    /// What each province pays, as it was decided.
    fn by_province(&self) -> BTreeMap<u32, Money> {
        let mut sums: BTreeMap<u32, Money> = BTreeMap::new();
        for payer in self.opening.get("by_region").and_then(Value::as_array).into_iter().flatten() {
            let text = |name: &str| payer.get(name).and_then(Value::as_str).unwrap_or("");
            let region: u32 = text("region").parse().unwrap_or(0);
            let money: Money = text("money").parse().unwrap_or(Money::ZERO);
            *sums.entry(region / 10_000 * 10_000).or_insert(Money::ZERO) += money;
        }
        if sums.is_empty() { self.as_asked() } else { sums }
    }

    /// Where that was not decided: in the proportions in which it was asked.
    fn as_asked(&self) -> BTreeMap<u32, Money> {
        let whole = self.money("public_money").in_fen();
        let asked: usize = self.answer.public.iter().map(|(_, amount)| amount).sum();
        let mut sums: BTreeMap<u32, Money> = BTreeMap::new();
        let mut left = whole;
        for (house, (_, amount)) in self.houses().zip(&self.answer.public).skip(1) {
            let part = whole * *amount as i64 / asked.max(1) as i64;
            left -= part;
            *sums.entry(house.spot.province()).or_insert(Money::ZERO) += Money::fen(part);
        }
        *sums.entry(self.answer.lead.spot.province()).or_insert(Money::ZERO) += Money::fen(left);
        sums
    }

    /// Each member's part: a province's money is shared by its members, the first with what rounding leaves.
    fn packages(&self) -> Vec<Value> {
        let sums = self.by_province();
        let own: Money = self.money("own_money");
        let mut packages = Vec::new();
        for (place, house) in self.houses().enumerate() {
            let here: Vec<&House> =
                self.houses().filter(|other| other.spot.province() == house.spot.province()).collect();
            let whole = sums.get(&house.spot.province()).copied().unwrap_or(Money::ZERO).in_fen();
            let (count, is_first) = (here.len() as i64, here.first().is_some_and(|one| one.id == house.id));
            let share = whole / count + if is_first { whole % count } else { 0 };
            let title = if place == 0 {
                "总体与关键技术 / Lead and key technology"
            } else {
                "协同攻关 / Joint work"
            };
            packages.push(json!({
                "title": title, "organisation": house.id, "region": house.region(),
                "duties": "按任务书分工完成，成果按协议共享。/ As the task book says; results shared as agreed.",
                "public_money": Money::fen(share), "own_money": if place == 0 { own } else { Money::ZERO },
            }));
        }
        packages
    }

    fn money(&self, name: &str) -> Money {
        self.opening
            .get(name)
            .and_then(Value::as_str)
            .and_then(|text| text.parse().ok())
            .unwrap_or(Money::ZERO)
    }

    fn plan(&self, posed: &Posed) -> Value {
        let members = self.houses().count();
        let months = self.opening.get("months").and_then(Value::as_i64).unwrap_or(24);
        let indicators: Vec<Value> = posed
            .indicators()
            .into_iter()
            .map(|(name, threshold)| json!({ "name": name, "unit": null, "threshold": threshold, "test_method": null }))
            .collect();
        let benefits: Vec<Value> = self
            .houses()
            .map(|house| json!({ "organisation": house.id, "share": format!("1/{members}") }))
            .collect();
        let public = self.money("public_money").in_fen();
        let part = |percent: i64| Money::fen(public * percent / 100);
        let (equipment, business, labour) = (part(20), part(50), part(18));
        let indirect = Money::fen(public) - equipment - business - labour;
        json!({
            "verb": "draft", "goals": "达到需求所列全部指标，并在用户现场通过测试。\nReach every target of the need and pass the user's test on site.",
            "indicators": indicators,
            "agreement": {
                "form": "consortium", "ip": "jointly", "ip_terms": "背景知识产权各自所有；新产生的知识产权按贡献共有。\nBackground rights stay; new rights are shared by contribution.",
                "benefits": benefits, "risk": "技术风险由各方按经费比例分担。\nTechnical risk is shared by money.",
                "breach": "一方违约的，退回相应经费并赔偿直接损失。\nWho breaks it returns the money and makes good direct loss.",
            },
            "packages": self.packages(),
            "milestones": [
                { "title": "签订任务书 / Task book signed", "month": 0, "evidence_wanted": "签署的任务书 / the signed task book", "percent": 40 },
                { "title": "样品达到指标 / Samples meet the targets", "month": months / 2, "evidence_wanted": "第三方检测报告 / third-party report", "percent": 40 },
                { "title": "用户现场测试 / User's test", "month": (months - 2).max(1), "evidence_wanted": "用户测试报告 / the user's report", "percent": 20 },
            ],
            "mode": "itemised", "is_pure_theory": false, "no_secrets": true,
            "budget": { "equipment": equipment, "business": business, "labour": labour, "indirect": indirect },
        })
    }
}

fn ways<'a>(
    f: &Founding,
    town: &Town,
    batch: &[Posed],
    chosen: &[(&'a Answer, Id)],
) -> Result<Vec<Way<'a>>, String> {
    let office = town.officers.id("joint-0")?;
    let mut ways = Vec::new();
    for (n, (answer, id)) in chosen.iter().enumerate() {
        let record = f.record(office, *id)?;
        let opening = record.state.get("opening").cloned().unwrap_or_default();
        let owner = batch.get(answer.need).ok_or("a need is gone")?.owner;
        ways.push(Way { n, id: *id, answer, owner, opening });
    }
    Ok(ways)
}

/// Plans, approves, signs, funds and pays. `signed` is what begins once all have signed.
///
/// # Errors
/// The first ask that was denied.
pub fn projects(
    f: &mut Founding,
    town: &Town,
    batch: &[Posed],
    chosen: &[(&Answer, Id)],
    signed: &mut dyn FnMut(&mut Founding) -> Result<(), String>,
) -> Result<usize, String> {
    f.wait(PLANNED)?;
    let ways = ways(f, town, batch, chosen)?;
    let office = town.officers.by("joint-0")?;
    let mut asks = Vec::new();
    for way in &ways {
        let posed = batch.get(way.answer.need).ok_or("a need is gone")?;
        asks.push(way.ask("draft", way.answer.lead.by(), way.plan(posed)));
        asks.push(way.ask("submit", way.answer.lead.by(), json!({ "verb": "submit" })));
        for province in provinces(way) {
            let approve = json!({ "verb": "approve", "region": format!("{province:06}") });
            asks.push(way.ask(&format!("approve/{province}"), office, approve));
        }
    }
    f.ask_all("projects", asks)?;
    f.wait(SIGNED)?;
    let mut asks = Vec::new();
    for way in &ways {
        for (place, house) in way.houses().chain([&way.owner]).enumerate() {
            let sign = json!({ "verb": "sign", "organisation": house.id, "commitment": true });
            asks.push(way.ask(&format!("sign/{place}"), house.by(), sign));
        }
    }
    f.ask_all("projects", asks)?;
    let second = town.officers.by("joint-3")?;
    let countersign = ways.iter().map(|way| way.ask("countersign", second, json!({ "verb": "countersign" })));
    f.ask_two("projects", countersign.collect(), office)?;
    funded(f, town, &ways)?;
    signed(f)?;
    f.wait(DELIVERED)?;
    paid(f, town, &ways)?;
    Ok(ways.len())
}

/// The provinces that have a part in it, each once.
fn provinces(way: &Way) -> Vec<u32> {
    let mut all: Vec<u32> = way.houses().map(|house| house.spot.province()).collect();
    all.sort_unstable();
    all.dedup();
    all
}

/// Accounts from which provinces pay, opened when first needed.
fn funds(f: &mut Founding, town: &Town, ways: &[Way]) -> Result<BTreeMap<u32, Id>, String> {
    let by = town.officers.by("treasurer-1")?;
    let mut all: Vec<u32> = ways.iter().flat_map(provinces).collect();
    all.sort_unstable();
    all.dedup();
    let keeper = town.authorities.first().ok_or("no authority")?.id;
    let open = |province: &u32| {
        let owner = town.authority(*province).map_or(keeper, |house| house.id);
        let command = json!({
            "verb": "open", "title": both("示例联合攻关专户", "sample account for joint research"), "owner": owner,
            "purpose": "source", "region": format!("{province:06}"),
        });
        invented(format!("account/joint/{province}"), by, "account", None, command)
    };
    let ids = f.ask_all("projects", all.iter().map(open).collect())?;
    Ok(all.into_iter().zip(ids).collect())
}

fn funded(f: &mut Founding, town: &Town, ways: &[Way]) -> Result<(), String> {
    let by = town.officers.by("treasurer-1")?;
    let funds = funds(f, town, ways)?;
    let mut asks = Vec::new();
    for way in ways {
        for (province, money) in way.by_province() {
            let from = funds.get(&province).copied().ok_or("a province without a fund")?;
            let source = if town.authority(province).is_ok() { "province" } else { "central-guidance" };
            let fund = json!({
                "verb": "fund", "region": format!("{province:06}"), "source": source, "from": from, "amount": money,
            });
            asks.push(way.ask(&format!("fund/{province}"), by, fund));
        }
    }
    f.ask_all("projects", asks).map(drop)
}

/// The first part is paid in advance, as soon as all have signed.
fn paid(f: &mut Founding, town: &Town, ways: &[Way]) -> Result<(), String> {
    let (treasurer, second) = (town.officers.by("treasurer-1")?, town.officers.by("treasurer-2")?);
    let mut asks = Vec::new();
    for way in ways.iter().take(SHOWN) {
        for (place, house) in way.houses().enumerate() {
            let open = json!({
                "verb": "open", "title": both("示例项目经费账户", "sample account for project money"),
                "owner": house.id, "purpose": "fund", "region": house.region(),
            });
            let key = format!("account/project/{}/{place}", way.n);
            let till = f.ask_all("projects", vec![invented(key, treasurer, "account", None, open)])?;
            let to = till.first().ok_or("no account")?;
            let pay = json!({ "verb": "pay", "package": place + 1, "milestone": 1, "to": to });
            asks.push(way.ask(&format!("pay/{place}"), treasurer, pay));
        }
    }
    f.ask_two("projects", asks, second)
}
