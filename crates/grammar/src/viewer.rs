//! Who looks and who asks: persons with their organisations and offices, and who may do what.

use crate::{
    card::Card,
    kinds::{Id, REGION_ALL, Region},
};

/// Someone who looks or asks, with all that the charter knows of them.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Viewer {
    /// The person signed in; `None` for the public and for the clock.
    pub person: Option<Id>,
    /// Whom the person acts for: then all the rest is what both have.
    pub acting_for: Option<Id>,
    /// Organisations the person belongs to today.
    pub organisations: Vec<Id>,
    /// Organisations the person may sign for today.
    pub signs_for: Vec<Id>,
    /// Offices the person holds today, each in its region.
    pub offices: Vec<(String, Region)>,
    /// Time itself asks.
    pub is_clock: bool,
    /// The desk that asks, when a command was told.
    pub told_by: Option<&'static str>,
    /// The record that asks, when a command was told.
    pub teller: Option<Id>,
}

impl Viewer {
    /// Someone who has not signed in.
    #[must_use]
    pub fn public() -> Self {
        Self::default()
    }

    #[must_use]
    pub fn clock() -> Self {
        Self { is_clock: true, ..Self::default() }
    }

    /// A deputy who acts for another: the rights that both have, and no others. What only one of them may see
    /// or do by name is neither's now; an office counts in the region that both hold it for.
    #[must_use]
    pub fn both(deputy: &Self, other: &Self) -> Self {
        let common = |one: &[Id], two: &[Id]| one.iter().filter(|id| two.contains(id)).copied().collect();
        let mut offices: Vec<(String, Region)> = Vec::new();
        for (office, here) in &deputy.offices {
            for (_, there) in other.offices.iter().filter(|(held, _)| held == office) {
                // Regions lie within each other or apart; the narrower one is what both have.
                let narrower =
                    if here.covers(*there) { Some(*there) } else { there.covers(*here).then_some(*here) };
                offices.extend(narrower.map(|region| (office.clone(), region)));
            }
        }
        offices.sort();
        offices.dedup();
        Self {
            person: deputy.person,
            acting_for: other.person.or(deputy.acting_for),
            organisations: common(&deputy.organisations, &other.organisations),
            signs_for: common(&deputy.signs_for, &other.signs_for),
            offices,
            ..Self::default()
        }
    }

    /// Whether `id` is the person, who then acts for nobody else, or one of the person's organisations.
    #[must_use]
    pub fn is(&self, id: Id) -> bool {
        self.is_itself(id) || self.organisations.contains(&id)
    }

    /// Whether `id` is the person, acting for nobody else.
    #[must_use]
    pub fn is_itself(&self, id: Id) -> bool {
        self.person == Some(id) && self.acting_for.is_none()
    }

    /// Whether `id` is the person, or whom the person acts for: what bars one of them bars both.
    #[must_use]
    pub fn is_touched(&self, id: Id) -> bool {
        [self.person, self.acting_for].contains(&Some(id))
    }

    /// All that this viewer is: itself, unless it acts for another, and its organisations.
    pub fn selves(&self) -> impl Iterator<Item = Id> + '_ {
        let itself = self.person.filter(|_| self.acting_for.is_none());
        itself.into_iter().chain(self.organisations.iter().copied())
    }

    /// Whether the person holds this office in a region that covers `region`.
    #[must_use]
    pub fn holds(&self, office: &str, region: Region) -> bool {
        self.offices.iter().any(|(held, place)| held == office && place.covers(region))
    }

    /// Whether the card names the viewer among those who see everything.
    #[must_use]
    pub fn is_inside(&self, card: &Card) -> bool {
        let by_part = card.insiders.iter().any(|part| card.holders(part).any(|id| self.is(id)));
        let by_office = card.inside_offices.iter().any(|office| self.holds(office, card.scope()));
        by_part || by_office || self.is_clock
    }
}

/// Who may ask a command at all.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Who {
    Anyone,
    /// Anyone signed in.
    Member,
    /// Someone the record's card names in this part, or who belongs to an organisation it names.
    Party(&'static str),
    /// Someone who may sign for the organisation the card names in this part.
    Signatory(&'static str),
    /// Someone who holds this office in a region that covers the record's.
    Office(&'static str),
    /// The same, or in one of the further regions the card names: for records of several regions, where each
    /// acts for its own part. The desk says which part is whose.
    OfficeAmong(&'static str),
    /// No person directly; only this desk, by telling.
    Desk(&'static str),
    Clock,
    Either(&'static [Self]),
    /// Four eyes: a second qualified person must endorse before it happens.
    Two(&'static Self),
}

impl Who {
    /// Whether `viewer` may ask this of the record whose card this is. For a new record it is the card
    /// the record would have.
    #[must_use]
    pub fn allows(self, viewer: &Viewer, card: &Card) -> bool {
        match self {
            Self::Desk(desk) => viewer.told_by == Some(desk),
            Self::Either(some) => some.iter().any(|who| who.allows(viewer, card)),
            Self::Two(who) => who.allows(viewer, card),
            Self::Clock => viewer.is_clock,
            _ if viewer.told_by.is_some() => false,
            Self::Anyone => true,
            Self::Member => viewer.person.is_some(),
            Self::Party(part) => card.holders(part).any(|id| viewer.is(id)),
            Self::Signatory(part) => {
                card.holders(part).any(|id| viewer.is_itself(id) || viewer.signs_for.contains(&id))
            }
            Self::Office(office) => viewer.holds(office, card.scope()),
            Self::OfficeAmong(office) => {
                viewer.holds(office, card.scope())
                    || card.also.iter().any(|place| viewer.holds(office, *place))
            }
        }
    }

    /// Whether anyone at all but the clock and other desks may ask it: whether it has a form.
    #[must_use]
    pub fn is_for_people(self) -> bool {
        match self {
            Self::Desk(_) | Self::Clock => false,
            Self::Either(some) => some.iter().any(|who| who.is_for_people()),
            _ => true,
        }
    }

    /// Whether `viewer` could ever ask it, of some record: what menus offer.
    #[must_use]
    pub fn might_allow(self, viewer: &Viewer) -> bool {
        match self {
            Self::Anyone => true,
            Self::Member | Self::Party(_) => viewer.person.is_some(),
            Self::Signatory(_) => !viewer.signs_for.is_empty() || viewer.person.is_some(),
            Self::Office(office) | Self::OfficeAmong(office) => {
                viewer.offices.iter().any(|(held, _)| held == office)
            }
            Self::Either(some) => some.iter().any(|who| who.might_allow(viewer)),
            Self::Two(who) => who.might_allow(viewer),
            Self::Desk(_) | Self::Clock => false,
        }
    }

    /// Whether a second person must endorse.
    #[must_use]
    pub fn needs_two(self) -> bool {
        matches!(self, Self::Two(_))
    }

    /// The parts and offices it names, for the charter table and for refusals: `office:screening`.
    #[must_use]
    pub fn names(self) -> Vec<String> {
        match self {
            Self::Anyone => vec!["anyone".into()],
            Self::Member => vec!["member".into()],
            Self::Party(part) => vec![format!("party:{part}")],
            Self::Signatory(part) => vec![format!("signatory:{part}")],
            Self::Office(office) | Self::OfficeAmong(office) => vec![format!("office:{office}")],
            Self::Desk(desk) => vec![format!("desk:{desk}")],
            Self::Clock => vec!["clock".into()],
            Self::Either(some) => some.iter().flat_map(|who| who.names()).collect(),
            Self::Two(who) => who.names().into_iter().map(|name| format!("two:{name}")).collect(),
        }
    }
}

/// The whole country, for offices without a narrower region.
pub const EVERYWHERE: Region = REGION_ALL;
