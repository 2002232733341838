//! Fields: what an expert says of themselves, and what the pool keeps beside it.

use grammar::prelude::*;

use super::{
    Expert, Refusal,
    Refusal::*,
    conflict::{Body, Hit, Judged, Relation},
    integrity::Penalty,
};
use crate::{achievement::NO_SECRETS, field::Field, organisation::Organisation, person::Person};

/// Organisations an expert is employed by.
pub const EMPLOYERS_MAX: usize = 20;

/// For what an expert is asked (EP-R03).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
#[schemars(inline)]
pub enum Kind {
    Technical,
    Industry,
    Strategy,
    Finance,
}

impl Kind {
    /// Chinese and English, for titles.
    #[must_use]
    pub fn names(self) -> [&'static str; 2] {
        match self {
            Self::Technical => ["技术", "technical"],
            Self::Industry => ["产业", "industry"],
            Self::Strategy => ["战略咨询", "strategy"],
            Self::Finance => ["财务审计", "finance"],
        }
    }
}

/// What the fee hangs on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
#[schemars(inline)]
pub enum TitleLevel {
    Academician,
    NationallyKnown,
    Senior,
    OtherTitle,
}

/// What an expert applies with.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Fields {
    pub person: Ref<Person>,
    /// The unit that recommends.
    pub unit: Ref<Organisation>,
    pub kinds: List<Kind, 4>,
    pub title_level: TitleLevel,
    pub fields: List<Field, 6>,
    #[serde(default)]
    pub keywords: List<Text<40>, 20>,
    #[serde(default)]
    pub languages: List<Text<20>, 8>,
    pub load_max: Between<1, 30>,
    pub about: Option<Bilingual<2000>>,
    /// Whether the public pool shows person and unit.
    pub named: bool,
    pub no_secrets: bool,
}

/// A time in which the expert takes on nothing.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Rest {
    pub from: Day,
    pub until: Day,
    pub reason: Option<Text<300>>,
}

/// A review the expert has been asked for.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Engagement {
    pub review: Id,
    /// Not for the expert: the review shows what may be read of it.
    pub candidate: Option<Id>,
    /// Those behind the candidate. Not for the expert.
    pub judged: Judged,
    pub until: Day,
    /// What the office is to weigh.
    pub noted: Vec<Hit>,
    pub alarms: Vec<Alarm>,
}

/// A rule that fired after the expert was engaged.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Alarm {
    pub on: Day,
    pub hit: Hit,
    /// Whether the office let the expert go on; nothing until it has decided.
    pub stands: Option<bool>,
}

/// Why a review no longer counts among those taken on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
#[schemars(inline)]
pub enum Freed {
    ReviewDeclined,
    ReviewExpired,
    ReviewLocked,
    ReviewReplaced,
    ReviewBarred,
}

/// What only those see who may.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Own {
    pub title_level: TitleLevel,
    pub keywords: List<Text<40>, 20>,
    pub languages: List<Text<20>, 8>,
    pub load_max: Between<1, 30>,
    pub about: Option<Bilingual<2000>>,
    pub employers: Vec<Body>,
    /// When the employers were last looked at.
    pub looked: Option<Day>,
    pub admitted: Option<Day>,
    /// Until when what the expert has said is taken as true.
    pub confirmed_until: Option<Day>,
    pub is_dormant: bool,
    pub remark: Option<Text<1000>>,
    pub rests: Vec<Rest>,
    pub relations: Vec<Relation>,
    pub sanctions: Vec<Penalty>,
    /// How many there have ever been.
    pub sanctions_had: u32,
    /// Topics judged, each with the year. Kept for as long as the rotation asks.
    #[serde(default)]
    pub served: Vec<(Text<60>, i32)>,
    /// Nothing for those who may not know whether there are any.
    pub engagements: Option<Vec<Engagement>>,
}

impl Fields {
    pub(super) fn sensible(&self) -> Result<(), No<Refusal>> {
        ensure(!self.kinds.is_empty() && !self.fields.is_empty(), NoKindOrField)?;
        ensure(self.no_secrets, MayHoldSecrets).by(NO_SECRETS)
    }
}

impl Expert {
    pub(super) fn begun(itself: Ref<Self>, region: Region, fields: Fields) -> Self {
        let own = Own {
            title_level: fields.title_level,
            keywords: List::default(),
            languages: List::default(),
            load_max: fields.load_max,
            about: None,
            employers: vec![],
            looked: None,
            admitted: None,
            confirmed_until: None,
            is_dormant: false,
            remark: None,
            rests: vec![],
            relations: vec![],
            sanctions: vec![],
            sanctions_had: 0,
            served: vec![],
            engagements: Some(vec![]),
        };
        let standing = super::Standing::Applied;
        let (kinds, knows) = (List::default(), List::default());
        let blank = Self {
            itself,
            region,
            standing,
            kinds,
            fields: knows,
            named: false,
            person: Some(fields.person),
            unit: None,
            own: Some(Box::new(own)),
        };
        blank.with(region, fields)
    }

    pub(super) fn with(mut self, region: Region, fields: Fields) -> Self {
        self.region = region;
        self.unit = Some(fields.unit);
        (self.kinds, self.fields, self.named) = (fields.kinds, fields.fields, fields.named);
        self.change(|own| {
            own.title_level = fields.title_level;
            (own.keywords, own.languages) = (fields.keywords, fields.languages);
            (own.load_max, own.about) = (fields.load_max, fields.about);
        });
        self
    }

    /// Field and kind, never the name: the name is the person's own to show.
    pub(super) fn titles(&self) -> [String; 2] {
        let names = |language: usize, between: &str| {
            let each = self.kinds.iter().filter_map(|kind| kind.names().get(language).copied());
            each.collect::<Vec<_>>().join(between)
        };
        [format!("{}专家", names(0, "、")), format!("Expert ({})", names(1, ", "))]
    }
}
