//! Extras: what comes with an instrument besides its time: accessories that are lent, consumables that are used up, hours
//! that cost less, hours in which someone is there, and who is licensed to run it for others.

use engines::booking::Hours;
use grammar::prelude::*;

use super::{
    Instrument, OFFICE, Refusal,
    Refusal::*,
    using::{Opening, Using, minute, shifts},
};
use crate::person::Person;

/// Accessories that one instrument lends.
pub const ACCESSORIES_MAX: usize = 20;
/// Consumables that one instrument uses.
pub const CONSUMABLES_MAX: usize = 30;
/// Operators of one instrument.
pub const OPERATORS_MAX: usize = 20;

/// Something that is lent with a sitting and comes back: so many there are.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[schemars(inline)]
pub struct Accessory {
    pub name: Text<60>,
    pub stock: Between<1, 1000>,
    /// For one of them and one sitting.
    pub charge: Option<Money>,
}

/// Something that a use uses up.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[schemars(inline)]
pub struct Consumable {
    pub name: Text<60>,
    pub measure: Option<Text<20>>,
    /// For one of the measure.
    pub charge: Option<Money>,
    /// Its keepers are told once no more than this is left.
    #[serde(default)]
    pub warn_at: Option<Between<0, 100_000>>,
}

/// Who runs the instrument for others, and by which licence.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[schemars(inline)]
pub struct Operator {
    pub person: Ref<Person>,
    pub licence: Option<Text<60>>,
    /// The last day of the licence.
    pub until: Option<Day>,
}

pub type Operators = List<Operator, OPERATORS_MAX>;

impl Operator {
    /// Whether the licence holds on a day.
    #[must_use]
    pub fn is_licensed(&self, on: Day) -> bool {
        self.licence.is_some() && self.until.is_none_or(|until| on <= until)
    }
}

/// A name that stands twice.
fn twice<'a>(mut names: impl Iterator<Item = &'a Text<60>>) -> Option<Text<60>> {
    let mut seen = std::collections::BTreeSet::new();
    names.find(|name| !seen.insert(name.to_string())).cloned()
}

/// What makes sense in accessories, consumables and hours.
pub(super) fn sensible_extras(using: &Using) -> Result<(), No<Refusal>> {
    let names = using
        .accessories
        .iter()
        .map(|each| &each.name)
        .chain(using.consumables.iter().map(|each| &each.name));
    if let Some(name) = twice(names) {
        return Err(NamedTwice { name }.into());
    }
    let charges = using.accessories.iter().map(|each| each.charge);
    let charges = charges.chain(using.consumables.iter().map(|each| each.charge));
    let below = charges.flatten().find(|charge| *charge < Money::ZERO);
    ensure(below.is_none(), NegativeCharge { charge: below.unwrap_or_default() })?;
    let is_whole = using.off_peak.is_empty() == using.off_peak_share.is_none();
    Ok(ensure(is_whole, HoursWithoutShare)?)
}

/// A line of opening hours that is no time.
pub(super) fn sensible_hours<'a>(all: impl Iterator<Item = &'a Opening>) -> Result<(), No<Refusal>> {
    for opening in all {
        let times = minute(&opening.opens).zip(minute(&opening.shuts));
        let (opens, shuts) = (opening.opens.clone(), opening.shuts.clone());
        ensure(times.is_some_and(|(opens, shuts)| opens < shuts), NoOpening { opens, shuts })?;
    }
    Ok(())
}

/// Of hours of one day none begin before the others have ended.
pub(super) fn apart(openings: &[Opening]) -> Result<(), No<Refusal>> {
    let times = |one: &Opening| minute(&one.opens).zip(minute(&one.shuts));
    for (n, one) in openings.iter().enumerate() {
        let days = one.weekday.days();
        let same_day = |other: &&Opening| {
            let others = other.weekday.days();
            others.start() <= days.end() && days.start() <= others.end()
        };
        let meets = |other: &&Opening| {
            times(one).zip(times(other)).is_some_and(|(one, other)| one.0 < other.1 && other.0 < one.1)
        };
        let met = openings.iter().take(n).filter(same_day).find(meets);
        let (opens, shuts) = (one.opens.clone(), one.shuts.clone());
        ensure(met.is_none(), HoursOverlap { opens, shuts })?;
    }
    Ok(())
}

impl Using {
    /// The hours that cost less; `None` when all cost the same.
    #[must_use]
    pub fn cheap_hours(&self) -> Option<(Hours, Share)> {
        let share = self.off_peak_share.filter(|_| !self.off_peak.is_empty())?;
        Some((Hours(shifts(&self.off_peak)), share))
    }

    /// The hours in which someone of the unit is there; `None` where nobody has to be.
    #[must_use]
    pub fn staffed_hours(&self) -> Option<Hours> {
        (!self.staffed.is_empty()).then(|| Hours(shifts(&self.staffed)))
    }
}

impl Instrument {
    /// Each person once, and no licence that is over already.
    pub(super) fn sensible_operators(operators: &Operators, today: Day) -> Result<(), No<Refusal>> {
        let mut seen = std::collections::BTreeSet::new();
        for each in operators.iter() {
            ensure(seen.insert(each.person.id()), OperatorTwice { person: each.person })?;
            let over = each.until.filter(|until| *until < today);
            ensure(over.is_none(), LicenceOver { person: each.person, until: over.unwrap_or(today) })?;
        }
        Ok(())
    }

    /// What only those who keep it may know: its code, who is licensed to run it, and what is left on the shelf: that
    /// would tell others what its users have used.
    pub(super) fn inner(&self, mut card: Card) -> Card {
        if let Some(door) = &self.door {
            card = card.fact("door", door);
        }
        if !self.operators.is_empty() {
            card = card.fact("operators", &self.operators);
        }
        for operator in self.operators.iter() {
            card = card.party("operator", operator.person.id());
        }
        let low = self.low();
        if !low.is_empty() {
            card = card.fact("low", low);
        }
        let has_any = self.door.is_some() || !self.operators.is_empty() || !self.stocks.is_empty();
        if has_any { card.inside("unit").inside_office(OFFICE).inside_office("auditor") } else { card }
    }
}
