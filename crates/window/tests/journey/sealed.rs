//! A desk with sealed values, used by every way in: what was sealed stands nowhere before its time, for nobody,
//! and nobody but the clock opens it.

use std::sync::LazyLock;

use desks::{office::Office, organisation::Organisation, person::Person, rulebook::Rulebook};
use grammar::{clerk::desk, prelude::*};

use super::*;

/// A ballot that nobody reads before its day. It hides nothing of its own: the seal alone does.
#[derive(Clone, Debug, Serialize, Deserialize)]
struct Ballot {
    by: Id,
    subject: Text<200>,
    vote: Sealed<Vote>,
    amount: Sealed<Money>,
    reason: Value,
    opens: Day,
    opened: Option<Opened>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
enum Vote {
    InFavour,
    Against,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct Opened {
    vote: Vote,
    amount: Money,
    reason: Text<200>,
}

#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
struct Paper {
    subject: Text<200>,
    vote: Sealed<Vote>,
    amount: Sealed<Money>,
    reason: Sealed<Text<200>>,
    opens: Day,
}

#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "verb", rename_all = "kebab-case")]
enum Command {
    Cast(Paper),
    Recast(Paper),
    Peek,
    Open,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(tag = "event", rename_all = "kebab-case")]
enum Event {
    Cast { by: Id, paper: Paper },
    Recast { paper: Paper },
    Opened(Opened),
}

impl PartialEq for Event {
    fn eq(&self, other: &Self) -> bool {
        json!(self) == json!(other)
    }
}

#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(tag = "code", rename_all = "kebab-case")]
enum Refusal {
    StaysClosed,
}

impl Ballot {
    fn of(by: Id, paper: &Paper) -> Self {
        let Paper { subject, vote, amount, reason, opens } = paper.clone();
        Self { by, subject, vote, amount, reason: json!(reason), opens, opened: None }
    }
}

impl Desk for Ballot {
    const NAME: &'static str = "ballot";
    const OPENS: &'static [&'static str] = &["cast"];
    const WORDS: [&'static str; 2] = [WORDS_ZH, WORDS_EN];
    const RULES: &'static str = "";
    type Command = Command;
    type Event = Event;
    type Refusal = Refusal;

    fn who(command: &Command) -> Who {
        match command {
            Command::Cast(_) | Command::Peek => Who::Anyone,
            Command::Recast(_) => Who::Party("owner"),
            Command::Open => Who::Clock,
        }
    }

    fn decide(this: Option<&Self>, command: &Command, ctx: &Ctx) -> Decision<Self> {
        match (this, command) {
            (None, Command::Cast(paper)) => {
                Ok(say(Event::Cast { by: ctx.by.person.unwrap_or(ctx.me), paper: paper.clone() }))
            }
            (Some(ballot), Command::Recast(paper)) if ballot.opened.is_none() => {
                Ok(say(Event::Recast { paper: paper.clone() }))
            }
            (Some(ballot), Command::Peek | Command::Open) if ballot.opened.is_none() => {
                let vote = ctx.open(&ballot.vote).ok_or(Refusal::StaysClosed)?;
                let amount = ctx.open(&ballot.amount).ok_or(Refusal::StaysClosed)?;
                let reason: Sealed<Text<200>> = serde_json::from_value(ballot.reason.clone()).unwrap();
                let reason = ctx.open(&reason).ok_or(Refusal::StaysClosed)?;
                Ok(say(Event::Opened(Opened { vote, amount, reason })))
            }
            _ => not_now(),
        }
    }

    fn apply(this: Option<Self>, event: &Event) -> Self {
        match (this, event.clone()) {
            (None, Event::Cast { by, paper }) => Self::of(by, &paper),
            (Some(ballot), Event::Recast { paper }) => Self::of(ballot.by, &paper),
            // The reason takes the place of what was sealed, under the same name.
            (Some(ballot), Event::Opened(opened)) => {
                Self { reason: json!(opened.reason), opened: Some(opened), ..ballot }
            }
            _ => impossible(event),
        }
    }

    fn due(&self) -> Option<Due<Command>> {
        self.opened.is_none().then(|| Due::at(self.opens.begins(), Command::Open))
    }

    fn card(&self) -> Card {
        let status = if self.opened.is_some() { "open" } else { "closed" };
        let subject = self.subject.to_string();
        Card::new().status(status).titled(subject.clone(), subject).party("owner", self.by)
    }
}

const WORDS_ZH: &str = r#"
desk = { one = "选票", many = "选票" }
verb = { cast = "投票", recast = "改投", peek = "偷看", open = "开票" }
field = { by = "投票人", subject = "事由", vote = "表决", amount = "金额", reason = "理由", opens = "开票日", opened = "开票结果" }
status = { open = "已开票", closed = "未开票" }
choice = { in-favour = "赞成", against = "反对" }
refusal = { stays-closed = "到期前不予开启。" }
event = { cast = "已投票。", recast = "已改投。", opened = "已开票：{amount}。" }
"#;
const WORDS_EN: &str = r#"
desk = { one = "ballot", many = "ballots" }
verb = { cast = "Cast", recast = "Cast again", peek = "Peek", open = "Open" }
field = { by = "By", subject = "Subject", vote = "Vote", amount = "Amount", reason = "Reason", opens = "Opens", opened = "Result" }
status = { open = "opened", closed = "closed" }
choice = { in-favour = "In favour", against = "Against" }
refusal = { stays-closed = "It stays closed until its day." }
event = { cast = "Cast.", recast = "Cast again.", opened = "Opened: {amount}." }
"#;

static WITH_BALLOTS: LazyLock<Desks> = LazyLock::new(|| {
    Desks::new(vec![
        desk::<Organisation>(),
        desk::<Person>(),
        desk::<Office>(),
        desk::<Rulebook>(),
        desk::<Ballot>(),
    ])
});

const OPENS: &str = "2026-03-06";
/// Parts of what is sealed, in whatever form an answer might show them.
const SECRETS: [&str; 5] = ["XQ-77", "7654321", "7,654,321", "765.43", "in-favour"];

fn typed() -> Vec<(&'static str, &'static str)> {
    vec![
        ("subject", "Lease of the hall"),
        ("vote", "in-favour"),
        ("amount", "7654321.09"),
        ("reason", "because of XQ-77"),
        ("opens", OPENS),
    ]
}

/// A visit of the interface with a JSON body; `key` may be empty.
fn call(browser: &Browser, path: &str, key: &str, body: &Value) -> (u16, Value) {
    let html = browser.get("/account").1;
    let csrf = html.split("name=\"csrf\" value=\"").nth(1).and_then(|rest| rest.split('"').next());
    let mut visit = browser.visit(path);
    visit.is_post = true;
    visit.body = body.to_string().into_bytes();
    visit.headers.insert("content-type".into(), "application/json".into());
    visit.headers.insert("x-csrf-token".into(), csrf.unwrap_or_default().into());
    if !key.is_empty() {
        visit.headers.insert("idempotency-key".into(), key.into());
    }
    let reply = answer(&browser.town.house, &visit);
    (reply.status, serde_json::from_slice(&reply.body).unwrap_or_default())
}

/// Every answer about a ballot, and those in which it could turn up.
fn told(browser: &Browser, ballot: &str, position: u64) -> Vec<(String, String)> {
    let mut paths: Vec<String> = ["", "/case.json"].map(|end| format!("/ballot/{ballot}{end}")).into();
    paths.extend(["", "/history", "/case"].map(|end| format!("/api/v1/ballot/{ballot}{end}")));
    paths.extend([format!("/proof/{position}"), format!("/proof/{position}/receipt.json")]);
    paths.extend(
        [
            "/ballot",
            "/ballot?q=because",
            "/ballot/export.csv",
            "/api/v1/ballot",
            "/api/v1/ballot?q=because",
            "/inbox",
        ]
        .map(str::to_owned),
    );
    paths.extend(
        [
            "/api/v1/inbox",
            "/my/data",
            "/my/data.json",
            "/find?q=because",
            "/api/v1/find?q=because",
            "/account",
            "/",
        ]
        .map(str::to_owned),
    );
    let mut answers = Vec::new();
    for path in paths {
        let reply = answer(&browser.town.house, &browser.visit(&path));
        let body = String::from_utf8_lossy(&reply.body).into_owned();
        answers.push((path, body));
    }
    answers
}

/// Those who have everything that an office can give: login, name, office. Nobody has two of these.
const STAFF: [(&str, &str, &str); 3] = [
    ("screener", "筛选人员", "system-admin"),
    ("joint", "联合办公室人员", "security-admin"),
    ("noticer", "公示人员", "auditor"),
];

/// A town with ballots and staff of high power.
fn with_ballots() -> Town {
    let town = town_of(&WITH_BALLOTS);
    for (_, name, office) in STAFF {
        let staff = person_named(&town, name);
        let appoint = json!({ "verb": "appoint", "holder": staff, "office": office, "region": "000000", "from": "2026-03-02", "document": "test 1" });
        founded(&town.house.registry, &format!("staff/{office}"), "office", None, appoint);
    }
    town
}

/// The public, whoever sealed, and all staff.
fn everyone(town: &Town) -> Vec<Browser<'_>> {
    let mut all = vec![Browser { town, cookies: BTreeMap::new(), language: "en" }];
    all.extend(
        ["firm"].into_iter().chain(STAFF.map(|(login, ..)| login)).map(|login| sign_in(town, login, "en")),
    );
    all
}

fn person_named(town: &Town, zh: &str) -> Id {
    let filter = registry::Filter { desk: "person".into(), words: zh.into(), limit: 5, ..Default::default() };
    town.house.registry.look(None).unwrap().list(&filter).unwrap().rows[0].id
}

#[test]
fn what_is_sealed_stands_nowhere_before_its_time_and_everywhere_after() {
    let town = with_ballots();
    let registry = &town.house.registry;
    let firm = sign_in(&town, "firm", "en");
    let page = "/ballot/new/cast";
    assert!(firm.get(page).1.contains("closed to everyone until its time"), "the form says so");
    let to = location(&firm.send(page, page, &typed()));
    let (by_page, position) = (to.split(['/', '?']).nth(2).unwrap().to_owned(), registry.size() - 1);
    let body: Value = typed()
        .into_iter()
        .map(|(name, value)| (name.to_owned(), json!(value)))
        .collect::<serde_json::Map<_, _>>()
        .into();
    let (status, receipt) = call(&firm, "/api/v1/ballot/cast", "k", &body);
    assert_eq!(status, 201, "{receipt}");
    let by_json = receipt["record"].as_str().unwrap().to_owned();
    let by_sheet = by_a_sheet(&town, &firm);

    let ballots = [(&by_page, position), (&by_json, position + 1), (&by_sheet, position + 2)];
    for (ballot, position) in ballots {
        for who in everyone(&town) {
            for (path, text) in told(&who, ballot, position) {
                for secret in SECRETS {
                    assert!(!text.contains(secret), "{path} tells {secret} before its time");
                }
            }
        }
        assert!(
            firm.get(&format!("/ballot/{ballot}")).1.contains("sealed"),
            "its page says that it is sealed"
        );
    }
    a_form_does_not_offer_what_stands_for_a_seal(&firm, &by_page);

    town.clock.0.store(OPENS.parse::<Day>().ok().unwrap().begins().in_millis(), Ordering::Relaxed);
    assert_eq!(registry.tick().unwrap().woken, 3);
    let public = Browser { town: &town, cookies: BTreeMap::new(), language: "en" };
    for (ballot, _) in ballots {
        let page = public.get(&format!("/ballot/{ballot}")).1;
        for shown in ["In favour", "7,654,321.09", "because of XQ-77"] {
            assert!(page.contains(shown), "{shown} is not shown when it is open: {}", text_of(&page));
        }
    }
}

/// Casts one by a sheet: the dry run, then the press that runs it.
fn by_a_sheet(town: &Town, firm: &Browser) -> String {
    let template = firm.get("/ballot/template.csv?verb=cast").1;
    let header = template.lines().next().unwrap().to_owned();
    let row = typed().into_iter().map(|(_, value)| value).collect::<Vec<_>>().join(",");
    for name in ["Subject", "Vote", "Amount", "Reason", "Opens"] {
        assert!(header.contains(name), "the sheet has no column {name}: {header}");
    }
    let html = firm.get("/ballot/import/cast").1;
    let csrf = html.split("name=\"csrf\" value=\"").nth(1).and_then(|rest| rest.split('"').next()).unwrap();
    let form = |more: &[(&str, &str)]| {
        let all = [&[("csrf", csrf)], more].concat();
        all.into_iter().map(|(name, value)| (name.to_owned(), value.to_owned())).collect::<BTreeMap<_, _>>()
    };
    let sheet = ("ballots.csv".to_owned(), format!("{header}\r\n{row}\r\n").into_bytes());
    let uploads = BTreeMap::from([("sheet".to_owned(), sheet)]);
    let looked = Visit { is_post: true, form: form(&[]), uploads, ..firm.visit("/ballot/import/cast") };
    let reply = answer(&town.house, &looked);
    let html = String::from_utf8(reply.body).unwrap();
    assert_eq!(reply.status, 200, "{}", text_of(&html));
    let checked = html.split("name=\"checked\" value=\"").nth(1).and_then(|rest| rest.split('"').next());
    let run = Visit {
        is_post: true,
        form: form(&[("checked", checked.unwrap())]),
        ..firm.visit("/ballot/import/cast")
    };
    let job = location(&answer(&town.house, &run));
    assert_eq!(firm.get(&job).0, 200);
    loop {
        let rows = town.house.registry.look(None).unwrap();
        let filter = registry::Filter { desk: "ballot".into(), limit: 9, ..Default::default() };
        let rows = rows.list(&filter).unwrap().rows;
        if rows.len() == 3 {
            return rows[0].id.to_string();
        }
        std::thread::yield_now();
    }
}

fn a_form_does_not_offer_what_stands_for_a_seal(firm: &Browser, ballot: &str) {
    let action = format!("/ballot/{ballot}/recast");
    let state = call_get(firm, &format!("/api/v1/ballot/{ballot}"));
    let form = firm.get(&action).1;
    assert!(form.contains("Lease of the hall"), "what is open is filled in");
    for name in ["vote", "amount", "reason"] {
        let commitment = state["state"][name].as_str().unwrap();
        assert_eq!(commitment.len(), 64);
        assert!(!form.contains(commitment), "the form offers the seal of {name} as a value");
    }
    let untouched = firm.send(&action, &action, &[("subject", "Lease of the hall"), ("opens", OPENS)]);
    assert_eq!(untouched.status, 400, "who casts again must say all of it again");
    location(&firm.send(&action, &action, &typed()));
}

fn call_get(browser: &Browser, path: &str) -> Value {
    serde_json::from_str(&browser.get(path).1).unwrap()
}

#[test]
fn nobody_opens_early_by_any_way_in() {
    let town = with_ballots();
    let firm = sign_in(&town, "firm", "en");
    let to = location(&firm.send("/ballot/new/cast", "/ballot/new/cast", &typed()));
    let ballot = to.split(['/', '?']).nth(2).unwrap().to_owned();
    let (at, api) = (format!("/ballot/{ballot}"), format!("/api/v1/ballot/{ballot}"));
    let size = town.house.registry.size();
    let commitment = call_get(&firm, &api)["state"]["reason"].as_str().unwrap().to_owned();
    let signed_in = everyone(&town).split_off(1);
    let copies = signed_in.len();
    for who in signed_in {
        for (verb, page, json) in [("peek", 422, 422), ("open", 403, 403)] {
            let reply = who.send(&at, &format!("{at}/{verb}"), &[]);
            assert_eq!(reply.status, page, "{verb} by a page");
            assert!(!String::from_utf8_lossy(&reply.body).contains("XQ-77"));
            let (status, said) = call(&who, &format!("{api}/{verb}"), "", &json!({}));
            assert_eq!(status, json, "{verb} by JSON: {said}");
        }
        // What stands for the seal opens nothing: as a value it is sealed like any other.
        let mut copy = json!({ "subject": "Copy", "vote": "against", "amount": "1", "opens": "2026-03-03" });
        copy["reason"] = commitment.as_str().into();
        let (status, receipt) = call(&who, "/api/v1/ballot/cast", "", &copy);
        assert_eq!(status, 201, "{receipt}");
        assert_eq!(town.house.registry.reveal(&commitment).unwrap(), None);
    }
    assert_eq!(town.house.registry.size(), size + copies as u64, "only the copies were cast");
    town.clock.0.store("2026-03-03".parse::<Day>().ok().unwrap().begins().in_millis(), Ordering::Relaxed);
    assert_eq!(town.house.registry.tick().unwrap().woken, copies, "the copies");
    let public = Browser { town: &town, cookies: BTreeMap::new(), language: "en" };
    for (path, text) in told(&public, &ballot, size - 1) {
        assert!(!text.contains("XQ-77"), "{path}");
    }
}

#[test]
fn a_key_that_was_used_for_something_else_is_refused_in_words() {
    let town = with_ballots();
    let said = [("zh-CN", "唯一键"), ("en", "has already served for something else")];
    for (language, words) in said {
        let firm = sign_in(&town, "firm", language);
        let mut body: Value = typed()
            .into_iter()
            .map(|(name, value)| (name.to_owned(), json!(value)))
            .collect::<serde_json::Map<_, _>>()
            .into();
        let key = format!("key {language}");
        let first = call(&firm, "/api/v1/ballot/cast", &key, &body);
        assert_eq!(first.0, 201);
        let size = town.house.registry.size();
        let again = call(&firm, "/api/v1/ballot/cast", &key, &body);
        assert_eq!(
            (again.0, &again.1["record"], &again.1["is_repeat"]),
            (201, &first.1["record"], &json!(true))
        );
        body["amount"] = "7654321.10".into();
        let (status, denied) = call(&firm, "/api/v1/ballot/cast", &key, &body);
        assert_eq!((status, &denied["code"]), (422, &json!("key-used")), "{denied}");
        assert!(denied["message"].as_str().unwrap().contains(words), "{denied}");
        let long = call(&firm, "/api/v1/ballot/cast", &"k".repeat(201), &body);
        assert_eq!((long.0, &long.1["faults"][0]["code"]), (400, &json!("too-long")), "a key without end");
        // A page sent twice, the second time with something else in it, says so too, and keeps what was typed.
        let page = "/ballot/new/cast";
        let html = firm.get(page).1;
        let key = html.split("name=\"key\" value=\"").nth(1).and_then(|rest| rest.split('"').next()).unwrap();
        let with_key = [typed(), vec![("key", key)]].concat();
        let to = location(&firm.send(page, page, &with_key));
        assert_eq!(location(&firm.send(page, page, &with_key)), to, "the same press twice");
        let other = [with_key, vec![("subject", "Another subject")]].concat();
        let reply = firm.send(page, page, &other);
        let html = String::from_utf8(reply.body).unwrap();
        assert!(reply.status == 422 && html.contains(words) && html.contains("Another subject"));
        assert_eq!(town.house.registry.size(), size + 1);
    }
}
