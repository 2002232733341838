//! Ballot (无记名投票): each member votes on each candidate in secret; at the close the clock opens all ballots at once.
//!
//! A ballot is two sealed values: the choice, and a word of the voter's own. That someone voted is in the log with the
//! commitments; what is published after the close is the list of words with their choices, sorted by word. So each voter
//! finds their own word with their own choice, everyone can count, there are as many lines as ballots, and nobody but who runs the
//! house could tell whose word is whose. A ballot that cannot be opened is counted as spoilt, never left out.

use grammar::prelude::*;

use super::{Command, Command::*, Event::*, Panel, Refusal, Refusal::*};
use crate::person::Person;

/// The least number of voters.
const VOTERS: Rule<i64> = rule("EP-R24-LEAST");
/// The part of the voters whose ballots are needed, and the part of these that carries.
const QUORUM: Rule<Share> = rule("EP-S03");
const PASSES: Rule<Share> = rule("EP-S04");
const DISSENTS_MAX: usize = 300;
const BALLOTS_MAX: usize = 5_000;

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
#[schemars(inline)]
pub enum Choice {
    Yes,
    No,
    Abstain,
}

/// What a vote is about. Users' representatives have a voice on fit and none on money (NJ-R11).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
#[schemars(inline)]
pub enum Matter {
    #[default]
    Money,
    Fit,
}

/// What the office puts to the vote.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Putting {
    pub candidates: List<Id, 100>,
    pub closes: Moment,
    #[serde(default)]
    pub matter: Matter,
    /// Reviewers who do not vote, and why.
    #[serde(default)]
    pub excused: List<Ref<Person>, 60>,
    #[serde(default)]
    pub reason: Option<Text<500>>,
}

/// What is voted on, by whom, until when.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Vote {
    pub candidates: Vec<Id>,
    pub voters: Vec<Ref<Person>>,
    pub closes: Moment,
    pub quorum: Share,
    pub passes: Share,
    pub is_counted: bool,
    #[serde(default)]
    pub matter: Matter,
    #[serde(default)]
    pub excused: Vec<Ref<Person>>,
    #[serde(default)]
    pub reason: Option<Text<500>>,
}

/// Sealed until the close.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Ballot {
    pub person: Ref<Person>,
    pub candidate: Id,
    pub choice: Sealed<Choice>,
    pub word: Sealed<Text<40>>,
}

impl PartialEq for Ballot {
    fn eq(&self, other: &Self) -> bool {
        let all = |ballot: &Self| {
            let hidden = (ballot.choice.commitment().to_owned(), ballot.word.commitment().to_owned());
            (ballot.person, ballot.candidate, hidden)
        };
        all(self) == all(other)
    }
}

/// One ballot as it is published: nothing for what could not be opened.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Opened {
    pub word: Option<Text<40>>,
    pub choice: Option<Choice>,
}

impl PartialOrd for Choice {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Choice {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        (*self as u8).cmp(&(*other as u8))
    }
}

/// How the ballots on one candidate came out.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Counted {
    pub candidate: Id,
    /// Who could vote on it.
    pub voters: u32,
    /// Sorted by word.
    pub ballots: Vec<Opened>,
    pub yes: u32,
    pub no: u32,
    pub has_quorum: bool,
    pub is_carried: bool,
}

/// What someone holds against the result; kept with it for good.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Dissenting {
    /// For the office and the member alone.
    pub person: Option<Ref<Person>>,
    pub candidate: Id,
    pub text: Text<2000>,
}

fn count(number: usize) -> u32 {
    u32::try_from(number).unwrap_or(u32::MAX)
}

/// Whether `part` of `whole` reaches `share`.
fn reaches(part: u32, whole: u32, share: Share) -> bool {
    // Counted in millionths, so that two thirds of three are two.
    let scale = 1_000_000;
    let least = share.of(Money::fen(i64::from(whole) * scale)).in_fen();
    i64::from(part) * scale >= least
}

impl Panel {
    pub(super) fn votes(&self, command: &Command, ctx: &Ctx) -> Decision<Self> {
        match command.clone() {
            PutToVote(putting) if self.vote.as_ref().is_none_or(|vote| vote.is_counted) => {
                self.puts(putting, ctx)
            }
            Cast { candidate, choice, word } => {
                let (vote, person, candidate) = self.may_speak(&candidate, ctx)?;
                ensure(ctx.now < vote.closes, VoteIsOver { closes: vote.closes })?;
                let again = self.ballots.iter().any(|b| b.person == person && b.candidate == candidate);
                ensure(!again, VotedAlready { candidate })?;
                ensure(self.ballots.len() < BALLOTS_MAX, TooMany { max: BALLOTS_MAX })?;
                Ok(say(BallotCast(Ballot { person, candidate, choice, word })))
            }
            Count => {
                let due = self.vote.as_ref().filter(|vote| !vote.is_counted && vote.closes <= ctx.now);
                due.map_or_else(not_now, |vote| {
                    let counts = vote.candidates.iter().map(|candidate| self.count(*candidate, vote, ctx));
                    Ok(say(BallotsCounted { counts: counts.collect() }))
                })
            }
            Dissent { candidate, text } => {
                let (vote, person, candidate) = self.may_speak(&candidate, ctx)?;
                if !vote.is_counted {
                    return not_now();
                }
                let own = |d: &super::Dissenting| d.person == Some(person) && d.candidate == candidate;
                ensure(!self.dissents.iter().any(own), DissentedAlready { candidate })?;
                ensure(self.dissents.len() < DISSENTS_MAX, TooMany { max: DISSENTS_MAX })?;
                Ok(say(Dissented(Dissenting { person: Some(person), candidate, text })))
            }
            _ => not_now(),
        }
    }

    fn puts(&self, putting: Putting, ctx: &Ctx) -> Decision<Self> {
        let Putting { candidates, closes, matter, excused, reason } = putting;
        ensure(!candidates.is_empty(), NothingNamed)?;
        ensure(closes > ctx.now, ClosesTooSoon { now: ctx.now })?;
        for candidate in candidates.iter().copied() {
            self.entry(candidate)?;
            let is_scored = self.outcomes.iter().any(|outcome| outcome.candidate == candidate);
            ensure(is_scored, NotScored { candidate })?;
            let again = self.counts.iter().any(|counted| counted.candidate == candidate);
            ensure(!again, CountedAlready { candidate })?;
        }
        let voters = self.voters(matter, &excused, reason.is_some())?;
        let least = ctx.rule(VOTERS);
        ensure(i64::from(count(voters.len())) >= least, TooFewVoters { least }).by(VOTERS)?;
        self.is_fit_to_vote(&voters, ctx)?;
        let (quorum, passes) = (ctx.rule(QUORUM), self.terms.pass_share.unwrap_or(ctx.rule(PASSES)));
        let once: std::collections::BTreeSet<Id> = candidates.iter().copied().collect();
        let (candidates, excused) = (once.into_iter().collect(), excused.to_vec());
        let is_counted = false;
        let vote = Vote { candidates, voters, closes, quorum, passes, is_counted, matter, excused, reason };
        Ok(say(VoteOpened { vote }))
    }

    /// A voter on a candidate that this voter may know of. To others it is not there.
    fn may_speak(&self, named: &str, ctx: &Ctx) -> Result<(&Vote, Ref<Person>, Id), No<Refusal>> {
        let unknown = || NotVotedOn { candidate: self.itself.id() };
        let candidate: Id = named.trim().parse().map_err(|_| unknown())?;
        let vote = self.vote.as_ref().ok_or(No::NotNow)?;
        let person = ctx.by.person.filter(|id| ctx.by.is_itself(*id)).ok_or(No::NotNow)?;
        let is_theirs = vote.candidates.contains(&candidate) && self.may_know(person, candidate);
        ensure(vote.voters.contains(&person.r()) && is_theirs, NotVotedOn { candidate })?;
        Ok((vote, person.r(), candidate))
    }

    pub(super) fn may_know(&self, person: Id, candidate: Id) -> bool {
        let of_need = |user: &super::User| {
            let matter = self.candidates.iter().find(|entry| entry.candidate == candidate);
            matter.and_then(|entry| entry.matter) == Some(user.need.id())
        };
        let is_users = self.users.iter().find(|user| user.person.id() == person).is_none_or(of_need);
        is_users && !self.apart.contains(&super::Apart { person, candidate })
    }

    /// For each candidate that is voted on, how many ballots were cast and how many may be: never whose, or which.
    #[must_use]
    pub fn turnout(&self) -> Vec<(Id, u32, u32)> {
        let of = |vote: &Vote, candidate: Id| {
            let cast = count(self.ballots.iter().filter(|ballot| ballot.candidate == candidate).count());
            (candidate, cast, self.entitled(vote, candidate))
        };
        let all = self.vote.iter().flat_map(|vote| vote.candidates.iter().map(move |one| of(vote, *one)));
        all.collect()
    }

    #[must_use]
    pub fn dissents(&self) -> &[Dissenting] {
        &self.dissents
    }

    fn entitled(&self, vote: &Vote, candidate: Id) -> u32 {
        count(vote.voters.iter().filter(|voter| self.may_know(voter.id(), candidate)).count())
    }

    fn count(&self, candidate: Id, vote: &Vote, ctx: &Ctx) -> Counted {
        let cast = self.ballots.iter().filter(|ballot| ballot.candidate == candidate);
        let open =
            |ballot: &Ballot| Opened { word: ctx.open(&ballot.word), choice: ctx.open(&ballot.choice) };
        let mut ballots: Vec<Opened> = cast.map(open).collect();
        ballots.sort();
        let of = |choice| count(ballots.iter().filter(|one| one.choice == Some(choice)).count());
        let (yes, no) = (of(Choice::Yes), of(Choice::No));
        let voters = self.entitled(vote, candidate);
        let has_quorum = reaches(count(ballots.len()), voters, vote.quorum);
        let is_carried = has_quorum && yes > 0 && reaches(yes, count(ballots.len()), vote.passes);
        Counted { candidate, voters, ballots, yes, no, has_quorum, is_carried }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_thirds_of_three_are_two_and_half_of_five_are_three() {
        let (thirds, half) = (Share::new(2, 3).unwrap(), Share::new(1, 2).unwrap());
        let least = |whole, share| (0..=whole).find(|part| reaches(*part, whole, share));
        assert_eq!((least(3, thirds), least(4, thirds), least(60, thirds)), (Some(2), Some(3), Some(40)));
        assert_eq!((least(5, half), least(6, half)), (Some(3), Some(3)));
    }
}
