//! Past: what can have happened to a booking.

use grammar::prelude::*;

use super::{
    Adjustment, Answers, Booking, DISPLACED_MAX, FromLine, Invoice, Means, Payers, Report, Request,
    SITTINGS_MAX, Sittings, Skips, Terms, Work,
};
use crate::{laboratory::Laboratory, organisation::Organisation, person::Person, proposal::Proposal};

/// What can have happened to it. Additions only: these words stay in the log for good.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "event", rename_all = "kebab-case")]
pub enum Event {
    Requested {
        itself: Ref<Booking>,
        request: Request,
        terms: Terms,
        booker: Option<Id>,
        price: Money,
    },
    Queued {
        itself: Ref<Booking>,
        request: Request,
        terms: Terms,
        booker: Option<Id>,
        price: Money,
    },
    Allotted {
        itself: Ref<Booking>,
        request: Request,
        terms: Terms,
        booker: Option<Id>,
        price: Money,
        proposal: Ref<Proposal>,
    },
    /// Whoever was called began; how long follows when the calendar has been looked at.
    TookTurn {
        itself: Ref<Booking>,
        request: Request,
        terms: Terms,
        booker: Option<Id>,
        price: Money,
        turn: FromLine,
    },
    Planned {
        sittings: Sittings,
        skipped: Skips,
        price: Money,
    },
    Quoted {
        price: Money,
        until: Moment,
        note: Option<Text<500>>,
    },
    Contracted {
        price: Money,
        contract: Option<FileRef>,
    },
    Scheduled {
        operator: Option<Ref<Person>>,
    },
    Prepared {
        setup: i64,
    },
    Invoiced(Invoice),
    InvoiceVoided {
        number: Text<40>,
        reason: Text<500>,
    },
    Answered {
        answers: Answers,
        price: Money,
    },
    Moved {
        sitting: Moment,
        from: Moment,
        until: Moment,
        price: Money,
    },
    Started {
        sitting: Moment,
        at: Moment,
        #[serde(default)]
        laboratory: Option<Ref<Laboratory>>,
        /// Who is there too.
        #[serde(default)]
        companion: Option<Ref<Person>>,
    },
    Stopped {
        sitting: Moment,
        at: Moment,
        by_itself: bool,
    },
    Reported {
        report: Report,
        price: Money,
        minutes: i64,
    },
    Paid {
        amount: Money,
        means: Means,
        reference: Option<Text<60>>,
    },
    Split {
        payers: Payers,
    },
    ShareAgreed {
        payer: Ref<Organisation>,
    },
    ShareDeclined {
        payer: Ref<Organisation>,
        reason: Text<500>,
    },
    ChargeChecked {
        owed: Money,
        by: Option<Id>,
        at: Moment,
        contest_until: Day,
    },
    /// In force where it says until when the buyer may object; else for a second person.
    Adjusted {
        adjustment: Adjustment,
        before: Money,
        after: Money,
        by: Option<Id>,
        at: Moment,
        contest_until: Option<Day>,
    },
    AdjustmentApproved {
        note: Option<Text<500>>,
        by: Option<Id>,
        at: Moment,
        contest_until: Day,
    },
    AdjustmentRefused {
        note: Text<500>,
        by: Option<Id>,
    },
    Contested {
        reason: Text<500>,
        at: Moment,
    },
    Upheld {
        reason: Text<500>,
    },
    Refunded {
        amount: Money,
        reference: Option<Text<60>>,
    },
    Rated {
        stars: Between<1, 5>,
        comment: Option<Text<500>>,
    },
    RatingAnswered {
        text: Text<500>,
    },
    Credited(Work),
    Cancelled {
        is_late: bool,
        fee: Money,
        price: Money,
        reason: Option<Text<500>>,
    },
    TurnedDown {
        reason: Text<500>,
    },
    PreEmpted {
        others: List<Ref<Booking>, DISPLACED_MAX>,
        reason: Text<500>,
    },
    Displaced {
        by: Ref<Booking>,
        sittings: List<Moment, SITTINGS_MAX>,
        price: Money,
        compensation: Money,
    },
    Offered {
        until: Moment,
    },
    TakenUp,
    Missed {
        sitting: Moment,
        fee: Money,
        price: Money,
    },
    Lapsed,
}
