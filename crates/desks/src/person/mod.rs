//! Person: someone who acts here, under one lasting id, alone or for organisations.
//!
//! active → erased. Name, telephone, e-mail and number of the identity document are outside events and
//! states and can be erased; the public name and the ORCID are chosen to stay. An affiliation is claimed by
//! the person and confirmed by the organisation. Always: an erased person has nothing left but the id.

use grammar::prelude::*;

use crate::{candidate::Role, organisation::Organisation};

mod affiliations;
mod beside;
mod deputies;
mod duties;
mod engagements;
mod entry;
mod privacy;
mod sight;
#[cfg(test)]
mod stories;

pub use affiliations::{Affiliation, Affiliations, Claim, Standing};
pub use deputies::{Deputies, Deputy, Span};
pub use duties::HeldOffice;
use engagements::ENGAGEMENTS_MAX;
pub use engagements::{Engagement, Engaging, Family, Stage};
pub use entry::Entry;
use entry::sensible;
pub use privacy::{Ground, Masked, Purpose};

/// A person may have everything erased; what the law still needs is no longer used.
const ERASURE: Rule<bool> = rule("PL-R08");
/// A person as it stands now. What is `None` was never given, is not for this viewer, or was erased.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Person {
    itself: Ref<Person>,
    region: Region,
    name: Option<Personal<Text<60>>>,
    public: bool,
    display_name: Option<Bilingual<80>>,
    orcid: Option<Text<19>>,
    phone: Option<Personal<Text<30>>>,
    email: Option<Personal<Text<200>>>,
    id_number: Option<Personal<Text<30>>>,
    affiliations: Affiliations,
    offices: Vec<HeldOffice>,
    #[serde(default)]
    deputies: Deputies,
    #[serde(default)]
    engagements: Vec<Engagement>,
    erased: Option<Day>,
}

/// What can be asked of it.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "verb", rename_all = "kebab-case")]
pub enum Command {
    Register(Entry),
    SignUp(Entry),
    Amend(Entry),
    ClaimAffiliation(Claim),
    ConfirmAffiliation { organisation: Ref<Organisation> },
    ExtendAffiliation { organisation: Ref<Organisation>, until: Option<Day> },
    EndAffiliation { organisation: Ref<Organisation>, reason: Text<300> },
    LapseAffiliations,
    TakeOffice { appointment: Id, office: Text<40> },
    LeaveOffice { appointment: Id },
    Engage(Engaging),
    Disengage { record: Id },
    NameDeputy(Span),
    AcceptDeputy { deputy: Ref<Person> },
    EndDeputy { deputy: Ref<Person> },
    Unmask { field: Masked, reason: Text<300> },
    WithdrawConsent { purpose: Purpose },
    Erase { ground: Ground },
}

/// What can have happened to it. Additions only: these words stay in the log for good.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "event", rename_all = "kebab-case")]
pub enum Event {
    Registered { itself: Ref<Person>, entry: Entry },
    Amended(Entry),
    AffiliationClaimed(Claim),
    AffiliationConfirmed { organisation: Ref<Organisation>, may_sign: bool },
    AffiliationExtended { organisation: Ref<Organisation>, until: Option<Day> },
    AffiliationEnded { organisation: Ref<Organisation>, on: Day, reason: Text<300> },
    AffiliationLapsed { organisation: Ref<Organisation>, on: Day },
    OfficeTaken { appointment: Id, office: Text<40> },
    OfficeLeft { appointment: Id, office: Text<40> },
    Engaged { engaging: Engaging, on: Day },
    Disengaged { record: Id, on: Day },
    DeputyNamed(Span),
    DeputyAccepted { deputy: Ref<Person> },
    DeputyEnded { deputy: Ref<Person>, on: Day },
    Unmasked { field: Masked, reason: Text<300> },
    ConsentWithdrawn { purpose: Purpose, on: Day },
    Erased { on: Day, ground: Ground },
}

/// Why it says no. The sentences are in `words.*.toml`, under the same names.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(tag = "code", rename_all = "kebab-case")]
pub enum Refusal {
    NotAgreedToBePublic,
    NoPublicName,
    NotAnOrcid,
    OrganisationIsGone { organisation: Ref<Organisation> },
    EndsInThePast { until: Day },
    EndsBeforeItBegins { from: Day, until: Day },
    AlreadyAffiliated { organisation: Ref<Organisation> },
    TooManyAffiliations { max: usize },
    NoSuchAffiliation { organisation: Ref<Organisation> },
    NotYetBegun { from: Day },
    NotYourOrganisation { organisation: Ref<Organisation> },
    NotOneself,
    TooManyOffices { max: usize },
    OfficesApart { held: Id },
    StillInOffice { offices: Vec<Id> },
    NobodysOwnDeputy,
    DeputyIsErased { deputy: Ref<Person> },
    TooManyDeputies { max: usize },
    SpanTooLong { days: i64 },
    NoSuchDeputy { deputy: Ref<Person> },
    NotForYou,
    NothingToShow,
    NothingToWithdraw,
    OverTheLimit { person: Ref<Person>, family: Family, role: Role, is: i64, max: i64 },
    TooManyEngagements { max: usize },
}

use {Command::*, Event::*, Refusal::*};

impl Person {
    fn is_active(&self) -> bool {
        self.erased.is_none()
    }
}

impl Desk for Person {
    const NAME: &'static str = "person";
    const OPENS: &'static [&'static str] = &["register", "sign-up"];
    const WORDS: [&'static str; 2] = [include_str!("words.zh.toml"), include_str!("words.en.toml")];
    const RULES: &'static str = include_str!("rules.toml");
    const BESIDE: &'static [(&'static str, &'static str)] = beside::BESIDE;
    type Command = Command;
    type Event = Event;
    type Refusal = Refusal;

    fn who(command: &Command) -> Who {
        match command {
            Register(_) => Who::Office("registrar"),
            SignUp(_) => Who::Anyone,
            Amend(_) | ClaimAffiliation(_) => Who::Either(&[Who::Party("itself"), Who::Office("registrar")]),
            ConfirmAffiliation { .. } => Who::Either(&[Who::Signatory("claimed"), Who::Office("registrar")]),
            ExtendAffiliation { .. } => {
                Who::Either(&[Who::Signatory("affiliation"), Who::Office("registrar")])
            }
            EndAffiliation { .. } => Who::Either(&[
                Who::Party("itself"),
                Who::Signatory("claimed"),
                Who::Signatory("affiliation"),
                Who::Office("registrar"),
            ]),
            LapseAffiliations => Who::Clock,
            TakeOffice { .. } | LeaveOffice { .. } => Who::Desk("office"),
            Engage(_) | Disengage { .. } => {
                Who::Either(&[Who::Desk("solution"), Who::Desk("application"), Who::Desk("project")])
            }
            NameDeputy(_) | WithdrawConsent { .. } => Who::Party("itself"),
            AcceptDeputy { .. } => Who::Party("deputy-asked"),
            EndDeputy { .. } => {
                Who::Either(&[Who::Party("itself"), Who::Party("deputy"), Who::Party("deputy-asked")])
            }
            Unmask { .. } => Who::Either(&privacy::UNMASKING),
            Erase { .. } => Who::Either(&[Who::Party("itself"), Who::Office("privacy-officer")]),
        }
    }

    fn decide(this: Option<&Self>, command: &Command, ctx: &Ctx) -> Decision<Self> {
        match (this.filter(|p| p.is_active()), command.clone()) {
            (None, Register(entry) | SignUp(entry)) if this.is_none() => {
                sensible(&entry)?;
                Ok(say(Registered { itself: ctx.me.r(), entry }))
            }
            (Some(_), Amend(entry)) => {
                sensible(&entry)?;
                Ok(say(Amended(entry)))
            }
            (Some(p), ClaimAffiliation(claim)) => {
                p.affiliations.can_claim(&claim, ctx)?;
                Ok(say(AffiliationClaimed(claim)))
            }
            (Some(p), ConfirmAffiliation { organisation }) => {
                let may_sign = p.confirms(organisation, ctx)?.may_sign;
                Ok(say(AffiliationConfirmed { organisation, may_sign }))
            }
            (Some(p), ExtendAffiliation { organisation, until }) => {
                p.extends(organisation, until, ctx)?;
                Ok(say(AffiliationExtended { organisation, until }))
            }
            (Some(p), EndAffiliation { organisation, reason }) => {
                p.ends(organisation, ctx)?;
                Ok(say(AffiliationEnded { organisation, on: ctx.today(), reason }))
            }
            (Some(p), LapseAffiliations) if p.affiliations.over(ctx.today()).next().is_some() => {
                let lapsed = |a: &Affiliation| AffiliationLapsed {
                    organisation: a.organisation,
                    on: a.until.unwrap_or(ctx.today()),
                };
                Ok(p.affiliations.over(ctx.today()).map(lapsed).fold(Script::silent(), Script::say))
            }
            (Some(p), TakeOffice { appointment, office }) => {
                p.may_take(&office)?;
                Ok(say(OfficeTaken { appointment, office }))
            }
            (Some(p), LeaveOffice { appointment }) => {
                let held = p.offices.iter().find(|held| held.appointment == appointment);
                held.map_or_else(not_now, |held| {
                    Ok(say(OfficeLeft { appointment, office: held.office.clone() }))
                })
            }
            (Some(p), Engage(_) | Disengage { .. }) => p.engages(command, ctx),
            // Nothing is left that could end.
            (None, Disengage { .. }) if this.is_some() => Ok(Script::silent()),
            (Some(p), NameDeputy(span)) => p.names_deputy(span, ctx),
            (Some(p), AcceptDeputy { deputy }) => p.accepted_by(deputy, ctx),
            (Some(p), EndDeputy { deputy }) => p.ends_deputy(deputy, ctx),
            (Some(p), Unmask { field, reason }) => p.unmasks(field, reason),
            (Some(p), WithdrawConsent { purpose }) => p.withdraws(purpose, ctx),
            (Some(p), Erase { ground }) => {
                let offices = p.offices.iter().map(|held| held.appointment).collect();
                ensure(p.offices.is_empty(), StillInOffice { offices }).by(ERASURE)?;
                Ok(say(Erased { on: ctx.today(), ground }))
            }
            _ => not_now(),
        }
    }

    fn apply(this: Option<Self>, event: &Event) -> Self {
        let Some(mut p) = this else {
            let Registered { itself, entry } = event else { impossible(event) };
            return Self::blank(*itself, entry.region).with(entry);
        };
        match event.clone() {
            Registered { .. } => impossible(event),
            Amended(entry) => p = p.with(&entry),
            AffiliationClaimed(claim) => p.affiliations.add(claim),
            AffiliationConfirmed { organisation, .. } => {
                p.affiliations.change(organisation, |a| a.standing = Standing::Confirmed);
            }
            AffiliationExtended { organisation, until } => {
                p.affiliations.change(organisation, |a| a.until = until);
            }
            AffiliationEnded { organisation, on, .. } | AffiliationLapsed { organisation, on } => {
                p.affiliations.end(organisation, on);
            }
            OfficeTaken { appointment, office } => p.offices.push(HeldOffice { appointment, office }),
            OfficeLeft { appointment, .. } => p.offices.retain(|held| held.appointment != appointment),
            Engaged { .. } | Disengaged { .. } => p.engagement_changes(event),
            DeputyNamed(span) => p.deputies.add(span),
            DeputyAccepted { deputy } => p.deputies.accept(deputy),
            DeputyEnded { deputy, .. } => p.deputies.end(deputy),
            Unmasked { .. } => {}
            ConsentWithdrawn { purpose, .. } => p.without(purpose),
            Erased { on, .. } => p = Self { erased: Some(on), ..Self::blank(p.itself, p.region) },
        }
        p
    }

    fn due(&self) -> Option<Due<Command>> {
        self.affiliations.next_end().map(|until| Due::after(until, LapseAffiliations))
    }

    fn card(&self) -> Card {
        self.front()
    }

    fn veil(&mut self, viewer: &Viewer) -> Sight {
        self.hide_from(viewer)
    }

    fn veil_event(this: &Self, event: Event, viewer: &Viewer) -> Option<Event> {
        this.event_for(event, viewer)
    }

    fn check(&self) {
        self.affiliations.check();
        assert!(self.offices.len() <= duties::OFFICES_MAX);
        assert_eq!(self.is_active(), self.name.is_some(), "an active person has a name, an erased one none");
        assert!(self.public || (self.display_name.is_none() && self.orcid.is_none()));
        assert!(self.is_active() || (self.affiliations.is_empty() && self.offices.is_empty()));
        assert!(
            self.engagements.len() <= ENGAGEMENTS_MAX && (self.is_active() || self.engagements.is_empty())
        );
        assert!(self.deputies.count() <= deputies::DEPUTIES_MAX);
    }
}
