//! What a refusal is said beside is a field that there is, and each refusal is one that the desk has.

use std::collections::BTreeSet;

use desks::DESKS;
use grammar::words::Locale;

#[test]
fn every_refusal_stands_beside_a_field_that_there_is() {
    let mut all = 0;
    for clerk in DESKS.iter() {
        let codes: BTreeSet<&str> = clerk
            .words(Locale::En)
            .keys()
            .filter(|(section, _)| *section == "refusal")
            .map(|(_, code)| code)
            .collect();
        // A desk that is told by another is heard beside the other's field.
        let name = clerk.name();
        let asking = DESKS
            .iter()
            .filter(|other| other.name() == name || (name, other.name()) == ("calendar", "booking"));
        let fields: BTreeSet<&str> = asking
            .flat_map(|other| other.verbs())
            .flat_map(|verb| verb.form.fields.iter().map(|field| field.name.as_str()))
            .collect();
        for (code, field) in clerk.beside() {
            assert!(codes.contains(code), "{name} never says {code}");
            assert!(fields.contains(field), "{name} says {code} beside {field}, which there is not");
            all += 1;
        }
    }
    assert!(all > 60, "{all}");
    assert!(DESKS.find("booking").unwrap().beside().contains(&("in-the-past", "from")));
}
