//! Window: every way in. Pages, JSON, sheets and the pages of the rooms, all over one registry.
//!
//! A request becomes a [`visit::Visit`], the visitor a [`guest::Guest`] who sees the house through their own
//! eyes, and [`ways`] decide which page or answer that is. Everything below the socket is synchronous and
//! runs on blocking threads; async is only here.

mod denied;
mod guest;
pub mod parts;
mod plain;
mod rooms;
mod serve;
mod session;
mod tries;
pub mod visit;
mod ways;

use std::sync::Arc;

use grammar::words::{Locale, Words};
use registry::Registry;

pub use serve::{Small, serve, serve_small};
pub use session::{Login, set_password};
pub use ways::{answer, openapi};

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
}

impl House {
    /// # Errors
    /// When the words of the pages cannot be read: a defect of the program.
    pub fn new(registry: Arc<Registry>, options: Options) -> Result<Arc<Self>, String> {
        let zh = Words::read(Locale::Zh, include_str!("../words/zh.toml"))?;
        let en = Words::read(Locale::En, include_str!("../words/en.toml"))?;
        let turns = std::thread::available_parallelism().map_or(2, usize::from) * 2;
        let readers = tokio::sync::Semaphore::new(turns);
        Ok(Arc::new(Self {
            registry,
            options,
            words: [zh, en],
            jobs: ways::Jobs::default(),
            tries: tries::Tries::default(),
            readers,
        }))
    }

    /// The words of the pages in a language.
    #[must_use]
    pub fn words(&self, locale: Locale) -> &Words {
        let [zh, en] = &self.words;
        if locale == Locale::Zh { zh } else { en }
    }
}
