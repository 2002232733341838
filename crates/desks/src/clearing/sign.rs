//! Sign: both sides of a pair put their names under its statement, or dispute a line of it.

use std::collections::BTreeSet;

use grammar::prelude::*;

use super::{
    Clearing,
    Command::{self, *},
    Contested, Event, Line, Pair,
    Refusal::{self, *},
    Sides, Status,
    gather::{BY_LINE, let_go},
    lines::pair_name,
};

type Said = Decision<Clearing>;

impl Clearing {
    /// On the card of a run whose statements are out: whose signature is missing, and whether all have signed.
    pub fn tells_who_is_to_sign(&self, card: Card) -> Card {
        if self.status != Status::Stated {
            return card;
        }
        let sides = self.pairs.values().flat_map(|pair| {
            let first = pair.first_signed.is_none().then_some(pair.first);
            [first, pair.second_signed.is_none().then_some(pair.second)]
        });
        let regions: BTreeSet<Region> = sides.flatten().collect();
        let owners = regions.iter().filter_map(|region| self.members.get(region)).map(|member| member.owner);
        let unsigned: Vec<Id> = owners.collect();
        card.fact("is_signed", unsigned.is_empty()).fact("unsigned", unsigned)
    }

    /// Whether the asker signs for this region.
    fn signs(&self, region: Region, ctx: &Ctx) -> bool {
        let owner = self.members.get(&region).map(|member| member.owner);
        owner.is_some_and(|owner| ctx.by.signs_for.contains(&owner) || ctx.by.is_itself(owner))
    }

    fn disputable(&self, line: Between<1, 2000>) -> Result<(u32, &Line), Refusal> {
        let found = u32::try_from(line.get()).ok().and_then(|number| self.lines.get_key_value(&number));
        let found = found.filter(|(_, each)| !each.is_struck);
        found.map(|(number, each)| (*number, each)).ok_or(NoSuchLine { line: line.get() })
    }

    pub fn is_signed(&self, command: &Command, ctx: &Ctx) -> Said {
        if self.status != Status::Stated {
            return not_now();
        }
        match command.clone() {
            Sign { first, second } => self.sign(first, second, ctx),
            Dispute { line, reason } => {
                let (number, each) = self.disputable(line)?;
                ensure(each.dispute.is_none(), AlreadyDisputed { line: line.get() })?;
                let side = [each.debtor, each.creditor].into_iter().find(|side| self.signs(*side, ctx));
                let by = side.ok_or(NotYourSide)?;
                let dispute = Contested { by, reason: reason.clone(), on: ctx.today() };
                let owed = self.owed_if(number, |line| line.dispute = Some(dispute));
                Ok(say(Event::Disputed {
                    line: number,
                    by,
                    on: ctx.today(),
                    reason,
                    pair: each.pair(),
                    owed,
                }))
            }
            EndDispute { line, reason } => {
                let (number, each) = self.disputable(line)?;
                let by = each.dispute.as_ref().ok_or(NotDisputed { line: line.get() })?.by;
                ensure(self.signs(by, ctx), OnlyTheOtherSide { region: by }).by(BY_LINE)?;
                let owed = self.owed_if(number, |line| line.dispute = None);
                Ok(say(Event::DisputeEnded { line: number, reason, pair: each.pair(), owed }))
            }
            Strike { line, reason } => {
                let (number, each) = self.disputable(line)?;
                let by = each.dispute.as_ref().ok_or(NotDisputed { line: line.get() })?.by;
                let other = if by == each.debtor { each.creditor } else { each.debtor };
                ensure(self.signs(other, ctx), OnlyTheOtherSide { region: other }).by(BY_LINE)?;
                let struck = say(Event::Struck { line: number, reason, pair: each.pair() });
                Ok(struck.and(let_go(number, each)))
            }
            _ => not_now(),
        }
    }

    fn sign(&self, first: Region, second: Region, ctx: &Ctx) -> Said {
        let name = pair_name(first, second);
        let pair: &Pair = self.pairs.get(&name).ok_or(NoSuchPair { first, second })?;
        let side = [(Sides::First, pair.first), (Sides::Second, pair.second)];
        let mine: Vec<Sides> =
            side.into_iter().filter(|(_, r)| self.signs(*r, ctx)).map(|(s, _)| s).collect();
        ensure(!mine.is_empty(), NotYourSide)?;
        let signed = |side: Sides| match side {
            Sides::First => pair.first_signed,
            Sides::Second => pair.second_signed,
        };
        let open = mine.into_iter().find(|side| signed(*side).is_none()).ok_or(SignedAlready)?;
        let others = [pair.first_signed, pair.second_signed];
        let is_mine = others.into_iter().flatten().any(|each| each.by == ctx.by.person);
        ensure(!is_mine, SamePerson).by(BY_LINE)?;
        let (by, on, owed) = (ctx.by.person, ctx.today(), pair.owed);
        Ok(say(Event::Signed { pair: name, sides: open, by, on, owed }))
    }
}
