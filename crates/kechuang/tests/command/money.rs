//! `kechuang bank` and `kechuang journal`: money on its way out and back in.

use super::*;

const PAYMENTS: &str = "id,payer,payer account,payer bank,payee,payee account,payee bank,amount,purpose\n\
    run-1,浙江省科技厅,330001,PCBCCNBJ,上海市科委,310001,102290000017,\"1,200.50\",一季度 <结算> & 更正\n\
    run-2,浙江省科技厅,330001,PCBCCNBJ,江苏省科技厅,320001,,300,\n\
    run-3,安徽省科技厅,340001,,上海市科委,310001,,0.07,\n";

fn pay(folder: &TempDir, payments: &str) -> (Output, String) {
    let (lines, out) = (write(folder, "pay.csv", payments), path(folder, "pay.xml"));
    (kechuang(&["bank", "pay", &lines, "--on", "2031-04-08", "--out", &out, "--lang", "en"]), out)
}

/// A statement of the account 330001 with these entries, each an id, an amount and the rest of the entry.
fn statement(entries: &[(&str, &str)], closing: &str) -> String {
    let entry = |(id, amount): &(&str, &str)| {
        format!(
            "<Ntry><Amt Ccy=\"CNY\">{amount}</Amt><CdtDbtInd>DBIT</CdtDbtInd><Sts><Cd>BOOK</Cd></Sts>\
             <BookgDt><Dt>2031-04-08</Dt></BookgDt><ValDt><Dt>2031-04-09</Dt></ValDt><NtryDtls><TxDtls><Refs>\
             <EndToEndId>{id}</EndToEndId></Refs></TxDtls></NtryDtls></Ntry>\n"
        )
    };
    let balance = |code: &str, amount: &str| {
        format!(
            "<Bal><Tp><CdOrPrtry><Cd>{code}</Cd></CdOrPrtry></Tp><Amt Ccy=\"CNY\">{amount}</Amt>\
             <CdtDbtInd>CRDT</CdtDbtInd><Dt><Dt>2031-04-08</Dt></Dt></Bal>\n"
        )
    };
    format!(
        "<?xml version=\"1.0\"?>\n<Document xmlns=\"urn:iso:std:iso:20022:tech:xsd:camt.053.001.08\">\n<BkToCstmrStmt>\n\
         <Stmt><Id>1</Id><Acct><Id><Othr><Id>330001</Id></Othr></Id></Acct>\n{}{}{}</Stmt></BkToCstmrStmt></Document>\n",
        balance("OPBD", "10000.00"),
        balance("CLBD", closing),
        entries.iter().map(entry).collect::<String>()
    )
}

fn matched(folder: &TempDir, file: &str, statement: &str) -> Output {
    let (statement, out) = (write(folder, "camt.xml", statement), path(folder, "matched.csv"));
    kechuang(&["bank", "match", file, &statement, "--out", &out, "--lang", "en"])
}

/// `KECHUANG_SEPAXML_PYTHON` names a Python that has the schema of payment files (`pip install sepaxml`), as `./check` does when it
/// has put it there. Without it this test says that it is skipped; where `CI` is set it must run.
#[test]
fn payment_files_are_valid_by_the_schema_that_another_program_brings() {
    let set = |name: &str| std::env::var(name).ok().filter(|text| !text.is_empty());
    let Some(python) = set("KECHUANG_SEPAXML_PYTHON") else {
        assert!(
            set("CI").is_none(),
            "payment files must be laid beside their schema here: ./check puts it there"
        );
        println!("skipped: KECHUANG_SEPAXML_PYTHON names no Python with sepaxml");
        return;
    };
    let validate = "import pathlib, sys, sepaxml, xmlschema; folder = pathlib.Path(sepaxml.__file__).parent / 'schemas'; \
                    xmlschema.XMLSchema(str(folder / 'pain.001.001.09.xsd')).validate(sys.argv[1])";
    let judge = |file: &str| Command::new(&python).args(["-c", validate, file]).output().unwrap();
    let folder = TempDir::new().unwrap();
    let long = "长".repeat(140);
    let widest = format!(
        "id,payer,payer account,payer bank,payee,payee account,payee bank,amount,purpose\n{},{long},{},{},{long},{},,99999999999.99,{long}\n",
        "r".repeat(35),
        "1".repeat(34),
        "2".repeat(35),
        "3".repeat(34),
    );
    for payments in [PAYMENTS, &widest] {
        let (output, file) = pay(&folder, payments);
        assert_eq!(output.status.code(), Some(0), "{}", said(&output));
        let judged = judge(&file);
        assert!(judged.status.success(), "{}", String::from_utf8_lossy(&judged.stderr));
        let bent = std::fs::read_to_string(&file).unwrap().replace("<PmtMtd>TRF", "<PmtMtd>CASH");
        assert!(!judge(&write(&folder, "bent.xml", &bent)).status.success(), "it would take anything");
    }
}

#[test]
fn payments_go_to_the_bank_and_its_statement_comes_back() {
    let folder = TempDir::new().unwrap();
    let (output, file) = pay(&folder, PAYMENTS);
    assert_eq!(output.status.code(), Some(0), "{}", said(&output));
    assert!(said(&output).contains("3 payments, 1500.57 yuan"), "{}", said(&output));
    let xml = std::fs::read_to_string(&file).unwrap();
    for part in [
        "<NbOfTxs>3</NbOfTxs>\n<CtrlSum>1500.57</CtrlSum>",
        "<InstdAmt Ccy=\"CNY\">1200.50</InstdAmt>",
        "<BICFI>PCBCCNBJ</BICFI>",
        "<Othr><Id>102290000017</Id></Othr>",
        "一季度 &lt;结算&gt; &amp; 更正",
        "<ReqdExctnDt><Dt>2031-04-08</Dt>",
    ] {
        assert!(xml.contains(part), "{part} in {xml}");
    }
    assert_eq!(xml.matches("<PmtInf>").count(), 2, "one batch for each account that pays");
    let name =
        |output: &Output| said(output).split("message ").nth(1).unwrap().chars().take(32).collect::<String>();
    assert_eq!(name(&output), name(&pay(&folder, PAYMENTS).0), "the same payments have the same name");
    // Fees and wages stand on it too.
    let entries = [("NOTPROVIDED", "1.50"), ("run-2", "300.00"), ("WAGES-7", "400"), ("run-1", "1200.50")];
    let output = matched(&folder, &file, &statement(&entries, "8098.00"));
    assert_eq!(output.status.code(), Some(0), "{}", said(&output));
    assert!(
        said(&output).contains("2 payments booked, 1 waiting; 2 entries of others left alone"),
        "{}",
        said(&output)
    );
    let result = std::fs::read_to_string(folder.path().join("matched.csv")).unwrap();
    assert!(
        result.contains("run-1,浙江省科技厅,上海市科委,1200.50,booked,2031-04-08,2031-04-09\n"),
        "{result}"
    );
    assert!(result.contains("run-3,安徽省科技厅,上海市科委,0.07,waiting,,\n"), "{result}");
}

#[test]
fn a_statement_that_does_not_match_is_refused_whole_with_line_and_reason() {
    let folder = TempDir::new().unwrap();
    let (_, file) = pay(&folder, PAYMENTS);
    let one = [("run-1", "1200.50")];
    let cases = [
        (
            statement(&[("run-1", "1200.49")], "8799.51"),
            "line 7: `run-1` was booked with 1200.49 yuan, but sent with 1200.50",
        ),
        (statement(&[("run-9", "1.00")], "9999.00"), "line 7: `run-9` is none of the payments"),
        (statement(&[one[0], one[0]], "7599.00"), "line 8: `run-1` is on line 7 already"),
        (statement(&[("run-3", "0.07")], "9999.93"), "paid from account 330001, not from 340001"),
        (statement(&one, "8800.00"), "line 6: `Bal/CLBD` says 8800.00, but what it covers comes to 8799.50"),
        (statement(&[("run-1", "1200.505")], "8799.495"), "`1200.505 CNY` is no amount in yuan"),
        (statement(&one, "8799.50").replace("CNY", "USD"), "is no amount in yuan"),
        (statement(&one, "8799.50").replace("DBIT", "BOTH"), "`BOTH` cannot stand in `CdtDbtInd`"),
        (statement(&one, "8799.50").replace("</Stmt>", ""), "no XML that can be read"),
        (statement(&one, "8799.50").replace("BkToCstmrStmt", "Other"), "has no `BkToCstmrStmt`"),
        (
            "<!DOCTYPE a [<!ENTITY b SYSTEM \"file:///etc/passwd\">]>\n<a>&b;</a>".into(),
            "a document type is not taken",
        ),
    ];
    for (statement, expected) in cases {
        let output = matched(&folder, &file, &statement);
        assert_eq!(output.status.code(), Some(2), "{expected}: {}", said(&output));
        assert!(said(&output).contains(expected), "{expected} in {}", said(&output));
        assert!(!folder.path().join("matched.csv").exists(), "{expected}");
    }
    // The same in Chinese: the line, and both amounts.
    let unequal = write(&folder, "camt.xml", statement(&[("run-1", "1200.49")], "8799.51"));
    let out = path(&folder, "matched.csv");
    let output = kechuang(&["bank", "match", &file, &unequal, "--out", &out, "--lang", "zh"]);
    assert_eq!(output.status.code(), Some(2), "{}", said(&output));
    assert!(
        ["第 7 行", "1200.49", "1200.50"].iter().all(|part| said(&output).contains(part)),
        "{}",
        said(&output)
    );
    assert!(!Path::new(&out).exists());
    let wrong = std::fs::read_to_string(&file).unwrap().replace("<CtrlSum>1500.57", "<CtrlSum>1500.58");
    let output = matched(&folder, &write(&folder, "wrong.xml", wrong), &statement(&one, "8799.50"));
    assert!(
        said(&output).contains("line 8: `CtrlSum` says 1500.58, but what it covers comes to 1500.57"),
        "{}",
        said(&output)
    );
}

#[test]
fn what_cannot_be_paid_is_named_by_line_and_column() {
    let folder = TempDir::new().unwrap();
    for (from, to, expected) in [
        ("0.07", "-1", "line 4, column amount: `-1`"),
        ("0.07", "0.071", "line 4, column amount: `0.071`"),
        ("安徽省科技厅", "", "line 4, column payer: ``"),
        ("run-3", "a-name-that-no-bank-takes-from-end-to-end", "line 4, column id"),
    ] {
        let (output, out) = pay(&folder, &PAYMENTS.replace(from, to));
        assert_eq!(output.status.code(), Some(2), "{}", said(&output));
        assert!(said(&output).contains(expected), "{expected} in {}", said(&output));
        assert!(!Path::new(&out).exists());
    }
}

const MOVES: &str = "day,from,to,amount,reason,effective,entry\n\
    2031-01-05,财政专户,创新券资金,500000,年度资金,,1\n\
    2031-04-02,创新券资金,结算:浙江,150000,voucher; 兑付,,2\n\
    2031-04-02,结算:上海,测试中心,150000,voucher,,3\n\
    2031-04-08,结算:浙江,结算:上海,150000,clearing,,4\n\
    2031-05-01,测试中心,结算:上海,10000.01,correction,2031-04-20,5\n";

/// The journal, after hledger has looked through it; nothing when there is no hledger on this machine.
fn hledger(journal: &str, arguments: &[&str]) -> Option<String> {
    let output =
        match Command::new("hledger").args(["-f", journal]).args(arguments).env("LC_ALL", "C.UTF-8").output()
        {
            Ok(output) => output,
            Err(_) if std::env::var_os("CI").is_none() => {
                println!("skipped: there is no hledger on this machine");
                return None;
            }
            Err(error) => panic!("hledger is needed where CI is set: {error}"),
        };
    assert!(output.status.success(), "{}", said(&output));
    Some(printed(&output))
}

#[test]
fn hledger_reads_the_journal_and_comes_to_the_same_balances() {
    let folder = TempDir::new().unwrap();
    let (moves, out) = (write(&folder, "moves.csv", MOVES), path(&folder, "main.journal"));
    let output = kechuang(&["journal", &moves, "--out", &out, "--lang", "en"]);
    assert_eq!(output.status.code(), Some(0), "{}", said(&output));
    assert!(said(&output).contains("5 movements between 5 accounts"), "{}", said(&output));
    let Some(_) = hledger(&out, &["check", "--strict"]) else { return };
    let balances = hledger(&out, &["balance", "--flat", "--output-format=csv"]).unwrap();
    for line in [
        "\"结算_上海\",\"CNY 10000.01\"",
        "\"测试中心\",\"CNY 139999.99\"",
        "\"财政专户\",\"CNY -500000.00\"",
    ] {
        assert!(balances.contains(line), "{line} in {balances}");
    }
    assert!(balances.contains("\"total\",\"0\"") || balances.contains("\"Total:\",\"0\""), "{balances}");
    let back_then = hledger(&out, &["balance", "--flat", "--date2", "-e", "2031-04-21", "测试中心"]).unwrap();
    assert!(back_then.contains("139999.99"), "by the day from which it counts: {back_then}");
}

#[test]
fn a_house_that_states_another_balance_than_its_movements_is_found_out() {
    let record = |balance: &str, sequence: u64| {
        format!(r#"{{"card":{{"title_zh":"基金"}},"state":{{"balance":"{balance}"}},"sequence":{sequence}}}"#)
    };
    let line = r#"{"at":"2031-04-02T01:00:00.000Z","event":{"event":"received","from":"account-2","amount":"5.00","entry":1}}"#;
    let opened = r#"{"at":"2031-04-01T01:00:00.000Z","event":{"event":"opened"}}"#;
    for (balance, fits) in [("5.00", true), ("5.01", false)] {
        let folder = TempDir::new().unwrap();
        let answers = vec![
            r#"{"rows":[{"id":"account-1"}],"next":null}"#.to_owned(),
            record(balance, 2),
            format!(r#"{{"lines":[{opened},{line}],"next":null}}"#),
        ];
        let server = house(answers);
        let out = path(&folder, "main.journal");
        let output = kechuang(&["journal", "--out", &out, "--server", &server, "--lang", "en"]);
        assert_eq!(output.status.code(), Some(0), "{}", said(&output));
        let text = std::fs::read_to_string(&out).unwrap();
        assert!(text.contains(&format!("account-1  CNY 0.00 = CNY {balance}")), "{text}");
        let told = Command::new("hledger").args(["-f", &out, "check"]).env("LC_ALL", "C.UTF-8").output();
        match told {
            Ok(output) => assert_eq!(output.status.success(), fits, "{}", said(&output)),
            Err(error) => {
                assert!(std::env::var_os("CI").is_none(), "hledger is needed where CI is set: {error}")
            }
        }
    }
}

/// A house that gives these answers, one after the other.
fn house(answers: Vec<String>) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    std::thread::spawn(move || {
        for body in answers {
            let (mut visit, _) = listener.accept().unwrap();
            let mut heard = Vec::new();
            let mut part = [0; 4096];
            while !heard.windows(4).any(|end| end == b"\r\n\r\n") {
                let read = visit.read(&mut part).unwrap();
                heard.extend_from_slice(&part[..read]);
            }
            let answer = format!(
                "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{body}",
                body.len()
            );
            visit.write_all(answer.as_bytes()).unwrap();
        }
    });
    address
}

#[test]
fn the_payments_of_a_clearing_run_are_taken_from_the_house() {
    let folder = TempDir::new().unwrap();
    let run = r#"{"state":{"netting":{"payments":[{"payer":"330000","payee":"310000","amount":"900.50"}]}}}"#;
    let accounts = "payer,payee,payer account,payer bank\n330000,浙江省科技厅,330001,\n310000,上海市科委,310001,PCBCCNBJ\n";
    let pay = |accounts: &str, server: &str| {
        let (lines, out) = (write(&folder, "accounts.csv", accounts), path(&folder, "pay.xml"));
        kechuang(&[
            "bank",
            "pay",
            &lines,
            "--clearing",
            "clearing-7",
            "--out",
            &out,
            "--server",
            server,
            "--on",
            "2031-04-08",
            "--lang",
            "en",
        ])
    };
    let output = pay(accounts, &house(vec![run.to_owned()]));
    assert_eq!(output.status.code(), Some(0), "{}", said(&output));
    let xml = std::fs::read_to_string(folder.path().join("pay.xml")).unwrap();
    assert!(xml.contains("<EndToEndId>clearing-7-1</EndToEndId>") && xml.contains("900.50"), "{xml}");
    assert!(xml.contains("<Nm>上海市科委</Nm>") && xml.contains("<Id>330001</Id>"), "{xml}");
    let output = pay("payer,payee,payer account\n330000,浙江省科技厅,330001\n", &house(vec![run.to_owned()]));
    assert!(said(&output).contains("no account of region 310000"), "{}", said(&output));
    let output = pay(accounts, &house(vec![r#"{"state":{"netting":null}}"#.to_owned()]));
    assert!(said(&output).contains("has no payments"), "{}", said(&output));
}
