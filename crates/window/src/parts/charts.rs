//! Charts: bars and funnels as lists with drawn bars, so that the words stay text; each with its table behind.

use maud::{Markup, html};

use super::{Align, Column, Link, Row, Table, some, table};

/// The table behind a chart: what opens it, and its columns (name first, value second).
#[derive(Clone, Debug, Default)]
pub struct Behind {
    pub summary: String,
    pub columns: Vec<String>,
}

/// One bar. `value` decides its length, `text` is what people read; `href` leads to the records behind it.
#[derive(Clone, Debug, Default)]
pub struct Bar {
    pub label: String,
    pub value: f64,
    pub text: String,
    pub href: String,
    /// A colour from 1 to 5.
    pub colour: u8,
}

/// Horizontal bars from zero.
#[derive(Clone, Debug, Default)]
pub struct BarChart {
    /// Unique in the page.
    pub id: String,
    pub title: String,
    /// What is counted, when, in which unit.
    pub note: String,
    pub bars: Vec<Bar>,
    pub behind: Behind,
    pub source: String,
}

#[must_use]
pub fn bars(chart: &BarChart) -> Markup {
    let most = chart.bars.iter().map(|bar| finite(bar.value)).fold(0.0, f64::max);
    html! {
        figure.chart {
            figcaption { (chart.title) @if let Some(note) = some(&chart.note) { small { (note) } } }
            ol.bars {
                @for bar in &chart.bars {
                    li {
                        (name(&bar.label, &bar.href))
                        svg viewBox="0 0 1000 10" preserveAspectRatio="none" aria-hidden="true" focusable="false" {
                            rect.line y="9.4" width="1000" height=".6" {}
                            rect class={ "f" (bar.colour.clamp(1, 5)) } width=(part(bar.value, most)) height="10" {}
                        }
                        span { (bar.text) }
                    }
                }
            }
            @let rows = chart.bars.iter().map(|bar| vec![bar.label.clone(), bar.text.clone()]).collect();
            (behind(&chart.id, &chart.title, &chart.behind, rows))
            @if let Some(source) = some(&chart.source) { p.source { (source) } }
        }
    }
}

/// One stage of a funnel. `share` says what part of the stage before came so far; empty for the first.
#[derive(Clone, Debug, Default)]
pub struct Stage {
    pub label: String,
    pub value: f64,
    pub text: String,
    pub share: String,
    pub href: String,
}

/// How many go how far.
#[derive(Clone, Debug, Default)]
pub struct Funnel {
    /// Unique in the page.
    pub id: String,
    pub title: String,
    pub note: String,
    pub stages: Vec<Stage>,
    /// Three columns: stage, number, share.
    pub behind: Behind,
    pub source: String,
}

#[must_use]
pub fn funnel(funnel: &Funnel) -> Markup {
    let most = funnel.stages.iter().map(|stage| finite(stage.value)).fold(0.0, f64::max);
    html! {
        figure.chart {
            figcaption { (funnel.title) @if let Some(note) = some(&funnel.note) { small { (note) } } }
            ol.bars.stages {
                @for stage in &funnel.stages {
                    @let width = part(stage.value, most);
                    li {
                        (name(&stage.label, &stage.href))
                        svg viewBox="0 0 1000 10" preserveAspectRatio="none" aria-hidden="true" focusable="false" {
                            rect.line y="4.7" width="1000" height=".6" {}
                            rect.f1 x=((1000 - width) / 2) width=(width) height="10" {}
                        }
                        span { (stage.text) @if let Some(share) = some(&stage.share) { small { (share) } } }
                    }
                }
            }
            @let rows = funnel.stages.iter().map(|s| vec![s.label.clone(), s.text.clone(), s.share.clone()]).collect();
            (behind(&funnel.id, &funnel.title, &funnel.behind, rows))
            @if let Some(source) = some(&funnel.source) { p.source { (source) } }
        }
    }
}

fn name(label: &str, href: &str) -> Markup {
    html! {
        @if href.is_empty() { span { (label) } } @else { (Link::new(href, label).show()) }
    }
}

fn finite(value: f64) -> f64 {
    if value.is_finite() { value.max(0.0) } else { 0.0 }
}

/// The part of the longest bar, in thousandths; at least two for anything that is not nothing.
fn part(value: f64, most: f64) -> u32 {
    let value = finite(value);
    if most <= 0.0 || value <= 0.0 {
        return 0;
    }
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "between 0 and 1000")]
    let part = (value / most * 1000.0).round() as u32;
    part.clamp(2, 1000)
}

/// The table behind a chart; the first column names, the others are figures.
pub(super) fn behind(id: &str, caption: &str, words: &Behind, rows: Vec<Vec<String>>) -> Markup {
    let column = |(place, label): (usize, &String)| Column {
        align: if place == 0 { Align::Start } else { Align::End },
        ..Column::new(label)
    };
    let cells = |row: Vec<String>| Row::new(row.into_iter().map(|text| html! { (text) }).collect());
    html! {
        @if !words.columns.is_empty() && !rows.is_empty() {
            details.behind {
                summary { (words.summary) }
                (table(&Table {
                    id: format!("{id}-behind"),
                    caption: caption.to_owned(),
                    columns: words.columns.iter().enumerate().map(column).collect(),
                    rows: rows.into_iter().map(cells).collect(),
                    scrolls: true,
                    ..Table::default()
                }))
            }
        }
    }
}
