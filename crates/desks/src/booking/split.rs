//! Split: what is owed for a booking, parted among those who pay: by shares that sum to the whole, each agreed to by whoever it
//! is put on. To the fen: what rounding leaves goes to the largest remainders.

use std::collections::BTreeSet;

use grammar::prelude::*;

use super::{
    Booking,
    Command::{self, *},
    Event::{self, ShareAgreed, ShareDeclined},
    Refusal::{self, *},
    Status,
};
use crate::organisation::Organisation;

/// Shares of one booking.
pub const PAYERS_MAX: usize = 10;

/// Who is to pay which share, for which of its projects.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[schemars(inline)]
pub struct Payer {
    pub payer: Ref<Organisation>,
    pub project: Option<Text<60>>,
    pub share: Share,
}

pub type Payers = List<Payer, PAYERS_MAX>;

/// A share with what its payer has said to it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Borne {
    pub payer: Ref<Organisation>,
    pub project: Option<Text<60>>,
    pub share: Share,
    pub agreed: bool,
    pub declined: Option<Text<500>>,
}

impl Booking {
    /// The part of each share in an amount, in their order; they sum to it.
    #[must_use]
    pub fn parted(&self, amount: Money) -> Vec<Money> {
        let shares: Vec<Share> = self.split.iter().map(|borne| borne.share).collect();
        Share::split(amount, &shares).unwrap_or_default()
    }

    pub(super) fn split_step(&self, command: &Command, ctx: &Ctx) -> Decision<Self> {
        match command.clone() {
            Split { payers } if self.may_be_split() => {
                ensure(!self.invoiced().is_positive(), InvoicesStand { standing: self.invoiced() })?;
                let mut seen = BTreeSet::new();
                let mut is_new = |one: &Payer| seen.insert((one.payer.id(), one.project.clone()));
                ensure(payers.iter().all(&mut is_new), PayerTwice)?;
                let shares: Vec<Share> = payers.iter().map(|one| one.share).collect();
                ensure(Share::split(Money::yuan(1), &shares).is_some(), SharesDoNotSum)?;
                Ok(say(Event::Split { payers }))
            }
            AgreeToShare => {
                let mine = self.asked_payers().find(|payer| ctx.by.is(payer.id()));
                mine.map_or_else(not_now, |payer| Ok(say(ShareAgreed { payer })))
            }
            DeclineShare { reason } => {
                let mine = self.asked_payers().find(|payer| ctx.by.is(payer.id()));
                mine.map_or_else(not_now, |payer| Ok(say(ShareDeclined { payer, reason })))
            }
            _ => not_now(),
        }
    }

    fn may_be_split(&self) -> bool {
        self.status.is_ahead() || (self.status.is_agreed() && self.status != Status::Cancelled)
    }

    /// Who has not said anything to a share yet.
    fn asked_payers(&self) -> impl Iterator<Item = Ref<Organisation>> {
        let asked = self.split.iter().filter(|borne| !borne.agreed && borne.declined.is_none());
        asked.map(|borne| borne.payer)
    }

    /// An invoice is for one payer where it is split: once all have agreed, and for no more than that one's part.
    pub(super) fn is_for_its_payer(
        &self,
        payer: Option<Ref<Organisation>>,
        amount: Money,
    ) -> Result<(), Refusal> {
        if self.split.is_empty() {
            return ensure(payer.is_none_or(|payer| payer == self.request.buyer), NotAPayer);
        }
        let payer = payer.ok_or(PayerNeeded)?;
        ensure(self.split.iter().any(|borne| borne.payer == payer), NotAPayer)?;
        ensure(self.split.iter().all(|borne| borne.agreed), ShareNotAgreed)?;
        let parts = self.split.iter().zip(self.parted(self.owed()));
        let due: Money = parts.filter(|(borne, _)| borne.payer == payer).map(|(_, part)| part).sum();
        let standing = self.invoices.iter().filter(|each| !self.void.contains(&each.number));
        let had: Money = standing.filter(|each| each.payer == Some(payer)).map(|each| each.amount).sum();
        ensure(amount <= due - had, MoreThanItsPart { left: (due - had).max(Money::ZERO) })
    }

    /// Those who bear a share see what they pay for.
    pub(super) fn with_payers(&self, mut card: Card) -> Card {
        let others: BTreeSet<Id> = self
            .split
            .iter()
            .map(|borne| borne.payer.id())
            .filter(|id| *id != self.request.buyer.id())
            .collect();
        for payer in &others {
            card = card.party("payer", *payer);
        }
        let asked: BTreeSet<Id> = self.asked_payers().map(|payer| payer.id()).collect();
        let card = if asked.is_empty() { card } else { card.fact("asked_payers", asked) };
        if others.is_empty() { card } else { card.inside("payer") }
    }

    pub(super) fn is_split_anew(&mut self, event: &Event) {
        let buyer = self.request.buyer;
        match event.clone() {
            Event::Split { payers } => {
                let borne = |Payer { payer, project, share }: Payer| Borne {
                    agreed: payer == buyer,
                    payer,
                    project,
                    share,
                    declined: None,
                };
                self.split = payers.iter().cloned().map(borne).collect();
            }
            ShareAgreed { payer } => {
                for borne in self.split.iter_mut().filter(|borne| borne.payer == payer) {
                    borne.agreed = true;
                }
            }
            ShareDeclined { payer, reason } => {
                for borne in self.split.iter_mut().filter(|borne| borne.payer == payer) {
                    borne.declined = Some(reason.clone());
                }
            }
            other => impossible(&other),
        }
    }
}
