//! Statements in the shapes in which banks write them, from version 02 to 08.

use super::*;
use crate::bank::{Side, pain};

const SPACE: &str = "urn:iso:std:iso:20022:tech:xsd:camt.053.001.";

fn payment(n: u32, fen: i64) -> Payment {
    let side = |name: &str| Side { name: name.into(), account: format!("{name}-1"), bank: String::new() };
    Payment { id: format!("run-{n}"), payer: side("zj"), payee: side("sh"), fen, purpose: String::new() }
}

fn payments() -> [Payment; 3] {
    [payment(1, 10_050), payment(2, 700), payment(3, 1)]
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

/// What is ours, as name and what it comes to or why not, and how many entries are others'.
fn told(xml: &str) -> (Vec<(String, String)>, usize) {
    let payments = payments();
    let read = read(xml, &Sent { payments: &payments, mark: "run" }).unwrap();
    let one = |entry: &Entry| {
        let why = entry.wrong.as_ref().map_or_else(|| yuan(entry.fen.into()), |bad| bad.code.to_owned());
        (entry.id.clone(), why)
    };
    let first = read.entries.iter().find_map(|entry| entry.wrong.clone());
    assert_eq!(read.matched().err(), first, "one that does not fit fails all");
    (read.entries.iter().map(one).collect(), read.others)
}

fn ours(entries: &[(&str, &str)]) -> Vec<(String, String)> {
    entries.iter().map(|(id, why)| ((*id).to_owned(), (*why).to_owned())).collect()
}

#[test]
fn every_entry_of_ours_is_laid_beside_what_was_sent_and_one_that_does_not_fit_fails_all() {
    assert_eq!(
        told(&statement(&[("run-2", "7.00"), ("run-1", "100.50")])),
        (ours(&[("run-2", "7.00"), ("run-1", "100.50")]), 0),
        "in any order"
    );
    let mixed =
        [("run-1", "100.50"), ("run-1", "100.50"), ("run-2", "7.01"), ("run-9", "1"), ("runner-1", "1")];
    let wrong =
        [("run-1", "100.50"), ("run-1", "bank-twice"), ("run-2", "bank-amount"), ("run-9", "bank-unknown")];
    assert_eq!(told(&statement(&mixed)), (ours(&wrong), 1), "a name that only begins alike is not ours");
    let payments = payments();
    let known = Sent { payments: &payments, mark: "" };
    let read = read(&statement(&mixed), &known).unwrap();
    assert_eq!((read.entries.len(), read.others), (3, 2), "without a mark only what was sent is ours");
}

/// The eldest version, with prefixes and the status as a word: a fee, salaries in one booking, money that came in.
#[test]
fn fees_salaries_and_income_are_counted_and_left_alone() {
    let xml = format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<ns2:Document xmlns:ns2=\"{SPACE}02\"><ns2:BkToCstmrStmt>\
         <ns2:GrpHdr><ns2:MsgId>S1</ns2:MsgId></ns2:GrpHdr><ns2:Stmt><ns2:Acct><ns2:Id><ns2:Othr>\
         <ns2:Id>zj-1</ns2:Id></ns2:Othr></ns2:Id><ns2:Ccy>CNY</ns2:Ccy></ns2:Acct>{}{}{}{}{}{}</ns2:Stmt>\
         </ns2:BkToCstmrStmt></ns2:Document>",
        old_balance("OPBD", "50000.00"),
        old_entry("1.50", "DBIT", "BOOK", ""),
        old_entry("8000.00", "DBIT", "BOOK", &["NOTPROVIDED", "WAGES-1", "WAGES-2"].map(old_detail).concat()),
        old_entry("20.00", "CRDT", "BOOK", &old_detail("INV-7")),
        old_entry("100.50", "DBIT", "BOOK", &old_detail("run-1")),
        old_entry("7.00", "DBIT", "PDNG", &old_detail("run-2")) + &old_balance("CLBD", "41918.00"),
    );
    assert_eq!(told(&xml), (ours(&[("run-1", "100.50")]), 3), "what is not booked yet is neither");
    let payments = payments();
    let wrong = xml.replace("41918.00", "41918.01");
    let bad = read(&wrong, &Sent { payments: &payments, mark: "run" }).unwrap_err();
    assert_eq!((bad.code, bad.facts["is"].as_str()), ("bank-sum", Some("41918.00")));
}

fn old_detail(id: &str) -> String {
    format!("<ns2:TxDtls><ns2:Refs><ns2:EndToEndId>{id}</ns2:EndToEndId></ns2:Refs></ns2:TxDtls>")
}

fn old_entry(amount: &str, sign: &str, status: &str, details: &str) -> String {
    format!(
        "<ns2:Ntry><ns2:Amt Ccy=\"CNY\">{amount}</ns2:Amt><ns2:CdtDbtInd>{sign}</ns2:CdtDbtInd>\
         <ns2:Sts>{status}</ns2:Sts><ns2:BookgDt><ns2:DtTm>2031-04-08T09:30:00+08:00</ns2:DtTm></ns2:BookgDt>\
         <ns2:BkTxCd><ns2:Prtry><ns2:Cd>TRF</ns2:Cd></ns2:Prtry></ns2:BkTxCd><ns2:NtryDtls>{details}</ns2:NtryDtls>\
         </ns2:Ntry>\n"
    )
}

fn old_balance(code: &str, amount: &str) -> String {
    format!(
        "<ns2:Bal><ns2:Tp><ns2:CdOrPrtry><ns2:Cd>{code}</ns2:Cd></ns2:CdOrPrtry></ns2:Tp>\
         <ns2:Amt Ccy=\"CNY\">{amount}</ns2:Amt><ns2:CdtDbtInd>CRDT</ns2:CdtDbtInd></ns2:Bal>"
    )
}

/// The newest version: IBAN, the status as a code, one booking of several payments, each with its amount.
fn new(details: &str, whole: &str) -> String {
    format!(
        "\u{feff}<?xml version=\"1.0\" encoding=\"utf-8\" standalone=\"yes\"?><Document xmlns=\"{SPACE}08\">\
         <BkToCstmrStmt><Stmt><StmtPgntn><PgNb>1</PgNb><LastPgInd>true</LastPgInd></StmtPgntn><Acct><Id>\
         <IBAN>zj-1</IBAN></Id><Ownr><Nm>浙江省科技厅</Nm></Ownr></Acct>\
         <Bal><Tp><CdOrPrtry><Cd>PRCD</Cd></CdOrPrtry></Tp><Amt Ccy=\"CNY\">200.00000</Amt>\
         <CdtDbtInd>CRDT</CdtDbtInd></Bal><Bal><Tp><CdOrPrtry><Cd>CLAV</Cd></CdOrPrtry></Tp>\
         <Amt Ccy=\"CNY\">0</Amt><CdtDbtInd>CRDT</CdtDbtInd></Bal><Ntry><NtryRef>9</NtryRef>\
         <Amt Ccy=\"CNY\">{whole}</Amt><CdtDbtInd>DBIT</CdtDbtInd><Sts><Cd>BOOK</Cd></Sts><BookgDt>\
         <Dt>2031-04-08</Dt></BookgDt><ValDt><Dt>2031-04-09</Dt></ValDt><NtryDtls><Btch><PmtInfId>P</PmtInfId>\
         <NbOfTxs>3</NbOfTxs></Btch>{details}</NtryDtls></Ntry></Stmt></BkToCstmrStmt></Document>"
    )
}

fn new_detail(id: &str, amount: &str, sign: &str) -> String {
    format!(
        "<TxDtls><Refs><AcctSvcrRef>A</AcctSvcrRef><EndToEndId>{id}</EndToEndId></Refs>\
         <Amt Ccy=\"CNY\">{amount}</Amt><CdtDbtInd>{sign}</CdtDbtInd></TxDtls>\n"
    )
}

#[test]
fn one_booking_may_have_several_payments_ours_and_others() {
    let details = [
        new_detail("run-1", "100.5", "DBIT"),
        new_detail("run-2", "7.00000", "DBIT"),
        new_detail("NOTPROVIDED", "12.50", "DBIT"),
        new_detail("INV-9", "2.00", "CRDT"),
    ];
    let all = new(&details.concat(), "118.00");
    assert_eq!(told(&all), (ours(&[("run-1", "100.50"), ("run-2", "7.00")]), 2));
    let payments = payments();
    let read = read(&all, &Sent { payments: &payments, mark: "run" }).unwrap();
    let days: Vec<_> = read.entries.iter().map(|entry| (&*entry.booked, &*entry.value_day)).collect();
    assert_eq!(days, [("2031-04-08", "2031-04-09"); 2]);
    let unequal = ours(&[("run-1", "bank-sum"), ("run-2", "bank-sum")]);
    assert_eq!(told(&new(&details.concat(), "118.01")), (unequal, 2), "a booking that is not its payments");
    let without = details.concat().replace("<Amt Ccy=\"CNY\">7.00000</Amt>", "");
    let lacks = ours(&[("run-1", "100.50"), ("run-2", "xml-missing")]);
    assert_eq!(told(&new(&without, "118.00")), (lacks, 2), "what ours came to must be said");
    let foreign = [new_detail("run-1", "100.5", "DBIT"), new_detail("LC-1", "3.125", "DBIT")];
    let foreign = foreign.concat().replacen("<Amt Ccy=\"CNY\">3", "<Amt Ccy=\"USD\">3", 1);
    assert_eq!(told(&new(&foreign, "122.75")), (ours(&[("run-1", "100.50")]), 1), "sums in two currencies");
}

#[test]
fn a_payment_in_another_currency_finer_than_a_fen_or_sent_back_does_not_fit() {
    let one = |from: &str, to: &str| told(&statement(&[("run-1", "100.50")]).replace(from, to));
    let wrong = |code: &str| (ours(&[("run-1", code)]), 0);
    assert_eq!(one("\"CNY\"", "\"USD\""), wrong("xml-amount"));
    assert_eq!(one("100.50", "100.50001"), wrong("xml-amount"));
    assert_eq!(one("100.50", "100.50000"), wrong("100.50"));
    assert_eq!(one("zj-1", "zj-2"), wrong("bank-account"));
    assert_eq!(one("zj-1", "zj -1"), wrong("100.50"), "groups of digits may stand apart");
    assert_eq!(one("DBIT", "CRDT"), wrong("bank-returned"));
    assert_eq!(
        one("</CdtDbtInd>", "</CdtDbtInd><RvslInd>true</RvslInd>"),
        wrong("bank-returned"),
        "however it is signed"
    );
    assert_eq!(one("</CdtDbtInd>", "</CdtDbtInd><RvslInd>false</RvslInd>"), wrong("100.50"));
    let arrival = statement(&[("run-1", "100.50")]).replace("DBIT", "CRDT").replace("zj-1", "sh-1");
    assert_eq!(
        told(&arrival),
        (vec![], 1),
        "that it arrived elsewhere says nothing of the account that paid"
    );
    let back = arrival.replace("</CdtDbtInd>", "</CdtDbtInd><RvslInd>1</RvslInd>");
    assert_eq!(told(&back), wrong("bank-returned"));
}

#[test]
fn an_account_in_another_currency_may_stand_in_the_same_file() {
    let dollars = format!(
        "<Stmt><Acct><Id><Othr><Id>zj-usd</Id></Othr></Id></Acct>{}</Stmt></BkToCstmrStmt>",
        "<Ntry><Amt Ccy=\"USD\">0.12345</Amt><CdtDbtInd>CRDT</CdtDbtInd></Ntry>".repeat(2)
    );
    let xml = statement(&[("run-3", "0.01")]).replace("</BkToCstmrStmt>", &dollars);
    assert_eq!(told(&xml), (ours(&[("run-3", "0.01")]), 2));
}

#[test]
fn payments_are_read_back_as_they_were_written_and_named_by_what_they_are() {
    let payments = payments().to_vec();
    let name = crate::bank::name("2031-04-08", &payments);
    let xml = pain::write(&name, "2031-04-07T00:00:00", "2031-04-08", &payments);
    assert_eq!(pain::read(&xml).unwrap(), payments);
    assert_eq!(name.len(), 32);
    assert_ne!(name, crate::bank::name("2031-04-09", &payments));
    assert_ne!(name, crate::bank::name("2031-04-08", &payments[..1]));
}
