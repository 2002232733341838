//! What an audit looks at without folding: hashes of rows, receipts, and values beside the log.

use std::ops::ControlFlow;

use grammar::{kinds::commitment, lot::Lot};
use serde_json::Value;

use super::{
    Audited, Damage,
    replay::{self, Checked},
};
use crate::{
    Broken, Receipt, fact,
    store::{Link, cells},
};

/// Hashes rows in as many parts as there are threads, and keeps their order.
pub fn check_all(rows: Vec<fact::Row>, threads: usize, audited: &mut Audited) -> Vec<Checked> {
    let share = rows.len().div_ceil(threads.max(1)).max(1);
    let mut rest = rows;
    let mut shares = Vec::new();
    while !rest.is_empty() {
        let after = rest.split_off(share.min(rest.len()));
        shares.push(std::mem::replace(&mut rest, after));
    }
    let parts: Vec<(Vec<Checked>, Vec<Damage>)> = std::thread::scope(|scope| {
        let spawn = |share: Vec<fact::Row>| {
            scope.spawn(move || {
                let mut damages = Vec::new();
                let checked = share.into_iter().map(|row| replay::check(row, &mut damages)).collect();
                (checked, damages)
            })
        };
        let threads: Vec<_> = shares.into_iter().map(spawn).collect();
        threads.into_iter().filter_map(|thread| thread.join().ok()).collect()
    });
    let mut all = Vec::new();
    for (checked, damages) in parts {
        all.extend(checked);
        damages.into_iter().for_each(|damage| audited.note(damage));
    }
    let mut end = None;
    for one in all.iter_mut().rev() {
        match end {
            Some((case, last)) if case == one.row.case => one.case_end = last,
            _ => end = Some((one.row.case, one.row.position)),
        }
    }
    all
}

/// Every receipt names facts of its own case.
pub fn receipts(link: &dyn Link, size: u64, audited: &mut Audited) -> Result<(), Broken> {
    let wrong = "SELECT case_number, record FROM facts WHERE position = $1";
    let rows = |link: &dyn Link, look: &mut dyn FnMut(&str, &str) -> Result<(), Broken>| {
        link.each("SELECT key, body FROM receipts", &[], &mut |row| {
            look(row.get(0)?, row.get(1)?)?;
            Ok(ControlFlow::Continue(()))
        })
    };
    rows(link, &mut |key, body| {
        audited.receipts += 1;
        let receipt: Option<Receipt> = serde_json::from_str(body).ok();
        let is_so = match receipt {
            None => false,
            Some(receipt) if receipt.pending.is_some() || receipt.facts == 0 => true,
            Some(receipt) if receipt.position + receipt.facts > size => false,
            Some(receipt) => {
                let fact = link.first(wrong, cells![receipt.position], |row| row.get::<u64>(0))?;
                fact == Some(receipt.case)
            }
        };
        if !is_so {
            audited.note(Damage::lost("receipt", format!("receipt {key}")));
        }
        Ok(())
    })
}

/// Every personal or sealed value fits the commitment in the log.
pub fn parts(link: &dyn Link, audited: &mut Audited) -> Result<(), Broken> {
    link.each("SELECT commitment, salt, value FROM parts", &[], &mut |row| {
        audited.parts += 1;
        let (name, salt, value): (&str, &[u8], &str) = (row.get(0)?, row.get(1)?, row.get(2)?);
        let salt: Option<&[u8; 32]> = salt.try_into().ok();
        let value: Option<Value> = serde_json::from_str(value).ok();
        let is_so = salt.zip(value).is_some_and(|(salt, value)| {
            commitment(salt, &value) == name
                || value.as_str().is_some_and(|secret| Lot::promises(name, secret))
        });
        if !is_so {
            audited.note(Damage::lost("part", format!("part {name}")));
        }
        Ok(ControlFlow::Continue(()))
    })
}

/// Tables that are no facts and follow from none, with their columns: nothing can be said of what is in them but
/// that it can be read.
pub const KEPT: [(&str, &str); 3] = [
    ("pending", "id, ask, who, region, at"),
    ("hits", "need, offer, score, why, at"),
    ("kept", "space, key, value, until"),
];

/// Reads every cell of a table.
pub fn can_be_read(link: &dyn Link, table: &str, columns: &str) -> Result<(), Broken> {
    let count = columns.split(',').count();
    link.each(&format!("SELECT {columns} FROM {table}"), &[], &mut |row| {
        (0..count).try_for_each(|column| row.cell(column).map(drop))?;
        Ok(ControlFlow::Continue(()))
    })
}
