//! Steps: what an accreditation decides when something is asked of it.

use std::collections::BTreeSet;

use grammar::prelude::*;

use super::{
    Accreditation, Command, Entry,
    Event::{Amended, Confirmed, Entered, Proposed, RanOut, Rejected, Resumed, Revoked, Suspended},
    Refusal::{
        self, AnotherCertificate, AnotherHolder, CoveredTwice, EndsBeforeItBegins, EndsInThePast, NoScope,
        NoSignatory, NothingChanged,
    },
    Status, plain,
};

type Said = Decision<Accreditation>;

pub fn begin(command: &Command, ctx: &Ctx) -> Said {
    let Command::Enter(entry) = command.clone() else { return not_now() };
    is_sound(&entry, ctx)?;
    let region = ctx.see(entry.holder).scope();
    Ok(say(Entered { entry, region }))
}

fn is_sound(entry: &Entry, ctx: &Ctx) -> Result<(), No<Refusal>> {
    ensure(entry.from <= entry.until, EndsBeforeItBegins)?;
    ensure(entry.until >= ctx.today(), EndsInThePast { until: entry.until })?;
    ensure(!entry.scope.is_empty(), NoScope)?;
    let mut seen = BTreeSet::new();
    let again = entry.scope.iter().find(|covered| {
        let what = covered.what.as_deref().map(plain);
        !seen.insert((plain(&covered.method), what))
    });
    if let Some(covered) = again {
        return Err(CoveredTwice { method: covered.method.to_string() }.into());
    }
    ensure(!entry.signatories.is_empty(), NoSignatory)?;
    Ok(())
}

impl Accreditation {
    pub(super) fn goes_on(&self, command: &Command, ctx: &Ctx) -> Said {
        use Status::{Confirmed as Counts, Entered as New, Rejected as Back, Suspended as Halted};
        match (self.status, command.clone()) {
            (New | Back | Counts | Halted, Command::Amend(entry)) => self.amends(entry, ctx),
            (_, Command::Confirm { note }) if self.is_to_confirm() => {
                Ok(say(Confirmed { on: ctx.today(), note }))
            }
            (_, Command::Reject { reason }) if self.is_to_confirm() => Ok(say(Rejected { reason })),
            (Counts, Command::Suspend { reason }) => Ok(say(Suspended { reason })),
            (Halted, Command::Resume { reason }) => Ok(say(Resumed { reason })),
            (Counts | Halted, Command::Revoke { reason }) => Ok(say(Revoked { reason })),
            (status, Command::RunOut) if status.stands() && self.entry.until < ctx.today() => Ok(say(RanOut)),
            _ => not_now(),
        }
    }

    /// Itself, or a change of it.
    fn is_to_confirm(&self) -> bool {
        self.status == Status::Entered || self.proposed.is_some()
    }

    /// Before it counts it is mended; later the change is proposed. A further certificate is a further accreditation.
    fn amends(&self, entry: Box<Entry>, ctx: &Ctx) -> Said {
        let ours = &self.entry;
        ensure(entry.holder == ours.holder, AnotherHolder)?;
        let counts = matches!(self.status, Status::Confirmed | Status::Suspended);
        let is_same = entry.mark == ours.mark && plain(&entry.number) == plain(&ours.number);
        ensure(!counts || is_same, AnotherCertificate)?;
        ensure(!counts || *entry != *ours, NothingChanged)?;
        is_sound(&entry, ctx)?;
        Ok(say(if counts { Proposed { entry } } else { Amended { entry } }))
    }

    pub(super) fn ends(&mut self, status: Status, reason: Option<Text<500>>) {
        (self.status, self.proposed) = (status, None);
        self.reason = reason.or(self.reason.take());
    }
}
