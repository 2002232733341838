//! Serve: what the other side may fetch: our signed word on our log, and its lines.

use std::net::{SocketAddr, TcpListener};

use grammar::words::Locale;
use serde_json::json;
use window::{
    Small,
    visit::{Reply, Visit},
};

use super::{book::Book, follow::Following};
use crate::{
    serve::told_to_close,
    speech::{Trouble, say},
};

const TEXT: &str = "text/plain; charset=utf-8";
/// Lines of one answer.
const LINES_MAX: usize = 1_000;
/// Bytes of a request that are read: nobody sends us anything.
const BODY_MAX: usize = 1 << 10;
const BLOCKING_MAX: usize = 8;

/// Serves and follows until Ctrl-C or SIGTERM.
///
/// # Errors
/// The address is taken.
pub fn run(book: &Book, listen: SocketAddr, locale: Locale) -> Result<(), Trouble> {
    let address = |error: std::io::Error| {
        Trouble::new("address", json!({ "listen": listen.to_string(), "error": error.to_string() }))
    };
    let listener = TcpListener::bind(listen).map_err(address)?;
    let at = listener.local_addr().unwrap_or(listen);
    println!(
        "{}",
        say(locale, "border", "serves", &json!({ "url": format!("http://{at}"), "key": book.key() }))
    );
    let following = Following::start(book.again()?)?;
    let runtime =
        tokio::runtime::Builder::new_multi_thread().enable_all().max_blocking_threads(BLOCKING_MAX).build();
    let shown = book.again()?;
    let small = Small { answer: Box::new(move |visit| answer(&shown, visit)), body_max: BODY_MAX };
    let served =
        runtime.and_then(|runtime| runtime.block_on(window::serve_small(small, listener, told_to_close())));
    following.stop();
    served.map_err(|error| Trouble::new("broken", json!({ "error": error.to_string() })))
}

fn answer(book: &Book, visit: &Visit) -> Reply {
    let told = match (visit.is_post, visit.path.as_str()) {
        (true, _) => return text(405, "GET\n".into()),
        (_, "/") => Ok(format!("{}\n", book.key())),
        (_, "/checkpoint") => book.checkpoint(),
        (_, path) => match path.strip_prefix("/entries/").and_then(|from| from.parse::<usize>().ok()) {
            Some(from) => book.log().map(|log| {
                let lines = log.lines.iter().skip(from).take(LINES_MAX);
                lines.flat_map(|line| [line.as_str(), "\n"]).collect()
            }),
            None => return text(404, "not here\n".into()),
        },
    };
    told.map_or_else(
        |trouble| {
            eprintln!("{}", trouble.sentence(Locale::En));
            text(500, "the log cannot be read now; its operator's log says why\n".into())
        },
        |told| text(200, told),
    )
}

fn text(status: u16, text: String) -> Reply {
    Reply { status, kind: TEXT, body: text.into_bytes(), headers: vec![] }
}
