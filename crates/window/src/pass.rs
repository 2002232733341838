//! Pass: where several nodes share a store, only one writes; what changes something is passed on to it, and
//! its answer is handed back as it came.
//!
//! What was passed once is never passed again: it carries a word that only nodes of this region know, made
//! from a secret in their store. With that word the writer also believes where the request first came from;
//! from anyone else it does not.

use std::time::Duration;

use axum::http::{HeaderMap, Method, Uri};
use registry::{Registry, Writer};

use crate::{House, visit::Visit};

/// The word between nodes, and the address a request first came from.
const WORD: &str = "x-kechuang-node";
const FROM: &str = "x-kechuang-from";
/// The status by which a node says that it is not the writer: misdirected (RFC 9110, 15.5.20).
pub const NOT_THE_WRITER: u16 = 421;
/// The largest answer that is handed back, in bytes: files and sheets are at most this long.
const ANSWER_MAX: u64 = 128 << 20;
const CONNECT: Duration = Duration::from_secs(2);
const ANSWER: Duration = Duration::from_secs(120);
/// Headers that belong to one connection only, or that each node says itself.
const NOT_PASSED: [&str; 11] = [
    "connection",
    "keep-alive",
    "transfer-encoding",
    "content-length",
    "accept-encoding",
    "te",
    "trailer",
    "upgrade",
    "expect",
    WORD,
    FROM,
];

/// A request as it is passed on.
#[derive(Clone)]
pub struct Passing {
    pub method: Method,
    pub uri: Uri,
    pub headers: HeaderMap,
    pub body: Vec<u8>,
    /// The address it first came from.
    pub from: String,
}

/// The writer's answer.
pub struct Passed {
    pub status: u16,
    pub headers: HeaderMap,
    pub body: Vec<u8>,
}

/// Why there is no answer.
#[derive(Debug)]
pub enum Lost {
    /// The writer was not reached, or is no writer: nothing has happened, and trying again is safe.
    Before,
    /// It was lost after the request had gone out: it may have happened.
    After(String),
}

/// Whether this must be answered by the node that writes: whatever changes something, and pages about what
/// only that node has in memory.
pub fn is_for_the_writer(method: &Method, path: &str) -> bool {
    !matches!(*method, Method::GET | Method::HEAD | Method::OPTIONS)
        || path.split('/').nth(2) == Some("import")
}

/// Where a request first came from, when another node of this region passed it on.
pub fn passed_from(registry: &Registry, headers: &HeaderMap) -> Option<String> {
    let word = headers.get(WORD)?.to_str().ok()?;
    let is_ours = registry.settings().store.is_some() && word == registry.word_between_nodes();
    let from = headers.get(FROM).and_then(|from| from.to_str().ok()).unwrap_or_default();
    is_ours.then(|| from.to_owned())
}

/// The client that passes on. Connections are not kept: one that the writer closed would look like a loss.
pub fn agent() -> ureq::Agent {
    let config = ureq::Agent::config_builder().http_status_as_error(false).max_redirects(0);
    let config = config.timeout_connect(Some(CONNECT)).timeout_global(Some(ANSWER));
    config.max_idle_connections(0).proxy(None).build().new_agent()
}

/// Asks the writer at this address, and catches up with what it wrote.
pub fn pass(house: &House, address: &str, passing: &Passing) -> Result<Passed, Lost> {
    let path = passing.uri.path_and_query().map_or("/", |path| path.as_str());
    let mut request = ureq::http::Request::builder()
        .method(passing.method.as_str())
        .uri(format!("{}{path}", address.trim_end_matches('/')))
        .header(WORD, house.registry.word_between_nodes())
        .header(FROM, &passing.from);
    for (name, value) in &passing.headers {
        if !NOT_PASSED.contains(&name.as_str()) {
            request = request.header(name.as_str(), value.as_bytes());
        }
    }
    let broken = |error: &dyn std::fmt::Display| Lost::After(error.to_string());
    let answer = if passing.method == Method::GET || passing.method == Method::HEAD {
        request.body(()).map_err(|error| broken(&error)).map(|request| house.agent.run(request))
    } else {
        let body = passing.body.as_slice();
        request.body(body).map_err(|error| broken(&error)).map(|request| house.agent.run(request))
    };
    let mut answer =
        answer?.map_err(|error| if is_before(&error) { Lost::Before } else { broken(&error) })?;
    if answer.status().as_u16() == NOT_THE_WRITER {
        return Err(Lost::Before);
    }
    let mut headers = HeaderMap::new();
    for (name, value) in answer.headers() {
        if !NOT_PASSED.contains(&name.as_str()) {
            headers.append(name.clone(), value.clone());
        }
    }
    let body = answer.body_mut().with_config().limit(ANSWER_MAX).read_to_vec();
    let body = body.map_err(|error| broken(&error))?;
    if let Err(broken) = house.registry.refresh() {
        tracing::error!(%broken, "what the writer wrote could not be read yet");
    }
    Ok(Passed { status: answer.status().as_u16(), headers, body })
}

/// Whether nothing of the request can have reached the writer.
fn is_before(error: &ureq::Error) -> bool {
    match error {
        ureq::Error::ConnectionFailed | ureq::Error::HostNotFound => true,
        ureq::Error::Timeout(timeout) => {
            matches!(timeout, ureq::Timeout::Connect | ureq::Timeout::Resolve)
        }
        ureq::Error::Io(error) => error.kind() == std::io::ErrorKind::ConnectionRefused,
        _ => false,
    }
}

/// Lets the writer see the same visit: for the little that reading a page leaves behind, such as read marks.
/// False when this node writes itself.
pub fn repeat(house: &House, visit: &Visit) -> bool {
    let address = match house.registry.writer() {
        Writer::Here => return false,
        Writer::There(address) => address,
        Writer::Nobody => return true,
    };
    let mut headers = HeaderMap::new();
    for name in ["cookie", "host", "accept-language"] {
        if let Ok(value) = visit.header(name).parse() {
            headers.insert(name, value);
        }
    }
    let uri = crate::visit::address(&visit.path, &visit.query).parse().unwrap_or_default();
    let passing = Passing { method: Method::GET, uri, headers, body: vec![], from: visit.from.clone() };
    if let Err(lost) = pass(house, &address, &passing) {
        tracing::warn!(?lost, "the writer did not see a visit");
    }
    true
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_changes_something_is_for_the_writer_and_what_reads_is_not() {
        let passed = [
            (Method::POST, "/sign-in"),
            (Method::DELETE, "/api/v1/need"),
            (Method::GET, "/need/import/draft/job-1"),
        ];
        let kept = [(Method::GET, "/find"), (Method::HEAD, "/"), (Method::GET, "/need/need-1/receipt")];
        assert!(passed.iter().all(|(method, path)| is_for_the_writer(method, path)));
        assert!(!kept.iter().any(|(method, path)| is_for_the_writer(method, path)));
    }
}
