//! Paying: what desks share that pay through a bank: a statement read back, taken in whole or not at all.
//!
//! It holds more than our payments. What bears no name of ours is counted and left alone; what bears one fits a payment that was sent,
//! or nothing is taken in. It moves no account of this house.

use std::collections::BTreeMap;

use engines::bank::{self, Bad, Payment, Sent, Side};
use grammar::prelude::*;

use crate::{account::BankDetails, neighbour::said};

/// Letters of a bank's statement.
pub const STATEMENT_MAX: usize = 1_000_000;
/// Statements kept in view; what they said stays with the payments.
const KEPT: usize = 12;

/// What the bank says of one payment.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Booking {
    /// Its number among the payments, from 1.
    pub payment: u32,
    pub booked: Option<Day>,
    pub value_day: Option<Day>,
    /// When it was read from the statement.
    pub read: Day,
}

/// A statement that was taken in.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Taken {
    /// SHA-256 of its text, in hexadecimal digits.
    pub digest: Text<64>,
    pub read: Day,
    /// Payments of ours that it books.
    pub payments: usize,
    /// Entries that bear no name of ours.
    pub others: usize,
}

/// What a statement says of our payments, as it stands in the log.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Reading {
    pub digest: Text<64>,
    pub bookings: Vec<Booking>,
    /// Entries that bear no name of ours.
    #[serde(default)]
    pub others: usize,
}

impl Reading {
    /// Takes it over into a record: what is booked, and the statements in view.
    pub fn keep(self, booked: &mut BTreeMap<u32, Booking>, statements: &mut Vec<Taken>) {
        let Self { digest, bookings, others } = self;
        if let Some(read) = bookings.first().map(|booking| booking.read) {
            if statements.len() >= KEPT {
                statements.remove(0);
            }
            statements.push(Taken { digest, read, payments: bookings.len(), others });
        }
        booked.extend(bookings.into_iter().map(|booking| (booking.payment, booking)));
    }
}

/// Why a statement is not taken in. The sentences are in the words of each desk that pays.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(tag = "code", rename_all = "kebab-case")]
pub enum Misfit {
    NotAStatement { line: u64, why: Text<200> },
    Lacks { line: u64, name: Text<200>, inside: Text<200> },
    NotAnAmount { line: u64, value: Text<200> },
    NotAWord { line: u64, name: Text<200>, value: Text<200> },
    DoesNotAddUp { line: u64, name: Text<200>, said: Text<200>, is: Text<200> },
    NothingBooked { others: usize },
    NotSent { line: u64, id: Text<200> },
    BookedTwice { line: u64, id: Text<200>, first: u64 },
    CameBack { line: u64, id: Text<200> },
    OtherAmount { line: u64, id: Text<200>, booked: Money, wanted: Money },
    OtherAccount { line: u64, id: Text<200>, booked: Text<200>, wanted: Text<200> },
    BookedBefore { line: u64, id: Text<200> },
}

use Misfit::*;

/// One end of a payment, as the bank is told it.
pub(crate) fn side(details: &BankDetails) -> Side {
    let bank = details.bank.as_deref().unwrap_or_default().to_owned();
    Side { name: details.holder.to_string(), account: details.number.to_string(), bank }
}

/// The file for the bank, pain.001, of an instruction made on a day for a day. The same payments always give the same file.
pub(crate) fn file(made: Day, on: Day, payments: &[Payment]) -> String {
    let on = on.to_string();
    bank::write_payments(&bank::name(&on, payments), &format!("{made}T00:00:00"), &on, payments)
}

/// Why something of a statement is not taken, as a desk says it.
#[must_use]
pub fn misfit(bad: &Bad) -> Misfit {
    let text = |key: &str| {
        let value = bad.facts.get(key);
        said(&value.and_then(serde_json::Value::as_str).unwrap_or_default())
    };
    let amount = |key: &str| {
        let fen = bad.facts.get(key).and_then(serde_json::Value::as_str).and_then(bank::fen);
        fen.map_or(Money::ZERO, Money::fen)
    };
    let line = bad.line;
    match bad.code {
        "xml-missing" => Lacks { line, name: text("name"), inside: text("in") },
        "xml-amount" => NotAnAmount { line, value: text("value") },
        "xml-word" => NotAWord { line, name: text("name"), value: text("value") },
        "bank-sum" => DoesNotAddUp { line, name: text("name"), said: text("said"), is: text("is") },
        "bank-unknown" => NotSent { line, id: text("id") },
        "bank-twice" => {
            let first = bad.facts.get("first").and_then(serde_json::Value::as_u64).unwrap_or(0);
            BookedTwice { line, id: text("id"), first }
        }
        "bank-returned" => CameBack { line, id: text("id") },
        "bank-amount" => {
            OtherAmount { line, id: text("id"), booked: amount("booked"), wanted: amount("wanted") }
        }
        "bank-account" => {
            OtherAccount { line, id: text("id"), booked: text("booked"), wanted: text("wanted") }
        }
        _ => NotAStatement { line, why: text("error") },
    }
}

/// What a statement says of the payments of the record `me`, of which some are booked already.
///
/// # Errors
/// What cannot be read, has no payment of ours, or has one that does not fit.
pub fn read(
    (me, payments): (Id, &[Payment]),
    before: &BTreeMap<u32, Booking>,
    statement: &str,
    today: Day,
) -> Result<Reading, Misfit> {
    let sent = Sent { payments, mark: me.as_str() };
    let told = bank::read_statement(statement, &sent).map_err(|bad| misfit(&bad))?;
    let found = told.matched().map_err(|bad| misfit(&bad))?;
    ensure(!found.is_empty(), NothingBooked { others: told.others })?;
    let mut bookings = Vec::new();
    for (transfer, payment) in payments.iter().zip(1_u32..) {
        let Some(entry) = found.get(transfer.id.as_str()) else { continue };
        let is_new = !before.contains_key(&payment);
        ensure(is_new, BookedBefore { line: entry.line, id: said(&entry.id) })?;
        let [booked, value_day] = [&entry.booked, &entry.value_day].map(|day| day.parse().ok());
        bookings.push(Booking { payment, booked, value_day, read: today });
    }
    let digest = Text::read(&bank::digest(statement)).unwrap_or_else(|| impossible(&"a hash"));
    Ok(Reading { digest, bookings, others: told.others })
}
