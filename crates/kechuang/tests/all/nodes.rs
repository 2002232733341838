//! Nodes: several real programs share one store; the one that writes is killed, or stopped and woken.

use std::{
    path::Path,
    process::Command,
    sync::{
        atomic::{AtomicBool, Ordering},
        mpsc,
    },
    time::{Duration, Instant},
};

use registry::Receipt;
use tempfile::TempDir;

use crate::{
    crash::{ORIGIN, Sent, firm, the_log_holds, total},
    places::{Place, psql},
    region::{Region, Visitor},
};

const THREADS: usize = 2;
/// Acknowledged asks before the writer is killed, and after another has taken over.
const ASKS: usize = 40;
/// A node waits 12 seconds for a writer before it says that it is busy.
const TRIES_MAX: usize = 20;

/// Asks until it is answered, as a program does that was told to try again: the key makes that safe.
fn ask(visitor: &Visitor, key: &str) -> Sent {
    let fields = firm(key);
    for _ in 0..TRIES_MAX {
        match visitor.ask("/api/v1/organisation/register", key, &fields) {
            Ok(answer) if [200, 201].contains(&answer.status) => {
                let receipt: Receipt = serde_json::from_value(answer.json()).unwrap();
                let receipt = Receipt { is_repeat: false, ..receipt };
                return Sent { key: key.into(), fields, receipt: Some(receipt) };
            }
            Ok(answer) => assert_eq!(answer.status, 503, "{}", answer.text),
            Err(_) => {}
        }
    }
    panic!("{key} was never answered");
}

fn signal(region: &Region, name: &str) {
    assert!(Command::new("kill").args([name, &region.id().to_string()]).status().unwrap().success());
}

#[expect(clippy::disallowed_methods, reason = "a test prints how long something took")]
fn begun() -> Instant {
    Instant::now()
}

/// A further folder of the same region, with the same name and key.
fn beside(folder: &Path) -> TempDir {
    let other = TempDir::new().unwrap();
    for file in ["log.key", "region.toml"] {
        std::fs::copy(folder.join(file), other.path().join(file)).unwrap();
    }
    other
}

/// Several programs ask at both of these nodes while the writer, a third one, is killed. Gives what was
/// acknowledged, and how long after the kill the first of them came that did not wait for the dead one.
fn through_a_kill(writer: &mut Region, visitors: &[Visitor]) -> (Vec<Sent>, Duration) {
    let is_over = AtomicBool::new(false);
    let (told, tells) = mpsc::channel();
    std::thread::scope(|scope| {
        let mut threads = Vec::new();
        for (visitor, node) in visitors.iter().zip(0..) {
            for thread in 0..THREADS {
                let (is_over, told) = (&is_over, told.clone());
                threads.push(scope.spawn(move || {
                    let mut sent = Vec::new();
                    while !is_over.load(Ordering::Relaxed) {
                        let begun = begun();
                        sent.push(ask(visitor, &format!("n{node}-t{thread}-{}", sent.len())));
                        let _ = told.send(begun);
                    }
                    sent
                }));
            }
        }
        tells.iter().take(ASKS).for_each(drop);
        writer.kill();
        let killed = begun();
        // Not what was on its way back to a thread when the writer died.
        let took_over = tells.iter().find(|begun| *begun > killed).map(|_| killed.elapsed());
        let _ = tells.iter().take(ASKS).count();
        is_over.store(true, Ordering::Relaxed);
        let sent = threads.into_iter().flat_map(|thread| thread.join().unwrap()).collect();
        (sent, took_over.unwrap())
    })
}

#[test]
fn a_dead_writer_is_replaced_and_one_that_wakes_cannot_write() {
    let Some(place) = Place::postgres() else { return };
    let url = place.url.as_deref().unwrap();
    let own = place.folder.path();
    let mut first = Region::open(own, &["--store", url, "--origin", ORIGIN]);
    let folders = [beside(own), beside(own)];
    let nodes = folders.each_ref().map(|folder| Region::open(folder.path(), &["--store", url]));
    let mut visitors = nodes.each_ref().map(Region::visitor);
    // Signing in is a form like any other: the node passes it on.
    visitors[0].sign_in("admin");
    visitors[0].take_token();
    visitors[1].token = visitors[0].token.clone();
    let before = ask(&visitors[0], "before");
    let position = before.receipt.as_ref().unwrap().position;
    // Whoever asks for a proof waits until the writer has sealed the log.
    assert_eq!(visitors[0].get(&format!("/api/v1/receipts/{position}")).status, 200);
    let mut checkpoints = vec![visitors[0].get("/api/v1/checkpoint").text];

    let (mut sent, took_over) = through_a_kill(&mut first, &visitors);
    sent.push(before);
    println!("killed: another node wrote after {} ms", took_over.as_millis());
    checkpoints.push(visitors[1].get("/api/v1/checkpoint").text);

    let writer = psql(url, "SELECT address FROM lease");
    let asleep = nodes.iter().position(|node| node.url == writer).unwrap();
    let awake = 1 - asleep;
    signal(&nodes[asleep], "-STOP");
    let stopped = begun();
    sent.push(ask(&visitors[awake], "while the writer sleeps"));
    println!("stopped: another node wrote after {} ms", stopped.elapsed().as_millis());
    let epoch = psql(url, "SELECT epoch FROM lease");
    signal(&nodes[asleep], "-CONT");
    // It may still take itself for the writer; nothing of it is kept until it has passed the ask on.
    sent.push(ask(&visitors[asleep], "at the node that woke"));
    let lease = psql(url, "SELECT epoch || ' ' || address FROM lease");
    assert_eq!(lease, format!("{epoch} {}", nodes[awake].url), "the one that woke did not write");
    checkpoints.push(visitors[asleep].get("/api/v1/checkpoint").text);
    for visitor in &visitors {
        assert_eq!(total(visitor), sent.len(), "each ask happened once");
    }
    drop(nodes);

    // Back into a folder, where the whole log is hashed anew.
    let last = beside(own);
    let program = env!("CARGO_BIN_EXE_kechuang");
    let moved =
        Command::new(program).args(["move", "--from", url, "--to"]).arg(last.path()).output().unwrap();
    assert!(moved.status.success(), "{}", String::from_utf8_lossy(&moved.stderr));
    println!("{} asks, {} checkpoints", sent.len(), checkpoints.len());
    the_log_holds(last.path(), &checkpoints, &sent);
}
