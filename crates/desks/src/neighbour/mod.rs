//! Neighbour (对接平台): another region's house that this one settles with, by which keys, and how far its log has been seen.
//!
//! named → trusted → ended. Trusting takes two persons, ending too. A key is never exchanged: whoever has a new one is named
//! anew. Always: what has been seen of the other's log only grows.

use chain::{Hash, Seen, Verifier};
use grammar::prelude::*;

#[cfg(test)]
mod stories;

/// Lines of another's log.
pub const SEEN_MAX: i64 = 1_000_000;
const OFFICE: Who = Who::Office("clearing-office");

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Status {
    Named,
    Trusted,
    Ended,
}

/// Whom one settles with, and by which keys.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Entry {
    /// The region of this house that settles.
    pub region: Region,
    /// The other's region.
    pub other: Region,
    pub title: Bilingual<120>,
    /// The key of our own border program, as it prints it.
    pub ours: Text<300>,
    /// The key that the other has told us, on paper.
    pub theirs: Text<300>,
    /// The letter or agreement in which it stands.
    pub basis: Text<300>,
}

/// A neighbour as it stands now.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Neighbour {
    entry: Entry,
    status: Status,
    seen: Seen,
    reason: Option<Text<500>>,
}

/// What can be asked of it.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "verb", rename_all = "kebab-case")]
pub enum Command {
    Name(Entry),
    Trust,
    End {
        reason: Text<500>,
    },
    /// Its log has been seen further.
    Follow {
        size: Between<0, SEEN_MAX>,
        root: Text<64>,
    },
}

/// What can have happened to it. Additions only: these words stay in the log for good.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "event", rename_all = "kebab-case")]
pub enum Event {
    Named { entry: Entry },
    Trusted,
    Ended { reason: Text<500> },
    Followed { seen: Seen },
}

/// Why it says no. The sentences are in `words.*.toml`, under the same names.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(tag = "code", rename_all = "kebab-case")]
pub enum Refusal {
    NotAKeyOfOurs { why: Text<200> },
    NotAKeyOfTheirs { why: Text<200> },
    SameName { name: Text<300> },
    SameRegion { region: Region },
    Forgotten { size: u64 },
}

use {Command::*, Event::*, Refusal::*};

/// What is wrong with something a stranger wrote, cut to what fits: it may hold anything.
pub(crate) fn said<const N: usize>(error: &dyn std::fmt::Display) -> Text<N> {
    let plain = |letter: &char| !letter.is_control() && *letter != '\u{fffd}';
    let text: String = error.to_string().chars().filter(plain).take(N).collect();
    Text::read(&text).or_else(|| Text::read("?")).unwrap_or_else(|| impossible(&"no room for a letter"))
}

/// A key that signs, read from its line.
fn key(text: &str) -> Result<Verifier, Text<200>> {
    let key: Verifier = text.parse().map_err(|error: chain::key::KeyError| said(&error))?;
    let is_signing = key.algorithm() != chain::key::Algorithm::Cosignature;
    if is_signing { Ok(key) } else { Err(said(&"a witness's key signs no log")) }
}

impl Neighbour {
    /// Both keys are keys, of two names.
    fn sensible(entry: &Entry) -> Result<(), No<Refusal>> {
        let ours = key(&entry.ours).map_err(|why| NotAKeyOfOurs { why })?;
        let theirs = key(&entry.theirs).map_err(|why| NotAKeyOfTheirs { why })?;
        ensure(entry.region != entry.other, SameRegion { region: entry.region })?;
        Ok(ensure(ours.name() != theirs.name(), SameName { name: said(&ours.name()) })?)
    }
}

impl Desk for Neighbour {
    const NAME: &'static str = "neighbour";
    const OPENS: &'static [&'static str] = &["name"];
    const WORDS: [&'static str; 2] = [include_str!("words.zh.toml"), include_str!("words.en.toml")];
    const RULES: &'static str = include_str!("rules.toml");
    const BESIDE: &'static [(&'static str, &'static str)] = &[
        ("not-a-key-of-ours", "ours"),
        ("not-a-key-of-theirs", "theirs"),
        ("same-name", "theirs"),
        ("same-region", "other"),
    ];
    type Command = Command;
    type Event = Event;
    type Refusal = Refusal;

    fn who(command: &Command) -> Who {
        match command {
            Name(_) => OFFICE,
            Trust | End { .. } => Who::Two(&OFFICE),
            Follow { .. } => Who::Desk("settlement"),
        }
    }

    fn decide(this: Option<&Self>, command: &Command, _ctx: &Ctx) -> Decision<Self> {
        match (this, command.clone()) {
            (None, Name(entry)) => {
                Self::sensible(&entry)?;
                Ok(say(Named { entry }))
            }
            (Some(n), Trust) if n.status == Status::Named => Ok(say(Trusted)),
            (Some(n), End { reason }) if n.status != Status::Ended => Ok(say(Ended { reason })),
            (Some(n), Follow { size, root }) if n.status == Status::Trusted => {
                let size = u64::try_from(size.get()).unwrap_or(0);
                ensure(n.seen.size <= size, Forgotten { size: n.seen.size })?;
                let Ok(root) = root.parse::<Hash>() else { return not_now() };
                Ok(say(Followed { seen: Seen { size, root } }))
            }
            _ => not_now(),
        }
    }

    fn apply(this: Option<Self>, event: &Event) -> Self {
        let Some(mut n) = this else {
            let Named { entry } = event.clone() else { impossible(event) };
            return Self { entry, status: Status::Named, seen: Seen::nothing(), reason: None };
        };
        match event.clone() {
            Named { .. } => impossible(event),
            Trusted => n.status = Status::Trusted,
            Ended { reason } => (n.status, n.reason) = (Status::Ended, Some(reason)),
            Followed { seen } => n.seen = seen,
        }
        n
    }

    fn card(&self) -> Card {
        let Entry { region, other, .. } = self.entry;
        let card = Card::new()
            .title(&self.entry.title)
            .status(&grammar::desk::plain_word(&self.status))
            .region(region)
            .fact("other", other)
            .fact("ours", &self.entry.ours)
            .fact("theirs", &self.entry.theirs)
            .fact("seen", self.seen)
            .inside_office("clearing-office")
            .inside_office("auditor");
        // One that is trusted or about to be for each two regions.
        let stands = self.status != Status::Ended;
        if stands { card.key("neighbour", &format!("{region}-{other}")) } else { card }
    }

    /// With whom an office settles, and how far, is for those who settle.
    fn veil(&mut self, viewer: &Viewer) -> Sight {
        if viewer.is_inside(&self.card()) { Sight::Seen } else { Sight::Hidden }
    }

    fn veil_event(this: &Self, event: Event, viewer: &Viewer) -> Option<Event> {
        viewer.is_inside(&this.card()).then_some(event)
    }

    fn check(&self) {
        assert!(Self::sensible(&self.entry).is_ok(), "keys that were read once can be read again");
    }
}
