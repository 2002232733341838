//! Question: who asks for money, which pots pay, and which rules a choice must obey.
//!
//! Money is whole fen (a hundredth of a yuan), scores are whole points of whatever size the office chose, shares
//! are millionths. Lists are named by their place, counted from 0.

use std::collections::{HashMap, HashSet};

use serde::{Deserialize, Serialize};

/// The whole, in millionths.
pub const WHOLE: u32 = 1_000_000;
/// Candidates of one question.
pub const CANDIDATES_MAX: usize = 100_000;
/// Levels of one candidate besides the whole.
pub const LEVELS_MAX: usize = 20;
/// Candidates and their levels in all.
pub const COLUMNS_MAX: usize = 400_000;
/// Pots of one question.
pub const POTS_MAX: usize = 64;
/// Pots that may share the cost of one candidate in parts that are not fixed, with all that hang together.
pub const SHARING_MAX: usize = 8;
/// Years of one question.
pub const YEARS_MAX: usize = 30;
/// Quotas of one question.
pub const QUOTAS_MAX: usize = 1_000;
/// Exclusive groups, dependencies and links, each.
pub const TIES_MAX: usize = 100_000;
/// Fen of one candidate over all years: ten thousand million yuan.
pub const MONEY_MAX: i64 = 1_000_000_000_000;
/// Fen of one pot in one year.
pub const POT_MAX: i64 = 1_000_000_000_000_000;
/// The greatest score, up or down.
pub const SCORE_MAX: i64 = 1_000_000_000_000;

/// What is to be decided.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Question {
    /// Who asks.
    pub candidates: Vec<Candidate>,
    /// Who pays.
    pub pots: Vec<Pot>,
    /// What a choice must contain at least and at most.
    pub quotas: Vec<Quota>,
    /// Of each group at most one is funded.
    pub exclusive: Vec<Vec<u32>>,
    /// The first is funded only if the second is.
    pub needs: Vec<(u32, u32)>,
    /// Of each group all are funded or none.
    pub linked: Vec<Vec<u32>>,
}

/// One that asks for money.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Candidate {
    /// Its name; no two are the same.
    pub id: String,
    /// What it asks for, year by year, in fen. Missing years are nothing.
    pub money: Vec<i64>,
    /// What it is worth when funded whole.
    pub score: i64,
    /// Smaller amounts it could do with.
    pub levels: Vec<Level>,
    /// Who may pay for it.
    pub payers: Vec<Payer>,
    /// Whether it is open at all.
    pub standing: Standing,
}

/// A part of the money asked for.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Level {
    /// Which part, in millionths of each year's money, rounded up to a fen.
    pub part: u32,
    /// What it is worth then.
    pub score: i64,
}

/// A pot that may pay, and which part of the cost, in millionths.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Payer {
    /// The pot.
    pub pot: u32,
    /// At least this part, rounded down to a fen.
    pub least: u32,
    /// At most this part, rounded up to a fen.
    pub most: u32,
}

/// Whether a candidate is open.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Standing {
    /// It is.
    #[default]
    Open,
    /// It is promised already.
    Must,
    /// It is shut out.
    Never,
}

/// Money that may be given.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Pot {
    /// Its name.
    pub name: String,
    /// Fen, year by year. Missing years are nothing.
    pub money: Vec<i64>,
    /// What is left of a year may be spent in later ones.
    pub carries: bool,
}

/// A rule over some of the candidates.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Quota {
    /// Its name.
    pub name: String,
    /// Those it counts.
    pub members: Vec<u32>,
    /// What is counted.
    pub measure: Measure,
    /// At least.
    pub least: Option<i64>,
    /// At most.
    pub most: Option<i64>,
}

/// What a quota counts.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Measure {
    /// Members that are funded.
    #[default]
    Count,
    /// Fen given to members over all years.
    Money,
    /// Members among all that are funded, in millionths.
    ShareOfCount,
    /// Members' money of all money given, in millionths.
    ShareOfMoney,
}

/// Where a question is wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum At {
    /// In the question as a whole.
    Whole,
    /// A candidate's name.
    Id(u32),
    /// A candidate's money.
    Money(u32),
    /// A candidate's score.
    Score(u32),
    /// A candidate's levels.
    Levels(u32),
    /// A candidate's payers.
    Payers(u32),
    /// A pot.
    Pot(u32),
    /// A quota.
    Quota(u32),
    /// An exclusive group.
    Exclusive(u32),
    /// A dependency.
    Needs(u32),
    /// A link.
    Linked(u32),
}

/// What is wrong there.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Wrong {
    /// There are none.
    Nothing,
    /// There are more than this.
    TooMany(usize),
    /// It is empty.
    Empty,
    /// Another has the same name.
    Twice,
    /// It is below nothing.
    Negative,
    /// It is greater than this.
    TooLarge(i64),
    /// It names something that is not there.
    Unknown,
    /// It is not a part between nothing and the whole.
    NotAPart,
    /// The parts of the payers cannot make up the whole.
    PartsDoNotFit,
    /// At least is more than at most.
    Crossed,
    /// It names itself.
    Itself,
    /// Pots that carry money over cannot share costs in parts that are not fixed.
    CarriesAndShares,
    /// More pots than this share costs in parts that are not fixed.
    SharesTooWide(usize),
}

/// A question that cannot be asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Fault {
    /// Where.
    pub at: At,
    /// What.
    pub wrong: Wrong,
}

type Checked = Result<(), Fault>;

fn ensure(is_right: bool, at: At, wrong: Wrong) -> Checked {
    if is_right { Ok(()) } else { Err(Fault { at, wrong }) }
}

impl Question {
    /// How many years it spans.
    pub fn years(&self) -> usize {
        let asked = self.candidates.iter().map(|candidate| candidate.money.len());
        asked.chain(self.pots.iter().map(|pot| pot.money.len())).max().unwrap_or(0)
    }

    /// Whether the question can be asked.
    ///
    /// # Errors
    /// The first fault.
    pub fn check(&self) -> Checked {
        ensure(!self.candidates.is_empty(), At::Whole, Wrong::Nothing)?;
        ensure(self.candidates.len() <= CANDIDATES_MAX, At::Whole, Wrong::TooMany(CANDIDATES_MAX))?;
        let columns: usize = self.candidates.iter().map(|candidate| 1 + candidate.levels.len()).sum();
        ensure(columns <= COLUMNS_MAX, At::Whole, Wrong::TooMany(COLUMNS_MAX))?;
        ensure(self.years() <= YEARS_MAX, At::Whole, Wrong::TooMany(YEARS_MAX))?;
        ensure(self.pots.len() <= POTS_MAX, At::Whole, Wrong::TooMany(POTS_MAX))?;
        ensure(self.quotas.len() <= QUOTAS_MAX, At::Whole, Wrong::TooMany(QUOTAS_MAX))?;
        let ties = self.exclusive.len().max(self.needs.len()).max(self.linked.len());
        ensure(ties <= TIES_MAX, At::Whole, Wrong::TooMany(TIES_MAX))?;
        let mut names: HashMap<&str, u32> = HashMap::new();
        for (candidate, number) in self.candidates.iter().zip(0..) {
            ensure(!candidate.id.is_empty(), At::Id(number), Wrong::Empty)?;
            ensure(names.insert(&candidate.id, number).is_none(), At::Id(number), Wrong::Twice)?;
            self.check_candidate(candidate, number)?;
        }
        for (pot, number) in self.pots.iter().zip(0..) {
            for money in &pot.money {
                ensure(*money >= 0, At::Pot(number), Wrong::Negative)?;
                ensure(*money <= POT_MAX, At::Pot(number), Wrong::TooLarge(POT_MAX))?;
            }
        }
        self.check_rules()
    }

    fn check_candidate(&self, candidate: &Candidate, number: u32) -> Checked {
        let mut total = 0_i64;
        for money in &candidate.money {
            ensure(*money >= 0, At::Money(number), Wrong::Negative)?;
            total = total.saturating_add(*money);
        }
        ensure(total <= MONEY_MAX, At::Money(number), Wrong::TooLarge(MONEY_MAX))?;
        let fits = |score: i64| (-SCORE_MAX..=SCORE_MAX).contains(&score);
        ensure(fits(candidate.score), At::Score(number), Wrong::TooLarge(SCORE_MAX))?;
        ensure(candidate.levels.len() <= LEVELS_MAX, At::Levels(number), Wrong::TooMany(LEVELS_MAX))?;
        for level in &candidate.levels {
            ensure(level.part > 0 && level.part < WHOLE, At::Levels(number), Wrong::NotAPart)?;
            ensure(fits(level.score), At::Levels(number), Wrong::TooLarge(SCORE_MAX))?;
        }
        let mut seen = HashSet::new();
        let (mut least, mut most) = (0_u64, 0_u64);
        for payer in &candidate.payers {
            ensure((payer.pot as usize) < self.pots.len(), At::Payers(number), Wrong::Unknown)?;
            ensure(seen.insert(payer.pot), At::Payers(number), Wrong::Twice)?;
            ensure(payer.least <= payer.most && payer.most <= WHOLE, At::Payers(number), Wrong::NotAPart)?;
            (least, most) = (least + u64::from(payer.least), most + u64::from(payer.most));
        }
        let is_unpaid = candidate.payers.is_empty() && total > 0 && !self.pots.is_empty();
        ensure(!is_unpaid, At::Payers(number), Wrong::Empty)?;
        let whole = u64::from(WHOLE);
        let fits = candidate.payers.is_empty() || (least <= whole && most >= whole);
        ensure(fits, At::Payers(number), Wrong::PartsDoNotFit)
    }

    fn check_rules(&self) -> Checked {
        let known = |members: &[u32], at| {
            let mut seen = HashSet::new();
            ensure(members.iter().all(|m| (*m as usize) < self.candidates.len()), at, Wrong::Unknown)?;
            ensure(members.iter().all(|member| seen.insert(*member)), at, Wrong::Twice)
        };
        for (quota, number) in self.quotas.iter().zip(0..) {
            let at = At::Quota(number);
            known(&quota.members, at)?;
            ensure(quota.least.is_some() || quota.most.is_some(), at, Wrong::Empty)?;
            let bounds = || quota.least.into_iter().chain(quota.most);
            ensure(bounds().all(|bound| bound >= 0), at, Wrong::Negative)?;
            let is_share = matches!(quota.measure, Measure::ShareOfCount | Measure::ShareOfMoney);
            ensure(!is_share || bounds().all(|bound| bound <= i64::from(WHOLE)), at, Wrong::NotAPart)?;
            ensure(bounds().all(|bound| bound <= POT_MAX), at, Wrong::TooLarge(POT_MAX))?;
            let is_crossed = quota.least.zip(quota.most).is_some_and(|(least, most)| least > most);
            ensure(!is_crossed, at, Wrong::Crossed)?;
        }
        for (group, number) in self.exclusive.iter().zip(0..) {
            known(group, At::Exclusive(number))?;
        }
        for (group, number) in self.linked.iter().zip(0..) {
            known(group, At::Linked(number))?;
        }
        for ((one, other), number) in self.needs.iter().zip(0..) {
            ensure(one != other, At::Needs(number), Wrong::Itself)?;
            known(&[*one, *other], At::Needs(number))?;
        }
        Ok(())
    }
}

impl Candidate {
    /// What it would get in a year at a level; level 0 is the whole, the others follow.
    pub fn money_at(&self, level: u32, year: usize) -> i64 {
        let money = self.money.get(year).copied().unwrap_or(0);
        match self.part(level) {
            WHOLE => money,
            part => {
                let cut = (i128::from(money) * i128::from(part)).div_euclid(i128::from(WHOLE));
                let is_more = (i128::from(money) * i128::from(part)) % i128::from(WHOLE) != 0;
                i64::try_from(cut).unwrap_or(money) + i64::from(is_more)
            }
        }
    }

    /// What it would get over all years.
    pub fn total_at(&self, level: u32) -> i64 {
        (0..self.money.len()).map(|year| self.money_at(level, year)).sum()
    }

    /// What it is worth at a level.
    pub fn score_at(&self, level: u32) -> i64 {
        match level.checked_sub(1) {
            None => self.score,
            Some(place) => self.levels.get(place as usize).map_or(0, |level| level.score),
        }
    }

    /// The part of its money at a level.
    pub fn part(&self, level: u32) -> u32 {
        match level.checked_sub(1) {
            None => WHOLE,
            Some(place) => self.levels.get(place as usize).map_or(0, |level| level.part),
        }
    }
}
