//! Office: the formal check, the comparison with other records, and re-examinations. Each refusal has grounds and a
//! reason; likeness is shown to people, who decide.

use grammar::prelude::*;

use super::{
    Application,
    Command::{self, *},
    Complaint,
    Event::*,
    HITS_MAX, Hit, Reexamination,
    Refusal::{self, *},
    Status, similarity,
};
use crate::candidate::Role;

/// A formal check is done in so many days after the call closes, and says why it fails.
const CHECKED_IN: Rule<Period> = rule("PG-R02");
/// A re-examination is asked for in so many days; another academic opinion is no ground.
const ASKED_IN: Rule<Period> = rule("PG-R06");
/// It is decided in so many days.
const DECIDED_IN: Rule<Period> = rule("PG-R06-REPLY");
/// From this likeness on, or with the same unit or leader and an indicator in common, people look at two records.
const LIKENESS: Rule<Share> = rule("PG-R19");
/// Records this many years old and older are not compared by unit and leader.
const LIKENESS_YEARS: Rule<i64> = rule("PG-R19-YEARS");

const REEXAMINATIONS_MAX: usize = 4;

impl Application {
    pub(super) fn office_asks(&self, command: &Command, ctx: &Ctx) -> Decision<Self> {
        let on = ctx.today();
        match (self.status, command.clone()) {
            (Status::Submitted | Status::Brief, CheckFormally { passed: true, grounds, .. }) => {
                ensure(grounds.is_empty(), GroundsButPassed)?;
                let is_brief = self.status == Status::Brief;
                Ok(say(if is_brief { BriefPassed { on } } else { FormallyPassed { on } }))
            }
            (Status::Submitted | Status::Brief, CheckFormally { grounds, reason, .. }) => {
                let Some(reason) = reason.filter(|_| !grounds.is_empty()) else {
                    return Err(No::Because(NoReason, Some(CHECKED_IN.id())));
                };
                Ok(self.ends(FormallyFailed { on, grounds, reason }, ctx))
            }
            (Status::Submitted | Status::FormalOk | Status::DuplicateCheck, Compare { with }) => {
                self.compared(&with, ctx)
            }
            (Status::DuplicateCheck, DecideDuplicates { duplicate, reason }) => {
                let decided = DuplicatesDecided { on, duplicate, reason };
                Ok(if duplicate { self.ends(decided, ctx) } else { say(decided) })
            }
            _ => not_now(),
        }
    }

    fn compared(&self, with: &[Id], ctx: &Ctx) -> Decision<Self> {
        ensure(!with.is_empty(), NothingToCompare)?;
        ensure(!with.contains(&ctx.me), ComparedWithItself)?;
        ensure(self.hits.len() + with.len() <= HITS_MAX, TooManyComparisons { max: HITS_MAX })?;
        let threshold = ctx.rule(LIKENESS);
        let hits = with.iter().map(|record| self.hit(*record, threshold, ctx)).collect();
        Ok(say(Compared { on: ctx.today(), threshold, hits: List::new(hits).unwrap_or_default() }))
    }

    fn hit(&self, record: Id, threshold: Share, ctx: &Ctx) -> Hit {
        let card = ctx.see::<()>(record.r());
        let blind = card.facts.get("blind").map(words_of).unwrap_or_default();
        let text = if blind.is_empty() { [&*card.title_zh, &*card.text].join("\n") } else { blind };
        let similarity = similarity(&self.fields.blind_text(), &text);
        let same_unit =
            ["lead", "owner", "holder"].iter().any(|p| card.holders(p).any(|id| id == self.fields.lead.id()));
        let leader =
            self.team.iter().find(|member| member.role == Role::Leader).map(|member| member.person.id());
        let same_leader = leader.is_some_and(|leader| card.holders("leader").any(|id| id == leader));
        let same = self.fields.indicators.iter().filter(|indicator| text.contains(&***indicator)).count();
        let years = i32::try_from(ctx.rule(LIKENESS_YEARS)).unwrap_or(0);
        let is_recent = card.from.is_none_or(|from| ctx.today() < from.plus_months(years * 12));
        let close = (same_unit || same_leader) && same > 0 && is_recent;
        let enough = threshold.of(Money::fen(i64::from(super::similarity::SAME))).in_fen();
        let is_near = close || i64::from(similarity) >= enough;
        let same_indicators = u32::try_from(same).unwrap_or(u32::MAX);
        Hit { record, similarity, same_unit, same_leader, same_indicators, is_near }
    }

    /// The last day of the formal check, counted from the day the call closes.
    pub(super) fn check_by(&self, ctx: &Ctx) -> Day {
        ctx.calendar().last_day(self.seen.closes.day(), ctx.rule(CHECKED_IN))
    }

    pub(super) fn reexamines(&self, command: &Command, ctx: &Ctx) -> Decision<Self> {
        let open = self.reexaminations.last().filter(|last| last.decision.is_none());
        match (self.refused, command.clone()) {
            (Some(refused), AskReexamination { complaint, reason }) => {
                let until = ctx.calendar().last_day(refused, ctx.rule(ASKED_IN));
                ensure(complaint != Complaint::AcademicJudgement, AcademicJudgement).by(ASKED_IN)?;
                ensure(ctx.today() <= until, TooLateToAsk { until }).by(ASKED_IN)?;
                self.may_ask_again(open.is_some())?;
                let answer_by = ctx.calendar().last_day(ctx.today(), ctx.rule(DECIDED_IN));
                let (asked, decision) = (ctx.today(), None);
                let reexamination = Reexamination { complaint, asked, reason, answer_by, decision };
                Ok(say(ReexaminationAsked { reexamination }))
            }
            (Some(_), DecideReexamination { upheld, reason }) if open.is_some() => {
                Ok(say(ReexaminationDecided { on: ctx.today(), upheld, reason }))
            }
            _ => not_now(),
        }
    }

    fn may_ask_again(&self, is_open: bool) -> Result<(), Refusal> {
        ensure(!is_open, AskedAlready)?;
        let max = REEXAMINATIONS_MAX;
        ensure(self.reexaminations.len() < max, TooManyReexaminations { max })
    }
}

/// All texts in a value, one after the other.
fn words_of(value: &serde_json::Value) -> String {
    match value {
        serde_json::Value::String(text) => text.clone(),
        serde_json::Value::Array(each) => each.iter().map(words_of).collect::<Vec<_>>().join("\n"),
        serde_json::Value::Object(fields) => fields.values().map(words_of).collect::<Vec<_>>().join("\n"),
        _ => String::new(),
    }
}
