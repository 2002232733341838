//! Ratings: what a buyer said of one use, with the provider's answer beside it; and what all ratings of a voucher provider come to.

use desks::{booking::Rating, provider};
use grammar::{clerk::Clerk, kinds::Id};
use maud::{Markup, html};
use registry::Record;
use serde_json::json;

use super::booking::part;
use crate::{
    guest::Guest,
    parts::{self, Section},
    plain,
    ways::Answer,
};

/// The most stars.
const MOST: u32 = 5;

/// The part of a booking's page about its rating; nothing while there is none.
pub fn section(guest: &Guest, record: &Record) -> Markup {
    let Some(rating) = part::<Option<Rating>>(record, "rating") else { return html! {} };
    let is_keeper = super::is_side(guest, &record.card, "provider");
    let stars = usize::try_from(rating.stars.get()).unwrap_or(0);
    let drawn = format!("{}{}", "★".repeat(stars), "☆".repeat((MOST as usize).saturating_sub(stars)));
    let body = html! {
        p { span aria-hidden="true" { (drawn) } " " (guest.say("rating-of", &json!({ "stars": stars, "most": MOST }))) }
        @if let Some(comment) = &rating.comment { blockquote { (&**comment) } }
        @match &rating.answer {
            Some(answer) => p { b { (guest.word("rating-answer")) (guest.pick("：", ": ")) } (&**answer) },
            None if is_keeper => p { a.button href={ "/booking/" (record.id) "/answer-rating" } { (guest.desk_word("booking", "verb", "answer-rating")) } },
            None => {}
        }
    };
    let title = guest.desk_word("booking", "field", "rating");
    parts::section(&Section { id: "rating".into(), title, beside: html! {}, body })
}

/// The page of a voucher provider: its ratings in a sentence, then the record as any other.
///
/// # Errors
/// When there is none for this guest's eyes, or the store cannot be read.
pub fn provider(guest: &Guest, clerk: &dyn Clerk, id: Id) -> Answer {
    let record = &plain::known(guest, clerk, id)?;
    let rating: provider::Rating = part(record, "rating");
    let lead = html! { p { (rated(guest, rating.times, rating.stars)) } };
    plain::record_page(guest, clerk, record, &["rating"], &lead)
}

/// So many ratings and their mean, to a tenth.
fn rated(guest: &Guest, times: u32, stars: u32) -> String {
    match mean(times, stars) {
        Some(mean) => guest.say("rating-mean", &json!({ "count": times, "mean": mean, "most": MOST })),
        None => guest.word("rating-none").to_owned(),
    }
}

/// `4.3`, rounded to the nearest tenth; none without any rating.
fn mean(times: u32, stars: u32) -> Option<String> {
    let (times, stars) = (u64::from(times), u64::from(stars));
    let tenths = (stars * 20 + times).checked_div(times * 2)?;
    Some(format!("{}.{}", tenths / 10, tenths % 10))
}

#[cfg(test)]
mod tests {
    use super::mean;

    #[test]
    fn a_mean_is_read_to_a_tenth() {
        let told = [mean(0, 0), mean(3, 13), mean(2, 9), mean(8, 39), mean(1, 5)];
        assert_eq!(told.map(Option::unwrap_or_default), ["", "4.3", "4.5", "4.9", "5.0"]);
    }
}
