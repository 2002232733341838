//! `kechuang share`: works, authors and affiliations in a file become exact shares.

use super::*;

const ROWS: &str = "论文,作者,单位\np1,甲,复旦\np1,乙,复旦\np1,乙,浙大\np1,丙,\np2,甲,浙大\np3,甲,复旦\np3,乙,南大\np3,丙,浙大\n";

fn share(rows: &str, out: &str) -> Output {
    kechuang(&["share", rows, "--out", out, "--lang", "en"])
}

#[test]
fn shares_are_exact_and_come_to_the_works() {
    let folder = TempDir::new().unwrap();
    let (rows, out) = (write(&folder, "r.csv", ROWS), path(&folder, "s.csv"));
    let output = share(&rows, &out);
    assert_eq!(output.status.code(), Some(0), "{}", said(&output));
    let read = |name: &str| std::fs::read_to_string(folder.path().join(name)).unwrap();
    let expected = "Rank,Place,Count,Share,\"Share, exact\"\n1,浙大,3,1.500000,3/2\n2,复旦,2,0.833333,5/6\n3,南大,1,0.333333,1/3\n";
    assert_eq!(read("s.csv"), expected);
    assert_eq!(read("s.totals.csv"), "What,Value\nWorks,3\nOf them in places,8/3\nIn no place,1/3\n");
    assert!(said(&output).contains("3 works of 3 places; 1/3 belong to no place"), "{}", said(&output));
    for name in ["s.xlsx", "s.json"] {
        assert_eq!(share(&rows, &path(&folder, name)).status.code(), Some(0));
    }
}

#[test]
fn what_cannot_be_counted_is_named_by_line_and_column() {
    let folder = TempDir::new().unwrap();
    let out = path(&folder, "s.csv");
    let head = "work,author,place\n";
    let cases = [
        (format!("{head}p,a,x\np,a,x\n"), "line 3: a of p has this affiliation already"),
        (format!("{head}p,a,\np,a,x\n"), "line 3: a of p has this affiliation already, or has none"),
        (format!("{head}p,a,x\np,a,\n"), "line 3"),
        (format!("{head}p,,x\n"), "line 2, column author"),
        (format!("{head},a,x\n"), "line 2, column work"),
        ("work,author\np,a\n".to_owned(), "no column `place`"),
        (head.to_owned(), "no row below the header"),
    ];
    for (rows, expected) in cases {
        let rows = write(&folder, "r.csv", rows);
        let output = share(&rows, &out);
        assert!(said(&output).contains(expected), "{expected} in {}", said(&output));
        assert_eq!(output.status.code(), Some(2), "{expected}");
        assert!(!folder.path().join("s.csv").exists());
    }
}
