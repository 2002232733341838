//! Network: a question as a flow. Reviews run from papers to reviewers, where units or seniority matter through
//! a group in between that lets only so many pass.
//!
//! Always: every pair leaves one upper node, a paper or a group; a group belongs to one paper; pairs are stored by
//! the upper node they leave, those of papers first.

use super::places::{Places, add};
use super::question::{NO_UNIT, Question};

/// Hundredths of a review.
pub const WHOLE: u32 = 100;
/// No pair, group or node.
pub const NONE: u32 = u32::MAX;

/// A pair as the flow sees it.
#[derive(Debug, Clone, Copy, Default)]
pub struct Arc {
    pub reviewer: u32,
    /// At most so much passes.
    pub room: u32,
    pub worth: i64,
}

/// Papers, groups and reviewers, and what may pass between them.
#[derive(Debug, Clone, Default)]
pub struct Network {
    /// What each paper wants.
    pub demand: Vec<u32>,
    pub least: Vec<u32>,
    pub most: Vec<u32>,
    pub arcs: Vec<Arc>,
    /// The upper node of each arc.
    pub tail: Vec<u32>,
    /// The pair of the question that each arc stands for.
    pub origin: Vec<u32>,
    /// The paper of each group.
    pub parent: Vec<u32>,
    /// What may pass each group.
    pub room: Vec<u32>,
    /// Where the arcs of each upper node begin.
    first: Vec<u32>,
    /// Where the groups of each paper begin.
    group_first: Vec<u32>,
}

/// The arcs of each reviewer: the network read from the other side.
#[derive(Debug, Clone, Default)]
pub struct Reversed {
    first: Vec<u32>,
    arcs: Vec<u32>,
}

impl Reversed {
    pub fn of(network: &Network) -> Self {
        let mut first = vec![0_u32; network.most.len() + 1];
        network.arcs.iter().for_each(|arc| add(&mut first, arc.reviewer as usize + 1, 1));
        let mut sum = 0;
        for place in &mut first {
            sum += *place;
            *place = sum;
        }
        let (mut next, mut arcs) = (first.clone(), vec![0; network.arcs.len()]);
        for (number, arc) in (0..).zip(&network.arcs) {
            let place = next.at(arc.reviewer as usize);
            arcs.put(place as usize, number);
            next.put(arc.reviewer as usize, place + 1);
        }
        Self { first, arcs }
    }

    pub fn of_reviewer(&self, reviewer: usize) -> &[u32] {
        let (from, to) = (self.first.at(reviewer) as usize, self.first.at(reviewer + 1) as usize);
        self.arcs.get(from..to).unwrap_or_default()
    }
}

/// What a paper's reviewers are sorted into.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Sorted {
    Not,
    /// Units, with what each may give.
    Units(u32),
    /// Juniors, with what they may give together.
    Juniors(u32),
}

impl Network {
    /// The network of a question. Where a paper has both a limit on units and a wish for seniors, the network knows
    /// only the units, and `false` comes with it.
    pub fn of(question: &Question) -> (Self, bool) {
        let mut network = Self {
            demand: question.papers.iter().map(|paper| paper.demand).collect(),
            least: question.reviewers.iter().map(|own| own.least).collect(),
            most: question.reviewers.iter().map(|own| own.most).collect(),
            ..Self::default()
        };
        let mut is_whole = true;
        let (mut grouped, mut first) = (Vec::new(), vec![0]);
        for (paper, own) in question.papers.iter().enumerate() {
            network.group_first.push(network.parent.len() as u32);
            let sorted = match (question.unit_room(paper), own.seniors) {
                (None, 0) => Sorted::Not,
                (None, seniors) => Sorted::Juniors(own.demand - seniors),
                (Some(room), seniors) => {
                    is_whole &= seniors == 0;
                    Sorted::Units(room)
                }
            };
            network.sort(question, paper, sorted, &mut grouped);
            first.push(network.arcs.len() as u32);
        }
        network.group_first.push(network.parent.len() as u32);
        let papers = question.papers.len() as u32;
        let mut last = None;
        for (group, number, arc) in grouped {
            if last.is_some_and(|last| last != group) {
                first.push(network.arcs.len() as u32);
            }
            last = Some(group);
            network.add(arc, papers + group, number);
        }
        if last.is_some() {
            first.push(network.arcs.len() as u32);
        }
        network.first = first;
        (network, is_whole)
    }

    fn add(&mut self, arc: Arc, tail: u32, origin: u32) {
        self.arcs.push(arc);
        self.tail.push(tail);
        self.origin.push(origin);
    }

    /// Adds the pairs of a paper; those behind a group wait in `grouped`, group by group.
    fn sort(
        &mut self,
        question: &Question,
        paper: usize,
        sorted: Sorted,
        grouped: &mut Vec<(u32, u32, Arc)>,
    ) {
        let from = question.first.at(paper);
        let apart = question.conflicts.partition_point(|(other, _)| (*other as usize) < paper);
        let mut apart = question.conflicts.get(apart..).unwrap_or_default().iter().peekable();
        let mut behind: Vec<(u32, u32, Arc)> = Vec::new();
        for (number, pair) in (from..).zip(question.pairs_of(paper)) {
            let here = (paper as u32, pair.reviewer);
            while apart.next_if(|conflict| **conflict < here).is_some() {}
            if apart.peek() == Some(&&here) {
                continue;
            }
            let arc = Arc { reviewer: pair.reviewer, room: 1, worth: pair.score.into() };
            let own = question.reviewer(pair.reviewer);
            match sorted {
                Sorted::Units(_) if own.unit != NO_UNIT => behind.push((own.unit, number, arc)),
                Sorted::Juniors(_) if !own.is_senior => behind.push((0, number, arc)),
                _ => self.add(arc, paper as u32, number),
            }
        }
        let (Sorted::Units(room) | Sorted::Juniors(room)) = sorted else { return };
        behind.sort_by_key(|(key, number, _)| (*key, *number));
        for same in behind.chunk_by(|a, b| a.0 == b.0) {
            if same.len() <= room as usize {
                // All of them together are no more than may pass: no group is needed.
                same.iter().for_each(|(_, number, arc)| self.add(*arc, paper as u32, *number));
                continue;
            }
            let group = self.parent.len() as u32;
            self.parent.push(paper as u32);
            self.room.push(room);
            grouped.extend(same.iter().map(|(_, number, arc)| (group, *number, *arc)));
        }
    }

    /// Counts everything in hundredths, and lets of each pair only so many pass.
    pub fn in_hundredths(&mut self, most: &dyn Fn(u32, u32) -> u32) {
        for list in [&mut self.demand, &mut self.least, &mut self.most, &mut self.room] {
            list.iter_mut().for_each(|count| *count *= WHOLE);
        }
        for arc in 0..self.arcs.len() {
            let paper = self.paper_of(self.tail.at(arc) as usize) as u32;
            self.arcs.get_mut(arc).into_iter().for_each(|own| own.room = most(paper, own.reviewer));
        }
    }

    /// The same where nobody is better than another: all that counts is that everyone finds a place.
    #[must_use]
    pub fn without_worth(&self) -> Self {
        let mut network = self.clone();
        network.arcs.iter_mut().for_each(|arc| arc.worth = 0);
        network
    }

    pub fn papers(&self) -> usize {
        self.demand.len()
    }

    pub fn reviewers(&self) -> usize {
        self.most.len()
    }

    /// Papers and groups.
    pub fn uppers(&self) -> usize {
        self.demand.len() + self.parent.len()
    }

    /// Where the arcs of an upper node begin and end.
    #[inline]
    pub fn span(&self, upper: usize) -> (usize, usize) {
        (self.first.at(upper) as usize, self.first.at(upper + 1) as usize)
    }

    /// The arcs that leave an upper node.
    #[inline]
    pub fn arcs_of(&self, upper: usize) -> &[Arc] {
        let (from, to) = self.span(upper);
        self.arcs.get(from..to).unwrap_or_default()
    }

    /// The groups of a paper, counted among groups.
    #[inline]
    pub fn groups_of(&self, paper: usize) -> std::ops::Range<usize> {
        if self.parent.is_empty() {
            return 0..0;
        }
        self.group_first.at(paper) as usize..self.group_first.at(paper + 1) as usize
    }

    /// The paper that an upper node is or belongs to.
    pub fn paper_of(&self, upper: usize) -> usize {
        match upper.checked_sub(self.papers()) {
            Some(group) => self.parent.at(group) as usize,
            None => upper,
        }
    }
}
