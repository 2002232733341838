//! Running: who is at an instrument when the region is founded.

use grammar::kinds::Moment;
use serde_json::json;

use super::{BOOKERS, Booked, Bookings, Founding, Kept, dice, invented};

impl Bookings {
    /// Someone has the instruments that never close, whenever the region is founded.
    ///
    /// # Errors
    /// The first ask that was denied.
    pub fn now(&mut self, f: &mut Founding) -> Result<(), String> {
        const HALF: i64 = 30 * 60_000;
        let from = Moment::from_millis(f.founded.in_millis() / HALF * HALF);
        let always: Vec<Kept> = self.kept.iter().filter(|kept| kept.is_always_open).copied().collect();
        for kept in always {
            let key = format!("booking/{}/now", kept.n);
            let Some(buyer) = self.bookers.get(kept.n % BOOKERS).copied() else { continue };
            let command = self.request(&kept, from, 180, (buyer, false), &mut dice(&key, 0));
            let ids =
                f.ask_all("bookings", vec![invented(key.clone(), buyer.by(), "booking", None, command)])?;
            let Some(id) = ids.first().copied() else { continue };
            self.running.push(Booked { key, id, kept, from: 0, minutes: 180, is_inside: false, buyer });
        }
        self.count += self.running.len();
        Ok(())
    }

    /// They begin, once the story has come to the founding.
    ///
    /// # Errors
    /// The first ask that was denied.
    pub fn begin(&self, f: &mut Founding) -> Result<(), String> {
        let start = |each: &Booked| {
            let command = json!({ "verb": "start", "instrument": each.kept.id, "code": each.kept.door() });
            each.ask("start", each.buyer.by(), command)
        };
        f.ask_all("bookings", self.running.iter().map(start).collect())?;
        super::lines::stand(f, self)
    }
}
