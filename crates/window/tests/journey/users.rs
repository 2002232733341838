//! Users: whom the owner of a need sends to a panel. They come to its vote on fit by their inbox, vote once, and learn of it
//! neither before nor beyond what they vote on.

use super::{
    judged::{HOUR, ask, ballot_on, expert, later, officer, someone},
    *,
};

const EXPERTS: usize = 5;

struct Fit {
    town: Town,
    office: Id,
    panel: Id,
    solution: Id,
    judges: Vec<Id>,
}

/// A need on which solutions are solicited.
fn need(town: &Town, office: Id, (signer, owner): (Id, Id)) -> Id {
    let words = json!({ "zh": "声学透镜", "en": "Acoustic lens" });
    let aim = json!([{ "name": "loss", "unit": "dB", "threshold": "≤ 3" }]);
    let draft = json!({
        "verb": "draft", "owner": owner, "title": words, "summary": { "zh": "用于深海" }, "field": "integrated-circuits",
        "deadline_months": 24, "budget": "4000000.00", "co_funding": true, "indicators": aim,
        "cross_region": "resin", "ip_ownership": "jointly", "no_secrets": true
    });
    let need = ask(town, signer, "need", None, draft);
    ask(town, signer, "need", Some(need), json!({ "verb": "submit" }));
    for command in [
        json!({ "verb": "screen", "remark": "real" }),
        json!({ "verb": "condense", "title": words, "summary": { "zh": "共性" }, "reason": "one", "indicators": aim }),
        json!({ "verb": "confirm", "remark": "five agree" }),
        json!({ "verb": "publish" }),
        json!({ "verb": "solicit" }),
    ] {
        ask(town, office, "need", Some(need), command);
    }
    need
}

/// An answer to it that was handed in.
fn solution(town: &Town, need: Id, (leader, lead): (Id, Id), partner: Id) -> Id {
    let draft = json!({
        "verb": "draft", "need": need, "lead": lead, "title": { "zh": "复合透镜", "en": "Compound lens" },
        "summary": { "zh": "先成型" }, "route": "先成型，再镀膜", "months": 24, "total": "2000000.00",
        "public_money": "1000000.00", "commitment": true, "no_secrets": true,
        "promises": [{ "indicator": "loss", "promised": "≤ 2" }],
        "partners": [{ "organisation": partner, "role": "pilot" }], "milestones": [],
        "budget": [
            { "source": "central-guidance", "organisation": lead, "amount": "1000000.00" },
            { "source": "own-funds", "organisation": lead, "amount": "1000000.00" }
        ]
    });
    let solution = ask(town, leader, "solution", None, draft);
    let member = json!({ "verb": "add-member", "person": leader, "organisation": lead, "role": "leader",
                         "task": "all", "months_a_year": 6 });
    ask(town, leader, "solution", Some(solution), member);
    ask(town, leader, "solution", Some(solution), json!({ "verb": "submit" }));
    solution
}

/// Five have judged the one solution; the owner's person is named for the vote on fit.
fn judged() -> Fit {
    let town = town();
    let office = officer(&town, "office", &["panel-office", "expert-office", "joint-office", "screening"]);
    let owner = someone(&town, "maker", "enterprise", "310115");
    someone(&town, "bystander", "enterprise", "310115");
    let need = need(&town, office, owner);
    let (team, partner) =
        (someone(&town, "solver", "institute", "310115"), someone(&town, "pilot", "enterprise", "330106"));
    let solution = solution(&town, need, team, partner.1);
    later(&town, 60 * 24 * HOUR);
    ask(&town, office, "solution", Some(solution), json!({ "verb": "check-formally", "passed": true }));
    let experts: Vec<(Id, Id)> = (0..EXPERTS).map(|n| expert(&town, office, n)).collect();
    let open = json!({
        "verb": "open", "title": { "zh": "透镜评审组", "en": "Lens panel" }, "region": "310000", "each": 5, "load_max": 4,
        "answer_days": 5, "review_days": 10, "fee_level": "lowest"
    });
    let panel = ask(&town, office, "panel", None, open);
    let asks = |command: Value| ask(&town, office, "panel", Some(panel), command);
    asks(json!({ "verb": "admit-candidates", "candidates": [solution] }));
    let pairs: Vec<Value> =
        experts.iter().map(|(_, expert)| json!({ "candidate": solution, "expert": expert })).collect();
    asks(json!({ "verb": "propose", "pairs": pairs }));
    let state = town.house.registry.look(Some(office)).unwrap().record(panel).unwrap().unwrap().state;
    let id = |value: &Value| value.as_str().unwrap().parse::<Id>().unwrap();
    let seats = state["seats"].as_array().unwrap().iter();
    let seats: Vec<(Id, Id)> = seats.map(|seat| (id(&seat["review"]), id(&seat["person"]))).collect();
    for (review, person) in &seats {
        let accept = json!({ "verb": "accept", "no_conflict": true, "in_person": true });
        ask(&town, *person, "review", Some(*review), accept);
        let marks: Vec<Value> = (1..=6).map(|place| json!({ "place": place, "score": 80 })).collect();
        let sign = json!({ "verb": "sign", "marks": marks, "open": "sound", "closed": "for the office" });
        ask(&town, *person, "review", Some(*review), sign);
    }
    let reviews: Vec<Id> = seats.iter().map(|(review, _)| *review).collect();
    asks(json!({ "verb": "close-scores", "reviews": reviews }));
    asks(json!({ "verb": "name-user", "person": owner.0, "need": need }));
    let judges = seats.iter().map(|(_, person)| *person).collect();
    Fit { town, office, panel, solution, judges }
}

#[test]
fn a_users_representative_comes_to_the_vote_on_fit_by_the_inbox() {
    let fit = judged();
    let page = format!("/panel/{}", fit.panel);
    let user = sign_in(&fit.town, "maker", "en");
    let is_asked = |who: &Browser| who.get("/inbox").1.contains("Lens panel");
    assert!(!is_asked(&user) && user.get(&page).0 == 404, "nothing is put to the vote yet");
    let closes = fit.town.house.registry.now().plus_millis(24 * HOUR);
    // Five have judged and the user makes six: one is excused, so that an odd number votes.
    let put = json!({ "verb": "put-to-vote", "candidates": [fit.solution], "closes": closes, "matter": "fit",
                      "excused": [fit.judges[0]], "reason": "an odd number votes" });
    ask(&fit.town, fit.office, "panel", Some(fit.panel), put);
    assert!(is_asked(&user));
    for login in ["bystander", "firm", "solver"] {
        let other = sign_in(&fit.town, login, "en");
        assert!(!is_asked(&other) && other.get(&page).0 == 404, "{login} is not of the panel");
    }
    let excused =
        (0..EXPERTS).filter(|n| !is_asked(&sign_in(&fit.town, &format!("judge-{n}"), "en"))).count();
    assert_eq!(excused, 1, "each judge but the one excused");
    let html = user.get(&page).1;
    assert!(ballot_on(&html, "Compound lens").contains("value=\"abstain\""), "{html}");
    let solution = fit.solution.to_string();
    let cast = [("candidate", solution.as_str()), ("choice", "yes"), ("word", "heron")];
    location(&user.send(&page, &format!("{page}/cast"), &cast));
    assert!(!is_asked(&user), "nothing waits for whoever has voted");
    assert_eq!(user.send(&page, &format!("{page}/cast"), &cast).status, 409, "one ballot each");
}
