//! Camt: a bank's statement, camt.053, and which of our payments it says were booked.

use std::collections::BTreeMap;

use serde_json::json;

use super::{
    pain::{Payment, account_of, fen},
    tree::{self, Bad, Node},
    yuan,
};

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
        let facts = json!({ "name": "Ntry/Amt", "said": yuan(whole.into()), "is": yuan(sum) });
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
    let facts = json!({ "name": "Bal/CLBD", "said": yuan(said), "is": yuan(is) });
    Err(Bad::new(closed.line, "bank-sum", facts))
}

/// An entry laid beside what was sent.
#[derive(Clone, Debug, PartialEq)]
pub struct Laid<'a> {
    pub entry: &'a Entry,
    /// Why it is none of the payments as they were sent.
    pub wrong: Option<Bad>,
}

/// Every entry of a statement beside the payments, those that fit and those that do not.
#[must_use]
pub fn laid<'a>(payments: &[Payment], entries: &'a [Entry]) -> Vec<Laid<'a>> {
    let known: BTreeMap<&str, &Payment> =
        payments.iter().map(|payment| (payment.id.as_str(), payment)).collect();
    let mut found: BTreeMap<&str, u64> = BTreeMap::new();
    let mut lay = |entry: &'a Entry| Laid { entry, wrong: wrong(entry, &known, &mut found) };
    entries.iter().map(&mut lay).collect()
}

fn wrong<'a>(
    entry: &'a Entry,
    known: &BTreeMap<&str, &Payment>,
    found: &mut BTreeMap<&'a str, u64>,
) -> Option<Bad> {
    let bad = |code, facts| Some(Bad::new(entry.line, code, facts));
    let Some(payment) = known.get(entry.id.as_str()) else {
        return bad("bank-unknown", json!({ "id": entry.id }));
    };
    if let Some(first) = found.get(entry.id.as_str()) {
        return bad("bank-twice", json!({ "id": entry.id, "first": first }));
    }
    found.insert(&entry.id, entry.line);
    if entry.fen != payment.fen {
        let facts = json!({
            "id": entry.id, "booked": yuan(entry.fen.into()), "wanted": yuan(payment.fen.into()),
        });
        return bad("bank-amount", facts);
    }
    if entry.account != payment.payer.account {
        let facts = json!({ "id": entry.id, "booked": entry.account, "wanted": payment.payer.account });
        return bad("bank-account", facts);
    }
    None
}

/// Which payment was booked by which entry.
///
/// # Errors
/// The first entry that names none of the payments, one twice, or another amount or account.
pub fn matched<'a>(payments: &[Payment], entries: &'a [Entry]) -> Result<BTreeMap<&'a str, &'a Entry>, Bad> {
    let mut found: BTreeMap<&str, &Entry> = BTreeMap::new();
    for Laid { entry, wrong } in laid(payments, entries) {
        if let Some(bad) = wrong {
            return Err(bad);
        }
        found.insert(&entry.id, entry);
    }
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bank::{Side, pain};

    fn payment(n: u32, fen: i64) -> Payment {
        let side = |name: &str| Side { name: name.into(), account: format!("{name}-1"), bank: String::new() };
        Payment { id: format!("run-{n}"), payer: side("zj"), payee: side("sh"), fen, purpose: String::new() }
    }

    fn statement(entries: &[(&str, &str)]) -> String {
        let entry = |(id, amount): &(&str, &str)| {
            format!(
                "<Ntry><Amt Ccy=\"CNY\">{amount}</Amt><CdtDbtInd>DBIT</CdtDbtInd><NtryDtls><TxDtls><Refs>\
                 <EndToEndId>{id}</EndToEndId></Refs></TxDtls></NtryDtls></Ntry>\n"
            )
        };
        let entries: String = entries.iter().map(entry).collect();
        format!(
            "\u{feff}<Document><BkToCstmrStmt><Stmt><Acct><Id><Othr><Id>zj-1</Id></Othr></Id></Acct>\n{entries}</Stmt>\
             </BkToCstmrStmt></Document>"
        )
    }

    #[test]
    fn every_entry_is_laid_beside_what_was_sent_and_one_that_does_not_fit_fails_all() {
        let payments = [payment(1, 10_050), payment(2, 700)];
        let told = |entries: &[(&str, &str)]| {
            let entries = read(&statement(entries)).unwrap();
            let codes: Vec<(u64, String)> = laid(&payments, &entries)
                .into_iter()
                .map(|laid| (laid.entry.line, laid.wrong.map_or("fits".into(), |bad| bad.code.to_owned())))
                .collect();
            let first = codes.iter().find(|(_, code)| code != "fits").map(|(_, code)| code.clone());
            assert_eq!(matched(&payments, &entries).err().map(|bad| bad.code.to_owned()), first);
            codes
        };
        let code = |line: u64, code: &str| (line, code.to_owned());
        assert_eq!(
            told(&[("run-2", "7.00"), ("run-1", "100.50")]),
            [code(2, "fits"), code(3, "fits")],
            "in any order"
        );
        assert_eq!(
            told(&[("run-1", "100.50"), ("run-1", "100.50"), ("run-2", "7.01"), ("x", "1")]),
            [code(2, "fits"), code(3, "bank-twice"), code(4, "bank-amount"), code(5, "bank-unknown")]
        );
    }

    #[test]
    fn payments_are_read_back_as_they_were_written_and_named_by_what_they_are() {
        let payments = vec![payment(1, 10_050), payment(2, 700)];
        let name = crate::bank::name("2031-04-08", &payments);
        let xml = pain::write(&name, "2031-04-07T00:00:00", "2031-04-08", &payments);
        assert_eq!(pain::read(&xml).unwrap(), payments);
        assert_eq!(name.len(), 32);
        assert_ne!(name, crate::bank::name("2031-04-09", &payments));
        assert_ne!(name, crate::bank::name("2031-04-08", &payments[..1]));
    }
}
