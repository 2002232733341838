//! Town: a small region whose clock the tests set, and browsers that keep their cookies.

use std::{
    collections::BTreeMap,
    sync::{
        Arc,
        atomic::{AtomicI64, AtomicU64, Ordering},
    },
};

use desks::DESKS;
use grammar::kinds::{Id, Moment};
use registry::{Ask, Asker, Chance, Clock, Registry, Settings};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use tempfile::TempDir;
use window::{
    House, Options, SignIn, answer,
    visit::{Reply, Visit},
};

pub const PASSWORD: &str = "a long enough password";
pub const MINUTE: i64 = 60_000;
pub const HOUR: i64 = 60 * MINUTE;
pub const DAY: i64 = 24 * HOUR;

pub struct TestClock(AtomicI64);
impl Clock for TestClock {
    fn now(&self) -> Moment {
        Moment::from_millis(self.0.load(Ordering::Relaxed))
    }
}

struct Numbered(AtomicU64);
impl Chance for Numbered {
    fn bytes(&self) -> [u8; 32] {
        Sha256::digest(self.0.fetch_add(1, Ordering::Relaxed).to_be_bytes()).into()
    }
}

pub struct Town {
    pub house: Arc<House>,
    clock: Arc<TestClock>,
    _folder: TempDir,
}

impl Town {
    pub fn new() -> Self {
        Self::with("http://127.0.0.1:1", SignIn::default())
    }

    pub fn with(public_url: &str, sign_in: SignIn) -> Self {
        Self::made(public_url, sign_in, None)
    }

    /// A house that asks others.
    pub fn made(public_url: &str, sign_in: SignIn, fetch: Option<Arc<dyn window::Fetch>>) -> Self {
        let folder = TempDir::new().unwrap();
        let settings = Settings::new(folder.path(), "kechuang.example/test");
        let clock = Arc::new(TestClock(AtomicI64::new(1_772_416_800_000)));
        let registry =
            Registry::open(settings, &DESKS, clock.clone(), Arc::new(Numbered(AtomicU64::new(7)))).unwrap();
        let options = Options { public_url: public_url.into(), upload_max: 64 << 20, sign_in };
        let house = match fetch {
            Some(fetch) => House::reaching(registry, options, fetch),
            None => House::new(registry, options),
        };
        Self { house: house.unwrap(), clock, _folder: folder }
    }

    pub fn wait(&self, millis: i64) {
        self.clock.0.fetch_add(millis, Ordering::Relaxed);
    }

    pub fn now(&self) -> Moment {
        self.clock.now()
    }

    pub fn found(&self, key: &str, desk: &str, record: Option<Id>, command: Value) -> Id {
        let verb = DESKS.find(desk).unwrap().verb(command["verb"].as_str().unwrap()).unwrap();
        let mut fields = command.clone();
        fields.as_object_mut().unwrap().remove("verb");
        let ask = Ask::new(key, Asker::Founder, desk, record, verb.read_json(&fields).unwrap());
        self.house.registry.run(ask).unwrap_or_else(|denied| panic!("{key}: {denied:?}")).record
    }

    /// Someone without a way to sign in.
    pub fn registered(&self, name: &str) -> Id {
        let entry = json!({ "verb": "register", "name": name, "region": "310000", "public": true, "display_name": { "zh": name, "en": name } });
        self.found(&format!("person/{name}"), "person", None, entry)
    }

    pub fn person(&self, login: &str) -> Id {
        let id = self.registered(login);
        window::set_password(&self.house.registry, login, PASSWORD, id).unwrap().unwrap();
        id
    }

    pub fn officer(&self, login: &str, office: &str) -> Id {
        let id = self.person(login);
        let appoint = json!({ "verb": "appoint", "holder": id, "office": office, "region": "000000", "from": self.now().day(), "document": "test 1" });
        self.found(&format!("office/{login}/{office}"), "office", None, appoint);
        id
    }

    pub fn browser(&self, from: &'static str) -> Browser<'_> {
        Browser { town: self, cookies: BTreeMap::new(), from, language: "en", agent: "Chrome/1 Windows" }
    }

    /// Someone who has signed in from an address of their own.
    pub fn signed_in(&self, login: &str) -> Browser<'_> {
        let mut browser = self.browser("192.0.2.1");
        let reply = browser.sign_in(login, PASSWORD);
        assert_eq!(reply.status, 303, "{login}: {}", page(&reply));
        browser
    }

    pub fn api(&self, token: &str, is_post: bool, path: &str, body: &Value) -> Reply {
        let browser = self.browser("192.0.2.7");
        let mut visit = browser.visit(path);
        visit.headers.insert("authorization".into(), format!("Bearer {token}"));
        visit.is_post = is_post;
        visit.body = if is_post { body.to_string().into_bytes() } else { vec![] };
        answer(&self.house, &visit)
    }
}

impl Drop for Town {
    fn drop(&mut self) {
        self.house.registry.close();
    }
}

#[derive(Clone)]
pub struct Browser<'a> {
    pub town: &'a Town,
    pub cookies: BTreeMap<String, String>,
    pub from: &'static str,
    pub language: &'static str,
    pub agent: &'static str,
}

impl Browser<'_> {
    pub fn visit(&self, path: &str) -> Visit {
        let (path, query) = path.split_once('?').unwrap_or((path, ""));
        let pairs = query.split('&').filter_map(|pair| pair.split_once('='));
        Visit {
            path: path.into(),
            steps: path.split('/').filter(|step| !step.is_empty()).map(str::to_owned).collect(),
            query: pairs.map(|(name, value)| (name.to_owned(), value.to_owned())).collect(),
            cookies: self.cookies.clone(),
            headers: [("accept-language", self.language), ("user-agent", self.agent)]
                .map(|(name, value)| (name.to_owned(), value.to_owned()))
                .into(),
            from: self.from.into(),
            ..Visit::default()
        }
    }

    /// Sends a visit and keeps the cookies of the reply, as a browser does.
    pub fn go(&mut self, visit: &Visit) -> Reply {
        let reply = answer(&self.town.house, visit);
        for (_, cookie) in reply.headers.iter().filter(|(name, _)| *name == "set-cookie") {
            let (name, value) = cookie.split(';').next().unwrap().split_once('=').unwrap();
            if value.is_empty() {
                self.cookies.remove(name);
            } else {
                self.cookies.insert(name.into(), value.into());
            }
        }
        reply
    }

    pub fn get(&mut self, path: &str) -> Reply {
        let visit = self.visit(path);
        self.go(&visit)
    }

    /// Opens a page, fills its form and sends it.
    pub fn send(&mut self, from: &str, action: &str, typed: &[(&str, &str)]) -> Reply {
        let html = page(&self.get(from));
        let mut form: BTreeMap<String, String> = BTreeMap::new();
        for name in ["csrf", "key", "seen"] {
            form.extend(
                between(&html, &format!("name=\"{name}\" value=\""), "\"").map(|v| (name.to_owned(), v)),
            );
        }
        form.extend(typed.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())));
        let visit = Visit { is_post: true, form, ..self.visit(action) };
        self.go(&visit)
    }

    pub fn sign_in(&mut self, login: &str, password: &str) -> Reply {
        self.send("/sign-in", "/sign-in", &[("login", login), ("password", password)])
    }

    pub fn is_in(&mut self) -> bool {
        self.get("/account").status == 200
    }
}

/// A page as text, with long words put together again.
pub fn page(reply: &Reply) -> String {
    String::from_utf8_lossy(&reply.body).replace("<wbr>", "")
}

pub fn header<'a>(reply: &'a Reply, name: &str) -> &'a str {
    reply.headers.iter().find(|(known, _)| *known == name).map_or("", |(_, value)| value.as_str())
}

pub fn between(text: &str, before: &str, after: &str) -> Option<String> {
    text.split(before).nth(1)?.split(after).next().map(str::to_owned)
}
