//! Charge: what is owed for a booking once it is over, as it is checked, adjusted and contested before an invoice is made.
//!
//! An adjustment changes the price or the fee, says what was before and after, and why; a large one waits for a second person.
//! Always: nothing is asked beyond what was agreed, and one adjustment at most waits.

use grammar::prelude::*;

use super::{
    Booking,
    Event::{self, *},
    Extra, Status,
};

mod steps;

/// Adjustments of one booking, and objections to its charge.
pub const ADJUSTMENTS_MAX: usize = 20;

/// The price of what was used, or the fee for what was not.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
#[schemars(inline)]
pub enum Part {
    Price,
    Fee,
}

/// Why a charge is changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
#[schemars(inline)]
pub enum Cause {
    /// It is not asked for at all.
    Waived,
    /// Other minutes count; its time costs in proportion.
    OtherMinutes,
    /// Another charge for the hour, the sample or the shift holds.
    OtherRate,
    /// The sum was wrong, and another is right.
    Mistake,
}

/// A change of the charge as it is asked for: what its cause needs, and a reason.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[schemars(inline)]
pub struct Adjustment {
    pub part: Part,
    pub cause: Cause,
    pub charged_minutes: Option<Between<0, 100_000>>,
    pub unit_charge: Option<Money>,
    pub amount: Option<Money>,
    pub reason: Text<500>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Standing {
    /// For a second person.
    ForApproval,
    InForce,
    Refused,
}

/// An adjustment with what it changes, who asked for it, and how it stands.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Adjusted {
    pub adjustment: Adjustment,
    pub before: Money,
    pub after: Money,
    pub by: Option<Id>,
    pub at: Moment,
    pub standing: Standing,
    pub approver: Option<Id>,
    pub note: Option<Text<500>>,
}

/// An objection of the buyer, and what the keeper answered; an adjustment in force answers it too.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Objection {
    pub reason: Text<500>,
    pub at: Moment,
    pub answer: Option<Text<500>>,
}

/// How a charge stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Look {
    /// Nobody has looked at it since the booking came to its end.
    Unchecked,
    Checked,
    ForApproval,
    Contested,
}

/// What has become of the charge.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Charge {
    /// The price before the keeper reported: no adjustment goes beyond it.
    pub agreed: Option<Money>,
    /// When it was last checked, or an adjustment came into force; until when the buyer may object.
    pub checked: Option<Moment>,
    pub contest_until: Option<Day>,
    pub adjustments: Vec<Adjusted>,
    pub objections: Vec<Objection>,
    /// What was paid back.
    pub refunded: Money,
}

impl Charge {
    #[must_use]
    pub fn waiting(&self) -> Option<&Adjusted> {
        self.adjustments.last().filter(|last| last.standing == Standing::ForApproval)
    }

    /// What a part was before all that one person alone has changed of it since: several small steps are one large one.
    fn before_alone(&self, part: Part) -> Option<Money> {
        let in_force = |one: &&Adjusted| one.adjustment.part == part && one.standing == Standing::InForce;
        let alone = self.adjustments.iter().rev().filter(in_force).take_while(|one| one.approver.is_none());
        alone.last().map(|one| one.before)
    }

    #[must_use]
    pub fn open_objection(&self) -> Option<&Objection> {
        self.objections.last().filter(|last| last.answer.is_none())
    }

    #[must_use]
    pub fn look(&self) -> Look {
        if self.waiting().is_some() {
            Look::ForApproval
        } else if self.open_objection().is_some() {
            Look::Contested
        } else if self.checked.is_some() {
            Look::Checked
        } else {
            Look::Unchecked
        }
    }
}

impl Booking {
    /// What was kept of the instrument's terms.
    #[must_use]
    pub fn terms(&self) -> &super::Terms {
        &self.terms
    }

    /// It is over, and what is owed for it is known.
    pub(super) fn is_charged(&self) -> bool {
        use Status::{Absent, Cancelled, Paid, Rated, Reported};
        let is_over = matches!(self.status, Reported | Paid | Rated | Absent | Cancelled);
        let was_settled =
            self.report.is_some() || self.fee.is_positive() || !self.charge.adjustments.is_empty();
        is_over && was_settled
    }

    /// Minutes that its price is for: those that were planned and came to something.
    pub(super) fn charged_minutes(&self) -> i64 {
        use super::Came::{Done, Planned, Running};
        let counts = |sitting: &&super::Sitting| matches!(sitting.came, Planned | Running | Done);
        let sittings = self.sittings.iter().filter(counts);
        sittings.map(|sitting| crate::calendar::length_of(sitting.times)).sum()
    }

    /// Minutes that count: those of the last adjustment in force that names some, or those its price was for.
    pub(super) fn counted_minutes(&self) -> i64 {
        let in_force = |one: &&self::Adjusted| one.standing == Standing::InForce;
        let by_minutes = |one: &self::Adjusted| {
            let is_so = one.adjustment.part == Part::Price && one.adjustment.cause == Cause::OtherMinutes;
            one.adjustment.charged_minutes.filter(|_| is_so).map(Between::get)
        };
        let adjusted = self.charge.adjustments.iter().filter(in_force).rev().find_map(by_minutes);
        adjusted.unwrap_or_else(|| self.charged_minutes())
    }

    /// What of the price is for things and people beside the time, as far as it reaches.
    #[must_use]
    pub fn beside_time(&self) -> Money {
        use super::Came::{Done, Planned, Running};
        let counts = |sitting: &&super::Sitting| matches!(sitting.came, Planned | Running | Done);
        let sittings = i64::try_from(self.sittings.iter().filter(counts).count()).unwrap_or(0);
        let used = |extra: &Extra| {
            let said = self.report.as_ref().and_then(|report| {
                report.used.iter().find(|wanted| wanted.name == extra.name).map(|wanted| wanted.count.get())
            });
            let count = said.filter(|_| extra.is_used_up).unwrap_or(extra.count);
            if extra.is_used_up { count } else { count.saturating_mul(sittings) }
        };
        let asked = self.terms.extras.iter().filter_map(|extra| extra.each.times(used(extra), 1));
        let at_end = self.counted_at_end();
        let at_end = at_end.iter().filter_map(|extra| extra.each.times(extra.count, 1));
        let run = self.terms.operator_hour.filter(|_| self.terms.is_supervised);
        let run = run.and_then(|hour| hour.times(self.charged_minutes(), 60));
        let sum = asked.chain(at_end).chain(run).try_fold(Money::ZERO, |sum, one| sum.plus(one));
        sum.unwrap_or(self.price).min(self.price)
    }

    /// Its charge on its card: only those who see the booking at all see it.
    pub(super) fn charged(&self, card: Card) -> Card {
        if !self.is_charged() {
            return card;
        }
        let card = card.fact("charge", self.charge.look()).fact("charged_minutes", self.counted_minutes());
        let card = match self.charge.waiting().and_then(|waiting| waiting.by) {
            Some(by) => card.fact("adjusted_by", by),
            None => card,
        };
        match self.charge.contest_until {
            Some(until) => card.fact("contest_until", until),
            None => card,
        }
    }

    pub(super) fn charge_changes(&mut self, event: &Event) {
        match event.clone() {
            ChargeChecked { at, contest_until, .. } => {
                (self.charge.checked, self.charge.contest_until) = (Some(at), Some(contest_until));
            }
            Event::Adjusted { adjustment, before, after, by, at, contest_until } => {
                let standing =
                    if contest_until.is_some() { Standing::InForce } else { Standing::ForApproval };
                let (approver, note) = (None, None);
                let one = self::Adjusted { adjustment, before, after, by, at, standing, approver, note };
                self.charge.adjustments.push(one);
                if let Some(until) = contest_until {
                    self.comes_into_force(at, until);
                }
            }
            AdjustmentApproved { note, by, at, contest_until } => {
                self.is_decided(Standing::InForce, by, note);
                self.comes_into_force(at, contest_until);
            }
            AdjustmentRefused { note, by } => self.is_decided(Standing::Refused, by, Some(note)),
            Contested { reason, at } => {
                self.charge.objections.push(Objection { reason, at, answer: None });
            }
            Upheld { reason } => {
                if let Some(open) = self.charge.objections.last_mut() {
                    open.answer = Some(reason);
                }
            }
            Refunded { amount, .. } => {
                self.paid -= amount;
                self.charge.refunded += amount;
            }
            other => impossible(&other),
        }
    }

    fn is_decided(&mut self, standing: Standing, by: Option<Id>, note: Option<Text<500>>) {
        if let Some(last) = self.charge.adjustments.last_mut() {
            (last.standing, last.approver, last.note) = (standing, by, note);
        }
    }

    /// The last adjustment holds from now on, and answers an objection that is open.
    fn comes_into_force(&mut self, at: Moment, contest_until: Day) {
        let Some(last) = self.charge.adjustments.last() else { return };
        match last.adjustment.part {
            Part::Price => self.price = last.after,
            Part::Fee => self.fee = last.after,
        }
        let reason = last.adjustment.reason.clone();
        if let Some(open) = self.charge.objections.last_mut().filter(|open| open.answer.is_none()) {
            open.answer = Some(reason);
        }
        (self.charge.checked, self.charge.contest_until) = (Some(at), Some(contest_until));
        match self.status {
            Status::Reported if self.paid >= self.owed() => self.status = Status::Paid,
            Status::Paid if self.paid < self.owed() => self.status = Status::Reported,
            _ => {}
        }
    }
}
