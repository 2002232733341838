//! Page: HTML as a reader's machine takes it apart, and what must be true of every page.

use std::collections::{BTreeMap, BTreeSet};

/// One tag as it stands in the text.
pub struct Tag<'a> {
    pub name: &'a str,
    pub attributes: BTreeMap<&'a str, &'a str>,
    /// The tags it lies in, from outside.
    inside: Vec<&'a str>,
    /// What lies in it, tags and all.
    content: &'a str,
}

impl<'a> Tag<'a> {
    pub fn get(&self, name: &str) -> &'a str {
        self.attributes.get(name).copied().unwrap_or_default()
    }

    fn is_in(&self, name: &str) -> bool {
        self.inside.contains(&name)
    }
}

/// Tags that hold nothing and are not closed.
const EMPTY: [&str; 10] = ["area", "base", "br", "col", "hr", "img", "input", "link", "meta", "wbr"];

/// The tags of a page, and what is wrong with how they are nested.
pub fn tags(html: &str) -> (Vec<Tag<'_>>, Vec<String>) {
    let (mut tags, mut faults) = (Vec::<Tag>::new(), Vec::new());
    let mut open: Vec<(usize, &str)> = Vec::new();
    let mut at = 0;
    while let Some(found) = html[at..].find('<') {
        let start = at + found;
        let Some(end) = html[start..].find('>').map(|end| start + end) else { break };
        let inner = &html[start + 1..end];
        at = end + 1;
        if let Some(name) = inner.strip_prefix('/') {
            match open.pop() {
                Some((tag, opened)) if opened == name => {
                    let begin = tags[tag].content.as_ptr() as usize - html.as_ptr() as usize;
                    tags[tag].content = &html[begin..start];
                }
                other => faults.push(format!("</{name}> closes {other:?}")),
            }
        } else if !inner.starts_with('!') {
            let name = inner.split([' ', '\n', '/']).next().unwrap_or_default();
            let inside = open.iter().map(|(_, name)| *name).collect();
            tags.push(Tag {
                name,
                attributes: attributes(&inner[name.len()..]),
                inside,
                content: &html[at..at],
            });
            if !EMPTY.contains(&name) && !inner.ends_with('/') {
                open.push((tags.len() - 1, name));
            }
        }
    }
    faults.extend(open.iter().map(|(_, name)| format!("<{name}> is never closed")));
    (tags, faults)
}

fn attributes(text: &str) -> BTreeMap<&str, &str> {
    let mut found = BTreeMap::new();
    let mut rest = text.trim_matches([' ', '\n', '/']);
    while !rest.is_empty() {
        let end = rest.find(['=', ' ']).unwrap_or(rest.len());
        let name = &rest[..end];
        let (value, after) = match rest[end..].strip_prefix("=\"") {
            Some(quoted) => quoted.split_once('"').unwrap_or((quoted, "")),
            None => ("", &rest[end..]),
        };
        found.insert(name, value);
        rest = after.trim_start_matches([' ', '\n', '=']);
    }
    found
}

/// The words of a piece of a page, without tags.
pub fn words(html: &str) -> String {
    let pieces = html.split('<').enumerate();
    let text =
        pieces.filter_map(|(n, piece)| if n == 0 { Some(piece) } else { Some(piece.split_once('>')?.1) });
    text.collect::<String>().split_whitespace().collect::<Vec<_>>().join(" ")
}

/// What an address in a page leads to.
pub fn unescape(text: &str) -> String {
    text.replace("&amp;", "&").replace("&quot;", "\"").replace("&lt;", "<").replace("&gt;", ">")
}

/// What is wrong with a page in this language, whoever looks at it.
pub fn faults(html: &str, language: &str) -> Vec<String> {
    let (tags, mut faults) = tags(html);
    // A picture has titles of its own.
    let of = |name: &'static str| tags.iter().filter(move |tag| tag.name == name && !tag.is_in("svg"));
    if !html.starts_with("<!DOCTYPE html>") {
        faults.push("no doctype".into());
    }
    let lang = of("html").next().map_or("", |tag| tag.get("lang"));
    if lang != language {
        faults.push(format!("the language is `{lang}`"));
    }
    for (name, least) in [("h1", 1), ("main", 1), ("title", 1)] {
        if of(name).count() != least {
            faults.push(format!("{} <{name}>", of(name).count()));
        }
    }
    faults.extend(
        of("h1")
            .chain(of("title"))
            .filter(|tag| words(tag.content).is_empty())
            .map(|tag| format!("an empty <{}>", tag.name)),
    );
    let mut ids = BTreeSet::new();
    for tag in tags.iter().filter(|tag| tag.attributes.contains_key("id")) {
        if !ids.insert(tag.get("id")) {
            faults.push(format!("id `{}` twice", tag.get("id")));
        }
    }
    for tag in &tags {
        faults.extend(inline(tag));
        for name in ["for", "aria-describedby", "aria-labelledby", "aria-controls", "list", "form"] {
            let missing = tag.get(name).split(' ').filter(|id| !id.is_empty() && !ids.contains(id));
            faults
                .extend(missing.map(|id| format!("<{} {name}> names `{id}`, which is not there", tag.name)));
        }
        if !is_named(tag, &tags) {
            faults.push(format!("<{} {:?}> has no name", tag.name, tag.attributes));
        }
    }
    levels(&tags, &mut faults);
    faults
}

/// Nothing may be styled or run in place: the content policy would drop it in silence.
fn inline(tag: &Tag) -> Vec<String> {
    let by_attribute = tag.attributes.keys().filter(|name| **name == "style" || name.starts_with("on"));
    let mut faults: Vec<String> = by_attribute.map(|name| format!("<{} {name}>", tag.name)).collect();
    if tag.name == "style" || (tag.name == "script" && tag.get("src").is_empty()) {
        faults.push(format!("<{}> in place", tag.name));
    }
    let foreign =
        ["src", "href", "action"].iter().map(|name| tag.get(name)).filter(|to| to.starts_with("javascript:"));
    faults.extend(foreign.map(|to| format!("a link to {to}")));
    faults
}

/// Whether what can be used or seen has a name that can be read out.
fn is_named(tag: &Tag, tags: &[Tag]) -> bool {
    let by_attribute =
        ["aria-label", "aria-labelledby", "title"].iter().any(|name| !tag.get(name).is_empty());
    let labelled = |id: &str| {
        !id.is_empty()
            && tags.iter().any(|label| {
                label.name == "label" && label.get("for") == id && !words(label.content).is_empty()
            })
    };
    match tag.name {
        "input" if ["hidden", "submit", "button"].contains(&tag.get("type")) => true,
        "input" | "select" | "textarea" => by_attribute || tag.is_in("label") || labelled(tag.get("id")),
        "button" | "a" | "summary" | "legend" | "caption" | "th" | "option" => {
            by_attribute
                || !words(tag.content).is_empty()
                || tag.content.contains("aria-label=")
                || tag.content.contains("<title>")
        }
        "img" => tag.attributes.contains_key("alt"),
        "svg" => {
            tag.get("aria-hidden") == "true"
                || ["img", "group"].contains(&tag.get("role"))
                    && (by_attribute || tag.content.contains("<title"))
        }
        _ => true,
    }
}

/// Headings go down one level at a time.
fn levels(tags: &[Tag], faults: &mut Vec<String>) {
    let mut before = 0;
    for tag in tags.iter().filter(|tag| ["h1", "h2", "h3", "h4", "h5", "h6"].contains(&tag.name)) {
        let level: usize = tag.name[1..].parse().unwrap();
        if level > before + 1 && before > 0 {
            faults.push(format!("<{}> below <h{before}>: {}", tag.name, words(tag.content)));
        }
        before = level;
    }
}

#[test]
fn what_is_wrong_with_a_page_is_found() {
    let page = |body: &str| {
        let html = format!(
            "<!DOCTYPE html><html lang=\"en\"><head><title>T</title></head><body><main><h1>A</h1>{body}</main></body></html>"
        );
        faults(&html, "en")
    };
    let good = "<label for=\"x\">X</label><input id=\"x\" name=\"x\"><p><a href=\"/\">home</a><br></p><label>Y<select></select></label>";
    assert_eq!(page(good), Vec::<String>::new());
    for wrong in [
        "<h1>B</h1>",
        "<input name=\"x\">",
        "<p id=\"a\"></p><p id=\"a\"></p>",
        "<p style=\"color:red\"></p>",
        "<button onclick=\"x()\">a</button>",
        "<script>x</script>",
        "<a href=\"/x\"><svg aria-hidden=\"true\"></svg></a>",
        "<label for=\"y\">Y</label>",
        "<h3>C</h3>",
        "<div><p></div></p>",
        "<a href=\"javascript:x\">x</a>",
    ] {
        assert!(!page(wrong).is_empty(), "{wrong}");
    }
    assert_eq!(
        faults("<html lang=\"zh-CN\">", "en").iter().filter(|fault| fault.contains("zh-CN")).count(),
        1
    );
}
