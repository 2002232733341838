//! Signing in by another house (OpenID Connect Core 1.0, §3.1; RFC 7636; RFC 9207): discovery, the code flow with
//! PKCE, state and nonce, and the check of the identity token. The protocol is small; the signatures are checked by
//! `ring`. An identity is issuer and subject, never an e-mail: it opens an account only after its person, signed in,
//! has linked it.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD as BASE64};
use grammar::kinds::{Id, Moment};
use registry::{Broken, FOREVER};
use ring::signature;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use sha2::{Digest, Sha256};

use super::{
    challenge, cookie, cookie_name, hex,
    owned::{Kind, hash},
};
use crate::{
    House,
    visit::{Visit, escape},
};

/// Linked identities: the person behind issuer and subject.
pub const IDENTITIES: Kind = Kind { things: "identity", notes: "identity-of", used: "identity-used" };
/// Identities one person may link.
pub const IDENTITIES_MAX: usize = 8;
const JOURNEY_COOKIE: &str = "kechuang-journey";
const WAITING_COOKIE: &str = "kechuang-identity";
const WAITING: &str = "identity-waiting";
/// How long a visit to the other house may take, and how long an identity waits to be linked: ten minutes.
const MILLIS: i64 = 600_000;
/// How far clocks may differ, in seconds.
const SKEW: i64 = 120;
const TOKEN_MAX: usize = 32_768;

/// Another house by which people sign in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Provider {
    /// In addresses: `school`.
    pub name: String,
    /// Its issuer identifier, `https://…`, without a slash at the end unless it has one there.
    pub issuer: String,
    pub client: String,
    pub secret: String,
    /// What the button says, in Chinese and in English.
    pub label: [String; 2],
}

/// Asks another house over the network; within a time and a size.
pub trait Fetch: Send + Sync {
    /// # Errors
    /// What went wrong.
    fn get(&self, url: &str) -> Result<Vec<u8>, NotFetched>;

    /// Posts a form with a name and a secret (RFC 6749 §2.3.1).
    ///
    /// # Errors
    /// What went wrong, an answer that is no success too.
    fn post(&self, url: &str, who: (&str, &str), form: &str) -> Result<Vec<u8>, NotFetched>;
}

/// Why another house gave nothing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NotFetched {
    /// No answer, or none that can be read; for the operator.
    Unreachable(String),
    /// It answered with this status, which is no success.
    Answered(u16),
}

impl std::fmt::Display for NotFetched {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Unreachable(why) => f.write_str(why),
            Self::Answered(status) => write!(f, "it answered {status}"),
        }
    }
}

/// Why nobody came back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NoIdentity {
    /// No such provider.
    Unknown,
    /// The person, or the other house, said no.
    Refused,
    /// Not the browser that left, too late, or sent twice.
    Stray,
    /// The other house cannot be reached or answers nonsense.
    Unreachable,
    /// Its token is not for us, not for this visit, not signed, or over.
    Forged,
}

/// An identity that came back and is linked to nobody yet.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Identity {
    pub provider: String,
    pub issuer: String,
    pub subject: String,
    /// What the other house calls the person; only to be shown to them.
    pub called: String,
}

/// A linked identity.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Linked {
    pub person: Id,
    pub identity: Identity,
    pub since: Moment,
}

/// What discovery says (OpenID Connect Discovery 1.0 §3).
#[derive(Deserialize)]
struct Discovery {
    issuer: String,
    authorization_endpoint: String,
    token_endpoint: String,
    jwks_uri: String,
}

#[derive(Deserialize)]
struct Claims {
    iss: String,
    sub: String,
    aud: Value,
    #[serde(default)]
    azp: Option<String>,
    exp: i64,
    iat: i64,
    #[serde(default)]
    nbf: Option<i64>,
    nonce: String,
    #[serde(default)]
    name: String,
    #[serde(default)]
    preferred_username: String,
}

#[must_use]
pub fn provider<'h>(house: &'h House, name: &str) -> Option<&'h Provider> {
    house.options.sign_in.providers.iter().find(|provider| provider.name == name)
}

fn back(house: &House, provider: &Provider) -> String {
    format!("{}/sign-in/from/{}", house.options.public_url, provider.name)
}

fn discovery(house: &House, provider: &Provider) -> Result<Discovery, NoIdentity> {
    let root = provider.issuer.trim_end_matches('/');
    let found: Discovery = fetched(house.fetch.get(&format!("{root}/.well-known/openid-configuration")))?;
    // The mix-up of houses begins with a discovery that speaks for another (RFC 8414 §3.3).
    let is_own = found.issuer == provider.issuer;
    let same_way = |url: &str| !provider.issuer.starts_with("https://") || url.starts_with("https://");
    let all = [&found.authorization_endpoint, &found.token_endpoint, &found.jwks_uri];
    if is_own && all.iter().all(|url| same_way(url)) { Ok(found) } else { Err(NoIdentity::Forged) }
}

fn fetched<T: serde::de::DeserializeOwned>(answer: Result<Vec<u8>, NotFetched>) -> Result<T, NoIdentity> {
    let bytes = answer.map_err(|error| {
        tracing::warn!(%error, "a house for signing in gave nothing");
        match error {
            // A grant that it does not take (RFC 6749 §5.2).
            NotFetched::Answered(400..=403) => NoIdentity::Refused,
            NotFetched::Answered(_) | NotFetched::Unreachable(_) => NoIdentity::Unreachable,
        }
    })?;
    serde_json::from_slice(&bytes).map_err(|_| NoIdentity::Unreachable)
}

/// Sends someone to another house: the address, and the cookie by which they are known when they come back. Nothing
/// is written: the cookie carries state, nonce and verifier, bound together by a code of ours.
///
/// # Errors
/// Breakages outside; inside, why nobody can be sent.
pub fn leave(house: &House, name: &str, to: &str) -> Result<Result<(String, String), NoIdentity>, Broken> {
    let Some(provider) = provider(house, name) else { return Ok(Err(NoIdentity::Unknown)) };
    let found = match discovery(house, provider) {
        Ok(found) => found,
        Err(no) => return Ok(Err(no)),
    };
    let chance = house.registry.chance();
    let (nonce, verifier) = (hex(&chance.bytes()), hex(&chance.bytes()));
    let state = challenge::give(house, &purpose(name, &nonce, &verifier, to))?;
    let pkce = BASE64.encode(Sha256::digest(&verifier));
    let asked = [
        ("response_type", "code"),
        ("scope", "openid profile"),
        ("client_id", &provider.client),
        ("redirect_uri", &back(house, provider)),
        ("state", &state),
        ("nonce", &nonce),
        ("code_challenge", &pkce),
        ("code_challenge_method", "S256"),
    ];
    let asked: Vec<String> = asked.iter().map(|(key, value)| format!("{key}={}", escape(value))).collect();
    let between = if found.authorization_endpoint.contains('?') { '&' } else { '?' };
    let address = format!("{}{between}{}", found.authorization_endpoint, asked.join("&"));
    let kept = format!("{nonce}.{verifier}.{}", BASE64.encode(to));
    Ok(Ok((address, cookie(house, JOURNEY_COOKIE, &kept, MILLIS / 1_000))))
}

fn purpose(name: &str, nonce: &str, verifier: &str, to: &str) -> String {
    format!("journey/{name}/{nonce}/{verifier}/{to}")
}

/// Who came back, and where they wanted to go.
///
/// # Errors
/// Breakages outside; inside, why it is nobody.
pub fn arrive(
    house: &House,
    visit: &Visit,
    name: &str,
) -> Result<Result<(Identity, String), NoIdentity>, Broken> {
    let Some(provider) = provider(house, name) else { return Ok(Err(NoIdentity::Unknown)) };
    let Some((nonce, verifier, to)) = journey(house, visit) else { return Ok(Err(NoIdentity::Stray)) };
    // The state is used up first: whatever comes after, it counts once.
    let state = visit.asked("state").unwrap_or_default();
    if !challenge::use_up(house, state, &purpose(name, &nonce, &verifier, &to))? {
        return Ok(Err(NoIdentity::Stray));
    }
    let issuer = visit.asked("iss").unwrap_or(&provider.issuer);
    if issuer != provider.issuer {
        return Ok(Err(NoIdentity::Forged));
    }
    let Some(code) = visit.asked("code").filter(|_| visit.asked("error").is_none()) else {
        return Ok(Err(NoIdentity::Refused));
    };
    Ok(exchange(house, provider, code, (&nonce, &verifier)).map(|identity| (identity, to)))
}

fn journey(house: &House, visit: &Visit) -> Option<(String, String, String)> {
    let kept = visit.cookies.get(&cookie_name(house, JOURNEY_COOKIE))?;
    let mut parts = kept.split('.');
    let (nonce, verifier, to) = (parts.next()?, parts.next()?, parts.next()?);
    let to = String::from_utf8(BASE64.decode(to).ok()?).ok()?;
    Some((nonce.to_owned(), verifier.to_owned(), to))
}

/// The cookie that takes the journey's cookie away.
#[must_use]
pub fn journey_over(house: &House) -> String {
    cookie(house, JOURNEY_COOKIE, "", 0)
}

fn exchange(
    house: &House,
    provider: &Provider,
    code: &str,
    (nonce, verifier): (&str, &str),
) -> Result<Identity, NoIdentity> {
    #[derive(Deserialize)]
    struct Answer {
        id_token: String,
    }
    let found = discovery(house, provider)?;
    let form = format!(
        "grant_type=authorization_code&code={}&redirect_uri={}&code_verifier={}",
        escape(code),
        escape(&back(house, provider)),
        escape(verifier)
    );
    let answer: Answer =
        fetched(house.fetch.post(&found.token_endpoint, (&provider.client, &provider.secret), &form))?;
    // Keys are asked for each time: a house may change them at any moment, and few people come this way at once.
    let keys: Value = fetched(house.fetch.get(&found.jwks_uri))?;
    let claims = signed_by(&answer.id_token, &keys).ok_or(NoIdentity::Forged)?;
    let claims: Claims = serde_json::from_slice(&claims).map_err(|_| NoIdentity::Forged)?;
    let now = house.registry.now().in_millis() / 1_000;
    fits(&claims, provider, nonce, now).ok_or(NoIdentity::Forged)?;
    let called = if claims.name.is_empty() { claims.preferred_username } else { claims.name };
    Ok(Identity {
        provider: provider.name.clone(),
        issuer: claims.iss,
        subject: claims.sub,
        called: called.chars().filter(|c| !c.is_control()).take(80).collect(),
    })
}

/// The rules of §3.1.3.7.
fn fits(claims: &Claims, provider: &Provider, nonce: &str, now: i64) -> Option<()> {
    let audience: Vec<&str> = match &claims.aud {
        Value::String(one) => vec![one],
        Value::Array(all) => all.iter().filter_map(Value::as_str).collect(),
        _ => vec![],
    };
    let ours = provider.client.as_str();
    let alone = audience.len() == 1 || claims.azp.as_deref() == Some(ours);
    let for_us = audience.contains(&ours) && alone && claims.azp.as_deref().is_none_or(|azp| azp == ours);
    let in_time = now < claims.exp + SKEW
        && claims.iat < now + SKEW
        && claims.iat > now - 3_600
        && claims.nbf.is_none_or(|from| from < now + SKEW);
    let is_named = !claims.sub.is_empty() && claims.sub.len() <= 255;
    (claims.iss == provider.issuer && for_us && in_time && is_named && claims.nonce == nonce).then_some(())
}

/// The claims of a token that one of the keys has signed (RFC 7515 §5.2). The algorithm is the key's: RS256 or
/// ES256. `none` and shared secrets are no keys of this kind.
fn signed_by(token: &str, keys: &Value) -> Option<Vec<u8>> {
    let (signed, mark) = token.rsplit_once('.').filter(|_| token.len() <= TOKEN_MAX)?;
    let (head, claims) = signed.split_once('.')?;
    let head: Value = serde_json::from_slice(&BASE64.decode(head).ok()?).ok()?;
    let mark = BASE64.decode(mark).ok()?;
    // What the header calls critical would have to be understood, and we understand nothing of it.
    head.get("crit").is_none().then_some(())?;
    let text =
        |value: &Value, name: &str| value.get(name).and_then(Value::as_str).unwrap_or_default().to_owned();
    let (algorithm, kid) = (text(&head, "alg"), text(&head, "kid"));
    let fits = |key: &&Value| {
        let of_use = ["", "sig"].contains(&text(key, "use").as_str());
        let of_algorithm = ["", algorithm.as_str()].contains(&text(key, "alg").as_str());
        of_use && of_algorithm && (kid.is_empty() || text(key, "kid") == kid)
    };
    let keys = keys.get("keys")?.as_array()?;
    let is_signed = |key: &Value| {
        let part = |name: &str| BASE64.decode(text(key, name)).unwrap_or_default();
        match (algorithm.as_str(), text(key, "kty").as_str(), text(key, "crv").as_str()) {
            ("RS256", "RSA", _) => signature::RsaPublicKeyComponents { n: part("n"), e: part("e") }
                .verify(&signature::RSA_PKCS1_2048_8192_SHA256, signed.as_bytes(), &mark)
                .is_ok(),
            ("ES256", "EC", "P-256") => {
                let point = [[4].as_slice(), &part("x"), &part("y")].concat();
                let key = signature::UnparsedPublicKey::new(&signature::ECDSA_P256_SHA256_FIXED, point);
                key.verify(signed.as_bytes(), &mark).is_ok()
            }
            _ => false,
        }
    };
    keys.iter().take(50).filter(fits).any(is_signed).then_some(())?;
    BASE64.decode(claims).ok()
}

fn place(identity: &Identity) -> String {
    hash(&format!("{}\n{}", identity.issuer, identity.subject))
}

/// The person to whom an identity is linked.
pub fn linked(house: &House, identity: &Identity) -> Result<Option<Id>, Broken> {
    let registry = &house.registry;
    let found: Option<Linked> = IDENTITIES.get(registry, &place(identity))?;
    if found.is_some() {
        IDENTITIES.use_now(registry, &place(identity), FOREVER)?;
    }
    Ok(found.map(|linked| linked.person))
}

/// Lets an identity wait to be linked, and gives the cookie by which its browser is known.
pub fn wait(house: &House, identity: &Identity) -> Result<String, Broken> {
    let secret = hex(&house.registry.chance().bytes());
    house.registry.keep(WAITING, &hash(&secret), identity, house.registry.now().plus_millis(MILLIS))?;
    Ok(cookie(house, WAITING_COOKIE, &secret, MILLIS / 1_000))
}

/// The identity that waits in this browser.
pub fn waiting(house: &House, visit: &Visit) -> Result<Option<Identity>, Broken> {
    match visit.cookies.get(&cookie_name(house, WAITING_COOKIE)) {
        Some(secret) => house.registry.kept(WAITING, &hash(secret)),
        None => Ok(None),
    }
}

/// Links the identity that waits to a person who has signed in; whether there was one that is nobody's yet.
pub fn link(house: &House, visit: &Visit, person: Id) -> Result<Option<Identity>, Broken> {
    let registry = &house.registry;
    let Some(identity) = waiting(house, visit)? else { return Ok(None) };
    if let Some(secret) = visit.cookies.get(&cookie_name(house, WAITING_COOKIE)) {
        registry.throw_away(WAITING, &hash(secret))?;
    }
    let held = IDENTITIES.of::<Linked>(registry, person)?.len();
    let is_free = IDENTITIES.get::<Linked>(registry, &place(&identity))?.is_none();
    if !is_free || held >= IDENTITIES_MAX {
        return Ok(None);
    }
    let linked = Linked { person, identity: identity.clone(), since: registry.now() };
    IDENTITIES.put(registry, person, (&place(&identity), FOREVER), &linked)?;
    Ok(Some(identity))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_signature_is_checked_as_the_standard_says() {
        // RFC 7515, appendix A.2.
        let n = "ofgWCuLjybRlzo0tZWJjNiuSfb4p4fAkd_wWJcyQoTbji9k0l8W26mPddxHmfHQp-Vaw-4qPCJrcS2mJPMEzP1Pt0Bm4d4QlL-yRT-SFd2lZS-pCgNMsD1W_YpRPEwOWvG6b32690r2jZ47soMZo9wGzjb_7OMg0LOL-bSf63kpaSHSXndS5z5rexMdbBYUsLA9e-KXBdQOS-UTo7WTBEMa2R2CapHg665xsmtdVMTBQY4uDZlxvb3qCo5ZwKh9kG4LT6_I5IhlJH7aGhyxXFvUK-DWNmoudF8NAco9_h9iaGNj8q2ethFkMLs91kzk2PAcDTW9gb54h4FRWyuXpoQ";
        let keys = json!({ "keys": [{ "kty": "RSA", "n": n, "e": "AQAB" }] });
        let signed = "eyJhbGciOiJSUzI1NiJ9.eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ";
        let mark = "cC4hiUPoj9Eetdgtv3hF80EGrhuB__dzERat0XF9g2VtQgr9PJbu3XOiZj5RZmh7AAuHIm4Bh-0Qc_lF5YKt_O8W2Fp5jujGbds9uJdbF9CUAr7t1dnZcAcQjbKBYNX4BAynRFdiuB--f_nZLgrnbyTyWzO75vRK5h6xBArLIARNPvkSjtQBMHlb1L07Qe7K0GarZRmB_eSN9383LcOLn6_dO--xi12jzDwusC-eOkHWEsqtFZESc6BfI7noOPqvhJ1phCnvWh6IeYI2w9QOYEUipUTI8np6LbgGY9Fs98rqVt5AXLIhWkWywlVmtVrBp0igcN_IoypGlUPQGe77Rw";
        assert!(
            signed_by(&format!("{signed}.{mark}"), &keys)
                .is_some_and(|claims| claims.starts_with(b"{\"iss\""))
        );
        assert_eq!(signed_by(&format!("{signed}x.{mark}"), &keys), None);
        assert_eq!(signed_by(&format!("{signed}."), &keys), None);
        // RFC 7515, appendix A.3: the same claims.
        let (x, y) =
            ("f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU", "x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0");
        let keys = json!({ "keys": [{ "kty": "EC", "crv": "P-256", "x": x, "y": y }] });
        let signed = signed.replace("eyJhbGciOiJSUzI1NiJ9", "eyJhbGciOiJFUzI1NiJ9");
        let mark = "DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTjDxw5djxLa8ISlSApmWQxfKTUJqPP3-Kg6NU1Q";
        assert!(signed_by(&format!("{signed}.{mark}"), &keys).is_some());
    }
}
