//! Said: what a side says in the log that it keeps for its neighbours, a line each. The program at the border writes these lines,
//! and a settlement reads the one that signs.

use grammar::prelude::*;

/// What one side has in its books for an order.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Claim {
    pub order: String,
    pub debtor: Region,
    pub creditor: Region,
    pub fen: i64,
    pub effective: String,
    pub corrects: String,
}

impl Claim {
    /// Whether it can stand in a line of a statement.
    #[must_use]
    pub fn is_plain(&self) -> bool {
        let plain = |text: &str| text.len() <= 100 && text.bytes().all(|byte| byte.is_ascii_graphic());
        let words = [&self.order, &self.effective, &self.corrects];
        !self.order.is_empty()
            && words.iter().all(|word| plain(word))
            && self.fen > 0
            && self.debtor != self.creditor
    }
}

/// One line of a log.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "said", rename_all = "kebab-case", deny_unknown_fields)]
pub enum Said {
    Claims {
        run: String,
        lines: Vec<Claim>,
    },
    Disputes {
        run: String,
        order: String,
        reason: String,
    },
    Ends {
        run: String,
        order: String,
        reason: String,
    },
    /// A signed note with the statement of the pair.
    Signs {
        run: String,
        with: String,
        note: String,
    },
}
