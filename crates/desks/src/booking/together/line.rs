//! Lines: who is called when, what a turn takes, and what is given back.

use super::{extras::is_used, *};

mod chance;

fn wish(house: &House, firm: usize, minutes: i64, more: &Value) -> Value {
    let mut wish = json!({
        "verb": "join", "instrument": house.instrument, "buyer": house.firms[firm], "minutes": minutes,
        "basis": "by-hour", "samples": null, "purpose": "research", "project": null, "detail": "two samples",
        "permit": null, "agreement": null, "no_secrets": true
    });
    for (name, value) in more.as_object().unwrap() {
        wish[name] = value.clone();
    }
    wish
}

fn line(house: &House) -> Id {
    crate::line::name(house.instrument.r()).id()
}

fn joins(house: &mut House, firm: usize, minutes: i64) -> Result<Id, Refused> {
    let (wish, by, line) = (wish(house, firm, minutes, &json!({})), house.firm(firm), line(house));
    house.world.ask("line", Some(line), &wish, &by)
}

fn asks(house: &mut House, command: &Value, by: &Viewer) -> Result<Id, Refused> {
    let line = line(house);
    house.world.ask("line", Some(line), command, by)
}

/// Who stands in line, and whether they are called: `1 called, 2`.
fn stands(house: &House) -> String {
    let turns = house.state(line(house))["turns"].as_array().unwrap().clone();
    let one = |turn: &Value| {
        let called = if turn["standing"] == "called" { " called" } else { "" };
        format!("{}{called}", turn["number"])
    };
    turns.iter().map(one).collect::<Vec<_>>().join(", ")
}

fn takes(house: &mut House, firm: usize, number: i64, more: &Value) -> Result<Id, Refused> {
    let mut take = json!({
        "verb": "take-turn", "instrument": house.instrument, "line": line(house), "turn": number,
        "buyer": house.firms[firm], "minutes": null, "permit": null, "agreement": null
    });
    for (name, value) in more.as_object().unwrap() {
        take[name] = value.clone();
    }
    let by = house.firm(firm);
    house.world.ask("booking", None, &take, &by)
}

/// What time asks of the line.
fn clock(house: &mut House) {
    let line = line(house);
    let due = house.world.stored(line).unwrap().standing.due.unwrap();
    house.world.now = house.world.now.max(due.at);
    house.world.ask("line", Some(line), &due.command, &Viewer::clock()).unwrap();
}

fn queue(more: &Value) -> House {
    let mut using = json!({ "mode": "queue", "shortest_minutes": 15 });
    for (name, value) in more.as_object().unwrap() {
        using[name] = value.clone();
    }
    let mut house = house(&using);
    house.it_is("2026-03-03 09:00");
    house
}

fn hybrid() -> House {
    queue(&json!({ "mode": "hybrid" }))
}

fn sat(house: &House, booking: Id) -> String {
    let times: Vec<crate::calendar::Times> = house.card(booking).read("sittings").unwrap();
    let at = |moment: Moment| moment.to_string().get(11..16).unwrap().to_owned();
    times.iter().map(|times| format!("{}-{}", at(times.from), at(times.until))).collect::<Vec<_>>().join(", ")
}

#[test]
fn whoever_comes_first_is_called_and_begins() {
    let mut house = queue(&json!({}));
    assert_eq!(house.card(line(&house)).status, "open");
    for firm in 0..3 {
        joins(&mut house, firm, 60).unwrap();
    }
    assert_eq!(stands(&house), "1 called, 2, 3");
    assert_eq!(why(joins(&mut house, 1, 30)), "line/in-line-already", "one turn each");
    assert_eq!(why(takes(&mut house, 1, 2, &json!({}))), "booking/not-your-turn");
    assert_eq!(why(takes(&mut house, 1, 1, &json!({}))), "booking/not-your-turn");
    let booking = takes(&mut house, 0, 1, &json!({})).unwrap();
    assert_eq!((house.status(booking).as_str(), sat(&house, booking).as_str()), ("scheduled", "01:00-02:00"));
    assert_eq!(house.card(booking).amount, Some(Money::yuan(600)));
    assert_eq!(stands(&house), "2, 3", "nobody is called while it is used");
    let free_from: Option<Moment> = house.card(line(&house)).read("free_from");
    assert_eq!(free_from, Some("2026-03-03 10:00".parse().unwrap()));
    clock(&mut house);
    assert_eq!(stands(&house), "2 called, 3", "its time is over");
    let late = house.asks("request", 3, "2026-03-05 09:00", 60, &json!({}));
    assert_eq!(why(late), "booking/join-the-line");
    let series = json!({ "every": { "days": 1, "times": 3 } });
    assert_eq!(why(house.asks("request", 3, "2026-03-05 09:00", 60, &series)), "booking/join-the-line");
    assert_eq!(why(house.asks("queue", 3, "2026-03-05 09:00", 60, &json!({}))), "booking/join-the-line");
}

#[test]
fn a_turn_that_is_not_taken_lapses_and_the_next_is_called() {
    let mut house = queue(&json!({}));
    for firm in 0..3 {
        joins(&mut house, firm, 60).unwrap();
    }
    clock(&mut house);
    assert_eq!(house.world.now, "2026-03-03 09:15".parse().unwrap());
    assert_eq!(stands(&house), "2 called, 3");
    let ended = house.state(line(&house))["ended"].clone();
    assert_eq!((ended[0]["turn"]["number"].clone(), ended[0]["how"].clone()), (json!(1), json!("not-taken")));
    assert_eq!(why(takes(&mut house, 0, 1, &json!({}))), "booking/not-your-turn");
    joins(&mut house, 0, 60).unwrap();
    assert_eq!(stands(&house), "2 called, 3, 4", "at the end");
}

#[test]
fn whoever_takes_a_turn_and_does_not_begin_gives_it_up() {
    let mut house = queue(&json!({}));
    joins(&mut house, 0, 120).unwrap();
    joins(&mut house, 1, 60).unwrap();
    let first = takes(&mut house, 0, 1, &json!({})).unwrap();
    house.clock(first);
    assert_eq!(house.world.now, "2026-03-03 09:15".parse().unwrap());
    assert_eq!((house.status(first).as_str(), stands(&house).as_str()), ("lapsed", "2 called"));
    assert_eq!(house.busy(MONDAY), 0);
    let second = takes(&mut house, 1, 2, &json!({})).unwrap();
    assert_eq!(sat(&house, second), "01:15-02:15");
    is_used(&mut house, second, "2026-03-03 09:29", "2026-03-03 10:00");
    assert_eq!(house.status(second), "used", "it had begun in time");
}

#[test]
fn an_early_stop_gives_the_rest_back_and_calls_the_next() {
    let mut house = queue(&json!({}));
    joins(&mut house, 0, 120).unwrap();
    joins(&mut house, 1, 60).unwrap();
    let first = takes(&mut house, 0, 1, &json!({})).unwrap();
    is_used(&mut house, first, "2026-03-03 09:00", "2026-03-03 09:40");
    assert_eq!(stands(&house), "2 called");
    let second = takes(&mut house, 1, 2, &json!({})).unwrap();
    assert_eq!(sat(&house, second), "01:40-02:40");
    assert_eq!(house.busy(MONDAY), 2);
    let by = house.firm(1);
    joins(&mut house, 2, 60).unwrap();
    house.tells(second, &json!({ "verb": "cancel" }), &by).unwrap();
    assert_eq!(stands(&house), "3 called", "what is cancelled calls the next too");
    assert_eq!(house.state(second)["fee"], json!("0.00"));
}

#[test]
fn before_a_booked_time_a_turn_is_cut_or_not_called() {
    let mut house = hybrid();
    let booked = house.books(3, "2026-03-03 10:00", 60);
    joins(&mut house, 0, 120).unwrap();
    assert_eq!(stands(&house), "1 called");
    let cut = takes(&mut house, 0, 1, &json!({})).unwrap();
    assert_eq!(sat(&house, cut), "01:00-02:00", "an hour of the two");
    assert_eq!(house.card(cut).amount, Some(Money::yuan(600)));
    joins(&mut house, 1, 30).unwrap();
    is_used(&mut house, cut, "2026-03-03 09:00", "2026-03-03 09:35");
    assert_eq!(stands(&house), "2", "25 minutes are not enough to be called and to use it");
    let by = house.firm(3);
    house.tells(booked, &json!({ "verb": "cancel" }), &by).unwrap();
    assert_eq!(stands(&house), "2 called");
    house.books(3, "2026-03-03 09:50", 60);
    assert_eq!(stands(&house), "2 called", "a quarter of an hour is left");
    assert_eq!(sat(&house, booked), "02:00-03:00");
    house.it_is("2026-03-03 09:40");
    let short = takes(&mut house, 1, 2, &json!({}));
    assert_eq!(why(short), "booking/only-free");
}

#[test]
fn whoever_was_called_and_finds_it_taken_is_called_again() {
    let mut house = hybrid();
    joins(&mut house, 0, 60).unwrap();
    joins(&mut house, 1, 60).unwrap();
    house.books(3, "2026-03-03 09:00", 60);
    assert_eq!(stands(&house), "1, 2", "somebody booked it meanwhile");
    clock(&mut house);
    assert_eq!(
        (stands(&house).as_str(), house.world.now),
        ("1 called, 2", "2026-03-03 10:00".parse().unwrap())
    );
}

#[test]
fn who_runs_it_alone_shows_a_permit_as_they_join() {
    let mut house = queue(&json!({ "needs_permit": true }));
    assert_eq!(why(joins(&mut house, 0, 60)), "line/permit-needed");
    assert_eq!(house.card(line(&house)).read::<usize>("waiting"), Some(0));
}

#[test]
fn a_paused_line_calls_only_whom_its_keeper_calls() {
    let mut house = queue(&json!({}));
    let (keeper, firm) = (house.keeper.clone(), house.firm(0));
    let pause = json!({ "verb": "pause", "reason": "calibrating" });
    assert!(matches!(asks(&mut house, &pause, &firm), Err(Refused::NotAllowed(_))));
    asks(&mut house, &pause, &keeper).unwrap();
    joins(&mut house, 0, 60).unwrap();
    joins(&mut house, 1, 60).unwrap();
    assert_eq!(stands(&house), "1, 2");
    let call = json!({ "verb": "call" });
    asks(&mut house, &call, &keeper).unwrap();
    assert_eq!(stands(&house), "1 called, 2");
    assert_eq!(why(asks(&mut house, &call, &keeper)), "line/called-already");
    let skip = json!({ "verb": "skip", "number": 1, "reason": "nobody came" });
    asks(&mut house, &skip, &keeper).unwrap();
    assert_eq!(stands(&house), "2");
    let told = house.state(line(&house))["ended"][0].clone();
    assert_eq!((told["how"].clone(), told["reason"].clone()), (json!("skipped"), json!("nobody came")));
    asks(&mut house, &json!({ "verb": "resume" }), &keeper).unwrap();
    assert_eq!(stands(&house), "2 called");
}

#[test]
fn whoever_leaves_makes_room() {
    let mut house = queue(&json!({}));
    for firm in 0..3 {
        joins(&mut house, firm, 60).unwrap();
    }
    let (one, two) = (house.firm(0), house.firm(1));
    let leave = json!({ "verb": "leave", "number": null });
    let other = json!({ "verb": "leave", "number": 3 });
    assert_eq!(why(asks(&mut house, &other, &two)), "line/not-in-line", "of somebody else");
    asks(&mut house, &leave, &one).unwrap();
    assert_eq!(stands(&house), "2 called, 3");
    assert_eq!(why(asks(&mut house, &leave, &one)), "line/not-in-line");
}

#[test]
fn out_of_use_nobody_is_called_and_without_a_line_nobody_stands_there() {
    let mut house = queue(&json!({}));
    house.keeps(&json!({ "verb": "suspend", "reason": "vacuum", "back": null }));
    assert_eq!(why(joins(&mut house, 0, 60)), "line/not-in-service");
    house.keeps(&json!({ "verb": "resume" }));
    joins(&mut house, 0, 60).unwrap();
    joins(&mut house, 1, 60).unwrap();
    house.keeps(&json!({ "verb": "set-using", "using": using(&json!({})) }));
    assert_eq!((stands(&house).as_str(), house.card(line(&house)).status.as_str()), ("", "shut"));
    assert_eq!(house.state(line(&house))["ended"].as_array().unwrap().len(), 2);
    assert_eq!(why(joins(&mut house, 0, 60)), "line/no-line");
    let by_quote = json!({ "verb": "set-using", "using": using(&json!({ "mode": "queue", "confirmation": "by-quote" })) });
    let (instrument, keeper) = (house.instrument, house.keeper.clone());
    let refused = house.world.ask("instrument", Some(instrument), &by_quote, &keeper);
    assert_eq!(why(refused), "instrument/line-needs-nobody");
}

#[test]
fn nobody_but_the_keeper_reads_who_stands_there() {
    let mut house = queue(&json!({}));
    joins(&mut house, 0, 60).unwrap();
    joins(&mut house, 1, 30).unwrap();
    let clerk = DESKS.find("line").unwrap();
    let state = house.state(line(&house));
    let seen = |viewer: &Viewer| {
        let (state, card) = clerk.veil(&state.clone().into(), viewer).unwrap();
        let known =
            |turn: &Value| !turn["buyer"].is_null() || !turn["wish"].is_null() || !turn["joined"].is_null();
        let turns = state["turns"].as_array().unwrap().clone();
        let told = turns.iter().map(known).collect::<Vec<_>>();
        assert_eq!((card.read::<i64>("wanted"), card.read::<usize>("waiting")), (Some(90), Some(1)));
        (told, card.holders("called").count())
    };
    assert_eq!(seen(&house.keeper), (vec![true, true], 2));
    assert_eq!(seen(&house.firm(0)), (vec![true, false], 2));
    assert_eq!(seen(&house.firm(1)), (vec![false, true], 0));
    assert_eq!(seen(&Viewer::public()), (vec![false, false], 0));
    let read = |viewer: &Viewer| {
        let history = house.world.history(line(&house)).iter();
        let read = history.filter_map(|event| clerk.veil_event(&state.clone().into(), event, viewer));
        read.map(|event| event["event"].as_str().unwrap().to_owned()).collect::<Vec<_>>().join(" ")
    };
    assert_eq!(read(&Viewer::public()), "opened joined joined");
    assert_eq!(read(&house.firm(1)), "opened joined joined");
    assert_eq!(read(&house.keeper), "opened joined called joined");
}

#[test]
fn a_turn_ends_when_it_closes_and_a_second_place_is_for_the_next() {
    let opening = json!([{ "weekday": "tuesday", "opens": "09:00", "shuts": "10:00" }]);
    let mut house = queue(&json!({ "openings": opening, "places": 2 }));
    for firm in 0..3 {
        joins(&mut house, firm, 120).unwrap();
    }
    let first = takes(&mut house, 0, 1, &json!({})).unwrap();
    assert_eq!((sat(&house, first).as_str(), stands(&house).as_str()), ("01:00-02:00", "2 called, 3"));
    house.it_is("2026-03-03 09:10");
    let second = takes(&mut house, 1, 2, &json!({ "minutes": 30 })).unwrap();
    assert_eq!((sat(&house, second).as_str(), stands(&house).as_str()), ("01:10-01:40", "3"));
    is_used(&mut house, first, "2026-03-03 09:10", "2026-03-03 09:20");
    assert_eq!(stands(&house), "3 called");
    clock(&mut house);
    joins(&mut house, 3, 30).unwrap();
    assert_eq!(stands(&house), "4", "25 minutes before it closes nobody is called");
    clock(&mut house);
    assert_eq!(house.world.now, "2026-03-10 09:00".parse().unwrap());
    assert_eq!(stands(&house), "4 called", "a week later it opens again");
}

#[test]
fn a_turn_over_the_end_of_a_week_that_stops_early_leaves_the_next_week() {
    let mut house = queue(&json!({}));
    house.it_is("2026-03-08 23:30");
    joins(&mut house, 0, 60).unwrap();
    let booking = takes(&mut house, 0, 1, &json!({})).unwrap();
    assert_eq!((house.busy(MONDAY), house.busy("2026-03-09")), (1, 1));
    is_used(&mut house, booking, "2026-03-08 23:30", "2026-03-08 23:50");
    assert_eq!((house.busy(MONDAY), house.busy("2026-03-09")), (1, 0));
    joins(&mut house, 1, 60).unwrap();
    let next = takes(&mut house, 1, 2, &json!({})).unwrap();
    assert_eq!(sat(&house, next), "15:50-16:50");
}

#[test]
fn whoever_is_called_while_it_goes_out_of_use_is_called_again() {
    let mut house = queue(&json!({}));
    joins(&mut house, 0, 60).unwrap();
    joins(&mut house, 1, 60).unwrap();
    house.keeps(&json!({ "verb": "suspend", "reason": "vacuum", "back": null }));
    assert_eq!(stands(&house), "1, 2");
    assert!(house.world.stored(line(&house)).unwrap().standing.due.is_none());
    house.keeps(&json!({ "verb": "resume" }));
    assert_eq!(stands(&house), "1 called, 2");
    let [from, until] = ["2026-03-03 09:00", "2026-03-03 12:00"].map(|at| at.parse::<Moment>().unwrap());
    let times = json!({ "from": from, "until": until });
    house.keeps(&json!({ "verb": "close", "why": "calibration", "times": times }));
    assert_eq!(stands(&house), "1, 2");
    house.keeps(&json!({ "verb": "reopen", "times": times }));
    assert_eq!(stands(&house), "1 called, 2");
}

#[test]
fn with_a_permit_one_joins_and_begins() {
    let mut house = queue(&json!({ "needs_permit": true }));
    let person = house.person();
    let (instrument, keeper, line) = (house.instrument, house.keeper.clone(), line(&house));
    let grant = json!({ "verb": "grant", "instrument": instrument, "person": person, "trained": "2026-03-01", "until": "2026-12-31" });
    let permit = house.world.ask("permit", None, &grant, &keeper).unwrap();
    let by = member(house.firms[0], person);
    let wish = wish(&house, 0, 60, &json!({ "permit": permit }));
    let other = house.firm(0);
    assert!(house.world.ask("line", Some(line), &wish, &other).is_err(), "somebody else's");
    house.world.ask("line", Some(line), &wish, &by).unwrap();
    let mut take = json!({
        "verb": "take-turn", "instrument": instrument, "line": line, "turn": 1, "buyer": house.firms[0], "minutes": null,
        "permit": null, "agreement": null
    });
    assert_eq!(why(house.world.ask("booking", None, &take, &by)), "booking/permit-needed");
    take["permit"] = json!(permit);
    let booking = house.world.ask("booking", None, &take, &by).unwrap();
    assert_eq!(house.status(booking), "scheduled");
}
