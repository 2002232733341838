//! A laboratory is accredited, issues a test report, and anyone who has a copy finds out whether it is that report and still stands.

use super::{
    access::{at, between},
    judged::officer,
    sharing::{book, first_free, instrument},
    *,
};

const COPY: &[u8] = b"%PDF-1.7 lead in tea: 0.4 mg/kg";

/// Sends a form with one file, as a browser does.
fn bring(browser: &Browser, page: &str, (field, name, bytes): (&str, &str, &[u8])) -> Reply {
    let html = browser.get(page).1;
    let mut form = BTreeMap::new();
    for name in ["csrf", "key", "seen", "accreditations.1"] {
        let value =
            html.split(&format!("name=\"{name}\" value=\"")).nth(1).and_then(|rest| rest.split('"').next());
        form.extend(value.map(|value| (name.to_owned(), value.to_owned())));
    }
    let uploads = BTreeMap::from([(field.to_owned(), (name.to_owned(), bytes.to_vec()))]);
    answer(&browser.town.house, &Visit { is_post: true, form, uploads, ..browser.visit(page) })
}

/// What the room says of a copy.
fn checked(browser: &Browser, bytes: &[u8]) -> (u16, String) {
    let reply = bring(browser, "/report-check", ("report", "copy.pdf", bytes));
    (reply.status, text_of(&String::from_utf8_lossy(&reply.body)))
}

/// A booking at an instrument of the institute that has been run, and its name.
fn used(town: &Town) -> String {
    let (keeper, firm) = (sign_in(town, "scientist", "en"), sign_in(town, "firm", "en"));
    let made = instrument(town, &keeper);
    let booking = book(&firm, &town.firm.to_string(), &first_free(&firm.get(&format!("{made}/calendar")).1));
    at(town, "2026-03-03T09:05");
    let keeper = sign_in(town, "scientist", "en");
    let (start, id) = (format!("{booking}/start"), made.rsplit('/').next().unwrap());
    location(&keeper.send(&start, &start, &[("instrument", id), ("code", "1")]));
    location(&keeper.send(&booking, &format!("{booking}/stop"), &[]));
    booking
}

fn made(reply: &Reply) -> String {
    location(reply).split('?').next().unwrap().to_owned()
}

fn name(place: &str) -> &str {
    place.rsplit('/').next().unwrap()
}

/// The accreditation of the institute, entered by its scientist and confirmed by the office.
fn accredited(town: &Town, signatory: &str) -> String {
    let keeper = sign_in(town, "scientist", "en");
    let (new, unit) = ("/accreditation/new/enter", town.institute.to_string());
    let entry = [
        ("holder", unit.as_str()),
        ("mark", "cma"),
        ("number", "CMA 24001"),
        ("body", "Market supervision"),
        ("from", "2026-01-01"),
        ("until", "2026-12-31"),
        ("scope.1.method", "GB/T 5009.12-2023"),
        ("signatories.1", signatory),
    ];
    let accreditation = made(&keeper.send(new, new, &entry));
    let public = Browser { town, cookies: BTreeMap::new(), language: "en" };
    assert_eq!(public.get(&accreditation).0, 404, "nobody else reads what is not confirmed");
    let officer = sign_in(town, "instruments", "en");
    assert!(officer.get("/inbox").1.contains(&accreditation), "the office is asked");
    location(&officer.send(&accreditation, &format!("{accreditation}/confirm"), &[]));
    let shown = public.get(&accreditation).1;
    assert!(shown.contains("GB/T 5009.12-2023") && !shown.contains(signatory), "{}", text_of(&shown));
    accreditation
}

/// The same measured again.
const BETTER: &[u8] = b"%PDF-1.7 lead: 0.3 mg/kg";
const NEW: &str = "/test-report/new/draft";

/// An institute that is accredited, with a booking that has been run.
struct Bench {
    town: Town,
    booking: String,
    accreditation: String,
    signatory: String,
}

impl Bench {
    fn set_up() -> Self {
        let town = town();
        officer(&town, "instruments", &["instrument-office"]);
        let booking = used(&town);
        let form = sign_in(&town, "scientist", "en").get("/accreditation/new/enter").1;
        let before = form.split(">scientist</option>").next().unwrap();
        let signatory = before.rsplit("value=\"").next().unwrap().split('"').next().unwrap().to_owned();
        let accreditation = accredited(&town, &signatory);
        Self { town, booking, accreditation, signatory }
    }

    fn keeper(&self) -> Browser<'_> {
        sign_in(&self.town, "scientist", "en")
    }

    fn public(&self) -> Browser<'_> {
        Browser { town: &self.town, cookies: BTreeMap::new(), language: "en" }
    }

    /// What is typed to draft a report.
    fn draft(&self, more: &[(&'static str, &'static str)]) -> Vec<(&str, &str)> {
        let mut typed = vec![
            ("booking", name(&self.booking)),
            ("number", "2026-0007"),
            ("title", "lead in tea"),
            ("begun", "2026-03-03"),
            ("done", "2026-03-03"),
            ("items.1.what", "lead"),
            ("items.1.method", "gb/t 5009.12—2023"),
            ("items.2.what", "taste"),
            ("items.2.method", "in-house"),
            ("accreditations.1", name(&self.accreditation)),
            ("signatory", self.signatory.as_str()),
        ];
        typed.retain(|(field, _)| more.iter().all(|(other, _)| other != field));
        typed.extend(more);
        typed
    }

    /// A report that is issued as [`COPY`].
    fn issued(&self) -> String {
        let keeper = self.keeper();
        let report = made(&keeper.send(NEW, NEW, &self.draft(&[("items.2.is_outside", "yes")])));
        location(&bring(&keeper, &format!("{report}/issue"), ("file", "report.pdf", COPY)));
        report
    }
}

#[test]
fn a_report_is_issued_under_a_mark_within_its_scope() {
    let bench = Bench::set_up();
    let (keeper, firm, public) = (bench.keeper(), sign_in(&bench.town, "firm", "en"), bench.public());
    let form = format!("{NEW}?booking={}", name(&bench.booking));
    let (under, signatory) = (name(&bench.accreditation), &bench.signatory);
    let filled = format!("{form}&amp;accreditations.1={under}&amp;signatory={signatory}");
    assert!(keeper.get(&bench.booking).1.contains(&filled) && !firm.get(&bench.booking).1.contains(&form));

    let report = made(&keeper.send(NEW, NEW, &bench.draft(&[])));
    assert_eq!((public.get(&report).0, firm.get(&report).0), (404, 200), "a draft is for the two sides");
    assert!(keeper.get(&report).1.contains("<svg"), "the code to print");
    assert!(keeper.get("/inbox").1.contains(&report), "whoever signs is asked");
    let again = keeper.send(NEW, NEW, &bench.draft(&[]));
    let said = text_of(&String::from_utf8_lossy(&again.body));
    assert!(again.status == 409 && said.contains("Sample Institute/2026-0007"), "{said}");
    let issue = format!("{report}/issue");
    let refused = bring(&keeper, &issue, ("file", "report.pdf", COPY));
    let said = text_of(&String::from_utf8_lossy(&refused.body));
    assert!(refused.status == 422 && said.contains("“taste” is not within the scope of CMA 24001"), "{said}");
    assert!(said.contains("CNAS-R01"), "the article stands beside it: {said}");
    let amend = format!("{report}/amend");
    location(&keeper.send(&amend, &amend, &bench.draft(&[("items.2.is_outside", "yes")])));
    location(&bring(&keeper, &issue, ("file", "report.pdf", COPY)));
    assert!(text_of(&firm.get(&report).1).contains("It stands"));
}

#[test]
fn whoever_has_a_copy_finds_out_whether_it_is_the_report_and_not_for_whom() {
    let bench = Bench::set_up();
    let (report, public) = (bench.issued(), bench.public());
    let (status, said) = checked(&public, COPY);
    assert!(status == 200 && said.contains("It stands") && said.contains("2026-0007"), "{said}");
    assert!(said.contains("Sample Institute") && said.contains("CMA 24001"), "{said}");
    for hidden in ["lead in tea", "Sample Firm", "taste", "report.pdf"] {
        assert!(
            !said.contains(hidden) && !text_of(&public.get(&report).1).contains(hidden),
            "{hidden}: {said}"
        );
    }
    let (status, said) = checked(&public, b"%PDF-1.7 lead in tea: 0.04 mg/kg");
    assert!(status == 404 && said.contains("No report has this content"), "{said}");
    assert_eq!(checked(&public, b"").0, 422, "no file");
    let by_number = public.get("/report-check?q=2026-0007");
    assert!(by_number.0 == 200 && by_number.1.contains(&report));
    assert_eq!(public.get("/report-check?q=2026-0008").0, 404);
    let zh = Browser { language: "zh-CN", ..bench.public() };
    assert!(text_of(&zh.get("/report-check").1).contains("核验检测报告"));

    let content = between(&public.get(&report).1, "fingerprint ", "<").to_owned();
    let (found, said) = public.get(&format!("/api/v1/report-check/{content}"));
    let said: Value = serde_json::from_str(&said).unwrap();
    assert!(
        found == 200 && said["status"] == "issued" && said["marks"][0]["number"] == "CMA 24001",
        "{said}"
    );
    assert_eq!(public.get(&format!("/api/v1/report-check/{}", "0".repeat(64))).0, 404);
}

#[test]
fn a_report_is_contested_replaced_and_withdrawn() {
    let bench = Bench::set_up();
    let (report, public) = (bench.issued(), bench.public());
    let (keeper, firm) = (bench.keeper(), sign_in(&bench.town, "firm", "en"));
    let object = format!("{report}/object");
    location(&firm.send(&object, &object, &[("reason", "it was another tea")]));
    assert!(keeper.get("/inbox").1.contains(&report), "the objection is answered");
    let answer = format!("{report}/answer");
    location(&keeper.send(&answer, &answer, &[("text", "measured again")]));

    let second = bench.draft(&[("items.2.is_outside", "yes"), ("number", "2026-0007-A")]);
    let second: Vec<(&str, &str)> = second.into_iter().chain([("replaces", name(&report))]).collect();
    let again = made(&keeper.send(NEW, NEW, &second));
    location(&bring(&keeper, &format!("{again}/issue"), ("file", "report-a.pdf", BETTER)));
    let content = between(&public.get(&report).1, "fingerprint ", "<").to_owned();
    let said = public.get(&format!("/api/v1/report-check/{content}")).1;
    let said: Value = serde_json::from_str(&said).unwrap();
    assert_eq!(said["replaced_by"].as_str(), Some(name(&again)), "{said}");
    let (_, said) = checked(&public, COPY);
    assert!(said.contains("It has been replaced") && said.contains("2026-0007-A"), "{said}");
    let withdraw = format!("{again}/withdraw");
    location(&keeper.send(&withdraw, &withdraw, &[("reason", "secret reason")]));
    let (_, said) = checked(&public, BETTER);
    assert!(said.contains("does not stand any more") && !said.contains("secret reason"), "{said}");
}
