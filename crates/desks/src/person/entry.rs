//! Entry: what a person says of themselves, and what of it may be said in public.

use grammar::prelude::*;

use super::{
    Affiliations, Deputies, Person,
    Refusal::{self, *},
};

/// To publish personal information needs a consent of its own.
const PUBLISH_CONSENT: Rule<bool> = rule("PL-R03");

/// What is said of a person: the fields of the registration, and of each later mending.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
pub struct Entry {
    pub name: Personal<Text<60>>,
    pub region: Region,
    pub public: bool,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub display_name: Option<Bilingual<80>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub orcid: Option<Text<19>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub phone: Option<Personal<Text<30>>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub email: Option<Personal<Text<200>>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id_number: Option<Personal<Text<30>>>,
}

/// Two entries are equal when what is written down of them is: personal values count by commitment.
impl PartialEq for Entry {
    fn eq(&self, other: &Self) -> bool {
        serde_json::to_value(self).ok() == serde_json::to_value(other).ok()
    }
}

impl Person {
    pub(super) fn blank(itself: Ref<Self>, region: Region) -> Self {
        Self {
            itself,
            region,
            name: None,
            public: false,
            display_name: None,
            orcid: None,
            phone: None,
            email: None,
            id_number: None,
            affiliations: Affiliations::default(),
            offices: vec![],
            deputies: Deputies::default(),
            engagements: vec![],
            erased: None,
        }
    }

    pub(super) fn with(self, entry: &Entry) -> Self {
        let Entry { name, region, public, display_name, orcid, phone, email, id_number } = entry.clone();
        Self { name: Some(name), region, public, display_name, orcid, phone, email, id_number, ..self }
    }
}

/// What an entry may say.
///
/// # Errors
/// A public name or an ORCID without the consent to publish, consent without a name, a wrong ORCID.
pub(super) fn sensible(entry: &Entry) -> Result<(), No<Refusal>> {
    let named = entry.display_name.as_ref().is_some_and(|name| !name.is_empty());
    let open = entry.display_name.is_some() || entry.orcid.is_some();
    ensure(entry.public || !open, NotAgreedToBePublic).by(PUBLISH_CONSENT)?;
    ensure(!entry.public || named, NoPublicName)?;
    Ok(ensure(entry.orcid.as_deref().is_none_or(is_orcid), NotAnOrcid)?)
}

/// Four groups of four, the last character a check by ISO 7064 MOD 11-2: `0000-0002-1825-0097`.
fn is_orcid(text: &str) -> bool {
    let grouped = text.len() == 19 && text.split('-').all(|group| group.len() == 4);
    let digits: String = text.chars().filter(|c| *c != '-').collect();
    let Some((body, check)) = digits.split_at_checked(15) else { return false };
    let Some(sum) = body.chars().try_fold(0, |sum, c| Some((sum + c.to_digit(10)?) * 2 % 11)) else {
        return false;
    };
    let wanted = match (12 - sum) % 11 {
        10 => "X".to_owned(),
        digit => digit.to_string(),
    };
    grouped && check == wanted
}
