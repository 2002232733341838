//! Questions: what the keeper asks whoever books, at booking and at the end of a run, and what was answered.
//!
//! The questions and what their numbers cost stand in the booking's terms, as they were when it was made: what an answer at
//! the end adds to the price was agreed with them, up to their bounds. Answers about a person stay out of the log.

use grammar::{kinds::half_width, prelude::*};

use super::{
    Booking,
    Event::{self, *},
    Extra, Refusal,
    Refusal::*,
    Request, Status, Terms, Wanted,
};
use crate::instrument::{AnsweredBy, Asked, QUESTIONS_MAX, Question, Questions, Using};

/// What is answered: in words that everyone who sees the booking reads, or about a person.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[schemars(inline)]
pub struct Answer {
    /// Its number among the instrument's questions.
    pub question: Between<1, 20>,
    pub text: Option<Text<500>>,
    pub personal: Option<Personal<Text<200>>>,
}

/// What hides behind a commitment is not compared, the commitments are.
impl PartialEq for Answer {
    fn eq(&self, other: &Self) -> bool {
        let personal = |answer: &Self| answer.personal.as_ref().map(|it| it.commitment().to_owned());
        (self.question, &self.text, personal(self)) == (other.question, &other.text, personal(other))
    }
}

impl Answer {
    fn is_given(&self) -> bool {
        self.text.is_some() || self.personal.is_some()
    }
}

pub type Answers = List<Answer, QUESTIONS_MAX>;

/// A question with what one of its number costs.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Posed {
    #[serde(flatten)]
    pub question: Question,
    pub each: Money,
}

pub type AllPosed = List<Posed, QUESTIONS_MAX>;

/// A question and its answer, as lists and sheets show them.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Told {
    pub question: Question,
    pub answer: Answer,
}

/// The instrument's questions, with the charges of the day.
pub(super) fn posed(card: &Card, using: &Using) -> AllPosed {
    let asked = card.read::<Questions>("questions").unwrap_or_default();
    let each = |question: &Question| {
        let name = question.consumable.as_ref();
        let consumable = using.consumables.iter().find(|consumable| Some(&consumable.name) == name);
        let each = consumable.and_then(|consumable| consumable.charge).unwrap_or_default();
        Posed { question: question.clone(), each }
    };
    List::new(asked.iter().map(each).collect()).unwrap_or_default()
}

/// Answers to what is asked now, each within its bounds, none missing that must be there.
fn are_right(posed: &AllPosed, asked: Asked, answers: &Answers) -> Result<(), Refusal> {
    let mut given = std::collections::BTreeSet::new();
    for (row, answer) in (1..).zip(answers.iter()) {
        let number = answer.question.get();
        let of = usize::try_from(number - 1).ok().and_then(|place| posed.get(place));
        let Some(posed) = of.filter(|posed| posed.question.asked == asked) else {
            return Err(NoSuchQuestion { question: number, row });
        };
        ensure(given.insert(number), AnsweredTwice { question: number, row })?;
        is_right(&posed.question, answer, row)?;
    }
    for (number, posed) in (1..).zip(posed.iter()).filter(|(_, posed)| posed.question.asked == asked) {
        let place = answers.iter().position(|answer| answer.question.get() == number);
        let is_given = place.and_then(|place| answers.get(place)).is_some_and(Answer::is_given);
        let (question, row) = (posed.question.question.clone(), 1 + place.unwrap_or(answers.len()));
        ensure(is_given || !posed.question.is_needed, AnswerNeeded { question, row })?;
    }
    Ok(())
}

fn is_right(asked: &Question, answer: &Answer, row: usize) -> Result<(), Refusal> {
    let question = asked.question.clone();
    let is_apart = if asked.is_personal { answer.text.is_none() } else { answer.personal.is_none() };
    ensure(is_apart, PersonalApart { question: question.clone(), row })?;
    let Some(text) = answer.text.as_deref() else { return Ok(()) };
    match asked.answered_by {
        AnsweredBy::Words => Ok(()),
        AnsweredBy::OneOf => ensure(asked.choice(text).is_some(), NotAChoice { question, row }),
        AnsweredBy::YesOrNo => ensure(matches!(text, "yes" | "no"), NotYesOrNo { question, row }),
        AnsweredBy::Number => {
            let value = Question::number(&half_width(text));
            let value = value.ok_or(NotANumber { question: question.clone(), row })?;
            let (least, most) = asked.bounds();
            let is_within = least.is_none_or(|least| least <= value) && most.is_none_or(|most| value <= most);
            let bounds = range(asked);
            ensure(is_within, OutOfBounds { question: question.clone(), bounds, row })?;
            ensure(asked.consumable.is_none() || value % 1_000 == 0, NotWhole { question, row })
        }
    }
}

/// `1 – 20 mL`, `≥ 1`, `≤ 20`.
#[must_use]
pub fn range(asked: &Question) -> String {
    let shown = match (asked.least.as_deref(), asked.most.as_deref()) {
        (Some(least), Some(most)) => format!("{least} – {most}"),
        (Some(least), None) => format!("≥ {least}"),
        (None, Some(most)) => format!("≤ {most}"),
        (None, None) => return String::new(),
    };
    asked.measure.as_deref().map_or_else(|| shown.clone(), |measure| format!("{shown} {measure}"))
}

/// What the answers to one time's questions say is used.
fn counted(posed: &AllPosed, asked: Asked, answers: &[Answer]) -> Vec<Extra> {
    let one = |answer: &Answer| {
        let place = usize::try_from(answer.question.get() - 1).ok()?;
        let posed = posed.get(place).filter(|posed| posed.question.asked == asked)?;
        let name = posed.question.consumable.clone()?;
        let count = Question::number(&half_width(answer.text.as_deref()?))? / 1_000;
        (count > 0).then_some(Extra { name, count, each: posed.each, is_used_up: true })
    };
    answers.iter().filter_map(one).collect()
}

/// What is asked for with the answers at booking.
pub(super) fn counted_at_booking(posed: &AllPosed, request: &Request) -> Vec<Extra> {
    counted(posed, Asked::AtBooking, &request.answers)
}

/// What was answered at booking is right, and asks for nothing twice.
pub(super) fn are_answered(terms: &Terms, request: &Request) -> Result<(), Refusal> {
    are_right(&terms.questions, Asked::AtBooking, &request.answers)?;
    let is_asked = |name: &Text<60>| {
        let mut names = terms.questions.iter().filter_map(|posed| posed.question.consumable.as_ref());
        names.any(|known| known == name)
    };
    let is_twice = |wanted: &&Wanted| wanted.count.get() > 0 && is_asked(&wanted.name);
    match request.consumables.iter().find(is_twice) {
        Some(wanted) => Err(AskedAlready { name: wanted.name.clone() }),
        None => Ok(()),
    }
}

impl Booking {
    fn is_over(&self) -> bool {
        self.status == Status::Used || (self.status == Status::Running && self.ahead().is_none())
    }

    /// What the end's answers say is used.
    pub(super) fn counted_at_end(&self) -> Vec<Extra> {
        counted(&self.terms.questions, Asked::AtEnd, &self.answers)
    }

    /// Answers once nothing is to come, until the keeper has reported; the last ones count.
    pub(super) fn answers_at_end(&self, answers: Answers) -> Decision<Self> {
        let posed = &self.terms.questions;
        if !self.is_over() || posed.iter().all(|posed| posed.question.asked != Asked::AtEnd) {
            return not_now();
        }
        are_right(posed, Asked::AtEnd, &answers)?;
        let cost = |extras: &[Extra]| -> Option<Money> {
            let mut each = extras.iter().map(|extra| extra.each.times(extra.count, 1));
            each.try_fold(Money::ZERO, |sum, cost| sum.plus(cost?))
        };
        let (old, new) = (cost(&self.counted_at_end()), cost(&counted(posed, Asked::AtEnd, &answers)));
        let price = old.zip(new).and_then(|(old, new)| (self.price - old).plus(new));
        match price {
            Some(price) => Ok(say(Answered { answers, price })),
            None => not_now(),
        }
    }

    /// Questions of the end that must be answered and are not. What is about a person is for that person to say.
    fn unanswered(&self) -> impl Iterator<Item = &Question> {
        let is_open = |(number, posed): &(i64, &Posed)| {
            let question = &posed.question;
            let answer = self.answers.iter().find(|answer| answer.question.get() == *number);
            let is_due = question.asked == Asked::AtEnd && question.is_needed && !question.is_personal;
            is_due && !answer.is_some_and(Answer::is_given)
        };
        (1..).zip(self.terms.questions.iter()).filter(is_open).map(|(_, posed)| &posed.question)
    }

    /// Before it is reported, everything that must be is answered.
    pub(super) fn are_all_answered(&self) -> Result<(), Refusal> {
        match self.unanswered().next() {
            Some(question) => Err(StillUnanswered { question: question.question.clone() }),
            None => Ok(()),
        }
    }

    pub(super) fn keeps_answers(&mut self, event: &Event) {
        let Answered { answers, price } = event.clone() else { impossible(event) };
        let is_kept = |answer: &&Answer| {
            let place = usize::try_from(answer.question.get() - 1).ok();
            let posed = place.and_then(|place| self.terms.questions.get(place));
            // What a person said of themselves stays when somebody else answers the rest.
            let is_own = answer.personal.is_some()
                && answers.iter().all(|new| new.question != answer.question || !new.is_given());
            is_own || posed.is_some_and(|posed| posed.question.asked == Asked::AtBooking)
        };
        let kept = self.answers.iter().filter(is_kept).cloned();
        self.answers = kept.chain(answers.iter().filter(|answer| answer.is_given()).cloned()).collect();
        self.price = price;
    }

    /// Questions and answers on its card: only those who see the booking at all see it.
    pub(super) fn answered(&self, card: Card) -> Card {
        let told = |answer: &Answer| {
            let posed = self.terms.questions.get(usize::try_from(answer.question.get() - 1).ok()?)?;
            let (question, answer) = (posed.question.clone(), answer.clone());
            answer.is_given().then_some(Told { question, answer })
        };
        let told: Vec<Told> = self.answers.iter().filter_map(told).collect();
        let card = if told.is_empty() { card } else { card.fact("answers", told) };
        let open = if self.is_over() { self.unanswered().count() } else { 0 };
        if open == 0 { card } else { card.fact("unanswered", open) }
    }
}
