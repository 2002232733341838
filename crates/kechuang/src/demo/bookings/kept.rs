//! Kept: an instrument of the demonstration that can be booked, and its terms of use.

use grammar::kinds::Id;
use serde_json::{Value, json};

use super::{super::houses::House, extras};

/// An instrument that can be booked.
#[derive(Clone, Copy)]
pub struct Kept {
    pub n: usize,
    pub id: Id,
    pub keeper: House,
    /// Yuan an hour for units outside.
    pub hour: i64,
    pub(super) by_quote: bool,
    pub needs_permit: bool,
    /// Never closed, so that someone is at it whenever the region is founded.
    pub is_always_open: bool,
}

/// One of the keeper whom a visitor becomes: it never closes, whatever its number.
pub fn visited(kept: &[Kept]) -> Option<&Kept> {
    kept.iter().find(|kept| kept.is_always_open && kept.n % 7 != 1)
}

impl Kept {
    pub(super) fn door(&self) -> String {
        format!("{:04}", 2_468 + 37 * self.n)
    }

    pub(super) fn price(&self, minutes: i64, is_inside: bool) -> String {
        let hour = if is_inside { self.hour / 2 } else { self.hour };
        let fen = hour * 100 * minutes / 60;
        format!("{}.{:02}", fen / 100, fen % 100)
    }

    /// Universities pay seven tenths of what everyone outside does.
    fn classes(&self) -> Value {
        let hour = format!("{}.00", self.hour * 7 / 10);
        json!([{ "class": "university", "class_hour": hour, "class_sample": null, "class_shift": null }])
    }

    pub fn using(&self) -> Value {
        let mut using = json!({
            "openings": extras::openings(self.is_always_open), "confirmation": if self.by_quote { "by-quote" } else { "at-once" },
            "step_minutes": 30, "shortest_minutes": 30, "longest_minutes": 480,
            "horizon_days": 60, "weekly_minutes": 1_200, "buffer_minutes": if self.n.is_multiple_of(3) { 15 } else { 0 },
            "late_hours": 24, "late_share": "30%", "absent_share": "50%", "is_supervised": false,
            "needs_permit": self.needs_permit, "related": [],
            "charges": {
                "outside_hour": format!("{}.00", self.hour), "inside_hour": format!("{}.00", self.hour / 2),
                "outside_sample": format!("{}.00", self.hour / 2), "inside_sample": null,
                "outside_shift": null, "inside_shift": null, "operator_hour": "120.00",
            },
        });
        extras::with(&mut using, self.is_always_open);
        if let Some(using) = using.as_object_mut().filter(|_| self.n % 2 == 1) {
            using.insert("classes".into(), self.classes());
            let limits = json!({ "daily_times": 8, "apart_minutes": null, "ahead_minutes": 6_000 });
            using.insert("limits".into(), limits);
        }
        using
    }
}
