//! Signing in, through the pages alone: passwords, sessions, tokens, resets, limits and files.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::string_slice,
    reason = "a test may stop"
)]

mod files;
mod identities;
mod passkeys;
mod passwords;
mod resets;
mod second;
mod sessions;
mod tokens;
mod town;
