//! Other people's vectors, from `transparency-log` and `sm-crypto` beside the program (see ORIGIN.md in each):
//! `KECHUANG_SHARED/data`, or `../shared/data` from the workspace. Where they are absent, the tests say so and pass.

#[cfg(test)]
mod outside {
    use std::path::Path;

    use base64::Engine as _;
    use base64::engine::general_purpose::STANDARD;
    use chain::key::KeyError;
    use chain::note::{self, NoteError};
    use chain::proof::{verify_consistency, verify_inclusion};
    use chain::sm2::{self, Sm2Error};
    use chain::tile::new_tiles_of;
    use chain::{Hash, Signer, Verifier};
    use serde::Deserialize;

    /// The text of one file, or nothing and a word about it.
    fn read(name: &str) -> Option<String> {
        read_of("transparency-log", name)
    }

    fn read_of(folder: &str, name: &str) -> Option<String> {
        let beside = concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared");
        let shared = std::env::var("KECHUANG_SHARED").unwrap_or_else(|_| beside.to_owned());
        let path = Path::new(&shared).join("data").join(folder).join(name);
        let text = std::fs::read_to_string(&path).ok();
        if text.is_none() {
            eprintln!("skipped: no {}; set KECHUANG_SHARED to the folder that holds data/", path.display());
        }
        text
    }

    fn rows<'text, Row: Deserialize<'text>>(text: &'text str) -> impl Iterator<Item = Row> {
        text.lines().map(|line| serde_json::from_str(line).unwrap())
    }

    #[derive(Deserialize)]
    #[serde(tag = "kind", rename_all = "camelCase", rename_all_fields = "camelCase")]
    enum Proof {
        Inclusion { leaf_idx: u64, tree_size: u64, root: String, leaf_hash: String },
        Consistency { size1: u64, size2: u64, root1: String, root2: String },
    }

    #[derive(Deserialize)]
    #[serde(rename_all = "camelCase")]
    struct ProofCase {
        case: String,
        proof: Option<Vec<String>>,
        want_err: bool,
        #[serde(flatten)]
        claim: Proof,
    }

    /// What is not 32 bytes is no hash, and refused before the proof is looked at.
    fn hash(text: &str) -> Option<Hash> {
        Some(Hash(STANDARD.decode(text).ok()?.try_into().ok()?))
    }

    fn holds(case: &ProofCase) -> Option<bool> {
        let proof: Vec<Hash> = case.proof.iter().flatten().map(|part| hash(part)).collect::<Option<_>>()?;
        Some(match &case.claim {
            Proof::Inclusion { leaf_idx, tree_size, root, leaf_hash } => {
                verify_inclusion(*leaf_idx, *tree_size, hash(leaf_hash)?, &proof, hash(root)?).is_ok()
            }
            Proof::Consistency { size1, size2, root1, root2 } => {
                verify_consistency(*size1, *size2, &proof, hash(root1)?, hash(root2)?).is_ok()
            }
        })
    }

    #[test]
    fn proofs_hold_exactly_where_the_reference_says() {
        let Some(text) = read("merkle-proofs.jsonl") else { return };
        let (mut good, mut bad) = (0, 0);
        for case in rows::<ProofCase>(&text) {
            assert_eq!(holds(&case).unwrap_or(false), !case.want_err, "{}", case.case);
            *if case.want_err { &mut bad } else { &mut good } += 1;
        }
        eprintln!("proofs: {good} hold, {bad} refused");
        assert!(good > 0 && bad > 0);
    }

    #[derive(Deserialize)]
    struct NoteCase {
        case: String,
        vkey: String,
        skey: Option<String>,
        note: Option<String>,
        ok: bool,
    }

    #[derive(Debug, PartialEq)]
    enum Refused {
        Key(KeyError),
        Note(NoteError),
    }

    fn open(case: &NoteCase) -> Result<(), Refused> {
        let verifier: Verifier = case.vkey.parse().map_err(Refused::Key)?;
        let note = case.note.as_deref().unwrap_or_default();
        note::open(note, &[verifier]).map(|_| ()).map_err(Refused::Note)
    }

    #[test]
    fn notes_open_or_are_refused_for_the_right_reason() {
        let Some(text) = read("signed-notes.jsonl") else { return };
        let mut seen = 0;
        for case in rows::<NoteCase>(&text) {
            let opened = open(&case);
            assert_eq!(opened.is_ok(), case.ok, "{}: {opened:?}", case.case);
            let reason = match case.case.as_str() {
                "bad-verifier-wrong-length-key" => Some(Refused::Key(KeyError::WrongLength(36))),
                "bad-verifier-unknown-algorithm" => Some(Refused::Key(KeyError::UnknownAlgorithm(0x65))),
                "text-changed" => Some(Refused::Note(NoteError::Forged { name: "PeterNeumann".into() })),
                "no-known-signature" => Some(Refused::Note(NoteError::NoKnownKey)),
                _ => opened.as_ref().err().map(|_| unreachable!("{}: name its reason here", case.case)),
            };
            assert_eq!(opened.err(), reason, "{}", case.case);
            seen += 1;
        }
        assert!(seen > 0);
    }

    #[test]
    fn our_signature_is_theirs_to_the_byte() {
        let Some(text) = read("signed-notes.jsonl") else { return };
        for case in rows::<NoteCase>(&text) {
            let (Some(skey), Some(note)) = (&case.skey, &case.note) else { continue };
            // PRIVATE+KEY+name+id+base64(algorithm ‖ seed)
            let parts: Vec<&str> = skey.splitn(5, '+').collect();
            let seed = STANDARD.decode(parts[4]).unwrap()[1..].try_into().unwrap();
            let signer = Signer::from_seed(parts[2], seed).unwrap();
            assert_eq!(signer.verifier().to_string(), case.vkey);
            let (text, _) = note.split_once("\n\n").unwrap();
            assert_eq!(&note::sign(&format!("{text}\n"), &signer).unwrap(), note);
        }
    }

    #[test]
    fn a_growing_log_writes_as_many_tiles_as_theirs() {
        let Some(text) = read("tiles-for-size.tsv") else { return };
        for line in text.lines().skip(1) {
            let numbers: Vec<u64> = line.split('\t').map(|number| number.parse().unwrap()).collect();
            let [height, old, new, tiles] = numbers[..] else { unreachable!("{line}") };
            let height = u32::try_from(height).unwrap();
            assert_eq!(new_tiles_of(height, old, new).count() as u64, tiles, "{line}");
        }
    }

    fn bytes(hex: &str) -> Vec<u8> {
        let pairs = hex.as_bytes().chunks(2).map(|pair| std::str::from_utf8(pair).unwrap());
        pairs.map(|pair| u8::from_str_radix(pair, 16).unwrap()).collect()
    }

    #[test]
    fn sm3_gives_the_hashes_of_the_standard() {
        let Some(text) = read_of("sm-crypto", "sm3-oscca.txt") else { return };
        let value = |line: &str, name: &str| line.strip_prefix(name).map(str::to_owned);
        let (mut length, mut message, mut seen) = (0, Vec::new(), 0);
        for line in text.lines() {
            if let Some(bits) = value(line, "Len = ") {
                length = bits.parse::<usize>().unwrap() / 8;
            } else if let Some(hex) = value(line, "Msg = ") {
                message = bytes(&hex);
            } else if let Some(hash) = value(line, "MD = ") {
                // The message of length nothing is written as one byte.
                assert_eq!(sm2::sm3(&[&message[..length]]).to_string(), hash);
                let (begin, end) = message[..length].split_at(length / 2);
                assert_eq!(sm2::sm3(&[begin, end]).to_string(), hash);
                seen += 1;
            }
        }
        assert!(seen >= 6, "{seen} hashes");
    }

    #[derive(Deserialize)]
    struct Sm2Case {
        case: String,
        private_key: Option<String>,
        public_key: String,
        user_id: String,
        message_hex: String,
        z: Option<String>,
        e: Option<String>,
        r: String,
        s: String,
        valid: bool,
    }

    #[test]
    fn sm2_signatures_hold_exactly_where_the_standard_says() {
        let Some(text) = read_of("sm-crypto", "sm2-sign.jsonl") else { return };
        let mut seen = 0;
        for case in rows::<Sm2Case>(&text) {
            let message = bytes(&case.message_hex);
            let signature = bytes(&format!("{}{}", case.r, case.s));
            let key = sm2::Key::from_bytes(&bytes(&case.public_key));
            let verified = key.and_then(|key| key.verify(&case.user_id, &message, &signature));
            assert_eq!(verified.is_ok(), case.valid, "{}: {verified:?}", case.case);
            seen += 1;
            let Ok(key) = key else { continue };
            let same = |ours: Result<Hash, Sm2Error>, theirs: &Option<String>| {
                theirs.iter().for_each(|hex| {
                    assert_eq!(ours.unwrap().to_string(), hex.to_lowercase(), "{}", case.case)
                });
            };
            same(key.identity(&case.user_id), &case.z);
            same(key.digest(&case.user_id, &message), &case.e);
            if case.valid {
                spoil(&key, &case.user_id, &message, &signature);
            }
            if let Some(secret) = &case.private_key {
                let secret = sm2::Secret::from_bytes(bytes(secret).try_into().unwrap()).unwrap();
                assert_eq!(secret.key(), key, "{}", case.case);
                assert_eq!(key.verify(sm2::USER_ID, &message, &secret.sign(&message).unwrap()), Ok(()));
            }
        }
        assert!(seen > 0);
    }

    /// A good signature, spoiled in each part, is refused for the right reason.
    fn spoil(key: &sm2::Key, user_id: &str, message: &[u8], good: &[u8]) {
        let refused = |user_id: &str, message: &[u8], signature: &[u8]| {
            key.verify(user_id, message, signature).unwrap_err()
        };
        assert_eq!(refused(&format!("{user_id}0"), message, good), Sm2Error::Forged);
        assert_eq!(refused(user_id, &[message, b"x"].concat(), good), Sm2Error::Forged);
        assert_eq!(refused(user_id, message, &good[..63]), Sm2Error::WrongLength(63));
        assert_eq!(refused(user_id, message, &[good, &[0]].concat()), Sm2Error::WrongLength(65));
        let swapped = [&good[32..], &good[..32]].concat();
        assert_eq!(refused(user_id, message, &swapped), Sm2Error::Forged);
        for number in [[0; 32], [0xff; 32]] {
            assert_eq!(refused(user_id, message, &[&number, &good[32..]].concat()), Sm2Error::OutOfRange);
            assert_eq!(refused(user_id, message, &[&good[..32], &number].concat()), Sm2Error::OutOfRange);
        }
    }
}
