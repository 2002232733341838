//! Watching: circular trade among voucher orders is looked for by the house itself. A ring that is found is put to the desk as
//! its own question, with the orders that close it; the desk checks them, and a person decides.

use desks::voucher_order::{RING_DAYS, RING_ORDERS, VoucherOrder};
use engines::rings::{Reach, Trade, ring};
use grammar::{
    card::Card,
    desk::Desk,
    kinds::{Day, Id},
};
use registry::{Ask, Asker, Broken, Denied, Look, Record, Registry};
use serde_json::json;

use crate::following::Follower;

/// Orders that are looked at in one turn; the others wait for the next.
const ORDERS_MAX: u32 = 100;
/// Orders of one buyer that are followed, the latest ones.
const BOUGHT_MAX: u32 = 200;
/// Orders that are read in one turn before it ends, and in the search around one.
const READ_MAX: usize = 2_000;
const SEARCH_MAX: usize = 6_000;
/// An order in which a doubt still stops its money from being allotted.
const OPEN: [&str; 2] = ["placed", "accepted"];
const REASON: &str = "平台自动核查：这些订单首尾相接，回到最初用券方 / found by the house: these orders lead back to the buyer";

/// How far the log has been followed.
#[derive(Debug)]
pub struct Watch(Follower);

impl Default for Watch {
    fn default() -> Self {
        Self::of_so_many(ORDERS_MAX)
    }
}

fn trade(id: Id, card: &Card) -> Option<Trade<Id>> {
    let part = |name: &str| card.holders(name).next();
    let placed: Day = card.read("placed")?;
    let day = i64::from(Day::new(1970, 1, 1)?.days_until(placed));
    Some(Trade { id, buyer: part("buyer")?, seller: part("provider")?, day })
}

impl Watch {
    pub fn of_so_many(orders_max: u32) -> Self {
        Self(Follower::new("rings", VoucherOrder::NAME, orders_max))
    }

    /// Looks at some orders that have changed since the last turn. Gives how many orders were put in doubt.
    ///
    /// # Errors
    /// When the store cannot be used, or too much waits; the next turn begins at the same place.
    pub fn turn(&mut self, registry: &Registry) -> Result<usize, Broken> {
        let mut read = 0;
        // What time sees goes to the desk alone.
        self.0.turn(registry, |look, order| {
            if read >= READ_MAX {
                return Ok(None);
            }
            let is_open = OPEN.contains(&order.card.status.as_str());
            Ok(Some(if is_open { around(look, order, &mut read)? } else { 0 }))
        })
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
