//! Camt: a bank's statement, camt.053, and which of our payments it says were booked.
//!
//! A real statement holds more than our payments: fees, salaries, money that came in. What bears no name of ours is counted and left
//! alone; what bears one must fit a payment that was sent, or says why it does not. Every version of the message from 02 on is read
//! by the names of its elements.

use std::collections::BTreeMap;

use serde_json::json;

use super::{
    amount::{Amount, amount},
    pain::{Payment, account_of},
    tree::{self, Bad, Node},
    yuan,
};

mod credits;

pub use credits::{CREDITS_MAX, Credit, read as read_credits};

/// What was sent to the bank.
#[derive(Clone, Copy, Debug)]
pub struct Sent<'a> {
    pub payments: &'a [Payment],
    /// How every name of ours begins, known or not; where it is empty, only names that were sent are ours.
    pub mark: &'a str,
}

/// What a statement says of our payments.
#[derive(Clone, Debug, PartialEq)]
pub struct Statement {
    /// What bears a name of ours, in the order of the file.
    pub entries: Vec<Entry>,
    /// Entries that bear none.
    pub others: usize,
}

/// What a bank says of one of our payments.
#[derive(Clone, Debug, PartialEq)]
pub struct Entry {
    pub line: u64,
    pub id: String,
    /// The account on whose statement it stands.
    pub account: String,
    /// Nothing when it is no whole amount of fen in yuan.
    pub fen: i64,
    pub booked: String,
    pub value_day: String,
    /// Why it is none of the payments as they were sent.
    pub wrong: Option<Bad>,
}

impl Statement {
    /// Which payment was booked by which entry.
    ///
    /// # Errors
    /// The first entry that does not fit: then none is to be believed.
    pub fn matched(&self) -> Result<BTreeMap<&str, &Entry>, Bad> {
        let fits = |entry: &'_ Entry| entry.wrong.clone().map_or(Ok(()), Err);
        self.entries.iter().try_for_each(fits)?;
        Ok(self.entries.iter().map(|entry| (entry.id.as_str(), entry)).collect())
    }
}

/// Reads all statements of a file and lays what is ours beside what was sent. Every balance must follow from its entries.
///
/// # Errors
/// What is missing or does not add up, with its line.
pub fn read(xml: &str, sent: &Sent) -> Result<Statement, Bad> {
    let root = tree::read(xml)?;
    let known = sent.payments.iter().map(|payment| (payment.id.as_str(), payment)).collect();
    let mut table = Laying { mark: sent.mark, known, found: BTreeMap::new(), entries: vec![], others: 0 };
    each_entry(&root, &mut |entry, account, whole| table.lay(entry, account, whole))?;
    Ok(Statement { entries: table.entries, others: table.others })
}

/// Each booked entry of all statements of a file with its account and amount. Every balance must follow from its entries.
fn each_entry(root: &Node, read: &mut dyn FnMut(&Node, &str, &Signed) -> Result<(), Bad>) -> Result<(), Bad> {
    let missing = |name: &str| Bad::new(root.line, "xml-missing", json!({ "name": name, "in": root.name }));
    let message = root.child("BkToCstmrStmt").ok_or_else(|| missing("BkToCstmrStmt"))?;
    for statement in message.all("Stmt") {
        let account = statement.child("Acct").and_then(account_of).ok_or_else(|| missing("Acct/Id"))?;
        let mut moved: i128 = 0;
        for entry in statement.all("Ntry").filter(|entry| is_booked(entry)) {
            let whole = Signed::of(entry)?;
            moved += whole.fine();
            read(entry, account, &whole)?;
        }
        balances(statement, moved)?;
    }
    Ok(())
}

/// An amount that came in or, below nothing, went out.
struct Signed<'a> {
    sign: i128,
    amount: Amount<'a>,
}

impl<'a> Signed<'a> {
    fn of(node: &'a Node) -> Result<Self, Bad> {
        Ok(Self { sign: sign(node)?, amount: amount(needed(node)?)? })
    }

    fn fine(&self) -> i128 {
        self.sign * self.amount.fine
    }
}

fn needed(node: &Node) -> Result<&Node, Bad> {
    let missing = || Bad::new(node.line, "xml-missing", json!({ "name": "Amt", "in": node.name }));
    node.child("Amt").ok_or_else(missing)
}

/// Above nothing for money that came in.
fn sign(node: &Node) -> Result<i128, Bad> {
    match node.word(&["CdtDbtInd"])? {
        "CRDT" => Ok(1),
        "DBIT" => Ok(-1),
        other => Err(Bad::new(node.line, "xml-word", json!({ "name": "CdtDbtInd", "value": other }))),
    }
}

/// The word stands in the status itself until version 04, in a code below it after that.
fn is_booked(entry: &Node) -> bool {
    let status = entry.child("Sts");
    let word = status.map(|status| status.child("Cd").map_or(status.text.trim(), |code| code.text.trim()));
    word.is_none_or(|word| word == "BOOK")
}

fn is_reversal(node: &Node) -> bool {
    node.child("RvslInd").is_some_and(|word| ["true", "1"].contains(&word.text.trim()))
}

fn day(entry: &Node, name: &str) -> String {
    let node = entry.child(name).and_then(|day| day.child("Dt").or_else(|| day.child("DtTm")));
    node.map_or("", |day| day.text.trim()).chars().take(10).collect()
}

/// The name a payment went out under, if the bank gives one.
fn name(detail: &Node) -> Option<&str> {
    let id = detail.at(&["Refs", "EndToEndId"]).map(|id| id.text.trim());
    id.filter(|id| !id.is_empty() && *id != "NOTPROVIDED")
}

/// One payment in an entry: where its amount stands, and which way it went.
struct Part<'a> {
    node: &'a Node,
    sign: i128,
    amount: Option<Amount<'a>>,
}

/// What an entry consists of, as far as the bank says so. Elsewhere than in the entry's own currency amounts say nothing here.
fn parts<'a>(details: &[&'a Node], whole: &Signed<'a>) -> Result<Vec<Part<'a>>, Bad> {
    let mut parts = Vec::new();
    for &node in details {
        let sign = if node.child("CdtDbtInd").is_some() { sign(node)? } else { whole.sign };
        let said = node.child("Amt").or_else(|| node.at(&["AmtDtls", "TxAmt", "Amt"]));
        let amount = match said {
            Some(said) => Some(amount(said)?),
            None if details.len() == 1 => Some(whole.amount.clone()),
            None => None,
        };
        parts.push(Part { node, sign, amount });
    }
    Ok(parts)
}

/// Entries as they are laid beside the payments.
struct Laying<'a> {
    mark: &'a str,
    known: BTreeMap<&'a str, &'a Payment>,
    /// Payments that an entry has named, with its line.
    found: BTreeMap<&'a str, u64>,
    entries: Vec<Entry>,
    others: usize,
}

impl Laying<'_> {
    fn is_ours(&self, id: &str) -> bool {
        let is_marked = || id.strip_prefix(self.mark).is_some_and(|rest| rest.starts_with('-'));
        self.known.contains_key(id) || (!self.mark.is_empty() && is_marked())
    }

    /// A bank may book several payments at once, and then says what each came to.
    fn lay(&mut self, entry: &Node, account: &str, whole: &Signed) -> Result<(), Bad> {
        let details: Vec<&Node> = entry.all("NtryDtls").flat_map(|details| details.all("TxDtls")).collect();
        let ours = |each: &&&Node| name(each).is_some_and(|id| self.is_ours(id));
        if !details.iter().any(|each| ours(&each)) {
            self.others += 1;
            return Ok(());
        }
        let parts = parts(&details, whole)?;
        let unequal = unequal(entry, whole, &parts);
        for part in &parts {
            match name(part.node).filter(|id| self.is_ours(id)) {
                Some(id) => self.one(id, entry, account, part, unequal.clone()),
                None => self.others += 1,
            }
        }
        Ok(())
    }

    fn one(&mut self, id: &str, entry: &Node, account: &str, part: &Part, unequal: Option<Bad>) {
        let is_back = is_reversal(entry) || is_reversal(part.node);
        let is_arrival = self.known.get(id).is_some_and(|payment| is_same(&payment.payee.account, account));
        if part.sign > 0 && is_arrival && !is_back {
            // The other end of the same payment, on a statement that has both.
            self.others += 1;
            return;
        }
        let fen = part.amount.as_ref().and_then(Amount::fen);
        let mut laid = Entry {
            line: part.node.line,
            id: id.to_owned(),
            account: account.to_owned(),
            fen: fen.unwrap_or_default(),
            booked: day(entry, "BookgDt"),
            value_day: day(entry, "ValDt"),
            wrong: None,
        };
        let is_back = is_back || part.sign > 0;
        let misread = || {
            let Some(amount) = &part.amount else { return needed(part.node).err() };
            let is_read = fen.is_some();
            (!is_read).then(|| Bad::new(amount.line, "xml-amount", json!({ "value": amount.said() })))
        };
        laid.wrong = self.wrong(&laid, is_back).or_else(misread).or(unequal).or_else(|| self.differs(&laid));
        self.entries.push(laid);
    }

    /// What is wrong with it, whatever it comes to.
    fn wrong(&mut self, entry: &Entry, is_back: bool) -> Option<Bad> {
        let bad = |code, facts| Some(Bad::new(entry.line, code, facts));
        let Some(payment) = self.known.get(entry.id.as_str()) else {
            return bad("bank-unknown", json!({ "id": entry.id }));
        };
        if is_back {
            return bad("bank-returned", json!({ "id": entry.id }));
        }
        if let Some(first) = self.found.get(entry.id.as_str()) {
            return bad("bank-twice", json!({ "id": entry.id, "first": first }));
        }
        self.found.insert(&payment.id, entry.line);
        None
    }

    fn differs(&self, entry: &Entry) -> Option<Bad> {
        let payment = self.known.get(entry.id.as_str())?;
        let bad = |code, facts| Some(Bad::new(entry.line, code, facts));
        if entry.fen != payment.fen {
            let facts = json!({
                "id": entry.id, "booked": yuan(entry.fen.into()), "wanted": yuan(payment.fen.into()),
            });
            return bad("bank-amount", facts);
        }
        if !is_same(&entry.account, &payment.payer.account) {
            let facts = json!({ "id": entry.id, "booked": entry.account, "wanted": payment.payer.account });
            return bad("bank-account", facts);
        }
        None
    }
}

/// Whether two numbers are one account: banks set groups of digits apart.
fn is_same(one: &str, other: &str) -> bool {
    let plain = |text: &str| text.chars().filter(|c| !c.is_whitespace()).collect::<String>();
    plain(one) == plain(other)
}

/// Whether an entry is not what its parts come to, where the bank gives each in the entry's currency.
fn unequal(entry: &Node, whole: &Signed, parts: &[Part]) -> Option<Bad> {
    let mut sum: i128 = 0;
    for part in parts {
        let amount = part.amount.as_ref().filter(|amount| amount.currency == whole.amount.currency)?;
        sum += part.sign * amount.fine;
    }
    if sum == whole.fine() {
        return None;
    }
    let said = |fine: i128| super::amount::written(whole.sign * fine);
    Some(Bad::new(
        entry.line,
        "bank-sum",
        json!({ "name": "Ntry/Amt", "said": said(whole.fine()), "is": said(sum) }),
    ))
}

/// The closing balance is the opening one and what moved.
fn balances(statement: &Node, moved: i128) -> Result<(), Bad> {
    let of = |wanted: &str| {
        let code = |balance: &&Node| {
            balance.at(&["Tp", "CdOrPrtry", "Cd"]).is_some_and(|code| code.text.trim() == wanted)
        };
        statement.all("Bal").find(code)
    };
    let (Some(opened), Some(closed)) = (of("OPBD").or_else(|| of("PRCD")), of("CLBD")) else { return Ok(()) };
    let (is, said) = (Signed::of(opened)?.fine() + moved, Signed::of(closed)?.fine());
    if is == said {
        return Ok(());
    }
    let facts = json!({
        "name": "Bal/CLBD", "said": super::amount::written(said), "is": super::amount::written(is),
    });
    Err(Bad::new(closed.line, "bank-sum", facts))
}

#[cfg(test)]
mod tests;
