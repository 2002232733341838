//! Clock: time is a visitor. It asks every record what it wished for, through the same door as anyone.

use std::sync::{
    Arc,
    atomic::{AtomicI64, Ordering},
};

use grammar::kinds::{Id, Moment};
use serde_json::Value;

use crate::{Ask, Asker, Broken, Clock, Denied, Registry, Writer, run::Job, store::cells};

/// Wishes of time answered in one turn.
const TURN_MAX: u32 = 500;
/// How long a wish that was refused waits before it is asked again: an hour.
const AGAIN_MILLIS: i64 = 3_600_000;

/// A clock that never goes back. The moments of facts follow their order, even when the machine's clock was
/// set back: until it has caught up, facts carry the last moment.
pub struct Steady {
    clock: Arc<dyn Clock>,
    last: AtomicI64,
}

impl Steady {
    /// Begins no earlier than `last`.
    #[must_use]
    pub fn since(clock: Arc<dyn Clock>, last: Option<Moment>) -> Self {
        let now = clock.now();
        if let Some(last) = last.filter(|last| *last > now) {
            tracing::warn!(%last, %now, "the machine's clock is behind the log; facts carry the log's last moment");
        }
        Self { clock, last: AtomicI64::new(last.map_or(i64::MIN, Moment::in_millis)) }
    }
}

impl Clock for Steady {
    fn now(&self) -> Moment {
        let now = self.clock.now().in_millis();
        Moment::from_millis(self.last.fetch_max(now, Ordering::Relaxed).max(now))
    }

    fn not_before(&self, moment: Moment) {
        self.last.fetch_max(moment.in_millis(), Ordering::Relaxed);
    }
}

/// What a record asked to be told, and when.
struct Wish {
    record: Id,
    desk: String,
    /// Of the last fact of the record's last case.
    position: u64,
    at: Moment,
    command: Value,
}

/// What one turn of the clock did.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Tick {
    pub woken: usize,
    pub refused: usize,
}

impl Registry {
    /// Wakes what is due, seals the log, and lets followers catch up. Call it about once a second. Where another
    /// node writes, this one only catches up.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn tick(&self) -> Result<Tick, Broken> {
        let now = self.now();
        let mut tick = Tick::default();
        if self.writer() != Writer::Here {
            self.refresh()?;
            return Ok(tick);
        }
        let sealed = self.checkpoint()?.map_or(0, |(size, _)| size);
        for Wish { record, desk, position, at, command } in self.due(now)? {
            let key = format!("clock/{record}/{}", at.in_millis());
            let ask = Ask::new(key, Asker::Clock, &desk, Some(record), command);
            match self.run(ask) {
                Ok(receipt) if !receipt.is_repeat => tick.woken += 1,
                Ok(_) | Err(Denied::Refused(_) | Denied::KeyUsed) => {
                    tick.refused += 1;
                    // A draw waits for a checkpoint over its last fact, which the next turn may bring.
                    if position < sealed {
                        self.postpone(record, now.plus_millis(AGAIN_MILLIS))?;
                    }
                }
                Err(_) => tick.refused += 1,
            }
        }
        self.send(Job::Seal(now, None));
        self.follow();
        Ok(tick)
    }

    fn due(&self, now: Moment) -> Result<Vec<Wish>, Broken> {
        self.read(|link| {
            link.all(
                "SELECT d.record, r.desk, r.position, d.at, d.command FROM due d JOIN records r ON r.id = d.record
                 WHERE d.at <= $1 ORDER BY d.at, d.record LIMIT $2",
                cells![now.in_millis(), TURN_MAX],
                |row| {
                    Ok(Wish {
                        record: row.get(0)?,
                        desk: row.get(1)?,
                        position: row.get(2)?,
                        at: Moment::from_millis(row.get(3)?),
                        command: serde_json::from_str(row.get(4)?)?,
                    })
                },
            )
        })
    }

    fn postpone(&self, record: Id, until: Moment) -> Result<(), Broken> {
        self.work(move |link| {
            link.run("UPDATE due SET at = $2 WHERE record = $1", cells![record, until.in_millis()])?;
            Ok(())
        })
    }
}
