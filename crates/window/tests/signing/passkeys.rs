//! Passkeys, with an authenticator made of software: what a device signs is taken, and nothing that differs.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD as BASE64};
use minicbor::Encoder;
use ring::{
    rand::SystemRandom,
    signature::{ECDSA_P256_SHA256_ASN1_SIGNING, EcdsaKeyPair, KeyPair},
};
use serde_json::json;
use sha2::{Digest, Sha256};
use window::{SignIn, visit::Reply};

use crate::town::{Browser, MINUTE, PASSWORD, Town, between, page};

const HOUSE: &str = "https://region.example";

/// What is lied about, and how.
type Lie = (&'static str, fn(&mut Device));

/// A device with one key, and the ways in which it may lie.
struct Device {
    key: EcdsaKeyPair,
    id: Vec<u8>,
    handle: String,
    count: u32,
    origin: &'static str,
    host: &'static str,
    flags: u8,
}

impl Device {
    fn new(id: &[u8]) -> Self {
        let random = SystemRandom::new();
        let document = EcdsaKeyPair::generate_pkcs8(&ECDSA_P256_SHA256_ASN1_SIGNING, &random).unwrap();
        let key =
            EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_ASN1_SIGNING, document.as_ref(), &random).unwrap();
        Self {
            key,
            id: id.into(),
            handle: String::new(),
            count: 0,
            origin: HOUSE,
            host: "region.example",
            flags: 0x05,
        }
    }

    fn client(&self, kind: &str, challenge: &str) -> String {
        json!({ "type": kind, "challenge": challenge, "origin": self.origin, "crossOrigin": false })
            .to_string()
    }

    fn head(&self, flags: u8) -> Vec<u8> {
        [Sha256::digest(self.host).as_slice(), &[flags], &self.count.to_be_bytes()].concat()
    }

    fn cose(&self) -> Vec<u8> {
        let point = self.key.public_key().as_ref();
        let mut key = Encoder::new(Vec::new());
        key.map(5).unwrap().i64(1).unwrap().i64(2).unwrap().i64(3).unwrap().i64(-7).unwrap().i64(-1).unwrap();
        key.i64(1)
            .unwrap()
            .i64(-2)
            .unwrap()
            .bytes(&point[1..33])
            .unwrap()
            .i64(-3)
            .unwrap()
            .bytes(&point[33..])
            .unwrap();
        key.into_writer()
    }

    fn add(&mut self, browser: &mut Browser, name: &str) -> Reply {
        let html = page(&browser.get("/my/passkeys"));
        self.handle = between(&html, "data-handle=\"", "\"").unwrap();
        let challenge = between(&html, "data-challenge=\"", "\"").unwrap();
        let length = u16::try_from(self.id.len()).unwrap().to_be_bytes();
        let data =
            [self.head(self.flags | 0x40), vec![0; 16], length.into(), self.id.clone(), self.cose()].concat();
        let mut object = Encoder::new(Vec::new());
        object
            .map(3)
            .unwrap()
            .str("fmt")
            .unwrap()
            .str("none")
            .unwrap()
            .str("attStmt")
            .unwrap()
            .map(0)
            .unwrap();
        object.str("authData").unwrap().bytes(&data).unwrap();
        let typed = [
            ("name", name.to_owned()),
            ("challenge", challenge.clone()),
            ("credential", BASE64.encode(&self.id)),
            ("client", BASE64.encode(self.client("webauthn.create", &challenge))),
            ("attestation", BASE64.encode(object.into_writer())),
        ];
        send(browser, "/my/passkeys", &typed)
    }

    fn signed(&self, challenge: &str) -> Vec<(&'static str, String)> {
        let client = self.client("webauthn.get", challenge);
        let data = self.head(self.flags);
        let message = [data.as_slice(), &Sha256::digest(&client)].concat();
        let signature = self.key.sign(&SystemRandom::new(), &message).unwrap();
        vec![
            ("challenge", challenge.to_owned()),
            ("credential", BASE64.encode(&self.id)),
            ("client", BASE64.encode(client)),
            ("data", BASE64.encode(data)),
            ("signature", BASE64.encode(signature)),
            ("handle", self.handle.clone()),
        ]
    }

    fn sign_in(&mut self, browser: &mut Browser) -> Reply {
        self.count += 1;
        let challenge = challenge(browser);
        send(browser, "/sign-in/passkey", &self.signed(&challenge))
    }
}

fn challenge(browser: &mut Browser) -> String {
    between(&page(&browser.get("/sign-in")), "data-challenge=\"", "\"").unwrap()
}

fn send(browser: &mut Browser, action: &str, typed: &[(&str, String)]) -> Reply {
    let typed: Vec<(&str, &str)> = typed.iter().map(|(name, value)| (*name, value.as_str())).collect();
    let from = if action.starts_with("/my") { "/account" } else { "/sign-in" };
    browser.send(from, action, &typed)
}

fn town() -> Town {
    let town = Town::with(HOUSE, SignIn::default());
    town.person("owner");
    town
}

#[test]
fn a_passkey_lets_its_person_in_without_a_name() {
    let town = town();
    let mut browser = town.signed_in("owner");
    let (mut phone, mut laptop) = (Device::new(b"phone"), Device::new(b"laptop"));
    assert_eq!(phone.add(&mut browser, "my phone").status, 303);
    assert_eq!(laptop.add(&mut browser, "my laptop").status, 303);
    assert_eq!(laptop.add(&mut browser, "again").status, 422, "known already");
    let list = page(&browser.get("/my/passkeys"));
    assert!(list.contains("my phone") && list.contains("my laptop"));
    let mut other = town.browser("203.0.113.4");
    assert_eq!(phone.sign_in(&mut other).status, 303);
    assert!(other.is_in());
    let row = list.split("my phone").nth(1).unwrap();
    let end = format!("/my/passkeys/{}", between(row, "action=\"/my/passkeys/", "\"").unwrap());
    browser.send("/my/passkeys", &end, &[]);
    let reply = phone.sign_in(&mut town.browser("203.0.113.5"));
    assert!(reply.status == 422 && page(&reply).contains("not known here"));
    assert_eq!(laptop.sign_in(&mut town.browser("203.0.113.5")).status, 303);
}

#[test]
fn what_a_device_did_not_sign_for_this_page_is_refused() {
    let town = town();
    let mut browser = town.signed_in("owner");
    for (lie, what) in [
        (Device { origin: "https://region.example.evil", ..Device::new(b"a") }, "another origin"),
        (Device { host: "evil.example", ..Device::new(b"b") }, "another host"),
        (Device { flags: 0x01, ..Device::new(b"c") }, "nobody verified"),
    ] {
        let mut lie = lie;
        assert_eq!(lie.add(&mut browser, "x").status, 422, "{what}");
    }
    let mut device = Device::new(b"good");
    device.add(&mut browser, "good");
    let mut visitor = town.browser("203.0.113.4");
    let lies: [Lie; 4] = [
        ("another origin", |device| device.origin = "http://region.example"),
        ("another host", |device| device.host = "evil.example"),
        ("nobody verified", |device| device.flags = 0x01),
        ("somebody else's name", |device| device.handle = BASE64.encode("other")),
    ];
    for (what, lie) in lies {
        let mut other = Device { key: Device::new(b"x").key, id: b"good".into(), ..Device::new(b"x") };
        std::mem::swap(&mut other.key, &mut device.key);
        other.count = device.count + 1;
        lie(&mut other);
        assert_eq!(other.sign_in(&mut visitor).status, 422, "{what}");
        std::mem::swap(&mut other.key, &mut device.key);
    }
    let mut forger = Device { id: b"good".into(), ..Device::new(b"x") };
    assert_eq!(forger.sign_in(&mut visitor).status, 422, "another key");
    assert_eq!(device.sign_in(&mut visitor).status, 303, "the device itself is taken");
}

#[test]
fn a_challenge_counts_once_and_soon_and_for_its_purpose() {
    let town = town();
    let mut browser = town.signed_in("owner");
    let mut device = Device::new(b"good");
    device.add(&mut browser, "good");
    let mut visitor = town.browser("203.0.113.4");
    let first = challenge(&mut visitor);
    device.count = 1;
    let sent = device.signed(&first);
    assert_eq!(send(&mut visitor, "/sign-in/passkey", &sent).status, 303);
    device.count = 2;
    for (challenge, what) in [
        (first, "used"),
        ("bm90IG91cnM".to_owned(), "not ours"),
        (between(&page(&browser.get("/my/passkeys")), "data-challenge=\"", "\"").unwrap(), "for adding one"),
    ] {
        let reply = send(&mut visitor, "/sign-in/passkey", &device.signed(&challenge));
        assert!(reply.status == 422 && page(&reply).contains("open too long"), "{what}");
    }
    let late = challenge(&mut visitor);
    town.wait(11 * MINUTE);
    assert_eq!(send(&mut visitor, "/sign-in/passkey", &device.signed(&late)).status, 422);
    device.count = 0;
    assert_eq!(device.sign_in(&mut visitor).status, 422, "the device counts backwards: {}", device.count);
    device.count = 1;
    assert_eq!(device.sign_in(&mut visitor).status, 303);
}

#[test]
fn a_passkey_stands_for_two_factors_and_a_password_alone_does_not() {
    let town = Town::with(HOUSE, SignIn { second_days: 0, ..SignIn::default() });
    town.officer("auditor", "auditor");
    let mut browser = town.browser("192.0.2.1");
    browser.sign_in("auditor", PASSWORD);
    assert_eq!(browser.get("/inbox").status, 403);
    let mut device = Device::new(b"key");
    assert_eq!(device.add(&mut browser, "key").status, 303);
    assert_eq!(browser.get("/inbox").status, 403, "the password was the way in");
    let mut by_key = town.browser("192.0.2.2");
    device.sign_in(&mut by_key);
    assert_eq!(by_key.get("/security").status, 200);
}

#[test]
fn where_browsers_have_no_passkeys_the_page_says_so() {
    let town = Town::new();
    town.person("owner");
    let mut browser = town.signed_in("owner");
    assert!(page(&browser.get("/my/passkeys")).contains("only over https"));
    assert!(!page(&browser.get("/sign-in")).contains("data-passkey"));
    assert_eq!(browser.send("/my/passkeys", "/my/passkeys", &[("challenge", "x")]).status, 422);
}
