//! Two firms that buy from each other: the house finds it by itself, and a person decides.

use std::sync::{Arc, atomic::AtomicU64};

use grammar::kinds::Id;
use registry::{Registry, Settings};
use serde_json::json;
use tempfile::TempDir;

use super::{
    StoryClock,
    asks::{Founding, invented},
    houses::{House, Town},
    money,
    orders::{self, Market, Order, Seller},
    tests::Numbered,
    texts::{self, both},
    year::tests::Still,
};
use crate::watching::Watch;

/// Both firms are recognised as providers, each with one service.
fn sellers(f: &mut Founding, town: &Town, houses: &[House]) -> Result<Vec<Seller>, String> {
    let (mut sellers, treasurer) = (Vec::new(), town.officers.by("treasurer-1")?);
    for (house, n) in houses.iter().zip(1..) {
        let apply = json!({
            "verb": "apply", "organisation": house.id, "serving_since": 2012, "staff": "示例技术人员", "evidence": [],
            "no_dishonesty": true,
        });
        let open = json!({
            "verb": "open", "title": both("示例账户", "sample account"), "owner": house.id, "purpose": "fund",
            "region": house.region(),
        });
        let asks = vec![
            invented(format!("ring/{n}/apply"), house.by(), "provider", None, apply),
            invented(format!("ring/{n}/account"), treasurer, "account", None, open),
        ];
        let [listing, till] = f.ask_all("ring", asks)?.try_into().map_err(|_| "two records")?;
        sellers.push(Seller { house: *house, listing, till, hour: 100 });
    }
    let listings: Vec<Id> = sellers.iter().map(|seller| seller.listing).collect();
    orders::recognised(f, town, &listings)?;
    let service = |(seller, n): (&Seller, usize)| {
        let command = json!({
            "verb": "add-service", "category": "research-and-development", "title": both("工艺开发", "process development"),
            "per": "小时 / hour", "price": "100.00", "instrument": null, "ceiling": null,
        });
        invented(format!("ring/{n}/service"), seller.house.by(), "provider", Some(seller.listing), command)
    };
    f.ask_all("ring", sellers.iter().zip(1..).map(service).collect())?;
    Ok(sellers)
}

/// An order of one firm with another, until its voucher's money is locked.
fn order(f: &mut Founding, market: &Market, n: usize, buyer: House, seller: Seller) -> Result<Id, String> {
    let command = json!({
        "verb": "ask", "buyer": buyer.id, "provider": seller.listing, "item": 1, "quantity": 100,
        "project": "示例项目", "detail": null, "no_secrets": true,
    });
    let ask = invented(format!("ring/order/{n}"), buyer.by(), "voucher-order", None, command);
    let id = *f.ask_all("ring", vec![ask])?.first().ok_or("no order")?;
    let order = [Order { n, id, buyer, seller, contract: 10_000 }];
    market.quote(f, &order)?;
    market.place(f, &order, 0)?;
    Ok(id)
}

#[test]
fn the_house_finds_two_that_buy_from_each_other() {
    let folder = TempDir::new().unwrap();
    let time = Arc::new(StoryClock::begins(Arc::new(Still)));
    let chance = Arc::new(Numbered(AtomicU64::new(1)));
    let settings = Settings::new(folder.path(), "kechuang.example/ring");
    let registry = Registry::open(settings, &desks::DESKS, time.clone(), chance).unwrap();
    let mut nothing = |_: &str, _: usize, _: usize| {};
    let mut f = Founding::new(&registry, &time, 1, &mut nothing).unwrap();
    let town = Town::build(&mut f, &texts::needs().unwrap()).unwrap();
    f.wait(190).unwrap();
    let funds = money::funds(&mut f, &town).unwrap();
    let market = Market::open(&mut f, &town, &[], &funds, 1).unwrap();
    let firms: Vec<House> = town.firms.iter().take(3).copied().collect();
    let sellers = sellers(&mut f, &town, &firms).unwrap();
    let mut watch = Watch::default();
    let follow = |watch: &mut Watch| (0..200).map(|_| watch.turn(&registry).unwrap()).sum::<usize>();
    let there = order(&mut f, &market, 1, firms[0], sellers[1]).unwrap();
    let other = order(&mut f, &market, 2, firms[2], sellers[1]).unwrap();
    assert_eq!(follow(&mut watch), 0, "nothing goes round yet");
    let back = order(&mut f, &market, 3, firms[1], sellers[0]).unwrap();
    assert_eq!(follow(&mut watch), 2, "each of the two stands in the ring");
    let size = registry.size();
    // After a restart, and for one that has lost its place and looks at one order a turn, nothing is found twice.
    assert_eq!(follow(&mut Watch::default()), 0);
    registry.throw_away("watch", "rings").unwrap();
    assert_eq!(follow(&mut Watch::of_so_many(1)), 0);
    assert_eq!(registry.size(), size);
    let office = town.officers.id("voucher-1").unwrap();
    let doubts = |id| f.record(office, id).unwrap().state["doubts"].clone();
    assert_eq!(doubts(other), json!([]));
    assert_eq!([doubts(there), doubts(back)], [json!(["circular"]), json!(["circular"])]);
    a_person_decides(
        &mut f,
        &town,
        (&market, Order { n: 3, id: back, buyer: firms[1], seller: sellers[0], contract: 10_000 }),
    );
    assert_eq!(follow(&mut watch), 0, "what a person has decided is not asked about again");
}

/// Nothing is allotted while it is in doubt; two officers may say why it is none.
fn a_person_decides(f: &mut Founding, town: &Town, (market, order): (&Market, Order)) {
    market.accept(f, &[order]).unwrap();
    let (first, second) = (town.officers.by("voucher-1").unwrap(), town.officers.by("voucher-2").unwrap());
    let allot = |verb: &str, command| {
        invented(format!("ring/{verb}"), first, "voucher-order", Some(order.id), command)
    };
    let denied = f.ask_all("ring", vec![allot("allot", json!({ "verb": "allot" }))]).unwrap_err();
    assert!(denied.contains("in-doubt") && denied.contains("VC-R12"), "{denied}");
    let command = json!({ "verb": "allot-despite", "reason": "两项服务无关 / two services apart" });
    f.ask_two("ring", vec![allot("despite", command)], second).unwrap();
    let state = f.record(town.officers.id("voucher-1").unwrap(), order.id).unwrap().state;
    assert_eq!(state["status"], "allotted");
}
