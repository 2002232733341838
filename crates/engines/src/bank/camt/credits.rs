//! Credits: what a statement says came in, and what its payers wrote beside it.

use super::{Amount, Bad, Node, Part, day, each_entry, is_reversal, parts, tree};

/// Entries of one statement that are read as money that came in.
pub const CREDITS_MAX: usize = 5_000;

/// One sum that came in.
#[derive(Clone, Debug, PartialEq)]
pub struct Credit {
    pub line: u64,
    /// The account on whose statement it stands.
    pub account: String,
    /// None when the bank does not say what it came to, or it is no whole amount of fen in yuan.
    pub fen: Option<i64>,
    /// The amount as the bank has it.
    pub said: String,
    pub booked: String,
    /// Empty where the bank does not say.
    pub payer: String,
    /// The bank's own name of the entry, with its place in it where several came in at once; empty where it has none.
    pub entry: String,
    /// All that was written beside it: references and free text.
    pub text: String,
    /// A payment of ours that was sent back, or one of the payer's that the bank took back.
    pub is_back: bool,
}

/// What came in, in the order of the file. Every balance must follow from its entries.
///
/// # Errors
/// What is missing or does not add up, with its line; more than can be looked at.
pub fn read(xml: &str) -> Result<Vec<Credit>, Bad> {
    let root = tree::read(xml)?;
    let mut credits = Vec::new();
    each_entry(&root, &mut |entry, account, whole| {
        let details: Vec<&Node> = entry.all("NtryDtls").flat_map(|details| details.all("TxDtls")).collect();
        let came_in = |part: &Part| credit(entry, account, part);
        if details.is_empty() {
            let part = Part { node: entry, sign: whole.sign, amount: Some(whole.amount.clone()) };
            credits.extend((whole.sign > 0).then(|| came_in(&part)));
            return full(entry, &credits);
        }
        for (part, number) in parts(&details, whole)?.iter().zip(1..).filter(|(part, _)| part.sign > 0) {
            let mut one = came_in(part);
            if details.len() > 1 && !one.entry.is_empty() {
                one.entry = format!("{}/{number}", one.entry);
            }
            credits.push(one);
            full(entry, &credits)?;
        }
        Ok(())
    })?;
    Ok(credits)
}

fn full(entry: &Node, credits: &[Credit]) -> Result<(), Bad> {
    if credits.len() <= CREDITS_MAX {
        return Ok(());
    }
    let why = format!("more than {CREDITS_MAX} entries came in; bring the statement of fewer days");
    Err(Bad::new(entry.line, "xml", serde_json::json!({ "error": why })))
}

fn credit(entry: &Node, account: &str, part: &Part) -> Credit {
    let node = part.node;
    Credit {
        line: node.line,
        account: account.to_owned(),
        fen: part.amount.as_ref().and_then(Amount::fen),
        said: part.amount.as_ref().map(Amount::said).unwrap_or_default(),
        booked: day(entry, "BookgDt"),
        payer: payer(node),
        entry: own_name(node).or_else(|| own_name(entry)).unwrap_or_default(),
        text: written(node, entry),
        is_back: is_reversal(entry) || is_reversal(node) || node.child("RtrInf").is_some(),
    }
}

fn text(node: Option<&Node>) -> Option<&str> {
    node.map(|node| node.text.trim()).filter(|text| !text.is_empty())
}

/// The name stands in the party itself until version 04, one below it after that.
fn payer(node: &Node) -> String {
    let debtor = node.at(&["RltdPties", "Dbtr"]);
    let name = debtor.and_then(|debtor| debtor.at(&["Pty", "Nm"]).or_else(|| debtor.child("Nm")));
    text(name).unwrap_or_default().to_owned()
}

/// The bank's name of a booking is its own for good; a number within the statement is not.
fn own_name(node: &Node) -> Option<String> {
    let name = node.at(&["Refs", "AcctSvcrRef"]).or_else(|| node.child("AcctSvcrRef"));
    text(name).map(str::to_owned)
}

fn written(node: &Node, entry: &Node) -> String {
    let mut all: Vec<&str> = Vec::new();
    all.extend(text(node.at(&["Refs", "EndToEndId"])));
    for remittance in node.all("RmtInf") {
        all.extend(remittance.all("Strd").filter_map(|one| text(one.at(&["CdtrRefInf", "Ref"]))));
        all.extend(
            remittance.all("Strd").flat_map(|one| one.all("AddtlRmtInf")).filter_map(|one| text(Some(one))),
        );
        // A bank cuts long texts into lines; a reference may stand across two of them.
        let lines: Vec<&str> = remittance.all("Ustrd").filter_map(|one| text(Some(one))).collect();
        all.extend(lines);
    }
    all.extend(text(node.child("AddtlTxInf")));
    all.extend(text(entry.child("AddtlNtryInf")));
    all.join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A statement that opens with 10.00 and closes with `closing`.
    fn statement(entries: &str, closing: &str) -> String {
        let balance = |code: &str, amount: &str| {
            format!(
                "<Bal><Tp><CdOrPrtry><Cd>{code}</Cd></CdOrPrtry></Tp><Amt Ccy=\"CNY\">{amount}</Amt><CdtDbtInd>CRDT</CdtDbtInd></Bal>"
            )
        };
        format!(
            "<Document><BkToCstmrStmt><Stmt><Acct><Id><Othr><Id>31-0009</Id></Othr></Id></Acct>{}{}\n{entries}</Stmt></BkToCstmrStmt></Document>",
            balance("OPBD", "10.00"),
            balance("CLBD", closing)
        )
    }

    fn entry(amount: &str, sign: &str, more: &str) -> String {
        format!(
            "<Ntry><Amt Ccy=\"CNY\">{amount}</Amt><CdtDbtInd>{sign}</CdtDbtInd><Sts>BOOK</Sts><BookgDt><Dt>2026-04-01</Dt></BookgDt>{more}</Ntry>\n"
        )
    }

    fn detail(more: &str) -> String {
        format!("<NtryDtls><TxDtls>{more}</TxDtls></NtryDtls>")
    }

    #[test]
    fn what_came_in_is_read_with_its_payer_and_all_that_was_written() {
        let one = detail(
            "<Refs><AcctSvcrRef>B-77</AcctSvcrRef><EndToEndId>NOTPROVIDED</EndToEndId></Refs><RltdPties><Dbtr><Nm>嘉兴企业</Nm></Dbtr></RltdPties><RmtInf><Ustrd>机时费 RF18 5390</Ustrd><Ustrd>0754 7034</Ustrd></RmtInf>",
        );
        let newer = detail(
            "<RltdPties><Dbtr><Pty><Nm>Other Firm</Nm></Pty></Dbtr></RltdPties><RmtInf><Strd><CdtrRefInf><Ref>RF712348231</Ref></CdtrRefInf></Strd></RmtInf>",
        );
        let entries = [
            entry("166.67", "CRDT", &one),
            entry("5.00", "DBIT", "<AddtlNtryInf>fee</AddtlNtryInf>"),
            entry("20.00", "CRDT", &newer),
            entry("1.00", "CRDT", "<AcctSvcrRef>B-80</AcctSvcrRef><AddtlNtryInf>interest</AddtlNtryInf>"),
        ];
        let read = read(&statement(&entries.concat(), "192.67")).unwrap();
        let told: Vec<_> = read
            .iter()
            .map(|one| (one.fen, one.payer.as_str(), one.entry.as_str(), one.text.as_str()))
            .collect();
        assert_eq!(
            told,
            [
                (Some(16_667), "嘉兴企业", "B-77", "NOTPROVIDED 机时费 RF18 5390 0754 7034"),
                (Some(2_000), "Other Firm", "", "RF712348231"),
                (Some(100), "", "B-80", "interest"),
            ]
        );
        assert!(
            read.iter().all(|one| one.account == "31-0009" && one.booked == "2026-04-01" && !one.is_back)
        );
    }

    #[test]
    fn several_at_once_what_came_back_and_other_currencies_are_told_apart() {
        let two = "<AcctSvcrRef>B-1</AcctSvcrRef><NtryDtls><TxDtls><Amt Ccy=\"CNY\">1.00</Amt></TxDtls><TxDtls><Amt Ccy=\"CNY\">2.00</Amt></TxDtls></NtryDtls>";
        let entries = [
            entry("3.00", "CRDT", two),
            entry("4.00", "CRDT", "<RvslInd>true</RvslInd>"),
            entry("5.00", "CRDT", &detail("<RtrInf><Rsn><Cd>AC04</Cd></Rsn></RtrInf>")),
            entry("6.00", "CRDT", &detail("<Amt Ccy=\"USD\">1.00</Amt>")),
        ];
        let read = read(&statement(&entries.concat(), "28.00")).unwrap();
        let told: Vec<_> = read.iter().map(|one| (one.fen, one.entry.as_str(), one.is_back)).collect();
        assert_eq!(
            told,
            [
                (Some(100), "B-1/1", false),
                (Some(200), "B-1/2", false),
                (Some(400), "", true),
                (Some(500), "", true),
                (None, "", false)
            ]
        );
        assert_eq!(read.last().map(|one| one.said.as_str()), Some("1.00 USD"));
    }

    #[test]
    fn a_statement_that_does_not_add_up_or_is_none_is_not_read() {
        let code = |xml: &str| read(xml).unwrap_err().code;
        assert_eq!(code(&statement(&entry("3.00", "CRDT", ""), "12.99")), "bank-sum");
        assert_eq!(code("<Document/>"), "xml-missing");
        assert_eq!(code("no file"), "xml");
        let many = entry("1.00", "CRDT", "").repeat(CREDITS_MAX + 1);
        assert_eq!(code(&statement(&many, "5011.00")), "xml");
    }
}
