//! Leaks: how programs of this kind have really leaked or failed, each with a test of its name. What is here
//! by name is elsewhere in general: `secrecy_any` compares worlds over every address for every viewer.

use std::{
    collections::{BTreeMap, BTreeSet},
    time::Instant,
};

use desks::DESKS;
use grammar::{form::Dice, kinds::Money};
use registry::{Ask, Asker};
use serde_json::{Value, json};

use crate::{
    anything::{Anything, FILE},
    eyes::Eyes,
    memory::By as Who,
    routes::{self, steps},
    secrecy_any::Place,
    sources::{self, code},
    worlds::{By, Step, World},
};

/// Two regions that differ in what a firm keeps confidential of a published need, and in all of a draft.
fn pair() -> [World; 2] {
    ["XQ-77", "WV-31"].map(|secret| {
        let mut steps = steps();
        for step in steps.iter_mut().filter(|step| step.command["verb"] == "draft") {
            let secret = secret.to_owned();
            step.command["detail"] = if secret == "XQ-77" { "保密工艺 QZ-55" } else { "完全另一回事" }.into();
            step.command["own_funds"] = if secret == "XQ-77" { "3100000.00" } else { "3200000.00" }.into();
            if step.key == "closed-need" {
                step.command["title"] = json!({ "zh": format!("未公开 {secret}"), "en": secret });
                step.command["budget"] = if secret == "XQ-77" { "5000000.00" } else { "6000000.00" }.into();
                step.command["field"] = if secret == "XQ-77" { "integrated-circuits" } else { "biomedicine" }.into();
            }
        }
        // The stranger's firm offers what fits the need, in words of its confidential part too.
        let offer = json!({
            "verb": "draft", "owner": "@elsewhere", "title": { "zh": "光刻胶检测装置" }, "kind": "product",
            "field": "integrated-circuits", "summary": { "zh": "光刻胶检测 产线 保密工艺 QZ-55" }, "no_secrets": true,
            "modes": ["licence"], "trl": 6,
        });
        let stranger = By::Person("stranger");
        steps.push(Step::new("offer", stranger, "achievement", "", offer));
        steps.push(Step::new("offered", stranger, "achievement", "offer", json!({ "verb": "publish" })));
        let world = World::play(&steps).unwrap();
        world.registry.seal_now().unwrap();
        world
    })
}

fn same(who: Option<&str>, paths: &[String]) {
    let [one, other] = pair();
    let [a, b] = [&one, &other].map(|world| Eyes::new(world, who));
    for path in paths {
        let path = named(path, &one);
        let [a, b] = [&a, &b].map(|eyes| {
            let reply = eyes.get(&path);
            (reply.status, String::from_utf8_lossy(&reply.body).into_owned(), reply.headers)
        });
        assert!(a.0 < 500, "{path}");
        assert_eq!(a, b, "{path} tells {who:?} what it may not know");
    }
}

fn named(path: &str, world: &World) -> String {
    let mut path = path.to_owned();
    for key in ["open-need", "closed-need", "firm"] {
        path = path.replace(&format!("@{key}"), world.records[key].as_str());
    }
    path
}

/// Texts of the confidential part, whole and in pieces.
const SECRETS: [&str; 5] = ["QZ-55", "保密工艺", "另一回事", "未公开", "3100000"];

#[test]
fn search_or_filter_on_a_hidden_field_reveals_nothing() {
    let mut paths = Vec::new();
    for secret in SECRETS {
        paths.extend(
            ["/find?q=", "/api/v1/find?q=", "/need?q=", "/api/v1/need?q=", "/api/v1/need?suggest=1&q="]
                .map(|way| format!("{way}{secret}")),
        );
        paths.push(format!("/need/export.csv?q={secret}"));
    }
    paths.extend(["draft", "submitted", "published"].map(|status| format!("/api/v1/need?status={status}")));
    paths.extend(["integrated-circuits", "biomedicine"].map(|field| format!("/api/v1/need?field={field}")));
    paths.extend(["title-zh", "title-en", "amount"].map(|sort| format!("/api/v1/need?sort={sort}")));
    paths.push("/api/v1/need?party=@firm".into());
    same(None, &paths);
    same(Some("stranger"), &paths);
    same(Some("far"), &paths);
}

#[test]
fn counts_and_averages_leave_out_what_is_hidden() {
    let paths = [
        "/",
        "/need",
        "/api/v1/need",
        "/api/v1/need?limit=1",
        "/organisation/@firm",
        "/find?q=光刻胶",
        "/need?region=310000",
        "/desks",
    ];
    let paths = paths.map(str::to_owned);
    same(None, &paths);
    same(Some("stranger"), &paths);
    // And the numbers are there: one need, not two.
    let [world, _] = pair();
    let list: Value = serde_json::from_str(&Eyes::new(&world, None).text("/api/v1/need")).unwrap();
    assert_eq!((&list["total"], list["facets"]["status"].as_object().unwrap().len()), (&json!(1), 1));
    let list: Value = serde_json::from_str(&Eyes::new(&world, Some("signer")).text("/api/v1/need")).unwrap();
    assert_eq!(list["total"], 2);
}

#[test]
fn the_time_of_an_answer_tells_nothing() {
    const TURNS: usize = 4;
    let [one, other] = pair();
    let eyes = [&one, &other].map(|world| Eyes::new(world, Some("stranger")));
    let paths =
        ["/need", "/api/v1/need?q=QZ-55", "/find?q=保密工艺", "/need/@open-need", "/need/@closed-need"];
    for path in paths.map(|path| named(path, &one)) {
        // Neither world is slow or fast; they are alike. The hidden text would be found in one and not in the other. What
        // else this machine does may fall on one of them for a while; what lies in the worlds shows each time.
        let alike = (0..TURNS).map(|_| times(&eyes, &path)).find(|[a, b]| a / b < 1.6 && b / a < 1.6);
        assert!(alike.is_some(), "{path}: never alike in {TURNS} turns");
    }
}

/// How long both worlds take for a path, in seconds: what a third of their answers stay below.
#[expect(
    clippy::disallowed_methods,
    reason = "compares two distributions of times with each other, never with a number"
)]
fn times(eyes: &[Eyes; 2], path: &str) -> [f64; 2] {
    const ROUNDS: usize = 60;
    let mut times = [Vec::new(), Vec::new()];
    for round in 0..ROUNDS {
        // In turn, each first as often as the other, so that whatever else this machine does falls on both.
        for which in [round % 2, (round + 1) % 2] {
            let begun = Instant::now();
            assert!(eyes[which].get(path).status < 500);
            times[which].push(begun.elapsed());
        }
    }
    let [a, b] = times.map(|mut times| {
        times.sort();
        times[ROUNDS / 3].as_secs_f64()
    });
    println!("{path}: {:.2} and {:.2} ms", a * 1e3, b * 1e3);
    [a, b]
}

#[test]
fn error_messages_and_field_names_tell_nothing_of_what_is_hidden() {
    let [world, _] = pair();
    let hidden = world.records["closed-need"].to_string();
    let none = format!("need-{}", "0".repeat(hidden.len() - 5));
    for who in [None, Some("stranger"), Some("far")] {
        let eyes = Eyes::new(&world, who);
        let told = |reply: window::visit::Reply, id: &str| {
            (
                reply.status,
                String::from_utf8_lossy(&reply.body).replace(id, "ID"),
                format!("{:?}", reply.headers).replace(id, "ID"),
            )
        };
        let some = |_: &str, _: &mut Dice| Some(world.records["firm"]);
        for verb in DESKS.find("need").unwrap().verbs() {
            let Some(mut body) = verb.sample(&mut Dice::new(5), world.registry.now().day(), &some) else {
                continue;
            };
            body.as_object_mut().unwrap().remove("verb");
            for (before, after) in [
                ("/api/v1/need/", format!("/{}", verb.name)),
                ("/api/v1/need/", format!("/{}?seen=1", verb.name)),
            ] {
                let [a, b] =
                    [&hidden, &none].map(|id| told(eyes.send(&format!("{before}{id}{after}"), &body), id));
                // A form's hidden fields hold what is made anew each time; these answers hold none.
                assert_eq!(a, b, "{who:?} {}", verb.name);
            }
        }
        for path in ["/api/v1/need/ID", "/api/v1/need/ID/history", "/api/v1/need/ID/none"] {
            let [a, b] = [&hidden, &none].map(|id| told(eyes.get(&path.replace("ID", id)), id));
            assert_eq!(a, b, "{who:?} {path}");
        }
        // Naming a hidden record in a command is the same as naming none.
        let naming = |id: &str| {
            let body = json!({ "about": id, "kind": "other", "title": { "zh": "x", "en": "x" } });
            told(eyes.send("/api/v1/notice/publish", &body), id)
        };
        assert_eq!(naming(&hidden), naming(&none));
    }
}

#[test]
fn what_reaches_an_inbox_is_what_its_reader_may_know() {
    let paths = ["/inbox", "/api/v1/inbox", "/inbox?lang=zh"].map(str::to_owned);
    same(Some("stranger"), &paths);
    let [world, _] = pair();
    let inbox = Eyes::new(&world, Some("stranger")).text("/api/v1/inbox");
    let inbox: Value = serde_json::from_str(&inbox).unwrap();
    assert!(!inbox["matches"].as_array().unwrap().is_empty(), "a match with a published need does come");
    let text = inbox.to_string();
    assert!(
        text.contains(world.records["open-need"].as_str())
            && !text.contains(world.records["closed-need"].as_str())
    );
    assert!(SECRETS.iter().all(|secret| !text.contains(secret)), "{text}");
}

#[test]
fn history_is_filtered_like_the_record() {
    let [world, _] = pair();
    for who in [None, Some("stranger"), Some("far")] {
        let eyes = Eyes::new(&world, who);
        for path in ["/api/v1/need/@open-need/history", "/api/v1/need/@open-need"] {
            let text = eyes.text(&named(path, &world));
            let found: Vec<&&str> = ["QZ-55", "保密工艺", "screened", "confirmed", "备注"]
                .iter()
                .filter(|s| text.contains(**s))
                .collect();
            assert!(!path.ends_with("history") || found.is_empty(), "{path} shows {found:?}");
            assert!(!text.contains("保密工艺"), "{path}");
        }
    }
    let whole = Eyes::new(&world, Some("signer")).text(&named("/api/v1/need/@open-need/history", &world));
    assert!(
        whole.contains("保密工艺 QZ-55") && whole.contains("screened"),
        "the firm itself reads all of it"
    );
}

/// What shows a record unveiled, and where in the house that may stand. Everyone else reads through these.
const UNVEILED: [(&str, &[&str]); 7] = [
    // Veiling itself: the clerk, the case (may the asker know of it?), the views, and the registry's look.
    (
        ".veil(",
        &[
            "crates/grammar/src/clerk.rs",
            "crates/grammar/src/case.rs",
            "crates/grammar/src/fuzz.rs",
            "crates/registry/src/look.rs",
            "crates/registry/src/casefile.rs",
        ],
    ),
    (".veil_event(", &["crates/registry/src/view.rs", "crates/registry/src/casefile.rs"]),
    (".veil_events(", &["crates/registry/src/look.rs"]),
    // A personal value by its commitment.
    (".reveal(", &["crates/window/src/plain/values.rs", "crates/window/src/plain/press.rs"]),
    // A fact's own bytes.
    (
        ".proof(",
        &[
            "crates/registry/src/casefile.rs",
            "crates/registry/src/lots.rs",
            "crates/window/src/rooms/proof/receipt.rs",
        ],
    ),
    // All facts of a draw, which the page compares with what the viewer may read.
    (".dossier(", &["crates/window/src/rooms/draw.rs"]),
    (".spots(", &["crates/window/src/rooms/front.rs", "crates/window/src/plain/list.rs"]),
];

#[test]
fn there_is_one_way_by_which_anything_is_hidden() {
    let mut faults = Vec::new();
    let mut found = BTreeSet::new();
    for source in sources::all().iter().filter(|source| source.is_production()) {
        let is_below = ["grammar", "registry", "window"]
            .iter()
            .any(|name| source.path.starts_with(&format!("crates/{name}/src/")));
        let code = code(source.before_tests());
        for (needle, allowed) in UNVEILED.iter().filter(|_| is_below) {
            if code.contains(needle) {
                found.insert(*needle);
                if !allowed.contains(&source.path.as_str()) {
                    faults.push(format!("{}: {needle}", source.path));
                }
            }
        }
        // No page, way or desk opens the store, and no desk but by its cards.
        let is_above = source.path.starts_with("crates/window/") || source.path.starts_with("crates/desks/");
        let opens =
            ["rusqlite", "store::", "Connection::", "postgres"].iter().filter(|name| code.contains(**name));
        faults.extend(opens.filter(|_| is_above).map(|name| format!("{}: {name}", source.path)));
    }
    assert!(
        faults.is_empty(),
        "these read what is not veiled, or hide by themselves:\n{}",
        faults.join("\n")
    );
    assert!(found.contains(".veil(") && found.contains(".veil_event("), "this looks for the wrong words");
}

/// A region of chance with its house, and everyone's eyes when asked for.
fn anything() -> (Anything, Place) {
    // The first region made by chance in which money can go from one account to another, before its own treasurer's eyes.
    let here = grammar::kinds::Region::code(310_000);
    let has_accounts = |region: &Anything| {
        let accounts = region.end.records.values().filter(|stored| stored.desk == "account");
        accounts.filter(|stored| here.covers(stored.standing.card.scope())).count() > 1
    };
    let region = (3..13).map(|seed| Anything::happen(seed, 60)).find(has_accounts).unwrap();
    let place = Place::play(&region.acts);
    (region, place)
}

#[test]
fn a_file_is_given_only_with_a_record_that_shows_it_and_never_inline() {
    let (region, place) = anything();
    let (_, hash) = FILE;
    let named: BTreeSet<String> = region
        .end
        .records
        .iter()
        .filter(|(_, stored)| stored.standing.state.to_string().contains(hash))
        .map(|(id, _)| place.names[id].to_string())
        .collect();
    println!("{} records name the file", named.len());
    let mut given = 0;
    for who in [None, Some("stranger"), Some("signer"), Some("office notice-office")] {
        let eyes = Eyes::of(&place.registry, who.map(|who| place.names[&region.people[who]]));
        for (id, stored) in &region.end.records {
            let id = place.names[id];
            let reply = eyes.get(&format!("/{}/{id}/file/{hash}", stored.desk));
            let record = eyes.text(&format!("/api/v1/{}/{id}", stored.desk));
            if reply.status == 200 {
                given += 1;
                assert!(
                    named.contains(id.as_str()) && record.contains(hash),
                    "{id} gives a file that it does not show {who:?}"
                );
                let how = reply
                    .headers
                    .iter()
                    .find(|(name, _)| *name == "content-disposition")
                    .map(|(_, how)| how.clone());
                assert!(how.is_some_and(|how| how.starts_with("attachment;")), "{id}");
                assert_eq!(reply.kind, "application/octet-stream");
            } else {
                assert_eq!(reply.status, 404);
            }
        }
        assert_eq!(eyes.get(&format!("/file/{hash}")).status, 404);
        assert_eq!(eyes.get(&format!("/api/v1/files/{hash}")).status, 404);
    }
    assert!(named.is_empty() || given > 0);
    let served = std::fs::read_to_string(sources::root().join("crates/window/src/serve.rs")).unwrap();
    assert!(served.contains("(\"x-content-type-options\", \"nosniff\")"), "browsers must not guess");
}

#[test]
fn a_document_of_another_case_is_not_given_through_ones_own() {
    let [world, _] = pair();
    let hash = world.registry.put_file(b"someone's own").unwrap();
    let eyes = Eyes::new(&world, Some("signer"));
    for key in ["open-need", "closed-need", "offer"] {
        let id = world.records[key];
        assert_eq!(
            eyes.get(&format!("/{}/{id}/file/{hash}", id.desk())).status,
            404,
            "{key} does not name it"
        );
    }
}

#[test]
fn what_people_type_is_never_run() {
    // There is no language for formulas here; what could be run is a spreadsheet's own, in an export.
    let name = json!({ "zh": "=1+1", "en": "=cmd|' /C calc'!A0" });
    let mut steps = steps();
    let command = json!({ "verb": "register", "name": name, "kind": "enterprise", "region": "310115" });
    steps.push(Step::new("formula", By::Founder, "organisation", "", command));
    let world = World::play(&steps).unwrap();
    let text = Eyes::new(&world, None).text("/organisation/export.csv");
    assert!(text.contains("'=1+1"), "{text}");
    let runs = text
        .lines()
        .flat_map(|line| line.split(','))
        .filter(|cell| cell.trim_start_matches('"').starts_with('='));
    assert_eq!(runs.count(), 0, "{text}");
}

#[test]
fn an_id_is_never_used_again() {
    let (_, place) = anything();
    let mut begun = BTreeSet::new();
    for position in 0..place.registry.size() {
        let fact: Value =
            serde_json::from_str(&place.registry.proof(position).unwrap().unwrap().fact).unwrap();
        let is_first = fact["sequence"] == 1;
        assert_eq!(is_first, begun.insert(fact["record"].to_string()), "{fact}");
    }
    assert!(begun.len() > 50);
}

#[test]
fn every_address_of_a_record_asks_the_same_rights() {
    let world = World::play(&steps()).unwrap();
    world.registry.seal_now().unwrap();
    let hidden = world.records["closed-need"];
    let mut asked = 0;
    for who in [None, Some("stranger"), Some("far")] {
        let eyes = Eyes::new(&world, who);
        for route in routes::all().iter().filter(|route| route.path.contains("{id}")) {
            let verbs = DESKS.find("need").unwrap().verbs().iter().map(|verb| verb.name.clone());
            for verb in verbs.chain(["receipt.json".to_owned()]) {
                let path = route.path.replace("{desk}", "need").replace("{id}", hidden.as_str());
                let path = path.replace("{verb}", &verb).replace("{hash}", FILE.1);
                let reply = if route.is_post { eyes.post(&path, &[]) } else { eyes.get(&path) };
                assert!(matches!(reply.status, 303 | 400 | 401 | 403 | 404), "{path}: {}", reply.status);
                let text = String::from_utf8_lossy(&reply.body);
                assert!(!text.contains("机密"), "{path} shows a draft to {who:?}");
                asked += 1;
            }
        }
    }
    assert!(asked > 100);
}

#[test]
fn wrong_passwords_count_for_the_name_and_the_address_and_for_nobody_else() {
    let world = World::play(&steps()).unwrap();
    for login in ["signer", "stranger"] {
        window::set_password(&world.registry, login, "kiln-otter-lantern-52", world.records[login])
            .unwrap()
            .unwrap();
    }
    let eyes = Eyes::new(&world, None);
    let status = |login: &str, password: &str, from: &str| {
        eyes.from(from).post("/sign-in", &[("login", login), ("password", password)]).status
    };
    // A guesser who comes from many addresses runs out of turns for the name, whatever its spelling.
    let guess = |n: u32| status("signer", "not this one at all", &format!("203.0.{}.{}", n / 200, n % 200));
    assert!((0..60).any(|n| guess(n) == 429), "guessing for one name must end");
    assert_eq!(status("SIGNER ", "not this one at all", "203.0.113.201"), 429, "however it is written");
    assert_eq!(
        status("stranger", "kiln-otter-lantern-52", "203.0.113.202"),
        303,
        "another name need not wait"
    );
}

#[test]
fn money_is_counted_where_it_is_kept_and_not_on_a_page() {
    let (region, place) = anything();
    let officer = Asker::Person(place.names[&region.people["office treasurer"]]);
    let mut asked = 0;
    let accounts: Vec<_> = region.end.records.iter().filter(|(_, stored)| stored.desk == "account").collect();
    for (from, stored) in &accounts {
        let (to, _) = accounts.iter().find(|(other, _)| other != from).unwrap();
        if ["source", "clearing"].contains(&stored.standing.state["purpose"].as_str().unwrap()) {
            continue;
        }
        let balance: Money = stored.standing.state["balance"].as_str().unwrap().parse().ok().unwrap();
        let more = format!("{}", balance.in_fen() / 100 + 1_000_000);
        for verb in ["pay", "hold"] {
            let command = json!({ "verb": verb, "to": place.names[*to], "amount": format!("{more}.00"), "reason": "x" });
            let key = format!("{from}/{verb}");
            let answer =
                place.registry.run(Ask::new(key, officer, "account", Some(place.names[*from]), command));
            assert!(answer.is_err(), "{from} pays {more} out of {balance:?}");
            asked += 1;
        }
    }
    assert!(asked > 1, "no account with a limit");
}

#[test]
fn every_command_happens_once() {
    let (region, place) = anything();
    let size = place.registry.size();
    for act in &region.acts {
        if act.by == Who::Clock || act.second.is_some() {
            continue;
        }
        let again = place.ask(act);
        assert!(again.is_repeat, "{act:?}");
    }
    assert_eq!(place.registry.size(), size, "nothing was written");
}

#[test]
fn all_balances_are_the_sum_of_their_facts() {
    let (region, place) = anything();
    let mut balances = BTreeMap::<String, i64>::new();
    let fen = |value: &Value| value.as_str().unwrap().parse::<Money>().ok().unwrap().in_fen();
    for position in 0..place.registry.size() {
        let fact: Value =
            serde_json::from_str(&place.registry.proof(position).unwrap().unwrap().fact).unwrap();
        if fact["desk"] != "account" {
            continue;
        }
        let event = &fact["event"];
        let moved = match event["event"].as_str().unwrap() {
            "paid" | "posted" => -fen(&event["payment"]["amount"]),
            "reversed" => fen(&event["payment"]["amount"]),
            "received" => fen(&event["amount"]),
            "given-back" => -fen(&event["amount"]),
            _ => 0,
        };
        *balances.entry(fact["record"].as_str().unwrap().to_owned()).or_default() += moved;
    }
    let mut compared = 0;
    let treasurer = Eyes::of(&place.registry, Some(place.names[&region.people["office treasurer"]]));
    for (id, balance) in &balances {
        let shown: Value = serde_json::from_str(&treasurer.text(&format!("/api/v1/account/{id}"))).unwrap();
        // What is not of this treasurer's region is not shown to him.
        if shown["status"] != 404 {
            assert_eq!(fen(&shown["card"]["amount"]), *balance, "{id}");
            compared += 1;
        }
    }
    assert!(compared > 0);
    assert_eq!(balances.values().sum::<i64>(), 0, "no money comes from nowhere");
}

#[test]
fn the_same_sign_for_a_person_is_taken_once() {
    // Persons are not merged yet; what keeps a second account apart from a first is a key like the ORCID.
    let register = |key| {
        let command = json!({
            "verb": "register", "name": "x", "region": "310000", "public": true,
            "display_name": { "zh": "某", "en": "x" }, "orcid": "0000-0002-1825-0097",
        });
        Step::new(key, By::Founder, "person", "", command)
    };
    let mut steps = steps();
    steps.push(register("first"));
    assert!(World::play(&steps).is_ok());
    steps.push(register("again"));
    let refused = World::play(&steps).err().unwrap();
    assert!(refused.contains("Taken"), "{refused}");
}
