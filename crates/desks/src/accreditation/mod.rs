//! Accreditation (检测资质): what a laboratory's unit is approved or accredited to test, under which mark, and who may sign.
//!
//! entered → confirmed → over by its day; suspended and resumed, revoked, or rejected and mended. What changes later is proposed and
//! counts once the office has confirmed it. Always: what reports rely on was confirmed; who signs is known to the unit and the office.

use grammar::prelude::*;

mod fields;
mod steps;
#[cfg(test)]
mod stories;

use fields::plain;
pub use fields::{Covered, Entry, Mark, Status};

/// Lines of a scope, and persons who may sign.
pub const SCOPE_MAX: usize = 100;
pub const SIGNATORIES_MAX: usize = 20;
const OFFICE: &str = "instrument-office";

/// An accreditation as it stands now.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Accreditation {
    status: Status,
    entry: Entry,
    region: Region,
    /// Since when it counts.
    confirmed: Option<Day>,
    /// What is to be confirmed in its place.
    proposed: Option<Box<Entry>>,
    reason: Option<Text<500>>,
}

/// What can be asked of it.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "verb", rename_all = "kebab-case")]
pub enum Command {
    Enter(Box<Entry>),
    Amend(Box<Entry>),
    Confirm {
        note: Option<Text<500>>,
    },
    Reject {
        reason: Text<500>,
    },
    Suspend {
        reason: Text<500>,
    },
    Resume {
        reason: Text<500>,
    },
    Revoke {
        reason: Text<500>,
    },
    /// Its last day is over.
    RunOut,
}

/// What can have happened to it. Additions only: these words stay in the log for good.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "event", rename_all = "kebab-case")]
pub enum Event {
    Entered {
        entry: Box<Entry>,
        region: Region,
    },
    /// Before it counts.
    Amended {
        entry: Box<Entry>,
    },
    /// What shall count instead.
    Proposed {
        entry: Box<Entry>,
    },
    Confirmed {
        on: Day,
        note: Option<Text<500>>,
    },
    Rejected {
        reason: Text<500>,
    },
    Suspended {
        reason: Text<500>,
    },
    Resumed {
        reason: Text<500>,
    },
    Revoked {
        reason: Text<500>,
    },
    RanOut,
}

/// Why it says no. The sentences are in `words.*.toml`, under the same names.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(tag = "code", rename_all = "kebab-case")]
pub enum Refusal {
    EndsBeforeItBegins,
    EndsInThePast { until: Day },
    NoScope,
    CoveredTwice { method: String },
    NoSignatory,
    AnotherHolder,
    AnotherCertificate,
    NothingChanged,
}

impl Desk for Accreditation {
    const NAME: &'static str = "accreditation";
    const OPENS: &'static [&'static str] = &["enter"];
    const WORDS: [&'static str; 2] = [include_str!("words.zh.toml"), include_str!("words.en.toml")];
    const RULES: &'static str = include_str!("rules.toml");
    const BESIDE: &'static [(&'static str, &'static str)] = &[
        ("ends-before-it-begins", "until"),
        ("ends-in-the-past", "until"),
        ("no-scope", "scope"),
        ("covered-twice", "scope"),
        ("no-signatory", "signatories"),
        ("another-holder", "holder"),
        ("another-certificate", "number"),
    ];
    type Command = Command;
    type Event = Event;
    type Refusal = Refusal;

    fn who(command: &Command) -> Who {
        match command {
            Command::Enter(_) | Command::Amend(_) => Who::Party("holder"),
            Command::Confirm { .. }
            | Command::Reject { .. }
            | Command::Suspend { .. }
            | Command::Resume { .. }
            | Command::Revoke { .. } => Who::Office(OFFICE),
            Command::RunOut => Who::Clock,
        }
    }

    fn decide(this: Option<&Self>, command: &Command, ctx: &Ctx) -> Decision<Self> {
        match this {
            None => steps::begin(command, ctx),
            Some(accreditation) => accreditation.goes_on(command, ctx),
        }
    }

    fn apply(this: Option<Self>, event: &Event) -> Self {
        let Some(mut a) = this else {
            let Event::Entered { entry, region } = event.clone() else { impossible(event) };
            let (status, confirmed) = (Status::Entered, None);
            return Self { status, entry: *entry, region, confirmed, proposed: None, reason: None };
        };
        match event.clone() {
            Event::Entered { .. } => impossible(event),
            Event::Amended { entry } => (a.status, a.entry, a.reason) = (Status::Entered, *entry, None),
            Event::Proposed { entry } => a.proposed = Some(entry),
            Event::Confirmed { on, note } => {
                a.confirmed = a.confirmed.or(Some(on));
                if let Some(proposed) = a.proposed.take() {
                    a.entry = *proposed;
                }
                if a.status == Status::Entered {
                    a.status = Status::Confirmed;
                }
                a.reason = note;
            }
            Event::Rejected { reason } => {
                if a.proposed.take().is_none() {
                    a.status = Status::Rejected;
                }
                a.reason = Some(reason);
            }
            Event::Suspended { reason } => (a.status, a.reason) = (Status::Suspended, Some(reason)),
            Event::Resumed { reason } => (a.status, a.reason) = (Status::Confirmed, Some(reason)),
            Event::Revoked { reason } => a.ends(Status::Revoked, Some(reason)),
            Event::RanOut => a.ends(Status::Over, None),
        }
        a
    }

    fn due(&self) -> Option<Due<Command>> {
        self.status.stands().then(|| Due::after(self.entry.until, Command::RunOut))
    }

    fn card(&self) -> Card {
        let entry = &self.entry;
        let mark = grammar::desk::plain_word(&entry.mark);
        let name = if entry.mark == Mark::Other { String::new() } else { mark.to_uppercase() + " " };
        let mut card = Card::new()
            .titled(
                format!("检测资质 {name}{}", &*entry.number),
                format!("Accreditation {name}{}", &*entry.number),
            )
            .status(&grammar::desk::plain_word(&self.status))
            .region(self.region)
            .party("holder", entry.holder.id())
            .inside("holder")
            .inside_office(OFFICE)
            .inside_office("auditor")
            .from(entry.from)
            .until(entry.until)
            .facet("kind", mark)
            .fact("mark", entry.mark)
            .fact("number", &entry.number)
            .fact("scope", &entry.scope)
            .fact("is_proposed", self.proposed.is_some());
        for person in entry.signatories.iter() {
            card = card.party("signatory", person.id());
        }
        for covered in entry.scope.iter() {
            card = card.text(&covered.method);
        }
        let key = format!("{}/{}", grammar::desk::plain_word(&entry.mark), plain(&entry.number));
        // Whoever enters what is another's keeps nobody from entering it.
        let counts = self.confirmed.is_some() && self.status.stands();
        if counts { card.key("accreditation", &key) } else { card }
    }

    /// What has been confirmed is public, as the annexes of certificates are; who signs is for the unit and the office.
    fn veil(&mut self, viewer: &Viewer) -> Sight {
        if viewer.is_inside(&self.card()) {
            return Sight::Seen;
        }
        if self.confirmed.is_none() {
            return Sight::Hidden;
        }
        (self.entry.signatories, self.entry.certificate) = (List::default(), None);
        (self.proposed, self.reason) = (None, None);
        Sight::Seen
    }

    /// How it came about is for the unit and the office; the public reads that its time is over.
    fn veil_event(this: &Self, event: Event, viewer: &Viewer) -> Option<Event> {
        let is_public = matches!(event, Event::RanOut) && this.confirmed.is_some();
        (is_public || viewer.is_inside(&this.card())).then_some(event)
    }

    fn check(&self) {
        assert!(self.entry.from <= self.entry.until && !self.entry.scope.is_empty());
        let counts = matches!(self.status, Status::Confirmed | Status::Suspended);
        assert!(self.proposed.is_none() || counts);
        assert!(!counts || self.confirmed.is_some());
    }
}
