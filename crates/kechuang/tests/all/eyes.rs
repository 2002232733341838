//! Eyes: everything that one visitor of a world can get, by every address there is; and what differs between
//! two worlds for the same visitor.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use chain::receipt;
use desks::DESKS;
use grammar::{clerk::Clerk, form::Dice, kinds::Id, viewer::Viewer, words::Locale};
use registry::{Look, Registry};
use serde_json::Value;
use window::{
    House, Options,
    visit::{Reply, Visit},
};

use crate::{region::PASSWORD, worlds::World};

mod programs;

/// What is looked for: parts of the texts of both worlds.
const SEARCHED: [&str; 8] = ["XQ-77", "机密", "WV-31", "隐秘", "ghost", "示例", "4321", "光刻胶"];
/// Persons and organisations by whom lists are narrowed.
const PARTIES_MAX: usize = 8;
/// Hashes are at least this long where they are shown.
const HASH_MIN: usize = 40;

/// A visitor of a house inside this process.
pub struct Eyes {
    registry: Arc<Registry>,
    house: Arc<House>,
    cookies: BTreeMap<String, String>,
    token: String,
    /// The password of a calendar program.
    basic: String,
    from: String,
}

impl Eyes {
    /// Someone who has not signed in, or the person of a step.
    pub fn new(world: &World, who: Option<&str>) -> Self {
        Self::of(&world.registry, who.map(|who| world.records[who]))
    }

    /// Someone who has not signed in, or a person, whose name to sign in with becomes their id.
    pub fn of(registry: &Arc<Registry>, who: Option<Id>) -> Self {
        let options = Options {
            public_url: "http://127.0.0.1:1".into(),
            upload_max: 1 << 20,
            sign_in: window::SignIn { limits: false, ..Default::default() },
        };
        let house = House::new(registry.clone(), options).unwrap();
        let mut eyes = Self {
            registry: registry.clone(),
            house,
            cookies: BTreeMap::new(),
            token: String::new(),
            basic: String::new(),
            from: "127.0.0.1".into(),
        };
        if let Some(person) = who {
            let login = person.as_str();
            window::set_password(registry, login, PASSWORD, person).unwrap().unwrap();
            let reply = eyes.post("/sign-in", &[("login", login), ("password", PASSWORD)]);
            let cookie = reply.headers.iter().find(|(name, _)| *name == "set-cookie").unwrap().1.clone();
            let (name, value) = cookie.split(';').next().unwrap().split_once('=').unwrap();
            eyes.cookies.insert(name.into(), value.into());
            let account = eyes.text("/account");
            let token = account.split("name=\"csrf\" value=\"").nth(1).unwrap().split('"').next().unwrap();
            token.clone_into(&mut eyes.token);
        }
        eyes
    }

    fn visit(&self, path: &str) -> Visit {
        let (path, query) = path.split_once('?').unwrap_or((path, ""));
        let pairs = query.split('&').filter_map(|pair| pair.split_once('='));
        Visit {
            path: path.into(),
            steps: path.split('/').filter(|step| !step.is_empty()).map(str::to_owned).collect(),
            query: pairs.map(|(name, value)| (name.to_owned(), value.to_owned())).collect(),
            cookies: self.cookies.clone(),
            headers: [("accept-language", "en"), ("x-csrf-token", &self.token)]
                .map(|(name, value)| (name.to_owned(), value.to_owned()))
                .into(),
            from: self.from.clone(),
            ..Visit::default()
        }
    }

    /// The same visitor, coming from another address of the network.
    pub fn from(&self, from: &str) -> Self {
        let (registry, house, cookies) = (self.registry.clone(), self.house.clone(), self.cookies.clone());
        let (token, basic) = (self.token.clone(), self.basic.clone());
        Self { registry, house, cookies, token, basic, from: from.into() }
    }

    /// The same visitor with one more cookie.
    pub fn with_cookie(&self, name: &str, value: &str) -> Self {
        let mut eyes = self.from(&self.from);
        eyes.cookies.insert(name.into(), value.into());
        eyes
    }

    /// What this visitor gets at an address.
    pub fn get(&self, path: &str) -> Reply {
        window::answer(&self.house, &self.visit(path))
    }

    /// The same as text.
    pub fn text(&self, path: &str) -> String {
        String::from_utf8_lossy(&self.get(path).body).into_owned()
    }

    /// What this visitor is told after sending a form of the house with these fields; to a program's address,
    /// the same as JSON.
    pub fn post(&self, path: &str, fields: &[(&str, &str)]) -> Reply {
        let pairs = fields.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
        if path.starts_with("/api/") {
            return self.send(path, &pairs.collect());
        }
        let form = pairs.chain([("csrf".to_owned(), self.token.clone())]).collect();
        window::answer(&self.house, &Visit { is_post: true, form, ..self.visit(path) })
    }

    /// What a program is told after sending this.
    pub fn send(&self, path: &str, body: &Value) -> Reply {
        let body = body.to_string().into_bytes();
        window::answer(&self.house, &Visit { is_post: true, body, ..self.visit(path) })
    }
}

/// What is asked for in both worlds.
pub struct Asked {
    /// Every record, told ones too.
    all: Vec<(String, Id)>,
    pub words: Vec<String>,
    parties: Vec<Id>,
    size: u64,
}

impl Asked {
    pub fn of(registry: &Registry) -> Self {
        let mut all = Vec::new();
        for position in 0..registry.size() {
            let fact: Value = serde_json::from_str(&registry.proof(position).unwrap().unwrap().fact).unwrap();
            let desk = fact["desk"].as_str().unwrap().to_owned();
            all.push((desk, fact["record"].as_str().unwrap().parse().ok().unwrap()));
        }
        all.sort();
        all.dedup();
        let parties = all.iter().filter(|(desk, _)| ["organisation", "person"].contains(&desk.as_str()));
        let parties = parties.map(|(_, id)| *id).step_by(4).take(PARTIES_MAX).collect();
        Self { all, words: SEARCHED.map(str::to_owned).into(), parties, size: registry.size() }
    }

    /// Every address there is: rooms, lists with each way to narrow and sort them, searches, suggestions,
    /// exports, records, histories, forms, proofs.
    fn paths(&self) -> Vec<String> {
        let rooms = ["/", "/find", "/inbox", "/account", "/rulebook", "/desks", "/api", "/proof", "/demo"];
        let more = ["/api/v1/inbox", "/api/v1/checkpoint", "/api/v1/rules", "/api/openapi.json"];
        let mut paths: Vec<String> = rooms.iter().chain(&more).map(|path| (*path).to_owned()).collect();
        paths.extend(rooms.map(|path| format!("{path}?lang=zh")));
        for words in &self.words {
            paths.extend([format!("/find?q={words}"), format!("/api/v1/find?q={words}")]);
        }
        DESKS.iter().for_each(|clerk| self.lists(clerk, &mut paths));
        for (desk, id) in &self.all {
            let clerk = DESKS.find(desk).unwrap();
            let record = format!("/{desk}/{id}");
            paths.extend([
                record.clone(),
                format!("{record}?lang=zh"),
                format!("/api/v1{record}"),
                format!("/api/v1{record}/history"),
                format!("/api/v1{record}/case"),
                format!("{record}/case.json"),
                format!("{record}/certificate"),
                format!("/{desk}?party={id}"),
            ]);
            paths.extend(clerk.verbs().iter().map(|verb| format!("{record}/{}", verb.name)));
        }
        for position in 0..=self.size {
            paths.extend([
                format!("/proof/{position}"),
                format!("/proof/{position}/receipt.json"),
                format!("/api/v1/receipts/{position}"),
            ]);
        }
        paths
    }

    fn lists(&self, clerk: &dyn Clerk, paths: &mut Vec<String>) {
        let desk = clerk.name();
        for beginning in [format!("/{desk}"), format!("/api/v1/{desk}")] {
            let narrowed = ["", "?sort=title", "?sort=title-zh", "?sort=title-en", "?mine=yes", "?lang=zh"];
            paths.extend(narrowed.map(|more| format!("{beginning}{more}")));
            paths.extend(self.words.iter().map(|words| format!("{beginning}?q={words}")));
            paths.extend(self.parties.iter().map(|party| format!("{beginning}?party={party}")));
            let words = clerk.words(Locale::En);
            let keys = words.keys().filter(|(section, _)| *section == "status");
            paths.extend(keys.map(|(_, status)| format!("{beginning}?status={status}")));
            paths.extend(["310000", "310115", "340100"].map(|region| format!("{beginning}?region={region}")));
        }
        let choices = clerk.words(Locale::En).keys().filter(|(section, _)| *section == "choice");
        for (_, choice) in choices {
            paths.extend(["kind", "field"].map(|name| format!("/api/v1/{desk}?{name}={choice}")));
        }
        paths.extend(["csv", "xlsx"].map(|kind| format!("/{desk}/export.{kind}")));
        paths.extend(["csv", "xlsx"].map(|kind| format!("/{desk}/export.{kind}?sort=title&region=310000")));
        paths.extend(self.words.iter().map(|words| format!("/api/v1/{desk}?suggest=1&q={words}")));
        let forms = clerk.opens().iter().map(|verb| format!("/{desk}/new/{verb}"));
        paths.extend(forms);
    }

    /// Every verb of every record, asked with some body: a refusal may tell as much as a page.
    fn asks(&self, registry: &Registry) -> Vec<(String, Value)> {
        let mut asks = Vec::new();
        let some = |desk: &str, _: &mut Dice| {
            self.all.iter().find(|(of, _)| desk.is_empty() || of == desk).map(|(_, id)| *id)
        };
        for (desk, id) in &self.all {
            for verb in DESKS.find(desk).unwrap().verbs() {
                let sample = verb.sample(&mut Dice::new(3), registry.now().day(), &some);
                let Some(mut body) = sample else { continue };
                body.as_object_mut().unwrap().remove("verb");
                asks.push((format!("/api/v1/{desk}/{id}/{}", verb.name), body));
            }
        }
        asks
    }
}

/// What two visitors of two worlds were shown.
#[derive(Default)]
pub struct Compared {
    pub answers: usize,
    /// Answers that gave something.
    pub good: usize,
    pub differ: Vec<String>,
}

/// Gives both visitors every address in turn, and compares: status, headers, length, and every byte but the
/// hashes named by [`masks`].
pub fn compare(one: &Eyes, other: &Eyes, asked: &Asked) -> Compared {
    let masks = masks(one).into_iter().chain(masks(other)).collect();
    compare_with(one, other, asked, &masks)
}

/// The same, where the commitments to personal values of a person differ too: hashes with a salt of their own.
pub fn compare_but_commitments(one: &Eyes, other: &Eyes, asked: &Asked, of: [Id; 2]) -> Compared {
    let mut masks: BTreeSet<String> = masks(one).into_iter().chain(masks(other)).collect();
    for (eyes, person) in [one, other].into_iter().zip(of) {
        let look = eyes.registry.look(Some(person)).unwrap();
        let state = look.record(person).unwrap().unwrap().state;
        let fields = ["name", "phone", "email", "id_number"];
        masks.extend(fields.iter().filter_map(|field| state[field].as_str().map(str::to_owned)));
    }
    compare_with(one, other, asked, &masks)
}

fn compare_with(one: &Eyes, other: &Eyes, asked: &Asked, masks: &BTreeSet<String>) -> Compared {
    let mut compared = Compared::default();
    let mut keep = |name: String, (a, b): (Reply, Reply)| {
        compared.answers += 1;
        compared.good += usize::from(a.status == 200);
        if (a.status, &a.headers, &a.body) == (b.status, &b.headers, &b.body) {
            return;
        }
        let same_size = a.body.len() == b.body.len();
        let [a, b] = [a, b].map(|reply| {
            format!(
                "{} {:?}\n{}",
                reply.status,
                reply.headers,
                masked(&String::from_utf8_lossy(&reply.body), masks)
            )
        });
        if !same_size || a != b {
            let same = a.chars().zip(b.chars()).take_while(|(a, b)| a == b).count();
            let around =
                |text: &str| text.chars().skip(same.saturating_sub(60)).take(160).collect::<String>();
            compared.differ.push(format!("{name}\n  {}\n  {}", around(&a), around(&b)));
        }
    };
    for path in asked.paths() {
        let both = (one.get(&path), other.get(&path));
        keep(path, both);
    }
    for (a, b) in one.program().into_iter().zip(other.program()) {
        for visit in asked.programs() {
            let both = (a.put(&visit), b.put(&visit));
            keep(format!("{} {}", visit.method, visit.path), both);
        }
    }
    for visit in asked.programs().into_iter().take(programs::PUBLIC_MAX) {
        let both = (one.put(&visit), other.put(&visit));
        keep(format!("{} {} by nobody", visit.method, visit.path), both);
    }
    for (path, body) in asked.asks(&one.registry) {
        let both = (one.send(&path, &body), other.send(&path, &body));
        keep(format!("POST {path}"), both);
    }
    compared
}

/// Hashes over facts that the viewer may not read differ, and say nothing: behind each is a salt of 32 bytes
/// that the viewer never gets. These are the roots, proofs and checkpoints of the log, and `previous`, by which
/// a fact names the one before it; in case files the entries of closed facts, and the map of heads with what opens
/// one of them. Nothing else may differ, and they are all of one length.
fn masks(eyes: &Eyes) -> BTreeSet<String> {
    let mut masks = BTreeSet::new();
    let all = Look { registry: &eyes.registry, viewer: Viewer::clock() };
    for (_, id) in Asked::of(&eyes.registry).all {
        let file = all.case_file(id).unwrap().unwrap();
        let proof = file.head.proof;
        masks.extend(file.steps.iter().map(|step| step.entry.to_string()));
        masks.extend(proof.heads.iter().map(|head| head.1.to_string()));
        masks.extend(proof.path.iter().chain([&file.head.blind]).map(ToString::to_string));
        masks.extend(tokens(&file.checkpoint).map(str::to_owned));
    }
    for position in 0..eyes.registry.size() {
        let proof = eyes.registry.proof(position).unwrap().unwrap();
        masks.extend(proof.proof.iter().map(ToString::to_string));
        masks.extend(tokens(&proof.checkpoint).map(str::to_owned));
        masks.insert(receipt::verify(&proof, &[]).unwrap().root.to_string());
        let fact: Value = serde_json::from_str(&proof.fact).unwrap();
        masks.extend(fact["previous"].as_str().map(str::to_owned));
    }
    masks
}

fn is_of_hash(letter: char) -> bool {
    letter.is_ascii_alphanumeric() || "+/=".contains(letter)
}

/// What may be a hash: long words of hexadecimal or base64.
fn tokens(text: &str) -> impl Iterator<Item = &str> {
    text.split(|letter| !is_of_hash(letter)).filter(|token| token.len() >= HASH_MIN)
}

fn masked(text: &str, masks: &BTreeSet<String>) -> String {
    // Long hashes may be broken into lines; a line break in JSON is written `\n`.
    let text = text.replace("<wbr>", "").replace("\\n", "\n");
    let mut masked = String::with_capacity(text.len());
    let mut rest = text.as_str();
    while let Some(token) = tokens(rest).next() {
        let at = rest.find(token).unwrap();
        let shown = if masks.contains(token) { "#" } else { token };
        masked.push_str(&rest[..at]);
        masked.push_str(shown);
        rest = &rest[at + token.len()..];
    }
    masked + rest
}

#[test]
fn only_hashes_of_the_log_are_masked() {
    let hash = "ab".repeat(32);
    let masks = BTreeSet::from([hash.clone()]);
    let text = format!("a {hash}\\n{hash} {}", "cd".repeat(32));
    assert_eq!(masked(&text, &masks), format!("a #\n# {}", "cd".repeat(32)));
}
