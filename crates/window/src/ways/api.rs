//! The JSON API: the same records, forms, rules and refusals as the pages.

use grammar::{case::Refused, clerk::Clerk, form::Fault, kinds::Id};
use registry::{Ask, Filter, Found, Listed, NeedText, Receipt, Sort};
use serde_json::{Map, Value, json};

use super::{Answer, openapi, query::Query};
use crate::{denied::Trouble, guest::Guest, visit::Reply};

/// Rows of a page unless another number is asked for.
const ROWS: u32 = 50;
/// Suggestions for a field that names a record.
const SUGGESTED: u32 = 12;
const FOUND: u32 = 20;
/// Rows or hits that may be asked for.
const LIMITS: (u32, u32) = (1, 200);
/// Letters of a word, of words in a title, and of a need in one line.
const WORD_MAX: usize = 60;
const WORDS_MAX: usize = 200;
const NEED_MAX: usize = 2_000;
/// Letters of a key of an ask.
const KEY_MAX: usize = 200;
/// The orders of a list.
const SORTS: [(&str, Sort); 3] =
    [("newest", Sort::Newest), ("title-zh", Sort::TitleZh), ("title-en", Sort::TitleEn)];
/// Desks to which a search may be narrowed.
const KINDS_MAX: usize = 40;
/// The longest cursor that is looked at.
const CURSOR_MAX: usize = 400;

/// Answers a visit with JSON.
///
/// # Errors
/// Why there is no answer.
pub fn answer(guest: &Guest) -> Answer {
    let way = guest.visit.way();
    let rest = way.get(1..).unwrap_or_default();
    if guest.visit.is_post {
        return post(guest, rest);
    }
    match rest {
        ["openapi.json"] => {
            let document = openapi::document(
                guest.house.registry.desks(),
                &guest.house.options.public_url,
                env!("CARGO_PKG_VERSION"),
            );
            Ok(Reply::json(200, &document))
        }
        ["v1", "find"] => {
            let (need, top) = asked(guest)?;
            found(guest, &need, top)
        }
        ["v1", "receipts", position] => {
            crate::rooms::receipt(guest, position).map(|reply| Reply { headers: vec![], ..reply })
        }
        ["v1", "codes", code] => crate::rooms::code_status(guest, code),
        ["v1", "report-check", content] => crate::rooms::report_status(guest, content),
        ["v1", "checkpoint"] => checkpoint(guest),
        ["v1", "rules"] => {
            Ok(Reply::json(200, &json!({ "rules": guest.house.registry.rules().all().collect::<Vec<_>>() })))
        }
        ["v1", "inbox"] => inbox(guest),
        ["v1", "my", "busy"] => crate::rooms::own_busy_json(guest),
        ["v1", "instrument", id, "busy"] => crate::rooms::busy_json(guest, read(id)?),
        ["v1", "instrument", id, "interlock"] => crate::rooms::interlock_ask(guest, read(id)?),
        ["v1", desk] => list(guest, clerk(guest, desk)?),
        ["v1", desk, id] => record(guest, clerk(guest, desk)?, read(id)?),
        ["v1", desk, id, "history"] => history(guest, clerk(guest, desk)?, read(id)?),
        ["v1", desk, id, "case"] => crate::rooms::case_file(guest, clerk(guest, desk)?, read(id)?)
            .map(|reply| Reply { headers: vec![], ..reply }),
        _ => Err(Trouble::NotFound),
    }
}

fn post(guest: &Guest, rest: &[&str]) -> Answer {
    // A browser's session must come with its own token; a program's token is its own proof.
    let by_cookie = guest.session.as_ref().is_some_and(|session| !session.token.is_empty());
    let token = guest.visit.header("x-csrf-token");
    if by_cookie && guest.session.as_ref().is_some_and(|session| session.token != token) {
        return Err(Trouble::NotOwnForm);
    }
    match rest {
        ["v1", "find"] => {
            let need: NeedText = serde_json::from_slice(&guest.visit.body)
                .map_err(|error| Trouble::Unreadable(error.to_string()))?;
            fits(&need)?;
            found(guest, &need, FOUND)
        }
        ["v1", "files"] => file(guest),
        ["v1", "endorse", pending, agreed] => {
            crate::rooms::oneself(guest)?;
            let receipt = guest.house.registry.endorse(read(pending)?, guest.asker(), *agreed == "agree")?;
            Ok(Reply::json(200, &coded(guest, &receipt)?))
        }
        ["v1", "my", "busy"] => crate::rooms::own_busy_send(guest),
        ["v1", "instrument", id, "busy"] => crate::rooms::busy_send(guest, read(id)?),
        ["v1", desk, verb] => ask(guest, clerk(guest, desk)?, None, verb),
        ["v1", desk, id, verb] => ask(guest, clerk(guest, desk)?, Some(read(id)?), verb),
        _ => Err(Trouble::NotFound),
    }
}

fn clerk(guest: &Guest, desk: &str) -> Result<&'static dyn Clerk, Trouble> {
    guest.desk(desk).ok_or(Trouble::NotFound)
}

fn read(id: &str) -> Result<Id, Trouble> {
    id.parse().map_err(|_| Trouble::NotFound)
}

fn ask(guest: &Guest, clerk: &dyn Clerk, id: Option<Id>, verb: &str) -> Answer {
    let opens = clerk.opens().contains(&verb);
    let verb = clerk.verb(verb).filter(|_| opens == id.is_none()).ok_or(Trouble::NotFound)?;
    if guest.session.is_none() && verb.name != "sign-up" {
        return Err(Trouble::SignIn);
    }
    let mut query = Query::of(guest.visit);
    let seen = query.number("seen", (0, u32::MAX));
    query.end()?;
    let body: Value = match guest.visit.body.as_slice() {
        [] => json!({}),
        bytes => serde_json::from_slice(bytes).map_err(|error| Trouble::Unreadable(error.to_string()))?,
    };
    let refused = |faults| Trouble::Denied(grammar::case::Refused::Unreadable(faults).into());
    let command = verb.read_json(&body).map_err(refused)?;
    let record = id.map(|id| guest.look.record(id)).transpose()?.flatten();
    let missing = crate::plain::missing_files(guest, clerk, &verb.form, &command, record.as_ref());
    if !missing.is_empty() {
        return Err(refused(missing));
    }
    let key = key_of(guest).map_err(|fault| refused(vec![fault]))?;
    let shown = command.clone();
    let mut ask: Ask = guest.ask(&key, clerk.name(), id, command);
    ask.seen = seen;
    let receipt: Receipt = guest.house.registry.run(ask)?;
    let status = match receipt.pending {
        Some(_) => 202,
        None if opens => 201,
        None => 200,
    };
    let mut told = coded(guest, &receipt)?;
    // A value that was masked is told once, in the answer to its own unmasking.
    let value = crate::rooms::shown_once(guest, clerk, id, &shown, &receipt);
    if let (Some(value), Some(fields)) = (value, told.as_object_mut()) {
        fields.insert("value".into(), value.into());
    }
    Ok(Reply::json(status, &told))
}

/// The key of an ask as it was sent, within the limits that are described; a fresh one when none was.
fn key_of(guest: &Guest) -> Result<String, Fault> {
    const NAME: &str = "idempotency-key";
    let Some(given) = guest.visit.headers.get(NAME) else {
        return Ok(crate::guest::chain_hex(guest.house.registry.chance().bytes()));
    };
    match given.chars().count() {
        0 => Err(Fault::new(NAME, "needed")),
        1..=KEY_MAX => Ok(given.clone()),
        is => Err(Fault { facts: json!({ "max": KEY_MAX, "is": is }), ..Fault::new(NAME, "too-long") }),
    }
}

/// The receipt with the check code of its first fact, when the asker may have that fact whole.
fn coded(guest: &Guest, receipt: &Receipt) -> Result<Value, Trouble> {
    let mut json = json!(receipt);
    let code = if receipt.facts > 0 { crate::rooms::code_of(guest, receipt.position)? } else { None };
    if let (Some(fields), Some(code)) = (json.as_object_mut(), code) {
        fields.insert("code".into(), code.to_string().into());
    }
    Ok(json)
}

fn listed(row: &Listed) -> Value {
    json!({ "id": row.id, "desk": row.desk, "card": row.card, "is_demo": row.is_demo, "sequence": row.sequence, "changed": row.changed })
}

/// The same, with the step for which it waits.
fn next_step(step: &crate::rooms::NextStep) -> Value {
    let mut row = listed(&step.listed);
    let step = [("asked", step.asked), ("verb", step.verb)];
    row.as_object_mut()
        .into_iter()
        .for_each(|row| row.extend(step.map(|(name, value)| (name.into(), value.into()))));
    row
}

fn list(guest: &Guest, clerk: &dyn Clerk) -> Answer {
    let mut query = Query::of(guest.visit);
    let is_suggestion = query.has("suggest");
    let limit = query.number("limit", LIMITS).unwrap_or(ROWS);
    let filter = Filter {
        desk: clerk.name().into(),
        words: query.text("q", WORDS_MAX).unwrap_or_default(),
        status: query.text("status", WORD_MAX),
        kind: query.text("kind", WORD_MAX),
        field: query.text("field", WORD_MAX),
        region: query.read("region", "not-a-region"),
        party: query.read("party", "not-a-reference"),
        is_mine: query.has("mine"),
        part: None,
        sort: query.choice("sort", &SORTS).unwrap_or(Sort::Newest),
        after: query.text("cursor", CURSOR_MAX),
        limit: if is_suggestion { SUGGESTED } else { limit },
    };
    query.end()?;
    let page = guest.look.list(&filter)?;
    if is_suggestion {
        let choice = |row: &Listed| json!({ "value": row.id, "label": guest.pick(&row.card.title_zh, &row.card.title_en) });
        return Ok(Reply::json(200, &page.rows.iter().map(choice).collect()));
    }
    let facets: Map<String, Value> = page
        .facets
        .iter()
        .map(|(name, counts)| {
            (
                (*name).to_owned(),
                Value::Object(counts.iter().map(|(value, n)| (value.clone(), (*n).into())).collect()),
            )
        })
        .collect();
    let rows: Vec<Value> = page.rows.iter().map(listed).collect();
    Ok(Reply::json(200, &json!({ "rows": rows, "total": page.total, "facets": facets, "next": page.next })))
}

fn record(guest: &Guest, clerk: &dyn Clerk, id: Id) -> Answer {
    let record =
        guest.look.record(id)?.filter(|record| record.desk == clerk.name()).ok_or(Trouble::NotFound)?;
    Ok(Reply::json(
        200,
        &json!({
            "id": record.id,
            "desk": record.desk,
            "state": record.state,
            "card": record.card,
            "is_demo": record.is_demo,
            "sequence": record.sequence,
            "born": record.born,
            "changed": record.changed,
        }),
    ))
}

fn history(guest: &Guest, clerk: &dyn Clerk, id: Id) -> Answer {
    guest.look.record(id)?.filter(|record| record.desk == clerk.name()).ok_or(Trouble::NotFound)?;
    let lines = guest.look.history(id)?;
    let line = |line: &registry::Line| {
        let known = |person: Option<Id>| person.filter(|person| guest.look.title(*person).is_some());
        let (person, acting_for) = (known(line.person), known(line.acting_for));
        json!({ "position": line.position, "sequence": line.sequence, "at": line.at, "by": line.by, "person": person, "acting_for": acting_for, "told_by": line.told_by, "event": line.event })
    };
    Ok(Reply::json(200, &json!({ "lines": lines.iter().map(line).collect::<Vec<_>>(), "next": null })))
}

/// What is looked for, and how many hits of it are wanted.
fn asked(guest: &Guest) -> Result<(NeedText, u32), Trouble> {
    let mut query = Query::of(guest.visit);
    let title = query.text("q", NEED_MAX);
    if title.is_none() {
        query.needed("q");
    }
    let need = NeedText {
        title: title.unwrap_or_default(),
        kinds: query.text("kind", WORD_MAX).into_iter().collect(),
        only_region: query.read("region", "not-a-region"),
        only_field: query.text("field", WORD_MAX),
        trl: query.number("trl", (1, 9)).and_then(|trl| u8::try_from(trl).ok()),
        ..NeedText::default()
    };
    let top = query.number("limit", LIMITS).unwrap_or(FOUND);
    query.end()?;
    Ok((need, top))
}

/// The limits of a need as the description says them.
fn fits(need: &NeedText) -> Result<(), Trouble> {
    let fields = [
        ("title", Some(&need.title), 200),
        ("text", Some(&need.text), 20_000),
        ("field", need.field.as_ref(), 60),
        ("only_field", need.only_field.as_ref(), 60),
    ];
    let mut faults = Vec::new();
    for (name, text, max) in fields {
        let is = text.map_or(0, |text| text.chars().count());
        if is > max {
            faults.push(Fault { facts: json!({ "max": max, "is": is }), ..Fault::new(name, "too-long") });
        }
    }
    if need.title.trim().is_empty() {
        faults.push(Fault::new("title", "needed"));
    }
    if need.kinds.len() > KINDS_MAX {
        faults.push(Fault { facts: json!({ "max": KINDS_MAX }), ..Fault::new("kinds", "too-many") });
    }
    if faults.is_empty() { Ok(()) } else { Err(Trouble::Denied(Refused::Unreadable(faults).into())) }
}

fn found(guest: &Guest, need: &NeedText, top: u32) -> Answer {
    let found: Found = guest.look.find(need, top as usize)?;
    let hits: Vec<Value> = found
        .hits
        .iter()
        .map(|hit| json!({ "record": listed(&hit.listed), "score": hit.score, "reasons": hit.reasons }))
        .collect();
    let counts = |counts: &[(String, u32)]| {
        Value::Object(counts.iter().map(|(value, n)| (value.clone(), (*n).into())).collect())
    };
    let regions: Vec<(String, u32)> =
        found.regions.iter().map(|(region, n)| (region.to_string(), *n)).collect();
    Ok(Reply::json(
        200,
        &json!({
            "hits": hits,
            "total": found.total,
            "kinds": counts(&found.kinds),
            "regions": counts(&regions),
            "fields": counts(&found.fields),
        }),
    ))
}

fn checkpoint(guest: &Guest) -> Answer {
    let note = guest.house.registry.checkpoint()?.ok_or(Trouble::NotFound)?.1;
    Ok(Reply { status: 200, kind: "text/plain; charset=utf-8", body: note.into_bytes(), headers: vec![] })
}

fn inbox(guest: &Guest) -> Answer {
    if guest.session.is_none() {
        return Err(Trouble::SignIn);
    }
    let pending = guest.house.registry.pending(&guest.look.viewer)?;
    let pending: Vec<Value> = pending
        .iter()
        .map(|one| json!({ "id": one.id, "desk": one.desk, "record": one.record, "command": one.command, "at": one.at, "may_endorse": one.may_endorse }))
        .collect();
    let rows: Vec<Value> = crate::rooms::waiting_records(guest)?.iter().map(next_step).collect();
    let matches: Vec<Value> = guest
        .look
        .my_matches(50)?
        .iter()
        .map(|found| json!({ "need": found.need, "offer": found.offer, "score": found.score, "reasons": found.reasons, "at": found.at }))
        .collect();
    Ok(Reply::json(200, &json!({ "rows": rows, "pending": pending, "matches": matches, "next": null })))
}

fn file(guest: &Guest) -> Answer {
    if guest.session.is_none() {
        return Err(Trouble::SignIn);
    }
    let (name, bytes) = guest
        .visit
        .uploads
        .get("file")
        .ok_or_else(|| Trouble::Unreadable("multipart field `file`".into()))?;
    match crate::plain::take_file(guest, name, bytes)? {
        Ok(file) => Ok(Reply::json(201, &json!({ "file": file, "size": bytes.len() }))),
        Err(code) => {
            let fault = crate::plain::file_fault("file", code);
            Err(Trouble::Denied(grammar::case::Refused::Unreadable(vec![fault]).into()))
        }
    }
}
