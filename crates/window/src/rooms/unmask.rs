//! Unmask: a masked value of a person, shown once to someone who said why. The reason is an event of the
//! person's record, so the person reads who asked, when and why.

use grammar::{clerk::Clerk, kinds::Id};
use maud::html;
use registry::{Denied, Receipt};
use serde_json::Value;

use crate::{
    denied::Trouble,
    guest::Guest,
    parts::{self, Link, Notice, Tone},
    plain,
    ways::Answer,
};

/// The value that an unmasking was asked for: only in the answer to it, not when the same ask is repeated.
#[must_use]
pub fn shown_once(
    guest: &Guest,
    clerk: &dyn Clerk,
    id: Option<Id>,
    command: &Value,
    receipt: &Receipt,
) -> Option<String> {
    let is_unmasking = clerk.name() == "person" && command.get("verb").is_some_and(|verb| verb == "unmask");
    if !is_unmasking || receipt.is_repeat || receipt.pending.is_some() {
        return None;
    }
    let record = guest.look.record(id?).ok().flatten()?;
    let field = command.get("field")?.as_str()?;
    plain::personal_text(guest, record.state.get(field)?.as_str()?, false)
}

/// Asks for a masked value, and shows it on the answer's own page and nowhere else.
///
/// # Errors
/// When there is no such record, one must sign in, or the house breaks.
pub fn unmask(guest: &Guest, clerk: &dyn Clerk, id: Id) -> Answer {
    let verb = clerk.verb("unmask").ok_or(Trouble::NotFound)?;
    let mut typed = guest.visit.form.clone();
    let key = typed.remove("key").unwrap_or_default();
    ["csrf", "seen"].iter().for_each(|name| drop(typed.remove(*name)));
    let (Some(_), Ok(command)) = (&guest.session, verb.read_flat(&typed)) else {
        // What is not filled in right comes back as with any form.
        return plain::submit(guest, clerk, Some(id), "unmask");
    };
    let receipt = match guest.house.registry.run(guest.ask(&key, clerk.name(), Some(id), command.clone())) {
        Ok(receipt) => receipt,
        Err(denied @ (Denied::Broken(_) | Denied::Busy)) => return Err(denied.into()),
        // A refusal is worded beside the form; the same ask is refused again.
        Err(_) => return plain::submit(guest, clerk, Some(id), "unmask"),
    };
    let field = command.get("field").and_then(Value::as_str).unwrap_or_default();
    let label = clerk.words(guest.locale).get("choice", field).to_owned();
    let back = Link::new(format!("/person/{id}"), super::person_name(guest, id));
    let body = match shown_once(guest, clerk, Some(id), &command, &receipt) {
        Some(value) => {
            html! { p { (label) (guest.pick("：", ": ")) strong { (value) } } p { (guest.word("unmasked-text")) } }
        }
        None => html! { p { (guest.word("unmasked-before")) } },
    };
    let main = html! {
        h1 { (guest.word("unmasked")) }
        (parts::notice(&Notice { tone: Tone::Good, title: label.clone(), body, links: vec![back.clone()] }))
    };
    Ok(guest.page(
        guest.word("unmasked"),
        vec![Link::new("/person", guest.desk_word("person", "desk", "many")), back],
        main,
    ))
}
