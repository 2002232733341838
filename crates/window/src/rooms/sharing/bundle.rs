//! Bundle: those that were booked together, with how each stands, what they cost, and the way to cancel several.

use desks::{
    bundle::{Entry, PICKS_MAX},
    calendar::{Times, span_of},
};
use grammar::{
    card::Card,
    clerk::Clerk,
    form::Kind,
    kinds::{Id, Money},
};
use maud::{Markup, html};
use registry::{Filter, Listed, Record};

use super::{booking::part, grid, picking::Pick};
use crate::{
    denied::Trouble,
    guest::Guest,
    parts::{self, Choice, Column, Empty, FieldView, FormView, Row, Section, Stat, Table},
    plain,
    ways::Answer,
};

/// What stands above the record already.
const SHOWN_ABOVE: [&str; 1] = ["entries"];
/// In which status a booking can still be cancelled from here.
const AHEAD: [&str; 6] = ["requested", "quoted", "contracted", "scheduled", "waiting", "offered"];

/// The page of a bundle.
///
/// # Errors
/// When there is none for this guest's eyes, or the store cannot be read.
pub fn bundle(guest: &Guest, clerk: &dyn Clerk, id: Id) -> Answer {
    let record = &plain::known(guest, clerk, id)?;
    let entries: Vec<Entry> = part(record, "entries");
    let ids: Vec<Id> = entries.iter().map(|entry| entry.booking.id()).collect();
    let cards = guest.look.cards(&ids)?;
    let sum = |name: &str| {
        cards.iter().map(|listed| money(&listed.card, name)).fold(Money::ZERO, |sum, one| sum + one)
    };
    let stat = |field: &str| Stat {
        value: guest.money(sum(field)),
        label: guest.desk_word("booking", "field", field),
        ..Stat::default()
    };
    let title = guest.desk_word("bundle", "field", "bookings");
    let body = table(guest, &entries, &cards);
    let lead = html! {
        (parts::stats(&[stat("price"), stat("paid")]))
        (parts::section(&Section { id: "bookings".into(), title, beside: html! {}, body }))
        (cancel(guest, record, &entries, &cards))
    };
    plain::record_page(guest, clerk, record, &SHOWN_ABOVE, &lead)
}

fn money(card: &Card, name: &str) -> Money {
    card.read(name).unwrap_or_default()
}

fn card_of<'c>(cards: &'c [Listed], entry: &Entry) -> Option<&'c Card> {
    cards.iter().find(|listed| listed.id == entry.booking.id()).map(|listed| &listed.card)
}

fn table(guest: &Guest, entries: &[Entry], cards: &[Listed]) -> Markup {
    let row = |entry: &Entry| {
        let card = card_of(cards, entry);
        let pick = Pick { instrument: entry.instrument.id(), from: entry.from, minutes: entry.minutes };
        // It may have been moved since.
        let times = card.and_then(|card| card.read::<Vec<Times>>("sittings"));
        let span = times.and_then(|times| times.first().copied()).and_then(span_of);
        Row::new(vec![
            guest.link(entry.instrument.id()),
            html! { a href={ "/booking/" (entry.booking) } { @match span { Some(span) => (grid::span(guest, span)), None => (pick.when(guest)) } } },
            html! { @if let Some(card) = card { (guest.money(money(card, "price"))) } },
            html! { @if let Some(card) = card { (guest.status_badge("booking", &card.status)) } },
        ])
    };
    let columns = vec![
        Column::new(guest.desk_word("bundle", "field", "instrument")),
        Column::new(guest.word("time")),
        Column::end(guest.word("picked-price")),
        Column::new(guest.word("picked-state")),
    ];
    parts::table(&Table {
        id: "entries".into(),
        caption: guest.desk_word("bundle", "desk", "one"),
        columns,
        rows: entries.iter().map(row).collect(),
        scrolls: false,
        empty: Empty::default(),
    })
}

/// The boxes to tick for those who may cancel.
fn cancel(guest: &Guest, record: &Record, entries: &[Entry], cards: &[Listed]) -> Markup {
    let is_ahead =
        |entry: &&Entry| card_of(cards, entry).is_some_and(|card| AHEAD.contains(&card.status.as_str()));
    let choice = |entry: &Entry| Choice {
        value: entry.booking.to_string(),
        label: guest.pick(entry.title.zh(), entry.title.en()).to_owned(),
        help: guest.moment(entry.from),
    };
    let open: Vec<Choice> = entries.iter().filter(is_ahead).map(choice).collect();
    let is_buyer = super::is_side(guest, &record.card, "buyer");
    if open.is_empty() || !is_buyer {
        return html! {};
    }
    let of_bundle = |section: &str, key: &str| guest.desk_word("bundle", section, key);
    let each = Kind::Choice(open.iter().map(|choice| choice.value.clone()).collect());
    let most = u32::try_from(PICKS_MAX).unwrap_or(u32::MAX);
    let mut bookings =
        FieldView::new(Kind::List(Box::new(each), most), "bookings", of_bundle("field", "bookings"));
    bookings.choices = open;
    let reason = FieldView::new(Kind::Text { max: 500 }, "reason", of_bundle("field", "reason"));
    let body = parts::form(&FormView {
        action: format!("/bundle/{}/cancel", record.id),
        hidden: guest.hidden(),
        fields: vec![bookings, reason],
        words: plain::field_words(guest),
        submit: of_bundle("verb", "cancel"),
        note: of_bundle("help", "cancel"),
        ..FormView::default()
    });
    html! { details.folded { summary { (of_bundle("verb", "cancel")) } (body) } }
}

/// On the page of a booking: the bundle in which it was booked.
///
/// # Errors
/// When the store cannot be read.
pub fn of_booking(guest: &Guest, booking: Id) -> Result<Markup, Trouble> {
    let filter = Filter { desk: "bundle".into(), party: Some(booking), limit: 1, ..Filter::default() };
    let found = guest.look.rows(&filter)?.0;
    Ok(html! { @if let Some(listed) = found.first() {
        p { (guest.word("booked-together")) " " a href={ "/bundle/" (listed.id) } { (guest.pick(&listed.card.title_zh, &listed.card.title_en)) } }
    } })
}
