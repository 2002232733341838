//! `kechuang assign`: papers and reviewers in files become a decision book.

use super::*;

const PAPERS: &str = "编号,标题,关键词,单位,作者\n\
    p1,高灵敏度光刻胶及其显影方法,光刻胶；树脂,甲大学,陈一\n\
    p2,反刍动物饲料与瘤胃微生物,饲料；微生物,乙大学,\n\
    p3,Deep learning for protein folding,neural networks; proteins,丙研究所,\n";
const REVIEWERS: &str = "编号,姓名,研究方向,单位,最多评审数,资深\n\
    r1,王,光刻胶树脂与显影工艺,丁大学,2,是\n\
    r2,李,瘤胃微生物与奶牛饲料,戊大学,2,否\n\
    r3,张,protein structure and neural networks,己大学,2,是\n\
    r4,陈一,光刻胶与半导体材料,庚大学,2,否\n\
    r5,赵,光刻工艺与树脂,甲大学,2,是\n";

fn assign(folder: &TempDir, papers: &str, reviewers: &str, more: &[&str]) -> Output {
    let (papers, reviewers) = (write(folder, "p.csv", papers), write(folder, "r.csv", reviewers));
    kechuang(&[&["assign", &papers, &reviewers], more].concat())
}

#[test]
fn every_pair_has_a_reason_and_nobody_meets_their_own_unit() {
    let folder = TempDir::new().unwrap();
    let path = |name: &str| folder.path().join(name).display().to_string();
    let (out, page, proof) = (path("o.csv"), path("o.html"), path("o.json"));
    let flags = ["--demand", "2", "--seniors", "1", "--out", &out, "--page", &page, "--proof", &proof];
    let output = assign(&folder, PAPERS, REVIEWERS, &[&flags[..], &["--lang", "en"]].concat());
    assert_eq!(output.status.code(), Some(0), "{}", said(&output));
    assert!(said(&output).contains("6 reviews of 3 papers by 5 reviewers"), "{}", said(&output));
    let book = std::fs::read_to_string(&out).unwrap();
    let pairs: Vec<(&str, &str)> = book
        .lines()
        .skip(1)
        .map(|line| line.split(',').collect::<Vec<_>>())
        .map(|cells| (cells[0], cells[2]))
        .collect();
    assert_eq!(pairs.len(), 6, "{book}");
    for pair in [("p1", "r1"), ("p2", "r2"), ("p3", "r3")] {
        assert!(pairs.contains(&pair), "the nearest reviewer has it: {book}");
    }
    assert!(!pairs.contains(&("p1", "r4")) && !pairs.contains(&("p1", "r5")), "author, same unit: {book}");
    assert!(book.contains("Both write of ") && book.contains("瘤胃"), "{book}");
    let apart = std::fs::read_to_string(path("o.apart.csv")).unwrap();
    assert!(apart.contains("p1,r4,陈一,The reviewer is among the authors."), "{apart}");
    assert!(apart.contains("p1,r5,赵,They are of the same unit."), "{apart}");
    assert!(std::fs::read_to_string(&page).unwrap().starts_with("<!DOCTYPE html><html lang=\"en\">"));
    // The proof is believed; another claim is not.
    let checked = ["--demand", "2", "--seniors", "1", "--check", &proof, "--lang", "en"];
    let output = assign(&folder, PAPERS, REVIEWERS, &checked);
    assert_eq!(output.status.code(), Some(0), "{}", said(&output));
    assert!(printed(&output).contains("obeys every rule: 6 reviews"), "{}", printed(&output));
    let bold = std::fs::read_to_string(&proof).unwrap().replacen("\"value\":", "\"value\":1", 1);
    std::fs::write(&proof, bold).unwrap();
    assert_eq!(assign(&folder, PAPERS, REVIEWERS, &checked).status.code(), Some(2));
}

#[test]
fn scores_bids_and_conflicts_of_files_decide() {
    let folder = TempDir::new().unwrap();
    let out = path(&folder, "o.json");
    let papers = "id,demand\na,1\nb,1\n";
    let reviewers = "id,load\nx,1\ny,1\nz,1\n";
    let scores =
        write(&folder, "s.csv", "paper,reviewer,score\na,x,0.9\na,y,0.8\nb,x,0.8\nb,y,0.1\nb,z,0.2\n");
    let chosen = |more: &[&str]| {
        let output =
            assign(&folder, papers, reviewers, &[&["--scores", &scores, "--out", &out], more].concat());
        assert_eq!(output.status.code(), Some(0), "{}", said(&output));
        let book: serde_json::Value = serde_json::from_slice(&std::fs::read(&out).unwrap()).unwrap();
        let text = |cell: &serde_json::Value| cell.as_str().unwrap().to_owned();
        let pairs = book["pairs"].as_array().unwrap().iter();
        pairs.map(|row| (text(&row["Paper"]), text(&row["Reviewer"]))).collect::<Vec<_>>()
    };
    let pair = |paper: &str, reviewer: &str| (paper.to_owned(), reviewer.to_owned());
    assert_eq!(chosen(&[]), [pair("a", "y"), pair("b", "x")]);
    let conflicts = write(&folder, "c.csv", "paper,reviewer\nb,x\n");
    assert_eq!(chosen(&["--conflicts", &conflicts]), [pair("a", "x"), pair("b", "z")]);
    let bids = write(&folder, "b.csv", "paper,reviewer,bid\nb,y,yes\nb,z,no\n");
    assert_eq!(chosen(&["--conflicts", &conflicts, "--bids", &bids]), [pair("a", "x"), pair("b", "y")]);
}

#[test]
fn what_cannot_be_assigned_is_told_with_its_place() {
    let folder = TempDir::new().unwrap();
    let out = path(&folder, "o.csv");
    let refused = |papers: &str, reviewers: &str, more: &[&str], part: &str| {
        let output = assign(&folder, papers, reviewers, &[&["--out", &out, "--lang", "en"], more].concat());
        assert_eq!(output.status.code(), Some(2), "{part}: {}", said(&output));
        assert!(said(&output).contains(part), "{part}: {}", said(&output));
        assert!(!Path::new(&out).exists());
    };
    refused(&PAPERS.replace("p2", "p1"), REVIEWERS, &[], "p.csv, line 3, column 编号: `p1`");
    refused(&PAPERS.replace("编号,标题", "号,标题"), REVIEWERS, &[], "there is no column `id`");
    refused(PAPERS, &REVIEWERS.replace("大学,2,是", "大学,-2,是"), &[], "column 最多评审数: `-2`");
    refused(PAPERS, &REVIEWERS.replace("2,否", "2,perhaps"), &[], "column 资深: `perhaps`");
    refused("id,title\n", REVIEWERS, &[], "p.csv: there is no row");
    refused("id\na\n", REVIEWERS, &[], "there is no column `title`");
    refused(PAPERS, REVIEWERS, &["--fair", "-1"], "--fair -1");
    let scores = |text: &str| write(&folder, "s.csv", format!("paper,reviewer,score\n{text}\n"));
    refused(PAPERS, REVIEWERS, &["--scores", &scores("p1,r1,NaN")], "s.csv, line 2, column score: `NaN`");
    refused(PAPERS, REVIEWERS, &["--scores", &scores("p1,r9,1")], "s.csv, line 2, column reviewer: `r9`");
    refused(
        PAPERS,
        REVIEWERS,
        &["--scores", &scores("p1,r1,1\np1,r1,2")],
        "s.csv, line 3, column reviewer: `r1`",
    );
    // Six reviews of p1 are more than the three who may give one each.
    let wide = PAPERS
        .replace("标题", "评审数,标题")
        .replace("p1,", "p1,6,")
        .replace("p2,", "p2,1,")
        .replace("p3,", "p3,1,");
    refused(&wide, REVIEWERS, &["--unit-part", "0"], "these 1 want 6 reviews and 3 are missing: p1");
    refused(&wide, REVIEWERS, &["--unit-part", "0"], "r1, r2, r3; together");
    let least = REVIEWERS.replace("资深", "least").replace("2,是", "2,2").replace("2,否", "2,2");
    refused(PAPERS, &least, &["--demand", "1"], "the least loads of these reviewers cannot be met together");
    refused(
        PAPERS,
        &REVIEWERS.replace("是", "否"),
        &["--demand", "1", "--seniors", "1", "--unit-part", "0"],
        "With fewer seniors",
    );
}
