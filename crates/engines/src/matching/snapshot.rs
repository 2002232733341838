//! The index as bytes, so that a start does not read every offer again.
//!
//! Layout, all numbers little-endian: `KCM1`, average, needs and their counts by term, terms, kinds,
//! documents each with its terms, and the FNV hash of everything before. A snapshot is only a cache:
//! when it cannot be read, the log still has everything.

use super::doc::Doc;
use super::habit::Habits;
use super::hash::spread;
use super::index::{Index, OFFERS_MAX};
use super::segment::Forward;
use super::words::Term;

const MAGIC: &[u8; 4] = b"KCM1";

/// Why a snapshot cannot be restored.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Damaged {
    /// It was written by another version, or is no snapshot.
    Foreign,
    /// Bytes are missing, or the hash at the end does not agree.
    Broken,
}

impl std::fmt::Display for Damaged {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Foreign => "not a snapshot of this version",
            Self::Broken => "the snapshot is damaged",
        })
    }
}

impl std::error::Error for Damaged {}

impl Index {
    /// Writes the index; removed offers leave no trace in the bytes' documents.
    #[must_use]
    pub fn snapshot(&self) -> Vec<u8> {
        let mut out = Out(MAGIC.to_vec());
        out.four(self.intake.average.to_bits());
        out.four(self.habits.needs);
        let mut habits: Vec<_> = self.habits.counts.iter().collect();
        habits.sort_unstable();
        out.four(habits.len() as u32);
        for (term, count) in habits {
            out.eight(term.0);
            out.four(*count);
        }
        let (terms, kinds) = self.tables();
        out.four(terms.len() as u32);
        terms.iter().for_each(|term| out.eight(term.0));
        out.four(kinds.len() as u32);
        kinds.iter().for_each(|kind| out.text(kind));
        out.four(self.len() as u32);
        self.each(|doc, terms| out.doc(doc, terms));
        let hash = hash(&out.0);
        out.eight(hash);
        out.0
    }

    /// Reads what [`Index::snapshot`] wrote.
    ///
    /// # Errors
    /// When the bytes are not whole or not of this version.
    pub fn restore(bytes: &[u8]) -> Result<Self, Damaged> {
        let body = bytes.strip_prefix(MAGIC).ok_or(Damaged::Foreign)?;
        let (body, end) = body.split_last_chunk::<8>().ok_or(Damaged::Broken)?;
        let checked = bytes.get(..bytes.len().saturating_sub(8)).unwrap_or_default();
        if u64::from_le_bytes(*end) != hash(checked) {
            return Err(Damaged::Broken);
        }
        In(body).index().ok_or(Damaged::Broken)
    }
}

fn hash(bytes: &[u8]) -> u64 {
    let (words, rest) = bytes.as_chunks::<8>();
    let whole = words.iter().fold(bytes.len() as u64, |hash, word| spread(hash ^ u64::from_le_bytes(*word)));
    rest.iter().fold(whole, |hash, byte| spread(hash ^ u64::from(*byte)))
}

struct Out(Vec<u8>);

impl Out {
    fn four(&mut self, number: u32) {
        self.0.extend(number.to_le_bytes());
    }

    fn eight(&mut self, number: u64) {
        self.0.extend(number.to_le_bytes());
    }

    fn text(&mut self, text: &str) {
        self.four(text.len() as u32);
        self.0.extend(text.as_bytes());
    }

    fn maybe(&mut self, number: Option<i64>) {
        self.0.push(u8::from(number.is_some()));
        self.eight(number.unwrap_or(0).cast_unsigned());
    }

    fn doc(&mut self, doc: &Doc, terms: &mut dyn Iterator<Item = (u32, u8)>) {
        self.text(&doc.id);
        self.text(&doc.field);
        self.four(u32::from(doc.kind));
        self.four(u32::from(doc.readiness));
        self.four(doc.audience);
        self.four(doc.region);
        self.maybe(doc.until.map(i64::from));
        self.maybe(doc.price);
        let count_at = self.0.len();
        self.four(0);
        let mut count = 0_u32;
        for (slot, impact) in terms {
            self.four(slot);
            self.0.push(impact);
            count += 1;
        }
        if let Some(place) = self.0.get_mut(count_at..count_at + 4) {
            place.copy_from_slice(&count.to_le_bytes());
        }
    }
}

struct In<'a>(&'a [u8]);

impl In<'_> {
    fn four(&mut self) -> Option<u32> {
        let (number, rest) = self.0.split_first_chunk()?;
        self.0 = rest;
        Some(u32::from_le_bytes(*number))
    }

    fn eight(&mut self) -> Option<u64> {
        let (number, rest) = self.0.split_first_chunk()?;
        self.0 = rest;
        Some(u64::from_le_bytes(*number))
    }

    fn one(&mut self) -> Option<u8> {
        let (number, rest) = self.0.split_first()?;
        self.0 = rest;
        Some(*number)
    }

    fn text(&mut self) -> Option<String> {
        let len = self.four()? as usize;
        let (text, rest) = self.0.split_at_checked(len)?;
        self.0 = rest;
        Some(std::str::from_utf8(text).ok()?.to_owned())
    }

    fn maybe(&mut self) -> Option<Option<i64>> {
        let is_some = self.one()? == 1;
        let number = self.eight()?.cast_signed();
        Some(is_some.then_some(number))
    }

    fn doc(&mut self, forward: &mut Forward) -> Option<Doc> {
        let doc = Doc {
            id: self.text()?.into(),
            field: self.text()?.into(),
            kind: self.four()?.try_into().ok()?,
            readiness: self.four()?.try_into().ok()?,
            audience: self.four()?,
            region: self.four()?,
            until: match self.maybe()? {
                Some(day) => Some(i32::try_from(day).ok()?),
                None => None,
            },
            price: self.maybe()?,
            is_live: true,
        };
        let count = self.four()? as usize;
        let (terms, rest) = self.0.split_at_checked(count.checked_mul(5)?)?;
        self.0 = rest;
        let (terms, _) = terms.as_chunks::<5>();
        forward
            .push(terms.iter().map(|[a, b, c, d, impact]| (u32::from_le_bytes([*a, *b, *c, *d]), *impact)));
        Some(doc)
    }

    fn index(mut self) -> Option<Index> {
        let average = f32::from_bits(self.four()?);
        let mut habits = Habits { needs: self.four()?, ..Habits::default() };
        for _ in 0..self.four()? {
            habits.counts.insert(Term(self.eight()?), self.four()?);
        }
        let terms = (0..self.four()?).map(|_| self.eight().map(Term)).collect::<Option<Vec<Term>>>()?;
        let kinds = (0..self.four()?).map(|_| self.text()).collect::<Option<Vec<String>>>()?;
        let count = self.four()? as usize;
        let mut forward = Forward::default();
        let docs =
            (0..count.min(OFFERS_MAX)).map(|_| self.doc(&mut forward)).collect::<Option<Vec<Doc>>>()?;
        let mut index = Index::of_parts(average, (terms, kinds), docs, forward)?;
        index.habits = habits;
        self.0.is_empty().then_some(index)
    }
}
