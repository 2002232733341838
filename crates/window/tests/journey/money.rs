//! Wallet, redemption and clearing by role: what a stranger, another firm and another province's office get.

use super::*;

/// The same town, with a voucher of the firm, a batch of the institute, a run between two provinces, and their offices.
struct Money {
    town: Town,
    offices: (Id, Id),
    voucher: Id,
    run: Id,
}

/// Asked by an officer; what needs two is endorsed by the second.
pub fn asked(town: &Town, by: (Id, Id), key: &str, (desk, record): (&str, Option<Id>), command: Value) -> Id {
    let clerk = DESKS.find(desk).unwrap();
    let verb = clerk.verb(command["verb"].as_str().unwrap()).unwrap();
    let mut fields = command.clone();
    fields.as_object_mut().unwrap().remove("verb");
    let command = verb.read_json(&fields).unwrap();
    let registry = &town.house.registry;
    let told = registry.run(Ask::new(key, Asker::Person(by.0), desk, record, command));
    let receipt = told.unwrap_or_else(|denied| panic!("{key}: {denied:?}"));
    if let Some(pending) = receipt.pending {
        registry
            .endorse(pending, Asker::Person(by.1), true)
            .unwrap_or_else(|denied| panic!("{key}: {denied:?}"));
    }
    receipt.record
}

pub fn open_account(town: &Town, by: (Id, Id), owner: Id, purpose: &str, region: &str) -> Id {
    let command = json!({ "verb": "open", "title": { "zh": "示例账户", "en": "sample account" }, "owner": owner, "purpose": purpose, "region": region });
    asked(town, by, &format!("account/{purpose}/{region}"), ("account", None), command)
}

/// Someone who holds offices in a region, and can sign in.
pub fn officer(town: &Town, login: &str, offices: &[&str], region: &str) -> Id {
    let registry = &town.house.registry;
    let register = json!({ "verb": "register", "name": login, "region": "310000", "public": true, "display_name": { "en": login } });
    let id = founded(registry, &format!("person/{login}"), "person", None, register);
    window::set_password(registry, login, PASSWORD, id).unwrap().unwrap();
    for office in offices {
        let appoint = json!({ "verb": "appoint", "holder": id, "office": office, "region": region, "from": "2026-03-02", "document": "test 2" });
        founded(registry, &format!("office/{login}/{office}"), "office", None, appoint);
    }
    id
}

fn money() -> Money {
    let town = town();
    let both = ["voucher-office", "treasurer"];
    let offices = (officer(&town, "both-1", &both, "000000"), officer(&town, "both-2", &both, "000000"));
    let clearing = officer(&town, "clearing-all", &["clearing-office", "treasurer"], "000000");
    let source = open_account(&town, offices, town.institute, "source", "310000");
    let fund = open_account(&town, offices, town.institute, "fund", "310000");
    let fill = json!({ "verb": "pay", "to": fund, "amount": "500000.00", "reason": "voucher money" });
    asked(&town, offices, "fill", ("account", Some(source)), fill);
    let issue = json!({ "verb": "issue", "fund": fund, "holder": town.firm, "region": "310115", "face": "87654.00", "until": "2026-12-31" });
    let voucher = asked(&town, offices, "issue", ("voucher", None), issue);
    let by = (clearing, offices.1);
    let run = json!({ "verb": "open", "from": "2026-01-01", "until": "2026-03-01" });
    let run = asked(&town, by, "run", ("clearing", None), run);
    let accounts = [
        open_account(&town, offices, town.institute, "clearing", "310000"),
        open_account(&town, offices, town.firm, "clearing", "330000"),
    ];
    asked(&town, by, "join", ("clearing", Some(run)), json!({ "verb": "join", "accounts": accounts }));
    for (login, office, region) in [
        ("voucher-here", "voucher-office", "310000"),
        ("voucher-there", "voucher-office", "330000"),
        ("clearing-there", "clearing-office", "320000"),
        ("another", "screening", "330000"),
    ] {
        officer(&town, login, &[office], region);
    }
    Money { town, offices, voucher, run }
}

fn stranger(town: &Town) -> Browser<'_> {
    Browser { town, cookies: BTreeMap::new(), language: "en" }
}

#[test]
fn a_wallet_shows_its_own_firm_its_vouchers_and_nobody_elses() {
    let money = money();
    let town = &money.town;
    let own = text_of(&sign_in(town, "firm", "en").get("/wallet").1);
    assert!(own.contains("87,654"), "{own}");
    for login in ["scientist", "voucher-here", "voucher-there", "another"] {
        let page = sign_in(town, login, "en").get("/wallet").1;
        assert!(!page.contains("87,654") && !page.contains(money.voucher.as_str()), "{login}");
    }
    let public = stranger(town).get("/wallet").1;
    assert!(!public.contains("87,654") && !public.contains("Sample Firm"), "a stranger is asked to sign in");
    // The voucher itself: its holder and its own province's office.
    let at = format!("/voucher/{}", money.voucher);
    let status = |login: &str| sign_in(town, login, "en").get(&at).0;
    assert_eq!(["firm", "voucher-here"].map(status), [200, 200]);
    assert_eq!(["scientist", "voucher-there", "another"].map(status), [404, 404, 404]);
    assert_eq!(stranger(town).get(&at).0, 404);
    assert!(!stranger(town).get("/voucher").1.contains(money.voucher.as_str()));
}

#[test]
fn a_batch_is_for_its_provider_and_the_office_of_its_province() {
    let money = money();
    let town = &money.town;
    let provider = sign_in(town, "scientist", "en");
    let unit = town.institute.to_string();
    let apply = [
        ("organisation", unit.as_str()),
        ("serving_since", "2012"),
        ("staff", "twelve"),
        ("no_dishonesty", "yes"),
    ];
    let listing = location(&provider.send("/provider/new/apply", "/provider/new/apply", &apply));
    let listing: Id = listing.split('?').next().unwrap().rsplit('/').next().unwrap().parse().unwrap();
    let recognise = json!({ "verb": "recognise", "remark": "complete" });
    asked(town, money.offices, "recognise", ("provider", Some(listing)), recognise);
    let opened = [("provider", listing.to_string())];
    let opened: Vec<(&str, &str)> = opened.iter().map(|(name, value)| (*name, value.as_str())).collect();
    let batch = location(&provider.send("/redemption/new/open", "/redemption/new/open", &opened));
    let batch = batch.split('?').next().unwrap().to_owned();
    let page = |login: &str| sign_in(town, login, "en").get(&batch);
    assert_eq!(["scientist", "voucher-here"].map(|login| page(login).0), [200, 200]);
    for login in ["firm", "voucher-there", "another", "clearing-all"] {
        let (status, page) = page(login);
        assert!(status == 404 && !page.contains("Sample Institute"), "{login}: {status}");
    }
    assert_eq!(stranger(town).get(&batch).0, 404);
    // What the page does not show cannot be sent either.
    let firm = sign_in(town, "firm", "en");
    let reply = firm.send("/wallet", &format!("{batch}/submit"), &[]);
    assert!(reply.status >= 400, "{}", reply.status);
    let name = batch.rsplit('/').next().unwrap();
    for login in ["firm", "voucher-there"] {
        assert!(
            !sign_in(town, login, "en").get("/redemption").1.contains(name),
            "nor is it listed for {login}"
        );
    }
}

#[test]
fn a_run_that_is_not_settled_is_for_its_members_and_the_clearing_office() {
    let money = money();
    let town = &money.town;
    let at = format!("/clearing/{}", money.run);
    let status = |login: &str| sign_in(town, login, "en").get(&at).0;
    assert_eq!(
        ["scientist", "firm", "clearing-all"].map(status),
        [200, 200, 200],
        "both members and the office"
    );
    assert_eq!(["clearing-there", "voucher-here", "another"].map(status), [404, 404, 404]);
    assert_eq!(stranger(town).get(&at).0, 404);
    for sheet in ["lines.csv", "lines.xlsx"] {
        let sheet = format!("{at}/{sheet}");
        assert_eq!(answer(&town.house, &stranger(town).visit(&sheet)).status, 404);
        assert_eq!(answer(&town.house, &sign_in(town, "clearing-there", "en").visit(&sheet)).status, 404);
        assert_eq!(answer(&town.house, &sign_in(town, "clearing-all", "en").visit(&sheet)).status, 200);
    }
    assert!(!stranger(town).get("/clearing").1.contains(money.run.as_str()));
}
