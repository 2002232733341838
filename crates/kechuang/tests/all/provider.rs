//! Provider: signing in through a real OpenID Connect provider, over HTTP on this machine, with the real program.
//!
//! `KECHUANG_PROVIDER_PYTHON` names a Python that has Canaille (`pip install 'canaille[front,oidc,sqlite]>=0.3,<0.4'`). Without it
//! this test says that it is skipped.

use std::{
    collections::BTreeMap,
    io::{BufRead, BufReader, Write},
    process::{Child, ChildStdin, ChildStdout, Command, Stdio},
    time::Duration,
};

use tempfile::TempDir;
use window::visit::escape;

use crate::{
    page,
    region::{PASSWORD, Region},
};

const PYTHON: &str = "KECHUANG_PROVIDER_PYTHON";
/// How often one is sent on before it is said to go in a circle.
const HOPS_MAX: usize = 12;
const WAIT: Duration = Duration::from_secs(60);

/// The provider's process.
struct School {
    child: Child,
    words: ChildStdin,
    answers: BufReader<ChildStdout>,
    url: String,
}

impl School {
    fn open() -> Option<Self> {
        let Some(python) = std::env::var(PYTHON).ok().filter(|python| !python.is_empty()) else {
            println!("skipped: {PYTHON} names no Python with a provider");
            return None;
        };
        let script = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/all/provider.py");
        let mut command = Command::new(python);
        command.arg(script).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null());
        let mut child = command.spawn().unwrap();
        let (words, answers) = (child.stdin.take().unwrap(), child.stdout.take().unwrap());
        let mut school = Self { child, words, answers: BufReader::new(answers), url: String::new() };
        school.url = school.line();
        assert!(school.url.starts_with("http://127.0.0.1:"), "the provider did not start: {}", school.url);
        Some(school)
    }

    fn line(&mut self) -> String {
        let mut line = String::new();
        self.answers.read_line(&mut line).unwrap();
        line.trim().to_owned()
    }

    fn say(&mut self, word: &str) {
        writeln!(self.words, "{word}").unwrap();
        self.words.flush().unwrap();
        assert_eq!(self.line(), "done");
    }
}

impl Drop for School {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Someone with a browser: keeps the cookies of each house, and goes where they are sent.
struct Browser {
    agent: ureq::Agent,
    cookies: BTreeMap<(String, String), String>,
    /// Where they arrived last, and what it says.
    at: String,
    html: String,
    /// Addresses that begin so are not gone to.
    stops_at: String,
}

impl Browser {
    fn new() -> Self {
        let config = ureq::Agent::config_builder().http_status_as_error(false).timeout_global(Some(WAIT));
        let agent = config.max_redirects(0).proxy(None).build().new_agent();
        let (at, html, stops_at) = (String::new(), String::new(), "none".to_owned());
        Self { agent, cookies: BTreeMap::new(), at, html, stops_at }
    }

    fn host(url: &str) -> &str {
        url.split('/').nth(2).unwrap()
    }

    fn get(&mut self, url: &str) {
        let cookies = self.cookies_for(url);
        let request = self.agent.get(url).header("Cookie", &cookies).header("Accept-Language", "en");
        let answer = request.call().unwrap();
        self.take(url, answer, HOPS_MAX);
    }

    /// Sends the form of the page where one is, with its hidden fields.
    fn send(&mut self, url: &str, typed: &[(&str, &str)]) {
        let (tags, _) = page::tags(&self.html);
        let hidden = tags.iter().filter(|tag| tag.name == "input" && tag.get("type") == "hidden");
        let mut fields: BTreeMap<&str, String> =
            hidden.map(|tag| (tag.get("name"), page::unescape(tag.get("value")))).collect();
        fields.extend(typed.iter().map(|(name, value)| (*name, (*value).to_owned())));
        let body: Vec<String> =
            fields.iter().map(|(name, value)| format!("{}={}", escape(name), escape(value))).collect();
        let cookies = self.cookies_for(url);
        let request = self.agent.post(url).header("Cookie", &cookies).header("Referer", url);
        let request = request.header("Content-Type", "application/x-www-form-urlencoded");
        let answer = request.header("Accept-Language", "en").send(body.join("&").as_bytes()).unwrap();
        self.take(url, answer, HOPS_MAX);
    }

    fn cookies_for(&self, url: &str) -> String {
        let own = self.cookies.iter().filter(|((host, _), _)| host == Self::host(url));
        own.map(|((_, name), value)| format!("{name}={value}")).collect::<Vec<_>>().join("; ")
    }

    fn take(&mut self, url: &str, mut answer: ureq::http::Response<ureq::Body>, hops: usize) {
        for cookie in answer.headers().get_all("set-cookie") {
            let pair = cookie.to_str().unwrap().split(';').next().unwrap();
            let (name, value) = pair.split_once('=').unwrap();
            self.cookies.insert((Self::host(url).to_owned(), name.to_owned()), value.to_owned());
        }
        let next = answer.headers().get("location").map(|to| to.to_str().unwrap().to_owned());
        self.html = answer.body_mut().read_to_string().unwrap();
        self.at = url.to_owned();
        let Some(next) = next else { return };
        let next = if next.starts_with('/') { format!("http://{}{next}", Self::host(url)) } else { next };
        if next.starts_with(&self.stops_at) {
            self.at = next;
            return;
        }
        assert!(hops > 0, "sent in a circle, now to {next}");
        let cookies = self.cookies_for(&next);
        let request = self.agent.get(&next).header("Cookie", &cookies).header("Accept-Language", "en");
        let answer = request.call().unwrap();
        self.take(&next, answer, hops - 1);
    }

    /// Goes to the provider and says there who one is.
    fn by_school(&mut self, house: &str, school: &School, password: &str) {
        // Canaille breaks when it gives one person two tokens within a second.
        std::thread::sleep(Duration::from_millis(1_100));
        self.get(&format!("{house}/sign-in/with/school?back=%2Faccount"));
        if self.at.starts_with(&school.url) {
            self.send(&self.at.clone(), &[("login", "liming")]);
            self.send(&self.at.clone(), &[("password", password)]);
        }
    }

    fn is_in(&mut self, house: &str) -> bool {
        self.get(&format!("{house}/account"));
        self.at == format!("{house}/account") && self.html.contains("action=\"/sign-out\"")
    }
}

const SCHOOL_PASSWORD: &str = "the school's password";

#[test]
fn one_signs_in_by_a_real_provider_and_a_token_it_did_not_sign_is_refused() {
    let Some(mut school) = School::open() else { return };
    let folder = TempDir::new().unwrap();
    let (list, data) = (folder.path().join("providers.toml"), folder.path().join("region"));
    std::fs::write(folder.path().join("secret"), "s3cret").unwrap();
    let entry = format!(
        "[[provider]]\nname = \"school\"\nissuer = \"{}/\"\nclient = \"kechuang\"\nsecret-file = \"secret\"\nzh = \"学校\"\nen = \"the school\"\n",
        school.url
    );
    std::fs::write(&list, entry).unwrap();
    let region = Region::open(&data, &["--providers", list.to_str().unwrap()]);
    let house = region.url.clone();
    school.say(&format!("{house}/sign-in/from/school"));

    let mut admin = Browser::new();
    admin.by_school(&house, &school, "not the password");
    assert!(admin.at.starts_with(&school.url), "the provider lets nobody go on: {}", admin.at);
    assert!(!admin.is_in(&house));
    admin.by_school(&house, &school, SCHOOL_PASSWORD);
    assert!(
        admin.at.starts_with(&format!("{house}/sign-in?")),
        "an unknown identity opens nothing: {}",
        admin.at
    );
    assert!(admin.html.contains("Li Ming"), "the house says who waits");
    assert!(!admin.is_in(&house));
    admin.get(&format!("{house}/sign-in?back=%2Fmy%2Fidentities"));
    admin.send(&format!("{house}/sign-in"), &[("login", "admin"), ("password", PASSWORD)]);
    admin.get(&format!("{house}/my/identities"));
    admin.send(&format!("{house}/my/identities"), &[]);
    assert!(admin.html.contains("liming"), "it is linked: {}", page::words(&admin.html));
    admin.send(&format!("{house}/sign-out"), &[]);
    assert!(!admin.is_in(&house));
    admin.by_school(&house, &school, SCHOOL_PASSWORD);
    assert!(admin.is_in(&house), "the identity alone lets one in");

    nobody_comes_in_with_the_code_of_another(&house, &school);

    school.say("hide");
    let mut fooled = Browser::new();
    fooled.by_school(&house, &school, SCHOOL_PASSWORD);
    assert!(fooled.html.contains("could not be trusted"), "{}", page::words(&fooled.html));
    assert!(!fooled.is_in(&house), "no key that is published has signed the token");
    school.say("show");
    fooled.by_school(&house, &school, SCHOOL_PASSWORD);
    assert!(fooled.is_in(&house), "the house is still open, and so is the way");
}

/// Two browsers come back from the provider; one brings what was given to the other. The provider itself refuses the
/// code, since the proof of the one who left does not fit it.
fn nobody_comes_in_with_the_code_of_another(house: &str, school: &School) {
    let mut both = [Browser::new(), Browser::new()];
    for browser in &mut both {
        browser.stops_at = format!("{house}/sign-in/from/school");
        browser.by_school(house, school, SCHOOL_PASSWORD);
        assert!(browser.at.contains("code="), "{}", browser.at);
    }
    let said = |url: &str, name: &str| {
        url.split(['?', '&']).find_map(|pair| pair.strip_prefix(&format!("{name}="))).unwrap().to_owned()
    };
    let [victim, mut thief] = both;
    let stolen = said(&victim.at, "code");
    let own = said(&thief.at, "code");
    let swapped = thief.at.replace(&own, &stolen);
    thief.stops_at = "none".into();
    thief.get(&swapped);
    assert!(!thief.is_in(house), "a stolen code");
    let mut stranger = Browser::new();
    stranger.get(&victim.at);
    assert!(stranger.html.contains("was begun elsewhere"), "{}", page::words(&stranger.html));
    assert!(!stranger.is_in(house), "a stolen way back");
}
