//! The booking rules of a real nanofabrication centre, beside plain arithmetic that knows nothing of desks: each try comes to the same,
//! and is refused for the same reason.

use super::*;

const TOOLS: &str = include_str!("../../../tests/nanofab/tools.tsv");
const HALF_HOUR: i64 = 1_800_000;
const DAY: i64 = 48;

/// What a tool's row says of its rules, in half hours; nothing where nothing is said.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
struct Rules {
    horizon_days: Option<i64>,
    shortest: Option<i64>,
    longest: Option<i64>,
    daily_times: Option<i64>,
    apart: Option<i64>,
    ahead: Option<i64>,
    absent: Option<i64>,
    /// From this half hour of a day until that one of the next no rule counts, nor on weekends.
    off: Option<(i64, i64)>,
}

fn rules(row: &str) -> Rules {
    let cells: Vec<&str> = row.split('\t').collect();
    let number = |at: usize| cells[at].parse::<i64>().ok();
    let hour = |at: usize| cells[at].split(':').next().unwrap().parse::<i64>().unwrap() * 2;
    assert_eq!(cells[9] == "True", cells[12] == "True", "nights and weekends go together: {row}");
    Rules {
        horizon_days: number(2),
        shortest: number(3),
        longest: number(4),
        daily_times: number(5),
        apart: number(6),
        ahead: number(7),
        absent: number(8),
        off: (cells[9] == "True").then(|| (hour(10), hour(11))),
    }
}

impl Rules {
    fn terms(&self) -> Value {
        let clock = |half_hour: i64| format!("{:02}:00", half_hour / 2);
        let opening = |day: &str, opens: String, shuts: String| json!({ "weekday": day, "opens": opens, "shuts": shuts });
        let night = |(from, until): (i64, i64)| {
            let days = ["monday", "tuesday", "wednesday", "thursday", "friday"];
            let week = days.into_iter().flat_map(move |day| {
                [opening(day, clock(0), clock(until)), opening(day, clock(from), clock(DAY))]
            });
            let weekend = ["saturday", "sunday"].map(|day| opening(day, clock(0), clock(DAY)));
            week.chain(weekend).collect::<Vec<_>>()
        };
        json!({
            "horizon_days": self.horizon_days, "shortest_minutes": self.shortest, "longest_minutes": self.longest,
            "limits": { "daily_times": self.daily_times, "apart_minutes": self.apart, "ahead_minutes": self.ahead },
            "absent_minutes": self.absent, "unrestricted": self.off.map_or_else(Vec::new, night)
        })
    }

    fn is_off(&self, half_hour: i64) -> bool {
        let (day, at) = (half_hour / DAY % 7, half_hour % DAY);
        self.off.is_some_and(|(from, until)| day >= 5 || at >= from || at < until)
    }

    /// Why nothing comes of it; `had` is who has which half hours, and whether rules counted there.
    fn against(&self, had: &[Had], new: Had) -> Option<&'static str> {
        let (minutes, is_counted) = ((new.until - new.from) * 30, !self.is_off(new.from));
        let over = |most: Option<i64>, value: i64| is_counted && most.is_some_and(|most| most < value);
        let own = || had.iter().filter(|other| other.firm == new.firm && !self.is_off(other.from));
        let apart = self.apart.unwrap_or(0) / 30;
        let near = |other: &Had| other.from < new.until + apart && new.from - apart < other.until;
        let today = own().filter(|other| other.from / DAY == new.from / DAY).count();
        let ahead: i64 = own().map(|other| (other.until - other.from) * 30).sum();
        if self.horizon_days.is_some_and(|days| new.from > days * DAY) {
            Some("booking/too-far-ahead")
        } else if self.shortest.is_some_and(|least| minutes < least) {
            Some("booking/too-short")
        } else if over(self.longest, minutes) {
            Some("booking/too-long")
        } else if had.iter().any(|other| other.from < new.until && new.from < other.until) {
            Some("calendar/taken-then")
        } else if over(self.daily_times, i64::try_from(today).unwrap() + 1) {
            Some("allowance/daily-times")
        } else if is_counted && self.apart.is_some() && own().any(near) {
            Some("allowance/too-close-together")
        } else if over(self.ahead, ahead + minutes) {
            Some("allowance/too-much-ahead")
        } else {
            None
        }
    }
}

#[derive(Clone, Copy)]
struct Had {
    firm: usize,
    from: i64,
    until: i64,
}

#[test]
fn the_rules_of_137_tools_are_kept_to_the_letter() {
    let rows: Vec<&str> = TOOLS.lines().skip(1).collect();
    let all: std::collections::BTreeSet<Rules> = rows.iter().map(|row| rules(row)).collect();
    assert!(rows.len() == 137 && all.len() > 20, "{} tools, {} ways", rows.len(), all.len());
    let mut seen: std::collections::BTreeMap<String, usize> = std::collections::BTreeMap::new();
    let mut dice = Dice::new(137);
    for rules in all {
        let mut house = house(&rules.terms());
        house.it_is("2026-03-02 00:00");
        let now = house.world.now;
        let mut had = Vec::new();
        for _ in 0..160 {
            let half_hours = |dice: &mut Dice, most: usize| i64::try_from(dice.below(most)).unwrap();
            let from = 1 + half_hours(&mut dice, 15 * 48);
            let new = Had { firm: dice.below(2), from, until: from + 1 + half_hours(&mut dice, 18) };
            // Half in and half out of the hours without rules is another story.
            if (new.from..new.until).any(|at| rules.is_off(at) != rules.is_off(new.from)) {
                continue;
            }
            let begins = now.plus_millis(new.from * HALF_HOUR).to_string();
            let asked = house.asks("request", new.firm, &begins, (new.until - new.from) * 30, &json!({}));
            let (is_booked, why) = (asked.is_ok(), asked.map_or_else(|no| why(Err(no)), |_| "booked".into()));
            assert_eq!(why, rules.against(&had, new).unwrap_or("booked"), "{rules:?} at {begins}");
            *seen.entry(why).or_default() += 1;
            had.extend(is_booked.then_some(new));
        }
    }
    assert_eq!(seen.len(), 8, "each reason comes up: {seen:?}");
}
