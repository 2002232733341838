//! Bank: two treasurers name the accounts, an officer instructs the bank and takes its file, and brings its statement: one that does not
//! fit changes nothing and comes back line by line; one that fits is recorded. Then the books go to hledger.

use std::process::Command;

use super::*;

/// Zhejiang's account.
const ZHEJIANG: &str = "33-0001";

/// What a second person must agree to.
pub fn both(browsers: [&Browser; 2], action: &str, typed: &[(&str, &str)]) {
    let [first, second] = browsers;
    let to = location(&first.send(action, action, typed));
    assert!(to.ends_with("done=waits"), "{action}: {to}");
    let inbox = second.get("/inbox").1;
    let agree = inbox.split("action=\"").find(|rest| rest.contains("/agree\"")).unwrap();
    location(&second.send("/inbox", agree.split('"').next().unwrap(), &[]));
}

pub fn chosen(browser: &Browser, action: &str, field: &str, bytes: &[u8]) -> Reply {
    let html = browser.get(action).1;
    assert!(html.contains("type=\"file\""), "a file can be chosen: {action}");
    let hidden = |name: &str| {
        let rest = html.split(&format!("name=\"{name}\" value=\"")).nth(1).unwrap();
        (name.to_owned(), rest.split('"').next().unwrap().to_owned())
    };
    let mut form: BTreeMap<String, String> = ["csrf", "key"].map(hidden).into();
    form.insert(field.to_owned(), String::new());
    let uploads = BTreeMap::from([(field.to_owned(), ("file".to_owned(), bytes.to_vec()))]);
    answer(&browser.town.house, &Visit { is_post: true, form, uploads, ..browser.visit(action) })
}

/// A statement of this account with these entries.
pub fn statement(account: &str, entries: &[(&str, &str)]) -> String {
    let entry = |(id, amount): &(&str, &str)| {
        format!(
            "<Ntry><Amt Ccy=\"CNY\">{amount}</Amt><CdtDbtInd>DBIT</CdtDbtInd><BookgDt><Dt>2026-04-01</Dt></BookgDt>\
             <NtryDtls><TxDtls><Refs><EndToEndId>{id}</EndToEndId></Refs></TxDtls></NtryDtls></Ntry>\n"
        )
    };
    let entries: String = entries.iter().map(entry).collect();
    format!(
        "<?xml version=\"1.0\"?>\n<Document><BkToCstmrStmt><Stmt><Acct><Id><Othr><Id>{account}</Id></Othr></Id></Acct>\n\
         {entries}</Stmt></BkToCstmrStmt></Document>\n"
    )
}

/// A run is paid through the bank; its accounts are those of Shanghai and Zhejiang.
pub fn paid(offices: [&Browser; 2], treasurers: [&Browser; 2], accounts: &[Id; 2], run: &str) {
    let [office, second] = offices;
    let page = second.get(run).1;
    assert!(page.contains("none named") && !page.contains("pain.xml"), "{}", text_of(&page));
    let [shanghai, zhejiang] = accounts.map(|id| id.to_string());
    let instruct = format!("{run}/instruct");
    let typed = [("accounts.1", shanghai.as_str()), ("accounts.2", zhejiang.as_str()), ("on", "2026-04-02")];
    let early = office.send(&instruct, &instruct, &typed);
    let said = text_of(&String::from_utf8(early.body).unwrap());
    assert!(early.status == 422 && said.contains("尚未登记银行账户"), "{said}");
    for (account, number, holder) in
        [(&shanghai, "31-0001", "上海市科委"), (&zhejiang, "33-0001", "浙江省科技厅")]
    {
        let name = format!("/account/{account}/name-bank");
        let spaced =
            treasurers[0].send(&name, &name, &[("holder", holder), ("number", "31 0001"), ("bank", "")]);
        let said = String::from_utf8(spaced.body).unwrap();
        assert!(spaced.status == 422 && said.contains("aria-invalid=\"true\""), "{}", text_of(&said));
        both(treasurers, &name, &[("holder", holder), ("number", number), ("bank", "PCBCCNBJ")]);
    }
    location(&office.send(&instruct, &instruct, &typed));
    let (status, file) = office.get(&format!("{run}/pain.xml"));
    assert_eq!(status, 200);
    let sent = engines::bank::read_payments(&file).unwrap();
    assert_eq!(sent.len(), 1);
    assert!(
        file.contains("<InstdAmt Ccy=\"CNY\">166.66</InstdAmt>") && file.contains("浙江省科技厅"),
        "{file}"
    );
    let id = sent[0].id.clone();
    does_not_fit(offices, run, &id);
    let to = location(&chosen(office, &format!("{run}/book"), "statement", &with_fees(&id)));
    let position = to.split("?done=").nth(1).unwrap();
    assert_eq!(second.get(&format!("/proof/{position}/receipt.json")).0, 200, "with a receipt");
    let page = text_of(&second.get(run).1);
    assert!(page.contains("The bank has booked 1 of 1 payment"), "{page}");
    assert!(page.contains("1 payment booked, 2 entries not ours"), "{page}");
}

/// The same as a bank in China writes it: GB18030, with a fee and what came in.
fn with_fees(id: &str) -> Vec<u8> {
    let own = statement(ZHEJIANG, &[("NOTPROVIDED", "1.50"), (id, "166.66"), ("工资-4", "8000.00")]);
    let own = own.replace("version=\"1.0\"", "version=\"1.0\" encoding=\"GB18030\"");
    let (bytes, _, lost) = encoding_rs::GB18030.encode(&own);
    assert!(!lost && std::str::from_utf8(&bytes).is_err());
    bytes.into_owned()
}

/// Nothing of these is taken in, and each says why.
fn does_not_fit(offices: [&Browser; 2], run: &str, id: &str) {
    let action = format!("{run}/book");
    let [chinese, english] = offices;
    let sequence = || {
        let record: Value = serde_json::from_str(&english.get(&format!("/api/v1{run}")).1).unwrap();
        record["sequence"].as_u64().unwrap()
    };
    let before = sequence();
    let unknown = format!("{id}9");
    let spoilt =
        statement(ZHEJIANG, &[(id, "166.66"), (id, "166.66"), (&unknown, "166.65"), ("other-1", "5.00")]);
    let reply = chosen(english, &action, "statement", spoilt.as_bytes());
    let html = String::from_utf8(reply.body).unwrap();
    let page = text_of(&html);
    assert_eq!(reply.status, 422, "{page}");
    assert!(html.contains("aria-invalid=\"true\""), "said beside the field");
    for part in [
        "2 of 3 entries do not fit",
        "1 entry is not ours",
        "Nothing was taken in",
        "none of the payments",
        "is on line 3 already",
        "fits",
    ] {
        assert!(page.contains(part), "{part}: {page}");
    }
    let unequal = chosen(english, &action, "statement", statement(ZHEJIANG, &[(id, "166.67")]).as_bytes());
    let page = text_of(&String::from_utf8(unequal.body).unwrap());
    assert!(page.contains("¥166.67") && page.contains("¥166.66"), "{page}");
    let reply = chosen(chinese, &action, "statement", statement(ZHEJIANG, &[("other-1", "5.00")]).as_bytes());
    let page = text_of(&String::from_utf8(reply.body).unwrap());
    assert!(page.contains("没有本次结算的付款，另有 1 笔"), "{page}");
    let reply = chosen(english, &action, "statement", b"<Document/>");
    let page = text_of(&String::from_utf8(reply.body).unwrap());
    assert!(page.contains("has no `BkToCstmrStmt`"), "{page}");
    assert_eq!(sequence(), before, "nothing half done");
}

/// The run is settled: those who may pay still see the bank's part, others do not; the books are ones that hledger accepts.
pub fn booked(office: &Browser, firm: &Browser, [shanghai, zhejiang]: [&Browser; 2], run: &str) {
    assert!(office.get(run).1.contains("pain.xml"));
    let public = Browser { town: office.town, cookies: BTreeMap::new(), language: "en" };
    for stranger in [firm, &public] {
        assert!(!stranger.get(run).1.contains("33-0001"), "bank accounts are for those who pay");
        assert_eq!(stranger.get(&format!("{run}/pain.xml")).0, 404);
        assert_eq!(stranger.get(&format!("{run}/books.journal")).0, 404);
    }
    let paths = [run.to_owned(), format!("/api/v1{run}"), format!("/api/v1{run}/history")];
    for (member, others) in [(shanghai, true), (zhejiang, false)] {
        for path in &paths {
            let (status, body) = member.get(path);
            assert!(status == 200, "{path}");
            assert!(
                !(others && body.contains("33-0001")),
                "whoever is paid need not know the payer's account: {path}"
            );
        }
        let own = if others { "31-0001" } else { "33-0001" };
        assert!(member.get(&paths[1]).1.contains(own), "one's own is known");
    }
    assert!(zhejiang.get(&paths[1]).1.contains("31-0001"), "whoever pays knows whom");
    let (status, books) = office.get(&format!("{run}/books.journal"));
    assert_eq!(status, 200);
    assert_eq!(books.matches("CNY 0.00 = CNY").count(), 2, "{books}");
    accepted(&books, &["166.66"]);
    let (status, own) = firm.get("/wallet/books.journal");
    assert_eq!(status, 200);
    assert!(own.contains("CNY 0.00 = CNY 19833.34"), "{own}");
    accepted(&own, &["20000.00", "-166.66"]);
    let wrong = own.replace("= CNY 19833.34", "= CNY 19833.35");
    assert_ne!(checked(&wrong), Some(true), "a balance that its movements do not come to is found out");
    assert!(!public.get("/wallet/books.journal").1.contains("CNY"));
}

fn accepted(books: &str, parts: &[&str]) {
    for part in parts {
        assert!(books.contains(part), "{part}: {books}");
    }
    assert_ne!(checked(books), Some(false), "{books}");
}

/// Whether hledger accepts it; nothing when there is no hledger on this machine.
fn checked(books: &str) -> Option<bool> {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("books.journal");
    std::fs::write(&path, books).unwrap();
    let told = Command::new("hledger")
        .arg("-f")
        .arg(&path)
        .args(["check", "--strict"])
        .env("LC_ALL", "C.UTF-8")
        .output();
    match told {
        Ok(output) => Some(output.status.success()),
        Err(error) => {
            assert!(std::env::var_os("CI").is_none(), "hledger is needed where CI is set: {error}");
            println!("skipped: there is no hledger on this machine");
            None
        }
    }
}
