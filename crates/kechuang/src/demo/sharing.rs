//! Sharing: instruments that are booked, and the vouchers that pay for services, day by day through the last hundred
//! days before the founding.
//!
//! Vouchers are issued and spent within one day and delivered within a few, so that no turn of a year falls between; they
//! are paid on the first day of a quarter, which lies somewhere in these days whenever the region is founded.

use std::{collections::BTreeMap, rc::Rc};

use grammar::kinds::{Day, Id};

use super::{
    asks::Founding,
    bookings::{self, Bookings},
    extras,
    facility::Facility,
    houses::Town,
    offers::{self, Instrument, Laboratory},
    orders::{self, Market, Order},
    redeeming::{self, Batch, Run},
    training, visits,
};

/// Days before the founding: orders are placed, delivered, confirmed, claimed, looked into.
const PLACED: i32 = 103;
const DELIVERED: i32 = 98;
const CONFIRMED: i32 = 96;
const CLAIMED: i32 = 95;
const SAMPLED: i32 = 94;
/// The notice of a batch has run by then, holidays between.
const EARLIEST_PAID: i32 = 76;
/// The second round: orders in every state by now.
const AGAIN: i32 = 26;
const DELIVERED_AGAIN: i32 = 19;
const CONFIRMED_AGAIN: i32 = 17;
const CLAIMED_AGAIN: i32 = 12;
/// Orders of the first round, and of the second.
const ORDERS: usize = 32;
const ORDERS_AGAIN: usize = 20;
/// Batches that are paid with the first; the others follow the day after, into the second run.
const FIRST_BATCHES: usize = 5;

/// What has come of it so far.
pub struct Sharing {
    town: Rc<Town>,
    pub laboratories: Vec<Laboratory>,
    pub instruments: Vec<Instrument>,
    pub funds: BTreeMap<u32, Id>,
    pub bookings: Bookings,
    /// Visits of which somebody comes in as the region is founded.
    pub visits: Vec<visits::Coming>,
    facility: Facility,
    pub market: Market,
    settling: BTreeMap<u32, Id>,
    first: Vec<Order>,
    second: Vec<Order>,
    batches: Vec<Batch>,
    paid: i32,
    disputed: Option<Id>,
    pub runs: usize,
    /// The day that has been told.
    told: i32,
}

/// How many days before the founding the quarter after `claimed` begins.
fn quarter(founded: Day, claimed: Day) -> i32 {
    let into = i32::from((claimed.month() - 1) % 3);
    let first = Day::new(claimed.year(), claimed.month(), 1).unwrap_or(claimed);
    first.plus_months(3 - into).days_until(founded)
}

impl Sharing {
    /// Instruments and laboratories are entered; the market for vouchers opens.
    ///
    /// # Errors
    /// The first ask that was denied.
    pub fn begin(f: &mut Founding, town: &Rc<Town>) -> Result<Self, String> {
        f.wait(PLACED)?;
        let laboratories = offers::laboratories(f, town)?;
        let instruments = offers::instruments(f, town, &laboratories)?;
        let lead = laboratories.first().ok_or("no laboratory")?.lead;
        let bookings = bookings::open(f, town, &instruments, &lead)?;
        extras::set(f, &bookings.kept)?;
        let facility = Facility::open(f, town, &bookings.kept)?;
        let funds = super::money::funds(f, town)?;
        super::old_books::bring_in(f, town)?;
        let settling = redeeming::settling(f, town)?;
        let market = Market::open(f, town, &bookings.kept, &funds, orders::VOUCHERS)?;
        let first = market.orders(f, 1..=ORDERS)?;
        market.quote(f, &first)?;
        market.place(f, &first, 0)?;
        market.accept(f, &first)?;
        market.allot(f, town, &first)?;
        let claimed = f.founded.day().plus_days(-CLAIMED);
        let paid = quarter(f.founded.day(), claimed).min(EARLIEST_PAID);
        Ok(Self {
            town: Rc::clone(town),
            laboratories,
            instruments,
            funds,
            bookings,
            facility,
            market,
            settling,
            first,
            second: vec![],
            batches: vec![],
            paid,
            disputed: None,
            visits: vec![],
            runs: 0,
            told: PLACED,
        })
    }

    /// Who plays in the facility's round.
    pub fn people(&self) -> [Option<grammar::kinds::Id>; 3] {
        self.facility.people()
    }

    /// Tells every day until `until` days before the founding, that day not included.
    ///
    /// # Errors
    /// The first ask that was denied.
    pub fn until(&mut self, f: &mut Founding, until: i32) -> Result<(), String> {
        while self.told - 1 > until {
            self.told -= 1;
            let day = self.told;
            self.facility.day(f, day)?;
            self.vouchers(f, day)?;
            if day <= bookings::FIRST {
                self.bookings.day(f, day)?;
            }
            if day == training::ANNOUNCED {
                let lead = self.laboratories.first().ok_or("no laboratory")?.lead;
                training::sessions(f, &self.bookings.kept, &lead, &self.bookings.bookers)?;
            }
        }
        Ok(())
    }

    /// The last evening before the founding: what lies ahead.
    ///
    /// # Errors
    /// The first ask that was denied.
    pub fn end(&mut self, f: &mut Founding) -> Result<(), String> {
        self.until(f, 0)?;
        f.wait_until(1, 1_140)?;
        self.bookings.ahead(f)?;
        self.visits = visits::announce(f, &self.laboratories, &self.town.firms)?;
        self.bookings.now(f)
    }

    /// The first instrument, as notices are about it.
    ///
    /// # Errors
    /// When there is none.
    pub fn first_instrument(&self) -> Result<offers::Offer, String> {
        let first = self.instruments.first().ok_or("no instrument")?;
        Ok(offers::Offer { id: first.id, region: first.keeper.spot.province() })
    }

    /// How many orders there are.
    pub fn orders(&self) -> usize {
        self.first.len() + self.second.len()
    }

    fn vouchers(&mut self, f: &mut Founding, day: i32) -> Result<(), String> {
        let market = &self.market;
        match day {
            DELIVERED => {
                f.wait(day)?;
                market.deliver(f, &self.first)?;
            }
            CONFIRMED => {
                f.wait(day)?;
                market.confirm(f, &self.first)?;
            }
            CLAIMED => {
                f.wait(day)?;
                self.batches = redeeming::claim(f, "first", &self.first)?;
            }
            SAMPLED => redeeming::sample(f, &self.town, &self.batches, (day, 540, 600))?,
            AGAIN => self.again(f)?,
            DELIVERED_AGAIN => {
                f.wait(day)?;
                market.deliver(f, self.second.get(..13).unwrap_or_default())?;
            }
            CONFIRMED_AGAIN => {
                f.wait(day)?;
                market.confirm(f, self.second.get(..10).unwrap_or_default())?;
            }
            CLAIMED_AGAIN => {
                f.wait(day)?;
                // The role of the provider has one that is open to more orders.
                redeeming::claim(f, "second", self.second.get(..6).unwrap_or_default())?;
            }
            _ => {}
        }
        self.clear(f, day)
    }

    /// Orders of which some go all the way to a claim, and one at least stands at every step before.
    fn again(&mut self, f: &mut Founding) -> Result<(), String> {
        f.wait(AGAIN)?;
        self.market.renew(f, &self.town, &self.funds)?;
        let market = &self.market;
        self.second = market.orders(f, ORDERS + 1..=ORDERS + ORDERS_AGAIN)?;
        let part = |to: usize| self.second.get(..to).unwrap_or_default();
        market.quote(f, part(19))?;
        market.place(f, part(18), 1)?;
        market.accept(f, part(17))?;
        market.allot(f, &self.town, part(15))
    }

    /// Batches are paid when the quarter begins, the regions clear the day after; the second run still waits for a
    /// signature, and a line of it is in dispute.
    fn clear(&mut self, f: &mut Founding, day: i32) -> Result<(), String> {
        let (early, late) = self.batches.split_at(FIRST_BATCHES.min(self.batches.len()));
        let of =
            |batches: &[Batch]| batches.iter().flat_map(|batch| batch.orders.clone()).collect::<Vec<_>>();
        let quarter_began = f.founded.day().plus_days(-self.paid);
        if day == self.paid {
            f.wait(day)?;
            redeeming::pay(f, &self.town, early, &self.settling)?;
            let period = (quarter_began.plus_days(-90), quarter_began);
            let run = Run::state(f, &self.town, &self.settling, "first", period, &of(early))?;
            let reason = "检测报告尚未收到（示例数据） / the report has not arrived (demo)";
            self.disputed = run.dispute(f, 2, reason)?;
            run.sign(f, None)?;
            run.settle(f)?;
            self.runs += 1;
        } else if day == self.paid - 1 && !late.is_empty() {
            f.wait(day)?;
            redeeming::pay(f, &self.town, late, &self.settling)?;
            let mut orders = of(late);
            orders.extend(self.first.iter().filter(|order| Some(order.id) == self.disputed));
            let period = (quarter_began.plus_days(1), f.founded.day());
            let run = Run::state(f, &self.town, &self.settling, "second", period, &orders)?;
            run.dispute(f, 1, "合同金额与订单不符（示例数据） / contract and order differ (demo)")?;
            run.sign(f, Some(340_000))?;
            self.runs += 1;
        }
        Ok(())
    }
}
