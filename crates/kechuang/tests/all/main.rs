//! The slow tests of the house: its text, its golden files, data from outside, crashes, pages, secrecy.
//!
//! `CRASHES=n` kills the house more often. `UPDATE_EXPECT=1` rewrites `golden/`; read the difference.
//! `KECHUANG_SHARED` names the folder of open data; what needs it, or a browser, says so when it is absent.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::string_slice,
    reason = "a test may stop"
)]

mod anything;
mod bytes;
mod calendars;
mod cases;
mod charter;
mod chromium;
mod crash;
mod disk;
mod drawn;
mod eyes;
mod golden;
mod journeys;
mod judging;
mod leaks;
mod licences;
mod log;
mod memory;
mod mending;
mod nodes;
mod open;
mod outside;
mod page;
mod pages;
mod passkey;
#[expect(dead_code, reason = "the registry's tests use more of it")]
#[path = "../../../registry/tests/places/mod.rs"]
mod places;
mod plain_sql;
mod provider;
mod region;
mod routes;
mod rush;
mod secrecy;
mod secrecy_any;
mod secrecy_calendars;
mod secrecy_judging;
mod secrecy_persons;
mod sources;
mod strangers;
mod tidy;
mod town;
mod witness;
mod wording;
mod worlds;
