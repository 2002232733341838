//! Other people's vectors, from `transparency-log` beside the program (see its ORIGIN.md): `KECHUANG_SHARED/data`, or
//! `../shared/data` from the workspace. Where they are absent, the tests say so and pass.

#[cfg(test)]
mod outside {
    use std::path::Path;

    use base64::Engine as _;
    use base64::engine::general_purpose::STANDARD;
    use chain::key::KeyError;
    use chain::note::{self, NoteError};
    use chain::proof::{verify_consistency, verify_inclusion};
    use chain::tile::new_tiles_of;
    use chain::{Hash, Signer, Verifier};
    use serde::Deserialize;

    /// The text of one file, or nothing and a word about it.
    fn read(name: &str) -> Option<String> {
        let beside = concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared");
        let shared = std::env::var("KECHUANG_SHARED").unwrap_or_else(|_| beside.to_owned());
        let path = Path::new(&shared).join("data/transparency-log").join(name);
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
            assert_eq!(height, 10, "the file has come with another height");
            assert_eq!(new_tiles_of::<10>(old, new).count() as u64, tiles, "{line}");
        }
    }
}
