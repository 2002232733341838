//! Conflict: where nothing obeys every rule, a smallest set of rules that cannot be obeyed together.
//!
//! By hitting sets (Ignatiev et al. 2015): a set of rules that meets every known way out is tried; if something
//! obeys it, what could still be kept is kept and the rest is one more way out; if nothing does, no smaller set
//! is in conflict. The smallest set that meets all ways out is itself a small question, solved by the same search.

use std::collections::BTreeSet;

use super::lower::{Lowered, Rule};
use super::model::{Draft, Model, Row};
use super::places::Places;
use super::question::{Fault, Question};
use super::solve::{Wish, solve};

/// Rules in one question among which a conflict is looked for.
const ROUNDS_MAX: usize = 400;
/// Nodes for one trial.
const TRIAL_NODES: usize = 20_000;

/// A smallest set of rules that cannot be obeyed together; empty if there is none. `is_whole` is false when a trial
/// could not be ended: then the set is in conflict, but a smaller one may be too.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Conflict {
    /// The rules, in order.
    pub rules: Vec<Rule>,
    /// Nothing smaller is in conflict.
    pub is_smallest: bool,
}

/// Finds a smallest conflict. `goes_on` is asked before each trial.
///
/// # Errors
/// The question cannot be asked.
pub fn conflict(question: &Question, goes_on: &mut dyn FnMut() -> bool) -> Result<Conflict, Fault> {
    question.check()?;
    let lowered = Lowered::of(question, &|_| true)?;
    let named: BTreeSet<Rule> = lowered.rules.iter().cloned().collect();
    let exclusive = (0..question.exclusive.len() as u32).map(Rule::Exclusive);
    let rules: Vec<Rule> = named.into_iter().chain(exclusive).collect::<BTreeSet<_>>().into_iter().collect();
    let trial = Trial { question, rules: &rules };
    let everything = vec![true; rules.len()];
    if trial.choice(&everything)?.is_some() {
        return Ok(Conflict::default());
    }
    let mut ways_out: Vec<Vec<u32>> = Vec::new();
    for _ in 0..ROUNDS_MAX {
        if !goes_on() {
            break;
        }
        let kept = hitting(rules.len(), &ways_out);
        let Some(taken) = trial.choice(&kept)? else {
            let rules =
                rules.iter().zip(&kept).filter(|(_, is_kept)| **is_kept).map(|(rule, _)| rule.clone());
            return Ok(Conflict { rules: rules.collect(), is_smallest: true });
        };
        ways_out.push(trial.grown(&lowered, kept, taken)?);
    }
    trial.shrunk(everything)
}

struct Trial<'a> {
    question: &'a Question,
    rules: &'a [Rule],
}

impl Trial<'_> {
    /// A choice that obeys the rules kept, as the funded candidates and their levels.
    fn choice(&self, kept: &[bool]) -> Result<Option<Vec<(u32, u32)>>, Fault> {
        let keeps = |rule: &Rule| match self.rules.binary_search(rule) {
            Ok(place) => kept.at(place),
            Err(_) => true,
        };
        let lowered = Lowered::of(self.question, &keeps)?;
        let mut model = lowered.model;
        model.score.fill(0);
        let solved = solve(&model, &[], Wish { gap_ppm: 0, nodes: TRIAL_NODES }, &mut |_| true);
        Ok(match solved.best {
            Some((taken, _)) => Some(
                lowered
                    .columns
                    .iter()
                    .zip(taken)
                    .filter(|(_, taken)| *taken)
                    .map(|(column, _)| *column)
                    .collect(),
            ),
            // A trial that could not be ended counts as one in which something obeys: then nothing false is said.
            None if solved.is_whole => None,
            None => Some(Vec::new()),
        })
    }

    /// Keeps as much as possible beside what is kept; the rules that must go are a way out.
    fn grown(
        &self,
        whole: &Lowered,
        mut kept: Vec<bool>,
        mut taken: Vec<(u32, u32)>,
    ) -> Result<Vec<u32>, Fault> {
        self.keep_obeyed(whole, &mut kept, &taken);
        for place in 0..self.rules.len() {
            if kept.at(place) {
                continue;
            }
            kept.put(place, true);
            match self.choice(&kept)? {
                Some(other) => {
                    taken = other;
                    self.keep_obeyed(whole, &mut kept, &taken);
                }
                None => kept.put(place, false),
            }
        }
        Ok((0..self.rules.len() as u32).filter(|place| !kept.at(*place as usize)).collect())
    }

    /// Rules that a choice obeys anyway are kept too.
    fn keep_obeyed(&self, whole: &Lowered, kept: &mut [bool], taken: &[(u32, u32)]) {
        let columns: Vec<bool> = whole.columns.iter().map(|column| taken.contains(column)).collect();
        let broken = whole.model.broken(&columns);
        let mut is_broken: BTreeSet<&Rule> =
            broken.iter().filter_map(|row| whole.rules.get(*row as usize)).collect();
        let exclusive: Vec<Rule> = (0..self.question.exclusive.len() as u32).map(Rule::Exclusive).collect();
        for (group, rule) in self.question.exclusive.iter().zip(&exclusive) {
            if group.iter().filter(|member| taken.iter().any(|(candidate, _)| candidate == *member)).count()
                > 1
            {
                is_broken.insert(rule);
            }
        }
        for (place, rule) in self.rules.iter().enumerate() {
            if !is_broken.contains(rule) {
                kept.put(place, true);
            }
        }
    }

    /// Leaves out what is not needed for the conflict, one rule after the other.
    fn shrunk(&self, mut kept: Vec<bool>) -> Result<Conflict, Fault> {
        for place in (0..self.rules.len()).rev() {
            kept.put(place, false);
            if self.choice(&kept)?.is_some() {
                kept.put(place, true);
            }
        }
        let rules =
            self.rules.iter().zip(&kept).filter(|(_, is_kept)| **is_kept).map(|(rule, _)| rule.clone());
        Ok(Conflict { rules: rules.collect(), is_smallest: false })
    }
}

/// The fewest rules that meet every way out.
fn hitting(rules: usize, ways_out: &[Vec<u32>]) -> Vec<bool> {
    let row = Row { least: Some(1), most: None };
    let drafts = ways_out.iter().map(|way| Draft { row, terms: way.iter().map(|rule| (*rule, 1)).collect() });
    let model = Model::new(vec![-1; rules], Vec::new(), drafts.collect());
    let solved = solve(&model, &[], Wish::default(), &mut |_| true);
    solved.best.map_or_else(|| vec![true; rules], |(taken, _)| taken)
}
