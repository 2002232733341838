//! Promises: what a solution promises for each indicator, held against what the need asks.
//!
//! Numbers are compared exactly, as decimals. What is no number, or has another unit, is left to people.

use grammar::prelude::*;

use crate::need::Indicator;

/// What is promised for one indicator of the need, in the same unit: `≤ 0.8`, `0.8`, `≥ 99.9%`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[schemars(inline)]
pub struct Promise {
    pub indicator: Text<120>,
    pub promised: Text<120>,
    pub evidence: Option<Text<1000>>,
}

/// How a promise stands to its target.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Verdict {
    Met,
    Missed,
    /// No numbers that can be compared: a person reads it.
    Unclear,
    Unanswered,
}

/// One line of the comparison.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Covered {
    pub indicator: Text<120>,
    pub unit: Option<Text<40>>,
    pub threshold: Text<120>,
    pub promised: Option<Text<120>>,
    pub verdict: Verdict,
}

/// Every target of the need, with what is promised for it.
#[must_use]
pub fn coverage(targets: &[Indicator], promises: &[Promise]) -> Vec<Covered> {
    let line = |target: &Indicator| {
        let promise = promises.iter().find(|promise| promise.indicator == target.name);
        Covered {
            indicator: target.name.clone(),
            unit: target.unit.clone(),
            threshold: target.threshold.clone(),
            promised: promise.map(|promise| promise.promised.clone()),
            verdict: promise.map_or(Verdict::Unanswered, |p| {
                verdict(target.unit.as_deref(), &target.threshold, &p.promised)
            }),
        }
    };
    targets.iter().map(line).collect()
}

/// A relation and its number: `≤ 1 ppb`.
#[derive(Clone, Debug, PartialEq)]
struct Bound {
    relation: Relation,
    /// In millionths of a millionth.
    number: i128,
    unit: String,
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Relation {
    AtMost,
    Below,
    AtLeast,
    Above,
    Exactly,
}

/// How relations are written; longer signs before those they begin or end with.
const SIGNS: [(&str, Relation); 24] = [
    ("≤", Relation::AtMost),
    ("<=", Relation::AtMost),
    ("⩽", Relation::AtMost),
    ("不高于", Relation::AtMost),
    ("不大于", Relation::AtMost),
    ("不超过", Relation::AtMost),
    ("至多", Relation::AtMost),
    ("atmost", Relation::AtMost),
    ("≥", Relation::AtLeast),
    (">=", Relation::AtLeast),
    ("⩾", Relation::AtLeast),
    ("不低于", Relation::AtLeast),
    ("不小于", Relation::AtLeast),
    ("不少于", Relation::AtLeast),
    ("至少", Relation::AtLeast),
    ("atleast", Relation::AtLeast),
    ("<", Relation::Below),
    ("小于", Relation::Below),
    ("低于", Relation::Below),
    (">", Relation::Above),
    ("大于", Relation::Above),
    ("高于", Relation::Above),
    ("超过", Relation::Above),
    ("=", Relation::Exactly),
];
const DECIMALS_MAX: usize = 12;
const DIGITS_MAX: usize = 18;

/// The text without blanks and group signs, in small letters.
fn plain(text: &str) -> String {
    let kept = text.to_lowercase().chars().filter(|c| !c.is_whitespace() && *c != ',').collect::<String>();
    kept.replace('＜', "<").replace('＞', ">")
}

fn bound(text: &str) -> Option<Bound> {
    let plain = plain(text);
    let signed = SIGNS.iter().find_map(|(sign, relation)| Some((plain.strip_prefix(sign)?, *relation)));
    let (rest, relation) = signed.unwrap_or((&plain, Relation::Exactly));
    let (minus, rest) = rest.strip_prefix('-').map_or((1, rest), |rest| (-1, rest));
    let end = rest.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(rest.len());
    let (digits, unit) = rest.split_at_checked(end)?;
    let (whole, decimals) = digits.split_once('.').unwrap_or((digits, ""));
    // A power, a range or a tolerance is more than a number.
    let power =
        unit.strip_prefix('e').is_some_and(|rest| rest.starts_with(['-', '+']) || starts_with_digit(rest));
    let is_plain = !power && !unit.starts_with(['^', '×', '*', '/', '~', '±', '-', '～']);
    if whole.is_empty() || whole.len() > DIGITS_MAX || decimals.len() > DECIMALS_MAX || !is_plain {
        return None;
    }
    let number: i128 = format!("{whole}{decimals:0<DECIMALS_MAX$}").parse().ok()?;
    Some(Bound { relation, number: minus * number, unit: unit.to_owned() })
}

fn starts_with_digit(text: &str) -> bool {
    text.starts_with(|c: char| c.is_ascii_digit())
}

/// Whether everything the promise allows is within what the target asks.
fn verdict(unit: Option<&str>, threshold: &str, promised: &str) -> Verdict {
    use Relation::{Above, AtLeast, AtMost, Below, Exactly};
    let (Some(target), Some(promise)) = (bound(threshold), bound(promised)) else { return Verdict::Unclear };
    let stated = unit.map_or_else(String::new, plain);
    let asked_in = if target.unit.is_empty() { &stated } else { &target.unit };
    if !promise.unit.is_empty() && promise.unit != *asked_in {
        return Verdict::Unclear;
    }
    let (asked, given) = (target.number, promise.number);
    let is_met = match (target.relation, promise.relation) {
        (AtMost, AtMost | Below | Exactly) | (Below, Below) => given <= asked,
        (Below, AtMost | Exactly) => given < asked,
        (AtLeast, AtLeast | Above | Exactly) | (Above, Above) => given >= asked,
        (Above, AtLeast | Exactly) => given > asked,
        // A bare number is a target that nobody has given a direction: more may be better, or worse.
        (Exactly, Exactly) if given == asked => true,
        _ => return Verdict::Unclear,
    };
    if is_met { Verdict::Met } else { Verdict::Missed }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_compared_exactly_and_the_rest_is_left_to_people() {
        let cases = [
            ("≤ 1", "≤ 0.8", Verdict::Met),
            ("≤ 1", "1", Verdict::Met),
            ("< 1", "1", Verdict::Missed),
            ("< 1", "<1", Verdict::Met),
            ("≤ 1", "1.000000000001", Verdict::Missed),
            ("不低于 99.9%", "≥99.95%", Verdict::Met),
            ("≥ 99.9%", "99.8", Verdict::Missed),
            ("≥ 1,000 h", "1200h", Verdict::Met),
            ("≥ 1000 h", "1200 min", Verdict::Unclear),
            ("≤ 1", "≥ 0.5", Verdict::Unclear),
            ("≤ 1e-9", "≤ 1", Verdict::Unclear),
            ("≤ 10^-9", "≤ 1", Verdict::Unclear),
            ("-40 ~ 85", "-40", Verdict::Unclear),
            ("≤ -40", "-45", Verdict::Met),
            ("≤ 5 eV", "4 eV", Verdict::Met),
            ("1000", "1000", Verdict::Met),
            ("1000", "1200", Verdict::Unclear),
            ("通过车规认证", "通过", Verdict::Unclear),
        ];
        for (threshold, promised, expected) in cases {
            assert_eq!(verdict(None, threshold, promised), expected, "{threshold} / {promised}");
        }
        assert_eq!(verdict(Some("ppb"), "≤ 1", "≤ 0.8 ppb"), Verdict::Met);
        assert_eq!(verdict(Some("ppb"), "≤ 1", "≤ 0.8 ppm"), Verdict::Unclear);
    }
}
