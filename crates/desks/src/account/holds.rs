//! Holds: money that waits for its payment: held → posted | released, or released by time.

use grammar::prelude::*;

use super::{
    Account,
    Command::{self, *},
    Event::*,
    HOLDS_MAX, Payment,
    Refusal::*,
};

impl Account {
    pub(super) fn is_held(&self, command: &Command, ctx: &Ctx) -> Decision<Self> {
        match command.clone() {
            Hold { to, amount, reason, until } => {
                ensure(
                    until.is_none_or(|day| ctx.today() <= day),
                    EndsInThePast { until: until.unwrap_or(ctx.today()) },
                )?;
                ensure(self.held.len() < HOLDS_MAX, TooManyHolds { max: HOLDS_MAX })?;
                self.can_pay(to, amount, ctx)?;
                Ok(say(Held { entry: self.entries + 1, payment: Payment { to, amount, reason }, until }))
            }
            Post { entry } => {
                let (payment, _) = self.held.get(&entry).cloned().ok_or(NoSuchHold { entry })?;
                let arrival = tell(payment.to, &Receive { from: ctx.me.r(), amount: payment.amount, entry });
                Ok(say(Posted { entry, payment }).and(arrival))
            }
            Release { entry } => {
                let (payment, _) = self.held.get(&entry).cloned().ok_or(NoSuchHold { entry })?;
                Ok(say(Released { entry, payment }))
            }
            Lapse => {
                let over = |until: &Option<Day>| until.is_some_and(|day| day < ctx.today());
                let mut ended = self.held.iter().filter(|(_, (_, until))| over(until));
                let Some((&entry, (payment, _))) = ended.next() else { return not_now() };
                Ok(say(Released { entry, payment: payment.clone() }))
            }
            _ => not_now(),
        }
    }
}
