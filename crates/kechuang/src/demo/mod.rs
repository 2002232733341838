//! Demo: a believable region to look at. Real public organisations (layer A) say only what ROR says; all
//! business (layer B) is invented, belongs to invented organisations and is marked as a demonstration.
//!
//! Founding asks the registry commands like anyone, each under a key that never changes: a second founding
//! changes nothing, and a larger scale adds to a smaller one. One seed; no password, no password hash.

mod advising;
mod applications;
mod asks;
mod awards;
mod balloting;
mod bookings;
mod briefs;
mod chemicals;
mod comparing;
mod drawing;
mod draws;
mod experts;
mod extras;
mod facility;
mod houses;
mod incidents;
mod judging;
mod layer_a;
mod money;
mod names;
mod needs;
mod notices;
mod offers;
mod old_books;
mod orders;
mod people;
mod projects;
mod published;
mod redeeming;
mod rejudging;
mod reviews;
#[cfg(test)]
mod rings;
mod roles;
mod settling;
mod sharing;
mod shortlisting;
mod solutions;
mod story;
#[cfg(test)]
mod tests;
mod texts;
mod training;
mod vary;
mod visits;
mod year;

use std::rc::Rc;

use registry::Registry;

pub use story::StoryClock;
pub use year::tell as found_year;

use asks::Founding;
use houses::Town;
use notices::Subjects;
use sharing::Sharing;

/// Scales beyond this are not tried.
const SCALE_MAX: u32 = 100;

/// What a founding made, or found made before.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Summary {
    /// Layer A.
    pub real_organisations: usize,
    pub real_laboratories: usize,
    /// Layer B.
    pub organisations: usize,
    pub persons: usize,
    /// Published ones.
    pub achievements: usize,
    pub laboratories: usize,
    pub instruments: usize,
    pub needs: usize,
    pub solutions: usize,
    pub experts: usize,
    pub projects: usize,
    pub calls: usize,
    pub applications: usize,
    pub vouchers: usize,
    pub notices: usize,
    pub rule_changes: usize,
    pub draws: usize,
    pub bookings: usize,
    pub voucher_orders: usize,
    pub clearing_runs: usize,
    /// With houses of other programs.
    pub settlements: usize,
    /// At instruments.
    pub incidents: usize,
    /// Kept in two laboratories.
    pub chemicals: usize,
    /// Persons whom a visitor can become.
    pub roles: usize,
    /// Commands asked, and how many of them had been answered before.
    pub asked: usize,
    pub repeated: usize,
}

/// Founds the demo region, or what is missing of it. `progress` is told the stage, how many of its commands
/// are done, and how many there are.
///
/// # Errors
/// The first command that was denied, under its key; what came before it stays.
pub fn found(
    registry: &Registry,
    time: &StoryClock,
    scale: u32,
    progress: &mut dyn FnMut(&str, usize, usize),
) -> Result<Summary, String> {
    let mut f = Founding::new(registry, time, scale.clamp(1, SCALE_MAX), progress)?;
    // The region itself is as old as the story; what it does today comes after.
    let (texts, office) = (texts::needs()?, texts::office()?);
    let real = layer_a::organisations(&mut f)?;
    let town = Rc::new(Town::build(&mut f, &texts)?);
    let (case, sharing) = letter(&mut f, &town)?;
    let real_laboratories = layer_a::laboratories(&mut f, &real)?.len();
    let achievements = offers::achievements(&mut f, &town)?;
    let laboratories = &sharing.laboratories;
    let mut needs = case.needs;
    needs.extend(needs::others(&mut f, &town, texts)?);
    let purse = money::purse(&mut f, &town, laboratories, &sharing.funds)?;
    let first = laboratories.first().ok_or("no laboratory")?;
    let subjects =
        Subjects { needs, achievements, laboratory: *first, instrument: sharing.first_instrument()? };
    let notices = notices::notices(&mut f, &town, &subjects, &office.notice)?;
    let rule_changes = notices::rules(&mut f, &town, &office.rule)?;
    notices::waiting(&mut f, &town, &purse)?;
    let incidents = incidents::incidents(&mut f, &sharing.bookings.kept, &first.lead)?;
    let (chemicals, custodians) = chemicals::keep(&mut f, &town, laboratories)?;
    let settlements = settling::settled(&mut f, &town)?;
    let draws = draws::draws(&mut f, &town)?;
    let cast = roles::Cast {
        provider: &first.lead,
        expert: Some(case.made.reviewer),
        owner: Some(case.owner),
        voter: Some(case.voter),
        applicant: Some(case.made.applicant),
        facility: sharing.people(),
    };
    let roles = roles::keep(registry, &town, &cast, &office.role)?;
    let signers = town.signers();
    let (asked, repeated) = f.counts();
    Ok(Summary {
        real_organisations: real.len(),
        real_laboratories,
        organisations: signers,
        persons: signers + town.officers.len() + town.others + case.experts + custodians,
        achievements: subjects.achievements.len(),
        laboratories: laboratories.len(),
        instruments: sharing.instruments.len(),
        needs: subjects.needs.len(),
        solutions: case.solutions,
        experts: case.experts,
        projects: case.projects,
        calls: case.made.calls,
        applications: case.made.applications,
        vouchers: purse.vouchers.len() + sharing.market.vouchers,
        notices,
        rule_changes,
        draws,
        bookings: sharing.bookings.count,
        voucher_orders: sharing.orders(),
        clearing_runs: sharing.runs,
        settlements,
        incidents,
        chemicals,
        roles,
        asked,
        repeated,
    })
}

/// What came of the letter's own case.
struct Case {
    /// The needs of the first batch, with their keys.
    needs: Vec<(String, grammar::kinds::Id)>,
    solutions: usize,
    experts: usize,
    projects: usize,
    made: applications::Made,
    /// Whose need has answers on the shortlist, and a member of a panel who has still to vote.
    owner: grammar::kinds::Id,
    voter: grammar::kinds::Id,
}

/// The letter's own case, in the days before the founding: twenty needs, 133 solutions, 399 reviews, fifteen projects.
fn letter(f: &mut Founding, town: &Rc<Town>) -> Result<(Case, Box<Sharing>), String> {
    let pool = experts::experts(f, town)?;
    let batch = needs::first_batch(f, town)?;
    let answers = solutions::solutions(f, town, &batch)?;
    reviews::reviews(f, town, (&batch, &answers, &pool))?;
    let chosen = awards::awards(f, town, (&batch, &answers))?;
    let owner = shortlisting::shortlist(f, town, &batch, &answers)?;
    let committee = advising::advised(f, town)?;
    published::figures(f, town, (batch.len(), answers.len()), &chosen)?;
    let mut begins = |f: &mut Founding| {
        f.meanwhile = Some(Box::new(Sharing::begin(f, town)?));
        Ok(())
    };
    let projects = projects::projects(f, town, &batch, &chosen, &mut begins)?;
    committee.answered(f)?;
    let mut made = applications::applications(f, town, &pool)?;
    let (briefs, two_stages) = briefs::briefs(f, town, made.programme)?;
    made.calls += 1;
    let mut sharing = f.meanwhile.take().ok_or("nothing was shared")?;
    sharing.end(f)?;
    let judged = briefs::for_panel(f, town, two_stages)?;
    made.applications += briefs + judged.len();
    let voter = drawing::drawn(f, town, (&pool, &judged), two_stages)?;
    f.arrive();
    sharing.bookings.begin(f)?;
    visits::begin(f, &sharing.visits)?;
    let is_held = |n: usize| shortlisting::held(&batch) == Some(n);
    let is_matched = |n: usize| is_held(n) || chosen.iter().any(|(answer, _)| answer.need == n);
    let rest = batch.iter().enumerate().filter(|(n, _)| !is_matched(*n));
    let unmatched: Vec<_> = rest.map(|(_, posed)| posed).collect();
    needs::again(f, town, &unmatched)?;
    let needs = batch.iter().map(|posed| (posed.text.key.clone(), posed.id)).collect();
    Ok((Case { needs, solutions: answers.len(), experts: pool.len(), projects, made, owner, voter }, sharing))
}
