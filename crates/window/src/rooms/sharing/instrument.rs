//! Instrument: what it is, who may use it and at what charge, when it is next free, and how it is used.

use desks::instrument::{Confirmation, Using};
use engines::booking::MINUTE;
use grammar::{
    clerk::Clerk,
    kinds::{Id, Moment},
};
use maud::{Markup, html};
use registry::Record;
use serde_json::{Value, json};

use super::{
    calendar, extras,
    figures::{self, Uses},
    keeper, line, questions, times, training,
};
use crate::{
    denied::Trouble,
    guest::Guest,
    parts::{self, Align, Column, Empty, Fact, Link, Notice, Row, Section, Stat, Table, Tone},
    plain,
    ways::Answer,
};

/// What a citation of the instrument needs (PIDINST), in its order; the rest follows.
const WHAT: [&str; 18] = [
    "code",
    "pid",
    "national_no",
    "category",
    "field",
    "maker",
    "model",
    "country",
    "functions",
    "measures",
    "samples",
    "location",
    "purchased",
    "accepted",
    "value",
    "funding",
    "identifiers",
    "documents",
];
/// How far ahead a free time is looked for, in days, and how many are shown.
const AHEAD: i32 = 28;
const SHOWN: usize = 4;

/// The page of an instrument.
///
/// # Errors
/// When there is none for this guest's eyes, or the store cannot be read.
pub fn instrument(guest: &Guest, clerk: &dyn Clerk, id: Id) -> Answer {
    let record =
        guest.look.record(id)?.filter(|record| record.desk == "instrument").ok_or(Trouble::NotFound)?;
    let title = guest.pick(&record.card.title_zh, &record.card.title_en).to_owned();
    let using = times::using(&record.card);
    let section = |id: &str, title: &str, body: Markup| {
        parts::section(&Section { id: id.into(), title: title.into(), beside: html! {}, body })
    };
    let (what, rest) = what(&record.state);
    let main = html! {
        (plain::heading(guest, clerk, &record))
        (plain::done(guest)?)
        (unset(guest, &record))
        div.two-thirds {
            div.stack {
                (section("next-free", guest.word("next-free"), next_free(guest, &record, &using)?))
                (line::section(guest, &record)?)
                (super::agreement::own(guest, record.id)?)
                (section("terms", guest.word("using-terms"), html! {
                    (parts::facts(&terms(guest, &using)))
                    (extras::room(guest, &record)?)
                    (charges(guest, &using))
                    (extras::table(guest, &using))
                    (questions::listed(guest, &record.card))
                }))
                (section("use", guest.word("how-used"), used(guest, &record)?))
                (section("what", guest.word("what-it-is"), html! {
                    (extras::photos(guest, &record))
                    (parts::facts(&in_order(guest, clerk, &what)))
                }))
                (section("about", guest.word("about"), parts::facts(&plain::values(guest, clerk, &rest))))
                (plain::history(guest, clerk, &record)?)
            }
            aside {
                (plain::actions(guest, clerk, &record)?)
                (kept(guest, &record))
                (training::next(guest, &record)?)
                (incidents(guest, &record))
                (plain::proofs(guest, clerk, &record)?)
            }
        }
    };
    let crumbs = vec![Link::new("/instrument", guest.desk_word(clerk.name(), "desk", "many"))];
    Ok(guest.page(&title, crumbs, main))
}

/// For its keepers: what they have beside its record.
fn kept(guest: &Guest, record: &Record) -> Markup {
    if !super::is_side(guest, &record.card, "unit") {
        return html! {};
    }
    let body = html! { p { (keeper::tools(guest, record.id, &record.card)) } p { a href="/keeper" { (guest.word("keeper-title")) } } };
    let title = guest.word("kept-instruments").to_owned();
    parts::section(&Section { id: "kept".into(), title, beside: html! {}, body })
}

/// For its keepers, while it is shared and nobody has said on which terms.
fn unset(guest: &Guest, record: &Record) -> Markup {
    let is_set = record.card.read::<Value>("using").is_some();
    if is_set || record.card.status != "normal" || !super::is_side(guest, &record.card, "unit") {
        return html! {};
    }
    let verb = guest.desk_word("instrument", "verb", "set-using");
    let notice = Notice {
        tone: Tone::Warn,
        title: guest.word("instrument-unset").into(),
        body: html! {},
        links: vec![Link::new(format!("/instrument/{}/set-using", record.id), verb)],
    };
    html! { div role="status" { (parts::notice(&notice)) } }
}

/// The way to say that something is wrong with it, and what was said before.
fn incidents(guest: &Guest, record: &Record) -> Markup {
    if guest.session.is_none() {
        return html! {};
    }
    let of_incident = |section: &str, key: &str| guest.desk_word("incident", section, key);
    html! {
        p {
            a href={ "/incident/new/report?instrument=" (record.id) } { (of_incident("verb", "report")) } br;
            a href={ "/incident?party=" (record.id) } { (of_incident("desk", "many")) }
        }
    }
}

/// What identifies it, and everything else of its record but the terms of use, which have a section of their own.
fn what(state: &Value) -> (Value, Value) {
    let mut rest = state.clone();
    if let Some(fields) = rest.as_object_mut() {
        fields.remove("using");
        fields.remove("questions");
        // They stand on its calendar.
        fields.remove("unattended");
    }
    let mut what = serde_json::Map::new();
    if let Some(entry) = rest.get_mut("entry").and_then(Value::as_object_mut) {
        entry.remove("name");
        entry.remove("photos");
        for name in WHAT {
            what.extend(entry.remove(name).map(|value| (name.to_owned(), value)));
        }
    }
    (Value::Object(what), rest)
}

/// Facts in the order of a citation, not of the alphabet.
fn in_order(guest: &Guest, clerk: &dyn Clerk, what: &Value) -> Vec<Fact> {
    let one =
        |name: &&str| what.get(*name).map(|value| plain::values(guest, clerk, &json!({ *name: value })));
    WHAT.iter().filter_map(one).flatten().collect()
}

/// The next free times, each with its way to the form, and the whole calendar.
fn next_free(guest: &Guest, record: &Record, using: &Using) -> Result<Markup, Trouble> {
    let today = guest.house.registry.now().day();
    let to_calendar = html! { p { a.button.main href=(calendar::href(record.id, today)) { (guest.word("see-calendar")) } } };
    if !times::may_book(guest, &record.card) {
        return Ok(html! { p { (times::not_bookable(guest, &record.card)) } (to_calendar) });
    }
    let window = times::days(today, AHEAD).ok_or(Trouble::NotFound)?;
    let least = times::usual_minutes(using);
    let times = times::times(guest, record.id, &record.card, window)?;
    let free: Vec<_> = times.free.iter().filter(|free| free.length() >= least * MINUTE).take(SHOWN).collect();
    Ok(html! {
        @if free.is_empty() { p { (guest.say("nothing-free-in", &json!({ "days": AHEAD }))) } }
        ul.spans.bare { @for span in free {
            @let from = Moment::from_millis(span.from());
            @let until = span.until().min(from.day().ends().in_millis());
            li { a href=(times::booking_form(record.id, using, span.from(), least)) {
                (guest.word(calendar::weekday(from.day()))) " " (guest.day(from.day())) " "
                (times::clock(span.from(), false)) "–" (times::clock(until, true))
            } }
        } }
        (to_calendar)
    })
}

/// On which terms it is booked.
pub fn terms(guest: &Guest, using: &Using) -> Vec<Fact> {
    let word = |key: &'static str| guest.word(key).to_owned();
    let of = |minutes: i64| guest.say("minutes", &json!({ "minutes": minutes }));
    let fact = |key: &'static str, value: String| Fact::new(word(key), &value);
    let open =
        if using.openings.is_empty() { word("always-open") } else { extras::hours(guest, &using.openings) };
    let confirmation = match using.confirmation {
        Confirmation::AtOnce => "stands-at-once",
        Confirmation::ByQuote => "keeper-quotes",
    };
    let mut facts = vec![fact("opening-hours", open), fact("confirmed-how", word(confirmation))];
    if using.mode.has_line() {
        let of = |section: &str, key: &str| guest.desk_word("instrument", section, key);
        let mode = grammar::desk::plain_word(&using.mode);
        facts.push(Fact::new(of("field", "mode"), &of("choice", &mode)));
    }
    if let Some(places) = using.places.filter(|places| places.get() > 1) {
        facts.push(fact(
            "places-at-once",
            guest.say("places-at-once-text", &json!({ "places": places.get() })),
        ));
    }
    let lengths = (using.shortest_minutes, using.longest_minutes);
    if let (Some(least), Some(most)) = lengths {
        facts.push(fact("length", format!("{} – {}", of(least.get()), of(most.get()))));
    }
    if let Some(days) = using.horizon_days {
        facts.push(fact("how-far-ahead", guest.say("days", &json!({ "days": days.get() }))));
    }
    let limits = extras::limits(guest, using);
    if !limits.is_empty() {
        facts.push(fact("limits-each", limits));
    }
    if let Some(minutes) = using.absent_minutes {
        facts.push(fact("absent-after", of(minutes.get())));
    }
    if let Some(hours) = using.late_hours {
        let share = using.late_share.map_or_else(String::new, |share| super::share(&share.to_string()));
        facts.push(fact(
            "late-cancel",
            guest.say("late-cancel-text", &json!({ "hours": hours.get(), "share": share })),
        ));
    }
    facts.extend(extras::facts(guest, using));
    if using.needs_permit {
        facts.push(Fact {
            label: word("who-may"),
            value: html! { (guest.word("needs-permit")) " " a href="/permit/new/ask" { (guest.desk_word("permit", "verb", "ask")) } },
            note: String::new(),
        });
    }
    facts
}

/// The charge standard as a table: by hour, sample, shift; inside and outside.
fn charges(guest: &Guest, using: &Using) -> Markup {
    let c = &using.charges;
    let all = [
        ("by-hour", c.outside_hour, c.inside_hour),
        ("by-sample", c.outside_sample, c.inside_sample),
        ("by-shift", c.outside_shift, c.inside_shift),
    ];
    let money = |amount: Option<grammar::kinds::Money>| html! { (amount.map_or_else(|| "—".to_owned(), |amount| guest.money(amount))) };
    let rows: Vec<Row> = all
        .into_iter()
        .filter(|(_, outside, inside)| outside.is_some() || inside.is_some())
        .map(|(basis, outside, inside)| {
            Row::new(vec![
                html! { (guest.desk_word("booking", "choice", basis)) },
                money(outside),
                money(inside),
            ])
        })
        .collect();
    let mut rows = rows;
    for one in using.classes.iter() {
        let class = guest.desk_word("instrument", "choice", &grammar::desk::plain_word(&one.class));
        let class = guest.say("classes-for", &json!({ "class": class }));
        let charges =
            [("by-hour", one.class_hour), ("by-sample", one.class_sample), ("by-shift", one.class_shift)];
        for (basis, charge) in charges.into_iter().filter(|(_, charge)| charge.is_some()) {
            let label = html! { (guest.desk_word("booking", "choice", basis)) " · " (class) };
            rows.push(Row::new(vec![label, money(charge), money(None)]));
        }
    }
    if rows.is_empty() {
        return html! {};
    }
    let mut columns: Vec<Column> =
        ["charged-by", "for-outside", "for-inside"].map(|head| Column::new(guest.word(head))).into();
    columns.iter_mut().skip(1).for_each(|column| column.align = Align::End);
    parts::table(&Table {
        id: "charges".into(),
        caption: guest.word("charges-caption").into(),
        columns,
        rows,
        scrolls: true,
        empty: Empty::default(),
    })
}

/// The year's figures, for those who may see every booking; for others, what the calendar tells everyone.
fn used(guest: &Guest, record: &Record) -> Result<Markup, Trouble> {
    let unit = record.card.the("unit");
    if !figures::sees_all(guest, unit, record.card.scope()) {
        return busy(guest, record);
    }
    let uses = Uses::of(guest, Some(record.id))?;
    let Some(year) = uses.years().first().copied() else {
        return Ok(html! { p.note { (guest.word("no-figures")) } });
    };
    let all = uses.by(guest, year, |_| ());
    let Some(figures) = all.get(&()) else { return Ok(html! { p.note { (guest.word("no-figures")) } }) };
    let bookings = figures::uses_href(false, year, record.id);
    let stat = |value: String, unit: &str, label: &'static str| Stat {
        value,
        unit: unit.into(),
        label: guest.word(label).into(),
        href: bookings.clone(),
        source: String::new(),
    };
    let rules = guest.house.registry.rules();
    let measure = figures::measure(guest, &rules, record.card.scope());
    let yields = record.card.amount.and_then(|value| figures.yield_of(value, &measure));
    Ok(html! {
        p.note { (guest.say("figures-of-year", &json!({ "year": year }))) }
        (parts::stats(&[
            stat(figures::hours(figures.effective), guest.word("unit-hours"), "effective-hours"),
            stat(figures::hours(figures.outside), guest.word("unit-hours"), "outside-hours"),
            stat(figures::rate(figures), "", "sharing-rate"),
            stat(guest.money(figures.income), "", "use-income"),
            stat(figures.buyers_outside.to_string(), "", "buyers-outside"),
            stat(yields.map_or_else(|| "—".to_owned(), |parts| format!("{}.{:02}%", parts / 100, parts % 100)), "", "yield"),
        ]))
        p { a href={ "/figures?by=instrument&year=" (year) } { (guest.word("figures-title")) } }
    })
}

/// How much of its open time was booked in the last four weeks, as anyone can count on its calendar.
fn busy(guest: &Guest, record: &Record) -> Result<Markup, Trouble> {
    let today = guest.house.registry.now().day();
    let window = times::days(today.plus_days(-AHEAD), AHEAD).ok_or(Trouble::NotFound)?;
    let times = times::times(guest, record.id, &record.card, window)?;
    let minutes = |length: i64| length / MINUTE;
    let booked: i64 = times
        .taken
        .iter()
        .filter(|taken| taken.closed.is_none())
        .map(|taken| minutes(taken.span.length()))
        .sum();
    let places = i64::try_from(times.places).unwrap_or(1);
    let open = (minutes(times.open.length()) * places).max(1);
    let stat = |value: String, unit: &str, label: &'static str| Stat {
        value,
        unit: unit.into(),
        label: guest.word(label).into(),
        href: calendar::href(record.id, today.plus_days(-7)),
        source: String::new(),
    };
    Ok(html! {
        p.note { (guest.word("busy-note")) }
        (parts::stats(&[
            stat(figures::hours(booked), guest.word("unit-hours"), "booked-hours"),
            stat(format!("{}%", (booked * 100 / open).min(100)), "", "booked-part"),
        ]))
    })
}
