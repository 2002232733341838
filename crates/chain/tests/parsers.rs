//! Every reader of bytes that strangers send, fed with good inputs that were changed a little, many times, from one seed.
//!
//! No panic, nothing read that is larger than what came, and what was read is printed as it came. `FUZZ_ROUNDS=1000000
//! cargo test --release -p chain --test parsers` goes further than usual.

#[cfg(test)]
mod parsers {
    use chain::note::{self, NoteError};
    use chain::tile::{self, Tile};
    use chain::witness::{Request, Seen};
    use chain::{Checkpoint, Cosigner, Hash, Memory, Receipt, Signer, Verifier, leaf, proof, receipt, tree};

    const ORIGIN: &str = "region.example/log";
    const LEAVES: u64 = 300;

    fn rounds() -> usize {
        std::env::var("FUZZ_ROUNDS").ok().and_then(|rounds| rounds.parse().ok()).unwrap_or(2_000)
    }

    /// Numbers that look like chance and are the same each time (xorshift64).
    struct Dice(u64);

    impl Dice {
        fn below(&mut self, end: usize) -> usize {
            self.0 ^= self.0 << 13;
            self.0 ^= self.0 >> 7;
            self.0 ^= self.0 << 17;
            usize::try_from(self.0 % end.max(1) as u64).unwrap()
        }

        /// One to four changes: a bit, a byte, a cut, a repeat, a swap, pieces of another input.
        fn change(&mut self, bytes: &[u8], other: &[u8]) -> Vec<u8> {
            let mut bytes = bytes.to_vec();
            for _ in 0..=self.below(4) {
                let (place, end) = (self.below(bytes.len()), self.below(bytes.len()));
                let (low, high) = (place.min(end), place.max(end).min(place.min(end) + 200));
                match self.below(9) {
                    0 if !bytes.is_empty() => bytes[place] ^= 1 << self.below(8),
                    1 if !bytes.is_empty() => bytes[place] = INTERESTING[self.below(INTERESTING.len())],
                    2 => bytes.truncate(place),
                    3 => drop(bytes.drain(low..high)),
                    4 => bytes.splice(place..place, bytes[low..high].to_vec()).for_each(drop),
                    5 if !bytes.is_empty() => bytes.swap(place, end),
                    6 => {
                        let begin = self.below(other.len());
                        let piece = &other[begin..other.len().min(begin + self.below(80))];
                        bytes.splice(place..place, piece.iter().copied()).for_each(drop);
                    }
                    7 => bytes.insert(place, INTERESTING[self.below(INTERESTING.len())]),
                    _ => bytes.splice(place..place, TOKENS[self.below(TOKENS.len())].bytes()).for_each(drop),
                }
            }
            bytes
        }
    }

    const INTERESTING: [u8; 16] =
        [0, 1, 0x04, 0x7f, 0x80, 0xff, b'\n', b'\r', b' ', b'+', b'=', b'/', b'0', b'9', b'"', 0xe2];
    const TOKENS: [&str; 14] = [
        "\n\n",
        "— ",
        "18446744073709551615",
        "18446744073709551616",
        "-1",
        "00",
        "x999/",
        ".p/",
        "old ",
        "+",
        "\"v\":1,",
        "[[[[[[[[[[[[[[[[",
        "{\"a\":",
        "\u{3000}",
    ];

    struct Corpus {
        memory: Memory,
        signer: Signer,
        sm2: Signer,
        witness: Cosigner,
    }

    impl Corpus {
        fn new() -> Corpus {
            let mut memory = Memory::default();
            for number in 0..LEAVES {
                memory.push(leaf::leaf_hash(&leaf::entry(&[5; 32], format!("fact {number}").as_bytes()).0));
            }
            Corpus {
                memory,
                signer: Signer::from_seed(ORIGIN, [1; 32]).unwrap(),
                sm2: Signer::sm2_from_seed(ORIGIN, [2; 32]).unwrap(),
                witness: Cosigner::from_seed("witness.example/w", [3; 32]).unwrap(),
            }
        }

        fn keys(&self) -> Vec<Verifier> {
            vec![self.signer.verifier().clone(), self.sm2.verifier().clone(), self.witness.verifier().clone()]
        }

        fn note(&self, size: u64) -> String {
            let root = tree::root(size, &self.memory).unwrap();
            let note = Checkpoint { origin: ORIGIN.into(), size, root }.sign(&self.signer).unwrap();
            let note = note::sign_also(&note, &self.sm2).unwrap();
            note::cosign(&note, &self.witness, 1_700_000_000).unwrap()
        }

        fn receipt(&self) -> Receipt {
            Receipt {
                v: receipt::VERSION,
                origin: ORIGIN.into(),
                index: 77,
                size: LEAVES,
                fact: "fact 77".into(),
                salt: [5; 32],
                proof: proof::inclusion(77, LEAVES, &self.memory).unwrap(),
                checkpoint: self.note(LEAVES),
                key: self.signer.verifier().to_string(),
            }
        }
    }

    /// Plays changed inputs; a reader is told which are text. It must not answer with a panic.
    fn feed(seed: u64, inputs: &[Vec<u8>], mut read: impl FnMut(&[u8])) {
        let mut dice = Dice(seed);
        inputs.iter().for_each(|input| read(input));
        let mut last = inputs[0].clone();
        for _ in 0..rounds() {
            let (from, other) = (dice.below(inputs.len() + 1), dice.below(inputs.len()));
            // Changes pile up now and then, so that inputs far from any good one are met too.
            let changed = dice.change(inputs.get(from).unwrap_or(&last), &inputs[other]);
            read(&changed);
            last =
                if changed.is_empty() || changed.len() > 1 << 16 { inputs[other].clone() } else { changed };
        }
    }

    fn text(bytes: &[u8]) -> String {
        String::from_utf8_lossy(bytes).into_owned()
    }

    #[test]
    fn notes_open_only_with_the_text_that_was_signed() {
        let corpus = Corpus::new();
        let keys = corpus.keys();
        let good: Vec<String> = [0, 1, 255, LEAVES].map(|size| corpus.note(size)).to_vec();
        let inputs: Vec<Vec<u8>> = good.iter().map(|note| note.clone().into_bytes()).collect();
        let signed: Vec<&str> = good.iter().map(|note| note::unchecked_text(note).unwrap()).collect();
        let mut opened = 0;
        feed(11, &inputs, |bytes| match note::open(&text(bytes), &keys) {
            Ok(note) => {
                assert!(signed.contains(&note.text) && note.signatures.len() <= keys.len());
                opened += 1;
            }
            Err(NoteError::AmbiguousKey { .. }) => panic!("the keys are different"),
            Err(_) => {}
        });
        assert!(opened >= inputs.len());
    }

    #[test]
    fn checkpoints_are_printed_as_they_were_read() {
        let corpus = Corpus::new();
        let bodies =
            [0, 1, 255, LEAVES].map(|size| note::unchecked_text(&corpus.note(size)).unwrap().to_owned());
        let extended = format!("{}an extension\n", bodies[3]);
        let inputs: Vec<Vec<u8>> =
            bodies.iter().chain([&extended]).map(|body| body.clone().into_bytes()).collect();
        feed(12, &inputs, |bytes| {
            let body = text(bytes);
            if let Ok(checkpoint) = Checkpoint::parse(&body) {
                assert!(body.starts_with(&checkpoint.body()), "{body}");
                assert_eq!(Checkpoint::parse(&checkpoint.body()).unwrap().body(), checkpoint.body());
            }
        });
    }

    #[test]
    fn receipts_prove_nothing_that_was_not_proved() {
        let corpus = Corpus::new();
        let keys = corpus.keys();
        let good = corpus.receipt();
        let inputs = [serde_json::to_vec(&good).unwrap(), serde_json::to_vec_pretty(&good).unwrap()];
        feed(13, &inputs, |bytes| {
            let Ok(read) = receipt::parse(&text(bytes)) else { return };
            let printed = serde_json::to_string(&read).unwrap();
            assert_eq!(receipt::parse(&printed).as_ref(), Ok(&read));
            assert!(printed.len() <= 2 * bytes.len() + 200);
            if let Ok(proven) = receipt::verify(&read, &keys) {
                assert_eq!((proven.fact.as_str(), proven.index, proven.size), ("fact 77", 77, LEAVES));
            }
            let _ = receipt::verify(&read, &[]);
        });
    }

    #[test]
    fn tiles_have_one_path_each() {
        let mut inputs: Vec<Vec<u8>> =
            tile::new_tiles(0, 70_000).step_by(13).map(|t| t.to_string().into_bytes()).collect();
        inputs.push(b"tile/0/x018/x446/x744/x073/x709/x551/615".to_vec());
        inputs.push(b"tile/entries/x001/x234/067.p/255".to_vec());
        feed(14, &inputs, |bytes| {
            let path = text(bytes);
            if let Ok(tile) = path.parse::<Tile>() {
                assert_eq!(tile.to_string(), path);
                assert!((1..=tile::WIDTH).contains(&tile.width));
                let _ = (tile.span(), tile.is_within(u64::MAX));
            }
        });
    }

    #[test]
    fn tiles_and_bundles_are_printed_as_they_were_read() {
        let entry = [7; 32];
        let inputs = [
            tile::bundle(&[&entry]).unwrap(),
            tile::bundle(&[entry.as_slice(); 256]).unwrap(),
            tile::bundle(&[b"", b"a", &[9; 700]]).unwrap(),
            vec![0xff; 32],
            vec![1; 32 * 256],
        ];
        feed(15, &inputs, |bytes| {
            if let Ok(entries) = tile::entries(bytes) {
                assert_eq!(tile::bundle(&entries).unwrap(), bytes);
            }
            if let Ok(hashes) = tile::hashes(bytes) {
                assert_eq!(hashes.iter().flat_map(|hash| hash.0).collect::<Vec<_>>(), bytes);
            }
        });
    }

    #[test]
    fn keys_are_printed_as_they_were_read() {
        let inputs: Vec<Vec<u8>> =
            Corpus::new().keys().iter().map(|key| key.to_string().into_bytes()).collect();
        feed(16, &inputs, |bytes| {
            let line = text(bytes);
            if let Ok(key) = line.parse::<Verifier>() {
                assert_eq!(key.to_string(), line);
            }
            let _ = chain::sm2::Key::from_bytes(bytes);
            let _ = line.parse::<Hash>();
        });
    }

    #[test]
    fn signatures_of_sm2_fit_their_message_only() {
        let secret = chain::sm2::Secret::from_bytes([2; 32]).unwrap();
        let good = secret.sign(b"message").unwrap().to_vec();
        let der = [&[0x30, 0x44, 2, 0x20], &good[..32], &[2, 0x20], &good[32..]].concat();
        let key = secret.key();
        // Each costs two multiplications on the curve.
        let mut turn = 0;
        feed(17, &[good.clone(), der], |bytes| {
            turn += 1;
            if turn % 8 == 0 {
                let is_good = key.verify(chain::sm2::USER_ID, b"message", bytes).is_ok();
                assert!(!is_good || bytes == good);
            }
            let _ = key.verify_der(chain::sm2::USER_ID, b"other", bytes);
        });
    }

    #[test]
    fn a_witness_is_not_moved_to_cosign_anything_else() {
        let corpus = Corpus::new();
        let keys = corpus.keys();
        let seen = Seen { size: 200, root: tree::root(200, &corpus.memory).unwrap() };
        let request = |old: u64, new: u64| {
            let proof = proof::consistency(old, new, &corpus.memory).unwrap();
            Request { old, proof, checkpoint: corpus.note(new) }
        };
        let all =
            [request(0, 5), request(200, 200), request(200, LEAVES), request(128, 129), request(1, LEAVES)];
        let inputs = all.map(|request| request.to_string().into_bytes());
        let mut passed = 0;
        feed(18, &inputs, |bytes| {
            let body = text(bytes);
            let Ok(request) = Request::parse(&body) else { return };
            assert_eq!(request.to_string(), body);
            if let Ok(checkpoint) = request.judge(&keys, Some(seen)) {
                assert!([200, LEAVES].contains(&checkpoint.size));
                assert_eq!(checkpoint.root, tree::root(checkpoint.size, &corpus.memory).unwrap());
                passed += 1;
            }
        });
        assert!(passed >= 2);
    }
}
