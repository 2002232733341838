//! A line by chance: whatever people do, at most one is called and nobody overtakes.

use super::*;

/// What chance may do to a line; whoever acts is one of the firms, the keeper or time.
fn acts(house: &mut House, dice: &mut Dice, running: &mut Vec<(Id, usize)>) {
    let (firm, keeper) = (dice.below(4), house.keeper.clone());
    match dice.below(10) {
        0..=2 => drop(joins(house, firm, 15 * (1 + i64::try_from(dice.below(8)).unwrap()))),
        3 => {
            let by = house.firm(firm);
            drop(asks(house, &json!({ "verb": "leave", "number": null }), &by));
        }
        4 => drop(asks(house, &json!({ "verb": "call" }), &keeper)),
        5 => {
            let called = house.card(line(house)).read::<Value>("called");
            let number = called.map_or(json!(1), |turn| turn["number"].clone());
            drop(asks(house, &json!({ "verb": "skip", "number": number, "reason": "x" }), &keeper));
        }
        6 => {
            let verb = if dice.once_in(2) {
                json!({ "verb": "pause", "reason": "x" })
            } else {
                json!({ "verb": "resume" })
            };
            drop(asks(house, &verb, &keeper));
        }
        7 => {
            let from =
                house.world.now.plus_millis(900_000 * i64::try_from(1 + dice.below(8)).unwrap()).to_string();
            drop(house.asks("request", firm, &from, 30, &json!({})));
        }
        8 => {
            if let Some((booking, firm)) = running.pop() {
                let by = house.firm(firm);
                let verb = if house.status(booking) == "running" { "stop" } else { "cancel" };
                drop(house.tells(booking, &json!({ "verb": verb }), &by));
            }
        }
        _ => {
            for firm in 0..4 {
                let number =
                    house.card(line(house)).read::<Value>("called").and_then(|turn| turn["number"].as_i64());
                let Some(number) = number else { break };
                if let Ok(booking) = takes(house, firm, number, &json!({})) {
                    running.push((booking, firm));
                }
            }
        }
    }
}

/// Two are never called at once, and nobody is called before someone who came earlier and still stands there.
#[test]
fn by_chance_nobody_overtakes() {
    let mut house = hybrid();
    let (mut dice, mut running, line) = (Dice::new(11), Vec::new(), line(&house));
    for _ in 0..tries() {
        house.world.now = house.world.now.plus_millis(60_000 * i64::try_from(dice.below(9)).unwrap());
        while let Some(due) =
            house.world.stored(line).unwrap().standing.due.filter(|due| due.at <= house.world.now)
        {
            house.world.ask("line", Some(line), &due.command, &Viewer::clock()).unwrap();
        }
        acts(&mut house, &mut dice, &mut running);
    }
    let (mut here, mut called, mut counted): (Vec<i64>, Option<i64>, usize) = (vec![], None, 0);
    for event in house.world.history(line) {
        let number = event["number"].as_i64();
        match event["event"].as_str().unwrap() {
            "joined" => here.push(event["turn"]["number"].as_i64().unwrap()),
            "called" => {
                assert_eq!((called, number), (None, here.first().copied()));
                (called, counted) = (number, counted + 1);
            }
            "set-back" => called = None,
            "left" | "taken" | "lapsed" | "skipped" => {
                here.retain(|one| Some(*one) != number);
                called = called.filter(|one| Some(*one) != number);
            }
            _ => {}
        }
    }
    assert!(counted > 20);
}
