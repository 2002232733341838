//! Suggested: the records that a form offers for a reference, and the name of the one that stands there.

use grammar::kinds::Id;
use registry::{Filter, Listed};

use crate::{guest::Guest, parts::Choice};

/// Records suggested for a reference.
const SUGGESTED_MAX: u32 = 40;
/// Organisations whose people are suggested.
const ORGANISATIONS_MAX: usize = 3;

/// Oneself, and the people of one's own organisations.
fn colleagues(guest: &Guest) -> Vec<Listed> {
    let viewer = &guest.look.viewer;
    let mut all = guest.look.cards(viewer.person.as_slice()).unwrap_or_default();
    for organisation in viewer.organisations.iter().take(ORGANISATIONS_MAX) {
        let filter = Filter {
            desk: "person".into(),
            party: Some(*organisation),
            limit: SUGGESTED_MAX,
            ..Filter::default()
        };
        all.extend(guest.look.rows(&filter).map(|(rows, _)| rows).unwrap_or_default());
    }
    all
}

/// Records worth suggesting: the one that is named, the guest's own (people: those of their organisations), then the newest.
#[must_use]
pub fn records(guest: &Guest, desk: &str, named: Option<&String>) -> Vec<Choice> {
    let viewer = &guest.look.viewer;
    let own = viewer.organisations.iter().filter(|_| desk == "organisation").copied();
    let filter = Filter {
        desk: desk.into(),
        limit: SUGGESTED_MAX,
        is_mine: desk != "organisation" && desk != "person",
        ..Filter::default()
    };
    let mut listed = guest.look.cards(&own.collect::<Vec<_>>()).unwrap_or_default();
    if desk == "person" {
        listed.extend(colleagues(guest));
    }
    listed.extend(guest.look.list(&filter).map(|page| page.rows).unwrap_or_default());
    let choice = |id: Id, zh: &str, en: &str| Choice {
        value: id.to_string(),
        label: guest.pick(zh, en).into(),
        help: String::new(),
    };
    let named = named.and_then(|id| id.parse::<Id>().ok());
    let named = named.and_then(|id| Some((id, guest.look.title(id)?)));
    let named = named.filter(|(_, (of, ..))| of == desk).map(|(id, (_, zh, en))| choice(id, &zh, &en));
    // Bookings of one instrument share its title: their day tells them apart.
    let day = |row: &Listed| {
        let from = row.card.from.filter(|_| desk == "booking");
        from.map_or_else(String::new, |from| format!(" · {}", guest.day(from)))
    };
    let rows = listed.iter().map(|row| {
        let [zh, en] = [&row.card.title_zh, &row.card.title_en].map(|title| format!("{title}{}", day(row)));
        choice(row.id, &zh, &en)
    });
    let mut choices: Vec<Choice> = named.into_iter().chain(rows).collect();
    let mut seen = std::collections::BTreeSet::new();
    choices.retain(|choice| seen.insert(choice.value.clone()));
    choices
}
