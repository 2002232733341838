//! A firm pays two bookings by transfer and writes the reference that its page shows; the keeper brings the bank's statement, looks,
//! ticks and records; a second time nothing is recorded, and what does not fit is told why.

use grammar::kinds::Money;

use super::{
    bank::{chosen, statement as other_way},
    sharing::{book, first_free, instrument},
    *,
};

const ROOM: &str = "/keeper/received";

/// A statement of money that came in: sum, payer, what was written, the bank's own name of the entry.
fn statement(entries: &[[&str; 4]]) -> String {
    let entry = |[amount, payer, text, name]: &[&str; 4]| {
        format!(
            "<Ntry><Amt Ccy=\"CNY\">{amount}</Amt><CdtDbtInd>CRDT</CdtDbtInd><Sts>BOOK</Sts><BookgDt><Dt>2026-03-20</Dt></BookgDt>\
             <AcctSvcrRef>{name}</AcctSvcrRef><NtryDtls><TxDtls><RltdPties><Dbtr><Nm>{payer}</Nm></Dbtr></RltdPties>\
             <RmtInf><Ustrd>{text}</Ustrd></RmtInf></TxDtls></NtryDtls></Ntry>"
        )
    };
    let entries: String = entries.iter().map(entry).collect();
    format!(
        "<?xml version=\"1.0\"?><Document><BkToCstmrStmt><Stmt><Acct><Id><Othr><Id>31-0008</Id></Othr></Id></Acct>{entries}</Stmt></BkToCstmrStmt></Document>"
    )
}

/// Two hours that were used and reported.
fn reported<'a>(town: &'a Town, at: &str) -> [String; 2] {
    let firm = sign_in(town, "firm", "en");
    let unit = town.firm.to_string();
    let bookings = [0, 1].map(|_| {
        let link = first_free(&firm.get(&format!("{at}/calendar")).1);
        book(&firm, &unit, &link)
    });
    let keeper = |town: &'a Town| sign_in(town, "scientist", "en");
    let instrument = at.rsplit('/').next().unwrap();
    for (booking, moment) in bookings.iter().zip(["2026-03-03T09:00", "2026-03-03T10:00"]) {
        town.clock.0.store(moment.parse::<Moment>().unwrap().in_millis(), Ordering::Relaxed);
        let keeper = keeper(town);
        let start = format!("{booking}/start");
        location(&keeper.send(&start, &start, &[("instrument", instrument), ("code", "1")]));
        town.clock.0.fetch_add(1_800_000, Ordering::Relaxed);
        location(&keeper.send("/keeper", &format!("{booking}/stop"), &[]));
        let report = format!("{booking}/report");
        location(&keeper.send(&report, &report, &[("summary", "done")]));
    }
    bookings
}

fn owed(browser: &Browser, booking: &str) -> Money {
    let record: Value = serde_json::from_str(&browser.get(&format!("/api/v1{booking}")).1).unwrap();
    let of = |field: &str| -> Money { record["state"][field].as_str().unwrap().parse().unwrap() };
    of("price") - of("paid")
}

/// The reference on a booking's page.
fn reference(browser: &Browser, booking: &str) -> String {
    let page = text_of(&browser.get(booking).1);
    let at = page.find("RF").unwrap_or_else(|| panic!("{page}"));
    page.get(at..at + 17).unwrap().to_owned()
}

/// Ticks what a report has ticked, and presses.
fn records(browser: &Browser, report: &str) -> Reply {
    let form = report.split("id=\"report\"").nth(1).unwrap().split("</form>").next().unwrap();
    let attribute = |tag: &str, name: &str| {
        tag.split(&format!("{name}=\"")).nth(1).and_then(|rest| rest.split('"').next()).map(str::to_owned)
    };
    let sent = |tag: &&str| !tag.contains("checkbox") || tag.contains("checked");
    let inputs = form.split("<input").skip(1).filter_map(|rest| rest.split('>').next()).filter(sent);
    let form = inputs.filter_map(|tag| Some((attribute(tag, "name")?, attribute(tag, "value")?))).collect();
    answer(&browser.town.house, &Visit { is_post: true, form, ..browser.visit(ROOM) })
}

fn page(reply: Reply) -> (u16, String) {
    (reply.status, String::from_utf8(reply.body).unwrap())
}

#[test]
fn what_came_in_is_laid_beside_what_is_owed_and_recorded_once() {
    let town = town();
    let keeper = sign_in(&town, "scientist", "en");
    let at = instrument(&town, &keeper);
    let bookings = reported(&town, &at);
    let (keeper, firm) = (sign_in(&town, "scientist", "en"), sign_in(&town, "firm", "zh-CN"));
    let price = owed(&firm, &bookings[0]);
    assert!(price.is_positive() && price == owed(&firm, &bookings[1]));
    let own = bookings.each_ref().map(|booking| reference(&firm, booking));
    let due = text_of(&keeper.get(ROOM).1);
    assert!(own.iter().all(|one| due.contains(one.as_str())) && due.contains("Sample Firm"), "{due}");
    assert!(text_of(&firm.get(ROOM).1).contains("没有待收的款项"), "of the firm nothing is owed to");

    let (half, all) = ((price - Money::yuan(1)).to_string(), price.to_string());
    let wrong = own[0].replace("RF", "RF9");
    let entries = [
        [half.as_str(), "Sample Firm", &format!("机时费 {}", own[0].to_lowercase()), "B-1"],
        ["1.00", "Sample Firm", &own[0], "B-2"],
        [&all, "示例企业", "no reference", "B-3"],
        ["9999.00", "Sample Firm", &own[1], "B-4"],
        ["5.00", "Someone", &wrong, "B-5"],
    ];
    let text = statement(&entries);
    let (status, report) = page(chosen(&keeper, ROOM, "statement", text.as_bytes()));
    let told = text_of(&report);
    assert_eq!(status, 200, "{told}");
    assert!(told.contains("5 sums came in") && told.contains("More than the"), "{told}");
    assert!(told.contains("more sum") && told.matches("Likely").count() <= 1, "{told}");
    let firms = text_of(&page(chosen(&firm, ROOM, "statement", text.as_bytes())).1);
    assert!(firms.contains("不是本单位可收款的预约") && !firms.contains("登记所选收款"), "{firms}");

    let (status, done) = page(records(&keeper, &report));
    assert!(status == 200 && text_of(&done).contains("2 payments recorded"), "{}", text_of(&done));
    assert_eq!([owed(&firm, &bookings[0]), owed(&firm, &bookings[1])], [Money::ZERO, price]);
    let (_, again) = page(records(&keeper, &report));
    assert!(text_of(&again).contains("2 had been recorded before"), "{}", text_of(&again));
    let (_, report) = page(chosen(&keeper, ROOM, "statement", text.as_bytes()));
    assert!(text_of(&report).matches("Recorded").count() >= 2, "{}", text_of(&report));
    assert_eq!(owed(&firm, &bookings[0]), Money::ZERO);
    assert!(!text_of(&firm.get(&bookings[0]).1).contains("RF"), "nothing is due any more");
    both_by_one(&keeper, &firm, &bookings[1], &own[1], &price);
}

/// What bears a reference and pays exactly what is left is recorded; nothing that cannot be read is.
fn both_by_one(keeper: &Browser, firm: &Browser, booking: &str, own: &str, price: &Money) {
    for (bytes, word) in [
        (b"".as_slice(), "No file was chosen"),
        (b"\xff\xfe\x00", "cannot be read"),
        (b"<Document/>", "has no `BkToCstmrStmt`"),
        (other_way("31-0001", &[("X-1", "9.00")]).as_bytes(), "Nothing came in for your bookings"),
    ] {
        let (status, html) = page(chosen(keeper, ROOM, "statement", bytes));
        let told = text_of(&html);
        assert!(told.contains(word) && (status == 422) != word.starts_with("Nothing"), "{status} {told}");
    }
    let text = statement(&[[&price.to_string(), "", own, "B-9"]]);
    let (_, report) = page(chosen(keeper, ROOM, "statement", text.as_bytes()));
    let (_, done) = page(records(keeper, &report));
    assert!(text_of(&done).contains("1 payment recorded"), "{}", text_of(&done));
    assert_eq!(owed(firm, booking), Money::ZERO);
    let history = firm.get(&format!("/api/v1{booking}/history")).1;
    assert!(history.contains("B-9"), "the payment is called as at the bank: {history}");
}
