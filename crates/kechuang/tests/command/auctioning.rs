//! `kechuang auction`: offers in a file are played again by their rules.

use super::*;

/// The worked example of the rulebook (§1.7).
const OFFERS: &str = "竞买人,报价,时间\nB1,5000000,09:10:00\nB2,\"5,150,000\",09:58:00\nB3,5225000,10:04:00\n\
                      B1,5200000,10:04:58.200\nP,5200000,10:07:10\nB2,5250000,10:12:10.001\n";
const RULES: &str = "kind = \"multiple-offer\"\nstart = 5000000\nstep = 50000\nfree-until = \"10:00:00\"\ntimed = 300\n\
                     [[priority]]\nbidder = \"P\"\nrank = 1\n";

fn auction(folder: &TempDir, offers: &str, rules: &str, out: &str) -> Output {
    let (offers, rules) = (write(folder, "o.csv", offers), write(folder, "r.toml", rules));
    kechuang(&["auction", &offers, "--rules", &rules, "--out", &path(folder, out), "--lang", "en"])
}

#[test]
fn the_worked_example_ends_as_the_rulebook_says() {
    let folder = TempDir::new().unwrap();
    let output = auction(&folder, OFFERS, RULES, "a.csv");
    assert_eq!(output.status.code(), Some(0), "{}", said(&output));
    assert_eq!(printed(&output), "P won at 5200000.00 yuan. The session was over at 10:12:10.000.\n");
    let course = std::fs::read_to_string(folder.path().join("a.csv")).unwrap();
    for line in [
        "4,10:04:00.000,B3,5225000.00,refused: not a whole number of steps above 5150000.00 yuan,5150000.00,10:05:00.000",
        "5,10:04:58.200,B1,5200000.00,taken,5200000.00,10:09:58.200",
        "6,10:07:10.000,P,5200000.00,taken: matches the price by priority,5200000.00,10:12:10.000",
        "7,10:12:10.001,B2,5250000.00,refused: the session was over at 10:12:10.000,5200000.00,10:12:10.000",
    ] {
        assert!(course.contains(line), "{line} in\n{course}");
    }
    for name in ["a.xlsx", "a.json"] {
        assert_eq!(printed(&auction(&folder, OFFERS, RULES, name)), printed(&output), "the same winner");
    }
}

#[test]
fn sealed_weighted_falling_and_limited_sessions_are_played() {
    let folder = TempDir::new().unwrap();
    let won = |offers: &str, rules: &str| {
        let output = auction(&folder, offers, rules, "a.csv");
        assert_eq!(output.status.code(), Some(0), "{}", said(&output));
        printed(&output)
    };
    let head = "bidder,price,time\n";
    let sealed = "kind = \"sealed\"\nstart = 100\ncloses = \"2026-03-02 10:00:00\"\n";
    let offers =
        format!("{head}a,120,2026-03-02 09:00\nb,150,2026-03-02 10:00:00\nc,160,2026-03-02 10:00:01\n");
    assert!(won(&offers, sealed).starts_with("b won at 150.00 yuan."));
    let tied = format!("{head}a,150,2026-03-02 09:00\nb,150,2026-03-02 09:30\n");
    assert!(won(&tied, sealed).starts_with("a, b share the highest price of 150.00 yuan"));
    let reserved = format!("reserve = 200\n{sealed}");
    assert!(won(&offers, &reserved).starts_with("Not sold: the highest offer, 150.00 yuan"));
    let weighted = "kind = \"weighted\"\nstart = 100\nprice-weight = \"60%\"\n[[item]]\nname = \"plan\"\nweight = \"40%\"\n";
    let offers = "bidder,price,time,plan\na,200,09:00,70\nb,180,09:01,95\n";
    // 60 + 28 = 88 against 54 + 38 = 92.
    assert_eq!(won(offers, weighted), "b won at 180.00 yuan.\n");
    let ranked = std::fs::read_to_string(folder.path().join("a.ranked.csv")).unwrap();
    assert!(ranked.contains("1,b,180.00,92.000000,") && ranked.contains("2,a,200.00,88.000000,"), "{ranked}");
    let dutch = "kind = \"dutch\"\nstart = 1000\nfloor = 500\nstep = 100\nevery = 60\nopens = \"09:00:00\"\n";
    let offers = format!("{head}a,900,09:00:30\nb,850,09:02:10\nc,900,09:02:20\n");
    assert_eq!(won(&offers, dutch), "b won at 800.00 yuan.\n");
    let proxy = "kind = \"proxy\"\nstart = 1\n[[increment]]\nfrom = 0\nadd = 0.05\n[[increment]]\nfrom = 5\nadd = 0.5\n";
    let offers = format!("{head}a,10,09:00\nb,7,09:01\n");
    assert_eq!(won(&offers, proxy), "a won at 7.50 yuan.\n");
}

#[test]
fn what_cannot_be_played_is_named() {
    let folder = TempDir::new().unwrap();
    let cases = [
        (OFFERS.replace("5000000,", "-5,"), RULES.to_owned(), "line 2, column 报价: `-5`"),
        (OFFERS.replace("5000000,", "NaN,"), RULES.to_owned(), "line 2, column 报价: `NaN`"),
        (OFFERS.replace("09:58:00", "soon"), RULES.to_owned(), "line 3, column 时间: `soon`"),
        (OFFERS.replace("09:58:00", "2026-03-02 09:58"), RULES.to_owned(), "line 3, column 时间"),
        (OFFERS.replace("竞买人", "谁"), RULES.to_owned(), "no column `bidder`"),
        ("竞买人,报价,时间\n".to_owned(), RULES.to_owned(), "no row below the header"),
        (OFFERS.to_owned(), RULES.replace("step", "stepp"), "r.toml, line 3"),
        (OFFERS.to_owned(), RULES.replace("step = 50000\n", ""), "r.toml, step: ``"),
        (OFFERS.to_owned(), RULES.replace("step = 50000", "step = 0"), "with step as they are"),
        (OFFERS.to_owned(), RULES.replace("10:00:00", "2026-01-01 10:00"), "free-until: `2026-01-01 10:00`"),
    ];
    for (offers, rules, expected) in cases {
        let output = auction(&folder, &offers, &rules, "a.csv");
        assert!(said(&output).contains(expected), "{expected} in {}", said(&output));
        assert_eq!(output.status.code(), Some(2), "{expected}");
        assert!(!folder.path().join("a.csv").exists());
    }
}
