//! Log: the public log as a stranger meets it over HTTP: tiles, keys that change, and a program in another language.

use std::process::{Command, Output};

use chain::{
    Checkpoint, Hash, Memory, Nodes, Verifier, leaf, note,
    tile::{self, Kind, Tile, WIDTH},
    tree,
};
use serde_json::Value;
use tempfile::TempDir;

use crate::region::{Region, Visitor};

const ORIGIN: &str = "kechuang.example/log";
const IMPORT: &str = "/organisation/import/register";

fn key_command(folder: &TempDir, part: &str) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_kechuang"));
    command.env_clear().args(["key", part, "--data"]).arg(folder.path()).output().unwrap()
}

fn keys(output: &Output) -> Vec<String> {
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8_lossy(&output.stdout).lines().map(str::to_owned).collect()
}

fn sheet(begin: usize, rows: usize) -> String {
    let rows = (begin..begin + rows).map(|n| format!("示例企业 {n:05},Firm {n:05},enterprise,310115\n"));
    format!("name.zh,name.en,kind,region\n{}", rows.collect::<String>())
}

/// Opens a house and lets its log grow by so many facts, at least.
fn grown(folder: &TempDir, begin: usize, rows: usize) -> Region {
    let region = Region::open(folder.path(), &["--origin", ORIGIN]);
    let mut visitor = region.visitor();
    visitor.sign_in("admin");
    visitor.bring(IMPORT, &sheet(begin, rows));
    // Whoever asks for a proof has the log sealed at once.
    let list = visitor.get("/api/v1/organisation?limit=1").json();
    let history =
        visitor.get(&format!("/api/v1/organisation/{}/history", list["rows"][0]["id"].as_str().unwrap()));
    let position = history.json()["lines"][0]["position"].as_u64().unwrap();
    assert_eq!(visitor.get(&format!("/proof/{position}")).status, 200);
    region
}

/// The bytes behind an address that must be there.
fn fetch(visitor: &Visitor, path: &str) -> Vec<u8> {
    let answer = visitor.get_bytes(path);
    assert_eq!(answer.0, 200, "{path}");
    answer.1
}

/// The tiles that a client must fetch for a tree of this size, rebuilt bottom up from level 0.
fn rebuild(visitor: &Visitor, checkpoint: &Checkpoint) -> Memory {
    let mut memory = Memory::default();
    for tile in tile::new_tiles(0, checkpoint.size).filter(|tile| tile.kind == Kind::Hashes { level: 0 }) {
        let leaves = tile::hashes(&fetch(visitor, &format!("/log/{tile}"))).unwrap();
        let bundle = fetch(visitor, &format!("/log/{}", Tile { kind: Kind::Entries, ..tile }));
        let entries = tile::entries(&bundle).unwrap();
        assert_eq!((leaves.len() as u64, entries.len() as u64), (tile.width, tile.width));
        for (leaf, entry) in leaves.iter().zip(entries) {
            assert_eq!((entry.len(), *leaf), (32, leaf::leaf_hash(entry)));
            memory.push(*leaf);
        }
    }
    memory
}

fn bytes_of(memory: &Memory, tile: &Tile) -> Vec<u8> {
    let (level, places) = tile.span().unwrap();
    places.flat_map(|place| memory.node(level, place).unwrap().0).collect()
}

#[test]
fn a_stranger_rebuilds_the_whole_log_from_its_tiles() {
    let folder = TempDir::new().unwrap();
    let region = grown(&folder, 0, 600);
    let visitor = region.visitor();
    let key: Verifier = keys(&key_command(&folder, "show"))[0].split("   ").next().unwrap().parse().unwrap();
    let note = String::from_utf8(fetch(&visitor, "/log/checkpoint")).unwrap();
    let checkpoint = Checkpoint::open(&note, &[key]).unwrap().checkpoint;
    assert!(checkpoint.size > 2 * WIDTH, "{} facts", checkpoint.size);
    let memory = rebuild(&visitor, &checkpoint);
    assert_eq!(tree::root(checkpoint.size, &memory).unwrap(), checkpoint.root);
    // Every tile of every tree up to now, in all its widths, says the same.
    for tile in tile::new_tiles(0, checkpoint.size) {
        for width in 1..=tile.width {
            let tile = Tile { width, ..tile };
            assert_eq!(fetch(&visitor, &format!("/log/{tile}")), bytes_of(&memory, &tile), "{tile}");
        }
    }
    for width in 1..=WIDTH {
        let tile = Tile { kind: Kind::Entries, index: 1, width };
        assert_eq!(tile::entries(&fetch(&visitor, &format!("/log/{tile}"))).unwrap().len() as u64, width);
    }
    beyond(&visitor, checkpoint.size);
    headers(&region.url);
}

/// What no signed checkpoint covers, or is spelt in another way, is not there; and nothing can be written.
fn beyond(visitor: &Visitor, size: u64) {
    let last = Tile { kind: Kind::Hashes { level: 0 }, index: size / WIDTH, width: WIDTH };
    let wider = Tile { width: size % WIDTH + 1, ..last };
    let entries = Tile { kind: Kind::Entries, ..wider };
    let paths = [last.to_string(), wider.to_string(), entries.to_string()];
    let more =
        ["tile/0/999", "tile/2/000.p/1", "tile/63/000", "tile/0/0", "tile/0/x000/000", "tile/0/000.p/0"];
    let odd = [
        "tile/0/000.p/256",
        "tile/0/000/",
        "tile/0/../0/000",
        "tile/0/00%30",
        "tile/-1/000",
        "tile/entries/999",
        "",
    ];
    for path in paths.iter().map(String::as_str).chain(more).chain(odd) {
        assert_eq!(visitor.get_bytes(&format!("/log/{path}")).0, 404, "{path}");
    }
    assert_eq!(visitor.get("/log/checkpoint/witnessed").status, 404, "nobody has witnessed it");
    for path in ["/log/checkpoint", "/log/tile/0/000", "/log/add"] {
        assert_eq!(visitor.ask(path, "", &Value::Null).unwrap().status, 405, "{path}");
    }
}

fn headers(url: &str) {
    let of = |path: &str| {
        let answer = ureq::get(format!("{url}/log/{path}")).call().unwrap();
        let header = |name: &str| answer.headers()[name].to_str().unwrap().to_owned();
        (header("content-type"), header("cache-control"))
    };
    let immutable = "public, max-age=31536000, immutable";
    assert_eq!(of("checkpoint"), ("text/plain; charset=utf-8".into(), "public, max-age=1".into()));
    for path in ["tile/0/000", "tile/0/000.p/7", "tile/1/000.p/1", "tile/entries/001"] {
        assert_eq!(of(path), ("application/octet-stream".into(), immutable.into()), "{path}");
    }
}

fn opens(note: &str, keys: &[&Verifier]) -> usize {
    let keys: Vec<Verifier> = keys.iter().map(|key| (*key).clone()).collect();
    note::open(note, &keys).map_or(0, |opened| opened.signatures.len())
}

fn key_of(line: &str) -> Verifier {
    line.split("   ").next().unwrap().parse().unwrap()
}

/// A receipt of a fact, as it is downloaded.
fn receipt(visitor: &Visitor, position: u64) -> chain::Receipt {
    chain::receipt::parse(&visitor.get(&format!("/api/v1/receipts/{position}")).text).unwrap()
}

#[test]
fn keys_change_while_old_receipts_stay_good() {
    let folder = TempDir::new().unwrap();
    let region = grown(&folder, 0, 3);
    let mut signed_in = region.visitor();
    signed_in.sign_in("admin");
    let before = receipt(&signed_in, 5);
    let open = key_command(&folder, "rotate");
    assert_eq!(open.status.code(), Some(1), "an open house keeps its keys");
    drop(region);
    let retired = key_command(&folder, "retire");
    assert_eq!(retired.status.code(), Some(2), "{}", String::from_utf8_lossy(&retired.stderr));

    assert_eq!(keys(&key_command(&folder, "add-sm2")).len(), 2);
    let lines = keys(&key_command(&folder, "rotate"));
    let [old, old_sm2, new, new_sm2] = [0, 1, 2, 3].map(|n| key_of(&lines[n]));
    let region = grown(&folder, 3, 3);
    let visitor = region.visitor();
    let note = visitor.get("/log/checkpoint").text;
    assert_eq!(opens(&note, &[&old, &old_sm2, &new, &new_sm2]), 4, "all sign while they overlap: {note}");
    for key in [&old, &old_sm2, &new, &new_sm2] {
        assert_eq!(opens(&note, &[key]), 1, "each is enough by itself");
    }
    drop(region);

    let lines = keys(&key_command(&folder, "retire"));
    assert!(lines[0].ends_with("retired") && lines[1].ends_with("retired"), "{lines:?}");
    let region = grown(&folder, 6, 3);
    let visitor = region.visitor();
    let after = visitor.get("/log/checkpoint").text;
    assert_eq!((opens(&after, &[&new, &new_sm2]), opens(&after, &[&old, &old_sm2])), (2, 0));
    chain::receipt::verify(&before, &[old]).unwrap();
    signed_in = region.visitor();
    signed_in.sign_in("admin");
    let newest = receipt(&signed_in, 9);
    for key in [new, new_sm2] {
        assert_eq!(
            chain::receipt::verify(&newest, &[key]).unwrap().index,
            9,
            "each key is enough for a receipt"
        );
    }
    let listed = visitor.get("/log/keys").json();
    let until: Vec<bool> =
        listed["keys"].as_array().unwrap().iter().map(|key| key["until"].is_null()).collect();
    assert_eq!(until, [false, false, true, true], "{listed}");
    assert!(!listed.to_string().contains("secret"));
}

#[test]
fn a_power_cut_in_a_change_of_keys_leaves_one_ring() {
    let folder = TempDir::new().unwrap();
    drop(grown(&folder, 0, 3));
    let mut present = keys(&key_command(&folder, "show"));
    for round in 0..12 {
        let part = if present.iter().filter(|line| !line.ends_with("retired")).count() > 1 {
            "retire"
        } else {
            "rotate"
        };
        let mut child = Command::new(env!("CARGO_BIN_EXE_kechuang"))
            .env_clear()
            .args(["key", part, "--data"])
            .arg(folder.path())
            .stdout(std::process::Stdio::null())
            .spawn()
            .unwrap();
        // Each round dies a little later in its work.
        (0..round * 400).for_each(|_| std::thread::yield_now());
        let _ = child.kill();
        child.wait().unwrap();
        let now = keys(&key_command(&folder, "show"));
        let grown = if part == "rotate" { present.len() + 1 } else { present.len() };
        assert!(now == present || now.len() == grown, "{present:?} became {now:?}");
        present = now;
    }
    let region = grown(&folder, 3, 1);
    let note = region.visitor().get("/log/checkpoint").text;
    let signing: Vec<Verifier> =
        present.iter().filter(|line| !line.ends_with("retired")).map(|line| key_of(line)).collect();
    assert_eq!(opens(&note, &signing.iter().collect::<Vec<_>>()), signing.len());
}

/// The hash of a text as another program names it.
fn hex(hash: &Hash) -> String {
    hash.to_string()
}

#[test]
fn a_program_in_another_language_checks_the_running_house() {
    let Some(python) = python() else { return };
    let folder = TempDir::new().unwrap();
    let region = grown(&folder, 0, 5);
    let mut visitor = region.visitor();
    visitor.sign_in("admin");
    let key = key_of(&keys(&key_command(&folder, "show"))[0]).to_string();
    let run = |name: &str, text: &str, key: &str| {
        let file = folder.path().join(name);
        std::fs::write(&file, text).unwrap();
        let verifier = crate::sources::root().join("demo/verify.py");
        let output = Command::new(&python).arg(verifier).arg(file).arg(key).output().unwrap();
        (output.status.success(), String::from_utf8_lossy(&output.stdout).into_owned())
    };
    let good = visitor.get("/api/v1/receipts/4").text;
    let receipt = chain::receipt::parse(&good).unwrap();
    let (is_good, said) = run("receipt.json", &good, &key);
    assert!(is_good && said.contains("fact 4"), "{said}");
    let checkpoint = visitor.get("/log/checkpoint").text;
    let opened = Checkpoint::open(&checkpoint, &[key.parse().unwrap()]).unwrap().checkpoint;
    let (is_good, said) = run("checkpoint", &checkpoint, &key);
    assert!(is_good && said.contains(&hex(&opened.root)), "{said}");

    let other = chain::Signer::from_seed(ORIGIN, [3; 32]).unwrap().verifier().to_string();
    let bad: Vec<(&str, chain::Receipt)> = vec![
        ("fact", chain::Receipt { fact: receipt.fact.replacen('a', "b", 1), ..receipt.clone() }),
        ("salt", chain::Receipt { salt: [0; 32], ..receipt.clone() }),
        ("index", chain::Receipt { index: receipt.index + 1, ..receipt.clone() }),
        ("size", chain::Receipt { size: receipt.size + 1, ..receipt.clone() }),
        ("origin", chain::Receipt { origin: "other".into(), ..receipt.clone() }),
        ("cut", chain::Receipt { proof: receipt.proof.iter().skip(1).copied().collect(), ..receipt.clone() }),
        (
            "long",
            chain::Receipt { proof: [receipt.proof.clone(), vec![opened.root]].concat(), ..receipt.clone() },
        ),
        (
            "signed",
            chain::Receipt {
                checkpoint: receipt.checkpoint.replacen(&format!("\n{}\n", receipt.size), "\n9999\n", 1),
                ..receipt.clone()
            },
        ),
    ];
    for (what, spoiled) in bad {
        let (is_good, said) = run("bad.json", &serde_json::to_string(&spoiled).unwrap(), &key);
        assert!(!is_good, "{what}: {said}");
    }
    assert!(!run("receipt.json", &good, &other).0, "another key");
    assert!(!run("checkpoint", &checkpoint.replace('\n', "\r\n"), &key).0);
}

/// A Python that can check Ed25519, or nothing and a word about it.
fn python() -> Option<String> {
    let has = |name: &str| {
        let probe = Command::new(name).args(["-c", "import cryptography"]).output();
        probe.is_ok_and(|output| output.status.success())
    };
    let found = ["python3", "/usr/bin/python3"].into_iter().find(|name| has(name));
    if found.is_none() {
        println!("skipped: no python3 with the package `cryptography`; ./check installs both on Debian");
    }
    found.map(str::to_owned)
}
