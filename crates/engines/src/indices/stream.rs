//! Stream: random numbers by counting. Number i of a purpose of a simulation depends on the seed and on these
//! alone, so any simulation can be made again by itself, in any order, in any language.
//!
//! Philox 4×32-10 (Salmon, Moraes, Dror and Shaw, 2011): number i is word `i mod 4` of the block whose counter is
//! (`i div 4`, simulation, purpose, 0) under the two halves of the seed, the low one first.

const MULTIPLIERS: [u32; 2] = [0xD251_1F53, 0xCD9E_8D57];
const STEPS: [u32; 2] = [0x9E37_79B9, 0xBB67_AE85];
const ROUNDS: usize = 10;
/// Blocks that are made side by side.
const WIDE: usize = 16;
const NARROW: usize = 8;

/// What numbers are drawn for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Purpose {
    Weights = 0,
    Choice = 1,
    Noise = 2,
}

/// One block of Philox.
#[must_use]
pub fn block(counter: [u32; 4], seed: u64) -> [u32; 4] {
    let [a, b, c, d] = counter;
    let [w, x, y, z] = wide([[a; 1], [b; 1], [c; 1], [d; 1]], seed);
    let first = |lane: [u32; 1]| lane.first().copied().unwrap_or(0);
    [first(w), first(x), first(y), first(z)]
}

/// The same for blocks side by side.
#[inline(always)]
#[expect(clippy::cast_possible_truncation, reason = "the two halves of a product and of the seed")]
fn wide<const N: usize>(counters: [[u32; N]; 4], seed: u64) -> [[u32; N]; 4] {
    let [mut a, mut b, mut c, mut d] = counters;
    let [mut low, mut high] = [seed as u32, (seed >> 32) as u32];
    let [first, second] = MULTIPLIERS;
    for _ in 0..ROUNDS {
        for (((a, b), c), d) in a.iter_mut().zip(&mut b).zip(&mut c).zip(&mut d) {
            let (p, q) = (u64::from(*a) * u64::from(first), u64::from(*c) * u64::from(second));
            *a = (q >> 32) as u32 ^ *b ^ low;
            *c = (p >> 32) as u32 ^ *d ^ high;
            *b = q as u32;
            *d = p as u32;
        }
        let [x, y] = STEPS;
        low = low.wrapping_add(x);
        high = high.wrapping_add(y);
    }
    [a, b, c, d]
}

/// The first numbers of a purpose of a simulation, as many as there is room for.
#[inline(always)]
pub fn numbers(seed: u64, simulation: u32, purpose: Purpose, room: &mut [u32]) {
    let mut begin = 0_u32;
    for part in room.chunks_mut(WIDE * 4) {
        // What is left over at the end needs half of that at most, as often as not.
        if part.len() > NARROW * 4 {
            some::<WIDE>(seed, (begin, simulation, purpose as u32), part);
        } else {
            some::<NARROW>(seed, (begin, simulation, purpose as u32), part);
        }
        begin += WIDE as u32;
    }
}

/// The numbers of the blocks from `begin` on.
#[inline(always)]
fn some<const N: usize>(seed: u64, (begin, simulation, purpose): (u32, u32, u32), room: &mut [u32]) {
    let mut counter = [0_u32; N];
    counter.iter_mut().zip(begin..).for_each(|(lane, place)| *lane = place);
    let [a, b, c, d] = wide([counter, [simulation; N], [purpose; N], [0; N]], seed);
    let words = a.iter().zip(&b).zip(&c).zip(&d);
    let mut blocks = [[0_u32; 4]; N];
    for (block, (((a, b), c), d)) in blocks.iter_mut().zip(words) {
        *block = [*a, *b, *c, *d];
    }
    room.iter_mut().zip(blocks.as_flattened()).for_each(|(slot, word)| *slot = *word);
}

/// A number as a part of one: above 0 and below 1.
#[inline(always)]
#[must_use]
pub fn part(number: u32) -> f64 {
    (f64::from(number) + 0.5) * (1.0 / 4_294_967_296.0)
}

/// One of `count` choices, each as likely as the others to four parts in a thousand million.
#[must_use]
pub fn one_of(count: usize, number: u32) -> usize {
    let place = (u64::from(number) * count as u64) >> 32;
    usize::try_from(place).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The known answers that come with the authors' own implementation.
    #[test]
    fn philox_gives_the_known_answers() {
        assert_eq!(block([0; 4], 0), [0x6627_e8d5, 0xe169_c58d, 0xbc57_ac4c, 0x9b00_dbd8]);
        let ones = u32::MAX;
        assert_eq!(block([ones; 4], u64::MAX), [0x408f_276d, 0x41c8_3b0e, 0xa20b_c7c6, 0x6d54_51fd]);
        let pi = [0x243f_6a88, 0x85a3_08d3, 0x1319_8a2e, 0x0370_7344];
        assert_eq!(block(pi, 0x299f_31d0_a409_3822), [0xd16c_fe09, 0x94fd_cceb, 0x5001_e420, 0x2412_6ea1]);
    }

    #[test]
    fn every_number_is_a_word_of_its_block() {
        let mut room = [0; 203];
        numbers(77, 9, Purpose::Noise, &mut room);
        for (place, number) in room.iter().enumerate() {
            assert_eq!(*number, block([place as u32 / 4, 9, 2, 0], 77)[place % 4]);
        }
        let parts = room.map(part);
        assert!(parts.iter().all(|part| *part > 0.0 && *part < 1.0));
        assert_eq!(
            (part(0) > 0.0, part(u32::MAX) < 1.0, one_of(3, u32::MAX), one_of(3, 0)),
            (true, true, 2, 0)
        );
    }
}
