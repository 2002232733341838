//! Providers: other houses by which people sign in, from the file that `--providers` names, and the way to ask them.

use std::{net::IpAddr, path::Path, time::Duration};

use serde::Deserialize;
use window::{Fetch, NotFetched, Provider};

/// Houses on the page of signing in.
const PROVIDERS_MAX: usize = 4;
/// The longest file that is read, in bytes.
const FILE_MAX: u64 = 1 << 16;
/// The longest answer of another house, in bytes.
const ANSWER_MAX: u64 = 1 << 20;
/// How long it may take: someone waits for the page.
const WAIT: Duration = Duration::from_secs(8);

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct Listed {
    provider: Vec<Entry>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct Entry {
    name: String,
    issuer: String,
    client: String,
    /// The file that holds the secret, beside the list or by its whole path.
    secret_file: String,
    zh: String,
    en: String,
}

/// Reads the list; `None` when something in it cannot be.
pub fn read(path: &str) -> Option<Vec<Provider>> {
    let path = Path::new(path);
    let listed: Listed = toml::from_str(&text(path)?).ok()?;
    let folder = path.parent().unwrap_or(Path::new("."));
    let providers = listed.provider.into_iter().map(|entry| provider(entry, folder));
    let providers: Vec<Provider> = providers.collect::<Option<_>>()?;
    (providers.len() <= PROVIDERS_MAX).then_some(providers)
}

fn text(path: &Path) -> Option<String> {
    let length = std::fs::metadata(path).ok()?.len();
    (length <= FILE_MAX).then(|| std::fs::read_to_string(path).ok())?
}

fn provider(entry: Entry, folder: &Path) -> Option<Provider> {
    let is_word = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
    let named = !entry.name.is_empty() && entry.name.len() <= 40 && entry.name.chars().all(is_word);
    (named && may_ask(&entry.issuer)).then_some(())?;
    let secret = text(&folder.join(entry.secret_file))?.trim().to_owned();
    Some(Provider {
        name: entry.name,
        issuer: entry.issuer,
        client: entry.client,
        secret,
        label: [entry.zh, entry.en],
    })
}

/// Others are asked over https; without it only on this machine.
fn may_ask(url: &str) -> bool {
    let Some(rest) = url.strip_prefix("http://") else { return url.starts_with("https://") };
    let authority = rest.split('/').next().unwrap_or_default();
    let host = authority.rsplit_once(':').map_or(authority, |(host, _)| host);
    host.parse::<IpAddr>().is_ok_and(|address| address.is_loopback())
}

/// Asks other houses over the network: without following them elsewhere, within a time and a size.
pub struct Network(ureq::Agent);

impl Network {
    pub fn new() -> Self {
        let config = ureq::Agent::config_builder().timeout_global(Some(WAIT)).max_redirects(0);
        Self(config.build().new_agent())
    }
}

fn bytes(answer: Result<ureq::http::Response<ureq::Body>, ureq::Error>) -> Result<Vec<u8>, NotFetched> {
    let not = |error: ureq::Error| match error {
        ureq::Error::StatusCode(status) => NotFetched::Answered(status),
        other => NotFetched::Unreachable(other.to_string()),
    };
    answer.map_err(not)?.body_mut().with_config().limit(ANSWER_MAX).read_to_vec().map_err(not)
}

fn in_the_open(url: &str) -> NotFetched {
    NotFetched::Unreachable(format!("`{url}` is not asked: no https"))
}

impl Fetch for Network {
    fn get(&self, url: &str) -> Result<Vec<u8>, NotFetched> {
        if !may_ask(url) {
            return Err(in_the_open(url));
        }
        bytes(self.0.get(url).header("Accept", "application/json").call())
    }

    fn post(&self, url: &str, (name, secret): (&str, &str), form: &str) -> Result<Vec<u8>, NotFetched> {
        if !may_ask(url) {
            return Err(in_the_open(url));
        }
        let who = format!("{}:{}", window::visit::escape(name), window::visit::escape(secret));
        let request = self.0.post(url).header("Authorization", format!("Basic {}", base64(who.as_bytes())));
        let request = request.header("Accept", "application/json");
        bytes(request.header("Content-Type", "application/x-www-form-urlencoded").send(form))
    }
}

fn base64(bytes: &[u8]) -> String {
    use base64::Engine;
    base64::engine::general_purpose::STANDARD.encode(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_is_read_with_its_secrets_and_nobody_is_asked_in_the_open() {
        let folder = tempfile::TempDir::new().unwrap();
        let list = folder.path().join("providers.toml");
        std::fs::write(folder.path().join("secret"), "s3cret\n").unwrap();
        let write = |issuer: &str| {
            let text = format!(
                "[[provider]]\nname = \"school\"\nissuer = \"{issuer}\"\nclient = \"kc\"\nsecret-file = \"secret\"\nzh = \"学校\"\nen = \"the school\"\n"
            );
            std::fs::write(&list, text).unwrap();
            read(&list.display().to_string())
        };
        let school = write("https://id.school.example").unwrap().remove(0);
        assert_eq!((school.secret.as_str(), school.label[1].as_str()), ("s3cret", "the school"));
        assert!(write("http://127.0.0.1:9000").is_some());
        assert_eq!(write("http://id.school.example"), None);
        assert_eq!(write("http://127.0.0.1.evil.example"), None);
        assert_eq!(read("/nowhere"), None);
    }
}
