//! Fee (专家咨询费): what a review is paid by the published table (财科教〔2017〕128号), after tax.

use grammar::prelude::*;

use crate::{
    expert::{TitleLevel, conflict::Body},
    organisation::Organisation,
};

/// What academicians and nationally known experts get more.
const MORE: Rule<Share> = rule("EP-F03");
/// Staff of the projects and of those who manage them are not paid.
const NOT_STAFF: Rule<bool> = rule("EP-F08");
/// Bodies that may manage the projects of one panel.
const MANAGING_MAX: usize = 5;
pub type Managing = List<Ref<Organisation>, MANAGING_MAX>;
/// What half a day is of a day.
const HALF_DAY: Rule<Share> = rule("EP-F04");
/// What a day is from the third on.
const THIRD_DAY: Rule<Share> = rule("EP-F05");

/// What was chosen within the table.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[schemars(inline)]
pub struct Rates {
    /// For a day, with a senior title and with another.
    pub senior_day: Money,
    pub other_day: Money,
    /// What one review by post is of a day.
    pub mail_share: Share,
}

impl Rates {
    fn day(&self, level: TitleLevel, ctx: &Ctx) -> Money {
        match level {
            TitleLevel::OtherTitle => self.other_day,
            TitleLevel::Senior => self.senior_day,
            TitleLevel::Academician | TitleLevel::NationallyKnown => {
                let more = ctx.rule(MORE).of(self.senior_day);
                self.senior_day.plus(more).unwrap_or(self.senior_day)
            }
        }
    }

    /// For one review by post.
    #[must_use]
    pub fn of_review(&self, level: TitleLevel, ctx: &Ctx) -> Money {
        self.mail_share.of(self.day(level, ctx))
    }
}

/// Whether an expert works for one of these bodies, for what it became, or for a branch of it.
#[must_use]
pub fn is_staff(expert: &Card, managing: &[Ref<Organisation>], ctx: &Ctx) -> bool {
    let employers: Vec<Body> = expert.read("employers").unwrap_or_default();
    let under = |body: &Body| [Some(body.id), body.parent, body.successor];
    let is_theirs = |body: &Body| managing.iter().any(|led| under(body).contains(&Some(led.id())));
    ctx.rule(NOT_STAFF) && employers.iter().any(is_theirs)
}

/// For one day of a meeting, or half of it: `number` is the place of this day among those attended.
#[must_use]
pub fn meeting_day(rates: &Rates, level: TitleLevel, number: u32, half_days: u32, ctx: &Ctx) -> Money {
    let day = rates.day(level, ctx);
    let day = if number <= 2 { day } else { ctx.rule(THIRD_DAY).of(day) };
    if half_days >= 2 { day } else { ctx.rule(HALF_DAY).of(day) }
}

/// For so many half days of a meeting: full days for the first two, less from the third on, and for an odd half day its
/// part of what that day would have been.
#[must_use]
pub fn meeting_fee(rates: &Rates, level: TitleLevel, half_days: u32, ctx: &Ctx) -> Money {
    let day = rates.day(level, ctx);
    let later = ctx.rule(THIRD_DAY).of(day);
    let of_day = |number: u32| if number <= 2 { day } else { later };
    let full = half_days / 2;
    let half = (half_days % 2 == 1).then(|| ctx.rule(HALF_DAY).of(of_day(full + 1)));
    (1..=full).map(of_day).chain(half).sum()
}
