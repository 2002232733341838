//! Past: what an allocation keeps of its way, and what of it is public.

use grammar::prelude::*;

use super::{Allocation, Entry, Event, Fault};

/// How far it has come; the keys of `[status]`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Status {
    Gathering,
    Proposed,
    Publicised,
    /// Everyone knows their answer.
    Awarded,
    Withdrawn,
}

/// What one budget pays.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Payment {
    /// Its place among the budgets, from 0.
    pub budget: u32,
    pub money: Money,
}

/// One that gets money.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Choice {
    pub candidate: Id,
    pub money: Money,
    pub paid: Vec<Payment>,
}

/// What a rule takes of a candidate's score, in hundredths of a point, or gives where a floor wants it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Weight {
    pub rule: Bilingual<120>,
    pub points: i64,
}

/// Why a candidate is in or out, by the prices that prove the choice; in hundredths of a point.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Why {
    pub candidate: Id,
    pub is_chosen: bool,
    /// Its score beyond what it pays for money and rules.
    pub margin: i64,
    pub weighs: Vec<Weight>,
    /// Another for the same need is chosen.
    pub beaten_by: Option<Id>,
    /// What the other way would cost at least; 0 where the prices cannot tell.
    pub loses: i64,
}

/// A choice whose proof was checked.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Proposed {
    pub on: Day,
    /// The sum of the scores, in hundredths of a point.
    pub value: i64,
    /// No choice that obeys every rule is worth more.
    pub bound: i64,
    /// What may be missing, in millionths of the bound.
    pub gap: i64,
    pub chosen: Vec<Choice>,
    pub whys: Vec<Why>,
}

/// What someone who was not chosen holds against the procedure, and what was decided (PG-R06).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Appeal {
    pub candidate: Id,
    pub on: Day,
    pub ground: Fault,
    pub text: Text<2000>,
    pub evidence: List<FileRef, 5>,
    pub until: Day,
    pub decided: Option<(Day, bool)>,
    pub remark: Option<Text<2000>>,
    pub late: bool,
}

impl Appeal {
    /// The last day of the decision, while it is awaited and not yet late.
    pub fn open_until(&self) -> Option<Day> {
        (self.decided.is_none() && !self.late).then_some(self.until)
    }
}

/// Whether everyone may read this line of history, once the choice is public.
pub fn is_public(event: &Event) -> bool {
    match event {
        Event::Publicised { .. } | Event::Selected { .. } => true,
        Event::Answered { .. } | Event::Withdrawn { .. } => true,
        Event::Opened { .. } | Event::Amended { .. } | Event::Admitted { .. } | Event::Fixed { .. } => false,
        Event::Attested { .. } | Event::Proposed { .. } | Event::Adopted { .. } => false,
        Event::Shortlisted { .. } => false,
        Event::Rejected { .. } | Event::Skipped { .. } => false,
        Event::Reserved { .. } | Event::Fallen { .. } | Event::MovedUp { .. } => false,
        Event::Contested { .. } | Event::ContestDecided { .. } | Event::ContestsLate { .. } => false,
    }
}

impl Allocation {
    pub(super) fn front(&self) -> Card {
        let money: Money = self.terms.budgets.iter().map(|budget| budget.money).sum();
        let mut card = Card::new()
            .title(&self.terms.title)
            .status(&grammar::desk::plain_word(&self.status))
            .region(self.terms.region)
            .party("itself", self.itself.id())
            .amount(money)
            .from(self.opened)
            .source(&self.terms.basis)
            .fact("candidates", self.entries.len())
            .fact("chosen", self.chosen.len())
            .fact("settled", self.settled.len())
            .inside_office("joint-office")
            .inside_office("programme-office")
            .inside_office("integrity-office")
            .inside_office("auditor");
        if let Some(proposal) = &self.proposal {
            card = card.fact("value", proposal.value).fact("bound", proposal.bound);
        }
        let mut leads: Vec<Id> = self.entries.iter().map(|entry| entry.lead.id()).collect();
        leads.sort();
        leads.dedup();
        card = leads.into_iter().fold(card, |card, lead| card.party("applicant", lead));
        let others = [("about", self.terms.about), ("notice", self.notice.map(|notice| notice.id()))];
        for (part, who) in others {
            card = who.into_iter().fold(card, |card, who| card.party(part, who));
        }
        card
    }

    /// Since when a candidate knows its answer.
    pub(super) fn settled_on(&self, candidate: Id) -> Option<Day> {
        self.settled.iter().find(|(own, _)| *own == candidate).map(|(_, on)| *on)
    }

    pub(super) fn entry(&self, candidate: Id) -> Option<&Entry> {
        self.entries.iter().find(|entry| entry.candidate == candidate)
    }

    pub(super) fn choice(&self, candidate: Id) -> Option<&Choice> {
        self.chosen.iter().find(|choice| choice.candidate == candidate)
    }

    pub(super) fn hide_from(&mut self, viewer: &Viewer) {
        let is_own = |entry: &Entry| {
            viewer.is(entry.lead.id()) || entry.leader.is_some_and(|leader| viewer.is(leader.id()))
        };
        let chosen: Vec<Id> = self.chosen.iter().map(|choice| choice.candidate).collect();
        let own: Vec<Id> = self.entries.iter().filter(|e| is_own(e)).map(|entry| entry.candidate).collect();
        let shown = |candidate: &Id| chosen.contains(candidate) || own.contains(candidate);
        self.entries.retain(|entry| shown(&entry.candidate));
        for entry in self.entries.iter_mut().filter(|entry| !own.contains(&entry.candidate)) {
            (entry.score, entry.young, entry.least) = (0, false, None);
            (entry.standing, entry.integrity) = (super::Standing::Open, None);
            (entry.asked, entry.own, entry.by_region) = (Money::ZERO, Money::ZERO, vec![]);
        }
        if let Some(proposal) = &mut self.proposal {
            proposal.whys.retain(|why| own.contains(&why.candidate));
            // Who else was proposed and then dropped is nobody's business.
            proposal.chosen.retain(|choice| shown(&choice.candidate));
            for why in &mut proposal.whys {
                why.beaten_by = why.beaten_by.filter(|rival| chosen.contains(rival));
            }
        }
        self.departures.retain(|departure| own.contains(&departure.candidate));
        self.settled.retain(|(candidate, _)| shown(candidate));
        self.shortlisted.retain(|candidate| own.contains(candidate));
        self.reserve.retain(|place| own.contains(&place.candidate));
        self.fallen.retain(|candidate| own.contains(candidate));
        self.contests.retain(|contest| own.contains(&contest.candidate));
    }
}
