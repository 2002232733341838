//! Enter: how a final statement comes in: as a file with its proofs, or told by the exchange that has proven what both have said.

use chain::{Hash, Seen};
use grammar::prelude::*;

use super::{
    Arrival,
    Command::{self, *},
    Event::*,
    Refusal::*,
    Settlement, Statement, proof,
};
use crate::neighbour::{self, Neighbour};

impl Settlement {
    pub(super) fn enter(bond: Ref<Neighbour>, file: &str, ctx: &Ctx) -> Decision<Self> {
        let card = ctx.see(bond);
        let trusted = proof::Trusted::of(card).filter(|_| card.status == "trusted");
        let trusted = trusted.ok_or(NotTrusted { neighbour: bond })?;
        let proof::Proven { statement, note, theirs, seen } = proof::prove(file, &trusted)?;
        let root = Text::read(&seen.root.to_string()).unwrap_or_else(|| impossible(&seen));
        let size = i64::try_from(seen.size).ok().and_then(Between::new);
        let Some(size) = size else { return not_now() };
        let theirs = serde_json::to_string(&theirs).unwrap_or_default();
        let sides = (trusted.region, trusted.other);
        let arrival = arrival((bond, sides), (statement, note), (theirs, seen), ctx).ok_or(NoStatement)?;
        Ok(say(Entered(Box::new(arrival))).and(tell(bond, &neighbour::Command::Follow { size, root })))
    }

    /// What an exchange has come to. It has verified both sides' messages; here the text must be a statement of just these two.
    pub(super) fn conclude(command: &Command, ctx: &Ctx) -> Decision<Self> {
        let (Conclude { neighbour: bond, note, size, root }, Some(exchange)) = (command, ctx.by.teller)
        else {
            return not_now();
        };
        let card = ctx.see(*bond);
        let trusted = proof::Trusted::of(card).filter(|_| card.status == "trusted");
        let trusted = trusted.ok_or(NotTrusted { neighbour: *bond })?;
        // A text in a command has lost its last line end; a statement has one.
        let note = format!("{}\n", note.trim_end());
        let statement = Statement::read(&note).ok_or(NoStatement)?;
        let names = [trusted.ours.name(), trusted.theirs.name()].map(str::to_owned);
        let [ours, theirs] = names;
        let mut sides = [(trusted.region, ours), (trusted.other, theirs)];
        sides.sort_unstable();
        ensure(sides == [statement.first.clone(), statement.second.clone()], OfAnotherPair)?;
        let (Ok(size), Ok(root)) = (u64::try_from(size.get()), root.parse::<Hash>()) else {
            return not_now();
        };
        let (told, sides) = ((statement, note), (trusted.region, trusted.other));
        let arrival = arrival((*bond, sides), told, (String::new(), Seen { size, root }), ctx);
        let arrival = Arrival { exchange: Some(exchange), ..arrival.ok_or(NoStatement)? };
        Ok(say(Entered(Box::new(arrival))))
    }
}

/// What came in, with its sums; `None` when they are more than any money.
fn arrival(
    (neighbour, (region, other)): (Ref<Neighbour>, (Region, Region)),
    (statement, note): (Statement, String),
    (theirs, seen): (String, Seen),
    ctx: &Ctx,
) -> Option<Arrival> {
    let (we_owe, they_owe) = statement.owed_by(region).zip(statement.owed_by(other))?;
    let (run, on, exchange) = (statement.run.clone(), ctx.today(), None);
    Some(Arrival {
        neighbour,
        region,
        other,
        run,
        statement,
        we_owe,
        they_owe,
        note,
        theirs,
        seen,
        on,
        exchange,
    })
}
