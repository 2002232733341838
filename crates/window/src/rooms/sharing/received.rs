//! Received: money that came in on the bank statement of a unit, laid beside what its bookings still owe.
//!
//! A payer writes the booking's reference (ISO 11649) beside the transfer. What bears one is proposed for that booking; what bears none
//! may be likely by name and sum; a person presses. Nothing of the statement is kept but what each payment is called at the bank.

use std::collections::{BTreeMap, BTreeSet};

use engines::bank::{self, Credit};
use grammar::{
    card::Card,
    kinds::{Id, Money},
};
use registry::{Filter, Listed};
use serde_json::{Value, json};

use super::is_side;
use crate::{denied::Trouble, guest::Guest};

mod page;

pub use page::{receive, received};

/// Signs of a booking's own name, without its desk.
const OWN: usize = 10;
/// Letters by which a payment is called.
const NAME_MAX: usize = 60;
/// In which a booking may still owe something.
const AGREED: &str = "contracted,scheduled,running,used,reported,paid,rated,cancelled,absent";
/// In which what is owed is due.
const DUE: &str = "reported,rated,cancelled,absent";
/// Bookings that are looked through for what is owed, in pages of so many.
const PAGE: u32 = 200;
const PAGES: usize = 10;

/// What a payer writes beside a transfer for this booking.
#[must_use]
pub fn reference(booking: Id) -> Option<String> {
    let own = booking.as_str().strip_prefix("booking-")?;
    bank::reference(own).filter(|_| own.len() == OWN).map(|reference| bank::spaced(&reference))
}

/// The booking whose name this is, without its desk.
fn booking(own: &str) -> Option<Id> {
    format!("booking-{}", own.to_ascii_lowercase()).parse().ok()
}

/// What of its price and fee is not paid yet.
#[must_use]
pub fn left(card: &Card) -> Money {
    let of = |name: &str| card.read::<Money>(name).unwrap_or(Money::ZERO);
    of("price") + of("fee") - of("paid")
}

/// Bookings at this guest's instruments that owe something, those first that have waited longest.
fn owing(guest: &Guest, statuses: &str) -> Result<Vec<Listed>, Trouble> {
    let mut filter = Filter {
        desk: "booking".into(),
        status: Some(statuses.into()),
        is_mine: true,
        sort: registry::Sort::Oldest,
        limit: PAGE,
        ..Filter::default()
    };
    let mut all = Vec::new();
    for _ in 0..PAGES {
        let (rows, next) = guest.look.rows(&filter)?;
        all.extend(
            rows.into_iter()
                .filter(|one| is_side(guest, &one.card, "provider") && left(&one.card).is_positive()),
        );
        filter.after = next;
        if filter.after.is_none() {
            break;
        }
    }
    Ok(all)
}

/// What is to become of a sum that came in.
enum Verdict {
    /// It bears the references of these bookings: what each gets of it.
    Pays(Vec<(Id, Money)>),
    /// It bears none; but one booking of this payer owes exactly that.
    Likely(Id, Money),
    /// It was recorded before.
    Recorded(Id),
    /// A word of the pages, and what its sentence needs.
    Not(&'static str, Value),
}

/// A sum that came in.
struct Came {
    credit: Credit,
    /// What the payment is called in the record.
    name: String,
    verdict: Verdict,
}

/// What a statement is laid beside.
struct Laying<'a> {
    guest: &'a Guest<'a>,
    /// What is left of each booking behind the sums before.
    left: BTreeMap<Id, Option<Money>>,
    /// Bookings that owe something, by the names of their buyers; read where a sum bears no reference.
    owing: Option<BTreeMap<String, Vec<Id>>>,
}

/// Every sum of a statement with what is to become of it.
fn lay(guest: &Guest, statement: &str) -> Result<Vec<Came>, Unread> {
    let digest = bank::digest(statement);
    let credits = bank::read_credits(statement).map_err(Unread::Bad)?;
    let mut laying = Laying { guest, left: BTreeMap::new(), owing: None };
    let mut all = Vec::new();
    for credit in credits {
        let name = name(&credit, &digest);
        let verdict = laying.verdict(&credit, &name).map_err(Unread::Trouble)?;
        all.push(Came { credit, name, verdict });
    }
    Ok(all)
}

enum Unread {
    Bad(bank::Bad),
    Trouble(Trouble),
}

/// The bank's own name of it; where there is none, its line in this very file.
fn name(credit: &Credit, digest: &str) -> String {
    let plain: String = credit.entry.chars().filter(|sign| !sign.is_control() && *sign != '|').collect();
    if plain.trim().is_empty() || plain.chars().nth(NAME_MAX).is_some() {
        return format!("{}-{}", digest.get(..12).unwrap_or_default(), credit.line);
    }
    plain.trim().to_owned()
}

impl Laying<'_> {
    fn verdict(&mut self, credit: &Credit, name: &str) -> Result<Verdict, Trouble> {
        if credit.is_back {
            return Ok(Verdict::Not("received-back", Value::Null));
        }
        let Some(amount) = credit.fen.map(Money::fen) else {
            return Ok(Verdict::Not("received-not-yuan", json!({ "amount": credit.said })));
        };
        let references = bank::references(&credit.text, OWN);
        let named: Vec<Id> = references.iter().filter_map(|own| booking(own)).collect();
        if named.is_empty() {
            return self.likely(credit, amount, name);
        }
        let mut owed = Vec::new();
        for (id, own) in named.iter().zip(&references) {
            let Some(left) = self.left(*id)? else {
                let reference = bank::reference(own).map(|whole| bank::spaced(&whole));
                return Ok(Verdict::Not("received-unknown", json!({ "reference": reference })));
            };
            if is_recorded(self.guest, *id, name)? {
                return Ok(Verdict::Recorded(*id));
            }
            owed.push((*id, left));
        }
        let sum: Money = owed.iter().map(|(_, left)| *left).sum();
        let shares = match owed.as_slice() {
            _ if amount > sum => return Ok(Verdict::Not("received-more", json!({ "left": sum }))),
            [(only, _)] => vec![(*only, amount)],
            _ if amount == sum => owed,
            _ => return Ok(Verdict::Not("received-several", json!({ "left": sum }))),
        };
        for (id, share) in &shares {
            self.left.entry(*id).and_modify(|left| *left = left.map(|left| left - *share));
        }
        Ok(Verdict::Pays(shares))
    }

    /// What a booking at this guest's instruments still owes; none where it is no such booking, or nothing is agreed.
    fn left(&mut self, id: Id) -> Result<Option<Money>, Trouble> {
        if let Some(known) = self.left.get(&id) {
            return Ok(*known);
        }
        let found = self.guest.look.cards(&[id])?.pop();
        let is_agreed = |card: &Card| AGREED.split(',').any(|status| status == card.status);
        let found = found.filter(|one| is_side(self.guest, &one.card, "provider") && is_agreed(&one.card));
        let left = found.map(|one| left(&one.card));
        self.left.insert(id, left);
        Ok(left)
    }

    fn likely(&mut self, credit: &Credit, amount: Money, name: &str) -> Result<Verdict, Trouble> {
        let none = Verdict::Not("received-other", Value::Null);
        if credit.payer.is_empty() {
            return Ok(none);
        }
        let mut fits = Vec::new();
        for id in self.owing_of(&credit.payer)? {
            if self.left(id)? == Some(amount) {
                fits.push(id);
            }
        }
        let &[only] = fits.as_slice() else { return Ok(none) };
        if is_recorded(self.guest, only, name)? {
            return Ok(Verdict::Recorded(only));
        }
        Ok(Verdict::Likely(only, amount))
    }

    /// Bookings that owe something of a buyer that has this name in one of the languages.
    fn owing_of(&mut self, payer: &str) -> Result<Vec<Id>, Trouble> {
        if self.owing.is_none() {
            self.owing = Some(by_buyer(self.guest)?);
        }
        Ok(self.owing.as_ref().and_then(|owing| owing.get(payer)).cloned().unwrap_or_default())
    }
}

fn by_buyer(guest: &Guest) -> Result<BTreeMap<String, Vec<Id>>, Trouble> {
    let mut all: BTreeMap<String, Vec<Id>> = BTreeMap::new();
    for one in owing(guest, AGREED)? {
        let Some((_, zh, en)) = guest.look.title(one.card.the("buyer")) else { continue };
        for name in BTreeSet::from([zh, en]) {
            all.entry(name).or_default().push(one.id);
        }
    }
    Ok(all)
}

/// Whether a payment of this name was recorded at the booking.
fn is_recorded(guest: &Guest, booking: Id, name: &str) -> Result<bool, Trouble> {
    let says =
        |event: &Value, field: &str, text: &str| event.get(field).and_then(Value::as_str) == Some(text);
    let history = guest.look.history(booking)?;
    Ok(history.iter().any(|line| says(&line.event, "event", "paid") && says(&line.event, "reference", name)))
}
