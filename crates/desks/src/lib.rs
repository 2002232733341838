//! Desks: the business of the region, one folder a system.
//!
//! Each folder holds the rules of one kind of record (`mod.rs`), its stories, its words in two languages and
//! its articles as data (`rules.toml`). A desk may tell the desks above it in [`DESKS`], never those below.

use std::sync::LazyLock;

use grammar::clerk::{Desks, desk};

pub mod account;
pub mod achievement;
pub mod draw;
pub mod expert;
pub mod field;
pub mod instrument;
pub mod laboratory;
pub mod need;
pub mod notice;
pub mod office;
pub mod organisation;
pub mod panel;
pub mod person;
pub mod review;
pub mod rulebook;
pub mod voucher;

/// The house's desks, in order: a desk may tell the ones above it.
pub static DESKS: LazyLock<Desks> = LazyLock::new(|| {
    Desks::new(vec![
        desk::<organisation::Organisation>(),
        desk::<person::Person>(),
        desk::<office::Office>(),
        desk::<rulebook::Rulebook>(),
        desk::<notice::Notice>(),
        desk::<draw::Draw>(),
        desk::<account::Account>(),
        desk::<voucher::Voucher>(),
        desk::<achievement::Achievement>(),
        desk::<laboratory::Laboratory>(),
        desk::<instrument::Instrument>(),
        desk::<need::Need>(),
        desk::<expert::Expert>(),
        desk::<review::Review>(),
        desk::<panel::Panel>(),
    ])
});
