//! State: what a visit is after each event, what it wishes of time, and its card.

use grammar::prelude::*;

use super::{
    Comer, Command,
    Event::{self, *},
    Numbers, Standing, Status, Visit, Visitors,
};

fn coming(visitors: &Visitors) -> Vec<Comer> {
    let comer = |name: &Personal<Text<60>>| Comer {
        name: Some(name.clone()),
        standing: Standing::Expected,
        came: None,
        left: None,
    };
    visitors.iter().map(|visitor| comer(&visitor.name)).collect()
}

impl Visit {
    pub(super) fn begun(event: &Event) -> Self {
        let (Announced { occasion, title, lead, region, notes, .. }
        | Invited { occasion, title, lead, region, notes, .. }) = event.clone()
        else {
            impossible(event)
        };
        let (status, coming, host, conditions) = match event.clone() {
            Invited { host, conditions, .. } => (Status::Invited, vec![], Some(host), conditions),
            Announced { visitors, .. } => (Status::Announced, coming(&visitors), None, None),
            other => impossible(&other),
        };
        Self {
            status,
            occasion,
            title,
            lead,
            region,
            coming,
            host,
            conditions,
            notes,
            confirmed: None,
            reason: None,
            ended: None,
            names_until: None,
        }
    }

    pub(super) fn changes(&mut self, event: &Event) {
        match event.clone() {
            Announced { .. } | Invited { .. } => impossible(event),
            FilledIn { visitors } => {
                (self.status, self.coming) = (Status::Accepted, coming(&visitors));
            }
            Amended { purpose, from, until, visitors } => {
                (self.occasion.purpose, self.occasion.from, self.occasion.until) = (purpose, from, until);
                self.status = Status::Announced;
                if !visitors.is_empty() {
                    self.coming = coming(&visitors);
                }
            }
            Accepted { host, conditions } => {
                (self.status, self.host, self.conditions) = (Status::Accepted, Some(host), conditions);
            }
            Declined { reason, at, names_until } => {
                self.is_over(Status::Declined, at, names_until);
                self.reason = Some(reason);
            }
            Withdrawn { reason, at, names_until } => {
                self.is_over(Status::Withdrawn, at, names_until);
                self.reason = reason;
            }
            Lapsed { at, names_until } => self.is_over(Status::Lapsed, at, names_until),
            SafetyConfirmed(confirmed) => self.confirmed = Some(confirmed),
            Arrived { visitors, at } => {
                self.each(&visitors, |comer| {
                    (comer.standing, comer.came, comer.left) = (Standing::Inside, Some(at), None);
                });
                self.status = Status::Inside;
            }
            Left { visitors, at } => {
                self.each(&visitors, |comer| (comer.standing, comer.left) = (Standing::Left, Some(at)));
                let is_inside = self.inside() > 0;
                self.status = if is_inside { Status::Inside } else { Status::Accepted };
            }
            Ended { signed_out, at, names_until } => {
                self.each(&signed_out, |comer| {
                    (comer.standing, comer.left) = (Standing::SignedOut, Some(at));
                });
                self.is_over(Status::Over, at, names_until);
            }
            Forgotten => self.coming.iter_mut().for_each(|comer| comer.name = None),
        }
    }

    fn is_over(&mut self, status: Status, at: Moment, names_until: Day) {
        (self.status, self.ended, self.names_until) = (status, Some(at), Some(names_until));
    }

    fn each(&mut self, visitors: &Numbers, change: impl Fn(&mut Comer)) {
        for number in visitors.iter() {
            let place = usize::try_from(number.get() - 1).ok();
            match place.and_then(|place| self.coming.get_mut(place)) {
                Some(comer) => change(comer),
                None => impossible(&("no such visitor", number)),
            }
        }
    }

    /// How many are inside now.
    fn inside(&self) -> usize {
        self.coming.iter().filter(|comer| comer.standing == Standing::Inside).count()
    }

    pub(super) fn wish(&self) -> Option<Due<Command>> {
        match self.status {
            Status::Announced | Status::Invited => Some(Due::at(self.occasion.until, Command::Lapse)),
            Status::Accepted | Status::Inside => Some(Due::at(self.occasion.until, Command::End)),
            _ => self.names_until.filter(|_| self.is_named()).map(|day| Due::after(day, Command::Forget)),
        }
    }

    pub(super) fn front(&self) -> Card {
        let occasion = &self.occasion;
        let (zh, en) = (self.title.zh(), self.title.en());
        let to_confirm = self.status.is_open() && self.notes.is_some() && self.confirmed.is_none();
        let mut card = Card::new()
            .titled(format!("来访：{zh}"), format!("Visit: {en}"))
            .status(&grammar::desk::plain_word(&self.status))
            .region(self.region)
            .from(occasion.from.day())
            .until(occasion.until.plus_millis(-1).day())
            .party("lead", self.lead.id())
            .party("visiting", occasion.visiting.id())
            .party("laboratory", occasion.laboratory.id())
            .inside("lead")
            .inside("visiting")
            .inside("host")
            .fact("from", occasion.from)
            .fact("until", occasion.until)
            .fact("coming", self.coming.len())
            .fact("inside", self.inside())
            .fact("to_confirm", to_confirm);
        let named = [
            ("host", self.host.map(|host| host.id())),
            ("booking", occasion.booking.map(|booking| booking.id())),
            ("proposal", occasion.proposal.map(|proposal| proposal.id())),
            ("order", occasion.order.map(|order| order.id())),
        ];
        for (part, id) in named {
            card = id.map_or(card.clone(), |id| card.party(part, id));
        }
        card
    }

    /// What must always hold.
    pub(super) fn holds(&self) {
        assert!(self.occasion.from < self.occasion.until);
        assert_eq!(self.status == Status::Inside, self.inside() > 0, "inside as long as somebody is");
        assert_eq!(self.status.is_open(), self.names_until.is_none());
        assert!(self.status == Status::Invited || !self.coming.is_empty() || !self.status.is_open());
        assert!(self.host.is_some() || !matches!(self.status, Status::Accepted | Status::Inside));
    }
}
