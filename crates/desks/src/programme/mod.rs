//! Programme (科技计划): whose money is given, in which years, by which kind of competition, under which pact.
//!
//! draft → adopted → closed; a zone of basic research is renewed once. Always: the funders' shares make one whole,
//! so that each year's money is split to the last fen, and nobody but governments is a funder without having
//! confirmed it.

use grammar::prelude::*;

use crate::organisation::Organisation;

mod beside;
mod pact;
mod steps;
#[cfg(test)]
mod stories;

pub use pact::{Funder, FunderRole, Heat, Kind, Terms, YearMoney};

const REVIEWS_MAX: usize = 12;

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Status {
    Draft,
    Adopted,
    Closed,
}

/// The light review of one year of stable support.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Review {
    pub year: i16,
    pub text: Text<2000>,
}

/// A programme as it stands now.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Programme {
    itself: Ref<Programme>,
    status: Status,
    terms: Terms,
    confirmed: List<Ref<Organisation>, { pact::FUNDERS_MAX }>,
    reviews: List<Review, REVIEWS_MAX>,
    renewed: bool,
    remark: Option<Text<1000>>,
}

/// What can be asked of it.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "verb", rename_all = "kebab-case")]
pub enum Command {
    Draft(Terms),
    Amend(Terms),
    /// A funder confirms its share.
    Confirm {
        funder: Ref<Organisation>,
    },
    Adopt,
    /// Stable support is looked at lightly once a year.
    Review {
        year: Between<2000, 2100>,
        text: Text<2000>,
    },
    /// A second term of five years, after an evaluation of the first.
    Renew {
        evaluation: Text<2000>,
        document: FileRef,
        years: List<YearMoney, 5>,
    },
    Close {
        reason: Text<1000>,
    },
    /// A call asks whether it may be published under it.
    Carry {
        call: Id,
    },
}

/// What can have happened to it. Additions only: these words stay in the log for good.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "event", rename_all = "kebab-case")]
pub enum Event {
    Drafted { itself: Ref<Programme>, terms: Terms },
    Amended { terms: Terms },
    Confirmed { funder: Ref<Organisation> },
    Adopted { on: Day },
    Reviewed { review: Review },
    Renewed { evaluation: Text<2000>, document: FileRef, years: List<YearMoney, 5>, until: Day },
    Closed { on: Day, reason: Text<1000> },
}

/// Why it says no. The sentences are in `words.*.toml`, under the same names.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(tag = "code", rename_all = "kebab-case")]
pub enum Refusal {
    NoTitle,
    EndsBeforeItBegins { from: Day, until: Day },
    NotAnAmount { amount: Money },
    NoFunders,
    FunderTwice { funder: Ref<Organisation> },
    SharesDoNotSum,
    NoMoney,
    YearOutside { year: i64 },
    YearTwice { year: i64 },
    NotAFunder { funder: Ref<Organisation> },
    NotYoursToConfirm { funder: Ref<Organisation> },
    AlreadyConfirmed { funder: Ref<Organisation> },
    NotConfirmed { funder: Ref<Organisation> },
    NotTheTerm { years: i64 },
    UnitPaysTooLittle { least: Share },
    NoUnit,
    NoCoFunder,
    CoFunderPaysTooLittle { funder: Ref<Organisation>, year: i64, least: Money },
    NotTheRatio { national: Share },
    NoNationalFund,
    NoHeats,
    HeatsGrow,
    HeatsOnlyInARace,
    NotAYearOfIt { year: i64 },
    AlreadyReviewed { year: i64 },
    TooManyReviews { max: usize },
    NotAZone,
    AlreadyRenewed,
    TooEarlyToRenew { from: Day },
    CarriesNoCalls,
}

use Command::*;

impl Desk for Programme {
    const NAME: &'static str = "programme";
    const OPENS: &'static [&'static str] = &["draft"];
    const WORDS: [&'static str; 2] = [include_str!("words.zh.toml"), include_str!("words.en.toml")];
    const RULES: &'static str = include_str!("rules.toml");
    const BESIDE: &'static [(&'static str, &'static str)] = beside::BESIDE;
    type Command = Command;
    type Event = Event;
    type Refusal = Refusal;

    fn who(command: &Command) -> Who {
        match command {
            Draft(_) | Amend(_) | Command::Review { .. } => Who::Office("programme-office"),
            Confirm { .. } => Who::Signatory("funder"),
            Carry { .. } => Who::Desk("call"),
            Adopt | Renew { .. } | Close { .. } => Who::Two(&Who::Office("programme-office")),
        }
    }

    fn decide(this: Option<&Self>, command: &Command, ctx: &Ctx) -> Decision<Self> {
        match this {
            None => steps::begin(command, ctx),
            Some(p) => p.asked(command, ctx),
        }
    }

    fn apply(this: Option<Self>, event: &Event) -> Self {
        match this {
            None => Self::begun(event),
            Some(mut p) => {
                p.goes_on(event);
                p
            }
        }
    }

    fn card(&self) -> Card {
        let terms = &self.terms;
        let shares: Vec<_> = terms
            .funders
            .iter()
            .map(|f| serde_json::json!({ "organisation": f.organisation, "role": f.role, "share": f.share }))
            .collect();
        let mut card = Card::new()
            .title(&terms.title)
            .status(&grammar::desk::plain_word(&self.status))
            .region(terms.region)
            .party("itself", self.itself.id())
            .inside("funder")
            .inside_office("programme-office")
            .inside_office("treasurer")
            .inside_office("auditor")
            .facet("kind", grammar::desk::plain_word(&terms.kind))
            .fact("kind", terms.kind)
            .fact("shares", shares)
            .fact("by_year", terms.by_year())
            .fact("heats", &terms.heats)
            .amount(terms.total())
            .from(terms.from)
            .until(terms.until)
            .text(&terms.about.joined());
        for funder in terms.funders.iter() {
            card = card.party("funder", funder.organisation.id());
            if funder.role == FunderRole::CoFunder {
                card = card.party("co-funder", funder.organisation.id());
            }
        }
        card
    }

    /// Nobody but its funders and the offices knows of it before it is adopted.
    fn veil(&mut self, viewer: &Viewer) -> Sight {
        if viewer.is_inside(&self.card()) {
            return Sight::Seen;
        }
        self.reviews = List::default();
        if self.status == Status::Draft { Sight::Hidden } else { Sight::Seen }
    }

    fn veil_event(this: &Self, event: Event, viewer: &Viewer) -> Option<Event> {
        let is_public = matches!(event, Event::Adopted { .. } | Event::Closed { .. });
        let inside = viewer.is_inside(&this.card());
        (inside || (is_public && this.status != Status::Draft)).then_some(event)
    }

    fn check(&self) {
        assert!(!self.terms.title.is_empty() && self.terms.from <= self.terms.until);
        let adopted = self.status != Status::Draft;
        assert!(!adopted || self.terms.shares_sum());
        assert!(
            !adopted || self.terms.funders.iter().all(|f| f.role.is_government() || self.has(f.organisation))
        );
        let split: Money = self.terms.by_year().iter().flat_map(|(_, parts)| parts).copied().sum();
        assert!(!adopted || split == self.terms.total());
    }
}

impl Programme {
    fn has(&self, funder: Ref<Organisation>) -> bool {
        self.confirmed.contains(&funder)
    }
}
