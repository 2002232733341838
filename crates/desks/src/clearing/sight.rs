//! Sight: who may read which bank account of a run. Whoever settles the whole run needs them all; a region's own office and whoever signs
//! for it need its own, and, where it pays, those of whom it pays. That a region takes part is no reason to know the others' numbers.

use grammar::prelude::*;

use super::{Clearing, Event, Instruction};

/// Offices that pay a region's share, or look after the account it is paid by.
const OFFICES: [&str; 2] = ["clearing-office", "treasurer"];

impl Clearing {
    /// Blanks the bank accounts that this viewer has no business with; for insiders, others see none at all.
    pub(super) fn hide_accounts(&mut self, viewer: &Viewer) {
        if let Some(mut instruction) = self.instruction.take() {
            self.hide_sides(&mut instruction, viewer);
            self.instruction = Some(instruction);
        }
    }

    /// The same for what was said of them.
    pub(super) fn hide_from_history(&self, event: Event, viewer: &Viewer) -> Event {
        match event {
            Event::Instructed { mut instruction } => {
                self.hide_sides(&mut instruction, viewer);
                Event::Instructed { instruction }
            }
            other => other,
        }
    }

    fn hide_sides(&self, instruction: &mut Instruction, viewer: &Viewer) {
        let scope = self.card().scope();
        let settles_all = ["clearing-office", "auditor"].iter().any(|office| viewer.holds(office, scope));
        if !settles_all && !viewer.is_clock {
            instruction.sides.retain(|region, _| self.needs(*region, viewer));
        }
    }

    fn needs(&self, region: Region, viewer: &Viewer) -> bool {
        let payments = self.netting.iter().flat_map(|netting| netting.payments.iter());
        let pays = |payer: Region| self.acts_for(payer, viewer);
        self.acts_for(region, viewer)
            || payments.filter(|payment| payment.payee == region).any(|payment| pays(payment.payer))
    }

    fn acts_for(&self, region: Region, viewer: &Viewer) -> bool {
        let owner = self.members.get(&region).map(|member| member.owner);
        let signs = owner.is_some_and(|owner| viewer.signs_for.contains(&owner) || viewer.is_itself(owner));
        signs || OFFICES.iter().any(|office| viewer.holds(office, region))
    }
}
