//! Sheets of every desk: what is filled into a template comes back as the same command.

use desks::DESKS;
use grammar::{
    clerk::Clerk,
    form::{Dice, Flat, Form, Kind, Verb, join},
    kinds::{Day, Id},
    words::Locale,
};
use serde_json::{Value, json};

use super::{
    columns::{RECORD, columns, is_one_text, kind_at, labels},
    read::read,
    rows::{FAULTS_KEPT, Report, report},
    table::{Limits, ReadAs, Row, SheetFault, Table, words},
    template::{template_csv, template_xlsx},
    write::{Column, Shape, write_csv, write_xlsx},
};

mod faults;

fn today() -> Day {
    "2026-03-02".parse().unwrap()
}

fn sample(verb: &Verb, dice: &mut Dice) -> Value {
    let record = |desk: &str, dice: &mut Dice| {
        let desk = if desk.is_empty() { "organisation" } else { desk };
        format!("{desk}-{}", dice.below(1000)).parse::<Id>().ok()
    };
    verb.sample(dice, today(), &record).unwrap()
}

/// Empty lists leave no trace in a sheet; an absent one is the same.
fn without_empty_lists(value: &mut Value) {
    match value {
        Value::Object(fields) => {
            fields.retain(|_, inner| !inner.as_array().is_some_and(Vec::is_empty));
            fields.values_mut().for_each(without_empty_lists);
            fields.retain(|_, inner| !inner.as_object().is_some_and(serde_json::Map::is_empty));
        }
        Value::Array(values) => values.iter_mut().for_each(without_empty_lists),
        _ => {}
    }
}

fn verbs() -> impl Iterator<Item = (&'static dyn Clerk, &'static Verb)> {
    DESKS.iter().flat_map(|clerk| clerk.verbs().iter().map(move |verb| (clerk, verb)))
}

/// Samples of one verb that a sheet can hold, laid flat. Needed lists that are empty cannot be told from
/// forgotten ones in a sheet, so such samples are passed over.
fn samples(clerk: &dyn Clerk, verb: &Verb) -> Vec<(Flat, Value)> {
    let mut dice = Dice::new(7);
    let mut found = Vec::new();
    for _ in 0..400 {
        let mut command = sample(verb, &mut dice);
        without_empty_lists(&mut command);
        let mut flat = flatten(&verb.form, &command);
        if verb.read_flat(&flat).as_ref() == Ok(&command) {
            if !clerk.opens().contains(&verb.name.as_str()) {
                flat.insert(RECORD.into(), format!("{}-{}", clerk.name(), found.len()));
            }
            found.push((flat, command));
        }
        if found.len() == 12 {
            break;
        }
    }
    assert!(found.len() >= 3, "{}/{}: only {} samples fit a sheet", clerk.name(), verb.name, found.len());
    found
}

fn header(bytes: &[u8], name: &str) -> Vec<String> {
    let table = read(bytes, name, &Limits::default()).unwrap();
    assert!(table.rows.is_empty(), "a template has no rows");
    table.header
}

/// Fills samples under the header of a template. Groups beyond its numbered columns go into further ones.
fn filled(
    clerk: &dyn Clerk,
    verb: &Verb,
    mut header: Vec<String>,
    samples: &[(Flat, Value)],
) -> (Vec<Column>, Vec<Vec<String>>) {
    let mut paths: Vec<String> = columns(clerk, verb, 3).into_iter().map(|column| column.path).collect();
    assert_eq!(paths.len(), header.len());
    for path in samples.iter().flat_map(|(flat, _)| flat.keys()) {
        if !paths.contains(path) {
            paths.push(path.clone());
            header.push(path.clone());
        }
    }
    let shape = |path: &String| kind_at(&verb.form, path).map_or(Shape::Text, Shape::of);
    let columns =
        paths.iter().zip(header).map(|(path, label)| Column { label, shape: shape(path) }).collect();
    let row = |flat: &Flat| paths.iter().map(|path| flat.get(path).cloned().unwrap_or_default()).collect();
    (columns, samples.iter().map(|(flat, _)| row(flat)).collect())
}

fn assert_same(report: &Report, samples: &[(Flat, Value)], what: &str) {
    let same_key_twice = |code: &str| code == "duplicate-in-file";
    assert!(report.faults.iter().all(|fault| same_key_twice(&fault.code)), "{what}: {:#?}", report.faults);
    assert_eq!(report.rows, samples.len(), "{what}");
    assert!(!report.good.is_empty(), "{what}");
    for line in &report.good {
        let (flat, command) = &samples[line.row as usize - 2];
        assert_eq!(&line.command, command, "{what}");
        assert_eq!(line.record.map(|id| id.to_string()).as_ref(), flat.get(RECORD), "{what}");
    }
}

#[test]
fn what_is_filled_into_a_template_comes_back_as_the_same_command() {
    for (clerk, verb) in verbs().filter(|(_, verb)| !verb.form.fields.is_empty()) {
        let samples = samples(clerk, verb);
        let what = format!("{}/{}", clerk.name(), verb.name);
        for locale in Locale::BOTH {
            let template = header(&template_xlsx(clerk, verb, locale).unwrap(), "t.xlsx");
            let (columns, rows) = filled(clerk, verb, template, &samples);
            let bytes = write_xlsx(&columns, rows.clone().into_iter()).unwrap();
            let table = read(&bytes, "t.xlsx", &Limits::default()).unwrap();
            assert_same(
                &report(&table, clerk, verb, &nobody),
                &samples,
                &format!("{what} xlsx {}", locale.code()),
            );
        }
        let template = header(&template_csv(clerk, verb, Locale::En).unwrap(), "t.csv");
        let (columns, rows) = filled(clerk, verb, template, &samples);
        let bytes = write_csv(&columns, rows.into_iter()).unwrap();
        let table = read(&bytes, "t.csv", &Limits::default()).unwrap();
        assert_same(&report(&table, clerk, verb, &nobody), &samples, &format!("{what} csv"));
    }
}

#[test]
fn labels_of_a_template_stand_for_one_field_each() {
    for (clerk, verb) in verbs() {
        let columns = columns(clerk, verb, 3);
        for locale in Locale::BOTH {
            let header = labels(clerk, verb, &columns, locale);
            let table = Table { read_as: ReadAs::Utf8, header_row: 1, header, rows: Vec::new() };
            let report = report(&table, clerk, verb, &nobody);
            assert_eq!(report.faults, [], "{}/{} {}", clerk.name(), verb.name, locale.code());
        }
    }
}

/// Nobody is known by a title.
fn nobody(_: &str, _: &str) -> Result<Id, &'static str> {
    Err("no-such-title")
}

fn register() -> (&'static dyn Clerk, &'static Verb) {
    let clerk = DESKS.find("organisation").unwrap();
    (clerk, clerk.verb("register").unwrap())
}

fn reported(text: &str) -> Report {
    let (clerk, verb) = register();
    report(&read(text.as_bytes(), "x.csv", &Limits::default()).unwrap(), clerk, verb, &nobody)
}

fn told(report: &Report) -> Vec<(String, &str)> {
    report.faults.iter().map(|fault| (fault.cell(), fault.code.as_str())).collect()
}

#[test]
fn every_fault_of_a_sheet_is_worded_in_both_languages() {
    let faults = [
        SheetFault::NotASheet,
        SheetFault::OldOrLocked,
        SheetFault::BrokenZip,
        SheetFault::TooLarge { megabytes: 2, max: 1 },
        SheetFault::ZipBomb { max: 1 },
        SheetFault::TooManyRows { max: 1 },
        SheetFault::TooManyColumns { max: 1 },
        SheetFault::TooManyCells { max: 1 },
        SheetFault::TooMuchText { max: 1 },
        SheetFault::Empty,
        SheetFault::TwoColumnsWithOneName { name: "n".into(), first: "A".into(), second: "B".into() },
        SheetFault::BadEncoding { row: 1 },
    ];
    let keys = |locale| words(locale).keys().map(|(s, k)| (s.to_owned(), k.to_owned())).collect::<Vec<_>>();
    assert_eq!(keys(Locale::Zh), keys(Locale::En));
    for (fault, locale) in faults.iter().flat_map(|fault| Locale::BOTH.map(|locale| (fault, locale))) {
        assert!(words(locale).find("sheet", &fault.code()).is_some(), "{fault:?}");
        let sentence = fault.sentence(locale);
        assert!(!sentence.contains(['{', '—']), "{sentence}");
    }
}

/// Every sheet a test reads, cut and changed at random: read or refused, never a stop.
#[test]
fn whatever_the_bytes_are_reading_them_stops_nothing() {
    let (clerk, verb) = register();
    let columns: Vec<Column> = columns(clerk, verb, 3)
        .into_iter()
        .map(|column| Column { label: column.path, shape: Shape::of(&column.kind) })
        .collect();
    let rows = || samples(clerk, verb).into_iter().map(|(flat, _)| flat.into_values().collect::<Vec<_>>());
    let seeds = [
        (write_xlsx(&columns, rows()).unwrap(), "x.xlsx"),
        (template_xlsx(clerk, verb, Locale::Zh).unwrap(), "x.xlsx"),
        (write_csv(&columns, rows()).unwrap(), "x.csv"),
        ("名称;地区\r\n\"甲\n\";\u{feff}".as_bytes().to_vec(), "x.tsv"),
    ];
    let (mut dice, mut outcomes) = (Dice::new(11), [0_u32; 2]);
    for round in 0..3_000 {
        let (bytes, name) = &seeds[round % seeds.len()];
        let mut bytes = bytes.clone();
        if dice.once_in(3) {
            bytes.truncate(dice.below(bytes.len()));
        }
        for _ in 0..dice.below(40) {
            let at = dice.below(bytes.len());
            if let Some(byte) = bytes.get_mut(at) {
                *byte = dice.roll().to_le_bytes()[0];
            }
        }
        let table = read(&bytes, name, &Limits::default());
        outcomes[usize::from(table.is_ok())] += 1;
        if let Ok(table) = table {
            let report = report(&table, clerk, verb, &nobody);
            assert!(report.faults.len() <= FAULTS_KEPT && report.good.len() <= report.rows);
        }
    }
    assert!(outcomes.iter().all(|times| *times > 100), "refused and read: {outcomes:?}");
}

/// The same for the parts of a workbook, packed again so that their sums are right.
#[test]
fn whatever_the_parts_of_a_workbook_are_reading_them_stops_nothing() {
    use std::io::{Cursor, Read, Write};
    let (clerk, verb) = register();
    let book = template_xlsx(clerk, verb, Locale::En).unwrap();
    let mut zip = zip::ZipArchive::new(Cursor::new(&book)).unwrap();
    let parts: Vec<(String, Vec<u8>)> = (0..zip.len())
        .map(|index| {
            let mut part = zip.by_index(index).unwrap();
            let mut bytes = Vec::new();
            part.read_to_end(&mut bytes).unwrap();
            (part.name().unwrap().to_string(), bytes)
        })
        .collect();
    let (mut dice, mut outcomes) = (Dice::new(5), [0_u32; 2]);
    let stored = zip::write::SimpleFileOptions::default().compression_method(zip::CompressionMethod::Stored);
    for _ in 0..1_000 {
        let mut changed = zip::ZipWriter::new(Cursor::new(Vec::new()));
        let which = dice.below(parts.len());
        for (place, (name, bytes)) in parts.iter().enumerate() {
            let mut bytes = bytes.clone();
            for _ in 0..if place == which { 1 + dice.below(6) } else { 0 } {
                let at = dice.below(bytes.len());
                bytes[at] = *dice.one_of(b"<>/\"=&;9A0 \xff:").unwrap();
            }
            changed.start_file(name, stored).unwrap();
            changed.write_all(&bytes).unwrap();
        }
        let bytes = changed.finish().unwrap().into_inner();
        let table = read(&bytes, "x.xlsx", &Limits::default());
        outcomes[usize::from(table.is_ok())] += 1;
    }
    assert!(outcomes.iter().all(|times| *times > 50), "refused and read: {outcomes:?}");
}

#[test]
fn a_template_offers_choices_and_explains_its_columns() {
    let (clerk, verb) = register();
    let bytes = template_xlsx(clerk, verb, Locale::Zh).unwrap();
    let mut book: calamine::Xlsx<_> = calamine::Reader::new(std::io::Cursor::new(&bytes)).unwrap();
    assert_eq!(calamine::Reader::sheet_names(&book), ["数据", "字段说明", "选项"]);
    let fields = calamine::Reader::worksheet_range(&mut book, "字段说明").unwrap();
    let row = |wanted: &str| {
        let found = fields.rows().find(|row| row[0] == wanted).unwrap();
        found.iter().map(ToString::to_string).collect::<Vec<_>>()
    };
    assert_eq!(row("uscc")[1..4], ["统一社会信用代码", "统一社会信用代码", "否"]);
    assert!(row("kind")[4].starts_with("企业、高等院校") && row("kind")[3] == "是");
    assert_eq!(row("established")[5], "800 到 2200");
    let mut zip = zip::ZipArchive::new(std::io::Cursor::new(&bytes)).unwrap();
    let sheet = std::io::read_to_string(zip.by_name("xl/worksheets/sheet1.xml").unwrap()).unwrap();
    assert!(sheet.contains(r#"type="list""#) && sheet.contains("'选项'!$A$2:$A$13"), "{sheet}");
}

#[test]
fn a_list_of_plain_values_is_one_cell_and_more_can_be_numbered() {
    let keywords = Kind::List(Box::new(Kind::Text { max: 20 }), 5);
    let field = |kind| grammar::form::Field { name: "keywords".into(), kind, needed: true };
    let verb = Verb { name: "register".into(), form: grammar::form::Form { fields: vec![field(keywords)] } };
    let (clerk, _) = register();
    let table = |header: &[&str], cells: &[&str]| Table {
        read_as: ReadAs::Utf8,
        header_row: 1,
        header: header.iter().map(|&text| text.to_owned()).collect(),
        rows: vec![Row { number: 2, cells: cells.iter().map(|&text| text.to_owned()).collect() }],
    };
    let list = |table: &Table| {
        report(table, clerk, &verb, &nobody).good.first().map(|l| l.command["keywords"].clone())
    };
    assert_eq!(list(&table(&["关键词"], &["a；b"])), Some(json!(["a", "b"])));
    assert_eq!(list(&table(&["keywords.2", "keywords.5"], &["a;c", "b"])), Some(json!(["a;c", "b"])));
    assert_eq!(list(&table(&["keywords.6"], &["a"])), None);
    let flat = flatten(&verb.form, &json!({ "keywords": ["a;c", "b"] }));
    assert_eq!(flat.keys().collect::<Vec<_>>(), ["keywords.1", "keywords.2"]);
}

/// A command laid flat: the path and the text of every value in it. The reverse of [`Verb::read_flat`].
fn flatten(form: &Form, command: &Value) -> Flat {
    let mut flat = Flat::new();
    for field in &form.fields {
        if let Some(value) = command.get(&field.name).filter(|value| !value.is_null()) {
            flatten_kind(&field.kind, &field.name, value, &mut flat);
        }
    }
    flat
}

fn flatten_kind(kind: &Kind, path: &str, value: &Value, flat: &mut Flat) {
    match (kind, value) {
        (Kind::Personal(inner) | Kind::Sealed(inner), _) => flatten_kind(inner, path, value, flat),
        (Kind::Group(form), _) => {
            flat.extend(flatten(form, value).into_iter().map(|(inner, text)| (join(path, &inner), text)));
        }
        (Kind::Bilingual { .. }, Value::Object(sides)) => {
            let texts = sides.iter().filter_map(|(side, text)| Some((join(path, side), text.as_str()?)));
            flat.extend(texts.map(|(path, text)| (path, text.to_owned())));
        }
        (Kind::List(each, _), Value::Array(values)) => {
            let texts: Vec<String> = values.iter().map(plain_text).collect();
            // A text that holds a divider itself can only stand in a numbered column.
            let is_divided = texts.iter().any(|text| text.contains([';', '；', '\n']));
            if is_one_text(each) && !is_divided {
                if !texts.is_empty() {
                    flat.insert(path.to_owned(), texts.join(";"));
                }
                return;
            }
            for (index, value) in values.iter().enumerate() {
                flatten_kind(each, &join(path, &(index + 1).to_string()), value, flat);
            }
        }
        _ => drop(flat.insert(path.to_owned(), plain_text(value))),
    }
}

fn plain_text(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Bool(yes) => if *yes { "yes" } else { "no" }.to_owned(),
        Value::Null => String::new(),
        other => other.to_string(),
    }
}
