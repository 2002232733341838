//! Pure algorithms: question in, proposal out. Nothing here knows a file, a clock or chance.

pub mod allocation;
pub mod auctions;
pub mod booking;
pub mod draw;
pub mod matching;
pub mod netting;
pub mod reviewers;
pub mod valuation;
