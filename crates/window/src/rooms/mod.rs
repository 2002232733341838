//! Rooms: the pages made by hand, for the journeys people judge the house by. They read through `Look` and
//! act only through forms.

mod account;
mod acting;
mod allocation;
mod application;
mod call;
mod compare;
mod counts;
mod demo;
mod draw;
mod entry;
mod find;
mod follow;
mod front;
mod funnel;
mod identity;
mod inbox;
mod keys;
mod likeness;
mod money;
mod need;
mod opinions;
mod own;
mod panel;
mod passkey;
mod project;
mod proof;
mod reset;
mod review;
mod reviews;
mod rulebook;
mod second;
mod security;
mod sharing;
mod sign;
mod turn;
mod unmask;
mod waiting;

pub use account::{account, account_post};
pub use acting::{act_for, acting, acting_strip, asked_to_act_for, oneself, person_name};
pub use allocation::allocation;
pub use application::application;
pub use call::call;
pub use counts::{Counts, waiting_count};
pub use demo::{become_role, demo};
pub use draw::{draw, draw_record, panel_record};
pub use find::{find, reason_sentence};
pub use follow::follow;
pub use front::front;
pub use funnel::funnel;
pub use identity::{arrive, leave};
pub use inbox::{endorse, inbox};
pub use likeness::comparison;
pub use money::{
    bank_file, batch_file, book, book_batch, bring_in, clearing, exchange, exchange_message, lines_sheet,
    old_book, old_journal, old_sheet, order, own_books, redemption, run_books, settlement, settlement_note,
    uptake, wallet,
};
pub use need::need;
pub use opinions::solution;
pub use own::{own, own_json, own_sheet};
pub use panel::{ballots, fees_sheet, panel, panel_ballot, panel_cast};
pub use passkey::sign_in_now as sign_in_by_passkey;
pub use project::project;
pub use proof::{
    case_file, certificate, check_receipt, code_card, code_of, code_status, known_receipt, proof, proof_room,
    receipt,
};
pub use reset::{reset, reset_now};
pub use review::{review, review_sign};
pub use reviews::reviews;
pub use rulebook::{api, desks, rulebook};
pub use second::{second, second_now};
pub use security::{act as security_act, events as security, people as security_people};
pub use sharing::{
    Busy, Taken, agreement, answers_line, attend, basis, board, booking, bring, bundle, bundle_form, busy,
    busy_json, busy_post, busy_send, busy_times, calendar, charges, charges_post, charges_waiting, chemical,
    chemical_flow, chemicals, china, feed, form_lead, free, gate, gate_inside, gate_press, here, instrument,
    interlock, interlock_ask, interlock_make, keeper, kiosk, kiosk_press, label, laboratory, line,
    line_carried, line_waits, links, local, may_book, moved, operators, own_busy, own_busy_json,
    own_busy_post, own_busy_send, pages, picks, proposal, provider, public_feed, purchase, questions,
    receive, received, renew, report_check, report_check_file, report_status, reports_of, round, sample,
    sample_label, samples_of, share, shares_waiting, slots, statistics, statistics_sheet, test_report,
    training, training_waits, using, visit, visit_form, visits_of,
};
pub use sign::{sign_in, sign_in_now, sign_out, sign_up, sign_up_now};
pub use turn::turn;
pub use unmask::{shown_once, unmask};
pub use waiting::{NextStep, waiting_records};
