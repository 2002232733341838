//! Waits: which step a record waits for, as it stands. Whoever may take that step finds the record in their inbox.
//!
//! Only steps that someone has to take for things to go on stand here, not all that could be asked.

use grammar::{
    card::Card,
    kinds::{Id, Region},
    viewer::{Viewer, Who},
};

use crate::project;

/// A step that records of a desk wait for.
#[derive(Clone, Copy, Debug)]
pub struct Wait {
    pub desk: &'static str,
    /// In which status they wait.
    pub status: &'static str,
    /// The desk that is asked: mostly the same.
    pub asked: &'static str,
    pub verb: &'static str,
    /// Who takes the step, where the verb's own rule does not say it of this record.
    pub by: Option<Who>,
    only: Only,
}

/// Which of the records in that status.
#[derive(Clone, Copy, Debug)]
enum Only {
    All,
    /// Those that name someone in this part.
    Named(&'static str),
    /// Those whose card says yes, or does not, to this.
    Says(&'static str, bool),
    /// Those whose card says this word of it.
    Is(&'static str, &'static str),
    /// Those whose card counts the viewer, or a unit of the viewer, among these.
    Among(&'static str),
    /// Those whose card counts among these a place in which the viewer holds one of the offices.
    Held(&'static [&'static str], &'static str),
}

impl Wait {
    const fn new(desk: &'static str, status: &'static str, verb: &'static str) -> Self {
        Self { desk, status, asked: desk, verb, by: None, only: Only::All }
    }

    const fn of(mut self, asked: &'static str) -> Self {
        self.asked = asked;
        self
    }

    const fn by(mut self, who: Who) -> Self {
        self.by = Some(who);
        self
    }

    const fn only(mut self, only: Only) -> Self {
        self.only = only;
        self
    }

    /// The part that must be held by someone for a record to wait.
    #[must_use]
    pub const fn part(&self) -> Option<&'static str> {
        match self.only {
            Only::Named(part) => Some(part),
            _ => None,
        }
    }

    /// Whether a record with this card waits for the step, as far as this viewer is concerned. Whether they may take it
    /// is for [`Who`] to say.
    #[must_use]
    pub fn holds(&self, card: &Card, viewer: &Viewer) -> bool {
        let says = |name: &str| card.read::<bool>(name) == Some(true);
        card.status == self.status
            && match self.only {
                Only::All => true,
                Only::Named(part) => card.holders(part).next().is_some(),
                Only::Says(name, wanted) => says(name) == wanted,
                Only::Is(name, wanted) => card.read::<String>(name).is_some_and(|word| word == wanted),
                Only::Among(name) => {
                    let some: Vec<Id> = card.read(name).unwrap_or_default();
                    some.into_iter().any(|id| viewer.is(id))
                }
                Only::Held(offices, name) => {
                    let some: Vec<Region> = card.read(name).unwrap_or_default();
                    let holds = |place: Region| offices.iter().any(|office| viewer.holds(office, place));
                    some.into_iter().any(holds)
                }
            }
    }
}

const fn wait(desk: &'static str, status: &'static str, verb: &'static str) -> Wait {
    Wait::new(desk, status, verb)
}

/// All of them, in the order of the desks.
pub static WAITS: [Wait; 114] = [
    wait("person", "active", "confirm-affiliation").only(Only::Named("claimed")),
    wait("person", "active", "accept-deputy").only(Only::Named("deputy-asked")),
    wait("rulebook", "proposed", "adopt"),
    wait("notice", "objected", "answer"),
    wait("draw", "anchored", "announce"),
    wait("provider", "applied", "recognise"),
    wait("provider", "overdue", "review"),
    wait("voucher-order", "asked", "quote"),
    wait("voucher-order", "quoted", "place"),
    wait("voucher-order", "placed", "accept"),
    wait("voucher-order", "accepted", "allot"),
    wait("voucher-order", "allotted", "deliver"),
    wait("voucher-order", "delivered", "confirm"),
    // By a redemption batch, which the provider makes.
    wait("voucher-order", "confirmed", "claim").by(Who::Party("provider")),
    wait("redemption", "open", "submit"),
    wait("redemption", "submitted", "take-sample"),
    wait("redemption", "sampled", "publish"),
    wait("redemption", "published", "pay"),
    wait("clearing", "open", "state"),
    wait("clearing", "stated", "sign").only(Only::Among("unsigned")),
    wait("clearing", "stated", "net").only(Only::Says("is_signed", true)),
    wait("clearing", "netted", "settle"),
    wait("neighbour", "named", "trust"),
    wait("settlement", "entered", "pay"),
    wait("exchange", "open", "agree"),
    wait("achievement", "draft", "publish"),
    wait("purchase", "planned", "review"),
    wait("purchase", "approved", "buy"),
    wait("purchase", "purchased", "accept"),
    wait("purchase", "accepted", "report").of("instrument").by(Who::Party("unit")),
    wait("purchase", "overdue", "report").of("instrument").by(Who::Party("unit")),
    wait("line", "called", "take-turn").of("booking").by(Who::Party("called")).only(Only::Named("called")),
    wait("instrument", "normal", "receive").only(Only::Named("receiver")),
    wait("instrument", "repair", "receive").only(Only::Named("receiver")),
    wait("incident", "open", "take-up"),
    wait("incident", "taken", "resolve"),
    wait("permit", "asked", "train"),
    wait("permit", "trained", "sign-off"),
    wait("training", "begun", "sign-off"),
    wait("agreement", "offered", "agree"),
    wait("booking", "requested", "quote").only(Only::Says("needs_quote", true)),
    wait("booking", "requested", "schedule").only(Only::Says("needs_quote", false)),
    wait("booking", "quoted", "accept"),
    wait("booking", "contracted", "schedule"),
    wait("booking", "offered", "take-up"),
    wait("booking", "used", "report"),
    wait("booking", "reported", "check-charge").only(Only::Is("charge", "unchecked")),
    wait("booking", "reported", "pay").only(Only::Is("charge", "checked")),
    wait("chemical", "kept", "confirm").by(Who::Party("custodian")).only(Only::Among("seconds")),
    wait("chemical", "kept", "dispose").only(Only::Says("to_dispose", true)),
    wait("chemical", "kept", "dispose")
        .by(Who::Party("custodian"))
        .only(Only::Says("to_dispose_by_two", true)),
    wait("chemical", "kept", "amend").by(Who::Party("lead")).only(Only::Says("is_sheet_old", true)),
    wait("chemical", "kept", "look-into").only(Only::Says("is_missing", true)),
    wait("sample", "declared", "accept"),
    wait("sample", "refused", "amend"),
    wait("sample", "accepted", "send"),
    wait("sample", "sent", "receive"),
    wait("sample", "received", "begin"),
    wait("sample", "in-use", "finish"),
    wait("sample", "left", "send-back").only(Only::Says("to_send_back", true)),
    wait("sample", "left", "destroy").only(Only::Says("to_send_back", false)),
    wait("sample", "returning", "take-back"),
    wait("accreditation", "entered", "confirm"),
    wait("accreditation", "rejected", "amend"),
    wait("accreditation", "confirmed", "confirm").only(Only::Says("is_proposed", true)),
    wait("test-report", "draft", "issue"),
    wait("test-report", "issued", "answer").only(Only::Says("is_objected", true)),
    wait("visit", "announced", "accept"),
    wait("visit", "invited", "fill-in"),
    wait("visit", "accepted", "confirm-safety").only(Only::Says("to_confirm", true)),
    wait("proposal", "submitted", "check"),
    wait("proposal", "checked", "admit").of("round"),
    wait("proposal", "returned", "amend"),
    wait("proposal", "offered", "answer-turn").of("round"),
    wait("proposal", "granted", "clear-samples"),
    wait("proposal", "cleared", "schedule"),
    wait("proposal", "overdue", "report"),
    wait("proposal", "reported", "evaluate"),
    wait("round", "open", "mark"),
    wait("round", "closed", "mark"),
    wait("round", "closed", "allocate"),
    wait("need", "draft", "submit"),
    wait("need", "returned", "amend"),
    wait("need", "submitted", "screen"),
    wait("need", "screened", "condense"),
    wait("need", "condensed", "confirm"),
    wait("need", "confirmed", "publish"),
    wait("need", "published", "solicit"),
    wait("expert", "applied", "recommend"),
    wait("expert", "recommended", "admit"),
    wait("programme", "draft", "adopt"),
    wait("call", "consulted", "publish"),
    wait("solution", "draft", "submit"),
    wait("solution", "submitted", "check-formally"),
    wait("solution", "formal-failed", "revise"),
    wait("application", "brief", "check-formally"),
    wait("application", "brief-ok", "invite"),
    wait("application", "invited", "confirm-by-unit"),
    wait("application", "unit-confirmed", "submit"),
    wait("application", "submitted", "check-formally"),
    wait("application", "formal-failed", "revise"),
    wait("project", "plan", "submit").only(Only::Says("plan_submitted", false)),
    wait("project", "plan", "approve").only(Only::Held(&project::OFFICE_NAMES, "unapproved")),
    wait("project", "publicised", "sign").only(Only::Among("unsigned")),
    wait("project", "publicised", "countersign").only(Only::Says("is_signed", true)),
    wait("comparison", "waiting", "decide"),
    wait("review", "invited", "accept"),
    wait("review", "accepted", "sign"),
    wait("review", "discussing", "sign"),
    wait("panel", "scored", "put-to-vote"),
    wait("panel", "voted", "conclude"),
    wait("allocation", "gathering", "propose"),
    wait("allocation", "proposed", "adopt"),
    wait("allocation", "publicised", "award"),
];

#[cfg(test)]
mod tests {
    use grammar::words::Locale;

    use super::*;
    use crate::DESKS;

    #[test]
    fn every_wait_names_a_status_and_a_verb_that_exist() {
        for wait in &WAITS {
            let (clerk, asked) = (DESKS.find(wait.desk), DESKS.find(wait.asked));
            let (clerk, asked) = (clerk.expect(wait.desk), asked.expect(wait.asked));
            assert!(clerk.words(Locale::En).find("status", wait.status).is_some(), "{wait:?}");
            assert!(asked.verb(wait.verb).is_some(), "{wait:?}");
        }
    }

    #[test]
    fn a_step_waits_only_where_the_card_says_so() {
        let unit = Id::named("organisation-a");
        let viewer = Viewer { organisations: vec![unit], ..Viewer::default() };
        let signing = Wait::new("clearing", "stated", "sign").only(Only::Among("unsigned"));
        let stated = Card::new().status("stated");
        assert!(!signing.holds(&stated, &viewer), "nobody is to sign");
        let theirs = stated.clone().fact("unsigned", vec![Id::named("organisation-b")]);
        assert!(!signing.holds(&theirs, &viewer));
        let ours = stated.fact("unsigned", vec![unit]);
        assert!(signing.holds(&ours, &viewer));
        assert!(!signing.holds(&ours.status("netted"), &viewer));

        let quoting = Wait::new("booking", "requested", "quote").only(Only::Says("needs_quote", true));
        let asked = Card::new().status("requested");
        assert!(!quoting.holds(&asked, &viewer));
        assert!(quoting.holds(&asked.clone().fact("needs_quote", true), &viewer));
        let receiving = Wait::new("instrument", "normal", "receive").only(Only::Named("receiver"));
        let whole = Card::new().status("normal");
        assert!(!receiving.holds(&whole, &viewer));
        assert!(receiving.holds(&whole.party("receiver", unit), &viewer));

        let shanghai: Region = "310000".parse().unwrap();
        let office = Viewer { offices: vec![("joint-office".into(), shanghai)], ..Viewer::default() };
        let approving =
            Wait::new("project", "plan", "approve").only(Only::Held(&project::OFFICE_NAMES, "unapproved"));
        let planned = |places: &[&str]| {
            let places: Vec<Region> = places.iter().map(|place| place.parse().unwrap()).collect();
            Card::new().status("plan").fact("unapproved", places)
        };
        assert!(approving.holds(&planned(&["310000", "330000"]), &office));
        assert!(!approving.holds(&planned(&["330000"]), &office), "another province's part");
        assert!(!approving.holds(&planned(&["310000"]), &viewer));
    }
}
