//! Compare: the solutions to a need side by side, held against its targets. Each stands here only for whom its own
//! desk shows it: its team, the need's owner once it is shortlisted, the offices, everyone once it is selected.

use desks::{
    need::{Indicator, Preference},
    solution::{Covered, Verdict},
};
use grammar::kinds::{Money, Region};
use maud::{Markup, html};
use registry::{Broken, Record};
use serde_json::json;

use crate::{
    guest::Guest,
    parts::{self, Column, Link, Row, Section, Table, Tone},
};

/// Solutions and targets in one table.
const SOLUTIONS_SHOWN: usize = 20;
const TARGETS_SHOWN: usize = 8;
/// From the shortlist to the choice.
const LISTED: [&str; 2] = ["shortlisted", "negotiated"];

/// The part of a need's page; nothing where there is nothing this guest may see.
///
/// # Errors
/// When the store cannot be read.
pub fn compare(guest: &Guest, need: &Record) -> Result<Markup, Broken> {
    let mut solutions = guest.look.naming("solution", ("need", need.id))?;
    solutions.retain(|solution| !["draft", "withdrawn"].contains(&solution.card.status.as_str()));
    if solutions.is_empty() {
        return Ok(html! {});
    }
    let score = |solution: &Record| solution.card.read::<u32>("score");
    solutions.sort_by_key(|solution| {
        (solution.card.status != "selected", std::cmp::Reverse(score(solution)), solution.id)
    });
    let targets: Vec<Indicator> = need.card.read("indicators").unwrap_or_default();
    let promised = |solution: &Record| !coverage(solution).is_empty();
    let targets = if solutions.iter().any(promised) { targets } else { vec![] };
    let has_scores = solutions.iter().any(|solution| score(solution).is_some());
    let rows = solutions.iter().take(SOLUTIONS_SHOWN);
    let rows = rows.map(|solution| row(guest, solution, &targets, has_scores)).collect();
    let table = parts::table(&Table {
        id: "compare-table".into(),
        caption: guest.word("compare-caption").into(),
        columns: columns(guest, &targets, has_scores),
        rows,
        ..Table::default()
    });
    let count = solutions.len();
    let all = Link::new(format!("/solution?party={}", need.id), guest.word("see-all"));
    let body = html! {
        p.note {
            (guest.say("compare-note", &json!({ "count": count })))
            @if !targets.is_empty() { " " (guest.word("compare-how")) }
        }
        (table)
        @if targets.len() > TARGETS_SHOWN { p.note { (guest.say("compare-more-targets", &json!({ "count": targets.len() - TARGETS_SHOWN }))) } }
        @if count > SOLUTIONS_SHOWN { p.note { (guest.say("compare-more", &json!({ "count": count - SOLUTIONS_SHOWN }))) } }
        (preferred(guest, need))
        (prefer(guest, need, &solutions))
    };
    let title = guest.word("compare").into();
    Ok(parts::section(&Section { id: "compare".into(), title, beside: all.show(), body }))
}

/// Whom the owner would rather work with, for those who may read it.
fn preferred(guest: &Guest, need: &Record) -> Markup {
    let said: Option<Preference> =
        need.state.get("preferred").and_then(|said| serde_json::from_value(said.clone()).ok());
    let Some(said) = said else { return html! {} };
    html! {
        h3 { (guest.word("compare-preferred")) }
        ol { @for solution in said.solutions.iter() { li { (guest.link(*solution)) } } }
        p.prose { (said.reason) }
        p.note { (guest.day(said.on)) " · " (guest.word("compare-not-bound")) }
    }
}

/// For whoever signs for the owner, while the offices choose: one press says which one they would take. The plain form
/// takes several, in order.
fn prefer(guest: &Guest, need: &Record, solutions: &[Record]) -> Markup {
    let signs = need.card.holders("owner").any(|owner| guest.look.viewer.signs_for.contains(&owner));
    let is_listed = |solution: &&Record| LISTED.contains(&solution.card.status.as_str());
    let listed: Vec<&Record> = solutions.iter().filter(is_listed).take(SOLUTIONS_SHOWN).collect();
    if !signs || need.card.status != "reviewing" || listed.is_empty() {
        return html! {};
    }
    let action = format!("/need/{}/prefer", need.id);
    let field = |key: &str| guest.desk_word("need", "field", key);
    let verb = guest.desk_word("need", "verb", "prefer");
    html! {
        form.form method="post" action=(action) data-once {
            (parts::hidden(&guest.hidden()))
            fieldset.field aria-describedby="prefer-help" {
                legend { (guest.word("compare-prefer")) span.needed { (guest.word("needed")) } }
                p.help #prefer-help { (guest.word("compare-not-bound")) }
                div.choices { @for solution in &listed { label.choice {
                    input type="radio" name="solutions.1" value=(solution.id) required;
                    span { (guest.pick(&solution.card.title_zh, &solution.card.title_en)) }
                } } }
            }
            div.field {
                label for="prefer-reason" { (field("reason")) span.needed { (guest.word("needed")) } }
                textarea #prefer-reason name="reason" rows="3" maxlength="1000" required {}
            }
            div.row { button.main type="submit" { (verb) } a href=(action) { (guest.word("compare-prefer-more")) } }
        }
    }
}

fn coverage(solution: &Record) -> Vec<Covered> {
    solution.card.read("promises").unwrap_or_default()
}

fn columns(guest: &Guest, targets: &[Indicator], has_scores: bool) -> Vec<Column> {
    let target = |target: &Indicator| {
        let unit = target.unit.as_deref().unwrap_or("");
        Column::new(format!("{} {} {unit}", bilingual(guest, &target.name), target.threshold).trim_end())
    };
    let mut columns = vec![Column::new(guest.word("compare-solution"))];
    columns.extend(targets.iter().take(TARGETS_SHOWN).map(target));
    columns.push(Column::end(guest.word("compare-money")));
    columns.push(Column::new(guest.word("compare-provinces")));
    if has_scores {
        columns.push(Column::end(guest.word("compare-score")));
    }
    columns
}

/// `界面态密度 / Interface states`: the half in the reader's language, where a text has two.
fn bilingual<'t>(guest: &Guest, text: &'t str) -> &'t str {
    match text.split_once(" / ") {
        Some((zh, en)) if !zh.is_ascii() && en.is_ascii() => guest.pick(zh, en),
        _ => text,
    }
}

fn row(guest: &Guest, solution: &Record, targets: &[Indicator], has_scores: bool) -> Row {
    let card = &solution.card;
    let promises = coverage(solution);
    let lead = card.holders("lead").next();
    let mut cells = vec![html! {
        a href={ "/solution/" (solution.id) } { (guest.pick(&card.title_zh, &card.title_en)) }
        div.note { @if let Some(lead) = lead { (guest.link(lead)) " " } (guest.status_badge("solution", &card.status)) }
    }];
    for target in targets.iter().take(TARGETS_SHOWN) {
        cells.push(promise(guest, promises.iter().find(|own| own.indicator == target.name)));
    }
    let money = card.read::<Money>("public_money").or(card.amount);
    cells.push(html! { @if let Some(money) = money { (guest.money(money)) } @else { "–" } });
    let places: Vec<Region> = card.read("partner_regions").unwrap_or_default();
    let names: Vec<&str> = places.iter().map(|region| guest.pick(region.zh(), region.en())).collect();
    cells.push(html! { (names.join(guest.pick("、", ", "))) });
    if has_scores {
        cells.push(scored(guest, solution));
    }
    Row::new(cells)
}

fn promise(guest: &Guest, own: Option<&Covered>) -> Markup {
    let Some(own) = own else { return html! { span.soft { "–" } } };
    let (tone, key) = match own.verdict {
        Verdict::Met => (Tone::Good, "compare-met"),
        Verdict::Missed => (Tone::Bad, "compare-missed"),
        Verdict::Unclear => (Tone::Warn, "compare-unclear"),
        Verdict::Unanswered => (Tone::Plain, "compare-unanswered"),
    };
    html! {
        (parts::badge(tone, guest.word(key)))
        @if let Some(promised) = &own.promised { div.note { (&**promised) } }
    }
}

fn scored(guest: &Guest, solution: &Record) -> Markup {
    let Some(score) = solution.card.read::<u32>("score") else { return html! { span.soft { "–" } } };
    let rank = solution.card.read::<u32>("rank");
    html! {
        (score / 100) "." (format!("{:02}", score % 100))
        @if let Some(rank) = rank { div.note { (guest.say("compare-rank", &json!({ "rank": rank }))) } }
    }
}
