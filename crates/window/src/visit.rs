//! Visit: one request as plain data, and the reply to it.

use std::collections::BTreeMap;

use grammar::form::Flat;
use maud::Markup;

/// What came in. Repeated names of a form are joined by line breaks.
#[derive(Clone, Debug, Default)]
pub struct Visit {
    pub is_post: bool,
    /// `PROPFIND`; empty where nobody said.
    pub method: String,
    pub path: String,
    pub steps: Vec<String>,
    pub query: Flat,
    pub form: Flat,
    /// By field: file name and bytes.
    pub uploads: BTreeMap<String, (String, Vec<u8>)>,
    /// The body when it is neither a form nor an upload.
    pub body: Vec<u8>,
    pub cookies: BTreeMap<String, String>,
    pub headers: BTreeMap<String, String>,
    /// The address the request came from.
    pub from: String,
    /// The body was larger than is taken, and was not read.
    pub is_too_large: bool,
}

impl Visit {
    #[must_use]
    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", String::as_str)
    }

    #[must_use]
    pub fn asked(&self, name: &str) -> Option<&str> {
        self.query.get(name).map(|text| text.trim()).filter(|text| !text.is_empty())
    }

    #[must_use]
    pub fn typed(&self, name: &str) -> &str {
        self.form.get(name).map_or("", |text| text.trim())
    }

    /// A password as it was typed, blanks and all.
    #[must_use]
    pub fn secret(&self, name: &str) -> &str {
        self.form.get(name).map_or("", String::as_str)
    }

    /// The steps of the path as texts, for `match`.
    #[must_use]
    pub fn way(&self) -> Vec<&str> {
        self.steps.iter().map(String::as_str).collect()
    }

    /// Path and query with one parameter set, or taken away when `value` is empty. Paging starts anew.
    #[must_use]
    pub fn with(&self, name: &str, value: &str) -> String {
        let mut query = self.query.clone();
        query.remove("after");
        if value.is_empty() {
            drop(query.remove(name))
        } else {
            drop(query.insert(name.into(), value.into()))
        }
        address(&self.path, &query)
    }
}

/// A path with its query.
#[must_use]
pub fn address(path: &str, query: &Flat) -> String {
    let pairs: Vec<String> =
        query.iter().map(|(name, value)| format!("{}={}", escape(name), escape(value))).collect();
    if pairs.is_empty() { path.to_owned() } else { format!("{path}?{}", pairs.join("&")) }
}

/// A text as it stands in an address.
#[must_use]
pub fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for byte in text.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => out.push(char::from(byte)),
            _ => out.push_str(&format!("%{byte:02X}")),
        }
    }
    out
}

/// The same read back.
#[must_use]
pub fn unescape(text: &str) -> String {
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

/// What goes out.
#[derive(Clone, Debug, Default)]
pub struct Reply {
    pub status: u16,
    pub kind: &'static str,
    pub body: Vec<u8>,
    pub headers: Vec<(&'static str, String)>,
}

impl Reply {
    #[must_use]
    pub fn page(status: u16, page: Markup) -> Self {
        Self {
            status,
            kind: "text/html; charset=utf-8",
            body: page.into_string().into_bytes(),
            headers: vec![],
        }
    }

    #[must_use]
    pub fn json(status: u16, value: &serde_json::Value) -> Self {
        Self { status, kind: "application/json", body: value.to_string().into_bytes(), headers: vec![] }
    }

    #[must_use]
    pub fn file(kind: &'static str, name: &str, body: Vec<u8>) -> Self {
        let plain: String = name
            .chars()
            .map(|c| if c.is_ascii_alphanumeric() || ".-_".contains(c) { c } else { '_' })
            .collect();
        let how = format!("attachment; filename=\"{plain}\"; filename*=UTF-8''{}", escape(name));
        Self { status: 200, kind, body, headers: vec![("content-disposition", how)] }
    }

    /// Sends the visitor on with a GET.
    #[must_use]
    pub fn go(to: impl Into<String>) -> Self {
        Self {
            status: 303,
            kind: "text/plain; charset=utf-8",
            body: vec![],
            headers: vec![("location", to.into())],
        }
    }

    #[must_use]
    pub fn with(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.headers.push((name, value.into()));
        self
    }
}
