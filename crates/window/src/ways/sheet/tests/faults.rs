//! What people write into a sheet, and what is wrong with it, cell by cell.

use super::*;

#[test]
fn labels_choices_and_regions_are_read_as_people_write_them() {
    let text = "单位名称（中文）, NAME(English) ,类别,Region*,成立年份\n\
                示例企业,Sample Firm,企业,0,1998\n\
                ,Second,hospital,浦东新区,\n";
    let report = reported(text);
    assert_eq!(told(&report), []);
    let commands: Vec<&Value> = report.good.iter().map(|line| &line.command).collect();
    let expected = [
        json!({"verb":"register","name":{"zh":"示例企业","en":"Sample Firm"},"kind":"enterprise","region":"000000","established":1998}),
        json!({"verb":"register","name":{"en":"Second"},"kind":"hospital","region":"310115"}),
    ];
    assert_eq!(commands, expected.iter().collect::<Vec<_>>());
}

#[test]
fn records_are_named_by_title_regions_as_they_are_shown_and_choices_are_said() {
    let one: Id = "organisation-7k3m9q2a".parse().unwrap();
    let titled = |desk: &str, title: &str| match (desk, title) {
        ("organisation", "示例集团") => Ok(one),
        ("organisation", "Same") => Err("several-titled"),
        _ => Err("no-such-title"),
    };
    let (clerk, verb) = register();
    let text = "name.zh,kind,region,parent\n\
                甲,企业,\"Suzhou, Jiangsu\",示例集团\n\
                乙,企业,江苏省苏州市,organisation-7k3m9q2a\n\
                丙,作坊,310115,Same\n\
                丁,企业,310115,无名\n";
    let table = read(text.as_bytes(), "x.csv", &Limits::default()).unwrap();
    let report = report(&table, clerk, verb, &titled);
    let parents: Vec<&Value> = report.good.iter().map(|line| &line.command["parent"]).collect();
    assert_eq!(parents, [&json!(one), &json!(one)]);
    assert!(report.good.iter().all(|line| line.command["region"] == "320500"));
    let expected = [("D4", "several-titled"), ("B4", "not-among"), ("D5", "no-such-title")];
    assert_eq!(told(&report), expected.map(|(cell, code)| (cell.to_owned(), code)));
    let choices = report.faults[1].sentence(Locale::Zh);
    assert!(choices.contains("企业、"), "{choices}");
}

#[test]
fn a_header_that_is_not_understood_stops_the_reading() {
    let report = reported("name,colour,name.zh,地区,区划\n甲,red,,310115,\n");
    let expected = [
        ("B1".to_owned(), "unknown-column"),
        ("C1".into(), "two-columns-with-one-name"),
        ("E1".into(), "unknown-column"),
        ("1".into(), "missing-column"),
    ];
    assert_eq!(told(&report), expected);
    assert!(report.good.is_empty() && report.rows == 1);
    let missing = report.faults.last().unwrap();
    assert_eq!((missing.field.as_str(), missing.name.as_str()), ("kind", "类别 / Kind"));
}

#[test]
fn each_fault_stands_beside_its_cell() {
    let text = "单位名称（中文）,类别,地区,成立年份,uscc,\n\
                甲,企业,上海,五,91350100M000100Y43,\n\
                \n\
                乙,花园,上海,1998,91350100M000100Y44,多\n\
                ,企业,#REF!,,,\n\
                丙,企业,上海,,,\n";
    let report = reported(text);
    let expected = [
        ("D2".to_owned(), "not-a-number"),
        ("F4".into(), "no-column-name"),
        ("B4".into(), "not-among"),
        ("E4".into(), "uscc-check"),
        ("C5".into(), "error-value"),
        ("A5".into(), "needed"),
    ];
    assert_eq!(told(&report), expected);
    assert_eq!((report.rows, report.good.len(), report.fault_count), (4, 1, 6));
    assert_eq!(report.faults[0].sentence(Locale::En), "Give a whole number.");
    assert_eq!(report.faults[4].sentence(Locale::Zh), "公式结果为错误值 #REF!。");
}

#[test]
fn a_key_occurs_once_in_a_file() {
    let text = "name,kind,region,uscc,ror\n\
                甲,企业,上海,91350100M000100Y43,\n\
                乙,企业,上海,,05HN3G777\n\
                丙,企业,上海,91350100m000100y43,05hn3g777\n";
    let report = reported(text);
    assert_eq!(told(&report), [("D4".to_owned(), "duplicate-in-file"), ("E4".into(), "duplicate-in-file")]);
    assert_eq!(report.faults[0].facts, json!({ "first": 2 }));
    assert_eq!(report.faults[1].sentence(Locale::Zh), "与第 3 行的值相同，不能重复。");
    assert_eq!(report.good.len(), 2);
}

#[test]
fn a_verb_on_a_record_needs_its_id_in_every_row() {
    let clerk = DESKS.find("organisation").unwrap();
    let verb = clerk.verb("close").unwrap();
    let of = |text: &str| {
        report(&read(text.as_bytes(), "x.csv", &Limits::default()).unwrap(), clerk, verb, &nobody)
    };
    assert_eq!(told(&of("on,reason\n2026-01-01,x\n")), [("1".to_owned(), "missing-column")]);
    let report = of("记录编号,on,reason\norganisation-1,2026-01-01,x\n,2026-01-01,x\nA B,2026-01-01,x\n");
    assert_eq!(told(&report), [("A3".to_owned(), "record-needed"), ("A4".into(), "no-such-title")]);
    assert_eq!(report.good[0].record.map(|id| id.to_string()), Some("organisation-1".into()));
}

#[test]
fn all_faults_are_counted_and_the_first_are_kept() {
    let mut text = "name,kind,region\n".to_owned();
    text.push_str(&"甲,企业,nowhere\n".repeat(3_000));
    let report = reported(&text);
    assert_eq!((report.fault_count, report.faults.len(), report.good.len()), (3_000, FAULTS_KEPT, 0));
}
