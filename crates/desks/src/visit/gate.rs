//! Gate: who comes in and goes out, each counted by the laboratory; and the end, when the clock signs out whoever is still inside.

use engines::booking::MINUTE;
use grammar::prelude::*;

use super::{
    Event::{Arrived, Ended, Left},
    Number, Numbers,
    Refusal::*,
    Standing, Visit,
    steps::{Refused, Said, notes_of},
};
use crate::laboratory::{self, Admission, Laboratory};

/// Whoever comes into a laboratory has been told how to be safe there.
const TOLD_FIRST: Rule<bool> = rule("VS-R01");
/// How long before its time somebody may come in, in minutes.
const EARLY_MINUTES: Rule<i64> = rule("VS-P02");

impl Visit {
    pub(super) fn come_in(&self, laboratory: Ref<Laboratory>, visitor: Option<Number>, ctx: &Ctx) -> Said {
        ensure(laboratory == self.occasion.laboratory, AnotherLaboratory)?;
        ensure(ctx.see(laboratory).status == "listed", NotListed)?;
        let from = self.occasion.from.plus_millis(-ctx.rule(EARLY_MINUTES) * MINUTE);
        ensure(from <= ctx.now, TooEarly { from }).by(EARLY_MINUTES)?;
        if self.occasion.until <= ctx.now {
            return not_now();
        }
        let visitors = self.who_comes(visitor)?;
        self.is_told(laboratory, ctx)?;
        let (visit, booking) = (ctx.me.r(), self.occasion.booking);
        let Some(people) = count(&visitors) else { return not_now() };
        let admit = laboratory::Command::Admit(Admission { visit, booking, people });
        let admitted = tell(laboratory, &admit).about("visitor".into());
        Ok(say(Arrived { visitors, at: ctx.now }).and(admitted))
    }

    /// The one with this number, who is outside; else all who have not been there yet.
    fn who_comes(&self, visitor: Option<Number>) -> Refused<Numbers> {
        let Some(number) = visitor else {
            let expected = self.standing(Standing::Expected);
            ensure(!expected.is_empty(), NobodyExpected)?;
            return Ok(expected);
        };
        let standing = self.standing_of(number)?;
        ensure(standing != Standing::Inside, InsideAlready)?;
        Ok(one(number))
    }

    /// The safety notes as they are now were confirmed.
    fn is_told(&self, laboratory: Ref<Laboratory>, ctx: &Ctx) -> Refused<()> {
        let Some(version) = notes_of(laboratory, ctx) else { return Ok(()) };
        match self.confirmed.map(|confirmed| confirmed.version) {
            None => ensure(false, SafetyNotConfirmed { version }).by(TOLD_FIRST),
            Some(confirmed) => {
                ensure(confirmed == version, SafetyChanged { confirmed, version }).by(TOLD_FIRST)
            }
        }
    }

    pub(super) fn go_out(&self, visitor: Option<Number>, ctx: &Ctx) -> Said {
        let visitors = match visitor {
            None => self.standing(Standing::Inside),
            Some(number) => {
                ensure(self.standing_of(number)? == Standing::Inside, NotInside)?;
                one(number)
            }
        };
        let out = self.seen_out(&visitors, ctx);
        let said = say(Left { visitors, at: ctx.now });
        Ok(out.into_iter().fold(said, Script::and))
    }

    /// Nobody stays in a visit that is over.
    pub(super) fn ends(&self, names_until: Day, ctx: &Ctx) -> Script<super::Event> {
        let signed_out = self.standing(Standing::Inside);
        let out = self.seen_out(&signed_out, ctx);
        let said = say(Ended { signed_out, at: ctx.now, names_until });
        out.into_iter().fold(said, Script::and)
    }

    fn seen_out(&self, visitors: &Numbers, ctx: &Ctx) -> Option<Tell> {
        let command = laboratory::Command::SeeOut { visit: ctx.me.r(), people: count(visitors)? };
        Some(tell(self.occasion.laboratory, &command))
    }

    fn standing_of(&self, number: Number) -> Refused<Standing> {
        let place = usize::try_from(number.get() - 1).ok();
        let comer = place.and_then(|place| self.coming.get(place));
        Ok(comer.map(|comer| comer.standing).ok_or(NoSuchVisitor { most: self.coming.len() })?)
    }

    /// Numbers of all who stand so.
    fn standing(&self, standing: Standing) -> Numbers {
        let all = (1..).zip(&self.coming).filter(|(_, comer)| comer.standing == standing);
        List::new(all.filter_map(|(number, _)| Number::new(number)).collect()).unwrap_or_default()
    }
}

fn one(number: Number) -> Numbers {
    List::new(vec![number]).unwrap_or_default()
}

fn count(visitors: &Numbers) -> Option<Between<1, 20>> {
    Between::new(i64::try_from(visitors.len()).ok()?)
}
