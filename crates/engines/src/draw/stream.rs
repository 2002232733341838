//! Stream: from a seed and a label, numbers without end that nobody can steer and anyone can make again.
//!
//! Block `i` is `SHA-256("kechuang draw stream v1" ‖ 0 ‖ seed ‖ length of label ‖ label ‖ i)`, lengths and `i` as
//! eight bytes, the highest first; it is read as four numbers of eight bytes, the highest first. A hash in counter mode
//! instead of a faster cipher, because whoever checks a draw has one at hand: it is ten lines in any language.

use sha2::{Digest, Sha256};

use super::Seed;

const DOMAIN: &[u8] = b"kechuang draw stream v1\0";

/// The numbers of one draw.
pub struct Stream {
    begun: Sha256,
    block: u64,
    waiting: Vec<u64>,
}

impl Stream {
    /// The stream of a seed for one purpose: other labels give other numbers.
    #[must_use]
    pub fn new(seed: &Seed, label: &str) -> Self {
        let length = u64::try_from(label.len()).unwrap_or(u64::MAX);
        let begun =
            Sha256::new().chain_update(DOMAIN).chain_update(seed.0).chain_update(length.to_be_bytes());
        Self { begun: begun.chain_update(label), block: 0, waiting: Vec::new() }
    }

    /// The next number, each of the 2⁶⁴ as likely as any other.
    pub fn number(&mut self) -> u64 {
        if self.waiting.is_empty() {
            let block = self.begun.clone().chain_update(self.block.to_be_bytes()).finalize();
            self.block += 1;
            let (numbers, _) = block.as_chunks::<8>();
            self.waiting = numbers.iter().rev().map(|bytes| u64::from_be_bytes(*bytes)).collect();
        }
        self.waiting.pop().unwrap_or(0)
    }

    /// A number below `bound`, each as likely as any other; 0 when `bound` is 0.
    ///
    /// Numbers in the incomplete last round of `bound` are thrown away: taking them too would favour the
    /// small ones. At most every second number is, so this ends soon.
    pub fn below(&mut self, bound: u64) -> u64 {
        if bound <= 1 {
            return 0;
        }
        // 2⁶⁴ mod bound.
        let odd = bound.wrapping_neg() % bound;
        loop {
            let number = self.number();
            if number >= odd {
                return number % bound;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_stream_is_what_its_description_says() {
        let seed = Seed([7; 32]);
        let mut text = DOMAIN.to_vec();
        text.extend([7; 32]);
        text.extend(5_u64.to_be_bytes());
        text.extend(b"panel");
        let block = |i: u64| Sha256::digest([text.as_slice(), &i.to_be_bytes()].concat());
        let mut stream = Stream::new(&seed, "panel");
        for i in 0..3 {
            for bytes in block(i).chunks(8) {
                assert_eq!(stream.number().to_be_bytes(), bytes);
            }
        }
    }

    #[test]
    fn the_same_numbers_come_on_every_machine() {
        // As an own few lines of Python make them from the description above.
        let mut stream = Stream::new(&Seed([0; 32]), "golden");
        let first: Vec<u64> = (0..3).map(|_| stream.number()).collect();
        assert_eq!(
            first,
            [12_240_248_842_449_326_558, 15_046_244_003_303_344_105, 9_296_167_210_627_360_741]
        );
        let small: Vec<u64> = (0..12).map(|_| stream.below(10)).collect();
        assert_eq!(small, [6, 1, 5, 9, 7, 7, 9, 2, 6, 2, 4, 0]);
    }

    #[test]
    fn bounds_are_kept_and_every_number_below_comes() {
        let mut stream = Stream::new(&Seed([1; 32]), "bounds");
        assert_eq!((stream.below(0), stream.below(1)), (0, 0));
        for bound in [2, 3, 7, 10, (1 << 63) + 1, u64::MAX] {
            assert!((0..200).all(|_| stream.below(bound) < bound));
        }
        let seen: std::collections::BTreeSet<u64> = (0..200).map(|_| stream.below(7)).collect();
        assert_eq!(seen.len(), 7);
    }
}
