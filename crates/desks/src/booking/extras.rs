//! Extras: what a booking comes with besides its time: accessories, consumables, set-ups, whoever runs it or is there too,
//! and the invoices.
//!
//! Accessories count for each sitting, consumables once for all. What was asked for is agreed; a report may say that less
//! was used, and then less is paid.

use engines::booking::{DAY, MINUTE};
use grammar::prelude::*;

use super::{
    Booking,
    Command::{self, *},
    Event::{self, *},
    Refusal::{self, *},
    Request, SITTINGS_MAX, Terms,
    asking::china,
};
use crate::{
    calendar::{Times, length_of, span_of},
    instrument::{Confirmation, Instrument, Operators, QUESTIONS_MAX, Using},
    organisation::Organisation,
    person::Person,
};

/// Accessories, or consumables, of one booking.
pub const WANTED_MAX: usize = 10;
/// Set-ups of one booking.
pub const SETUPS_MAX: usize = 10;
/// Outside the hours with staff, nobody runs an instrument alone.
pub(super) const NOBODY_ALONE: Rule<bool> = rule("BK-P40");
/// Invoices of one booking, those that are void among them.
const INVOICES_MAX: usize = 20;

/// Whether the user comes, works from elsewhere, or sends samples.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
#[schemars(inline)]
pub enum Presence {
    OnSite,
    Remote,
    SamplesSent,
}

/// So many of something that the instrument's terms name.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[schemars(inline)]
pub struct Wanted {
    pub name: Text<60>,
    pub count: Between<0, 1000>,
}

/// The same with its charge, as it was when it was asked for.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Extra {
    pub name: Text<60>,
    pub count: i64,
    pub each: Money,
    pub is_used_up: bool,
}

pub type Extras = List<Extra, { 2 * WANTED_MAX + QUESTIONS_MAX }>;

/// An invoice as the provider made it out.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Invoice {
    pub number: Text<40>,
    pub amount: Money,
    pub on: Day,
    pub file: Option<FileRef>,
    /// For whom, where what is owed is parted.
    #[serde(default)]
    pub payer: Option<Ref<Organisation>>,
}

/// What was asked for, with the charges of the instrument's terms. What these do not name is a wish where the keeper quotes a price,
/// and nothing anywhere else. What answers say is used comes first.
pub(super) fn asked(using: &Using, request: &Request, answered: Vec<Extra>) -> Result<Extras, Refusal> {
    let mut extras = answered;
    let is_quoted = using.confirmation == Confirmation::ByQuote;
    let unknown = |name: &Text<60>| ensure(is_quoted, NoSuchExtra { name: name.clone() });
    let is_some = |wanted: &&Wanted| wanted.count.get() > 0;
    for Wanted { name, count } in request.accessories.iter().filter(is_some) {
        let found = using.accessories.iter().find(|each| each.name == *name);
        let count = count.get();
        if let Some(stock) = found.map(|accessory| accessory.stock.get()) {
            ensure(count <= stock, NotSoMany { name: name.clone(), stock })?;
        } else {
            unknown(name)?;
        }
        let each = found.and_then(|accessory| accessory.charge).unwrap_or_default();
        extras.push(Extra { name: name.clone(), count, each, is_used_up: false });
    }
    for Wanted { name, count } in request.consumables.iter().filter(is_some) {
        let found = using.consumables.iter().find(|each| each.name == *name);
        if found.is_none() {
            unknown(name)?;
        }
        let (count, each) = (count.get(), found.and_then(|consumable| consumable.charge).unwrap_or_default());
        extras.push(Extra { name: name.clone(), count, each, is_used_up: true });
    }
    Ok(List::new(extras).unwrap_or_default())
}

/// What so many minutes of an hour's charge cost: those in the hours that cost less, their share.
pub(super) fn by_hour(using: &Using, hour: Money, times: Times) -> Option<Money> {
    let minutes = length_of(times);
    let Some((hours, share)) = using.cheap_hours() else { return hour.times(minutes, 60) };
    let cheap = hours.open(span_of(times)?, &china()).length() / MINUTE;
    hour.times(minutes - cheap, 60)?.plus(share.of(hour.times(cheap, 60)?))
}

/// What accessories, consumables and an operator cost for all the times.
pub(super) fn price(using: &Using, terms: &Terms, times: &[Times]) -> Option<Money> {
    let sittings = i64::try_from(times.len()).ok()?;
    let mut sum = Money::ZERO;
    for extra in terms.extras.iter() {
        let count = if extra.is_used_up { extra.count } else { extra.count.checked_mul(sittings)? };
        sum = sum.plus(extra.each.times(count, 1)?)?;
    }
    let Some(hour) = using.charges.operator_hour.filter(|_| terms.is_supervised) else { return Some(sum) };
    let minutes: i64 = times.iter().take(SITTINGS_MAX).copied().map(length_of).sum();
    sum.plus(hour.times(minutes, 60)?)
}

/// Outside the hours in which someone of the unit is there, a second person is.
pub(super) fn is_accompanied(
    using: &Using,
    request: &Request,
    all: &[Times],
    ctx: &Ctx,
) -> Result<(), No<Refusal>> {
    if let Some(companion) = request.companion {
        ensure(!ctx.by.is_itself(companion.id()), CompanionIsYou)?;
        return Ok(());
    }
    for times in all.iter().take(SITTINGS_MAX) {
        let is_staffed = !is_alone(using, request, *times);
        ensure(is_staffed, CompanionNeeded { from: times.from }).by(NOBODY_ALONE)?;
    }
    Ok(())
}

/// Whether nobody of the unit is there all the time. Whoever is not there themselves cannot be alone there.
pub(super) fn is_alone(using: &Using, request: &Request, times: Times) -> bool {
    let is_there = request.way.is_none_or(|way| way == Presence::OnSite);
    let Some(hours) = using.staffed_hours().filter(|_| is_there) else { return false };
    span_of(times).is_some_and(|span| !hours.open(span.wider(DAY), &china()).holds(span))
}

impl Booking {
    /// An operator with a licence that lasts until the last sitting.
    pub(super) fn is_licensed(
        &self,
        operator: Option<Ref<Person>>,
        instrument: Option<Ref<Instrument>>,
        ctx: &Ctx,
    ) -> Result<(), No<Refusal>> {
        if !self.terms.needs_licence {
            return Ok(());
        }
        let instrument = instrument.filter(|named| *named == self.request.instrument);
        let operators: Operators = match instrument {
            Some(instrument) => ctx.see(instrument).read("operators").unwrap_or_default(),
            None => return Err(AnotherInstrument.into()),
        };
        let last = self.sittings.iter().map(|sitting| sitting.times.until.plus_millis(-1).day()).max();
        let last = last.unwrap_or(ctx.today());
        let is_its = |person| operators.iter().any(|each| each.person == person && each.is_licensed(last));
        Ok(ensure(operator.is_some_and(is_its), NotLicensed)?)
    }

    /// What of the price falls to consumables that were asked for and not used.
    pub(super) fn unused(&self, used: &[Wanted]) -> Result<Money, No<Refusal>> {
        let mut sum = Money::ZERO;
        for Wanted { name, count } in used {
            let asked = self.terms.extras.iter().find(|extra| extra.is_used_up && extra.name == *name);
            let asked = asked.ok_or(NoSuchExtra { name: name.clone() })?;
            ensure(count.get() <= asked.count, MoreThanAsked { name: name.clone(), most: asked.count })?;
            sum += asked.each.times(asked.count - count.get(), 1).unwrap_or_default();
        }
        // A price that the keeper quoted may be less than all that.
        Ok(sum.min(self.price))
    }

    pub(super) fn comes_with(&self, command: &Command, ctx: &Ctx) -> Decision<Self> {
        match command.clone() {
            Prepare { setup } => self.prepare(setup.get()),
            Command::Invoice(invoice) => self.invoice(invoice, ctx),
            Command::Answer { answers } => self.answers_at_end(answers),
            VoidInvoice { number, reason } => {
                let stands = self.invoices.iter().any(|each| each.number == number);
                let is_one = stands && !self.void.contains(&number);
                ensure(is_one, NoSuchInvoice { number: number.clone() })?;
                Ok(say(InvoiceVoided { number, reason }))
            }
            _ => not_now(),
        }
    }

    fn prepare(&self, setup: i64) -> Decision<Self> {
        let most = self.request.setups.len();
        if !self.status.is_ahead() || self.prepared.contains(&setup) {
            return not_now();
        }
        ensure(usize::try_from(setup).is_ok_and(|setup| setup <= most), NoSuchSetup { most })?;
        Ok(say(Prepared { setup }))
    }

    /// All invoices together are for what is owed, and no more.
    fn invoice(&self, invoice: Invoice, ctx: &Ctx) -> Decision<Self> {
        if !self.status.is_agreed() || self.invoices.len() >= INVOICES_MAX {
            return not_now();
        }
        let Invoice { number, amount, payer, .. } = invoice.clone();
        let is_new = self.invoices.iter().all(|each| each.number != number);
        ensure(is_new, InvoicedAlready { number })?;
        self.may_be_invoiced()?;
        self.is_for_its_payer(payer, amount)?;
        let left = self.owed() - self.invoiced();
        ensure(amount <= left, MoreThanUninvoiced { left: left.max(Money::ZERO) })?;
        ensure(amount.is_positive(), NotAnAmount { amount })?;
        ensure(invoice.on <= ctx.today(), OnALaterDay { on: invoice.on })?;
        Ok(say(Invoiced(invoice)))
    }

    /// What standing invoices sum to.
    pub(super) fn invoiced(&self) -> Money {
        self.invoices.iter().filter(|each| !self.void.contains(&each.number)).map(|each| each.amount).sum()
    }

    pub(super) fn comes_with_more(&mut self, event: &Event) {
        match event.clone() {
            Prepared { setup } => self.prepared.push(setup),
            Invoiced(invoice) => self.invoices.push(invoice),
            InvoiceVoided { number, .. } => self.void.push(number),
            other => impossible(&other),
        }
    }
}
