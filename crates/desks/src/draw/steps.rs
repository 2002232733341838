//! Steps: how far a draw is, what its seed is made of, and who is drawn.

use std::collections::BTreeSet;

use super::{Refusal::*, *};

impl Draw {
    pub(super) fn status(&self) -> &'static str {
        match &self.ended {
            Some(End::Drawn { .. }) => "drawn",
            Some(End::Withdrawn) => "withdrawn",
            Some(End::Failed) => "failed",
            None if self.anchor.is_some() => "anchored",
            None if self.closed.is_some() => "closed",
            None => "open",
        }
    }

    pub(super) fn is_waiting_outside(&self) -> bool {
        self.terms.outside.is_some() && self.number.is_none()
    }

    /// The seed: the secret, the anchor's root, the words in their order, and the public number as the last word.
    pub(super) fn seed(&self, secret: &str) -> Option<[u8; 32]> {
        let drawn = Drawn { secret: secret.to_owned(), anchor: self.anchor.clone()? };
        let words = self.words.iter().map(|added| &*added.word);
        drawn.seed(words.chain(self.number.as_deref()))
    }

    pub(super) fn reveal(&self, secret: String) -> Option<Event> {
        let ready = self.terms.ready().ok()?;
        let answer = draw(&ready, self.me, self.seed(&secret)?);
        let names = |places: &[u32]| ready.keys(places).into_iter().map(str::to_owned).collect();
        Some(Event::Revealed { secret, taken: names(&answer.taken), spare: names(&answer.spare) })
    }

    /// Who is drawn when one more drops out, in the same drawn order.
    pub(super) fn replace(&self, name: &Text<400>, reason: &Text<500>) -> Result<Event, No<Refusal>> {
        let Some(End::Drawn { secret, taken, gone, .. }) = &self.ended else { return Err(No::NotNow) };
        ensure(taken.iter().any(|taken| **taken == **name), NotDrawn { name: name.clone() }).by(NOT_NAMED)?;
        ensure(gone.len() < GONE_MAX, TooMany { max: GONE_MAX })?;
        let ready = self.terms.ready()?;
        let seed = self.seed(secret).ok_or(No::NotNow)?;
        let answer = draw(&ready, self.me, seed);
        let is_gone = |key: &str| key == &**name || gone.iter().any(|gone| gone == key);
        let places: BTreeSet<u32> = ready
            .entries()
            .iter()
            .zip(0..)
            .filter(|(entry, _)| is_gone(&entry.key))
            .map(|(_, at)| at)
            .collect();
        let after = engines::draw::without(&ready, &answer, &places).map_err(terms::unfit)?;
        let names = |places: &[u32]| ready.keys(places).into_iter().map(str::to_owned).collect::<Vec<_>>();
        let (now, spare) = (names(&after.taken), names(&after.spare));
        let by = now.iter().find(|name| !taken.contains(name)).cloned();
        Ok(Event::Replaced { name: name.clone(), by, reason: reason.clone(), taken: now, spare })
    }
}

pub(super) fn open(terms: &Terms, ctx: &Ctx) -> Decision<Draw> {
    ensure(!terms.purpose.is_empty(), NothingToRead)?;
    ensure(terms.outside.as_ref().is_none_or(|outside| !outside.is_empty()), NothingToRead)?;
    let shown = format!("{}\n{}", terms.purpose.joined(), &*terms.list);
    ensure(!shows_personal_numbers(&shown), ShowsPersonalNumbers).by(MASKED)?;
    ensure(terms.closes > ctx.now, ClosesTooSoon { now: ctx.now }).by(REPEATABLE)?;
    ensure(
        terms.closes.day() <= ctx.today().plus_days(OPEN_DAYS_MAX),
        ClosesTooLate { days: OPEN_DAYS_MAX },
    )?;
    if let Some(again) = &terms.again {
        let ended = ["drawn", "withdrawn", "failed"].contains(&ctx.see(again.draw).status.as_str());
        ensure(ended, NotOver).by(REPEATABLE)?;
    }
    terms.ready()?;
    Ok(say(Event::Opened { me: ctx.me, terms: Box::new(terms.clone()), lot: ctx.promise(), at: ctx.now }))
}
