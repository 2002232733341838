//! The year is told in the memory of a test, and what came of it is checked to the fen, and by hledger.

use std::{
    process::Command,
    sync::{Arc, atomic::AtomicU64},
};

use desks::{booking::Sitting, calendar::length_of};
use grammar::kinds::{Moment, Money};
use registry::{Clock, Filter, Listed, Settings};
use serde_json::{Value, json};
use tempfile::TempDir;

use super::*;
use crate::demo::tests::Numbered;

/// 20 January 2027, eight in the morning in China: the year that is told is 2026.
const TOLD: &str = "2027-01-20T00:00:00Z";
/// From half past eight to six.
const OPEN_MINUTES: i64 = 570;

pub struct Still;
impl Clock for Still {
    fn now(&self) -> Moment {
        TOLD.parse().unwrap()
    }
}

/// The year with the house it was told in.
struct Told {
    summary: Summary,
    auditor: Id,
    registry: Arc<Registry>,
    _folder: TempDir,
}

fn told() -> Told {
    let folder = TempDir::new().unwrap();
    let settings = Settings::new(folder.path(), "kechuang.example/year");
    let time = Arc::new(StoryClock::begins(Arc::new(Still)));
    let chance = Arc::new(Numbered(AtomicU64::new(1)));
    let registry = Registry::open(settings, &desks::DESKS, time.clone(), chance).unwrap();
    let summary = tell(&registry, &time, &mut |_, _, _| {}).unwrap();
    let roles: Vec<(String, Value)> = registry.kept_all("demo-role", "", 60).unwrap();
    let auditor = roles.iter().find(|(_, role)| role["sign"] == "审").unwrap();
    let auditor = auditor.1["person"].as_str().unwrap().parse().unwrap();
    Told { summary, auditor, registry, _folder: folder }
}

impl Told {
    fn all(&self, desk: &str) -> Vec<Listed> {
        let look = self.registry.look(Some(self.auditor)).unwrap();
        let mut filter = Filter { desk: desk.into(), limit: 200, ..Filter::default() };
        let mut all = Vec::new();
        loop {
            let page = look.list(&filter).unwrap();
            all.extend(page.rows);
            filter.after = page.next;
            if filter.after.is_none() {
                return all;
            }
        }
    }

    fn state(&self, id: Id) -> Value {
        self.registry.look(Some(self.auditor)).unwrap().record(id).unwrap().unwrap().state
    }

    /// Minutes that ran at an instrument, of the minutes it was open on working days.
    fn use_of(&self, instrument: Id) -> f64 {
        let look = self.registry.look(Some(self.auditor)).unwrap();
        let mut filter =
            Filter { desk: "booking".into(), party: Some(instrument), limit: 200, ..Filter::default() };
        let (mut ran, mut days) = (0, BTreeSet::new());
        loop {
            let page = look.list(&filter).unwrap();
            for row in page.rows {
                let record = look.record(row.id).unwrap().unwrap();
                let sittings: Vec<Sitting> =
                    serde_json::from_value(record.state["sittings"].clone()).unwrap();
                ran += sittings.iter().map(Sitting::ran).sum::<i64>();
                for sitting in &sittings {
                    assert!(length_of(sitting.times) <= OPEN_MINUTES);
                    days.insert(sitting.times.from.day());
                }
            }
            filter.after = page.next;
            if filter.after.is_none() {
                break;
            }
        }
        let first: Day = "2026-01-01".parse().unwrap();
        let monday: Day = "1970-01-05".parse().unwrap();
        let is_working = |day: &Day| monday.days_until(*day).rem_euclid(7) < 5;
        let working = (1..365).map(|n| first.plus_days(n)).filter(is_working).count();
        assert!(days.len() <= working);
        100.0 * f64::from(i32::try_from(ran).unwrap())
            / f64::from(i32::try_from(OPEN_MINUTES).unwrap() * i32::try_from(working).unwrap())
    }
}

fn money(value: &Value) -> Money {
    value.as_str().unwrap().parse().unwrap()
}

/// Every movement of the year as `kechuang journal` reads it.
fn moves(told: &Told) -> String {
    let look = told.registry.look(Some(told.auditor)).unwrap();
    let mut text = String::from("day,from,to,amount,reason,effective,entry\n");
    for account in told.all("account") {
        for line in look.history(account.id).unwrap() {
            let kind = line.event["event"].as_str().unwrap();
            let payment = &line.event["payment"];
            let (from, to) = (account.id.to_string(), payment["to"].as_str().unwrap_or_default().to_owned());
            let (from, to, effective) = match kind {
                "paid" | "posted" => (from, to, String::new()),
                "reversed" => (to, from, line.event["effective"].as_str().unwrap().to_owned()),
                _ => continue,
            };
            let amount = payment["amount"].as_str().unwrap();
            let entry = &line.event["entry"];
            text.push_str(&format!("{},{from},{to},{amount},{kind},{effective},{entry}\n", line.at.day()));
        }
    }
    text
}

#[test]
fn a_year_of_four_clearings_comes_out_to_the_fen() {
    let told = told();
    let summary = &told.summary;
    assert_eq!((summary.voucher_orders, summary.clearing_runs, summary.roles), (ORDERS, 4, ROLES.len()));
    vouchers_over_four_provinces(&told);
    // One instrument of each province is used from two fifths to seven tenths.
    let booked = told.all("booking");
    let instruments: BTreeSet<Id> = booked.iter().map(|row| row.card.the("instrument")).collect();
    let uses: Vec<f64> = instruments.iter().map(|instrument| told.use_of(*instrument)).collect();
    println!("use in percent: {uses:.1?}");
    assert!(
        uses.len() == PROVINCES.len() && uses.iter().all(|used| (40.0..=70.0).contains(used)),
        "{uses:?}"
    );
    all_is_zero_together(&told);
    let mut runs: Vec<(Id, Value)> =
        told.all("clearing").iter().map(|row| (row.id, told.state(row.id))).collect();
    runs.sort_by_key(|(_, state)| state["from"].as_str().unwrap().to_owned());
    runs.iter().for_each(|(_, state)| a_run_is_zero_together(state));
    disputes_freeze_their_line_alone(&told, &runs);
    a_bank_pays_what_was_netted(&runs);
    hledger_comes_to_the_same(&told);
}

/// Two hundred vouchers, each spent once, each order as its deal says.
fn vouchers_over_four_provinces(told: &Told) {
    let states: Vec<Value> = told.all("voucher-order").iter().map(|row| told.state(row.id)).collect();
    let vouchers: BTreeSet<&str> =
        states.iter().map(|state| state["deal"]["terms"]["voucher"].as_str().unwrap()).collect();
    let homes: BTreeSet<&str> = states.iter().map(|state| state["begun"]["home"].as_str().unwrap()).collect();
    assert_eq!(vouchers.len(), ORDERS);
    assert_eq!(homes, BTreeSet::from(["310000", "320000", "330000", "340000"]));
    let sum = |of: fn(&Value) -> &Value| states.iter().map(|state| money(of(state))).sum::<Money>();
    let (paid, agreed) = (sum(|state| &state["paid"]), sum(|state| &state["deal"]["amount"]));
    let tills: BTreeSet<&str> = states.iter().map(|state| state["route"]["till"].as_str().unwrap()).collect();
    let got: Money = tills.iter().map(|till| money(&told.state(till.parse().unwrap())["balance"])).sum();
    assert!(states.iter().all(|state| state["status"] == "paid"));
    let placed: BTreeSet<&str> =
        states.iter().map(|state| state["deal"]["placed"].as_str().unwrap()).collect();
    assert_eq!(placed, BTreeSet::from(["2026-01-07", "2026-04-07", "2026-07-07", "2026-10-07"]));
    assert!(paid.is_positive() && paid == agreed && paid == got, "{paid} {agreed} {got}");
    println!("{ORDERS} orders, {paid} yuan");
}

/// At the end nothing was made or lost, and the regions owe each other nothing any more.
fn all_is_zero_together(told: &Told) {
    let whole: Money =
        told.all("account").iter().map(|account| money(&told.state(account.id)["balance"])).sum();
    assert_eq!(whole, Money::ZERO);
    let states: Vec<Value> = told.all("account").iter().map(|account| told.state(account.id)).collect();
    let settling: Vec<&Value> = states.iter().filter(|state| state["purpose"] == "clearing").collect();
    assert_eq!(settling.len(), PROVINCES.len());
    settling.iter().for_each(|state| assert_eq!(money(&state["balance"]), Money::ZERO, "{state}"));
    for order in told.all("voucher-order") {
        assert_eq!(order.card.read::<Money>("open"), Some(Money::ZERO), "{}", order.id);
    }
}

/// Positions are what lines that count come to, zero together, and what payments make even.
fn a_run_is_zero_together(run: &Value) {
    assert_eq!(run["status"], "settled");
    let of = |of: &Value, name: &str| of[name].as_str().unwrap().to_owned();
    let mut owed: BTreeMap<String, Money> = BTreeMap::new();
    for line in run["lines"].as_object().unwrap().values().filter(|line| line["dispute"].is_null()) {
        *owed.entry(of(line, "debtor")).or_default() -= money(&line["amount"]);
        *owed.entry(of(line, "creditor")).or_default() += money(&line["amount"]);
    }
    let rows = |name: &str| run["netting"][name].as_array().unwrap().clone();
    let positions: BTreeMap<String, Money> = rows("positions")
        .iter()
        .map(|position| (of(position, "region"), money(&position["amount"])))
        .collect();
    assert!(owed.len() >= 3 && positions == owed, "{positions:?} {owed:?}");
    assert_eq!(positions.values().copied().sum::<Money>(), Money::ZERO);
    let mut even = positions;
    for payment in rows("payments") {
        *even.get_mut(&of(&payment, "payer")).unwrap() += money(&payment["amount"]);
        *even.get_mut(&of(&payment, "payee")).unwrap() -= money(&payment["amount"]);
    }
    assert!(even.values().all(|left| *left == Money::ZERO), "{even:?}");
}

/// Of four runs two have a line in dispute: it waits, all others are settled, and it is settled with the next run.
fn disputes_freeze_their_line_alone(told: &Told, runs: &[(Id, Value)]) {
    let lines_of = |(_, run): &(Id, Value)| -> BTreeMap<String, bool> {
        let lines = run["lines"].as_object().unwrap().values();
        lines.map(|line| (line["order"].as_str().unwrap().to_owned(), line["dispute"].is_null())).collect()
    };
    let runs: Vec<BTreeMap<String, bool>> = runs.iter().map(lines_of).collect();
    let waiting = |lines: &BTreeMap<String, bool>| -> Vec<String> {
        lines.iter().filter(|(_, counts)| !**counts).map(|(order, _)| order.clone()).collect()
    };
    assert_eq!(runs.iter().map(|lines| waiting(lines).len()).collect::<Vec<_>>(), [0, 1, 1, 0]);
    for (lines, next) in runs.iter().zip(runs.iter().skip(1)) {
        assert!(lines.len() > 20, "{}", lines.len());
        assert!(waiting(lines).iter().all(|order| next.get(order) == Some(&true)));
    }
    let settled: usize = runs.iter().map(|lines| lines.len() - waiting(lines).len()).sum();
    let is_across = |row: &&Listed| {
        let begun = told.state(row.id)["begun"].clone();
        begun["home"] != begun["away"]
    };
    assert_eq!(settled, told.all("voucher-order").iter().filter(is_across).count(), "each order in one run");
}

/// Each run's payments as the bank is sent them, and as it says that it has booked them.
fn a_bank_pays_what_was_netted(runs: &[(Id, Value)]) {
    let folder = TempDir::new().unwrap();
    let table = folder.path().join("accounts.csv");
    let rows = PROVINCES.map(|province| format!("{province:06},示例 {province},{province}01,PCBCCNBJ\n"));
    std::fs::write(&table, format!("payer,payee,payer account,payer bank\n{}", rows.concat())).unwrap();
    for (run, state) in runs {
        let booked = crate::bank::round_trip(&json!({ "state": state }), run.as_str(), &table);
        let payments = state["netting"]["payments"].as_array().unwrap();
        assert_eq!(booked.len(), payments.len());
        for (payment, n) in payments.iter().zip(1..) {
            let fen = booked.get(&format!("{run}-{n}")).copied().unwrap();
            assert_eq!(Money::fen(fen), money(&payment["amount"]), "{run} {n}");
        }
    }
}

fn hledger_comes_to_the_same(told: &Told) {
    let folder = TempDir::new().unwrap();
    let (csv, out) = (folder.path().join("moves.csv"), folder.path().join("year.journal"));
    std::fs::write(&csv, moves(told)).unwrap();
    let words = grammar::words::Locale::En;
    let given = ["journal".into(), csv.into_os_string(), "--out".into(), out.clone().into_os_string()];
    let matches = crate::journal::command(words).get_matches_from(given);
    assert!(crate::journal::run(&matches, words).is_ok());
    let hledger = |arguments: &[&str]| {
        Command::new("hledger").arg("-f").arg(&out).args(arguments).env("LC_ALL", "C.UTF-8").output()
    };
    let Ok(checked) = hledger(&["check", "--strict"]) else {
        assert!(std::env::var_os("CI").is_none(), "hledger is needed where CI is set");
        println!("skipped: there is no hledger on this machine");
        return;
    };
    assert!(checked.status.success(), "{}", String::from_utf8_lossy(&checked.stderr));
    let balances = hledger(&["balance", "--flat", "--empty", "--output-format=csv"]).unwrap().stdout;
    let balances = String::from_utf8(balances).unwrap();
    for account in told.all("account") {
        let balance = money(&told.state(account.id)["balance"]);
        let line = format!("\"{}\",\"CNY {balance}\"", account.id);
        assert!(balance == Money::ZERO || balances.contains(&line), "{line} in {balances}");
    }
}
