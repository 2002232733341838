//! Eyes: everything that one visitor of a world can get, by every address there is.

use std::collections::{BTreeMap, BTreeSet};

use chain::receipt;
use desks::DESKS;
use grammar::form::Dice;
use serde_json::Value;
use window::{
    House, Options,
    visit::{Reply, Visit},
};

use crate::{region::PASSWORD, worlds::World};

/// What is looked for: parts of the texts of both worlds.
const SEARCHED: [&str; 8] = ["XQ-77", "机密", "WV-31", "隐秘", "ghost", "示例", "4321", "光刻胶"];

/// A visitor of a world inside this process.
pub struct Eyes<'a> {
    world: &'a World,
    house: std::sync::Arc<House>,
    cookies: BTreeMap<String, String>,
    token: String,
}

impl<'a> Eyes<'a> {
    /// Someone who has not signed in, or the person of a step.
    pub fn new(world: &'a World, who: Option<&str>) -> Self {
        let options = Options { public_url: "http://127.0.0.1:1".into(), upload_max: 1 << 20 };
        let house = House::new(world.registry.clone(), options).unwrap();
        let mut eyes = Self { world, house, cookies: BTreeMap::new(), token: String::new() };
        if let Some(login) = who {
            world.let_in(login);
            let form = [("login", login), ("password", PASSWORD)]
                .map(|(name, value)| (name.to_owned(), value.to_owned()));
            let reply = eyes.answer(&Visit { is_post: true, form: form.into(), ..eyes.visit("/sign-in") });
            let cookie = reply.headers.iter().find(|(name, _)| *name == "set-cookie").unwrap().1.clone();
            let (name, value) = cookie.split(';').next().unwrap().split_once('=').unwrap();
            eyes.cookies.insert(name.into(), value.into());
            let account = String::from_utf8(eyes.answer(&eyes.visit("/account")).body).unwrap();
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
            from: "127.0.0.1".into(),
            ..Visit::default()
        }
    }

    /// What this visitor gets at an address.
    pub fn get(&self, path: &str) -> Reply {
        self.answer(&self.visit(path))
    }

    /// What this visitor is told after sending a form of the house with these fields; to a program's address,
    /// the same as JSON.
    pub fn post(&self, path: &str, fields: &[(&str, &str)]) -> Reply {
        let pairs = fields.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
        let mut visit = Visit { is_post: true, ..self.visit(path) };
        if path.starts_with("/api/") {
            visit.body = serde_json::to_vec(&pairs.collect::<BTreeMap<_, _>>()).unwrap();
        } else {
            visit.form = pairs.chain([("csrf".to_owned(), self.token.clone())]).collect();
        }
        self.answer(&visit)
    }

    fn answer(&self, visit: &Visit) -> Reply {
        window::answer(&self.house, visit)
    }

    /// Everything this visitor can get, by how it is asked for.
    pub fn everything(&self) -> BTreeMap<String, String> {
        let mut got = BTreeMap::new();
        let masks = masks(self.world);
        let mut keep = |name: String, reply: Reply| {
            // Long hashes may be broken into lines.
            let mut text = String::from_utf8_lossy(&reply.body).replace("<wbr>", "");
            for mask in &masks {
                text = text.replace(mask.as_str(), "#");
            }
            got.insert(name, format!("{} {:?}\n{text}", reply.status, reply.headers));
        };
        for path in paths(self.world) {
            let reply = self.answer(&self.visit(&path));
            keep(path, reply);
        }
        for (path, body) in asks(self.world) {
            let visit = Visit { is_post: true, body: body.to_string().into_bytes(), ..self.visit(&path) };
            let reply = self.answer(&visit);
            keep(format!("POST {path}"), reply);
        }
        got
    }
}

/// Hashes over facts that the viewer may not read differ, and say nothing: behind each is a salt of 32 bytes
/// that the viewer never gets. These are the roots, proofs and checkpoints of the log, and `previous`, by which
/// a fact names the one before it. Nothing else may differ.
fn masks(world: &World) -> BTreeSet<String> {
    let mut masks = BTreeSet::new();
    for position in 0..world.registry.size() {
        let proof = world.registry.proof(position).unwrap().unwrap();
        masks.extend(proof.proof.iter().map(ToString::to_string));
        masks.extend(proof.checkpoint.lines().filter(|line| line.len() > 40).map(str::to_owned));
        masks.insert(receipt::verify(&proof, &[]).unwrap().root.to_string());
        let fact: Value = serde_json::from_str(&proof.fact).unwrap();
        masks.extend(fact["previous"].as_str().map(str::to_owned));
    }
    masks
}

/// Every address there is: rooms, lists, searches, exports, records, histories, forms, proofs.
fn paths(world: &World) -> Vec<String> {
    let rooms =
        ["/", "/find", "/inbox", "/account", "/rulebook", "/desks", "/api", "/proof", "/api/v1/inbox"];
    let mut paths: Vec<String> = rooms.map(str::to_owned).into();
    paths.extend(["/api/v1/checkpoint", "/api/v1/rules", "/api/openapi.json"].map(str::to_owned));
    for words in SEARCHED {
        paths.extend([format!("/find?q={words}"), format!("/api/v1/find?q={words}")]);
    }
    for clerk in DESKS.iter() {
        let desk = clerk.name();
        paths.extend([format!("/{desk}"), format!("/{desk}?sort=title"), format!("/{desk}?mine=yes")]);
        paths.extend([
            format!("/{desk}/export.csv"),
            format!("/api/v1/{desk}"),
            format!("/api/v1/{desk}?sort=title-zh"),
        ]);
        for party in ["firm", "provider", "signer", "officer"] {
            paths.push(format!("/api/v1/{desk}?party={}", world.records[party]));
        }
        for words in SEARCHED {
            paths.extend([format!("/{desk}?q={words}"), format!("/api/v1/{desk}?suggest=1&q={words}")]);
        }
        paths.extend(["open", "draft", "published"].map(|status| format!("/api/v1/{desk}?status={status}")));
    }
    for (desk, id) in world.all() {
        let clerk = DESKS.find(&desk).unwrap();
        paths.extend([
            format!("/{desk}/{id}"),
            format!("/api/v1/{desk}/{id}"),
            format!("/api/v1/{desk}/{id}/history"),
        ]);
        paths.push(format!("/{desk}?party={id}"));
        paths.extend(clerk.verbs().iter().map(|verb| format!("/{desk}/{id}/{}", verb.name)));
    }
    for position in 0..=world.registry.size() {
        paths.extend([
            format!("/proof/{position}"),
            format!("/proof/{position}/receipt.json"),
            format!("/api/v1/receipts/{position}"),
        ]);
    }
    paths
}

/// Every verb of every record, asked with some body: a refusal may tell as much as a page.
fn asks(world: &World) -> Vec<(String, Value)> {
    let all = world.all();
    let mut asks = Vec::new();
    let some = |desk: &str, _: &mut Dice| {
        all.iter().find(|(of, _)| desk.is_empty() || of == desk).map(|(_, id)| *id)
    };
    for (desk, id) in &all {
        for verb in DESKS.find(desk).unwrap().verbs() {
            let sample = verb.sample(&mut Dice::new(3), world.registry.now().day(), &some);
            let Some(mut body) = sample else { continue };
            body.as_object_mut().unwrap().remove("verb");
            asks.push((format!("/api/v1/{desk}/{id}/{}", verb.name), body));
        }
    }
    asks
}
