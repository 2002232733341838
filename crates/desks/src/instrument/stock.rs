//! Stock: what is left of consumables that the keeper counts. A use that is reported takes from it; when little is left, its
//! keepers are told. Nobody is turned away: a shelf can be filled before the day.

use grammar::prelude::*;

use super::{
    Event::{self, *},
    Instrument,
    Refusal::*,
    extras::CONSUMABLES_MAX,
};

/// So much of a consumable, in its measure.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[schemars(inline)]
pub struct Stock {
    pub name: Text<60>,
    pub count: Between<0, 100_000>,
}

pub type Stocks = List<Stock, CONSUMABLES_MAX>;

impl Instrument {
    /// Counts name what the terms of use name, each once.
    pub(super) fn sets_stock(&self, stocks: Stocks) -> Decision<Self> {
        let mut seen = std::collections::BTreeSet::new();
        for Stock { name, .. } in stocks.iter() {
            let terms = self.using.iter().flat_map(|using| using.consumables.iter());
            let is_known = terms.into_iter().any(|consumable| consumable.name == *name);
            ensure(is_known, NoSuchConsumable { name: name.clone() })?;
            ensure(seen.insert(name.to_string()), CountedTwice { name: name.clone() })?;
        }
        Ok(say(StockSet { stocks }))
    }

    /// What a use took, of that which is counted; a use is not stopped by a shelf.
    pub(super) fn uses_up(&self, used: &Stocks) -> Decision<Self> {
        let counted = |taken: &&Stock| self.stocks.iter().any(|stock| stock.name == taken.name);
        let taken = used.iter().filter(|taken| taken.count.get() > 0).filter(counted).cloned();
        let used = Stocks::new(taken.collect()).unwrap_or_default();
        if used.is_empty() {
            return Ok(Script::silent());
        }
        Ok(say(UsedUp { used }))
    }

    pub(super) fn counts(&mut self, event: &Event) {
        match event.clone() {
            StockSet { stocks } => self.stocks = stocks,
            UsedUp { used } => {
                for taken in used.iter() {
                    for stock in self.stocks.iter_mut().filter(|stock| stock.name == taken.name) {
                        let left = (stock.count.get() - taken.count.get()).max(0);
                        stock.count = Between::new(left).unwrap_or(stock.count);
                    }
                }
            }
            other => impossible(&other),
        }
    }

    /// Consumables of which no more is left than their terms say to warn at.
    pub(super) fn low(&self) -> Vec<Text<60>> {
        let terms: Vec<_> = self.using.iter().flat_map(|using| using.consumables.iter()).collect();
        let is_low = |stock: &&Stock| {
            let of = terms.iter().find(|consumable| consumable.name == stock.name);
            of.and_then(|consumable| consumable.warn_at).is_some_and(|least| stock.count.get() <= least.get())
        };
        self.stocks.iter().filter(is_low).map(|stock| stock.name.clone()).collect()
    }
}
