//! `kechuang border`: two regions in two programs, one of which dies half-way.

use std::{
    io::{BufRead, BufReader},
    process::{Child, Stdio},
};

use chain::{Verifier, note};

use super::*;

const SHANGHAI: &str = "310000";
const ZHEJIANG: &str = "330000";
const HEAD: &str = "order,debtor,creditor,amount,effective,corrects\n";
/// Looks at what goes on in other processes; each takes some milliseconds.
const LOOKS_MAX: usize = 3_000;

/// One side: its folder and key, and its program while it runs. Dropping it kills it.
struct Side {
    folder: TempDir,
    key: String,
    child: Option<Child>,
}

impl Side {
    fn found(name: &str, region: &str) -> Self {
        let folder = TempDir::new().unwrap();
        let mut side = Self { folder, key: String::new(), child: None };
        side.key = side.ok("found", &[name, region]).trim().to_owned();
        side
    }

    fn data(&self) -> String {
        self.folder.path().display().to_string()
    }

    fn ask(&self, part: &str, more: &[&str]) -> Output {
        kechuang(&[&["border", part], more, &["--data", &self.data(), "--lang", "en"]].concat())
    }

    fn ok(&self, part: &str, more: &[&str]) -> String {
        let output = self.ask(part, more);
        assert!(output.status.success(), "{part} {more:?}: {}", said(&output));
        printed(&output)
    }

    fn claim(&self, run: &str, lines: &str) {
        let file = write(&self.folder, "claims.csv", format!("{HEAD}{lines}"));
        self.ok("claim", &[run, &file]);
    }

    /// Opens it at an address, and says which.
    fn open(&mut self, listen: &str) -> String {
        let mut child = Command::new(env!("CARGO_BIN_EXE_kechuang"))
            .args(["border", "open", "--listen", listen, "--lang", "en", "--data", &self.data()])
            .env_clear()
            .stdout(Stdio::piped())
            .stderr(std::fs::File::create(self.folder.path().join("stderr.txt")).unwrap())
            .spawn()
            .unwrap();
        let line = BufReader::new(child.stdout.take().unwrap()).lines().next().unwrap().unwrap();
        self.child = Some(child);
        line.split("http://").nth(1).unwrap().split(' ').next().unwrap().to_owned()
    }

    fn kill(&mut self) {
        if let Some(mut child) = self.child.take() {
            child.kill().unwrap();
            child.wait().unwrap();
        }
    }

    fn log(&self) -> String {
        std::fs::read_to_string(self.folder.path().join("log.jsonl")).unwrap_or_default()
    }

    fn complaints(&self) -> String {
        std::fs::read_to_string(self.folder.path().join("stderr.txt")).unwrap_or_default()
    }

    /// What it shows of a run once it says this.
    fn shows(&self, run: &str, part: &str) -> String {
        let mut shown = String::new();
        for _ in 0..LOOKS_MAX {
            shown = self.ok("show", &[run]);
            if shown.contains(part) {
                return shown;
            }
        }
        panic!("never `{part}` in\n{shown}\n{}", self.complaints())
    }
}

impl Drop for Side {
    fn drop(&mut self) {
        if let Some(mut child) = self.child.take() {
            let _ = child.kill();
            let _ = child.wait();
        }
    }
}

/// Two sides that trust each other's keys and run. Addresses are known only once a side runs, so one is trusted anew.
fn sides() -> (Side, Side) {
    let (mut shanghai, mut zhejiang) =
        (Side::found("sh.example/border", SHANGHAI), Side::found("zj.example/border", ZHEJIANG));
    let here = shanghai.open("127.0.0.1:0");
    zhejiang.ok("trust", &[&shanghai.key, SHANGHAI, &format!("http://{here}")]);
    let there = zhejiang.open("127.0.0.1:0");
    shanghai.ok("trust", &[&zhejiang.key, ZHEJIANG, &format!("http://{there}/")]);
    (shanghai, zhejiang)
}

const OURS: &str = "order-1,330000,310000,500,2031-03-20,\norder-2,330000,310000,60,2031-03-21,\n\
    order-3,310000,330000,200.50,2031-03-22,\norder-4,330000,310000,9,2031-03-23,\n";

#[test]
fn two_programs_settle_although_one_is_killed_half_way() {
    let (mut shanghai, mut zhejiang) =
        (Side::found("sh.example/border", SHANGHAI), Side::found("zj.example/border", ZHEJIANG));
    let here = shanghai.open("127.0.0.1:0");
    zhejiang.ok("trust", &[&shanghai.key, SHANGHAI, &format!("http://{here}")]);
    shanghai.claim("2031-q1", OURS);
    // Zhejiang has another amount for order-2, does not know order-4, and has an order of its own.
    let theirs = OURS.replace(",60,", ",59,").replace("order-4,330000,310000,9,", "order-5,330000,310000,7,");
    zhejiang.claim("2031-q1", &theirs);
    zhejiang.open("127.0.0.1:0");
    // It has read the other's lines and signed, and the other has not: now it dies, with half a line in its log, as a machine
    // leaves it that loses its power.
    let mut looks = 0;
    while !zhejiang.log().contains("\"said\":\"signs\"") {
        zhejiang.ok("show", &["2031-q1"]);
        looks += 1;
        assert!(looks < LOOKS_MAX, "{}", zhejiang.complaints());
    }
    zhejiang.kill();
    assert!(!shanghai.log().contains("signs"));
    let torn = format!("{}{{\"said\":\"disp", zhejiang.log());
    std::fs::write(zhejiang.folder.path().join("log.jsonl"), torn).unwrap();
    let there = zhejiang.open("127.0.0.1:0");
    shanghai.ok("trust", &[&zhejiang.key, ZHEJIANG, &format!("http://{there}")]);

    let shown = shanghai.shows("2031-q1", "both have signed");
    let other = zhejiang.shows("2031-q1", "both have signed");
    let statement = |shown: &str| {
        shown.split("kechuang clearing").nth(1).unwrap().split("\n\n").next().unwrap().to_owned()
    };
    assert_eq!(statement(&shown), statement(&other), "both see the same");
    assert!(
        shown.contains("2 lines count, 3 wait. 310000 owes 200.50 yuan, 330000 owes 500.00 yuan"),
        "{shown}"
    );
    assert!(shown.contains("order-2 waits: both have it, but not the same"), "{shown}");
}

#[test]
fn the_statement_bears_both_signatures_and_is_the_same_on_both_sides() {
    let (shanghai, zhejiang) = sides();
    shanghai.claim("2031-q2", OURS);
    zhejiang.claim("2031-q2", OURS);
    let note_of = |side: &Side| {
        let shown = side.shows("2031-q2", "both have signed");
        format!("kechuang clearing{}", shown.split("kechuang clearing").nth(1).unwrap()).trim_end().to_owned()
            + "\n"
    };
    let keys: Vec<Verifier> = [&shanghai, &zhejiang].iter().map(|side| side.key.parse().unwrap()).collect();
    let texts: Vec<String> = [&shanghai, &zhejiang]
        .iter()
        .map(|side| {
            let signed = note_of(side);
            let opened = note::open(&signed, &keys).unwrap();
            assert_eq!(opened.signatures.len(), 2, "{signed}");
            opened.text.to_owned()
        })
        .collect();
    assert_eq!(texts[0], texts[1]);
    assert!(
        texts[0].contains("330000 owes 56900\n") && texts[0].contains("310000 owes 20050\n"),
        "{}",
        texts[0]
    );
    let late = shanghai.ask("dispute", &["2031-q2", "order-1", "too late"]);
    assert_eq!(late.status.code(), Some(2));
    assert!(said(&late).contains("is signed by both sides"), "{}", said(&late));
}

#[test]
fn a_person_disputes_a_line_before_the_other_side_has_stated_and_no_other_line_waits() {
    let (shanghai, zhejiang) = sides();
    zhejiang.claim("2031-q3", OURS);
    zhejiang.ok("dispute", &["2031-q3", "order-1", "no report yet"]);
    let none = zhejiang.ask("dispute", &["2031-q3", "order-9", "what is this"]);
    assert!(said(&none).contains("Neither side has a line for order-9"), "{}", said(&none));
    let none = zhejiang.ask("end", &["2031-q3", "order-2", "fine"]);
    assert!(said(&none).contains("does not dispute order-2"), "{}", said(&none));
    shanghai.claim("2031-q3", OURS);
    let shown = shanghai.shows("2031-q3", "both have signed");
    assert!(
        shown.contains("3 lines count, 1 wait") && shown.contains("order-1 waits: disputed, no report yet"),
        "{shown}"
    );
}

#[test]
fn a_side_that_rewrites_its_log_is_found_out_and_nothing_of_it_is_kept() {
    let (mut shanghai, zhejiang) = sides();
    shanghai.claim("2031-q4", OURS);
    zhejiang.shows("2031-q4", "4 wait");
    shanghai.kill();
    let log = shanghai.log().replace("\"fen\":50000", "\"fen\":90000");
    std::fs::write(shanghai.folder.path().join("log.jsonl"), log).unwrap();
    let here = shanghai.open("127.0.0.1:0");
    zhejiang.ok("trust", &[&shanghai.key, SHANGHAI, &format!("http://{here}")]);
    let mut looks = 0;
    while !zhejiang.complaints().contains("its log is not the one it showed before") {
        zhejiang.ok("show", &["2031-q4"]);
        looks += 1;
        assert!(looks < LOOKS_MAX, "{}", zhejiang.complaints());
    }
    let copy = std::fs::read_dir(zhejiang.folder.path()).unwrap();
    let copy =
        copy.map(|file| file.unwrap().path()).find(|path| path.display().to_string().contains("copy-310000"));
    assert!(std::fs::read_to_string(copy.unwrap()).unwrap().contains("\"fen\":50000"));
    let clash = zhejiang
        .ask("trust", &[&Side::found("sh.example/border", SHANGHAI).key, SHANGHAI, "http://127.0.0.1:1"]);
    assert!(said(&clash).contains("known with another key"), "{}", said(&clash));
}

#[test]
fn a_house_takes_in_what_the_other_log_proves_and_later_runs_only_from_there_on() {
    use chain::Seen;
    use desks::settlement::{Proof, Statement};

    let (shanghai, zhejiang) = sides();
    let key: Verifier = zhejiang.key.parse().unwrap();
    let ours: Verifier = shanghai.key.parse().unwrap();
    let early = shanghai.ask("export", &["2031-q1", ZHEJIANG]);
    assert!(said(&early).contains("is not signed by both sides yet"), "{}", said(&early));
    let mut seen = Seen::nothing();
    for run in ["2031-q1", "2031-q2"] {
        shanghai.claim(run, OURS);
        zhejiang.claim(run, OURS);
        shanghai.shows(run, "both have signed");
        let since = seen.size.to_string();
        let file = shanghai.ok("export", &[run, ZHEJIANG, "--since", &since]);
        let proof: Proof = serde_json::from_str(&file).unwrap();
        let before = seen;
        seen = proof.theirs.verify(&key, before).unwrap();
        assert!(seen.size > before.size);
        let signs: serde_json::Value = serde_json::from_str(&proof.theirs.line).unwrap();
        let both = format!("{}{}\n", signs["note"].as_str().unwrap(), proof.ours);
        let opened = note::open(&both, &[ours.clone(), key.clone()]).unwrap();
        assert_eq!(opened.signatures.len(), 2);
        let statement = Statement::read(opened.text).unwrap();
        assert_eq!((statement.run.as_str(), statement.counting.len()), (run, 4));
        let changed = file.replacen("2031-q", "2032-q", 1);
        let changed: Proof = serde_json::from_str(&changed).unwrap();
        assert!(changed.theirs.verify(&key, before).is_err(), "the log has no such line");
    }
    let ahead = shanghai.ask("export", &["2031-q2", ZHEJIANG, "--since", "999"]);
    assert!(said(&ahead).contains("fewer than 999 lines"), "{}", said(&ahead));
    let nobody = shanghai.ask("export", &["2031-q2", "320000"]);
    assert!(said(&nobody).contains("No other side of region 320000 is trusted"), "{}", said(&nobody));
}
