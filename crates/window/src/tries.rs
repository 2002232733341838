//! Tries: how often someone has guessed a check code wrongly of late. Kept in memory; a start forgets it.
//!
//! A code has 60 bits that nobody can guess; this keeps a guesser from being a burden, not from success. Those who
//! have signed in are counted by themselves, so that an office behind one address is not stopped by a stranger.

use std::{collections::BTreeMap, sync::Mutex};

use grammar::kinds::Moment;

/// Wrong codes before one must wait.
const WRONG_MAX: u32 = 20;
/// How long after the first of them: ten minutes.
const SPAN_MILLIS: i64 = 600_000;
/// Guessers that are remembered. When there are more, those whose time is over go, then the first ones.
const KNOWN_MAX: usize = 10_000;

#[derive(Default)]
pub struct Tries(Mutex<BTreeMap<String, (Moment, u32)>>);

impl Tries {
    /// Whether this guesser may try now.
    pub fn may(&self, who: &str, now: Moment) -> bool {
        let Ok(known) = self.0.lock() else { return false };
        known.get(who).is_none_or(|(since, wrong)| is_over(*since, now) || *wrong < WRONG_MAX)
    }

    /// Counts one wrong code.
    pub fn wrong(&self, who: &str, now: Moment) {
        let Ok(mut known) = self.0.lock() else { return };
        if known.len() >= KNOWN_MAX {
            known.retain(|_, (since, _)| !is_over(*since, now));
        }
        while known.len() >= KNOWN_MAX {
            known.pop_first();
        }
        let entry = known.entry(who.to_owned()).or_insert((now, 0));
        if is_over(entry.0, now) {
            *entry = (now, 0);
        }
        entry.1 += 1;
    }
}

fn is_over(since: Moment, now: Moment) -> bool {
    since.plus_millis(SPAN_MILLIS) <= now
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_guesser_waits_and_nobody_else_does() {
        let tries = Tries::default();
        let now = Moment::from_millis(1_000_000);
        for _ in 0..WRONG_MAX {
            assert!(tries.may("a", now));
            tries.wrong("a", now);
        }
        assert!(!tries.may("a", now) && tries.may("b", now));
        assert!(!tries.may("a", now.plus_millis(SPAN_MILLIS - 1)));
        let later = now.plus_millis(SPAN_MILLIS);
        assert!(tries.may("a", later));
        tries.wrong("a", later);
        assert!(tries.may("a", later), "counting begins anew");
    }

    #[test]
    fn many_guessers_do_not_fill_the_memory() {
        let tries = Tries::default();
        (0..KNOWN_MAX + 50).for_each(|n| tries.wrong(&format!("guest {n}"), Moment::from_millis(0)));
        assert_eq!(tries.0.lock().unwrap().len(), KNOWN_MAX);
        let later = Moment::from_millis(SPAN_MILLIS);
        tries.wrong("late", later);
        assert_eq!(tries.0.lock().unwrap().len(), 1);
    }
}
