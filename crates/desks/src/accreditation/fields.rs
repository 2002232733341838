//! Fields: what a certificate and its annex say, and what lies within their scope.

use grammar::prelude::*;

use super::{SCOPE_MAX, SIGNATORIES_MAX};
use crate::{organisation::Organisation, person::Person};

/// The mark that reports may bear under it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
#[schemars(inline)]
pub enum Mark {
    /// Approval of inspection bodies and laboratories, 检验检测机构资质认定.
    Cma,
    /// Accreditation under ISO/IEC 17025 by the national body.
    Cnas,
    Other,
}

/// One thing it covers.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[schemars(inline)]
pub struct Covered {
    /// The method, by the number of its standard.
    pub method: Text<80>,
    /// What is measured; the whole method where it is empty.
    pub what: Option<Text<80>>,
}

impl Covered {
    /// Whether what is measured by a method lies within: capitals, spaces and the kind of dash make no difference.
    #[must_use]
    pub fn covers(&self, method: &str, what: &str) -> bool {
        plain(&self.method) == plain(method)
            && self.what.as_ref().is_none_or(|covered| plain(covered) == plain(what))
    }
}

/// A text as it is compared: without blanks, in small letters, with one kind of dash.
pub(super) fn plain(text: &str) -> String {
    let dashes = ['—', '–', '－', '−', '‐'];
    let kept = text.chars().filter(|c| !c.is_whitespace());
    kept.map(|c| if dashes.contains(&c) { '-' } else { c }).flat_map(char::to_lowercase).collect()
}

/// What the certificate and its annex say.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Entry {
    pub holder: Ref<Organisation>,
    pub mark: Mark,
    pub number: Text<40>,
    /// Who has granted it.
    pub body: Text<120>,
    pub from: Day,
    pub until: Day,
    pub scope: List<Covered, SCOPE_MAX>,
    /// Who may sign reports under it.
    pub signatories: List<Ref<Person>, SIGNATORIES_MAX>,
    pub certificate: Option<FileRef>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Status {
    Entered,
    Rejected,
    Confirmed,
    Suspended,
    Revoked,
    Over,
}

impl Status {
    /// It may come to count, or counts.
    pub(super) fn stands(self) -> bool {
        !matches!(self, Self::Revoked | Self::Over)
    }
}
