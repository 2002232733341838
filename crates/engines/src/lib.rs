//! Pure algorithms: question in, proposal out. Nothing here knows a file, a clock or chance.

pub mod allocation;
pub mod auctions;
pub mod bank;
pub mod booking;
pub mod clusters;
pub mod draw;
pub mod elementary;
pub mod indices;
pub mod likeness;
pub mod matching;
pub mod netting;
pub mod reviewers;
pub mod rings;
pub mod shares;
pub mod valuation;
