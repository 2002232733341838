//! Drawn: of the demonstration's panels, the one drawn by lot, repeated by the program that a stranger would use; what its
//! member, its treasurer and others get; and the pages of applications. Called by `judging`, which founds the region.

use std::{path::Path, process::Command};

use crate::{
    judging::{CITIZEN, PANEL, PROGRAMME, REVIEWER, UNIVERSITY, become_role, links, main_of},
    region::{Region, Visitor},
};

const FIRM: &str = "01";
const AUDITOR: &str = "15";
const OWNER: &str = "25";
const VOTER: &str = "26";

pub fn all(region: &Region, folder: &Path) {
    a_panel_is_drawn_again_from_its_record(region, folder);
    a_member_votes_once(region);
    fees_are_for_the_office_and_the_auditor(region);
    an_application_is_its_own_peoples_and_the_offices(region);
    an_owner_says_whom_they_would_take(region);
    published_figures_stand_beside_the_counted_ones(region);
}

/// `kechuang redo panel FILE --key KEY`: what it says, and whether it agrees.
fn redo(folder: &Path, record: &str, key: &str) -> (bool, String) {
    let file = folder.join("panel.json");
    std::fs::write(&file, record).unwrap();
    let out = Command::new(env!("CARGO_BIN_EXE_kechuang"))
        .args(["redo", "panel"])
        .arg(&file)
        .args(["--key", key])
        .env_clear()
        .env("LANG", "en_GB.UTF-8")
        .output()
        .unwrap();
    let said = [out.stdout, out.stderr].concat();
    (out.status.success(), String::from_utf8(said).unwrap())
}

/// The same record with one thing in it otherwise.
fn spoilt(record: &str, from: &str, to: &str) -> String {
    let other = record.replacen(from, to, 1);
    assert_ne!(other, record, "{from} is not there");
    other
}

fn a_panel_is_drawn_again_from_its_record(region: &Region, folder: &Path) {
    let office = become_role(region, PANEL);
    let panel = links(main_of(&office.get("/panel?status=voting").text), "panel").first().unwrap().clone();
    let page = office.get(&panel).text;
    let main = main_of(&page);
    assert!(main.contains("The list was fixed first") && main.contains("the expert is abroad until then"));
    let key = main.split("--key '").nth(1).or_else(|| main.split("--key &#39;").nth(1)).unwrap();
    let key = key.split(['\'', '&', '<']).next().unwrap().to_owned();
    let record = office.get(&format!("{panel}/record.json")).text;
    let (agrees, said) = redo(folder, &record, &key);
    assert!(agrees, "{said}");
    let dossier: serde_json::Value = serde_json::from_str(&record).unwrap();
    let facts: Vec<String> = dossier["receipts"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| one["fact"].as_str().unwrap().to_owned())
        .collect();
    let [fixed, drawn] =
        ["list-fixed", "lots-drawn"].map(|name| facts.iter().find(|fact| fact.contains(name)).unwrap());
    // One expert more room, another order, another secret: each is refused.
    let swapped = |fact: &str, from: &str, to: &str| {
        let other = serde_json::to_string(&fact.replacen(from, to, 1)).unwrap();
        spoilt(&record, &serde_json::to_string(fact).unwrap(), &other)
    };
    let secret = drawn.split("\"secret\":\"").nth(1).unwrap().split('"').next().unwrap().to_owned();
    let turned: String = secret.chars().rev().collect();
    for other in [
        swapped(fixed, "\"room\":3", "\"room\":4"),
        swapped(drawn, "\"experts\":[", "\"experts\":[0,"),
        swapped(drawn, &secret, &turned),
    ] {
        let (agrees, said) = redo(folder, &other, &key);
        assert!(!agrees && !said.is_empty(), "{said}");
    }
    for role in [VOTER, REVIEWER, PROGRAMME, UNIVERSITY] {
        assert_eq!(become_role(region, role).get(&format!("{panel}/record.json")).status, 404, "role {role}");
    }
}

fn a_member_votes_once(region: &Region) {
    let member = become_role(region, VOTER);
    let inbox = member.get("/inbox").text;
    let panel = links(main_of(&inbox), "panel").first().unwrap_or_else(|| panic!("{inbox}")).clone();
    let page = member.get(&panel).text;
    assert_eq!(page.matches("type=\"radio\"").count(), 6, "two candidates, three choices");
    let candidate = page.split("name=\"candidate\" value=\"").nth(1).unwrap().split('"').next().unwrap();
    let ballot = [("candidate", candidate), ("choice", "no"), ("word", "zebra crossing")];
    let cast = member.send(&panel, &format!("{panel}/cast"), &ballot);
    assert_eq!(cast.status, 303, "{}", main_of(&cast.text));
    let page = member.get(&panel).text;
    assert!(page.matches("type=\"radio\"").count() == 3 && !page.contains("zebra crossing"));
    let office = become_role(region, PANEL).get(&panel).text;
    assert!(office.contains("4 ballots cast") && !office.contains("zebra crossing"));
}

/// `¥1,234.50` of what a sheet says.
fn yuan(fen: i64) -> String {
    let (whole, part) = (fen / 100, fen % 100);
    let digits: Vec<char> = whole.to_string().chars().collect();
    let grouped: Vec<String> = digits.rchunks(3).rev().map(|three| three.iter().collect()).collect();
    let grouped = grouped.join(",");
    if part == 0 { format!("¥{grouped}") } else { format!("¥{grouped}.{part:02}") }
}

fn fees_are_for_the_office_and_the_auditor(region: &Region) {
    let office = become_role(region, PANEL);
    let panels = links(main_of(&office.get("/panel?status=concluded").text), "panel");
    let with_fees = panels.iter().find(|panel| office.get(panel).text.contains("id=\"fees\""));
    let panel = with_fees.unwrap().clone();
    let [csv, xlsx] = ["csv", "xlsx"].map(|end| format!("{panel}/fees.{end}"));
    let sheet = office.get(&csv);
    assert_eq!(sheet.status, 200);
    let fen = |line: &str| -> i64 {
        let last = line.trim().rsplit(',').next().unwrap().trim_matches('"');
        let (whole, part) = last.split_once('.').unwrap_or((last, "0"));
        whole.parse::<i64>().unwrap() * 100 + part.parse::<i64>().unwrap()
    };
    let lines: Vec<i64> =
        sheet.text.lines().skip(1).filter(|line| !line.trim().is_empty()).map(fen).collect();
    let sum: i64 = lines.iter().sum();
    assert!(!lines.is_empty() && sum > 0);
    let page = office.get(&panel).text;
    let fees = page.split("id=\"fees\"").nth(1).unwrap();
    assert!(fees.contains(&yuan(sum)), "the page and the sheet come to the same {}", yuan(sum));
    let auditor = become_role(region, AUDITOR);
    assert_eq!([&csv, &xlsx].map(|path| auditor.get(path).status), [200, 200], "once it has concluded");
    for role in [PROGRAMME, REVIEWER, UNIVERSITY, CITIZEN] {
        let visitor = become_role(region, role);
        assert_eq!([&csv, &xlsx].map(|path| visitor.get(path).status), [404, 404], "role {role}");
    }
    assert_eq!([&csv, &xlsx].map(|path| region.visitor().get(path).status), [404, 404]);
}

fn an_application_is_its_own_peoples_and_the_offices(region: &Region) {
    let calls = links(main_of(&region.visitor().get("/call?status=closed").text), "call");
    let applicant = become_role(region, UNIVERSITY);
    let own = applicant.get(calls.first().unwrap()).text;
    let page = links(main_of(&own), "application").first().unwrap().clone();
    let seen = applicant.get(&page);
    assert!(seen.status == 200 && !seen.text.contains("Sample Reviewer") && !seen.text.contains("/review/"));
    for role in [PROGRAMME, PANEL, AUDITOR] {
        assert_eq!(become_role(region, role).get(&page).status, 200, "role {role}");
    }
    for role in [FIRM, CITIZEN, REVIEWER, VOTER] {
        assert_eq!(become_role(region, role).get(&page).status, 404, "role {role}");
    }
    assert_eq!(region.visitor().get(&page).status, 404);
    // Of a call in two stages: the office reads what its people read, until when, and why not.
    let office = become_role(region, PROGRAMME);
    for (status, told) in
        [("invited", "stages"), ("not-invited", "places are few"), ("brief-in-review", "stages")]
    {
        let listed =
            links(main_of(&office.get(&format!("/application?status={status}")).text), "application");
        let page = listed.first().unwrap_or_else(|| panic!("none is {status}"));
        let text = office.get(page).text;
        assert!(main_of(&text).contains(told), "{status}: {}", main_of(&text));
        assert_eq!(region.visitor().get(page).status, 404);
    }
}

fn an_owner_says_whom_they_would_take(region: &Region) {
    let owner = become_role(region, OWNER);
    let needs = links(main_of(&region.visitor().get("/need?status=reviewing").text), "need");
    let need = needs.first().unwrap().clone();
    let page = owner.get(&need).text;
    assert_eq!(page.matches("name=\"solutions.1\"").count(), 3, "{}", main_of(&page));
    let solution = page.split("name=\"solutions.1\" value=\"").nth(1).unwrap().split('"').next().unwrap();
    let said = owner.send(
        &need,
        &format!("{need}/prefer"),
        &[("solutions.1", solution), ("reason", "closest to our line")],
    );
    assert_eq!(said.status, 303, "{}", main_of(&said.text));
    let reads = |visitor: &Visitor| visitor.get(&need).text.contains("closest to our line");
    assert!(reads(&owner) && reads(&become_role(region, "05")) && !reads(&region.visitor()));
    assert!(![FIRM, UNIVERSITY, CITIZEN].iter().any(|role| reads(&become_role(region, role))));
    assert_eq!(region.visitor().get(&format!("/solution/{solution}")).status, 404);
}

fn published_figures_stand_beside_the_counted_ones(region: &Region) {
    for (language, figures) in [
        ("en", ["Solutions to the first batch", "Units in the first joint plan"]),
        ("zh-CN", ["首批需求收到的解决方案", "首批项目的合作单位"]),
    ] {
        let mut visitor = region.visitor();
        visitor.language = language;
        let page = visitor.get("/funnel").text;
        let table = page.split("id=\"published-table").nth(1).unwrap().split("</table>").next().unwrap();
        for figure in figures {
            let row =
                table.split("</tr>").find(|row| row.contains(figure)).unwrap_or_else(|| panic!("{figure}"));
            assert!(row.contains("/indicator/") && row.contains("/proof/"), "{row}");
        }
        assert!(
            table.contains("<b>133</b>") && table.contains("<b>15</b>") && table.contains("<b>42</b>"),
            "{table}"
        );
    }
}
