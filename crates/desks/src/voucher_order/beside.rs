//! Beside: the field of a form that each refusal is about.

pub const BESIDE: &[(&str, &str)] = &[
    ("may-hold-secrets", "no_secrets"),
    ("its-own-customer", "provider"),
    ("no-such-item", "item"),
    ("quote-is-over", "until"),
    ("not-your-voucher", "voucher"),
    ("voucher-of-another-region", "voucher"),
    ("forbidden-use", "purpose"),
    ("contract-before-quota", "signed"),
    ("signed-later", "signed"),
    ("above-the-quote", "contract"),
    ("not-its-booking", "booking"),
    ("charge-still-open", "booking"),
    ("no-ring", "with"),
    ("already-in-doubt", "doubt"),
    ("not-less", "contract"),
    ("own-share-not-paid", "own_paid"),
    ("no-report", "report"),
];
