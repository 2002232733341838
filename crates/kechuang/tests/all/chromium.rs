//! Chromium: a real browser, driven by its own protocol (Chrome DevTools Protocol) over a pair of pipes: pages are
//! looked at, pointed at and typed into as a person would.

use std::{
    io::{BufRead, BufReader, Write},
    process::{Child, ChildStdin, ChildStdout, Command, Stdio},
};

use serde_json::{Value, json};
use tempfile::TempDir;

/// Looks at a page before it is said that it never came.
const LOOKS_MAX: usize = 1_600;

/// A browser with one page and one authenticator.
pub struct Chromium {
    child: Child,
    asks: ChildStdin,
    answers: BufReader<ChildStdout>,
    session: String,
    authenticator: String,
    number: u64,
    _profile: TempDir,
}

impl Chromium {
    pub fn open(program: &str) -> Self {
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

    pub fn of_authenticator(&mut self, method: &str, more: Value) -> Value {
        let mut params = json!({ "authenticatorId": self.authenticator });
        for (name, value) in more.as_object().into_iter().flatten() {
            params[name] = value.clone();
        }
        self.ask(&format!("WebAuthn.{method}"), params)
    }

    /// What a script in the page says; nothing while pages change.
    pub fn run(&mut self, script: &str) -> Value {
        let params = json!({ "expression": script, "returnByValue": true, "awaitPromise": true });
        self.ask("Runtime.evaluate", params)["result"]["value"].take()
    }

    pub fn go(&mut self, address: &str) {
        self.ask("Page.navigate", json!({ "url": address }));
        self.until("document.readyState === 'complete' && !!document.querySelector('main')");
    }

    /// Looks at the page until this is so.
    pub fn until(&mut self, what: &str) {
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
    pub fn press(&mut self, form: &str, then: &str) {
        let pressed = self.run(&format!(
            "(() => {{ const form = document.querySelector({}); if (!form) return false; form.querySelector('[type=submit]').click(); return true; }})()",
            json!(form)
        ));
        assert_eq!(pressed, true, "no form {form}");
        self.until(&format!(
            "document.readyState === 'complete' && !!document.querySelector('main') && ({then})"
        ));
    }

    /// Presses and lets go of the left button in the middle of what this names, as a mouse does.
    pub fn click(&mut self, what: &str) {
        let (x, y) = self.middle(what);
        self.mouse("mouseMoved", (x, y), 0);
        self.mouse("mousePressed", (x, y), 1);
        self.mouse("mouseReleased", (x, y), 0);
    }

    /// Draws from the middle of one thing to that of another with the left button held.
    pub fn draw(&mut self, from: &str, to: &str) {
        let begin = self.middle(from);
        self.mouse("mouseMoved", begin, 0);
        self.mouse("mousePressed", begin, 1);
        let end = self.middle_as_it_lies(to);
        self.mouse("mouseMoved", ((begin.0 + end.0) / 2.0, (begin.1 + end.1) / 2.0), 1);
        self.mouse("mouseMoved", end, 1);
        self.mouse("mouseReleased", end, 0);
    }

    fn mouse(&mut self, kind: &str, (x, y): (f64, f64), buttons: u8) {
        let button = if kind == "mouseMoved" { "none" } else { "left" };
        let params =
            json!({ "type": kind, "x": x, "y": y, "button": button, "buttons": buttons, "clickCount": 1 });
        self.ask("Input.dispatchMouseEvent", params);
    }

    /// The middle of what this names, brought into sight first.
    fn middle(&mut self, what: &str) -> (f64, f64) {
        let is_there = self.run(&format!(
            "(() => {{ const part = document.querySelector({0}); part?.scrollIntoView({{ block: 'center', behavior: 'instant' }}); return !!part; }})()",
            json!(what)
        ));
        assert_eq!(is_there, true, "{what} is not on {}", self.run("location.href"));
        self.middle_as_it_lies(what)
    }

    fn middle_as_it_lies(&mut self, what: &str) -> (f64, f64) {
        let place = self.run(&format!(
            "(() => {{ const box = document.querySelector({0}).getBoundingClientRect(); return [box.x + box.width / 2, box.y + box.height / 2]; }})()",
            json!(what)
        ));
        (place[0].as_f64().unwrap(), place[1].as_f64().unwrap())
    }

    /// Types a text into whatever has the focus.
    pub fn write(&mut self, text: &str) {
        self.ask("Input.insertText", json!({ "text": text }));
    }

    /// Points at a field and types over what is in it.
    pub fn fill(&mut self, field: &str, text: &str) {
        self.click(field);
        self.run("document.activeElement.select?.(); true");
        self.write(text);
    }

    /// Presses one key: `Enter`, `Tab`, `ArrowLeft`, `ArrowUp`, `ArrowRight` or `ArrowDown`.
    pub fn key(&mut self, key: &str) {
        let number = match key {
            "Tab" => 9,
            "Enter" => 13,
            "ArrowLeft" => 37,
            "ArrowUp" => 38,
            "ArrowRight" => 39,
            "ArrowDown" => 40,
            other => panic!("{other} is no key that is pressed here"),
        };
        for kind in ["keyDown", "keyUp"] {
            let mut params =
                json!({ "type": kind, "key": key, "code": key, "windowsVirtualKeyCode": number });
            if (kind, key) == ("keyDown", "Enter") {
                params["text"] = "\r".into();
            }
            self.ask("Input.dispatchKeyEvent", params);
        }
    }

    /// Waits for the next page after something that leads there.
    pub fn come(&mut self, path: &str, then: &str) {
        self.until(&format!(
            "document.readyState === 'complete' && location.pathname.startsWith({}) && !!document.querySelector('main') && ({then})",
            json!(path)
        ));
    }

    /// The page's own text.
    pub fn text(&mut self) -> String {
        self.run("document.querySelector('main').innerText").as_str().unwrap_or_default().to_owned()
    }

    /// Whether one must scroll sideways.
    pub fn is_wider_than_its_screen(&mut self) -> bool {
        self.run("document.documentElement.scrollWidth > document.documentElement.clientWidth + 1") == true
    }
}

impl Drop for Chromium {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
