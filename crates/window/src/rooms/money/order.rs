//! A voucher order: first how far it is and whose turn it is, with the way to the next step; then the record as any other. Where
//! the buyer is to place it, the form comes with the voucher, the price and the booking that fit.

use grammar::{
    clerk::Clerk,
    kinds::{Id, Money, Region},
};
use maud::{Markup, html};
use registry::{Filter, Record};
use serde_json::{Value, json};

use super::{
    steps,
    wallet::{Side, next},
};
use crate::{
    denied::Trouble,
    guest::Guest,
    parts::{self, Notice, Tone},
    plain,
    rooms::{reports_of, samples_of, visit_form, visits_of},
    ways::Answer,
};

/// The usual way of an order.
const WAY: [&str; 9] =
    ["asked", "quoted", "placed", "accepted", "allotted", "delivered", "confirmed", "claimed", "paid"];
/// Vouchers and bookings that are looked at.
const LOOKED_AT: u32 = 60;

/// The page of an order.
///
/// # Errors
/// When there is none for this guest's eyes, or the store cannot be read.
pub fn order(guest: &Guest, clerk: &dyn Clerk, id: Id) -> Answer {
    let record = plain::known(guest, clerk, id)?;
    let form = form(guest, &record)?;
    let come = visit_form(guest, &record, "order", &["buyer"])
        .filter(|_| ["accepted", "allotted"].contains(&record.card.status.as_str()));
    let lead = html! { (steps(guest, clerk, &record, &WAY)) (turn(guest, &record, form.as_deref())) (samples_of(guest, &record, "order")?) (reports_of(guest, &record, "order")?) (visits_of(guest, &record, come.as_deref())?) };
    plain::record_page(guest, clerk, &record, &[], &lead)
}

/// Whose turn it is, and for them the way to the next step.
fn turn(guest: &Guest, record: &Record, form: Option<&str>) -> Markup {
    let Some((side, verb)) = next(&record.card.status) else { return html! {} };
    let viewer = &guest.look.viewer;
    let has = |part: &str| record.card.holders(part).any(|who| viewer.is(who));
    let (is_mine, waits) = match side {
        Side::Buyer => (has("buyer"), "turn-buyer"),
        Side::Provider => (has("provider"), "turn-provider"),
        Side::Centre => (viewer.holds("voucher-office", record.card.scope()), "turn-centre"),
    };
    let label = guest.desk_word("voucher-order", "verb", verb);
    let facts = json!({ "verb": label });
    let notice = |tone: Tone, title: String, body: Markup| {
        html! { div role="status" { (parts::notice(&Notice { tone, title, body, links: vec![] })) } }
    };
    if !is_mine || verb == "pay" {
        return notice(Tone::Info, guest.say(waits, &facts), html! {});
    }
    let (href, label) = match (verb, form) {
        ("place", Some(form)) => (form.to_owned(), label),
        ("claim", _) => (
            format!("/redemption/new/open?provider={}", record.card.the("listing")),
            guest.desk_word("redemption", "verb", "open"),
        ),
        _ => (format!("/voucher-order/{}/{verb}", record.id), label),
    };
    let body = html! { p { a.button.main href=(href) { (label) } } };
    notice(Tone::Warn, guest.say("booking-turn-own", &json!({ "verb": label })), body)
}

/// The form to place it, filled in with what fits: a voucher of the order's home that has something left, the price that was
/// quoted, and the buyer's only booking with this provider at that price.
fn form(guest: &Guest, record: &Record) -> Result<Option<String>, Trouble> {
    let viewer = &guest.look.viewer;
    let is_buyer = record.card.holders("buyer").any(|buyer| viewer.is(buyer));
    let price: Option<Money> =
        record.state.pointer("/quote/price").and_then(Value::as_str).and_then(|text| text.parse().ok());
    let Some(price) = price.filter(|_| is_buyer && record.card.status == "quoted") else { return Ok(None) };
    let list = |desk: &str, party: Id| {
        let filter = Filter {
            desk: desk.into(),
            party: Some(party),
            is_mine: true,
            limit: LOOKED_AT,
            ..Filter::default()
        };
        guest.look.list(&filter)
    };
    let (buyer, provider) = (record.card.the("buyer"), record.card.the("provider"));
    let home = record.card.read::<Region>("home");
    let today = guest.house.registry.now().day();
    let mut form = format!("/voucher-order/{}/place?contract={price}&signed={today}", record.id);
    let vouchers = list("voucher", buyer)?.rows;
    let fits = vouchers.iter().filter(|row| {
        let is_home = row.card.region.map(Region::province) == home;
        let is_open = row.card.status == "open" && row.card.until.is_none_or(|until| today <= until);
        is_home && is_open && row.card.amount.is_some_and(Money::is_positive)
    });
    if let Some(voucher) = fits.max_by_key(|row| row.card.amount) {
        form.push_str(&format!("&voucher={}", voucher.id));
    }
    let bookings = list("booking", buyer)?.rows;
    let mut bills = bookings.iter().filter(|row| {
        let is_bill =
            row.card.amount == Some(price) && row.card.holders("provider").any(|one| one == provider);
        is_bill
            && ["contracted", "scheduled", "running", "used", "reported"].contains(&row.card.status.as_str())
    });
    if let (Some(bill), None) = (bills.next(), bills.next()) {
        form.push_str(&format!("&booking={}", bill.id));
    }
    Ok(Some(form))
}
