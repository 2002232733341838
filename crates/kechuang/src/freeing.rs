//! Free: calendar files (.ics), one for each instrument, become what is free in a window and where a booking fits.

use std::{
    fs::File,
    io::Read,
    path::{Path, PathBuf},
};

use clap::{Arg, ArgAction, ArgMatches, Command, value_parser};
use engines::booking::{
    self as booking, Book, HOUR, Hours, MINUTE, Resource, Shift, Span, Spans,
    ical::{self, Agenda, Zone},
};
use grammar::{kinds::Day, words::Locale};
use serde_json::json;

use crate::{
    book::{self, Cell, Sheet},
    speech::{Trouble, say, words},
    tables,
};

/// Calendars of one run.
const FILES_MAX: usize = 10_000;
/// Days of a window.
const DAYS_MAX: i64 = 366;

pub fn command(locale: Locale) -> Command {
    let help = |key: &'static str| words(locale).get("help", key);
    let flag = |name: &'static str, value: &'static str| Arg::new(name).long(name).value_name(value);
    let file = value_parser!(PathBuf);
    Command::new("free")
        .about(help("free"))
        .arg(
            Arg::new("calendars")
                .required(true)
                .action(ArgAction::Append)
                .num_args(1..)
                .value_name("FILE")
                .value_parser(file.clone())
                .help(help("free-calendars")),
        )
        .arg(flag("from", "DAY").required(true).help(help("free-from")))
        .arg(flag("to", "DAY").help(help("free-to")))
        .arg(
            flag("minutes", "N")
                .default_value("60")
                .value_parser(value_parser!(i64).range(1..=20_160))
                .help(help("free-minutes")),
        )
        .arg(
            flag("step", "N")
                .default_value("30")
                .value_parser(value_parser!(i64).range(1..=1_440))
                .help(help("free-step")),
        )
        .arg(
            flag("buffer", "N")
                .default_value("0")
                .value_parser(value_parser!(i64).range(0..=1_440))
                .help(help("free-buffer")),
        )
        .arg(flag("opens", "HH:MM").default_value("00:00").help(help("free-opens")))
        .arg(flag("shuts", "HH:MM").default_value("24:00").help(help("free-shuts")))
        .arg(flag("weekdays", "1234567").default_value("1234567").help(help("free-weekdays")))
        .arg(flag("zone", "NAME").default_value("Asia/Shanghai").help(help("free-zone")))
        .arg(flag("out", "FILE").required(true).value_parser(file).help(help("free-out")))
}

fn wrong(name: &str, value: &str) -> Trouble {
    Trouble::new("free-value", json!({ "name": name, "value": value })).of_input()
}

/// `08:30` in minutes of a day.
fn minute(name: &str, text: &str) -> Result<u16, Trouble> {
    let read = || {
        let (hour, minute) = text.split_once(':')?;
        let (hour, minute): (u16, u16) = (hour.parse().ok()?, minute.parse().ok()?);
        (minute < 60 && hour <= 24 && hour * 60 + minute <= 1_440).then_some(hour * 60 + minute)
    };
    read().ok_or_else(|| wrong(name, text))
}

/// What is asked, apart from the files.
struct Asked {
    window: Span,
    zone: Zone,
    hours: Hours,
    length: i64,
    step: i64,
    buffer: i64,
}

impl Asked {
    fn read(matches: &ArgMatches) -> Result<Self, Trouble> {
        let text = |name: &str| matches.get_one::<String>(name).map_or("", String::as_str);
        let number = |name: &str| matches.get_one::<i64>(name).copied().unwrap_or_default();
        let day = |name: &'static str, text: &str| text.parse::<Day>().map_err(|_| wrong(name, text));
        let zone = Zone::named(text("zone")).ok_or_else(|| wrong("zone", text("zone")))?;
        let from = day("from", text("from"))?;
        let last = if text("to").is_empty() { from } else { day("to", text("to"))? };
        let midnight =
            |day: Day| format!("{day}T00:00:00").parse().map(|at: jiff::civil::DateTime| zone.instant(at));
        let (begins, ends) = match (midnight(from), midnight(last.plus_days(1))) {
            (Ok(begins), Ok(ends)) => (begins, ends),
            _ => return Err(wrong("from", text("from"))),
        };
        let window =
            Span::new(begins, ends).filter(|window| window.length() <= (DAYS_MAX + 1) * booking::DAY);
        let window = window.ok_or_else(|| wrong("to", text("to")))?;
        let (opens, shuts) = (minute("opens", text("opens"))?, minute("shuts", text("shuts"))?);
        let weekdays: Option<Vec<i8>> = text("weekdays")
            .chars()
            .map(|c| {
                c.to_digit(10).and_then(|day| i8::try_from(day).ok()).filter(|day| (1..=7).contains(day))
            })
            .collect();
        let weekdays =
            weekdays.filter(|days| !days.is_empty()).ok_or_else(|| wrong("weekdays", text("weekdays")))?;
        if opens >= shuts {
            return Err(wrong("shuts", text("shuts")));
        }
        let shift = |weekday| Shift { weekday, from: opens, until: shuts };
        Ok(Self {
            window,
            zone,
            hours: Hours(weekdays.into_iter().map(shift).collect()),
            length: number("minutes") * MINUTE,
            step: number("step") * MINUTE,
            buffer: number("buffer") * MINUTE,
        })
    }

    /// A moment as someone there reads it.
    fn told(&self, moment: i64) -> Cell {
        Cell::Text(self.zone.civil(moment).strftime("%Y-%m-%d %H:%M").to_string())
    }
}

/// One calendar file.
struct Calendar {
    name: String,
    closed: Spans,
    left_out: Vec<Vec<Cell>>,
}

fn read(path: &Path, asked: &Asked) -> Result<Calendar, Trouble> {
    let mut bytes = Vec::new();
    let file = File::open(path).map_err(|error| Trouble::file(path, &error).of_input())?;
    let limit = u64::try_from(ical::BYTES_MAX).unwrap_or(u64::MAX).saturating_add(1);
    file.take(limit).read_to_end(&mut bytes).map_err(|error| Trouble::file(path, &error).of_input())?;
    let text = String::from_utf8_lossy(&bytes);
    let parts = ical::read(&text).map_err(|fault| {
        let line = u64::try_from(fault.line).unwrap_or(0);
        tables::bad(path, line, "no-calendar", json!({ "error": fault.why.to_string() }))
    })?;
    let agendas: Vec<Agenda> = parts.iter().map(ical::agenda).collect();
    let wide = asked.window.wider(asked.buffer.max(0));
    let busy = agendas.iter().flat_map(|agenda| agenda.busy(wide, &asked.zone).iter().collect::<Vec<_>>());
    let name = path.file_stem().map(|stem| stem.to_string_lossy().into_owned()).unwrap_or_default();
    let fault = |fault: &ical::Fault| {
        let line = Cell::Text(fault.line.to_string());
        vec![Cell::Text(path.display().to_string()), line, Cell::Text(fault.why.to_string())]
    };
    let mut left_out: Vec<Vec<Cell>> =
        agendas.iter().flat_map(|agenda| agenda.faults.iter().map(fault)).collect();
    for agenda in &agendas {
        left_out.extend(agenda.occurrences(wide, &asked.zone).1.iter().map(fault));
    }
    Ok(Calendar { name, closed: busy.map(|span| span.wider(asked.buffer)).collect(), left_out })
}

/// Finds what is free.
///
/// # Errors
/// A file that is no calendar, with its line; a value that makes no sense; what cannot be written.
pub fn run(matches: &ArgMatches, locale: Locale) -> Result<(), Trouble> {
    let out = matches.get_one::<PathBuf>("out").map_or(Path::new(""), PathBuf::as_path);
    book::is_known(out)?;
    let asked = Asked::read(matches)?;
    let paths: Vec<&PathBuf> = matches.get_many("calendars").into_iter().flatten().collect();
    if paths.len() > FILES_MAX {
        return Err(wrong("calendars", &paths.len().to_string()));
    }
    let calendars = paths.iter().map(|path| read(path, &asked)).collect::<Result<Vec<_>, _>>()?;
    let nothing: Book<()> = Book::default();
    let resource = |calendar: &'_ Calendar| -> Spans {
        let (hours, zone, book, buffer) = (&asked.hours, &asked.zone, &nothing, 0);
        booking::free(&Resource { hours, zone, closed: &calendar.closed, book, buffer }, asked.window)
    };
    let free: Vec<Spans> = calendars.iter().map(resource).collect();
    let resources: Vec<Resource<()>> = calendars
        .iter()
        .map(|calendar| Resource {
            hours: &asked.hours,
            zone: &asked.zone,
            closed: &calendar.closed,
            book: &nothing,
            buffer: 0,
        })
        .collect();
    let found = booking::find(&resources, asked.window, asked.length, asked.step);
    let sheets = sheets(&asked, &calendars, &free, &found, locale);
    let made = book::write(out, &sheets)?;
    let facts = json!({
        "calendars": calendars.len(), "found": found.len(),
        "left_out": calendars.iter().map(|calendar| calendar.left_out.len()).sum::<usize>(),
        "path": made.iter().map(|path| path.display().to_string()).collect::<Vec<_>>().join(", "),
    });
    eprintln!("{}", say(locale, "free", "done", &facts));
    Ok(())
}

fn hours(milliseconds: i64) -> Cell {
    let hundredths = milliseconds * 100 / HOUR;
    Cell::Text(format!("{}.{:02}", hundredths / 100, hundredths % 100))
}

fn sheets(
    asked: &Asked,
    calendars: &[Calendar],
    free: &[Spans],
    found: &[booking::Found],
    locale: Locale,
) -> Vec<Sheet> {
    let name = |place: usize| {
        Cell::Text(calendars.get(place).map(|calendar| calendar.name.clone()).unwrap_or_default())
    };
    let word = |key: &str| words(locale).get("free", key).to_owned();
    let sheet = |name: &'static str, header: &[&str], rows| Sheet {
        name,
        title: word(name),
        header: header.iter().map(|key| word(key)).collect(),
        rows,
    };
    let first = |each: &booking::Found| {
        vec![
            name(each.resource),
            asked.told(each.first.from()),
            asked.told(each.first.until()),
            hours(each.free),
        ]
    };
    let spans = free
        .iter()
        .enumerate()
        .flat_map(|(place, spans)| spans.iter().map(move |span| (place, span)).collect::<Vec<_>>());
    let span = |(place, span): (usize, Span)| {
        vec![name(place), asked.told(span.from()), asked.told(span.until()), hours(span.length())]
    };
    vec![
        sheet("found", &["calendar", "from", "until", "hours"], found.iter().map(first).collect()),
        sheet("spans", &["calendar", "from", "until", "hours"], spans.map(span).collect()),
        sheet(
            "left-out",
            &["file", "line", "why"],
            calendars.iter().flat_map(|calendar| calendar.left_out.iter().cloned()).collect(),
        ),
    ]
}
