//! Auction: a file of offers in the order of the log is played again by the announced rules: what became of
//! each offer, and who won. The same offers give the same winner on any machine.

mod rules;
mod sheets;

use std::{
    collections::HashMap,
    path::{Path, PathBuf},
};

use clap::{Arg, ArgMatches, Command, value_parser};
use engines::auctions::{
    self, BadTerms, Offer, Outcome, Refused, dutch, open,
    proxy::{self, Increment},
    sealed, weighted,
};
use grammar::words::Locale;
use serde_json::json;

use crate::{
    allocating::{Number, decimal, part, refused},
    book,
    columns::{self, Column, Reading},
    speech::{Trouble, say, words},
    tables::{self, Row},
};
use rules::{Kind, Rules, moment};

const BIDDERS_MAX: usize = 1_000_000;
const NAME_MAX: usize = 200;
const BIDDER: Column = Column { name: "bidder", names: &["bidder", "竞买人", "报价人"] };
const PRICE: Column = Column { name: "price", names: &["price", "offer", "amount", "报价", "价格"] };
const TIME: Column = Column { name: "time", names: &["time", "at", "时间", "报价时间"] };

pub fn command(locale: Locale) -> Command {
    let help = |key: &'static str| words(locale).get("help", key);
    let file = value_parser!(PathBuf);
    let named = |name: &'static str, key| {
        let arg = Arg::new(name).long(name).value_name("FILE").required(true);
        arg.value_parser(file.clone()).help(help(key))
    };
    let offers = Arg::new("offers").required(true).value_name("FILE").value_parser(file.clone());
    Command::new("auction")
        .about(help("auction"))
        .arg(offers.help(help("auction-offers")))
        .arg(named("rules", "auction-rules"))
        .arg(named("out", "auction-out"))
}

/// The offers of a file, in its order.
#[derive(Default)]
struct Offers {
    offers: Vec<Offer>,
    /// The scores of other items, in hundredths of a point.
    scores: Vec<Vec<u32>>,
    lines: Vec<u64>,
    names: Vec<String>,
    numbers: HashMap<String, u32>,
    /// Whether moments have a day; the first one decides.
    is_dated: Option<bool>,
}

/// What became of one offer.
#[derive(Clone, PartialEq, Debug)]
enum Fate {
    Taken {
        is_match: bool,
    },
    /// A sealed or falling offer that counts but changes nothing by itself.
    Counts,
    Not(Refused),
    /// Not the first of its bidder, too late or too low; such offers do not count.
    Invalid,
    /// After the winner was found.
    After,
}

/// A session that was played.
struct Played {
    fates: Vec<Fate>,
    /// The highest price after each offer, and when the session would be over, where that is known.
    course: Vec<(Option<i64>, Option<i64>)>,
    outcome: Outcome,
    /// Bidders with the same highest sealed offer, who go on in an open session.
    tied: Vec<u32>,
    /// Weighted offers, the best first.
    ranked: Vec<weighted::Ranked>,
    end: Option<i64>,
}

/// Plays a session again.
///
/// # Errors
/// What cannot be read, with its row and column; rules that cannot be those of a session; or what cannot be
/// written.
pub fn run(matches: &ArgMatches, locale: Locale) -> Result<(), Trouble> {
    let path = |name: &str| matches.get_one::<PathBuf>(name).map_or(Path::new(""), PathBuf::as_path);
    book::is_known(path("out"))?;
    let rules = rules::read(path("rules"))?;
    let mut offers = read(path("offers"), &rules, locale)?;
    let played = play(&rules, &mut offers, path("rules"))?;
    let made = book::write(path("out"), &sheets::sheets(&offers, &played, locale))?;
    let facts = json!({
        "offers": offers.offers.len(), "bidders": offers.names.len(), "outcome": sheets::told(&offers, &played, locale),
        "path": made.iter().map(|path| path.display().to_string()).collect::<Vec<_>>().join(", "),
    });
    eprintln!("{}", say(locale, "auction", "done", &facts));
    println!("{}", sheets::told(&offers, &played, locale));
    Ok(())
}

fn read(path: &Path, rules: &Rules, locale: Locale) -> Result<Offers, Trouble> {
    let mut offers = Offers::default();
    let mut reading = Reading::new(path, locale);
    tables::read(path, &mut |row| {
        if columns::is_empty(&row) {
            return Ok(());
        }
        reading.row();
        if offers.offers.len() >= auctions::OFFERS_MAX {
            let facts = json!({ "max": auctions::OFFERS_MAX });
            return Err(tables::bad(path, row.line, "too-many-rows", facts));
        }
        offers.row(path, &row, rules)
    })?;
    reading.finish()?;
    Ok(offers)
}

impl Offers {
    fn row(&mut self, path: &Path, row: &Row, rules: &Rules) -> Result<(), Trouble> {
        let bidder_at = BIDDER.place(path, row)?;
        let name = columns::text(row, bidder_at).to_owned();
        let bidder = self.number(&name).ok_or_else(|| columns::wrong(path, row, bidder_at))?;
        let price_at = PRICE.place(path, row)?;
        let fen = tables::fen(columns::text(row, price_at)).filter(|fen| *fen >= 0);
        let fen = fen.ok_or_else(|| columns::wrong(path, row, price_at))?;
        let time_at = TIME.place(path, row)?;
        let (is_dated, at) =
            moment(columns::text(row, time_at)).ok_or_else(|| columns::wrong(path, row, time_at))?;
        if *self.is_dated.get_or_insert(is_dated) != is_dated {
            return Err(columns::wrong(path, row, time_at));
        }
        let mut scores = Vec::with_capacity(rules.items.len());
        for item in &rules.items {
            let names = [item.name.as_str()];
            let at = Column { name: &item.name, names: &names }.place(path, row)?;
            let score = decimal(columns::text(row, at), 2).and_then(|score| u32::try_from(score).ok());
            let score = score.filter(|score| *score <= weighted::BEST);
            scores.push(score.ok_or_else(|| columns::wrong(path, row, at))?);
        }
        self.offers.push(Offer::new(bidder, fen, at));
        self.scores.push(scores);
        self.lines.push(row.line);
        Ok(())
    }

    /// The number of a bidder, by the order in which they first come.
    fn number(&mut self, name: &str) -> Option<u32> {
        if name.is_empty() || name.len() > NAME_MAX || self.names.len() >= BIDDERS_MAX {
            return None;
        }
        if let Some(number) = self.numbers.get(name) {
            return Some(*number);
        }
        let number = u32::try_from(self.names.len()).ok()?;
        self.numbers.insert(name.to_owned(), number);
        self.names.push(name.to_owned());
        Some(number)
    }

    fn name(&self, bidder: u32) -> &str {
        self.names.get(bidder as usize).map_or("", String::as_str)
    }
}

/// Reads what the rules of a kind need.
struct Needs<'a> {
    rules: &'a Rules,
    path: &'a Path,
    is_dated: bool,
}

impl Needs<'_> {
    fn wrong(&self, name: &str, value: &str) -> Trouble {
        let facts = json!({ "path": self.path.display().to_string(), "name": name, "value": value });
        refused("auction-rule", facts)
    }

    fn money(&self, name: &str, value: Option<&Number>) -> Result<i64, Trouble> {
        let text = value.map_or_else(String::new, Number::text);
        tables::fen(&text).filter(|fen| *fen >= 0).ok_or_else(|| self.wrong(name, &text))
    }

    fn money_or(&self, name: &str, value: Option<&Number>) -> Result<Option<i64>, Trouble> {
        value.map(|value| self.money(name, Some(value))).transpose()
    }

    fn moment(&self, name: &str, value: Option<&String>) -> Result<i64, Trouble> {
        let text = value.map_or("", String::as_str);
        let read = moment(text).filter(|(is_dated, _)| *is_dated == self.is_dated);
        read.map(|(_, ms)| ms).ok_or_else(|| self.wrong(name, text))
    }

    fn weight(&self, name: &str, value: Option<&Number>) -> Result<u32, Trouble> {
        let text = value.map_or_else(String::new, Number::text);
        let weight = value.and_then(part).filter(|part| part % 100 == 0).map(|part| part / 100);
        weight.ok_or_else(|| self.wrong(name, &text))
    }
}

fn play(rules: &Rules, offers: &mut Offers, path: &Path) -> Result<Played, Trouble> {
    let priorities: Option<Vec<auctions::Priority>> = rules
        .priorities
        .iter()
        .map(|own| {
            Some(auctions::Priority { bidder: offers.number(&own.bidder)?, rank: own.rank.unwrap_or(1) })
        })
        .collect();
    let named = |names: &[String], offers: &mut Offers| -> Option<Vec<u32>> {
        names.iter().map(|name| offers.number(name)).collect()
    };
    let (admitted, matched) = (named(&rules.admitted, offers), named(&rules.matched, offers));
    let needs = Needs { rules, path, is_dated: offers.is_dated.unwrap_or(false) };
    let (Some(priorities), Some(admitted), Some(matched)) = (priorities, admitted, matched) else {
        return Err(needs.wrong("priority, admitted, matched", ""));
    };
    match rules.kind {
        Kind::MultipleOffer => needs.open(offers, priorities, admitted),
        Kind::Sealed => needs.sealed(offers, priorities, matched),
        Kind::Weighted => needs.weighted(offers),
        Kind::Dutch => needs.dutch(offers),
        Kind::Proxy => needs.proxy(offers),
    }
}

impl Needs<'_> {
    fn bad(&self, bad: BadTerms) -> Trouble {
        let name = match bad {
            BadTerms::Price => "start, reserve, floor",
            BadTerms::Step => "step",
            BadTerms::Times => "opens, free-until, closes, timed, every",
            BadTerms::Weights => "price-weight, item",
            BadTerms::Priorities => "priority, matched",
            BadTerms::Reserve => "reserve",
        };
        refused("auction-terms", json!({ "path": self.path.display().to_string(), "name": name }))
    }

    fn open(
        &self,
        offers: &Offers,
        priorities: Vec<auctions::Priority>,
        admitted: Vec<u32>,
    ) -> Result<Played, Trouble> {
        let rules = self.rules;
        let free_until = self.moment("free-until", rules.free_until.as_ref())?;
        let first = offers.offers.first().map_or(free_until, Offer::at);
        let terms = open::Terms {
            start: self.money("start", rules.start.as_ref())?,
            step: self.money("step", rules.step.as_ref())?,
            reserve: self.money_or("reserve", rules.reserve.as_ref())?,
            opens: match &rules.opens {
                Some(opens) => self.moment("opens", Some(opens))?,
                None => first.min(free_until),
            },
            free_until,
            timed: rules.timed_ms(),
            priorities,
            admitted,
        };
        let mut session = open::Session::new(terms).map_err(|bad| self.bad(bad))?;
        let (mut fates, mut course) = (Vec::new(), Vec::new());
        for offer in &offers.offers {
            fates.push(match session.offer(*offer) {
                Ok(taken) => Fate::Taken { is_match: taken.is_match },
                Err(refused) => Fate::Not(refused),
            });
            course.push((session.leader().map(|leader| leader.fen), Some(session.end())));
        }
        let outcome = session.outcome(i64::MAX).unwrap_or(Outcome::NoOffer);
        Ok(Played { fates, course, outcome, tied: vec![], ranked: vec![], end: Some(session.end()) })
    }

    fn sealed(
        &self,
        offers: &Offers,
        priorities: Vec<auctions::Priority>,
        matched: Vec<u32>,
    ) -> Result<Played, Trouble> {
        let terms = sealed::Terms {
            start: self.money("start", self.rules.start.as_ref())?,
            reserve: self.money_or("reserve", self.rules.reserve.as_ref())?,
            closes: self.moment("closes", self.rules.closes.as_ref())?,
            priorities,
            matched,
        };
        let opening = sealed::open(&terms, &offers.offers).map_err(|bad| self.bad(bad))?;
        let mut seen = std::collections::BTreeSet::new();
        let fate = |offer: &Offer| {
            let is_valid = offer.at() <= terms.closes && offer.fen >= terms.start.max(1);
            if is_valid && seen.insert(offer.bidder) { Fate::Counts } else { Fate::Invalid }
        };
        let fates = offers.offers.iter().map(fate).collect();
        let (outcome, tied) = match opening {
            sealed::Opening::Over(outcome) => (outcome, vec![]),
            sealed::Opening::Tied { bidders, fen } => (Outcome::Won { bidder: u32::MAX, fen }, bidders),
        };
        let course = vec![(None, None); offers.offers.len()];
        Ok(Played { fates, course, outcome, tied, ranked: vec![], end: Some(terms.closes) })
    }

    fn weighted(&self, offers: &Offers) -> Result<Played, Trouble> {
        let weights = self.rules.items.iter().map(|item| self.weight(&item.name, item.weight.as_ref()));
        let terms = weighted::Terms {
            start: self.money("start", self.rules.start.as_ref())?,
            price_weight: self.weight("price-weight", self.rules.price_weight.as_ref())?,
            weights: weights.collect::<Result<_, _>>()?,
        };
        let closes = match &self.rules.closes {
            Some(closes) => self.moment("closes", Some(closes))?,
            None => i64::MAX,
        };
        // A bidder's first valid offer counts, as with sealed ones.
        let mut seen = std::collections::BTreeSet::new();
        let (mut fates, mut bids) = (Vec::new(), Vec::new());
        for (offer, scores) in offers.offers.iter().zip(&offers.scores) {
            let is_valid = offer.at() <= closes && offer.fen >= terms.start.max(1);
            let counts = is_valid && seen.insert(offer.bidder);
            fates.push(if counts { Fate::Counts } else { Fate::Invalid });
            if counts {
                bids.push(weighted::Bid { offer: *offer, scores: scores.clone() });
            }
        }
        let ranked = weighted::rank(&terms, &bids).map_err(|bad| self.bad(bad))?;
        let won = |best: &weighted::Ranked| Outcome::Won { bidder: best.offer.bidder, fen: best.offer.fen };
        let outcome = ranked.first().map_or(Outcome::NoOffer, won);
        let course = vec![(None, None); offers.offers.len()];
        Ok(Played { fates, course, outcome, tied: vec![], ranked, end: None })
    }

    fn dutch(&self, offers: &Offers) -> Result<Played, Trouble> {
        let terms = dutch::Terms {
            start: self.money("start", self.rules.start.as_ref())?,
            floor: self.money("floor", self.rules.floor.as_ref())?,
            step: self.money("step", self.rules.step.as_ref())?,
            every: i64::from(self.rules.every.unwrap_or(0)) * 1_000,
            opens: self.moment("opens", self.rules.opens.as_ref())?,
        };
        let (refusals, outcome) = dutch::play(&terms, &offers.offers).map_err(|bad| self.bad(bad))?;
        let mut fates: Vec<Fate> = refusals.into_iter().map(Fate::Not).collect();
        if fates.len() < offers.offers.len() {
            fates.push(Fate::Taken { is_match: false });
        }
        fates.resize(offers.offers.len(), Fate::After);
        let course = offers.offers.iter().map(|offer| (terms.price(offer.at()), None)).collect();
        Ok(Played { fates, course, outcome, tied: vec![], ranked: vec![], end: None })
    }

    fn proxy(&self, offers: &Offers) -> Result<Played, Trouble> {
        let mut increments = Vec::with_capacity(self.rules.increments.len());
        for own in &self.rules.increments {
            let from = self.money("increment", own.from.as_ref())?;
            increments.push(Increment { from, fen: self.money("increment", own.add.as_ref())? });
        }
        if !increments.is_sorted_by(|a, b| a.from < b.from) {
            return Err(self.wrong("increment", ""));
        }
        let start = self.money("start", self.rules.start.as_ref())?;
        let mut session = proxy::Session::new(proxy::Terms { start, increments });
        let (mut fates, mut course) = (Vec::new(), Vec::new());
        let mut last = i64::MIN;
        for offer in &offers.offers {
            // Limits out of order would make another price: they are left out, as in an open session.
            if offer.at() < last {
                fates.push(Fate::Not(Refused::OutOfOrder));
            } else if offer.fen < start {
                fates.push(Fate::Not(Refused::TooLow { least: start }));
            } else {
                last = offer.at();
                session.limit(*offer);
                fates.push(Fate::Counts);
            }
            course.push((session.price(), None));
        }
        let outcome = session.outcome();
        Ok(Played { fates, course, outcome, tied: vec![], ranked: vec![], end: None })
    }
}
