use std::cmp::Ordering;

use super::*;

/// A linear congruential generator (Knuth): the same numbers on every machine.
struct Dice(u64);

impl Dice {
    fn below(&mut self, end: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % end
    }
}

fn work(authors: &[&[u32]]) -> Work {
    Work { authors: authors.iter().map(|places| places.to_vec()).collect() }
}

#[test]
fn a_work_is_shared_by_authors_and_then_by_affiliations() {
    // Three authors: one here, one here and there, one elsewhere without a place.
    let works = [work(&[&[0], &[0, 1], &[]]), work(&[&[1]])];
    let question = Question { works: &works, places: 3 };
    let answer = share(&question).unwrap();
    assert_eq!(answer.counts, [1, 2, 0]);
    let exact = |sum: &Sum| sum.exact(20).unwrap();
    assert_eq!([&answer.shares[0], &answer.shares[1], &answer.shares[2]].map(exact), ["1/2", "7/6", "0"]);
    assert_eq!((exact(&answer.nowhere), answer.shares[1].decimal(3)), ("1/3".into(), "1.167".into()));
    assert_eq!(check(&question, &answer), Ok(()));
}

/// Against fractions of 128 bits, which small cases stay within.
#[test]
fn sums_are_those_of_whole_numbers() {
    let mut dice = Dice(3);
    for _ in 0..300 {
        let (mut sum, mut above, mut below) = (Sum::default(), 0_u128, 1_u128);
        for _ in 0..dice.below(12) {
            let part = Fraction { above: dice.below(9), below: 1 + dice.below(16) };
            sum.add(part);
            above = above * u128::from(part.below) + u128::from(part.above) * below;
            below *= u128::from(part.below);
        }
        let mut shared = (above, below);
        while shared.1 > 0 {
            shared = (shared.1, shared.0 % shared.1);
        }
        let (a, b) = (above / shared.0, below / shared.0);
        let expected = if b == 1 { a.to_string() } else { format!("{a}/{b}") };
        assert_eq!(sum.exact(40), Some(expected));
        assert_eq!(sum.whole(), (b == 1).then_some(a));
        let rounded = (a * 1_000 * 2 + b) / (2 * b);
        assert_eq!(sum.decimal(3), format!("{}.{:03}", rounded / 1_000, rounded % 1_000));
        let mut more = sum.clone();
        more.add(Fraction { above: 1, below: 1_000_003 });
        assert_eq!(
            (sum.compare(&more), more.compare(&sum), sum.compare(&sum)),
            (Ordering::Less, Ordering::Greater, Ordering::Equal)
        );
    }
}

/// All denominators up to two thousand: the common one has some eight hundred digits.
#[test]
fn sums_stay_exact_however_long_they_get() {
    let mut sum = Sum::default();
    for below in 1..=2_000 {
        for _ in 0..below {
            sum.add(Fraction { above: 1, below });
        }
    }
    assert_eq!(sum.whole(), Some(2_000));
    sum.add(Fraction { above: 1, below: 1_999 });
    assert_eq!((sum.whole(), sum.exact(30)), (None, None));
    assert_eq!(sum.decimal(10), "2000.0005002501");
    let mut third = Sum::default();
    (0..3).for_each(|_| third.add(Fraction { above: 1, below: 3 }));
    let mut one = Sum::default();
    one.add(Fraction { above: 1, below: 1 });
    assert_eq!(third.compare(&one), Ordering::Equal);
    assert_eq!((one.decimal(0), Sum::default().decimal(2)), ("1".into(), "0.00".into()));
    let mut high = Sum::default();
    high.add(Fraction { above: 1_999, below: 2_000 });
    assert_eq!((high.decimal(3), high.decimal(2)), ("1.000".into(), "1.00".into()));
}

#[test]
fn shares_come_to_the_number_of_works() {
    let mut dice = Dice(8);
    let works: Vec<Work> = (0..800)
        .map(|_| {
            let places = |dice: &mut Dice| -> Vec<u32> {
                let mut list: Vec<u32> = (0..dice.below(4)).map(|_| dice.below(30) as u32).collect();
                list.sort_unstable();
                list.dedup();
                list
            };
            Work { authors: (0..=dice.below(23)).map(|_| places(&mut dice)).collect() }
        })
        .collect();
    let question = Question { works: &works, places: 30 };
    let answer = share(&question).unwrap();
    assert_eq!(check(&question, &answer), Ok(()));
    let has = |work: &Work, place: u32| work.authors.iter().any(|list| list.contains(&place));
    for place in 0..30 {
        let count = works.iter().filter(|work| has(work, place)).count() as u64;
        assert_eq!(answer.counts[place as usize], count);
    }
    let mut bad = answer.clone();
    bad.shares[4].add(Fraction { above: 1, below: 5 });
    assert_eq!(check(&question, &bad), Err(Wrong::Place { place: 4 }));
    let mut bad = answer.clone();
    bad.nowhere = Sum::default();
    assert_eq!(check(&question, &bad), Err(Wrong::Sum));
    let mut bad = answer;
    bad.counts.pop();
    assert_eq!(check(&question, &bad), Err(Wrong::Place { place: 29 }));
}

#[test]
fn what_cannot_be_counted_is_named() {
    let fault = |works: &[Work]| share(&Question { works, places: 2 }).unwrap_err();
    assert_eq!(fault(&[work(&[&[0]]), work(&[])]), Fault::Authors { work: 1 });
    assert_eq!(fault(&[work(&[&[0], &[1, 1]])]), Fault::Affiliation { work: 0, author: 1 });
    assert_eq!(fault(&[work(&[&[2]])]), Fault::Affiliation { work: 0, author: 0 });
    let many: Vec<u32> = (0..1_001).collect();
    assert_eq!(fault(&[work(&[&many])]), Fault::Affiliations { work: 0, author: 0 });
}
