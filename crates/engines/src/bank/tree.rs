//! Tree: an XML file as elements with their lines, within limits. No document types: nothing in a file defines anything.

use quick_xml::{Reader, XmlVersion, events::BytesStart, events::Event};
use serde_json::{Value, json};

/// Elements of one file.
const NODES_MAX: usize = 4_000_000;
const DEPTH_MAX: usize = 40;

/// An element.
#[derive(Debug, Default)]
pub struct Node {
    /// Without the prefix of its name space.
    pub name: String,
    /// Counted from 1.
    pub line: u64,
    pub text: String,
    pub attributes: Vec<(String, String)>,
    pub children: Vec<Node>,
}

/// What is wrong, on which line: a code, and what its sentence needs.
#[derive(Clone, Debug, PartialEq)]
pub struct Bad {
    pub line: u64,
    pub code: &'static str,
    pub facts: Value,
}

impl Bad {
    pub fn new(line: u64, code: &'static str, facts: Value) -> Self {
        Self { line, code, facts }
    }
}

impl Node {
    pub fn child(&self, name: &str) -> Option<&Self> {
        self.children.iter().find(|child| child.name == name)
    }

    pub fn all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a Self> {
        self.children.iter().filter(move |child| child.name == name)
    }

    /// The element at the end of a path of names.
    pub fn at(&self, path: &[&str]) -> Option<&Self> {
        path.iter().try_fold(self, |node, name| node.child(name))
    }

    /// The text at the end of a path; an element that is not there is named.
    pub fn word(&self, path: &[&str]) -> Result<&str, Bad> {
        let found = self.at(path).map(|node| node.text.trim()).filter(|text| !text.is_empty());
        found.ok_or_else(|| {
            Bad::new(self.line, "xml-missing", json!({ "name": path.join("/"), "in": self.name }))
        })
    }

    pub fn attribute(&self, name: &str) -> Option<&str> {
        self.attributes.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }
}

/// Reads a whole file.
///
/// # Errors
/// It is not well-formed, too deep or too large, or brings a document type.
pub fn read(text: &str) -> Result<Node, Bad> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let mut reader = Reader::from_str(text);
    let mut lines = Lines { text, at: 0, line: 1 };
    let mut open: Vec<Node> = vec![Node::default()];
    let mut count = 0;
    loop {
        let event = reader.read_event();
        let line = lines.at(reader.buffer_position());
        let wrong = |why: String| Bad::new(line, "xml", json!({ "error": why }));
        match event.map_err(|error| wrong(error.to_string()))? {
            Event::Start(start) => {
                count += 1;
                if count > NODES_MAX || open.len() > DEPTH_MAX {
                    return Err(wrong("too many elements, or too deep".into()));
                }
                open.push(element(&start, line)?);
            }
            Event::Empty(start) => {
                count += 1;
                if count > NODES_MAX {
                    return Err(wrong("too many elements".into()));
                }
                let node = element(&start, line)?;
                if let Some(above) = open.last_mut() {
                    above.children.push(node);
                }
            }
            Event::End(_) => {
                let done = open.pop().unwrap_or_default();
                match open.last_mut() {
                    Some(above) => above.children.push(done),
                    None => return Err(wrong("an end without a beginning".into())),
                }
            }
            Event::Text(text) => add(&mut open, &text),
            Event::CData(text) => add(&mut open, &text),
            Event::GeneralRef(name) => {
                let letter = name.resolve_char_ref().map_err(|error| wrong(error.to_string()))?;
                let known = match &*name {
                    "lt" => Some('<'),
                    "gt" => Some('>'),
                    "amp" => Some('&'),
                    "apos" => Some('\''),
                    "quot" => Some('"'),
                    _ => None,
                };
                let letter = letter.or(known).ok_or_else(|| wrong(format!("unknown entity `{}`", &*name)))?;
                add(&mut open, letter.encode_utf8(&mut [0; 4]));
            }
            Event::DocType(_) => return Err(wrong("a document type is not taken".into())),
            Event::Comment(_) | Event::Decl(_) | Event::PI(_) => {}
            Event::Eof => {
                let is_whole = open.len() == 1;
                let root = open.pop().and_then(|mut all| all.children.pop()).filter(|_| is_whole);
                return root.ok_or_else(|| wrong("the file ends too early".into()));
            }
        }
    }
}

fn add(open: &mut [Node], text: &str) {
    open.last_mut().into_iter().for_each(|node| node.text.push_str(text));
}

fn element(start: &BytesStart, line: u64) -> Result<Node, Bad> {
    let wrong = |why: String| Bad::new(line, "xml", json!({ "error": why }));
    let mut node = Node { name: start.local_name().as_ref().to_owned(), line, ..Node::default() };
    for attribute in start.attributes() {
        let attribute = attribute.map_err(|error| wrong(error.to_string()))?;
        let value = attribute.normalized_value(XmlVersion::Implicit1_0);
        let value = value.map_err(|error| wrong(error.to_string()))?;
        node.attributes.push((attribute.key.as_ref().to_owned(), value.into_owned()));
    }
    Ok(node)
}

/// The line on which a byte stands, for bytes asked for in order.
struct Lines<'a> {
    text: &'a str,
    at: usize,
    line: u64,
}

impl Lines<'_> {
    fn at(&mut self, byte: u64) -> u64 {
        let to = usize::try_from(byte).unwrap_or(usize::MAX).min(self.text.len());
        let passed = self.text.as_bytes().get(self.at..to).unwrap_or_default();
        self.line += passed.iter().filter(|byte| **byte == b'\n').count() as u64;
        self.at = self.at.max(to);
        self.line
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn elements_have_lines_texts_and_attributes() {
        let root = read("<?xml version=\"1.0\"?>\n<a:b xmlns:a=\"x\">\n <c d=\"1 &amp; 2\">x &lt;&#20809;<![CDATA[&]]></c>\n<e/></a:b>").unwrap();
        let c = root.child("c").unwrap();
        assert_eq!((root.name.as_str(), c.line, c.text.as_str()), ("b", 3, "x <光&"));
        assert_eq!((c.attribute("d"), root.child("e").unwrap().line), (Some("1 & 2"), 4));
        assert_eq!(root.word(&["e"]).unwrap_err().code, "xml-missing");
    }

    #[test]
    fn what_is_no_document_is_refused_with_its_line() {
        let deep = "<a>".repeat(50);
        for (text, line) in [
            ("<a>\n<b></a>", 2),
            ("<a>\n&who;</a>", 2),
            ("<!DOCTYPE a [<!ENTITY b \"c\">]>\n<a>&b;</a>", 1),
            ("<a>\n", 2),
            ("", 1),
            (deep.as_str(), 1),
        ] {
            assert_eq!(read(text).map(|node| node.name).unwrap_err().line, line, "{text}");
        }
    }
}
