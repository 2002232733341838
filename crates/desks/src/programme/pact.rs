//! Pact: the kinds of programmes and what the article on each demands of its funders, years and heats.

use grammar::prelude::*;

use super::{Refusal, Refusal::*};
use crate::organisation::Organisation;

pub const FUNDERS_MAX: usize = 12;

/// A zone of basic research is supported for five years at a time, and its unit pays as much again.
const ZONE_YEARS: Rule<i64> = rule("PG-R31");
const ZONE_UNIT: Rule<Share> = rule("PG-R31-UNIT");
/// What a co-funder pays at least each year.
const CO_FUNDER_LEAST: Rule<Money> = rule("PG-R33");
/// The national fund's part of a joint fund with regions, and with enterprises; the years of an agreement.
const WITH_REGIONS: Rule<Share> = rule("PG-R35");
const WITH_FIRMS: Rule<Share> = rule("PG-R35-FIRM");
const JOINT_YEARS: Rule<i64> = rule("PG-R35-TERM");
/// Teams run at once and leave by stages; money goes by stage.
const RACE: Rule<bool> = rule("NJ-R09");

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
#[schemars(inline)]
pub enum Kind {
    Ordinary,
    OpenChallenge,
    HorseRace,
    BasicResearchZone,
    CoFundedPool,
    JointFund,
}

/// As what an organisation pays.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
#[schemars(inline)]
pub enum FunderRole {
    Central,
    City,
    District,
    NationalFund,
    Enterprise,
    CoFunder,
    /// The unit that is supported and pays its own part.
    Unit,
}

impl FunderRole {
    #[must_use]
    pub fn is_government(self) -> bool {
        matches!(self, Self::Central | Self::City | Self::District | Self::NationalFund)
    }
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[schemars(inline)]
pub struct Funder {
    pub organisation: Ref<Organisation>,
    pub role: FunderRole,
    pub share: Share,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[schemars(inline)]
pub struct YearMoney {
    pub year: Between<2000, 2100>,
    pub amount: Money,
}

/// One heat of a race: how many teams run, what each gets, for how long.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[schemars(inline)]
pub struct Heat {
    pub teams: Between<1, 100>,
    pub each: Money,
    pub months: Between<1, 60>,
}

/// What is said of a programme.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Terms {
    pub kind: Kind,
    pub region: Region,
    pub title: Bilingual<200>,
    pub about: Bilingual<4000>,
    pub from: Day,
    pub until: Day,
    pub funders: List<Funder, FUNDERS_MAX>,
    pub years: List<YearMoney, 12>,
    #[serde(default)]
    pub heats: List<Heat, 6>,
    pub basis: Option<Text<300>>,
}

impl Terms {
    #[must_use]
    pub fn total(&self) -> Money {
        self.years.iter().map(|year| year.amount).sum()
    }

    fn shares(&self) -> Vec<Share> {
        self.funders.iter().map(|funder| funder.share).collect()
    }

    #[must_use]
    pub fn shares_sum(&self) -> bool {
        Share::split(Money::ZERO, &self.shares()).is_some()
    }

    /// What each funder pays in each year, in the order of the funders; nothing while the shares do not sum.
    #[must_use]
    pub fn by_year(&self) -> Vec<(i64, Vec<Money>)> {
        let shares = self.shares();
        let split = |year: &YearMoney| Some((year.year.get(), Share::split(year.amount, &shares)?));
        self.years.iter().filter_map(split).collect()
    }

    /// The whole years from the first day to the last, when they are whole.
    fn term(&self) -> Option<i64> {
        let whole = |years: &i64| {
            let months = i32::try_from(years * 12).unwrap_or(i32::MAX);
            self.from.plus_months(months).plus_days(-1) == self.until
        };
        (1..=20).find(whole)
    }

    fn share_of(&self, role: FunderRole) -> Option<Share> {
        let mut shares = self.funders.iter().filter(|funder| funder.role == role).map(|funder| funder.share);
        let first = shares.next();
        first.filter(|_| shares.next().is_none())
    }
}

/// What makes sense in a draft.
pub fn sensible(terms: &Terms) -> Result<(), No<Refusal>> {
    let (from, until) = (terms.from, terms.until);
    ensure(!terms.title.is_empty() && !terms.about.is_empty(), NoTitle)?;
    ensure(from <= until, EndsBeforeItBegins { from, until })?;
    for (place, year) in terms.years.iter().enumerate() {
        let (number, amount) = (year.year.get(), year.amount);
        let again = terms.years.iter().take(place).any(|other| other.year == year.year);
        let within = (i64::from(from.year())..=i64::from(until.year())).contains(&number);
        ensure(amount >= Money::ZERO, NotAnAmount { amount })?;
        ensure(!again, YearTwice { year: number })?;
        ensure(within, YearOutside { year: number })?;
    }
    for (place, funder) in terms.funders.iter().enumerate() {
        let again = terms.funders.iter().take(place).any(|other| other.organisation == funder.organisation);
        ensure(!again, FunderTwice { funder: funder.organisation })?;
    }
    for heat in terms.heats.iter() {
        ensure(heat.each.is_positive(), NotAnAmount { amount: heat.each })?;
    }
    ensure(terms.heats.is_empty() || terms.kind == Kind::HorseRace, HeatsOnlyInARace).by(RACE)
}

/// What an adoption needs, by kind.
pub fn lawful(terms: &Terms, ctx: &Ctx) -> Result<(), No<Refusal>> {
    ensure(!terms.funders.is_empty(), NoFunders)?;
    ensure(terms.shares_sum(), SharesDoNotSum)?;
    ensure(terms.total().is_positive(), NoMoney)?;
    match terms.kind {
        Kind::Ordinary | Kind::OpenChallenge => Ok(()),
        Kind::HorseRace => is_a_race(terms),
        Kind::BasicResearchZone => is_a_zone(terms, ctx),
        Kind::CoFundedPool => is_a_pool(terms, ctx),
        Kind::JointFund => is_a_joint_fund(terms, ctx),
    }
}

fn is_a_race(terms: &Terms) -> Result<(), No<Refusal>> {
    let teams: Vec<i64> = terms.heats.iter().map(|heat| heat.teams.get()).collect();
    let falls = teams.iter().zip(teams.iter().skip(1)).all(|(earlier, later)| later < earlier);
    ensure(teams.len() > 1, NoHeats).by(RACE)?;
    ensure(falls, HeatsGrow).by(RACE)
}

fn is_a_zone(terms: &Terms, ctx: &Ctx) -> Result<(), No<Refusal>> {
    let (years, least) = (ctx.rule(ZONE_YEARS), ctx.rule(ZONE_UNIT));
    ensure(terms.term() == Some(years), NotTheTerm { years }).by(ZONE_YEARS)?;
    let Some(unit) = terms.share_of(FunderRole::Unit) else {
        return Err(No::Because(NoUnit, Some(ZONE_UNIT.id())));
    };
    ensure(is_at_least(unit, least), UnitPaysTooLittle { least }).by(ZONE_UNIT)
}

fn is_a_pool(terms: &Terms, ctx: &Ctx) -> Result<(), No<Refusal>> {
    let least = ctx.rule(CO_FUNDER_LEAST);
    let is_pool = terms.funders.iter().any(|funder| funder.role == FunderRole::CoFunder);
    ensure(is_pool, NoCoFunder).by(CO_FUNDER_LEAST)?;
    for (year, parts) in terms.by_year() {
        for (funder, part) in terms.funders.iter().zip(parts) {
            let is_enough = funder.role != FunderRole::CoFunder || part >= least;
            ensure(is_enough, CoFunderPaysTooLittle { funder: funder.organisation, year, least })
                .by(CO_FUNDER_LEAST)?;
        }
    }
    Ok(())
}

/// Three of the regions for one of the national fund; four of enterprises for one. Easily inverted.
fn is_a_joint_fund(terms: &Terms, ctx: &Ctx) -> Result<(), No<Refusal>> {
    let with_firms = terms.funders.iter().any(|funder| funder.role == FunderRole::Enterprise);
    let ratio = if with_firms { WITH_FIRMS } else { WITH_REGIONS };
    let (national, years) = (ctx.rule(ratio), ctx.rule(JOINT_YEARS));
    let Some(share) = terms.share_of(FunderRole::NationalFund) else {
        return Err(No::Because(NoNationalFund, Some(ratio.id())));
    };
    ensure(share == national, NotTheRatio { national }).by(ratio)?;
    ensure(terms.term() == Some(years), NotTheTerm { years }).by(JOINT_YEARS)
}

/// Exactly: of an amount that both divide without remainder.
fn is_at_least(share: Share, least: Share) -> bool {
    share.of(Money::MAX) >= least.of(Money::MAX)
}
