//! Find: one box; everything the region can put behind what someone needs, ranked, each with its reasons.

use engines::matching::{Reason, Why};
use grammar::{kinds::Region, words::Locale};
use maud::{Markup, html};
use registry::{Found, Hit, NeedText};
use serde_json::json;

use super::follow;
use crate::{
    guest::Guest,
    parts::{self, Empty, FacetChoice, FacetGroup, Facets, Fact, Link, Score},
    ways::Answer,
};

/// Results on one page.
const SHOWN: usize = 20;
/// What fits less than this part of the best is left out: an eighth.
const LEAST: f32 = 0.125;
/// The longest text that is searched for, in characters.
pub const WORDS_MAX: usize = 2_000;
/// Desks whose records are offered, in the order in which they are named.
pub const OFFERS: [&str; 4] = ["achievement", "laboratory", "instrument", "organisation"];

/// What a visit asks for.
fn asked(guest: &Guest) -> NeedText {
    let one = |name: &str| guest.visit.asked(name).map(str::to_owned);
    NeedText {
        title: one("q").unwrap_or_default().chars().take(WORDS_MAX).collect(),
        field: one("want-field"),
        region: one("near").and_then(|code| code.parse().ok()),
        trl: one("trl").and_then(|trl| trl.parse().ok()).filter(|trl| (1..=9).contains(trl)),
        kinds: one("kind").filter(|kind| OFFERS.contains(&kind.as_str())).into_iter().collect(),
        only_region: one("region").and_then(|code| code.parse().ok()),
        only_field: one("field"),
        ..NeedText::default()
    }
}

/// The find page.
///
/// # Errors
/// When the store cannot be read.
pub fn find(guest: &Guest) -> Answer {
    let need = asked(guest);
    let words = need.title.clone();
    if words.is_empty() {
        let main = html! {
            (parts::heading(&parts::Heading { title: guest.word("find").into(), lead: guest.word("find-lead").into(), ..Default::default() }))
            (parts::search(&guest.search("")))
        };
        return Ok(guest.page(guest.word("find"), vec![], main));
    }
    let found = guest.look.find(&need, SHOWN)?;
    follow::looked_at(guest, &words);
    let main = html! {
        (parts::heading(&parts::Heading { title: guest.word("find").into(), ..Default::default() }))
        (parts::search(&guest.search(&words)))
        div.row {
            p { (guest.say("found-total", &json!({ "total": found.total }))) }
            a.button href={ "/need/new/draft?title=" (crate::visit::escape(&words)) } { (guest.word("save-as-need")) }
            (follow::button(guest, &words))
        }
        div.with-facets {
            (narrow(guest, &found))
            div {
                @if found.hits.is_empty() {
                    (parts::empty(&Empty { title: guest.word("found-nothing").into(), text: guest.word("found-nothing-text").into(), links: vec![] }))
                }
                @let best = found.hits.first().map_or(1.0, |hit| hit.score).max(0.01);
                @for hit in found.hits.iter().filter(|hit| hit.score >= best * LEAST) { (show(guest, hit, best)) }
                p.note { (guest.word("find-note")) }
            }
        }
    };
    Ok(guest.page(&words, vec![], main))
}

fn narrow(guest: &Guest, found: &Found) -> Markup {
    let group = |title: &'static str, parameter: &str, choices: Vec<(String, String, u32)>| {
        let chosen = guest.visit.asked(parameter).unwrap_or("").to_owned();
        let choice = |(value, label, count): (String, String, u32)| {
            let is_chosen = value == chosen;
            let href = guest.visit.with(parameter, if is_chosen { "" } else { &value });
            FacetChoice { label, count: count.into(), href, chosen: is_chosen }
        };
        FacetGroup { title: guest.word(title).into(), choices: choices.into_iter().map(choice).collect() }
    };
    let kinds = found
        .kinds
        .iter()
        .map(|(kind, n)| (kind.clone(), guest.desk_word(kind, "desk", "many"), *n))
        .collect();
    let regions = found
        .regions
        .iter()
        .map(|(region, n)| (region.to_string(), guest.pick(region.zh(), region.en()).to_owned(), *n))
        .collect();
    let fields = found
        .fields
        .iter()
        .map(|(field, n)| (field.clone(), guest.desk_word("achievement", "choice", field), *n))
        .collect();
    let groups = vec![
        group("kind", "kind", kinds),
        group("region", "region", regions),
        group("field", "field", fields),
    ];
    let is_narrow = ["kind", "region", "field"].iter().any(|name| guest.visit.asked(name).is_some());
    let clear = is_narrow.then(|| {
        Link::new(
            format!("/find?q={}", crate::visit::escape(guest.visit.asked("q").unwrap_or(""))),
            guest.word("clear"),
        )
    });
    parts::facets(&Facets {
        title: guest.word("narrow").into(),
        groups: groups.into_iter().filter(|g| !g.choices.is_empty()).collect(),
        clear,
    })
}

/// One result with its reasons.
#[must_use]
pub fn show(guest: &Guest, hit: &Hit, best: f32) -> Markup {
    let card = &hit.listed.card;
    let desk = &hit.listed.desk;
    let mark =
        OFFERS.iter().position(|offer| offer == desk).map_or(5, |place| u8::try_from(place + 1).unwrap_or(5));
    let mut over = vec![parts::kind_badge(mark, &guest.desk_word(desk, "desk", "one"))];
    if hit.listed.is_demo {
        over.push(guest.demo_badge());
    }
    let mut facts = Vec::new();
    facts.extend(
        card.holders("owner").chain(card.holders("unit")).chain(card.holders("lead")).next().map(|id| Fact {
            label: String::new(),
            value: guest.link(id),
            note: String::new(),
        }),
    );
    facts.extend(card.region.map(|region| Fact::new("", &guest.region(region))));
    facts.extend(card.field.as_ref().map(|field| Fact::new("", &guest.desk_word(desk, "choice", field))));
    facts.extend(card.trl.map(|trl| Fact::new(guest.word("trl-short"), &trl.to_string())));
    let (good, bad): (Vec<&Reason>, Vec<&Reason>) = hit.reasons.iter().partition(|reason| reason.points >= 0);
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "between 0 and 100")]
    let value = (hit.score / best * 100.0).clamp(0.0, 100.0) as u8;
    parts::found(&parts::Found {
        over,
        title: Link::new(format!("/{desk}/{}", hit.listed.id), guest.pick(&card.title_zh, &card.title_en)),
        facts,
        snippet: html! { (snippet(guest.locale, &card.text)) },
        for_label: guest.word("spoke-for").into(),
        spoke_for: good.iter().take(6).map(|reason| reason_sentence(guest, reason)).collect(),
        against_label: guest.word("spoke-against").into(),
        spoke_against: bad.iter().take(4).map(|reason| reason_sentence(guest, reason)).collect(),
        score: Some(Score {
            label: guest.word("fit").into(),
            value,
            text: format!("{value}%"),
            explain: None,
        }),
        links: vec![],
    })
}

/// The beginning of a text in the reader's language; of all of it when that has none.
fn snippet(locale: Locale, text: &str) -> String {
    const MOST: usize = 140;
    let is_han = |c: char| matches!(c, '\u{3400}'..='\u{9fff}');
    let own: Vec<&str> =
        text.lines().filter(|line| line.contains(is_han) == (locale == Locale::Zh)).collect();
    let whole = if own.is_empty() { text.replace('\n', " ") } else { own.join(" ") };
    let mut short: String = whole.chars().take(MOST).collect();
    if whole.chars().count() > MOST {
        short.push('…');
    }
    short
}

/// A reason in words.
#[must_use]
pub fn reason_sentence(guest: &Guest, reason: &Reason) -> String {
    let field = |code: &str| guest.desk_word("achievement", "choice", code);
    let region = |code: u32| guest.region(Region::code(code));
    match &reason.why {
        Why::Term { term, through: None } => term.clone(),
        Why::Term { term, through: Some((zh, en)) } => format!("{term}（{zh} ↔ {en}）"),
        Why::Rest { terms } => guest.say("why-rest", &json!({ "terms": terms })),
        Why::Field { wanted, has } if wanted == has => guest.say("why-same-field", &json!({ "field": field(has) })),
        Why::Field { wanted, has } => guest.say("why-other-field", &json!({ "wanted": field(wanted), "has": field(has) })),
        Why::Region { has, .. } => guest.say(if reason.points >= 0 { "why-near" } else { "why-far" }, &json!({ "region": region(*has) })),
        Why::Readiness { wanted, has } => guest.say("why-readiness", &json!({ "wanted": wanted, "has": has })),
        Why::TooEarly { .. } => guest.word("why-too-early").to_owned(),
        Why::Price { budget, asks } => guest.say("why-price", &json!({ "budget": grammar::kinds::Money::fen(*budget), "asks": grammar::kinds::Money::fen(*asks) })),
    }
}
