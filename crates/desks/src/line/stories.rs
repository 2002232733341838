//! What a line does alone. Who is called when is told beside bookings, with their calendars.

use super::*;

#[test]
fn the_name_of_a_line_follows_from_its_instrument() {
    let of = |id: &'static str| name(Id::named(id).r()).to_string();
    assert_eq!(of("instrument-tem"), "line-tem");
    assert_eq!(of("instrument-5x2-a"), "line-5x2xa");
}
