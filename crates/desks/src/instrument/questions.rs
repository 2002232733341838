//! Questions: what its keeper asks whoever books it, at booking or at the end of a run: a text, a number with unit and bounds,
//! a choice, a yes or no. A number may say how many of a consumable are used; then they cost what the terms of use say.

use std::collections::BTreeSet;

use grammar::prelude::*;

use super::{Event::QuestionsSet, Instrument, Refusal::*, extras::Consumable};
use crate::indicator;

/// Questions of one instrument.
pub const QUESTIONS_MAX: usize = 20;
/// Choices of one question.
pub const CHOICES_MAX: usize = 20;
/// Numbers have at most so many places behind the point.
pub const PLACES: i64 = 3;

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
#[schemars(inline)]
pub enum Asked {
    AtBooking,
    AtEnd,
}

/// What an answer is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
#[schemars(inline)]
pub enum AnsweredBy {
    Words,
    Number,
    OneOf,
    YesOrNo,
}

/// One question.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[schemars(inline)]
pub struct Question {
    pub question: Bilingual<200>,
    pub asked: Asked,
    pub answered_by: AnsweredBy,
    #[serde(default)]
    pub is_needed: bool,
    /// The answer is about a person: it stays out of the log and can be erased.
    #[serde(default)]
    pub is_personal: bool,
    pub measure: Option<Text<20>>,
    pub least: Option<Text<20>>,
    pub most: Option<Text<20>>,
    #[serde(default)]
    pub choices: List<Bilingual<60>, CHOICES_MAX>,
    /// The number says how many of this consumable are used.
    pub consumable: Option<Text<60>>,
}

pub type Questions = List<Question, QUESTIONS_MAX>;

impl Question {
    /// A number in thousandths.
    #[must_use]
    pub fn number(text: &str) -> Option<i64> {
        indicator::read(text, PLACES)
    }

    /// Its bounds in thousandths; `None` where there is none.
    #[must_use]
    pub fn bounds(&self) -> (Option<i64>, Option<i64>) {
        let bound = |text: &Option<Text<20>>| text.as_deref().and_then(Self::number);
        (bound(&self.least), bound(&self.most))
    }

    /// The choice that is written so, in either language.
    #[must_use]
    pub fn choice(&self, text: &str) -> Option<&Bilingual<60>> {
        self.choices.iter().find(|choice| choice.zh() == text || choice.en() == text)
    }
}

/// A number whose bounds are numbers in order; choices where one is to be chosen, and nowhere else.
fn sensible(row: usize, question: &Question) -> Result<(), No<super::Refusal>> {
    let number = question.answered_by == AnsweredBy::Number;
    ensure(!question.question.is_empty(), EmptyQuestion { row })?;
    let given = [&question.least, &question.most].map(Option::is_some);
    let (least, most) = question.bounds();
    let is_read = given == [least.is_some(), most.is_some()] && (number || given == [false, false]);
    let is_ordered = least.zip(most).is_none_or(|(least, most)| least <= most);
    ensure(is_read && is_ordered, NoBounds { row })?;
    let choices: BTreeSet<String> = question.choices.iter().map(Bilingual::joined).collect();
    let is_choice = question.answered_by == AnsweredBy::OneOf;
    let has_choices = choices.len() == question.choices.len() && choices.len() >= 2;
    ensure(if is_choice { has_choices } else { choices.is_empty() }, NoChoices { row })?;
    ensure(!question.is_personal || question.answered_by == AnsweredBy::Words, PersonalInWords { row })?;
    Ok(())
}

/// A number that costs: whole, from nothing up to a bound that whoever books can read beforehand.
fn sensible_cost(row: usize, question: &Question, known: &[Consumable]) -> Result<(), No<super::Refusal>> {
    let Some(name) = question.consumable.clone() else { return Ok(()) };
    ensure(known.iter().any(|consumable| consumable.name == name), NoSuchConsumable { name })?;
    let (least, most) = question.bounds();
    let whole = |bound: i64| (0..=1_000_000).contains(&bound) && bound % 1_000 == 0;
    let is_bound = question.answered_by == AnsweredBy::Number && most.is_some_and(whole);
    Ok(ensure(is_bound && least.is_none_or(whole), CostWithoutBound { row })?)
}

impl Instrument {
    pub(super) fn sets_questions(&self, questions: Questions) -> Decision<Self> {
        let known = self.using.as_ref().map_or(&[][..], |using| &using.consumables[..]);
        let mut counted = BTreeSet::new();
        for (row, question) in (1..).zip(questions.iter()) {
            sensible(row, question)?;
            sensible_cost(row, question, known)?;
            if let Some(name) = question.consumable.clone() {
                ensure(counted.insert(name.to_string()), CountedTwice { name })?;
            }
        }
        Ok(say(QuestionsSet { questions }))
    }
}
