//! Plain pages: the list, the record and the form that every desk has without another line.

pub mod draft;
pub mod files;
mod form;
mod list;
mod own;
mod press;
mod record;
mod suggested;
mod values;
mod who;

pub use files::{fault as file_fault, file, missing as missing_files, read_text, take as take_file};
pub use form::{after, field_words, form, submit, submit_with};
pub use list::{found_in, list};
pub use press::{Pressed, press, refusal};
pub use record::{
    actions, card_facts, done, heading, heading_with, history, history_of, known, progress, proofs, record,
    record_led, record_page,
};
pub use values::{personal_text, values};
pub use who::who;
