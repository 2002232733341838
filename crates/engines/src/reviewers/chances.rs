//! Chances: against collusion nobody is sure of a pair. Each pair gets at most a chance, the expected sum is the
//! largest that these limits allow, and a seed decides in the end, so that anyone can repeat it.
//!
//! Whoever would trade favours needs to know who will have their paper; with a limit of one half the best-laid plan fails
//! every other time (Jecmen et al. 2020). Deciding keeps every demand, load and limit on units.

use serde::{Deserialize, Serialize};

use super::check::{self, Doubt, Prices};
use super::flow::Flow;
use super::network::{Network, WHOLE};
use super::places::{Places, add};
use super::question::{Fault, Question};
use super::solve::{Stuck, solve};
use crate::draw::{Seed, Stream};

/// Most of the chance of each pair, in hundredths.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Caps {
    /// Of every pair.
    pub all: u32,
    /// Of some pairs, less; in order.
    pub less: Vec<((u32, u32), u32)>,
}

impl Caps {
    /// The most for a pair.
    #[must_use]
    pub fn of(&self, paper: u32, reviewer: u32) -> u32 {
        let own = self.less.binary_search_by_key(&(paper, reviewer), |(pair, _)| *pair);
        let own = own.ok().and_then(|place| self.less.get(place)).map_or(WHOLE, |(_, cap)| *cap);
        own.min(self.all).min(WHOLE)
    }
}

/// Chances of pairs with the proof that no others within the limits expect more.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Chances {
    /// Paper, reviewer and hundredths, in order; nothing that is nothing.
    pub parts: Vec<(u32, u32, u32)>,
    /// Hundredths of the sum that is expected.
    pub value: i64,
    /// No chances within the limits expect more.
    pub bound: i64,
    pub prices: Prices,
}

/// Finds the chances of the largest expected sum.
///
/// # Errors
/// The question cannot be asked. Inside: no chances obey every rule, or it was ended. Limits on units and wishes for
/// seniors at the same paper are not known here and refused as [`Stuck::Seniors`].
pub fn chances(
    question: &Question,
    caps: &Caps,
    watch: &mut dyn FnMut(usize) -> bool,
) -> Result<Result<Chances, Stuck>, Fault> {
    question.check()?;
    let (mut network, is_whole) = Network::of(question);
    if !is_whole {
        let paper = question.papers.iter().position(|paper| paper.seniors > 0).unwrap_or(0);
        return Ok(Err(Stuck::Seniors(paper as u32)));
    }
    network.in_hundredths(&|paper, reviewer| caps.of(paper, reviewer));
    let mut flow = Flow::empty(&network, Vec::new());
    if let Err(stuck) = solve(&network, &mut flow, watch) {
        return Ok(Err(stuck));
    }
    let mut parts = Vec::new();
    let mut value = 0;
    for (arc, carried) in flow.carries.iter().enumerate().filter(|(_, carried)| **carried > 0) {
        let paper = network.paper_of(network.tail.at(arc) as usize) as u32;
        let Some(own) = network.arcs.get(arc) else { continue };
        parts.push((paper, own.reviewer, *carried));
        value += own.worth * i64::from(*carried);
    }
    parts.sort_unstable();
    let prices = super::prices(question, &network, &flow);
    let bound = bound(question, caps, &prices).ok().and_then(|bound| i64::try_from(bound).ok());
    Ok(Ok(Chances { parts, value, bound: bound.unwrap_or(i64::MAX), prices }))
}

fn bound(question: &Question, caps: &Caps, prices: &Prices) -> Result<i128, Doubt> {
    check::bound_within(question, &|_| 1, prices, (WHOLE, &|paper, reviewer| caps.of(paper, reviewer)))
}

/// Whether chances are what they say: one pass over the pairs.
///
/// # Errors
/// The first doubt.
pub fn check_chances(question: &Question, caps: &Caps, chances: &Chances) -> Result<(), Doubt> {
    question.check().map_err(Doubt::Question)?;
    let (mut load, mut value) = (vec![0_u32; question.reviewers.len()], 0);
    let mut reviews = vec![0_u32; question.papers.len()];
    let mut before = None;
    for (paper, reviewer, part) in &chances.parts {
        let score =
            question.score(*paper, *reviewer).ok_or(Doubt::Pair { paper: *paper, reviewer: *reviewer })?;
        let here = Some((*paper, *reviewer));
        if *part == 0 || *part > caps.of(*paper, *reviewer) || before >= here {
            return Err(Doubt::Pair { paper: *paper, reviewer: *reviewer });
        }
        before = here;
        add(&mut load, *reviewer as usize, *part);
        add(&mut reviews, *paper as usize, *part);
        value += i64::from(score) * i64::from(*part);
    }
    for (paper, (own, reviews)) in (0..).zip(question.papers.iter().zip(&reviews)) {
        if own.demand * WHOLE != *reviews {
            return Err(Doubt::Demand { paper });
        }
    }
    for (reviewer, (own, load)) in (0..).zip(question.reviewers.iter().zip(&load)) {
        if !(own.least * WHOLE..=own.most * WHOLE).contains(load) {
            return Err(Doubt::Load { reviewer });
        }
    }
    if value != chances.value {
        return Err(Doubt::Value(value));
    }
    let bound = bound(question, caps, &chances.prices)?;
    if bound > i128::from(chances.bound) { Err(Doubt::Bound(bound)) } else { Ok(()) }
}

/// One way between two nodes that carries a part of something.
#[derive(Debug, Clone, Copy)]
struct Edge {
    from: u32,
    to: u32,
    carries: u32,
    /// The pair it stands for.
    pair: Option<(u32, u32)>,
}

/// Decides chances by a seed: each pair is taken as often as its chance says, and every demand, load and limit on units
/// holds whatever is drawn.
///
/// Ways in a circle are taken as long as some part is left: more along one direction and less along the other, or the
/// other way round, with odds that keep every chance what it is. Each circle decides at least one way.
#[must_use]
pub fn decided(question: &Question, chances: &Chances, seed: &Seed) -> Vec<(u32, u32)> {
    let mut stream = Stream::new(seed, "assign");
    let mut edges = edges(question, chances);
    let nodes = edges.iter().map(|edge| edge.from.max(edge.to) as usize + 1).max().unwrap_or(0);
    let mut around: Vec<Vec<u32>> = vec![Vec::new(); nodes];
    for (number, edge) in (0..).zip(&edges).filter(|(_, edge)| edge.carries % WHOLE != 0) {
        for node in [edge.from, edge.to] {
            around.get_mut(node as usize).into_iter().for_each(|list| list.push(number));
        }
    }
    for start in 0..nodes {
        while let Some(circle) = circle(&edges, &mut around, start) {
            turn(&mut edges, &circle, &mut stream);
        }
    }
    let whole = edges.iter().filter(|edge| edge.carries >= WHOLE);
    let mut pairs: Vec<(u32, u32)> = whole.filter_map(|edge| edge.pair).collect();
    pairs.sort_unstable();
    pairs
}

/// Ways from papers to reviewers, through units and juniors where these are limited, and on to one end.
fn edges(question: &Question, chances: &Chances) -> Vec<Edge> {
    let (network, _) = Network::of(question);
    let uppers = network.uppers();
    let part = |pair: (u32, u32)| {
        let place = chances.parts.binary_search_by_key(&pair, |(paper, reviewer, _)| (*paper, *reviewer));
        place.ok().and_then(|place| chances.parts.get(place)).map_or(0, |(_, _, part)| *part)
    };
    let mut passes = vec![0_u32; network.parent.len()];
    let mut loads = vec![0_u32; network.reviewers()];
    let mut edges = Vec::new();
    for (arc, own) in network.arcs.iter().enumerate() {
        let upper = network.tail.at(arc);
        let pair = (network.paper_of(upper as usize) as u32, own.reviewer);
        let carries = part(pair);
        if carries > 0 {
            edges.push(Edge { from: upper, to: uppers as u32 + own.reviewer, carries, pair: Some(pair) });
            add(&mut loads, own.reviewer as usize, carries);
            (upper as usize)
                .checked_sub(network.papers())
                .into_iter()
                .for_each(|group| add(&mut passes, group, carries));
        }
    }
    for (group, carries) in passes.into_iter().enumerate().filter(|(_, carries)| *carries > 0) {
        let to = (network.papers() + group) as u32;
        edges.push(Edge { from: network.parent.at(group), to, carries, pair: None });
    }
    let end = (uppers + network.reviewers()) as u32;
    for (reviewer, carries) in loads.into_iter().enumerate().filter(|(_, carries)| *carries > 0) {
        edges.push(Edge { from: (uppers + reviewer) as u32, to: end, carries, pair: None });
    }
    edges
}

/// A circle of ways that carry a part, beginning anywhere that can be reached from `start`; each with whether it is
/// walked along its direction. At every node parts sum to something whole, so a walk never ends but in a circle.
fn circle(edges: &[Edge], around: &mut [Vec<u32>], start: usize) -> Option<Vec<(u32, bool)>> {
    let is_open = |number: &u32| edges.get(*number as usize).is_some_and(|edge| edge.carries % WHOLE != 0);
    let (mut walk, mut places): (Vec<(u32, bool)>, Vec<usize>) = (Vec::new(), vec![start]);
    loop {
        let node = places.last().copied()?;
        let list = around.get_mut(node)?;
        list.retain(is_open);
        let last = walk.last().map(|(number, _)| *number);
        let next = list.iter().copied().find(|number| Some(*number) != last)?;
        let edge = edges.get(next as usize)?;
        let is_along = edge.from as usize == node;
        let other = if is_along { edge.to } else { edge.from } as usize;
        walk.push((next, is_along));
        if let Some(first) = places.iter().position(|place| *place == other) {
            return Some(walk.split_off(first));
        }
        places.push(other);
    }
}

/// Turns a circle one way or the other, as far as the first way becomes whole.
fn turn(edges: &mut [Edge], circle: &[(u32, bool)], stream: &mut Stream) {
    let part =
        |edges: &[Edge], number: u32| edges.get(number as usize).map_or(0, |edge| edge.carries % WHOLE);
    let room = |is_more: bool| {
        let of = |(number, is_along): &(u32, bool)| {
            let part = part(edges, *number);
            if *is_along == is_more { WHOLE - part } else { part }
        };
        circle.iter().map(of).min().unwrap_or(0)
    };
    let (along, against) = (room(true), room(false));
    let is_along_drawn = stream.below(u64::from(along + against)) < u64::from(against);
    let amount = if is_along_drawn { along } else { against };
    for (number, is_along) in circle {
        if let Some(edge) = edges.get_mut(*number as usize) {
            let is_more = *is_along == is_along_drawn;
            edge.carries = if is_more { edge.carries + amount } else { edge.carries.saturating_sub(amount) };
        }
    }
}
