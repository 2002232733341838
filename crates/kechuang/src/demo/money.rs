//! Money: the provinces' sample funds, tills of providers, and vouchers in every state.

use std::collections::BTreeMap;

use grammar::kinds::{Day, Id};
use registry::Asker;
use serde_json::{Value, json};

use super::{
    asks::{Founding, invented},
    houses::{House, Town},
    names::dice,
    offers::Laboratory,
    people::PROVINCES,
    texts::both,
};

/// Vouchers at scale 1, a third of them untouched, a third held, a third paid out or on the way.
const VOUCHERS: usize = 12;
/// Laboratories among whose lead units providers are found.
const PROVIDERS: usize = 40;
/// What a province's fund gets for each unit of scale, in yuan.
const YEARLY: usize = 20_000_000;
/// Firms with an account for grants.
const GRANTS: usize = 6;

/// A voucher's part in the region.
struct Case {
    n: usize,
    holder: House,
    provider: House,
    /// Yuan.
    face: usize,
}

impl Case {
    /// What is held for the contract, at most half of it.
    fn held(&self) -> usize {
        self.face / 2
    }

    fn key(&self, verb: &str) -> String {
        format!("voucher/{}/{verb}", self.n)
    }
}

/// What the founding learns about money.
pub struct Purse {
    pub vouchers: Vec<Id>,
    /// A payment that was made to the wrong account: the account and its entry.
    pub mistaken: (Id, u32),
}

fn yuan(amount: usize) -> String {
    format!("{amount}.00")
}

fn account(key: String, owner: &House, purpose: &str, title: [&str; 2], by: Asker) -> registry::Ask {
    let command = json!({
        "verb": "open", "title": both(title[0], title[1]), "owner": owner.id, "purpose": purpose,
        "region": owner.region(),
    });
    invented(format!("account/{key}"), by, "account", None, command)
}

fn pay(key: String, from: Id, to: Id, amount: usize, reason: &str, by: Asker) -> registry::Ask {
    let command = json!({ "verb": "pay", "to": to, "amount": yuan(amount), "reason": reason });
    invented(format!("account/{key}"), by, "account", Some(from), command)
}

/// The fund of each province, filled from its source.
///
/// # Errors
/// The first ask that was denied.
pub fn funds(f: &mut Founding, town: &Town) -> Result<BTreeMap<u32, Id>, String> {
    let by = town.officers.by("treasurer-1")?;
    let mut funds = BTreeMap::new();
    for province in PROVINCES {
        let owner = town.authority(province)?;
        let source = ["示例财政专户", "sample treasury account"];
        let fund = ["示例创新券资金", "sample voucher fund"];
        let asks = vec![
            account(format!("source/{province}"), &owner, "source", source, by),
            account(format!("fund/{province}"), &owner, "fund", fund, by),
        ];
        let [source, fund] =
            f.ask_all("accounts", asks)?.try_into().map_err(|_| "two accounts were asked for")?;
        // One payment for each unit of scale, so that a larger region finds the money it needs.
        let reason = "年度创新券资金（示例数据） / voucher money of the year (demo)";
        let fill = |n: usize| pay(format!("fund/{province}/fill/{n}"), source, fund, YEARLY, reason, by);
        f.ask_all("accounts", (0..f.scale).map(fill).collect())?;
        funds.insert(province, fund);
    }
    Ok(funds)
}

/// Accounts of some firms with a grant each; the last grant was paid by mistake.
fn grants(f: &mut Founding, town: &Town, funds: &BTreeMap<u32, Id>) -> Result<(Id, u32), String> {
    let by = town.officers.by("treasurer-1")?;
    let firms: Vec<&House> = town.firms.iter().take(GRANTS).collect();
    let title = ["示例企业研发资金账户", "sample account for research money"];
    let open = firms.iter().zip(1..).map(|(firm, n)| account(format!("firm/{n}"), firm, "fund", title, by));
    let accounts = f.ask_all("accounts", open.collect())?;
    let fund_of = |firm: &House| funds.get(&firm.spot.province()).copied().ok_or("no fund");
    let reason = "示例研发补助（示例数据） / sample research grant (demo)";
    let mut asks = Vec::new();
    for ((firm, to), n) in firms.iter().zip(&accounts).zip(1..) {
        asks.push(pay(format!("firm/{n}/grant"), fund_of(firm)?, *to, 150_000, reason, by));
    }
    f.ask_all("accounts", asks)?;
    let payer = town.firms.get(GRANTS).ok_or("too few firms")?;
    let fund = fund_of(payer)?;
    let to = *accounts.first().ok_or("no firm account")?;
    let ask = pay("mistake".into(), fund, to, 80_000, "重复支付的示例补助 / a sample grant paid twice", by);
    f.ask_all("accounts", vec![ask])?;
    let record = f.record(town.officers.id("treasurer-1")?, fund)?;
    let posted = record.state.get("posted").and_then(Value::as_object);
    let mistaken =
        posted.into_iter().flatten().find(|(_, payment)| payment.get("amount") == Some(&json!("80000.00")));
    let entry = mistaken.and_then(|(entry, _)| entry.parse().ok()).unwrap_or(1);
    Ok((fund, entry))
}

fn cases(town: &Town, laboratories: &[Laboratory], scale: usize) -> Result<Vec<Case>, String> {
    let case = |n: usize| {
        let mut dice = dice("voucher", n);
        let province = PROVINCES.get(n % PROVINCES.len()).copied().unwrap_or(310_000);
        let near = town.firms.iter().take(60).filter(|firm| firm.spot.province() == province);
        let far = laboratories.iter().take(PROVIDERS).filter(|l| l.lead.spot.province() != province);
        let (near, far): (Vec<&House>, Vec<&Laboratory>) = (near.collect(), far.collect());
        let holder = **dice.one_of(&near).ok_or("no firm for a voucher")?;
        let provider = dice.one_of(&far).ok_or("no provider for a voucher")?.lead;
        Ok(Case { n: n + 1, holder, provider, face: 10_000 * (10 + dice.below(41)) })
    };
    (0..VOUCHERS * scale).map(case).collect()
}

/// Tills of the providers that are paid.
fn tills(f: &mut Founding, cases: &[&Case], by: Asker) -> Result<BTreeMap<Id, Id>, String> {
    let owners: BTreeMap<Id, House> = cases.iter().map(|case| (case.provider.id, case.provider)).collect();
    let title = ["示例服务收入账户", "sample account for service income"];
    let open = owners.values().map(|owner| account(format!("till/{}", owner.id), owner, "fund", title, by));
    let accounts = f.ask_all("accounts", open.collect())?;
    Ok(owners.into_keys().zip(accounts).collect())
}

fn last_day(today: Day) -> String {
    format!("{:04}-12-31", today.year())
}

/// Funds, accounts and vouchers. The last voucher of each dozen waits for the second pair of eyes.
///
/// # Errors
/// The first ask that was denied.
pub fn purse(
    f: &mut Founding,
    town: &Town,
    laboratories: &[Laboratory],
    funds: &BTreeMap<u32, Id>,
) -> Result<Purse, String> {
    let mistaken = grants(f, town, funds)?;
    let (first, second) = (town.officers.by("voucher-1")?, town.officers.by("voucher-2")?);
    let cases = cases(town, laboratories, f.scale)?;
    let mut asks = Vec::new();
    for case in &cases {
        let fund = funds.get(&case.holder.spot.province()).ok_or("no fund")?;
        let command = json!({
            "verb": "issue", "fund": fund, "holder": case.holder.id, "region": case.holder.region(),
            "face": yuan(case.face), "until": last_day(f.today),
        });
        asks.push(invented(case.key("issue"), first, "voucher", None, command));
    }
    let vouchers = f.ask_all("vouchers", asks)?;
    let part = |from: usize, to: usize| {
        cases.iter().zip(&vouchers).filter(move |(case, _)| (from..=to).contains(&((case.n - 1) % VOUCHERS)))
    };
    let hold = |(case, id): (&Case, &Id)| {
        let command = json!({
            "verb": "hold", "provider": case.provider.id, "contract": yuan(case.face), "amount": yuan(case.held()),
        });
        invented(case.key("hold"), case.holder.by(), "voucher", Some(*id), command)
    };
    f.ask_all("vouchers", part(4, 11).map(hold).collect())?;
    let release = |(case, id): (&Case, &Id)| {
        let command = json!({ "verb": "release", "provider": case.provider.id });
        invented(case.key("release"), case.holder.by(), "voucher", Some(*id), command)
    };
    f.ask_all("vouchers", part(7, 7).map(release).collect())?;
    let paid: Vec<&Case> = part(8, 11).map(|(case, _)| case).collect();
    let tills = tills(f, &paid, town.officers.by("treasurer-1")?)?;
    let spend = |(case, id): (&Case, &Id)| {
        let till = tills.get(&case.provider.id);
        let amount = if case.n % 2 == 0 { case.held() } else { case.held() / 2 };
        let command = json!({
            "verb": "spend", "provider": case.provider.id, "to": till, "amount": yuan(amount),
        });
        invented(case.key("spend"), first, "voucher", Some(*id), command)
    };
    f.ask_two("vouchers", part(8, 10).map(spend).collect(), second)?;
    f.ask_all("vouchers", part(11, 11).map(spend).collect())?;
    Ok(Purse { vouchers, mistaken })
}
