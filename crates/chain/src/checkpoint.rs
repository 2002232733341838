//! Checkpoints: the log's word on its size and root, after C2SP tlog-checkpoint (c2sp.org/tlog-checkpoint).
//!
//! A checkpoint is a signed note of three lines: origin, size in decimal, root in base64. The log's key bears the name
//! of the origin; cosignatures by witnesses may stand beside its signature, never in its place.

use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use crate::key::{Algorithm, Signature, Signer, Verifier};
use crate::leaf::Hash;
use crate::note::{self, NoteError};

/// What a log says of itself: so many leaves, under this root.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Checkpoint {
    /// The log's name for all time, such as `region.example/log`.
    pub origin: String,
    pub size: u64,
    pub root: Hash,
}

/// A checkpoint that its log has signed, and all known keys that did.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Opened {
    pub checkpoint: Checkpoint,
    /// Lines below the first three, signed with them.
    pub extensions: Vec<String>,
    pub signatures: Vec<Signature>,
}

/// Why a checkpoint was refused.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CheckpointError {
    Note(NoteError),
    TooFewLines,
    EmptyLine,
    BadSize,
    BadRoot,
    /// The log itself has not signed: no known key but cosigners' that signed bears the origin's name.
    NotByOrigin {
        origin: String,
    },
}

impl Checkpoint {
    /// The three lines that are signed.
    pub fn body(&self) -> String {
        format!("{}\n{}\n{}\n", self.origin, self.size, STANDARD.encode(self.root.0))
    }

    /// Reads the signed lines. Extension lines below them must not be empty; [`Opened`] keeps
    /// them for whoever knows what they mean.
    pub fn parse(body: &str) -> Result<Checkpoint, CheckpointError> {
        let mut lines = body.strip_suffix('\n').ok_or(CheckpointError::TooFewLines)?.split('\n');
        if lines.clone().any(str::is_empty) {
            return Err(CheckpointError::EmptyLine);
        }
        let (Some(origin), Some(size), Some(root)) = (lines.next(), lines.next(), lines.next()) else {
            return Err(CheckpointError::TooFewLines);
        };
        let is_plain = |number: &u64| number.to_string() == size;
        let size = size.parse().ok().filter(is_plain).ok_or(CheckpointError::BadSize)?;
        let root = STANDARD
            .decode(root)
            .ok()
            .and_then(|bytes| bytes.try_into().ok())
            .ok_or(CheckpointError::BadRoot)?;
        Ok(Checkpoint { origin: origin.to_owned(), size, root: Hash(root) })
    }

    /// The note to publish, with extension lines below the three. Fails when one is empty or more than a line, or when
    /// the signer does not bear the origin's name.
    pub fn sign_with(&self, extensions: &[String], signer: &Signer) -> Result<String, CheckpointError> {
        if signer.verifier().name() != self.origin {
            return Err(CheckpointError::NotByOrigin { origin: self.origin.clone() });
        }
        if extensions.iter().any(|line| line.is_empty() || line.contains('\n')) {
            return Err(CheckpointError::EmptyLine);
        }
        let lines: String = extensions.iter().flat_map(|line| [line.as_str(), "\n"]).collect();
        note::sign(&format!("{}{lines}", self.body()), signer).map_err(CheckpointError::Note)
    }

    /// The note to publish. Fails when the signer does not bear the origin's name, since nobody could open it.
    pub fn sign(&self, signer: &Signer) -> Result<String, CheckpointError> {
        self.sign_with(&[], signer)
    }

    /// Opens a note that the log itself has signed with a key in `known`. `known` may hold witnesses too: their
    /// cosignatures must fit when present, and are reported.
    pub fn open(note: &str, known: &[Verifier]) -> Result<Opened, CheckpointError> {
        let note::Opened { text, signatures } = note::open(note, known).map_err(CheckpointError::Note)?;
        let checkpoint = Checkpoint::parse(text)?;
        let extensions = text.lines().skip(3).map(str::to_owned).collect();
        let is_log =
            |key: &Verifier| key.algorithm() != Algorithm::Cosignature && key.name() == checkpoint.origin;
        match signatures.iter().any(|signature| is_log(&signature.key)) {
            true => Ok(Opened { checkpoint, extensions, signatures }),
            false => Err(CheckpointError::NotByOrigin { origin: checkpoint.origin }),
        }
    }
}

impl fmt::Display for CheckpointError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Note(_) => f.write_str("the checkpoint is not a note signed by a known key"),
            Self::TooFewLines => f.write_str("the checkpoint has fewer than three lines"),
            Self::EmptyLine => f.write_str("the checkpoint has an empty line"),
            Self::BadSize => f.write_str("the checkpoint's size is not a plain decimal number"),
            Self::BadRoot => f.write_str("the checkpoint's root is not 32 bytes in base64"),
            Self::NotByOrigin { origin } => {
                write!(f, "the checkpoint is not signed by a known key of `{origin}`")
            }
        }
    }
}

impl std::error::Error for CheckpointError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        if let Self::Note(error) = self { Some(error) } else { None }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::key::Cosigner;

    const EXAMPLE: &str =
        "example.com/behind-the-sofa\n20852163\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n";

    fn signer() -> Signer {
        Signer::from_seed("example.com/behind-the-sofa", [1; 32]).unwrap()
    }

    #[test]
    fn the_example_of_the_standard_reads_and_writes_the_same() {
        let checkpoint = Checkpoint::parse(EXAMPLE).unwrap();
        assert_eq!(
            (checkpoint.origin.as_str(), checkpoint.size),
            ("example.com/behind-the-sofa", 20_852_163)
        );
        assert_eq!(checkpoint.body(), EXAMPLE);
        assert_eq!(Checkpoint::parse(&format!("{EXAMPLE}an extension\n")), Ok(checkpoint));
    }

    #[test]
    fn a_signed_checkpoint_opens_with_the_logs_key_and_no_other() {
        let checkpoint = Checkpoint::parse(EXAMPLE).unwrap();
        let note = checkpoint.sign(&signer()).unwrap();
        let opened = Checkpoint::open(&note, &[signer().verifier().clone()]).unwrap();
        assert_eq!((&opened.checkpoint, opened.signatures.len()), (&checkpoint, 1));
        let other = Signer::from_seed("example.com/behind-the-sofa", [2; 32]).unwrap();
        let refused = Checkpoint::open(&note, &[other.verifier().clone()]);
        assert_eq!(refused, Err(CheckpointError::Note(NoteError::NoKnownKey)));
    }

    #[test]
    fn extension_lines_are_signed_and_given_back() {
        let checkpoint = Checkpoint::parse(EXAMPLE).unwrap();
        let note = checkpoint.sign_with(&["one 1".into(), "two".into()], &signer()).unwrap();
        let known = [signer().verifier().clone()];
        let opened = Checkpoint::open(&note, &known).unwrap();
        assert_eq!(
            (opened.checkpoint, opened.extensions),
            (checkpoint.clone(), vec!["one 1".into(), "two".into()])
        );
        let changed = Checkpoint::open(&note.replace("one 1", "one 2"), &known);
        assert!(matches!(changed, Err(CheckpointError::Note(_))));
        for bad in ["", "a\nb"] {
            assert_eq!(checkpoint.sign_with(&[bad.into()], &signer()), Err(CheckpointError::EmptyLine));
        }
    }

    #[test]
    fn witnesses_do_not_stand_in_for_the_log() {
        let checkpoint = Checkpoint::parse(EXAMPLE).unwrap();
        let witness = Cosigner::from_seed("example.com/behind-the-sofa", [3; 32]).unwrap();
        let note = note::cosign(&checkpoint.sign(&signer()).unwrap(), &witness, 7).unwrap();
        let not_by_origin = CheckpointError::NotByOrigin { origin: checkpoint.origin.clone() };
        assert_eq!(Checkpoint::open(&note, &[witness.verifier().clone()]), Err(not_by_origin.clone()));
        let both =
            Checkpoint::open(&note, &[witness.verifier().clone(), signer().verifier().clone()]).unwrap();
        assert_eq!(
            both.signatures.iter().map(|signature| signature.time).collect::<Vec<_>>(),
            [None, Some(7)]
        );
        // Nor does another log whose key is trusted as well.
        let neighbour = Signer::from_seed("example.com/other", [4; 32]).unwrap();
        assert_eq!(checkpoint.sign(&neighbour), Err(not_by_origin.clone()));
        let note = note::sign(EXAMPLE, &neighbour).unwrap();
        assert_eq!(Checkpoint::open(&note, &[neighbour.verifier().clone()]), Err(not_by_origin));
    }

    #[test]
    fn a_malformed_body_is_refused_with_its_reason() {
        let root = "CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=";
        let refused = |body: String| Checkpoint::parse(&body).unwrap_err();
        assert_eq!(refused(String::new()), CheckpointError::TooFewLines);
        assert_eq!(refused("a\n1\n".into()), CheckpointError::TooFewLines);
        assert_eq!(refused(format!("a\n1\n{root}")), CheckpointError::TooFewLines);
        assert_eq!(refused(format!("\n1\n{root}\n")), CheckpointError::EmptyLine);
        assert_eq!(refused(format!("a\n1\n{root}\n\n")), CheckpointError::EmptyLine);
        for size in ["01", "+1", "-1", "1 ", "x", "18446744073709551616"] {
            assert_eq!(refused(format!("a\n{size}\n{root}\n")), CheckpointError::BadSize, "{size}");
        }
        // The third is the same root with an unused bit set.
        for root in ["AAAA", "*", "CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2J=", &root.replace('=', "")] {
            assert_eq!(refused(format!("a\n1\n{root}\n")), CheckpointError::BadRoot, "{root}");
        }
    }
}
