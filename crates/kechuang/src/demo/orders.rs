//! Orders: providers recognised in their provinces, firms that may have vouchers, and what they order for them, from the
//! question for a price to the confirmed delivery.

use std::collections::BTreeMap;

use grammar::kinds::{Day, Id};
use registry::{Ask, Asker};
use serde_json::{Value, json};

use super::{
    asks::{Founding, invented},
    bookings::Kept,
    houses::{House, Town},
    names::dice,
    people::PROVINCES,
    texts::both,
};

/// Providers of one province.
const OF_PROVINCE: usize = 2;
/// Vouchers that a firm gets in its first round.
pub const VOUCHERS: usize = 2;
/// The first firms get one more.
const MORE: usize = 24;
/// Yuan on a voucher, for each of the three.
const FACES: [usize; 4] = [100_000, 70_000, 60_000, 50_000];

/// A recognised provider with its account.
#[derive(Clone, Copy)]
pub struct Seller {
    pub house: House,
    pub listing: Id,
    pub till: Id,
    pub hour: i64,
}

/// A firm's vouchers of a year.
struct Holder {
    house: House,
    vouchers: Vec<Id>,
}

/// An order on its way.
#[derive(Clone, Copy)]
pub struct Order {
    pub n: usize,
    pub id: Id,
    pub buyer: House,
    pub seller: Seller,
    /// Yuan.
    pub contract: usize,
}

impl Order {
    pub fn ask(&self, verb: &str, by: Asker, command: Value) -> Ask {
        invented(format!("order/{}/{verb}", self.n), by, "voucher-order", Some(self.id), command)
    }
}

/// Who sells, who has vouchers, and what papers stand for.
pub struct Market {
    pub sellers: Vec<Seller>,
    holders: Vec<Holder>,
    year: i16,
    report: String,
    paper: String,
    pub vouchers: usize,
}

fn yuan(amount: usize) -> String {
    format!("{amount}.00")
}

fn treasurer(town: &Town) -> Result<Asker, String> {
    town.officers.by("treasurer-1")
}

/// A file that stands for a paper.
fn file(f: &Founding, name: &str, text: &str) -> Result<String, String> {
    let hash = f.registry().put_file(text.as_bytes()).map_err(|fault| format!("{name}: {fault:?}"))?;
    Ok(format!("{hash}:{name}"))
}

/// Two officers recognise each.
pub fn recognised(f: &mut Founding, town: &Town, listings: &[Id]) -> Result<(), String> {
    let (first, second) = (town.officers.by("voucher-1")?, town.officers.by("voucher-2")?);
    let recognise = |(id, n): (&Id, usize)| {
        let command =
            json!({ "verb": "recognise", "remark": "材料齐全（示例数据） / papers complete (demo)" });
        invented(format!("provider/{n}/recognise"), first, "provider", Some(*id), command)
    };
    f.ask_two("providers", listings.iter().zip(1_usize..).map(recognise).collect(), second)
}

/// Who keeps bookable instruments becomes a provider: two of each province, the first of all among them.
fn sellers(f: &mut Founding, town: &Town, kept: &[Kept]) -> Result<Vec<Seller>, String> {
    let mut houses: Vec<(House, Id, i64)> = Vec::new();
    for province in PROVINCES {
        let mut seen = std::collections::BTreeSet::new();
        let here = kept.iter().filter(|kept| kept.keeper.spot.province() == province);
        let each = here.filter(|kept| seen.insert(kept.keeper.id)).take(OF_PROVINCE);
        houses.extend(each.map(|kept| (kept.keeper, kept.id, kept.hour)));
    }
    let key = |n: usize, verb: &str| format!("provider/{n}/{verb}");
    let apply = |((house, ..), n): (&(House, Id, i64), usize)| {
        let command = json!({
            "verb": "apply", "organisation": house.id, "serving_since": 2012,
            "staff": "示例技术人员 12 名（示例数据） / twelve sample technicians (demo)", "evidence": [], "no_dishonesty": true,
        });
        invented(key(n, "apply"), house.by(), "provider", None, command)
    };
    let listings = f.ask_all("providers", houses.iter().zip(1..).map(apply).collect())?;
    recognised(f, town, &listings)?;
    let by = treasurer(town)?;
    let open = |((house, ..), n): (&(House, Id, i64), usize)| {
        let command = json!({
            "verb": "open", "title": both("示例创新券收入账户", "sample account for voucher income"),
            "owner": house.id, "purpose": "fund", "region": house.region(),
        });
        invented(format!("account/provider/{n}"), by, "account", None, command)
    };
    let tills = f.ask_all("providers", houses.iter().zip(1..).map(open).collect())?;
    let mut asks = Vec::new();
    for ((((house, instrument, hour), listing), till), n) in houses.iter().zip(&listings).zip(&tills).zip(1..)
    {
        let ask =
            |verb: &str, command| invented(key(n, verb), house.by(), "provider", Some(*listing), command);
        asks.push(ask("account", json!({ "verb": "set-account", "account": till })));
        let services = [
            (
                "testing-and-analysis",
                ["大型仪器测试分析", "Testing with large instruments"],
                *hour,
                Some(instrument),
            ),
            ("research-and-development", ["工艺开发服务", "Process development"], hour * 3, None),
            ("training", ["上机操作培训", "Training at the instrument"], hour * 2, None),
        ];
        for (category, [zh, en], price, instrument) in services {
            let command = json!({
                "verb": "add-service", "category": category, "title": both(zh, en), "per": "小时 / hour",
                "price": format!("{price}.00"), "instrument": instrument, "ceiling": null,
            });
            asks.push(ask(category, command));
        }
    }
    f.ask_all("providers", asks)?;
    let seller = |(((house, _, hour), listing), till): (((House, Id, i64), Id), Id)| Seller {
        house,
        listing,
        till,
        hour,
    };
    Ok(houses.into_iter().zip(listings).zip(tills).map(seller).collect())
}

/// Firms apply, are decided on at once, and get their vouchers. The last two are too large.
fn holders(
    f: &mut Founding,
    town: &Town,
    funds: &BTreeMap<u32, Id>,
    each: usize,
) -> Result<Vec<Holder>, String> {
    let year = f.today.year();
    let small = super::houses::FIRMS - 2;
    let apply = |(firm, n): (&House, usize)| {
        let mut dice = dice("eligible", n);
        let staff = if n > small { 900 } else { 20 + dice.below(200) };
        let facts = json!({
            "staff": staff, "sales": yuan(100_000 * (30 + dice.below(900))), "assets": yuan(100_000 * (20 + dice.below(900))),
            "nothing_banned": true, "score": 62 + dice.below(35), "staff_score": 8 + dice.below(12),
            "direct_route": null, "registration": format!("示例入库编号 {year}-{n:04}"),
        });
        let command = json!({
            "verb": "apply-as-firm", "holder": firm.id, "region": format!("{:06}", firm.spot.province()), "facts": facts,
        });
        invented(format!("eligibility/{year}/{n}"), firm.by(), "eligibility", None, command)
    };
    let firms: Vec<House> = town.firms.iter().take(super::houses::FIRMS).copied().collect();
    let ids = f.ask_all("vouchers", firms.iter().zip(1..).map(apply).collect())?;
    let by = town.officers.by("voucher-1")?;
    let (mut asks, mut whose) = (Vec::new(), Vec::new());
    for ((firm, id), n) in firms.iter().zip(&ids).zip(1..).filter(|(_, n)| *n <= small) {
        let fund = funds.get(&firm.spot.province()).ok_or("no fund")?;
        let more = usize::from(n <= MORE && each == VOUCHERS);
        for (face, place) in FACES.iter().zip(1..).take(each + more) {
            let command = json!({ "verb": "issue", "fund": fund, "face": yuan(*face) });
            let key = format!("eligibility/{year}/{n}/issue/{place}");
            asks.push(invented(key, by, "eligibility", Some(*id), command));
            whose.push((n - 1, *id, place));
        }
    }
    f.ask_all("vouchers", asks)?;
    let mut holders: Vec<Holder> =
        firms.into_iter().take(small).map(|house| Holder { house, vouchers: vec![] }).collect();
    for (holder, id) in holders.iter_mut().zip(ids) {
        let record = f.record(holder.house.signer, id)?;
        let vouchers = record.state.get("vouchers").and_then(Value::as_array).into_iter().flatten();
        holder.vouchers = vouchers.filter_map(|id| id.as_str()?.parse().ok()).collect();
    }
    Ok(holders)
}

/// What firms order, by the provider's list.
const PROJECTS: [&str; 6] = [
    "新型涂层材料性能测试 / performance of a new coating",
    "传感器封装可靠性分析 / reliability of a sensor package",
    "电池电解液成分分析 / composition of a battery electrolyte",
    "精密零件形貌检测 / shape of precision parts",
    "薄膜工艺窗口摸底 / process window of a thin film",
    "生物材料降解试验 / degradation of a biomaterial",
];

impl Market {
    /// Opens the market: providers, and the firms' vouchers of the year, so many for each.
    ///
    /// # Errors
    /// The first ask that was denied.
    pub fn open(
        f: &mut Founding,
        town: &Town,
        kept: &[Kept],
        funds: &BTreeMap<u32, Id>,
        each: usize,
    ) -> Result<Self, String> {
        let report =
            file(f, "示例检测报告.txt", "示例检测报告（示例数据，无真实内容）\nSample test report (demo)\n")?;
        let paper =
            file(f, "示例付款凭证.txt", "示例付款凭证与发票（示例数据）\nSample proof of payment (demo)\n")?;
        let sellers = sellers(f, town, kept)?;
        let holders = holders(f, town, funds, each)?;
        let vouchers = holders.iter().map(|holder| holder.vouchers.len()).sum();
        Ok(Self { sellers, holders, year: f.today.year(), report, paper, vouchers })
    }

    /// A new year has new vouchers.
    ///
    /// # Errors
    /// The first ask that was denied.
    pub fn renew(&mut self, f: &mut Founding, town: &Town, funds: &BTreeMap<u32, Id>) -> Result<(), String> {
        if f.today.year() == self.year {
            return Ok(());
        }
        self.year = f.today.year();
        self.holders = holders(f, town, funds, 1)?;
        self.vouchers += self.holders.iter().map(|holder| holder.vouchers.len()).sum::<usize>();
        Ok(())
    }

    /// Firms ask for a price: orders `numbers`, a firm after another.
    ///
    /// # Errors
    /// The first ask that was denied.
    pub fn orders(
        &self,
        f: &mut Founding,
        numbers: std::ops::RangeInclusive<usize>,
    ) -> Result<Vec<Order>, String> {
        let (mut asks, mut orders) = (Vec::new(), Vec::new());
        // Whoever takes the role of the firm finds orders at several steps.
        let is_second = *numbers.start() > 1;
        for n in numbers {
            let mut dice = dice("order", n);
            let place = if is_second && n % 6 == 3 { 0 } else { (n - 1) % self.holders.len().max(1) };
            let holder = self.holders.get(place).ok_or("no holder")?;
            let own = |seller: &&Seller| seller.house.spot.province() == holder.house.spot.province();
            let (near, far): (Vec<&Seller>, Vec<&Seller>) = self.sellers.iter().partition(own);
            let pool = if dice.once_in(4) && !near.is_empty() { &near } else { &far };
            let seller = **dice.one_of(pool).ok_or("no seller")?;
            let hours = 10 + 10 * dice.below(8);
            let contract = usize::try_from(seller.hour).unwrap_or(100) * hours;
            let command = json!({
                "verb": "ask", "buyer": holder.house.id, "provider": seller.listing, "item": 1, "quantity": hours,
                "project": dice.one_of(&PROJECTS).copied().unwrap_or("示例项目"),
                "detail": "示例需求说明（示例数据） / what is needed (demo)", "no_secrets": true,
            });
            asks.push(invented(format!("order/{n}/ask"), holder.house.by(), "voucher-order", None, command));
            orders.push(Order { n, id: seller.listing, buyer: holder.house, seller, contract });
        }
        let ids = f.ask_all("orders", asks)?;
        orders.iter_mut().zip(ids).for_each(|(order, id)| order.id = id);
        Ok(orders)
    }

    fn voucher(&self, order: &Order, which: usize) -> Option<Id> {
        let holder = self.holders.iter().find(|holder| holder.house.id == order.buyer.id)?;
        holder.vouchers.get(which).or(holder.vouchers.first()).copied()
    }

    /// The provider says a price.
    pub fn quote(&self, f: &mut Founding, orders: &[Order]) -> Result<(), String> {
        let until: Day = f.today.plus_days(30);
        let quote = |order: &Order| {
            let command = json!({
                "verb": "quote", "price": yuan(order.contract), "until": until,
                "text": "按清单价，含报告（示例数据） / list price, report included (demo)",
            });
            order.ask("quote", order.seller.house.by(), command)
        };
        f.ask_all("orders", orders.iter().map(quote).collect()).map(drop)
    }

    /// The firm signs, and its voucher's money is locked.
    pub fn place(&self, f: &mut Founding, orders: &[Order], which: usize) -> Result<(), String> {
        let today = f.today;
        let place = |order: &Order| {
            let command = json!({
                "verb": "place", "voucher": self.voucher(order, which), "number": format!("DEMO-C-{:05}", order.n),
                "signed": today, "contract": yuan(order.contract), "paper": null, "booking": null,
                "purpose": "research-and-development", "related": false, "subsidised": order.n % 31 == 7,
                "wanted": null,
            });
            order.ask("place", order.buyer.by(), command)
        };
        f.ask_all("orders", orders.iter().map(place).collect()).map(drop)
    }

    /// The provider accepts.
    pub fn accept(&self, f: &mut Founding, orders: &[Order]) -> Result<(), String> {
        let accept = |order: &Order| {
            order.ask("accept", order.seller.house.by(), json!({ "verb": "accept", "related": false }))
        };
        f.ask_all("orders", orders.iter().map(accept).collect()).map(drop)
    }

    /// The centre allots, where nothing is in doubt.
    pub fn allot(&self, f: &mut Founding, town: &Town, orders: &[Order]) -> Result<(), String> {
        let (first, second) = (town.officers.by("voucher-1")?, town.officers.by("voucher-2")?);
        let (doubted, clear): (Vec<&Order>, Vec<&Order>) = orders.iter().partition(|order| order.n % 31 == 7);
        let allot = |order: &&Order| order.ask("allot", first, json!({ "verb": "allot" }));
        f.ask_all("orders", clear.iter().map(allot).collect())?;
        let despite = |order: &&Order| {
            let reason = "其他资金用于不同任务（示例数据） / the other money is for another task (demo)";
            order.ask("allot", first, json!({ "verb": "allot-despite", "reason": reason }))
        };
        f.ask_two("orders", doubted.iter().map(despite).collect(), second)
    }

    /// The provider delivers its report.
    pub fn deliver(&self, f: &mut Founding, orders: &[Order]) -> Result<(), String> {
        let deliver = |order: &Order| {
            let command = json!({
                "verb": "deliver", "report": [self.report], "note": "报告已交付（示例数据） / report handed over (demo)",
            });
            order.ask("deliver", order.seller.house.by(), command)
        };
        f.ask_all("orders", orders.iter().map(deliver).collect()).map(drop)
    }

    /// The firm has paid its own half, and says how content it is.
    pub fn confirm(&self, f: &mut Founding, orders: &[Order]) -> Result<(), String> {
        let confirm = |order: &Order| {
            let command = json!({
                "verb": "confirm", "own_paid": yuan(order.contract / 2), "proof": self.paper, "invoice": self.paper,
                "stars": 3 + order.n % 3,
            });
            order.ask("confirm", order.buyer.by(), command)
        };
        f.ask_all("orders", orders.iter().map(confirm).collect()).map(drop)
    }
}
