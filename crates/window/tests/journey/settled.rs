//! Settled: another region's house is named, trusted by a second person, and a run that both have signed is taken in by its file,
//! pasted and by program; who has no business with it gets nothing.

use chain::{Excerpt, Signer, note};
use desks::settlement::{Claim, Proof, Said, Statement};
use grammar::kinds::Region;

use super::{money::officer, *};

const OURS: &str = "sh.example/border";
const THEIRS: &str = "zj.example/border";

fn signer(name: &str) -> Signer {
    Signer::from_seed(name, [9; 32]).unwrap()
}

fn statement(run: &str) -> Statement {
    let claim = |order: &str, debtor: u32, creditor: u32, fen: i64| Claim {
        order: order.into(),
        debtor: Region::code(debtor),
        creditor: Region::code(creditor),
        fen,
        effective: "2026-02-20".into(),
        corrects: String::new(),
    };
    Statement {
        run: run.into(),
        first: (Region::code(310_000), OURS.into()),
        second: (Region::code(330_000), THEIRS.into()),
        counting: vec![
            claim("order-1", 330_000, 310_000, 56_000),
            claim("order-2", 310_000, 330_000, 20_050),
        ],
        waiting: vec!["order-3".into()],
    }
}

/// The other's log after some runs.
fn log(all: &[Statement]) -> Vec<String> {
    let signs = |statement: &Statement| {
        let note = note::sign(&statement.text(), &signer(THEIRS)).unwrap();
        Said::Signs { run: statement.run.clone(), with: OURS.into(), note }
    };
    all.iter().map(|statement| serde_json::to_string(&signs(statement)).unwrap()).collect()
}

fn file(runs: &[&str], since: u64) -> String {
    let all: Vec<Statement> = runs.iter().map(|run| statement(run)).collect();
    file_of(&all, since)
}

/// The file of the last of some runs, for a house that has seen so many lines.
fn file_of(all: &[Statement], since: u64) -> String {
    let log = log(all);
    let text = all[all.len() - 1].text();
    let ours = note::sign(&text, &signer(OURS)).unwrap().lines().next_back().unwrap().to_owned();
    let theirs = Excerpt::signed(&log, log.len() - 1, since, &signer(THEIRS)).unwrap();
    serde_json::to_string(&Proof { theirs, ours }).unwrap()
}

fn chosen(browser: &Browser, bond: &str, bytes: &[u8]) -> Reply {
    let action = "/settlement/new/enter";
    let html = browser.get(action).1;
    assert!(html.contains("type=\"file\"") && html.contains("multipart/form-data"), "a file can be chosen");
    let csrf = html.split("name=\"csrf\" value=\"").nth(1).unwrap().split('"').next().unwrap().to_owned();
    let key = html.split("name=\"key\" value=\"").nth(1).unwrap().split('"').next().unwrap().to_owned();
    let typed = [("csrf", csrf), ("key", key), ("neighbour", bond.to_owned()), ("file", String::new())];
    let form: BTreeMap<String, String> =
        typed.into_iter().map(|(name, value)| (name.to_owned(), value)).collect();
    let uploads = BTreeMap::from([("file".to_owned(), ("run.json".to_owned(), bytes.to_vec()))]);
    answer(&browser.town.house, &Visit { is_post: true, form, uploads, ..browser.visit(action) })
}

/// Names the other house with both keys; gives its name.
fn named(office: &Browser) -> String {
    let keys = [signer(OURS), signer(THEIRS)].map(|signer| signer.verifier().to_string());
    let name = "/neighbour/new/name";
    let typed = [
        ("region", "310000"),
        ("other", "330000"),
        ("title.en", "Zhejiang's house"),
        ("ours", keys[0].as_str()),
        ("theirs", keys[1].as_str()),
        ("basis", "letter of 1 March"),
    ];
    let to = location(&office.send(name, name, &typed));
    to.split(['/', '?']).nth(2).unwrap().to_owned()
}

/// One asks that it be trusted, and a second person agrees.
fn trusted(offices: [&Browser; 2], bond: &str) {
    let [first, second] = offices;
    let trust = format!("/neighbour/{bond}/trust");
    assert!(location(&first.send(&trust, &trust, &[])).ends_with("done=waits"));
    let inbox = second.get("/inbox").1;
    let agree = inbox.split("action=\"").find(|rest| rest.contains("/agree\"")).unwrap();
    second.send("/inbox", agree.split('"').next().unwrap(), &[]);
}

/// A house with runs of its own takes in what another says of the same orders: each difference is shown beside our line.
pub fn beside_our_own_run(offices: [&Browser; 2], order: &str, fen: i64) {
    let first = offices[0];
    let bond = named(first);
    trusted(offices, &bond);
    let enters = |all: &[Statement], since: u64| {
        let (enter, file) = ("/settlement/new/enter", file_of(all, since));
        let to = location(&first.send(enter, enter, &[("neighbour", &bond), ("file", &file)]));
        (to.split('?').next().unwrap().to_owned(), text_of(&first.get(&to).1))
    };
    let mut says = statement("2026-q2");
    (says.counting[0].order, says.counting[0].fen) = (order.to_owned(), fen + 66);
    says.counting[0].effective = String::new();
    let (at, page) = enters(&[says.clone()], 0);
    for part in ["2 do not agree", "another amount", "not in our runs", "Clearing between regions"] {
        assert!(page.contains(part), "{part}: {page}");
    }
    let link = format!("{at}/dispute?order={order}");
    assert!(first.get(&at).1.contains(&link), "each finding has its form");
    assert!(!page.contains("no clearing run with that region"));
    let dispute = format!("{at}/dispute");
    location(&first.send(&dispute, &dispute, &[("order", order), ("reason", "66 fen too much")]));
    assert!(text_of(&first.get(&at).1).contains("66 fen too much"));
    // The next one says the same order again, rightly this time: it was settled before.
    let mut again = statement("2026-q3");
    (again.counting[0].order, again.counting[0].fen) = (order.to_owned(), fen);
    let (_, page) = enters(&[says, again], 1);
    assert!(page.contains("settled before"), "{page}");
}

#[test]
fn a_run_signed_in_two_houses_is_taken_in_once_a_second_person_trusts_the_key() {
    let town = town();
    for (login, office, region) in [
        ("clear-1", "clearing-office", "310000"),
        ("clear-2", "clearing-office", "310000"),
        ("clear-else", "clearing-office", "330000"),
    ] {
        officer(&town, login, &[office], region);
    }
    let [first, second, elsewhere, firm] =
        ["clear-1", "clear-2", "clear-else", "firm"].map(|login| sign_in(&town, login, "en"));
    let bond = named(&first);
    let early = chosen(&first, &bond, file(&["2026-q1"], 0).as_bytes());
    assert_eq!(early.status, 422, "one person alone trusts nobody");
    assert!(String::from_utf8(early.body).unwrap().contains("is not trusted"));
    trusted([&first, &second], &bond);

    let to = location(&chosen(&first, &bond, file(&["2026-q1"], 0).as_bytes()));
    let at = to.split('?').next().unwrap().to_owned();
    let page = first.get(&at).1;
    for part in ["200.50", "560", "order-1", "order-3", "note.txt"] {
        assert!(page.contains(part), "{part}");
    }
    let note = first.get(&format!("{at}/note.txt")).1;
    let keys = [OURS, THEIRS].map(|name| signer(name).verifier().clone());
    let opened = note::open(&note, &keys).unwrap();
    assert_eq!((opened.signatures.len(), opened.text), (2, statement("2026-q1").text().as_str()));
    for stranger in [&elsewhere, &firm] {
        assert_eq!(stranger.get(&at).0, 404);
        assert_eq!(stranger.get(&format!("{at}/note.txt")).0, 404);
        assert_eq!(stranger.get(&format!("/neighbour/{bond}")).0, 404);
        assert!(!stranger.get("/settlement").1.contains("2026-q1"));
    }
    disputed(&first, &at);
    let again = chosen(&first, &bond, file(&["2026-q1"], 1).as_bytes());
    assert!(again.status >= 400, "a run is taken in once");
    // The next one is pasted, and must go on from what has been seen.
    let enter = "/settlement/new/enter";
    let rewritten = file(&["2025-q4", "2026-q2"], 1);
    let refused = first.send(enter, enter, &[("neighbour", &bond), ("file", &rewritten)]);
    assert!(String::from_utf8(refused.body).unwrap().contains("the log is not the one that was seen before"));
    let next = file(&["2026-q1", "2026-q2"], 1);
    let to = location(&first.send(enter, enter, &[("neighbour", &bond), ("file", &next)]));
    assert!(first.get(&to).1.contains("2026-q2"));
    let spoilt = chosen(&first, &bond, &[0xff, 0xfe, 0x00]);
    assert_eq!(spoilt.status, 400);
    assert!(
        String::from_utf8(spoilt.body).unwrap().contains("aria-invalid=\"true\""),
        "said beside the field"
    );
}

/// Our books have no run with the other region: nothing can be said of the lines, and one of them is disputed all the same.
fn disputed(office: &Browser, at: &str) {
    let page = text_of(&office.get(at).1);
    assert!(page.contains("no clearing run with that region") && !page.contains("not in our runs"), "{page}");
    let dispute = format!("{at}/dispute");
    let unknown = [("order", "order-7"), ("reason", "who is this")];
    let refused = office.send(&dispute, &dispute, &unknown);
    assert!(refused.status == 422 && text_of(&String::from_utf8(refused.body).unwrap()).contains("order-7"));
    location(&office.send(&dispute, &dispute, &[("order", "order-2"), ("reason", "we have no such order")]));
    let page = text_of(&office.get(at).1);
    for part in ["we have no such order", "Without the lines in dispute we owe", "560"] {
        assert!(page.contains(part), "{part}: {page}");
    }
    let end = format!("{at}/end-dispute");
    location(&office.send(&end, &end, &[("order", "order-2"), ("reason", "found in the old books")]));
    assert!(!text_of(&office.get(at).1).contains("Without the lines in dispute"));
}
