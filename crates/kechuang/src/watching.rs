//! Watching: circular trade among voucher orders is looked for by the house itself. A ring that is found is put to the desk as
//! its own question, with the orders that close it; the desk checks them, and a person decides.
//!
//! The log is followed in small steps: each turn looks at some orders that have changed, and the place is kept. Only the
//! node that writes watches; another that takes over goes on from there. Whatever is asked twice happens once.

use desks::voucher_order::{RING_DAYS, RING_ORDERS, VoucherOrder};
use engines::rings::{Reach, Trade, ring};
use grammar::{
    card::Card,
    desk::Desk,
    kinds::{Day, Id},
    viewer::Viewer,
};
use registry::{Ask, Asker, Broken, Denied, FOREVER, Look, Record, Registry, Writer};
use serde_json::json;

/// Orders that are looked at in one turn; the others wait for the next.
const ORDERS_MAX: u32 = 100;
/// Facts that are passed over in one turn.
const FACTS_MAX: u64 = 5_000;
/// Orders of one buyer that are followed, the latest ones.
const BOUGHT_MAX: u32 = 200;
/// Orders that are read in one turn before it ends, and in the search around one.
const READ_MAX: usize = 2_000;
const SEARCH_MAX: usize = 6_000;
/// Facts that may be followed again after a restart, when none of them was about an order.
const AGAIN_MAX: u64 = 1_000;
/// Where the place in the log is kept.
const PLACE: (&str, &str) = ("watch", "rings");
/// An order in which a doubt still stops its money from being allotted.
const OPEN: [&str; 2] = ["placed", "accepted"];
const REASON: &str = "平台自动核查：这些订单首尾相接，回到最初用券方 / found by the house: these orders lead back to the buyer";

/// How far the log has been followed.
#[derive(Debug)]
pub struct Watch {
    /// Unknown until the store is asked: another node may have come further.
    place: Option<u64>,
    /// The place that was kept last.
    kept: u64,
    orders_max: u32,
}

impl Default for Watch {
    fn default() -> Self {
        Self { place: None, kept: 0, orders_max: ORDERS_MAX }
    }
}

/// What one turn did.
struct Step {
    /// Orders that were put in doubt, and that were looked at.
    found: usize,
    looked: usize,
    /// Where the next turn begins.
    next: u64,
}

fn trade(id: Id, card: &Card) -> Option<Trade<Id>> {
    let part = |name: &str| card.holders(name).next();
    let placed: Day = card.read("placed")?;
    let day = i64::from(Day::new(1970, 1, 1)?.days_until(placed));
    Some(Trade { id, buyer: part("buyer")?, seller: part("provider")?, day })
}

impl Watch {
    #[cfg(test)]
    pub fn of_so_many(orders_max: u32) -> Self {
        Self { orders_max, ..Self::default() }
    }

    /// Looks at some orders that have changed since the last turn. Gives how many orders were put in doubt.
    ///
    /// # Errors
    /// When the store cannot be used, or too much waits; the next turn begins at the same place.
    pub fn turn(&mut self, registry: &Registry) -> Result<usize, Broken> {
        if registry.writer() != Writer::Here {
            self.place = None;
            return Ok(0);
        }
        let (space, key) = PLACE;
        let place = match self.place {
            Some(place) => place,
            None => registry.kept(space, key)?.unwrap_or(0),
        };
        let size = registry.size();
        if place >= size {
            self.place = Some(place);
            return Ok(0);
        }
        // Whatever fails from here on is looked at again.
        self.place = None;
        let until = size.min(place.saturating_add(FACTS_MAX));
        let Step { found, looked, next } = self.follow(registry, (place, until))?;
        if looked > 0 || next.saturating_sub(self.kept) >= AGAIN_MAX {
            registry.keep(space, key, &next, FOREVER)?;
            self.kept = next;
        }
        self.place = Some(next);
        Ok(found)
    }

    fn follow(&self, registry: &Registry, (from, to): (u64, u64)) -> Result<Step, Broken> {
        // Time asks, and sees what it must; what it sees goes to the desk alone.
        let look = Look { registry, viewer: Viewer::clock() };
        let changed = look.changed(VoucherOrder::NAME, (from, to), self.orders_max)?;
        let is_whole = u32::try_from(changed.len()).is_ok_and(|count| count < self.orders_max);
        let (mut step, mut read) = (Step { found: 0, looked: 0, next: from }, 0);
        for (place, order) in &changed {
            if read >= READ_MAX {
                return Ok(step);
            }
            if OPEN.contains(&order.card.status.as_str()) {
                step.found += around(&look, order, &mut read)?;
            }
            step.looked += 1;
            step.next = place.saturating_add(1);
        }
        step.next = if is_whole { to } else { step.next };
        Ok(step)
    }
}

/// The shortest ring in which the order stands is put to the desk, for each order of it.
fn around(look: &Look, order: &Record, read: &mut usize) -> Result<usize, Broken> {
    let (registry, card) = (look.registry, &order.card);
    let Some(first) = trade(order.id, card) else { return Ok(0) };
    let (rules, today) = (registry.rules(), registry.now().day());
    let length = usize::try_from(rules.value(RING_ORDERS, card.scope(), today)).unwrap_or(0);
    let reach = Reach { length, days: rules.value(RING_DAYS, card.scope(), today) };
    let most = read.saturating_add(SEARCH_MAX);
    let bought = |buyer: Id| -> Result<Vec<Trade<Id>>, Broken> {
        if *read >= most {
            return Ok(vec![]);
        }
        let orders = look.lately_naming(VoucherOrder::NAME, ("buyer", buyer), BOUGHT_MAX)?;
        *read += orders.len();
        Ok(orders.iter().filter_map(|order| trade(order.id, &order.card)).collect())
    };
    let others = ring(first, reach, bought)?;
    if *read >= most {
        tracing::warn!(order = %order.id, "not every order around this one was looked at: there are too many");
    }
    let Some(others) = others else { return Ok(0) };
    let mut whole: Vec<Id> = std::iter::once(first).chain(others).map(|trade| trade.id).collect();
    let mut found = 0;
    // Each of them stands in the same ring; where a person has decided already, the desk says no.
    for _ in 0..whole.len() {
        if let Some((order, with)) = whole.split_first() {
            found += usize::from(asked(registry, *order, with)?);
        }
        whole.rotate_left(1);
    }
    Ok(found)
}

/// Puts a ring to the desk. An order that is in this doubt already, or is past it, stays as it is.
fn asked(registry: &Registry, order: Id, with: &[Id]) -> Result<bool, Broken> {
    let command = json!({ "verb": "question", "doubt": "circular", "with": with, "reason": REASON });
    let key = format!("watch/ring/{order}");
    match registry.run(Ask::new(key, Asker::Clock, VoucherOrder::NAME, Some(order), command)) {
        Ok(receipt) => Ok(!receipt.is_repeat),
        Err(Denied::Broken(what)) => Err(Broken(what)),
        Err(Denied::Busy) => Err(Broken("too many asks wait".to_owned())),
        // The desk has decided otherwise, or a ring was asked about before.
        Err(_) => Ok(false),
    }
}
