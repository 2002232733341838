//! OpenAPI: the description of the JSON API, made from the same forms that read every command.
//!
//! What is the same in every house stands in `openapi.json`; each desk adds its list, its records and the
//! verbs that people may ask. The same desks give the same document, byte for byte.

use grammar::{
    clerk::{Clerk, Desks},
    desk::impossible,
    form::{Dice, Form, Kind, Verb},
    kinds::{Day, Id},
    words::Locale,
};
use serde_json::{Map, Value, json};

static BASE: &str = include_str!("openapi.json");

const ABOUT: &str = "科技创新资源配置平台的接口。每个事项的字段、校验和规则与网页表单相同。\n\n\
    The interface of a region's platform for science and technology resources. Each command has the same \
    fields, checks and rules as the form on the page.";
/// Samples tried before one is taken as it is.
const SAMPLES_TRIED: u64 = 40;
/// Samples by which we see who may ask a verb.
const SAMPLES_ASKED: u64 = 8;

/// The OpenAPI 3.1 document of a house. `origin` is its address, as in `https://region.example`.
#[must_use]
pub fn document(desks: &Desks, origin: &str, version: &str) -> Value {
    let base: Value = serde_json::from_str(BASE).unwrap_or_else(|error| impossible(&error.to_string()));
    let part = |name: &str| base.get(name).cloned().unwrap_or_default();
    let (mut paths, mut tags) = (Map::new(), Vec::new());
    for clerk in desks.iter() {
        tags.push(tag(clerk));
        desk_paths(clerk, &mut paths);
    }
    let (Value::Object(shared), Value::Array(more)) = (part("paths"), part("tags")) else {
        impossible("openapi.json has paths and tags");
    };
    paths.extend(shared);
    tags.extend(more);
    json!({
        "openapi": "3.1.0",
        "info": {
            "title": "Kechuang 科创",
            "version": version,
            "description": ABOUT,
            "license": { "name": "Apache-2.0", "identifier": "Apache-2.0" },
        },
        "servers": [{ "url": origin }],
        "security": [{ "bearer": [] }, { "session": [] }],
        "tags": tags,
        "paths": paths,
        "components": part("components"),
    })
}

/// The same word in both languages.
fn both(clerk: &dyn Clerk, section: &str, key: &str, between: &str) -> String {
    let [zh, en] = Locale::BOTH.map(|locale| clerk.words(locale).find(section, key).unwrap_or_default());
    match (zh.is_empty(), en.is_empty()) {
        (true, true) => String::new(),
        (true, false) => en.to_owned(),
        (false, true) => zh.to_owned(),
        _ if zh == en => zh.to_owned(),
        _ => format!("{zh}{between}{en}"),
    }
}

fn tag(clerk: &dyn Clerk) -> Value {
    let name = both(clerk, "desk", "many", " · ");
    json!({ "name": clerk.name(), "description": format!("{name}\n\n{}", both(clerk, "desk", "about", "\n\n")) })
}

fn parameter(name: &str) -> Value {
    json!({ "$ref": format!("#/components/parameters/{name}") })
}

fn response(name: &str) -> Value {
    json!({ "$ref": format!("#/components/responses/{name}") })
}

fn shaped(description: &str, schema: &str) -> Value {
    let schema = json!({ "$ref": format!("#/components/schemas/{schema}") });
    json!({ "description": description, "content": { "application/json": { "schema": schema } } })
}

fn desk_paths(clerk: &dyn Clerk, paths: &mut Map<String, Value>) {
    let name = clerk.name();
    let title = both(clerk, "desk", "many", " · ");
    let read = |id: &str, summary: String, parameters: &[&str], answer: Value| {
        let parameters: Vec<Value> = parameters.iter().map(|name| parameter(name)).collect();
        json!({ "get": {
            "tags": [name],
            "operationId": format!("{name}-{id}"),
            "summary": summary,
            "description": "As the one who asks may see it; the public sees what is public.",
            "security": [{}, { "bearer": [] }, { "session": [] }],
            "parameters": parameters,
            "responses": {
                "200": answer,
                "400": response("faults"),
                "401": response("signed-out"),
                "404": response("not-found"),
                "429": response("busy"),
            },
        } })
    };
    let filters = ["q", "status", "region", "field", "party", "sort", "limit", "cursor"];
    let list = read("list", format!("列表 · List: {title}"), &filters, shaped("One page.", "Page"));
    let record =
        read("record", format!("详情 · One record: {title}"), &["id"], shaped("The record.", "Record"));
    let lines = shaped("Its history, oldest first.", "History");
    let history = read("history", format!("经过 · History: {title}"), &["id"], lines);
    paths.insert(format!("/api/v1/{name}"), list);
    paths.insert(format!("/api/v1/{name}/{{id}}"), record);
    let file = shaped("All its facts, with the proof that none is missing.", "CaseFile");
    let case = read("case", format!("案卷 · Case file: {title}"), &["id"], file);
    paths.insert(format!("/api/v1/{name}/{{id}}/history"), history);
    paths.insert(format!("/api/v1/{name}/{{id}}/case"), case);
    for verb in clerk.verbs() {
        let who = who_may_ask(clerk, verb);
        if who.is_empty() {
            continue;
        }
        let opens = clerk.opens().contains(&verb.name.as_str());
        let place = if opens { String::new() } else { "/{id}".to_owned() };
        paths.insert(format!("/api/v1/{name}{place}/{}", verb.name), verb_path(clerk, verb, opens, &who));
    }
}

fn verb_path(clerk: &dyn Clerk, verb: &Verb, opens: bool, who: &[String]) -> Value {
    let names = if opens { &["idempotency-key"][..] } else { &["id", "idempotency-key", "seen"] };
    let parameters: Vec<Value> = names.iter().map(|name| parameter(name)).collect();
    let mut responses = Map::new();
    responses.insert(if opens { "201" } else { "200" }.into(), response("receipt"));
    if who.iter().any(|name| name.starts_with("two:")) {
        responses.insert("202".into(), response("pending"));
    }
    let errors = [
        ("400", "faults"),
        ("401", "signed-out"),
        ("403", "forbidden"),
        ("404", "not-found"),
        ("409", "conflict"),
        ("413", "too-large"),
        ("422", "refused"),
        ("429", "busy"),
    ];
    responses.extend(errors.map(|(status, name)| (status.to_owned(), response(name))));
    let mut schema = verb.form.schema();
    describe(clerk, &verb.form, &mut schema);
    let help = both(clerk, "help", &verb.name, "\n\n");
    json!({ "post": {
        "tags": [clerk.name()],
        "operationId": format!("{}-{}", clerk.name(), verb.name),
        "summary": both(clerk, "verb", &verb.name, " · "),
        "description": format!("{help}{}May be asked by: {}.", if help.is_empty() { "" } else { "\n\n" }, who.join(", ")),
        "x-who": who,
        "parameters": parameters,
        "requestBody": {
            "required": !verb.form.fields.is_empty(),
            "content": { "application/json": { "schema": schema, "examples": examples(clerk, verb) } },
        },
        "responses": responses,
    } })
}

/// The labels and helps of fields, and the words of their choices, beside their schemas.
fn describe(clerk: &dyn Clerk, form: &Form, schema: &mut Value) {
    let Some(properties) = schema.get_mut("properties").and_then(Value::as_object_mut) else { return };
    for field in &form.fields {
        let Some(property) = properties.get_mut(&field.name) else { continue };
        describe_kind(clerk, &field.kind, property);
        let Some(property) = property.as_object_mut() else { continue };
        let title = both(clerk, "field", &field.name, " · ");
        if !title.is_empty() {
            property.insert("title".into(), title.into());
        }
        let own = property.get("description").and_then(Value::as_str).unwrap_or_default().to_owned();
        let said = [own, both(clerk, "help", &field.name, "\n"), choices(clerk, &field.kind)];
        let said: Vec<&str> = said.iter().map(String::as_str).filter(|text| !text.is_empty()).collect();
        if !said.is_empty() {
            property.insert("description".into(), said.join("\n\n").into());
        }
    }
}

fn describe_kind(clerk: &dyn Clerk, kind: &Kind, schema: &mut Value) {
    match kind {
        Kind::Personal(inner) | Kind::Sealed(inner) => describe_kind(clerk, inner, schema),
        Kind::Group(form) => describe(clerk, form, schema),
        Kind::List(each, _) => {
            if let Some(items) = schema.get_mut("items") {
                describe_kind(clerk, each, items);
            }
        }
        _ => {}
    }
}

fn choices(clerk: &dyn Clerk, kind: &Kind) -> String {
    match kind {
        Kind::Personal(inner) | Kind::Sealed(inner) | Kind::List(inner, _) => choices(clerk, inner),
        Kind::Choice(words) => {
            let line = |word: &String| format!("- `{word}` {}", both(clerk, "choice", word, " · "));
            words.iter().map(line).collect::<Vec<_>>().join("\n")
        }
        _ => String::new(),
    }
}

/// A day for samples. Nothing rests on it.
fn sample_day() -> Day {
    Day::new(2026, 3, 2).unwrap_or_else(|| impossible("2 March 2026 is a day"))
}

fn sample(verb: &Verb, seed: u64) -> Option<Value> {
    let record = |desk: &str, _: &mut Dice| {
        let desk = if desk.is_empty() { "organisation" } else { desk };
        format!("{desk}-7k3m9q2a").parse::<Id>().ok()
    };
    verb.sample(&mut Dice::new(seed), sample_day(), &record)
}

/// The parts and offices that may ask a verb; none when only the clock or other desks do. Who may ask can
/// depend on what is asked, so several samples are looked at.
fn who_may_ask(clerk: &dyn Clerk, verb: &Verb) -> Vec<String> {
    let mut names = Vec::<String>::new();
    for mut command in (1..=SAMPLES_ASKED).filter_map(|seed| sample(verb, seed)) {
        verb.form.cover(&mut command);
        let who = clerk.who(&command).filter(|who| who.is_for_people());
        for name in who.into_iter().flat_map(grammar::viewer::Who::names) {
            let is_person = name != "clock" && !name.contains("desk:");
            if is_person && !names.contains(&name) {
                names.push(name);
            }
        }
    }
    names
}

/// One body that reads without fault. Samples hold marks on purpose; here a plain one is shown.
fn examples(clerk: &dyn Clerk, verb: &Verb) -> Value {
    let is_plain = |body: &Value| !body.to_string().contains(['<', '&']);
    let mut bodies = (1..=SAMPLES_TRIED).filter_map(|seed| sample(verb, seed));
    let first = bodies.next();
    let chosen =
        first.iter().find(|body| is_plain(body)).cloned().or_else(|| bodies.find(is_plain)).or(first);
    let Some(mut body) = chosen else { return json!({}) };
    if let Some(fields) = body.as_object_mut() {
        fields.shift_remove("verb");
    }
    json!({ "sample": { "summary": both(clerk, "verb", &verb.name, " · "), "value": body } })
}

#[cfg(test)]
mod tests {
    use std::collections::{BTreeMap, BTreeSet};

    use desks::DESKS;

    use super::*;

    fn house() -> Value {
        document(&DESKS, "https://region.example", "0.1.0")
    }

    fn walk<'a>(value: &'a Value, visit: &mut dyn FnMut(&'a Map<String, Value>)) {
        match value {
            Value::Object(fields) => {
                visit(fields);
                fields.values().for_each(|inner| walk(inner, visit));
            }
            Value::Array(values) => values.iter().for_each(|inner| walk(inner, visit)),
            _ => {}
        }
    }

    fn operations(document: &Value) -> impl Iterator<Item = (&String, &String, &Value)> {
        let paths = document["paths"].as_object().unwrap().iter();
        paths.flat_map(|(path, methods)| {
            methods.as_object().unwrap().iter().map(move |(method, operation)| (path, method, operation))
        })
    }

    #[test]
    fn every_reference_leads_somewhere_and_every_part_is_used() {
        let document = house();
        let mut used = BTreeSet::new();
        walk(&document, &mut |fields| {
            if let Some(reference) = fields.get("$ref").and_then(Value::as_str) {
                let place = reference.strip_prefix('#').unwrap();
                assert!(document.pointer(place).is_some(), "{reference} leads nowhere");
                used.insert(reference.to_owned());
            }
        });
        for kind in ["parameters", "responses", "schemas"] {
            for name in document["components"][kind].as_object().unwrap().keys() {
                assert!(used.contains(&format!("#/components/{kind}/{name}")), "{kind}/{name} is unused");
            }
        }
    }

    #[test]
    fn operations_have_one_name_each_and_declare_their_paths() {
        let document = house();
        let (mut names, mut tags) = (BTreeMap::new(), BTreeSet::new());
        for (path, method, operation) in operations(&document) {
            let name = operation["operationId"].as_str().unwrap();
            if let Some(other) = names.insert(name, path) {
                panic!("{name} names {path} and {other}");
            }
            let declared: BTreeSet<&str> = operation["parameters"]
                .as_array()
                .into_iter()
                .flatten()
                .map(|parameter| match parameter["$ref"].as_str() {
                    Some(reference) => document.pointer(reference.strip_prefix('#').unwrap()).unwrap(),
                    None => parameter,
                })
                .filter(|parameter| parameter["in"] == "path")
                .map(|parameter| parameter["name"].as_str().unwrap())
                .collect();
            let in_path: BTreeSet<&str> = path
                .split('{')
                .skip(1)
                .filter_map(|rest| rest.split_once('}'))
                .map(|(name, _)| name)
                .collect();
            assert_eq!(declared, in_path, "{method} {path}");
            assert!(!operation["summary"].as_str().unwrap().is_empty(), "{name} has no summary");
            tags.extend(operation["tags"].as_array().unwrap().iter().map(Value::to_string));
        }
        let known: BTreeSet<String> =
            document["tags"].as_array().unwrap().iter().map(|tag| tag["name"].to_string()).collect();
        assert_eq!(tags, known);
    }

    #[test]
    fn what_people_may_ask_is_there_and_nothing_else() {
        let document = house();
        let paths = &document["paths"];
        assert!(paths["/api/v1/voucher/issue"]["post"]["responses"]["201"].is_object());
        assert!(paths["/api/v1/voucher/{id}/hold"]["post"]["responses"]["202"].is_null());
        assert!(paths["/api/v1/voucher/{id}/spend"]["post"]["responses"]["202"].is_object());
        for only_clock_or_desks in ["voucher/{id}/expire", "account/{id}/receive", "account/{id}/lapse"] {
            assert!(paths[format!("/api/v1/{only_clock_or_desks}")].is_null(), "{only_clock_or_desks}");
        }
        let who = &paths["/api/v1/account/open"]["post"]["x-who"];
        assert_eq!(who, &json!(["office:treasurer"]), "a desk that may ask is no reader of this document");
    }

    #[test]
    fn every_example_is_read_by_the_form_it_stands_for() {
        let document = house();
        let mut count = 0;
        for clerk in DESKS.iter() {
            for verb in clerk.verbs() {
                let opens = clerk.opens().contains(&verb.name.as_str());
                let place = if opens { "" } else { "/{id}" };
                let path = format!("/api/v1/{}{place}/{}", clerk.name(), verb.name);
                let body = &document["paths"][&path]["post"]["requestBody"]["content"]["application/json"];
                if body.is_null() {
                    continue;
                }
                let example = &body["examples"]["sample"]["value"];
                assert!(verb.read_json(example).is_ok(), "{path}: {example}");
                assert!(example.get("verb").is_none());
                count += 1;
            }
        }
        assert!(count > 10, "{count} examples");
    }

    #[test]
    fn the_same_desks_give_the_same_document() {
        assert_eq!(house().to_string(), house().to_string());
    }
}
