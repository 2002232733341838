//! Rulebook: one version of one rule, from its proposal to its adoption.
//!
//! proposed → adopted | withdrawn. An adopted version holds from its first day, for cases born then or
//! later, and ends the earlier version for the same region. Always: an adopted value reads as its kind.

use grammar::{desk::plain_word, prelude::*, rules::Version};

#[cfg(test)]
mod stories;
mod value;

pub use value::ValueKind;

/// A version takes effect after the day of its adoption: a case keeps the rules of the day it was born.
const EFFECTIVE_LATER: Rule<bool> = rule("RB-R01");
/// A version cites its source; what comes from a document cites the article.
const CITED: Rule<bool> = rule("RB-R02");

/// How sure we are of a value: read in the source, remembered, remembered dimly, or our own choice.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
#[schemars(inline)]
pub enum Confidence {
    Found,
    Memory,
    MemoryLow,
    Design,
}

/// What is proposed: the value of a rule in a region and in certain days, and on what it rests.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Parameter {
    rule: Text<12>,
    title: Bilingual<300>,
    kind: ValueKind,
    value: Text<200>,
    unit: Option<Text<80>>,
    region: Region,
    from: Day,
    until: Option<Day>,
    source: Text<300>,
    article: Option<Text<100>>,
    confidence: Confidence,
}

/// The version that held before.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Former {
    value: String,
    region: Region,
    from: Day,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Adoption {
    on: Day,
    decision: Text<300>,
    /// The desk whose rule it is.
    desk: String,
}

/// A version as it stands now.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Rulebook {
    parameter: Parameter,
    former: Option<Former>,
    adopted: Option<Adoption>,
    withdrawn: Option<Day>,
}

/// What can be asked of it.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "verb", rename_all = "kebab-case")]
pub enum Command {
    Propose(Parameter),
    Adopt { decision: Text<300> },
    Withdraw { reason: Text<300> },
}

/// What can have happened to it. Additions only: these words stay in the log for good.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "event", rename_all = "kebab-case")]
pub enum Event {
    Proposed { parameter: Parameter, former: Option<Former> },
    Adopted { adoption: Adoption, former: Former },
    Withdrawn { on: Day, reason: Text<300> },
}

/// Why it says no. The sentences are in `words.*.toml`, under the same names.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(tag = "code", rename_all = "kebab-case")]
pub enum Refusal {
    NoTitle,
    NotOfItsKind { value: Text<200>, kind: ValueKind },
    NotLikeTheFormer { value: Text<200>, former: String, kind: ValueKind },
    EndsBeforeItBegins { from: Day, until: Day },
    NoSuchRule { rule: Text<12> },
    TakesEffectTooSoon { from: Day },
    NoArticle,
}

use {Command::*, Event::*, Refusal::*};

impl Parameter {
    fn former(&self, ctx: &Ctx) -> Option<Former> {
        let held = ctx.rules.version(&self.rule, self.region, self.from)?;
        Some(Former { value: held.value.clone(), region: held.region, from: held.from })
    }

    /// The value must read as its kind, and as what the desks take the rule for.
    fn sensible(&self, former: Option<&Former>) -> Result<(), Refusal> {
        let Self { value, kind, from, .. } = self;
        let until = self.until.unwrap_or(*from);
        ensure(!self.title.is_empty(), NoTitle)?;
        ensure(*from <= until, EndsBeforeItBegins { from: *from, until })?;
        ensure(kind.reads(value), NotOfItsKind { value: value.clone(), kind: *kind })?;
        let Some(former) = former else { return Ok(()) };
        let wanted = ValueKind::of(&former.value);
        let unlike = NotLikeTheFormer { value: value.clone(), former: former.value.clone(), kind: wanted };
        ensure(wanted.reads(value), unlike)
    }

    fn version(&self, desk: &str) -> Version {
        let plain = |text: Option<&str>| text.unwrap_or("").to_owned();
        Version {
            id: self.rule.to_string(),
            value: self.value.to_string(),
            unit: plain(self.unit.as_deref()),
            region: self.region,
            from: self.from,
            until: self.until,
            source: self.source.to_string(),
            article: plain(self.article.as_deref()),
            confidence: self.confidence.into(),
            zh: self.title.zh().to_owned(),
            en: self.title.en().to_owned(),
            desk: desk.to_owned(),
        }
    }
}

impl Rulebook {
    fn status(&self) -> &'static str {
        match (&self.adopted, self.withdrawn) {
            (Some(_), _) => "adopted",
            (_, Some(_)) => "withdrawn",
            _ => "proposed",
        }
    }
}

impl Desk for Rulebook {
    const NAME: &'static str = "rulebook";
    const OPENS: &'static [&'static str] = &["propose"];
    const WORDS: [&'static str; 2] = [include_str!("words.zh.toml"), include_str!("words.en.toml")];
    const RULES: &'static str = include_str!("rules.toml");
    type Command = Command;
    type Event = Event;
    type Refusal = Refusal;

    fn who(command: &Command) -> Who {
        match command {
            Propose(_) | Withdraw { .. } => Who::Office("rule-maker"),
            Adopt { .. } => Who::Two(&Who::Office("rule-maker")),
        }
    }

    fn decide(this: Option<&Self>, command: &Command, ctx: &Ctx) -> Decision<Self> {
        match (this, command.clone()) {
            (None, Propose(parameter)) => {
                let former = parameter.former(ctx);
                parameter.sensible(former.as_ref())?;
                Ok(say(Proposed { parameter, former }))
            }
            (Some(r), Adopt { decision }) if r.status() == "proposed" => {
                let parameter = &r.parameter;
                let &Parameter { from, confidence, .. } = parameter;
                let known = ctx.rules.versions(&parameter.rule).first();
                let (Some(known), Some(former)) = (known, parameter.former(ctx)) else {
                    return Err(NoSuchRule { rule: parameter.rule.clone() }.into());
                };
                ensure(ctx.today() < from, TakesEffectTooSoon { from }).by(EFFECTIVE_LATER)?;
                let cited = parameter.article.is_some() || confidence == Confidence::Design;
                ensure(cited, NoArticle).by(CITED)?;
                parameter.sensible(Some(&former))?;
                let adoption = Adoption { on: ctx.today(), decision, desk: known.desk.clone() };
                Ok(say(Adopted { adoption, former }))
            }
            (Some(r), Withdraw { reason }) if r.status() == "proposed" => {
                Ok(say(Withdrawn { on: ctx.today(), reason }))
            }
            _ => not_now(),
        }
    }

    fn apply(this: Option<Self>, event: &Event) -> Self {
        let Some(mut r) = this else {
            let Proposed { parameter, former } = event.clone() else { impossible(event) };
            return Self { parameter, former, adopted: None, withdrawn: None };
        };
        match event.clone() {
            Proposed { .. } => impossible(event),
            Adopted { adoption, former } => {
                r.adopted = Some(adoption);
                r.former = Some(former);
            }
            Withdrawn { on, .. } => r.withdrawn = Some(on),
        }
        r
    }

    /// The registry takes the fact `version` of cards that are `adopted`, and nothing else.
    fn card(&self) -> Card {
        let Parameter { rule, region, from, .. } = &self.parameter;
        let desk = self.adopted.as_ref().map_or("", |adoption| adoption.desk.as_str());
        let version = self.parameter.version(desk);
        let verified = if version.is_verified() { "yes" } else { "no" };
        let card = Card::new()
            .title(&self.parameter.title)
            .status(self.status())
            .region(*region)
            .from(*from)
            .facet("rule", rule.to_string())
            .facet("confidence", plain_word(&self.parameter.confidence))
            .facet("verified", verified)
            .keywords(rule.to_string())
            .source(&self.parameter.source);
        let card = match self.parameter.until {
            Some(until) => card.until(until),
            None => card,
        };
        match self.adopted {
            Some(_) => card.key("rule", &format!("{rule}:{region}:{from}")).fact("version", version),
            None => card.fact("proposal", version),
        }
    }

    fn check(&self) {
        assert!(self.adopted.is_none() || self.withdrawn.is_none());
        assert!(self.parameter.kind.reads(&self.parameter.value));
    }
}

impl From<Confidence> for grammar::rules::Confidence {
    fn from(confidence: Confidence) -> Self {
        match confidence {
            Confidence::Found => Self::Found,
            Confidence::Memory => Self::Memory,
            Confidence::MemoryLow => Self::MemoryLow,
            Confidence::Design => Self::Design,
        }
    }
}
