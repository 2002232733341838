//! Samples: every kind can make up a value of itself, from replayable chance. For tests and templates.

use serde_json::{Map, Value, json};

use super::{Form, Kind, Verb};
use crate::kinds::{Day, Id, Money, Region, Uscc, regions};

/// Pudong New Area, where half of all made-up places lie.
const COUNTY: Region = Region::code(310_115);

/// Replayable chance for tests (SplitMix64). Never used for anything that matters.
#[derive(Clone, Debug)]
pub struct Dice(u64);

impl Dice {
    #[must_use]
    pub const fn new(seed: u64) -> Self {
        Self(seed)
    }

    pub fn roll(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// A number below `bound`; 0 when there is none.
    pub fn below(&mut self, bound: usize) -> usize {
        usize::try_from(self.roll() % bound.max(1) as u64).unwrap_or(0)
    }

    pub fn one_of<'a, T>(&mut self, some: &'a [T]) -> Option<&'a T> {
        some.get(self.below(some.len()))
    }

    /// True once in `n` rolls.
    pub fn once_in(&mut self, n: usize) -> bool {
        self.below(n) == 0
    }
}

impl Verb {
    /// A command as someone might send it. `some` gives a record of a desk; `today` is the day it is.
    /// `None` when a needed record does not exist.
    #[must_use]
    pub fn sample(
        &self,
        dice: &mut Dice,
        today: Day,
        some: &dyn Fn(&str, &mut Dice) -> Option<Id>,
    ) -> Option<Value> {
        let mut command = Map::from_iter([("verb".to_owned(), Value::from(self.name.as_str()))]);
        command.extend(self.form.sample(dice, today, some)?);
        Some(Value::Object(command))
    }
}

impl Form {
    fn sample(
        &self,
        dice: &mut Dice,
        today: Day,
        some: &dyn Fn(&str, &mut Dice) -> Option<Id>,
    ) -> Option<Map<String, Value>> {
        let mut values = Map::new();
        for field in &self.fields {
            if !field.needed && dice.once_in(3) {
                continue;
            }
            match field.kind.sample(dice, today, some) {
                Some(value) => drop(values.insert(field.name.clone(), value)),
                None if field.needed => return None,
                None => {}
            }
        }
        Some(values)
    }
}

impl Kind {
    fn sample(
        &self,
        dice: &mut Dice,
        today: Day,
        some: &dyn Fn(&str, &mut Dice) -> Option<Id>,
    ) -> Option<Value> {
        Some(match self {
            Self::Text { max } => words(dice, (*max).min(60)).into(),
            Self::Bilingual { max } => {
                json!({ "zh": words(dice, (*max).min(60)), "en": words(dice, (*max).min(60)) })
            }
            Self::Number { min, max } => {
                let span = max
                    .saturating_sub(*min)
                    .saturating_add(1)
                    .clamp(1, if dice.once_in(2) { 4 } else { 1000 });
                (min.saturating_add(i64::try_from(dice.roll() % span.unsigned_abs()).unwrap_or(0))).into()
            }
            Self::Money => {
                let most = if dice.once_in(2) { 1_000 } else { 100_000_000 };
                json!(Money::fen(i64::try_from(dice.roll() % most).unwrap_or(1)))
            }
            Self::Share => "1/2".into(),
            Self::Day => {
                // As often near as far: many rules know days or weeks, many know years.
                let (reach, back) = if dice.once_in(2) { (25, 5) } else { (500, 100) };
                json!(today.plus_days(i32::try_from(dice.below(reach)).unwrap_or(0) - back))
            }
            Self::Moment => {
                json!(today.begins().plus_millis(i64::try_from(dice.roll() % 10_000_000_000).unwrap_or(0)))
            }
            // As often in one county as anywhere: many rules know of one's own region.
            Self::Region if dice.once_in(2) => json!(COUNTY),
            Self::Region => json!(dice.one_of(regions())?.region),
            Self::Uscc => json!(Uscc::complete(&uscc_body(dice))?),
            Self::Place => "31.22,121.46".into(),
            Self::YesNo => dice.once_in(2).into(),
            Self::Choice(choices) => dice.one_of(choices)?.as_str().into(),
            Self::Ref(desk) => json!(some(desk, dice)?),
            Self::File => format!("{:064x}:sample.pdf", dice.roll()).into(),
            Self::Personal(inner) | Self::Sealed(inner) => inner.sample(dice, today, some)?,
            Self::List(each, max) => {
                let count = dice.below(usize::try_from(*max).unwrap_or(3).min(3) + 1);
                (0..count).filter_map(|_| each.sample(dice, today, some)).collect()
            }
            Self::Group(form) => Value::Object(form.sample(dice, today, some)?),
        })
    }
}

fn words(dice: &mut Dice, max: u32) -> String {
    const SOME: [&str; 12] = [
        "光刻胶",
        "碳化硅",
        "sensor",
        "laser",
        "疫苗",
        "battery",
        "算法",
        "chip",
        "膜",
        "检测",
        "28nm",
        "<b>&\"x",
    ];
    let mut text = String::new();
    for _ in 0..=dice.below(4) {
        let word = dice.one_of(&SOME).copied().unwrap_or("x");
        if text.chars().count() + word.chars().count() + 1 > max as usize {
            break;
        }
        text.push_str(word);
        text.push(' ');
    }
    let text = text.trim().to_owned();
    if text.is_empty() { "x".into() } else { text }
}

/// The first 17 characters of a made-up code: register "other", a real region, invented number.
fn uscc_body(dice: &mut Dice) -> String {
    let number = format!("DEM{:05}", dice.roll() % 100_000);
    let full = |check: char| format!("Y1310115{number}{check}");
    let fitting = "0123456789X".chars().map(full).find(|body| Uscc::complete(body).is_some());
    fitting.unwrap_or_default()
}
