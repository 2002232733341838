//! `kechuang draw`: rows of a file are drawn, the same ones wherever and however the file is written.

use super::*;

const PEOPLE: &str = "name\tshare\tgroup\n赵\t1\tfinance\n钱\t2\ttechnical\n孙\t3\ttechnical\n李\t4\tfinance\n周\t5\ttechnical\n吴\t6\ttechnical\n";

fn draw(list: &str, more: &[&str]) -> Output {
    kechuang(&[&["draw", list, "--seed", "the golden seed", "--take", "3"], more].concat())
}

fn taken(output: &Output) -> Vec<String> {
    assert_eq!(output.status.code(), Some(0), "{}", said(output));
    let drawn: serde_json::Value = serde_json::from_str(&printed(output)).unwrap();
    let names = |key: &str| {
        drawn[key]
            .as_array()
            .unwrap()
            .iter()
            .map(|row| row["id"].as_str().unwrap().to_owned())
            .collect::<Vec<_>>()
    };
    [names("taken"), names("spare")].concat()
}

#[test]
fn every_format_and_every_order_of_rows_gives_the_same_people() {
    let folder = TempDir::new().unwrap();
    let flags =
        ["--json", "--spare", "2", "--weight", "share", "--stratum", "group", "--at-most", "finance=1"];
    let first = taken(&draw(&write(&folder, "a.tsv", PEOPLE), &flags));
    assert_eq!(first, ["周", "吴", "李", "钱", "赵"]);

    let mut turned: Vec<&str> = PEOPLE.lines().collect();
    turned[1..].reverse();
    let csv = turned.join("\n").replace('\t', ",");
    assert_eq!(taken(&draw(&write(&folder, "b.csv", &csv), &flags)), first);

    let rows = PEOPLE.lines().skip(1).map(|line| {
        let cells: Vec<&str> = line.split('\t').collect();
        serde_json::json!({ "name": cells[0], "share": cells[1].parse::<u32>().unwrap(), "group": cells[2] })
    });
    let rows: Vec<serde_json::Value> = rows.collect();
    let list = write(&folder, "c.json", serde_json::Value::from(rows.clone()).to_string());
    assert_eq!(taken(&draw(&list, &flags)), first);
    let lines: Vec<String> = rows.iter().map(ToString::to_string).collect();
    assert_eq!(taken(&draw(&write(&folder, "d.jsonl", lines.join("\n")), &flags)), first);

    let mut book = rust_xlsxwriter::Workbook::new();
    let sheet = book.add_worksheet();
    for (row, line) in (0..).zip(PEOPLE.lines()) {
        for (column, cell) in (0..).zip(line.split('\t')) {
            match cell.parse::<f64>() {
                Ok(number) => sheet.write_number(row, column, number).unwrap(),
                Err(_) => sheet.write_string(row, column, cell).unwrap(),
            };
        }
    }
    let book = write(&folder, "e.xlsx", book.save_to_buffer().unwrap());
    assert_eq!(taken(&draw(&book, &flags)), first);
}

#[test]
fn people_read_who_was_drawn_and_how_to_do_it_again() {
    let folder = TempDir::new().unwrap();
    let list = write(&folder, "a.tsv", PEOPLE);
    let output = draw(&list, &["--stratum", "group", "--at-least", "1", "--spare", "1"]);
    assert_eq!(output.status.code(), Some(0), "{}", said(&output));
    let text = printed(&output);
    assert!(text.starts_with("Drawn: 3 of 6\n   1  "), "{text}");
    assert!(text.contains("finance") && text.contains("technical"), "{text}");
    assert!(text.contains("Substitutes") && text.contains("gets the same result"), "{text}");
    assert_eq!(printed(&draw(&list, &["--stratum", "group", "--at-least", "1", "--spare", "1"])), text);
    assert_ne!(printed(&draw(&list, &["--label", "other"])), printed(&draw(&list, &[])));
    let chinese = printed(&draw(&list, &["--lang", "zh"]));
    assert!(chinese.starts_with("从 6 个中抽取 3 个"), "{chinese}");
}

#[test]
fn what_cannot_be_drawn_is_told_with_its_place() {
    let folder = TempDir::new().unwrap();
    for (name, text, flags, part) in [
        (
            "a.csv",
            "name,share\na,1\nb,0\n",
            &["--weight", "share"][..],
            "a.csv, line 3, column share: `0` is no weight",
        ),
        (
            "b.csv",
            "name,share\na,1\nb,1.5\n",
            &["--weight", "share"],
            "line 3, column share: `1.5` is no weight",
        ),
        ("c.csv", "name,share\na,1\n,1\n", &[], "line 3, column name: the row has no id"),
        ("d.csv", "name\na\nb\na\n", &[], "line 4, column name: `a` is on line 2 already"),
        ("e.csv", "name\na\nb\nc\n", &["--weight", "w"], "there is no column `w`. The columns are: name."),
        ("f.csv", "name\na\nb\n", &[], "3 are to be drawn; there are 2 in all"),
        (
            "g.csv",
            "name,g\na,x\nb,x\nc,y\n",
            &["--stratum", "g", "--at-least", "y=2"],
            "at least 2 of the group “y”; the group “y” has 1",
        ),
        (
            "h.csv",
            "name,g\na,x\nb,x\nc,y\n",
            &["--stratum", "g", "--at-most", "x=1"],
            "3 are to be drawn; there are 3 in all; at most 1 of the group “x”",
        ),
        (
            "i.csv",
            "name,g\na,x\n",
            &["--stratum", "g", "--at-most", "z=1"],
            "there is no group `z`. The groups are: x.",
        ),
        ("j.csv", "name,g\na,x\n", &["--stratum", "g", "--at-most", "x=many"], "--at-most x=many"),
        ("k.json", "{\"name\":1}", &[], "line 1: this is not a list of JSON objects"),
        ("l.csv", "name\n", &[], "no row below the header"),
    ] {
        let output = draw(&write(&folder, name, text), flags);
        assert_eq!(output.status.code(), Some(2), "{name}: {}", said(&output));
        assert!(said(&output).contains(part), "{name}: {}", said(&output));
        assert!(printed(&output).is_empty(), "{name}");
    }
    let long = format!("name\n{}\n", "x".repeat(401));
    let output = draw(&write(&folder, "m.csv", long), &[]);
    assert!(
        said(&output).contains("line 2, column name: the text has more than 400 bytes"),
        "{}",
        said(&output)
    );
}
