//! Extras: what an instrument offers besides its time, as its page shows it: photos, accessories, consumables, hours that cost
//! less, hours with staff, and who else has to or may be in the room.

use desks::instrument::{Opening, Using};
use grammar::kinds::{Between, Money};
use maud::{Markup, html};
use registry::Record;
use serde_json::{Value, json};

use crate::{
    denied::Trouble,
    guest::Guest,
    parts::{self, Align, Column, Empty, Fact, Row, Table},
};

const WEEKDAYS: [&str; 7] =
    ["weekday-1", "weekday-2", "weekday-3", "weekday-4", "weekday-5", "weekday-6", "weekday-7"];

/// Opening hours in one line; days that follow each other with the same hours are one.
pub fn hours(guest: &Guest, openings: &[Opening]) -> String {
    let mut runs: Vec<(i8, i8, &Opening)> = Vec::new();
    for opening in openings {
        let (first, until) = opening.weekday.days().into_inner();
        let goes_on = |(_, last, before): &&mut (i8, i8, &Opening)| {
            *last + 1 == first && (&before.opens, &before.shuts) == (&opening.opens, &opening.shuts)
        };
        match runs.last_mut().filter(goes_on) {
            Some((_, last, _)) => *last = until,
            None => runs.push((first, until, opening)),
        }
    }
    let day = |day: i8| {
        let place = usize::try_from(day - 1).unwrap_or_default();
        guest.word(WEEKDAYS.get(place).copied().unwrap_or("weekday-1"))
    };
    let one = |(first, last, opening): &(i8, i8, &Opening)| {
        let is_one = first == last;
        let days = if is_one { day(*first).to_owned() } else { format!("{}–{}", day(*first), day(*last)) };
        format!("{days} {}–{}", &*opening.opens, &*opening.shuts)
    };
    runs.iter().map(one).collect::<Vec<_>>().join(guest.pick("，", ", "))
}

/// What one unit may have of it, in a line; empty where nothing is limited.
pub fn limits(guest: &Guest, using: &Using) -> String {
    let limits = &using.limits;
    let most =
        |limit: Option<i64>, key: &'static str| limit.map(|most| guest.say(key, &json!({ "most": most })));
    let all = [
        most(using.daily_minutes.map(Between::get), "limit-daily"),
        most(using.weekly_minutes.map(Between::get), "limit-weekly"),
        most(limits.daily_times.map(Between::get), "limit-times"),
        most(limits.ahead_minutes.map(Between::get), "limit-ahead"),
        most(limits.apart_minutes.map(Between::get), "limit-apart"),
    ];
    all.into_iter().flatten().collect::<Vec<_>>().join(guest.pick("；", "; "))
}

/// Cheaper hours, hours with staff, and who may run it.
pub fn facts(guest: &Guest, using: &Using) -> Vec<Fact> {
    let mut facts = Vec::new();
    let mut fact =
        |key: &'static str, value: String| facts.push(Fact::new(guest.word(key).to_owned(), &value));
    if let Some(share) = using.off_peak_share.filter(|_| !using.off_peak.is_empty()) {
        let (hours, share) = (hours(guest, &using.off_peak), super::share(&share.to_string()));
        fact("off-peak", guest.say("off-peak-text", &json!({ "hours": hours, "share": share })));
    }
    if let Some(hour) = using.charges.operator_hour {
        fact("operator-hour", guest.say("operator-hour-text", &json!({ "amount": guest.money(hour) })));
    }
    if !using.unrestricted.is_empty() {
        let hours = hours(guest, &using.unrestricted);
        fact("unrestricted-hours", guest.say("unrestricted-hours-text", &json!({ "hours": hours })));
    }
    if !using.staffed.is_empty() {
        let hours = hours(guest, &using.staffed);
        fact("staffed-hours", guest.say("staffed-hours-text", &json!({ "hours": hours })));
    }
    if using.needs_licence {
        fact("run-by", guest.word("run-by-licensed").to_owned());
    }
    facts
}

/// Accessories and consumables, with what they cost; nothing when there are none.
pub fn table(guest: &Guest, using: &Using) -> Markup {
    let money = |charge: Option<Money>| {
        let amount = charge.filter(|amount| amount.is_positive());
        amount.map_or_else(|| guest.word("no-charge-for-it").to_owned(), |amount| guest.money(amount))
    };
    let row = |name: &str, kind: &'static str, stock: String, charge: Option<Money>| {
        Row::new(vec![
            html! { (name) },
            html! { (guest.word(kind)) },
            html! { (stock) },
            html! { (money(charge)) },
        ])
    };
    let lent = using.accessories.iter().map(|each| {
        let stock = guest.say("so-many-there", &json!({ "count": each.stock.get() }));
        row(&each.name, "lent", stock, each.charge)
    });
    let used = using.consumables.iter().map(|each| {
        let measure = each.measure.as_ref().map_or_else(String::new, ToString::to_string);
        row(&each.name, "used-up", measure, each.charge)
    });
    let rows: Vec<Row> = lent.chain(used).collect();
    if rows.is_empty() {
        return html! {};
    }
    let heads = ["extra", "extra-kind", "extra-measure", "extra-charge"];
    let mut columns: Vec<Column> = heads.map(|head| Column::new(guest.word(head))).into();
    if let Some(last) = columns.last_mut() {
        last.align = Align::End;
    }
    parts::table(&Table {
        id: "extras".into(),
        caption: guest.word("extras-caption").into(),
        columns,
        rows,
        scrolls: false,
        empty: Empty::default(),
    })
}

/// The photos of its entry, each with the way to the whole picture.
pub fn photos(guest: &Guest, record: &Record) -> Markup {
    let photos = record.state.pointer("/entry/photos").and_then(Value::as_array).cloned().unwrap_or_default();
    let all: Vec<(&str, &str)> =
        photos.iter().filter_map(Value::as_str).filter_map(|text| text.split_once(':')).collect();
    if all.is_empty() {
        return html! {};
    }
    let title = guest.pick(&record.card.title_zh, &record.card.title_en);
    html! {
        ul.photos { @for (n, (hash, _)) in (1..).zip(&all) {
            @let address = format!("/instrument/{}/file/{hash}", record.id);
            li { a href=(address) { img src=(address) loading="lazy" alt=(guest.say("photo-of", &json!({ "title": title, "n": n }))); } }
        } }
    }
}

/// Whoever has to be there too, while it is to come or runs.
pub fn companion(guest: &Guest, booking: &Record) -> Markup {
    let is_open = ["scheduled", "running"].contains(&booking.card.status.as_str());
    let companion = booking.state.pointer("/request/companion").and_then(Value::as_str);
    let Some(id) = companion.filter(|_| is_open).and_then(|id| id.parse::<grammar::kinds::Id>().ok()) else {
        return html! {};
    };
    html! { p { (guest.say("with-companion", &json!({ "name": guest.name(id) }))) } }
}

/// How many may be in the laboratory in which it stands, if its lead unit counts.
///
/// # Errors
/// When the store cannot be read.
pub fn room(guest: &Guest, instrument: &Record) -> Result<Markup, Trouble> {
    let Some(laboratory) = instrument.card.holders("laboratory").next() else { return Ok(html! {}) };
    let record = guest.look.record(laboratory)?;
    let most = record.and_then(|record| record.card.read::<Option<i64>>("people_most").flatten());
    Ok(html! { @if let Some(most) = most {
        p.note { (guest.link(laboratory)) (guest.pick("：", ": ")) (guest.say("people-at-once", &json!({ "most": most }))) }
    } })
}
