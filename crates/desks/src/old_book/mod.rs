//! Old book (旧账): the voucher books that a region kept elsewhere, brought in from one sheet with the days on which things happened.
//!
//! standing → withdrawn. All rows come in or none; two persons answer for it, and the hash of the sheet stands in the record. It moves no
//! account of this house and opens no period that is closed. Always: what a voucher was worth is left, waits, was paid, came back or
//! expired, on every day.

use grammar::prelude::*;

use crate::account::Account;

mod sheet;
mod standing;
#[cfg(test)]
mod stories;
mod wrong;

pub use sheet::{Book, COLUMNS, EXAMPLE, is_row, read};
pub use standing::Standing;
pub use wrong::Wrong;

/// Letters of a sheet as text.
pub const SHEET_MAX: usize = 800_000;
/// Rows of one sheet.
pub const ROWS_MAX: usize = 3_000;
const OFFICE: Who = Who::Office("voucher-office");

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Status {
    Standing,
    Withdrawn,
}

/// What a row says happened.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Kind {
    /// A voucher was issued.
    Voucher,
    Used,
    Redeemed,
    ClawedBack,
    Expired,
}

/// A voucher of the old books.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct OldVoucher {
    /// Its row in the sheet, from 1.
    pub row: u32,
    pub number: Text<60>,
    pub holder: Text<120>,
    pub code: Option<Uscc>,
    pub year: i16,
    /// The measure or rule version it was issued under.
    pub regime: Text<120>,
    pub issued: Day,
    pub face: Money,
}

/// What happened to one of them, on the day on which it counted.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Movement {
    pub row: u32,
    /// Its place among the vouchers, from 0.
    pub voucher: u32,
    pub kind: Kind,
    pub day: Day,
    pub amount: Money,
    pub reference: Text<60>,
}

/// Old books as they stand now.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct OldBook {
    pub region: Region,
    pub title: Bilingual<120>,
    /// The account of this house that pays vouchers now, if there is one: its closed days stay as they are.
    pub fund: Option<Ref<Account>>,
    pub book: Book,
    /// SHA-256 of the sheet's text.
    pub digest: Text<64>,
    /// The sheet as it was chosen.
    pub file: Option<FileRef>,
    pub by: Option<Id>,
    /// The day on which all of it was booked here.
    pub brought: Day,
    pub status: Status,
    pub reason: Option<Text<500>>,
}

/// What can be asked of it.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "verb", rename_all = "kebab-case")]
pub enum Command {
    BringIn {
        region: Region,
        title: Bilingual<120>,
        fund: Option<Ref<Account>>,
        /// Cells apart by tabs, rows by line ends; workbooks and CSV files are read into this.
        sheet: Text<SHEET_MAX>,
        file: Option<FileRef>,
    },
    Withdraw {
        reason: Text<500>,
    },
}

/// What was brought in.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Arrival {
    pub region: Region,
    pub title: Bilingual<120>,
    pub fund: Option<Ref<Account>>,
    pub book: Book,
    pub digest: Text<64>,
    pub file: Option<FileRef>,
    pub by: Option<Id>,
    pub on: Day,
    pub vouchers: usize,
    pub movements: usize,
}

/// What can have happened to it. Additions only: these words stay in the log for good.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "event", rename_all = "kebab-case")]
pub enum Event {
    BroughtIn(Box<Arrival>),
    Withdrawn { reason: Text<500> },
}

/// Why it says no. The sentences are in `words.*.toml`, under the same names.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(tag = "code", rename_all = "kebab-case")]
pub enum Refusal {
    NotAFund {
        account: Ref<Account>,
    },
    #[serde(untagged)]
    Sheet(Wrong),
}

use {Command::*, Event::*, Refusal::*};

impl Desk for OldBook {
    const NAME: &'static str = "old-book";
    const OPENS: &'static [&'static str] = &["bring-in"];
    const WORDS: [&'static str; 2] = [include_str!("words.zh.toml"), include_str!("words.en.toml")];
    const RULES: &'static str = include_str!("rules.toml");
    const BESIDE: &'static [(&'static str, &'static str)] = wrong::BESIDE;
    type Command = Command;
    type Event = Event;
    type Refusal = Refusal;

    fn who(_command: &Command) -> Who {
        Who::Two(&OFFICE)
    }

    fn decide(this: Option<&Self>, command: &Command, ctx: &Ctx) -> Decision<Self> {
        match (this, command.clone()) {
            (None, BringIn { region, title, fund, sheet, file }) => {
                let closed = fund.map(|fund| Self::closed(fund, region, ctx)).transpose()?.flatten();
                let book = read(&sheet, ctx.today(), closed).map_err(wrong::first)?;
                let digest = engines::bank::digest(&sheet);
                let digest = Text::read(&digest).unwrap_or_else(|| impossible(&digest));
                let (vouchers, movements) = (book.vouchers.len(), book.movements.len());
                let (by, on) = (ctx.by.person, ctx.today());
                let arrival =
                    Arrival { region, title, fund, book, digest, file, by, on, vouchers, movements };
                Ok(say(BroughtIn(Box::new(arrival))))
            }
            (Some(b), Withdraw { reason }) if b.status == Status::Standing => Ok(say(Withdrawn { reason })),
            _ => not_now(),
        }
    }

    fn apply(this: Option<Self>, event: &Event) -> Self {
        match (this, event.clone()) {
            (None, BroughtIn(arrival)) => {
                let Arrival { region, title, fund, book, digest, file, by, on, .. } = *arrival;
                let (status, reason) = (Status::Standing, None);
                Self { region, title, fund, book, digest, file, by, brought: on, status, reason }
            }
            (Some(mut b), Withdrawn { reason }) => {
                (b.status, b.reason) = (Status::Withdrawn, Some(reason));
                b
            }
            _ => impossible(event),
        }
    }

    fn card(&self) -> Card {
        let standing = self.book.on(self.brought);
        let card = Card::new()
            .title(&self.title)
            .status(&grammar::desk::plain_word(&self.status))
            .region(self.region)
            .from(self.brought)
            .amount(standing.face)
            .fact("vouchers", self.book.vouchers.len())
            .fact("left", standing.left)
            .inside_office("voucher-office")
            .inside_office("treasurer")
            .inside_office("auditor");
        let card = self.fund.iter().fold(card, |card, fund| card.party("fund", fund.id()));
        // One sheet is brought in once.
        let stands = self.status == Status::Standing;
        if stands { card.key("old-book", &format!("{}-{}", self.region, self.digest)) } else { card }
    }

    /// Who had vouchers is for those who issued them.
    fn veil(&mut self, viewer: &Viewer) -> Sight {
        if viewer.is_inside(&self.card()) { Sight::Seen } else { Sight::Hidden }
    }

    fn veil_event(this: &Self, event: Event, viewer: &Viewer) -> Option<Event> {
        viewer.is_inside(&this.card()).then_some(event)
    }

    fn check(&self) {
        assert!(self.book.vouchers.len() + self.book.movements.len() <= ROWS_MAX);
        assert!(self.book.days().all(|day| day <= self.brought), "nothing of the old books is still to come");
        for day in self.book.days() {
            for (_, standing) in self.book.each_on(day) {
                assert!(standing.adds_up(), "{standing:?} on {day}");
            }
        }
    }
}

impl OldBook {
    /// The last day whose books are closed at the account that pays vouchers in this region.
    fn closed(fund: Ref<Account>, region: Region, ctx: &Ctx) -> Result<Option<Day>, Refusal> {
        let card = ctx.see(fund);
        let is_fund = card.read::<String>("purpose").is_some_and(|purpose| purpose == "fund");
        ensure(is_fund && card.scope().covers(region), NotAFund { account: fund })?;
        Ok(card.read::<Day>("closed_until"))
    }
}
