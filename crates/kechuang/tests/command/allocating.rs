//! `kechuang allocate`: proposals in a file become a decision book.

use super::*;

const PROPOSALS: &str = "id,title,score,2026,2027,city,young,group\n\
    a,One,80,100,50,沪,yes,x\nb,Two,70.5,100,0,苏,no,x\nc,Three,60,80,20,苏,yes,\nd,Four,40,90,90,沪,no,\n";
const RULES: &str = "[columns]\nmoney = [\"2026\", \"2027\"]\nexclusive = \"group\"\n\
    [[pot]]\nname = \"City\"\nmoney = [150, 80]\n[[pot]]\nname = \"Fund\"\nmoney = [50, 0]\nmost = \"50%\"\n\
    [[quota]]\nname = \"Young\"\nwhere = { young = \"yes\" }\ncounts = \"share-of-money\"\nleast = 0.3\n";

fn allocate(folder: &TempDir, proposals: &str, rules: &str, more: &[&str]) -> Output {
    let (list, rules) = (write(folder, "p.csv", proposals), write(folder, "r.toml", rules));
    kechuang(&[&["allocate", &list, "--rules", &rules], more].concat())
}

#[test]
fn every_proposal_gets_its_place_and_a_reason() {
    let folder = TempDir::new().unwrap();
    let path = |name: &str| folder.path().join(name).display().to_string();
    let (out, page, proof) = (path("o.csv"), path("o.html"), path("o.json"));
    let flags = ["--out", &out, "--page", &page, "--proof", &proof, "--why", "d", "--lang", "en"];
    let output = allocate(&folder, PROPOSALS, RULES, &flags);
    assert_eq!(output.status.code(), Some(0), "{}", said(&output));
    let told = "2 of 4 proposals are funded with 250.00 yuan; scores 140";
    assert!(said(&output).contains(told), "{}", said(&output));
    let book = std::fs::read_to_string(&out).unwrap();
    let places: Vec<&str> = book.lines().skip(1).filter_map(|line| line.split(',').nth(2)).collect();
    assert_eq!(places, ["Funded", "Not funded", "Funded", "Not funded"], "{book}");
    assert!(book.contains("Of its group only one may be funded, and a is."), "{book}");
    let asked = std::fs::read_to_string(path("o.questions.csv")).unwrap();
    assert!(asked.contains("With d,"), "{asked}");
    assert!(std::fs::read_to_string(&page).unwrap().starts_with("<!DOCTYPE html><html lang=\"en\">"));
    // Who pays adds up, and the proof is believed; another claim is not.
    let paid = std::fs::read_to_string(path("o.payments.csv")).unwrap();
    let sums = paid.lines().skip(1).filter_map(|line| line.rsplit(',').next());
    assert!((sums.map(|sum| sum.parse::<f64>().unwrap()).sum::<f64>() - 250.0).abs() < 1e-6, "{paid}");
    let checked = allocate(&folder, PROPOSALS, RULES, &["--check", &proof]);
    assert_eq!(checked.status.code(), Some(0), "{}", said(&checked));
    let bold = std::fs::read_to_string(&proof).unwrap().replace("\"value\":1400000", "\"value\":1500000");
    std::fs::write(&proof, bold).unwrap();
    assert_eq!(allocate(&folder, PROPOSALS, RULES, &["--check", &proof]).status.code(), Some(2));
}

#[test]
fn what_cannot_be_allocated_is_told_with_its_place() {
    let folder = TempDir::new().unwrap();
    let out = folder.path().join("o.csv").display().to_string();
    let refused = |proposals: &str, rules: &str, part: &str| {
        let output = allocate(&folder, proposals, rules, &["--out", &out, "--lang", "en"]);
        assert_eq!(output.status.code(), Some(2), "{}", said(&output));
        assert!(said(&output).contains(part), "{}", said(&output));
    };
    refused(&PROPOSALS.replace("70.5", "NaN"), RULES, "p.csv, line 3, column score: `NaN`");
    refused(&PROPOSALS.replace("80,20", "80,-20"), RULES, "p.csv, line 4, column 2027: `-20`");
    refused(&PROPOSALS.replace("b,Two", "a,Two"), RULES, "p.csv, line 3, column id: `a`");
    refused(&PROPOSALS.replace("score", "points"), RULES, "there is no column `score`");
    refused("id,score\n", RULES, "p.csv");
    refused(PROPOSALS, &RULES.replacen("[[pot]]", "[[pott]]", 1), "r.toml, line");
    refused(PROPOSALS, &RULES.replace("[150, 80]", "[-1]"), "r.toml, City: `-1`");
    refused(PROPOSALS, &RULES.replace("0.3", "1.3"), "r.toml, Young: `1.3`");
    let many = format!("{RULES}[[quota]]\nname = \"Many\"\nleast = 4\n");
    refused(PROPOSALS, &many, "Many (at least 4)");
}
