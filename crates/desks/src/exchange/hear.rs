//! Hear: what the other house has said, believed only as far as its receipt proves it: signed by the trusted key, in its log, for us, next
//! in order, and something that can be said in this run.

use chain::{Seen, Verifier, checkpoint::CheckpointError, note::NoteError, receipt};
use grammar::prelude::*;

use super::{
    Event::{self, *},
    Exchange, LINES_MAX,
    Refusal::{self, *},
};
use crate::{
    neighbour::{Neighbour, said},
    settlement::{Claim, ORDER_MAX, Said, Statement, proof::Trusted},
};

/// Letters of a reason, as far as another's is taken.
const REASON_MAX: usize = 500;

/// One thing that a house says to another, as it stands in its log.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Message {
    /// From 1; each message of a side has the next one.
    pub number: u32,
    /// Names of logs.
    pub from: String,
    pub to: String,
    /// Regions: of whom it is, and for whom.
    pub sides: [Region; 2],
    pub word: Said,
}

impl Message {
    fn run(&self) -> &str {
        match &self.word {
            Said::Claims { run, .. }
            | Said::Disputes { run, .. }
            | Said::Ends { run, .. }
            | Said::Signs { run, .. } => run,
        }
    }
}

/// What of a fact makes it a message.
#[derive(Deserialize)]
struct Fact {
    desk: String,
    event: Event,
}

impl Exchange {
    pub(super) fn hear(&self, neighbour: Ref<Neighbour>, file: &str, ctx: &Ctx) -> Decision<Self> {
        let card = ctx.see(neighbour);
        let trusted = Trusted::of(card).filter(|_| card.status == "trusted" && neighbour == self.neighbour);
        let trusted = trusted.ok_or(NotTrusted { neighbour })?;
        let (message, seen) = proven(file, &trusted.theirs)?;
        ensure(message.to == self.ours, ForAnother { name: said(&message.to) })?;
        let is_ours = message.from == self.theirs && message.sides == [self.other, self.region];
        ensure(is_ours && message.run() == &*self.run, OfAnotherRun { run: said(&message.run()) })?;
        let next = self.there.messages + 1;
        let number = message.number;
        ensure(number >= next, HeardAlready { number })?;
        ensure(number == next && next <= super::MESSAGES_MAX, HeardTooSoon { number, next })?;
        ensure(self.makes_sense(&message.word), NotAMessage)?;
        let note = match &message.word {
            Said::Signs { note, .. } if self.here.signed.contains(note) => Some(note.clone()),
            _ => None,
        };
        let said = say(Heard { message: Box::new(message), receipt: file.to_owned(), seen: Some(seen) });
        match note {
            Some(note) => self.concluded(said, &note, seen, ctx),
            None => Ok(said),
        }
    }

    /// Whether the other may say this at all: whatever it is, it must fit what we keep of it.
    fn makes_sense(&self, word: &Said) -> bool {
        let is_order = |order: &str| {
            !order.is_empty() && order.len() <= ORDER_MAX && order.bytes().all(|byte| byte.is_ascii_graphic())
        };
        match word {
            Said::Claims { lines, .. } => {
                let fits = |claim: &Claim| claim.is_plain() && self.is_between(claim);
                let orders: std::collections::BTreeSet<&str> =
                    lines.iter().map(|claim| claim.order.as_str()).collect();
                lines.len() <= LINES_MAX && orders.len() == lines.len() && lines.iter().all(fits)
            }
            Said::Disputes { order, reason, .. } => is_order(order) && reason.chars().count() <= REASON_MAX,
            Said::Ends { order, .. } => self.there.disputes.contains_key(order),
            Said::Signs { with, note, .. } => {
                let mut sides = [(self.region, &self.ours), (self.other, &self.theirs)];
                sides.sort_unstable();
                let is_pair = |statement: Statement| {
                    let [first, second] = sides.map(|(region, name)| (region, name.clone()));
                    [statement.first, statement.second] == [first, second] && statement.run == *self.run
                };
                *with == self.ours && Statement::read(note).is_some_and(is_pair)
            }
        }
    }
}

/// The message of a file, when it is proven by the trusted key, and how far the other's log is seen by it.
fn proven(file: &str, key: &Verifier) -> Result<(Message, Seen), Refusal> {
    let read = receipt::parse(file).map_err(|error| Unreadable { why: said(&error) })?;
    let proven = receipt::verify(&read, std::slice::from_ref(key)).map_err(|error| match error {
        receipt::ReceiptError::Checkpoint(
            CheckpointError::Note(NoteError::NoKnownKey) | CheckpointError::NotByOrigin { .. },
        ) => UntrustedKey { name: said(&read.origin) },
        other => DoesNotVerify { why: said(&other) },
    })?;
    match serde_json::from_str(&proven.fact) {
        Ok(Fact { desk, event: Spoke { message } })
            if desk == "exchange" && message.from == proven.origin =>
        {
            Ok((*message, Seen { size: proven.size, root: proven.root }))
        }
        _ => Err(NotAMessage),
    }
}
