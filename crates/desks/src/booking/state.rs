//! State: what a booking is after each event, what it wishes of time, and its card.

use engines::booking::{HOUR, MINUTE};
use grammar::prelude::*;

use super::{
    Booking, Came, Charge, Command,
    Event::{self, *},
    OFFICE, Presence, Rating, Sitting, Sittings, Skips, figures,
};
use crate::{calendar::Times, instrument::Confirmation};

/// How long after its end a sitting that nobody stopped is stopped by itself.
const GRACE: i64 = HOUR;

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Status {
    /// Its sittings are being sorted, within one case.
    Planning,
    Requested,
    Quoted,
    Contracted,
    Scheduled,
    Running,
    Used,
    Reported,
    Paid,
    Rated,
    Waiting,
    Offered,
    Cancelled,
    TurnedDown,
    Lapsed,
    Absent,
    Displaced,
}

impl Status {
    /// Its times are held, and it has not begun.
    pub(super) fn is_ahead(self) -> bool {
        matches!(self, Self::Requested | Self::Quoted | Self::Contracted | Self::Scheduled)
    }

    /// Something of it is or may come to be owed, or has been paid.
    pub(super) fn is_agreed(self) -> bool {
        use Status::{Absent, Cancelled, Contracted, Paid, Rated, Reported, Running, Scheduled, Used};
        matches!(self, Contracted | Scheduled | Running | Used | Reported | Paid | Rated | Cancelled | Absent)
    }
}

impl Booking {
    pub(super) fn begun(event: &Event) -> Self {
        let (Requested { itself, request, terms, booker, price }
        | Queued { itself, request, terms, booker, price }
        | Allotted { itself, request, terms, booker, price, .. }
        | TookTurn { itself, request, terms, booker, price, .. }) = event.clone()
        else {
            impossible(event)
        };
        let waits = matches!(event, Queued { .. });
        let mut request = request;
        // All answers lie together, those of the end too.
        let answers = std::mem::take(&mut request.answers);
        let answers = answers.iter().cloned().collect();
        let proposal = if let Allotted { proposal, .. } = event { Some(*proposal) } else { None };
        let turn = if let TookTurn { turn, .. } = event { Some(*turn) } else { None };
        let wished: Vec<Sitting> = request.wished().into_iter().map(Sitting::planned).collect();
        let is_series = request.every.is_some() || turn.is_some();
        let sittings = if is_series { Sittings::default() } else { List::new(wished).unwrap_or_default() };
        let status = match (waits, is_series) {
            (true, _) => Status::Waiting,
            (_, true) => Status::Planning,
            _ => Status::Requested,
        };
        let (paid, fee, compensation) = (Money::ZERO, Money::ZERO, Money::ZERO);
        Self {
            itself,
            status,
            request,
            terms,
            booker,
            sittings,
            skipped: Skips::default(),
            price,
            paid,
            fee,
            compensation,
            until: None,
            contract: None,
            operator: None,
            report: None,
            rating: None,
            reason: None,
            proposal,
            prepared: vec![],
            invoices: vec![],
            void: vec![],
            answers,
            works: vec![],
            charge: Charge::default(),
            split: vec![],
            inside: None,
            beside: None,
            turn,
        }
    }

    pub(super) fn after(mut self, event: &Event) -> Self {
        self.goes_on(event);
        self
    }

    fn goes_on(&mut self, event: &Event) {
        match event.clone() {
            Requested { .. } | Queued { .. } | Allotted { .. } | TookTurn { .. } => impossible(event),
            Planned { sittings, skipped, price } => {
                (self.sittings, self.skipped, self.price) = (sittings, skipped, price);
                self.status = Status::Requested;
            }
            Quoted { price, until, .. } => {
                (self.status, self.price, self.until) = (Status::Quoted, price, Some(until));
            }
            Contracted { price, contract } => {
                (self.status, self.price, self.contract, self.until) =
                    (Status::Contracted, price, contract, None);
            }
            Scheduled { operator } => {
                (self.status, self.until) = (Status::Scheduled, None);
                self.operator = operator.or(self.operator);
            }
            Reported { report, price, .. } => {
                self.charge.agreed = Some(self.price);
                (self.report, self.price) = (Some(report), price);
                self.status = if self.paid >= self.owed() { Status::Paid } else { Status::Reported };
            }
            Paid { amount, .. } => {
                self.paid += amount;
                if self.status == Status::Reported && self.paid >= self.owed() {
                    self.status = Status::Paid;
                }
            }
            Rated { stars, comment } => {
                (self.status, self.rating) = (Status::Rated, Some(Rating { stars, comment, answer: None }));
            }
            RatingAnswered { text } => {
                self.rating.iter_mut().for_each(|rating| rating.answer = Some(text.clone()));
            }
            Cancelled { fee, price, reason, .. } => {
                self.fee += fee;
                (self.price, self.reason, self.until) = (price, reason, None);
                self.is_cancelled();
            }
            Credited(work) => self.works.push(work),
            TurnedDown { reason } => (self.status, self.reason) = (Status::TurnedDown, Some(reason)),
            PreEmpted { reason, .. } => (self.status, self.reason) = (Status::Requested, Some(reason)),
            Prepared { .. } | Invoiced(_) | InvoiceVoided { .. } => self.comes_with_more(event),
            ChargeChecked { .. }
            | Adjusted { .. }
            | AdjustmentApproved { .. }
            | AdjustmentRefused { .. }
            | Contested { .. }
            | Upheld { .. }
            | Refunded { .. } => self.charge_changes(event),
            Event::Split { .. } | ShareAgreed { .. } | ShareDeclined { .. } => self.is_split_anew(event),
            Answered { .. } => self.keeps_answers(event),
            Moved { .. } | Started { .. } | Stopped { .. } | Missed { .. } | Displaced { .. } => {
                self.a_sitting_changes(event);
            }
            Event::Offered { until } => (self.status, self.until) = (Status::Offered, Some(until)),
            TakenUp => (self.status, self.until) = (Status::Requested, None),
            Event::Lapsed => (self.status, self.until) = (Status::Lapsed, None),
        }
    }

    /// What was to come does not come; what was used stays.
    fn is_cancelled(&mut self) {
        for sitting in self.sittings.iter_mut().filter(|sitting| sitting.came == Came::Planned) {
            sitting.came = Came::Cancelled;
        }
        let was_used = self.sittings.iter().any(|sitting| sitting.came == Came::Done);
        self.status = if was_used { Status::Used } else { Status::Cancelled };
    }

    fn a_sitting_changes(&mut self, event: &Event) {
        match event.clone() {
            Moved { sitting, from, until, price } => {
                self.at(sitting, |moved| moved.times = Times { from, until });
                self.price = price;
            }
            Started { sitting, at, laboratory, companion } => {
                (self.inside, self.beside) = (laboratory, companion);
                self.at(sitting, |sitting| (sitting.came, sitting.started) = (Came::Running, Some(at)));
                self.status = Status::Running;
            }
            Stopped { sitting, at, .. } => {
                (self.inside, self.beside) = (None, None);
                self.at(sitting, |sitting| (sitting.came, sitting.stopped) = (Came::Done, Some(at)));
                self.status = self.after_a_sitting();
            }
            Missed { sitting, fee, price } => {
                self.at(sitting, |sitting| sitting.came = Came::Missed);
                self.fee += fee;
                self.price = price;
                self.status = self.after_a_sitting();
            }
            Displaced { sittings, price, compensation, .. } => {
                for from in sittings.iter() {
                    self.at(*from, |sitting| sitting.came = Came::Displaced);
                }
                self.price = price;
                self.compensation += compensation;
                if self.ahead().is_none() {
                    self.status = self.after_a_sitting();
                }
            }
            other => impossible(&other),
        }
    }

    fn at(&mut self, from: Moment, change: impl FnOnce(&mut Sitting)) {
        match self.sittings.iter_mut().find(|sitting| sitting.times.from == from) {
            Some(sitting) => change(sitting),
            None => impossible(&("no sitting begins then", from)),
        }
    }

    /// The first sitting that is still to come.
    pub(super) fn ahead(&self) -> Option<&Sitting> {
        let planned = self.sittings.iter().filter(|sitting| sitting.came == Came::Planned);
        planned.min_by_key(|sitting| sitting.times.from)
    }

    pub(super) fn running(&self) -> Option<&Sitting> {
        self.sittings.iter().find(|sitting| sitting.came == Came::Running)
    }

    fn after_a_sitting(&self) -> Status {
        let has = |came| self.sittings.iter().any(|sitting| sitting.came == came);
        if self.ahead().is_some() {
            Status::Scheduled
        } else if has(Came::Done) {
            Status::Used
        } else if has(Came::Missed) {
            Status::Absent
        } else {
            Status::Displaced
        }
    }

    /// The price of what is or was used, and the fees for what was not.
    pub(super) fn owed(&self) -> Money {
        self.price + self.fee
    }

    /// Minutes that really ran.
    pub(super) fn ran(&self) -> i64 {
        self.sittings.iter().map(Sitting::ran).sum()
    }

    /// What must always hold.
    pub(super) fn holds(&self) {
        assert!(self.request.no_secrets && self.price >= Money::ZERO && self.fee >= Money::ZERO);
        assert!(self.compensation >= Money::ZERO && self.paid >= Money::ZERO);
        let running = self.sittings.iter().filter(|sitting| sitting.came == Came::Running).count();
        assert_eq!(running, usize::from(self.status == Status::Running));
    }

    pub(super) fn wish(&self) -> Option<Due<Command>> {
        let first = self.ahead().map(|sitting| sitting.times);
        match self.status {
            Status::Requested | Status::Contracted | Status::Waiting => {
                first.map(|times| Due::at(times.from, Command::Lapse))
            }
            Status::Quoted | Status::Offered => {
                let until = self.until.into_iter().chain(first.map(|times| times.from)).min();
                until.map(|until| Due::at(until, Command::Lapse))
            }
            Status::Scheduled => match self.begins_by() {
                Some(by) => Some(Due::at(by, Command::Lapse)),
                None => first.map(|times| Due::at(self.absent_from(times), Command::Miss)),
            },
            Status::Running => {
                let until = self.running().map(|sitting| sitting.times.until)?;
                Some(Due::at(until.plus_millis(GRACE), Command::StopByItself))
            }
            _ => None,
        }
    }

    pub(super) fn front(&self) -> Card {
        let (terms, request) = (&self.terms, &self.request);
        let mut card = Card::new()
            .title(&terms.title)
            .status(&grammar::desk::plain_word(&self.status))
            .region(terms.region)
            .amount(self.price)
            .party("itself", self.itself.id())
            .party("instrument", request.instrument.id())
            .party("provider", terms.provider.id())
            .party("buyer", request.buyer.id())
            .inside("provider")
            .inside("buyer")
            .inside_office(OFFICE)
            .inside_office("auditor")
            .facet("purpose", grammar::desk::plain_word(&request.purpose))
            .facet("kind", if terms.is_inside { "inside" } else { "outside" })
            .fact("price", self.price)
            .fact("paid", self.paid)
            .fact("fee", self.fee)
            .fact("unready", self.request.setups.len().saturating_sub(self.prepared.len()))
            .facet("way", grammar::desk::plain_word(&request.way.unwrap_or(Presence::OnSite)))
            .fact("needs_quote", terms.confirmation == Confirmation::ByQuote)
            .fact("sittings", self.sittings.iter().map(|sitting| sitting.times).collect::<Vec<_>>());
        if let Some(by) = self.begins_by().or_else(|| self.is_waited_for_until()) {
            card = card.fact("begin_by", by);
        }
        if let Some(agreed) = &terms.agreed {
            card = card.party("agreement", agreed.agreement.id());
        }
        if let Some(proposal) = self.proposal {
            card = card.party("proposal", proposal.id());
        }
        if let Some(times) = self.sittings.first().map(|sitting| sitting.times) {
            let last = self.sittings.last().map_or(times.until, |sitting| sitting.times.until);
            card = card.from(times.from.day()).until(last.plus_millis(-MINUTE).day());
        }
        if let Some(used) = self.used() {
            card = card.fact("use", used);
        }
        self.answered(self.charged(self.with_payers(card)))
    }

    /// What the assessment reads of it, once the keeper has reported.
    fn used(&self) -> Option<figures::Use> {
        let first = self.sittings.iter().find_map(|sitting| sitting.started)?;
        self.report.as_ref()?;
        Some(figures::Use {
            booking: self.itself.id(),
            instrument: self.request.instrument.id(),
            unit: self.terms.provider.id(),
            buyer: self.request.buyer.id(),
            year: first.day().year(),
            minutes: self.ran(),
            income: self.paid.min(self.owed()),
            is_inside: self.terms.is_inside,
            is_related: self.terms.is_related,
            purpose: self.request.purpose,
            works: self.works.len(),
            named: self.works.iter().filter(|work| work.names_instrument).count(),
            ran: self.sittings.iter().filter_map(Sitting::span).collect(),
        })
    }
}
