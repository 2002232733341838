//! Case files, receipts and check codes of a whole house: complete for its parties, silent about the rest, and checked
//! offline by the command line, which names each fault for its own reason.

use std::process::Command;

use chain::{casefile, code::Code, heads, receipt};
use grammar::{kinds::Id, viewer::Viewer};
use registry::Look;
use serde_json::{Value, json};
use window::{
    House, Options,
    visit::{Reply, Visit},
};

use crate::worlds::{By, Step, World, town};

/// Someone whom nobody may know, screens: the firm may have what was decided, not by whom.
fn world() -> World {
    let text = |zh: &str| json!({ "zh": zh, "en": zh });
    let hidden = json!({ "verb": "register", "name": "隐名人员", "region": "310000", "public": false });
    let office = json!({ "verb": "appoint", "holder": "@hidden", "office": "screening", "region": "000000", "from": "2026-03-02", "document": "test 2" });
    let draft = json!({
        "verb": "draft", "owner": "@firm", "title": text("XQ-77"), "field": "integrated-circuits",
        "chain_position": "upstream", "summary": text("光刻胶检测"), "detail": "机密参数",
        "indicators": [{ "name": "分辨率", "unit": "nm", "threshold": "≤ 28", "test_method": "扫描电镜" }],
        "level_domestic": "国内", "level_foreign": "国外", "deadline_months": 24, "budget": "5000000.00",
        "own_funds": "3100000.00", "rnd_spend": "1900000.00", "co_funding": true, "scenario": text("产线"),
        "purchase_intention": "采购", "ip_ownership": "jointly", "cross_region": "长三角多地", "trl_wanted": 6,
        "keywords": ["光刻胶"], "no_secrets": true,
    });
    let condense = json!({ "verb": "condense", "title": draft["title"], "summary": draft["summary"], "indicators": draft["indicators"], "reason": "凝练" });
    let (signer, officer, screener) = (By::Person("signer"), By::Person("officer"), By::Person("hidden"));
    let on = |key, by, command: Value| Step::new(key, by, "need", "need", command);
    let mut steps = town();
    steps.extend([
        Step::new("hidden", By::Founder, "person", "", hidden),
        Step::new("hidden/office", By::Founder, "office", "", office),
        Step::new("need", signer, "need", "", draft.clone()),
        on("submit", signer, json!({ "verb": "submit" })),
        on("screen", screener, json!({ "verb": "screen", "remark": "备注" })),
        on("condense", officer, condense),
        on("confirm", officer, json!({ "verb": "confirm", "remark": "备注" })),
        on("publish", officer, json!({ "verb": "publish" })),
        Step::new("draft", signer, "need", "", draft),
    ]);
    World::play(&steps).unwrap()
}

fn case_of(world: &World, record: &str, viewer: Option<Id>) -> casefile::CaseFile {
    world.registry.look(viewer).unwrap().case_file(world.records[record]).unwrap().unwrap()
}

/// What the command line says of a file: its code, or `valid`.
fn verified(world: &World, file: &Value) -> (String, Value) {
    let folder = tempfile::TempDir::new().unwrap();
    let path = folder.path().join("case.json");
    std::fs::write(&path, file.to_string()).unwrap();
    let key = world.registry.log_key();
    let arguments = ["verify", path.to_str().unwrap(), "--key", &key, "--json", "--lang", "en"];
    let out = Command::new(env!("CARGO_BIN_EXE_kechuang")).args(arguments).env_clear().output().unwrap();
    let said: Value = serde_json::from_slice(&out.stdout).unwrap();
    let code = if said["valid"] == true { "valid" } else { said["code"].as_str().unwrap() };
    assert_eq!(out.status.success(), code == "valid", "{said}");
    (code.to_owned(), said)
}

#[test]
fn a_party_holds_the_whole_case_and_the_public_its_length() {
    let world = world();
    let keys = [world.registry.log_key().parse().unwrap()];
    let mine = case_of(&world, "need", Some(world.records["signer"]));
    let proven = casefile::verify(&mine, &keys).unwrap();
    assert_eq!((proven.steps.len(), proven.closed), (6, 0));
    let public = casefile::verify(&case_of(&world, "need", None), &keys).unwrap();
    assert_eq!((public.steps.len(), public.closed), (6, 5), "the public reads the publication alone");
    assert!(public.steps.iter().all(|step| step.fact.is_some() == step.salt.is_some()));
    // Of a draft the public knows nothing at all.
    assert!(world.registry.look(None).unwrap().case_file(world.records["draft"]).unwrap().is_none());
    // Both end where the map under the same signature says.
    assert_eq!(mine.head.proof, case_of(&world, "need", None).head.proof);
}

#[test]
fn whom_a_viewer_may_not_know_stands_in_no_bytes() {
    let world = world();
    let hidden = world.records["hidden"].to_string();
    for viewer in [None, Some("signer"), Some("stranger")] {
        let viewer = viewer.map(|key| world.records[key]);
        let look = world.registry.look(viewer).unwrap();
        let file = serde_json::to_string(&case_of(&world, "need", viewer)).unwrap();
        assert!(!file.contains(&hidden), "{viewer:?}");
        for line in look.history(world.records["need"]).unwrap() {
            if look.open_fact(line.position).unwrap().is_some() {
                let receipt = world.registry.proof(line.position).unwrap().unwrap();
                assert!(!receipt.fact.contains("person-"), "{}", receipt.fact);
            }
        }
    }
    // Those who may know are told, and the fact commits to it.
    let own = case_of(&world, "need", Some(world.records["hidden"]));
    assert_eq!(own.steps[2].actors[0].value, hidden);
    casefile::verify(&own, &[]).unwrap();
    let signer = case_of(&world, "need", Some(world.records["signer"]));
    let named: Vec<usize> = signer.steps.iter().map(|step| step.actors.len()).collect();
    assert_eq!(named, [1, 1, 0, 1, 1, 1]);
}

#[test]
fn the_command_line_names_each_fault() {
    let world = world();
    let good = json!(case_of(&world, "need", Some(world.records["signer"])));
    let (valid, said) = verified(&world, &good);
    assert_eq!((valid.as_str(), &said["complete"], &said["closed"]), ("valid", &json!(true), &json!(0)));
    let changed = |change: &dyn Fn(&mut Value)| {
        let mut file = good.clone();
        change(&mut file);
        verified(&world, &file).0
    };
    let steps = |file: &mut Value, change: &dyn Fn(&mut Vec<Value>)| {
        change(file["steps"].as_array_mut().unwrap());
    };
    assert_eq!(changed(&|file| steps(file, &|steps| drop(steps.remove(2)))), "case-gap");
    assert_eq!(changed(&|file| steps(file, &|steps| drop(steps.pop()))), "case-tail");
    let spoil = |file: &mut Value| {
        file["steps"][1]["fact"] =
            file["steps"][1]["fact"].as_str().unwrap().replace("submitted", "screened").into();
    };
    assert_eq!(changed(&spoil), "case-spoiled");
    let firm = json!(case_of(&world, "firm", None));
    assert_eq!(changed(&|file| file["steps"][0] = firm["steps"][0].clone()), "case-other-record");
    let again = |steps: &mut Vec<Value>| steps.insert(3, steps[1].clone());
    assert_eq!(changed(&|file| steps(file, &again)), "case-reordered");
    assert_eq!(changed(&|file| file["head"]["sequence"] = 5.into()), "case-head");
    assert_eq!(changed(&|file| file["checkpoint"] = firm["key"].clone()), "case-checkpoint");
    assert_eq!(changed(&|file| file["size"] = 3.into()), "case-size");
    assert_eq!(changed(&|file| file["v"] = 9.into()), "case-version");
    // A receipt is still one.
    let receipt = json!(world.registry.proof(0).unwrap().unwrap());
    let (valid, said) = verified(&world, &receipt);
    assert_eq!((valid.as_str(), said["code"].as_str().map(str::len)), ("valid", Some(24)));
}

#[test]
fn the_map_can_be_made_again_from_the_facts_alone() {
    let world = world();
    world.registry.seal_now().unwrap();
    let facts: Vec<(Value, [u8; 32], chain::Hash)> = (0..world.registry.size())
        .map(|position| world.registry.proof(position).unwrap().unwrap())
        .map(|proof| {
            let entry = chain::leaf::entry(&proof.salt, proof.fact.as_bytes());
            (serde_json::from_str(&proof.fact).unwrap(), proof.salt, entry)
        })
        .collect();
    let lasts = facts.iter().map(|(fact, salt, entry)| heads::Last {
        record: fact["record"].as_str().unwrap(),
        sequence: fact["sequence"].as_u64().unwrap(),
        entry: *entry,
        salt: *salt,
    });
    let (_, note) = world.registry.checkpoint().unwrap().unwrap();
    let key = world.registry.log_key().parse().unwrap();
    let opened = chain::Checkpoint::open(&note, &[key]).unwrap();
    let mut map: heads::Heads = lasts.collect();
    assert_eq!(heads::of(&opened.extensions), Some(map.root()));
}

/// A visitor who has not signed in.
fn public(world: &World) -> impl Fn(&str) -> Reply {
    let options = Options {
        public_url: "http://127.0.0.1:1".into(),
        upload_max: 1 << 20,
        sign_in: window::SignIn { limits: false, ..Default::default() },
    };
    let house = House::new(world.registry.clone(), options).unwrap();
    move |path| {
        window::answer(
            &house,
            &Visit {
                path: path.into(),
                steps: path.split('/').filter(|step| !step.is_empty()).map(str::to_owned).collect(),
                headers: [("accept-language".to_owned(), "en".to_owned())].into(),
                from: "192.0.2.7".into(),
                ..Visit::default()
            },
        )
    }
}

#[test]
fn a_code_tells_its_holder_how_a_hidden_case_stands_and_nothing_else() {
    let world = world();
    let draft = world.records["draft"];
    let look = world.registry.look(Some(world.records["signer"])).unwrap();
    let code = look.last_open(draft).unwrap().unwrap().code;
    let get = public(&world);
    let page = String::from_utf8(get(&format!("/proof/{code}")).body).unwrap();
    let json: Value = serde_json::from_slice(&get(&format!("/api/v1/codes/{code}")).body).unwrap();
    assert_eq!((&json["desk"], &json["status"]), (&json!("need"), &json!("draft")));
    for secret in
        [draft.as_str(), "XQ-77", "机密", world.records["firm"].as_str(), world.records["signer"].as_str()]
    {
        assert!(!page.contains(secret) && !json.to_string().contains(secret), "{secret}");
    }
    let kind = desks::DESKS.find("need").unwrap().words(grammar::words::Locale::En).get("desk", "one");
    assert!(page.contains(kind), "the desk is named");
    // The receipt and the case stay closed to the public, and so does the code.
    assert_eq!(get(&format!("/proof/{}", code.index)).status, 404);
    assert!(world.registry.look(None).unwrap().open_fact(code.index).unwrap().is_none());
}

#[test]
fn guessing_codes_leads_to_waiting() {
    let world = world();
    let get = public(&world);
    world.registry.seal_now().unwrap();
    let right = Code::of(0, &world.registry.proof(0).unwrap().unwrap().salt);
    assert_eq!(get(&format!("/proof/{right}")).status, 200);
    let mut slip = right.to_string();
    let last = slip.pop().unwrap();
    slip.push(if last == '7' { '8' } else { '7' });
    for _ in 0..30 {
        assert_eq!(get(&format!("/proof/{slip}")).status, 422, "a slip of the pen is not a guess");
    }
    let statuses: Vec<u16> =
        (0..25_u8).map(|n| get(&format!("/proof/{}", Code::of(0, &[n; 32]))).status).collect();
    assert_eq!(statuses.iter().filter(|status| **status == 404).count(), 20);
    assert_eq!(statuses.last(), Some(&429));
    assert_eq!(get(&format!("/proof/{right}")).status, 429, "the right one does not come through either");
    assert_eq!(get(&format!("/api/v1/codes/{right}")).status, 429);
    assert_eq!(get("/proof").status, 200);
}

#[test]
fn every_open_fact_has_a_receipt_and_every_receipt_its_code() {
    let world = world();
    let all = Look { registry: &world.registry, viewer: Viewer::clock() };
    world.registry.seal_now().unwrap();
    for position in 0..world.registry.size() {
        let open = all.open_fact(position).unwrap().unwrap();
        let receipt = world.registry.proof(position).unwrap().unwrap();
        receipt::verify(&receipt, &[]).unwrap();
        assert!(open.code.fits(&receipt.salt));
        let coded = world.registry.coded(&open.code).unwrap().unwrap();
        assert_eq!((coded.position, coded.record), (position, open.record));
    }
}
