//! A firm in Jiaxing finds an instrument in Shanghai, books it and pays half with a Zhejiang voucher; the keeper runs it, the
//! provider is redeemed, Zhejiang settles with Shanghai, the national figures move. Every step by a page's form, some in
//! Chinese and some in English; each step's receipt is verified offline; the money is counted to the fen after each.

use desks::{DESKS, waits::WAITS};
use grammar::words::Locale;

use super::{
    money::{asked, officer, open_account},
    sharing::{book, first_free, instrument, using},
    *,
};

/// An hour at the instrument; what the voucher pays of it, at most half, and the firm itself.
const PRICE: &str = "333.33";
const HALF: &str = "166.66";
const OWN: &str = "166.67";

/// The town with what was there before the journey: a voucher, a recognised provider, accounts, officers.
pub struct Delta {
    pub town: Town,
    pub jiaxing: Id,
    pub voucher: Id,
    /// Two who hold the voucher office everywhere.
    pub centre: (Id, Id),
    fund: Id,
    pub till: Id,
    /// By which Shanghai and Zhejiang settle.
    pub settle: [Id; 2],
}

pub fn belonging(town: &Town, login: &str, key: &str, zh: &str, kind: &str, region: &str) -> Id {
    let registry = &town.house.registry;
    let register =
        json!({ "verb": "register", "name": { "zh": zh, "en": key }, "kind": kind, "region": region });
    let unit = founded(registry, key, "organisation", None, register);
    let person = officer(town, login, &[], region);
    let claim = json!({ "verb": "claim-affiliation", "organisation": unit, "role": "manager", "may_sign": true, "from": "2026-01-01" });
    founded(registry, &format!("claim/{login}"), "person", Some(person), claim);
    let confirm = json!({ "verb": "confirm-affiliation", "organisation": unit });
    founded(registry, &format!("confirm/{login}"), "person", Some(person), confirm);
    unit
}

/// The town, whose officers sign in with a password alone for longer than two weeks.
fn patient_town() -> Town {
    let town = town();
    let sign_in = window::SignIn { second_offices: vec![], ..Default::default() };
    let options = Options { public_url: "http://127.0.0.1:1".into(), upload_max: 64 << 20, sign_in };
    Town { house: House::new(town.house.registry.clone(), options).unwrap(), ..town }
}

pub fn delta() -> Delta {
    let town = patient_town();
    let jiaxing = belonging(&town, "jiaxing", "Jiaxing Firm", "嘉兴企业", "enterprise", "330400");
    let shanghai = belonging(&town, "shanghai", "Shanghai Authority", "上海主管部门", "government", "310000");
    let zhejiang = belonging(&town, "zhejiang", "Zhejiang Authority", "浙江主管部门", "government", "330000");
    let both = ["voucher-office", "treasurer"];
    let all = (officer(&town, "all-1", &both, "000000"), officer(&town, "all-2", &both, "000000"));
    for (login, office, region) in [
        ("centre-zj", "voucher-office", "330000"),
        ("centre-sh-1", "voucher-office", "310000"),
        ("centre-sh-2", "voucher-office", "310000"),
        ("clearing-1", "clearing-office", "000000"),
        ("clearing-2", "clearing-office", "000000"),
        ("nation", "auditor", "000000"),
    ] {
        officer(&town, login, &[office], region);
    }
    let source = open_account(&town, all, zhejiang, "source", "330000");
    let fund = open_account(&town, all, zhejiang, "fund", "330000");
    let till = open_account(&town, all, town.institute, "fund", "310000");
    let settle = [("310000", shanghai), ("330000", zhejiang)]
        .map(|(region, owner)| open_account(&town, all, owner, "clearing", region));
    let fill = json!({ "verb": "pay", "to": fund, "amount": "100000.00", "reason": "voucher money" });
    asked(&town, all, "fill", ("account", Some(source)), fill);
    let issue = json!({ "verb": "issue", "fund": fund, "holder": jiaxing, "region": "330400", "face": "20000.00", "until": "2026-12-31" });
    let voucher = asked(&town, all, "issue", ("voucher", None), issue);
    Delta { town, jiaxing, voucher, centre: all, fund, till, settle }
}

/// Someone before pages, with the receipts that the steps left.
pub struct Walker<'a> {
    pub delta: &'a Delta,
    pub receipts: std::cell::RefCell<Vec<String>>,
}

impl<'a> Walker<'a> {
    pub fn as_of(&self, login: &str, language: &'static str) -> Browser<'a> {
        sign_in(&self.delta.town, login, language)
    }

    /// Keeps the receipt that a page gave, after it was verified without the house.
    fn verified(&self, browser: &Browser, place: &str) {
        let (status, receipt) = browser.get(&format!("/proof/{place}/receipt.json"));
        assert_eq!(status, 200, "{place}");
        let parsed = chain::receipt::parse(&receipt).unwrap();
        let key = self.delta.town.house.registry.log_key().parse().unwrap();
        chain::receipt::verify(&parsed, &[key]).unwrap();
        self.receipts.borrow_mut().push(receipt);
    }

    /// Sends a form; gives the record's address.
    fn step(&self, browser: &Browser, action: &str, typed: &[(&str, &str)]) -> String {
        let (status, _) = browser.get(action);
        assert_eq!(status, 200, "{action} has a form");
        waits_in_inbox(browser, action);
        let to = location(&browser.send(action, action, typed));
        let (at, done) = to.split_once("?done=").unwrap_or_else(|| panic!("{action}: {to}"));
        assert_eq!(browser.get(&to).0, 200);
        self.verified(browser, done);
        at.to_owned()
    }

    /// Sends what a second person must endorse, and endorses it in that one's inbox.
    pub fn two(&self, browsers: [&Browser; 2], action: &str, typed: &[(&str, &str)]) {
        let [first, second] = browsers;
        waits_in_inbox(first, action);
        let to = location(&first.send(action, action, typed));
        assert!(to.ends_with("done=waits"), "{action}: {to}");
        let inbox = second.get("/inbox").1;
        let agree = inbox.split("action=\"").find(|rest| rest.contains("/agree\"")).unwrap();
        let agree = agree.split('"').next().unwrap().to_owned();
        let to = location(&second.send("/inbox", &agree, &[]));
        self.verified(second, to.split_once("?done=").unwrap_or_else(|| panic!("{to}")).1);
    }

    /// Sends a form with files.
    fn sent(&self, browser: &Browser, action: &str, typed: &[(&str, &str)], files: &[&str]) -> Reply {
        let mut form: BTreeMap<String, String> =
            typed.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        let html = browser.get(action).1;
        let csrf =
            html.split("name=\"csrf\" value=\"").nth(1).and_then(|rest| rest.split('"').next()).unwrap();
        form.insert("csrf".into(), csrf.to_owned());
        let file = |name: &&str| ((*name).to_owned(), (format!("{name}.pdf"), b"%PDF-1.7 sample".to_vec()));
        let uploads = files.iter().map(file).collect();
        answer(&self.delta.town.house, &Visit { is_post: true, form, uploads, ..browser.visit(action) })
    }

    fn with_files(&self, browser: &Browser, action: &str, typed: &[(&str, &str)], files: &[&str]) {
        let to = location(&self.sent(browser, action, typed, files));
        self.verified(browser, to.split_once("?done=").unwrap().1);
    }

    /// A day and an hour in China; what time asks for until then happens, and the log is signed.
    fn wait_until(&self, moment: &str) {
        let town = &self.delta.town;
        let moment: Moment = moment.parse().unwrap();
        assert!(moment > town.house.registry.now());
        town.clock.0.store(moment.in_millis(), Ordering::Relaxed);
        for _ in 0..4 {
            town.house.registry.tick().unwrap();
            town.house.registry.seal_now().unwrap();
        }
    }

    /// Left on the voucher, in the fund, with the provider, and on the accounts by which Shanghai and Zhejiang settle.
    pub fn money(&self, expected: [&str; 5]) {
        let auditor = self.as_of("nation", "en");
        let delta = self.delta;
        let of = |desk: &str, id: Id, field: &str| {
            let (status, text) = auditor.get(&format!("/api/v1/{desk}/{id}"));
            assert_eq!(status, 200);
            let record: Value = serde_json::from_str(&text).unwrap();
            record["state"][field].as_str().unwrap().to_owned()
        };
        let [shanghai, zhejiang] = delta.settle.map(|id| of("account", id, "balance"));
        let found = [
            of("voucher", delta.voucher, "left"),
            of("account", delta.fund, "balance"),
            of("account", delta.till, "balance"),
            shanghai,
            zhejiang,
        ];
        assert_eq!(found, expected);
    }
}

/// What is typed of a record's address.
pub fn id(at: &str) -> &str {
    at.rsplit('/').next().unwrap()
}

#[test]
fn a_firm_in_jiaxing_uses_an_instrument_in_shanghai_and_two_provinces_settle() {
    let delta = delta();
    let walk = Walker { delta: &delta, receipts: Default::default() };
    let nation = walk.as_of("nation", "zh-CN");
    let before = text_of(&nation.get("/figures").1);
    assert!(!before.contains("透射电镜"), "{before}");
    walk.money(["20000.00", "80000.00", "0.00", "0.00", "0.00"]);

    let (at, listing) = opened(&walk);
    let (booking, order) = booked_and_ordered(&walk, &at, &listing);
    run_and_confirmed(&walk, &at, &booking, &order);
    redeemed(&walk, &listing, &order);
    let run = settled(&walk, &order);
    let offices = ["clearing-1", "clearing-2"].map(|login| walk.as_of(login, "en"));
    let half: grammar::kinds::Money = HALF.parse().unwrap();
    super::settled::beside_our_own_run(offices.each_ref(), id(&order), half.in_fen());
    let [office, second] = offices;
    super::exchange::takes_lines(office, second, &run);

    // The bill is paid, half by the voucher; the figures of the nation know of an hour.
    let nation = walk.as_of("nation", "zh-CN");
    let keeper = walk.as_of("scientist", "en");
    walk.step(&keeper, &format!("{booking}/check-charge"), &[]);
    for (amount, means) in [(OWN, "transfer"), (HALF, "voucher")] {
        walk.step(&keeper, &format!("{booking}/pay"), &[("amount", amount), ("means", means)]);
    }
    assert!(text_of(&keeper.get(&booking).1).contains("333.33"));
    let after = text_of(&nation.get("/figures").1);
    assert!(after.contains("透射电镜") && after.contains("1.0") && after.contains("1 / 1"), "{after}");
    let uptake = text_of(&nation.get("/uptake").1);
    assert!(uptake.contains("浙江省") && uptake.contains("20,000") && uptake.contains(HALF), "{uptake}");
    assert_eq!(walk.as_of("jiaxing", "en").get("/uptake").0, 404, "for the offices of vouchers alone");
    let text = text_of(&walk.as_of("nation", "en").get("/figures").1);
    assert!(text.contains("Electron microscope") && text.contains("1.0"), "{text}");
    assert!(walk.receipts.borrow().len() >= 30, "{} receipts", walk.receipts.borrow().len());
}

/// The keeper's side: the instrument, its code, the service that vouchers may pay, and its recognition.
pub fn opened(walk: &Walker) -> (String, String) {
    let keeper = walk.as_of("scientist", "en");
    let at = instrument(&walk.delta.town, &keeper);
    walk.step(&keeper, &format!("{at}/set-using"), &using(PRICE));
    walk.step(&keeper, &format!("{at}/set-door"), &[("door", "2468")]);
    let unit = walk.delta.town.institute.to_string();
    let apply = [
        ("organisation", unit.as_str()),
        ("serving_since", "2012"),
        ("staff", "twelve"),
        ("no_dishonesty", "yes"),
    ];
    let listing = walk.step(&keeper, "/provider/new/apply", &apply);
    let centre = [walk.as_of("centre-sh-1", "zh-CN"), walk.as_of("centre-sh-2", "en")];
    walk.two([&centre[0], &centre[1]], &format!("{listing}/recognise"), &[("remark", "材料齐全")]);
    walk.step(&keeper, &format!("{listing}/set-account"), &[("account", walk.delta.till.as_str())]);
    let service = [
        ("category", "testing-and-analysis"),
        ("title.zh", "电镜测试"),
        ("title.en", "Electron microscopy"),
        ("per", "小时 / hour"),
        ("price", PRICE),
        ("instrument", id(&at)),
    ];
    walk.step(&keeper, &format!("{listing}/add-service"), &service);
    (at, listing)
}

/// The firm finds it, books it, and pays half with its voucher: its province lets the money be locked for it.
pub fn booked_and_ordered(walk: &Walker, at: &str, listing: &str) -> (String, String) {
    let (firm, provider) = (walk.as_of("jiaxing", "zh-CN"), walk.as_of("scientist", "en"));
    assert!(firm.get("/find?q=电镜").1.contains(at), "what is in Shanghai is found from Jiaxing");
    assert!(text_of(&firm.get(at).1).contains("333.33"));
    let link = first_free(&firm.get(&format!("{at}/calendar")).1);
    let buyer = walk.delta.jiaxing.to_string();
    let booking = book(&firm, &buyer, &link);
    assert!(text_of(&firm.get(&booking).1).contains("333.33"));
    // The booking's page leads on to the order, which knows what it is about.
    let page = firm.get(&booking).1.replace("&amp;", "&");
    let form =
        format!("/voucher-order/new/ask?buyer={buyer}&provider={}&item=1&quantity=1&project=", id(listing));
    assert!(page.contains(&form), "{}", text_of(&page));
    let ask = [
        ("buyer", buyer.as_str()),
        ("provider", id(listing)),
        ("item", "1"),
        ("quantity", "1"),
        ("project", "新材料形貌"),
        ("no_secrets", "yes"),
    ];
    let order = walk.step(&firm, "/voucher-order/new/ask", &ask);
    let quote = [("price", PRICE), ("until", "2026-03-20"), ("text", "list price, report included")];
    walk.step(&provider, &format!("{order}/quote"), &quote);
    walk.money(["20000.00", "80000.00", "0.00", "0.00", "0.00"]);
    let (voucher, bill) = (&walk.delta.voucher, id(&booking));
    let filled = format!("{order}/place?contract={PRICE}&signed=2026-03-02&voucher={voucher}&booking={bill}");
    let page = firm.get(&order).1.replace("&amp;", "&");
    assert!(page.contains(&filled), "{page}");
    let text = text_of(&page);
    assert!(!text.contains("：330000") && !text.contains("：310000"), "regions have names: {text}");
    assert!(!provider.get(&order).1.contains("/place?"), "the provider is told whom it waits for");
    let place = [
        ("voucher", walk.delta.voucher.as_str()),
        ("number", "JX-2026-001"),
        ("signed", "2026-03-02"),
        ("contract", PRICE),
        ("booking", id(&booking)),
        ("purpose", "research-and-development"),
        ("related", "no"),
        ("subsidised", "no"),
    ];
    walk.step(&firm, &format!("{order}/place"), &place);
    walk.money(["19833.34", "80000.00", "0.00", "0.00", "0.00"]);
    let wallet = text_of(&firm.get("/wallet").1);
    assert!(wallet.contains("19,833.34") && wallet.contains(HALF), "{wallet}");
    walk.step(&provider, &format!("{order}/accept"), &[("related", "no")]);
    walk.step(&walk.as_of("centre-zj", "zh-CN"), &format!("{order}/allot"), &[]);
    (booking, order)
}

/// The keeper's machine runs for an hour; the report is handed over, and the firm pays its own half.
pub fn run_and_confirmed(walk: &Walker, at: &str, booking: &str, order: &str) {
    walk.wait_until("2026-03-03T01:00:00Z");
    let (firm, keeper) = (walk.as_of("jiaxing", "zh-CN"), walk.as_of("scientist", "en"));
    // Whoever scans the label comes to their own booking, with the code; nobody else is shown the label.
    assert!(keeper.get(&format!("{at}/label")).1.contains("2468"));
    assert_eq!(firm.get(&format!("{at}/label")).0, 404);
    let scanned = answer(&walk.delta.town.house, &firm.visit(&format!("{at}/here?code=2468")));
    assert_eq!(location(&scanned), format!("{booking}/start?instrument={}&code=2468", id(at)));
    walk.step(&firm, &format!("{booking}/start"), &[("instrument", id(at)), ("code", "2468")]);
    walk.wait_until("2026-03-03T02:00:00Z");
    walk.step(&firm, &format!("{booking}/stop"), &[]);
    let report = [("summary", "done as booked"), ("samples_done", "2")];
    walk.step(&keeper, &format!("{booking}/report"), &report);
    let paper = [("work", "paper"), ("title", "Grain boundaries"), ("names_instrument", "yes")];
    walk.step(&firm, &format!("{booking}/credit"), &paper);
    walk.with_files(&keeper, &format!("{order}/deliver"), &[("note", "report handed over")], &["report.1"]);
    let (action, files) = (format!("{order}/confirm"), ["proof", "invoice"]);
    let short = walk.sent(&firm, &action, &[("own_paid", "166.66"), ("stars", "5")], &files);
    let page = text_of(&String::from_utf8(short.body).unwrap());
    assert!(
        short.status == 422 && page.contains("0.01"),
        "a fen less than its own half is not its half: {page}"
    );
    let confirm = [("own_paid", OWN), ("stars", "5")];
    walk.with_files(&firm, &action, &confirm, &files);
    walk.money(["19833.34", "80000.00", "0.00", "0.00", "0.00"]);
}

/// The provider hands in its batch, a draw takes the sample, and the batch is made public until the next quarter. The batch and its
/// notice.
pub fn published(walk: &Walker, listing: &str, order: &str) -> (String, String) {
    let provider = walk.as_of("scientist", "zh-CN");
    let batch = walk.step(&provider, "/redemption/new/open", &[("provider", id(listing))]);
    walk.step(&provider, &format!("{batch}/add"), &[("orders.1", id(order))]);
    walk.step(&provider, &format!("{batch}/submit"), &[]);
    walk.wait_until("2026-03-04T02:00:00Z");
    walk.wait_until("2026-03-04T03:00:00Z");
    let centre = [walk.as_of("centre-sh-1", "en"), walk.as_of("centre-sh-2", "zh-CN")];
    let record = |field: &str| {
        let (_, text) = centre[0].get(&format!("/api/v1{batch}"));
        let state: Value = serde_json::from_str(&text).unwrap();
        state["state"][field].as_str().unwrap().to_owned()
    };
    walk.step(&centre[0], &format!("{batch}/take-sample"), &[("draw", &record("draw"))]);
    let examine =
        [("order", id(order)), ("passed", "yes"), ("finding", "contract, report and payment agree")];
    walk.step(&centre[0], &format!("{batch}/examine"), &examine);
    let publish = [("contact.zh", "上海创新券中心"), ("contact.en", "Shanghai voucher centre")];
    walk.step(&centre[0], &format!("{batch}/publish"), &publish);
    let notice = record("notice");
    walk.wait_until("2026-04-01T02:00:00Z");
    (batch, notice)
}

/// The batch is paid.
fn redeemed(walk: &Walker, listing: &str, order: &str) {
    let (batch, notice) = published(walk, listing, order);
    let centre = [walk.as_of("centre-sh-1", "en"), walk.as_of("centre-sh-2", "zh-CN")];
    let [shanghai, zhejiang] = walk.delta.settle.map(|id| id.to_string());
    let pay = [
        ("notice", notice),
        ("till", walk.delta.till.to_string()),
        ("through.1", shanghai),
        ("through.2", zhejiang),
    ];
    let pay: Vec<(&str, &str)> = pay.iter().map(|(name, value)| (*name, value.as_str())).collect();
    // The way to it is on the page, though the voucher orders it names are hidden from others.
    assert!(centre[0].get(&batch).1.contains(&format!("{batch}/pay")));
    walk.two([&centre[0], &centre[1]], &format!("{batch}/pay"), &pay);
    walk.money(["19833.34", "80000.00", HALF, "-166.66", HALF]);
}

/// Both provinces sign what Zhejiang owes, two officers settle, and nothing is owed any more.
fn settled(walk: &Walker, order: &str) -> String {
    let office = [walk.as_of("clearing-1", "zh-CN"), walk.as_of("clearing-2", "en")];
    let run = walk.step(&office[0], "/clearing/new/open", &[("from", "2026-01-01"), ("until", "2026-04-01")]);
    let [shanghai, zhejiang] = walk.delta.settle.map(|id| id.to_string());
    walk.step(&office[0], &format!("{run}/join"), &[("accounts.1", &shanghai), ("accounts.2", &zhejiang)]);
    walk.step(&office[0], &format!("{run}/collect"), &[("orders.1", id(order))]);
    walk.step(&office[0], &format!("{run}/state"), &[]);
    for (login, language) in [("zhejiang", "zh-CN"), ("shanghai", "en")] {
        let signer = walk.as_of(login, language);
        assert!(text_of(&signer.get(&run).1).contains(HALF), "{login} reads what is owed");
        let pair = [("first", "310000"), ("second", "330000")];
        walk.step(&signer, &format!("{run}/sign"), &pair);
    }
    let net = [
        ("positions.1.region", "310000"),
        ("positions.1.amount", HALF),
        ("positions.2.region", "330000"),
        ("positions.2.amount", "-166.66"),
        ("payments.1.payer", "330000"),
        ("payments.1.payee", "310000"),
        ("payments.1.amount", HALF),
        ("groups.1.regions.1", "310000"),
        ("groups.1.regions.2", "330000"),
    ];
    walk.step(&office[0], &format!("{run}/net"), &net);
    let treasurers = [walk.as_of("all-1", "en"), walk.as_of("all-2", "zh-CN")];
    super::bank::paid(office.each_ref(), treasurers.each_ref(), &walk.delta.settle, &run);
    walk.two([&office[0], &office[1]], &format!("{run}/settle"), &[]);
    walk.money(["19833.34", "80000.00", HALF, "0.00", "0.00"]);
    assert!(text_of(&walk.as_of("jiaxing", "zh-CN").get(order).1).contains(HALF));
    let members = [walk.as_of("shanghai", "en"), walk.as_of("zhejiang", "zh-CN")];
    super::bank::booked(&office[0], &walk.as_of("jiaxing", "en"), members.each_ref(), &run);
    run
}

/// Whoever is to take a step that records wait for has found it in the inbox, under its name.
fn waits_in_inbox(browser: &Browser, action: &str) {
    let [_, desk, id, verb] = action.split('/').collect::<Vec<_>>()[..] else { return };
    if !WAITS.iter().any(|wait| (wait.desk, wait.asked, wait.verb) == (desk, desk, verb)) {
        return;
    }
    let clerk = DESKS.find(desk).unwrap();
    let names = [Locale::Zh, Locale::En].map(|locale| clerk.words(locale).get("verb", verb));
    let inbox = browser.get("/inbox").1;
    let waiting = inbox.split("<ol class=\"inbox\"").skip(1).flat_map(|list| list.split("<li"));
    let mut of_it = waiting.filter(|one| one.contains(&format!("/{desk}/{id}\"")));
    assert!(of_it.any(|one| names.iter().any(|name| one.contains(name))), "{action} waits in no inbox");
}
