//! A batch is paid through the bank: its accounts are named, the bank is instructed, its file is taken, a statement that does not fit
//! changes nothing, one that fits is recorded, and only then it is paid, from the instructed account to the instructed one.

use super::{
    bank::{both, chosen, statement},
    voucher::{Walker, booked_and_ordered, delta, opened, published, run_and_confirmed},
    *,
};

const HALF: &str = "166.66";

#[test]
fn a_batch_is_paid_through_the_bank() {
    let delta = delta();
    let walk = Walker { delta: &delta, receipts: Default::default() };
    let (at, listing) = opened(&walk);
    let (booking, order) = booked_and_ordered(&walk, &at, &listing);
    run_and_confirmed(&walk, &at, &booking, &order);
    let (batch, notice) = published(&walk, &listing, &order);
    let centre = [walk.as_of("centre-sh-1", "en"), walk.as_of("centre-sh-2", "zh-CN")];
    let provider = walk.as_of("scientist", "en");
    let [shanghai, zhejiang] = delta.settle.map(|id| id.to_string());
    let till = delta.till.to_string();
    instructed(&walk, &centre, &batch, [&notice, &shanghai, &till]);
    let (status, file) = centre[0].get(&format!("{batch}/pain.xml"));
    assert_eq!(status, 200);
    let sent = engines::bank::read_payments(&file).unwrap();
    assert_eq!((sent.len(), sent[0].fen), (1, 16_666));
    assert_eq!((sent[0].payer.account.as_str(), sent[0].payee.account.as_str()), ("31-0001", "31-0002"));
    // The provider reads that it is on its way, not from which account.
    let seen = provider.get(&batch).1;
    assert!(!seen.contains("31-0001") && provider.get(&format!("{batch}/pain.xml")).0 == 404);
    let history = provider.get(&format!("/api/v1{batch}/history"));
    assert!(history.0 == 200 && !history.1.contains("31-0001"), "{}", history.1);

    let action = format!("{batch}/book");
    let unequal =
        chosen(&centre[0], &action, "statement", statement("31-0001", &[(&sent[0].id, "166.67")]).as_bytes());
    let page = text_of(&String::from_utf8(unequal.body).unwrap());
    assert!(unequal.status == 422 && page.contains("¥166.67") && page.contains("¥166.66"), "{page}");
    let other =
        chosen(&centre[1], &action, "statement", statement("33-0001", &[(&sent[0].id, HALF)]).as_bytes());
    assert_eq!(other.status, 422, "of another account");
    location(&chosen(
        &centre[0],
        &action,
        "statement",
        statement("31-0001", &[(&sent[0].id, HALF)]).as_bytes(),
    ));
    let page = text_of(&centre[0].get(&batch).1);
    assert!(page.contains("The bank has booked 1 of 1 payment"), "{page}");

    // To another account than the bank was told of it is not paid.
    let pay = |to: &str| {
        let typed =
            [("notice", notice.as_str()), ("till", to), ("through.1", &shanghai), ("through.2", &zhejiang)];
        typed.map(|(name, value)| (name.to_owned(), value.to_owned()))
    };
    let elsewhere = pay(&shanghai);
    let typed: Vec<(&str, &str)> = elsewhere.iter().map(|(name, value)| (&**name, &**value)).collect();
    let action = format!("{batch}/pay");
    assert_eq!(centre[0].send(&action, &action, &typed).status, 422);
    let right = pay(&till);
    let typed: Vec<(&str, &str)> = right.iter().map(|(name, value)| (&**name, &**value)).collect();
    walk.two([&centre[0], &centre[1]], &action, &typed);
    walk.money(["19833.34", "80000.00", HALF, "-166.66", HALF]);
    let paid = text_of(&provider.get(&batch).1);
    assert!(paid.contains("Paid") && paid.contains(HALF), "{paid}");
}

/// Without bank numbers nothing is instructed, and the page says of which account; then it is.
fn instructed(walk: &Walker, centre: &[Browser; 2], batch: &str, [notice, payer, till]: [&String; 3]) {
    let action = format!("{batch}/instruct");
    let typed = [("notice", notice.as_str()), ("payer", payer), ("till", till), ("on", "2026-04-02")];
    let early = centre[1].send(&action, &action, &typed);
    let said = text_of(&String::from_utf8(early.body).unwrap());
    assert!(early.status == 422 && said.contains("尚未登记银行账户"), "{said}");
    let treasurers = [walk.as_of("all-1", "en"), walk.as_of("all-2", "zh-CN")];
    for (account, number, holder) in [(payer, "31-0001", "上海市科委"), (till, "31-0002", "示例研究所")]
    {
        let name = format!("/account/{account}/name-bank");
        let typed = [("holder", holder), ("number", number), ("bank", "PCBCCNBJ")];
        both([&treasurers[0], &treasurers[1]], &name, &typed);
    }
    location(&centre[1].send(&action, &action, &typed));
}
