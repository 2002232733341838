//! Settling: a region outside whose house is a program of its own, invented like its key, and a run that both have signed.

use chain::{Excerpt, Signer, Verifier, note};
use desks::settlement::{Claim, Proof, Said, Statement};
use grammar::kinds::Region;
use serde_json::{Value, json};

use super::{
    asks::{Founding, invented},
    houses::Town,
    texts::both,
};

/// Whom Shanghai settles with: a region that none of the four is.
const HOME: u32 = 310_000;
const OTHER: u32 = 360_000;
/// Orders of the run: who owes, and yuan.
const LINES: [(u32, i64); 5] =
    [(OTHER, 48_000), (HOME, 21_500), (OTHER, 9_600), (OTHER, 33_250), (HOME, 7_800)];
const STAGE: &str = "settling";

fn signers() -> Option<[Signer; 2]> {
    let signer = |name: &str, seed: u8| Signer::from_seed(name, [seed; 32]).ok();
    Some([signer("demo-310000.example/border", 31)?, signer("demo-360000.example/border", 36)?])
}

fn key(signer: &Signer) -> String {
    let verifier: &Verifier = signer.verifier();
    verifier.to_string()
}

fn statement(run: &str, [ours, theirs]: &[Signer; 2]) -> Statement {
    let (home, other) = (Region::code(HOME), Region::code(OTHER));
    let claim = |(n, (debtor, yuan)): (usize, (u32, i64))| Claim {
        order: format!("demo-order-{}", n + 1),
        debtor: Region::code(debtor),
        creditor: if debtor == HOME { other } else { home },
        fen: yuan * 100,
        effective: String::new(),
        corrects: String::new(),
    };
    Statement {
        run: run.to_owned(),
        first: (home, ours.verifier().name().to_owned()),
        second: (other, theirs.verifier().name().to_owned()),
        counting: LINES.into_iter().enumerate().map(claim).collect(),
        waiting: vec!["demo-order-6".into()],
    }
}

/// The other's log, as it would be after one run, and the file that the program at our border would make of it.
fn file(run: &str, signers: &[Signer; 2]) -> Option<String> {
    let [ours, theirs] = signers;
    let statement = statement(run, signers);
    let (text, name) = (statement.text(), ours.verifier().name().to_owned());
    let theirs_note = note::sign(&text, theirs).ok()?;
    let said = [
        Said::Claims { run: run.to_owned(), lines: statement.counting },
        Said::Signs { run: run.to_owned(), with: name, note: theirs_note },
    ];
    let log: Vec<String> = said.iter().map(serde_json::to_string).collect::<Result<_, _>>().ok()?;
    let our_line = note::sign(&text, ours).ok()?.lines().next_back()?.to_owned();
    let proof = Proof { theirs: Excerpt::signed(&log, log.len() - 1, 0, theirs)?, ours: our_line };
    serde_json::to_string(&proof).ok()
}

/// Names the other house, has a second person trust it, takes in the run, and begins the next one.
///
/// # Errors
/// The first ask that was denied.
pub fn settled(f: &mut Founding, town: &Town) -> Result<usize, String> {
    let signers = signers().ok_or("keys of the border")?;
    let [ours, theirs] = signers.each_ref().map(key);
    let (first, second) = (town.officers.by("clearing-1")?, town.officers.by("clearing-2")?);
    let name = json!({
        "verb": "name", "region": format!("{HOME:06}"), "other": format!("{OTHER:06}"),
        "title": both("江西平台（示例数据）", "Jiangxi's house (demo)"), "ours": ours,
        "theirs": theirs, "basis": "示例函件：双方公钥互换 / demo: letter of keys",
    });
    let ask = |key: &str, desk: &str, record, command| {
        invented(format!("{STAGE}/{key}"), first, desk, record, command)
    };
    let named = f.ask_all(STAGE, vec![ask("name", "neighbour", None, name)])?;
    let bond = named.first().copied().ok_or("no neighbour")?;
    let trust = ask("trust", "neighbour", Some(bond), json!({ "verb": "trust" }));
    f.ask_two(STAGE, vec![trust], second)?;
    let run = format!("{}-demo", f.founded.day().year());
    let file = file(&run, &signers).ok_or("a file of the border")?;
    let enter = json!({ "verb": "enter", "neighbour": bond, "file": file });
    let settled = f.ask_all(STAGE, vec![ask("enter", "settlement", None, enter)])?.len();
    // The next run goes by messages; the other has not answered yet.
    let open = json!({ "verb": "open", "neighbour": bond, "run": format!("{run}-2") });
    let opened = f.ask_all(STAGE, vec![ask("exchange", "exchange", None, open)])?;
    let line = |(n, (debtor, yuan)): (usize, (u32, i64))| {
        let creditor = if debtor == HOME { OTHER } else { HOME };
        json!({
            "order": format!("demo-order-{}", n + 7), "debtor": format!("{debtor:06}"), "creditor": format!("{creditor:06}"),
            "amount": format!("{}.00", yuan / 2), "effective": null, "corrects": null,
        })
    };
    let lines: Vec<Value> = LINES.into_iter().take(3).enumerate().map(line).collect();
    let state = ask("lines", "exchange", opened.first().copied(), json!({ "verb": "state", "lines": lines }));
    f.ask_all(STAGE, vec![state])?;
    Ok(settled)
}
