//! Front: what lists, search and other desks may know of an instrument.

use grammar::prelude::*;

use super::{Instrument, Sharing, Status};

impl Instrument {
    /// Whether units outside can use it now.
    #[must_use]
    fn is_open(&self) -> bool {
        self.status == Status::Normal && self.entry.terms.sharing == Sharing::External
    }

    pub(super) fn front(&self) -> Card {
        let (entry, duty) = (&self.entry, &self.duty);
        let sharing = grammar::desk::plain_word(&entry.terms.sharing);
        let mut card = Card::new()
            .title(&entry.name)
            .status(&grammar::desk::plain_word(&self.status))
            .region(entry.region)
            .key("instrument", &entry.code)
            .amount(entry.value)
            .party("itself", self.itself.id())
            .party("unit", entry.unit.id())
            .text(&entry.functions.joined())
            .facet("category", grammar::desk::plain_word(&entry.category))
            .facet("sharing", &sharing)
            .fact("sharing", &sharing)
            .fact("must_report", duty.must_report)
            .fact("reported_late", duty.reported_late)
            .fact("in_national_scope", duty.in_national_scope)
            .keywords(entry.keywords.iter().map(ToString::to_string).collect::<Vec<_>>().join(" "))
            .source(entry.source.as_deref().unwrap_or(""));
        for text in entry.model.as_deref().into_iter().chain(entry.maker.as_deref()) {
            card = card.text(text);
        }
        if let Some(samples) = &entry.samples {
            card = card.text(&samples.joined());
        }
        if let Some(laboratory) = entry.laboratory {
            card = card.party("laboratory", laboratory.id());
        }
        if let Some(field) = entry.field {
            card = card.field(&field.word());
        }
        if let Some(place) = entry.place {
            card = card.place(place.latitude(), place.longitude());
        }
        if let Some(back) = self.back {
            card = card.until(back);
        }
        if let Some(using) = &self.using {
            card = card.fact("using", using);
        }
        if !self.questions.is_empty() {
            card = card.fact("questions", &self.questions);
        }
        if !self.unattended.is_empty() {
            card = card.fact("unattended", &self.unattended);
        }
        if let Some(receiver) = self.receiver {
            card = card.party("receiver", receiver.id());
        }
        for measured in entry.measures.iter() {
            card = card.text(measured);
        }
        self.inner(card).offer_if(self.is_open())
    }
}
