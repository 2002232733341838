//! Following: the log is followed in small steps by whatever acts on what has changed.
//!
//! Each turn looks at some records of one desk, and the place is kept. Only the node that writes follows; another that takes over
//! goes on from there. What fails is looked at again, so whatever is done twice must be done once.

use grammar::viewer::Viewer;
use registry::{Broken, FOREVER, Look, Record, Registry, Writer};

/// Facts that are passed over in one turn.
const FACTS_MAX: u64 = 5_000;
/// Facts that may be followed again after a restart, when none of them was about the desk.
const AGAIN_MAX: u64 = 1_000;
/// Where the places in the log are kept.
const SPACE: &str = "watch";

/// How far the log has been followed.
#[derive(Debug)]
pub struct Follower {
    /// Under this name the place is kept.
    name: &'static str,
    desk: &'static str,
    /// Records that are looked at in one turn; the others wait for the next.
    most: u32,
    /// Unknown until the store is asked: another node may have come further.
    place: Option<u64>,
    /// The place that was kept last.
    kept: u64,
}

impl Follower {
    pub fn new(name: &'static str, desk: &'static str, most: u32) -> Self {
        Self { name, desk, most, place: None, kept: 0 }
    }

    /// Looks at some records that have changed since the last turn, as time sees them. `each` gives what was done for one; nothing
    /// when this turn has done enough, and the record waits for the next. Gives the sum.
    ///
    /// # Errors
    /// When the store cannot be used, or `each` fails; the next turn begins at the same place.
    pub fn turn(
        &mut self,
        registry: &Registry,
        mut each: impl FnMut(&Look, &Record) -> Result<Option<usize>, Broken>,
    ) -> Result<usize, Broken> {
        if registry.writer() != Writer::Here {
            self.place = None;
            return Ok(0);
        }
        let place = match self.place {
            Some(place) => place,
            None => registry.kept(SPACE, self.name)?.unwrap_or(0),
        };
        let size = registry.size();
        if place >= size {
            self.place = Some(place);
            return Ok(0);
        }
        // Whatever fails from here on is looked at again.
        self.place = None;
        let until = size.min(place.saturating_add(FACTS_MAX));
        let look = Look { registry, viewer: Viewer::clock() };
        let changed = look.changed(self.desk, (place, until), self.most)?;
        let mut is_whole = u32::try_from(changed.len()).is_ok_and(|count| count < self.most);
        let (mut done, mut next) = (0, place);
        for (at, record) in &changed {
            let Some(more) = each(&look, record)? else {
                is_whole = false;
                break;
            };
            done += more;
            next = at.saturating_add(1);
        }
        let has_looked = next > place;
        if is_whole {
            next = until;
        }
        if has_looked || next.saturating_sub(self.kept) >= AGAIN_MAX {
            registry.keep(SPACE, self.name, &next, FOREVER)?;
            self.kept = next;
        }
        self.place = Some(next);
        Ok(done)
    }
}
