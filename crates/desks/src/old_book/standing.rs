//! Standing: what became of vouchers of the old books up to a day: by the days on which things counted, not the day on which they were booked
//! here.

use std::collections::BTreeMap;

use grammar::prelude::*;

use super::{Book, Kind, Movement, OldVoucher};

/// What vouchers were worth, and where it is. Always: `face` is the sum of all the others.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Standing {
    pub face: Money,
    pub left: Money,
    /// Used, and not paid to the provider yet.
    pub waiting: Money,
    pub paid: Money,
    pub back: Money,
    pub expired: Money,
}

impl Standing {
    pub(super) fn issued(face: Money) -> Self {
        Self { face, left: face, ..Self::default() }
    }

    /// The pot that a movement takes from.
    pub(super) fn source(&mut self, kind: Kind) -> &mut Money {
        match kind {
            Kind::Voucher | Kind::Used | Kind::Expired => &mut self.left,
            Kind::Redeemed => &mut self.waiting,
            Kind::ClawedBack => &mut self.paid,
        }
    }

    pub(super) fn moves(&mut self, kind: Kind, amount: Money) {
        *self.source(kind) -= amount;
        *match kind {
            Kind::Voucher => &mut self.left,
            Kind::Used => &mut self.waiting,
            Kind::Redeemed => &mut self.paid,
            Kind::ClawedBack => &mut self.back,
            Kind::Expired => &mut self.expired,
        } += amount;
    }

    /// Whether nothing is below nothing and all of it is somewhere.
    #[must_use]
    pub fn adds_up(&self) -> bool {
        let parts = [self.left, self.waiting, self.paid, self.back, self.expired];
        parts.iter().all(|part| *part >= Money::ZERO) && parts.into_iter().sum::<Money>() == self.face
    }

    fn plus(self, other: Self) -> Self {
        Self {
            face: self.face + other.face,
            left: self.left + other.left,
            waiting: self.waiting + other.waiting,
            paid: self.paid + other.paid,
            back: self.back + other.back,
            expired: self.expired + other.expired,
        }
    }
}

impl Book {
    /// The days on which anything happened, each once, in order.
    pub fn days(&self) -> impl Iterator<Item = Day> + use<> {
        let issued = self.vouchers.iter().map(|voucher| voucher.issued);
        let moved = self.movements.iter().map(|movement| movement.day);
        issued.chain(moved).collect::<std::collections::BTreeSet<Day>>().into_iter()
    }

    /// Each voucher that had been issued by a day, as it stood at the end of that day.
    #[must_use]
    pub fn each_on(&self, day: Day) -> Vec<(&OldVoucher, Standing)> {
        let mut each: BTreeMap<usize, Standing> = BTreeMap::new();
        for (place, voucher) in self.vouchers.iter().enumerate().filter(|(_, one)| one.issued <= day) {
            each.insert(place, Standing::issued(voucher.face));
        }
        for movement in self.up_to(day) {
            let place = usize::try_from(movement.voucher).unwrap_or(usize::MAX);
            if let Some(standing) = each.get_mut(&place) {
                standing.moves(movement.kind, movement.amount);
            }
        }
        let named = |(place, standing)| Some((self.vouchers.get(place)?, standing));
        each.into_iter().filter_map(named).collect()
    }

    /// All of them together.
    #[must_use]
    pub fn on(&self, day: Day) -> Standing {
        self.each_on(day).into_iter().fold(Standing::default(), |all, (_, one)| all.plus(one))
    }

    /// What happened up to a day, in the order of the sheet.
    pub fn up_to(&self, day: Day) -> impl Iterator<Item = &Movement> {
        self.movements.iter().filter(move |movement| movement.day <= day)
    }
}
