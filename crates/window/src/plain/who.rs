//! Who: who may ask something, before it is known what of.

use grammar::{
    clerk::Clerk,
    form::{Dice, Verb},
    kinds::Id,
    viewer::Who,
};

use crate::guest::Guest;

/// Who may ask this, as far as that does not hang on what is asked; `None` where no command can be made up.
#[must_use]
pub fn who(guest: &Guest, clerk: &dyn Clerk, verb: &Verb) -> Option<Who> {
    let some = |_: &str, _: &mut Dice| Some(Id::named("none"));
    clerk.who(&verb.sample(&mut Dice::new(3), guest.house.registry.now().day(), &some)?)
}
