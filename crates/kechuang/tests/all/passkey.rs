//! Passkey: a real browser with an authenticator of its own makes a passkey, signs out, and signs in with it.
//!
//! Chromium is driven by its own protocol (Chrome DevTools Protocol, domain `WebAuthn`) over a pair of pipes. Without
//! a browser this test says that it is skipped.

use std::{
    io::{BufRead, BufReader, Write},
    net::TcpListener,
    process::{Child, ChildStdin, ChildStdout, Command, Stdio},
};

use serde_json::{Value, json};
use tempfile::TempDir;

use crate::{
    pages::browser,
    region::{PASSWORD, Region},
};

/// Looks at a page before it is said that it never came.
const LOOKS_MAX: usize = 600;

/// A browser with one page and one authenticator.
struct Chromium {
    child: Child,
    asks: ChildStdin,
    answers: BufReader<ChildStdout>,
    session: String,
    authenticator: String,
    number: u64,
    _profile: TempDir,
}

impl Chromium {
    fn open(program: &str) -> Self {
        let profile = TempDir::new().unwrap();
        // The browser speaks on the pipes 3 and 4.
        let mut command = Command::new("sh");
        command.args(["-c", "exec \"$0\" \"$@\" 3<&0 4>&1 </dev/null >/dev/null 2>&1", program]);
        command.args([
            "--headless",
            "--no-sandbox",
            "--disable-gpu",
            "--no-first-run",
            "--remote-debugging-pipe",
        ]);
        command.args(["--disable-background-networking", "--disable-component-update", "--disable-sync"]);
        command.args(["--disable-dev-shm-usage", "--lang=en"]);
        command.arg(format!("--user-data-dir={}", profile.path().display()));
        let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
        let (asks, answers) = (child.stdin.take().unwrap(), BufReader::new(child.stdout.take().unwrap()));
        let (session, authenticator) = (String::new(), String::new());
        let mut chromium =
            Self { child, asks, answers, session, authenticator, number: 0, _profile: profile };
        let page = chromium.ask("Target.createTarget", json!({ "url": "about:blank" }));
        let attach = json!({ "targetId": page["targetId"], "flatten": true });
        let attached = chromium.ask("Target.attachToTarget", attach);
        chromium.session = attached["sessionId"].as_str().unwrap().to_owned();
        chromium.ask("WebAuthn.enable", json!({}));
        let options = json!({
            "protocol": "ctap2", "transport": "internal", "hasResidentKey": true, "hasUserVerification": true,
            "isUserVerified": true, "automaticPresenceSimulation": true,
        });
        let made = chromium.ask("WebAuthn.addVirtualAuthenticator", json!({ "options": options }));
        chromium.authenticator = made["authenticatorId"].as_str().unwrap().to_owned();
        chromium
    }

    /// Asks the browser and waits for its answer; what it tells unasked is passed over.
    fn ask(&mut self, method: &str, params: Value) -> Value {
        self.number += 1;
        let mut message = json!({ "id": self.number, "method": method, "params": params });
        if !self.session.is_empty() {
            message["sessionId"] = self.session.as_str().into();
        }
        self.asks.write_all(format!("{message}\0").as_bytes()).unwrap();
        self.asks.flush().unwrap();
        loop {
            let mut bytes = Vec::new();
            self.answers.read_until(0, &mut bytes).unwrap();
            assert_eq!(bytes.pop(), Some(0), "the browser has ended");
            let answer: Value = serde_json::from_slice(&bytes).unwrap();
            if answer["id"] == self.number {
                return answer.get("result").cloned().unwrap_or_default();
            }
        }
    }

    fn of_authenticator(&mut self, method: &str, more: Value) -> Value {
        let mut params = json!({ "authenticatorId": self.authenticator });
        for (name, value) in more.as_object().into_iter().flatten() {
            params[name] = value.clone();
        }
        self.ask(&format!("WebAuthn.{method}"), params)
    }

    /// What a script in the page says; nothing while pages change.
    fn run(&mut self, script: &str) -> Value {
        let params = json!({ "expression": script, "returnByValue": true, "awaitPromise": true });
        self.ask("Runtime.evaluate", params)["result"]["value"].take()
    }

    fn go(&mut self, address: &str) {
        self.ask("Page.navigate", json!({ "url": address }));
        self.until("document.readyState === 'complete' && !!document.querySelector('main')");
    }

    /// Looks at the page until this is so.
    fn until(&mut self, what: &str) {
        for _ in 0..LOOKS_MAX {
            if self.run(what) == true {
                return;
            }
            self.run("new Promise((ready) => setTimeout(ready, 25))");
        }
        let page = self.run("location.href + '\\n' + document.body.innerText");
        panic!("`{what}` never came: {}", page.as_str().unwrap_or_default());
    }

    /// Presses the button of a form, and waits until the next page says so.
    fn press(&mut self, form: &str, then: &str) {
        let pressed = self.run(&format!(
            "(() => {{ const form = document.querySelector({}); if (!form) return false; form.querySelector('[type=submit]').click(); return true; }})()",
            json!(form)
        ));
        assert_eq!(pressed, true, "no form {form}");
        self.until(&format!(
            "document.readyState === 'complete' && !!document.querySelector('main') && ({then})"
        ));
    }
}

impl Drop for Chromium {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// A port that was free a moment ago: the house must be told its own address before it opens.
fn free_port() -> u16 {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}

const IN: &str = "!!document.querySelector('form[action=\"/sign-out\"]')";
const OUT: &str = "!document.querySelector('form[action=\"/sign-out\"]')";
const WITH_PASSKEY: &str = "form[data-passkey=get]";

#[test]
fn a_passkey_is_made_in_a_browser_and_signs_in_and_a_copy_of_it_does_not() {
    let Some(program) = browser() else { return };
    let folder = TempDir::new().unwrap();
    let port = free_port();
    // Passkeys belong to a name, not to a number.
    let house = format!("http://localhost:{port}");
    let listen = format!("127.0.0.1:{port}");
    let mut command = Command::new(env!("CARGO_BIN_EXE_kechuang"));
    command.args(["serve", "--listen", &listen, "--public-url", &house, "--log", "warn", "--data"]);
    let _region =
        Region::start(command.arg(folder.path()).env_clear().env("KECHUANG_ADMIN_PASSWORD", PASSWORD));
    let mut chromium = Chromium::open(program);

    chromium.go(&format!("{house}/sign-in?lang=en"));
    chromium.run(&format!(
        "document.querySelector('[name=login]').value = 'admin'; document.querySelector('[name=password]').value = {}; true",
        json!(PASSWORD)
    ));
    chromium.press("form:has([name=password])", IN);
    chromium.go(&format!("{house}/my/passkeys"));
    chromium.run(
        "document.querySelector('form[data-passkey=create] [name=name]').value = 'the key of the test'; true",
    );
    chromium.press("form[data-passkey=create]", "document.body.innerText.includes('the key of the test')");
    let made = chromium.of_authenticator("getCredentials", json!({}))["credentials"].clone();
    let [credential] = made.as_array().unwrap().as_slice() else { panic!("{made}") };
    assert_eq!(credential["rpId"], "localhost");

    chromium.press("form[action='/sign-out']", OUT);
    chromium.go(&format!("{house}/sign-in"));
    // Nobody who cannot show who they are to the device.
    chromium.of_authenticator("setUserVerified", json!({ "isUserVerified": false }));
    chromium.press(WITH_PASSKEY, "!document.querySelector('form[data-passkey=get] [data-failed]').hidden");
    chromium.of_authenticator("setUserVerified", json!({ "isUserVerified": true }));
    chromium.press(WITH_PASSKEY, IN);
    chromium.go(&format!("{house}/my/passkeys"));
    assert_eq!(chromium.run("document.body.innerText.includes('the key of the test')"), true);

    // The same key on a second device, as a thief would have it: its count is behind that of the first.
    chromium.press("form[action='/sign-out']", OUT);
    let id = credential["credentialId"].clone();
    chromium.of_authenticator("removeCredential", json!({ "credentialId": id }));
    let mut copy = credential.clone();
    copy["signCount"] = 0.into();
    chromium.of_authenticator("addCredential", json!({ "credential": copy }));
    chromium.go(&format!("{house}/sign-in?lang=en"));
    chromium.press(WITH_PASSKEY, "document.body.innerText.includes('may have been copied')");
    assert_eq!(chromium.run(OUT), true, "the copy opened the door");
}
