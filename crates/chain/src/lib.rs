//! Not a blockchain: one owner's append-only Merkle log, whose every promise a stranger can check.
//!
//! The log commits to facts without showing them: its entries are salted hashes (`leaf`), gathered in the tree of
//! RFC 6962 (`tree`), from which `proof` draws and checks inclusion and consistency. `tile`, `note` with `key` and `sm2`,
//! `checkpoint` and `witness` fix the published bytes as C2SP describes them; `receipt` ties it all to one fact,
//! `casefile` with `heads` to all facts of one record; `code` is the short name of a receipt that a person can type.
//! Always pure: no input or output, no clock, no chance. Nothing here panics, whatever a stranger sends.

pub mod casefile;
pub mod checkpoint;
pub mod code;
pub mod excerpt;
pub mod heads;
pub mod key;
pub mod leaf;
pub mod note;
pub mod proof;
pub mod receipt;
pub mod sm2;
pub mod tile;
pub mod tree;
pub mod witness;

pub use checkpoint::Checkpoint;
pub use excerpt::{Excerpt, Seen};
pub use key::{Cosigner, Signer, Verifier};
pub use leaf::Hash;
pub use receipt::Receipt;
pub use tree::{Memory, Missing, Nodes};
