//! Moving: which sitting the form for moving is about, and what cancelling costs, said before it is pressed.

use desks::booking::{Came, Sitting, Terms};
use engines::booking::HOUR;
use grammar::form::Flat;
use maud::{Markup, html};
use registry::Record;
use serde_json::json;

use super::{booking, times::local};
use crate::{
    guest::Guest,
    parts::{self, Notice, Tone},
};

/// Sittings that are still to begin.
fn ahead(guest: &Guest, record: &Record) -> Vec<Sitting> {
    let now = guest.house.registry.now();
    let is_ahead = |sitting: &Sitting| sitting.came == Came::Planned && now < sitting.times.from;
    booking::all_sittings(record).into_iter().filter(is_ahead).collect()
}

/// The form for moving holds the only sitting that can be moved; of several, none, for it is to be chosen.
pub fn moved(guest: &Guest, record: &Record, values: &mut Flat) {
    for name in ["sitting", "from", "minutes"] {
        values.remove(name);
    }
    if let [only] = ahead(guest, record).as_slice() {
        let times = only.times;
        let minutes = (times.until.in_millis() - times.from.in_millis()) / 60_000;
        let from = local(times.from.in_millis());
        values.insert("minutes".into(), minutes.to_string());
        values.insert("sitting".into(), from.clone());
        values.insert("from".into(), from);
    }
}

/// What cancelling costs, by the terms under which it was booked: nothing where they have no fee, or before they hold.
pub fn cancelling(guest: &Guest, record: &Record) -> Markup {
    let terms: Option<Terms> = super::part(record, "terms");
    let share = terms.as_ref().and_then(|terms| terms.late_share);
    let (Some(terms), Some(share), Some(next)) = (&terms, share, ahead(guest, record).into_iter().next())
    else {
        return html! {};
    };
    if !["contracted", "scheduled"].contains(&record.card.status.as_str()) || terms.late_hours <= 0 {
        return html! {};
    }
    let free_until = next.times.from.plus_millis(-terms.late_hours * HOUR);
    let is_late = terms.is_late(next.times, guest.house.registry.now());
    let facts =
        json!({ "hours": terms.late_hours, "share": super::share(&share.to_string()), "until": free_until });
    let (tone, key) =
        if is_late { (Tone::Warn, "cancelling-costs") } else { (Tone::Info, "cancelling-is-free") };
    let notice = Notice { tone, title: guest.say(key, &facts), body: html! {}, links: vec![] };
    html! { div role="status" { (parts::notice(&notice)) } }
}
