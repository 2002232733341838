//! Jobs: imports that run in the background, and the page that tells how far they have come.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex},
};

use grammar::{clerk::Clerk, kinds::Id};
use maud::{Markup, html};
use registry::{Ask, Asker, Denied, Registry};
use serde_json::json;
use sha2::{Digest, Sha256};

use super::{SHOWN, rows::Line};
use crate::{
    denied::{self, Trouble},
    guest::Guest,
    parts::{self, Link, Row, Table},
    ways::Answer,
};

/// Rows asked in one batch of an import.
const BATCH: usize = 500;
/// Imports remembered at a time.
const JOBS_MAX: usize = 50;

/// How far an import has come.
#[derive(Clone, Debug, Default)]
struct Progress {
    person: Option<Id>,
    done: usize,
    all: usize,
    fresh: usize,
    repeated: usize,
    waiting: usize,
    refused: Vec<(u32, Denied)>,
    refused_count: usize,
    is_over: bool,
}

/// The imports that run now, and the last ones that did.
#[derive(Clone, Default)]
pub struct Jobs(Arc<Mutex<HashMap<String, Progress>>>);

impl Jobs {
    fn change(&self, job: &str, change: impl FnOnce(&mut Progress)) {
        if let Ok(mut jobs) = self.0.lock() {
            change(jobs.entry(job.to_owned()).or_default());
        }
    }

    pub fn begin(&self, job: &str, person: Option<Id>, all: usize) {
        if let Ok(mut jobs) = self.0.lock() {
            if jobs.len() >= JOBS_MAX {
                jobs.retain(|_, progress| !progress.is_over);
            }
            jobs.insert(job.to_owned(), Progress { person, all, ..Progress::default() });
        }
    }

    fn of(&self, job: &str, person: Option<Id>) -> Option<Progress> {
        self.0.lock().ok()?.get(job).filter(|progress| progress.person == person).cloned()
    }
}

/// What a row asks. Its key is made of what it says, so the same row happens once.
pub fn ask_of(line: &Line, desk: &str, asker: Asker) -> Ask {
    let said = format!("{asker:?}/{desk}/{:?}/{}", line.record, line.command);
    let key: String = Sha256::digest(said).iter().take(20).map(|byte| format!("{byte:02x}")).collect();
    Ask::new(format!("sheet/{key}"), asker, desk, line.record, line.command.clone())
}

/// Asks row by row, in batches.
pub fn ask_all(
    registry: &Registry,
    (desk, asker): (&str, Asker),
    lines: Vec<Line>,
    (jobs, job): (&Jobs, &str),
) {
    for batch in lines.chunks(BATCH) {
        let asks = batch.iter().map(|line| ask_of(line, desk, asker));
        let answers = registry.run_many(asks.collect());
        jobs.change(job, |progress| {
            for (line, answer) in batch.iter().zip(answers) {
                progress.done += 1;
                match answer {
                    Ok(receipt) if receipt.is_repeat => progress.repeated += 1,
                    Ok(receipt) if receipt.pending.is_some() => progress.waiting += 1,
                    Ok(_) => progress.fresh += 1,
                    Err(denied) => {
                        progress.refused_count += 1;
                        if progress.refused.len() < SHOWN {
                            progress.refused.push((line.row, denied));
                        }
                    }
                }
            }
        });
    }
    jobs.change(job, |progress| progress.is_over = true);
}

/// How far an import has come. The page looks again by itself every second, without scripts.
///
/// # Errors
/// When there is no such import of this guest.
pub fn job_page(guest: &Guest, clerk: &dyn Clerk, job: &str) -> Answer {
    let person = guest.session.as_ref().map(|session| session.person);
    let progress = guest.house.jobs.of(job, person).ok_or(Trouble::NotFound)?;
    let title = guest.word(if progress.is_over { "import-over" } else { "import-runs" });
    let facts = json!({ "done": progress.done, "all": progress.all, "fresh": progress.fresh, "repeated": progress.repeated, "waiting": progress.waiting, "refused": progress.refused_count });
    let again = guest.visit.path.rsplit_once('/').map_or("/", |(page, _)| page);
    let main = html! {
        (parts::heading(&parts::Heading { title: title.into(), ..Default::default() }))
        (parts::progress("import", guest.word("rows-done"), (progress.done as u64, progress.all as u64), &guest.say("rows-of", &facts)))
        p role="status" { (guest.say("import-counts", &facts)) }
        @if !progress.refused.is_empty() { (refused(guest, &progress)) }
        p.row {
            a.button href={ "/" (clerk.name()) } { (guest.desk_word(clerk.name(), "desk", "many")) }
            @if progress.is_over { a.button href=(again) { (guest.word("import-again")) } }
        }
    };
    let reply = guest.page(
        title,
        vec![Link::new(format!("/{}", clerk.name()), guest.desk_word(clerk.name(), "desk", "many"))],
        main,
    );
    Ok(if progress.is_over { reply } else { reply.with("refresh", "1") })
}

fn refused(guest: &Guest, progress: &Progress) -> Markup {
    let row = |(number, denied): &(u32, Denied)| {
        let no = denied::word(guest, denied);
        let misread = no.faults.iter().filter(|_| no.is_misread());
        let faults: Vec<String> =
            misread.map(|(field, _, sentence)| format!("{field}: {sentence}")).collect();
        Row::new(vec![html! { (number) }, html! { (no.sentence) " " (faults.join(" ")) }])
    };
    let columns = ["row-number", "fault"].map(|key| parts::Column::new(guest.word(key)));
    parts::table(&Table {
        id: "refused".into(),
        caption: guest.word("rows-refused").into(),
        columns: columns.into(),
        rows: progress.refused.iter().map(row).collect(),
        scrolls: false,
        empty: parts::Empty::default(),
    })
}
