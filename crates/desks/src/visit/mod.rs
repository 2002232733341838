//! Visit (来访登记): people of another organisation come into a laboratory, from their announcement until everybody has left.
//!
//! announced → accepted, or invited → accepted once the visiting unit says who comes; accepted ⇄ inside, as they come and go;
//! over when its time is. It ends before as declined, withdrawn, or lapsed without an answer.
//! Always: nobody comes in who has not confirmed the laboratory's safety notes as they are now; whoever is inside is counted by the
//! laboratory; when its time is over nobody is inside, and some days later nobody is named.

use grammar::prelude::*;

use crate::{laboratory::Laboratory, organisation::Organisation, person::Person};

mod beside;
mod fields;
mod gate;
mod state;
mod steps;
#[cfg(test)]
mod stories;
#[cfg(test)]
mod together;

pub use fields::{
    Announcement, Change, Comer, Confirmed, Invitation, Number, Numbers, Occasion, Standing, Status,
    VISITORS_MAX, Visitor, Visitors,
};

/// A visit as it stands now.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Visit {
    status: Status,
    occasion: Occasion,
    /// The laboratory's name, as it was.
    title: Bilingual<200>,
    lead: Ref<Organisation>,
    region: Region,
    /// Those who come, by their number from 1.
    coming: Vec<Comer>,
    host: Option<Ref<Person>>,
    conditions: Option<Text<1000>>,
    /// The version of the safety notes that was to be confirmed when they were last looked at.
    notes: Option<i64>,
    confirmed: Option<Confirmed>,
    reason: Option<Text<500>>,
    ended: Option<Moment>,
    /// After this day nobody is named any more.
    names_until: Option<Day>,
}

/// What can be asked of it.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "verb", rename_all = "kebab-case")]
pub enum Command {
    /// The visiting unit says who comes.
    Announce(Announcement),
    /// The laboratory asks somebody to come.
    Invite(Invitation),
    /// Who comes of those who were invited.
    FillIn {
        visitors: Visitors,
    },
    /// Before anybody has come: whoever accepted it looks at it again.
    Amend(Change),
    Accept {
        host: Ref<Person>,
        conditions: Option<Text<1000>>,
    },
    Decline {
        reason: Text<500>,
    },
    Withdraw {
        reason: Option<Text<500>>,
    },
    ConfirmSafety {
        laboratory: Ref<Laboratory>,
        version: Between<1, 1_000_000>,
    },
    /// One of them comes in; all who have not been there, where no number is given.
    Arrive {
        laboratory: Ref<Laboratory>,
        visitor: Option<Number>,
    },
    /// One of them leaves; all who are inside, where no number is given.
    Leave {
        visitor: Option<Number>,
    },
    Lapse,
    End,
    Forget,
}

/// What can have happened to it. Additions only: these words stay in the log for good.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "event", rename_all = "kebab-case")]
pub enum Event {
    Announced {
        occasion: Occasion,
        title: Bilingual<200>,
        lead: Ref<Organisation>,
        region: Region,
        notes: Option<i64>,
        visitors: Visitors,
    },
    Invited {
        occasion: Occasion,
        title: Bilingual<200>,
        lead: Ref<Organisation>,
        region: Region,
        notes: Option<i64>,
        host: Ref<Person>,
        conditions: Option<Text<1000>>,
    },
    FilledIn {
        visitors: Visitors,
    },
    /// Without visitors, those who were named stay.
    Amended {
        purpose: Text<500>,
        from: Moment,
        until: Moment,
        visitors: Visitors,
    },
    Accepted {
        host: Ref<Person>,
        conditions: Option<Text<1000>>,
    },
    Declined {
        reason: Text<500>,
        at: Moment,
        names_until: Day,
    },
    Withdrawn {
        reason: Option<Text<500>>,
        at: Moment,
        names_until: Day,
    },
    SafetyConfirmed(Confirmed),
    Arrived {
        visitors: Numbers,
        at: Moment,
    },
    Left {
        visitors: Numbers,
        at: Moment,
    },
    Lapsed {
        at: Moment,
        names_until: Day,
    },
    /// Its time is over; whoever was still inside is signed out.
    Ended {
        signed_out: Numbers,
        at: Moment,
        names_until: Day,
    },
    Forgotten,
}

/// Why it says no. The sentences are in `words.*.toml`, under the same names.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(tag = "code", rename_all = "kebab-case")]
pub enum Refusal {
    NotListed,
    NotAVisitor,
    InThePast { from: Moment },
    EndsBeforeItBegins,
    TooLong { days: i64 },
    NobodyNamed,
    OneOnly,
    NotYourBooking,
    NotYourProposal,
    NotYourOrder,
    HostNotTheirs,
    AnotherLaboratory,
    NothingToConfirm,
    AnotherVersion { version: i64 },
    ConfirmedAlready { version: i64 },
    SafetyNotConfirmed { version: i64 },
    SafetyChanged { confirmed: i64, version: i64 },
    TooEarly { from: Moment },
    NoSuchVisitor { most: usize },
    InsideAlready,
    NotInside,
    NobodyExpected,
}

use Command::*;

impl Desk for Visit {
    const NAME: &'static str = "visit";
    const OPENS: &'static [&'static str] = &["announce", "invite"];
    const WORDS: [&'static str; 2] = [include_str!("words.zh.toml"), include_str!("words.en.toml")];
    const RULES: &'static str = include_str!("rules.toml");
    const BESIDE: &'static [(&'static str, &'static str)] = beside::BESIDE;
    type Command = Command;
    type Event = Event;
    type Refusal = Refusal;

    fn who(command: &Command) -> Who {
        match command {
            Announce(_) | FillIn { .. } | Amend(_) | Withdraw { .. } | ConfirmSafety { .. } => {
                Who::Party("visiting")
            }
            // Who comes in and goes out is written down where the door is.
            Invite(_) | Accept { .. } | Decline { .. } | Arrive { .. } | Leave { .. } => Who::Party("lead"),
            Lapse | End | Forget => Who::Clock,
        }
    }

    fn decide(this: Option<&Self>, command: &Command, ctx: &Ctx) -> Decision<Self> {
        match this {
            None => steps::begin(command, ctx),
            Some(v) => v.goes_on(command, ctx),
        }
    }

    fn apply(this: Option<Self>, event: &Event) -> Self {
        match this {
            None => Self::begun(event),
            Some(mut v) => {
                v.changes(event);
                v
            }
        }
    }

    fn due(&self) -> Option<Due<Command>> {
        self.wish()
    }

    fn card(&self) -> Card {
        self.front()
    }

    /// Who comes to whom is for the two sides and the host.
    fn veil(&mut self, viewer: &Viewer) -> Sight {
        if viewer.is_inside(&self.card()) { Sight::Seen } else { Sight::Hidden }
    }

    fn veil_event(this: &Self, event: Event, viewer: &Viewer) -> Option<Event> {
        viewer.is_inside(&this.card()).then_some(event)
    }

    fn check(&self) {
        self.holds();
    }
}
