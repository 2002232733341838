//! Front: one box, the region in figures that lead to their records, a map, and the latest public facts.

use maud::{Markup, html};
use registry::Filter;
use serde_json::json;

use super::find::OFFERS;
use crate::{
    guest::Guest,
    parts::{self, Bar, BarChart, Behind, Bounds, Hero, Link, Map, Point, Section, Stat, TimelineItem, Tone},
    ways::Answer,
};

/// The Yangtze River Delta: south, west, north, east.
const FRAME: (f64, f64, f64, f64) = (27.0, 114.5, 35.5, 123.5);
/// Facts shown.
const LATEST: usize = 8;
/// Digits of a hash, and those shown of it.
const HASH: usize = 64;
const HASH_SHOWN: usize = 8;
/// The reply letter's figures, in its own words.
const LETTER: &str = include_str!("../../../../demo/letter-figures.tsv");

/// The front page.
///
/// # Errors
/// When the store cannot be read.
pub fn front(guest: &Guest) -> Answer {
    let hero = Hero {
        title: guest.word("front-title").into(),
        lead: guest.word("front-lead").into(),
        search: guest.search(""),
        examples_label: guest.word("examples").into(),
        examples: ["example-1", "example-2", "example-3"]
            .map(|key| {
                Link::new(format!("/find?q={}", crate::visit::escape(guest.word(key))), guest.word(key))
            })
            .into(),
    };
    let section = |id: &str, title: &str, beside: Markup, body: Markup| {
        parts::section(&Section { id: id.into(), title: title.into(), beside, body })
    };
    let main = html! {
        (parts::hero(&hero))
        (parts::stats(&figures(guest)?))
        p { a.button href="/funnel" { (guest.word("funnel")) } " " span.note { (guest.word("funnel-short")) } }
        div.halves {
            (section("map", guest.word("map-title"), html! { a href="/organisation" { (guest.word("all-organisations")) } }, map(guest)?))
            (section("latest", guest.word("latest"), html! { a href="/proof" { (guest.word("how-proved")) } }, latest(guest)?))
        }
        (section("month", guest.word("month"), html! {}, month(guest)?))
        @if guest.house.registry.settings().is_demo {
            (parts::section(&Section { id: "letter".into(), title: guest.word("letter").into(), beside: html! {}, body: letter(guest) }))
        }
    };
    Ok(guest.page(guest.word("product"), vec![], main))
}

/// How many records each desk has that this guest may know of.
fn figures(guest: &Guest) -> Result<Vec<Stat>, crate::denied::Trouble> {
    let mut figures = Vec::new();
    for desk in ["need"].iter().chain(&OFFERS).chain(&["notice"]) {
        let count = guest.look.count(&Filter { desk: (*desk).into(), ..Filter::default() })?;
        figures.push(Stat {
            value: count.to_string(),
            unit: String::new(),
            label: guest.desk_word(desk, "desk", "many"),
            href: format!("/{desk}"),
            source: String::new(),
        });
    }
    Ok(figures)
}

/// Organisations where they are; those of one place share a point.
fn map(guest: &Guest) -> Result<Markup, crate::denied::Trouble> {
    let point = |spot: &registry::Spot| Point {
        latitude: spot.latitude,
        longitude: spot.longitude,
        title: guest.region(spot.region),
        href: format!("/organisation?region={}", spot.region),
        colour: 1,
        count: spot.count,
    };
    let points: Vec<Point> = guest.look.spots("organisation", FRAME)?.iter().map(point).collect();
    let bounds = Bounds::around(points.iter().map(|point| (point.latitude, point.longitude)));
    let Some(bounds) = bounds else { return Ok(html! { p.note { (guest.word("map-empty")) } }) };
    Ok(parts::map(&Map {
        id: "region".into(),
        title: guest.word("map-figure").into(),
        note: guest.word("map-note").into(),
        bounds,
        points,
        outlines: vec![],
        legend: vec![],
        behind: Behind {
            summary: guest.word("as-table").into(),
            columns: vec![guest.word("place").into(), guest.word("count").into()],
        },
        source: guest.word("map-source").into(),
    }))
}

/// The latest public facts, each with its proof.
fn latest(guest: &Guest) -> Result<Markup, crate::denied::Trouble> {
    let mut items = Vec::new();
    for (listed, line) in guest.look.latest(LATEST)? {
        let Some(clerk) = guest.desk(&listed.desk) else { continue };
        let code = line.event.get("event").and_then(|event| event.as_str()).unwrap_or("");
        let sentence = clerk.words(guest.locale).sentence("event", code, &line.event, &|id| guest.name(id));
        items.push(TimelineItem {
            machine: line.at.to_string(),
            when: guest.moment(line.at),
            who: guest.desk_word(&listed.desk, "desk", "one"),
            sentence: html! {
                a href={ "/" (listed.desk) "/" (listed.id) } { (guest.pick(&listed.card.title_zh, &listed.card.title_en)) }
                (guest.pick("：", ": ")) (without_hashes(&sentence)) " "
                @if listed.is_demo { (guest.demo_badge()) }
            },
            tone: Tone::Plain,
            proof: Some(Link::new(format!("/proof/{}", line.position), guest.word("proof"))),
            hash: String::new(),
        });
    }
    Ok(parts::timeline(&items))
}

/// A sentence in which a hash is only begun: the whole stands with its record.
fn without_hashes(sentence: &str) -> String {
    let is_other = |sign: char| !sign.is_ascii_hexdigit();
    let shorter = |part: &str| {
        let hash = part.trim_end_matches(is_other);
        match (part.get(..HASH_SHOWN), part.get(hash.len()..)) {
            (Some(begun), Some(behind)) if hash.len() >= HASH => format!("{begun}…{behind}"),
            _ => part.to_owned(),
        }
    };
    sentence.split_inclusive(is_other).map(shorter).collect()
}

/// Public facts of this month by desk; each bar leads to the desk's records.
fn month(guest: &Guest) -> Result<Markup, crate::denied::Trouble> {
    let day = guest.house.registry.now().day();
    let key = format!("{:04}-{:02}", day.year(), day.month());
    let sheet = guest.look.sheet::<registry::Months>(&key)?;
    let mut counts: Vec<(String, u64)> = sheet.into_iter().collect();
    counts.sort_by(|a, b| b.1.cmp(&a.1).then(a.0.cmp(&b.0)));
    let bar = |(desk, count): &(String, u64)| Bar {
        label: guest.desk_word(desk, "desk", "many"),
        #[expect(clippy::cast_precision_loss, reason = "a count far below 2^53")]
        value: *count as f64,
        text: count.to_string(),
        href: format!("/{desk}"),
        colour: 1,
    };
    Ok(parts::bars(&BarChart {
        id: "month-bars".into(),
        title: guest.word("month-figure").into(),
        note: key,
        bars: counts.iter().map(bar).collect(),
        behind: Behind {
            summary: guest.word("as-table").into(),
            columns: vec![guest.word("kind").into(), guest.word("count").into()],
        },
        source: guest.word("month-source").into(),
    }))
}

/// The published figures of the reply letter, never computed here.
fn letter(guest: &Guest) -> Markup {
    let rows = LETTER.lines().skip(1).map(|line| line.split('\t').collect::<Vec<_>>());
    html! {
        p.note { (guest.word("letter-note")) }
        details.article {
            summary { (guest.word("letter-open")) }
            ul {
                @for row in rows {
                    @if let [_, label, value, unit, year, _, quote] = row.as_slice() {
                        li lang="zh-CN" { b { (label) } " " (value) (unit) @if !year.is_empty() { "（" (year) "）" } " — " q { (quote) } }
                    }
                }
            }
        }
        (log_size(guest))
    }
}

/// How long the public log is.
fn log_size(guest: &Guest) -> Markup {
    let size = guest.house.registry.size();
    html! { p.note { (guest.say("log-size", &json!({ "size": size }))) } }
}

#[cfg(test)]
mod tests {
    use super::without_hashes;

    #[test]
    fn only_hashes_are_cut_short() {
        let hash = "5366abe1d9c5825a73030bacd03ecf7a326716ce5fd7d319662a8760c68b8a28";
        let said = |with: &str| format!("发起，种子承诺 {with}，共 1234567890 项 face");
        assert_eq!(without_hashes(&said(hash)), said("5366abe1…"));
        assert_eq!(without_hashes(hash), "5366abe1…");
        assert_eq!(without_hashes(&said("5366abe1d9c5")), said("5366abe1d9c5"));
        assert_eq!(without_hashes(""), "");
    }
}
