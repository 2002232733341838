//! NDA (保密协议): an organisation signs, the owner or the joint office grants, and from then on its people read
//! the confidential part of a need. One that ends shuts it again; what was read cannot be unread.

use grammar::prelude::*;

use super::{
    Command::{self, *},
    Event::{self, *},
    Need,
    Refusal::{self, *},
};
use crate::organisation::Organisation;

/// Agreements on one need, ended ones included.
pub const NDAS_MAX: usize = 200;
/// The confidential part is opened to those who signed.
const CONFIDENCE: Rule<bool> = rule("NJ-P07");

/// One agreement. What was signed stands in the file, when there is one.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Nda {
    pub organisation: Ref<Organisation>,
    pub purpose: Text<500>,
    pub document: Option<FileRef>,
    pub signed: Day,
    pub granted: Option<Day>,
    pub ended: Option<Day>,
}

impl Nda {
    pub fn is_open(&self) -> bool {
        self.ended.is_none()
    }

    pub fn is_granted(&self) -> bool {
        self.is_open() && self.granted.is_some()
    }
}

impl Need {
    fn nda(&self, organisation: Ref<Organisation>) -> Option<&Nda> {
        self.ndas.iter().find(|nda| nda.is_open() && nda.organisation == organisation)
    }

    /// Whether the viewer belongs to an organisation to which the confidential part is open.
    pub fn confides_in(&self, viewer: &Viewer) -> bool {
        self.ndas.iter().any(|nda| nda.is_granted() && viewer.organisations.contains(&nda.organisation.id()))
    }

    pub fn confides(&self, command: &Command, ctx: &Ctx) -> Decision<Self> {
        let on = ctx.today();
        match command.clone() {
            SignNda { organisation, purpose, document }
                if self.status.stands() && self.published.is_some() =>
            {
                let is_own = self.is_owned_by(organisation);
                ensure(ctx.by.signs_for.contains(&organisation.id()), NotYoursToSign { organisation })?;
                ensure(!is_own, OwnersNeedNone)?;
                ensure(self.nda(organisation).is_none(), AlreadySigned { organisation })?;
                ensure(self.ndas.len() < NDAS_MAX, TooManyNdas { max: NDAS_MAX })?;
                let nda = Nda { organisation, purpose, document, signed: on, granted: None, ended: None };
                Ok(say(NdaSigned { nda }))
            }
            GrantNda { organisation } => {
                self.signed(organisation)?;
                let granted = self.nda(organisation).is_some_and(Nda::is_granted);
                ensure(!granted, AlreadyGranted { organisation })?;
                Ok(say(NdaGranted { organisation, on }))
            }
            EndNda { organisation, reason } => {
                self.signed(organisation)?;
                Ok(say(NdaEnded { organisation, on, reason }))
            }
            _ => not_now(),
        }
    }

    fn signed(&self, organisation: Ref<Organisation>) -> Result<(), No<Refusal>> {
        ensure(self.nda(organisation).is_some(), NotSigned { organisation }).by(CONFIDENCE)
    }

    fn is_owned_by(&self, organisation: Ref<Organisation>) -> bool {
        self.fields.owner == organisation || self.co_owners.contains(&organisation)
    }

    pub fn nda_changes(&mut self, event: Event) {
        let (organisation, change): (_, fn(&mut Nda, Day)) = match event {
            NdaSigned { nda } => {
                self.keep(|n| n.ndas.push(nda));
                return;
            }
            NdaGranted { organisation, on } => ((organisation, on), |nda, on| nda.granted = Some(on)),
            NdaEnded { organisation, on, .. } => ((organisation, on), |nda, on| nda.ended = Some(on)),
            other => impossible(&other),
        };
        let (organisation, on) = organisation;
        let open = self.ndas.iter_mut().find(|nda| nda.is_open() && nda.organisation == organisation);
        change(open.unwrap_or_else(|| impossible(&("no open agreement", organisation))), on);
    }
}
