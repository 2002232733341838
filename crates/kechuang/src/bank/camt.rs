//! Camt: a bank's statement, camt.053, and which of our payments it says were booked.

use std::collections::BTreeMap;

use serde_json::json;

use super::{
    pain::{Payment, account_of, fen},
    tree::{self, Bad, Node},
};
use crate::book;

/// Money that a bank says left an account for one of our payments.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    pub line: u64,
    pub id: String,
    /// The account that paid.
    pub account: String,
    pub fen: i64,
    pub booked: String,
    pub value_day: String,
}

/// Reads all statements of a file. What came in, and what left without a name of ours, is passed over; but every balance
/// must follow from its entries.
///
/// # Errors
/// What is missing or does not add up, with its line.
pub fn read(xml: &str) -> Result<Vec<Entry>, Bad> {
    let root = tree::read(xml)?;
    let missing = |name: &str| Bad::new(root.line, "xml-missing", json!({ "name": name, "in": root.name }));
    let message = root.child("BkToCstmrStmt").ok_or_else(|| missing("BkToCstmrStmt"))?;
    let mut entries = Vec::new();
    for statement in message.all("Stmt") {
        let account = statement.child("Acct").and_then(account_of).ok_or_else(|| missing("Acct/Id"))?;
        let mut moved: i128 = 0;
        for entry in statement.all("Ntry") {
            let sign = sign(entry)?;
            let whole = amount(entry)?;
            if is_booked(entry) {
                moved += i128::from(sign) * i128::from(whole);
                if sign < 0 {
                    entries.extend(paid(entry, account, whole)?);
                }
            }
        }
        balances(statement, moved)?;
    }
    Ok(entries)
}

fn amount(node: &Node) -> Result<i64, Bad> {
    let missing = || Bad::new(node.line, "xml-missing", json!({ "name": "Amt", "in": node.name }));
    fen(node.child("Amt").ok_or_else(missing)?)
}

/// Above nothing for money that came in.
fn sign(node: &Node) -> Result<i64, Bad> {
    match node.word(&["CdtDbtInd"])? {
        "CRDT" => Ok(1),
        "DBIT" => Ok(-1),
        other => Err(Bad::new(node.line, "xml-word", json!({ "name": "CdtDbtInd", "value": other }))),
    }
}

fn is_booked(entry: &Node) -> bool {
    let status = entry.child("Sts");
    let word = status.map(|status| status.child("Cd").map_or(status.text.trim(), |code| code.text.trim()));
    word.is_none_or(|word| word == "BOOK")
}

fn day(entry: &Node, name: &str) -> String {
    let node = entry.child(name).and_then(|day| day.child("Dt").or_else(|| day.child("DtTm")));
    node.map_or("", |day| day.text.trim()).chars().take(10).collect()
}

/// The payments of one entry: a bank may book several at once, and then says what each came to.
fn paid(entry: &Node, account: &str, whole: i64) -> Result<Vec<Entry>, Bad> {
    let details: Vec<&Node> = entry.all("NtryDtls").flat_map(|details| details.all("TxDtls")).collect();
    let mut paid = Vec::new();
    let mut sum: i128 = 0;
    for each in &details {
        let part = match each.child("Amt").or_else(|| each.at(&["AmtDtls", "TxAmt", "Amt"])) {
            Some(node) => fen(node)?,
            None if details.len() == 1 => whole,
            None => amount(each)?,
        };
        sum += i128::from(part);
        let Some(id) = each.at(&["Refs", "EndToEndId"]).map(|id| id.text.trim()) else { continue };
        if id != "NOTPROVIDED" {
            paid.push(Entry {
                line: each.line,
                id: id.to_owned(),
                account: account.to_owned(),
                fen: part,
                booked: day(entry, "BookgDt"),
                value_day: day(entry, "ValDt"),
            });
        }
    }
    if !details.is_empty() && sum != i128::from(whole) {
        let facts = json!({ "name": "Ntry/Amt", "said": book::yuan(whole.into()), "is": book::yuan(sum) });
        return Err(Bad::new(entry.line, "bank-sum", facts));
    }
    Ok(paid)
}

/// The closing balance is the opening one and what moved.
fn balances(statement: &Node, moved: i128) -> Result<(), Bad> {
    let of = |codes: [&str; 2]| {
        let code = |balance: &&Node| {
            balance.at(&["Tp", "CdOrPrtry", "Cd"]).is_some_and(|code| codes.contains(&code.text.trim()))
        };
        statement.all("Bal").find(code)
    };
    let (Some(opened), Some(closed)) = (of(["OPBD", "PRCD"]), of(["CLBD", "CLBD"])) else { return Ok(()) };
    let value = |node: &Node| Ok(i128::from(sign(node)?) * i128::from(amount(node)?));
    let (is, said) = (value(opened)? + moved, value(closed)?);
    if is == said {
        return Ok(());
    }
    let facts = json!({ "name": "Bal/CLBD", "said": book::yuan(said), "is": book::yuan(is) });
    Err(Bad::new(closed.line, "bank-sum", facts))
}

/// Which payment was booked by which entry.
///
/// # Errors
/// An entry that names none of the payments, one twice, or another amount or account.
pub fn matched<'a>(payments: &[Payment], entries: &'a [Entry]) -> Result<BTreeMap<&'a str, &'a Entry>, Bad> {
    let known: BTreeMap<&str, &Payment> =
        payments.iter().map(|payment| (payment.id.as_str(), payment)).collect();
    let mut found: BTreeMap<&str, &Entry> = BTreeMap::new();
    for entry in entries {
        let bad = |code, facts| Bad::new(entry.line, code, facts);
        let Some(payment) = known.get(entry.id.as_str()) else {
            return Err(bad("bank-unknown", json!({ "id": entry.id })));
        };
        if let Some(earlier) = found.insert(&entry.id, entry) {
            return Err(bad("bank-twice", json!({ "id": entry.id, "first": earlier.line })));
        }
        if entry.fen != payment.fen {
            let facts = json!({
                "id": entry.id, "booked": book::yuan(entry.fen.into()), "wanted": book::yuan(payment.fen.into()),
            });
            return Err(bad("bank-amount", facts));
        }
        if entry.account != payment.payer.account {
            let facts = json!({ "id": entry.id, "booked": entry.account, "wanted": payment.payer.account });
            return Err(bad("bank-account", facts));
        }
    }
    Ok(found)
}
