//! Gather: who asks is read from the candidates' cards, and what is fixed before an engine is asked.

use grammar::prelude::*;

use super::{
    Admission, Allocation,
    Command::{self, *},
    ENTRIES_MAX, Entry,
    Event::*,
    Integrity, Measure, Over,
    Refusal::{self, *},
    Standing, Status, Terms, dispatch,
};
use crate::project::Partner;

/// Each province pays its own partners.
const OWN_PROVINCE: Rule<bool> = rule("NJ-R06");
/// Integrity is looked at before money is given.
const INTEGRITY: Rule<bool> = rule("PG-R04");

type Said = Decision<Allocation>;

pub fn open(command: &Command, ctx: &Ctx) -> Said {
    let Open(terms) = command.clone() else { return not_now() };
    sensible(&terms)?;
    Ok(say(Opened { itself: ctx.me.r(), on: ctx.today(), terms }))
}

fn sensible(terms: &Terms) -> Result<(), Refusal> {
    ensure(!terms.title.is_empty(), NoTitle)?;
    ensure(!terms.budgets.is_empty(), NoBudgets)?;
    for budget in terms.budgets.iter() {
        ensure(budget.money >= Money::ZERO, NotAnAmount { amount: budget.money })?;
    }
    for quota in terms.quotas.iter() {
        let is_money = quota.measure == Measure::Money;
        let has_bound = if is_money {
            quota.least_money.is_some() || quota.most_money.is_some()
        } else {
            quota.least.is_some() || quota.most.is_some()
        };
        let is_percent = matches!(quota.measure, Measure::PercentOfCount | Measure::PercentOfMoney);
        let largest = quota.least.into_iter().chain(quota.most).map(Between::get).max();
        let names_whom = match quota.over {
            Over::Region => quota.quota_region.is_some(),
            Over::Field => quota.field.is_some(),
            Over::Institution => quota.institution.is_some(),
            Over::Young | Over::All => true,
        };
        let is_clear = has_bound && names_whom && (!is_percent || largest <= Some(100));
        ensure(is_clear, QuotaUnclear { name: quota.name.clone() })?;
    }
    Ok(())
}

impl Allocation {
    pub fn gathers(&self, command: &Command, ctx: &Ctx) -> Said {
        let is_open = matches!(self.status, Status::Gathering | Status::Proposed);
        match command.clone() {
            Amend(terms) if is_open && terms.region == self.terms.region => {
                sensible(&terms)?;
                let parts = self.entries.iter().map(|entry| parts(&terms, entry.candidate, &bills(entry)));
                let parts = parts.collect::<Result<_, _>>()?;
                Ok(say(Amended { terms, parts }))
            }
            Admit(Admission { candidates, young }) if is_open => {
                ensure(!candidates.is_empty(), NobodyThere)?;
                let entries = self.read(&candidates, &young, ctx)?;
                Ok(say(Admitted { entries }))
            }
            Fix { candidate, standing, reason } if is_open => {
                ensure(self.entry(candidate).is_some(), NotAdmitted { candidate })?;
                Ok(say(Fixed { candidate, standing, reason }))
            }
            Shortlist { candidates } if is_open => self.shortlists(&candidates, ctx),
            Attest { candidates, clear, remark, document } if self.status != Status::Withdrawn => {
                ensure(!candidates.is_empty(), NobodyThere)?;
                for candidate in candidates.iter().copied() {
                    ensure(self.entry(candidate).is_some(), NotAdmitted { candidate })?;
                    ensure(self.settled_on(candidate).is_none(), SettledAlready { candidate })?;
                }
                // Whoever is barred must be able to read by what.
                ensure(clear || document.is_some(), NoDocument).by(INTEGRITY)?;
                let integrity = Integrity { clear, on: ctx.today() };
                Ok(say(Attested { candidates, integrity, remark, document }))
            }
            _ => not_now(),
        }
    }

    fn shortlists(&self, candidates: &[Id], ctx: &Ctx) -> Said {
        ensure(!candidates.is_empty(), NobodyThere)?;
        let mut all: Vec<Id> = Vec::new();
        for candidate in candidates.iter().copied() {
            ensure(self.entry(candidate).is_some(), NotAdmitted { candidate })?;
            let again = all.contains(&candidate) || self.shortlisted.contains(&candidate);
            ensure(!again, ShortlistedAlready { candidate })?;
            all.push(candidate);
        }
        let tells: Vec<_> = all.iter().filter_map(|candidate| dispatch::shortlisted(*candidate)).collect();
        let said = say(Shortlisted { on: ctx.today(), candidates: all });
        Ok(tells.into_iter().fold(said, Script::and))
    }

    fn read(&self, candidates: &[Id], young: &[Id], ctx: &Ctx) -> Result<Vec<Entry>, No<Refusal>> {
        ensure(self.entries.len() + candidates.len() <= ENTRIES_MAX, TooManyCandidates { max: ENTRIES_MAX })?;
        let mut entries: Vec<Entry> = Vec::new();
        for candidate in candidates.iter().copied() {
            let is_twice = entries.iter().any(|entry| entry.candidate == candidate);
            ensure(dispatch::is_candidate(candidate), NotACandidate { candidate })?;
            ensure(!is_twice && self.entry(candidate).is_none(), AdmittedAlready { candidate })?;
            entries.push(self.entry_of(candidate, young.contains(&candidate), ctx)?);
        }
        Ok(entries)
    }

    fn entry_of(&self, candidate: Id, young: bool, ctx: &Ctx) -> Result<Entry, No<Refusal>> {
        let card = ctx.seen.get(candidate);
        let is_reviewed = matches!(card.status.as_str(), "reviewed" | "shortlisted" | "negotiated");
        let score = card.read::<u32>("score").filter(|score| is_reviewed && *score <= 10_000);
        let score = score.ok_or(NotReviewed { candidate })?;
        let lead = card.holders("lead").next();
        let lead_region = card.read::<Region>("lead_region").unwrap_or(card.scope());
        let lead = lead.ok_or(NotACandidate { candidate })?.r();
        let asked = card.read::<Money>("public_money").or(card.amount).unwrap_or(Money::ZERO);
        ensure(asked.is_positive(), AsksNothing { candidate })?;
        let total = card.read::<Money>("total").unwrap_or(asked);
        let mut entry = Entry {
            candidate,
            zh: card.title_zh.clone(),
            en: card.title_en.clone(),
            lead,
            lead_region,
            partners: partners(card, lead_region),
            leader: card.holders("leader").next().map(|leader| leader.r()),
            need: card.holders("need").next().map(|need| need.r()),
            call: card.holders("call").next(),
            field: card.field.clone(),
            young: card.read::<bool>("young").unwrap_or(young),
            asked,
            least: card.read::<Money>("minimum").filter(|least| least.is_positive() && *least < asked),
            own: (total - asked).max(Money::ZERO),
            months: card.read::<i64>("months").unwrap_or(self.terms.months.get()),
            score,
            by_region: card.read("public_by_region").unwrap_or_default(),
            parts: vec![],
            standing: Standing::Open,
            integrity: None,
        };
        entry.parts = parts(&self.terms, candidate, &bills(&entry))?;
        Ok(entry)
    }
}

/// What each region pays; without better knowledge, that of the lead pays all.
fn bills(entry: &Entry) -> Vec<(Region, Money)> {
    if entry.by_region.is_empty() { vec![(entry.lead_region, entry.asked)] } else { entry.by_region.clone() }
}

/// The partners on a card, each in its region as far as the card tells.
fn partners(card: &Card, lead_region: Region) -> Vec<Partner> {
    if let Some(partners) = card.read::<Vec<Partner>>("partners") {
        return partners;
    }
    let regions = card.read::<Vec<Region>>("partner_regions").unwrap_or_default();
    let role = Text::read("参与单位").unwrap_or_else(|| impossible("a role"));
    let of = |(organisation, place): (Id, usize)| Partner {
        organisation: organisation.r(),
        region: regions.get(place).copied().unwrap_or(lead_region),
        role: role.clone(),
    };
    card.holders("partner").zip(0..).map(of).collect()
}

/// Which budgets pay which part, in millionths that sum to the whole.
fn parts(terms: &Terms, candidate: Id, bills: &[(Region, Money)]) -> Result<Vec<(u32, u32)>, No<Refusal>> {
    let total: i128 = bills.iter().map(|(_, money)| i128::from(money.in_fen().max(0))).sum();
    let whole = i128::from(engines::allocation::WHOLE);
    let mut parts: Vec<(u32, i128)> = Vec::new();
    for (region, money) in bills.iter().copied().filter(|(_, money)| money.is_positive()) {
        let own = |budget: &&super::Budget| budget.region.is_some_and(|place| place.covers(region));
        let place = terms.budgets.iter().position(|budget| own(&budget));
        let place = place.or_else(|| terms.budgets.iter().position(|budget| budget.region.is_none()));
        let place = place.and_then(|place| u32::try_from(place).ok());
        ensure(place.is_some(), NoBudgetFor { candidate, region }).by(OWN_PROVINCE)?;
        let (place, fen) = (place.unwrap_or(0), i128::from(money.in_fen()));
        match parts.iter_mut().find(|(budget, _)| *budget == place) {
            Some((_, sum)) => *sum += fen,
            None => parts.push((place, fen)),
        }
    }
    // What rounding leaves goes to the last; less than a millionth each.
    let mut left = whole;
    let last = parts.len();
    let part = |(number, (budget, fen)): (usize, (u32, i128))| {
        let own = if number + 1 == last { left } else { fen * whole / total.max(1) };
        left -= own;
        (budget, u32::try_from(own).unwrap_or(0))
    };
    Ok(parts.into_iter().enumerate().map(part).collect())
}
