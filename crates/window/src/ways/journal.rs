//! Journal: money that moved as hledger reads it, with every balance as an assertion: what the movements come to must be what the house
//! says, or hledger refuses the file. Pages and the command line write it by this one piece.

use std::collections::{BTreeMap, BTreeSet};

use grammar::kinds::{Day, Moment, Money};
use serde_json::Value;

/// Movements of a file.
const MOVES_MAX: usize = 5_000_000;

/// Money that went from one account to another.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Move {
    pub day: Day,
    pub effective: Option<Day>,
    pub from: String,
    pub to: String,
    pub amount: Money,
    pub reason: String,
    pub entry: String,
}

#[derive(Default)]
pub struct Books {
    /// By what makes a movement one, so that payer and payee tell it only once.
    moves: BTreeMap<(Day, String), Move>,
    /// Titles and balances, where they are known.
    accounts: BTreeMap<String, (String, Money)>,
}

/// What one event of an account moved; payer and payee tell it with the same key.
#[must_use]
pub fn movement(id: &str, line: &Value) -> Option<(String, Move)> {
    let event = line.get("event")?;
    let word =
        |value: &Value, key: &str| value.get(key).and_then(Value::as_str).unwrap_or_default().to_owned();
    let entry = event.get("entry")?.as_u64()?.to_string();
    let payment = event.get("payment");
    let of = |key: &str| payment.map_or(String::new(), |payment| word(payment, key));
    let (kind, from, to) = match word(event, "event").as_str() {
        "paid" | "posted" => ("", id.to_owned(), of("to")),
        "received" => ("", word(event, "from"), id.to_owned()),
        "reversed" => ("reversal of ", of("to"), id.to_owned()),
        "given-back" => ("reversal of ", id.to_owned(), word(event, "to")),
        _ => return None,
    };
    let payer = if kind.is_empty() { &from } else { &to };
    let key = format!("{payer} {kind}{entry:0>9}");
    let amount = if payment.is_some() { of("amount") } else { word(event, "amount") };
    let reason = if kind.is_empty() { of("reason") } else { word(event, "reason") };
    let at = word(line, "at");
    let each = Move {
        day: day_of(&at)?,
        effective: event.get("effective").and_then(Value::as_str).and_then(|day| day.parse().ok()),
        amount: amount.parse().ok()?,
        entry: format!("{kind}{payer}/{entry}"),
        from,
        to,
        reason,
    };
    Some((key, each))
}

/// The day in China of a moment as the house writes it.
fn day_of(at: &str) -> Option<Day> {
    at.parse::<Moment>().ok().map(Moment::day)
}

/// What one event of a voucher moved. Its holder sees the voucher, not the account in which its money lies: so the voucher stands for it.
#[must_use]
pub fn voucher_movement(id: &str, fund: &str, line: &Value) -> Option<(String, Move)> {
    let event = line.get("event")?;
    let word = |key: &str| event.get(key).and_then(Value::as_str).unwrap_or_default().to_owned();
    let (amount, from, to) = match word("event").as_str() {
        "issued" => ("face", fund.to_owned(), id.to_owned()),
        "spent" => ("amount", id.to_owned(), word("provider")),
        "taken-back" => ("amount", word("provider"), id.to_owned()),
        "withdrawn" | "expired" => ("returned", id.to_owned(), fund.to_owned()),
        _ => return None,
    };
    let amount = word(amount).parse().ok().filter(|amount: &Money| amount.is_positive())?;
    let at = line.get("at").and_then(Value::as_str)?;
    let entry = line.get("sequence").and_then(Value::as_u64)?;
    let reason = if word("order").is_empty() { word("event") } else { word("order") };
    let each =
        Move { day: day_of(at)?, effective: None, from, to, amount, reason, entry: format!("{id}/{entry}") };
    Some((format!("{id} {entry:0>9}"), each))
}

impl Books {
    /// Keeps what is said with more words, of two who tell the same.
    ///
    /// # Errors
    /// The limit, when there are too many.
    pub fn keep(&mut self, key: String, each: Move) -> Result<(), usize> {
        if self.moves.len() >= MOVES_MAX {
            return Err(MOVES_MAX);
        }
        let kept = self.moves.entry((each.day, key)).or_insert_with(|| each.clone());
        if kept.reason.is_empty() && kept.effective.is_none() {
            *kept = each;
        }
        Ok(())
    }

    /// What an account's balance is said to be: an assertion of the journal.
    pub fn states(&mut self, name: &str, title: &str, balance: Money) {
        self.accounts.insert(name.to_owned(), (title.to_owned(), balance));
    }

    #[must_use]
    pub fn moves(&self) -> usize {
        self.moves.len()
    }

    /// Accounts whose balance is said.
    #[must_use]
    pub fn stated(&self) -> usize {
        self.accounts.len()
    }

    #[must_use]
    pub fn names(&self) -> BTreeSet<&str> {
        let moved = self.moves.values().flat_map(|each| [each.from.as_str(), each.to.as_str()]);
        moved.chain(self.accounts.keys().map(String::as_str)).collect()
    }

    /// What hledger reads: `hledger check --strict` accepts it, when every balance is what the movements come to.
    #[must_use]
    pub fn text(&self) -> String {
        let mut text = "commodity CNY 1000.00\n\n".to_owned();
        for name in self.names() {
            let title = self.accounts.get(name).map_or("", |(title, _)| title);
            text.push_str(&format!("account {}  ; {}\n", plain(name), comment(title)));
        }
        for each in self.moves.values() {
            let effective = each.effective.map_or(String::new(), |day| format!("={day}"));
            let amount = each.amount;
            text.push_str(&format!(
                "\n{}{effective} * {}  ; {}\n    {}  CNY {amount}\n    {}  CNY -{amount}\n",
                each.day,
                comment(&each.reason),
                comment(&each.entry),
                plain(&each.to),
                plain(&each.from),
            ));
        }
        let last = self.moves.keys().next_back().map(|(day, _)| *day);
        if let Some(day) = last.filter(|_| !self.accounts.is_empty()) {
            text.push_str(&format!("\n{day} * balances as the house states them\n"));
            for (name, (_, balance)) in &self.accounts {
                text.push_str(&format!("    {}  CNY 0.00 = CNY {}\n", plain(name), balance));
            }
        }
        text
    }
}

/// A name of an account: no colon but ours would make levels, two blanks or a semicolon would end it.
fn plain(name: &str) -> String {
    let kept: String = name
        .chars()
        .map(|c| if matches!(c, ':' | ';' | '|' | '(' | ')' | '[' | ']') || c.is_control() { '_' } else { c })
        .collect();
    kept.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn comment(text: &str) -> String {
    let kept: String =
        text.chars().map(|c| if matches!(c, ';' | '|') || c.is_control() { ' ' } else { c }).collect();
    let kept = kept.split_whitespace().collect::<Vec<_>>().join(" ");
    if kept.is_empty() { "-".to_owned() } else { kept }
}
