//! Joint research through its rooms: solutions beside a need's targets, a proposal made on the page and handed in,
//! trials that change nothing, minutes, and who may see what of it.

use std::sync::LazyLock;

use desks::{
    allocation::Allocation, expert::Expert, need::Need, notice::Notice, office::Office,
    organisation::Organisation, person::Person, project::Project, rulebook::Rulebook, solution::Solution,
};
use grammar::{clerk::desk, prelude::*};

use super::*;

/// A panel that judges at once. Only a desk of this name may tell solutions what came of their review.
#[derive(Clone, Debug, Serialize, Deserialize)]
struct Panel {
    judged: Ref<Solution>,
}

#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "verb", rename_all = "kebab-case")]
enum Command {
    Judge { solution: Ref<Solution>, score: u32 },
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "event", rename_all = "kebab-case")]
enum Event {
    Judged { solution: Ref<Solution> },
}

#[derive(Debug, Serialize)]
#[serde(tag = "code", rename_all = "kebab-case")]
enum Refusal {}

impl Desk for Panel {
    const NAME: &'static str = "panel";
    const OPENS: &'static [&'static str] = &["judge"];
    const WORDS: [&'static str; 2] =
        ["desk = { one = \"评审\", many = \"评审\" }", "desk = { one = \"panel\", many = \"panels\" }"];
    const RULES: &'static str = "";
    type Command = Command;
    type Event = Event;
    type Refusal = Refusal;

    fn who(_: &Command) -> Who {
        Who::Anyone
    }

    fn decide(_: Option<&Self>, command: &Command, ctx: &Ctx) -> Decision<Self> {
        let Command::Judge { solution, score } = command.clone();
        let panel = ctx.me;
        let comments = ["good", "fair", "sound"].map(|text| Text::read(text).unwrap());
        let comments = List::new(comments.to_vec()).unwrap();
        let begin = desks::solution::Command::BeginReview { panel };
        let result = desks::solution::Command::TakeResult { panel, score, spread: 0, rank: None, comments };
        Ok(say(Event::Judged { solution }).and(tell(solution, &begin)).and(tell(solution, &result)))
    }

    fn apply(_: Option<Self>, event: &Event) -> Self {
        let Event::Judged { solution } = event.clone();
        Self { judged: solution }
    }

    fn card(&self) -> Card {
        Card::new().status("judged").titled("评审", "review").party("candidate", self.judged.id())
    }

    fn veil(&mut self, _: &Viewer) -> Sight {
        Sight::Hidden
    }
}

static JOINT: LazyLock<Desks> = LazyLock::new(|| {
    Desks::new(vec![
        desk::<Organisation>(),
        desk::<Person>(),
        desk::<Office>(),
        desk::<Rulebook>(),
        desk::<Notice>(),
        desk::<desks::account::Account>(),
        desk::<Need>(),
        desk::<Expert>(),
        desk::<Solution>(),
        desk::<Project>(),
        desk::<Panel>(),
        desk::<Allocation>(),
    ])
});

/// A town with someone who is of every team, and someone who holds the offices.
pub(super) struct Joint {
    town: Town,
    pub(super) hand: Id,
    pub(super) officer: Id,
}

impl std::ops::Deref for Joint {
    type Target = Town;
    fn deref(&self) -> &Town {
        &self.town
    }
}

/// What is asked by whom: what founds the region by nobody, decisions by the officer, the rest by the team.
pub(super) fn ask(town: &Joint, desk: &str, record: Option<Id>, command: Value) -> Id {
    const DECISIONS: [&str; 11] = [
        "screen",
        "condense",
        "confirm",
        "publish",
        "solicit",
        "check-formally",
        "negotiate",
        "open",
        "admit",
        "attest",
        "shortlist",
    ];
    let word = command["verb"].as_str().unwrap();
    let verb = JOINT.find(desk).unwrap().verb(word).unwrap();
    let by = match desk {
        "organisation" | "person" | "office" => Asker::Founder,
        _ if DECISIONS.contains(&word) => Asker::Person(town.officer),
        _ => Asker::Person(town.hand),
    };
    let mut fields = command.clone();
    fields.as_object_mut().unwrap().remove("verb");
    let key = format!("joint/{}", town.house.registry.size());
    let ask = Ask::new(key.clone(), by, desk, record, verb.read_json(&fields).unwrap());
    town.house.registry.run(ask).unwrap_or_else(|denied| panic!("{key} {command}: {denied:?}")).record
}

fn joint_town() -> Joint {
    let town = town_of(&JOINT);
    let firm = town.firm;
    let nobody = Id::named("person-nobody");
    let mut town = Joint { town, hand: nobody, officer: nobody };
    town.hand = person(&town, "hand");
    town.officer = person(&town, "officer");
    for office in ["screening", "joint-office", "integrity-office"] {
        let appoint = json!({ "verb": "appoint", "holder": town.officer, "office": office, "region": "000000",
                              "from": "2026-03-02", "document": "test 1" });
        ask(&town, "office", None, appoint);
    }
    joins(&town, town.hand, firm, true);
    town
}

fn person(town: &Joint, name: &str) -> Id {
    ask(
        town,
        "person",
        None,
        json!({ "verb": "register", "name": name, "region": "310000", "public": false }),
    )
}

fn joins(town: &Joint, person: Id, unit: Id, may_sign: bool) {
    let claim = json!({ "verb": "claim-affiliation", "organisation": unit, "role": "researcher", "may_sign": may_sign,
                        "from": "2026-01-01" });
    ask(town, "person", Some(person), claim);
    ask(town, "person", Some(person), json!({ "verb": "confirm-affiliation", "organisation": unit }));
}

fn need(town: &Joint, title: &str) -> Id {
    let aim = json!([{ "name": "impurities", "unit": "ppb", "threshold": "≤ 1" }]);
    let draft = json!({
        "verb": "draft", "owner": town.firm, "title": { "zh": title, "en": title }, "summary": { "zh": "共性技术" },
        "field": "integrated-circuits", "deadline_months": 24, "budget": "4000000.00", "co_funding": true,
        "indicators": aim, "cross_region": "resin", "ip_ownership": "jointly", "no_secrets": true
    });
    let need = ask(town, "need", None, draft);
    let condense = json!({ "verb": "condense", "title": { "zh": title, "en": title }, "summary": { "zh": "共性" },
                           "reason": "one", "indicators": aim });
    let remark = |verb: &str| json!({ "verb": verb, "remark": "real" });
    let plain = |verb: &str| json!({ "verb": verb });
    for step in
        [plain("submit"), remark("screen"), condense, remark("confirm"), plain("publish"), plain("solicit")]
    {
        ask(town, "need", Some(need), step);
    }
    need
}

fn organisation(town: &Joint, zh: &str, kind: &str, region: &str) -> Id {
    let register =
        json!({ "verb": "register", "name": { "zh": zh, "en": zh }, "kind": kind, "region": region });
    ask(town, "organisation", None, register)
}

/// A solution that was handed in: its lead in Shanghai, its partner in Zhejiang, each paid by its own province.
fn solution(
    town: &Joint,
    need: Id,
    (lead, partner): (Id, Id),
    title: &str,
    (promised, half): (&str, i64),
) -> Id {
    let leader = person(town, title);
    joins(town, leader, lead, false);
    let (whole, half) = (format!("{}", half * 2), half.to_string());
    let draft = json!({
        "verb": "draft", "need": need, "lead": lead, "title": { "zh": title, "en": title }, "summary": { "zh": "先精馏" },
        "route": "先精馏，再去除金属", "months": 24, "total": whole, "public_money": whole, "commitment": true,
        "no_secrets": true, "promises": [{ "indicator": "impurities", "promised": promised }],
        "partners": [{ "organisation": partner, "role": "中试" }], "milestones": [],
        "budget": [
            { "source": "province", "payer": "310000", "organisation": lead, "amount": half },
            { "source": "province", "payer": "330000", "organisation": partner, "amount": half }
        ],
    });
    let solution = ask(town, "solution", None, draft);
    let member = json!({ "verb": "add-member", "person": leader, "organisation": lead, "role": "leader",
                         "task": "all", "months_a_year": 6 });
    ask(town, "solution", Some(solution), member);
    ask(town, "solution", Some(solution), json!({ "verb": "submit" }));
    solution
}

/// Two needs with three solutions, reviewed; an allocation has admitted them.
pub(super) fn reviewed() -> (Joint, [Id; 2], [Id; 3], Id) {
    let town = joint_town();
    let lead = organisation(&town, "某某研究院", "institute", "310115");
    let partner = organisation(&town, "某某材料", "enterprise", "330106");
    let team = (lead, partner);
    for unit in [lead, partner] {
        joins(&town, town.hand, unit, true);
    }
    let needs = ["photoresist", "pure gas"].map(|title| need(&town, title));
    let solutions = [
        solution(&town, needs[0], team, "two steps", ("≤ 0.8 ppb", 1_000_000)),
        solution(&town, needs[0], team, "one step", ("≤ 3 ppb", 500_000)),
        solution(&town, needs[1], team, "new valves", ("≤ 1", 900_000)),
    ];
    town.clock.0.fetch_add(60 * 86_400_000, Ordering::Relaxed);
    town.house.registry.tick().unwrap();
    for (solution, score) in solutions.iter().zip([9_000, 8_000, 7_000]) {
        ask(&town, "solution", Some(*solution), json!({ "verb": "check-formally", "passed": true }));
        ask(&town, "panel", None, json!({ "verb": "judge", "solution": solution, "score": score }));
    }
    let open = json!({
        "verb": "open", "title": { "zh": "第一批", "en": "first batch" }, "region": "310000", "basis": "joint plan",
        "one_per_need": true, "months": 36, "budgets": [
            { "name": { "zh": "上海", "en": "Shanghai funds" }, "region": "310000", "money": "1500000" },
            { "name": { "zh": "浙江", "en": "Zhejiang funds" }, "region": "330000", "money": "1500000" }
        ]
    });
    let allocation = ask(&town, "allocation", None, open);
    ask(&town, "allocation", Some(allocation), json!({ "verb": "admit", "candidates": solutions }));
    (town, needs, solutions, allocation)
}

pub(super) fn value_of<'t>(html: &'t str, name: &str) -> &'t str {
    let rest = html.split(&format!("name=\"{name}\" value=\"")).nth(1).unwrap();
    rest.split('"').next().unwrap()
}

#[test]
fn an_officer_makes_the_proposal_on_the_page_looks_at_it_and_hands_it_in() {
    let (town, _, [first, second, third], allocation) = reviewed();
    let joint = sign_in(&town, "joint", "en");
    let page = format!("/allocation/{allocation}");
    assert!(joint.get(&page).1.contains("Compute a proposal"));
    let size = town.house.registry.size();
    let (status, made) = joint.get(&format!("{page}?make=yes"));
    assert_eq!((status, town.house.registry.size()), (200, size), "looking changes nothing");
    let text = text_of(&made);
    // Each province has a million and a half: the second and third fit together, and are worth most so.
    assert!(text.contains("2 of 3 candidates chosen, with a total score of 150.00"), "{text}");
    let proposal = value_of(&made, "proposal").replace("&quot;", "\"");
    location(&joint.send(&page, &format!("{page}/propose"), &[("proposal", &proposal)]));
    let text = text_of(&joint.get(&page).1);
    assert!(text.contains("Proved: within these limits no choice has a higher total score."), "{text}");
    for (solution, is_in) in [(first, false), (second, true), (third, true)] {
        let html = joint.get(&page).1;
        assert_eq!(["in-table", "out-table"].map(|id| names_row(&html, id, solution)), [is_in, !is_in]);
    }
}

/// Whether a table has a row of its own for a record.
pub(super) fn names_row(html: &str, table: &str, record: Id) -> bool {
    let part =
        html.split(&format!("id=\"{table}-caption\"")).nth(1).unwrap().split("</table>").next().unwrap();
    let mut rows = part.split("scope=\"row\"").skip(1);
    rows.any(|row| row.split("</th>").next().unwrap().contains(record.as_str()))
}

#[test]
fn trials_answer_and_change_nothing() {
    let (town, _, [first, ..], allocation) = reviewed();
    let joint = sign_in(&town, "joint", "en");
    let page = format!("/allocation/{allocation}");
    let proposal = value_of(&joint.get(&format!("{page}?make=yes")).1, "proposal").replace("&quot;", "\"");
    location(&joint.send(&page, &format!("{page}/propose"), &[("proposal", &proposal)]));
    let (size, before) = (town.house.registry.size(), joint.get(&page).1);
    let tried = |query: &str| text_of(&joint.get(&format!("{page}?{query}")).1);

    let richer = tried("try=yes&b0=2000000&b1=2000000");
    assert!(
        richer.contains("Total score: 150.00 → 160.00") && richer.contains("Nothing was changed"),
        "{richer}"
    );
    let more_than_one = tried("try=yes&one-per-need=no&b0=9000000&b1=9000000");
    assert!(more_than_one.contains("→ 240.00"), "{more_than_one}");
    let none = tried("try=yes&b0=0");
    assert!(none.contains("Projects: 2 → 0"), "{none}");
    assert!(tried("try=yes&b0=much").contains("“much” is no number"));
    assert!(tried("try=yes").contains("No limit was changed"));
    let with = tried(&format!("why={first}"));
    assert!(with.contains("The total score goes from 150.00 to 90.00: 60.00 less."), "{with}");
    assert!(with.contains("Would go out"), "{with}");

    let minutes = tried("print=yes");
    assert!(minutes.contains("checked again when these minutes were made, and holds"), "{minutes}");
    assert!(minutes.contains("Chosen for the same need") && !minutes.contains("Compute"), "{minutes}");
    assert_eq!(town.house.registry.size(), size);
    let same = |html: &str| text_of(html);
    assert_eq!(same(&before), same(&joint.get(&page).1));
}

#[test]
fn nobody_else_learns_of_an_allocation_or_of_what_was_not_chosen() {
    let (town, needs, solutions, allocation) = reviewed();
    let public = Browser { town: &town, cookies: BTreeMap::new(), language: "en" };
    let owner = sign_in(&town, "firm", "en");
    for guest in [&public, &owner] {
        for query in ["", "?make=yes", "?try=yes&b0=1", "?print=yes"] {
            assert_eq!(guest.get(&format!("/allocation/{allocation}{query}")).0, 404, "{query}");
        }
        let (status, page) = guest.get(&format!("/need/{}", needs[0]));
        assert_eq!(status, 200);
        assert!(
            !page.contains("two steps") && !page.contains("Solutions side by side"),
            "it is not shortlisted"
        );
        let (status, funnel) = guest.get("/funnel");
        assert_eq!(status, 200);
        assert!(!solutions.iter().any(|solution| funnel.contains(solution.as_str())));
        assert!(text_of(&funnel).contains("Solutions not public"), "{}", text_of(&funnel));
    }
}

#[test]
fn the_office_sees_solutions_side_by_side_and_the_owner_not_yet() {
    let (town, needs, [first, second, _], _) = reviewed();
    let joint = sign_in(&town, "joint", "en");
    let page = joint.get(&format!("/need/{}", needs[0])).1;
    let row = |solution: Id| {
        let rest = page.split(&format!("/solution/{solution}\"")).nth(1).unwrap();
        text_of(&format!("<main><p>{}", rest.split("</tr>").next().unwrap()))
    };
    assert!(row(first).contains("met") && row(first).contains("90.00"), "{}", row(first));
    assert!(row(second).contains("not met ≤ 3 ppb") && row(second).contains("¥1,000,000"), "{}", row(second));
    assert!(row(first).contains("Shanghai, Zhejiang"), "{}", row(first));
    assert!(text_of(&page).contains("Solutions you may see: 2."));
    let funnel = text_of(&joint.get("/funnel").1);
    assert!(funnel.contains("Solutions 3") && funnel.contains("Expert opinions 9"), "{funnel}");
    assert!(funnel.contains("1.5 for each need") && funnel.contains("3.0 for each solution"), "{funnel}");

    let owner = sign_in(&town, "firm", "en");
    assert!(!owner.get(&format!("/need/{}", needs[0])).1.contains("two steps"));
}

/// From the allocation's shortlist to what the owner sees, says, and rivals and the public do not.
#[test]
fn the_owner_compares_the_shortlist_and_says_whom_they_would_take() {
    let (town, needs, [first, second, third], allocation) = reviewed();
    let page = format!("/need/{}", needs[0]);
    let rival = organisation(&town, "某某竞争者", "institute", "320500");
    let rival_hand = person(&town, "rival");
    joins(&town, rival_hand, rival, true);
    window::set_password(&town.house.registry, "rival", PASSWORD, rival_hand).unwrap().unwrap();
    let public = Browser { town: &town, cookies: BTreeMap::new(), language: "en" };
    let [owner, rival] = ["firm", "rival"].map(|login| sign_in(&town, login, "en"));
    let said = [("solutions.1", first.as_str()), ("reason", "their pilot line runs")];
    let early = owner.send(&page, &format!("{page}/prefer"), &said);
    assert!(
        early.status != 303 && !String::from_utf8(early.body).unwrap().contains("two steps"),
        "not known yet"
    );
    ask(&town, "allocation", Some(allocation), json!({ "verb": "shortlist", "candidates": [first, second] }));

    let seen = owner.get(&page).1;
    let text = text_of(&seen);
    assert!(
        text.contains("Solutions you may see: 2.") && seen.contains("two steps") && seen.contains("one step"),
        "{text}"
    );
    assert!(
        text.contains("met ≤ 0.8 ppb") && text.contains("not met ≤ 3 ppb") && text.contains("Shortlisted"),
        "{text}"
    );
    assert!(
        !seen.contains("90.00") && !seen.contains("80.00") && !seen.contains(third.as_str()),
        "no scores"
    );
    assert_eq!(seen.matches("name=\"solutions.1\"").count(), 2);
    location(&owner.send(&page, &format!("{page}/prefer"), &said));
    let office = sign_in(&town, "joint", "en").get(&page).1;
    for seen in [&owner.get(&page).1, &office] {
        assert!(text_of(seen).contains("The owner’s preference") && seen.contains("their pilot line runs"));
    }
    assert!(!office.contains("name=\"solutions.1\""), "only the owner says so");
    the_allocation_shows_what_the_owner_said(&town, allocation, first);
    for guest in [&rival, &public] {
        let seen = guest.get(&page);
        assert!(
            seen.0 == 200 && !seen.1.contains("two steps") && !seen.1.contains("pilot line"),
            "{}",
            seen.1
        );
        assert_eq!([first, second].map(|id| guest.get(&format!("/solution/{id}")).0), [404; 2]);
        let json = guest.get(&format!("/api/v1/need/{}", needs[0])).1;
        assert!(!json.contains("pilot line") && !json.contains(first.as_str()), "{json}");
    }
}

/// To the office that chooses, also after it did; on paper and to other eyes nothing of it.
fn the_allocation_shows_what_the_owner_said(town: &Joint, allocation: Id, first: Id) {
    let page = format!("/allocation/{allocation}");
    let joint = sign_in(town, "joint", "en");
    let part = |html: &str| {
        let part = html
            .split("id=\"preferred-table-caption\"")
            .nth(1)
            .map(|rest| rest.split("</table>").next().unwrap().to_owned());
        part.unwrap_or_else(|| panic!("no preference: {}", text_of(html)))
    };
    let before = part(&joint.get(&page).1);
    assert!(before.contains(first.as_str()) && before.contains("their pilot line runs"), "{before}");
    assert!(!before.contains("chosen"), "nothing is chosen yet: {before}");
    let proposal = value_of(&joint.get(&format!("{page}?make=yes")).1, "proposal").replace("&quot;", "\"");
    location(&joint.send(&page, &format!("{page}/propose"), &[("proposal", &proposal)]));
    let after = part(&joint.get(&page).1);
    assert!(after.contains(">not chosen<"), "the engine took the cheaper one: {after}");
    assert!(!joint.get(&format!("{page}?print=yes")).1.contains("their pilot line runs"), "it is no ground");
    for login in ["firm", "rival"] {
        assert!(!sign_in(town, login, "en").get(&page).1.contains("their pilot line runs"), "{login}");
    }
}

/// From the proposal to the award, the last step by the form of the page; a second officer agrees each time.
#[test]
fn everyone_who_waits_is_told_from_the_page_and_then_the_owner_sees_what_was_chosen() {
    let (town, needs, [first, second, third], allocation) = reviewed();
    let joint = sign_in(&town, "joint", "en");
    let page = format!("/allocation/{allocation}");
    let proposal = value_of(&joint.get(&format!("{page}?make=yes")).1, "proposal").replace("&quot;", "\"");
    location(&joint.send(&page, &format!("{page}/propose"), &[("proposal", &proposal)]));
    let attest = json!({ "verb": "attest", "candidates": [first, second, third], "clear": true, "remark": "looked up" });
    ask(&town, "allocation", Some(allocation), attest);
    adopt(&town, &joint, &format!("{page}/adopt"));
    agree(&town);
    assert!(!joint.get(&page).1.contains("Award and tell everyone"), "the notice still runs");
    town.clock.0.fetch_add(20 * 86_400_000, Ordering::Relaxed);
    town.house.registry.tick().unwrap();

    let html = sign_in(&town, "joint", "en").get(&page).1;
    assert!(text_of(&html).contains("3 candidates wait for their answer"), "{}", text_of(&html));
    let form =
        html.split(&format!("action=\"{page}/award\"")).nth(1).unwrap().split("</form>").next().unwrap();
    let fields: Vec<(&str, &str)> = form
        .split("name=\"")
        .skip(1)
        .filter_map(|rest| Some((rest.split('"').next()?, rest.split("value=\"").nth(1)?.split('"').next()?)))
        .filter(|(name, _)| !["csrf", "key", "seen", "reason"].contains(name))
        .chain([("reason", "others ranked higher")])
        .collect();
    let joint = sign_in(&town, "joint", "en");
    location(&joint.send(&page, &format!("{page}/award"), &fields));
    agree(&town);
    assert!(text_of(&joint.get(&page).1).contains("awarded"));

    let owner = sign_in(&town, "firm", "en");
    let seen = owner.get(&format!("/need/{}", needs[0])).1;
    assert!(seen.contains("one step") && !seen.contains("two steps"), "only what was chosen");
    assert!(text_of(&seen).contains("not met ≤ 3 ppb") && !seen.contains("80.00"), "no score for the owner");
    let public = Browser { town: &town, cookies: BTreeMap::new(), language: "en" };
    let seen = public.get(&format!("/need/{}", needs[0])).1;
    assert!(seen.contains("one step") && !seen.contains("not met"), "promises are not public");
    let seen = public.get(&page).1;
    assert!(
        names_row(&seen, "in-table", second) && !seen.contains(first.as_str()) && !seen.contains("80.00")
    );
    the_project_says_what_is_due(&town, &public);
    window::set_password(&town.house.registry, "hand", PASSWORD, town.hand).unwrap().unwrap();
    let own = sign_in(&town, "hand", "en").get(&page).1;
    assert!(own.contains("Your own candidates that were not funded") && own.contains("80.00"));
    assert!(
        names_row(&own, "out-table", first) && text_of(&own).contains("Chosen for the same need: one step")
    );
    assert!(!own.contains("Try other limits"), "trials are for the offices");
}

/// The meeting takes the proposal; its minutes are uploaded with the form.
pub(super) fn adopt(town: &Joint, joint: &Browser, page: &str) {
    let html = joint.get(page).1;
    let hidden = ["csrf", "key", "seen"].map(|name| (name.to_owned(), value_of(&html, name).to_owned()));
    let mut form = BTreeMap::from(hidden);
    form.insert("contact.en".into(), "joint office".into());
    let minutes = ("minutes.pdf".to_owned(), b"%PDF-1.7 minutes".to_vec());
    let uploads = BTreeMap::from([("minutes".to_owned(), minutes)]);
    let sent = Visit { is_post: true, form, uploads, ..joint.visit(page) };
    location(&answer(&town.house, &sent));
}

fn the_project_says_what_is_due(town: &Joint, public: &Browser) {
    let list = public.get("/project").1;
    let project = list.split("href=\"/project/").nth(1).unwrap().split('"').next().unwrap();
    let page = format!("/project/{project}");
    let seen = text_of(&public.get(&page).1);
    assert!(seen.contains("某某研究院") && !seen.contains("What is due next"), "{seen}");
    let own = text_of(&sign_in(town, "joint", "en").get(&page).1);
    assert!(own.contains("What is due next") && own.contains("The task book 某某研究院"), "{own}");
    assert!(
        own.contains("Shanghai") && own.contains("Zhejiang") && own.contains("There is no task book yet"),
        "{own}"
    );
    let funnel = text_of(&public.get("/funnel").1);
    assert!(funnel.contains("Joint projects 2") && funnel.contains("Cooperating units 2"), "{funnel}");
    assert!(funnel.contains("Solutions 2") && funnel.contains("Expert opinions not public"), "{funnel}");
}

/// The other officer agrees with whatever waits.
pub(super) fn agree(town: &Joint) {
    let look = town.house.registry.look(Some(town.officer)).unwrap();
    let waiting = town.house.registry.pending(&look.viewer).unwrap();
    let one = waiting.iter().find(|pending| pending.may_endorse).unwrap();
    town.house.registry.endorse(one.id, Asker::Person(town.officer), true).unwrap();
}
