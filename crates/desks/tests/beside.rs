//! What a refusal is said beside is a field that there is, and each refusal is one that the desk has.

use std::collections::BTreeSet;

use desks::DESKS;
use grammar::{
    form::{Form, Kind},
    words::Locale,
};

/// Desks that are told by another, in whose form their refusals stand.
const TOLD_BY: [(&str, &str); 3] =
    [("calendar", "booking"), ("calendar", "instrument"), ("allowance", "booking")];

/// Whether a form has a field of this path, such as `using.charges`.
fn has(form: &Form, path: &str) -> bool {
    let (first, rest) = path.split_once('.').map_or((path, None), |(first, rest)| (first, Some(rest)));
    form.field(first).is_some_and(|field| match (&field.kind, rest) {
        (_, None) => true,
        (Kind::Group(inner), Some(rest)) => has(inner, rest),
        _ => false,
    })
}

#[test]
fn every_refusal_stands_beside_a_field_that_there_is() {
    let (mut all, mut wrong) = (0, Vec::new());
    for clerk in DESKS.iter() {
        let codes: BTreeSet<&str> = clerk
            .words(Locale::En)
            .keys()
            .filter(|(section, _)| *section == "refusal")
            .map(|(_, code)| code)
            .collect();
        // A desk that is told by another is heard beside the other's field.
        let name = clerk.name();
        let asking =
            DESKS.iter().filter(|other| other.name() == name || TOLD_BY.contains(&(name, other.name())));
        let forms: Vec<&Form> = asking.flat_map(|other| other.verbs()).map(|verb| &verb.form).collect();
        for (code, field) in clerk.beside() {
            if !codes.contains(code) {
                wrong.push(format!("{name} never says {code}"));
            }
            if !forms.iter().any(|form| has(form, field)) {
                wrong.push(format!("{name} says {code} beside {field}, which there is not"));
            }
            all += 1;
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
    assert!(all > 200, "{all}");
    assert!(DESKS.find("booking").unwrap().beside().contains(&("in-the-past", "from")));
}
