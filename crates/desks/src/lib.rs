//! Desks: the business of the region, one folder a system.
//!
//! Each folder holds the rules of one kind of record (`mod.rs`), its stories, its words in two languages and
//! its articles as data (`rules.toml`). A desk may tell the desks above it in [`DESKS`], never those below.

use std::sync::LazyLock;

use grammar::clerk::{Desks, desk};

pub mod account;
pub mod accreditation;
pub mod achievement;
pub mod advisory;
pub mod agreement;
pub mod allocation;
pub mod allowance;
pub mod application;
pub mod booking;
pub mod bundle;
pub mod calendar;
pub mod call;
pub mod candidate;
pub mod chemical;
pub mod clearing;
pub mod comparison;
pub mod cupboard;
pub mod draw;
pub mod eligibility;
pub mod exchange;
pub mod expert;
pub mod field;
pub mod hazard;
pub mod incident;
pub mod indicator;
pub mod instrument;
pub mod laboratory;
pub mod line;
pub mod need;
pub mod neighbour;
pub mod notice;
pub mod office;
pub mod old_book;
pub mod organisation;
pub mod panel;
pub mod paying;
pub mod permit;
pub mod person;
pub mod programme;
pub mod project;
pub mod proposal;
pub mod provider;
pub mod purchase;
pub mod redemption;
pub mod review;
pub mod round;
pub mod rulebook;
pub mod sample;
pub mod settlement;
pub mod solution;
pub mod test_report;
pub mod track_record;
pub mod training;
pub mod visit;
pub mod voucher;
pub mod voucher_order;
pub mod waits;

/// The house's desks, in order: a desk may tell the ones above it.
pub static DESKS: LazyLock<Desks> = LazyLock::new(|| {
    Desks::new(vec![
        desk::<organisation::Organisation>(),
        desk::<person::Person>(),
        desk::<office::Office>(),
        desk::<rulebook::Rulebook>(),
        desk::<notice::Notice>(),
        desk::<draw::Draw>(),
        desk::<indicator::Indicator>(),
        desk::<account::Account>(),
        desk::<voucher::Voucher>(),
        desk::<old_book::OldBook>(),
        desk::<eligibility::Eligibility>(),
        desk::<provider::Provider>(),
        desk::<voucher_order::VoucherOrder>(),
        desk::<redemption::Redemption>(),
        desk::<clearing::Clearing>(),
        desk::<neighbour::Neighbour>(),
        desk::<settlement::Settlement>(),
        desk::<exchange::Exchange>(),
        desk::<achievement::Achievement>(),
        desk::<laboratory::Laboratory>(),
        desk::<purchase::Purchase>(),
        desk::<calendar::Calendar>(),
        desk::<allowance::Allowance>(),
        desk::<line::Line>(),
        desk::<instrument::Instrument>(),
        desk::<incident::Incident>(),
        desk::<permit::Permit>(),
        desk::<agreement::Agreement>(),
        desk::<training::Training>(),
        desk::<booking::Booking>(),
        desk::<cupboard::Cupboard>(),
        desk::<chemical::Chemical>(),
        desk::<bundle::Bundle>(),
        desk::<sample::Sample>(),
        desk::<accreditation::Accreditation>(),
        desk::<test_report::TestReport>(),
        desk::<visit::Visit>(),
        desk::<track_record::TrackRecord>(),
        desk::<proposal::Proposal>(),
        desk::<round::Round>(),
        desk::<need::Need>(),
        desk::<expert::Expert>(),
        desk::<programme::Programme>(),
        desk::<call::Call>(),
        desk::<solution::Solution>(),
        desk::<application::Application>(),
        desk::<project::Project>(),
        desk::<comparison::Comparison>(),
        desk::<review::Review>(),
        desk::<panel::Panel>(),
        desk::<allocation::Allocation>(),
        desk::<advisory::Advisory>(),
    ])
});
