//! Old books: an officer chooses a sheet; rows that do not fit come back with their cells, and nothing comes in; the right one waits for a
//! second person, and is then read on any day.

use super::{money::officer, *};

const SHEET: &str = "\
类别,券号,持券单位,年度,适用办法,日期,金额,凭证号\r
发券,S-1,示例传感技术有限公司,2024,示例办法,2024-03-05,\"100,000.00\",\r
使用,S-1,,,,2024-05-06,40000,HT-1\r
兑付,S-1,,,,2024-07-15,40000,DF-1\r
失效,S-1,,,,2024-12-31,60000,SX-1\r
\r
合计发券,,,,,,100000,\r
合计使用,,,,,,40000,\r
合计兑付,,,,,,40000,\r
合计失效,,,,,,60000,\r
";

fn brings(browser: &Browser, sheet: &[u8]) -> Reply {
    let action = "/old-book/new/bring-in";
    let html = browser.get(action).1;
    let hidden = |name: &str| {
        let rest = html.split(&format!("name=\"{name}\" value=\"")).nth(1).unwrap();
        (name.to_owned(), rest.split('"').next().unwrap().to_owned())
    };
    let mut form: BTreeMap<String, String> = ["csrf", "key"].map(hidden).into();
    for (name, value) in [("region", "310000"), ("title.zh", "2024 年旧账"), ("sheet", ""), ("fund", "")] {
        form.insert(name.into(), value.into());
    }
    let uploads = BTreeMap::from([("sheet".to_owned(), ("旧账.csv".to_owned(), sheet.to_vec()))]);
    answer(&browser.town.house, &Visit { is_post: true, form, uploads, ..browser.visit(action) })
}

#[test]
fn old_books_come_in_by_two_and_are_read_on_any_day() {
    let town = town();
    for login in ["old-1", "old-2"] {
        officer(&town, login, &["voucher-office"], "310000");
    }
    let (first, second) = (sign_in(&town, "old-1", "zh-CN"), sign_in(&town, "old-2", "en"));
    let wrong =
        SHEET.replace("2024-05-06", "2024-03-04").replace("合计失效,,,,,,60000", "合计失效,,,,,,60001");
    let reply = brings(&first, wrong.as_bytes());
    let html = String::from_utf8(reply.body).unwrap();
    let page = text_of(&html);
    assert!(reply.status == 422 && html.contains("aria-invalid=\"true\""), "{page}");
    for part in ["有 2 处不符", "未导入任何内容", "2024-03-04", "尚未发放", "60001", "各行之和为 ¥60,000"]
    {
        assert!(page.contains(part), "{part}: {page}");
    }
    let reply = brings(&first, b"%PDF-1.7");
    let page = text_of(&String::from_utf8(reply.body).unwrap());
    assert!(page.contains("不是可读取的工作簿或表格"), "{page}");
    // As spreadsheets on Chinese systems save it.
    let (old, _, _) = encoding_rs::GB18030.encode(SHEET);
    location(&brings(&first, &old));
    assert!(!second.get("/old-book").1.contains("2024 年旧账"), "one person alone brings nothing in");
    let inbox = second.get("/inbox").1;
    let agree = inbox.split("action=\"").find(|rest| rest.contains("/agree\"")).unwrap();
    location(&second.send("/inbox", agree.split('"').next().unwrap(), &[]));
    let list = second.get("/old-book").1;
    let link =
        list.split("href=\"/old-book/old-book-").nth(1).unwrap_or_else(|| panic!("{}", text_of(&list)));
    let at = format!("/old-book/old-book-{}", link.split('"').next().unwrap());
    let on = |day: &str| text_of(&second.get(&format!("{at}?day={day}")).1);
    for (day, parts) in [
        ("2024-03-04", ["Nothing had been issued by that day", "¥0"]),
        ("2024-05-06", ["¥60,000", "¥40,000"]),
        ("2024-12-31", ["示例传感技术有限公司", "SX-1"]),
    ] {
        let page = on(day);
        for part in parts {
            assert!(page.contains(part), "{day} {part}: {page}");
        }
    }
    assert!(!on("2024-05-06").contains("SX-1"), "what came later is not told of that day");
    let record: Value = serde_json::from_str(&second.get(&format!("/api/v1{at}")).1).unwrap();
    assert_eq!(record["state"]["brought"], "2026-03-02");
    let file = record["state"]["file"].as_str().unwrap();
    assert!(file.ends_with(".csv"), "the file itself is kept: {file}");
    let hash = file.split(':').next().unwrap();
    let (status, kept) =
        (answer(&town.house, &second.visit(&format!("{at}/file/{hash}"))).status, hash.len());
    assert_eq!((status, kept), (200, 64));
    assert_eq!(record["state"]["digest"].as_str().unwrap().len(), 64);
    let (status, journal) = second.get(&format!("{at}/books.journal"));
    assert!(
        status == 200 && journal.contains("2026-03-02=2024-07-15"),
        "booked here, counted then: {journal}"
    );
    assert_eq!(sign_in(&town, "firm", "en").get(&at).0, 404);
    for sheet in ["xlsx", "csv"] {
        let visit = first.visit(&format!("/old-book/sheet.{sheet}"));
        assert_eq!(answer(&town.house, &visit).status, 200, "{sheet}");
    }
}
