//! Measure: in what an application and another work are alike, from their cards alone, each sign with its measure and the
//! threshold of its rule. The words that carry a meaning, sentences and promises are compared by `engines::likeness`.

use std::collections::{BTreeMap, BTreeSet};

use engines::likeness::{self, Alike, Bars, SAME, Sheet, Work};
use grammar::{prelude::*, rules::Rules};

use crate::expert::conflict::Body;

/// From this likeness of the full texts on, people look at two works; the others likewise.
const TEXT: Rule<Share> = rule("PG-R19");
const TITLE: Rule<Share> = rule("PG-R19-TTL");
const SUMMARY: Rule<Share> = rule("PG-R19-ABS");
/// So many promises, or lines of the budget, in common, where people or organisations are the same.
const PROMISES: Rule<i64> = rule("PG-R19-IND");
const LINES: Rule<i64> = rule("PG-R19-BUD");
/// The same file.
const FILES: Rule<i64> = rule("PG-R19-DIG");
/// By people and organisations only works of so many years are compared.
const YEARS: Rule<i64> = rule("PG-R19-YEARS");

/// Of what is alike so much is told; the page shows all of it.
const TOLD_MAX: usize = 5;
/// What a card says in its blind part that reviewers read as text.
const TEXTS: [&str; 4] = ["brief", "route", "foundation", "risk"];
/// Whose people and organisations stand behind a work.
const PEOPLE: [&str; 2] = ["leader", "member"];
const UNITS: [&str; 2] = ["lead", "partner"];

/// In what two works can be alike.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Sign {
    Title,
    Summary,
    Text,
    Promises,
    Lines,
    Files,
    People,
    Units,
}

impl Sign {
    /// The rule that says from where on it counts.
    #[must_use]
    pub const fn rule(self) -> &'static str {
        match self {
            Self::Title => TITLE.id(),
            Self::Summary => SUMMARY.id(),
            Self::Text => TEXT.id(),
            Self::Promises => PROMISES.id(),
            Self::Lines => LINES.id(),
            Self::Files => FILES.id(),
            Self::People | Self::Units => YEARS.id(),
        }
    }

    /// Whether it is measured in hundredths of a per cent; the others are counted.
    #[must_use]
    pub const fn is_share(self) -> bool {
        matches!(self, Self::Title | Self::Summary | Self::Text)
    }
}

/// One thing that is alike: how much, and from where on it counts.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Likeness {
    pub sign: Sign,
    /// Hundredths of a per cent for texts, else how many.
    pub measure: u32,
    pub threshold: u32,
    /// Whether it reaches the threshold: alone for texts and files, else together with the same people or organisations.
    pub counts: bool,
    /// Sentences, promises and lines of the application that stand in the other too, the first of them.
    pub told: Vec<Text<300>>,
    pub who: Vec<Id>,
}

/// One other work.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Hit {
    pub record: Id,
    pub likenesses: Vec<Likeness>,
    /// Whether a person has to look.
    pub is_near: bool,
    /// Whether it is so recent that the same people and organisations count.
    pub is_recent: bool,
}

impl Hit {
    /// The greatest likeness of a text.
    #[must_use]
    pub fn most(&self) -> u32 {
        let texts = self.likenesses.iter().filter(|one| one.sign.is_share());
        texts.map(|one| one.measure).max().unwrap_or(0)
    }
}

/// The values of the rules when it was measured.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Thresholds {
    pub title: u32,
    pub summary: u32,
    pub text: u32,
    pub promises: u32,
    pub lines: u32,
    pub years: u32,
}

impl Thresholds {
    pub(super) fn now(ctx: &Ctx) -> Self {
        let share = |rule| parts(ctx.rule(rule));
        let count = |rule: Rule<i64>| u32::try_from(ctx.rule(rule)).unwrap_or(1).max(1);
        let (title, summary, text) = (share(TITLE), share(SUMMARY), share(TEXT));
        Self { title, summary, text, promises: count(PROMISES), lines: count(LINES), years: count(YEARS) }
    }

    #[must_use]
    pub fn bars(self) -> Bars {
        let Self { title, summary, text, promises, lines, .. } = self;
        Bars { title, summary, text, promises: promises as usize, lines: lines as usize }
    }

    /// From rules read elsewhere: for whoever looks for what could be named.
    #[must_use]
    pub fn of(rules: &Rules, region: Region, day: Day) -> Self {
        let share = |rule| parts(rules.value(rule, region, day));
        let count = |rule: Rule<i64>| u32::try_from(rules.value(rule, region, day)).unwrap_or(1).max(1);
        let (title, summary, text) = (share(TITLE), share(SUMMARY), share(TEXT));
        Self { title, summary, text, promises: count(PROMISES), lines: count(LINES), years: count(YEARS) }
    }
}

/// A share in hundredths of a per cent.
fn parts(share: Share) -> u32 {
    u32::try_from(share.of(Money::fen(i64::from(SAME))).in_fen()).unwrap_or(SAME)
}

/// Applications, solutions and projects have a lead and a matter that they answer.
pub(super) fn is_work(card: &Card) -> bool {
    let of = |part| card.holders(part).next().is_some();
    of("lead") && (of("call") || of("need") || of("candidate"))
}

/// The organisations behind a work.
pub(super) fn organisations(card: &Card) -> Vec<Id> {
    UNITS.iter().flat_map(|part| card.holders(part)).collect()
}

/// Under which head each organisation counts: its group's, or what it was merged into.
#[must_use]
pub fn heads(bodies: &[Body]) -> BTreeMap<Id, Id> {
    let head = |body: &Body| body.parent.or(body.successor).unwrap_or(body.id);
    bodies.iter().map(|body| (body.id, head(body))).collect()
}

/// What is compared of a work, as its card tells it to whoever may see it.
#[must_use]
pub fn work_of(card: &Card, heads: &BTreeMap<Id, Id>) -> Work {
    let blind = card.facts.get("blind").cloned().unwrap_or_default();
    let text = TEXTS.iter().filter_map(|part| blind.get(part)?.as_str()).collect::<Vec<_>>().join("\n");
    let of = |id: Id| heads.get(&id).copied().unwrap_or(id);
    let lines: Vec<(String, Money, Id)> = card.read("lines").unwrap_or_default();
    Work {
        title: [&*card.title_zh, &*card.title_en].join("\n"),
        summary: card.text.clone(),
        text,
        promises: promises(&blind),
        people: PEOPLE.iter().flat_map(|part| card.holders(part)).map(|id| id.to_string()).collect(),
        units: organisations(card).into_iter().map(|id| of(id).to_string()).collect(),
        lines: lines
            .into_iter()
            .map(|(source, amount, who)| format!("{source} {amount} {}", of(who)))
            .collect(),
        files: card.read("digests").unwrap_or_default(),
    }
}

/// What an application promises, or a solution for each target of its need.
fn promises(blind: &serde_json::Value) -> Vec<String> {
    let list = |name| blind.get(name).and_then(serde_json::Value::as_array).into_iter().flatten();
    let said = |promise: &serde_json::Value| {
        let part = |name| promise.get(name).and_then(serde_json::Value::as_str);
        Some([part("indicator")?, part("promised")?, part("unit").unwrap_or("")].join(" "))
    };
    let plain = list("indicators").filter_map(|promise| promise.as_str().map(str::to_owned));
    plain.chain(list("promises").filter_map(said)).collect()
}

pub(super) fn hits(
    application: Id,
    with: &[Id],
    thresholds: Thresholds,
    heads: &BTreeMap<Id, Id>,
    ctx: &Ctx,
) -> Vec<Hit> {
    let sheet = |id: Id| Sheet::of(work_of(ctx.see::<()>(id.r()), heads));
    let ours = sheet(application);
    let hit = |record: &Id| {
        let theirs = sheet(*record);
        let years = i32::try_from(thresholds.years).unwrap_or(0);
        let from = ctx.see::<()>(record.r()).from;
        let is_recent = from.is_none_or(|from| ctx.today() < from.plus_months(years * 12));
        let alike = likeness::alike(&ours, &theirs);
        // What is older is compared by its texts and files alone.
        let counted = Alike { people: vec![], units: vec![], ..alike.clone() };
        let is_near = if is_recent { &alike } else { &counted }.is_near(thresholds.bars());
        let likenesses = likenesses(&ours, &theirs, &alike, (thresholds, is_recent));
        Hit { record: *record, likenesses, is_near, is_recent }
    };
    with.iter().map(hit).collect()
}

/// Every sign of which there is anything, in the order of [`Sign`].
fn likenesses(ours: &Sheet, theirs: &Sheet, alike: &Alike, bars: (Thresholds, bool)) -> Vec<Likeness> {
    let (thresholds, is_recent) = bars;
    let work = ours.work();
    let is_ours = alike.is_ours() && is_recent;
    let share = |sign, measure, threshold, told| Likeness {
        sign,
        measure,
        threshold,
        counts: measure >= threshold,
        told,
        who: vec![],
    };
    let count = |sign, all: usize, threshold: u32, together: bool, told| {
        let measure = u32::try_from(all).unwrap_or(u32::MAX);
        Likeness { sign, measure, threshold, counts: together && measure >= threshold, told, who: vec![] }
    };
    let promised = alike.promises.iter().filter_map(|(at, ..)| work.promises.get(*at)).map(String::as_str);
    let [lines, files] = [&alike.lines, &alike.files].map(|all| told(all.iter().map(String::as_str)));
    let among = |sign, all: &[String], others: bool| {
        let who = all.iter().filter_map(|id| id.parse().ok()).take(TOLD_MAX).collect();
        Likeness { who, ..count(sign, all.len(), 1, is_recent && others, vec![]) }
    };
    let bars = thresholds.bars();
    let shares = alike.promises.len() >= bars.promises || alike.lines.len() >= bars.lines;
    let all = [
        share(Sign::Title, alike.title, thresholds.title, told([work.title.trim()])),
        share(Sign::Summary, alike.summary, thresholds.summary, both(&work.summary, &theirs.work().summary)),
        share(Sign::Text, alike.text, thresholds.text, both(&work.text, &theirs.work().text)),
        count(Sign::Promises, alike.promises.len(), thresholds.promises, is_ours, told(promised)),
        count(Sign::Lines, alike.lines.len(), thresholds.lines, is_ours, lines),
        count(Sign::Files, alike.files.len(), 1, true, files),
        among(Sign::People, &alike.people, shares),
        among(Sign::Units, &alike.units, shares),
    ];
    all.into_iter().filter(|one| one.measure > 0).collect()
}

/// The first sentences of one text that stand in the other too.
fn both(ours: &str, theirs: &str) -> Vec<Text<300>> {
    let (here, there) = (likeness::sentences(ours), likeness::sentences(theirs));
    let twins = likeness::twins(&here, &there);
    told(twins.iter().filter_map(|twin| here.get(twin.here).copied()))
}

fn told<'a>(all: impl IntoIterator<Item = &'a str>) -> Vec<Text<300>> {
    let short = |text: &str| Text::read(&text.chars().take(300).collect::<String>());
    let once: BTreeSet<&str> = BTreeSet::new();
    let fresh = all.into_iter().scan(once, |once, text| Some(once.insert(text).then_some(text))).flatten();
    fresh.filter_map(short).take(TOLD_MAX).collect()
}
