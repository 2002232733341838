//! The form of any verb: shown, read, and shown again with what is wrong beside its field. What was typed
//! stays.

use grammar::{
    clerk::Clerk,
    form::{Flat, Form, Kind, Verb},
    kinds::{Id, Moment, regions},
};
use maud::{Markup, html};
use registry::{Receipt, Record};
use serde_json::{Value, json};

use super::{
    draft::{self, Draft, NotKept, Place},
    own,
    press::{Pressed, Wrong, personal_values, press, refusal},
    record::{folded, not_yours},
    suggested,
    values::personal_text,
};
use crate::{
    denied::{Trouble, Worded},
    guest::Guest,
    parts::{self, Asker, Choice, FieldWords, FormView, Link, Tone},
    rooms,
    visit::Reply,
    ways::{
        Answer,
        sheet::columns::{kind_at, plain_kind},
    },
};

/// Names the record that a new one is to be like.
const LIKE: &str = "like";

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
    fn choices(&self, path: &str, kind: &Kind) -> Vec<Choice> {
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
            Kind::Ref(desk) if !desk.is_empty() => {
                suggested::records(self.guest, desk, self.values.get(path))
            }
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

pub fn field_words(guest: &Guest) -> FieldWords {
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
        or_paste: word("or-paste"),
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

/// The page with an empty form, with the record's own values in it, or with the draft that is kept of it.
///
/// # Errors
/// When there is no such verb or record, or one must sign in first.
pub fn form(guest: &Guest, clerk: &dyn Clerk, id: Option<Id>, verb: &str) -> Answer {
    let (record, verb) = subject(guest, clerk, id, verb)?;
    let place = Place { guest, desk: clerk.name(), id, verb };
    let draft = place.kept()?;
    let is_value = |(name, _): &(&String, &String)| !["lang", LIKE].contains(&name.as_str());
    let mut asked = if id.is_none() { alike(guest, clerk, verb)? } else { Flat::new() };
    asked.extend(guest.visit.query.iter().filter(is_value).map(owned));
    // Whoever comes here with something else in mind than the draft says is shown that, and told of the draft.
    let is_other = |draft: &Draft| {
        let other = |(path, text): (&String, &String)| draft.typed.get(path).is_some_and(|kept| kept != text);
        asked.iter().any(other)
    };
    let shown = draft.as_ref().filter(|draft| !is_other(draft));
    let mut values = own_values(guest, verb, record.as_ref());
    if let (Some(record), "booking", "move") = (&record, clerk.name(), verb.name.as_str()) {
        rooms::moved(guest, record, &mut values);
    }
    if let Some(draft) = shown {
        values = draft::over(&verb.form, values, &draft.typed);
    }
    values.extend(asked.clone());
    let notice = match (shown, &draft) {
        (Some(shown), _) => place.notice(shown, record.as_ref().map(|record| record.sequence)),
        (None, Some(other)) => place.other(other),
        (None, None) => html! {},
    };
    let closed = record.as_ref().map(|record| not_yours(guest, clerk, record, verb));
    let notice = html! { @if let Some(closed) = closed { (closed) } (notice) };
    let known = if shown.is_some() == draft.is_some() { place.known(shown)? } else { String::new() };
    let sheet = Sheet { values, notice, known, ..Sheet::default() };
    Ok(page(guest, clerk, record.as_ref(), verb, sheet))
}

/// What a new record takes over from an earlier one that this guest may see: everything but its days and moments, which are to
/// be set anew, and files and personal values, which stay where they are.
fn alike(guest: &Guest, clerk: &dyn Clerk, verb: &Verb) -> Result<Flat, Trouble> {
    let Some(id) = guest.visit.asked(LIKE).and_then(|id| id.parse::<Id>().ok()) else {
        return Ok(Flat::new());
    };
    let record =
        guest.look.record(id)?.filter(|record| record.desk == clerk.name()).ok_or(Trouble::NotFound)?;
    let mut values = kept_values(&verb.form, &record.state);
    for field in &verb.form.fields {
        let kind = match &field.kind {
            Kind::List(each, _) => each,
            other => other,
        };
        if matches!(kind, Kind::Day | Kind::Moment | Kind::File | Kind::Personal(_)) {
            let inside = format!("{}.", field.name);
            values.retain(|path, _| *path != field.name && !path.starts_with(&inside));
        }
    }
    Ok(values)
}

fn owned((name, value): (&String, &String)) -> (String, String) {
    (name.clone(), value.clone())
}

/// What stands in a form that mends a record: its values, the personal ones masked.
#[must_use]
pub fn own_values(guest: &Guest, verb: &Verb, record: Option<&Record>) -> Flat {
    let mut values = record.map_or_else(Flat::new, |record| kept_values(&verb.form, &record.state));
    for (path, text) in &mut values {
        // Moments are typed as they are on a clock here.
        let is_moment = matches!(kind_at(&verb.form, path).map(plain_kind), Some(Kind::Moment));
        if let Some(moment) = text.parse::<Moment>().ok().filter(|_| is_moment) {
            *text = rooms::local(moment.in_millis());
        }
    }
    for (field, commitment) in personal_values(verb, &values) {
        let shown = personal_text(guest, &commitment, field != "name").unwrap_or_default();
        values.insert(field, shown);
    }
    values
}

pub fn subject<'a>(
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

/// Presses the form. What cannot be read, or is refused, comes back with what was typed.
///
/// # Errors
/// When there is no such verb or record, or one must sign in first.
pub fn submit(guest: &Guest, clerk: &dyn Clerk, id: Option<Id>, verb: &str) -> Answer {
    submit_with(guest, clerk, id, verb, &|_| html! {})
}

/// The same, with more to say over the form when it comes back: the reasons in full, where one sentence is too few.
///
/// # Errors
/// As of [`submit`].
pub fn submit_with(
    guest: &Guest,
    clerk: &dyn Clerk,
    id: Option<Id>,
    verb: &str,
    more: &dyn Fn(Option<&Record>) -> Markup,
) -> Answer {
    let (record, verb) = subject(guest, clerk, id, verb)?;
    let place = Place { guest, desk: clerk.name(), id, verb };
    let wrong = match press(guest, clerk, record.as_ref(), verb)? {
        Pressed::Done(receipt) => return Ok(Reply::go(after(clerk, &receipt))),
        Pressed::Drafted => return draft::again(guest, &place),
        Pressed::Told(reply) => return Ok(reply),
        Pressed::Wrong(wrong) => *wrong,
    };
    // Whoever presses again after they were told of another draft takes its place.
    let draft = place.kept()?;
    let known = match wrong.not_kept {
        Some(_) => place.known(draft.as_ref())?,
        None => guest.visit.typed(draft::KNOWN).to_owned(),
    };
    let notice = wrong.not_kept.map_or_else(|| html! {}, |why| not_kept(guest, why));
    let Wrong { typed: values, faults, no, .. } = wrong;
    let status = if notice.0.is_empty() { no.as_ref().map_or(400, |no| no.status) } else { 409 };
    let notice = html! { (notice) (more(record.as_ref())) };
    Ok(page(guest, clerk, record.as_ref(), verb, Sheet { status, values, faults, no, notice, known }))
}

fn not_kept(guest: &Guest, why: NotKept) -> Markup {
    let title = guest.word("draft-not-kept").into();
    let body = html! { p { (why.sentence(guest)) } };
    html! { div role="alert" { (parts::notice(&parts::Notice { tone: Tone::Warn, title, body, links: vec![] })) } }
}

/// Where one goes after a press: to the record, with its receipt.
pub fn after(clerk: &dyn Clerk, receipt: &Receipt) -> String {
    match receipt.pending {
        Some(_) if receipt.record.desk() == clerk.name() => {
            format!("/{}/{}?done=waits", clerk.name(), receipt.record)
        }
        Some(_) => "/inbox".to_owned(),
        None => format!("/{}/{}?done={}", clerk.name(), receipt.record, receipt.position),
    }
}

/// What a form's page shows: the values, what is wrong with them, when a rule said no the refusal over it, and
/// what is said of its draft.
#[derive(Default)]
struct Sheet {
    /// Nothing for a page that was asked for.
    status: u16,
    values: Flat,
    faults: Vec<(String, String)>,
    no: Option<Worded>,
    notice: Markup,
    /// The draft that the form knows.
    known: String,
}

fn page(guest: &Guest, clerk: &dyn Clerk, record: Option<&Record>, verb: &Verb, sheet: Sheet) -> Reply {
    let Sheet { status, values, faults, no, notice, known } = sheet;
    let words = clerk.words(guest.locale);
    let title = words.get("verb", &verb.name).to_owned();
    // A rule's no stands over the form already.
    let is_listed = no.as_ref().is_none_or(Worded::is_misread);
    let faults_title =
        if is_listed { guest.say("faults", &json!({ "count": faults.len() })) } else { String::new() };
    let place = Place { guest, desk: clerk.name(), id: record.map(|record| record.id), verb };
    let paper = Paper { guest, clerk, values, faults, words: field_words(guest) };
    let mut fields = parts::views(&verb.form, &paper);
    let acting = if record.is_none() { own::parts(guest, clerk, verb) } else { vec![] };
    fields.iter_mut().for_each(|field| own::choose(guest, field, &acting));
    let mut hidden = guest.hidden();
    if clerk.name() == "booking" {
        rooms::operators(guest, record, &mut fields);
        hidden.extend(rooms::questions(guest, record, "", (&paper.values, &paper.faults), &mut fields));
    }
    let mut lead = rooms::form_lead(guest, (clerk.name(), &verb.name), record, &paper.values);
    hidden.extend(rooms::line_carried(clerk.name(), &verb.name, &paper.values, &mut fields));
    if clerk.name() == "bundle" && record.is_none() {
        lead = rooms::picks(guest, no.as_ref(), (&paper.values, &paper.faults), &mut fields, &mut hidden);
    }
    let back = match record {
        Some(record) => format!("/{}/{}", clerk.name(), record.id),
        None => format!("/{}", clerk.name()),
    };
    let counted = record.filter(|record| record.sequence > 0);
    hidden.extend(counted.map(|record| ("seen".to_owned(), record.sequence.to_string())));
    hidden.push((draft::KNOWN.into(), known));
    let view = FormView {
        action: place.action(),
        hidden,
        fields,
        words: field_words(guest),
        faults_title,
        other_faults: vec![],
        submit: title.clone(),
        more: place.keeps().then(|| draft::button(guest)).into_iter().collect(),
        keeps: place.keeps().then(|| guest.word("draft-not-kept").to_owned()),
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
    let main = html! {
        (parts::heading(&heading)) (notice) (refusal(guest, no, &back)) (lead)
        (folded(guest, clerk, record))
        (parts::form(&view))
    };
    let mut crumbs =
        vec![Link::new(format!("/{}", clerk.name()), guest.desk_word(clerk.name(), "desk", "many"))];
    crumbs.extend(record.map(|_| Link::new(back, over)));
    guest.page_with(if status == 0 { 200 } else { status }, &title, crumbs, main)
}
