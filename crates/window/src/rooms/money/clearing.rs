//! Clearing: what regions owe each other in one run: the statement of each pair with its signatures, lines and disputes,
//! positions, and the payments after netting beside what would have been paid without it.

use std::collections::BTreeMap;

use desks::clearing::{Line, Pair};
use grammar::{
    clerk::Clerk,
    kinds::{Id, Money, Region},
};
use maud::{Markup, html};
use registry::Record;
use serde_json::{Value, json};

use super::{bank, steps};
use crate::{
    denied::Trouble,
    guest::Guest,
    parts::{self, Align, Bar, BarChart, Behind, Column, Empty, Link, Row, Section, Stat, Table, Tone},
    plain,
    ways::{
        Answer,
        sheet::{
            self,
            write::{Column as SheetColumn, Shape},
        },
    },
};

/// The usual way of a run.
const WAY: [&str; 4] = ["open", "stated", "netted", "settled"];
/// Lines shown.
const SHOWN: usize = 60;

/// A run, read from its record.
struct Run {
    record: Record,
    lines: BTreeMap<u32, Line>,
    pairs: BTreeMap<String, Pair>,
    /// Who is to receive (above nothing) or to pay.
    positions: Vec<(Region, Money)>,
    payments: Vec<(Region, Region, Money)>,
}

impl Run {
    fn read(guest: &Guest, id: Id) -> Result<Self, Trouble> {
        let record =
            guest.look.record(id)?.filter(|record| record.desk == "clearing").ok_or(Trouble::NotFound)?;
        let of = |name: &str| record.state.get(name).cloned().unwrap_or_default();
        let lines: BTreeMap<u32, Line> = serde_json::from_value(of("lines")).unwrap_or_default();
        let pairs: BTreeMap<String, Pair> = serde_json::from_value(of("pairs")).unwrap_or_default();
        let netting: Option<desks::clearing::Netting> =
            serde_json::from_value(of("netting")).unwrap_or_default();
        let positions = match &netting {
            Some(netting) => netting.positions.iter().map(|p| (p.region, p.amount)).collect(),
            None => so_far(&pairs),
        };
        let payments = netting.iter().flat_map(|netting| netting.payments.iter());
        let payments = payments.map(|p| (p.payer, p.payee, p.amount)).collect();
        Ok(Self { lines, pairs, positions, payments, record })
    }

    /// What would be paid if each region paid what it owes.
    fn gross(&self) -> Money {
        self.pairs.values().map(|pair| pair.owed.first_owes + pair.owed.second_owes).sum()
    }

    fn moved(&self) -> Money {
        self.payments.iter().map(|(.., amount)| *amount).sum()
    }

    /// Directions in which something is owed: the payments without netting.
    fn owed_ways(&self) -> usize {
        let ways = self.pairs.values().flat_map(|pair| [pair.owed.first_owes, pair.owed.second_owes]);
        ways.filter(|amount| amount.is_positive()).count()
    }

    fn disputed(&self) -> usize {
        self.lines.values().filter(|line| line.dispute.is_some() && !line.is_struck).count()
    }
}

/// Positions before anything is netted, from the statements.
fn so_far(pairs: &BTreeMap<String, Pair>) -> Vec<(Region, Money)> {
    let mut all: BTreeMap<Region, Money> = BTreeMap::new();
    for pair in pairs.values() {
        let net = pair.owed.second_owes - pair.owed.first_owes;
        *all.entry(pair.first).or_insert(Money::ZERO) += net;
        *all.entry(pair.second).or_insert(Money::ZERO) += Money::ZERO - net;
    }
    all.into_iter().collect()
}

/// The page of a run.
///
/// # Errors
/// When there is none for this guest's eyes, or the store cannot be read.
pub fn clearing(guest: &Guest, clerk: &dyn Clerk, id: Id) -> Answer {
    let run = Run::read(guest, id)?;
    let record = &run.record;
    let title = guest.pick(&record.card.title_zh, &record.card.title_en).to_owned();
    let sees_lines = guest.look.viewer.is_inside(&record.card);
    let section = |id: &str, title: &str, beside: Markup, body: Markup| {
        parts::section(&Section { id: id.into(), title: title.into(), beside, body })
    };
    let sheets = html! {
        span { (guest.word("take-sheet")) " " a href={ "/clearing/" (id) "/lines.xlsx" } { "Excel" } " · " a href={ "/clearing/" (id) "/lines.csv" } { "CSV" } " · " a href={ "/clearing/" (id) "/books.journal" } { (guest.word("books")) } }
    };
    let main = html! {
        (plain::heading(guest, clerk, record))
        (plain::done(guest)?)
        (steps(guest, clerk, record, &WAY))
        (parts::stats(&stats(guest, &run, sees_lines)))
        div.two-thirds {
            div.stack {
                (section("payments", guest.word("payments"), html! {}, payments(guest, &run)))
                (section("positions", guest.word("positions"), html! {}, positions(guest, &run)))
                (section("pairs", guest.word("pair-statements"), html! {}, pairs(guest, clerk, &run, sees_lines)))
                @if bank::may_pay(guest, record) { (section("bank", guest.word("bank"), html! {}, bank::section(guest, record)?)) }
                @if sees_lines { (section("lines", guest.word("run-lines"), sheets, lines(guest, &run))) }
                @else { p.note { (guest.word("run-public")) } }
                (plain::history(guest, clerk, record)?)
            }
            aside { (plain::actions(guest, clerk, record)?) (plain::proofs(guest, clerk, record)?) }
        }
    };
    let crumbs = vec![Link::new("/clearing", guest.desk_word(clerk.name(), "desk", "many"))];
    Ok(guest.page(&title, crumbs, main))
}

fn stats(guest: &Guest, run: &Run, sees_lines: bool) -> Vec<Stat> {
    let stat = |value: String, label: &'static str, href: &str| Stat {
        value,
        unit: String::new(),
        label: guest.word(label).into(),
        href: href.into(),
        source: String::new(),
    };
    let mut stats = vec![stat(guest.money(run.gross()), "owed-gross", "#pairs")];
    if !run.payments.is_empty() {
        stats.push(stat(guest.money(run.moved()), "paid-after-netting", "#payments"));
    }
    if sees_lines {
        stats.push(stat(run.lines.len().to_string(), "run-lines", "#lines"));
        stats.push(stat(run.disputed().to_string(), "in-dispute", "#lines"));
    } else {
        stats.push(stat(run.pairs.len().to_string(), "pair-statements", "#pairs"));
    }
    stats
}

/// The payments, and how much less they are than without netting.
fn payments(guest: &Guest, run: &Run) -> Markup {
    if run.payments.is_empty() {
        return html! { p.note { (guest.word("not-netted")) } };
    }
    let row = |(payer, payee, amount): &(Region, Region, Money)| {
        Row::new(vec![
            html! { (guest.region(*payer)) },
            html! { (guest.region(*payee)) },
            html! { (guest.money(*amount)) },
        ])
    };
    #[expect(clippy::cast_precision_loss, reason = "a length on the screen")]
    let bar = |label: &'static str, amount: Money, count: usize, colour: u8| Bar {
        label: guest.word(label).into(),
        value: amount.in_fen() as f64,
        text: guest.say("sum-of-payments", &json!({ "amount": amount, "count": count })),
        href: String::new(),
        colour,
    };
    let mut columns: Vec<Column> =
        ["payer", "payee", "amount"].map(|head| Column::new(guest.word(head))).into();
    if let Some(amount) = columns.last_mut() {
        amount.align = Align::End;
    }
    html! {
        (parts::bars(&BarChart {
            id: "netted".into(), title: guest.word("netting-saves").into(), note: String::new(),
            bars: vec![
                bar("without-netting", run.gross(), run.owed_ways(), 2),
                bar("with-netting", run.moved(), run.payments.len(), 1),
            ],
            behind: Behind::default(), source: String::new(),
        }))
        (parts::table(&Table {
            id: "payments".into(), caption: guest.word("payments-caption").into(), columns,
            rows: run.payments.iter().map(row).collect(), scrolls: false, empty: Empty::default(),
        }))
    }
}

fn positions(guest: &Guest, run: &Run) -> Markup {
    let row = |(region, amount): &(Region, Money)| {
        let (receives, pays) =
            if amount.is_positive() { (*amount, Money::ZERO) } else { (Money::ZERO, Money::ZERO - *amount) };
        let shown =
            |amount: Money| html! { @if amount.is_positive() { (guest.money(amount)) } @else { "—" } };
        Row::new(vec![html! { (guest.region(*region)) }, shown(receives), shown(pays)])
    };
    let mut columns: Vec<Column> =
        ["region", "is-to-receive", "is-to-pay"].map(|head| Column::new(guest.word(head))).into();
    columns.iter_mut().skip(1).for_each(|column| column.align = Align::End);
    parts::table(&Table {
        id: "positions".into(),
        caption: guest.word("positions-caption").into(),
        columns,
        rows: run.positions.iter().map(row).collect(),
        scrolls: true,
        empty: Empty { title: guest.word("no-lines").into(), ..Empty::default() },
    })
}

/// What each two owe each other, who has signed, and the form to sign.
fn pairs(guest: &Guest, clerk: &dyn Clerk, run: &Run, sees_lines: bool) -> Markup {
    let signed = |signature: Option<desks::clearing::Signature>| {
        html! {
            @match signature {
                Some(signature) => { (parts::badge(Tone::Good, guest.word("signed"))) " " small { (guest.day(signature.on)) } },
                None => (parts::badge(Tone::Warn, guest.word("not-signed"))),
            }
        }
    };
    let is_open = sees_lines && run.record.card.status == "stated";
    // The regions that this guest signs for.
    let signs = |region: Region| {
        let owner = run.record.state.pointer(&format!("/members/{region}/owner")).and_then(Value::as_str);
        owner
            .and_then(|owner| owner.parse().ok())
            .is_some_and(|owner| guest.look.viewer.signs_for.contains(&owner))
    };
    let may_sign = |pair: &Pair| {
        is_open
            && ((pair.first_signed.is_none() && signs(pair.first))
                || (pair.second_signed.is_none() && signs(pair.second)))
    };
    let row = |pair: &Pair| {
        let (first, second) = (guest.region(pair.first), guest.region(pair.second));
        let sign = format!("/clearing/{}/sign?first={}&second={}", run.record.id, pair.first, pair.second);
        Row::new(vec![
            html! { (first) " – " (second) },
            html! { (guest.money(pair.owed.first_owes)) },
            html! { (guest.money(pair.owed.second_owes)) },
            html! { (first) (guest.pick("：", ": ")) (signed(pair.first_signed)) br; (second) (guest.pick("：", ": ")) (signed(pair.second_signed)) },
            html! { @if may_sign(pair) { a.button href=(sign) { (clerk.words(guest.locale).get("verb", "sign")) } } },
        ])
    };
    let heads = ["pair", "first-owes", "second-owes", "signatures", "next-step"];
    let shown = heads.len() - usize::from(!is_open);
    let mut columns: Vec<Column> =
        heads.into_iter().take(shown).map(|head| Column::new(guest.word(head))).collect();
    columns.iter_mut().skip(1).take(2).for_each(|column| column.align = Align::End);
    parts::table(&Table {
        id: "pairs".into(),
        caption: guest.word("pairs-caption").into(),
        columns,
        rows: run.pairs.values().map(row).collect(),
        scrolls: false,
        empty: Empty { title: guest.word("no-lines").into(), ..Empty::default() },
    })
}

/// The order of a line: the way to it for whoever may open it, and its number for the other side, which knows it by that.
fn order(guest: &Guest, line: &Line) -> Markup {
    let id = line.order.id();
    html! { @if guest.look.title(id).is_some() { (guest.link(id)) } @else { code.nowrap { (id) } } }
}

/// Lines, those in dispute first.
fn lines(guest: &Guest, run: &Run) -> Markup {
    let mut all: Vec<(&u32, &Line)> = run.lines.iter().collect();
    all.sort_by_key(|(number, line)| (line.dispute.is_none(), **number));
    let can = run.record.card.status == "stated" && !guest.look.viewer.signs_for.is_empty();
    let row = |(number, line): &(&u32, &Line)| {
        let step = |verb: &str| html! { a href={ "/clearing/" (run.record.id) "/" (verb) "?line=" (number) } { (guest.desk_word("clearing", "verb", verb)) } };
        Row::new(vec![
            html! { (number) },
            html! { (order(guest, line)) },
            html! { span.nowrap { (guest.region(line.debtor)) " → " (guest.region(line.creditor)) } },
            html! { (guest.money(line.amount)) },
            html! {
                @if line.is_struck { (parts::badge(Tone::Plain, guest.word("struck"))) }
                @else if let Some(dispute) = &line.dispute { (parts::badge(Tone::Bad, guest.word("in-dispute"))) " " small { (guest.region(dispute.by)) (guest.pick("：", ": ")) (&*dispute.reason) } }
                @if line.corrects.is_some() { " " (parts::badge(Tone::Info, guest.word("corrects"))) }
            },
            html! { @if can && !line.is_struck { @if line.dispute.is_some() { (step("end-dispute")) } @else { (step("dispute")) } } },
        ])
    };
    let heads = ["line", "order", "who-owes-whom", "amount", "how-it-is", "next-step"];
    let shown = heads.len() - usize::from(!can);
    let mut columns: Vec<Column> =
        heads.into_iter().take(shown).map(|head| Column::new(guest.word(head))).collect();
    if let Some(amount) = columns.get_mut(3) {
        amount.align = Align::End;
    }
    html! {
        (parts::table(&Table {
            id: "lines".into(), caption: guest.say("run-lines-caption", &json!({ "count": all.len() })), columns,
            rows: all.iter().take(SHOWN).map(row).collect(), scrolls: false,
            empty: Empty { title: guest.word("no-lines").into(), ..Empty::default() },
        }))
        @if all.len() > SHOWN { p.note { (guest.word("all-in-sheet")) } }
    }
}

/// Every line as a sheet, for those who may see lines.
///
/// # Errors
/// When there is no such run with lines for this guest, or the sheet cannot be written.
pub fn lines_sheet(guest: &Guest, id: Id, is_csv: bool) -> Answer {
    let run = Run::read(guest, id)?;
    if !guest.look.viewer.is_inside(&run.record.card) {
        return Err(Trouble::NotFound);
    }
    let heads = ["line", "order", "payer", "payee", "amount", "effective-on", "in-dispute", "struck"];
    let shapes = [
        Shape::Number,
        Shape::Text,
        Shape::Text,
        Shape::Text,
        Shape::Money,
        Shape::Day,
        Shape::Text,
        Shape::Text,
    ];
    let columns: Vec<SheetColumn> = heads
        .into_iter()
        .zip(shapes)
        .map(|(head, shape)| SheetColumn { label: guest.word(head).to_owned(), shape })
        .collect();
    let yes = |is: bool| if is { guest.word("yes").to_owned() } else { String::new() };
    let line = |(number, line): (&u32, &Line)| {
        let why = line.dispute.as_ref().map(|dispute| dispute.reason.to_string());
        vec![
            number.to_string(),
            line.order.to_string(),
            guest.region(line.debtor),
            guest.region(line.creditor),
            line.amount.to_string(),
            line.effective.to_string(),
            why.unwrap_or_default(),
            yes(line.is_struck),
        ]
    };
    let rows = run.lines.iter().map(line).collect::<Vec<_>>().into_iter();
    let from = run.record.state.get("from").and_then(Value::as_str).unwrap_or("");
    sheet::file(guest, &format!("clearing {from}"), is_csv, &columns, rows)
}
