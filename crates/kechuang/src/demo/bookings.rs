//! Bookings: some instruments with terms of use, and the weeks in which firms come, begin with the code, stop, are
//! billed and pay. The last days before the founding, hour by hour; then what lies ahead.

use std::collections::BTreeMap;

use grammar::{
    form::Dice,
    kinds::{Id, Moment},
};
use registry::{Ask, Asker};
use serde_json::{Value, json};

use super::{
    asks::{Founding, at, invented},
    extras,
    houses::{House, Town},
    names::dice,
    offers::Instrument,
    people::PROVINCES,
};

mod agreements;
mod bundles;
mod charges;
mod kept;
mod lines;
mod reports;
mod running;
mod samples;

pub use kept::Kept;

/// Days before the founding on which the first sitting is.
pub const FIRST: i32 = 21;
/// Instruments of one province that can be booked.
const OF_PROVINCE: usize = 4;
/// Sittings of a working day: from which minute, how many minutes.
const SITTINGS: [(i64, i64); 3] = [(540, 150), (780, 120), (930, 120)];
/// Of a hundred sittings, how many are taken; in the days ahead fewer.
const TAKEN: usize = 26;
const AHEAD: usize = 20;
/// How many days ahead.
const DAYS_AHEAD: i32 = 12;
/// Firms among whom bookers are drawn.
const BOOKERS: usize = 24;
const EIGHT: i64 = 8 * 60;
const EVENING: i64 = 18 * 60;

/// A booking that has been asked for.
struct Booked {
    key: String,
    id: Id,
    kept: Kept,
    from: i64,
    minutes: i64,
    is_inside: bool,
    buyer: House,
}

impl Booked {
    fn ask(&self, verb: &str, by: Asker, command: Value) -> Ask {
        invented(format!("{}/{verb}", self.key), by, "booking", Some(self.id), command)
    }
}

/// The instruments that can be booked, and those who may.
pub struct Bookings {
    pub kept: Vec<Kept>,
    pub bookers: Vec<House>,
    permits: BTreeMap<(Id, Id), Id>,
    /// Accreditations by unit, and how many test reports there are.
    accredited: BTreeMap<Id, Id>,
    reports: usize,
    running: Vec<Booked>,
    pub count: usize,
    /// Of a hundred sittings of a day, how many are taken.
    pub taken: usize,
    pub sittings: &'static [(i64, i64)],
}

/// Some open instruments of each province, those of `first` before others.
fn chosen(instruments: &[Instrument], first: &House) -> Vec<Kept> {
    let mut chosen: Vec<Instrument> = Vec::new();
    for province in PROVINCES {
        let here = instruments.iter().filter(|i| i.is_open && i.keeper.spot.province() == province);
        let (own, others): (Vec<&Instrument>, Vec<&Instrument>) =
            here.partition(|instrument| instrument.keeper.id == first.id);
        chosen.extend(own.into_iter().chain(others).take(OF_PROVINCE));
    }
    // Whoever takes the role of a keeper finds someone at an instrument.
    let first_own = chosen.iter().find(|instrument| instrument.keeper.id == first.id).map(|own| own.id);
    let is_first = |instrument: &Instrument| Some(instrument.id) == first_own;
    let kept = |(instrument, n): (Instrument, usize)| Kept {
        n,
        id: instrument.id,
        keeper: instrument.keeper,
        hour: instrument.hour,
        by_quote: n % 6 == 4 && n % 7 != 1 && !is_first(&instrument),
        needs_permit: n % 5 == 3 && n % 7 != 1 && !is_first(&instrument),
        is_always_open: n % 7 == 1 || is_first(&instrument),
    };
    chosen.into_iter().zip(1..).map(kept).collect()
}

/// Sets the terms of use, the codes, and who has been trained.
///
/// # Errors
/// The first ask that was denied.
pub fn open(
    f: &mut Founding,
    town: &Town,
    instruments: &[Instrument],
    first: &House,
) -> Result<Bookings, String> {
    // Those of the region at scale 1, so that a larger one books the same.
    let of_first = instruments.get(..instruments.len() / f.scale).unwrap_or(instruments);
    let kept = chosen(of_first, first);
    let mut asks = Vec::new();
    for each in &kept {
        let key = |verb: &str| format!("sharing/{}/{verb}", each.n);
        let ask = |verb: &str, command: Value| {
            invented(key(verb), each.keeper.by(), "instrument", Some(each.id), command)
        };
        asks.push(ask("using", json!({ "verb": "set-using", "using": each.using() })));
        asks.push(ask("door", json!({ "verb": "set-door", "door": each.door() })));
    }
    f.ask_all("sharing", asks)?;
    let bookers: Vec<House> = town.firms.iter().take(BOOKERS).copied().collect();
    let (mut asks, mut places) = (Vec::new(), Vec::new());
    for each in kept.iter().filter(|each| each.needs_permit) {
        for (booker, n) in bookers.iter().zip(1..).filter(|(_, n)| (n + each.n) % 4 == 1) {
            let until = f.founded.day().plus_days(if n % 8 == 1 { 12 } else { 200 });
            let command = json!({
                "verb": "grant", "instrument": each.id, "person": booker.signer, "trained": f.today, "until": until,
            });
            let key = format!("permit/{}/{n}", each.n);
            asks.push(invented(key, each.keeper.by(), "permit", None, command));
            places.push((each.id, booker.id));
        }
    }
    let ids = f.ask_all("sharing", asks)?;
    let permits = places.into_iter().zip(ids).collect();
    let accredited = reports::accredit(f, town, &kept)?;
    let (running, sittings) = (vec![], &SITTINGS);
    Ok(Bookings { kept, bookers, permits, accredited, reports: 0, running, count: 0, taken: TAKEN, sittings })
}

/// What people do at instruments.
const WORK: [&str; 6] = [
    "样品形貌与成分分析 / morphology and composition of samples",
    "薄膜厚度与应力测量 / thickness and stress of films",
    "失效点定位 / locating a failure",
    "批次一致性比对 / comparing batches",
    "工艺参数摸底试验 / trial of process parameters",
    "材料热稳定性测试 / thermal stability of a material",
];

impl Bookings {
    /// Whether anyone may come on a day of the story: not at weekends.
    fn is_working(f: &Founding, days_before: i32) -> bool {
        let day = f.founded.day().plus_days(-days_before);
        let monday = grammar::kinds::Day::new(1970, 1, 5).unwrap_or(day);
        monday.days_until(day).rem_euclid(7) < 5
    }

    /// Who books the instrument; none when nobody who drew the lot may.
    fn booker(&self, kept: &Kept, dice: &mut Dice) -> Option<(House, bool)> {
        if !kept.needs_permit && dice.once_in(5) {
            return Some((kept.keeper, true));
        }
        let may = |house: &&House| !kept.needs_permit || self.permits.contains_key(&(kept.id, house.id));
        let pool: Vec<&House> = self.bookers.iter().filter(may).collect();
        // The first firm is whom a visitor becomes: it books more often.
        let first = pool.first().filter(|_| dice.once_in(5));
        first.copied().or_else(|| dice.one_of(&pool).copied()).map(|house| (*house, false))
    }

    fn request(
        &self,
        kept: &Kept,
        from: Moment,
        minutes: i64,
        (house, is_inside): (House, bool),
        dice: &mut Dice,
    ) -> Value {
        let purpose = match dice.below(12) {
            0 => "teaching",
            1 => "mass-inspection",
            _ => "research",
        };
        json!({
            "verb": "request", "instrument": kept.id, "buyer": house.id, "from": from, "minutes": minutes,
            "every": null, "basis": "by-hour", "samples": null, "project": null,
            "purpose": if is_inside { "research" } else { purpose },
            "detail": format!("{}（示例数据）", dice.one_of(&WORK).copied().unwrap_or("")),
            "permit": self.permits.get(&(kept.id, house.id)), "instead_of": null, "no_secrets": true,
        })
    }

    /// Asks for the sittings of one day; of a hundred, `taken` are.
    fn ask_for(
        &mut self,
        f: &mut Founding,
        days_before: i32,
        taken: usize,
        is_wanted: impl Fn(&Kept) -> bool,
    ) -> Result<Vec<Booked>, String> {
        let day = f.founded.day().plus_days(-days_before);
        let (mut asks, mut booked) = (Vec::new(), Vec::new());
        for kept in self.kept.iter().filter(|kept| is_wanted(kept)) {
            for (from, minutes) in self.sittings.iter().copied() {
                let key = format!("booking/{}/{days_before}/{from}", kept.n);
                let mut dice = dice(&key, 0);
                if dice.below(100) >= taken {
                    continue;
                }
                let Some((buyer, is_inside)) = self.booker(kept, &mut dice) else { continue };
                // Too near to when the region is founded, or over by then.
                if days_before <= 0 && at(day, from) <= f.founded.plus_millis(3_600_000) {
                    continue;
                }
                let command = self.request(kept, at(day, from), minutes, (buyer, is_inside), &mut dice);
                asks.push(invented(key.clone(), buyer.by(), "booking", None, command));
                booked.push(Booked { key, id: kept.id, kept: *kept, from, minutes, is_inside, buyer });
            }
        }
        let ids = f.ask_all("bookings", asks)?;
        booked.iter_mut().zip(ids).for_each(|(booked, id)| booked.id = id);
        self.count += booked.len();
        Ok(booked)
    }

    /// One day of the story at all instruments, from the morning until the bills.
    ///
    /// # Errors
    /// The first ask that was denied.
    pub fn day(&mut self, f: &mut Founding, days_before: i32) -> Result<(), String> {
        if !Self::is_working(f, days_before) {
            return Ok(());
        }
        f.stand_at(days_before, EIGHT);
        let booked = self.ask_for(f, days_before, self.taken, |_| true)?;
        self.agree(f, &booked)?;
        // One in thirty stays away.
        let come: Vec<&Booked> = booked.iter().filter(|each| !dice(&each.key, 1).once_in(30)).collect();
        for (from, minutes) in self.sittings.iter().copied() {
            let now: Vec<&&Booked> = come.iter().filter(|each| each.from == from).collect();
            f.stand_at(days_before, from);
            let start = |each: &&&Booked| {
                let command =
                    json!({ "verb": "start", "instrument": each.kept.id, "code": each.kept.door() });
                each.ask("start", each.buyer.by(), command)
            };
            f.ask_all("bookings", now.iter().map(start).collect())?;
            f.stand_at(days_before, from + minutes);
            let stop = |each: &&&Booked| each.ask("stop", each.buyer.by(), json!({ "verb": "stop" }));
            f.ask_all("bookings", now.iter().map(stop).collect())?;
        }
        f.wait_until(days_before, EVENING)?;
        self.bill(f, days_before, &come)
    }

    /// What is booked by quote: the keeper says a price, the firm agrees, and it is scheduled.
    fn agree(&self, f: &mut Founding, booked: &[Booked]) -> Result<(), String> {
        let mut asks = Vec::new();
        for each in booked.iter().filter(|each| each.kept.by_quote) {
            let (keeper, buyer) = (each.kept.keeper.by(), each.buyer.by());
            let price = each.kept.price(each.minutes, each.is_inside);
            asks.push(each.ask("quote", keeper, json!({ "verb": "quote", "price": price, "note": null })));
            asks.push(each.ask("accept", buyer, json!({ "verb": "accept", "contract": null })));
            asks.push(each.ask("schedule", keeper, json!({ "verb": "schedule", "operator": null })));
        }
        f.ask_all("bookings", asks).map(drop)
    }

    /// The keeper reports, the bill is paid; in the last days some wait for either.
    fn bill(&mut self, f: &mut Founding, days_before: i32, come: &[&Booked]) -> Result<(), String> {
        let (mut asks, mut reported) = (Vec::new(), Vec::new());
        for (each, n) in come.iter().zip(0_usize..) {
            let keeper = each.kept.keeper.by();
            if days_before <= 3 && n % 4 == 0 {
                continue;
            }
            let report = json!({
                "verb": "report", "summary": "按预约完成测试，数据已交付（示例数据） / done as booked, data handed over (demo)",
                "files": [], "samples_done": 1 + n % 5, "price": null,
            });
            asks.push(each.ask("report", keeper, report));
            let is_paid = days_before > 6 || n % 3 != 0;
            reported.push((*each, is_paid));
            if !is_paid {
                continue;
            }
            let means = if each.is_inside { "internal-transfer" } else { "transfer" };
            let amount = each.kept.price(each.minutes, each.is_inside);
            asks.push(each.ask(
                "pay",
                keeper,
                json!({ "verb": "pay", "amount": amount, "means": means, "reference": null }),
            ));
            if n % 3 == 1 {
                let rate = json!({ "verb": "rate", "stars": 4 + n % 2, "comment": null });
                asks.push(each.ask("rate", each.buyer.by(), rate));
                if n % 2 == 1 {
                    let text = "感谢使用，欢迎再来（示例数据） / thank you, come again (demo)";
                    let answer = json!({ "verb": "answer-rating", "text": text });
                    asks.push(each.ask("answer-rating", keeper, answer));
                }
            }
        }
        f.ask_all("bookings", asks)?;
        self.reports = reports::issue(f, &self.accredited, days_before, &reported, self.reports)?;
        charges::look_at(f, days_before, &reported)
    }

    /// What lies ahead: bookings, one who waits, maintenance.
    ///
    /// # Errors
    /// The first ask that was denied.
    pub fn ahead(&mut self, f: &mut Founding) -> Result<(), String> {
        self.closures(f)?;
        agreements::set(f, self)?;
        let (mut is_shared, mut sent) = (false, 0);
        for ahead in 0..=DAYS_AHEAD {
            if !Self::is_working(f, -ahead) {
                continue;
            }
            let lined = lines::queued(&self.kept).map(|kept| kept.id);
            let booked = self.ask_for(f, -ahead, AHEAD, |kept| match ahead {
                _ if Some(kept.id) == lined => false,
                0 => !kept.is_always_open,
                3 => kept.n % 5 != 2,
                _ => true,
            })?;
            if ahead >= 2 && !is_shared && !booked.is_empty() {
                agreements::share(f, self, &booked)?;
                is_shared = true;
            }
            sent += samples::come(f, self, &booked, sent)?;
            // Of those by quote a part waits for the keeper, a part for the firm.
            let agreed: Vec<Booked> =
                booked.into_iter().filter(|each| dice(&each.key, 2).once_in(3)).collect();
            self.agree(f, &agreed)?;
        }
        bundles::book(f, self)
    }

    /// Some instruments are closed for a day.
    fn closures(&self, f: &mut Founding) -> Result<(), String> {
        let day = f.founded.day().plus_days(3);
        let close = |kept: &Kept| {
            let times = json!({ "from": at(day, 510), "until": at(day, EVENING) });
            let command = json!({ "verb": "close", "times": times, "why": "maintenance" });
            let key = format!("sharing/{}/close", kept.n);
            invented(key, kept.keeper.by(), "instrument", Some(kept.id), command)
        };
        f.ask_all("sharing", self.kept.iter().filter(|kept| kept.n % 5 == 2).map(close).collect()).map(drop)
    }
}
