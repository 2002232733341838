//! Persons: masked by default, shown once with a reason, kept no longer than needed, erased at any time; and
//! deputies, who have what both have.

use std::path::Path;

use desks::DESKS;
use grammar::{
    form::Dice,
    kinds::{Id, REGION_ALL, Region},
    viewer::Viewer,
};
use registry::{Ask, Asker};
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::{
    anything::{Anything, replay},
    eyes::{self, Asked, Eyes},
    memory::Memory,
    open::{self, MONDAY, Still},
    worlds::{By, Step, World, town},
};

const PHONE: &str = "13987654321";
const ID_NUMBER: &str = "310101199001014329";
const EMAIL: &str = "ghost.writer@example.org";

/// A region with a person of whom everything is held, and the offices that deal with persons.
fn steps(phone: &str, id_number: &str) -> Vec<Step> {
    let mut steps = town();
    let command = json!({
        "verb": "register", "name": "隐名氏", "region": "310115", "public": true,
        "display_name": { "zh": "某专家", "en": "An expert" }, "phone": phone, "email": EMAIL, "id_number": id_number,
    });
    steps.push(Step::new("ghost", By::Founder, "person", "", command));
    for office in ["registrar", "privacy-officer"] {
        let command = json!({ "verb": "appoint", "holder": "@officer", "office": office, "region": "000000", "from": "2026-03-02", "document": "x" });
        steps.push(Step::new(office, By::Founder, "office", "", command));
    }
    steps
}

fn world() -> World {
    let world = World::play(&steps(PHONE, ID_NUMBER)).unwrap();
    world.registry.seal_now().unwrap();
    world
}

fn text(reply: &window::visit::Reply) -> String {
    String::from_utf8_lossy(&reply.body).into_owned()
}

fn ask(world: &World, who: &str, record: Id, command: Value) -> Result<registry::Receipt, registry::Denied> {
    let key = format!("{who}/{record}/{command}/{}", world.registry.size());
    world.registry.run(Ask::new(key, Asker::Person(world.records[who]), record.desk(), Some(record), command))
}

#[test]
fn staff_cannot_tell_two_numbers_apart_that_differ_behind_the_mask() {
    for who in ["officer", "auditor"] {
        // Telephone and document number differ in the middle only; the rest of both worlds is the same.
        let both = [steps(PHONE, ID_NUMBER), steps("13911114321", "310222198002024329")];
        let worlds = both.map(|steps| World::play(&steps).unwrap());
        worlds.iter().for_each(|world| world.registry.seal_now().unwrap());
        let asked = Asked::of(&worlds[0].registry);
        let [a, b] = [&worlds[0], &worlds[1]].map(|world| Eyes::new(world, Some(who)));
        // Both are asked the same, so that both have had the same chance.
        let [page, _] = [&a, &b].map(|eyes| eyes.text(&format!("/person/{}", worlds[0].records["ghost"])));
        assert!(page.contains("139****4321") && page.contains("g****@example.org") && !page.contains(PHONE));
        let compared = eyes::compare_but_commitments(
            &a,
            &b,
            &asked,
            [&worlds[0], &worlds[1]].map(|world| world.records["ghost"]),
        );
        assert!(compared.good > 200);
        // Nothing but the unmasking itself, which is logged.
        let others = compared.differ.iter().filter(|one| !one.contains("/unmask\n"));
        let others: Vec<&String> = others.collect();
        assert!(others.is_empty() && compared.differ.len() < 3, "{who}:\n{:#?}", compared.differ);
    }
}

#[test]
fn a_masked_value_is_shown_once_with_a_reason_that_its_person_reads() {
    let world = world();
    let ghost = world.records["ghost"];
    let officer = Eyes::new(&world, Some("officer"));
    let path = format!("/person/{ghost}/unmask");
    // Without a reason, nothing.
    let size = world.registry.size();
    let without = officer.post(&path, &[("field", "phone"), ("key", "a"), ("reason", "")]);
    assert!(without.status == 400 && !text(&without).contains(PHONE));
    assert_eq!(world.registry.size(), size);
    let press = [("field", "phone"), ("key", "b"), ("reason", "核对联系方式")];
    let shown = officer.post(&path, &press);
    assert!(shown.status == 200 && text(&shown).contains(PHONE), "{}", text(&shown));
    assert!(!text(&officer.post(&path, &press)).contains(PHONE), "the same press does not show it again");
    assert!(!officer.text(&format!("/person/{ghost}")).contains(PHONE));
    // The same way for programs, once.
    let told = officer.send(&format!("/api/v1{path}"), &json!({ "field": "id_number", "reason": "核验" }));
    let told: Value = serde_json::from_slice(&told.body).unwrap();
    assert_eq!(told["value"], ID_NUMBER);
    // Neither a stranger nor a colleague may, and the person reads who did and why.
    for who in ["stranger", "far", "signer"] {
        let refused = Eyes::new(&world, Some(who))
            .send(&format!("/api/v1{path}"), &json!({ "field": "phone", "reason": "x" }));
        assert!(matches!(refused.status, 403 | 404) && !text(&refused).contains(PHONE), "{who}");
    }
    let own = Eyes::new(&world, Some("ghost"));
    let page = own.text("/my/data");
    assert!(page.contains("核对联系方式") && page.contains("核验"), "{page}");
    assert!(
        page.contains(PHONE) && page.contains(ID_NUMBER) && page.contains("隐名氏"),
        "one's own is not masked"
    );
    let history: Value = serde_json::from_str(&own.text(&format!("/api/v1/person/{ghost}/history"))).unwrap();
    let events =
        history["lines"].as_array().unwrap().iter().filter(|line| line["event"]["event"] == "unmasked");
    assert_eq!(events.filter(|line| line["person"] == json!(world.records["officer"])).count(), 2);
}

#[test]
fn ones_own_data_come_whole_and_nobody_elses_with_them() {
    let world = world();
    let own: Value = serde_json::from_str(&Eyes::new(&world, Some("ghost")).text("/my/data.json")).unwrap();
    let all = own.to_string();
    assert!([PHONE, EMAIL, ID_NUMBER, "隐名氏"].iter().all(|value| all.contains(value)), "{all}");
    let sheet = Eyes::new(&world, Some("ghost")).get("/my/data.xlsx");
    assert!(sheet.status == 200 && sheet.body.starts_with(b"PK"));
    for who in [None, Some("signer"), Some("officer")] {
        let eyes = Eyes::new(&world, who);
        for path in ["/my/data", "/my/data.json"] {
            let reply = eyes.get(path);
            assert_eq!(reply.status, if who.is_none() { 303 } else { 200 }, "{path}");
            assert!(
                [PHONE, EMAIL, ID_NUMBER].iter().all(|value| !text(&reply).contains(value)),
                "{who:?} {path}"
            );
        }
    }
}

#[test]
fn who_mends_one_field_keeps_the_others_without_reading_them() {
    let world = world();
    let ghost = world.records["ghost"];
    let officer = Eyes::new(&world, Some("officer"));
    let form = officer.text(&format!("/person/{ghost}/amend"));
    assert!(form.contains("139****4321") && form.contains("隐名氏") && !form.contains(PHONE), "{form}");
    let typed = [
        ("name", "隐名氏"),
        ("region", "310115"),
        ("public", "yes"),
        ("display_name.zh", "另一专家"),
        ("display_name.en", "x"),
        ("phone", "139****4321"),
        ("email", "g****@example.org"),
        ("id_number", "310****4329"),
        ("key", "m"),
    ];
    let reply = officer.post(&format!("/person/{ghost}/amend"), &typed);
    assert_eq!(reply.status, 303, "{}", text(&reply));
    let own = Eyes::new(&world, Some("ghost")).text("/my/data.json");
    assert!([PHONE, EMAIL, ID_NUMBER, "另一专家"].iter().all(|value| own.contains(value)), "{own}");
}

/// Whether a value's bytes lie anywhere in a folder, in whatever file.
fn lies_in(folder: &Path, value: &str) -> Vec<String> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap().map(Result::unwrap) {
        if entry.file_type().unwrap().is_dir() {
            found.extend(lies_in(&entry.path(), value));
        } else {
            let bytes = std::fs::read(entry.path()).unwrap();
            let is_there = bytes.windows(value.len()).any(|window| window == value.as_bytes());
            found.extend(is_there.then(|| entry.path().display().to_string()));
        }
    }
    found
}

#[test]
fn a_withdrawn_consent_destroys_what_it_held() {
    let world = world();
    let ghost = world.records["ghost"];
    let own = Eyes::new(&world, Some("ghost"));
    assert!(!lies_in(world.folder(), ID_NUMBER).is_empty());
    ask(&world, "ghost", ghost, json!({ "verb": "withdraw-consent", "purpose": "identification" })).unwrap();
    assert_eq!(lies_in(world.folder(), ID_NUMBER), Vec::<String>::new());
    let page = own.text("/my/data");
    assert!(!page.contains(ID_NUMBER) && page.contains(PHONE));
    ask(&world, "ghost", ghost, json!({ "verb": "withdraw-consent", "purpose": "publication" })).unwrap();
    assert_eq!(Eyes::new(&world, None).get(&format!("/person/{ghost}")).status, 404, "no longer public");
    assert!(
        ask(&world, "officer", ghost, json!({ "verb": "withdraw-consent", "purpose": "contact" })).is_err()
    );
}

#[test]
fn an_erased_person_is_nowhere_and_the_log_still_verifies() {
    let world = world();
    let ghost = world.records["ghost"];
    let eyes = Eyes::new(&world, Some("ghost"));
    eyes.post("/follow", &[("words", "隐名氏的查找")]);
    let values = [PHONE, EMAIL, ID_NUMBER, "隐名氏的查找"];
    assert!(values.iter().all(|value| !lies_in(world.folder(), value).is_empty()));
    ask(&world, "ghost", ghost, json!({ "verb": "erase", "ground": "asked" })).unwrap();
    world.registry.seal_now().unwrap();
    for value in values.iter().chain(&["隐名氏"]) {
        assert_eq!(lies_in(world.folder(), value), Vec::<String>::new(), "{value}");
    }
    for position in 0..world.registry.size() {
        let receipt = world.registry.proof(position).unwrap().unwrap();
        chain::receipt::verify(&receipt, &[world.registry.log_key().parse().unwrap()]).unwrap();
    }
    for who in [None, Some("officer"), Some("auditor")] {
        let eyes = Eyes::new(&world, who);
        let page = eyes.text(&format!("/person/{ghost}"));
        assert!(page.contains("erased") && !page.contains("某专家"), "{page}");
        for path in
            ["/person?q=某专家", "/find?q=某专家", "/api/v1/person?suggest=1&q=某专家", "/person/export.csv"]
        {
            let said = eyes.text(path).replace("q=某专家", "").replace("value=\"某专家\"", "");
            let found = said.matches("某专家").count() > said.matches("“某专家”").count();
            assert!(!found || path.starts_with("/find"), "{path}: {said}");
            assert!(
                !said.contains(ghost.as_str()) || path.contains("export") || path == "/person?q=",
                "{path}"
            );
        }
    }
    // The session is over.
    assert_eq!(eyes.get("/my/data").status, 303);
    let erasures = world.registry.erasures().unwrap();
    assert_eq!(
        erasures.iter().map(|one| (one.person, one.ground.as_str())).collect::<Vec<_>>(),
        [(ghost, "asked")]
    );
}

#[test]
fn a_restored_copy_forgets_again_whom_the_newer_log_had_erased() {
    let world = world();
    let [ghost, officer] = [world.records["ghost"], world.records["officer"]];
    // The copy is taken now; later both are erased, the officer after leaving office.
    let copy = TempDir::new().unwrap();
    world.registry.close();
    for entry in std::fs::read_dir(world.folder()).unwrap().map(Result::unwrap) {
        if entry.file_type().unwrap().is_file() {
            std::fs::copy(entry.path(), copy.path().join(entry.file_name())).unwrap();
        }
    }
    let list = [ghost, officer, "person-neverknown".parse().ok().unwrap()]
        .map(|person| registry::Erasure { person, ground: "asked".into() });
    let restored = open::registry(copy.path(), "kechuang.example/worlds");
    assert!(!lies_in(copy.path(), PHONE).is_empty(), "the copy is older");
    assert_eq!(restored.erase_again(&list).unwrap(), 2);
    assert_eq!(restored.erase_again(&list).unwrap(), 0, "repeating it does nothing");
    assert_eq!(restored.erasures().unwrap().len(), 2);
    assert_eq!(lies_in(copy.path(), PHONE), Vec::<String>::new());
    assert!(restored.look(Some(officer)).unwrap().viewer.offices.is_empty());
    restored.close();
}

/// A viewer made by chance, with rights among a few.
fn someone(dice: &mut Dice, ids: &[Id]) -> Viewer {
    let mut some = |most: usize| -> Vec<Id> {
        (0..dice.below(most)).filter_map(|_| dice.one_of(ids).copied()).collect()
    };
    let (organisations, mut signs_for) = (some(6), some(4));
    signs_for.retain(|id| organisations.contains(id));
    let regions = [REGION_ALL, Region::code(310_000), Region::code(310_115), Region::code(340_000)];
    let names = crate::anything::offices().into_iter().collect::<Vec<_>>();
    let offices =
        (0..dice.below(8)).filter_map(|_| Some((dice.one_of(&names)?.clone(), *dice.one_of(&regions)?)));
    let offices = offices.collect();
    Viewer { person: dice.one_of(ids).copied(), organisations, signs_for, offices, ..Viewer::default() }
}

#[test]
fn whoever_acts_for_another_sees_and_may_do_what_each_of_both_does_alone() {
    let region = Anything::happen(5, 80);
    let ids: Vec<Id> = region
        .end
        .records
        .keys()
        .copied()
        .filter(|id| ["person", "organisation"].contains(&id.desk()))
        .collect();
    let mut dice = Dice::new(11);
    let (mut seen, mut allowed) = (0, 0);
    for _ in 0..60 {
        let [one, two] = [someone(&mut dice, &ids), someone(&mut dice, &ids)];
        let both = Viewer::both(&one, &two);
        for (id, stored) in &region.end.records {
            if let Some(sight) = region.end.sight(*id, &both) {
                let alone = [&one, &two].map(|viewer| region.end.sight(*id, viewer));
                let is_within = |of: &Option<Value>| of.as_ref().is_some_and(|of| is_part(&sight, of));
                assert!(
                    alone.iter().all(is_within),
                    "{id}: {both:?} sees more than {one:?} or {two:?}\n{sight}\n{alone:?}"
                );
                seen += 1;
            }
            for verb in DESKS.find(stored.desk).unwrap().verbs() {
                let sample =
                    verb.sample(&mut Dice::new(1), "2026-03-02".parse().ok().unwrap(), &|_, _| Some(ids[0]));
                let who = sample.and_then(|command| DESKS.find(stored.desk)?.who(&command));
                if who.is_some_and(|who| who.allows(&both, &stored.standing.card)) {
                    assert!(
                        [&one, &two].iter().all(|viewer| who.unwrap().allows(viewer, &stored.standing.card)),
                        "{id} {}",
                        verb.name
                    );
                    allowed += 1;
                }
            }
        }
    }
    println!("{seen} sights, {allowed} rights");
    assert!(seen > 500 && allowed > 50);
    assert!(replay(&Memory::new(), &region.acts).is_some());
}

/// Whether all that one value shows, the other shows too. A value that is not shown is null or left out.
fn is_part(less: &Value, more: &Value) -> bool {
    match (less, more) {
        // What is blanked is nothing, a plain no, or no word.
        (Value::Null | Value::Bool(false), _) => true,
        (Value::String(text), _) if text.is_empty() => true,
        (Value::Object(less), Value::Object(more)) => less.iter().all(|(name, value)| {
            let is_within = |more| is_part(value, more) || (name == "facts" && counts_less(value, more));
            more.get(name).is_some_and(is_within) || is_part(value, &Value::Null)
        }),
        (Value::Array(less), Value::Array(more)) if less.len() == more.len() => {
            less.iter().zip(more).all(|(a, b)| is_part(a, b))
        }
        (Value::Array(less), Value::Array(more)) => less.iter().all(|a| more.iter().any(|b| is_part(a, b))),
        _ => less == more,
    }
}

/// Whether a card's figures are at most the other's: whoever sees fewer topics counts fewer.
fn counts_less(less: &Value, more: &Value) -> bool {
    let Some(less) = less.as_object() else { return false };
    less.iter().all(|(name, value)| match (value.as_f64(), more[name].as_f64()) {
        (Some(less), Some(more)) => less <= more,
        _ => is_part(value, &more[name]),
    })
}

/// The signer names the colleague for this week, who accepts.
fn with_deputy() -> Vec<Step> {
    let mut steps = steps(PHONE, ID_NUMBER);
    let span =
        json!({ "verb": "name-deputy", "deputy": "@colleague", "from": "2026-03-02", "until": "2026-03-06" });
    steps.push(Step::new("named", By::Person("signer"), "person", "signer", span));
    let accept = json!({ "verb": "accept-deputy", "deputy": "@colleague" });
    steps.push(Step::new("accepted", By::Person("colleague"), "person", "signer", accept));
    steps
}

#[test]
fn a_deputy_acts_for_another_on_every_page_and_the_log_names_both() {
    let world = World::play(&with_deputy()).unwrap();
    let [signer, colleague, firm] = ["signer", "colleague", "firm"].map(|key| world.records[key]);
    let eyes = Eyes::new(&world, Some("colleague"));
    assert!(eyes.text("/my/acting").contains("Act for"), "the choice is offered");
    let chosen = eyes.post("/my/acting", &[("for", signer.as_str())]);
    assert_eq!(chosen.status, 303, "{}", text(&chosen));
    let acting = eyes.with_cookie("acting", signer.as_str());
    for path in ["/", "/need", "/inbox", "/find?q=x", "/no-such-page", "/account"] {
        assert!(acting.text(path).contains("acting for signer"), "{path} does not say for whom one acts");
        assert!(!eyes.text(path).contains("acting for signer"), "{path}");
    }
    let mut body = crate::secrecy::need();
    body["owner"] = json!(firm);
    body.as_object_mut().unwrap().remove("verb");
    let drafted = acting.send("/api/v1/need/draft", &body);
    let receipt: Value = serde_json::from_slice(&drafted.body).unwrap();
    assert_eq!(drafted.status, 201, "{receipt}");
    // Who reads the history reads both names; the log itself holds commitments to them.
    let history = format!("/api/v1/need/{}/history", receipt["record"].as_str().unwrap());
    let history: Value = serde_json::from_str(&eyes.text(&history)).unwrap();
    let line = &history["lines"][0];
    assert_eq!((&line["person"], &line["acting_for"]), (&json!(colleague), &json!(signer)), "{line}");
    world.registry.seal_now().unwrap();
    let fact = world.registry.proof(receipt["position"].as_u64().unwrap()).unwrap().unwrap().fact;
    assert!(
        fact.contains("acting_for") && !fact.contains(signer.as_str()) && !fact.contains(colleague.as_str())
    );
    // The colleague cannot sign for the firm, and does not learn to by acting for someone who can.
    let submitted =
        acting.send(&format!("/api/v1/need/{}/submit", receipt["record"].as_str().unwrap()), &json!({}));
    assert_eq!(submitted.status, 403);
    // What is only one person's is closed: the own record, the own data.
    assert_eq!(acting.get("/my/data").status, 403);
    for person in [signer, colleague] {
        let refused = acting.send(&format!("/api/v1/person/{person}/erase"), &json!({ "ground": "asked" }));
        assert!(matches!(refused.status, 403 | 404), "{person}: {}", refused.status);
    }
}

#[test]
fn nobody_acts_for_another_who_was_not_named_has_not_accepted_or_whose_days_are_over() {
    let folder = TempDir::new().unwrap();
    let clock = Still::at(MONDAY);
    let world = World::play_in(folder, clock.clone(), &with_deputy()).unwrap();
    let signer = world.records["signer"];
    let act = |who: &str, key: &str| {
        let mut body = crate::secrecy::need();
        body["owner"] = json!(world.records["firm"]);
        let verb = DESKS.find("need").unwrap().verb("draft").unwrap();
        body.as_object_mut().unwrap().remove("verb");
        let read = verb.read_json(&body).unwrap();
        let ask = Ask::new(key, Asker::Person(world.records[who]), "need", None, read);
        let ask = Ask { acting_for: Some(signer), ..ask };
        world.registry.run(ask).map_err(|denied| format!("{denied:?}"))
    };
    act("colleague", "1").unwrap();
    for who in ["stranger", "officer", "signer"] {
        assert!(act(who, &format!("as {who}")).is_err(), "{who} was not named");
    }
    let foreign = Eyes::new(&world, Some("stranger")).post("/my/acting", &[("for", signer.as_str())]);
    assert_eq!(foreign.status, 403);
    // A forged cookie opens nothing, not even what one has oneself.
    let forged = Eyes::new(&world, Some("stranger")).with_cookie("acting", signer.as_str());
    let list: Value = serde_json::from_str(&forged.text("/api/v1/need")).unwrap();
    assert_eq!(list["total"], 0);
    clock.set("2026-03-07".parse::<grammar::kinds::Day>().ok().unwrap().begins());
    assert!(act("colleague", "2").unwrap_err().contains("NotAllowed"), "the last day is over");
    let own = Eyes::new(&world, Some("colleague"));
    assert!(!own.text("/my/acting").contains("Act for signer"));
}

#[test]
fn what_bars_either_of_both_bars_the_deputy() {
    // The officer is a registrar; so is the deputy's principal. Neither may confirm the other's own claim.
    let [one, two]: [Id; 2] = ["person-one", "person-two"].map(|id| id.parse().ok().unwrap());
    let viewer = |person| Viewer {
        person: Some(person),
        offices: vec![("registrar".into(), REGION_ALL)],
        ..Viewer::default()
    };
    let both = Viewer::both(&viewer(one), &viewer(two));
    assert!(both.is_touched(one) && both.is_touched(two) && !both.is(one) && !both.is(two));
    assert!(both.holds("registrar", Region::code(310_000)), "what both have stays");
    let folder = TempDir::new().unwrap();
    let world = World::play_in(folder, Still::at(MONDAY), &registrars()).unwrap();
    let [officer, second, claimant] = ["officer", "second", "claimant"].map(|key| world.records[key]);
    let confirm = |by: Id, acting_for: Option<Id>, key: &str| {
        let command = json!({ "verb": "confirm-affiliation", "organisation": world.records["firm"] });
        let ask = Ask::new(key, Asker::Person(by), "person", Some(claimant), command);
        world.registry.run(Ask { acting_for, ..ask })
    };
    let refused = format!("{:?}", confirm(second, Some(claimant), "a").unwrap_err());
    assert!(refused.contains("not-oneself"), "acting for the claimant: {refused}");
    let refused = format!("{:?}", confirm(claimant, Some(second), "b").unwrap_err());
    assert!(refused.contains("not-oneself"), "the claimant acting for another: {refused}");
    confirm(officer, None, "c").unwrap();
}

/// Three registrars; one of them claims an affiliation, and names and is named a deputy.
fn registrars() -> Vec<Step> {
    let mut steps = town();
    for (key, zh) in [("second", "第二人"), ("claimant", "申报人")] {
        let command = json!({ "verb": "register", "name": zh, "region": "310000", "public": true, "display_name": { "zh": zh, "en": key } });
        steps.push(Step::new(key, By::Founder, "person", "", command));
    }
    for (key, holder) in [("r1", "@officer"), ("r2", "@second"), ("r3", "@claimant")] {
        let command = json!({ "verb": "appoint", "holder": holder, "office": "registrar", "region": "000000", "from": "2026-03-02", "document": "x" });
        steps.push(Step::new(key, By::Founder, "office", "", command));
    }
    let claim = json!({ "verb": "claim-affiliation", "organisation": "@firm", "role": "x", "may_sign": true, "from": "2026-01-01" });
    steps.push(Step::new("claim", By::Person("claimant"), "person", "claimant", claim));
    for (named, accepted, one, two) in
        [("n1", "a1", "claimant", "second"), ("n2", "a2", "second", "claimant")]
    {
        let span = json!({ "verb": "name-deputy", "deputy": format!("@{two}"), "from": "2026-03-02", "until": "2026-03-06" });
        steps.push(Step::new(named, By::Person(one), "person", one, span));
        let accept = json!({ "verb": "accept-deputy", "deputy": format!("@{two}") });
        steps.push(Step::new(accepted, By::Person(two), "person", one, accept));
    }
    steps
}
