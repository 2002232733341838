//! Sheet (评分表): criteria with weights, marks of whole numbers from 0 to 100, and what they come to.

use grammar::prelude::*;

/// One criterion. The weights of a sheet sum to 100.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[schemars(inline)]
pub struct Criterion {
    pub criterion: Bilingual<80>,
    pub weight: Between<1, 100>,
}

pub type Criteria = List<Criterion, 12>;

/// The mark for one criterion, by its place in the sheet.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[schemars(inline)]
pub struct Mark {
    /// 1 for the first.
    pub place: Between<1, 12>,
    pub score: Between<0, 100>,
}

pub type Marks = List<Mark, 12>;

/// What the weights sum to.
#[must_use]
pub fn weights(criteria: &Criteria) -> i64 {
    criteria.iter().map(|criterion| criterion.weight.get()).sum()
}

/// The weighted score in hundredths: exact, because the weights sum to 100. `None` unless every criterion has one mark.
#[must_use]
pub fn total(criteria: &Criteria, marks: &Marks) -> Option<u32> {
    let mut sum = 0;
    for (criterion, place) in criteria.iter().zip(1..) {
        let mut of_it = marks.iter().filter(|mark| mark.place.get() == place);
        sum += of_it.next()?.score.get() * criterion.weight.get();
        if of_it.next().is_some() {
            return None;
        }
    }
    (marks.len() == criteria.len()).then_some(u32::try_from(sum).ok()?)
}

/// The sheet of the criteria and weights that a rule gives: `指标覆盖/indicator coverage:35,…`.
#[must_use]
pub fn from_rule(parts: &[String]) -> Criteria {
    let one = |part: &String| {
        let (names, weight) = part.split_once(':')?;
        let (zh, en) = names.split_once('/')?;
        let criterion = Bilingual { zh: Text::read(zh), en: Text::read(en) };
        Some(Criterion { criterion, weight: Between::new(weight.trim().parse().ok()?)? })
    };
    List::new(parts.iter().filter_map(one).collect()).unwrap_or_default()
}
