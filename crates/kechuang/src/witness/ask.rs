//! Ask: has each checkpoint of an open house cosigned by the witnesses its settings name, one thread a witness.
//!
//! Nobody waits for it: a click is answered by our own signature. A witness that does not answer is asked again, after
//! longer and longer pauses; the newest checkpoint is asked for, those in between are not.

use std::{
    sync::{Arc, mpsc},
    thread::JoinHandle,
    time::Duration,
};

use chain::{Verifier, key::Algorithm, witness::Request};
use registry::{Broken, Registry, Writer};
use serde_json::json;

use crate::speech::Trouble;

/// Witnesses of one house.
pub const WITNESSES_MAX: usize = 8;
/// How often the log is looked at.
const TURN: Duration = Duration::from_secs(1);
/// The longest pause after a witness has failed.
const PAUSE_MAX: Duration = Duration::from_secs(60);
/// How long one answer may take.
const WAIT: Duration = Duration::from_secs(5);
/// Tries of one turn: the witness may tell us twice from which size to prove.
const TRIES_MAX: usize = 3;
/// The longest answer that is read, in bytes.
const ANSWER_MAX: u64 = 1 << 14;

/// A witness, and where it is asked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Witness {
    pub key: Verifier,
    /// Without a slash at the end.
    pub url: String,
}

impl Witness {
    /// `name+id+key https://witness.example`: a cosigner's verifier key and its submission prefix.
    pub fn read(text: &str) -> Option<Self> {
        let (key, url) = text.trim().split_once(' ')?;
        let key: Verifier =
            key.parse().ok().filter(|key: &Verifier| key.algorithm() == Algorithm::Cosignature)?;
        let url = url.trim().trim_end_matches('/');
        let host = url.strip_prefix("https://").or_else(|| url.strip_prefix("http://"))?;
        let fits = !host.is_empty() && !host.contains(|c: char| c.is_whitespace() || c.is_control());
        fits.then(|| Self { key, url: url.to_owned() })
    }
}

/// The threads that ask.
pub struct Asking {
    stops: Vec<mpsc::Sender<()>>,
    threads: Vec<JoinHandle<()>>,
}

impl Asking {
    /// # Errors
    /// A thread cannot be started.
    pub fn start(registry: &Arc<Registry>, witnesses: &[Witness]) -> Result<Self, Trouble> {
        let mut asking = Self { stops: Vec::new(), threads: Vec::new() };
        for witness in witnesses.iter().take(WITNESSES_MAX).cloned() {
            let (stop, stopped) = mpsc::channel();
            let registry = registry.clone();
            let thread = std::thread::Builder::new().name("witness".into());
            let thread = thread.spawn(move || Asker::new(registry, witness).ask_until(&stopped));
            asking.stops.push(stop);
            asking
                .threads
                .push(thread.map_err(|error| Trouble::new("broken", json!({ "error": error.to_string() })))?);
        }
        Ok(asking)
    }

    pub fn stop(self) {
        drop(self.stops);
        for thread in self.threads {
            let _ = thread.join();
        }
    }
}

struct Asker {
    registry: Arc<Registry>,
    witness: Witness,
    agent: ureq::Agent,
    /// The size that the witness cosigned last, as far as we know.
    known: u64,
}

/// Why a witness has not cosigned.
enum NotCosigned {
    Broken(Broken),
    /// What it answered, or why it could not be asked.
    Answer(String),
}

impl From<Broken> for NotCosigned {
    fn from(broken: Broken) -> Self {
        Self::Broken(broken)
    }
}

impl Asker {
    fn new(registry: Arc<Registry>, witness: Witness) -> Self {
        let config = ureq::Agent::config_builder().http_status_as_error(false).timeout_global(Some(WAIT));
        let agent = config.max_redirects(0).build().new_agent();
        let known = registry.cosigned_size(&witness.key).ok().flatten().unwrap_or(0);
        Self { registry, witness, agent, known }
    }

    fn ask_until(mut self, stopped: &mpsc::Receiver<()>) {
        let mut pause = TURN;
        while stopped.recv_timeout(pause) == Err(mpsc::RecvTimeoutError::Timeout) {
            pause = match self.turn() {
                Ok(()) => TURN,
                Err(error) => {
                    let (name, url) = (self.witness.key.name(), &self.witness.url);
                    match error {
                        NotCosigned::Broken(broken) => {
                            tracing::error!(%broken, name, "a cosignature could not be kept")
                        }
                        NotCosigned::Answer(why) => {
                            tracing::warn!(why, name, url, "a witness has not cosigned")
                        }
                    }
                    (pause * 2).min(PAUSE_MAX)
                }
            };
        }
    }

    /// Has the newest checkpoint cosigned, if it has not been yet.
    fn turn(&mut self) -> Result<(), NotCosigned> {
        // Of several nodes, the one that writes asks.
        if self.registry.writer() != Writer::Here {
            return Ok(());
        }
        let Some((size, note)) = self.registry.checkpoint()?.filter(|(size, _)| *size > 0) else {
            return Ok(());
        };
        if self.registry.cosigned_size(&self.witness.key)? == Some(size) {
            return Ok(());
        }
        for _ in 0..TRIES_MAX {
            // A witness that has seen more of us than we have has seen another log of this name: a restored backup, or
            // a stolen key. That is for people to look at.
            if self.known > size {
                let seen = std::mem::take(&mut self.known);
                return Err(NotCosigned::Answer(format!(
                    "it has cosigned `{seen}` entries, our log has `{size}`"
                )));
            }
            let proof = self.registry.growth(self.known, size)?;
            let request = Request { old: self.known, proof, checkpoint: note.clone() };
            match self.post(&request)? {
                (200, lines) => return self.keep(size, &lines),
                (409, seen) => self.known = self.other_size(&seen, size)?,
                (status, text) => return Err(NotCosigned::Answer(format!("{status}: {}", text.trim()))),
            }
        }
        Err(NotCosigned::Answer("it names another size each time".into()))
    }

    fn keep(&mut self, size: u64, lines: &str) -> Result<(), NotCosigned> {
        self.known = size;
        if self.registry.cosigned(size, lines, &self.witness.key)? {
            Ok(())
        } else {
            Err(NotCosigned::Answer("its answer is not its cosignature on our checkpoint".into()))
        }
    }

    /// The size from which the witness wants a proof.
    fn other_size(&self, text: &str, size: u64) -> Result<u64, NotCosigned> {
        let seen = text.strip_suffix('\n').unwrap_or(text).parse::<u64>();
        let seen = seen.map_err(|_| NotCosigned::Answer("409 without a size".into()))?;
        if seen == self.known {
            // The same size and another root: our own log, told to two people in two ways.
            return Err(NotCosigned::Answer(format!("it has cosigned another tree of `{size}` entries")));
        }
        Ok(seen)
    }

    fn post(&self, request: &Request) -> Result<(u16, String), NotCosigned> {
        let lost = |error: ureq::Error| NotCosigned::Answer(error.to_string());
        let url = format!("{}/add-checkpoint", self.witness.url);
        let mut answer = self.agent.post(url).send(request.to_string()).map_err(lost)?;
        let status = answer.status().as_u16();
        let text = answer.body_mut().with_config().limit(ANSWER_MAX).read_to_string().map_err(lost)?;
        Ok((status, text))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_witness_is_a_cosigners_key_and_an_address() {
        let key = chain::Cosigner::from_seed("witness.example/w1", [1; 32]).unwrap().verifier().to_string();
        let read = Witness::read(&format!(" {key}  https://witness.example/w1/ ")).unwrap();
        assert_eq!((read.key.to_string(), read.url.as_str()), (key.clone(), "https://witness.example/w1"));
        let log = chain::Signer::from_seed("log.example", [1; 32]).unwrap().verifier().to_string();
        for bad in [
            key.clone(),
            format!("{key} witness.example"),
            format!("{key} http://"),
            format!("{log} https://a"),
        ] {
            assert_eq!(Witness::read(&bad), None, "{bad}");
        }
    }
}
