//! Query: what stands behind the question mark of an address of the interface. What cannot be read is a fault beside
//! its name, never passed over: whoever mistypes a region must not be shown every region.

use std::str::FromStr;

use grammar::form::Fault;
use serde_json::json;

use crate::{denied::Trouble, visit::Visit};

/// Reads one thing after the other, and gathers what is wrong.
pub struct Query<'a> {
    visit: &'a Visit,
    faults: Vec<Fault>,
}

impl<'a> Query<'a> {
    pub fn of(visit: &'a Visit) -> Self {
        Self { visit, faults: vec![] }
    }

    /// What was given; an empty one says nothing.
    fn given(&self, name: &str) -> Option<&'a str> {
        self.visit.query.get(name).map(String::as_str).filter(|text| !text.is_empty())
    }

    pub fn has(&self, name: &str) -> bool {
        self.given(name).is_some()
    }

    fn fault(&mut self, name: &str, code: &str, facts: serde_json::Value) {
        self.faults.push(Fault { facts, ..Fault::new(name, code) });
    }

    /// A text of at most so many letters.
    pub fn text(&mut self, name: &str, max: usize) -> Option<String> {
        let text = self.given(name)?;
        let is = text.chars().count();
        if is > max {
            self.fault(name, "too-long", json!({ "max": max, "is": is }));
            return None;
        }
        Some(text.trim().to_owned()).filter(|text| !text.is_empty())
    }

    /// A value that is read from its text; `code` is what is wrong with it if not.
    pub fn read<T: FromStr>(&mut self, name: &str, code: &str) -> Option<T> {
        let read = self.given(name)?.parse();
        if read.is_err() {
            self.fault(name, code, json!({ "desk": "" }));
        }
        read.ok()
    }

    /// A whole number within limits.
    pub fn number(&mut self, name: &str, (min, max): (u32, u32)) -> Option<u32> {
        // What was given and is empty is no number.
        let text = self.visit.query.get(name)?;
        let number = text.parse().ok().filter(|number| (min..=max).contains(number));
        if number.is_none() {
            self.fault(name, "out-of-range", json!({ "min": min, "max": max }));
        }
        number
    }

    /// One of some words.
    pub fn choice<T: Copy>(&mut self, name: &str, choices: &[(&str, T)]) -> Option<T> {
        let text = self.visit.query.get(name)?;
        let chosen = choices.iter().find(|(word, _)| word == text).map(|(_, choice)| *choice);
        if chosen.is_none() {
            let words: Vec<&str> = choices.iter().map(|(word, _)| *word).collect();
            self.fault(name, "not-a-choice", json!({ "choices": words }));
        }
        chosen
    }

    /// That something had to be given.
    pub fn needed(&mut self, name: &str) {
        if !self.faults.iter().any(|fault| fault.field == name) {
            self.faults.push(Fault::new(name, "needed"));
        }
    }

    /// # Errors
    /// Everything that could not be read.
    pub fn end(self) -> Result<(), Trouble> {
        if self.faults.is_empty() {
            return Ok(());
        }
        Err(Trouble::Denied(grammar::case::Refused::Unreadable(self.faults).into()))
    }
}
