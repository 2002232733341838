//! Asks: many commands in order, each with a key that never changes, so that founding twice is founding once.

use grammar::{
    case::Refused,
    kinds::{Day, Id, Moment},
};
use registry::{Ask, Asker, Denied, FOREVER, Receipt, Record, Registry};
use serde_json::Value;

use super::{
    sharing::Sharing,
    story::{DAYS, StoryClock},
};

/// Commands in one commit.
const BATCH: usize = 500;
/// Under this key lies when the region was founded: every day of the story is counted from it.
const FOUNDED: (&str, &str) = ("demo", "founded");
/// Turns of the clock in one wait; a turn answers hundreds of wishes.
const TURNS_MAX: usize = 40;

/// A region being founded.
pub struct Founding<'a> {
    registry: &'a Registry,
    progress: &'a mut dyn FnMut(&str, usize, usize),
    time: &'a StoryClock,
    /// When the region was founded. The same for every founding of it.
    pub founded: Moment,
    /// The day on which the story is.
    pub today: Day,
    pub scale: usize,
    /// What goes on at instruments and with vouchers, whatever else is told.
    pub meanwhile: Option<Box<Sharing>>,
    asked: usize,
    repeated: usize,
}

/// An invented act: marked as a demonstration whoever asks it.
pub fn invented(key: String, by: Asker, desk: &str, record: Option<Id>, command: Value) -> Ask {
    Ask { is_demo: true, ..Ask::new(format!("demo/1/{key}"), by, desk, record, command) }
}

/// A real and public fact: never marked.
pub fn real(key: &str, by: Asker, desk: &str, command: Value) -> Ask {
    Ask::new(format!("real/{key}"), by, desk, None, command)
}

/// A minute of a day.
pub fn at(day: Day, minute: i64) -> Moment {
    day.begins().plus_millis(minute * 60_000)
}

impl<'a> Founding<'a> {
    pub fn new(
        registry: &'a Registry,
        time: &'a StoryClock,
        scale: u32,
        progress: &'a mut dyn FnMut(&str, usize, usize),
    ) -> Result<Founding<'a>, String> {
        let broken = |broken: registry::Broken| broken.to_string();
        let (space, key) = FOUNDED;
        let known: Option<i64> = registry.kept(space, key).map_err(broken)?;
        let founded = known.map_or_else(|| time.real(), Moment::from_millis);
        if known.is_none() {
            registry.keep(space, key, &founded.in_millis(), FOREVER).map_err(broken)?;
        }
        let scale = usize::try_from(scale).unwrap_or(1).max(1);
        let mut founding = Founding {
            registry,
            progress,
            time,
            founded,
            today: founded.day(),
            scale,
            meanwhile: None,
            asked: 0,
            repeated: 0,
        };
        founding.stand(DAYS);
        Ok(founding)
    }

    /// When a founding first came to this place, by the clock that the house goes by: the same for every founding of it. What is
    /// to close soon after counts from here, however long the machine took to come so far.
    ///
    /// # Errors
    /// When the store cannot be read or written.
    pub fn came_to(&self, place: &str) -> Result<Moment, String> {
        let broken = |broken: registry::Broken| broken.to_string();
        let (space, _) = FOUNDED;
        if let Some(known) = self.registry.kept(space, place).map_err(broken)? {
            return Ok(Moment::from_millis(known));
        }
        let now = self.registry.now();
        self.registry.keep(space, place, &now.in_millis(), FOREVER).map_err(broken)?;
        Ok(now)
    }

    /// Moves the story to so many days before the founding. What time asks for until then is not asked yet.
    pub fn stand(&mut self, days_before: i32) {
        self.today = self.founded.day().plus_days(-days_before);
        self.time.stand_at(self.today);
    }

    /// Moves the story, and lets time do what it is asked for until then.
    ///
    /// # Errors
    /// When the store cannot be read, or a record refuses its own wish.
    pub fn wait(&mut self, days_before: i32) -> Result<(), String> {
        if let Some(mut sharing) = self.meanwhile.take() {
            // That day to its evening, too: the clock goes forward only, and nobody books a time that has begun.
            sharing.until(self, days_before - 1)?;
            self.meanwhile = Some(sharing);
        }
        self.stand(days_before);
        self.turn(days_before)
    }

    /// Moves the story to a minute of a day, as clocks in China show it.
    pub fn stand_at(&mut self, days_before: i32, minute: i64) {
        self.today = self.founded.day().plus_days(-days_before);
        self.time.stand_then(at(self.today, minute));
    }

    /// The same, and lets time do what it is asked for until then.
    ///
    /// # Errors
    /// As of [`Founding::wait`].
    pub fn wait_until(&mut self, days_before: i32, minute: i64) -> Result<(), String> {
        self.stand_at(days_before, minute);
        self.turn(days_before)
    }

    fn turn(&mut self, days_before: i32) -> Result<(), String> {
        for _ in 0..TURNS_MAX {
            let tick = self.registry.tick().map_err(|broken| broken.to_string())?;
            if tick.refused > 0 {
                return Err(format!(
                    "{} wishes of time were refused, {days_before} days before",
                    tick.refused
                ));
            }
            if tick.woken == 0 {
                return Ok(());
            }
        }
        Err("time asks without end".to_owned())
    }

    /// The story has come to the founding: time is the machine's again.
    pub fn arrive(&mut self) {
        self.today = self.founded.day();
        self.time.ends();
    }

    pub fn registry(&self) -> &Registry {
        self.registry
    }

    /// A record as this person sees it.
    ///
    /// # Errors
    /// When it is not for their eyes, or the store cannot be read.
    pub fn record(&self, person: Id, id: Id) -> Result<Record, String> {
        let look = self.registry.look(Some(person)).map_err(|broken| broken.to_string())?;
        let record = look.record(id).map_err(|broken| broken.to_string())?;
        record.ok_or_else(|| format!("{id} is not there"))
    }

    /// How many commands were asked, and how many of them had been answered before.
    pub fn counts(&self) -> (usize, usize) {
        (self.asked, self.repeated)
    }

    /// Asks all, in order, and gives the records they were about.
    ///
    /// # Errors
    /// The first ask that was denied, with its key.
    pub fn ask_all(&mut self, stage: &str, asks: Vec<Ask>) -> Result<Vec<Id>, String> {
        let receipts = self.receipts(stage, asks)?;
        Ok(receipts.into_iter().map(|receipt| receipt.record).collect())
    }

    /// Asks what a second person must endorse, and endorses it as `second`.
    pub fn ask_two(&mut self, stage: &str, asks: Vec<Ask>, second: Asker) -> Result<(), String> {
        for receipt in self.receipts(stage, asks)? {
            let Some(pending) = receipt.pending else { continue };
            match self.registry.endorse(pending, second, true) {
                // It was endorsed when the region was founded first.
                Err(Denied::Refused(Refused::NoSuchRecord(_))) if receipt.is_repeat => {}
                Err(denied) => return Err(format!("{stage}: {pending}: {denied:?}")),
                Ok(_) => {}
            }
        }
        Ok(())
    }

    fn receipts(&mut self, stage: &str, asks: Vec<Ask>) -> Result<Vec<Receipt>, String> {
        let all = asks.len();
        let mut receipts = Vec::with_capacity(all);
        let mut asks = asks.into_iter();
        loop {
            let batch: Vec<Ask> = asks.by_ref().take(BATCH).collect();
            (self.progress)(stage, receipts.len(), all);
            if batch.is_empty() {
                return Ok(receipts);
            }
            let keys: Vec<String> = batch.iter().map(|ask| ask.key.clone()).collect();
            for (key, answer) in keys.iter().zip(self.registry.run_many(batch)) {
                let receipt = answer.map_err(|denied| format!("{key}: {denied:?}"))?;
                self.asked += 1;
                self.repeated += usize::from(receipt.is_repeat);
                receipts.push(receipt);
            }
        }
    }
}
