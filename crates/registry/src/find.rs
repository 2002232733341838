//! Find: the follower that keeps the match index, and standing matches, in step with the log.
//!
//! The index holds public cards only, so an answer cannot tell anyone more than the public may know.

use std::{
    collections::BTreeSet,
    sync::{Mutex, RwLock},
};

use engines::matching::{self, Bar, Index, Offer, Only, Reason, Standing};
use grammar::{
    card::Card,
    kinds::{Day, Id, Moment, Money, Region},
};
use serde::{Deserialize, Serialize};

use crate::{
    Broken, Look, Registry, Writer,
    look::Listed,
    store::{self, Link, cells},
};

/// Offers found at most for one need.
pub const TOP_MAX: usize = 200;
/// Offers told to a new need, and the rank a new offer must reach to be told to a standing one.
const TOLD: usize = 6;
/// What is told must reach this part of the best answer's score: a third.
const TOLD_SHARE: f32 = 3.0;
/// Matches that a node remembers while another one writes.
const UNTOLD_MAX: usize = 10_000;
/// Records read in one turn of following.
const TURN_MAX: u64 = 5_000;

/// A need as someone types it, or as a record states it.
#[derive(Clone, PartialEq, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct NeedText {
    pub title: String,
    pub text: String,
    pub field: Option<String>,
    pub region: Option<Region>,
    pub trl: Option<u8>,
    pub by: Option<Day>,
    pub budget: Option<Money>,
    /// Only these desks.
    pub kinds: Vec<String>,
    pub only_region: Option<Region>,
    pub only_field: Option<String>,
}

/// Something that can stand behind a need.
#[derive(Clone, PartialEq, Debug)]
pub struct Hit {
    pub listed: Listed,
    pub score: f32,
    pub reasons: Vec<Reason>,
}

/// What was found, and how it spreads.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct Found {
    pub hits: Vec<Hit>,
    pub total: u32,
    pub kinds: Vec<(String, u32)>,
    pub regions: Vec<(Region, u32)>,
    pub fields: Vec<(String, u32)>,
}

/// A standing match.
#[derive(Clone, PartialEq, Debug)]
pub struct Match {
    pub need: Id,
    pub offer: Id,
    /// Hundredths of points.
    pub score: i64,
    pub reasons: Vec<Reason>,
    pub at: Moment,
}

/// The match index with the place in the log it has come to.
#[derive(Default)]
pub struct Finder {
    index: RwLock<Index>,
    standing: Mutex<Standing>,
    position: Mutex<u64>,
    /// Matches found and not yet kept.
    untold: Mutex<Vec<Told>>,
}

/// Need, offer, score and reasons of a match.
type Told = (String, String, f32, Vec<Reason>);

fn days(day: Day) -> i32 {
    i32::try_from(day.begins().in_millis().div_euclid(86_400_000)).unwrap_or(i32::MAX)
}

fn offer(id: Id, desk: &str, card: &Card) -> Offer {
    Offer {
        id: id.to_string(),
        kind: desk.to_owned(),
        title: both(&card.title_zh, &card.title_en),
        keywords: card.keywords.clone(),
        text: card.text.clone(),
        field: card.field.clone().unwrap_or_default(),
        region: card.scope().number(),
        readiness: card.trl.unwrap_or(0),
        until: card.until.map(days),
        price: card.amount.map(|amount| amount.in_fen()),
        audience: 0,
    }
}

fn both(zh: &str, en: &str) -> String {
    if zh == en { zh.to_owned() } else { format!("{zh}\n{en}") }
}

fn standing_need(card: &Card) -> matching::Need {
    matching::Need {
        title: both(&card.title_zh, &card.title_en),
        keywords: card.keywords.clone(),
        text: card.text.clone(),
        field: card.field.clone().unwrap_or_default(),
        region: card.scope().number(),
        readiness: card.trl.unwrap_or(0),
        by: card.until.map(days),
        budget: card.amount.map(|amount| amount.in_fen()),
        only: Only::default(),
    }
}

impl NeedText {
    fn asked(&self) -> matching::Need {
        matching::Need {
            title: self.title.clone(),
            keywords: String::new(),
            text: self.text.clone(),
            field: self.field.clone().unwrap_or_default(),
            region: self.region.map_or(0, Region::number),
            readiness: self.trl.unwrap_or(0),
            by: self.by.map(days),
            budget: self.budget.map(Money::in_fen),
            only: Only {
                kinds: self.kinds.clone(),
                region: self.only_region.map_or(0, |region| shortest(region.number())),
                field: self.only_field.clone().unwrap_or_default(),
                count: true,
            },
        }
    }
}

/// A region code as the engine narrows by it: `31`, `3101` or `310115`.
fn shortest(code: u32) -> u32 {
    match code {
        _ if code.is_multiple_of(10_000) => code / 10_000,
        _ if code.is_multiple_of(100) => code / 100,
        _ => code,
    }
}

impl Look<'_> {
    /// Everything the region can put behind a need, best first.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn find(&self, need: &NeedText, top: usize) -> Result<Found, Broken> {
        let asked = need.asked();
        let answer = match self.registry.finder.index.read() {
            Ok(index) => matching::find(&index, &asked, top.min(TOP_MAX), |_| true),
            Err(_) => return Err(Broken("the match index stopped; start the program again".into())),
        };
        let ids: Vec<Id> = answer.hits.iter().filter_map(|hit| hit.id.parse().ok()).collect();
        let mut cards = self.cards(&ids)?.into_iter().peekable();
        let mut hits = Vec::new();
        for hit in answer.hits {
            if let Some(listed) = cards.next_if(|listed| listed.id.as_str() == hit.id) {
                hits.push(Hit { listed, score: hit.score, reasons: hit.reasons });
            }
        }
        let most_first = |mut counts: Vec<(String, u32)>| {
            counts.sort_by(|a, b| b.1.cmp(&a.1).then(a.0.cmp(&b.0)));
            counts
        };
        let regions =
            answer.facets.provinces.into_iter().map(|(code, n)| (Region::code(code * 10_000), n)).collect();
        let kinds = most_first(answer.facets.kinds.into_iter().collect());
        let fields = most_first(answer.facets.fields.into_iter().collect());
        let total = answer.total.unwrap_or(0).max(u32::try_from(hits.len()).unwrap_or(0));
        Ok(Found { hits, total, kinds, regions, fields })
    }

    /// Standing matches of a need, best first. Only for those who may know of both.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn matches_of(&self, need: Id, most: u32) -> Result<Vec<Match>, Broken> {
        self.registry.matches("need = $1", need, most)
    }

    /// Standing matches in the viewer's inbox: of the needs, and of the offers, in which the viewer has a part.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn my_matches(&self, most: u32) -> Result<Vec<Match>, Broken> {
        let mut mine = Vec::new();
        for id in self.viewer.selves() {
            let of_mine = "need IN (SELECT record FROM parties WHERE who = $1) OR offer IN (SELECT record FROM parties WHERE who = $1 AND part = 'owner')";
            mine.extend(self.registry.matches(of_mine, id, most)?);
        }
        mine.sort_by_key(|found| (std::cmp::Reverse(found.at), found.need, found.offer));
        mine.dedup();
        let mut known = Vec::new();
        for found in mine {
            if self.record(found.need)?.is_some() && self.record(found.offer)?.is_some() {
                known.push(found);
            }
        }
        known.truncate(most as usize);
        Ok(known)
    }
}

impl Registry {
    fn matches(&self, condition: &str, id: Id, most: u32) -> Result<Vec<Match>, Broken> {
        let sql = format!(
            "SELECT need, offer, score, why, at FROM hits WHERE {condition} ORDER BY score DESC, offer LIMIT $2"
        );
        self.read(|link| {
            link.all(&sql, cells![id, most], |row| {
                Ok(Match {
                    need: row.get(0)?,
                    offer: row.get(1)?,
                    score: row.get(2)?,
                    reasons: serde_json::from_str(row.get(3)?)?,
                    at: Moment::from_millis(row.get(4)?),
                })
            })
        })
    }

    /// Fills the index when the house opens.
    pub(crate) fn catch_up(&self) -> Result<(), Broken> {
        let (offers, needs) = self.read(|link| Ok((offers(link)?, needs(link)?)))?;
        let offers: Vec<Offer> = offers.iter().map(|(id, desk, card)| offer(*id, desk, card)).collect();
        let stopped = || Broken("the match index stopped".into());
        let mut index = self.finder.index.write().map_err(|_| stopped())?;
        index.put_all(&offers);
        let mut standing = self.finder.standing.lock().map_err(|_| stopped())?;
        for (id, card) in needs {
            standing.add_need(id.as_str(), &standing_need(&card), &index, Bar::Top(TOLD));
        }
        *self.finder.position.lock().map_err(|_| stopped())? = self.size();
        Ok(())
    }

    /// Brings the index up to the log's end, unless someone is doing it already.
    pub(crate) fn follow(&self) {
        let Ok(mut position) = self.finder.position.try_lock() else { return };
        while *position < self.size() {
            let end = self.size().min(*position + TURN_MAX);
            match self.follow_to(*position, end) {
                Ok(()) => *position = end,
                Err(broken) => {
                    tracing::error!(%broken, "the match index could not follow the log");
                    return;
                }
            }
        }
    }

    fn follow_to(&self, from: u64, to: u64) -> Result<(), Broken> {
        let rows = self.read(|link| changed(link, from, to))?;
        let stopped = || Broken("the match index stopped".into());
        let mut told = Vec::new();
        let mut fresh = Vec::new();
        {
            let mut index = self.finder.index.write().map_err(|_| stopped())?;
            for (id, row) in &rows {
                let found = row.as_ref().and_then(|row| Some((row, row.public.as_ref()?)));
                match found.filter(|(_, card)| card.is_offer) {
                    Some((row, card)) => fresh.push(offer(*id, &row.desk, card)),
                    None => drop(index.remove(id.as_str())),
                }
            }
            index.put_all(&fresh);
        }
        let index = self.finder.index.read().map_err(|_| stopped())?;
        let mut standing = self.finder.standing.lock().map_err(|_| stopped())?;
        for (id, row) in &rows {
            standing.remove(id.as_str());
            if let Some(row) = row.as_ref().filter(|row| row.card.is_need) {
                let need = standing_need(&row.card);
                standing.add_need(row.id.as_str(), &need, &index, Bar::Top(TOLD));
                let answer = matching::find(&index, &need, TOLD, |_| true);
                let bar = answer.hits.first().map_or(0.0, |best| best.score / TOLD_SHARE);
                let good = answer.hits.into_iter().filter(|hit| hit.score >= bar);
                told.extend(good.map(|hit| (row.id.to_string(), hit.id, hit.score, hit.reasons)));
            }
        }
        if !standing.is_empty() {
            for offer in &fresh {
                told.extend(
                    standing
                        .match_document(offer, &index)
                        .into_iter()
                        .map(|met| (met.id, offer.id.clone(), met.score, met.reasons)),
                );
            }
        }
        drop((index, standing));
        self.tell(told)
    }

    /// Keeps standing matches. A node that does not write remembers the last ones: should the writer be gone
    /// before it kept them, this node does once it writes.
    fn tell(&self, told: Vec<Told>) -> Result<(), Broken> {
        let Ok(mut untold) = self.finder.untold.lock() else { return Ok(()) };
        untold.extend(told);
        if self.writer() != Writer::Here {
            let over = untold.len().saturating_sub(UNTOLD_MAX);
            untold.drain(..over);
            return Ok(());
        }
        let (told, now) = (std::mem::take(&mut *untold), self.now());
        if told.is_empty() { Ok(()) } else { self.work(move |link| keep_matches(link, &told, now)) }
    }
}

fn keep_matches(link: &dyn Link, told: &[Told], now: Moment) -> Result<(), Broken> {
    for (need, offer, score, reasons) in told {
        #[expect(clippy::cast_possible_truncation, reason = "a score is far below 2^53")]
        let points = (f64::from(*score) * 100.0) as i64;
        link.put(
            "INSERT INTO hits (need, offer, score, why, at) VALUES ($1, $2, $3, $4, $5)
             ON CONFLICT (need, offer) DO NOTHING",
            cells![need, offer, points, serde_json::to_string(reasons)?, now.in_millis()],
        )?;
    }
    Ok(())
}

/// Records with facts in this part of the log; those that are an offer or a need with their row.
fn changed(link: &dyn Link, from: u64, to: u64) -> Result<Vec<(Id, Option<store::Row>)>, Broken> {
    let all: Vec<Id> = link.all(
        "SELECT record FROM facts WHERE position >= $1 AND position < $2",
        cells![from, to],
        |row| row.get(0),
    )?;
    let ids: BTreeSet<Id> = all.into_iter().collect();
    let read = |id: Id| {
        let sides: Option<Option<i64>> =
            link.one("SELECT max(is_offer + is_need) FROM cards WHERE record = $1", cells![id])?;
        let row = if sides.flatten() > Some(0) { store::row(link, id)? } else { None };
        Ok((id, row))
    };
    ids.into_iter().map(read).collect()
}

fn offers(link: &dyn Link) -> Result<Vec<(Id, String, Card)>, Broken> {
    link.all(
        "SELECT r.id, r.desk, coalesce(r.public, r.card) FROM cards c JOIN records r ON r.id = c.record
         WHERE c.is_offer = 1 AND c.tier > 0 AND r.sight > 0 ORDER BY r.id",
        &[],
        |row| Ok((row.get(0)?, row.get(1)?, serde_json::from_str(row.get(2)?)?)),
    )
}

/// Needs as their insiders know them: what stands matches for its owner, not for the public.
fn needs(link: &dyn Link) -> Result<Vec<(Id, Card)>, Broken> {
    link.all(
        "SELECT r.id, r.card FROM cards c JOIN records r ON r.id = c.record
         WHERE c.is_need = 1 AND c.tier <> 1 ORDER BY r.id",
        &[],
        |row| Ok((row.get(0)?, serde_json::from_str(row.get(1)?)?)),
    )
}
