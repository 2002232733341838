//! Follow: another's log is fetched, held against its signed word and against what we have of it, and then answered.
//!
//! A log that has forgotten something, tells two stories, or is not signed by the key we trust is refused whole: nothing of it is
//! kept, and we go on saying so until people have looked.

use std::{sync::mpsc, thread::JoinHandle, time::Duration};

use chain::Checkpoint;
use serde_json::json;

use super::{
    book::{Book, LINE_MAX, Log, Peer, Said},
    reckon,
};
use crate::speech::Trouble;

/// How often the others are asked.
const TURN: Duration = Duration::from_millis(250);
/// How long one answer may take.
const WAIT: Duration = Duration::from_secs(5);
/// Bytes of one answer.
const ANSWER_MAX: u64 = 64 << 20;
/// The most lines that a log may have.
const LOG_MAX: u64 = 1_000_000;

/// The thread that follows.
pub struct Following {
    stop: mpsc::Sender<()>,
    thread: JoinHandle<()>,
}

impl Following {
    /// # Errors
    /// The thread cannot be started.
    pub fn start(book: Book) -> Result<Self, Trouble> {
        let (stop, stopped) = mpsc::channel();
        let config = ureq::Agent::config_builder().http_status_as_error(false).timeout_global(Some(WAIT));
        let agent = config.max_redirects(0).build().new_agent();
        let turns = move || {
            while stopped.recv_timeout(TURN) == Err(mpsc::RecvTimeoutError::Timeout) {
                turn(&book, &agent);
            }
        };
        let thread = std::thread::Builder::new().name("border".into()).spawn(turns);
        let thread = thread.map_err(|error| Trouble::new("broken", json!({ "error": error.to_string() })))?;
        Ok(Self { stop, thread })
    }

    pub fn stop(self) {
        drop(self.stop);
        let _ = self.thread.join();
    }
}

fn turn(book: &Book, agent: &ureq::Agent) {
    let peers = match book.peers() {
        Ok(peers) => peers,
        Err(trouble) => return eprintln!("{}", trouble.sentence(grammar::words::Locale::En)),
    };
    for peer in peers {
        match fetch(book, agent, &peer) {
            Ok(()) => {
                if let Err(trouble) = answer(book, &peer) {
                    eprintln!("{}", trouble.sentence(grammar::words::Locale::En));
                }
            }
            // Not there just now is no news.
            Err(NotKept::Away) => {}
            Err(NotKept::Broken(trouble)) => eprintln!("{}", trouble.sentence(grammar::words::Locale::En)),
            Err(NotKept::Refused(why)) => eprintln!("{}: {why}", peer.key.name()),
        }
    }
}

enum NotKept {
    Away,
    Refused(String),
    Broken(Trouble),
}

impl From<Trouble> for NotKept {
    fn from(trouble: Trouble) -> Self {
        Self::Broken(trouble)
    }
}

fn get(agent: &ureq::Agent, url: &str) -> Result<String, NotKept> {
    let mut answer = agent.get(url).call().map_err(|_| NotKept::Away)?;
    if answer.status().as_u16() != 200 {
        return Err(NotKept::Away);
    }
    let text = answer.body_mut().with_config().limit(ANSWER_MAX).read_to_string();
    text.map_err(|_| NotKept::Away)
}

/// Brings our copy of another's log up to its signed word.
fn fetch(book: &Book, agent: &ureq::Agent, peer: &Peer) -> Result<(), NotKept> {
    let note = get(agent, &format!("{}/checkpoint", peer.url))?;
    let have = book.copy(peer)?;
    let size = u64::try_from(have.lines.len()).unwrap_or(u64::MAX);
    let told = signed(&note, peer, size).map_err(NotKept::Refused)?;
    if told.size == size {
        is_same(&have, &told).map_err(NotKept::Refused)?;
        return Ok(book.keep_word(peer, &note)?);
    }
    let wanted = usize::try_from(told.size - size).unwrap_or(usize::MAX);
    let mut more: Vec<String> = Vec::new();
    while more.len() < wanted {
        let from = size + u64::try_from(more.len()).unwrap_or(0);
        let page = get(agent, &format!("{}/entries/{from}", peer.url))?;
        if page.is_empty() {
            return Err(NotKept::Refused("it does not show what it has signed".into()));
        }
        more.extend(page.lines().map(str::to_owned));
    }
    let whole = grown(have, &more, &told).map_err(NotKept::Refused)?;
    book.keep(peer, whole.lines.get(usize::try_from(size).unwrap_or(usize::MAX)..).unwrap_or_default())?;
    Ok(book.keep_word(peer, &note)?)
}

/// The other's word on its log, if its key has signed it and it has forgotten nothing that we have.
fn signed(note: &str, peer: &Peer, size: u64) -> Result<Checkpoint, String> {
    let opened = Checkpoint::open(note, std::slice::from_ref(&peer.key));
    let told = opened.map_err(|error| error.to_string())?.checkpoint;
    match told.size {
        more if more > LOG_MAX => Err(format!("its log has more than {LOG_MAX} lines")),
        less if less < size => Err(format!("it has forgotten: {less} lines now, {size} before")),
        _ => Ok(told),
    }
}

fn is_same(log: &Log, told: &Checkpoint) -> Result<(), String> {
    let is_same = log.root() == Some(told.root);
    if is_same { Ok(()) } else { Err("its log is not the one it showed before".into()) }
}

/// Our copy and what came, if that is what the other has signed.
fn grown(mut log: Log, more: &[String], told: &Checkpoint) -> Result<Log, String> {
    let wanted = usize::try_from(told.size).unwrap_or(usize::MAX).saturating_sub(log.lines.len());
    if more.len() < wanted || more.iter().any(|line| line.len() > LINE_MAX) {
        return Err("it does not show what it has signed".into());
    }
    // It may have grown since it signed.
    log.lines.extend(more.iter().take(wanted).cloned());
    is_same(&log, told)?;
    Ok(log)
}

/// Says what follows from both logs: our signature under each run's statement, as it stands.
fn answer(book: &Book, peer: &Peer) -> Result<(), Trouble> {
    for run in reckon::runs(book, peer)? {
        let pair = reckon::pair(book, peer, &run)?;
        if let Some(note) = pair.to_sign(book)? {
            book.say(&Said::Signs { run, with: peer.key.name().to_owned(), note })?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use chain::Signer;

    use super::*;

    fn log(lines: &[&str]) -> Log {
        Log { lines: lines.iter().map(|line| (*line).to_owned()).collect() }
    }

    fn told(log: &Log) -> (Peer, String) {
        let signer = Signer::from_seed("z.example/border", [1; 32]).unwrap();
        let peer = Peer {
            key: signer.verifier().clone(),
            region: "330000".parse().ok().unwrap(),
            url: String::new(),
        };
        let checkpoint = Checkpoint {
            origin: "z.example/border".into(),
            size: log.lines.len() as u64,
            root: log.root().unwrap(),
        };
        (peer, checkpoint.sign(&signer).unwrap())
    }

    #[test]
    fn a_log_that_only_grew_is_kept() {
        let (peer, note) = told(&log(&["a", "b", "c"]));
        let word = signed(&note, &peer, 1).unwrap();
        let more: Vec<String> = ["b", "c", "d"].map(str::to_owned).to_vec();
        assert_eq!(grown(log(&["a"]), &more, &word).unwrap().lines, ["a", "b", "c"]);
        assert!(is_same(&log(&["a", "b", "c"]), &word).is_ok());
    }

    #[test]
    fn a_log_that_forgot_or_tells_another_story_is_refused() {
        let (peer, note) = told(&log(&["a", "b"]));
        assert!(signed(&note, &peer, 3).unwrap_err().contains("forgotten"));
        let word = signed(&note, &peer, 2).unwrap();
        assert!(is_same(&log(&["a", "x"]), &word).is_err());
        assert!(grown(log(&["x"]), &["b".to_owned()], &word).is_err());
        assert!(grown(log(&["a"]), &[], &word).is_err());
        let (other, _) = told(&log(&[]));
        let stranger = Signer::from_seed("z.example/border", [2; 32]).unwrap();
        let forged = Checkpoint { origin: "z.example/border".into(), size: 2, root: word.root }
            .sign(&stranger)
            .unwrap();
        assert!(signed(&forged, &other, 0).is_err());
    }
}
