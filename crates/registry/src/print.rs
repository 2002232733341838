//! Print: what an ask leaves beside its receipt, so that another ask under the same key is known for another.
//!
//! A hash of who asked and what, in which personal and sealed values are blank: these are compared with their
//! commitments, through the salts that lie in `parts`. Erasing a value takes its salt away, so nothing here tells
//! what it was; from then on it is not compared. Always: whoever may compare a sealed value has sealed it.

use grammar::kinds::commitment;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use crate::{
    Ask, Broken, Receipt,
    play::Part,
    store::{Link, cells},
    write::Scribe,
};

/// A receipt as it lies in the store.
#[derive(Serialize, Deserialize)]
pub struct Answered {
    #[serde(flatten)]
    pub receipt: Receipt,
    /// `None` for receipts that are older than prints; nothing is compared with them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    print: Option<Print>,
}

#[derive(Serialize, Deserialize)]
struct Print {
    /// Of the ask with blanks, under the region's secret.
    of: String,
    /// Commitments to what is blank, in the order of the form.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    blank: Vec<String>,
}

impl Scribe {
    /// A receipt with the print of its ask; `parts` is what was taken out of the command.
    pub fn answered(&self, ask: &Ask, receipt: Receipt, parts: &[Part]) -> Answered {
        let of = self.print_of(ask).0;
        // A promise of chance is a part as well, and none of the command's.
        let values = parts.iter().filter(|part| !part.is_promise);
        let blank = values.map(|part| part.commitment.clone()).collect();
        Answered { receipt, print: Some(Print { of, blank }) }
    }

    /// Whether this is the ask that was answered so.
    pub fn is_same(&self, link: &dyn Link, ask: &Ask, answered: &Answered) -> Result<bool, Broken> {
        let Some(print) = &answered.print else { return Ok(true) };
        let (of, values) = self.print_of(ask);
        if of != print.of || values.len() != print.blank.len() {
            return Ok(false);
        }
        for (value, known) in values.iter().zip(&print.blank) {
            let salt: Option<[u8; 32]> =
                link.one("SELECT salt FROM parts WHERE commitment = $1", cells![known])?;
            if salt.is_some_and(|salt| commitment(&salt, value) != *known) {
                return Ok(false);
            }
        }
        Ok(true)
    }

    fn print_of(&self, ask: &Ask) -> (String, Vec<Value>) {
        let mut values = Vec::new();
        let command = self.blanked(ask, &mut |_, value| {
            values.push(value);
            Value::Null
        });
        let said = json!([ask.by, ask.acting_for, ask.desk, ask.record, command]).to_string();
        let digest =
            Sha256::new().chain_update("print").chain_update(self.secret).chain_update(said).finalize();
        (digest.iter().map(|byte| format!("{byte:02x}")).collect(), values)
    }
}
