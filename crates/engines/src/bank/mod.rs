//! Bank: payments as an ISO 20022 file (pain.001), and which of them a bank's statement (camt.053) says were booked.
//!
//! The question is what was sent and the text of a statement; the proposal is what was booked by which entry. Its check needs no search:
//! balances and sums of the file follow from its entries, an entry of ours names one payment, once, with its amount and its account;
//! what bears no name of ours is counted and left alone. What came in is read with the references that its payers wrote (ISO 11649).

mod amount;
mod camt;
mod pain;
mod reference;
mod tree;

use sha2::{Digest, Sha256};

pub use camt::{CREDITS_MAX, Credit, Entry, Sent, Statement, read as read_statement, read_credits};
pub use pain::{Payment, Side, read as read_payments, write as write_payments};
pub use reference::{reference, references, spaced};
pub use tree::Bad;

/// A name for payments: the same payments on the same day have the same, so that a bank refuses a file that is sent twice.
#[must_use]
pub fn name(on: &str, payments: &[Payment]) -> String {
    let digest = Sha256::digest(format!("{on}{payments:?}"));
    digest.iter().take(16).map(|byte| format!("{byte:02X}")).collect()
}

/// What a statement is known by: the hash of its text, in hexadecimal digits.
#[must_use]
pub fn digest(statement: &str) -> String {
    Sha256::digest(statement).iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Fen of an amount as files write it; thousands may be set apart. `None` for what is finer than a fen.
#[must_use]
pub fn fen(text: &str) -> Option<i64> {
    let text: String = text.trim().chars().filter(|c| !matches!(c, ',' | '，' | ' ' | '¥' | '￥')).collect();
    let (sign, digits) = text.strip_prefix('-').map_or((1, text.as_str()), |rest| (-1, rest));
    let (yuan, part) = digits.split_once('.').unwrap_or((digits, ""));
    let part = part.trim_end_matches('0');
    let are_digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    if yuan.is_empty() || part.len() > 2 || !are_digits(yuan) || !are_digits(part) {
        return None;
    }
    let fen: i64 = format!("{part:0<2}").parse().ok()?;
    yuan.parse::<i64>().ok()?.checked_mul(100)?.checked_add(fen)?.checked_mul(sign)
}

/// Fen as yuan with two digits.
#[must_use]
pub fn yuan(fen: i128) -> String {
    let sign = if fen < 0 { "-" } else { "" };
    let fen = fen.unsigned_abs();
    format!("{sign}{}.{:02}", fen / 100, fen % 100)
}
