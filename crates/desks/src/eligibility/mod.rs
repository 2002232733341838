//! Eligibility (创新券资格): whether a firm or a team may have vouchers this year, decided at once, test by test.
//!
//! eligible → frozen ⇄ eligible → revoked | refused at once, with the same list of reasons. Vouchers are issued from
//! it, up to the year's cap. Always: what was issued is covered by the quota, which only an eligible holder has.

use grammar::prelude::*;

use crate::{
    account::Account,
    organisation::Organisation,
    voucher::{self, Voucher},
};

mod proof;
#[cfg(test)]
mod stories;

pub use proof::{DirectRoute, FirmFacts, Kind, Reason, TeamFacts, Test};

/// Vouchers from one year's quota.
const VOUCHERS_MAX: usize = 40;

/// What a firm may have in a year.
const FIRM_CAP: Rule<Money> = rule("VC-R04");
/// What a team may have in a year.
const TEAM_CAP: Rule<Money> = rule("VC-R04-TEAM");
/// Branches and firms of one group have one quota.
const ONE_QUOTA: Rule<bool> = rule("VC-R04-GROUP");

/// A year's eligibility as it stands now.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Eligibility {
    holder: Ref<Organisation>,
    /// Who has the quota: the head of its group, or itself.
    head: Option<Id>,
    kind: Kind,
    region: Region,
    year: i16,
    reasons: Vec<Reason>,
    quota: Money,
    issued: Money,
    vouchers: Vec<Ref<Voucher>>,
    status: Status,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Status {
    Eligible,
    NotEligible,
    Frozen,
    Revoked,
}

/// What can be asked of it.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "verb", rename_all = "kebab-case")]
pub enum Command {
    ApplyAsFirm { holder: Ref<Organisation>, region: Region, facts: FirmFacts },
    ApplyAsTeam { holder: Ref<Organisation>, region: Region, facts: TeamFacts },
    Issue { fund: Ref<Account>, face: Money },
    Freeze { reason: Text<500> },
    Unfreeze { reason: Text<500> },
    Revoke { reason: Text<500> },
}

/// What can have happened to it. Additions only: these words stay in the log for good.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "event", rename_all = "kebab-case")]
pub enum Event {
    Decided {
        holder: Ref<Organisation>,
        head: Option<Id>,
        kind: Kind,
        region: Region,
        year: i16,
        reasons: Vec<Reason>,
        quota: Money,
    },
    Issued {
        voucher: Ref<Voucher>,
        face: Money,
    },
    Frozen {
        reason: Text<500>,
    },
    Unfrozen {
        reason: Text<500>,
    },
    Revoked {
        reason: Text<500>,
    },
}

/// Why it says no. The sentences are in `words.*.toml`, under the same names.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(tag = "code", rename_all = "kebab-case")]
pub enum Refusal {
    YearIsOver { year: i16 },
    AboveTheCap { left: Money },
    TooManyVouchers { max: usize },
}

use {Command::*, Event::*, Refusal::*};

impl Eligibility {
    fn issue(&self, fund: Ref<Account>, face: Money, ctx: &Ctx) -> Decision<Self> {
        let (year, left) = (self.year, self.quota - self.issued);
        let cap = if self.kind == Kind::Firm { FIRM_CAP } else { TEAM_CAP };
        ensure(ctx.today().year() == year, YearIsOver { year })?;
        ensure(face <= left, AboveTheCap { left }).by(cap)?;
        ensure(self.vouchers.len() < VOUCHERS_MAX, TooManyVouchers { max: VOUCHERS_MAX })?;
        let voucher = ctx.fresh::<Voucher>(1);
        let until = Day::new(year, 12, 31).unwrap_or(ctx.today());
        let (holder, region) = (self.holder, self.region);
        let issue = voucher::Command::Issue { fund, holder, region, face, until };
        Ok(say(Issued { voucher, face }).and(tell(voucher, &issue)))
    }
}

impl Desk for Eligibility {
    const NAME: &'static str = "eligibility";
    const OPENS: &'static [&'static str] = &["apply-as-firm", "apply-as-team"];
    const WORDS: [&'static str; 2] = [include_str!("words.zh.toml"), include_str!("words.en.toml")];
    const RULES: &'static str = include_str!("rules.toml");
    type Command = Command;
    type Event = Event;
    type Refusal = Refusal;

    fn who(command: &Command) -> Who {
        match command {
            ApplyAsFirm { .. } | ApplyAsTeam { .. } => Who::Signatory("holder"),
            Issue { .. } => Who::Office("voucher-office"),
            Freeze { .. } | Unfreeze { .. } => {
                Who::Either(&[Who::Office("voucher-office"), Who::Office("auditor")])
            }
            Revoke { .. } => Who::Two(&Who::Office("voucher-office")),
        }
    }

    fn decide(this: Option<&Self>, command: &Command, ctx: &Ctx) -> Decision<Self> {
        let Some(e) = this else {
            return match command {
                ApplyAsFirm { holder, region, facts } => {
                    let reasons = facts.tried(ctx.see(*holder), *region, ctx);
                    decided(*holder, *region, (Kind::Firm, ctx.rule(FIRM_CAP)), reasons, ctx)
                }
                ApplyAsTeam { holder, region, facts } => {
                    let reasons = facts.tried(ctx.see(facts.incubator), *region, ctx);
                    decided(*holder, *region, (Kind::Team, ctx.rule(TEAM_CAP)), reasons, ctx)
                }
                _ => not_now(),
            };
        };
        match (e.status, command.clone()) {
            (Status::Eligible, Issue { fund, face }) => e.issue(fund, face, ctx),
            (Status::Eligible, Freeze { reason }) => Ok(say(Frozen { reason })),
            (Status::Frozen, Unfreeze { reason }) => Ok(say(Unfrozen { reason })),
            (Status::Eligible | Status::Frozen, Revoke { reason }) => {
                let withdraw = |all: Script<Event>, voucher: &Ref<Voucher>| {
                    all.and(tell(*voucher, &voucher::Command::Withdraw))
                };
                Ok(e.vouchers.iter().fold(say(Revoked { reason }), withdraw))
            }
            _ => not_now(),
        }
    }

    fn apply(this: Option<Self>, event: &Event) -> Self {
        let Some(mut e) = this else {
            let Decided { holder, head, kind, region, year, reasons, quota } = event.clone() else {
                impossible(event)
            };
            let passed = reasons.iter().all(|reason| reason.passed);
            let status = if passed { Status::Eligible } else { Status::NotEligible };
            let (issued, vouchers) = (Money::ZERO, vec![]);
            return Self { holder, head, kind, region, year, reasons, quota, issued, vouchers, status };
        };
        match event {
            Decided { .. } => impossible(event),
            Issued { voucher, face } => {
                e.issued += *face;
                e.vouchers.push(*voucher);
            }
            Frozen { .. } => e.status = Status::Frozen,
            Unfrozen { .. } => e.status = Status::Eligible,
            Revoked { .. } => e.status = Status::Revoked,
        }
        e
    }

    fn card(&self) -> Card {
        let card = Card::new()
            .titled(format!("{} 年创新券资格", self.year), format!("Eligibility for vouchers, {}", self.year))
            .status(&grammar::desk::plain_word(&self.status))
            .region(self.region)
            .amount(self.quota - self.issued)
            .party("holder", self.holder.id())
            .fact("year", self.year)
            .inside("holder")
            .inside_office("voucher-office")
            .inside_office("auditor");
        let holder = self.head.unwrap_or(self.holder.id());
        // Whoever failed may apply again; whoever has a quota has no second one this year.
        let is_kept = self.status != Status::NotEligible;
        if is_kept { card.key("voucher-year", &format!("{holder}/{}", self.year)) } else { card }
    }

    /// Who may have public money, and why not, is for the holder and the office.
    fn veil(&mut self, viewer: &Viewer) -> Sight {
        if viewer.is_inside(&self.card()) { Sight::Seen } else { Sight::Hidden }
    }

    fn check(&self) {
        assert!(self.issued <= self.quota && !self.reasons.is_empty());
        assert!(self.quota.is_positive() == self.reasons.iter().all(|reason| reason.passed));
        assert!(self.vouchers.len() <= VOUCHERS_MAX);
    }
}

fn decided(
    holder: Ref<Organisation>,
    region: Region,
    (kind, cap): (Kind, Money),
    reasons: Vec<Reason>,
    ctx: &Ctx,
) -> Decision<Eligibility> {
    let head = ctx.see(holder).holders("parent").next().filter(|_| ctx.rule(ONE_QUOTA));
    let passed = reasons.iter().all(|reason| reason.passed);
    let quota = if passed { cap } else { Money::ZERO };
    Ok(say(Decided { holder, head, kind, region, year: ctx.today().year(), reasons, quota }))
}
