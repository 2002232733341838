//! Content lines: folded lines joined, names, parameters and values told apart.

use super::{BYTES_MAX, Fault, LINES_MAX, Why, shown};

/// `DTSTART;TZID=Asia/Shanghai:20261201T090000`.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Line {
    /// In capitals.
    pub name: String,
    /// Names in capitals, values without their quotes.
    pub parameters: Vec<(String, Vec<String>)>,
    /// As it stands, still escaped.
    pub value: String,
    /// Where it began in the text, counted from 1.
    pub number: usize,
}

impl Line {
    #[must_use]
    pub fn new(name: &str, value: impl Into<String>) -> Self {
        Self { name: name.to_owned(), parameters: vec![], value: value.into(), number: 0 }
    }

    #[must_use]
    pub fn with(mut self, name: &str, value: &str) -> Self {
        self.parameters.push((name.to_owned(), vec![value.to_owned()]));
        self
    }

    /// The first value of a parameter.
    #[must_use]
    pub fn parameter(&self, name: &str) -> Option<&str> {
        let found = self.parameters.iter().find(|(known, _)| known == name);
        found.and_then(|(_, values)| values.first()).map(String::as_str)
    }

    pub(super) fn fault(&self, why: Why) -> Fault {
        Fault { line: self.number, why }
    }
}

/// The lines of a text, unfolded: a line that begins with a blank goes on with the one before it. Lines end with
/// CR LF, LF or CR.
pub(super) fn unfolded(text: &str) -> Result<Vec<(usize, String)>, Fault> {
    if text.len() > BYTES_MAX {
        return Err(Fault { line: 1, why: Why::TooLong });
    }
    let text = text.strip_prefix('\u{feff}').unwrap_or(text).replace("\r\n", "\n").replace('\r', "\n");
    let mut lines: Vec<(usize, String)> = Vec::new();
    for (number, raw) in text.split('\n').enumerate().map(|(place, raw)| (place + 1, raw)) {
        if number > LINES_MAX {
            return Err(Fault { line: number, why: Why::TooManyLines });
        }
        let more = raw.strip_prefix([' ', '\t']);
        match (more, lines.last_mut()) {
            (Some(more), Some((_, line))) => line.push_str(more),
            _ if raw.trim().is_empty() => {}
            _ => lines.push((number, raw.to_owned())),
        }
    }
    Ok(lines)
}

/// A name in capitals; blanks in it are a slip that is forgiven.
fn name(text: &str) -> Option<String> {
    let name: String = text.chars().filter(|c| *c != ' ').collect::<String>().to_ascii_uppercase();
    let fits = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'.');
    (!name.is_empty() && name.bytes().all(fits)).then_some(name)
}

/// Reads one line.
pub(super) fn line(number: usize, text: &str) -> Result<Line, Fault> {
    let fault = |why| Fault { line: number, why };
    let end = text.find([':', ';']).ok_or_else(|| fault(Why::NoColon(shown(text))))?;
    let (first, mut rest) = text.split_at(end);
    let property = name(first).ok_or_else(|| fault(Why::BadName(shown(first))))?;
    let mut parameters: Vec<(String, Vec<String>)> = Vec::new();
    while let Some(more) = rest.strip_prefix(';') {
        let (first, after) = more.split_once('=').ok_or_else(|| fault(Why::BadName(shown(more))))?;
        let parameter = name(first).ok_or_else(|| fault(Why::BadName(shown(first))))?;
        let (values, left) = values(after).ok_or_else(|| fault(Why::OpenQuote))?;
        parameters.push((parameter, values));
        rest = left;
    }
    let value = rest.strip_prefix(':').ok_or_else(|| fault(Why::NoColon(shown(text))))?;
    Ok(Line { name: property, parameters, value: value.to_owned(), number })
}

/// The values of a parameter, divided by commas, and what follows them. `None` when a quote does not end.
fn values(text: &str) -> Option<(Vec<String>, &str)> {
    let (mut values, mut rest) = (Vec::new(), text);
    loop {
        let value;
        if let Some(quoted) = rest.strip_prefix('"') {
            let (inside, after) = quoted.split_once('"')?;
            (value, rest) = (inside, after);
            // Whatever stands between the quote and the next sign belongs to nothing.
            rest = rest.find([',', ';', ':']).map_or("", |at| rest.split_at(at).1);
        } else {
            (value, rest) = rest.split_at(rest.find([',', ';', ':']).unwrap_or(rest.len()));
        }
        values.push(uncareted(value));
        match rest.strip_prefix(',') {
            Some(after) => rest = after,
            None => return Some((values, rest)),
        }
    }
}

/// RFC 6868: `^n`, `^'` and `^^` in parameters.
fn uncareted(text: &str) -> String {
    if text.contains('^') {
        text.replace("^n", "\n").replace("^'", "\"").replace("^^", "^")
    } else {
        text.to_owned()
    }
}

/// A text value without its escapes.
#[must_use]
pub fn plain(value: &str) -> String {
    let mut plain = String::with_capacity(value.len());
    let mut letters = value.chars();
    while let Some(letter) = letters.next() {
        match letter {
            '\\' => match letters.next() {
                Some('n' | 'N') => plain.push('\n'),
                Some(other) => plain.push(other),
                None => plain.push('\\'),
            },
            other => plain.push(other),
        }
    }
    plain
}

/// A text as it stands in a value.
#[must_use]
pub fn escaped(text: &str) -> String {
    let mut value = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            '\n' => value.push_str("\\n"),
            '\\' | ';' | ',' => value.extend(['\\', letter]),
            other if other.is_control() && other != '\t' => {}
            other => value.push(other),
        }
    }
    value
}
