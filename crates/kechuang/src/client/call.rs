//! Call: one request to a house and its answer. Every refusal of the house becomes a trouble in words.

use std::{path::Path, time::Duration};

use clap::ArgMatches;
use grammar::words::Locale;
use registry::Chance;
use serde_json::{Value, json};

use crate::{speech::Trouble, system::SystemChance};

const SERVER: &str = "http://127.0.0.1:8080";
const WAIT: Duration = Duration::from_secs(120);
/// The longest answer that is read, in bytes.
const ANSWER_MAX: u64 = 64 << 20;
/// The largest file that is sent, in bytes.
const UPLOAD_MAX: u64 = 64 << 20;

/// A house that is open somewhere, and who speaks to it.
pub struct House {
    agent: ureq::Agent,
    server: String,
    token: Option<String>,
    pub locale: Locale,
}

impl House {
    /// `--server` and `--token`, else `KECHUANG_SERVER` and `KECHUANG_TOKEN`, else the house of this machine.
    pub fn of(matches: &ArgMatches, locale: Locale) -> Self {
        let said = |name: &str| {
            let flag = matches.get_one::<String>(name).cloned();
            flag.or_else(|| crate::environment(&crate::config::variable(name)))
                .filter(|text| !text.is_empty())
        };
        let config = ureq::Agent::config_builder().http_status_as_error(false).timeout_global(Some(WAIT));
        let server = said("server").unwrap_or_else(|| SERVER.into());
        Self {
            agent: config.max_redirects(0).build().new_agent(),
            server: server.trim_end_matches('/').to_owned(),
            token: said("token"),
            locale,
        }
    }

    /// # Errors
    /// The house cannot be reached, or it refuses.
    pub fn get(&self, path: &str) -> Result<Value, Trouble> {
        let request = self.headed(self.agent.get(self.url(path)));
        self.answer(request.call())
    }

    /// Sends a command. Without a key of their own, two calls are two wishes.
    ///
    /// # Errors
    /// The house cannot be reached, or it refuses.
    pub fn post(&self, path: &str, fields: &Value, key: Option<&String>) -> Result<Value, Trouble> {
        let key = key.cloned().unwrap_or_else(|| format!("cli/{}", chain::Hash(SystemChance.bytes())));
        let request = self.headed(self.agent.post(self.url(path)));
        let request = request.header("Idempotency-Key", key).header("Content-Type", "application/json");
        self.answer(request.send(fields.to_string()))
    }

    /// Uploads a file and gives the text by which a field refers to it.
    ///
    /// # Errors
    /// The file cannot be read; the house cannot be reached, or it refuses.
    pub fn upload(&self, path: &Path) -> Result<String, Trouble> {
        let length = std::fs::metadata(path).map_err(|error| Trouble::file(path, &error))?.len();
        if length > UPLOAD_MAX {
            let facts = json!({ "path": path.display().to_string(), "max": UPLOAD_MAX >> 20 });
            return Err(Trouble::new("upload-too-large", facts));
        }
        let bytes = std::fs::read(path).map_err(|error| Trouble::file(path, &error))?;
        let name = path.file_name().map(|name| name.to_string_lossy().replace(['"', '\r', '\n'], "_"));
        let border = chain::Hash(SystemChance.bytes()).to_string();
        let head = format!(
            "--{border}\r\nContent-Disposition: form-data; name=\"file\"; filename=\"{}\"\r\n\
             Content-Type: application/octet-stream\r\n\r\n",
            name.unwrap_or_default()
        );
        let body = [head.as_bytes(), &bytes, format!("\r\n--{border}--\r\n").as_bytes()].concat();
        let request = self.headed(self.agent.post(self.url("files")));
        let request = request.header("Content-Type", format!("multipart/form-data; boundary={border}"));
        let kept = self.answer(request.send(&body))?;
        Ok(kept.get("file").and_then(Value::as_str).unwrap_or_default().to_owned())
    }

    fn url(&self, path: &str) -> String {
        format!("{}/api/v1/{path}", self.server)
    }

    fn headed<B>(&self, request: ureq::RequestBuilder<B>) -> ureq::RequestBuilder<B> {
        let language = if self.locale == Locale::Zh { "zh-CN" } else { "en" };
        let request = request.header("Accept", "application/json").header("Accept-Language", language);
        match &self.token {
            Some(token) => request.header("Authorization", format!("Bearer {token}")),
            None => request,
        }
    }

    fn answer(
        &self,
        answer: Result<ureq::http::Response<ureq::Body>, ureq::Error>,
    ) -> Result<Value, Trouble> {
        let lost = |error: &dyn std::fmt::Display| {
            Trouble::new("unreachable", json!({ "server": self.server, "error": error.to_string() }))
        };
        let mut answer = answer.map_err(|error| lost(&error))?;
        let status = answer.status().as_u16();
        let text = answer
            .body_mut()
            .with_config()
            .limit(ANSWER_MAX)
            .read_to_string()
            .map_err(|error| lost(&error))?;
        let body: Option<Value> = serde_json::from_str(&text).ok();
        match (status, body) {
            (200..=299, Some(body)) => Ok(body),
            (400.., Some(body)) if body.get("code").is_some() => Err(refused(status, body)),
            _ => Err(Trouble::new("odd-answer", json!({ "server": self.server, "status": status }))),
        }
    }
}

/// The house's own words, its rule with the article, and the faults beside their fields.
fn refused(status: u16, body: Value) -> Trouble {
    let text = |value: Option<&Value>| value.and_then(Value::as_str).unwrap_or_default().to_owned();
    let mut lines = vec![text(body.get("message"))];
    let faults = body.get("faults").and_then(Value::as_array).into_iter().flatten();
    lines.extend(
        faults.map(|fault| format!("  --{}: {}", text(fault.get("field")), text(fault.get("message")))),
    );
    if let Some(rule) = body.get("rule").filter(|rule| !rule.is_null()) {
        let parts = ["id", "text", "source", "article"].map(|part| text(rule.get(part)));
        let parts: Vec<String> = parts.into_iter().filter(|part| !part.is_empty()).collect();
        lines.push(format!("  {}", parts.join(" · ")));
    }
    let is_refusal = status < 500;
    Trouble { is_refusal, ..Trouble::new("refused", json!({ "lines": lines.join("\n"), "answer": body })) }
}

/// The flags of these names as a query, `?status=published`.
pub fn query(matches: &ArgMatches, names: &[&str]) -> String {
    let said = |name: &&str| {
        let text = matches.try_get_one::<String>(name).ok().flatten()?;
        Some(format!("{name}={}", step(text)))
    };
    let parts: Vec<String> = names.iter().filter_map(said).collect();
    if parts.is_empty() { String::new() } else { format!("?{}", parts.join("&")) }
}

/// A text as one step of an address or one value of a query.
pub fn step(text: &str) -> String {
    let mut step = String::new();
    for byte in text.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'_' | b'~' | b':' => {
                step.push(char::from(byte))
            }
            _ => step.push_str(&format!("%{byte:02X}")),
        }
    }
    step
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_one_step_whatever_is_in_it() {
        assert_eq!(step("need-7k3m"), "need-7k3m");
        assert_eq!(step("../a b&c=光"), "%2E%2E%2Fa%20b%26c%3D%E5%85%89");
    }

    #[test]
    fn a_refusal_keeps_the_houses_words_its_rule_and_its_faults() {
        let body = json!({
            "code": "has-faults", "message": "Please look again.",
            "rule": { "id": "VC-R04", "text": "Yearly cap", "source": "Rules", "article": "Art. 6" },
            "faults": [{ "field": "amount", "code": "not-money", "message": "Give an amount." }],
        });
        let trouble = refused(422, body);
        let sentence = trouble.sentence(Locale::En);
        assert!(trouble.is_refusal, "the exit code is 2");
        assert_eq!(
            sentence,
            "Please look again.\n  --amount: Give an amount.\n  VC-R04 · Yearly cap · Rules · Art. 6"
        );
        assert!(!refused(500, json!({ "code": "broken", "message": "x" })).is_refusal);
    }
}
