//! Guide (申报指南): what a call says: its topics with codes and versions, its window, its conditions; and what makes
//! sense in it.

use grammar::prelude::*;

use super::{
    Refusal::{self, *},
    Stage,
    eligible::{Condition, Looks},
};
use crate::{
    field::Field,
    person::Family,
    programme::{Kind, Programme},
};

pub const TOPICS_MAX: usize = 40;

/// The national fund's guides stand for thirty days before applications are taken.
const STANDS: Rule<i64> = rule("PG-R01");
/// Everyone else's window is open for at least so many days.
const OPEN_FOR: Rule<i64> = rule("PG-P02");
/// Those invited have so many days for the full text.
pub const FULL_FOR: Rule<i64> = rule("PG-P20");
/// Co-funders set no directed topics.
const UNDIRECTED: Rule<bool> = rule("PG-R33-FREE");
/// What a call for foreign-invested firms checks, in two languages.
const FOREIGN: Rule<bool> = rule("PG-R36");
const FOREIGN_LOOKS: [Looks; 6] = [
    Looks::UnitInRegion,
    Looks::PartnerInRegion,
    Looks::RightsInTheCity,
    Looks::ExportChecked,
    Looks::DataChecked,
    Looks::GeneticResourcesChecked,
];

/// How a topic's money is given.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
#[schemars(inline)]
pub enum Funding {
    /// Every project gets the ceiling.
    Fixed,
    UpTo,
    /// Paid after the result.
    Afterwards,
}

/// One item of the guide.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[schemars(inline)]
pub struct Topic {
    /// As it is cited: `2026-IC-03`.
    pub code: Text<24>,
    pub title: Bilingual<200>,
    pub goals: Bilingual<3000>,
    pub field: Field,
    pub funding: Funding,
    pub ceiling: Money,
    pub places: Between<1, 1000>,
    pub months: Between<1, 120>,
    /// Given to a unit that is named, not competed for.
    pub directed: bool,
}

/// What a call says.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Guide {
    pub programme: Ref<Programme>,
    pub title: Bilingual<200>,
    pub about: Bilingual<4000>,
    #[serde(default)]
    pub topics: List<Topic, TOPICS_MAX>,
    #[serde(default)]
    pub conditions: List<Condition, 30>,
    /// Whose limits on persons count here.
    pub family: Family,
    /// How many applications a unit may hand in.
    pub per_unit: Option<Between<1, 1000>>,
    /// Applications are taken from this moment, and until before that one.
    pub opens: Moment,
    pub closes: Moment,
    /// Where a short brief comes first: briefs are taken until before this moment, and the full texts of those
    /// invited from the next one on.
    #[serde(default)]
    pub brief_closes: Option<Moment>,
    #[serde(default)]
    pub full_opens: Option<Moment>,
    /// Nobody outside reads the guide before.
    pub embargo: Option<Moment>,
    /// For foreign-invested firms: both languages, and their checks.
    pub for_foreign_invested: bool,
    pub contact: Bilingual<200>,
}

impl Guide {
    /// Until when one can begin: the end of the first window, or of the only one.
    #[must_use]
    pub fn first_closes(&self) -> Moment {
        self.brief_closes.unwrap_or(self.closes)
    }

    /// From when until when something of this stage is taken; nothing where the call has no such stage.
    #[must_use]
    pub fn window(&self, stage: Stage) -> Option<(Moment, Moment)> {
        match (stage, self.brief_closes.zip(self.full_opens)) {
            (Stage::Whole, None) => Some((self.opens, self.closes)),
            (Stage::Brief, Some((briefs, _))) => Some((self.opens, briefs)),
            (Stage::Full, Some((_, full))) => Some((full, self.closes)),
            _ => None,
        }
    }
}

/// What makes sense in a draft.
pub fn sensible(guide: &Guide) -> Result<(), No<Refusal>> {
    ensure(!guide.title.is_empty() && !guide.about.is_empty(), NoTitle)?;
    ensure(guide.opens < guide.closes, ClosesBeforeItOpens)?;
    ensure(guide.brief_closes.is_some() == guide.full_opens.is_some(), OneBriefDate)?;
    if let Some((briefs, full)) = guide.brief_closes.zip(guide.full_opens) {
        let ordered = guide.opens < briefs && briefs <= full && full < guide.closes;
        ensure(ordered, BriefDatesOutOfOrder)?;
    }
    ensure(guide.embargo.is_none_or(|embargo| embargo <= guide.opens), EmbargoAfterOpening)?;
    for (place, topic) in guide.topics.iter().enumerate() {
        let code = topic.code.clone();
        let again = guide.topics.iter().take(place).any(|other| other.code == code);
        ensure(!again, CodeTwice { topic: code.clone() })?;
        ensure(topic.ceiling.is_positive(), NotAnAmount { amount: topic.ceiling })?;
        ensure(!topic.title.is_empty() && !topic.goals.is_empty(), TopicIsEmpty { topic: code })?;
    }
    Ok(())
}

/// What a publication needs besides, by the programme's kind and by whom the call is for.
pub fn lawful(guide: &Guide, kind: Option<Kind>, ctx: &Ctx) -> Result<(), No<Refusal>> {
    ensure(!guide.topics.is_empty(), NoTopics)?;
    let stands_from = guide.embargo.map_or(ctx.now, |embargo| embargo.max(ctx.now)).day();
    let days = i64::from(stands_from.days_until(guide.opens.day()));
    let open_for = i64::from(guide.opens.day().days_until(guide.first_closes().day()));
    let (least, window) = (ctx.rule(STANDS), ctx.rule(OPEN_FOR));
    let of_fund = guide.family == Family::NaturalScienceFund;
    ensure(ctx.now < guide.closes, ClosesInThePast)?;
    ensure(!of_fund || days >= least, StandsTooShort { least, days }).by(STANDS)?;
    ensure(open_for >= window, WindowTooShort { least: window, days: open_for }).by(OPEN_FOR)?;
    if let Some(full) = guide.full_opens {
        let (least, days) = (ctx.rule(FULL_FOR), i64::from(full.day().days_until(guide.closes.day())));
        ensure(days >= least, WindowTooShort { least, days }).by(FULL_FOR)?;
    }
    let directed = guide.topics.iter().find(|topic| topic.directed);
    if let Some(topic) = directed.filter(|_| kind == Some(Kind::CoFundedPool)) {
        ensure(false, DirectedTopic { topic: topic.code.clone() }).by(UNDIRECTED)?;
    }
    if !guide.for_foreign_invested {
        return Ok(());
    }
    ensure(is_bilingual(guide), NotBilingual).by(FOREIGN)?;
    for looks in FOREIGN_LOOKS {
        let has = guide.conditions.iter().any(|condition| condition.looks == looks);
        ensure(has, ConditionMissing { looks }).by(FOREIGN)?;
    }
    Ok(())
}

fn both<const N: usize>(words: &Bilingual<N>) -> bool {
    words.zh.is_some() && words.en.is_some()
}

fn is_bilingual(guide: &Guide) -> bool {
    let topics = guide.topics.iter().all(|topic| both(&topic.title) && both(&topic.goals));
    both(&guide.title) && both(&guide.about) && both(&guide.contact) && topics
}
