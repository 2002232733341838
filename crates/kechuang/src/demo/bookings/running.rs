//! Running: who is at an instrument when the region is founded.

use grammar::kinds::Moment;
use serde_json::json;

use super::{BOOKERS, Booked, Bookings, Founding, Kept, dice, extras, invented};

/// The one that nobody runs alone outside the hours with staff.
fn lone(kept: &[Kept]) -> Option<Kept> {
    kept.iter().rfind(|kept| kept.is_always_open && kept.n % 7 == 1).copied()
}

impl Bookings {
    /// Its keeper is there in working hours alone.
    fn staff(&self, f: &mut Founding) -> Result<(), String> {
        let Some(kept) = lone(&self.kept) else { return Ok(()) };
        let mut using = kept.using();
        if let Some(using) = using.as_object_mut() {
            using.insert("staffed".into(), extras::openings(false).into());
        }
        let command = json!({ "verb": "set-using", "using": using });
        let key = format!("sharing/{}/staffed", kept.n);
        f.ask_all("sharing", vec![invented(key, kept.keeper.by(), "instrument", Some(kept.id), command)])
            .map(drop)
    }

    /// Someone has the instruments that never close, whenever the region is founded.
    ///
    /// # Errors
    /// The first ask that was denied.
    pub fn now(&mut self, f: &mut Founding) -> Result<(), String> {
        const HALF: i64 = 30 * 60_000;
        self.staff(f)?;
        let lone = lone(&self.kept).map(|kept| kept.id);
        let from = Moment::from_millis(f.founded.in_millis() / HALF * HALF);
        let always: Vec<Kept> = self.kept.iter().filter(|kept| kept.is_always_open).copied().collect();
        for kept in always {
            let key = format!("booking/{}/now", kept.n);
            let Some(buyer) = self.bookers.get(kept.n % BOOKERS).copied() else { continue };
            let mut command = self.request(&kept, from, 180, (buyer, false), &mut dice(&key, 0));
            let companion = self.bookers.get((kept.n + 1) % BOOKERS).filter(|_| lone == Some(kept.id));
            if let Some((command, companion)) = command.as_object_mut().zip(companion) {
                command.insert("companion".into(), json!(companion.signer));
            }
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
        let lone = lone(&self.kept).map(|kept| kept.id);
        let start = |each: &Booked| {
            let is_with = lone == Some(each.kept.id);
            let (instrument, code) = (each.kept.id, each.kept.door());
            let command =
                json!({ "verb": "start", "instrument": instrument, "code": code, "with_companion": is_with });
            each.ask("start", each.buyer.by(), command)
        };
        f.ask_all("bookings", self.running.iter().map(start).collect())?;
        super::lines::stand(f, self)
    }
}
