//! Funnel: how far joint research has come, from needs to the units that work together, by province.
//!
//! Always: each figure counts records this guest may see, and its link opens that list. Beside it stands what
//! everyone may see. Rivals' solutions are in nobody's figure but their own and the offices'.

mod published;

use std::collections::{BTreeMap, BTreeSet};

use grammar::kinds::{Id, Region};
use maud::{Markup, html};
use registry::{Broken, Filter, Listed, Look};
use serde_json::json;

use crate::{
    guest::Guest,
    parts::{self, Column, Funnel, Link, Notice, Row, Section, Stage, Table, Tone},
    ways::Answer,
};

/// Needs that were published, whatever came of them.
const ASKED: &str = "published,soliciting,reviewing,matched,unmatched,closed,expired";
/// Projects but for those whose award came to nothing.
const BEGUN: &str =
    "plan,publicised,signed,running,milestone-failed,user-tested,accepted,result-only,failed,terminated";
/// Solutions that were handed in and not taken back.
const ANSWERED: &str =
    "submitted,formal-ok,formal-failed,in-review,reviewed,shortlisted,negotiated,selected,rejected";
const IN_POOL: &str = "in-pool";
/// Solutions whose opinions have come back.
const JUDGED: &str = "reviewed,shortlisted,negotiated,selected,rejected";
/// Rows read at a time.
const ROWS: u32 = 200;
/// Records of one desk that are opened to count what stands in them.
const OPENED_MAX: usize = 2_000;
/// Units that the page names; the others are counted.
const UNITS_SHOWN: usize = 200;
/// The provinces of the delta stand first: Shanghai, Jiangsu, Zhejiang, Anhui.
const DELTA: [u32; 4] = [310_000, 320_000, 330_000, 340_000];

/// One stage: its name in words, the rule it rests on, its list.
struct Step {
    key: &'static str,
    rule: &'static str,
    href: String,
}

/// A count, in all and by province.
#[derive(Default)]
struct Count {
    all: u64,
    by: BTreeMap<Region, u64>,
}

/// Everything that is counted through one pair of eyes, in the order of the stages.
struct Counted {
    counts: [Count; 6],
    /// Units with the number of their projects.
    units: Vec<(Listed, u64)>,
    /// There was more than is opened.
    is_cut: bool,
}

impl Count {
    fn add(&mut self, region: Region, more: u64) {
        self.all += more;
        *self.by.entry(region.province()).or_default() += more;
    }
}

/// The page.
///
/// # Errors
/// When the store cannot be read.
pub fn funnel(guest: &Guest) -> Answer {
    let own = counted(&guest.look)?;
    let open = match guest.session {
        Some(_) => Some(counted(&guest.house.registry.look(None)?)?),
        None => None,
    };
    let open = open.as_ref().unwrap_or(&own);
    let section = |id: &str, title: &str, body: Markup| {
        parts::section(&Section { id: id.into(), title: title.into(), beside: html! {}, body })
    };
    let main = html! {
        (parts::heading(&parts::Heading {
            title: guest.word("funnel").into(),
            lead: guest.word("funnel-lead").into(),
            ..Default::default()
        }))
        (whose(guest, &own))
        div.halves {
            (section("stages", guest.word("funnel-stages"), picture(guest, &own)))
            (section("counts", guest.word("funnel-counts"), stages(guest, &own, open)))
        }
        @if let Some(published) = published::published(guest, open)? { (section("published", guest.word("funnel-published"), published)) }
        (section("provinces", guest.word("funnel-provinces"), provinces(guest, &own)))
        (section("units", guest.word("funnel-units"), units(guest, &own)))
        (section("rules", guest.word("funnel-rules"), rules(guest)))
    };
    Ok(guest.page(guest.word("funnel"), vec![], main))
}

fn steps() -> [Step; 6] {
    let step = |key, rule, href: &str| Step { key, rule, href: href.to_owned() };
    [
        step("funnel-needs", "NJ-R03", &format!("/need?status={ASKED}")),
        step("funnel-solutions", "NJ-R04", &format!("/solution?status={ANSWERED}")),
        step("funnel-reviews", "EP-R20", &format!("/solution?status={JUDGED}")),
        step("funnel-experts", "EP-R01", &format!("/expert?status={IN_POOL}")),
        step("funnel-projects", "PG-R18", &format!("/project?status={BEGUN}")),
        step("funnel-members", "NJ-R14", "#units"),
    ]
}

fn counted(look: &Look) -> Result<Counted, Broken> {
    let [needs, experts] =
        [("need", ASKED), ("expert", IN_POOL)].map(|(desk, status)| spread(look, desk, status));
    let (solutions, cut) = opened(look, "solution", ANSWERED)?;
    let (projects, cut_too) = opened(look, "project", BEGUN)?;
    let (mut answered, mut opinions) = (spread(look, "solution", ANSWERED)?, Count::default());
    for solution in &solutions {
        let count = solution.card.read::<u64>("opinions").unwrap_or(0);
        opinions.add(solution.card.scope(), count);
    }
    opinions.by.retain(|_, count| *count > 0);
    answered.by.retain(|_, count| *count > 0);
    let mut members: BTreeMap<Id, u64> = BTreeMap::new();
    for project in &projects {
        let all: BTreeSet<Id> = project.card.holders("lead").chain(project.card.holders("partner")).collect();
        all.into_iter().for_each(|unit| *members.entry(unit).or_default() += 1);
    }
    let ids: Vec<Id> = members.keys().copied().collect();
    let mut units = Vec::new();
    for some in ids.chunks(500) {
        units.extend(look.cards(some)?);
    }
    let mut places = Count::default();
    units.iter().for_each(|unit| places.add(unit.card.scope(), 1));
    // A unit may be known to nobody here; it is counted all the same, in no province.
    places.all = u64::try_from(ids.len()).unwrap_or(places.all);
    let with = |unit: Listed| (members.get(&unit.id).copied().unwrap_or(0), unit);
    let mut units: Vec<(u64, Listed)> = units.into_iter().map(with).collect();
    units.sort_by(|(a, one), (b, other)| {
        (one.card.scope().province(), std::cmp::Reverse(a), one.id).cmp(&(
            other.card.scope().province(),
            std::cmp::Reverse(b),
            other.id,
        ))
    });
    let units = units.into_iter().map(|(count, unit)| (unit, count)).collect();
    let counts = [needs?, answered, opinions, experts?, spread(look, "project", BEGUN)?, places];
    Ok(Counted { counts, units, is_cut: cut || cut_too })
}

/// How many records of a desk there are in some states, and in which provinces.
fn spread(look: &Look, desk: &str, status: &str) -> Result<Count, Broken> {
    let status = Some(status.to_owned());
    let page = look.list(&Filter { desk: desk.into(), status, limit: 1, ..Filter::default() })?;
    let provinces = page.facets.into_iter().filter(|(name, _)| *name == "province");
    let by = provinces.flat_map(|(_, counts)| counts);
    let by = by.filter_map(|(code, count)| Some((code.parse().ok()?, count))).collect();
    Ok(Count { all: page.total, by })
}

/// The records themselves, and whether there are more than are opened.
fn opened(look: &Look, desk: &str, status: &str) -> Result<(Vec<Listed>, bool), Broken> {
    let status = Some(status.to_owned());
    let mut filter = Filter { desk: desk.into(), status, limit: ROWS, ..Filter::default() };
    let mut all = Vec::new();
    loop {
        let page = look.list(&filter)?;
        all.extend(page.rows);
        filter.after = page.next;
        if filter.after.is_none() || all.len() >= OPENED_MAX {
            return Ok((all, filter.after.is_some()));
        }
    }
}

/// Whose figures these are, and of when.
fn whose(guest: &Guest, own: &Counted) -> Markup {
    let is_public = guest.session.is_none();
    let key = if is_public { "funnel-public" } else { "funnel-own" };
    let body = html! {
        p { (guest.word(key)) }
        p { (guest.say("funnel-at", &json!({ "size": guest.house.registry.size(), "at": guest.house.registry.now() }))) }
        @if own.is_cut { p { (guest.say("funnel-cut", &json!({ "most": OPENED_MAX }))) } }
    };
    let links = vec![Link::new("/proof", guest.word("how-proved"))];
    parts::notice(&Notice { tone: Tone::Info, title: String::new(), body, links })
}

/// Whether these eyes are an office's that sees all solutions of its region.
fn sees_all(look: &Look) -> bool {
    let offices = ["joint-office", "panel-office", "auditor"];
    look.viewer.offices.iter().any(|(office, _)| offices.contains(&office.as_str()))
}

/// Nothing where these eyes may see none of what may be there.
fn figure(guest: &Guest, place: usize, count: u64, sees_all: bool) -> String {
    let is_closed = count == 0 && (1..=2).contains(&place) && !sees_all;
    if is_closed { guest.word("funnel-closed").to_owned() } else { count.to_string() }
}

/// What each stage makes of the one before: "6.7 for each need".
fn shares(guest: &Guest, counts: &[Count; 6]) -> [String; 6] {
    let [needs, solutions, reviews, experts, projects, units] = counts.each_ref().map(|count| count.all);
    let each = |key: &str, part: u64, whole: u64| {
        let tenths = (part * 20 + whole).checked_div(whole * 2).filter(|_| part > 0);
        tenths.map_or(String::new(), |tenths| {
            guest.say(key, &json!({ "count": format!("{}.{}", tenths / 10, tenths % 10) }))
        })
    };
    // Whoever sees but their own and the chosen ones is told no share of all.
    let all = |share: String| if reviews >= solutions && reviews > 0 { share } else { String::new() };
    [
        String::new(),
        all(each("funnel-per-need", solutions, needs)),
        all(each("funnel-per-solution", reviews, solutions)),
        all(each("funnel-per-expert", reviews, experts)),
        each("funnel-of-needs", projects * 100, needs),
        each("funnel-per-project", units, projects),
    ]
}

fn picture(guest: &Guest, own: &Counted) -> Markup {
    let shares = shares(guest, &own.counts);
    let stage = |(place, ((step, count), share)): (usize, ((Step, &Count), String))| Stage {
        label: guest.word(step.key).into(),
        #[expect(clippy::cast_precision_loss, reason = "a count far below 2^53")]
        value: count.all as f64,
        text: figure(guest, place, count.all, sees_all(&guest.look)),
        share,
        href: if count.all > 0 { step.href } else { String::new() },
    };
    let stages = steps().into_iter().zip(&own.counts).zip(shares).enumerate().map(stage).collect();
    parts::funnel(&Funnel {
        id: "joint".into(),
        stages,
        source: guest.word("funnel-source").into(),
        ..Funnel::default()
    })
}

/// The same figures as a table: yours, everyone's.
fn stages(guest: &Guest, own: &Counted, open: &Counted) -> Markup {
    let row = |(place, ((step, own), open)): (usize, ((Step, &Count), &Count))| {
        let name = guest.word(step.key);
        let name = if own.all > 0 {
            Link::new(step.href, name).show()
        } else {
            html! { (name) }
        };
        let mut cells = vec![name, html! { (figure(guest, place, own.all, sees_all(&guest.look))) }];
        if guest.session.is_some() {
            cells.push(html! { (figure(guest, place, open.all, false)) });
        }
        Row::new(cells)
    };
    let mut columns = vec![Column::new(guest.word("funnel-stage"))];
    if guest.session.is_some() {
        columns.push(Column::end(guest.word("funnel-yours")));
    }
    columns.push(Column::end(guest.word("funnel-everyones")));
    parts::table(&Table {
        id: "stages-table".into(),
        caption: guest.word("funnel-counts-caption").into(),
        columns,
        rows: steps().into_iter().zip(&own.counts).zip(&open.counts).enumerate().map(row).collect(),
        scrolls: true,
        ..Table::default()
    })
}

/// Provinces as rows, stages as columns; those of the delta first.
fn provinces(guest: &Guest, own: &Counted) -> Markup {
    let all: BTreeSet<Region> = own.counts.iter().flat_map(|count| count.by.keys().copied()).collect();
    let delta = DELTA.map(Region::code);
    let first = delta.iter().copied().filter(|region| all.contains(region));
    let order: Vec<Region> =
        first.chain(all.iter().copied().filter(|region| !delta.contains(region))).collect();
    let cell = |count: u64| html! { @if count > 0 { (count) } @else { span.soft { "–" } } };
    let link = |step: &Step, region: Region, count: u64| {
        let joins = if step.href.contains('?') { '&' } else { '?' };
        let is_list = step.href.starts_with('/') && count > 0;
        html! {
            @if is_list { a href={ (step.href) (joins) "region=" (region) } { (count) } }
            @else if count > 0 { a href=(step.href) { (count) } }
            @else { (cell(0)) }
        }
    };
    let row = |region: &Region| {
        let of =
            |(step, count): (Step, &Count)| link(&step, *region, count.by.get(region).copied().unwrap_or(0));
        let name = html! { (guest.pick(region.zh(), region.en())) };
        Row::new(std::iter::once(name).chain(steps().into_iter().zip(&own.counts).map(of)).collect())
    };
    let mut rows: Vec<Row> = order.iter().map(row).collect();
    let sums = own.counts.iter().map(|count| cell(count.all));
    rows.push(Row {
        cells: std::iter::once(html! { (guest.word("sum")) }).chain(sums).collect(),
        strong: true,
    });
    let columns = steps().map(|step| Column::end(guest.word(step.key)));
    html! {
        p.note { (guest.word("funnel-provinces-note")) }
        (parts::table(&Table {
            id: "provinces-table".into(),
            caption: guest.word("funnel-provinces-caption").into(),
            columns: std::iter::once(Column::new(guest.word("region"))).chain(columns).collect(),
            rows,
            scrolls: true,
            ..Table::default()
        }))
    }
}

fn units(guest: &Guest, own: &Counted) -> Markup {
    let row = |(unit, count): &(Listed, u64)| {
        let name = guest.pick(&unit.card.title_zh, &unit.card.title_en);
        Row::new(vec![
            html! { a href={ "/organisation/" (unit.id) } { (name) } },
            html! { (guest.region(unit.card.scope())) },
            html! { a href={ "/project?party=" (unit.id) } { (count) } },
        ])
    };
    html! {
        details open[own.units.len() <= 12] {
            summary { (guest.say("funnel-units-open", &json!({ "count": own.units.len() }))) }
            (parts::table(&Table {
                id: "units-table".into(),
                caption: guest.word("funnel-units").into(),
                columns: vec![
                    Column::new(guest.word("organisation-one")),
                    Column::new(guest.word("region")),
                    Column::end(guest.word("funnel-projects")),
                ],
                rows: own.units.iter().take(UNITS_SHOWN).map(row).collect(),
                ..Table::default()
            }))
        }
    }
}

/// The article behind each stage.
fn rules(guest: &Guest) -> Markup {
    html! {
        dl.facts {
            @for step in steps() {
                @if let Some(article) = guest.article(step.rule) {
                    div { dt { (guest.word(step.key)) } dd { (parts::article(&article)) } }
                }
            }
        }
    }
}
