use super::*;

/// Numbers that are the same on every machine (Knuth's multiplier).
struct Dice(u64);

impl Dice {
    fn below(&mut self, end: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % end
    }
}

fn owes(debtor: u32, creditor: u32, fen: i64) -> Obligation {
    Obligation { debtor, creditor, fen, is_disputed: false }
}

fn random(dice: &mut Dice, parties: u32, lines: usize, fen: u64) -> Vec<Obligation> {
    let line = |dice: &mut Dice| {
        let debtor = u32::try_from(dice.below(u64::from(parties))).unwrap();
        let apart = 1 + u32::try_from(dice.below(u64::from(parties) - 1)).unwrap();
        owes(debtor, (debtor + apart) % parties, 1 + i64::try_from(dice.below(fen)).unwrap())
    };
    (0..lines).map(|_| line(dice)).collect()
}

/// The fewest payments, by trying all partitions of the parties into groups that sum to nothing.
fn fewest_by_force(positions: &[i64]) -> usize {
    fn most(rest: &[i64], groups: &mut Vec<i64>) -> usize {
        let Some((first, rest)) = rest.split_first() else {
            return if groups.iter().all(|sum| *sum == 0) { groups.len() } else { 0 };
        };
        let mut best = 0;
        for place in 0..=groups.len() {
            if place == groups.len() {
                groups.push(*first);
                best = best.max(most(rest, groups));
                groups.pop();
            } else {
                groups[place] += first;
                best = best.max(most(rest, groups));
                groups[place] -= first;
            }
        }
        best
    }
    let open: Vec<i64> = positions.iter().copied().filter(|position| *position != 0).collect();
    open.len() - most(&open, &mut Vec::new())
}

#[test]
fn four_provinces_settle_in_as_few_payments_as_can_be() {
    // Shanghai 0, Jiangsu 1, Zhejiang 2, Anhui 3: two rings and a debt.
    let lines = [owes(2, 0, 500), owes(0, 1, 300), owes(1, 2, 200), owes(3, 0, 150), owes(0, 3, 150)];
    let question = Question { parties: 4, obligations: &lines };
    let proposal = net(&question).unwrap();
    assert_eq!(proposal.positions, [200, 100, -300, 0]);
    assert_eq!(
        proposal.payments,
        [Payment { from: 2, to: 0, fen: 200 }, Payment { from: 2, to: 1, fen: 100 }]
    );
    let verdict = check(&question, &proposal).unwrap();
    assert_eq!((verdict.gross, verdict.moved, verdict.payments, verdict.at_least), (1_300, 300, 2, 2));
    assert!(proposal.is_fewest);
}

#[test]
fn small_cases_are_as_good_as_trying_everything() {
    let mut dice = Dice(7);
    for _ in 0..400 {
        let parties = 2 + u32::try_from(dice.below(6)).unwrap();
        let lines = usize::try_from(dice.below(12)).unwrap();
        let obligations = random(&mut dice, parties, lines, 6);
        let question = Question { parties, obligations: &obligations };
        let proposal = net(&question).unwrap();
        let verdict = check(&question, &proposal).unwrap();
        assert!(proposal.is_fewest);
        assert_eq!(verdict.payments, fewest_by_force(&proposal.positions), "{obligations:?}");
    }
}

#[test]
fn large_cases_keep_every_balance_and_split_off_what_cancels() {
    let mut dice = Dice(11);
    for parties in [19, 40, 200, 1_000] {
        let obligations = random(&mut dice, parties, 20_000, 1_000_000);
        let question = Question { parties, obligations: &obligations };
        let proposal = net(&question).unwrap();
        let verdict = check(&question, &proposal).unwrap();
        assert!(verdict.payments < parties as usize);
        assert!(verdict.payments >= verdict.at_least);
    }
    // Ten rings of three that only cancel in threes, and no pairs: 20 payments instead of 29.
    let ring = |n: u32| [owes(3 * n, 3 * n + 2, 100 + i64::from(n)), owes(3 * n + 1, 3 * n + 2, 7_000 << n)];
    let obligations: Vec<Obligation> = (0..10).flat_map(ring).collect();
    let question = Question { parties: 30, obligations: &obligations };
    let proposal = net(&question).unwrap();
    assert_eq!(check(&question, &proposal).unwrap().payments, 20);
    assert!(!proposal.is_fewest, "not every grouping of thirty was looked at");
}

#[test]
fn a_line_in_dispute_waits_and_disturbs_no_other() {
    let mut lines = vec![owes(0, 1, 500), owes(1, 2, 500), owes(2, 0, 500), owes(0, 1, 40)];
    lines[3].is_disputed = true;
    let question = Question { parties: 3, obligations: &lines };
    let proposal = net(&question).unwrap();
    assert_eq!((proposal.payments.len(), check(&question, &proposal).unwrap().gross), (0, 1_500));
    let of = statements(&question);
    assert_eq!(of.len(), 3);
    assert_eq!(
        (of[0].pair, of[0].balance(), &of[0].lines[..], &of[0].disputed[..]),
        ((0, 1), 500, &[0][..], &[3][..])
    );
    assert_eq!((of[1].pair, of[1].balance()), ((0, 2), -500));
}

#[test]
fn what_cannot_be_netted_is_named_by_its_line() {
    let fault = |lines: &[Obligation]| net(&Question { parties: 3, obligations: lines }).unwrap_err();
    assert_eq!(fault(&[owes(0, 1, 5), owes(1, 1, 5)]), Fault::OwesItself { line: 1 });
    assert_eq!(fault(&[owes(0, 3, 5)]), Fault::NoSuchParty { line: 0 });
    assert_eq!(fault(&[owes(0, 1, 0)]), Fault::NotPositive { line: 0 });
    assert_eq!(fault(&[owes(0, 1, -4)]), Fault::NotPositive { line: 0 });
    assert_eq!(fault(&[owes(0, 1, i64::MAX), owes(2, 1, 1)]), Fault::TooMuch);
    let too_many = Question { parties: PARTIES_MAX + 1, obligations: &[] };
    assert_eq!(net(&too_many).unwrap_err(), Fault::TooManyParties);
}

#[test]
fn a_spoiled_proposal_does_not_pass() {
    let obligations = random(&mut Dice(3), 12, 60, 900);
    let question = Question { parties: 12, obligations: &obligations };
    let good = net(&question).unwrap();
    assert!(check(&question, &good).is_ok());
    let spoil = |change: &dyn Fn(&mut Proposal)| {
        let mut bad = good.clone();
        change(&mut bad);
        check(&question, &bad).unwrap_err()
    };
    assert_eq!(spoil(&|bad| bad.positions[2] += 1), Wrong::Position { party: 2 });
    assert!(matches!(spoil(&|bad| bad.payments[0].fen += 1), Wrong::NotSettled { .. }));
    assert!(matches!(spoil(&|bad| bad.payments.truncate(1)), Wrong::NotSettled { .. }));
    assert!(matches!(spoil(&|bad| bad.payments[0].fen = -1), Wrong::Payment { payment: 0 }));
    assert!(matches!(spoil(&|bad| drop(bad.groups.pop())), Wrong::Group { .. }));
    assert!(matches!(spoil(&|bad| bad.groups[0].truncate(1)), Wrong::Group { .. }));
    // The same money in more payments than needed.
    let split = spoil(&|bad| {
        let first = bad.payments[0];
        let half = first.fen / 2;
        bad.payments[0].fen = half;
        bad.payments.push(Payment { fen: first.fen - half, ..first });
    });
    assert_eq!(split, Wrong::TooManyPayments);
}
