//! Tree: components with their lines and the components inside them.

use super::{DEPTH_MAX, Fault, Line, Why, line, shown};

/// `BEGIN:VEVENT` … `END:VEVENT`.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Component {
    /// In capitals.
    pub name: String,
    pub lines: Vec<Line>,
    pub inside: Vec<Component>,
    /// What could not be read in it: it stands without that.
    pub faults: Vec<Fault>,
    pub number: usize,
}

impl Component {
    #[must_use]
    pub fn new(name: &str) -> Self {
        Self { name: name.to_owned(), lines: vec![], inside: vec![], faults: vec![], number: 0 }
    }

    /// The first line with this name.
    #[must_use]
    pub fn line(&self, name: &str) -> Option<&Line> {
        self.lines.iter().find(|line| line.name == name)
    }

    pub fn all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a Line> {
        self.lines.iter().filter(move |line| line.name == name)
    }

    pub fn parts<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a Self> {
        self.inside.iter().filter(move |part| part.name == name)
    }
}

/// Reads a text into its components: mostly one `VCALENDAR`.
///
/// What a hurried program leaves out is forgiven and said in `faults`: a calendar without its end, a line inside a
/// component that cannot be read. An event that is cut off is left out.
///
/// # Errors
/// The first line that makes it no calendar.
pub fn read(text: &str) -> Result<Vec<Component>, Fault> {
    let mut done: Vec<Component> = Vec::new();
    let mut open: Vec<Component> = Vec::new();
    let mut last = 1;
    for (number, text) in line::unfolded(text)? {
        last = number;
        let line = match line::line(number, &text) {
            Ok(line) => line,
            Err(fault) => match open.last_mut().filter(|inner| inner.name != CALENDAR) {
                Some(inner) => {
                    inner.faults.push(fault);
                    continue;
                }
                None => return Err(fault),
            },
        };
        match line.name.as_str() {
            "BEGIN" if open.len() >= DEPTH_MAX => return Err(line.fault(Why::TooDeep)),
            "BEGIN" => {
                let name = line.value.trim().to_ascii_uppercase();
                open.push(Component { number, ..Component::new(&name) });
            }
            "END" => ends(&line, &mut open, &mut done)?,
            _ => match open.last_mut() {
                Some(inner) => inner.lines.push(line),
                // Some programs leave a remark behind the end.
                None if done.is_empty() => return Err(line.fault(Why::WrongEnd(shown(&line.name)))),
                None => {}
            },
        }
    }
    if let Some(outer) = open.first().filter(|outer| outer.name != CALENDAR) {
        return Err(Fault { line: outer.number, why: Why::NoEnd(shown(&outer.name)) });
    }
    while !open.is_empty() {
        close(&mut open, &mut done, Some(Fault { line: last, why: Why::NoEnd(CALENDAR.into()) }));
    }
    Ok(done)
}

const CALENDAR: &str = "VCALENDAR";
/// What can stand in a calendar (RFC 5545, 3.6; RFC 7953; RFC 9073).
const NAMES: [&str; 13] = [
    CALENDAR,
    "VEVENT",
    "VTODO",
    "VJOURNAL",
    "VFREEBUSY",
    "VTIMEZONE",
    "STANDARD",
    "DAYLIGHT",
    "VALARM",
    "VAVAILABILITY",
    "AVAILABLE",
    "PARTICIPANT",
    "VLOCATION",
];

/// Closes what a line ends. Inner components that were never ended are left out, and that is said.
fn ends(line: &Line, open: &mut Vec<Component>, done: &mut Vec<Component>) -> Result<(), Fault> {
    let is_it = |inner: &Component| inner.name.eq_ignore_ascii_case(line.value.trim());
    let innermost = open.last().map(|inner| shown(&inner.name)).unwrap_or_default();
    let fault = line.fault(Why::WrongEnd(innermost));
    if open.last().is_some_and(is_it) {
        close(open, done, None);
    } else if let Some(place) = open.iter().rposition(is_it) {
        while open.len() > place + 1 {
            close(open, done, Some(fault.clone()));
        }
        close(open, done, None);
    } else {
        // It ends nothing that is open: a slip of the pen within a calendar, nonsense elsewhere. A word that names no
        // component is meant for the innermost one.
        let is_misspelt = !NAMES.iter().any(|name| name.eq_ignore_ascii_case(line.value.trim()));
        let is_within = is_misspelt && open.first().is_some_and(|outer| outer.name == CALENDAR);
        let may_err = |inner: &&mut Component| inner.name == CALENDAR || is_within;
        let inner = open.last_mut().filter(may_err).ok_or_else(|| fault.clone())?;
        let is_calendar = inner.name == CALENDAR;
        inner.faults.push(fault);
        if !is_calendar {
            close(open, done, None);
        }
    }
    Ok(())
}

/// Closes the innermost component. With a fault it is cut off: then only a calendar is kept.
fn close(open: &mut Vec<Component>, done: &mut Vec<Component>, cut_off: Option<Fault>) {
    let Some(mut inner) = open.pop() else { return };
    match (open.last_mut(), cut_off) {
        (Some(outer), Some(fault)) => {
            outer.faults.append(&mut inner.faults);
            outer.faults.push(fault);
        }
        (Some(outer), None) => outer.inside.push(inner),
        (None, fault) => {
            inner.faults.extend(fault);
            done.push(inner);
        }
    }
}
