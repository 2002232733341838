//! Forms say which sitting they move, what cancelling costs, and what is offered beside a free time.

use super::{
    sharing::{book, first_free, instrument, using},
    *,
};

#[test]
fn whoever_moves_or_cancels_knows_which_and_what_it_costs() {
    let town = town();
    let keeper = sign_in(&town, "scientist", "en");
    let at = instrument(&town, &keeper);
    let action = format!("{at}/set-using");
    let mut terms = using("200").to_vec();
    terms.retain(|(field, _)| *field != "using.needs_permit");
    terms.extend([("using.late_hours", "24"), ("using.late_share", "30%"), ("using.needs_permit", "no")]);
    location(&keeper.send(&action, &action, &terms));
    let firm = sign_in(&town, "firm", "en");
    let booking = book(&firm, &town.firm.to_string(), &first_free(&firm.get(&format!("{at}/calendar")).1));

    let form = firm.get(&format!("{booking}/move")).1;
    let filled = form.matches("value=\"2026-03-03T09:00\"").count();
    assert_eq!(filled, 2, "which sitting, and from when: {}", text_of(&form));
    let form = text_of(&firm.get(&format!("{booking}/cancel")).1);
    assert!(form.contains("cancelling costs 30% of the price"), "{form}");
    assert!(form.contains("What it is about") && form.contains("Cancel the booking"), "{form}");
    let other = text_of(&sign_in(&town, "joint", "en").get(&format!("{at}/set-using")).1);
    assert!(other.contains("You cannot do this now") && other.contains("Only these may do it"), "{other}");

    let free = text_of(&firm.get("/free?day=2026-03-10").1);
    assert!(free.contains("200 an hour") && !free.contains("price on request"), "{free}");
}
