//! Bytes from outside, spoiled by chance: whatever reads them says what is wrong and goes on, within its limits.
//!
//! `FUZZ_STEPS=n` spoils more often. The log's own parsers have tests of their own in `chain`.

use std::{
    io::{Read, Write},
    net::{Shutdown, TcpStream},
    time::Duration,
};

use desks::DESKS;
use grammar::{
    form::{Dice, Flat},
    fuzz::spoil,
    kinds::Id,
    rules::Rules,
    words::{Locale, Words},
};
use serde_json::Value;
use tempfile::TempDir;
use window::sheet::{self, Limits};

use crate::region::Region;

/// What a house may hold in memory after all of it, in kilobytes.
const MEMORY_KB_MAX: u64 = 1_500_000;
const WAIT: Duration = Duration::from_secs(20);

fn steps(usual: usize) -> usize {
    std::env::var("FUZZ_STEPS").ok().and_then(|steps| steps.parse().ok()).unwrap_or(usual)
}

fn workbook() -> Vec<u8> {
    let mut book = rust_xlsxwriter::Workbook::new();
    let page = book.add_worksheet();
    for row in 0..6 {
        page.write_string(row, 0, format!("名称 {row}")).unwrap();
        page.write_number(row, 1, f64::from(row) * 1.5).unwrap();
        page.write_boolean(row, 2, row % 2 == 0).unwrap();
    }
    book.save_to_buffer().unwrap()
}

#[test]
fn a_spoiled_sheet_is_read_within_its_limits_or_refused_in_words() {
    let limits = Limits {
        bytes: 1 << 20,
        unpacked: 4 << 20,
        rows: 500,
        columns: 50,
        cells: 5_000,
        text: 1 << 20,
        ..Limits::default()
    };
    let text = "名称,金额,\"a \"\"quoted\"\" cell\"\n甲,1,x\n乙,2,\"y\nz\"\n";
    let (old, _, _) = encoding_rs::GB18030.encode(text);
    let wide: Vec<u8> = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
    let seeds = [
        ("a.csv", text.as_bytes().to_vec()),
        ("a.tsv", text.replace(',', "\t").into_bytes()),
        ("a.csv", old.into_owned()),
        ("a.csv", [b"\xff\xfe".to_vec(), wide].concat()),
        ("a.xlsx", workbook()),
        ("a.csv", workbook()),
    ];
    let (mut dice, mut read, mut refused) = (Dice::new(1), 0, 0);
    for _ in 0..steps(4_000) {
        let (name, bytes) = dice.one_of(&seeds).unwrap().clone();
        match sheet::read(&spoil(&bytes, &mut dice), name, &limits) {
            Ok(table) => {
                assert!(table.rows.len() <= 500 && table.rows.iter().all(|row| row.cells.len() <= 50));
                read += 1;
            }
            Err(fault) => {
                assert!(Locale::BOTH.iter().all(|locale| !fault.sentence(*locale).is_empty()));
                refused += 1;
            }
        }
    }
    assert!(read > 10 && refused > 10, "{read} {refused}");
}

#[test]
fn a_workbook_whose_parts_are_spoiled_is_read_or_refused() {
    let limits = Limits {
        bytes: 1 << 20,
        unpacked: 4 << 20,
        rows: 500,
        columns: 50,
        cells: 5_000,
        text: 1 << 20,
        ..Limits::default()
    };
    let whole = workbook();
    let mut archive = zip::ZipArchive::new(std::io::Cursor::new(&whole)).unwrap();
    let parts: Vec<(String, Vec<u8>)> = (0..archive.len())
        .map(|at| {
            let mut part = archive.by_index(at).unwrap();
            let mut bytes = Vec::new();
            part.read_to_end(&mut bytes).unwrap();
            (part.name().unwrap().into_owned(), bytes)
        })
        .collect();
    let (mut dice, mut read, mut refused) = (Dice::new(2), 0, 0);
    for _ in 0..steps(400) {
        let chosen = dice.below(parts.len());
        let mut packed = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
        for (at, (name, bytes)) in parts.iter().enumerate() {
            packed.start_file(name.as_str(), zip::write::SimpleFileOptions::default()).unwrap();
            let bytes = if at == chosen { spoil(bytes, &mut dice) } else { bytes.clone() };
            packed.write_all(&bytes).unwrap();
        }
        let bytes = packed.finish().unwrap().into_inner();
        match sheet::read(&bytes, "a.xlsx", &limits) {
            Ok(_) => read += 1,
            Err(_) => refused += 1,
        }
    }
    assert!(read > 10 && refused > 10, "{read} {refused}");
}

/// A command of any desk, as JSON, and as a form with what a page would send.
fn sample(dice: &mut Dice) -> Option<(&'static str, String, Value)> {
    let clerks: Vec<_> = DESKS.iter().collect();
    let clerk = *dice.one_of(&clerks)?;
    let verb = dice.one_of(clerk.verbs())?;
    let some = |desk: &str, dice: &mut Dice| {
        format!("{desk}-{:04x}", dice.below(65_536)).trim_start_matches('-').parse::<Id>().ok()
    };
    let command = verb.sample(dice, "2026-03-02".parse().ok()?, &some)?;
    Some((clerk.name(), verb.name.clone(), command))
}

fn flat(path: &str, value: &Value, out: &mut Flat) {
    let at = |step: &str| if path.is_empty() { step.to_owned() } else { format!("{path}.{step}") };
    match value {
        Value::Object(fields) => fields.iter().for_each(|(name, value)| flat(&at(name), value, out)),
        Value::Array(values) => {
            values.iter().zip(1..).for_each(|(value, n)| flat(&at(&n.to_string()), value, out))
        }
        Value::String(text) => drop(out.insert(path.to_owned(), text.clone())),
        other => drop(out.insert(path.to_owned(), other.to_string())),
    }
}

#[test]
fn a_spoiled_command_is_a_fault_beside_its_field_or_one_that_its_desk_can_read() {
    let (mut dice, mut taken, mut faulty) = (Dice::new(3), 0, 0);
    for _ in 0..steps(6_000) {
        let Some((desk, name, command)) = sample(&mut dice) else { continue };
        let clerk = DESKS.find(desk).unwrap();
        let verb = clerk.verb(&name).unwrap();
        let mut fields = command;
        fields.as_object_mut().unwrap().remove("verb");
        let bytes = spoil(fields.to_string().as_bytes(), &mut dice);
        let mut read = Vec::new();
        if let Ok(json) = serde_json::from_slice::<Value>(&bytes) {
            read.push(verb.read_json(&json));
        }
        let mut form = Flat::new();
        flat("", &fields, &mut form);
        let form = form.into_iter().map(|(name, text)| {
            let text = if dice.once_in(3) { spoil(text.as_bytes(), &mut dice) } else { text.into_bytes() };
            let name = if dice.once_in(20) { spoil(name.as_bytes(), &mut dice) } else { name.into_bytes() };
            (String::from_utf8_lossy(&name).into_owned(), String::from_utf8_lossy(&text).into_owned())
        });
        read.push(verb.read_flat(&form.collect()));
        for command in read {
            match command {
                Ok(mut command) => {
                    verb.form.cover(&mut command);
                    assert!(clerk.who(&command).is_some(), "{desk} took what it cannot read: {command}");
                    taken += 1;
                }
                Err(faults) => {
                    assert!(!faults.is_empty());
                    faulty += 1;
                }
            }
        }
    }
    assert!(taken > 100 && faulty > 100, "{taken} {faulty}");
}

#[test]
fn spoiled_rules_and_words_are_read_or_refused() {
    let (mut dice, mut read, mut refused) = (Dice::new(4), 0, 0);
    let clerks: Vec<_> = DESKS.iter().collect();
    for _ in 0..steps(1_000) {
        let clerk = *dice.one_of(&clerks).unwrap();
        let text = spoil(clerk.rules().as_bytes(), &mut dice);
        let text = String::from_utf8_lossy(&text);
        let outcome =
            Rules::default().read(clerk.name(), &text).is_ok() && Words::read(Locale::En, &text).is_ok();
        *(if outcome { &mut read } else { &mut refused }) += 1;
    }
    assert!(refused > 100, "{read} {refused}");
}

/// Requests as a browser or program would send them, whole.
fn requests() -> Vec<Vec<u8>> {
    let post = |path: &str, kind: &str, body: &[u8]| {
        let head = format!(
            "POST {path} HTTP/1.1\r\nHost: x\r\nContent-Type: {kind}\r\nContent-Length: {}\r\nConnection: close\r\n\r\n",
            body.len()
        );
        [head.as_bytes(), body].concat()
    };
    let get = |path: &str| {
        let cookies =
            "Cookie: lang=zh; session=abc; theme=dark; text=large\r\nAuthorization: Bearer kc_00\r\n";
        format!("GET {path} HTTP/1.1\r\nHost: x\r\nAccept-Language: zh-CN,en;q=0.5\r\n{cookies}Connection: close\r\n\r\n").into_bytes()
    };
    let upload = b"--edge\r\nContent-Disposition: form-data; name=\"receipt\"; filename=\"a.json\"\r\n\r\n{\"v\":1}\r\n--edge\r\nContent-Disposition: form-data; name=\"csrf\"\r\n\r\nx\r\n--edge--\r\n";
    vec![
        get("/need?q=%E5%85%89&status=published&region=310000&sort=newest&after=abc&page=2"),
        get("/find?q=%F0%9F%98%80&trl=3&budget=100"),
        get("/look?lang=zh&back=%2Fneed"),
        get("/api/v1/need?cursor=abc&limit=5&party=person-1"),
        get("/proof/0/receipt.json"),
        post("/sign-in", "application/x-www-form-urlencoded", b"login=a&password=b%20c&csrf=&key=1"),
        post("/proof", "multipart/form-data; boundary=edge", upload),
        post("/api/v1/files", "multipart/form-data; boundary=edge", upload),
        post("/api/v1/need/draft", "application/json", b"{\"title\":{\"zh\":\"x\"},\"region\":\"310000\"}"),
        post("/api/v1/draw/open", "application/json", b"{\"list\":\"A; x; 1\",\"take\":1}"),
    ]
}

/// Sends bytes as they are; gives the status of the answer, or nothing when the house hung up.
fn send(address: &str, bytes: &[u8]) -> Option<u16> {
    let mut line = TcpStream::connect(address).unwrap();
    line.set_read_timeout(Some(WAIT)).unwrap();
    let _ = line.write_all(bytes);
    let _ = line.shutdown(Shutdown::Write);
    let mut answer = Vec::new();
    let _ = line.take(4 << 20).read_to_end(&mut answer);
    let text = String::from_utf8_lossy(&answer);
    text.strip_prefix("HTTP/1.1 ")?.get(..3)?.parse().ok()
}

#[test]
fn spoiled_requests_are_answered_and_the_house_stays_open() {
    let folder = TempDir::new().unwrap();
    let region = Region::open(folder.path(), &["--demo=no"]);
    let address = region.url.trim_start_matches("http://").to_owned();
    let (mut dice, mut answered) = (Dice::new(5), 0);
    let requests = requests();
    for _ in 0..steps(1_200) {
        let bytes = spoil(dice.one_of(&requests).unwrap(), &mut dice);
        if let Some(status) = send(&address, &bytes) {
            assert!(status < 500, "{status}: {}", String::from_utf8_lossy(&bytes));
            answered += 1;
        }
    }
    assert!(answered > 100, "{answered}");
    assert_eq!(region.visitor().get("/").status, 200);
    if let Some(most) = region.memory_kb_max() {
        assert!(most < MEMORY_KB_MAX, "{most} kB");
    }
}
