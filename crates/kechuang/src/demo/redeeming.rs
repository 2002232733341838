//! Redeeming: providers' batches of confirmed orders, looked into by lot, made public, paid at the quarter; and what the
//! regions then owe each other, stated, signed by both sides, netted and settled.

use std::collections::BTreeMap;

use desks::clearing::{self, Clearing};
use grammar::kinds::{Day, Id};
use registry::{Ask, Asker};
use serde_json::{Value, json};

use super::{
    asks::{Founding, invented},
    houses::Town,
    orders::{Order, Seller},
    people::PROVINCES,
    texts::both,
};

/// A batch that a provider has opened.
pub struct Batch {
    key: String,
    id: Id,
    seller: Seller,
    pub orders: Vec<Order>,
}

impl Batch {
    fn ask(&self, verb: &str, by: Asker, command: Value) -> Ask {
        invented(format!("redemption/{}/{verb}", self.key), by, "redemption", Some(self.id), command)
    }
}

/// The account by which each province settles.
///
/// # Errors
/// The first ask that was denied.
pub fn settling(f: &mut Founding, town: &Town) -> Result<BTreeMap<u32, Id>, String> {
    let by = town.officers.by("treasurer-1")?;
    let mut asks = Vec::new();
    for province in PROVINCES {
        let command = json!({
            "verb": "open", "title": both("示例跨区域结算账户", "sample account for clearing"),
            "owner": town.authority(province)?.id, "purpose": "clearing", "region": format!("{province:06}"),
        });
        asks.push(invented(format!("account/clearing/{province}"), by, "account", None, command));
    }
    let accounts: BTreeMap<u32, Id> = PROVINCES.into_iter().zip(f.ask_all("clearing", asks)?).collect();
    let (first, second) = (town.officers.by("clearing-1")?, town.officers.by("clearing-2")?);
    let name = |(province, account): (&u32, &Id)| {
        let command = json!({
            "verb": "name-bank", "holder": format!("示例财政专户 {province}"), "number": format!("{province}-0001"),
            "bank": "DEMOCNBJ",
        });
        invented(format!("account/clearing/{province}/bank"), first, "account", Some(*account), command)
    };
    f.ask_two("clearing", accounts.iter().map(name).collect(), second)?;
    Ok(accounts)
}

/// Each provider claims the orders that were confirmed, and hands its batch in.
///
/// # Errors
/// The first ask that was denied.
pub fn claim(f: &mut Founding, round: &str, orders: &[Order]) -> Result<Vec<Batch>, String> {
    let mut by_seller: BTreeMap<Id, Vec<Order>> = BTreeMap::new();
    orders.iter().for_each(|order| by_seller.entry(order.seller.listing).or_default().push(*order));
    let mut batches = Vec::new();
    for (orders, n) in by_seller.into_values().zip(1..) {
        let Some(seller) = orders.first().map(|order| order.seller) else { continue };
        let key = format!("{round}/{n}");
        let command = json!({ "verb": "open", "provider": seller.listing });
        let ask = invented(format!("redemption/{key}/open"), seller.house.by(), "redemption", None, command);
        let id = f.ask_all("redemption", vec![ask])?.first().copied().ok_or("no batch")?;
        batches.push(Batch { key, id, seller, orders });
    }
    let mut asks = Vec::new();
    for batch in &batches {
        let by = batch.seller.house.by();
        let orders: Vec<Id> = batch.orders.iter().map(|order| order.id).collect();
        asks.push(batch.ask("add", by, json!({ "verb": "add", "orders": orders })));
        asks.push(batch.ask("submit", by, json!({ "verb": "submit" })));
    }
    f.ask_all("redemption", asks)?;
    Ok(batches)
}

/// The lot is drawn, what it takes is looked into, and the batch is made public. It is drawn on a day between two minutes.
///
/// # Errors
/// The first ask that was denied, or a draw that did not take place.
pub fn sample(
    f: &mut Founding,
    town: &Town,
    batches: &[Batch],
    (day, closes, drawn): (i32, i64, i64),
) -> Result<(), String> {
    // The draws close; the log is signed behind them; then they are drawn by what was signed.
    f.wait_until(day, closes)?;
    f.registry().seal_now().map_err(|broken| broken.to_string())?;
    f.wait_until(day, drawn)?;
    let officer = town.officers.id("voucher-1")?;
    let office = Asker::Person(officer);
    for batch in batches {
        let draw = f.record(officer, batch.id)?.state.get("draw").cloned().unwrap_or_default();
        f.ask_all(
            "redemption",
            vec![batch.ask("sample", office, json!({ "verb": "take-sample", "draw": draw }))],
        )?;
        let taken = f.record(officer, batch.id)?.state.get("sample").cloned().unwrap_or_default();
        let finding = "合同、报告与付款凭证相符（示例数据） / contract, report and payment agree (demo)";
        let examine = |order: &Value| {
            let verb = format!("examine/{}", order.as_str().unwrap_or(""));
            batch.ask(
                &verb,
                office,
                json!({ "verb": "examine", "order": order, "passed": true, "finding": finding }),
            )
        };
        let mut asks: Vec<Ask> = taken.as_array().into_iter().flatten().map(examine).collect();
        let contact = both("示例创新券中心", "Sample voucher centre");
        asks.push(batch.ask("publish", office, json!({ "verb": "publish", "contact": contact })));
        f.ask_all("redemption", asks)?;
    }
    Ok(())
}

/// Batches are paid, by two.
///
/// # Errors
/// The first ask that was denied.
pub fn pay(
    f: &mut Founding,
    town: &Town,
    batches: &[Batch],
    settling: &BTreeMap<u32, Id>,
) -> Result<(), String> {
    let (first, second) = (town.officers.id("voucher-1")?, town.officers.by("voucher-2")?);
    let mut asks = Vec::new();
    let through: Vec<&Id> = settling.values().collect();
    for batch in batches {
        let notice = f.record(first, batch.id)?.state.get("notice").cloned().unwrap_or_default();
        let command =
            json!({ "verb": "pay", "notice": notice, "till": batch.seller.till, "through": through });
        asks.push(batch.ask("pay", Asker::Person(first), command));
    }
    f.ask_two("redemption", asks, second)
}

/// One run between the regions, as far as it has come.
pub struct Run<'a> {
    town: &'a Town,
    key: &'a str,
    id: Id,
}

impl<'a> Run<'a> {
    fn ask(&self, verb: &str, by: Asker, command: Value) -> Ask {
        invented(format!("clearing/{}/{verb}", self.key), by, "clearing", Some(self.id), command)
    }

    /// Opens a run with what has been paid across regions, and states who owes whom.
    ///
    /// # Errors
    /// The first ask that was denied.
    pub fn state(
        f: &mut Founding,
        town: &'a Town,
        settling: &BTreeMap<u32, Id>,
        key: &'a str,
        (from, until): (Day, Day),
        orders: &[Order],
    ) -> Result<Self, String> {
        let by = town.officers.by("clearing-1")?;
        let open = json!({ "verb": "open", "from": from, "until": until });
        let ask = invented(format!("clearing/{key}/open"), by, "clearing", None, open);
        let id = f.ask_all("clearing", vec![ask])?.first().copied().ok_or("no run")?;
        let run = Self { town, key, id };
        let accounts: Vec<&Id> = settling.values().collect();
        let across = |order: &&Order| order.buyer.spot.province() != order.seller.house.spot.province();
        let orders: Vec<Id> = orders.iter().filter(across).map(|order| order.id).collect();
        let asks = vec![
            run.ask("join", by, json!({ "verb": "join", "accounts": accounts })),
            run.ask("collect", by, json!({ "verb": "collect", "orders": orders })),
            run.ask("state", by, json!({ "verb": "state" })),
        ];
        f.ask_all("clearing", asks)?;
        Ok(run)
    }

    fn record(&self, f: &Founding) -> Result<Clearing, String> {
        let record = f.record(self.town.officers.id("clearing-1")?, self.id)?;
        serde_json::from_value(record.state).map_err(|error| error.to_string())
    }

    /// The region that owes for line `line` does not accept it. Gives the line's order.
    ///
    /// # Errors
    /// The first ask that was denied.
    pub fn dispute(&self, f: &mut Founding, line: usize, reason: &str) -> Result<Option<Id>, String> {
        let record = f.record(self.town.officers.id("clearing-1")?, self.id)?;
        let of = |field: &str| {
            let found = record.state.pointer(&format!("/lines/{line}/{field}"));
            found.and_then(Value::as_str).unwrap_or("").to_owned()
        };
        let debtor: u32 = of("debtor").parse().map_err(|_| format!("no line {line}"))?;
        let by = self.town.authority(debtor)?.by();
        let command = json!({ "verb": "dispute", "line": line, "reason": reason });
        f.ask_all("clearing", vec![self.ask(&format!("dispute/{line}"), by, command)])?;
        Ok(of("order").parse().ok())
    }

    /// Both sides of the pairs sign; not those of `waits`, where one is given.
    ///
    /// # Errors
    /// The first ask that was denied.
    pub fn sign(&self, f: &mut Founding, waits: Option<u32>) -> Result<(), String> {
        let record = f.record(self.town.officers.id("clearing-1")?, self.id)?;
        let pairs = record.state.get("pairs").and_then(Value::as_object).cloned().unwrap_or_default();
        let mut asks = Vec::new();
        for name in pairs.keys() {
            let Some((first, second)) = name.split_once('-') else { continue };
            for side in [first, second] {
                let region: u32 = side.parse().map_err(|_| format!("{name} is no pair"))?;
                if waits == Some(region) {
                    continue;
                }
                let command = json!({ "verb": "sign", "first": first, "second": second });
                asks.push(self.ask(
                    &format!("sign/{name}/{side}"),
                    self.town.authority(region)?.by(),
                    command,
                ));
            }
        }
        f.ask_all("clearing", asks).map(drop)
    }

    /// The engine's netting is put in, the bank is instructed, and two officers settle.
    ///
    /// # Errors
    /// The first ask that was denied, or nothing to net.
    pub fn settle(&self, f: &mut Founding) -> Result<(), String> {
        let (first, second) = (self.town.officers.by("clearing-1")?, self.town.officers.by("clearing-2")?);
        let proposal =
            clearing::proposal(&self.record(f)?.counting()).map_err(|fault| format!("{fault:?}"))?;
        let mut command = serde_json::to_value(&proposal).map_err(|error| error.to_string())?;
        if let Some(fields) = command.as_object_mut() {
            fields.insert("verb".into(), "net".into());
        }
        f.ask_all("clearing", vec![self.ask("net", first, command)])?;
        let record = f.record(self.town.officers.id("clearing-1")?, self.id)?;
        let members = record.state.get("members").and_then(Value::as_object).into_iter().flatten();
        let accounts: Vec<&Value> = members.filter_map(|(_, member)| member.get("account")).collect();
        let on = f.registry().now().day();
        let instruct = json!({ "verb": "instruct", "accounts": accounts, "on": on });
        f.ask_all("clearing", vec![self.ask("instruct", first, instruct)])?;
        f.ask_two("clearing", vec![self.ask("settle", first, json!({ "verb": "settle" }))], second)?;
        Ok(())
    }
}
