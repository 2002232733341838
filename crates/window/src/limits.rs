//! Limits: how often one address, one name or one person may ask. Each mark is one moment: until when its
//! turns are used up (the generic cell rate algorithm). Marks lie in memory and are bounded; under a flood
//! those that owe least are forgotten first, so nobody wipes out a long wait by asking under many names.

use std::{
    collections::HashMap,
    hash::{BuildHasher, RandomState},
    net::IpAddr,
    sync::Mutex,
};

use grammar::kinds::Moment;

/// Marks of one rate that are remembered.
const MARKS_MAX: usize = 65_536;

/// What is limited.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rate {
    /// Wrong passwords for one name from one address, or from one known device.
    Wrong,
    /// Wrong passwords for one name from all devices it does not know.
    WrongName,
    /// Wrong passwords for any name from one address.
    WrongAddress,
    /// Codes of the second factor tried for one person.
    Code,
    /// New persons from one address.
    SignUp,
    /// Receipts and codes looked up from one address.
    Proof,
    /// Files and sheets brought by one person.
    Upload,
    /// Searches and exports of one person or address.
    Search,
    /// Calls of the interface for programs by one person or address.
    Api,
    /// One-time links opened, and sign-ins by other providers begun, from one address.
    Link,
    /// Drafts written by one person.
    Keep,
}

impl Rate {
    const ALL: usize = 11;

    /// Turns that may be taken at once, and milliseconds until one more is there.
    const fn turns(self) -> (i64, i64) {
        match self {
            Self::Wrong => (8, 75_000),
            Self::WrongName => (40, 60_000),
            Self::WrongAddress => (60, 10_000),
            Self::Code => (6, 60_000),
            Self::SignUp => (60, 60_000),
            Self::Proof => (300, 200),
            Self::Upload => (120, 2_000),
            Self::Search => (600, 50),
            Self::Api => (2_400, 25),
            Self::Link => (30, 20_000),
            Self::Keep => (240, 1_000),
        }
    }

    /// Whether it guards secrets; such a limit cannot be switched off.
    const fn guards(self) -> bool {
        matches!(self, Self::Wrong | Self::WrongName | Self::WrongAddress | Self::Code | Self::Link)
    }
}

/// All marks of a house.
pub struct Limits {
    is_on: bool,
    names: RandomState,
    marks: [Mutex<HashMap<u64, i64>>; Rate::ALL],
}

impl Limits {
    #[must_use]
    pub fn new(is_on: bool) -> Self {
        Self { is_on, names: RandomState::new(), marks: Default::default() }
    }

    /// Takes a turn.
    ///
    /// # Errors
    /// No turn is left: the seconds until the next one.
    pub fn take(&self, rate: Rate, key: &str, now: Moment) -> Result<(), u64> {
        if !self.is_on && !rate.guards() {
            return Ok(());
        }
        let (most, each) = rate.turns();
        let now = now.in_millis();
        let name = self.names.hash_one(key);
        let Some(Ok(mut marks)) = self.marks.get(rate as usize).map(Mutex::lock) else { return Ok(()) };
        let until = marks.get(&name).copied().unwrap_or(now).max(now) + each;
        let over = until - now - most * each;
        if over > 0 {
            return Err(u64::try_from(over / 1_000 + 1).unwrap_or(1));
        }
        if marks.len() >= MARKS_MAX && !marks.contains_key(&name) {
            forget(&mut marks, now);
        }
        marks.insert(name, until);
        Ok(())
    }

    /// Gives a turn back that turned out not to count.
    pub fn give_back(&self, rate: Rate, key: &str) {
        let (name, (_, each)) = (self.names.hash_one(key), rate.turns());
        if let Some(Ok(mut marks)) = self.marks.get(rate as usize).map(Mutex::lock)
            && let Some(until) = marks.get_mut(&name)
        {
            *until -= each;
        }
    }
}

/// Forgets what is over and, when that is not enough, the half that owes least.
fn forget(marks: &mut HashMap<u64, i64>, now: i64) {
    marks.retain(|_, until| *until > now);
    if marks.len() <= MARKS_MAX / 4 * 3 {
        return;
    }
    let mut ends: Vec<i64> = marks.values().copied().collect();
    let middle = ends.len() / 2;
    let (_, middle, _) = ends.select_nth_unstable(middle);
    let middle = *middle;
    let mut room = marks.len().saturating_sub(MARKS_MAX / 2);
    marks.retain(|_, until| {
        let goes = *until <= middle && room > 0;
        room -= usize::from(goes);
        !goes
    });
}

/// The name under which an address is counted: an IPv6 visitor owns a whole /64.
#[must_use]
pub fn of_address(from: &str) -> String {
    match from.parse::<IpAddr>().map(|address| address.to_canonical()) {
        Ok(IpAddr::V6(address)) => {
            let [a, b, c, d, ..] = address.segments();
            format!("{a:x}:{b:x}:{c:x}:{d:x}::")
        }
        Ok(address) => address.to_string(),
        Err(_) => from.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(millis: i64) -> Moment {
        Moment::from_millis(1_772_416_800_000 + millis)
    }

    #[test]
    fn turns_are_used_up_and_come_back_one_by_one() {
        let limits = Limits::new(true);
        for _ in 0..8 {
            limits.take(Rate::Wrong, "a", at(0)).unwrap();
        }
        assert_eq!(limits.take(Rate::Wrong, "a", at(0)), Err(76));
        assert_eq!(limits.take(Rate::Wrong, "b", at(0)), Ok(()), "another name waits for nobody");
        limits.take(Rate::Wrong, "a", at(75_000)).unwrap();
        assert!(limits.take(Rate::Wrong, "a", at(75_000)).is_err());
        limits.give_back(Rate::Wrong, "a");
        assert_eq!(limits.take(Rate::Wrong, "a", at(75_000)), Ok(()));
    }

    #[test]
    fn what_guards_secrets_cannot_be_switched_off() {
        let limits = Limits::new(false);
        for _ in 0..10_000 {
            limits.take(Rate::Search, "a", at(0)).unwrap();
        }
        let wrong = (0..20).filter(|_| limits.take(Rate::Wrong, "a", at(0)).is_ok()).count();
        assert_eq!(wrong, 8);
    }

    #[test]
    fn a_flood_of_names_is_bounded_and_wipes_out_no_long_wait() {
        let limits = Limits::new(true);
        while limits.take(Rate::Wrong, "victim", at(0)).is_ok() {}
        for n in 0..3 * MARKS_MAX {
            limits.take(Rate::Wrong, &n.to_string(), at(1)).unwrap();
        }
        assert!(limits.marks[Rate::Wrong as usize].lock().unwrap().len() <= MARKS_MAX);
        assert!(limits.take(Rate::Wrong, "victim", at(2)).is_err());
    }

    #[test]
    fn one_household_is_one_address() {
        assert_eq!(of_address("2001:db8:1:2:3:4:5:6"), of_address("2001:db8:1:2::1"));
        assert_ne!(of_address("2001:db8:1:2::1"), of_address("2001:db8:1:3::1"));
        assert_eq!(of_address("::ffff:192.0.2.1"), of_address("192.0.2.1"));
        assert_eq!(of_address("192.0.2.7"), "192.0.2.7");
        assert_ne!(of_address("::ffff:192.0.2.7"), of_address("::ffff:192.0.2.8"));
        assert_eq!(of_address("nonsense"), "nonsense");
    }
}
