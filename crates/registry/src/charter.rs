//! Charter: who someone is today, read from the cards of the desks `person` and `office`, and which rules
//! hold, read from the cards of the desk `rulebook`.

use crate::{
    Broken,
    store::{self, Link, cells},
};
use grammar::{
    card::Card,
    clerk::Desks,
    kinds::{Day, Id, REGION_ALL},
    rules::{Rules, Version},
    viewer::Viewer,
};

/// Offices one person may hold at a time; further ones are not looked at.
const OFFICES_MAX: u32 = 100;

/// All that is known of a person on a day.
pub fn viewer(link: &dyn Link, person: Id, today: Day) -> Result<Viewer, Broken> {
    let mut viewer = Viewer { person: Some(person), ..Viewer::default() };
    let Some(card) = store::card(link, "person", person)?.filter(|card| card.status != "erased") else {
        return Ok(Viewer::public());
    };
    viewer.organisations = card.holders("affiliation").collect();
    viewer.signs_for = card.holders("signs-for").collect();
    let offices: Vec<Card> = link.all(
        "SELECT r.card FROM parties p JOIN records r ON r.id = p.record
         WHERE p.who = $1 AND p.part = 'holder' AND p.desk = 'office' LIMIT $2",
        cells![person, OFFICES_MAX],
        |row| Ok(serde_json::from_str(row.get(0)?)?),
    )?;
    for card in offices {
        let begun = card.from.is_none_or(|from| from <= today);
        let over = card.until.is_some_and(|until| until < today);
        if card.status == "in-force" && begun && !over {
            viewer.offices.extend(card.facets.get("office").map(|office| (office.clone(), card.scope())));
        }
    }
    Ok(viewer)
}

/// Whether `person` is a deputy of `other` on a day: named, accepted, neither over nor ended.
pub fn is_deputy(link: &dyn Link, person: Id, other: Id, today: Day) -> Result<bool, Broken> {
    let card = store::card(link, "person", other)?;
    let card = card.filter(|card| card.holders("deputy").any(|id| id == person));
    let days: Option<(Day, Day)> = card.and_then(|card| card.read(&format!("deputy {person}")));
    Ok(days.is_some_and(|(from, until)| from <= today && today <= until))
}

/// Someone who acts for another: what both have. Nothing, when there is no such deputy today.
pub fn deputy(link: &dyn Link, person: Id, other: Id, today: Day) -> Result<Viewer, Broken> {
    let own = Viewer { acting_for: Some(other), ..viewer(link, person, today)? };
    let its =
        if is_deputy(link, person, other, today)? { viewer(link, other, today)? } else { Viewer::public() };
    Ok(Viewer::both(&own, &its))
}

/// The one who sets a region up: registers the first persons and appoints the first officers,
/// and repeats erasures after a restore.
pub fn founder() -> Viewer {
    let offices = ["system-admin", "registrar", "rule-maker", "laboratory-office", "privacy-officer"]
        .map(|office| (office.to_owned(), REGION_ALL));
    Viewer { offices: offices.into(), ..Viewer::default() }
}

/// The delivered rules and, over them, the adopted ones.
pub fn rules(desks: &Desks, link: &dyn Link) -> Result<Rules, Broken> {
    let mut rules = desks.rules().map_err(Broken)?;
    let adopted: Vec<Card> = link.all(
        "SELECT r.card FROM records r JOIN cards c ON c.record = r.id
         WHERE c.desk = 'rulebook' AND c.status = 'adopted' AND c.tier <> 1 ORDER BY r.changed, r.id",
        &[],
        |row| Ok(serde_json::from_str(row.get(0)?)?),
    )?;
    for card in adopted {
        if let Some(version) = card.read::<Version>("version") {
            rules.adopt(version);
        }
    }
    Ok(rules)
}
