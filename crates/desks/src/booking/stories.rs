//! What the figures of the assessment count. How bookings go their way is told in `together.rs`, with their calendars.

use grammar::{prelude::*, rules::Rules, story::*};

use super::{
    Purpose,
    figures::{Figures, Grade, Measure, Use, by},
};

fn used(nth: u32, minutes: i64, income: i64) -> Use {
    Use {
        booking: format!("booking-{nth}").parse().unwrap(),
        instrument: Id::named("instrument-tem"),
        unit: Id::named("organisation-institute"),
        buyer: format!("organisation-firm{nth}").parse().unwrap(),
        year: 2026,
        minutes,
        income: yuan(income),
        is_inside: false,
        is_related: false,
        purpose: Purpose::Research,
        works: 0,
        named: 0,
    }
}

fn measured(uses: &[Use], look: impl FnOnce(&Figures, &Measure)) {
    let mut rules = Rules::default();
    rules.read("booking", include_str!("rules.toml")).unwrap();
    let measure = Measure { rules: &rules, region: Region::code(310_000), day: day("2026-12-31") };
    let all = by(uses, 2026, |each| each.unit, &measure);
    look(all.get(&Id::named("organisation-institute")).unwrap(), &measure);
}

/// Related units and what is not research run the instrument; they are no sharing (IN-R08).
#[test]
fn sharing_is_for_unrelated_units_outside_and_for_research() {
    let own = Use { is_inside: true, ..used(1, 600, 200) };
    let related = Use { is_related: true, ..used(2, 300, 500) };
    let inspection = Use { purpose: Purpose::MassInspection, ..used(3, 300, 700) };
    let last_year = Use { year: 2025, ..used(4, 9_999, 9_999) };
    let outside = used(5, 800, 4_000);
    measured(&[own, related, inspection, last_year, outside], |figures, _| {
        assert_eq!((figures.effective, figures.outside, figures.shared), (2_000, 1_400, 800));
        assert_eq!(figures.sharing_rate(), Share::new(2, 5));
        let money = (figures.income, figures.outside_income, figures.shared_income);
        assert_eq!(money, (yuan(5_400), yuan(5_200), yuan(4_000)));
        let told: Vec<&str> = figures.bookings.iter().map(Id::as_str).collect();
        assert_eq!(told, ["booking-1", "booking-2", "booking-3", "booking-5"]);
        assert_eq!(figures.buyers_outside, 3);
    });
}

#[test]
fn rewards_points_and_yields_follow_the_rules() {
    measured(
        &[Use { is_inside: true, ..used(1, 60_000, 10_000) }, used(2, 60_000, 40_000)],
        |figures, measure| {
            assert_eq!(figures.reward(Grade::Excellent, measure), Some(yuan(8_000)));
            assert_eq!(figures.reward(Grade::Pass, measure), Some(yuan(4_000)));
            assert_eq!(figures.reward(Grade::Poor, measure), Some(Money::ZERO));
            assert_eq!(figures.points(measure), 15, "twenty times a hundred hours, at most fifteen points");
            // 10,000 inside and 1.5 × 40,000 outside for an instrument of a million: 7 %.
            assert_eq!(figures.yield_of(yuan(1_000_000), measure), Some(700));
        },
    );
    measured(&[used(1, 6_000, 9_000_000)], |figures, measure| {
        assert_eq!(figures.reward(Grade::Good, measure), Some(yuan(1_000_000)), "the reward has a cap");
        assert_eq!(figures.points(measure), 1);
    });
}
