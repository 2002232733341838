//! `kechuang net`: obligations in a file become payments.

use super::*;

const LINES: &str =
    "付款方,收款方,金额,争议\n浙江,上海,\"1,200.50\",\n上海,江苏,700.50,\n江苏,浙江,300,\n安徽,上海,80,是\n";

fn net(lines: &str, out: &str, more: &[&str]) -> Output {
    kechuang(&[&["net", lines, "--out", out][..], more].concat())
}

#[test]
fn obligations_become_payments_positions_and_statements() {
    let folder = TempDir::new().unwrap();
    let (lines, out) = (write(&folder, "lines.csv", LINES), path(&folder, "net.csv"));
    let output = net(&lines, &out, &["--lang", "en"]);
    assert_eq!(output.status.code(), Some(0), "{}", said(&output));
    let read = |name: &str| std::fs::read_to_string(folder.path().join(name)).unwrap();
    assert_eq!(read("net.csv"), "From,To,Amount (yuan)\n浙江,上海,500.00\n浙江,江苏,400.50\n");
    assert!(read("net.positions.csv").contains("浙江,-900.50\n"));
    assert!(read("net.positions.csv").contains("安徽,0.00\n"), "what is in dispute waits");
    let statements = read("net.statements.csv");
    assert!(statements.contains("浙江,上海,1200.50,0.00,1200.50,2,\n"), "{statements}");
    assert!(statements.contains("上海,安徽,0.00,0.00,0.00,,5\n"), "{statements}");
    assert!(said(&output).contains("no settlement with fewer payments"), "{}", said(&output));
    for name in ["net.xlsx", "net.json"] {
        assert_eq!(net(&lines, &path(&folder, name), &[]).status.code(), Some(0));
        assert!(folder.path().join(name).metadata().unwrap().len() > 100);
    }
}

#[test]
fn what_cannot_be_netted_is_named_by_line_and_column() {
    let folder = TempDir::new().unwrap();
    let out = path(&folder, "net.csv");
    let head = "debtor,creditor,amount\n";
    let cases = [
        (format!("{head}a,b,1\na,b,-5\n"), "line 3, column amount: `-5`"),
        (format!("{head}a,b,NaN\n"), "column amount: `NaN`"),
        (format!("{head}a,b,1.005\n"), "column amount: `1.005`"),
        (format!("{head}a,a,5\n"), "line 2, column creditor: a party cannot owe itself"),
        (format!("{head},b,5\n"), "line 2, column debtor: ``"),
        (format!("{head}a,b,5,6\n"), "line 2: there are 4 cells, but 3 columns"),
        ("debtor,to,amount\na,b,5\n".to_owned(), "no column `creditor`"),
        (head.to_owned(), "no row below the header"),
        ("debtor,creditor,amount,disputed\na,b,5,perhaps\n".to_owned(), "column disputed: `perhaps`"),
    ];
    for (lines, expected) in cases {
        let lines = write(&folder, "lines.csv", lines);
        let output = net(&lines, &out, &["--lang", "en"]);
        assert!(said(&output).contains(expected), "{expected} in {}", said(&output));
        assert_eq!(output.status.code(), Some(2), "{expected}");
        assert!(!folder.path().join("net.csv").exists());
    }
    let lines = write(&folder, "lines.csv", LINES);
    assert!(said(&net(&lines, &path(&folder, "net.pdf"), &[])).contains(".xlsx"));
}
