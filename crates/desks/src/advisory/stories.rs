//! What a committee does, told as stories. `UPDATE_EXPECT=1 cargo test -p desks` rewrites them.

use grammar::story::*;

use super::{Command::*, Refusal::*, *};

const CITY: Id = Id::named("organisation-city");
const PEOPLE: [Id; 4] =
    [Id::named("person-ada"), Id::named("person-bo"), Id::named("person-cai"), Id::named("person-ding")];

fn text<const N: usize>(text: &str) -> Text<N> {
    text.parse().unwrap()
}

fn title<const N: usize>(zh: &str) -> Bilingual<N> {
    Bilingual { zh: Text::read(zh), en: None }
}

fn form(from: &str, years: i64) -> Command {
    Form {
        title: title("第一届"),
        region: Region::code(310_000),
        basis: text("decision-consulting mechanism"),
        from: day(from),
        years: Between::new(years).unwrap(),
    }
}

fn one<const A: i64, const B: i64>(number: i64) -> Between<A, B> {
    Between::new(number).unwrap()
}

fn file() -> FileRef {
    format!("{}:minutes.pdf", "d".repeat(64)).parse().unwrap()
}

fn topic(public: bool) -> Command {
    PutTopic {
        title: title("未来产业"),
        question: text("which of them first"),
        authority: CITY.r(),
        public,
        no_secrets: true,
    }
}

fn person(number: usize) -> Id {
    PEOPLE.get(number).copied().unwrap()
}

fn member(number: usize) -> Viewer {
    Viewer { person: Some(person(number)), ..Viewer::default() }
}

fn declare(story: &mut Story<Advisory>, number: usize, interest: Option<&str>) {
    story.by(member(number)).when(Declare { topic: one(1), interest: interest.map(text) });
}

fn meet(on: &str, who: &[usize]) -> Command {
    let attended = List::new(who.iter().map(|number| person(*number).r()).collect()).unwrap();
    Meet { topics: List::new(vec![one(1)]).unwrap(), on: day(on), attended, minutes: file() }
}

fn opine(no_secrets: bool, public: bool) -> Command {
    Opine { topic: one(1), text: text("quantum first"), public, no_secrets }
}

fn advise(votes_for: i64, votes_against: i64) -> Command {
    Advise {
        topic: one(1),
        text: title("先行布局"),
        public: true,
        votes_for: one(votes_for),
        votes_against: one(votes_against),
        document: file(),
    }
}

fn formed(public: bool) -> Story<Advisory> {
    let mut story = Story::<Advisory>::new("2026-03-02");
    story.when(form("2026-04-01", 3));
    for (number, category) in
        [Category::Scientist, Category::Entrepreneur, Category::Investor, Category::Scientist]
            .into_iter()
            .enumerate()
    {
        story.when(Appoint { person: person(number).r(), category, unit: text("abroad"), country: None });
    }
    story.on("2026-04-02").when(topic(public));
    story
}

fn discussed(public: bool) -> Story<Advisory> {
    let mut story = formed(public);
    [0, 1, 3].into_iter().for_each(|number| declare(&mut story, number, None));
    declare(&mut story, 2, Some("owns a quantum firm"));
    story.on("2026-05-08").when(meet("2026-05-07", &[0, 1]));
    story
}

#[test]
fn a_topic_is_asked_discussed_advised_and_answered_in_time() {
    let mut story = discussed(true);
    story.by(member(0)).when(opine(true, true));
    story.when(advise(2, 0));
    let respond = Respond { topic: one(1), response: Response::TakenInPart, text: text("two of three") };
    story.refuses(respond.clone(), NotYourTopic);
    story.by(Viewer { signs_for: vec![CITY], ..Viewer::default() });
    story.on("2026-06-01").when(respond.clone()).not_now(respond);
    story.on("2029-04-02").not_now(topic(true));
    story.expect(&expect![[r#"
        2026-03-02  form      said formed
        2026-03-02  appoint   said appointed
        2026-03-02  appoint   said appointed
        2026-03-02  appoint   said appointed
        2026-03-02  appoint   said appointed
        2026-04-02  put-topic said topic-put
        2026-04-02  declare   said declared
        2026-04-02  declare   said declared
        2026-04-02  declare   said declared
        2026-04-02  declare   said declared
        2026-05-08  meet      said met
        2026-05-08  opine     said opined
        2026-05-08  advise    said advised
        2026-05-08  refuses   Because(NotYourTopic, None)
        2026-06-01  respond   said responded
        2029-04-01  clock     said ended
    "#]]);
}

#[test]
fn terms_last_three_to_five_years() {
    let mut story = Story::<Advisory>::new("2026-03-02");
    story.refuses(form("2026-04-01", 2), TermTooShort { least: 3 });
    story.refuses(form("2026-04-01", 6), TermTooLong { most: 5 });
    story.when(form("2026-04-01", 5));
    let appoint = || Appoint {
        person: person(0).r(),
        category: Category::Investor,
        unit: text("a fund"),
        country: None,
    };
    story.when(appoint()).refuses(appoint(), MemberAlready);
    let dismiss = || Dismiss { person: person(0).r(), reason: text("resigned") };
    story.when(dismiss()).refuses(dismiss(), NotAMember { person: person(0).r() });
}

#[test]
fn an_interest_bars_and_nobody_speaks_before_declaring() {
    let mut story = formed(true);
    let put = PutTopic {
        title: title("芯片"),
        question: text("secret line"),
        authority: CITY.r(),
        public: false,
        no_secrets: false,
    };
    story.refuses(put, MayHoldSecrets);
    story.by(member(0)).refuses(opine(true, false), NotDeclared);
    declare(&mut story, 0, None);
    story.refuses(opine(false, false), MayHoldSecrets);
    story.when(opine(true, false));
    story.refuses(Declare { topic: one(1), interest: Some(text("a share")) }, DeclaredAlready);
    story.refuses(Declare { topic: one(9), interest: None }, NoSuchTopic { topic: 9 });
    declare(&mut story, 1, None);
    // What is found out later is declared later.
    declare(&mut story, 1, Some("kin"));
    story.refuses(opine(true, false), HasAnInterest);
    let stranger = Id::named("person-zhu");
    let by = Viewer { person: Some(stranger), ..Viewer::default() };
    story.by(by).refuses(opine(true, false), NotAMember { person: stranger.r() });
}

#[test]
fn advice_needs_a_quorum_of_the_free_and_a_majority_of_the_present() {
    let mut story = formed(true);
    story.refuses(advise(1, 0), NotDiscussed);
    story.on("2026-05-08").refuses(meet("2026-05-09", &[0]), NotYet { on: day("2026-05-09") });
    story.refuses(meet("2026-05-07", &[0, 1, 2]), NoQuorum { needed: 2, present: 0 });
    declare(&mut story, 0, None);
    declare(&mut story, 2, Some("owns a firm"));
    // Three are free of interest, two of them make the quorum; who has an interest does not count.
    story.refuses(meet("2026-05-07", &[0, 2]), NoQuorum { needed: 2, present: 1 });
    declare(&mut story, 1, None);
    story.when(meet("2026-05-07", &[0, 1, 2]));
    story.refuses(advise(3, 0), MoreVotesThanPresent { present: 2 });
    story.refuses(advise(1, 1), NotCarried { needed: 1 });
    story.when(advise(2, 0)).not_now(advise(2, 0));
    let empty =
        Meet { topics: List::default(), on: day("2026-05-07"), attended: List::default(), minutes: file() };
    story.refuses(empty, NoTopics);
}

#[test]
fn a_late_answer_is_noted_once_and_may_still_come() {
    let mut story = discussed(false);
    story.when(advise(2, 0));
    story.showing(&["ended"]).on("2026-07-01");
    assert!(story.record().topics.iter().all(|topic| topic.late));
    story.by(Viewer { signs_for: vec![CITY], ..Viewer::default() });
    story.when(Respond { topic: one(1), response: Response::NotTaken, text: text("no money") });
}

#[test]
fn closed_advice_is_for_members_and_for_whom_it_was_given_until_it_is_disclosed() {
    let mut story = discussed(false);
    story.by(member(0)).when(opine(true, false));
    story.when(advise(2, 0));
    let seen = |story: &Story<Advisory>, viewer: &Viewer| {
        let mut record = story.record().clone();
        (record.veil(viewer) == Sight::Seen).then_some(record).unwrap()
    };
    let city = Viewer { organisations: vec![CITY], ..Viewer::default() };
    let stranger = seen(&story, &Viewer::public());
    assert!(stranger.topics.is_empty() && stranger.sessions.is_empty() && stranger.members.len() == 4);
    let own = seen(&story, &city);
    assert!(own.topics.iter().all(|topic| topic.advice.is_some() && topic.declared.is_empty()));
    assert_eq!(seen(&story, &member(2)).topics.len(), 1);
    let said = Event::Disclosed { topic: 1 };
    assert_eq!(Advisory::veil_event(story.record(), said.clone(), &Viewer::public()), None);
    story.when(Disclose { topic: one(1) }).refuses(Disclose { topic: one(1) }, PublicAlready);
    assert_eq!(Advisory::veil_event(story.record(), said.clone(), &Viewer::public()), Some(said));
    let stranger = seen(&story, &Viewer::public());
    assert!(stranger.topics.iter().all(|topic| topic.advice.is_some() && topic.opinions.is_empty()));
}
