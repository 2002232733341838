//! Old books: vouchers from the years before the house, brought in from one sheet by two officers.

use serde_json::json;

use super::{asks::Founding, asks::invented, houses::Town, texts::both};

/// Holders of old vouchers; all invented.
const HOLDERS: [&str; 6] = [
    "示例传感技术有限公司",
    "示例生物医药有限公司",
    "示例新材料有限公司",
    "示例智能装备有限公司",
    "示例软件有限公司",
    "示例能源科技有限公司",
];
const HEADER: &str = "类别\t券号\t持券单位\t年度\t适用办法\t日期\t金额\t凭证号";

/// The sheet: each voucher was used in part and redeemed, one partly clawed back; what was left expired with its year.
fn sheet() -> String {
    let mut rows = vec![HEADER.to_owned()];
    let mut totals = [0_i64; 5];
    let mut row = |kind: usize, number: &str, more: [&str; 3], day: &str, amount: i64, reference: &str| {
        let word = ["发券", "使用", "兑付", "追回", "失效"].get(kind).copied().unwrap_or_default();
        let [holder, year, regime] = more;
        totals.iter_mut().skip(kind).take(1).for_each(|total| *total += amount);
        rows.push(format!("{word}\t{number}\t{holder}\t{year}\t{regime}\t{day}\t{amount}\t{reference}"));
    };
    for (holder, n) in HOLDERS.into_iter().zip(1_i64..) {
        let (number, used) = (format!("SL-2024-{n:03}"), n * 12_000);
        row(
            0,
            &number,
            [holder, "2024", "示例管理办法（2023）"],
            &format!("2024-03-{:02}", n + 4),
            100_000,
            "",
        );
        row(1, &number, [""; 3], &format!("2024-05-{:02}", n + 9), used, &format!("HT-{n}"));
        row(2, &number, [""; 3], "2024-07-15", used, &format!("DF-{n}"));
        if n == 3 {
            row(3, &number, [""; 3], "2024-11-20", 6_000, "ZH-1");
        }
        row(4, &number, [""; 3], "2024-12-31", 100_000 - used, &format!("SX-{n}"));
    }
    for (word, total) in ["发券", "使用", "兑付", "追回", "失效"].into_iter().zip(totals) {
        rows.push(format!("合计{word}\t\t\t\t\t\t{total}\t"));
    }
    rows.join("\n")
}

/// # Errors
/// The first ask that was denied.
pub fn bring_in(f: &mut Founding, town: &Town) -> Result<(), String> {
    let (first, second) = (town.officers.by("voucher-1")?, town.officers.by("voucher-2")?);
    let title = both("2024 年度创新券旧账（示例数据）", "Vouchers of 2024, from the old books (demo)");
    let command = json!({ "verb": "bring-in", "region": "310000", "title": title, "sheet": sheet() });
    f.ask_two("old-books", vec![invented("old-book/2024".into(), first, "old-book", None, command)], second)
}
