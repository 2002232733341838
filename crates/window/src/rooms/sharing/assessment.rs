//! Assessment: what a unit's figures of a year come to: two indicators, a provisional grade by its rule, and the reward with
//! its formula worked out. Every input leads to the bookings it was counted from.

use desks::booking::{
    assessment::{self, Assessed, Indicator},
    figures::{Figures, Grade, Measure, Use},
};
use grammar::kinds::{Day, Id, Region};
use maud::{Markup, html};
use registry::Filter;
use serde_json::json;

use super::{
    figures::{hours, sees_all, uses_href},
    share,
};
use crate::{
    denied::Trouble,
    guest::Guest,
    parts::{self, Align, Column, Empty, Link, Pager, Row, Table, Tone},
};

/// Units assessed, instruments counted of each, and bookings of one shown on a page.
const UNITS_MAX: usize = 60;
const PAGE: u32 = 200;
const INSTRUMENTS_MAX: usize = 5_000;
const USES_SHOWN: usize = 200;

/// A unit with what the assessment makes of it.
pub struct Unit {
    pub id: Id,
    pub shared_income: grammar::kinds::Money,
    pub found: Assessed,
}

/// The units whose every booking this guest may see; others would be judged by a part of their use.
///
/// # Errors
/// When the store cannot be read.
pub fn units(guest: &Guest, all: &[(Id, Figures)], year: i16) -> Result<Vec<Unit>, Trouble> {
    let rules = guest.house.registry.rules();
    let mut units = Vec::new();
    for (id, figures) in all.iter().take(UNITS_MAX) {
        let Some(record) = guest.look.record(*id)? else { continue };
        let region = record.card.scope();
        if !sees_all(guest, *id, region) {
            continue;
        }
        let (days, of, day) = passed(guest.house.registry.now().day(), year);
        let measure = Measure { rules: &rules, region, day };
        let found = assessment::assess(figures, instruments(guest, *id)?, (days, of), &measure);
        if let Some(found) = found {
            units.push(Unit { id: *id, shared_income: figures.shared_income, found });
        }
    }
    Ok(units)
}

/// How many days of a year are over, of how many, and the day whose rules hold.
fn passed(today: Day, year: i16) -> (i64, i64, Day) {
    let first = Day::new(year, 1, 1).unwrap_or(today);
    let last = Day::new(year, 12, 31).unwrap_or(today);
    let day = if today < last { today.max(first) } else { last };
    (i64::from(first.days_until(day)) + 1, i64::from(first.days_until(last)) + 1, day)
}

/// Instruments of a unit that stand in the catalogue and in the scope of the assessment.
fn instruments(guest: &Guest, unit: Id) -> Result<usize, Trouble> {
    let mut filter =
        Filter { desk: "instrument".into(), party: Some(unit), limit: PAGE, ..Filter::default() };
    let mut count = 0;
    loop {
        let page = guest.look.list(&filter)?;
        let counts = |row: &&registry::Listed| {
            let card = &row.card;
            let is_in_scope = card.read::<bool>("in_national_scope").unwrap_or(false);
            card.status != "scrapped" && is_in_scope && card.holders("unit").any(|id| id == unit)
        };
        count += page.rows.iter().filter(counts).count();
        filter.after = page.next;
        if filter.after.is_none() || count >= INSTRUMENTS_MAX {
            return Ok(count);
        }
    }
}

/// The key of a grade's word.
#[must_use]
pub fn grade(grade: Grade) -> &'static str {
    match grade {
        Grade::Excellent => "grade-excellent",
        Grade::Good => "grade-good",
        Grade::Pass => "grade-pass",
        Grade::Poor => "grade-poor",
    }
}

fn tone(grade: Grade) -> Tone {
    match grade {
        Grade::Excellent | Grade::Good => Tone::Good,
        Grade::Pass => Tone::Warn,
        Grade::Poor => Tone::Bad,
    }
}

/// Tenths of points: `33.5`.
fn points(tenths: i64) -> String {
    format!("{}.{}", tenths / 10, tenths % 10)
}

/// The reward with its formula, or that there is none.
#[must_use]
pub fn formula(guest: &Guest, unit: &Unit) -> String {
    let found = &unit.found;
    let Some(reward) = found.reward else { return guest.word("assessment-no-rate").to_owned() };
    let Some(rate) = found.rate else { return guest.word("assessment-no-reward").to_owned() };
    let facts = json!({
        "most": guest.money(found.most), "rate": share(&rate.to_string()),
        "income": guest.money(unit.shared_income), "reward": guest.money(reward),
    });
    guest.say("assessment-formula", &facts)
}

/// The section: units with grade and reward, and the rules behind them.
pub fn section(guest: &Guest, units: &[Unit], year: i16) -> Markup {
    html! {
        p { (guest.word("assessment-text")) }
        (table(guest, units, year))
        details {
            summary { (guest.word("assessment-rules")) }
            @for rule in assessment::RULES { @if let Some(article) = guest.article(rule) { (parts::article(&article)) } }
        }
    }
}

fn table(guest: &Guest, units: &[Unit], year: i16) -> Markup {
    let row = |unit: &Unit| {
        let found = &unit.found;
        let uses = uses_href(true, year, unit.id);
        let indicator = |indicator: &Indicator| {
            let facts = json!({ "hours": hours(indicator.minutes), "target": hours(indicator.target) });
            let scored = json!({ "points": points(indicator.points), "most": points(indicator.most) });
            html! {
                a href=(uses) { (guest.say("assessment-of", &facts)) }
                br; small { (guest.say("assessment-points", &scored)) }
            }
        };
        let instruments = format!("/instrument?party={}", unit.id);
        Row::new(vec![
            guest.link(unit.id),
            html! { a href=(instruments) { (found.instruments) } },
            indicator(&found.operation),
            indicator(&found.sharing),
            html! { (found.percent) "%" },
            html! { (parts::badge(tone(found.grade), guest.word(grade(found.grade)))) },
            html! { a href=(uses) { (formula(guest, unit)) } },
        ])
    };
    let heads = [
        "by-unit",
        "assessment-instruments",
        "assessment-operation",
        "assessment-sharing",
        "assessment-percent",
        "assessment-grade",
        "assessment-reward",
    ];
    let mut columns: Vec<Column> = heads.map(|head| Column::new(guest.word(head))).into();
    for column in columns.iter_mut().skip(1).take(4) {
        column.align = Align::End;
    }
    parts::table(&Table {
        id: "assessed".into(),
        caption: guest.word("assessment-title").into(),
        columns,
        rows: units.iter().map(row).collect(),
        scrolls: false,
        empty: Empty { title: guest.word("assessment-none").into(), ..Empty::default() },
    })
}

/// Each booking of the year of a unit or an instrument, and as what it was counted.
pub fn counted(guest: &Guest, of: Id, uses: &[Use], year: i16) -> Markup {
    let rules = guest.house.registry.rules();
    let region: Region =
        guest.look.record(of).ok().flatten().map_or(grammar::kinds::REGION_ALL, |record| record.card.scope());
    let (_, _, day) = passed(guest.house.registry.now().day(), year);
    let measure = Measure { rules: &rules, region, day };
    let mut of_it: Vec<&Use> =
        uses.iter().filter(|each| (each.unit == of || each.instrument == of) && each.year == year).collect();
    of_it.sort_by_key(|each| each.booking);
    let (first, shown) = page(guest.visit.asked("page"), &of_it);
    let row = |each: &&Use| {
        let counted = match (each.is_sharing(&measure), each.is_inside) {
            (true, _) => "counted-shared",
            (_, true) => "counted-inside",
            _ => "counted-outside",
        };
        Row::new(vec![
            html! { a href={ "/booking/" (each.booking) } { (guest.name(each.instrument)) } },
            guest.link(each.buyer),
            html! { (guest.word(counted)) },
            html! { (hours(each.minutes)) },
            html! { (guest.money(each.income)) },
        ])
    };
    let heads = [
        guest.desk_word("booking", "desk", "one"),
        guest.desk_word("booking", "field", "buyer"),
        guest.word("counted-as").to_owned(),
        guest.word("users-hours").to_owned(),
        guest.word("use-income").to_owned(),
    ];
    let mut columns: Vec<Column> = heads.iter().map(Column::new).collect();
    columns.iter_mut().skip(3).for_each(|column| column.align = Align::End);
    html! {
        (parts::table(&Table {
            id: "unit-uses".into(), caption: guest.word("assessment-uses").into(), columns,
            rows: shown.iter().map(row).chain(total(guest, &of_it)).collect(), scrolls: true, ..Table::default()
        }))
        (onward(guest, first, shown.len(), of_it.len()))
    }
}

/// The part of the bookings that a page shows, and how many come before it.
fn page<'a, T>(asked: Option<&str>, all: &'a [T]) -> (usize, &'a [T]) {
    let last = all.len().saturating_sub(1) / USES_SHOWN;
    let page = asked.and_then(|page| page.parse::<usize>().ok()).unwrap_or(1).saturating_sub(1).min(last);
    let first = page * USES_SHOWN;
    let until = (first + USES_SHOWN).min(all.len());
    (first, all.get(first..until).unwrap_or_default())
}

/// The sum over all of them, whatever the page shows.
fn total(guest: &Guest, all: &[&Use]) -> Option<Row> {
    let minutes = all.iter().map(|each| each.minutes).sum();
    let income = all.iter().map(|each| each.income).sum();
    let cells = vec![
        html! { (guest.word("in-all")) },
        html! { (all.len()) },
        html! {},
        html! { (hours(minutes)) },
        html! { (guest.money(income)) },
    ];
    (all.len() > 1).then_some(Row { cells, strong: true })
}

fn onward(guest: &Guest, first: usize, shown: usize, of: usize) -> Markup {
    if of <= USES_SHOWN {
        return html! {};
    }
    let at = first / USES_SHOWN + 1;
    let to = |page: usize| format!("{}#uses", guest.visit.with("page", &page.to_string()));
    let facts = json!({ "from": first + 1, "to": first + shown, "count": of });
    parts::pager(&Pager {
        label: guest.word("assessment-uses").into(),
        previous: (at > 1).then(|| Link::new(to(at - 1), guest.word("page-before"))),
        next: (first + shown < of).then(|| Link::new(to(at + 1), guest.word("next"))),
        total: guest.say("uses-shown", &facts),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_booking_stands_on_one_page_and_no_page_is_empty() {
        let all: Vec<usize> = (0..USES_SHOWN * 2 + 1).collect();
        let shown = |asked| page(asked, &all);
        assert_eq!((shown(None).0, shown(None).1.len()), (0, USES_SHOWN));
        assert_eq!((shown(Some("2")).0, shown(Some("3")).1), (USES_SHOWN, [USES_SHOWN * 2].as_slice()));
        // Whatever is asked, a page is there.
        assert_eq!([shown(Some("0")).0, shown(Some("-1")).0, shown(Some("99")).0], [0, 0, USES_SHOWN * 2]);
        let read: Vec<usize> =
            ["1", "2", "3"].iter().flat_map(|number| shown(Some(number)).1).copied().collect();
        assert_eq!(read, all);
        assert_eq!(page::<usize>(Some("2"), &[]), (0, [].as_slice()));
    }

    #[test]
    fn a_year_is_measured_as_far_as_it_is_over() {
        let day = |text: &str| text.parse::<Day>().unwrap();
        assert_eq!(passed(day("2026-03-31"), 2026), (90, 365, day("2026-03-31")));
        assert_eq!(passed(day("2026-03-31"), 2024), (366, 366, day("2024-12-31")));
        assert_eq!([points(335), points(400)], ["33.5", "40.0"]);
    }
}
