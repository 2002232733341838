//! Grammar: the words in which every desk is written. Read this crate first.
//!
//! [`desk`] says what a desk is; [`clerk`] rubs its types off; [`state`] is what it keeps of a record; [`case`] plays a command and all it
//! causes;
//! [`form`] is the one description every way in is made from; [`kinds`] are the values, [`card`] the front
//! of a record, [`lot`] chance, [`viewer`] who looks and asks, [`rules`] the articles as data, [`words`] what people read.
//! No input or output, no clock, no chance.

pub mod calendar;
pub mod card;
pub mod case;
pub mod clerk;
pub mod desk;
pub mod form;
pub mod fuzz;
pub mod kinds;
pub mod lot;
pub mod prelude;
pub mod rules;
pub mod state;
pub mod story;
pub mod viewer;
pub mod words;
