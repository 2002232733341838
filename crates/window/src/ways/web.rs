//! Web: which page a visit asks for.

use grammar::{clerk::Clerk, kinds::Id};

use super::{Answer, sheet};
use crate::{denied::Trouble, guest::Guest, plain, rooms, visit::Reply};

/// Answers a visit with a page.
///
/// # Errors
/// Why there is no page.
pub fn answer(guest: &Guest) -> Answer {
    if guest.visit.is_post {
        if !guest.is_own_form() {
            return Err(Trouble::NotOwnForm);
        }
        let done = post(guest);
        if let Some(session) = &guest.session {
            guest.house.counts.forget(session.person);
        }
        return done;
    }
    match guest.visit.way().as_slice() {
        [] => rooms::front(guest),
        ["find"] => rooms::find(guest),
        ["look"] => Ok(look(guest)),
        ["sign-in"] => rooms::sign_in(guest, ""),
        ["sign-in", "second"] => rooms::second(guest, &[]),
        ["sign-in", "with", provider] => rooms::leave(guest, provider),
        ["sign-in", "from", provider] => rooms::arrive(guest, provider),
        ["sign-up"] => rooms::sign_up(guest, &[]),
        ["demo"] => rooms::demo(guest),
        ["account"] => rooms::account(guest, &[]),
        ["my", "data"] => rooms::own(guest),
        ["my", "data.json"] => rooms::own_json(guest),
        ["my", "data.xlsx"] => rooms::own_sheet(guest),
        ["my", "acting"] => rooms::acting(guest),
        ["my", "calendars"] => rooms::links(guest, None),
        ["my", "busy"] => rooms::own_busy(guest),
        ["my", rest @ ..] => rooms::account(guest, rest),
        ["security"] => rooms::security(guest),
        ["security", "people"] => rooms::security_people(guest),
        ["reset", secret] => rooms::reset(guest, secret),
        ["inbox"] => rooms::inbox(guest),
        ["reviews"] => rooms::reviews(guest),
        ["funnel"] => rooms::funnel(guest),
        ["free"] => rooms::free(guest),
        ["board"] => rooms::board(guest),
        ["keeper"] => rooms::keeper(guest),
        ["keeper", "charges"] => rooms::charges(guest),
        ["keeper", "received"] => rooms::received(guest),
        ["wallet"] => rooms::wallet(guest),
        ["uptake"] => rooms::uptake(guest),
        ["wallet", "books.journal"] => rooms::own_books(guest),
        ["figures"] => rooms::statistics(guest),
        ["figures.xlsx"] => rooms::statistics_sheet(guest, false),
        ["figures.csv"] => rooms::statistics_sheet(guest, true),
        ["feed", name] => rooms::feed(guest, name),
        ["rulebook"] => rooms::rulebook(guest),
        ["desks"] => rooms::desks(guest),
        ["api"] => rooms::api(guest),
        ["report-check"] => rooms::report_check(guest),
        ["chemicals", laboratory] => rooms::chemicals(guest, read(laboratory)?),
        ["chemicals", laboratory, "flow.xlsx"] => rooms::chemical_flow(guest, read(laboratory)?, false),
        ["chemicals", laboratory, "flow.csv"] => rooms::chemical_flow(guest, read(laboratory)?, true),
        ["visits", laboratory] => rooms::gate(guest, read(laboratory)?),
        ["visits", laboratory, "inside"] => rooms::gate_inside(guest, read(laboratory)?),
        ["proof"] => rooms::proof_room(guest),
        ["proof", position] => rooms::proof(guest, position),
        ["proof", position, "receipt.json"] => rooms::receipt(guest, position),
        [desk, rest @ ..] => of_desk(guest, desk, rest),
    }
}

#[expect(
    clippy::redundant_at_rest_pattern,
    reason = "the table of addresses is read from these arms: a rest goes on elsewhere"
)]
fn of_desk(guest: &Guest, desk: &str, rest: &[&str]) -> Answer {
    let clerk = guest.desk(desk).ok_or(Trouble::NotFound)?;
    match rest {
        [] => plain::list(guest, clerk),
        ["export.xlsx" | "export.csv"] => sheet::export(guest, clerk),
        ["template.xlsx" | "template.csv"] => sheet::template_file(guest, clerk),
        ["changes"] if desk == "rulebook" => plain::list(guest, clerk),
        ["import", verb] => sheet::import_page(guest, clerk, verb),
        ["import", _, job] => sheet::job_page(guest, clerk, job),
        ["new", "book"] if desk == "bundle" => rooms::bundle_form(guest, clerk),
        ["new", verb] => plain::form(guest, clerk, None, verb),
        [id] if desk == "need" => rooms::need(guest, clerk, read(id)?),
        [id] if desk == "draw" => rooms::draw(guest, clerk, read(id)?),
        [id] if desk == "call" => rooms::call(guest, clerk, read(id)?),
        [id] if desk == "solution" => rooms::solution(guest, clerk, read(id)?),
        [id] if desk == "application" => rooms::application(guest, clerk, read(id)?),
        [id] if desk == "comparison" => rooms::comparison(guest, clerk, read(id)?),
        [id] if desk == "panel" => rooms::panel(guest, clerk, read(id)?),
        [id, "cast"] if desk == "panel" => rooms::panel_ballot(guest, clerk, read(id)?),
        [id] if desk == "review" => rooms::review(guest, clerk, read(id)?),
        [id, "record.json"] if desk == "panel" => rooms::panel_record(guest, read(id)?),
        [id, "fees.xlsx"] if desk == "panel" => rooms::fees_sheet(guest, read(id)?, false),
        [id, "fees.csv"] if desk == "panel" => rooms::fees_sheet(guest, read(id)?, true),
        [id, "record.json"] if desk == "draw" => rooms::draw_record(guest, read(id)?),
        [id] if desk == "allocation" => rooms::allocation(guest, clerk, read(id)?),
        [id] if desk == "project" => rooms::project(guest, clerk, read(id)?),
        [id] if desk == "instrument" => rooms::instrument(guest, clerk, read(id)?),
        [id] if desk == "agreement" => rooms::agreement(guest, clerk, read(id)?),
        [id] if desk == "provider" => rooms::provider(guest, clerk, read(id)?),
        [id] if desk == "booking" => rooms::booking(guest, clerk, read(id)?),
        [id] if desk == "bundle" => rooms::bundle(guest, clerk, read(id)?),
        [id] if desk == "line" => rooms::line(guest, clerk, read(id)?),
        [id] if desk == "purchase" => rooms::purchase(guest, clerk, read(id)?),
        [id] if desk == "training" => rooms::training(guest, clerk, read(id)?),
        [id] if desk == "chemical" => rooms::chemical(guest, clerk, read(id)?),
        [id] if desk == "sample" => rooms::sample(guest, clerk, read(id)?),
        [id, "label"] if desk == "sample" => rooms::sample_label(guest, clerk, read(id)?),
        [id] if desk == "visit" => rooms::visit(guest, clerk, read(id)?),
        [id] if desk == "laboratory" => rooms::laboratory(guest, clerk, read(id)?),
        [id] if desk == "test-report" => rooms::test_report(guest, clerk, read(id)?),
        [id] if desk == "proposal" => rooms::proposal(guest, clerk, read(id)?),
        [id] if desk == "round" => rooms::round(guest, clerk, read(id)?),
        [id, "busy"] if desk == "instrument" => rooms::busy(guest, read(id)?),
        [id, "here"] if desk == "instrument" => rooms::here(guest, read(id)?),
        [id, "label"] if desk == "instrument" => rooms::label(guest, clerk, read(id)?),
        [id, "kiosk"] if desk == "instrument" => rooms::kiosk(guest, clerk, read(id)?),
        [id, "interlock"] if desk == "instrument" => rooms::interlock(guest, read(id)?),
        [id, "calendar"] if desk == "instrument" => rooms::calendar(guest, read(id)?),
        [name] if desk == "calendar" && name.ends_with(".ics") => rooms::public_feed(guest, name),
        [rest @ ..] => of_money(guest, clerk, desk, rest),
    }
}

/// Rooms of vouchers and of money between regions and houses.
#[expect(
    clippy::redundant_at_rest_pattern,
    reason = "the table of addresses is read from these arms: a rest goes on elsewhere"
)]
fn of_money(guest: &Guest, clerk: &dyn Clerk, desk: &str, rest: &[&str]) -> Answer {
    match rest {
        [id] if desk == "voucher-order" => rooms::order(guest, clerk, read(id)?),
        ["sheet.xlsx"] if desk == "old-book" => rooms::old_sheet(guest, false),
        ["sheet.csv"] if desk == "old-book" => rooms::old_sheet(guest, true),
        [id] if desk == "old-book" => rooms::old_book(guest, clerk, read(id)?),
        [id, "books.journal"] if desk == "old-book" => rooms::old_journal(guest, read(id)?),
        [id] if desk == "redemption" => rooms::redemption(guest, clerk, read(id)?),
        [id] if desk == "settlement" => rooms::settlement(guest, clerk, read(id)?),
        [id, "note.txt"] if desk == "settlement" => rooms::settlement_note(guest, read(id)?),
        [id] if desk == "exchange" => rooms::exchange(guest, clerk, read(id)?),
        [id, "message", number] if desk == "exchange" => rooms::exchange_message(guest, read(id)?, number),
        [id] if desk == "clearing" => rooms::clearing(guest, clerk, read(id)?),
        [id, "pain.xml"] if desk == "clearing" => rooms::bank_file(guest, read(id)?),
        [id, "pain.xml"] if desk == "redemption" => rooms::batch_file(guest, read(id)?),
        [id, "books.journal"] if desk == "clearing" => rooms::run_books(guest, read(id)?),
        [id, "lines.xlsx"] if desk == "clearing" => rooms::lines_sheet(guest, read(id)?, false),
        [id, "lines.csv"] if desk == "clearing" => rooms::lines_sheet(guest, read(id)?, true),
        [rest @ ..] => of_any(guest, clerk, rest),
    }
}

/// What there is of every record.
fn of_any(guest: &Guest, clerk: &dyn Clerk, rest: &[&str]) -> Answer {
    match rest {
        [id] => plain::record_led(guest, clerk, read(id)?, |record| rooms::turn(guest, record)),
        [id, "case.json"] => rooms::case_file(guest, clerk, read(id)?),
        [id, "certificate"] => rooms::certificate(guest, clerk, read(id)?),
        [id, "file", hash] => plain::file(guest, clerk, read(id)?, hash),
        [id, verb] => plain::form(guest, clerk, Some(read(id)?), verb),
        _ => Err(Trouble::NotFound),
    }
}

fn post(guest: &Guest) -> Answer {
    match guest.visit.way().as_slice() {
        ["sign-in"] => rooms::sign_in_now(guest),
        ["sign-in", "second"] => rooms::second_now(guest),
        ["sign-in", "passkey"] => rooms::sign_in_by_passkey(guest),
        ["sign-up"] => rooms::sign_up_now(guest),
        ["sign-out"] => rooms::sign_out(guest),
        ["demo", role] => rooms::become_role(guest, role),
        ["follow"] => rooms::follow(guest, true),
        ["unfollow"] => rooms::follow(guest, false),
        ["my", "acting"] => rooms::act_for(guest),
        ["my", "calendars"] => rooms::renew(guest),
        ["my", "busy"] => rooms::own_busy_post(guest),
        ["keeper", "charges"] => rooms::charges_post(guest),
        ["keeper", "received"] => rooms::receive(guest),
        ["my", rest @ ..] => rooms::account_post(guest, rest),
        ["security", what] => rooms::security_act(guest, what),
        ["reset", secret] => rooms::reset_now(guest, secret),
        ["inbox", pending, agreed] => rooms::endorse(guest, read(pending)?, *agreed == "agree"),
        ["proof"] => rooms::check_receipt(guest),
        ["report-check"] => rooms::report_check_file(guest),
        ["visits", laboratory] => rooms::gate_press(guest, read(laboratory)?),
        [desk, rest @ ..] => {
            let clerk = guest.desk(desk).ok_or(Trouble::NotFound)?;
            let desk = *desk;
            match rest {
                ["import", verb] => sheet::import(guest, clerk, verb),
                ["new", "bring-in"] if desk == "old-book" => rooms::bring_in(guest, clerk),
                ["new", verb] => plain::submit(guest, clerk, None, verb),
                [id, "book"] if desk == "clearing" => rooms::book(guest, clerk, read(id)?),
                [id, "book"] if desk == "redemption" => rooms::book_batch(guest, clerk, read(id)?),
                [id, "busy"] if desk == "instrument" => rooms::busy_post(guest, read(id)?),
                [id, "kiosk"] if desk == "instrument" => rooms::kiosk_press(guest, read(id)?),
                [id, "interlock"] if desk == "instrument" => rooms::interlock_make(guest, read(id)?),
                [id, "sign"] if desk == "review" => rooms::review_sign(guest, clerk, read(id)?),
                [id, "cast"] if desk == "panel" => rooms::panel_cast(guest, clerk, read(id)?),
                [id, "unmask"] if desk == "person" => rooms::unmask(guest, clerk, read(id)?),
                [id, verb] => plain::submit(guest, clerk, Some(read(id)?), verb),
                _ => Err(Trouble::NotFound),
            }
        }
        [] => Err(Trouble::NotFound),
    }
}

fn read(id: &str) -> Result<Id, Trouble> {
    id.parse().map_err(|_| Trouble::NotFound)
}

/// Keeps how a reader wants pages to look, and sends them back to where they were.
fn look(guest: &Guest) -> Reply {
    let mut reply = Reply::go(back(guest.visit.asked("back").unwrap_or("/")));
    for (name, known) in [("lang", ["zh", "en"]), ("theme", ["light", "dark"]), ("text", ["large", "normal"])]
    {
        if let Some(value) = guest.visit.asked(name).filter(|value| known.contains(value)) {
            reply =
                reply.with("set-cookie", format!("{name}={value}; Path=/; SameSite=Lax; Max-Age=31536000"));
        }
    }
    reply
}

/// A way back that stays in the house.
pub fn back(to: &str) -> String {
    let inside = to.starts_with('/') && !to.starts_with("//") && !to.contains(['\\', '\r', '\n']);
    if inside { to.to_owned() } else { "/".to_owned() }
}
