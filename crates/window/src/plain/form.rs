//! The form of any verb: shown, read, and shown again with what is wrong beside its field. What was typed
//! stays.

use grammar::{
    clerk::Clerk,
    form::{Fault, Flat, Form, Kind, Verb},
    kinds::{Id, masked, regions},
};
use maud::{Markup, html};
use registry::{Denied, Filter, Receipt, Record};
use serde_json::{Value, json};

use super::values::personal_text;
use crate::{
    denied::{self, Trouble, Worded},
    guest::Guest,
    parts::{self, Asker, Choice, FieldView, FieldWords, FormView, Link},
    plain::files,
    visit::Reply,
    ways::Answer,
};

/// Records suggested for a reference.
const SUGGESTED_MAX: u32 = 40;
/// Fields that say for which organisation one acts.
const OWN: [&str; 3] = ["owner", "unit", "lead"];

/// What the page knows of a form.
struct Paper<'a> {
    guest: &'a Guest<'a>,
    clerk: &'a dyn Clerk,
    values: Flat,
    faults: Vec<(String, String)>,
    words: FieldWords,
}

impl Asker for Paper<'_> {
    fn values(&self) -> &Flat {
        &self.values
    }
    fn label(&self, _path: &str, field: &str) -> String {
        self.clerk.words(self.guest.locale).get("field", field).to_owned()
    }
    fn help(&self, _path: &str, field: &str) -> String {
        self.clerk.words(self.guest.locale).find("help", field).unwrap_or("").to_owned()
    }
    fn error(&self, path: &str) -> String {
        self.faults
            .iter()
            .find(|(field, _)| field == path)
            .map_or(String::new(), |(_, sentence)| sentence.clone())
    }
    fn choices(&self, _path: &str, kind: &Kind) -> Vec<Choice> {
        let words = self.clerk.words(self.guest.locale);
        match kind {
            Kind::Choice(values) => values
                .iter()
                .map(|value| Choice {
                    value: value.clone(),
                    label: words.get("choice", value).into(),
                    help: String::new(),
                })
                .collect(),
            Kind::List(each, _) => self.choices("", each),
            Kind::Region => regions()
                .iter()
                .filter(|row| {
                    row.region.number() % 100 == 0 || matches!(row.region.number() / 10_000, 31..=34)
                })
                .map(|row| Choice {
                    value: row.region.to_string(),
                    label: self.guest.region(row.region),
                    help: String::new(),
                })
                .collect(),
            Kind::Ref(desk) if !desk.is_empty() => self.records(desk),
            _ => vec![],
        }
    }
    fn lookup(&self, _path: &str, kind: &Kind) -> String {
        match kind {
            Kind::Ref(desk) if !desk.is_empty() => format!("/api/v1/{desk}?suggest=yes"),
            _ => String::new(),
        }
    }
    fn words(&self) -> &FieldWords {
        &self.words
    }
}

impl Paper<'_> {
    /// Records worth suggesting: the guest's own first, then the newest.
    fn records(&self, desk: &str) -> Vec<Choice> {
        let viewer = &self.guest.look.viewer;
        let own = viewer.organisations.iter().filter(|_| desk == "organisation").copied();
        let filter = Filter {
            desk: desk.into(),
            limit: SUGGESTED_MAX,
            is_mine: desk != "organisation" && desk != "person",
            ..Filter::default()
        };
        let mut listed = self.guest.look.cards(&own.collect::<Vec<_>>()).unwrap_or_default();
        listed.extend(self.guest.look.list(&filter).map(|page| page.rows).unwrap_or_default());
        let mut choices: Vec<Choice> = listed
            .iter()
            .map(|row| Choice {
                value: row.id.to_string(),
                label: self.guest.pick(&row.card.title_zh, &row.card.title_en).into(),
                help: String::new(),
            })
            .collect();
        let mut seen = std::collections::BTreeSet::new();
        choices.retain(|choice| seen.insert(choice.value.clone()));
        choices
    }
}

fn field_words(guest: &Guest) -> FieldWords {
    let word = |key: &'static str| guest.word(key).to_owned();
    FieldWords {
        needed: word("needed"),
        yes: word("yes"),
        no: word("no"),
        zh: word("zh"),
        en: word("en"),
        choose: word("choose"),
        yuan: word("yuan"),
        personal: word("personal-note"),
        sealed: word("sealed-note"),
        row: word("row"),
        add: word("add-row"),
        kept_file: word("kept-file"),
    }
}

/// A record's own values, as a form that mends it would hold them. Not those that are sealed: nobody reads them,
/// and what stands for them is no value.
#[must_use]
pub fn kept_values(form: &Form, state: &Value) -> Flat {
    let mut flat = Flat::new();
    for field in form.fields.iter().filter(|field| !field.kind.has_sealed()) {
        let nested = state.as_object().into_iter().flatten().find_map(|(_, inner)| inner.get(&field.name));
        if let Some(value) = state.get(&field.name).or(nested) {
            flatten(&field.name, value, &mut flat);
        }
    }
    flat
}

fn flatten(path: &str, value: &Value, flat: &mut Flat) {
    let inside = |step: &str| format!("{path}.{step}");
    match value {
        Value::Null => {}
        Value::Object(map) => map.iter().for_each(|(name, value)| flatten(&inside(name), value, flat)),
        Value::Array(values) => values
            .iter()
            .enumerate()
            .for_each(|(n, value)| flatten(&inside(&(n + 1).to_string()), value, flat)),
        Value::String(text) => drop(flat.insert(path.into(), text.clone())),
        Value::Bool(yes) => drop(flat.insert(path.into(), if *yes { "yes" } else { "no" }.into())),
        Value::Number(number) => drop(flat.insert(path.into(), number.to_string())),
    }
}

/// The page with an empty form, or with the record's own values in it.
///
/// # Errors
/// When there is no such verb or record, or one must sign in first.
pub fn form(guest: &Guest, clerk: &dyn Clerk, id: Option<Id>, verb: &str) -> Answer {
    let (record, verb) = subject(guest, clerk, id, verb)?;
    let mut values = record.as_ref().map_or_else(Flat::new, |record| kept_values(&verb.form, &record.state));
    for (field, commitment) in personal_values(verb, &values) {
        let shown = personal_text(guest, &commitment, field != "name").unwrap_or_default();
        values.insert(field, shown);
    }
    for (name, value) in guest.visit.query.iter().filter(|(name, _)| *name != "lang") {
        values.insert(name.clone(), value.clone());
    }
    Ok(sheet(guest, clerk, record.as_ref(), verb, (values, vec![], None)))
}

fn subject<'a>(
    guest: &Guest,
    clerk: &'a dyn Clerk,
    id: Option<Id>,
    verb: &str,
) -> Result<(Option<Record>, &'a Verb), Trouble> {
    let opens = clerk.opens().contains(&verb);
    let verb = clerk.verb(verb).filter(|_| opens == id.is_none()).ok_or(Trouble::NotFound)?;
    let record = match id {
        Some(id) => Some(
            guest.look.record(id)?.filter(|record| record.desk == clerk.name()).ok_or(Trouble::NotFound)?,
        ),
        None => None,
    };
    if guest.session.is_none() && verb.name != "sign-up" {
        return Err(Trouble::SignIn);
    }
    Ok((record, verb))
}

/// Personal values of a record among those of a form: field and commitment.
fn personal_values(verb: &Verb, values: &Flat) -> Vec<(String, String)> {
    let personal = verb.form.fields.iter().filter(|field| matches!(field.kind, Kind::Personal(_)));
    personal.filter_map(|field| Some((field.name.clone(), values.get(&field.name)?.clone()))).collect()
}

/// Puts the value itself where its mask was sent back unchanged: who mends one field keeps the others, without
/// having read them.
fn keep_masked(guest: &Guest, verb: &Verb, record: &Record, values: &mut Flat) {
    for (field, commitment) in personal_values(verb, &kept_values(&verb.form, &record.state)) {
        let Ok(Some(whole)) = guest.house.registry.reveal(&commitment) else { continue };
        let Some(whole) = whole.value.as_str() else { continue };
        if values.get(&field).is_some_and(|typed| *typed == masked(whole)) {
            values.insert(field, whole.to_owned());
        }
    }
}

/// Reads the form and asks. What cannot be read, or is refused, comes back with what was typed.
///
/// # Errors
/// When there is no such verb or record, or one must sign in first.
pub fn submit(guest: &Guest, clerk: &dyn Clerk, id: Option<Id>, verb: &str) -> Answer {
    let (record, verb) = subject(guest, clerk, id, verb)?;
    let mut values = guest.visit.form.clone();
    let own = ["csrf", "key", "seen"].map(|name| values.remove(name).unwrap_or_default());
    let mut refused = Vec::new();
    for (field, (name, bytes)) in &guest.visit.uploads {
        match files::take(guest, name, bytes)? {
            Ok(file) => drop(values.insert(field.clone(), file)),
            Err(code) => refused.push(files::fault(field, code)),
        }
    }
    let typed = values.clone();
    if let Some(record) = &record {
        keep_masked(guest, verb, record, &mut values);
    }
    let read = verb.read_flat(&values).and_then(|command| {
        let missing = files::missing(guest, clerk, &verb.form, &command, record.as_ref());
        if missing.is_empty() { Ok(command) } else { Err(missing) }
    });
    // What is wrong with a file is said instead of that it is missing.
    let read = match read {
        read if refused.is_empty() => read,
        Ok(_) => Err(refused),
        Err(mut faults) => {
            faults.retain(|fault| refused.iter().all(|other| other.field != fault.field));
            Err([refused, faults].concat())
        }
    };
    let command = match read {
        Ok(command) => command,
        Err(faults) => {
            let faults = worded(guest, &faults);
            return Ok(sheet(guest, clerk, record.as_ref(), verb, (typed, faults, None)));
        }
    };
    let [_, key, seen] = own;
    let mut ask = guest.ask(&key, clerk.name(), id, command);
    ask.seen = seen.parse().ok();
    match guest.house.registry.run(ask) {
        Ok(receipt) => Ok(Reply::go(after(clerk, &receipt))),
        Err(denied) if is_breakage(&denied) => Err(denied.into()),
        Err(denied) => {
            let no = denied::word(guest, &denied);
            let faults =
                no.faults.iter().map(|(field, _, sentence)| (field.clone(), sentence.clone())).collect();
            Ok(sheet(guest, clerk, record.as_ref(), verb, (typed, faults, Some(no))))
        }
    }
}

fn is_breakage(denied: &Denied) -> bool {
    matches!(denied, Denied::Broken(_) | Denied::Busy)
}

/// Where one goes after a press: to the record, with its receipt.
fn after(clerk: &dyn Clerk, receipt: &Receipt) -> String {
    match receipt.pending {
        Some(_) if receipt.record.desk() == clerk.name() => {
            format!("/{}/{}?done=waits", clerk.name(), receipt.record)
        }
        Some(_) => "/inbox".to_owned(),
        None => format!("/{}/{}?done={}", clerk.name(), receipt.record, receipt.position),
    }
}

fn worded(guest: &Guest, faults: &[Fault]) -> Vec<(String, String)> {
    faults.iter().map(|fault| (fault.field.clone(), denied::fault_sentence(guest, fault))).collect()
}

/// The form's page: values, faults and, when a rule said no, the refusal over it.
fn sheet(
    guest: &Guest,
    clerk: &dyn Clerk,
    record: Option<&Record>,
    verb: &Verb,
    (values, faults, no): (Flat, Vec<(String, String)>, Option<Worded>),
) -> Reply {
    let words = clerk.words(guest.locale);
    let title = words.get("verb", &verb.name).to_owned();
    let status =
        if faults.is_empty() && no.is_none() { 200 } else { no.as_ref().map_or(400, |no| no.status) };
    let count = faults.len();
    let paper = Paper { guest, clerk, values, faults, words: field_words(guest) };
    let mut fields = parts::views(&verb.form, &paper);
    fields.iter_mut().for_each(|field| choose_own(guest, field));
    let (action, back) = match record {
        Some(record) => (
            format!("/{}/{}/{}", clerk.name(), record.id, verb.name),
            format!("/{}/{}", clerk.name(), record.id),
        ),
        None => (format!("/{}/new/{}", clerk.name(), verb.name), format!("/{}", clerk.name())),
    };
    let mut hidden = guest.hidden();
    hidden.extend(record.map(|record| ("seen".to_owned(), record.sequence.to_string())));
    let view = FormView {
        action,
        hidden,
        fields,
        words: field_words(guest),
        faults_title: guest.say("faults", &json!({ "count": count })),
        other_faults: vec![],
        submit: title.clone(),
        more: vec![],
        cancel: Some(Link::new(back.clone(), guest.word("cancel"))),
        note: guest.word("form-note").to_owned(),
    };
    let over = record.map_or_else(
        || words.get("desk", "one").to_owned(),
        |record| guest.pick(&record.card.title_zh, &record.card.title_en).to_owned(),
    );
    let heading = parts::Heading {
        over: vec![html! { (over) }],
        title: title.clone(),
        lead: words.find("help", &verb.name).unwrap_or("").into(),
        ..Default::default()
    };
    let main = html! { (parts::heading(&heading)) (refusal(guest, no, &back)) (parts::form(&view)) };
    let mut crumbs = vec![Link::new(format!("/{}", clerk.name()), words.get("desk", "many"))];
    crumbs.extend(record.map(|_| Link::new(back, over)));
    guest.page_with(status, &title, crumbs, main)
}

/// For whom one acts is chosen from one's own organisations, the only one chosen already.
fn choose_own(guest: &Guest, field: &mut FieldView) {
    let own: Vec<String> = guest.look.viewer.organisations.iter().map(ToString::to_string).collect();
    let is_own = OWN.contains(&field.name.as_str())
        && matches!(&field.kind, Kind::Ref(desk) if desk == "organisation");
    if !is_own || own.is_empty() || !(field.value.is_empty() || own.contains(&field.value)) {
        return;
    }
    field.choices.retain(|choice| own.contains(&choice.value));
    if let (true, [only]) = (field.value.is_empty(), own.as_slice()) {
        field.value.clone_from(only);
    }
    field.kind = Kind::Choice(own);
}

fn refusal(guest: &Guest, no: Option<Worded>, back: &str) -> Markup {
    let Some(no) = no.filter(|no| no.faults.is_empty()) else { return html! {} };
    parts::refusal(&parts::Refusal {
        title: guest.word("refused-title").into(),
        sentence: no.sentence,
        article: no.rule.as_deref().and_then(|rule| guest.article(rule)),
        next_label: guest.word("what-now").into(),
        next: vec![
            Link::new(back, guest.word("back-to-record")),
            Link::new("/rulebook", guest.word("to-rulebook")),
        ],
    })
}
