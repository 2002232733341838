//! Pain: a customer credit transfer initiation, pain.001.001.09, in yuan, written and read back.

use std::collections::BTreeMap;

use quick_xml::escape::escape;
use serde_json::json;

use super::{
    fen as read_fen,
    tree::{self, Bad, Node},
    yuan,
};

/// What stands for a bank that is not named: the schema wants one for the payer.
const NO_BANK: &str = "NOTPROVIDED";
const SPACE: &str = "urn:iso:std:iso:20022:tech:xsd:pain.001.001.09";

/// Who pays or is paid.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Side {
    pub name: String,
    pub account: String,
    /// Its BIC or its number in the national system; may be empty.
    pub bank: String,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Payment {
    /// Its name from end to end.
    pub id: String,
    pub payer: Side,
    pub payee: Side,
    pub fen: i64,
    pub purpose: String,
}

/// The file: one batch for each account that pays.
#[must_use]
pub fn write(name: &str, made: &str, on: &str, payments: &[Payment]) -> String {
    let mut batches: BTreeMap<&Side, Vec<&Payment>> = BTreeMap::new();
    for payment in payments {
        batches.entry(&payment.payer).or_default().push(payment);
    }
    let sum = |payments: &[&Payment]| yuan(payments.iter().map(|payment| i128::from(payment.fen)).sum());
    let all: Vec<&Payment> = payments.iter().collect();
    let first = payments.first().map_or("", |payment| payment.payer.name.as_str());
    let mut xml = format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<Document xmlns=\"{SPACE}\">\n<CstmrCdtTrfInitn>\n<GrpHdr>\n\
         <MsgId>{name}</MsgId>\n<CreDtTm>{made}</CreDtTm>\n<NbOfTxs>{}</NbOfTxs>\n<CtrlSum>{}</CtrlSum>\n\
         <InitgPty><Nm>{}</Nm></InitgPty>\n</GrpHdr>\n",
        payments.len(),
        sum(&all),
        escape(first),
    );
    for ((payer, payments), n) in batches.iter().zip(1..) {
        xml.push_str(&format!(
            "<PmtInf>\n<PmtInfId>{}-{n}</PmtInfId>\n<PmtMtd>TRF</PmtMtd>\n<NbOfTxs>{}</NbOfTxs>\n\
             <CtrlSum>{}</CtrlSum>\n<ReqdExctnDt><Dt>{on}</Dt></ReqdExctnDt>\n<Dbtr><Nm>{}</Nm></Dbtr>\n\
             <DbtrAcct>{}<Ccy>CNY</Ccy></DbtrAcct>\n<DbtrAgt>{}</DbtrAgt>\n",
            name.chars().take(24).collect::<String>(),
            payments.len(),
            sum(payments),
            escape(&payer.name),
            account(&payer.account),
            agent(&payer.bank),
        ));
        payments.iter().for_each(|payment| xml.push_str(&transfer(payment)));
        xml.push_str("</PmtInf>\n");
    }
    xml.push_str("</CstmrCdtTrfInitn>\n</Document>\n");
    xml
}

fn transfer(payment: &Payment) -> String {
    let agent = match payment.payee.bank.is_empty() {
        true => String::new(),
        false => format!("<CdtrAgt>{}</CdtrAgt>\n", agent(&payment.payee.bank)),
    };
    let purpose = match payment.purpose.is_empty() {
        true => String::new(),
        false => format!("<RmtInf><Ustrd>{}</Ustrd></RmtInf>\n", escape(&payment.purpose)),
    };
    format!(
        "<CdtTrfTxInf>\n<PmtId><EndToEndId>{}</EndToEndId></PmtId>\n<Amt><InstdAmt Ccy=\"CNY\">{}</InstdAmt></Amt>\n\
         {agent}<Cdtr><Nm>{}</Nm></Cdtr>\n<CdtrAcct>{}</CdtrAcct>\n{purpose}</CdtTrfTxInf>\n",
        escape(&payment.id),
        yuan(payment.fen.into()),
        escape(&payment.payee.name),
        account(&payment.payee.account),
    )
}

fn account(account: &str) -> String {
    format!("<Id><Othr><Id>{}</Id></Othr></Id>", escape(account))
}

/// Eleven or eight letters and digits that begin with six letters are a BIC; anything else a number of the bank.
fn agent(bank: &str) -> String {
    let is_bic = [8, 11].contains(&bank.len())
        && bank.bytes().all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit())
        && bank.bytes().take(6).all(|byte| byte.is_ascii_uppercase());
    let id = match (bank.is_empty(), is_bic) {
        (true, _) => format!("<Othr><Id>{NO_BANK}</Id></Othr>"),
        (_, true) => format!("<BICFI>{bank}</BICFI>"),
        _ => format!("<Othr><Id>{}</Id></Othr>", escape(bank)),
    };
    format!("<FinInstnId>{id}</FinInstnId>")
}

/// An amount in yuan, with its currency.
pub fn fen(node: &Node) -> Result<i64, Bad> {
    let wrong = || Bad::new(node.line, "xml-amount", json!({ "value": node.text.trim() }));
    let is_yuan = node.attribute("Ccy").is_none_or(|currency| currency == "CNY");
    read_fen(&node.text).filter(|fen| *fen >= 0 && is_yuan).ok_or_else(wrong)
}

/// The number of an account, as IBAN or otherwise.
pub fn account_of(node: &Node) -> Option<&str> {
    let id = node.child("Id")?;
    let found = id.child("IBAN").or_else(|| id.at(&["Othr", "Id"]))?;
    Some(found.text.trim())
}

/// Reads such a file back, and looks whether its numbers and sums are right.
///
/// # Errors
/// What is missing or does not add up, with its line.
pub fn read(xml: &str) -> Result<Vec<Payment>, Bad> {
    let root = tree::read(xml)?;
    let missing = |name: &str| Bad::new(root.line, "xml-missing", json!({ "name": name, "in": root.name }));
    let message = root.child("CstmrCdtTrfInitn").ok_or_else(|| missing("CstmrCdtTrfInitn"))?;
    let head = message.child("GrpHdr").ok_or_else(|| missing("GrpHdr"))?;
    let mut payments = Vec::new();
    for batch in message.all("PmtInf") {
        let before = payments.len();
        for each in batch.all("CdtTrfTxInf") {
            payments.push(one(batch, each)?);
        }
        adds_up(batch, payments.get(before..).unwrap_or_default())?;
    }
    adds_up(head, &payments)?;
    let mut seen = BTreeMap::new();
    for (payment, node) in
        payments.iter().zip(message.all("PmtInf").flat_map(|batch| batch.all("CdtTrfTxInf")))
    {
        if let Some(line) = seen.insert(payment.id.as_str(), node.line) {
            return Err(Bad::new(node.line, "bank-twice", json!({ "id": payment.id, "first": line })));
        }
    }
    if payments.is_empty() { Err(missing("CdtTrfTxInf")) } else { Ok(payments) }
}

fn one(batch: &Node, each: &Node) -> Result<Payment, Bad> {
    let side = |node: &Node, [party, account, agent]: [&str; 3]| {
        let missing = || Bad::new(node.line, "xml-missing", json!({ "name": account, "in": node.name }));
        let bank = node.at(&[agent, "FinInstnId"]);
        let bank = bank.and_then(|id| id.child("BICFI").or_else(|| id.at(&["Othr", "Id"])));
        let bank = bank.map(|bank| bank.text.trim());
        Ok(Side {
            name: node.word(&[party, "Nm"])?.to_owned(),
            account: node.child(account).and_then(account_of).ok_or_else(missing)?.to_owned(),
            bank: bank.filter(|bank| *bank != NO_BANK).unwrap_or_default().to_owned(),
        })
    };
    let amount = each.at(&["Amt", "InstdAmt"]);
    let missing = || Bad::new(each.line, "xml-missing", json!({ "name": "Amt/InstdAmt", "in": each.name }));
    Ok(Payment {
        id: each.word(&["PmtId", "EndToEndId"])?.to_owned(),
        payer: side(batch, ["Dbtr", "DbtrAcct", "DbtrAgt"])?,
        payee: side(each, ["Cdtr", "CdtrAcct", "CdtrAgt"])?,
        fen: fen(amount.ok_or_else(missing)?)?,
        purpose: each.at(&["RmtInf", "Ustrd"]).map_or("", |text| text.text.trim()).to_owned(),
    })
}

/// Whether a header counts and sums what stands below it.
fn adds_up(head: &Node, payments: &[Payment]) -> Result<(), Bad> {
    let sum: i128 = payments.iter().map(|payment| i128::from(payment.fen)).sum();
    for (name, is) in [("NbOfTxs", payments.len().to_string()), ("CtrlSum", yuan(sum))] {
        let Some(node) = head.child(name) else { continue };
        let said = node.text.trim();
        let is_same = said == is || (name == "CtrlSum" && read_fen(said).map(i128::from) == Some(sum));
        if !is_same {
            return Err(Bad::new(node.line, "bank-sum", json!({ "name": name, "said": said, "is": is })));
        }
    }
    Ok(())
}
