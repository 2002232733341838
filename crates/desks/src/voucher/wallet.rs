//! Wallet: the account of one voucher, and where in it money is set aside.

use grammar::prelude::*;

use crate::{
    account::{self, Account, Purpose},
    organisation::Organisation,
};

/// Where money lies that is set aside.
pub(super) fn pot(provider: Ref<Organisation>, order: Option<Id>) -> Ref<Organisation> {
    order.map_or(provider, Id::r)
}

pub(super) fn open_wallet(wallet: Ref<Account>, owner: Id, region: Region) -> Tell {
    let words = |zh, en| Bilingual { zh: Text::read(zh), en: Text::read(en) };
    let title = words("创新券钱包", "voucher wallet");
    tell(wallet, &account::Command::Open { title, owner, purpose: Purpose::Wallet, region })
}

pub(super) fn reason(text: &str) -> Text<200> {
    Text::read(text).unwrap_or_else(|| impossible(&text))
}
