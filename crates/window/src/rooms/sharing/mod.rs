//! Sharing: instruments as people come to use them: a week of one, many side by side, the keeper's day, what an
//! instrument is and how it is used, who visits a laboratory, and calendars for other programs.

mod agreement;
mod assessment;
pub(crate) mod attending;
mod board;
mod booking;
mod bundle;
mod calendar;
mod charge;
mod charges;
mod chemicals;
mod closing;
mod day;
mod elsewhere;
mod extras;
mod feeds;
mod figures;
mod free;
mod gate;
mod grid;
mod here;
mod instrument;
mod interlock;
mod keeper;
mod kiosk;
mod laboratory;
mod lanes;
mod line;
mod links;
mod moving;
mod operators;
mod payers;
mod picking;
mod picks;
mod programs;
mod proposal;
mod purchase;
mod questions;
mod rating;
mod received;
mod reports;
mod round;
mod samples;
mod times;
mod training;
mod troubles;
mod visits;

pub use agreement::agreement;
pub use attending::attend;
pub use board::board;
pub use booking::booking;
pub use bundle::bundle;
pub use calendar::calendar;
pub use charges::{charges, charges_post, charges_waiting};
pub use chemicals::{chemical, chemical_flow, chemicals};
pub use closing::form_lead;
pub use elsewhere::{
    bring, busy, busy_json, busy_post, busy_send, own_busy, own_busy_json, own_busy_post, own_busy_send,
};
pub use feeds::{feed, public_feed};
pub use figures::{statistics, statistics_sheet};
pub use free::free;
pub use gate::{gate, gate_press, inside as gate_inside};
pub use here::{here, label};
pub use instrument::instrument;
pub use interlock::{ask as interlock_ask, make as interlock_make, page as interlock};
pub use keeper::keeper;
pub use kiosk::{kiosk, press as kiosk_press};
pub use laboratory::laboratory;
pub use line::{carried as line_carried, line, waits as line_waits};
pub use links::{links, renew};
pub use moving::moved;
pub use operators::choose as operators;
pub use payers::shares_waiting;
pub use picks::{ask as picks, choose as bundle_form};
pub use proposal::proposal;
pub use purchase::purchase;
pub use questions::{ask as questions, line as answers_line};
pub use rating::provider;
pub use received::{receive, received};
pub use reports::{
    check as report_check, check_file as report_check_file, of as reports_of, report as test_report,
    status as report_status,
};
pub use round::round;
pub use samples::{label as sample_label, of as samples_of, sample};
pub use times::{Busy, Taken, basis, busy_times, china, local, may_book, pages, slots, using};
pub use training::{training, waits as training_waits};
pub use visits::{form_for as visit_form, of as visits_of, visit};

use grammar::card::Card;
use registry::Record;

use crate::guest::Guest;

/// A part of a record's state; `None` where it has none, or it is of another shape.
fn part<T: serde::de::DeserializeOwned>(record: &Record, name: &str) -> Option<T> {
    let value = record.state.get(name).filter(|value| !value.is_null())?;
    serde_json::from_value(value.clone()).ok()
}

/// Whether this guest, or a unit of theirs, has this part in a record.
fn is_side(guest: &Guest, card: &Card, part: &str) -> bool {
    card.holders(part).any(|who| guest.look.viewer.is(who))
}

/// A share as people read it: `1/2` is 50%, `1/3` is 33.3%.
pub fn share(share: &str) -> String {
    let parts =
        share.split_once('/').and_then(|(part, whole)| Some((part.parse().ok()?, whole.parse().ok()?)));
    let Some((part, whole)): Option<(u64, u64)> = parts.filter(|(_, whole)| *whole > 0) else {
        return share.to_owned();
    };
    match part * 1_000 / whole {
        tenths if tenths % 10 == 0 => format!("{}%", tenths / 10),
        tenths => format!("{}.{}%", tenths / 10, tenths % 10),
    }
}

#[cfg(test)]
mod tests {
    #[test]
    fn shares_are_read_in_percent() {
        assert_eq!(["1/2", "3/10", "1/3", "all"].map(super::share), ["50%", "30%", "33.3%", "all"]);
    }
}
