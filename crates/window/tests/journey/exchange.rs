//! Exchange: two houses, each with a log and a key of its own, come to a statement that both have signed, by files that people carry from
//! pages to pages; one that was changed on the way is refused.

use super::{money::officer, *};

const RUN: &str = "2026-q1";

struct Side<'a> {
    first: Browser<'a>,
    second: Browser<'a>,
    at: String,
}

fn house(name: &str, chance: u64, region: &str) -> Town {
    let town = town_named(&DESKS, name, chance);
    for login in ["clear-1", "clear-2"] {
        officer(&town, login, &["clearing-office"], region);
    }
    officer(&town, "clear-else", &["clearing-office"], "340000");
    town
}

/// Names the other house by the key that its page shows; a second person trusts it; an exchange is begun.
fn met<'a>(town: &'a Town, other: &Town, regions: [&str; 2], language: &'static str) -> Side<'a> {
    let [first, second] = ["clear-1", "clear-2"].map(|login| sign_in(town, login, language));
    let keys = [town, other].map(|town| town.house.registry.log_key());
    let name = "/neighbour/new/name";
    let typed = [
        ("region", regions[0]),
        ("other", regions[1]),
        ("title.en", "the other house"),
        ("title.zh", "对方平台"),
        ("ours", keys[0].as_str()),
        ("theirs", keys[1].as_str()),
        ("basis", "letter of 1 March"),
    ];
    let bond = location(&first.send(name, name, &typed));
    let bond = bond.split('?').next().unwrap().to_owned();
    let open = "/exchange/new/open";
    let typed = [("neighbour", bond.rsplit('/').next().unwrap()), ("run", RUN)];
    assert_eq!(first.send(open, open, &typed).status, 422, "one person alone trusts nobody");
    let trust = format!("{bond}/trust");
    assert!(location(&first.send(&trust, &trust, &[])).ends_with("done=waits"));
    let inbox = second.get("/inbox").1;
    let agree = inbox.split("action=\"").find(|rest| rest.contains("/agree\"")).unwrap();
    location(&second.send("/inbox", agree.split('"').next().unwrap(), &[]));
    let at = location(&first.send(open, open, &typed)).split('?').next().unwrap().to_owned();
    Side { first, second, at }
}

impl Side<'_> {
    fn does(&self, verb: &str, typed: &[(&str, &str)]) {
        let action = format!("{}/{verb}", self.at);
        location(&self.first.send(&action, &action, typed));
    }

    fn claims(&self, lines: &[(&str, &str)]) {
        let mut typed = Vec::new();
        for ((order, amount), n) in lines.iter().zip(1..) {
            let debtor =
                [("order", *order), ("debtor", "330000"), ("creditor", "310000"), ("amount", *amount)];
            typed.extend(debtor.map(|(field, value)| (format!("lines.{n}.{field}"), value.to_owned())));
        }
        let typed: Vec<(&str, &str)> =
            typed.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        self.does("state", &typed);
    }

    /// The file that this side's page offers for the other.
    fn message(&self, number: u32) -> String {
        let link = format!("{}/message/{number}", self.at);
        assert!(self.second.get(&self.at).1.contains(&link), "{link}");
        let (status, file) = self.second.get(&link);
        assert_eq!(status, 200, "{file}");
        file
    }

    /// Brings a file, as chosen in the form that the page leads to.
    fn brings(&self, file: &str) -> Reply {
        let action = format!("{}/hear", self.at);
        let page = self.first.get(&self.at).1;
        let link = page
            .split(&format!("{action}?neighbour="))
            .nth(1)
            .unwrap_or_else(|| panic!("{}", text_of(&page)));
        let bond = link.split('"').next().unwrap().to_owned();
        let html = self.first.get(&action).1;
        assert!(html.contains("type=\"file\""));
        let hidden = |name: &str| {
            let rest = html.split(&format!("name=\"{name}\" value=\"")).nth(1).unwrap();
            (name.to_owned(), rest.split('"').next().unwrap().to_owned())
        };
        let mut form: BTreeMap<String, String> = ["csrf", "key"].map(hidden).into();
        form.insert("neighbour".into(), bond);
        form.insert("file".into(), String::new());
        let uploads =
            BTreeMap::from([("file".to_owned(), ("message.json".to_owned(), file.as_bytes().to_vec()))]);
        answer(&self.first.town.house, &Visit { is_post: true, form, uploads, ..self.first.visit(&action) })
    }

    fn refuses(&self, file: &str, part: &str) {
        let reply = self.brings(file);
        let html = String::from_utf8(reply.body).unwrap();
        let said = text_of(&html);
        assert!(reply.status == 422 && said.contains(part), "{part}: {} {said}", reply.status);
        assert!(html.contains("aria-invalid=\"true\""), "beside the field: {said}");
    }

    fn reads(&self, parts: &[&str]) {
        let page = text_of(&self.second.get(&self.at).1);
        for part in parts {
            assert!(page.contains(part), "{part}: {page}");
        }
    }
}

#[test]
fn two_houses_agree_by_files_that_people_carry() {
    let (sh, zj, ah) = (
        house("sh.example/log", 7, "310000"),
        house("zj.example/log", 70_000, "330000"),
        house("ah.example/log", 700_000, "340000"),
    );
    let shanghai = met(&sh, &zj, ["310000", "330000"], "en");
    let zhejiang = met(&zj, &sh, ["330000", "310000"], "zh-CN");
    let anhui = met(&ah, &zj, ["340000", "330000"], "en");
    shanghai.reads(&["State what our books have"]);
    shanghai.claims(&[("order-1", "500"), ("order-2", "60")]);
    zhejiang.claims(&[("order-1", "500"), ("order-2", "61")]);
    let first = shanghai.message(1);
    let tampered = first.replace("50000", "50001");
    assert_ne!(tampered, first);
    zhejiang.refuses(&tampered, "文件可能在途中被改动");
    zhejiang.refuses("{}", "这不是其他平台的往来文件");
    let own = zhejiang.message(1);
    zhejiang.refuses(&own, "不是由本平台信任的密钥签名");
    // A house that is not trusted; and one that is, in a message that is meant for another.
    zhejiang.refuses(&one_line(&anhui, "330000"), "不是由本平台信任的密钥签名");
    let aside = met(&sh, &ah, ["310000", "340000"], "en");
    zhejiang.refuses(&one_line(&aside, "310000"), "是给 ah.example/log 的");
    location(&zhejiang.brings(&first));
    zhejiang.refuses(&first, "第 1 份文件已导入");
    location(&shanghai.brings(&own));
    shanghai.reads(&["the two differ", "¥500", "¥60", "¥61"]);
    // Zhejiang signs second.
    let agree = format!("{}/agree", zhejiang.at);
    assert_eq!(zhejiang.first.send(&zhejiang.at, &agree, &[]).status, 422);
    let offers = |side: &Side| {
        let page = side.first.get(&side.at).1;
        let next = page.split("id=\"messages\"").next().unwrap().to_owned();
        next.contains(&format!("action=\"{}/agree\"", side.at))
    };
    assert!(offers(&shanghai) && !offers(&zhejiang), "only whose turn it is");
    shanghai.does("agree", &[]);
    let signature = shanghai.message(2);
    location(&zhejiang.brings(&signature));
    zhejiang.does("agree", &[]);
    zhejiang.reads(&["双方均已签认", "330000 owes 50000"]);
    location(&shanghai.brings(&zhejiang.message(2)));
    shanghai.reads(&["Both sides have signed", "330000 owes 50000", "waits order-2"]);
    let statement = |side: &Side| {
        let text = side.first.get(&format!("/api/v1{}", side.at)).1;
        serde_json::from_str::<Value>(&text).unwrap()["state"]["statement"].clone()
    };
    assert_eq!(statement(&shanghai), statement(&zhejiang));
    becomes_a_settlement(&shanghai, ["¥500 The other owes", "the receipts of both logs"]);
    becomes_a_settlement(&zhejiang, ["本方应付", "签认"]);
    // Who has no business with it gets nothing, neither page nor message.
    let stranger = sign_in(&sh, "clear-else", "en");
    for path in [shanghai.at.clone(), format!("{}/message/1", shanghai.at)] {
        assert_eq!(stranger.get(&path).0, 404, "{path}");
        assert_ne!(sign_in(&sh, "firm", "en").get(&path).0, 200);
    }
}

/// What both have signed stands as a settlement of its own, with the exchange as its evidence; it is disputed and paid there.
fn becomes_a_settlement(side: &Side, parts: [&str; 2]) {
    let page = side.second.get(&side.at).1;
    let link = page.split("href=\"/settlement/").nth(1).unwrap_or_else(|| panic!("{}", text_of(&page)));
    let at = format!("/settlement/{}", link.split('"').next().unwrap());
    let (status, page) = side.second.get(&at);
    assert!(status == 200 && page.contains(&format!("href=\"{}\"", side.at)), "{}", text_of(&page));
    for part in parts {
        assert!(text_of(&page).contains(part), "{part}: {}", text_of(&page));
    }
    let record =
        |at: &str| -> Value { serde_json::from_str(&side.first.get(&format!("/api/v1{at}")).1).unwrap() };
    let (settlement, exchange) = (record(&at), record(&side.at));
    assert_eq!(settlement["state"]["statement"], exchange["state"]["statement"]);
    assert_eq!(settlement["state"]["exchange"], exchange["id"]);
    assert!(settlement["state"]["seen"]["size"].as_u64().unwrap() > 0, "how far the other's log was seen");
    let dispute = format!("{at}/dispute");
    location(&side.first.send(&dispute, &dispute, &[("order", "order-1"), ("reason", "未见报告")]));
    let again = format!("{}/conclude", side.at);
    assert_eq!(side.first.send(&side.at, &again, &[]).status, 409, "there is one settlement");
}

/// What a run of ours has with the other region is shown, and stated with one press, in an exchange with the neighbour that is trusted.
pub fn takes_lines(office: Browser, second: Browser, run: &str) {
    let all: Value = serde_json::from_str(&office.get("/api/v1/neighbour").1).unwrap();
    let bond = all["rows"][0]["id"].as_str().unwrap().to_owned();
    let open = "/exchange/new/open";
    let to = location(&office.send(open, open, &[("neighbour", &bond), ("run", RUN)]));
    let side = Side { first: office, second, at: to.split('?').next().unwrap().to_owned() };
    let run = run.rsplit('/').next().unwrap();
    let chosen = format!("{}?run={run}", side.at);
    assert!(side.first.get(&side.at).1.contains(&chosen), "the run is offered");
    let page = side.first.get(&chosen).1;
    let form = page.split(&format!("action=\"{}/state\"", side.at)).nth(1).unwrap();
    let form = form.split("</form>").next().unwrap();
    let fields = form.split("name=\"lines.").skip(1).map(|rest| {
        let (name, rest) = rest.split_once("\" value=\"").unwrap();
        (format!("lines.{name}"), rest.split('"').next().unwrap().to_owned())
    });
    let fields: Vec<(String, String)> = fields.collect();
    let typed: Vec<(&str, &str)> =
        fields.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    side.does("state", &typed);
    let record: Value = serde_json::from_str(&side.first.get(&format!("/api/v1{}", side.at)).1).unwrap();
    let claims = record["state"]["here"]["claims"].as_object().unwrap();
    let lines: Value = serde_json::from_str(&side.first.get(&format!("/api/v1/clearing/{run}")).1).unwrap();
    let lines = lines["state"]["lines"].as_object().unwrap();
    assert_eq!(claims.len(), lines.len());
    for line in lines.values() {
        let claim = &claims[line["order"].as_str().unwrap()];
        assert_eq!((&claim["debtor"], &claim["effective"]), (&line["debtor"], &line["effective"]));
        assert_eq!(claim["fen"], 16_666);
    }
    side.reads(&["Take our messages to the other house"]);
}

/// The message in which a side says that a region owes Anhui something.
fn one_line(side: &Side, debtor: &str) -> String {
    let action = format!("{}/state", side.at);
    let typed = [
        ("lines.1.order", "order-9"),
        ("lines.1.debtor", debtor),
        ("lines.1.creditor", "340000"),
        ("lines.1.amount", "1"),
    ];
    location(&side.first.send(&action, &action, &typed));
    side.message(1)
}
