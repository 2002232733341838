//! Steps: what a review decides, by who asks: the panel that opens it, the reviewer, the office, time.

use grammar::{desk::Tell, prelude::*};
use serde_json::json;

use super::{
    Command::{self, *},
    Discussion,
    Event::{self, *},
    Opinion, PLEDGE,
    Refusal::*,
    Review, Status,
    fee::is_staff,
    sheet,
};
use crate::{
    expert::{self, Freed, TitleLevel},
    notice::shows_personal_numbers,
};

/// Numbers of identity documents and telephones are masked: the applicant reads the comment.
const MASKED: Rule<bool> = rule("PL-R12");
/// The office may order a reviewer to withdraw, and says why.
const ORDERED: Rule<bool> = rule("EP-R14");
/// Parts of a candidate that stand behind it.
const BEHIND: [&str; 4] = ["leader", "member", "lead", "partner"];
const BEHIND_MAX: usize = 80;

/// Those behind a candidate, each once.
pub(crate) fn behind(candidate: &Card) -> Vec<Id> {
    let all = BEHIND.iter().flat_map(|part| candidate.holders(part));
    let once: std::collections::BTreeSet<Id> = all.collect();
    once.into_iter().collect()
}

/// Whom the applicant asked to leave out.
pub(crate) fn avoided(candidate: &Card) -> Vec<Id> {
    candidate.read::<Vec<Id>>("avoid").unwrap_or_default().into_iter().take(10).collect()
}

pub(super) fn open(command: &Command, ctx: &Ctx) -> Decision<Review> {
    let Open(terms) = command else { return not_now() };
    let (expert, candidate) = (ctx.see(terms.expert), ctx.seen.get(terms.candidate));
    let person = expert.holders("person").next();
    let level = expert.read::<TitleLevel>("title_level");
    let (Some(person), Some(level)) = (person, level) else {
        return Err(NotAnExpertOfThePool { expert: terms.expert }.into());
    };
    // Nobody behind it may be left out of the look for conflicts.
    let barred = List::new(behind(candidate)).ok_or(TeamTooLarge { max: BEHIND_MAX })?;
    let title = Bilingual { zh: short(&candidate.title_zh), en: short(&candidate.title_en) };
    // What the candidate's desk offers to reviewers; without it, what its card says.
    let blind = candidate.facts.get("blind").cloned();
    let material = blind.unwrap_or_else(|| json!({ "text": candidate.text, "keywords": candidate.keywords }));
    let (itself, reviewer) = (ctx.me.r(), person.r());
    let engage = expert::Command::Engage {
        review: ctx.me,
        candidate: terms.candidate,
        person: reviewer,
        barred,
        avoid: List::new(avoided(candidate)).unwrap_or_default(),
        until: terms.until,
    };
    let is_staff = is_staff(expert, &terms.managing, ctx);
    let invited = Invited { itself, terms: terms.clone(), reviewer, level, title, material, is_staff };
    Ok(say(invited).and(tell(terms.expert, &engage)))
}

fn short<const N: usize>(text: &str) -> Option<Text<N>> {
    Text::read(&text.chars().take(N).collect::<String>())
}

impl Review {
    fn is_open(&self) -> bool {
        matches!(self.status, Status::Invited | Status::Accepted | Status::Signed | Status::Discussing)
    }

    /// The expert is free for another review.
    fn release(&self, reason: Freed) -> Tell {
        tell(self.terms.expert, &expert::Command::Disengage { review: self.itself.id(), reason })
    }

    /// Conflicts are looked for again with what is known now.
    fn attest(&self) -> Tell {
        let (review, person) = (self.itself.id(), self.reviewer);
        tell(self.terms.expert, &expert::Command::Attest { review, person })
    }

    pub(super) fn reviewer_asks(&self, command: &Command, ctx: &Ctx) -> Decision<Self> {
        match (self.status, command.clone()) {
            (Status::Invited, Accept { no_conflict, in_person }) => {
                ensure(no_conflict && in_person, NoPledge).by(PLEDGE)?;
                Ok(say(Accepted { on: ctx.today() }).and(self.attest()))
            }
            (Status::Invited | Status::Accepted, Decline { ground, note }) => {
                Ok(say(Declined { on: ctx.today(), ground, note }).and(self.release(Freed::ReviewDeclined)))
            }
            (Status::Accepted | Status::Discussing, Sign { marks, open, closed }) => {
                let criteria = &self.terms.criteria;
                let total = sheet::total(criteria, &marks);
                let total = total.ok_or(MarksDoNotFit { criteria: criteria.len() })?;
                ensure(!shows_personal_numbers(&open), ShowsPersonalNumbers).by(MASKED)?;
                let paid = (!self.is_staff).then(|| self.terms.rates.of_review(self.level, ctx));
                let fee = paid.unwrap_or(Money::ZERO);
                let opinion = Box::new(Opinion { on: ctx.today(), marks, total, open, closed });
                Ok(say(Signed { opinion, fee }).and(self.attest()))
            }
            (Status::Discussing, Keep) => Ok(say(Kept { on: ctx.today() })),
            _ => not_now(),
        }
    }

    pub(super) fn others_ask(&self, command: &Command, ctx: &Ctx) -> Decision<Self> {
        match command.clone() {
            Discuss { others, until } => {
                self.is_signed()?;
                Ok(say(Discussed { discussion: Discussion { others, until } }))
            }
            Lock { expert } if expert == self.terms.expert => {
                self.is_signed()?;
                let alarmed = ctx.see(expert).read::<Vec<Id>>("alarmed").unwrap_or_default();
                let waits = alarmed.contains(&self.itself.id());
                ensure(!waits, ConflictWaits { review: self.itself, expert }).by(ORDERED)?;
                Ok(say(Locked { on: ctx.today() }).and(self.release(Freed::ReviewLocked)))
            }
            Clear { reason } if self.is_open() => {
                let settle = expert::Command::Settle { review: self.itself.id(), stands: true };
                Ok(say(LetStand { reason }).and(tell(self.terms.expert, &settle)))
            }
            Bar { reason } if self.is_open() => {
                Ok(say(Barred { reason }).and(self.release(Freed::ReviewBarred)))
            }
            Replace { reason } if self.is_open() => {
                Ok(say(Replaced { reason }).and(self.release(Freed::ReviewReplaced)))
            }
            // One that has ended by itself needs nothing more.
            Replace { .. } if self.status != Status::Locked => Ok(Script::silent()),
            Expire => self.expire(ctx),
            _ => not_now(),
        }
    }

    fn is_signed(&self) -> Result<(), super::Refusal> {
        ensure(self.status == Status::Signed, NotSigned { review: self.itself, status: self.status })
    }

    fn expire(&self, ctx: &Ctx) -> Decision<Self> {
        let today = ctx.today();
        match self.status {
            Status::Invited if self.terms.answer_until < today => {
                Ok(say(Expired { on: today }).and(self.release(Freed::ReviewExpired)))
            }
            Status::Accepted if self.terms.until < today => {
                Ok(say(Expired { on: today }).and(self.release(Freed::ReviewExpired)))
            }
            // What was signed before the discussion stands.
            Status::Discussing if self.discussion.as_ref().is_some_and(|d| d.until < today) => {
                Ok(say(Kept { on: today }))
            }
            _ => not_now(),
        }
    }

    pub(super) fn after(mut self, event: Event) -> Self {
        match event {
            Invited { .. } => impossible(&event),
            Accepted { on } => (self.status, self.answered) = (Status::Accepted, Some(on)),
            Declined { on, note, .. } => {
                (self.status, self.answered, self.remark) = (Status::Declined, Some(on), note);
            }
            Signed { opinion, fee } => {
                self.opinions.push(*opinion);
                (self.status, self.fee) = (Status::Signed, Some(fee));
            }
            Discussed { discussion } => {
                (self.status, self.discussion) = (Status::Discussing, Some(discussion));
            }
            Kept { .. } => self.status = Status::Signed,
            LetStand { .. } => {}
            Barred { reason } => (self.status, self.remark) = (Status::Barred, Some(reason)),
            Locked { .. } => self.status = Status::Locked,
            Replaced { reason } => (self.status, self.remark) = (Status::Replaced, Some(reason)),
            Expired { .. } => self.status = Status::Expired,
        }
        self
    }
}

/// What a reviewer's card says of the signed opinion, for the panel.
#[must_use]
pub fn signed(review: &Card) -> Option<(u32, super::Marks, Text<4000>)> {
    Some((review.read("total")?, review.read("marks")?, review.read("open")?))
}

/// When it was signed and what it is paid.
#[must_use]
pub fn paid(review: &Card) -> (Option<Day>, Option<Money>) {
    (review.read("signed_on"), review.read("fee"))
}
