//! Steps: all bookings of a bundle are asked for in one case; what one of them refuses, refuses all.

use grammar::prelude::*;

use super::{
    Bundle, Entry,
    Event::{self, *},
    Order, PICKS_MAX,
    Refusal::*,
};
use crate::booking::{self, Booking};

type Said = Decision<Bundle>;

pub fn book(order: &Order, ctx: &Ctx) -> Said {
    ensure(!order.picks.is_empty(), NothingPicked)?;
    let mut entries = Vec::new();
    let mut tells = Vec::new();
    for (number, pick) in (1..).zip(order.picks.iter()) {
        let booking = ctx.fresh::<Booking>(number);
        let card = ctx.see(pick.instrument);
        let title = Bilingual { zh: Text::read(&card.title_zh), en: Text::read(&card.title_en) };
        let (instrument, from, minutes) = (pick.instrument, pick.from, pick.minutes.get());
        entries.push(Entry { booking, instrument, title, from, minutes, is_cancelled: false });
        let request = booking::Command::Request(order.request(pick));
        tells.push(tell(booking, &request).about(format!("picks.{number}")));
    }
    let entries = List::new(entries).unwrap_or_else(|| impossible(&"more entries than picks"));
    // Whoever buys is looked after by the office of its own region, wherever the instruments stand.
    let (buyer, region) = (order.buyer, ctx.see(order.buyer).scope());
    Ok(tells.into_iter().fold(say(Booked { buyer, region, entries }), Script::and))
}

impl Bundle {
    /// Several of its bookings at once; those that were cancelled from here before are not named again.
    pub(super) fn cancels(
        &self,
        bookings: &List<Ref<Booking>, PICKS_MAX>,
        reason: Option<Text<500>>,
    ) -> Said {
        ensure(!bookings.is_empty(), NothingToCancel)?;
        let mut script = say(Cancelled { bookings: bookings.clone(), reason: reason.clone() });
        let mut seen = std::collections::BTreeSet::new();
        for (number, booking) in (1..).zip(bookings.iter().copied()) {
            let is_open = |entry: &&Entry| entry.booking == booking && !entry.is_cancelled;
            let is_its = self.entries.iter().any(|entry| is_open(&entry)) && seen.insert(booking.id());
            ensure(is_its, NotInBundle { booking })?;
            let cancel = booking::Command::Cancel { reason: reason.clone() };
            script = script.and(tell(booking, &cancel).about(format!("bookings.{number}")));
        }
        Ok::<Script<Event>, _>(script)
    }

    /// The first instrument, and how many times more.
    pub(super) fn titled(&self, card: Card) -> Card {
        let Some(first) = self.entries.first() else { return card };
        match self.entries.len() - 1 {
            0 => card.titled(first.title.zh().to_owned(), first.title.en().to_owned()),
            more => card.titled(
                format!("{}等 {} 段机时", first.title.zh(), more + 1),
                format!("{} and {more} more", first.title.en()),
            ),
        }
    }
}
