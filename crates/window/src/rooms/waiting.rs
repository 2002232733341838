//! Waiting: records whose next step this guest may take, as `desks::waits` says it of each desk.

use std::collections::BTreeSet;

use desks::waits::{WAITS, Wait};
use grammar::{
    kinds::{Id, Region},
    viewer::{Viewer, Who},
};
use registry::{Filter, Listed, Record, Sort};
use serde_json::Value;

use crate::{denied::Trouble, guest::Guest, plain};

/// Records that are looked at, of one desk and one reach: those that wait longest.
const LOOKED_AT: u32 = 200;
/// Regions of one office that are looked through.
const REGIONS_MAX: usize = 8;

/// A record, and the step it waits for.
pub struct NextStep {
    pub listed: Listed,
    /// The desk that is asked.
    pub asked: &'static str,
    pub verb: &'static str,
}

/// Where a guest may find records for which they may act.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Reach {
    Everywhere,
    /// In which they, or their unit, have a part.
    Mine,
    In(Region),
}

/// What waits for this guest, desk by desk, those first that have waited longest.
///
/// # Errors
/// When the store cannot be read.
pub fn waiting_records(guest: &Guest) -> Result<Vec<NextStep>, Trouble> {
    let viewer = &guest.look.viewer;
    let wanted: Vec<(&Wait, Who)> = WAITS
        .iter()
        .filter_map(|wait| Some((wait, who(guest, wait)?)))
        .filter(|(_, who)| who.might_allow(viewer))
        .collect();
    let mut found = Vec::new();
    for of_desk in
        wanted.chunk_by(|(one, _), (other, _)| one.desk == other.desk && one.part() == other.part())
    {
        let mut seen = BTreeSet::new();
        for reach in reaches(of_desk, viewer) {
            for listed in rows(guest, of_desk, reach)? {
                if !seen.insert(listed.id) {
                    continue;
                }
                for (wait, who) in of_desk {
                    if wait.holds(&listed.card, viewer) && who.allows(viewer, &listed.card) {
                        let listed = listed.clone();
                        found.push(NextStep { listed, asked: wait.asked, verb: wait.verb });
                    }
                }
            }
        }
    }
    let mut shown = Vec::new();
    for step in found {
        if (step.listed.desk.as_str(), step.verb) != ("round", "mark")
            || has_marks_to_give(guest, step.listed.id)?
        {
            shown.push(step);
        }
    }
    let money = super::charges_waiting(guest)?.into_iter().chain(super::shares_waiting(guest)?);
    shown.extend(money.map(|(listed, verb)| NextStep { listed, asked: "booking", verb }));
    let ballot = |listed| NextStep { listed, asked: "panel", verb: "cast" };
    shown.extend(super::ballots(guest)?.into_iter().map(ballot));
    Ok(shown)
}

/// Who may take a step, as far as that does not hang on what is asked.
pub fn who(guest: &Guest, wait: &Wait) -> Option<Who> {
    if wait.by.is_some() {
        return wait.by;
    }
    let clerk = guest.desk(wait.asked)?;
    plain::who(guest, clerk, clerk.verb(wait.verb)?)
}

/// The steps that a record waits for, as far as this guest is concerned, each with those who may take it.
pub fn steps<'a>(guest: &'a Guest, record: &'a Record) -> impl Iterator<Item = (&'static Wait, Who)> + 'a {
    let is_next = |wait: &&Wait| wait.desk == record.desk && wait.holds(&record.card, &guest.look.viewer);
    WAITS.iter().filter(is_next).filter_map(|wait| Some((wait, who(guest, wait)?)))
}

fn reaches(waits: &[(&Wait, Who)], viewer: &Viewer) -> BTreeSet<Reach> {
    let mut all = BTreeSet::new();
    waits.iter().for_each(|(_, who)| reach(*who, viewer, &mut all));
    if all.contains(&Reach::Everywhere) { BTreeSet::from([Reach::Everywhere]) } else { all }
}

fn reach(who: Who, viewer: &Viewer, all: &mut BTreeSet<Reach>) {
    match who {
        Who::Party(_) | Who::Signatory(_) => {
            all.insert(Reach::Mine);
        }
        Who::Office(office) => {
            let held = viewer.offices.iter().filter(|(held, _)| held == office);
            all.extend(held.take(REGIONS_MAX).map(|(_, region)| Reach::In(*region)));
        }
        Who::OfficeAmong(office) if viewer.offices.iter().any(|(held, _)| held == office) => {
            all.insert(Reach::Everywhere);
        }
        Who::Anyone | Who::Member => {
            all.insert(Reach::Everywhere);
        }
        Who::Either(some) => some.iter().for_each(|who| reach(*who, viewer, all)),
        Who::Two(who) => reach(*who, viewer, all),
        Who::OfficeAmong(_) | Who::Desk(_) | Who::Clock => {}
    }
}

fn rows(guest: &Guest, waits: &[(&Wait, Who)], reach: Reach) -> Result<Vec<Listed>, Trouble> {
    let Some((first, _)) = waits.first() else { return Ok(vec![]) };
    if let (Some(part), Reach::Mine) = (first.part(), reach) {
        return named(guest, first.desk, part);
    }
    let mut statuses: Vec<&str> = waits.iter().map(|(wait, _)| wait.status).collect();
    statuses.dedup();
    let filter = Filter {
        desk: first.desk.into(),
        status: Some(statuses.join(",")),
        part: first.part().map(str::to_owned),
        region: match reach {
            // An office of everywhere.
            Reach::In(region) => Some(region).filter(|region| region.number() > 0),
            _ => None,
        },
        is_mine: reach == Reach::Mine,
        sort: Sort::Oldest,
        limit: LOOKED_AT,
        ..Filter::default()
    };
    Ok(guest.look.rows(&filter)?.0)
}

/// Records that name this guest, or their unit, in a part, though they may stand in no list.
fn named(guest: &Guest, desk: &str, part: &str) -> Result<Vec<Listed>, Trouble> {
    let mut all = Vec::new();
    for who in guest.look.viewer.selves() {
        all.extend(guest.look.naming(desk, (part, who))?);
    }
    let listed = |record: Record| {
        let Record { id, desk, card, is_demo, sequence, changed, .. } = record;
        Listed { id, desk, card, is_demo, sequence, changed }
    };
    Ok(all.into_iter().map(listed).collect())
}

/// Whether a reviewer has not marked every proposal of a round that is free of ties.
fn has_marks_to_give(guest: &Guest, round: Id) -> Result<bool, Trouble> {
    let Some(record) = guest.look.record(round)? else { return Ok(false) };
    let viewer = &guest.look.viewer;
    let all = |name: &str| record.state.get(name).and_then(|all| all.as_array()).cloned().unwrap_or_default();
    let id = |one: &Value, name: &str| one.get(name)?.as_str()?.parse::<Id>().ok();
    let own = |mark: &&Value| id(mark, "reviewer").is_some_and(|by| viewer.is_itself(by));
    let marked: Vec<Option<Id>> = all("marks").iter().filter(own).map(|mark| id(mark, "proposal")).collect();
    let is_tied = |entry: &Value| {
        ["leader", "applicant"]
            .iter()
            .filter_map(|name| id(entry, name))
            .any(|id| viewer.is(id) || viewer.is_touched(id))
    };
    Ok(all("entries").iter().any(|entry| !is_tied(entry) && !marked.contains(&id(entry, "proposal"))))
}
