//! Meetings: who was there on which day, and what each expert is paid in all (rulebook 9.6). Always: the fee of a day is
//! worked out from its place among the days attended, so days are recorded in their order; an opinion that was signed
//! on a day already paid as a meeting is not paid again.

use std::collections::BTreeMap;

use grammar::prelude::*;

use super::{Event::*, Panel, Refusal::*};
use crate::{
    expert::{Expert, TitleLevel},
    person::Person,
    review::{is_staff, meeting_day},
};

const DAYS_MAX: usize = 30;

/// Who was there.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[schemars(inline)]
pub struct Present {
    pub expert: Ref<Expert>,
    /// One for half a day, two for a whole one.
    pub half_days: Between<1, 2>,
}

/// Who was there, with what that day is paid.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Attended {
    pub expert: Ref<Expert>,
    pub person: Ref<Person>,
    pub level: TitleLevel,
    pub half_days: u32,
    /// The place of this day among those the expert attended.
    pub number: u32,
    pub fee: Money,
    /// Of the staff of a body that manages the projects: unpaid.
    #[serde(default)]
    pub is_staff: bool,
}

/// A day on which the panel met.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Meeting {
    pub day: Day,
    pub present: Vec<Attended>,
}

/// What one expert is paid in all.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct FeeLine {
    pub expert: Id,
    pub person: Id,
    pub half_days: u32,
    pub meetings: Money,
    /// Opinions paid by post, and those that were signed on a day paid as a meeting.
    pub by_post: u32,
    pub covered: u32,
    pub post: Money,
    pub total: Money,
    /// Of the staff of a body that manages the projects: unpaid.
    #[serde(default)]
    pub is_staff: bool,
}

impl Panel {
    pub(super) fn meets(&self, day: Day, present: &[Present], ctx: &Ctx) -> Decision<Self> {
        ensure(!present.is_empty(), NothingNamed)?;
        ensure(day <= ctx.today(), NotHeldYet { day })?;
        // The last day may be put right by recording it again.
        let last = self.meetings.iter().map(|meeting| meeting.day).max();
        ensure(last.is_none_or(|last| last <= day), DaysInOrder { day: last.unwrap_or(day) })?;
        ensure(self.meetings.len() < DAYS_MAX || last == Some(day), TooMany { max: DAYS_MAX })?;
        let mut all: Vec<Attended> = Vec::new();
        for Present { expert, half_days } in present.iter().copied() {
            ensure(all.iter().all(|one| one.expert != expert), NamedTwice { expert })?;
            let person = self.sits(expert).ok_or(NotOfThePanel { expert })?;
            let level = ctx.see(expert).read("title_level").ok_or(NotOfThePanel { expert })?;
            let before = self.attended(expert).filter(|(on, _)| *on != day).count();
            let number = u32::try_from(before).unwrap_or(0) + 1;
            let half_days = u32::try_from(half_days.get()).unwrap_or(1);
            let is_staff = is_staff(ctx.see(expert), &self.terms.managing, ctx);
            let paid = (!is_staff).then(|| meeting_day(&self.rates, level, number, half_days, ctx));
            let fee = paid.unwrap_or(Money::ZERO);
            all.push(Attended { expert, person, level, half_days, number, fee, is_staff });
        }
        Ok(say(AttendanceRecorded { meeting: Meeting { day, present: all } }))
    }

    /// The person of an expert who sits here, or whose opinion was taken.
    fn sits(&self, expert: Ref<Expert>) -> Option<Ref<Person>> {
        let is_here = |seat: &&super::Seat| {
            let is_taken = self.taken.iter().any(|taken| taken.review == seat.review.id());
            seat.expert == expert && (seat.ended.is_none() || is_taken)
        };
        self.seats.iter().find(is_here).map(|seat| seat.person)
    }

    fn attended(&self, expert: Ref<Expert>) -> impl Iterator<Item = (Day, &Attended)> {
        let all =
            self.meetings.iter().flat_map(|meeting| meeting.present.iter().map(|one| (meeting.day, one)));
        all.filter(move |(_, one)| one.expert == expert)
    }

    /// What each expert is paid, in the order of their ids: days of meetings, and opinions by post on other days.
    #[must_use]
    pub fn fees(&self) -> Vec<FeeLine> {
        let mut lines: BTreeMap<Id, FeeLine> = BTreeMap::new();
        let empty = |expert: Id, person: Id| FeeLine {
            expert,
            person,
            half_days: 0,
            meetings: Money::ZERO,
            by_post: 0,
            covered: 0,
            post: Money::ZERO,
            total: Money::ZERO,
            is_staff: false,
        };
        for one in self.meetings.iter().flat_map(|meeting| &meeting.present) {
            let (expert, person) = (one.expert.id(), one.person.id());
            let line = lines.entry(expert).or_insert_with(|| empty(expert, person));
            line.half_days += one.half_days;
            line.meetings += one.fee;
            line.is_staff |= one.is_staff;
        }
        for taken in &self.taken {
            let Some(seat) = self.seats.iter().find(|seat| seat.review.id() == taken.review) else {
                continue;
            };
            let expert = seat.expert.id();
            let met = self.attended(seat.expert).any(|(day, _)| Some(day) == taken.signed);
            let line = lines.entry(expert).or_insert_with(|| empty(expert, taken.person));
            if met {
                line.covered += 1;
            } else {
                line.by_post += 1;
                line.post += taken.fee.unwrap_or(Money::ZERO);
            }
        }
        lines.values_mut().for_each(|line| line.total = line.meetings + line.post);
        lines.into_values().collect()
    }
}
