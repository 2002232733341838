//! Questions: what applicants ask about a call, answered for everyone. Who asked is for the office alone.

use grammar::prelude::*;

use super::{
    Call,
    Command::{self, *},
    Event::{self, *},
    Refusal::*,
    Status,
};
use crate::{notice::shows_personal_numbers, person::Person};

pub const QUESTIONS_MAX: usize = 300;
/// Numbers of identity documents and telephones are masked.
const MASKED: Rule<bool> = rule("PL-R12");

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Question {
    pub number: u32,
    pub by: Option<Ref<Person>>,
    pub on: Day,
    pub text: Text<1000>,
    pub answer: Option<(Day, Text<2000>)>,
}

impl Call {
    pub(super) fn questioned(&self, command: &Command, ctx: &Ctx) -> Decision<Self> {
        if self.status < Status::Published {
            return not_now();
        }
        match command.clone() {
            AskQuestion { text } if self.status != Status::Closed => {
                ensure(!shows_personal_numbers(&text), ShowsPersonalNumbers).by(MASKED)?;
                ensure(self.questions.len() < QUESTIONS_MAX, TooManyQuestions { max: QUESTIONS_MAX })?;
                let number = self.questions.last().map_or(1, |last| last.number + 1);
                let by = ctx.by.person.map(Id::r);
                Ok(say(Asked { question: Question { number, by, on: ctx.today(), text, answer: None } }))
            }
            AnswerQuestion { number, text } => {
                let found = self.questions.iter().find(|question| question.number == number);
                let question = found.ok_or(NoSuchQuestion { number })?;
                ensure(question.answer.is_none(), AlreadyAnswered { number })?;
                ensure(!shows_personal_numbers(&text), ShowsPersonalNumbers).by(MASKED)?;
                Ok(say(Answered { number, on: ctx.today(), text }))
            }
            _ => not_now(),
        }
    }

    pub(super) fn question_changes(&mut self, event: Event) {
        match event {
            Asked { question } => self.keep(|c| c.questions.push(question)),
            Answered { number, on, text } => {
                let asked = self.questions.iter_mut().find(|question| question.number == number);
                asked.unwrap_or_else(|| impossible(&("no such question", number))).answer = Some((on, text));
            }
            other => impossible(&other),
        }
    }
}
