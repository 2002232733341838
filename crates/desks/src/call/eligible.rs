//! Eligible: the conditions of a call as data, and what they say of someone who thinks of applying.
//!
//! [`eligible`] is pure: a page shows it before anything is filled in, an application repeats it when it is handed
//! in. A condition that cannot be judged from what is known is neither met nor missed.

use grammar::prelude::*;

use crate::{organisation, person::Family};

/// What a condition looks at.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
#[schemars(inline)]
pub enum Looks {
    /// Whole years on the day the call closes: at most `number`, for women `number_for_women`.
    AgeAtMost,
    SeniorOrDoctor,
    /// Like the one above, or `number` recommenders of senior title from the same field.
    SeniorDoctorOrRecommended,
    DoctorAtLeast,
    MasterAtLeast,
    MonthsAYearAtLeast,
    UnitInRegion,
    UnitOfKind,
    UnitRegisteredYears,
    PartnerInRegion,
    ForeignInvested,
    OwnMoneyPercent,
    /// Leads fewer than `number` running projects of the family.
    RunningBelow,
    /// Has led none of the family before.
    NeverLed,
    NoCoFunderAffiliate,
    RightsInTheCity,
    ExportChecked,
    DataChecked,
    GeneticResourcesChecked,
    EthicsReviewed,
}

/// One condition.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[schemars(inline)]
pub struct Condition {
    pub looks: Looks,
    pub number: Option<Between<0, 1000>>,
    pub number_for_women: Option<Between<0, 1000>>,
    pub region: Option<Region>,
    pub unit_kind: Option<organisation::Kind>,
    pub family: Option<Family>,
    /// The article it rests on.
    pub basis: Option<Text<200>>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
#[schemars(inline)]
pub enum Degree {
    Below,
    Bachelor,
    Master,
    Doctor,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
#[schemars(inline)]
pub enum Title {
    None,
    Junior,
    Middle,
    AssociateSenior,
    Senior,
}

impl Title {
    /// Associate senior counts as senior.
    #[must_use]
    pub fn is_senior(self) -> bool {
        self >= Self::AssociateSenior
    }
}

/// What is known of an applicant. `None`: not known yet.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Profile {
    pub age: Option<i64>,
    pub is_woman: Option<bool>,
    pub title: Option<Title>,
    pub degree: Option<Degree>,
    pub recommenders: i64,
    pub months_a_year: Option<i64>,
    pub unit_region: Option<Region>,
    pub unit_kind: Option<organisation::Kind>,
    pub unit_years: Option<i64>,
    pub partner_regions: Vec<Region>,
    pub foreign_invested: Option<bool>,
    pub own_percent: Option<i64>,
    /// Projects the leader leads now, and has ever led, by family.
    pub running: Vec<(Family, i64)>,
    pub led: Vec<(Family, i64)>,
    pub co_funder_affiliate: Option<bool>,
    pub rights_in_the_city: Option<bool>,
    pub export_checked: Option<bool>,
    pub data_checked: Option<bool>,
    pub genetic_checked: Option<bool>,
    pub ethics_reviewed: Option<bool>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Met {
    Yes,
    No,
    Unknown,
}

/// What one condition comes to, and the fact it was judged by: a number, a word of `[choice]`, a region.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Finding {
    pub condition: Condition,
    pub met: Met,
    pub fact: Option<Text<80>>,
}

/// Every condition with what it comes to.
#[must_use]
pub fn eligible(profile: &Profile, conditions: &[Condition]) -> Vec<Finding> {
    let find = |condition: &Condition| {
        let (met, fact) = judge(profile, condition);
        Finding { condition: condition.clone(), met, fact: fact.and_then(|fact| Text::read(&fact)) }
    };
    conditions.iter().map(find).collect()
}

type Judged = (Met, Option<String>);

fn of(met: Option<bool>, fact: Option<String>) -> Judged {
    (met.map_or(Met::Unknown, |met| if met { Met::Yes } else { Met::No }), fact)
}

fn number(known: Option<i64>, holds: impl FnOnce(i64) -> bool) -> Judged {
    of(known.map(holds), known.map(|known| known.to_string()))
}

fn said(known: Option<bool>) -> Judged {
    of(known, known.map(|known| if known { "yes" } else { "no" }.to_owned()))
}

fn of_family(counts: &[(Family, i64)], family: Option<Family>) -> i64 {
    counts.iter().filter(|(of, _)| family.is_none_or(|family| family == *of)).map(|(_, count)| count).sum()
}

fn judge(profile: &Profile, condition: &Condition) -> Judged {
    let asked = condition.number.map_or(0, Between::get);
    let senior = profile.title.map(Title::is_senior);
    let degree = |least: Degree| profile.degree.map(|degree| degree >= least);
    let named = profile.degree.map(|degree| grammar::desk::plain_word(&degree));
    match condition.looks {
        Looks::AgeAtMost => {
            let for_women = condition.number_for_women.map(Between::get);
            let most = match (for_women, profile.is_woman) {
                (None, _) | (_, Some(false)) => Some(asked),
                (Some(most), Some(true)) => Some(most),
                (Some(most), None) => profile.age.is_some_and(|age| age <= asked.min(most)).then_some(most),
            };
            let met = most.zip(profile.age).map(|(most, age)| age <= most);
            of(met, profile.age.map(|age| age.to_string()))
        }
        Looks::SeniorOrDoctor => of(either(senior, degree(Degree::Doctor)), named),
        Looks::SeniorDoctorOrRecommended => {
            let recommended = Some(profile.recommenders >= asked);
            of(either(either(senior, degree(Degree::Doctor)), recommended), named)
        }
        Looks::DoctorAtLeast => of(degree(Degree::Doctor), named),
        Looks::MasterAtLeast => of(degree(Degree::Master), named),
        Looks::MonthsAYearAtLeast => number(profile.months_a_year, |months| months >= asked),
        Looks::RunningBelow => {
            let running = of_family(&profile.running, condition.family);
            number(Some(running), |running| running < asked)
        }
        Looks::NeverLed => number(Some(of_family(&profile.led, condition.family)), |led| led == 0),
        _ => judge_unit(profile, condition, asked),
    }
}

fn judge_unit(profile: &Profile, condition: &Condition, asked: i64) -> Judged {
    let region = condition.region;
    match condition.looks {
        Looks::UnitInRegion => {
            let met = region.zip(profile.unit_region).map(|(region, unit)| region.covers(unit));
            of(met, profile.unit_region.map(|unit| unit.to_string()))
        }
        Looks::UnitOfKind => {
            let met = condition.unit_kind.zip(profile.unit_kind).map(|(asked, kind)| asked == kind);
            of(met, profile.unit_kind.map(|kind| grammar::desk::plain_word(&kind)))
        }
        Looks::UnitRegisteredYears => number(profile.unit_years, |years| years >= asked),
        Looks::PartnerInRegion => {
            let local = |partner: &&Region| region.is_none_or(|region| region.covers(**partner));
            let count = profile.partner_regions.iter().filter(local).count();
            number(i64::try_from(count).ok(), |count| count >= asked.max(1))
        }
        Looks::OwnMoneyPercent => number(profile.own_percent, |percent| percent >= asked),
        Looks::ForeignInvested => said(profile.foreign_invested),
        Looks::NoCoFunderAffiliate => said(profile.co_funder_affiliate.map(|is| !is)),
        Looks::RightsInTheCity => said(profile.rights_in_the_city),
        Looks::ExportChecked => said(profile.export_checked),
        Looks::DataChecked => said(profile.data_checked),
        Looks::GeneticResourcesChecked => said(profile.genetic_checked),
        Looks::EthicsReviewed => said(profile.ethics_reviewed),
        _ => (Met::Unknown, None),
    }
}

/// Yes when one of two is; no when both are not.
fn either(one: Option<bool>, two: Option<bool>) -> Option<bool> {
    match (one, two) {
        (Some(true), _) | (_, Some(true)) => Some(true),
        (Some(false), Some(false)) => Some(false),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn condition(text: &str) -> Condition {
        serde_json::from_str(text).unwrap()
    }

    fn met(profile: &Profile, text: &str) -> Met {
        eligible(profile, &[condition(text)]).pop().unwrap().met
    }

    /// PG-R17: men below 35, women below 37.
    #[test]
    fn women_may_be_two_years_older() {
        let age = r#"{"looks":"age-at-most","number":34,"number_for_women":36}"#;
        let of = |age, is_woman| Profile { age: Some(age), is_woman, ..Profile::default() };
        assert_eq!(met(&of(34, None), age), Met::Yes);
        assert_eq!(met(&of(36, Some(true)), age), Met::Yes);
        assert_eq!(met(&of(36, Some(false)), age), Met::No);
        assert_eq!(met(&of(36, None), age), Met::Unknown);
        assert_eq!(met(&Profile::default(), age), Met::Unknown);
    }

    /// PG-R03: senior title, or doctorate, or two recommenders.
    #[test]
    fn a_title_a_degree_or_recommenders() {
        let rule = r#"{"looks":"senior-doctor-or-recommended","number":2}"#;
        let of = |title, degree, recommenders| Profile {
            title: Some(title),
            degree: Some(degree),
            recommenders,
            ..Profile::default()
        };
        assert_eq!(met(&of(Title::Senior, Degree::Below, 0), rule), Met::Yes);
        assert_eq!(met(&of(Title::Middle, Degree::Doctor, 0), rule), Met::Yes);
        assert_eq!(met(&of(Title::Middle, Degree::Master, 2), rule), Met::Yes);
        assert_eq!(met(&of(Title::Middle, Degree::Master, 1), rule), Met::No);
    }

    #[test]
    fn a_unit_is_where_and_what_the_call_says() {
        let profile = Profile {
            unit_region: Some(Region::code(310_115)),
            unit_kind: Some(organisation::Kind::Enterprise),
            unit_years: Some(1),
            partner_regions: vec![Region::code(320_500)],
            running: vec![(Family::Municipal, 2)],
            ..Profile::default()
        };
        assert_eq!(met(&profile, r#"{"looks":"unit-in-region","region":"310000"}"#), Met::Yes);
        assert_eq!(met(&profile, r#"{"looks":"partner-in-region","region":"310000"}"#), Met::No);
        assert_eq!(met(&profile, r#"{"looks":"unit-of-kind","unit_kind":"university"}"#), Met::No);
        assert_eq!(met(&profile, r#"{"looks":"unit-registered-years","number":1}"#), Met::Yes);
        assert_eq!(met(&profile, r#"{"looks":"running-below","number":2,"family":"municipal"}"#), Met::No);
        assert_eq!(
            met(&profile, r#"{"looks":"running-below","number":2,"family":"national-key"}"#),
            Met::Yes
        );
        assert_eq!(met(&profile, r#"{"looks":"export-checked"}"#), Met::Unknown);
    }
}
