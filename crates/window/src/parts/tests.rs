//! What holds for every part: both languages, a label for each input, ids once, no inline styles or scripts,
//! colours that can be read.

use std::collections::{BTreeMap, BTreeSet};

use super::{Tone, badge, gallery, hash, plate, qr, seal_file};

const STYLE: &str = concat!(include_str!("../style.css"), include_str!("../figures.css"));
const SCRIPT: &str = include_str!("../script.js");
const GRID: &str = include_str!("../grid.js");

/// One opening or closing tag with its attributes, as `maud` writes them.
struct Tag {
    name: String,
    attributes: BTreeMap<String, String>,
}

impl Tag {
    fn get(&self, name: &str) -> &str {
        self.attributes.get(name).map_or("", String::as_str)
    }
}

fn tags(page: &str) -> Vec<Tag> {
    page.split('<').skip(1).map(|piece| tag(piece.split('>').next().unwrap())).collect()
}

fn tag(inside: &str) -> Tag {
    let (name, mut rest) = inside.split_once(' ').unwrap_or((inside, ""));
    let mut attributes = BTreeMap::new();
    while !rest.trim().is_empty() {
        rest = rest.trim_start();
        let end = rest.find([' ', '=']).unwrap_or(rest.len());
        let (key, after) = rest.split_at(end);
        let (value, next) = match after.strip_prefix("=\"") {
            Some(quoted) => quoted.split_once('"').unwrap(),
            None => ("", after),
        };
        assert!(attributes.insert(key.to_owned(), value.to_owned()).is_none(), "`{key}` twice in {inside}");
        rest = next;
    }
    Tag { name: name.to_owned(), attributes }
}

fn pages() -> [String; 2] {
    ["zh", "en"].map(|lang| gallery(lang).into_string())
}

#[test]
fn the_gallery_speaks_both_languages() {
    let [zh, en] = pages();
    assert!(zh.contains("lang=\"zh-CN\"") && zh.contains("您要解决什么问题"));
    assert!(en.contains("lang=\"en\"") && en.contains("What do you want to solve"));
    let is_han = |c: char| ('\u{4e00}'..='\u{9fff}').contains(&c);
    let text: String =
        en.split('<').filter_map(|piece| piece.split_once('>').map(|(_, text)| text)).collect();
    let han = text.chars().filter(|c| is_han(*c)).count();
    assert!(han < 120, "{han} Chinese characters in the English page: a part has words of its own");
}

#[test]
fn every_input_has_a_label() {
    for page in pages() {
        let tags = tags(&page);
        let labelled: BTreeSet<&str> =
            tags.iter().filter(|t| t.name == "label").map(|t| t.get("for")).collect();
        let (mut depth, mut inputs) = (0, 0);
        for tag in &tags {
            match tag.name.as_str() {
                "label" => depth += 1,
                "/label" => depth -= 1,
                "input" if tag.get("type") == "hidden" => {}
                "input" | "select" | "textarea" => {
                    inputs += 1;
                    let id = tag.get("id");
                    let known = depth > 0 || (!id.is_empty() && labelled.contains(id));
                    assert!(known, "no label for `{}`", tag.get("name"));
                }
                _ => {}
            }
        }
        assert!(inputs > 40, "only {inputs} inputs looked at");
    }
}

#[test]
fn ids_are_there_once_and_what_names_them_exists() {
    for page in pages() {
        let tags = tags(&page);
        let mut ids = BTreeSet::new();
        for id in tags.iter().map(|tag| tag.get("id")).filter(|id| !id.is_empty()) {
            assert!(ids.insert(id), "`{id}` twice");
        }
        for tag in &tags {
            for name in ["for", "aria-describedby", "aria-labelledby", "list"] {
                for id in tag.get(name).split_whitespace() {
                    assert!(ids.contains(id), "{name}=`{id}` names nothing");
                }
            }
        }
        let faults = tags.iter().map(|tag| tag.get("href")).filter_map(|href| href.strip_prefix("#f-"));
        let faults: Vec<String> = faults.map(|id| format!("f-{id}")).collect();
        assert_eq!(faults.len(), 4);
        assert!(faults.iter().all(|id| ids.contains(id.as_str())));
    }
}

#[test]
fn nothing_is_inline() {
    for page in pages() {
        for tag in tags(&page) {
            assert_ne!(tag.name, "style");
            assert!(tag.name != "script" || !tag.get("src").is_empty(), "an inline script");
            assert!(!tag.attributes.contains_key("style"), "an inline style in `{}`", tag.name);
            assert!(
                !tag.attributes.keys().any(|name| name.starts_with("on")),
                "an inline handler in `{}`",
                tag.name
            );
        }
    }
}

#[test]
fn headings_do_not_skip_a_level_and_tags_close() {
    for (page, name) in
        ["find", "list", "record", "form", "figures", "proof", "signs"].map(|n| (plate("zh", n), n))
    {
        let page = page.into_string();
        let mut open: Vec<String> = Vec::new();
        let mut level = 1;
        for tag in tags(&page) {
            let empty = ["!DOCTYPE", "meta", "link", "input", "wbr", "br", "hr"].contains(&tag.name.as_str());
            if let Some(next) = ["h1", "h2", "h3"].iter().position(|name| tag.name == *name) {
                assert!(next <= level, "{name}: from h{level} to h{}", next + 1);
                level = next + 1;
            }
            match tag.name.strip_prefix('/') {
                Some(name) => assert_eq!(open.pop().as_deref(), Some(name)),
                None if empty => {}
                None => open.push(tag.name),
            }
        }
        assert_eq!(open, Vec::<String>::new(), "{name}");
    }
}

#[test]
fn texts_are_escaped() {
    let evil = "<b onclick=\"x\">&";
    assert!(!badge(Tone::Info, evil).into_string().contains("<b"));
    assert!(!hash(evil).into_string().contains("<b"));
    assert!(seal_file().starts_with("<svg xmlns"));
    assert_eq!(qr(&[], "").into_string(), "");
}

#[test]
fn a_list_shows_what_was_typed_and_room_for_more() {
    let [zh, _] = pages();
    assert!(zh.contains("残余应力\n无损检测"), "numbered texts come back one a line");
    let rows = tags(&zh).iter().filter(|tag| tag.get("name").starts_with("partners.")).count();
    assert_eq!(rows, 3, "one partner typed, two rows more");
    assert!(
        tags(&zh).iter().any(|tag| tag.get("name") == "wanted.3" && tag.attributes.contains_key("checked"))
    );
    let until = tags(&zh).into_iter().find(|tag| tag.get("name") == "until").unwrap();
    assert_eq!(
        (until.get("type"), until.get("value")),
        ("text", "十二月底"),
        "an unreadable day is not lost"
    );
}

#[test]
fn the_script_stays_small_and_safe() {
    assert!(SCRIPT.len() <= 12_000, "{} bytes", SCRIPT.len());
    assert!(GRID.len() <= 8_000, "{} bytes", GRID.len());
    let is_safe = |script: &str| !script.contains("eval(") && !script.contains(".style");
    assert!(is_safe(SCRIPT) && is_safe(GRID));
}

// ---- colours ----

type Tokens = BTreeMap<String, String>;

/// The colour tokens of the first rule that follows `selector`.
fn tokens(selector: &str) -> Tokens {
    let block = STYLE.split_once(selector).unwrap().1.split_once('}').unwrap().0;
    let pairs = block.split(';').filter_map(|line| line.split_once(':'));
    let colours =
        pairs.filter(|(name, value)| name.trim().starts_with("--") && value.trim().starts_with('#'));
    colours.map(|(name, value)| (name.trim().to_owned(), value.trim().to_owned())).collect()
}

/// Relative luminance, WCAG 2.2.
fn luminance(colour: &str) -> f64 {
    let channel = |at: usize| {
        let value = f64::from(u8::from_str_radix(colour.get(at..at + 2).unwrap(), 16).unwrap()) / 255.0;
        if value <= 0.040_45 { value / 12.92 } else { ((value + 0.055) / 1.055).powf(2.4) }
    };
    0.2126 * channel(1) + 0.7152 * channel(3) + 0.0722 * channel(5)
}

fn contrast(one: &str, other: &str) -> f64 {
    let (a, b) = (luminance(one), luminance(other));
    (a.max(b) + 0.05) / (a.min(b) + 0.05)
}

/// Each text on each ground it stands on: 4.5. Each mark or border that carries meaning: 3.
const PAIRS: [(&[&str], &[&str], f64); 9] = [
    (
        &["ink", "ink-soft", "ink-faint", "link", "link-strong", "seal", "bad"],
        &["paper", "sheet", "sunk"],
        4.5,
    ),
    (&["info"], &["info-bg"], 4.5),
    (&["good"], &["good-bg", "sheet", "paper"], 4.5),
    (&["warn"], &["warn-bg", "sheet", "paper"], 4.5),
    (&["bad", "ink"], &["bad-bg"], 4.5),
    (&["ink", "link"], &["info-bg", "good-bg", "warn-bg", "mark"], 4.5),
    (&["on-act"], &["act", "act-strong"], 4.5),
    (&["on-stamp"], &["stamp"], 4.5),
    (&["rule-firm", "focus", "act", "stamp", "c1", "c2", "c3", "c4", "c5"], &["paper", "sheet"], 3.0),
];

#[test]
fn colours_can_be_read_in_light_and_in_dark() {
    let (light, dark) = (tokens(":root {"), tokens("[data-theme=\"dark\"] {"));
    let mut faint = Vec::new();
    for (name, theme) in [("light", light), ("dark", dark)] {
        for (fronts, grounds, least) in PAIRS {
            for (front, ground) in fronts.iter().flat_map(|f| grounds.iter().map(move |g| (f, g))) {
                let ratio = contrast(&theme[&format!("--{front}")], &theme[&format!("--{ground}")]);
                println!("{name:5} {front:>11} on {ground:<8} {ratio:5.2} (least {least})");
                if ratio < least {
                    faint.push(format!("{name}: {front} on {ground} {ratio:.2} < {least}"));
                }
            }
        }
    }
    assert_eq!(faint, Vec::<String>::new());
}

#[test]
fn the_two_dark_themes_are_equal_and_complete() {
    let light = tokens(":root {");
    let chosen = tokens("[data-theme=\"dark\"] {");
    let system = tokens(":root:not([data-theme=\"light\"]) {");
    assert_eq!(chosen, system);
    assert_eq!(chosen.keys().collect::<Vec<_>>(), light.keys().collect::<Vec<_>>());
}

/// Writes the gallery for looking at, when `GALLERY` names a folder.
#[test]
fn the_gallery_can_be_looked_at() {
    let Some(folder) = std::env::var_os("GALLERY").map(std::path::PathBuf::from) else { return };
    for lang in ["zh", "en"] {
        for name in ["find", "list", "record", "form", "figures", "proof", "signs", "all"] {
            let page = if name == "all" { gallery(lang) } else { plate(lang, name) };
            std::fs::write(folder.join(format!("{name}-{lang}.html")), page.into_string()).unwrap();
        }
    }
    std::fs::write(folder.join("style.css"), STYLE).unwrap();
    std::fs::write(folder.join("script.js"), SCRIPT).unwrap();
}
