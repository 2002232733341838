//! Strangers: a tool from outside reads our description of the interface and tries whatever it allows.
//!
//! `KECHUANG_SCHEMATHESIS` names the program, as `./check` does when it has put it there. Without it this test says that it
//! is skipped; where `CI` is set it must run. `STRANGERS_SECONDS` gives it more time.

use std::process::{Command, Stdio};

use tempfile::TempDir;

use crate::region::Region;

/// How long it tries, in seconds.
const SECONDS: &str = "60";
/// What it looks for. Left out: that whatever fits the description is accepted, since a JSON Schema cannot say which
/// records and regions there are, which check digits are right and which signs a text may have; and that all addresses
/// need a sign-in (most are public).
const CHECKS: &str = "not_a_server_error,status_code_conformance,content_type_conformance,response_headers_conformance,\
                      response_schema_conformance,unsupported_method,negative_data_rejection,missing_required_header";

fn said(name: &str) -> Option<String> {
    std::env::var(name).ok().filter(|text| !text.is_empty())
}

#[test]
fn a_stranger_finds_nothing_that_the_description_does_not_say() {
    let Some(program) = said("KECHUANG_SCHEMATHESIS") else {
        assert!(said("CI").is_none(), "schemathesis must run here: ./check puts it there");
        println!("skipped: KECHUANG_SCHEMATHESIS names no program");
        return;
    };
    let folder = TempDir::new().unwrap();
    let region = Region::open(folder.path(), &["--demo", "--scale=1"]);
    let mut visitor = region.visitor();
    let answer = visitor.send("/demo", "/demo/05", &[]);
    assert_eq!(answer.status, 303, "{}", answer.text);
    visitor.cookie = answer.cookie;
    visitor.take_token();
    let seconds = said("STRANGERS_SECONDS").unwrap_or_else(|| SECONDS.into());
    let tried = Command::new(program)
        .args(["run", &format!("{}/api/openapi.json", region.url), "--no-color", "--workers=1", "--seed=1"])
        .args(["--max-time", &seconds, "--max-failures=20", "--checks", CHECKS, "--max-examples=40"])
        .args(["--suppress-health-check=all", "--request-timeout=30"])
        .args(["-H", &format!("Authorization: Bearer {}", visitor.token)])
        .current_dir(folder.path())
        .env("NO_PROXY", "127.0.0.1")
        .stdin(Stdio::null())
        .output()
        .unwrap();
    let told = String::from_utf8_lossy(&tried.stdout);
    println!("{told}");
    assert!(tried.status.success(), "{told}\n{}", String::from_utf8_lossy(&tried.stderr));
    assert_eq!(visitor.get("/api/v1/inbox").status, 200, "the house is still open");
}
