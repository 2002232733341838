//! Judging: a review, a panel and a call of the demonstration, through the pages alone: what each may do there, and
//! what each must not learn.

use tempfile::TempDir;

use crate::region::{LOOKS_MAX, Region, Visitor};

/// Demo roles by their place in the list.
pub const UNIVERSITY: &str = "06";
pub const CITIZEN: &str = "16";
pub const REVIEWER: &str = "17";
pub const PANEL: &str = "18";
pub const PROGRAMME: &str = "19";

pub fn become_role(region: &Region, role: &str) -> Visitor {
    let mut visitor = region.visitor();
    let answer = visitor.send("/demo", &format!("/demo/{role}"), &[]);
    assert_eq!(answer.status, 303, "{}", answer.text);
    visitor.cookie = answer.cookie;
    visitor
}

/// The page's own part: without masthead and footer.
pub fn main_of(html: &str) -> &str {
    html.split("<main").nth(1).and_then(|rest| rest.split("</main>").next()).unwrap_or("")
}

/// Addresses of records of a desk, in the order in which a page names them.
pub fn links(html: &str, desk: &str) -> Vec<String> {
    let mark = format!("href=\"/{desk}/{desk}-");
    let mut found: Vec<String> = Vec::new();
    for rest in html.split(&mark).skip(1) {
        let name = rest.split(['"', '/', '?', '#']).next().unwrap_or("");
        let path = format!("/{desk}/{desk}-{name}");
        if !found.contains(&path) {
            found.push(path);
        }
    }
    found
}

/// Every hidden field of the form that is sent to this address.
fn fields_of(html: &str, action: &str) -> Vec<(String, String)> {
    let form =
        html.split(&format!("action=\"{action}\"")).nth(1).unwrap_or_else(|| panic!("no form for {action}"));
    let form = form.split("</form>").next().unwrap();
    let inputs = form.split("<input type=\"hidden\" name=\"").skip(1);
    let pair = |input: &str| {
        let (name, rest) = input.split_once("\" value=\"")?;
        Some((name.to_owned(), rest.split('"').next()?.to_owned()))
    };
    inputs.filter_map(pair).filter(|(name, _)| name != "csrf" && name != "key").collect()
}

#[test]
fn a_reviewer_scores_on_one_page_and_only_the_office_knows() {
    let folder = TempDir::new().unwrap();
    let region = Region::open(folder.path(), &["--demo"]);
    let reviewer = become_role(&region, REVIEWER);
    let list = reviewer.get("/reviews").text;
    assert!(list.contains("To score") && list.contains("To answer") && list.contains("Signed"), "{list}");
    let to_score = list.split("id=\"open\"").nth(1).unwrap();
    let review = links(to_score, "review").first().unwrap().clone();
    a_draft_stays_with_the_reviewer(&region, &reviewer, &review);
    an_opinion_is_signed(&reviewer, &review);
    the_office_takes_scores(&region, &reviewer);
    a_draw_is_shown_with_its_proof_and_followed(&region);
    applicants_learn_what_is_theirs(&region);
    crate::drawn::all(&region, folder.path());
}

fn a_draft_stays_with_the_reviewer(region: &Region, reviewer: &Visitor, review: &str) {
    let page = reviewer.get(review).text;
    let main = main_of(&page);
    assert!(
        main.contains("What you judge")
            && main.contains("rel=\"next\"")
            && main.contains("aria-keyshortcuts=\"Alt+N\"")
    );
    for told in ["/application/", "/organisation/", "Sample University", "Sample Professor", "weighted score"]
    {
        assert!(!main.to_lowercase().contains(&told.to_lowercase()), "a reviewer reads {told}");
    }
    let sign = format!("{review}/sign");
    let hidden = fields_of(&page, &sign);
    let known = hidden.iter().find(|(name, _)| name == "drafted").unwrap().1.clone();
    let mut typed: Vec<(String, String)> = (1..=5)
        .flat_map(|n| {
            [(format!("marks.{n}.place"), n.to_string()), (format!("marks.{n}.score"), (80 + n).to_string())]
        })
        .collect();
    typed.push(("open".into(), "Half an opinion, zebra".into()));
    typed.extend([("drafted".into(), known), ("draft".into(), "keep".into())]);
    let typed: Vec<(&str, &str)> =
        typed.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    let kept = reviewer.send(review, &sign, &typed);
    assert_eq!((kept.status, kept.location.as_str()), (303, review), "{}", kept.text);
    let page = reviewer.get(review).text;
    assert!(
        page.contains("Half an opinion, zebra")
            && page.contains("value=\"81\"")
            && page.contains("A draft kept at")
    );
    // 0.30 × 81 + 0.25 × 82 + 0.20 × 83 + 0.15 × 84 + 0.10 × 85
    assert!(page.contains(">82.50</output>"), "the total is worked out without scripts");
    assert!(reviewer.get("/reviews").text.contains("draft kept"));
    let office = become_role(region, PANEL).get(review);
    assert!(office.status == 200 && !office.text.contains("zebra"), "nobody else reads a draft");
    for role in [UNIVERSITY, CITIZEN, PROGRAMME] {
        assert_eq!(become_role(region, role).get(review).status, 404, "role {role}");
    }
    assert_eq!(region.visitor().get(review).status, 404);
}

fn an_opinion_is_signed(reviewer: &Visitor, review: &str) {
    let sign = format!("{review}/sign");
    let mark = |n: usize, score: &str| {
        [(format!("marks.{n}.place"), n.to_string()), (format!("marks.{n}.score"), score.to_owned())]
    };
    let mut some: Vec<(String, String)> = (1..=4).flat_map(|n| mark(n, "81")).collect();
    some.extend(mark(5, "101"));
    some.push(("open".into(), "A whole opinion, zebra".into()));
    let pairs = |typed: &[(String, String)]| -> Vec<(String, String)> { typed.to_vec() };
    let send = |typed: &[(String, String)]| {
        let typed = pairs(typed);
        let typed: Vec<(&str, &str)> =
            typed.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        reviewer.send(review, &sign, &typed)
    };
    let wrong = send(&some);
    assert_eq!(wrong.status, 400, "a score beyond 100");
    assert!(
        wrong.text.contains("A whole opinion, zebra") && wrong.text.contains("What you judge"),
        "the same page"
    );
    assert!(wrong.text.contains("href=\"#f-marks.5.score\""), "the fault leads to its field");
    let last = some.iter_mut().find(|(name, _)| name == "marks.5.score").unwrap();
    last.1 = "81".into();
    let done = send(&some);
    assert_eq!(done.status, 303, "{}", main_of(&done.text));
    let page = reviewer.get(&done.location).text;
    assert!(page.contains("Signed opinion") && page.contains("Fee after tax") && page.contains("81.00"));
    assert!(page.contains("EP-F06") && page.contains("/proof/"), "the fee's rule, and the receipt");
    assert!(
        !page.contains("A draft kept at") && !reviewer.get("/inbox").text.contains(&format!("{review}/sign"))
    );
}

fn the_office_takes_scores(region: &Region, reviewer: &Visitor) {
    let office = become_role(region, PANEL);
    let list = office.get("/panel?status=reviewing").text;
    let panel = links(main_of(&list), "panel").first().unwrap().clone();
    let page = office.get(&panel).text;
    let main = main_of(&page);
    for told in [
        "Next step",
        "Corrected",
        "Spread",
        "Conflicts to decide",
        "Joint work",
        "EP-R11",
        "to replace: 1",
        "mild",
    ] {
        assert!(main.contains(told), "the office reads {told}");
    }
    let close = format!("{panel}/close-scores");
    let fields = fields_of(&page, &close);
    let reviews = fields.iter().filter(|(name, _)| name.starts_with("reviews.")).count();
    assert_eq!(reviews % 3, 0, "whole candidates: {fields:?}");
    assert!(reviews >= 3);
    let typed: Vec<(&str, &str)> =
        fields.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    let taken = office.send(&panel, &close, &typed);
    assert_eq!(taken.status, 303, "{}", main_of(&taken.text));
    assert!(!office.get(&panel).text.contains("ready to take"));
    let member = reviewer.get(&panel);
    assert_eq!(member.status, 200, "a member knows of the panel");
    for told in ["Sample Reviewer 014", "Corrected", "Next step"] {
        assert!(!main_of(&member.text).contains(told), "a member reads {told}");
    }
    assert_eq!(become_role(region, UNIVERSITY).get(&panel).status, 404);
    assert_eq!(region.visitor().get(&panel).status, 404);
}

/// The whole pool, as the fields of a list to draw from.
fn everyone_of_the_pool(office: &Visitor) -> Vec<(String, String)> {
    let experts = office.get("/api/v1/expert?status=in-pool&limit=60").json();
    let rows = experts["rows"].as_array().unwrap().iter().enumerate();
    rows.map(|(n, row)| (format!("experts.{}", n + 1), row["id"].as_str().unwrap().to_owned())).collect()
}

/// A person decides what is alike; then the application goes on where it stood.
fn likeness_is_judged(programme: &Visitor) {
    let alike = links(main_of(&programme.get("/comparison").text), "comparison").first().unwrap().clone();
    let own = [("duplicate", "no"), ("reason", "Only the description of the laboratory is the same.")];
    let decided = programme.send(&format!("{alike}/decide"), &format!("{alike}/decide"), &own);
    assert_eq!(decided.status, 303, "{}", main_of(&decided.text));
}

fn a_draw_is_shown_with_its_proof_and_followed(region: &Region) {
    let (programme, office) = (become_role(region, PROGRAMME), become_role(region, PANEL));
    likeness_is_judged(&programme);
    let calls = links(main_of(&programme.get("/call?status=closed").text), "call");
    let waiting = programme.get(calls.first().unwrap()).text;
    let waiting = waiting
        .split("/check-formally\"")
        .next()
        .and_then(|text| text.rsplit("href=\"").next())
        .unwrap()
        .to_owned();
    let checked = programme.send(&waiting, &format!("{waiting}/check-formally"), &[("passed", "yes")]);
    assert_eq!(checked.status, 303, "{}", main_of(&checked.text));
    let terms = [
        ("title.en", "A panel by lot"),
        ("region", "310000"),
        ("load_max", "3"),
        ("answer_days", "5"),
        ("review_days", "20"),
        ("fee_level", "middle"),
    ];
    let opened = office.send("/panel/new/open", "/panel/new/open", &terms);
    let panel = opened.location.split('?').next().unwrap().to_owned();
    assert!(
        opened.status == 303 && office.get(&panel).text.contains("Admit the applications"),
        "{}",
        main_of(&opened.text)
    );
    let candidate = waiting.rsplit('/').next().unwrap();
    let admitted = office.send(&panel, &format!("{panel}/admit-candidates"), &[("candidates.1", candidate)]);
    assert_eq!(admitted.status, 303, "{}", main_of(&admitted.text));
    let next = office.get(&panel).text;
    assert!(
        next.contains(&format!("{panel}/propose?pairs.1.candidate={candidate}")),
        "the next step names the candidate"
    );
    let experts = everyone_of_the_pool(&office);
    let typed: Vec<(&str, &str)> = experts.iter().map(|(name, id)| (name.as_str(), id.as_str())).collect();
    let fixed = office.send(&panel, &format!("{panel}/fix"), &typed);
    assert_eq!(fixed.status, 303, "{}", main_of(&fixed.text));
    let drawn = (0..LOOKS_MAX)
        .map(|_| office.get(&panel).text)
        .find(|page| page.contains("The list was fixed first"));
    let page = drawn.unwrap_or_else(|| panic!("nothing was drawn"));
    assert!(
        main_of(&page).contains("Experts who may not know of an application")
            || main_of(&page).contains("The draw")
    );
    let invite = format!("{panel}/invite");
    let fields = fields_of(&page, &invite);
    let typed: Vec<(&str, &str)> =
        fields.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    let invited = office.send(&panel, &invite, &typed);
    assert_eq!(invited.status, 303, "{}", main_of(&invited.text));
    let page = office.get(&panel).text;
    assert_eq!(main_of(&page).matches("waits for an answer").count(), 3, "the first three of the draw");
    assert!(main_of(&page).contains("to sign: 3"));
}

fn applicants_learn_what_is_theirs(region: &Region) {
    let applicant = become_role(region, UNIVERSITY);
    let calls = links(main_of(&region.visitor().get("/call?status=closed").text), "call");
    let closed = calls.first().unwrap();
    let page = applicant.get(closed).text;
    assert!(main_of(&page).contains("My applications") && main_of(&page).contains("Being reviewed"));
    assert_eq!(links(main_of(&page), "application").len(), 1, "nobody else's");
    assert!(!main_of(&page).contains("Sample Reviewer"));
    let public = region.visitor().get(closed).text;
    assert!(links(main_of(&public), "application").is_empty() && !public.contains("Formal checks"));
    let office = become_role(region, PROGRAMME).get(closed).text;
    assert!(
        office.contains("Applications: 12") && office.contains("No formal check waits"),
        "how far, and what waits"
    );
    let open =
        links(main_of(&region.visitor().get("/call?status=open").text), "call").first().unwrap().clone();
    let page = applicant.get(&open).text;
    assert!(page.contains(&format!("/application/new/draft?call={}", open.rsplit('/').next().unwrap())));
    let said = "woman=no&title=senior&degree=doctor&months=6";
    let fits = applicant.get(&format!("{open}?age=40&{said}")).text;
    assert!(fits.contains("every condition is met"), "{}", main_of(&fits));
    let old = applicant.get(&format!("{open}?age=57&{said}")).text;
    assert!(old.contains("Conditions not met: 1") && old.contains("Age at most 55 (women 58)"));
    let woman = applicant.get(&format!("{open}?age=57&{}", said.replace("woman=no", "woman=yes"))).text;
    assert!(woman.contains("every condition is met"));
}
