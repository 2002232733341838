//! What old books do, told as stories. `UPDATE_EXPECT=1 cargo test -p desks` rewrites them.

use grammar::story::*;

use super::{Command::*, Refusal::*, Wrong::*, *};

const FUND: Id = Id::named("account-fund");
const SHANGHAI: Region = Region::code(310_000);

/// Two vouchers: one used in two parts, redeemed, partly clawed back and expired; one that is still open.
const ROWS: &str = "\
类别\t券号\t持券单位\t统一社会信用代码\t年度\t适用办法\t日期\t金额\t凭证号
发券\tSH-24-001\t示例传感技术有限公司\t\t2024\t沪科规〔2023〕9号\t2024-03-05\t100,000\t
发券\tSH-24-002\t示例生物有限公司\t\t2024年\t沪科规〔2023〕9号\t2024/4/1\t50000.00\t
使用\tSH-24-001\t\t\t\t\t2024年5月6日\t40000\tHT-1
使用\tSH-24-001\t\t\t\t\t20240607\t30000\tHT-2
兑付\tSH-24-001\t\t\t\t\t2024-07-15\t40000\tDF-1
追回\tSH-24-001\t\t\t\t\t2024-11-20\t5000.50\tZH-1
失效\tSH-24-001\t\t\t\t\t2024-12-31\t30000\tSX-1

合计发券\t\t\t\t\t\t\t150000
合计使用\t\t\t\t\t\t\t70000
合计兑付\t\t\t\t\t\t\t40000
合计追回\t\t\t\t\t\t\t5000.5
合计失效\t\t\t\t\t\t\t30000";

fn bring(sheet: &str) -> Command {
    let title = Bilingual { zh: Some("2024 年旧账".parse().unwrap()), en: None };
    BringIn { region: SHANGHAI, title, fund: Some(FUND.r()), sheet: sheet.parse().unwrap(), file: None }
}

fn house() -> Story<OldBook> {
    let mut story = Story::<OldBook>::new("2031-04-05");
    story.showing(&["status", "brought"]);
    story.given(FUND, Card::new().region(SHANGHAI).fact("purpose", "fund"));
    story
}

/// Everything that is wrong with a sheet, as code, row and column.
fn wrong(from: &str, to: &str) -> Vec<(String, Option<u32>, Option<&'static str>)> {
    let sheet = ROWS.replace(from, to);
    assert_ne!(sheet, ROWS, "{from}");
    let code = |wrong: &Wrong| serde_json::to_value(wrong).unwrap()["code"].as_str().unwrap().to_owned();
    let all = read(&sheet, day("2031-04-05"), Some(day("2023-12-31"))).unwrap_err();
    all.iter().map(|wrong| (code(wrong), wrong.line(), wrong.column())).collect()
}

#[test]
fn old_books_come_in_whole_with_the_days_on_which_things_happened() {
    let mut story = house();
    assert!(matches!(OldBook::who(&bring(ROWS)), Who::Two(_)));
    story.when(bring(ROWS)).not_now(bring(ROWS));
    let book = &story.record().book;
    let on = |text: &str| {
        let Standing { face, left, waiting, paid, back, expired } = book.on(day(text));
        [face, left, waiting, paid, back, expired].map(Money::in_fen).map(|fen| fen / 100)
    };
    assert_eq!(on("2024-03-04"), [0; 6], "nothing before the first day");
    assert_eq!(on("2024-03-31"), [100_000, 100_000, 0, 0, 0, 0]);
    assert_eq!(on("2024-05-06"), [150_000, 110_000, 40_000, 0, 0, 0], "at the end of the day itself");
    assert_eq!(on("2024-07-14"), [150_000, 80_000, 70_000, 0, 0, 0]);
    assert_eq!(on("2024-07-15"), [150_000, 80_000, 30_000, 40_000, 0, 0]);
    assert_eq!(on("2025-01-01"), [150_000, 50_000, 30_000, 34_999, 5_000, 30_000]);
    let record = story.record();
    assert_eq!(record.brought, day("2031-04-05"), "the day on which it was booked is another thing");
    assert_eq!(*record.digest, *engines::bank::digest(ROWS));
    assert_eq!(record.book.vouchers[1].issued, day("2024-04-01"));
    story.when(Withdraw { reason: "导入了错误的年度".parse().unwrap() });
    assert!(story.record().card().keys.is_empty(), "the sheet may be brought in again");
    story.expect(&expect![[r#"
        2031-04-05  bring-in  said brought-in  status standing  brought 2031-04-05
        2031-04-05  withdraw  said withdrawn  status withdrawn  brought 2031-04-05
    "#]]);
}

#[test]
fn a_sheet_in_which_one_row_does_not_fit_does_not_come_in_and_each_cell_says_why() {
    let one = |code: &str, row: u32, column: &'static str| vec![(code.to_owned(), Some(row), Some(column))];
    assert_eq!(
        wrong("使用\tSH-24-001\t\t\t\t\t2024年", "花掉\tSH-24-001\t\t\t\t\t2024年"),
        one("not-a-kind", 4, "kind")
    );
    assert_eq!(wrong("\t示例生物有限公司", "\t"), one("empty-cell", 3, "holder"));
    assert_eq!(wrong("2024年\t", "二四年\t"), one("not-a-year", 3, "year"));
    assert_eq!(wrong("2024/4/1", "2024/4/31"), one("not-a-day", 3, "day"));
    assert_eq!(wrong("2024/4/1", "2031-04-06"), one("still-to-come", 3, "day"));
    assert_eq!(wrong("2024/4/1", "2023-12-31"), one("in-closed-books", 3, "day"));
    assert_eq!(wrong("50000.00", "50000.001"), one("not-an-amount", 3, "amount"));
    assert_eq!(wrong("示例生物有限公司\t", "示例生物有限公司\t123"), one("not-a-code", 3, "code"));
    assert_eq!(wrong("SH-24-002", "SH-24-001"), one("voucher-twice", 3, "number"));
    assert_eq!(wrong("追回\tSH-24-001", "追回\tSH-24-009"), one("no-such-voucher", 7, "number"));
    assert_eq!(wrong("HT-2", "HT-1"), one("reference-twice", 5, "reference"));
    assert_eq!(wrong("2024年5月6日", "2024-03-04"), one("before-its-issue", 4, "day"));
    assert_eq!(wrong("2024-07-15", "2024-05-01"), one("more-than-used", 6, "amount"), "by days, not by rows");
    assert_eq!(wrong("2024-11-20", "2024-07-14"), one("more-than-paid", 7, "amount"));
    let total = "合计追回\t\t\t\t\t\t\t";
    let unequal = wrong(&format!("{total}5000.5"), &format!("{total}5000.6"));
    assert_eq!(unequal, one("other-total", 13, "amount"), "what the sheet says at its end");
    assert_eq!(wrong("合计使用", "合计兑付"), one("total-twice", 12, "kind"));
    let two = wrong("\t30000\tSX-1", "\t30001\tSX-1");
    assert_eq!(two, [one("more-than-left", 8, "amount"), one("other-total", 14, "amount")].concat());
    assert_eq!(wrong("合计使用\t\t\t\t\t\t\t70000\n", ""), [("no-total".to_owned(), None, None)]);
    assert_eq!(wrong("\t凭证号", "\t编号"), [("lacks-column".to_owned(), None, None)]);
    let both = wrong("2024/4/1\t50000.00", "someday\tmuch");
    assert_eq!(both, one("not-a-day", 3, "day"), "one reason a row");
}

#[test]
fn the_desk_says_the_first_reason_and_takes_nothing_in() {
    let mut story = house();
    let other = Id::named("account-source");
    story.given(other, Card::new().region(SHANGHAI).fact("purpose", "source"));
    let BringIn { region, title, sheet, .. } = bring(ROWS) else { panic!("a sheet") };
    let odd = BringIn { region, title, fund: Some(other.r()), sheet, file: None };
    story.refuses(odd, NotAFund { account: other.r() });
    story.given(
        FUND,
        Card::new().region(SHANGHAI).fact("purpose", "fund").fact("closed_until", day("2024-03-31")),
    );
    let closed = InClosedBooks { line: 2, day: day("2024-03-05"), until: day("2024-03-31") };
    story.refuses(bring(ROWS), Sheet(closed));
    story.refuses(bring("x"), Sheet(LacksColumn { name: "类别 / kind".parse().unwrap() }));
    let head = ROWS.lines().next().unwrap();
    story.refuses(bring(head), Sheet(NoVouchers));
    let long = format!("{head}\n{}", "兑付\tSH\n".repeat(ROWS_MAX + 1));
    let first = read(&long, day("2031-04-05"), None).unwrap_err().remove(0);
    assert!(matches!(first, EmptyCell { line: 2, .. }), "faults are kept up to a limit: {first:?}");
    let voucher = |n: usize| format!("发券\tV{n}\t单位\t\t2024\t办法\t2024-03-05\t1\t\n");
    let many: String = (0..=ROWS_MAX).map(voucher).collect();
    let first = read(&format!("{head}\n{many}"), day("2031-04-05"), None).unwrap_err().remove(0);
    assert_eq!(first, TooManyRows { max: ROWS_MAX });
}
