//! Bank: at which bank, under which number and whose name an account's money lies. Whoever could change this alone could send money
//! to himself: it takes two.

use grammar::prelude::*;

use super::{Account, Event::*, Refusal::*};

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[schemars(inline)]
pub struct BankDetails {
    /// As the bank writes it.
    pub holder: Text<140>,
    pub number: Text<34>,
    /// Its BIC, or its number in the national system.
    pub bank: Option<Text<35>>,
}

impl Account {
    pub(super) fn is_at(&self, details: BankDetails) -> Decision<Self> {
        let plain = |text: &str| text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
        ensure(plain(&details.number), NotANumber { number: details.number.clone() })?;
        if self.bank.as_ref() == Some(&details) { not_now() } else { Ok(say(BankNamed { details })) }
    }
}
