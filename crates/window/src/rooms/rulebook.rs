//! Rulebook: every rule with value, article, days, region and how sure we are; and who may do what.

use grammar::rules::Version;
use maud::{Markup, html};
use serde_json::json;

use crate::{
    denied::who_sentence,
    guest::Guest,
    parts::{self, Column, Empty, Link, Row, RuleCard, Section, Table},
    plain,
    ways::Answer,
};

/// The rulebook.
///
/// # Errors
/// When the store cannot be read.
pub fn rulebook(guest: &Guest) -> Answer {
    let rules = guest.house.registry.rules();
    let asked = guest.visit.asked("q").unwrap_or("").to_lowercase();
    let fits = |version: &&Version| {
        let text =
            format!("{} {} {} {} {}", version.id, version.zh, version.en, version.source, version.article);
        asked.is_empty() || text.to_lowercase().contains(&asked)
    };
    let mut by_desk: std::collections::BTreeMap<&str, Vec<&Version>> = std::collections::BTreeMap::new();
    for version in rules.all().filter(fits) {
        by_desk.entry(&version.desk).or_default().push(version);
    }
    let main = html! {
        (parts::heading(&parts::Heading { title: guest.word("rulebook").into(), lead: guest.word("rulebook-lead").into(), ..Default::default() }))
        form.search role="search" method="get" {
            label.unseen for="rule-q" { (guest.word("rule-search")) }
            input #rule-q type="search" name="q" value=(asked) maxlength="100" placeholder=(guest.word("rule-search"));
            button type="submit" { (guest.word("find-button")) }
        }
        p.row {
            a.button href="/rulebook/changes" { (guest.word("rule-changes")) }
            @if guest.look.viewer.offices.iter().any(|(office, _)| office == "rule-maker") {
                a.button.main href="/rulebook/new/propose" { (guest.desk_word("rulebook", "verb", "propose")) }
            }
        }
        @for (desk, versions) in &by_desk {
            (parts::section(&Section {
                id: format!("desk-{desk}"),
                title: guest.desk_word(desk, "desk", "many"),
                beside: html! {},
                body: html! {
                    @for (place, version) in versions.iter().enumerate() {
                        // The first version bears the rule's own name; links lead to it.
                        @let again = versions.iter().take(place).filter(|other| other.id == version.id).count();
                        (card(guest, version, again))
                    }
                },
            }))
        }
    };
    Ok(guest.page(guest.word("rulebook"), vec![], main))
}

fn card(guest: &Guest, version: &Version, again: usize) -> Markup {
    let until =
        version.until.map_or(String::new(), |until| guest.say("until-day", &json!({ "until": until })));
    let region = if version.region.number() == 0 { String::new() } else { guest.region(version.region) };
    let dates = [guest.say("in-force-from", &json!({ "from": version.from })), until, region];
    let dates: Vec<String> = dates.into_iter().filter(|text| !text.is_empty()).collect();
    parts::rule_card(&RuleCard {
        id: version.id.clone(),
        anchor: if again == 0 { version.id.clone() } else { format!("{}-{}", version.id, again + 1) },
        title: guest.pick(&version.zh, &version.en).into(),
        value: value(guest, &version.value),
        unit: String::new(),
        confidence: guest.confidence(version),
        dates: dates.join(guest.pick("；", "; ")),
        article: format!("{} {}", guest.source(&version.source), version.article),
        used_label: guest.word("used-by").into(),
        used: vec![Link::new(format!("/{}", version.desk), guest.desk_word(&version.desk, "desk", "many"))],
        links: vec![],
    })
}

/// A rule's value as people read it.
fn value(guest: &Guest, value: &str) -> String {
    if value == "yes" {
        return guest.word("must").to_owned();
    }
    if let Some((days, unit)) = value.split_once(' ').filter(|(days, _)| days.parse::<u16>().is_ok()) {
        return format!("{days} {}", guest.find("unit", unit).unwrap_or(unit));
    }
    let words = value.split(',').map(|word| {
        let word = word.trim();
        let region = word.parse::<grammar::kinds::Region>().ok().filter(|_| word.len() == 6);
        region.map_or_else(|| worded(guest, word), |region| guest.pick(region.zh(), region.en()).to_owned())
    });
    words.collect::<Vec<_>>().join(guest.pick("、", ", "))
}

/// A choice in the words of the first desk that has it; of a pair, both.
fn worded(guest: &Guest, word: &str) -> String {
    if let Some((one, other)) = word.split_once('+') {
        return format!("{} + {}", worded(guest, one), worded(guest, other));
    }
    let mut desks = guest.house.registry.desks().iter();
    let found = desks.find_map(|clerk| clerk.words(guest.locale).find("choice", word).map(str::to_owned));
    found.unwrap_or_else(|| word.to_owned())
}

/// All desks, with what can be asked and by whom.
///
/// # Errors
/// None of its own.
pub fn desks(guest: &Guest) -> Answer {
    let mut sections = Vec::new();
    for clerk in guest.house.registry.desks().iter() {
        let words = clerk.words(guest.locale);
        let rows = clerk.verbs().iter().filter_map(|verb| {
            let who = plain::who(guest, clerk, verb)?;
            let four_eyes = if who.needs_two() { guest.word("four-eyes") } else { "" };
            Some(Row::new(vec![
                html! { (words.get("verb", &verb.name)) " " code.soft { (verb.name) } },
                html! { (who_sentence(guest, &who.names())) },
                html! { (four_eyes) },
            ]))
        });
        let columns = ["action", "who", "second-eyes"].map(|key| Column::new(guest.word(key)));
        let table = Table {
            id: format!("charter-{}", clerk.name()),
            caption: words.headed("desk", "many"),
            columns: columns.into(),
            rows: rows.collect(),
            scrolls: false,
            empty: Empty::default(),
        };
        let body = html! { p.note { (words.find("desk", "about").unwrap_or("")) } (parts::table(&table)) };
        sections.push(Section {
            id: clerk.name().into(),
            title: words.headed("desk", "many"),
            beside: html! { a href={ "/" (clerk.name()) } { (guest.word("open")) } },
            body,
        });
    }
    let main = html! {
        (parts::heading(&parts::Heading { title: guest.word("desks").into(), lead: guest.word("desks-lead").into(), ..Default::default() }))
        @for section in &sections { (parts::section(section)) }
    };
    Ok(guest.page(guest.word("desks"), vec![], main))
}

/// How programs come in.
///
/// # Errors
/// None of its own.
pub fn api(guest: &Guest) -> Answer {
    let url = &guest.house.options.public_url;
    let main = html! {
        (parts::heading(&parts::Heading { title: guest.word("api").into(), lead: guest.word("api-lead").into(), ..Default::default() }))
        p { a.button.main href="/api/openapi.json" { "OpenAPI 3.1" } }
        p { (guest.word("api-token")) " " a href="/account" { (guest.word("account")) } }
        pre { "curl '" (url) "/api/v1/find?q=photoresist'\ncurl '" (url) "/api/v1/need'\ncurl -X POST -H 'Authorization: Bearer kc_…' -H 'Content-Type: application/json' \\\n  -d '{…}' '" (url) "/api/v1/need/draft'" }
    };
    Ok(guest.page(guest.word("api"), vec![], main))
}
