//! Achievement (科技成果): a result of research that its owner offers to others, as a public profile.
//!
//! draft → published → withdrawn, and published again after revision. Members of the owner write; what the
//! public reads changes only when someone who may sign, or a transfer office, publishes. Always: the public
//! sees `entry` as it was last published, never a revision.

use grammar::prelude::*;

mod beside;
mod entry;
#[cfg(test)]
mod stories;

pub use entry::{Element, Entry, IpKind, IpRight, IpStatus, Kind, Mode, Stage};

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Status {
    Draft,
    Published,
    Withdrawn,
}

/// An achievement as it stands now.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Achievement {
    /// The owner's region.
    region: Region,
    status: Status,
    entry: Entry,
    /// Written since the last publication.
    revision: Option<Entry>,
    published: Option<Day>,
    reason: Option<Text<500>>,
}

/// What can be asked of it.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "verb", rename_all = "kebab-case")]
pub enum Command {
    Draft(Entry),
    Amend(Entry),
    Publish,
    Withdraw { reason: Text<500> },
}

/// What can have happened to it. Additions only: these words stay in the log for good.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "event", rename_all = "kebab-case")]
pub enum Event {
    Drafted { region: Region, entry: Entry },
    Amended { region: Region, entry: Entry },
    Published { on: Day, entry: Entry },
    Withdrawn { reason: Text<500> },
}

/// Why it says no. The sentences are in `words.*.toml`, under the same names.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(tag = "code", rename_all = "kebab-case")]
pub enum Refusal {
    NoTitle,
    NoSummary,
    MayHoldSecrets,
    NotAnAmount { price: Money },
    CompletedLater { completed: Day },
    AboveItsWeakestPart { weakest: i64 },
    OwnerChanges,
    NoMode,
    NothingNew,
}

use {Command::*, Event::*, Refusal::*};

/// State secrets stay outside: every form that asks for technical content carries the declaration.
pub const NO_SECRETS: Rule<bool> = rule("XX-R08");
/// The readiness of a system is that of its least ready critical part.
const WEAKEST_PART: Rule<bool> = rule("EV-R10");

impl Desk for Achievement {
    const NAME: &'static str = "achievement";
    const OPENS: &'static [&'static str] = &["draft"];
    const WORDS: [&'static str; 2] = [include_str!("words.zh.toml"), include_str!("words.en.toml")];
    const RULES: &'static str = include_str!("rules.toml");
    const BESIDE: &'static [(&'static str, &'static str)] = beside::BESIDE;
    type Command = Command;
    type Event = Event;
    type Refusal = Refusal;

    fn who(command: &Command) -> Who {
        match command {
            Draft(_) | Amend(_) => Who::Either(&[Who::Party("owner"), Who::Office("transfer-office")]),
            Publish | Withdraw { .. } => {
                Who::Either(&[Who::Signatory("owner"), Who::Office("transfer-office")])
            }
        }
    }

    fn decide(this: Option<&Self>, command: &Command, ctx: &Ctx) -> Decision<Self> {
        match (this, command.clone()) {
            (None, Draft(entry)) => {
                entry.sensible(ctx)?;
                Ok(say(Drafted { region: ctx.see(entry.owner).scope(), entry }))
            }
            (Some(a), Amend(entry)) => {
                ensure(entry.owner == a.entry.owner, OwnerChanges)?;
                entry.sensible(ctx)?;
                Ok(say(Amended { region: ctx.see(entry.owner).scope(), entry }))
            }
            (Some(a), Publish) => {
                let entry = a.revision.clone().unwrap_or(a.entry.clone());
                ensure(a.revision.is_some() || a.status != Status::Published, NothingNew)?;
                ensure(!entry.modes.is_empty(), NoMode)?;
                Ok(say(Published { on: ctx.today(), entry }))
            }
            (Some(a), Withdraw { reason }) if a.status != Status::Withdrawn => Ok(say(Withdrawn { reason })),
            _ => not_now(),
        }
    }

    fn apply(this: Option<Self>, event: &Event) -> Self {
        let Some(mut a) = this else {
            let Drafted { region, entry } = event.clone() else { impossible(event) };
            let (status, revision) = (Status::Draft, None);
            return Self { region, status, entry, revision, published: None, reason: None };
        };
        match event.clone() {
            Drafted { .. } => impossible(event),
            Amended { region, entry } if a.published.is_none() => (a.region, a.entry) = (region, entry),
            Amended { region, entry } => (a.region, a.revision) = (region, Some(entry)),
            Published { on, entry } => {
                (a.status, a.entry, a.revision) = (Status::Published, entry, None);
                (a.published, a.reason) = (Some(on), None);
            }
            Withdrawn { reason } => (a.status, a.reason) = (Status::Withdrawn, Some(reason)),
        }
        a
    }

    fn card(&self) -> Card {
        let entry = &self.entry;
        let mut card = Card::new()
            .title(&entry.title)
            .status(&grammar::desk::plain_word(&self.status))
            .region(self.region)
            .party("owner", entry.owner.id())
            .inside("owner")
            .inside_office("transfer-office")
            .inside_office("auditor")
            .text(&entry.summary.joined())
            .keywords(entry.keywords.iter().map(ToString::to_string).collect::<Vec<_>>().join(" "))
            .field(&entry.field.word())
            .facet("kind", grammar::desk::plain_word(&entry.kind))
            .fact("modes", &entry.modes)
            .source(entry.source.as_deref().unwrap_or(""));
        for text in entry.scenarios.iter().map(Bilingual::joined).chain(entry.rights_text()) {
            card = card.text(&text);
        }
        if let Some(trl) = entry.trl.and_then(|trl| u8::try_from(trl.get()).ok()) {
            card = card.trl(trl);
        }
        if let Some(price) = entry.price {
            card = card.amount(price);
        }
        if let Some(published) = self.published {
            card = card.from(published);
        }
        card.offer_if(self.status == Status::Published)
    }

    fn is_certificate(&self) -> bool {
        self.status == Status::Published
    }

    /// Drafts and revisions are the owner's. Of what was withdrawn, the public keeps the title alone.
    fn veil(&mut self, viewer: &Viewer) -> Sight {
        if viewer.is_inside(&self.card()) {
            return Sight::Seen;
        }
        if self.published.is_none() {
            return Sight::Hidden;
        }
        self.revision = None;
        if self.status == Status::Withdrawn {
            self.entry = self.entry.tombstone();
        }
        Sight::Seen
    }

    /// The public reads the last publication while it stands; never how it was written. Of earlier ones it
    /// keeps the day alone: what was withdrawn or revised may have said too much.
    fn veil_event(this: &Self, event: Event, viewer: &Viewer) -> Option<Event> {
        if viewer.is_inside(&this.card()) {
            return Some(event);
        }
        match event {
            Published { entry, on } if this.status == Status::Published && entry == this.entry => {
                Some(Published { on, entry })
            }
            // Under another title it is left out: neither the old words nor today's in their place.
            Published { on, entry } if entry.tombstone() == this.entry.tombstone() => {
                Some(Published { on, entry: entry.tombstone() })
            }
            Withdrawn { .. } if this.published.is_some() => Some(event),
            _ => None,
        }
    }

    fn check(&self) {
        assert!(self.status != Status::Published || self.published.is_some());
        assert!(self.revision.is_none() || self.published.is_some());
        assert!(self.entry.no_secrets && !self.entry.title.is_empty());
    }
}
