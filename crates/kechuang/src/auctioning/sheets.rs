//! Sheets: the course of a session line by line, and how it ended.

use engines::auctions::{Outcome, Refused};
use grammar::words::Locale;
use serde_json::json;

use super::{Fate, Offers, Played, rules::shown};
use crate::{
    book::{Cell, Sheet, yuan},
    speech::say,
};

/// How the session ended, as a sentence.
pub fn told(offers: &Offers, played: &Played, locale: Locale) -> String {
    let is_dated = offers.is_dated.unwrap_or(false);
    let end = played.end.map_or_else(String::new, |end| shown(is_dated, end));
    if !played.tied.is_empty() {
        let comma = if locale == Locale::Zh { "、" } else { ", " };
        let names: Vec<&str> = played.tied.iter().map(|bidder| offers.name(*bidder)).collect();
        let Outcome::Won { fen, .. } = played.outcome else { return String::new() };
        let facts = json!({ "bidders": names.join(comma), "price": yuan(fen.into()) });
        return say(locale, "auction", "tied", &facts);
    }
    match played.outcome {
        Outcome::NoOffer => say(locale, "auction", "no-offer", &json!({})),
        Outcome::BelowReserve { highest } => {
            say(locale, "auction", "below-reserve", &json!({ "price": yuan(highest.into()) }))
        }
        Outcome::Won { bidder, fen } => {
            let facts = json!({ "bidder": offers.name(bidder), "price": yuan(fen.into()), "end": end });
            say(locale, "auction", if played.end.is_some() { "won-by" } else { "won" }, &facts)
        }
    }
}

pub fn sheets(offers: &Offers, played: &Played, locale: Locale) -> Vec<Sheet> {
    let word = |key: &str| say(locale, "auction", key, &json!({}));
    let is_dated = offers.is_dated.unwrap_or(false);
    let mut rows = Vec::with_capacity(offers.offers.len());
    let course = offers.offers.iter().zip(&offers.lines).zip(played.fates.iter().zip(&played.course));
    for ((offer, line), (fate, (highest, end))) in course {
        rows.push(vec![
            Cell::Text(line.to_string()),
            Cell::Text(shown(is_dated, offer.at())),
            offers.name(offer.bidder).into(),
            Cell::Fen(offer.fen.into()),
            Cell::Text(fate_told(fate, is_dated, locale)),
            highest.map_or_else(|| Cell::from(""), |fen| Cell::Fen(fen.into())),
            Cell::Text(end.map_or_else(String::new, |end| shown(is_dated, end))),
        ]);
    }
    let header = ["line", "time", "bidder", "price", "became", "highest", "over-at"].map(word).to_vec();
    let mut sheets = vec![Sheet { name: "course", title: word("course"), header, rows }];
    if !played.ranked.is_empty() {
        let ranked = played.ranked.iter().zip(1_usize..).map(|(own, rank)| {
            // Hundredths of a point, exact as a fraction; shown to six digits, rounded down.
            let millionths = own.sum * 10_000 / own.of.max(1);
            vec![
                Cell::Text(rank.to_string()),
                offers.name(own.offer.bidder).into(),
                Cell::Fen(own.offer.fen.into()),
                Cell::Text(format!("{}.{:06}", millionths / 1_000_000, millionths % 1_000_000)),
                Cell::Text(format!("{}/{}", own.sum, own.of * 100)),
            ]
        });
        let header = ["rank", "bidder", "price", "points", "points-exact"].map(word).to_vec();
        sheets.push(Sheet { name: "ranked", title: word("ranked"), header, rows: ranked.collect() });
    }
    let end = vec![vec![Cell::Text(told(offers, played, locale))]];
    sheets.push(Sheet { name: "outcome", title: word("outcome"), header: vec![word("outcome")], rows: end });
    sheets
}

fn fate_told(fate: &Fate, is_dated: bool, locale: Locale) -> String {
    let (key, facts) = match fate {
        Fate::Taken { is_match: true } => ("taken-match", json!({})),
        Fate::Taken { is_match: false } => ("taken", json!({})),
        Fate::Counts => ("counts", json!({})),
        Fate::Invalid => ("invalid", json!({})),
        Fate::After => ("after", json!({})),
        Fate::Not(refused) => match refused {
            Refused::TooEarly => ("too-early", json!({})),
            Refused::TooLate { end } => ("too-late", json!({ "end": shown(is_dated, *end) })),
            Refused::OutOfOrder => ("out-of-order", json!({})),
            Refused::NotAdmitted => ("not-admitted", json!({})),
            Refused::NotAPrice => ("not-a-price", json!({})),
            Refused::TooLow { least } => ("too-low", json!({ "least": yuan((*least).into()) })),
            Refused::NotWholeStep { above } => ("not-whole-step", json!({ "above": yuan((*above).into()) })),
            Refused::AlreadyLeads => ("already-leads", json!({})),
            Refused::OfferedAlready => ("offered-already", json!({})),
            Refused::TooMany => ("too-many", json!({})),
        },
    };
    say(locale, "auction", key, &facts)
}
