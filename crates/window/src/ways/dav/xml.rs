//! XML: what a program sends as elements with their name spaces, within limits, and what it gets back. No document
//! types and no entities of one's own, so nothing that is sent can grow.

use quick_xml::{
    NsReader,
    escape::escape,
    events::{BytesStart, Event},
    name::ResolveResult,
};

/// Elements of one body: a query names at most this many entries.
const NODES_MAX: usize = 4_000;
const DEPTH_MAX: usize = 16;

pub const DAV: &str = "DAV:";
pub const CALDAV: &str = "urn:ietf:params:xml:ns:caldav";
pub const SERVER: &str = "http://calendarserver.org/ns/";
/// Our own elements: the refusal that stands behind an error.
pub const OWN: &str = "urn:kechuang:dav";

/// An element.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Node {
    pub space: String,
    pub name: String,
    pub text: String,
    pub attributes: Vec<(String, String)>,
    pub children: Vec<Node>,
}

impl Node {
    #[must_use]
    pub fn is(&self, space: &str, name: &str) -> bool {
        self.space == space && self.name == name
    }

    #[must_use]
    pub fn child(&self, space: &str, name: &str) -> Option<&Self> {
        self.children.iter().find(|child| child.is(space, name))
    }

    pub fn all<'a>(&'a self, space: &'a str, name: &'a str) -> impl Iterator<Item = &'a Self> {
        self.children.iter().filter(move |child| child.is(space, name))
    }

    #[must_use]
    pub fn attribute(&self, name: &str) -> Option<&str> {
        self.attributes.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }
}

/// Reads a whole body.
///
/// # Errors
/// In a developer's words: it is not well-formed, too deep or too large, or brings a document type.
pub fn read(text: &str) -> Result<Node, String> {
    let mut reader = NsReader::from_str(text);
    let mut open: Vec<Node> = vec![Node::default()];
    let mut count = 0;
    loop {
        let (space, event) = reader.read_resolved_event().map_err(|error| error.to_string())?;
        match event {
            Event::Start(start) => {
                count += 1;
                if count > NODES_MAX || open.len() > DEPTH_MAX {
                    return Err("too many elements, or too deep".into());
                }
                open.push(element(&space, &start)?);
            }
            Event::Empty(start) => {
                count += 1;
                let node = element(&space, &start)?;
                open.last_mut().into_iter().for_each(|above| above.children.push(node.clone()));
            }
            Event::End(_) => {
                let done = open.pop().unwrap_or_default();
                open.last_mut().ok_or("an end without a beginning")?.children.push(done);
            }
            Event::Text(text) => add(&mut open, &text),
            Event::CData(text) => add(&mut open, &text),
            Event::GeneralRef(name) => {
                let letter = name.resolve_char_ref().map_err(|error| error.to_string())?;
                let known = match &*name {
                    "lt" => Some('<'),
                    "gt" => Some('>'),
                    "amp" => Some('&'),
                    "apos" => Some('\''),
                    "quot" => Some('"'),
                    _ => None,
                };
                let letter = letter.or(known).ok_or("an entity of one's own is not taken")?;
                add(&mut open, letter.encode_utf8(&mut [0; 4]));
            }
            Event::DocType(_) => return Err("a document type is not taken".into()),
            Event::Comment(_) | Event::Decl(_) | Event::PI(_) => {}
            Event::Eof => {
                let is_whole = open.len() == 1;
                let root = open.pop().and_then(|mut all| all.children.pop()).filter(|_| is_whole);
                return root.ok_or_else(|| "the body ends too early".into());
            }
        }
        if count > NODES_MAX {
            return Err("too many elements".into());
        }
    }
}

fn add(open: &mut [Node], text: &str) {
    open.last_mut().into_iter().for_each(|node| node.text.push_str(text));
}

fn element(space: &ResolveResult, start: &BytesStart) -> Result<Node, String> {
    let space = match space {
        ResolveResult::Bound(space) => space.0.to_owned(),
        ResolveResult::Unbound => String::new(),
        ResolveResult::Unknown(prefix) => return Err(format!("unknown prefix `{prefix}`")),
    };
    let mut node = Node { space, name: start.local_name().as_ref().to_owned(), ..Node::default() };
    for attribute in start.attributes() {
        let attribute = attribute.map_err(|error| error.to_string())?;
        let value = attribute.normalized_value(quick_xml::XmlVersion::Implicit1_0);
        let value = value.map_err(|error| error.to_string())?.into_owned();
        node.attributes.push((attribute.key.as_ref().to_owned(), value));
    }
    Ok(node)
}

/// A text as it stands between elements. Signs that XML has no way to write are left out.
#[must_use]
pub fn safe(text: &str) -> String {
    let kept: String = text.chars().filter(|c| !c.is_control() || matches!(c, '\n' | '\t' | '\r')).collect();
    escape(kept.as_str()).replace('\r', "&#13;")
}

/// An element around what is already markup.
#[must_use]
pub fn tag(name: &str, inside: &str) -> String {
    if inside.is_empty() { format!("<{name}/>") } else { format!("<{name}>{inside}</{name}>") }
}

/// An element of a name space that the reader named: unknown ones bring their own.
#[must_use]
pub fn named(space: &str, name: &str, inside: &str) -> String {
    match prefix(space) {
        Some(prefix) => tag(&format!("{prefix}:{name}"), inside),
        None if inside.is_empty() => format!("<x:{name} xmlns:x=\"{}\"/>", safe(space)),
        None => format!("<x:{name} xmlns:x=\"{}\">{inside}</x:{name}>", safe(space)),
    }
}

fn prefix(space: &str) -> Option<&'static str> {
    Some(match space {
        DAV => "D",
        CALDAV => "C",
        SERVER => "S",
        OWN => "K",
        _ => return None,
    })
}

/// A document whose outermost element is `D:name`.
#[must_use]
pub fn document(name: &str, inside: &str) -> String {
    format!(
        "<?xml version=\"1.0\" encoding=\"utf-8\"?>\n<D:{name} xmlns:D=\"{DAV}\" xmlns:C=\"{CALDAV}\" xmlns:S=\"{SERVER}\" xmlns:K=\"{OWN}\">{inside}</D:{name}>"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn elements_are_known_by_their_name_space_whatever_their_prefix() {
        let root = read("<a:propfind xmlns:a=\"DAV:\"><a:prop><getetag xmlns=\"DAV:\"/><c:x xmlns:c=\"u\" y=\"1\">&lt;&#20809;</c:x></a:prop></a:propfind>").unwrap();
        let prop = root.child(DAV, "prop").unwrap();
        assert!(root.is(DAV, "propfind") && prop.child(DAV, "getetag").is_some());
        let x = prop.child("u", "x").unwrap();
        assert_eq!((x.text.as_str(), x.attribute("y")), ("<光", Some("1")));
    }

    #[test]
    fn what_could_grow_or_is_no_document_is_refused() {
        let deep = "<a>".repeat(50);
        let many = format!("<a>{}</a>", "<b/>".repeat(NODES_MAX + 1));
        for text in [
            "<!DOCTYPE a [<!ENTITY b \"c\"><!ENTITY d \"&b;&b;\">]><a>&d;</a>",
            "<a>&d;</a>",
            "<a><b></a>",
            "<p:a/>",
            "<a>",
            "",
            deep.as_str(),
            many.as_str(),
        ] {
            assert!(read(text).is_err(), "{text:.80}");
        }
    }

    #[test]
    fn texts_are_written_so_that_they_stay_texts() {
        assert_eq!(tag("D:a", &safe("<&\u{1}光")), "<D:a>&lt;&amp;光</D:a>");
        assert_eq!(named("u\"", "a", ""), "<x:a xmlns:x=\"u&quot;\"/>");
    }

    #[test]
    fn spoiled_bodies_are_read_or_refused_and_never_stop_the_program() {
        let bodies = [
            "<a:propfind xmlns:a=\"DAV:\"><a:prop><getetag xmlns=\"DAV:\"/><c:x xmlns:c=\"u\" y=\"1\">&lt;&#20809;<![CDATA[z]]></c:x></a:prop></a:propfind>",
            "<C:calendar-query xmlns:C=\"urn:ietf:params:xml:ns:caldav\" xmlns:D=\"DAV:\"><D:prop><C:calendar-data/></D:prop><C:filter><C:comp-filter name=\"VCALENDAR\"><C:time-range start=\"20261201T000000Z\" end=\"20261208T000000Z\"/></C:comp-filter></C:filter></C:calendar-query>",
        ];
        let (mut dice, mut whole) = (grammar::form::Dice::new(7), 0);
        for n in 0..4_000 {
            let spoiled = grammar::fuzz::spoil(bodies[n % 2].as_bytes(), &mut dice);
            let text = String::from_utf8_lossy(&spoiled);
            match read(&text) {
                Ok(node) => whole += usize::from(node.name.len() + node.text.len() <= text.len()),
                Err(why) => assert!(!why.is_empty()),
            }
        }
        assert!(whole > 50, "{whole}");
    }
}
