//! Organisation: a legal person or a body that acts like one, under one lasting id.
//!
//! active → merged (its id lives on and points to the successor) | closed. Names are not keys: the code is
//! (XX-R09); every name it ever had stays as an alias with its days.

use grammar::prelude::*;

mod beside;
mod engagements;
mod entry;
#[cfg(test)]
mod stories;

pub use engagements::Counted;
use entry::sensible;
pub use entry::{Alias, Entry, FirmLabel, HeldLabel, Kind};

/// Labels of firms must say on what they rest and until when.
const ALIASES_MAX: usize = 60;
const LABELS_MAX: usize = 40;

/// An organisation as it stands now.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Organisation {
    itself: Ref<Organisation>,
    entry: Entry,
    aliases: Vec<Alias>,
    labels: Vec<HeldLabel>,
    successor: Option<Ref<Organisation>>,
    closed: Option<Day>,
    #[serde(default)]
    engagements: Vec<Counted>,
}

/// What can be asked of it.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "verb", rename_all = "kebab-case")]
pub enum Command {
    Register(Entry),
    Amend(Entry),
    AddAlias {
        name: Bilingual<200>,
        until: Option<Day>,
    },
    Label {
        label: FirmLabel,
        from: Day,
        until: Day,
        source: Text<300>,
    },
    MergeInto {
        successor: Ref<Organisation>,
        reason: Text<500>,
    },
    Close {
        on: Day,
        reason: Text<500>,
    },
    /// An application to a call that limits how many a unit hands in.
    Engage {
        call: Id,
        max: u32,
    },
}

/// What can have happened to it. Additions only: these words stay in the log for good.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "event", rename_all = "kebab-case")]
pub enum Event {
    Registered { itself: Ref<Organisation>, entry: Entry },
    Amended(Entry),
    AliasAdded { name: Bilingual<200>, until: Option<Day> },
    Labelled { label: FirmLabel, from: Day, until: Day, source: Text<300> },
    MergedInto { successor: Ref<Organisation>, reason: Text<500> },
    Closed { on: Day, reason: Text<500> },
    Engaged { call: Id },
}

/// Why it says no. The sentences are in `words.*.toml`, under the same names.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(tag = "code", rename_all = "kebab-case")]
pub enum Refusal {
    CodeChanges,
    NoName,
    ParentIsItself,
    EndsBeforeItBegins { from: Day, until: Day },
    AlreadyLabelled { label: FirmLabel, until: Day },
    TooManyAliases { max: usize },
    TooManyLabels { max: usize },
    SuccessorIsItself,
    SuccessorIsGone { successor: Ref<Organisation> },
    ClosesLater { on: Day },
    OverTheLimit { organisation: Ref<Organisation>, is: u32, max: u32 },
}

use {Command::*, Event::*, Refusal::*};

/// The code of a legal entity is its key (GB 32100-2015).
const ENTITY_KEY: Rule<bool> = rule("XX-R09");

impl Organisation {
    fn new(itself: Ref<Self>, entry: Entry) -> Self {
        let (aliases, labels, engagements) = (vec![], vec![], vec![]);
        Self { itself, entry, aliases, labels, successor: None, closed: None, engagements }
    }

    #[must_use]
    fn is_active(&self) -> bool {
        self.successor.is_none() && self.closed.is_none()
    }

    fn status(&self) -> &'static str {
        match (&self.successor, &self.closed) {
            (Some(_), _) => "merged",
            (_, Some(_)) => "closed",
            _ => "active",
        }
    }
}

impl Desk for Organisation {
    const NAME: &'static str = "organisation";
    const OPENS: &'static [&'static str] = &["register"];
    const WORDS: [&'static str; 2] = [include_str!("words.zh.toml"), include_str!("words.en.toml")];
    const RULES: &'static str = include_str!("rules.toml");
    const BESIDE: &'static [(&'static str, &'static str)] = beside::BESIDE;
    type Command = Command;
    type Event = Event;
    type Refusal = Refusal;

    fn who(command: &Command) -> Who {
        match command {
            Register(_) | Label { .. } | Close { .. } => Who::Office("registrar"),
            Amend(_) | AddAlias { .. } => Who::Either(&[Who::Office("registrar"), Who::Signatory("itself")]),
            MergeInto { .. } => Who::Two(&Who::Office("registrar")),
            Engage { .. } => Who::Desk("application"),
        }
    }

    fn decide(this: Option<&Self>, command: &Command, ctx: &Ctx) -> Decision<Self> {
        match (this, command.clone()) {
            (None, Register(entry)) => {
                sensible(&entry, ctx)?;
                Ok(say(Registered { itself: ctx.me.r(), entry }))
            }
            (Some(o), Amend(entry)) if o.is_active() => {
                sensible(&entry, ctx)?;
                ensure(o.entry.uscc.is_none() || o.entry.uscc == entry.uscc, CodeChanges).by(ENTITY_KEY)?;
                ensure(o.aliases.len() < ALIASES_MAX, TooManyAliases { max: ALIASES_MAX })?;
                Ok(say(Amended(entry)))
            }
            (Some(o), AddAlias { name, until }) => {
                ensure(!name.is_empty(), NoName)?;
                ensure(o.aliases.len() < ALIASES_MAX, TooManyAliases { max: ALIASES_MAX })?;
                Ok(say(AliasAdded { name, until }))
            }
            (Some(o), Label { label, from, until, source }) if o.is_active() => {
                ensure(from <= until, EndsBeforeItBegins { from, until })?;
                let held = o.labels.iter().find(|h| h.label == label && h.until >= from && h.from <= until);
                ensure(held.is_none(), AlreadyLabelled { label, until: held.map_or(until, |h| h.until) })?;
                ensure(o.labels.len() < LABELS_MAX, TooManyLabels { max: LABELS_MAX })?;
                Ok(say(Labelled { label, from, until, source }))
            }
            (Some(o), MergeInto { successor, reason }) if o.is_active() => {
                ensure(successor.id() != ctx.me, SuccessorIsItself)?;
                ensure(ctx.see(successor).status == "active", SuccessorIsGone { successor })?;
                Ok(say(MergedInto { successor, reason }))
            }
            (Some(o), Close { on, reason }) if o.is_active() => {
                ensure(on <= ctx.today(), ClosesLater { on })?;
                Ok(say(Closed { on, reason }))
            }
            (Some(o), Engage { call, max }) if o.is_active() => o.engages(call, max),
            _ => not_now(),
        }
    }

    fn apply(this: Option<Self>, event: &Event) -> Self {
        let Some(mut o) = this else {
            let Registered { itself, entry } = event.clone() else { impossible(event) };
            return Self::new(itself, entry);
        };
        match event.clone() {
            Registered { .. } => impossible(event),
            Amended(entry) => {
                if o.entry.name != entry.name {
                    o.aliases.push(Alias { name: o.entry.name, until: None });
                }
                o.entry = entry;
            }
            AliasAdded { name, until } => o.aliases.push(Alias { name, until }),
            Labelled { label, from, until, source } => {
                o.labels.push(HeldLabel { label, from, until, source })
            }
            MergedInto { successor, .. } => o.successor = Some(successor),
            Closed { on, .. } => o.closed = Some(on),
            Engaged { call } => o.engaged(call),
        }
        o
    }

    fn card(&self) -> Card {
        let kind = grammar::desk::plain_word(&self.entry.kind);
        let mut card = Card::new().title(&self.entry.name).status(self.status()).region(self.entry.region);
        card = card.facet("kind", &kind).fact("kind", &kind).party("itself", self.itself.id());
        for alias in &self.aliases {
            card = card.text(&alias.name.joined());
        }
        if let Some(about) = &self.entry.about {
            card = card.text(&about.joined());
        }
        if let Some(uscc) = &self.entry.uscc {
            card = card.key("uscc", uscc.as_str()).fact("uscc", uscc);
        }
        if let Some(ror) = &self.entry.ror {
            card = card.key("ror", ror);
        }
        if let Some(year) = self.entry.established {
            card = card.fact("established", year);
        }
        if let Some(parent) = self.entry.parent {
            card = card.party("parent", parent.id());
        }
        if let Some(place) = self.entry.place {
            card = card.place(place.latitude(), place.longitude());
        }
        if let Some(successor) = self.successor {
            card = card.party("successor", successor.id());
        }
        for held in &self.labels {
            card = card.facet("label", grammar::desk::plain_word(&held.label));
        }
        card.source(self.entry.source.as_deref().unwrap_or("")).offer_if(self.is_active())
    }

    /// Which calls it applies to is for itself and the office.
    fn veil(&mut self, viewer: &Viewer) -> Sight {
        self.hide_engagements(viewer);
        Sight::Seen
    }

    fn veil_event(this: &Self, event: Event, viewer: &Viewer) -> Option<Event> {
        (!matches!(event, Engaged { .. }) || this.is_told(viewer)).then_some(event)
    }

    fn check(&self) {
        assert!(self.engagements.len() <= engagements::CALLS_MAX);
        assert!(self.aliases.len() <= ALIASES_MAX && self.labels.len() <= LABELS_MAX);
        assert!(!self.entry.name.is_empty());
    }
}
