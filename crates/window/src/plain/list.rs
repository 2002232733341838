//! The list of a desk: search, facets, order, pages, and what one can begin here.

use std::collections::BTreeSet;

use grammar::{
    card::Card,
    clerk::Clerk,
    kinds::{Id, Region},
    words::Locale,
};
use maud::{Markup, html};
use registry::{Filter, Listed, Page, Sort};
use serde_json::json;

use super::who::who;
use crate::{
    guest::Guest,
    parts::{self, Align, Cell, Column, Empty, FacetChoice, FacetGroup, Facets, Link, Pager, Row, Table},
    ways::Answer,
};

const PAGE_ROWS: u32 = 50;
/// Parties named beside a title, and how many are looked at for them.
const NAMED: usize = 2;
const LOOKED_AT: usize = 6;

/// The filter a visit asks for.
#[must_use]
pub fn found_in(guest: &Guest, clerk: &dyn Clerk, limit: u32) -> Filter {
    let asked = |name: &str| guest.visit.asked(name).map(str::to_owned);
    let by_title = if guest.locale == Locale::Zh { Sort::TitleZh } else { Sort::TitleEn };
    Filter {
        desk: clerk.name().into(),
        words: asked("q").unwrap_or_default(),
        status: asked("status"),
        kind: asked("kind"),
        field: asked("field"),
        region: guest.visit.asked("region").and_then(|code| code.parse().ok()),
        party: guest.visit.asked("party").and_then(|id| id.parse().ok()),
        is_mine: guest.visit.asked("mine") == Some("yes"),
        part: None,
        sort: if guest.visit.asked("sort") == Some("title") { by_title } else { Sort::Newest },
        after: asked("after"),
        limit,
    }
}

/// The page of a list.
///
/// # Errors
/// When the store cannot be read.
pub fn list(guest: &Guest, clerk: &dyn Clerk) -> Answer {
    let words = clerk.words(guest.locale);
    let filter = found_in(guest, clerk, PAGE_ROWS);
    let page = guest.look.list(&filter)?;
    let title = guest.desk_word(clerk.name(), "desk", "many");
    let heading = parts::heading(&parts::Heading {
        title: title.clone(),
        lead: words.find("desk", "about").unwrap_or("").into(),
        ..Default::default()
    });
    let main = html! {
        (heading)
        (openings(guest, clerk))
        form.search role="search" method="get" {
            label.unseen for="list-q" { (guest.word("list-search")) }
            input #list-q type="search" name="q" value=(filter.words) maxlength="200" placeholder=(guest.word("list-search"));
            button type="submit" { (guest.word("find-button")) }
        }
        div.with-facets {
            (facets(guest, clerk, &page))
            div {
                (table(guest, clerk, &page))
                (pager(guest, &filter, &page))
                p.note {
                    (guest.word("take-along")) " "
                    a href=(guest.visit.with("", "").replacen(&guest.visit.path, &format!("/{}/export.xlsx", clerk.name()), 1)) { "Excel" } " · "
                    a href=(guest.visit.with("", "").replacen(&guest.visit.path, &format!("/{}/export.csv", clerk.name()), 1)) { "CSV" } " · "
                    a href={ "/api/v1/" (clerk.name()) } { "JSON" }
                }
            }
        }
    };
    Ok(guest.page(&title, vec![], main))
}

/// What this guest can begin at the desk: by form, or from a sheet.
fn openings(guest: &Guest, clerk: &dyn Clerk) -> Markup {
    let mut links = Vec::new();
    for verb in clerk.opens() {
        let Some(form) = clerk.verb(verb) else { continue };
        if who(guest, clerk, form)
            .is_some_and(|who| who.is_for_people() && who.might_allow(&guest.look.viewer))
        {
            let label = clerk.words(guest.locale).get("verb", verb).to_owned();
            links.push((
                format!("/{}/new/{verb}", clerk.name()),
                label,
                format!("/{}/import/{verb}", clerk.name()),
            ));
        }
    }
    html! {
        @if !links.is_empty() {
            div.row {
                @for (href, label, import) in links {
                    a.button.main href=(href) { (label) }
                    a.button href=(import) { (guest.word("import")) }
                }
            }
        }
    }
}

fn facets(guest: &Guest, clerk: &dyn Clerk, page: &Page) -> Markup {
    let words = clerk.words(guest.locale);
    let mut groups = Vec::new();
    for (name, counts) in page.facets.iter().filter(|(_, counts)| !counts.is_empty()) {
        let parameter = if *name == "province" { "region" } else { name };
        let chosen = guest.visit.asked(parameter);
        let label = |value: &str| match *name {
            "province" => value
                .parse::<Region>()
                .map_or(value.to_owned(), |region| guest.pick(region.zh(), region.en()).to_owned()),
            "status" => words.get("status", value).to_owned(),
            _ => words.get("choice", value).to_owned(),
        };
        let choices = counts.iter().map(|(value, count)| {
            let is_chosen = chosen == Some(value.as_str());
            let href = guest.visit.with(parameter, if is_chosen { "" } else { value });
            FacetChoice { label: label(value), count: *count, href, chosen: is_chosen }
        });
        groups
            .push(FacetGroup { title: guest.word(facet_word(name)).to_owned(), choices: choices.collect() });
    }
    let is_chosen = !guest.visit.query.is_empty();
    let clear = is_chosen.then(|| Link::new(guest.visit.path.clone(), guest.word("clear")));
    parts::facets(&Facets { title: guest.word("narrow").into(), groups, clear })
}

fn facet_word(name: &str) -> &'static str {
    match name {
        "status" => "status",
        "kind" => "kind",
        "field" => "field",
        _ => "region",
    }
}

fn table(guest: &Guest, clerk: &dyn Clerk, page: &Page) -> Markup {
    let has_amounts = page.rows.iter().any(|listed| listed.card.amount.is_some());
    let rows: Vec<Row> = page.rows.iter().map(|listed| row(guest, clerk, listed, has_amounts)).collect();
    let mut columns: Vec<Column> =
        ["title", "amount", "status", "region", "changed"].map(|key| Column::new(guest.word(key))).into();
    if has_amounts {
        columns.iter_mut().skip(1).take(1).for_each(|column| column.align = Align::End);
    } else {
        columns.remove(1);
    }
    let empty = Empty {
        title: guest.word("nothing-here").into(),
        text: guest.word("nothing-here-text").into(),
        links: vec![Link::new(guest.visit.path.clone(), guest.word("clear"))],
    };
    parts::table(&Table {
        id: "list".into(),
        caption: guest.desk_word(clerk.name(), "desk", "many"),
        columns,
        rows,
        scrolls: false,
        empty,
    })
}

fn row(guest: &Guest, clerk: &dyn Clerk, listed: &Listed, has_amounts: bool) -> Row {
    let card = &listed.card;
    let title = guest.pick(&card.title_zh, &card.title_en);
    let beside = beside(guest, clerk, card);
    let mut cells: Vec<Cell> = vec![html! {
        a href={ "/" (clerk.name()) "/" (listed.id) } { (if title.is_empty() { listed.id.as_str() } else { title }) } " "
        @if listed.is_demo { (guest.demo_badge()) }
        @if !beside.is_empty() { small.beside { (beside.join(" · ")) } }
    }];
    if has_amounts {
        cells.push(html! { @if let Some(amount) = card.amount { (guest.money(amount)) } });
    }
    cells.extend([
        guest.status_badge(clerk.name(), &card.status),
        html! { (card.region.map_or(String::new(), |region| guest.region(region))) },
        html! { (parts::moment(&listed.changed.to_string(), &guest.day(listed.changed.day()))) },
    ]);
    Row::new(cells)
}

/// What tells records of one title from each other: kind and field, who has a part in it, when.
fn beside(guest: &Guest, clerk: &dyn Clerk, card: &Card) -> Vec<String> {
    let words = clerk.words(guest.locale);
    let kinds = card.facets.get("kind").into_iter().chain(&card.field);
    let mut all: Vec<String> = kinds.map(|key| words.get("choice", key).to_owned()).collect();
    let viewer = &guest.look.viewer;
    let others = card.parties.iter().filter(|(part, who)| part != "itself" && !viewer.is(*who));
    let mut others: Vec<Id> = others
        .map(|(_, who)| *who)
        .filter(|who| ["organisation", "person"].contains(&who.desk()))
        .take(LOOKED_AT)
        .collect();
    let mut seen = BTreeSet::new();
    others.retain(|who| seen.insert(*who));
    // Whoever is not known to this guest is not named.
    let names = others.into_iter().filter_map(|who| guest.look.title(who)).take(NAMED);
    all.extend(names.map(|(_, zh, en)| guest.pick(&zh, &en).to_owned()));
    all.extend(match (card.from, card.until) {
        (Some(from), Some(until)) if from == until => Some(guest.day(from)),
        (Some(from), Some(until)) => Some(format!("{} – {}", guest.day(from), guest.day(until))),
        (Some(from), None) => Some(guest.say("from-day", &json!({ "from": from }))),
        (None, Some(until)) => Some(guest.say("until-day", &json!({ "until": until }))),
        (None, None) => None,
    });
    all
}

fn pager(guest: &Guest, filter: &Filter, page: &Page) -> Markup {
    let next = page.next.as_ref().map(|after| {
        let mut query = guest.visit.query.clone();
        query.insert("after".into(), after.clone());
        Link::new(crate::visit::address(&guest.visit.path, &query), guest.word("next"))
    });
    let first = filter.after.as_ref().map(|_| Link::new(guest.visit.with("", ""), guest.word("first-page")));
    let total = guest.say("total", &json!({ "total": page.total, "shown": page.rows.len() }));
    parts::pager(&Pager { label: guest.word("pages").into(), previous: first, next, total })
}
