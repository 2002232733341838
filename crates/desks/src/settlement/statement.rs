//! Statement: the text that both sides of a pair sign: lines that count, lines that wait, and what each owes. Each side works it out by
//! itself, so there is one way to write it, and what is read is believed only if it would be written just so.

use grammar::prelude::*;

use super::said::Claim;

const HEAD: &str = "kechuang clearing statement v1";
/// Lines of one statement, those that wait among them.
pub const LINES_MAX: usize = 2_000;

/// The statement of a pair, the smaller code first.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Statement {
    pub run: String,
    /// Each region, with the name of its log.
    pub first: (Region, String),
    pub second: (Region, String),
    pub counting: Vec<Claim>,
    /// Orders whose line waits.
    pub waiting: Vec<String>,
}

impl Statement {
    /// What a region owes, in fen.
    #[must_use]
    pub fn owes(&self, region: Region) -> i128 {
        self.counting.iter().filter(|claim| claim.debtor == region).map(|claim| i128::from(claim.fen)).sum()
    }

    /// The same as money; `None` when it is more than any money.
    #[must_use]
    pub fn owed_by(&self, region: Region) -> Option<Money> {
        i64::try_from(self.owes(region)).ok().map(Money::fen)
    }

    /// The text that is signed.
    #[must_use]
    pub fn text(&self) -> String {
        let Self { run, first, second, .. } = self;
        let mut text = format!("{HEAD}\nrun {run}\n{} {}\n{} {}\n", first.0, first.1, second.0, second.1);
        for Claim { order, debtor, creditor, fen, effective, corrects } in &self.counting {
            text.push_str(&format!("line {order} {debtor} {creditor} {fen} {effective} {corrects}\n"));
        }
        self.waiting.iter().for_each(|order| text.push_str(&format!("waits {order}\n")));
        let (first, second) = (first.0, second.0);
        text.push_str(&format!("{first} owes {}\n{second} owes {}\n", self.owes(first), self.owes(second)));
        text
    }

    /// Reads a text; `None` unless it is what [`Self::text`] writes: then its sums are right too.
    #[must_use]
    pub fn read(text: &str) -> Option<Self> {
        let mut lines = text.lines();
        let is_head = lines.next() == Some(HEAD);
        let run = lines.next()?.strip_prefix("run ").filter(|_| is_head)?.to_owned();
        let mut side = || {
            let (region, name) = lines.next()?.split_once(' ')?;
            Some((region.parse::<Region>().ok()?, name.to_owned()))
        };
        let (first, second) = (side()?, side()?);
        let mut statement = Self { run, first, second, counting: vec![], waiting: vec![] };
        for line in lines.take(LINES_MAX) {
            if let Some(rest) = line.strip_prefix("line ") {
                statement.counting.push(claim(rest).filter(Claim::is_plain)?);
            } else if let Some(order) = line.strip_prefix("waits ") {
                statement.waiting.push(order.to_owned());
            }
        }
        (statement.first.0 < statement.second.0 && statement.text() == text).then_some(statement)
    }
}

fn claim(line: &str) -> Option<Claim> {
    let mut words = line.split(' ');
    let mut word = || words.next();
    let (order, debtor, creditor) = (word()?.to_owned(), word()?.parse().ok()?, word()?.parse().ok()?);
    let (fen, effective, corrects) = (word()?.parse().ok()?, word()?.to_owned(), word()?.to_owned());
    Some(Claim { order, debtor, creditor, fen, effective, corrects })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn statement() -> Statement {
        let claim = |order: &str, debtor: u32, creditor: u32, fen: i64, corrects: &str| Claim {
            order: order.into(),
            debtor: Region::code(debtor),
            creditor: Region::code(creditor),
            fen,
            effective: "2031-03-20".into(),
            corrects: corrects.into(),
        };
        Statement {
            run: "2031-q1".into(),
            first: (Region::code(310_000), "sh.example/border".into()),
            second: (Region::code(330_000), "zj.example/border".into()),
            counting: vec![
                claim("order-1", 330_000, 310_000, 50_000, ""),
                claim("order-3", 310_000, 330_000, 20_050, "run-0/4"),
            ],
            waiting: vec!["order-2".into()],
        }
    }

    #[test]
    fn what_is_written_is_read_and_nothing_else_is() {
        let statement = statement();
        let text = statement.text();
        assert_eq!(Statement::read(&text), Some(statement));
        assert!(text.ends_with("310000 owes 20050\n330000 owes 50000\n"), "{text}");
        for (from, to) in [
            ("owes 50000", "owes 50001"),
            ("run 2031", "run  2031-"),
            ("v1", "v2"),
            ("line order-1", "line  order-1"),
            (" 50000 2031", " 050000 2031"),
            ("waits order-2\n", "waits order-2\nand more\n"),
            ("310000 sh", "340000 sh"),
        ] {
            let changed = text.replacen(from, to, 1);
            let is_same_run = from == "run 2031";
            assert!(changed != text && (is_same_run || Statement::read(&changed).is_none()), "{changed}");
        }
        assert_eq!(Statement::read(""), None);
    }
}
