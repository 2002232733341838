//! A panel with its members, applicants and office, in one house: scores, a secret ballot through the booth, a second
//! opinion after a violation, and who may know what of each.

use super::*;

/// A day in China is over by then.
pub(super) const HOUR: i64 = 3_600_000;
const EXPERTS: usize = 7;

/// The house, with everyone by their place.
struct Judged {
    town: Town,
    office: Id,
    second: Id,
    members: Vec<(Id, Id)>,
    applications: [Id; 2],
    panel: Id,
}

impl std::ops::Deref for Judged {
    type Target = Town;
    fn deref(&self) -> &Town {
        &self.town
    }
}

pub(super) fn try_ask(
    town: &Town,
    by: Id,
    desk: &str,
    record: Option<Id>,
    command: &Value,
) -> Result<registry::Receipt, registry::Denied> {
    let verb = DESKS.find(desk).unwrap().verb(command["verb"].as_str().unwrap()).unwrap();
    let mut fields = command.clone();
    fields.as_object_mut().unwrap().remove("verb");
    let key = format!("judged/{}", town.house.registry.size());
    town.house.registry.run(Ask::new(key, Asker::Person(by), desk, record, verb.read_json(&fields).unwrap()))
}

pub(super) fn ask(town: &Town, by: Id, desk: &str, record: Option<Id>, command: Value) -> Id {
    let answer = try_ask(town, by, desk, record, &command);
    answer.unwrap_or_else(|denied| panic!("{desk} {command}: {denied:?}")).record
}

/// The same where a second person agrees.
fn ask_two(town: &Town, (by, second): (Id, Id), desk: &str, record: Id, command: &Value) {
    let receipt = try_ask(town, by, desk, Some(record), command).unwrap();
    let pending = receipt.pending.unwrap_or_else(|| panic!("{command} waits for nobody"));
    town.house.registry.endorse(pending, Asker::Person(second), true).unwrap();
}

pub(super) fn later(town: &Town, millis: i64) {
    town.clock.0.fetch_add(millis, Ordering::Relaxed);
    town.house.registry.tick().unwrap();
}

/// Someone who signs in, of an organisation of their own.
pub(super) fn someone(town: &Town, login: &str, kind: &str, region: &str) -> (Id, Id) {
    let registry = &town.house.registry;
    let entry = json!({ "verb": "register", "name": { "zh": format!("{login} 单位"), "en": format!("unit of {login}") },
                        "kind": kind, "region": region });
    let unit = founded(registry, &format!("unit/{login}"), "organisation", None, entry);
    let entry = json!({ "verb": "register", "name": login, "region": "310000", "public": true,
                        "display_name": { "zh": login, "en": format!("Dr {login}") } });
    let person = founded(registry, &format!("person/{login}"), "person", None, entry);
    window::set_password(registry, login, PASSWORD, person).unwrap().unwrap();
    let claim = json!({ "verb": "claim-affiliation", "organisation": unit, "role": "x", "may_sign": true, "from": "2020-01-01" });
    founded(registry, &format!("claim/{login}"), "person", Some(person), claim);
    let confirm = json!({ "verb": "confirm-affiliation", "organisation": unit });
    founded(registry, &format!("confirm/{login}"), "person", Some(person), confirm);
    (person, unit)
}

pub(super) fn officer(town: &Town, login: &str, offices: &[&str]) -> Id {
    let (person, _) = someone(town, login, "government", "310000");
    for office in offices {
        let appoint = json!({ "verb": "appoint", "holder": person, "office": office, "region": "000000",
                              "from": "2026-03-02", "document": "test 1" });
        founded(&town.house.registry, &format!("office/{login}/{office}"), "office", None, appoint);
    }
    person
}

/// A call that has opened, under an adopted programme.
pub(super) fn call(town: &Town, (office, second): (Id, Id)) -> Id {
    let words = json!({ "zh": "申报", "en": "Call" });
    let programme = json!({
        "verb": "draft", "kind": "ordinary", "region": "310000", "title": words, "about": words,
        "from": "2026-01-01", "until": "2028-12-31", "years": [{ "year": 2026, "amount": "100000000.00" }],
        "funders": [{ "organisation": town.institute, "role": "city", "share": "1/1" }]
    });
    let programme = ask(town, office, "programme", None, programme);
    ask_two(town, (office, second), "programme", programme, &json!({ "verb": "adopt" }));
    let guide = json!({
        "verb": "draft", "programme": programme, "title": words, "about": words, "contact": words,
        "family": "uncounted", "opens": "2026-03-03 09:00", "closes": "2026-03-20 16:30", "for_foreign_invested": false,
        "topics": [{
            "code": "A", "title": words, "goals": words, "field": "ocean", "funding": "up-to",
            "ceiling": "2000000.00", "places": 5, "months": 36, "directed": false
        }]
    });
    let call = ask(town, office, "call", None, guide);
    ask_two(town, (office, second), "call", call, &json!({ "verb": "publish" }));
    call
}

/// Written, certified, confirmed and submitted by the one professor of its unit.
pub(super) fn application(town: &Town, call: Id, (professor, unit): (Id, Id), title: &str) -> Id {
    let draft = json!({
        "verb": "draft", "call": call, "topic": "A", "lead": unit, "title": { "zh": title, "en": title },
        "summary": { "zh": "摘要" }, "brief": "以阵列反演定位", "route": "阵列反演", "indicators": ["定位误差"], "months": 24,
        "total": "1000000.00", "public_money": "1000000.00", "no_secrets": true,
        "budget": [{ "source": "province", "organisation": unit, "amount": "1000000.00" }]
    });
    let application = ask(town, professor, "application", None, draft);
    let leader = json!({ "verb": "add-member", "person": professor, "organisation": unit, "role": "leader",
                         "task": "all", "months_a_year": 6 });
    let facts = json!({ "verb": "state-leader", "age": 50, "title": "senior", "degree": "doctor", "recommenders": 0 });
    for step in [
        leader,
        facts,
        json!({ "verb": "certify" }),
        json!({ "verb": "confirm-by-unit" }),
        json!({ "verb": "submit" }),
    ] {
        ask(town, professor, "application", Some(application), step);
    }
    application
}

pub(super) fn expert(town: &Town, office: Id, n: usize) -> (Id, Id) {
    let (person, unit) = someone(town, &format!("judge-{n}"), "institute", "330106");
    let apply = json!({
        "verb": "apply", "person": person, "unit": unit, "kinds": ["technical"], "title_level": "senior",
        "fields": ["ocean"], "load_max": 5, "named": false, "no_secrets": true
    });
    let expert = ask(town, person, "expert", None, apply);
    ask(town, person, "expert", Some(expert), json!({ "verb": "recommend", "opinion": "able" }));
    ask(town, office, "expert", Some(expert), json!({ "verb": "admit" }));
    (person, expert)
}

/// Two applications, seven experts, five of whom have judged each; the scores are taken.
fn scored() -> Judged {
    let town = town();
    let offices = ["panel-office", "expert-office", "programme-office", "joint-office"];
    let (office, second) = (officer(&town, "office", &offices), officer(&town, "second", &offices));
    let call = call(&town, (office, second));
    later(&town, 24 * HOUR);
    let teams = ["ann", "ben"].map(|login| someone(&town, login, "university", "310115"));
    let applications = [(teams[0], "deep sea sound"), (teams[1], "tidal glass")]
        .map(|(team, title)| application(&town, call, team, title));
    later(&town, 20 * 24 * HOUR);
    for application in applications {
        let passed = json!({ "verb": "check-formally", "passed": true });
        ask(&town, office, "application", Some(application), passed);
    }
    let members: Vec<(Id, Id)> = (0..EXPERTS).map(|n| expert(&town, office, n)).collect();
    let open = json!({
        "verb": "open", "title": { "zh": "海洋评审组", "en": "Ocean panel" }, "region": "310000", "each": 5, "load_max": 4,
        "answer_days": 5, "review_days": 10, "fee_level": "lowest"
    });
    let panel = ask(&town, office, "panel", None, open);
    ask(
        &town,
        office,
        "panel",
        Some(panel),
        json!({ "verb": "admit-candidates", "candidates": applications }),
    );
    let pairs = |application: Id| {
        let five = members.iter().take(5);
        five.map(move |(_, expert)| json!({ "candidate": application, "expert": expert }))
    };
    let pairs: Vec<Value> = applications.into_iter().flat_map(pairs).collect();
    ask(&town, office, "panel", Some(panel), json!({ "verb": "propose", "pairs": pairs }));
    let judged = Judged { town, office, second, members, applications, panel };
    let seats = judged.seats();
    for ((review, person, _), score) in seats.iter().zip([90, 88, 86, 84, 82, 70, 70, 71, 72, 73]) {
        judged.sign(*review, *person, score);
    }
    judged.close(seats.iter().map(|(review, ..)| *review));
    judged
}

impl Judged {
    /// Reviews that count, with reviewer and candidate.
    fn seats(&self) -> Vec<(Id, Id, Id)> {
        let look = self.house.registry.look(Some(self.office)).unwrap();
        let state = look.record(self.panel).unwrap().unwrap().state;
        let id = |value: &Value| value.as_str().unwrap().parse::<Id>().unwrap();
        let live = state["seats"].as_array().unwrap().iter().filter(|seat| seat["ended"].is_null());
        live.map(|seat| (id(&seat["review"]), id(&seat["person"]), id(&seat["candidate"]))).collect()
    }

    fn sign(&self, review: Id, person: Id, score: i64) {
        let accept = json!({ "verb": "accept", "no_conflict": true, "in_person": true });
        ask(self, person, "review", Some(review), accept);
        let marks: Vec<Value> = (1..=6).map(|place| json!({ "place": place, "score": score })).collect();
        let sign = json!({ "verb": "sign", "marks": marks, "open": format!("comment {score}"), "closed": "for the office" });
        ask(self, person, "review", Some(review), sign);
    }

    fn close(&self, reviews: impl Iterator<Item = Id>) {
        let reviews: Vec<Id> = reviews.collect();
        ask(
            self,
            self.office,
            "panel",
            Some(self.panel),
            json!({ "verb": "close-scores", "reviews": reviews }),
        );
    }

    fn page(&self) -> String {
        format!("/panel/{}", self.panel)
    }

    fn as_member(&self, n: usize) -> Browser<'_> {
        sign_in(self, &format!("judge-{n}"), "en")
    }

    /// Puts both to the vote for a day.
    fn puts_to_vote(&self) {
        let closes = self.house.registry.now().plus_millis(24 * HOUR);
        let put = json!({ "verb": "put-to-vote", "candidates": self.applications, "closes": closes, "matter": "money" });
        ask(self, self.office, "panel", Some(self.panel), put);
    }
}

/// The part of a page about the ballot on one candidate, found by its title.
pub(super) fn ballot_on<'t>(html: &'t str, title: &str) -> &'t str {
    let part = html.split("id=\"vote-").find(|part| part.contains(title));
    part.unwrap_or_else(|| panic!("no ballot on {title}: {}", text_of(html))).split("</li>").next().unwrap()
}

#[test]
fn members_vote_without_typing_an_id_and_nobody_reads_how() {
    let judged = scored();
    let page = judged.page();
    let member = judged.as_member(0);
    assert!(!member.get("/inbox").1.contains("Ocean panel"), "nothing is put to the vote yet");
    judged.puts_to_vote();
    assert!(member.get("/inbox").1.contains("Ocean panel"));
    let html = member.get(&page).1;
    let ballot = ballot_on(&html, "deep sea sound");
    for needed in
        ["type=\"radio\"", "value=\"abstain\"", "type=\"hidden\" name=\"candidate\"", "Mean 86.00, rank 1"]
    {
        assert!(ballot.contains(needed), "{needed}: {ballot}");
    }
    assert!(!html.contains("type=\"text\" name=\"candidate\"") && html.contains("0 / 2"));
    assert_eq!(member.get(&format!("{page}/cast")).1.matches("type=\"radio\"").count(), 6, "the same page");
    let [first, other] = judged.applications.map(|id| id.to_string());
    let cast = |who: &Browser, what: &[(&str, &str)]| who.send(&page, &format!("{page}/cast"), what);
    let wrong = cast(&member, &[("candidate", &first), ("choice", "no")]);
    let text = String::from_utf8(wrong.body).unwrap();
    assert!(
        wrong.status == 400 && ballot_on(&text, "deep sea sound").contains("-word-error"),
        "{}",
        text_of(&text)
    );
    location(&cast(&member, &[("candidate", &first), ("choice", "no"), ("word", "heron")]));
    let html = member.get(&page).1;
    let ballot = ballot_on(&html, "deep sea sound");
    assert!(ballot.contains("Cast") && ballot.contains("/proof/") && !ballot.contains("radio"), "{ballot}");
    assert!(
        html.contains("1 / 2") && !html.contains("heron") && member.get("/inbox").1.contains("Ocean panel")
    );
    let twice = cast(&member, &[("candidate", &first), ("choice", "yes"), ("word", "heron")]);
    assert_eq!(twice.status, 409, "one ballot each");
    location(&cast(&member, &[("candidate", &other), ("choice", "yes"), ("word", "heron")]));
    assert!(!member.get("/inbox").1.contains("Ocean panel"), "nothing waits for whoever has voted");
    nobody_else_reads_a_ballot(&judged, &page);
    for (n, choice) in [(1, "yes"), (2, "yes"), (3, "abstain")] {
        let word = format!("word-{n}");
        location(&cast(&judged.as_member(n), &[("candidate", &first), ("choice", choice), ("word", &word)]));
    }
    later(&judged, 25 * HOUR);
    the_count_is_shown_with_its_proof(&judged, &page);
}

/// While it is open: the office sees how many, a member who did not vote nothing, everyone else no such page.
fn nobody_else_reads_a_ballot(judged: &Judged, page: &str) {
    let office = sign_in(judged, "office", "en").get(page).1;
    assert!(office.contains("2 ballots cast") && text_of(&office).contains("1 / 5"), "{}", text_of(&office));
    let colleague = judged.as_member(1).get(page).1;
    assert!(ballot_on(&colleague, "deep sea sound").contains("radio") && colleague.contains("0 / 2"));
    for seen in [&office, &colleague] {
        assert!(!seen.contains("heron"));
    }
    for login in ["ann", "ben", "firm", "judge-6"] {
        let visitor = sign_in(judged, login, "en");
        assert_eq!(
            [page.to_owned(), format!("{page}/cast")].map(|path| visitor.get(&path).0),
            [404; 2],
            "{login}"
        );
        let first = judged.applications[0].to_string();
        let fields = [("candidate", first.as_str()), ("choice", "yes"), ("word", "x")];
        assert_eq!(visitor.send("/account", &format!("{page}/cast"), &fields).status, 404, "{login}");
    }
}

fn the_count_is_shown_with_its_proof(judged: &Judged, page: &str) {
    let member = judged.as_member(0);
    let html = member.get(page).1;
    let text = text_of(&html);
    assert!(
        ballot_on(&html, "deep sea sound").contains("Carried"),
        "two of four agreed, four of five voted: {text}"
    );
    assert!(ballot_on(&html, "tidal glass").contains("no quorum"), "{text}");
    assert!(text.contains("2 1 1 0 4 / 5"), "{text}");
    let own = html.split("heron").skip(1).map(|rest| rest.split("</tr>").next().unwrap());
    let own: Vec<&str> = own.collect();
    let has = |choice: &str| own.iter().any(|row| row.contains(&format!(">{choice}<")));
    assert!(own.len() == 2 && has("No") && has("Yes"), "their own word with their own choice: {own:?}");
    assert!(
        !["Dr judge-1", "Dr judge-2", "Dr judge-3"].iter().any(|name| text.contains(name)),
        "words, not names"
    );
    let proof = html.split("The count in the log:").nth(1).unwrap().split("href=\"").nth(1).unwrap();
    assert_eq!(member.get(proof.split('"').next().unwrap()).0, 200);
    let candidate = judged.applications[0].to_string();
    let dissent = [("candidate", candidate.as_str()), ("text", "the margin is thin")];
    location(&member.send(page, &format!("{page}/dissent"), &dissent));
    let own = text_of(&member.get(page).1);
    assert!(own.contains("the margin is thin Yours"), "{own}");
    let other = text_of(&judged.as_member(2).get(page).1);
    assert!(
        other.contains("the margin is thin") && !other.contains("Yours") && !other.contains("Dr judge-0")
    );
    let office = text_of(&sign_in(judged, "office", "en").get(page).1);
    assert!(office.contains("word-3 Abstain") && office.contains("the margin is thin"), "{office}");
    assert_eq!(sign_in(judged, "ann", "en").get(page).0, 404);
    let zh = text_of(&sign_in(judged, "judge-0", "zh-CN").get(page).1);
    assert!(zh.contains("计票结果") && zh.contains("未达有效比例") && !zh.contains("booth-"), "{zh}");
}

#[test]
fn whoever_was_judged_again_reads_both_results_and_which_counts() {
    let judged = scored();
    let (office, panel) = (judged.office, judged.panel);
    ask(&judged, office, "panel", Some(panel), json!({ "verb": "conclude" }));
    let visitor = |login: &str| sign_in(&judged, login, "en");
    let pages = judged.applications.map(|application| format!("/application/{application}"));
    let section = |html: &str| {
        html.split("id=\"opinions-reviewed")
            .nth(1)
            .map(|rest| text_of(rest.split("</section>").next().unwrap()))
    };
    assert_eq!(section(&visitor("ann").get(&pages[0]).1), None, "judged once");
    later(&judged, 24 * HOUR);
    let of_first = |(_, _, candidate): &&(Id, Id, Id)| *candidate == judged.applications[0];
    let seats = judged.seats();
    let (review, barred, _) = *seats.iter().find(of_first).unwrap();
    let again = json!({ "verb": "re-review", "reviews": [review], "reason": "a tie was concealed" });
    ask_two(&judged, (office, judged.second), "panel", panel, &again);
    let html = visitor("ann").get(&pages[0]).1;
    let waits = section(&html).unwrap_or_else(|| panic!("{}", text_of(&html)));
    assert!(
        waits.contains("Being judged again")
            && waits.contains("No longer counts")
            && !waits.contains(" Counts"),
        "{waits}"
    );
    let pair = json!([{ "candidate": judged.applications[0], "expert": judged.members[5].1 }]);
    ask(&judged, office, "panel", Some(panel), json!({ "verb": "propose", "pairs": pair }));
    let (fresh, substitute, _) = *judged
        .seats()
        .iter()
        .filter(of_first)
        .find(|(_, person, _)| *person == judged.members[5].0)
        .unwrap();
    judged.sign(fresh, substitute, 60);
    judged.close(std::iter::once(fresh));
    ask(&judged, office, "panel", Some(panel), json!({ "verb": "conclude" }));
    let html = visitor("ann").get(&pages[0]).1;
    let told = section(&html).unwrap();
    let order =
        ["counts (80.00)", "Counts", "comment 60", "No longer counts", "Score 86.00", "comment 90", "EP-R18"];
    let places: Vec<Option<usize>> = order.iter().map(|part| told.find(part)).collect();
    assert!(places.iter().all(Option::is_some) && places.is_sorted(), "{places:?} {told}");
    let main = text_of(&html);
    for hidden in ["Dr judge", "unit of judge", "a tie was concealed", "for the office"] {
        assert!(!main.contains(hidden), "{hidden}");
    }
    for hidden in [barred, substitute, review, fresh, judged.members[5].1] {
        assert!(!html.contains(hidden.as_str()), "{hidden}");
    }
    assert_eq!(section(&visitor("ben").get(&pages[1]).1), None, "the other was judged once");
    assert_eq!(visitor("ben").get(&pages[0]).0, 404);
    let zh = sign_in(&judged, "ann", "zh-CN").get(&pages[0]).1;
    assert!(section(&zh).unwrap().contains("重新评审") && section(&zh).unwrap().contains("不再作数"));
}
