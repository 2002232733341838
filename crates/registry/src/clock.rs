//! Clock: time is a visitor. It asks every record what it wished for, through the same door as anyone.

use grammar::kinds::{Id, Moment};
use rusqlite::params;

use crate::{Ask, Asker, Broken, Denied, Registry, run::Job};

/// Wishes of time answered in one turn.
const TURN_MAX: u32 = 500;
/// How long a wish that was refused waits before it is asked again: an hour.
const AGAIN_MILLIS: i64 = 3_600_000;

/// What one turn of the clock did.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Tick {
    pub woken: usize,
    pub refused: usize,
}

impl Registry {
    /// Wakes what is due, seals the log, and lets followers catch up. Call it about once a second.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn tick(&self) -> Result<Tick, Broken> {
        let now = self.now();
        let mut tick = Tick::default();
        for (record, desk, at, command) in self.due(now)? {
            let key = format!("clock/{record}/{}", at.in_millis());
            let ask = Ask::new(key, Asker::Clock, &desk, Some(record), command);
            match self.run(ask) {
                Ok(receipt) if !receipt.is_repeat => tick.woken += 1,
                Ok(_) | Err(Denied::Refused(_)) => {
                    tick.refused += 1;
                    self.postpone(record, now.plus_millis(AGAIN_MILLIS))?;
                }
                Err(_) => tick.refused += 1,
            }
        }
        self.send(Job::Seal(now));
        self.follow();
        Ok(tick)
    }

    fn due(&self, now: Moment) -> Result<Vec<(Id, String, Moment, serde_json::Value)>, Broken> {
        self.read(|connection| {
            let mut query = connection.prepare_cached(
                "SELECT d.record, r.desk, d.at, d.command FROM due d JOIN records r ON r.id = d.record
                 WHERE d.at <= $1 ORDER BY d.at, d.record LIMIT $2",
            )?;
            let rows = query.query_map(params![now.in_millis(), TURN_MAX], |row| {
                Ok((
                    row.get::<_, String>(0)?,
                    row.get::<_, String>(1)?,
                    row.get::<_, i64>(2)?,
                    row.get::<_, String>(3)?,
                ))
            })?;
            let mut due = Vec::new();
            for row in rows {
                let (record, desk, at, command) = row?;
                if let Ok(record) = record.parse() {
                    due.push((record, desk, Moment::from_millis(at), serde_json::from_str(&command)?));
                }
            }
            Ok(due)
        })
    }

    fn postpone(&self, record: Id, until: Moment) -> Result<(), Broken> {
        self.work(move |connection| {
            connection.execute(
                "UPDATE due SET at = $2 WHERE record = $1",
                params![record.as_str(), until.in_millis()],
            )?;
            Ok(())
        })
    }
}
