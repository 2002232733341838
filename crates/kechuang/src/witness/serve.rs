//! Serve: the witness's one address, `add-checkpoint`, with the answers of the standard and no others.

use std::net::{SocketAddr, TcpListener};

use chain::witness::{BYTES_MAX, Refusal, Request};
use grammar::words::Locale;
use registry::Clock;
use serde_json::json;
use window::{
    Small,
    visit::{Reply, Visit},
};

use super::book::{Book, NoWord};
use crate::{
    serve::told_to_close,
    speech::{Trouble, say},
    system::SystemClock,
};

const TEXT: &str = "text/plain; charset=utf-8";
/// The answer to a log that believes another size to have been cosigned last.
const SIZE: &str = "text/x.tlog.size";
/// Requests that are worked on at a time; they take turns at the book.
const BLOCKING_MAX: usize = 8;

/// Serves until Ctrl-C or SIGTERM.
///
/// # Errors
/// The address is taken.
pub fn run(book: Book, listen: SocketAddr, locale: Locale) -> Result<(), Trouble> {
    let address = |error: std::io::Error| {
        Trouble::new("address", json!({ "listen": listen.to_string(), "error": error.to_string() }))
    };
    let listener = TcpListener::bind(listen).map_err(address)?;
    let at = listener.local_addr().unwrap_or(listen);
    let facts = json!({ "url": format!("http://{at}"), "key": book.key() });
    println!("{}", say(locale, "witness", "open", &facts));
    let runtime =
        tokio::runtime::Builder::new_multi_thread().enable_all().max_blocking_threads(BLOCKING_MAX).build();
    let small = Small { answer: Box::new(move |visit| answer(&book, visit)), body_max: BYTES_MAX };
    let served =
        runtime.and_then(|runtime| runtime.block_on(window::serve_small(small, listener, told_to_close())));
    served.map_err(|error| Trouble::new("broken", json!({ "error": error.to_string() })))
}

fn answer(book: &Book, visit: &Visit) -> Reply {
    match (visit.is_post, visit.path.as_str()) {
        (true, "/add-checkpoint") => add_checkpoint(book, visit),
        (false, "/") => {
            say_text(200, &format!("A witness of C2SP tlog-witness, by Kechuang.\n{}\n", book.key()))
        }
        (false, "/add-checkpoint") => say_text(405, "POST\n").with("allow", "POST"),
        _ => say_text(404, "not here\n"),
    }
}

fn add_checkpoint(book: &Book, visit: &Visit) -> Reply {
    if visit.is_too_large {
        return refused(&Refusal::TooLong { bytes: BYTES_MAX + 1 });
    }
    let Ok(body) = std::str::from_utf8(&visit.body) else {
        return say_text(400, "the request is not UTF-8\n");
    };
    let request = match Request::parse(body) {
        Ok(request) => request,
        Err(refusal) => return refused(&refusal),
    };
    let time = u64::try_from(SystemClock.now().in_millis() / 1000).unwrap_or(0);
    match book.add_checkpoint(&request, time) {
        Ok(line) => say_text(200, &line),
        Err(NoWord::Refused(refusal)) => refused(&refusal),
        Err(NoWord::Broken(error)) => {
            eprintln!("{error}");
            say_text(500, "the witness cannot keep its word now; its operator's log says why\n")
        }
    }
}

fn refused(refusal: &Refusal) -> Reply {
    let status = match refusal {
        Refusal::UnknownOrigin { .. } => 404,
        Refusal::NotSigned(_) => 403,
        Refusal::BadProof(_) => 422,
        Refusal::OtherSize { seen } | Refusal::OtherRoot { seen } => {
            return Reply {
                status: 409,
                kind: SIZE,
                body: format!("{seen}\n").into_bytes(),
                headers: vec![],
            };
        }
        _ => 400,
    };
    say_text(status, &format!("{refusal}\n"))
}

fn say_text(status: u16, text: &str) -> Reply {
    Reply { status, kind: TEXT, body: text.as_bytes().to_vec(), headers: vec![] }
}
