//! Steps: how a provider is recognised, what it lists, and how it goes.

use std::collections::BTreeMap;

use grammar::{desk::plain_word, prelude::*};

use super::{
    Command::{self, *},
    Event::{self, *},
    ITEMS_MAX, Item, Provider, Rating,
    Refusal::{self, *},
    Status,
};

/// The categories that vouchers pay for.
const CATEGORIES: Rule<Vec<String>> = rule("VC-R06");
/// What a provider must be.
const ADMISSION: Rule<bool> = rule("VC-R13");
/// For how many years it must have served.
const SERVED: Rule<i64> = rule("VC-R13-SERVE");
/// Months from review to review.
const REVIEW: Rule<i64> = rule("VC-R13-TERM");

fn months(rule: Rule<i64>, ctx: &Ctx) -> i32 {
    i32::try_from(ctx.rule(rule)).unwrap_or(0)
}

pub fn begin(command: &Command, ctx: &Ctx) -> Decision<Provider> {
    let Apply { organisation, serving_since, staff, evidence, no_dishonesty } = command.clone() else {
        return not_now();
    };
    let card = ctx.see(organisation);
    ensure(no_dishonesty, Dishonest).by(ADMISSION)?;
    Ok(say(Applied {
        organisation,
        group: card.holders("parent").next(),
        title: [card.title_zh.clone(), card.title_en.clone()],
        region: card.scope().province(),
        serving_since,
        staff,
        evidence,
    }))
}

fn sensible(item: &Item, ctx: &Ctx) -> Result<(), No<Refusal>> {
    let category = item.category;
    ensure(!item.title.is_empty(), NothingToRead)?;
    ensure(item.price.is_positive(), NotAnAmount { amount: item.price })?;
    ensure(ctx.rule(CATEGORIES).contains(&plain_word(&category)), CategoryNotOpen { category }).by(CATEGORIES)
}

impl Provider {
    pub fn begun(event: &Event) -> Self {
        let Applied { organisation, group, title, region, serving_since, staff, evidence } = event.clone()
        else {
            impossible(event)
        };
        let status = Status::Applied;
        let (account, until, remark) = (None, None, None);
        let (items, rating) = (BTreeMap::new(), Rating::default());
        Self {
            organisation,
            group,
            title,
            region,
            account,
            serving_since,
            staff,
            evidence,
            status,
            until,
            items,
            rating,
            remark,
        }
    }

    fn has(&self, item: Between<1, 30>) -> Result<(u32, &Item), Refusal> {
        let number = u32::try_from(item.get()).unwrap_or(0);
        self.items.get(&number).map(|found| (number, found)).ok_or(NoSuchItem { item: item.get() })
    }

    pub fn keeps_its_list(&self, command: &Command, ctx: &Ctx) -> Decision<Self> {
        if !matches!(self.status, Status::Recognised | Status::Overdue) {
            return not_now();
        }
        match command.clone() {
            AddService(item) => {
                sensible(&item, ctx)?;
                let number = self.items.last_key_value().map_or(1, |(last, _)| last + 1);
                let has_room = usize::try_from(number).is_ok_and(|number| number <= ITEMS_MAX);
                ensure(has_room, TooManyItems { max: ITEMS_MAX })?;
                // The ceiling is the office's word.
                Ok(say(Listed { number, item: Item { ceiling: None, ..item } }))
            }
            ChangePrice { item, price } => {
                let (item, before) = self.has(item)?;
                ensure(price.is_positive(), NotAnAmount { amount: price })?;
                Ok(say(PriceChanged { item, price, before: before.price }))
            }
            SetCeiling { item, ceiling } => {
                let (item, _) = self.has(item)?;
                let amount = ceiling.unwrap_or(Money::fen(1));
                ensure(amount.is_positive(), NotAnAmount { amount })?;
                Ok(say(CeilingSet { item, ceiling }))
            }
            Unlist { item } => Ok(say(Unlisted { item: self.has(item)?.0 })),
            _ => not_now(),
        }
    }

    pub fn is_judged(&self, command: &Command, ctx: &Ctx) -> Decision<Self> {
        let stands = matches!(self.status, Status::Recognised | Status::Overdue);
        match (self.status, command.clone()) {
            (_, SetAccount { account }) if stands || self.status == Status::Applied => {
                let is_its_own =
                    ctx.see(account).holders("owner").any(|owner| owner == self.organisation.id());
                ensure(is_its_own, NotItsAccount)?;
                Ok(say(AccountSet { account }))
            }
            (Status::Applied, Recognise { remark }) => {
                let served = i64::from(ctx.today().year()) - self.serving_since.get();
                ensure(served >= ctx.rule(SERVED), ServedTooShortly { years: ctx.rule(SERVED) })
                    .by(SERVED)?;
                Ok(say(Recognised { until: ctx.today().plus_months(months(REVIEW, ctx)), remark }))
            }
            (Status::Applied, Decline { reason }) => Ok(say(Declined { reason })),
            (_, Review { passed: true, remark }) if stands => {
                let from = self.until.map_or(ctx.today(), |until| until.max(ctx.today()));
                Ok(say(Reviewed { until: from.plus_months(months(REVIEW, ctx)), remark }))
            }
            (_, Review { passed: false, remark }) if stands => Ok(say(Left { reason: remark })),
            (Status::Recognised, Overdue) if self.until.is_some_and(|until| until < ctx.today()) => {
                Ok(say(WentOverdue { on: ctx.today() }))
            }
            (_, Leave { reason }) if stands || self.status == Status::Applied => Ok(say(Left { reason })),
            (_, Exclude { reason }) if stands => Ok(say(Excluded { reason })),
            (status, Serve) => {
                ensure(status == Status::Recognised, NotRecognised).by(ADMISSION)?;
                Ok(Script::silent())
            }
            (_, Rate { stars }) => Ok(say(Rated { stars: stars.get() })),
            _ => not_now(),
        }
    }

    pub fn goes_on(&mut self, event: &Event) {
        match event.clone() {
            Applied { .. } => impossible(event),
            Recognised { until, remark } | Reviewed { until, remark } => {
                (self.status, self.until, self.remark) = (Status::Recognised, Some(until), Some(remark));
            }
            AccountSet { account } => self.account = Some(account),
            Declined { reason } => (self.status, self.remark) = (Status::Declined, Some(reason)),
            Listed { number, item } => drop(self.items.insert(number, item)),
            PriceChanged { item, price, .. } => {
                self.items.entry(item).and_modify(|listed| listed.price = price);
            }
            CeilingSet { item, ceiling } => {
                self.items.entry(item).and_modify(|listed| listed.ceiling = ceiling);
            }
            Unlisted { item } => drop(self.items.remove(&item)),
            WentOverdue { .. } => self.status = Status::Overdue,
            Left { reason } => (self.status, self.remark) = (Status::Left, Some(reason)),
            Excluded { reason } => (self.status, self.remark) = (Status::Excluded, Some(reason)),
            Rated { stars } => {
                self.rating.times = self.rating.times.saturating_add(1);
                self.rating.stars = self.rating.stars.saturating_add(u32::try_from(stars).unwrap_or(0));
            }
        }
    }

    /// What is for the provider and the office alone.
    pub fn hide_papers(&mut self) {
        self.evidence = List::default();
        (self.account, self.remark) = (None, None);
    }
}
