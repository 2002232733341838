//! Old book: vouchers from before this house, as they stood at the end of any day; the sheet they come from, and one that does not come in,
//! row by row.

use desks::old_book::{Book, COLUMNS, Kind, Movement, OldBook, OldVoucher, SHEET_MAX, Standing, Wrong, read};
use grammar::{
    clerk::Clerk,
    kinds::{Day, Id, Money, Text},
};
use maud::{Markup, html};
use registry::Record;
use serde_json::{Value, json};

use crate::{
    denied::Trouble,
    guest::Guest,
    parts::{self, Align, Column, Empty, Link, Row, Section, Stat, Table},
    plain,
    visit::Reply,
    ways::{
        Answer,
        journal::{Books, Move},
        sheet::{
            self,
            read::as_text,
            write::{Column as SheetColumn, Shape},
        },
    },
};

/// Vouchers and movements shown.
const SHOWN: usize = 200;

fn book(guest: &Guest, id: Id) -> Result<(Record, OldBook), Trouble> {
    let record =
        guest.look.record(id)?.filter(|record| record.desk == "old-book").ok_or(Trouble::NotFound)?;
    let old = serde_json::from_value(record.state.clone()).map_err(|_| Trouble::NotFound)?;
    Ok((record, old))
}

/// The page of old books, by default as they stood when they were brought in.
///
/// # Errors
/// When there are none for this guest's eyes, or the store cannot be read.
pub fn old_book(guest: &Guest, clerk: &dyn Clerk, id: Id) -> Answer {
    let (record, old) = book(guest, id)?;
    let day = guest.visit.asked("day").and_then(|day| day.parse::<Day>().ok()).unwrap_or(old.brought);
    let title = guest.pick(&record.card.title_zh, &record.card.title_en).to_owned();
    let section = |id: &str, title: &str, beside: Markup, body: Markup| {
        parts::section(&Section { id: id.into(), title: title.into(), beside, body })
    };
    let books = html! { a href={ "/old-book/" (id) "/books.journal" } { (guest.word("books")) } };
    let main = html! {
        (plain::heading(guest, clerk, &record))
        (plain::done(guest)?)
        form.row method="get" action={ "/old-book/" (id) } {
            label for="day" { (guest.word("old-on-day")) }
            input.short #day type="date" name="day" value=(day) max=(old.brought);
            button type="submit" { (guest.word("show")) }
        }
        (parts::stats(&stats(guest, clerk, old.book.on(day))))
        div.two-thirds {
            div.stack {
                (section("vouchers", &field(guest, clerk, "vouchers"), books, vouchers(guest, clerk, &old.book, day)))
                (section("movements", &field(guest, clerk, "movements"), html! {}, movements(guest, clerk, &old, day)))
                (section("about", guest.word("about"), html! {}, parts::facts(&facts(guest, clerk, &record))))
                (plain::history(guest, clerk, &record)?)
            }
            aside { (plain::actions(guest, clerk, &record)?) (plain::proofs(guest, clerk, &record)?) }
        }
    };
    let crumbs = vec![Link::new("/old-book", guest.desk_word(clerk.name(), "desk", "many"))];
    Ok(guest.page(&title, crumbs, main))
}

fn field(guest: &Guest, clerk: &dyn Clerk, name: &str) -> String {
    clerk.words(guest.locale).get("field", name).to_owned()
}

/// Where the face values are; together they are all of them.
fn stats(guest: &Guest, clerk: &dyn Clerk, all: Standing) -> Vec<Stat> {
    let stat = |amount: Money, label: String, href: &str| Stat {
        value: guest.money(amount),
        label,
        href: href.into(),
        ..Stat::default()
    };
    vec![
        stat(all.left, field(guest, clerk, "left"), "#vouchers"),
        stat(all.waiting, guest.word("old-waiting").to_owned(), "#vouchers"),
        stat(all.paid, guest.word("old-paid").to_owned(), "#movements"),
        stat(all.expired + all.back, guest.word("old-gone").to_owned(), "#movements"),
    ]
}

/// Everything that is no table of its own.
fn facts(guest: &Guest, clerk: &dyn Clerk, record: &Record) -> Vec<parts::Fact> {
    let mut rest = record.state.clone();
    if let Some(fields) = rest.as_object_mut() {
        fields.remove("book");
    }
    plain::values(guest, clerk, &rest)
}

fn ends(columns: &mut [Column], from: usize, count: usize) {
    columns.iter_mut().skip(from).take(count).for_each(|column| column.align = Align::End);
}

/// Each voucher at the end of a day.
fn vouchers(guest: &Guest, clerk: &dyn Clerk, book: &Book, day: Day) -> Markup {
    let each = book.each_on(day);
    let row = |(voucher, standing): &(&OldVoucher, Standing)| {
        Row::new(vec![
            html! { code.nowrap { (voucher.number) } br; small { (voucher.year) " · " (voucher.regime) } },
            html! { (voucher.holder) @if let Some(code) = &voucher.code { br; small { (code) } } },
            html! { span.nowrap { (guest.day(voucher.issued)) } },
            html! { (guest.money(standing.face)) },
            html! { (guest.money(standing.left)) },
            html! { (guest.money(standing.waiting)) },
            html! { (guest.money(standing.paid)) },
        ])
    };
    let own = |name| field(guest, clerk, name);
    let heads = [
        own("voucher"),
        own("holder"),
        own("issued"),
        own("face"),
        own("left"),
        guest.word("old-waiting").to_owned(),
        guest.word("old-paid").to_owned(),
    ];
    let mut columns: Vec<Column> = heads.map(Column::new).into();
    ends(&mut columns, 3, 4);
    html! {
        (parts::table(&Table {
            id: "vouchers".into(),
            caption: guest.say("old-vouchers-on", &json!({ "count": each.len(), "day": day })),
            columns,
            rows: each.iter().take(SHOWN).map(row).collect(),
            scrolls: true,
            empty: Empty { title: guest.word("old-none-yet").into(), ..Empty::default() },
        }))
        @if each.len() > SHOWN { p.note { (guest.say("old-more", &json!({ "shown": SHOWN }))) } }
    }
}

/// What happened up to a day; the newest first. All of it was booked here on one day, which the caption tells.
fn movements(guest: &Guest, clerk: &dyn Clerk, old: &OldBook, day: Day) -> Markup {
    let mut all: Vec<&Movement> = old.book.up_to(day).collect();
    all.sort_by_key(|movement| std::cmp::Reverse((movement.day, movement.row)));
    let number = |movement: &Movement| {
        let voucher = usize::try_from(movement.voucher).ok().and_then(|place| old.book.vouchers.get(place));
        voucher.map_or_else(String::new, |voucher| voucher.number.to_string())
    };
    let row = |movement: &&Movement| {
        Row::new(vec![
            html! { span.nowrap { (guest.day(movement.day)) } },
            html! { code.nowrap { (number(movement)) } },
            html! { (clerk.words(guest.locale).get("choice", &word(movement.kind))) },
            html! { (guest.money(movement.amount)) },
            html! { (movement.reference) },
            html! { (movement.row) },
        ])
    };
    let own = |name| field(guest, clerk, name);
    let heads = ["day", "voucher", "kind", "amount", "reference", "row"];
    let mut columns: Vec<Column> = heads.map(|head| Column::new(own(head))).into();
    ends(&mut columns, 3, 1);
    html! {
        (parts::table(&Table {
            id: "movements".into(),
            caption: guest.say("old-movements-to", &json!({ "count": all.len(), "day": day, "brought": old.brought })),
            columns,
            rows: all.iter().take(SHOWN).map(row).collect(),
            scrolls: true,
            empty: Empty { title: guest.word("old-none-yet").into(), ..Empty::default() },
        }))
        @if all.len() > SHOWN { p.note { (guest.say("old-more", &json!({ "shown": SHOWN }))) } }
    }
}

fn word(kind: Kind) -> String {
    grammar::desk::plain_word(&kind)
}

/// The books as hledger reads them: every movement with the day on which it was booked here and, beside it, the day on which it counted.
///
/// # Errors
/// When there are none for this guest, or the limit of a file is passed.
pub fn old_journal(guest: &Guest, id: Id) -> Answer {
    let (_, old) = book(guest, id)?;
    let mut books = Books::default();
    let mut keep = |row: u32, day: Day, from: String, to: String, amount: Money, reason: String| {
        let each = Move {
            day: old.brought,
            effective: Some(day),
            from,
            to,
            amount,
            reason,
            entry: format!("{id}/{row}"),
        };
        books.keep(format!("{row:0>9}"), each).map_err(|max| Trouble::TooLarge { max })
    };
    let fund = || "old fund".to_owned();
    for voucher in &old.book.vouchers {
        let (number, holder) = (voucher.number.to_string(), voucher.holder.to_string());
        keep(voucher.row, voucher.issued, fund(), number, voucher.face, holder)?;
    }
    for movement in &old.book.movements {
        let place = usize::try_from(movement.voucher).unwrap_or(usize::MAX);
        let Some(voucher) = old.book.vouchers.get(place) else { continue };
        let (left, waits) = (voucher.number.to_string(), format!("{} used", voucher.number));
        let (from, to) = match movement.kind {
            Kind::Voucher | Kind::Expired => (left, fund()),
            Kind::Used => (left, waits),
            Kind::Redeemed => (waits, "old providers".to_owned()),
            Kind::ClawedBack => ("old providers".to_owned(), fund()),
        };
        let reason = format!("{} {}", word(movement.kind), movement.reference);
        keep(movement.row, movement.day, from, to, movement.amount, reason)?;
    }
    for (voucher, standing) in old.book.each_on(old.brought) {
        books.states(&voucher.number, &voucher.holder, standing.left);
    }
    Ok(Reply::file("text/plain; charset=utf-8", &format!("{id}.journal"), books.text().into_bytes()))
}

/// An empty sheet with an example, in the reader's language.
///
/// # Errors
/// When it cannot be written.
pub fn old_sheet(guest: &Guest, is_csv: bool) -> Answer {
    let shape = |column: &str| match column {
        "day" => Shape::Day,
        "amount" => Shape::Money,
        _ => Shape::Text,
    };
    let name = |[zh, en]: [&'static str; 2]| guest.pick(zh, en).to_owned();
    let columns: Vec<SheetColumn> = COLUMNS
        .into_iter()
        .map(|(column, names)| SheetColumn { label: name(names), shape: shape(column) })
        .collect();
    let rows = desks::old_book::EXAMPLE.map(|row| {
        row.map(|cell| cell.split_once('|').map_or(cell, |(zh, en)| guest.pick(zh, en)).to_owned()).to_vec()
    });
    sheet::file(guest, "old-books", is_csv, &columns, rows.into_iter())
}

/// Brings a sheet in by the desk's own verb. One that does not come in comes back with every row that is in its way.
///
/// # Errors
/// As of the form.
pub fn bring_in(guest: &Guest, clerk: &dyn Clerk) -> Answer {
    let more = |_: Option<&Record>| report(guest, clerk).unwrap_or_default();
    plain::submit_with(guest, clerk, None, "bring-in", &more)
}

/// The last closed day of the account that was chosen, as far as this guest sees it.
fn closed(guest: &Guest) -> Option<Day> {
    let fund = guest.visit.typed("fund").parse::<Id>().ok()?;
    let record = guest.look.record(fund).ok()??;
    record.state.get("closed_until").and_then(Value::as_str)?.parse().ok()
}

/// The sheet that was chosen as a file, or pasted, as the desk reads it.
fn sheet_text(guest: &Guest) -> Option<Text<SHEET_MAX>> {
    let chosen = guest.visit.uploads.get("sheet").filter(|(_, bytes)| !bytes.is_empty());
    let chosen = chosen.and_then(|(name, bytes)| as_text(bytes, name));
    Text::read(chosen.as_deref().unwrap_or_else(|| guest.visit.typed("sheet")))
}

fn report(guest: &Guest, clerk: &dyn Clerk) -> Option<Markup> {
    let text = sheet_text(guest)?;
    let wrong = read(&text, guest.house.registry.now().day(), closed(guest)).err()?;
    let lines: Vec<&str> = text.lines().collect();
    let header: Vec<&str> = lines.iter().find(|line| desks::old_book::is_row(line))?.split('\t').collect();
    let names = |column: &str| COLUMNS.iter().find(|(known, _)| *known == column).map(|(_, names)| *names);
    let cell = |one: &Wrong| {
        let names = names(one.column()?)?;
        let place =
            header.iter().position(|head| names.iter().any(|name| head.trim().eq_ignore_ascii_case(name)))?;
        let line = lines.get(usize::try_from(one.line()?).ok()?.checked_sub(1)?)?;
        line.split('\t').nth(place).map(str::to_owned)
    };
    let row = |one: &Wrong| {
        let facts = serde_json::to_value(one).unwrap_or_default();
        let code = facts.get("code").and_then(Value::as_str).unwrap_or_default();
        let why = clerk.words(guest.locale).sentence("refusal", code, &facts, &|id| guest.name(id));
        let column = one.column().and_then(names).map(|[zh, en]| guest.pick(zh, en));
        Row::new(vec![
            html! { @if let Some(row) = one.line() { (row) } },
            html! { (column.unwrap_or_default()) },
            html! { code { (cell(one).unwrap_or_default()) } },
            html! { (why) },
        ])
    };
    let heads = ["row", "old-column", "old-cell", "old-why"];
    let heads =
        heads.map(|head| if head == "row" { field(guest, clerk, head) } else { guest.word(head).to_owned() });
    Some(html! {
        h2 { (guest.say("old-wrong", &json!({ "count": wrong.len() }))) }
        p { (guest.word("old-nothing-taken")) }
        (parts::table(&Table {
            id: "old-report".into(), caption: guest.word("old-report-caption").into(), columns: heads.map(Column::new).into(),
            rows: wrong.iter().take(SHOWN).map(row).collect(), scrolls: false, empty: Empty::default(),
        }))
    })
}
