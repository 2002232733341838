//! Journeys: a citizen, a firm, a solver, an expert and an officer in a real browser, in Chinese and in English, with the
//! mouse and the keyboard. Without a browser this test says that it is skipped.

use serde_json::json;
use tempfile::TempDir;

use crate::{chromium::Chromium, pages::browser, region::Region};

/// Demo roles by their place in the list.
const FIRM: &str = "01";
const JOINT: &str = "05";
const UNIVERSITY: &str = "06";
const CITIZEN: &str = "16";
const REVIEWER: &str = "17";

/// Someone before a screen, in one language.
struct Trip<'a> {
    chromium: &'a mut Chromium,
    house: &'a str,
    is_zh: bool,
}

impl Trip<'_> {
    /// The words of the language of this trip.
    fn said<'w>(&self, zh: &'w str, en: &'w str) -> &'w str {
        if self.is_zh { zh } else { en }
    }

    fn go(&mut self, path: &str) {
        self.chromium.go(&format!("{}{path}", self.house));
    }

    /// The language is chosen once; the role by its button.
    fn begin(&mut self, role: &str) {
        let language = self.said("zh", "en");
        self.go(&format!("/look?lang={language}&back=%2Fdemo"));
        self.chromium.click(&format!("form[action='/demo/{role}'] button"));
        let lang = self.said("zh-CN", "en");
        self.chromium.come("/inbox", &format!("document.documentElement.lang === '{lang}'"));
    }

    /// The page reads as it should and needs no scrolling sideways.
    fn reads(&mut self, words: &[&str]) {
        let text = self.chromium.text();
        for word in words {
            assert!(
                text.contains(word),
                "`{word}` does not stand on {}:\n{text}",
                self.chromium.run("location.href")
            );
        }
        assert!(!self.chromium.is_wider_than_its_screen(), "{}", self.chromium.run("location.href"));
    }
}

#[test]
fn five_people_find_their_way_in_both_languages() {
    let Some(program) = browser() else { return };
    let folder = TempDir::new().unwrap();
    let region = Region::open(folder.path(), &["--demo"]);
    let mut chromium = Chromium::open(program);
    for is_zh in [true, false] {
        let mut trip = Trip { chromium: &mut chromium, house: &region.url, is_zh };
        a_citizen_finds_and_checks_and_objects(&mut trip);
        a_firm_drafts_a_need_and_books(&mut trip);
        a_solver_answers_a_need(&mut trip);
        an_expert_scores(&mut trip);
        an_officer_follows_the_funnel_and_tries_a_budget(&mut trip);
    }
}

fn a_citizen_finds_and_checks_and_objects(trip: &mut Trip) {
    trip.begin(CITIZEN);
    trip.go("/");
    trip.chromium.fill("#search", trip.said("电池", "battery"));
    trip.chromium.key("Enter");
    trip.chromium.come("/find", "!!document.querySelector('main article.found h2 a')");
    trip.reads(&[trip.said("电池", "attery")]);
    trip.chromium.click("main article.found h2 a");
    trip.chromium
        .come("/", "location.pathname !== '/find' && !!document.querySelector('main a[href^=\"/proof/\"]')");
    trip.chromium.click("main a[href^='/proof/']");
    trip.chromium.come("/proof/", "!!document.querySelector('main section.proof')");
    trip.reads(&[trip.said("这份凭证证明什么", "What this receipt proves")]);
    trip.go("/notice?status=running");
    // Each language objects to a notice of its own.
    let place = if trip.is_zh { "0" } else { "1" };
    let notice = format!(
        "[...new Set([...document.querySelectorAll('main a[href^=\"/notice/notice-\"]')].map((link) => link.getAttribute('href')))][{place}]"
    );
    let notice = trip.chromium.run(&notice).as_str().unwrap_or_else(|| panic!("no notice runs")).to_owned();
    trip.go(&format!("{notice}/object"));
    // Without saying whether the name is shown: told beside the field, and what was written stays.
    trip.chromium.fill(
        "#f-text",
        trip.said("公示的单位名称与登记不一致。", "The unit's name is not the registered one."),
    );
    trip.chromium.click("main form.form button.main");
    trip.chromium.until("document.readyState === 'complete' && !!document.querySelector('[aria-invalid=true], .field .error, .wrong, [role=alert]')");
    let typed = trip.chromium.run("document.querySelector('#f-text').value");
    assert_eq!(
        typed,
        trip.said("公示的单位名称与登记不一致。", "The unit's name is not the registered one.")
    );
    trip.chromium.click("label:has([name=named][value=no])");
    trip.chromium.click("main form.form button.main");
    trip.chromium.come(&notice, "!location.pathname.endsWith('/object')");
    trip.reads(&[trip.said("登记不一致", "not the registered one")]);
}

fn a_firm_drafts_a_need_and_books(trip: &mut Trip) {
    trip.begin(FIRM);
    trip.go("/need/new/draft");
    let title = trip.said("车规级芯片散热材料", "Thermal material for automotive chips");
    trip.chromium.fill(trip.said("[name='title.zh']", "[name='title.en']"), title);
    trip.chromium.click("#f-field");
    trip.chromium.key("ArrowDown");
    trip.chromium.key("Enter");
    let summary = trip
        .said("寻求导热率高、可靠性好的封装散热材料。", "We look for packages that lead heat away and last.");
    trip.chromium.fill(trip.said("[name='summary.zh']", "[name='summary.en']"), summary);
    trip.chromium.click("main form.form button.main");
    trip.chromium
        .until("document.readyState === 'complete' && !!document.querySelector('[aria-invalid=true]')");
    trip.reads(&[]);
    let kept =
        format!("document.querySelector(\"{}\").value", trip.said("[name='title.zh']", "[name='title.en']"));
    assert_eq!(trip.chromium.run(&kept), title, "what was typed stays beside the faults");
    assert_ne!(
        trip.chromium.run("document.querySelector('#f-field').value"),
        "",
        "the keyboard chose a field"
    );
    for (field, value) in [("deadline_months", "18"), ("budget", "300万")] {
        trip.chromium.fill(&format!("[name={field}]"), value);
    }
    trip.chromium.click("label:has([name=co_funding][value=yes])");
    trip.chromium.click("label:has([name=ip_ownership])");
    trip.chromium.click("label:has([name=no_secrets][value=yes])");
    trip.chromium.click("main form.form button.main");
    trip.chromium.come("/need/need-", "true");
    trip.reads(&[title, "3,000,000"]);
    books_with_the_mouse(trip);
}

/// In a calendar the arrows go from place to place; drawing over two hours asks for both.
fn books_with_the_mouse(trip: &mut Trip) {
    trip.go("/free");
    let calendar =
        trip.chromium.run("document.querySelector('main a[href*=\"/calendar\"]').getAttribute('href')");
    let (path, _) = calendar.as_str().unwrap().split_once('?').unwrap();
    trip.go(path);
    trip.reads(&[]);
    // The day, for phones, has one of its own.
    trip.chromium.click("a[rel=next]:not([href*='view=day'])");
    // This week has free places too, except at its end.
    trip.chromium.come(
        path,
        "location.search.includes('day=') && !!document.querySelector('table[data-grid] a[data-from]')",
    );
    // Two free hours, one below the other.
    let pair = "(() => { for (const cell of document.querySelectorAll('table[data-grid] td.free')) { \
        const below = cell.parentElement.nextElementSibling?.cells[cell.cellIndex]; \
        if (cell.checkVisibility() && cell.querySelector('a[data-from]') && below?.querySelector('a[data-from]')) { cell.id = 'first'; below.id = 'second'; return true; } } return false; })()";
    assert_eq!(trip.chromium.run(pair), true, "no two free hours in a week");
    trip.chromium.run("document.querySelector('#first a').focus({ preventScroll: true }); true");
    trip.chromium.key("ArrowDown");
    assert_eq!(trip.chromium.run("document.activeElement.closest('td').id"), "second", "the arrows lead on");
    trip.chromium.key("ArrowUp");
    assert_eq!(trip.chromium.run("document.activeElement.closest('td').id"), "first");
    // A place begins when the instrument opens, or on the hour, and ends with its hour.
    let minutes = trip.chromium.run(
        "(() => { const [from, last] = ['#first a', '#second a'].map((cell) => document.querySelector(cell).dataset.from.slice(11).split(':').map(Number)); \
        return (last[0] + 1 - from[0]) * 60 - from[1]; })()",
    );
    trip.chromium.draw("#first", "#second");
    trip.chromium.come("/booking/new/request", "!!document.querySelector('main form.form')");
    let asked = trip.chromium.run("Number(new URLSearchParams(location.search).get('minutes'))");
    assert_eq!(asked, minutes, "from the beginning of the first to the end of the second");
    let detail = trip.said("两片硅片，无毒。", "Two wafers, nothing toxic.");
    trip.chromium.fill("#f-detail", detail);
    trip.chromium.click("label:has([name=no_secrets][value=yes])");
    trip.chromium.click("main form.form button.main");
    trip.chromium.come("/booking/booking-", "true");
    trip.reads(&[]);
}

fn a_solver_answers_a_need(trip: &mut Trip) {
    trip.begin(UNIVERSITY);
    trip.go("/need?status=soliciting");
    trip.chromium.click("main a[href^='/need/need-']");
    trip.chromium.come("/need/need-", "!!document.querySelector('a[href^=\"/solution/new/draft?need=\"]')");
    trip.chromium.click("a[href^='/solution/new/draft?need=']");
    trip.chromium.come("/solution/new/draft", "document.querySelector('#f-need').value.startsWith('need-')");
    let route = trip.said("先以共烧陶瓷验证，再做分区温控。", "Co-fired ceramics first, zones of heat next.");
    trip.chromium.fill("#f-route", route);
    // A pause keeps it; who comes back finds it.
    trip.chromium.until("(document.querySelector('[data-kept]').textContent || '').trim() !== ''");
    let address = trip.chromium.run("location.pathname + location.search").as_str().unwrap().to_owned();
    trip.go("/inbox");
    trip.go(&address);
    assert_eq!(
        trip.chromium.run("document.querySelector('#f-route').value"),
        route,
        "the draft is there again"
    );
    trip.chromium.click("main form.form button.main");
    trip.chromium.until(
        "document.readyState === 'complete' && !!document.querySelector('[aria-invalid=true], [role=alert]')",
    );
    assert_eq!(
        trip.chromium.run("document.querySelector('#f-route').value"),
        route,
        "faults take nothing away"
    );
    trip.reads(&[]);
}

fn an_expert_scores(trip: &mut Trip) {
    trip.begin(REVIEWER);
    trip.go("/reviews");
    trip.chromium.click("#open a[href^='/review/']");
    trip.chromium.come("/review/", "!!document.querySelector('form[data-weighted]')");
    for (n, score) in (1..=5).zip(["80", "82", "84", "86", "88"]) {
        if n == 1 {
            trip.chromium.click("[name='marks.1.score']");
        } else {
            trip.chromium.key("Tab");
        }
        let at = trip.chromium.run("document.activeElement.name");
        assert_eq!(at, json!(format!("marks.{n}.score")), "the keyboard goes from score to score");
        trip.chromium.write(score);
    }
    // 0.30 × 80 + 0.25 × 82 + 0.20 × 84 + 0.15 × 86 + 0.10 × 88
    trip.chromium.until("document.querySelector('[data-total]').textContent.includes('83.00')");
    trip.chromium
        .fill("#f-open", trip.said("路线清楚，验证条件需补充。", "A clear route; say how it is tested."));
    trip.chromium.click("form[data-weighted] button.main");
    trip.chromium.come("/review/", "!document.querySelector('form[data-weighted]')");
    trip.reads(&["83.00"]);
}

fn an_officer_follows_the_funnel_and_tries_a_budget(trip: &mut Trip) {
    trip.begin(JOINT);
    trip.go("/funnel");
    trip.reads(&["133", "399", "15"]);
    trip.chromium.click("main a[href^='/solution?status=submitted']");
    trip.chromium.come("/solution", "document.querySelector('main').innerText.includes('133')");
    trip.go("/allocation");
    trip.chromium.click("main a[href^='/allocation/allocation-']");
    trip.chromium.come("/allocation/allocation-", "!!document.querySelector('#b0')");
    trip.chromium.run("document.querySelector('#b0').select(); true");
    trip.chromium.write("12000000");
    trip.chromium.key("Enter");
    trip.chromium.come(
        "/allocation/allocation-",
        "location.search.includes('b0=12000000') && !!document.querySelector('#answer')",
    );
    trip.reads(&[]);
}
