//! Witness: a real house and a real witness, two processes, and those who would like the witness to lie.

use std::{
    io::{BufRead, BufReader},
    path::Path,
    process::{Child, Command, Stdio},
};

use chain::{Checkpoint, Hash, Memory, Signer, Verifier, leaf, note, proof, tree, witness::Request};
use tempfile::TempDir;

use crate::region::{LOOKS_MAX, Region};

const ORIGIN: &str = "other.example/log";
const NAMED: [&str; 2] = ["--name", "witness.example/w1"];

fn witness_command(folder: &Path, part: &[&str]) -> std::process::Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_kechuang"));
    command.env_clear().arg("witness").args(part).arg("--data").arg(folder).output().unwrap()
}

fn said(output: &std::process::Output) -> String {
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8_lossy(&output.stdout).trim().to_owned()
}

/// A witness that serves. Dropping it kills it.
struct Witness {
    child: Child,
    url: String,
    agent: ureq::Agent,
}

impl Witness {
    /// Opens it; its name is said when it first serves, and kept.
    fn open(folder: &Path, name: &[&str]) -> Self {
        let mut child = Command::new(env!("CARGO_BIN_EXE_kechuang"))
            .args(["witness", "--listen", "127.0.0.1:0", "--data"])
            .arg(folder)
            .args(name)
            .env_clear()
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let line = BufReader::new(child.stdout.take().unwrap()).lines().next().unwrap().unwrap();
        let url = line.split("http://").nth(1).unwrap().split(' ').next().unwrap();
        // Each request comes alone: one that waits in a pool may have been closed by the other side just now.
        let config =
            ureq::Agent::config_builder().http_status_as_error(false).proxy(None).max_idle_connections(0);
        Self { child, url: format!("http://{url}"), agent: config.build().new_agent() }
    }

    /// Status, content type and body.
    fn post(&self, body: &[u8]) -> (u16, String, String) {
        let mut answer = self.agent.post(format!("{}/add-checkpoint", self.url)).send(body).unwrap();
        let kind = answer.headers()["content-type"].to_str().unwrap().to_owned();
        (answer.status().as_u16(), kind, answer.body_mut().read_to_string().unwrap())
    }

    fn add(&self, request: &Request) -> (u16, String) {
        let (status, _, body) = self.post(request.to_string().as_bytes());
        (status, body)
    }

    fn kill(mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }
}

impl Drop for Witness {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// A log of another program, in memory.
struct Log {
    memory: Memory,
    signer: Signer,
}

impl Log {
    fn new(mark: &str, size: u64) -> Self {
        let mut memory = Memory::default();
        // The first five are the same in every log of these tests: forks begin after them.
        (0..size).for_each(|n| {
            memory.push(leaf::leaf_hash(format!("{} {n}", if n < 5 { "" } else { mark }).as_bytes()))
        });
        Self { memory, signer: Signer::from_seed(ORIGIN, [1; 32]).unwrap() }
    }

    fn checkpoint(&self, size: u64) -> String {
        let root = tree::root(size, &self.memory).unwrap();
        Checkpoint { origin: ORIGIN.into(), size, root }.sign(&self.signer).unwrap()
    }

    fn request(&self, old: u64, new: u64) -> Request {
        Request {
            old,
            proof: proof::consistency(old, new, &self.memory).unwrap(),
            checkpoint: self.checkpoint(new),
        }
    }
}

/// A witness in a folder that follows the other log, and its key.
fn founded(folder: &TempDir) -> Verifier {
    let log = Log::new("", 0).signer.verifier().to_string();
    said(&witness_command(folder.path(), &["follow", &log]));
    said(&witness_command(folder.path(), &["key"])).parse().unwrap()
}

#[test]
fn a_witness_answers_as_the_standard_says_and_never_cosigns_a_fork() {
    let folder = TempDir::new().unwrap();
    drop(Witness::open(folder.path(), &NAMED));
    let key = founded(&folder);
    assert_eq!(key.name(), "witness.example/w1");
    let witness = Witness::open(folder.path(), &NAMED);
    let (log, fork) = (Log::new("log", 300), Log::new("fork", 300));

    let (status, line) = witness.add(&log.request(0, 10));
    assert_eq!(status, 200, "{line}");
    let cosigned = format!("{}{line}", log.checkpoint(10));
    let opened = note::open(&cosigned, std::slice::from_ref(&key)).unwrap();
    assert!(opened.signatures[0].time.is_some());

    let conflict = |request: &Request, seen: &str| {
        let (status, kind, body) = witness.post(request.to_string().as_bytes());
        assert_eq!((status, kind.as_str(), body.as_str()), (409, "text/x.tlog.size", seen));
    };
    conflict(&log.request(0, 20), "10\n");
    conflict(&log.request(5, 8), "10\n");
    conflict(&log.request(7, 20), "10\n");
    conflict(&fork.request(10, 10), "10\n");
    let refused = |request: &Request, status: u16| {
        let (is, body) = witness.add(request);
        assert_eq!(is, status, "{body}");
        assert!(!body.contains('—'), "{body}");
    };
    refused(&fork.request(10, 20), 422);
    refused(&Request { proof: vec![], ..log.request(10, 20) }, 422);
    refused(&Request { proof: vec![Hash([0; 32]); 63], ..log.request(10, 20) }, 422);
    refused(&Request { old: 11, ..log.request(10, 10) }, 400);
    let stranger = Signer::from_seed("stranger.example/log", [1; 32]).unwrap();
    let checkpoint = Checkpoint { origin: "stranger.example/log".into(), size: 1, root: Hash([1; 32]) };
    refused(&Request { old: 0, proof: vec![], checkpoint: checkpoint.sign(&stranger).unwrap() }, 404);
    let thief = Signer::from_seed(ORIGIN, [2; 32]).unwrap();
    let root = tree::root(20, &log.memory).unwrap();
    let stolen = Checkpoint { origin: ORIGIN.into(), size: 20, root }.sign(&thief).unwrap();
    refused(&Request { checkpoint: stolen, ..log.request(10, 20) }, 403);
    for body in ["", "old 10", "old x\n\n", "old 10\n*\n\nx"] {
        assert_eq!(witness.post(body.as_bytes()).0, 400, "{body}");
    }
    assert_eq!(witness.post(&[0xff; 100]).0, 400, "not UTF-8");
    let long = format!("{}{}", log.request(10, 20), "— x AAAAAAA=\n".repeat(30_000));
    assert_eq!(witness.post(long.as_bytes()).0, 400, "too long");
    let many = Request { proof: vec![Hash([0; 32]); 64], ..log.request(10, 20) };
    assert_eq!(witness.add(&many).0, 400, "more proof than any tree needs");

    assert_eq!(witness.add(&log.request(10, 300)).0, 200, "nothing of this has moved it");
    assert_eq!(witness.add(&log.request(300, 300)).0, 200, "the same tree again, at another time");
    assert!(said(&witness_command(folder.path(), &["logs"])).starts_with("300\tother.example/log+"));
    let log_key = log.signer.verifier().to_string();
    said(&witness_command(folder.path(), &["leave", &log_key]));
    assert_eq!(witness.add(&log.request(300, 300)).0, 404, "the list may change beside it");
}

#[test]
fn a_witness_that_dies_between_writing_and_answering_keeps_its_word() {
    let folder = TempDir::new().unwrap();
    founded(&folder);
    let (log, fork) = (Log::new("log", 400), Log::new("fork", 400));
    let mut cosigned = 0;
    for round in 0..6_u64 {
        let witness = Witness::open(folder.path(), &[]);
        // What was cosigned is known, and its successor is taken; a fork of it is not.
        let (status, body) = witness.add(&log.request(cosigned, cosigned + 7));
        let seen = if status == 409 { body.trim().parse::<u64>().unwrap() } else { cosigned + 7 };
        assert!(seen >= cosigned && (seen - cosigned) % 7 == 0, "{cosigned} became {seen}");
        assert_eq!(witness.add(&fork.request(seen, seen + 30)).0, 422);
        // It is killed while it works on a growing log, and some answers are lost with it.
        let (url, agent) = (witness.url.clone(), witness.agent.clone());
        let body = |old: u64| log.request(old, old + 7).to_string();
        let bodies: Vec<String> = (0..4).map(|n| body(seen + n * 7)).collect();
        let (told, answers) = std::sync::mpsc::channel();
        let asking = std::thread::spawn(move || {
            for body in bodies {
                let answer = agent.post(format!("{url}/add-checkpoint")).send(body);
                if answer.map(|answer| answer.status().as_u16()).ok() != Some(200) || told.send(()).is_err() {
                    return;
                }
            }
        });
        let answered = answers.iter().take(usize::try_from(round % 3).unwrap()).count() as u64;
        witness.kill();
        asking.join().unwrap();
        cosigned = seen + answered * 7;
    }
    let witness = Witness::open(folder.path(), &[]);
    let (status, body) = witness.add(&fork.request(5, 400));
    assert_eq!(status, 409);
    assert!(body.trim().parse::<u64>().unwrap() >= cosigned);
}

#[test]
fn a_house_is_witnessed_without_anyone_waiting_for_it() {
    let (ours, theirs) = (TempDir::new().unwrap(), TempDir::new().unwrap());
    let witness = Witness::open(theirs.path(), &NAMED);
    let key = said(&witness_command(theirs.path(), &["key"]));
    // The second one answers nobody: nothing waits for it.
    let silent = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let other = chain::Cosigner::from_seed("silent.example/w", [9; 32]).unwrap().verifier().to_string();
    let setting = format!("{key} {},{other} http://{}", witness.url, silent.local_addr().unwrap());
    let region = Region::open(ours.path(), &["--witness", &setting]);
    let mut visitor = region.visitor();
    visitor.sign_in("admin");
    // It does not follow our log yet: our log goes on without it.
    let before = visitor.get("/log/checkpoint").text;
    assert!(!before.contains("witness.example/w1"), "{before}");
    let log = visitor.get("/log/keys").json()["keys"][0]["key"].as_str().unwrap().to_owned();
    said(&witness_command(theirs.path(), &["follow", &log]));

    let keys: [Verifier; 2] = [log.parse().unwrap(), key.parse().unwrap()];
    let is_witnessed = |text: &str| note::open(text, &keys).is_ok_and(|opened| opened.signatures.len() == 2);
    let witnessed =
        (0..LOOKS_MAX).map(|_| wait(&visitor, "/log/checkpoint/witnessed")).find(|text| is_witnessed(text));
    let opened = Checkpoint::open(&witnessed.unwrap(), &keys).unwrap();
    assert!(opened.checkpoint.size > 0);
    // A receipt carries the cosignature, and its page names the witness.
    let receipt = chain::receipt::parse(&visitor.get("/api/v1/receipts/1").text).unwrap();
    let proven = chain::receipt::verify(&receipt, &keys).unwrap();
    assert!(proven.signatures.iter().any(|signature| signature.time.is_some()));
    let page = visitor.get("/proof/1").text;
    assert!(page.contains("witness.example/w1"), "{page}");

    // The log grows, and its growth is proved to the witness.
    visitor.bring(
        "/organisation/import/register",
        "name.zh,name.en,kind,region\n示例企业,Firm,enterprise,310115\n",
    );
    let grown = (0..LOOKS_MAX).map(|_| wait(&visitor, "/log/checkpoint/witnessed")).find(|text| {
        Checkpoint::open(text, &keys).is_ok_and(|now| now.checkpoint.size > opened.checkpoint.size)
    });
    assert!(grown.is_some());
    let listed = visitor.get("/log/keys").json();
    assert_eq!(listed["witnesses"][0]["key"].as_str(), Some(key.as_str()), "{listed}");
}

/// Looks again; the house works in the meantime.
fn wait(visitor: &crate::region::Visitor, path: &str) -> String {
    std::thread::yield_now();
    visitor.get(path).text
}

#[test]
fn a_witness_whose_answer_was_lost_names_its_size_and_gets_another_proof() {
    let (ours, theirs) = (TempDir::new().unwrap(), TempDir::new().unwrap());
    let witness = Witness::open(theirs.path(), &NAMED);
    let key: Verifier = said(&witness_command(theirs.path(), &["key"])).parse().unwrap();
    let region = Region::open(ours.path(), &[]);
    let mut visitor = region.visitor();
    visitor.sign_in("admin");
    // Whoever asks for a proof has the log sealed at once.
    assert_eq!(visitor.get("/proof/1").status, 200);
    let log = visitor.get("/log/keys").json()["keys"][0]["key"].as_str().unwrap().to_owned();
    said(&witness_command(theirs.path(), &["follow", &log]));
    // The witness has cosigned, but the house has never heard of it.
    let checkpoint = visitor.get("/log/checkpoint").text;
    let lost = Checkpoint::open(&checkpoint, &[log.parse().unwrap()]).unwrap().checkpoint.size;
    assert_eq!(witness.add(&Request { old: 0, proof: vec![], checkpoint }).0, 200);
    visitor.bring(
        "/organisation/import/register",
        "name.zh,name.en,kind,region\n示例企业,Firm,enterprise,310115\n",
    );
    let grown = |text: &str| {
        let opened = Checkpoint::open(text, &[log.parse().unwrap()]);
        opened.is_ok_and(|opened| opened.checkpoint.size > lost)
    };
    assert!((0..LOOKS_MAX).any(|_| grown(&wait(&visitor, "/log/checkpoint"))), "the sheet has come in");
    drop(region);

    let setting = format!("{key} {}", witness.url);
    let region = Region::open(ours.path(), &["--witness", &setting]);
    let visitor = region.visitor();
    let witnessed = (0..LOOKS_MAX)
        .map(|_| wait(&visitor, "/log/checkpoint/witnessed"))
        .find_map(|text| Checkpoint::open(&text, &[log.parse().unwrap(), key.clone()]).ok());
    assert!(witnessed.unwrap().checkpoint.size > lost);
}
