//! Signing in by another house, with one made for the test that may lie in every way there is.

use std::sync::{Arc, Mutex};

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD as BASE64};
use ring::{
    rand::SystemRandom,
    signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair},
};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use window::{Fetch, NotFetched, Provider, SignIn, visit::Reply};

use crate::town::{Browser, PASSWORD, Town, header, page};

const HOUSE: &str = "https://region.example";
const ISSUER: &str = "https://id.school.example";
const CODE: &str = "the code";

/// The other house.
struct School {
    key: Mutex<EcdsaKeyPair>,
    /// What it puts into the next token, over what is right.
    lie: Mutex<Value>,
    /// Header, claims and mark, when the whole token is a lie.
    head: Mutex<Value>,
    nonce: Mutex<String>,
    challenge: Mutex<String>,
    now: i64,
}

fn key() -> EcdsaKeyPair {
    let random = SystemRandom::new();
    let document = EcdsaKeyPair::generate_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, &random).unwrap();
    EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, document.as_ref(), &random).unwrap()
}

impl School {
    fn token(&self) -> String {
        let mut claims = json!({
            "iss": ISSUER, "sub": "4711", "aud": "kechuang", "iat": self.now, "exp": self.now + 300,
            "nonce": *self.nonce.lock().unwrap(), "name": "Li Ming", "email": "owner@region.example", "email_verified": false,
        });
        let mut head = json!({ "alg": "ES256", "kid": "1" });
        for (whole, lie) in [(&mut claims, &self.lie), (&mut head, &self.head)] {
            let lie = lie.lock().unwrap();
            for (name, value) in lie.as_object().into_iter().flatten() {
                whole[name] = value.clone();
            }
        }
        let part = |value: &Value| BASE64.encode(value.to_string());
        let signed = format!("{}.{}", part(&head), part(&claims));
        let mark = self.key.lock().unwrap().sign(&SystemRandom::new(), signed.as_bytes()).unwrap();
        let mark = if head["alg"] == "none" { String::new() } else { BASE64.encode(mark) };
        format!("{signed}.{mark}")
    }
}

impl Fetch for School {
    fn get(&self, url: &str) -> Result<Vec<u8>, NotFetched> {
        let answer = match url.strip_prefix(ISSUER) {
            Some("/.well-known/openid-configuration") => json!({
                "issuer": ISSUER, "authorization_endpoint": format!("{ISSUER}/authorize"),
                "token_endpoint": format!("{ISSUER}/token"), "jwks_uri": format!("{ISSUER}/keys"),
            }),
            Some("/keys") => {
                let key = self.key.lock().unwrap();
                let point = key.public_key().as_ref();
                json!({ "keys": [
                    { "kty": "oct", "kid": "1", "k": "c2VjcmV0" },
                    { "kty": "EC", "crv": "P-256", "kid": "1", "use": "sig", "x": BASE64.encode(&point[1..33]), "y": BASE64.encode(&point[33..]) },
                ] })
            }
            _ => return Err(NotFetched::Unreachable(format!("{url} is not ours"))),
        };
        Ok(answer.to_string().into_bytes())
    }

    fn post(&self, url: &str, who: (&str, &str), form: &str) -> Result<Vec<u8>, NotFetched> {
        assert_eq!((url, who), ("https://id.school.example/token", ("kechuang", "s3cret")));
        let said =
            |name: &str| form.split('&').find_map(|pair| pair.strip_prefix(&format!("{name}="))).unwrap();
        assert_eq!(said("redirect_uri"), "https%3A%2F%2Fregion.example%2Fsign-in%2Ffrom%2Fschool");
        let proof = BASE64.encode(Sha256::digest(said("code_verifier")));
        if said("code") != "the%20code" || proof != *self.challenge.lock().unwrap() {
            return Err(NotFetched::Answered(400));
        }
        Ok(json!({ "access_token": "x", "token_type": "Bearer", "id_token": self.token() })
            .to_string()
            .into_bytes())
    }
}

fn town() -> (Town, Arc<School>) {
    let school = Arc::new(School {
        key: Mutex::new(key()),
        lie: Mutex::default(),
        head: Mutex::default(),
        nonce: Mutex::default(),
        challenge: Mutex::default(),
        now: 1_772_416_800,
    });
    let provider = Provider {
        name: "school".into(),
        issuer: ISSUER.into(),
        client: "kechuang".into(),
        secret: "s3cret".into(),
        label: ["学校".into(), "the school".into()],
    };
    let sign_in = SignIn { providers: vec![provider], ..SignIn::default() };
    let town = Town::made(HOUSE, sign_in, Some(school.clone()));
    town.person("owner");
    (town, school)
}

/// Leaves for the school, which takes note of what it is asked; gives the state.
fn leave(browser: &mut Browser, school: &School) -> String {
    let sent = browser.get("/sign-in/with/school?back=/need");
    let to = header(&sent, "location").to_owned();
    assert!(
        to.starts_with("https://id.school.example/authorize?response_type=code&scope=openid%20profile"),
        "{to}"
    );
    let said = |name: &str| {
        to.split(['?', '&']).find_map(|pair| pair.strip_prefix(&format!("{name}="))).unwrap().to_owned()
    };
    *school.nonce.lock().unwrap() = said("nonce");
    *school.challenge.lock().unwrap() = said("code_challenge");
    assert_eq!(said("code_challenge_method"), "S256");
    said("state")
}

fn arrive(browser: &mut Browser, state: &str, code: &str) -> Reply {
    let mut visit = browser.visit("/sign-in/from/school");
    visit.query.insert("state".into(), state.into());
    visit.query.insert("code".into(), code.into());
    browser.go(&visit)
}

fn through(browser: &mut Browser, school: &School) -> Reply {
    let state = leave(browser, school);
    arrive(browser, &state, CODE)
}

#[test]
fn an_identity_opens_an_account_only_after_its_person_has_linked_it() {
    let (town, school) = town();
    let mut stranger = town.browser("203.0.113.4");
    assert!(page(&stranger.get("/sign-in")).contains("Sign in with the school"));
    let back = through(&mut stranger, &school);
    assert!(
        header(&back, "location").starts_with("/sign-in?back=") && !stranger.is_in(),
        "an e-mail opens nothing"
    );
    assert!(page(&stranger.get("/sign-in")).contains("the school knows you as Li Ming"));

    stranger.sign_in("owner", PASSWORD);
    let asked = page(&stranger.get("/my/identities"));
    assert!(asked.contains("Link Li Ming of the school to this account?"), "{asked}");
    assert!(
        !page(&town.signed_in("owner").get("/my/identities")).contains("Link Li Ming"),
        "only in that browser"
    );
    assert_eq!(stranger.send("/my/identities", "/my/identities", &[]).status, 303);
    assert_eq!(stranger.send("/my/identities", "/my/identities", &[]).status, 404, "once");

    let mut later = town.browser("203.0.113.5");
    let back = through(&mut later, &school);
    assert_eq!(header(&back, "location"), "/need");
    assert!(later.is_in());
    *school.key.lock().unwrap() = key();
    assert!(
        header(&through(&mut town.browser("203.0.113.6"), &school), "location") == "/need",
        "keys may change"
    );

    let list = page(&stranger.get("/my/identities"));
    let end = crate::town::between(&list, "action=\"/my/identities/", "\"").unwrap();
    stranger.send("/my/identities", &format!("/my/identities/{end}"), &[]);
    assert!(header(&through(&mut town.browser("203.0.113.7"), &school), "location").starts_with("/sign-in"));
}

#[test]
fn a_token_that_is_not_for_this_visit_lets_nobody_in() {
    let (town, school) = town();
    let mut owner = town.signed_in("owner");
    through(&mut owner, &school);
    owner.send("/my/identities", "/my/identities", &[]);
    let now = school.now;
    for (what, lie, head) in [
        ("another nonce", json!({ "nonce": "other" }), json!({})),
        ("no nonce", json!({ "nonce": null }), json!({})),
        ("another audience", json!({ "aud": "other" }), json!({})),
        ("one of several audiences", json!({ "aud": ["kechuang", "other"] }), json!({})),
        ("for another party", json!({ "azp": "other" }), json!({})),
        ("another issuer", json!({ "iss": "https://id.school.example.evil" }), json!({})),
        ("over", json!({ "exp": now - 300 }), json!({})),
        ("no end", json!({ "exp": null }), json!({})),
        ("an end in words", json!({ "exp": "never" }), json!({})),
        ("made tomorrow", json!({ "iat": now + 86_400 }), json!({})),
        ("not yet", json!({ "nbf": now + 3_600 }), json!({})),
        ("nobody", json!({ "sub": "" }), json!({})),
        ("not signed", json!({}), json!({ "alg": "none" })),
        ("a shared secret", json!({}), json!({ "alg": "HS256" })),
        ("another algorithm", json!({}), json!({ "alg": "RS256" })),
        ("another key", json!({}), json!({ "kid": "2" })),
        ("something critical", json!({}), json!({ "crit": ["x"] })),
    ] {
        *school.lie.lock().unwrap() = lie;
        *school.head.lock().unwrap() = head;
        let mut visitor = town.browser("203.0.113.4");
        let reply = through(&mut visitor, &school);
        assert!(
            reply.status == 422 && page(&reply).contains("could not be trusted") && !visitor.is_in(),
            "{what}"
        );
        town.wait(60_000);
        *school.lie.lock().unwrap() = json!({});
        *school.head.lock().unwrap() = json!({});
    }
}

#[test]
fn a_visit_comes_back_once_to_the_browser_that_left_and_soon() {
    let (town, school) = town();
    let mut owner = town.signed_in("owner");
    through(&mut owner, &school);
    owner.send("/my/identities", "/my/identities", &[]);
    let stray = |reply: &Reply| reply.status == 422 && page(reply).contains("begun elsewhere");

    let mut victim = town.browser("203.0.113.4");
    let mut attacker = town.browser("203.0.113.5");
    let state = leave(&mut attacker, &school);
    assert!(stray(&arrive(&mut victim, &state, CODE)), "somebody else's visit");
    leave(&mut victim, &school);
    assert!(stray(&arrive(&mut victim, &state, CODE)), "somebody else's state");
    assert!(stray(&arrive(&mut victim, "", CODE)), "no state");

    let state = leave(&mut attacker, &school);
    let kept = attacker.cookies.clone();
    assert_eq!(arrive(&mut attacker, &state, CODE).status, 303);
    attacker.cookies = kept;
    assert!(stray(&arrive(&mut attacker, &state, CODE)), "a state counts once");
    let state = leave(&mut victim, &school);
    let wrong = arrive(&mut victim, &state, "another code");
    assert!(page(&wrong).contains("did not let you in") && !victim.is_in(), "the code is not taken");
    let state = leave(&mut victim, &school);
    town.wait(11 * 60_000);
    assert!(stray(&arrive(&mut victim, &state, CODE)), "too late");
    assert_eq!(victim.get("/sign-in/with/nobody").status, 404);
}
