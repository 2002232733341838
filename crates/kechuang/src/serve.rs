//! Serve: opens a region's house in its folder and keeps it open until it is told to close.
//!
//! Order matters: the folder is taken and the address bound before anything is written, so that a second
//! start fails without a trace. On the way out, visits end first, then time, then the writer.

use std::{
    net::TcpListener,
    sync::{Arc, mpsc},
    thread::JoinHandle,
    time::Duration,
};

use clap::{Arg, ArgMatches, Command};
use desks::DESKS;
use grammar::words::Locale;
use registry::{Chance, FOREVER, Registry, Shared, Writer};
use serde_json::json;

use crate::{
    admin,
    attending::Attending,
    config::{self, Config, Sources},
    demo::{self, StoryClock},
    folder::Folder,
    providers::Network,
    speech::{Trouble, say, words},
    system::{Pace, SystemChance, SystemClock},
    watching::Watch,
    witness::ask::Asking,
};

/// How often time asks what is due.
const TICK: Duration = Duration::from_secs(1);
/// How long visits may take to end once the house is told to close.
const GRACE: Duration = Duration::from_secs(10);
/// Visits answered at a time; more wait their turn, which is fairer and takes less memory than more threads.
const BLOCKING_MAX: usize = 32;
const PASSWORD: &str = "KECHUANG_ADMIN_PASSWORD";
/// Under this key lies what has been founded of the demonstration.
const DEMO: &str = "demo";
/// How the mark of a folder begins in which a year is told.
const YEAR: &str = "year";

/// The settings as flags; `--config` names the file.
pub fn flags(locale: Locale) -> Vec<Arg> {
    let flag = |name: &'static str| {
        let arg = Arg::new(name).long(name).value_name(name.to_uppercase());
        let arg = arg.help(words(locale).get("setting", name).to_owned());
        // `--demo` alone means yes.
        if ["demo", "year"].contains(&name) {
            arg.num_args(0..=1).require_equals(true).default_missing_value("yes")
        } else {
            arg
        }
    };
    std::iter::once("config").chain(config::NAMES).map(flag).collect()
}

pub fn command(locale: Locale) -> Command {
    let about = words(locale).get("help", "serve");
    Command::new("serve").about(about).after_help(words(locale).get("help", "settings")).args(flags(locale))
}

/// The settings as flags, environment and file give them.
///
/// # Errors
/// What cannot be a setting.
pub fn config(matches: &ArgMatches) -> Result<Config, Trouble> {
    Config::read(&Sources {
        flags: &|name| matches.try_get_one::<String>(name).ok().flatten().cloned(),
        environment: &crate::environment,
    })
}

/// `demo`: the same settings, but the house stays closed.
pub fn demo_command(locale: Locale) -> Command {
    Command::new("demo").about(words(locale).get("help", "demo")).args(flags(locale))
}

/// Founds the demonstration region, or what a larger scale adds to it, and closes.
///
/// # Errors
/// The folder is in use or holds a real region, or the house cannot be opened.
pub fn found(matches: &ArgMatches, locale: Locale) -> Result<(), Trouble> {
    let config = Config { is_demo: true, ..config(matches)? };
    log(&config);
    let folder = Folder::take(&config.data)?;
    let (registry, time) = open(&folder, &config)?;
    let founded = found_demo(&registry, &time, &config, locale);
    registry.close();
    founded?;
    let facts = json!({ "folder": config.data.display().to_string(), "scale": config.scale });
    println!("{}", say(locale, "serve", "founded", &facts));
    Ok(())
}

/// Serves until Ctrl-C or SIGTERM.
///
/// # Errors
/// The folder is in use, the address is taken, or the house cannot be opened.
pub fn run(matches: &ArgMatches, locale: Locale) -> Result<(), Trouble> {
    let config = config(matches)?;
    log(&config);
    let folder = Folder::take(&config.data)?;
    let address = |error: std::io::Error| {
        Trouble::new("address", json!({ "listen": config.listen.to_string(), "error": error.to_string() }))
    };
    let listener = TcpListener::bind(config.listen).map_err(address)?;
    // With port 0 the system chose one.
    let config = Config { listen: listener.local_addr().map_err(address)?, ..config.clone() };
    if config.store.is_some() && config.node_url.is_none() && config.listen.ip().is_unspecified() {
        return Err(Trouble::new("no-node-url", json!({ "listen": config.listen.to_string() })));
    }
    let (registry, time) = open(&folder, &config)?;
    let settled =
        settle(&registry, &time, &config, locale).and_then(|()| welcome(&registry, &config, listener));
    registry.close();
    settled
}

/// The shared store of the settings, and how other nodes reach this one.
pub fn shared(config: &Config) -> Option<Shared> {
    let address = || config.node_url.clone().unwrap_or_else(|| format!("http://{}", config.listen));
    config.store.clone().map(|url| Shared { url, address: address() })
}

/// Opens the registry in a folder that is ours.
fn open(folder: &Folder, config: &Config) -> Result<(Arc<Registry>, Arc<StoryClock>), Trouble> {
    let origin = || {
        let [a, b, c, d, ..] = SystemChance.bytes();
        format!("kechuang.local/{a:02x}{b:02x}{c:02x}{d:02x}")
    };
    let founded = folder.founded(config.is_demo, config.origin.as_deref(), origin)?;
    let settings = registry::Settings {
        folder: folder.path().to_owned(),
        origin: founded.origin,
        is_demo: founded.demo,
        store: shared(config),
    };
    let time = Arc::new(StoryClock::begins(Arc::new(SystemClock)));
    if !config.is_demo {
        time.ends();
    }
    let registry = Registry::open(settings, &DESKS, time.clone(), Arc::new(SystemChance)).map_err(broken)?;
    Ok((registry, time))
}

/// The first day: a demonstration is founded, a real region gets its first administrator.
fn settle(
    registry: &Arc<Registry>,
    time: &StoryClock,
    config: &Config,
    locale: Locale,
) -> Result<(), Trouble> {
    if registry.writer() != Writer::Here {
        time.ends();
        return Ok(());
    }
    if config.is_demo {
        return found_demo(registry, time, config, locale);
    }
    let password = crate::environment(PASSWORD);
    admin::appoint_first(registry, &config.admin_login, password, &mut |login, made| {
        let facts = json!({ "login": login, "password": made });
        both("serve", if made.is_some() { "administrator" } else { "administrator-given" }, &facts);
    })
}

/// Founds the demonstration, or what a larger scale or a newer program adds to it. Every step is kept under
/// its own key, so this could be done at each start; the mark only saves the time.
fn found_demo(
    registry: &Arc<Registry>,
    time: &StoryClock,
    config: &Config,
    locale: Locale,
) -> Result<(), Trouble> {
    let known: Option<String> = registry.kept(admin::SPACE, DEMO).map_err(broken)?;
    let is_year = known.as_ref().map_or(config.is_year, |known| known.starts_with(YEAR));
    if config.is_year && !is_year {
        let facts = json!({ "folder": config.data.display().to_string() });
        return Err(Trouble::new("year-elsewhere", facts).of_input());
    }
    let what = if is_year { YEAR.to_owned() } else { config.scale.to_string() };
    let wanted = format!("{what} {}", env!("CARGO_PKG_VERSION"));
    if known.as_ref() == Some(&wanted) {
        time.ends();
        return Ok(());
    }
    let mut pace = Pace::start();
    let mut progress = |_stage: &str, done: usize, all: usize| {
        if pace.is_due() {
            eprintln!("{}", say(locale, "serve", "founding", &json!({ "done": done, "all": all })));
        }
    };
    let founded = if is_year {
        demo::found_year(registry, time, &mut progress)
    } else {
        demo::found(registry, time, config.scale, &mut progress)
    };
    time.ends();
    founded.map_err(|error| Trouble::new("broken", json!({ "error": error })))?;
    registry.keep(admin::SPACE, DEMO, &wanted, FOREVER).map_err(broken)
}

fn welcome(registry: &Arc<Registry>, config: &Config, listener: TcpListener) -> Result<(), Trouble> {
    let public_url = config.public_url.clone().unwrap_or_else(|| nearby(&listener, config));
    let options = window::Options {
        public_url: public_url.clone(),
        upload_max: config.upload_max,
        sign_in: config.sign_in.clone(),
    };
    let house = window::House::reaching(registry.clone(), options, Arc::new(Network::new()))
        .map_err(|error| Trouble::new("broken", json!({ "error": error })))?;
    let ticker = Ticker::start(registry.clone())?;
    let asking = Asking::start(registry, &config.witnesses)?;
    let facts = json!({ "url": public_url, "folder": config.data.display().to_string() });
    both("serve", if config.is_demo { "open-demo" } else { "open" }, &facts);
    let served = serve(house, listener);
    asking.stop();
    ticker.stop();
    both("serve", "closed", &facts);
    served.map_err(|error| Trouble::new("broken", json!({ "error": error.to_string() })))
}

/// Where someone at this machine reaches the house: a house that listens everywhere listens here too.
fn nearby(listener: &TcpListener, config: &Config) -> String {
    let mut address = listener.local_addr().unwrap_or(config.listen);
    if address.ip().is_unspecified() {
        address.set_ip(std::net::Ipv4Addr::LOCALHOST.into());
    }
    format!("http://{address}")
}

fn serve(house: Arc<window::House>, listener: TcpListener) -> std::io::Result<()> {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .max_blocking_threads(BLOCKING_MAX)
        .build()?;
    let served = runtime.block_on(async {
        let (stop, stopped) = tokio::sync::oneshot::channel::<()>();
        let serving = window::serve(house, listener, async {
            let _ = stopped.await;
        });
        tokio::select! {
            served = serving => served,
            () = async {
                told_to_close().await;
                let _ = stop.send(());
                tokio::time::sleep(GRACE).await;
            } => Ok(()),
        }
    });
    runtime.shutdown_timeout(GRACE);
    served
}

/// Ends with Ctrl-C, and where there is one with SIGTERM.
pub async fn told_to_close() {
    let ctrl_c = async {
        if tokio::signal::ctrl_c().await.is_err() {
            std::future::pending::<()>().await;
        }
    };
    #[cfg(unix)]
    let terminate = async {
        match tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate()) {
            Ok(mut signal) => drop(signal.recv().await),
            Err(_) => std::future::pending().await,
        }
    };
    #[cfg(not(unix))]
    let terminate = std::future::pending::<()>();
    tokio::select! {
        () = ctrl_c => {}
        () = terminate => {}
    }
}

/// The thread on which time comes by.
struct Ticker {
    stop: mpsc::Sender<()>,
    thread: JoinHandle<()>,
}

impl Ticker {
    fn start(registry: Arc<Registry>) -> Result<Self, Trouble> {
        let (stop, stopped) = mpsc::channel();
        let turn = move || {
            let mut watch = Watch::default();
            let mut attending = Attending::default();
            while stopped.recv_timeout(TICK) == Err(mpsc::RecvTimeoutError::Timeout) {
                if let Err(broken) = registry.tick() {
                    tracing::error!(%broken, "a turn of the clock failed; the next one tries again");
                }
                if let Err(broken) = watch.turn(&registry) {
                    tracing::error!(%broken, "orders could not be looked through; the next turn tries again");
                }
                if let Err(broken) = attending.turn(&registry) {
                    tracing::error!(%broken, "operators' time could not be looked at; the next turn tries again");
                }
            }
        };
        let thread = std::thread::Builder::new().name("ticker".into()).spawn(turn);
        let thread = thread.map_err(|error| Trouble::new("broken", json!({ "error": error.to_string() })))?;
        Ok(Self { stop, thread })
    }

    fn stop(self) {
        let _ = self.stop.send(());
        let _ = self.thread.join();
    }
}

/// Operators read what suits them: where to look is said in both languages.
fn both(section: &str, key: &str, facts: &serde_json::Value) {
    for locale in Locale::BOTH {
        println!("{}", say(locale, section, key, facts));
    }
}

fn log(config: &Config) {
    let filter = tracing_subscriber::EnvFilter::new(&config.log);
    // A second attempt in one process changes nothing; the first stays.
    let _ = tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr).try_init();
}

fn broken(broken: registry::Broken) -> Trouble {
    Trouble::new("broken", json!({ "error": broken.0 }))
}
