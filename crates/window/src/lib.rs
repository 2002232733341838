//! Window: every way in. Pages, JSON, sheets and the pages of the rooms, all over one registry.
//!
//! A request becomes a [`visit::Visit`], the visitor a [`guest::Guest`] who sees the house through their own
//! eyes, and [`ways`] decide which page or answer that is. Everything below the socket is synchronous and
//! runs on blocking threads; async is only here.

mod denied;
mod guest;
mod limits;
pub mod parts;
mod pass;
mod plain;
mod proxies;
mod rooms;
mod serve;
mod session;
mod tries;
pub mod visit;
mod ways;

use std::sync::{Arc, atomic::AtomicU64};

use grammar::words::{Locale, Words};
use registry::Registry;

pub use plain::read_text;
pub use proxies::Proxies;
pub use rooms::attend;
pub use serve::{Small, serve, serve_small};
pub use session::{Fetch, NotFetched, Provider, set_password};
pub use ways::{answer, journal, openapi};

/// Reading sheets, for other ways in.
pub mod sheet {
    pub use crate::ways::sheet::{
        read::read,
        table::{Limits, ReadAs, Row, SheetFault, Table},
    };
}

/// How the house shows itself to visitors.
#[derive(Clone, Debug)]
pub struct Options {
    /// Where people reach the house: `http://127.0.0.1:8080`, without a slash at the end.
    pub public_url: String,
    /// The largest sheet or file that is taken, in bytes.
    pub upload_max: usize,
    pub sign_in: SignIn,
}

/// How people sign in, and for how long.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SignIn {
    /// Minutes of rest after which a session ends.
    pub idle_minutes: u32,
    /// Hours after which a session ends, rest or not.
    pub session_hours: u32,
    /// Whether visits are limited in number; what guards passwords always is.
    pub limits: bool,
    /// Offices whose holders need a second factor, and the days they have to set it up. Not asked for in a
    /// demonstration.
    pub second_offices: Vec<String>,
    pub second_days: u32,
    /// Other houses by which people sign in.
    pub providers: Vec<Provider>,
    /// Proxies in front of the house, whose `X-Forwarded-For` is believed.
    pub proxies: Proxies,
}

/// Offices of high power: those who can let others in, move money, or change rules.
const POWERFUL: [&str; 7] =
    ["system-admin", "security-admin", "auditor", "registrar", "treasurer", "rule-maker", "privacy-officer"];

impl Default for SignIn {
    fn default() -> Self {
        Self {
            idle_minutes: 120,
            session_hours: 12,
            limits: true,
            second_offices: POWERFUL.map(str::to_owned).into(),
            second_days: 14,
            providers: vec![],
            proxies: Proxies::default(),
        }
    }
}

impl SignIn {
    pub(crate) fn idle_millis(&self) -> i64 {
        i64::from(self.idle_minutes) * 60_000
    }

    pub(crate) fn session_millis(&self) -> i64 {
        i64::from(self.session_hours) * 3_600_000
    }
}

/// The house with its front open.
pub struct House {
    pub registry: Arc<Registry>,
    pub options: Options,
    words: [Words; 2],
    jobs: ways::Jobs,
    /// Wrong check codes of late.
    tries: tries::Tries,
    /// Turns of visits that only read.
    readers: tokio::sync::Semaphore,
    /// Speaks to the node that writes, when it is another one.
    agent: ureq::Agent,
    limits: limits::Limits,
    fetch: Arc<dyn Fetch>,
    /// Codes are tried one at a time.
    codes: std::sync::Mutex<()>,
    /// The day, and the lines of security events written in it.
    security_lines: (AtomicU64, AtomicU64),
    /// How many things wait for whom, as it was counted of late.
    counts: rooms::Counts,
}

/// A house that asks nobody.
struct Nobody;

impl Fetch for Nobody {
    fn get(&self, _: &str) -> Result<Vec<u8>, NotFetched> {
        Err(NotFetched::Unreachable("this house asks nobody".into()))
    }

    fn post(&self, url: &str, _: (&str, &str), _: &str) -> Result<Vec<u8>, NotFetched> {
        self.get(url)
    }
}

impl House {
    /// # Errors
    /// When the words of the pages cannot be read: a defect of the program.
    pub fn new(registry: Arc<Registry>, options: Options) -> Result<Arc<Self>, String> {
        Self::reaching(registry, options, Arc::new(Nobody))
    }

    /// The same for a house that asks others over the network.
    ///
    /// # Errors
    /// As of [`House::new`].
    pub fn reaching(
        registry: Arc<Registry>,
        options: Options,
        fetch: Arc<dyn Fetch>,
    ) -> Result<Arc<Self>, String> {
        let zh = [
            include_str!("../words/zh.toml"),
            include_str!("../words/sign.zh.toml"),
            include_str!("../words/joint.zh.toml"),
            include_str!("../words/sharing.zh.toml"),
            include_str!("../words/money.zh.toml"),
        ];
        let en = [
            include_str!("../words/en.toml"),
            include_str!("../words/sign.en.toml"),
            include_str!("../words/joint.en.toml"),
            include_str!("../words/sharing.en.toml"),
            include_str!("../words/money.en.toml"),
        ];
        let (zh, en) = (Words::read_all(Locale::Zh, &zh)?, Words::read_all(Locale::En, &en)?);
        let turns = std::thread::available_parallelism().map_or(2, usize::from) * 2;
        let readers = tokio::sync::Semaphore::new(turns);
        let limits = limits::Limits::new(options.sign_in.limits);
        Ok(Arc::new(Self {
            registry,
            options,
            words: [zh, en],
            jobs: ways::Jobs::default(),
            tries: tries::Tries::default(),
            readers,
            limits,
            fetch,
            codes: std::sync::Mutex::default(),
            security_lines: Default::default(),
            counts: rooms::Counts::default(),
            agent: pass::agent(),
        }))
    }

    /// Whether people reach the house over an encrypted way, so that cookies may insist on it.
    #[must_use]
    pub fn is_secure(&self) -> bool {
        self.options.public_url.starts_with("https://")
    }

    /// The words of the pages in a language.
    #[must_use]
    pub fn words(&self, locale: Locale) -> &Words {
        let [zh, en] = &self.words;
        if locale == Locale::Zh { zh } else { en }
    }
}
