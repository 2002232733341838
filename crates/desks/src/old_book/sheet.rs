//! Sheet: rows of vouchers, of what happened to them, and the totals at the end; read whole, with everything that is wrong, or not at all.

use std::collections::{BTreeMap, BTreeSet, btree_map::Entry};

use engines::bank::fen;
use grammar::prelude::*;

use super::{Kind, Movement, OldVoucher, ROWS_MAX, Standing, Wrong, Wrong::*};
use crate::neighbour::said;

/// The columns of a sheet: their names here, in Chinese and in English; they may stand in any order.
pub const COLUMNS: [(&str, [&str; 2]); 9] = [
    ("kind", ["类别", "kind"]),
    ("number", ["券号", "voucher"]),
    ("holder", ["持券单位", "holder"]),
    ("code", ["统一社会信用代码", "credit code"]),
    ("year", ["年度", "year"]),
    ("regime", ["适用办法", "regime"]),
    ("day", ["日期", "day"]),
    ("amount", ["金额", "amount"]),
    ("reference", ["凭证号", "reference"]),
];
/// A sheet may do without these.
const SPARE: [&str; 1] = ["code"];
const KINDS: [(Kind, [&str; 2]); 5] = [
    (Kind::Voucher, ["发券", "voucher"]),
    (Kind::Used, ["使用", "used"]),
    (Kind::Redeemed, ["兑付", "redeemed"]),
    (Kind::ClawedBack, ["追回", "clawed back"]),
    (Kind::Expired, ["失效", "expired"]),
];
/// Rows as an example, in Chinese and English where they differ.
pub const EXAMPLE: [[&str; 9]; 6] = [
    [
        "发券|voucher",
        "A-001",
        "示例传感技术有限公司|Sample Sensing Ltd",
        "",
        "2024",
        "示例办法|sample measure",
        "2024-03-05",
        "100000.00",
        "",
    ],
    ["使用|used", "A-001", "", "", "", "", "2024-05-06", "40000.00", "HT-1"],
    ["兑付|redeemed", "A-001", "", "", "", "", "2024-07-15", "40000.00", "DF-1"],
    ["合计发券|total voucher", "", "", "", "", "", "", "100000.00", ""],
    ["合计使用|total used", "", "", "", "", "", "", "40000.00", ""],
    ["合计兑付|total redeemed", "", "", "", "", "", "", "40000.00", ""],
];
/// What stands before a kind in the row of its total.
const TOTAL: [&str; 2] = ["合计", "total"];
/// Faults that are kept.
const WRONG_MAX: usize = 500;

/// What a sheet holds.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Book {
    pub vouchers: Vec<OldVoucher>,
    pub movements: Vec<Movement>,
}

/// One row while it is read.
struct Row<'a> {
    number: u32,
    cells: Vec<&'a str>,
    places: &'a BTreeMap<&'static str, usize>,
}

impl<'a> Row<'a> {
    fn cell(&self, column: &str) -> &'a str {
        let place = self.places.get(column).and_then(|place| self.cells.get(*place));
        place.map_or("", |cell| cell.trim())
    }

    /// A text that must be there.
    fn text<const N: usize>(&self, column: &'static str) -> Result<Text<N>, Wrong> {
        let (row, cell) = (self.number, self.cell(column));
        ensure(!cell.is_empty(), EmptyCell { line: row, column })?;
        Text::read(cell).ok_or(TooLong { line: row, column, max: N })
    }

    fn day(&self, limits: &Limits) -> Result<Day, Wrong> {
        let (row, cell) = (self.number, self.cell("day"));
        let day = day(cell).ok_or_else(|| NotADay { line: row, value: said(&cell) })?;
        ensure(day <= limits.today, StillToCome { line: row, day })?;
        let closed = limits.closed.filter(|until| day <= *until);
        closed.map_or(Ok(day), |until| Err(InClosedBooks { line: row, day, until }))
    }

    fn amount(&self) -> Result<Money, Wrong> {
        let (row, cell) = (self.number, self.cell("amount"));
        let amount = fen(cell).filter(|fen| *fen > 0).map(Money::fen);
        amount.ok_or_else(|| NotAnAmount { line: row, value: said(&cell) })
    }
}

/// Between which days things may have happened.
struct Limits {
    today: Day,
    closed: Option<Day>,
}

/// `2024-03-05`, and as people write it: `2024/3/5`, `2024年3月5日`, `20240305`.
fn day(text: &str) -> Option<Day> {
    let all_digits = text.len() == 8 && text.bytes().all(|byte| byte.is_ascii_digit());
    let parts: Vec<&str> = if all_digits {
        vec![text.get(..4)?, text.get(4..6)?, text.get(6..)?]
    } else {
        text.trim_end_matches('日').split(['-', '/', '.', '年', '月']).collect()
    };
    let [year, month, day] = parts.as_slice() else { return None };
    Day::new(year.parse().ok()?, month.parse().ok()?, day.parse().ok()?)
}

fn kind(word: &str) -> Option<Kind> {
    let known = KINDS.iter().find(|(_, names)| names.iter().any(|name| name.eq_ignore_ascii_case(word)));
    known.map(|(kind, _)| *kind)
}

/// Whether a line holds anything; `#` stands for an empty row above the names of the columns.
#[must_use]
pub fn is_row(line: &str) -> bool {
    !matches!(line.trim(), "" | "#")
}

/// Reads a sheet: cells apart by tabs, rows by line ends.
///
/// # Errors
/// All that is wrong with it, in the order of its rows; then nothing of it is used.
pub fn read(sheet: &str, today: Day, closed: Option<Day>) -> Result<Book, Vec<Wrong>> {
    let mut lines = (1..).zip(sheet.lines()).filter(|(_, line)| is_row(line));
    let header: Vec<&str> = lines.next().map_or_else(Vec::new, |(_, line)| line.split('\t').collect());
    let places = places(&header)?;
    let mut reading = Reading { limits: Limits { today, closed }, ..Reading::new(today) };
    for (number, line) in lines {
        let row = Row { number, cells: line.split('\t').collect(), places: &places };
        if let Err(wrong) = reading.row(&row) {
            reading.wrong.push(wrong);
        }
        if reading.wrong.len() >= WRONG_MAX || reading.rows > ROWS_MAX {
            break;
        }
    }
    reading.done()
}

fn places(header: &[&str]) -> Result<BTreeMap<&'static str, usize>, Vec<Wrong>> {
    let mut places = BTreeMap::new();
    let mut wrong = Vec::new();
    for (column, names) in COLUMNS {
        let is_it = |cell: &&str| names.iter().any(|name| cell.trim().eq_ignore_ascii_case(name));
        match header.iter().position(is_it) {
            Some(place) => drop(places.insert(column, place)),
            None if SPARE.contains(&column) => {}
            None => wrong.push(LacksColumn { name: said(&names.join(" / ")) }),
        }
    }
    if wrong.is_empty() { Ok(places) } else { Err(wrong) }
}

/// A sheet as far as it was read.
struct Reading {
    limits: Limits,
    book: Book,
    /// Places and rows of vouchers, by number.
    numbers: BTreeMap<Text<60>, (u32, u32)>,
    references: BTreeMap<(Kind, u32, Text<60>), u32>,
    totals: BTreeMap<Kind, (u32, Money)>,
    sums: BTreeMap<Kind, Money>,
    wrong: Vec<Wrong>,
    rows: usize,
}

impl Reading {
    fn new(today: Day) -> Self {
        Self {
            limits: Limits { today, closed: None },
            book: Book::default(),
            numbers: BTreeMap::new(),
            references: BTreeMap::new(),
            totals: BTreeMap::new(),
            sums: BTreeMap::new(),
            wrong: vec![],
            rows: 0,
        }
    }

    fn row(&mut self, row: &Row) -> Result<(), Wrong> {
        let (number, word) = (row.number, row.cell("kind"));
        let total =
            TOTAL.iter().find_map(|total| word.strip_prefix(total)).and_then(|rest| kind(rest.trim()));
        if let Some(kind) = total {
            return self.total(kind, row);
        }
        self.rows += 1;
        match kind(word).ok_or_else(|| NotAKind { line: number, value: said(&word) })? {
            Kind::Voucher => self.voucher(row),
            other => self.movement(other, row),
        }
    }

    fn total(&mut self, kind: Kind, row: &Row) -> Result<(), Wrong> {
        let (number, cell) = (row.number, row.cell("amount"));
        let value = || NotAnAmount { line: number, value: said(&cell) };
        let said = fen(cell).filter(|fen| *fen >= 0).map(Money::fen).ok_or_else(value)?;
        match self.totals.entry(kind) {
            Entry::Occupied(earlier) => Err(TotalTwice { line: number, first: earlier.get().0 }),
            Entry::Vacant(free) => {
                free.insert((number, said));
                Ok(())
            }
        }
    }

    fn voucher(&mut self, row: &Row) -> Result<(), Wrong> {
        let number: Text<60> = row.text("number")?;
        if let Some((_, first)) = self.numbers.get(&number) {
            return Err(VoucherTwice { line: row.number, number, first: *first });
        }
        let place = u32::try_from(self.book.vouchers.len()).unwrap_or(u32::MAX);
        // Rows that belong to it are not said to belong to nothing because something else is wrong here.
        self.numbers.insert(number.clone(), (place, row.number));
        let (holder, regime) = (row.text("holder"), row.text("regime"));
        let voucher = OldVoucher {
            row: row.number,
            number,
            holder: holder?,
            code: self.code(row)?,
            year: self.year(row)?,
            regime: regime?,
            issued: row.day(&self.limits)?,
            face: row.amount()?,
        };
        *self.sums.entry(Kind::Voucher).or_default() += voucher.face;
        self.book.vouchers.push(voucher);
        Ok(())
    }

    fn code(&self, row: &Row) -> Result<Option<Uscc>, Wrong> {
        let cell = row.cell("code");
        let value = |_| NotACode { line: row.number, value: said(&cell) };
        if cell.is_empty() { Ok(None) } else { cell.parse().map(Some).map_err(value) }
    }

    fn year(&self, row: &Row) -> Result<i16, Wrong> {
        let cell = row.cell("year");
        let year = cell.trim_end_matches('年').parse().ok();
        let is_past = |year: &i16| (1990..=self.limits.today.year()).contains(year);
        year.filter(is_past).ok_or_else(|| NotAYear { line: row.number, value: said(&cell) })
    }

    fn movement(&mut self, kind: Kind, row: &Row) -> Result<(), Wrong> {
        let (number, reference): (Text<60>, Text<60>) = (row.text("number")?, row.text("reference")?);
        let Some(&(voucher, _)) = self.numbers.get(&number) else {
            return Err(NoSuchVoucher { line: row.number, number });
        };
        let (day, amount) = (row.day(&self.limits)?, row.amount()?);
        let key = (kind, voucher, reference.clone());
        if let Some(first) = self.references.insert(key, row.number) {
            return Err(ReferenceTwice { line: row.number, reference, first });
        }
        *self.sums.entry(kind).or_default() += amount;
        self.book.movements.push(Movement { row: row.number, voucher, kind, day, amount, reference });
        Ok(())
    }

    /// What needs the whole sheet: each voucher day by day, and the totals.
    fn done(mut self) -> Result<Book, Vec<Wrong>> {
        if self.rows > ROWS_MAX {
            self.wrong.insert(0, TooManyRows { max: ROWS_MAX });
        }
        if self.wrong.is_empty() {
            self.wrong = follows(&self.book);
            self.wrong.extend(self.unequal_totals());
        }
        if self.book.vouchers.is_empty() && self.wrong.is_empty() {
            self.wrong.push(NoVouchers);
        }
        if self.wrong.is_empty() {
            return Ok(self.book);
        }
        self.wrong.sort_by_key(|wrong| wrong.line().unwrap_or(0));
        Err(self.wrong)
    }

    fn unequal_totals(&self) -> Vec<Wrong> {
        let differs = |(kind, _): &(Kind, [&str; 2])| {
            let is = self.sums.get(kind).copied().unwrap_or_default();
            match self.totals.get(kind) {
                Some((_, said)) if *said == is => None,
                Some((row, said)) => Some(OtherTotal { line: *row, said: *said, is }),
                None if is == Money::ZERO => None,
                None => Some(NoTotal { kind: *kind, is }),
            }
        };
        KINDS.iter().filter_map(differs).collect()
    }
}

/// Whether each movement had something to take from on its day.
fn follows(book: &Book) -> Vec<Wrong> {
    let mut standing: Vec<Standing> =
        book.vouchers.iter().map(|voucher| Standing::issued(voucher.face)).collect();
    let mut moves: Vec<&Movement> = book.movements.iter().collect();
    moves.sort_by_key(|movement| (movement.day, movement.row));
    let (mut wrong, mut broken) = (Vec::new(), BTreeSet::new());
    for &Movement { row, voucher, kind, day, amount, .. } in moves {
        let place = usize::try_from(voucher).unwrap_or(usize::MAX);
        let (Some(own), Some(of)) = (standing.get_mut(place), book.vouchers.get(place)) else { continue };
        let there = *own.source(kind);
        if day >= of.issued && amount <= there {
            own.moves(kind, amount);
            continue;
        }
        // What comes after it on the same voucher would be wrong only because of this.
        if !broken.insert(voucher) {
            continue;
        }
        wrong.push(match kind {
            _ if day < of.issued => BeforeItsIssue { line: row, day, issued: of.issued },
            Kind::Voucher | Kind::Used | Kind::Expired => MoreThanLeft { line: row, left: there },
            Kind::Redeemed => MoreThanUsed { line: row, waiting: there },
            Kind::ClawedBack => MoreThanPaid { line: row, paid: there },
        });
    }
    wrong
}
