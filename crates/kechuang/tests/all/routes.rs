//! Routes: every address of the house, read from its sources, visited by every kind of person, and written down
//! in `golden/routes.txt` with who reaches it. A way in that ignores the charter shows as a tick too many;
//! an address that nobody has described fails here.

use std::{collections::BTreeMap, fmt::Write};

use serde_json::json;

use crate::{
    eyes::Eyes,
    golden::golden,
    secrecy::need,
    sources::{self, code},
    worlds::{By, Step, World, town},
};

/// Where addresses are decided: a file with those it hands visits on to, and what stands before each.
const WAYS: [(&[&str], &str); 3] = [
    (&["crates/window/src/ways/web.rs", "crates/window/src/rooms/account/mod.rs"], ""),
    (&["crates/window/src/ways/api.rs"], "/api"),
    // For calendar programs, which bring a password of their own: a browser's cookie reaches none of them.
    (&["crates/window/src/ways/dav/mod.rs"], ""),
];

/// Who visits: as whom they sign in, in English and Chinese.
const VISITORS: [(Option<&str>, &str); 7] = [
    (None, "the public · 公众"),
    (Some("stranger"), "signed in, signs for another firm · 已登录，代表其他单位"),
    (Some("colleague"), "belongs to the firm concerned · 当事单位人员"),
    (Some("signer"), "signs for the firm concerned · 当事单位签署人"),
    (Some("officer"), "joint office, screening, treasurer of the region · 本地区各岗位"),
    (Some("far"), "the same offices in another region · 其他地区同类岗位"),
    (Some("auditor"), "auditor of the region · 本地区审计员"),
];

/// One address as the sources have it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Route {
    pub path: String,
    pub is_post: bool,
    /// The desk to which it is bound; empty when it serves all.
    desk: String,
}

/// Every address in the sources.
pub fn all() -> Vec<Route> {
    let sources = sources::all();
    let mut found = Vec::new();
    for (files, before) in WAYS {
        let text = |file: &&str| sources.iter().find(|source| source.path == *file).unwrap().text.as_str();
        found.extend(read(&files.iter().map(text).collect::<Vec<_>>().join("\n"), before));
    }
    found.sort();
    found.dedup();
    assert!(found.len() > 40, "only {} addresses: this is not how they are written", found.len());
    found
}

/// The arms of the matches on steps. An arm that ends in `rest @ ..` is the beginning of those of the match or
/// the function it goes to.
fn read(text: &str, before: &str) -> Vec<Route> {
    let bare = code(text);
    let mut found = Vec::new();
    let mut function = String::new();
    // Beginnings by indentation within a function, and by the name of the function an arm goes to.
    let mut within: Vec<(usize, String)> = Vec::new();
    let mut goes_to: BTreeMap<String, (String, bool)> = BTreeMap::new();
    for (line, bare) in text.lines().zip(bare.lines()) {
        if let Some(name) = bare.trim_start().trim_start_matches("pub ").strip_prefix("fn ") {
            name.split(['(', '<']).next().unwrap().clone_into(&mut function);
            within.clear();
        }
        let indent = bare.len() - bare.trim_start().len();
        let Some((pattern, rest)) = bare.trim_start().strip_prefix('[').and_then(|rest| rest.split_once(']'))
        else {
            continue;
        };
        let Some((guard, target)) = rest.split_once("=>").filter(|(guard, _)| {
            let guard = guard.trim();
            guard.is_empty() || guard.starts_with("if ")
        }) else {
            continue;
        };
        let inner = goes_to.get(&function).cloned();
        let is_post = inner.as_ref().map_or(function == "post", |(_, is_post)| *is_post);
        within.retain(|(at, _)| *at < indent);
        let beginning = within.last().map(|(_, path)| path.clone());
        let beginning = beginning.or(inner.map(|(path, _)| path)).unwrap_or_else(|| before.to_owned());
        let start = line.find('[').unwrap() + 1;
        let quoted = &line[start..start + line[start..].find(']').unwrap()];
        let desk = guard.contains("desk").then(|| line.split("desk == \"").nth(1)).flatten();
        let desk = desk.and_then(|rest| rest.split('"').next()).unwrap_or("").to_owned();
        for path in paths(&beginning, quoted) {
            if pattern.contains("..") {
                within.push((indent, path.clone()));
                if let Some(name) = target.split('(').next() {
                    let name = name.trim().rsplit("::").next().unwrap();
                    goes_to.insert(name.to_owned(), (path, is_post));
                }
            } else {
                found.push(Route {
                    path: if path.is_empty() { "/".into() } else { path },
                    is_post,
                    desk: desk.clone(),
                });
            }
        }
    }
    found
}

/// The paths of a pattern such as `desk, "export.xlsx" | "export.csv"`.
fn paths(beginning: &str, pattern: &str) -> Vec<String> {
    let mut paths = vec![beginning.to_owned()];
    for step in pattern.split(',').map(str::trim).filter(|step| !step.is_empty() && !step.contains("..")) {
        let one = |step: &str| match step.trim().strip_prefix('"') {
            Some(word) => word.trim_end_matches('"').to_owned(),
            None => format!("{{{}}}", step.trim_start_matches('_')).replace("{}", "{any}"),
        };
        let all: Vec<String> = step.split('|').map(one).collect();
        paths = paths.iter().flat_map(|path| all.iter().map(move |step| format!("{path}/{step}"))).collect();
    }
    paths
}

/// A firm with a need that everyone may know and one that nobody else may.
pub fn steps() -> Vec<Step> {
    let mut steps = town();
    let draft = |key| Step::new(key, By::Person("signer"), "need", "", need());
    let on_open = |key, who, command| Step::new(key, who, "need", "open-need", command);
    let officer = By::Person("officer");
    let condense = json!({
        "verb": "condense", "title": need()["title"], "summary": need()["summary"],
        "indicators": need()["indicators"], "reason": "x",
    });
    steps.extend([
        draft("open-need"),
        on_open("submit", By::Person("signer"), json!({ "verb": "submit" })),
        on_open("screen", officer, json!({ "verb": "screen", "remark": "x" })),
        on_open("condense", officer, condense),
        on_open("confirm", officer, json!({ "verb": "confirm", "remark": "x" })),
        on_open("publish", officer, json!({ "verb": "publish" })),
        draft("closed-need"),
    ]);
    steps
}

/// What a visitor gets at an address, in one sign.
fn sign(eyes: &Eyes, route: &Route, path: &str) -> char {
    let reply = if route.is_post { eyes.post(path, &[]) } else { eyes.get(path) };
    let to = reply.headers.iter().find(|(name, _)| *name == "location").map_or("", |(_, to)| to.as_str());
    match reply.status {
        401 => '→',
        303 if to.starts_with("/sign-in") => '→',
        403 | 404 => '·',
        500.. => panic!("{path}: {}", String::from_utf8_lossy(&reply.body)),
        _ => '✓',
    }
}

/// The address with samples in its places; one that stands for a record once for each kind of record.
fn filled(route: &Route, world: &World) -> Vec<(&'static str, String)> {
    let desk = if route.desk.is_empty() { "need" } else { &route.desk };
    let record = |key: &str| world.records[key].to_string();
    let last = |key: &str| {
        let id = record(key);
        let facts = (0..world.registry.size()).rev();
        let is_its = |at: &u64| {
            world.registry.proof(*at).unwrap().unwrap().fact.contains(&format!("\"record\":\"{id}\""))
        };
        facts.clone().find(is_its).unwrap().to_string()
    };
    let verb = if route.path.contains("{id}") { "renew" } else { "draft" };
    let path = route.path.replace("{desk}", desk).replace("{verb}", verb).replace("{named}", "{position}");
    if path.contains("{id}") || path.contains("{position}") {
        let kinds = [("open record", "open-need"), ("closed record", "closed-need")];
        return kinds
            .map(|(kind, key)| {
                let path = path.replace("{id}", &record(key)).replace("{position}", &last(key));
                (kind, unnamed(&path))
            })
            .into();
    }
    vec![("", unnamed(&path))]
}

/// What is left of places: a thing that is not there.
fn unnamed(path: &str) -> String {
    let mut path = path.to_owned();
    while let Some((before, rest)) = path.split_once('{') {
        let (name, after) = rest.split_once('}').unwrap();
        let value = match name {
            "pending" => "endorsement-7k3m9q2a",
            "hash" => "00",
            "agreed" => "agree",
            _ => "none",
        };
        path = format!("{before}{value}{after}");
    }
    path
}

/// What each address is for, as written in the table the last time.
fn described(text: &str) -> BTreeMap<String, String> {
    let lines = text.lines().filter_map(|line| {
        let (head, words) = line.split_once(" # ")?;
        let head = head.trim_end_matches(['✓', '→', '·', ' ']);
        Some((head.trim().to_owned(), words.to_owned()))
    });
    lines.collect()
}

#[test]
fn every_address_is_in_the_table_with_those_who_reach_it() {
    let world = World::play(&steps()).unwrap();
    world.registry.seal_now().unwrap();
    let visitors: Vec<Eyes> = VISITORS.iter().map(|(who, _)| Eyes::new(&world, *who)).collect();
    let old = std::fs::read_to_string(sources::root().join("crates/kechuang/tests/all/golden/routes.txt"));
    let described = described(&old.unwrap_or_default());
    let mut text = String::from(
        "Every address, and who reaches it. ✓ reaches it: gets the page, or is told what is wrong with what was sent;\n\
         → is asked to sign in; · is told that there is no such thing, or that the charter does not allow it.\n\
         An open record is one that everyone may know of; a closed one is a draft. What is asked there is `renew`.\n\
         每个地址及可到达者。✓ 可到达：看到页面，或被告知所填有误；→ 须先登录；· 被告知没有此页，或权限不允许。\n\
         open record 为人人可知的记录；closed record 为草稿。\n\n",
    );
    for ((_, name), number) in VISITORS.iter().zip(1..) {
        writeln!(text, "  {number} {name}").unwrap();
    }
    writeln!(text, "\n{:<44}1 2 3 4 5 6 7", "").unwrap();
    let mut undescribed = Vec::new();
    let routes = all();
    // Signing out ends the visit; it comes last.
    let (last, first): (Vec<&Route>, Vec<&Route>) =
        routes.iter().partition(|route| route.path == "/sign-out");
    let mut lines = BTreeMap::new();
    for route in first.into_iter().chain(last) {
        let of = if route.desk.is_empty() { String::new() } else { format!(" ({})", route.desk) };
        let head = format!("{} {}{of}", if route.is_post { "POST" } else { "GET " }, route.path);
        let words = described.get(head.trim()).cloned().unwrap_or_else(|| {
            undescribed.push(head.clone());
            "to be described".into()
        });
        let signs = |path: &str| {
            visitors.iter().map(|eyes| format!("{} ", sign(eyes, route, path))).collect::<String>()
        };
        let of_kinds = filled(route, &world);
        let entry = match of_kinds.as_slice() {
            [(_, path)] => format!("{head:<44}{} # {words}\n", signs(path)),
            several => {
                let lines = several.iter().map(|(kind, path)| format!("     {kind:<39}{}\n", signs(path)));
                let lines: String = lines.collect();
                format!("{head:<59}# {words}\n{}", lines.replace(" \n", "\n"))
            }
        };
        lines.insert((route.path.clone(), route.is_post, route.desk.clone()), entry);
    }
    lines.values().for_each(|entry| text.push_str(entry));
    golden("routes.txt", &text);
    let undescribed: Vec<String> = undescribed
        .into_iter()
        .chain(text.lines().filter(|line| line.contains("# to be described")).map(str::to_owned))
        .collect();
    assert!(
        undescribed.is_empty(),
        "say in golden/routes.txt what these are for:\n{}",
        undescribed.join("\n")
    );
}

#[test]
fn addresses_are_read_from_the_arms_that_decide_them() {
    let text = "pub fn answer() {\n  match way {\n    [] => a(),\n    [\"x\", id] => b(),\n    [desk, rest @ ..] => of_desk(rest),\n  }\n}\n\
                fn of_desk() {\n  match rest {\n    [\"a\" | \"b\"] if desk == \"need\" => c(),\n  }\n}\n\
                fn post() {\n  match way {\n    [desk, rest @ ..] => {\n      match rest {\n        [id, verb] => d(),\n      }\n    }\n    [\"y\"] => e(),\n  }\n}\n";
    let shown: Vec<String> = read(text, "")
        .iter()
        .map(|route| format!("{}{}{}", if route.is_post { "!" } else { "" }, route.path, route.desk))
        .collect();
    assert_eq!(shown, ["/", "/x/{id}", "/{desk}/aneed", "/{desk}/bneed", "!/{desk}/{id}/{verb}", "!/y"]);
}
