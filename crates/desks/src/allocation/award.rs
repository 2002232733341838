//! Award: when the notice is concluded, each candidate, its project and its need are told.

use grammar::prelude::*;

use super::{
    Allocation, Awarding, Choice, Entry,
    Event::{self, *},
    Refusal::{self, *},
    Status, dispatch,
};
use crate::{
    need::{self, Need},
    notice::Notice,
    project::{self, Opening, Payer, Project},
};

/// Integrity is looked at before money is given.
const INTEGRITY: Rule<bool> = rule("PG-R04");
/// Nothing is decided before the notice is over and its objections are answered.
const PUBLICITY: Rule<Period> = rule("PG-R18");

impl Allocation {
    /// Some or all that wait for their answer, in one transaction. What has been withdrawn meanwhile is passed over, so
    /// that one of them does not hold up all others.
    pub fn awards(&self, awarding: &Awarding, ctx: &Ctx) -> Decision<Self> {
        let Awarding { notice, candidates, needs, reason } = awarding.clone();
        let on = ctx.today();
        if self.status != Status::Publicised {
            return not_now();
        }
        self.may_award(notice, ctx)?;
        ensure(!candidates.is_empty() || !needs.is_empty(), NobodyThere)?;
        let mut script = Script::silent();
        for (candidate, number) in candidates.iter().copied().zip(1..) {
            let entry = self.entry(candidate).ok_or(NotAdmitted { candidate })?;
            let is_twice = candidates.iter().filter(|other| **other == candidate).count() > 1;
            ensure(!is_twice && self.settled_on(candidate).is_none(), SettledAlready { candidate })?;
            let is_gone = ctx.seen.get(candidate).status == "withdrawn";
            script = match self.choice(candidate) {
                Some(_) if is_gone => {
                    script.say(Skipped { candidate, on }).say(Fallen { candidate, on, project: None })
                }
                None if is_gone => script.say(Skipped { candidate, on }),
                Some(choice) => self.select(script, entry, choice, number, ctx)?,
                None => {
                    let rejected = script.say(Rejected { candidate, on, reason: reason.clone() });
                    dispatch::rejected(candidate, &reason).into_iter().fold(rejected, Script::and)
                }
            };
        }
        for need in needs.iter().copied() {
            script = self.answer(script, need, &candidates, ctx)?;
        }
        Ok(script.said_first())
    }

    fn may_award(&self, notice: Ref<Notice>, ctx: &Ctx) -> Result<(), No<Refusal>> {
        let card = ctx.see(notice);
        let is_own = self.notice == Some(notice) && card.holders("about").any(|about| about == ctx.me);
        ensure(is_own, AnotherNotice)?;
        ensure(card.status == "concluded", NotConcluded).by(PUBLICITY)
    }

    fn select(
        &self,
        script: Script<Event>,
        entry: &Entry,
        choice: &Choice,
        number: u32,
        ctx: &Ctx,
    ) -> Result<Script<Event>, No<Refusal>> {
        let (candidate, money) = (entry.candidate, choice.money);
        let integrity = entry.integrity.ok_or(NotAttested { candidate });
        let integrity = integrity.map_err(|no| No::Because(no, Some(INTEGRITY.id())))?;
        ensure(integrity.clear, IntegrityBars { candidate }).by(INTEGRITY)?;
        let project = ctx.fresh::<Project>(number);
        let opening = project::Command::Open(Box::new(self.opening(entry, choice)));
        let selected = Selected { candidate, on: ctx.today(), project: project.id(), money };
        let script = script.say(selected);
        let script = script.and(tell(project, &opening));
        Ok(dispatch::selected(candidate, project, money).into_iter().fold(script, Script::and))
    }

    fn opening(&self, entry: &Entry, choice: &Choice) -> Opening {
        let money = choice.money;
        Opening {
            candidate: entry.candidate,
            need: entry.need,
            call: entry.call,
            title: Bilingual { zh: Text::read(&entry.zh), en: Text::read(&entry.en) },
            lead: entry.lead,
            lead_region: entry.lead_region,
            partners: List::new(entry.partners.iter().take(20).cloned().collect()).unwrap_or_default(),
            public_money: money,
            own_money: entry.own,
            months: Between::new(entry.months.clamp(1, 120)).unwrap_or(self.terms.months),
            leader: entry.leader,
            user: None,
            by_region: self.by_province(choice),
        }
    }

    /// What each province pays, where each that pays has a budget of its own.
    fn by_province(&self, choice: &Choice) -> List<Payer, 30> {
        let payer = |paid: &super::Payment| {
            let budget = usize::try_from(paid.budget).ok().and_then(|place| self.terms.budgets.get(place))?;
            let region = budget.region.filter(|region| region.number() != 0)?;
            Some(Payer { region: region.province(), money: paid.money })
        };
        let payers: Option<Vec<Payer>> = choice.paid.iter().map(payer).collect();
        payers.and_then(List::new).unwrap_or_default()
    }

    /// A need that was reviewed is matched with who was chosen for it, or stands unmatched with what was tried.
    fn answer(
        &self,
        script: Script<Event>,
        need: Ref<Need>,
        now: &[Id],
        ctx: &Ctx,
    ) -> Result<Script<Event>, No<Refusal>> {
        let own: Vec<&Entry> = self.entries.iter().filter(|entry| entry.need == Some(need)).collect();
        // Whoever is in reserve for a need that has its answer does not hold it up.
        let is_chosen = |entry: &&&Entry| {
            // Whoever is named in the command shows how they stand.
            let is_gone =
                now.contains(&entry.candidate) && ctx.seen.get(entry.candidate).status == "withdrawn";
            self.choice(entry.candidate).is_some() && !is_gone
        };
        let has_answer = own.iter().filter(is_chosen).count() > 0;
        let is_settled = |entry: &&Entry| {
            let candidate = entry.candidate;
            let may_wait = has_answer && self.is_reserved(candidate);
            self.settled_on(candidate).is_some() || now.contains(&candidate) || may_wait
        };
        ensure(!own.is_empty(), NotAskedHere { need })?;
        ensure(!self.answered.contains(&need.id()), NotAskedHere { need })?;
        ensure(own.iter().all(is_settled), StillOpen { need })?;
        let chosen = own.iter().filter(is_chosen);
        let chosen = chosen.map(|entry| entry.candidate).take(10).collect();
        let with: List<Id, 10> = List::new(chosen).unwrap_or_default();
        // A need whose project came to nothing stands unmatched until whoever moved up is awarded.
        let waits = match ctx.see(need).status.as_str() {
            "reviewing" => true,
            "unmatched" => !with.is_empty(),
            _ => false,
        };
        let command = if with.is_empty() {
            need::Command::MarkUnmatched { tried: tried(own.len()) }
        } else {
            need::Command::MarkMatched { with: with.clone() }
        };
        let script = script.say(Answered { need, with });
        Ok(if waits { script.and(tell(need, &command)) } else { script })
    }

    /// Whether everyone knows their answer.
    pub(super) fn is_done(&self) -> bool {
        self.settled.len() == self.entries.len()
            && self
                .entries
                .iter()
                .filter_map(|entry| entry.need)
                .all(|need| self.answered.contains(&need.id()))
    }

    /// What an award of all that still wait would name: for pages and programs that prepare it.
    #[must_use]
    pub fn waiting(&self) -> (Vec<Id>, Vec<Ref<Need>>) {
        let entries = self.entries.iter();
        let candidates: Vec<Id> = entries
            .map(|entry| entry.candidate)
            .filter(|candidate| self.settled_on(*candidate).is_none() && !self.is_reserved(*candidate))
            .collect();
        let mut needs: Vec<Ref<Need>> = self.entries.iter().filter_map(|entry| entry.need).collect();
        needs.sort();
        needs.dedup();
        needs.retain(|need| !self.answered.contains(&need.id()));
        (candidates, needs)
    }
}

fn tried(count: usize) -> Text<1000> {
    let text = format!("共评审 {count} 个方案，均未入选。{count} solutions were reviewed; none was chosen.");
    Text::read(&text).unwrap_or_else(|| impossible(&text))
}
