//! Whatever is asked of a chemical by chance, what is left is what has moved, and nothing is below zero or above the limit.

use std::collections::BTreeMap;

use grammar::{case::Refused, form::Dice, fuzz::World, kinds::Region};
use serde_json::{Value, json};

use super::*;
use crate::DESKS;

const ROUNDS: u64 = 40;
const ASKS: u32 = 120;

/// One chemical of one laboratory, with a book of our own beside it.
struct Shelf {
    world: World,
    chemical: Id,
    custodians: [Viewer; 2],
    left: i64,
    most: i64,
    accepted: BTreeMap<String, u32>,
}

fn office(name: &str) -> Viewer {
    Viewer {
        person: Some(Id::named("person-o")),
        offices: vec![(name.into(), Region::code(0))],
        ..Viewer::default()
    }
}

impl Shelf {
    fn new(is_controlled: bool) -> Self {
        let mut world = World::new(&DESKS, "2026-03-02".parse().ok().unwrap());
        let unit = json!({ "verb": "register", "name": { "zh": "示例院" }, "kind": "institute", "region": "310115" });
        let unit = world.ask("organisation", None, &unit, &office("registrar")).unwrap();
        let enrol = json!({
            "verb": "enrol", "platform_no": "L1", "name": { "zh": "示例室" }, "kind": "other", "tier": "unranked",
            "field": "new-materials", "region": "310115", "lead": unit,
        });
        let laboratory = world.ask("laboratory", None, &enrol, &office("laboratory-office")).unwrap();
        let mut person = |name: &str| {
            let mut open = json!({
                "verb": "register", "name": name, "region": "310115", "public": true, "display_name": { "zh": name },
            });
            DESKS.find("person").unwrap().verb("register").unwrap().form.cover(&mut open);
            world.ask("person", None, &open, &office("registrar")).unwrap()
        };
        let custodians = ["甲", "乙"].map(&mut person);
        let viewers =
            custodians.map(|id| Viewer { person: Some(id), organisations: vec![unit], ..Viewer::default() });
        let most = 1_000;
        let control = if is_controlled { "highly-toxic" } else { "not-controlled" };
        let enter = json!({
            "verb": "enter", "laboratory": laboratory, "name": { "zh": "样品" }, "unit": "gram", "control": control,
            "most": most, "place": "A1", "custodians": custodians,
        });
        let [first, _] = &viewers;
        let chemical = world.ask("chemical", None, &enter, first).unwrap();
        Self { world, chemical, custodians: viewers, left: 0, most, accepted: BTreeMap::new() }
    }

    fn state(&self) -> Chemical {
        let stored = grammar::case::Shelf::stored(&self.world, self.chemical).unwrap();
        serde_json::from_value(stored.standing.state.into_plain()).unwrap()
    }

    fn asks(&mut self, command: &Value, by: usize) -> Result<Id, Refused> {
        let by = self.custodians[by].clone();
        let verb = command["verb"].as_str().unwrap().to_owned();
        let asked = self.world.ask("chemical", Some(self.chemical), command, &by);
        if asked.is_ok() {
            *self.accepted.entry(verb).or_default() += 1;
        }
        asked
    }

    /// Asks something by chance, and has it confirmed where that is needed.
    fn step(&mut self, dice: &mut Dice) {
        let amount = i64::try_from(dice.below(300)).unwrap() + 1;
        let batch = ["L1", "L2"].get(dice.below(3)).copied();
        let expires = (dice.below(3) == 0).then_some("2026-03-20");
        let (command, change) = match dice.below(5) {
            0 => (json!({ "verb": "receive", "amount": amount, "batch": batch, "expires": expires }), amount),
            1 => (json!({ "verb": "use", "amount": amount, "batch": batch, "purpose": "x" }), -amount),
            2 => (json!({ "verb": "dispose", "amount": amount, "batch": batch, "how": "x" }), -amount),
            3 => (json!({ "verb": "report-loss", "amount": amount, "batch": batch, "what": "x" }), -amount),
            _ => (json!({ "verb": "count", "counted": amount, "reason": "x" }), amount - self.left),
        };
        let before = self.left;
        if self.asks(&command, 0).is_ok() {
            if self.state().waiting.is_some() {
                assert_eq!(self.state().stock.left(), before, "nothing has moved yet");
                self.asks(&json!({ "verb": "confirm" }), 1).unwrap();
            }
            self.left += change;
        }
        let state = self.state();
        state.check();
        assert_eq!(state.stock.left(), self.left, "after {command}");
        assert!(self.left >= 0, "below zero after {command}");
        let came = command["verb"] == "receive" && self.left > before;
        assert!(!came || self.left <= self.most, "above the limit after {command}");
        self.world.now = self.world.now.plus_millis(i64::try_from(dice.below(12)).unwrap() * 3_600_000);
    }
}

#[test]
fn what_is_left_is_what_has_moved() {
    let mut accepted = BTreeMap::<String, u32>::new();
    for round in 1..=ROUNDS {
        let mut dice = Dice::new(round);
        let mut shelf = Shelf::new(round % 2 == 0);
        for _ in 0..ASKS {
            shelf.step(&mut dice);
        }
        for (verb, times) in shelf.accepted {
            *accepted.entry(verb).or_default() += times;
        }
    }
    for verb in ["receive", "use", "dispose", "report-loss", "count", "confirm"] {
        assert!(accepted.get(verb).is_some_and(|times| *times > 50), "{verb}: {accepted:?}");
    }
}
