//! Assigning: which candidates come to a panel and who judges each: by a proposal that is checked in one pass, or by lots.

use std::collections::BTreeMap;

use grammar::prelude::*;

use super::{
    Apart, CANDIDATES_MAX, Command,
    Command::*,
    Entry,
    Event::{self, *},
    Frame, Lots, Pair, Panel, Passed, Refusal,
    Refusal::*,
    SEATS_MAX, Seat, candidate, lots,
    terms::{Eligible, Known},
};
use crate::{
    expert::{
        Expert, Hit, Judge, Kind, Relation,
        conflict::{Body, hits, of_rivals},
        joint_work_months,
    },
    field::Field,
    organisation::Organisation,
    review::{self, Review},
};

/// The usual sheet, and how many reviews each candidate gets.
const SHEET: Rule<Vec<String>> = rule("NJ-R13");
const EACH: Rule<i64> = rule("EP-R20");
/// The part of the reviews of one candidate that may come from one unit.
pub(super) const UNIT_PART: Rule<Share> = rule("EP-R24");
/// A list fixed before the seed; nobody is named.
const BY_LOT: Rule<bool> = rule("EP-R23");
const IN_POOL: Rule<bool> = rule("EP-R01");
/// Where the law asks for a draw nobody is named.
const NOT_NAMED: Rule<bool> = rule("EP-R21");

type Said = Decision<Panel>;

pub(super) fn open(command: &Command, ctx: &Ctx) -> Said {
    let Open(terms) = command else { return not_now() };
    let mut terms = terms.clone();
    ensure(!terms.title.is_empty(), NoTitle)?;
    if terms.criteria.is_empty() {
        terms.criteria = review::from_rule(&ctx.rule(SHEET));
    }
    let sum = review::weights(&terms.criteria);
    ensure(sum == 100, WeightsDoNotSum { sum }).by(SHEET)?;
    let each = terms.each.map_or(ctx.rule(EACH), Between::get);
    let (rates, frame) = (terms.fee_level.rates(ctx), Frame::of(&terms, ctx));
    Ok(say(Opened { itself: ctx.me.r(), terms, each: u32::try_from(each).unwrap_or(3), rates, frame }))
}

/// What an expert's card says, as far as a panel looks at it.
struct Asked<'a> {
    id: Ref<Expert>,
    person: Id,
    unit: Option<Id>,
    card: &'a Card,
    employers: Vec<Body>,
    relations: Vec<Relation>,
}

impl<'a> Asked<'a> {
    fn of(id: Ref<Expert>, ctx: &'a Ctx) -> Self {
        let card = ctx.see(id);
        Self {
            id,
            person: card.holders("person").next().unwrap_or(id.id()),
            unit: card.holders("unit").next(),
            card,
            employers: card.read("employers").unwrap_or_default(),
            relations: card.read("relations").unwrap_or_default(),
        }
    }

    /// What bars this expert from an entry, with everything else that is before the panel.
    fn bar(&self, entry: &Entry, all: &[Entry], ctx: &Ctx) -> Option<Hit> {
        let judge = Judge { person: self.person, employers: &self.employers, relations: &self.relations };
        let others = || all.iter().filter(|other| other.candidate != entry.candidate);
        let field = others().filter(|other| other.field.is_some() && other.field == entry.field);
        let matter = others().filter(|other| other.matter.is_some() && other.matter == entry.matter);
        let found = hits(&judge, &entry.judged, ctx.today(), joint_work_months(ctx));
        let rivals = of_rivals(&judge, field.map(|e| &e.judged), matter.map(|e| &e.judged));
        found.into_iter().chain(rivals).find(|hit| hit.why.is_binding())
    }

    /// Whether an expert of this field and free until then: what makes the list of a draw.
    fn is_of_field(&self, entry: &Entry) -> bool {
        let fields: Vec<Field> = self.card.read("fields").unwrap_or_default();
        entry.field.as_ref().is_none_or(|field| fields.iter().any(|own| own.word() == *field))
    }

    fn is_resting(&self, from: Day, until: Day) -> bool {
        let rests: Vec<(Day, Day)> = self.card.read("resting").unwrap_or_default();
        rests.iter().any(|(begins, ends)| *begins <= until && from <= *ends)
    }

    fn kinds(&self) -> Vec<Kind> {
        self.card.read("kinds").unwrap_or_default()
    }

    /// How many reviews more the expert takes on.
    fn room(&self) -> i64 {
        let (open, most) = (self.card.read("open").unwrap_or(0), self.card.read("load_max").unwrap_or(0));
        most - open
    }
}

impl Panel {
    pub(super) fn assigns(&self, command: &Command, ctx: &Ctx) -> Said {
        match command.clone() {
            AdmitCandidates { candidates } => self.admits(&candidates, ctx),
            NoteBodies { bodies } => {
                let noted = bodies.iter().map(|body| Body::of(body.id(), ctx.see(*body)));
                Ok(say(BodiesNoted { bodies: noted.collect() }))
            }
            Propose { pairs } => self.proposes(&pairs, ctx),
            Fix { experts } => self.fixes(&experts, ctx),
            DrawLots => self.draws(ctx),
            Invite { candidates } => self.invites(&candidates, ctx),
            Pass { candidate, expert, reason } => {
                let is_drawn = self.order(candidate)?.iter().any(|known| known.expert == expert);
                ensure(is_drawn && !self.is_passed(candidate, expert), NotDrawn { expert, candidate })
                    .by(BY_LOT)?;
                Ok(say(PassedOver(Passed { candidate, expert: expert.id(), reason })))
            }
            Replace { review, expert, reason } => self.replaces(review, expert, &reason, ctx),
            _ => not_now(),
        }
    }

    pub(super) fn entry(&self, candidate: Id) -> Result<&Entry, Refusal> {
        self.candidates.iter().find(|e| e.candidate == candidate).ok_or(NoSuchCandidate { candidate })
    }

    pub(super) fn live(&self, candidate: Id) -> impl Iterator<Item = &Seat> {
        self.seats.iter().filter(move |seat| seat.candidate == candidate && seat.ended.is_none())
    }

    fn admits(&self, candidates: &[Id], ctx: &Ctx) -> Said {
        ensure(!candidates.is_empty(), NothingNamed)?;
        ensure(self.candidates.len() + candidates.len() <= CANDIDATES_MAX, TooMany { max: CANDIDATES_MAX })?;
        let mut entries: Vec<Entry> = Vec::new();
        let mut begins = Vec::new();
        for candidate in candidates.iter().copied() {
            let again = entries.iter().chain(&self.candidates).any(|e| e.candidate == candidate);
            ensure(!again, AdmittedAlready { candidate })?;
            begins.push(candidate::begin(candidate, ctx.me).ok_or(NotACandidate { candidate })?);
            entries.push(candidate::entry(candidate, ctx.seen.get(candidate)));
        }
        let bodies: Vec<Ref<Organisation>> =
            entries.iter().flat_map(|e| &e.judged.bodies).map(|body| body.id.r()).collect();
        let note = NoteBodies { bodies: List::new(bodies).ok_or(TooMany { max: 1_050 })? };
        let said = say(CandidatesAdmitted { entries }).and(tell(self.itself, &note));
        Ok(begins.into_iter().fold(said, Script::and))
    }

    /// How many reviews of one candidate one unit may have.
    fn unit_most(&self, ctx: &Ctx) -> usize {
        let part = ctx.rule(UNIT_PART).of(Money::fen(i64::from(self.each))).in_fen();
        usize::try_from(part).unwrap_or(1).max(1)
    }

    fn proposes(&self, pairs: &[Pair], ctx: &Ctx) -> Said {
        ensure(!pairs.is_empty(), NothingNamed)?;
        let is_drawn = self.lots.as_ref().is_some_and(|lots| lots.drawn.is_some());
        ensure(!self.terms.by_lot || is_drawn, MustBeDrawn).by(NOT_NAMED)?;
        let mut known: BTreeMap<Ref<Expert>, Asked> = BTreeMap::new();
        let mut seats: Vec<Seat> = Vec::new();
        for Pair { candidate, expert } in pairs {
            let one = known.entry(*expert).or_insert_with(|| Asked::of(*expert, ctx));
            self.fits(*candidate, one, &seats, ctx)?;
            if is_drawn {
                let waits = self.next(*candidate, &seats, ctx)?.is_some();
                ensure(!waits, DrawnByLot { candidate: *candidate }).by(BY_LOT)?;
            }
            let n = u32::try_from(seats.len()).unwrap_or(0) + 1;
            seats.push(one.seat(self, *candidate, n, ctx));
        }
        let apart = known.values().flat_map(|one| self.apart_of(one, ctx)).collect();
        self.opens(seats, apart, ctx)
    }

    /// One pair: the demand is the office's, everything else is looked at here.
    fn fits(&self, candidate: Id, one: &Asked, more: &[Seat], ctx: &Ctx) -> Result<(), No<Refusal>> {
        let (entry, expert) = (self.entry(candidate)?, one.id);
        let status = one.card.status.clone();
        ensure(status == "in-pool", NotAvailable { expert, status }).by(IN_POOL)?;
        let of_it: Vec<&Seat> =
            self.live(candidate).chain(more.iter().filter(|seat| seat.candidate == candidate)).collect();
        ensure(of_it.iter().all(|seat| seat.expert != expert), ReviewsIt { expert, candidate })?;
        let (load, most) = (self.load(expert, more), self.terms.load_max.get());
        ensure(load < most, LoadFull { expert, max: most })?;
        let max = self.unit_most(ctx);
        let same =
            of_it.iter().filter(|seat| one.unit.is_some() && seat.unit.map(|unit| unit.id()) == one.unit);
        ensure(same.count() < max, UnitHasItsPart { expert, candidate, max }).by(UNIT_PART)?;
        match one.bar(entry, &self.candidates, ctx) {
            Some(Hit { why, with, .. }) => {
                Err(No::Because(PairInConflict { expert, candidate, why, with }, Some(why.rule())))
            }
            None => Ok(()),
        }
    }

    fn load(&self, expert: Ref<Expert>, more: &[Seat]) -> i64 {
        let live = self.seats.iter().filter(|seat| seat.ended.is_none()).chain(more);
        i64::try_from(live.filter(|seat| seat.expert == expert).count()).unwrap_or(i64::MAX)
    }

    /// The candidates of this panel an expert may know nothing of.
    fn apart_of(&self, one: &Asked, ctx: &Ctx) -> Vec<Apart> {
        let barred = self.candidates.iter().filter(|entry| one.bar(entry, &self.candidates, ctx).is_some());
        barred.map(|entry| Apart { person: one.person, candidate: entry.candidate }).collect()
    }

    fn opens(&self, seats: Vec<Seat>, apart: Vec<Apart>, ctx: &Ctx) -> Said {
        ensure(self.seats.len() + seats.len() <= SEATS_MAX, TooMany { max: SEATS_MAX })?;
        let tells: Vec<_> = seats.iter().map(|seat| self.open_review(seat, ctx)).collect();
        Ok(tells.into_iter().fold(say(Assigned { seats, apart }), Script::and))
    }

    fn open_review(&self, seat: &Seat, ctx: &Ctx) -> grammar::desk::Tell {
        let days = |days: i64| i32::try_from(days).unwrap_or(0);
        let answer_until = ctx.today().plus_days(days(self.terms.answer_days.get()));
        let until = answer_until.plus_days(days(self.terms.review_days.get()));
        let terms = review::Terms {
            panel: self.itself.id(),
            candidate: seat.candidate,
            expert: seat.expert,
            region: self.terms.region,
            criteria: self.terms.criteria.clone(),
            answer_until,
            until,
            rates: self.rates,
            managing: self.terms.managing.clone(),
        };
        tell(seat.review, &review::Command::Open(Box::new(terms)))
    }

    fn fixes(&self, experts: &[Ref<Expert>], ctx: &Ctx) -> Said {
        if self.lots.is_some() || self.candidates.is_empty() {
            return not_now();
        }
        ensure(!experts.is_empty(), NothingNamed)?;
        let until = ctx.today().plus_days(i32::try_from(self.terms.answer_days.get()).unwrap_or(0));
        let (mut known, mut all, mut apart) = (Vec::new(), Vec::new(), Vec::new());
        for expert in experts.iter().copied() {
            let one = Asked::of(expert, ctx);
            ensure(known.iter().all(|other: &Known| other.expert != expert), NamedTwice { expert })?;
            let status = one.card.status.clone();
            ensure(status == "in-pool", NotAvailable { expert, status }).by(IN_POOL)?;
            let room = one.room().min(self.terms.load_max.get()).max(0);
            let room = if one.is_resting(ctx.today(), until) { 0 } else { room };
            let (person, unit) = (one.person.r(), one.unit.map(Id::r));
            let (kinds, stays_on) = (one.kinds(), self.stays_on(one.card, ctx));
            let room = u32::try_from(room).unwrap_or(0);
            known.push(Known { expert, person, unit, kinds, stays_on, room });
            apart.extend(self.apart_of(&one, ctx));
            all.push(one);
        }
        let eligible = self.candidates.iter().map(|entry| {
            let free = |(one, known): (&Asked, &Known)| {
                let is_apart = apart.contains(&Apart { person: one.person, candidate: entry.candidate });
                known.room > 0 && one.is_of_field(entry) && !is_apart
            };
            let places =
                all.iter().zip(&known).zip(0..).filter(|(both, _)| free(*both)).map(|(_, place)| place);
            Eligible { candidate: entry.candidate, experts: places.collect() }
        });
        let eligible = eligible.collect();
        let unit_most = u32::try_from(self.unit_most(ctx)).ok();
        let (lot, at, order) = (ctx.promise(), ctx.now, vec![]);
        let lots = Lots { lot, at, known, eligible, unit_most, drawn: None, order };
        Ok(say(ListFixed { lots: Box::new(lots), apart }))
    }

    fn draws(&self, ctx: &Ctx) -> Said {
        let waiting = self.lots.as_ref().filter(|lots| lots.drawn.is_none());
        let Some((lots, drawn)) = waiting.and_then(|lots| Some((lots, ctx.draw(&lots.lot)?))) else {
            return not_now();
        };
        let Some(seed) = drawn.seed([self.itself.id().as_str()]) else { return not_now() };
        let each = usize::try_from(self.each).unwrap_or(1);
        let unit_most = lots.unit_most.and_then(|most| usize::try_from(most).ok());
        let order = lots::draw(lots, each, unit_most.unwrap_or(self.unit_most(ctx)), seed);
        Ok(say(LotsDrawn { drawn, order }))
    }

    /// Those drawn for a candidate, in order.
    fn order(&self, candidate: Id) -> Result<Vec<&Known>, No<Refusal>> {
        let drawn = self.lots.as_ref().filter(|lots| lots.drawn.is_some()).ok_or(No::NotNow)?;
        let order = drawn.order.iter().find(|one| one.candidate == candidate);
        let places = order.map_or(&[][..], |one| one.experts.as_slice());
        let of = |place: &u32| usize::try_from(*place).ok().and_then(|place| drawn.known.get(place));
        Ok(places.iter().filter_map(of).collect())
    }

    fn is_passed(&self, candidate: Id, expert: Ref<Expert>) -> bool {
        self.passed.iter().any(|one| one.candidate == candidate && one.expert == expert.id())
    }

    /// The next one in drawn order who has not been asked or passed over, has room, and whose unit has not its part.
    fn next(&self, candidate: Id, more: &[Seat], ctx: &Ctx) -> Result<Option<&Known>, No<Refusal>> {
        let most = self.unit_most(ctx);
        let fresh: Vec<&Seat> = more.iter().filter(|seat| seat.candidate == candidate).collect();
        let asked = |known: &Known| {
            let before = self.seats.iter().filter(|seat| seat.candidate == candidate);
            before.chain(fresh.iter().copied()).any(|seat| seat.expert == known.expert)
        };
        let of_unit = |known: &Known| {
            let all = self.live(candidate).chain(fresh.iter().copied());
            all.filter(|seat| seat.unit.is_some() && seat.unit == known.unit).count()
        };
        let can = |known: &&&Known| {
            !asked(known)
                && !self.is_passed(candidate, known.expert)
                && self.load(known.expert, more) < i64::from(known.room)
                && of_unit(known) < most
        };
        let order = self.order(candidate)?;
        Ok(order.iter().find(can).copied())
    }

    fn invites(&self, candidates: &[Id], ctx: &Ctx) -> Said {
        ensure(!candidates.is_empty(), NothingNamed)?;
        let mut seats: Vec<Seat> = Vec::new();
        for candidate in candidates.iter().copied() {
            self.entry(candidate)?;
            let has =
                self.live(candidate).chain(seats.iter().filter(|seat| seat.candidate == candidate)).count();
            for _ in has..usize::try_from(self.each).unwrap_or(1) {
                let next = self.next(candidate, &seats, ctx)?.ok_or(NobodyLeft { candidate })?;
                let n = u32::try_from(seats.len()).unwrap_or(0) + 1;
                seats.push(next.seat(candidate, n, ctx));
            }
        }
        ensure(!seats.is_empty(), NothingNamed)?;
        self.opens(seats, vec![], ctx)
    }

    fn replaces(
        &self,
        review: Ref<Review>,
        expert: Option<Ref<Expert>>,
        reason: &Text<500>,
        ctx: &Ctx,
    ) -> Said {
        let seat_of = |seat: &&Seat| seat.review == review && seat.ended.is_none();
        let old = self.seats.iter().find(seat_of).ok_or(NotASeat { review })?;
        if self.taken.iter().any(|taken| taken.review == review.id()) {
            return not_now();
        }
        let mut after = self.clone();
        after
            .seats
            .iter_mut()
            .filter(|seat| seat.review == review)
            .for_each(|s| s.ended = Some(reason.clone()));
        let candidate = old.candidate;
        let next = after.next(candidate, &[], ctx).unwrap_or(None);
        let known = expert.map(|expert| Asked::of(expert, ctx));
        let (seats, apart) = match (&known, next) {
            (Some(_), Some(_)) => return Err(No::Because(DrawnByLot { candidate }, Some(BY_LOT.id()))),
            (Some(one), None) => {
                after.fits(candidate, one, &[], ctx)?;
                (vec![one.seat(self, candidate, 1, ctx)], after.apart_of(one, ctx))
            }
            (None, Some(next)) => (vec![next.seat(candidate, 1, ctx)], vec![]),
            (None, None) => (vec![], vec![]),
        };
        let gone = say(Released { review, reason: reason.clone() })
            .and(tell(review, &review::Command::Replace { reason: reason.clone() }));
        if seats.is_empty() {
            return Ok(gone);
        }
        let tells: Vec<_> = seats.iter().map(|seat| self.open_review(seat, ctx)).collect();
        Ok(tells.into_iter().fold(gone.say(Event::Assigned { seats, apart }), Script::and))
    }
}

impl Asked<'_> {
    fn seat(&self, panel: &Panel, candidate: Id, n: u32, ctx: &Ctx) -> Seat {
        let stays_on = panel.stays_on(self.card, ctx);
        let (person, unit, kinds) = (self.person.r(), self.unit.map(Id::r), self.kinds());
        Seat { review: ctx.fresh(n), candidate, expert: self.id, person, unit, kinds, stays_on, ended: None }
    }
}
