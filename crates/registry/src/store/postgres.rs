//! PostgreSQL, and engines that speak its wire (CockroachDB, YugabyteDB): the store that several nodes share.
//!
//! Only plain SQL is used: no advisory locks, no extensions, no notices. Each link drives its own connection
//! on the thread that uses it, so the rest of the house stays synchronous. What is put waits until an answer is
//! needed and goes out in one round trip with that question.

use std::{
    cell::{Cell as Slot, RefCell},
    collections::HashMap,
    ops::ControlFlow,
    str::FromStr,
    time::Duration,
};

use futures_util::future::{join, join_all};
use tokio::runtime::Runtime;
use tokio_postgres::{
    Client, Config, NoTls, Row, Statement,
    error::SqlState,
    types::{IsNull, ToSql, Type, private::BytesMut, to_sql_checked},
};

use super::{Broken, Cell, Cells, Link, Reading, Url, Value, tls};

/// Numbered changes of the schema, as SQLite's, and what only a shared store needs.
const SCHEMA: &[&str] = &[include_str!("schema/001.sql"), include_str!("schema/shared.sql")];
/// How the schema's words for types read here.
const TYPES: [(&str, &str); 4] =
    [(" INTEGER", " BIGINT"), (" BLOB", " BYTEA"), (" REAL", " DOUBLE PRECISION"), (" WITHOUT ROWID", "")];
/// Statements that one link keeps prepared; with more than these it begins anew.
const PREPARED_MAX: usize = 256;
/// Statements that wait for one round trip.
const WAITING_MAX: usize = 256;
/// How long a server that does not answer is waited for.
const CONNECT: Duration = Duration::from_secs(5);
const SILENCE: Duration = Duration::from_secs(8);
/// A writer that stops in the middle lets go of what it locked: the next one must not wait for it.
const OF_WRITER: &str = "SET idle_in_transaction_session_timeout = 3000; SET statement_timeout = 60000";
const OF_READER: &str = "SET default_transaction_read_only = on; SET statement_timeout = 20000";

/// Opens the writer's link and brings the schema up to date.
pub fn writer(url: &Url) -> Result<Box<dyn Link>, Broken> {
    let link = Postgres::connect(url, OF_WRITER)?;
    let is_fit: Option<bool> = link.first_cell("SELECT 'a' > 'B' AND length('中') = 1")?;
    if is_fit != Some(true) {
        return Err(Broken(
            "the database must keep texts as UTF-8 and order them by their bytes: \
             CREATE DATABASE kechuang ENCODING 'UTF8' LC_COLLATE 'C' LC_CTYPE 'C' TEMPLATE template0"
                .into(),
        ));
    }
    // Two nodes may begin at once; the one that comes second finds the work done.
    let mut tries = 0;
    while let Err(broken) = link.bring_up_to_date() {
        tries += 1;
        link.roll_back();
        if tries == 5 {
            return Err(broken);
        }
    }
    Ok(Box::new(link))
}

/// Opens a link that only reads.
pub fn reader(url: &Url) -> Result<Box<dyn Link>, Broken> {
    Ok(Box::new(Postgres::connect(url, OF_READER)?))
}

struct Postgres {
    client: Client,
    runtime: Runtime,
    prepared: RefCell<HashMap<String, Statement>>,
    waiting: RefCell<Vec<Task>>,
    /// Something failed since `begin` or the last mark: a commit would keep nothing, and not say so.
    has_failed: Slot<bool>,
    must_try_again: Slot<bool>,
    epoch: Slot<Option<u64>>,
    is_fenced_off: Slot<bool>,
}

/// A statement that nobody waits for yet.
enum Task {
    Plain(&'static str),
    Run(Statement, Vec<Value>),
}

impl Postgres {
    fn connect(url: &Url, set_up: &str) -> Result<Self, Broken> {
        let (address, tls) = tls::wanted(&url.0)?;
        let mut config = Config::from_str(&address).map_err(|error| told("its address", &error))?;
        config.connect_timeout(CONNECT).tcp_user_timeout(SILENCE);
        config.keepalives_idle(SILENCE).application_name("kechuang");
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .map_err(|error| Broken(format!("the store: {error}")))?;
        let client = runtime.block_on(async {
            let client = match tls {
                Some(tls) => {
                    let (client, connection) = config.connect(tls).await?;
                    tokio::spawn(connection);
                    client
                }
                None => {
                    let (client, connection) = config.connect(NoTls).await?;
                    tokio::spawn(connection);
                    client
                }
            };
            client.batch_execute(set_up).await?;
            Ok(client)
        });
        Ok(Self {
            client: client.map_err(|error: tokio_postgres::Error| told("connecting", &error))?,
            runtime,
            prepared: RefCell::default(),
            waiting: RefCell::default(),
            has_failed: Slot::new(false),
            must_try_again: Slot::new(false),
            epoch: Slot::new(None),
            is_fenced_off: Slot::new(false),
        })
    }

    fn first_cell(&self, sql: &str) -> Result<Option<bool>, Broken> {
        <dyn Link>::one(self, sql, &[])
    }

    fn bring_up_to_date(&self) -> Result<(), Broken> {
        let table = "CREATE TABLE IF NOT EXISTS schema_changes (number BIGINT PRIMARY KEY)";
        self.runtime.block_on(self.client.batch_execute(table)).map_err(|error| self.broken(&error))?;
        let link: &dyn Link = self;
        let version = link.one("SELECT count(*) FROM schema_changes", &[])?.unwrap_or(0usize);
        if version > SCHEMA.len() {
            return Err(Broken(format!("the store was written by a newer program (schema {version})")));
        }
        for (change, number) in SCHEMA.iter().zip(1u64..).skip(version) {
            let change = noted(change, number);
            self.begin()?;
            self.send()?;
            self.runtime.block_on(self.client.batch_execute(&change)).map_err(|error| self.broken(&error))?;
            self.commit()?;
        }
        Ok(())
    }

    /// Remembers what a failure means for what was begun.
    fn broken(&self, error: &tokio_postgres::Error) -> Broken {
        self.has_failed.set(true);
        let again = [SqlState::T_R_SERIALIZATION_FAILURE, SqlState::T_R_DEADLOCK_DETECTED];
        if error.code().is_some_and(|code| again.contains(code)) {
            self.must_try_again.set(true);
        }
        told("a statement", error)
    }

    fn statement(&self, sql: &str, cells: &[Cell]) -> Result<Statement, Broken> {
        let known = self.prepared.borrow().get(sql).cloned();
        let statement = match known {
            Some(statement) => statement,
            None => {
                let made = self.runtime.block_on(self.client.prepare(sql));
                let made = made.map_err(|error| self.broken(&error))?;
                let mut prepared = self.prepared.borrow_mut();
                if prepared.len() >= PREPARED_MAX {
                    prepared.clear();
                }
                prepared.insert(sql.to_owned(), made.clone());
                made
            }
        };
        if statement.params().len() == cells.len() {
            Ok(statement)
        } else {
            Err(Broken(format!("the store: {} values for `{sql}`", cells.len())))
        }
    }

    /// Sends what waits and says how many rows the last of it touched.
    fn send(&self) -> Result<u64, Broken> {
        let tasks = self.waiting.take();
        let counts = self.runtime.block_on(join_all(tasks.iter().map(|task| self.carry_out(task))));
        self.last_of(counts)
    }

    /// The client's own way of speaking; it ends where it is waited for, in [`Postgres::send`].
    async fn carry_out(&self, task: &Task) -> Result<u64, tokio_postgres::Error> {
        match task {
            Task::Plain(text) => self.client.batch_execute(text).await.map(|()| 0),
            Task::Run(statement, values) => self.client.execute_raw(statement, values).await,
        }
    }

    /// The first failure counts: those after it only say that something failed before.
    fn last_of(&self, counts: Vec<Result<u64, tokio_postgres::Error>>) -> Result<u64, Broken> {
        let mut last = 0;
        for count in counts {
            last = count.map_err(|error| self.broken(&error))?;
        }
        Ok(last)
    }

    fn wait(&self, task: Task) -> Result<(), Broken> {
        self.waiting.borrow_mut().push(task);
        if self.waiting.borrow().len() < WAITING_MAX { Ok(()) } else { self.send().map(drop) }
    }
}

impl Link for Postgres {
    fn run(&self, sql: &str, cells: &[Cell]) -> Result<u64, Broken> {
        self.put(sql, cells)?;
        self.send()
    }

    fn put(&self, sql: &str, cells: &[Cell]) -> Result<(), Broken> {
        let statement = self.statement(sql, cells)?;
        self.wait(Task::Run(statement, cells.iter().map(|cell| Value::of(*cell)).collect()))
    }

    /// The whole answer is fetched before its first row is shown.
    fn each(&self, sql: &str, cells: &[Cell], read: &mut Reading) -> Result<(), Broken> {
        let statement = self.statement(sql, cells)?;
        let values: Vec<Value> = cells.iter().map(|cell| Value::of(*cell)).collect();
        let values: Vec<&(dyn ToSql + Sync)> = values.iter().map(|value| value as _).collect();
        let tasks = self.waiting.take();
        let before = join_all(tasks.iter().map(|task| self.carry_out(task)));
        let (counts, rows) = self.runtime.block_on(join(before, self.client.query(&statement, &values)));
        self.last_of(counts)?;
        for row in rows.map_err(|error| self.broken(&error))? {
            if let ControlFlow::Break(()) = read(&Line(row))? {
                break;
            }
        }
        Ok(())
    }

    fn flush(&self) -> Result<(), Broken> {
        self.send().map(drop)
    }

    fn begin(&self) -> Result<(), Broken> {
        self.has_failed.set(false);
        self.must_try_again.set(false);
        self.wait(Task::Plain("BEGIN"))
    }

    fn commit(&self) -> Result<(), Broken> {
        self.send()?;
        if self.has_failed.get() || self.must_try_again.get() {
            return Err(Broken("the store: something failed before the commit".into()));
        }
        // Last, so that what it locks is not locked for long.
        if let Some(epoch) = self.epoch.get() {
            self.is_fenced_off.set(false);
            if self.run(super::FENCE, super::cells![epoch])? != 1 {
                self.is_fenced_off.set(true);
                return Err(Broken("the store: another node writes now".into()));
            }
        }
        self.wait(Task::Plain("COMMIT"))?;
        self.send().map(drop)
    }

    fn roll_back(&self) {
        self.waiting.borrow_mut().clear();
        if let Err(error) = self.runtime.block_on(self.client.batch_execute("ROLLBACK")) {
            tracing::warn!(error = %told("giving up", &error), "what was begun could not be given up");
        }
    }

    fn mark(&self) -> Result<(), Broken> {
        self.wait(Task::Plain("SAVEPOINT ask"))
    }

    /// Waits for it: a failure that came out later would be put down to the next ask.
    fn keep(&self) -> Result<(), Broken> {
        self.wait(Task::Plain("RELEASE SAVEPOINT ask"))?;
        self.send().map(drop)
    }

    fn undo(&self) -> Result<(), Broken> {
        // What still waits would be undone; but the mark itself may be among it.
        let _ = self.send();
        self.has_failed.set(false);
        self.wait(Task::Plain("ROLLBACK TO SAVEPOINT ask; RELEASE SAVEPOINT ask"))?;
        self.send().map(drop)
    }

    fn fence(&self, epoch: Option<u64>) {
        self.epoch.set(epoch);
    }

    fn is_fenced_off(&self) -> bool {
        self.is_fenced_off.get()
    }

    fn may_try_again(&self) -> bool {
        self.must_try_again.get()
    }

    /// Lets the connection look at what has come in: a server that went away has said so.
    fn is_lost(&self) -> bool {
        self.runtime.block_on(async {
            tokio::task::yield_now().await;
            tokio::task::yield_now().await;
        });
        self.client.is_closed()
    }
}

/// A change of the schema and the note that it was made. The note comes last: CockroachDB takes no change of a
/// schema after a write of the same transaction. Of two nodes at once, the second finds the tables there.
fn noted(change: &str, number: u64) -> String {
    let change = TYPES.iter().fold(change.to_owned(), |text, (from, to)| text.replace(from, to));
    format!("{change}\nINSERT INTO schema_changes (number) VALUES ({number});")
}

/// A failure in words, without what the statement held.
fn told(what: &str, error: &tokio_postgres::Error) -> Broken {
    let mut text = format!("the store: {what}: {error}");
    if let Some(refusal) = error.as_db_error() {
        text = format!("the store: {what}: {} ({})", refusal.message(), refusal.code().code());
    } else if let Some(cause) = std::error::Error::source(error) {
        text.push_str(&format!(": {cause}"));
    }
    Broken(text)
}

struct Line(Row);

impl Cells for Line {
    fn cell(&self, column: usize) -> Result<Cell<'_>, Broken> {
        let none = || Broken(format!("the store: no column {column}"));
        let kind = self.0.columns().get(column).ok_or_else(none)?.type_();
        let cell = match *kind {
            Type::INT8 => self.0.try_get::<_, Option<i64>>(column).map(|n| n.map(Cell::Int)),
            Type::INT4 => self.0.try_get::<_, Option<i32>>(column).map(|n| n.map(|n| Cell::Int(n.into()))),
            Type::BOOL => self.0.try_get::<_, Option<bool>>(column).map(|n| n.map(|n| Cell::Int(n.into()))),
            Type::FLOAT8 => self.0.try_get::<_, Option<f64>>(column).map(|n| n.map(Cell::Real)),
            Type::BYTEA => self.0.try_get::<_, Option<&[u8]>>(column).map(|b| b.map(Cell::Bytes)),
            _ => self.0.try_get::<_, Option<&str>>(column).map(|text| text.map(Cell::Text)),
        };
        Ok(cell.map_err(|error| told("a cell", &error))?.unwrap_or(Cell::Null))
    }
}

impl ToSql for Value {
    fn to_sql(
        &self,
        kind: &Type,
        out: &mut BytesMut,
    ) -> Result<IsNull, Box<dyn std::error::Error + Sync + Send>> {
        match self {
            Self::Null => Ok(IsNull::Yes),
            Self::Int(number) if *kind == Type::INT4 => i32::try_from(*number)?.to_sql(kind, out),
            Self::Int(number) if *kind == Type::INT8 => number.to_sql(kind, out),
            Self::Real(number) if *kind == Type::FLOAT8 => number.to_sql(kind, out),
            // The one sign that this engine does not keep.
            Self::Text(text) if <&str as ToSql>::accepts(kind) => {
                text.replace('\0', "\u{fffd}").to_sql(kind, out)
            }
            Self::Bytes(bytes) if *kind == Type::BYTEA => bytes.to_sql(kind, out),
            _ => Err(format!("a value does not fit {kind}").into()),
        }
    }

    fn accepts(_: &Type) -> bool {
        true
    }

    to_sql_checked!();
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_change_of_the_schema_follows_a_write() {
        for (change, number) in SCHEMA.iter().zip(1..) {
            let text = noted(change, number);
            let lines = text.lines().filter(|line| !line.trim_start().starts_with("--"));
            let plain: String = lines.collect::<Vec<_>>().join(" ");
            let kinds: Vec<&str> =
                plain.split(';').filter_map(|statement| statement.split_whitespace().next()).collect();
            assert!(
                kinds.len() > 2 && kinds.iter().all(|kind| ["CREATE", "INSERT"].contains(kind)),
                "{kinds:?}"
            );
            let written = kinds.iter().position(|kind| *kind == "INSERT").unwrap();
            assert!(kinds.iter().skip(written).all(|kind| *kind == "INSERT"), "{kinds:?}");
        }
    }
}
