//! Region: the real program, opened on a folder, asked over HTTP, killed.

use std::{
    io::{BufRead, BufReader},
    path::Path,
    process::{Child, Command, Stdio},
    time::Duration,
};

use serde_json::Value;

pub const PASSWORD: &str = "a long enough password";
/// Longer than any answer takes; only so that a test that hangs ends.
const WAIT: Duration = Duration::from_secs(60);
/// Looks at a running import before it is said to hang.
pub const LOOKS_MAX: usize = 20_000;
/// The longest answer that is read, in bytes.
const ANSWER_MAX: u64 = 64 << 20;

/// An open house. Dropping it kills it.
pub struct Region {
    child: Child,
    pub url: String,
}

impl Region {
    /// Opens a house on a free port and waits until it says where it is.
    pub fn open(folder: &Path, more: &[&str]) -> Self {
        let mut command = Command::new(env!("CARGO_BIN_EXE_kechuang"));
        command
            .args(["serve", "--listen", "127.0.0.1:0", "--log", "warn", "--rate-limits", "no", "--data"])
            .arg(folder)
            .args(more);
        Self::start(command.env_clear().env("KECHUANG_ADMIN_PASSWORD", PASSWORD))
    }

    /// Starts what opens a house, and waits until it says where it is.
    pub fn start(command: &mut Command) -> Self {
        let mut child = command.stdout(Stdio::piped()).spawn().unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let url = loop {
            let line = lines.next().unwrap_or_else(|| panic!("the house did not open")).unwrap();
            if let Some((_, rest)) = line.split_once("http://") {
                break format!("http://{}", rest.split([' ', '（']).next().unwrap().trim());
            }
        };
        // What it says later is read, so that it never waits for a reader.
        std::thread::spawn(move || lines.for_each(drop));
        Self { child, url }
    }

    /// `kill -9`: no signal it could answer, nothing it could still write.
    pub fn kill(&mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    /// The most memory it has held so far, in kilobytes; nothing where the system does not say.
    pub fn memory_kb_max(&self) -> Option<u64> {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.child.id())).ok()?;
        let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
        line.trim().trim_end_matches(" kB").parse().ok()
    }

    /// The number of its process, for signals.
    pub fn id(&self) -> u32 {
        self.child.id()
    }

    pub fn visitor(&self) -> Visitor {
        Visitor::new(&self.url)
    }
}

impl Drop for Region {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// What came back.
#[derive(Clone, Debug)]
pub struct Answer {
    pub status: u16,
    pub text: String,
    pub location: String,
    pub cookie: String,
    /// The page looks again by itself.
    pub looks_again: bool,
    /// The policy on what a page may load.
    pub policy: String,
}

impl Answer {
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap_or_else(|error| panic!("{error}: {}", self.text))
    }
}

/// Someone who visits a house over HTTP.
#[derive(Clone)]
pub struct Visitor {
    agent: ureq::Agent,
    url: String,
    pub cookie: String,
    pub token: String,
    pub language: &'static str,
}

impl Visitor {
    pub fn new(url: &str) -> Self {
        let config = ureq::Agent::config_builder().http_status_as_error(false).timeout_global(Some(WAIT));
        let agent = config.max_redirects(0).proxy(None).build().new_agent();
        Self { agent, url: url.into(), cookie: String::new(), token: String::new(), language: "en" }
    }

    /// Asks for a page, or says why no answer came.
    pub fn try_get(&self, path: &str) -> Result<Answer, ureq::Error> {
        let request = self.agent.get(format!("{}{path}", self.url)).header("Accept-Language", self.language);
        let request = request.header("Cookie", &self.cookie);
        let request = if self.token.is_empty() {
            request
        } else {
            request.header("Authorization", format!("Bearer {}", self.token))
        };
        read(request.call()?)
    }

    pub fn get(&self, path: &str) -> Answer {
        self.try_get(path).unwrap_or_else(|error| panic!("{path}: {error}"))
    }

    /// Status and bytes of a file.
    pub fn get_bytes(&self, path: &str) -> (u16, Vec<u8>) {
        let mut answer = self.agent.get(format!("{}{path}", self.url)).call().unwrap();
        let bytes = answer.body_mut().with_config().limit(ANSWER_MAX).read_to_vec().unwrap();
        (answer.status().as_u16(), bytes)
    }

    fn post(&self, path: &str, kind: &str, key: &str, body: &[u8]) -> Result<Answer, ureq::Error> {
        let request = self.agent.post(format!("{}{path}", self.url)).header("Content-Type", kind);
        let request = request.header("Cookie", &self.cookie).header("Accept-Language", self.language);
        let request = if self.token.is_empty() {
            request
        } else {
            request.header("Authorization", format!("Bearer {}", self.token)).header("Idempotency-Key", key)
        };
        read(request.send(body)?)
    }

    /// Asks a command as a program does.
    pub fn ask(&self, path: &str, key: &str, fields: &Value) -> Result<Answer, ureq::Error> {
        self.post(path, "application/json", key, fields.to_string().as_bytes())
    }

    /// Sends a form with what its page has in hidden fields, as a browser does.
    pub fn send(&self, page: &str, action: &str, typed: &[(&str, &str)]) -> Answer {
        let html = self.get(page).text;
        let mut pairs: Vec<String> = ["csrf", "key"]
            .iter()
            .filter_map(|name| Some(format!("{name}={}", hidden(&html, name)?)))
            .collect();
        pairs.extend(typed.iter().map(|(name, value)| format!("{name}={}", window::visit::escape(value))));
        let kind = "application/x-www-form-urlencoded";
        self.post(action, kind, "", pairs.join("&").as_bytes()).unwrap()
    }

    /// Sends a form with a file.
    fn upload(&self, page: &str, name: &str, (file, bytes): (&str, &[u8])) -> Answer {
        let html = self.get(page).text;
        let mut body = Vec::new();
        for field in ["csrf", "key"] {
            let value = hidden(&html, field).unwrap_or_default();
            body.extend(
                format!("--edge\r\nContent-Disposition: form-data; name=\"{field}\"\r\n\r\n{value}\r\n")
                    .bytes(),
            );
        }
        let head =
            format!("--edge\r\nContent-Disposition: form-data; name=\"{name}\"; filename=\"{file}\"\r\n\r\n");
        body.extend(head.bytes());
        body.extend_from_slice(bytes);
        body.extend(b"\r\n--edge--\r\n");
        self.post(page, "multipart/form-data; boundary=edge", "", &body).unwrap()
    }

    /// Signs in with a name and the password of the tests.
    pub fn sign_in(&mut self, login: &str) {
        let answer = self.send("/sign-in", "/sign-in", &[("login", login), ("password", PASSWORD)]);
        assert_eq!(answer.status, 303, "{}", answer.text);
        self.cookie = answer.cookie;
    }

    /// Brings a sheet that has no fault and starts it; gives the page on which its progress is seen.
    pub fn start_import(&self, page: &str, sheet: &str) -> String {
        let looked = self.upload(page, "sheet", ("sheet.csv", sheet.as_bytes()));
        assert_eq!(looked.status, 200, "{}", looked.text);
        let checked = hidden(&looked.text, "checked").unwrap();
        let started = self.send(page, page, &[("checked", &checked)]);
        assert_eq!(started.status, 303, "{}", started.text);
        started.location
    }

    /// The same, and waits until it is over.
    pub fn bring(&self, page: &str, sheet: &str) {
        let progress = self.start_import(page, sheet);
        let over = (0..LOOKS_MAX).map(|_| self.get(&progress)).find(|page| !page.looks_again);
        assert_eq!(over.unwrap().status, 200);
    }

    /// Makes a token for programs on the account page, and speaks with it from now on.
    pub fn take_token(&mut self) {
        let page = self
            .send("/my/tokens", "/my/token", &[("name", "test"), ("access", "act")])
            .text
            .replace("<wbr>", "");
        let token = page.split("kc_").nth(1).unwrap_or_else(|| panic!("no token: {page}"));
        self.token = format!("kc_{}", token.split(|c: char| !c.is_ascii_hexdigit()).next().unwrap());
        self.cookie.clear();
        assert_eq!(self.get("/api/v1/inbox").status, 200, "the token is taken");
    }
}

fn read(mut response: ureq::http::Response<ureq::Body>) -> Result<Answer, ureq::Error> {
    let header = |name: &str| {
        response.headers().get(name).and_then(|value| value.to_str().ok()).unwrap_or_default().to_owned()
    };
    let cookie = header("set-cookie").split(';').next().unwrap_or_default().to_owned();
    let (location, policy) = (header("location"), header("content-security-policy"));
    let looks_again = !header("refresh").is_empty();
    let status = response.status().as_u16();
    let bytes = response.body_mut().with_config().limit(ANSWER_MAX).read_to_vec()?;
    let text = String::from_utf8_lossy(&bytes).into_owned();
    Ok(Answer { status, text, location, cookie, looks_again, policy })
}

/// The value of a hidden field of a page.
fn hidden(html: &str, name: &str) -> Option<String> {
    let rest = html.split(&format!("name=\"{name}\" value=\"")).nth(1)?;
    rest.split('"').next().map(str::to_owned)
}
