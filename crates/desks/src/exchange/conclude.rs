//! Conclude: what both have signed becomes a settlement in the same case; there it is laid beside our own books, disputed and paid.

use chain::Seen;
use grammar::prelude::*;

use super::{
    Event::{self, *},
    Exchange,
};
use crate::settlement::{self, Settlement};

impl Exchange {
    /// The settlement of a text that both have signed, told as the last words are said or heard.
    pub(super) fn concluded(&self, said: Script<Event>, note: &str, seen: Seen, ctx: &Ctx) -> Decision<Self> {
        let settlement = ctx.fresh::<Settlement>(1);
        let size = i64::try_from(seen.size).ok().and_then(Between::new);
        let (Some(size), Some(note)) = (size, Text::read(note)) else { return not_now() };
        let root = Text::read(&seen.root.to_string()).unwrap_or_else(|| impossible(&seen));
        let conclude = settlement::Command::Conclude { neighbour: self.neighbour, note, size, root };
        Ok(said.say(Concluded { settlement }).and(tell(settlement, &conclude)))
    }

    /// The same for one that was agreed before this was done by itself.
    pub(super) fn conclude_late(&self, ctx: &Ctx) -> Decision<Self> {
        let Some(statement) = &self.statement else { return not_now() };
        let seen = self.seen.unwrap_or_else(Seen::nothing);
        self.concluded(Script::silent(), &statement.text(), seen, ctx)
    }
}
