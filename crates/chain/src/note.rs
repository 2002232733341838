//! Signed notes: a text, an empty line, and lines of signatures, after C2SP signed-note (c2sp.org/signed-note).
//!
//! Each line is `— name base64(id ‖ signature)`. Signatures by unknown keys are ignored; one by a known key that does
//! not fit refuses the whole note; at least one must fit. Reading is strict: one note, one meaning.

use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use crate::key::{Cosigner, KeyError, Signature, Signer, Verifier, valid_name};

/// The longest note that is read.
pub const BYTES_MAX: usize = 1 << 20;
/// The most signatures that are read. The standard asks for at least 16.
pub const SIGNATURES_MAX: usize = 100;

/// A note signed by at least one known key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Opened<'note> {
    /// The signed text, with its last newline.
    pub text: &'note str,
    /// The known keys that signed it, each once.
    pub signatures: Vec<Signature>,
}

/// Why a note was refused.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NoteError {
    TooLong { bytes: usize },
    ControlCharacter,
    NoEmptyLine,
    NoLastNewline,
    MalformedSignature { line: usize },
    TooManySignatures,
    AmbiguousKey { name: String },
    Forged { name: String },
    NoKnownKey,
    Key(KeyError),
}

/// Opens a note that keys in `known` have signed. Without their word the text must not be looked at.
pub fn open<'note>(note: &'note str, known: &[Verifier]) -> Result<Opened<'note>, NoteError> {
    let Parsed { text, lines } = parse(note)?;
    let mut signatures: Vec<Signature> = Vec::new();
    for Line { name, id, bytes } in lines {
        let mut matching = known.iter().filter(|key| key.name() == name && key.id() == id);
        let Some(key) = matching.next() else { continue };
        if matching.any(|other| other != key) {
            return Err(NoteError::AmbiguousKey { name: name.to_owned() });
        }
        let forged = || NoteError::Forged { name: name.to_owned() };
        let signature = key.check(text, &bytes).ok_or_else(forged)?;
        if !signatures.iter().any(|earlier| earlier.key == signature.key) {
            signatures.push(signature);
        }
    }
    if signatures.is_empty() { Err(NoteError::NoKnownKey) } else { Ok(Opened { text, signatures }) }
}

/// The note of `text` with one signature. Fails on a text without its last newline or with control characters.
pub fn sign(text: &str, signer: &Signer) -> Result<String, NoteError> {
    check_letters(text)?;
    if !text.ends_with('\n') {
        return Err(NoteError::NoLastNewline);
    }
    Ok(format!("{text}\n{}", signer.line(text).map_err(NoteError::Key)?))
}

/// The same note with the signature of one key more, unless it stands there already.
pub fn sign_also(note: &str, signer: &Signer) -> Result<String, NoteError> {
    let Parsed { text, lines } = parse(note)?;
    let key = signer.verifier();
    if lines.iter().any(|line| line.name == key.name() && line.id == key.id()) {
        return Ok(note.to_owned());
    }
    Ok(format!("{note}{}", signer.line(text).map_err(NoteError::Key)?))
}

/// How many signatures a note has, good or bad.
pub fn signature_count(note: &str) -> Result<usize, NoteError> {
    parse(note).map(|parsed| parsed.lines.len())
}

/// The text of a note, of which nothing has been checked: to find out whose keys to bring.
pub fn unchecked_text(note: &str) -> Result<&str, NoteError> {
    parse(note).map(|parsed| parsed.text)
}

/// The same note with one cosignature more (c2sp.org/tlog-cosignature). `time` is in seconds since 1970.
///
/// The cosigner must have checked that the checkpoint in it extends the last one it saw; this does not.
pub fn cosign(note: &str, cosigner: &Cosigner, time: u64) -> Result<String, NoteError> {
    let Parsed { text, .. } = parse(note)?;
    Ok(format!("{note}{}", cosigner.line(text, time).map_err(NoteError::Key)?))
}

struct Parsed<'note> {
    text: &'note str,
    lines: Vec<Line<'note>>,
}

struct Line<'note> {
    name: &'note str,
    id: [u8; 4],
    bytes: Vec<u8>,
}

fn parse(note: &str) -> Result<Parsed<'_>, NoteError> {
    check_letters(note)?;
    // The text may hold empty lines itself: the last one ends it. Its own last newline is signed.
    let parts = note.rfind("\n\n").and_then(|end| note.split_at_checked(end + 1));
    let (text, block) = parts.ok_or(NoteError::NoEmptyLine)?;
    let block = block
        .strip_prefix('\n')
        .and_then(|block| block.strip_suffix('\n'))
        .ok_or(NoteError::NoLastNewline)?;
    if block.split('\n').count() > SIGNATURES_MAX {
        return Err(NoteError::TooManySignatures);
    }
    let lines = block.split('\n').enumerate();
    let lines =
        lines.map(|(line, text)| parse_line(text).ok_or(NoteError::MalformedSignature { line: line + 1 }));
    Ok(Parsed { text, lines: lines.collect::<Result<_, _>>()? })
}

fn parse_line(line: &str) -> Option<Line<'_>> {
    let (name, encoded) = line.strip_prefix("— ")?.split_once(' ')?;
    valid_name(name).ok()?;
    let decoded = STANDARD.decode(encoded).ok()?;
    let (id, bytes) = decoded.split_first_chunk()?;
    if bytes.is_empty() { None } else { Some(Line { name, id: *id, bytes: bytes.to_vec() }) }
}

fn check_letters(text: &str) -> Result<(), NoteError> {
    if text.len() > BYTES_MAX {
        return Err(NoteError::TooLong { bytes: text.len() });
    }
    match text.bytes().any(|byte| byte < b' ' && byte != b'\n') {
        true => Err(NoteError::ControlCharacter),
        false => Ok(()),
    }
}

impl fmt::Display for NoteError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::TooLong { bytes } => write!(f, "the note has `{bytes}` bytes, more than `{BYTES_MAX}`"),
            Self::ControlCharacter => f.write_str("the note has a control character"),
            Self::NoEmptyLine => f.write_str("the note has no empty line between text and signatures"),
            Self::NoLastNewline => f.write_str("the note does not end with a signature and a newline"),
            Self::MalformedSignature { line } => write!(f, "signature line `{line}` is malformed"),
            Self::TooManySignatures => write!(f, "the note has more than `{SIGNATURES_MAX}` signatures"),
            Self::AmbiguousKey { name } => write!(f, "two known keys share the name `{name}` and the id"),
            Self::Forged { name } => {
                write!(f, "the signature of the known key `{name}` does not fit the text")
            }
            Self::NoKnownKey => f.write_str("no known key has signed the note"),
            Self::Key(_) => f.write_str("the key cannot sign the note"),
        }
    }
}

impl std::error::Error for NoteError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        if let Self::Key(error) = self { Some(error) } else { None }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "first line\n\nafter an empty line, 科创\n";

    fn signer() -> Signer {
        Signer::from_seed("region.example/log", [1; 32]).unwrap()
    }

    fn known() -> Vec<Verifier> {
        vec![signer().verifier().clone()]
    }

    #[test]
    fn what_was_signed_opens() {
        for text in [TEXT, "\n", "a\n\n"] {
            let note = sign(text, &signer()).unwrap();
            let opened = open(&note, &known()).unwrap();
            assert_eq!((opened.text, opened.signatures.len()), (text, 1));
        }
    }

    #[test]
    fn no_byte_of_it_can_be_changed() {
        let note = sign(TEXT, &signer()).unwrap();
        for place in 0..note.len() {
            for flip in [1, 2, 4, 16, 32] {
                let mut bytes = note.clone().into_bytes();
                bytes[place] ^= flip;
                if let Ok(changed) = String::from_utf8(bytes) {
                    assert!(open(&changed, &known()).is_err(), "byte {place}: {changed}");
                }
            }
            if let Some(cut) = note.get(..place) {
                assert!(open(cut, &known()).is_err(), "cut at {place}");
            }
        }
    }

    #[test]
    fn strangers_are_ignored_and_repeats_count_once() {
        let stranger = Signer::from_seed("stranger", [2; 32]).unwrap();
        let namesake = Signer::from_seed("region.example/log", [3; 32]).unwrap();
        let lines = [(&stranger, TEXT), (&namesake, "other\n"), (&signer(), TEXT), (&signer(), TEXT)];
        let lines = lines.map(|(signer, text)| signer.line(text).unwrap());
        let note = format!("{TEXT}\n{}", lines.concat());
        let opened = open(&note, &[known(), known()].concat()).unwrap();
        assert_eq!(opened.signatures, [Signature { key: known().remove(0), time: None }]);
        let unknown = sign(TEXT, &stranger).unwrap();
        assert_eq!(open(&unknown, &known()), Err(NoteError::NoKnownKey));
        assert_eq!(open(&unknown, &[]), Err(NoteError::NoKnownKey));
    }

    #[test]
    fn one_forged_signature_refuses_the_whole_note() {
        let cosigner = Cosigner::from_seed("witness", [4; 32]).unwrap();
        let note = sign(TEXT, &signer()).unwrap();
        let forged = format!("{note}{}", cosigner.line("other\n", 5).unwrap());
        assert!(open(&forged, &known()).is_ok());
        let both = [signer().verifier().clone(), cosigner.verifier().clone()];
        assert_eq!(open(&forged, &both), Err(NoteError::Forged { name: "witness".into() }));
        let cosigned = cosign(&note, &cosigner, 5).unwrap();
        let times: Vec<_> = open(&cosigned, &both).unwrap().signatures.iter().map(|s| s.time).collect();
        assert_eq!(times, [None, Some(5)]);
    }

    #[test]
    fn a_key_signs_beside_another_and_each_opens_alone() {
        let (old, new) = (signer(), Signer::from_seed("region.example/log", [7; 32]).unwrap());
        let sm2 = Signer::sm2_from_seed("region.example/log", [8; 32]).unwrap();
        let note = sign_also(&sign_also(&sign(TEXT, &old).unwrap(), &new).unwrap(), &sm2).unwrap();
        for signer in [&old, &new, &sm2] {
            let known = [signer.verifier().clone()];
            assert_eq!(open(&note, &known).unwrap().signatures.len(), 1);
            assert_eq!(sign_also(&note, signer).unwrap(), note, "once is enough");
        }
        let all = [&old, &new, &sm2].map(|signer| signer.verifier().clone());
        assert_eq!(open(&note, &all).unwrap().signatures.len(), 3);
        assert_eq!(unchecked_text(&note), Ok(TEXT));
    }

    #[test]
    fn a_malformed_note_is_refused_with_its_reason() {
        let line = signer().line(TEXT).unwrap();
        let refused = |note: String| open(&note, &known()).unwrap_err();
        assert_eq!(refused(TEXT.replace("\n\n", "\n")), NoteError::NoEmptyLine);
        assert_eq!(refused(format!("{TEXT}\n")), NoteError::NoLastNewline);
        assert_eq!(refused(format!("{TEXT}\n{}", line.trim_end())), NoteError::NoLastNewline);
        assert_eq!(refused(format!("\u{1}{TEXT}\n{line}")), NoteError::ControlCharacter);
        assert_eq!(refused(format!("{TEXT}\n{}", line.replace('\n', "\r\n"))), NoteError::ControlCharacter);
        assert_eq!(refused(format!("{TEXT}\n{}", line.repeat(101))), NoteError::TooManySignatures);
        assert_eq!(refused("a".repeat(BYTES_MAX + 1)), NoteError::TooLong { bytes: BYTES_MAX + 1 });
        let strange = [
            "Unexpected line.",
            "— Bad Name AAAAAAA=",
            "— a AAAA",
            "— a ",
            "—  AAAAAAA=",
            "— a AAAAAAA",
            "- a AAAAAAA=",
        ];
        for strange in strange {
            let note = format!("{TEXT}\n{line}{strange}\n");
            assert_eq!(refused(note), NoteError::MalformedSignature { line: 2 }, "{strange}");
        }
        assert_eq!(sign("no newline", &signer()), Err(NoteError::NoLastNewline));
        assert_eq!(sign("tab\t\n", &signer()), Err(NoteError::ControlCharacter));
    }
}
