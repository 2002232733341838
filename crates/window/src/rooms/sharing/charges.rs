//! Charges: what a month's bookings came to at the instruments one keeps, looked at line by line before invoices are made out.

use desks::booking::{Booking, Terms, charge::Look};
use grammar::{
    card::Card,
    kinds::{Day, Id, Money},
};
use maud::{Markup, html};
use registry::{Ask, Filter, Listed, Record};
use serde_json::json;

use super::{booking::all_sittings, charge};
use crate::{
    denied::{self, Trouble},
    guest::Guest,
    parts::{self, Column, Empty, Link, Notice, Row, Section, Stat, Table, Tone},
    ways::Answer,
};

/// In which a booking may have a charge.
const STATUSES: &str = "reported,paid,rated,absent,cancelled";
/// Bookings looked at, in pages of so many, and lines of one month shown.
const PAGE: u32 = 200;
const PAGES: usize = 10;
const SHOWN: usize = 150;
/// A box of the form is called by its booking.
const BOX: &str = "charge.";

/// A line of the month.
struct Line {
    record: Record,
    look: Look,
    planned: i64,
    ran: i64,
    owed: Money,
    paid: Money,
    invoiced: Money,
}

impl Line {
    /// What is still to be paid.
    fn left(&self) -> Money {
        (self.owed - self.paid).max(Money::ZERO)
    }
}

/// The page.
///
/// # Errors
/// When one has not signed in, or the store cannot be read.
pub fn charges(guest: &Guest) -> Answer {
    page(guest, 200, html! {})
}

/// Checks the charges whose boxes were ticked.
///
/// # Errors
/// When one has not signed in, or the store cannot be used.
pub fn charges_post(guest: &Guest) -> Answer {
    if guest.session.is_none() {
        return Err(Trouble::SignIn);
    }
    let ticked = guest.visit.form.keys().filter_map(|name| name.strip_prefix(BOX)?.parse::<Id>().ok());
    let ticked: Vec<Id> = ticked.filter(|id| id.desk() == "booking").take(SHOWN).collect();
    if ticked.is_empty() {
        let none =
            Notice { tone: Tone::Warn, title: guest.word("charges-none-ticked").into(), ..Notice::default() };
        return page(guest, 422, html! { div role="alert" { (parts::notice(&none)) } });
    }
    let key = guest.visit.typed("key");
    let ask = |id: &Id| -> Ask {
        guest.ask(&format!("{key}/{id}"), "booking", Some(*id), json!({ "verb": "check-charge" }))
    };
    page(guest, 200, pressed(guest, ticked.iter().map(ask).collect(), "charges-checked", &html! {}))
}

/// Asks all of it of bookings, each for itself; says how many went and, of those that did not, why.
pub fn pressed(guest: &Guest, asks: Vec<Ask>, title: &'static str, more: &Markup) -> Markup {
    let bookings: Vec<Id> = asks.iter().filter_map(|ask| ask.record).collect();
    let (mut done, mut not) = (0, Vec::new());
    for (id, answer) in bookings.into_iter().zip(guest.house.registry.run_many(asks)) {
        match answer {
            Ok(_) => done += 1,
            Err(denied) => not.push((id, denied::worded(guest, &Trouble::Denied(denied)).sentence)),
        }
    }
    let notice = Notice {
        tone: if not.is_empty() { Tone::Good } else { Tone::Warn },
        title: guest.say(title, &json!({ "count": done })),
        body: html! {
            (more)
            @if !not.is_empty() { ul { @for (id, why) in &not { li { a href={ "/booking/" (id) } { (guest.name(*id)) } (guest.pick("：", ": ")) (why) } } } }
        },
        links: vec![],
    };
    html! { div role="status" { (parts::notice(&notice)) } }
}

/// Charges that wait for this guest: to approve what another asked for, or to answer an objection. Those changed last are looked at.
///
/// # Errors
/// When the store cannot be read.
pub fn charges_waiting(guest: &Guest) -> Result<Vec<(Listed, &'static str)>, Trouble> {
    let filter =
        Filter { desk: "booking".into(), status: Some(STATUSES.into()), limit: PAGE, ..Filter::default() };
    let viewer = &guest.look.viewer;
    let verb = |card: &Card| {
        let is_keeper = card.holders("provider").any(|unit| viewer.is(unit));
        let is_office = card.region.is_some_and(|region| viewer.holds(charge::OFFICE, region));
        let is_own = card.read::<Id>("adjusted_by").is_some_and(|by| viewer.is_touched(by));
        match card.read::<Look>("charge") {
            Some(Look::ForApproval) if (is_keeper || is_office) && !is_own => Some("approve-adjustment"),
            Some(Look::Contested) if is_keeper => Some("uphold"),
            _ => None,
        }
    };
    let rows = guest.look.rows(&filter)?.0;
    Ok(rows.into_iter().filter_map(|listed| verb(&listed.card).map(|verb| (listed, verb))).collect())
}

/// The first days of the month that was asked for and of the next.
fn month(guest: &Guest) -> (Day, Day) {
    let today = guest.house.registry.now().day();
    let asked =
        guest.visit.asked("month").or(Some(guest.visit.typed("month")).filter(|text| !text.is_empty()));
    let asked: Option<Day> = asked.and_then(|month| format!("{month}-01").parse().ok());
    let first = asked.filter(|day| day.year() >= 2000).unwrap_or_else(|| first_of(today));
    (first, first_of(first.plus_days(31)))
}

fn first_of(day: Day) -> Day {
    Day::new(day.year(), day.month(), 1).unwrap_or(day)
}

fn named(first: Day) -> String {
    format!("{:04}-{:02}", first.year(), first.month())
}

fn page(guest: &Guest, status: u16, answer: Markup) -> Answer {
    if guest.session.is_none() {
        return Err(Trouble::SignIn);
    }
    let (first, next) = month(guest);
    let (lines, is_cut) = lines(guest, first, next)?;
    let before = first_of(first.plus_days(-1));
    let href = |day: Day| format!("/keeper/charges?month={}", named(day));
    let title = guest.word("charges-title");
    let main = html! {
        (parts::heading(&parts::Heading { title: title.into(), lead: guest.word("charges-lead").into(), ..Default::default() }))
        (answer)
        form.narrow method="get" action="/keeper/charges" {
            div { label for="month" { (guest.word("charges-month")) } input #month type="month" name="month" value=(named(first)) pattern="[0-9]{4}-[0-9]{2}" placeholder="2026-03" autocomplete="off"; }
            button.main type="submit" { (guest.word("show")) }
        }
        div.row { a rel="prev" href=(href(before)) { (guest.word("month-before")) } a rel="next" href=(href(next)) { (guest.word("month-after")) } }
        (stats(guest, &lines))
        (parts::section(&Section {
            id: "charges".into(), title: guest.say("charges-of", &json!({ "month": named(first) })), beside: html! {},
            body: sheet(guest, first, &lines),
        }))
        @if is_cut { p.note { (guest.say("charges-cut", &json!({ "count": SHOWN }))) } }
    };
    Ok(guest.page_with(status, title, vec![Link::new("/keeper", guest.word("keeper-title"))], main))
}

/// Bookings of the month that are over, those to be looked at first, then the earliest; true when there are more.
fn lines(guest: &Guest, first: Day, next: Day) -> Result<(Vec<Line>, bool), Trouble> {
    let mut filter = Filter {
        desk: "booking".into(),
        status: Some(STATUSES.into()),
        is_mine: true,
        limit: PAGE,
        ..Filter::default()
    };
    let is_kept = |listed: &Listed| super::is_side(guest, &listed.card, "provider");
    let is_then = |listed: &Listed| listed.card.until.is_some_and(|day| first <= day && day < next);
    let mut found: Vec<Listed> = Vec::new();
    for _ in 0..PAGES {
        let page = guest.look.list(&filter)?;
        let wanted = page.rows.into_iter().filter(|one| one.card.facts.contains_key("charge"));
        found.extend(wanted.filter(|one| is_kept(one) && is_then(one)));
        filter.after = page.next;
        if filter.after.is_none() {
            break;
        }
    }
    // What waits for somebody stands first.
    let is_done = |listed: &Listed| listed.card.read::<Look>("charge") == Some(Look::Checked);
    found.sort_by_key(|listed| (is_done(listed), listed.card.from, listed.id));
    let is_cut = found.len() > SHOWN || filter.after.is_some();
    let mut lines = Vec::new();
    for listed in found.into_iter().take(SHOWN) {
        let Some(record) = guest.look.record(listed.id)? else { continue };
        lines.extend(line(record));
    }
    Ok((lines, is_cut))
}

fn line(record: Record) -> Option<Line> {
    let look = charge::look(&record)?;
    let money = |name: &str| record.card.read::<Money>(name).unwrap_or(Money::ZERO);
    Some(Line {
        look,
        planned: record.card.read("charged_minutes").unwrap_or(0),
        ran: all_sittings(&record).iter().map(desks::booking::Sitting::ran).sum(),
        owed: money("price") + money("fee"),
        paid: money("paid"),
        invoiced: charge::invoiced(&record),
        record,
    })
}

fn stats(guest: &Guest, lines: &[Line]) -> Markup {
    let count = |look: Look| lines.iter().filter(|line| line.look == look).count();
    let stat = |value: String, label: &'static str| Stat {
        value,
        label: guest.word(label).into(),
        href: "#charges".into(),
        ..Stat::default()
    };
    parts::stats(&[
        stat(guest.money(lines.iter().map(|line| line.owed).sum()), "charges-owed"),
        stat(guest.money(lines.iter().map(|line| line.invoiced).sum()), "charges-invoiced"),
        stat(guest.money(lines.iter().map(Line::left).sum()), "charges-left"),
        stat(count(Look::Unchecked).to_string(), "charges-unchecked"),
        stat((count(Look::ForApproval) + count(Look::Contested)).to_string(), "charges-open"),
    ])
}

fn sheet(guest: &Guest, first: Day, lines: &[Line]) -> Markup {
    let may_check = lines.iter().any(|line| line.look == Look::Unchecked);
    let table = table(guest, lines);
    html! {
        @if may_check {
            form method="post" action="/keeper/charges" {
                @for (name, value) in guest.hidden() { input type="hidden" name=(name) value=(value); }
                input type="hidden" name="month" value=(named(first));
                (table)
                p { button.main type="submit" { (guest.word("charges-check")) } " " span.soft { (guest.word("charges-check-text")) } }
            }
        } @else { (table) }
    }
}

fn table(guest: &Guest, lines: &[Line]) -> Markup {
    let columns = vec![
        Column::new(guest.word("charges-check-one")),
        Column::new(guest.word("what")),
        Column::new(guest.word("buyer")),
        Column::end(guest.word("charges-minutes")),
        Column::end(guest.word("charges-each")),
        Column::end(guest.word("charges-beside")),
        Column::end(guest.word("charges-sum")),
        Column::new(guest.word("next-step")),
    ];
    parts::table(&Table {
        id: "month".into(),
        caption: guest.word("charges-sheet").into(),
        columns,
        rows: lines.iter().map(|line| row(guest, line)).collect(),
        scrolls: false,
        empty: Empty {
            title: guest.word("charges-none").into(),
            text: guest.word("charges-none-text").into(),
            links: vec![],
        },
    })
}

fn row(guest: &Guest, line: &Line) -> Row {
    let (record, card) = (&line.record, &line.record.card);
    let booking: Option<Booking> = serde_json::from_value(record.state.clone()).ok();
    let terms: Option<Terms> = booking.as_ref().map(Booking::terms).cloned();
    // Where the keeper quoted a price there is no charge for each.
    let is_quoted = card.read::<bool>("needs_quote").unwrap_or(false);
    let each = terms.and_then(|terms| terms.unit_charge).filter(|_| !is_quoted);
    let beside = booking.as_ref().map(Booking::beside_time).filter(|beside| beside.is_positive());
    let fee = card.read::<Money>("fee").filter(|fee| fee.is_positive());
    let title = guest.pick(&card.title_zh, &card.title_en);
    let day = card.from.map(|day| guest.day(day)).unwrap_or_default();
    let has_left = line.invoiced < line.owed;
    let form = |verb: &str| format!("/booking/{}/{verb}", record.id);
    let verb = |verb: &str| guest.desk_word("booking", "verb", verb);
    Row::new(vec![
        html! { @if line.look == Look::Unchecked {
            label { input type="checkbox" name={ (BOX) (record.id) } value="yes" checked; span.unseen { (day) " " (title) } }
        } },
        html! { a href={ "/booking/" (record.id) "#charge" } { (day) " " (title) } },
        html! { (guest.link(card.the("buyer"))) },
        html! { (line.ran) " / " (line.planned) },
        html! { @if let Some(each) = each { (guest.money(each)) } @else { "—" } },
        html! { @if let Some(beside) = beside { (guest.money(beside)) } @else { "—" } },
        html! { b { (guest.money(line.owed)) } @if let Some(fee) = fee { br; small.soft { (guest.say("charges-fee", &json!({ "amount": fee }))) } }
        @if line.left().is_positive() { br; small.soft { (guest.say("charges-left-text", &json!({ "amount": line.left() }))) } } },
        html! {
            (charge::badge(guest, line.look)) " "
            @match line.look {
                Look::Checked if has_left && line.owed.is_positive() => { a href={ (form("invoice")) "?amount=" (line.owed - line.invoiced) } { (verb("invoice")) } " · " a href=(form("adjust")) { (verb("adjust")) } }
                Look::Contested => { a href=(form("uphold")) { (verb("uphold")) } " · " a href=(form("adjust")) { (verb("adjust")) } }
                Look::ForApproval => { a href={ "/booking/" (record.id) "#charge" } { (guest.word("open")) } }
                _ => { a href=(form("adjust")) { (verb("adjust")) } }
            }
        },
    ])
}
