//! What cannot be: by a page's form in both languages and as JSON, with a clear word beside the field, and nothing half done.

use super::{
    money::asked,
    sharing::instrument,
    voucher::{Delta, belonging, delta, id},
    *,
};

/// Something that cannot be.
struct Wrong {
    login: &'static str,
    /// Where it is asked: `/desk/new/verb` or `/desk/id/verb`.
    action: String,
    typed: Vec<(&'static str, String)>,
    json: Value,
    code: &'static str,
    field: &'static str,
    /// What is said, in Chinese and in English.
    said: [&'static str; 2],
}

/// What stands beside a field as wrong.
fn beside(page: &str, field: &str) -> String {
    let error = page.split(&format!("id=\"f-{field}-error\"")).nth(1);
    let error = error.unwrap_or_else(|| panic!("nothing beside {field}: {}", text_of(page)));
    let span = error.split("<span>").nth(1).unwrap();
    span.split("</span>").next().unwrap().replace("&amp;", "&")
}

fn as_json(browser: &Browser, wrong: &Wrong) -> (u16, Value) {
    let page = browser.get(&wrong.action).1;
    let csrf = page.split("name=\"csrf\" value=\"").nth(1).and_then(|rest| rest.split('"').next()).unwrap();
    let path = format!("/api/v1{}", wrong.action.replace("/new/", "/"));
    let mut visit =
        Visit { is_post: true, body: wrong.json.to_string().into_bytes(), ..browser.visit(&path) };
    visit.headers.insert("x-csrf-token".into(), csrf.into());
    visit.headers.insert("content-type".into(), "application/json".into());
    visit.headers.insert("idempotency-key".into(), format!("{}/{}", wrong.action, wrong.code));
    let reply = answer(&browser.town.house, &visit);
    (reply.status, serde_json::from_slice(&reply.body).unwrap())
}

/// The record as its asker sees it, with its history; of a new one how many there are.
fn stands(browser: &Browser, action: &str) -> (u64, Vec<(u16, String)>) {
    let at = action.rsplit_once('/').unwrap().0.replace("/new", "");
    let record = browser.get(&format!("/api/v1{at}"));
    let history = browser.get(&format!("/api/v1{at}/history"));
    (browser.town.house.registry.size(), vec![record, history])
}

fn is_said(town: &Town, wrong: &Wrong) {
    let typed: Vec<(&str, &str)> = wrong.typed.iter().map(|(name, value)| (*name, value.as_str())).collect();
    for (language, said) in [("zh-CN", wrong.said[0]), ("en", wrong.said[1])] {
        let browser = sign_in(town, wrong.login, language);
        let before = stands(&browser, &wrong.action);
        let reply = browser.send(&wrong.action, &wrong.action, &typed);
        let page = String::from_utf8(reply.body).unwrap();
        assert!([400, 422].contains(&reply.status), "{}: {}", wrong.code, text_of(&page));
        let told = beside(&page, wrong.field);
        assert!(told.contains(said), "{} in {language}: {told}", wrong.code);
        let (status, body) = as_json(&browser, wrong);
        assert_eq!(status, reply.status, "{body}");
        let fault = body["faults"].as_array().unwrap().iter().find(|fault| fault["code"] == wrong.code);
        let fault = fault.unwrap_or_else(|| panic!("{}: {body}", wrong.code));
        assert_eq!(fault["field"], wrong.field, "{body}");
        assert!(fault["message"].as_str().unwrap().contains(said), "{body}");
        assert_eq!(stands(&browser, &wrong.action), before, "{}: nothing is half done", wrong.code);
    }
}

/// A wish for time at the instrument: on Tuesday 3 March 2026 at nine, unless it says otherwise.
fn wish(delta: &Delta, at: &str, other: &[(&'static str, &str)]) -> (Vec<(&'static str, String)>, Value) {
    let mut typed: BTreeMap<&'static str, String> = [
        ("instrument", id(at)),
        ("buyer", delta.jiaxing.as_str()),
        ("from", "2026-03-03T09:00"),
        ("minutes", "60"),
        ("basis", "by-hour"),
        ("purpose", "research"),
        ("detail", "two samples"),
        ("no_secrets", "yes"),
    ]
    .map(|(name, value)| (name, value.to_owned()))
    .into();
    typed.extend(other.iter().map(|(name, value)| (*name, (*value).to_owned())));
    let number = |name: &str| typed.get(name).map(|text| text.parse::<i64>().unwrap());
    let every = number("every.days").map(|days| json!({ "days": days, "times": number("every.times") }));
    let json = json!({
        "instrument": typed["instrument"], "buyer": typed["buyer"], "from": format!("{}:00+08:00", typed["from"]),
        "minutes": number("minutes"), "every": every, "basis": "by-hour", "samples": null, "purpose": "research",
        "project": null, "detail": "two samples", "permit": null, "instead_of": null, "no_secrets": true,
    });
    (typed.into_iter().collect(), json)
}

fn bookings(delta: &Delta, at: &str) -> Vec<Wrong> {
    let wrong = |other: &[(&'static str, &str)], code, field, said| {
        let (typed, json) = wish(delta, at, other);
        Wrong { login: "jiaxing", action: "/booking/new/request".into(), typed, json, code, field, said }
    };
    vec![
        // A series whose sittings overlap, one that is taken throughout, and two that cannot be.
        wrong(
            &[("minutes", "1500"), ("every.days", "1"), ("every.times", "3")],
            "series-overlaps",
            "every",
            ["前一次未结束", "would still run when the next one begins"],
        ),
        wrong(
            &[("from", "2026-03-10T09:00"), ("every.days", "7"), ("every.times", "2")],
            "nothing-fits",
            "every",
            ["2 个时段都不能预约", "None of the 2 times"],
        ),
        wrong(
            &[("every.days", "0"), ("every.times", "3")],
            "out-of-range",
            "every.days",
            ["1 到 92", "1 to 92"],
        ),
        wrong(
            &[("every.days", "7"), ("every.times", "1")],
            "out-of-range",
            "every.times",
            ["2 到 52", "2 to 52"],
        ),
        wrong(
            &[("from", "2026-03-01T09:00")],
            "in-the-past",
            "from",
            ["已过，请选择以后的时间", "is already over. Choose a later time"],
        ),
        // The calendar says it, and it stands beside the booking's own field.
        wrong(&[("from", "2026-03-10T09:00")], "taken-then", "from", ["已被预约", "is booked"]),
    ]
}

/// An order that has a price, and a contract that no voucher pays for.
fn contracts(delta: &Delta, order: &str) -> Vec<Wrong> {
    let wrong = |purpose: &str, signed: &str, code, field, said| {
        let voucher = delta.voucher.to_string();
        let fields = [
            ("voucher", voucher.as_str()),
            ("number", "JX-2026-009"),
            ("signed", signed),
            ("contract", "333.33"),
            ("purpose", purpose),
            ("related", "no"),
            ("subsidised", "no"),
        ];
        let json = json!({
            "voucher": voucher, "number": "JX-2026-009", "signed": signed, "contract": "333.33", "paper": null,
            "booking": null, "purpose": purpose, "related": false, "subsidised": false, "wanted": null,
        });
        let typed = fields.map(|(name, value)| (name, value.to_owned())).into();
        Wrong { login: "jiaxing", action: format!("{order}/place"), typed, json, code, field, said }
    };
    let (fine, later) = ("research-and-development", "2026-03-02");
    vec![
        wrong(
            "statutory-certification",
            later,
            "forbidden-use",
            "purpose",
            ["不在创新券支持范围内", "Vouchers do not pay for"],
        ),
        wrong(
            "production-testing",
            later,
            "forbidden-use",
            "purpose",
            ["不在创新券支持范围内", "Vouchers do not pay for"],
        ),
        wrong(
            fine,
            "2025-12-31",
            "contract-before-quota",
            "signed",
            ["早于额度生效日", "before the quota began"],
        ),
        wrong(fine, "2026-03-03", "signed-later", "signed", ["晚于今天", "later than today"]),
    ]
}

/// Orders that cannot stand in a batch or a run: one of another region's provider, one that is not confirmed, and one that
/// has nothing to clear.
fn claims(delta: &Delta, batch: &str, [own, elsewhere]: [&str; 2]) -> Vec<Wrong> {
    let office = sign_in(&delta.town, "clearing-1", "en");
    let page = "/clearing/new/open";
    let run = location(&office.send(page, page, &[("from", "2026-01-01"), ("until", "2026-04-01")]));
    let run = run.split('?').next().unwrap();
    let wrong = |login, action: String, order: &str, code, field, said| Wrong {
        login,
        action,
        typed: vec![("orders.1", id(order).to_owned())],
        json: json!({ "orders": [id(order)] }),
        code,
        field,
        said,
    };
    let add = format!("/redemption/{batch}/add");
    let unknown = ["没有找到这条记录", "There is no such record"];
    vec![
        // Whose order it is, is not said: it is not for this provider's eyes.
        wrong("scientist", add.clone(), elsewhere, "no-such-record", "orders.1", unknown),
        wrong(
            "scientist",
            add,
            own,
            "not-confirmed",
            "orders",
            ["尚未由用券方确认", "is not confirmed by its buyer"],
        ),
        wrong(
            "clearing-1",
            format!("{run}/collect"),
            own,
            "nothing-to-clear",
            "orders",
            ["没有待结算的金额", "has nothing to clear"],
        ),
    ]
}

/// A recognised provider with one service. Gives its address.
fn listing(delta: &Delta, login: &str, unit: &str) -> String {
    let town = &delta.town;
    let browser = sign_in(town, login, "en");
    let page = "/provider/new/apply";
    let apply =
        [("organisation", unit), ("serving_since", "2012"), ("staff", "twelve"), ("no_dishonesty", "yes")];
    let at = location(&browser.send(page, page, &apply)).split('?').next().unwrap().to_owned();
    let recognise = json!({ "verb": "recognise", "remark": "complete" });
    let record = Some(id(&at).parse().unwrap());
    asked(town, delta.centre, &format!("recognise/{login}"), ("provider", record), recognise);
    let service = [
        ("category", "testing-and-analysis"),
        ("title.zh", "电镜测试"),
        ("title.en", "Electron microscopy"),
        ("per", "hour"),
        ("price", "333.33"),
    ];
    let page = format!("{at}/add-service");
    location(&browser.send(&page, &page, &service));
    at
}

/// An order of the firm with a provider that has said its price.
fn priced(delta: &Delta, login: &str, listing: &str) -> String {
    let town = &delta.town;
    let (firm, provider) = (sign_in(town, "jiaxing", "en"), sign_in(town, login, "en"));
    let page = "/voucher-order/new/ask";
    let ask = [
        ("buyer", delta.jiaxing.as_str()),
        ("provider", id(listing)),
        ("item", "1"),
        ("quantity", "1"),
        ("project", "coating"),
        ("no_secrets", "yes"),
    ];
    let order = location(&firm.send(page, page, &ask)).split('?').next().unwrap().to_owned();
    let page = format!("{order}/quote");
    let quote = [("price", "333.33"), ("until", "2026-03-20"), ("text", "list price")];
    location(&provider.send(&page, &page, &quote));
    order
}

#[test]
fn what_cannot_be_is_said_beside_its_field_and_nothing_is_half_done() {
    let delta = delta();
    let town = &delta.town;
    let keeper = sign_in(town, "scientist", "en");
    let at = instrument(town, &keeper);
    // Two Tuesdays are taken.
    for day in ["2026-03-10T09:00", "2026-03-17T09:00"] {
        let (typed, _) = wish(&delta, &at, &[("from", day)]);
        let typed: Vec<(&str, &str)> = typed.iter().map(|(name, value)| (*name, value.as_str())).collect();
        let page = "/booking/new/request";
        location(&sign_in(town, "jiaxing", "en").send(page, page, &typed));
    }
    belonging(town, "other", "Zhejiang Institute", "浙江研究院", "institute", "330000");
    let own = listing(&delta, "scientist", &town.institute.to_string());
    let unit = sign_in(town, "other", "en").get("/account").1;
    let unit = unit.split("/organisation/").nth(1).unwrap().split('"').next().unwrap().to_owned();
    let other = listing(&delta, "other", &unit);
    let (order, elsewhere) = (priced(&delta, "scientist", &own), priced(&delta, "other", &other));
    let page = "/redemption/new/open";
    let batch = location(&keeper.send(page, page, &[("provider", id(&own))]));
    let batch = id(batch.split('?').next().unwrap()).to_owned();
    let claims = claims(&delta, &batch, [&order, &elsewhere]);
    let all = bookings(&delta, &at).into_iter().chain(contracts(&delta, &order)).chain(claims);
    for wrong in all {
        is_said(town, &wrong);
    }
}
