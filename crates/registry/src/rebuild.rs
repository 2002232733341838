//! Rebuild: everything that follows from facts, made anew from them in a fresh store that then takes the place
//! of the old one. Facts, parts, checkpoints, receipts and what is kept are carried over as they are.

use chain::leaf;
use grammar::{
    case::{Said, Stored},
    clerk::Desks,
    kinds::Id,
};

use crate::{
    Broken, Depth, Settings, audit,
    fact::{self, Fact},
    seal::Nodes,
    store::{self, Link, Place},
    view::Views,
};

/// Makes everything anew that can be. The house must be closed. Returns how many facts were played.
///
/// # Errors
/// The facts themselves are damaged, so that only a backup helps; or the disk says no. The store is then as it was.
pub fn rebuild(
    settings: &Settings,
    desks: &Desks,
    progress: &mut dyn FnMut(u64, u64),
) -> Result<u64, Broken> {
    let chain = audit(settings, desks, Depth::Chain, &mut |_, _| {})?;
    if let Some(damage) = chain.damages.iter().find(|damage| !damage.is_derived) {
        return Err(Broken(format!("{}: {}", damage.code, damage.place)));
    }
    let place = Place::Folder(settings.folder.clone());
    let fresh = place.fresh()?;
    let played = play(&*fresh.link, desks, progress)?;
    fresh.take_place()?;
    Ok(played)
}

/// Plays every case again, as the writer kept it.
fn play(link: &dyn Link, desks: &Desks, progress: &mut dyn FnMut(u64, u64)) -> Result<u64, Broken> {
    let (size, views) = (store::size(link)?, Views::default());
    let mut played = 0;
    let mut from = 0;
    while from < size {
        // Read to the end before writing: an answer must not change while it is read.
        let rows = fact::from(link, from, size)?;
        let Some(last) = rows.last() else { break };
        from = last.position + 1;
        store::durably(link, |link| {
            for case in rows.chunk_by(|one, next| one.case == next.case) {
                case_again(link, desks, &views, case)?;
            }
            Ok(())
        })?;
        played += rows.len() as u64;
        progress(played, size);
    }
    Ok(played)
}

/// A record that a case has changed, with what it was before the case.
struct Changed {
    id: Id,
    before: Option<Stored>,
    stored: Stored,
    is_demo: bool,
}

fn case_again(link: &dyn Link, desks: &Desks, views: &Views, rows: &[fact::Row]) -> Result<(), Broken> {
    let mut changed: Vec<Changed> = Vec::new();
    let mut said = Vec::new();
    let (mut at, mut position) = (None, 0);
    for row in rows {
        let fact = row.read().ok_or_else(|| Broken(format!("fact {} cannot be read", row.position)))?;
        Nodes(link).append(row.position, leaf::leaf_hash(&row.entry))?;
        (at, position) = (Some(fact.at), row.position);
        said.push(apply(link, desks, &mut changed, &fact)?);
    }
    let Some(at) = at else { return Ok(()) };
    for said in &said {
        if let Some(Changed { stored, .. }) = changed.iter().find(|each| each.id == said.record) {
            views.fold(link, desks, (said, &stored.standing), at)?;
        }
    }
    for Changed { id, before, stored, is_demo } in &changed {
        let outside = store::outside(link, *id, (before.as_ref(), stored), at)?;
        if let Err((key, other)) = store::put(link, *id, (None, stored), *is_demo, (at, outside, position))? {
            return Err(Broken(format!("{id} and {other} both have the key {key}")));
        }
    }
    Ok(())
}

fn apply(link: &dyn Link, desks: &Desks, changed: &mut Vec<Changed>, fact: &Fact) -> Result<Said, Broken> {
    let clerk = desks.find(&fact.desk).ok_or_else(|| Broken(format!("no desk is called {}", fact.desk)))?;
    let at = changed.iter().position(|each| each.id == fact.record);
    let known = at.map(|at| changed.swap_remove(at));
    let (earlier, now, is_demo) = match known {
        Some(Changed { before, stored, is_demo, .. }) => (before, Some(stored), is_demo),
        None => {
            let kept = store::stored(link, desks, fact.record)?;
            (kept.clone(), kept, fact.demo)
        }
    };
    let born = now.as_ref().map_or(fact.at.day(), |now| now.born);
    let state = now.map(|now| now.standing.state);
    let standing = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
        clerk.apply(state.as_ref(), &[&fact.event])
    }))
    .map_err(|_| Broken(format!("fact {} cannot be played", fact.position)))?;
    let (desk, record, sequence) = (clerk.name(), fact.record, fact.sequence);
    let stored = Stored { desk, standing, sequence, born };
    changed.push(Changed { id: record, before: earlier, stored, is_demo });
    Ok(Said { desk, record, sequence, event: fact.event.clone(), told_by: None })
}
