//! A year of sharing in four provinces, told by the same steps as the demonstration's hundred days: two hundred vouchers spent,
//! instruments used from two fifths to seven tenths of their hours, four clearings with two disputes. It is a region of its own:
//! telling each day of a year takes too long for every founding.

#[cfg(test)]
pub mod tests;

use std::collections::{BTreeMap, BTreeSet};

use grammar::kinds::{Day, Id};
use registry::Registry;

use super::{
    StoryClock, Summary,
    asks::Founding,
    bookings::{self, Bookings},
    houses::Town,
    money, offers,
    orders::{Market, Order},
    people::PROVINCES,
    redeeming::{self, Batch, Run},
    roles, texts,
};

const ORDERS: usize = 200;
const OF_QUARTER: usize = ORDERS / 4;
/// Vouchers of each firm.
const EACH: usize = 4;
/// Of a hundred sittings of a day.
const TAKEN: usize = 65;
/// Two long ones a day: from which minute, how many minutes.
const SITTINGS: [(i64, i64); 2] = [(540, 240), (810, 240)];
/// Minutes of a day, after the last bill of the instruments: when a lot closes, and when it is drawn.
const CLOSES: i64 = 18 * 60 + 20;
const DRAWN: i64 = 20 * 60;
/// Whom a visitor can become: those who have something to do or to see.
const ROLES: [&str; 6] = ["firm", "provider", "auditor-1", "citizen", "clearing-1", "authority"];

/// The quarters of the year, and what is told day by day in each.
struct Teller<'a, 'b> {
    f: &'a mut Founding<'b>,
    town: &'a Town,
    market: &'a Market,
    settling: &'a BTreeMap<u32, Id>,
    batches: Vec<Batch>,
    /// Orders whose line was disputed in a run before.
    open: Vec<Order>,
    runs: usize,
}

impl Teller<'_, '_> {
    /// Every day of the year, and the first of the next.
    fn year(&mut self, first: Day, bookings: &mut Bookings, orders: &[Order]) -> Result<(), String> {
        let last = first.plus_months(12);
        let begins = (0..5).rev().map(|n| first.plus_months(3 * n));
        let quarters: Vec<(Day, usize)> = begins.zip((0..5_usize).rev()).collect();
        let mut day = first;
        while day < last {
            day = day.plus_days(1);
            let found = quarters.iter().find(|(begins, _)| *begins <= day).copied();
            let (begins, quarter) = found.ok_or("no quarter")?;
            if day < last {
                let before = self.before(day);
                bookings.day(self.f, before)?;
            }
            // Papers are done in the evening: nobody books a time that has begun.
            let own = orders.chunks(OF_QUARTER).nth(quarter).unwrap_or_default();
            self.day(quarter, begins, day, own)?;
        }
        Ok(())
    }

    fn before(&self, day: Day) -> i32 {
        day.days_until(self.f.founded.day())
    }

    /// Steps on the days after a quarter has begun.
    fn day(&mut self, quarter: usize, begins: Day, day: Day, orders: &[Order]) -> Result<(), String> {
        let (n, before) = (begins.days_until(day), self.before(day));
        match n {
            0 if quarter > 0 => self.clear(quarter, begins)?,
            6 => {
                self.f.wait(before)?;
                self.market.quote(self.f, orders)?;
                for order in orders {
                    // A firm's next order is paid by its next voucher.
                    let which = (order.n - 1) / (super::houses::FIRMS - 2);
                    self.market.place(self.f, &[*order], which)?;
                }
                self.market.accept(self.f, orders)?;
                self.market.allot(self.f, self.town, orders)?;
            }
            11 => {
                self.f.wait(before)?;
                self.market.deliver(self.f, orders)?;
            }
            13 => {
                self.f.wait(before)?;
                self.market.confirm(self.f, orders)?;
            }
            14 => {
                self.f.wait(before)?;
                self.batches = redeeming::claim(self.f, &format!("quarter/{quarter}"), orders)?;
            }
            15 => redeeming::sample(self.f, self.town, &self.batches, (before, CLOSES, DRAWN))?,
            _ => {}
        }
        Ok(())
    }

    /// The quarter before is paid and cleared; in the second and third run one line is disputed, and stands in the next.
    fn clear(&mut self, quarter: usize, begins: Day) -> Result<(), String> {
        self.f.wait(self.before(begins))?;
        let batches = std::mem::take(&mut self.batches);
        redeeming::pay(self.f, self.town, &batches, self.settling)?;
        let mut orders: Vec<Order> = batches.into_iter().flat_map(|batch| batch.orders).collect();
        orders.append(&mut self.open);
        let key = format!("year/{quarter}");
        let period = (begins.plus_months(-3), begins);
        let run = Run::state(self.f, self.town, self.settling, &key, period, &orders)?;
        if matches!(quarter, 2 | 3) {
            let disputed =
                run.dispute(self.f, quarter, "检测报告有出入（示例数据） / the report differs (demo)")?;
            self.open = orders.into_iter().filter(|order| Some(order.id) == disputed).collect();
        }
        run.sign(self.f, None)?;
        run.settle(self.f)?;
        self.runs += 1;
        Ok(())
    }
}

/// The instruments whose days are told: one of each province, open on working days for whoever comes.
fn one_of_each(bookings: &mut Bookings) {
    let mut provinces: BTreeSet<u32> = PROVINCES.into();
    bookings.kept.retain(|kept| {
        !kept.is_always_open && !kept.needs_permit && provinces.remove(&kept.keeper.spot.province())
    });
    (bookings.taken, bookings.sittings) = (TAKEN, &SITTINGS);
}

/// Tells the calendar year before the founding, from the first of January to the clearing of its last quarter.
///
/// # Errors
/// The first command that was denied, under its key; what came before it stays.
pub fn tell(
    registry: &Registry,
    time: &StoryClock,
    progress: &mut dyn FnMut(&str, usize, usize),
) -> Result<Summary, String> {
    let mut f = Founding::new(registry, time, 1, progress)?;
    let first = Day::new(f.founded.day().year() - 1, 1, 1).ok_or("no year before")?;
    let start = first.days_until(f.founded.day());
    // People and houses are older than the year.
    f.stand(start + 2);
    let (texts, office) = (texts::needs()?, texts::office()?);
    let town = Town::build(&mut f, &texts)?;
    f.wait(start)?;
    let laboratories = offers::laboratories(&mut f, &town)?;
    let instruments = offers::instruments(&mut f, &town, &laboratories)?;
    let lead = laboratories.first().ok_or("no laboratory")?.lead;
    let mut bookings = bookings::open(&mut f, &town, &instruments, &lead)?;
    let funds = money::funds(&mut f, &town)?;
    let settling = redeeming::settling(&mut f, &town)?;
    let market = Market::open(&mut f, &town, &bookings.kept, &funds, EACH)?;
    let orders = market.orders(&mut f, 1..=ORDERS)?;
    one_of_each(&mut bookings);
    let mut teller = Teller {
        f: &mut f,
        town: &town,
        market: &market,
        settling: &settling,
        batches: vec![],
        open: vec![],
        runs: 0,
    };
    teller.year(first, &mut bookings, &orders)?;
    let runs = teller.runs;
    f.arrive();
    let told: Vec<_> = office.role.into_iter().filter(|role| ROLES.contains(&role.who.as_str())).collect();
    let cast = roles::Cast {
        provider: &lead,
        expert: None,
        owner: None,
        voter: None,
        applicant: None,
        facility: [None; 3],
    };
    let roles = roles::keep(registry, &town, &cast, &told)?;
    let (asked, repeated) = f.counts();
    Ok(Summary {
        organisations: town.signers(),
        persons: town.signers() + town.officers.len() + town.others,
        laboratories: laboratories.len(),
        instruments: instruments.len(),
        vouchers: market.vouchers,
        bookings: bookings.count,
        voucher_orders: orders.len(),
        clearing_runs: runs,
        roles,
        asked,
        repeated,
        ..Summary::default()
    })
}
