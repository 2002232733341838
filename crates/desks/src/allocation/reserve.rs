//! Reserve (候补): candidates that were not chosen and wait, in a recorded order, for money that comes back. Where an award comes to
//! nothing, the first of them whose award obeys every budget and quota moves up; a second person confirms it, and a notice of
//! its own makes it public. Always: nobody waits who was chosen or has their answer.

use grammar::prelude::*;

use super::{
    Allocation, Choice,
    Command::{self, *},
    Entry,
    Event::*,
    MovingUp,
    Refusal::{self, *},
    Standing, Status,
};
use crate::{
    notice::{self, Notice},
    project::Project,
};

/// One that waits, and its place in the order, from 1.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Place {
    pub candidate: Id,
    pub place: u32,
}

/// Why one that stood before was passed over.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Hindrance {
    WithdrawnMeanwhile,
    IntegrityBarred,
    BeyondTheLimits,
}

/// One that was passed over.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Passed {
    pub candidate: Id,
    pub why: Hindrance,
}

type Said = Decision<Allocation>;

impl Allocation {
    pub fn reserves(&self, command: &Command, ctx: &Ctx) -> Said {
        match command.clone() {
            Reserve { candidates, until } if self.status == Status::Publicised => {
                self.reserve(&candidates, until, ctx)
            }
            MoveUp(up) if self.status == Status::Publicised => self.moves_up(&up, ctx),
            _ => not_now(),
        }
    }

    /// The order is made here and kept: the higher score first, then whoever asks for less, then whoever was admitted first.
    fn reserve(&self, candidates: &[Id], until: Day, ctx: &Ctx) -> Said {
        ensure(!candidates.is_empty(), NobodyThere)?;
        ensure(ctx.today() <= until, ReserveInThePast { until })?;
        let mut waits: Vec<(usize, &Entry)> = Vec::new();
        for candidate in candidates.iter().copied() {
            let known = self.entries.iter().enumerate().find(|(_, entry)| entry.candidate == candidate);
            let (place, entry) = known.ok_or(NotAdmitted { candidate })?;
            let again = waits.iter().any(|(_, other)| other.candidate == candidate);
            ensure(self.choice(candidate).is_none(), ChosenAlready { candidate })?;
            ensure(self.settled_on(candidate).is_none(), SettledAlready { candidate })?;
            ensure(entry.standing != Standing::Never, ShutOut { candidate })?;
            ensure(!again && !self.is_reserved(candidate), ReservedAlready { candidate })?;
            waits.push((place, entry));
        }
        let before = self.entries.iter().enumerate().filter(|(_, entry)| self.is_reserved(entry.candidate));
        waits.extend(before);
        waits.sort_by_key(|(place, entry)| (std::cmp::Reverse(entry.score), entry.asked, *place));
        let order = waits.iter().zip(1..);
        let order = order.map(|((_, entry), place)| Place { candidate: entry.candidate, place }).collect();
        Ok(say(Reserved { on: ctx.today(), until, order }))
    }

    fn moves_up(&self, up: &MovingUp, ctx: &Ctx) -> Said {
        let candidate = up.candidate;
        let until = self.reserve_until.filter(|_| self.is_reserved(candidate));
        let until = until.ok_or(NotInReserve { candidate })?;
        ensure(ctx.today() <= until, ReserveIsOver { until })?;
        ensure(!up.contact.is_empty(), NothingToRead)?;
        let waiting = self.chosen.iter().find(|choice| self.settled_on(choice.candidate).is_none());
        ensure(waiting.is_none(), AwardFirst { candidate: waiting.map_or(candidate, |c| c.candidate) })?;
        let fallen = up.projects.iter().map(|project| Ok((self.fell(*project, ctx)?, *project)));
        let fallen: Vec<(Id, Ref<Project>)> = fallen.collect::<Result<_, Refusal>>()?;
        ensure(!fallen.is_empty() || !self.fallen.is_empty(), NobodyFell)?;
        ensure(ctx.seen.get(candidate).status != "withdrawn", GoneMeanwhile { candidate })?;
        let left: Vec<(Id, Money)> = self
            .chosen
            .iter()
            .filter(|choice| fallen.iter().all(|(gone, _)| *gone != choice.candidate))
            .map(|choice| (choice.candidate, choice.money))
            .collect();
        let passed = self.passed(candidate, &left, &up.passed, ctx)?;
        let chosen = self.obeys(&self.with(candidate, &left))?;
        let (on, round, notice) = (ctx.today(), self.round + 1, ctx.fresh::<Notice>(1));
        let own: Vec<Choice> =
            chosen.iter().filter(|choice| choice.candidate == candidate).cloned().collect();
        let terms = self.notice_terms(&own, up.contact.clone(), ctx);
        let fall = |script: Script<super::Event>, (candidate, project)| {
            script.say(Fallen { candidate, on, project: Some(project) })
        };
        let script = fallen.into_iter().fold(Script::silent(), fall);
        let moved = MovedUp { candidate, on, chosen: chosen.clone(), passed, minutes: up.minutes.clone() };
        Ok(script
            .say(moved)
            .say(Publicised { notice, round, chosen })
            .and(tell(notice, &notice::Command::Publish(terms))))
    }

    /// The candidate whose project came to nothing before it was signed.
    fn fell(&self, project: Ref<Project>, ctx: &Ctx) -> Result<Id, Refusal> {
        let card = ctx.see(project);
        let never_began = matches!(card.status.as_str(), "declined" | "rescinded");
        let own = card.holders("candidate").find(|candidate| self.choice(*candidate).is_some());
        own.filter(|_| never_began).ok_or(NotFallen { project })
    }

    /// Everyone who stands before, each with what keeps them from moving up; the first whom nothing keeps is the next.
    fn passed(
        &self,
        candidate: Id,
        left: &[(Id, Money)],
        named: &[Id],
        ctx: &Ctx,
    ) -> Result<Vec<Passed>, Refusal> {
        let before = self.reserve.iter().map(|place| place.candidate);
        let mut passed = Vec::new();
        for other in before.take_while(|other| *other != candidate) {
            let is_barred =
                self.entry(other).and_then(|entry| entry.integrity).is_some_and(|integrity| !integrity.clear);
            // Whoever is named in the command shows how they stand.
            let is_gone = named.contains(&other) && ctx.seen.get(other).status == "withdrawn";
            let why = if is_gone {
                Hindrance::WithdrawnMeanwhile
            } else if is_barred {
                Hindrance::IntegrityBarred
            } else {
                ensure(self.obeys(&self.with(other, left)).is_err(), NotNext { candidate: other })?;
                Hindrance::BeyondTheLimits
            };
            passed.push(Passed { candidate: other, why });
        }
        Ok(passed)
    }

    /// Those left with one more, which gets what it asked for.
    fn with(&self, candidate: Id, left: &[(Id, Money)]) -> Vec<(Id, Money)> {
        let asked = self.entry(candidate).map(|entry| (candidate, entry.asked));
        left.iter().copied().chain(asked).collect()
    }

    #[must_use]
    pub fn is_reserved(&self, candidate: Id) -> bool {
        self.reserve.iter().any(|place| place.candidate == candidate)
    }

    /// Those who were not chosen, have no answer and wait in no order yet: for pages that prepare it.
    #[must_use]
    pub fn to_reserve(&self) -> Vec<Id> {
        let entries = self.entries.iter().filter(|entry| entry.standing != Standing::Never);
        let waits = entries.map(|entry| entry.candidate).filter(|candidate| {
            self.choice(*candidate).is_none()
                && self.settled_on(*candidate).is_none()
                && !self.is_reserved(*candidate)
        });
        waits.collect()
    }

    pub(super) fn reserve_changes(&mut self, event: &super::Event) {
        match event.clone() {
            Reserved { until, order, .. } => (self.reserve, self.reserve_until) = (order, Some(until)),
            Fallen { candidate, .. } => {
                let need = self.entry(candidate).and_then(|entry| entry.need).map(|need| need.id());
                self.chosen.retain(|choice| choice.candidate != candidate);
                self.fallen.push(candidate);
                // Its need has no answer any more.
                self.answered.retain(|answered| Some(*answered) != need);
            }
            MovedUp { candidate, chosen, .. } => {
                self.chosen = chosen;
                self.reserve.retain(|place| place.candidate != candidate);
            }
            other => impossible(&other),
        }
    }
}
