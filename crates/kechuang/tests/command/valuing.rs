//! `kechuang value`: assumptions in a file become values with every step.

use super::*;

const FILE: &str = r#"
price = 400000
[life]
protection = "invention"
years-since-filing = 6
economic-life = 3
[cost]
replacement = 400000
profit = 80000
depreciation = "25%"
[[market.deal]]
price = 100000
[[market.deal]]
price = 300000
time = 1.1
[royalty]
years = [1000000, 1000000, 1000000, 1000000]
discount = "15%"
rate = "5%"
tax = "25%"
readiness-level = 6
[simulation]
draws = 2000
seed = 2026
scale = ["70%", "100%", "130%"]
"#;

fn value(folder: &TempDir, file: &str, out: &str) -> Output {
    let file = write(folder, "v.toml", file);
    kechuang(&["value", &file, "--out", &path(folder, out), "--lang", "en"])
}

#[test]
fn values_stand_beside_each_other_with_their_steps() {
    let folder = TempDir::new().unwrap();
    let output = value(&folder, FILE, "v.csv");
    assert_eq!(output.status.code(), Some(0), "{}", said(&output));
    let read = |name: &str| std::fs::read_to_string(folder.path().join(name)).unwrap();
    let values = read("v.csv");
    assert!(values.contains("Cost,360000.00,360000.00,360000.00,\n"), "{values}");
    assert!(values.contains("Market,215000.00,100000.00,330000.00,\n"), "{values}");
    // Half of 85,620.94: readiness level 6 stands for one half, and the fourth year is cut off.
    assert!(
        values.contains("Income: royalties saved,42810.47,42810.47,42810.47,\"Readiness level 6"),
        "{values}"
    );
    assert!(values.contains("\n\"Income, simulated\","), "{values}");
    let steps = read("v.steps.csv");
    assert!(
        steps.contains("income 1000000.00 yuan, of which 37500.00 yuan count, times 0.869565\",32608.70"),
        "{steps}"
    );
    assert!(
        read("v.about.csv").contains("3 of 4: the law leaves 14, the market 3"),
        "{}",
        read("v.about.csv")
    );
    assert!(said(&output).contains("The price lies within"), "{}", said(&output));
    let dear = value(&folder, &FILE.replace("price = 400000", "price = 800000"), "d.csv");
    assert!(said(&dear).contains("above twice the highest"), "{}", said(&dear));
    let one = value(&folder, "[cost]\nreplacement = 5\n", "o.json");
    assert!(said(&one).contains("Only one method was used"), "{}", said(&one));
    assert_eq!(value(&folder, FILE, "v.xlsx").status.code(), Some(0));
    value(&folder, FILE, "w.csv");
    assert_eq!(values, read("w.csv"), "the same draws");
}

#[test]
fn what_cannot_be_valued_is_named() {
    let folder = TempDir::new().unwrap();
    let cases = [
        (FILE.replace("replacement", "replacment"), "v.toml, line 8"),
        (FILE.replace("400000\nprofit", "\"-1\"\nprofit"), "replacement: `-1`"),
        (FILE.replace("\"25%\"\n[[", "\"NaN\"\n[["), "depreciation: `NaN`"),
        (FILE.replace("\"25%\"\n[[", "\"125%\"\n[["), "cost: a part has to lie"),
        (FILE.replace("readiness-level = 6", "readiness-level = 10"), "readiness-level: `10`"),
        (FILE.replace("[\"70%\"", "[\"170%\""), "simulation: an assumption needs low"),
        (FILE.replace("draws = 2000", "draws = 0"), "simulation: a simulation has 1 to"),
        (FILE.replace("years-since-filing = 6", "years-since-filing = 21"), "no year of income is left"),
        ("price = 5\n".to_owned(), "there is no method"),
    ];
    for (file, expected) in cases {
        let output = value(&folder, &file, "v.csv");
        assert!(said(&output).contains(expected), "{expected} in {}", said(&output));
        assert_eq!(output.status.code(), Some(2), "{expected}");
        assert!(!folder.path().join("v.csv").exists());
    }
}
