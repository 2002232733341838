use super::*;

/// A linear congruential generator (Knuth): the same numbers on every machine.
struct Dice(u64);

impl Dice {
    fn part(&mut self) -> f64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 11) as f64 / (1_u64 << 53) as f64
    }
}

fn place(latitude: f64, longitude: f64) -> Place {
    Place { latitude, longitude }
}

/// Points in a window, some of them on a coarse raster so that places come again.
fn places(dice: &mut Dice, count: usize, low: (f64, f64), size: (f64, f64)) -> Vec<Place> {
    let turned = |longitude: f64| if longitude > 180.0 { longitude - 360.0 } else { longitude };
    let one = |dice: &mut Dice| {
        let (mut a, mut b) = (dice.part(), dice.part());
        if dice.part() < 0.3 {
            (a, b) = ((a * 12.0).floor() / 12.0, (b * 12.0).floor() / 12.0);
        }
        place((low.0 + a * size.0).clamp(-90.0, 90.0), turned(low.1 + b * size.1))
    };
    (0..count).map(|_| one(dice)).collect()
}

/// Every pair compared, clusters grown one after the other from the first core point on.
fn brute(question: &Question) -> (Vec<Option<u32>>, Vec<bool>) {
    let count = question.places.len();
    let near: Vec<Vec<usize>> = (0..count)
        .map(|one| (0..count).filter(|other| sphere::are_near(question, one, *other)).collect())
        .collect();
    let weight = |point: &usize| question.weights.get(*point).copied().unwrap_or(1);
    let is_core: Vec<bool> =
        near.iter().map(|list| list.iter().map(weight).sum::<u64>() >= question.least).collect();
    let (mut labels, mut next) = (vec![None; count], 0);
    for point in 0..count {
        if labels[point].is_some() || !is_core[point] {
            continue;
        }
        let mut open = vec![point];
        labels[point] = Some(next);
        while let Some(one) = open.pop() {
            for other in near[one].iter().copied().filter(|_| is_core[one]) {
                if labels[other].is_none() {
                    labels[other] = Some(next);
                    open.push(other);
                }
            }
        }
        next += 1;
    }
    (labels, is_core)
}

#[test]
fn clusters_are_those_of_all_pairs() {
    let mut dice = Dice(7);
    let windows = [
        ((30.0, 120.0), (1.5, 1.5)),
        ((-0.7, 10.0), (1.4, 1.4)),
        ((-40.0, 179.3), (1.2, 1.4)),
        ((88.6, -180.0), (1.4, 360.0)),
        ((-90.0, 0.0), (1.0, 360.0)),
        ((65.0, -20.0), (0.6, 1.4)),
        ((89.9, 0.0), (0.1, 360.0)),
    ];
    let (mut clusters, mut borders) = (0, 0);
    for round in 0..140_u64 {
        let (low, size) = windows[(round % 7) as usize];
        let count = 5 + (dice.part() * 300.0) as usize;
        let places = places(&mut dice, count, low, size);
        let weights: Vec<u64> = match round % 3 {
            0 => vec![],
            _ => (0..count).map(|_| (dice.part() * 1_000_000.0) as u64).collect(),
        };
        let unit = if weights.is_empty() { 1.0 } else { 500_000.0 };
        let least = (unit * (1.0 + dice.part() * 12.0)) as u64;
        let km = 1.0 + dice.part() * 30.0;
        let question = Question { places: &places, weights: &weights, km, least };
        let answer = cluster(&question).unwrap();
        let (labels, is_core) = brute(&question);
        assert_eq!((&answer.labels, &answer.is_core), (&labels, &is_core), "round {round}, {km} km, {least}");
        assert_eq!(check(&question, &answer), Ok(()), "round {round}");
        clusters += answer.clusters;
        borders += answer.anchors.len();
        let cores = is_core.iter().filter(|core| **core).count();
        assert_eq!(answer.links.len() + answer.clusters as usize, cores);
    }
    assert!(clusters > 200 && borders > 300, "{clusters} clusters, {borders} at borders");
}

/// Dense enough that whole cells and spots decide, with a radius that cuts through a city.
#[test]
fn dense_places_are_decided_without_loss() {
    let mut dice = Dice(99);
    let places: Vec<Place> = (0..4_000)
        .map(|_| {
            let bell = |dice: &mut Dice| (0..6).map(|_| dice.part() - 0.5).sum::<f64>() * 0.25;
            place(31.2 + bell(&mut dice), 121.5 + bell(&mut dice))
        })
        .collect();
    for (km, least) in [(15.0, 700), (15.0, 1_000), (4.0, 90), (40.0, 3_000)] {
        let question = Question { places: &places, weights: &[], km, least };
        let answer = cluster(&question).unwrap();
        let cores = answer.is_core.iter().filter(|core| **core).count();
        assert!(cores > 20 && cores < 3_990, "{cores} of {km} km, {least}");
        assert_eq!(check(&question, &answer), Ok(()), "{km} km, {least}");
    }
}

#[test]
fn a_point_at_the_border_of_two_goes_to_the_first() {
    // Two stars of four around a point between them that has too few itself.
    let star = |longitude: f64| [place(0.0, longitude), place(0.001, longitude), place(-0.001, longitude)];
    let mut places = vec![place(0.0, 0.0)];
    places.extend(star(0.1));
    places.extend(star(-0.1));
    let question = Question { places: &places, weights: &[], km: 12.0, least: 4 };
    let answer = cluster(&question).unwrap();
    // The one in the middle counts seven and is a core point: all is one cluster.
    assert_eq!((answer.clusters, answer.is_core[0]), (1, true));
    let question = Question { least: 8, ..question };
    assert_eq!(
        cluster(&question).unwrap(),
        Answer { labels: vec![None; 7], is_core: vec![false; 7], ..Answer::default() }
    );
    // A tenth of a degree is 11.1195 km: of each star only the middle lies within the radius of the first point.
    let weights = [0, 4, 9, 9, 4, 9, 9];
    let question = Question { weights: &weights, least: 20, km: 11.119_8, ..question };
    let answer = cluster(&question).unwrap();
    assert_eq!(answer.labels, [0, 0, 0, 0, 1, 1, 1].map(Some));
    assert_eq!((answer.is_core[0], answer.anchors.as_slice()), (false, &[(0, 1)][..]));
    assert_eq!(check(&question, &answer), Ok(()));
}

#[test]
fn an_answer_does_not_depend_on_the_order_of_points() {
    let mut dice = Dice(5);
    let places = places(&mut dice, 500, (31.0, 121.0), (0.8, 0.8));
    let question = Question { places: &places, weights: &[], km: 6.0, least: 9 };
    let forward = cluster(&question).unwrap();
    let reversed: Vec<Place> = places.iter().rev().copied().collect();
    let backward = cluster(&Question { places: &reversed, ..question }).unwrap();
    let mut renamed = std::collections::BTreeMap::new();
    for ((one, other), is_core) in
        forward.labels.iter().zip(backward.labels.iter().rev()).zip(&forward.is_core)
    {
        assert_eq!(one.is_some(), other.is_some());
        if *is_core {
            assert_eq!(renamed.entry(one).or_insert(other), &other, "the same partition of core points");
        }
    }
}

#[test]
fn a_spoiled_answer_does_not_pass() {
    let mut dice = Dice(13);
    let places = places(&mut dice, 400, (31.0, 121.0), (1.0, 1.0));
    let question = Question { places: &places, weights: &[], km: 6.0, least: 7 };
    let good = cluster(&question).unwrap();
    assert!(good.clusters > 2 && !good.anchors.is_empty());
    let spoil = |change: &dyn Fn(&mut Answer)| {
        let mut bad = good.clone();
        change(&mut bad);
        check(&question, &bad).unwrap_err()
    };
    let core = good.is_core.iter().position(|core| *core).unwrap();
    let noise = good.labels.iter().position(Option::is_none).unwrap();
    let border = good.anchors[0].0 as usize;
    assert!(matches!(spoil(&|bad| bad.links[0].1 = noise as u32), Wrong::Link { link: 0 }));
    assert!(matches!(spoil(&|bad| bad.links.truncate(bad.links.len() - 1)), Wrong::Apart { .. }));
    assert!(matches!(spoil(&|bad| bad.anchors.truncate(bad.anchors.len() - 1)), Wrong::Anchor { .. }));
    assert!(matches!(spoil(&|bad| bad.labels[noise] = Some(0)), Wrong::Anchor { .. }));
    assert!(matches!(spoil(&|bad| bad.is_core[core] = false), Wrong::Order | Wrong::Link { .. }));
    assert!(matches!(spoil(&|bad| bad.clusters += 1), Wrong::Order));
    // A border point made noise needs no link: only counting finds it.
    let wrong = spoil(&|bad| {
        bad.labels[border] = None;
        bad.anchors.retain(|(point, _)| *point as usize != border);
    });
    assert_eq!(wrong, Wrong::Label { point: border });
}

#[test]
fn what_cannot_be_clustered_is_named() {
    let places = [place(1.0, 2.0), place(f64::NAN, 2.0)];
    let good = Question { places: &places[..1], weights: &[], km: 1.0, least: 1 };
    assert_eq!(cluster(&Question { places: &places, ..good }), Err(Fault::Nowhere { point: 1 }));
    assert_eq!(cluster(&Question { places: &[place(91.0, 0.0)], ..good }), Err(Fault::Nowhere { point: 0 }));
    assert_eq!(cluster(&Question { weights: &[1, 2], ..good }), Err(Fault::Shape));
    assert_eq!(cluster(&Question { km: 0.0, ..good }), Err(Fault::Radius));
    assert_eq!(cluster(&Question { km: f64::NAN, ..good }), Err(Fault::Radius));
    assert_eq!(cluster(&Question { least: 0, ..good }), Err(Fault::Least));
    let two = [place(1.0, 2.0); 2];
    let weights = [u64::MAX, 1];
    assert_eq!(cluster(&Question { places: &two, weights: &weights, ..good }), Err(Fault::TooMuch));
    assert_eq!(cluster(&Question { places: &[], ..good }), Ok(Answer::default()));
    assert_eq!(cluster(&good).unwrap().labels, [Some(0)]);
}
