//! Changes: what an expert is after each event.

use grammar::prelude::*;

use super::{
    Contest,
    Event::{self, *},
    Expert, Own, Penalty, Standing,
    fields::Rest,
};

impl Expert {
    /// The whole record; a veiled one decides nothing.
    pub(super) fn own(&self) -> &Own {
        self.own.as_deref().unwrap_or_else(|| impossible("a veiled expert decides nothing"))
    }

    pub(super) fn change(&mut self, how: impl FnOnce(&mut Own)) {
        how(self.own.as_deref_mut().unwrap_or_else(|| impossible("a veiled expert does not change")));
    }

    pub(super) fn status(&self) -> &'static str {
        match (self.standing, &self.own) {
            (Standing::Applied, _) => "applied",
            (Standing::Recommended, _) => "recommended",
            (Standing::Declined, _) => "declined",
            (Standing::Removed, _) => "removed",
            (Standing::InPool, Some(own)) if own.sanctions.iter().any(Penalty::bars) => "sanctioned",
            (Standing::InPool, Some(own)) if own.is_dormant => "dormant",
            (Standing::InPool, _) => "in-pool",
        }
    }

    pub(super) fn after(mut self, event: Event) -> Self {
        match event {
            Applied { .. } => impossible(&event),
            Amended { region, fields } => return self.with(region, *fields),
            Recommended { .. } => self.standing = Standing::Recommended,
            Declined { reason } => {
                self.standing = Standing::Declined;
                self.change(|own| own.remark = Some(reason));
            }
            Admitted { on, confirmed_until } => {
                self.standing = Standing::InPool;
                self.change(|own| {
                    (own.admitted, own.confirmed_until) = (Some(on), Some(confirmed_until));
                });
            }
            Removed { reason, .. } => {
                self.standing = Standing::Removed;
                self.change(|own| own.remark = Some(reason));
            }
            Confirmed { confirmed_until, .. } => self.change(|own| {
                (own.confirmed_until, own.is_dormant) = (Some(confirmed_until), false);
            }),
            FellAsleep { .. } => self.change(|own| own.is_dormant = true),
            Rested { from, until, reason } => self.change(|own| own.rests.push(Rest { from, until, reason })),
            Declared(relation) | Noted(relation) => self.change(|own| own.relations.push(relation)),
            RelationEnded { relation, on, .. } => self.relation_is(relation, |r| r.ended = Some(on)),
            Excepted { relation, reason } => self.relation_is(relation, |r| r.excepted = Some(reason)),
            EmployersNoted { on, employers } => self.change(|own| {
                (own.employers, own.looked) = (employers, Some(on));
            }),
            Served { topic, year } => self.change(|own| {
                // Three years back are enough for any rotation.
                own.served.retain(|(_, on)| *on > year - 3);
                own.served.truncate(super::engaging::SERVED_MAX - 1);
                own.served.push((topic, year));
            }),
            Sanctioned(_)
            | Appealed { .. }
            | AppealDecided { .. }
            | Repaired { .. }
            | SanctionEnded { .. }
            | SanctionHidden { .. } => self.judged_by_office(event),
            Engaged(_) | Disengaged { .. } | Alarmed { .. } | Settled { .. } => self.engagements_after(event),
        }
        self
    }

    fn relation_is(&mut self, number: u32, how: impl FnOnce(&mut super::Relation)) {
        self.change(|own| {
            let found = own.relations.iter_mut().find(|r| r.number == number);
            how(found.unwrap_or_else(|| impossible(&number)));
        });
    }

    fn sanction_is(&mut self, number: u32, how: impl FnOnce(&mut Penalty)) {
        self.change(|own| {
            let found = own.sanctions.iter_mut().find(|s| s.number == number);
            how(found.unwrap_or_else(|| impossible(&number)));
        });
    }

    fn judged_by_office(&mut self, event: Event) {
        match event {
            Sanctioned(sanction) => self.change(|own| {
                own.sanctions_had = sanction.number;
                own.sanctions.push(*sanction);
            }),
            Appealed { sanction, on, text } => self.sanction_is(sanction, |s| {
                s.appeal = Some(Contest { on, text, upheld: None, answer: None });
            }),
            AppealDecided { sanction, on, upheld, shown_until, answer } => self.sanction_is(sanction, |s| {
                s.ended = if upheld { Some(on) } else { s.ended };
                s.shown_until = if upheld { Some(shown_until) } else { s.shown_until };
                if let Some(appeal) = &mut s.appeal {
                    (appeal.upheld, appeal.answer) = (Some(upheld), Some(answer));
                }
            }),
            Repaired { sanction, on, shown_until, .. } | SanctionEnded { sanction, on, shown_until } => {
                self.sanction_is(sanction, |s| (s.ended, s.shown_until) = (Some(on), Some(shown_until)));
            }
            SanctionHidden { sanction } => self.change(|own| own.sanctions.retain(|s| s.number != sanction)),
            other => impossible(&other),
        }
    }

    fn engagements_after(&mut self, event: Event) {
        self.change(|own| {
            let open = own.engagements.get_or_insert_default();
            match event {
                Engaged(engagement) => open.push(*engagement),
                Disengaged { review, .. } => open.retain(|e| e.review != review),
                Alarmed { review, alarm } => {
                    open.iter_mut().filter(|e| e.review == review).for_each(|e| e.alarms.push(alarm.clone()));
                }
                Settled { review, stands } => {
                    let of_it = open.iter_mut().filter(|e| e.review == review);
                    let waiting = of_it.flat_map(|e| e.alarms.iter_mut()).filter(|a| a.stands.is_none());
                    waiting.for_each(|alarm| alarm.stands = Some(stands));
                }
                other => impossible(&other),
            }
        });
    }
}
