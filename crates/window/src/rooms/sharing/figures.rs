//! Figures: what the assessment of sharing counts, by instrument or unit and year, from the bookings this guest may see.
//! Each figure leads to its bookings; all of them as a sheet.

use std::collections::BTreeMap;

use desks::booking::figures::{self as counted, Figures, Measure, Use};
use grammar::{
    kinds::{Id, Money, REGION_ALL, Region},
    rules::Rules,
};
use maud::{Markup, html};
use registry::Filter;
use serde_json::json;

use super::assessment;
use crate::{
    denied::Trouble,
    guest::Guest,
    parts::{self, Align, Column, Empty, Link, Row, Section, Table},
    ways::{
        Answer,
        sheet::{
            self,
            write::{Column as SheetColumn, Shape},
        },
    },
};

/// Bookings counted at most.
const COUNTED_MAX: usize = 20_000;
const PAGE: u32 = 200;
/// Lines shown on the page; the sheet has all of them.
const SHOWN: usize = 60;

/// The uses behind a guest's figures.
pub struct Uses {
    pub all: Vec<Use>,
    /// There are more than are counted.
    pub is_cut: bool,
}

impl Uses {
    /// Every reported booking that this guest may see; of one instrument or unit, if one is given.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn of(guest: &Guest, party: Option<Id>) -> Result<Self, Trouble> {
        let mut all = Vec::new();
        for status in ["reported", "paid", "rated"] {
            let mut filter = Filter {
                desk: "booking".into(),
                status: Some(status.into()),
                party,
                limit: PAGE,
                ..Filter::default()
            };
            while all.len() < COUNTED_MAX {
                let page = guest.look.list(&filter)?;
                all.extend(page.rows.iter().filter_map(|row| row.card.read::<Use>("use")));
                filter.after = page.next;
                if filter.after.is_none() {
                    break;
                }
            }
        }
        Ok(Self { is_cut: all.len() >= COUNTED_MAX, all })
    }

    /// The years in which anything ran, the latest first.
    pub fn years(&self) -> Vec<i16> {
        let mut years: Vec<i16> = self.all.iter().map(|each| each.year).collect();
        years.sort_unstable_by(|one, other| other.cmp(one));
        years.dedup();
        years
    }

    /// The figures of each key in one year.
    pub fn by<K: Ord>(&self, guest: &Guest, year: i16, key: impl Fn(&Use) -> K) -> BTreeMap<K, Figures> {
        let rules = guest.house.registry.rules();
        let measure = measure(guest, &rules, REGION_ALL);
        counted::by(&self.all, year, key, &measure)
    }
}

/// Measures by the rules of today.
pub fn measure<'r>(guest: &Guest, rules: &'r Rules, region: Region) -> Measure<'r> {
    Measure { rules, region, day: guest.house.registry.now().day() }
}

/// Who may see every booking of an instrument: its keepers, the office, the auditor.
#[must_use]
pub fn sees_all(guest: &Guest, unit: Id, region: Region) -> bool {
    let viewer = &guest.look.viewer;
    viewer.is(unit) || viewer.holds("instrument-office", region) || viewer.holds("auditor", region)
}

/// Minutes as hours, to a tenth.
#[must_use]
pub fn hours(minutes: i64) -> String {
    let tenths = (minutes + 3) / 6;
    format!("{}.{}", tenths / 10, tenths % 10)
}

/// The sharing rate in percent, to the nearest tenth.
#[must_use]
pub fn rate(figures: &Figures) -> String {
    if figures.effective == 0 {
        return String::new();
    }
    let thousandths = (figures.shared * 2_000 / figures.effective + 1) / 2;
    format!("{}.{}%", thousandths / 10, thousandths % 10)
}

/// Works that came of the use, and of them those that name the instrument.
fn works(figures: &Figures) -> String {
    format!("{} / {}", figures.works, figures.named)
}

/// What is asked for: by what, and of which year.
fn asked(guest: &Guest, uses: &Uses) -> (bool, i16) {
    let by_unit = guest.visit.asked("by") == Some("unit");
    let latest = uses.years().first().copied().unwrap_or_else(|| guest.house.registry.now().day().year());
    let year = guest.visit.asked("year").and_then(|year| year.parse().ok());
    (by_unit, year.filter(|year| uses.years().contains(year)).unwrap_or(latest))
}

fn of_year(guest: &Guest, uses: &Uses, by_unit: bool, year: i16) -> Vec<(Id, Figures)> {
    let all = uses.by(guest, year, |each| if by_unit { each.unit } else { each.instrument });
    let mut all: Vec<(Id, Figures)> = all.into_iter().collect();
    all.sort_by(|(id, one), (other, two)| two.effective.cmp(&one.effective).then(id.cmp(other)));
    all
}

/// The page of use figures.
///
/// # Errors
/// When one has not signed in, or the store cannot be read.
pub fn statistics(guest: &Guest) -> Answer {
    if guest.session.is_none() {
        return Err(Trouble::SignIn);
    }
    let uses = Uses::of(guest, None)?;
    let (by_unit, year) = asked(guest, &uses);
    let all = of_year(guest, &uses, by_unit, year);
    let of = guest.visit.asked("of").and_then(|of| of.parse::<Id>().ok());
    let of = of.filter(|of| all.iter().any(|(id, _)| id == of));
    let title = guest.word("figures-title");
    let units = if by_unit { assessment::units(guest, &all, year)? } else { vec![] };
    let sheet =
        |end: &str| format!("/figures.{end}?by={}&year={year}", if by_unit { "unit" } else { "instrument" });
    let beside = html! {
        @if !all.is_empty() { span { (guest.word("take-sheet")) " " a href=(sheet("xlsx")) { "Excel" } " · " a href=(sheet("csv")) { "CSV" } } }
    };
    let main = html! {
        (parts::heading(&parts::Heading { title: title.into(), lead: guest.word("figures-lead").into(), ..Default::default() }))
        (choices(guest, &uses, by_unit, year))
        @if uses.is_cut { p.note { (guest.say("figures-cut", &json!({ "max": COUNTED_MAX }))) } }
        (parts::section(&Section { id: "figures".into(), title: guest.say("figures-of-year", &json!({ "year": year })), beside, body: table(guest, &all, (by_unit, year)) }))
        @if let Some(of) = of { (parts::section(&Section {
            id: "uses".into(), title: format!("{} · {}", guest.word("assessment-uses"), guest.name(of)), beside: html! {},
            body: assessment::counted(guest, of, &uses.all, year),
        })) }
        @if by_unit { (parts::section(&Section { id: "assessment".into(), title: guest.word("assessment-title").into(), beside: html! {}, body: assessment::section(guest, &units, year) })) }
        (parts::section(&Section { id: "counted".into(), title: guest.word("how-counted").into(), beside: html! {}, body: html! {
            p { (guest.word("how-counted-text")) }
            @for rule in ["IN-R08", "IN-R18-W"] { @if let Some(article) = guest.article(rule) { (parts::article(&article)) } }
        } }))
    };
    Ok(guest.page(title, vec![Link::new("/instrument", guest.desk_word("instrument", "desk", "many"))], main))
}

fn choices(guest: &Guest, uses: &Uses, by_unit: bool, year: i16) -> Markup {
    let tab = |href: String, label: String, current: bool| parts::Tab {
        href,
        label,
        current,
        ..Default::default()
    };
    let by = [("instrument", "by-instrument", !by_unit), ("unit", "by-unit", by_unit)]
        .map(|(by, word, current)| tab(guest.visit.with("by", by), guest.word(word).into(), current));
    let years: Vec<parts::Tab> = uses
        .years()
        .into_iter()
        .take(6)
        .map(|one| tab(guest.visit.with("year", &one.to_string()), one.to_string(), one == year))
        .collect();
    html! {
        (parts::tabs(guest.word("by-what"), &by))
        @if years.len() > 1 { (parts::tabs(guest.word("year"), &years)) }
    }
}

const HEADS: [&str; 10] = [
    "of-what",
    "effective-hours",
    "users-hours",
    "outside-hours",
    "shared-hours",
    "sharing-rate",
    "use-income",
    "outside-income",
    "bookings",
    "works",
];

/// Where the bookings stand behind the figures of an instrument or a unit in a year.
#[must_use]
pub fn uses_href(by_unit: bool, year: i16, of: Id) -> String {
    format!("/figures?by={}&year={year}&of={of}#uses", if by_unit { "unit" } else { "instrument" })
}

fn table(guest: &Guest, all: &[(Id, Figures)], (by_unit, year): (bool, i16)) -> Markup {
    let row = |(id, figures): &(Id, Figures)| {
        let bookings = uses_href(by_unit, year, *id);
        let linked = |text: String| html! { a href=(bookings) { (text) } };
        Row::new(vec![
            guest.link(*id),
            linked(hours(figures.effective)),
            linked(hours(figures.users)),
            linked(hours(figures.outside)),
            linked(hours(figures.shared)),
            linked(rate(figures)),
            linked(guest.money(figures.income)),
            linked(guest.money(figures.outside_income)),
            linked(figures.bookings.len().to_string()),
            html! { (works(figures)) },
        ])
    };
    let mut rows: Vec<Row> = all.iter().take(SHOWN).map(row).collect();
    if all.len() > 1 {
        rows.push(total(guest, all));
    }
    let mut columns: Vec<Column> = HEADS.map(|head| Column::new(guest.word(head))).into();
    columns.iter_mut().skip(1).for_each(|column| column.align = Align::End);
    html! {
        (parts::table(&Table {
            id: "figures".into(), caption: guest.word("figures-caption").into(), columns, rows, scrolls: true,
            empty: Empty { title: guest.word("no-figures").into(), text: guest.word("no-figures-text").into(), links: vec![] },
        }))
        @if all.len() > SHOWN { p.note { (guest.say("figures-more", &json!({ "count": all.len() - SHOWN }))) } }
    }
}

fn total(guest: &Guest, all: &[(Id, Figures)]) -> Row {
    let mut sum = Figures::default();
    for (_, figures) in all {
        sum.effective += figures.effective;
        sum.users += figures.users;
        sum.outside += figures.outside;
        sum.shared += figures.shared;
        sum.income += figures.income;
        sum.outside_income += figures.outside_income;
        sum.bookings.extend(&figures.bookings);
        sum.works += figures.works;
        sum.named += figures.named;
    }
    let cells = vec![
        html! { (guest.word("in-all")) },
        html! { (hours(sum.effective)) },
        html! { (hours(sum.users)) },
        html! { (hours(sum.outside)) },
        html! { (hours(sum.shared)) },
        html! { (rate(&sum)) },
        html! { (guest.money(sum.income)) },
        html! { (guest.money(sum.outside_income)) },
        html! { (sum.bookings.len()) },
        html! { (works(&sum)) },
    ];
    Row { cells, strong: true }
}

/// What stands in the columns of a sheet under `HEADS`.
const SHAPES: [Shape; 10] = [
    Shape::Text,
    Shape::Text,
    Shape::Text,
    Shape::Text,
    Shape::Text,
    Shape::Text,
    Shape::Money,
    Shape::Money,
    Shape::Number,
    Shape::Text,
];

/// All of them as a sheet.
///
/// # Errors
/// When one has not signed in, or the sheet cannot be written.
pub fn statistics_sheet(guest: &Guest, is_csv: bool) -> Answer {
    if guest.session.is_none() {
        return Err(Trouble::SignIn);
    }
    let uses = Uses::of(guest, None)?;
    let (by_unit, year) = asked(guest, &uses);
    let mut columns: Vec<SheetColumn> = HEADS
        .into_iter()
        .zip(SHAPES)
        .map(|(head, shape)| SheetColumn { label: guest.word(head).to_owned(), shape })
        .collect();
    columns.push(SheetColumn { label: guest.word("points").to_owned(), shape: Shape::Number });
    if by_unit {
        columns.extend(assessed_columns(guest));
    }
    columns.push(SheetColumn { label: "id".into(), shape: Shape::Text });
    let all = of_year(guest, &uses, by_unit, year);
    let units = if by_unit { assessment::units(guest, &all, year)? } else { vec![] };
    let rules = guest.house.registry.rules();
    let measure = measure(guest, &rules, REGION_ALL);
    let line = |(id, figures): (Id, Figures)| {
        let money = |amount: Money| amount.to_string();
        let mut cells = vec![
            guest.name(id),
            hours(figures.effective),
            hours(figures.users),
            hours(figures.outside),
            hours(figures.shared),
            rate(&figures),
            money(figures.income),
            money(figures.outside_income),
            figures.bookings.len().to_string(),
            works(&figures),
            figures.points(&measure).to_string(),
        ];
        if by_unit {
            cells.extend(assessed_cells(guest, units.iter().find(|unit| unit.id == id)));
        }
        cells.push(id.to_string());
        cells
    };
    let lines = all.into_iter().map(line).collect::<Vec<_>>().into_iter();
    sheet::file(guest, &format!("{} {year}", guest.word("figures-title")), is_csv, &columns, lines)
}

/// What the assessment adds to the sheet of units: the same as on the page.
fn assessed_columns(guest: &Guest) -> Vec<SheetColumn> {
    let of = |key: &'static str, shape| SheetColumn { label: guest.word(key).to_owned(), shape };
    vec![
        of("assessment-instruments", Shape::Number),
        of("assessment-operation", Shape::Text),
        of("assessment-sharing", Shape::Text),
        of("assessment-percent", Shape::Number),
        of("assessment-grade", Shape::Text),
        of("assessment-reward", Shape::Money),
    ]
}

/// Empty for a unit of which this guest sees a part alone.
fn assessed_cells(guest: &Guest, unit: Option<&assessment::Unit>) -> Vec<String> {
    let Some(unit) = unit else { return vec![String::new(); 6] };
    let found = &unit.found;
    vec![
        found.instruments.to_string(),
        hours(found.operation.minutes),
        hours(found.sharing.minutes),
        found.percent.to_string(),
        guest.word(assessment::grade(found.grade)).to_owned(),
        found.reward.map_or_else(|| guest.word("assessment-no-rate").to_owned(), |reward| reward.to_string()),
    ]
}
