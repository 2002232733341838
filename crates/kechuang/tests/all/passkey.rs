//! Passkey: a real browser with an authenticator of its own makes a passkey, signs out, and signs in with it.
//!
//! The authenticator is the browser's own (Chrome DevTools Protocol, domain `WebAuthn`). Without a browser this test
//! says that it is skipped.

use std::{net::TcpListener, process::Command};

use serde_json::json;
use tempfile::TempDir;

use crate::{
    chromium::Chromium,
    pages::browser,
    region::{PASSWORD, Region},
};

/// A port that was free a moment ago: the house must be told its own address before it opens.
fn free_port() -> u16 {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}

const IN: &str = "!!document.querySelector('form[action=\"/sign-out\"]')";
const OUT: &str = "!document.querySelector('form[action=\"/sign-out\"]')";
const WITH_PASSKEY: &str = "form[data-passkey=get]";

#[test]
fn a_passkey_is_made_in_a_browser_and_signs_in_and_a_copy_of_it_does_not() {
    let Some(program) = browser() else { return };
    let folder = TempDir::new().unwrap();
    let port = free_port();
    // Passkeys belong to a name, not to a number.
    let house = format!("http://localhost:{port}");
    let listen = format!("127.0.0.1:{port}");
    let mut command = Command::new(env!("CARGO_BIN_EXE_kechuang"));
    command.args(["serve", "--listen", &listen, "--public-url", &house, "--log", "warn", "--data"]);
    let _region =
        Region::start(command.arg(folder.path()).env_clear().env("KECHUANG_ADMIN_PASSWORD", PASSWORD));
    let mut chromium = Chromium::open(program);

    chromium.go(&format!("{house}/sign-in?lang=en"));
    chromium.run(&format!(
        "document.querySelector('[name=login]').value = 'admin'; document.querySelector('[name=password]').value = {}; true",
        json!(PASSWORD)
    ));
    chromium.press("form:has([name=password])", IN);
    chromium.go(&format!("{house}/my/passkeys"));
    chromium.run(
        "document.querySelector('form[data-passkey=create] [name=name]').value = 'the key of the test'; true",
    );
    chromium.press("form[data-passkey=create]", "document.body.innerText.includes('the key of the test')");
    let made = chromium.of_authenticator("getCredentials", json!({}))["credentials"].clone();
    let [credential] = made.as_array().unwrap().as_slice() else { panic!("{made}") };
    assert_eq!(credential["rpId"], "localhost");

    chromium.press("form[action='/sign-out']", OUT);
    chromium.go(&format!("{house}/sign-in"));
    // Nobody who cannot show who they are to the device.
    chromium.of_authenticator("setUserVerified", json!({ "isUserVerified": false }));
    chromium.press(WITH_PASSKEY, "!document.querySelector('form[data-passkey=get] [data-failed]').hidden");
    chromium.of_authenticator("setUserVerified", json!({ "isUserVerified": true }));
    chromium.press(WITH_PASSKEY, IN);
    chromium.go(&format!("{house}/my/passkeys"));
    assert_eq!(chromium.run("document.body.innerText.includes('the key of the test')"), true);

    // The same key on a second device, as a thief would have it: its count is behind that of the first.
    chromium.press("form[action='/sign-out']", OUT);
    let id = credential["credentialId"].clone();
    chromium.of_authenticator("removeCredential", json!({ "credentialId": id }));
    let mut copy = credential.clone();
    copy["signCount"] = 0.into();
    chromium.of_authenticator("addCredential", json!({ "credential": copy }));
    chromium.go(&format!("{house}/sign-in?lang=en"));
    chromium.press(WITH_PASSKEY, "document.body.innerText.includes('may have been copied')");
    assert_eq!(chromium.run(OUT), true, "the copy opened the door");
}
