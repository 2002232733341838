//! How many payments from one account to another a house keeps in a second, beside PostgreSQL moving two rows and
//! noting the transfer, both durable, turn about: `cargo run --release -p registry --example transfers_bench --
//! [TRANSFERS] [ROUNDS]`. The peer runs on the server that `KECHUANG_TEST_POSTGRES` names, by its own `pgbench`.
//!
//! A payment of ours is two facts in the log with their proofs, rules, a receipt, and two records with their fronts; one of
//! the peer is two updates and a row. On both sides the sum of all balances is looked at before a figure is told.

use std::{
    process::Command,
    sync::atomic::{AtomicU64, AtomicUsize, Ordering},
};

use grammar::{
    form::Dice,
    kinds::{Id, Money},
};
use registry::{Ask, Asker, Filter, Registry};
use serde_json::{Value, json};

mod stand;
use stand::{Outcome, house, in_database, now, psql};

const ACCOUNTS: usize = 1_000;
const TOGETHER: [usize; 3] = [1, 8, 32];
/// What each account has at first, in yuan.
const EACH: u64 = 1_000_000;
/// Rows of one page of a list.
const PAGE: u32 = 200;

struct Bank {
    treasurer: Asker,
    accounts: Vec<Id>,
    keys: AtomicU64,
}

fn run(
    house: &Registry,
    by: Asker,
    key: &str,
    (desk, record): (&str, Option<Id>),
    command: Value,
) -> Outcome<Id> {
    let receipt = house.run(Ask::new(key, by, desk, record, command));
    Ok(receipt.map_err(|denied| format!("{key}: {denied:?}"))?.record)
}

/// A treasurer, a source, and accounts with money on them.
fn furnish(house: &Registry) -> Outcome<Bank> {
    let founder = Asker::Founder;
    let person = json!({ "verb": "register", "name": "示例 司库", "region": "310000", "public": false });
    let person = run(house, founder, "person", ("person", None), person)?;
    let appoint = json!({ "verb": "appoint", "holder": person, "office": "treasurer", "region": "000000",
        "from": "2026-03-02", "document": "bench 1" });
    run(house, founder, "office", ("office", None), appoint)?;
    let firm =
        json!({ "verb": "register", "name": { "zh": "示例 库" }, "kind": "enterprise", "region": "310115" });
    let firm = run(house, founder, "firm", ("organisation", None), firm)?;
    let treasurer = Asker::Person(person);
    let open = |key: &str, purpose: &str| {
        let command = json!({ "verb": "open", "title": { "en": key }, "owner": firm, "purpose": purpose, "region": "310000" });
        run(house, treasurer, key, ("account", None), command)
    };
    let mut accounts = Vec::new();
    for number in 0..ACCOUNTS {
        let (account, source) =
            (open(&format!("account {number}"), "fund")?, open(&format!("source {number}"), "source")?);
        let pay =
            json!({ "verb": "pay", "to": account, "amount": format!("{EACH}.00"), "reason": "at first" });
        run(house, treasurer, &format!("first {number}"), ("account", Some(source)), pay)?;
        accounts.push(account);
    }
    Ok(Bank { treasurer, accounts, keys: AtomicU64::new(0) })
}

/// Payments a second, by so many who each wait for their receipt before the next one.
fn ours(house: &Registry, bank: &Bank, together: usize, transfers: usize, seed: u64) -> f64 {
    let kept = AtomicUsize::new(0);
    let start = now();
    std::thread::scope(|scope| {
        for thread in 0..together {
            let kept = &kept;
            scope.spawn(move || {
                let mut dice = Dice::new(seed * 100 + thread as u64);
                for _ in 0..transfers / together {
                    let (from, to) = (dice.below(ACCOUNTS), dice.below(ACCOUNTS));
                    let amount = format!("{}.00", 1 + dice.below(50));
                    let to = if from == to { (to + 1) % ACCOUNTS } else { to };
                    let pay = json!({ "verb": "pay", "to": bank.accounts.get(to), "amount": amount, "reason": "bench" });
                    let key = format!("t{}", bank.keys.fetch_add(1, Ordering::Relaxed));
                    let from = bank.accounts.get(from).copied();
                    match house.run(Ask::new(key, bank.treasurer, "account", from, pay)) {
                        Ok(_) => drop(kept.fetch_add(1, Ordering::Relaxed)),
                        Err(denied) => eprintln!("{denied:?}"),
                    }
                }
            });
        }
    });
    kept.into_inner() as f64 / start.elapsed().as_secs_f64()
}

/// What lies on the accounts together, sources aside.
fn sum(house: &Registry, bank: &Bank) -> Outcome<Money> {
    let Asker::Person(person) = bank.treasurer else { return Err("no treasurer".into()) };
    let look = house.look(Some(person))?;
    let mut sum = Money::ZERO;
    for account in &bank.accounts {
        let record = look.record(*account)?.ok_or("an account is gone")?;
        sum += record.card.amount.ok_or("an account without a balance")?;
    }
    let filter = Filter { desk: "account".into(), limit: PAGE, ..Filter::default() };
    if look.list(&filter)?.total != 2 * ACCOUNTS as u64 {
        return Err("there are other accounts".into());
    }
    Ok(sum)
}

const TABLES: &str = "
    CREATE TABLE holding (id int PRIMARY KEY, balance bigint NOT NULL CHECK (balance >= 0)) WITH (fillfactor = 50);
    CREATE TABLE movement (id bigserial PRIMARY KEY, debit int NOT NULL, credit int NOT NULL, amount bigint NOT NULL);";
/// Rows are taken in the order of their numbers, so that two transfers never wait for each other.
const TRANSFER: &str = r"\set a random(1, :accounts)
\set b random(1, :accounts - 1)
\set b :b + (case when :b >= :a then 1 else 0 end)
\set first least(:a, :b)
\set second greatest(:a, :b)
\set amount random(1, 50)
BEGIN;
UPDATE holding SET balance = balance - :amount WHERE id = :first;
UPDATE holding SET balance = balance + :amount WHERE id = :second;
INSERT INTO movement (debit, credit, amount) VALUES (:first, :second, :amount);
COMMIT;
";

/// Transfers a second that `pgbench` tells.
fn peer(url: &str, script: &str, together: usize, transfers: usize) -> Outcome<f64> {
    let (clients, each) = (together.to_string(), (transfers / together).to_string());
    let accounts = format!("accounts={ACCOUNTS}");
    let words =
        ["-n", "-M", "prepared", "-c", &clients, "-j", "2", "-t", &each, "-D", &accounts, "-f", script, url];
    let done = Command::new("pgbench").args(words).output()?;
    let said = String::from_utf8_lossy(&done.stdout);
    let rate = said.lines().find_map(|line| line.strip_prefix("tps = ")?.split(' ').next()?.parse().ok());
    rate.ok_or_else(|| format!("{said}{}", String::from_utf8_lossy(&done.stderr)).into())
}

/// What both came to, to be told once the sums are right.
fn beside(url: &str, house: &Registry, bank: &Bank, transfers: usize, rounds: u64) -> Outcome<Vec<String>> {
    psql(url, TABLES)?;
    psql(url, &format!("INSERT INTO holding SELECT g, {EACH} FROM generate_series(1, {ACCOUNTS}) g"))?;
    let folder = tempfile::TempDir::new()?;
    let file = folder.path().join("transfer.sql");
    std::fs::write(&file, TRANSFER)?;
    let script = file.to_str().ok_or("a folder with a strange name")?;
    let mut figures = Vec::new();
    for together in TOGETHER {
        for round in 0..rounds {
            let ours = ours(house, bank, together, transfers, 10 * round + together as u64);
            let peer = peer(url, script, together, transfers)?;
            figures.push(format!(
                "{together} at a time: {ours:.0} payments a second, PostgreSQL {peer:.0}: {:.2} of it",
                ours / peer
            ));
        }
    }
    let whole = psql(url, "SELECT sum(balance) FROM holding")?;
    if whole != (EACH * ACCOUNTS as u64).to_string() {
        return Err(format!("the peer has {whole} left").into());
    }
    Ok(figures)
}

fn main() -> Outcome<()> {
    let mut arguments = std::env::args().skip(1);
    let transfers: usize = arguments.next().map_or(Ok(3_000), |text| text.parse())?;
    let rounds: u64 = arguments.next().map_or(Ok(3), |text| text.parse())?;
    let folder = tempfile::TempDir::new()?;
    let house = house(folder.path(), None)?;
    let bank = furnish(&house)?;
    let figures = in_database(|url| beside(url, &house, &bank, transfers, rounds))?;
    let (is, should) = (sum(&house, &bank)?, Money::yuan(i64::try_from(EACH)? * ACCOUNTS as i64));
    if is != should {
        return Err(format!("{is} lie on the accounts, not {should}").into());
    }
    figures.iter().flatten().for_each(|figure| println!("{figure}"));
    println!("{is} lie on the accounts, as at first");
    house.close();
    Ok(())
}
