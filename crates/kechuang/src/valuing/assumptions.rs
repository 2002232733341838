//! Assumptions: what a file says of cost, deals and income, as methods.

use std::path::Path;

use engines::valuation::{
    Comparable, Income, Method, Protection, READINESS, WHOLE,
    simulate::{Assumptions, Spread},
};
use serde::Deserialize;
use serde_json::json;

use crate::{
    allocating::{Number, decimal, refused, toml},
    speech::Trouble,
    tables,
};

/// Draws when none are named.
const DRAWS: u32 = 10_000;

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
struct Written {
    /// What is asked for it, for the two-way check.
    price: Option<Number>,
    life: Option<WrittenLife>,
    cost: Option<Cost>,
    market: Option<Market>,
    royalty: Option<Earned>,
    split_profit: Option<Earned>,
    simulation: Option<Simulation>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct WrittenLife {
    protection: Kind,
    years_since_filing: u32,
    economic_life: u32,
}

#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum Kind {
    Invention,
    UtilityModel,
    Design,
    Unlimited,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
struct Cost {
    replacement: Option<Number>,
    profit: Option<Number>,
    depreciation: Option<Number>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
struct Market {
    #[serde(rename = "deal")]
    deals: Vec<Deal>,
}

/// Factors above one where ours is worth more.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
struct Deal {
    price: Option<Number>,
    time: Option<Number>,
    field: Option<Number>,
    territory: Option<Number>,
    exclusivity: Option<Number>,
    remaining_life: Option<Number>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
struct Earned {
    /// Yuan for each year.
    years: Vec<Number>,
    discount: Option<Number>,
    rate: Option<Number>,
    tax: Option<Number>,
    readiness: Option<Number>,
    readiness_level: Option<u32>,
}

/// Each as lowest, most likely and highest.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
struct Simulation {
    draws: Option<u32>,
    seed: u64,
    scale: Option<[Number; 3]>,
    discount: Option<[Number; 3]>,
    rate: Option<[Number; 3]>,
    readiness: Option<[Number; 3]>,
}

/// How many years count.
pub struct Life {
    pub years: u32,
    pub given: usize,
    pub legal: Option<u32>,
    pub economic: u32,
}

/// A file of assumptions, read.
pub struct File {
    /// By the name of their table.
    pub methods: Vec<(&'static str, Method)>,
    /// With seed and draws.
    pub simulation: Option<(Assumptions, u64, u32)>,
    pub price: Option<i64>,
    pub life: Option<Life>,
    /// Methods whose readiness was named by its level: the level, and the part it stands for.
    pub levels: Vec<(&'static str, u32, i64)>,
}

struct Reader<'a> {
    path: &'a Path,
    levels: Vec<(&'static str, u32, i64)>,
}

/// Reads a file of assumptions.
///
/// # Errors
/// The file cannot be read; or which figure cannot be one.
pub fn read(path: &Path) -> Result<File, Trouble> {
    let (written, _): (Written, String) = toml(path, 4, "value-file")?;
    let mut reader = Reader { path, levels: Vec::new() };
    let life = reader.life(&written)?;
    let years = life.as_ref().map(|life| life.years as usize);
    let mut methods = Vec::new();
    if let Some(cost) = &written.cost {
        methods.push(("cost", reader.cost(cost)?));
    }
    if let Some(market) = &written.market {
        methods.push(("market", reader.market(market)?));
    }
    if let Some(earned) = &written.royalty {
        let income = reader.income("royalty", earned, years)?;
        let (rate, tax) =
            (reader.part("rate", earned.rate.as_ref())?, reader.part_or("tax", earned.tax.as_ref(), 0)?);
        methods.push(("royalty", Method::Royalty { income, rate, tax }));
    }
    if let Some(earned) = &written.split_profit {
        let income = reader.income("split-profit", earned, years)?;
        let share = reader.part("rate", earned.rate.as_ref())?;
        methods.push(("split-profit", Method::SplitProfit { income, share }));
    }
    if methods.is_empty() {
        return Err(refused("value-none", json!({ "path": path.display().to_string() })));
    }
    let simulation = match &written.simulation {
        None => None,
        Some(own) => Some((reader.simulation(own, &methods)?, own.seed, own.draws.unwrap_or(DRAWS))),
    };
    let price = written.price.as_ref().map(|price| reader.money("price", Some(price))).transpose()?;
    Ok(File { methods, simulation, price, life, levels: reader.levels })
}

impl Reader<'_> {
    fn wrong(&self, name: &str, value: &str) -> Trouble {
        let facts = json!({ "path": self.path.display().to_string(), "name": name, "value": value });
        refused("value-rule", facts)
    }

    fn money(&self, name: &str, value: Option<&Number>) -> Result<i64, Trouble> {
        let text = value.map_or_else(String::new, Number::text);
        tables::fen(&text).filter(|fen| *fen >= 0).ok_or_else(|| self.wrong(name, &text))
    }

    /// Millionths, from `15%` or `0.15`.
    fn part(&self, name: &str, value: Option<&Number>) -> Result<i64, Trouble> {
        let text = value.map_or_else(String::new, Number::text);
        let read = match text.trim().strip_suffix(['%', '％']) {
            Some(hundredths) => decimal(hundredths.trim(), 4),
            None => decimal(text.trim(), 6),
        };
        read.filter(|part| *part >= 0).ok_or_else(|| self.wrong(name, &text))
    }

    fn part_or(&self, name: &str, value: Option<&Number>, usual: i64) -> Result<i64, Trouble> {
        value.map_or(Ok(usual), |value| self.part(name, Some(value)))
    }

    fn life(&self, written: &Written) -> Result<Option<Life>, Trouble> {
        let Some(own) = &written.life else { return Ok(None) };
        let protection = match own.protection {
            Kind::Invention => Protection::Invention,
            Kind::UtilityModel => Protection::UtilityModel,
            Kind::Design => Protection::Design,
            Kind::Unlimited => Protection::Unlimited,
        };
        let years = protection.remaining(own.years_since_filing, own.economic_life);
        let earned = [&written.royalty, &written.split_profit];
        let given = earned.into_iter().flatten().map(|earned| earned.years.len()).max().unwrap_or(0);
        if years == 0 && given > 0 {
            return Err(refused("value-life", json!({ "path": self.path.display().to_string() })));
        }
        let legal = protection.legal_life().map(|life| life.saturating_sub(own.years_since_filing));
        Ok(Some(Life { years, given, legal, economic: own.economic_life }))
    }

    fn cost(&self, cost: &Cost) -> Result<Method, Trouble> {
        Ok(Method::Cost {
            replacement: self.money("replacement", cost.replacement.as_ref())?,
            profit: cost.profit.as_ref().map_or(Ok(0), |profit| self.money("profit", Some(profit)))?,
            depreciation: self.part_or("depreciation", cost.depreciation.as_ref(), 0)?,
        })
    }

    fn market(&self, market: &Market) -> Result<Method, Trouble> {
        let mut comparables = Vec::with_capacity(market.deals.len());
        for deal in &market.deals {
            let factor = |name: &str, value: &Option<Number>| self.part_or(name, value.as_ref(), WHOLE);
            comparables.push(Comparable {
                price: self.money("deal", deal.price.as_ref())?,
                adjustments: [
                    factor("time", &deal.time)?,
                    factor("field", &deal.field)?,
                    factor("territory", &deal.territory)?,
                    factor("exclusivity", &deal.exclusivity)?,
                    factor("remaining-life", &deal.remaining_life)?,
                ],
            });
        }
        Ok(Method::Market { comparables })
    }

    fn income(&mut self, name: &'static str, own: &Earned, most: Option<usize>) -> Result<Income, Trouble> {
        let years = own.years.iter().take(most.unwrap_or(usize::MAX));
        let years = years.map(|year| self.money("years", Some(year))).collect::<Result<_, _>>()?;
        let readiness = match (own.readiness_level, &own.readiness) {
            (Some(level), None) => {
                let place = usize::try_from(level).ok().and_then(|level| level.checked_sub(1));
                let part = place.and_then(|place| READINESS.get(place)).copied();
                let part = part.ok_or_else(|| self.wrong("readiness-level", &level.to_string()))?;
                self.levels.push((name, level, part));
                part
            }
            (None, readiness) => self.part_or("readiness", readiness.as_ref(), WHOLE)?,
            (Some(level), Some(_)) => {
                return Err(self.wrong("readiness, readiness-level", &level.to_string()));
            }
        };
        Ok(Income { years, discount: self.part("discount", own.discount.as_ref())?, readiness })
    }

    /// Spreads around the first income method of the file; what is not named is certain.
    fn simulation(
        &self,
        own: &Simulation,
        methods: &[(&'static str, Method)],
    ) -> Result<Assumptions, Trouble> {
        let base = methods.iter().find_map(|(_, method)| match method {
            Method::Royalty { income, rate, tax } => Some((income, *rate, *tax)),
            Method::SplitProfit { income, share } => Some((income, *share, 0)),
            _ => None,
        });
        let Some((income, rate, tax)) = base else {
            return Err(self.wrong("simulation", "[royalty], [split-profit]"));
        };
        let spread = |name: &str, value: &Option<[Number; 3]>, usual: i64| match value {
            None => Ok(Spread { low: usual, mode: usual, high: usual }),
            Some([low, mode, high]) => {
                let part = |value| self.part(name, Some(value));
                Ok(Spread { low: part(low)?, mode: part(mode)?, high: part(high)? })
            }
        };
        Ok(Assumptions {
            years: income.years.clone(),
            scale: spread("scale", &own.scale, WHOLE)?,
            discount: spread("discount", &own.discount, income.discount)?,
            rate: spread("rate", &own.rate, rate)?,
            tax,
            readiness: spread("readiness", &own.readiness, income.readiness)?,
        })
    }
}
