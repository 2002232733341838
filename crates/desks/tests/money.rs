//! Money from a quota to settled regions, through all the desks it passes, to the fen.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test may stop"
)]

use desks::{DESKS, clearing};
use grammar::{
    case::Shelf,
    fuzz::World,
    kinds::{Id, Money, Region},
    viewer::Viewer,
};
use serde_json::{Value, json};

const SHANGHAI: u32 = 310_000;
const ZHEJIANG: u32 = 330_000;
const HOUR_MS: i64 = 3_600_000;

struct Town {
    world: World,
    accounts: Vec<Id>,
}

fn office(office: &str, region: u32) -> Viewer {
    let offices = vec![(office.to_owned(), Region::code(region))];
    Viewer { person: Some(Id::named("person-officer")), offices, ..Viewer::default() }
}

fn of(organisation: Id) -> Viewer {
    let person = organisation.as_str().replace("organisation", "person");
    let (organisations, signs_for) = (vec![organisation], vec![organisation]);
    Viewer { person: person.parse().ok(), organisations, signs_for, ..Viewer::default() }
}

impl Town {
    fn new() -> Self {
        Self { world: World::new(&DESKS, "2026-03-02".parse().ok().unwrap()), accounts: vec![] }
    }

    /// Asks, and holds that all money together is nothing before and after.
    fn ask(&mut self, desk: &str, record: impl Into<Option<Id>>, by: &Viewer, command: Value) -> Id {
        let told = self.world.ask(desk, record.into(), &command, by);
        let id = told.unwrap_or_else(|no| panic!("{desk} {command}: {no:?}"));
        let all: Money = self.accounts.iter().map(|account| self.balance(*account)).sum();
        let wallets: Money = self.wallet().map_or(Money::ZERO, |wallet| self.balance(wallet));
        assert_eq!(all + wallets, Money::ZERO, "after {desk} {command}");
        id
    }

    fn refused(&mut self, desk: &str, record: Id, by: &Viewer, command: Value) -> String {
        format!("{:?}", self.world.ask(desk, Some(record), &command, by).expect_err("a refusal"))
    }

    fn state(&self, id: Id) -> Value {
        self.world.stored(id).unwrap().standing.state.into_plain()
    }

    fn balance(&self, account: Id) -> Money {
        self.state(account)["balance"].as_str().unwrap().parse().ok().unwrap()
    }

    fn is(&self, account: Id, yuan: i64) {
        assert_eq!(self.balance(account), Money::yuan(yuan), "{}", self.state(account)["title"]);
    }

    fn wallet(&self) -> Option<Id> {
        let found = self.accounts.first()?.as_str().is_empty();
        (!found)
            .then(|| self.voucher())
            .flatten()
            .map(|voucher| self.state(voucher)["wallet"].as_str().unwrap().parse().ok().unwrap())
    }

    fn voucher(&self) -> Option<Id> {
        (1..40).find_map(|n| {
            let id: Id = format!("voucher-{n}x1").parse().ok()?;
            let other: Id = format!("voucher-{n}x2").parse().ok()?;
            [id, other].into_iter().find(|id| self.world.stored(*id).is_some())
        })
    }

    fn wait(&mut self, hours: i64) {
        self.world.now = self.world.now.plus_millis(hours * HOUR_MS);
    }

    fn organisation(&mut self, name: &str, kind: &str, region: u32) -> Id {
        let entry =
            json!({ "verb": "register", "name": { "zh": name }, "kind": kind, "region": region.to_string() });
        self.ask("organisation", None, &office("registrar", 0), entry)
    }

    fn account(&mut self, title: &str, owner: Id, purpose: &str, region: u32) -> Id {
        let open = json!({
            "verb": "open", "title": { "zh": title }, "owner": owner, "purpose": purpose, "region": region.to_string(),
        });
        let id = self.ask("account", None, &office("treasurer", 0), open);
        self.accounts.push(id);
        id
    }

    fn settle(&mut self, run: Id, signers: [Id; 2]) {
        let clearing_office = office("clearing-office", 0);
        self.ask("clearing", run, &clearing_office, json!({ "verb": "state" }));
        let early = json!({ "verb": "net", "positions": [], "payments": [], "groups": [] });
        assert!(self.refused("clearing", run, &clearing_office, early).contains("not-all-signed"));
        for side in signers {
            let sign = json!({ "verb": "sign", "first": "310000", "second": "330000" });
            self.ask("clearing", run, &of(side), sign);
        }
        let record: clearing::Clearing = serde_json::from_value(self.state(run)).unwrap();
        let mut net = serde_json::to_value(clearing::proposal(&record.counting()).unwrap()).unwrap();
        net["verb"] = "net".into();
        self.ask("clearing", run, &clearing_office, net);
        self.ask("clearing", run, &clearing_office, json!({ "verb": "settle" }));
    }
}

/// Who plays, and the accounts.
struct Cast {
    zhejiang: Id,
    shanghai: Id,
    firm: Id,
    lab: Id,
    fund: Id,
    /// By which Zhejiang and Shanghai settle.
    from: Id,
    to: Id,
    till: Id,
}

fn cast(town: &mut Town) -> Cast {
    let zhejiang = town.organisation("浙江省科技厅", "government", ZHEJIANG);
    let shanghai = town.organisation("上海市科委", "government", SHANGHAI);
    let firm = town.organisation("嘉善传感科技", "enterprise", 330_421);
    let lab = town.organisation("浦东分析测试中心", "institute", 310_115);
    let source = town.account("财政专户", zhejiang, "source", ZHEJIANG);
    let fund = town.account("创新券资金", zhejiang, "fund", ZHEJIANG);
    let from = town.account("浙江结算账户", zhejiang, "clearing", ZHEJIANG);
    let to = town.account("上海结算账户", shanghai, "clearing", SHANGHAI);
    let till = town.account("测试中心账户", lab, "fund", SHANGHAI);
    let pay = json!({ "verb": "pay", "to": fund, "amount": "500000", "reason": "年度资金" });
    town.ask("account", source, &office("treasurer", 0), pay);
    Cast { zhejiang, shanghai, firm, lab, fund, from, to, till }
}

/// A quota, decided at once, and a voucher from it.
fn issued(town: &mut Town, cast: &Cast) -> Id {
    let Cast { firm, fund, .. } = *cast;
    let z = office("voucher-office", ZHEJIANG);
    let facts = json!({
        "staff": 80, "sales": "3000万", "assets": "2000万", "nothing_banned": true, "score": 75, "staff_score": 15,
    });
    let apply = json!({ "verb": "apply-as-firm", "holder": firm, "region": "330000", "facts": facts });
    let eligibility = town.ask("eligibility", None, &of(firm), apply);
    town.ask("eligibility", eligibility, &z, json!({ "verb": "issue", "fund": fund, "face": "150000" }));
    town.voucher().unwrap()
}

/// A provider, recognised by its own province.
fn recognised(town: &mut Town, cast: &Cast) -> Id {
    let Cast { lab, till, .. } = *cast;
    let (z, s) = (office("voucher-office", ZHEJIANG), office("voucher-office", SHANGHAI));
    let apply = json!({
        "verb": "apply", "organisation": lab, "serving_since": 2015, "staff": "十二人", "no_dishonesty": true,
    });
    let provider = town.ask("provider", None, &of(lab), apply);
    town.ask("provider", provider, &of(lab), json!({ "verb": "set-account", "account": till }));
    assert!(
        town.refused("provider", provider, &z, json!({ "verb": "recognise", "remark": "可" }))
            .contains("NoSuchRecord")
    );
    town.ask("provider", provider, &s, json!({ "verb": "recognise", "remark": "符合条件" }));
    let service = json!({
        "verb": "add-service", "category": "testing-and-analysis", "title": { "zh": "透射电镜分析" }, "per": "小时",
        "price": "3600",
    });
    town.ask("provider", provider, &of(lab), service);
    provider
}

/// Rulebook §5.6: a contract of 360,000 with 150,000 left.
fn confirmed(town: &mut Town, cast: &Cast, voucher: Id, provider: Id) -> Id {
    let Cast { firm, lab, .. } = *cast;
    let z = office("voucher-office", ZHEJIANG);
    let ask = json!({
        "verb": "ask", "buyer": firm, "provider": provider, "item": 1, "quantity": 100, "project": "失效分析",
        "no_secrets": true,
    });
    let order = town.ask("voucher-order", None, &of(firm), ask);
    let quote = json!({ "verb": "quote", "price": "360000", "until": "2026-03-20", "text": "含报告" });
    town.ask("voucher-order", order, &of(lab), quote);
    let place = json!({
        "verb": "place", "voucher": voucher, "number": "HT-1", "signed": "2026-03-02", "contract": "360000",
        "purpose": "research-and-development", "related": false, "subsidised": false,
    });
    town.ask("voucher-order", order, &of(firm), place);
    assert_eq!(town.state(voucher)["left"], "0.00");
    let release = json!({ "verb": "release", "provider": lab });
    assert!(
        town.refused("voucher", voucher, &of(firm), release).contains("not-enough-held"),
        "the order's own pot"
    );
    town.ask("voucher-order", order, &of(lab), json!({ "verb": "accept", "related": false }));
    town.ask("voucher-order", order, &z, json!({ "verb": "allot" }));
    let file = format!("{}:report.pdf", "a".repeat(64));
    let deliver = json!({ "verb": "deliver", "report": [file], "note": "报告一份" });
    town.ask("voucher-order", order, &of(lab), deliver);
    let confirm =
        json!({ "verb": "confirm", "own_paid": "210000", "proof": file, "invoice": file, "stars": 5 });
    town.ask("voucher-order", order, &of(firm), confirm);
    assert_eq!(town.state(provider)["rating"]["stars"], 5);
    order
}

/// Redeemed in Shanghai: by lot, in public, in the next quarter.
fn redeemed(town: &mut Town, cast: &Cast, voucher: Id, provider: Id, order: Id) {
    let Cast { lab, fund, from, to, till, .. } = *cast;
    let s = office("voucher-office", SHANGHAI);
    let batch = town.ask("redemption", None, &of(lab), json!({ "verb": "open", "provider": provider }));
    town.ask("redemption", batch, &of(lab), json!({ "verb": "add", "orders": [order] }));
    town.ask("redemption", batch, &of(lab), json!({ "verb": "submit" }));
    let draw: Id = town.state(batch)["draw"].as_str().unwrap().parse().ok().unwrap();
    town.wait(2);
    for verb in ["close", "bind", "reveal"] {
        town.ask("draw", draw, &Viewer::clock(), json!({ "verb": verb }));
    }
    town.ask("redemption", batch, &s, json!({ "verb": "take-sample", "draw": draw }));
    assert_eq!(town.state(batch)["sample"], json!([order]));
    let examine = json!({ "verb": "examine", "order": order, "passed": true, "finding": "相符" });
    town.ask("redemption", batch, &s, examine);
    town.ask("redemption", batch, &s, json!({ "verb": "publish", "contact": { "zh": "021-5555" } }));
    let notice: Id = town.state(batch)["notice"].as_str().unwrap().parse().ok().unwrap();
    town.wait(24 * 12);
    town.ask("notice", notice, &Viewer::clock(), json!({ "verb": "conclude" }));
    let pay = json!({ "verb": "pay", "notice": notice, "till": till, "through": [from, to] });
    assert!(town.refused("redemption", batch, &s, pay.clone()).contains("paid-quarterly"));
    town.wait(24 * 20);
    town.ask("redemption", batch, &s, pay);
    town.is(till, 150_000);
    town.is(from, 150_000);
    town.is(to, -150_000);
    town.is(fund, 350_000);
    assert_eq!(town.state(voucher)["gone"], "150000.00");
}

/// The regions settle what is open of the order; the lines as they were.
fn settled(town: &mut Town, cast: &Cast, order: Id, days: [&str; 2]) -> (Id, Value) {
    let Cast { zhejiang, shanghai, from, to, .. } = *cast;
    let clearing_office = office("clearing-office", 0);
    let open = json!({ "verb": "open", "from": days[0], "until": days[1] });
    let run = town.ask("clearing", None, &clearing_office, open);
    town.ask("clearing", run, &clearing_office, json!({ "verb": "join", "accounts": [from, to] }));
    let collect = json!({ "verb": "collect", "orders": [order] });
    town.ask("clearing", run, &clearing_office, collect.clone());
    assert!(town.refused("clearing", run, &clearing_office, collect).contains("nothing-to-clear"));
    let lines = town.state(run)["lines"].clone();
    town.settle(run, [zhejiang, shanghai]);
    town.is(from, 0);
    town.is(to, 0);
    (run, lines)
}

#[test]
fn a_voucher_of_one_province_pays_in_another_and_what_shrinks_comes_back() {
    let mut town = Town::new();
    let town = &mut town;
    let cast = cast(town);
    let voucher = issued(town, &cast);
    let provider = recognised(town, &cast);
    let order = confirmed(town, &cast, voucher, provider);
    redeemed(town, &cast, voucher, provider, order);
    let (run, _) = settled(town, &cast, order, ["2026-01-01", "2026-06-30"]);

    // The contract shrinks to 280,000: the voucher would have paid 140,000, so 10,000 come back, through the next run.
    let back = json!({ "verb": "claw-back", "contract": "280000", "reason": "合同调减" });
    town.ask("voucher-order", order, &office("voucher-office", ZHEJIANG), back);
    town.is(cast.till, 140_000);
    town.is(cast.to, 10_000);
    town.is(cast.from, -10_000);
    assert_eq!(town.state(voucher)["left"], "10000.00");
    let (_, lines) = settled(town, &cast, order, ["2026-04-01", "2026-06-30"]);
    let line = &lines["1"];
    assert_eq!((&line["debtor"], &line["amount"]), (&json!("310000"), &json!("10000.00")));
    assert_eq!(line["corrects"], json!([run, 1]));
}
