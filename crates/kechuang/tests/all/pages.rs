//! Pages: every room, list, record and form of the demonstration, in both languages, through the eyes of the
//! public, a firm and an officer: well formed, labelled, without dead links, and no wider than the screen.

use std::{
    collections::{BTreeMap, BTreeSet},
    io::Read,
    process::{Command, Stdio},
    sync::mpsc,
    time::Duration,
};

use desks::DESKS;
use serde_json::Value;
use tempfile::TempDir;

use crate::{
    page,
    region::{Answer, Region, Visitor},
};

const LANGUAGES: [(&str, &str); 2] = [("zh", "zh-CN"), ("en", "en")];
const ROOMS: [&str; 24] = [
    "/",
    "/find",
    "/find?q=%E5%85%89%E5%88%BB%E8%83%B6",
    "/find?q=battery&kind=achievement",
    "/find?q=zzzzqqqq",
    "/inbox",
    "/reviews",
    "/funnel",
    "/account",
    "/my/password",
    "/my/second",
    "/my/passkeys",
    "/my/sessions",
    "/my/tokens",
    "/rulebook",
    "/desks",
    "/api",
    "/proof",
    "/proof/0",
    "/demo",
    "/sign-in",
    "/sign-up",
    "/nowhere",
    "/need/need-nowhere",
];
/// Links of one shape that are followed: `/need/…/…` is one shape.
const SAME_SHAPE_MAX: usize = 5;
/// Widths that are measured, in pixels: the narrowest screen the house promises, a telephone, a desk.
const WIDTHS: [u32; 3] = [320, 360, 1280];
/// A page that is too wide everywhere: if it is not found, nothing is measured.
const TOO_WIDE: &str =
    "<html><head></head><body><main><div style=\"width:2000px\">wide</div></main></body></html>";
/// Pages a browser measures at a time.
const MEASURED: usize = 40;
const BROWSERS: [&str; 4] = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"];
const BROWSER_WAIT: Duration = Duration::from_secs(90);

/// Who looks: a name, and the demo role that is taken.
const VIEWERS: [(&str, &str); 5] =
    [("public", ""), ("firm", "01"), ("joint office", "05"), ("reviewer", "17"), ("panel office", "18")];

fn visitor(region: &Region, role: &str) -> Visitor {
    let mut visitor = region.visitor();
    if !role.is_empty() {
        let answer = visitor.send("/demo", &format!("/demo/{role}"), &[]);
        assert_eq!(answer.status, 303, "{}", answer.text);
        visitor.cookie = answer.cookie;
    }
    visitor
}

/// One record in each state of each desk, as this visitor finds them in lists.
fn records(visitor: &Visitor) -> Vec<String> {
    let mut found = BTreeSet::new();
    for clerk in DESKS.iter() {
        let list = |query: &str| visitor.get(&format!("/api/v1/{}?limit=1{query}", clerk.name())).json();
        let first = list("");
        let states = first["facets"]["status"].as_object().cloned().unwrap_or_default();
        let lists =
            states.keys().map(|state| list(&format!("&status={state}"))).chain([first, list("&mine=yes")]);
        for list in lists.collect::<Vec<Value>>() {
            let ids = list["rows"].as_array().into_iter().flatten().filter_map(|row| row["id"].as_str());
            found.extend(ids.map(|id| format!("/{}/{id}", clerk.name())));
        }
    }
    found.into_iter().collect()
}

/// Every page a visitor can open by name.
fn paths(visitor: &Visitor) -> Vec<String> {
    let mut paths: Vec<String> = ROOMS.map(str::to_owned).into();
    for clerk in DESKS.iter() {
        let name = clerk.name();
        paths.push(format!("/{name}"));
        paths.push(format!("/{name}?q=zzzzqqqq"));
        paths.extend(
            clerk
                .opens()
                .iter()
                .flat_map(|verb| [format!("/{name}/new/{verb}"), format!("/{name}/import/{verb}")]),
        );
    }
    for record in records(visitor) {
        let desk = record.split('/').nth(1).and_then(|name| DESKS.find(name)).unwrap();
        let asked = desk.verbs().iter().filter(|verb| !desk.opens().contains(&verb.name.as_str()));
        paths.extend(asked.map(|verb| format!("{record}/{}", verb.name)));
        paths.push(record);
    }
    paths
}

/// `/need/…/…?…` for `/need/need-x/amend?a=b`: what a link leads to, without which one.
fn shape(path: &str) -> String {
    let (path, query) = path.split_once('?').unwrap_or((path, ""));
    let desk = path.split('/').nth(1).unwrap_or_default();
    let last = path.rsplit('/').next().unwrap_or_default();
    let names: Vec<&str> = query.split('&').map(|pair| pair.split('=').next().unwrap_or_default()).collect();
    let last = if last.contains(|c: char| c.is_ascii_digit()) { "…" } else { last };
    format!("{desk}/{}/{last}?{}", path.matches('/').count(), names.join("&"))
}

/// What has been seen of the house by one viewer in one language.
#[derive(Default)]
struct Tour {
    pages: BTreeMap<String, Answer>,
    links: BTreeMap<String, Vec<String>>,
    faults: Vec<String>,
}

impl Tour {
    fn visit(&mut self, visitor: &Visitor, path: &str, lang: &str) {
        let answer = visitor.get(path);
        let known = match answer.status {
            200 => !path.contains("nowhere"),
            303 => true,
            401 | 403 => path != "/",
            404 => path.contains("nowhere") || path.matches('/').count() >= 3,
            _ => false,
        };
        if !known {
            self.faults.push(format!("{path}: status {}", answer.status));
        }
        if answer.status == 303 {
            return self.note(&answer.location);
        }
        self.faults.extend(page::faults(&answer.text, lang).iter().map(|fault| format!("{path}: {fault}")));
        let (tags, _) = page::tags(&answer.text);
        let ids: BTreeSet<&str> = tags.iter().map(|tag| tag.get("id")).collect();
        for tag in tags.iter().filter(|tag| ["a", "link", "script", "img", "use"].contains(&tag.name)) {
            let to =
                page::unescape(if tag.get("href").is_empty() { tag.get("src") } else { tag.get("href") });
            match to.strip_prefix('#') {
                Some(id) if !ids.contains(id) => self.faults.push(format!("{path}: no place #{id}")),
                Some(_) => {}
                None if to.is_empty() => self.faults.push(format!("{path}: a link to nothing")),
                None => self.note(&to),
            }
        }
        self.pages.insert(path.to_owned(), answer);
    }

    fn note(&mut self, to: &str) {
        if to.starts_with('/') && !to.starts_with("//") {
            let to = to.split('#').next().unwrap_or_default().to_owned();
            let same = self.links.entry(shape(&to)).or_default();
            if same.len() < SAME_SHAPE_MAX && !same.contains(&to) {
                same.push(to);
            }
        } else if !["https://", "http://", "mailto:", "data:"].iter().any(|known| to.starts_with(known)) {
            self.faults.push(format!("a link to `{to}`"));
        }
    }

    /// Every link leads to something that this viewer may open.
    fn follow(&mut self, visitor: &Visitor) -> usize {
        let links: Vec<String> =
            self.links.values().flatten().filter(|to| !self.pages.contains_key(*to)).cloned().collect();
        for to in &links {
            let answer = visitor.get(to);
            let leads_to_sign_in = answer.status == 401 && visitor.cookie.is_empty();
            if !([200, 303].contains(&answer.status) || leads_to_sign_in) {
                self.faults.push(format!("a dead link: {to} ({})", answer.status));
            }
        }
        links.len()
    }
}

#[test]
fn every_page_is_whole_in_both_languages_and_for_everyone() {
    let folder = TempDir::new().unwrap();
    let region = Region::open(folder.path(), &["--demo=yes"]);
    let (mut faults, mut sheets, mut seen, mut followed) = (Vec::new(), BTreeMap::new(), 0, 0);
    for (name, role) in VIEWERS {
        let mut visitor = visitor(&region, role);
        let paths = paths(&visitor);
        assert!(paths.len() > 80, "{name} found only {} pages", paths.len());
        for (language, lang) in LANGUAGES {
            visitor.language = language;
            let mut tour = Tour::default();
            paths.iter().for_each(|path| tour.visit(&visitor, path, lang));
            if language == "zh" {
                followed += tour.follow(&visitor);
            }
            faults.extend(tour.faults.into_iter().map(|fault| format!("{name}, {language}: {fault}")));
            seen += tour.pages.len();
            for (path, answer) in tour.pages.into_iter().filter(|(_, answer)| answer.status == 200) {
                // One of each kind is measured, in the language whose words are longest for it.
                let longest: &mut (String, String) = sheets.entry(shape(&path)).or_default();
                if longest.1.len() < answer.text.len() {
                    *longest = (format!("{name}|{language}|{path}"), answer.text);
                }
            }
        }
    }
    every_role_has_its_rooms(&region, &mut faults);
    println!("{seen} pages, {followed} links");
    assert!(faults.is_empty(), "{} faults:\n{}", faults.len(), faults.join("\n"));
    no_page_is_wider_than_its_screen(&region, &sheets.into_values().collect::<Vec<_>>());
    a_browser_is_refused_nothing(&region);
}

/// Whoever a visitor becomes finds what waits for them.
fn every_role_has_its_rooms(region: &Region, faults: &mut Vec<String>) {
    let html = region.visitor().get("/demo").text;
    let (tags, _) = page::tags(&html);
    let roles: BTreeSet<&str> = tags
        .iter()
        .filter_map(|tag| tag.get("action").strip_prefix("/demo/"))
        .filter(|role| !role.is_empty())
        .collect();
    assert!(roles.len() > 8, "{} roles", roles.len());
    for role in roles {
        let visitor = visitor(region, role);
        let mut tour = Tour::default();
        ["/", "/inbox", "/account"].iter().for_each(|path| tour.visit(&visitor, path, "en"));
        let waits: Vec<String> = tour.links.values().flatten().cloned().collect();
        tour.follow(&visitor);
        assert!(!waits.is_empty());
        faults.extend(tour.faults.into_iter().map(|fault| format!("role {role}: {fault}")));
    }
}

/// The browser of this machine; says so when there is none.
pub fn browser() -> Option<&'static str> {
    let runs = |name: &&&str| {
        Command::new(name)
            .arg("--version")
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .status()
            .is_ok_and(|s| s.success())
    };
    let found = BROWSERS.iter().find(runs).copied();
    if found.is_none() {
        println!("skipped: no chromium is installed, so no width is measured and no policy tried");
    }
    found
}

/// Runs a browser without a window and gives what it wrote: the page as it stands afterwards, and its log.
fn browse(browser: &str, address: &str, more: &[&str]) -> Option<(String, String)> {
    let profile = TempDir::new().unwrap();
    let mut child = Command::new(browser)
        .args([
            "--headless",
            "--no-sandbox",
            "--disable-gpu",
            "--no-first-run",
            "--disable-background-networking",
        ])
        .args([
            "--disable-component-update",
            "--disable-sync",
            "--disable-dev-shm-usage",
            "--hide-scrollbars",
        ])
        .arg(format!("--user-data-dir={}", profile.path().display()))
        .args(["--virtual-time-budget=20000", "--dump-dom"])
        .args(more)
        .arg(address)
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let (mut out, mut log) = (child.stdout.take().unwrap(), child.stderr.take().unwrap());
    let (told, tells) = mpsc::channel();
    let reads = std::thread::spawn(move || {
        let mut text = String::new();
        let _ = log.read_to_string(&mut text);
        text
    });
    std::thread::spawn(move || {
        let mut page = Vec::new();
        let _ = out.read_to_end(&mut page);
        let _ = told.send(String::from_utf8_lossy(&page).into_owned());
    });
    let page = tells.recv_timeout(BROWSER_WAIT);
    let _ = child.kill();
    let _ = child.wait();
    let log = reads.join().unwrap();
    if page.is_err() {
        println!("skipped: {browser} hangs at {address}");
    }
    page.ok().map(|page| (page, log))
}

/// Runs in the page around the frames: writes one line for each frame, once all of them hold their pages.
const MEASURE: &str = r#"<script>
const measure = (tries) => {
  const frames = [...document.querySelectorAll("iframe")];
  const ready = (frame) => frame.contentDocument?.readyState === "complete" && frame.contentDocument.querySelector("main");
  if (tries > 0 && !frames.every(ready)) return setTimeout(measure, 100, tries - 1);
  const lines = frames.filter(ready).map((frame) => {
    const page = frame.contentDocument.documentElement;
    const wide = [...page.querySelectorAll("body *")].filter((part) => part.getBoundingClientRect().right > page.clientWidth + 1);
    const names = wide.slice(-3).map((part) => part.tagName.toLowerCase() + "." + part.className).join(" ");
    return [frame.name, page.clientWidth, page.scrollWidth, names].join("\t");
  });
  document.body.textContent = lines.join("\n");
};
addEventListener("load", () => setTimeout(measure, 100, 100));
</script>"#;

/// How often a browser is asked before it is said that it did not look.
const TRIES: usize = 5;

/// Lays pages into frames as wide as screens and asks a browser how wide they became.
fn no_page_is_wider_than_its_screen(region: &Region, sheets: &[(String, String)]) {
    let Some(browser) = browser() else { return };
    let style = region.visitor().get("/style.css").text;
    let control = ("control|".to_owned(), TOO_WIDE.to_owned());
    let mut faults = Vec::new();
    for some in sheets.chunks(MEASURED) {
        // Each run measures a page that is known to be too wide; a run that does not see it has not looked.
        let some: Vec<&(String, String)> = some.iter().chain([&control]).collect();
        let seen = (0..TRIES).find_map(|_| {
            let (measured, wide) = too_wide(browser, &some, &style);
            let (controls, wide): (Vec<String>, Vec<String>) =
                wide.into_iter().partition(|fault| fault.starts_with("control"));
            let is_whole = measured == some.len() * WIDTHS.len() && controls.len() == WIDTHS.len();
            is_whole.then_some(wide)
        });
        match seen {
            Some(wide) => faults.extend(wide),
            None => println!("skipped: {browser} did not measure {} pages whole", some.len()),
        }
    }
    assert!(faults.is_empty(), "{} pages are too wide:\n{}", faults.len(), faults.join("\n"));
}

/// How many frames were measured, and those that are too wide.
fn too_wide(browser: &str, sheets: &[&(String, String)], style: &str) -> (usize, Vec<String>) {
    let folder = TempDir::new().unwrap();
    let frames = sheets.iter().flat_map(|(name, html)| WIDTHS.map(|width| frame(name, html, style, width)));
    let file = folder.path().join("frames.html");
    let head = format!("<!DOCTYPE html><meta charset=\"utf-8\"><body>{MEASURE}");
    std::fs::write(&file, format!("{head}{}</body>", frames.collect::<String>())).unwrap();
    let address = format!("file://{}", file.display());
    let (page, _) = browse(browser, &address, &["--window-size=1400,900"]).unwrap_or_default();
    let (mut measured, mut faults) = (0, Vec::new());
    for line in page.lines().filter(|line| line.contains('|') && line.contains('\t')) {
        let cells: Vec<&str> = line.split('\t').collect();
        let [frame, width, wide, names, ..] = cells[..] else { panic!("{line}") };
        measured += 1;
        if wide.parse::<u32>().unwrap() > width.parse().unwrap() {
            faults.push(format!("{frame}: {wide} px on {width} px: {}", names.split('<').next().unwrap()));
        }
    }
    (measured, faults)
}

/// One page in a frame, with its looks in place, since a file has no house to fetch them from.
fn frame(name: &str, html: &str, style: &str, width: u32) -> String {
    let (head, body) = html.split_once("</head>").unwrap_or(("", html));
    let head: String = head
        .split_inclusive('>')
        .filter(|piece| !piece.contains("<link") && !piece.contains("<script") && !piece.contains("</script"))
        .collect();
    let page = format!("{head}<style>{style}</style></head>{body}");
    let escaped = page.replace('&', "&amp;").replace('"', "&quot;");
    let name = page::unescape(name).replace(['"', '&', '<', '\t'], " ");
    format!(
        "<iframe name=\"{name} @{width}\" width=\"{width}\" height=\"900\" style=\"border:0\" srcdoc=\"{escaped}\"></iframe>\n"
    )
}

/// A real browser loads all of some pages; the content policy of the house refuses nothing of its own.
fn a_browser_is_refused_nothing(region: &Region) {
    let Some(browser) = browser() else { return };
    for path in ["/", "/find?q=battery", "/rulebook", "/need"] {
        let policy = region.visitor().get(path).policy;
        assert!(policy.contains("default-src 'none'") && !policy.contains("unsafe"), "{policy}");
        let log = ["--enable-logging=stderr", "--v=0", "--window-size=360,800"];
        let Some((page, log)) = browse(browser, &format!("{}{path}", region.url), &log) else { return };
        assert!(page.contains("<h1"), "{path}: {page}");
        let refused: Vec<&str> = log.lines().filter(|line| line.contains("CONSOLE")).collect();
        assert!(refused.is_empty(), "{path}: {refused:?}");
    }
}
