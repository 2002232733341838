//! Wallet: the account of one voucher, and where in it money is set aside.

use grammar::prelude::*;

use super::Refusal;
use crate::{
    account::{self, Account, Purpose},
    organisation::Organisation,
};

/// Each region pays for its own firms, wherever the provider is.
const HOME: Rule<bool> = rule("VC-R14-HOME");

/// Where money lies that is set aside.
pub(super) fn pot(provider: Ref<Organisation>, order: Option<Id>) -> Ref<Organisation> {
    order.map_or(provider, Id::r)
}

/// A region's money is for its own firms: holder and fund are of the province that issues it.
pub(super) fn is_at_home(
    fund: Ref<Account>,
    holder: Ref<Organisation>,
    region: Region,
    ctx: &Ctx,
) -> Result<(), No<Refusal>> {
    let elsewhere = |card: &Card| card.region.filter(|home| home.province() != region.province());
    let (holder, fund) = (elsewhere(ctx.see(holder)), elsewhere(ctx.see(fund)));
    ensure(holder.is_none(), Refusal::HolderOfAnotherRegion { region: holder.unwrap_or(region) }).by(HOME)?;
    ensure(fund.is_none(), Refusal::FundOfAnotherRegion { region: fund.unwrap_or(region) }).by(HOME)
}

pub(super) fn open_wallet(wallet: Ref<Account>, owner: Id, region: Region) -> Tell {
    let words = |zh, en| Bilingual { zh: Text::read(zh), en: Text::read(en) };
    let title = words("创新券钱包", "voucher wallet");
    tell(wallet, &account::Command::Open { title, owner, purpose: Purpose::Wallet, region })
}

pub(super) fn reason(text: &str) -> Text<200> {
    Text::read(text).unwrap_or_else(|| impossible(&text))
}
