//! Calendars: programs that people have read and write the calendars of the real program, over HTTP on this machine.
//!
//! `KECHUANG_CALDAV_PYTHON` names a Python that has them (`pip install caldav vdirsyncer khal`), as `./check` does when it has
//! put them there. Without it this test says that it is skipped; where `CI` is set it must run.

use std::process::{Command, Stdio};

use tempfile::TempDir;

use crate::region::Region;

const PYTHON: &str = "KECHUANG_CALDAV_PYTHON";

fn said(name: &str) -> Option<String> {
    std::env::var(name).ok().filter(|text| !text.is_empty())
}

/// The first free place among all instruments, from a week ahead on: the instrument and when.
fn first_free(visitor: &crate::region::Visitor) -> (String, String) {
    let page = visitor.get("/free").text;
    let today = page.split("name=\"day\" value=\"").nth(1).unwrap().split('"').next().unwrap();
    let today: grammar::kinds::Day = today.parse().unwrap();
    for ahead in 7..21 {
        let day = today.plus_days(ahead);
        let page = visitor.get(&format!("/free?day={day}")).text;
        let links = page.split("/booking/new/request?").skip(1);
        let links =
            links.map(|rest| rest.split('"').next().unwrap().replace("&amp;", "&").replace("%3A", ":"));
        let named = |link: String, name: &str| {
            let pair =
                link.split('&').find_map(|pair| pair.strip_prefix(&format!("{name}="))?.to_owned().into());
            pair.unwrap_or_default()
        };
        for link in links {
            let (instrument, from): (String, String) =
                (named(link.clone(), "instrument"), named(link, "from"));
            let card = visitor.get(&format!("/api/v1/instrument/{instrument}")).json()["card"].clone();
            let using = &card["facts"]["using"];
            if using["confirmation"] == "at-once"
                && using["needs_permit"] == false
                && using["is_supervised"] == false
            {
                return (instrument, from);
            }
        }
    }
    panic!("nothing is free for two weeks");
}

#[test]
fn programs_that_people_have_read_and_write_calendars() {
    let Some(python) = said(PYTHON) else {
        assert!(said("CI").is_none(), "calendar programs must run here: ./check puts them there");
        println!("skipped: {PYTHON} names no Python with calendar programs");
        return;
    };
    let folder = TempDir::new().unwrap();
    let region = Region::open(&folder.path().join("data"), &["--demo", "--scale=1"]);
    let mut visitor = region.visitor();
    let answer = visitor.send("/demo", "/demo/01", &[]);
    assert_eq!(answer.status, 303, "{}", answer.text);
    visitor.cookie = answer.cookie;
    let typed = [("do", "program"), ("name", "test"), ("no_secrets", "yes")];
    let page = visitor.send("/my/calendars", "/my/calendars", &typed).text;
    let code = |text: &str| {
        let rest = page.split(text).nth(1).unwrap_or_else(|| panic!("no {text}: {page}"));
        rest.split('<').next().unwrap().to_owned()
    };
    let password = format!("kc_{}", code("<code>kc_"));
    let name = page.split("/dav/</code>").nth(1).unwrap().split("<code>").nth(1).unwrap();
    let name = name.split('<').next().unwrap();
    let (instrument, from) = first_free(&visitor);
    let work = folder.path().join("work");
    std::fs::create_dir(&work).unwrap();
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/all/calendars.py");
    let tried = Command::new(python)
        .args([script, &format!("{}/dav/", region.url), name, &password, &instrument, &from])
        .arg(&work)
        .env("NO_PROXY", "127.0.0.1")
        .stdin(Stdio::null())
        .output()
        .unwrap();
    let told = String::from_utf8_lossy(&tried.stdout);
    println!("{told}");
    let why = String::from_utf8_lossy(&tried.stderr);
    assert!(tried.status.success() && told.contains("all is well"), "{told}\n{why}");
}
