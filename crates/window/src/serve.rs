//! Serve: the only async part. Reads a request within limits, hands it to a blocking thread, sends the reply.

use std::{collections::BTreeMap, future::Future, net::SocketAddr, sync::Arc, time::Duration};

use axum::{
    Router,
    body::{Body, to_bytes},
    extract::{ConnectInfo, DefaultBodyLimit, FromRequest, Multipart, Request, State},
    http::{HeaderMap, HeaderName, HeaderValue, Response, StatusCode},
};
use grammar::form::Flat;
use registry::Writer;

use crate::{
    House, pass,
    visit::{Reply, Visit, unescape},
    ways,
};

/// The largest body of a request that is no upload, in bytes.
const BODY_MAX: usize = 2 * 1024 * 1024;
/// What can be asked of an address; everything else changes nothing and shows nothing.
const METHODS: [&str; 3] = ["GET", "HEAD", "POST"];
/// How often, and after which pause, the node that writes is sought again: 12 seconds in all.
const PASS_TRIES_MAX: u32 = 24;
const PASS_AGAIN: Duration = Duration::from_millis(500);
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

/// Calendars have methods of their own.
fn is_answered(method: &str, path: &str) -> bool {
    METHODS.contains(&method) || ways::dav::is_here(path) && ways::dav::METHODS.contains(&method)
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
fn no_such_method(house: &House, path: &str) -> Reply {
    let allowed = ways::methods(house.registry.desks(), path);
    let body = b"only GET, HEAD and POST are answered".to_vec();
    let reply = Reply { status: 405, kind: "text/plain; charset=utf-8", body, headers: vec![] };
    reply.with("allow", allowed.map_or_else(|| METHODS.join(", "), str::to_owned))
}

async fn answer(
    State(house): State<Arc<House>>,
    ConnectInfo(from): ConnectInfo<SocketAddr>,
    request: Request,
) -> Response<Body> {
    if !is_answered(request.method().as_str(), request.uri().path()) {
        return send(house.is_secure(), no_such_method(&house, request.uri().path()));
    }
    let forwarded =
        request.headers().get("x-forwarded-for").and_then(|chain| chain.to_str().ok()).unwrap_or("");
    let visitor = house.options.sign_in.proxies.visitor(from.ip(), forwarded);
    let passed = pass::passed_from(&house.registry, request.headers());
    let is_passed = passed.is_some();
    let from = passed.unwrap_or_else(|| visitor.to_string());
    let is_for_the_writer = pass::is_for_the_writer(request.method(), request.uri().path());
    let request = match (is_for_the_writer && house.registry.writer() != Writer::Here, is_passed) {
        (true, true) => return misdirected(&house),
        (true, false) => match pass_on(&house, &from, request).await {
            Ok(response) => return response,
            Err(request) => request,
        },
        _ => request,
    };
    let visit = read(&house, from, request).await;
    // Reading visits are answered in the order they came, a few at a time: shared out among many threads,
    // the slowest would wait for all. Visits that write wait for the disk and may be many.
    let turn = if visit.is_post { None } else { house.readers.acquire().await.ok() };
    let answering = house.clone();
    let reply = tokio::task::spawn_blocking(move || ways::answer(&answering, &visit)).await;
    drop(turn);
    send(house.is_secure(), reply.unwrap_or_else(|_| stopped()))
}

/// Hands a request to the node that writes, and waits some seconds for one when there is none. What cannot
/// be passed on is given back: too large a body, or no writer; this node then says so in the reader's words.
async fn pass_on(house: &Arc<House>, from: &str, request: Request) -> Result<Response<Body>, Request> {
    let (head, body) = request.into_parts();
    let most = body_max(house, &head.headers, head.uri.path());
    let length = head.headers.get("content-length").and_then(|length| length.to_str().ok()?.parse().ok());
    if length.is_some_and(|length: usize| length > most) {
        return Err(Request::from_parts(head, body));
    }
    let Ok(body) = to_bytes(body, most).await else {
        // One byte more than is taken: read again, it is refused as too large.
        return Err(Request::from_parts(head, Body::from(vec![0; most.saturating_add(1)])));
    };
    let passing = pass::Passing {
        method: head.method.clone(),
        uri: head.uri.clone(),
        headers: head.headers.clone(),
        body: body.to_vec(),
        from: from.to_owned(),
    };
    let passing = Arc::new(passing);
    for _ in 0..PASS_TRIES_MAX {
        match house.registry.writer() {
            Writer::Here => break,
            Writer::Nobody => {}
            Writer::There(address) => match answer_of(house, &address, &passing).await {
                Ok(Ok(passed)) => return Ok(hand_back(passed)),
                Ok(Err(pass::Lost::Before)) => {}
                Ok(Err(pass::Lost::After(error))) => return Ok(lost(house, &error)),
                Err(error) => return Ok(lost(house, &error.to_string())),
            },
        }
        tokio::time::sleep(PASS_AGAIN).await;
    }
    Err(Request::from_parts(head, Body::from(body)))
}

/// The writer's answer. It is waited for only as long as that node is the writer: one that was stopped still
/// takes connections, and never answers.
async fn answer_of(
    house: &Arc<House>,
    address: &str,
    passing: &Arc<pass::Passing>,
) -> Result<Result<pass::Passed, pass::Lost>, tokio::task::JoinError> {
    let (asked, to, what) = (house.clone(), address.to_owned(), passing.clone());
    let mut answering = tokio::task::spawn_blocking(move || pass::pass(&asked, &to, &what));
    let there = Writer::There(address.to_owned());
    loop {
        tokio::select! {
            answered = &mut answering => return answered,
            () = tokio::time::sleep(PASS_AGAIN) => if house.registry.writer() != there {
                return Ok(Err(pass::Lost::After("another node writes now".into())));
            },
        }
    }
}

fn hand_back(passed: pass::Passed) -> Response<Body> {
    let mut response = Response::new(Body::from(passed.body));
    *response.status_mut() = StatusCode::from_u16(passed.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    *response.headers_mut() = passed.headers;
    response
}

/// The writer went away while it answered: whether it happened, nobody here knows.
fn lost(house: &House, error: &str) -> Response<Body> {
    tracing::error!(%error, "the writer was lost while it answered");
    let body = "这项申办可能已办成，也可能没有：负责写入的节点中途失去联系。请先查看结果，再决定是否重新提交。\n\
                This may have happened or not: the node that writes was lost on the way. Look first, then ask again.";
    send(
        house.is_secure(),
        Reply { status: 503, kind: "text/plain; charset=utf-8", body: body.into(), headers: vec![] },
    )
}

/// To another node: not here either. It looks again for who writes.
fn misdirected(house: &House) -> Response<Body> {
    let body = b"this node does not write".to_vec();
    send(
        house.is_secure(),
        Reply { status: pass::NOT_THE_WRITER, kind: "text/plain; charset=utf-8", body, headers: vec![] },
    )
}

/// The largest body that is taken, in bytes.
fn body_max(house: &House, headers: &HeaderMap, path: &str) -> usize {
    let kind = headers.get("content-type").and_then(|kind| kind.to_str().ok()).unwrap_or("");
    let is_upload = kind.starts_with("multipart/form-data") || path == "/api/v1/files";
    match () {
        () if ways::dav::is_here(path) => ways::dav::BODY_MAX,
        () if is_upload => house.options.upload_max,
        () => BODY_MAX,
    }
}

async fn read(house: &House, from: String, request: Request) -> Visit {
    let most = body_max(house, request.headers(), request.uri().path());
    let headers = texts(request.headers());
    let mut visit = Visit {
        // Whatever may change something counts as sent.
        is_post: matches!(request.method().as_str(), "POST" | "PUT" | "DELETE"),
        method: request.method().as_str().to_owned(),
        path: request.uri().path().to_owned(),
        query: pairs(request.uri().query().unwrap_or("").as_bytes()),
        from,
        cookies: cookies(&headers),
        headers,
        ..Visit::default()
    };
    visit.steps = visit.path.split('/').filter(|step| !step.is_empty()).map(unescape).collect();
    let kind = visit.header("content-type").to_owned();
    let length: usize = visit.header("content-length").parse().unwrap_or(0);
    let is_upload = kind.starts_with("multipart/form-data");
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
