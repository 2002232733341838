//! Uptake: how vouchers are taken up, for the offices that give them: by the region that pays, who applied, who may, what was
//! issued and used, how long a firm waited for its voucher; and what was ordered, by kind of service and across which border.

use std::collections::{BTreeMap, btree_map::Entry};

use desks::provider::Item;
use grammar::kinds::{Day, Id, Money, Region};
use maud::{Markup, html};
use registry::{Filter, Listed, Record};
use serde_json::{Value, json};

use super::money;
use crate::{
    denied::Trouble,
    guest::Guest,
    parts::{self, Align, Column, Empty, Link, Row, Section, Table},
    ways::Answer,
};

/// Records of one desk that are counted.
const COUNTED_MAX: usize = 5_000;
const PAGE: u32 = 200;
const OFFICES: [&str; 2] = ["voucher-office", "auditor"];

/// What a region gave in one year.
#[derive(Default)]
struct Given {
    applied: usize,
    eligible: usize,
    vouchers: usize,
    face: Money,
    used: Money,
    /// Days from the decision to the first voucher, of each eligibility that has one.
    waited: Vec<i32>,
}

/// Orders of one kind.
#[derive(Default)]
struct Ordered {
    asked: usize,
    /// Confirmed by the buyer, or further.
    done: usize,
    paid: Money,
}

impl Ordered {
    fn add(&mut self, order: &Record) {
        self.asked += 1;
        if ["confirmed", "claimed", "paid"].contains(&order.card.status.as_str()) {
            self.done += 1;
            self.paid += order.card.amount.unwrap_or(Money::ZERO);
        }
    }
}

/// The page.
///
/// # Errors
/// When one has not signed in or holds no office of vouchers, or the store cannot be read.
pub fn uptake(guest: &Guest) -> Answer {
    if guest.session.is_none() {
        return Err(Trouble::SignIn);
    }
    if !may_see(guest) {
        return Err(Trouble::NotFound);
    }
    let vouchers = records(guest, "voucher")?;
    let decisions = records(guest, "eligibility")?;
    let orders = records(guest, "voucher-order")?;
    let years = years(&decisions, &vouchers);
    let this = guest.house.registry.now().day().year();
    let asked = guest.visit.asked("year").and_then(|year| year.parse().ok());
    let year = asked.filter(|year| years.contains(year)).or(years.first().copied()).unwrap_or(this);
    let title = guest.word("uptake-title");
    let section = |id: &str, title: &str, body: Markup| {
        parts::section(&Section { id: id.into(), title: title.into(), beside: html! {}, body })
    };
    let tabs: Vec<parts::Tab> = years
        .iter()
        .take(6)
        .map(|one| parts::Tab {
            href: format!("/uptake?year={one}"),
            label: one.to_string(),
            current: *one == year,
            ..Default::default()
        })
        .collect();
    let orders: Vec<&Record> = orders.iter().filter(|order| order.born.year() == year).collect();
    let main = html! {
        (parts::heading(&parts::Heading { title: title.into(), lead: guest.word("uptake-lead").into(), ..Default::default() }))
        @if tabs.len() > 1 { (parts::tabs(guest.word("year"), &tabs)) }
        (section("regions", guest.word("uptake-regions"), regions(guest, &given(year, &decisions, &vouchers))))
        (section("borders", guest.word("uptake-borders"), borders(guest, &orders)))
        (section("services", guest.word("uptake-services"), services(guest, &orders)?))
    };
    Ok(guest.page(title, vec![Link::new("/voucher", guest.desk_word("voucher", "desk", "many"))], main))
}

/// Whoever holds an office of vouchers, or looks over it.
#[must_use]
pub fn may_see(guest: &Guest) -> bool {
    guest.look.viewer.offices.iter().any(|(office, _)| OFFICES.contains(&office.as_str()))
}

/// Every record of a desk that this guest may see.
fn records(guest: &Guest, desk: &str) -> Result<Vec<Record>, Trouble> {
    let mut filter = Filter { desk: desk.into(), limit: PAGE, ..Filter::default() };
    let mut all: Vec<Record> = Vec::new();
    while all.len() < COUNTED_MAX {
        let (rows, next) = guest.look.rows(&filter)?;
        for Listed { id, .. } in rows {
            all.extend(guest.look.record(id)?);
        }
        filter.after = next;
        if filter.after.is_none() {
            break;
        }
    }
    Ok(all)
}

/// The year of a decision, as it says itself; of a voucher, that in which it was issued.
fn year_of(record: &Record) -> Option<i16> {
    record.card.read::<i16>("year").or(record.card.from.map(Day::year))
}

/// The latest first.
fn years(decisions: &[Record], vouchers: &[Record]) -> Vec<i16> {
    let mut years: Vec<i16> = decisions.iter().chain(vouchers).filter_map(year_of).collect();
    years.sort_unstable_by(|one, other| other.cmp(one));
    years.dedup();
    years
}

fn given(year: i16, decisions: &[Record], vouchers: &[Record]) -> BTreeMap<Region, Given> {
    let mut all: BTreeMap<Region, Given> = BTreeMap::new();
    let issued: BTreeMap<Id, Day> =
        vouchers.iter().filter_map(|voucher| Some((voucher.id, voucher.card.from?))).collect();
    let of_year = |record: &&Record| year_of(record) == Some(year);
    for decision in decisions.iter().filter(of_year) {
        let given = all.entry(decision.card.scope().province()).or_default();
        given.applied += 1;
        given.eligible += usize::from(decision.card.status != "not-eligible");
        let own = decision.state.get("vouchers").and_then(Value::as_array).into_iter().flatten();
        let own = own.filter_map(Value::as_str).filter_map(|id| id.parse::<Id>().ok());
        let first = own.filter_map(|id| issued.get(&id)).min();
        given.waited.extend(first.map(|first| decision.born.days_until(*first)));
    }
    for voucher in vouchers.iter().filter(of_year) {
        let given = all.entry(voucher.card.scope().province()).or_default();
        given.vouchers += 1;
        given.face += money(&voucher.state, "/face");
        given.used += money(&voucher.state, "/gone");
    }
    all
}

/// The one in the middle.
fn median(days: &[i32]) -> Option<i32> {
    let mut days = days.to_vec();
    days.sort_unstable();
    days.get(days.len().saturating_sub(1) / 2).copied()
}

fn table(guest: &Guest, id: &str, heads: &[&'static str], starts: usize, rows: Vec<Row>) -> Markup {
    let mut columns: Vec<Column> = heads.iter().map(|head| Column::new(guest.word(head))).collect();
    columns.iter_mut().skip(starts).for_each(|column| column.align = Align::End);
    parts::table(&Table {
        id: id.into(),
        caption: guest.word("uptake-caption").into(),
        columns,
        rows,
        scrolls: true,
        empty: Empty { title: guest.word("uptake-none").into(), ..Empty::default() },
    })
}

fn regions(guest: &Guest, all: &BTreeMap<Region, Given>) -> Markup {
    let row = |(region, given): (&Region, &Given)| {
        let waited = median(&given.waited);
        Row::new(vec![
            html! { a href={ "/voucher?region=" (region) } { (guest.region(*region)) } },
            html! { a href={ "/eligibility?region=" (region) } { (given.applied) } },
            html! { (given.eligible) },
            html! { (given.vouchers) },
            html! { (guest.money(given.face)) },
            html! { (guest.money(given.used)) },
            html! { @match waited { Some(days) => (guest.say("days", &json!({ "days": days }))), None => "—" } },
        ])
    };
    let heads = [
        "region",
        "uptake-applied",
        "uptake-eligible",
        "uptake-vouchers",
        "uptake-face",
        "paid-out",
        "uptake-waited",
    ];
    table(guest, "regions", &heads, 1, all.iter().map(row).collect())
}

fn cells(guest: &Guest, first: Vec<Markup>, ordered: &Ordered) -> Row {
    let counts = [html! { (ordered.asked) }, html! { (ordered.done) }, html! { (guest.money(ordered.paid)) }];
    Row::new(first.into_iter().chain(counts).collect())
}

/// Who buys where: what stays in its region and what goes across a border.
fn borders(guest: &Guest, orders: &[&Record]) -> Markup {
    let mut all: BTreeMap<(Region, Region), Ordered> = BTreeMap::new();
    for order in orders {
        let side = |name: &str| order.card.read::<Region>(name).map(Region::province);
        if let (Some(home), Some(away)) = (side("home"), side("away")) {
            all.entry((home, away)).or_default().add(order);
        }
    }
    let row = |((home, away), ordered): (&(Region, Region), &Ordered)| {
        cells(guest, vec![html! { (guest.region(*home)) }, html! { (guest.region(*away)) }], ordered)
    };
    let heads = ["uptake-buyers-in", "uptake-provider-in", "uptake-orders", "uptake-done", "uptake-paid"];
    table(guest, "borders", &heads, 2, all.iter().map(row).collect())
}

/// Kinds of services, as their providers list them; what is on no list stands apart.
fn services(guest: &Guest, orders: &[&Record]) -> Result<Markup, Trouble> {
    let mut lists: BTreeMap<Id, BTreeMap<u32, Item>> = BTreeMap::new();
    let mut all: BTreeMap<String, Ordered> = BTreeMap::new();
    for order in orders {
        let listing = order.card.the("listing");
        let items = match lists.entry(listing) {
            Entry::Occupied(known) => known.into_mut(),
            Entry::Vacant(new) => {
                let record = guest.look.record(listing)?;
                new.insert(record.and_then(|record| record.card.read("items")).unwrap_or_default())
            }
        };
        let number = order.state.pointer("/begun/wish/item").and_then(Value::as_u64);
        let item = number.and_then(|number| items.get(&u32::try_from(number).ok()?));
        let kind = item.map_or_else(String::new, |item| grammar::desk::plain_word(&item.category));
        all.entry(kind).or_default().add(order);
    }
    let row = |(kind, ordered): (&String, &Ordered)| {
        let name = match kind.as_str() {
            "" => guest.word("uptake-unlisted").to_owned(),
            kind => guest.desk_word("provider", "choice", kind),
        };
        cells(guest, vec![html! { (name) }], ordered)
    };
    let heads = ["uptake-service", "uptake-orders", "uptake-done", "uptake-paid"];
    Ok(table(guest, "services", &heads, 1, all.iter().map(row).collect()))
}

#[cfg(test)]
mod tests {
    use super::median;

    #[test]
    fn the_one_in_the_middle_is_the_lower_of_two() {
        assert_eq!([&[][..], &[4], &[9, 1], &[7, 3, 5]].map(median), [None, Some(4), Some(1), Some(5)]);
    }
}
