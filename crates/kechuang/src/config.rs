//! Config: the settings of a house. Flags go before the environment, the environment before one TOML file,
//! the file before what is usual.
//!
//! Every setting has one name: `--upload-mb`, `KECHUANG_UPLOAD_MB`, `upload-mb = 64`. What is not a setting
//! is refused by name: a misspelt line that is silently ignored is found out at the worst moment.

use std::{
    collections::BTreeMap,
    net::SocketAddr,
    path::{Path, PathBuf},
    str::FromStr,
};

use registry::Url;
use serde_json::json;
use window::{Proxies, SignIn};

use crate::{
    speech::Trouble,
    witness::ask::{WITNESSES_MAX, Witness},
};

/// The names of the settings, in the order in which help shows them. Their words are in `[setting]`.
pub const NAMES: [&str; 20] = [
    "data",
    "store",
    "node-url",
    "demo",
    "scale",
    "year",
    "listen",
    "public-url",
    "origin",
    "upload-mb",
    "witness",
    "log",
    "admin-login",
    "session-idle-minutes",
    "session-hours",
    "rate-limits",
    "trusted-proxies",
    "second-factor-offices",
    "second-factor-days",
    "providers",
];

const DEMO_FOLDER: &str = "data/demo";
const REGION_FOLDER: &str = "data/region";
const LISTEN: &str = "127.0.0.1:8080";
const LOG: &str = "info";
const UPLOAD_MB: u64 = 64;
/// More would have to be held in memory by several uploads at once.
const UPLOAD_MB_MAX: u64 = 2_048;
const SCALE_MAX: u32 = 100;
/// The longest settings file that is read, in bytes.
const FILE_MAX: u64 = 1 << 20;

/// How a house is run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Config {
    /// The folder that holds everything.
    pub data: PathBuf,
    /// The database that several nodes share; `None` for one file in the folder.
    pub store: Option<Url>,
    /// How other nodes reach this one; else the address it listens at.
    pub node_url: Option<String>,
    /// A demonstration region with invented business, or a real one that starts empty.
    pub is_demo: bool,
    /// How large the demonstration is: 1, 10 or 100 are tried.
    pub scale: u32,
    /// A year of sharing is told instead of the usual demonstration.
    pub is_year: bool,
    pub listen: SocketAddr,
    /// The address people reach the house by, without a slash at the end; else the one it listens at.
    pub public_url: Option<String>,
    /// The name of the region's log; made when the folder is founded if none is given.
    pub origin: Option<String>,
    /// The largest upload, in bytes.
    pub upload_max: usize,
    /// Who is asked to witness that the log only grows.
    pub witnesses: Vec<Witness>,
    /// What is logged, as `tracing` filters are written.
    pub log: String,
    /// The name by which the first administrator signs in.
    pub admin_login: String,
    /// How people sign in, and for how long.
    pub sign_in: SignIn,
}

/// Where settings are said. Each gives the text of a setting by its name.
pub struct Sources<'a> {
    pub flags: &'a dyn Fn(&str) -> Option<String>,
    /// By the name of the variable.
    pub environment: &'a dyn Fn(&str) -> Option<String>,
}

/// The variable of a setting: `upload-mb` is `KECHUANG_UPLOAD_MB`.
pub fn variable(name: &str) -> String {
    format!("KECHUANG_{}", name.to_uppercase().replace('-', "_"))
}

impl Config {
    /// Settles every setting. `KECHUANG_CONFIG` names the file when no flag does.
    ///
    /// # Errors
    /// The file cannot be read or names what is no setting; a value that cannot be one, with its source.
    pub fn read(sources: &Sources) -> Result<Self, Trouble> {
        let file = (sources.flags)("config").or_else(|| (sources.environment)(&variable("config")));
        let file = file.map(|path| settings_file(Path::new(&path))).transpose()?.unwrap_or_default();
        Self::settle(&Said { sources, file })
    }

    fn settle(said: &Said) -> Result<Self, Trouble> {
        let data = said.text("data").map(|(text, _)| PathBuf::from(text));
        // Who names a folder wants to keep something in it; who names none wants to look around.
        let is_demo = said.read("demo", yes_or_no)?.unwrap_or(data.is_none());
        let usual = if is_demo { DEMO_FOLDER } else { REGION_FOLDER };
        let listen: SocketAddr = said.read("listen", parsed)?.unwrap_or(usual_address());
        let megabytes = said.read("upload-mb", |text| within(text, 1..=UPLOAD_MB_MAX))?.unwrap_or(UPLOAD_MB);
        Ok(Self {
            data: data.unwrap_or_else(|| usual.into()),
            store: said.read("store", database)?,
            node_url: said.read("node-url", address)?,
            is_demo,
            scale: said.read("scale", |text| within(text, 1..=SCALE_MAX))?.unwrap_or(1),
            is_year: said.read("year", yes_or_no)?.unwrap_or(false),
            listen,
            public_url: said.read("public-url", address)?,
            origin: said.read("origin", log_name)?,
            upload_max: usize::try_from(megabytes << 20).unwrap_or(usize::MAX),
            witnesses: said.read("witness", witnesses)?.unwrap_or_default(),
            log: said.read("log", filter)?.unwrap_or_else(|| LOG.into()),
            admin_login: said.read("admin-login", login)?.unwrap_or_else(|| "admin".into()),
            sign_in: sign_in(said)?,
        })
    }
}

fn sign_in(said: &Said) -> Result<SignIn, Trouble> {
    let usual = SignIn::default();
    Ok(SignIn {
        idle_minutes: said
            .read("session-idle-minutes", |text| within(text, 5..=1_440))?
            .unwrap_or(usual.idle_minutes),
        session_hours: said
            .read("session-hours", |text| within(text, 1..=168))?
            .unwrap_or(usual.session_hours),
        limits: said.read("rate-limits", yes_or_no)?.unwrap_or(usual.limits),
        second_offices: said.read("second-factor-offices", offices)?.unwrap_or(usual.second_offices),
        second_days: said
            .read("second-factor-days", |text| within(text, 0..=90))?
            .unwrap_or(usual.second_days),
        providers: said.read("providers", crate::providers::read)?.unwrap_or(usual.providers),
        proxies: said.read("trusted-proxies", Proxies::read)?.unwrap_or(usual.proxies),
    })
}

/// Offices with commas between them; `none` for none.
fn offices(text: &str) -> Option<Vec<String>> {
    let plain = |name: &str| !name.is_empty() && name.chars().all(|c| c.is_ascii_lowercase() || c == '-');
    match text {
        "none" => Some(vec![]),
        _ => text.split(',').map(str::trim).map(|name| plain(name).then(|| name.to_owned())).collect(),
    }
}

/// What was said about the settings, by all who may.
struct Said<'a> {
    sources: &'a Sources<'a>,
    file: BTreeMap<String, (String, String)>,
}

impl Said<'_> {
    /// The text of a setting, and where it was said.
    fn text(&self, name: &str) -> Option<(String, String)> {
        let flag = || (self.sources.flags)(name).map(|text| (text, format!("--{name}")));
        let variable = variable(name);
        let environment = || {
            let text = (self.sources.environment)(&variable).filter(|text| !text.is_empty());
            text.map(|text| (text, variable.clone()))
        };
        flag().or_else(environment).or_else(|| self.file.get(name).cloned())
    }

    fn read<T>(&self, name: &str, read: impl Fn(&str) -> Option<T>) -> Result<Option<T>, Trouble> {
        let Some((text, place)) = self.text(name) else { return Ok(None) };
        // The address of a store holds a password.
        let shown = if name == "store" { "…" } else { &text };
        let wrong = || Trouble::new("setting", json!({ "name": name, "value": shown, "place": place }));
        read(text.trim()).map(Some).ok_or_else(wrong)
    }
}

/// The settings in a file, each with the place where it stands, for sentences.
fn settings_file(path: &Path) -> Result<BTreeMap<String, (String, String)>, Trouble> {
    let length = std::fs::metadata(path).map_err(|error| Trouble::file(path, &error))?.len();
    if length > FILE_MAX {
        return Err(Trouble::new("settings-too-long", json!({ "path": path.display().to_string() })));
    }
    let text = std::fs::read_to_string(path).map_err(|error| Trouble::file(path, &error))?;
    let table: toml::Table = toml::from_str(&text).map_err(|error| Trouble::file(path, &error))?;
    let mut settings = BTreeMap::new();
    for (name, value) in table {
        if !NAMES.contains(&name.as_str()) {
            let facts =
                json!({ "path": path.display().to_string(), "name": name, "known": NAMES.join(", ") });
            return Err(Trouble::new("unknown-setting", facts));
        }
        let text = match value {
            toml::Value::String(text) => text,
            toml::Value::Boolean(_) | toml::Value::Integer(_) => value.to_string(),
            // Several texts, as several witnesses are given, are one text with commas.
            toml::Value::Array(texts) if name == "witness" && texts.iter().all(toml::Value::is_str) => {
                texts.iter().filter_map(toml::Value::as_str).collect::<Vec<_>>().join(",")
            }
            other => {
                let facts =
                    json!({ "name": name, "value": other.to_string(), "place": path.display().to_string() });
                return Err(Trouble::new("setting", facts));
            }
        };
        settings.insert(name, (text, path.display().to_string()));
    }
    Ok(settings)
}

fn usual_address() -> SocketAddr {
    LISTEN.parse().unwrap_or_else(|_| SocketAddr::from(([127, 0, 0, 1], 8080)))
}

fn parsed<T: FromStr>(text: &str) -> Option<T> {
    text.parse().ok()
}

fn within<T: FromStr + PartialOrd>(text: &str, range: std::ops::RangeInclusive<T>) -> Option<T> {
    text.parse().ok().filter(|number| range.contains(number))
}

fn yes_or_no(text: &str) -> Option<bool> {
    match text.to_lowercase().as_str() {
        "true" | "yes" | "1" | "on" => Some(true),
        "false" | "no" | "0" | "off" => Some(false),
        _ => None,
    }
}

/// `postgres://name:password@host/database`.
pub fn database(text: &str) -> Option<Url> {
    let rest = text.strip_prefix("postgres://").or_else(|| text.strip_prefix("postgresql://"))?;
    (!rest.is_empty()).then(|| Url(text.to_owned()))
}

/// `https://kechuang.example`; a slash at the end is dropped.
fn address(text: &str) -> Option<String> {
    let host = text.strip_prefix("https://").or_else(|| text.strip_prefix("http://"))?;
    let fits = !host.is_empty() && !host.contains(|c: char| c.is_whitespace() || c.is_control() || c == '"');
    fits.then(|| text.trim_end_matches('/').to_owned())
}

/// One word without blanks and plus signs: it stands in checkpoints and in keys.
fn log_name(text: &str) -> Option<String> {
    chain::Signer::from_seed(text, [0; 32]).ok().map(|_| text.to_owned())
}

/// `key address`, several with commas between them.
fn witnesses(text: &str) -> Option<Vec<Witness>> {
    let read: Vec<Witness> = text.split(',').map(Witness::read).collect::<Option<_>>()?;
    (read.len() <= WITNESSES_MAX).then_some(read)
}

fn filter(text: &str) -> Option<String> {
    tracing_subscriber::EnvFilter::try_new(text).ok().map(|_| text.to_owned())
}

fn login(text: &str) -> Option<String> {
    let fits = |c: char| c.is_alphanumeric() || matches!(c, '.' | '-' | '_' | '@');
    let length = text.chars().count();
    ((1..=60).contains(&length) && text.chars().all(fits)).then(|| text.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn config(
        flags: &[(&str, &str)],
        environment: &[(&str, &str)],
        file: Option<&str>,
    ) -> Result<Config, Trouble> {
        let folder = tempfile::TempDir::new().unwrap();
        let path = folder.path().join("kechuang.toml");
        let path_text = path.display().to_string();
        let mut flags = flags.to_vec();
        if let Some(text) = file {
            std::fs::write(&path, text).unwrap();
            flags.push(("config", &path_text));
        }
        let find = |pairs: &[(&str, &str)], name: &str| {
            pairs.iter().find(|pair| pair.0 == name).map(|pair| pair.1.to_owned())
        };
        Config::read(&Sources {
            flags: &|name| find(&flags, name),
            environment: &|name| find(environment, name),
        })
    }

    #[test]
    fn a_spoiled_file_of_settings_is_settled_or_refused() {
        let folder = tempfile::TempDir::new().unwrap();
        let path = folder.path().join("region.toml");
        let text = "data = \"d\"\ndemo = \"no\"\nscale = 3\nlisten = \"127.0.0.1:8080\"\nupload-mb = 64\norigin = \"a.example/b\"\n";
        let flags = |name: &str| (name == "config").then(|| path.display().to_string());
        let sources = Sources { flags: &flags, environment: &|_| None };
        let (mut dice, mut settled, mut refused) = (grammar::form::Dice::new(1), 0, 0);
        let steps = std::env::var("FUZZ_STEPS").ok().and_then(|steps| steps.parse().ok()).unwrap_or(1_000);
        for _ in 0..steps {
            std::fs::write(&path, grammar::fuzz::spoil(text.as_bytes(), &mut dice)).unwrap();
            *(if Config::read(&sources).is_ok() { &mut settled } else { &mut refused }) += 1;
        }
        assert!(settled > 10 && refused > 100, "{settled} {refused}");
    }

    #[test]
    fn who_says_nothing_gets_the_demonstration_on_this_machine_only() {
        let config = config(&[], &[], None).unwrap();
        assert!(config.is_demo && config.listen.ip().is_loopback());
        assert_eq!((config.data.to_str(), config.scale), (Some("data/demo"), 1));
        assert_eq!((config.listen.port(), config.public_url, config.upload_max), (8080, None, 64 << 20));
    }

    #[test]
    fn who_names_a_folder_gets_a_real_region_unless_a_demonstration_is_asked_for() {
        assert!(!config(&[("data", "/srv/region")], &[], None).unwrap().is_demo);
        assert!(!config(&[], &[("KECHUANG_DATA", "/srv/region")], None).unwrap().is_demo);
        assert!(config(&[("data", "/srv/region"), ("demo", "yes")], &[], None).unwrap().is_demo);
        let real = config(&[("demo", "no")], &[], None).unwrap();
        assert_eq!((real.is_demo, real.data.to_str()), (false, Some("data/region")));
    }

    #[test]
    fn a_shared_store_is_named_by_its_address_which_is_never_shown() {
        let named = config(&[("store", "postgres://k:hidden@db/region")], &[], None).unwrap();
        assert!(named.store.is_some() && !format!("{named:?}").contains("hidden"));
        let wrong = config(&[], &[("KECHUANG_STORE", "mysql://k:hidden@db/region")], None).unwrap_err();
        assert_eq!((wrong.code, wrong.facts["value"].as_str()), ("setting", Some("…")));
        assert!(config(&[], &[], None).unwrap().store.is_none());
    }

    #[test]
    fn flags_go_before_the_environment_and_that_before_the_file() {
        let file = Some("listen = \"127.0.0.1:1\"\nscale = 10\ndemo = true\nupload-mb = 5");
        let environment =
            [("KECHUANG_LISTEN", "127.0.0.1:2"), ("KECHUANG_SCALE", "100"), ("KECHUANG_LOG", "")];
        let flags = [("listen", "127.0.0.1:3"), ("public-url", "https://region.example/")];
        let config = config(&flags, &environment, file).unwrap();
        assert_eq!(config.public_url.as_deref(), Some("https://region.example"));
        assert_eq!((config.listen.port(), config.scale), (3, 100));
        assert_eq!((config.is_demo, config.upload_max, config.log.as_str()), (true, 5 << 20, "info"));
    }

    #[test]
    fn what_is_no_setting_is_refused_by_name_with_those_that_are() {
        let trouble = config(&[], &[], Some("listne = \"127.0.0.1:1\"")).unwrap_err();
        assert_eq!((trouble.code, trouble.facts["name"].as_str()), ("unknown-setting", Some("listne")));
        let sentence = trouble.sentence(grammar::words::Locale::En);
        assert!(
            sentence.contains("`listne`") && NAMES.iter().all(|name| sentence.contains(name)),
            "{sentence}"
        );
        let table = config(&[], &[], Some("[data]\nfolder = \"x\"")).unwrap_err();
        assert_eq!((table.code, table.facts["name"].as_str()), ("setting", Some("data")));
    }

    #[test]
    fn a_value_that_cannot_be_one_is_refused_with_its_place() {
        for (name, value) in [
            ("listen", "8080"),
            ("demo", "maybe"),
            ("scale", "0"),
            ("scale", "101"),
            ("public-url", "kechuang.example"),
            ("public-url", "http://a b"),
            ("origin", "two words"),
            ("upload-mb", "-1"),
            ("log", "a=b=c"),
            ("admin-login", ""),
            ("session-hours", "0"),
            ("session-idle-minutes", "1"),
            ("rate-limits", "some"),
            ("second-factor-offices", "Auditor!"),
            ("second-factor-days", "91"),
            ("providers", "nowhere.toml"),
            ("trusted-proxies", "proxy.example"),
        ] {
            let trouble = config(&[(name, value)], &[], None).unwrap_err();
            let place = format!("--{name}");
            assert_eq!(
                (trouble.code, trouble.facts["place"].as_str()),
                ("setting", Some(place.as_str())),
                "{value}"
            );
        }
        let trouble = config(&[], &[("KECHUANG_SCALE", "ten")], None).unwrap_err();
        assert_eq!(trouble.facts["place"], "KECHUANG_SCALE");
        assert_eq!(config(&[], &[], Some("scale = ")).unwrap_err().code, "file");
    }
}
