//! Shares: who has how much of papers or patents that many made together, in exact fractions.
//!
//! Each work counts as much as it weighs, mostly one. Its authors have equal parts of it, and the affiliations
//! of an author equal parts of the author's part (the Nature Index's Share; rulebook §13.3, ID-R03). A place's
//! Count is the number of works in which it has any part. Sums are fractions with a common denominator, never
//! rounded: they come to the number of works to the last digit.

mod check;
mod fraction;
#[cfg(test)]
mod tests;

pub use check::{Wrong, check};
pub use fraction::{Fraction, Sum};

/// Works of one run.
pub const WORKS_MAX: usize = 20_000_000;
pub const PLACES_MAX: usize = 5_000_000;
/// Authors of one work, and affiliations of one author.
pub const AUTHORS_MAX: usize = 20_000;
pub const AFFILIATIONS_MAX: usize = 1_000;

/// One work: for each of its authors, the places of the author's affiliations. An author without any keeps
/// the part, which then belongs to no place.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Work {
    pub authors: Vec<Vec<u32>>,
}

/// What is to be counted.
#[derive(Clone, Copy, Debug)]
pub struct Question<'a> {
    pub works: &'a [Work],
    /// How many places there are.
    pub places: u32,
}

/// What each place has.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Answer {
    /// Works in which the place has any part, by place.
    pub counts: Vec<u64>,
    pub shares: Vec<Sum>,
    /// What belongs to no place.
    pub nowhere: Sum,
}

/// Why nothing can be counted. Works and authors are counted from 0.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub enum Fault {
    #[error("more than {WORKS_MAX} works or {PLACES_MAX} places")]
    TooMany,
    #[error("work {work} has no author, or more than {AUTHORS_MAX}")]
    Authors { work: usize },
    #[error("author {author} of work {work} has more than {AFFILIATIONS_MAX} affiliations")]
    Affiliations { work: usize, author: usize },
    #[error("author {author} of work {work} has an affiliation twice, or one that is not there")]
    Affiliation { work: usize, author: usize },
}

/// Counts.
///
/// # Errors
/// Which work cannot be counted, and why.
pub fn share(question: &Question) -> Result<Answer, Fault> {
    if question.works.len() > WORKS_MAX || question.places as usize > PLACES_MAX {
        return Err(Fault::TooMany);
    }
    let places = question.places as usize;
    let mut answer =
        Answer { counts: vec![0; places], shares: vec![Sum::default(); places], nowhere: Sum::default() };
    // The last work in which a place was counted, so that it is counted once.
    let mut last: Vec<usize> = vec![usize::MAX; places];
    for (work, own) in question.works.iter().enumerate() {
        is_sound(question, work, own)?;
        for affiliations in &own.authors {
            let part = part(own, affiliations);
            if affiliations.is_empty() {
                answer.nowhere.add(part);
            }
            for place in affiliations {
                let place = *place as usize;
                answer.shares.get_mut(place).into_iter().for_each(|sum| sum.add(part));
                if last.get(place) != Some(&work) {
                    last.get_mut(place).into_iter().for_each(|slot| *slot = work);
                    answer.counts.get_mut(place).into_iter().for_each(|count| *count += 1);
                }
            }
        }
    }
    Ok(answer)
}

/// What each affiliation of an author has of a work.
fn part(work: &Work, affiliations: &[u32]) -> Fraction {
    Fraction { above: 1, below: work.authors.len() as u64 * affiliations.len().max(1) as u64 }
}

fn is_sound(question: &Question, work: usize, own: &Work) -> Result<(), Fault> {
    if !(1..=AUTHORS_MAX).contains(&own.authors.len()) {
        return Err(Fault::Authors { work });
    }
    for (author, affiliations) in own.authors.iter().enumerate() {
        if affiliations.len() > AFFILIATIONS_MAX {
            return Err(Fault::Affiliations { work, author });
        }
        let again = |(at, place): (usize, &u32)| affiliations.iter().take(at).any(|other| other == place);
        let is_there = affiliations.iter().all(|place| *place < question.places);
        if !is_there || affiliations.iter().enumerate().any(again) {
            return Err(Fault::Affiliation { work, author });
        }
    }
    Ok(())
}
