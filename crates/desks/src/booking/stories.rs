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
        ran: vec![],
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

/// The hours of an instrument with places for several are those of the clock; its users' are told apart.
#[test]
fn an_instrument_runs_once_however_many_use_it() {
    let ran = |from: i64, until: i64| vec![(from * 3_600_000, until * 3_600_000)];
    let minutes = |from: i64, until: i64| (until - from) * 60;
    let at = |nth: u32, from: i64, until: i64| Use {
        ran: ran(from, until),
        ..used(nth, minutes(from, until), 100)
    };
    let own = Use { is_inside: true, ..at(1, 8, 12) };
    let elsewhere = Use { instrument: Id::named("instrument-sem"), ..at(5, 9, 11) };
    let untold = used(6, 30, 100);
    measured(&[own, at(2, 9, 13), at(3, 10, 11), at(4, 13, 14), elsewhere, untold], |figures, _| {
        // 8–14 at one, 9–11 at the other, and half an hour of which the clock is not known.
        assert_eq!((figures.effective, figures.users), (510, 750));
        assert_eq!((figures.outside, figures.shared), (450, 450));
        assert_eq!(figures.income, yuan(600));
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
