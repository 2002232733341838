//! Counts: how many things wait for someone, as the link to the inbox shows it on every page. What was counted is kept in memory
//! until the log has grown and a minute is over, or until they did something themselves.

use std::{collections::BTreeMap, sync::Mutex};

use grammar::kinds::{Id, Moment};

use crate::guest::Guest;

/// For how long a count may be behind what others did.
const KEPT_MILLIS: i64 = 60_000;
/// People whose counts are kept. When there are more, the old ones go, then all.
const KNOWN_MAX: usize = 10_000;

/// Someone, and for whom they act.
type Whose = (Id, Option<Id>);

#[derive(Clone, Copy)]
struct Counted {
    /// The size of the log as it was counted.
    size: u64,
    at: Moment,
    count: u32,
}

impl Counted {
    fn is_old(&self, now: Moment) -> bool {
        self.at.plus_millis(KEPT_MILLIS) <= now
    }
}

/// What was counted of late.
#[derive(Default)]
pub struct Counts(Mutex<BTreeMap<Whose, Counted>>);

impl Counts {
    fn get(&self, whose: Whose, size: u64, now: Moment) -> Option<u32> {
        let known = self.0.lock().ok()?;
        let counted = known.get(&whose)?;
        (counted.size == size || !counted.is_old(now)).then_some(counted.count)
    }

    fn put(&self, whose: Whose, counted: Counted) {
        let Ok(mut known) = self.0.lock() else { return };
        if known.len() >= KNOWN_MAX {
            known.retain(|_, other| !other.is_old(counted.at));
        }
        if known.len() >= KNOWN_MAX {
            known.clear();
        }
        known.insert(whose, counted);
    }

    /// They did something: it is counted anew.
    pub fn forget(&self, person: Id) {
        if let Ok(mut known) = self.0.lock() {
            known.retain(|(whose, _), _| *whose != person);
        }
    }
}

fn whose(guest: &Guest) -> Option<Whose> {
    Some((guest.session.as_ref()?.person, guest.acting_for))
}

/// Keeps what the inbox itself has found.
pub fn counted(guest: &Guest, count: usize) {
    let (Some(whose), registry) = (whose(guest), &guest.house.registry) else { return };
    let count = u32::try_from(count).unwrap_or(u32::MAX);
    guest.house.counts.put(whose, Counted { size: registry.size(), at: registry.now(), count });
}

/// How many things wait for this guest: asks to endorse, and records whose next step is theirs.
#[must_use]
pub fn waiting_count(guest: &Guest) -> u32 {
    let (Some(whose), registry) = (whose(guest), &guest.house.registry) else { return 0 };
    if let Some(count) = guest.house.counts.get(whose, registry.size(), registry.now()) {
        return count;
    }
    let pending = registry.pending(&guest.look.viewer).unwrap_or_default();
    let endorsed = pending.iter().filter(|one| one.may_endorse).count();
    let steps = super::waiting_records(guest).map_or(0, |steps| steps.len());
    counted(guest, endorsed + steps);
    u32::try_from(endorsed + steps).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_count_is_kept_for_a_minute_or_until_its_person_acts() {
        let (counts, whose) = (Counts::default(), (Id::named("ann"), None));
        let at = |seconds: i64| Moment::from_millis(seconds * 1_000);
        assert_eq!(counts.get(whose, 5, at(0)), None);
        counts.put(whose, Counted { size: 5, at: at(0), count: 3 });
        assert_eq!(counts.get(whose, 5, at(9_000)), Some(3), "nothing has happened");
        assert_eq!(counts.get(whose, 6, at(59)), Some(3));
        assert_eq!(counts.get(whose, 6, at(60)), None);
        assert_eq!(counts.get((whose.0, Some(Id::named("bob"))), 5, at(0)), None, "acting for another");
        counts.forget(whose.0);
        assert_eq!(counts.get(whose, 5, at(0)), None);
    }
}
