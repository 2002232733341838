//! Cupboard (化学品柜): what stands where in one laboratory, so that nothing stands beside what it must not stand beside.
//!
//! There is one for each laboratory that keeps chemicals, under a name that the laboratory alone makes; it is opened by the first of
//! them. Each chemical tells it where it stands, each time that changes. Always: what does not go together stands in one place only
//! with a reason; each chemical stands in it once.

use grammar::prelude::*;

use crate::{chemical::Chemical, laboratory::Laboratory, organisation::Organisation};

#[cfg(test)]
mod stories;

/// Chemicals of one laboratory that have a place.
pub const SHELVED_MAX: usize = 1_000;
/// All hazards, and a storage group.
const TRAITS_MAX: usize = crate::hazard::HAZARDS_MAX + 1;
/// Which traits do not go together in one place: `oxidising+flammable`.
pub const APART: Rule<Vec<String>> = rule("CM-R04");
const OFFICE: &str = "laboratory-office";

/// A chemical where it stands.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Shelved {
    pub chemical: Ref<Chemical>,
    pub place: Text<120>,
    /// Its hazards, and its storage group.
    pub traits: List<Text<40>, TRAITS_MAX>,
    /// Why it may stand beside what does not go with it.
    pub together: Option<Text<500>>,
}

/// A cupboard as it stands now.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Cupboard {
    laboratory: Ref<Laboratory>,
    title: Bilingual<200>,
    lead: Ref<Organisation>,
    region: Region,
    shelved: List<Shelved, SHELVED_MAX>,
}

/// What can be asked of it.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "verb", rename_all = "kebab-case")]
pub enum Command {
    /// The chemical stands where its card says, or nowhere any more.
    Arrange { laboratory: Ref<Laboratory>, chemical: Ref<Chemical>, together: Option<Text<500>> },
}

/// What can have happened to it. Additions only: these words stay in the log for good.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "event", rename_all = "kebab-case")]
pub enum Event {
    Opened {
        laboratory: Ref<Laboratory>,
        title: Bilingual<200>,
        lead: Ref<Organisation>,
        region: Region,
    },
    /// The laboratory has another lead unit, region or name now.
    Moved {
        title: Bilingual<200>,
        lead: Ref<Organisation>,
        region: Region,
    },
    Shelved(Shelved),
    TakenOut {
        chemical: Ref<Chemical>,
    },
}

/// Why it says no. The sentences are in `words.*.toml`, under the same names.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(tag = "code", rename_all = "kebab-case")]
pub enum Refusal {
    DoesNotGoWith { other: Ref<Chemical>, one: String, with: String },
    Full { most: usize },
}

use Event::{Moved, Opened, TakenOut};
use Refusal::{DoesNotGoWith, Full};

/// The cupboard of a laboratory.
#[must_use]
pub fn name(laboratory: Ref<Laboratory>) -> Ref<Cupboard> {
    let id = laboratory.id();
    let own = id.as_str().strip_prefix("laboratory-").unwrap_or(id.as_str()).replace('-', "x");
    // An id has room for any name the registry makes; a longer one of a test keeps its beginning.
    let short: String = format!("cupboard-{own}").chars().take(47).collect();
    short.parse::<Id>().unwrap_or_else(|_| impossible(&short)).r()
}

/// A place as it is compared: without blanks, in small letters.
fn plain(place: &str) -> String {
    place.split_whitespace().collect::<String>().to_lowercase()
}

impl Shelved {
    /// Whether both stand in one place.
    #[must_use]
    pub fn is_beside(&self, other: &Self) -> bool {
        self.chemical != other.chemical && plain(&self.place) == plain(&other.place)
    }

    /// The traits, one of each, that do not go together.
    #[must_use]
    pub fn clash(&self, other: &Self, apart: &[String]) -> Option<(String, String)> {
        let has = |shelved: &Self, word: &str| shelved.traits.iter().any(|each| **each == *word);
        apart.iter().filter_map(|pair| pair.split_once('+')).find_map(|(one, two)| {
            let this_way = has(self, one) && has(other, two);
            let other_way = has(self, two) && has(other, one);
            let pair = if this_way { (one, two) } else { (two, one) };
            (this_way || other_way).then(|| (pair.0.to_owned(), pair.1.to_owned()))
        })
    }
}

impl Cupboard {
    fn stands(&self, chemical: Ref<Chemical>) -> Option<&Shelved> {
        self.shelved.iter().find(|shelved| shelved.chemical == chemical)
    }

    /// What the chemical's own card says of its place, and whether it may stand there.
    fn arranges(&self, command: &Command, ctx: &Ctx) -> Result<Option<Event>, No<Refusal>> {
        let Command::Arrange { chemical, together, .. } = command.clone();
        let card = ctx.see(chemical);
        let place = card.read::<Text<120>>("place").filter(|_| card.status == "kept");
        let stands = self.stands(chemical);
        let Some(place) = place else { return Ok(stands.map(|_| TakenOut { chemical })) };
        let traits = card.read("traits").unwrap_or_default();
        let shelved = Shelved { chemical, place, traits, together };
        ensure(stands.is_some() || self.shelved.len() < SHELVED_MAX, Full { most: SHELVED_MAX })?;
        let apart = ctx.rule(APART);
        let beside = self.shelved.iter().filter(|other| shelved.is_beside(other));
        let clash = beside.filter_map(|other| Some((other.chemical, shelved.clash(other, &apart)?))).next();
        if let (Some((other, (one, with))), None) = (clash, &shelved.together) {
            ensure(false, DoesNotGoWith { other, one, with }).by(APART)?;
        }
        Ok((stands != Some(&shelved)).then_some(Event::Shelved(shelved)))
    }
}

impl Desk for Cupboard {
    const NAME: &'static str = "cupboard";
    const OPENS: &'static [&'static str] = &["arrange"];
    const WORDS: [&'static str; 2] = [include_str!("words.zh.toml"), include_str!("words.en.toml")];
    const RULES: &'static str = include_str!("rules.toml");
    const IS_QUIET: bool = true;
    type Command = Command;
    type Event = Event;
    type Refusal = Refusal;

    fn who(_: &Command) -> Who {
        Who::Desk("chemical")
    }

    fn decide(this: Option<&Self>, command: &Command, ctx: &Ctx) -> Decision<Self> {
        let Command::Arrange { laboratory, .. } = *command;
        let card = ctx.see(laboratory);
        let title = Bilingual { zh: Text::read(&card.title_zh), en: Text::read(&card.title_en) };
        let (lead, region) = (card.the("lead").r(), card.scope());
        let (cupboard, script) = match this {
            None => {
                let opened = Opened { laboratory, title, lead, region };
                (Self::apply(None, &opened), say(opened))
            }
            Some(cupboard) if (&cupboard.title, cupboard.lead, cupboard.region) != (&title, lead, region) => {
                (cupboard.clone(), say(Moved { title, lead, region }))
            }
            Some(cupboard) => (cupboard.clone(), Script::silent()),
        };
        Ok(match cupboard.arranges(command, ctx)? {
            Some(event) => script.say(event),
            None if this.is_none() => Script::silent(),
            None => script,
        })
    }

    fn apply(this: Option<Self>, event: &Event) -> Self {
        let Some(mut cupboard) = this else {
            let Opened { laboratory, title, lead, region } = event.clone() else { impossible(event) };
            return Self { laboratory, title, lead, region, shelved: List::default() };
        };
        match event.clone() {
            Opened { .. } => impossible(event),
            Moved { title, lead, region } => {
                (cupboard.title, cupboard.lead, cupboard.region) = (title, lead, region);
            }
            Event::Shelved(shelved) => {
                cupboard.shelved.retain(|other| other.chemical != shelved.chemical);
                if !cupboard.shelved.push(shelved) {
                    impossible(event);
                }
            }
            TakenOut { chemical } => cupboard.shelved.retain(|other| other.chemical != chemical),
        }
        cupboard
    }

    fn card(&self) -> Card {
        Card::new()
            .titled(format!("化学品柜：{}", self.title.zh()), format!("Cupboard: {}", self.title.en()))
            .status("kept")
            .region(self.region)
            .party("laboratory", self.laboratory.id())
            .party("lead", self.lead.id())
            .inside("lead")
            .inside_office(OFFICE)
            .inside_office("auditor")
    }

    /// What stands where is for those who keep it, the office and auditors.
    fn veil(&mut self, viewer: &Viewer) -> Sight {
        if viewer.is_inside(&self.card()) { Sight::Seen } else { Sight::Hidden }
    }

    fn veil_event(this: &Self, event: Event, viewer: &Viewer) -> Option<Event> {
        viewer.is_inside(&this.card()).then_some(event)
    }

    fn check(&self) {
        let once =
            self.shelved.iter().map(|shelved| shelved.chemical).collect::<std::collections::BTreeSet<_>>();
        assert_eq!(once.len(), self.shelved.len(), "each chemical stands in it once");
    }
}
