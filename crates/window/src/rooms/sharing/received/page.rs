//! The page: bring a statement, look at what it comes to, tick, and record; and what is still owed, with its references.

use engines::bank::Credit;
use grammar::kinds::{Id, Money};
use maud::{Markup, html};
use registry::Ask;
use serde_json::json;

use super::{super::charges, Came, DUE, Unread, Verdict, is_recorded, lay, left, owing, reference};
use crate::{
    denied::Trouble,
    guest::Guest,
    parts::{self, Column, Empty, Link, Row, Section, Table, Tone},
    plain,
    rooms::{money, proof},
    ways::Answer,
};

/// Bytes of a statement.
const STATEMENT_MAX: usize = 5_000_000;
/// Sums shown that are to be recorded or looked at; others are counted.
const SHOWN: usize = 200;
/// Bookings shown that owe something.
const OWING: usize = 100;
/// Letters shown of what a payer wrote.
const WRITTEN: usize = 140;
/// A box of the form: what is to be recorded of one sum.
const BOX: &str = "take.";

/// The page.
///
/// # Errors
/// When one has not signed in, or the store cannot be read.
pub fn received(guest: &Guest) -> Answer {
    page(guest, 200, html! {})
}

/// Looks at a statement that was brought, or records what was ticked of one.
///
/// # Errors
/// When one has not signed in, or the store cannot be used.
pub fn receive(guest: &Guest) -> Answer {
    if guest.session.is_none() {
        return Err(Trouble::SignIn);
    }
    if guest.visit.typed("step") == "record" {
        return record(guest);
    }
    let refused = |title: &str, body: Markup| page(guest, 422, proof::alert(title, body));
    let chosen =
        guest.visit.uploads.get("statement").map(|(_, bytes)| bytes).filter(|bytes| !bytes.is_empty());
    let Some(bytes) = chosen else { return refused(guest.word("received-no-file"), html! {}) };
    let text = plain::read_text(bytes).filter(|_| bytes.len() <= STATEMENT_MAX);
    let Some(text) = text else {
        let limits = json!({ "megabytes": STATEMENT_MAX / 1_000_000 });
        return refused(
            guest.word("received-unread"),
            html! { p { (guest.say("received-no-text", &limits)) } },
        );
    };
    match lay(guest, &text) {
        Ok(all) => page(guest, 200, report(guest, &all)),
        Err(Unread::Bad(bad)) => {
            let why = money::unread(guest, &bad);
            refused(
                guest.word("received-unread"),
                html! { p { (why) } p { (guest.word("nothing-changed")) } },
            )
        }
        Err(Unread::Trouble(trouble)) => Err(trouble),
    }
}

/// What one box says: the payment's name, then what each booking gets of it.
fn boxed(name: &str, shares: &[(Id, Money)]) -> String {
    let shares: Vec<String> = shares.iter().map(|(id, amount)| format!("{id}={amount}")).collect();
    format!("{name}|{}", shares.join(","))
}

fn unboxed(value: &str) -> Option<(String, Vec<(Id, Money)>)> {
    let (name, shares) = value.split_once('|')?;
    let share = |text: &str| {
        let (id, amount) = text.split_once('=')?;
        let id: Id = id.parse().ok()?;
        Some((id, amount.parse().ok()?)).filter(|_| id.desk() == "booking")
    };
    Some((name.to_owned(), shares.split(',').map(share).collect::<Option<_>>()?))
}

/// Records what was ticked. What another has recorded meanwhile is left alone.
fn record(guest: &Guest) -> Answer {
    let boxes = guest.visit.form.iter().filter(|(name, _)| name.starts_with(BOX)).take(SHOWN);
    let ticked: Vec<(String, Vec<(Id, Money)>)> = boxes.filter_map(|(_, value)| unboxed(value)).collect();
    if ticked.is_empty() {
        return page(guest, 422, proof::alert(guest.word("charges-none-ticked"), html! {}));
    }
    let key = guest.visit.typed("key");
    let mut asks: Vec<Ask> = Vec::new();
    let mut again = 0;
    for (name, shares) in &ticked {
        for (booking, amount) in shares {
            if is_recorded(guest, *booking, name)? {
                again += 1;
                continue;
            }
            let pay = json!({ "verb": "pay", "amount": amount, "means": "transfer", "reference": name });
            asks.push(guest.ask(&format!("{key}/{}/{booking}", asks.len()), "booking", Some(*booking), pay));
        }
    }
    let before = html! { @if again > 0 { p { (guest.say("received-again", &json!({ "count": again }))) } } };
    page(guest, 200, charges::pressed(guest, asks, "received-done", &before))
}

fn page(guest: &Guest, status: u16, answer: Markup) -> Answer {
    if guest.session.is_none() {
        return Err(Trouble::SignIn);
    }
    let title = guest.word("received-title");
    let section = |id: &str, key: &'static str, body: Markup| {
        parts::section(&Section { id: id.into(), title: guest.word(key).into(), beside: html! {}, body })
    };
    let main = html! {
        (parts::heading(&parts::Heading { title: title.into(), lead: guest.word("received-lead").into(), ..Default::default() }))
        (answer)
        (section("bring", "received-bring", form(guest)))
        (section("owing", "received-owing", owed(guest)?))
    };
    Ok(guest.page_with(status, title, vec![Link::new("/keeper", guest.word("keeper-title"))], main))
}

fn form(guest: &Guest) -> Markup {
    html! {
        form.form method="post" enctype="multipart/form-data" action="/keeper/received" {
            @for (name, value) in guest.hidden() { input type="hidden" name=(name) value=(value); }
            div.field { label for="statement" { (guest.word("received-file")) } input #statement type="file" name="statement" accept=".xml,text/xml,application/xml" required; }
            div.row { button.main type="submit" { (guest.word("received-look")) } }
            p.note { (guest.word("received-kept")) }
        }
    }
}

/// What a statement comes to: what can be recorded, ticked; what a person must look at; how much is of others.
fn report(guest: &Guest, all: &[Came]) -> Markup {
    let is_other = |came: &&Came| matches!(came.verdict, Verdict::Not("received-other", _));
    let others = all.iter().filter(is_other).count();
    let mut shown: Vec<&Came> = all.iter().filter(|came| !is_other(came)).collect();
    shown.sort_by_key(|came| (rank(&came.verdict), came.credit.line));
    let is_cut = shown.len() > SHOWN;
    shown.truncate(SHOWN);
    let may_record = shown.iter().any(|came| matches!(came.verdict, Verdict::Pays(_) | Verdict::Likely(..)));
    let columns = vec![
        Column::new(guest.word("received-from")),
        Column::new(guest.word("received-day")),
        Column::end(guest.word("amount")),
        Column::new(guest.word("received-for")),
        Column::new(guest.word("received-take")),
    ];
    let table = parts::table(&Table {
        id: "credits".into(),
        caption: guest.word("received-caption").into(),
        columns,
        rows: (1..).zip(&shown).map(|(number, came)| row(guest, number, came)).collect(),
        scrolls: false,
        empty: Empty { title: guest.word("received-none").into(), ..Empty::default() },
    });
    let body = html! {
        form method="post" action="/keeper/received" {
            @for (name, value) in guest.hidden() { input type="hidden" name=(name) value=(value); }
            input type="hidden" name="step" value="record";
            (table)
            @if may_record { p { button.main type="submit" { (guest.word("received-record")) } } }
        }
        @if is_cut { p.note { (guest.say("charges-cut", &json!({ "count": SHOWN }))) } }
        @if others > 0 { p.note { (guest.say("received-others", &json!({ "count": others }))) } }
    };
    parts::section(&Section {
        id: "report".into(),
        title: guest.say("received-report", &json!({ "count": all.len() })),
        beside: html! {},
        body,
    })
}

/// What can be pressed stands first.
fn rank(verdict: &Verdict) -> u8 {
    match verdict {
        Verdict::Pays(_) => 0,
        Verdict::Likely(..) => 1,
        Verdict::Not(..) => 2,
        Verdict::Recorded(_) => 3,
    }
}

fn row(guest: &Guest, number: usize, came: &Came) -> Row {
    let Came { credit, name, verdict } = came;
    let share = |(id, amount): &(Id, Money)| {
        html! { (guest.link(*id)) (guest.pick("：", ": ")) (guest.money(*amount)) br; }
    };
    let tick = |shares: &[(Id, Money)], is_sure: bool| {
        html! { label { input type="checkbox" name={ (BOX) (number) } value=(boxed(name, shares)) checked[is_sure]; span.unseen { (name) } } }
    };
    let (tick, what) = match verdict {
        Verdict::Pays(shares) => (tick(shares, true), html! { @for one in shares { (share(one)) } }),
        Verdict::Likely(id, amount) => {
            let one = [(*id, *amount)];
            let what =
                html! { (parts::badge(Tone::Warn, guest.word("received-likely"))) " " (share(&one[0])) };
            (tick(&one, false), what)
        }
        Verdict::Recorded(id) => (
            html! {},
            html! { (parts::badge(Tone::Good, guest.word("received-recorded"))) " " (guest.link(*id)) },
        ),
        Verdict::Not(word, facts) => (
            html! {},
            html! { (parts::badge(Tone::Bad, guest.word("received-not"))) " " (guest.say(word, facts)) },
        ),
    };
    Row::new(vec![payer(credit), html! { (day(guest, credit)) }, amount(guest, credit), what, tick])
}

fn day(guest: &Guest, credit: &Credit) -> String {
    credit.booked.parse().map_or_else(|_| credit.booked.clone(), |day| guest.day(day))
}

fn amount(guest: &Guest, credit: &Credit) -> Markup {
    html! { (credit.fen.map_or_else(|| credit.said.clone(), |fen| guest.money(Money::fen(fen)))) }
}

fn payer(credit: &Credit) -> Markup {
    let written: String = credit.text.chars().take(WRITTEN).collect();
    html! { (credit.payer) @if !written.is_empty() { br; small.soft { (written) @if credit.text.len() > written.len() { "…" } } } }
}

/// What is due and not paid, with what its payer writes beside a transfer.
fn owed(guest: &Guest) -> Result<Markup, Trouble> {
    let all = owing(guest, DUE)?;
    let sum: Money = all.iter().map(|one| left(&one.card)).sum();
    let row = |one: &registry::Listed| {
        let card = &one.card;
        Row::new(vec![
            html! { a href={ "/booking/" (one.id) } { (card.from.map(|day| guest.day(day)).unwrap_or_default()) " " (guest.pick(&card.title_zh, &card.title_en)) } },
            html! { (guest.link(card.the("buyer"))) },
            html! { (guest.money(left(card))) },
            html! { @if let Some(reference) = reference(one.id) { code.nowrap { (reference) } } },
        ])
    };
    let columns = vec![
        Column::new(guest.word("what")),
        Column::new(guest.word("buyer")),
        Column::end(guest.word("booking-owed")),
        Column::new(guest.word("received-reference")),
    ];
    let table = parts::table(&Table {
        id: "due".into(),
        caption: guest.say("received-owing-sum", &json!({ "sum": sum, "count": all.len() })),
        columns,
        rows: all.iter().take(OWING).map(row).collect(),
        scrolls: false,
        empty: Empty { title: guest.word("received-owing-none").into(), ..Empty::default() },
    });
    Ok(
        html! { (table) @if all.len() > OWING { p.note { (guest.say("charges-cut", &json!({ "count": OWING }))) } } },
    )
}
