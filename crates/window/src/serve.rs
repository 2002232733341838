//! Serve: the only async part. Reads a request within limits, hands it to a blocking thread, sends the reply.

use std::{collections::BTreeMap, future::Future, net::SocketAddr, sync::Arc, time::Duration};

use axum::{
    Router,
    body::{Body, to_bytes},
    extract::{ConnectInfo, DefaultBodyLimit, FromRequest, Multipart, Request, State},
    http::{HeaderMap, HeaderName, HeaderValue, Response, StatusCode},
};
use grammar::form::Flat;

use crate::{
    House,
    visit::{Reply, Visit},
    ways,
};

/// The largest body of a request that is no upload, in bytes.
const BODY_MAX: usize = 2 * 1024 * 1024;
/// What can be asked of an address; everything else changes nothing and shows nothing.
const METHODS: [&str; 3] = ["GET", "HEAD", "POST"];
/// Fields of one form.
const FIELDS_MAX: usize = 2_000;
/// Everything a page may load comes from the house itself; nothing inline, nothing framed.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; \
                      form-action 'self'; frame-ancestors 'none'; base-uri 'none'; manifest-src 'self'";

/// A browser that has come over an encrypted way comes over no other for a year (RFC 6797).
const ONLY_SECURE: &str = "max-age=31536000";

/// Serves until `stop` is done.
///
/// # Errors
/// When the listener cannot be used.
pub async fn serve(
    house: Arc<House>,
    listener: std::net::TcpListener,
    stop: impl Future<Output = ()> + Send + 'static,
) -> std::io::Result<()> {
    listener.set_nonblocking(true)?;
    let listener = tokio::net::TcpListener::from_std(listener)?;
    let router = Router::new()
        .fallback(answer)
        .with_state(house)
        // Bodies are limited where they are read, by what they are.
        .layer(DefaultBodyLimit::disable())
        .layer(tower_http::compression::CompressionLayer::new())
        .into_make_service_with_connect_info::<SocketAddr>();
    axum::serve(listener, router).with_graceful_shutdown(stop).await
}

/// A small service without pages: it gets the path, the method and the body, and gives a reply.
pub struct Small {
    pub answer: Box<dyn Fn(&Visit) -> Reply + Send + Sync>,
    /// The largest body that is taken, in bytes.
    pub body_max: usize,
}

/// How long a small service waits for a body.
const BODY_WAIT: Duration = Duration::from_secs(10);

/// Serves a small service until `stop` is done.
///
/// # Errors
/// When the listener cannot be used.
pub async fn serve_small(
    small: Small,
    listener: std::net::TcpListener,
    stop: impl Future<Output = ()> + Send + 'static,
) -> std::io::Result<()> {
    listener.set_nonblocking(true)?;
    let listener = tokio::net::TcpListener::from_std(listener)?;
    let router = Router::new().fallback(answer_small).with_state(Arc::new(small));
    let router = router.layer(DefaultBodyLimit::disable());
    axum::serve(listener, router).with_graceful_shutdown(stop).await
}

async fn answer_small(State(small): State<Arc<Small>>, request: Request) -> Response<Body> {
    let mut visit = Visit {
        is_post: request.method() == axum::http::Method::POST,
        path: request.uri().path().to_owned(),
        headers: texts(request.headers()),
        ..Visit::default()
    };
    match tokio::time::timeout(BODY_WAIT, to_bytes(request.into_body(), small.body_max)).await {
        Ok(Ok(body)) => visit.body = body.to_vec(),
        _ => visit.is_too_large = true,
    }
    send(
        false,
        tokio::task::spawn_blocking(move || (small.answer)(&visit)).await.unwrap_or_else(|_| stopped()),
    )
}

fn stopped() -> Reply {
    Reply {
        status: 500,
        kind: "text/plain; charset=utf-8",
        body: b"stopped; the operator's log says why".to_vec(),
        headers: vec![],
    }
}

/// RFC 9110 section 15.5.6: what may be asked instead is said.
fn no_such_method() -> Reply {
    let body = b"only GET, HEAD and POST are answered".to_vec();
    let reply = Reply { status: 405, kind: "text/plain; charset=utf-8", body, headers: vec![] };
    reply.with("allow", METHODS.join(", "))
}

async fn answer(
    State(house): State<Arc<House>>,
    ConnectInfo(from): ConnectInfo<SocketAddr>,
    request: Request,
) -> Response<Body> {
    if !METHODS.contains(&request.method().as_str()) {
        return send(house.is_secure(), no_such_method());
    }
    let visit = read(&house, from, request).await;
    // Reading visits are answered in the order they came, a few at a time: shared out among many threads,
    // the slowest would wait for all. Visits that write wait for the disk and may be many.
    let turn = if visit.is_post { None } else { house.readers.acquire().await.ok() };
    let answering = house.clone();
    let reply = tokio::task::spawn_blocking(move || ways::answer(&answering, &visit)).await;
    drop(turn);
    send(house.is_secure(), reply.unwrap_or_else(|_| stopped()))
}

async fn read(house: &House, from: SocketAddr, request: Request) -> Visit {
    let headers = texts(request.headers());
    let forwarded = headers.get("x-forwarded-for").map_or("", String::as_str);
    let visitor = house.options.sign_in.proxies.visitor(from.ip(), forwarded);
    let mut visit = Visit {
        from: visitor.to_string(),
        is_post: request.method() == axum::http::Method::POST,
        path: request.uri().path().to_owned(),
        query: pairs(request.uri().query().unwrap_or("").as_bytes()),
        cookies: cookies(&headers),
        headers,
        ..Visit::default()
    };
    visit.steps = visit.path.split('/').filter(|step| !step.is_empty()).map(unescape).collect();
    let kind = visit.header("content-type").to_owned();
    let length: usize = visit.header("content-length").parse().unwrap_or(0);
    let is_upload = kind.starts_with("multipart/form-data");
    let most = if is_upload || visit.path == "/api/v1/files" { house.options.upload_max } else { BODY_MAX };
    if length > most {
        visit.is_too_large = true;
    } else if is_upload {
        read_upload(&mut visit, request, most).await;
    } else {
        match to_bytes(request.into_body(), most).await {
            Ok(body) if kind.starts_with("application/x-www-form-urlencoded") => visit.form = pairs(&body),
            Ok(body) => visit.body = body.to_vec(),
            Err(_) => visit.is_too_large = true,
        }
    }
    visit
}

async fn read_upload(visit: &mut Visit, request: Request, most: usize) {
    let (head, body) = request.into_parts();
    let body = axum::body::Body::new(http_body_util::Limited::new(body, most));
    let Ok(mut parts) = Multipart::from_request(Request::from_parts(head, body), &()).await else { return };
    for _ in 0..FIELDS_MAX {
        match parts.next_field().await {
            Ok(Some(part)) => {
                let name = part.name().unwrap_or("").to_owned();
                let file = part.file_name().map(str::to_owned);
                match (part.bytes().await, file) {
                    (Ok(bytes), Some(file)) if !file.is_empty() => {
                        drop(visit.uploads.insert(name, (file, bytes.to_vec())))
                    }
                    (Ok(_), Some(_)) => {}
                    (Ok(bytes), None) => {
                        add(&mut visit.form, name, String::from_utf8_lossy(&bytes).into_owned())
                    }
                    (Err(_), _) => visit.is_too_large = true,
                }
            }
            Ok(None) => return,
            Err(_) => {
                visit.is_too_large = true;
                return;
            }
        }
    }
}

fn send(is_secure: bool, reply: Reply) -> Response<Body> {
    let mut response = Response::new(Body::from(reply.body));
    *response.status_mut() = StatusCode::from_u16(reply.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let headers = response.headers_mut();
    let fixed = [
        ("content-type", reply.kind),
        ("content-security-policy", POLICY),
        ("x-content-type-options", "nosniff"),
        ("referrer-policy", "same-origin"),
        ("x-frame-options", "DENY"),
        ("cross-origin-opener-policy", "same-origin"),
        ("permissions-policy", "camera=(), microphone=(), geolocation=()"),
    ];
    for (name, value) in fixed {
        headers.insert(HeaderName::from_static(name), HeaderValue::from_static(value));
    }
    if is_secure {
        headers.insert("strict-transport-security", HeaderValue::from_static(ONLY_SECURE));
    }
    if !reply.headers.iter().any(|(name, _)| *name == "cache-control") {
        headers.insert("cache-control", HeaderValue::from_static("no-store"));
    }
    for (name, value) in reply.headers {
        if let Ok(value) = HeaderValue::from_str(&value) {
            headers.append(HeaderName::from_static(name), value);
        }
    }
    response
}

fn texts(headers: &HeaderMap) -> BTreeMap<String, String> {
    headers
        .iter()
        .filter_map(|(name, value)| Some((name.as_str().to_owned(), value.to_str().ok()?.to_owned())))
        .collect()
}

fn cookies(headers: &BTreeMap<String, String>) -> BTreeMap<String, String> {
    let all = headers.get("cookie").map_or("", String::as_str);
    all.split(';')
        .filter_map(|one| one.trim().split_once('='))
        .map(|(name, value)| (name.into(), value.into()))
        .collect()
}

/// Reads `a=1&b=2`, the body of a form or a query.
fn pairs(body: &[u8]) -> Flat {
    let mut flat = Flat::new();
    let text = String::from_utf8_lossy(body);
    for pair in text.split('&').filter(|pair| !pair.is_empty()).take(FIELDS_MAX) {
        let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
        add(&mut flat, unescape(&name.replace('+', " ")), unescape(&value.replace('+', " ")));
    }
    flat
}

fn add(flat: &mut Flat, name: String, value: String) {
    flat.entry(name).and_modify(|old| *old = format!("{old}\n{value}")).or_insert(value);
}

fn unescape(text: &str) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        let hex = |byte: Option<u8>| {
            byte.and_then(|b| char::from(b).to_digit(16)).and_then(|d| u8::try_from(d).ok())
        };
        if byte == b'%' {
            let mut ahead = rest.clone();
            if let (Some(high), Some(low)) = (hex(ahead.next()), hex(ahead.next())) {
                bytes.push(high * 16 + low);
                rest = ahead;
                continue;
            }
        }
        bytes.push(byte);
    }
    String::from_utf8_lossy(&bytes).into_owned()
}
