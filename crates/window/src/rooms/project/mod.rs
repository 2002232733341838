//! Project: what is due next and by whom, the money by province, the milestones, the partners on the map, the
//! changes, and how it ended. The agreement and the books stand only for partners, user and offices.

mod due;

use std::collections::BTreeMap;

use desks::project::{Asked, Dates, Notch, Opening, Plan, Project, Purse};
use grammar::{
    clerk::Clerk,
    kinds::{Id, Money, Region},
};
use maud::{Markup, html};
use registry::Record;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value, json};

use crate::{
    denied::Trouble,
    guest::Guest,
    parts::{self, Behind, Bounds, Column, Empty, Link, Point, Row, Section, Stat, Table, Tone},
    plain,
    ways::Answer,
};

/// The way of most projects; others leave it.
const WAY: [&str; 6] = ["plan", "publicised", "signed", "running", "user-tested", "accepted"];
/// Duties and changes that stand open on the page.
const SHOWN: usize = 20;

/// A project as this guest may see it.
struct Sheet<'a> {
    guest: &'a Guest<'a>,
    clerk: &'a dyn Clerk,
    record: Record,
    project: Project,
    opening: Opening,
    plan: Option<Plan>,
    dates: Dates,
    /// Whether plan, books and duties are for this guest.
    is_inside: bool,
}

/// The page.
///
/// # Errors
/// When there is none for this guest's eyes, or the store cannot be read.
pub fn project(guest: &Guest, clerk: &dyn Clerk, id: Id) -> Answer {
    let record = guest.look.record(id)?.filter(|record| record.desk == "project").ok_or(Trouble::NotFound)?;
    let title = guest.pick(&record.card.title_zh, &record.card.title_en).to_owned();
    let sheet = Sheet::of(guest, clerk, record)?;
    let part = |id: &str, key: &str, body: Markup| {
        let title = guest.word(key).to_owned();
        parts::section(&Section { id: id.into(), title, beside: html! {}, body })
    };
    let changes = sheet.changes()?;
    let main = html! {
        (sheet.heading())
        (plain::done(guest)?)
        (sheet.way())
        (parts::stats(&sheet.figures()?))
        div.two-thirds {
            div {
                @if sheet.is_inside {
                    (part("duties", "project-duties", sheet.duties()?))
                    (part("milestones", "project-milestones", sheet.milestones()?))
                    (part("money", "project-money", sheet.money()?))
                }
                (part("partners", "project-partners", sheet.partners()?))
                @if let Some(changes) = changes { (part("changes", "project-changes", changes)) }
                @if let Some(ended) = sheet.acceptance() { (part("acceptance", "project-acceptance", ended)) }
                @if let Some(book) = sheet.task_book() { (part("about", "project-task-book", book)) }
                (plain::history(guest, clerk, &sheet.record)?)
            }
            aside { (plain::actions(guest, clerk, &sheet.record)?) (plain::proofs(guest, clerk, &sheet.record)?) }
        }
    };
    let crumbs = vec![Link::new("/project", guest.desk_word(clerk.name(), "desk", "many"))];
    Ok(guest.page(&title, crumbs, main))
}

fn read<T: DeserializeOwned>(state: &Value, name: &str) -> Result<T, Trouble> {
    let value = if name.is_empty() { state.clone() } else { state.get(name).cloned().unwrap_or_default() };
    serde_json::from_value(value).map_err(|error| Trouble::Unreadable(error.to_string()))
}

impl<'a> Sheet<'a> {
    fn of(guest: &'a Guest<'a>, clerk: &'a dyn Clerk, record: Record) -> Result<Self, Trouble> {
        let project: Project = read(&record.state, "")?;
        let is_inside = project.shows_all_to(&guest.look.viewer);
        let (opening, plan) = (read(&record.state, "opening")?, read(&record.state, "plan")?);
        let dates = read(&record.state, "dates")?;
        Ok(Self { guest, clerk, record, project, opening, plan, dates, is_inside })
    }

    fn word(&self, key: &'a str) -> &'a str {
        self.guest.word(key)
    }

    fn status(&self) -> &str {
        &self.record.card.status
    }

    /// The partners stand in their table; the need it answers stands here.
    fn heading(&self) -> Markup {
        let mut facts = plain::card_facts(self.guest, self.clerk, &self.record, 2);
        let label = self.guest.find("party", "need").unwrap_or_default();
        let need = self.record.card.holders("need").next();
        let need = need.map(|need| self.guest.link(need));
        facts.extend(need.map(|value| parts::Fact { label: label.into(), value, note: String::new() }));
        plain::heading_with(self.guest, self.clerk, &self.record, facts)
    }

    fn way(&self) -> Markup {
        let off = (!WAY.contains(&self.status())).then_some(self.status());
        // A failed milestone interrupts the work; what ends otherwise stands where acceptance would.
        let way: Vec<&str> = match off {
            Some("milestone-failed") => WAY
                .into_iter()
                .map(|step| if step == "running" { "milestone-failed" } else { step })
                .collect(),
            Some(off) => WAY.into_iter().filter(|step| *step != "accepted").chain([off]).collect(),
            None => WAY.into(),
        };
        plain::progress(self.guest, self.clerk, &self.record, &way)
    }

    /// The numbers that matter first.
    fn figures(&self) -> Result<Vec<Stat>, Trouble> {
        let purses: Vec<Purse> = read(&self.record.state, "purses")?;
        let paid: Money = purses.iter().map(|purse| purse.paid).sum();
        let stat = |value: String, key: &str, href: &str| Stat {
            value,
            label: self.guest.say(key, &json!({})),
            href: href.into(),
            ..Stat::default()
        };
        let inside = |href: &'static str| if self.is_inside { href } else { "" };
        let mut figures =
            vec![stat(self.guest.money(self.opening.public_money), "project-agreed", inside("#money"))];
        if self.is_inside {
            figures.push(stat(self.guest.money(paid), "project-paid", "#money"));
        } else {
            let total = self.opening.public_money + self.opening.own_money;
            figures.push(stat(self.guest.money(total), "project-total", ""));
        }
        let units = 1 + self.opening.partners.len();
        figures.push(stat(units.to_string(), "project-units", "#partners"));
        figures.extend(self.dates.ends.map(|day| stat(self.guest.day(day), "project-ends", "")));
        Ok(figures)
    }

    fn milestones(&self) -> Result<Markup, Trouble> {
        let notches: Vec<Notch> = read(&self.record.state, "notches")?;
        let Some(plan) = &self.plan else {
            return Ok(parts::empty(&Empty {
                title: self.word("project-no-plan").into(),
                ..Empty::default()
            }));
        };
        let today = self.guest.house.registry.now().day();
        let state = |notch: Option<&Notch>| {
            let (tone, key) = match notch {
                None => (Tone::Plain, "project-not-begun"),
                Some(notch) => match (notch.passed, notch.delivered) {
                    (Some(true), _) => (Tone::Good, "project-passed"),
                    (Some(false), _) => (Tone::Bad, "project-failed"),
                    (None, Some(_)) => (Tone::Info, "project-judging"),
                    (None, None) if notch.due < today => (Tone::Bad, "project-late"),
                    (None, None) => (Tone::Plain, "project-open"),
                },
            };
            parts::badge(tone, self.word(key))
        };
        let share = |percent: i64| self.opening.public_money.times(percent, 100).unwrap_or(Money::ZERO);
        let row = |(milestone, place): (&desks::project::Milestone, usize)| {
            let notch = notches.get(place);
            let due = notch.map_or_else(
                || self.guest.say("project-month", &json!({ "month": milestone.month.get() })),
                |notch| self.guest.day(notch.due),
            );
            Row::new(vec![
                html! { (place + 1) (self.guest.pick("．", ". ")) (&*milestone.title) div.note { (&*milestone.evidence_wanted) } },
                html! { (due) },
                html! { (state(notch)) },
                html! { (self.guest.money(share(milestone.percent.get()))) div.note { (milestone.percent.get()) "%" } },
            ])
        };
        Ok(parts::table(&Table {
            id: "milestones-table".into(),
            caption: self.word("project-milestones-caption").into(),
            columns: vec![
                Column::new(self.word("project-milestone")),
                Column::new(self.word("project-by")),
                Column::new(self.word("status")),
                Column::end(self.word("project-pays")),
            ],
            rows: plan.milestones.iter().zip(0..).map(row).collect(),
            ..Table::default()
        }))
    }

    /// Agreed, set aside, paid and left, by the province that pays.
    fn money(&self) -> Result<Markup, Trouble> {
        let purses: Vec<Purse> = read(&self.record.state, "purses")?;
        let mut by: BTreeMap<Region, [Money; 4]> = BTreeMap::new();
        let none = [Money::ZERO; 4];
        let mut add = |region: Region, place: usize, money: Money| {
            if let Some(sum) = by.entry(region.province()).or_insert(none).get_mut(place) {
                *sum += money;
            }
        };
        match &self.plan {
            Some(plan) => {
                plan.packages.iter().for_each(|package| add(package.region, 0, package.public_money))
            }
            None => self.opening.by_region.iter().for_each(|payer| add(payer.region, 0, payer.money)),
        }
        for purse in &purses {
            add(purse.region, 1, purse.received);
            add(purse.region, 2, purse.paid);
            add(purse.region, 3, purse.left());
        }
        let cells = |sums: [Money; 4]| sums.map(|money| html! { (self.guest.money(money)) });
        let row = |(region, sums): (&Region, &[Money; 4])| {
            let name = html! { (self.guest.pick(region.zh(), region.en())) };
            Row::new(std::iter::once(name).chain(cells(*sums)).collect())
        };
        let mut rows: Vec<Row> = by.iter().map(row).collect();
        let all = by.values().fold(none, |mut all, sums| {
            all.iter_mut().zip(sums).for_each(|(all, own)| *all += *own);
            all
        });
        let sum = std::iter::once(html! { (self.word("sum")) }).chain(cells(all)).collect();
        rows.push(Row { cells: sum, strong: true });
        let columns = ["project-agreed-short", "project-set-aside", "project-paid-short", "project-left"];
        let columns = columns.map(|key| Column::end(self.word(key)));
        let own = json!({ "money": self.opening.own_money });
        Ok(html! {
            (parts::table(&Table {
                id: "money-table".into(),
                caption: self.word("project-money-caption").into(),
                columns: std::iter::once(Column::new(self.word("project-payer"))).chain(columns).collect(),
                rows,
                scrolls: true,
                ..Table::default()
            }))
            p.note { (self.guest.say("project-own-money", &own)) }
        })
    }

    fn partners(&self) -> Result<Markup, Trouble> {
        let lead = (self.opening.lead.id(), self.opening.lead_region, self.word("project-leads").to_owned());
        let others = self.opening.partners.iter();
        let others =
            others.map(|partner| (partner.organisation.id(), partner.region, partner.role.to_string()));
        let units: Vec<(Id, Region, String)> = std::iter::once(lead).chain(others).collect();
        let ids: Vec<Id> = units.iter().map(|(id, ..)| *id).collect();
        let cards = self.guest.look.cards(&ids)?;
        let point = |unit: &registry::Listed| {
            let (latitude, longitude) = unit.card.place?;
            let title = self.guest.pick(&unit.card.title_zh, &unit.card.title_en).to_owned();
            let colour = if unit.id == self.opening.lead.id() { 2 } else { 1 };
            Some(Point {
                latitude,
                longitude,
                title,
                href: format!("/organisation/{}", unit.id),
                colour,
                count: 1,
            })
        };
        let points: Vec<Point> = cards.iter().filter_map(point).collect();
        let money = |unit: Id| {
            let packages = self.plan.iter().flat_map(|plan| plan.packages.iter());
            packages
                .filter(|package| package.organisation.id() == unit)
                .map(|package| package.public_money)
                .sum()
        };
        let row = |(unit, region, role): &(Id, Region, String)| {
            let mut cells =
                vec![self.guest.link(*unit), html! { (self.guest.region(*region)) }, html! { (role) }];
            if self.plan.is_some() {
                cells.push(html! { (self.guest.money(money(*unit))) });
            }
            Row::new(cells)
        };
        let mut columns =
            ["organisation-one", "region", "project-role"].map(|key| Column::new(self.word(key))).to_vec();
        if self.plan.is_some() {
            columns.push(Column::end(self.word("project-public-money")));
        }
        Ok(html! {
            (self.map(points))
            (parts::table(&Table {
                id: "partners-table".into(),
                caption: self.word("project-partners-caption").into(),
                columns,
                rows: units.iter().map(row).collect(),
                ..Table::default()
            }))
        })
    }

    fn map(&self, points: Vec<Point>) -> Markup {
        let bounds = Bounds::around(points.iter().map(|point| (point.latitude, point.longitude)));
        let Some(bounds) = bounds else { return html! {} };
        parts::map(&parts::Map {
            id: "partners-map".into(),
            title: self.word("project-map").into(),
            bounds,
            points,
            legend: vec![(2, self.word("project-leads").into()), (1, self.word("project-joins").into())],
            behind: Behind::default(),
            ..parts::Map::default()
        })
    }

    fn changes(&self) -> Result<Option<Markup>, Trouble> {
        let asked: Vec<Asked> = read(&self.record.state, "asked")?;
        if asked.is_empty() {
            return Ok(None);
        }
        let words = self.clerk.words(self.guest.locale);
        let row = |asked: &Asked| {
            let (tone, key) = match asked.granted {
                Some(true) => (Tone::Good, "project-granted"),
                Some(false) => (Tone::Bad, "project-denied"),
                None => (Tone::Warn, "project-waits"),
            };
            let kind = json!(asked.change.kind);
            Row::new(vec![
                html! { (self.guest.day(asked.on)) },
                html! { (words.get("choice", kind.as_str().unwrap_or(""))) div.note { (&*asked.change.reason) } },
                parts::badge(tone, self.word(key)),
            ])
        };
        let columns = ["project-on", "project-change", "status"].map(|key| Column::new(self.word(key)));
        Ok(Some(parts::table(&Table {
            id: "changes-table".into(),
            caption: self.word("project-changes-caption").into(),
            columns: columns.into(),
            rows: asked.iter().rev().take(SHOWN).map(row).collect(),
            ..Table::default()
        })))
    }

    /// What of the state is there, as facts.
    fn facts_of(&self, state: &Value, names: &[&str]) -> Option<Markup> {
        let pick = |name: &&str| Some(((*name).to_owned(), state.get(name).cloned()?));
        let kept: Map<String, Value> = names.iter().filter_map(pick).collect();
        let facts = plain::values(self.guest, self.clerk, &kept.into());
        (!facts.is_empty()).then(|| parts::facts(&facts))
    }

    fn acceptance(&self) -> Option<Markup> {
        let names =
            ["midterm", "user_says", "acceptance_asked", "diligence", "ended", "finding", "tried", "remark"];
        self.facts_of(&self.record.state, &names)
    }

    fn task_book(&self) -> Option<Markup> {
        let plan = self.record.state.get("plan").filter(|plan| plan.is_object())?;
        self.facts_of(plan, &["goals", "indicators", "mode", "budget", "agreement"])
    }
}
