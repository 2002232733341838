//! `kechuang index`: units in a file and a method become scores and ranks.

use super::*;

const UNITS: &str = "编号,名称,版本,研发,专利,能耗,人口\nsh,上海,2026,10,300,5,2\nhz,杭州,2026,8,NA,4,1\n\
                     nj,南京,2026,6,100,9,1\nhf,合肥,2026,9,\"1,200\",6,2\n";
const METHOD: &str = r#"
edition = "2026"
name = "示例指数"
cut-off = "2025-12-31"
[fill]
by = "mean"
[scale]
by = "min-max"
low = 1
high = 100
[[indicator]]
code = "研发"
group = "投入"
weight = 3
[[indicator]]
code = "专利"
group = "产出"
denominator = "人口"
[[indicator]]
code = "能耗"
group = "产出"
less-is-better = true
[[group]]
code = "投入"
group = "指数"
[[group]]
code = "指数"
[[group]]
code = "产出"
group = "指数"
"#;
const DOUBT: &str = r#"
[doubt]
draws = 2000
seed = "example 2026"
weights = "25%"
mean = ["arithmetic", "geometric"]
scale = [{ by = "min-max", low = 1, high = 100 }, { by = "percent-rank" }]
"#;

fn index(units: &str, method: &str, out: &str, more: &[&str]) -> Output {
    kechuang(&[&["index", units, "--method", method, "--out", out, "--lang", "en"][..], more].concat())
}

#[test]
fn units_are_ranked_and_every_step_is_shown() {
    let folder = TempDir::new().unwrap();
    let (units, method) = (write(&folder, "u.csv", UNITS), write(&folder, "m.toml", METHOD));
    let output = index(&units, &method, &path(&folder, "i.csv"), &[]);
    assert_eq!(output.status.code(), Some(0), "{}", said(&output));
    let read = |name: &str| std::fs::read_to_string(folder.path().join(name)).unwrap();
    let ranks = read("i.csv");
    let rows: Vec<Vec<&str>> = ranks.lines().map(|line| line.split(',').collect()).collect();
    assert_eq!(rows[0], ["Rank", "Id", "Name", "指数", "产出", "投入"], "the index first");
    // hf: 75.25 for 投入; for 产出 the mean of 100 (patents for each, the most) and 60.4 (energy 6 of 4 to 9).
    assert_eq!(rows[1][..3], ["1", "hf", "合肥"]);
    assert_eq!(rows.len(), 5);
    assert!(
        read("i.steps.csv").contains("hz,专利,,,283.3333333333333,283.3333333333333,"),
        "{}",
        read("i.steps.csv")
    );
    assert!(read("i.weights.csv").contains("能耗,能耗,产出,0.5,0.25\n"), "{}", read("i.weights.csv"));
    let about = read("i.about.csv");
    assert!(about.contains("Edition,2026\n") && about.contains("Data until,2025-12-31\n"), "{about}");
    assert!(about.contains("What is put there,mean\n") && about.contains("SHA-256 "), "{about}");
    for name in ["i.xlsx", "i.json"] {
        assert_eq!(index(&units, &method, &path(&folder, name), &[]).status.code(), Some(0));
    }
    let json: serde_json::Value = serde_json::from_str(&read("i.json")).unwrap();
    assert_eq!(json["ranks"][0]["Id"], "hf");
    assert!(json["ranks"][0]["指数"].is_f64());
}

#[test]
fn bands_are_repeatable_and_choices_are_told() {
    let folder = TempDir::new().unwrap();
    let units = write(&folder, "u.csv", UNITS);
    let method = write(&folder, "m.toml", format!("{METHOD}{DOUBT}"));
    let read = |name: &str| std::fs::read_to_string(folder.path().join(name)).unwrap();
    let output = index(&units, &method, &path(&folder, "a.csv"), &[]);
    assert_eq!(output.status.code(), Some(2), "a percent rank is 0 for the last: no geometric mean");
    assert!(said(&output).contains("this mean needs scores above 0"), "{}", said(&output));
    let good = format!("{METHOD}{}", DOUBT.replace(", { by = \"percent-rank\" }", ""));
    let method = write(&folder, "m.toml", good);
    for name in ["a.csv", "b.csv"] {
        let output = index(&units, &method, &path(&folder, name), &[]);
        assert_eq!(output.status.code(), Some(0), "{}", said(&output));
        assert!(said(&output).contains("2000 simulations"), "{}", said(&output));
    }
    assert_eq!(read("a.csv"), read("b.csv"));
    assert!(read("a.csv").starts_with("Rank,Id,Name,指数,产出,投入,Best rank,"));
    assert_eq!(read("a.choices.csv").lines().count(), 3);
    let drawn: u32 = read("a.choices.csv")
        .lines()
        .skip(1)
        .map(|line| line.split(',').nth(4).unwrap().parse::<u32>().unwrap())
        .sum();
    assert_eq!(drawn, 2_000);
}

#[test]
fn editions_are_not_mixed() {
    let folder = TempDir::new().unwrap();
    let method = write(&folder, "m.toml", METHOD);
    let out = path(&folder, "i.csv");
    let units = write(&folder, "u.csv", UNITS.replace("nj,南京,2026", "nj,南京,2025"));
    let output = index(&units, &method, &out, &[]);
    assert_eq!(output.status.code(), Some(2));
    assert!(
        said(&output)
            .contains("line 4, column 版本: this row is of edition 2025, but the method is of edition 2026"),
        "{}",
        said(&output)
    );
    let bare = UNITS.replace(",版本", "").replace(",2026", "");
    let units = write(&folder, "u.csv", bare);
    let output = index(&units, &method, &out, &[]);
    assert!(said(&output).contains("--edition"), "{}", said(&output));
    assert_eq!(output.status.code(), Some(2));
    assert_eq!(index(&units, &method, &out, &["--edition", "2025"]).status.code(), Some(2));
    let output = index(&units, &method, &out, &["--edition", "2026"]);
    assert_eq!(output.status.code(), Some(0), "{}", said(&output));
}

#[test]
fn columns_may_stand_in_another_file() {
    let folder = TempDir::new().unwrap();
    let method = write(&folder, "m.toml", METHOD);
    let main: String = UNITS.lines().map(|line| line.rsplit_once(',').unwrap().0.to_owned() + "\n").collect();
    let units = write(&folder, "u.csv", main);
    let also =
        write(&folder, "d.tsv", "编号\t版本\t人口\nhz\t2026\t1\nsh\t2026\t2\nnj\t2026\t1\nhf\t2026\t2\n");
    let whole = write(&folder, "w.csv", UNITS);
    let read = |name: &str| std::fs::read_to_string(folder.path().join(name)).unwrap();
    let output = index(&units, &method, &path(&folder, "a.csv"), &["--also", &also]);
    assert_eq!(output.status.code(), Some(0), "{}", said(&output));
    index(&whole, &method, &path(&folder, "b.csv"), &[]);
    assert_eq!(read("a.csv"), read("b.csv"));
    let output = index(&units, &method, &path(&folder, "c.csv"), &[]);
    assert!(said(&output).contains("no column `人口`"), "{}", said(&output));
}

#[test]
fn what_cannot_be_indexed_is_named_by_line_and_column() {
    let folder = TempDir::new().unwrap();
    let out = path(&folder, "i.csv");
    let said_of = |units: &str, method: &str| {
        let units = write(&folder, "u.csv", units);
        let method = write(&folder, "m.toml", method);
        let output = index(&units, &method, &out, &[]);
        assert_eq!(output.status.code(), Some(2), "{}", said(&output));
        assert!(!folder.path().join("i.csv").exists());
        said(&output)
    };
    let cases = [
        (UNITS.replace(",100,", ",NaN,"), METHOD.to_owned(), "line 4, column 专利: `NaN`"),
        (UNITS.replace(",100,", ",1e999,"), METHOD.to_owned(), "line 4, column 专利: `1e999`"),
        (
            UNITS.replace("hf,", "sh,"),
            METHOD.to_owned(),
            "line 5, column 编号: the id sh is on line 2 already",
        ),
        (UNITS.replace("9,1\n", "9,0\n"), METHOD.to_owned(), "line 4, column 专利: its denominator is 0"),
        (UNITS.replace("能耗", "耗能"), METHOD.to_owned(), "no column `能耗`"),
        ("编号,版本\n".to_owned(), METHOD.to_owned(), "no row below the header"),
        (UNITS.to_owned(), METHOD.replace("edition", "editon"), "m.toml, line 2"),
        (UNITS.to_owned(), METHOD.replace("group = \"投入\"", "group = \"投人\""), "names 投人"),
        (UNITS.to_owned(), METHOD.replace("weight = 3", "weight = -3"), "its weights must be numbers from 0"),
        (UNITS.to_owned(), METHOD.replace("code = \"产出\"", "code = \"投入\""), "stands twice"),
        (
            UNITS.to_owned(),
            METHOD.replace("code = \"指数\"", "code = \"指数\"\ngroup = \"投入\""),
            "stands above itself",
        ),
        (UNITS.to_owned(), format!("{METHOD}[doubt]\ndraws = 5\n"), "need a seed"),
        (UNITS.to_owned(), format!("{METHOD}[doubt]\nseed = \"x\"\nweights = \"200%\"\n"), "`200%`"),
        (UNITS.to_owned(), format!("{METHOD}[doubt]\nseed = \"x\"\ndraws = 0\n"), "cannot be simulated"),
    ];
    for (units, method, expected) in cases {
        let said = said_of(&units, &method);
        assert!(said.contains(expected), "{expected} in {said}");
    }
}
