//! Adopt: the meeting takes the proposal or departs from it, with reasons; what it chose is made public.

use engines::allocation as engine;
use grammar::prelude::*;

use super::{
    Adoption, Allocation, Choice,
    Command::{self, *},
    Departure, DepartureKind,
    Event::*,
    Ground,
    Refusal::{self, *},
    Status,
};
use crate::notice::{self, Notice};

/// Experts are not overturned for another academic opinion.
const NO_OTHER_OPINION: Rule<bool> = rule("PG-R05");
/// What is proposed is made public before it is decided.
const PUBLICITY: Rule<Period> = rule("PG-R18");

type Said = Decision<Allocation>;

impl Allocation {
    pub fn meets(&self, command: &Command, ctx: &Ctx) -> Said {
        match (self.status, command.clone()) {
            (Status::Proposed, Adopt(Adoption { departures, minutes, contact })) => {
                ensure(!contact.is_empty(), NothingToRead)?;
                let Some(proposal) = &self.proposal else { return not_now() };
                let chosen = self.departed(&proposal.chosen, &departures, ctx)?;
                let loses = proposal.value - self.value(&chosen);
                let notice = ctx.fresh::<Notice>(1);
                let terms = self.notice_terms(&chosen, contact, ctx);
                let (on, round) = (ctx.today(), 1);
                let adopted = Adopted { on, chosen: chosen.clone(), departures, minutes, loses };
                Ok(say(adopted)
                    .say(Publicised { notice, round, chosen })
                    .and(tell(notice, &notice::Command::Publish(terms))))
            }
            (Status::Publicised, Revise { departures, minutes, reason }) => {
                let Some(notice) = self.notice else { return not_now() };
                ensure(self.settled.is_empty(), SomeAreAwarded)?;
                ensure(!departures.is_empty(), NothingRevised)?;
                let chosen = self.departed(&self.chosen, &departures, ctx)?;
                let loses = self.value(&self.chosen) - self.value(&chosen);
                let round = self.round + 1;
                let text = self.notice_text(&chosen, round);
                let (on, change) = (ctx.today(), notice::Command::Change { text, reason });
                let adopted = Adopted { on, chosen: chosen.clone(), departures, minutes, loses };
                Ok(say(adopted).say(Publicised { notice, round, chosen }).and(tell(notice, &change)))
            }
            (status, Command::Withdraw { notice, reason })
                if !matches!(status, Status::Awarded | Status::Withdrawn) =>
            {
                ensure(self.settled.is_empty(), SomeAreAwarded)?;
                ensure(notice == self.notice, AnotherNotice)?;
                // A notice that is concluded already stays as it is; nothing follows from it.
                let runs = |notice: &Ref<Notice>| ctx.see(*notice).status != "concluded";
                let end = notice::Command::Withdraw { reason: reason.clone() };
                let running = notice.filter(runs).map(|notice| tell(notice, &end));
                Ok(running.into_iter().fold(say(Withdrawn { reason }), Script::and))
            }
            _ => not_now(),
        }
    }

    /// The choice after the departures, if it obeys every budget and quota.
    fn departed(
        &self,
        before: &[Choice],
        departures: &[Departure],
        ctx: &Ctx,
    ) -> Result<Vec<Choice>, No<Refusal>> {
        let mut amounts: Vec<(Id, Money)> =
            before.iter().map(|choice| (choice.candidate, choice.money)).collect();
        for departure in departures {
            let candidate = departure.candidate;
            let rule = departure.rule.clone();
            let is_known = ctx.rules.version(&rule, ctx.region, ctx.born).is_some();
            ensure(self.entry(candidate).is_some(), NotAdmitted { candidate })?;
            ensure(departure.ground != Ground::AcademicOpinion, AcademicOpinion).by(NO_OTHER_OPINION)?;
            ensure(is_known, NoSuchRule { rule }).by(NO_OTHER_OPINION)?;
            self.depart(&mut amounts, departure)?;
        }
        self.obeys(&amounts)
    }

    fn depart(&self, amounts: &mut Vec<(Id, Money)>, departure: &Departure) -> Result<(), No<Refusal>> {
        let candidate = departure.candidate;
        let Some(entry) = self.entry(candidate) else { return Err(NotAdmitted { candidate }.into()) };
        let least = entry.least.unwrap_or(entry.asked);
        let place = amounts.iter().position(|(own, _)| *own == candidate);
        match departure.kind {
            DepartureKind::Add => {
                let money = departure.money.unwrap_or(entry.asked);
                ensure(place.is_none(), ChosenAlready { candidate })?;
                ensure(least <= money && money <= entry.asked, BelowItsLeast { candidate, least })?;
                amounts.push((candidate, money));
            }
            DepartureKind::Drop => {
                ensure(place.is_some(), NotChosen { candidate })?;
                amounts.retain(|(own, _)| *own != candidate);
            }
            DepartureKind::Amount => {
                let money = departure.money.ok_or(NoAmount { candidate })?;
                ensure(place.is_some(), NotChosen { candidate })?;
                ensure(least <= money && money <= entry.asked, BelowItsLeast { candidate, least })?;
                amounts
                    .iter_mut()
                    .filter(|(own, _)| *own == candidate)
                    .for_each(|(_, amount)| *amount = money);
            }
        }
        Ok(())
    }

    /// What each budget pays then. The same check as for a proposal, with the amounts as they were agreed.
    pub(super) fn obeys(&self, amounts: &[(Id, Money)]) -> Result<Vec<Choice>, No<Refusal>> {
        let mut question = self.question();
        let mut places: Vec<u32> = Vec::new();
        for ((candidate, entry), place) in question.candidates.iter_mut().zip(&self.entries).zip(0..) {
            candidate.levels.clear();
            // Who was promised or shut out is the meeting's to say now, with its reason.
            candidate.standing = engine::Standing::Open;
            if let Some((_, money)) = amounts.iter().find(|(own, _)| *own == entry.candidate) {
                candidate.money = vec![money.in_fen()];
                places.push(place);
            }
        }
        let chosen = engine::chosen(&question, &places);
        engine::check(&question, &chosen).map_err(|doubt| self.doubted(&doubt))?;
        Ok(self.choices(&chosen.awards))
    }

    /// The sum of the scores of those chosen, the smaller amounts counted by their part.
    fn value(&self, chosen: &[Choice]) -> i64 {
        let worth = |choice: &Choice| {
            let entry = self.entry(choice.candidate)?;
            let (score, money) = (i128::from(entry.score), i128::from(choice.money.in_fen()));
            i64::try_from(score * money / i128::from(entry.asked.in_fen().max(1))).ok()
        };
        chosen.iter().filter_map(worth).sum()
    }

    pub(super) fn notice_terms(
        &self,
        chosen: &[Choice],
        contact: Bilingual<200>,
        ctx: &Ctx,
    ) -> notice::Terms {
        let period = ctx.rule(PUBLICITY);
        notice::Terms {
            about: self.itself.id(),
            region: self.terms.region,
            title: self.terms.title.clone(),
            text: self.notice_text(chosen, 1),
            contact,
            basis: self.terms.basis.clone(),
            days: Between::new(period.days.into()).unwrap_or_else(|| impossible(&period)),
            unit: period.unit,
            attachments: List::default(),
        }
    }

    /// Titles and money of those chosen, as many as a notice holds; all of them stand in the record.
    fn notice_text(&self, chosen: &[Choice], round: u32) -> Bilingual<4000> {
        let mut zh = format!("拟立项支持 {} 项，完整清单见本公示所涉记录。", chosen.len());
        let mut en = format!("To be funded: {}. The whole list stands in the record.", chosen.len());
        if round > 1 {
            zh.push_str(&format!("第 {round} 次公示。"));
            en.push_str(&format!(" Made public for the {round}. time."));
        }
        for (choice, number) in chosen.iter().zip(1..) {
            let Some(entry) = self.entry(choice.candidate) else { continue };
            let title =
                |one: &str, other: &str| if one.is_empty() { other.to_owned() } else { one.to_owned() };
            let line_zh = format!("\n{number}. {}，{} 元", title(&entry.zh, &entry.en), choice.money);
            let line_en = format!("\n{number}. {}, {} yuan", title(&entry.en, &entry.zh), choice.money);
            let is_full = |text: &str, line: &str| text.chars().count() + line.chars().count() > 4000;
            if is_full(&zh, &line_zh) || is_full(&en, &line_en) {
                break;
            }
            zh.push_str(&line_zh);
            en.push_str(&line_en);
        }
        Bilingual { zh: Text::read(&zh), en: Text::read(&en) }
    }
}
