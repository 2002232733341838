//! Titles: cells that name a record by what people call it.

use std::{cell::RefCell, collections::HashMap};

use grammar::kinds::Id;
use registry::Filter;

use super::table::fold;
use crate::guest::Guest;

/// Different titles of one sheet that are looked up: each is a search.
const TITLES_MAX: usize = 500;
/// Records of a like title that are compared.
const ALIKE_MAX: u32 = 200;
/// Codes of `[sheet]` in the words of sheets.
const NONE: &str = "no-such-title";
const SEVERAL: &str = "several-titled";
const TOO_MANY: &str = "too-many-titles";

type Found = Result<Id, &'static str>;

/// Looks records up by their titles, each title once.
pub struct Titles<'a> {
    guest: &'a Guest<'a>,
    known: RefCell<HashMap<(String, String), Found>>,
}

impl<'a> Titles<'a> {
    #[must_use]
    pub fn of(guest: &'a Guest<'a>) -> Self {
        Self { guest, known: RefCell::default() }
    }

    /// The one record of a desk, among those this guest may see, that is called exactly so in either language.
    ///
    /// # Errors
    /// A code of `[sheet]`: none is, several are, or too many titles were asked for.
    pub fn find(&self, desk: &str, title: &str) -> Found {
        let key = (desk.to_owned(), fold(title));
        if let Some(known) = self.known.borrow().get(&key) {
            return *known;
        }
        if self.known.borrow().len() >= TITLES_MAX {
            return Err(TOO_MANY);
        }
        let found = self.search(desk, title, &key.1);
        self.known.borrow_mut().insert(key, found);
        found
    }

    fn search(&self, desk: &str, title: &str, folded: &str) -> Found {
        let filter = Filter { desk: desk.into(), words: title.into(), limit: ALIKE_MAX, ..Filter::default() };
        let (rows, more) = self.guest.look.rows(&filter).map_err(|_| NONE)?;
        let is_it = |text: &str| fold(text) == folded;
        let mut same = rows.iter().filter(|row| is_it(&row.card.title_zh) || is_it(&row.card.title_en));
        match (same.next(), same.next(), more) {
            (Some(one), None, None) => Ok(one.id),
            (None, _, None) => Err(NONE),
            _ => Err(SEVERAL),
        }
    }
}
