//! Asks: many commands in order, each with a key that never changes, so that founding twice is founding once.

use grammar::{
    case::Refused,
    kinds::{Day, Id},
};
use registry::{Ask, Asker, Denied, Receipt, Registry};
use serde_json::Value;

/// Commands in one commit.
const BATCH: usize = 500;

/// A region being founded.
pub struct Founding<'a> {
    registry: &'a Registry,
    progress: &'a mut dyn FnMut(&str, usize, usize),
    /// The day of founding; every other day is counted from it.
    pub today: Day,
    pub scale: usize,
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

impl<'a> Founding<'a> {
    pub fn new(
        registry: &'a Registry,
        scale: u32,
        progress: &'a mut dyn FnMut(&str, usize, usize),
    ) -> Founding<'a> {
        let (today, scale) = (registry.now().day(), usize::try_from(scale).unwrap_or(1).max(1));
        Founding { registry, progress, today, scale, asked: 0, repeated: 0 }
    }

    pub fn registry(&self) -> &Registry {
        self.registry
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
