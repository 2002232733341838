//! Settle: an engine proposes payments, they are checked here against the lines, and made; and what a run is after each event.

use std::collections::BTreeMap;

use engines::netting::{self, Obligation, Proposal, Question};
use grammar::prelude::*;

use super::{
    Clearing,
    Command::{self, *},
    Contested,
    Event::{self, *},
    Group, Moved, Netting,
    Refusal::*,
    Status,
    gather::{BY_LINE, let_go},
    lines::{Position, Signature},
};
use crate::account;

type Said = Decision<Clearing>;

/// The regions of a run in order, and its lines as the engine takes them.
fn question(lines: &[(Region, Region, Money)]) -> (Vec<Region>, Vec<Obligation>) {
    let mut regions: Vec<Region> = lines.iter().flat_map(|(a, b, _)| [*a, *b]).collect();
    regions.sort_unstable();
    regions.dedup();
    let place = |region: &Region| regions.binary_search(region).ok().and_then(|at| u32::try_from(at).ok());
    let owes = lines.iter().filter_map(|(debtor, creditor, amount)| {
        let (debtor, creditor) = (place(debtor)?, place(creditor)?);
        Some(Obligation { debtor, creditor, fen: amount.in_fen(), is_disputed: false })
    });
    let owes = owes.collect();
    (regions, owes)
}

/// What the engine proposes for such lines: debtor, creditor and amount of each that counts.
///
/// # Errors
/// Why nothing can be netted.
pub fn proposal(lines: &[(Region, Region, Money)]) -> Result<Netting, netting::Fault> {
    let (regions, owes) = question(lines);
    let parties = u32::try_from(regions.len()).unwrap_or(u32::MAX);
    let found = netting::net(&Question { parties, obligations: &owes })?;
    let of = |party: u32| regions.get(party as usize).copied().unwrap_or(grammar::kinds::REGION_ALL);
    let positions = found
        .positions
        .iter()
        .zip(0..)
        .map(|(fen, party)| Position { region: of(party), amount: Money::fen(*fen) });
    let payments = found.payments.iter().map(|p| Moved {
        payer: of(p.from),
        payee: of(p.to),
        amount: Money::fen(p.fen),
    });
    let groups = found.groups.iter().map(|group| Group {
        regions: List::new(group.iter().map(|party| of(*party)).collect()).unwrap_or_default(),
    });
    Ok(Netting {
        positions: List::new(positions.collect()).unwrap_or_default(),
        payments: List::new(payments.collect()).unwrap_or_default(),
        groups: List::new(groups.collect()).unwrap_or_default(),
    })
}

impl Netting {
    /// The proposal in the engine's words; `None` when it names a region that has no line.
    fn read(&self, regions: &[Region]) -> Option<Proposal> {
        let place =
            |region: Region| regions.binary_search(&region).ok().and_then(|at| u32::try_from(at).ok());
        let mut positions = vec![0; regions.len()];
        for position in self.positions.iter() {
            *positions.get_mut(place(position.region)? as usize)? = position.amount.in_fen();
        }
        let payment = |p: &Moved| {
            Some(netting::Payment { from: place(p.payer)?, to: place(p.payee)?, fen: p.amount.in_fen() })
        };
        let payments = self.payments.iter().map(payment).collect::<Option<Vec<_>>>()?;
        let group =
            |group: &Group| group.regions.iter().map(|region| place(*region)).collect::<Option<Vec<_>>>();
        let groups = self.groups.iter().map(group).collect::<Option<Vec<_>>>()?;
        Some(Proposal { positions, payments, groups, is_fewest: false })
    }
}

impl Clearing {
    /// Debtor, creditor and amount of each line that counts.
    #[must_use]
    pub fn counting(&self) -> Vec<(Region, Region, Money)> {
        let counting = self.lines.values().filter(|line| line.counts());
        counting.map(|line| (line.debtor, line.creditor, line.amount)).collect()
    }

    pub fn is_settled(&self, command: &Command, ctx: &Ctx) -> Said {
        match (self.status, command) {
            (Status::Stated, Net(netting)) => self.net(netting),
            (Status::Netted, Settle) => {
                let Some(netting) = &self.netting else { return not_now() };
                let (payments, moved) = (netting.payments.len(), netting.moved());
                let mut said = say(Settled { payments, moved, on: ctx.today() });
                let words = Text::read("clearing between regions").unwrap_or_else(|| impossible(&"words"));
                for payment in netting.payments.iter() {
                    let of = |region: &Region| self.members.get(region).map(|member| member.account);
                    let (Some(from), Some(to)) = (of(&payment.payer), of(&payment.payee)) else {
                        return not_now();
                    };
                    said = said.and(account::pay(from, to, payment.amount, &words));
                }
                Ok(said)
            }
            _ => not_now(),
        }
    }

    fn net(&self, netting: &Netting) -> Said {
        if let Some(pair) = self.pairs.values().find(|pair| !pair.is_signed()) {
            let (first, second) = (pair.first, pair.second);
            ensure(false, NotAllSigned { first, second }).by(BY_LINE)?;
        }
        let (regions, owes) = question(&self.counting());
        let parties = u32::try_from(regions.len()).unwrap_or(u32::MAX);
        let why = |text: &str| NotASettlement { why: Text::read(text).unwrap_or_else(|| impossible(&text)) };
        let proposal = netting.read(&regions).ok_or_else(|| why("a region without a line"))?;
        let verdict = netting::check(&Question { parties, obligations: &owes }, &proposal);
        let verdict = verdict.map_err(|wrong| why(&wrong.to_string()))?;
        let gross = Money::fen(i64::try_from(verdict.gross).unwrap_or(i64::MAX));
        let waiting: Vec<u32> = self
            .lines
            .iter()
            .filter(|(_, line)| line.dispute.is_some() && !line.is_struck)
            .map(|(n, _)| *n)
            .collect();
        let said = Netted {
            netting: netting.clone(),
            gross,
            moved: Money::fen(verdict.moved),
            waiting: waiting.clone(),
        };
        let free = |said: Script<Event>, number: u32| {
            self.lines.get(&number).map_or(said.clone(), |line| said.and(let_go(number, line)))
        };
        Ok(waiting.into_iter().fold(say(said), free))
    }

    pub fn begun(event: &Event) -> Self {
        let &Opened { from, until } = event else { impossible(event) };
        Self {
            from,
            until,
            members: BTreeMap::new(),
            lines: BTreeMap::new(),
            pairs: BTreeMap::new(),
            netting: None,
            status: Status::Open,
            settled_on: None,
            remark: None,
            instruction: None,
            booked: BTreeMap::new(),
            statements: vec![],
        }
    }

    pub fn goes_on(&mut self, event: &Event) {
        match event.clone() {
            Opened { .. } => impossible(event),
            Joined { members } => self.members.extend(members),
            Collected { first, lines } => self.lines.extend((first..).zip(lines)),
            Stated { pairs, .. } => (self.status, self.pairs) = (Status::Stated, pairs),
            Signed { pair, sides, by, on, .. } => {
                let pair = self.pairs.get_mut(&pair).unwrap_or_else(|| impossible(event));
                *pair.of(sides) = Some(Signature { by, on });
            }
            Disputed { line, by, on, reason, pair, owed } => {
                self.dispute(line, Some(Contested { by, reason, on }));
                self.now_owe(&pair, owed);
            }
            DisputeEnded { line, pair, owed, .. } => {
                self.dispute(line, None);
                self.now_owe(&pair, owed);
            }
            Struck { line, .. } => {
                if let Some(line) = self.lines.get_mut(&line) {
                    line.is_struck = true;
                }
            }
            Netted { netting, .. } => (self.status, self.netting) = (Status::Netted, Some(netting)),
            Settled { on, .. } => (self.status, self.settled_on) = (Status::Settled, Some(on)),
            Instructed { instruction } => self.instruction = Some(instruction),
            Booked(reading) => reading.keep(&mut self.booked, &mut self.statements),
            Withdrawn { reason } => (self.status, self.remark) = (Status::Withdrawn, Some(reason)),
        }
    }

    fn dispute(&mut self, line: u32, dispute: Option<Contested>) {
        if let Some(line) = self.lines.get_mut(&line) {
            line.dispute = dispute;
        }
    }

    fn now_owe(&mut self, pair: &str, owed: super::Balance) {
        if let Some(pair) = self.pairs.get_mut(pair) {
            pair.now_owes(owed);
        }
    }
}
