//! Indicator (统计指标): a published figure and how it has changed, as its publisher's own act.
//!
//! open: figures are added for good. Each is provisional or final, says as of when and from which source, and belongs to
//! an edition: figures of different editions are never one series (ID-R02). Always: nothing is overwritten; a correction
//! names the figure it takes the place of, and an edition that has ended gets no new figure, only corrections.

use grammar::prelude::*;

mod beside;
#[cfg(test)]
mod stories;
mod value;

pub use value::{read, shown};

/// Figures of one indicator.
const FIGURES_MAX: usize = 500;

/// Every figure carries edition, day and source.
const CARRIES: Rule<bool> = rule("ID-R01");
/// Editions are not mixed.
const APART: Rule<bool> = rule("ID-R02");
/// What was published stays; corrections are linked.
const LINKED: Rule<bool> = rule("ID-P01");

/// What anyone can count for themselves, beside which a figure stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
#[schemars(inline)]
pub enum Counts {
    Needs,
    Solutions,
    Opinions,
    Experts,
    Projects,
    Units,
}

/// What an indicator is.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Definition {
    pub title: Bilingual<200>,
    pub about: Bilingual<2000>,
    pub unit: Bilingual<40>,
    pub region: Region,
    /// Places behind the point.
    pub decimals: Between<0, 6>,
    pub counts: Option<Counts>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Publishing {
    pub value: Text<24>,
    pub as_of: Day,
    /// Of which edition of the method or the batch: `2023`, `第一批`.
    pub edition: Text<60>,
    pub source: Text<300>,
    pub document: Option<FileRef>,
    /// Whether it may still change.
    pub provisional: bool,
}

/// A figure as it was published.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Figure {
    pub number: u32,
    /// In the last place behind the point.
    pub value: i64,
    pub as_of: Day,
    pub edition: Text<60>,
    pub source: Text<300>,
    pub document: Option<FileRef>,
    pub provisional: bool,
    pub published: Day,
    /// The figure it takes the place of, and why.
    pub corrects: Option<(u32, Text<500>)>,
    /// The figure that took its place.
    pub corrected_by: Option<u32>,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Indicator {
    itself: Ref<Indicator>,
    definition: Definition,
    figures: List<Figure, FIGURES_MAX>,
}

#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "verb", rename_all = "kebab-case")]
pub enum Command {
    Define(Definition),
    Publish(Publishing),
    Correct { number: u32, value: Text<24>, source: Text<300>, provisional: bool, reason: Text<500> },
    Settle { number: u32 },
}

/// What can have happened to it. Additions only: these words stay in the log for good.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "event", rename_all = "kebab-case")]
pub enum Event {
    Defined { itself: Ref<Indicator>, definition: Definition },
    Published { figure: Figure, shown: Text<30> },
    Corrected { figure: Figure, shown: Text<30> },
    Settled { number: u32, on: Day },
}

/// Why it says no. The sentences are in `words.*.toml`, under the same names.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(tag = "code", rename_all = "kebab-case")]
pub enum Refusal {
    NoTitle,
    NotANumber { decimals: i64 },
    InTheFuture { as_of: Day },
    NotLater { as_of: Day },
    EditionIsOver { edition: Text<60> },
    NoSuchFigure { number: u32 },
    CorrectedAlready { number: u32, by: u32 },
    SettledAlready { number: u32 },
    NothingChanged,
    TooMany { max: usize },
}

use {Command::*, Event::*, Refusal::*};

/// Those who publish figures; two of them for each.
const OFFICE: Who = Who::Either(&[Who::Office("joint-office"), Who::Office("notice-office")]);

impl Indicator {
    fn figure(&self, number: u32) -> Result<&Figure, Refusal> {
        self.figures.iter().find(|figure| figure.number == number).ok_or(NoSuchFigure { number })
    }

    fn next(&self) -> Result<u32, Refusal> {
        ensure(self.figures.len() < FIGURES_MAX, TooMany { max: FIGURES_MAX })?;
        Ok(u32::try_from(self.figures.len()).unwrap_or(u32::MAX).saturating_add(1))
    }

    fn read(&self, text: &str) -> Result<(i64, Text<30>), Refusal> {
        let decimals = self.definition.decimals.get();
        let value = value::read(text, decimals).ok_or(NotANumber { decimals })?;
        Ok((value, Text::read(&shown(value, decimals)).ok_or(NotANumber { decimals })?))
    }

    /// The figures that stand: those that nothing has taken the place of.
    pub fn standing(&self) -> impl DoubleEndedIterator<Item = &Figure> {
        self.figures.iter().filter(|figure| figure.corrected_by.is_none())
    }

    fn publishes(&self, publishing: Publishing, ctx: &Ctx) -> Decision<Self> {
        let Publishing { value, as_of, edition, source, document, provisional } = publishing;
        let number = self.next()?;
        let (value, shown) = self.read(&value)?;
        ensure(as_of <= ctx.today(), InTheFuture { as_of }).by(CARRIES)?;
        let current = self.figures.last().map(|last| last.edition.clone());
        let known = self.figures.iter().any(|figure| figure.edition == edition);
        let is_over = known && current.as_ref() != Some(&edition);
        ensure(!is_over, EditionIsOver { edition: edition.clone() }).by(APART)?;
        let latest = self.figures.iter().filter(|figure| figure.edition == edition).map(|f| f.as_of).max();
        ensure(latest.is_none_or(|latest| latest < as_of), NotLater { as_of: latest.unwrap_or(as_of) })
            .by(LINKED)?;
        let (published, corrects, corrected_by) = (ctx.today(), None, None);
        let figure = Figure {
            number,
            value,
            as_of,
            edition,
            source,
            document,
            provisional,
            published,
            corrects,
            corrected_by,
        };
        Ok(say(Published { figure, shown }))
    }

    fn corrects(&self, command: &Command, ctx: &Ctx) -> Decision<Self> {
        let Correct { number, value, source, provisional, reason } = command.clone() else {
            return not_now();
        };
        let old = self.figure(number)?;
        let by = old.corrected_by.unwrap_or(0);
        ensure(old.corrected_by.is_none(), CorrectedAlready { number, by }).by(LINKED)?;
        let (value, shown) = self.read(&value)?;
        ensure((value, provisional) != (old.value, old.provisional), NothingChanged)?;
        let figure = Figure {
            number: self.next()?,
            value,
            source,
            document: None,
            provisional,
            published: ctx.today(),
            corrects: Some((number, reason)),
            corrected_by: None,
            ..old.clone()
        };
        Ok(say(Corrected { figure, shown }))
    }
}

impl Desk for Indicator {
    const NAME: &'static str = "indicator";
    const OPENS: &'static [&'static str] = &["define"];
    const WORDS: [&'static str; 2] = [include_str!("words.zh.toml"), include_str!("words.en.toml")];
    const RULES: &'static str = include_str!("rules.toml");
    const BESIDE: &'static [(&'static str, &'static str)] = beside::BESIDE;
    type Command = Command;
    type Event = Event;
    type Refusal = Refusal;

    fn who(command: &Command) -> Who {
        match command {
            Define(_) => OFFICE,
            Publish(_) | Correct { .. } | Settle { .. } => Who::Two(&OFFICE),
        }
    }

    fn decide(this: Option<&Self>, command: &Command, ctx: &Ctx) -> Decision<Self> {
        match (this, command.clone()) {
            (None, Define(definition)) => {
                let named = !definition.title.is_empty() && !definition.unit.is_empty();
                ensure(named && !definition.about.is_empty(), NoTitle)?;
                Ok(say(Defined { itself: ctx.me.r(), definition }))
            }
            (Some(i), Publish(publishing)) => i.publishes(publishing, ctx),
            (Some(i), Correct { .. }) => i.corrects(command, ctx),
            (Some(i), Settle { number }) => {
                let figure = i.figure(number)?;
                let by = figure.corrected_by.unwrap_or(0);
                ensure(figure.corrected_by.is_none(), CorrectedAlready { number, by }).by(LINKED)?;
                ensure(figure.provisional, SettledAlready { number })?;
                Ok(say(Settled { number, on: ctx.today() }))
            }
            _ => not_now(),
        }
    }

    fn apply(this: Option<Self>, event: &Event) -> Self {
        let Some(mut i) = this else {
            let Defined { itself, definition } = event.clone() else { impossible(event) };
            return Self { itself, definition, figures: List::default() };
        };
        match event.clone() {
            Defined { .. } => impossible(event),
            Published { figure, .. } | Corrected { figure, .. } => {
                if let Some((old, _)) = &figure.corrects {
                    let old = i.figures.iter_mut().find(|other| other.number == *old);
                    old.unwrap_or_else(|| impossible(event)).corrected_by = Some(figure.number);
                }
                if !i.figures.push(figure) {
                    impossible("a full list")
                }
            }
            Settled { number, .. } => {
                let figure = i.figures.iter_mut().find(|figure| figure.number == number);
                figure.unwrap_or_else(|| impossible(event)).provisional = false;
            }
        }
        i
    }

    fn card(&self) -> Card {
        let definition = &self.definition;
        let latest = self.standing().next_back();
        let status = match latest {
            None => "defined",
            Some(figure) if figure.provisional => "provisional",
            Some(_) => "final",
        };
        let card = Card::new()
            .title(&definition.title)
            .status(status)
            .region(definition.region)
            .text(&definition.about.joined())
            .party("itself", self.itself.id())
            .fact("counts", definition.counts)
            .fact("unit", &definition.unit);
        let Some(figure) = latest else { return card };
        card.from(figure.as_of)
            .source(&figure.source)
            .fact("number", figure.number)
            .fact("value", shown(figure.value, definition.decimals.get()))
            .fact("as_of", figure.as_of)
            .fact("edition", &figure.edition)
    }

    fn check(&self) {
        let numbers = self.figures.iter().map(|figure| figure.number);
        assert!(numbers.zip(1..).all(|(number, place)| number == place), "figures in their order");
        for figure in self.figures.iter() {
            let Some((old, _)) = &figure.corrects else { continue };
            let of = self.figures.iter().find(|other| other.number == *old);
            assert!(
                of.is_some_and(|of| of.corrected_by == Some(figure.number) && of.edition == figure.edition)
            );
        }
    }
}
