//! Quality on the open sets. Skipped with a clear word when they are not beside the repository.

mod cities;
mod composite;
mod knapsacks;
mod reviewing;
mod sets;
mod towns;

use std::collections::BTreeMap;

use engines::auctions::{
    Offer, Outcome,
    proxy::{Increment, Session, Terms},
};

#[test]
fn matching_is_as_good_as_it_was() {
    let Some(data) = sets::data() else {
        println!("skipped: no ../shared/data; set KECHUANG_SHARED to the folder that holds data/");
        return;
    };
    let zh = sets::needs_achievements(&data).unwrap().mean();
    assert!(zh >= 0.70, "zh-needs-achievements nDCG@10 {zh:.4}");
    let en = sets::sbir(&data).unwrap().mean();
    assert!(en >= 0.80, "en-sbir-needs-solutions MRR@10 {en:.4}");
    let known = sets::abstracts(&data).unwrap().mean();
    assert!(known >= 0.98, "zh-sci-abstracts MRR@10 {known:.4}");
}

/// A decimal number as a whole number of its smallest parts.
fn whole(units: &str, part: &str, digits: usize) -> i64 {
    let part: String = part.chars().chain(std::iter::repeat('0')).take(digits).collect();
    format!("{units}{part}").parse().unwrap_or_default()
}

/// Cents of a price such as `99.99`.
fn cents(text: &str) -> i64 {
    let (units, rest) = text.split_once('.').unwrap_or((text, ""));
    whole(units, rest, 2)
}

/// Whole bid histories of an auction house whose bidders named limits: where the set says that the price
/// was the second limit and an increment, ours is the same to the cent.
#[test]
fn auctions_with_limits_end_at_the_recorded_price() {
    let Some(data) = sets::data() else {
        println!("skipped: no ../shared/data; set KECHUANG_SHARED to the folder that holds data/");
        return;
    };
    let table = |name: &str| {
        let text = std::fs::read_to_string(data.join("ebay-auctions").join(name)).unwrap();
        let rows = text.lines().skip(1).map(|line| line.split('\t').map(str::to_owned).collect::<Vec<_>>());
        rows.collect::<Vec<_>>()
    };
    let steps = [
        (0, 5),
        (100, 25),
        (500, 50),
        (2_500, 100),
        (10_000, 250),
        (25_000, 500),
        (50_000, 1_000),
        (100_000, 2_500),
        (250_000, 5_000),
        (500_000, 10_000),
    ];
    let increments: Vec<Increment> = steps.map(|(from, fen)| Increment { from, fen }).to_vec();
    let mut bids: BTreeMap<String, Vec<(i64, String, i64)>> = BTreeMap::new();
    for row in table("bids.tsv") {
        // Days with six digits, as whole millionths.
        let (days, part) = row[1].split_once('.').unwrap_or((&row[1], ""));
        let bid = (whole(days, part, 6), row[3].clone(), cents(&row[2]));
        bids.entry(row[0].clone()).or_default().push(bid);
    }
    let mut checked = 0;
    for auction in table("auctions.tsv").into_iter().filter(|auction| auction[7] == "1") {
        let mut session = Session::new(Terms { start: cents(&auction[3]), increments: increments.clone() });
        let mut names: Vec<&String> = Vec::new();
        let mut course = bids[&auction[0]].clone();
        course.sort_by_key(|(at, ..)| *at);
        for (at, name, fen) in &course {
            let bidder = names.iter().position(|known| *known == name).unwrap_or_else(|| {
                names.push(name);
                names.len() - 1
            });
            session.limit(Offer::new(u32::try_from(bidder).unwrap(), *fen, *at));
        }
        let Outcome::Won { fen, .. } = session.outcome() else { panic!("{} was sold", auction[0]) };
        assert_eq!(fen, cents(&auction[4]), "auction {}", auction[0]);
        checked += 1;
    }
    assert_eq!(checked, 297, "all that are flagged");
}

#[test]
fn knapsacks_of_the_literature_are_solved() {
    use engines::allocation::{Outcome, Wish, check, propose};
    let Some(data) = sets::data().filter(|data| data.join("mkp").is_dir()) else {
        println!("skipped: no ../shared/data/mkp; set KECHUANG_SHARED to the folder that holds data/");
        return;
    };
    let (mut proved, all) = (0, knapsacks::all(&data).unwrap());
    for knapsack in &all {
        let wish = Wish { nodes: 20_000, ..Wish::default() };
        let Outcome::Proposed(proposal) = propose(&knapsack.question, wish, &mut |_| true).unwrap() else {
            panic!("{}: a knapsack may always stay empty", knapsack.name)
        };
        assert_eq!(check(&knapsack.question, &proposal), Ok(()), "{}", knapsack.name);
        let (known, bound) = knapsack.best;
        let name = &knapsack.name;
        assert!(proposal.value * 1_000 >= known * 995, "{name}: {} of {known}", proposal.value);
        assert!(
            proposal.value <= bound && proposal.bound >= known,
            "{name}: {} {}",
            proposal.value,
            proposal.bound
        );
        proved += usize::from(proposal.value == proposal.bound);
    }
    println!("{proved} of {} proved to the end", all.len());
    assert!(all.len() == 64 && proved >= 54, "{proved} of {}", all.len());
}

#[test]
fn cities_chose_as_they_recorded() {
    use engines::allocation::ballots::{Worth, greedy};
    let Some(data) = sets::data().filter(|data| data.join("pabulib").is_dir()) else {
        println!("skipped: no ../shared/data/pabulib; set KECHUANG_SHARED to the folder that holds data/");
        return;
    };
    let (mut same, mut stopped, mut shared) = (0, 0, 0);
    for city in cities::all(&data).unwrap() {
        let chosen = |skips| {
            let mut taken = greedy(&city.ballots.costs, &city.scores, city.ballots.budget, skips);
            taken.sort_unstable();
            taken
        };
        if city.is_greedy {
            assert_eq!(chosen(true), city.selected, "{}", city.file);
            same += 1;
        } else if city.rule == "greedy-no-skip" {
            assert_eq!(chosen(false), city.selected, "{}", city.file);
            stopped += 1;
        } else if city.rule.starts_with("equalshares") {
            let mut taken = city.ballots.equal_shares_compared(Worth::Cost);
            taken.sort_unstable();
            assert_eq!(taken, city.selected, "{}", city.file);
            shared += 1;
        }
    }
    assert_eq!((same, stopped, shared), (113, 8, 1));
}

/// A published index, number by number at every step.
#[test]
fn a_composite_index_is_the_published_one_at_every_step() {
    use engines::indices::{check, index};
    let Some(data) = sets::data().filter(|data| data.join("composite-asem").is_dir()) else {
        println!(
            "skipped: no ../shared/data/composite-asem; set KECHUANG_SHARED to the folder that holds data/"
        );
        return;
    };
    let folder = data.join("composite-asem");
    let question = composite::question(&folder).unwrap();
    let answer = index(&question).unwrap();
    assert_eq!(check(&question, &answer), Ok(()));
    let codes: Vec<&str> = question.indicators.iter().map(|own| own.code.as_str()).collect();
    let groups: Vec<&str> = question.groups.iter().map(|own| own.code.as_str()).collect();
    let steps = [
        ("denominated", &answer.denominated, &codes),
        ("imputed", &answer.filled, &codes),
        ("treated", &answer.treated, &codes),
        ("normalised", &answer.normalised, &codes),
        ("aggregated", &answer.scores, &groups),
    ];
    let mut compared = 0;
    for (step, columns, names) in steps {
        let expected = composite::table(&folder.join(format!("expected-conn-{step}.tsv"))).unwrap();
        assert_eq!(expected.len(), question.units, "{step}");
        for (name, column) in names.iter().zip(columns.iter()) {
            let Ok(right) = composite::column(&expected, name) else { continue };
            for (unit, (ours, right)) in column.iter().zip(&right).enumerate() {
                let near = (ours - right).abs() <= 1e-9 * right.abs().max(1.0);
                assert!(near || (ours.is_nan() && right.is_nan()), "{step} {name} {unit}: {ours} {right}");
                compared += 1;
            }
        }
    }
    assert_eq!(compared, 51 * (4 * 30 + 6), "all steps of 30 indicators and six scores");
}

/// The partition that another program has found, comparing every point: labels, cores and noise.
#[test]
fn clusters_are_those_that_another_program_has_found() {
    use engines::clusters::{Question, check, cluster};
    let Some(data) = sets::data().filter(|data| data.join("dbscan-clusters").is_dir()) else {
        println!(
            "skipped: no ../shared/data/dbscan-clusters; set KECHUANG_SHARED to the folder that holds data/"
        );
        return;
    };
    let sets = [
        ("cn-eps25km-min10.labels.tsv.zst", 25.0, 10, (2_203, 36, 1_758)),
        ("world-eps30km-min40.labels.tsv.zst", 30.0, 40, (46_811, 190, 27_839)),
    ];
    for (labels, km, least, expected) in sets {
        let towns = towns::towns(&data, labels).unwrap();
        let places: Vec<_> = towns.iter().map(|town| town.place).collect();
        let question = Question { places: &places, weights: &[], km, least };
        let answer = cluster(&question).unwrap();
        let cores = answer.is_core.iter().filter(|core| **core).count();
        assert_eq!((towns.len(), answer.clusters, cores), expected, "{labels}");
        for (point, town) in towns.iter().enumerate() {
            assert_eq!(answer.is_core[point], town.is_core, "{labels} {point}");
            assert_eq!(answer.labels[point].map_or(-1, i64::from), town.label, "{labels} {point}");
        }
        assert_eq!(check(&question, &answer), Ok(()), "{labels}");
    }
}

#[test]
fn reviewers_are_assigned_as_well_as_can_be() {
    use engines::reviewers::{Outcome, Question, bound_floor, check, check_floor, propose, raise};
    let Some(data) = sets::data().filter(|data| data.join("reviewer-assignment").is_dir()) else {
        println!(
            "skipped: no ../shared/data/reviewer-assignment; set KECHUANG_SHARED to the folder that holds data/"
        );
        return;
    };
    let is_met = |name: &str, question: &Question, optimum: f64| {
        let Outcome::Proposed(proposal) = propose(question, &mut |_| true).unwrap() else {
            panic!("{name} can be assigned")
        };
        assert_eq!(check(question, &proposal), Ok(()), "{name}");
        assert_eq!(proposal.value, proposal.bound, "{name}");
        let value = proposal.value as f64 / reviewing::POINT;
        // The recorded optima were found in floating point.
        assert!((value - optimum).abs() < 3e-6, "{name}: {value} for {optimum}");
        let fair = raise(question, &proposal, 1_000, &mut |_| true);
        assert_eq!(check(question, &fair), Ok(()), "{name}");
        let floor = bound_floor(question, &fair, &mut |_| true);
        assert_eq!(check_floor(question, &floor), Ok(()), "{name}");
        let points = |whole: i64| whole as f64 / reviewing::POINT;
        let (before, after, bound) = (points(proposal.worst), points(fair.worst), points(floor.bound));
        println!("{name}: worst {before:.4}, raised to {after:.4}, at most {bound:.4}");
        assert!(before <= after && after <= bound, "{name}");
    };
    is_met("preflib1", &reviewing::bids(&data, "preflib1", 3, 6).unwrap(), 124.25);
    is_met("preflib2", &reviewing::bids(&data, "preflib2", 3, 9).unwrap(), 141.5);
    is_met("aamas2016, 9", &reviewing::bids(&data, "aamas2016", 3, 9).unwrap(), 920.75);
    is_met("aamas2016, 12", &reviewing::bids(&data, "aamas2016", 3, 12).unwrap(), 949.5);
    is_met("midl", &reviewing::midl(&data, false).unwrap(), 201.884_880);
    is_met("midl, everyone at least two", &reviewing::midl(&data, true).unwrap(), 150.043_125);
}

/// In-sample: how works are put together was chosen among some fifty-five ways, all looked at on this set. The
/// example `expertise_bench` says what such a choice is worth for researchers it has not seen.
#[test]
fn nearness_agrees_with_what_researchers_say_of_themselves() {
    let Some(data) = sets::data().filter(|data| data.join("reviewer-expertise-gold").is_dir()) else {
        println!(
            "skipped: no ../shared/data/reviewer-expertise-gold; set KECHUANG_SHARED to the folder that holds data/"
        );
        return;
    };
    let [all, one_half, other_half] = reviewing::expertise_loss(&data).unwrap();
    println!("loss {all:.4}; halves {one_half:.4} {other_half:.4}");
    assert!(all <= 0.25 && other_half <= 0.25, "{all:.4} {one_half:.4} {other_half:.4}");
}
