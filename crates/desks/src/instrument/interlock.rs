//! Interlock: whether an instrument may be switched on now, and until when. A relay or a door lock asks the house; it learns
//! no name, and holds the answer as long as it says, should the house not be heard.

use grammar::prelude::*;

use crate::calendar::{Times, Why};

/// How long it stays on after the end of a sitting that still runs, in minutes.
pub const GRACE_MINUTES: Rule<i64> = rule("IN-P40");
/// After how many minutes without a word its keepers are told.
pub const SILENT_MINUTES: Rule<i64> = rule("IN-P41");
const MINUTE: i64 = 60_000;

/// Why it is on or off.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Because {
    /// A sitting runs.
    InUse,
    /// Its keepers have closed it for work of their own.
    KeptClosed,
    /// A sitting runs longer than it may.
    TimeOver,
    OutOfService,
    Closed,
    NobodyBegan,
}

/// On or off; when on, until when.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Switch {
    pub on: bool,
    pub until: Option<Moment>,
    pub why: Because,
}

impl Switch {
    const fn off(why: Because) -> Self {
        Self { on: false, until: None, why }
    }

    const fn on(until: Moment, why: Because) -> Self {
        Self { on: true, until: Some(until), why }
    }
}

/// Whether keepers who close it for this work on it themselves.
const fn is_own_work(why: Why) -> bool {
    matches!(why, Why::Maintenance | Why::Calibration | Why::Training | Why::OwnResearch)
}

/// What the switch of an instrument of this `status` is at `now`: `running` are the planned ends of the sittings that run, `closed` the times
/// for which it is closed. What is out of service is off for its users, and on for whoever mends it.
#[must_use]
pub fn switch(now: Moment, status: &str, running: &[Moment], closed: &[(Times, Why)], grace: i64) -> Switch {
    let is_now = |(times, _): &&(Times, Why)| times.from <= now && now < times.until;
    let closed: Vec<&(Times, Why)> = closed.iter().filter(is_now).collect();
    let own = closed.iter().filter(|(_, why)| is_own_work(*why)).map(|(times, _)| times.until).max();
    if status == "scrapped" {
        return Switch::off(Because::OutOfService);
    }
    if let Some(until) = own {
        return Switch::on(until, Because::KeptClosed);
    }
    if status != "normal" {
        return Switch::off(Because::OutOfService);
    }
    let last = running.iter().max().map(|end| end.plus_millis(grace * MINUTE));
    match last {
        Some(until) if now < until => Switch::on(until, Because::InUse),
        Some(_) => Switch::off(Because::TimeOver),
        None if !closed.is_empty() => Switch::off(Because::Closed),
        None => Switch::off(Because::NobodyBegan),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(time: &str) -> Moment {
        format!("2026-03-03 {time}").parse().unwrap()
    }

    #[test]
    fn it_is_on_while_someone_is_at_it_and_some_minutes_longer() {
        let said = |now: &str, running: &[Moment]| switch(at(now), "normal", running, &[], 10);
        let until = |time| Switch::on(at(time), Because::InUse);
        assert_eq!(said("09:30", &[at("10:00")]), until("10:10"));
        assert_eq!(said("10:09", &[at("10:00")]), until("10:10"));
        assert_eq!(said("10:10", &[at("10:00")]), Switch::off(Because::TimeOver));
        assert_eq!(said("10:10", &[at("10:00"), at("11:00")]), until("11:10"), "of several the last counts");
        assert_eq!(
            said("09:30", &[]),
            Switch::off(Because::NobodyBegan),
            "what is booked and not begun is off"
        );
    }

    #[test]
    fn whoever_keeps_it_works_on_it_while_it_is_closed_to_others() {
        let times = Times { from: at("09:00"), until: at("12:00") };
        let said = |now, status, why| switch(at(now), status, &[], &[(times, why)], 10);
        let on = Switch::on(at("12:00"), Because::KeptClosed);
        assert_eq!(said("09:00", "normal", Why::Maintenance), on);
        assert_eq!(said("09:00", "repair", Why::Calibration), on, "it is mended with the power on");
        assert_eq!(said("12:00", "repair", Why::Calibration), Switch::off(Because::OutOfService));
        assert_eq!(said("10:00", "normal", Why::Holiday), Switch::off(Because::Closed));
        assert_eq!(said("10:00", "scrapped", Why::Maintenance), Switch::off(Because::OutOfService));
        let runs = switch(at("10:00"), "repair", &[at("11:00")], &[], 10);
        assert_eq!(runs, Switch::off(Because::OutOfService), "what is taken out while it runs goes off");
    }
}
