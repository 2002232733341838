//! Watcher: tells how far the search is, and hears Ctrl-C.

use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};

use engines::allocation::Progress;
use grammar::words::Locale;
use serde_json::json;

use super::intake::points;
use crate::{speech::say, system::Pace};

/// Hears Ctrl-C.
pub struct Stop(Arc<AtomicBool>);

impl Stop {
    pub fn listen() -> Self {
        let is_stopped = Arc::new(AtomicBool::new(false));
        let heard = is_stopped.clone();
        std::thread::spawn(move || {
            let built = tokio::runtime::Builder::new_current_thread().enable_io().build();
            if let Ok(runtime) = built
                && runtime.block_on(tokio::signal::ctrl_c()).is_ok()
            {
                heard.store(true, Ordering::Relaxed);
            }
        });
        Self(is_stopped)
    }

    pub fn goes_on(&self) -> bool {
        !self.0.load(Ordering::Relaxed)
    }
}

/// Tells how far the search is, and hears Ctrl-C.
pub struct Watcher {
    locale: Locale,
    pace: Pace,
    stop: Stop,
}

impl Watcher {
    pub fn new(locale: Locale) -> Self {
        Self { locale, pace: Pace::start(), stop: Stop::listen() }
    }

    pub fn goes_on(&self) -> bool {
        self.stop.goes_on()
    }

    /// Says a sentence if one is due, and whether to go on.
    pub fn says(&mut self, section: &str, key: &str, facts: &serde_json::Value) -> bool {
        if self.pace.is_due() {
            eprintln!("{}", say(self.locale, section, key, facts));
        }
        self.goes_on()
    }

    pub fn told(&mut self, progress: &Progress) -> bool {
        if self.pace.is_due() {
            let facts = json!({
                "nodes": progress.nodes, "value": progress.value.map_or("–".to_owned(), points),
                "bound": points(progress.bound),
            });
            eprintln!("{}", say(self.locale, "allocate", "searching", &facts));
        }
        self.goes_on()
    }

    pub fn what_if(&mut self, _: &Progress) -> bool {
        if self.pace.is_due() {
            eprintln!("{}", say(self.locale, "allocate", "explaining", &json!({})));
        }
        self.goes_on()
    }
}
