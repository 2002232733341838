//! Terms: how far ahead, how long and how much one may book. Each answer names the one rule that is broken.

use super::Span;

/// The terms of an instrument. What is `None` is not limited.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Terms {
    /// Beginnings no further ahead than this.
    pub horizon: Option<i64>,
    /// Beginnings no sooner than this.
    pub notice: Option<i64>,
    pub shortest: Option<i64>,
    pub longest: Option<i64>,
    /// Lengths are whole multiples of this.
    pub step: Option<i64>,
    pub daily: Option<i64>,
    pub weekly: Option<i64>,
    /// Cancelling later than this before the beginning costs something.
    pub late: Option<i64>,
}

/// What one buyer has booked already on the days and in the week that the span touches.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Usage {
    /// The most on any one of those days, the new span included.
    pub day: i64,
    /// The most in any one of those weeks, the new span included.
    pub week: i64,
}

/// What speaks against a booking, with the limit.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Against {
    Past,
    TooSoon { least: i64 },
    TooFarAhead { most: i64 },
    TooShort { least: i64 },
    TooLong { most: i64 },
    NotInSteps { step: i64 },
    DailyQuota { most: i64 },
    WeeklyQuota { most: i64 },
}

/// What speaks against `span`, asked for at `now`: the first reason that applies, time before amounts.
#[must_use]
pub fn against(terms: &Terms, span: Span, now: i64, usage: Usage) -> Option<Against> {
    let ahead = span.from().saturating_sub(now);
    let over = |limit: Option<i64>, value: i64| limit.filter(|limit| value > *limit);
    let under = |limit: Option<i64>, value: i64| limit.filter(|limit| value < *limit);
    if ahead < 0 {
        return Some(Against::Past);
    }
    let first = under(terms.notice, ahead).map(|least| Against::TooSoon { least });
    first
        .or_else(|| over(terms.horizon, ahead).map(|most| Against::TooFarAhead { most }))
        .or_else(|| under(terms.shortest, span.length()).map(|least| Against::TooShort { least }))
        .or_else(|| over(terms.longest, span.length()).map(|most| Against::TooLong { most }))
        .or_else(|| {
            let step = terms.step.filter(|step| *step > 0 && span.length() % step != 0);
            step.map(|step| Against::NotInSteps { step })
        })
        .or_else(|| over(terms.daily, usage.day).map(|most| Against::DailyQuota { most }))
        .or_else(|| over(terms.weekly, usage.week).map(|most| Against::WeeklyQuota { most }))
}

/// Whether cancelling at `now` is late.
#[must_use]
pub fn is_late(terms: &Terms, span: Span, now: i64) -> bool {
    terms.late.is_some_and(|late| now > span.from().saturating_sub(late))
}
