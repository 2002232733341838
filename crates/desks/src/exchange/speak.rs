//! Speak: what we say, what both sides' words come to, and when it is agreed.

use std::collections::{BTreeMap, BTreeSet};

use chain::Seen;
use grammar::prelude::*;

use super::{
    Command::{self, *},
    Event::*,
    Exchange, MESSAGES_MAX, Message, Owed,
    Refusal::{self, *},
    Side, Status,
};
use crate::{
    neighbour::Neighbour,
    settlement::{
        Claim, Said, Statement,
        lay::{Why, lay},
        proof::Trusted,
    },
};

impl Exchange {
    pub(super) fn begin(neighbour: Ref<Neighbour>, run: &Text<60>, ctx: &Ctx) -> Decision<Self> {
        let card = ctx.see(neighbour);
        let trusted = Trusted::of(card).filter(|_| card.status == "trusted");
        let trusted = trusted.ok_or(NotTrusted { neighbour })?;
        ensure(run.bytes().all(|byte| byte.is_ascii_graphic()), NotAWord { run: run.clone() })?;
        let [ours, theirs] = [&trusted.ours, &trusted.theirs].map(|key| key.name().to_owned());
        let (region, other) = (trusted.region, trusted.other);
        Ok(say(Opened { neighbour, region, other, ours, theirs, run: run.clone() }))
    }

    pub(super) fn speak(&self, command: &Command, ctx: &Ctx) -> Decision<Self> {
        let run = self.run.to_string();
        let word = match command {
            State { lines } => Said::Claims { run, lines: self.claims(lines)? },
            Dispute { order, reason } => {
                let sides = [&self.here, &self.there];
                let is_known = sides
                    .iter()
                    .any(|side| side.claims.as_ref().is_some_and(|claims| claims.contains_key(&**order)));
                ensure(is_known, NoSuchLine { order: order.clone() })?;
                let is_new = !self.here.disputes.contains_key(&**order);
                ensure(is_new, AlreadyDisputed { order: order.clone() })?;
                Said::Disputes { run, order: order.to_string(), reason: reason.to_string() }
            }
            EndDispute { order, reason } => {
                let stands = self.here.disputes.contains_key(&**order);
                ensure(stands, NotDisputed { order: order.clone() })?;
                Said::Ends { run, order: order.to_string(), reason: reason.to_string() }
            }
            Agree => Said::Signs { run, with: self.theirs.clone(), note: self.to_sign()? },
            Open { .. } | Hear { .. } | Conclude => return not_now(),
        };
        ensure(self.here.messages < MESSAGES_MAX, TooManyMessages { max: MESSAGES_MAX })?;
        let message = Message {
            number: self.here.messages + 1,
            from: self.ours.clone(),
            to: self.theirs.clone(),
            sides: [self.region, self.other],
            word,
        };
        let note = match &message.word {
            Said::Signs { note, .. } if self.there.signed.contains(note) => Some(note.clone()),
            _ => None,
        };
        let said = say(Spoke { message: Box::new(message) });
        match note {
            Some(note) => self.concluded(said, &note, self.seen.unwrap_or_else(Seen::nothing), ctx),
            None => Ok(said),
        }
    }

    fn claims(&self, lines: &[Owed]) -> Result<Vec<Claim>, Refusal> {
        let mut seen = BTreeSet::new();
        let mut claims = Vec::new();
        for line in lines {
            let order = line.order.clone();
            let claim = Claim {
                order: order.to_string(),
                debtor: line.debtor,
                creditor: line.creditor,
                fen: line.amount.in_fen(),
                effective: line.effective.map_or_else(String::new, |day| day.to_string()),
                corrects: line.corrects.as_deref().unwrap_or_default().to_owned(),
            };
            ensure(line.amount.is_positive(), NotAnAmount { amount: line.amount })?;
            ensure(self.is_between(&claim), NotBetweenUs { order: order.clone() })?;
            ensure(claim.is_plain(), NotPlain { order: order.clone() })?;
            ensure(seen.insert(claim.order.clone()), Twice { order })?;
            claims.push(claim);
        }
        Ok(claims)
    }

    pub(super) fn is_between(&self, claim: &Claim) -> bool {
        let pair = [self.region, self.other];
        claim.debtor != claim.creditor && pair.contains(&claim.debtor) && pair.contains(&claim.creditor)
    }

    pub(super) fn laid(&self) -> Option<(Vec<Claim>, BTreeMap<String, Why>)> {
        let (here, there) = (self.here.claims.as_ref()?, self.there.claims.as_ref()?);
        let dispute = |order: &str| self.here.disputes.get(order).or(self.there.disputes.get(order));
        Some(lay(here, there, &dispute))
    }

    /// The statement that both sides' words come to now.
    #[must_use]
    pub fn draft(&self) -> Option<Statement> {
        let (counting, waiting) = self.laid()?;
        let mut sides = [(self.region, self.ours.clone()), (self.other, self.theirs.clone())];
        sides.sort_unstable();
        let [first, second] = sides;
        let waiting = waiting.into_keys().collect();
        Some(Statement { run: self.run.to_string(), first, second, counting, waiting })
    }

    /// Whether the other side signs before us.
    #[must_use]
    pub fn is_second(&self) -> bool {
        self.other < self.region
    }

    /// The text to sign: the second side signs one that the first has signed, and only one. So no two texts ever bear both signatures.
    fn to_sign(&self) -> Result<String, Refusal> {
        let text = self.draft().ok_or(NotBothClaimed)?.text();
        let is_offered = !self.is_second() || self.there.signed.contains(&text);
        ensure(is_offered, OtherFirst { region: self.other })?;
        ensure(!self.here.signed.contains(&text), SignedAlready)?;
        Ok(text)
    }

    /// What both have signed is final.
    pub(super) fn settle_down(&mut self) {
        let both = self.here.signed.iter().find(|text| self.there.signed.contains(text));
        let statement = both.and_then(|text| Statement::read(text));
        if let (Status::Open, Some(statement)) = (self.status, statement) {
            (self.status, self.statement) = (Status::Agreed, Some(statement));
        }
    }
}

impl Side {
    pub(super) fn takes(&mut self, message: &Message) {
        self.messages = message.number;
        match message.word.clone() {
            Said::Claims { lines, .. } => {
                self.claims = Some(lines.into_iter().map(|claim| (claim.order.clone(), claim)).collect());
            }
            Said::Disputes { order, reason, .. } => drop(self.disputes.insert(order, reason)),
            Said::Ends { order, .. } => drop(self.disputes.remove(&order)),
            Said::Signs { note, .. } => self.signed.push(note),
        }
    }
}
