//! Press: what a press of a form's button comes to: the ask is made, a draft is kept or thrown away, or what was
//! typed comes back with what is wrong.

use grammar::{
    clerk::Clerk,
    form::{Fault, Flat, Kind, Verb},
    kinds::{Id, masked},
};
use maud::{Markup, html};
use registry::{Denied, Receipt, Record};

use super::{
    draft::{self, NotKept, Place, Wish},
    files,
    form::kept_values,
};
use crate::{
    denied::{self, Trouble, Worded},
    guest::Guest,
    parts::{self, Link},
    visit::Reply,
    ways::sheet::{
        columns::{kind_at, plain_kind},
        read::as_text,
        titles::Titles,
    },
};

/// A field that holds a whole sheet as text, and the one beside it that keeps the file it was read from.
const SHEET: &str = "sheet";
const ORIGINAL: &str = "file";

/// What a press came to.
pub enum Pressed {
    /// It happened, or waits for a second person.
    Done(Receipt),
    /// A draft was kept or thrown away.
    Drafted,
    /// The same for the script, which shows the answer itself.
    Told(Reply),
    Wrong(Box<Wrong>),
}

/// Why nothing happened, with what was typed.
#[derive(Default)]
pub struct Wrong {
    pub typed: Flat,
    /// By field, in the reader's language.
    pub faults: Vec<(String, String)>,
    pub no: Option<Worded>,
    pub not_kept: Option<NotKept>,
}

/// Personal values of a record among those of a form: field and commitment.
pub fn personal_values(verb: &Verb, values: &Flat) -> Vec<(String, String)> {
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

/// A record may be named by its exact title, as in a sheet.
fn name_by_title(guest: &Guest, verb: &Verb, values: &mut Flat) {
    let titles = Titles::of(guest);
    for (path, text) in values.iter_mut().filter(|(_, text)| !text.trim().is_empty()) {
        let Some(Kind::Ref(desk)) = kind_at(&verb.form, path).map(plain_kind) else { continue };
        if desk.is_empty() || text.trim().parse::<Id>().is_ok() {
            continue;
        }
        if let Ok(id) = titles.find(desk, text.trim()) {
            *text = id.to_string();
        }
    }
}

/// The file from which a sheet was read stays beside it, where the form has a place for it; an earlier one gives way.
fn keep_original(
    guest: &Guest,
    verb: &Verb,
    (name, bytes): (&str, &[u8]),
    values: &mut Flat,
) -> Result<(), Trouble> {
    let has_place =
        verb.form.fields.iter().any(|field| field.name == ORIGINAL && matches!(field.kind, Kind::File));
    let is_chosen = guest.visit.uploads.get(ORIGINAL).is_some_and(|(_, bytes)| !bytes.is_empty());
    if has_place
        && !is_chosen
        && let Ok(file) = files::take(guest, name, bytes)?
    {
        values.insert(ORIGINAL.into(), file);
    }
    Ok(())
}

/// Reads the form and asks, or keeps what was typed. What cannot be read, or is refused, comes back.
///
/// # Errors
/// Breakages; one must sign in first.
pub fn press(
    guest: &Guest,
    clerk: &dyn Clerk,
    record: Option<&Record>,
    verb: &Verb,
) -> Result<Pressed, Trouble> {
    let place = Place { guest, desk: clerk.name(), id: record.map(|record| record.id), verb };
    let mut values = guest.visit.form.clone();
    let own = ["csrf", "key", "seen", "back", draft::KNOWN, draft::PRESS];
    let [_, key, seen, ..] = own.map(|name| values.remove(name).unwrap_or_default());
    let refused = uploaded(guest, verb, &mut values)?;
    if let Some(wish) = draft::wish(guest) {
        return drafted(&place, wish, values, seen.parse().ok());
    }
    let typed = values.clone();
    if let Some(record) = record {
        keep_masked(guest, verb, record, &mut values);
    }
    name_by_title(guest, verb, &mut values);
    let read = verb.read_flat(&values).and_then(|command| {
        let missing = files::missing(guest, clerk, &verb.form, &command, record);
        if missing.is_empty() { Ok(command) } else { Err(missing) }
    });
    let command = match with_files(read, refused) {
        Ok(command) => command,
        Err(faults) => {
            let sentence = |fault: &Fault| (fault.field.clone(), denied::fault_sentence(guest, fault));
            let faults = faults.iter().map(sentence).collect();
            return Ok(Pressed::Wrong(Box::new(Wrong { typed, faults, ..Wrong::default() })));
        }
    };
    let mut ask = guest.ask(&key, clerk.name(), place.id, command);
    ask.seen = seen.parse().ok();
    match guest.house.registry.run(ask) {
        Ok(receipt) => {
            place.end()?;
            Ok(Pressed::Done(receipt))
        }
        Err(denied @ (Denied::Broken(_) | Denied::Busy)) => Err(denied.into()),
        Err(denied) => {
            let no = denied::word(guest, &denied);
            let name = |path: &str| path.split('.').next().unwrap_or_default().to_owned();
            let has = |path: &str| verb.form.fields.iter().any(|known| known.name == name(path));
            let beside = no.faults.iter().filter(|(field, ..)| no.is_misread() || has(field));
            let faults = beside.map(|(field, _, sentence)| (field.clone(), sentence.clone())).collect();
            Ok(Pressed::Wrong(Box::new(Wrong { typed, faults, no: Some(no), not_kept: None })))
        }
    }
}

/// Takes what came as files into the form: as text, or kept, with its hash in the field. What is wrong with them.
fn uploaded(guest: &Guest, verb: &Verb, values: &mut Flat) -> Result<Vec<Fault>, Trouble> {
    let mut refused = Vec::new();
    for (field, (name, bytes)) in &guest.visit.uploads {
        let kind = verb.form.fields.iter().find(|known| known.name == *field).map(|known| &known.kind);
        if kind.is_some_and(parts::comes_as_file) {
            let is_sheet = field == SHEET;
            if is_sheet && !bytes.is_empty() {
                keep_original(guest, verb, (name.as_str(), bytes.as_slice()), values)?;
            }
            let text = match is_sheet && !bytes.is_empty() {
                true => as_text(bytes, name),
                false => files::read_text(bytes),
            };
            // An empty choice of file leaves what was pasted.
            match text {
                Some(text) if text.trim().is_empty() => {}
                Some(text) => drop(values.insert(field.clone(), text)),
                None => {
                    let code = if is_sheet { "not-a-sheet" } else { "odd-characters" };
                    refused.push(files::fault(field, code));
                }
            }
            continue;
        }
        match files::take(guest, name, bytes)? {
            Ok(file) => drop(values.insert(field.clone(), file)),
            Err(code) => refused.push(files::fault(field, code)),
        }
    }
    Ok(refused)
}

/// What is wrong with a file is said instead of that it is missing.
fn with_files<T>(read: Result<T, Vec<Fault>>, refused: Vec<Fault>) -> Result<T, Vec<Fault>> {
    match read {
        read if refused.is_empty() => read,
        Ok(_) => Err(refused),
        Err(mut faults) => {
            faults.retain(|fault| refused.iter().all(|other| other.field != fault.field));
            Err([refused, faults].concat())
        }
    }
}

fn drafted(place: &Place, wish: Wish, typed: Flat, seen: Option<u32>) -> Result<Pressed, Trouble> {
    if place.guest.session.is_none() {
        return Err(Trouble::SignIn);
    }
    if wish == Wish::Discard {
        place.end()?;
        return Ok(Pressed::Drafted);
    }
    match place.keep(&typed, seen)? {
        kept if wish == Wish::Quiet => Ok(Pressed::Told(place.told(kept))),
        Ok(_) => Ok(Pressed::Drafted),
        Err(why) => Ok(Pressed::Wrong(Box::new(Wrong { typed, not_kept: Some(why), ..Wrong::default() }))),
    }
}

/// A rule's no, over a form: what happened, by which article, and what can be done now.
pub fn refusal(guest: &Guest, no: Option<Worded>, back: &str) -> Markup {
    let Some(no) = no.filter(|no| !no.is_misread()) else { return html! {} };
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
